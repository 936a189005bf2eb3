/*
 * expr/filter_test.c -- expressions under a condition (sb_eval_new_filter): the rows and values are
 * those of the condition and of each expression alone; costly calls are shared, moved and joined.
 */
#include "columnar/columnar_testing.h"
#include "expr/expr_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 900, COUNT = 3, EXPRS = 5 };

/* $0 STRING, $1 INT, $2 STRING */
static const sb_field fields[COUNT] = {
    {.name = "s", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "n", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "t", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
static const sb_schema schema = {COUNT, fields};
static const sb_eval_context context = {.zone = "UTC"};

static const char *const conditions[] = {
    "REGEXP_EXTRACT($0, '(k|^)id=([^&]*)', 2) IS NOT NULL OR LOWER($2) IN ('one', 'two', 'three')",
    "LOWER($2) IN ('one', 'two', 'three') OR REGEXP_EXTRACT($0, '(k|^)id=([^&]*)', 2) IS NOT NULL",
    "REGEXP($0, 'id=.') AND $1 > 2",
    "REGEXP($0, 'id=.') OR $1 > 2 OR REGEXP($2, 'E') OR $1 IS NULL",
    "(REGEXP($0, 'id=.') OR $1 = 3) AND (REGEXP($2, 'w') OR $1 < 3)",
    "NOT (REGEXP($0, 'id=.') OR $1 = 3)",
    "$1 > 1000",
    "$1 < 1000 OR $1 >= 1000",
    "$1 = 0 OR 100 / $1 > 20 OR REGEXP($0, 'id=1')",
    "$1 <> 0 AND 100 / $1 > 20 AND REGEXP($0, 'id=1')",
};
static const char *const exprs[EXPRS] = {
    "CASE WHEN LOWER($2) = 'one' THEN '1' WHEN LOWER($2) = 'two' THEN '2'"
    " ELSE REGEXP_EXTRACT($0, '(k|^)id=([^&]*)', 2) END",
    "REGEXP($0, 'id=.')",
    "CASE WHEN $1 > 2 THEN REGEXP($2, 'E') ELSE REGEXP($0, 'id=.') END",
    "$1 = 1 OR REGEXP($2, 'w')",
    "$0",
};

static sb_vector *
make_column(sb_mem *mem, int32_t c, uint64_t *seed)
{
    static const char *const links[] = {
        "id=1", "kid=22&kid=3", "no such thing here", "a long one: kid=0123456789abcdef",
        "",     "xid=7"};
    static const char *const words[] = {"one", "TWO", "Three", "four", "fivE"};
    sb_column_builder to;
    sb_error err;
    assert_int_equal(sb_column_builder_init(&to, mem, &fields[c].type, &err), SB_OK);
    for (int i = 0; i < ROWS; i++) {
        const char *text =
            c == 0 ? links[sb_testing_random(seed) % 6] : words[sb_testing_random(seed) % 5];
        if (sb_testing_random(seed) % 8 == 0) {
            sb_column_null(&to);
        } else if (c == 1) {
            sb_column_i64(&to, (int64_t)(sb_testing_random(seed) % 6));
        } else {
            sb_column_bytes(&to, text, strlen(text));
        }
    }
    sb_vector *v = sb_column_finish(&to, &err);
    assert_non_null(v);
    sb_column_builder_deinit(&to);
    return v;
}

static sb_batch *
make_batch(sb_mem *mem, bool dictionaries, bool selected, uint64_t *seed)
{
    sb_vector *columns[COUNT];
    int32_t keep[ROWS], n = 0;
    sb_error err;
    for (int32_t c = 0; c < COUNT; c++) {
        columns[c] = make_column(mem, c, seed);
        if (dictionaries) {
            sb_vector *flat = columns[c];
            columns[c] = sb_testing_as_dict(mem, flat, seed);
            sb_vector_unref(flat);
        }
    }
    sb_batch *batch = sb_batch_new(mem, &schema, columns, ROWS);
    assert_non_null(batch);
    for (int32_t i = 0; i < ROWS; i++) {
        if (sb_testing_random(seed) % 3 == 0) {
            keep[n++] = i;
        }
    }
    if (selected) {
        assert_int_equal(sb_batch_filter(batch, keep, n, &err), SB_OK);
    }
    return batch;
}

static sb_expr *
parse(sb_arena *arena, const char *sql)
{
    sb_expr *e = NULL;
    sb_error err;
    if (sb_testing_parse(arena, sql, &schema, &e, &err) != SB_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    return e;
}

static sb_vector *
value_of(sb_mem *mem, sb_expr *e, const sb_batch *batch)
{
    sb_eval *eval;
    sb_vector *out = NULL;
    sb_error err;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
    sb_eval_free(eval);
    return out;
}

/* The rows: TRUE as a value. The values: each expression alone, over all rows. */
static int32_t
check_run(sb_mem *mem, sb_eval *eval, sb_expr *condition, sb_expr *const *list,
          const sb_batch *batch, const char *sql)
{
    sb_vector *out[EXPRS], *holds = value_of(mem, condition, batch);
    int32_t keep[ROWS], count = -1, want = 0;
    sb_error err;
    assert_int_equal(sb_eval_run_filter(eval, batch, &context, keep, &count, out, &err), SB_OK);
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t row = sb_batch_row(batch, i);
        if (sb_vector_valid(holds, row) && *(const uint8_t *)sb_vector_at(holds, row)) {
            if (want >= count || (count < batch->count_rows && keep[want] != i)) {
                fail_msg("%s: row %d is missing", sql, (int)i);
            }
            want++;
        }
    }
    assert_int_equal(count, want);
    for (int32_t e = 0; e < EXPRS; e++) {
        sb_vector *alone = value_of(mem, list[e], batch);
        for (int32_t i = 0; i < count; i++) {
            int32_t row = sb_batch_row(batch, count < batch->count_rows ? keep[i] : i);
            if (!sb_testing_equal(out[e], row, alone, row)) {
                fail_msg("%s where %s differs in row %d", exprs[e], sql, (int)row);
            }
        }
        sb_vector_unref(alone);
        sb_vector_unref(out[e]);
    }
    sb_vector_unref(holds);
    return count;
}

static void
test_same_as_alone(void **state)
{
    sb_mem *mem = sb_mem_new(sb_mem_root(), "test", 0);
    sb_arena *arena = sb_arena_new(sb_mem_root());
    uint64_t seed = 5;
    sb_error err;
    int32_t kept = 0;
    (void)state;
    for (size_t c = 0; c < sizeof conditions / sizeof *conditions; c++) {
        sb_expr *condition = parse(arena, conditions[c]), *list[EXPRS];
        sb_eval *eval;
        for (int e = 0; e < EXPRS; e++) {
            list[e] = parse(arena, exprs[e]);
        }
        assert_int_equal(
            sb_eval_new_filter(mem, &schema, condition, list, EXPRS, "UTC", &eval, &err), SB_OK);
        for (int form = 0; form < 8; form++) { /* one eval: buffers are used again */
            sb_batch *batch = make_batch(mem, form % 2, form % 4 >= 2, &seed);
            kept += check_run(mem, eval, condition, list, batch, conditions[c]);
            sb_batch_free(batch);
        }
        sb_eval_free(eval);
    }
    assert_true(kept > 10000);
    sb_arena_free(arena);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* The right side of AND and OR must not fail for decided rows, wherever costly arguments go. */
static void
test_order_keeps_failures(void **state)
{
    static const char *const fine[] = {"$1 = 0 OR REGEXP($0, 'id') OR 100 / $1 > 3",
                                       "$1 <> 0 AND REGEXP($0, 'id') AND 100 / $1 > 3"};
    static const char *const broken[] = {"REGEXP($0, 'id') AND 100 / $1 > 3",
                                         "REGEXP($0, 'zz') OR 100 / $1 > 3"};
    sb_mem *mem = sb_mem_new(sb_mem_root(), "test", 0);
    sb_arena *arena = sb_arena_new(sb_mem_root());
    uint64_t seed = 9;
    sb_error err;
    (void)state;
    sb_batch *batch = make_batch(mem, false, false, &seed);
    for (int i = 0; i < 4; i++) {
        sb_expr *condition = parse(arena, i < 2 ? fine[i] : broken[i - 2]), *one = condition;
        sb_vector *out;
        sb_eval *eval;
        int32_t keep[ROWS], count;
        assert_int_equal(sb_eval_new_filter(mem, &schema, condition, &one, 1, "UTC", &eval, &err),
                         SB_OK);
        sb_status status = sb_eval_run_filter(eval, batch, &context, keep, &count, &out, &err);
        assert_int_equal(status, i < 2 ? SB_OK : SB_STATUS_DATA);
        if (status == SB_OK) {
            sb_vector_unref(out);
        }
        sb_eval_free(eval);
    }
    sb_batch_free(batch);
    sb_arena_free(arena);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_alone),
        cmocka_unit_test(test_order_keeps_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
