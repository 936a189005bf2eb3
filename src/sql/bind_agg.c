/*
 * sql/bind_agg.c -- GROUP BY, HAVING and DISTINCT.
 *
 * DESIGN     FROM -> CALC (group expressions, arguments and filters of the aggregates as columns)
 *            -> AGG -> what the caller puts on top. The select list was bound over FROM with
 *            aggregates as columns behind those of FROM; here each part of it that equals a group
 *            expression becomes a key column, each aggregate its column, and a column that is
 *            left over is an error.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

typedef struct grouping {
    sb_binder *b;
    const sb_rel *from;
    sb_expr **group; /* distinct ones */
    int32_t count_group;
} grouping;

static int32_t
grouping_find(sb_expr *const *list, int32_t count, const sb_expr *expr)
{
    for (int32_t i = 0; i < count; i++) {
        if (sb_expr_equal(list[i], expr)) {
            return i;
        }
    }
    return -1;
}

static sb_status
grouping_not_grouped(grouping *g, const sb_expr *expr)
{
    const char *name = g->from->schema.fields[expr->column].name;

    (void)sb_sql_error(g->b->rel.err, SB_SQL_GROUPING, expr->position, expr->position_end,
                       "column \"%s\" is neither grouped by nor inside an aggregate", name);
    if (g->count_group == 0) {
        sb_error_hint(g->b->rel.err, "there is no GROUP BY: all rows are one group");
    } else {
        sb_error_hint(g->b->rel.err, "add it to GROUP BY, or take MAX(%s)", name);
    }
    return SB_STATUS_SEMANTIC;
}

static sb_status
grouping_rewrite(grouping *g, sb_expr *expr, sb_expr **out)
{
    int32_t found = grouping_find(g->group, g->count_group, expr);
    int32_t width = g->from->schema.count;
    sb_expr *copy;

    if (found < 0 && expr->kind == SB_EXPR_LITERAL) {
        *out = expr;
        return SB_OK;
    }
    copy = sb_arena_memdup(g->b->rel.arena, expr, sizeof(*expr));
    if (copy == NULL) {
        SB_NOMEM(g->b->rel.err);
    }
    *out = copy;
    if (found >= 0) {
        copy->kind = SB_EXPR_COLUMN;
        copy->column = found;
        copy->args = NULL;
        copy->count_args = 0;
        copy->function = NULL;
        return SB_OK;
    }
    if (expr->kind == SB_EXPR_COLUMN) {
        if (expr->column < width) {
            return grouping_not_grouped(g, expr);
        }
        copy->column = g->count_group + expr->column - width;
        return SB_OK;
    }
    copy->args =
        SB_NEW_ARRAY(g->b->rel.arena, sb_expr *, expr->count_args > 0 ? expr->count_args : 1);
    if (copy->args == NULL) {
        SB_NOMEM(g->b->rel.err);
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        SB_TRY(grouping_rewrite(g, expr->args[i], &copy->args[i]), g->b->rel.err);
    }
    return SB_OK;
}

typedef struct grouping_list { /* columns of the CALC below the AGG */
    sb_expr **exprs;
    const char **names;
    int32_t count;
} grouping_list;

static sb_status
grouping_column(grouping *g, grouping_list *list, sb_expr *expr, int32_t *out)
{
    *out = -1;
    if (expr == NULL) {
        return SB_OK;
    }
    *out = grouping_find(list->exprs, list->count, expr);
    if (*out >= 0) {
        return SB_OK;
    }
    *out = list->count++;
    list->exprs[*out] = expr;
    list->names[*out] = expr->kind == SB_EXPR_COLUMN
                            ? g->from->schema.fields[expr->column].name
                            : sb_arena_printf(g->b->rel.arena, "$f%d", *out);
    if (list->names[*out] == NULL) {
        SB_NOMEM(g->b->rel.err);
    }
    return SB_OK;
}

