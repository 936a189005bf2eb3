/*
 * runtime/job.h -- running a plan: one job from its start (or its last checkpoint) to its end.
 *
 * DESIGN     A job turns plan nodes into operator instances, steps them, takes checkpoints,
 *            publishes results, and starts again from the last checkpoint when something fails, as
 *            the restart strategy allows. Two ways to drive it:
 *              sb_job_run   worker threads and an I/O pool; the calling thread is the coordinator
 * and blocks until the job ended. sb_job_step  host-driven: no thread is started; each call does
 * one bounded piece of work (a task's step, a blocking I/O job, the coordinator) and says when to
 * call again. The simulator and `interleave` use this, too. OWNERSHIP  The plan, the factories, the
 * store and what config points to must outlive the job. sb_job_free after it has ended (or any time
 * in host-driven mode). THREADS    new, open, run, step, free: one thread. stop, cancel,
 * trigger_checkpoint, wake, status, nodes: T:any while the job lives.
 */
#ifndef SB_RUNTIME_JOB_H
#define SB_RUNTIME_JOB_H

#include "flow/connector.h"
#include "ports/store.h"
#include "runtime/mutants.h"

typedef struct sb_job sb_job;

typedef enum sb_restart_kind {
    SB_RESTART_DEFAULT, /* exponential delay with checkpointing, else none (D34) */
    SB_RESTART_NONE,
    SB_RESTART_FIXED_DELAY,
    SB_RESTART_FAILURE_RATE,
    SB_RESTART_EXPONENTIAL_DELAY
} sb_restart_kind;

/* sb_restart_options_default() fills Flink's defaults; then change what the user set. */
typedef struct sb_restart_options {
    sb_restart_kind kind;
    int32_t attempts;            /* fixed-delay: 1 */
    int64_t delay_ms;            /* fixed-delay, failure-rate: 1 s */
    int32_t max_failures;        /* failure-rate: 1 in failure_interval_ms */
    int64_t failure_interval_ms; /* failure-rate: 1 min */
    int64_t initial_backoff_ms;  /* exponential-delay: 1 s */
    int64_t max_backoff_ms;      /* exponential-delay: 1 min */
    double backoff_multiplier;   /* exponential-delay: 1.5 */
    int64_t reset_threshold_ms;  /* exponential-delay: 1 h without failure starts over */
    double jitter;               /* exponential-delay: 0.1 */
    int32_t max_attempts;        /* exponential-delay: attempts before giving up; 0: unlimited */
} sb_restart_options;

void sb_restart_options_default(sb_restart_options *out);

typedef enum sb_checkpoint_mode { SB_EXACTLY_ONCE, SB_AT_LEAST_ONCE } sb_checkpoint_mode;

/* sb_checkpoint_options_default() fills Flink's defaults (off, 10 min timeout, 0 tolerable
 * failures, 1 retained). */
typedef struct sb_checkpoint_options {
    bool enabled;        /* needs `store` */
    int64_t interval_ms; /* 0: only when asked for, at the end and at stop */
    sb_checkpoint_mode mode;
    /* barriers overtake the unconsumed head batch of an input (stored as rest) */
    bool overtaking;
    int64_t timeout_ms;
    int64_t min_pause_ms;
    int32_t tolerable_failed; /* consecutive failed checkpoints that do not fail the job */
    int32_t num_retained;
    /* a damaged newest checkpoint is an error instead of a fall back to the one before */
    bool no_fallback;
    /* do not restore: CONFLICT when the store has checkpoints (sb_job_open says so) */
    bool fresh;
    sb_store *store; /* not closed by the job; locked by sb_job_open (sb_store_lock) */
} sb_checkpoint_options;

void sb_checkpoint_options_default(sb_checkpoint_options *out);

typedef enum sb_log_level { SB_LOG_DEBUG, SB_LOG_INFO, SB_LOG_WARNING, SB_LOG_ERROR } sb_log_level;

typedef struct sb_job_config {
    sb_mem *mem; /* the job's budget */
    sb_os *os;   /* NULL: the real one */
    const sb_factories *factories;
    const char *job_id;  /* goes into sink file names; NULL: "job" */
    int32_t parallelism; /* 0: 1; for nodes that do not say otherwise */
    /* threads of sb_job_run; 0: as many as cores, at most as many as tasks */
    int32_t workers;
    int32_t batch_rows;      /* 0: SB_BATCH_ROWS */
    int64_t ring_bytes;      /* 0: 1 MiB; limit of an edge between tasks */
    int32_t max_open_splits; /* 0: 64; splits a source subtask has open at a time */
    bool interleave;  /* scan.interleave: sources in order of `ordinal`, one row each in turn, all
                         else drained before the  next; parallelism becomes 1; works with sb_job_run
                         (on the calling thread) and sb_job_step */
    bool host_driven; /* sb_job_step will be used: no thread is started */
    /* host-driven: 0: a fixed fair order; else tasks, step quotas and I/O jobs are drawn from it */
    uint64_t seed;
    bool batch_mode; /* NOW() and friends are per query */
    sb_checkpoint_options checkpoint;
    sb_restart_options restart;
    const sb_mutants *mutants; /* NULL: none */
    /* Rows of sinks with `collect`. Takes the batch over and returns true, or refuses with false
     * (back-pressure) and calls sb_job_wake when it can take more. T:task: any worker thread, one
     * call at a time per subtask. */
    bool (*collect)(void *ctx, uint32_t node_id, sb_batch *batch);
    void *collect_ctx;
    /* NULL or: one line about restarts, checkpoints, restore. T:any, may be called from several
     * threads. */
    void (*log)(void *ctx, sb_log_level level, const char *line);
    void *log_ctx;
} sb_job_config;

