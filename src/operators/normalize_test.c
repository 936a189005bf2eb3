/*
 * operators/normalize_test.c -- ChangelogNormalize and SinkUpsertMaterializer against lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { COLUMNS = 4 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
static const sb_field fields[] = {{"k", BIG, 0}, {"id", BIG, 0}, {"t", TEXT, 0}, {"v", BIG, 0}};
static const sb_schema schema = {COLUMNS, fields};
static const int32_t key_column = 0, upsert_columns[] = {0, 1};

static bool
same_columns(const sb_test_row *a, const sb_test_row *b, int32_t from, int32_t to)
{
    for (int32_t c = from; c < to; c++) {
        if (a->null[c] != b->null[c] || a->v[c] != b->v[c]) {
            return false;
        }
    }
    return true;
}

static void
put(sb_test_rows *out, uint8_t op, const sb_test_row *row)
{
    sb_test_add(out, op, COLUMNS, row->v, row->null);
}

static void
make_feed(uint64_t seed, int32_t rows, sb_test_rows *out)
{
    uint64_t x = seed * 13 + 1;
    for (int32_t i = 0; i < rows; i++) {
        int64_t v[COLUMNS] = {(int64_t)(sb_test_random(&x) % 4), (int64_t)(sb_test_random(&x) % 4),
                              (int64_t)(sb_test_random(&x) % 3), (int64_t)(sb_test_random(&x) % 3)};
        bool null[COLUMNS] = {sb_test_random(&x) % 6 == 0, false, sb_test_random(&x) % 4 == 0,
                              sb_test_random(&x) % 4 == 0};
        sb_test_add(out, (uint8_t)(sb_test_random(&x) % 4), COLUMNS, v, null);
        if (i % 9 == 4) {
            sb_test_mark(out, i);
        }
    }
}

typedef struct job {
    sb_arena *arena;
    sb_normalize_node normalize;
    sb_materialize_node materialize;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_normalize(job *j, bool emit_before, bool condition, const sb_test_rows *feed,
               int32_t batch_rows, int32_t restart_every, uint64_t seed)
{
    sb_error err;
    j->arena = sb_arena_new(sb_mem_root());
    j->normalize = (sb_normalize_node){.keys = {1, &key_column}, .emit_before = emit_before};
    if (condition) { /* id <= 1 */
        sb_type type = BIG;
        sb_expr *args[2] = {sb_expr_column(j->arena, 1, &fields[1].type),
                            sb_expr_i64(j->arena, &type, 1)};
        assert_int_equal(sb_expr_call(j->arena, "<=", args, 2, &j->normalize.condition, &err),
                         SB_OK);
    }
    j->node = (sb_plan_node){.kind = SB_NODE_NORMALIZE, .schema = &schema, .body = &j->normalize};
    j->run = (sb_test_run){.vtable = &sb_op_normalize,
                           .node = &j->node,
                           .inputs = {&schema},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every};
}

static void
make_materialize(job *j, bool upsert_key, const sb_test_rows *feed, int32_t batch_rows,
                 int32_t restart_every, uint64_t seed)
{
    j->arena = NULL;
    j->materialize = (sb_materialize_node){.keys = {1, &key_column},
                                           .upsert_key = {upsert_key ? 2 : 0, upsert_columns}};
    j->node =
        (sb_plan_node){.kind = SB_NODE_MATERIALIZE, .schema = &schema, .body = &j->materialize};
    j->run = (sb_test_run){.vtable = &sb_op_materialize,
                           .node = &j->node,
                           .inputs = {&schema},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every};
}

static void
free_job(job *j)
{
    sb_test_run_free(&j->run);
    sb_arena_free(j->arena);
}

static void
normalized(const sb_test_rows *feed, bool emit_before, bool condition, sb_test_rows *out)
{
    sb_test_rows held = {0};
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event != SB_TEST_ROW) {
            continue;
        }
        int32_t k = 0;
        while (k < held.count && !same_columns(&held.at[k], r, 0, 1)) {
            k++;
        }
        bool known = k < held.count, adds = sb_row_op_adds(r->op),
             passes = !condition || r->v[1] <= 1;
        if (known && adds && same_columns(&held.at[k], r, 0, COLUMNS)) {
            continue;
        }
        if (known && (!adds || !passes)) {
            put(out, SB_ROW_DELETE, &held.at[k]);
            held.at[k] = held.at[--held.count];
        } else if (known) {
            if (emit_before) {
                put(out, SB_ROW_UPDATE_BEFORE, &held.at[k]);
            }
            put(out, SB_ROW_UPDATE_AFTER, r);
            memcpy(held.at[k].v, r->v, sizeof r->v);
            memcpy(held.at[k].null, r->null, sizeof r->null);
        } else if (adds && passes) {
            put(out, SB_ROW_INSERT, r);
            put(&held, SB_ROW_INSERT, r);
        }
    }
    sb_test_rows_free(&held);
}

