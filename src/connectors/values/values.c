/*
 * connectors/values/values.c -- rows written down in the table's options: SQL's VALUES, and tests.
 *
 * DESIGN     'rows' holds JSON lines (or changelog-json lines, if 'format' says so). One split; the
 *            position is a byte offset into the text.
 */
#include "connectors/values/values.h"

#include <string.h>

#include "connectors/options.h"

#define POSITION_VERSION 1

typedef struct values_source {
    sb_source base;
    sb_decoder *decoder;
    sb_batch_builder builder;
    bool has_builder;
    char *rows; /* padded copy of the option */
    size_t size, offset;
    uint8_t *ops;
} values_source;

static const sb_option_spec values_options[] = {
    {"rows", "string", NULL, "JSON lines, one a row"},
    {"format", "enum:json|changelog-json", "json", "of the lines"},
    {NULL, NULL, NULL, NULL},
};

static const sb_source_vtable values_vtable;

static values_source *
source_of(sb_source *s)
{
    sb_assert(s->vtable == &values_vtable);
    return (values_source *)(void *)s;
}

static sb_status
read_format(const sb_table_desc *table, const sb_format **out, sb_error *err)
{
    const char *name = sb_table_option(table, "format", "json");
    *out = strcmp(name, "changelog-json") == 0 ? &sb_format_changelog_json : &sb_format_json;
    if (strcmp(name, (*out)->name) != 0) {
        return sb_table_option_bad(table, "format", "expected json or changelog-json", err);
    }
    return SB_OK;
}

static sb_status
values_facts(const sb_table_desc *table, sb_source_facts *out, sb_error *err)
{
    const sb_format *format;
    sb_format_facts facts;
    SB_TRY(read_format(table, &format, err), err);
    SB_TRY(sb_table_options_check(table, values_options, format, err), err);
    SB_TRY(sb_refuse_partitions(table, err), err);
    if (!sb_table_option(table, "rows", NULL)) {
        SB_FAIL(err, SB_STATUS_INVALID, "table '%s': connector 'values' needs the option 'rows'",
                table->name);
    }
    SB_TRY(sb_table_format_check(table, format, true, &facts, err), err);
    *out = (sb_source_facts){.row_ops = facts.row_ops,
                             .delete_by_key = facts.delete_by_key,
                             .bounded = true,
                             .replayable = true};
    return SB_OK;
}

static sb_status
values_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                 sb_split_list *list, sb_error *err)
{
    (void)node;
    (void)os;
    (void)mem;
    (void)parallelism;
    SB_TRY(sb_split_add(list, "values", (sb_str){"", 0}, err), err);
    list->complete = true;
    return SB_OK;
}

static sb_status
values_init(sb_source *base, const sb_source_init *ctx, sb_error *err)
{
    values_source *s = source_of(base);
    const sb_format *format;
    sb_format_bridge bridge;
    sb_format_table view;
    base->ctx = ctx;
    if (ctx->node->count_metadata > 0) {
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "connector 'values' has no metadata columns");
    }
    SB_TRY(read_format(ctx->node->table, &format, err), err);
    const char *rows = sb_table_option(ctx->node->table, "rows", "");
    s->size = strlen(rows);
    s->rows = sb_alloc_zero(ctx->mem, s->size + SB_FORMAT_PADDING);
    s->ops = sb_alloc(ctx->mem, (size_t)ctx->batch_rows);
    if (!s->rows || !s->ops) {
        SB_NOMEM(err);
    }
    memcpy(s->rows, rows, s->size);
    SB_TRY(sb_batch_builder_init(&s->builder, ctx->mem, ctx->output, err), err);
    s->has_builder = true;
    sb_table_for_format(ctx->node->table, format, &bridge, &view);
    return format->decoder(ctx->mem, &view, ctx->node->project.at, ctx->node->project.count,
                           &s->decoder, err);
}

static sb_status
values_open(sb_source *base, const sb_split *split, sb_reader *position, sb_error *err)
{
    values_source *s = source_of(base);
    (void)split;
    if (position) {
        if (sb_read_u8(position) != POSITION_VERSION) {
            SB_FAIL(err, SB_STATUS_CORRUPT,
                    "the position in a list of values has an unknown version");
        }
        s->offset = sb_read_u64(position);
        SB_TRY(sb_reader_done(position, "position in a list of values", err), err);
        if (s->offset > s->size) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "the position in a list of values is out of range");
        }
    }
    return SB_OK;
}

static sb_status
values_bad(void *ctx, const sb_bad_record *bad, sb_error *err)
{
    (void)ctx;
    if (bad->tolerated) {
        return SB_OK;
    }
    SB_FAIL(err, SB_STATUS_DATA, "option 'rows', line %lld: %s", (long long)bad->line + 1,
            bad->reason);
}

static sb_step
values_poll(sb_source *base, int32_t split, int32_t limit_rows, int64_t now_ms, sb_batch **out,
            int64_t *wake_ms, sb_error *err)
{
    values_source *s = source_of(base);
    (void)now_ms;
    (void)wake_ms;
    sb_decode call = {
        .data = s->rows + s->offset,
        .size = s->size - s->offset,
        .final = true,
        .limit_rows = limit_rows,
        .columns = s->builder.columns,
        .ops = s->ops,
        .bad = {values_bad, s},
    };
    *out = NULL;
    if (s->decoder->vtable->decode(s->decoder, &call, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    s->offset += call.consumed;
    if (call.rows > 0) {
        sb_batch_builder_rows_ops(&s->builder, call.rows, call.has_ops ? s->ops : NULL);
        if (sb_batch_builder_finish(&s->builder, out, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        (*out)->split = split;
    }
    return s->offset == s->size ? SB_STEP_DONE : SB_STEP_AGAIN;
}

static sb_status
values_position(sb_source *base, int32_t split, sb_writer *w, sb_error *err)
{
    (void)split;
    sb_write_u8(w, POSITION_VERSION);
    sb_write_u64(w, source_of(base)->offset);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static void
values_close_split(sb_source *s, int32_t split)
{
    (void)s;
    (void)split;
}

static void
values_close(sb_source *base)
{
    values_source *s = source_of(base);
    if (!base->ctx) {
        return;
    }
    s->decoder = sb_decoder_free(s->decoder);
    if (s->has_builder) {
        sb_batch_builder_deinit(&s->builder);
        s->has_builder = false;
    }
    sb_free(base->ctx->mem, s->rows, s->rows ? s->size + SB_FORMAT_PADDING : 0);
    sb_free(base->ctx->mem, s->ops, s->ops ? (size_t)base->ctx->batch_rows : 0);
    s->rows = NULL;
    s->ops = NULL;
}

static const sb_source_vtable values_vtable = {
    .name = "values",
    .instance_size = sizeof(values_source),
    .enumerate = values_enumerate,
    .init = values_init,
    .open = values_open,
    .poll = values_poll,
    .position = values_position,
    .close_split = values_close_split,
    .close = values_close,
};

const sb_connector sb_connector_values = {
    .name = "values",
    .source = &values_vtable,
    .options = values_options,
    .source_facts = values_facts,
};
