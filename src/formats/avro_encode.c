/*
 * formats/avro_encode.c -- rows in Avro's binary form.
 */
#include "formats/avro.h"
#include "formats/number_text.h"
#include "formats/time_text.h"

static sb_status write_value(const sb_avro_schema *schema, const sb_vector *v, int32_t row,
                             const char *field, sb_text *out, sb_error *err);

static sb_status
no_form(const sb_avro_schema *schema, const char *field, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA, "field '%s' has no form as %s of the Avro schema", field,
            sb_avro_kind_name(schema));
}

/* The shortest two's complement, big-endian, as Java's BigInteger gives it; `size`: just so many
 * bytes. */
static bool
put_unscaled(sb_int128 value, int32_t size, sb_text *out)
{
    char bytes[16];
    for (int i = 0; i < 16; i++) {
        bytes[15 - i] = (char)((unsigned __int128)value >> (8 * i));
    }
    int from = 0;
    char fill = value < 0 ? (char)0xFF : 0;
    while (from < 15 && bytes[from] == fill && ((bytes[from + 1] ^ fill) & 0x80) == 0) {
        from++;
    }
    if (size < 0) {
        sb_avro_put_long(out, 16 - from);
    } else if (16 - from > size) {
        return false;
    }
    for (int32_t i = 16 - from; i < size; i++) {
        sb_text_char(out, fill);
    }
    sb_text_append(out, bytes + from, (size_t)(16 - from));
    return true;
}

static sb_status
write_bytes(const sb_avro_schema *schema, const sb_view *view, const char *field, sb_text *out,
            sb_error *err)
{
    sb_str text = {sb_view_data(view), sb_view_size(view)};
    if (schema->kind == SB_AVRO_ENUM) {
        for (int32_t i = 0; i < schema->count; i++) {
            if (sb_str_equal(sb_str_of(schema->symbols[i]), text)) {
                sb_avro_put_long(out, i);
                return SB_OK;
            }
        }
        SB_FAIL(err, SB_STATUS_DATA, "field '%s': '%.*s' is no symbol of the Avro schema", field,
                (int)(text.size > 60 ? 60 : text.size), text.data);
    }
    if (schema->kind == SB_AVRO_FIXED) {
        if (text.size != (size_t)schema->size) {
            SB_FAIL(err, SB_STATUS_DATA, "field '%s' has %zu bytes, the Avro schema %d", field,
                    text.size, schema->size);
        }
    } else if (schema->kind == SB_AVRO_STRING || schema->kind == SB_AVRO_BYTES) {
        sb_avro_put_long(out, (int64_t)text.size);
    } else {
        return no_form(schema, field, err);
    }
    sb_text_append(out, text.data, text.size);
    return SB_OK;
}

static sb_status
write_decimal(const sb_avro_schema *schema, const sb_vector *v, const void *value,
              const char *field, sb_text *out, sb_error *err)
{
    sb_int128 unscaled = sb_fmt_decimal_at((sb_phys)v->phys, value);
    int32_t size = schema->kind == SB_AVRO_FIXED ? schema->size : -1;
    if (schema->logical != SB_AVRO_DECIMAL) {
        return no_form(schema, field, err);
    }
    if (schema->scale != v->type->scale &&
        !sb_avro_rescale(unscaled, v->type->scale, 38, schema->scale, &unscaled)) {
        return no_form(schema, field, err);
    }
    return put_unscaled(unscaled, size, out) ? SB_OK : no_form(schema, field, err);
}

static sb_status
write_number(const sb_avro_schema *schema, int64_t v, const char *field, sb_text *out,
             sb_error *err)
{
    if (schema->kind != SB_AVRO_INT && schema->kind != SB_AVRO_LONG) {
        return no_form(schema, field, err);
    }
    sb_avro_put_long(out, v);
    return SB_OK;
}

static int64_t
floor_thousandth(int64_t v)
{
    return v / 1000 - (v % 1000 < 0);
}

static sb_status
write_timestamp(const sb_avro_schema *schema, const sb_vector *v, const void *value,
                const char *field, sb_text *out, sb_error *err)
{
    sb_ts_ns ts = sb_fmt_timestamp_at((sb_phys)v->phys, value);
    int64_t n = ts.us;
    if (schema->logical == SB_AVRO_NANOS) {
        if (__builtin_mul_overflow(ts.us, 1000, &n)) {
            return no_form(schema, field, err);
        }
        n += ts.ns;
    } else if (schema->logical != SB_AVRO_MICROS) {
        n = floor_thousandth(ts.us);
    }
    return write_number(schema, n, field, out, err);
}

static sb_status
write_real(const sb_avro_schema *schema, double d, const char *field, sb_text *out, sb_error *err)
{
    float f = (float)d;
    if (schema->kind == SB_AVRO_FLOAT) {
        sb_text_append(out, &f, sizeof f);
    } else if (schema->kind == SB_AVRO_DOUBLE) {
        sb_text_append(out, &d, sizeof d);
    } else {
        return no_form(schema, field, err);
    }
    return SB_OK;
}

