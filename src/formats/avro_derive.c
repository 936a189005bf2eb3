/*
 * formats/avro_derive.c -- the schema of a table's columns, as Flink derives it: names of records
 * follow the names of columns, what may be NULL is a union with null.
 */
#include <string.h>

#include "formats/avro_schema.h"
#include "formats/json_text.h"

static sb_status derive(const char *column, const sb_type *type, const char *name, bool legacy,
                        sb_text *out, sb_error *err);

static void
put_quoted(sb_text *out, const char *text)
{
    sb_json_write_string(out, text, strlen(text), SB_JSON_ASTRAL_RAW);
}

static bool
is_name(const char *name)
{
    bool fine = *name && strspn(name, "0123456789") == 0;
    for (const char *p = name; *p && fine; p++) {
        fine = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
               *p == '_';
    }
    return fine;
}

static sb_status
derive_fields(int32_t count, const sb_field *fields, const char *column, const char *name,
              bool legacy, sb_text *out, sb_error *err)
{
    sb_text_add(out, "{\"type\":\"record\",\"name\":");
    const char *dot = strrchr(name, '.');
    put_quoted(out, dot ? dot + 1 : name);
    if (!column) { /* the outermost one; the others inherit it */
        sb_text_add(out, ",\"namespace\":\"org.apache.flink.avro.generated\"");
    }
    sb_text_add(out, ",\"fields\":[");
    for (int32_t i = 0; i < count; i++) {
        const sb_field *field = &fields[i];
        char inner[512];
        if (!is_name(field->name)) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "Avro has no fields named '%s'", field->name);
        }
        sb_text path;
        sb_text_init(&path, out->mem);
        sb_text_printf(&path, "%s_%s", name, field->name);
        if (path.failed || path.size >= sizeof inner) {
            bool failed = path.failed;
            sb_text_deinit(&path);
            SB_FAIL(err, failed ? SB_STATUS_NOMEM : SB_STATUS_LIMIT,
                    "names of nested columns are too long for Avro ('%s')", field->name);
        }
        memcpy(inner, path.data, path.size + 1);
        sb_text_deinit(&path);
        sb_text_add(out, i ? ",{\"name\":" : "{\"name\":");
        put_quoted(out, field->name);
        sb_text_add(out, ",\"type\":");
        SB_TRY(derive(column ? column : field->name, &field->type, inner, legacy, out, err), err);
        sb_text_add(out, field->type.nullable ? ",\"default\":null}" : "}");
    }
    sb_text_add(out, "]}");
    return SB_OK;
}

static sb_status
derive_timestamp(const char *column, const sb_type *type, bool legacy, sb_text *out, sb_error *err)
{
    bool zoned = type->id == SB_TYPE_TIMESTAMP_LTZ;
    if (legacy && (zoned || type->precision > 3)) {
        sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                     "column '%s': Avro has no form for %s(%d)", column,
                     zoned ? "TIMESTAMP_LTZ" : "TIMESTAMP", type->precision);
        sb_error_hint(err, "'timestamp_mapping.legacy' = 'false' takes TIMESTAMP_LTZ and up to 6 "
                           "digits");
        return SB_STATUS_SEMANTIC;
    }
    if (type->precision > 6) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': Avro has no form for more than 6 digits",
                column);
    }
    sb_text_printf(out, "{\"type\":\"long\",\"logicalType\":\"%stimestamp-%s\"}",
                   legacy || zoned ? "" : "local-", type->precision > 3 ? "micros" : "millis");
    return SB_OK;
}

static sb_status
derive_bare(const char *column, const sb_type *type, const char *name, bool legacy, sb_text *out,
            sb_error *err)
{
    switch ((sb_type_id)type->id) {
    case SB_TYPE_BOOLEAN: sb_text_add(out, "\"boolean\""); return SB_OK;
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT: sb_text_add(out, "\"int\""); return SB_OK;
    case SB_TYPE_BIGINT: sb_text_add(out, "\"long\""); return SB_OK;
    case SB_TYPE_FLOAT: sb_text_add(out, "\"float\""); return SB_OK;
    case SB_TYPE_DOUBLE: sb_text_add(out, "\"double\""); return SB_OK;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: sb_text_add(out, "\"string\""); return SB_OK;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: sb_text_add(out, "\"bytes\""); return SB_OK;
    case SB_TYPE_DATE:
        sb_text_add(out, "{\"type\":\"int\",\"logicalType\":\"date\"}");
        return SB_OK;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return derive_timestamp(column, type, legacy, out, err);
    case SB_TYPE_DECIMAL:
        sb_text_printf(out,
                       "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":%d,"
                       "\"scale\":%d}",
                       type->precision, type->scale);
        return SB_OK;
    case SB_TYPE_TIME:
        if (type->precision > 3) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': Avro has no form for TIME(%d)", column,
                    type->precision);
        }
        sb_text_add(out, "{\"type\":\"int\",\"logicalType\":\"time-millis\"}");
        return SB_OK;
    case SB_TYPE_ROW:
        if (!type->class_name) {
            return derive_fields(type->count_children, type->children, column, name, legacy, out,
                                 err);
        }
        break;
    case SB_TYPE_ARRAY:
        sb_text_add(out, "{\"type\":\"array\",\"items\":");
        SB_TRY(derive(column, &type->children[0].type, name, legacy, out, err), err);
        sb_text_char(out, '}');
        return SB_OK;
    case SB_TYPE_MAP:
    case SB_TYPE_MULTISET:
        if (!sb_type_is_string(&type->children[0].type)) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "column '%s': Avro has no map keys other than strings",
                    column);
        }
        sb_text_add(out, "{\"type\":\"map\",\"values\":");
        if (type->id == SB_TYPE_MULTISET) {
            sb_text_add(out, "\"int\"");
        } else {
            SB_TRY(derive(column, &type->children[1].type, name, legacy, out, err), err);
        }
        sb_text_char(out, '}');
        return SB_OK;
    default: break;
    }
    sb_text name_of_type;
    sb_text_init(&name_of_type, out->mem);
    sb_type_print(type, &name_of_type);
    sb_error_set(err, SB_STATUS_SEMANTIC, __FILE__, __LINE__,
                 "column '%s': Avro has no form for %.*s", column, (int)name_of_type.size,
                 name_of_type.data);
    sb_text_deinit(&name_of_type);
    return SB_STATUS_SEMANTIC;
}

static sb_status
derive(const char *column, const sb_type *type, const char *name, bool legacy, sb_text *out,
       sb_error *err)
{
    if (!type->nullable) {
        return derive_bare(column, type, name, legacy, out, err);
    }
    sb_text_add(out, "[\"null\",");
    SB_TRY(derive_bare(column, type, name, legacy, out, err), err);
    sb_text_char(out, ']');
    return SB_OK;
}

sb_status
sb_avro_schema_derive(const sb_schema *columns, bool legacy, sb_text *out, sb_error *err)
{
    SB_TRY(derive_fields(columns->count, columns->fields, NULL,
                         "org.apache.flink.avro.generated.record", legacy, out, err),
           err);
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}
