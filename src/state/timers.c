/*
 * state/timers.c -- timers as rows of a map table, and an index of them by due time.
 *
 * DESIGN     Row: key columns, space = ts_ms, value = due_ms; head.seq is a number that ascends
 *            with creation, also over snapshots. A look remembers (due, seq) of each timer and asks
 *            the bucket again when it is taken, so cancelling and setting in between are harmless.
 * THREADS    T:task
 */
#include "state/timers.h"

#include <string.h>

#include "state/buckets.h"
#include "state/timers_priv.h"

#define TAKE_CHUNK 32 /* timers whose memory is asked for together */

typedef struct look { /* the last answer of sb_timers_due */
    int32_t count, capacity;
    int64_t *ts_ms, *due_ms;
    uint64_t *hashes, *seqs;
    uint32_t *hints;
    uint8_t **rows; /* while the look is made */
    sb_vector **columns;
} look;

struct sb_timers {
    sb_mem *mem;
    sb_table *table;
    sb_buckets buckets;
    look look;
    uint8_t **rows; /* of one call of set */
    uint64_t *created;
    int32_t capacity;
};

static const sb_field due_field = {.name = "due_ms", .type = {.id = SB_TYPE_BIGINT}};
static const sb_schema due_schema = {.count = 1, .fields = &due_field};

sb_table *
sb_timers_table(sb_timers *t)
{
    return t->table;
}

sb_status
sb_timers_new(sb_mem *mem, sb_pool *pool, uint32_t table_id, const sb_schema *key, sb_timers **out,
              sb_error *err)
{
    sb_timers *t = sb_alloc_zero(mem, sizeof *t);
    if (!t) {
        SB_NOMEM(err);
    }
    t->mem = mem;
    sb_buckets_init(&t->buckets, mem);
    sb_table_spec spec = {
        .table_id = table_id, .shape = SB_MAP, .key = key, .has_space = true, .row = &due_schema};
    sb_status status = sb_table_new(mem, pool, &spec, true, &t->table, err);
    if (status == SB_OK) {
        t->look.columns =
            sb_alloc_zero(mem, (size_t)(t->table->count_key + 1) * sizeof *t->look.columns);
        status = t->look.columns
                     ? SB_OK
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        sb_timers_free(t);
        return status;
    }
    *out = t;
    return SB_OK;
}

static void
drop_columns(sb_timers *t)
{
    for (int32_t c = 0; t->look.columns && c < t->table->count_key; c++) {
        sb_vector_unref(t->look.columns[c]);
        t->look.columns[c] = NULL;
    }
}

static void
free_look(sb_timers *t)
{
    look *l = &t->look;
    size_t n = (size_t)l->capacity;
    sb_free(t->mem, l->ts_ms, n * sizeof *l->ts_ms);
    sb_free(t->mem, l->due_ms, n * sizeof *l->due_ms);
    sb_free(t->mem, l->hashes, n * sizeof *l->hashes);
    sb_free(t->mem, l->seqs, n * sizeof *l->seqs);
    sb_free(t->mem, l->hints, n * sizeof *l->hints);
    sb_free(t->mem, l->rows, n * sizeof *l->rows);
    sb_vector **columns = l->columns;
    *l = (look){.columns = columns};
}

sb_timers *
sb_timers_free(sb_timers *t)
{
    if (!t) {
        return NULL;
    }
    if (t->table) {
        drop_columns(t);
        if (t->look.columns) {
            sb_free(t->mem, t->look.columns,
                    (size_t)(t->table->count_key + 1) * sizeof *t->look.columns);
        }
    }
    free_look(t);
    sb_free(t->mem, t->rows, (size_t)t->capacity * sizeof *t->rows);
    sb_free(t->mem, t->created, (size_t)sb_bits_bytes(t->capacity));
    sb_buckets_deinit(&t->buckets);
    sb_table_free(t->table);
    sb_free(t->mem, t, sizeof *t);
    return NULL;
}

static int64_t *
due_of(const sb_timers *t, uint8_t *row)
{
    return (int64_t *)sb_row_slot(&t->table->layout, row, t->table->at_values);
}

/* ---- set and cancel
 * ------------------------------------------------------------------------------- */

static bool
reserve_set(sb_timers *t, int32_t count)
{
    if (count <= t->capacity) {
        return true;
    }
    int32_t capacity = count + count / 2 + 64;
    uint8_t **rows = sb_alloc(t->mem, (size_t)capacity * sizeof *rows);
    uint64_t *created = sb_alloc(t->mem, (size_t)sb_bits_bytes(capacity));
    if (!rows || !created) {
        sb_free(t->mem, rows, (size_t)capacity * sizeof *rows);
        sb_free(t->mem, created, (size_t)sb_bits_bytes(capacity));
        return false;
    }
    sb_free(t->mem, t->rows, (size_t)t->capacity * sizeof *t->rows);
    sb_free(t->mem, t->created, (size_t)sb_bits_bytes(t->capacity));
    t->rows = rows;
    t->created = created;
    t->capacity = capacity;
    return true;
}

