/*
 * runtime/sink_op.c -- see sink_op.h.
 *
 * DESIGN     Rows go to sb_sink as whole heads; the cursor follows what it took. At a barrier it
 *            prepares: the handle is kept, and written into every piece, until the commit of the
 *            first checkpoint that held it has returned. At the end of input it prepares a last
 *            time, under the number after the last barrier, so the handle is in the next checkpoint
 *            whatever its number will be. A node with `collect` hands batches to the caller; a
 *            refused one waits.
 * OWNERSHIP  Handles are copies.
 * THREADS    T:task
 */
#include "runtime/sink_op.h"

#include "runtime/job_priv.h"
#include "runtime/sink_length.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#define FULL_AGAIN_MS 50 /* a sink without room is asked again after this, if it does not call */

typedef struct kept_handle {
    uint64_t checkpoint; /* that prepared it: decides the order of commits */
    uint64_t in_piece;   /* first checkpoint whose piece has it; 0: none yet */
    sb_writer bytes;
} kept_handle;

typedef struct sink_op {
    sb_op base;
    sb_unit *unit;
    const sb_sink_node *body;
    const sb_sink_vtable *vtable;
    sb_sink *sink; /* NULL: collect */
    sb_sink_init init;
    kept_handle *handles;
    int32_t count_handles, capacity_handles;
    bool closed; /* the last prepare was done */
} sink_op;

static sink_op *
sink_of(sb_op *op)
{
    return SB_OP_CAST(op, sink_op, &sb_sink_op);
}

static sb_status
sink_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    sink_op *self = sink_of(op);
    sb_unit *unit = (sb_unit *)(void *)((char *)ctx - offsetof(sb_unit, init));
    const sb_job_config *config = &unit->graph->job->config;
    self->unit = unit;
    self->body = node->body;
    if (self->body->collect) {
        return SB_OK;
    }
    self->vtable = config->factories->connector(self->body->table->connector)->sink;
    self->init = (sb_sink_init){.mem = ctx->mem,
                                .os = ctx->os,
                                .node = self->body,
                                .input = ctx->inputs[0],
                                .subtask = ctx->subtask,
                                .parallelism = ctx->parallelism,
                                .zone = ctx->zone,
                                .job_id = config->job_id,
                                .attempt = unit->graph->attempt,
                                .metrics = ctx->metrics,
                                .wake = sb_task_signal,
                                .wake_ctx = unit->task,
                                .note = sb_job_note,
                                .note_ctx = unit->graph->job};
    if (self->vtable->decider && self->vtable->decider(self->body)) {
        self->init.decider = unit->graph->job->decider;
    }
    self->sink = sb_alloc_zero(ctx->mem, self->vtable->instance_size);
    if (!self->sink) {
        SB_NOMEM(err);
    }
    self->sink->vtable = self->vtable;
    self->sink->ctx = &self->init;
    return self->vtable->init(self->sink, &self->init, err);
}

static void
sink_close(sb_op *op)
{
    sink_op *self = sink_of(op);
    if (self->sink) {
        if (self->vtable->close) {
            self->vtable->close(self->sink);
        }
        sb_free(self->init.mem, self->sink, self->vtable->instance_size);
        self->sink = NULL;
    }
    for (int32_t i = 0; i < self->count_handles; i++) {
        sb_writer_deinit(&self->handles[i].bytes);
    }
    sb_free(op->mem, self->handles, sizeof *self->handles * (size_t)self->capacity_handles);
    self->handles = NULL;
    self->count_handles = self->capacity_handles = 0;
}

/* --- rows --- */

/* Moves the cursor over `rows` rows and the marks between and right behind them. */
static void
sink_consume(sb_io *io, int32_t rows)
{
    const sb_input *in = &io->in[0];
    for (;;) {
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        int32_t run = sb_io_run_end(io, 0) - in->row;
        run = run < rows ? run : rows;
        if (run == 0) {
            break;
        }
        sb_io_consume(io, 0, run);
        rows -= run;
    }
}

