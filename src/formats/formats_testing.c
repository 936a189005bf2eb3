/*
 * formats/formats_testing.c -- helpers of the tests of formats and connectors.
 */
#include "formats/formats_testing.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- schemas
 * -------------------------------------------------------------------------------------- */

typedef struct parser {
    sb_arena *arena;
    const char *at;
} parser;

static void
skip_blanks(parser *p)
{
    while (*p->at == ' ' || *p->at == '\n') {
        p->at++;
    }
}

static bool
accept(parser *p, const char *word)
{
    skip_blanks(p);
    size_t size = strlen(word);
    if (strncmp(p->at, word, size) != 0 ||
        (isalpha((unsigned char)word[0]) && isalnum((unsigned char)p->at[size]))) {
        return false;
    }
    p->at += size;
    return true;
}

static void
expect(parser *p, const char *word)
{
    bool found = accept(p, word);
    sb_assert(found);
}

static char *
parse_name(parser *p)
{
    skip_blanks(p);
    bool quoted = *p->at == '`';
    const char *first = p->at += quoted;
    while (quoted ? *p->at != '`' : isalnum((unsigned char)*p->at) || *p->at == '_') {
        p->at++;
    }
    char *name = sb_arena_strndup(p->arena, first, (size_t)(p->at - first));
    p->at += quoted;
    return name;
}

static int
parse_number(parser *p)
{
    skip_blanks(p);
    char *end;
    long v = strtol(p->at, &end, 10);
    p->at = end;
    return (int)v;
}

static sb_type parse_type(parser *p);

static sb_field *
parse_fields(parser *p, const char *end, int32_t *count)
{
    sb_field *fields = SB_NEW_ARRAY(p->arena, sb_field, 64);
    *count = 0;
    for (;;) {
        skip_blanks(p);
        if (!*p->at || (end && accept(p, end))) {
            return fields;
        }
        if (*count > 0) {
            expect(p, ",");
        }
        char *name = parse_name(p);
        fields[*count] = (sb_field){.name = name, .type = parse_type(p)};
        (*count)++;
    }
}

static int
parse_parameter(parser *p, int otherwise)
{
    if (!accept(p, "(")) {
        return otherwise;
    }
    int v = parse_number(p);
    expect(p, ")");
    return v;
}

static sb_type
parse_decimal(parser *p)
{
    sb_type type = sb_type_decimal(10, 0, true);
    if (accept(p, "(")) {
        type.precision = (uint8_t)parse_number(p);
        type.scale = accept(p, ",") ? (uint8_t)parse_number(p) : 0;
        expect(p, ")");
    }
    return type;
}

static sb_type
parse_nested(parser *p, sb_type_id id)
{
    sb_type type = {.id = id, .nullable = true};
    expect(p, "<");
    if (id == SB_TYPE_ROW) {
        type.children = parse_fields(p, ">", &type.count_children);
        return type;
    }
    sb_field *fields = SB_NEW_ARRAY(p->arena, sb_field, 2);
    fields[0] = (sb_field){.name = id == SB_TYPE_MAP ? "key" : "element", .type = parse_type(p)};
    type.count_children = 1;
    if (id == SB_TYPE_MAP) {
        expect(p, ",");
        fields[1] = (sb_field){.name = "value", .type = parse_type(p)};
        type.count_children = 2;
    }
    expect(p, ">");
    type.children = fields;
    return type;
}

