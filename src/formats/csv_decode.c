/*
 * formats/csv_decode.c -- lines of CSV into columns.
 *
 * DESIGN     Records of a window are cut into fields (csv_scan); the wanted fields of a chunk of
 *            records are converted column by column and then go to the builders. ARRAY and ROW are
 *            texts with a delimiter of their own; they are first tried, then appended.
 */
#include <string.h>

#include "formats/chunk.h"
#include "formats/csv_scan.h"
#include "formats/csv_value.h"
#include "formats/number_text.h"
#include "formats/records.h"

#define WINDOW     (64 << 10)
#define CHUNK      256
#define TEXT_SLACK 16

typedef struct csv_record {
    size_t offset, size; /* in the input */
    int64_t line;
    const char *why; /* NULL: fine */
    int32_t column;  /* whose value is bad; -1: the record */
    int32_t fields;  /* how many it has */
} csv_record;

typedef struct csv_column {
    const sb_field *field;
    int32_t place;   /* among the table's columns */
    int32_t width;   /* 0: ARRAY, ROW */
    bool is_text;    /* CHAR, VARCHAR: `values` is `texts` */
    sb_str *texts;   /* CHUNK */
    uint8_t *valid;  /* CHUNK */
    uint8_t *values; /* CHUNK values of `width` */
} csv_column;

typedef struct csv_decoder {
    sb_decoder base;
    sb_csv_options options;
    sb_csv_scan scan;
    sb_arena *arena;   /* columns; lives as long as the decoder */
    sb_arena *scratch; /* of a chunk */
    sb_text reason;
    const sb_schema *schema; /* of the table */
    int32_t count_table;     /* its columns */
    int32_t *want;           /* per column of the table: its place among the projected ones, -1 */
    int32_t count_columns;
    csv_column *columns;
    sb_csv_field *fields; /* of the running record, per projected column */
    size_t window;        /* bytes of the next window: grows with the record */
    size_t window_offset; /* of the scanned window in the input */
    int32_t count;        /* records of the chunk */
    csv_record records[CHUNK];
} csv_decoder;

/* ---- conversion
 * --------------------------------------------------------------------------------------- */

static bool
is_null_text(const csv_decoder *d, sb_str text)
{
    if (text.size == 0 && d->options.empty_is_null) {
        return true;
    }
    return d->options.null_literal && sb_str_equal(text, sb_str_of(d->options.null_literal));
}

static sb_csv_got
append_scalar(csv_decoder *d, const sb_type *type, sb_str text, sb_column_builder *to)
{
    union {
        sb_str text;
        uint8_t bytes[16];
        sb_int128 align;
    } value;

    sb_csv_got got =
        is_null_text(d, text) ? SB_CSV_NULL : sb_csv_scalar(d->scratch, type, text, &value);
    if (got != SB_CSV_NOMEM && d->options.strict && !is_null_text(d, text) &&
        sb_csv_changes(type, text)) {
        got = SB_CSV_WRONG;
    }
    if (got == SB_CSV_WRONG && d->options.ignore_parse_errors) {
        got = SB_CSV_NULL;
    }
    if (!to || got == SB_CSV_WRONG || got == SB_CSV_NOMEM) {
        return got;
    }
    if (got == SB_CSV_NULL) {
        sb_column_null(to);
    } else if (to->phys == SB_PHYS_VIEW) {
        sb_column_bytes(to, value.text.data, value.text.size);
    } else {
        sb_column_value(to, &value);
    }
    return SB_CSV_VALUE;
}

/* The next element of a list; false: there is none. */
static bool
next_element(const csv_decoder *d, sb_str *rest, bool *first, sb_str *out)
{
    sb_str delimiter = d->options.element_delimiter;
    if (!*first && !rest->data) {
        return false;
    }
    *first = false;
    const char *at =
        rest->size ? memmem(rest->data, rest->size, delimiter.data, delimiter.size) : NULL;
    *out = (sb_str){rest->data, at ? (size_t)(at - rest->data) : rest->size};
    *rest = at ? (sb_str){at + delimiter.size, rest->size - out->size - delimiter.size}
               : (sb_str){NULL, 0};
    return true;
}

