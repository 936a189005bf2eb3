/*
 * state/snapshot_thread_test.c -- a snapshot is written by one thread while the task goes on in
 * another (for tsan, too).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/os/os.h"
#include "state/state_testing.h"

typedef struct writing {
    sb_state_snapshot *snapshot;
    sb_store *store;
    sb_writer out;
    sb_status status;
    sb_error err;
    _Atomic bool done;
} writing;

static void
write_it(void *ctx)
{
    writing *w = ctx;
    w->status = sb_state_snapshot_write(w->snapshot, w->store, "op", &w->out, &w->err);
    w->done = true;
}

static void
fill(sb_table *t, sb_st_model *m, sb_st_rng *r, sb_st_batch *b, int batches)
{
    for (int i = 0; i < batches; i++) {
        sb_st_step(t, m, r, b);
    }
}

static void
restore_and_check(const sb_st_table *kinds, const writing *w, sb_st_model *models, sb_store *store)
{
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table_spec spec;
    sb_table *tables[3];
    sb_error err;
    for (int i = 0; i < 3; i++) {
        sb_st_table_spec(&kinds[i], &spec);
        assert_int_equal(sb_state_open_table(state, &spec, &tables[i], &err), SB_OK);
    }
    sb_reader reader = sb_reader_of(w->out.out.data, w->out.out.size);
    assert_int_equal(sb_state_restore(state, &reader, store, true, &err), SB_OK);
    for (int i = 0; i < 3; i++) {
        sb_table_set_now(tables[i], models[i].now_ms);
        sb_st_check(tables[i], &models[i]);
    }
    sb_state_free(state);
}

static void
run(uint64_t seed, sb_store *store)
{
    sb_st_rng r = {seed};
    sb_st_table kinds[3];
    sb_table *tables[3];
    sb_st_model models[3], frozen[3];
    sb_table_spec spec;
    sb_error err;
    sb_st_batch *b = sb_st_batch_new();
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    for (int i = 0; i < 3; i++) {
        sb_st_table_random(&kinds[i], &r, (sb_shape)i, (uint32_t)i);
        kinds[i].key_range = 3000;
        kinds[i].ttl_ms = 0;
        sb_st_table_spec(&kinds[i], &spec);
        assert_int_equal(sb_state_open_table(state, &spec, &tables[i], &err), SB_OK);
        sb_st_model_init(&models[i], &kinds[i]);
        fill(tables[i], &models[i], &r, b, 30);
    }
    for (int round = 0; round < 6; round++) {
        writing w = {.store = store};
        sb_thread *thread;
        assert_int_equal(sb_state_freeze(state, (uint64_t)round, &w.snapshot, &err), SB_OK);
        for (int i = 0; i < 3; i++) {
            sb_st_model_copy(&frozen[i], &models[i]);
        }
        sb_writer_init(&w.out, sb_mem_root());
        assert_int_equal(sb_thread_start(&thread, "writer", write_it, &w, &err), SB_OK);
        for (int k = 0; k < 400 && !w.done; k++) {
            int i = (int)sb_st_below(&r, 3);
            sb_st_step(tables[i], &models[i], &r, b);
        }
        sb_thread_join(thread);
        assert_int_equal(w.status, SB_OK);
        fill(tables[round % 3], &models[round % 3], &r, b, 3);
        bool completed = round % 3 != 1;
        sb_state_snapshot_end(w.snapshot, completed);
        if (completed) {
            restore_and_check(kinds, &w, frozen, store);
        }
        sb_writer_deinit(&w.out);
        for (int i = 0; i < 3; i++) {
            sb_st_model_deinit(&frozen[i]);
        }
        fill(tables[round % 3], &models[round % 3], &r, b, 5);
    }
    for (int i = 0; i < 3; i++) {
        sb_st_check(tables[i], &models[i]);
        sb_st_model_deinit(&models[i]);
    }
    sb_st_batch_free(b);
    sb_state_free(state);
}

/* A page may be copied at the very moment in which its rows change: one table of a few pages,
 * changed all the time. */
