/*
 * runtime/coordinator.c -- see coordinator.h.
 */
#include "runtime/coordinator.h"

#include "runtime/job_priv.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

void
sb_coordinator_init(sb_coordinator *c)
{
    memset(c, 0, sizeof *c);
    c->next_id = 1;
    c->commits_end = &c->commits;
}

static void
drop_pieces(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    for (int32_t i = 0; i < c->count_units; i++) {
        sb_piece_record_free(job->mem, c->pieces[i]);
        c->pieces[i] = NULL;
    }
    c->missing = c->count_units;
}

/* For status; with the job's mutex. */
static void
count_decided(sb_coordinator *c, int64_t now_ms)
{
    c->completed++;
    c->last_id = c->id;
    c->last_duration_ms = now_ms - c->started_ms;
    c->last_bytes = c->manifest_bytes;
    c->last_at_ms = now_ms;
}

void
sb_coordinator_clear(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    if (c->write_busy && c->write_done && c->problem.status == SB_OK) {
        sb_mutex_lock(job->mutex); /* the attempt ended before it heard of it */
        count_decided(c, sb_job_now_ms(job));
        sb_mutex_unlock(job->mutex);
    }
    if (c->pieces) {
        drop_pieces(job);
        sb_free(job->mem, c->pieces, sizeof *c->pieces * (size_t)c->count_units);
    }
    c->pieces = NULL;
    c->count_units = c->missing = 0;
    while (c->commits) {
        c->commits = sb_commit_free(job, c->commits);
    }
    c->commits_end = &c->commits;
    c->phase = SB_CHECKPOINT_NONE;
    c->declined = c->write_done = c->write_busy = c->commit_busy = c->commit_done = false;
    c->final_decided = c->stop_decided = c->stop_begun = false;
}

void
sb_coordinator_deinit(sb_job *job)
{
    sb_coordinator_clear(job);
    sb_gc_forget_all(job);
}

sb_status
sb_coordinator_reset(sb_job *job, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_coordinator_clear(job);
    c->count_units = c->missing = job->graph->count_units;
    c->pieces = sb_alloc_zero(job->mem, sizeof *c->pieces * (size_t)c->count_units);
    if (!c->pieces) {
        c->count_units = 0;
        SB_NOMEM(err);
    }
    c->last_end_ms = INT64_MIN;
    c->next_trigger_ms = sb_job_now_ms(job) + job->config.checkpoint.interval_ms;
    return SB_OK;
}

/* --- pieces come in --- */

void
sb_coordinator_ack(sb_job *job, int32_t unit, uint64_t checkpoint, sb_piece_record *piece)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    bool wanted = c->phase == SB_CHECKPOINT_COLLECTING && c->id == checkpoint && !c->declined;
    if (wanted) {
        sb_assert(!c->pieces[unit]); /* I12 */
        c->pieces[unit] = piece;
        c->missing--;
        piece = NULL;
    }
    bool all = wanted && c->missing == 0;
    sb_mutex_unlock(job->mutex);
    sb_piece_record_free(job->mem, piece); /* late: the checkpoint was given up */
    if (all || job->mutants.manifest_before_pieces || job->mutants.finished_without_piece) {
        sb_job_notify(job);
    }
}

void
sb_coordinator_decline(sb_job *job, uint64_t checkpoint, const sb_error *why)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    if (c->phase == SB_CHECKPOINT_COLLECTING && c->id == checkpoint && !c->declined) {
        c->declined = true;
        c->problem = *why;
    }
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

static bool
pieces_complete(const sb_job *job)
{
    const sb_coordinator *c = &job->coordinator;
    int32_t missing = c->missing;
    if (job->mutants.finished_without_piece) {
        for (int32_t i = 0; i < c->count_units; i++) {
            missing -= !c->pieces[i] && atomic_load(&job->graph->units[i].finished_seen);
        }
    }
    return missing <= (job->mutants.manifest_before_pieces && c->count_units > 1 ? 1 : 0);
}

/* --- begin and end of a checkpoint --- */