static sb_step
sink_collect(sink_op *self, sb_io *io, sb_error *err)
{
    const sb_job_config *config = &self->unit->graph->job->config;
    const sb_input *in = &io->in[0];
    int32_t rows = in->head->count_rows - in->row;
    sb_batch *batch =
        sb_batch_slice(self->base.mem, in->head, in->row, in->head->count_rows, false);
    if (!batch) {
        sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        return SB_STEP_FAIL;
    }
    if (config->collect) {
        if (!config->collect(config->collect_ctx, self->base.node->node_id, batch)) {
            sb_batch_free(batch);
            return SB_WAIT_ASYNC;
        }
    } else {
        sb_batch_free(batch);
    }
    sink_consume(io, rows);
    return SB_STEP_AGAIN;
}

/* table.exec.sink.not-null-enforcer: a row with a NULL in such a column fails the job or is left
 * out of the head. Deletes that carry the key only are let through. */
static sb_status
sink_enforce(sink_op *self, const sb_input *in, int32_t column, sb_error *err)
{
    sb_batch *head = (sb_batch *)(uintptr_t)in->head;
    const sb_vector *values = head->columns[column];
    bool by_key = self->base.node->inputs[0]->traits.delete_by_key;
    size_t size = sizeof(int32_t) * (size_t)(head->count_rows + 1);
    int32_t kept = 0, *keep = sb_alloc(self->base.mem, size);
    if (!keep) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < head->count_rows; i++) {
        int32_t row = sb_batch_row(head, i);
        if (sb_vector_valid(values, row) || (by_key && sb_batch_op(head, row) == SB_ROW_DELETE)) {
            keep[kept++] = i;
        }
    }
    sb_status status = SB_OK;
    if (kept < head->count_rows && self->body->drop_nulls) {
        self->base.metrics->dropped_rows += head->count_rows - kept;
        status = sb_batch_filter(head, keep, kept, err);
    } else if (kept < head->count_rows) {
        status = sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__,
                              "Column '%s' is NOT NULL, however, a null value is being written "
                              "into it. You can set job configuration "
                              "'table.exec.sink.not-null-enforcer'='DROP' to suppress this "
                              "exception and drop such records silently.",
                              self->body->table->columns->fields[column].name);
    }
    sb_free(self->base.mem, keep, size);
    return status;
}

static sb_status
sink_enforce_all(sink_op *self, const sb_input *in, sb_error *err)
{
    for (int32_t i = 0; i < self->body->not_null.count; i++) {
        int32_t column = self->body->not_null.at[i];
        if (in->head->columns[column]->validity ||
            in->head->columns[column]->phys == SB_PHYS_NULL) {
            SB_TRY(sink_enforce(self, in, column, err), err);
        }
    }
    return self->body->lengths == SB_SINK_LENGTHS_IGNORE
               ? SB_OK
               : sb_sink_enforce_lengths(self->base.mem, self->body,
                                         (sb_batch *)(uintptr_t)in->head, err);
}