static sb_type
parse_bare(parser *p)
{
    static const struct {
        const char *name;
        sb_type_id id;
        int length;
    } simple[] = {
        {"BOOLEAN", SB_TYPE_BOOLEAN, 0},
        {"TINYINT", SB_TYPE_TINYINT, 0},
        {"SMALLINT", SB_TYPE_SMALLINT, 0},
        {"INT", SB_TYPE_INT, 0},
        {"BIGINT", SB_TYPE_BIGINT, 0},
        {"FLOAT", SB_TYPE_FLOAT, 0},
        {"DOUBLE", SB_TYPE_DOUBLE, 0},
        {"DATE", SB_TYPE_DATE, 0},
        {"STRING", SB_TYPE_VARCHAR, SB_LENGTH_MAX},
        {"BYTES", SB_TYPE_VARBINARY, SB_LENGTH_MAX},
    };

    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++) {
        if (accept(p, simple[i].name)) {
            return (sb_type){.id = simple[i].id, .nullable = true, .length = simple[i].length};
        }
    }
    sb_type type = {.nullable = true};
    if (accept(p, "DECIMAL")) {
        return parse_decimal(p);
    }
    if (accept(p, "CHAR") || accept(p, "VARCHAR")) {
        type.id = p->at[-7] == 'V' ? SB_TYPE_VARCHAR : SB_TYPE_CHAR;
        type.length = parse_parameter(p, 1);
        return type;
    }
    bool fixed = accept(p, "BINARY");
    if (fixed || accept(p, "VARBINARY")) {
        type.id = fixed ? SB_TYPE_BINARY : SB_TYPE_VARBINARY;
        type.length = parse_parameter(p, 1);
        return type;
    }
    if (accept(p, "TIMESTAMP_LTZ")) {
        type.id = SB_TYPE_TIMESTAMP_LTZ;
        type.precision = (uint8_t)parse_parameter(p, 6);
        return type;
    }
    if (accept(p, "TIMESTAMP")) {
        type.id = SB_TYPE_TIMESTAMP;
        type.precision = (uint8_t)parse_parameter(p, 6);
        return type;
    }
    if (accept(p, "TIME")) {
        type.id = SB_TYPE_TIME;
        type.precision = (uint8_t)parse_parameter(p, 0);
        return type;
    }
    if (accept(p, "ARRAY")) {
        return parse_nested(p, SB_TYPE_ARRAY);
    }
    if (accept(p, "MULTISET")) {
        return parse_nested(p, SB_TYPE_MULTISET);
    }
    if (accept(p, "MAP")) {
        return parse_nested(p, SB_TYPE_MAP);
    }
    expect(p, "ROW");
    return parse_nested(p, SB_TYPE_ROW);
}

static sb_type
parse_type(parser *p)
{
    sb_type type = parse_bare(p);
    if (accept(p, "NOT")) {
        expect(p, "NULL");
        type.nullable = false;
    }
    return type;
}

const sb_schema *
sb_test_schema(sb_arena *arena, const char *text)
{
    parser p = {arena, text};
    sb_schema *schema = SB_NEW(arena, sb_schema);
    schema->fields = parse_fields(&p, NULL, &schema->count);
    return schema;
}

/* ---- options
 * --------------------------------------------------------------------------------------- */

static const char *
test_get(const void *ctx, const char *key)
{
    const sb_test_options *options = ctx;
    for (int i = 0; options && options->pairs[i]; i += 2) {
        if (strcmp(options->pairs[i], key) == 0) {
            return options->pairs[i + 1];
        }
    }
    return NULL;
}

sb_format_table
sb_test_table(const sb_schema *schema, const sb_test_options *options)
{
    return (sb_format_table){.columns = schema, .options = {test_get, NULL, options}};
}

/* ---- decoding
 * -------------------------------------------------------------------------------------- */

typedef struct run {
    sb_text *out;
    int64_t line, offset; /* of the start of the running call */
} run;

static sb_status
note_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    run *r = ctx;
    (void)err;
    sb_text_printf(r->out, "BAD %lld %lld %s\n", (long long)(r->line + bad->line + 1),
                   (long long)(r->offset + bad->offset), bad->reason);
    return SB_OK;
}

