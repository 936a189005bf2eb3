/*
 * engine/job.c -- a job from its plan to its end: budgets, state folder, threads, waiting, and rows
 * for the reader.
 *
 * DESIGN     A job is checked when it is planned (sb_job_new without a store) and opened when it is
 *            to run: then the state folder is made and locked. Started, it runs sb_job_run on a
 *            thread of its own; with engine.threads = none it runs inside sabot_job_step and inside
 *            reads, on the caller's clock.
 * OWNERSHIP  Counted by reference. The last reference cancels, waits, and frees plan and store.
 * THREADS    As sabot/sabot.h says; `mutex` guards what several threads see.
 */
#include <stdio.h>
#include <string.h>

#include "engine/engine_priv.h"

enum { COLLECT_BATCHES = 64 };

/* ---- the caller's clock
 * ---------------------------------------------------------------------------------------- */

static sabot_job *
job_of_host(sb_os *os)
{
    return (sabot_job *)(void *)((char *)os - offsetof(sabot_job, host));
}

static int64_t
host_wall_us(sb_os *os)
{
    return atomic_load_explicit(&job_of_host(os)->host_us, memory_order_relaxed);
}

static int64_t
host_monotonic_ns(sb_os *os)
{
    return host_wall_us(os) * 1000;
}

/* ---- new, free
 * -------------------------------------------------------------------------------------------------
 */

static bool
collect_row(void *ctx, uint32_t node_id, sb_batch *batch)
{
    (void)node_id;
    return sb_collect_push(&((sabot_job *)ctx)->collect, batch);
}

static void
log_line(void *ctx, sb_log_level level, const char *line)
{
    sabot_job *job = ctx;
    if (job->log) {
        job->log(job->log_ctx, (int)level, line);
    }
}

static void
fill_config(sabot_job *job, sb_job_config *out)
{
    sb_job_config_default(out, job->mem, &job->factories);
    sb_engine_config_apply(&job->config, out);
    out->os = out->host_driven ? &job->host : job->engine->os;
    out->job_id = job->job_id;
    if (job->has_collect) {
        out->collect = collect_row;
        out->collect_ctx = job;
    }
    out->log = log_line;
    out->log_ctx = job;
}

static void
job_destroy(sabot_job *job)
{
    sabot_engine *engine = job->engine;
    sb_os *os = engine->os;
    if (job->thread) {
        sb_job_cancel(job->job);
        if (job->has_collect) {
            sb_collect_close(&job->collect);
            sb_job_wake(job->job);
        }
        sb_thread_join(job->thread);
    }
    sb_job_free(job->job);
    sb_collect_deinit(&job->collect);
    sb_store_close(job->store);
    if (job->mem) {
        if (job->is_temporary && job->state_folder) {
            sb_state_dir_remove(os, job->mem, job->config.state_dir);
        }
        sb_state_dir_free(job->mem, job->state_folder);
        sb_engine_strfree(job->mem, (char *)(uintptr_t)job->config.state_dir);
    }
    sb_plan_free(job->plan);
    for (int32_t i = 0; i < job->count_inputs; i++) {
        sb_plan_free(job->inputs[i]);
    }
    sb_free(engine->mem, job->inputs, sizeof *job->inputs * (size_t)job->count_inputs);
    if (job->cond) {
        sb_cond_free(job->cond);
    }
    if (job->mutex) {
        sb_mutex_free(job->mutex);
    }
    sb_mem_unref(job->mem);
    sb_free(engine->mem, job->place_text, job->place_text ? job->place_size + 1 : 0);
    sb_engine_strfree(engine->mem, job->place_name);
    sb_free(engine->mem, job, sizeof *job);
}

/* A dry run of sb_job_new: refuses what has no code before anything runs. */
static sb_status
check_plan(sabot_job *job, sb_error *err)
{
    sb_job_config config;
    sb_job *probe = NULL;
    fill_config(job, &config);
    SB_TRY(sb_job_new(job->plan, &config, &probe, err), err);
    sb_job_free(probe);
    return SB_OK;
}

/* Rows after which a query is over, though its sources may go on; -1: there is no such number. */
static int64_t
rows_wanted(const sb_plan *plan)
{
    const sb_plan_node *last = plan->sinks[0]->inputs[0];
    const sb_limit_node *limit = last->kind == SB_NODE_LIMIT ? last->body : NULL;
    return limit ? limit->limit : -1;
}

