/*
 * bench/state_bench.c -- cost of keyed state per operation, by table size, and of a barrier with a
 * large state.
 *
 * Usage: bench_state_bench [largest number of rows, default 10000000] Batches of 1024 keys; keys
 * are drawn uniformly, so a large table misses every cache. Times are CPU times of the thread, so
 * that a busy machine disturbs less.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "state/state.h"

#define BATCH 1024

typedef struct batch {
    sb_vector *key, *value;
    uint64_t hashes[BATCH];
    int64_t space[BATCH];
    uint8_t *rows[BATCH];
    uint64_t bits[BATCH / 64];
    sb_keys keys;
} batch;

static const sb_type bigint = {.id = SB_TYPE_BIGINT};
static const sb_field one_field[3] = {
    {.name = "a", .type = {.id = SB_TYPE_BIGINT}},
    {.name = "b", .type = {.id = SB_TYPE_BIGINT}},
    {.name = "c", .type = {.id = SB_TYPE_BIGINT}},
};
static const sb_schema one = {.count = 1, .fields = one_field};
static const sb_schema three = {.count = 3, .fields = one_field};
static uint64_t random_state = 1;
static sb_error err;

static uint64_t
random_below(uint64_t n)
{
    return (uint64_t)(((unsigned __int128)sb_hash_u64(random_state++) * n) >> 64);
}

static int64_t
now_ns(void)
{
    return sb_thread_cpu_ns();
}

static void
must(bool done)
{
    if (!done) {
        fprintf(stderr, "failed: %s\n", err.message);
        exit(1);
    }
}

static void
batch_init(batch *b)
{
    b->key = sb_vector_alloc(sb_mem_root(), &bigint, BATCH, false);
    b->value = sb_vector_alloc(sb_mem_root(), &bigint, BATCH, false);
    b->keys = (sb_keys){.columns = &b->key, .hashes = b->hashes, .count = BATCH};
}

static int64_t *
keys_of(batch *b)
{
    return sb_vector_values_mut(b->key);
}

static void
hash_keys(batch *b)
{
    sb_hash_columns(&b->key, 1, NULL, BATCH, b->hashes);
}

static void
random_keys(batch *b, int64_t rows)
{
    for (int i = 0; i < BATCH; i++) {
        keys_of(b)[i] = (int64_t)random_below((uint64_t)rows);
    }
    hash_keys(b);
}

static sb_table *
open_table(sb_state *state, sb_shape shape, const sb_schema *row, const sb_schema *sort,
           bool index_rows)
{
    sb_table *t = NULL;
    sb_table_spec spec = {.table_id = 1,
                          .shape = shape,
                          .key = &one,
                          .row = row,
                          .sort = sort,
                          .index_rows = index_rows};
    must(sb_state_open_table(state, &spec, &t, &err) == SB_OK);
    return t;
}

static int
batches_for(int64_t rows)
{
    return rows >= 1000000 ? 2000 : 1000;
}

static void
print(const char *what, int64_t ns, int64_t count)
{
    printf("  %-22s %7.1f ns\n", what, (double)ns / (double)count);
}

/* ---- map
 * ------------------------------------------------------------------------------------------ */

static void
touch_and_add(sb_table *t, uint8_t **rows)
{
    for (int i = 0; i < BATCH; i++) {
        sb_table_touch(t, rows[i]);
        *(int64_t *)sb_row_slot(sb_table_layout(t), rows[i], sb_table_field(t, 0)) += 1;
    }
}

static void
fill_map(sb_table *t, batch *b, int64_t rows)
{
    for (int64_t at = 0; at < rows; at += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            keys_of(b)[i] = (at + i) % rows;
        }
        hash_keys(b);
        must(sb_map_insert(t, &b->keys, b->rows, NULL, &err) == SB_OK);
    }
}

