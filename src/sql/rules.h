/*
 * sql/rules.h -- rewriting the logical plan. One rule, one file.
 *
 * DESIGN     Each rule walks the whole tree below *rel and may replace it. sb_optimize runs them
 *            in their order over all sinks of a plan. Up to sharing the plan is a tree; sharing
 *            makes it a graph.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_RULES_H
#define SB_SQL_RULES_H

#include "sql/rel.h"

/* Constant parts of expressions are computed; a filter that is TRUE vanishes. */
sb_status sb_rule_fold(sb_rel_context *ctx, sb_rel **rel);
/* Expressions that say the same in fewer words. */
sb_status sb_rule_simplify(sb_rel_context *ctx, sb_rel **rel);
/* Filters move down: through projections, to both sides of a join, below unions, windows, and
 * aggregates (on keys). What spans a join becomes part of its condition. */
sb_status sb_rule_filter(sb_rel_context *ctx, sb_rel **rel);
/* Neighbouring CALCs become one; those that do nothing vanish. */
sb_status sb_rule_merge(sb_rel_context *ctx, sb_rel **rel);
/* AGG by window_start and window_end becomes a window aggregate, on the time column itself where it
 * can. */
sb_status sb_rule_window(sb_rel_context *ctx, sb_rel **rel);
/* Equalities of a join's condition become its keys; equal windows on both sides make it a window
 * join. */
sb_status sb_rule_join(sb_rel_context *ctx, sb_rel **rel);
/* Only columns that are used stay, down into the sources. */
sb_status sb_rule_prune(sb_rel_context *ctx, sb_rel **rel);
/* Equal sub-trees become one. */
sb_status sb_rule_share(sb_rel_context *ctx, sb_rel **sinks, int32_t count);
/* Scans get the columns that all their users together need. After sharing. */
sb_status sb_rule_scan(sb_rel_context *ctx, sb_rel **sinks, int32_t count);

const char *sb_rule_name(sb_rule rule); /* for people: "filter push-down" */

sb_status sb_optimize(sb_rel_context *ctx, sb_rel **sinks, int32_t count);

/* All relations of the graph, inputs before consumers. */
sb_status sb_rel_order(sb_rel_context *ctx, sb_rel *const *sinks, int32_t count, sb_rel ***out,
                       int32_t *out_count);

#endif