static sb_status
job_setup(sabot_job *job, const sb_engine_config *config, bool collects, sb_error *err)
{
    sabot_engine *engine = job->engine;
    job->config = *config;
    job->config.state_dir = job->config.checkpoint_dir = NULL;
    job->mem = sb_mem_new(engine->mem, "job", config->memory_limit);
    job->mutex = sb_mutex_new();
    job->cond = sb_cond_new();
    if (!job->mem || !job->mutex || !job->cond) {
        SB_NOMEM(err);
    }
    const char *root = config->state_dir ? config->state_dir : config->checkpoint_dir;
    if (root && !collects) {
        job->config.state_dir = sb_engine_strdup(job->mem, root);
        if (!job->config.state_dir) {
            SB_NOMEM(err);
        }
    }
    job->is_temporary = !root && !collects && config->checkpoint_interval_ms >= 0;
    job->host = *engine->os;
    job->host.wall_us = host_wall_us;
    job->host.monotonic_ns = host_monotonic_ns;
    atomic_store(&job->host_us, engine->os->wall_us(engine->os));
    job->factories = engine->factories;
    snprintf(job->job_id, sizeof job->job_id, "%016llx",
             (unsigned long long)engine->os->random(engine->os));
    job->has_collect = collects;
    job->rows_left = collects ? rows_wanted(job->plan) : -1;
    if (collects) {
        SB_TRY(sb_collect_init(&job->collect, job->mem, COLLECT_BATCHES, err), err);
    }
    return check_plan(job, err);
}

sb_status
sb_engine_job_new(sabot_engine *engine, sb_plan *plan, sb_grafts *grafts, bool collects,
                  const sb_engine_config *config, sabot_job **out, sb_error *err)
{
    sabot_job *job = sb_alloc_zero(engine->mem, sizeof *job);
    if (!job) {
        sb_plan_free(plan);
        sb_grafts_free(grafts, engine->mem);
        SB_NOMEM(err);
    }
    atomic_store(&job->refs, 1);
    job->engine = engine;
    job->plan = plan;
    job->inputs = grafts->plans;
    job->count_inputs = grafts->count;
    *grafts = (sb_grafts){0};
    sb_status status = job_setup(job, config, collects, err);
    if (status != SB_OK) {
        job_destroy(job);
        return status;
    }
    *out = job;
    return SB_OK;
}

sabot_job *
sb_engine_job_ref(sabot_job *job)
{
    atomic_fetch_add_explicit(&job->refs, 1, memory_order_relaxed);
    return job;
}

void
sb_engine_job_unref(sabot_job *job)
{
    if (job && atomic_fetch_sub_explicit(&job->refs, 1, memory_order_acq_rel) == 1) {
        job_destroy(job);
    }
}

/* ---- open, start, run
 * ------------------------------------------------------------------------------------------ */

static sb_status
open_state(sabot_job *job, sb_error *err)
{
    sb_os *os = job->engine->os;
    if (job->is_temporary && !job->config.state_dir) {
        char *root;
        SB_TRY(sb_state_dir_temporary(os, job->mem, &root, err), err);
        job->config.state_dir = root;
    }
    if (!job->config.state_dir) {
        return SB_OK;
    }
    int32_t ordinal = job->is_temporary ? 1 : ++job->engine->count_jobs;
    SB_TRY(sb_state_dir_prepare(os, job->mem, job->config.state_dir, ordinal, &job->state_folder,
                                job->job_id, err),
           err);
    return sb_store_open_folder(os, job->mem, job->state_folder, &job->store, err);
}

sb_status
sb_engine_job_open(sabot_job *job, sb_error *err)
{
    if (job->opened) {
        return SB_OK;
    }
    if (job->ended) {
        *err = job->error;
        return job->status;
    }
    sb_job_config config;
    sb_job *opened = NULL;
    sb_status status = open_state(job, err);
    if (status == SB_OK) {
        fill_config(job, &config);
        config.checkpoint.enabled = job->store != NULL;
        config.checkpoint.store = job->store;
        status = sb_job_new(job->plan, &config, &opened, err);
    }
    if (status == SB_OK) {
        status = sb_job_open(opened, err);
    }
    if (status != SB_OK) {
        sb_job_free(opened);
        job->ended = true;
        job->status = status;
        job->error = *err;
        return status;
    }
    sb_mutex_lock(job->mutex);
    job->job = opened;
    job->opened = true;
    if (job->early_cancel) {
        sb_job_cancel(opened);
    } else if (job->early_stop) {
        sb_job_stop(opened, job->early_drain);
    }
    sb_mutex_unlock(job->mutex);
    return SB_OK;
}

