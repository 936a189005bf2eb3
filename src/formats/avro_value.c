/*
 * formats/avro_value.c -- see avro_value.h.
 */
#include "formats/avro_value.h"

#include <jansson.h>

static const char what_end[] = "ends too early";
static const char what_depth[] = "nested too deep";

bool
sb_avro_get_block(sb_avro_cursor *c, int64_t *count, int64_t *bytes)
{
    *bytes = -1;
    if (!sb_avro_get_long(c, count) || *count == INT64_MIN) {
        return false;
    }
    if (*count < 0) {
        *count = -*count;
        return sb_avro_get_long(c, bytes) && *bytes >= 0 && *bytes <= c->end - c->at;
    }
    return true;
}

/* Elements of no bytes (null, fixed of size 0) would make a few bytes a long loop. */
static const char *
skip_elements(const sb_avro_schema *element, bool map, sb_avro_cursor *c, int64_t count,
              int32_t depth)
{
    for (int64_t i = 0; i < count; i++) {
        const char *before = c->at;
        sb_str key;
        if (map && !sb_avro_get_bytes(c, &key)) {
            return what_end;
        }
        const char *why = sb_avro_skip(element, c, depth + 1);
        if (why) {
            return why;
        }
        if (c->at == before) {
            return NULL; /* so have the others none */
        }
    }
    return NULL;
}

static const char *
skip_blocks(const sb_avro_schema *schema, sb_avro_cursor *c, int32_t depth)
{
    for (;;) {
        int64_t count, bytes;
        if (!sb_avro_get_block(c, &count, &bytes)) {
            return what_end;
        }
        if (count == 0) {
            return NULL;
        }
        if (bytes >= 0) {
            c->at += bytes;
            continue;
        }
        const char *why =
            skip_elements(schema->branches[0], schema->kind == SB_AVRO_MAP, c, count, depth);
        if (why) {
            return why;
        }
    }
}

const char *
sb_avro_skip(const sb_avro_schema *schema, sb_avro_cursor *c, int32_t depth)
{
    int64_t n;
    const char *raw, *why = NULL;
    sb_str bytes;
    if (depth > SB_AVRO_DEPTH_MAX) {
        return what_depth;
    }
    switch (schema->kind) {
    case SB_AVRO_NULL: return NULL;
    case SB_AVRO_BOOLEAN: return sb_avro_get_raw(c, 1, &raw) ? NULL : what_end;
    case SB_AVRO_INT:
    case SB_AVRO_LONG: return sb_avro_get_long(c, &n) ? NULL : what_end;
    case SB_AVRO_FLOAT: return sb_avro_get_raw(c, 4, &raw) ? NULL : what_end;
    case SB_AVRO_DOUBLE: return sb_avro_get_raw(c, 8, &raw) ? NULL : what_end;
    case SB_AVRO_BYTES:
    case SB_AVRO_STRING: return sb_avro_get_bytes(c, &bytes) ? NULL : what_end;
    case SB_AVRO_FIXED: return sb_avro_get_raw(c, (size_t)schema->size, &raw) ? NULL : what_end;
    case SB_AVRO_ENUM:
        return !sb_avro_get_long(c, &n)      ? what_end
               : n < 0 || n >= schema->count ? "no such symbol"
                                             : NULL;
    case SB_AVRO_RECORD:
        for (int32_t i = 0; i < schema->count && !why; i++) {
            why = sb_avro_skip(schema->fields[i].schema, c, depth + 1);
        }
        return why;
    case SB_AVRO_ARRAY:
    case SB_AVRO_MAP: return skip_blocks(schema, c, depth);
    case SB_AVRO_UNION:
        if (!sb_avro_get_long(c, &n)) {
            return what_end;
        }
        return n < 0 || n >= schema->count ? "no such branch of a union"
                                           : sb_avro_skip(schema->branches[n], c, depth + 1);
    }
    return what_end;
}

/* ---- defaults ---- */

/* Bytes are given as text whose characters are U+0000 to U+00FF. */
static bool
put_bytes(const char *text, size_t size, int32_t fixed, sb_text *out)
{
    sb_text bytes;
    sb_text_init(&bytes, out->mem);
    bool fine = true;
    for (size_t i = 0; i < size && fine; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80) {
            fine = (c == 0xC2 || c == 0xC3) && i + 1 < size;
            c = fine ? (unsigned char)((c & 3) << 6 | ((unsigned char)text[++i] & 0x3F)) : 0;
        }
        sb_text_char(&bytes, (char)c);
    }
    fine = fine && !bytes.failed && (fixed < 0 || bytes.size == (size_t)fixed);
    if (fixed < 0) {
        sb_avro_put_long(out, (int64_t)bytes.size);
    }
    sb_text_append(out, bytes.data, bytes.size);
    sb_text_deinit(&bytes);
    return fine;
}

