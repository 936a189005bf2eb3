/*
 * runtime/job_priv.h -- the inside of a job: what outlives an attempt.
 *
 * DESIGN     sb_job_control (control.c) is the one place that starts attempts, looks at failures,
 *            drives the coordinator and ends the job. Two drivers call it: the blocking one (run.c)
 *            and the host-driven one (step.c).
 * THREADS    Fields are the coordinator's (the thread that drives the job) unless the comment says
 *            "mutex".
 */
#ifndef SB_RUNTIME_JOB_PRIV_H
#define SB_RUNTIME_JOB_PRIV_H

#include "runtime/coordinator.h"
#include "runtime/feed.h"
#include "runtime/graph.h"
#include "runtime/io_pool.h"
#include "runtime/manifest.h"
#include "runtime/restart.h"

struct sb_worker;

#define SB_NOTES_KEPT 64 /* power of two */

struct sb_job {
    sb_job_config config;
    sb_mutants mutants;
    const sb_plan *plan;
    sb_mem *mem;
    sb_os *os;
    sb_store *store; /* NULL: checkpointing is off, decisions are made in memory */
    bool threaded;   /* driven by sb_job_run with workers */
    bool opened;     /* sb_job_open was done: the store is locked */
    bool found;      /* ... and `restored` is what the first attempt begins with */
    sb_mutex *mutex;
    sb_cond *cond;

    sb_job_state state;    /* mutex */
    sb_error error;        /* mutex: last failure */
    bool notified;         /* mutex: something for the coordinator to look at */
    bool cancel_requested; /* mutex */
    sb_error injected;     /* mutex: sb_job_fail; status OK: none */
    sb_graph *graph;       /* mutex to exchange the pointer; NULL between attempts */

    sb_io_pool *pool; /* one per attempt */
    sb_feed *feeds;   /* one per source node */
    int32_t count_feeds;
    struct sb_worker *workers;
    int32_t count_workers;

    sb_manifest *restored;        /* what this attempt began with; NULL: a new start */
    uint64_t bad_checkpoints[16]; /* found damaged: not tried again */
    int32_t count_bad;
    bool marked; /* the folder says that it has had a checkpoint */
    /* decision.c: what decides checkpoints; NULL: their manifests */
    const sb_decider_vtable *decider_vtable;
    const sb_sink_node **decides; /* that it decides for; room for all nodes */
    int32_t count_decides;
    sb_decider *decider; /* of this attempt */
    uint64_t claim;
    bool claimed;   /* the log has our claim */
    bool log_knows; /* the log has said what was decided of this job */
    bool hopeless;  /* no checkpoint can be used: starting again cannot help */
    uint64_t attempt;
    int32_t count_restarts; /* mutex */
    int64_t restart_at_ms;  /* mutex */
    sb_restart_state restart;
    sb_coordinator coordinator;

    /* status.c: what the last attempt had reached; mutex */
    struct sb_node_status *kept;
    struct sb_subtask_status *kept_subtasks; /* node after node; NULL: nothing ran, or no memory */
    int32_t count_kept_subtasks;
    uint64_t restored_from; /* the checkpoint this attempt began with, 0: none */

    /* note.c: hashes of warnings, with when each was said; T:any */
    _Atomic uint64_t said[SB_NOTES_KEPT];

    /* step.c */
    uint64_t random;
    int32_t next_task, next_source, steps_without_io;
    bool round_open; /* interleave: a source of this round is still to be polled */
};

/* Starts attempts, handles failures, drives the coordinator, ends the job. out_wake_ms: when to
 * call it again, whatever happens. Returns a failure once, when the job becomes FAILED. */
sb_status sb_job_control(sb_job *job, bool *out_progress, int64_t *out_wake_ms, sb_error *err);
bool sb_job_has_ended(sb_job *job);
/* The coordinator has something to look at. T:any */
void sb_job_notify(sb_job *job);
int64_t sb_job_now_ms(const sb_job *job);
void sb_job_log(sb_job *job, sb_log_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* note.c: a line of a connector (ctx: the job) for the job's log; a warning that was said within
 * the last minute is not repeated. T:any */
void sb_job_note(void *ctx, bool warning, const char *line);
void sb_job_set_state(sb_job *job, sb_job_state state);

/* The operator behind a node; NULL: none. */
const sb_op_vtable *sb_job_vtable(const sb_job *job, const sb_plan_node *node);

/* attempt.c */
sb_status sb_attempt_start(sb_job *job, sb_error *err);
void sb_attempt_stop(sb_job *job); /* workers, pool, graph; NULL-safe */

/* recovery.c: is the stored plan this job's? NOMEM when that cannot be told. */
sb_status sb_job_compare_plan(const sb_job *job, const sb_plan *stored, sb_text *difference,
                              bool *out_same, sb_error *err);
/* recovery.c: the newest usable checkpoint (job->restored, NULL: none) whose plan is this one. */
sb_status sb_recovery_find(sb_job *job, sb_error *err);
/* Makes known for ever that this folder has had a checkpoint; before anything is published. */
sb_status sb_recovery_mark(sb_job *job, sb_error *err);
/* Publishes what the restored checkpoint had prepared, then removes what no checkpoint knows. */
sb_status sb_recovery_publish(sb_job *job, sb_error *err);

/* decision.c: whether a log decides this job's checkpoints, and can; talks to nobody. */
sb_status sb_decision_setup(sb_job *job, sb_error *err);
/* The same with the checkpoints that the job will take; before it starts. */
sb_status sb_decision_check(sb_job *job, sb_error *err);
/* Opens the decider and takes manifests that were never decided out of the folder and the list. */
sb_status sb_decision_recall(sb_job *job, const uint64_t *ids, int32_t *count, sb_error *err);
/* Before the first row: the log knows from now on who owns the job, and where it begins. */
sb_status sb_decision_claim(sb_job *job, sb_error *err);
/* Keeps for certain that this checkpoint was decided. T:io */
sb_status sb_decision_settle(sb_job *job, uint64_t checkpoint, sb_error *err);
void sb_decision_close(sb_job *job);

/* recovery.c: loading the restored checkpoint failed: do not try it again. False: the failure has
 * another cause, or there is no way back. */
bool sb_recovery_blame(sb_job *job, sb_error *failure);

/* status.c: copies the counters of an attempt that ends. graph NULL is fine. */
void sb_job_keep_status(sb_job *job, const sb_graph *graph);

/* worker.c */
sb_status sb_workers_start(sb_job *job, sb_error *err);
void sb_workers_stop(sb_job *job); /* joins their threads */
/* After the I/O pool has ended: its jobs signal tasks, and through them workers. */
void sb_workers_free(sb_job *job);
void sb_worker_wake(struct sb_worker *worker);

#endif