static void
note_end(sabot_job *job, sb_status status, const sb_error *err)
{
    sb_mutex_lock(job->mutex);
    job->ended = true;
    job->status = status;
    if (status != SB_OK) {
        job->error = *err;
    }
    sb_cond_broadcast(job->cond);
    sb_mutex_unlock(job->mutex);
    if (job->has_collect) {
        sb_mutex_lock(job->collect.mutex);
        sb_cond_broadcast(job->collect.cond);
        sb_mutex_unlock(job->collect.mutex);
    }
}

static void
run_thread(void *ctx)
{
    sabot_job *job = ctx;
    sb_error err;
    sb_error_clear(&err);
    sb_status status = sb_job_run(job->job, &err);
    note_end(job, status, &err);
}

static bool
has_ended(sabot_job *job)
{
    sb_mutex_lock(job->mutex);
    bool ended = job->ended;
    sb_mutex_unlock(job->mutex);
    return ended;
}

sb_status
sb_engine_job_start(sabot_job *job, sb_error *err)
{
    if (job->started) {
        return SB_OK;
    }
    SB_TRY(sb_engine_job_open(job, err), err);
    job->started = true;
    if (job->config.threads == 1) {
        return SB_OK;
    }
    sb_status status = sb_thread_start(&job->thread, "sabot-job", run_thread, job, err);
    if (status != SB_OK) {
        note_end(job, status, err);
    }
    return status;
}

/* The caller's clock; before the first call it is the real one, which may be ahead of it. */
static void
set_clock(sabot_job *job, int64_t now_ms)
{
    int64_t now_us = now_ms * 1000;
    if (!job->clock_set || now_us > atomic_load_explicit(&job->host_us, memory_order_relaxed)) {
        atomic_store_explicit(&job->host_us, now_us, memory_order_relaxed);
        job->clock_set = true;
    }
}

static sb_status
step(sabot_job *job, int64_t now_ms, sb_job_turn *out, sb_error *err)
{
    set_clock(job, now_ms);
    *out = (sb_job_turn){.ended = true, .wake_ms = INT64_MAX};
    if (has_ended(job)) {
        return SB_OK;
    }
    sb_error_clear(err);
    sb_status status = sb_job_step(job->job, out, err);
    if (status != SB_OK || out->ended) {
        out->ended = true;
        note_end(job, status, err);
    }
    return status;
}

/* Steps with the real clock until it has ended, something was done, or the time is over. */
static sb_status
step_for(sabot_job *job, int64_t deadline_ms, sb_error *err)
{
    sb_os *os = job->engine->os;
    sb_job_turn turn;
    int64_t now_ms = os->wall_us(os) / 1000;
    SB_TRY(step(job, now_ms, &turn, err), err);
    if (!turn.ended && !turn.progress) {
        int64_t wake = turn.wake_ms < deadline_ms ? turn.wake_ms : deadline_ms;
        int64_t pause = wake - now_ms;
        /* a source may have news without saying so */
        pause = pause < 0 ? 0 : pause > 20 ? 20 : pause;
        sb_thread_sleep_ns(pause * 1000000);
    }
    return SB_OK;
}

static sb_status
final_status(sabot_job *job, sb_error *err)
{
    sb_mutex_lock(job->mutex);
    sb_status status = job->status;
    if (status != SB_OK) {
        *err = job->error;
    }
    sb_mutex_unlock(job->mutex);
    return status;
}

static int64_t
deadline_of(sabot_job *job, int64_t timeout_ms)
{
    sb_os *os = job->engine->os;
    return timeout_ms < 0 ? INT64_MAX : os->wall_us(os) / 1000 + timeout_ms;
}

