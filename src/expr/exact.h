/*
 * expr/exact.h -- columns of DECIMALs read as 128 bits, whatever they are stored in. Inside this
 * folder only.
 */
#ifndef SB_EXPR_EXACT_H
#define SB_EXPR_EXACT_H

#include "expr/function.h"

typedef struct sb_exact_column {
    sb_vector *vector; /* FLAT or CONST, one reference */
    const char *values;
    size_t stride;  /* 0: CONST */
    bool wide;      /* 128 bits, else 64 */
    sb_int128 unit; /* every value is multiplied by it */
} sb_exact_column;

/* Argument i, a DECIMAL, raised to `scale`. Give back with sb_vector_unref(out->vector). */
sb_status sb_exact_open(sb_call *call, int32_t i, int scale, sb_exact_column *out, sb_error *err);

static inline sb_int128
sb_exact_at(const sb_exact_column *column, int32_t row)
{
    const char *at = column->values + (size_t)row * column->stride;
    return column->wide ? *(const sb_int128 *)(const void *)at : *(const int64_t *)(const void *)at;
}

static inline sb_int128
sb_exact_scaled(const sb_exact_column *column, int32_t row)
{
    return (sb_int128)((unsigned __int128)sb_exact_at(column, row) *
                       (unsigned __int128)column->unit);
}

#endif
