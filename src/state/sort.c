/*
 * state/sort.c -- radix sort of (key, row) pairs, for rebuilding order after a restore.
 *
 * THREADS    T:any
 */
#include <string.h>

#include "state/table_priv.h"

void
sb_sort_pairs(sb_pair *pairs, sb_pair *room, size_t count)
{
    sb_pair *from = pairs, *to = room;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t starts[256] = {0}, at = 0;
        for (size_t i = 0; i < count; i++) {
            starts[(from[i].key >> shift) & 255]++;
        }
        if (count == 0 || starts[(from[0].key >> shift) & 255] == count) {
            continue; /* all alike in this byte */
        }
        for (unsigned b = 0; b < 256; b++) {
            size_t n = starts[b];
            starts[b] = at;
            at += n;
        }
        for (size_t i = 0; i < count; i++) {
            to[starts[(from[i].key >> shift) & 255]++] = from[i];
        }
        sb_pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != pairs && count > 0) {
        memcpy(pairs, from, count * sizeof *pairs);
    }
}
