/*
 * operators/window.c -- see window.h; and the operator that adds window columns to rows.
 *
 * DESIGN     Window assignment: TUMBLE keeps the vectors and adds three columns; HOP repeats each
 *            row once per window, the latest window first, as Flink does (repeat.h).
 * THREADS    T:task. No tables.
 */
#include "operators/window.h"

#include "operators/operators.h"
#include "operators/repeat.h"

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
    int32_t windows; /* per row */
    sb_repeat repeat;
    int64_t *ends; /* window end of each position */
} window_assign_op;

static sb_status
window_assign_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    self->body = node->body;
    SB_TRY(sb_window_init(&self->window, &self->body->window, ctx->os, ctx->zone, err), err);
    self->windows = sb_window_slices(&self->window);
    SB_TRY(sb_repeat_init(&self->repeat, ctx->mem, ctx->batch_rows, err), err);
    self->ends = sb_alloc(ctx->mem, sizeof *self->ends * (size_t)ctx->batch_rows);
    if (!self->ends) {
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

/* The latest window of a row comes first. */
static void
place_windows(window_assign_op *self, const sb_vector *time)
{
    const sb_repeat *repeat = &self->repeat;
    int64_t slice_end = 0;
    int32_t before = -1;
    for (int32_t i = 0; i < repeat->count; i++) {
        if (repeat->rows[i] != before) {
            before = repeat->rows[i];
            slice_end = sb_window_slice_end(
                &self->window, sb_window_local(&self->window, sb_time_ms(time, before)));
        }
        self->ends[i] =
            slice_end + (self->windows - 1 - repeat->copies[i]) * self->window.spec.slide_ms;
    }
}

static int32_t
count_windows(void *ctx, int32_t physical)
{
    (void)physical;
    return ((const window_assign_op *)ctx)->windows;
}

static void
assign_columns(sb_op *op, sb_mem *mem, const sb_batch *head, sb_vector **out)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    int32_t first = op->node->schema->count - 3;
    place_windows(self, head->columns[self->body->time]);
    for (int32_t i = 0; i < 3; i++) {
        out[first + i] = window_column(self, mem, i, self->repeat.count);
    }
}

static sb_status
assign_run(sb_op *op, sb_io *io, int32_t room, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    const sb_input *in = &io->in[0];
    int32_t end = sb_io_run_end(io, 0);
    SB_TRY(sb_times_check(in->head, self->body->time, in->row, end, err), err);
    int32_t rows = sb_repeat_fill(&self->repeat, in, end, room, count_windows, self);
    return sb_repeat_emit(&self->repeat, op, io, rows, assign_columns, err);
}

static sb_step
window_assign_step(sb_op *op, sb_io *io, sb_error *err)
{
    return sb_repeat_step(op, io, assign_run, err);
}

static sb_status
window_assign_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    return sb_repeat_snapshot(&SB_OP_CAST(op, window_assign_op, &sb_op_window_assign)->repeat, w,
                              err);
}

static sb_status
window_assign_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    return sb_repeat_restore(&self->repeat, piece, self->windows, err);
}

static void
window_assign_close(sb_op *op)
{
    window_assign_op *self = SB_OP_CAST(op, window_assign_op, &sb_op_window_assign);
    size_t size = sizeof *self->ends * (size_t)self->repeat.capacity;
    sb_free(op->mem, self->ends, self->ends ? size : 0);
    self->ends = NULL;
    sb_repeat_deinit(&self->repeat);
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