static void
bench_map(int64_t rows)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_MAP, &three, NULL, false);
    batch b;
    batch_init(&b);
    int64_t start = now_ns(), hashing = 0, finding = 0, updating = 0, erasing = 0;
    fill_map(t, &b, rows);
    print("map insert (new)", now_ns() - start, rows);
    int n = batches_for(rows);
    for (int i = 0; i < n; i++) {
        random_keys(&b, rows);
        start = now_ns();
        hash_keys(&b);
        hashing += now_ns() - start;
        start = now_ns();
        sb_map_find(t, &b.keys, b.rows);
        finding += now_ns() - start;
    }
    for (int i = 0; i < n; i++) {
        random_keys(&b, rows);
        start = now_ns();
        must(sb_map_insert(t, &b.keys, b.rows, b.bits, &err) == SB_OK);
        touch_and_add(t, b.rows);
        updating += now_ns() - start;
    }
    for (int i = 0; i < n && i < rows / BATCH / 4; i++) {
        random_keys(&b, rows);
        start = now_ns();
        sb_map_erase(t, &b.keys);
        erasing += now_ns() - start;
        must(sb_map_insert(t, &b.keys, b.rows, b.bits, &err) == SB_OK);
    }
    print("hash of the keys", hashing, (int64_t)n * BATCH);
    print("map find", finding, (int64_t)n * BATCH);
    print("map update", updating, (int64_t)n * BATCH);
    if (erasing) {
        print("map erase", erasing, (n < rows / BATCH / 4 ? n : rows / BATCH / 4) * BATCH);
    }
    printf("  %-22s %7.1f bytes per row\n", "", (double)sb_table_bytes(t) / (double)rows);
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

/* ---- bag
 * ------------------------------------------------------------------------------------------ */

static void
bench_bag(int64_t rows, bool index_rows)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_BAG, &one, NULL, index_rows);
    batch b;
    batch_init(&b);
    int64_t adding = 0, matching = 0, removing = 0, matches = 0, start;
    int64_t keys = rows / 4 + 1; /* four rows a key */
    for (int64_t at = 0; at < rows; at += BATCH) {
        random_keys(&b, keys);
        for (int i = 0; i < BATCH; i++) {
            ((int64_t *)sb_vector_values_mut(b.value))[i] = at + i;
        }
        start = now_ns();
        must(sb_bag_add(t, &b.keys, &b.value, &err) == SB_OK);
        adding += now_ns() - start;
    }
    int n = batches_for(rows);
    int32_t out_key[4096];
    uint8_t *out_row[4096];
    for (int i = 0; i < n; i++) {
        random_keys(&b, keys);
        sb_match cursor = {0};
        start = now_ns();
        while (cursor.key < BATCH) {
            matches += sb_bag_match(t, &b.keys, NULL, &cursor, 4096, out_key, out_row);
        }
        matching += now_ns() - start;
    }
    int64_t removed = 0;
    for (int i = 0; i < n && i < 200; i++) {
        random_keys(&b, keys);
        for (int k = 0; k < BATCH; k++) { /* a row that is there: the first of its key, if any */
            ((int64_t *)sb_vector_values_mut(b.value))[k] = -1;
        }
        for (int k = 0; k < BATCH; k++) {
            sb_keys single = {
                .columns = &b.key, .rows = &(int32_t){k}, .hashes = &b.hashes[k], .count = 1};
            uint8_t *row = sb_bag_first(t, &single);
            if (row) {
                ((int64_t *)sb_vector_values_mut(b.value))[k] =
                    *(int64_t *)sb_row_slot(sb_table_layout(t), row, sb_table_field(t, 0));
            }
        }
        start = now_ns();
        sb_bag_remove(t, &b.keys, &b.value, b.bits);
        removing += now_ns() - start;
        removed += BATCH;
    }
    printf(" bag, four rows a key%s\n", index_rows ? ", rows indexed" : "");
    print("bag add", adding, rows);
    print("bag match, per key", matching, (int64_t)n * BATCH);
    print("bag match, per row", matching, matches);
    print("bag remove", removing, removed);
    printf("  %-22s %7.1f bytes per row\n", "", (double)sb_table_bytes(t) / (double)rows);
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

