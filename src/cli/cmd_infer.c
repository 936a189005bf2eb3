/*
 * cli/cmd_infer.c -- sabot infer: a CREATE TABLE statement for a file or a topic that is there.
 *
 * THREADS    the main thread
 */
#include "cli/cli.h"

static int
print_guess(const char *path, const char *name, bool json)
{
    sabot_engine *engine = NULL;
    sabot_error *error = NULL;
    char *text = NULL;
    if (sabot_engine_open(NULL, 0, &engine, &error) != SABOT_OK ||
        sabot_infer(engine, path, name, json ? SABOT_INFER_JSON : SABOT_INFER_SQL, &text, &error) !=
            SABOT_OK) {
        sb_cli_print_error(error);
        sabot_engine_close(engine);
        return SB_EXIT_ERROR;
    }
    fputs(text, stdout);
    sabot_string_free(text);
    sabot_engine_close(engine);
    return SB_EXIT_OK;
}

int
sb_cli_infer(int argc, char **argv)
{
    static const sb_flag flags[] = {
        {"--name", "-n", true}, {"--json", NULL, false}, {NULL, NULL, false}};
    sb_args args = {.verb = "infer", .flags = flags, .argc = argc, .argv = argv};
    const char *path = NULL, *name = NULL;
    bool json = false;
    int flag;
    while ((flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
        switch (flag) {
        case 0: name = args.value; break;
        case 1: json = true; break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default:
            if (path) {
                return sb_cli_usage("infer",
                                    "one file, folder, topic or glob in quotes: \"%s\" is too much",
                                    args.value);
            }
            path = args.value;
        }
    }
    if (!path) {
        return sb_cli_usage("infer", "a file is needed");
    }
    if (name && !*name) {
        return sb_cli_usage("infer", "--name cannot be empty");
    }
    return print_guess(path, name, json);
}
