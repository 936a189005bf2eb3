/*
 * formats/json_nested.h -- values of any type from an indexed run of JSON, straight into a column
 * builder: lists, maps, and rows in them.
 */
#ifndef SB_FORMATS_JSON_NESTED_H
#define SB_FORMATS_JSON_NESTED_H

#include "formats/format.h"
#include "formats/json_options.h"
#include "formats/json_value.h"

typedef struct sb_json_nested {
    sb_json_values *values;
    const sb_json_options *options;
    const char *base;
    const uint32_t *tokens;
} sb_json_nested;

/* The value at a token whose structure is known to be right. Appends exactly one value to `to` (a
 * NULL for NULL), unless it is BAD or there is no memory. `to` NULL: only finds out whether it can
 * be read, so that nothing has to be taken back. */
sb_json_got sb_json_nested_read(sb_json_nested *n, const sb_type *type, uint32_t token,
                                sb_column_builder *to);

/* The token behind the value at a token. */
uint32_t sb_json_nested_next(const sb_json_nested *n, uint32_t token);

#endif