static void
checkpoint_begin(sb_job *job, sb_checkpoint_kind kind, int64_t now_ms)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    c->phase = SB_CHECKPOINT_COLLECTING;
    c->kind = kind;
    c->id = c->next_id++;
    c->started_ms = now_ms;
    c->declined = false;
    c->trigger_wanted = false;
    sb_mutex_unlock(job->mutex);
    c->next_trigger_ms = now_ms + job->config.checkpoint.interval_ms;
    if (kind == SB_CHECKPOINT_STOP) {
        c->stop_begun = true;
        atomic_store(&job->graph->stop_at, c->id);
    }
    atomic_store(&job->graph->trigger, c->id);
    sb_graph_signal_all(job->graph);
}

/* Gives the checkpoint up. Returns false when the job has to fail for it. */
static bool
checkpoint_abort(sb_job *job, int64_t now_ms, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_error why = c->problem;
    sb_mutex_lock(job->mutex);
    c->phase = SB_CHECKPOINT_NONE;
    c->failed++;
    drop_pieces(job);
    sb_mutex_unlock(job->mutex);
    c->last_end_ms = now_ms;
    c->failed_in_a_row++;
    atomic_store(&job->graph->aborted, c->id);
    sb_graph_signal_all(job->graph);
    sb_job_log(job, SB_LOG_WARNING, "checkpoint %" PRIu64 " failed: %s", c->id, why.message);
    /* Rows behind its barrier are in another transaction by now: no later one can take it along. */
    if (c->kind == SB_CHECKPOINT_STOP || job->decider ||
        c->failed_in_a_row > job->config.checkpoint.tolerable_failed) {
        *err = why;
        sb_error_prefix(
            err, c->kind == SB_CHECKPOINT_STOP ? "stop checkpoint %" PRIu64 : "checkpoint %" PRIu64,
            c->id);
        return false;
    }
    return true;
}

/* Sink pieces move from the checkpoint to the queue of commits. */
static bool
queue_commit(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    sb_commit *commit = sb_alloc_zero(job->mem, sizeof *commit);
    int32_t count = 0;
    for (int32_t i = 0; i < c->count_units; i++) {
        count += c->pieces[i] && job->graph->units[i].is_sink;
    }
    sb_piece_record **pieces =
        commit ? sb_alloc_zero(job->mem, sizeof *pieces * (size_t)(count + 1)) : NULL;
    if (!pieces) {
        sb_free(job->mem, commit, sizeof *commit);
        return false;
    }
    commit->checkpoint = c->id;
    commit->pieces = pieces;
    for (int32_t i = 0; i < c->count_units; i++) {
        if (c->pieces[i] && job->graph->units[i].is_sink) {
            pieces[commit->count++] = c->pieces[i];
            c->pieces[i] = NULL;
        }
    }
    sb_mutex_lock(job->mutex);
    *c->commits_end = commit;
    c->commits_end = &commit->next;
    sb_mutex_unlock(job->mutex);
    return true;
}

static bool
checkpoint_decided(sb_job *job, int64_t now_ms, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    bool queued = queue_commit(job);
    sb_mutex_lock(job->mutex);
    c->phase = SB_CHECKPOINT_NONE;
    count_decided(c, now_ms);
    drop_pieces(job);
    sb_mutex_unlock(job->mutex);
    c->last_end_ms = now_ms;
    c->failed_in_a_row = 0;
    c->final_decided |= c->kind == SB_CHECKPOINT_FINAL;
    c->stop_decided |= c->kind == SB_CHECKPOINT_STOP;
    sb_restart_progress(&job->restart);
    atomic_store(&job->graph->decided, c->id);
    sb_graph_signal_all(job->graph);
    if (job->store) {
        sb_job_log(job, SB_LOG_DEBUG,
                   "checkpoint %" PRIu64 " completed in %lld ms (manifest %lld bytes)", c->id,
                   (long long)c->last_duration_ms, (long long)c->last_bytes);
    }
    if (!queued) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    return queued;
}

/* --- the checkpoint being taken --- */