static void
print_rows(const sb_schema *schema, sb_column_builder *builders, const uint8_t *ops, int32_t rows,
           sb_text *out)
{
    sb_error err;
    sb_mem *mem = out->mem;
    sb_vector *columns[64];
    for (int32_t i = 0; i < schema->count; i++) {
        columns[i] = sb_column_finish(&builders[i], &err);
        sb_assert(columns[i]);
    }
    sb_batch *batch = sb_batch_new(mem, schema, columns, rows);
    sb_buffer *own = sb_buffer_new(mem, rows + 1);
    memcpy(own->data, ops, (size_t)rows);
    sb_batch_set_ops(batch, own, own->data);
    sb_assert(sb_batch_valid(batch));
    sb_format_table table = sb_test_table(schema, NULL);
    sb_encoder *encoder;
    sb_status status = sb_format_changelog_json.encoder(mem, &table, &encoder, &err);
    sb_assert(status == SB_OK);
    status = encoder->vtable->encode(encoder, batch, 0, rows, out, &err);
    sb_assert(status == SB_OK);
    sb_encoder_free(encoder);
    sb_batch_free(batch);
}

/* A piece of the input in memory of exactly its size and the promised padding. */
static char *
padded_copy(const char *data, size_t size)
{
    char *copy = malloc(size + SB_FORMAT_PADDING);
    memcpy(copy, data, size);
    memset(copy + size, 0, SB_FORMAT_PADDING);
    return copy;
}

static void
decode_pieces(sb_decoder *decoder, const sb_schema *schema, const char *data, size_t size,
              size_t split_at, int32_t limit, sb_text *out)
{
    sb_error err;
    sb_column_builder builders[64];
    uint8_t *ops = malloc((size_t)limit + 1);
    run r = {.out = out};
    size_t at = 0, end = split_at ? split_at : size;
    for (int32_t i = 0; i < schema->count; i++) {
        sb_status status =
            sb_column_builder_init(&builders[i], out->mem, &schema->fields[i].type, &err);
        sb_assert(status == SB_OK);
    }
    for (;;) {
        char *copy = padded_copy(data + at, end - at);
        sb_decode call = {
            .data = copy,
            .size = end - at,
            .begin = at == 0,
            .final = end == size,
            .limit_rows = limit,
            .columns = builders,
            .ops = ops,
            .bad = {note_bad, &r},
        };
        r.offset = (int64_t)at;
        sb_status status = decoder->vtable->decode(decoder, &call, &err);
        free(copy);
        if (status != SB_OK) {
            sb_text_printf(out, "ERROR %s\n", err.message);
            break;
        }
        print_rows(schema, builders, ops, call.rows, out);
        at += call.consumed;
        r.line += call.lines;
        if (call.consumed == 0) {
            if (end == size) {
                break;
            }
            end = size;
        }
    }
    if (at != size) {
        sb_text_printf(out, "LEFT %zu\n", size - at);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        sb_column_builder_deinit(&builders[i]);
    }
    free(ops);
}

void
sb_test_decode(const sb_format *format, const sb_format_table *table, const int32_t *project,
               int32_t count, const char *data, size_t size, size_t split_at, int32_t limit_rows,
               sb_text *out)
{
    sb_error err;
    sb_decoder *decoder;
    sb_field fields[64];
    sb_schema projected = {.count = count, .fields = fields};
    for (int32_t i = 0; i < count; i++) {
        fields[i] = table->columns->fields[project[i]];
    }
    if (format->decoder(out->mem, table, project, count, &decoder, &err) != SB_OK) {
        sb_text_printf(out, "ERROR %s\n", err.message);
        return;
    }
    decode_pieces(decoder, &projected, data, size, split_at, limit_rows, out);
    sb_decoder_free(decoder);
}

/* ---- records that lie apart ---- */

static sb_status
note_bad_record(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    (void)err;
    sb_text_printf(ctx, "BAD %lld %s%s\n", (long long)bad->offset, bad->reason,
                   bad->tolerated ? " (tolerated)" : "");
    return SB_OK;
}

