/*
 * expr/fold.c -- calls of constants become constants.
 *
 * DESIGN     Each such call runs over a batch of one row without columns. What raises an error
 * stays as it is: perhaps no row ever needs it.
 */
#include "expr/function.h"

#include <string.h>

/* The value of row 0 as a literal. */
static sb_expr *
to_literal(sb_arena *arena, const sb_type *type, const sb_vector *v)
{
    if (!sb_vector_valid(v, 0)) {
        return sb_expr_null(arena, type);
    }
    const void *at = sb_vector_at(v, 0);
    sb_expr *e;
    switch (sb_type_phys(type)) {
    case SB_PHYS_BOOL: return sb_expr_i64(arena, type, *(const uint8_t *)at);
    case SB_PHYS_F32: return sb_expr_f64(arena, type, (double)*(const float *)at);
    case SB_PHYS_F64: return sb_expr_f64(arena, type, *(const double *)at);
    case SB_PHYS_VIEW: return sb_expr_string(arena, type, sb_arg_str(at));
    case SB_PHYS_TSNS:
        e = sb_expr_i64(arena, type, 0);
        if (e) {
            e->value.tsns = *(const sb_ts_ns *)at;
        }
        return e;
    default: {
        sb_type exact = *type;
        if (sb_type_phys(type) != SB_PHYS_I128) { /* any type of the same size loads alike */
            return sb_expr_i64(arena, type, (int64_t)sb_exact_load(&exact, at));
        }
        return sb_expr_i128(arena, type, sb_exact_load(&exact, at));
    }
    }
}

static bool
has_column(const sb_expr *e)
{
    bool found = e->kind == SB_EXPR_COLUMN;
    for (int32_t i = 0; !found && i < e->count_args; i++) {
        found = has_column(e->args[i]);
    }
    return found;
}

/* An argument may be a call that fails: CASE WHEN FALSE THEN 1 / 0 ELSE 2 END is 2. */
static bool
is_foldable(const sb_expr *e)
{
    sb_phys phys = sb_type_phys(&e->type);
    if (phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT || phys == SB_PHYS_NULL) {
        return false;
    }
    return !has_column(e) && sb_expr_determinism(e) == SB_DETERMINISTIC;
}

/* Leaves *out alone when the call fails. */
static sb_status
fold_call(sb_arena *arena, sb_expr *call, const char *zone, sb_expr **out, sb_error *err)
{
    sb_mem *mem = sb_mem_root();
    sb_schema none = {0};
    sb_eval_context context = {.zone = zone};
    sb_eval *eval = NULL;
    sb_batch *batch = NULL;
    sb_vector *value = NULL;
    sb_error ignored;
    sb_status status = sb_eval_new(mem, &none, &call, 1, zone, &eval, &ignored);
    if (status == SB_OK) {
        batch = sb_batch_new(mem, &none, NULL, 1);
        status = batch ? sb_eval_run(eval, batch, &context, &value, &ignored) : SB_STATUS_NOMEM;
    }
    if (status == SB_OK) {
        sb_expr *folded = to_literal(arena, &call->type, value);
        status = folded ? SB_OK : SB_STATUS_NOMEM;
        if (folded) {
            folded->position = call->position;
            folded->position_end = call->position_end;
            *out = folded;
        }
    }
    sb_vector_unref(value);
    sb_batch_free(batch);
    sb_eval_free(eval);
    if (status == SB_STATUS_NOMEM) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_expr_fold(sb_arena *arena, const sb_expr *expr, const char *zone, sb_expr **out, sb_error *err)
{
    sb_expr *copy = (sb_expr *)(uintptr_t)expr;
    if (expr->kind != SB_EXPR_CALL) {
        *out = copy;
        return SB_OK;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        sb_expr *arg;
        SB_TRY(sb_expr_fold(arena, expr->args[i], zone, &arg, err), err);
        if (arg == expr->args[i]) {
            continue;
        }
        if (copy == expr) {
            copy = sb_arena_memdup(arena, expr, sizeof *expr);
            sb_expr **args =
                sb_arena_memdup(arena, expr->args, sizeof *args * (size_t)expr->count_args);
            if (!copy || !args) {
                SB_NOMEM(err);
            }
            copy->args = args;
        }
        copy->args[i] = arg;
    }
    *out = copy;
    return is_foldable(copy) ? fold_call(arena, copy, zone, out, err) : SB_OK;
}
