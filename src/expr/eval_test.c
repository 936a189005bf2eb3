/*
 * expr/eval_test.c -- evaluation over batches: dead branches, selections, predicates, shared
 * subexpressions, errors, memory.
 */
#include "columnar/columnar_testing.h"
#include "expr/expr_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const sb_field row_fields[] = {
    {.name = "x", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "y", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
/* $0 INT, $1 INT, $2 STRING, $3 BOOLEAN, $4 DOUBLE, $5 ROW, $6 BIGINT, $7 STRING, $8 TIMESTAMP(3)
 */
static const sb_field fields[] = {
    {.name = "a", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "b", .type = {.id = SB_TYPE_INT, .nullable = true}},
    {.name = "s", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "p", .type = {.id = SB_TYPE_BOOLEAN, .nullable = true}},
    {.name = "d", .type = {.id = SB_TYPE_DOUBLE, .nullable = true}},
    {.name = "r",
     .type = {.id = SB_TYPE_ROW, .nullable = true, .count_children = 2, .children = row_fields}},
    {.name = "l", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "u", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "t", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}}};
#define COUNT 9
static const sb_schema schema = {COUNT, fields};
static const sb_eval_context context = {
    .zone = "UTC", .now_us = INT64_C(1700000000000000), .query_us = INT64_C(1600000000000000)};

static sb_arena *arena;
static sb_mem *mem;
static sb_error err;

static int
setup(void **state)
{
    (void)state;
    return sb_testing_open(&mem, &arena, &err);
}

static int
teardown(void **state)
{
    (void)state;
    return sb_testing_close(&mem, &arena);
}

static sb_expr *
parse(const char *sql)
{
    sb_expr *e = NULL;
    if (sb_testing_parse(arena, sql, &schema, &e, &err) != SB_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    return e;
}

/* encodings: bit i: column i is a dictionary. */
static sb_batch *
random_batch(int32_t rows, uint64_t *seed, uint32_t dictionaries)
{
    sb_vector *columns[COUNT];
    for (int32_t i = 0; i < COUNT; i++) {
        columns[i] = sb_testing_vector(mem, &fields[i].type, rows, seed, 5);
        if (dictionaries & (1u << i)) {
            sb_vector *dict = sb_testing_as_dict(mem, columns[i], seed);
            sb_vector_unref(columns[i]);
            columns[i] = dict;
        }
    }
    sb_batch *batch = sb_batch_new(mem, &schema, columns, rows);
    assert_non_null(batch);
    return batch;
}

/* Keeps about one row in `one_in`. */
static void
select_rows(sb_batch *batch, uint64_t *seed, uint64_t one_in)
{
    int32_t *keep = malloc(sizeof *keep * (size_t)(batch->count_rows + 1)), n = 0;
    for (int32_t i = 0; i < batch->count_rows; i++) {
        if (sb_testing_random(seed) % one_in == 0) {
            keep[n++] = i;
        }
    }
    assert_int_equal(sb_batch_filter(batch, keep, n, &err), SB_OK);
    free(keep);
}

static sb_vector *
run(const char *sql, const sb_batch *batch)
{
    return sb_testing_run(mem, arena, sql, batch, &context);
}

/* ---- dead branches ------------------------------------------------------------------------------
 */

static void
test_dead_branches(void **state)
{
    static const char *const texts[] = {
        "CASE WHEN $0 <> 0 THEN 100 / $0 ELSE -1 END",
        "CASE WHEN $0 = 0 OR $0 IS NULL THEN -1 ELSE 100 / $0 END",
        "$0 = 0 OR 100 / $0 > 3",
        "$0 <> 0 AND 100 / $0 > 3",
        "IF($0 = 0, NULL, 100 % $0)",
        "COALESCE(NULLIF($0, 0), 7) + 100 / COALESCE(NULLIF($0, 0), 7)",
        "CASE WHEN $0 IS NULL OR $0 IS NOT NULL THEN 1 ELSE CAST('x' || $2 AS INT) END",
        "COALESCE(COALESCE($0, 1), CAST('x' || $2 AS INT))"};
    uint64_t seed = 7;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        for (uint32_t dicts = 0; dicts < 2; dicts++) {
            sb_batch *batch = random_batch(200, &seed, dicts ? 0x1DF : 0);
            sb_vector_unref(run(texts[i], batch));
            sb_batch_free(batch);
        }
    }
}

