/*
 * engine/user_table_test.c -- table functions of the user in SQL: joins, changelogs, results that
 * do not fit into a batch, functions that do not keep the rules.
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

typedef enum rule {
    RULE_KEPT,
    RULE_TOO_MANY,
    RULE_STALL,
    RULE_FALLING,
    RULE_BEYOND,
    RULE_NEXT,
    RULE_COLUMNS,
    RULE_TYPE,
    RULE_NO_RESULT,
    RULE_COUNT
} rule;

typedef struct series {
    rule rule;
    int64_t most; /* rows that one call gave */
    int64_t calls;
} series;

static void
break_rule(rule how, sabot_table_call *call, int64_t count)
{
    switch (how) {
    case RULE_STALL:
        call->result->release(call->result);
        call->result_schema->release(call->result_schema);
        call->next_row = call->first_row;
        break;
    case RULE_FALLING: call->rows[count - 1] = -1; break;
    case RULE_BEYOND: call->next_row = call->first_row; break;
    case RULE_NEXT: call->next_row = call->arguments->length + 1; break;
    case RULE_TYPE: call->result_schema->children[0]->format = "u"; break;
    case RULE_NO_RESULT: call->result->release(call->result); break;
    default: break;
    }
}

/* series(from, to): the numbers, and how far each is from the first. */
static sabot_status
series_call(void *state, sabot_table_call *call, sabot_function_context *c)
{
    series *s = state;
    const struct ArrowArray *from = call->arguments->children[0];
    const struct ArrowArray *to = call->arguments->children[1];
    int64_t count = 0, row = call->first_row;
    int64_t limit = call->max_rows + (s->rule == RULE_TOO_MANY);
    sabot_column columns[2];
    (void)c;
    assert_true(call->max_rows >= 1 && call->arguments->length > 0 && call->skip >= 0);
    assert_true(sabot_column_new(&columns[0], "l", 8, limit));
    assert_true(sabot_column_new(&columns[1], "l", 8, limit));
    for (; row < call->arguments->length; row++) {
        int64_t at = sabot_array_i64(from, row), end = sabot_array_i64(to, row);
        int64_t first = at;
        at += row == call->first_row ? call->skip : 0;
        for (; at <= end && count < limit; at++, count++) {
            ((int64_t *)columns[0].values)[count] = at;
            ((int64_t *)columns[1].values)[count] = at - first;
            if (count < call->max_rows) {
                call->rows[count] = (int32_t)row;
            }
        }
        if (at <= end) {
            break;
        }
    }
    s->calls++;
    s->most = count > s->most ? count : s->most;
    call->next_row = row;
    bool ok = sabot_columns_give(columns, s->rule == RULE_COLUMNS ? 1 : 2, count, call->result,
                                 call->result_schema);
    if (s->rule == RULE_COLUMNS) {
        sabot_column_free(&columns[1]);
    }
    break_rule(s->rule, call, count);
    return ok ? SABOT_OK : SABOT_NOMEM;
}

static sabot_function
series_of(series *s)
{
    return (sabot_function){.abi_version = SABOT_FUNCTION_ABI,
                            .kind = SABOT_FUNCTION_TABLE,
                            .struct_size = sizeof(sabot_function),
                            .flags = DET | STRICT,
                            .arguments = "BIGINT, BIGINT",
                            .result = "n BIGINT NOT NULL, d BIGINT",
                            .user = s,
                            .table = series_call};
}

static const char three[] =
    "CREATE TEMPORARY VIEW t AS SELECT * FROM (VALUES (1, 5, 7), (2, 5, 4), (3, CAST(NULL AS INT), "
    "4), (4, 9, 9)) AS t (id, a, b)";

/* ---- joins ---- */

