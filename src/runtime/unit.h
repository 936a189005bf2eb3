/*
 * runtime/unit.h -- one operator instance (operator, subtask), and the tasks that step them.
 *
 * DESIGN     A unit couples an sb_op to its gates (inputs), outlets (ports), state and pieces.
 *            Sources and sinks are ops of the runtime (source_op.c, sink_op.c), so there is one
 *            kind of unit. A task is the units of one subtask that are connected without crossing
 *            threads; it is stepped as a whole, by one thread at a time.
 * OWNERSHIP  All belong to the graph (graph.h) and die with it.
 * THREADS    T:task unless a field says otherwise.
 */
#ifndef SB_RUNTIME_UNIT_H
#define SB_RUNTIME_UNIT_H

#include "runtime/exchange.h"
#include "runtime/gate.h"
#include "runtime/piece.h"

typedef struct sb_graph sb_graph;
typedef struct sb_task sb_task;
typedef struct sb_unit sb_unit;

/* What a unit does until it has taken over all pieces that concern it. */
typedef struct sb_unit_restore {
    const sb_piece_view **pieces; /* in the arena of the graph */
    int32_t count, next;
    /* Whose clocks hold this unit back: `pieces`, or all pieces of the node when rows may now
     * come from elsewhere. */
    const sb_piece_view **clocks;
    int32_t count_clocks;
    bool replaying;       /* piece `next` is loaded and being stepped */
    int64_t merged_ms[2]; /* lowest watermark reached by a piece that is not idle, per input */
} sb_unit_restore;

struct sb_unit {
    sb_graph *graph;
    sb_task *task;
    const sb_plan_node *node;
    int32_t index; /* in graph->units */
    int32_t subtask, parallelism;
    uint32_t slot_from, slot_to;
    bool is_source, is_sink;
    bool can_overtake;     /* rests of its inputs can be given to the right subtask later */
    bool starts_idle;      /* no row can come as long as no split is discovered */
    bool no_splits;        /* a source without a split, or in the chain of one */
    int32_t silent_inputs; /* channels whose producer is so, in the same chain */
    sb_mem *mem;
    const sb_op_vtable *vtable;
    sb_op *op;     /* NULL until built */
    bool op_ready; /* init returned */
    sb_init init;
    sb_state *state; /* NULL: source, sink */
    sb_io io;
    sb_gate gates[2];
    sb_outlet *outlets; /* one per port */
    sb_metrics metrics;
    const sb_schema *input_schemas[2];
    sb_columns rest_keys[2]; /* columns that decide the owner of a rest's row */
    bool rest_keyed[2];      /* rest_keys mean something, also when there are none of them */

    sb_step wait;    /* what the last step returned */
    int64_t wake_ms; /* with SB_WAIT_CLOCK */
    bool moved;      /* something changed on an input since the last step */
    bool idle_sent;  /* last status sent to the outlets */
    bool finished;   /* DONE and END sent */

    sb_unit_restore restore; /* count > next: still restoring */

    uint64_t last_barrier;       /* newest checkpoint taken or passed on */
    uint64_t taking;             /* the checkpoint whose piece is being written now */
    sb_state_snapshot *snapshot; /* frozen, not yet ended */
    uint64_t snapshot_id;
    bool snapshot_cancelled;
    _Atomic bool snapshot_written; /* set by the I/O job as its last act */

    _Atomic int64_t watermark_ms; /* for status: done, sinks and sources alike. T:any to read */
    _Atomic bool finished_seen;   /* T:any to read */
};

struct sb_task {
    sb_graph *graph;
    int32_t index, subtask;
    sb_unit **units; /* topological */
    int32_t count_units;
    struct sb_worker *worker; /* whose task it is; NULL: host-driven */
    /* The same chain of the other subtasks stands around it in graph->tasks: its own place there is
     * first_sibling + subtask. */
    int32_t first_sibling, count_siblings;
    bool has_source;
    int64_t even_rows; /* T:worker rows of its sources when it was last not ahead of a sibling */
    _Alignas(64) _Atomic uint32_t signaled; /* something changed: step it. T:any to set */
    _Atomic uint32_t running;               /* a worker steps it now */
    /* earliest processing time at which a unit wants to be stepped; INT64_MAX: none */
    _Atomic int64_t wake_ms;
    /* With a source: how far it came, as of its last step. T:any to read */
    _Atomic int64_t progress_ms; /* watermark at its end */
    _Atomic int64_t progress_rows;
};

/* Channel signal: marks the task and wakes its worker. T:any */
void sb_task_signal(void *task);

typedef struct sb_task_turn {
    bool progress; /* something moved: step again */
    bool failed;   /* the graph has failed (sb_graph_fail was called) */
} sb_task_turn;

/* Up to `limit` unit turns in topological order, until nothing moves. random NULL: in order,
 * else units are drawn from it. */
sb_task_turn sb_task_step(sb_task *task, int32_t limit, uint64_t *random);

/* --- unit.c --- */

/* One bounded piece of work: mail, gate, barrier, step. out_progress: something moved. On
 * failure the graph is told. */
bool sb_unit_turn(sb_unit *unit, bool *out_progress);
/* Steps the operator once and looks after heads, output, status and end. */
sb_status sb_unit_step(sb_unit *unit, bool *out_progress, sb_error *err);
void sb_unit_drop_heads(sb_unit *unit); /* frees heads that are consumed */
bool sb_unit_can_push(void *outlet);    /* port callbacks */
void sb_unit_push(void *outlet, sb_batch *batch);
sb_status sb_unit_check_ports(sb_unit *unit, sb_error *err); /* NOMEM when something was lost */

/* --- unit_barrier.c --- */

/* Takes the piece of a checkpoint if all barriers are here. */
sb_status sb_unit_barrier(sb_unit *unit, bool *out_progress, sb_error *err);
/* Looks at decided, aborted and committed checkpoints. */
sb_status sb_unit_mail(sb_unit *unit, bool *out_progress, sb_error *err);

/* --- unit_restore.c --- */

static inline bool
sb_unit_restoring(const sb_unit *unit)
{
    return unit->restore.next < unit->restore.count;
}

sb_status sb_unit_restore_turn(sb_unit *unit, bool *out_progress, sb_error *err);
/* Which pieces of `node` concern this unit, into unit->restore. */
sb_status sb_unit_assign_pieces(sb_unit *unit, const sb_piece_view *pieces, int32_t count,
                                sb_error *err);

/* --- setup and end --- */

/* makes mem, state, op; gates and outlets are connected */
sb_status sb_unit_open(sb_unit *unit, sb_error *err);
/* accepts half-built; no I/O job of it runs any more */
void sb_unit_close(sb_unit *unit);

#endif