/* The same expressions without the guard fail, and name the trouble. */
static void
test_errors(void **state)
{
    static const struct {
        const char *sql, *message;
    } bad[] = {{"100 / ($0 - $0)", "division by zero"},
               {"100 % ($0 * 0)", "division by zero"},
               {"CAST(1.5 AS DECIMAL(5, 2)) / (CAST($0 AS DECIMAL(5, 2)) * 0)", "division by zero"},
               {"CAST('x' || $2 AS INT)", "cannot cast 'x"},
               {"CAST('x' || $2 AS TIMESTAMP(3))", "cannot cast 'x"},
               {"CAST('x' || $2 AS BOOLEAN)", "to BOOLEAN"},
               {"REPEAT('0123456789', 2147483647)", "limit"},
               {"SHA2($2, 100)", "no digest of 100 bits"},
               {"FROM_BASE64('%' || $2)", "not base64"},
               {"ENCODE($2, 'x' || $2)", "not supported: character set 'x"},
               {"DECODE(ENCODE($2, 'UTF-8'), 'x' || $2)", "not supported: character set 'x"}};

    uint64_t seed = 3;
    sb_batch *batch = random_batch(50, &seed, 0);
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sb_expr *e = parse(bad[i].sql);
        sb_eval *eval;
        sb_vector *out;
        assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
        for (int again = 0; again < 2; again++) { /* an eval can be used again after an error */
            sb_status status = sb_eval_run(eval, batch, &context, &out, &err);
            assert_true(status == SB_STATUS_DATA || status == SB_STATUS_LIMIT);
            if (!strstr(err.message, bad[i].message)) {
                fail_msg("%s: %s", bad[i].sql, err.message);
            }
        }
        sb_eval_free(eval);
    }
    sb_batch_free(batch);
}

/* The sequence of java.util.Random with seed 1, over batches. */
static void
test_random_sequence(void **state)
{
    static const double java[] = {0.7308781907032909, 0.41008081149220166, 0.20771484130971707,
                                  0.3327170559595112};
    uint64_t seed = 5;
    sb_batch *batch = random_batch(2, &seed, 0);
    sb_expr *e = parse("RAND(1)");
    sb_eval *eval;
    sb_vector *out;
    (void)state;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
    for (int32_t i = 0; i < 4; i += 2) {
        assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
        assert_true(*(const double *)sb_vector_at(out, 0) == java[i]);
        assert_true(*(const double *)sb_vector_at(out, 1) == java[i + 1]);
        sb_vector_unref(out);
    }
    sb_eval_free(eval);
    sb_batch_free(batch);
}

/* Every row has its own, of version 4. */
static void
test_uuid(void **state)
{
    uint64_t seed = 5;
    sb_batch *batch = random_batch(2, &seed, 0);
    sb_expr *e = parse("UUID()");
    sb_eval *eval;
    sb_vector *out;
    (void)state;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
    const sb_view *a = sb_vector_at(out, 0), *b = sb_vector_at(out, 1);
    assert_int_equal(sb_view_size(a), 36);
    assert_int_equal(sb_view_size(b), 36);
    assert_int_equal(sb_view_data(a)[14], '4');
    assert_non_null(strchr("89ab", sb_view_data(a)[19]));
    assert_memory_not_equal(sb_view_data(a), sb_view_data(b), 36);
    sb_vector_unref(out);
    sb_eval_free(eval);
    sb_batch_free(batch);
}

/* What is known not to work before anything runs. */
static void
test_refused(void **state)
{
    sb_expr *out;
    (void)state;
    sb_status status = sb_testing_parse(arena, "ENCODE($2, 'ISO-2022-JP')", &schema, &out, &err);
    assert_int_equal(status, SB_STATUS_NOT_SUPPORTED);
    assert_string_equal(err.message, "not supported: character set 'ISO-2022-JP' of ENCODE");
}