void sb_job_config_default(sb_job_config *out, sb_mem *mem, const sb_factories *factories);

typedef enum sb_job_state {
    SB_JOB_CREATED,
    SB_JOB_RUNNING,
    SB_JOB_RESTARTING, /* waiting for the restart delay */
    SB_JOB_FINISHED,   /* all input read, all results published */
    /* sb_job_stop: checkpoint taken, results up to it published; can be resumed */
    SB_JOB_STOPPED,
    SB_JOB_CANCELLED,
    SB_JOB_FAILED
} sb_job_state;

const char *sb_job_state_text(sb_job_state state);

/* Checks the plan against the factories (NOT_SUPPORTED names what has no code) and the options.
 * Reads and writes nothing outside. */
sb_status sb_job_new(const sb_plan *plan, const sb_job_config *config, sb_job **out, sb_error *err);
sb_job *sb_job_free(sb_job *job); /* returns NULL; NULL is fine */

/* Takes the store's lock, finds the newest checkpoint and compares its plan: CONFLICT with the
 * difference when it is another query's. Optional: run and step call it first; an engine calls it
 * to say "resumed from checkpoint N" before rows come. */
sb_status sb_job_open(sb_job *job, sb_error *err);

/* Runs to the end. SB_OK: FINISHED, STOPPED or CANCELLED (see status). Else FAILED, with what
 * failed last. */
sb_status sb_job_run(sb_job *job, sb_error *err);

typedef struct sb_job_turn { /* what sb_job_step found */
    bool ended;      /* FINISHED, STOPPED, CANCELLED, FAILED: nothing will happen any more */
    bool progress;   /* something was done; call again at once */
    int64_t wake_ms; /* without progress: call again at this processing time (os->wall_us / 1000);
                        INT64_MAX: only something from outside (sb_job_wake, stop, trigger) or new
                        data of a source can change anything */
} sb_job_turn;

/* A status other than OK comes once, when the job has FAILED (restarts are inside). */
sb_status sb_job_step(sb_job *job, sb_job_turn *out, sb_error *err);

/* Ends the job after a checkpoint whose results are published (without checkpointing: publishes
 * what was read so far). drain: sends the final watermark first, windows fire; such a state should
 * not be resumed. Asynchronous. T:any, also from a signal-driven thread. */
void sb_job_stop(sb_job *job, bool drain);
void sb_job_cancel(sb_job *job); /* ends at once, without a checkpoint */
/* one now, besides the interval (ignored without a store) */
void sb_job_trigger_checkpoint(sb_job *job);
/* something outside changed: ask sources and collecting sinks again */
void sb_job_wake(sb_job *job);
void sb_job_fail(sb_job *job, const sb_error *err); /* as if an operator had failed with it */

typedef struct sb_job_status {
    sb_job_state state;
    sb_error error; /* last failure (also while RESTARTING); status OK: none */
    int32_t count_restarts;
    int64_t restart_at_ms; /* RESTARTING: processing time of the next start */
    bool restored;         /* this attempt began with a checkpoint */
    uint64_t restored_from;
    uint64_t last_checkpoint;    /* newest decided, 0: none */
    uint64_t pending_checkpoint; /* being taken, 0: none */
    int64_t checkpoints_completed, checkpoints_failed;
    int64_t last_checkpoint_ms;    /* how long it took */
    int64_t last_checkpoint_bytes; /* of its manifest */
    int64_t last_checkpoint_at_ms; /* processing time when it was decided; 0: none */
    int64_t source_rows;           /* rows out of all sources, this attempt */
    int64_t sink_rows;             /* rows into all sinks, this attempt */
    int64_t bytes_read;            /* of files */
    int64_t bytes_found;           /* length of the files that are or will be read; 0: none */
    int64_t pending_records;       /* of logs: there, and not read yet */
    int64_t watermark_ms;          /* lowest over the sinks' inputs; SB_WM_MIN: none yet */
    int64_t state_bytes;
    uint64_t checksum; /* sum over checksum sinks */
} sb_job_status;

void sb_job_status_read(sb_job *job, sb_job_status *out);

typedef struct sb_node_status { /* one plan node, summed over its subtasks */
    uint32_t node_id;
    sb_node_kind kind;
    const char *description;       /* of the plan */
    int32_t parallelism, finished; /* subtasks that have ended */
    int64_t rows_in, rows_out, batches_in, late_dropped, bad_records, dropped_rows, fired,
        state_bytes, bytes_read, bytes_found, pending_records;
    int64_t watermark_ms; /* lowest done over the subtasks (sinks: of the input) */
    uint64_t checksum;
} sb_node_status;

/* Fills up to `capacity` rows in plan order; returns how many nodes there are. */
int32_t sb_job_nodes(sb_job *job, sb_node_status *out, int32_t capacity);

typedef struct sb_subtask_status { /* one operator instance */
    int64_t rows_in, rows_out;
} sb_subtask_status;

/* Fills up to `capacity` subtasks of the node at this place of sb_job_nodes; returns how many there
 * are, 0 where nothing has run. */
int32_t sb_job_subtasks(sb_job *job, int32_t node, sb_subtask_status *out, int32_t capacity);

/* Where every operator, channel and barrier stands, for people who look for a hang. The driver's
 * thread, no worker running. */
void sb_job_dump(sb_job *job, sb_text *out);

#endif
