/*
 * expr/infer.h -- type rules shared by the functions. Inside this folder only.
 */
#ifndef SB_EXPR_INFER_H
#define SB_EXPR_INFER_H

#include "expr/function.h"
#include "kernels/arith.h"

/* Matches and casts the arguments by the patterns of the catalogue row and sets the type. */
sb_status sb_infer_pattern(sb_infer *in, sb_error *err);
/* Casts arguments first, first + step, ... and `last` (-1: none) to their common type. */
sb_status sb_infer_common(sb_infer *in, int32_t first, int32_t step, int32_t last, sb_type *out,
                          sb_error *err);
/* Result of + - * / % of two DECIMALs. */
sb_type sb_decimal_type(sb_arith_op op, const sb_type *a, const sb_type *b);

#endif
