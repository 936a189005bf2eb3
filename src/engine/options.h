/*
 * engine/options.h -- what the engine itself reads of the options (the planner reads its own).
 *
 * DESIGN     plan/settings.h knows the keys; options.c says which field one fills. A session's
 *            options are read as a whole into an sb_engine_config when a statement is planned, so a
 *            job keeps what was set before it.
 * THREADS    T:any
 */
#ifndef SB_ENGINE_OPTIONS_H
#define SB_ENGINE_OPTIONS_H

#include "plan/plan.h"
#include "runtime/job.h"

typedef struct sb_engine_config {
    /* checkpoints */
    int64_t checkpoint_interval_ms; /* -1: not set */
    int32_t checkpoint_mode;        /* sb_checkpoint_mode */
    int64_t checkpoint_timeout_ms;
    int64_t checkpoint_min_pause_ms;
    int64_t checkpoint_tolerable;
    int64_t checkpoint_retained;
    bool checkpoint_unaligned;
    bool checkpoint_no_fallback;
    const char *checkpoint_dir; /* of the options; NULL: none */
    const char *state_dir;      /* --state; NULL: none */
    /* restart */
    int32_t restart_kind; /* sb_restart_kind */
    int64_t fixed_attempts, fixed_delay_ms;
    int64_t rate_failures, rate_interval_ms, rate_delay_ms;
    int64_t exp_initial_ms, exp_max_ms, exp_reset_ms, exp_attempts;
    double exp_multiplier, exp_jitter;
    /* execution */
    int64_t parallelism;
    int64_t workers;
    int64_t batch_rows;
    int64_t ring_bytes;
    int64_t memory_limit;
    int64_t memory_prefault; /* takes effect when it is set */
    bool interleave;
    int32_t runtime_mode; /* 0 streaming, 1 batch, 2 automatic */
    int32_t threads;      /* 0 own threads, 1 none: stepped by the caller */
    int64_t seed;
} sb_engine_config;

/* Defaults, then `options`. Strings point into the options. INVALID names key, value and what is
 * expected. */
sb_status sb_engine_config_read(sb_options options, sb_engine_config *out, sb_error *err);
/* Checkpoint and restart part of a job's configuration, batch size, rings, parallelism. */
void sb_engine_config_apply(const sb_engine_config *config, sb_job_config *job);

#endif