/* The lines that print_rows writes, with the record before each. */
static void
print_records(const sb_schema *schema, sb_column_builder *builders, const sb_decode_records *call,
              int32_t base, sb_text *out)
{
    sb_text lines;
    sb_text_init(&lines, out->mem);
    print_rows(schema, builders, call->ops, call->rows, &lines);
    const char *at = lines.data;
    for (int32_t r = 0; r < call->rows; r++) {
        const char *lf = strchr(at, '\n');
        sb_text_printf(out, "%d %.*s\n", base + call->record_of[r], (int)(lf - at), at);
        at = lf + 1;
    }
    sb_text_deinit(&lines);
}

static void
decode_all_records(sb_decoder *decoder, const sb_schema *schema, sb_str *records, int32_t count,
                   int32_t limit, sb_text *out)
{
    sb_error err;
    sb_column_builder builders[64];
    uint8_t *ops = malloc((size_t)limit + 1);
    int32_t *record_of = malloc(sizeof *record_of * ((size_t)limit + 1)), at = 0;
    for (int32_t i = 0; i < schema->count; i++) {
        sb_status status =
            sb_column_builder_init(&builders[i], out->mem, &schema->fields[i].type, &err);
        sb_assert(status == SB_OK);
    }
    while (at < count) {
        sb_decode_records call = {.records = records + at,
                                  .count = count - at,
                                  .limit_rows = limit,
                                  .columns = builders,
                                  .ops = ops,
                                  .record_of = record_of,
                                  .bad = {note_bad_record, out}};
        if (decoder->vtable->decode_records(decoder, &call, &err) != SB_OK) {
            sb_text_printf(out, "ERROR %s\n", err.message);
            break;
        }
        bool any = false;
        for (int32_t r = 0; r < call.rows; r++) {
            any = any || ops[r] != SB_ROW_INSERT;
        }
        sb_assert(any == call.has_ops && call.consumed > 0);
        print_records(schema, builders, &call, at, out);
        at += call.consumed;
    }
    for (int32_t i = 0; i < schema->count; i++) {
        sb_column_builder_deinit(&builders[i]);
    }
    free(record_of);
    free(ops);
}

static char *
lay(const sb_str *records, int32_t count, sb_test_lie lie, sb_str *out, char **copies)
{
    size_t total = SB_FORMAT_PADDING;
    for (int32_t i = 0; i < count; i++) {
        total += records[i].size + 1;
    }
    char *frame = calloc(1, total), *to = frame;
    for (int32_t i = 0; i < count; i++) {
        copies[i] = lie == SB_TEST_APART && records[i].data
                        ? padded_copy(records[i].data, records[i].size)
                        : NULL;
        out[i] = (sb_str){copies[i] ? copies[i] : to, records[i].size};
        if (!records[i].data) {
            out[i].data = NULL;
        } else {
            memcpy(to, records[i].data, records[i].size);
            to += records[i].size;
            *to++ = '\n';
        }
    }
    return frame;
}

static sb_status
add_metadata(const sb_format *format, const sb_format_table *table, sb_field *fields,
             sb_schema *schema, sb_error *err)
{
    for (int32_t i = 0; i < table->count_metadata; i++) {
        sb_field *field = &fields[schema->count++];
        field->name = table->metadata[i];
        SB_TRY(format->metadata(table, table->metadata[i], &field->type, err), err);
    }
    return SB_OK;
}

void
sb_test_decode_records(const sb_format *format, const sb_format_table *table, const sb_str *records,
                       int32_t count, sb_test_lie lie, int32_t limit_rows, sb_text *out)
{
    sb_error err;
    sb_decoder *decoder;
    sb_field fields[64];
    int32_t project[64];
    sb_schema schema = {.count = table->columns->count, .fields = fields};
    for (int32_t i = 0; i < schema.count; i++) {
        fields[i] = table->columns->fields[i];
        project[i] = i;
    }
    sb_format_facts facts;
    if (format->check(table, true, &facts, &err) != SB_OK ||
        add_metadata(format, table, fields, &schema, &err) != SB_OK ||
        format->decoder(out->mem, table, project, table->columns->count, &decoder, &err) != SB_OK) {
        sb_text_printf(out, "ERROR %s\n", err.message);
        return;
    }
    sb_str *laid = malloc(sizeof *laid * (size_t)count);
    char **copies = malloc(sizeof *copies * (size_t)count);
    char *frame = lay(records, count, lie, laid, copies);
    decode_all_records(decoder, &schema, laid, count, limit_rows, out);
    for (int32_t i = 0; i < count; i++) {
        free(copies[i]);
    }
    free(copies);
    free(frame);
    free(laid);
    sb_decoder_free(decoder);
}

