/*
 * formats/csv_encode.c -- rows into lines of CSV, as Jackson writes them for Flink.
 *
 * DESIGN     Jackson encloses a text in quotes when it is longer than 24 characters or has one
 *            below a safe limit (the largest of delimiter and quote): not only when it must.
 *            Numbers and booleans are never enclosed. NULL is the null literal, or nothing.
 */
#include <string.h>

#include "formats/base64.h"
#include "formats/csv_options.h"
#include "formats/number_text.h"
#include "formats/time_text.h"
#include "kernels/number.h"

#define UNQUOTED_MAX 24

typedef struct csv_encoder {
    sb_encoder base;
    sb_csv_options options;
    unsigned safe;   /* bytes below need quotes */
    sb_text scratch; /* of one text value */
} csv_encoder;

/* Characters as Java counts them: UTF-16 units. */
static size_t
java_length(const char *data, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        n += (c & 0xC0) != 0x80;
        n += c >= 0xF0;
    }
    return n;
}

static bool
needs_quotes(const csv_encoder *e, const char *data, size_t size)
{
    if (!e->options.quote) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)data[i] < e->safe) {
            return true;
        }
    }
    return size > UNQUOTED_MAX && java_length(data, size) > UNQUOTED_MAX;
}

static void
write_text(const csv_encoder *e, const char *data, size_t size, sb_text *out)
{
    const char quote = e->options.quote, escape = e->options.escape;
    bool quoted = needs_quotes(e, data, size);
    char *at = sb_text_reserve(out, size * 2 + 2), *to = at;
    if (!at) {
        return;
    }
    if (quoted) {
        *to++ = quote;
    }
    for (size_t i = 0; i < size; i++) {
        if (quoted && data[i] == quote) {
            *to++ = quote;
        } else if (escape && data[i] == escape) {
            *to++ = escape;
        }
        *to++ = data[i];
    }
    if (quoted) {
        *to++ = quote;
    }
    out->size += (size_t)(to - at);
    out->data[out->size] = 0;
}

static bool
is_number(const sb_type *type)
{
    return sb_type_is_numeric(type) || type->id == SB_TYPE_BOOLEAN ||
           type->id == SB_TYPE_INTERVAL_MONTH || type->id == SB_TYPE_INTERVAL_DAY;
}

/* The bare text of a scalar that is no string. */
static void
print_scalar(const csv_encoder *e, const sb_vector *v, const void *value, sb_text *out)
{
    const sb_view *view = value;
    char *at = sb_text_reserve(out, SB_NUMBER_TEXT_MAX + SB_TIME_TEXT_MAX);
    int size = 0;
    if (!at) {
        return;
    }
    switch ((sb_type_id)v->type->id) {
    case SB_TYPE_BOOLEAN:
        size = *(const uint8_t *)value ? 4 : 5;
        memcpy(at, size == 4 ? "true" : "false", (size_t)size);
        break;
    case SB_TYPE_TINYINT: size = sb_fmt_print_i64(at, *(const int8_t *)value); break;
    case SB_TYPE_SMALLINT: size = sb_fmt_print_i64(at, *(const int16_t *)value); break;
    case SB_TYPE_INT:
    case SB_TYPE_INTERVAL_MONTH: size = sb_fmt_print_i64(at, *(const int32_t *)value); break;
    case SB_TYPE_BIGINT:
    case SB_TYPE_INTERVAL_DAY: size = sb_fmt_print_i64(at, *(const int64_t *)value); break;
    case SB_TYPE_FLOAT: size = (int)sb_float_print(at, *(const float *)value); break;
    case SB_TYPE_DOUBLE: size = (int)sb_double_print(at, *(const double *)value); break;
    case SB_TYPE_DECIMAL:
        size = sb_fmt_print_decimal(at, sb_fmt_decimal_at((sb_phys)v->phys, value), v->type->scale,
                                    e->options.scientific ? SB_DECIMAL_JAVA : SB_DECIMAL_PLAIN);
        break;
    case SB_TYPE_DATE: size = sb_fmt_print_date(at, *(const int32_t *)value); break;
    case SB_TYPE_TIME: size = sb_fmt_print_time(at, *(const int32_t *)value, true); break;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ:
        size = sb_fmt_print_timestamp(at, sb_fmt_timestamp_at((sb_phys)v->phys, value), false,
                                      v->type->id == SB_TYPE_TIMESTAMP_LTZ);
        break;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY:
        sb_fmt_base64_encode(out, sb_view_data(view), sb_view_size(view));
        return;
    default: sb_text_append(out, sb_view_data(view), sb_view_size(view)); return;
    }
    out->size += (size_t)size;
    out->data[out->size] = 0;
}

