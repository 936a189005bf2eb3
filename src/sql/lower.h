/*
 * sql/lower.h -- from the optimised logical plan to the physical one.
 *
 * DESIGN     (1) changelog: who sends and who needs which row kinds; ChangelogNormalize,
 *            DropUpdateBefore and SinkUpsertMaterializer are put in (lower_changes.c,
 *            lower_keys.c). (2) distribution: exchanges and parallelism (lower_exchange.c). (3)
 *            one plan node per relation, a scan becomes source, Calc and WatermarkAssigner
 *            (lower_node.c, lower_scan.c).
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_LOWER_H
#define SB_SQL_LOWER_H

#include "sql/config.h"
#include "sql/rules.h"

typedef struct sb_lower {
    sb_rel_context *rel;
    const sb_config *config;
    sb_plan *plan;
    int32_t capacity_nodes;
    sb_text *warnings;
} sb_lower;

/* Fills lower->plan from the sinks of the graph. */
sb_status sb_lower_plan(sb_lower *lower, sb_rel **sinks, int32_t count);

/* ---- parts ---- */
sb_status sb_lower_changes(sb_lower *lower, sb_rel **sinks, int32_t count);
bool sb_lower_is_batch(const sb_lower *lower);    /* execution.runtime-mode = BATCH */
bool sb_lower_drops_nulls(const sb_lower *lower); /* table.exec.sink.not-null-enforcer = DROP */
/* An interval join, which would have other late rows, is refused. */
sb_status sb_lower_check_interval(sb_rel_context *ctx, const sb_rel *join);
/* Minimal sets of columns that identify a row of rel among those it has sent; from the inputs'
 * (R41). */
sb_status sb_lower_upsert_keys(sb_rel_context *ctx, sb_rel *rel);
bool sb_lower_key_within(const sb_column_sets *keys,
                         const sb_columns *columns); /* is some key part of columns? */
bool sb_lower_key_equals(const sb_column_sets *keys, const sb_columns *columns); /* the same set? */
/* Exchanges of rel's inputs; sets rel->partition and rel->parallelism. */
sb_status sb_lower_exchanges(sb_lower *lower, sb_rel *rel, sb_exchange *out);
/* The node(s) of rel; its inputs have theirs. */
sb_status sb_lower_node(sb_lower *lower, sb_rel *rel);
sb_status sb_lower_scan(sb_lower *lower, sb_rel *rel);
sb_status sb_lower_add(sb_lower *lower, sb_node_kind kind, sb_plan_node *const *inputs,
                       const sb_exchange *exchanges, int32_t count, const sb_schema *schema,
                       const void *body, sb_plan_node **out);
/* One line for EXPLAIN. */
sb_status sb_lower_describe(sb_lower *lower, sb_plan_node *node);

static inline bool
sb_ops_insert_only(uint8_t ops)
{
    return (ops & ~SB_ROWS_INSERT) == 0;
}

static inline bool
sb_ops_updates(uint8_t ops)
{
    return (ops & (SB_ROW_BIT(SB_ROW_UPDATE_AFTER) | SB_ROW_BIT(SB_ROW_UPDATE_BEFORE))) != 0;
}

#endif
