/*
 * flow/sink.h -- what a connector's sink is: write, prepare at the barrier, commit after the
 * decision.
 *
 * DESIGN     prepare makes everything written so far durable but not visible and describes it in a
 *            handle; the handle is in the piece of that checkpoint. commit makes it visible: only
 *            for a decided checkpoint, in checkpoint order, any number of times, by any process
 *            (I21). Restore commits all handles of the restored checkpoint first, with `recovering`
 *            set: then nobody is writing any more, and what was left in progress (but is part of
 *            the checkpoint) is made visible too or truncated to what the checkpoint holds.
 */
#ifndef SB_FLOW_SINK_H
#define SB_FLOW_SINK_H

#include "flow/decider.h"
#include "flow/op.h"

typedef struct sb_sink sb_sink;

enum {                            /* capabilities */
       SB_SINK_TRANSACTIONAL = 1, /* results appear with the decided checkpoint: exactly-once */
       SB_SINK_IDEMPOTENT = 2,    /* upserts by key: writing again changes nothing */
       SB_SINK_ORDERED = 4
};

typedef struct sb_sink_init {
    sb_mem *mem;
    sb_os *os;
    const sb_sink_node *node;
    const sb_schema *input;
    int32_t subtask, parallelism;
    const char *zone;
    const char *job_id;  /* unique per job directory; part of file names */
    uint64_t attempt;    /* grows with every start: file names of two attempts never meet */
    sb_decider *decider; /* of the job, when vtable->decider wants it for this node; else NULL */
    /* There is room again after write took nothing. T:any */
    void (*wake)(void *wake_ctx);
    void *wake_ctx;
    /* NULL, or where lines for the job's log go; the job says a warning of all subtasks once.
     * T:any */
    void (*note)(void *note_ctx, bool warning, const char *line);
    void *note_ctx;
    sb_metrics *metrics;
} sb_sink_init;

typedef struct sb_sink_vtable {
    const char *name;
    size_t instance_size;
    uint32_t capabilities;
    sb_status (*init)(sb_sink *s, const sb_sink_init *ctx, sb_error *err); /* T:setup */
    /* Logical rows [from_row, count_rows): takes all it can now, says how many. None: it has no
     * room, and calls wake when it has (it is asked again before long in any case). */
    sb_status (*write)(sb_sink *s, const sb_batch *in, int32_t from_row, int64_t now_ms,
                       int32_t *out_rows, sb_error *err);
    /* NULL, or: asked when there is nothing to write: does what is due by the clock. *out_ms: when
     * it wants to be asked again; 0: not before the next rows. */
    sb_status (*tick)(sb_sink *s, int64_t now_ms, int64_t *out_ms, sb_error *err);
    /* At the barrier; at the end of input with last = true (close everything). The handle may be
     * empty. */
    sb_status (*prepare)(sb_sink *s, uint64_t checkpoint, bool last, sb_writer *handle,
                         sb_error *err);
    /* NULL, or: the decider of a table whose results appear with a transaction of a log; NULL for a
     * table that is not written so. All sinks of a job that have one must have the same. */
    const sb_decider_vtable *(*decider)(const sb_sink_node *node);
    /* Static: needs no instance, so that any process can do it. */
    /* NULL: nothing to commit. T:io */
    sb_status (*commit)(const sb_sink_node *node, sb_os *os, sb_mem *mem, sb_reader *handle,
                        bool recovering, sb_error *err);
    /* NULL or: after restore, removes what no checkpoint knows (left-over in-progress files of
     * this job_id). T:setup, once per job start, after commits. */
    sb_status (*cleanup)(const sb_sink_node *node, sb_os *os, sb_mem *mem, const char *job_id,
                         sb_error *err);
    /* NULL or: state that must survive (e.g. a running checksum): written with the piece, given
     * back once per old piece (summed or merged by the sink). */
    sb_status (*snapshot)(sb_sink *s, sb_writer *w, sb_error *err);
    sb_status (*restore)(sb_sink *s, sb_reader *r, sb_error *err);
    void (*close)(sb_sink *s);
} sb_sink_vtable;

struct sb_sink {
    const sb_sink_vtable *vtable;
    const sb_sink_init *ctx;
};

#endif
