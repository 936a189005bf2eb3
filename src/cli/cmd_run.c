/*
 * cli/cmd_run.c -- sabot run FILE, sabot -f FILE, sabot "SQL": executes a script.
 *
 * DESIGN     All statements are executed (parsed, planned) before the first job runs, so a mistake
 *            in the last statement stops the first; what they define is written into catalogs in
 *            files only then. Then jobs run one after another, in the order of the script.
 * THREADS    the main thread; jobs run on theirs.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/show.h"

typedef struct run {
    sb_engine_options options;
    const char *file; /* NULL: `sql` */
    char *sql;
    size_t size;
    const char *state;
    sb_show show;
    sabot_engine *engine;
    sabot_script *script;
    sabot_result **results;
    int32_t count;
} run;

/* sabot "PRINT 'topic'": statements that are no SQL, by themselves. */
static int
execute_topics(run *r)
{
    size_t at = 0, used;
    int code = SB_EXIT_OK;
    while (code == SB_EXIT_OK && at < r->size) {
        if (!sb_cli_is_topics(r->sql + at, r->size - at)) {
            fputs("error: PRINT and SHOW TOPICS stand by themselves, not among SQL\n", stderr);
            return SB_EXIT_ERROR;
        }
        code = sb_cli_topics(r->engine, &r->show, r->sql + at, r->size - at, &used);
        for (at += used; at < r->size && strchr(" \t\r\n", r->sql[at]); at++) {
        }
    }
    return code;
}

static int
execute_all(run *r)
{
    sabot_error *error = NULL;
    const char *name = r->file ? (strcmp(r->file, "-") == 0 ? "stdin" : r->file) : NULL;
    if (sabot_engine_open(r->options.at, r->options.count, &r->engine, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    if (sb_cli_is_topics(r->sql, r->size)) {
        return execute_topics(r);
    }
    if (sabot_script_parse(r->engine, r->sql, r->size, name, &r->script, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    for (size_t i = 0; i < r->options.count; i++) {
        const char *key = r->options.at[i].key;
        if (!sabot_engine_knows(r->engine, key)) {
            fprintf(stderr, "warning: unknown option '%s' has no effect\n", key);
        }
    }
    r->count = sabot_script_count(r->script);
    if (r->count == 0) {
        fputs("error: there is no statement in the text\n", stderr);
        return SB_EXIT_ERROR;
    }
    sabot_catalogs_hold(r->engine);
    r->results = calloc((size_t)r->count, sizeof *r->results);
    for (int32_t i = 0; r->results && i < r->count; i++) {
        if (sabot_script_execute(r->script, i, &r->results[i], &error) != SABOT_OK) {
            sb_cli_print_error(error);
            return SB_EXIT_ERROR;
        }
        sb_cli_print_warnings(r->results[i]);
    }
    if (sabot_catalogs_write(r->engine, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    int code = r->results ? SB_EXIT_OK : SB_EXIT_ERROR;
    for (int32_t i = 0; code == SB_EXIT_OK && i < r->count; i++) {
        code = sb_cli_interrupted() ? SB_EXIT_INTERRUPTED : sb_show_result(&r->show, r->results[i]);
        if (sb_cli_interrupted() && code == SB_EXIT_OK) {
            break; /* stopped with a checkpoint: the rest waits for the next run */
        }
    }
    return code;
}

static void
run_free(run *r)
{
    for (int32_t i = 0; r->results && i < r->count; i++) {
        sabot_result_free(r->results[i]);
    }
    free(r->results);
    sabot_script_free(r->script);
    sabot_engine_close(r->engine);
    sb_cli_free_options(&r->options);
    free(r->sql);
}

static const sb_flag flags[] = {
    {"--file", "-f", true},        {"--state", "-s", true}, {"--set", NULL, true},
    {"--parallelism", "-p", true}, {"--json", NULL, false}, {"--verbose", "-v", false},
    {"--execute", "-e", true},     {"--mode", "-m", true},  {NULL, NULL, false},
};

/* Reads the words; -1: go on, else the exit code. */
static int
read_words(run *r, sb_args *args)
{
    int flag;
    int64_t count;
    while ((flag = sb_cli_next_arg(args)) != SB_ARG_END) {
        bool ok = true;
        switch (flag) {
        case 0:
            ok = !r->file && !r->sql;
            r->file = args->value;
            break;
        case 1:
            r->state = args->value;
            ok = *r->state && sb_cli_add_option(&r->options, "state.dir", r->state);
            break;
        case 2:
            if (!sb_cli_add_assignment(&r->options, args->value)) {
                return sb_cli_usage("run", "--set wants key=value, not \"%s\"", args->value);
            }
            break;
        case 3:
            if (!sb_cli_parse_count(args->value, 1, 1024, &count)) {
                return sb_cli_usage(
                    "run", "--parallelism wants a number from 1 to 1024, not \"%s\"", args->value);
            }
            ok = sb_cli_add_option(&r->options, "parallelism.default", args->value);
            break;
        case 4:
            r->show.job_json = true;
            r->show.print.mode = SB_MODE_CHANGELOG_JSON;
            break;
        case 5: r->show.verbose = true; break;
        case 7:
            if (!sb_mode_find(args->value, &r->show.print.mode)) {
                return sb_cli_usage("run", "there is no output mode \"%s\"", args->value);
            }
            break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default:
            if (r->file || r->sql) {
                return sb_cli_usage("run", "one script at a time: \"%s\" is too much", args->value);
            }
            if (flag == 6 || sb_cli_is_sql(args->value)) {
                r->sql = strdup(args->value);
                r->size = strlen(args->value);
            } else {
                r->file = args->value;
            }
        }
        if (!ok) {
            return sb_cli_usage("run", "cannot use \"%s\" here", args->value);
        }
    }
    return -1;
}

int
sb_cli_run(int argc, char **argv)
{
    run r = {0};
    sb_show_init(&r.show);
    sb_args args = {.verb = "run", .flags = flags, .argc = argc, .argv = argv};
    int code = read_words(&r, &args);
    if (code < 0 && !r.file && !r.sql) {
        code = sb_cli_usage("run", "a file or a statement is needed");
    }
    if (code < 0 && r.file) {
        r.sql = sb_cli_read_file(r.file, &r.size);
        code = r.sql ? -1 : SB_EXIT_ERROR;
    }
    if (code < 0) {
        sb_term term;
        r.show.has_state = r.state != NULL;
        r.show.term = sb_term_open(&term, 0, 1) ? &term : NULL;
        sb_cli_catch_signals();
        code = execute_all(&r);
    }
    run_free(&r);
    return code;
}
