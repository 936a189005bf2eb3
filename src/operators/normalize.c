/*
 * operators/normalize.c -- upsert rows into a full changelog (ChangelogNormalize); and the repair
 * of disorder before an upsert sink (SinkUpsertMaterializer).
 *
 * DESIGN     Normalize keeps the last row per key: the first row of a key is +I, a later one -U old
 *            (if wanted) and +U new, nothing when equal and TTL is off; a row that fails the
 *            condition is not kept and takes the stored one away; -D gives the stored row whole, or
 *            nothing for an unknown key (R43). Materialize keeps the list of rows per sink key in
 *            order of arrival (R42). An added row goes out (+I when it is the first, else +U). A
 *            row that leaves is found by the input's upsert key, else as a whole; nothing when it
 *            is not the last one, +U of the row before when it is, -D when it was the only one. Row
 *            by row: what a row does depends on the rows of its key before it.
 * OWNERSHIP  Tables belong to the operator's state.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/keyed.h"
#include "operators/operators.h"

enum { TABLE_ROWS = 1 };

enum { RUN_ROWS = 1024, STEP_ROWS = 2048 };

typedef struct changelog_op { /* of both operators */
    sb_op base;
    sb_arena *arena;
    sb_table *table;
    sb_keyed keyed;
    sb_schema row;
    bool emit_before;   /* normalize */
    sb_eval *condition; /* normalize; NULL: none */
    int32_t *keep;      /* with condition: RUN_ROWS logical rows */
    bool *passes;       /* with condition: per position of a run */
    int64_t ttl_ms;
    sb_columns upsert_key; /* materialize */
} changelog_op;

static sb_status
open_rows(changelog_op *self, sb_init *ctx, sb_shape shape, sb_columns keys, int64_t ttl_ms,
          sb_error *err)
{
    self->ttl_ms = ttl_ms;
    self->row = *ctx->inputs[0];
    self->arena = sb_arena_new(ctx->mem);
    const sb_schema *key = self->arena ? sb_keyed_schema(self->arena, ctx->inputs[0], keys) : NULL;
    if (!key) {
        SB_NOMEM(err);
    }
    sb_table_spec spec = {
        .table_id = TABLE_ROWS, .shape = shape, .key = key, .row = &self->row, .ttl_ms = ttl_ms};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    return sb_keyed_init(&self->keyed, ctx->mem, keys, RUN_ROWS, err);
}

static void
emit_stored(changelog_op *self, sb_io *io, uint8_t *row, uint8_t op)
{
    sb_batch_builder *b = sb_port_builder(io, 0);
    sb_row_decode(sb_table_layout(self->table), &row, 1, sb_table_field(self->table, 0),
                  self->row.count, b->columns, true);
    sb_batch_builder_row(b, op);
}

static void
emit_head(sb_io *io, const sb_batch *head, int32_t physical, uint8_t op)
{
    sb_batch_builder *b = sb_port_builder(io, 0);
    for (int32_t c = 0; c < head->schema->count; c++) {
        sb_column_gather(&b->columns[c], head->columns[c], &physical, 1);
    }
    sb_batch_builder_row(b, op);
}

/* One key out of a loaded run. */
static sb_keys
one_key(const sb_keys *keys, int32_t at)
{
    return (sb_keys){keys->columns, &keys->rows[at], &keys->hashes[at], NULL, 1};
}

typedef struct one_row { /* of a run */
    const sb_batch *head;
    sb_keys key;
    int32_t physical;
    bool passes; /* the condition */
} one_row;

typedef sb_status (*row_fn)(changelog_op *self, sb_io *io, const one_row *row, sb_error *err);

/* Evaluates the condition over a run that begins at the cursor. */
static sb_status
select_run(changelog_op *self, sb_io *io, int32_t count, sb_error *err)
{
    if (!self->condition) {
        return SB_OK;
    }
    const sb_input *in = &io->in[0];
    sb_batch *part = sb_batch_slice(io->mem, in->head, in->row, in->row + count, false);
    if (!part) {
        SB_NOMEM(err);
    }
    int32_t kept = 0;
    sb_status status = sb_eval_select(self->condition, part, &io->eval, self->keep, &kept, err);
    sb_batch_free(part);
    memset(self->passes, 0, sizeof *self->passes * (size_t)count);
    for (int32_t i = 0; status == SB_OK && i < kept; i++) {
        self->passes[self->keep[i]] = true;
    }
    return status;
}

