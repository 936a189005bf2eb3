/*
 * connectors/connectors_testing.c -- for tests of connectors.
 */
#include "connectors/connectors_testing.h"

#include <string.h>

#include "formats/formats_testing.h"

sb_table_desc *
sb_testing_table(sb_arena *arena, const char *connector, const char *schema,
                 const char *const *pairs)
{
    sb_table_desc *table = SB_NEW(arena, sb_table_desc);
    int32_t count = 0;
    while (pairs && pairs[count]) {
        count += 2;
    }
    *table = (sb_table_desc){
        .name = "t", .connector = connector, .columns = sb_test_schema(arena, schema)};
    table->options.at = SB_NEW_ARRAY(arena, sb_option, count / 2 + 1);
    for (int32_t i = 0; i < count; i += 2) {
        char *value = sb_arena_strdup(arena, pairs[i + 1]);
        table->options.at[table->options.count++] = (sb_option){pairs[i], value, 100 + i};
    }
    return table;
}

sb_source_node *
sb_testing_source_node(sb_arena *arena, const sb_table_desc *table)
{
    sb_source_node *node = SB_NEW(arena, sb_source_node);
    int32_t *project = SB_NEW_ARRAY(arena, int32_t, table->columns->count + 1);
    for (int32_t i = 0; i < table->columns->count; i++) {
        project[i] = i;
    }
    *node = (sb_source_node){.table = table, .project = {table->columns->count, project}};
    return node;
}

static const sb_schema *
output_schema(sb_arena *arena, const sb_source_node *node)
{
    sb_schema *schema = SB_NEW(arena, sb_schema);
    sb_field *fields =
        SB_NEW_ARRAY(arena, sb_field, node->project.count + node->count_metadata + 1);
    if (!schema || !fields) {
        return NULL;
    }
    for (int32_t i = 0; i < node->project.count; i++) {
        fields[schema->count++] = node->table->columns->fields[node->project.at[i]];
    }
    for (int32_t i = 0; i < node->count_metadata; i++) {
        fields[schema->count++] =
            (sb_field){.name = node->metadata[i].key, .type = node->metadata[i].type};
    }
    schema->fields = fields;
    return schema;
}

sb_status
sb_testing_source_start(sb_testing_source *s, sb_mem *mem, sb_os *os, const sb_connector *connector,
                        const sb_source_node *node, int32_t parallelism, int32_t batch_rows,
                        const sb_str *positions)
{
    *s = (sb_testing_source){.connector = connector, .arena = sb_arena_new(sb_mem_root())};
    const sb_source_vtable *vt = connector->source;
    const sb_schema *output = s->arena ? output_schema(s->arena, node) : NULL;
    if (!output) {
        SB_NOMEM(&s->err);
    }
    s->splits.arena = s->arena;
    s->init = (sb_source_init){
        .mem = mem,
        .os = os,
        .node = node,
        .output = output,
        .parallelism = 1,
        .batch_rows = batch_rows,
        .zone = "UTC",
        .metrics = &s->metrics,
        .checkpoints = true,
    };
    SB_TRY(vt->enumerate(node, os, mem, parallelism, &s->splits, &s->err), &s->err);
    s->instance = sb_arena_alloc(s->arena, vt->instance_size);
    s->done = SB_NEW_ARRAY(s->arena, bool, s->splits.count + 1);
    if (!s->instance || !s->done) {
        s->instance = NULL;
        SB_NOMEM(&s->err);
    }
    s->instance->vtable = vt;
    SB_TRY(vt->init(s->instance, &s->init, &s->err), &s->err);
    for (int32_t i = 0; i < s->splits.count; i++) {
        sb_reader r =
            positions ? sb_reader_of(positions[i].data, positions[i].size) : (sb_reader){0};
        SB_TRY(vt->open(s->instance, &s->splits.at[i], positions ? &r : NULL, &s->err), &s->err);
    }
    return SB_OK;
}

