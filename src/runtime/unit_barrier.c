/*
 * runtime/unit_barrier.c -- what a unit does at a checkpoint barrier, and what it hears about
 * checkpoints afterwards.
 *
 * DESIGN     Order at the barrier: push the open batches (I9), write the piece (I12), send the
 *            barrier on, let the channels go on. Strict alignment waits until heads are consumed;
 *            an overtaking checkpoint stores their rest. A unit whose inputs have all ended, and a
 *            source, take the trigger from the coordinator. A checkpoint that was given up
 *            meanwhile only has its barrier sent on. A piece is taken between two steps, so a
 *            firing may be cut in two: what is not fired is in the timers (I7, I8).
 */
#include "base/os/os.h"
#include "runtime/graph.h"
#include "runtime/job_priv.h"
#include "runtime/sink_op.h"
#include "runtime/snapshot_job.h"
#include "runtime/source_op.h"
#include "runtime/unit.h"

#include <stdatomic.h>

/* --- is it time? --- */

static bool
heads_allow(const sb_unit *unit)
{
    /* A split that begins is part of the piece of the watermark operator, or else a restore at
     * another parallelism would not know that it holds time back. */
    if (unit->is_source && !unit->finished && !unit->graph->mutants->barrier_before_news &&
        sb_source_op_has_news(unit->op)) {
        return false;
    }
    /* An operator without timers passes a new watermark on in its next step: taken before that, its
     * piece would hold the others' watermarks back when they are merged. */
    const sb_step blocked = SB_WAIT_ROOM | SB_WAIT_STATE | SB_WAIT_ASYNC;
    bool timers = unit->vtable->dist == SB_DIST_SLOT;
    if (!timers && !unit->finished && unit->io.count_inputs > 0 && !(unit->wait & blocked) &&
        sb_io_target_ms(&unit->io) > unit->io.done_ms) {
        return false;
    }
    bool overtake = unit->graph->job->config.checkpoint.overtaking && unit->can_overtake;
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        const sb_input *in = &unit->io.in[i];
        if (!in->head) {
            continue;
        }
        /* A head of marks alone is gone after the next step, unless the step waits for room. */
        bool worth = in->row < in->head->count_rows || (unit->wait & SB_WAIT_ROOM);
        if (!overtake || !worth) {
            return false;
        }
    }
    return true;
}

/* The checkpoint whose barriers have all arrived; 0: none. */
static uint64_t
unit_aligned(sb_unit *unit)
{
    uint64_t checkpoint = 0;
    bool all_ended = true, agree = true;
    unit->io.barrier_waits = false;
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        uint64_t here = 0;
        sb_gate_alignment a = sb_gate_barrier(&unit->gates[i], &here);
        unit->io.barrier_waits |= a == SB_GATE_ALIGNED || sb_gate_has_barrier(&unit->gates[i]);
        if (a == SB_GATE_OPEN) {
            agree = all_ended = false;
        } else if (a == SB_GATE_ALIGNED) {
            all_ended = false;
            agree &= checkpoint == 0 || checkpoint == here;
            checkpoint = here > checkpoint ? here : checkpoint;
        }
    }
    if (all_ended) {
        uint64_t trigger = atomic_load(&unit->graph->trigger);
        bool deaf = unit->graph->mutants->no_ended_trigger && unit->io.count_inputs > 0;
        unit->io.barrier_waits = trigger > unit->last_barrier;
        return trigger > unit->last_barrier && !deaf ? trigger : 0;
    }
    if (agree) {
        return checkpoint;
    }
    /* One input is at a newer checkpoint than the other: the older one was given up. */
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        uint64_t here = 0;
        if (sb_gate_barrier(&unit->gates[i], &here) == SB_GATE_ALIGNED && here < checkpoint) {
            sb_gate_release(&unit->gates[i], here);
        }
    }
    return 0;
}

/* --- the piece --- */

static void
unit_send_barrier(sb_unit *unit, uint64_t checkpoint)
{
    if (!unit->finished) {
        for (int32_t i = 0; i < unit->io.count_ports; i++) {
            sb_outlet_control(&unit->outlets[i],
                              (sb_element){.kind = SB_EL_BARRIER, .checkpoint = checkpoint});
        }
    }
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        sb_gate_release(&unit->gates[i], checkpoint);
    }
    unit->last_barrier = checkpoint;
}

/* A unit that has finished reads its tables no more, in this job or in one that is restored: its
 * sources' lists of splits are complete. A drained job's are not: it can go on. */
