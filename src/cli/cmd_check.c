/*
 * cli/cmd_check.c -- sabot validate: all errors of scripts; sabot fmt: scripts in canonical form.
 *
 * THREADS    the main thread
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct check_words {
    sb_engine_options options;
    bool json, check, failed;
    int32_t count_files, count_errors, count_changed, count_printed;
} check_words;

/* ---- validate ---- */

static void
print_errors(check_words *words, const sabot_errors *errors)
{
    int32_t count = sabot_errors_count(errors);
    words->count_errors += count;
    for (int32_t i = 0; i < count; i++) {
        fprintf(stderr, "%s%s", words->count_printed++ > 0 ? "\n" : "",
                sabot_error_text(sabot_errors_at(errors, i)));
    }
}

/* The elements of a JSON array without its brackets, so that those of all files make one. */
static void
print_json(check_words *words, const sabot_errors *errors)
{
    char *text = sabot_errors_json(errors);
    size_t size = text ? strlen(text) : 0;
    words->count_errors += sabot_errors_count(errors);
    words->failed |= !text;
    if (size > 2) {
        printf("%s%.*s", words->count_printed++ > 0 ? ",\n " : "", (int)(size - 2), text + 1);
    }
    sabot_string_free(text);
}

static void
validate_text(check_words *words, const char *sql, size_t size, const char *name)
{
    sabot_errors *errors = NULL;
    sabot_error *error = NULL;
    if (sabot_check(words->options.at, words->options.count, sql, size, name, &errors, &error) !=
        SABOT_OK) {
        sb_cli_print_error(error);
        words->failed = true;
        return;
    }
    words->count_files++;
    if (words->json) {
        print_json(words, errors);
    } else {
        print_errors(words, errors);
        if (sabot_errors_count(errors) == 0) {
            fprintf(stderr, "%s: ok\n", name ? name : "statement");
        }
    }
    sabot_errors_free(errors);
}

/* ---- fmt ---- */

static bool
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    size_t size = strlen(text);
    bool fine = file && fwrite(text, 1, size, file) == size;
    fine = (!file || fclose(file) == 0) && fine;
    if (!fine) {
        fprintf(stderr, "error: cannot write file \"%s\": %s\n", path, strerror(errno));
    }
    return fine;
}

static void
format_text(check_words *words, const char *sql, size_t size, const char *path)
{
    bool is_stdin = !path || strcmp(path, "-") == 0;
    const char *name = path && is_stdin ? "stdin" : path;
    sabot_error *error = NULL;
    char *text = NULL;
    if (sabot_format(sql, size, name, &text, &error) != SABOT_OK) {
        sb_cli_print_error(error);
        words->count_errors++;
        return;
    }
    bool changed = strlen(text) != size || memcmp(text, sql, size) != 0;
    words->count_changed += changed;
    if (words->check) {
        if (changed) {
            printf("%s\n", name ? name : "statement");
        }
    } else if (is_stdin) {
        fputs(text, stdout);
    } else if (changed) {
        words->failed |= !write_file(path, text);
    }
    sabot_string_free(text);
}

/* ---- both ---- */

typedef void (*check_function)(check_words *words, const char *sql, size_t size, const char *name);

static bool
one_word(check_words *words, bool validate, const char *word, bool is_file)
{
    size_t size;
    if (!is_file && sb_cli_is_sql(word)) {
        (validate ? validate_text : format_text)(words, word, strlen(word), NULL);
        return true;
    }
    char *sql = sb_cli_read_file(word, &size);
    if (!sql) {
        words->failed = true;
        return true;
    }
    if (validate) {
        validate_text(words, sql, size, strcmp(word, "-") == 0 ? "stdin" : word);
    } else {
        format_text(words, sql, size, word);
    }
    free(sql);
    return true;
}

int
sb_cli_validate(int argc, char **argv)
{
    static const sb_flag flags[] = {{"--json", NULL, false},
                                    {"--set", NULL, true},
                                    {"--parallelism", "-p", true},
                                    {"--file", "-f", true},
                                    {NULL, NULL, false}};
    sb_args args = {.verb = "validate", .flags = flags, .argc = argc, .argv = argv};
    check_words words = {0};
    int32_t count = 0;
    int flag;
    for (int pass = 0; pass < 2; pass++) { /* options first: they hold for all files */
        args.at = 0;
        while ((flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
            if (flag == SB_ARG_HELP || flag == SB_ARG_BAD) {
                sb_cli_free_options(&words.options);
                return flag == SB_ARG_HELP ? SB_EXIT_OK : SB_EXIT_USAGE;
            }
            if (flag == SB_ARG_WORD || flag == 3) {
                count += pass == 0;
                if (pass == 1) {
                    one_word(&words, true, args.value, flag == 3);
                }
            } else if (pass == 0 && flag == 0) {
                words.json = true;
            } else if (pass == 0 && flag == 2) {
                sb_cli_add_option(&words.options, "parallelism.default", args.value);
            } else if (pass == 0 && !sb_cli_add_assignment(&words.options, args.value)) {
                sb_cli_free_options(&words.options);
                return sb_cli_usage("validate", "--set wants key=value, not \"%s\"", args.value);
            }
        }
        if (count == 0) {
            sb_cli_free_options(&words.options);
            return sb_cli_usage("validate", "a file or a statement is needed");
        }
        if (pass == 0 && words.json) {
            putchar('[');
        }
    }
    if (words.json) {
        puts("]");
    } else if (words.count_errors > 1) {
        fprintf(stderr, "\n%d errors\n", (int)words.count_errors);
    }
    sb_cli_free_options(&words.options);
    return words.failed ? SB_EXIT_ERROR : words.count_errors > 0 ? SB_EXIT_SQL : SB_EXIT_OK;
}

int
sb_cli_fmt(int argc, char **argv)
{
    static const sb_flag flags[] = {{"--check", NULL, false}, {NULL, NULL, false}};
    sb_args args = {.verb = "fmt", .flags = flags, .argc = argc, .argv = argv};
    check_words words = {0};
    int32_t count = 0;
    int flag;
    for (int pass = 0; pass < 2; pass++) {
        args.at = 0;
        while ((flag = sb_cli_next_arg(&args)) != SB_ARG_END) {
            if (flag == SB_ARG_HELP || flag == SB_ARG_BAD) {
                return flag == SB_ARG_HELP ? SB_EXIT_OK : SB_EXIT_USAGE;
            }
            words.check |= flag == 0;
            count += pass == 0 && flag == SB_ARG_WORD;
            if (pass == 1 && flag == SB_ARG_WORD) {
                one_word(&words, false, args.value, false);
            }
        }
        if (pass == 0 && count == 0) {
            return sb_cli_usage("fmt", "a file is needed, or - for standard input");
        }
    }
    return words.count_errors > 0                                     ? SB_EXIT_SQL
           : words.failed || (words.check && words.count_changed > 0) ? SB_EXIT_ERROR
                                                                      : SB_EXIT_OK;
}