sb_step
sb_testing_source_next(sb_testing_source *s, int32_t limit_rows, int64_t now_ms, sb_batch **out)
{
    *out = NULL;
    for (int32_t i = 0; i < s->splits.count; i++) {
        while (!s->done[i]) {
            int64_t wake_ms = 0;
            sb_step step = s->connector->source->poll(s->instance, i, limit_rows, now_ms, out,
                                                      &wake_ms, &s->err);
            s->done[i] = step == SB_STEP_DONE;
            if (*out) {
                sb_assert(sb_batch_valid(*out));
                sb_assert((*out)->split == i);
                return SB_STEP_AGAIN;
            }
            if (step & (SB_STEP_FAIL | SB_WAIT_CLOCK)) {
                return step;
            }
        }
    }
    return SB_STEP_DONE;
}

sb_str *
sb_testing_source_positions(sb_testing_source *s)
{
    const sb_source_vtable *vt = s->connector->source;
    sb_str *positions = SB_NEW_ARRAY(s->arena, sb_str, s->splits.count + 1);
    sb_status status = vt->prepare ? vt->prepare(s->instance, ++s->checkpoint, &s->err) : SB_OK;
    sb_assert(status == SB_OK);
    for (int32_t i = 0; i < s->splits.count; i++) {
        sb_writer w;
        sb_writer_init(&w, sb_mem_root());
        status = vt->position(s->instance, i, &w, &s->err);
        sb_assert(status == SB_OK);
        positions[i] = (sb_str){sb_arena_memdup(s->arena, w.out.data, w.out.size), w.out.size};
        sb_writer_deinit(&w);
    }
    return positions;
}

void
sb_testing_source_stop(sb_testing_source *s)
{
    if (s->instance) {
        s->connector->source->close(s->instance);
    }
    s->arena = sb_arena_free(s->arena);
}

void
sb_testing_print(const sb_batch *batch, sb_text *out)
{
    sb_error err;
    sb_encoder *encoder;
    sb_format_table table = sb_test_table(batch->schema, NULL);
    sb_status status = sb_format_changelog_json.encoder(out->mem, &table, &encoder, &err);
    sb_assert(status == SB_OK);
    status = encoder->vtable->encode(encoder, batch, 0, batch->count_rows, out, &err);
    sb_assert(status == SB_OK);
    sb_encoder_free(encoder);
}

static sb_status
no_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    (void)ctx;
    SB_FAIL(err, SB_STATUS_DATA, "%s", bad->reason);
}

sb_batch *
sb_testing_batch(sb_mem *mem, const sb_schema *schema, const char *lines)
{
    sb_error err;
    sb_decoder *decoder;
    sb_batch_builder builder;
    int32_t project[64];
    uint8_t ops[4096];
    sb_text padded;
    sb_batch *batch = NULL;
    for (int32_t i = 0; i < schema->count; i++) {
        project[i] = i;
    }
    sb_text_init(&padded, sb_mem_root());
    sb_text_add(&padded, lines);
    memset(sb_text_reserve(&padded, SB_FORMAT_PADDING), 0, SB_FORMAT_PADDING);
    sb_format_table table = sb_test_table(schema, NULL);
    sb_status status =
        sb_format_changelog_json.decoder(mem, &table, project, schema->count, &decoder, &err);
    sb_assert(status == SB_OK);
    status = sb_batch_builder_init(&builder, mem, schema, &err);
    sb_assert(status == SB_OK);
    sb_decode call = {.data = padded.data,
                      .size = padded.size,
                      .final = true,
                      .limit_rows = 4096,
                      .columns = builder.columns,
                      .ops = ops,
                      .bad = {no_bad, NULL}};
    status = decoder->vtable->decode(decoder, &call, &err);
    sb_assert(status == SB_OK && call.consumed == call.size);
    sb_batch_builder_rows_ops(&builder, call.rows, ops);
    status = sb_batch_builder_finish(&builder, &batch, &err);
    sb_assert(status == SB_OK);
    sb_batch_builder_deinit(&builder);
    sb_decoder_free(decoder);
    sb_text_deinit(&padded);
    return batch;
}
