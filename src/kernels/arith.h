/*
 * kernels/arith.h -- + - * / % over two columns of one numeric kind (decimals: decimal.h).
 *
 * DESIGN     Integers wrap as in Java. Integer / and % look at the validity of the pair, because
 * the value under a NULL may be 0; they return the first row that divides by zero. THREADS    T:any
 */
#ifndef SB_KERNELS_ARITH_H
#define SB_KERNELS_ARITH_H

#include "columnar/vector.h"

typedef enum sb_arith_op { SB_ADD, SB_SUB, SB_MUL, SB_DIV, SB_REM, SB_ARITH_COUNT } sb_arith_op;

typedef enum sb_shape { SB_SHAPE_VV, SB_SHAPE_VC, SB_SHAPE_CV } sb_shape;

typedef struct sb_arith_in {
    const void *a, *b; /* VC: b has one value; CV: a has one value */
    sb_shape shape;
    const uint64_t *validity; /* of the pair; NULL: nothing is NULL */
    const int32_t *rows;      /* NULL: 0..count */
    int32_t count;
} sb_arith_in;

/* Returns -1, or the row where an integer is divided by zero. */
typedef int32_t (*sb_arith_fn)(void *out, const sb_arith_in *in);

sb_arith_fn sb_arith_kernel(sb_phys phys, sb_arith_op op); /* I8..I64, F32, F64; else NULL */

#endif