/* A failing row that is not selected does not matter, nor does a batch without rows. */
static void
test_failing_rows_left_out(void **state)
{
    uint64_t seed = 11;
    int32_t none = 0;
    (void)state;
    sb_batch *batch = random_batch(50, &seed, 0);
    assert_int_equal(sb_batch_filter(batch, &none, 0, &err), SB_OK);
    sb_vector *out = run("1 / 0", batch);
    assert_int_equal(out->length, 50);
    sb_vector_unref(out);
    sb_vector_unref(run("CAST('x' || $2 AS INT) + 1 / ($0 - $0)", batch));
    sb_batch_free(batch);
    batch = random_batch(0, &seed, 0);
    sb_vector_unref(run("CAST('x' || $2 AS INT)", batch));
    sb_batch_free(batch);
}

/* ---- one result in all shapes -------------------------------------------------------------------
 */

static const char *const expressions[] = {
    "$0 + $1",
    "$0 - 5",
    "5 - $0",
    "$0 * $6",
    "$0 = $1",
    "$0 < 3",
    "3 < $0",
    "$2 = $7",
    "$2 < 'b'",
    "$2 <> 'a'",
    "$4 > $0",
    "$0 IS NULL",
    "$3 IS NOT TRUE",
    "$3 AND $0 > 0",
    "$3 OR $0 > 0",
    "NOT $3",
    "$3 AND $2 LIKE '%a%'",
    "$0 IN (1, 2, 3, NULL)",
    "$2 IN ('a', 'b', 'c')",
    "$0 IS NOT DISTINCT FROM $1",
    "UPPER($2)",
    "$2 || $7",
    "CHAR_LENGTH($2)",
    "CONCAT_WS('-', $2, $7)",
    "SUBSTRING($2, 2)",
    "CASE WHEN $3 THEN $2 WHEN $0 > 0 THEN $7 ELSE 'a longer text, not inline' END",
    "CASE WHEN $0 > 0 THEN $0 ELSE $1 END",
    "COALESCE($2, $7, 'none')",
    "COALESCE($0, $1)",
    "GREATEST($0, $1)",
    "CAST($0 AS STRING)",
    "CAST($4 AS INT)",
    "CAST($0 AS DOUBLE)",
    "CAST($0 AS DECIMAL(20, 2)) * CAST($1 AS DECIMAL(20, 2))",
    "CAST($0 AS DECIMAL(9, 2)) + CAST($1 AS DECIMAL(5, 1))",
    "TRY_CAST($2 AS INT)",
    "$8 + INTERVAL '5' SECOND",
    "FLOOR($8 TO HOUR)",
    "EXTRACT(HOUR FROM $8)",
    "EXTRACT(YEAR FROM $8)",
    "DATE_FORMAT($8, 'yyyy-MM-dd HH:mm')",
    "NULLIF($0, $1)",
    "$0 BETWEEN 1 AND 5",
    "CASE WHEN $3 THEN $5 END",
    "COALESCE($5, $5)",
    "ABS($0)",
    "-$4",
    "ROUND($4, 1)",
    "$0 > 0 AND $1 > 0 AND $2 LIKE 'a%' AND $6 IS NOT NULL"};
#define COUNT_EXPRESSIONS (sizeof expressions / sizeof expressions[0])

/* Row by row: each row alone in a batch of one, the slowest and simplest way. */
static void
check_against_single_rows(const char *sql, const sb_batch *batch, const sb_vector *result)
{
    sb_expr *e = parse(sql);
    sb_eval *eval;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t r = sb_batch_row(batch, i);
        sb_vector *columns[COUNT], *one;
        for (int32_t c = 0; c < COUNT; c++) {
            columns[c] = sb_vector_gather(mem, batch->columns[c], &r, 1);
        }
        sb_batch *single = sb_batch_new(mem, &schema, columns, 1);
        assert_int_equal(sb_eval_run(eval, single, &context, &one, &err), SB_OK);
        if (!sb_testing_equal(result, r, one, 0)) {
            fail_msg("%s differs in row %d", sql, r);
        }
        sb_vector_unref(one);
        sb_batch_free(single);
    }
    sb_eval_free(eval);
}

