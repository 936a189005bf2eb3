/*
 * operators/group_agg.c -- GROUP BY over a changelog: a changelog of one row per group (R21 to R24,
 * R27, R28).
 *
 * DESIGN     One map table: group key -> accumulators, [count of rows, when input retracts],
 *            [emitted, when mini-batch]. Row by row: all aggregates write the results before and
 *            after each row (2n physical rows); a selection keeps what changed. The first row of a
 *            group emits +I, a change -U (if wanted) and +U, the last row leaving -D. Nothing when
 *            the result is the same and TTL is off. A retraction for an unknown group is dropped.
 *            Mini-batch: a changed group is flagged and its result before saved in its row; a flush
 *            takes flagged rows and emits the net change. Flush: enough rows, latency, a barrier
 *            that waits, the end of input. Flags and saved results are state, so a snapshot is
 *            legal at any time.
 * OWNERSHIP  Tables belong to the operator's state; scratch to the instance.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/agg_set.h"
#include "operators/keyed.h"
#include "operators/operators.h"

enum { TABLE_GROUPS = 1, TABLE_SIDE = 16 };

/* Groups of one batch of a flush: read once for each column, they should stay in the cache. */
enum { STEP_ROWS = 4096, FLUSH_ROWS = 1024 };

/* Collected values that should go into one batch of results, and rows of the first one. */
enum { COLLECT_VALUES = 1 << 18, COLLECT_ROWS = 64 };

/* What a row means for its group. */
enum { GROUP_NORMAL, GROUP_FIRST, GROUP_LAST, GROUP_DROP };

typedef struct group_agg_op {
    sb_op base;
    const sb_group_agg_node *body;
    sb_arena *arena;
    sb_table *table;
    sb_agg_set set;
    sb_keyed keyed;
    int32_t capacity;       /* rows of a run */
    int32_t count_column;   /* value column: rows in the group; -1: input only inserts */
    bool always_changes;    /* a COUNT(*) of all rows: each row changes the result */
    int32_t emitted_column; /* value column: a result was emitted; -1: no mini-batch */
    uint8_t **rows;
    uint64_t *created;
    int8_t *sign;
    uint8_t *how, *meaning;
    int32_t *indexes;     /* 2 * capacity: gather list of an output */
    int32_t *numbers;     /* 0, 1, 2 ... */
    bool collects;        /* an aggregate collects its values */
    int32_t run_limit;    /* rows, or groups, until their results fill a batch */
    sb_vector **results;  /* one per aggregate */
    int64_t pending_rows; /* mini-batch: rows since the last flush */
    int64_t flush_at_ms;  /* mini-batch: latency ends; INT64_MAX: nothing pending */
    bool flushing;
    int32_t subtask;
} group_agg_op;

static bool
is_minibatch(const group_agg_op *self)
{
    return self->emitted_column >= 0;
}

static sb_status
open_tables(group_agg_op *self, sb_init *ctx, sb_error *err)
{
    const sb_group_agg_node *body = self->body;
    bool minibatch = body->minibatch_rows > 0;
    const sb_schema *key = sb_keyed_schema(self->arena, ctx->inputs[0], body->keys);
    sb_field *fields =
        SB_NEW_ARRAY(self->arena, sb_field, SB_AGG_FIELDS_MAX * body->count_aggs + 3);
    sb_schema *row = SB_NEW(self->arena, sb_schema);
    if (!key || !fields || !row) {
        SB_NOMEM(err);
    }
    int32_t count = 0;
    SB_TRY(sb_agg_set_declare(&self->set, ctx->mem, body->aggs, body->count_aggs, ctx->inputs[0],
                              body->input_retracts, minibatch, true, fields, &count, err),
           err);
    self->count_column = body->input_retracts ? count : -1;
    if (body->input_retracts) {
        fields[count++] = (sb_field){.name = "rows", .type = SB_TYPE(BIGINT, false)};
    }
    self->emitted_column = minibatch ? count : -1;
    if (minibatch) {
        fields[count++] = (sb_field){.name = "emitted", .type = SB_TYPE(BIGINT, false)};
    }
    *row = (sb_schema){count, fields};
    sb_table_spec spec = {
        .table_id = TABLE_GROUPS, .shape = SB_MAP, .key = key, .row = row, .ttl_ms = body->ttl_ms};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    return sb_agg_set_open(&self->set, ctx, self->table, key, false, TABLE_SIDE, body->ttl_ms,
                           self->capacity, err);
}

