/*
 * sql/sql_print_test.c -- the printer: layout, comments, and that what is printed parses to an
 * equal tree.
 *
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sql/ast_equal.h"
#include "sql/print.h"

static const char *const accepted[] = {
#define X(taken, text) (taken) ? (text) : NULL,
#include "sql/testdata/grammar.inc"
#undef X
};

/* Expressions that Flink has taken. */
static const struct {
    const char *sql, *type, *value;
} recorded[] = {

#include "expr/testdata/sql_bitmap.inc"
#include "expr/testdata/sql_casts.inc"
#include "expr/testdata/sql_charsets.inc"
#include "expr/testdata/sql_charsets_wide.inc"
#include "expr/testdata/sql_json.inc"
#include "expr/testdata/sql_json_paths.inc"
#include "expr/testdata/sql_more.inc"
#include "expr/testdata/sql_nested.inc"
#include "expr/testdata/sql_object.inc"
#include "expr/testdata/sql_random.inc"
#include "expr/testdata/sql_scalars.inc"
#include "expr/testdata/sql_variant.inc"
};

static sb_status
parse(sb_arena *arena, const char *text, sb_ast_statement ***out, int32_t *out_count)
{
    sb_error err;

    sb_error_clear(&err);
    return sb_ast_parse(arena, text, (int32_t)strlen(text), out, out_count, &err);
}

/* Prints `text`, parses that and compares; the second print is the same as the first. */
static bool
round_trip(const char *text)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_ast_statement **first, **second;
    int32_t count_first = 0, count_second = 0;
    sb_text once, twice;
    sb_error err;
    bool fine = true;

    sb_error_clear(&err);
    sb_text_init(&once, sb_mem_root());
    sb_text_init(&twice, sb_mem_root());
    if (parse(arena, text, &first, &count_first) == SB_OK) {
        fine = sb_sql_format(sb_mem_root(), text, strlen(text), &once, &err) == SB_OK &&
               parse(arena, once.data, &second, &count_second) == SB_OK &&
               count_first == count_second;
        for (int32_t i = 0; fine && i < count_first; i++) {
            fine = sb_ast_equal(first[i], second[i]);
        }
        fine = fine && sb_sql_format(sb_mem_root(), once.data, once.size, &twice, &err) == SB_OK;
        if (fine && strcmp(once.data, twice.data) != 0) {
            print_error("printed twice:\n%s", twice.data);
            fine = false;
        }
        if (!fine) {
            print_error("%s\nprinted:\n%s%s\n", text, once.data, err.message);
        }
    }
    sb_text_deinit(&once);
    sb_text_deinit(&twice);
    sb_arena_free(arena);
    return fine;
}

/* As CREATE TABLE keeps it: on one line, names in back-ticks; it parses to an equal tree. */
static bool
kept(const char *expression)
{
    sb_arena *arena = sb_arena_new(sb_mem_root());
    char *text = sb_arena_printf(arena, "SELECT %s", expression);
    sb_ast_statement **first, **second;
    int32_t count = 0;
    sb_text out;
    bool fine = true;

    sb_text_init(&out, sb_mem_root());
    if (parse(arena, text, &first, &count) == SB_OK && count == 1) {
        sb_text_add(&out, "SELECT ");
        sb_ast_print_expr(first[0]->query->items[0].expr, text, arena, &out);
        fine = parse(arena, out.data, &second, &count) == SB_OK && count == 1 &&
               sb_ast_equal(first[0], second[0]);
        if (!fine) {
            print_error("%s\nkept:\n%s\n", text, out.data);
        }
    }
    sb_text_deinit(&out);
    sb_arena_free(arena);
    return fine;
}

static void
every_kept_expression(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
        wrong += !kept(recorded[i].sql);
    }
    wrong += !kept("a + `b c` * CAST(x.y AS DECIMAL(10, 2)) - UPPER(`order`) || CASE d WHEN 1, 2 "
                   "THEN 'it''s' END");
    assert_int_equal(wrong, 0);
}

