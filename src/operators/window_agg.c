/*
 * operators/window_agg.c -- TUMBLE and HOP aggregation on slices: state per (key, slice), results
 * when a window ends (R11 to R17).
 *
 * DESIGN     A row goes into one slice (as long as the slide; window_place.c); a HOP window's
 *            result is merged from its slices when it fires (window_fire.c). Aggregates that cannot
 *            be merged (DISTINCT, MIN / MAX over retracting input) keep state per window instead: a
 *            row goes into each of its windows. No key has a timer: which rows lie in which slice
 *            says what fires (window_slices.h), and each row remembers how far it came.
 * OWNERSHIP  Tables belong to the operator's state.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include "operators/window_agg.h"

#include "operators/operators.h"

enum { TABLE_SLICES = 1, TABLE_SIDE = 16 };

enum { FIRE_LIMIT = 2048, FIRE_ROWS = 1 << 16, STEP_ROWS = 4096 };

/* At most this many fields beside those of the aggregates. */
enum { OWN_FIELDS = 4 };

static sb_status
open_tables(sb_window_agg *self, sb_init *ctx, sb_error *err)
{
    const sb_window_agg_node *body = self->body;
    const sb_schema *key = sb_keyed_schema(self->arena, ctx->inputs[0], body->keys);
    sb_field *fields =
        SB_NEW_ARRAY(self->arena, sb_field, SB_AGG_FIELDS_MAX * body->count_aggs + OWN_FIELDS);
    sb_schema *row = SB_NEW(self->arena, sb_schema);
    if (!key || !fields || !row) {
        SB_NOMEM(err);
    }
    int32_t count = 0;
    SB_TRY(sb_agg_set_declare(&self->set, ctx->mem, body->aggs, body->count_aggs, ctx->inputs[0],
                              body->input_retracts, false, false, fields, &count, err),
           err);
    self->rows_column = body->input_retracts ? count : -1;
    if (body->input_retracts) {
        fields[count++] = (sb_field){.name = "rows", .type = SB_TYPE(BIGINT, false)};
    }
    self->start_column = body->attached ? count : -1;
    if (body->attached) {
        fields[count++] = (sb_field){.name = "start", .type = SB_TYPE(BIGINT, false)};
    }
    self->fired_column = self->count_slices > 1 ? count : -1;
    if (self->count_slices > 1) {
        fields[count++] = (sb_field){.name = "fired", .type = SB_TYPE(BIGINT, false)};
    }
    for (int32_t a = 0; a < body->count_aggs; a++) {
        self->has_bytes = self->has_bytes || sb_agg_is_bytes(&self->set.aggs[a]);
    }
    self->place_column = self->has_bytes ? count : -1;
    if (self->has_bytes) {
        fields[count++] = (sb_field){.name = "place", .type = SB_TYPE(BIGINT, false)};
    }
    *row = (sb_schema){count, fields};
    sb_table_spec spec = {
        .table_id = TABLE_SLICES, .shape = SB_MAP, .key = key, .has_space = true, .row = row};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    SB_TRY(sb_agg_set_open(&self->set, ctx, self->table, key, true, TABLE_SIDE, 0, self->capacity,
                           err),
           err);
    self->collects = sb_agg_set_collects(&self->set);
    self->has_sides =
        !sb_agg_set_merges(body->aggs, body->count_aggs, body->input_retracts) || self->collects;
    return SB_OK;
}

static sb_status
alloc_scratch(sb_window_agg *self, sb_error *err)
{
    int32_t n = self->capacity;
    self->ends = SB_NEW_ARRAY(self->arena, int64_t, n + 1);
    self->first_end = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->rows = SB_NEW_ARRAY(self->arena, uint8_t *, n);
    self->created = SB_NEW_ARRAY(self->arena, uint64_t, n / 64 + 1);
    self->sign = SB_NEW_ARRAY(self->arena, int8_t, n);
    self->late = SB_NEW_ARRAY(self->arena, int32_t, n);
    self->fired = SB_NEW_ARRAY(self->arena, uint8_t *, self->count_slices * self->fire_limit);
    self->fired_ends = SB_NEW_ARRAY(self->arena, int64_t, self->fire_limit);
    self->fired_hashes = SB_NEW_ARRAY(self->arena, uint64_t, self->fire_limit);
    self->numbers = SB_NEW_ARRAY(self->arena, int32_t, self->fire_limit + 1);
    self->found_rows = SB_NEW_ARRAY(self->arena, int32_t, self->fire_limit + 1);
    self->found_hashes = SB_NEW_ARRAY(self->arena, uint64_t, self->fire_limit + 1);
    self->fired_keys = SB_NEW_ARRAY(self->arena, sb_vector *, self->body->keys.count + 1);
    bool ok = self->ends && self->first_end && self->rows && self->created && self->sign &&
              self->late && self->numbers && self->fired && self->fired_ends &&
              self->fired_hashes && self->found_rows && self->found_hashes && self->fired_keys;
    if (!ok) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < self->fire_limit; i++) {
        self->numbers[i] = i;
    }
    return SB_OK;
}

