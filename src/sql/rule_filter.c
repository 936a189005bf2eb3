/*
 * sql/rule_filter.c -- filter push-down.
 *
 * DESIGN     filter_push gives a relation with the output of `rel`, filtered by a list of
 *            conditions over that output; what cannot go deeper stays as a CALC on top. A
 *            condition that may fail (1 / x > 2) never goes below one that stood before it and
 *            stays behind, nor does one that is not deterministic go anywhere.
 * THREADS    one thread at a time.
 */
#include "expr/function.h"
#include "sql/rules.h"

typedef struct filter_list {
    sb_expr **at;
    int32_t count;
} filter_list;

static sb_status filter_push(sb_rel_context *ctx, sb_rel *rel, filter_list list, sb_rel **out);

static sb_status
list_new(sb_rel_context *ctx, int32_t capacity, filter_list *out)
{
    out->at = SB_NEW_ARRAY(ctx->arena, sb_expr *, capacity + 1);
    out->count = 0;
    if (out->at == NULL) {
        SB_NOMEM(ctx->err);
    }
    return SB_OK;
}

/* The rest stays on top of rel. */
static sb_status
filter_stay(sb_rel_context *ctx, sb_rel *rel, filter_list list, sb_rel **out)
{
    sb_expr *condition;

    *out = rel;
    if (list.count == 0) {
        return SB_OK;
    }
    SB_TRY(sb_expr_conjunction(ctx->arena, list.at, list.count, &condition, ctx->err), ctx->err);
    if (rel->kind == SB_REL_CALC && rel->condition == NULL) {
        bool plain = true;

        for (int32_t i = 0; i < rel->schema.count; i++) {
            plain &= rel->exprs[i]->kind == SB_EXPR_COLUMN && rel->exprs[i]->column == i;
        }
        if (plain && rel->schema.count == rel->inputs[0]->schema.count) {
            rel->condition = condition;
            return SB_OK;
        }
    }
    return sb_rel_filter(ctx, rel, condition, out);
}

/* ---- through a projection ---- */

static bool
filter_uses_random(const sb_rel *calc, const sb_expr *expr)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        return !sb_expr_is_deterministic(calc->exprs[expr->column]);
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (filter_uses_random(calc, expr->args[i])) {
            return true;
        }
    }
    return false;
}

static sb_status
filter_calc(sb_rel_context *ctx, sb_rel *calc, filter_list list, sb_rel **out)
{
    filter_list below, above;
    sb_expr **own;
    int32_t count;

    SB_TRY(sb_expr_conjuncts(ctx->arena, calc->condition, &own, &count, ctx->err), ctx->err);
    SB_TRY(list_new(ctx, count + list.count, &below), ctx->err);
    SB_TRY(list_new(ctx, list.count, &above), ctx->err);
    for (int32_t i = 0; i < count; i++) {
        below.at[below.count++] = own[i];
    }
    for (int32_t i = 0; i < list.count; i++) {
        bool stays = filter_uses_random(calc, list.at[i]) ||
                     (above.count > 0 && sb_expr_can_fail(list.at[i]));
        sb_expr *moved = NULL;

        if (!stays) {
            SB_TRY(sb_expr_substitute(ctx->arena, list.at[i], calc->exprs, &moved, ctx->err),
                   ctx->err);
            stays = sb_expr_size(moved) > 2000 || sb_expr_depth(moved) > 500;
            ctx->fired[SB_RULE_FILTER] += !stays;
        }
        if (stays) {
            above.at[above.count++] = list.at[i];
        } else {
            below.at[below.count++] = moved;
        }
    }
    calc->condition = NULL;
    SB_TRY(filter_push(ctx, calc->inputs[0], below, &calc->inputs[0]), ctx->err);
    SB_TRY(sb_rel_derive(ctx, calc), ctx->err);
    return filter_stay(ctx, calc, above, out);
}

/* ---- to the sides of a join ---- */

static sb_status
filter_join(sb_rel_context *ctx, sb_rel *join, filter_list list, sb_rel **out)
{
    int32_t left_count = join->inputs[0]->schema.count, total = join->schema.count, count;
    int32_t *shift = SB_NEW_ARRAY(ctx->arena, int32_t, total + 1);
    filter_list sides[2], rest;
    sb_expr **own;

    SB_TRY(sb_expr_conjuncts(ctx->arena, join->condition, &own, &count, ctx->err), ctx->err);
    SB_TRY(list_new(ctx, count + list.count, &sides[0]), ctx->err);
    SB_TRY(list_new(ctx, count + list.count, &sides[1]), ctx->err);
    SB_TRY(list_new(ctx, count + list.count, &rest), ctx->err);
    if (shift == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < total; i++) {
        shift[i] = i < left_count ? -1 : i - left_count;
    }
    for (int32_t i = 0; i < count + list.count; i++) {
        sb_expr *expr = i < count ? own[i] : list.at[i - count];
        bool fails = sb_expr_can_fail(expr), fixed = !sb_expr_is_deterministic(expr);

        if (!fixed && sb_expr_within(expr, 0, left_count) &&
            !(fails && (sides[1].count > 0 || rest.count > 0))) {
            sides[0].at[sides[0].count++] = expr;
        } else if (!fixed && sb_expr_within(expr, left_count, total) &&
                   !(fails && (sides[0].count > 0 || rest.count > 0))) {
            SB_TRY(sb_expr_remap(ctx->arena, expr, shift, &sides[1].at[sides[1].count], ctx->err),
                   ctx->err);
            sides[1].count++;
        } else {
            rest.at[rest.count++] = expr;
        }
    }
    ctx->fired[SB_RULE_FILTER] += sides[0].count + sides[1].count;
    for (int32_t side = 0; side < 2; side++) {
        SB_TRY(filter_push(ctx, join->inputs[side], sides[side], &join->inputs[side]), ctx->err);
    }
    SB_TRY(sb_expr_conjunction(ctx->arena, rest.at, rest.count, &join->condition, ctx->err),
           ctx->err);
    *out = join;
    return sb_rel_derive(ctx, join);
}

