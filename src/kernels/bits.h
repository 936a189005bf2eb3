/*
 * kernels/bits.h -- validity bitmaps, 64 rows a word.
 *
 * DESIGN     A bit set means "not NULL". NULL pointer: nothing is NULL. Bits past the last row are
 * unspecified. THREADS    T:any
 */
#ifndef SB_KERNELS_BITS_H
#define SB_KERNELS_BITS_H

#include "columnar/vector.h"

/* Walks rows[0..count), or 0..count when rows is NULL. For loops where the branch costs nothing. */
#define SB_EACH_ROW(row, rows, count) \
    for (int32_t each_ = 0, row = 0;  \
         each_ < (count) && ((row = (rows) ? (rows)[each_] : each_), true); each_++)

/* out = a AND b, word by word; out may be a or b. */
void sb_bits_and(uint64_t *out, const uint64_t *a, const uint64_t *b, int32_t count);
void sb_bits_fill(uint64_t *bits, int32_t count, bool value);
/* How many bits are set among the first count. */
int32_t sb_bits_count(const uint64_t *bits, int32_t count);
/* The rows of rows[0..count) (NULL: 0..count) whose bit is set (or clear), in order; returns how
 * many. */
int32_t sb_bits_select(int32_t *out, const uint64_t *bits, bool value, const int32_t *rows,
                       int32_t count);

#endif
