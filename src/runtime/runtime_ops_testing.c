/*
 * runtime/runtime_ops_testing.c -- the test operators; see runtime_testing.h.
 */
#include "runtime/runtime_ops_testing.h"

#include "runtime/runtime_testing.h"

#include "columnar/hash.h"

#include <string.h>

static int64_t
cell(const sb_batch *b, int32_t column, int32_t logical)
{
    return *(const int64_t *)sb_vector_at(b->columns[column], sb_batch_row(b, logical));
}

static void
emit(sb_io *io, int64_t k, int64_t v, int64_t t)
{
    sb_batch_builder *b = sb_port_builder(io, 0);
    sb_column_i64(&b->columns[0], k);
    sb_column_i64(&b->columns[1], v);
    sb_column_i64(&b->columns[2], t);
    for (int32_t i = 3; i < b->schema->count; i++) { /* a join is wide */
        sb_column_i64(&b->columns[i], i);
    }
    sb_batch_builder_row(b, SB_ROW_INSERT);
}

/* --- watermark: per split the highest t; a mark behind each row that raises the minimum --- */

#define WM_SPLITS 64

typedef struct wm_op {
    sb_op base;

    struct {
        int32_t split;
        int64_t max_ms;
    } splits[WM_SPLITS];

    int32_t count, subtask, parallelism;
    int64_t sent_ms;
} wm_op;

extern const sb_op_vtable rt_watermark;

static sb_status
wm_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    wm_op *self = SB_OP_CAST(op, wm_op, &rt_watermark);
    (void)node;
    (void)err;
    self->sent_ms = SB_WM_MIN;
    self->subtask = ctx->subtask;
    self->parallelism = ctx->parallelism;
    return SB_OK;
}

static int32_t
wm_find(wm_op *self, int32_t split)
{
    for (int32_t i = 0; i < self->count; i++) {
        if (self->splits[i].split == split) {
            return i;
        }
    }
    sb_assert(self->count < WM_SPLITS);
    self->splits[self->count].split = split;
    self->splits[self->count].max_ms = SB_WM_MIN;
    return self->count++;
}

static int64_t
wm_minimum(const wm_op *self)
{
    int64_t low = SB_WM_MAX;
    for (int32_t i = 0; i < self->count; i++) {
        low = self->splits[i].max_ms < low ? self->splits[i].max_ms : low;
    }
    return self->count ? low : SB_WM_MIN;
}

static sb_status
wm_rows(wm_op *self, sb_io *io, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    int32_t from = io->in[0].row, n = 0;
    int32_t split = wm_find(self, head->split);
    sb_mark *marks = sb_alloc(self->base.mem, sizeof *marks * (size_t)head->count_rows);
    sb_batch *out = sb_batch_slice(self->base.mem, head, from, head->count_rows, false);
    if (!marks || !out) {
        sb_free(self->base.mem, marks, sizeof *marks * (size_t)head->count_rows);
        sb_batch_free(out);
        SB_NOMEM(err);
    }
    for (int32_t i = from; i < head->count_rows; i++) {
        int64_t t = cell(head, 2, i) - sb_rt_current->delay_ms;
        if (t > self->splits[split].max_ms) {
            self->splits[split].max_ms = t;
        }
        int64_t low = wm_minimum(self);
        if (low > self->sent_ms) {
            marks[n++] = (sb_mark){i - from + 1, low};
            self->sent_ms = low;
        }
    }
    sb_status status = sb_batch_set_marks(out, marks, n, err);
    sb_free(self->base.mem, marks, sizeof *marks * (size_t)head->count_rows);
    if (status != SB_OK) {
        sb_batch_free(out);
        return status;
    }
    sb_port_push(io, 0, out);
    if (io->split_watermark) {
        io->split_watermark(io->split_ctx, head->split, self->splits[split].max_ms);
    }
    return status;
}

static void
wm_news(wm_op *self, sb_io *io)
{
    int32_t split = io->in[0].head->split;
    if (split < 0) {
        return;
    }
    int32_t at = wm_find(self, split);
    if (io->split_state && io->split_state(io->split_ctx, split) == SB_SPLIT_ENDED) {
        self->splits[at] = self->splits[--self->count];
        int64_t low = wm_minimum(self);
        if (self->count > 0 && low > self->sent_ms) {
            self->sent_ms = low;
            sb_port_mark(io, 0, low);
        }
    }
}

