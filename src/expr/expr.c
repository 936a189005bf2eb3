/*
 * expr/expr.c -- nodes of expressions: making, comparing, copying. See expr.h.
 */
#include "expr/expr.h"

#include "expr/function.h"

#include <string.h>

static sb_expr *
expr_new(sb_arena *arena, sb_expr_kind kind, const sb_type *type)
{
    sb_expr *e = SB_NEW(arena, sb_expr);
    sb_error ignored;
    if (!e) {
        return NULL;
    }
    e->kind = kind;
    e->position = e->position_end = -1;
    return sb_type_copy(arena, type, &e->type, &ignored) == SB_OK ? e : NULL;
}

sb_expr *
sb_expr_column(sb_arena *arena, int32_t column, const sb_type *type)
{
    sb_expr *e = expr_new(arena, SB_EXPR_COLUMN, type);
    if (e) {
        e->column = column;
    }
    return e;
}

sb_expr *
sb_expr_null(sb_arena *arena, const sb_type *type)
{
    sb_expr *e = expr_new(arena, SB_EXPR_LITERAL, type);
    if (e) {
        e->is_null = true;
        e->type.nullable = true;
    }
    return e;
}

static sb_expr *
literal_new(sb_arena *arena, const sb_type *type)
{
    sb_expr *e = expr_new(arena, SB_EXPR_LITERAL, type);
    if (e) {
        e->type.nullable = false;
    }
    return e;
}

sb_expr *
sb_expr_i64(sb_arena *arena, const sb_type *type, int64_t value)
{
    sb_expr *e = literal_new(arena, type);
    if (!e) {
        return NULL;
    }
    switch (sb_type_phys(type)) {
    case SB_PHYS_I128: e->value.i128 = value; break;
    case SB_PHYS_TSNS: e->value.tsns = (sb_ts_ns){.us = value}; break;
    case SB_PHYS_F32:
    case SB_PHYS_F64: e->value.f64 = (double)value; break;
    default: e->value.i64 = value;
    }
    return e;
}

sb_expr *
sb_expr_i128(sb_arena *arena, const sb_type *type, sb_int128 value)
{
    sb_expr *e = literal_new(arena, type);
    if (!e) {
        return NULL;
    }
    if (sb_type_phys(type) == SB_PHYS_I128) {
        e->value.i128 = value;
    } else {
        e->value.i64 = (int64_t)value;
    }
    return e;
}

sb_expr *
sb_expr_f64(sb_arena *arena, const sb_type *type, double value)
{
    sb_expr *e = literal_new(arena, type);
    if (e) {
        e->value.f64 = value;
    }
    return e;
}

sb_expr *
sb_expr_string(sb_arena *arena, const sb_type *type, sb_str value)
{
    sb_expr *e = literal_new(arena, type);
    char *bytes = e ? sb_arena_strndup(arena, value.data ? value.data : "", value.size) : NULL;
    if (!bytes) {
        return NULL;
    }
    e->value.view = sb_view_make(bytes, (uint32_t)value.size);
    return e;
}

sb_expr *
sb_expr_make_call(sb_arena *arena, const sb_function *function, sb_expr *const *args, int32_t count,
                  const sb_type *type)
{
    sb_expr *e = expr_new(arena, SB_EXPR_CALL, type);
    if (!e) {
        return NULL;
    }
    e->function = function;
    e->count_args = count;
    e->args = SB_NEW_ARRAY(arena, sb_expr *, count > 0 ? count : 1);
    if (!e->args) {
        return NULL;
    }
    for (int32_t i = 0; i < count; i++) {
        e->args[i] = args[i];
    }
    return e;
}

sb_determinism
sb_expr_determinism(const sb_expr *expr)
{
    sb_determinism result = SB_DETERMINISTIC;
    if (expr->kind != SB_EXPR_CALL) {
        return result;
    }
    if (expr->function->flags & SB_FN_PER_RECORD) {
        return SB_PER_RECORD;
    }
    if (expr->function->flags & SB_FN_PER_QUERY) {
        result = SB_PER_QUERY;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_determinism d = sb_expr_determinism(expr->args[i]);
        result = d > result ? d : result;
    }
    return result;
}

bool
sb_expr_can_fail(const sb_expr *expr)
{
    if (expr->kind != SB_EXPR_CALL) {
        return false;
    }
    const sb_impl *impl = expr->function->impl;
    if (impl && impl->can_fail ? impl->can_fail(expr)
                               : (expr->function->flags & SB_FN_CAN_FAIL) != 0) {
        return true;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (sb_expr_can_fail(expr->args[i])) {
            return true;
        }
    }
    return false;
}

