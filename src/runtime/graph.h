/*
 * runtime/graph.h -- one attempt of a job: all units, tasks and channels, built from the plan and
 * torn down as a whole.
 *
 * DESIGN     Nodes connected by FORWARD with equal parallelism share a task; so do all nodes of
 *            parallelism 1 (they would run on one worker anyway). Edges inside a task are local
 *            channels, others are rings. What the coordinator tells the units stands here as
 *            atomics: numbers that only grow, read between two steps.
 * OWNERSHIP  The job owns the graph; the arena owns its static parts.
 * THREADS    build, open, close: T:setup. Atomics and sb_graph_fail: T:any.
 */
#ifndef SB_RUNTIME_GRAPH_H
#define SB_RUNTIME_GRAPH_H

#include "runtime/job.h"
#include "runtime/unit.h"

struct sb_manifest;
struct sb_feed;

/* A group of sources that wait for each other's watermarks. */
typedef struct sb_align_group {
    const char *name;
    int32_t count;
    int64_t max_drift_ms, update_ms;
    struct sb_align_member *members; /* `count` of them */
} sb_align_group;

typedef struct sb_align_member {
    /* lowest over the splits of this subtask; SB_WM_MAX: does not hold others back */
    _Alignas(64) _Atomic int64_t watermark_ms;
} sb_align_member;

struct sb_graph {
    sb_job *job;
    const sb_plan *plan;
    sb_arena *arena;
    sb_mem *mem;
    sb_os *os;
    const sb_mutants *mutants;
    int32_t batch_rows;
    uint64_t attempt;
    int64_t query_us; /* processing time of the start */

    int32_t *parallelism; /* by plan node */
    int32_t *first_unit;  /* by plan node: units of one node lie together */
    sb_unit *units;
    int32_t count_units;
    sb_task *tasks;
    int32_t count_tasks;
    sb_channel *channels;
    int32_t count_channels, capacity_channels;
    sb_align_group *groups;
    int32_t count_groups;

    /* from the coordinator to the units */
    _Alignas(64) _Atomic uint64_t trigger; /* newest checkpoint that was asked for */
    _Atomic uint64_t decided;              /* newest decided */
    _Atomic uint64_t aborted;              /* newest given up */
    _Atomic uint64_t committed;            /* handles in pieces up to this one are published */
    _Atomic uint64_t stop_at;              /* sources read no more behind this barrier; 0: none */
    _Atomic bool drain;                    /* sources end now, as if their input had ended */
    _Atomic bool failed;                   /* sb_graph_fail was called: everybody stops */
    /* ... while a unit took over a piece: the checkpoint may be damaged */
    _Atomic bool restore_failed;

    /* from the units to the coordinator */
    _Alignas(64) _Atomic int32_t count_finished; /* units that are DONE */
    _Atomic int32_t count_restoring;             /* units that still take over pieces */
};

/* manifest NULL: a new start. feeds: splits per source node, known so far. */
sb_status sb_graph_build(sb_job *job, const struct sb_manifest *manifest, sb_graph **out,
                         sb_error *err);
/* no worker and no I/O job uses it any more; NULL is fine */
sb_graph *sb_graph_free(sb_graph *graph);
/* First failure wins; wakes everybody. T:any */
void sb_graph_fail(sb_graph *graph, const sb_error *err);
void sb_graph_signal_all(sb_graph *graph); /* T:any */
int64_t sb_graph_now_ms(const sb_graph *graph);

/* graph_align.c: alignment groups and the back-channels of watermark operators. T:setup */
sb_status sb_graph_align_sources(sb_graph *graph, sb_error *err);
int32_t sb_graph_node_index(const sb_graph *graph, const sb_plan_node *node);

#endif
