/*
 * operators/calc_test.c -- filter and projection, DropUpdateBefore and Union, row by row and with
 * their marks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
static const sb_field in_fields[] = {{"a", BIG, 0}, {"t", TEXT, 0}, {"b", BIG, 0}};
static const sb_schema in_schema = {3, in_fields};
static const sb_field out_fields[] = {{"t", TEXT, 0}, {"s", BIG, 0}};
static const sb_schema out_schema = {2, out_fields};

typedef struct job {
    sb_arena *arena;
    sb_calc_node body;
    sb_expr *projections[2];
    sb_plan_node node;
    sb_test_run run;
} job;

static sb_expr *
call(job *j, const char *name, sb_expr *left, sb_expr *right)
{
    sb_error err;
    sb_expr *out = NULL;
    assert_int_equal(sb_expr_call(j->arena, name, (sb_expr *[]){left, right}, 2, &out, &err),
                     SB_OK);
    return out;
}

/* SELECT t, a + b WHERE a < b, or a / b */
static void
make_calc(job *j, bool condition, const char *operation, const sb_test_rows *feed,
          int32_t batch_rows, int32_t restart_every, uint64_t seed)
{
    j->arena = sb_arena_new(sb_mem_root());
    sb_expr *a = sb_expr_column(j->arena, 0, &in_fields[0].type),
            *b = sb_expr_column(j->arena, 2, &in_fields[2].type);
    j->projections[0] = sb_expr_column(j->arena, 1, &in_fields[1].type);
    j->projections[1] = call(j, operation, a, b);
    j->body = (sb_calc_node){.condition = condition ? call(j, "<", a, b) : NULL,
                             .count = 2,
                             .projections = j->projections};
    j->node = (sb_plan_node){.kind = SB_NODE_CALC, .schema = &out_schema, .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_calc,
                           .node = &j->node,
                           .inputs = {&in_schema},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every};
}

static void
make_plain(job *j, const sb_op_vtable *vtable, const sb_test_rows *feed, int32_t batch_rows,
           int32_t restart_every, uint64_t seed)
{
    j->arena = NULL;
    j->node = (sb_plan_node){.schema = &in_schema};
    j->run = (sb_test_run){.vtable = vtable,
                           .node = &j->node,
                           .inputs = {&in_schema},
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
make_feed(uint64_t seed, int32_t rows, sb_test_rows *out)
{
    uint64_t x = seed * 19 + 3;
    for (int32_t i = 0; i < rows; i++) {
        int64_t v[3] = {(int64_t)(sb_test_random(&x) % 9), i % 50,
                        (int64_t)(sb_test_random(&x) % 9)};
        bool null[3] = {sb_test_random(&x) % 7 == 0, sb_test_random(&x) % 5 == 0,
                        sb_test_random(&x) % 7 == 0};
        sb_test_add(out, (uint8_t)(seed % 2 ? sb_test_random(&x) % 4 : 0), 3, v, null);
        if (sb_test_random(&x) % 5 == 0) {
            sb_test_mark(out, i + 1);
        }
    }
}

/* Rows in order; each mark stands before the next row that is left, the last one of several
 * holds. */
static void
check(const sb_test_rows *expected, const sb_test_rows *got, int32_t columns)
{
    assert_true(sb_test_same_sequence(expected, got, columns));
    int64_t before = SB_WM_MIN, has = SB_WM_MIN;
    for (int32_t i = 0, k = 0; i < expected->count; i++) {
        if (expected->at[i].event == SB_TEST_MARK) {
            before = expected->at[i].time_ms;
            continue;
        }
        for (; got->at[k].event == SB_TEST_MARK; k++) {
            has = got->at[k].time_ms;
        }
        k++;
        assert_int_equal(before, has);
    }
    assert_int_equal(got->at[got->count - 1].time_ms, SB_WM_MAX);
}

static void
calc_filters_and_projects(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_test_rows feed = {0}, expected = {0};
        bool condition = seed % 3 != 0;
        make_feed(seed, 300, &feed);
        for (int32_t i = 0; i < feed.count; i++) {
            const sb_test_row *r = &feed.at[i];
            bool null = r->null[0] || r->null[2];
            if (r->event == SB_TEST_MARK) {
                sb_test_mark(&expected, r->time_ms);
            } else if (!condition || (!null && r->v[0] < r->v[2])) {
                sb_test_add(&expected, r->op, 2, (int64_t[]){r->v[1], r->v[0] + r->v[2]},
                            (bool[]){r->null[1], null});
            }
        }
        for (int k = 0; k < 6; k++) {
            job j;
            make_calc(&j, condition, "+", &feed, sizes[k % 3], k < 3 ? 0 : 4, seed + (uint64_t)k);
            sb_test_run_all(&j.run);
            check(&expected, &j.run.out[0], 2);
            free_job(&j);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

/* a / b fails the job where b is 0, but not in a row that the condition a < b leaves out. */
static void
only_rows_that_pass_can_fail(void **unused)
{
    (void)unused;
    for (int k = 0; k < 2; k++) {
        sb_test_rows feed = {0};
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){1, 1, 2}, NULL);
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){k ? -1 : 1, 1, 0}, NULL);
        job j;
        make_calc(&j, true, "/", &feed, 10, 0, 1);
        j.run.may_fail = true;
        sb_test_run_all(&j.run);
        assert_int_equal(j.run.failed, k ? SB_STATUS_DATA : SB_OK);
        free_job(&j);
        sb_test_rows_free(&feed);
    }
}

static void
plain_operators_pass_rows(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        sb_test_rows feed = {0}, expected = {0};
        bool drops = seed < 5;
        int64_t dropped = 0;
        make_feed(seed, 200, &feed);
        for (int32_t i = 0; i < feed.count; i++) {
            const sb_test_row *r = &feed.at[i];
            if (r->event == SB_TEST_MARK) {
                sb_test_mark(&expected, r->time_ms);
            } else if (!drops || r->op != SB_ROW_UPDATE_BEFORE) {
                sb_test_add(&expected, r->op, 3, r->v, r->null);
            } else {
                dropped++;
            }
        }
        job j;
        make_plain(&j, drops ? &sb_op_drop_before : &sb_op_union, &feed, seed % 2 ? 6 : 4096, 4,
                   seed);
        sb_test_run_all(&j.run);
        check(&expected, &j.run.out[0], 3);
        assert_int_equal(j.run.metrics.dropped_rows, dropped);
        free_job(&j);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    sb_test_rows feed = {0};
    make_feed(3, 60, &feed);
    for (int k = 0; k < 3; k++) {
        job j;
        if (k == 0) {
            make_calc(&j, true, "+", &feed, 9, 5, 1);
        } else {
            make_plain(&j, k == 1 ? &sb_op_drop_before : &sb_op_union, &feed, 9, 5, 1);
        }
        sb_test_fail_allocations(&j.run, k == 0 ? 2 : 3, 1);
        free_job(&j);
    }
    sb_test_rows_free(&feed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calc_filters_and_projects),
        cmocka_unit_test(only_rows_that_pass_can_fail),
        cmocka_unit_test(plain_operators_pass_rows),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
