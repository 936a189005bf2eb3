/*
 * flow/source.h -- what a connector's source is: splits that are enumerated, opened, polled, and
 * whose positions are kept.
 *
 * DESIGN     enumerate runs on the coordinator (I/O pool); split i belongs to subtask i mod
 *            parallelism, at every parallelism. A reader instance serves the splits of one subtask.
 *            poll returns a batch of ONE split (I19). position is that of the next row not in any
 *            polled batch (I20). Bad records never fail poll unless the policy says so: they are
 *            counted in metrics->bad_records and routed.
 */
#ifndef SB_FLOW_SOURCE_H
#define SB_FLOW_SOURCE_H

#include "flow/op.h"

typedef struct sb_split {
    /* 0.. in order of discovery; the batch's split id; stable for the life of the job's state */
    int32_t ordinal;
    char *id;          /* unique and stable, e.g. the path */
    sb_str descriptor; /* connector's bytes */
} sb_split;

typedef struct sb_split_list {
    sb_arena *arena; /* owns ids and descriptors */
    sb_split *at;
    int32_t count, capacity;
    int32_t *index; /* by hash of the id: a place in `at` + 1, 0: free; 2 * capacity of them */
    bool complete;  /* bounded: no more splits will come */
    /* NULL, or where the lines go that finding them has to say. T:any */
    void (*note)(void *note_ctx, bool warning, const char *line);
    void *note_ctx;
} sb_split_list;

/* Adds unless a split with this id is there. */
sb_status sb_split_add(sb_split_list *list, const char *id, sb_str descriptor, sb_error *err);

typedef struct sb_source sb_source;

typedef struct sb_source_init {
    sb_mem *mem;
    sb_os *os;
    const sb_source_node *node;
    const sb_schema *output; /* what batches must have: projected columns, then metadata */
    int32_t subtask, parallelism;
    int32_t batch_rows;
    const char *zone;
    sb_metrics *metrics;
    /* Rows may have come for a split that had none: it is polled at once. T:any */
    void (*wake)(void *wake_ctx);
    void *wake_ctx;
    /* The job keeps checkpoints; else the only one that is told is that of its end. */
    bool checkpoints;
    /* NULL, or where lines for the job's log go; the job says a warning of all subtasks once.
     * T:any */
    void (*note)(void *note_ctx, bool warning, const char *line);
    void *note_ctx;
} sb_source_init;

typedef struct sb_source_vtable {
    const char *name;
    size_t instance_size;
    /* Bounded discovery; called again every monitor interval until list->complete. Knows the
     * list so far. parallelism: the job's, to size generators. */
    /* T:io */
    sb_status (*enumerate)(const sb_source_node *node, sb_os *os, sb_mem *mem, int32_t parallelism,
                           sb_split_list *list, sb_error *err);
    int64_t (*monitor_interval_ms)(const sb_source_node *node); /* 0 or NULL: enumerate once */
    /* Splits do not end as files do: all of them are open at a time, however many. */
    bool open_all;
    /* T:setup */
    sb_status (*init)(sb_source *s, const sb_source_init *ctx, sb_error *err);
    /* position NULL: from the start */
    sb_status (*open)(sb_source *s, const sb_split *split, sb_reader *position, sb_error *err);
    /* AGAIN with a batch; AGAIN without one: nothing now, ask again soon; SB_WAIT_CLOCK: nothing
     * before *wake_ms (processing time); SB_WAIT_ASYNC: nothing before ctx->wake is called (or
     * *wake_ms, if that is set);
     * SB_STEP_DONE: the split is finished (a last batch may come with it); FAIL. limit_rows <=
     *               batch_rows. */
    sb_step (*poll)(sb_source *s, int32_t split, int32_t limit_rows, int64_t now_ms, sb_batch **out,
                    int64_t *wake_ms, sb_error *err);
    sb_status (*position)(sb_source *s, int32_t split, sb_writer *w, sb_error *err);
    /* NULL or: called once before positions are written for a checkpoint (flush dead letters) */
    sb_status (*prepare)(sb_source *s, uint64_t checkpoint, sb_error *err);
    /* NULL or: after decided; repeatable. The next checkpoint may have been prepared before; one
     * that failed is never told. */
    sb_status (*commit)(sb_source *s, uint64_t checkpoint, sb_error *err);
    void (*close_split)(sb_source *s, int32_t split);
    void (*close)(sb_source *s); /* accepts half-built */
} sb_source_vtable;

struct sb_source {
    const sb_source_vtable *vtable;
    const sb_source_init *ctx; /* lives as long as the instance */
};

#endif