/* Rows as of bids: six fields, two of them long strings of many sizes; every second row has one of
 * a few keys of the moment. */
static void
bench_wide_bag(int64_t rows)
{
    enum { FIELDS = 6 };

    static const sb_type varchar = {.id = SB_TYPE_VARCHAR};
    static char text[256];
    sb_field fields[FIELDS];
    sb_schema row = {.count = FIELDS, .fields = fields};
    for (int f = 0; f < FIELDS; f++) {
        fields[f] = f < 3 ? (sb_field){.name = "n", .type = SB_TYPE(BIGINT, false)}
                          : (sb_field){.name = "s", .type = SB_TYPE(VARCHAR, false)};
    }
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_BAG, &row, NULL, false);
    batch b;
    batch_init(&b);
    sb_vector *values[FIELDS];
    memset(text, 'x', sizeof text);
    for (int f = 0; f < FIELDS; f++) {
        values[f] = f < 3 ? b.value : sb_vector_alloc(sb_mem_root(), &varchar, BATCH, false);
    }
    int64_t adding = 0, matching = 0, matches = 0, start;
    int32_t out_key[4096];
    uint8_t *out_row[4096];
    for (int64_t at = 0; at < rows; at += BATCH) {
        random_keys(&b, rows / 15 + 1);
        for (int i = 0; i < BATCH; i++) {
            if (i & 1) {
                keys_of(&b)[i] = at / 10 + (int64_t)random_below(10);
            }
            sb_view *views[3];
            for (int f = 3; f < FIELDS; f++) {
                views[f - 3] = (sb_view *)sb_vector_values_mut(values[f]) + i;
            }
            *views[0] = sb_view_make(text, 8);
            *views[1] = sb_view_make(text, 58 + (uint32_t)random_below(8));
            *views[2] = sb_view_make(text, 30 + (uint32_t)random_below(40));
        }
        hash_keys(&b);
        start = now_ns();
        must(sb_bag_add(t, &b.keys, values, &err) == SB_OK);
        adding += now_ns() - start;
        random_keys(&b, rows / 15 + 1);
        sb_match cursor = {0};
        start = now_ns();
        while (cursor.key < BATCH / 16) {
            sb_keys few = b.keys;
            few.count = BATCH / 16;
            matches += sb_bag_match(t, &few, NULL, &cursor, 4096, out_key, out_row);
        }
        matching += now_ns() - start;
    }
    printf(" bag, wide rows\n");
    print("bag add", adding, rows);
    print("bag match, per row", matching, matches ? matches : 1);
    printf("  %-22s %7.1f bytes per row\n", "", (double)sb_table_bytes(t) / (double)rows);
    for (int f = 2; f < FIELDS; f++) {
        sb_vector_unref(values[f]);
    }
    sb_vector_unref(b.key);
    sb_state_free(state);
}

/* One key, many matches. */
static void
bench_one_key(int64_t rows)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_BAG, &one, NULL, false);
    batch b;
    batch_init(&b);
    memset(keys_of(&b), 0, BATCH * 8);
    hash_keys(&b);
    for (int64_t at = 0; at < rows; at += BATCH) {
        must(sb_bag_add(t, &b.keys, &b.value, &err) == SB_OK);
    }
    int32_t out_key[4096];
    uint8_t *out_row[4096];
    int64_t matches = 0, start = now_ns();
    sb_match cursor = {0};
    b.keys.count = 1;
    while (cursor.key < 1) {
        matches += sb_bag_match(t, &b.keys, NULL, &cursor, 4096, out_key, out_row);
    }
    print("bag match of one key", now_ns() - start, matches);
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

/* ---- ordered and timers
 * ----------------------------------------------------------------------------- */

