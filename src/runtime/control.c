/*
 * runtime/control.c -- the life of a job: start, fail, start again, end.
 *
 * THREADS    the coordinator
 */
#include "runtime/job_priv.h"

#include <stdatomic.h>

static sb_status
job_failed(sb_job *job, const sb_error *failure, sb_error *err)
{
    sb_mutex_lock(job->mutex);
    job->error = *failure;
    job->state = SB_JOB_FAILED;
    sb_mutex_unlock(job->mutex);
    *err = *failure;
    sb_job_log(job, SB_LOG_ERROR, "failed: %s", failure->message);
    return failure->status;
}

/* The attempt has ended with `failure`: when does the next one start? */
static sb_status
attempt_failed(sb_job *job, sb_error failure, bool blame_checkpoint, int64_t *out_wake_ms,
               sb_error *err)
{
    int64_t delay_ms = 0, now_ms = sb_job_now_ms(job);
    sb_attempt_stop(job);
    bool another = blame_checkpoint && sb_recovery_blame(job, &failure);
    if (!another &&
        (job->hopeless ||
         !sb_restart_next(&job->restart, now_ms, job->os->random(job->os), &failure, &delay_ms))) {
        return job_failed(job, &failure, err);
    }
    sb_mutex_lock(job->mutex);
    job->error = failure;
    job->state = SB_JOB_RESTARTING;
    job->count_restarts++;
    job->restart_at_ms = now_ms + delay_ms;
    sb_mutex_unlock(job->mutex);
    sb_job_log(job, SB_LOG_WARNING, "restart %d in %lld ms: %s%s%s", job->count_restarts,
               (long long)delay_ms, failure.message, failure.hint[0] ? " -- " : "", failure.hint);
    *out_wake_ms = job->restart_at_ms;
    return SB_OK;
}

static sb_status
start_attempt(sb_job *job, bool first, int64_t *out_wake_ms, sb_error *err)
{
    sb_error failure;
    sb_error_clear(&failure);
    if (sb_attempt_start(job, &failure) == SB_OK) {
        *out_wake_ms = INT64_MIN;
        return SB_OK;
    }
    /* What is wrong from the beginning (options, another query, a missing file) will not get
     * better. */
    if ((first && !failure.retriable) || job->hopeless) {
        return job_failed(job, &failure, err);
    }
    return attempt_failed(job, failure, false, out_wake_ms, err);
}

static void
job_end(sb_job *job, sb_job_state state)
{
    sb_attempt_stop(job);
    sb_mutex_lock(job->mutex);
    job->state = state;
    sb_mutex_unlock(job->mutex);
}

static sb_status
control_running(sb_job *job, bool *out_progress, int64_t *out_wake_ms, sb_error *err)
{
    sb_error failure;
    sb_error_clear(&failure);
    if (atomic_load(&job->graph->failed)) {
        sb_mutex_lock(job->mutex);
        failure = job->error;
        sb_mutex_unlock(job->mutex);
        *out_progress = true;
        return attempt_failed(job, failure, atomic_load(&job->graph->restore_failed), out_wake_ms,
                              err);
    }
    switch (sb_coordinator_turn(job, sb_job_now_ms(job), out_progress, out_wake_ms, &failure)) {
    case SB_VERDICT_GO_ON: return SB_OK;
    case SB_VERDICT_FINISHED:
        *out_progress = true;
        job_end(job, SB_JOB_FINISHED);
        return SB_OK;
    case SB_VERDICT_STOPPED:
        *out_progress = true;
        job_end(job, SB_JOB_STOPPED);
        return SB_OK;
    case SB_VERDICT_FAILED: break;
    }
    *out_progress = true;
    return attempt_failed(job, failure, false, out_wake_ms, err);
}

/* Wishes that end or break an attempt. */
static bool
control_wishes(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    bool cancel = job->cancel_requested;
    sb_error injected = job->injected;
    job->injected.status = SB_OK;
    bool stop = job->coordinator.stop_wanted;
    sb_mutex_unlock(job->mutex);
    if (cancel) {
        job_end(job, SB_JOB_CANCELLED);
        return true;
    }
    if (injected.status != SB_OK && job->graph) {
        sb_graph_fail(job->graph, &injected);
    }
    /* Waiting for the next attempt when the user wants an end: the last checkpoint is all there
     * is. */
    if (stop && job->state == SB_JOB_RESTARTING) {
        job_end(job, SB_JOB_STOPPED);
        return true;
    }
    return false;
}

sb_status
sb_job_control(sb_job *job, bool *out_progress, int64_t *out_wake_ms, sb_error *err)
{
    *out_wake_ms = INT64_MAX;
    if (control_wishes(job)) {
        *out_progress = true;
        return SB_OK;
    }
    switch (job->state) {
    case SB_JOB_CREATED: {
        *out_progress = true;
        sb_status status = sb_job_open(job, err);
        if (status != SB_OK) {
            sb_error failure = *err;
            return job_failed(job, &failure, err);
        }
        return start_attempt(job, true, out_wake_ms, err);
    }
    case SB_JOB_RESTARTING:
        if (sb_job_now_ms(job) < job->restart_at_ms) {
            *out_wake_ms = job->restart_at_ms;
            return SB_OK;
        }
        *out_progress = true;
        return start_attempt(job, false, out_wake_ms, err);
    case SB_JOB_RUNNING: return control_running(job, out_progress, out_wake_ms, err);
    case SB_JOB_FINISHED:
    case SB_JOB_STOPPED:
    case SB_JOB_CANCELLED:
    case SB_JOB_FAILED: break;
    }
    return SB_OK;
}
