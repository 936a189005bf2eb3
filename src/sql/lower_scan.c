/*
 * sql/lower_scan.c -- a scan becomes source, Calc (computed columns, casts of metadata) and
 * WatermarkAssigner.
 *
 * THREADS    one thread at a time.
 */
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "sql/code.h"
#include "sql/lower.h"

typedef struct scan_parts {
    sb_lower *lower;
    const sb_rel_table *table;
    uint8_t *read;      /* declared columns that the source must give: physical and metadata */
    int32_t *source_at; /* declared column -> column of the source's output; -1 none */
    sb_source_node *body;
    sb_schema *schema; /* of the source */
} scan_parts;

static sb_status
scan_option_error(sb_lower *lower, const sb_rel_table *table, const char *key, const char *value,
                  const char *hint)
{
    (void)sb_sql_error(lower->rel->err, SB_SQL_OPTION, table->begin, table->end,
                       "option '%s' of table \"%s\" cannot be '%s'", key, table->desc.name, value);
    sb_error_hint(lower->rel->err, "%s", hint);
    return SB_STATUS_INVALID;
}

static sb_status
scan_duration(sb_lower *lower, const sb_rel_table *table, const char *key, int64_t otherwise_ms,
              int64_t *out)
{
    const char *text = sb_options_get(&table->desc.options, key);

    *out = otherwise_ms;
    if (text != NULL && !sb_parse_duration_ms(text, out)) {
        return scan_option_error(lower, table, key, text, "it is a duration such as '10 s'");
    }
    return SB_OK;
}

/* ---- source ---- */

static sb_status
scan_what_to_read(scan_parts *parts)
{
    const sb_catalog_table *catalog = parts->table->catalog;
    sb_arena *arena = parts->lower->rel->arena;

    parts->read = SB_NEW_ARRAY(arena, uint8_t, catalog->count_columns + 1);
    parts->source_at = SB_NEW_ARRAY(arena, int32_t, catalog->count_columns + 1);
    if (parts->read == NULL || parts->source_at == NULL) {
        SB_NOMEM(parts->lower->rel->err);
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        const sb_catalog_column *column = &catalog->columns[i];

        if (column->kind == SB_AST_COLUMN_PHYSICAL) {
            parts->read[i] |= parts->table->used[i] || !parts->table->source.supports_projection;
        } else if (parts->table->used[i] && column->kind == SB_AST_COLUMN_METADATA) {
            parts->read[i] = 1;
        } else if (parts->table->used[i]) {
            sb_expr_columns(column->expr, parts->read, catalog->count_columns);
        }
    }
    return SB_OK;
}

/* A source that reads nothing has no rows: all columns are computed from nothing. */
static void
scan_read_one(scan_parts *parts)
{
    const sb_catalog_table *catalog = parts->table->catalog;

    for (int32_t i = 0; i < catalog->count_columns; i++) {
        if (parts->read[i]) {
            return;
        }
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        if (catalog->columns[i].kind == SB_AST_COLUMN_PHYSICAL) {
            parts->read[i] = 1;
            return;
        }
    }
}

static sb_status
scan_source_body(scan_parts *parts)
{
    const sb_catalog_table *catalog = parts->table->catalog;
    sb_arena *arena = parts->lower->rel->arena;
    int32_t *project = SB_NEW_ARRAY(arena, int32_t, catalog->count_columns + 1), physical = 0,
            at = 0;
    sb_metadata_column *metadata =
        SB_NEW_ARRAY(arena, sb_metadata_column, catalog->count_columns + 1);
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, catalog->count_columns + 1);
    uint64_t *used_fields = SB_NEW_ARRAY(arena, uint64_t, catalog->count_columns + 1);

    parts->body = SB_NEW(arena, sb_source_node);
    parts->schema = SB_NEW(arena, sb_schema);
    if (project == NULL || metadata == NULL || fields == NULL || used_fields == NULL ||
        parts->body == NULL || parts->schema == NULL) {
        SB_NOMEM(parts->lower->rel->err);
    }
    parts->body->project.at = project;
    parts->body->metadata = metadata;
    parts->body->fields = used_fields;
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        parts->source_at[i] = -1;
        if (catalog->columns[i].kind != SB_AST_COLUMN_PHYSICAL) {
            continue;
        }
        if (parts->read[i]) {
            parts->source_at[i] = at;
            used_fields[parts->body->project.count] =
                parts->table->source.supports_projection ? parts->table->fields[i] : UINT64_MAX;
            project[parts->body->project.count++] = physical;
            fields[at++] = parts->table->desc.columns->fields[physical];
        }
        physical++;
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        if (catalog->columns[i].kind == SB_AST_COLUMN_METADATA && parts->read[i]) {
            parts->source_at[i] = at;
            metadata[parts->body->count_metadata++] = (sb_metadata_column){
                .key = catalog->columns[i].metadata_key, .type = parts->table->metadata_types[i]};
            fields[at++] = (sb_field){.name = catalog->columns[i].name,
                                      .type = parts->table->metadata_types[i]};
        }
    }
    *parts->schema = (sb_schema){.count = at, .fields = fields};
    parts->body->table = &parts->table->desc;
    parts->body->ordinal = catalog->ordinal;
    return SB_OK;
}

