/*
 * runtime/gate.h -- merges the channels of one input into one head batch at a time.
 *
 * DESIGN     docs/contracts.md section 2. Per channel: watermark, idle, ended, aligned, blocked by
 *            a barrier. The combined watermark is the minimum over channels that are active and
 *            aligned (R5): a channel back from idle with a lower watermark is ignored until it has
 *            caught up. MAX passes only when every channel has ended or is at MAX (I22). When the
 *            last active channel goes idle and held the minimum, the maximum over all channels
 *            comes first, then the input is idle. An end of a channel counts as MAX. Marks of the
 *            head are rewritten to the combined watermark; those that do not raise it are dropped.
 *            Nothing is read behind a barrier until sb_gate_release (exactly-once). A barrier
 *            directly behind the head counts as arrived.
 * THREADS    T:task
 */
#ifndef SB_RUNTIME_GATE_H
#define SB_RUNTIME_GATE_H

#include "flow/op.h"
#include "runtime/channel.h"
#include "runtime/mutants.h"

typedef struct sb_gate_channel {
    sb_channel *channel;
    int64_t watermark_ms;
    bool idle, ended;
    bool aligned;     /* counts for the minimum */
    bool blocked;     /* its barrier was taken out; nothing is read until release */
    uint64_t barrier; /* newest barrier that arrived, 0: none */
} sb_gate_channel;

typedef struct sb_gate {
    sb_mem *mem;
    const sb_schema *schema;
    const sb_mutants *mutants;
    sb_gate_channel *channels;
    int32_t count, next; /* next: where the fair round goes on */
    int64_t last_ms;     /* combined watermark given to the operator */
    bool all_idle;       /* no active channel, not all ended */
    bool all_ended;
    bool blocking;  /* exactly-once: barriers block */
    uint64_t taken; /* newest barrier that was taken or thrown away */
} sb_gate;

/* channels: array of `count`, owned by the caller; channel pointers set, `idle` as at the start. */
void sb_gate_init(sb_gate *gate, sb_mem *mem, const sb_schema *schema, const sb_mutants *mutants,
                  sb_gate_channel *channels, int32_t count, bool blocking);
/* After restore: the combined watermark that was in force. */
void sb_gate_set_watermark(sb_gate *gate, int64_t watermark_ms);

/* When `in` has no head: takes over idle and ended, reads elements until there is a head or nothing
 * more to read. out_moved: something changed for the operator (head, idle, ended). */
sb_status sb_gate_fill(sb_gate *gate, sb_input *in, bool *out_moved, sb_error *err);

typedef enum sb_gate_alignment { SB_GATE_OPEN, SB_GATE_ALIGNED, SB_GATE_ENDED } sb_gate_alignment;

/* Have all channels ended or brought a barrier? ALIGNED: *out_checkpoint is its number; barriers
 * older than the newest are thrown away. */
sb_gate_alignment sb_gate_barrier(sb_gate *gate, uint64_t *out_checkpoint);
bool sb_gate_has_barrier(const sb_gate *gate); /* at least one has arrived: the operator's hint */
/* The piece is written (or the checkpoint given up): barriers up to `checkpoint` are done with. */
void sb_gate_release(sb_gate *gate, uint64_t checkpoint);

#endif