static void
hammer(sb_store *store)
{
    sb_st_table kind = {.shape = SB_MAP, .table_id = 1, .key_range = 700};
    sb_st_add(kind.key_fields, &kind.key, "k", SB_TYPE(BIGINT, false));
    for (int i = 0; i < 4; i++) {
        sb_st_add(kind.value_fields, &kind.row, "v", SB_TYPE(BIGINT, false));
    }

    enum { ROWS = 3000 };

    sb_table_spec spec;
    sb_table *t;
    sb_error err;
    sb_st_rng r = {3};
    static uint8_t *rows[ROWS];
    static uint64_t hashes[ROWS];
    int64_t keys[ROWS];
    sb_type type = SB_TYPE(BIGINT, false);
    sb_st_table_spec(&kind, &spec);
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_OK);
    for (int i = 0; i < ROWS; i++) {
        keys[i] = i;
    }
    sb_vector *v = sb_vector_alloc(sb_mem_root(), &type, ROWS, false);
    memcpy(sb_vector_values_mut(v), keys, sizeof keys);
    sb_keys k = {.columns = &v, .hashes = hashes, .count = ROWS};
    sb_hash_columns(&v, 1, NULL, ROWS, hashes);
    assert_int_equal(sb_map_insert(t, &k, rows, NULL, &err), SB_OK);
    for (int round = 1; round <= 20; round++) {
        /* at the barrier all four values of a row are the round's, and never after */
        for (int i = 0; i < ROWS; i++) {
            sb_table_touch(t, rows[i]);
            for (int c = 0; c < 4; c++) {
                *(int64_t *)sb_row_slot(sb_table_layout(t), rows[i], sb_table_field(t, c)) =
                    round * 10000 + i;
            }
        }
        writing w = {.store = store};
        sb_thread *thread;
        assert_int_equal(sb_state_freeze(state, (uint64_t)round, &w.snapshot, &err), SB_OK);
        sb_writer_init(&w.out, sb_mem_root());
        assert_int_equal(sb_thread_start(&thread, "writer", write_it, &w, &err), SB_OK);
        for (int n = 0; n < 200000 && !w.done; n++) {
            int i = (int)sb_st_below(&r, ROWS);
            sb_table_touch(t, rows[i]);
            for (int c = 0; c < 4; c++) {
                *(int64_t *)sb_row_slot(sb_table_layout(t), rows[i], sb_table_field(t, c)) = -n;
            }
        }
        sb_thread_join(thread);
        assert_int_equal(w.status, SB_OK);
        sb_state_snapshot_end(w.snapshot, true);
        sb_state *again = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
        sb_table *t2;
        uint8_t **found = malloc(ROWS * sizeof *found);
        assert_int_equal(sb_state_open_table(again, &spec, &t2, &err), SB_OK);
        sb_reader reader = sb_reader_of(w.out.out.data, w.out.out.size);
        assert_int_equal(sb_state_restore(again, &reader, store, true, &err), SB_OK);
        sb_map_find(t2, &k, found);
        for (int i = 0; i < ROWS; i++) {
            assert_non_null(found[i]);
            for (int c = 0; c < 4; c++) {
                int64_t value =
                    *(int64_t *)sb_row_slot(sb_table_layout(t2), found[i], sb_table_field(t2, c));
                assert_int_equal(value, round * 10000 + i);
            }
        }
        free(found);
        sb_state_free(again);
        sb_writer_deinit(&w.out);
    }
    sb_vector_unref(v);
    sb_state_free(state);
}