static sb_status
run_rows(changelog_op *self, sb_io *io, row_fn on_row, int32_t count, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    int32_t room = sb_port_room(io, 0);
    count = count < room ? count : room; /* mostly one row out per row in */
    count = count < RUN_ROWS ? count : RUN_ROWS;
    sb_keys keys = sb_keyed_load(&self->keyed, head, io->in[0].row, count);
    SB_TRY(select_run(self, io, count, err), err);
    for (int32_t i = 0; i < count && sb_port_room(io, 0) > 0; i++) {
        one_row row = {head, one_key(&keys, i), keys.rows[i], !self->condition || self->passes[i]};
        SB_TRY(on_row(self, io, &row, err), err);
        sb_io_consume(io, 0, 1);
    }
    return SB_OK;
}

/* Rows of the head one after another, while there is room. */
static sb_step
step_rows(changelog_op *self, sb_io *io, row_fn on_row, sb_error *err)
{
    sb_input *in = &io->in[0];
    for (int32_t quota = STEP_ROWS;;) {
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
        int32_t count = sb_io_run_end(io, 0) - in->row, from = in->row;
        if (count == 0) {
            return SB_WAIT_INPUT;
        }
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        if (quota <= 0) {
            return SB_STEP_AGAIN;
        }
        if (run_rows(self, io, on_row, count, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        quota -= in->row - from;
    }
}

/* --- normalize --- */

static sb_status
normalize_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    changelog_op *self = SB_OP_CAST(op, changelog_op, &sb_op_normalize);
    const sb_normalize_node *body = node->body;
    self->emit_before = body->emit_before;
    SB_TRY(open_rows(self, ctx, SB_MAP, body->keys, body->ttl_ms, err), err);
    if (body->condition) {
        sb_expr *condition = body->condition;
        self->keep = SB_NEW_ARRAY(self->arena, int32_t, RUN_ROWS);
        self->passes = SB_NEW_ARRAY(self->arena, bool, RUN_ROWS);
        if (!self->keep || !self->passes) {
            SB_NOMEM(err);
        }
        SB_TRY(
            sb_eval_new(ctx->mem, ctx->inputs[0], &condition, 1, ctx->zone, &self->condition, err),
            err);
    }
    return SB_OK;
}

/* A row that does not pass the condition counts as gone. */
static sb_status
normalize_row(changelog_op *self, sb_io *io, const one_row *row, sb_error *err)
{
    const sb_batch *head = row->head;
    uint8_t *stored;
    sb_map_find(self->table, &row->key, &stored);
    bool adds = sb_row_op_adds(sb_batch_op(head, row->physical));
    if (!stored && (!adds || !row->passes)) {
        return SB_OK;
    }
    if (!adds) {
        emit_stored(self, io, stored, SB_ROW_DELETE);
        sb_table_erase_row(self->table, stored);
        return SB_OK;
    }
    if (!stored) {
        emit_head(io, head, row->physical, SB_ROW_INSERT);
        return sb_map_put(self->table, &row->key, head->columns, err);
    }
    int32_t first = sb_table_field(self->table, 0);
    if (self->ttl_ms == 0 && sb_row_equal_columns(sb_table_layout(self->table), stored, first,
                                                  self->row.count, head->columns, row->physical)) {
        return SB_OK;
    }
    if (!row->passes) {
        emit_stored(self, io, stored, SB_ROW_DELETE);
        sb_table_erase_row(self->table, stored);
        return SB_OK;
    }
    if (self->emit_before) {
        emit_stored(self, io, stored, SB_ROW_UPDATE_BEFORE);
    }
    emit_head(io, head, row->physical, SB_ROW_UPDATE_AFTER);
    return sb_map_put(self->table, &row->key, head->columns, err);
}

static sb_step
normalize_step(sb_op *op, sb_io *io, sb_error *err)
{
    return step_rows(SB_OP_CAST(op, changelog_op, &sb_op_normalize), io, normalize_row, err);
}

static void
close_rows(changelog_op *self)
{
    sb_keyed_deinit(&self->keyed);
    self->condition = sb_eval_free(self->condition);
    self->arena = sb_arena_free(self->arena);
}

static void
normalize_close(sb_op *op)
{
    close_rows(SB_OP_CAST(op, changelog_op, &sb_op_normalize));
}

static void
changelog_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "%s(%s)", op->vtable->name,
                   op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_normalize = {
    .name = "ChangelogNormalize",
    .instance_size = sizeof(changelog_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = normalize_init,
    .step = normalize_step,
    .close = normalize_close,
    .describe = changelog_describe,
};

/* --- materialize --- */

static sb_status
materialize_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    changelog_op *self = SB_OP_CAST(op, changelog_op, &sb_op_materialize);
    const sb_materialize_node *body = node->body;
    self->upsert_key = body->upsert_key;
    return open_rows(self, ctx, SB_BAG, body->keys, body->ttl_ms, err);
}

/* Is the stored row the one meant by the head row? By the upsert key, else by all columns. */
static bool
is_same(const changelog_op *self, const uint8_t *stored, const sb_batch *head, int32_t physical)
{
    const sb_row_layout *layout = sb_table_layout(self->table);
    int32_t first = sb_table_field(self->table, 0);
    if (self->upsert_key.count == 0) {
        return sb_row_equal_columns(layout, stored, first, self->row.count, head->columns,
                                    physical);
    }
    for (int32_t k = 0; k < self->upsert_key.count; k++) {
        int32_t c = self->upsert_key.at[k];
        if (!sb_row_equal_columns(layout, stored, first + c, 1, &head->columns[c], physical)) {
            return false;
        }
    }
    return true;
}

static sb_status
materialize_add(changelog_op *self, sb_io *io, const one_row *row, sb_error *err)
{
    const sb_batch *head = row->head;
    uint8_t *stored = sb_bag_first(self->table, &row->key);
    emit_head(io, head, row->physical, stored ? SB_ROW_UPDATE_AFTER : SB_ROW_INSERT);
    while (self->upsert_key.count > 0 && stored && !is_same(self, stored, head, row->physical)) {
        stored = sb_bag_next(self->table, stored);
    }
    if (self->upsert_key.count > 0 && stored) {
        if (!sb_bag_replace(self->table, stored, head->columns, row->physical)) {
            SB_NOMEM(err);
        }
        return SB_OK;
    }
    return sb_bag_add(self->table, &row->key, head->columns, err);
}

static sb_status
materialize_row(changelog_op *self, sb_io *io, const one_row *row, sb_error *err)
{
    const sb_batch *head = row->head;
    if (sb_row_op_adds(sb_batch_op(head, row->physical))) {
        return materialize_add(self, io, row, err);
    }
    uint8_t *stored = sb_bag_first(self->table, &row->key);
    while (stored && !is_same(self, stored, head, row->physical)) {
        stored = sb_bag_next(self->table, stored);
    }
    if (!stored) {
        return SB_OK; /* never seen, or its state expired */
    }
    uint8_t *before = sb_bag_prev(self->table, stored);
    bool was_last = sb_bag_next(self->table, stored) == NULL;
    if (!before && was_last) {
        emit_head(io, head, row->physical, SB_ROW_DELETE);
    } else if (was_last) {
        emit_stored(self, io, before, SB_ROW_UPDATE_AFTER);
    }
    sb_table_erase_row(self->table, stored);
    return SB_OK;
}

static sb_step
materialize_step(sb_op *op, sb_io *io, sb_error *err)
{
    return step_rows(SB_OP_CAST(op, changelog_op, &sb_op_materialize), io, materialize_row, err);
}

static void
materialize_close(sb_op *op)
{
    close_rows(SB_OP_CAST(op, changelog_op, &sb_op_materialize));
}

const sb_op_vtable sb_op_materialize = {
    .name = "SinkUpsertMaterializer",
    .instance_size = sizeof(changelog_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = materialize_init,
    .step = materialize_step,
    .close = materialize_close,
    .describe = changelog_describe,
};