/* ARRAY or ROW; `to` NULL: only finds out whether it can be read. */
static sb_csv_got
append_nested(csv_decoder *d, const sb_type *type, sb_str text, sb_column_builder *to)
{
    bool first = true, array = type->id == SB_TYPE_ARRAY;
    int32_t n = 0;
    sb_str element;
    if (to && array) {
        sb_column_list_begin(to);
    }
    while ((text.size > 0 || !first || !array) && next_element(d, &text, &first, &element)) {
        if (!array && n >= type->count_children) {
            return SB_CSV_WRONG;
        }
        int32_t child = array ? 0 : n;
        sb_csv_got got = append_scalar(d, &type->children[child].type, element,
                                       to ? &to->children[child] : NULL);
        if (got == SB_CSV_WRONG || got == SB_CSV_NOMEM) {
            return got;
        }
        n++;
    }
    for (; !array && n < type->count_children; n++) {
        if (!d->options.ignore_parse_errors) {
            return SB_CSV_WRONG;
        }
        if (to) {
            sb_column_null(&to->children[n]);
        }
    }
    if (to && array) {
        sb_column_list_end(to);
    } else if (to) {
        sb_column_struct(to);
    }
    return SB_CSV_VALUE;
}

/* All records have a plain number there? False: nothing is decided. */
static bool
convert_bigints(const csv_decoder *d, csv_column *column)
{
    int64_t *out = (int64_t *)(void *)column->values;
    for (int32_t r = 0; r < d->count; r++) {
        sb_str text = column->texts[r];
        if (d->records[r].why || column->place >= d->records[r].fields || is_null_text(d, text)) {
            return false;
        }
        if (!sb_fmt_parse_short(text.data, text.size, &out[r]) &&
            !sb_fmt_parse_i64(text, INT64_MIN, INT64_MAX, &out[r])) {
            return false;
        }
    }
    memset(column->valid, 1, (size_t)d->count);
    return true;
}

static sb_status
convert_column(csv_decoder *d, int32_t c, sb_error *err)
{
    csv_column *column = &d->columns[c];
    const sb_type *type = &column->field->type;
    uint8_t *out = column->values;
    bool text = column->is_text;
    if (type->id == SB_TYPE_BIGINT && convert_bigints(d, column)) {
        return SB_OK;
    }
    for (int32_t r = 0; r < d->count; r++, out += column->width) {
        csv_record *record = &d->records[r];
        if (record->why) {
            continue;
        }
        if (column->place >= record->fields || is_null_text(d, column->texts[r])) {
            column->valid[r] = 0;
            continue;
        }
        sb_csv_got got = text            ? SB_CSV_VALUE
                         : column->width ? sb_csv_scalar(d->scratch, type, column->texts[r], out)
                                         : append_nested(d, type, column->texts[r], NULL);
        if (d->options.strict && column->width && got != SB_CSV_NOMEM &&
            sb_csv_changes(type, column->texts[r])) {
            got = SB_CSV_WRONG;
        }
        if (got == SB_CSV_NOMEM) {
            SB_NOMEM(err);
        }
        if (got == SB_CSV_WRONG && !d->options.ignore_parse_errors) {
            record->why = "cannot be read";
            record->column = c;
        }
        column->valid[r] = got == SB_CSV_VALUE;
    }
    return SB_OK;
}

/* ---- to the builders
 * ----------------------------------------------------------------------------------- */

static sb_status
tell_bad(csv_decoder *d, sb_decode *call, int32_t r, sb_error *err)
{
    const csv_record *record = &d->records[r];
    sb_text_clear(&d->reason);
    if (record->column >= 0) {
        const csv_column *column = &d->columns[record->column];
        sb_str text = column->texts[r];
        sb_text_printf(&d->reason, "field '%s' %s as ", column->field->name, record->why);
        sb_type_print(&column->field->type, &d->reason);
        sb_text_printf(&d->reason, ": \"%.*s\"%s", text.size > 60 ? 60 : (int)text.size, text.data,
                       text.size > 60 ? "..." : "");
    } else {
        sb_text_add(&d->reason, record->why);
        if (record->fields > 0) {
            sb_text_printf(&d->reason, ": %d in place of %d", record->fields, d->count_table);
        }
    }
    if (d->reason.failed) {
        SB_NOMEM(err);
    }
    sb_bad_record bad = {
        .offset = (int64_t)record->offset,
        .line = record->line,
        .bytes = {call->data + record->offset, record->size},
        .reason = d->reason.data,
        .tolerated = d->options.ignore_parse_errors,
    };
    return call->bad.bad(call->bad.ctx, &bad, err);
}

