/*
 * formats/avro_value.h -- Avro's binary form: a cursor that never reads behind its end, skipping,
 * and defaults of schemas.
 */
#ifndef SB_FORMATS_AVRO_VALUE_H
#define SB_FORMATS_AVRO_VALUE_H

#include <string.h>

#include "formats/avro_schema.h"

typedef struct sb_avro_cursor {
    const char *at, *end;
} sb_avro_cursor;

/* False: it ends too early, or has more than ten bytes. */
static inline bool
sb_avro_get_long(sb_avro_cursor *c, int64_t *out)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (c->at >= c->end) {
            return false;
        }
        uint64_t byte = (unsigned char)*c->at++;
        v |= shift < 64 ? (byte & 0x7F) << shift : 0;
        if (byte < 0x80) {
            *out = (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
            return true;
        }
    }
    return false;
}

static inline bool
sb_avro_get_raw(sb_avro_cursor *c, size_t size, const char **out)
{
    if ((size_t)(c->end - c->at) < size) {
        return false;
    }
    *out = c->at;
    c->at += size;
    return true;
}

static inline bool
sb_avro_get_bytes(sb_avro_cursor *c, sb_str *out)
{
    int64_t size;
    if (!sb_avro_get_long(c, &size) || size < 0) {
        return false;
    }
    out->size = (size_t)size;
    return sb_avro_get_raw(c, out->size, &out->data);
}

/* The next block of an array or map: *count elements (0: the end), bytes of them or -1. */
bool sb_avro_get_block(sb_avro_cursor *c, int64_t *count, int64_t *bytes);

/* Steps over a value; NULL, or what is wrong. */
const char *sb_avro_skip(const sb_avro_schema *schema, sb_avro_cursor *c, int32_t depth);

struct json_t;
/* The default of a field in the binary form of its schema (of a union: of its first branch). */
sb_status sb_avro_default(sb_arena *arena, const sb_avro_schema *schema, const struct json_t *json,
                          const char *field, sb_str *out, sb_error *err);

#endif
