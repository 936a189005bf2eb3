/*
 * formats/json_value.h -- one scalar of JSON text as a value of an SQL type, by the rules of
 * Flink's json format.
 *
 * DESIGN     Flink takes a value of another JSON type where Java would: numbers and booleans in
 *            strings, numbers as strings, fractions cut off for INT and BIGINT. Whole objects and
 *            arrays become their text in a string column.
 */
#ifndef SB_FORMATS_JSON_VALUE_H
#define SB_FORMATS_JSON_VALUE_H

#include "columnar/type.h"

typedef enum sb_json_got { SB_JSON_VALUE, SB_JSON_NULL, SB_JSON_BAD, SB_JSON_NOMEM } sb_json_got;

typedef struct sb_json_values { /* what conversions need */
    sb_arena *scratch;          /* bytes of unescaped strings; its owner clears it */
    sb_text *text;              /* for compact containers */
    bool iso;
} sb_json_values;

/* The value from its first byte at `p` to its end, blanks removed. `out`: the physical value, but
 * an sb_str for VIEW kinds: its bytes stand in the text or in scratch; 16 bytes behind it are
 * readable. */
sb_json_got sb_json_scalar(sb_json_values *v, const sb_type *type, const char *p, const char *end,
                           void *out);

/* The body of the string value [p, end) without escapes; BAD: no string. */
sb_json_got sb_json_string(sb_json_values *v, const char *p, const char *end, sb_str *out);

/* `end` moved back over blanks. */
static inline const char *
sb_json_trim(const char *p, const char *end)
{
    while (end > p && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t')) {
        end--;
    }
    return end;
}

#endif
