/*
 * formats/avro_schema.c -- see avro_schema.h: JSON into a tree.
 */
#include "formats/avro_schema.h"

#include <jansson.h>
#include <string.h>

#include "formats/avro_value.h"

#define NAMES_MAX  1024 /* named types of a schema */
#define TEXT_SLACK 17   /* symbols become values of columns: 16 bytes behind are readable */

typedef struct parser {
    sb_arena *arena;
    int32_t depth, count_names;
    sb_avro_schema *names[NAMES_MAX];
} parser;

static const char *const kind_names[] = {"null",   "boolean", "int",    "long",   "float",
                                         "double", "bytes",   "string", "record", "enum",
                                         "array",  "map",     "union",  "fixed"};

const char *
sb_avro_kind_name(const sb_avro_schema *schema)
{
    return kind_names[schema->kind];
}

static sb_status parse(parser *p, const json_t *json, const char *space, const sb_avro_schema **out,
                       sb_error *err);

/* ---- names ---- */

static const char *
full_name(parser *p, const char *name, const char *space)
{
    return strchr(name, '.') || !space || !*space ? sb_arena_strdup(p->arena, name)
                                                  : sb_arena_printf(p->arena, "%s.%s", space, name);
}

/* The namespace of a full name. */
static const char *
space_of(parser *p, const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? sb_arena_strndup(p->arena, name, (size_t)(dot - name)) : "";
}

static sb_status
parse_name(parser *p, const json_t *json, const char *space, const sb_avro_schema **out,
           sb_error *err)
{
    const char *name = json_string_value(json);
    for (int i = 0; i <= SB_AVRO_STRING; i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            sb_avro_schema *s = SB_NEW(p->arena, sb_avro_schema);
            if (!s) {
                SB_NOMEM(err);
            }
            s->kind = (sb_avro_kind)i;
            *out = s;
            return SB_OK;
        }
    }
    const char *full = full_name(p, name, space);
    for (int32_t i = 0; full && i < p->count_names; i++) {
        if (strcmp(p->names[i]->name, full) == 0 || strcmp(p->names[i]->name, name) == 0) {
            *out = p->names[i];
            return SB_OK;
        }
    }
    SB_FAIL(err, SB_STATUS_DATA, "Avro schema: there is no type '%s'", name);
}

/* ---- types ---- */

static sb_avro_logical
logical_of(const json_t *json, const sb_avro_schema *s)
{
    static const struct {
        const char *name;
        sb_avro_kind kind;
        sb_avro_logical logical;
    } logicals[] = {
        {"date", SB_AVRO_INT, SB_AVRO_DATE},
        {"time-millis", SB_AVRO_INT, SB_AVRO_TIME_MILLIS},
        {"time-micros", SB_AVRO_LONG, SB_AVRO_TIME_MICROS},
        {"timestamp-millis", SB_AVRO_LONG, SB_AVRO_MILLIS},
        {"timestamp-micros", SB_AVRO_LONG, SB_AVRO_MICROS},
        {"timestamp-nanos", SB_AVRO_LONG, SB_AVRO_NANOS},
        {"local-timestamp-millis", SB_AVRO_LONG, SB_AVRO_MILLIS},
        {"local-timestamp-micros", SB_AVRO_LONG, SB_AVRO_MICROS},
        {"local-timestamp-nanos", SB_AVRO_LONG, SB_AVRO_NANOS},
        {"decimal", SB_AVRO_BYTES, SB_AVRO_DECIMAL},
        {"decimal", SB_AVRO_FIXED, SB_AVRO_DECIMAL},
    };

    const char *name = json_string_value(json_object_get(json, "logicalType"));
    for (size_t i = 0; name && i < sizeof logicals / sizeof logicals[0]; i++) {
        if (strcmp(logicals[i].name, name) == 0 && logicals[i].kind == s->kind) {
            return logicals[i].logical;
        }
    }
    return SB_AVRO_PLAIN;
}

static void
read_logical(const json_t *json, sb_avro_schema *s)
{
    s->logical = logical_of(json, s);
    if (s->logical == SB_AVRO_DECIMAL) {
        json_int_t precision = json_integer_value(json_object_get(json, "precision"));
        json_int_t scale = json_integer_value(json_object_get(json, "scale"));
        bool fine = precision > 0 && precision < 10000 && scale >= 0 && scale <= precision;
        s->logical = fine ? SB_AVRO_DECIMAL : SB_AVRO_PLAIN;
        s->precision = (int32_t)precision;
        s->scale = (int32_t)scale;
    }
}

