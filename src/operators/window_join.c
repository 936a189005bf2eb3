/*
 * operators/window_join.c -- inner join of two windowed inputs: rows meet when keys and windows are
 * equal (R38).
 *
 * DESIGN     Each side keeps its rows in a bag by (key, window end); a timer (key, window end - 1)
 *            fires when the window ends: left rows times right rows go out, then both bags are
 *            dropped. Nothing is emitted before, so output is insert-only. A firing may be larger
 *            than the room. What is emitted over several steps is consumed state: a left row leaves
 *            its bag when all its matches are out; how far the front left row came stands in a
 *            table (key, window end) -> sequence number, so it survives rescale. Late rows (their
 *            window has fired) are counted and dropped. Rows with a NULL key match nothing and are
 *            not kept.
 * OWNERSHIP  Tables and timers belong to the operator's state. Bytes are copied out.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/joined.h"
#include "operators/keyed.h"
#include "operators/operators.h"
#include "operators/window.h"

enum { TABLE_LEFT = 1, TABLE_RIGHT = 2, TABLE_TIMERS = 3, TABLE_CURSOR = 4 };

enum { FIRE_LIMIT = 1024, MATCH_LIMIT = 4096, STEP_ROWS = 8192 };

typedef struct join_side {
    sb_table *table;
    sb_keyed keyed;
    sb_schema row;
    int32_t end_column;
    int64_t *space; /* window end of each position */
} join_side;

typedef struct window_join_op {
    sb_op base;
    const sb_window_join_node *body;
    sb_arena *arena;
    sb_window window;
    join_side side[2];
    sb_timers *timers;
    /* (key, window end) -> seq of the right row that the front left row was matched with last */
    sb_table *cursors;
    sb_schema cursor_row;
    sb_eval *residual;
    int32_t capacity;
    int32_t turn;      /* input to look at first */
    int64_t *ends;     /* window end of each due timer */
    int32_t *left_key; /* due position of each left row */
    uint8_t **left_row;
    uint64_t *left_hash;
    int64_t *left_space;
    int32_t *match_left; /* index into left_row of each match */
    uint8_t **match_right;
    uint8_t **match_rows;
    int32_t *keep;
    int32_t *live_rows; /* rows in: those that are kept */
    uint64_t *live_hashes;
    int64_t *live_space, *live_ts, *live_due;
} window_join_op;

static sb_status
open_side(window_join_op *self, int32_t s, sb_init *ctx, const sb_schema *key, sb_columns keys,
          sb_error *err)
{
    join_side *side = &self->side[s];
    side->row = *ctx->inputs[s];
    side->end_column = s == 0 ? self->body->left_end : self->body->right_end;
    side->space = SB_NEW_ARRAY(self->arena, int64_t, self->capacity);
    if (!side->space) {
        SB_NOMEM(err);
    }
    sb_table_spec spec = {.table_id = s == 0 ? TABLE_LEFT : TABLE_RIGHT,
                          .shape = SB_BAG,
                          .key = key,
                          .has_space = true,
                          .row = &side->row};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &side->table, err), err);
    return sb_keyed_init(&side->keyed, ctx->mem, keys, self->capacity, err);
}

