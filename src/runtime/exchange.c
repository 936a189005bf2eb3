/*
 * runtime/exchange.c -- see exchange.h.
 */
#include "runtime/exchange.h"

#include <string.h>

#include "base/hash.h"
#include "columnar/hash.h"

void
sb_outlet_deinit(sb_outlet *outlet)
{
    size_t n = (size_t)outlet->capacity;
    sb_free(outlet->mem, outlet->hashes, n * sizeof(uint64_t));
    sb_free(outlet->mem, outlet->keep, n * (size_t)outlet->targets * sizeof(int32_t));
    sb_free(outlet->mem, outlet->counts, (size_t)outlet->targets * sizeof(int32_t));
    outlet->hashes = NULL;
    outlet->keep = outlet->counts = NULL;
    outlet->capacity = outlet->targets = 0;
}

bool
sb_outlet_can_push(sb_outlet *outlet)
{
    bool room = true;
    for (int32_t e = 0; e < outlet->count_edges; e++) {
        sb_edge *edge = &outlet->edges[e];
        for (int32_t i = 0; i < edge->count_targets; i++) {
            /* No early exit: each full ring must learn that its producer waits. */
            room &= sb_channel_can_push(edge->targets[i]);
        }
    }
    return room;
}

static void
edge_send(sb_outlet *outlet, sb_edge *edge, int32_t target, sb_batch *batch)
{
    if (!batch || !sb_channel_push(edge->targets[target],
                                   (sb_element){.kind = SB_EL_BATCH, .batch = batch})) {
        outlet->failed = true;
    }
}

/* A batch of no rows with the last mark of `batch`: for targets that get none of its rows. */
static void
edge_send_marks(sb_outlet *outlet, sb_edge *edge, int32_t target, const sb_batch *batch)
{
    if (batch->count_marks > 0) {
        int64_t watermark_ms = batch->marks[batch->count_marks - 1].watermark_ms;
        edge_send(outlet, edge, target,
                  sb_batch_watermark(outlet->mem, batch->schema, watermark_ms));
    }
}

static bool
outlet_scratch(sb_outlet *outlet, int32_t count, int32_t targets)
{
    if (count <= outlet->capacity && targets <= outlet->targets) {
        return true;
    }
    count = count > outlet->capacity ? count : outlet->capacity;
    targets = targets > outlet->targets ? targets : outlet->targets;
    sb_outlet_deinit(outlet);
    size_t n = (size_t)count, parts = (size_t)targets;
    outlet->capacity = count;
    outlet->targets = targets;
    outlet->hashes = sb_alloc(outlet->mem, n * sizeof(uint64_t));
    outlet->keep = sb_alloc(outlet->mem, n * parts * sizeof(int32_t));
    outlet->counts = sb_alloc(outlet->mem, parts * sizeof(int32_t));
    if (!outlet->hashes || !outlet->keep || !outlet->counts) {
        sb_outlet_deinit(outlet);
        return false;
    }
    return true;
}

/* Sorts logical rows by the target that owns their keys. */
static void
hash_split(sb_outlet *outlet, const sb_edge *edge, const sb_batch *batch)
{
    sb_vector *columns[64];
    sb_assert(edge->keys.count <= 64);
    for (int32_t k = 0; k < edge->keys.count; k++) {
        columns[k] = batch->columns[edge->keys.at[k]];
    }
    sb_hash_columns(columns, edge->keys.count, batch->selection, batch->count_rows, outlet->hashes);
    const uint64_t *hashes = outlet->hashes;
    const uint32_t targets = (uint32_t)edge->count_targets;
    const size_t capacity = (size_t)outlet->capacity;
    int32_t *keep = outlet->keep, *counts = outlet->counts;
    memset(counts, 0, targets * sizeof *counts);
    if (targets == 2) { /* no count goes through memory */
        int32_t n[2] = {0, 0};
        for (int32_t i = 0; i < batch->count_rows; i++) {
            int32_t owner = (int32_t)sb_slot_owner(sb_key_slot(hashes[i]), 2);
            keep[n[0]] = keep[capacity + (size_t)n[1]] = i;
            n[0] += 1 - owner;
            n[1] += owner;
        }
        counts[0] = n[0];
        counts[1] = n[1];
        return;
    }
    for (int32_t i = 0; i < batch->count_rows; i++) {
        uint32_t owner = sb_slot_owner(sb_key_slot(hashes[i]), targets);
        keep[owner * capacity + (size_t)counts[owner]++] = i;
    }
}