static sb_status
copy_texts(parser *p, const json_t *array, const char ***out, int32_t *count, sb_error *err)
{
    size_t size = json_array_size(array);
    *out = SB_NEW_ARRAY(p->arena, const char *, size + 1);
    *count = (int32_t)size;
    if (!*out) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < size; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (!text) {
            SB_FAIL(err, SB_STATUS_DATA, "Avro schema: a symbol or alias is no text");
        }
        size_t length = strlen(text);
        char *copy = sb_arena_alloc(p->arena, length + TEXT_SLACK);
        if (!copy) {
            SB_NOMEM(err);
        }
        (*out)[i] = memcpy(copy, text, length);
    }
    return SB_OK;
}

static sb_status
parse_record(parser *p, const json_t *json, sb_avro_schema *s, sb_error *err)
{
    const json_t *fields = json_object_get(json, "fields");
    size_t count = json_array_size(fields);
    const char *space = space_of(p, s->name);
    sb_avro_field *out = SB_NEW_ARRAY(p->arena, sb_avro_field, count + 1);
    if (!out || !space) {
        SB_NOMEM(err);
    }
    if (!json_is_array(fields)) {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: record '%s' has no fields", s->name);
    }
    s->fields = out;
    for (size_t i = 0; i < count; i++) {
        const json_t *field = json_array_get(fields, i), *type = json_object_get(field, "type");
        const char *name = json_string_value(json_object_get(field, "name"));
        if (!name || !type) {
            SB_FAIL(err, SB_STATUS_DATA, "Avro schema: a field of '%s' has no name or type",
                    s->name);
        }
        out[i].name = sb_arena_strdup(p->arena, name);
        SB_TRY(copy_texts(p, json_object_get(field, "aliases"), &out[i].aliases,
                          &out[i].count_aliases, err),
               err);
        SB_TRY(parse(p, type, space, &out[i].schema, err), err);
        const json_t *otherwise = json_object_get(field, "default");
        if (otherwise) {
            SB_TRY(
                sb_avro_default(p->arena, out[i].schema, otherwise, name, &out[i].otherwise, err),
                err);
        }
        s->count = (int32_t)i + 1;
    }
    return SB_OK;
}

static sb_status
parse_enum(parser *p, const json_t *json, sb_avro_schema *s, sb_error *err)
{
    SB_TRY(copy_texts(p, json_object_get(json, "symbols"), &s->symbols, &s->count, err), err);
    const char *otherwise = json_string_value(json_object_get(json, "default"));
    s->symbol_otherwise = -1;
    for (int32_t i = 0; i < s->count; i++) {
        if (otherwise && strcmp(s->symbols[i], otherwise) == 0) {
            s->symbol_otherwise = i;
        }
    }
    return SB_OK;
}

static sb_status
parse_named(parser *p, const json_t *json, const char *space, sb_avro_schema *s, sb_error *err)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *own = json_string_value(json_object_get(json, "namespace"));
    if (!name) {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: a %s has no name", sb_avro_kind_name(s));
    }
    s->name = full_name(p, name, own ? own : space);
    if (!s->name) {
        SB_NOMEM(err);
    }
    if (p->count_names == NAMES_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "Avro schema: more than %d named types", NAMES_MAX);
    }
    p->names[p->count_names++] = s; /* before its fields: they may refer to it */
    if (s->kind == SB_AVRO_RECORD) {
        return parse_record(p, json, s, err);
    }
    if (s->kind == SB_AVRO_ENUM) {
        return parse_enum(p, json, s, err);
    }
    json_int_t size = json_integer_value(json_object_get(json, "size"));
    if (!json_is_integer(json_object_get(json, "size")) || size < 0 || size > (64 << 20)) {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: fixed '%s' has no size", s->name);
    }
    s->size = (int32_t)size;
    return SB_OK;
}

