/*
 * operators/sort.c -- ORDER BY, OFFSET and LIMIT over input that ends: all rows at the end, sorted.
 *
 * DESIGN     An ordered table sorts rows as they come, so no step takes long: by the order columns,
 *            then by `tie`, then by all other columns. Of inserts `tie` is their number, so rows
 *            that are equal in the order columns stay in the order in which they came, and with a
 *            LIMIT those beyond it are dropped at once. Of a changelog it is 0: equal rows are one
 *            with a count, and a row that is taken back is found. At the end of the input rows
 *            leave from the front; one that is out is erased, so a restore goes on behind it.
 * OWNERSHIP  The table belongs to the operator's state.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/keyed.h"
#include "operators/operators.h"

enum { TABLE_ROWS = 1, STEP_ROWS = 2048, RUN_ROWS = 512, COUNT_COLUMN = 0 };

typedef struct sort_op {
    sb_op base;
    const sb_sort_node *body;
    sb_arena *arena;
    sb_table *table;
    sb_keyed keyed;
    int32_t *fields;         /* column -> field of the sort columns */
    sb_vector **sort;        /* sort columns of the head; `tie` is ours */
    int32_t count_sort, tie; /* tie: which sort column */
    uint8_t **rows;          /* RUN_ROWS */
    int64_t next_tie;
    int64_t skipped, sent; /* of OFFSET and LIMIT */
} sort_op;

/* ---- set up ---- */

static sb_status
sort_schema(sort_op *self, const sb_schema *input, sb_schema *out, bool **out_descending,
            sb_error *err)
{
    const sb_columns *order = &self->body->order;
    int32_t count = input->count + 1, n = 0;
    sb_field *fields = SB_NEW_ARRAY(self->arena, sb_field, count);
    self->fields = SB_NEW_ARRAY(self->arena, int32_t, count);
    self->sort = SB_NEW_ARRAY(self->arena, sb_vector *, count);
    *out_descending = SB_NEW_ARRAY(self->arena, bool, count);
    if (!fields || !self->fields || !self->sort || !*out_descending) {
        SB_NOMEM(err);
    }
    for (int32_t c = 0; c < input->count; c++) {
        self->fields[c] = -1;
    }
    for (int32_t i = 0; i < order->count; i++) {
        (*out_descending)[n] = self->body->descending[i];
        self->fields[order->at[i]] = n;
        fields[n++] = input->fields[order->at[i]];
    }
    self->tie = n;
    fields[n++] = (sb_field){.name = "tie", .type = SB_TYPE(BIGINT, false)};
    for (int32_t c = 0; c < input->count; c++) {
        if (self->fields[c] < 0) {
            self->fields[c] = n;
            fields[n++] = input->fields[c];
        }
    }
    self->count_sort = n;
    *out = (sb_schema){.count = n, .fields = fields};
    return SB_OK;
}

static sb_status
sort_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    static const sb_field count_fields[] = {{"count", SB_TYPE(BIGINT, false), 0}};
    static const sb_schema count_schema = {1, count_fields}, no_key = {0, count_fields};
    sort_op *self = SB_OP_CAST(op, sort_op, &sb_op_sort);
    sb_schema sort;
    bool *descending;
    self->body = node->body;
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(sort_schema(self, ctx->inputs[0], &sort, &descending, err), err);
    self->rows = SB_NEW_ARRAY(self->arena, uint8_t *, RUN_ROWS);
    if (!self->rows) {
        SB_NOMEM(err);
    }
    sb_table_spec spec = {.table_id = TABLE_ROWS,
                          .shape = SB_ORDERED,
                          .key = &no_key,
                          .sort = &sort,
                          .sort_descending = descending,
                          .row = &count_schema};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    return sb_keyed_init(&self->keyed, ctx->mem, (sb_columns){0}, RUN_ROWS, err);
}

/* ---- rows in ---- */