static sb_status
group_agg_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    group_agg_op *self = SB_OP_CAST(op, group_agg_op, &sb_op_group_agg);
    self->body = node->body;
    self->subtask = ctx->subtask;
    self->capacity = ctx->batch_rows + 1;
    for (int32_t a = 0; a < self->body->count_aggs; a++) {
        const sb_agg_call *call = &self->body->aggs[a];
        self->always_changes =
            self->always_changes || (call->kind == SB_AGG_COUNT_STAR && call->filter < 0);
    }
    self->flush_at_ms = INT64_MAX;
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(open_tables(self, ctx, err), err);
    SB_TRY(sb_keyed_init(&self->keyed, ctx->mem, self->body->keys, self->capacity, err), err);
    int32_t n = self->capacity;
    self->rows = SB_NEW_ARRAY(self->arena, uint8_t *, n);
    self->created = SB_NEW_ARRAY(self->arena, uint64_t, n / 64 + 1);
    self->sign = SB_NEW_ARRAY(self->arena, int8_t, n);
    self->how = SB_NEW_ARRAY(self->arena, uint8_t, n);
    self->meaning = SB_NEW_ARRAY(self->arena, uint8_t, n);
    self->indexes = SB_NEW_ARRAY(self->arena, int32_t, 2 * n);
    self->numbers = SB_NEW_ARRAY(self->arena, int32_t, n);
    self->results = SB_NEW_ARRAY(self->arena, sb_vector *, self->body->count_aggs + 1);
    if (!self->rows || !self->created || !self->sign || !self->how || !self->meaning ||
        !self->indexes || !self->numbers || !self->results) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < n; i++) {
        self->numbers[i] = i;
    }
    self->collects = sb_agg_set_collects(&self->set);
    self->run_limit = self->collects ? COLLECT_ROWS : INT32_MAX;
    return SB_OK;
}

static int64_t *
value_slot(const group_agg_op *self, uint8_t *row, int32_t column)
{
    return sb_row_slot(sb_table_layout(self->table), row, sb_table_field(self->table, column));
}

/* Only inserts: a group's first row is all there is to know. Its accumulators start here. */
static void
classify_inserts(group_agg_op *self, int32_t count)
{
    memset(self->meaning, GROUP_NORMAL, (size_t)count);
    for (int32_t w = 0; w * 64 < count; w++) {
        for (uint64_t bits = self->created[w]; bits; bits &= bits - 1) {
            int32_t i = w * 64 + __builtin_ctzll(bits);
            self->meaning[i] = GROUP_FIRST;
            sb_agg_set_start(&self->set, self->rows[i]);
        }
    }
}

/* What each row means for its group; keeps the groups' row counts. Fills sign, how, meaning. */
static void
classify(group_agg_op *self, const sb_batch *head, const sb_keys *keys)
{
    for (int32_t i = 0; i < keys->count; i++) {
        bool adds = sb_row_op_adds(sb_batch_op(head, keys->rows[i]));
        self->sign[i] = adds ? 1 : -1;
        self->meaning[i] = GROUP_NORMAL;
        self->how[i] = 0;
        bool first = sb_bit_get(self->created, i);
        if (self->count_column >= 0) {
            int64_t *rows = value_slot(self, self->rows[i], self->count_column);
            first = *rows == 0;
            if (first && !adds) {
                self->meaning[i] = GROUP_DROP;
                self->sign[i] = 0;
                continue;
            }
            *rows += self->sign[i];
            self->how[i] = *rows == 0 ? SB_AGG_DROP : 0;
            self->meaning[i] = *rows == 0 ? GROUP_LAST : GROUP_NORMAL;
        }
        if (first) {
            self->meaning[i] = GROUP_FIRST;
            self->how[i] = SB_AGG_RESET;
        }
    }
}

