/*
 * flow/op.h -- the contract between runtime and operators: inputs, ports, the resumable step,
 * snapshot and restore.
 *
 * DESIGN     docs/contracts.md sections 2 to 4 and the invariants I1..I23. An operator is a static
 *            const vtable and an instance made from a read-only plan node. Its heart is one
 *            resumable step: consume some rows, append to the open batches of its ports, return
 *            AGAIN, DONE, FAIL or a mask of what may wake it. A snapshot is legal between any two
 *            steps. Rules of a step: (a) check room before changing anything; (b) room is soft by
 *            one unit (a -U/+U pair, one user callback);
 *            (c) bounded in time, about 0.2 ms; (d) waits are a mask; (e) never wait for one input
 *                while another has a head; an open cursor may pin its
 *            input; (f) DONE only with all inputs ended, done == target, nothing buffered.
 * OWNERSHIP  The runtime owns sb_io, heads and ports. Batches pushed are moved.
 * THREADS    T:task for everything here but init (T:setup).
 */
#ifndef SB_FLOW_OP_H
#define SB_FLOW_OP_H

#include "columnar/builder.h"
#include "plan/nodes.h"
#include "state/state.h"

typedef uint32_t sb_step;

enum {
    SB_WAIT_INPUT = 1, /* a new head on some input, or the clock target moved, or the input ended */
    SB_WAIT_ROOM = 2,
    SB_WAIT_STATE = 4,
    SB_WAIT_ASYNC = 8,
    SB_WAIT_CLOCK = 16, /* processing time reaches sb_io_wake_at */
    SB_STEP_AGAIN = 0x100,
    SB_STEP_DONE = 0x200,
    SB_STEP_FAIL = 0x400
};

typedef struct sb_input { /* read-only for the operator but for the cursor calls below */
    const sb_batch *head; /* NULL: nothing here now */
    /* consumed so far (logical row, index of the next mark); never move back */
    int32_t row, mark;
    int64_t watermark_ms; /* in force at `row`: what a late test uses; SB_WM_MIN at first */
    bool idle;            /* all channels idle: not part of the target */
    bool ended;           /* no head and no more to come */
} sb_input;

/* One output. The open batch collects rows; the runtime pushes it when full, when the step
 * leaves with a wait, and before a barrier. */
typedef struct sb_port {
    sb_batch_builder open;
    int32_t limit_rows;          /* rows a batch may have */
    int64_t watermark_ms;        /* last mark put on this port; never falls (I3) */
    bool (*can_push)(void *ctx); /* every ring behind it is below its limit */
    /* takes it over; always works (overshoot <= one batch, I10) */
    void (*push)(void *ctx, sb_batch *batch);
    void *ctx;
    bool failed;        /* out of memory while building: the step will be turned into FAIL */
    int64_t count_rows; /* metric: rows sent */
} sb_port;

#define SB_WM_NO_END (SB_WM_MAX - 1) /* a level, never a watermark */

typedef enum sb_split_state {
    SB_SPLIT_RUNNING,
    SB_SPLIT_PAUSED, /* by watermark alignment: its silence does not count as idleness (R6) */
    SB_SPLIT_ENDED
} sb_split_state;

typedef struct sb_io {
    sb_input in[2];
    int32_t count_inputs;
    sb_port *out; /* 0 is the main output; the rest are side outputs (late rows, user tags) */
    int32_t count_ports;
    int64_t now_ms;       /* processing time, read once per step */
    sb_eval_context eval; /* zone, now: for expressions */
    int64_t done_ms;      /* event time up to which all work is done and forwarded */
    int64_t level_ms; /* forwarded watermarks are clamped to this while several pieces are restored;
                         SB_WM_MAX else; SB_WM_NO_END: all but SB_WM_MAX pass */
    /* with SB_WAIT_CLOCK: earliest processing time to be stepped again; set by sb_io_wake_at,
     * reset each step */
    int64_t wake_at_ms;
    /* a hint: flush now what need not be in the snapshot; ignoring it is legal */
    bool barrier_waits;
    /* set through sb_io_set_idle: this instance produces nothing for now (watermark operator
     * only) */
    bool idle_out;
    sb_mem *mem;
    /* Back-channel of watermark alignment (watermark operator only); NULL: no alignment. */
    void (*split_watermark)(void *ctx, int32_t split, int64_t watermark_ms);
    /* What the source says of a split (watermark operator only); NULL: RUNNING. An empty batch of a
     * split announces it; another one comes behind its last row, then the answer is ENDED: forget
     * the split, it holds nothing back any more. */
    sb_split_state (*split_state)(void *ctx, int32_t split);
    void *split_ctx; /* of both */
} sb_io;

/* Cursor. Consuming a row means: everything it causes is in state or in an output batch (I4). */
void sb_io_consume(sb_io *io, int input, int32_t count_rows);
/* The next mark must stand at the cursor's row; sets in->watermark_ms, nothing else. */
void sb_io_take_mark(sb_io *io, int input);

static inline bool
sb_io_mark_here(const sb_io *io, int input)
{
    const sb_input *in = &io->in[input];
    return in->head && in->mark < in->head->count_marks && in->head->marks[in->mark].row == in->row;
}

/* First row at or after the cursor that has a mark before it (marks at the cursor are to be
 * taken first), or count_rows. */
