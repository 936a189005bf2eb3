/*
 * operators/group_agg_rules_test.c -- GROUP BY in the cases that are easy to get wrong; the
 * changelogs are Flink 2.3.0's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { I = SB_ROW_INSERT, UB = SB_ROW_UPDATE_BEFORE, UA = SB_ROW_UPDATE_AFTER, D = SB_ROW_DELETE };

#define NUL INT64_MIN
#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define DOUBLE                                 \
    {                                          \
        .id = SB_TYPE_DOUBLE, .nullable = true \
    }
#define INTEGER                             \
    {                                       \
        .id = SB_TYPE_INT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
#define DECIMAL(p, s)                                                           \
    {                                                                           \
        .id = SB_TYPE_DECIMAL, .nullable = true, .precision = (p), .scale = (s) \
    }

typedef struct line { /* op, key, value(s); NUL is NULL */
    uint8_t op;
    int64_t v[4];
} line;

static void
add_lines(sb_test_rows *rows, const line *lines, size_t count, int32_t columns)
{
    for (size_t i = 0; i < count; i++) {
        bool null[4];
        for (int32_t c = 0; c < columns; c++) {
            null[c] = lines[i].v[c] == NUL;
        }
        sb_test_add(rows, lines[i].op, columns, lines[i].v, null);
    }
}

/* Input (k BIGINT, v TYPE) grouped by k, at batch sizes 1 and many, with restarts; also
 * mini-batch: the same table at the end. */
static void
check(sb_type type, const sb_agg_call *calls, int32_t count, bool retracts, const line *in,
      size_t count_in, const line *out, size_t count_out)
{
    static const int32_t key = 0;
    const sb_field in_fields[] = {{"k", BIG, 0}, {"v", type, 0}};
    sb_field out_fields[4] = {{"k", BIG, 0}};
    const sb_schema input = {2, in_fields}, output = {count + 1, out_fields};
    for (int32_t a = 0; a < count; a++) {
        out_fields[a + 1] = (sb_field){"a", calls[a].type, 0};
    }
    sb_test_rows feed = {0}, expected = {0}, table = {0};
    add_lines(&feed, in, count_in, 2);
    add_lines(&expected, out, count_out, count + 1);
    sb_test_materialize(&expected, count + 1, &table);
    for (int k = 0; k < 6; k++) {
        sb_group_agg_node body = {.keys = {1, &key},
                                  .count_aggs = count,
                                  .aggs = calls,
                                  .input_retracts = retracts,
                                  .emit_before = true,
                                  .minibatch_rows = k < 4 ? 0 : 3,
                                  .minibatch_ms = 10};
        sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &output, .body = &body};
        sb_test_run run = {.vtable = &sb_op_group_agg,
                           .node = &node,
                           .inputs = {&input},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = k % 2 ? 1 : 64,
                           .seed = (uint64_t)k + 1,
                           .restart_every = k < 2 ? 0 : 3};
        sb_test_run_all(&run);
        if (k < 4) {
            assert_true(sb_test_same_sequence(&expected, &run.out[0], count + 1));
        } else {
            sb_test_rows got = {0};
            sb_test_materialize(&run.out[0], count + 1, &got);
            assert_true(sb_test_same_multiset(&table, &got, count + 1));
            sb_test_rows_free(&got);
        }
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
    sb_test_rows_free(&table);
}

#define CHECK(type, calls, count, retracts, in, out)                                  \
    check((sb_type)type, calls, count, retracts, in, sizeof(in) / sizeof(in)[0], out, \
          sizeof(out) / sizeof(out)[0])

static void
a_value_never_seen_is_taken_out(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_MAX, 1, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_MIN, 1, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, 10}}, {I, {1, 20}}, {I, {1, 30}}, {D, {1, 99}}, {I, {1, 99}},
                              {I, {1, 99}}, {D, {1, 20}}, {D, {1, 30}}, {D, {1, 10}}, {I, {1, 10}}};
    static const line out[] = {
        {I, {1, 10, 10, 1}},  {UB, {1, 10, 10, 1}}, {UA, {1, 20, 10, 2}}, {UB, {1, 20, 10, 2}},
        {UA, {1, 30, 10, 3}}, {UB, {1, 30, 10, 3}}, {UA, {1, 30, 10, 2}}, {UB, {1, 30, 10, 2}},
        {UA, {1, 99, 10, 3}}, {UB, {1, 99, 10, 3}}, {UA, {1, 99, 10, 4}}, {UB, {1, 99, 10, 4}},
        {UA, {1, 99, 10, 3}}, {UB, {1, 99, 10, 3}}, {UA, {1, 99, 10, 2}}, {UB, {1, 99, 10, 2}},
        {UA, {1, 99, 99, 1}}, {UB, {1, 99, 99, 1}}, {UA, {1, 99, 10, 2}}};
    CHECK(BIG, calls, 3, true, in, out);
}

