/*
 * formats/double_text.h -- decimal text -> floating point numbers, correctly rounded (C++ standard
 * library behind).
 */
#ifndef SB_FORMATS_DOUBLE_TEXT_H
#define SB_FORMATS_DOUBLE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* [sign] digits [. digits] [e exponent], all of it; no blanks. Out of range: infinity or zero,
 * as Java does. */
bool sb_text_to_double(const char *text, size_t size, double *out);
bool sb_text_to_float(const char *text, size_t size, float *out);

#ifdef __cplusplus
}
#endif

#endif
