/*
 * cli/history.c -- what was typed before.
 *
 * THREADS    the main thread
 */
#include "cli/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_END_MARK = 1 };

static void
drop_oldest(sb_history *history)
{
    free(history->entries[0]);
    history->count--;
    memmove(history->entries, history->entries + 1, history->count * sizeof *history->entries);
}

/* True: it is new. */
static bool
remember(sb_history *history, const char *text, size_t size)
{
    const char *last = history->count > 0 ? history->entries[history->count - 1] : NULL;
    if (size == 0 || size > SB_HISTORY_ENTRY_MAX || text[0] == ' ' ||
        (last && strlen(last) == size && memcmp(last, text, size) == 0)) {
        return false;
    }
    if (history->count == history->capacity) {
        size_t capacity = history->capacity ? 2 * history->capacity : 64;
        char **entries = realloc(history->entries, capacity * sizeof *entries);
        if (!entries) {
            return false;
        }
        history->entries = entries;
        history->capacity = capacity;
    }
    char *copy = strndup(text, size);
    if (!copy) {
        return false;
    }
    history->entries[history->count++] = copy;
    if (history->count > SB_HISTORY_MAX) {
        drop_oldest(history);
    }
    return true;
}

static void
write_entry(FILE *file, const char *text)
{
    for (const char *at = text; *at; at++) {
        putc(*at == '\n' ? LINE_END_MARK : *at, file);
    }
    putc('\n', file);
}

/* Writes the entries into a new file that takes the place of the old. */
static void
cut_file(const sb_history *history)
{
    size_t size = strlen(history->path) + 5;
    char *temporary = malloc(size);
    if (!temporary) {
        return;
    }
    snprintf(temporary, size, "%s.new", history->path);
    FILE *file = fopen(temporary, "w");
    for (size_t i = 0; file && i < history->count; i++) {
        write_entry(file, history->entries[i]);
    }
    if (file && (fclose(file) != 0 || rename(temporary, history->path) != 0)) {
        (void)remove(temporary);
    }
    free(temporary);
}

void
sb_history_open(sb_history *history, const char *path)
{
    *history = (sb_history){.path = path ? strdup(path) : NULL};
    FILE *file = history->path ? fopen(history->path, "r") : NULL;
    char *line = NULL;
    size_t capacity = 0, lines = 0;
    ssize_t size;
    while (file && (size = getline(&line, &capacity, file)) > 0) {
        size -= line[size - 1] == '\n';
        for (ssize_t i = 0; i < size; i++) {
            line[i] = line[i] == LINE_END_MARK ? '\n' : line[i];
        }
        (void)remember(history, line, strnlen(line, (size_t)size));
        lines++;
    }
    free(line);
    if (file) {
        fclose(file);
        if (lines > 2 * (size_t)SB_HISTORY_MAX) {
            cut_file(history);
        }
    }
}

void
sb_history_close(sb_history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        free(history->entries[i]);
    }
    free(history->entries);
    free(history->path);
    *history = (sb_history){0};
}

void
sb_history_add(sb_history *history, const char *text, size_t size)
{
    if (remember(history, text, size) && history->path) {
        FILE *file = fopen(history->path, "a");
        if (file) {
            write_entry(file, history->entries[history->count - 1]);
            fclose(file);
        }
    }
}

long
sb_history_find(const sb_history *history, long before, const char *part)
{
    for (long i = before - 1; i >= 0; i--) {
        if (strstr(history->entries[i], part)) {
            return i;
        }
    }
    return -1;
}

/* All folders above the last part of a path. */
static void
make_folders(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700);
            *at = '/';
        }
    }
}

char *
sb_history_default_path(void)
{
    const char *own = getenv("SABOT_HISTORY"), *state = getenv("XDG_STATE_HOME"),
               *home = getenv("HOME");
    if (own) {
        return *own ? strdup(own) : NULL;
    }
    bool has_state = state && *state == '/';
    const char *base = has_state ? state : home;
    if (!base || *base != '/') {
        return NULL;
    }
    size_t size = strlen(base) + 40;
    char *path = malloc(size);
    if (path) {
        snprintf(path, size, "%s%s/sabot/history", base, has_state ? "" : "/.local/state");
        make_folders(path);
    }
    return path;
}
