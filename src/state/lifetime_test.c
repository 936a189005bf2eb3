/*
 * state/lifetime_test.c -- cases by hand: cursors of matches while rows come and go, time to live,
 * and sweeping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/fixture_testing.h"
#include "state/table_priv.h"

/* ---- cursors of matches
 * ----------------------------------------------------------------------------- */

static void
test_match_cursor(void **unused)
{
    (void)unused;
    sb_st_fixture f;
    sb_error err;
    int64_t keys_a[20], values[20];
    int32_t out_key[20];
    uint8_t *out[20];
    sb_st_open(&f,
               &(sb_table_spec){
                   .table_id = 1, .shape = SB_BAG, .key = &sb_st_one_i64, .row = &sb_st_one_i64},
               0);
    for (int i = 0; i < 20; i++) {
        keys_a[i] = i % 2;
        values[i] = i;
    }
    sb_st_ints x = sb_st_ints_make(keys_a, 20), v = sb_st_ints_make(values, 20),
               zero = sb_st_ints_make((int64_t[]){0}, 1), one = sb_st_ints_make((int64_t[]){1}, 1);
    sb_keys keys = sb_st_ints_keys(&x), k0 = sb_st_ints_keys(&zero), k1 = sb_st_ints_keys(&one);
    assert_int_equal(sb_bag_add(f.t, &keys, &v.v, &err), SB_OK);
    sb_match c0 = {0}, c1 = {0};
    assert_int_equal(sb_bag_match(f.t, &k0, NULL, &c0, 3, out_key, out), 3);
    assert_true(*sb_st_value(f.t, out[2], 0) == 4);
    /* another key in between, and the very row that the cursor stands on is erased */
    assert_int_equal(sb_bag_match(f.t, &k1, NULL, &c1, 5, out_key, out), 5);
    assert_true(*sb_st_value(f.t, out[4], 0) == 9);
    sb_table_erase_row(f.t, sb_bag_next(f.t, sb_bag_next(f.t, sb_bag_first(f.t, &k0))));
    sb_table_erase_row(f.t, out[4]);
    assert_int_equal(sb_bag_match(f.t, &k1, NULL, &c1, 20, out_key, out), 5);
    assert_true(*sb_st_value(f.t, out[0], 0) == 11);
    assert_int_equal(c1.key, 1);
    assert_int_equal(sb_bag_match(f.t, &k0, NULL, &c0, 20, out_key, out), 7);
    assert_true(*sb_st_value(f.t, out[0], 0) == 6);
    assert_true(*sb_st_value(f.t, out[6], 0) == 18);
    /* a row added while the cursor is open comes out, too */
    c0 = (sb_match){0};
    assert_int_equal(sb_bag_match(f.t, &k0, NULL, &c0, 9, out_key, out), 9);
    assert_int_equal(sb_bag_match(f.t, &k0, NULL, &c0, 9, out_key, out), 0);
    assert_int_equal(c0.key, 1);
    /* NULL keys match nothing unless asked to */
    sb_vector *null_v = sb_vector_const(sb_mem_root(), &sb_st_bigint, NULL, 1);
    uint64_t hash;
    sb_hash_columns(&null_v, 1, NULL, 1, &hash);
    sb_keys kn = {.columns = &null_v, .hashes = &hash, .count = 1};
    assert_int_equal(sb_bag_add(f.t, &kn, &v.v, &err), SB_OK);
    sb_match cn = {0};
    assert_int_equal(sb_bag_match(f.t, &kn, NULL, &cn, 9, out_key, out), 0);
    assert_int_equal(cn.key, 1);
    cn = (sb_match){0};
    assert_int_equal(sb_bag_match(f.t, &kn, &(bool){true}, &cn, 9, out_key, out), 1);
    sb_vector_unref(null_v);
    sb_st_ints_free(&x);
    sb_st_ints_free(&v);
    sb_st_ints_free(&zero);
    sb_st_ints_free(&one);
    sb_st_close(&f);
}

