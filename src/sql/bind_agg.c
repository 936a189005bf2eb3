/*
 * sql/bind_agg.c -- GROUP BY, HAVING and DISTINCT.
 *
 * DESIGN     FROM -> CALC (group expressions, arguments and filters of the aggregates as columns)
 *            -> AGG -> what the caller puts on top. The select list was bound over FROM with
 *            aggregates as columns behind those of FROM; here each part of it that equals a group
 *            expression becomes a key column, each aggregate its column, and a column that is
 *            left over is an error. With GROUPING SETS an EXPAND stands between CALC and AGG, and
 *            the number of the set is the last key; arguments of aggregates then never share a
 *            column with a key, which the EXPAND makes NULL.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

typedef struct grouping {
    sb_binder *b;
    const sb_rel *from;
    const sb_bind_sets *sets;
    sb_expr **group; /* distinct ones: those of the sets */
    int32_t count_group;
    bool expands; /* GROUPING SETS: the number of the set is the key behind them */
    const struct sb_scope_aggs *aggs;
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

/* Is the expression in all sets? Else it can be NULL. */
static bool
grouping_is_everywhere(const grouping *g, int32_t expr)
{
    for (int32_t s = 0; s < g->sets->count; s++) {
        if (!(g->sets->sets[s] >> expr & 1)) {
            return false;
        }
    }
    return true;
}

static sb_status
grouping_call(grouping *g, const sb_expr *expr, sb_expr **out)
{
    const sb_bind_grouped *grouped = g->aggs->grouped;

    while (grouped->index != expr->column - SB_BIND_GROUPED) {
        grouped = grouped->next;
    }
    return sb_bind_grouped_expr(g->b, grouped, g->sets, g->count_group, expr, out);
}

/* What an expression of columns that can be NULL now is itself: only wider than it need be. */
static bool
grouping_becomes_nullable(const sb_expr *before, const sb_expr *after)
{
    bool all = true, any = false;

    for (int32_t i = 0; i < after->count_args; i++) {
        any |= after->args[i]->type.nullable && !before->args[i]->type.nullable;
        all &= after->args[i]->type.nullable;
    }
    if (sb_expr_is_call(after, "COALESCE")) {
        return all;
    }
    return any && !sb_expr_is_call(after, "IS NULL") && !sb_expr_is_call(after, "IS NOT NULL") &&
           !sb_expr_is_call(after, "IS TRUE") && !sb_expr_is_call(after, "IS FALSE");
}

static sb_status
grouping_rewrite(grouping *g, sb_expr *expr, sb_expr **out)
{
    int32_t found = grouping_find(g->group, g->count_group, expr);
    int32_t width = g->from->schema.count;
    sb_status failed = SB_OK;
    sb_expr *copy;

    if (found < 0 && expr->kind == SB_EXPR_LITERAL) {
        *out = expr;
        return SB_OK;
    }
    if (found < 0 && expr->kind == SB_EXPR_COLUMN && expr->column >= SB_BIND_GROUPED) {
        return grouping_call(g, expr, out);
    }
    copy = sb_arena_memdup(g->b->rel.arena, expr, sizeof(*expr));
    if (copy == NULL) {
        SB_NOMEM(g->b->rel.err);
    }
    *out = copy;
    if (found >= 0) {
        copy->type.nullable |= g->expands && !grouping_is_everywhere(g, found);
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
        copy->column = g->count_group + g->expands + expr->column - width;
        return SB_OK;
    }
    copy->args =
        SB_NEW_ARRAY(g->b->rel.arena, sb_expr *, expr->count_args > 0 ? expr->count_args : 1);
    if (copy->args == NULL) {
        SB_NOMEM(g->b->rel.err);
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        const sb_expr *arg = expr->args[i];

        SB_TRY(sb_bind_keep(g->b, grouping_rewrite(g, expr->args[i], &copy->args[i]), arg->position,
                            arg->position_end, &failed),
               g->b->rel.err);
    }
    SB_TRY(sb_bind_settle(g->b, failed), g->b->rel.err);
    copy->type.nullable |= g->expands && grouping_becomes_nullable(expr, copy);
    return SB_OK;
}

typedef struct grouping_list { /* columns of the CALC below the AGG */
    sb_expr **exprs;
    const char **names;
    int32_t count;
} grouping_list;

