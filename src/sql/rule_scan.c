/*
 * sql/rule_scan.c -- scans get the columns that all their users together need.
 *
 * DESIGN     Besides what is used: the columns of the watermark, and the primary key where
 *            updates are put together by it. Every CALC over a scan is rewritten to the narrower
 *            scan; other relations stand on a scan only when they use all of it. Of a ROW the
 *            fields are noted that some expression reads.
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

static sb_status
order_visit(sb_rel_context *ctx, sb_rel *rel, int32_t mark, sb_rel **list, int32_t *count)
{
    if (rel->mark == mark) {
        return SB_OK;
    }
    rel->mark = mark;
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(order_visit(ctx, rel->inputs[i], mark, list, count), ctx->err);
    }
    list[(*count)++] = rel;
    return SB_OK;
}

sb_status
sb_rel_order(sb_rel_context *ctx, sb_rel *const *sinks, int32_t count, sb_rel ***out,
             int32_t *out_count)
{
    *out = SB_NEW_ARRAY(ctx->arena, sb_rel *, ctx->count_rels + 1);
    *out_count = 0;
    if (*out == NULL) {
        SB_NOMEM(ctx->err);
    }
    ctx->marks++;
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(order_visit(ctx, sinks[i], ctx->marks, *out, out_count), ctx->err);
    }
    return SB_OK;
}

static void
scan_complete_used(sb_rel_table *table)
{
    const sb_catalog_table *catalog = table->catalog;
    bool any = false;

    if (catalog->watermark_column >= 0) {
        table->used[catalog->watermark_column] = 1;
        sb_expr_columns(catalog->watermark, table->used, catalog->count_columns);
    }
    for (int32_t i = 0; table->normalize && i < catalog->keys.count; i++) {
        table->used[catalog->keys.at[i]] = 1;
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        any |= table->used[i] != 0;
    }
    if (!any) {
        table->used[0] = 1;
    }
}

static sb_status
scan_narrow(sb_rel_context *ctx, sb_rel *scan)
{
    const uint8_t *used = scan->table->used;
    int32_t count = scan->table->catalog->count_columns, kept = 0;
    sb_field *fields = SB_NEW_ARRAY(ctx->arena, sb_field, count + 1);
    uint8_t *time = SB_NEW_ARRAY(ctx->arena, uint8_t, count + 1);

    if (fields == NULL || time == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        if (used[i]) {
            fields[kept] = scan->schema.fields[i];
            time[kept++] = scan->time[i];
        }
    }
    ctx->fired[SB_RULE_SCAN] += kept < count;
    scan->schema = (sb_schema){.count = kept, .fields = fields};
    scan->time = time;
    return SB_OK;
}

/* What a consumer of the scan reads, down to fields of ROWs. */
static void
scan_note_fields(const sb_rel *consumer, const sb_rel_table *table)
{
    int32_t count = table->catalog->count_columns;

    if (consumer->kind != SB_REL_CALC) {
        for (int32_t i = 0; i < count; i++) {
            table->fields[i] |= table->used[i] ? UINT64_MAX : 0;
        }
        return;
    }
    for (int32_t i = 0; i < consumer->schema.count; i++) {
        sb_expr_fields(consumer->exprs[i], table->fields, count);
    }
    if (consumer->condition != NULL) {
        sb_expr_fields(consumer->condition, table->fields, count);
    }
}

/* Computed columns and the watermark read fields too. */
static sb_status
scan_complete_fields(sb_rel_context *ctx, sb_rel_table *table)
{
    const sb_catalog_table *catalog = table->catalog;

    table->fields = SB_NEW_ARRAY(ctx->arena, uint64_t, catalog->count_columns + 1);
    if (table->fields == NULL) {
        SB_NOMEM(ctx->err);
    }
    if (catalog->watermark_column >= 0) {
        sb_expr_fields(catalog->watermark, table->fields, catalog->count_columns);
        table->fields[catalog->watermark_column] = UINT64_MAX;
    }
    for (int32_t i = 0; i < catalog->count_columns; i++) {
        if (table->used[i] && catalog->columns[i].kind == SB_AST_COLUMN_COMPUTED) {
            sb_expr_fields(catalog->columns[i].expr, table->fields, catalog->count_columns);
        }
    }
    for (int32_t i = 0; table->normalize && i < catalog->keys.count; i++) {
        table->fields[catalog->keys.at[i]] = UINT64_MAX;
    }
    return SB_OK;
}

static sb_status
scan_rewrite(sb_rel_context *ctx, sb_rel *calc)
{
    const sb_rel_table *table = calc->inputs[0]->table;
    int32_t count = table->catalog->count_columns, kept = 0;
    int32_t *map = SB_NEW_ARRAY(ctx->arena, int32_t, count + 1);

    if (map == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        map[i] = table->used[i] ? kept++ : -1;
    }
    if (kept == count) {
        return SB_OK;
    }
    for (int32_t i = 0; i < calc->schema.count; i++) {
        SB_TRY(sb_expr_remap(ctx->arena, calc->exprs[i], map, &calc->exprs[i], ctx->err), ctx->err);
    }
    if (calc->condition != NULL) {
        SB_TRY(sb_expr_remap(ctx->arena, calc->condition, map, &calc->condition, ctx->err),
               ctx->err);
    }
    return SB_OK;
}

sb_status
sb_rule_scan(sb_rel_context *ctx, sb_rel **sinks, int32_t count)
{
    sb_rel **order;
    int32_t total;

    for (sb_rel_table *table = ctx->tables; table != NULL; table = table->next) {
        scan_complete_used(table);
        SB_TRY(scan_complete_fields(ctx, table), ctx->err);
    }
    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    for (int32_t i = 0; i < total; i++) {
        for (int32_t k = 0; k < order[i]->count_inputs; k++) {
            if (order[i]->inputs[k]->kind == SB_REL_SCAN) {
                scan_note_fields(order[i], order[i]->inputs[k]->table);
            }
        }
        if (order[i]->kind == SB_REL_SCAN) {
            SB_TRY(scan_narrow(ctx, order[i]), ctx->err);
        } else if (order[i]->kind == SB_REL_CALC && order[i]->inputs[0]->kind == SB_REL_SCAN) {
            SB_TRY(scan_rewrite(ctx, order[i]), ctx->err);
        }
        SB_TRY(sb_rel_derive(ctx, order[i]), ctx->err);
        if (order[i]->kind == SB_REL_CALC && sb_rel_is_identity(order[i]) &&
            order[i]->inputs[0]->kind == SB_REL_SCAN) {
            /* It became a copy of the narrower scan: consumers read the scan itself. */
            for (int32_t j = i + 1; j < total; j++) {
                for (int32_t k = 0; k < order[j]->count_inputs; k++) {
                    if (order[j]->inputs[k] == order[i]) {
                        order[j]->inputs[k] = order[i]->inputs[0];
                    }
                }
            }
        }
    }
    return SB_OK;
}
