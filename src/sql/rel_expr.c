/*
 * sql/rel_expr.c -- helpers on expressions and column lists for binder and rules.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "expr/function.h"
#include "sql/code.h"
#include "sql/rel.h"

bool
sb_expr_is_call(const sb_expr *expr, const char *name)
{
    return expr->kind == SB_EXPR_CALL && strcmp(expr->function->name, name) == 0;
}

bool
sb_expr_is_true(const sb_expr *expr)
{
    return expr->kind == SB_EXPR_LITERAL && expr->type.id == SB_TYPE_BOOLEAN && !expr->is_null &&
           expr->value.i64 != 0;
}

static bool
expr_literal_has_view(const sb_expr *expr)
{
    return expr->kind == SB_EXPR_LITERAL && !expr->is_null &&
           sb_type_phys(&expr->type) == SB_PHYS_VIEW &&
           sb_view_size(&expr->value.view) > SB_VIEW_INLINE;
}

sb_status
sb_expr_clone(sb_arena *arena, const sb_expr *expr, sb_expr **out, sb_error *err)
{
    sb_expr *copy = sb_arena_memdup(arena, expr, sizeof(*expr));

    if (copy == NULL) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_type_copy(arena, &expr->type, &copy->type, err), err);
    if (expr_literal_has_view(expr)) {
        uint32_t size = sb_view_size(&expr->value.view);
        const char *data = sb_arena_memdup(arena, sb_view_data(&expr->value.view), size);

        if (data == NULL) {
            SB_NOMEM(err);
        }
        copy->value.view = sb_view_make(data, size);
    }
    if (expr->count_args > 0) {
        copy->args = SB_NEW_ARRAY(arena, sb_expr *, expr->count_args);
        if (copy->args == NULL) {
            SB_NOMEM(err);
        }
        for (int32_t i = 0; i < expr->count_args; i++) {
            SB_TRY(sb_expr_clone(arena, expr->args[i], &copy->args[i], err), err);
        }
    }
    *out = copy;
    return SB_OK;
}

sb_status
sb_expr_remap(sb_arena *arena, const sb_expr *expr, const int32_t *map, sb_expr **out,
              sb_error *err)
{
    sb_expr *copy;

    if (expr->kind == SB_EXPR_LITERAL) {
        *out = (sb_expr *)expr;
        return SB_OK;
    }
    copy = sb_arena_memdup(arena, expr, sizeof(*expr));
    if (copy == NULL) {
        SB_NOMEM(err);
    }
    if (expr->kind == SB_EXPR_COLUMN) {
        sb_assert(map[expr->column] >= 0);
        copy->column = map[expr->column];
    } else if (expr->count_args > 0) {
        copy->args = SB_NEW_ARRAY(arena, sb_expr *, expr->count_args);
        if (copy->args == NULL) {
            SB_NOMEM(err);
        }
        for (int32_t i = 0; i < expr->count_args; i++) {
            SB_TRY(sb_expr_remap(arena, expr->args[i], map, &copy->args[i], err), err);
        }
    }
    *out = copy;
    return SB_OK;
}

static int32_t
expr_count_conjuncts(const sb_expr *expr)
{
    int32_t count = 0;

    if (!sb_expr_is_call(expr, "AND")) {
        return 1;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        count += expr_count_conjuncts(expr->args[i]);
    }
    return count;
}

static void
expr_collect_conjuncts(sb_expr *expr, sb_expr **list, int32_t *count)
{
    if (!sb_expr_is_call(expr, "AND")) {
        list[(*count)++] = expr;
        return;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        expr_collect_conjuncts(expr->args[i], list, count);
    }
}

sb_status
sb_expr_conjuncts(sb_arena *arena, sb_expr *condition, sb_expr ***out, int32_t *out_count,
                  sb_error *err)
{
    *out_count = 0;
    *out = NULL;
    if (condition == NULL) {
        return SB_OK;
    }
    *out = SB_NEW_ARRAY(arena, sb_expr *, expr_count_conjuncts(condition));
    if (*out == NULL) {
        SB_NOMEM(err);
    }
    expr_collect_conjuncts(condition, *out, out_count);
    return SB_OK;
}

sb_status
sb_expr_conjunction(sb_arena *arena, sb_expr *const *conjuncts, int32_t count, sb_expr **out,
                    sb_error *err)
{
    *out = count > 0 ? conjuncts[0] : NULL;
    for (int32_t i = 1; i < count; i++) {
        sb_expr *args[2] = {*out, conjuncts[i]};

        SB_TRY(sb_expr_call(arena, "AND", args, 2, out, err), err);
    }
    return SB_OK;
}

bool
sb_expr_is_deterministic(const sb_expr *expr)
{
    return sb_expr_determinism(expr) == SB_DETERMINISTIC;
}

bool
sb_expr_within(const sb_expr *expr, int32_t from, int32_t to)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        return expr->column >= from && expr->column < to;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (!sb_expr_within(expr->args[i], from, to)) {
            return false;
        }
    }
    return true;
}

int32_t
sb_expr_size(const sb_expr *expr)
{
    int32_t size = 1;

    for (int32_t i = 0; i < expr->count_args && size < 1000000; i++) {
        size += sb_expr_size(expr->args[i]);
    }
    return size;
}

int32_t
sb_expr_depth(const sb_expr *expr)
{
    int32_t depth = 0;

    for (int32_t i = 0; i < expr->count_args; i++) {
        int32_t below = sb_expr_depth(expr->args[i]);

        depth = below > depth ? below : depth;
    }
    return depth + 1;
}

/* ---- column lists ---- */

sb_columns
sb_columns_of(sb_arena *arena, const int32_t *at, int32_t count)
{
    sb_columns columns = {.count = count};

    if (count > 0) {
        columns.at = sb_arena_memdup(arena, at, sizeof(at[0]) * (size_t)count);
    }
    return columns;
}

int32_t
sb_columns_index(const sb_columns *columns, int32_t column)
{
    for (int32_t i = 0; i < columns->count; i++) {
        if (columns->at[i] == column) {
            return i;
        }
    }
    return -1;
}

bool
sb_columns_subset(const sb_columns *inner, const sb_columns *outer)
{
    for (int32_t i = 0; i < inner->count; i++) {
        if (sb_columns_index(outer, inner->at[i]) < 0) {
            return false;
        }
    }
    return true;
}

bool
sb_columns_equal(const sb_columns *a, const sb_columns *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->at, b->at, sizeof(a->at[0]) * (size_t)a->count) == 0);
}
