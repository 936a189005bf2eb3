/*
 * engine/user_aggregate_test.c -- aggregate functions of the user in SQL: changelogs, windows,
 * mini-batches, what is refused. SUM and COUNT are the oracle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/user_testing.h"
#include "sabot/arrow_help.h"

/* ---- functions ---- */

typedef sb_user_total total;

/* All values as one text, '-' for NULL, separated by the second argument: grows as it goes. */
static sabot_status
join_create(void *state, sabot_accumulator *acc, sabot_function_context *c)
{
    (void)state, (void)c;
    assert_int_equal(acc->size, 0);
    return acc->resize(acc, 1) ? (*(char *)acc->data = '<', SABOT_OK) : SABOT_NOMEM;
}

static sabot_status
join_add(void *state, sabot_accumulator *groups, size_t count, const struct ArrowArray *args,
         const int32_t *group, sabot_function_context *c)
{
    (void)state, (void)count;
    for (int64_t i = 0; i < args->length; i++) {
        sabot_accumulator *acc = &groups[group[i]];
        size_t size = 1, was = acc->size, mark;
        const char *text = "-";
        const char *between = sabot_array_text(args->children[1], i, &mark);
        if (!sabot_array_is_null(args->children[0], i)) {
            text = sabot_array_text(args->children[0], i, &size);
        }
        if (size == 4 && memcmp(text, "boom", 4) == 0) {
            return sabot_function_fail(c, i, "boom was met");
        }
        if (!acc->resize(acc, was + size + mark)) {
            return SABOT_NOMEM;
        }
        memcpy((char *)acc->data + was, between, mark);
        memcpy((char *)acc->data + was + mark, text, size);
    }
    return SABOT_OK;
}

