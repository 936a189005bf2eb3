/*
 * operators/ttl_test.c -- state that is forgotten so long after its last write, in GROUP BY and
 * joins.
 *
 * DESIGN     The clock of the driver moves between rows. A row of state that was written at w is
 *            gone from w + ttl on. Restarts keep the time of the last write. Expected changelogs by
 *            hand, from Flink's rules (state.ttl: OnCreateAndWrite, NeverReturnExpired).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { I = SB_ROW_INSERT, UB = SB_ROW_UPDATE_BEFORE, UA = SB_ROW_UPDATE_AFTER, D = SB_ROW_DELETE };

enum { TTL_MS = 100 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }

typedef struct line { /* a row; or op CLOCK: the time */
    int op;
    int64_t v[4];
    int32_t order;
} line;

enum { CLOCK = 100 };

static void
add_lines(sb_test_rows *rows, const line *lines, size_t count, int32_t columns)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i].op == CLOCK) {
            sb_test_event_add(rows, SB_TEST_CLOCK, lines[i].v[0], 0);
        } else {
            sb_test_add(rows, (uint8_t)lines[i].op, columns, lines[i].v, NULL)->order =
                lines[i].order;
        }
    }
}

#define ADD(rows, lines, columns) add_lines(rows, lines, sizeof(lines) / sizeof(lines)[0], columns)

/* k, SUM(v), COUNT(*) */
static void
a_group_is_forgotten(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const sb_agg_call calls[] = {{SB_AGG_SUM, 1, -1, false, BIG, .separator = NULL},
                                        {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL}};
    static const sb_field in_fields[] = {{"k", BIG, 0}, {"v", BIG, 0}};
    static const sb_field out_fields[] = {{"k", BIG, 0}, {"m", BIG, 0}, {"n", BIG, 0}};
    static const sb_schema input = {2, in_fields}, output = {3, out_fields};
    static const line in[] = {
        {I, {1, 5}, 0},    {I, {2, 1}, 0},      {CLOCK, {50}, 0},
        {I, {1, 3}, 0},    {CLOCK, {149}, 0},   {I, {1, 4}, 0}, /* a ms before: still there */
        {I, {2, 7}, 0},                                         /* written at 0: anew */
        {CLOCK, {249}, 0}, {D, {1, 4}, 0}, /* of a group that is gone: nothing */
        {I, {1, 2}, 0},    {CLOCK, {10000}, 0}, {I, {1, 1}, 0}};
    static const line out[] = {{I, {1, 5, 1}, 0},  {I, {2, 1, 1}, 0},  {UB, {1, 5, 1}, 0},
                               {UA, {1, 8, 2}, 0}, {UB, {1, 8, 2}, 0}, {UA, {1, 12, 3}, 0},
                               {I, {2, 7, 1}, 0},  {I, {1, 2, 1}, 0},  {I, {1, 1, 1}, 0}};
    sb_test_rows feed = {0}, expected = {0};
    ADD(&feed, in, 2);
    ADD(&expected, out, 3);
    for (int k = 0; k < 12; k++) {
        sb_group_agg_node body = {.keys = {1, &key},
                                  .count_aggs = 2,
                                  .aggs = calls,
                                  .input_retracts = true,
                                  .emit_before = true,
                                  .ttl_ms = TTL_MS};
        sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &output, .body = &body};
        sb_test_run run = {.vtable = &sb_op_group_agg,
                           .node = &node,
                           .inputs = {&input},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = k % 2 ? 1 : 64,
                           .seed = (uint64_t)k + 1,
                           .restart_every = k < 2 ? 0 : 2};
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&expected, &run.out[0], 3));
        assert_true(k < 2 || run.count_restarts > 0);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

/* MAX is taken from the values that are still known: not from the one that was the greatest
 * once. */
static void
a_greatest_value_is_forgotten(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const sb_agg_call calls[] = {{SB_AGG_MAX, 1, -1, false, BIG, .separator = NULL}};
    static const sb_field fields[] = {{"k", BIG, 0}, {"v", BIG, 0}};
    static const sb_schema schema = {2, fields};
    static const line in[] = {
        {I, {1, 5}, 0}, {CLOCK, {50}, 0}, {I, {1, 3}, 0}, {CLOCK, {120}, 0}, {I, {1, 1}, 0}};
    static const line out[] = {
        {I, {1, 5}, 0}, {UB, {1, 5}, 0}, {UA, {1, 5}, 0}, {UB, {1, 5}, 0}, {UA, {1, 3}, 0}};
    sb_test_rows feed = {0}, expected = {0};
    ADD(&feed, in, 2);
    ADD(&expected, out, 2);
    for (int k = 0; k < 6; k++) {
        sb_group_agg_node body = {.keys = {1, &key},
                                  .count_aggs = 1,
                                  .aggs = calls,
                                  .input_retracts = true,
                                  .emit_before = true,
                                  .ttl_ms = TTL_MS};
        sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &schema, .body = &body};
        sb_test_run run = {.vtable = &sb_op_group_agg,
                           .node = &node,
                           .inputs = {&schema},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = 8,
                           .seed = (uint64_t)k + 1,
                           .restart_every = k < 2 ? 0 : 2};
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&expected, &run.out[0], 2));
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