bool
sb_expr_is_cheap(const sb_expr *expr)
{
    if (expr->kind != SB_EXPR_CALL) {
        return true;
    }
    const sb_impl *impl = expr->function->impl;
    bool special = expr->function->flags & SB_FN_SPECIAL;
    if (!special && (!impl || !impl->vector || impl->weight > 1)) {
        return false;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (!sb_expr_is_cheap(expr->args[i])) {
            return false;
        }
    }
    return true;
}

int32_t
sb_expr_weight(const sb_expr *expr)
{
    if (expr->kind != SB_EXPR_CALL) {
        return 0;
    }
    const sb_impl *impl = expr->function->impl;
    int32_t weight = impl && impl->weight ? impl->weight : !impl || impl->row ? 4 : 1;
    for (int32_t i = 0; i < expr->count_args; i++) {
        weight += sb_expr_weight(expr->args[i]);
    }
    return weight;
}

static bool
literal_equal(const sb_expr *a, const sb_expr *b)
{
    if (a->is_null || b->is_null) {
        return a->is_null == b->is_null;
    }
    switch (sb_type_phys(&a->type)) {
    case SB_PHYS_VIEW: return sb_view_equal(&a->value.view, &b->value.view);
    case SB_PHYS_I128: return a->value.i128 == b->value.i128;
    case SB_PHYS_TSNS:
        return a->value.tsns.us == b->value.tsns.us && a->value.tsns.ns == b->value.tsns.ns;
    /* By bits: NaN equals itself and -0.0 is not 0.0. */
    default: return a->value.i64 == b->value.i64;
    }
}

bool
sb_expr_equal(const sb_expr *a, const sb_expr *b)
{
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || !sb_type_equal(&a->type, &b->type)) {
        return false;
    }
    if (a->kind == SB_EXPR_COLUMN) {
        return a->column == b->column;
    }
    if (a->kind == SB_EXPR_LITERAL) {
        return literal_equal(a, b);
    }
    if (a->function != b->function || a->count_args != b->count_args || a->field != b->field) {
        return false;
    }
    for (int32_t i = 0; i < a->count_args; i++) {
        if (!sb_expr_equal(a->args[i], b->args[i])) {
            return false;
        }
    }
    return true;
}

void
sb_expr_columns(const sb_expr *expr, uint8_t *used, int32_t count_columns)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        sb_assert(expr->column >= 0 && expr->column < count_columns);
        used[expr->column] = 1;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_expr_columns(expr->args[i], used, count_columns);
    }
}

void
sb_expr_fields(const sb_expr *expr, uint64_t *fields, int32_t count_columns)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        sb_assert(expr->column >= 0 && expr->column < count_columns);
        fields[expr->column] = UINT64_MAX;
    } else if (expr->kind == SB_EXPR_CALL && strcmp(expr->function->name, "FIELD") == 0 &&
               expr->args[0]->kind == SB_EXPR_COLUMN) {
        fields[expr->args[0]->column] |= expr->field < 63 ? UINT64_C(1) << expr->field : UINT64_MAX;
        return;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_expr_fields(expr->args[i], fields, count_columns);
    }
}

sb_status
sb_expr_substitute(sb_arena *arena, const sb_expr *expr, sb_expr *const *map, sb_expr **out,
                   sb_error *err)
{
    if (expr->kind == SB_EXPR_COLUMN && map[expr->column]) {
        *out = map[expr->column];
        return SB_OK;
    }
    sb_expr *copy = expr_new(arena, expr->kind, &expr->type);
    if (!copy) {
        SB_NOMEM(err);
    }
    sb_type type = copy->type;
    *copy = *expr;
    copy->type = type;
    if (expr->kind == SB_EXPR_LITERAL && !expr->is_null &&
        sb_type_phys(&expr->type) == SB_PHYS_VIEW) {
        const sb_view *v = &expr->value.view;
        char *bytes = sb_arena_strndup(arena, sb_view_data(v), sb_view_size(v));
        if (!bytes) {
            SB_NOMEM(err);
        }
        copy->value.view = sb_view_make(bytes, sb_view_size(v));
    }
    if (expr->kind == SB_EXPR_CALL) {
        copy->args = SB_NEW_ARRAY(arena, sb_expr *, expr->count_args > 0 ? expr->count_args : 1);
        if (!copy->args) {
            SB_NOMEM(err);
        }
        for (int32_t i = 0; i < expr->count_args; i++) {
            SB_TRY(sb_expr_substitute(arena, expr->args[i], map, &copy->args[i], err), err);
        }
    }
    *out = copy;
    return SB_OK;
}
