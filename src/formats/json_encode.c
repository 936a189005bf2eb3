/*
 * formats/json_encode.c -- rows into lines of JSON, as Jackson writes them for Flink.
 *
 * DESIGN     The keys of the columns are escaped once, when the encoder is made. Values are written
 *            row by row.
 */
#include <string.h>

#include "formats/base64.h"
#include "formats/json_options.h"
#include "formats/json_text.h"
#include "formats/number_text.h"
#include "formats/time_text.h"
#include "kernels/number.h"

typedef struct json_encoder {
    sb_encoder base;
    sb_json_options options;
    int32_t count;  /* columns */
    sb_text keys;   /* "name": of all columns */
    uint32_t *ends; /* of each column in `keys` */
} json_encoder;

static sb_status write_value(const json_encoder *e, const sb_vector *v, int32_t row, sb_text *out,
                             sb_error *err);

static void
write_double(sb_text *out, double v, bool single)
{
    char *at = sb_text_reserve(out, SB_NUMBER_TEXT_MAX);
    if (!at) {
        return;
    }
    bool quoted = !(v - v == 0); /* NaN and infinities are strings */
    char *to = at;
    if (quoted) {
        *to++ = '"';
    }
    to += single ? sb_float_print(to, (float)v) : sb_double_print(to, v);
    if (quoted) {
        *to++ = '"';
    }
    out->size += (size_t)(to - at);
}

static void
write_time(const json_encoder *e, const sb_type *type, sb_phys phys, const void *value,
           sb_text *out)
{
    char *at = sb_text_reserve(out, SB_TIME_TEXT_MAX + 2), *to = at;
    if (!at) {
        return;
    }
    *to++ = '"';
    if (type->id == SB_TYPE_DATE) {
        to += sb_fmt_print_date(to, *(const int32_t *)value);
    } else if (type->id == SB_TYPE_TIME) {
        to += sb_fmt_print_time(to, *(const int32_t *)value, type->precision > 0);
    } else {
        to += sb_fmt_print_timestamp(to, sb_fmt_timestamp_at(phys, value), e->options.iso,
                                     type->id == SB_TYPE_TIMESTAMP_LTZ);
    }
    *to++ = '"';
    out->size += (size_t)(to - at);
}

static void
write_i64(sb_text *out, int64_t v)
{
    char *at = sb_text_reserve(out, SB_NUMBER_TEXT_MAX);
    if (at) {
        out->size += (size_t)sb_fmt_print_i64(at, v);
    }
}

static void
write_decimal(const json_encoder *e, const sb_type *type, sb_phys phys, const void *value,
              sb_text *out)
{
    char *at = sb_text_reserve(out, SB_NUMBER_TEXT_MAX);
    if (at) {
        sb_fmt_decimal_style style =
            e->options.plain_decimals ? SB_DECIMAL_PLAIN : SB_DECIMAL_STRIPPED;
        out->size +=
            (size_t)sb_fmt_print_decimal(at, sb_fmt_decimal_at(phys, value), type->scale, style);
    }
}

static sb_status
write_list(const json_encoder *e, const sb_vector *flat, sb_list_entry entry, sb_text *out,
           sb_error *err)
{
    sb_text_char(out, '[');
    for (int32_t i = 0; i < entry.count; i++) {
        if (i > 0) {
            sb_text_char(out, ',');
        }
        SB_TRY(write_value(e, flat->children[0], entry.offset + i, out, err), err);
    }
    sb_text_char(out, ']');
    return SB_OK;
}

/* A MULTISET of strings: {"value":count}. Equal elements stand side by side. */
static sb_status
write_multiset(const sb_vector *flat, sb_list_entry entry, sb_text *out, sb_error *err)
{
    const sb_vector *values = flat->children[0];
    int32_t end = entry.offset + entry.count;
    sb_text_char(out, '{');
    for (int32_t i = entry.offset, next; i < end; i = next) {
        for (next = i + 1; next < end && sb_value_equal(values, i, values, next);) {
            next++;
        }
        if (!sb_vector_valid(values, i)) {
            SB_FAIL(err, SB_STATUS_DATA, "a MULTISET with a NULL cannot be written as JSON");
        }
        const sb_view *value = sb_vector_at(values, i);
        sb_text_add(out, i > entry.offset ? "," : "");
        sb_json_write_string(out, sb_view_data(value), sb_view_size(value), SB_JSON_ASTRAL_PAIRS);
        sb_text_char(out, ':');
        write_i64(out, next - i);
    }
    sb_text_char(out, '}');
    return SB_OK;
}