/* `tie` of the rows of a run, by physical row. NULL: out of memory. */
static sb_vector *
make_ties(sort_op *self, sb_mem *mem, const sb_batch *head, const sb_keys *keys)
{
    static const sb_type type = SB_TYPE(BIGINT, false);
    int64_t zero = 0;
    if (self->body->retracts) {
        return sb_vector_const(mem, &type, &zero, head->count_physical);
    }
    sb_vector *ties = sb_vector_alloc(mem, &type, head->count_physical, false);
    int64_t *values = ties ? sb_vector_values_mut(ties) : NULL;
    for (int32_t i = 0; ties && i < keys->count; i++) {
        values[keys->rows[i]] = self->next_tie + i;
    }
    return ties;
}

static void
add_to_count(sort_op *self, uint8_t *row, int64_t change)
{
    int64_t count;
    sb_table_touch(self->table, row);
    void *slot =
        sb_row_slot(sb_table_layout(self->table), row, sb_table_field(self->table, COUNT_COLUMN));
    memcpy(&count, slot, sizeof count);
    count += change;
    memcpy(slot, &count, sizeof count);
    if (count <= 0) {
        sb_table_erase_row(self->table, row);
    }
}

static int64_t
count_of(const sort_op *self, uint8_t *row)
{
    int64_t count;
    memcpy(
        &count,
        sb_row_slot(sb_table_layout(self->table), row, sb_table_field(self->table, COUNT_COLUMN)),
        sizeof count);
    return count;
}

/* Rows of a changelog one by one: what one does depends on those before it. */
static sb_status
apply_changes(sort_op *self, const sb_batch *head, const sb_keys *keys, sb_error *err)
{
    for (int32_t i = 0; i < keys->count; i++) {
        sb_keys one = {keys->columns, &keys->rows[i], &keys->hashes[i], NULL, 1};
        uint8_t *row;
        if (sb_row_op_adds(sb_batch_op(head, keys->rows[i]))) {
            SB_TRY(sb_ordered_put(self->table, &one, self->sort, &row, NULL, err), err);
            add_to_count(self, row, 1);
        } else {
            sb_ordered_find(self->table, &one, self->sort, &row);
            if (row) {
                add_to_count(self, row, -1);
            }
        }
    }
    return SB_OK;
}

/* With a LIMIT nothing behind offset + limit will ever leave. */
static void
drop_beyond(sort_op *self, const sb_keys *keys)
{
    const sb_sort_node *body = self->body;
    sb_keys one = {keys->columns, keys->rows, keys->hashes, NULL, 1};
    while (body->limit >= 0 && sb_table_count(self->table) - body->offset > body->limit) {
        sb_table_erase_row(self->table, sb_ordered_last(self->table, &one));
    }
}

static sb_status
take_run(sort_op *self, sb_io *io, int32_t count, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    count = count < RUN_ROWS ? count : RUN_ROWS;
    sb_keys keys = sb_keyed_load(&self->keyed, head, io->in[0].row, count);
    sb_vector *ties = make_ties(self, io->mem, head, &keys);
    if (!ties) {
        SB_NOMEM(err);
    }
    for (int32_t c = 0; c < head->schema->count; c++) {
        self->sort[self->fields[c]] = head->columns[c];
    }
    self->sort[self->tie] = ties;
    sb_status status;
    if (self->body->retracts) {
        status = apply_changes(self, head, &keys, err);
    } else {
        status = sb_ordered_put(self->table, &keys, self->sort, self->rows, NULL, err);
        for (int32_t i = 0; status == SB_OK && i < count; i++) {
            add_to_count(self, self->rows[i], 1);
        }
        if (status == SB_OK) {
            self->next_tie += count;
            drop_beyond(self, &keys);
        }
    }
    sb_vector_unref(ties);
    if (status == SB_OK) {
        sb_io_consume(io, 0, count);
    }
    return status;
}

/* ---- rows out ---- */

static uint8_t *
first_row(sort_op *self)
{
    static const int32_t row = 0;
    uint64_t hash;
    sb_hash_columns(NULL, 0, &row, 1, &hash);
    sb_keys one = {NULL, &row, &hash, NULL, 1};
    return sb_ordered_first(self->table, &one);
}

