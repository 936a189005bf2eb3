/*
 * plan/plan_priv.h -- inside plan only.
 *
 * THREADS    T:any
 */
#ifndef SB_PLAN_PLAN_PRIV_H
#define SB_PLAN_PLAN_PRIV_H

#include "plan/nodes.h"

#define SB_PLAN_NODE_VERSION 4 /* newest encoding of a body that is known */
#define SB_PLAN_NODES_MAX    100000
#define SB_PLAN_LIST_MAX     1000000

const char *sb_plan_kind_name(uint16_t kind);
int32_t sb_plan_index(const sb_plan *plan, const sb_plan_node *node); /* in plan->nodes */

/* Bodies as bytes; a block of its own around each is the caller's. */
void sb_plan_write_body(sb_writer *w, const sb_plan_node *node);
sb_status sb_plan_read_body(sb_reader *r, sb_arena *arena, sb_plan_node *node, sb_error *err);

/* Pieces. */
void sb_plan_write_columns(sb_writer *w, const sb_columns *columns);
sb_status sb_plan_read_columns(sb_reader *r, sb_arena *arena, sb_columns *out, sb_error *err);
void sb_plan_write_options(sb_writer *w, const sb_options *options);
sb_status sb_plan_read_options(sb_reader *r, sb_arena *arena, sb_options *out, sb_error *err);
/* A count that cannot be larger than what is left. */
int32_t sb_plan_read_count(sb_reader *r);

/* All column indexes of the node's body and traits lie in the schemas they refer to. */
sb_status sb_plan_check_node(const sb_plan_node *node, sb_error *err);

/* Bytes that say what the node computes; equal bytes = same computation. */
void sb_plan_signature(const sb_plan_node *node, sb_text *out);

#endif