/* Mini-batch: flags changed groups and asks for their result before. */
static sb_status
flag_groups(group_agg_op *self, const sb_keys *keys, sb_error *err)
{
    for (int32_t i = 0; i < keys->count; i++) {
        if (self->meaning[i] != GROUP_DROP && !sb_map_is_flagged(self->table, self->rows[i])) {
            SB_TRY(sb_map_flag(self->table, self->rows[i], err), err);
            self->how[i] |= SB_AGG_SAVE;
        }
    }
    return SB_OK;
}

/* The same where rows only insert: keys are numbered in the order of their first positions. */
static sb_status
flag_inserts(group_agg_op *self, int32_t count, sb_error *err)
{
    enum { AHEAD = 12 };

    const int32_t *numbers = self->keyed.number;
    uint8_t **rows = self->rows;
    uint32_t size = sb_table_layout(self->table)->fixed_size;
    for (int32_t i = 0, next = 0; i < count; i++) {
        if (numbers[i] != next) {
            continue;
        }
        next++;
        if (i + AHEAD < count) {
            for (uint32_t at = 0; at < size; at += 64) {
                __builtin_prefetch(rows[i + AHEAD] + at, 1);
            }
        }
        uint8_t *row = rows[i], *to = row;
        if (sb_map_is_flagged(self->table, row)) {
            continue;
        }
        SB_TRY(sb_map_flag(self->table, row, err), err);
        if (self->meaning[i] != GROUP_FIRST) {
            SB_TRY(sb_agg_set_save(&self->set, &to, err), err);
        }
        for (int32_t k = 0; to != row && k < count; k++) {
            rows[k] = rows[k] == row ? to : rows[k];
        }
    }
    return SB_OK;
}

/* Groups that a retraction created or emptied leave the table (mini-batch: at the flush). */
static void
erase_empty(group_agg_op *self, const sb_keys *keys)
{
    int32_t n = 0;
    for (int32_t i = 0; i < keys->count; i++) {
        bool leaves = self->meaning[i] == GROUP_LAST || self->meaning[i] == GROUP_DROP;
        if (!leaves || (is_minibatch(self) && sb_map_is_flagged(self->table, self->rows[i]))) {
            continue;
        }
        int64_t *rows = value_slot(self, self->rows[i], self->count_column);
        if (*rows == 0) {
            *rows = -1; /* listed: a later position of this run must not list it again */
            self->rows[n++] = self->rows[i];
        }
    }
    for (int32_t i = 0; i < n; i++) {
        sb_table_erase_row(self->table, self->rows[i]);
    }
}

/* Does an ARRAY, or one in it, hold a NULL? */
static bool
holds_null(const sb_vector *v, int32_t row)
{
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v, *elements;
    if (v->phys != SB_PHYS_LIST || v->type->id != SB_TYPE_ARRAY) {
        return false;
    }
    sb_list_entry list = ((const sb_list_entry *)flat->values)[sb_vector_index(v, row)];
    elements = flat->children[0];
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        if (!sb_vector_valid(elements, i) || holds_null(elements, i)) {
            return true;
        }
    }
    return false;
}

/* Two results of one aggregate as Flink compares them: 0.0 and -0.0 are no change; NaN and an ARRAY
 * with a NULL always are one. */