static void
emit_row(sort_op *self, sb_io *io, uint8_t *row, int32_t times)
{
    sb_batch_builder *b = sb_port_builder(io, 0);
    const sb_row_layout *layout = sb_table_layout(self->table);
    int32_t first_sort = sb_table_field(self->table, 0) - self->count_sort;
    for (int32_t n = 0; n < times; n++) {
        for (int32_t c = 0; c < b->schema->count; c++) {
            sb_row_decode(layout, &row, 1, first_sort + self->fields[c], 1, &b->columns[c], true);
        }
        sb_batch_builder_row(b, SB_ROW_INSERT);
    }
}

/* As many as there is room for. */
static sb_status
emit_rows(sort_op *self, sb_io *io, bool *out_more, sb_error *err)
{
    const sb_sort_node *body = self->body;
    for (int32_t quota = STEP_ROWS; quota > 0; quota--) {
        uint8_t *row = body->limit >= 0 && self->sent >= body->limit ? NULL : first_row(self);
        int32_t room = sb_port_room(io, 0);
        *out_more = row != NULL;
        if (!row || room == 0) {
            return SB_OK;
        }
        int64_t count = count_of(self, row), skip = body->offset - self->skipped;
        skip = skip < count ? skip : count;
        int64_t times = count - skip < room ? count - skip : room;
        if (body->limit >= 0 && times > body->limit - self->sent) {
            times = body->limit - self->sent;
        }
        emit_row(self, io, row, (int32_t)times);
        if (sb_batch_builder_failed(sb_port_builder(io, 0))) {
            SB_NOMEM(err); /* before the row is gone */
        }
        self->skipped += skip;
        self->sent += times;
        add_to_count(self, row, -(skip + times));
    }
    return SB_OK;
}

static sb_step
sort_step(sb_op *op, sb_io *io, sb_error *err)
{
    sort_op *self = SB_OP_CAST(op, sort_op, &sb_op_sort);
    sb_input *in = &io->in[0];
    for (int32_t quota = STEP_ROWS;;) {
        if (sb_io_target_ms(io) > io->done_ms) {
            sb_io_advance_done(io, false); /* told when all rows are out: they are before it */
        }
        if (in->head && sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        int32_t count = in->head ? sb_io_run_end(io, 0) - in->row : 0;
        if (count == 0 && !(in->ended && !in->head)) {
            return SB_WAIT_INPUT;
        }
        if (count == 0) {
            break;
        }
        if (quota <= 0) {
            return SB_STEP_AGAIN;
        }
        if (take_run(self, io, count, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        quota -= RUN_ROWS;
    }
    bool more = true;
    if (emit_rows(self, io, &more, err) != SB_OK) {
        return SB_STEP_FAIL;
    }
    if (more) {
        return sb_port_room(io, 0) == 0 ? SB_WAIT_ROOM : SB_STEP_AGAIN;
    }
    sb_port_mark(io, 0, io->done_ms);
    return SB_STEP_DONE;
}

/* ---- the rest ---- */

static sb_status
sort_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    const sort_op *self = SB_OP_CAST(op, sort_op, &sb_op_sort);
    sb_write_i64(w, self->next_tie);
    sb_write_i64(w, self->skipped);
    sb_write_i64(w, self->sent);
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
sort_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    sort_op *self = SB_OP_CAST(op, sort_op, &sb_op_sort);
    sb_reader r = piece->op;
    int64_t next_tie = sb_read_i64(&r), skipped = sb_read_i64(&r), sent = sb_read_i64(&r);
    SB_TRY(sb_reader_done(&r, "place in a sorted result", err), err);
    self->next_tie = next_tie > self->next_tie ? next_tie : self->next_tie;
    self->skipped += skipped;
    self->sent += sent;
    return SB_OK;
}

static void
sort_close(sb_op *op)
{
    sort_op *self = SB_OP_CAST(op, sort_op, &sb_op_sort);
    sb_keyed_deinit(&self->keyed);
    self->arena = sb_arena_free(self->arena);
}

static void
sort_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "Sort(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_sort = {
    .name = "Sort",
    .instance_size = sizeof(sort_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = sort_init,
    .step = sort_step,
    .snapshot = sort_snapshot,
    .restore = sort_restore,
    .close = sort_close,
    .describe = sort_describe,
};