static void
forget(sb_timers *t, uint8_t *row)
{
    sb_bucket *bucket = sb_buckets_find(&t->buckets, *due_of(t, row));
    sb_timer_entry *entry = bucket ? sb_bucket_entry(bucket, sb_head(row)->seq, UINT32_MAX) : NULL;
    sb_assert(entry && entry->row == row);
    sb_buckets_clear_entry(&t->buckets, bucket, entry);
    sb_row_erase(t->table, row);
}

sb_status
sb_timers_set(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms, int64_t floor_ms,
              sb_error *err)
{
    return sb_timers_set_at(t, keys, ts_ms, ts_ms, floor_ms, err);
}

sb_status
sb_timers_set_at(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms, const int64_t *due_ms,
                 int64_t floor_ms, sb_error *err)
{
    sb_keys with_ts = *keys;
    with_ts.space = ts_ms;
    if (!reserve_set(t, keys->count)) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_map_insert(t->table, &with_ts, t->rows, t->created, err), err);
    int32_t i = 0;
    for (; i < keys->count; i++) {
        if (!sb_bit_get(t->created, i)) {
            continue;
        }
        int64_t due = due_ms[i] > floor_ms ? due_ms[i] : floor_ms;
        *due_of(t, t->rows[i]) = due;
        sb_head(t->rows[i])->seq = t->table->next_seq++;
        if (!sb_buckets_add(&t->buckets, due, sb_head(t->rows[i])->seq, t->rows[i])) {
            break;
        }
    }
    if (i == keys->count) {
        return SB_OK;
    }
    for (int32_t k = 0; k < keys->count; k++) {
        if (sb_bit_get(t->created, k)) {
            if (k < i) {
                forget(t, t->rows[k]);
            } else {
                sb_row_erase(t->table, t->rows[k]);
            }
        }
    }
    SB_NOMEM(err);
}

void
sb_timers_cancel(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms)
{
    uint64_t places[SB_CHUNK];
    uint8_t *rows[SB_CHUNK];
    sb_keys with_ts = *keys;
    with_ts.space = ts_ms;
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        sb_probe(t->table, &with_ts, from, n, places, rows);
        for (int32_t i = 0; i < n; i++) {
            /* Again: the same timer may stand in the chunk twice. */
            uint8_t *row = rows[i] ? sb_probe_one(t->table, &with_ts, from + i, places[i]) : NULL;
            if (row) {
                forget(t, row);
            }
        }
    }
}

int64_t
sb_timers_next_ms(sb_timers *t)
{
    return sb_buckets_next_ms(&t->buckets);
}

int64_t
sb_timers_count(const sb_timers *t)
{
    return sb_table_count(t->table);
}

/* ---- due and take
 * --------------------------------------------------------------------------------- */

static bool
reserve_look(sb_timers *t, int32_t limit)
{
    look *l = &t->look;
    if (limit <= l->capacity) {
        return true;
    }
    free_look(t);
    size_t n = (size_t)limit + (size_t)limit / 2 + 64;
    l->ts_ms = sb_alloc(t->mem, n * sizeof *l->ts_ms);
    l->due_ms = sb_alloc(t->mem, n * sizeof *l->due_ms);
    l->hashes = sb_alloc(t->mem, n * sizeof *l->hashes);
    l->seqs = sb_alloc(t->mem, n * sizeof *l->seqs);
    l->hints = sb_alloc(t->mem, n * sizeof *l->hints);
    l->rows = sb_alloc(t->mem, n * sizeof *l->rows);
    l->capacity = (int32_t)n;
    if (!l->ts_ms || !l->due_ms || !l->hashes || !l->seqs || !l->hints || !l->rows) {
        free_look(t); /* frees what is there: sizes are those of the capacity */
        return false;
    }
    return true;
}

/* Entries of the ready buckets, in order. */
static void
collect(sb_timers *t, int64_t upto_ms, int32_t limit)
{
    const sb_buckets *b = &t->buckets;
    look *l = &t->look;
    for (size_t i = b->ready_from; i < b->ready_to && l->count < limit; i++) {
        const sb_bucket *bucket = b->ready[i];
        if (bucket->due_ms > upto_ms) {
            return;
        }
        for (uint32_t e = bucket->from; e < bucket->to && l->count < limit; e++) {
            if (bucket->entries[e].row) {
                __builtin_prefetch(bucket->entries[e].row - sizeof(sb_row_head));
                l->rows[l->count] = bucket->entries[e].row;
                l->seqs[l->count] = bucket->entries[e].seq;
                l->due_ms[l->count] = bucket->due_ms;
                l->hints[l->count++] = e;
            }
        }
    }
}