/* ---- time to live
 * ----------------------------------------------------------------------------------- */

static void
test_ttl(void **unused)
{
    (void)unused;
    sb_st_fixture f;
    sb_error err;
    uint8_t *row, *again;
    uint64_t created[1];
    sb_st_open(&f,
               &(sb_table_spec){.table_id = 1,
                                .shape = SB_MAP,
                                .key = &sb_st_one_i64,
                                .row = &sb_st_one_i64,
                                .ttl_ms = 100},
               0);
    sb_st_ints x = sb_st_ints_make((int64_t[]){1}, 1), y = sb_st_ints_make((int64_t[]){2}, 1);
    sb_keys k1 = sb_st_ints_keys(&x), k2 = sb_st_ints_keys(&y);
    sb_state_set_now(f.state, 1000);
    assert_int_equal(sb_map_insert(f.t, &k1, &row, NULL, &err), SB_OK);
    assert_int_equal(sb_map_insert(f.t, &k2, &row, NULL, &err), SB_OK);
    sb_state_set_now(f.state, 1099);
    sb_map_find(f.t, &k1, &row);
    assert_non_null(row); /* reading does not prolong */
    *sb_st_value(f.t, row, 0) = 7;
    sb_state_set_now(f.state, 1100);
    sb_map_find(f.t, &k1, &again);
    assert_null(again);
    assert_int_equal(sb_table_count(f.t), 2); /* it is erased later */
    assert_int_equal(sb_map_insert(f.t, &k1, &row, created, &err), SB_OK);
    assert_int_equal(created[0], 1);
    assert_true(*sb_st_value(f.t, row, 0) == 0);
    sb_state_sweep(f.state, 100);
    assert_int_equal(sb_table_count(f.t), 1);
    /* writing prolongs */
    for (int64_t now = 1150; now < 2000; now += 50) {
        sb_state_set_now(f.state, now);
        sb_map_find(f.t, &k1, &row);
        assert_non_null(row);
        sb_table_touch(f.t, row);
    }
    /* a flagged row waits for its output */
    assert_int_equal(sb_map_flag(f.t, row, &err), SB_OK);
    sb_state_set_now(f.state, 5000);
    sb_map_find(f.t, &k1, &row);
    assert_non_null(row);
    sb_state_sweep(f.state, 100);
    assert_ptr_equal(sb_map_flagged_first(f.t), row);
    sb_map_unflag_first(f.t); /* a write */
    sb_state_set_now(f.state, 5100);
    sb_map_find(f.t, &k1, &row);
    assert_null(row);
    sb_st_ints_free(&x);
    sb_st_ints_free(&y);
    sb_st_close(&f);
}

/* A sweep is bounded, and comes to every row. */
static void
test_sweep(void **unused)
{
    (void)unused;

    enum { N = 5000 };

    sb_st_fixture f;
    sb_error err;
    static int64_t values[N];
    static uint8_t *rows[N];
    sb_st_open(&f,
               &(sb_table_spec){.table_id = 1,
                                .shape = SB_BAG,
                                .key = &sb_st_one_i64,
                                .row = &sb_st_one_i64,
                                .ttl_ms = 10},
               0);
    for (int i = 0; i < N; i++) {
        values[i] = i % 100;
    }
    (void)rows;
    sb_st_ints x = sb_st_ints_make(values, N);
    sb_keys keys = sb_st_ints_keys(&x);
    assert_int_equal(sb_bag_add(f.t, &keys, &x.v, &err), SB_OK);
    sb_state_set_now(f.state, 100);
    int64_t left = N;
    for (int i = 0; i < N && left > 0; i++) {
        sb_state_sweep(f.state, 20);
        assert_true(sb_table_count(f.t) >= left - 20);
        left = sb_table_count(f.t);
    }
    assert_int_equal(left, 0);
    sb_st_ints_free(&x);
    sb_st_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_cursor),
        cmocka_unit_test(test_ttl),
        cmocka_unit_test(test_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