/* shared: columns before it may be the same one. */
static sb_status
grouping_column(grouping *g, grouping_list *list, int32_t shared_from, sb_expr *expr, int32_t *out)
{
    *out = -1;
    if (expr == NULL) {
        return SB_OK;
    }
    *out = grouping_find(list->exprs + shared_from, list->count - shared_from, expr);
    if (*out >= 0) {
        *out += shared_from;
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

/* The columns keys[0..count_group) once per set. */
static sb_status
grouping_expand(grouping *g, const int32_t *keys, sb_rel **rel)
{
    sb_rel_context *ctx = &g->b->rel;
    int32_t *some = SB_NEW_ARRAY(ctx->arena, int32_t, g->count_group + 1), count = 0;
    sb_columns *sets = SB_NEW_ARRAY(ctx->arena, sb_columns, g->sets->count);
    sb_rel *expand;

    if (some == NULL || sets == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < g->count_group; i++) {
        if (!grouping_is_everywhere(g, i)) {
            some[count++] = keys[i];
        }
    }
    for (int32_t s = 0; s < g->sets->count; s++) {
        int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, g->count_group + 1);

        if (at == NULL) {
            SB_NOMEM(ctx->err);
        }
        sets[s].at = at;
        for (int32_t i = 0; i < g->count_group; i++) {
            if ((g->sets->sets[s] >> i & 1) && !grouping_is_everywhere(g, i)) {
                at[sets[s].count++] = keys[i];
            }
        }
    }
    SB_TRY(sb_rel_new(ctx, SB_REL_EXPAND, rel, 1, &expand), ctx->err);
    expand->keys = (sb_columns){.count = count, .at = some};
    expand->sets = (sb_column_sets){.count = g->sets->count, .at = sets};
    *rel = expand;
    return sb_rel_derive(ctx, expand);
}

static sb_status
grouping_build(grouping *g, const struct sb_scope_aggs *aggs, sb_rel *from, sb_rel **out)
{
    sb_rel_context *ctx = &g->b->rel;
    int32_t capacity = g->count_group + 3 * aggs->count + 1, *keys;
    grouping_list list = {.exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, capacity),
                          .names = SB_NEW_ARRAY(ctx->arena, const char *, capacity)};
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, aggs->count + 1);
    sb_agg_call *calls = SB_NEW_ARRAY(ctx->arena, sb_agg_call, aggs->count + 1);
    sb_rel *calc, *agg;

    int32_t shared_from = g->expands ? g->count_group : 0;

    keys = SB_NEW_ARRAY(ctx->arena, int32_t, g->count_group + 2);
    if (list.exprs == NULL || list.names == NULL || names == NULL || calls == NULL ||
        keys == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < g->count_group; i++) {
        SB_TRY(grouping_column(g, &list, 0, g->group[i], &keys[i]), ctx->err);
    }
    for (int32_t i = 0; i < aggs->count; i++) {
        calls[i] = aggs->at[i].call;
        SB_TRY(grouping_column(g, &list, shared_from, aggs->at[i].arg, &calls[i].arg), ctx->err);
        SB_TRY(grouping_column(g, &list, shared_from, aggs->at[i].filter, &calls[i].filter),
               ctx->err);
        SB_TRY(grouping_column(g, &list, shared_from, aggs->at[i].second, &calls[i].second),
               ctx->err);
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
        SB_TRY(grouping_column(g, &list, 0, zero, &at), ctx->err);
    }
    SB_TRY(sb_rel_unique_names(ctx->arena, list.names, list.count), ctx->err);
    SB_TRY(sb_rel_calc(ctx, from, NULL, list.exprs, list.names, list.count, &calc), ctx->err);
    if (g->expands) {
        SB_TRY(grouping_expand(g, keys, &calc), ctx->err);
        keys[g->count_group] = calc->schema.count - 1;
    }
    SB_TRY(sb_rel_new(ctx, SB_REL_AGG, &calc, 1, &agg), ctx->err);
    agg->keys = (sb_columns){.count = g->count_group + g->expands, .at = keys};
    agg->aggs = calls;
    agg->names = names;
    agg->count_aggs = aggs->count;
    SB_TRY(sb_rel_derive(ctx, agg), ctx->err);
    *out = agg;
    return SB_OK;
}

sb_status
sb_bind_grouping(sb_binder *b, sb_scope *scope, const sb_bind_sets *sets, sb_expr **items,
                 int32_t count_items, sb_expr **having, sb_rel **rel)
{
    grouping g = {.b = b,
                  .from = *rel,
                  .sets = sets,
                  .group = sets->exprs,
                  .count_group = sets->count_exprs,
                  .aggs = scope->aggs};
    sb_rel *agg = NULL;
    sb_status failed = SB_OK;

    g.expands = sets->count > 1;
    for (int32_t i = 0; i < sets->count_exprs; i++) {
        g.expands |= !grouping_is_everywhere(&g, i);
    }
    for (int32_t i = 0; i < count_items; i++) {
        SB_TRY(sb_bind_keep(b, grouping_rewrite(&g, items[i], &items[i]), -1, -1, &failed),
               b->rel.err);
    }
    if (*having != NULL) {
        SB_TRY(sb_bind_keep(b, grouping_rewrite(&g, *having, having), -1, -1, &failed), b->rel.err);
    }
    SB_TRY(sb_bind_settle(b, failed), b->rel.err);
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
