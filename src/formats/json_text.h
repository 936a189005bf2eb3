/*
 * formats/json_text.h -- strings of JSON: escapes both ways, and a value written again in compact
 * form.
 */
#ifndef SB_FORMATS_JSON_TEXT_H
#define SB_FORMATS_JSON_TEXT_H

#include "base/text.h"

/* The body of a string (between its quotes) without escapes; at most `size` bytes go to `out`.
 * False: a bad escape. */
bool sb_json_unescape(const char *body, size_t size, char *out, size_t *out_size);

typedef enum sb_json_astral { SB_JSON_ASTRAL_PAIRS, SB_JSON_ASTRAL_RAW } sb_json_astral;

/* With quotes, as Jackson writes it: control bytes as \n or \u001F; code points above U+FFFF as
 * \uD83D\uDE00 with PAIRS. */
void sb_json_write_string(sb_text *out, const char *data, size_t size, sb_json_astral astral);

/* A valid value again without blanks, escapes and floating point numbers in their usual form.
 * False: bad escape or number. */
bool sb_json_compact(const char *text, size_t size, sb_text *out);

/* Is it a number by the grammar of JSON? *out_integer: without fraction and exponent. */
bool sb_json_is_number(const char *text, size_t size, bool *out_integer);

#endif
