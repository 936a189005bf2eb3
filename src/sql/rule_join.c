/*
 * sql/rule_join.c -- the equalities of a join's condition become its keys.
 *
 * DESIGN     left = right and left IS NOT DISTINCT FROM right, each side computed from one input
 *            only. A key that is not a plain column becomes a column of a CALC below the join; a
 *            CALC above drops it again. Both sides of a key get one type, as they are hashed.
 *            Equal window_start and window_end of equal windows on both sides make it a window
 *            join; they are not keys then, but for window_end when there is no other key: rows
 *            are spread by it.
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

typedef struct join_key {
    sb_expr *side[2]; /* over its own input */
    bool null_safe;
} join_key;

typedef struct join_parts {
    sb_rel_context *ctx;
    sb_rel *join;
    join_key *keys;
    int32_t count_keys;
    sb_expr **rest;
    int32_t count_rest;
    int32_t *shift; /* column of the join -> of the right input */
    int32_t windows[4];
    bool windowed;
} join_parts;

static sb_status
join_side(join_parts *parts, sb_expr *expr, int32_t side, sb_expr **out)
{
    if (side == 0) {
        *out = expr;
        return SB_OK;
    }
    return sb_expr_remap(parts->ctx->arena, expr, parts->shift, out, parts->ctx->err);
}

/* Values that are equal must be equal as bytes: same physical form, same scale. */
static bool
join_same_bytes(const sb_type *a, const sb_type *b)
{
    if (sb_type_same_ignoring_null(a, b)) {
        return true;
    }
    if (sb_type_is_string(a) && sb_type_is_string(b)) {
        return true;
    }
    if (sb_type_is_binary(a) && sb_type_is_binary(b)) {
        return true;
    }
    return a->id == b->id && sb_type_phys(a) == sb_type_phys(b) && a->scale == b->scale &&
           a->id < SB_TYPE_ARRAY && (a->id != SB_TYPE_DECIMAL || a->scale == b->scale);
}

static sb_status
join_one_type(join_parts *parts, join_key *key, bool *out_fine)
{
    const sb_type *types[2] = {&key->side[0]->type, &key->side[1]->type};
    sb_type common;
    sb_error ignored;

    *out_fine = true;
    if (join_same_bytes(types[0], types[1])) {
        return SB_OK;
    }
    sb_error_clear(&ignored);
    if (sb_type_common(parts->ctx->arena, types, 2, &common, &ignored) != SB_OK) {
        *out_fine = false;
        return SB_OK;
    }
    for (int side = 0; side < 2; side++) {
        sb_type type = common;

        type.nullable = types[side]->nullable;
        if (sb_expr_coerce(parts->ctx->arena, key->side[side], &type, &key->side[side], &ignored) !=
            SB_OK) {
            *out_fine = false;
            return SB_OK;
        }
    }
    return SB_OK;
}

static bool
join_is_window_equality(const join_parts *parts, const sb_expr *expr)
{
    int32_t left_count = parts->join->inputs[0]->schema.count;

    if (!parts->windowed || !sb_expr_is_call(expr, "=") || expr->args[0]->kind != SB_EXPR_COLUMN ||
        expr->args[1]->kind != SB_EXPR_COLUMN) {
        return false;
    }
    for (int k = 0; k < 2; k++) {
        int32_t l = parts->windows[2 * k], r = left_count + parts->windows[2 * k + 1];
        int32_t a = expr->args[0]->column, b = expr->args[1]->column;

        if ((a == l && b == r) || (a == r && b == l)) {
            return true;
        }
    }
    return false;
}

static sb_status
join_conjunct(join_parts *parts, sb_expr *expr)
{
    int32_t left_count = parts->join->inputs[0]->schema.count, total = parts->join->schema.count;
    bool null_safe = sb_expr_is_call(expr, "IS NOT DISTINCT FROM"), fine = false;

    if (join_is_window_equality(parts, expr)) {
        return SB_OK;
    }
    if ((null_safe || sb_expr_is_call(expr, "=")) && sb_expr_is_deterministic(expr)) {
        for (int first = 0; first < 2 && !fine; first++) {
            sb_expr *left = expr->args[first], *right = expr->args[1 - first];
            join_key *key = &parts->keys[parts->count_keys];

            if (!sb_expr_within(left, 0, left_count) || !sb_expr_within(right, left_count, total) ||
                sb_expr_within(right, 0, 0) || sb_expr_within(left, 0, 0)) {
                continue;
            }
            key->null_safe = null_safe;
            SB_TRY(join_side(parts, left, 0, &key->side[0]), parts->ctx->err);
            SB_TRY(join_side(parts, right, 1, &key->side[1]), parts->ctx->err);
            SB_TRY(join_one_type(parts, key, &fine), parts->ctx->err);
        }
    }
    if (fine) {
        parts->count_keys++;
    } else {
        parts->rest[parts->count_rest++] = expr;
    }
    return SB_OK;
}

