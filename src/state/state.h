/*
 * state/state.h -- all keyed state of one operator instance: opening, snapshot, restore.
 *
 * DESIGN     An instance owns the slots [slot_from, slot_to). freeze() runs on the task at the
 *            barrier and costs O(1) per table plus the dirty list swap; write() runs in the I/O
 *            pool while the task goes on (writers copy a page on first touch). The descriptor that
 *            write() yields lists the blobs needed, so later snapshots reuse unchanged ones
 *            (incremental: whole row pages, or row deltas where less than a quarter of a page
 *            changed). restore() may be called several times (one per old piece); it keeps only
 *            rows of own slots. Blob names are unique for ever: prefix/ckpt-random.
 * THREADS    as said per call.
 */
#ifndef SB_STATE_STATE_H
#define SB_STATE_STATE_H

#include "ports/store.h"
#include "state/timers.h"

typedef struct sb_state sb_state;
typedef struct sb_state_snapshot sb_state_snapshot;

/* T:setup */
sb_state *sb_state_new(sb_mem *mem, uint32_t slot_from, uint32_t slot_to);
/* T:task; waits for nothing: snapshots hold references */
sb_state *sb_state_free(sb_state *state);
/* T:setup */
sb_status sb_state_open_table(sb_state *state, const sb_table_spec *spec, sb_table **out,
                              sb_error *err);
/* T:setup */
sb_status sb_state_open_timers(sb_state *state, uint32_t table_id, const sb_schema *key,
                               sb_timers **out, sb_error *err);
void sb_state_set_now(sb_state *state, int64_t now_ms); /* T:task */
int64_t sb_state_bytes(const sb_state *state);
/* TTL: erases some expired rows, at most `limit`; called between steps. */
void sb_state_sweep(sb_state *state, int32_t limit); /* T:task */

/* At the barrier. Only one snapshot per state runs at a time: freezing while one is being written
 * waits for nothing and fails with CONFLICT; the runtime never does that
 * (execution.checkpointing.max-concurrent-checkpoints is 1) but may after abandoning a timed-out
 * one: call sb_state_snapshot_cancel first. */
/* T:task */
sb_status sb_state_freeze(sb_state *state, uint64_t checkpoint, sb_state_snapshot **out,
                          sb_error *err);
/* Writes the blobs (durable on return) and appends the descriptor to `out`. */
/* T:io */
sb_status sb_state_snapshot_write(sb_state_snapshot *snapshot, sb_store *store,
                                  const char *blob_prefix, sb_writer *out, sb_error *err);
/* Tells how it ended. completed: the blobs are now part of a decided checkpoint (later snapshots
 * may build on them); not completed: the next snapshot writes again what this one held. Frees the
 * snapshot. */
/* T:task */
void sb_state_snapshot_end(sb_state_snapshot *snapshot, bool completed);
/* T:any: write() stops soon */
void sb_state_snapshot_cancel(sb_state_snapshot *snapshot);

/* Loads one old piece's descriptor. After a failure the state is only good for sb_state_free. With
 * TTL: set the time before; rows from a snapshot without TTL count as written now. CONFLICT names
 * what does not fit between snapshot and tables. same_owner: the piece covers exactly this
 * instance's slots and this is the only piece (its blobs stay usable for increments). */
/* T:setup */
sb_status sb_state_restore(sb_state *state, sb_reader *descriptor, sb_store *store, bool same_owner,
                           sb_error *err);

/* The blobs that a descriptor needs (garbage collection, inspect). */
typedef struct sb_state_info {
    uint32_t table_id;
    uint8_t shape;
    int64_t rows, bytes;
} sb_state_info;

sb_status sb_state_describe(sb_reader *descriptor,
                            void (*blob)(void *ctx, const char *name, int64_t bytes),
                            void (*table)(void *ctx, const sb_state_info *info), void *ctx,
                            sb_error *err);

#endif