sb_status
sb_engine_job_take(sabot_job *job, int64_t timeout_ms, sb_batch **out, sb_error *err)
{
    sb_os *os = job->engine->os;
    *out = NULL;
    if (job->rows_left == 0) { /* no other row will come, but its sources may not know */
        sabot_job_cancel(job);
        return SB_OK;
    }
    SB_TRY(sb_engine_job_start(job, err), err);
    int64_t deadline = deadline_of(job, timeout_ms);
    for (;;) {
        /* looked at before the queue: what was pushed before the end is seen */
        bool wake, ended = has_ended(job);
        *out = sb_collect_pop(&job->collect, &wake);
        if (wake) {
            sb_job_wake(job->job);
        }
        if (*out) {
            job->rows_left -= job->rows_left > 0 ? (*out)->count_rows : 0;
            return SB_OK;
        }
        if (ended) {
            return final_status(job, err);
        }
        int64_t left = deadline == INT64_MAX ? 1000 : deadline - os->wall_us(os) / 1000;
        if (left <= 0) {
            return SB_STATUS_TIMEOUT;
        }
        if (job->config.threads == 1) {
            /* a failure comes back as the final status, behind the last rows */
            (void)step_for(job, deadline, err);
            continue;
        }
        sb_mutex_lock(job->collect.mutex);
        if (job->collect.count == 0 && !has_ended(job)) {
            (void)sb_cond_wait(job->collect.cond, job->collect.mutex,
                               (left < 1000 ? left : 1000) * 1000000);
        }
        sb_mutex_unlock(job->collect.mutex);
    }
}

/* ---- public
 * -------------------------------------------------------------------------------------------------
 */

sabot_status
sabot_job_open(sabot_job *job, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    return sb_engine_job_status(job, error, sb_engine_job_open(job, &err), &err);
}

sabot_status
sabot_job_start(sabot_job *job, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    return sb_engine_job_status(job, error, sb_engine_job_start(job, &err), &err);
}

sabot_status
sabot_job_wait(sabot_job *job, int64_t timeout_ms, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_os *os = job->engine->os;
    sb_status status = sb_engine_job_start(job, &err);
    if (status != SB_OK) {
        return sb_engine_job_status(job, error, status, &err);
    }
    int64_t deadline = deadline_of(job, timeout_ms);
    while (!has_ended(job)) {
        int64_t left = deadline == INT64_MAX ? 1000 : deadline - os->wall_us(os) / 1000;
        if (left <= 0) {
            return SABOT_TIMEOUT;
        }
        if (job->config.threads == 1) {
            (void)step_for(job, deadline, &err);
            continue;
        }
        sb_mutex_lock(job->mutex);
        if (!job->ended) {
            (void)sb_cond_wait(job->cond, job->mutex, (left < 1000 ? left : 1000) * 1000000);
        }
        sb_mutex_unlock(job->mutex);
    }
    return sb_engine_job_status(job, error, final_status(job, &err), &err);
}

sabot_status
sabot_job_run(sabot_job *job, sabot_error **error)
{
    return sabot_job_wait(job, -1, error);
}

sabot_status
sabot_job_step(sabot_job *job, int64_t now_ms, sabot_progress *out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    sb_job_turn turn;
    sb_status status = SB_OK;
    if (job->config.threads != 1) {
        status = sb_error_set(&err, SB_STATUS_INVALID, __FILE__, __LINE__,
                              "the job has threads of its own and cannot be stepped");
        sb_error_hint(&err, "open the engine with engine.threads = none");
    } else {
        set_clock(job, now_ms);
        status = sb_engine_job_start(job, &err);
    }
    if (status == SB_OK) {
        status = step(job, now_ms, &turn, &err);
    }
    if (status != SB_OK) {
        return sb_engine_job_status(job, error, status, &err);
    }
    out->ended = turn.ended;
    out->progress = turn.progress;
    out->wake_ms = turn.wake_ms;
    return SABOT_OK;
}

void
sabot_job_stop(sabot_job *job, bool drain)
{
    sb_mutex_lock(job->mutex);
    if (job->job) {
        sb_job_stop(job->job, drain);
    } else {
        job->early_stop = true;
        job->early_drain = drain;
    }
    sb_mutex_unlock(job->mutex);
}

void
sabot_job_cancel(sabot_job *job)
{
    sb_mutex_lock(job->mutex);
    sb_job *opened = job->job;
    if (opened) {
        sb_job_cancel(opened);
    } else {
        job->early_cancel = true;
    }
    sb_mutex_unlock(job->mutex);
    if (job->has_collect) {
        sb_collect_close(&job->collect);
        if (opened) {
            sb_job_wake(opened);
        }
    }
}

void
sabot_job_checkpoint(sabot_job *job)
{
    sb_mutex_lock(job->mutex);
    if (job->job) {
        sb_job_trigger_checkpoint(job->job);
    }
    sb_mutex_unlock(job->mutex);
}

void
sabot_job_set_log(sabot_job *job, void (*log)(void *ctx, int level, const char *line), void *ctx)
{
    job->log = log;
    job->log_ctx = ctx;
}
