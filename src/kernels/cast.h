/*
 * kernels/cast.h -- numbers to numbers, as Java's casts: integers wrap, floating point saturates,
 * NaN becomes 0.
 *
 * THREADS    T:any
 */
#ifndef SB_KERNELS_CAST_H
#define SB_KERNELS_CAST_H

#include "columnar/vector.h"

/* rows NULL: 0..count */
typedef void (*sb_cast_fn)(void *out, const void *in, const int32_t *rows, int32_t count);
sb_cast_fn sb_cast_kernel(sb_phys from, sb_phys to); /* I8..I64, F32, F64; else NULL */

/* (int), (long) of a double. */
static inline int32_t
sb_double_to_i32(double v)
{
    return v != v ? 0 : v >= 2147483647.0 ? INT32_MAX : v <= -2147483648.0 ? INT32_MIN : (int32_t)v;
}

static inline int64_t
sb_double_to_i64(double v)
{
    return v != v                        ? 0
           : v >= 9223372036854775807.0  ? INT64_MAX
           : v <= -9223372036854775808.0 ? INT64_MIN
                                         : (int64_t)v;
}

#endif
