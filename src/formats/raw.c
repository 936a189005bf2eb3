/*
 * formats/raw.c -- the format raw: a line, or a message, is the value of the only column.
 *
 * DESIGN     Texts and bytes as they are; NULL is written as nothing, and an empty line read as an
 *            empty value. BOOLEAN and numbers are so many bytes, in the order of 'endianness'; any
 *            of these may be a line end, so that only messages hold them. The length of a CHAR or
 *            BINARY is not looked at, as in Flink.
 */
#include <string.h>

#include "formats/records.h"

static const sb_format_option raw_options[] = {
    {"charset", "string", "UTF-8", "of the text; only UTF-8"},
    {"endianness", "enum:big-endian|little-endian", "big-endian", "order of the bytes of a number"},
    {"line-delimiter", "string", "\\n", "what ends a line; only \\n"},
    {NULL, NULL, NULL, NULL},
};

/* Bytes of a value; 0: as many as there are. */
static int32_t
fixed_size(const sb_type *type)
{
    bool fixed = type->id >= SB_TYPE_BOOLEAN && type->id <= SB_TYPE_DOUBLE;
    return fixed ? sb_phys_size(sb_type_phys(type)) : 0;
}

static sb_status
check_endianness(const sb_format_table *table, bool *little, sb_error *err)
{
    sb_str name = sb_str_of(sb_format_get(table, "endianness", "big-endian"));
    *little = sb_str_equal_nocase(name, SB_STR("little-endian"));
    if (!*little && !sb_str_equal_nocase(name, SB_STR("big-endian"))) {
        return sb_format_bad_option(table, "endianness", "is neither big-endian nor little-endian",
                                    err);
    }
    return SB_OK;
}

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
    bool little;
    if (!sb_type_is_string(&field->type) && !sb_type_is_binary(&field->type) &&
        fixed_size(&field->type) == 0) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "format 'raw' takes texts, bytes, BOOLEAN, integers, FLOAT and DOUBLE; column '%s' "
                "is of another type",
                field->name);
    }
    SB_TRY(check_endianness(table, &little, err), err);
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
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT,
                             .messages_only = fixed_size(&field->type) > 0};
    return SB_OK;
}

/* Values that are numbers to the machine: the bytes in order, or turned around. */
static void
turn_bytes(const char *from, char *to, int32_t size, bool little)
{
    static const uint16_t one = 1;
    bool machine_little = *(const uint8_t *)&one == 1;
    for (int32_t i = 0; i < size; i++) {
        to[i] = from[little == machine_little ? i : size - 1 - i];
    }
}

typedef struct raw_decoder {
    sb_decoder base;
    bool wanted;   /* the column is projected; else rows are counted only */
    bool text;     /* must be UTF-8 */
    bool little;   /* numbers are little-endian */
    bool boolean;  /* every byte but 0 is TRUE */
    int32_t fixed; /* bytes of a value; 0: any */
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

/* NULL: fine. */
static const char *
why_bad(const raw_decoder *d, sb_str record)
{
    static const char *const lengths[] = {[1] = "not the 1 byte of the column's type",
                                          [2] = "not the 2 bytes of the column's type",
                                          [4] = "not the 4 bytes of the column's type",
                                          [8] = "not the 8 bytes of the column's type"};
    if (!record.data) {
        return NULL;
    }
    if (d->fixed > 0) {
        return record.size != (size_t)d->fixed ? lengths[d->fixed] : NULL;
    }
    if (record.size > SB_FORMAT_RECORD_MAX) {
        return "longer than 64 MiB";
    }
    return d->text && !sb_format_is_utf8(record.data, record.size) ? "not valid UTF-8" : NULL;
}

static void
add_value(const raw_decoder *d, sb_column_builder *column, sb_str record)
{
    char value[8];
    if (!record.data) {
        sb_column_null(column);
    } else if (d->fixed == 0) {
        sb_column_bytes(column, record.data, record.size);
    } else if (d->boolean) {
        sb_column_i64(column, *record.data != 0);
    } else {
        turn_bytes(record.data, value, d->fixed, d->little);
        sb_column_value(column, value);
    }
}

/* Every record is a value: one without bytes is the empty one, one without a value is NULL. */
static sb_status
raw_decode_records(sb_decoder *base, sb_decode_records *call, sb_error *err)
{
    raw_decoder *d = (raw_decoder *)(void *)base;
    sb_records_begin(call);
    for (; call->consumed < call->count && call->rows < call->limit_rows; call->consumed++) {
        sb_str record = call->records[call->consumed];
        const char *why = why_bad(d, record);
        if (why) {
            SB_TRY(sb_records_bad(call, call->consumed, why, false, err), err);
            continue;
        }
        if (d->wanted) {
            add_value(d, &call->columns[0], record);
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
static const sb_decoder_vtable raw_number_decoder_vtable = {.decode_records = raw_decode_records,
                                                            .free = raw_decoder_free};

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
    const sb_type *type = &table->columns->fields[0].type;
    d->fixed = fixed_size(type);
    d->base = (sb_decoder){d->fixed ? &raw_number_decoder_vtable : &raw_decoder_vtable, mem};
    d->wanted = count > 0;
    d->text = sb_type_is_string(type);
    d->boolean = type->id == SB_TYPE_BOOLEAN;
    *out = &d->base;
    return check_endianness(table, &d->little, err);
}

typedef struct raw_encoder {
    sb_encoder base;
    int32_t fixed; /* as the decoder's */
    bool little;
} raw_encoder;

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
raw_encode_records(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
                   size_t *ends, sb_error *err)
{
    const raw_encoder *e = (const raw_encoder *)(const void *)base;
    (void)err;
    const sb_vector *v = batch->columns[0];
    for (int32_t i = from; i < to; i++) {
        int32_t row = sb_batch_row(batch, i);
        bool valid = sb_vector_valid(v, row);
        if (valid && e->fixed > 0) {
            char value[8];
            turn_bytes(sb_vector_at(v, row), value, e->fixed, e->little);
            sb_text_append(out, value, (size_t)e->fixed);
        } else if (valid) {
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
    sb_free(e->mem, e, sizeof(raw_encoder));
}

static const sb_encoder_vtable raw_encoder_vtable = {
    .encode = raw_encode, .encode_records = raw_encode_records, .free = raw_encoder_free};
static const sb_encoder_vtable raw_number_encoder_vtable = {.encode_records = raw_encode_records,
                                                            .free = raw_encoder_free};

static sb_status
raw_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_format_facts facts;
    SB_TRY(raw_check(table, false, &facts, err), err);
    raw_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->fixed = fixed_size(&table->columns->fields[0].type);
    e->base = (sb_encoder){e->fixed ? &raw_number_encoder_vtable : &raw_encoder_vtable, mem};
    *out = &e->base;
    return check_endianness(table, &e->little, err);
}

const sb_format sb_format_raw = {
    .name = "raw",
    .options = raw_options,
    .check = raw_check,
    .decoder = raw_decoder_new,
    .encoder = raw_encoder_new,
};
