/*
 * formats/raw.c -- the format raw: a line is the value of the only column.
 *
 * DESIGN     One STRING, CHAR or BYTES column: the bytes of the line as they are. Other types,
 *            which Flink's raw format reads as fixed binary values, make no sense in files of lines
 *            and are refused. NULL is written as nothing, an empty line is an empty value when
 *            reading.
 */
#include <string.h>

#include "formats/records.h"

static const sb_format_option raw_options[] = {
    {"charset", "string", "UTF-8", "of the text; only UTF-8"},
    {"endianness", "enum:big-endian|little-endian", "big-endian",
     "of numbers; accepted, only strings and bytes are read"},
    {"line-delimiter", "string", "\\n", "what ends a line; only \\n"},
    {NULL, NULL, NULL, NULL},
};

static sb_status
raw_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    (void)source;
    if (table->columns->count != 1) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "format 'raw' needs exactly one physical column, the table has %d",
                table->columns->count);
    }
    const sb_field *field = &table->columns->fields[0];
    if (!sb_type_is_string(&field->type) && !sb_type_is_binary(&field->type)) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: format 'raw' with another type than STRING or BYTES (column '%s')",
                field->name);
    }
    sb_str charset = sb_str_of(sb_format_get(table, "charset", "UTF-8"));
    if (!sb_str_equal_nocase(charset, SB_STR("UTF-8")) &&
        !sb_str_equal_nocase(charset, SB_STR("UTF8"))) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: 'raw.charset' = '%.*s'",
                (int)charset.size, charset.data);
    }
    const char *delimiter = sb_format_get(table, "line-delimiter", "\n");
    if (strcmp(delimiter, "\n") != 0 && strcmp(delimiter, "\\n") != 0) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: 'raw.line-delimiter' = '%s'",
                delimiter);
    }
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return SB_OK;
}

typedef struct raw_decoder {
    sb_decoder base;
    bool wanted; /* the column is projected; else rows are counted only */
    bool text;   /* must be UTF-8 */
} raw_decoder;