static bool
result_changed(const sb_vector *v, int32_t a, int32_t b)
{
    bool before = sb_vector_valid(v, a), after = sb_vector_valid(v, b);
    if (before != after || !before) {
        return before != after;
    }
    const char *values = v->values;
    size_t size = (size_t)sb_phys_size((sb_phys)v->phys);
    switch ((sb_phys)v->phys) {
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT: return holds_null(v, a) || !sb_value_equal(v, a, v, b);
    case SB_PHYS_VIEW: return !sb_view_equal(sb_vector_at(v, a), sb_vector_at(v, b));
    case SB_PHYS_F64: return ((const double *)v->values)[a] != ((const double *)v->values)[b];
    case SB_PHYS_F32: return ((const float *)v->values)[a] != ((const float *)v->values)[b];
    case SB_PHYS_I64: return ((const int64_t *)v->values)[a] != ((const int64_t *)v->values)[b];
    default: return memcmp(values + size * (size_t)a, values + size * (size_t)b, size) != 0;
    }
}

static bool
any_result_changed(const group_agg_op *self, int32_t i)
{
    for (int32_t a = 0; a < self->body->count_aggs; a++) {
        if (result_changed(self->results[a], 2 * i, 2 * i + 1)) {
            return true;
        }
    }
    return false;
}

/* The changelog of a run as a selection over 2n physical rows. Returns the count of rows. */
static int32_t
select_changes(group_agg_op *self, int32_t count, int32_t *selection, uint8_t *ops)
{
    int32_t n = 0;
    for (int32_t i = 0; i < count; i++) {
        switch (self->meaning[i]) {
        case GROUP_DROP: break;
        case GROUP_FIRST:
            ops[2 * i + 1] = SB_ROW_INSERT;
            selection[n++] = 2 * i + 1;
            break;
        case GROUP_LAST:
            ops[2 * i] = SB_ROW_DELETE;
            selection[n++] = 2 * i;
            break;
        default:
            if (!self->always_changes && self->body->ttl_ms == 0 && !any_result_changed(self, i)) {
                break;
            }
            if (self->body->emit_before) {
                ops[2 * i] = SB_ROW_UPDATE_BEFORE;
                selection[n++] = 2 * i;
            }
            ops[2 * i + 1] = SB_ROW_UPDATE_AFTER;
            selection[n++] = 2 * i + 1;
        }
    }
    return n;
}

/* Output columns: keys repeated for both rows of a pair, then the results. Takes over
 * self->results. */
static sb_batch *
pair_batch(group_agg_op *self, const sb_keys *keys, sb_mem *mem)
{
    int32_t n = keys->count, count_keys = self->body->keys.count;
    int32_t columns = count_keys + self->body->count_aggs;
    sb_vector **out = sb_alloc_zero(mem, sizeof *out * (size_t)(columns + 1));
    for (int32_t i = 0; i < n; i++) {
        self->indexes[2 * i] = self->indexes[2 * i + 1] = keys->rows[i];
    }
    bool failed = out == NULL;
    for (int32_t k = 0; k < count_keys && !failed; k++) {
        out[k] = sb_vector_gather(mem, keys->columns[k], self->indexes, 2 * n);
        failed = out[k] == NULL;
    }
    for (int32_t a = 0; a < self->body->count_aggs; a++) {
        if (out) {
            out[count_keys + a] = self->results[a];
        } else {
            sb_vector_unref(self->results[a]);
        }
        self->results[a] = NULL;
    }
    sb_batch *batch = failed ? NULL : sb_batch_new(mem, self->base.node->schema, out, 2 * n);
    for (int32_t c = 0; failed && out && c < columns; c++) {
        sb_vector_unref(out[c]);
    }
    sb_free(mem, out, out ? sizeof *out * (size_t)(columns + 1) : 0);
    return batch;
}

static void
drop_results(group_agg_op *self)
{
    for (int32_t a = 0; a < self->body->count_aggs; a++) {
        sb_vector_unref(self->results[a]);
        self->results[a] = NULL;
    }
}

