/*
 * sql/lower_interval.c -- which joins are interval joins in Flink.
 *
 * DESIGN     A join of insert-only inputs whose condition bounds the event time of one side by the
 *            event time of the other from both sides (or says they are equal). Flink drops late
 *            rows there and cleans the state by watermark; as a regular join the answer would
 *            differ, so it is refused. A bound is a comparison of time attribute +- interval with
 *            time attribute +- interval of the other side.
 * THREADS    one thread at a time.
 */
#include "sql/code.h"
#include "sql/lower.h"

enum { BOUND_ABOVE = 1, BOUND_BELOW = 2 };

/* The time attribute of `expr` as a column of the join; -1: it is something else. */
static int32_t
interval_time(const sb_rel *join, const sb_expr *expr)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        int32_t left = join->inputs[0]->schema.count;
        uint8_t kind = expr->column < left ? join->inputs[0]->time[expr->column]
                                           : join->inputs[1]->time[expr->column - left];

        return kind == SB_TIME_EVENT ? expr->column : -1;
    }
    if ((sb_expr_is_call(expr, "+") || sb_expr_is_call(expr, "-")) && expr->count_args == 2) {
        if (expr->args[1]->kind == SB_EXPR_LITERAL) {
            return interval_time(join, expr->args[0]);
        }
        if (expr->args[0]->kind == SB_EXPR_LITERAL && sb_expr_is_call(expr, "+")) {
            return interval_time(join, expr->args[1]);
        }
    }
    return -1;
}

/* Which bounds of the left time a conjunct gives. */
static int
interval_bounds(const sb_rel *join, const sb_expr *expr)
{
    bool less = sb_expr_is_call(expr, "<") || sb_expr_is_call(expr, "<=");
    bool more = sb_expr_is_call(expr, ">") || sb_expr_is_call(expr, ">=");
    bool equal = sb_expr_is_call(expr, "=");
    int32_t left = join->inputs[0]->schema.count, a, b;

    if (!less && !more && !equal) {
        return 0;
    }
    a = interval_time(join, expr->args[0]);
    b = interval_time(join, expr->args[1]);
    if (a < 0 || b < 0 || (a < left) == (b < left)) {
        return 0;
    }
    if (equal) {
        return BOUND_ABOVE | BOUND_BELOW;
    }
    return less == (a < left) ? BOUND_ABOVE : BOUND_BELOW;
}

sb_status
sb_lower_check_interval(sb_rel_context *ctx, const sb_rel *join)
{
    int32_t begin = join->begin, end = join->end, count;
    sb_expr **conjuncts;
    int bounds = 0;

    if (!sb_ops_insert_only(join->inputs[0]->row_ops) ||
        !sb_ops_insert_only(join->inputs[1]->row_ops)) {
        return SB_OK;
    }
    for (int32_t i = 0; i < join->keys.count; i++) {
        if (join->inputs[0]->time[join->keys.at[i]] == SB_TIME_EVENT &&
            join->inputs[1]->time[join->right_keys.at[i]] == SB_TIME_EVENT) {
            bounds = BOUND_ABOVE | BOUND_BELOW;
        }
    }
    SB_TRY(sb_expr_conjuncts(ctx->arena, join->condition, &conjuncts, &count, ctx->err), ctx->err);
    for (int32_t i = 0; i < count; i++) {
        int more = interval_bounds(join, conjuncts[i]);

        if (more != 0 && conjuncts[i]->position >= 0) {
            begin = conjuncts[i]->position;
            end = conjuncts[i]->position_end;
        }
        bounds |= more;
    }
    if (bounds != (BOUND_ABOVE | BOUND_BELOW)) {
        return SB_OK;
    }
    (void)sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, begin, end, "not supported: interval join");
    sb_error_hint(ctx->err, "CAST one of the two time columns, e.g. CAST(ts AS TIMESTAMP(3)): that "
                            "makes it a regular join, whose state is kept (table.exec.state.ttl)");
    return SB_STATUS_NOT_SUPPORTED;
}
