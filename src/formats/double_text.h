/*
 * formats/double_text.h -- floating point numbers <-> decimal digits, correctly rounded (C++ standard library behind).
 */
#ifndef SB_FORMATS_DOUBLE_TEXT_H
#define SB_FORMATS_DOUBLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Shortest digits that give the finite value back, without sign; value = 0.d1d2... * 10^*point. At least two digits when Java
 * would take two (4.9E-324). Returns the count of digits (<= 17). */
int sb_double_digits(double value, char digits[24], int *point);
int sb_float_digits(float value, char digits[24], int *point);
/* [sign] digits [. digits] [e exponent], all of it; no blanks. Out of range: infinity or zero, as Java does. */
bool sb_text_to_double(const char *text, size_t size, double *out);
bool sb_text_to_float(const char *text, size_t size, float *out);

#ifdef __cplusplus
}
#endif

#endif