static void
test_shapes(void **state)
{
    uint64_t seed = 99;
    (void)state;
    for (size_t i = 0; i < COUNT_EXPRESSIONS; i++) {
        for (int shape = 0; shape < 4; shape++) {
            sb_batch *batch = random_batch(shape == 3 ? 700 : 130, &seed, shape & 1 ? 0x1DF : 0);
            if (shape >= 2) {
                select_rows(batch, &seed, 3);
            }
            sb_vector *result = run(expressions[i], batch);
            check_against_single_rows(expressions[i], batch, result);
            sb_vector_unref(result);
            sb_batch_free(batch);
        }
    }
}

/* A predicate keeps the rows where the value is TRUE. */
static void
test_select(void **state)
{
    uint64_t seed = 1234;
    (void)state;
    for (size_t i = 0; i < COUNT_EXPRESSIONS; i++) {
        sb_expr *e = parse(expressions[i]);
        sb_eval *eval;
        if (e->type.id != SB_TYPE_BOOLEAN) {
            continue;
        }
        assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
        for (int shape = 0; shape < 8; shape++) {
            sb_batch *batch = random_batch(150, &seed, shape & 1 ? 0x1DF : 0);
            sb_vector *value;
            int32_t keep[150], count = -1, wanted = 0;
            if (shape & 2) {
                select_rows(batch, &seed, 2);
            }
            assert_int_equal(sb_eval_run(eval, batch, &context, &value, &err), SB_OK);
            assert_int_equal(sb_eval_select(eval, batch, &context, keep, &count, &err), SB_OK);
            for (int32_t l = 0; l < batch->count_rows; l++) {
                int32_t r = sb_batch_row(batch, l);
                if (sb_vector_valid(value, r) && *(const uint8_t *)sb_vector_at(value, r)) {
                    assert_true(wanted < count);
                    assert_int_equal(keep[wanted++], l);
                }
            }
            assert_int_equal(wanted, count);
            sb_vector_unref(value);
            sb_batch_free(batch);
        }
        sb_eval_free(eval);
    }
}

static void
test_constant_predicates(void **state)
{
    static const struct {
        const char *sql;
        bool all;
    } texts[] = {{"TRUE", true},
                 {"FALSE", false},
                 {"1 < 2", true},
                 {"CAST(NULL AS BOOLEAN)", false},
                 {"$0 = CAST(NULL AS INT)", false},
                 {"1 IS NULL", false},
                 {"1 = 1 AND 2 = 2", true}};

    uint64_t seed = 5;
    sb_batch *batch = random_batch(20, &seed, 0);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sb_expr *e = parse(texts[i].sql);
        sb_eval *eval;
        int32_t keep[20], count;
        assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
        assert_int_equal(sb_eval_select(eval, batch, &context, keep, &count, &err), SB_OK);
        assert_int_equal(count, texts[i].all ? 20 : 0);
        sb_eval_free(eval);
    }
    sb_batch_free(batch);
}

/* ---- sharing ------------------------------------------------------------------------------------
 */

static void
test_references(void **state)
{
    uint64_t seed = 21;
    sb_batch *batch = random_batch(30, &seed, 0);
    sb_expr *exprs[4] = {parse("$2"), parse("UPPER($2)"), parse("UPPER($2)"), parse("42")};
    sb_eval *eval;
    sb_vector *out[4];
    (void)state;
    assert_int_equal(sb_eval_new(mem, &schema, exprs, 4, "UTC", &eval, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, batch, &context, out, &err), SB_OK);
    assert_ptr_equal(out[0], batch->columns[2]); /* a column passes by reference */
    assert_ptr_equal(out[1], out[2]);            /* equal expressions are computed once */
    assert_int_equal(out[3]->encoding, SB_CONST);
    assert_int_equal(out[3]->length, 30);
    sb_eval_free(eval);
    sb_batch_free(batch);
    for (int i = 0; i < 4; i++) { /* results live on without eval and batch */
        sb_vector_unref(out[i]);
    }
}