/* Rows that move all the time, into slots that others have just left. */
static void
hammer_moving(sb_store *store)
{
    enum { ROWS = 600 };

    sb_st_table kind = {.shape = SB_MAP, .table_id = 1};
    sb_st_add(kind.key_fields, &kind.key, "k", SB_TYPE(BIGINT, false));
    sb_st_add(kind.value_fields, &kind.row, "t", sb_type_string(false));
    sb_table_spec spec;
    sb_table *t;
    sb_error err;
    sb_st_rng r = {4};
    uint8_t *rows[ROWS];
    uint64_t hashes[ROWS];
    uint32_t sizes[ROWS], frozen[ROWS];
    static char text[400];
    sb_type type = SB_TYPE(BIGINT, false);
    memset(text, 't', sizeof text);
    sb_st_table_spec(&kind, &spec);
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_OK);
    sb_vector *v = sb_vector_alloc(sb_mem_root(), &type, ROWS, false);
    for (int64_t i = 0; i < ROWS; i++) {
        ((int64_t *)sb_vector_values_mut(v))[i] = i;
        sizes[i] = 0;
    }
    sb_keys k = {.columns = &v, .hashes = hashes, .count = ROWS};
    sb_hash_columns(&v, 1, NULL, ROWS, hashes);
    assert_int_equal(sb_map_insert(t, &k, rows, NULL, &err), SB_OK);
    for (int round = 1; round <= 30; round++) {
        writing w = {.store = store};
        sb_thread *thread;
        bool finished = false;
        for (int n = 0; n < 100000 && !finished; n++) {
            if (n == 2000) {
                memcpy(frozen, sizes, sizeof sizes);
                assert_int_equal(sb_state_freeze(state, (uint64_t)round, &w.snapshot, &err), SB_OK);
                sb_writer_init(&w.out, sb_mem_root());
                assert_int_equal(sb_thread_start(&thread, "writer", write_it, &w, &err), SB_OK);
            }
            int i = (int)sb_st_below(&r, ROWS);
            sizes[i] = (uint32_t)sb_st_below(&r, 300);
            sb_view view = sb_view_make(text, sizes[i]);
            rows[i] = sb_table_set_view(t, rows[i], 0, &view, false);
            assert_non_null(rows[i]);
            finished = n > 2000 && w.done;
        }
        sb_thread_join(thread);
        assert_int_equal(w.status, SB_OK);
        sb_state_snapshot_end(w.snapshot, round % 4 > 0);
        sb_state *again = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
        sb_table *t2;
        uint8_t *found[ROWS];
        assert_int_equal(sb_state_open_table(again, &spec, &t2, &err), SB_OK);
        sb_reader reader = sb_reader_of(w.out.out.data, w.out.out.size);
        assert_int_equal(sb_state_restore(again, &reader, store, true, &err), SB_OK);
        sb_map_find(t2, &k, found);
        for (int i = 0; i < ROWS; i++) {
            assert_non_null(found[i]);
            sb_view view = sb_row_view(sb_table_layout(t2), found[i], sb_table_field(t2, 0));
            assert_int_equal(sb_view_size(&view), frozen[i]);
        }
        sb_state_free(again);
        sb_writer_deinit(&w.out);
    }
    sb_vector_unref(v);
    sb_state_free(state);
}

static sb_store *
open_folder(char *folder)
{
    sb_store *store;
    sb_error err;
    sb_os *os = sb_os_real();
    uint64_t random = os->random(os);
    for (int i = 0; i < 16; i++) {
        folder[i] = (char)('a' + (random >> (4 * i)) % 16);
    }
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), folder, &store, &err), SB_OK);
    return store;
}

static void
remove_folder(sb_store *store, const char *folder)
{
    sb_blob_list list;
    sb_error err;
    sb_os *os = sb_os_real();
    char path[64] = {0};
    assert_int_equal(sb_store_list(store, "", &list, &err), SB_OK);
    for (int32_t i = 0; i < list.count; i++) {
        assert_int_equal(sb_store_remove(store, list.names[i], &err), SB_OK);
    }
    sb_blob_list_free(store, &list);
    sb_store_close(store);
    memcpy(path, folder, strlen(folder));
    memcpy(path + strlen(folder), "/op", 3);
    os->remove(os, path, &err);
    os->remove(os, folder, &err);
}

static void
test_concurrent(void **unused)
{
    char folder[] = "0123456789abcdef.state-test";
    (void)unused;
    sb_store *store = open_folder(folder);
    for (uint64_t seed = 1; seed <= 4; seed++) {
        run(seed, store);
    }
    remove_folder(store, folder);
}

static void
test_hammer(void **unused)
{
    char folder[] = "0123456789abcdef.state-test";
    (void)unused;
    sb_store *store = open_folder(folder);
    hammer(store);
    hammer_moving(store);
    remove_folder(store, folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_concurrent),
        cmocka_unit_test(test_hammer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