static sb_status
emit_pairs(group_agg_op *self, sb_io *io, const sb_keys *keys, sb_error *err)
{
    sb_buffer *selection = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * 2 * keys->count);
    sb_buffer *ops = sb_buffer_new(io->mem, 2 * keys->count);
    if (!selection || !ops) {
        sb_buffer_unref(selection);
        sb_buffer_unref(ops);
        drop_results(self);
        SB_NOMEM(err);
    }
    memset(ops->data, 0, (size_t)(2 * keys->count));
    int32_t n = select_changes(self, keys->count, (int32_t *)(void *)selection->data, ops->data);
    sb_batch *batch = n > 0 ? pair_batch(self, keys, io->mem) : NULL;
    if (!batch) {
        sb_buffer_unref(selection);
        sb_buffer_unref(ops);
        drop_results(self);
        if (n > 0) {
            SB_NOMEM(err);
        }
        return SB_OK;
    }
    sb_batch_set_ops(batch, ops, ops->data);
    sb_batch_set_selection(batch, selection, (const int32_t *)(void *)selection->data, n);
    sb_port_push(io, 0, batch);
    return SB_OK;
}

/* Results of collecting aggregates grow with their groups: fewer of them in the next batch. */
static void
adapt_limit(group_agg_op *self, int32_t count)
{
    if (self->collects) {
        int64_t limit = COLLECT_VALUES / (self->set.emitted / count + 1);
        self->run_limit = limit < 1 ? 1 : (int32_t)limit;
        self->set.emitted = 0;
    }
}

static sb_status
consume_run(group_agg_op *self, sb_io *io, int32_t count, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    sb_keys keys = sb_keyed_load(&self->keyed, head, io->in[0].row, count);
    SB_TRY(sb_keyed_insert(&self->keyed, self->table, &keys, self->rows, self->created, err), err);
    bool inserts = !head->ops && self->count_column < 0 && !self->collects;
    if (inserts) {
        classify_inserts(self, count);
    } else {
        classify(self, head, &keys);
    }
    if (is_minibatch(self)) {
        SB_TRY(inserts ? flag_inserts(self, count, err) : flag_groups(self, &keys, err), err);
    }
    sb_agg_run run = {.head = head,
                      .physical = keys.rows,
                      .count = count,
                      .keys = keys,
                      .rows = self->rows,
                      .sign = inserts ? NULL : self->sign,
                      .how = inserts ? NULL : self->how,
                      .groups = self->keyed.number};
    SB_TRY(sb_agg_set_update(&self->set, &run, is_minibatch(self) ? NULL : self->results, err),
           err);
    if (is_minibatch(self)) {
        self->pending_rows += count;
        if (self->flush_at_ms == INT64_MAX) {
            self->flush_at_ms = io->now_ms + self->body->minibatch_ms;
        }
    } else {
        SB_TRY(emit_pairs(self, io, &keys, err), err);
        adapt_limit(self, count);
    }
    if (self->count_column >= 0) {
        erase_empty(self, &keys);
    }
    sb_io_consume(io, 0, count);
    return SB_OK;
}

/* --- mini-batch flush --- */

/* Column c of the output for n flagged rows: previous results [0, n), results now [n, 2n); keys
 * the same twice. */
static sb_vector *
flush_column(group_agg_op *self, sb_vector *const *columns, int32_t c, int32_t n, sb_mem *mem,
             sb_error *err)
{
    const sb_row_layout *layout = sb_table_layout(self->table);
    int32_t count_keys = self->body->keys.count;
    sb_column_builder b;
    if (sb_column_builder_init(&b, mem, &self->base.node->schema->fields[c].type, err) != SB_OK) {
        return NULL;
    }
    sb_status status = SB_OK;
    if (c < count_keys) {
        sb_row_decode(layout, self->rows, n, c, 1, &b, true);
        sb_row_decode(layout, self->rows, n, c, 1, &b, true);
    } else {
        const sb_agg_groups groups = {n, 1, self->rows, columns, self->numbers};
        status = sb_agg_set_previous(&self->set, c - count_keys, self->rows, n, &b, err);
        status = status == SB_OK ? sb_agg_set_results(&self->set, c - count_keys, &groups, &b, err)
                                 : status;
    }
    sb_vector *out = status == SB_OK ? sb_column_finish(&b, err) : NULL;
    sb_column_builder_deinit(&b);
    return out;
}