/* ---- computed columns ---- */

/* What each declared physical and metadata column is over the source's output. */
static sb_status
scan_base(scan_parts *parts, sb_expr ***out)
{
    const sb_catalog_table *catalog = parts->table->catalog;
    sb_rel_context *ctx = parts->lower->rel;

    *out = SB_NEW_ARRAY(ctx->arena, sb_expr *, catalog->count_columns + 1);
    if (*out == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        int32_t at = parts->source_at[i];

        if (at < 0) {
            continue;
        }
        (*out)[i] = sb_expr_column(ctx->arena, at, &parts->schema->fields[at].type);
        if ((*out)[i] == NULL) {
            SB_NOMEM(ctx->err);
        }
        if (catalog->columns[i].kind == SB_AST_COLUMN_METADATA &&
            !sb_type_equal(&parts->schema->fields[at].type, &catalog->columns[i].type)) {
            SB_TRY(sb_expr_cast(ctx->arena, (*out)[i], &catalog->columns[i].type, false, &(*out)[i],
                                ctx->err),
                   ctx->err);
        }
    }
    return SB_OK;
}

/* A CALC to the scan's columns, unless the source gives just those. */
static sb_status
scan_calc(scan_parts *parts, const sb_rel *rel, sb_plan_node **node)
{
    const sb_catalog_table *catalog = parts->table->catalog;
    sb_rel_context *ctx = parts->lower->rel;
    sb_calc_node *body = SB_NEW(ctx->arena, sb_calc_node);
    sb_exchange forward = {.kind = SB_EXCHANGE_FORWARD};
    sb_expr **base;
    bool same = rel->schema.count == parts->schema->count;

    SB_TRY(scan_base(parts, &base), ctx->err);
    if (body == NULL ||
        (body->projections = SB_NEW_ARRAY(ctx->arena, sb_expr *, rel->schema.count + 1)) == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        sb_expr *expr = base[i];

        if (!parts->table->used[i]) {
            continue;
        }
        if (catalog->columns[i].kind == SB_AST_COLUMN_COMPUTED) {
            SB_TRY(sb_expr_substitute(ctx->arena, catalog->columns[i].expr, base, &expr, ctx->err),
                   ctx->err);
            SB_TRY(sb_expr_fold(ctx->arena, expr, ctx->zone, &expr, ctx->err), ctx->err);
        }
        same &= expr->kind == SB_EXPR_COLUMN && expr->column == body->count;
        body->projections[body->count++] = expr;
    }
    if (same) {
        return SB_OK;
    }
    SB_TRY(sb_lower_add(parts->lower, SB_NODE_CALC, node, &forward, 1, &rel->schema, body, node),
           ctx->err);
    return sb_lower_describe(parts->lower, *node);
}

/* ---- watermark ---- */

static sb_status
scan_alignment(sb_lower *lower, const sb_rel_table *table, sb_watermark_node *body)
{
    body->alignment_group = sb_options_get(&table->desc.options, "scan.watermark.alignment.group");
    SB_TRY(scan_duration(lower, table, "scan.watermark.alignment.max-drift", 0,
                         &body->alignment_max_drift_ms),
           lower->rel->err);
    SB_TRY(scan_duration(lower, table, "scan.watermark.alignment.update-interval", 1000,
                         &body->alignment_update_ms),
           lower->rel->err);
    if (body->alignment_group != NULL && body->alignment_max_drift_ms <= 0) {
        return scan_option_error(lower, table, "scan.watermark.alignment.group",
                                 body->alignment_group,
                                 "it needs 'scan.watermark.alignment.max-drift' too");
    }
    return SB_OK;
}

