/*
 * sql/rule_merge.c -- neighbouring CALCs become one.
 *
 * DESIGN     The upper one's expressions are written over the lower one's input. Not when the
 *            lower one has an expression that is not deterministic and would be computed twice or
 *            before its filter, nor when the result would be huge.
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

#define MERGE_SIZE_MAX  4000
#define MERGE_DEPTH_MAX 600

static void
merge_count_uses(const sb_expr *expr, int32_t *uses)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        uses[expr->column]++;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        merge_count_uses(expr->args[i], uses);
    }
}

static sb_status
merge_allowed(sb_rel_context *ctx, const sb_rel *upper, const sb_rel *lower, bool *out)
{
    int32_t *uses = SB_NEW_ARRAY(ctx->arena, int32_t, lower->schema.count + 1);
    int64_t size = 0;
    int32_t depth_upper = 0, depth_lower = 0;

    if (uses == NULL) {
        SB_NOMEM(ctx->err);
    }
    *out = false;
    for (int32_t i = 0; i < upper->schema.count; i++) {
        int32_t depth = sb_expr_depth(upper->exprs[i]);

        merge_count_uses(upper->exprs[i], uses);
        size += sb_expr_size(upper->exprs[i]);
        depth_upper = depth > depth_upper ? depth : depth_upper;
    }
    if (upper->condition != NULL) {
        int32_t depth = sb_expr_depth(upper->condition);

        merge_count_uses(upper->condition, uses);
        size += sb_expr_size(upper->condition);
        depth_upper = depth > depth_upper ? depth : depth_upper;
    }
    for (int32_t i = 0; i < lower->schema.count; i++) {
        int32_t depth = sb_expr_depth(lower->exprs[i]);

        if (uses[i] > 0 && !sb_expr_is_deterministic(lower->exprs[i]) &&
            (uses[i] > 1 || upper->condition != NULL)) {
            return SB_OK;
        }
        size += (int64_t)uses[i] * sb_expr_size(lower->exprs[i]);
        depth_lower = depth > depth_lower ? depth : depth_lower;
    }
    *out = size <= MERGE_SIZE_MAX + 4 * (int64_t)(upper->schema.count + lower->schema.count) &&
           depth_upper + depth_lower <= MERGE_DEPTH_MAX;
    return SB_OK;
}

static sb_status
merge_pair(sb_rel_context *ctx, sb_rel *upper, const sb_rel *lower)
{
    sb_expr *condition = lower->condition;

    if (upper->condition != NULL) {
        SB_TRY(sb_expr_substitute(ctx->arena, upper->condition, lower->exprs, &condition, ctx->err),
               ctx->err);
        if (lower->condition != NULL) {
            sb_expr *both[2] = {lower->condition, condition};

            SB_TRY(sb_expr_call(ctx->arena, "AND", both, 2, &condition, ctx->err), ctx->err);
        }
    }
    for (int32_t i = 0; i < upper->schema.count; i++) {
        SB_TRY(sb_expr_substitute(ctx->arena, upper->exprs[i], lower->exprs, &upper->exprs[i],
                                  ctx->err),
               ctx->err);
    }
    ctx->fired[SB_RULE_MERGE]++;
    upper->condition = condition;
    upper->inputs[0] = lower->inputs[0];
    return SB_OK;
}

sb_status
sb_rule_merge(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *rel = *slot;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(sb_rule_merge(ctx, &rel->inputs[i]), ctx->err);
    }
    while (rel->kind == SB_REL_CALC && rel->inputs[0]->kind == SB_REL_CALC) {
        bool allowed = false;

        SB_TRY(merge_allowed(ctx, rel, rel->inputs[0], &allowed), ctx->err);
        if (!allowed) {
            break;
        }
        SB_TRY(merge_pair(ctx, rel, rel->inputs[0]), ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    if (rel->kind == SB_REL_CALC && sb_rel_is_identity(rel)) {
        ctx->fired[SB_RULE_MERGE]++;
        *slot = rel->inputs[0];
    }
    return SB_OK;
}