static sb_status
alloc_scratch(window_join_op *self, sb_error *err)
{
    self->ends = SB_NEW_ARRAY(self->arena, int64_t, FIRE_LIMIT);
    self->left_key = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->left_row = SB_NEW_ARRAY(self->arena, uint8_t *, MATCH_LIMIT);
    self->left_hash = SB_NEW_ARRAY(self->arena, uint64_t, MATCH_LIMIT);
    self->left_space = SB_NEW_ARRAY(self->arena, int64_t, MATCH_LIMIT);
    self->match_left = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->match_right = SB_NEW_ARRAY(self->arena, uint8_t *, MATCH_LIMIT);
    self->match_rows = SB_NEW_ARRAY(self->arena, uint8_t *, MATCH_LIMIT);
    self->keep = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->live_rows = SB_NEW_ARRAY(self->arena, int32_t, self->capacity);
    self->live_hashes = SB_NEW_ARRAY(self->arena, uint64_t, self->capacity);
    self->live_space = SB_NEW_ARRAY(self->arena, int64_t, self->capacity);
    self->live_ts = SB_NEW_ARRAY(self->arena, int64_t, self->capacity);
    self->live_due = SB_NEW_ARRAY(self->arena, int64_t, self->capacity);
    bool ok = self->ends && self->left_key && self->left_row && self->left_hash &&
              self->left_space && self->match_left && self->match_right && self->match_rows &&
              self->keep && self->live_rows && self->live_hashes && self->live_space &&
              self->live_ts && self->live_due;
    if (!ok) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
window_join_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    window_join_op *self = SB_OP_CAST(op, window_join_op, &sb_op_window_join);
    const sb_window_join_node *body = node->body;
    self->body = body;
    self->capacity = ctx->batch_rows;
    sb_window_spec spec = {.kind = SB_WINDOW_TUMBLE, .local_zone = body->local_zone};
    SB_TRY(sb_window_init(&self->window, &spec, ctx->os, ctx->zone, err), err);
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    const sb_schema *key = sb_keyed_schema(self->arena, ctx->inputs[0], body->left_keys);
    sb_field *seq = SB_NEW(self->arena, sb_field);
    if (!key || !seq) {
        SB_NOMEM(err);
    }
    SB_TRY(open_side(self, 0, ctx, key, body->left_keys, err), err);
    SB_TRY(open_side(self, 1, ctx, key, body->right_keys, err), err);
    SB_TRY(sb_state_open_timers(ctx->state, TABLE_TIMERS, key, &self->timers, err), err);
    *seq = (sb_field){.name = "seq", .type = SB_TYPE(BIGINT, false)};
    self->cursor_row = (sb_schema){1, seq};
    sb_table_spec cursors = {.table_id = TABLE_CURSOR,
                             .shape = SB_MAP,
                             .key = key,
                             .has_space = true,
                             .row = &self->cursor_row};
    SB_TRY(sb_state_open_table(ctx->state, &cursors, &self->cursors, err), err);
    if (body->residual) {
        sb_expr *residual = body->residual;
        SB_TRY(sb_eval_new(ctx->mem, node->schema, &residual, 1, ctx->zone, &self->residual, err),
               err);
    }
    return alloc_scratch(self, err);
}

/* --- rows in --- */

static sb_status
add_rows(window_join_op *self, sb_io *io, int32_t i, int32_t count, sb_error *err)
{
    join_side *side = &self->side[i];
    const sb_batch *head = io->in[i].head;
    const sb_vector *end = head->columns[side->end_column];
    sb_keys keys = sb_keyed_load(&side->keyed, head, io->in[i].row, count);
    int64_t target_ms = sb_io_target_ms(io), late = 0;
    int32_t n = 0;
    for (int32_t p = 0; p < count; p++) {
        SB_TRY(sb_time_check(end, &keys.rows[p], 1, "window_end", err), err);
        int64_t end_ms = sb_time_ms(end, keys.rows[p]);
        int64_t due = sb_window_due(&self->window, end_ms);
        if (due <= target_ms) {
            late++;
        } else if (sb_joined_key_matches(&keys, p, self->body->left_keys.count,
                                         self->body->null_safe)) {
            self->live_rows[n] = keys.rows[p];
            self->live_hashes[n] = keys.hashes[p];
            self->live_space[n] = end_ms;
            self->live_ts[n] = end_ms - 1;
            self->live_due[n++] = due;
        }
    }
    self->base.metrics->late_dropped += late;
    if (n > 0) {
        sb_keys live = {keys.columns, self->live_rows, self->live_hashes, self->live_space, n};
        SB_TRY(sb_bag_add(side->table, &live, head->columns, err), err);
        live.space = NULL;
        SB_TRY(sb_timers_set_at(self->timers, &live, self->live_ts, self->live_due, target_ms + 1,
                                err),
               err);
    }
    sb_io_consume(io, i, count);
    return SB_OK;
}

/* --- windows out --- */

