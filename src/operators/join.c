/*
 * operators/join.c -- inner equi-join of two changelogs, with a residual condition (R31, R33).
 *
 * DESIGN     Each side keeps its rows in a bag by join key. A row matches the other side's bag and
 *            each match goes out with the row's own kind; then the row enters (+I, +U) or leaves
 *            (-U, -D) its own side. Rows with a NULL key match nothing and are not kept. A row may
 *            have a million matches: the cursor (input, sequence number of the last match) belongs
 *            to the head row, whose side is written only when it is complete. Vectorised: as many
 *            head rows as have room are matched together, then their own side is written for
 *            exactly those. An open cursor pins its input; otherwise inputs take turns.
 * OWNERSHIP  Bags belong to the operator's state. Matched rows' bytes are copied out.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/joined.h"
#include "operators/keyed.h"
#include "operators/operators.h"

enum { TABLE_LEFT = 1, TABLE_RIGHT = 2 };

enum { STEP_ROWS = 8192, MATCH_LIMIT = 4096 };

typedef struct join_side {
    sb_table *table;
    sb_keyed keyed;
    sb_schema row; /* all columns of the input */
    bool retracts;
} join_side;

typedef struct join_op {
    sb_op base;
    const sb_join_node *body;
    sb_arena *arena;
    join_side side[2];
    sb_eval *residual;  /* NULL: none */
    int32_t capacity;   /* head rows matched together */
    int32_t pinned;     /* input whose head row is partly matched; -1: none */
    uint64_t seq;       /* its last match */
    int32_t turn;       /* input to look at first */
    int32_t *match_key; /* position of each match */
    uint8_t **match_row;
    int32_t *head_rows;  /* physical head row of each match */
    int32_t *keep;       /* residual: rows kept */
    int32_t *write_rows; /* scratch: rows entering or leaving */
    uint64_t *write_hashes;
    uint64_t *found;
} join_op;

static sb_status
open_side(join_op *self, int32_t s, sb_init *ctx, sb_error *err)
{
    join_side *side = &self->side[s];
    const sb_join_node *body = self->body;
    sb_columns keys = s == 0 ? body->left_keys : body->right_keys;
    side->retracts = s == 0 ? body->left_retracts : body->right_retracts;
    side->row = *ctx->inputs[s];
    const sb_schema *key = sb_keyed_schema(self->arena, ctx->inputs[s], keys);
    if (!key) {
        SB_NOMEM(err);
    }
    sb_table_spec spec = {.table_id = s == 0 ? TABLE_LEFT : TABLE_RIGHT,
                          .shape = SB_BAG,
                          .key = key,
                          .row = &side->row,
                          .ttl_ms = s == 0 ? body->left_ttl_ms : body->right_ttl_ms,
                          .index_rows = side->retracts};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &side->table, err), err);
    return sb_keyed_init(&side->keyed, ctx->mem, keys, self->capacity, err);
}

static sb_status
join_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    join_op *self = SB_OP_CAST(op, join_op, &sb_op_join);
    self->body = node->body;
    self->pinned = -1;
    self->capacity = ctx->batch_rows;
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(open_side(self, 0, ctx, err), err);
    SB_TRY(open_side(self, 1, ctx, err), err);
    if (self->body->residual) {
        sb_expr *residual = self->body->residual;
        SB_TRY(sb_eval_new(ctx->mem, node->schema, &residual, 1, ctx->zone, &self->residual, err),
               err);
    }
    self->match_key = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->match_row = SB_NEW_ARRAY(self->arena, uint8_t *, MATCH_LIMIT);
    self->head_rows = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->keep = SB_NEW_ARRAY(self->arena, int32_t, MATCH_LIMIT);
    self->write_rows = SB_NEW_ARRAY(self->arena, int32_t, self->capacity);
    self->write_hashes = SB_NEW_ARRAY(self->arena, uint64_t, self->capacity);
    self->found = SB_NEW_ARRAY(self->arena, uint64_t, self->capacity / 64 + 1);
    if (!self->match_key || !self->match_row || !self->head_rows || !self->keep ||
        !self->write_rows || !self->write_hashes || !self->found) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
