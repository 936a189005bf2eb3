/*
 * sql/ast_walk.c -- going through all queries, relations and expressions of a syntax tree.
 *
 * THREADS    T:any
 */
#include "sql/ast_walk.h"

static sb_status
walk_list(const sb_ast_visitor *v, sb_ast_expr *const *list, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_ast_walk_expr(v, list[i]), v->err);
    }
    return SB_OK;
}

static sb_status
walk_order(const sb_ast_visitor *v, const sb_ast_order *order, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_ast_walk_expr(v, order[i].expr), v->err);
    }
    return SB_OK;
}

static sb_status
walk_items(const sb_ast_visitor *v, const sb_ast_item *items, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_ast_walk_expr(v, items[i].expr), v->err);
    }
    return SB_OK;
}

static sb_status
walk_window(const sb_ast_visitor *v, const sb_ast_window *window)
{
    if (window == NULL) {
        return SB_OK;
    }
    SB_TRY(walk_list(v, window->partition, window->count_partition), v->err);
    SB_TRY(walk_order(v, window->order, window->count_order), v->err);
    SB_TRY(sb_ast_walk_expr(v, window->from.offset), v->err);
    return sb_ast_walk_expr(v, window->to.offset);
}

sb_status
sb_ast_walk_expr(const sb_ast_visitor *v, const sb_ast_expr *expr)
{
    if (expr == NULL) {
        return SB_OK;
    }
    if (v->expr != NULL) {
        SB_TRY(v->expr(v->ctx, expr), v->err);
    }
    SB_TRY(walk_list(v, expr->args, expr->count_args), v->err);
    SB_TRY(walk_order(v, expr->order, expr->count_order), v->err);
    SB_TRY(sb_ast_walk_expr(v, expr->filter), v->err);
    SB_TRY(walk_window(v, expr->over), v->err);
    return sb_ast_walk_query(v, expr->query);
}

/* ---- relations ---- */

static sb_status
walk_match(const sb_ast_visitor *v, const sb_ast_match *match)
{
    if (match == NULL) {
        return SB_OK;
    }
    SB_TRY(walk_list(v, match->partition, match->count_partition), v->err);
    SB_TRY(walk_order(v, match->order, match->count_order), v->err);
    SB_TRY(walk_items(v, match->measures, match->count_measures), v->err);
    SB_TRY(sb_ast_walk_expr(v, match->within), v->err);
    return walk_items(v, match->defines, match->count_defines);
}

static sb_status
walk_args(const sb_ast_visitor *v, const sb_ast_arg *args, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_ast_walk_expr(v, args[i].expr), v->err);
        SB_TRY(sb_ast_walk_from(v, args[i].table), v->err);
        SB_TRY(walk_list(v, args[i].partition, args[i].count_partition), v->err);
        SB_TRY(walk_order(v, args[i].order, args[i].count_order), v->err);
    }
    return SB_OK;
}

sb_status
sb_ast_walk_from(const sb_ast_visitor *v, const sb_ast_from *from)
{
    if (from == NULL) {
        return SB_OK;
    }
    if (v->from != NULL) {
        SB_TRY(v->from(v->ctx, from), v->err);
    }
    SB_TRY(sb_ast_walk_from(v, from->left), v->err);
    SB_TRY(walk_list(v, from->partition, from->count_partition), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->slide), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->size), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->offset), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->only_on_update), v->err);
    SB_TRY(sb_ast_walk_from(v, from->right), v->err);
    SB_TRY(sb_ast_walk_query(v, from->query), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->condition), v->err);
    SB_TRY(walk_args(v, from->args, from->count_args), v->err);
    SB_TRY(walk_list(v, from->exprs, from->count_exprs), v->err);
    SB_TRY(sb_ast_walk_expr(v, from->system_time), v->err);
    if (from->sample != NULL) {
        SB_TRY(sb_ast_walk_expr(v, from->sample->percent), v->err);
        SB_TRY(sb_ast_walk_expr(v, from->sample->seed), v->err);
    }
    return walk_match(v, from->match);
}

/* ---- queries ---- */

static sb_status
walk_group(const sb_ast_visitor *v, const sb_ast_group *group)
{
    SB_TRY(walk_list(v, group->exprs, group->count_exprs), v->err);
    for (int32_t i = 0; i < group->count; i++) {
        SB_TRY(walk_group(v, group->parts[i]), v->err);
    }
    return SB_OK;
}

