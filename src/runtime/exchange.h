/*
 * runtime/exchange.h -- from an output port to the channels behind it: copies for several
 * consumers, partitioning for each.
 *
 * DESIGN     An outlet stands behind one port. Per consumer it has one edge: the kind of exchange
 *            and the channels to the consumer's subtasks. A batch is moved to the last edge and
 *            shared with the others. HASH hashes the key columns once and gives every target a
 *            header of its own: a selection over the same columns, compacted when less than half of
 *            what it pins is selected. Marks go to all targets, at the right row positions.
 *            Barrier, status and end go to all targets.
 * THREADS    T:task of the producer
 */
#ifndef SB_RUNTIME_EXCHANGE_H
#define SB_RUNTIME_EXCHANGE_H

#include "plan/plan.h"
#include "runtime/channel.h"
#include "runtime/mutants.h"

typedef struct sb_edge {
    uint8_t kind; /* sb_dist_kind */
    sb_columns keys;
    sb_channel **targets;
    int32_t count_targets;
    int32_t next; /* REBALANCE: whose turn it is */
} sb_edge;

typedef struct sb_outlet {
    struct sb_unit *unit; /* whose port it is */
    sb_mem *mem;
    const sb_mutants *mutants;
    sb_edge *edges;
    int32_t count_edges;
    bool failed; /* out of memory: what was pushed is lost, the unit must fail */
    /* scratch of HASH */
    int32_t capacity, targets; /* rows, and targets of an edge, there is room for */
    uint64_t *hashes;
    int32_t *keep;   /* logical rows of each target: `capacity` places for each */
    int32_t *counts; /* of these rows */
} sb_outlet;

void sb_outlet_deinit(sb_outlet *outlet); /* scratch only; channels belong to the graph */
bool sb_outlet_can_push(sb_outlet *outlet);
void sb_outlet_push(sb_outlet *outlet, sb_batch *batch);
/* Barrier, status, end. */
void sb_outlet_control(sb_outlet *outlet, sb_element element);

#endif