static sb_status
parse_object(parser *p, const json_t *json, const char *space, const sb_avro_schema **out,
             sb_error *err)
{
    const json_t *type = json_object_get(json, "type");
    const char *name = json_string_value(type);
    if (!name) { /* {"type": {...}} */
        return parse(p, type, space, out, err);
    }
    int kind = 0;
    while (kind <= SB_AVRO_FIXED && (kind == SB_AVRO_UNION || strcmp(name, kind_names[kind]))) {
        kind++;
    }
    if (kind > SB_AVRO_FIXED && strcmp(name, "error") == 0) {
        kind = SB_AVRO_RECORD;
    }
    if (kind > SB_AVRO_FIXED) {
        return parse_name(p, type, space, out, err);
    }
    sb_avro_schema *s = SB_NEW(p->arena, sb_avro_schema);
    if (!s) {
        SB_NOMEM(err);
    }
    s->kind = (sb_avro_kind)kind;
    *out = s;
    if (kind == SB_AVRO_RECORD || kind == SB_AVRO_ENUM || kind == SB_AVRO_FIXED) {
        SB_TRY(parse_named(p, json, space, s, err), err);
    } else if (kind == SB_AVRO_ARRAY || kind == SB_AVRO_MAP) {
        const json_t *inner = json_object_get(json, kind == SB_AVRO_ARRAY ? "items" : "values");
        s->branches = SB_NEW(p->arena, const sb_avro_schema *);
        if (!s->branches) {
            SB_NOMEM(err);
        }
        SB_TRY(parse(p, inner, space, &s->branches[0], err), err);
        s->count = 1;
    }
    read_logical(json, s);
    return SB_OK;
}

static sb_status
parse_union(parser *p, const json_t *json, const char *space, const sb_avro_schema **out,
            sb_error *err)
{
    size_t count = json_array_size(json);
    sb_avro_schema *s = SB_NEW(p->arena, sb_avro_schema);
    const sb_avro_schema **branches = SB_NEW_ARRAY(p->arena, const sb_avro_schema *, count + 1);
    if (!s || !branches) {
        SB_NOMEM(err);
    }
    *s = (sb_avro_schema){.kind = SB_AVRO_UNION, .branches = branches};
    *out = s;
    for (size_t i = 0; i < count; i++) {
        SB_TRY(parse(p, json_array_get(json, i), space, &branches[i], err), err);
        if (branches[i]->kind == SB_AVRO_UNION) {
            SB_FAIL(err, SB_STATUS_DATA, "Avro schema: a union in a union");
        }
        s->count = (int32_t)i + 1;
    }
    return SB_OK;
}

static sb_status
parse(parser *p, const json_t *json, const char *space, const sb_avro_schema **out, sb_error *err)
{
    sb_status status;
    if (++p->depth > SB_AVRO_DEPTH_MAX) {
        SB_FAIL(err, SB_STATUS_LIMIT, "Avro schema: nested too deep");
    }
    if (json_is_string(json)) {
        status = parse_name(p, json, space, out, err);
    } else if (json_is_array(json)) {
        status = parse_union(p, json, space, out, err);
    } else if (json_is_object(json)) {
        status = parse_object(p, json, space, out, err);
    } else {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: a type is missing");
    }
    p->depth--;
    return status;
}

sb_status
sb_avro_schema_parse(sb_arena *arena, sb_str json, const sb_avro_schema **out, sb_error *err)
{
    json_error_t why;
    json_t *root = json_loadb(json.data, json.size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        SB_FAIL(err, SB_STATUS_DATA, "Avro schema: %s at byte %d", why.text, why.position);
    }
    parser *p = SB_NEW(arena, parser);
    sb_status status = SB_STATUS_NOMEM;
    if (p) {
        p->arena = arena;
        status = parse(p, root, "", out, err);
    } else {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    json_decref(root);
    return status;
}

const sb_avro_schema *
sb_avro_not_null(const sb_avro_schema *schema, bool *nullable)
{
    *nullable = schema->kind == SB_AVRO_NULL;
    if (schema->kind != SB_AVRO_UNION) {
        return schema;
    }
    const sb_avro_schema *found = NULL;
    for (int32_t i = 0; i < schema->count; i++) {
        if (schema->branches[i]->kind == SB_AVRO_NULL) {
            *nullable = true;
        } else if (found) {
            return NULL;
        } else {
            found = schema->branches[i];
        }
    }
    return found;
}

void
sb_avro_put_long(sb_text *out, int64_t v)
{
    uint64_t rest = ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
    char bytes[10];
    size_t size = 0;
    for (; rest >= 0x80; rest >>= 7) {
        bytes[size++] = (char)(rest | 0x80);
    }
    bytes[size++] = (char)rest;
    sb_text_append(out, bytes, size);
}