/* ---- encoding ---- */

sb_batch *
sb_test_rows(sb_mem *mem, const sb_schema *schema, const char *lines)
{
    sb_error err;
    sb_batch_builder builder;
    sb_decoder *decoder;
    uint8_t ops[1024];
    int32_t project[64];
    sb_format_table table = sb_test_table(schema, NULL);
    for (int32_t i = 0; i < schema->count; i++) {
        project[i] = i;
    }
    sb_status status = sb_batch_builder_init(&builder, mem, schema, &err);
    sb_assert(status == SB_OK);
    status = sb_format_changelog_json.decoder(mem, &table, project, schema->count, &decoder, &err);
    sb_assert(status == SB_OK);
    char *copy = padded_copy(lines, strlen(lines));
    sb_text bad;
    sb_text_init(&bad, mem);
    sb_decode call = {.data = copy,
                      .size = strlen(lines),
                      .begin = true,
                      .final = true,
                      .limit_rows = 1024,
                      .columns = builder.columns,
                      .ops = ops,
                      .bad = {note_bad_record, &bad}};
    status = decoder->vtable->decode(decoder, &call, &err);
    sb_assert(status == SB_OK && bad.size == 0);
    sb_batch_builder_rows_ops(&builder, call.rows, ops);
    sb_batch *batch;
    status = sb_batch_builder_finish(&builder, &batch, &err);
    sb_assert(status == SB_OK);
    sb_batch_builder_deinit(&builder);
    sb_text_deinit(&bad);
    sb_decoder_free(decoder);
    free(copy);
    return batch;
}

static void
print_encoded(const sb_text *bytes, const size_t *ends, int32_t count, bool hex, sb_text *out)
{
    for (int32_t i = 0; i < count; i++) {
        size_t from = i > 0 ? ends[i - 1] : 0;
        for (size_t k = from; k < ends[i]; k++) {
            if (hex) {
                sb_text_printf(out, "%02x", (unsigned char)bytes->data[k]);
            } else {
                sb_text_char(out, bytes->data[k]);
            }
        }
        sb_text_add(out, ends[i] > from ? "\n" : "NONE\n");
    }
}

void
sb_test_encode_records(const sb_format *format, const sb_format_table *table, const char *lines,
                       bool hex, sb_text *out)
{
    sb_error err;
    sb_encoder *encoder;
    sb_format_facts facts;
    if (format->check(table, false, &facts, &err) != SB_OK ||
        format->encoder(out->mem, table, &encoder, &err) != SB_OK) {
        sb_text_printf(out, "ERROR %s\n", err.message);
        return;
    }
    sb_batch *batch = sb_test_rows(out->mem, table->columns, lines);
    int32_t count = batch->count_rows;
    size_t *ends = malloc(sizeof *ends * ((size_t)count + 1));
    sb_text bytes;
    sb_text_init(&bytes, out->mem);
    if (encoder->vtable->encode_records(encoder, batch, 0, count, &bytes, ends, &err) != SB_OK) {
        sb_text_printf(out, "ERROR %s\n", err.message);
    } else {
        print_encoded(&bytes, ends, count, hex, out);
    }
    sb_text_deinit(&bytes);
    free(ends);
    sb_batch_free(batch);
    sb_encoder_free(encoder);
}
