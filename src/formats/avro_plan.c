/*
 * formats/avro_plan.c -- see avro_plan.h: resolution of schemas.
 */
#include "formats/avro_plan.h"

static sb_status resolve(sb_arena *arena, const sb_avro_schema *writer,
                         const sb_avro_schema *reader, const sb_type *type, sb_avro_step *out,
                         sb_error *err);

static sb_status
forbid(sb_arena *arena, sb_avro_step *out, const sb_avro_schema *writer,
       const sb_avro_schema *reader, sb_error *err)
{
    out->op = SB_AVRO_FORBIDDEN;
    out->why = sb_arena_printf(arena, "the writer's %s is no %s", sb_avro_kind_name(writer),
                               sb_avro_kind_name(reader));
    if (!out->why) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* ---- scalars ---- */

static bool
is_number(const sb_avro_schema *s)
{
    return s->kind >= SB_AVRO_INT && s->kind <= SB_AVRO_DOUBLE;
}

static bool
is_bytes(const sb_avro_schema *s)
{
    return s->kind == SB_AVRO_BYTES || s->kind == SB_AVRO_STRING || s->kind == SB_AVRO_FIXED;
}

/* Microseconds (or for TIME milliseconds) of one unit of the writer's numbers. */
static bool
set_unit(sb_avro_step *out, const sb_avro_schema *writer, const sb_avro_schema *reader)
{
    const sb_avro_schema *told = writer->logical != SB_AVRO_PLAIN ? writer : reader;
    out->multiply = out->divide = 1;
    if (out->type->id == SB_TYPE_TIME) {
        out->op = SB_AVRO_AS_TIME;
        out->divide = told->logical == SB_AVRO_TIME_MICROS ? 1000 : 1;
        return writer->kind == SB_AVRO_INT || told->logical == SB_AVRO_TIME_MICROS;
    }
    out->op = SB_AVRO_AS_TIMESTAMP;
    out->multiply = told->logical == SB_AVRO_MICROS || told->logical == SB_AVRO_NANOS ? 1 : 1000;
    out->divide = told->logical == SB_AVRO_NANOS ? 1000 : 1;
    return writer->kind == SB_AVRO_INT || writer->kind == SB_AVRO_LONG;
}

static bool
resolve_number(const sb_avro_schema *writer, const sb_avro_schema *reader, sb_avro_step *out)
{
    switch ((sb_type_id)out->type->id) {
    case SB_TYPE_TIME:
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return set_unit(out, writer, reader);
    case SB_TYPE_FLOAT: out->op = SB_AVRO_AS_REAL; return writer->kind != SB_AVRO_DOUBLE;
    case SB_TYPE_DOUBLE: out->op = SB_AVRO_AS_REAL; return true;
    case SB_TYPE_BIGINT:
        out->op = SB_AVRO_AS_INTEGER;
        return writer->kind == SB_AVRO_INT || writer->kind == SB_AVRO_LONG;
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_DATE: out->op = SB_AVRO_AS_INTEGER; return writer->kind == SB_AVRO_INT;
    default: return false;
    }
}

static bool
resolve_bytes(const sb_avro_schema *writer, const sb_avro_schema *reader, sb_avro_step *out)
{
    if (sb_type_is_string(out->type)) {
        out->op = SB_AVRO_AS_TEXT;
        return writer->kind != SB_AVRO_FIXED;
    }
    if (sb_type_is_binary(out->type)) {
        out->op = SB_AVRO_AS_BYTES;
        return true;
    }
    if (out->type->id == SB_TYPE_DECIMAL && writer->kind != SB_AVRO_STRING) {
        const sb_avro_schema *told = writer->logical == SB_AVRO_DECIMAL ? writer : reader;
        out->op = SB_AVRO_AS_DECIMAL;
        out->scale = told->logical == SB_AVRO_DECIMAL ? told->scale : out->type->scale;
        return out->scale <= 38;
    }
    return false;
}

/* The text of each of the writer's symbols, by way of the reader's enum if it has one. */
static sb_status
resolve_enum(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_schema *reader,
             sb_avro_step *out, sb_error *err)
{
    if (!sb_type_is_string(out->type)) {
        return forbid(arena, out, writer, reader, err);
    }
    const char **symbols = SB_NEW_ARRAY(arena, const char *, writer->count + 1);
    if (!symbols) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < writer->count; i++) {
        symbols[i] = writer->symbols[i];
        if (reader->kind != SB_AVRO_ENUM) {
            continue;
        }
        int32_t k = 0;
        while (k < reader->count && strcmp(reader->symbols[k], writer->symbols[i]) != 0) {
            k++;
        }
        if (k == reader->count) {
            symbols[i] =
                reader->symbol_otherwise >= 0 ? reader->symbols[reader->symbol_otherwise] : NULL;
        }
    }
    out->op = SB_AVRO_AS_SYMBOL;
    out->symbols = symbols;
    out->count_symbols = writer->count;
    return SB_OK;
}

