/*
 * cli/cmd_plan.c -- sabot explain: the plan of a script; sabot inspect: what a state directory
 * holds.
 *
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct plan_words {
    sb_engine_options options;
    const char *name; /* file; NULL: statement on the command line */
    char *sql;
    sabot_explain_format format;
} plan_words;

static const sb_flag explain_flags[] = {
    {"--json", NULL, false},    {"--dot", NULL, false}, {"--changelog", NULL, false},
    {"--set", NULL, true},      {"--file", "-f", true}, {"--parallelism", "-p", true},
    {"--details", NULL, false}, {NULL, NULL, false},
};

/* -1: go on, else the exit code. */
static int
read_words(plan_words *words, sb_args *args)
{
    int flag;
    size_t size;
    while ((flag = sb_cli_next_arg(args)) != SB_ARG_END) {
        switch (flag) {
        case 0: words->format = SABOT_EXPLAIN_JSON; break;
        case 1: words->format = SABOT_EXPLAIN_DOT; break;
        case 2: words->format = SABOT_EXPLAIN_CHANGELOG; break;
        case 3:
            if (!sb_cli_add_assignment(&words->options, args->value)) {
                return sb_cli_usage(args->verb, "--set wants key=value, not \"%s\"", args->value);
            }
            break;
        case 6: words->format = SABOT_EXPLAIN_DETAILS; break;
        case 5: sb_cli_add_option(&words->options, "parallelism.default", args->value); break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default:
            if (words->sql) {
                return sb_cli_usage(args->verb, "one script at a time: \"%s\" is too much",
                                    args->value);
            }
            if (flag == SB_ARG_WORD && sb_cli_is_sql(args->value)) {
                words->sql = strdup(args->value);
            } else {
                words->name = strcmp(args->value, "-") == 0 ? "stdin" : args->value;
                words->sql = sb_cli_read_file(args->value, &size);
            }
            if (!words->sql) {
                return SB_EXIT_ERROR;
            }
        }
    }
    return words->sql ? -1 : sb_cli_usage(args->verb, "a file or a statement is needed");
}

static int
explain(plan_words *words)
{
    sabot_engine *engine = NULL;
    sabot_error *error = NULL;
    char *text = NULL;
    sabot_status status =
        sabot_engine_open(words->options.at, words->options.count, &engine, &error);
    if (status == SABOT_OK) {
        sabot_catalogs_hold(engine); /* and never writes them */
        status = sabot_explain(engine, words->sql, words->name, words->format, &text, &error);
    }
    if (status == SABOT_OK) {
        fputs(text, stdout);
    } else {
        sb_cli_print_error(error);
    }
    sabot_string_free(text);
    sabot_engine_close(engine);
    return status == SABOT_OK ? SB_EXIT_OK : SB_EXIT_ERROR;
}

int
sb_cli_explain(int argc, char **argv)
{
    plan_words words = {0};
    sb_args args = {.verb = "explain", .flags = explain_flags, .argc = argc, .argv = argv};
    int code = read_words(&words, &args);
    if (code < 0) {
        code = explain(&words);
    }
    free(words.sql);
    sb_cli_free_options(&words.options);
    return code;
}

int
sb_cli_inspect(int argc, char **argv)
{
    static const sb_flag flags[] = {{"--json", NULL, false}, {NULL, NULL, false}};
    sb_args args = {.verb = "inspect", .flags = flags, .argc = argc, .argv = argv};
    const char *directory = NULL;
    bool json = false;
    int flag;
    while ((flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
        if (flag == 0) {
            json = true;
        } else if (flag == SB_ARG_HELP) {
            return SB_EXIT_OK;
        } else if (flag == SB_ARG_BAD) {
            return SB_EXIT_USAGE;
        } else if (directory) {
            return sb_cli_usage("inspect", "one state directory at a time: \"%s\" is too much",
                                args.value);
        } else {
            directory = args.value;
        }
    }
    if (!directory) {
        return sb_cli_usage("inspect", "a state directory is needed");
    }
    char *text = NULL;
    sabot_error *error = NULL;
    if (sabot_inspect(directory, json, &text, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        return SB_EXIT_ERROR;
    }
    fputs(text, stdout);
    sabot_string_free(text);
    return SB_EXIT_OK;
}
