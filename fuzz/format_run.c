/*
 * fuzz/format_run.c -- bytes through a format.
 *
 * OWNERSHIP  Every piece of input is an exact heap copy with the promised padding behind it: the
 *            address sanitizer sees a read past it.
 * THREADS    One.
 */
#include "format_run.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS 19
#define LIMIT   7

static const sb_field strings[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
static const sb_field entries[] = {
    {.name = "key", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "value", .type = {.id = SB_TYPE_INT, .nullable = true}}};
static const sb_field inner[] = {
    {.name = "x", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "y", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
static const sb_field rows[] = {
    {.name = "element",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = inner}}};

static const sb_field fields[COLUMNS] = {
    {.name = "i", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "l", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "s", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "b", .type = {.id = SB_TYPE_BOOLEAN, .nullable = true}},
    {.name = "d", .type = {.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 8, .scale = 3}},
    {.name = "w", .type = {.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 38, .scale = 10}},
    {.name = "x", .type = {.id = SB_TYPE_DOUBLE, .nullable = true}},
    {.name = "f", .type = {.id = SB_TYPE_FLOAT, .nullable = true}},
    {.name = "e", .type = {.id = SB_TYPE_DATE, .nullable = true}},
    {.name = "h", .type = {.id = SB_TYPE_TIME, .nullable = true}},
    {.name = "t", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
    {.name = "n", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 9}},
    {.name = "z", .type = {.id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 6}},
    {.name = "y", .type = {.id = SB_TYPE_VARBINARY, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "q", .type = {.id = SB_TYPE_TINYINT, .nullable = true}},
    {.name = "a",
     .type = {.id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = strings}},
    {.name = "r",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = inner}},
    {.name = "m",
     .type = {.id = SB_TYPE_MAP, .nullable = true, .count_children = 2, .children = entries}},
    {.name = "o",
     .type = {.id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = rows}},
};
static const sb_schema all_columns = {COLUMNS, fields}, flat_columns = {COLUMNS - 2, fields};

const sb_schema *
format_run_schema(bool flat)
{
    return flat ? &flat_columns : &all_columns;
}

typedef struct run {
    sb_text *out;
    int64_t line, offset;
} run;

static sb_status
note_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    run *r = ctx;
    (void)err;
    sb_text_printf(r->out, "BAD %lld %lld %zu\n", (long long)(r->line + bad->line),
                   (long long)(r->offset + bad->offset), bad->bytes.size);
    return SB_OK;
}

static void
must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void
print_rows(const sb_schema *schema, sb_column_builder *builders, const uint8_t *ops, int32_t count,
           sb_text *out)
{
    sb_error err;
    sb_vector *columns[COLUMNS];
    sb_encoder *encoder;
    sb_format_table table = {.columns = schema};
    for (int32_t i = 0; i < schema->count; i++) {
        columns[i] = sb_column_finish(&builders[i], &err);
        must(columns[i] != NULL);
    }
    sb_batch *batch = sb_batch_new(out->mem, schema, columns, count);
    sb_buffer *own = sb_buffer_new(out->mem, count + 1);
    memcpy(own->data, ops, (size_t)count);
    sb_batch_set_ops(batch, own, own->data);
    must(sb_batch_valid(batch));
    must(sb_format_changelog_json.encoder(out->mem, &table, &encoder, &err) == SB_OK);
    must(encoder->vtable->encode(encoder, batch, 0, count, out, &err) == SB_OK);
    sb_encoder_free(encoder);
    sb_batch_free(batch);
}

static void
decode(const sb_format *format, const sb_format_table *table, const char *data, size_t size,
       size_t cut, sb_text *out)
{
    sb_error err;
    sb_decoder *decoder;
    sb_column_builder builders[COLUMNS];
    int32_t project[COLUMNS];
    uint8_t ops[LIMIT];
    run r = {.out = out};
    size_t at = 0, end = cut ? cut : size;
    for (int32_t i = 0; i < table->columns->count; i++) {
        project[i] = i;
        must(sb_column_builder_init(&builders[i], out->mem, &table->columns->fields[i].type,
                                    &err) == SB_OK);
    }
    must(format->decoder(out->mem, table, project, table->columns->count, &decoder, &err) == SB_OK);
    for (;;) {
        char *copy = malloc(end - at + SB_FORMAT_PADDING);
        must(copy != NULL);
        memcpy(copy, data + at, end - at);
        memset(copy + (end - at), '"', SB_FORMAT_PADDING);
        sb_decode call = {.data = copy,
                          .size = end - at,
                          .final = end == size,
                          .limit_rows = LIMIT,
                          .columns = builders,
                          .ops = ops,
                          .bad = {note_bad, &r}};
        r.offset = (int64_t)at;
        must(decoder->vtable->decode(decoder, &call, &err) == SB_OK);
        free(copy);
        print_rows(table->columns, builders, ops, call.rows, out);
        at += call.consumed;
        r.line += call.lines;
        if (call.consumed == 0 && end == size) {
            break;
        }
        end = call.consumed == 0 ? size : end;
    }
    must(at == size);
    for (int32_t i = 0; i < table->columns->count; i++) {
        sb_column_builder_deinit(&builders[i]);
    }
    sb_decoder_free(decoder);
}

/* The lines that are no BAD ones. */
static void
copy_rows(const sb_text *from, sb_text *to)
{
    for (const char *p = from->data, *end; *p; p = end + 1) {
        end = strchr(p, '\n');
        if (strncmp(p, "BAD ", 4) != 0) {
            sb_text_append(to, p, (size_t)(end - p) + 1);
        }
    }
}

void
format_run_check(const sb_format *format, const sb_schema *schema,
                 const char *(*option)(const void *ctx, const char *key), const uint8_t *data,
                 size_t size)
{
    if (size < 1) {
        return;
    }
    size_t cut = size > 1 ? data[0] % size : 0;
    const char *text = (const char *)data + 1;
    sb_format_table table = {.columns = schema, .options = {.get = option}},
                    plain = {.columns = schema};
    sb_text whole, torn, written, again;
    sb_text_init(&whole, sb_mem_root());
    sb_text_init(&torn, sb_mem_root());
    sb_text_init(&written, sb_mem_root());
    sb_text_init(&again, sb_mem_root());
    decode(format, &table, text, size - 1, 0, &whole);
    if (cut < size - 1) {
        decode(format, &table, text, size - 1, cut, &torn);
        /* Rows come in groups: bad records may be told before or after good rows of the same
         * call. */
        copy_rows(&whole, &written);
        copy_rows(&torn, &again);
        must(whole.size == torn.size && strcmp(written.data, again.data) == 0);
        sb_text_clear(&again);
    } else {
        copy_rows(&whole, &written);
    }
    decode(&sb_format_changelog_json, &plain, written.data, written.size, 0, &again);
    must(strcmp(written.data, again.data) == 0);
    sb_text_deinit(&whole);
    sb_text_deinit(&torn);
    sb_text_deinit(&written);
    sb_text_deinit(&again);
}

/* ---- records that lie apart ---- */

#define RECORDS 64

static sb_status
note_bad_record(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    (void)err;
    sb_text_printf(ctx, "BAD %lld %zu\n", (long long)bad->offset, bad->bytes.size);
    return SB_OK;
}

static void
decode_records(const sb_format *format, const sb_format_table *table, const sb_str *records,
               int32_t count, sb_text *out)
{
    static uint8_t ops[SB_RECORD_ROWS_MAX];
    static int32_t record_of[SB_RECORD_ROWS_MAX];
    sb_error err;
    sb_decoder *decoder;
    sb_column_builder builders[COLUMNS];
    int32_t project[COLUMNS];
    for (int32_t i = 0; i < table->columns->count; i++) {
        project[i] = i;
        must(sb_column_builder_init(&builders[i], out->mem, &table->columns->fields[i].type,
                                    &err) == SB_OK);
    }
    must(format->decoder(out->mem, table, project, table->columns->count, &decoder, &err) == SB_OK);
    for (int32_t at = 0; at < count;) {
        sb_decode_records call = {.records = records + at,
                                  .count = count - at,
                                  .limit_rows = SB_RECORD_ROWS_MAX,
                                  .columns = builders,
                                  .ops = ops,
                                  .record_of = record_of,
                                  .bad = {note_bad_record, out}};
        must(decoder->vtable->decode_records(decoder, &call, &err) == SB_OK);
        must(call.consumed > 0);
        print_rows(table->columns, builders, ops, call.rows, out);
        at += call.consumed;
    }
    for (int32_t i = 0; i < table->columns->count; i++) {
        sb_column_builder_deinit(&builders[i]);
    }
    sb_decoder_free(decoder);
}

void
format_run_records(const sb_format *format, const sb_schema *schema,
                   const char *(*option)(const void *ctx, const char *key), const uint8_t *data,
                   size_t size)
{
    sb_format_table table = {.columns = schema, .options = {.get = option}};
    sb_str apart[RECORDS], framed[RECORDS];
    int32_t count = 0;
    char *frame = malloc(size + 1 + SB_FORMAT_PADDING);
    must(frame != NULL);
    memcpy(frame, data, size);
    memset(frame + size, '\n', 1 + SB_FORMAT_PADDING);
    for (size_t at = 0; at < size && count < RECORDS; count++) {
        char *cut = memchr(frame + at, 0x1f, size - at);
        size_t length = (size_t)((cut ? cut : frame + size) - (frame + at));
        framed[count] = (sb_str){frame + at, length};
        char *copy = malloc(length + SB_FORMAT_PADDING);
        must(copy != NULL);
        memcpy(copy, frame + at, length);
        memset(copy + length, '"', SB_FORMAT_PADDING);
        apart[count] = (sb_str){copy, length};
        frame[at + length] = '\n';
        at += length + 1;
    }
    sb_text one, other;
    sb_text_init(&one, sb_mem_root());
    sb_text_init(&other, sb_mem_root());
    decode_records(format, &table, framed, count, &one);
    decode_records(format, &table, apart, count, &other);
    must(one.size == other.size);
    sb_text_deinit(&one);
    sb_text_deinit(&other);
    for (int32_t i = 0; i < count; i++) {
        free((char *)(uintptr_t)apart[i].data);
    }
    free(frame);
}