static void
append_row(csv_decoder *d, const csv_column *column, int32_t r, sb_column_builder *to)
{
    if (!column->valid[r]) {
        sb_column_null(to);
    } else if (column->width == 0) {
        (void)append_nested(d, &column->field->type, column->texts[r], to);
    } else if (to->phys == SB_PHYS_VIEW) {
        const sb_str *text = (const sb_str *)(const void *)column->values + r;
        sb_column_bytes(to, text->data, text->size);
    } else {
        sb_column_value(to, column->values + (size_t)r * (size_t)column->width);
    }
}

static sb_status
flush(csv_decoder *d, sb_decode *call, sb_error *err)
{
    bool any_bad = false;
    if (d->count == 0) {
        return SB_OK;
    }
    for (int32_t c = 0; c < d->count_columns; c++) {
        SB_TRY(convert_column(d, c, err), err);
    }
    for (int32_t r = 0; r < d->count; r++) {
        if (d->records[r].why) {
            any_bad = true;
            SB_TRY(tell_bad(d, call, r, err), err);
        } else {
            call->ops[call->rows++] = SB_ROW_INSERT;
        }
    }
    for (int32_t c = 0; c < d->count_columns; c++) {
        const csv_column *column = &d->columns[c];
        if (!any_bad && column->width > 0) {
            sb_chunk_append(&call->columns[c], column->values, column->valid, d->count);
            continue;
        }
        for (int32_t r = 0; r < d->count; r++) {
            if (!d->records[r].why) {
                append_row(d, column, r, &call->columns[c]);
            }
        }
    }
    d->count = 0;
    sb_arena_clear(d->scratch);
    return SB_OK;
}

/* ---- records
 * --------------------------------------------------------------------------------------------- */

/* The texts of the record's wanted fields. */
static sb_status
take_fields(csv_decoder *d, csv_record *record, int32_t r, sb_error *err)
{
    const char *window = d->scan.data;
    for (int32_t c = 0; c < d->count_columns; c++) {
        csv_column *column = &d->columns[c];
        if (column->place >= record->fields) {
            column->texts[r] = (sb_str){window, 0};
            continue;
        }
        const sb_csv_field *field = &d->fields[c];
        sb_str text = {window + field->start, field->size};
        if (field->escaped) {
            char *plain = sb_arena_alloc(d->scratch, text.size + TEXT_SLACK);
            if (!plain) {
                SB_NOMEM(err);
            }
            text.size = sb_csv_unescape(&d->options, text.data, text.size, field->quoted, plain);
            text.data = plain;
        }
        bool has_text = column->width == 0 || column->is_text;
        if (has_text && !d->scan.ascii && !sb_format_is_utf8(text.data, text.size)) {
            record->why = "not valid UTF-8";
            record->fields = 0;
        }
        column->texts[r] = text;
    }
    return SB_OK;
}