static void
every_statement(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        wrong += accepted[i] != NULL && !round_trip(accepted[i]);
    }
    assert_int_equal(wrong, 0);
}

static void
expressions(void **state)
{
    static const char *const texts[] = {
        "a - (b - c)",
        "(a - b) - c",
        "a - -1",
        "- - a",
        "-(-1)",
        "-(1)",
        "-(a)",
        "- (a + b)",
        "(-1).x",
        "NOT a AND b",
        "NOT (a AND b)",
        "(NOT a) = b",
        "(a = b) IS NULL",
        "a = (b IS NULL)",
        "(a OR b) AND c",
        "a OR b AND c",
        "(a IN (1, 2)) = b",
        "a = b IN (1)",
        "a NOT IN (1, 2)",
        "NOT (a IN (1))",
        "a NOT LIKE 'x' ESCAPE '!'",
        "a BETWEEN SYMMETRIC 1 AND 2 + 3",
        "(a BETWEEN 1 AND 2) AND b",
        "a IS NOT DISTINCT FROM b",
        "(a IS DISTINCT FROM b) = c",
        "a || b || c",
        "a || (b || c)",
        "a * (b + c) % d",
        "a[1][2].f",
        "(a + b)[1]",
        "ROW(1, 2)",
        "(1, 2)",
        "ARRAY[1, ARRAY[2]]",
        "MAP['a', 1]",
        "ARRAY[]",
        "CAST(a AS DECIMAL(3, 1))",
        "TRY_CAST(a AS ROW<x INT, y ARRAY<STRING>>)",
        "CASE a WHEN 1 THEN 2 ELSE 3 END",
        "CASE WHEN a THEN b END",
        "TRIM(a)",
        "TRIM(LEADING 'x' FROM a)",
        "TRIM(BOTH FROM a)",
        "EXTRACT(YEAR FROM a)",
        "FLOOR(a TO DAY)",
        "FLOOR(a)",
        "CEIL(a TO HOUR)",
        "TIMESTAMPADD(DAY, 1, a)",
        "TIMESTAMPDIFF(SECOND, a, b)",
        "SUBSTRING(a FROM 1 FOR 2)",
        "POSITION('x' IN a)",
        "OVERLAY(a PLACING 'x' FROM 1)",
        "OVERLAY(a PLACING 'x' FROM 1 FOR 2)",
        "INTERVAL -'1-2' YEAR TO MONTH",
        "INTERVAL '1' DAY(3)",
        "INTERVAL '1 2' DAY TO HOUR",
        "DATE '2024-01-01'",
        "TIMESTAMP '2024-01-01 00:00:00'",
        "X'00ff'",
        "'it''s'",
        "N'x'",
        "1e3",
        ".5",
        "NULL",
        "UNKNOWN",
        "TRUE",
        "COUNT(*)",
        "COUNT(DISTINCT a, b) FILTER (WHERE c)",
        "SUM(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING)",
        "CURRENT_DATE",
        "PI()",
        "JSON_VALUE(a, '$.x' RETURNING INT NULL ON EMPTY ERROR ON ERROR)",
        "JSON_VALUE(a, '$.x' RETURNING VARCHAR(5))",
        "JSON_OBJECT('a' VALUE 1 ABSENT ON NULL)",
        "JSON_QUERY(a, '$.x' WITH WRAPPER)",
        "JSON_OBJECTAGG(KEY a VALUE b ABSENT ON NULL)",
        "JSON_ARRAYAGG(a NULL ON NULL)",
        "ARRAY_AGG(DISTINCT a) IGNORE NULLS",
        "a IS JSON",
        "`a``b`",
        "`select`",
        "a.`b c`.d",
        "a = ANY (1, 2)",
        "a <> ALL (SELECT 1)",
        "(SELECT 1) + 1",
        "EXISTS (SELECT 1) AND a",
        "a NOT IN (SELECT 1)",
        "NOT EXISTS (SELECT 1)",
        "myFunc(a, B)",
        "LEFT(a, 1)",
    };
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[512];

        snprintf(text, sizeof(text), "SELECT %s FROM t WHERE (%s) = x", texts[i], texts[i]);
        wrong += !round_trip(text);
    }
    assert_int_equal(wrong, 0);
}

