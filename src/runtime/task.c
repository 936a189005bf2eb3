/*
 * runtime/task.c -- stepping the units of one task.
 *
 * DESIGN     In order: pass after pass over the units, upstream first, so that what one pushes the
 *            next consumes in the same pass; local channels hold one batch, so work goes through
 *            the chain batch by batch. Drawn: a unit at random each time, as the simulator wants
 *            it.
 * THREADS    T:task
 */
#include "base/hash.h"
#include "runtime/graph.h"
#include "runtime/unit.h"

#include <stdatomic.h>

static void
task_wake_time(sb_task *task)
{
    int64_t wake_ms = INT64_MAX;
    for (int32_t i = 0; i < task->count_units; i++) {
        const sb_unit *unit = task->units[i];
        if (!unit->finished && (unit->wait & SB_WAIT_CLOCK) && unit->wake_ms < wake_ms) {
            wake_ms = unit->wake_ms;
        }
    }
    atomic_store_explicit(&task->wake_ms, wake_ms, memory_order_relaxed);
}

/* For the workers, which keep sources in step. */
static void
task_publish(sb_task *task)
{
    const sb_unit *last = task->units[task->count_units - 1];
    int64_t rows = 0;
    for (int32_t i = 0; i < task->count_units; i++) {
        const sb_unit *unit = task->units[i];
        rows += unit->is_source ? unit->io.out[0].count_rows : 0;
    }
    int64_t reached_ms = last->finished             ? SB_WM_MAX
                         : last->io.count_ports > 0 ? last->io.out[0].watermark_ms
                                                    : last->io.done_ms;
    atomic_store_explicit(&task->progress_rows, rows, memory_order_relaxed);
    atomic_store_explicit(&task->progress_ms, reached_ms, memory_order_relaxed);
}

static sb_task_turn
step_drawn(sb_task *task, int32_t limit, uint64_t *random)
{
    sb_task_turn turn = {0};
    /* Some tries find nothing to do; a quiet round over all decides that there is nothing. */
    for (int32_t i = 0; i < limit && !turn.failed; i++) {
        *random += SB_HASH_GAMMA;
        uint32_t at = (uint32_t)(sb_hash_mix(*random) % (uint64_t)task->count_units);
        bool progress = false;
        turn.failed = !sb_unit_turn(task->units[at], &progress);
        turn.progress |= progress;
    }
    for (int32_t i = 0; i < task->count_units && !turn.failed && !turn.progress; i++) {
        turn.failed = !sb_unit_turn(task->units[i], &turn.progress);
    }
    return turn;
}

static sb_task_turn
step_in_order(sb_task *task, int32_t limit)
{
    sb_task_turn turn = {0};
    bool moved = true;
    while (moved && limit > 0 && !turn.failed) {
        moved = false;
        for (int32_t i = 0; i < task->count_units && !turn.failed; i++) {
            bool progress = false;
            turn.failed = !sb_unit_turn(task->units[i], &progress);
            moved |= progress;
            limit--;
        }
        turn.progress |= moved;
    }
    return turn;
}

sb_task_turn
sb_task_step(sb_task *task, int32_t limit, uint64_t *random)
{
    sb_task_turn turn = random ? step_drawn(task, limit, random) : step_in_order(task, limit);
    turn.failed |= atomic_load_explicit(&task->graph->failed, memory_order_relaxed);
    task_wake_time(task);
    if (task->has_source && task->count_siblings > 1) {
        task_publish(task);
    }
    return turn;
}
