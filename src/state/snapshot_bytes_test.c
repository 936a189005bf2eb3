/*
 * state/snapshot_bytes_test.c -- what a chain of snapshots writes and retains: changes only, each
 * page of rows that are only added once, and dead bytes that do not pile up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "state/state_priv.h"
#include "state/state_testing.h"

static const sb_type bigint = {.id = SB_TYPE_BIGINT};

static sb_store *
open_store(sb_os *os)
{
    sb_store *store;
    sb_error err;
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "state", &store, &err), SB_OK);
    return store;
}

typedef struct weight {
    int64_t bytes;
    int blobs;
    int64_t rows;
} weight;

static void
weigh_blob(void *ctx, const char *name, int64_t bytes)
{
    weight *x = ctx;
    (void)name;
    x->bytes += bytes;
    x->blobs++;
}

static void
weigh_table(void *ctx, const sb_state_info *info)
{
    ((weight *)ctx)->rows += info->rows;
}

enum { ROWS = 40000, BATCH = 1000 };

typedef struct counters { /* a map of ROWS counters */
    sb_state *state;
    sb_table *table;
    sb_st_table kind;
    int64_t *values; /* what they are */
} counters;

static void
open_counters(counters *c)
{
    sb_table_spec spec;
    sb_error err;
    *c = (counters){.kind = {.shape = SB_MAP, .table_id = 1}, .values = calloc(ROWS, 8)};
    sb_st_add(c->kind.key_fields, &c->kind.key, "id", SB_TYPE(BIGINT, false));
    for (int i = 0; i < 4; i++) {
        sb_st_add(c->kind.value_fields, &c->kind.row, "v", SB_TYPE(BIGINT, false));
    }
    sb_st_table_spec(&c->kind, &spec);
    c->state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(c->state, &spec, &c->table, &err), SB_OK);
}

static void
set_counters(counters *c, const int64_t *keys, sb_st_rng *r)
{
    uint8_t *rows[BATCH];
    uint64_t hashes[BATCH];
    sb_error err;
    sb_vector *v = sb_vector_alloc(sb_mem_root(), &bigint, BATCH, false);
    memcpy(sb_vector_values_mut(v), keys, BATCH * sizeof *keys);
    sb_keys k = {.columns = &v, .hashes = hashes, .count = BATCH};
    sb_hash_columns(&v, 1, NULL, BATCH, hashes);
    assert_int_equal(sb_map_insert(c->table, &k, rows, NULL, &err), SB_OK);
    for (int i = 0; i < BATCH; i++) {
        sb_table_touch(c->table, rows[i]);
        int64_t *slot =
            sb_row_slot(sb_table_layout(c->table), rows[i], sb_table_field(c->table, 0));
        *slot = c->values[keys[i]] = (int64_t)sb_st_random(r);
    }
    sb_vector_unref(v);
}

static weight
snapshot_counters(counters *c, sb_store *store, uint64_t number, sb_writer *out)
{
    sb_state_snapshot *snapshot;
    sb_error err;
    weight x = {0};
    assert_int_equal(sb_state_freeze(c->state, number, &snapshot, &err), SB_OK);
    sb_writer_init(out, sb_mem_root());
    assert_int_equal(sb_state_snapshot_write(snapshot, store, "op", out, &err), SB_OK);
    sb_state_snapshot_end(snapshot, true);
    sb_reader reader = sb_reader_of(out->out.data, out->out.size);
    assert_int_equal(sb_state_describe(&reader, weigh_blob, weigh_table, &x, &err), SB_OK);
    assert_int_equal(x.rows, ROWS);
    return x;
}

