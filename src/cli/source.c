/*
 * cli/source.c -- where SQL text comes from: a file, standard input, the command line.
 *
 * THREADS    the main thread
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

enum { FILE_MAX = 64 << 20 };

char *
sb_cli_read_file(const char *path, size_t *out_size)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    struct stat info;
    if (!file) {
        fprintf(stderr, "error: cannot read file \"%s\": %s\n", path, strerror(errno));
        return NULL;
    }
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        fprintf(stderr, "error: cannot read file \"%s\": it is a folder\n", path);
        fclose(file);
        return NULL;
    }
    size_t size = 0, capacity = 65536;
    char *data = malloc(capacity);
    while (data) {
        size += fread(data + size, 1, capacity - size - 1, file);
        if (size < capacity - 1 || capacity > FILE_MAX) {
            break;
        }
        capacity *= 2;
        char *more = realloc(data, capacity);
        if (!more) {
            free(data);
        }
        data = more;
    }
    const char *why = !data                 ? "out of memory"
                      : ferror(file)        ? strerror(errno)
                      : capacity > FILE_MAX ? "larger than 64 MB"
                                            : NULL;
    if (!is_stdin) {
        fclose(file);
    }
    if (why) {
        fprintf(stderr, "error: cannot read file \"%s\": %s\n", path, why);
        free(data);
        return NULL;
    }
    data[size] = '\0';
    *out_size = size;
    return data;
}

bool
sb_cli_is_sql(const char *word)
{
    static const char *const starts[] = {"SELECT",  "WITH",     "INSERT",  "CREATE",  "SET",
                                         "SHOW",    "DESCRIBE", "DESC",    "EXPLAIN", "VALUES",
                                         "EXECUTE", "BEGIN",    "DROP",    "USE",     "ALTER",
                                         "RESET",   "PRINT",    "LOAD",    "UNLOAD",  "UPDATE",
                                         "DELETE",  "TRUNCATE", "ANALYZE", "CALL",    NULL};
    const char *at = word;
    while (isspace((unsigned char)*at) || *at == '(') {
        at++;
    }
    if (at[0] == '-' && at[1] == '-') {
        return true; /* begins with a comment */
    }
    size_t size = 0;
    while (isalpha((unsigned char)at[size])) {
        size++;
    }
    if (at[size] == '\0' || !(isspace((unsigned char)at[size]) || at[size] == '*' ||
                              at[size] == '\'' || at[size] == '(' || at[size] == ';')) {
        return at[size] == ';' && size > 0;
    }
    for (int i = 0; starts[i]; i++) {
        if (strlen(starts[i]) == size && strncasecmp(at, starts[i], size) == 0) {
            return true;
        }
    }
    return false;
}

void
sb_cli_print_error(sabot_error *error)
{
    if (!error) {
        fputs("error: out of memory\n", stderr);
        return;
    }
    for (const sabot_error *one = error; one; one = sabot_error_next(one)) {
        fprintf(stderr, "%s%s", one != error ? "\n" : "", sabot_error_text(one));
    }
    if (sabot_error_status(error) == SABOT_INTERNAL && *sabot_error_trace(error)) {
        fprintf(stderr, "came through:\n%s\n", sabot_error_trace(error));
    }
    sabot_error_free(error);
}

void
sb_cli_print_warnings(const sabot_result *result)
{
    for (int32_t i = 0; i < sabot_result_count_warnings(result); i++) {
        fprintf(stderr, "warning: %s\n", sabot_result_warning(result, i));
    }
}