/* ---- below union, window, aggregate ---- */

static sb_status
filter_union(sb_rel_context *ctx, sb_rel *rel, filter_list list, sb_rel **out)
{
    filter_list stay, moved;

    SB_TRY(list_new(ctx, list.count, &stay), ctx->err);
    SB_TRY(list_new(ctx, list.count, &moved), ctx->err);
    for (int32_t i = 0; i < list.count; i++) {
        filter_list *to = sb_expr_is_deterministic(list.at[i]) &&
                                  !(stay.count > 0 && sb_expr_can_fail(list.at[i]))
                              ? &moved
                              : &stay;

        to->at[to->count++] = list.at[i];
    }
    ctx->fired[SB_RULE_FILTER] += moved.count;
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(filter_push(ctx, rel->inputs[i], moved, &rel->inputs[i]), ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return filter_stay(ctx, rel, stay, out);
}

static bool
filter_only_columns(const sb_expr *expr, const int32_t *map)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        return map[expr->column] >= 0;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (!filter_only_columns(expr->args[i], map)) {
            return false;
        }
    }
    return true;
}

/* The column of the input that an output column is, where a filter on it means the same below; -1:
 * none. WINDOW, UNNEST: columns of the input. EXPAND: those that are never made NULL. SORT: all, if
 * it leaves no rows out. AGG: keys that are no window columns (filters on those would part the
 * window from its aggregate). */
static int32_t
filter_source(const sb_rel *rel, int32_t column)
{
    bool is_input = column < rel->inputs[0]->schema.count;

    switch (rel->kind) {
    case SB_REL_WINDOW:
    case SB_REL_UNNEST: return is_input ? column : -1;
    case SB_REL_EXPAND: return is_input && sb_columns_index(&rel->keys, column) < 0 ? column : -1;
    case SB_REL_SORT: return rel->limit < 0 && rel->offset == 0 ? column : -1;
    default:
        return column < rel->keys.count && !(rel->has_window && rel->props[column] != SB_PROP_NONE)
                   ? rel->keys.at[column]
                   : -1;
    }
}

static sb_status
filter_single(sb_rel_context *ctx, sb_rel *rel, filter_list list, sb_rel **out)
{
    int32_t *map = SB_NEW_ARRAY(ctx->arena, int32_t, rel->schema.count + 1);
    filter_list stay, moved;

    SB_TRY(list_new(ctx, list.count, &stay), ctx->err);
    SB_TRY(list_new(ctx, list.count, &moved), ctx->err);
    if (map == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < rel->schema.count; i++) {
        map[i] = filter_source(rel, i);
    }
    for (int32_t i = 0; i < list.count; i++) {
        bool moves = sb_expr_is_deterministic(list.at[i]) && filter_only_columns(list.at[i], map) &&
                     !(stay.count > 0 && sb_expr_can_fail(list.at[i]));

        /* A constant condition over a global aggregate is about its one row, not about the rows
         * below; over a LIMIT about those that are left. */
        if ((rel->kind == SB_REL_AGG && rel->keys.count == 0) ||
            (rel->kind == SB_REL_SORT && (rel->limit >= 0 || rel->offset > 0))) {
            moves = false;
        }
        if (moves) {
            SB_TRY(sb_expr_remap(ctx->arena, list.at[i], map, &moved.at[moved.count], ctx->err),
                   ctx->err);
            moved.count++;
        } else {
            stay.at[stay.count++] = list.at[i];
        }
    }
    ctx->fired[SB_RULE_FILTER] += moved.count;
    SB_TRY(filter_push(ctx, rel->inputs[0], moved, &rel->inputs[0]), ctx->err);
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return filter_stay(ctx, rel, stay, out);
}

static sb_status
filter_push(sb_rel_context *ctx, sb_rel *rel, filter_list list, sb_rel **out)
{
    switch (rel->kind) {
    case SB_REL_CALC: return filter_calc(ctx, rel, list, out);
    case SB_REL_JOIN: return filter_join(ctx, rel, list, out);
    case SB_REL_UNION: return filter_union(ctx, rel, list, out);
    case SB_REL_WINDOW:
    case SB_REL_EXPAND:
    case SB_REL_UNNEST:
    case SB_REL_SORT:
    case SB_REL_AGG: return filter_single(ctx, rel, list, out);
    case SB_REL_SINK: return filter_push(ctx, rel->inputs[0], list, &rel->inputs[0]);
    default: return filter_stay(ctx, rel, list, out);
    }
}

sb_status
sb_rule_filter(sb_rel_context *ctx, sb_rel **rel)
{
    filter_list none = {0};

    if ((*rel)->kind == SB_REL_SINK) {
        SB_TRY(filter_push(ctx, (*rel)->inputs[0], none, &(*rel)->inputs[0]), ctx->err);
        return sb_rel_derive(ctx, *rel);
    }
    return filter_push(ctx, *rel, none, rel);
}
