/*
 * sql/bind_variance.c -- STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP made of two aggregates.
 *
 * DESIGN     As Flink's planner does it: with m2 the sum of the squared distances from the mean,
 *            var_pop(x) = m2(x) / count(x); var_samp divides by count(x) - 1, and by NULL instead
 *            of 0; stddev is the power 0.5 of them. The result has the type of AVG, so INT stays
 *            INT.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/bind.h"

static sb_status
variance_call(sb_binder *b, const char *name, sb_expr *left, sb_expr *right, sb_expr **out)
{
    sb_expr *args[] = {left, right};

    return sb_expr_call(b->rel.arena, name, args, 2, out, b->rel.err);
}

/* Casts where the type differs in more than whether it may be NULL. */
static sb_status
variance_cast(sb_binder *b, sb_expr *expr, const sb_type *type, sb_expr **out)
{
    sb_type to = *type;

    to.nullable = expr->type.nullable;
    *out = expr;
    return sb_type_equal(&to, &expr->type)
               ? SB_OK
               : sb_expr_cast(b->rel.arena, expr, &to, false, out, b->rel.err);
}

/* count - 1, NULL instead of 0. */
static sb_status
variance_others(sb_binder *b, sb_expr *count, sb_expr **out)
{
    sb_type type = SB_TYPE(INT, false), nothing = SB_TYPE(BIGINT, true);
    sb_expr *one = sb_expr_i64(b->rel.arena, &type, 1), *is_one, *less;
    sb_expr *null = sb_expr_null(b->rel.arena, &nothing);

    if (one == NULL || null == NULL) {
        SB_NOMEM(b->rel.err);
    }
    SB_TRY(variance_call(b, "=", count, one, &is_one), b->rel.err);
    SB_TRY(variance_call(b, "-", count, one, &less), b->rel.err);
    return sb_expr_call(b->rel.arena, "CASE", (sb_expr *[]){is_one, null, less}, 3, out,
                        b->rel.err);
}

bool
sb_bind_is_variance(const char *name)
{
    return strncmp(name, "STDDEV", 6) == 0 || strncmp(name, "VAR_", 4) == 0 ||
           strcmp(name, "VARIANCE") == 0;
}

sb_status
sb_bind_variance(sb_binder *b, const sb_scope *scope, const char *name, const sb_bind_agg *call,
                 const sb_type *type, sb_expr **out)
{
    sb_bind_agg agg = *call;
    sb_expr *expr, *divisor;

    agg.call.kind = SB_AGG_M2;
    SB_TRY(sb_bind_agg_column(b, scope, &agg, &expr), b->rel.err);
    agg.call.kind = SB_AGG_COUNT;
    SB_TRY(sb_bind_agg_column(b, scope, &agg, &divisor), b->rel.err);
    if (strstr(name, "_POP") == NULL) {
        SB_TRY(variance_others(b, divisor, &divisor), b->rel.err);
    }
    SB_TRY(variance_call(b, "/", expr, divisor, &expr), b->rel.err);
    if (name[0] == 'S') {
        sb_type exact = sb_type_decimal(2, 1, false);
        sb_expr *half = sb_expr_i64(b->rel.arena, &exact, 5);

        if (half == NULL) {
            SB_NOMEM(b->rel.err);
        }
        SB_TRY(variance_call(b, "POWER", expr, half, &expr), b->rel.err);
    }
    return variance_cast(b, expr, type, out);
}
