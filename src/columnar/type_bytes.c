/*
 * columnar/type_bytes.c -- types and schemas as durable bytes.
 *
 * DESIGN     type: u8 id (128 more: a C string, its class, follows the fields), u8 nullable, u8
 *            precision, u8 scale, varint length, varint children, fields. field: C string name, u32
 *            column id, type. schema: varint count, fields. What is read is checked as a whole: a
 *            type that passed can be used without further care.
 * THREADS    T:any
 */
#include <string.h>

#include "columnar/type.h"

#define STRUCTURED      128 /* in the id */
#define DEPTH_MAX       64  /* nested types */
#define FIELD_BYTES_MIN 11  /* smallest field: bounds the count before anything is allocated */

static void
write_fields(sb_writer *w, const sb_field *fields, int32_t count)
{
    sb_write_varint(w, (uint64_t)count);
    for (int32_t i = 0; i < count; i++) {
        sb_write_cstr(w, fields[i].name);
        sb_write_u32(w, fields[i].column_id);
        sb_type_write(w, &fields[i].type);
    }
}

void
sb_type_write(sb_writer *w, const sb_type *type)
{
    sb_write_u8(w, (uint8_t)(type->id | (type->class_name ? STRUCTURED : 0)));
    sb_write_u8(w, type->nullable);
    sb_write_u8(w, type->precision);
    sb_write_u8(w, type->scale);
    sb_write_varint(w, (uint64_t)type->length);
    write_fields(w, type->children, type->count_children);
    if (type->class_name) {
        sb_write_cstr(w, type->class_name);
    }
}

void
sb_schema_write(sb_writer *w, const sb_schema *schema)
{
    write_fields(w, schema->fields, schema->count);
}

static bool
type_makes_sense(const sb_type *t)
{
    bool nested = sb_type_is_nested(t);
    int32_t wanted = t->id == SB_TYPE_MAP   ? 2
                     : t->id == SB_TYPE_ROW ? t->count_children
                     : nested               ? 1
                                            : 0;
    if (t->count_children != wanted) {
        return false;
    }
    if (t->id == SB_TYPE_DECIMAL) {
        return t->precision >= 1 && t->precision <= 38 && t->scale <= t->precision;
    }
    if (t->id == SB_TYPE_TIME || sb_type_is_timestamp(t)) {
        return t->precision <= 9;
    }
    return true;
}

static sb_status read_type(sb_reader *r, sb_arena *arena, int depth, sb_type *out, sb_error *err);

static sb_status
read_fields(sb_reader *r, sb_arena *arena, int depth, int32_t *out_count, const sb_field **out,
            sb_error *err)
{
    uint64_t count = sb_read_varint(r);
    if (count > sb_reader_left(r) / FIELD_BYTES_MIN) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "schema is damaged: impossible number of fields");
    }
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, count);
    if (!fields) {
        SB_NOMEM(err);
    }
    for (uint64_t i = 0; i < count; i++) {
        fields[i].name = sb_read_cstr(r, arena);
        fields[i].column_id = sb_read_u32(r);
        SB_TRY(read_type(r, arena, depth + 1, &fields[i].type, err), err);
    }
    *out_count = (int32_t)count;
    *out = fields;
    return SB_OK;
}

static sb_status
read_type(sb_reader *r, sb_arena *arena, int depth, sb_type *out, sb_error *err)
{
    sb_type type = {0};
    uint8_t id = sb_read_u8(r);
    type.id = id & (STRUCTURED - 1);
    type.nullable = sb_read_u8(r) != 0;
    type.precision = sb_read_u8(r);
    type.scale = sb_read_u8(r);
    uint64_t length = sb_read_varint(r);
    SB_TRY(sb_reader_done(r, "type", err), err);
    if (type.id >= SB_TYPE_ID_COUNT || length > SB_LENGTH_MAX || depth > DEPTH_MAX) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "type is damaged: id %d, length %llu, depth %d", type.id,
                (unsigned long long)length, depth);
    }
    type.length = (int32_t)length;
    SB_TRY(read_fields(r, arena, depth, &type.count_children, &type.children, err), err);
    if (id & STRUCTURED) {
        type.class_name = sb_read_cstr(r, arena);
    }
    SB_TRY(sb_reader_done(r, "type", err), err);
    if ((id & STRUCTURED) && (type.id != SB_TYPE_ROW || !type.class_name)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "type is damaged: id %d with a class", type.id);
    }
    if (!type_makes_sense(&type)) {
        SB_FAIL(err, SB_STATUS_CORRUPT,
                "type is damaged: id %d with precision %d, scale %d, %d children", type.id,
                type.precision, type.scale, type.count_children);
    }
    *out = type;
    return SB_OK;
}

sb_status
sb_type_read(sb_reader *r, sb_arena *arena, sb_type *out, sb_error *err)
{
    return read_type(r, arena, 0, out, err);
}

sb_status
sb_schema_read(sb_reader *r, sb_arena *arena, sb_schema **out, sb_error *err)
{
    sb_schema *schema = SB_NEW(arena, sb_schema);
    if (!schema) {
        SB_NOMEM(err);
    }
    SB_TRY(read_fields(r, arena, 0, &schema->count, &schema->fields, err), err);
    SB_TRY(sb_reader_done(r, "schema", err), err);
    *out = schema;
    return SB_OK;
}