/* Each value of a list is forgotten by its own time, also from the result before. */
static void
values_of_a_list_are_forgotten(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const sb_field element = {"element", BIG, 0};
    const sb_type list = {
        .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = &element};
    const sb_agg_call calls[] = {{SB_AGG_ARRAY, 1, -1, .type = list, .second = -1}};
    static const sb_field in_fields[] = {{"k", BIG, 0}, {"v", BIG, 0}};
    const sb_field out_fields[] = {{"k", BIG, 0}, {"a", list, 0}};
    static const sb_schema input = {2, in_fields};
    const sb_schema output = {2, out_fields};
    static const line in[] = {
        {I, {1, 5}, 0}, {CLOCK, {50}, 0}, {I, {1, 3}, 0}, {CLOCK, {120}, 0}, {I, {1, 1}, 0}};
    const int64_t five = sb_test_fold(0, 5), three = sb_test_fold(0, 3);
    const line out[] = {{I, {1, five}, 0},
                        {UB, {1, five}, 0},
                        {UA, {1, sb_test_fold(five, 3)}, 0},
                        {UB, {1, three}, 0},
                        {UA, {1, sb_test_fold(three, 1)}, 0}};
    sb_test_rows feed = {0}, expected = {0};
    ADD(&feed, in, 2);
    ADD(&expected, out, 2);
    for (int k = 0; k < 6; k++) {
        sb_group_agg_node body = {.keys = {1, &key},
                                  .count_aggs = 1,
                                  .aggs = calls,
                                  .emit_before = true,
                                  .ttl_ms = TTL_MS};
        sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &output, .body = &body};
        sb_test_run run = {.vtable = &sb_op_group_agg,
                           .node = &node,
                           .inputs = {&input},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = 8,
                           .seed = (uint64_t)k + 1,
                           .restart_every = k < 2 ? 0 : 2};
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&expected, &run.out[0], 2));
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
    sb_test_rows_free(&expected);
}

/* With a TTL a result that has not changed is told again, so that those above keep it, too. */
static void
an_unchanged_result_is_told_again(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const sb_agg_call calls[] = {{SB_AGG_MAX, 1, -1, false, BIG, .separator = NULL}};
    static const sb_field fields[] = {{"k", BIG, 0}, {"v", BIG, 0}};
    static const sb_schema schema = {2, fields};
    static const line in[] = {{I, {1, 5}, 0}, {I, {1, 3}, 0}};
    static const line told[] = {{I, {1, 5}, 0}, {UB, {1, 5}, 0}, {UA, {1, 5}, 0}},
                      silent[] = {{I, {1, 5}, 0}};
    for (int k = 0; k < 2; k++) {
        sb_test_rows feed = {0}, expected = {0};
        ADD(&feed, in, 2);
        if (k == 0) {
            ADD(&expected, told, 2);
        } else {
            ADD(&expected, silent, 2);
        }
        sb_group_agg_node body = {.keys = {1, &key},
                                  .count_aggs = 1,
                                  .aggs = calls,
                                  .emit_before = true,
                                  .ttl_ms = k == 0 ? TTL_MS : 0};
        sb_plan_node node = {.kind = SB_NODE_GROUP_AGG, .schema = &schema, .body = &body};
        sb_test_run run = {.vtable = &sb_op_group_agg,
                           .node = &node,
                           .inputs = {&schema},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = 1,
                           .seed = 1};
        sb_test_run_all(&run);
        assert_true(sb_test_same_sequence(&expected, &run.out[0], 2));
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

/* Each side forgets by its own time: here the left one only. */
static void
a_side_of_a_join_forgets(void **unused)
{
    (void)unused;
    static const int32_t key = 0;
    static const bool null_safe = false;
    static const sb_field in_fields[] = {{"k", BIG, 0}, {"v", BIG, 0}};
    static const sb_field out_fields[] = {
        {"k", BIG, 0}, {"v", BIG, 0}, {"k0", BIG, 0}, {"w", BIG, 0}};
    static const sb_schema side = {2, in_fields}, output = {4, out_fields};
    static const line left[] = {
        {I, {1, 10}, 0}, {CLOCK, {60}, 0}, {I, {1, 11}, 1}, {I, {1, 12}, 5}};
    static const line right[] = {
        {I, {1, 20}, 2}, {CLOCK, {100}, 0}, {I, {1, 21}, 3}, {D, {1, 20}, 4}};
    /* 10 is gone at 100; 11 is not; what is deleted meets who is there; the right side keeps. */
    static const line out[] = {{I, {1, 10, 1, 20}, 0},
                               {I, {1, 11, 1, 20}, 0},
                               {I, {1, 11, 1, 21}, 0},
                               {D, {1, 11, 1, 20}, 0},
                               {I, {1, 12, 1, 21}, 0}};
    sb_test_rows feeds[2] = {{0}, {0}}, expected = {0};
    ADD(&feeds[0], left, 2);
    ADD(&feeds[1], right, 2);
    ADD(&expected, out, 4);
    for (int k = 0; k < 12; k++) {
        sb_join_node body = {.left_keys = {1, &key},
                             .right_keys = {1, &key},
                             .null_safe = &null_safe,
                             .right_retracts = true,
                             .left_ttl_ms = TTL_MS};
        sb_plan_node node = {.kind = SB_NODE_JOIN, .schema = &output, .body = &body};
        sb_test_run run = {.vtable = &sb_op_join,
                           .node = &node,
                           .inputs = {&side, &side},
                           .count_inputs = 2,
                           .feeds = feeds,
                           .batch_rows = 8,
                           .in_order = true,
                           .seed = (uint64_t)k + 1,
                           .restart_every = k < 2 ? 0 : 2};
        sb_test_run_all(&run);
        assert_true(sb_test_same_multiset(&expected, &run.out[0], 4));
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feeds[0]);
    sb_test_rows_free(&feeds[1]);
    sb_test_rows_free(&expected);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_forgotten),
        cmocka_unit_test(a_greatest_value_is_forgotten),
        cmocka_unit_test(values_of_a_list_are_forgotten),
        cmocka_unit_test(an_unchanged_result_is_told_again),
        cmocka_unit_test(a_side_of_a_join_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