static void
print_null(const csv_encoder *e, sb_text *out)
{
    sb_text_add(out, e->options.null_literal ? e->options.null_literal : "");
}

/* Elements of an ARRAY or fields of a ROW, into the scratch text. */
static void
print_nested(csv_encoder *e, const sb_vector *v, int32_t row)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    int32_t index = sb_vector_index(v, row);
    bool list = v->phys == SB_PHYS_LIST;
    sb_list_entry entry = list ? ((const sb_list_entry *)flat->values)[index]
                               : (sb_list_entry){0, flat->count_children};
    for (int32_t i = 0; i < entry.count; i++) {
        const sb_vector *child = flat->children[list ? 0 : i];
        int32_t at = list ? entry.offset + i : index;
        if (i > 0) {
            sb_text_append(&e->scratch, e->options.element_delimiter.data,
                           e->options.element_delimiter.size);
        }
        if (sb_vector_valid(child, at)) {
            print_scalar(e, child, sb_vector_at(child, at), &e->scratch);
        } else {
            print_null(e, &e->scratch);
        }
    }
}

static void
write_value(csv_encoder *e, const sb_vector *v, int32_t row, sb_text *out)
{
    if (!sb_vector_valid(v, row)) {
        print_null(e, out);
        return;
    }
    bool nested = v->phys == SB_PHYS_LIST || v->phys == SB_PHYS_STRUCT;
    if (!nested && is_number(v->type)) {
        print_scalar(e, v, sb_vector_at(v, row), out);
        return;
    }
    if (sb_type_is_string(v->type)) {
        const sb_view *view = sb_vector_at(v, row);
        write_text(e, sb_view_data(view), sb_view_size(view), out);
        return;
    }
    sb_text_clear(&e->scratch);
    if (nested) {
        print_nested(e, v, row);
    } else {
        print_scalar(e, v, sb_vector_at(v, row), &e->scratch);
    }
    out->failed = out->failed || e->scratch.failed;
    write_text(e, e->scratch.data, e->scratch.size, out);
}

static void
write_record(csv_encoder *e, const sb_batch *batch, int32_t row, sb_text *out)
{
    for (int32_t c = 0; c < batch->schema->count; c++) {
        if (c > 0) {
            sb_text_char(out, e->options.delimiter);
        }
        write_value(e, batch->columns[c], row, out);
    }
}

static sb_status
csv_encode(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
           sb_error *err)
{
    csv_encoder *e = (csv_encoder *)(void *)base;
    (void)err;
    for (int32_t i = from; i < to; i++) {
        write_record(e, batch, sb_batch_row(batch, i), out);
        sb_text_char(out, '\n');
    }
    return SB_OK;
}

static sb_status
csv_encode_records(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
                   size_t *ends, sb_error *err)
{
    csv_encoder *e = (csv_encoder *)(void *)base;
    (void)err;
    for (int32_t i = from; i < to; i++) {
        write_record(e, batch, sb_batch_row(batch, i), out);
        ends[i - from] = out->size;
    }
    return SB_OK;
}

static void
csv_encoder_free(sb_encoder *base)
{
    csv_encoder *e = (csv_encoder *)(void *)base;
    sb_text_deinit(&e->scratch);
    sb_free(base->mem, e, sizeof *e);
}

static const sb_encoder_vtable csv_encoder_vtable = {
    .encode = csv_encode, .encode_records = csv_encode_records, .free = csv_encoder_free};

sb_status
sb_csv_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_csv_options options;
    SB_TRY(sb_csv_options_read(table, &options, err), err);
    csv_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->base = (sb_encoder){&csv_encoder_vtable, mem};
    e->options = options;
    unsigned quote = (unsigned char)options.quote, delimiter = (unsigned char)options.delimiter;
    e->safe = (quote > delimiter ? quote : delimiter) + 1;
    sb_text_init(&e->scratch, mem);
    *out = &e->base;
    return SB_OK;
}