static sb_status
write_map(const json_encoder *e, const sb_vector *flat, sb_list_entry entry, sb_text *out,
          sb_error *err)
{
    const sb_vector *keys = flat->children[0];
    bool first = true;
    sb_text_char(out, '{');
    for (int32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        bool valid = sb_vector_valid(keys, i);
        if (!valid && e->options.null_key == SB_JSON_NULL_KEY_DROP) {
            continue;
        }
        if (!valid && e->options.null_key == SB_JSON_NULL_KEY_FAIL) {
            sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                         "a map with a NULL key cannot be written as JSON");
            sb_error_hint(err, "'map-null-key.mode' = 'DROP' leaves it out, 'LITERAL' writes "
                               "'map-null-key.literal'");
            return SB_STATUS_DATA;
        }
        if (!first) {
            sb_text_char(out, ',');
        }
        first = false;
        const sb_view *key = valid ? sb_vector_at(keys, i) : NULL;
        sb_str name = key ? (sb_str){sb_view_data(key), sb_view_size(key)}
                          : sb_str_of(e->options.null_key_literal);
        sb_json_write_string(out, name.data, name.size, SB_JSON_ASTRAL_PAIRS);
        sb_text_char(out, ':');
        SB_TRY(write_value(e, flat->children[1], i, out, err), err);
    }
    sb_text_char(out, '}');
    return SB_OK;
}

static sb_status
write_struct(const json_encoder *e, const sb_vector *flat, int32_t index, sb_text *out,
             sb_error *err)
{
    bool first = true;
    sb_text_char(out, '{');
    for (int32_t i = 0; i < flat->count_children; i++) {
        const sb_vector *child = flat->children[i];
        if (e->options.ignore_null_fields && !sb_vector_valid(child, index)) {
            continue;
        }
        if (!first) {
            sb_text_char(out, ',');
        }
        first = false;
        sb_str name = sb_str_of(flat->type->children[i].name);
        sb_json_write_string(out, name.data, name.size, SB_JSON_ASTRAL_PAIRS);
        sb_text_char(out, ':');
        SB_TRY(write_value(e, child, index, out, err), err);
    }
    sb_text_char(out, '}');
    return SB_OK;
}

static sb_status
write_nested(const json_encoder *e, const sb_vector *v, int32_t row, sb_text *out, sb_error *err)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    int32_t index = sb_vector_index(v, row);
    if (v->phys == SB_PHYS_STRUCT) {
        return write_struct(e, flat, index, out, err);
    }
    sb_list_entry entry = ((const sb_list_entry *)flat->values)[index];
    if (v->type->id == SB_TYPE_MULTISET) {
        return write_multiset(flat, entry, out, err);
    }
    return v->type->id == SB_TYPE_MAP ? write_map(e, flat, entry, out, err)
                                      : write_list(e, flat, entry, out, err);
}

static sb_status
write_value(const json_encoder *e, const sb_vector *v, int32_t row, sb_text *out, sb_error *err)
{
    if (!sb_vector_valid(v, row)) {
        sb_text_append(out, "null", 4);
        return SB_OK;
    }
    if (v->phys == SB_PHYS_STRUCT || v->phys == SB_PHYS_LIST) {
        return write_nested(e, v, row, out, err);
    }
    const void *value = sb_vector_at(v, row);
    const sb_view *view = value;
    switch ((sb_type_id)v->type->id) {
    case SB_TYPE_BOOLEAN: sb_text_add(out, *(const uint8_t *)value ? "true" : "false"); break;
    case SB_TYPE_TINYINT: write_i64(out, *(const int8_t *)value); break;
    case SB_TYPE_SMALLINT: write_i64(out, *(const int16_t *)value); break;
    case SB_TYPE_INT:
    case SB_TYPE_INTERVAL_MONTH: write_i64(out, *(const int32_t *)value); break;
    case SB_TYPE_BIGINT:
    case SB_TYPE_INTERVAL_DAY: write_i64(out, *(const int64_t *)value); break;
    case SB_TYPE_FLOAT: write_double(out, (double)*(const float *)value, true); break;
    case SB_TYPE_DOUBLE: write_double(out, *(const double *)value, false); break;
    case SB_TYPE_DECIMAL: write_decimal(e, v->type, (sb_phys)v->phys, value, out); break;
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR:
        sb_json_write_string(out, sb_view_data(view), sb_view_size(view), SB_JSON_ASTRAL_PAIRS);
        break;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY:
        sb_text_char(out, '"');
        sb_fmt_base64_encode(out, sb_view_data(view), sb_view_size(view));
        sb_text_char(out, '"');
        break;
    case SB_TYPE_DATE:
    case SB_TYPE_TIME:
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: write_time(e, v->type, (sb_phys)v->phys, value, out); break;
    default: sb_text_append(out, "null", 4); break;
    }
    return SB_OK;
}

