/*
 * sql/optimize.c -- the order of the rules.
 *
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

sb_status
sb_optimize(sb_rel_context *ctx, sb_rel **sinks, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        SB_TRY(sb_rule_fold(ctx, sinks[i]), ctx->err);
        SB_TRY(sb_rule_filter(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_merge(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_window(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_join(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_prune(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_merge(ctx, &sinks[i]), ctx->err);
        SB_TRY(sb_rule_fold(ctx, sinks[i]), ctx->err);
    }
    SB_TRY(sb_rule_share(ctx, sinks, count), ctx->err);
    return sb_rule_scan(ctx, sinks, count);
}
