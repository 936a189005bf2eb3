/*
 * operators/window.c -- see window.h; and the operator that adds window columns to rows.
 *
 * DESIGN     Window assignment: TUMBLE keeps the vectors and adds three columns; HOP repeats each
 *            row once per window, the latest window first, as Flink does. A row may have more
 *            windows than there is room: how far it came is the cursor of the head row.
 * THREADS    T:task. No tables.
 */
#include "operators/window.h"

#include "operators/operators.h"

enum { STEP_BATCHES = 8 };

sb_status
sb_window_init(sb_window *w, const sb_window_spec *spec, sb_os *os, const char *zone, sb_error *err)
{
    *w = (sb_window){.spec = *spec};
    if (spec->local_zone) {
        SB_TRY(sb_zone_load(os, zone, &w->zone, err), err);
        if (sb_zone_is_utc(w->zone)) {
            w->zone = NULL;
        }
    }
    return SB_OK;
}

static sb_status
no_time(const char *column, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA,
            "time column \"%s\" is NULL: RowTime field should not be null, please convert it to a "
            "non-null long value.",
            column);
}

sb_status
sb_time_check(const sb_vector *time, const int32_t *rows, int32_t count, const char *column,
              sb_error *err)
{
    for (int32_t i = 0; time->validity && i < count; i++) {
        if (!sb_vector_valid(time, rows[i])) {
            return no_time(column, err);
        }
    }
    return SB_OK;
}

/* A NULL among the rows [from, to) of the head? */
static bool
has_null(const sb_batch *head, const sb_vector *time, int32_t from, int32_t to)
{
    uint64_t all = 1;
    if (!time->validity) {
        return false;
    }
    if (time->encoding != SB_FLAT) {
        for (int32_t i = from; i < to; i++) {
            all &= sb_vector_valid(time, sb_batch_row(head, i));
        }
    } else if (head->selection) {
        for (int32_t i = from; i < to; i++) {
            all &= time->validity[head->selection[i] >> 6] >> (head->selection[i] & 63);
        }
    } else {
        for (; from < to && (from & 63) != 0; from++) {
            all &= time->validity[from >> 6] >> (from & 63);
        }
        for (; to - from >= 64; from += 64) {
            all &= time->validity[from >> 6] == UINT64_MAX;
        }
        for (; from < to; from++) {
            all &= time->validity[from >> 6] >> (from & 63);
        }
    }
    return !(all & 1);
}

sb_status
sb_times_check(const sb_batch *head, int32_t column, int32_t from, int32_t to, sb_error *err)
{
    return has_null(head, head->columns[column], from, to)
               ? no_time(head->schema->fields[column].name, err)
               : SB_OK;
}

typedef struct window_assign_op {
    sb_op base;
    const sb_window_assign_node *body;
    sb_window window;
    int32_t windows;  /* per row */
    int32_t at;       /* windows of the head row that are out already; 0: none */
    int32_t capacity; /* positions of a batch */
    int32_t *rows;    /* physical row of each position */
    int64_t *ends;    /* window end of each position */
} window_assign_op;

static sb_status
window_assign_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    self->body = node->body;
    self->capacity = ctx->batch_rows;
    SB_TRY(sb_window_init(&self->window, &self->body->window, ctx->os, ctx->zone, err), err);
    self->windows = sb_window_slices(&self->window);
    self->rows = sb_alloc(ctx->mem, sizeof *self->rows * (size_t)self->capacity);
    self->ends = sb_alloc(ctx->mem, sizeof *self->ends * (size_t)self->capacity);
    if (!self->rows || !self->ends) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* One of the three window columns. */
static sb_vector *
window_column(const window_assign_op *self, sb_mem *mem, int32_t which, int32_t count)
{
    const sb_schema *schema = self->base.node->schema;
    const sb_type *type = &schema->fields[schema->count - 3 + which].type;
    sb_vector *out = sb_vector_alloc(mem, type, count, false);
    int64_t *values = out ? sb_vector_values_mut(out) : NULL;
    for (int32_t i = 0; out && i < count; i++) {
        int64_t end = self->ends[i];
        int64_t ms = which == 0   ? end - self->window.spec.size_ms
                     : which == 1 ? end
                                  : sb_window_time(&self->window, end);
        values[i] = (int64_t)(1000 * (uint64_t)ms);
    }
    return out;
}

