/*
 * runtime/unit.c -- one turn of an operator instance: gate, barrier, step, and what follows from
 * the step.
 *
 * DESIGN     Order of a turn: news from the coordinator, pieces to take over, heads, barrier, step.
 *            A barrier is looked at before the step, so the piece holds exactly what was done
 *            before it. After the step consumed heads are dropped, waiting open batches are pushed,
 *            the idle status follows, and DONE sends the end.
 */
#include "runtime/unit.h"

#include "runtime/job_priv.h"

#include "runtime/graph.h"
#include "runtime/source_op.h"

#include <stdatomic.h>

/* --- ports --- */

bool
sb_unit_can_push(void *outlet)
{
    return sb_outlet_can_push(outlet);
}

/* Is the unit silent? Its inputs are, or it says so itself (watermark operator, source without
 * splits). */
static bool
unit_is_idle(const sb_unit *unit)
{
    const sb_io *io = &unit->io;
    bool idle = true, any = false;
    for (int32_t i = 0; i < io->count_inputs; i++) {
        idle &= io->in[i].idle || io->in[i].ended;
        any |= io->in[i].idle;
    }
    return (idle && any) || io->idle_out;
}

static void
unit_send_status(sb_unit *unit, bool idle)
{
    unit->idle_sent = idle;
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        sb_outlet_control(&unit->outlets[i], (sb_element){.kind = SB_EL_STATUS, .idle = idle});
    }
}

void
sb_unit_push(void *ctx, sb_batch *batch)
{
    sb_outlet *outlet = ctx;
    sb_unit *unit = outlet->unit;
    /* An idle unit that got work says so before the first of it goes out. The end alone is no work:
     * between "active" and "end" its channel would hold everybody's time back. */
    bool work = batch->count_rows > 0 || unit->io.out[0].watermark_ms != SB_WM_MAX;
    if (unit->idle_sent && work && !unit_is_idle(unit)) {
        unit_send_status(unit, false);
    }
    sb_outlet_push(outlet, batch);
}

sb_status
sb_unit_check_ports(sb_unit *unit, sb_error *err)
{
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        const sb_port *port = &unit->io.out[i];
        if (port->failed || port->open.failed || unit->outlets[i].failed) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

/* --- inputs --- */

void
sb_unit_drop_heads(sb_unit *unit)
{
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        sb_input *in = &unit->io.in[i];
        if (in->head && sb_io_head_done(&unit->io, i)) {
            atomic_fetch_add_explicit(&unit->metrics.rows_in, in->head->count_rows,
                                      memory_order_relaxed);
            atomic_fetch_add_explicit(&unit->metrics.batches_in, 1, memory_order_relaxed);
            sb_batch_free((sb_batch *)(uintptr_t)in->head);
            in->head = NULL;
            in->row = in->mark = 0;
        }
    }
}

static sb_status
unit_fill(sb_unit *unit, bool *out_progress, sb_error *err)
{
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        bool moved = false;
        if (unit->io.in[i].head) {
            continue;
        }
        SB_TRY(sb_gate_fill(&unit->gates[i], &unit->io.in[i], &moved, err), err);
        unit->moved |= moved;
        *out_progress |= moved;
    }
    return SB_OK;
}

/* --- step --- */

static bool
unit_runnable(sb_unit *unit)
{
    sb_step wait = unit->wait;
    /* A source hears of new splits, grants and the end only by looking. */
    if (wait == 0 || unit->is_source || (wait & (SB_STEP_AGAIN | SB_WAIT_STATE | SB_WAIT_ASYNC)) ||
        unit->moved) {
        return true;
    }
    if ((wait & SB_WAIT_CLOCK) && unit->wake_ms <= sb_graph_now_ms(unit->graph)) {
        return true;
    }
    if (wait & SB_WAIT_ROOM) {
        for (int32_t i = 0; i < unit->io.count_ports; i++) {
            if (sb_outlet_can_push(&unit->outlets[i])) {
                return true;
            }
        }
    }
    return false;
}

/* The clock of a step, read once. */
static void
unit_set_now(sb_unit *unit)
{
    int64_t now_us = unit->graph->os->wall_us(unit->graph->os);
    unit->io.now_ms = now_us >= 0 ? now_us / 1000 : (now_us - 999) / 1000;
    unit->io.eval.now_us = now_us;
    unit->io.wake_at_ms = INT64_MAX;
    if (unit->state) {
        sb_state_set_now(unit->state, unit->io.now_ms);
    }
}

typedef struct unit_mark { /* where everything stood before a step */
    int32_t row[2], mark[2];
    int64_t done_ms, rows_out;
    bool idle_out;
} unit_mark;

static unit_mark
unit_position(const sb_unit *unit)
{
    const sb_io *io = &unit->io;
    unit_mark at = {.done_ms = io->done_ms, .idle_out = io->idle_out};
    for (int32_t i = 0; i < io->count_inputs; i++) {
        at.row[i] = io->in[i].row;
        at.mark[i] = io->in[i].mark;
    }
    for (int32_t i = 0; i < io->count_ports; i++) {
        at.rows_out += io->out[i].count_rows + io->out[i].open.count_rows;
    }
    return at;
}

static bool
position_equal(const unit_mark *a, const unit_mark *b)
{
    return a->row[0] == b->row[0] && a->row[1] == b->row[1] && a->mark[0] == b->mark[0] &&
           a->mark[1] == b->mark[1] && a->done_ms == b->done_ms && a->rows_out == b->rows_out &&
           a->idle_out == b->idle_out;
}