static bool
turn_collecting(sb_job *job, int64_t now_ms, bool *out_progress, int64_t *out_wake_ms,
                sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    bool declined = c->declined, complete = pieces_complete(job);
    sb_mutex_unlock(job->mutex);
    if (!declined && complete) {
        *out_progress = true;
        c->phase = SB_CHECKPOINT_WRITING;
        c->write_done = false;
        c->manifest_bytes = 0;
        if (!job->store && !job->decider) {
            return checkpoint_decided(job, now_ms, err);
        }
        c->write_busy = true;
        if (sb_decide_start(job, err) != SB_OK) {
            c->write_busy = false;
            c->problem = *err;
            return checkpoint_abort(job, now_ms, err);
        }
        return true;
    }
    int64_t timeout_ms = job->config.checkpoint.timeout_ms;
    if (!declined && timeout_ms > 0 && now_ms - c->started_ms >= timeout_ms) {
        sb_error_set(&c->problem, SB_STATUS_TIMEOUT, __FILE__, __LINE__,
                     "%d of %d pieces were missing after %lld ms", c->missing, c->count_units,
                     (long long)timeout_ms);
        declined = true;
    }
    if (declined) {
        *out_progress = true;
        return checkpoint_abort(job, now_ms, err);
    }
    if (timeout_ms > 0 && c->started_ms + timeout_ms < *out_wake_ms) {
        *out_wake_ms = c->started_ms + timeout_ms;
    }
    return true;
}

static bool
turn_writing(sb_job *job, int64_t now_ms, bool *out_progress, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    bool done = c->write_done;
    sb_mutex_unlock(job->mutex);
    if (!done) {
        return true;
    }
    *out_progress = true;
    c->write_busy = false;
    return c->problem.status == SB_OK ? checkpoint_decided(job, now_ms, err)
                                      : checkpoint_abort(job, now_ms, err);
}

static bool
turn_commits(sb_job *job, bool *out_progress, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_mutex_lock(job->mutex);
    bool busy = c->commit_busy, done = c->commit_done;
    sb_commit *first = c->commits;
    sb_mutex_unlock(job->mutex);
    if (busy && done) {
        *out_progress = true;
        if (c->commit_problem.status != SB_OK) {
            *err = c->commit_problem;
            sb_error_prefix(err, "results of checkpoint %" PRIu64 " could not be published",
                            first->checkpoint);
            return false;
        }
        sb_mutex_lock(job->mutex);
        c->commits = first->next;
        if (!c->commits) {
            c->commits_end = &c->commits;
        }
        c->commit_busy = c->commit_done = false;
        sb_mutex_unlock(job->mutex);
        atomic_store(&job->graph->committed, first->checkpoint);
        sb_commit_free(job, first);
        sb_graph_signal_all(job->graph);
        return true;
    }
    if (!busy && first) {
        *out_progress = true;
        c->commit_busy = true;
        c->commit_done = false;
        return sb_commit_start(job, err) == SB_OK;
    }
    return true;
}

/* --- when to begin --- */

static void
begin_if_wanted(sb_job *job, int64_t now_ms, bool *out_progress, int64_t *out_wake_ms)
{
    sb_coordinator *c = &job->coordinator;
    const sb_checkpoint_options *o = &job->config.checkpoint;
    sb_mutex_lock(job->mutex);
    bool stop = c->stop_wanted, drain = c->stop_drain, asked = c->trigger_wanted && job->store;
    sb_mutex_unlock(job->mutex);
    if (atomic_load(&job->graph->count_restoring) > 0) {
        return;
    }
    if (atomic_load(&job->graph->count_finished) == job->graph->count_units) {
        /* Stopped units have finished, too, but not their input: the stop checkpoint is the
         * last. */
        if (!c->final_decided && !c->stop_begun && !job->mutants.no_final_checkpoint) {
            *out_progress = true;
            checkpoint_begin(job, SB_CHECKPOINT_FINAL, now_ms);
        }
        return;
    }
    if (stop && drain) {
        if (!atomic_exchange(&job->graph->drain, true)) {
            *out_progress = true;
            sb_graph_signal_all(job->graph);
        }
    } else if (stop) {
        if (!c->stop_begun) {
            *out_progress = true;
            checkpoint_begin(job, SB_CHECKPOINT_STOP, now_ms);
        }
        return;
    }
    bool periodic = job->store && o->interval_ms > 0;
    int64_t at_ms = c->next_trigger_ms;
    if (c->last_end_ms != INT64_MIN && c->last_end_ms + o->min_pause_ms > at_ms) {
        at_ms = c->last_end_ms + o->min_pause_ms;
    }
    if (asked || (periodic && now_ms >= at_ms)) {
        *out_progress = true;
        checkpoint_begin(job, SB_CHECKPOINT_PERIODIC, now_ms);
    } else if (periodic && at_ms < *out_wake_ms) {
        *out_wake_ms = at_ms;
    }
}