/* Entries of a MULTISET: equal elements stand side by side. */
static sb_status
write_multiset(const sb_avro_schema *schema, const sb_vector *values, sb_list_entry entry,
               const char *field, sb_text *out, sb_error *err)
{
    int32_t end = entry.offset + entry.count, count = 0;
    for (int32_t i = entry.offset; i < end; i++) {
        count += i == entry.offset || !sb_value_equal(values, i - 1, values, i);
    }
    if (count > 0) {
        sb_avro_put_long(out, count);
    }
    for (int32_t i = entry.offset, next; i < end; i = next) {
        for (next = i + 1; next < end && sb_value_equal(values, i, values, next);) {
            next++;
        }
        if (!sb_vector_valid(values, i)) {
            return no_form(schema, field, err);
        }
        const sb_view *key = sb_vector_at(values, i);
        sb_avro_put_long(out, sb_view_size(key));
        sb_text_append(out, sb_view_data(key), sb_view_size(key));
        sb_avro_put_long(out, next - i);
    }
    sb_text_char(out, 0);
    return SB_OK;
}

static sb_status
write_list(const sb_avro_schema *schema, const sb_vector *flat, int32_t index, const char *field,
           sb_text *out, sb_error *err)
{
    sb_list_entry entry = ((const sb_list_entry *)flat->values)[index];
    bool map = flat->type->id != SB_TYPE_ARRAY;
    if (schema->kind != (map ? SB_AVRO_MAP : SB_AVRO_ARRAY)) {
        return no_form(schema, field, err);
    }
    if (flat->type->id == SB_TYPE_MULTISET) {
        return write_multiset(schema, flat->children[0], entry, field, out, err);
    }
    if (entry.count > 0) {
        sb_avro_put_long(out, entry.count);
    }
    for (int32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        if (map) {
            if (!sb_vector_valid(flat->children[0], i)) {
                SB_FAIL(err, SB_STATUS_DATA, "field '%s': Avro has no map keys that are NULL",
                        field);
            }
            const sb_view *key = sb_vector_at(flat->children[0], i);
            sb_avro_put_long(out, sb_view_size(key));
            sb_text_append(out, sb_view_data(key), sb_view_size(key));
        }
        SB_TRY(write_value(schema->branches[0], flat->children[map], i, field, out, err), err);
    }
    sb_text_char(out, 0);
    return SB_OK;
}

static sb_status
write_struct(const sb_avro_schema *schema, const sb_vector *flat, int32_t index, const char *field,
             sb_text *out, sb_error *err)
{
    if (schema->kind != SB_AVRO_RECORD || schema->count != flat->count_children) {
        return no_form(schema, field, err);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        SB_TRY(write_value(schema->fields[i].schema, flat->children[i], index,
                           schema->fields[i].name, out, err),
               err);
    }
    return SB_OK;
}

static sb_status
write_scalar(const sb_avro_schema *schema, const sb_vector *v, int32_t row, const char *field,
             sb_text *out, sb_error *err)
{
    const void *value = sb_vector_at(v, row);
    switch ((sb_type_id)v->type->id) {
    case SB_TYPE_BOOLEAN:
        sb_text_char(out, *(const uint8_t *)value != 0);
        return schema->kind == SB_AVRO_BOOLEAN ? SB_OK : no_form(schema, field, err);
    case SB_TYPE_TINYINT: return write_number(schema, *(const int8_t *)value, field, out, err);
    case SB_TYPE_SMALLINT: return write_number(schema, *(const int16_t *)value, field, out, err);
    case SB_TYPE_INT:
    case SB_TYPE_DATE: return write_number(schema, *(const int32_t *)value, field, out, err);
    case SB_TYPE_TIME:
        return write_number(schema,
                            (int64_t) * (const int32_t *)value *
                                (schema->logical == SB_AVRO_TIME_MICROS ? 1000 : 1),
                            field, out, err);
    case SB_TYPE_BIGINT: return write_number(schema, *(const int64_t *)value, field, out, err);
    case SB_TYPE_FLOAT: return write_real(schema, (double)*(const float *)value, field, out, err);
    case SB_TYPE_DOUBLE: return write_real(schema, *(const double *)value, field, out, err);
    case SB_TYPE_DECIMAL: return write_decimal(schema, v, value, field, out, err);
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return write_timestamp(schema, v, value, field, out, err);
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR:
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: return write_bytes(schema, value, field, out, err);
    default: return no_form(schema, field, err);
    }
}

static sb_status
write_value(const sb_avro_schema *schema, const sb_vector *v, int32_t row, const char *field,
            sb_text *out, sb_error *err)
{
    bool null = !sb_vector_valid(v, row);
    if (schema->kind == SB_AVRO_UNION) {
        int32_t branch = 0;
        while (branch < schema->count && (schema->branches[branch]->kind == SB_AVRO_NULL) != null) {
            branch++;
        }
        if (branch == schema->count) {
            return no_form(schema, field, err);
        }
        sb_avro_put_long(out, branch);
        schema = schema->branches[branch];
    }
    if (null) {
        if (schema->kind != SB_AVRO_NULL) {
            SB_FAIL(err, SB_STATUS_DATA, "field '%s' is NULL, the Avro schema has no null there",
                    field);
        }
        return SB_OK;
    }
    if (v->phys == SB_PHYS_STRUCT || v->phys == SB_PHYS_LIST) {
        const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
        int32_t index = sb_vector_index(v, row);
        return v->phys == SB_PHYS_STRUCT ? write_struct(schema, flat, index, field, out, err)
                                         : write_list(schema, flat, index, field, out, err);
    }
    return write_scalar(schema, v, row, field, out, err);
}

sb_status
sb_avro_write_row(const sb_avro_schema *schema, const sb_batch *batch, int32_t row, sb_text *out,
                  sb_error *err)
{
    for (int32_t i = 0; i < schema->count; i++) {
        SB_TRY(write_value(schema->fields[i].schema, batch->columns[i], row, schema->fields[i].name,
                           out, err),
               err);
    }
    return SB_OK;
}
