/*
 * operators/sort_test.c -- Sort, Limit and Expand against slow references, with restarts between
 * any two steps.
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
#define NUMBER                                  \
    {                                           \
        .id = SB_TYPE_BIGINT, .nullable = false \
    }

enum { COLUMNS = 3, ROWS = 240 };

static const sb_field fields[] = {{"a", BIG, 0}, {"t", TEXT, 0}, {"b", BIG, 0}};
static const sb_schema schema = {COLUMNS, fields};

static void
make_run(sb_test_run *run, const sb_op_vtable *vtable, const sb_plan_node *node,
         const sb_test_rows *feed, uint64_t seed)
{
    static const int32_t sizes[] = {1, 7, 4096};
    *run = (sb_test_run){.vtable = vtable,
                         .node = node,
                         .inputs = {&schema},
                         .count_inputs = 1,
                         .feeds = feed,
                         .batch_rows = sizes[seed % 3],
                         .seed = seed,
                         .restart_every = seed % 2 ? 3 : 0,
                         .port_rows = seed % 5 == 0 ? 3 : 0};
}

/* Few values, so that many rows are equal in the order columns. */
static void
fill(sb_test_rows *feed, uint64_t seed, bool changes)
{
    sb_test_rows there = {0};
    uint64_t x = seed * 7 + 3;
    for (int32_t i = 0; i < ROWS; i++) {
        int64_t v[COLUMNS];
        bool null[COLUMNS];
        if (changes && there.count > 0 && sb_test_random(&x) % 3 == 0) {
            int32_t at = (int32_t)(sb_test_random(&x) % (uint64_t)there.count);
            const sb_test_row *old = &there.at[at];
            sb_test_add(feed, sb_test_random(&x) % 2 ? SB_ROW_DELETE : SB_ROW_UPDATE_BEFORE,
                        COLUMNS, old->v, old->null);
            there.at[at] = there.at[--there.count];
            continue;
        }
        for (int32_t c = 0; c < COLUMNS; c++) {
            v[c] = (int64_t)(sb_test_random(&x) % (c == 2 ? 50 : 6)) - 2;
            null[c] = sb_test_random(&x) % 8 == 0;
        }
        sb_test_add(feed, changes && i % 4 == 0 ? SB_ROW_UPDATE_AFTER : SB_ROW_INSERT, COLUMNS, v,
                    null);
        sb_test_add(&there, SB_ROW_INSERT, COLUMNS, v, null);
        if (i % 13 == 5) {
            sb_test_mark(feed, i * 1000);
        }
    }
    sb_test_rows_free(&there);
}

/* ---- sort ---- */

static const sb_sort_node *sorting; /* of compare_rows */

/* NULL is the least; the number of VARCHAR columns sorts as their text does. */
static int
compare_rows(const void *left, const void *right)
{
    const sb_test_row *a = left, *b = right;
    for (int32_t k = 0; k < sorting->order.count + COLUMNS; k++) {
        bool tie = k >= sorting->order.count;
        int32_t c = tie ? k - sorting->order.count : sorting->order.at[k];
        if (tie && !sorting->retracts) {
            return (a->order > b->order) - (a->order < b->order);
        }
        int order = a->null[c] || b->null[c] ? b->null[c] - a->null[c]
                                             : (a->v[c] > b->v[c]) - (a->v[c] < b->v[c]);
        if (order != 0) {
            return !tie && sorting->descending[k] ? -order : order;
        }
    }
    return 0;
}

static void
expect_sorted(const sb_test_rows *feed, const sb_sort_node *body, sb_test_rows *out)
{
    sb_test_rows all = {0};
    sb_test_materialize(feed, COLUMNS, &all);
    if (!body->retracts) { /* in the order of arrival */
        all.count = 0;
        for (int32_t i = 0; i < feed->count; i++) {
            if (feed->at[i].event == SB_TEST_ROW) {
                sb_test_add(&all, SB_ROW_INSERT, COLUMNS, feed->at[i].v, feed->at[i].null)->order =
                    i;
            }
        }
    }
    sorting = body;
    qsort(all.at, (size_t)all.count, sizeof all.at[0], compare_rows);
    for (int32_t i = 0; i < all.count; i++) {
        if (i >= body->offset && (body->limit < 0 || i < body->offset + body->limit)) {
            sb_test_add(out, SB_ROW_INSERT, COLUMNS, all.at[i].v, all.at[i].null);
        }
    }
    sb_test_mark(out, SB_WM_MAX);
    sb_test_rows_free(&all);
}

