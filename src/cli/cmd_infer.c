/*
 * cli/cmd_infer.c -- sabot infer: a CREATE TABLE statement for a file or a topic that is there.
 *
 * THREADS    the main thread
 */
#include "cli/cli.h"

typedef struct asked {
    const char *path, *name;
    sb_engine_options properties; /* of a topic's cluster */
    bool json;
} asked;

static int
print_guess(const asked *a)
{
    sabot_engine *engine = NULL;
    sabot_error *error = NULL;
    char *text = NULL;
    if (sabot_engine_open(NULL, 0, &engine, &error) != SABOT_OK ||
        sabot_infer(engine, a->path, a->name, a->properties.at, a->properties.count,
                    a->json ? SABOT_INFER_JSON : SABOT_INFER_SQL, &text, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        sabot_engine_close(engine);
        return SB_EXIT_ERROR;
    }
    fputs(text, stdout);
    sabot_string_free(text);
    sabot_engine_close(engine);
    return SB_EXIT_OK;
}

static int
read_and_print(asked *a, int argc, char **argv)
{
    static const sb_flag flags[] = {{"--name", "-n", true},
                                    {"--json", NULL, false},
                                    {"--property", NULL, true},
                                    {NULL, NULL, false}};
    sb_args args = {.verb = "infer", .flags = flags, .argc = argc, .argv = argv};
    int flag;
    while ((flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
        switch (flag) {
        case 0: a->name = args.value; break;
        case 1: a->json = true; break;
        case 2:
            if (!sb_cli_add_assignment(&a->properties, args.value)) {
                return sb_cli_usage("infer", "--property wants NAME=VALUE, not \"%s\"", args.value);
            }
            break;
        case SB_ARG_HELP: return SB_EXIT_OK;
        case SB_ARG_BAD: return SB_EXIT_USAGE;
        default:
            if (a->path) {
                return sb_cli_usage("infer",
                                    "one file, folder, topic or glob in quotes: \"%s\" is too much",
                                    args.value);
            }
            a->path = args.value;
        }
    }
    if (!a->path) {
        return sb_cli_usage("infer", "a file is needed");
    }
    if (a->name && !*a->name) {
        return sb_cli_usage("infer", "--name cannot be empty");
    }
    return print_guess(a);
}

int
sb_cli_infer(int argc, char **argv)
{
    asked a = {0};
    int code = read_and_print(&a, argc, argv);
    sb_cli_free_options(&a.properties);
    return code;
}