static sb_status
emit_matches(window_join_op *self, sb_io *io, int32_t n, sb_error *err)
{
    const sb_schema *schema = self->base.node->schema;
    int32_t left = self->side[0].row.count;
    size_t size = sizeof(sb_vector *) * (size_t)(schema->count + 1);
    sb_vector **out = sb_alloc_zero(io->mem, size);
    if (!out) {
        SB_NOMEM(err);
    }
    for (int32_t m = 0; m < n; m++) {
        self->match_rows[m] = self->left_row[self->match_left[m]];
    }
    sb_status status = sb_joined_stored(self->side[0].table, left, self->match_rows, n,
                                        schema->fields, io->mem, out, err);
    status = status == SB_OK
                 ? sb_joined_stored(self->side[1].table, self->side[1].row.count, self->match_right,
                                    n, schema->fields + left, io->mem, out + left, err)
                 : status;
    sb_batch *batch = NULL;
    if (status == SB_OK) {
        batch = sb_batch_new(io->mem, schema, out, n);
        status =
            batch ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        for (int32_t c = 0; c < schema->count; c++) {
            sb_vector_unref(out[c]);
        }
    }
    sb_free(io->mem, out, size);
    return status == SB_OK ? sb_joined_push(io, self->residual, self->keep, batch, err) : status;
}

/* Left rows of the due windows, in order; returns how many. out_keys: due positions whose left
 * rows are all listed. */
static int32_t
list_left(window_join_op *self, const sb_due *due, int32_t *out_keys)
{
    sb_keys keys = {due->columns, NULL, due->hashes, self->ends, due->count};
    sb_match cursor = {0, 0};
    int32_t n = sb_bag_match(self->side[0].table, &keys, self->body->null_safe, &cursor,
                             MATCH_LIMIT, self->left_key, self->left_row);
    for (int32_t l = 0; l < n; l++) {
        self->left_hash[l] = due->hashes[self->left_key[l]];
        self->left_space[l] = self->ends[self->left_key[l]];
    }
    *out_keys = cursor.key;
    return n;
}

static uint64_t
cursor_of(window_join_op *self, const sb_due *due, int32_t position)
{
    int32_t row = position;
    sb_keys one = {due->columns, &row, &due->hashes[position], &self->ends[position], 1};
    uint8_t *found;
    sb_map_find(self->cursors, &one, &found);
    return found ? (uint64_t) * (int64_t *)sb_row_slot(sb_table_layout(self->cursors), found,
                                                       sb_table_field(self->cursors, 0))
                 : 0;
}

static sb_status
keep_cursor(window_join_op *self, const sb_due *due, int32_t position, uint64_t seq, sb_error *err)
{
    int32_t row = position;
    sb_keys one = {due->columns, &row, &due->hashes[position], &self->ends[position], 1};
    if (seq == 0) {
        sb_map_erase(self->cursors, &one);
        return SB_OK;
    }
    uint8_t *found;
    SB_TRY(sb_map_insert(self->cursors, &one, &found, NULL, err), err);
    sb_table_touch(self->cursors, found);
    *(int64_t *)sb_row_slot(sb_table_layout(self->cursors), found,
                            sb_table_field(self->cursors, 0)) = (int64_t)seq;
    return SB_OK;
}

/* Windows that are complete: both bags, the cursor and the timer go. */
static void
finish_windows(window_join_op *self, const sb_due *due, int32_t count)
{
    sb_keys keys = {due->columns, NULL, due->hashes, self->ends, count};
    sb_bag_erase(self->side[0].table, &keys);
    sb_bag_erase(self->side[1].table, &keys);
    sb_map_erase(self->cursors, &keys);
    for (int32_t i = 0; i < count; i++) {
        (void)sb_timers_take(self->timers, i);
    }
    self->base.metrics->fired += count;
}