static void
rows_stand_beside_their_row(void **state)
{
    series s = {RULE_KEPT, 0, 0};
    const sabot_function f = series_of(&s);
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "series", &f);
    sb_user_gives(engine, three, "");
    sb_user_gives(engine, "SELECT id, n, d FROM t, LATERAL TABLE(series(a, b)) AS s",
                  "+1|5|0;+1|6|1;+1|7|2;+4|9|0;");
    sb_user_gives(engine, "SELECT id, x FROM t CROSS JOIN LATERAL TABLE(series(a, b)) AS s (x, y)",
                  "+1|5;+1|6;+1|7;+4|9;");
    sb_user_gives(engine,
                  "SELECT id, s.x FROM t JOIN LATERAL TABLE(series(a, b)) AS s (x, y) ON y > 0",
                  "+1|6;+1|7;");
    sb_user_gives(
        engine, "SELECT id, x, y FROM t LEFT JOIN LATERAL TABLE(series(a, b)) AS s (x, y) ON TRUE",
        "+1|5|0;+1|6|1;+1|7|2;+2|NULL|NULL;+3|NULL|NULL;+4|9|0;");
    sb_user_gives(engine, "SELECT * FROM TABLE(series(1, 3))", "+1|0;+2|1;+3|2;");
    sb_user_gives(engine, "SELECT id, n FROM t, TABLE(series(8, 9)) WHERE id > 3", "+4|8;+4|9;");
    sb_user_gives(engine,
                  "SELECT x, m FROM TABLE(series(1, 3)) AS s (x, y), LATERAL TABLE(series(x, 2)) "
                  "AS r (m, k)",
                  "+1|1;+1|2;+2|2;");
    sb_user_gives(engine,
                  "SELECT id, COUNT(*), SUM(n) FROM t, LATERAL TABLE(series(a, b)) GROUP BY id",
                  "+1|1|5;-1|1|5;+1|2|11;-1|2|11;+1|3|18;+4|1|9;");
    sabot_engine_close(engine);
}

static void
what_cannot_be_joined_is_refused(void **state)
{
    series s = {RULE_KEPT, 0, 0};
    const sabot_function f = series_of(&s);
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "series", &f);
    sb_user_gives(engine, three, "");
    sb_user_fails(engine, "SELECT * FROM t LEFT JOIN LATERAL TABLE(series(a, b)) AS s ON n > 5",
                  SABOT_NOT_SUPPORTED, "LEFT JOIN of a table function on a condition");
    sb_user_fails(engine, "SELECT * FROM t RIGHT JOIN LATERAL TABLE(series(a, b)) AS s ON TRUE",
                  SABOT_NOT_SUPPORTED, "RIGHT and FULL JOIN of a table function");
    sb_user_fails(engine, "SELECT * FROM t, TABLE(series(a, b)) AS s", SABOT_NOT_FOUND, "\"a\"");
    sb_user_fails(engine, "SELECT * FROM t, LATERAL TABLE(series(a, b)) AS s (x)", SABOT_SEMANTIC,
                  "1 names for 2 columns");
    sb_user_fails(engine, "SELECT * FROM t, LATERAL TABLE(series('x', b)) AS s", SABOT_SEMANTIC,
                  "cannot apply series");
    sb_user_fails(engine, "SELECT series(a, b) FROM t", SABOT_SEMANTIC, "is a table function");
    sb_user_fails(engine, "SELECT * FROM TABLE(series(TABLE t, 1))", SABOT_NOT_SUPPORTED,
                  "not supported: table function series");
    sabot_engine_close(engine);
}

/* ---- sizes ---- */

static void
large_results_wait_for_room(void **state)
{
    series s = {RULE_KEPT, 0, 0};
    const sabot_function f = series_of(&s);
    (void)state;
    sabot_engine *engine = sb_user_engine();
    sb_user_registers(engine, "series", &f);
    sb_user_gives(engine, three, "");
    sb_user_gives(
        engine,
        "SET 'execution.runtime-mode' = 'batch'; SELECT id, COUNT(*), SUM(n), MAX(d) FROM "
        "(VALUES (1, 200000), (2, 3), (3, 0)) AS t (id, b), LATERAL TABLE(series(1, b)) "
        "GROUP BY id ORDER BY id",
        "+1|200000|20000100000|199999;+2|3|6|2;");
    int64_t most = sb_user_batch_rows ? sb_user_batch_rows : 4096;
    assert_true(s.most <= most && s.calls > 200000 / 4096);
    /* nobody reads further than the limit: the rest of a billion rows is never made */
    s.calls = 0;
    sb_user_gives(engine, "SELECT n FROM TABLE(series(1, 1000000000)) LIMIT 3", "+1;+2;+3;");
    assert_true(s.calls < 100000);
    sabot_engine_close(engine);
}