static sb_step
sink_rows(sink_op *self, sb_io *io, sb_error *err)
{
    const sb_input *in = &io->in[0];
    int32_t taken = 0;
    if (!self->sink) {
        return sink_collect(self, io, err);
    }
    if (self->vtable->write(self->sink, in->head, in->row, io->now_ms, &taken, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    sb_assert(taken >= 0 && taken <= in->head->count_rows - in->row);
    if (taken == 0) {
        sb_io_wake_at(io, io->now_ms + FULL_AGAIN_MS);
        return SB_WAIT_ASYNC | SB_WAIT_CLOCK;
    }
    sink_consume(io, taken);
    return SB_STEP_AGAIN;
}

static sb_status
sink_prepare(sink_op *self, uint64_t checkpoint, bool last, sb_error *err)
{
    if (!self->sink || self->closed) {
        return SB_OK;
    }
    if (self->count_handles == self->capacity_handles) {
        int32_t capacity = self->capacity_handles ? 2 * self->capacity_handles : 4;
        kept_handle *handles = sb_realloc(self->base.mem, self->handles,
                                          sizeof *handles * (size_t)self->capacity_handles,
                                          sizeof *handles * (size_t)capacity);
        if (!handles) {
            SB_NOMEM(err);
        }
        self->handles = handles;
        self->capacity_handles = capacity;
    }
    kept_handle *handle = &self->handles[self->count_handles];
    *handle = (kept_handle){.checkpoint = checkpoint};
    sb_writer_init(&handle->bytes, self->base.mem);
    sb_status status = self->vtable->prepare ? self->vtable->prepare(self->sink, checkpoint, last,
                                                                     &handle->bytes, err)
                                             : SB_OK;
    if (status == SB_OK && handle->bytes.out.failed) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        sb_writer_deinit(&handle->bytes);
        return status;
    }
    self->count_handles++;
    self->closed = last;
    return SB_OK;
}

/* Nothing to write: what a sink does by the clock. */
static sb_step
sink_tick(sink_op *self, sb_io *io, sb_error *err)
{
    int64_t again_ms = 0;
    if (!self->sink || !self->vtable->tick) {
        return SB_WAIT_INPUT;
    }
    if (self->vtable->tick(self->sink, io->now_ms, &again_ms, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (again_ms == 0) {
        return SB_WAIT_INPUT;
    }
    sb_io_wake_at(io, again_ms);
    return SB_WAIT_INPUT | SB_WAIT_CLOCK;
}

static sb_step
sink_step(sb_op *op, sb_io *io, sb_error *err)
{
    sink_op *self = sink_of(op);
    const sb_input *in = &io->in[0];
    if (sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, false);
    }
    if (!in->head) {
        if (!in->ended) {
            return sink_tick(self, io, err);
        }
        return sink_prepare(self, self->unit->last_barrier + 1, true, err) == SB_OK ? SB_STEP_DONE
                                                                                    : SB_STEP_FAIL;
    }
    if (in->row == 0 && in->mark == 0 && sink_enforce_all(self, in, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (in->row < in->head->count_rows) {
        return sink_rows(self, io, err);
    }
    sink_consume(io, 0);
    return SB_STEP_AGAIN;
}

/* --- checkpoints --- */

static sb_status
sink_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    sink_op *self = sink_of(op);
    uint64_t checkpoint = self->unit->taking;
    uint64_t stop_at = atomic_load(&self->unit->graph->stop_at);
    bool last = stop_at != 0 && checkpoint >= stop_at;
    SB_TRY(sink_prepare(self, checkpoint, last, err), err);
    for (int32_t i = 0; i < self->count_handles; i++) {
        if (self->handles[i].in_piece == 0) {
            self->handles[i].in_piece = checkpoint;
        }
    }
    if (self->sink && self->vtable->snapshot) {
        SB_TRY(self->vtable->snapshot(self->sink, w, err), err);
    }
    return SB_OK;
}

static sb_status
sink_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    sink_op *self = sink_of(op);
    sb_reader r = piece->op;
    if (self->sink && self->vtable->restore && sb_reader_left(&r) > 0) {
        return self->vtable->restore(self->sink, &r, err);
    }
    return SB_OK;
}

void
sb_sink_op_write_handles(const sb_op *op, sb_writer *w)
{
    const sink_op *self = (const sink_op *)(const void *)op;
    bool only_new = self->unit->graph->mutants->handle_forgotten;
    uint64_t count = 0;
    for (int32_t i = 0; i < self->count_handles; i++) {
        count += !only_new || self->handles[i].in_piece == self->unit->taking;
    }
    sb_write_varint(w, count);
    for (int32_t i = 0; i < self->count_handles; i++) {
        const kept_handle *handle = &self->handles[i];
        if (!only_new || handle->in_piece == self->unit->taking) {
            sb_write_u64(w, handle->checkpoint);
            sb_write_str(w, (sb_str){handle->bytes.out.data, handle->bytes.out.size});
        }
    }
}

void
sb_sink_op_committed(sb_op *op, uint64_t checkpoint)
{
    sink_op *self = sink_of(op);
    int32_t kept = 0;
    for (int32_t i = 0; i < self->count_handles; i++) {
        kept_handle *handle = &self->handles[i];
        if (handle->in_piece != 0 && handle->in_piece <= checkpoint) {
            sb_writer_deinit(&handle->bytes);
        } else {
            self->handles[kept++] = *handle;
        }
    }
    self->count_handles = kept;
}

static void
sink_describe(const sb_op *op, sb_text *out)
{
    const sink_op *self = (const sink_op *)(const void *)op;
    sb_text_printf(out, "Sink(%s)", self->body->collect ? "result" : self->body->table->name);
}

const sb_op_vtable sb_sink_op = {
    .name = "Sink",
    .instance_size = sizeof(sink_op),
    .count_inputs = 1,
    .count_ports = 0, /* the graph knows: a sink has none */
    .dist = SB_DIST_ANY,
    .init = sink_init,
    .step = sink_step,
    .snapshot = sink_snapshot,
    .restore = sink_restore,
    .close = sink_close,
    .describe = sink_describe,
};