static sb_step
wm_step(sb_op *op, sb_io *io, sb_error *err)
{
    wm_op *self = SB_OP_CAST(op, wm_op, &rt_watermark);
    if (sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    if (self->sent_ms > io->out[0].watermark_ms) {
        sb_port_mark(io, 0, self->sent_ms);
    }
    const sb_input *in = &io->in[0];
    if (!in->head) {
        return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
    }
    if (in->row < in->head->count_rows) {
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        if (wm_rows(self, io, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        sb_io_consume(io, 0, in->head->count_rows - in->row);
    } else {
        wm_news(self, io);
    }
    while (sb_io_mark_here(io, 0)) {
        sb_io_take_mark(io, 0);
    }
    return SB_STEP_AGAIN;
}

static sb_status
wm_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    wm_op *self = SB_OP_CAST(op, wm_op, &rt_watermark);
    (void)err;
    sb_write_i64(w, self->sent_ms);
    sb_write_u32(w, (uint32_t)self->count);
    for (int32_t i = 0; i < self->count; i++) {
        sb_write_u32(w, (uint32_t)self->splits[i].split);
        sb_write_i64(w, self->splits[i].max_ms);
    }
    return SB_OK;
}

static sb_status
wm_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    wm_op *self = SB_OP_CAST(op, wm_op, &rt_watermark);
    sb_reader r = piece->op;
    int64_t sent_ms = sb_read_i64(&r);
    uint32_t count = sb_read_u32(&r);
    for (uint32_t i = 0; i < count && !r.failed; i++) {
        int32_t split = (int32_t)sb_read_u32(&r);
        int64_t max_ms = sb_read_i64(&r);
        if (split % self->parallelism == self->subtask) {
            self->splits[wm_find(self, split)].max_ms = max_ms;
        }
    }
    /* With several pieces: what an earlier one's rest raised was made without these splits. */
    self->sent_ms = piece->same_owner ? sent_ms : SB_WM_MIN;
    return sb_reader_done(&r, "test watermark", err);
}

const sb_op_vtable rt_watermark = {.name = "rt_watermark",
                                   .instance_size = sizeof(wm_op),
                                   .count_inputs = 1,
                                   .count_ports = 1,
                                   .dist = SB_DIST_SPLIT,
                                   .init = wm_init,
                                   .step = wm_step,
                                   .snapshot = wm_snapshot,
                                   .restore = wm_restore};

/* --- filter (row-wise) and union --- */

static sb_status
filter_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    (void)op;
    (void)node;
    (void)ctx;
    (void)err;
    return SB_OK;
}

static sb_status
filter_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    int32_t modulo = sb_rt_current->filter_modulo, n = 0;
    (void)io;
    *out = in;
    if (modulo == 0) {
        return SB_OK;
    }
    size_t size = sizeof(int32_t) * (size_t)(in->count_rows + 1);
    int32_t *keep = sb_alloc(op->mem, size);
    if (!keep) {
        *out = sb_batch_free(in);
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < in->count_rows; i++) {
        keep[n] = i;
        n += cell(in, 1, i) % modulo != 0;
    }
    sb_status status = sb_batch_filter(in, keep, n, err);
    sb_free(op->mem, keep, size);
    if (status != SB_OK) {
        *out = sb_batch_free(in);
    }
    return status;
}

const sb_op_vtable rt_filter = {.name = "rt_filter",
                                .instance_size = sizeof(sb_op),
                                .count_inputs = 1,
                                .count_ports = 1,
                                .dist = SB_DIST_ANY,
                                .init = filter_init,
                                .process = filter_process};

static sb_status
union_process(sb_op *op, sb_io *io, sb_batch *in, sb_batch **out, sb_error *err)
{
    (void)op;
    (void)io;
    (void)err;
    *out = in;
    return SB_OK;
}

const sb_op_vtable rt_union = {.name = "rt_union",
                               .instance_size = sizeof(sb_op),
                               .count_inputs = 1,
                               .count_ports = 1,
                               .dist = SB_DIST_ANY,
                               .init = filter_init,
                               .process = union_process};

/* --- keyed tables shared by the stateful ones: k -> (a, b) --- */