static void
distinct_counts_below_zero(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, 1}},  {I, {1, NUL}}, {D, {1, 99}},
                              {I, {1, 99}}, {I, {1, 99}},  {D, {1, 1}}};
    static const line out[] = {{I, {1, 1, 1}},  {UB, {1, 1, 1}}, {UA, {1, 1, 2}}, {UB, {1, 1, 2}},
                               {UA, {1, 1, 1}}, {UB, {1, 1, 1}}, {UA, {1, 1, 2}}, {UB, {1, 1, 2}},
                               {UA, {1, 2, 3}}, {UB, {1, 2, 3}}, {UA, {1, 1, 2}}};
    CHECK(BIG, calls, 2, true, in, out);
}

/* What was left below zero goes with the group. */
static void
a_group_that_comes_again_starts_anew(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_MAX, 1, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL},
                                        {SB_AGG_SUM, 1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{D, {1, 5}},   {I, {1, 1}}, {D, {1, 2}},   {I, {1, 2}},
                              {I, {1, NUL}}, {D, {1, 2}}, {D, {1, NUL}}, {D, {1, NUL}}};
    static const line out[] = {{I, {1, 1, 1, 1}},  {D, {1, 1, 1, 1}},      {I, {1, 2, 1, 2}},
                               {UB, {1, 2, 1, 2}}, {UA, {1, NUL, 0, NUL}}, {D, {1, NUL, 0, NUL}}};
    CHECK(BIG, calls, 3, true, in, out);
}

static void
doubles_compare_as_java_does(void **unused)
{
    (void)unused;

    enum { ONE = 1 };

    static const sb_agg_call calls[] = {{SB_AGG_MAX, 1, -1, false, DOUBLE, .separator = NULL},
                                        {SB_AGG_MIN, 1, -1, false, DOUBLE, .separator = NULL},
                                        {SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, 0}},           {I, {1, SB_TEST_NEGATIVE_ZERO}},
                              {I, {1, SB_TEST_NAN}}, {I, {1, 0}},
                              {I, {1, SB_TEST_NAN}}, {I, {1, SB_TEST_NEGATIVE_ZERO}}};
    static const line out[] = {{I, {1, 0, 0, 1}},
                               {UB, {1, 0, 0, 1}},
                               {UA, {1, 0, 0, 2}},
                               {UB, {1, 0, 0, 2}},
                               {UA, {1, 0, 0, 3}}};
    CHECK(DOUBLE, calls, 3, false, in, out);
}