/* All rows of the positions with their kinds and windows. NULL: out of memory. */
static sb_batch *
assigned_batch(const window_assign_op *self, sb_mem *mem, const sb_batch *head, int32_t count)
{
    int32_t columns = head->schema->count;
    size_t size = sizeof(sb_vector *) * (size_t)(columns + 3);
    sb_vector **out = sb_alloc_zero(mem, size);
    sb_buffer *ops = out && head->ops ? sb_buffer_new(mem, count) : NULL;
    bool ok = out && (ops || !head->ops);
    for (int32_t c = 0; ok && c < columns + 3; c++) {
        out[c] = c < columns ? sb_vector_gather(mem, head->columns[c], self->rows, count)
                             : window_column(self, mem, c - columns, count);
        ok = out[c] != NULL;
    }
    for (int32_t c = 0; !ok && out && c < columns + 3; c++) {
        sb_vector_unref(out[c]);
    }
    sb_batch *batch = ok ? sb_batch_new(mem, self->base.node->schema, out, count) : NULL;
    for (int32_t i = 0; batch && ops && i < count; i++) {
        ops->data[i] = head->ops[self->rows[i]];
    }
    if (batch && ops) {
        sb_batch_set_ops(batch, ops, ops->data);
    } else {
        sb_buffer_unref(ops);
    }
    sb_free(mem, out, out ? size : 0);
    return batch;
}

/* Positions for rows of the head before `end`, the latest window of a row first, as Flink does. */
static sb_status
collect(window_assign_op *self, const sb_input *in, int32_t end, int32_t room,
        int32_t *out_positions, int32_t *out_rows, sb_error *err)
{
    const sb_batch *head = in->head;
    const sb_vector *time = head->columns[self->body->time];
    int32_t n = 0, row = in->row;
    SB_TRY(sb_times_check(head, self->body->time, row, end, err), err);
    while (row < end && n < room) {
        int32_t physical = sb_batch_row(head, row);
        int64_t local_ms = sb_window_local(&self->window, sb_time_ms(time, physical));
        int64_t slice_end = sb_window_slice_end(&self->window, local_ms);
        for (; self->at < self->windows && n < room; self->at++) {
            self->rows[n] = physical;
            self->ends[n++] =
                slice_end + (self->windows - 1 - self->at) * self->window.spec.slide_ms;
        }
        if (self->at == self->windows) {
            self->at = 0;
            row++;
        }
    }
    *out_positions = n;
    *out_rows = row - in->row;
    return SB_OK;
}

static sb_status
assign_run(window_assign_op *self, sb_io *io, int32_t room, sb_error *err)
{
    int32_t positions, rows;
    room = room < self->capacity ? room : self->capacity;
    SB_TRY(collect(self, &io->in[0], sb_io_run_end(io, 0), room, &positions, &rows, err), err);
    sb_batch *batch = assigned_batch(self, io->mem, io->in[0].head, positions);
    if (!batch) {
        SB_NOMEM(err);
    }
    sb_port_push(io, 0, batch);
    sb_io_consume(io, 0, rows);
    return SB_OK;
}

static sb_step
window_assign_step(sb_op *op, sb_io *io, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    sb_input *in = &io->in[0];
    for (int32_t batches = 0;; batches++) {
        if (sb_io_target_ms(io) > io->done_ms) {
            sb_io_advance_done(io, true);
        }
        if (!in->head) {
            return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
        }
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        if (sb_io_head_done(io, 0)) {
            return SB_WAIT_INPUT;
        }
        int32_t room = sb_port_room(io, 0);
        if (room == 0) {
            return SB_WAIT_ROOM;
        }
        if (batches >= STEP_BATCHES) {
            return SB_STEP_AGAIN;
        }
        if (assign_run(self, io, room, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
    }
}

static sb_status
window_assign_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    sb_write_u32(w, (uint32_t)self->at);
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
window_assign_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    sb_reader r = piece->op;
    uint32_t at = sb_read_u32(&r);
    SB_TRY(sb_reader_done(&r, "window cursor", err), err);
    if (at >= (uint32_t)self->windows) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "window cursor %u is beyond the %d windows of a row", at,
                (int)self->windows);
    }
    self->at = piece->head_is_mine[0] ? (int32_t)at : 0;
    return SB_OK;
}

static void
window_assign_close(sb_op *op)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    sb_free(op->mem, self->rows, self->rows ? sizeof *self->rows * (size_t)self->capacity : 0);
    sb_free(op->mem, self->ends, self->ends ? sizeof *self->ends * (size_t)self->capacity : 0);
    self->rows = NULL;
    self->ends = NULL;
}

static void
window_assign_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "WindowTableFunction(%s)",
                   op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_window_assign = {
    .name = "WindowTableFunction",
    .instance_size = sizeof(window_assign_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_ANY,
    .init = window_assign_init,
    .step = window_assign_step,
    .snapshot = window_assign_snapshot,
    .restore = window_assign_restore,
    .close = window_assign_close,
    .describe = window_assign_describe,
};