static bool
flush_changed(sb_vector *const *columns, int32_t from, int32_t to, int32_t i, int32_t n)
{
    for (int32_t c = from; c < to; c++) {
        if (result_changed(columns[c], i, n + i)) {
            return true;
        }
    }
    return false;
}

/* Which rows of [previous | now] go out, in order of flagging. */
static int32_t
flush_select(group_agg_op *self, sb_vector *const *columns, int32_t n, uint8_t *ops)
{
    int32_t out = 0, keys = self->body->keys.count, all = keys + self->body->count_aggs;
    for (int32_t i = 0; i < n; i++) {
        bool emitted = *value_slot(self, self->rows[i], self->emitted_column) != 0;
        bool lives =
            self->count_column < 0 || *value_slot(self, self->rows[i], self->count_column) > 0;
        if (emitted && !lives) {
            ops[out] = SB_ROW_DELETE;
            self->indexes[out++] = i;
        } else if (!emitted && lives) {
            ops[out] = SB_ROW_INSERT;
            self->indexes[out++] = n + i;
        } else if (emitted && (self->body->ttl_ms > 0 || flush_changed(columns, keys, all, i, n))) {
            if (self->body->emit_before) {
                ops[out] = SB_ROW_UPDATE_BEFORE;
                self->indexes[out++] = i;
            }
            ops[out] = SB_ROW_UPDATE_AFTER;
            self->indexes[out++] = n + i;
        }
    }
    return out;
}

static sb_status
flush_emit(group_agg_op *self, sb_io *io, int32_t n, sb_error *err)
{
    int32_t count = self->body->keys.count + self->body->count_aggs;
    sb_vector **columns = sb_alloc_zero(io->mem, sizeof *columns * (size_t)count);
    sb_buffer *ops = sb_buffer_new(io->mem, 2 * n);
    sb_status status =
        columns && ops ? SB_OK
                       : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    for (int32_t c = 0; c < count && status == SB_OK; c++) {
        columns[c] = flush_column(self, columns, c, n, io->mem, err);
        status = columns[c] ? SB_OK : SB_STATUS_NOMEM;
    }
    int32_t out = status == SB_OK ? flush_select(self, columns, n, ops->data) : 0;
    for (int32_t c = 0; c < count && columns; c++) {
        sb_vector *picked = out > 0 && status == SB_OK
                                ? sb_vector_gather(io->mem, columns[c], self->indexes, out)
                                : NULL;
        status = out > 0 && status == SB_OK && !picked
                     ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : status;
        sb_vector_unref(columns[c]);
        columns[c] = picked;
    }
    sb_batch *batch = out > 0 && status == SB_OK
                          ? sb_batch_new(io->mem, self->base.node->schema, columns, out)
                          : NULL;
    if (batch) {
        sb_batch_set_ops(batch, ops, ops->data);
        ops = NULL;
        sb_port_push(io, 0, batch);
    } else {
        for (int32_t c = 0; status != SB_OK && c < count && columns; c++) {
            sb_vector_unref(columns[c]);
        }
        status = out > 0 && status == SB_OK
                     ? sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory")
                     : status;
    }
    sb_buffer_unref(ops);
    sb_free(io->mem, columns, columns ? sizeof *columns * (size_t)count : 0);
    return status;
}

