/*
 * kernels/json_string.h -- a text as a string of JSON, as Jackson writes it.
 *
 * THREADS    T:any
 */
#ifndef SB_KERNELS_JSON_STRING_H
#define SB_KERNELS_JSON_STRING_H

#include "base/text.h"

/* With quotes and escapes. */
void sb_json_quote(sb_str s, sb_text *out);

#endif
