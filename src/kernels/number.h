/*
 * kernels/number.h -- numbers as text, the way Java writes and reads them.
 *
 * DESIGN     DOUBLE and FLOAT print as Double.toString of Java 17: digits that read back as the
 * same value, sometimes one more than needed (java_digits.h), at least one digit on each side of
 * the point, "1.0E10" from 10^7 on and below 10^-3. THREADS    T:any
 */
#ifndef SB_KERNELS_NUMBER_H
#define SB_KERNELS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SB_DOUBLE_TEXT 32 /* room for any printed double or int64 */

/* Not zero-terminated; return the length. */
size_t sb_double_print(char *buffer, double value);
size_t sb_float_print(char *buffer, float value);
size_t sb_int_print(char *buffer, int64_t value);

/* Double.parseDouble: decimal and hexadecimal notation, NaN, Infinity, a suffix f or d. No spaces
 * around. */
bool sb_double_parse(const char *text, size_t size, double *out);
bool sb_float_parse(const char *text, size_t size, float *out);

typedef enum sb_int_parse_result {
    SB_INT_OK,
    SB_INT_BAD,      /* not a number */
    SB_INT_OVERFLOW, /* outside [min, max] */
} sb_int_parse_result;

/* [+-]digits[.digits]: a fraction is checked and dropped. */
sb_int_parse_result sb_int_parse(const char *text, size_t size, int64_t min, int64_t max,
                                 int64_t *out);

#endif