/* What the consumer still holds is not written again by the next run. */
static void
test_results_are_not_reused(void **state)
{
    uint64_t seed = 77;
    sb_expr *exprs[2] = {parse("($0 + $1) * 2"),
                         parse("CASE WHEN $0 > $1 THEN $0 + $1 ELSE $1 END")};
    sb_eval *eval;
    sb_vector *first[2], *second[2];
    (void)state;
    assert_int_equal(sb_eval_new(mem, &schema, exprs, 2, "UTC", &eval, &err), SB_OK);
    sb_batch *a = random_batch(100, &seed, 0), *b = random_batch(100, &seed, 0);
    assert_int_equal(sb_eval_run(eval, a, &context, first, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, b, &context, second, &err), SB_OK);
    check_against_single_rows("($0 + $1) * 2", a, first[0]);
    check_against_single_rows("($0 + $1) * 2", b, second[0]);
    check_against_single_rows("CASE WHEN $0 > $1 THEN $0 + $1 ELSE $1 END", a, first[1]);
    check_against_single_rows("CASE WHEN $0 > $1 THEN $0 + $1 ELSE $1 END", b, second[1]);
    for (int i = 0; i < 2; i++) {
        sb_vector_unref(first[i]);
        sb_vector_unref(second[i]);
    }
    sb_batch_free(a);
    sb_batch_free(b);
    sb_eval_free(eval);
}

static void
test_dictionary_results(void **state)
{
    uint64_t seed = 31;
    sb_batch *batch = random_batch(100, &seed, 0);
    sb_vector *dict = sb_testing_vector(mem, &fields[2].type, 5, &seed, 0),
              *v = sb_vector_alloc(mem, &fields[0].type, 100, true);
    (void)state;
    for (int32_t r = 0; r < 100; r++) {
        ((int32_t *)sb_vector_values_mut(v))[r] = r % 5;
    }
    sb_bit_clear(sb_vector_validity_mut(v), 7);
    v->type = &fields[2].type;
    v->phys = SB_PHYS_VIEW;
    v->encoding = SB_DICT;
    v->dict = dict;
    sb_vector_unref(batch->columns[2]);
    batch->columns[2] = v;
    sb_vector *out = run("UPPER($2)", batch);
    assert_int_equal(batch->columns[2]->encoding, SB_DICT);
    assert_int_equal(out->encoding, SB_DICT); /* one call per distinct value */
    check_against_single_rows("UPPER($2)", batch, out);
    sb_vector_unref(out);
    sb_batch_free(batch);
}

/* FIELD gives the column's own values; a NULL row has NULL fields. */
static void
test_field(void **state)
{
    uint64_t seed = 41;
    sb_batch *batch = random_batch(90, &seed, 0);
    sb_expr *e;
    sb_eval *eval;
    sb_vector *out;
    (void)state;
    assert_int_equal(sb_expr_field(arena, parse("$5"), 1, &e, &err), SB_OK);
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
    for (int32_t r = 0; r < 90; r++) {
        const sb_vector *row = batch->columns[5], *field = row->children[1];
        assert_int_equal(sb_vector_valid(out, r),
                         sb_vector_valid(row, r) && sb_vector_valid(field, r));
        if (sb_vector_valid(out, r)) {
            assert_true(sb_testing_equal(out, r, field, r));
        }
    }
    sb_vector_unref(out);
    sb_eval_free(eval);
    sb_batch_free(batch);
}