static bool
unit_needs_state(const sb_unit *unit)
{
    return unit->state && unit->graph->job->store &&
           (!unit->finished || atomic_load(&unit->graph->drain));
}

static sb_status
unit_write_piece(sb_unit *unit, uint64_t checkpoint, sb_piece_record **out, sb_error *err)
{
    sb_piece_record *piece = sb_alloc_zero(unit->graph->job->mem, sizeof *piece);
    if (!piece) {
        SB_NOMEM(err);
    }
    piece->node_id = unit->node->node_id;
    piece->subtask = unit->subtask;
    piece->parallelism = unit->parallelism;
    piece->slot_from = unit->slot_from;
    piece->slot_to = unit->slot_to;
    sb_writer_init(&piece->bytes, unit->graph->job->mem);
    unit->taking = checkpoint;
    sb_status status = sb_piece_write(unit, &piece->bytes, err);
    if (status == SB_OK && unit_needs_state(unit)) {
        status = sb_state_freeze(unit->state, checkpoint, &unit->snapshot, err);
        unit->snapshot_id = checkpoint;
        unit->snapshot_cancelled = false;
        atomic_store(&unit->snapshot_written, false);
    }
    if (status != SB_OK) {
        sb_piece_record_free(unit->graph->job->mem, piece);
        return status;
    }
    *out = piece;
    return SB_OK;
}

static sb_status
unit_take(sb_unit *unit, uint64_t checkpoint, sb_error *err)
{
    sb_piece_record *piece = NULL;
    const sb_mutants *mutants = unit->graph->mutants;
    sb_crash_point("barrier-received");
    if (mutants->barrier_before_piece) {
        unit_send_barrier(unit, checkpoint);
    }
    if (!mutants->no_flush_at_barrier) {
        sb_io_push_all(&unit->io);
    }
    SB_TRY(sb_unit_check_ports(unit, err), err);
    bool wanted = checkpoint > atomic_load(&unit->graph->aborted) &&
                  !(unit->finished && mutants->finished_without_piece);
    if (wanted) {
        SB_TRY(unit_write_piece(unit, checkpoint, &piece, err), err);
    }
    if (!mutants->barrier_before_piece) {
        unit_send_barrier(unit, checkpoint);
    }
    sb_status status = sb_unit_check_ports(unit, err);
    if (status == SB_OK && piece) {
        return sb_snapshot_job_start(unit, checkpoint, piece, err);
    }
    if (piece) {
        sb_piece_record_free(unit->graph->job->mem, piece);
    }
    return status;
}

sb_status
sb_unit_barrier(sb_unit *unit, bool *out_progress, sb_error *err)
{
    uint64_t checkpoint = unit_aligned(unit);
    if (checkpoint == 0 || !heads_allow(unit)) {
        return SB_OK;
    }
    if (checkpoint <= unit->last_barrier) {
        for (int32_t i = 0; i < unit->io.count_inputs; i++) {
            sb_gate_release(&unit->gates[i], checkpoint);
        }
        *out_progress = true;
        return SB_OK;
    }
    if (unit->snapshot) {
        return SB_OK; /* one that was given up is still being written: sb_unit_mail ends it */
    }
    *out_progress = true;
    return unit_take(unit, checkpoint, err);
}

/* --- news --- */

static void
mail_snapshot(sb_unit *unit, bool *out_progress)
{
    uint64_t id = unit->snapshot_id;
    bool decided = atomic_load(&unit->graph->decided) == id;
    bool aborted = !decided && atomic_load(&unit->graph->aborted) >= id;
    if (aborted && !unit->snapshot_cancelled) {
        sb_state_snapshot_cancel(unit->snapshot);
        unit->snapshot_cancelled = true;
    }
    if ((decided || aborted) && atomic_load(&unit->snapshot_written)) {
        sb_state_snapshot_end(unit->snapshot, decided && !unit->graph->mutants->ack_before_write);
        unit->snapshot = NULL;
        *out_progress = true;
    }
}

sb_status
sb_unit_mail(sb_unit *unit, bool *out_progress, sb_error *err)
{
    if (unit->snapshot) {
        mail_snapshot(unit, out_progress);
    }
    if (unit->is_source) {
        SB_TRY(sb_source_op_decided(unit->op, atomic_load(&unit->graph->decided), err), err);
    } else if (unit->is_sink) {
        sb_sink_op_committed(unit->op, atomic_load(&unit->graph->committed));
    }
    return SB_OK;
}