/* Emits flagged groups while there is room. True in `out_done` when no flag is left. */
static sb_status
flush(group_agg_op *self, sb_io *io, bool *out_done, sb_error *err)
{
    *out_done = false;
    while (sb_map_count_flagged(self->table) > 0) {
        int32_t room = sb_port_room(io, 0);
        if (room == 0) {
            return SB_OK;
        }
        int32_t limit = room > 1 ? room / 2 : 1, n = 0;
        limit = limit < self->capacity ? limit : self->capacity;
        limit = limit < self->run_limit ? limit : self->run_limit;
        limit = limit < FLUSH_ROWS ? limit : FLUSH_ROWS;
        /* Emission reads the rows; unflagging and erasing follow only when the batch is out. */
        for (; n < limit && sb_map_count_flagged(self->table) > 0; n++) {
            self->rows[n] = sb_map_flagged_first(self->table);
            sb_map_unflag_first(self->table);
        }
        SB_TRY(flush_emit(self, io, n, err), err);
        adapt_limit(self, n);
        for (int32_t i = 0; i < n; i++) {
            bool lives =
                self->count_column < 0 || *value_slot(self, self->rows[i], self->count_column) > 0;
            if (lives) {
                sb_table_touch(self->table, self->rows[i]);
                *value_slot(self, self->rows[i], self->emitted_column) = 1;
            } else {
                sb_table_erase_row(self->table, self->rows[i]);
            }
        }
    }
    self->pending_rows = 0;
    self->flush_at_ms = INT64_MAX;
    *out_done = true;
    return SB_OK;
}

static bool
flush_is_due(const group_agg_op *self, const sb_io *io)
{
    if (!is_minibatch(self) || sb_map_count_flagged(self->table) == 0) {
        return false;
    }
    return self->flushing || self->pending_rows >= self->body->minibatch_rows ||
           io->now_ms >= self->flush_at_ms || io->barrier_waits || io->in[0].ended ||
           sb_io_target_ms(io) == SB_WM_MAX;
}

/* --- the result over no rows --- */

/* The group of no keys, made without a row. */
static sb_status
start_none(group_agg_op *self, sb_mem *mem, sb_error *err)
{
    sb_schema nothing = {0};
    sb_batch *batch = sb_batch_new(mem, &nothing, NULL, 1);
    if (!batch) {
        SB_NOMEM(err);
    }
    sb_keys keys = sb_keyed_load(&self->keyed, batch, 0, 1);
    sb_status status =
        sb_keyed_insert(&self->keyed, self->table, &keys, self->rows, self->created, err);
    if (status == SB_OK) {
        sb_agg_set_start(&self->set, self->rows[0]);
    }
    sb_batch_free(batch);
    return status;
}

static sb_status
emit_none(group_agg_op *self, sb_io *io, sb_error *err)
{
    int32_t count = self->body->count_aggs;
    SB_TRY(start_none(self, io->mem, err), err);
    const sb_agg_groups groups = {1, 1, self->rows, NULL, self->numbers};
    for (int32_t a = 0; a < count; a++) {
        sb_column_builder b;
        sb_status status =
            sb_column_builder_init(&b, io->mem, &self->base.node->schema->fields[a].type, err);
        if (status == SB_OK) {
            status = sb_agg_set_results(&self->set, a, &groups, &b, err);
            self->results[a] = status == SB_OK ? sb_column_finish(&b, err) : NULL;
            sb_column_builder_deinit(&b);
        }
        if (!self->results[a]) {
            drop_results(self);
            return status == SB_OK ? SB_STATUS_NOMEM : status;
        }
    }
    sb_batch *batch = sb_batch_new(io->mem, self->base.node->schema, self->results, 1);
    if (!batch) {
        drop_results(self);
        SB_NOMEM(err);
    }
    memset(self->results, 0, sizeof *self->results * (size_t)count);
    sb_port_push(io, 0, batch);
    return SB_OK;
}

/* The input has ended. In batch mode a group without keys is there even of no rows; it then stays
 * in the table, so that a restored job does not tell it twice. */