static void
changes_go_through(void **state)
{
    series s = {RULE_KEPT, 0, 0};
    const sabot_function f = series_of(&s);
    sabot_engine *engine = sb_user_engine();
    (void)state;
    sb_user_registers(engine, "series", &f);
    sb_user_gives(
        engine,
        "SELECT k, n FROM (SELECT k, COUNT(*) AS c FROM (VALUES ('a'), ('b'), ('a')) AS t "
        "(k) GROUP BY k), LATERAL TABLE(series(1, c)) AS s",
        "+a|1;+b|1;-a|1;+a|1;+a|2;");
    sb_user_gives(
        engine,
        "SELECT k, n FROM (SELECT k, COUNT(*) AS c FROM (VALUES ('a'), ('b'), ('a')) AS t "
        "(k) GROUP BY k) LEFT JOIN LATERAL TABLE(series(2, c)) AS s ON TRUE",
        "+a|NULL;+b|NULL;-a|NULL;+a|2;");
    sabot_engine_close(engine);
}

/* ---- wrong ones ---- */

static void
broken_rules_are_errors(void **state)
{
    static const struct {
        rule rule;
        sabot_status status;
        const char *part;
    } cases[] = {
        {RULE_TOO_MANY, SABOT_INVALID, "more rows than it was asked for"},
        {RULE_STALL, SABOT_INVALID, "it gave no rows and did not go on"},
        {RULE_FALLING, SABOT_INVALID, "`rows` does not ascend"},
        {RULE_BEYOND, SABOT_INVALID, "goes beyond `next_row`"},
        {RULE_NEXT, SABOT_INVALID, "`next_row` is not one of its rows"},
        {RULE_COLUMNS, SABOT_INVALID, "of 1 columns, not a struct of 2"},
        {RULE_TYPE, SABOT_INVALID, "buffers are missing"},
    };

    (void)state;
    assert_int_equal(sizeof cases / sizeof *cases, RULE_COUNT - 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        series s = {cases[i].rule, 0, 0};
        const sabot_function f = series_of(&s);
        if (s.rule == RULE_BEYOND && sb_user_batch_rows == 1) {
            continue; /* it takes two rows */
        }
        sabot_engine *engine = sb_user_engine();
        sb_user_registers(engine, "series", &f);
        sb_user_fails(engine,
                      cases[i].rule == RULE_TOO_MANY
                          ? "SELECT n FROM TABLE(series(1, 9000)) AS s"
                          : "SELECT id, n FROM (VALUES (1), (2)) AS t (id), LATERAL "
                            "TABLE(series(id, id + 1)) AS s",
                      cases[i].status, cases[i].part);
        sabot_engine_close(engine);
    }
    /* no array at all: no rows, and all are done */
    series s = {RULE_NO_RESULT, 0, 0};
    const sabot_function f = series_of(&s);
    sabot_engine *engine = sb_user_engine();
    sb_user_registers(engine, "series", &f);
    sb_user_gives(engine,
                  "SELECT id, n FROM (VALUES (1), (2)) AS t (id), LATERAL TABLE(series(1, 0))", "");
    sabot_engine_close(engine);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_beside_their_row),
        cmocka_unit_test(what_cannot_be_joined_is_refused),
        cmocka_unit_test(large_results_wait_for_room),
        cmocka_unit_test(changes_go_through),
        cmocka_unit_test(broken_rules_are_errors),
    };
    static const int sizes[] = {0, 1, 7};
    int failed = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sb_user_batch_rows = sizes[i];
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
