/*
 * kernels/decimal.h -- decimal arithmetic with the results of java.math.BigDecimal as Flink uses
 * it.
 *
 * DESIGN     A value is an unscaled 128-bit integer and a scale that its type tells. Results are
 * rounded HALF_UP to the wanted scale; a function returns false when the result has more digits
 * than the precision (SQL: NULL). Intermediate values go through 512 bits where 128 do not do.
 * THREADS    T:any
 */
#ifndef SB_KERNELS_DECIMAL_H
#define SB_KERNELS_DECIMAL_H

#include "columnar/type.h"

#define SB_DECIMAL_MAX  38
#define SB_DECIMAL_TEXT 48 /* room for any printed decimal */

/* The type of a result; precision 1..38. */
typedef struct sb_decimal_spec {
    int precision, scale;
} sb_decimal_spec;

sb_int128 sb_decimal_pow10(int exponent); /* 0..38 */
bool sb_decimal_fits(sb_int128 value, int precision);
int sb_decimal_digits(sb_int128 value); /* of |value|; 1 for 0 */

bool sb_decimal_rescale(sb_int128 value, int scale, sb_decimal_spec to, sb_int128 *out);
bool sb_decimal_add(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                    sb_int128 *out);
bool sb_decimal_multiply(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                         sb_int128 *out);
/* b is not 0. The quotient is rounded to 38 digits first, then to the scale, as Flink does. */
bool sb_decimal_divide(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                       sb_int128 *out);
/* b is not 0. The sign is that of a. */
bool sb_decimal_remainder(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                          sb_int128 *out);
int sb_decimal_compare(sb_int128 a, int scale_a, sb_int128 b, int scale_b);
/* Largest integer <= value (floor) or smallest >= value; scale of the result is 0. */
sb_int128 sb_decimal_floor(sb_int128 value, int scale);
sb_int128 sb_decimal_ceil(sb_int128 value, int scale);

double sb_decimal_to_double(sb_int128 value, int scale);
/* Through the shortest decimal text of the double (BigDecimal.valueOf). False also for NaN and
 * infinities. */
bool sb_decimal_from_double(double value, sb_decimal_spec to, sb_int128 *out);
/* Plain notation ("-0.05"); not zero-terminated; returns the length. */
size_t sb_decimal_print(char *buffer, sb_int128 value, int scale);

typedef enum sb_decimal_parse {
    SB_DECIMAL_OK,
    SB_DECIMAL_BAD,      /* not a number */
    SB_DECIMAL_TOO_LARGE /* a number with too many digits */
} sb_decimal_parse;

/* [+-]digits[.digits][e[+-]digits], no spaces. */
sb_decimal_parse sb_decimal_from_text(const char *text, size_t size, sb_decimal_spec to,
                                      sb_int128 *out);

#endif