/* Records of the scanned window; *out_more: the next one does not end in it. */
static sb_status
take_window(csv_decoder *d, sb_decode *call, bool *out_more, sb_error *err)
{
    *out_more = false;
    while (d->scan.at < d->scan.size && call->rows + d->count < call->limit_rows) {
        csv_record *record = &d->records[d->count];
        uint32_t start, end;
        int32_t fields = 0, lines;
        const char *why = NULL;
        sb_csv_next next = sb_csv_scan_next(&d->scan, d->want, d->count_table, d->fields, &fields,
                                            &start, &end, &lines, &why);
        if (next == SB_CSV_MORE) {
            *out_more = true;
            break;
        }
        if (next != SB_CSV_NONE) {
            *record = (csv_record){.offset = d->window_offset + start,
                                   .size = end - start,
                                   .line = call->lines,
                                   .why = why,
                                   .column = -1,
                                   .fields = fields};
            bool many = fields > d->count_table && !d->options.ignore_trailing;
            bool few = fields < d->count_table &&
                       (!d->options.ignore_parse_errors || d->options.fail_on_missing);
            if (!why && (many || few)) {
                record->why = many ? "too many fields" : "too few fields";
            } else if (!why) {
                SB_TRY(take_fields(d, record, d->count, err), err);
            }
            d->count++;
        }
        call->lines += lines;
        call->consumed = d->window_offset + d->scan.at;
        if (d->count == CHUNK) {
            SB_TRY(flush(d, call, err), err);
        }
    }
    return flush(d, call, err);
}

/* ---- header
 * --------------------------------------------------------------------------------------------- */

static sb_status
check_header(csv_decoder *d, const sb_csv_field *fields, int32_t count, sb_error *err)
{
    if (count != d->count_table) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "the header has %d names, the table has %d columns", count,
                d->count_table);
    }
    for (int32_t c = 0; c < count; c++) {
        sb_str name = {d->scan.data + fields[c].start, fields[c].size};
        if (fields[c].escaped) {
            char *plain = sb_arena_alloc(d->scratch, name.size + TEXT_SLACK);
            if (!plain) {
                SB_NOMEM(err);
            }
            name.size = sb_csv_unescape(&d->options, name.data, name.size, fields[c].quoted, plain);
            name.data = plain;
        }
        if (!sb_str_equal(name, sb_str_of(d->schema->fields[c].name))) {
            SB_FAIL(err, SB_STATUS_SEMANTIC,
                    "the header has \"%.*s\" where the table has column \"%s\"",
                    name.size > 60 ? 60 : (int)name.size, name.data, d->schema->fields[c].name);
        }
    }
    return SB_OK;
}

/* Takes the first record of a file; *out_more: it has not come to its end. */
static sb_status
take_header(csv_decoder *d, sb_decode *call, bool *out_more, sb_error *err)
{
    sb_csv_field *fields = SB_NEW_ARRAY(d->scratch, sb_csv_field, d->count_table + 1);
    int32_t *want = SB_NEW_ARRAY(d->scratch, int32_t, d->count_table + 1);
    size_t window = WINDOW;
    if (!fields || !want) {
        SB_NOMEM(err);
    }
    for (int32_t c = 0; c < d->count_table; c++) {
        want[c] = c;
    }
    for (;; window *= 2) {
        size_t size = call->size < window ? call->size : window;
        uint32_t start, end;
        int32_t count = 0, lines = 0;
        const char *why = "";
        sb_csv_next next = SB_CSV_NONE;
        call->lines = 0;
        SB_TRY(
            sb_csv_scan_window(&d->scan, call->data, size, call->final && size == call->size, err),
            err);
        while (next == SB_CSV_NONE && d->scan.at < d->scan.size) {
            next = sb_csv_scan_next(&d->scan, want, d->count_table, fields, &count, &start, &end,
                                    &lines, &why);
            call->lines += next == SB_CSV_MORE ? 0 : lines;
        }
        if (next == SB_CSV_BAD) {
            SB_FAIL(err, SB_STATUS_SEMANTIC, "the header cannot be read: %s", why);
        }
        *out_more = next == SB_CSV_MORE || (next == SB_CSV_NONE && !call->final);
        if (!*out_more) {
            call->consumed = d->scan.at;
            return d->options.match_header && next == SB_CSV_RECORD
                       ? check_header(d, fields, count, err)
                       : SB_OK;
        }
        if (size == call->size) {
            call->lines = 0;
            return SB_OK; /* the rest has not come yet */
        }
    }
}