static void
unit_count(sb_unit *unit)
{
    int64_t rows = 0;
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        rows += unit->io.out[i].count_rows;
    }
    atomic_store_explicit(&unit->metrics.rows_out, rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&unit->metrics.steps, 1, memory_order_relaxed);
    if (unit->state) {
        atomic_store_explicit(&unit->metrics.state_bytes, sb_state_bytes(unit->state),
                              memory_order_relaxed);
    }
    int64_t watermark_ms = unit->is_source ? unit->io.out[0].watermark_ms : unit->io.done_ms;
    atomic_store_explicit(&unit->watermark_ms, watermark_ms, memory_order_relaxed);
}

/* Idle only when everything that came before is out, else marks would be lost behind the status. */
static void
unit_follow_status(sb_unit *unit)
{
    const sb_io *io = &unit->io;
    bool idle = unit_is_idle(unit);
    /* While pieces are taken over, the inputs' idleness is that of the past: a status now would
     * make this unit's channels fall behind for good (R5). */
    if (idle == unit->idle_sent || unit->finished || sb_unit_restoring(unit)) {
        return;
    }
    if (!idle) {
        if (io->count_inputs == 0 || sb_io_target_ms(io) != SB_WM_MAX) {
            unit_send_status(unit, false);
        }
        return;
    }
    for (int32_t i = 0; i < io->count_inputs; i++) {
        if (io->in[i].head) {
            return;
        }
    }
    for (int32_t i = 0; i < io->count_ports; i++) {
        if (!sb_batch_builder_is_empty(&io->out[i].open)) {
            return;
        }
    }
    if (io->count_inputs == 0 || sb_io_target_ms(io) == io->done_ms) {
        unit_send_status(unit, true);
    }
}

static sb_status
unit_finish(sb_unit *unit, sb_error *err)
{
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        sb_assert(unit->io.in[i].ended && !unit->io.in[i].head);
    }
    sb_io_push_all(&unit->io);
    SB_TRY(sb_unit_check_ports(unit, err), err);
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        sb_outlet_control(&unit->outlets[i], (sb_element){.kind = SB_EL_END});
    }
    unit->finished = true;
    atomic_store_explicit(&unit->finished_seen, true, memory_order_relaxed);
    if (atomic_fetch_add(&unit->graph->count_finished, 1) + 1 == unit->graph->count_units) {
        sb_job_notify(unit->graph->job); /* the coordinator sleeps else until its next look */
    }
    return sb_unit_check_ports(unit, err);
}

sb_status
sb_unit_step(sb_unit *unit, bool *out_progress, sb_error *err)
{
    sb_io *io = &unit->io;
    unit_set_now(unit);
    unit->moved = false;
    unit_mark before = unit_position(unit);
    sb_step wait = sb_op_step(unit->op, io, err);
    unit_mark after = unit_position(unit);
    unit->wait = wait;
    unit->wake_ms = io->wake_at_ms;
    if (wait & SB_STEP_FAIL) {
        return err->status != SB_OK ? err->status
                                    : sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                                                   "failed without a reason");
    }
    sb_assert(wait != 0); /* I23 */
    SB_TRY(sb_unit_check_ports(unit, err), err);
    *out_progress |= (wait & SB_STEP_AGAIN) || !position_equal(&before, &after);
    sb_unit_drop_heads(unit);
    if (!(wait & SB_STEP_AGAIN)) {
        sb_io_flush(io);
        if (unit->state) {
            sb_state_sweep(unit->state, 64);
        }
    }
    if (wait & SB_STEP_DONE) {
        SB_TRY(unit_finish(unit, err), err);
        *out_progress = true;
    }
    unit_count(unit);
    unit_follow_status(unit);
    return sb_unit_check_ports(unit, err);
}

/* Open batches that found no room when the step left. */
static bool
unit_flush_late(sb_unit *unit)
{
    bool pending = false;
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        pending |= !sb_batch_builder_is_empty(&unit->io.out[i].open);
    }
    if (!pending || (unit->wait & SB_STEP_AGAIN)) {
        return false;
    }
    int64_t before = 0, after = 0;
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        before += sb_batch_builder_is_empty(&unit->io.out[i].open);
    }
    sb_io_flush(&unit->io);
    for (int32_t i = 0; i < unit->io.count_ports; i++) {
        after += sb_batch_builder_is_empty(&unit->io.out[i].open);
    }
    unit_follow_status(unit);
    return after != before;
}

static sb_status
unit_turn(sb_unit *unit, bool *out_progress, sb_error *err)
{
    SB_TRY(sb_unit_mail(unit, out_progress, err), err);
    if (sb_unit_restoring(unit)) {
        SB_TRY(sb_unit_restore_turn(unit, out_progress, err), err);
        return SB_OK;
    }
    if (!unit->finished) {
        SB_TRY(unit_fill(unit, out_progress, err), err);
    }
    SB_TRY(sb_unit_barrier(unit, out_progress, err), err);
    if (unit->finished) {
        return SB_OK;
    }
    if (unit_runnable(unit)) {
        return sb_unit_step(unit, out_progress, err);
    }
    *out_progress |= unit_flush_late(unit);
    return sb_unit_check_ports(unit, err);
}

bool
sb_unit_turn(sb_unit *unit, bool *out_progress)
{
    sb_error err;
    sb_error_clear(&err);
    if (unit_turn(unit, out_progress, &err) == SB_OK) {
        return true;
    }
    if (unit->parallelism > 1) {
        sb_error_prefix(&err, "%s %d/%d", unit->vtable->name, unit->subtask + 1, unit->parallelism);
    } else {
        sb_error_prefix(&err, "%s", unit->vtable->name);
    }
    sb_graph_fail(unit->graph, &err);
    return false;
}