static sb_status
window_agg_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    sb_window_agg *self = SB_OP_CAST(op, sb_window_agg, &sb_op_window_agg);
    const sb_window_agg_node *body = node->body;
    self->body = body;
    self->turn_end = INT64_MIN;
    self->next_due = INT64_MAX;
    SB_TRY(sb_window_init(&self->window, &body->window, ctx->os, ctx->zone, err), err);
    bool merges = sb_agg_set_merges(body->aggs, body->count_aggs, body->input_retracts);
    int32_t windows = body->attached ? 1 : sb_window_slices(&self->window);
    self->count_slices = merges ? windows : 1;
    sb_slices_init(&self->slices, ctx->mem, self->count_slices > 1);
    self->repeats = merges ? 1 : windows;
    self->fire_limit = FIRE_ROWS / self->count_slices > 0 ? FIRE_ROWS / self->count_slices : 1;
    self->fire_limit = self->fire_limit < FIRE_LIMIT ? self->fire_limit : FIRE_LIMIT;
    self->capacity = ctx->batch_rows > self->repeats ? ctx->batch_rows : self->repeats;
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(open_tables(self, ctx, err), err);
    SB_TRY(alloc_scratch(self, err), err);
    return sb_keyed_init(&self->keyed, ctx->mem, body->keys, self->capacity, err);
}

static sb_step
window_agg_step(sb_op *op, sb_io *io, sb_error *err)
{
    sb_window_agg *self = SB_OP_CAST(op, sb_window_agg, &sb_op_window_agg);
    sb_input *in = &io->in[0];
    for (int32_t quota = STEP_ROWS;;) {
        int64_t target_ms = sb_io_target_ms(io);
        if (target_ms > io->done_ms) {
            sb_step wait = sb_window_agg_fire(self, io, target_ms, &quota, err);
            if (wait != 0) {
                return wait;
            }
            sb_io_advance_done(io, true);
        }
        if (!in->head) {
            return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
        }
        if (sb_io_head_done(io, 0)) {
            return SB_WAIT_INPUT;
        }
        if (sb_port_room(io, 1) == 0) {
            return SB_WAIT_ROOM;
        }
        if (quota <= 0) {
            return SB_STEP_AGAIN;
        }
        if (sb_window_agg_take(self, io, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        quota -= self->count + self->count_late + 1;
        if (sb_io_mark_here(io,
                            0)) { /* it reaches a window that is due: fire before the next rows */
            sb_io_take_mark(io, 0);
        }
    }
}

/* Which windows have state in the side tables: their rows in the main table may have fired
 * already. */
static sb_status
window_agg_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    sb_window_agg *self = SB_OP_CAST(op, sb_window_agg, &sb_op_window_agg);
    const sb_slices *slices = &self->slices;
    sb_write_u32(w, self->has_sides ? (uint32_t)sb_slices_count(slices) : 0);
    for (int32_t i = slices->from; self->has_sides && i < slices->to; i++) {
        sb_write_i64(w, slices->at[i].end);
    }
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

typedef struct rebuild {
    sb_window_agg *self;
    bool failed;
} rebuild;

/* A row of the table: which slice it lies in, and the first window it has not gone into. */
static bool
rebuild_row(void *ctx, uint8_t *row)
{
    rebuild *r = ctx;
    sb_window_agg *self = r->self;
    int64_t end = sb_row_space(self->table, row), next_end = end;
    if (self->fired_column >= 0) {
        next_end = *sb_window_agg_slot(self, row, self->fired_column) + self->window.spec.slide_ms;
    }
    sb_slice *slice = sb_slices_open(&self->slices, end, next_end);
    if (!slice || !sb_slices_add(&self->slices, slice, row)) {
        r->failed = true;
        return false;
    }
    slice->next_end = next_end < slice->next_end ? next_end : slice->next_end;
    if (self->place_column >= 0) {
        sb_table_touch(self->table, row);
        *sb_window_agg_slot(self, row, self->place_column) = slice->count - 1;
    }
    return true;
}

static sb_status
window_agg_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    sb_window_agg *self = SB_OP_CAST(op, sb_window_agg, &sb_op_window_agg);
    sb_reader r = piece->op;
    /* Windows of pieces before, and all rows there are now. */
    for (int32_t i = self->slices.from; i < self->slices.to; i++) {
        self->slices.at[i].count = self->slices.at[i].at = 0;
    }
    rebuild to = {.self = self};
    sb_table_scan(self->table, rebuild_row, &to);
    uint32_t count = sb_read_u32(&r);
    for (uint32_t i = 0; i < count && !r.failed && !to.failed; i++) {
        int64_t end = sb_read_i64(&r);
        to.failed = !r.failed && !sb_slices_open(&self->slices, end, end);
    }
    if (to.failed) {
        SB_NOMEM(err);
    }
    self->mixed = self->mixed || !piece->same_owner;
    sb_window_agg_pick(self);
    return sb_reader_done(&r, "window ends", err);
}

static void
window_agg_close(sb_op *op)
{
    sb_window_agg *self = SB_OP_CAST(op, sb_window_agg, &sb_op_window_agg);
    sb_keyed_deinit(&self->keyed);
    sb_agg_set_close(&self->set);
    sb_slices_clear(&self->slices);
    self->arena = sb_arena_free(self->arena);
}

static void
window_agg_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "WindowAggregate(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_window_agg = {
    .name = "WindowAggregate",
    .instance_size = sizeof(sb_window_agg),
    .count_inputs = 1,
    .count_ports = 2,
    .dist = SB_DIST_SLOT,
    .init = window_agg_init,
    .step = window_agg_step,
    .snapshot = window_agg_snapshot,
    .restore = window_agg_restore,
    .close = window_agg_close,
    .describe = window_agg_describe,
};
