/*
 * formats/avro.c -- the format avro: messages that are one binary record of the schema that Flink
 * derives from the columns, without a header.
 */
#include "formats/avro.h"

static const sb_format_option avro_options[] = {
    {"encoding", "enum:binary|json", "binary", "form of the records; only binary"},
    {"codec", "string", "snappy", "of files; messages have none"},
    {"timestamp_mapping.legacy", "bool", "true",
     "TIMESTAMP(3) as timestamp-millis and no other; false: local-timestamp and timestamp for "
     "TIMESTAMP and TIMESTAMP_LTZ of up to 6 digits"},
    {NULL, NULL, NULL, NULL},
};

static bool
has_multiset(const sb_type *type)
{
    bool has = type->id == SB_TYPE_MULTISET;
    for (int32_t i = 0; i < type->count_children && !has; i++) {
        has = has_multiset(&type->children[i].type);
    }
    return has;
}

static sb_status
check_multisets(const sb_schema *columns, sb_error *err)
{
    for (int32_t i = 0; i < columns->count; i++) {
        if (has_multiset(&columns->fields[i].type)) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: reading a MULTISET from Avro (column '%s')",
                    columns->fields[i].name);
        }
    }
    return SB_OK;
}

sb_status
sb_avro_table_schema(const sb_format_table *table, bool source, sb_text *out, sb_error *err)
{
    bool legacy;
    sb_str encoding = sb_str_of(sb_format_get(table, "encoding", "binary"));
    SB_TRY(sb_format_bool(table, "timestamp_mapping.legacy", true, &legacy, err), err);
    if (sb_str_equal_nocase(encoding, SB_STR("json"))) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: 'avro.encoding' = 'json'");
    }
    if (!sb_str_equal_nocase(encoding, SB_STR("binary"))) {
        return sb_format_bad_option(table, "encoding", "expected binary", err);
    }
    if (source) {
        SB_TRY(check_multisets(table->columns, err), err);
    }
    return sb_avro_schema_derive(table->columns, legacy, out, err);
}

sb_status
sb_avro_schema_fits(const sb_avro_schema *schema, const sb_schema *columns, bool source,
                    sb_error *err)
{
    if (source) {
        SB_TRY(check_multisets(columns, err), err);
    }
    if (schema->kind != SB_AVRO_RECORD) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "the Avro schema of the table must be a record");
    }
    if (schema->count != columns->count) {
        SB_FAIL(err, SB_STATUS_SEMANTIC,
                "the Avro schema has %d fields, the table %d columns that are stored",
                schema->count, columns->count);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        bool nullable;
        const sb_avro_schema *inner = sb_avro_not_null(schema->fields[i].schema, &nullable);
        if (!inner) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: field '%s' of the Avro schema is a union of several types",
                    schema->fields[i].name);
        }
        if (strcmp(schema->fields[i].name, columns->fields[i].name) != 0) {
            SB_FAIL(err, SB_STATUS_SEMANTIC,
                    "field %d of the Avro schema is '%s', column %d of the table is '%s'", i + 1,
                    schema->fields[i].name, i + 1, columns->fields[i].name);
        }
    }
    return SB_OK;
}

static sb_status
avro_check(const sb_format_table *table, bool source, sb_format_facts *out, sb_error *err)
{
    sb_text schema;
    sb_text_init(&schema, sb_mem_root());
    sb_status status = sb_avro_table_schema(table, source, &schema, err);
    sb_text_deinit(&schema);
    *out = (sb_format_facts){.row_ops = 1u << SB_ROW_INSERT};
    return status;
}

/* ---- reading ---- */

typedef struct one_schema { /* writer and reader are the same */
    sb_mem *mem;
    sb_arena *arena;
    sb_avro_step top;
} one_schema;

static sb_status
find_steps(void *ctx, sb_str *record, const sb_avro_step **out, const char **why, sb_error *err)
{
    const one_schema *one = ctx;
    (void)record;
    (void)why;
    (void)err;
    *out = &one->top;
    return SB_OK;
}

