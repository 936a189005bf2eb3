/*
 * operators/watermark.c -- makes watermarks from rows: per split, as marks with an exact place (R1
 * to R6).
 *
 * DESIGN     Sits in the source's chain. Per split it keeps the highest watermark value and whether
 *            the split is idle; the watermark is the minimum over splits that are neither idle nor
 *            finished. A split that was announced but has no rows yet holds it back. A mark stands
 *            after the row that caused it. Emission depends on rows only: each raise (on-event, or
 *            interval 0), or a raise above the last emitted by more than the interval (event time).
 *            Only when no row is waiting does the clock emit what is held back. A restored instance
 *            announces again exactly what it had emitted; one made of several pieces what the
 *            lowest had, and no split holds back: else rows would become late that were not.
 * THREADS    T:task. State: a list of splits (SB_DIST_SPLIT).
 */
#include "operators/operators.h"
#include "operators/window.h"

typedef struct wm_split {
    int32_t ordinal;
    int64_t max_ms; /* highest watermark value of its rows; SB_WM_MIN before any */
    /* processing time of its last row, for idleness; INT64_MIN: restored, its silence begins now */
    int64_t last_row_ms;
    bool idle;
} wm_split;

typedef struct watermark_op {
    sb_op base;
    const sb_watermark_node *body;
    sb_eval *eval;
    int32_t subtask, parallelism;
    wm_split *splits;
    int32_t count, capacity;
    int64_t emitted_ms; /* last mark given to the port */
    bool restored;      /* emitted_ms comes from pieces */
    bool announces;     /* ... and is to be given again */
    /* processing time since which a raise is held back with no row waiting; INT64_MAX: none */
    int64_t held_since_ms;
    sb_mark *marks; /* scratch */
    int32_t capacity_marks;
} watermark_op;

static sb_status
watermark_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    watermark_op *self = SB_OP_CAST(op, watermark_op, &sb_op_watermark);
    self->body = node->body;
    self->subtask = ctx->subtask;
    self->parallelism = ctx->parallelism;
    self->emitted_ms = SB_WM_MIN;
    self->held_since_ms = INT64_MAX;
    sb_expr *expr = self->body->expr;
    return sb_eval_new(ctx->mem, ctx->inputs[0], &expr, 1, ctx->zone, &self->eval, err);
}

static wm_split *
find_split(watermark_op *self, int32_t ordinal)
{
    for (int32_t i = 0; i < self->count; i++) {
        if (self->splits[i].ordinal == ordinal) {
            return &self->splits[i];
        }
    }
    return NULL;
}

static sb_status
add_split(watermark_op *self, int32_t ordinal, int64_t max_ms, int64_t now_ms, wm_split **out,
          sb_error *err)
{
    wm_split *split = find_split(self, ordinal);
    if (!split) {
        if (self->count == self->capacity) {
            int32_t capacity = self->capacity ? 2 * self->capacity : 4;
            wm_split *grown =
                sb_realloc(self->base.mem, self->splits, sizeof *grown * (size_t)self->capacity,
                           sizeof *grown * (size_t)capacity);
            if (!grown) {
                SB_NOMEM(err);
            }
            self->splits = grown;
            self->capacity = capacity;
        }
        split = &self->splits[self->count++];
        *split = (wm_split){.ordinal = ordinal, .max_ms = max_ms, .last_row_ms = now_ms};
    }
    *out = split;
    return SB_OK;
}

static void
end_split(watermark_op *self, int32_t ordinal)
{
    wm_split *split = find_split(self, ordinal);
    if (split) {
        *split = self->splits[--self->count];
    }
}

/* Minimum over active splits, leaving one out (NULL: none). SB_WM_MAX: no other active split. */
static int64_t
minimum(const watermark_op *self, const wm_split *except)
{
    int64_t low = SB_WM_MAX;
    for (int32_t i = 0; i < self->count; i++) {
        const wm_split *s = &self->splits[i];
        if (s != except && !s->idle && s->max_ms < low) {
            low = s->max_ms;
        }
    }
    return low;
}

static bool
emits(const watermark_op *self, int64_t watermark_ms)
{
    if (watermark_ms <= self->emitted_ms) {
        return false;
    }
    if (self->body->on_event || self->body->interval_ms <= 0 || self->emitted_ms == SB_WM_MIN) {
        return true;
    }
    return (uint64_t)watermark_ms - (uint64_t)self->emitted_ms > (uint64_t)self->body->interval_ms;
}

/* The first microsecond of the next millisecond; the largest number if there is none. */
static int64_t
after_ms(int64_t ms)
{
    int64_t us;
    bool beyond = __builtin_add_overflow(ms, 1, &us) || __builtin_mul_overflow(us, 1000, &us);
    return !beyond ? us : ms < 0 ? INT64_MIN : INT64_MAX;
}

