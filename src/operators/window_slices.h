/*
 * operators/window_slices.h -- which state rows lie in which slice (or window), and which windows
 * they still wait for.
 *
 * DESIGN     An index of a table by namespace, in the order in which rows were made; a window fires
 *            by walking over it, so no key needs a timer. It holds nothing that the rows do not
 *            say: a restore builds it anew from a scan.
 * OWNERSHIP  Rows belong to the table; whoever erases or moves one keeps the index right.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_WINDOW_SLICES_H
#define SB_OPERATORS_WINDOW_SLICES_H

#include "flow/op.h"

typedef struct sb_slice {
    int64_t end;      /* the namespace of its rows */
    int64_t next_end; /* no row waits for a window that ends before */
    uint8_t **rows;   /* in the order in which they were made; those before `at` may be gone */
    int32_t count, capacity;
    int32_t at; /* rows that have gone into the window that fires now */
    /* One bit per hash of a row: 0 means no row. NULL: not kept. A power of two of words. */
    uint64_t *filter;
    uint32_t filter_words;
} sb_slice;

typedef struct sb_slices {
    sb_mem *mem;
    sb_slice *at; /* [from, to) are live, by ascending end */
    int32_t from, to, capacity;
    int32_t last; /* index of the last one found */
    bool filters;
} sb_slices;

/* filters: sb_slice_may_hold will be asked. */
void sb_slices_init(sb_slices *slices, sb_mem *mem, bool filters);
void sb_slices_clear(sb_slices *slices); /* keeps no memory */
/* NULL: no such slice. Valid until one is opened or dropped. */
sb_slice *sb_slices_find(sb_slices *slices, int64_t end);
/* Finds or makes; next_end holds for a new one. NULL: out of memory. */
sb_slice *sb_slices_open(sb_slices *slices, int64_t end, int64_t next_end);
/* False: out of memory. */
bool sb_slices_add(sb_slices *slices, sb_slice *slice, uint8_t *row);
void sb_slices_drop(sb_slices *slices, sb_slice *slice);

static inline int32_t
sb_slices_count(const sb_slices *slices)
{
    return slices->to - slices->from;
}

/* False: no row of this hash. Most keys are in one slice only, and this spares the probes of the
 * others. */
static inline bool
sb_slice_may_hold(const sb_slice *slice, uint64_t hash)
{
    uint32_t bit = (uint32_t)hash & (slice->filter_words * 64 - 1);
    return slice->filter_words > 0 && (slice->filter[bit >> 6] >> (bit & 63) & 1);
}

#endif