static void
check_sort(const sb_sort_node *body, uint64_t seed)
{
    sb_plan_node node = {.kind = SB_NODE_SORT, .schema = &schema, .body = body};
    sb_test_rows feed = {0}, expected = {0};
    sb_test_run run;
    fill(&feed, seed, body->retracts);
    expect_sorted(&feed, body, &expected);
    make_run(&run, &sb_op_sort, &node, &feed, seed);
    sb_test_run_all(&run);
    assert_true(sb_test_same_sequence(&expected, &run.out[0], COLUMNS));
    assert_int_equal(expected.count, run.out[0].count); /* one mark, at the end */
    sb_test_run_free(&run);
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

static void
rows_are_sorted_at_the_end(void **unused)
{
    (void)unused;
    static const int32_t one[] = {0}, two[] = {1, 0}, three[] = {2, 0, 1};
    static const bool up[] = {false, false, false}, mixed[] = {true, false, true};
    const sb_columns orders[] = {{0, one}, {1, one}, {2, two}, {3, three}};
    static const int64_t bounds[][2] = {{0, -1}, {0, 5}, {7, 20}, {3, -1}, {0, 0}, {500, 3}};
    for (uint64_t seed = 1; seed <= 48; seed++) {
        sb_sort_node body = {.order = orders[seed % 4],
                             .descending = seed % 3 ? mixed : up,
                             .offset = bounds[seed % 6][0],
                             .limit = bounds[seed % 6][1],
                             .retracts = seed % 7 > 3};
        check_sort(&body, seed);
    }
}

/* With a LIMIT, rows that can never leave are not kept. */
static void
a_limit_bounds_the_state(void **unused)
{
    (void)unused;
    static const int32_t order[] = {0};
    static const bool up[] = {false};
    sb_sort_node body = {.order = {1, order}, .descending = up, .offset = 1, .limit = 4};
    sb_plan_node node = {.kind = SB_NODE_SORT, .schema = &schema, .body = &body};
    sb_test_rows feed = {0};
    for (int64_t i = 0; i < 20000; i++) {
        sb_test_add(&feed, SB_ROW_INSERT, COLUMNS, (int64_t[]){20000 - i, i, i}, NULL);
    }
    sb_test_run run;
    make_run(&run, &sb_op_sort, &node, &feed, 2);
    sb_test_run_all(&run);
    assert_int_equal(run.out[0].at[0].v[0], 2);
    assert_true(run.metrics.state_bytes < 200000);
    sb_test_run_free(&run);
    sb_test_rows_free(&feed);
}

/* ---- limit ---- */

static void
a_limit_passes_rows_at_once(void **unused)
{
    (void)unused;
    static const int64_t bounds[][2] = {{0, 5}, {7, 20}, {3, -1}, {0, 0}, {500, 3}, {0, 100000}};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        sb_limit_node body = {.offset = bounds[seed % 6][0], .limit = bounds[seed % 6][1]};
        sb_plan_node node = {.kind = SB_NODE_LIMIT, .schema = &schema, .body = &body};
        sb_test_rows feed = {0}, expected = {0};
        int64_t seen = 0;
        fill(&feed, seed, false);
        for (int32_t i = 0; i < feed.count; i++) {
            const sb_test_row *r = &feed.at[i];
            if (r->event == SB_TEST_ROW && seen++ >= body.offset &&
                (body.limit < 0 || seen <= body.offset + body.limit)) {
                sb_test_add(&expected, SB_ROW_INSERT, COLUMNS, r->v, r->null);
            }
        }
        sb_test_run run;
        make_run(&run, &sb_op_limit, &node, &feed, seed);
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&expected, &run.out[0], COLUMNS));
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

/* ---- expand ---- */

static const sb_field expanded_fields[] = {
    {"a", BIG, 0}, {"t", TEXT, 0}, {"b", BIG, 0}, {"$e", NUMBER, 0}};
static const sb_schema expanded = {COLUMNS + 1, expanded_fields};

static void
rows_come_once_per_set(void **unused)
{
    (void)unused;
    static const int32_t keys[] = {0, 1}, first[] = {0}, second[] = {1};
    static const sb_columns sets[] = {{2, keys}, {1, first}, {1, second}, {0, keys}, {1, first}};
    sb_expand_node body = {.keys = {2, keys}, .sets = {5, sets}};
    sb_plan_node node = {.kind = SB_NODE_EXPAND, .schema = &expanded, .body = &body};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_test_rows feed = {0}, want = {0};
        fill(&feed, seed, true);
        for (int32_t i = 0; i < feed.count; i++) {
            const sb_test_row *r = &feed.at[i];
            for (int32_t s = 0; r->event == SB_TEST_ROW && s < 5; s++) {
                sb_test_row *to = sb_test_add(&want, r->op, COLUMNS, r->v, r->null);
                to->null[0] |= s == 2 || s == 3;
                to->null[1] |= s == 1 || s == 3 || s == 4;
                to->v[COLUMNS] = s;
            }
        }
        sb_test_run run;
        make_run(&run, &sb_op_expand, &node, &feed, seed);
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&want, &run.out[0], COLUMNS + 1));
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&want);
    }
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    static const int32_t order[] = {1, 0}, keys[] = {0};
    static const bool up[] = {false, true};
    static const sb_columns sets[] = {{1, keys}, {0, keys}};
    const sb_sort_node appends = {.order = {2, order}, .descending = up, .limit = 10};
    const sb_sort_node changes = {
        .order = {2, order}, .descending = up, .limit = -1, .retracts = true};
    const sb_limit_node limit = {.offset = 2, .limit = 9};
    const sb_expand_node expand = {.keys = {1, keys}, .sets = {2, sets}};
    const sb_plan_node nodes[] = {
        {.kind = SB_NODE_SORT, .schema = &schema, .body = &appends},
        {.kind = SB_NODE_SORT, .schema = &schema, .body = &changes},
        {.kind = SB_NODE_LIMIT, .schema = &schema, .body = &limit},
        {.kind = SB_NODE_EXPAND, .schema = &expanded, .body = &expand},
    };
    static const sb_op_vtable *const vtables[] = {&sb_op_sort, &sb_op_sort, &sb_op_limit,
                                                  &sb_op_expand};
    for (int k = 0; k < 4; k++) {
        sb_test_rows feed = {0};
        fill(&feed, 5, k == 1 || k == 3);
        feed.count = 40;
        sb_test_run run;
        make_run(&run, vtables[k], &nodes[k], &feed, 1);
        sb_test_fail_allocations(&run, k == 3 ? COLUMNS + 1 : COLUMNS, 3);
        sb_test_rows_free(&feed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_at_the_end),  cmocka_unit_test(a_limit_bounds_the_state),
        cmocka_unit_test(a_limit_passes_rows_at_once), cmocka_unit_test(rows_come_once_per_set),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