static bool put_default(const sb_avro_schema *schema, const json_t *json, sb_text *out,
                        int32_t depth);

static bool
put_record(const sb_avro_schema *schema, const json_t *json, sb_text *out, int32_t depth)
{
    for (int32_t i = 0; i < schema->count; i++) {
        const sb_avro_field *field = &schema->fields[i];
        const json_t *value = json_object_get(json, field->name);
        if (value) {
            if (!put_default(field->schema, value, out, depth + 1)) {
                return false;
            }
        } else if (field->otherwise.data) {
            sb_text_append(out, field->otherwise.data, field->otherwise.size);
        } else {
            return false;
        }
    }
    return json_is_object(json);
}

static bool
put_elements(const sb_avro_schema *schema, const json_t *json, sb_text *out, int32_t depth)
{
    bool map = schema->kind == SB_AVRO_MAP;
    size_t count = map ? json_object_size(json) : json_array_size(json);
    if (count > 0) {
        sb_avro_put_long(out, (int64_t)count);
    }
    if (map) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            sb_avro_put_long(out, (int64_t)strlen(key));
            sb_text_add(out, key);
            if (!put_default(schema->branches[0], value, out, depth + 1)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < count && !map; i++) {
        if (!put_default(schema->branches[0], json_array_get(json, i), out, depth + 1)) {
            return false;
        }
    }
    sb_text_char(out, 0);
    return map ? json_is_object(json) : json_is_array(json);
}

static bool
put_symbol(const sb_avro_schema *schema, const json_t *json, sb_text *out)
{
    for (int32_t i = 0; i < schema->count && json_is_string(json); i++) {
        if (strcmp(schema->symbols[i], json_string_value(json)) == 0) {
            sb_avro_put_long(out, i);
            return true;
        }
    }
    return false;
}

static bool
put_default(const sb_avro_schema *schema, const json_t *json, sb_text *out, int32_t depth)
{
    double d = json_number_value(json);
    float f = (float)d;
    const char *text = json_string_value(json);
    if (depth > SB_AVRO_DEPTH_MAX) {
        return false;
    }
    switch (schema->kind) {
    case SB_AVRO_NULL: return json_is_null(json);
    case SB_AVRO_BOOLEAN: sb_text_char(out, json_is_true(json)); return json_is_boolean(json);
    case SB_AVRO_INT:
    case SB_AVRO_LONG:
        sb_avro_put_long(out, json_integer_value(json));
        return json_is_integer(json);
    case SB_AVRO_FLOAT: sb_text_append(out, &f, sizeof f); return json_is_number(json);
    case SB_AVRO_DOUBLE: sb_text_append(out, &d, sizeof d); return json_is_number(json);
    case SB_AVRO_STRING:
        sb_avro_put_long(out, (int64_t)json_string_length(json));
        sb_text_append(out, text ? text : "", json_string_length(json));
        return text != NULL;
    case SB_AVRO_BYTES: return text && put_bytes(text, json_string_length(json), -1, out);
    case SB_AVRO_FIXED: return text && put_bytes(text, json_string_length(json), schema->size, out);
    case SB_AVRO_ENUM: return put_symbol(schema, json, out);
    case SB_AVRO_RECORD: return put_record(schema, json, out, depth);
    case SB_AVRO_ARRAY:
    case SB_AVRO_MAP: return put_elements(schema, json, out, depth);
    case SB_AVRO_UNION: break;
    }
    for (int32_t i = 0; i < schema->count; i++) { /* the first branch, or any that fits */
        size_t size = out->size;
        sb_avro_put_long(out, i);
        if (put_default(schema->branches[i], json, out, depth + 1)) {
            return true;
        }
        out->size = size;
    }
    return false;
}

sb_status
sb_avro_default(sb_arena *arena, const sb_avro_schema *schema, const struct json_t *json,
                const char *field, sb_str *out, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    bool fine = put_default(schema, json, &text, 0), failed = text.failed;
    char *copy = fine && !failed ? sb_arena_alloc(arena, text.size + 64) : NULL;
    if (copy) {
        memcpy(copy, text.data, text.size);
        *out = (sb_str){copy, text.size};
    }
    sb_text_deinit(&text);
    if (!fine && !failed) {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: the default of field '%s' does not fit its type",
                field);
    }
    if (!copy) {
        SB_NOMEM(err);
    }
    return SB_OK;
}
