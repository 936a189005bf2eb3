/*
 * runtime/snapshot_job.c -- see snapshot_job.h.
 *
 * DESIGN     The unit outlives the job: the pool is emptied before a graph is freed.
 *            snapshot_written is the last thing set, so the task ends the snapshot only when nobody
 *            reads it any more.
 */
#include "runtime/snapshot_job.h"

#include "runtime/job_priv.h"

#include <stdatomic.h>
#include <stdio.h>

/* The descriptor of a state without tables is shorter than this, any other is longer: it says
 * nothing and is left out. */
#define EMPTY_DESCRIPTOR 48

typedef struct snapshot_job {
    sb_unit *unit;
    uint64_t checkpoint;
    sb_piece_record *piece; /* owned until acknowledged */
} snapshot_job;

static void
snapshot_done(snapshot_job *self)
{
    sb_unit *unit = self->unit;
    sb_mem *mem = unit->graph->job->mem;
    sb_piece_record_free(mem, self->piece);
    sb_free(mem, self, sizeof *self);
    atomic_store(&unit->snapshot_written, true);
    sb_task_signal(unit->task);
}

static void
snapshot_run(void *ctx)
{
    snapshot_job *self = ctx;
    sb_unit *unit = self->unit;
    sb_job *job = unit->graph->job;
    sb_writer state;
    char prefix[64];
    sb_error err;
    sb_error_clear(&err);
    snprintf(prefix, sizeof prefix, SB_STATE_PREFIX "%08x-%d", unit->node->node_id, unit->subtask);
    sb_writer_init(&state, job->mem);
    sb_crash_point("snapshot-write");
    sb_status status = sb_state_snapshot_write(unit->snapshot, job->store, prefix, &state, &err);
    if (status == SB_OK && self->piece) {
        sb_piece_write_state(&self->piece->bytes,
                             state.out.size < EMPTY_DESCRIPTOR ? NULL : &state);
        if (state.out.failed || self->piece->bytes.out.failed) {
            status = sb_error_set(&err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        }
    }
    sb_writer_deinit(&state);
    if (status != SB_OK) {
        sb_error_prefix(&err, "state of %s %d/%d", unit->vtable->name, unit->subtask + 1,
                        unit->parallelism);
        sb_coordinator_decline(job, self->checkpoint, &err);
    } else if (self->piece) {
        sb_coordinator_ack(job, unit->index, self->checkpoint, self->piece);
        self->piece = NULL;
    }
    snapshot_done(self);
}

static void
snapshot_drop(void *ctx)
{
    snapshot_done(ctx);
}

static sb_status
acknowledge_now(sb_unit *unit, uint64_t checkpoint, sb_piece_record *piece, sb_error *err)
{
    sb_job *job = unit->graph->job;
    sb_piece_write_state(&piece->bytes, NULL);
    if (piece->bytes.out.failed) {
        sb_piece_record_free(job->mem, piece);
        SB_NOMEM(err);
    }
    sb_coordinator_ack(job, unit->index, checkpoint, piece);
    return SB_OK;
}

sb_status
sb_snapshot_job_start(sb_unit *unit, uint64_t checkpoint, sb_piece_record *piece, sb_error *err)
{
    sb_job *job = unit->graph->job;
    if (!unit->snapshot) {
        return acknowledge_now(unit, checkpoint, piece, err);
    }
    snapshot_job *self = sb_alloc_zero(job->mem, sizeof *self);
    if (!self) {
        sb_piece_record_free(job->mem, piece);
        SB_NOMEM(err);
    }
    self->unit = unit;
    self->checkpoint = checkpoint;
    if (job->mutants.ack_before_write) {
        sb_status status = acknowledge_now(unit, checkpoint, piece, err);
        if (status != SB_OK) {
            sb_free(job->mem, self, sizeof *self);
            return status;
        }
    } else {
        self->piece = piece;
    }
    return sb_io_pool_submit(job->pool, (sb_io_job){snapshot_run, snapshot_drop, self}, err);
}
