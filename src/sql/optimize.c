/*
 * sql/optimize.c -- the order of the rules.
 *
 * THREADS    one thread at a time.
 */
#include "sql/rules.h"

typedef sb_status (*rule_fn)(sb_rel_context *ctx, sb_rel **rel);

/* Over one sink after the other. Some fire again on what others have made. */
static const rule_fn order[] = {sb_rule_fold,   sb_rule_simplify, sb_rule_filter, sb_rule_merge,
                                sb_rule_window, sb_rule_join,     sb_rule_prune,  sb_rule_merge,
                                sb_rule_fold,   sb_rule_simplify};

const char *
sb_rule_name(sb_rule rule)
{
    static const char *const names[SB_RULE_COUNT] = {
        [SB_RULE_FOLD] = "constant folding",
        [SB_RULE_SIMPLIFY] = "expression simplification",
        [SB_RULE_FILTER] = "filter push-down",
        [SB_RULE_MERGE] = "calc merge",
        [SB_RULE_WINDOW] = "window aggregate",
        [SB_RULE_JOIN] = "join keys",
        [SB_RULE_PRUNE] = "column pruning",
        [SB_RULE_SHARE] = "common sub-plan",
        [SB_RULE_SCAN] = "projection push-down into sources",
    };

    return names[rule];
}

sb_status
sb_optimize(sb_rel_context *ctx, sb_rel **sinks, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        for (size_t rule = 0; rule < sizeof(order) / sizeof(order[0]); rule++) {
            SB_TRY(order[rule](ctx, &sinks[i]), ctx->err);
        }
    }
    SB_TRY(sb_rule_share(ctx, sinks, count), ctx->err);
    return sb_rule_scan(ctx, sinks, count);
}
