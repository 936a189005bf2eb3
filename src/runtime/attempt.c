/*
 * runtime/attempt.c -- one start of a job: checkpoint, publication of what it had prepared, splits,
 * graph; and its end.
 */
#include "runtime/job_priv.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPT_PREFIX "attempt/"
#define IO_THREADS     2

/* Takes the next number of the folder, so that file names of two attempts never meet. */
static sb_status
claim_attempt(sb_job *job, sb_error *err)
{
    sb_blob_list list = {0};
    char name[48];
    if (!job->store) {
        job->attempt = job->attempt ? job->attempt + 1 : job->os->random(job->os) >> 1;
        return SB_OK;
    }
    SB_TRY(sb_store_list(job->store, ATTEMPT_PREFIX, &list, err), err);
    uint64_t newest = 0;
    for (int32_t i = 0; i < list.count; i++) {
        uint64_t number = strtoull(list.names[i] + strlen(ATTEMPT_PREFIX), NULL, 10);
        newest = number > newest ? number : newest;
    }
    job->attempt = newest + 1;
    snprintf(name, sizeof name, ATTEMPT_PREFIX "%010" PRIu64, job->attempt);
    sb_status status = sb_store_put_new(job->store, name, "", 0, err);
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        status = sb_store_remove(job->store, list.names[i], err);
    }
    sb_blob_list_free(job->store, &list);
    return status;
}

/* Splits: those that the checkpoint knew keep their ordinals; then the enumerator may add. */
static sb_status
fill_feed(sb_job *job, sb_feed *feed, sb_error *err)
{
    SB_TRY(sb_feed_reset(feed, err), err);
    for (int32_t i = 0; job->restored && i < job->restored->count_sources; i++) {
        const sb_manifest_source *source = &job->restored->sources[i];
        if (source->node_id != feed->node->node_id) {
            continue;
        }
        for (int32_t s = 0; s < source->count; s++) {
            SB_TRY(sb_feed_add(feed, source->splits[s].id, source->splits[s].descriptor, err), err);
        }
        if (source->complete) {
            sb_feed_set_complete(feed);
        }
    }
    SB_TRY(sb_feed_publish(feed, err), err);
    feed->next_ms = sb_job_now_ms(job) + feed->interval_ms;
    sb_status status = sb_feed_enumerate(feed, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "%s", feed->node->description ? feed->node->description : "source");
    }
    return status;
}

static sb_status
attempt_prepare(sb_job *job, sb_error *err)
{
    sb_graph *graph = NULL;
    if (!job->found) {
        SB_TRY(sb_recovery_find(job, err), err);
    }
    job->found = false;
    SB_TRY(sb_recovery_publish(job, err), err);
    SB_TRY(claim_attempt(job, err), err);
    SB_TRY(sb_io_pool_new(job->mem, job->threaded ? IO_THREADS : 0, &job->pool, err), err);
    for (int32_t i = 0; i < job->count_feeds; i++) {
        SB_TRY(fill_feed(job, &job->feeds[i], err), err);
    }
    SB_TRY(sb_graph_build(job, job->restored, &graph, err), err);
    sb_mutex_lock(job->mutex);
    job->graph = graph;
    job->restored_from = job->restored ? job->restored->checkpoint : 0;
    sb_mutex_unlock(job->mutex);
    SB_TRY(sb_coordinator_reset(job, err), err);
    if (job->restored) {
        sb_job_log(job, SB_LOG_INFO, "resumed from checkpoint %" PRIu64, job->restored->checkpoint);
    }
    return job->threaded ? sb_workers_start(job, err) : SB_OK;
}

sb_status
sb_attempt_start(sb_job *job, sb_error *err)
{
    job->next_task = job->next_source = 0;
    job->round_open = false;
    sb_status status = attempt_prepare(job, err);
    if (status != SB_OK) {
        sb_attempt_stop(job);
        return status;
    }
    sb_job_set_state(job, SB_JOB_RUNNING);
    return SB_OK;
}

void
sb_attempt_stop(sb_job *job)
{
    if (job->graph) {
        atomic_store(&job->graph->failed, true);
        sb_graph_signal_all(job->graph);
    }
    sb_workers_stop(job);
    job->pool = sb_io_pool_free(job->pool);
    sb_workers_free(job);
    sb_coordinator_clear(job);
    sb_mutex_lock(job->mutex);
    sb_graph *graph = job->graph;
    job->graph = NULL;
    sb_mutex_unlock(job->mutex);
    sb_job_keep_status(job, graph);
    sb_graph_free(graph);
    sb_decision_close(job); /* after its sinks */
}