static void
bench_ordered(int64_t rows, int64_t keys)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_ORDERED, &one, &one, false);
    batch b;
    batch_init(&b);
    int64_t putting = 0, start;
    for (int64_t at = 0; at < rows; at += BATCH) {
        random_keys(&b, keys);
        for (int i = 0; i < BATCH; i++) {
            ((int64_t *)sb_vector_values_mut(b.value))[i] =
                (int64_t)sb_hash_u64((uint64_t)(at + i));
        }
        start = now_ns();
        must(sb_ordered_put(t, &b.keys, &b.value, b.rows, b.bits, &err) == SB_OK);
        putting += now_ns() - start;
    }
    printf(" ordered, %lld keys\n", (long long)keys);
    print("ordered put", putting, rows);
    keys_of(&b)[0] = 0;
    hash_keys(&b);
    b.keys.count = 1;
    int64_t walked = 0;
    start = now_ns();
    for (uint8_t *row = sb_ordered_first(t, &b.keys); row; row = sb_ordered_next(t, row)) {
        walked++;
    }
    if (walked > 1000) {
        print("ordered next", now_ns() - start, walked);
    }
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

static void
bench_timers(int64_t rows)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_timers *t = NULL;
    batch b;
    batch_init(&b);
    must(sb_state_open_timers(state, 1, &one, &t, &err) == SB_OK);
    int64_t setting = 0, looking = 0, taking = 0, start, due_ms = 1000;
    for (int64_t at = 0; at < rows; at += BATCH) { /* 100,000 keys a window */
        for (int i = 0; i < BATCH; i++) {
            keys_of(&b)[i] = at + i;
            b.space[i] = (at + i) / 100000 * due_ms;
        }
        hash_keys(&b);
        start = now_ns();
        must(sb_timers_set(t, &b.keys, b.space, INT64_MIN, &err) == SB_OK);
        setting += now_ns() - start;
    }
    while (sb_timers_count(t) > 0) {
        sb_due due;
        start = now_ns();
        must(sb_timers_due(t, INT64_MAX, BATCH, &due, &err) == SB_OK);
        looking += now_ns() - start;
        start = now_ns();
        for (int32_t i = 0; i < due.count; i++) {
            sb_timers_take(t, i);
        }
        taking += now_ns() - start;
    }
    printf(" timers\n");
    print("timers set", setting, rows);
    print("timers due", looking, rows);
    print("timers take", taking, rows);
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

/* ---- barrier
 * -------------------------------------------------------------------------------------- */

typedef struct writing {
    sb_state_snapshot *snapshot;
    sb_store *store;
    sb_writer out;
    int64_t ns;
    _Atomic bool done;
} writing;

static void
write_snapshot(void *ctx)
{
    writing *w = ctx;
    int64_t start = now_ns();
    must(sb_state_snapshot_write(w->snapshot, w->store, "bench", &w->out, &err) == SB_OK);
    w->ns = now_ns() - start;
    w->done = true;
}

static void
remove_blobs(sb_store *store)
{
    sb_blob_list list;
    must(sb_store_list(store, "bench/", &list, &err) == SB_OK);
    for (int32_t i = 0; i < list.count; i++) {
        must(sb_store_remove(store, list.names[i], &err) == SB_OK);
    }
    sb_blob_list_free(store, &list);
}

typedef struct times { /* of batches of updates */
    int64_t ns[100000];
    int count;
} times;