static sb_status
decode_keys(sb_timers *t, sb_error *err)
{
    look *l = &t->look;
    for (int32_t c = 0; c < t->table->count_key; c++) {
        sb_column_builder builder;
        SB_TRY(sb_column_builder_init(&builder, t->mem, &t->table->key.fields[c].type, err), err);
        sb_row_decode(&t->table->layout, l->rows, l->count, c, 1, &builder, true);
        l->columns[c] = sb_column_finish(&builder, err);
        sb_column_builder_deinit(&builder);
        if (!l->columns[c]) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

sb_status
sb_timers_due(sb_timers *t, int64_t upto_ms, int32_t limit, sb_due *out, sb_error *err)
{
    look *l = &t->look;
    drop_columns(t);
    l->count = 0;
    int64_t count = sb_timers_count(t);
    limit = count < limit ? (int32_t)count : limit;
    if (!sb_buckets_make_ready(&t->buckets, upto_ms, limit) || !reserve_look(t, limit)) {
        SB_NOMEM(err);
    }
    collect(t, upto_ms, limit);
    for (int32_t i = 0; i < l->count; i++) {
        l->hashes[i] = sb_head(l->rows[i])->hash;
        l->ts_ms[i] = sb_space_of(t->table, l->rows[i]);
    }
    sb_status status = decode_keys(t, err);
    if (status != SB_OK) {
        drop_columns(t);
        l->count = 0;
        return status;
    }
    *out = (sb_due){.count = l->count,
                    .ts_ms = l->ts_ms,
                    .due_ms = l->due_ms,
                    .hashes = l->hashes,
                    .columns = l->columns};
    return SB_OK;
}

/* NULL: it is not there any more. */
static sb_timer_entry *
find_due(sb_timers *t, int32_t due_row, sb_bucket **bucket)
{
    const look *l = &t->look;
    *bucket = sb_buckets_find(&t->buckets, l->due_ms[due_row]);
    return *bucket ? sb_bucket_entry(*bucket, l->seqs[due_row], l->hints[due_row]) : NULL;
}

/* Timers are mostly taken one after another: what taking the next ones will look at. */
static void
fetch_due(sb_timers *t, int32_t from)
{
    uint8_t *rows[TAKE_CHUNK];
    int32_t n = t->look.count - from < TAKE_CHUNK ? t->look.count - from : TAKE_CHUNK;
    sb_bucket *bucket;
    for (int32_t i = 0; i < n; i++) {
        const sb_timer_entry *entry = find_due(t, from + i, &bucket);
        rows[i] = entry ? entry->row : NULL;
    }
    sb_rows_fetch(t->table, rows, n);
}

bool
sb_timers_take(sb_timers *t, int32_t due_row)
{
    const look *l = &t->look;
    sb_assert(due_row >= 0 && due_row < l->count);
    sb_bucket *bucket;
    sb_timer_entry *entry;
    if (due_row % TAKE_CHUNK == 0) {
        fetch_due(t, due_row);
    }
    entry = find_due(t, due_row, &bucket);
    if (!entry) {
        return false;
    }
    uint8_t *row = entry->row;
    sb_buckets_clear_entry(&t->buckets, bucket, entry);
    sb_row_erase(t->table, row);
    return true;
}

/* ---- restore
 * -------------------------------------------------------------------------------------- */

typedef struct gathering {
    sb_pair *pairs;
    size_t count;
} gathering;

static bool
gather_row(void *ctx, uint8_t *row)
{
    gathering *g = ctx;
    g->pairs[g->count++] = (sb_pair){sb_head(row)->seq, row};
    return true;
}

sb_status
sb_timers_rebuild(sb_timers *t, sb_error *err)
{
    size_t count = (size_t)sb_timers_count(t);
    sb_buckets_deinit(&t->buckets);
    if (count == 0) {
        return SB_OK;
    }
    sb_pair *pairs = sb_alloc(t->mem, count * 2 * sizeof *pairs);
    bool failed = !pairs;
    if (!failed) {
        gathering g = {.pairs = pairs};
        sb_table_scan(t->table, gather_row, &g);
        sb_sort_pairs(pairs, pairs + count, count);
        for (size_t i = 0; i < count && !failed; i++) {
            failed =
                !sb_buckets_add(&t->buckets, *due_of(t, pairs[i].row), pairs[i].key, pairs[i].row);
        }
    }
    sb_free(t->mem, pairs, count * 2 * sizeof *pairs);
    if (failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}
