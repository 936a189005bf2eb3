/*
 * sim/lines.c -- see lines.h.
 */
#include "sim/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sb_sim_lines_add(sb_sim_lines *lines, const char *text, size_t size)
{
    if (lines->count == lines->capacity) {
        int32_t capacity = lines->capacity ? 2 * lines->capacity : 256;
        const char **at = SB_NEW_ARRAY(lines->arena, const char *, capacity);
        sb_assert(at);
        if (lines->count > 0) {
            memcpy(at, lines->at, sizeof *at * (size_t)lines->count);
        }
        lines->at = at;
        lines->capacity = capacity;
    }
    char *copy = sb_arena_strndup(lines->arena, text, size);
    sb_assert(copy);
    lines->at[lines->count++] = copy;
}

void
sb_sim_lines_printf(sb_sim_lines *lines, const char *fmt, ...)
{
    char line[1024];
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    sb_assert(size >= 0 && (size_t)size < sizeof line);
    sb_sim_lines_add(lines, line, (size_t)size);
}

static int
compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
sb_sim_lines_sort(sb_sim_lines *lines)
{
    if (lines->count > 1) {
        qsort(lines->at, (size_t)lines->count, sizeof *lines->at, compare_lines);
    }
}

bool
sb_sim_lines_within(const sb_sim_lines *part, const sb_sim_lines *whole, const char **out)
{
    int32_t at = 0;
    for (int32_t i = 0; i < part->count; i++) {
        int order = -1;
        while (at < whole->count && (order = strcmp(whole->at[at], part->at[i])) < 0) {
            at++;
        }
        if (at == whole->count || order != 0) {
            *out = part->at[i];
            return false;
        }
        at++;
    }
    return true;
}