static int
compare_ns(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
update_batch(sb_table *t, batch *b, int64_t rows, times *x)
{
    random_keys(b, rows);
    int64_t start = now_ns();
    must(sb_map_insert(t, &b->keys, b->rows, b->bits, &err) == SB_OK);
    touch_and_add(t, b->rows);
    if (x->count < 100000) {
        x->ns[x->count++] = now_ns() - start;
    }
}

static void
print_times(const char *when, times *x)
{
    int64_t sum = 0;
    for (int i = 0; i < x->count; i++) {
        sum += x->ns[i];
    }
    qsort(x->ns, (size_t)x->count, sizeof *x->ns, compare_ns);
    printf("  updates %-22s %6.1f ns; batches of %d: p50 %4.0f us, p99 %4.0f us, worst %4.0f us\n",
           when, (double)sum / x->count / BATCH, BATCH, (double)x->ns[x->count / 2] / 1e3,
           (double)x->ns[x->count - 1 - x->count / 100] / 1e3, (double)x->ns[x->count - 1] / 1e3);
    x->count = 0;
}

static void
bench_restore(const writing *w, sb_store *store, int64_t rows)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_MAP, &three, NULL, false);
    sb_reader reader = sb_reader_of(w->out.out.data, w->out.out.size);
    int64_t start = now_ns();
    must(sb_state_restore(state, &reader, store, true, &err) == SB_OK);
    int64_t ns = now_ns() - start;
    must(sb_table_count(t) == rows);
    printf("  restore %.0f ms, %.1f ns per row\n", (double)ns / 1e6, (double)ns / (double)rows);
    sb_state_free(state);
}

static void
bench_barrier(int64_t rows)
{
    static times x;
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t = open_table(state, SB_MAP, &three, NULL, false);
    sb_store *store = NULL;
    batch b;
    batch_init(&b);
    must(sb_store_open_folder(sb_os_real(), sb_mem_root(), "state-bench.tmp", &store, &err) ==
         SB_OK);
    fill_map(t, &b, rows);
    printf("barrier, %lld rows, %lld MB of state\n", (long long)rows,
           (long long)(sb_table_bytes(t) / 1000000));
    for (int round = 0; round < 8; round++) {
        writing w = {.store = store};
        sb_thread *thread = NULL;
        for (int i = 0; i < (round < 4 ? 1000 : 20); i++) { /* the last four: few changes */
            update_batch(t, &b, rows, &x);
        }
        print_times("before the barrier", &x);
        sb_writer_init(&w.out, sb_mem_root());
        int64_t start = now_ns();
        must(sb_state_freeze(state, (uint64_t)round, &w.snapshot, &err) == SB_OK);
        int64_t freeze = now_ns() - start;
        must(sb_thread_start(&thread, "writer", write_snapshot, &w, &err) == SB_OK);
        while (!w.done) {
            update_batch(t, &b, rows, &x);
        }
        sb_thread_join(thread);
        start = now_ns();
        sb_state_snapshot_end(w.snapshot, true);
        int64_t end = now_ns() - start;
        print_times("while it is written", &x);
        printf("  freeze %.1f us, end %.1f us, written in %.0f ms\n", (double)freeze / 1e3,
               (double)end / 1e3, (double)w.ns / 1e6);
        if (round == 7) {
            bench_restore(&w, store, rows);
        }
        sb_writer_deinit(&w.out);
    }
    remove_blobs(store);
    sb_store_close(store);
    sb_error ignored;
    sb_os_real()->remove(sb_os_real(), "state-bench.tmp/bench", &ignored);
    sb_os_real()->remove(sb_os_real(), "state-bench.tmp", &ignored);
    sb_vector_unref(b.key);
    sb_vector_unref(b.value);
    sb_state_free(state);
}

int
main(int argc, char **argv)
{
    int64_t largest = argc > 1 ? strtoll(argv[1], NULL, 10) : 10000000;
    sb_mem_setup();
    /* The first touch of memory is the system's time, not ours. */
    (void)sb_blocks_prefault(largest < 4000000 ? largest * 600 : INT64_C(2400000000));
    for (int64_t rows = 1000; rows <= largest; rows *= 10) {
        printf("%lld rows\n", (long long)rows);
        bench_map(rows);
        bench_bag(rows, false);
        bench_bag(rows, true);
        bench_wide_bag(rows);
        if (rows <= 1000000) {
            bench_one_key(rows);
            bench_ordered(rows, rows / 10);
            bench_ordered(rows, 1);
            bench_timers(rows);
        }
    }
    if (argc < 3) {
        bench_barrier(largest < 4000000 ? largest : 4000000);
    }
    return 0;
}
