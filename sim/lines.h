/*
 * sim/lines.h -- lists of text lines as multisets: what a sink should hold, and what it holds.
 *
 * OWNERSHIP  Lines belong to the arena of the list.
 */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "base/arena.h"
#include "base/text.h"

typedef struct sim_lines {
    sb_arena *arena;
    const char **at;
    int32_t count, capacity;
} sim_lines;

void sim_lines_add(sim_lines *lines, const char *text, size_t size);
void sim_lines_printf(sim_lines *lines, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sim_lines_sort(sim_lines *lines);
/* Both sorted. Is every line of `part`, as often as it stands there, in `whole`? *out: the first that is not. */
bool sim_lines_within(const sim_lines *part, const sim_lines *whole, const char **out);

#endif