static sb_batch *
batch_part(sb_outlet *outlet, const sb_batch *batch, const int32_t *keep, int32_t count)
{
    sb_error err;
    sb_batch *part = sb_batch_share(outlet->mem, batch);
    if (!part || sb_batch_filter(part, keep, count, &err) != SB_OK) {
        return sb_batch_free(part);
    }
    if (sb_batch_is_sparse(part) && sb_batch_compact(part, false, &err) != SB_OK) {
        return sb_batch_free(part);
    }
    return part;
}

static void
hash_push(sb_outlet *outlet, sb_edge *edge, sb_batch *batch)
{
    if (!outlet_scratch(outlet, batch->count_rows, edge->count_targets)) {
        outlet->failed = true;
        sb_batch_free(batch);
        return;
    }
    hash_split(outlet, edge, batch);
    for (int32_t target = 0; target < edge->count_targets; target++) {
        int32_t count = outlet->counts[target];
        const int32_t *keep = outlet->keep + (size_t)target * (size_t)outlet->capacity;
        if (count == 0) {
            if (!outlet->mutants->split_marks_lost) {
                edge_send_marks(outlet, edge, target, batch);
            }
        } else if (count == batch->count_rows) {
            edge_send(outlet, edge, target, sb_batch_share(outlet->mem, batch));
        } else {
            edge_send(outlet, edge, target, batch_part(outlet, batch, keep, count));
        }
    }
    sb_batch_free(batch);
}

static void
rebalance_push(sb_outlet *outlet, sb_edge *edge, sb_batch *batch)
{
    for (int32_t i = 0; i < edge->count_targets; i++) {
        if (i != edge->next) {
            edge_send_marks(outlet, edge, i, batch);
        }
    }
    int32_t target = edge->next;
    if (batch->count_rows > 0) {
        edge->next = (edge->next + 1) % edge->count_targets;
    }
    edge_send(outlet, edge, target, batch);
}

static void
edge_push(sb_outlet *outlet, sb_edge *edge, sb_batch *batch)
{
    if (edge->kind != SB_EXCHANGE_FORWARD) {
        batch->split = -1; /* splits mean something in the source's chain only */
    }
    if (edge->count_targets == 1) {
        edge_send(outlet, edge, 0, batch);
        return;
    }
    switch ((sb_dist_kind)edge->kind) {
    case SB_EXCHANGE_HASH: hash_push(outlet, edge, batch); return;
    case SB_EXCHANGE_REBALANCE: rebalance_push(outlet, edge, batch); return;
    case SB_EXCHANGE_BROADCAST:
        for (int32_t i = 1; i < edge->count_targets; i++) {
            edge_send(outlet, edge, i, sb_batch_share(outlet->mem, batch));
        }
        edge_send(outlet, edge, 0, batch);
        return;
    case SB_EXCHANGE_GLOBAL: /* one channel is used; the others only get marks and control */
        for (int32_t i = 1; i < edge->count_targets; i++) {
            edge_send_marks(outlet, edge, i, batch);
        }
        edge_send(outlet, edge, 0, batch);
        return;
    case SB_EXCHANGE_FORWARD: break;
    }
    sb_assert(!"a forward edge has one target");
}

void
sb_outlet_push(sb_outlet *outlet, sb_batch *batch)
{
    for (int32_t e = 0; e + 1 < outlet->count_edges; e++) {
        sb_batch *copy = sb_batch_share(outlet->mem, batch);
        if (copy) {
            edge_push(outlet, &outlet->edges[e], copy);
        } else {
            outlet->failed = true;
        }
    }
    if (outlet->count_edges == 0) {
        sb_batch_free(batch); /* a side output that nobody reads */
        return;
    }
    edge_push(outlet, &outlet->edges[outlet->count_edges - 1], batch);
}

void
sb_outlet_control(sb_outlet *outlet, sb_element element)
{
    sb_assert(element.kind != SB_EL_BATCH);
    for (int32_t e = 0; e < outlet->count_edges; e++) {
        sb_edge *edge = &outlet->edges[e];
        for (int32_t i = 0; i < edge->count_targets; i++) {
            outlet->failed |= !sb_channel_push(edge->targets[i], element);
        }
    }
}