static sb_status
grouping_build(grouping *g, const struct sb_scope_aggs *aggs, sb_rel *from, sb_rel **out)
{
    sb_rel_context *ctx = &g->b->rel;
    int32_t capacity = g->count_group + 2 * aggs->count + 1, *keys;
    grouping_list list = {.exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, capacity),
                          .names = SB_NEW_ARRAY(ctx->arena, const char *, capacity)};
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, aggs->count + 1);
    sb_agg_call *calls = SB_NEW_ARRAY(ctx->arena, sb_agg_call, aggs->count + 1);
    sb_rel *calc, *agg;

    keys = SB_NEW_ARRAY(ctx->arena, int32_t, g->count_group + 1);
    if (list.exprs == NULL || list.names == NULL || names == NULL || calls == NULL ||
        keys == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < g->count_group; i++) {
        SB_TRY(grouping_column(g, &list, g->group[i], &keys[i]), ctx->err);
    }
    for (int32_t i = 0; i < aggs->count; i++) {
        calls[i] = aggs->at[i].call;
        SB_TRY(grouping_column(g, &list, aggs->at[i].arg, &calls[i].arg), ctx->err);
        SB_TRY(grouping_column(g, &list, aggs->at[i].filter, &calls[i].filter), ctx->err);
        names[i] = sb_arena_printf(ctx->arena, "EXPR$%d", i);
        if (names[i] == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    if (list.count == 0) { /* COUNT(*) over everything: some column must carry the rows */
        sb_type type = SB_TYPE(INT, false);
        sb_expr *zero = sb_expr_i64(ctx->arena, &type, 0);
        int32_t at;

        if (zero == NULL) {
            SB_NOMEM(ctx->err);
        }
        SB_TRY(grouping_column(g, &list, zero, &at), ctx->err);
    }
    SB_TRY(sb_rel_unique_names(ctx->arena, list.names, list.count), ctx->err);
    SB_TRY(sb_rel_calc(ctx, from, NULL, list.exprs, list.names, list.count, &calc), ctx->err);
    SB_TRY(sb_rel_new(ctx, SB_REL_AGG, &calc, 1, &agg), ctx->err);
    agg->keys = (sb_columns){.count = g->count_group, .at = keys};
    agg->aggs = calls;
    agg->names = names;
    agg->count_aggs = aggs->count;
    SB_TRY(sb_rel_derive(ctx, agg), ctx->err);
    *out = agg;
    return SB_OK;
}

sb_status
sb_bind_grouping(sb_binder *b, sb_scope *scope, sb_expr **group, int32_t count_group,
                 sb_expr **items, int32_t count_items, sb_expr **having, sb_rel **rel)
{
    grouping g = {
        .b = b, .from = *rel, .group = SB_NEW_ARRAY(b->rel.arena, sb_expr *, count_group + 1)};
    sb_rel *agg = NULL;

    if (g.group == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < count_group; i++) {
        if (grouping_find(g.group, g.count_group, group[i]) < 0) {
            g.group[g.count_group++] = group[i];
        }
    }
    for (int32_t i = 0; i < count_items; i++) {
        SB_TRY(grouping_rewrite(&g, items[i], &items[i]), b->rel.err);
    }
    if (*having != NULL) {
        SB_TRY(grouping_rewrite(&g, *having, having), b->rel.err);
    }
    SB_TRY(grouping_build(&g, scope->aggs, *rel, &agg), b->rel.err);
    *rel = agg;
    return SB_OK;
}

sb_status
sb_bind_distinct(sb_binder *b, sb_rel *input, sb_rel **out)
{
    int32_t *keys = SB_NEW_ARRAY(b->rel.arena, int32_t, input->schema.count + 1);

    if (keys == NULL) {
        SB_NOMEM(b->rel.err);
    }
    for (int32_t i = 0; i < input->schema.count; i++) {
        keys[i] = i;
    }
    SB_TRY(sb_rel_new(&b->rel, SB_REL_AGG, &input, 1, out), b->rel.err);
    (*out)->keys = (sb_columns){.count = input->schema.count, .at = keys};
    return sb_rel_derive(&b->rel, *out);
}
