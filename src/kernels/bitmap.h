/*
 * kernels/bitmap.h -- values of type BITMAP: sets of numbers of 32 bits without sign.
 *
 * DESIGN     A value is its bytes in the portable format of Roaring bitmaps, as its Java library
 *            writes them after runOptimize(): numbers of equal upper 16 bits form a container,
 *            which holds the lower 16 bits as runs where these are shorter, else as a list of up to
 *            4096, else as 65536 bits. One set has one form, so two sets are equal when their bytes
 *            are.
 *              no runs  u32 12346, u32 count, heads, u32 offset of each container, containers
 *              runs     u16 12347, u16 count - 1, one bit per container: has it runs, heads,
 *                       offsets if there are 4 containers or more, containers
 *              head     u16 upper bits, u16 count of numbers - 1
 *              runs     u16 count, then u16 first, u16 others behind it;  list: u16 each
 *            Operations take a container to bits and back. Bytes of other makers are checked.
 * THREADS    T:any
 */
#ifndef SB_KERNELS_BITMAP_H
#define SB_KERNELS_BITMAP_H

#include "base/text.h"

typedef enum sb_bitmap_status {
    SB_BITMAP_OK,
    SB_BITMAP_DAMAGED, /* the bytes are no bitmap */
    SB_BITMAP_NOMEM
} sb_bitmap_status;

typedef enum sb_bitmap_op {
    SB_BITMAP_AND,
    SB_BITMAP_OR,
    SB_BITMAP_XOR,
    SB_BITMAP_ANDNOT
} sb_bitmap_op;

/* Each clears *out first. */
/* Bytes of any maker, perhaps with others behind them. */
sb_bitmap_status sb_bitmap_read(sb_str bytes, sb_text *out);
/* Sorts the numbers. */
sb_bitmap_status sb_bitmap_of(uint32_t *numbers, size_t count, sb_text *out);
sb_bitmap_status sb_bitmap_combine(sb_bitmap_op op, sb_str a, sb_str b, sb_text *out);
int64_t sb_bitmap_count(sb_str bytes);
/* Appends the numbers in order, as uint32_t in memory. */
sb_bitmap_status sb_bitmap_numbers(sb_str bytes, sb_text *out);
/* Appends {1,2,3}; beyond 2^19 characters an ellipsis. */
void sb_bitmap_print(sb_str bytes, sb_text *out);

#endif