/* Length of the UTF-8 sequence at p, 0: none. */
static int
utf8_length(const unsigned char *p, const unsigned char *end)
{
    int n = *p < 0x80                 ? 1
            : *p >= 0xC2 && *p < 0xE0 ? 2
            : (*p & 0xF0) == 0xE0     ? 3
            : *p >= 0xF0 && *p < 0xF5 ? 4
                                      : 0;
    if (n == 0 || end - p < n) {
        return 0;
    }
    for (int i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool wrong = (*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) ||
                 (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F);
    return wrong ? 0 : n;
}

bool
sb_format_is_utf8(const char *data, size_t size)
{
    const unsigned char *p = (const unsigned char *)data, *end = p + size;
    while (p < end) {
        uint64_t eight;
        if (end - p >= 8 && (memcpy(&eight, p, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            p += 8;
            continue;
        }
        int n = utf8_length(p, end);
        if (n == 0) {
            return false;
        }
        p += n;
    }
    return true;
}

static sb_status
raw_decode(sb_decoder *base, sb_decode *call, sb_error *err)
{
    raw_decoder *d = (raw_decoder *)(void *)base;
    call->consumed = 0;
    call->lines = 0;
    call->rows = 0;
    call->has_ops = false;
    while (call->consumed < call->size && call->rows < call->limit_rows) {
        const char *line = call->data + call->consumed;
        size_t left = call->size - call->consumed;
        const char *lf = memchr(line, '\n', left);
        if (!lf && !call->final) {
            break;
        }
        size_t size = lf ? (size_t)(lf - line) : left, whole = size + (lf != NULL);
        if (size > SB_FORMAT_RECORD_MAX) {
            SB_FAIL(err, SB_STATUS_LIMIT, "a line is longer than %d bytes", SB_FORMAT_RECORD_MAX);
        }
        size -= size > 0 && line[size - 1] == '\r';
        if (d->text && !sb_format_is_utf8(line, size)) {
            sb_bad_record bad = {.offset = (int64_t)call->consumed,
                                 .line = call->lines,
                                 .bytes = {line, size},
                                 .reason = "not valid UTF-8"};
            SB_TRY(call->bad.bad(call->bad.ctx, &bad, err), err);
        } else {
            if (d->wanted) {
                sb_column_bytes(&call->columns[0], line, size);
            }
            call->ops[call->rows++] = SB_ROW_INSERT;
        }
        call->consumed += whole;
        call->lines += lf != NULL;
    }
    return SB_OK;
}

/* Every record is a value: one without bytes is the empty one, one without a value is NULL. */
static sb_status
raw_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    raw_decoder *d = (raw_decoder *)(void *)base;
    sb_records_begin(call);
    for (; call->consumed < call->count && call->rows < call->limit_rows; call->consumed++) {
        sb_str record = call->records[call->consumed];
        const char *why = record.size > SB_FORMAT_RECORD_MAX ? "longer than 64 MiB" : NULL;
        if (!why && d->text && !sb_format_is_utf8(record.data, record.data ? record.size : 0)) {
            why = "not valid UTF-8";
        }
        if (why) {
            SB_TRY(sb_records_bad(call, call->consumed, why, false, err), err);
            continue;
        }
        if (d->wanted && record.data) {
            sb_column_bytes(&call->columns[0], record.data, record.size);
        } else if (d->wanted) {
            sb_column_null(&call->columns[0]);
        }
        sb_records_add_row(call, call->consumed, SB_ROW_INSERT);
    }
    return SB_OK;
}

static void
raw_decoder_free(sb_decoder *base)
{
    sb_free(base->mem, base, sizeof(raw_decoder));
}

static const sb_decoder_vtable raw_decoder_vtable = {
    .decode = raw_decode, .decode_records = raw_decode_records, .free = raw_decoder_free};

static sb_status
raw_decoder_new(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
                sb_decoder **out, sb_error *err)
{
    sb_format_facts facts;
    (void)project;
    SB_TRY(raw_check(table, true, &facts, err), err);
    raw_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&raw_decoder_vtable, mem};
    d->wanted = count > 0;
    d->text = sb_type_is_string(&table->columns->fields[0].type);
    *out = &d->base;
    return SB_OK;
}

static sb_status
raw_encode(sb_encoder *e, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
           sb_error *err)
{
    (void)e;
    (void)err;
    const sb_vector *v = batch->columns[0];
    for (int32_t i = from; i < to; i++) {
        int32_t row = sb_batch_row(batch, i);
        if (sb_vector_valid(v, row)) {
            const sb_view *view = sb_vector_at(v, row);
            sb_text_append(out, sb_view_data(view), sb_view_size(view));
        }
        sb_text_char(out, '\n');
    }
    return SB_OK;
}

/* NULL has no record. */
static sb_status
raw_encode_records(sb_encoder *e, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
                   size_t *ends, sb_error *err)
{
    (void)e;
    (void)err;
    const sb_vector *v = batch->columns[0];
    for (int32_t i = from; i < to; i++) {
        int32_t row = sb_batch_row(batch, i);
        if (sb_vector_valid(v, row)) {
            const sb_view *view = sb_vector_at(v, row);
            sb_text_append(out, sb_view_data(view), sb_view_size(view));
        }
        ends[i - from] = out->size;
    }
    return SB_OK;
}

static void
raw_encoder_free(sb_encoder *e)
{
    sb_free(e->mem, e, sizeof *e);
}

static const sb_encoder_vtable raw_encoder_vtable = {
    .encode = raw_encode, .encode_records = raw_encode_records, .free = raw_encoder_free};

static sb_status
raw_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_format_facts facts;
    SB_TRY(raw_check(table, false, &facts, err), err);
    sb_encoder *e = sb_alloc(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    *e = (sb_encoder){&raw_encoder_vtable, mem};
    *out = e;
    return SB_OK;
}

const sb_format sb_format_raw = {
    .name = "raw",
    .options = raw_options,
    .check = raw_check,
    .decoder = raw_decoder_new,
    .encoder = raw_encoder_new,
};
