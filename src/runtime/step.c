/*
 * runtime/step.c -- the host-driven scheduler: one bounded piece of work per call, on the caller's
 * thread.
 *
 * DESIGN     A call does one of: a turn of the coordinator, a step of one task, one job of the I/O
 *            queue. With seed 0 tasks take turns and I/O jobs run as soon as no task moves; with a
 *            seed everything is drawn, so that a crash can fall between any two of them.
 *            Interleave: one row of one source at a time, in order of the tables' creation,
 *            everything else drained before the next.
 */
#include "base/hash.h"
#include "runtime/job_priv.h"
#include "runtime/source_op.h"

#include <stdatomic.h>

#define TASK_LIMIT 64 /* unit turns per call */

enum { STEPS_WITHOUT_IO = 3 };

static uint32_t
draw(sb_job *job, uint32_t below)
{
    job->random += SB_HASH_GAMMA;
    return (uint32_t)(sb_hash_mix(job->random) % below);
}

static bool
task_is_due(const sb_task *task, int64_t now_ms)
{
    return atomic_load_explicit(&task->signaled, memory_order_relaxed) != 0 ||
           task->wake_ms <= now_ms;
}

static bool
run_task(sb_job *job, sb_task *task)
{
    int32_t limit = job->config.seed ? (int32_t)draw(job, 8) + 1 : TASK_LIMIT;
    atomic_store(&task->signaled, 0);
    sb_task_turn turn = sb_task_step(task, limit, job->config.seed ? &job->random : NULL);
    if (turn.progress || turn.failed) {
        atomic_store(&task->signaled, 1);
    }
    return turn.progress || turn.failed;
}

/* Some task that has something to do, the next one in turn or a drawn one. */
static bool
step_task(sb_job *job, int64_t now_ms)
{
    sb_graph *graph = job->graph;
    int32_t first =
        job->config.seed ? (int32_t)draw(job, (uint32_t)graph->count_tasks) : job->next_task;
    for (int32_t i = 0; i < graph->count_tasks; i++) {
        int32_t at = (first + i) % graph->count_tasks;
        if (task_is_due(&graph->tasks[at], now_ms) && run_task(job, &graph->tasks[at])) {
            job->next_task = (at + 1) % graph->count_tasks;
            return true;
        }
    }
    return false;
}

static bool
step_io(sb_job *job)
{
    int32_t count = sb_io_pool_count(job->pool);
    if (count == 0) {
        return false;
    }
    sb_io_pool_run_one(job->pool, job->config.seed ? (int32_t)draw(job, (uint32_t)count) : 0);
    return true;
}

/* The source whose turn it is gets one row; sources that have ended leave the round. Returns
 * false when a whole round found nothing. */
static bool
step_interleave(sb_job *job)
{
    sb_graph *graph = job->graph;
    int32_t count = job->count_feeds;
    for (int32_t i = 0; i < count; i++) {
        int32_t at = (job->next_source + i) % count;
        sb_unit *unit =
            &graph->units[graph->first_unit[sb_graph_node_index(graph, job->feeds[at].node)]];
        if (unit->finished || sb_unit_restoring(unit)) {
            continue;
        }
        bool progress = false;
        sb_source_op_grant(unit->op, 1);
        sb_unit_turn(unit, &progress);
        sb_source_op_grant(unit->op, 0);
        if (progress) {
            job->next_source = (at + 1) % count;
            sb_graph_signal_all(graph);
            return true;
        }
    }
    return false;
}

/* At once for a task that was signaled while nothing moved: a library's thread may call while its
 * task finds nothing to do. */
static int64_t
earliest_wake(const sb_graph *graph, int64_t wake_ms, int64_t now_ms)
{
    for (int32_t i = 0; i < graph->count_tasks; i++) {
        const sb_task *task = &graph->tasks[i];
        int64_t at_ms = atomic_load(&task->signaled) ? now_ms : task->wake_ms;
        wake_ms = at_ms < wake_ms ? at_ms : wake_ms;
    }
    return wake_ms;
}

static bool
step_running(sb_job *job, int64_t now_ms)
{
    /* Drawn: blocking work may come at any time, also late. */
    if (job->config.seed && draw(job, 4) == 0 && step_io(job)) {
        return true;
    }
    /* In the fixed order it has every fourth turn: input that never pauses must not keep
     * checkpoints, and with them a stop, waiting for ever. */
    if (!job->config.seed && ++job->steps_without_io >= STEPS_WITHOUT_IO && step_io(job)) {
        job->steps_without_io = 0;
        return true;
    }
    if (step_task(job, now_ms)) {
        return true;
    }
    if (step_io(job)) {
        return true;
    }
    return job->config.interleave && step_interleave(job);
}

sb_status
sb_job_step(sb_job *job, sb_job_turn *out, sb_error *err)
{
    *out = (sb_job_turn){.wake_ms = INT64_MAX};
    sb_error_clear(err);
    if (sb_job_has_ended(job)) {
        out->ended = true;
        return SB_OK;
    }
    sb_status status = sb_job_control(job, &out->progress, &out->wake_ms, err);
    out->ended = sb_job_has_ended(job);
    if (out->ended || !job->graph) {
        return status;
    }
    int64_t now_ms = sb_job_now_ms(job);
    if (step_running(job, now_ms)) {
        out->progress = true;
    }
    out->wake_ms = earliest_wake(job->graph, out->wake_ms, now_ms);
    return status;
}