/* The input with columns for keys that are not plain ones; columns[i] is that of key i. */
static sb_status
join_input(join_parts *parts, int32_t side, int32_t *columns)
{
    sb_rel *input = parts->join->inputs[side], *calc;
    int32_t width = input->schema.count, added = 0;

    for (int32_t i = 0; i < parts->count_keys; i++) {
        sb_expr *expr = parts->keys[i].side[side];

        columns[i] = expr->kind == SB_EXPR_COLUMN ? expr->column : width + added++;
    }
    if (added == 0) {
        return SB_OK;
    }
    SB_TRY(sb_rel_filter(parts->ctx, input, NULL, &calc), parts->ctx->err);
    sb_expr **exprs = SB_NEW_ARRAY(parts->ctx->arena, sb_expr *, width + added);
    const char **names = SB_NEW_ARRAY(parts->ctx->arena, const char *, width + added);

    if (exprs == NULL || names == NULL) {
        SB_NOMEM(parts->ctx->err);
    }
    for (int32_t i = 0; i < width; i++) {
        exprs[i] = calc->exprs[i];
        names[i] = calc->names[i];
    }
    for (int32_t i = 0; i < parts->count_keys; i++) {
        if (columns[i] >= width) {
            exprs[columns[i]] = parts->keys[i].side[side];
            names[columns[i]] = sb_arena_printf(parts->ctx->arena, "$k%d", i);
            if (names[columns[i]] == NULL) {
                SB_NOMEM(parts->ctx->err);
            }
        }
    }
    return sb_rel_calc(parts->ctx, input, NULL, exprs, names, width + added,
                       &parts->join->inputs[side]);
}

/* Residual and columns move when the left side got wider; the CALC on top has the old columns only.
 */
static sb_status
join_finish(join_parts *parts, int32_t left_before, int32_t right_before, sb_rel **slot)
{
    sb_rel_context *ctx = parts->ctx;
    sb_rel *join = parts->join;
    int32_t left_now = join->inputs[0]->schema.count, right_now = join->inputs[1]->schema.count;
    int32_t total = left_before + right_before;
    int32_t *map = SB_NEW_ARRAY(ctx->arena, int32_t, total + 1);

    if (map == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < total; i++) {
        map[i] = i < left_before ? i : i - left_before + left_now;
    }
    SB_TRY(
        sb_expr_conjunction(ctx->arena, parts->rest, parts->count_rest, &join->condition, ctx->err),
        ctx->err);
    if (join->condition != NULL && left_now != left_before) {
        SB_TRY(sb_expr_remap(ctx->arena, join->condition, map, &join->condition, ctx->err),
               ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, join), ctx->err);
    if (left_now == left_before && right_now == right_before) {
        return SB_OK;
    }
    return sb_rel_select(ctx, join, map, total, slot);
}

static sb_status
join_extract(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *join = *slot;
    int32_t left = join->inputs[0]->schema.count, right = join->inputs[1]->schema.count, count;
    join_parts parts = {.ctx = ctx, .join = join};
    int32_t *columns[2];
    bool *null_safe;
    sb_expr **conjuncts;

    parts.windowed = sb_rel_join_windows(join, parts.windows);
    SB_TRY(sb_expr_conjuncts(ctx->arena, join->condition, &conjuncts, &count, ctx->err), ctx->err);
    parts.keys = SB_NEW_ARRAY(ctx->arena, join_key, count + 1);
    parts.rest = SB_NEW_ARRAY(ctx->arena, sb_expr *, count + 1);
    parts.shift = SB_NEW_ARRAY(ctx->arena, int32_t, left + right + 1);
    null_safe = SB_NEW_ARRAY(ctx->arena, bool, count + 1);
    for (int side = 0; side < 2; side++) {
        columns[side] = SB_NEW_ARRAY(ctx->arena, int32_t, count + 1);
    }
    if (parts.keys == NULL || parts.rest == NULL || parts.shift == NULL || null_safe == NULL ||
        columns[0] == NULL || columns[1] == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < left + right; i++) {
        parts.shift[i] = i - left;
    }
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(join_conjunct(&parts, conjuncts[i]), ctx->err);
    }
    for (int side = 0; side < 2; side++) {
        SB_TRY(join_input(&parts, side, columns[side]), ctx->err);
    }
    for (int32_t i = 0; i < parts.count_keys; i++) {
        null_safe[i] = parts.keys[i].null_safe;
    }
    if (parts.windowed && parts.count_keys == 0) {
        columns[0][0] = parts.windows[2];
        columns[1][0] = parts.windows[3];
        null_safe[0] = false;
        parts.count_keys = 1;
    }
    join->keys = (sb_columns){.count = parts.count_keys, .at = columns[0]};
    join->right_keys = (sb_columns){.count = parts.count_keys, .at = columns[1]};
    join->null_safe = null_safe;
    join->keys_done = true;
    ctx->fired[SB_RULE_JOIN] += parts.count_keys > 0;
    if (parts.windowed) {
        join->kind = SB_REL_WINDOW_JOIN;
        join->window = join->inputs[0]->window;
        join->start_column = parts.windows[0];
        join->right_start = parts.windows[1];
        join->end_column = parts.windows[2];
        join->right_end = parts.windows[3];
    }
    return join_finish(&parts, left, right, slot);
}

sb_status
sb_rule_join(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *rel = *slot;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(sb_rule_join(ctx, &rel->inputs[i]), ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return rel->kind == SB_REL_JOIN && !rel->keys_done ? join_extract(ctx, slot) : SB_OK;
}