/* ---- nested ---- */

static bool
has_name(const sb_avro_field *reader, const char *name)
{
    if (strcmp(reader->name, name) == 0) {
        return true;
    }
    for (int32_t i = 0; i < reader->count_aliases; i++) {
        if (strcmp(reader->aliases[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* A field of the reader that the writer does not have. */
static sb_status
resolve_missing(sb_arena *arena, const sb_avro_field *reader, const sb_type *type,
                sb_avro_step *out, sb_error *err)
{
    if (!reader->otherwise.data) {
        out->op = SB_AVRO_FORBIDDEN;
        out->type = type;
        out->why = "is not in the writer's schema and has no default";
        return SB_OK;
    }
    SB_TRY(resolve(arena, reader->schema, reader->schema, type, out, err), err);
    out->otherwise = reader->otherwise;
    return SB_OK;
}

/* Fields of the writer, in its order, then those that it lacks. */
static sb_status
resolve_fields(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_wanted *wanted,
               sb_avro_step *out, sb_error *err)
{
    const sb_avro_schema *reader = wanted->reader;
    out->op = SB_AVRO_AS_ROW;
    out->steps = SB_NEW_ARRAY(arena, sb_avro_step, writer->count + wanted->count + 1);
    uint8_t *found = SB_NEW_ARRAY(arena, uint8_t, wanted->count + 1);
    if (!out->steps || !found) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < writer->count; i++) {
        const sb_avro_field *field = &writer->fields[i];
        sb_avro_step *step = &out->steps[out->count++];
        int32_t k = 0;
        while (k < wanted->count && (found[k] || !has_name(&reader->fields[k], field->name))) {
            k++;
        }
        *step = (sb_avro_step){.op = SB_AVRO_SKIP, .writer = field->schema, .place = -1};
        if (k == wanted->count) {
            continue;
        }
        found[k] = 1;
        if (wanted->places[k] >= 0) {
            SB_TRY(resolve(arena, field->schema, reader->fields[k].schema, &wanted->fields[k].type,
                           step, err),
                   err);
            step->place = wanted->places[k];
            step->name = wanted->fields[k].name;
        }
    }
    out->count_own = out->count;
    for (int32_t k = 0; k < wanted->count; k++) {
        if (!found[k] && wanted->places[k] >= 0) {
            sb_avro_step *step = &out->steps[out->count++];
            SB_TRY(resolve_missing(arena, &reader->fields[k], &wanted->fields[k].type, step, err),
                   err);
            step->place = wanted->places[k];
            step->name = wanted->fields[k].name;
        }
    }
    return SB_OK;
}

static sb_status
resolve_row(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_schema *reader,
            const sb_type *type, sb_avro_step *out, sb_error *err)
{
    int32_t *places = SB_NEW_ARRAY(arena, int32_t, type->count_children + 1);
    if (!places) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < type->count_children; i++) {
        places[i] = i;
    }
    if (type->id != SB_TYPE_ROW || reader->kind != SB_AVRO_RECORD ||
        type->count_children != reader->count) {
        return forbid(arena, out, writer, reader, err);
    }
    sb_avro_wanted wanted = {reader, type->count_children, type->children, places};
    return resolve_fields(arena, writer, &wanted, out, err);
}

static sb_status
resolve_elements(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_schema *reader,
                 const sb_type *type, sb_avro_step *out, sb_error *err)
{
    bool list = writer->kind == SB_AVRO_ARRAY;
    bool fits = reader->kind == writer->kind && type->id == (list ? SB_TYPE_ARRAY : SB_TYPE_MAP);
    if (!fits) {
        return forbid(arena, out, writer, reader, err);
    }
    const sb_type *element = &type->children[list ? 0 : 1].type;
    out->op = list ? SB_AVRO_AS_LIST : SB_AVRO_AS_MAP;
    out->steps = SB_NEW_ARRAY(arena, sb_avro_step, 1);
    out->count = 1;
    if (!out->steps) {
        SB_NOMEM(err);
    }
    return resolve(arena, writer->branches[0], reader->branches[0], element, out->steps, err);
}

static sb_status
resolve_union(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_schema *reader,
              const sb_type *type, sb_avro_step *out, sb_error *err)
{
    out->op = SB_AVRO_BRANCH;
    out->steps = SB_NEW_ARRAY(arena, sb_avro_step, writer->count + 1);
    out->count = writer->count;
    if (!out->steps) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < writer->count; i++) {
        SB_TRY(resolve(arena, writer->branches[i], reader, type, &out->steps[i], err), err);
    }
    return SB_OK;
}

static sb_status
resolve(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_schema *reader,
        const sb_type *type, sb_avro_step *out, sb_error *err)
{
    bool nullable, fine = false;
    const sb_avro_schema *wanted = sb_avro_not_null(reader, &nullable);
    *out = (sb_avro_step){.type = type, .writer = writer, .place = -1};
    if (writer->kind == SB_AVRO_UNION) {
        return resolve_union(arena, writer, reader, type, out, err);
    }
    if (writer->kind == SB_AVRO_NULL) {
        out->op = SB_AVRO_AS_NULL;
        return nullable ? SB_OK : forbid(arena, out, writer, reader, err);
    }
    if (!wanted) {
        return forbid(arena, out, writer, reader, err);
    }
    switch (writer->kind) {
    case SB_AVRO_RECORD: return resolve_row(arena, writer, wanted, type, out, err);
    case SB_AVRO_ARRAY:
    case SB_AVRO_MAP: return resolve_elements(arena, writer, wanted, type, out, err);
    case SB_AVRO_ENUM: return resolve_enum(arena, writer, wanted, out, err);
    case SB_AVRO_BOOLEAN:
        out->op = SB_AVRO_AS_BOOLEAN;
        fine = type->id == SB_TYPE_BOOLEAN;
        break;
    default:
        fine = is_number(writer)  ? resolve_number(writer, wanted, out)
               : is_bytes(writer) ? resolve_bytes(writer, wanted, out)
                                  : false;
        break;
    }
    return fine ? SB_OK : forbid(arena, out, writer, wanted, err);
}

sb_status
sb_avro_plan_record(sb_arena *arena, const sb_avro_schema *writer, const sb_avro_wanted *wanted,
                    sb_avro_step *out, sb_error *err)
{
    *out = (sb_avro_step){.writer = writer, .place = -1};
    if (writer->kind == SB_AVRO_RECORD) {
        return resolve_fields(arena, writer, wanted, out, err);
    }
    if (writer->kind != SB_AVRO_UNION) {
        SB_FAIL(err, SB_STATUS_DATA, "the writer's schema is no record but %s",
                sb_avro_kind_name(writer));
    }
    out->op = SB_AVRO_BRANCH;
    out->count = writer->count;
    out->steps = SB_NEW_ARRAY(arena, sb_avro_step, writer->count + 1);
    if (!out->steps) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < writer->count; i++) {
        sb_avro_step *step = &out->steps[i];
        const sb_avro_schema *branch = writer->branches[i];
        *step = (sb_avro_step){.op = SB_AVRO_FORBIDDEN, .why = "no record", .place = -1};
        if (branch->kind == SB_AVRO_RECORD) {
            SB_TRY(resolve_fields(arena, branch, wanted, step, err), err);
        }
    }
    return SB_OK;
}
