/*
 * cli/cmd_help.c -- sabot help, --help of each verb, sabot help CODE.
 *
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"

static const char overview[] =
    "Sabot runs Apache Flink SQL on streams and files, without a cluster.\n"
    "\n"
    "  sabot                       open a shell\n"
    "  sabot run FILE              run the statements of a file (- : standard input)\n"
    "  sabot \"SELECT ...\"          run statements from the command line\n"
    "  sabot explain FILE|SQL      show the plan\n"
    "  sabot validate FILE|SQL     check without running\n"
    "  sabot fmt FILE              lay out the SQL of a file\n"
    "  sabot infer FILE            print CREATE TABLE for a file or a Kafka topic\n"
    "  sabot inspect DIR           show what a state directory holds\n"
    "  sabot bench nexmark         run the Nexmark queries\n"
    "  sabot help COMMAND|CODE     more about a command, or about an error code\n"
    "  sabot help options          the keys of SET\n"
    "  sabot --version\n"
    "\n"
    "      --config FILE           options from a YAML file (also SABOT_CONFIG); options are also "
    "taken from variables\n"
    "                              such as SABOT_PARALLELISM_DEFAULT. File, then variables, then "
    "--set, then SET: the last wins.\n"
    "\n"
    "Results go to standard output, everything else to standard error. Exit code: 0 done, 1 "
    "failed, 2 wrong usage,\n"
    "3 errors in the SQL (validate, fmt), 130 interrupted.\n";

static const sb_help_page pages[] = {
    {"shell",
     "usage: sabot [shell [option...]]\n"
     "\n"
     "Reads statements and runs each when it is whole; on a terminal with an editor, history and "
     "completion. .help lists\n"
     "the commands of the shell. Behind a pipe it stops at the first error.\n"
     "\n"
     "PRINT 'topic' [FROM BEGINNING] [LIMIT n] shows the records of a Kafka topic, SHOW TOPICS "
     "which "
     "topics there are; the\n"
     "brokers are those of SET 'sabot.kafka.bootstrap.servers' = 'host:9092', or of a WITH "
     "clause.\n"
     "\n"
     "  -i, --init FILE        run the statements and commands of a file first\n"
     "      --set KEY=VALUE    as SET 'KEY' = 'VALUE' at the start\n"
     "  -p, --parallelism N    subtasks of each operator (parallelism.default)\n"
     "  -m, --mode MODE        how results are printed; .mode lists the modes\n"
     "  -s, --state DIR        keep checkpoints of INSERTs in DIR\n"},
    {"run",
     "usage: sabot run FILE [option...]      (also: sabot -f FILE, sabot \"STATEMENT; ...\")\n"
     "\n"
     "Runs the statements of a file in order. All of them are checked before the first one runs. "
     "An INSERT runs to its end\n"
     "before the next statement; statements that belong together go into EXECUTE STATEMENT SET.\n"
     "\n"
     "  -s, --state DIR        keep checkpoints in DIR; if DIR has some of this script, go on from "
     "them\n"
     "      --set KEY=VALUE    as SET 'KEY' = 'VALUE' at the start of the script\n"
     "  -p, --parallelism N    subtasks of each operator (parallelism.default)\n"
     "  -m, --mode MODE        how results are printed: box, plain, tableau, changelog, csv, tsv, "
     "json, jsonl,\n"
     "                         changelog-json, markdown, line\n"
     "      --json             as -m changelog-json, and a line for each job that ends\n"
     "  -e, --execute SQL      statements instead of a file\n"
     "  -f, --file FILE        the file, where a word alone could be something else\n"
     "  -v, --verbose          say what is done\n"
     "\n"
     "On a terminal results are tables in a frame, behind a pipe plain columns.\n"
     "Ctrl-C and SIGTERM end the job in order, with a checkpoint if there is a state directory; "
     "once more ends at once.\n"},
    {"explain",
     "usage: sabot explain FILE|SQL [--changelog|--details|--json|--dot] [--set KEY=VALUE] [-p N]\n"
     "\n"
     "Prints the plan of each query and INSERT.\n"
     "\n"
     "      --changelog        with the kinds of change on each node\n"
     "      --details          with all that is known of each node, the optimizer rules that "
     "fired, "
     "and\n"
     "                         what each sink's results are after a failure, with the weakest "
     "link\n"
     "      --json             an array with one plan each\n"
     "      --dot              for Graphviz\n"},
    {"validate",
     "usage: sabot validate FILE|SQL... [--json] [--set KEY=VALUE] [-p N]\n"
     "\n"
     "Checks everything that can be checked without running: syntax, names, types, options. Each "
     "file is checked on its own, and all\n"
     "its errors are told. Exit code 0, or 3 if there are errors.\n"
     "\n"
     "      --json             the errors as a JSON array on standard output: file, line, column, "
     "end_column, code, severity,\n"
     "                         message, hint, source_line\n"},
    {"fmt",
     "usage: sabot fmt FILE... [--check]      (- : standard input to standard output)\n"
     "\n"
     "Writes the SQL of each file anew: one clause a line where a statement does not fit in 100 "
     "columns, keywords in capital\n"
     "letters, comments where they were. Exit code 3 if a file does not parse; it is left as it "
     "is.\n"
     "\n"
     "      --check            change nothing; print the names of files that would change, and "
     "exit with 1 if there are some\n"},
    {"infer",
     "usage: sabot infer FILE|FOLDER|GLOB|-|kafka://HOST:PORT/TOPIC [--name NAME] [--property "
     "NAME=VALUE]... [--json]\n"
     "\n"
     "Prints a CREATE TABLE statement for files of JSON lines, CSV or text, also compressed (.gz, "
     ".zst, .lz4). Format, columns\n"
     "and types are guessed from the first rows, as for SELECT ... FROM 'FILE'. Of a topic of "
     "Apache "
     "Kafka the first 500 records\n"
     "are looked at: JSON, CSV or text, and their keys.\n"
     "\n"
     "  -n, --name NAME        of the table (default: from the name of the file or topic)\n"
     "      --property N=V     of Kafka's clients, such as security.protocol=SASL_SSL; the "
     "statement has it, too\n"
     "      --json             path, table, format, rows, columns, options and the statement as a "
     "JSON object\n"},
    {"inspect", "usage: sabot inspect DIR [--json]\n"
                "\n"
                "Shows the checkpoints of a state directory, and plan, tables, positions of the "
                "newest. Changes nothing.\n"},
    {"bench", "usage: sabot bench nexmark [-q q0,q5|all] [-n EVENTS] [option...]\n"
              "\n"
              "Runs Nexmark queries into a checksum and prints a JSON object a line and query: "
              "query, events, rows (net rows of the result),\n"
              "sink_rows, value_checksum, total_ns (CPU per event), gen_ns (CPU per event of the "
              "generator alone), wall_ns (per event),\n"
              "state_mb, checkpoints.\n"
              "\n"
              "  -q, --queries LIST     names separated by commas, or all (default: all)\n"
              "  -n, --events N         number of events; 100k and 10m are fine (default: 1m)\n"
              "      --seed S           of the generator (1)\n"
              "      --rate R           events per second of event time (100000)\n"
              "  -p, --parallelism P    (1)\n"
              "      --checkpoint TIME  take checkpoints, e.g. 10s\n"
              "      --state DIR        keep them there; else in a folder that is removed\n"
              "      --no-minibatch     aggregate row by row where mini-batch is the default (q4, "
              "q15, q16, q17)\n"
              "      --batch ROWS       most rows in a batch (4096)\n"
              "      --no-gen           do not measure the generator alone\n"
              "      --set KEY=VALUE    further options\n"},
    {"completion", "usage: sabot completion bash|zsh|fish\n"
                   "\n"
                   "Prints a script that completes the command line. For bash: sabot completion "
                   "bash >>~/.bashrc\n"},
    {"help", "usage: sabot help [COMMAND|CODE|options [PART]]\n"
             "\n"
             "Tells about a command, or what an error code means.\n"
             "\n"
             "options: the keys of SET and --set, with type and default; PART: those with it in "
             "their name.\n"
             "\n"
             "      --man DIR          write the man pages into a folder\n"},
};

const sb_help_page *
sb_help_page_at(int index)
{
    return index >= 0 && (size_t)index < sizeof pages / sizeof pages[0] ? &pages[index] : NULL;
}

const char *
sb_help_overview(void)
{
    return overview;
}

void
sb_cli_print_help(FILE *to, const char *verb)
{
    for (size_t i = 0; verb && i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(pages[i].verb, verb) == 0) {
            fputs(pages[i].text, to);
            return;
        }
    }
    fputs(overview, to);
}

static int
compare_options(const void *a, const void *b)
{
    return strcmp(((const sabot_option_info *)a)->key, ((const sabot_option_info *)b)->key);
}

/* All keys of SET that contain `part` (NULL: all). */
static int
help_options(const char *part)
{
    sabot_option_info at[512];
    int32_t count = 0, shown = 0;
    while (count < 512 && sabot_option_describe(count, &at[count])) {
        count++;
    }
    qsort(at, (size_t)count, sizeof at[0], compare_options);
    for (int32_t i = 0; i < count; i++) {
        if (!part || strstr(at[i].key, part)) {
            printf("%s\n    %s\n    type: %s", at[i].key, at[i].text, at[i].type);
            printf("%s%s\n", at[i].value ? "; default: " : "", at[i].value ? at[i].value : "");
            shown++;
        }
    }
    if (shown == 0) {
        fprintf(stderr, "sabot: no option has \"%s\" in its name\n", part);
        return SB_EXIT_USAGE;
    }
    return SB_EXIT_OK;
}

int
sb_cli_help(int argc, char **argv)
{
    if (argc > 0 && argc < 3 && strcmp(argv[0], "options") == 0) {
        return help_options(argc == 2 ? argv[1] : NULL);
    }
    if (argc == 0) {
        fputs(overview, stdout);
        return SB_EXIT_OK;
    }
    if (argc == 2 && strcmp(argv[0], "--man") == 0) {
        return sb_help_write_man(argv[1]) ? SB_EXIT_OK : SB_EXIT_ERROR;
    }
    if (argc > 1) {
        return sb_cli_usage("help", "one command or code at a time");
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        if (strcmp(pages[i].verb, argv[0]) == 0) {
            fputs(pages[i].text, stdout);
            return SB_EXIT_OK;
        }
    }
    const char *text = sabot_explain_code(argv[0]);
    if (text) {
        printf("%s: %s\n", argv[0], text);
        return SB_EXIT_OK;
    }
    return strcmp(argv[0], "--help") == 0
               ? (fputs(overview, stdout), SB_EXIT_OK)
               : sb_cli_usage("help", "no command and no error code is called \"%s\"", argv[0]);
}