/* Marks that rows [from, count) of the head cause; rows of the new batch are counted from 0. */
static int32_t
make_marks(watermark_op *self, wm_split *split, const sb_batch *head, const sb_vector *values,
           int32_t from)
{
    int64_t others = minimum(self, split), above_us = after_ms(split->max_ms);
    bool flat = values->encoding == SB_FLAT;
    const int64_t *times = values->values;
    int32_t n = 0;
    for (int32_t i = from; i < head->count_rows; i++) {
        int32_t row = sb_batch_row(head, i);
        int64_t us = flat ? times[row] : *(const int64_t *)sb_vector_at(values, row);
        if (us < above_us || !sb_vector_valid(values, row)) {
            continue; /* NULL: no watermark from this row (R2) */
        }
        int64_t ms = sb_ms_of_us(us);
        split->max_ms = ms;
        above_us = after_ms(ms);
        int64_t combined = ms < others ? ms : others;
        if (emits(self, combined)) {
            self->marks[n++] = (sb_mark){i - from + 1, combined};
            self->emitted_ms = combined;
        }
    }
    return n;
}

static sb_status
pass_rows(watermark_op *self, sb_io *io, sb_error *err)
{
    sb_input *in = &io->in[0];
    const sb_batch *head = in->head;
    int32_t count = head->count_rows - in->row;
    wm_split *split;
    SB_TRY(add_split(self, head->split, SB_WM_MIN, io->now_ms, &split, err), err);
    split->last_row_ms = io->now_ms;
    split->idle = false;
    SB_TRY(sb_times_check(head, self->body->rowtime, in->row, head->count_rows, err), err);
    if (count > self->capacity_marks) {
        sb_mark *grown =
            sb_realloc(self->base.mem, self->marks, sizeof *grown * (size_t)self->capacity_marks,
                       sizeof *grown * (size_t)count);
        if (!grown) {
            SB_NOMEM(err);
        }
        self->marks = grown;
        self->capacity_marks = count;
    }
    sb_vector *values;
    SB_TRY(sb_eval_run(self->eval, head, &io->eval, &values, err), err);
    sb_batch *out = sb_batch_slice(io->mem, head, in->row, head->count_rows, false);
    if (!out) {
        sb_vector_unref(values);
        SB_NOMEM(err);
    }
    int32_t marks = make_marks(self, split, head, values, in->row);
    sb_vector_unref(values);
    sb_status status = sb_batch_set_marks(out, self->marks, marks, err);
    if (status != SB_OK) {
        sb_batch_free(out);
        return status;
    }
    out->schema = self->base.node->schema;
    sb_port_push(io, 0, out);
    sb_io_consume(io, 0, count);
    if (io->split_watermark) {
        io->split_watermark(io->split_ctx, split->ordinal, split->max_ms);
    }
    return SB_OK;
}

static sb_split_state
split_state(const sb_io *io, int32_t ordinal)
{
    return io->split_state ? io->split_state(io->split_ctx, ordinal) : SB_SPLIT_RUNNING;
}

/* A head without rows: a split begins or ends, or the source's own marks (end of input). */
static sb_status
pass_news(watermark_op *self, sb_io *io, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    if (head->split >= 0 && split_state(io, head->split) == SB_SPLIT_ENDED) {
        end_split(self, head->split);
        int64_t combined = minimum(self, NULL);
        if (self->count > 0 && combined != SB_WM_MAX && emits(self, combined)) {
            self->emitted_ms = combined;
            sb_port_mark(io, 0, combined);
        }
    } else if (head->split >= 0) {
        wm_split *split;
        SB_TRY(add_split(self, head->split, SB_WM_MIN, io->now_ms, &split, err), err);
    }
    while (sb_io_mark_here(io, 0)) {
        sb_io_take_mark(io, 0);
    }
    return SB_OK;
}