static void
a_decimal_sum_that_overflowed_starts_anew(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {
        {SB_AGG_SUM, 1, -1, false, DECIMAL(38, 2), .separator = NULL},
        {SB_AGG_COUNT, 1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {
        {I, {1, SB_TEST_NINES}}, {I, {1, 1}},  {I, {1, 500}}, {D, {1, 1}}, {D, {1, 500}},
        {D, {1, SB_TEST_NINES}}, {I, {1, 725}}};
    static const line out[] = {{I, {1, SB_TEST_NINES, 1}},
                               {UB, {1, SB_TEST_NINES, 1}},
                               {UA, {1, NUL, 2}},
                               {UB, {1, NUL, 2}},
                               {UA, {1, 500, 3}},
                               {UB, {1, 500, 3}},
                               {UA, {1, 499, 2}},
                               {UB, {1, 499, 2}},
                               {UA, {1, -1, 1}},
                               {D, {1, -1, 1}},
                               {I, {1, 725, 1}}};
    CHECK(DECIMAL(38, 2), calls, 2, true, in, out);
}

/* AVG is DECIMAL(38, 6): half up; NULL when the quotient does not fit, and for ever once the sum
 * did not. */
static void
decimal_averages(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {
        {SB_AGG_AVG, 1, -1, false, DECIMAL(38, 6), .separator = NULL},
        {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, 1}},
                              {I, {1, 1}},
                              {I, {1, 0}},
                              {I, {2, -1}},
                              {I, {2, -1}},
                              {I, {2, 0}},
                              {I, {3, SB_TEST_NINES}},
                              {I, {3, -SB_TEST_NINES}},
                              {I, {4, SB_TEST_NINES}},
                              {I, {4, 1}},
                              {I, {4, 3}}};
    static const line out[] = {{I, {1, 10000, 1}},   {UB, {1, 10000, 1}},  {UA, {1, 10000, 2}},
                               {UB, {1, 10000, 2}},  {UA, {1, 6667, 3}},   {I, {2, -10000, 1}},
                               {UB, {2, -10000, 1}}, {UA, {2, -10000, 2}}, {UB, {2, -10000, 2}},
                               {UA, {2, -6667, 3}},  {I, {3, NUL, 1}},     {UB, {3, NUL, 1}},
                               {UA, {3, 0, 2}},      {I, {4, NUL, 1}},     {UB, {4, NUL, 1}},
                               {UA, {4, NUL, 2}},    {UB, {4, NUL, 2}},    {UA, {4, NUL, 3}}};
    CHECK(DECIMAL(38, 2), calls, 2, false, in, out);
}

static void
sums_keep_their_type_and_wrap(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_SUM, 1, -1, false, INTEGER, .separator = NULL},
                                        {SB_AGG_AVG, 1, -1, false, INTEGER, .separator = NULL}};
    static const line in[] = {{I, {1, INT32_MAX}}, {I, {1, 1}}, {I, {1, -2}}};
    static const line out[] = {{I, {1, INT32_MAX, INT32_MAX}},
                               {UB, {1, INT32_MAX, INT32_MAX}},
                               {UA, {1, INT32_MIN, 1073741824}},
                               {UB, {1, INT32_MIN, 1073741824}},
                               {UA, {1, INT32_MAX - 1, 715827882}}};
    CHECK(INTEGER, calls, 2, false, in, out);
    static const sb_agg_call wide[] = {{SB_AGG_SUM, 1, -1, false, BIG, .separator = NULL},
                                       {SB_AGG_AVG, 1, -1, false, BIG, .separator = NULL}};
    static const line wide_in[] = {{I, {1, INT64_MAX}}, {I, {1, 3}}};
    static const line wide_out[] = {{I, {1, INT64_MAX, INT64_MAX}},
                                    {UB, {1, INT64_MAX, INT64_MAX}},
                                    {UA, {1, INT64_MIN + 2, (INT64_MIN + 2) / 2}}};
    CHECK(BIG, wide, 2, false, wide_in, wide_out);
}

static void
first_and_last_values_that_are_not_null(void **unused)
{
    (void)unused;
    static const line in[] = {{I, {1, NUL}}, {I, {1, 5}}, {I, {1, 7}}, {I, {1, NUL}}, {I, {1, 5}}};
    static const line out[] = {{I, {1, NUL, NUL}}, {UB, {1, NUL, NUL}}, {UA, {1, 5, 5}},
                               {UB, {1, 5, 5}},    {UA, {1, 5, 7}},     {UB, {1, 5, 7}},
                               {UA, {1, 5, 5}}};
    static const sb_agg_call numbers[] = {{SB_AGG_FIRST, 1, -1, false, BIG, .separator = NULL},
                                          {SB_AGG_LAST, 1, -1, false, BIG, .separator = NULL}};
    static const sb_agg_call texts[] = {{SB_AGG_FIRST, 1, -1, false, TEXT, .separator = NULL},
                                        {SB_AGG_LAST, 1, -1, false, TEXT, .separator = NULL}};
    CHECK(BIG, numbers, 2, false, in, out);
    CHECK(TEXT, texts, 2, false, in, out);
}

/* The oldest one like it goes; one never seen is ignored, and goes with its group. */
static void
first_and_last_values_taken_back(void **unused)
{
    (void)unused;
    static const line in[] = {{I, {1, 5}}, {I, {1, 7}}, {I, {1, 5}}, {D, {1, 5}}, {D, {1, 99}},
                              {I, {1, 8}}, {D, {1, 5}}, {D, {1, 7}}, {I, {1, 1}}, {D, {1, 1}}};
    static const line out[] = {{I, {1, 5, 5}},  {UB, {1, 5, 5}}, {UA, {1, 5, 7}}, {UB, {1, 5, 7}},
                               {UA, {1, 5, 5}}, {UB, {1, 5, 5}}, {UA, {1, 7, 5}}, {UB, {1, 7, 5}},
                               {UA, {1, 7, 8}}, {D, {1, 7, 8}},  {I, {1, 1, 1}},  {D, {1, 1, 1}}};
    static const sb_agg_call numbers[] = {{SB_AGG_FIRST, 1, -1, false, BIG, .separator = NULL},
                                          {SB_AGG_LAST, 1, -1, false, BIG, .separator = NULL}};
    static const sb_agg_call texts[] = {{SB_AGG_FIRST, 1, -1, false, TEXT, .separator = NULL},
                                        {SB_AGG_LAST, 1, -1, false, TEXT, .separator = NULL}};
    CHECK(BIG, numbers, 2, true, in, out);
    CHECK(TEXT, texts, 2, true, in, out);
}