static sb_status
write_record(const json_encoder *e, const sb_batch *batch, int32_t row, sb_text *out, sb_error *err)
{
    const sb_json_wrap *wrap = e->options.wrap;
    int op = sb_batch_op(batch, row) & 3;
    if (wrap) {
        sb_text_add(out, wrap->before[op]);
    }
    char before = '{';
    uint32_t start = 0;
    for (int32_t c = 0; c < e->count; c++) {
        if (!e->options.ignore_null_fields || sb_vector_valid(batch->columns[c], row)) {
            sb_text_char(out, before);
            before = ',';
            sb_text_append(out, e->keys.data + start, e->ends[c] - start);
            SB_TRY(write_value(e, batch->columns[c], row, out, err), err);
        }
        start = e->ends[c];
    }
    if (before == '{') {
        sb_text_char(out, '{');
    }
    sb_text_char(out, '}');
    if (wrap) {
        sb_text_add(out, wrap->behind[op]);
    }
    return SB_OK;
}

static sb_status
json_encode(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
            sb_error *err)
{
    const json_encoder *e = (const json_encoder *)(void *)base;
    sb_assert(batch->schema->count == e->count);
    for (int32_t i = from; i < to; i++) {
        SB_TRY(write_record(e, batch, sb_batch_row(batch, i), out, err), err);
        sb_text_char(out, '\n');
    }
    return SB_OK;
}

static sb_status
json_encode_records(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
                    size_t *ends, sb_error *err)
{
    const json_encoder *e = (const json_encoder *)(void *)base;
    sb_assert(batch->schema->count == e->count);
    for (int32_t i = from; i < to; i++) {
        SB_TRY(write_record(e, batch, sb_batch_row(batch, i), out, err), err);
        ends[i - from] = out->size;
    }
    return SB_OK;
}

static void
json_encoder_free(sb_encoder *base)
{
    json_encoder *e = (json_encoder *)(void *)base;
    sb_mem *mem = base->mem;
    sb_text_deinit(&e->keys);
    sb_free(mem, e->ends, sizeof *e->ends * (size_t)(e->count + 1));
    sb_free(mem, e, sizeof *e);
}

static const sb_encoder_vtable json_encoder_vtable = {
    .encode = json_encode, .encode_records = json_encode_records, .free = json_encoder_free};

sb_status
sb_json_encoder_new(sb_mem *mem, const sb_format_table *table, const sb_json_options *options,
                    sb_encoder **out, sb_error *err)
{
    json_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->base = (sb_encoder){&json_encoder_vtable, mem};
    e->options = *options;
    e->count = table->columns->count;
    sb_text_init(&e->keys, mem);
    e->ends = sb_alloc(mem, sizeof *e->ends * (size_t)(e->count + 1));
    for (int32_t i = 0; i < e->count && e->ends; i++) {
        sb_str name = sb_str_of(table->columns->fields[i].name);
        sb_json_write_string(&e->keys, name.data, name.size, SB_JSON_ASTRAL_PAIRS);
        sb_text_char(&e->keys, ':');
        e->ends[i] = (uint32_t)e->keys.size;
    }
    if (!e->ends || e->keys.failed) {
        json_encoder_free(&e->base);
        SB_NOMEM(err);
    }
    *out = &e->base;
    return SB_OK;
}
