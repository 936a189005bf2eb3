/*
 * runtime/run.c -- the blocking driver: worker threads do the work, the calling thread is the
 * coordinator.
 */
#include "runtime/job_priv.h"

#define WAIT_MAX_MS 1000

/* Sleeps until something is to be looked at, or wake_ms. */
static void
wait_for_news(sb_job *job, int64_t wake_ms)
{
    int64_t wait_ms = WAIT_MAX_MS;
    int64_t now_ms = sb_job_now_ms(job);
    if (wake_ms <= now_ms) {
        wait_ms = 0;
    } else if (wake_ms - now_ms < wait_ms) {
        wait_ms = wake_ms - now_ms;
    }
    sb_mutex_lock(job->mutex);
    if (!job->notified && wait_ms > 0) {
        sb_cond_wait(job->cond, job->mutex, wait_ms * 1000000);
    }
    job->notified = false;
    sb_mutex_unlock(job->mutex);
}

static sb_status
run_threaded(sb_job *job, sb_error *err)
{
    job->threaded = true;
    while (!sb_job_has_ended(job)) {
        bool progress = false;
        int64_t wake_ms = INT64_MAX;
        SB_TRY(sb_job_control(job, &progress, &wake_ms, err), err);
        if (!progress && !sb_job_has_ended(job)) {
            wait_for_news(job, wake_ms);
        }
    }
    return SB_OK;
}

static sb_status
run_stepping(sb_job *job, sb_error *err)
{
    sb_job_turn turn = {0};
    while (!turn.ended) {
        SB_TRY(sb_job_step(job, &turn, err), err);
        if (!turn.progress && !turn.ended) {
            wait_for_news(job, turn.wake_ms);
        }
    }
    return SB_OK;
}

sb_status
sb_job_run(sb_job *job, sb_error *err)
{
    sb_error_clear(err);
    bool stepping = job->config.interleave || job->config.host_driven;
    return stepping ? run_stepping(job, err) : run_threaded(job, err);
}
