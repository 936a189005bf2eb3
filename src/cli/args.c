/*
 * cli/args.c -- words of the command line: flags with and without value, usage errors.
 *
 * THREADS    the main thread
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int
sb_cli_usage(const char *verb, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("sabot: ", stderr);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nsee: sabot %s%s--help\n", verb ? verb : "", verb ? " " : "");
    return SB_EXIT_USAGE;
}

static bool
flag_fits(const sb_flag *flag, const char *word, const char **out_value)
{
    size_t size = strlen(flag->name);
    *out_value = NULL;
    if (strcmp(word, flag->name) == 0 ||
        (flag->short_name && strcmp(word, flag->short_name) == 0)) {
        return true;
    }
    if (flag->takes_value && strncmp(word, flag->name, size) == 0 && word[size] == '=') {
        *out_value = word + size + 1;
        return true;
    }
    return false;
}

int
sb_cli_next_arg(sb_args *args)
{
    if (args->at >= args->argc) {
        return SB_ARG_END;
    }
    const char *word = args->argv[args->at++];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        sb_cli_print_help(stdout, args->verb);
        return SB_ARG_HELP;
    }
    if (strcmp(word, "--") == 0 && args->at < args->argc) {
        args->value = args->argv[args->at++];
        return SB_ARG_WORD;
    }
    if (word[0] != '-' || strcmp(word, "-") == 0 ||
        (word[0] == '-' && word[1] == '-' && strpbrk(word, " \n\t"))) {
        args->value = word;
        return SB_ARG_WORD;
    }
    for (int i = 0; args->flags[i].name; i++) {
        const sb_flag *flag = &args->flags[i];
        if (!flag_fits(flag, word, &args->value)) {
            continue;
        }
        if (flag->takes_value && !args->value) {
            if (args->at >= args->argc) {
                (void)sb_cli_usage(args->verb, "option %s needs a value", flag->name);
                return SB_ARG_BAD;
            }
            args->value = args->argv[args->at++];
        }
        return i;
    }
    (void)sb_cli_usage(args->verb, "unknown option %s", word);
    return SB_ARG_BAD;
}

bool
sb_cli_parse_count(const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || errno) {
        return false;
    }
    int64_t factor = strcmp(end, "k") == 0 || strcmp(end, "K") == 0   ? 1000
                     : strcmp(end, "m") == 0 || strcmp(end, "M") == 0 ? 1000000
                     : *end == '\0'                                   ? 1
                                                                      : 0;
    if (factor == 0 || __builtin_mul_overflow(value, factor, &value) || value < low ||
        value > high) {
        return false;
    }
    *out = value;
    return true;
}

bool
sb_cli_add_option(sb_engine_options *options, const char *key, const char *value)
{
    if (options->count == SB_CLI_OPTIONS_MAX) {
        return false;
    }
    options->at[options->count++] = (sabot_option){key, value};
    return true;
}

bool
sb_cli_add_assignment(sb_engine_options *options, const char *text)
{
    const char *equal = strchr(text, '=');
    if (!equal || equal == text || options->count_owned == SB_CLI_OPTIONS_MAX) {
        return false;
    }
    char *copy = strdup(text);
    if (!copy) {
        return false;
    }
    copy[equal - text] = '\0';
    options->owned[options->count_owned++] = copy;
    return sb_cli_add_option(options, copy, copy + (equal - text) + 1);
}

void
sb_cli_free_options(sb_engine_options *options)
{
    while (options->count_owned > 0) {
        free(options->owned[--options->count_owned]);
    }
    options->count = 0;
}
