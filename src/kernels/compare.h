/*
 * kernels/compare.h -- = <> < <= > >= over two columns, or a column and a constant, of one physical
 * kind.
 *
 * DESIGN     Two results: a BOOLEAN per row, or at once the list of rows where it holds. SQL
 * comparison: NaN is equal to nothing, -0.0 equals 0.0; strings by bytes. NULLs are the caller's
 * business but for the selecting form, which takes the validity of the pair and drops NULL rows.
 * THREADS    T:any
 */
#ifndef SB_KERNELS_COMPARE_H
#define SB_KERNELS_COMPARE_H

#include "columnar/vector.h"

typedef enum sb_compare_op {
    SB_EQ,
    SB_NE,
    SB_LT,
    SB_LE,
    SB_GT,
    SB_GE,
    SB_COMPARE_COUNT
} sb_compare_op;

/* Two operands: values by row, or one value for all rows. */
typedef struct sb_operands {
    const void *a, *b;
    bool b_const; /* b has one value (a constant a is swapped to the right with sb_compare_swap) */
} sb_operands;

/* rows NULL: all of 0..count. out[row] = 0 or 1. */
typedef void (*sb_compare_fn)(uint8_t *out, const sb_operands *in, const int32_t *rows,
                              int32_t count);
/* Writes the rows that hold, in order, and returns how many. validity NULL: nothing is NULL. */
typedef int32_t (*sb_compare_select_fn)(int32_t *out, const sb_operands *in,
                                        const uint64_t *validity, const int32_t *rows,
                                        int32_t count);

/* NULL for kinds without comparison (LIST, STRUCT, NULL). */
sb_compare_fn sb_compare_kernel(sb_phys phys, sb_compare_op op);
sb_compare_select_fn sb_compare_select_kernel(sb_phys phys, sb_compare_op op);
sb_compare_op sb_compare_swap(sb_compare_op op);   /* a op b = b swap(op) a */
sb_compare_op sb_compare_negate(sb_compare_op op); /* wrong for NaN: only for kinds without it */

#endif
