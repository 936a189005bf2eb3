/*
 * cli/main.c -- the program: picks the verb.
 *
 * THREADS    the main thread
 */
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"

typedef struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
} verb;

static const verb verbs[] = {
    {"shell", sb_cli_shell},     {"run", sb_cli_run},
    {"explain", sb_cli_explain}, {"validate", sb_cli_validate},
    {"inspect", sb_cli_inspect}, {"bench", sb_cli_bench},
    {"fmt", sb_cli_fmt},         {"infer", sb_cli_infer},
    {"help", sb_cli_help},       {"completion", sb_cli_completion},
};

enum { COUNT_VERBS = sizeof verbs / sizeof verbs[0] };

int
sb_cli_put_words(int *argc, char ***argv, char *const *words, int count, char ***out_made)
{
    static const char *const without[] = {"inspect", "fmt", "help",      "completion",
                                          "--help",  "-h",  "--version", "-V"};
    const char *first = *argc > 1 ? (*argv)[1] : "shell";
    bool is_verb = *argc < 2;
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        if (strcmp(first, without[i]) == 0) {
            return SB_EXIT_OK;
        }
    }
    for (int i = 0; i < COUNT_VERBS; i++) {
        is_verb |= strcmp(first, verbs[i].name) == 0;
    }
    if (count == 0 || (!is_verb && first[0] != '-' && !sb_cli_is_sql(first))) {
        return SB_EXIT_OK;
    }
    /* program, verb, words, the rest; bench wants its benchmark first */
    int keep = *argc < 2 ? 1 : is_verb ? 2 + (strcmp(first, "bench") == 0 && *argc > 2) : 1;
    char **made = *out_made = calloc((size_t)(*argc + count) + 2, sizeof *made);
    if (!made) {
        fputs("error: out of memory\n", stderr);
        return SB_EXIT_ERROR;
    }
    int at = 0;
    for (int i = 0; i < keep; i++) {
        made[at++] = (*argv)[i];
    }
    if (*argc < 2) {
        made[at++] = (char *)verbs[0].name;
    }
    for (int i = 0; i < count; i++) {
        made[at++] = words[i];
    }
    for (int i = keep; i < *argc; i++) {
        made[at++] = (*argv)[i];
    }
    *argc = at;
    *argv = made;
    return SB_EXIT_OK;
}

static int
run_verb(int argc, char **argv)
{
    if (argc < 2) {
        return sb_cli_shell(0, NULL);
    }
    const char *first = argv[1];
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        printf("sabot %s\n", sabot_version());
        return SB_EXIT_OK;
    }
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        sb_cli_print_help(stdout, NULL);
        return SB_EXIT_OK;
    }
    for (int i = 0; i < COUNT_VERBS; i++) {
        if (strcmp(first, verbs[i].name) == 0) {
            return verbs[i].run(argc - 2, argv + 2);
        }
    }
    if (first[0] == '-' || sb_cli_is_sql(first)) {
        return sb_cli_run(argc - 1, argv + 1);
    }
    fprintf(stderr, "sabot: unknown command \"%s\"\n", first);
    fputs("commands:", stderr);
    for (int i = 0; i < COUNT_VERBS; i++) {
        fprintf(stderr, "%s %s", i > 0 ? "," : "", verbs[i].name);
    }
    fputs("; or give a statement in quotes\nsee: sabot --help\n", stderr);
    return SB_EXIT_USAGE;
}

int
main(int argc, char **argv)
{
    char **made = NULL;
    int code = sb_cli_configure(&argc, &argv, &made);
    if (code == SB_EXIT_OK) {
        code = run_verb(argc, argv);
    }
    free(made);
    return code;
}