static void
materialized(const sb_test_rows *feed, bool upsert_key, sb_test_rows *out)
{
    sb_test_rows list = {0}; /* of all keys, in order of arrival */
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event != SB_TEST_ROW) {
            continue;
        }
        int32_t found = -1, last = -1, before_last = -1, of_key = 0;
        for (int32_t k = 0; k < list.count; k++) {
            if (same_columns(&list.at[k], r, 0, 1)) {
                of_key++;
                before_last = last;
                last = k;
                if (found < 0 && same_columns(&list.at[k], r, 0, upsert_key ? 2 : COLUMNS)) {
                    found = k;
                }
            }
        }
        if (sb_row_op_adds(r->op)) {
            put(out, of_key ? SB_ROW_UPDATE_AFTER : SB_ROW_INSERT, r);
            if (upsert_key && found >= 0) {
                memcpy(list.at[found].v, r->v, sizeof r->v);
                memcpy(list.at[found].null, r->null, sizeof r->null);
            } else {
                put(&list, SB_ROW_INSERT, r);
            }
        } else if (found >= 0) {
            if (of_key == 1) {
                put(out, SB_ROW_DELETE, r);
            } else if (found == last) {
                put(out, SB_ROW_UPDATE_AFTER, &list.at[before_last]);
            }
            memmove(&list.at[found], &list.at[found + 1],
                    sizeof *list.at * (size_t)(list.count - found - 1));
            list.count--;
        }
    }
    sb_test_rows_free(&list);
}

static void
normalize_keeps_the_last_row(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_test_rows feed = {0}, expected = {0};
        make_feed(seed, 400, &feed);
        normalized(&feed, seed % 2, seed % 3 == 0, &expected);
        for (int k = 0; k < 6; k++) {
            job j;
            make_normalize(&j, seed % 2, seed % 3 == 0, &feed, sizes[k % 3], k < 3 ? 0 : 4,
                           seed + (uint64_t)k);
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_sequence(&expected, &j.run.out[0], COLUMNS));
            free_job(&j);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

static void
materialize_keeps_the_list(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_test_rows feed = {0}, expected = {0};
        make_feed(seed, 400, &feed);
        materialized(&feed, seed % 2, &expected);
        for (int k = 0; k < 6; k++) {
            job j;
            make_materialize(&j, seed % 2, &feed, sizes[k % 3], k < 3 ? 0 : 4, seed + (uint64_t)k);
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_sequence(&expected, &j.run.out[0], COLUMNS));
            free_job(&j);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

/* Recorded from Flink 2.3.0: rows (name, id, v) into a sink whose key is the name; the query's
 * upsert key is the id. */
static void
materialize_answers_as_flink_does(void **unused)
{
    (void)unused;

    enum { ANN, BOB, ZOE };

    static const int64_t in[][4] = {
        {SB_ROW_INSERT, ANN, 1, 10},        {SB_ROW_INSERT, ANN, 2, 20},
        {SB_ROW_INSERT, BOB, 3, 30},        {SB_ROW_DELETE, ANN, 2, 20},
        {SB_ROW_UPDATE_BEFORE, ANN, 1, 10}, {SB_ROW_UPDATE_AFTER, ANN, 1, 11},
        {SB_ROW_INSERT, ANN, 4, 40},        {SB_ROW_DELETE, ANN, 1, 11},
        {SB_ROW_UPDATE_BEFORE, BOB, 3, 30}, {SB_ROW_UPDATE_AFTER, ANN, 3, 30},
        {SB_ROW_DELETE, ANN, 4, 40},        {SB_ROW_DELETE, ANN, 3, 30},
        {SB_ROW_INSERT, ANN, 5, 50},        {SB_ROW_INSERT, ANN, 5, 50},
        {SB_ROW_DELETE, ANN, 5, 50},        {SB_ROW_DELETE, ZOE, 7, 70},
        {SB_ROW_DELETE, ANN, 8, 80}};
    static const int64_t out[][4] = {
        {SB_ROW_INSERT, ANN, 1, 10},       {SB_ROW_UPDATE_AFTER, ANN, 2, 20},
        {SB_ROW_INSERT, BOB, 3, 30},       {SB_ROW_UPDATE_AFTER, ANN, 1, 10},
        {SB_ROW_DELETE, ANN, 1, 10},       {SB_ROW_INSERT, ANN, 1, 11},
        {SB_ROW_UPDATE_AFTER, ANN, 4, 40}, {SB_ROW_DELETE, BOB, 3, 30},
        {SB_ROW_UPDATE_AFTER, ANN, 3, 30}, {SB_ROW_DELETE, ANN, 3, 30},
        {SB_ROW_INSERT, ANN, 5, 50},       {SB_ROW_UPDATE_AFTER, ANN, 5, 50},
        {SB_ROW_DELETE, ANN, 5, 50}};
    sb_test_rows feed = {0}, expected = {0};
    for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
        sb_test_add(&feed, (uint8_t)in[i][0], COLUMNS, (int64_t[]){in[i][1], in[i][2], 0, in[i][3]},
                    NULL);
    }
    for (size_t i = 0; i < sizeof out / sizeof out[0]; i++) {
        sb_test_add(&expected, (uint8_t)out[i][0], COLUMNS,
                    (int64_t[]){out[i][1], out[i][2], 0, out[i][3]}, NULL);
    }
    job j;
    make_materialize(&j, true, &feed, 4, 3, 2);
    sb_test_run_all(&j.run);
    assert_true(sb_test_same_sequence(&expected, &j.run.out[0], COLUMNS));
    free_job(&j);
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 4; seed++) {
        sb_test_rows feed = {0};
        make_feed(seed + 1, 40, &feed);
        job j;
        if (seed < 2) {
            make_normalize(&j, true, seed == 1, &feed, 7, 4, seed);
        } else {
            make_materialize(&j, seed == 3, &feed, 7, 4, seed);
        }
        sb_test_fail_allocations(&j.run, COLUMNS, 3);
        free_job(&j);
        sb_test_rows_free(&feed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalize_keeps_the_last_row),
        cmocka_unit_test(materialize_keeps_the_list),
        cmocka_unit_test(materialize_answers_as_flink_does),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