/* The validity goes where the selection has no NULL, and only there; the ROW keeps its own. */
static void
test_field_validity(void **state)
{
    (void)state;
    for (int32_t field = 0; field < 2; field++) {
        for (uint64_t seed = 1; seed <= 40; seed++) {
            uint64_t random = seed;
            sb_batch *batch = random_batch(200, &random, 0);
            const sb_vector *row = batch->columns[5];
            const sb_vector *child = row->children[field];
            sb_buffer *chosen = sb_buffer_new(mem, 200 * (int64_t)sizeof(int32_t));
            int32_t *rows = (int32_t *)(void *)chosen->data, count = 0;
            bool any_null = false;
            for (int32_t r = 0; r < 200; r++) {
                bool valid = sb_vector_valid(row, r) && sb_vector_valid(child, r);
                /* Odd seeds: one NULL row, late, among valid ones. */
                if (valid || (seed % 2 && !any_null && r > (int32_t)seed)) {
                    any_null = any_null || !valid;
                    rows[count++] = r;
                }
            }
            sb_batch_set_selection(batch, chosen, rows, count);
            sb_expr *e;
            sb_eval *eval;
            sb_vector *out;
            assert_int_equal(sb_expr_field(arena, parse("$5"), field, &e, &err), SB_OK);
            assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
            assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
            bool fixed = out->phys >= SB_PHYS_BOOL && out->phys <= SB_PHYS_F64;
            bool own = row->validity != NULL;
            assert_true(!(fixed && own && !any_null) || !out->validity);
            for (int32_t i = 0; i < count; i++) {
                bool valid = sb_vector_valid(row, rows[i]) && sb_vector_valid(child, rows[i]);
                assert_int_equal(sb_vector_valid(out, rows[i]), valid);
                assert_true(!valid || sb_testing_equal(out, rows[i], child, rows[i]));
            }
            sb_vector_unref(out);
            sb_eval_free(eval);
            sb_batch_free(batch);
        }
    }
}

/* ---- context ------------------------------------------------------------------------------------
 */

static int64_t
time_of(const char *sql, bool batch_mode, const char *zone)
{
    uint64_t seed = 1;
    sb_batch *batch = random_batch(3, &seed, 0);
    sb_eval_context c = context;
    sb_expr *e = parse(sql);
    sb_eval *eval;
    sb_vector *out;
    c.batch_mode = batch_mode;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, zone, &eval, &err), SB_OK);
    assert_int_equal(sb_eval_run(eval, batch, &c, &out, &err), SB_OK);
    int64_t v = out->phys == SB_PHYS_I32 ? *(const int32_t *)sb_vector_at(out, 2)
                                         : *(const int64_t *)sb_vector_at(out, 2);
    sb_vector_unref(out);
    sb_eval_free(eval);
    sb_batch_free(batch);
    return v;
}

static void
test_current_time(void **state)
{
    (void)state;
    assert_int_equal(time_of("NOW()", false, "UTC"), INT64_C(1700000000000000));
    assert_int_equal(time_of("NOW()", true, "UTC"), INT64_C(1600000000000000));
    assert_int_equal(time_of("CURRENT_ROW_TIMESTAMP()", true, "UTC"), INT64_C(1700000000000000));
    assert_int_equal(time_of("PROCTIME()", true, "UTC"), INT64_C(1700000000000000));
    /* 2023-11-14 22:13:20 UTC is 2023-11-15 07:13:20 in Tokyo. */
    assert_int_equal(time_of("LOCALTIMESTAMP", false, "Asia/Tokyo"), INT64_C(1700032400000000));
    assert_int_equal(time_of("CURRENT_DATE", false, "UTC"), 19675);
    assert_int_equal(time_of("CURRENT_DATE", false, "Asia/Tokyo"), 19676);
    assert_int_equal(time_of("CURRENT_TIME", false, "Asia/Tokyo"), 26000000);
    assert_int_equal(time_of("UNIX_TIMESTAMP()", false, "UTC"), 1700000000);
}

/* DATE_FORMAT of a column takes text over from row to row; every row alone says the same. Instants
 * around both changes of the clock in Berlin, every 20 minutes, up and down. */