static sb_status
csv_decode(sb_decoder *base, sb_decode *call, sb_error *err)
{
    csv_decoder *d = (csv_decoder *)(void *)base;
    call->consumed = 0;
    call->lines = 0;
    call->rows = 0;
    call->has_ops = false;
    d->count = 0;
    d->window = WINDOW;
    sb_arena_clear(d->scratch);
    if (d->options.header && call->begin && call->size > 0) {
        bool more;
        SB_TRY(take_header(d, call, &more, err), err);
        if (more) {
            return SB_OK;
        }
    }
    while (call->consumed < call->size && call->rows < call->limit_rows) {
        size_t left = call->size - call->consumed, size = left < d->window ? left : d->window,
               before = call->consumed;
        bool more;
        d->window_offset = call->consumed;
        SB_TRY(sb_csv_scan_window(&d->scan, call->data + call->consumed, size,
                                  call->final && size == left, err),
               err);
        SB_TRY(take_window(d, call, &more, err), err);
        if (more && call->consumed == before) {
            if (size > SB_FORMAT_RECORD_MAX) {
                SB_FAIL(err, SB_STATUS_LIMIT, "a record is longer than %d bytes",
                        SB_FORMAT_RECORD_MAX);
            }
            if (size == left) {
                break; /* the rest has not come yet */
            }
            d->window *= 2;
        }
    }
    return SB_OK;
}

/* ---- life
 * -------------------------------------------------------------------------------------------------
 */

static void
csv_free(sb_decoder *base)
{
    csv_decoder *d = (csv_decoder *)(void *)base;
    sb_csv_scan_deinit(&d->scan);
    sb_text_deinit(&d->reason);
    sb_arena_free(d->arena);
    sb_arena_free(d->scratch);
    sb_free(base->mem, d, sizeof *d);
}

static const sb_decoder_vtable csv_decoder_vtable = {
    .decode = csv_decode, .decode_records = sb_records_decode_each, .free = csv_free};

static sb_status
make_columns(csv_decoder *d, const sb_schema *schema, const int32_t *project, int32_t count,
             sb_error *err)
{
    d->schema = schema;
    d->count_table = schema->count;
    d->count_columns = count;
    d->want = SB_NEW_ARRAY(d->arena, int32_t, schema->count + 1);
    d->columns = SB_NEW_ARRAY(d->arena, csv_column, count + 1);
    d->fields = SB_NEW_ARRAY(d->arena, sb_csv_field, count + 1);
    if (!d->want || !d->columns || !d->fields) {
        SB_NOMEM(err);
    }
    memset(d->want, -1, sizeof *d->want * (size_t)schema->count);
    for (int32_t c = 0; c < count; c++) {
        csv_column *column = &d->columns[c];
        column->field = &schema->fields[project[c]];
        column->place = project[c];
        const sb_type *type = &column->field->type;
        column->width = type->count_children ? 0 : sb_phys_size(sb_type_phys(type));
        column->texts = SB_NEW_ARRAY(d->arena, sb_str, CHUNK);
        column->valid = SB_NEW_ARRAY(d->arena, uint8_t, CHUNK);
        column->is_text = sb_type_is_string(type);
        column->values = column->is_text
                             ? (uint8_t *)column->texts
                             : SB_NEW_ARRAY(d->arena, uint8_t, CHUNK * (column->width + 1));
        if (!column->texts || !column->valid || !column->values) {
            SB_NOMEM(err);
        }
        d->want[project[c]] = c;
    }
    return SB_OK;
}

sb_status
sb_csv_decoder_new(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
                   sb_decoder **out, sb_error *err)
{
    csv_decoder *d = sb_alloc_zero(mem, sizeof *d);
    if (!d) {
        SB_NOMEM(err);
    }
    d->base = (sb_decoder){&csv_decoder_vtable, mem};
    sb_text_init(&d->reason, mem);
    d->scan = (sb_csv_scan){.options = &d->options, .mem = mem};
    sb_status status = sb_csv_options_read(table, &d->options, err);
    if (status == SB_OK) {
        d->arena = sb_arena_new(mem);
        d->scratch = sb_arena_new(mem);
        bool fine = d->arena && d->scratch;
        status = fine ? make_columns(d, table->columns, project, count, err)
                      : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        csv_free(&d->base);
        return status;
    }
    *out = &d->base;
    return SB_OK;
}