static const sb_field KEY_FIELDS[] = {
    {.name = "k", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
static const sb_schema KEY_SCHEMA = {1, KEY_FIELDS};
static const sb_field VALUE_FIELDS[] = {
    {.name = "a", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "b", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
static const sb_schema VALUE_SCHEMA = {2, VALUE_FIELDS};

typedef struct keyed_op {
    sb_op base;
    sb_table *table;
    sb_timers *timers; /* window only */
    int32_t turn;      /* merge: which input is looked at first */
} keyed_op;

static sb_status
keyed_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    keyed_op *self = (keyed_op *)(void *)op;
    bool window = node->kind == SB_NODE_WINDOW_AGG;
    const sb_schema values = {sb_rt_current->other_version ? 1 : VALUE_SCHEMA.count, VALUE_FIELDS};
    sb_table_spec spec = {
        .table_id = 1, .shape = SB_MAP, .key = &KEY_SCHEMA, .has_space = window, .row = &values};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    return window ? sb_state_open_timers(ctx->state, 2, &KEY_SCHEMA, &self->timers, err) : SB_OK;
}

static int64_t *
value_slot(keyed_op *self, uint8_t *row, int32_t column)
{
    const sb_row_layout *l = sb_table_layout(self->table);
    return sb_row_slot(l, row, sb_table_field(self->table, column));
}

/* The state row of one head row; created if need be. */
static uint8_t *
keyed_row(keyed_op *self, const sb_batch *head, int32_t logical, const int64_t *space,
          uint64_t *hash, sb_error *err)
{
    int32_t physical = sb_batch_row(head, logical);
    uint8_t *row = NULL;
    uint64_t created = 0;
    sb_hash_columns(head->columns, 1, &physical, 1, hash);
    sb_keys keys = {
        .columns = head->columns, .rows = &physical, .hashes = hash, .space = space, .count = 1};
    return sb_map_insert(self->table, &keys, &row, &created, err) == SB_OK ? row : NULL;
}

/* One row in, (k, how many rows of k so far, 0) out: each number once, whatever the order. In a
 * chain: the row itself. */
static sb_step
sum_step(sb_op *op, sb_io *io, sb_error *err)
{
    keyed_op *self = (keyed_op *)(void *)op;
    const sb_input *in = &io->in[0];
    if (sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    if (!in->head) {
        return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
    }
    for (int32_t n = 0; n < 16 && in->head && !sb_io_head_done(io, 0); n++) {
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            sb_io_advance_done(io, true);
            continue;
        }
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        uint64_t hash;
        uint8_t *row = keyed_row(self, in->head, in->row, NULL, &hash, err);
        if (!row) {
            return SB_STEP_FAIL;
        }
        sb_table_touch(self->table, row);
        *value_slot(self, row, 0) += cell(in->head, 1, in->row);
        *value_slot(self, row, 1) += 1;
        bool chained = op->node->node_id == SB_RT_CHAINED_SUM;
        emit(io, cell(in->head, 0, in->row),
             chained ? cell(in->head, 1, in->row) : *value_slot(self, row, 1),
             chained ? cell(in->head, 2, in->row) : 0);
        sb_io_consume(io, 0, 1);
    }
    return SB_STEP_AGAIN;
}

const sb_op_vtable rt_sum = {.name = "rt_sum",
                             .instance_size = sizeof(keyed_op),
                             .count_inputs = 1,
                             .count_ports = 1,
                             .dist = SB_DIST_SLOT,
                             .init = keyed_init,
                             .step = sum_step};

/* --- tumbling window: one row (k, count * 1000000 + sum of v, window end) when it ends --- */

static sb_step
window_fire(keyed_op *self, sb_io *io, sb_error *err)
{
    sb_due due;
    for (;;) {
        int32_t room = sb_port_room(io, 0);
        if (room == 0) {
            return SB_WAIT_ROOM;
        }
        room = room > 3 ? 3 : room; /* few at a time: firings are cut by barriers */
        if (sb_timers_due(self->timers, sb_io_target_ms(io), room, &due, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        if (due.count == 0) {
            sb_io_advance_done(io, true);
            return SB_STEP_AGAIN;
        }
        for (int32_t i = 0; i < due.count; i++) {
            int64_t space = due.ts_ms[i];
            uint8_t *row = NULL;
            sb_keys keys = {.columns = due.columns,
                            .rows = &i,
                            .hashes = &due.hashes[i],
                            .space = &space,
                            .count = 1};
            sb_map_find(self->table, &keys, &row);
            if (row) {
                int64_t k = *(const int64_t *)sb_vector_at(due.columns[0], i);
                emit(io, k, *value_slot(self, row, 1) * 1000000 + *value_slot(self, row, 0),
                     space + 1);
                sb_map_erase(self->table, &keys);
            }
            sb_timers_take(self->timers, i);
        }
        return SB_STEP_AGAIN;
    }
}

static sb_status
window_row(keyed_op *self, sb_io *io, sb_error *err)
{
    const sb_input *in = &io->in[0];
    const sb_batch *head = in->head;
    int64_t t = cell(head, 2, in->row), size = sb_rt_current->window_ms;
    int64_t last = t - t % size + size - 1;
    uint64_t hash;
    if (last <= in->watermark_ms) {
        atomic_fetch_add_explicit(&self->base.metrics->late_dropped, 1, memory_order_relaxed);
        return SB_OK;
    }
    uint8_t *row = keyed_row(self, head, in->row, &last, &hash, err);
    if (!row) {
        return err->status;
    }
    sb_table_touch(self->table, row);
    *value_slot(self, row, 0) += cell(head, 1, in->row);
    *value_slot(self, row, 1) += 1;
    int32_t physical = sb_batch_row(head, in->row);
    sb_keys keys = {.columns = head->columns, .rows = &physical, .hashes = &hash, .count = 1};
    int64_t target = sb_io_target_ms(io);
    return sb_timers_set(self->timers, &keys, &last, target == SB_WM_MIN ? SB_WM_MIN : target + 1,
                         err);
}

static sb_step
window_step(sb_op *op, sb_io *io, sb_error *err)
{
    keyed_op *self = (keyed_op *)(void *)op;
    const sb_input *in = &io->in[0];
    if (sb_io_target_ms(io) > io->done_ms) {
        return window_fire(self, io, err);
    }
    if (!in->head) {
        return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
    }
    for (int32_t n = 0; n < 16 && !sb_io_head_done(io, 0); n++) {
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            return SB_STEP_AGAIN;
        }
        if (window_row(self, io, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        sb_io_consume(io, 0, 1);
    }
    return SB_STEP_AGAIN;
}

const sb_op_vtable rt_window = {.name = "rt_window",
                                .instance_size = sizeof(keyed_op),
                                .count_inputs = 1,
                                .count_ports = 1,
                                .dist = SB_DIST_SLOT,
                                .init = keyed_init,
                                .step = window_step};

/* --- merge: two inputs; gives every row on several times: (k, v, copy number), v negated for
 * the right side; counts in state --- */

typedef struct merge_op {
    keyed_op keyed;
    /* cursor: so many copies of this input's head row are out; input -1: none open */
    int32_t input, copies;
} merge_op;

static sb_status
merge_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    ((merge_op *)(void *)op)->input = -1;
    return keyed_init(op, node, ctx, err);
}

/* One copy of the head row; the last one counts the row in state and consumes it. */
static sb_step
merge_row(merge_op *self, sb_io *io, int32_t i, sb_error *err)
{
    const sb_input *in = &io->in[i];
    int64_t v = cell(in->head, 1, in->row);
    v = i == 0 ? v : -v - 1;
    if (sb_port_room(io, 0) == 0) {
        return SB_WAIT_ROOM;
    }
    if (self->copies < SB_RT_COPIES(v)) {
        emit(io, cell(in->head, 0, in->row), v, self->copies);
        self->input = i;
        self->copies++;
        return SB_STEP_AGAIN;
    }
    uint64_t hash;
    uint8_t *row = keyed_row(&self->keyed, in->head, in->row, NULL, &hash, err);
    if (!row) {
        return SB_STEP_FAIL;
    }
    sb_table_touch(self->keyed.table, row);
    *value_slot(&self->keyed, row, i) += 1;
    sb_io_consume(io, i, 1);
    self->input = -1;
    self->copies = 0;
    self->keyed.turn = 1 - i;
    return SB_STEP_AGAIN;
}

static sb_step
merge_step(sb_op *op, sb_io *io, sb_error *err)
{
    merge_op *self = (merge_op *)(void *)op;
    if (self->input < 0 && sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    for (int32_t n = 0; n < 2; n++) {
        int32_t i = self->input >= 0 ? self->input : (self->keyed.turn + n) % 2;
        const sb_input *in = &io->in[i];
        if (!in->head) {
            continue;
        }
        if (sb_io_mark_here(io, i)) {
            if (self->input >= 0) {
                sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                             "a cursor of another row");
                return SB_STEP_FAIL;
            }
            sb_io_take_mark(io, i);
            return SB_STEP_AGAIN;
        }
        return sb_io_head_done(io, i) ? SB_STEP_AGAIN : merge_row(self, io, i, err);
    }
    return io->in[0].ended && io->in[1].ended ? SB_STEP_DONE : SB_WAIT_INPUT;
}

static sb_status
merge_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    merge_op *self = (merge_op *)(void *)op;
    (void)err;
    sb_write_u32(w, (uint32_t)(self->input + 1));
    sb_write_u32(w, (uint32_t)self->copies);
    return SB_OK;
}

static sb_status
merge_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    merge_op *self = (merge_op *)(void *)op;
    sb_reader r = piece->op;
    self->input = (int32_t)sb_read_u32(&r) - 1;
    self->copies = (int32_t)sb_read_u32(&r);
    if (self->input >= 0 && !piece->head_is_mine[self->input]) {
        self->input = -1;
        self->copies = 0;
    }
    return sb_reader_done(&r, "test merge", err);
}

const sb_op_vtable rt_merge = {.name = "rt_merge",
                               .instance_size = sizeof(merge_op),
                               .count_inputs = 2,
                               .count_ports = 1,
                               .dist = SB_DIST_SLOT,
                               .init = merge_init,
                               .step = merge_step,
                               .snapshot = merge_snapshot,
                               .restore = merge_restore};