static void
check_counters(const counters *c, const sb_writer *w, sb_store *store)
{
    counters again;
    sb_error err;
    uint8_t *row;
    open_counters(&again);
    sb_reader reader = sb_reader_of(w->out.data, w->out.size);
    assert_int_equal(sb_state_restore(again.state, &reader, store, true, &err), SB_OK);
    for (int64_t key = 0; key < ROWS; key++) {
        sb_vector *v = sb_vector_const(sb_mem_root(), &bigint, &key, 1);
        uint64_t hash = sb_hash_value(SB_PHYS_I64, &key);
        sb_map_find(again.table, &(sb_keys){.columns = &v, .hashes = &hash, .count = 1}, &row);
        assert_non_null(row);
        int64_t value = *(int64_t *)sb_row_slot(sb_table_layout(again.table), row,
                                                sb_table_field(again.table, 0));
        assert_true(value == c->values[key]);
        sb_vector_unref(v);
    }
    free(again.values);
    sb_state_free(again.state);
}

/* A few changed rows make a small blob: deltas. */
static void
test_small_changes(void **unused)
{
    (void)unused;
    sb_st_rng r = {1};
    counters c;
    sb_writer w;
    int64_t keys[BATCH], before = 0;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    open_counters(&c);
    for (int round = 0; round < 60; round++) {
        for (int b = 0; b < (round == 0 ? ROWS / BATCH : 1); b++) {
            for (int i = 0; i < BATCH; i++) {
                keys[i] = round == 0 ? b * BATCH + i : (int64_t)sb_st_below(&r, ROWS);
            }
            set_counters(&c, keys, &r);
        }
        weight x = snapshot_counters(&c, store, (uint64_t)round, &w);
        if (round == 1 || round == 2) {
            /* 2.5 % of the rows: much less than a second copy */
            assert_true(x.bytes - before < before / 8);
        }
        before = x.bytes;
        if (round % 10 == 9) {
            check_counters(&c, &w, store);
        }
        sb_writer_deinit(&w);
    }
    free(c.values);
    sb_state_free(c.state);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Rows cool down one after another, so that each blob keeps a few pages alive: dead bytes must
 * not pile up. */
static void
test_compaction(void **unused)
{
    (void)unused;
    sb_st_rng r = {1};
    counters c;
    sb_writer w;
    int64_t keys[BATCH], full = 0, largest = 0;
    int blobs = 0;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    open_counters(&c);
    for (int round = 0; round < ROWS / BATCH; round++) {
        for (int b = round; b < ROWS / BATCH; b++) {
            for (int i = 0; i < BATCH; i++) {
                keys[i] = b * BATCH + i;
            }
            set_counters(&c, keys, &r);
        }
        weight x = snapshot_counters(&c, store, (uint64_t)round, &w);
        full = round == 0 ? x.bytes : full;
        largest = x.bytes > largest ? x.bytes : largest;
        blobs = x.blobs > blobs ? x.blobs : blobs;
        if (round % 10 == 9) {
            check_counters(&c, &w, store);
        }
        sb_writer_deinit(&w);
    }
    print_message("full %lld bytes, at most %lld in %d blobs\n", (long long)full,
                  (long long)largest, blobs);
    assert_true(largest < full * 3);
    free(c.values);
    sb_state_free(c.state);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* ---- rows that are only added
 * -------------------------------------------------------------------------- */

enum { LOG_ROUNDS = 12, LOG_BATCHES = 25 };

typedef struct log_table { /* a bag whose rows come and stay, of a few sizes */
    sb_state *state;
    sb_table *table;
    sb_st_table kind;
    int64_t bytes; /* of all rows that were added */
    int64_t count;
} log_table;

static void
open_log(log_table *l, bool index_rows)
{
    sb_table_spec spec;
    sb_error err;
    *l = (log_table){.kind = {.shape = SB_BAG, .table_id = 1, .index_rows = index_rows}};
    sb_st_add(l->kind.key_fields, &l->kind.key, "id", SB_TYPE(BIGINT, false));
    sb_st_add(l->kind.value_fields, &l->kind.row, "n", SB_TYPE(BIGINT, false));
    sb_st_add(l->kind.value_fields, &l->kind.row, "text", SB_TYPE(VARCHAR, false));
    sb_st_table_spec(&l->kind, &spec);
    l->state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(l->state, &spec, &l->table, &err), SB_OK);
}

/* Adds BATCH rows, many of which join a ring of rows of earlier rounds. */
static void
add_to_log(log_table *l, sb_st_rng *r)
{
    static const char text[] = "a text of some length, of which rows hold the beginning only, and "
                               "which is longer than what stands in a view";
    static const sb_type string = {.id = SB_TYPE_VARCHAR};
    uint64_t hashes[BATCH];
    sb_error err;
    sb_vector *key = sb_vector_alloc(sb_mem_root(), &bigint, BATCH, false);
    sb_vector *values[2] = {sb_vector_alloc(sb_mem_root(), &bigint, BATCH, false),
                            sb_vector_alloc(sb_mem_root(), &string, BATCH, false)};
    for (int i = 0; i < BATCH; i++) {
        uint32_t size = 20 + (uint32_t)sb_st_below(r, 60);
        ((int64_t *)sb_vector_values_mut(key))[i] = (int64_t)sb_st_below(r, 20000);
        ((int64_t *)sb_vector_values_mut(values[0]))[i] = l->count++;
        ((sb_view *)sb_vector_values_mut(values[1]))[i] = sb_view_make(text, size);
        l->bytes += 8 + 8 + 8 + 8 + 16 + (size + 7) / 8 * 8; /* row.h: with size and NULL bits */
    }
    sb_hash_columns(&key, 1, NULL, BATCH, hashes);
    sb_keys keys = {.columns = &key, .hashes = hashes, .count = BATCH};
    assert_int_equal(sb_bag_add(l->table, &keys, values, &err), SB_OK);
    sb_vector_unref(key);
    sb_vector_unref(values[0]);
    sb_vector_unref(values[1]);
}

/* Bytes of all blobs that were ever written. */
static int64_t
bytes_in_store(sb_store *store)
{
    sb_blob_list list;
    sb_error err;
    int64_t bytes = 0;
    assert_int_equal(sb_store_list(store, "", &list, &err), SB_OK);
    for (int32_t i = 0; i < list.count; i++) {
        bytes += list.sizes[i];
    }
    sb_blob_list_free(store, &list);
    return bytes;
}

static void
check_log(bool index_rows)
{
    sb_st_rng r = {3};
    log_table l;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    sb_error err;
    open_log(&l, index_rows);
    int64_t written = 0;
    for (int round = 0; round < LOG_ROUNDS; round++) {
        int64_t rows = l.count, bytes = l.bytes;
        sb_state_snapshot *snapshot;
        sb_writer out;
        for (int b = 0; b < LOG_BATCHES && round + 1 < LOG_ROUNDS; b++) {
            add_to_log(&l, &r);
        }
        assert_int_equal(sb_state_freeze(l.state, (uint64_t)round, &snapshot, &err), SB_OK);
        sb_writer_init(&out, sb_mem_root());
        assert_int_equal(sb_state_snapshot_write(snapshot, store, "op", &out, &err), SB_OK);
        sb_state_snapshot_end(snapshot, true);
        int64_t now = bytes_in_store(store), blob = now - written;
        written = now;
        /* the new rows, 24 bytes with each (slot, hash, number), and one open page of each size */
        int64_t most = l.bytes - bytes + (l.count - rows) * 24 + 8 * 32768;
        assert_true(blob <= most);
        if (round + 1 == LOG_ROUNDS) {
            assert_int_equal(blob, 0); /* nothing was added: no blob */
        }
        sb_writer_deinit(&out);
    }
    assert_int_equal(sb_table_count(l.table), l.count);
    sb_state_free(l.state);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Pages that were written and have not changed are not written again, though their rows are
 * linked with new ones. */
static void
test_log(void **unused)
{
    (void)unused;
    check_log(false);
    check_log(true);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_changes),
        cmocka_unit_test(test_compaction),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