static void
formats(const char *text, const char *want)
{
    sb_text out;
    sb_error err;

    sb_error_clear(&err);
    sb_text_init(&out, sb_mem_root());
    assert_int_equal(sb_sql_format(sb_mem_root(), text, strlen(text), &out, &err), SB_OK);
    assert_string_equal(out.data, want);
    sb_text_deinit(&out);
    assert_true(round_trip(text));
}

static void
layout(void **state)
{
    (void)state;
    formats("select a,b from t where a=1", "SELECT a, b FROM t WHERE a = 1;\n");
    formats("select count(*) as n, `order`, `x` from `t` group by `order`, x;",
            "SELECT COUNT(*) AS n, `order`, `x` FROM `t` GROUP BY `order`, x;\n");
    formats("create table t(a int,b string not null,primary key(a) not enforced,watermark for c as "
            "c) with('a'='b')",
            "CREATE TABLE t (\n  a INT,\n  b STRING NOT NULL,\n  PRIMARY KEY (a) NOT ENFORCED,\n"
            "  WATERMARK FOR c AS c\n) WITH ('a' = 'b');\n");
    formats("SELECT first_column_of_the_table, second_column_of_the_table, third_column_of_it FROM "
            "t JOIN u ON t.a = u.b WHERE a = 1 AND b = 2",
            "SELECT first_column_of_the_table, second_column_of_the_table, third_column_of_it\n"
            "FROM t\nJOIN u ON t.a = u.b\nWHERE a = 1 AND b = 2;\n");
    formats("SET 'a'='b';SET 'c'='d';\n\n\n\nSELECT 1;", "SET 'a' = 'b';\nSET 'c' = 'd';\n\n"
                                                         "SELECT 1;\n");
    formats("", "");
    formats("  ;; ", "");
}

static void
comments(void **state)
{
    (void)state;
    formats("-- head\nSELECT 1; -- one\n-- tail\n", "-- head\nSELECT 1; -- one\n-- tail\n");
    formats("SELECT a, -- the a\n       b  -- the b\nFROM t -- from here\nWHERE c; /* end */",
            "SELECT\n  a, -- the a\n  b -- the b\nFROM t -- from here\nWHERE c; /* end */\n");
    formats("/* one */\n\n/* two */ SELECT 1", "/* one */\n\n/* two */\nSELECT 1;\n");
    formats("SELECT 1 -- no semicolon", "SELECT 1; -- no semicolon\n");
    formats("-- only a comment", "-- only a comment\n");
    formats(
        "CREATE TABLE t (\n  -- key\n  a INT, -- first\n  /* w */ WATERMARK FOR b AS b\n) WITH "
        "('a'='b', -- opt\n 'c'='d')",
        "CREATE TABLE t (\n  -- key\n  a INT, -- first\n  /* w */\n  WATERMARK FOR b AS b\n) WITH "
        "(\n  'a' = 'b', -- opt\n  'c' = 'd'\n);\n");
    formats("SELECT f(a, /* inside */ b) FROM t", "SELECT f(a, b) /* inside */\nFROM t;\n");
    formats("EXECUTE STATEMENT SET BEGIN\n-- first\nINSERT INTO a SELECT 1; -- x\n-- last\nEND;",
            "EXECUTE STATEMENT SET BEGIN\n  -- first\n  INSERT INTO a SELECT 1; -- x\n  -- last\n"
            "END;\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kept_expression),
        cmocka_unit_test(every_statement),
        cmocka_unit_test(expressions),
        cmocka_unit_test(layout),
        cmocka_unit_test(comments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