/* Emits matches of the due windows while there is room; what is out leaves the state. */
static sb_status
fire_windows(window_join_op *self, sb_io *io, const sb_due *due, int32_t *quota, sb_error *err)
{
    int32_t listed_keys;
    int32_t lefts = list_left(self, due, &listed_keys);
    sb_match cursor = {0, lefts > 0 ? cursor_of(self, due, self->left_key[0]) : 0};
    int32_t room = sb_port_room(io, 0);
    sb_keys keys = {due->columns, self->left_key, self->left_hash, self->left_space, lefts};
    while (cursor.key < lefts && room > 0 && *quota > 0) {
        int32_t limit = room < MATCH_LIMIT ? room : MATCH_LIMIT;
        int32_t n = sb_bag_match(self->side[1].table, &keys, self->body->null_safe, &cursor, limit,
                                 self->match_left, self->match_right);
        if (n > 0) {
            SB_TRY(emit_matches(self, io, n, err), err);
        }
        *quota -= n + 1;
        room = sb_port_room(io, 0);
    }
    *quota -= cursor.key + due->count;
    /* Due positions before `complete` have nothing left to emit. */
    int32_t complete = cursor.key < lefts ? self->left_key[cursor.key] : listed_keys;
    for (int32_t l = 0; l < cursor.key; l++) {
        if (self->left_key[l] >= complete) {
            sb_table_erase_row(self->side[0].table, self->left_row[l]);
        }
    }
    if (complete < due->count) {
        SB_TRY(keep_cursor(self, due, complete, cursor.key < lefts ? cursor.seq : 0, err), err);
    }
    finish_windows(self, due, complete);
    return SB_OK;
}

/* Fires what is due. 0: all of it; else what the step returns. */
static sb_step
fire(window_join_op *self, sb_io *io, int64_t target_ms, int32_t *quota, sb_error *err)
{
    while (sb_timers_next_ms(self->timers) <= target_ms) {
        sb_due due;
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        if (*quota <= 0) {
            return SB_STEP_AGAIN;
        }
        if (sb_timers_due(self->timers, target_ms, FIRE_LIMIT, &due, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        if (due.count == 0) { /* none left: "none" and the last watermark are the same number */
            break;
        }
        for (int32_t i = 0; i < due.count; i++) {
            self->ends[i] = due.ts_ms[i] + 1;
        }
        if (fire_windows(self, io, &due, quota, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
    }
    return 0;
}

static sb_step
step_input(window_join_op *self, sb_io *io, int32_t i, int32_t *quota, sb_error *err)
{
    sb_input *in = &io->in[i];
    for (;;) {
        int64_t target_ms = sb_io_target_ms(io);
        if (target_ms > io->done_ms) {
            sb_step wait = fire(self, io, target_ms, quota, err);
            if (wait != 0) {
                return wait;
            }
            sb_io_advance_done(io, true);
        }
        if (sb_io_head_done(io, i)) {
            return 0;
        }
        if (sb_io_mark_here(io, i)) {
            sb_io_take_mark(io, i);
            continue;
        }
        if (*quota <= 0) {
            return SB_STEP_AGAIN;
        }
        int32_t count = sb_io_run_end(io, i) - in->row;
        count = count < self->capacity ? count : self->capacity;
        *quota -= count;
        if (add_rows(self, io, i, count, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
    }
}

static sb_step
window_join_step(sb_op *op, sb_io *io, sb_error *err)
{
    window_join_op *self = SB_OP_CAST(op, window_join_op, &sb_op_window_join);
    int32_t quota = STEP_ROWS;
    int32_t first = self->turn;
    for (int32_t k = 0; k < 2; k++) {
        int32_t i = k == 0 ? first : 1 - first;
        sb_step wait = step_input(self, io, i, &quota, err);
        if (wait != 0) {
            self->turn = 1 - first;
            return wait;
        }
    }
    if (io->in[0].ended && io->in[1].ended && sb_io_target_ms(io) <= io->done_ms) {
        return SB_STEP_DONE;
    }
    return SB_WAIT_INPUT;
}

static void
window_join_close(sb_op *op)
{
    window_join_op *self = SB_OP_CAST(op, window_join_op, &sb_op_window_join);
    sb_keyed_deinit(&self->side[0].keyed);
    sb_keyed_deinit(&self->side[1].keyed);
    self->residual = sb_eval_free(self->residual);
    self->arena = sb_arena_free(self->arena);
}

static void
window_join_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "WindowJoin(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_window_join = {
    .name = "WindowJoin",
    .instance_size = sizeof(window_join_op),
    .count_inputs = 2,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = window_join_init,
    .step = window_join_step,
    .close = window_join_close,
    .describe = window_join_describe,
};
