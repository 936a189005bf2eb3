/*
 * sim/lines.h -- lists of text lines as multisets: what a sink should hold, and what it holds.
 *
 * OWNERSHIP  Lines belong to the arena of the list.
 */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "base/arena.h"
#include "base/text.h"

typedef struct sb_sim_lines {
    sb_arena *arena;
    const char **at;
    int32_t count, capacity;
} sb_sim_lines;

void sb_sim_lines_add(sb_sim_lines *lines, const char *text, size_t size);
void sb_sim_lines_printf(sb_sim_lines *lines, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sb_sim_lines_sort(sb_sim_lines *lines);
/* Both sorted. Is every line of `part`, as often as it stands there, in `whole`? *out: the first
 * that is not. */
bool sb_sim_lines_within(const sb_sim_lines *part, const sb_sim_lines *whole, const char **out);

#endif
