/*
 * cli/shell_files.c -- files in the shell: names that complete FROM '...', and .schema 'file'.
 *
 * THREADS    the main thread
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "cli/shell.h"

/* Do the quotes that are open at the cursor stand where a table does? *out_begin: behind them. */
static bool
is_file_place(const char *text, size_t cursor, size_t *out_begin)
{
    size_t at = 0, begin = 0, before = 0, before_end = 0, last = 0, last_end = 0;
    sabot_token token, last_token = SABOT_TOKEN_SYMBOL;
    while (sabot_next_token(text, cursor, &at, &begin, &token)) {
        before = last;
        before_end = last_end;
        last = begin;
        last_end = at;
        last_token = token;
    }
    size_t size = before_end - before;
    bool from = (size == 4 && (strncasecmp(text + before, "from", 4) == 0 ||
                               strncasecmp(text + before, "join", 4) == 0));
    *out_begin = last + 1;
    return from && last_token == SABOT_TOKEN_BAD && last_end == cursor && last < cursor &&
           text[last] == '\'';
}

static bool
is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void
add_entry(const char *folder, const char *name, sb_words *out)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    if (path) {
        snprintf(path, size, "%s%s", folder, name);
        snprintf(path, size, "%s%s%s", folder, name, is_folder(path) ? "/" : "'");
        (void)sb_words_add(out, path);
    }
    free(path);
}

bool
sb_shell_file_words(const char *text, size_t cursor, sb_words *out)
{
    size_t begin;
    if (!is_file_place(text, cursor, &begin)) {
        return false;
    }
    size_t typed = begin;
    for (size_t i = begin; i < cursor; i++) {
        typed = text[i] == '/' ? i + 1 : typed;
    }
    char *folder = strndup(text + begin, typed - begin);
    DIR *list = folder ? opendir(*folder ? folder : ".") : NULL;
    struct dirent *entry;
    out->begin = begin;
    while (list && (entry = readdir(list)) != NULL) {
        bool hidden = entry->d_name[0] == '.' && (typed == cursor || text[typed] != '.');
        if (!hidden && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strncmp(entry->d_name, text + typed, cursor - typed) == 0 &&
            !strchr(entry->d_name, '\'')) {
            add_entry(folder, entry->d_name, out);
        }
    }
    if (list) {
        closedir(list);
    }
    free(folder);
    return true;
}

bool
sb_shell_file_schema(sb_shell *shell, const char *quoted)
{
    size_t size = strlen(quoted);
    char *path = size > 2 && quoted[size - 1] == '\'' ? strndup(quoted + 1, size - 2) : NULL;
    char *text = NULL;
    sabot_error *error = NULL;
    if (!path) {
        fputs("error: .schema wants a table, or a file in quotes\n", stderr);
        return false;
    }
    bool ok =
        sabot_infer(shell->engine, path, NULL, NULL, 0, SABOT_INFER_SQL, &text, &error) == SABOT_OK;
    if (ok) {
        fputs(text, shell->show.print.to);
    } else {
        sb_cli_print_error(error);
        shell->exit_code = SB_EXIT_ERROR;
    }
    sabot_string_free(text);
    free(path);
    return ok;
}