static void
test_date_format_steps(void **state)
{
    static const char *const patterns[] = {"yyyy-MM-dd", "HH:mm", "yyyy-MM-dd HH:mm:ss", "EEE HH"};
    static const int64_t changes[] = {INT64_C(1711846800000000), INT64_C(1729990800000000)};

    enum { ROWS = 300 };

    sb_field field = {.name = "z",
                      .type = {.id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3}};
    const sb_schema one = {1, &field};
    (void)state;
    for (size_t p = 0; p < 8; p++) {
        sb_vector *v = sb_vector_alloc(mem, &field.type, ROWS, false), *all, *single;
        int64_t *values = sb_vector_values_mut(v);
        for (int64_t i = 0; i < ROWS; i++) {
            values[i] = changes[p % 2] + (i < 150 ? i - 75 : 225 - i) * INT64_C(1200000000);
        }
        sb_batch *batch = sb_batch_new(mem, &one, &v, ROWS);
        char sql[100];
        sb_expr *e;
        sb_eval *eval;
        snprintf(sql, sizeof sql, "DATE_FORMAT($0, '%s')", patterns[p / 2]);
        assert_int_equal(sb_testing_parse(arena, sql, &one, &e, &err), SB_OK);
        assert_int_equal(sb_eval_new(mem, &one, &e, 1, "Europe/Berlin", &eval, &err), SB_OK);
        assert_int_equal(sb_eval_run(eval, batch, &context, &all, &err), SB_OK);
        for (int32_t r = 0; r < ROWS; r++) {
            sb_vector *c = sb_vector_const(mem, &field.type, &values[r], 1);
            sb_batch *alone = sb_batch_new(mem, &one, &c, 1);
            assert_int_equal(sb_eval_run(eval, alone, &context, &single, &err), SB_OK);
            assert_true(sb_value_equal(all, r, single, 0));
            sb_vector_unref(single);
            sb_batch_free(alone);
        }
        sb_vector_unref(all);
        sb_eval_free(eval);
        sb_batch_free(batch);
    }
}

static void
test_bad_zone(void **state)
{
    sb_expr *e = parse("1");
    sb_eval *eval = NULL;
    (void)state;
    assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "Mars/Base", &eval, &err),
                     SB_STATUS_NOT_FOUND);
    assert_null(eval);
    assert_null(sb_eval_free(NULL));
}

/* ---- memory -------------------------------------------------------------------------------------
 */

static sb_status
compile_only(sb_mem *little, void *ctx, sb_error *e)
{
    sb_expr *expr = ctx;
    sb_eval *eval = NULL;
    sb_status status = sb_eval_new(little, &schema, &expr, 1, "UTC", &eval, e);
    sb_eval_free(eval);
    return status;
}

static void
test_compiling_without_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_EXPRESSIONS; i += 5) {
        assert_true(sb_testing_fail_each_allocation(compile_only, parse(expressions[i])) > 0);
    }
}

/* Running: the n-th allocation of a run fails; the run ends in NOMEM or OK and the next one works.
 */
static void
test_running_without_memory(void **state)
{
    uint64_t seed = 17;
    (void)state;
    for (size_t i = 0; i < COUNT_EXPRESSIONS; i++) {
        sb_batch *batch = random_batch(64, &seed, i & 1 ? 0x1DF : 0);
        sb_expr *e = parse(expressions[i]);
        for (int64_t n = 1; n < 60; n++) {
            sb_eval *eval;
            sb_vector *out = NULL;
            assert_int_equal(sb_eval_new(mem, &schema, &e, 1, "UTC", &eval, &err), SB_OK);
            sb_mem_fail_after(n);
            sb_status status = sb_eval_run(eval, batch, &context, &out, &err);
            sb_mem_fail_after(0);
            if (status == SB_OK) {
                sb_vector_unref(out);
                sb_eval_free(eval);
                break;
            }
            assert_int_equal(status, SB_STATUS_NOMEM);
            assert_int_equal(sb_eval_run(eval, batch, &context, &out, &err), SB_OK);
            sb_vector_unref(out);
            sb_eval_free(eval);
        }
        sb_batch_free(batch);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {TEST(test_dead_branches),
                                       TEST(test_errors),
                                       TEST(test_refused),
                                       TEST(test_random_sequence),
                                       TEST(test_uuid),
                                       TEST(test_failing_rows_left_out),
                                       TEST(test_shapes),
                                       TEST(test_select),
                                       TEST(test_constant_predicates),
                                       TEST(test_references),
                                       TEST(test_results_are_not_reused),
                                       TEST(test_dictionary_results),
                                       TEST(test_field),
                                       TEST(test_field_validity),
                                       TEST(test_current_time),
                                       TEST(test_date_format_steps),
                                       TEST(test_bad_zone),
                                       TEST(test_compiling_without_memory),
                                       TEST(test_running_without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
