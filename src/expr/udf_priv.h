/*
 * expr/udf_priv.h -- inside the user functions.
 *
 * THREADS    see expr/udf.h
 */
#ifndef SB_EXPR_UDF_PRIV_H
#define SB_EXPR_UDF_PRIV_H

#include "expr/udf.h"

/* udf_scalar.c: how expressions run one. */
extern const sb_impl sb_udf_impl;

/* udf_check.c: an array that was handed in, before its memory is looked at. */
sb_status sb_udf_check_array(const struct ArrowSchema *schema, const struct ArrowArray *array,
                             sb_error *err);
/* Values that have the right form but cannot be: text that is not UTF-8, decimals too long. */
sb_status sb_udf_check_values(const sb_vector *v, sb_error *err);

#endif