static void
free_steps(void *ctx)
{
    one_schema *one = ctx;
    sb_arena_free(one->arena);
    sb_free(one->mem, one, sizeof *one);
}

static sb_status
make_steps(one_schema *one, const sb_format_table *table, const int32_t *project, int32_t count,
           sb_error *err)
{
    const sb_avro_schema *schema;
    int32_t *places = SB_NEW_ARRAY(one->arena, int32_t, table->columns->count + 1);
    sb_text text;
    if (!places) {
        SB_NOMEM(err);
    }
    sb_text_init(&text, one->mem);
    sb_status status = sb_avro_table_schema(table, true, &text, err);
    if (status == SB_OK) {
        status = sb_avro_schema_parse(one->arena, (sb_str){text.data, text.size}, &schema, err);
    }
    sb_text_deinit(&text);
    SB_TRY(status, err);
    for (int32_t i = 0; i < table->columns->count; i++) {
        places[i] = -1;
    }
    for (int32_t i = 0; i < count; i++) {
        places[project[i]] = i;
    }
    sb_avro_wanted wanted = {schema, table->columns->count, table->columns->fields, places};
    return sb_avro_plan_record(one->arena, schema, &wanted, &one->top, err);
}

static sb_status
avro_decoder_new(sb_mem *mem, const sb_format_table *table, const int32_t *project, int32_t count,
                 sb_decoder **out, sb_error *err)
{
    one_schema *one = sb_alloc_zero(mem, sizeof *one);
    if (!one) {
        SB_NOMEM(err);
    }
    one->mem = mem;
    one->arena = sb_arena_new(mem);
    sb_status status =
        one->arena ? make_steps(one, table, project, count, err)
                   : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        sb_avro_steps steps = {find_steps, free_steps, one};
        status = sb_avro_decoder_new(mem, table->columns, project, count, &steps, out, err);
    }
    if (status != SB_OK) {
        free_steps(one);
    }
    return status;
}

/* ---- writing ---- */

typedef struct avro_encoder {
    sb_encoder base;
    sb_arena *arena;
    const sb_avro_schema *schema;
} avro_encoder;

static sb_status
avro_encode_records(sb_encoder *base, const sb_batch *batch, int32_t from, int32_t to, sb_text *out,
                    size_t *ends, sb_error *err)
{
    const avro_encoder *e = (const avro_encoder *)(void *)base;
    for (int32_t i = from; i < to; i++) {
        SB_TRY(sb_avro_write_row(e->schema, batch, sb_batch_row(batch, i), out, err), err);
        ends[i - from] = out->size;
    }
    return SB_OK;
}

static void
avro_encoder_free(sb_encoder *base)
{
    avro_encoder *e = (avro_encoder *)(void *)base;
    sb_arena_free(e->arena);
    sb_free(base->mem, e, sizeof *e);
}

static const sb_encoder_vtable avro_encoder_vtable = {.encode_records = avro_encode_records,
                                                      .free = avro_encoder_free};

static sb_status
avro_encoder_new(sb_mem *mem, const sb_format_table *table, sb_encoder **out, sb_error *err)
{
    sb_text text;
    avro_encoder *e = sb_alloc_zero(mem, sizeof *e);
    if (!e) {
        SB_NOMEM(err);
    }
    e->base = (sb_encoder){&avro_encoder_vtable, mem};
    e->arena = sb_arena_new(mem);
    sb_text_init(&text, mem);
    sb_status status =
        e->arena ? sb_avro_table_schema(table, false, &text, err)
                 : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = sb_avro_schema_parse(e->arena, (sb_str){text.data, text.size}, &e->schema, err);
    }
    sb_text_deinit(&text);
    if (status != SB_OK) {
        avro_encoder_free(&e->base);
        return status;
    }
    *out = &e->base;
    return SB_OK;
}

const sb_format sb_format_avro = {
    .name = "avro",
    .options = avro_options,
    .check = avro_check,
    .decoder = avro_decoder_new,
    .encoder = avro_encoder_new,
};
