/*
 * sql/rule_fold.c -- constant folding.
 *
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

static sb_status
fold_expr(sb_rel_context *ctx, sb_expr **expr)
{
    sb_type type = (*expr)->type;
    sb_expr *folded;

    SB_TRY(sb_expr_fold(ctx->arena, *expr, ctx->zone, &folded, ctx->err), ctx->err);
    /* A column keeps its declared type: a literal that became tighter would change what consumers
     * were bound to. */
    if (folded != *expr && sb_type_same_ignoring_null(&type, &folded->type)) {
        folded->position = (*expr)->position;
        folded->position_end = (*expr)->position_end;
        ctx->fired[SB_RULE_FOLD]++;
        *expr = folded;
    }
    return SB_OK;
}

/* Without the parts that are TRUE; NULL when nothing is left. */
static sb_status
fold_condition(sb_rel_context *ctx, sb_expr **condition)
{
    sb_expr **conjuncts;
    int32_t count, kept = 0;

    SB_TRY(sb_expr_conjuncts(ctx->arena, *condition, &conjuncts, &count, ctx->err), ctx->err);
    for (int32_t i = 0; i < count; i++) {
        if (!sb_expr_is_true(conjuncts[i])) {
            conjuncts[kept++] = conjuncts[i];
        }
    }
    ctx->fired[SB_RULE_FOLD] += count - kept;
    return kept == count ? SB_OK
                         : sb_expr_conjunction(ctx->arena, conjuncts, kept, condition, ctx->err);
}

sb_status
sb_rule_fold(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *rel = *slot;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(sb_rule_fold(ctx, &rel->inputs[i]), ctx->err);
    }
    if (rel->condition != NULL) {
        SB_TRY(fold_expr(ctx, &rel->condition), ctx->err);
        SB_TRY(fold_condition(ctx, &rel->condition), ctx->err);
    }
    for (int32_t i = 0; rel->kind == SB_REL_CALC && i < rel->schema.count; i++) {
        SB_TRY(fold_expr(ctx, &rel->exprs[i]), ctx->err);
    }
    return SB_OK;
}