static sb_status
walk_select(const sb_ast_visitor *v, const sb_ast_query *query)
{
    SB_TRY(walk_items(v, query->items, query->count_items), v->err);
    SB_TRY(sb_ast_walk_from(v, query->from), v->err);
    SB_TRY(sb_ast_walk_expr(v, query->where), v->err);
    SB_TRY(walk_list(v, query->group, query->count_group), v->err);
    for (int32_t i = 0; i < query->count_group_sets; i++) {
        SB_TRY(walk_group(v, query->group_sets[i]), v->err);
    }
    SB_TRY(sb_ast_walk_expr(v, query->having), v->err);
    for (int32_t i = 0; i < query->count_windows; i++) {
        SB_TRY(walk_window(v, query->windows[i]), v->err);
    }
    return sb_ast_walk_expr(v, query->qualify);
}

sb_status
sb_ast_walk_query(const sb_ast_visitor *v, const sb_ast_query *query)
{
    if (query == NULL) {
        return SB_OK;
    }
    if (v->query != NULL) {
        SB_TRY(v->query(v->ctx, query), v->err);
    }
    for (int32_t i = 0; i < query->count_ctes; i++) {
        SB_TRY(sb_ast_walk_query(v, query->ctes[i].query), v->err);
    }
    SB_TRY(walk_select(v, query), v->err);
    SB_TRY(sb_ast_walk_query(v, query->left), v->err);
    SB_TRY(sb_ast_walk_query(v, query->right), v->err);
    for (int32_t i = 0; i < query->count_rows; i++) {
        SB_TRY(walk_list(v, query->rows[i], query->count_columns), v->err);
    }
    SB_TRY(walk_order(v, query->order, query->count_order), v->err);
    SB_TRY(sb_ast_walk_expr(v, query->limit), v->err);
    return sb_ast_walk_expr(v, query->offset);
}

/* ---- statements ---- */

static sb_status
walk_partition(const sb_ast_visitor *v, const sb_ast_partition *partition)
{
    return partition != NULL ? walk_list(v, partition->values, partition->count) : SB_OK;
}

static sb_status
walk_table(const sb_ast_visitor *v, const sb_ast_create_table *table)
{
    if (table == NULL) {
        return SB_OK;
    }
    for (int32_t i = 0; i < table->count_columns; i++) {
        SB_TRY(sb_ast_walk_expr(v, table->columns[i].expr), v->err);
    }
    SB_TRY(sb_ast_walk_expr(v, table->watermark), v->err);
    SB_TRY(sb_ast_walk_expr(v, table->start_value), v->err);
    SB_TRY(sb_ast_walk_expr(v, table->freshness), v->err);
    return sb_ast_walk_query(v, table->query);
}

sb_status
sb_ast_walk_statement(const sb_ast_visitor *v, const sb_ast_statement *s)
{
    if (s == NULL) {
        return SB_OK;
    }
    SB_TRY(sb_ast_walk_query(v, s->query), v->err);
    for (int32_t i = 0; i < s->count_inserts; i++) {
        SB_TRY(walk_partition(v, s->inserts[i]->partition), v->err);
        SB_TRY(sb_ast_walk_query(v, s->inserts[i]->query), v->err);
    }
    SB_TRY(walk_table(v, s->table), v->err);
    for (int32_t i = 0; i < s->count_partitions; i++) {
        SB_TRY(walk_partition(v, s->partitions[i]), v->err);
    }
    SB_TRY(walk_list(v, s->exprs, s->count_exprs), v->err);
    SB_TRY(sb_ast_walk_expr(v, s->where), v->err);
    SB_TRY(sb_ast_walk_from(v, s->called), v->err);
    return sb_ast_walk_statement(v, s->explained);
}

const char *
sb_ast_object_name(sb_ast_object object)
{
    static const char *const names[SB_AST_OBJECT_COUNT] = {
        [SB_AST_OBJECT_TABLE] = "TABLE",
        [SB_AST_OBJECT_VIEW] = "VIEW",
        [SB_AST_OBJECT_MATERIALIZED_TABLE] = "MATERIALIZED TABLE",
        [SB_AST_OBJECT_CATALOG] = "CATALOG",
        [SB_AST_OBJECT_DATABASE] = "DATABASE",
        [SB_AST_OBJECT_FUNCTION] = "FUNCTION",
        [SB_AST_OBJECT_MODEL] = "MODEL",
        [SB_AST_OBJECT_CONNECTION] = "CONNECTION",
        [SB_AST_OBJECT_MODULE] = "MODULE",
        [SB_AST_OBJECT_PROCEDURE] = "PROCEDURE",
        [SB_AST_OBJECT_COLUMN] = "COLUMN",
        [SB_AST_OBJECT_PARTITION] = "PARTITION",
        [SB_AST_OBJECT_JAR] = "JAR",
        [SB_AST_OBJECT_JOB] = "JOB",
    };

    return names[object];
}