int32_t sb_io_run_end(const sb_io *io, int input);

/* Are all rows and marks of the head consumed? (The runtime then drops the head.) */
static inline bool
sb_io_head_done(const sb_io *io, int input)
{
    const sb_input *in = &io->in[input];
    return !in->head || (in->row == in->head->count_rows && in->mark == in->head->count_marks);
}

/* Event clock: target = min of watermark_ms over inputs that are not idle (all idle: as it was). */
int64_t sb_io_target_ms(const sb_io *io);
/* Call once when everything <= target has fired: done = target; forward puts the mark on all
 * ports (needs no room). */
void sb_io_advance_done(sb_io *io, bool forward);
/* clamped to level_ms; ignored unless it raises */
void sb_port_mark(sb_io *io, int port, int64_t watermark_ms);

/* Output. Rows the open batch of this port still takes; 0 while it is full and the ring is.
 * Pushes a full open batch if it can. */
int32_t sb_port_room(sb_io *io, int port);

static inline sb_batch_builder *
sb_port_builder(sb_io *io, int port)
{
    return &io->out[port].open;
}

/* Whole batch, moved (behind the open batch). Its marks go with it and raise the port's
 * watermark. Check sb_port_room first. */
void sb_port_push(sb_io *io, int port, sb_batch *batch);
/* runtime: pushes non-empty open batches where possible */
void sb_io_flush(sb_io *io);
/* runtime: before a barrier: pushes over the limit if need be (I9) */
void sb_io_push_all(sb_io *io);

static inline void
sb_io_wake_at(sb_io *io, int64_t ms)
{
    io->wake_at_ms = ms < io->wake_at_ms ? ms : io->wake_at_ms;
}

static inline void
sb_io_set_idle(sb_io *io, bool idle)
{
    io->idle_out = idle;
}

/* how rests and list state move on rescale */
typedef enum sb_dist { SB_DIST_SLOT, SB_DIST_SPLIT, SB_DIST_ANY } sb_dist;

typedef struct sb_op sb_op;

typedef struct sb_init { /* what an instance may use while it is set up */
    sb_mem *mem;         /* the operator's budget */
    sb_os *os;
    sb_state *state; /* open tables and timers here */
    const char *zone;
    int32_t subtask, parallelism;
    int32_t batch_rows;
    const sb_schema *const *inputs;        /* schema per input */
    const struct sb_user_functions *users; /* registered process functions, NULL: none */
    struct sb_metrics *metrics;            /* counters of this instance */
} sb_init;

typedef struct sb_metrics { /* one per operator instance; written by the task, read by anyone
                               (relaxed) */
    _Atomic int64_t rows_in, rows_out, late_dropped, bad_records, dropped_rows, fired, batches_in,
        steps, state_bytes;
    /* sources of files: of those opened so far, what has been read and how long they are
     * together */
    _Atomic int64_t bytes_read, bytes_found;
    /* sources of logs: records that are there and were not read yet, as far as it is known */
    _Atomic int64_t pending_records;
    _Atomic uint64_t checksum; /* checksum sink: sum of row hashes (subtasks add up) */
} sb_metrics;

/* One old (operator, subtask) of a checkpoint, as restore() sees it. */
typedef struct sb_piece {
    int32_t subtask, parallelism;
    int64_t watermark_ms[2];
    int64_t level_ms;
    bool idle;
    /* the first rest row of this input belongs to this subtask: keep a head-row cursor */
    bool head_is_mine[2];
    bool same_owner; /* parallelism unchanged: this is the only piece and it is ours */
    sb_reader op;    /* what snapshot() wrote */
} sb_piece;

typedef struct sb_op_vtable {
    const char *name;
    size_t instance_size;
    /* ports: fixed count, or 0: asks the plan node (1 + count_sides) */
    uint8_t count_inputs, count_ports;
    sb_dist dist;
    /* T:setup; instance is zeroed but for base */
    sb_status (*init)(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err);
    sb_step (*step)(sb_op *op, sb_io *io, sb_error *err);
    /* Row-wise adapter in place of step: one batch in (consumed, also on failure), at most one out
     * (NULL: none), rows keep their order; the result's marks are those of `in` remapped by the
     * operator's own filtering (sb_batch_filter does that). */
    sb_status (*process)(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err);
    /* cursor and list state only; tables snapshot themselves */
    sb_status (*snapshot)(sb_op *op, sb_writer *w, sb_error *err);
    /* once per piece, after its tables were loaded */
    sb_status (*restore)(sb_op *op, const sb_piece *piece, sb_error *err);
    void (*close)(sb_op *op); /* accepts half-built */
    void (*describe)(const sb_op *op, sb_text *out);
} sb_op_vtable;

struct sb_op {
    const sb_op_vtable *vtable;
    const sb_plan_node *node;
    sb_metrics *metrics;
    sb_mem *mem;
};

#define SB_OP_CAST(op, type, vt) (sb_assert((op)->vtable == (vt)), (type *)(void *)(op))

/* The shared step of operators that fill `process`. */
sb_step sb_op_rowwise_step(sb_op *op, sb_io *io, sb_error *err);

static inline sb_step
sb_op_step(sb_op *op, sb_io *io, sb_error *err)
{
    return op->vtable->step ? op->vtable->step(op, io, err) : sb_op_rowwise_step(op, io, err);
}

#endif