head_columns(const sb_batch *head, const int32_t *rows, int32_t n, sb_mem *mem, sb_vector **out,
             sb_error *err)
{
    for (int32_t c = 0; c < head->schema->count; c++) {
        out[c] = sb_vector_gather(mem, head->columns[c], rows, n);
        if (!out[c]) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

/* One output batch for n matches of input i's rows. */
static sb_status
emit_matches(join_op *self, sb_io *io, int32_t i, int32_t n, sb_error *err)
{
    const sb_batch *head = io->in[i].head;
    const sb_schema *schema = self->base.node->schema;
    int32_t left = self->side[0].row.count;
    sb_vector **out = sb_alloc_zero(io->mem, sizeof *out * (size_t)(schema->count + 1));
    sb_buffer *ops = head->ops ? sb_buffer_new(io->mem, n) : NULL;
    if (!out || (head->ops && !ops)) {
        sb_free(io->mem, out, out ? sizeof *out * (size_t)(schema->count + 1) : 0);
        sb_buffer_unref(ops);
        SB_NOMEM(err);
    }
    for (int32_t m = 0; m < n; m++) {
        self->head_rows[m] = self->side[i].keyed.physical[self->match_key[m]];
        if (ops) {
            ops->data[m] = head->ops[self->head_rows[m]];
        }
    }
    sb_vector **mine = i == 0 ? out : out + left, **other = i == 0 ? out + left : out;
    sb_status status = head_columns(head, self->head_rows, n, io->mem, mine, err);
    status = status == SB_OK
                 ? sb_joined_stored(self->side[1 - i].table, self->side[1 - i].row.count,
                                    self->match_row, n, schema->fields + (i == 0 ? left : 0),
                                    io->mem, other, err)
                 : status;
    sb_batch *batch = status == SB_OK ? sb_batch_new(io->mem, schema, out, n) : NULL;
    for (int32_t c = 0; status != SB_OK && c < schema->count; c++) {
        sb_vector_unref(out[c]);
    }
    sb_free(io->mem, out, sizeof *out * (size_t)(schema->count + 1));
    if (!batch) {
        sb_buffer_unref(ops);
        SB_NOMEM(err);
    }
    if (ops) {
        sb_batch_set_ops(batch, ops, ops->data);
    }
    return sb_joined_push(io, self->residual, self->keep, batch, err);
}

/* Own side of completed head rows, in order: runs of equal direction go as one call. */
static sb_status
write_side(join_op *self, int32_t i, const sb_batch *head, const sb_keys *keys, int32_t count,
           sb_error *err)
{
    join_side *side = &self->side[i];
    int32_t at = 0;
    while (at < count) {
        bool adds = sb_row_op_adds(sb_batch_op(head, keys->rows[at]));
        int32_t n = 0;
        for (; at < count && sb_row_op_adds(sb_batch_op(head, keys->rows[at])) == adds; at++) {
            if (sb_joined_key_matches(keys, at, self->body->left_keys.count,
                                      self->body->null_safe)) {
                self->write_rows[n] = keys->rows[at];
                self->write_hashes[n++] = keys->hashes[at];
            }
        }
        sb_keys part = {keys->columns, self->write_rows, self->write_hashes, NULL, n};
        if (n > 0 && adds) {
            SB_TRY(sb_bag_add(side->table, &part, head->columns, err), err);
        } else if (n > 0) {
            sb_bag_remove(side->table, &part, head->columns, self->found);
        }
    }
    return SB_OK;
}

typedef enum { JOIN_CONTINUES, JOIN_WAITS_ROOM, JOIN_FAILED } join_outcome;

/* Matches rows of input i's head up to the next mark, as far as there is room. */
static join_outcome
join_rows(join_op *self, sb_io *io, int32_t i, int32_t *quota, sb_error *err)
{
    sb_input *in = &io->in[i];
    int32_t count = sb_io_run_end(io, i) - in->row, room = sb_port_room(io, 0);
    if (room == 0) {
        return JOIN_WAITS_ROOM;
    }
    /* Keys are hashed again for each portion: not many more of them than may get out. */
    int32_t limit = room + MATCH_LIMIT / 8;
    limit = limit < self->capacity ? limit : self->capacity;
    count = count < limit ? count : limit;
    sb_keys keys = sb_keyed_load(&self->side[i].keyed, in->head, in->row, count);
    sb_match cursor = {0, self->pinned == i ? self->seq : 0};
    self->pinned = -1;
    while (*quota > 0 && cursor.key < count) {
        room = sb_port_room(io, 0);
        if (room == 0) {
            break;
        }
        int32_t portion = room < MATCH_LIMIT ? room : MATCH_LIMIT;
        int32_t n = sb_bag_match(self->side[1 - i].table, &keys, self->body->null_safe, &cursor,
                                 portion, self->match_key, self->match_row);
        if (n > 0 && emit_matches(self, io, i, n, err) != SB_OK) {
            return JOIN_FAILED;
        }
        *quota -= n + 1;
    }
    int32_t complete = cursor.key;
    *quota -= complete;
    if (write_side(self, i, in->head, &keys, complete, err) != SB_OK) {
        return JOIN_FAILED;
    }
    sb_io_consume(io, i, complete);
    if (complete < count && cursor.seq > 0) {
        self->pinned = i;
        self->seq = cursor.seq;
    }
    return complete == count || *quota <= 0 ? JOIN_CONTINUES : JOIN_WAITS_ROOM;
}

/* Works on one input until its head ends or something stops it. */
static sb_step
step_input(join_op *self, sb_io *io, int32_t i, int32_t *quota, sb_error *err)
{
    while (!sb_io_head_done(io, i)) {
        if (sb_io_mark_here(io, i)) {
            sb_io_take_mark(io, i);
            if (sb_io_target_ms(io) > io->done_ms) {
                sb_io_advance_done(io, true);
            }
            continue;
        }
        if (*quota <= 0) {
            return SB_STEP_AGAIN;
        }
        switch (join_rows(self, io, i, quota, err)) {
        case JOIN_FAILED: return SB_STEP_FAIL;
        case JOIN_WAITS_ROOM: return SB_WAIT_ROOM;
        case JOIN_CONTINUES: break;
        }
    }
    return 0;
}

static sb_step
join_step(sb_op *op, sb_io *io, sb_error *err)
{
    join_op *self = SB_OP_CAST(op, join_op, &sb_op_join);
    int32_t quota = STEP_ROWS;
    if (self->pinned < 0 && sb_io_target_ms(io) > io->done_ms) {
        sb_io_advance_done(io, true);
    }
    int32_t first = self->pinned >= 0 ? self->pinned : self->turn;
    for (int32_t k = 0; k < 2; k++) {
        int32_t i = k == 0 ? first : 1 - first;
        sb_step wait = step_input(self, io, i, &quota, err);
        if (wait != 0) {
            self->turn = wait == SB_STEP_AGAIN ? i : self->turn;
            return wait;
        }
    }
    self->turn = 1 - first;
    if (io->in[0].ended && io->in[1].ended && sb_io_target_ms(io) <= io->done_ms) {
        return SB_STEP_DONE;
    }
    return SB_WAIT_INPUT;
}

static sb_status
join_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    join_op *self = SB_OP_CAST(op, join_op, &sb_op_join);
    sb_write_u8(w, (uint8_t)(self->pinned + 1));
    sb_write_u64(w, self->seq);
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
join_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    join_op *self = SB_OP_CAST(op, join_op, &sb_op_join);
    sb_reader r = piece->op;
    self->pinned = (int32_t)sb_read_u8(&r) - 1;
    self->seq = sb_read_u64(&r);
    SB_TRY(sb_reader_done(&r, "join cursor", err), err);
    if (self->pinned > 1) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "join cursor names input %d", (int)self->pinned);
    }
    if (self->pinned >= 0 && !piece->head_is_mine[self->pinned]) {
        self->pinned = -1;
    }
    return SB_OK;
}

static void
join_close(sb_op *op)
{
    join_op *self = SB_OP_CAST(op, join_op, &sb_op_join);
    sb_keyed_deinit(&self->side[0].keyed);
    sb_keyed_deinit(&self->side[1].keyed);
    self->residual = sb_eval_free(self->residual);
    self->arena = sb_arena_free(self->arena);
}

static void
join_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "Join(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_join = {
    .name = "Join",
    .instance_size = sizeof(join_op),
    .count_inputs = 2,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = join_init,
    .step = join_step,
    .snapshot = join_snapshot,
    .restore = join_restore,
    .close = join_close,
    .describe = join_describe,
};