/* Idleness (R6) and what the clock has to emit, with no row waiting. */
static void
tick(watermark_op *self, sb_io *io)
{
    bool active = self->count == 0;
    for (int32_t i = 0; i < self->count; i++) {
        wm_split *s = &self->splits[i];
        if (s->last_row_ms == INT64_MIN || split_state(io, s->ordinal) == SB_SPLIT_PAUSED) {
            s->last_row_ms = io->now_ms; /* its silence is not its own (R6) */
        }
        if (self->body->idle_timeout_ms > 0 && !s->idle) {
            int64_t until = s->last_row_ms + self->body->idle_timeout_ms;
            s->idle = io->now_ms >= until;
            if (!s->idle) {
                sb_io_wake_at(io, until);
            }
        }
        active = active || !s->idle;
    }
    int64_t combined = minimum(self, NULL);
    if (!active) { /* the last active split went idle: what it held back is let go, then IDLE (R5)
                    */
        combined = SB_WM_MIN;
        for (int32_t i = 0; i < self->count; i++) {
            combined = self->splits[i].max_ms > combined ? self->splits[i].max_ms : combined;
        }
    }
    bool held = combined != SB_WM_MAX && combined > self->emitted_ms;
    if (!held) {
        self->held_since_ms = INT64_MAX;
    } else if (self->held_since_ms == INT64_MAX) {
        self->held_since_ms = io->now_ms;
    }
    if (held && (!active || io->now_ms - self->held_since_ms >= self->body->interval_ms)) {
        self->emitted_ms = combined;
        self->held_since_ms = INT64_MAX;
        sb_port_mark(io, 0, combined);
    } else if (held) {
        sb_io_wake_at(io, self->held_since_ms + self->body->interval_ms);
    }
    sb_io_set_idle(io, !active);
}

static sb_step
watermark_step(sb_op *op, sb_io *io, sb_error *err)
{
    watermark_op *self = SB_OP_CAST(op, watermark_op, &sb_op_watermark);
    sb_input *in = &io->in[0];
    if (self->announces && self->emitted_ms != SB_WM_MIN) {
        sb_port_mark(io, 0, self->emitted_ms);
    }
    self->announces = false;
    if (sb_io_target_ms(io) > io->done_ms) { /* only the end of input moves the input's clock */
        sb_io_advance_done(io, true);
    }
    if (!in->head) {
        if (in->ended) {
            return SB_STEP_DONE;
        }
        tick(self, io);
        return SB_WAIT_INPUT | SB_WAIT_CLOCK;
    }
    self->held_since_ms = INT64_MAX;
    if (in->row < in->head->count_rows) {
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        if (io->idle_out) {
            sb_io_set_idle(io, false);
        }
        if (pass_rows(self, io, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        while (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
        }
    } else if (pass_news(self, io, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    return SB_WAIT_INPUT;
}

static sb_status
watermark_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    watermark_op *self = SB_OP_CAST(op, watermark_op, &sb_op_watermark);
    sb_write_i64(w, self->emitted_ms);
    sb_write_u32(w, (uint32_t)self->count);
    for (int32_t i = 0; i < self->count; i++) {
        sb_write_u32(w, (uint32_t)self->splits[i].ordinal);
        sb_write_i64(w, self->splits[i].max_ms);
    }
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static int64_t
lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Also while steps run between two pieces. */
static sb_status
watermark_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    watermark_op *self = SB_OP_CAST(op, watermark_op, &sb_op_watermark);
    sb_reader r = piece->op;
    int64_t emitted = sb_read_i64(&r);
    uint32_t count = sb_read_u32(&r);
    bool own = false;
    for (uint32_t i = 0; i < count && !r.failed; i++) {
        int32_t ordinal = (int32_t)sb_read_u32(&r);
        int64_t max_ms = sb_read_i64(&r);
        if (ordinal >= 0 && ordinal % self->parallelism == self->subtask) {
            wm_split *split;
            SB_TRY(add_split(self, ordinal, max_ms, INT64_MIN, &split, err), err);
            own = true;
        }
    }
    if (own || piece->same_owner) {
        /* Of several pieces the lowest; and a split that had just begun when a piece was written
         * may hold what another piece has let go. */
        int64_t low_ms = piece->same_owner ? emitted : lower(emitted, minimum(self, NULL));
        self->emitted_ms = self->restored ? lower(self->emitted_ms, low_ms) : low_ms;
        self->restored = self->announces = true;
    }
    return sb_reader_done(&r, "watermark state", err);
}

static void
watermark_close(sb_op *op)
{
    watermark_op *self = SB_OP_CAST(op, watermark_op, &sb_op_watermark);
    sb_eval_free(self->eval);
    sb_free(op->mem, self->splits, sizeof *self->splits * (size_t)self->capacity);
    sb_free(op->mem, self->marks, sizeof *self->marks * (size_t)self->capacity_marks);
    self->eval = NULL;
    self->splits = NULL;
    self->marks = NULL;
}

static void
watermark_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "WatermarkAssigner(%s)",
                   op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_watermark = {
    .name = "WatermarkAssigner",
    .instance_size = sizeof(watermark_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SPLIT,
    .init = watermark_init,
    .step = watermark_step,
    .snapshot = watermark_snapshot,
    .restore = watermark_restore,
    .close = watermark_close,
    .describe = watermark_describe,
};