static sb_step
finish(group_agg_op *self, sb_io *io, sb_error *err)
{
    if (self->body->row_of_none && self->subtask == 0 && sb_table_count(self->table) == 0) {
        if (sb_port_room(io, 0) == 0) {
            return SB_WAIT_ROOM;
        }
        if (emit_none(self, io, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
    }
    return SB_STEP_DONE;
}

static sb_step
group_agg_step(sb_op *op, sb_io *io, sb_error *err)
{
    group_agg_op *self = SB_OP_CAST(op, group_agg_op, &sb_op_group_agg);
    sb_input *in = &io->in[0];
    int32_t quota = STEP_ROWS;
    for (;;) {
        if (flush_is_due(self, io)) {
            if (flush(self, io, &(bool){false}, err) != SB_OK) {
                return SB_STEP_FAIL;
            }
            self->flushing = sb_map_count_flagged(self->table) > 0;
            if (self->flushing) {
                return SB_WAIT_ROOM;
            }
        }
        if (sb_io_target_ms(io) > io->done_ms) {
            sb_io_advance_done(io, true);
        }
        if (!in->head) {
            if (in->ended) {
                return finish(self, io, err);
            }
            if (self->flush_at_ms != INT64_MAX) {
                sb_io_wake_at(io, self->flush_at_ms);
                return SB_WAIT_INPUT | SB_WAIT_CLOCK;
            }
            return SB_WAIT_INPUT;
        }
        if (sb_io_mark_here(io, 0)) {
            sb_io_take_mark(io, 0);
            continue;
        }
        int32_t count = sb_io_run_end(io, 0) - in->row;
        if (count == 0) {
            return SB_WAIT_INPUT;
        }
        if (quota <= 0) {
            return SB_STEP_AGAIN;
        }
        int32_t limit = self->capacity - 1;
        if (!is_minibatch(self)) {
            int32_t room = sb_port_room(io, 0);
            if (room == 0) {
                return SB_WAIT_ROOM;
            }
            limit = room > 1 ? room / 2 : 1;
            limit = limit < self->run_limit ? limit : self->run_limit;
        }
        count = count < limit ? count : limit;
        if (consume_run(self, io, count, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        quota -= count;
    }
}

static sb_status
group_agg_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    group_agg_op *self = SB_OP_CAST(op, group_agg_op, &sb_op_group_agg);
    if (self->set.number_column >= 0) {
        sb_write_i64(w, self->set.last_number);
    }
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* Flags are in the table: after a restore a flush is due as soon as the latency ends. Groups of
 * several pieces come together: the next number is larger than all of theirs. */
static sb_status
group_agg_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    group_agg_op *self = SB_OP_CAST(op, group_agg_op, &sb_op_group_agg);
    sb_reader r = piece->op;
    int64_t last = self->set.number_column >= 0 ? sb_read_i64(&r) : 0;
    if (last < 0) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the count of numbered groups is %lld", (long long)last);
    }
    self->set.last_number = last > self->set.last_number ? last : self->set.last_number;
    self->flush_at_ms = is_minibatch(self) && sb_map_count_flagged(self->table) > 0 ? 0 : INT64_MAX;
    return sb_reader_done(&r, "numbered groups", err);
}

static void
group_agg_close(sb_op *op)
{
    group_agg_op *self = SB_OP_CAST(op, group_agg_op, &sb_op_group_agg);
    sb_keyed_deinit(&self->keyed);
    sb_agg_set_close(&self->set);
    self->arena = sb_arena_free(self->arena);
}

static void
group_agg_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "GroupAggregate(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_group_agg = {
    .name = "GroupAggregate",
    .instance_size = sizeof(group_agg_op),
    .count_inputs = 1,
    .count_ports = 1,
    .dist = SB_DIST_SLOT,
    .init = group_agg_init,
    .step = group_agg_step,
    .snapshot = group_agg_snapshot,
    .restore = group_agg_restore,
    .close = group_agg_close,
    .describe = group_agg_describe,
};