static void
feed_run(void *ctx)
{
    sb_job *job = ((void **)ctx)[0];
    sb_feed *feed = ((void **)ctx)[1];
    sb_error err;
    sb_error_clear(&err);
    if (sb_feed_enumerate(feed, &err) != SB_OK) {
        sb_error_prefix(&err, "looking for splits of %s",
                        feed->node->description ? feed->node->description : "a source");
        sb_graph_fail(job->graph, &err);
    }
    atomic_store(&feed->busy, false);
    sb_graph_signal_all(job->graph);
    sb_free(job->mem, ctx, 2 * sizeof(void *));
}

static void
feed_drop(void *ctx)
{
    sb_job *job = ((void **)ctx)[0];
    sb_feed *feed = ((void **)ctx)[1];
    atomic_store(&feed->busy, false);
    sb_free(job->mem, ctx, 2 * sizeof(void *));
}

static bool
turn_feeds(sb_job *job, int64_t now_ms, bool *out_progress, int64_t *out_wake_ms, sb_error *err)
{
    for (int32_t i = 0; i < job->count_feeds; i++) {
        sb_feed *feed = &job->feeds[i];
        if (atomic_load(&feed->busy) || feed->work.complete || feed->interval_ms <= 0) {
            continue;
        }
        if (now_ms < feed->next_ms) {
            *out_wake_ms = feed->next_ms < *out_wake_ms ? feed->next_ms : *out_wake_ms;
            continue;
        }
        void **ctx = sb_alloc(job->mem, 2 * sizeof(void *));
        if (!ctx) {
            sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
            return false;
        }
        ctx[0] = job;
        ctx[1] = feed;
        feed->next_ms = now_ms + feed->interval_ms;
        atomic_store(&feed->busy, true);
        *out_progress = true;
        if (sb_io_pool_submit(job->pool, (sb_io_job){feed_run, feed_drop, ctx}, err) != SB_OK) {
            return false;
        }
    }
    return true;
}

static sb_verdict
coordinator_verdict(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    bool all_finished = atomic_load(&job->graph->count_finished) == job->graph->count_units;
    if (c->commits || c->phase != SB_CHECKPOINT_NONE) {
        return SB_VERDICT_GO_ON;
    }
    if (c->stop_decided) {
        return SB_VERDICT_STOPPED;
    }
    if (all_finished && (c->final_decided || job->mutants.no_final_checkpoint)) {
        return c->stop_wanted && c->stop_drain ? SB_VERDICT_STOPPED : SB_VERDICT_FINISHED;
    }
    return SB_VERDICT_GO_ON;
}

sb_verdict
sb_coordinator_turn(sb_job *job, int64_t now_ms, bool *out_progress, int64_t *out_wake_ms,
                    sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    bool fine = turn_feeds(job, now_ms, out_progress, out_wake_ms, err);
    if (fine && c->phase == SB_CHECKPOINT_NONE) {
        begin_if_wanted(job, now_ms, out_progress, out_wake_ms);
    } else if (fine && c->phase == SB_CHECKPOINT_COLLECTING) {
        fine = turn_collecting(job, now_ms, out_progress, out_wake_ms, err);
    } else if (fine) {
        fine = turn_writing(job, now_ms, out_progress, err);
    }
    fine = fine && turn_commits(job, out_progress, err);
    return fine ? coordinator_verdict(job) : SB_VERDICT_FAILED;
}