static sb_status
scan_watermark_body(sb_lower *lower, const sb_rel_table *table, sb_watermark_node *body)
{
    const char *strategy = sb_options_get(&table->desc.options, "scan.watermark.emit.strategy");

    SB_TRY(scan_duration(lower, table, "scan.watermark.idle-timeout",
                         sb_config_duration(lower->config, "table.exec.source.idle-timeout", 0),
                         &body->idle_timeout_ms),
           lower->rel->err);
    body->interval_ms = sb_config_duration(lower->config, "pipeline.auto-watermark-interval", 200);
    if (strategy != NULL) {
        body->on_event = strcmp(strategy, "on-event") == 0;
        if (!body->on_event && strcmp(strategy, "on-periodic") != 0) {
            return scan_option_error(lower, table, "scan.watermark.emit.strategy", strategy,
                                     "it is on-event or on-periodic");
        }
    }
    return scan_alignment(lower, table, body);
}

static sb_status
scan_watermark(scan_parts *parts, const sb_rel *rel, sb_plan_node **node)
{
    const sb_catalog_table *catalog = parts->table->catalog;
    sb_rel_context *ctx = parts->lower->rel;
    sb_watermark_node *body = SB_NEW(ctx->arena, sb_watermark_node);
    int32_t *map = SB_NEW_ARRAY(ctx->arena, int32_t, catalog->count_columns + 1);
    sb_exchange forward = {.kind = SB_EXCHANGE_FORWARD};

    if (body == NULL || map == NULL) {
        SB_NOMEM(ctx->err);
    }
    if (sb_expr_is_call(catalog->watermark, "SOURCE_WATERMARK")) {
        const char *connector = sb_options_get(&parts->table->desc.options, "connector");

        return sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, rel->begin, rel->end,
                            "not supported: SOURCE_WATERMARK(): connector '%s' makes no "
                            "watermarks of its own",
                            connector != NULL ? connector : "");
    }
    for (int32_t i = 0, kept = 0; i < catalog->count_columns; i++) {
        map[i] = parts->table->used[i] ? kept++ : -1;
    }
    body->rowtime = map[catalog->watermark_column];
    SB_TRY(sb_expr_remap(ctx->arena, catalog->watermark, map, &body->expr, ctx->err), ctx->err);
    SB_TRY(scan_watermark_body(parts->lower, parts->table, body), ctx->err);
    SB_TRY(
        sb_lower_add(parts->lower, SB_NODE_WATERMARK, node, &forward, 1, &rel->schema, body, node),
        ctx->err);
    return sb_lower_describe(parts->lower, *node);
}

/* What the nodes of the chain have in common; the last one gets the rest from sb_lower_node. */
static void
scan_traits(const sb_rel *rel, sb_plan_node *node)
{
    node->traits.row_ops = rel->table->source.row_ops;
    node->traits.delete_by_key = rel->delete_by_key;
    node->parallelism = rel->parallelism;
}

sb_status
sb_lower_scan(sb_lower *lower, sb_rel *rel)
{
    scan_parts parts = {.lower = lower, .table = rel->table};
    const char *parallelism = sb_options_get(&rel->table->desc.options, "scan.parallelism");
    int64_t value = 0;
    sb_plan_node *node;
    sb_error *err = lower->rel->err;

    if (parallelism != NULL && !sb_parse_int(parallelism, 1, 32768, &value)) {
        return scan_option_error(lower, rel->table, "scan.parallelism", parallelism,
                                 "it is a whole number above zero");
    }
    rel->parallelism = (int32_t)value;
    SB_TRY(scan_what_to_read(&parts), err);
    scan_read_one(&parts);
    SB_TRY(scan_source_body(&parts), err);
    parts.body->parallelism = rel->parallelism;
    SB_TRY(sb_lower_add(lower, SB_NODE_SOURCE, NULL, NULL, 0, parts.schema, parts.body, &node),
           err);
    scan_traits(rel, node);
    SB_TRY(sb_lower_describe(lower, node), err);
    SB_TRY(scan_calc(&parts, rel, &node), err);
    scan_traits(rel, node);
    if (rel->table->catalog->watermark_column >= 0) {
        SB_TRY(scan_watermark(&parts, rel, &node), err);
        scan_traits(rel, node);
    }
    rel->node = node;
    return SB_OK;
}