static sabot_status
join_value(void *state, const sabot_accumulator *groups, size_t count, struct ArrowArray *out,
           struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)c;
    assert_true(sabot_text_new(&column, "u", (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        assert_true(sabot_text_add(&column, (int64_t)i, groups[i].data, groups[i].size));
    }
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static const sabot_function join = {.abi_version = SABOT_FUNCTION_ABI,
                                    .kind = SABOT_FUNCTION_AGGREGATE,
                                    .struct_size = sizeof(sabot_function),
                                    .flags = DET,
                                    .arguments = "STRING, STRING",
                                    .result = "STRING",
                                    .create = join_create,
                                    .accumulate = join_add,
                                    .value = join_value};

/* Rows: no arguments at all. */
static sabot_status
count_add(void *state, sabot_accumulator *groups, size_t count, const struct ArrowArray *args,
          const int32_t *group, sabot_function_context *c)
{
    (void)state, (void)count, (void)c;
    assert_int_equal(args->n_children, 0);
    for (int64_t i = 0; i < args->length; i++) {
        total *t = groups[group[i]].data;
        t->sum++, t->count++;
    }
    return SABOT_OK;
}

static sabot_engine *
engine_with(void)
{
    sabot_engine *engine = sb_user_engine();
    sabot_function count = sb_user_sum, alone = sb_user_sum;
    count.accumulate = count_add;
    count.retract = NULL;
    count.arguments = "";
    alone.merge = NULL;
    sb_user_registers(engine, "usum", &sb_user_sum);
    sb_user_registers(engine, "usum_alone", &alone);
    sb_user_registers(engine, "ujoin", &join);
    sb_user_registers(engine, "ucount", &count);
    sb_user_gives(engine,
                  "CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES ('a', 1, 'x'), ('b', 2, 'y'), "
                  "('a', 3, CAST(NULL AS STRING)), ('a', CAST(NULL AS INT), 'z'), ('b', 5, 'y')) "
                  "AS t (k, v, s)",
                  "");
    return engine;
}

/* ---- groups ---- */

static void
each_row_changes_its_group(void **state)
{
    sabot_engine *engine = engine_with();
    (void)state;
    sb_user_gives(engine, "SELECT k, usum(v) FROM t GROUP BY k",
                  "+a|1;+b|2;-a|1;+a|4;-b|2;+b|7;"); /* a NULL changes nothing */
    sb_user_gives(engine, "SELECT k, ujoin(s, ',') FROM t GROUP BY k",
                  "+a|<,x;+b|<,y;-a|<,x;+a|<,x,-;-a|<,x,-;+a|<,x,-,z;-b|<,y;+b|<,y,y;");
    sb_user_gives(engine, "SELECT usum(v), SUM(v), ucount() FROM t",
                  "+1|1|1;-1|1|1;+3|3|2;-3|3|2;+6|6|3;-6|6|3;+6|6|4;-6|6|4;+11|11|5;");
    sb_user_gives(engine, "SELECT usum(v) FROM t WHERE FALSE", "");
    sb_user_gives(engine, "SELECT k, usum(v) FILTER (WHERE v > 2) FROM t GROUP BY k",
                  "+a|NULL;+b|NULL;-a|NULL;+a|3;-b|NULL;+b|5;");
    sb_user_gives(engine, "SELECT ujoin(k, '') FILTER (WHERE s = 'y'), usum(DISTINCT v) FROM t",
                  "+<|1;-<|1;+<b|3;-<b|3;+<b|6;-<b|6;+<bb|11;");
    sb_user_gives(engine, "SELECT k FROM t GROUP BY k HAVING usum(v) > 6", "+b;");
    sabot_engine_close(engine);
}

static const char numbers[] =
    "CREATE TABLE g (k INT, j INT, v BIGINT, s STRING, ts AS CURRENT_TIMESTAMP) WITH ("
    "'connector' = 'datagen', 'number-of-rows' = '5000', 'fields.k.min' = '0', 'fields.k.max' = "
    "'700', 'fields.j.min' = '0', 'fields.j.max' = '5', 'fields.s.length' = '3');";

/* What COUNT(*) counts is how often the two differ: never, and so there is no row or a 0. */
static void
agree(sabot_engine *engine, const char *query)
{
    char sql[1024];
    snprintf(sql, sizeof sql, "SELECT 1 FROM (%s) WHERE a IS DISTINCT FROM b", query);
    sb_user_gives(engine, sql, "");
}

static void
sums_agree_over_changes(void **state)
{
    static const char *const queries[] = {
        "SELECT k, usum(v) AS a, SUM(v) AS b FROM g GROUP BY k",
        "SELECT usum(c) AS a, SUM(c) AS b FROM (SELECT k, COUNT(*) AS c FROM g GROUP BY k)",
        "SELECT c, usum(m) AS a, SUM(m) AS b FROM (SELECT k, COUNT(*) AS c, MAX(v) AS m FROM g "
        "GROUP BY k) GROUP BY c",
        "SELECT c, usum(DISTINCT j) AS a, SUM(DISTINCT j) AS b FROM (SELECT k, MAX(j) AS j, "
        "COUNT(*) AS c FROM g GROUP BY k) GROUP BY c",
    };
    (void)state;
    for (int batch = 0; batch < 2; batch++) {
        sabot_engine *engine = engine_with();
        sb_user_gives(engine, numbers, "");
        if (batch) {
            sb_user_gives(engine,
                          "SET 'table.exec.mini-batch.enabled' = 'true'; SET "
                          "'table.exec.mini-batch.allow-latency' = '1 s'; SET "
                          "'table.exec.mini-batch.size' = '300'",
                          "");
        }
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
            agree(engine, queries[i]);
        }
        sabot_engine_close(engine);
    }
}

static void
missing_retraction_is_refused(void **state)
{
    sabot_engine *engine = engine_with();
    (void)state;
    sb_user_gives(engine, numbers, "");
    sb_user_fails(engine,
                  "SELECT ujoin(CAST(c AS STRING), '') FROM (SELECT k, COUNT(*) AS c FROM g GROUP "
                  "BY k)",
                  SABOT_NOT_SUPPORTED,
                  "aggregate function ujoin has no `retract`, and its input has updates or "
                  "deletes");
    sb_user_fails(engine, "SELECT k, usum(usum(v)) FROM g GROUP BY k", SABOT_SEMANTIC,
                  "aggregate usum inside an aggregate");
    sb_user_fails(engine, "SELECT k FROM g WHERE usum(v) > 1", SABOT_SEMANTIC,
                  "aggregate usum in WHERE");
    sb_user_fails(engine, "SELECT usum('x') FROM g", SABOT_SEMANTIC, "cannot apply usum");
    sb_user_fails(engine, "SELECT ujoin(DISTINCT s, s) FROM g", SABOT_NOT_SUPPORTED,
                  "DISTINCT values of 2 arguments");
    sb_user_fails(engine, "SELECT ujoin(s, ',') FROM (VALUES ('ok'), ('boom')) AS t (s)",
                  SABOT_DATA, "function ujoin: boom was met");
    sb_user_fails(engine, "SELECT usum(v) OVER (ORDER BY ts) FROM g", SABOT_NOT_SUPPORTED, "OVER");
    sabot_engine_close(engine);
}

/* ---- windows ---- */

static const char events[] =
    "CREATE TABLE e (k STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ("
    "'connector' = 'values', 'rows' = '"
    "{\"k\":\"a\",\"v\":1,\"ts\":\"2024-01-01 00:00:01\"}\n"
    "{\"k\":\"b\",\"v\":2,\"ts\":\"2024-01-01 00:00:02\"}\n"
    "{\"k\":\"a\",\"v\":4,\"ts\":\"2024-01-01 00:00:06\"}\n"
    "{\"k\":\"a\",\"v\":8,\"ts\":\"2024-01-01 00:00:07\"}\n"
    "{\"k\":\"b\",\"v\":null,\"ts\":\"2024-01-01 00:00:12\"}');";

static void
windows_have_accumulators(void **state)
{
    sabot_engine *engine = engine_with();
    (void)state;
    sb_user_gives(engine, events, "");
    sb_user_gives(engine,
                  "SELECT k, usum(v), SUM(v), ucount() FROM TUMBLE(TABLE e, DESCRIPTOR(ts), "
                  "INTERVAL '5' SECOND) GROUP BY k, window_start, window_end",
                  "+a|1|1|1;+b|2|2|1;+a|12|12|2;+b|NULL|NULL|1;");
    /* windows that end at 5, 10, 15, 20; slices of 5 s are merged, or rows repeated */
    for (int i = 0; i < 2; i++) {
        sb_user_gives(engine,
                      i == 0 ? "SELECT k, usum(v) AS s FROM HOP(TABLE e, DESCRIPTOR(ts), INTERVAL "
                               "'5' SECOND, INTERVAL '10' SECOND) GROUP BY k, window_start, "
                               "window_end"
                             : "SELECT k, usum_alone(v) AS s FROM HOP(TABLE e, DESCRIPTOR(ts), "
                               "INTERVAL '5' SECOND, INTERVAL '10' SECOND) GROUP BY k, "
                               "window_start, window_end",
                      "+a|1;+b|2;+a|13;+b|2;+a|12;+b|NULL;+b|NULL;");
    }
    sb_user_gives(engine,
                  "SELECT ujoin(k, '') FROM TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND) "
                  "GROUP BY window_start, window_end",
                  "+<abaa;+<b;");
    sabot_engine_close(engine);
}

/* ---- wrong ones ---- */

static sabot_status
short_value(void *state, const sabot_accumulator *groups, size_t count, struct ArrowArray *out,
            struct ArrowSchema *schema, sabot_function_context *c)
{
    sabot_column column;
    (void)state, (void)groups, (void)c;
    assert_true(sabot_column_new(&column, "l", 8, (int64_t)count + 1));
    return sabot_column_give(&column, out, schema) ? SABOT_OK : SABOT_NOMEM;
}

static sabot_status
fail_create(void *state, sabot_accumulator *acc, sabot_function_context *c)
{
    (void)state;
    assert_null(acc->resize(acc, (size_t)1 << 30)); /* more than an accumulator may be */
    (void)sabot_function_fail(c, -1, "no room for the accumulator");
    return SABOT_LIMIT;
}

static void
wrong_aggregates_are_errors(void **state)
{
    sabot_engine *engine = engine_with();
    sabot_function f = sb_user_sum;
    (void)state;
    f.value = short_value;
    sb_user_registers(engine, "wrong_value", &f);
    f = sb_user_sum, f.create = fail_create;
    sb_user_registers(engine, "wrong_create", &f);
    sb_user_fails(engine, "SELECT k, wrong_value(v) FROM t GROUP BY k", SABOT_INVALID,
                  "function wrong_value: it gave");
    sb_user_fails(engine, "SELECT k, wrong_create(v) FROM t GROUP BY k", SABOT_LIMIT,
                  "function wrong_create: no room for the accumulator");
    sabot_engine_close(engine);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_changes_its_group),
        cmocka_unit_test(sums_agree_over_changes),
        cmocka_unit_test(missing_retraction_is_refused),
        cmocka_unit_test(windows_have_accumulators),
        cmocka_unit_test(wrong_aggregates_are_errors),
    };
    static const int sizes[] = {0, 1, 7};
    int failed = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sb_user_batch_rows = sizes[i];
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