static void
a_list_without_values_is_null(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_LIST, 1, -1, false, TEXT, .separator = ","},
                                        {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, 5}}, {I, {1, NUL}}, {D, {1, 5}}, {I, {1, 6}}};
    static const line out[] = {{I, {1, 5, 1}},  {UB, {1, 5, 1}},   {UA, {1, 5, 2}},
                               {UB, {1, 5, 2}}, {UA, {1, NUL, 1}}, {UB, {1, NUL, 1}},
                               {UA, {1, 6, 2}}};
    CHECK(TEXT, calls, 2, true, in, out);
}

/* 1, 3: mean 2, squares 1 + 1; and 5: mean 3, squares 4 + 0 + 4. */
static void
squared_distances_go_up_and_down(void **unused)
{
    (void)unused;
    static const sb_agg_call calls[] = {{SB_AGG_M2, 1, -1, false, DOUBLE, .separator = NULL},
                                        {SB_AGG_COUNT, 1, -1, false, BIG, .separator = NULL}};
    static const line in[] = {{I, {1, NUL}}, {I, {1, 1}}, {I, {1, 3}}, {I, {1, 5}},
                              {D, {1, 5}},   {D, {1, 1}}, {D, {1, 3}}, {I, {1, 9}}};
    static const line out[] = {
        {I, {1, NUL, 0}}, {UB, {1, NUL, 0}}, {UA, {1, 0, 1}},   {UB, {1, 0, 1}},   {UA, {1, 2, 2}},
        {UB, {1, 2, 2}},  {UA, {1, 8, 3}},   {UB, {1, 8, 3}},   {UA, {1, 2, 2}},   {UB, {1, 2, 2}},
        {UA, {1, 0, 1}},  {UB, {1, 0, 1}},   {UA, {1, NUL, 0}}, {UB, {1, NUL, 0}}, {UA, {1, 0, 1}}};
    CHECK(BIG, calls, 2, true, in, out);
    CHECK(DOUBLE, calls, 2, true, in, out);
    CHECK(INTEGER, calls, 2, true, in, out);
}

static void
aggregates_that_cannot_be_are_refused(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const sb_agg_call calls[] = {
        {SB_AGG_SUM,
         1,
         -1,
         false,
         {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 9},
         .separator = NULL}};
    const sb_field fields[] = {
        {"k", BIG, 0}, {"v", {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 9}, 0}};
    const sb_schema schema = {2, fields};
    sb_group_agg_node body = {.keys = {1, &key}, .count_aggs = 1, .aggs = calls};
    sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &schema, .body = &body};
    sb_test_rows feed = {0};
    sb_test_run run = {.vtable = &sb_op_group_agg,
                       .node = &node,
                       .inputs = {&schema},
                       .count_inputs = 1,
                       .feeds = &feed,
                       .batch_rows = 8,
                       .may_fail = true};
    sb_test_run_all(&run);
    assert_int_equal(run.failed, SB_STATUS_NOT_SUPPORTED);
    assert_non_null(strstr(run.message, "not supported: SUM(TIMESTAMP(9))"));
    sb_test_run_free(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_never_seen_is_taken_out),
        cmocka_unit_test(distinct_counts_below_zero),
        cmocka_unit_test(a_group_that_comes_again_starts_anew),
        cmocka_unit_test(doubles_compare_as_java_does),
        cmocka_unit_test(a_decimal_sum_that_overflowed_starts_anew),
        cmocka_unit_test(decimal_averages),
        cmocka_unit_test(sums_keep_their_type_and_wrap),
        cmocka_unit_test(first_and_last_values_that_are_not_null),
        cmocka_unit_test(first_and_last_values_taken_back),
        cmocka_unit_test(a_list_without_values_is_null),
        cmocka_unit_test(squared_distances_go_up_and_down),
        cmocka_unit_test(aggregates_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
