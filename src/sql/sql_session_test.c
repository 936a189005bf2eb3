/*
 * sql/sql_session_test.c -- tokens, literals and types; DDL, SET, SHOW; scripts; running out of
 * memory.
 *
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/code.h"
#include "sql/config.h"
#include "sql/lexer.h"
#include "sql/sql_testing.h"

static void
expect(const char *sql, const char *wanted)
{
    char *out = sb_sql_testing_run(sql);

    if (strcmp(out, wanted) != 0) {
        fail_msg("%s\nwanted:\n%s\ngot:\n%s", sql, wanted, out);
    }
    free(out);
}

/* Type and value of the only column of a query, as the plan has them. */
static void
expect_type(const char *expression, const char *wanted)
{
    char script[1024];
    sb_plan *plan;
    sb_text type;

    snprintf(script, sizeof(script),
             "CREATE TABLE t (i INT, b BIGINT, s STRING, d DECIMAL(10, 2), n INT NOT NULL, ts "
             "TIMESTAMP(3), f DOUBLE) WITH ('connector' = 'append'); SELECT %s AS x FROM t",
             expression);
    plan = sb_sql_testing_plan(script);
    sb_text_init(&type, sb_mem_root());
    sb_type_print(&plan->sinks[0]->schema->fields[0].type, &type);
    if (strcmp(type.data, wanted) != 0) {
        fail_msg("%s: wanted %s, got %s", expression, wanted, type.data);
    }
    sb_text_deinit(&type);
    sb_plan_free(plan);
}

static void
tokens(void **state)
{
    static const char text[] = "SELECT `a``b`, 'it''s' -- comment\n /* more */ 1.5e-3 .5 12 "
                               "X'0aFF' <> || => t.c // end\n/*+ OPTIONS('a'='b') */";

    static const struct {
        sb_token_kind kind;
        const char *value;
    } wanted[] = {
        {SB_TOKEN_NAME, "SELECT"},
        {SB_TOKEN_QUOTED, "a`b"},
        {SB_TOKEN_SYMBOL, ","},
        {SB_TOKEN_STRING, "it's"},
        {SB_TOKEN_DOUBLE, "1.5e-3"},
        {SB_TOKEN_DECIMAL, ".5"},
        {SB_TOKEN_INTEGER, "12"},
        {SB_TOKEN_BINARY, "0aFF"},
        {SB_TOKEN_SYMBOL, "<>"},
        {SB_TOKEN_SYMBOL, "||"},
        {SB_TOKEN_SYMBOL, "=>"},
        {SB_TOKEN_NAME, "t"},
        {SB_TOKEN_SYMBOL, "."},
        {SB_TOKEN_NAME, "c"},
        {SB_TOKEN_HINT, " OPTIONS('a'='b') "},
        {SB_TOKEN_END, ""},
    };

    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_token *list;
    sb_error err;
    int32_t count;

    (void)state;
    assert_int_equal(sb_lex(arena, text, 0, (int32_t)strlen(text), &list, &count, &err), SB_OK);
    assert_int_equal(count, sizeof(wanted) / sizeof(wanted[0]));
    for (int32_t i = 0; i < count; i++) {
        assert_int_equal(list[i].kind, wanted[i].kind);
        assert_true(sb_str_equal(list[i].value, sb_str_of(wanted[i].value)));
        assert_true(list[i].begin <= list[i].end);
    }
    assert_int_equal(list[1].begin, 7);
    assert_int_equal(list[1].end, 13);
    sb_arena_free(arena);
}

static void
literal_types(void **state)
{
    (void)state;
    expect_type("1", "INT NOT NULL");
    expect_type("2147483647", "INT NOT NULL");
    expect_type("2147483648", "BIGINT NOT NULL");
    expect_type("-2147483648", "INT NOT NULL");
    expect_type("-9223372036854775808", "BIGINT NOT NULL");
    expect_type("9223372036854775808", "DECIMAL(19, 0) NOT NULL");
    expect_type("1.50", "DECIMAL(3, 2) NOT NULL");
    expect_type("0.05", "DECIMAL(3, 2) NOT NULL");
    expect_type("1e3", "DOUBLE NOT NULL");
    expect_type("'abc'", "CHAR(3) NOT NULL");
    expect_type("'\xC3\xA9\xC3\xA9'", "CHAR(2) NOT NULL");
    expect_type("TRUE", "BOOLEAN NOT NULL");
    expect_type("DATE '2024-02-29'", "DATE NOT NULL");
    expect_type("TIMESTAMP '2024-01-02 03:04:05'", "TIMESTAMP(0) NOT NULL");
    expect_type("TIMESTAMP '2024-01-02 03:04:05.123'", "TIMESTAMP(3) NOT NULL");
    expect_type("TIMESTAMP '2024-01-02 03:04:05.123456789'", "TIMESTAMP(9) NOT NULL");
    expect_type("X'0aff'", "BINARY(2) NOT NULL");
    expect_type("CASE WHEN i > 1 THEN 'a' WHEN i > 2 THEN 'bcd' END", "VARCHAR(3)");
    expect_type("CASE i WHEN 1 THEN 2 ELSE 3 END", "INT NOT NULL");
    expect_type("i BETWEEN 1 AND 3", "BOOLEAN");
    expect_type("n NOT IN (1, 2)", "BOOLEAN NOT NULL");
    expect_type("CAST(i AS STRING)", "STRING");
    expect_type("TRY_CAST(n AS BIGINT)", "BIGINT");
}

static void
aggregate_types(void **state)
{
    (void)state;
    expect_type("COUNT(*)", "BIGINT NOT NULL");
    expect_type("COUNT(s)", "BIGINT NOT NULL");
    expect_type("SUM(i)", "INT");
    expect_type("SUM(n)", "INT"); /* no GROUP BY: the group may be empty */
    expect_type("SUM(d)", "DECIMAL(38, 2)");
    expect_type("AVG(i)", "INT");
    expect_type("AVG(d)", "DECIMAL(38, 6)");
    expect_type("AVG(f)", "DOUBLE");
    expect_type("MAX(ts)", "TIMESTAMP(3)");
    expect_type("MIN(s)", "STRING");
    expect_type("MAX(i) + COUNT(*) * 2", "BIGINT");
}

static void
ddl_types(void **state)
{
    (void)state;
    expect(
        "CREATE TABLE x (a CHAR, b CHAR(3), c VARCHAR, d VARCHAR(7), e STRING, f BOOLEAN, g "
        "BINARY, h BYTES, i DECIMAL, j DECIMAL(5, 2), k NUMERIC(4),l TINYINT, m SMALLINT, n "
        "INTEGER, o BIGINT, p FLOAT, q DOUBLE PRECISION, r DATE, s TIME, t TIME(3), u TIMESTAMP, v "
        "TIMESTAMP(3) WITHOUT TIME ZONE,w TIMESTAMP(9) WITH LOCAL TIME ZONE, x TIMESTAMP_LTZ(3), y "
        "INTERVAL DAY TO SECOND, z INTERVAL YEAR TO MONTH) WITH ('a' = 'b'); DESCRIBE x",
        "a|CHAR(1)|true|NULL|NULL|NULL\nb|CHAR(3)|true|NULL|NULL|NULL\nc|STRING|true|NULL|NULL|"
        "NULL\nd|VARCHAR(7)|true|NULL|NULL|NULL\ne|STRING|true|NULL|NULL|NULL\nf|BOOLEAN|true|NULL|"
        "NULL|NULL\ng|BINARY(1)|true|NULL|NULL|NULL\nh|BYTES|true|NULL|NULL|NULL\ni|DECIMAL(10, "
        "0)|true|NULL|NULL|NULL\nj|DECIMAL(5, 2)|true|NULL|NULL|NULL\nk|DECIMAL(4, "
        "0)|true|NULL|NULL|NULL\nl|TINYINT|true|NULL|NULL|NULL\nm|SMALLINT|true|NULL|NULL|NULL\nn|"
        "INT|true|NULL|NULL|NULL\no|BIGINT|true|NULL|NULL|NULL\np|FLOAT|true|NULL|NULL|NULL\nq|"
        "DOUBLE|true|NULL|NULL|NULL\nr|DATE|true|NULL|NULL|NULL\ns|TIME(0)|true|NULL|NULL|NULL\nt|"
        "TIME(3)|true|NULL|NULL|NULL\nu|TIMESTAMP(6)|true|NULL|NULL|NULL\nv|TIMESTAMP(3)|true|NULL|"
        "NULL|NULL\nw|TIMESTAMP_LTZ(9)|true|NULL|NULL|NULL\nx|TIMESTAMP_LTZ(3)|true|NULL|NULL|"
        "NULL\ny|INTERVAL SECOND(3)|true|NULL|NULL|NULL\nz|INTERVAL MONTH|true|NULL|NULL|NULL\n");
    expect("CREATE TABLE x (a ROW<b INT NOT NULL, c ARRAY<STRING>> NOT NULL, m MAP<STRING, ROW<z "
           "INT>>, s MULTISET<INT>, y INT ARRAY); DESCRIBE x",
           "a|ROW<`b` INT NOT NULL, `c` ARRAY<STRING>>|false|NULL|NULL|NULL\nm|MAP<STRING, ROW<`z` "
           "INT>>|true|NULL|NULL|NULL\ns|MULTISET<INT>|true|NULL|NULL|NULL\ny|ARRAY<INT>|true|NULL|"
           "NULL|NULL\n");
}

static void
describe(void **state)
{
    (void)state;
    expect("CREATE TEMPORARY TABLE IF NOT EXISTS default_catalog.default_database.x (id BIGINT "
           "COMMENT 'key', ts TIMESTAMP(3), m STRING METADATA FROM 'k' VIRTUAL, y AS UPPER(m), "
           "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, CONSTRAINT pk PRIMARY KEY (id) NOT "
           "ENFORCED) COMMENT 'a table' PARTITIONED BY (id) WITH ('connector' = 'append', "
           "'quo''te' = 'it''s'); DESC x",
           "id|BIGINT|false|PRI(id)|NULL|NULL|key\nts|TIMESTAMP(3) *ROWTIME*|true|NULL|NULL|`ts` - "
           "INTERVAL '1' SECOND|NULL\nm|STRING|true|NULL|METADATA FROM 'k' "
           "VIRTUAL|NULL|NULL\ny|STRING|true|NULL|AS UPPER(`m`)|NULL|NULL\n");
    expect("CREATE TABLE x (id BIGINT PRIMARY KEY NOT ENFORCED, `or der` AS id + 1) WITH "
           "('connector' = 'append', 'q' = 'it''s'); SHOW CREATE TABLE x",
           "CREATE TABLE `default_catalog`.`default_database`.`x` (\n  `id` BIGINT NOT NULL,\n  "
           "`or der` AS `id` + 1,\n  CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED\n)\nWITH "
           "(\n  'connector' = 'append',\n  'q' = 'it''s'\n)\n\n");
    expect("CREATE TABLE x (a INT) WITH ('connector' = 'append'); CREATE VIEW v (b) AS (WITH w AS "
           "(SELECT a FROM x) SELECT * FROM w); SHOW CREATE VIEW v",
           "CREATE VIEW `default_catalog`.`default_database`.`v` (\n  `b`\n)\nAS (WITH w AS "
           "(SELECT a FROM x) SELECT * FROM w)\n\n");
}

static void
ddl(void **state)
{
    (void)state;
    expect("CREATE TABLE a (x INT); CREATE VIEW v AS SELECT 1 AS y; SHOW TABLES", "a\nv\n");
    expect("CREATE TABLE a (x INT); CREATE VIEW v AS SELECT 1 AS y; SHOW VIEWS", "v\n");
    expect("CREATE TABLE a (x INT); DROP TABLE a; SHOW TABLES", "");
    expect("CREATE TABLE a (x INT); CREATE TABLE IF NOT EXISTS a (y STRING)",
           "table a exists already");
    expect("DROP TABLE IF EXISTS nothing", "table nothing does not exist");
    expect("CREATE TABLE a (x INT); DROP TABLE a", "table a dropped");
    expect("USE CATALOG default_catalog", "using default_catalog");
    expect("USE default_catalog.default_database", "using default_database");
    expect("SHOW CURRENT DATABASE", "default_database\n");
    expect(";;SHOW CATALOGS;;", "default_catalog\n");
    expect("CREATE TABLE a (x INT, y STRING) WITH ('connector' = 'append'); CREATE TABLE b WITH "
           "('connector' = 'print') AS SELECT y, x + 1 AS z FROM a; DESCRIBE b",
           "y|STRING|true|NULL|NULL|NULL\nz|INT|true|NULL|NULL|NULL\n");
    /* a view keeps its text: the columns of a dropped and remade table count */
    expect("CREATE TABLE a (x INT) WITH ('connector' = 'append'); CREATE VIEW v AS SELECT * FROM "
           "a; DESCRIBE v",
           "x|INT|true|NULL|NULL|NULL\n");
}

static void
settings(void **state)
{
    (void)state;
    expect("SET 'a.b' = 'c'", "warning: option 'a.b' is not known\na.b = c");
    expect("SET 'table.exec.state.ttl' = '1 h'; SET 'parallelism.default' = '2'; SET",
           "table.exec.state.ttl|1 h\nparallelism.default|2\n");
    expect("SET table.exec.state.ttl = 1 h; SET", "table.exec.state.ttl|1 h\n");
    expect("SET 'parallelism.default' = '2'; RESET 'parallelism.default'; SET", "");
    expect("SET 'parallelism.default' = '2'; SET 'parallelism.default' = '3'; SET",
           "parallelism.default|3\n");
    expect("SET 'parallelism.defualt' = '2'",
           "warning: option 'parallelism.defualt' is not known: did you mean "
           "'parallelism.default'?\nparallelism.defualt = 2");
}

static void
completeness(void **state)
{
    static const struct {
        const char *text;
        bool complete;
    } cases[] = {
        {"SELECT 1;", true},
        {"SELECT 1", false},
        {"SELECT ';", false},
        {"SELECT 1; -- more", true},
        {"SELECT /* ;", false},
        {"", false},
        {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", false},
        {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;", true},
        {"BEGIN STATEMENT SET; INSERT INTO a SELECT CASE WHEN x THEN 1 END FROM t;", false},
        {"BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END;", true},
        {"SELECT #;", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (sb_sql_is_complete(cases[i].text, strlen(cases[i].text)) != cases[i].complete) {
            fail_msg("%s", cases[i].text);
        }
    }
}

static void
ranges(void **state)
{
    static const char text[] = "  SET 'a'='b' ;\nSELECT 1\n;";
    sb_sql_script *script;
    sb_error err;

    (void)state;
    assert_int_equal(sb_sql_parse(sb_mem_root(), text, strlen(text), &script, &err), SB_OK);
    assert_int_equal(sb_sql_script_count(script), 2);
    assert_int_equal(sb_sql_script_range(script, 0).begin, 2);
    assert_int_equal(sb_sql_script_range(script, 0).end, 13);
    assert_int_equal(sb_sql_script_range(script, 1).begin, 16);
    assert_int_equal(sb_sql_script_range(script, 1).end, 24);
    sb_sql_script_free(script);
}

/* A syntax error in the last statement stops the first. */
static void
whole_script(void **state)
{
    char *out = sb_sql_testing_run("CREATE TABLE a (x INT);\nSELEC");

    (void)state;
    assert_non_null(strstr(out, "line 2, column 1"));
    free(out);
}

static void
hostile(void **state)
{
    static const char *const patterns[] = {"(",  "NOT ",       "SELECT (", "-",
                                           "a.", "CASE WHEN ", "ARRAY<",   "SELECT * FROM (",
                                           "1+", "CAST("};

    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        size_t length = strlen(patterns[i]), count = 20000;
        char *text = malloc(16 + length * count + 1), *out;

        memcpy(text, "SELECT ", 7);
        for (size_t k = 0; k < count; k++) {
            memcpy(text + 7 + k * length, patterns[i], length);
        }
        text[7 + count * length] = '\0';
        out = sb_sql_testing_run(text);
        assert_non_null(strstr(out, "error[SB"));
        free(out);
        free(text);
    }
}

/* WITH b AS (a UNION ALL a), c AS (b UNION ALL b) ...: the plan is bounded. */
static void
doubling(void **state)
{
    char *out;
    sb_text text;

    (void)state;
    sb_text_init(&text, sb_mem_root());
    sb_text_add(&text, "WITH a0 AS (SELECT 1 AS x)");
    for (int i = 1; i < 25; i++) {
        sb_text_printf(&text, ", a%d AS (SELECT x FROM a%d UNION ALL SELECT x FROM a%d)", i, i - 1,
                       i - 1);
    }
    sb_text_add(&text, " SELECT * FROM a24");
    out = sb_sql_testing_run(text.data);
    sb_text_deinit(&text);
    assert_non_null(strstr(out, "query too large"));
    free(out);
}

static void
out_of_memory(void **state)
{
    static const char text[] =
        "CREATE TABLE t (a INT, b STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH "
        "('connector' = 'append');CREATE TABLE s (b STRING, n BIGINT) WITH ('connector' = "
        "'print'); CREATE VIEW v AS SELECT b, a FROM t WHERE a > 1;INSERT INTO s SELECT b, "
        "COUNT(DISTINCT a) FROM v GROUP BY b; DESCRIBE t; EXPLAIN SELECT * FROM v;";
    int64_t failed = 0;

    (void)state;
    for (int64_t n = 1; n < 4000; n += 1 + n / 50) {
        sb_sql_script *script = NULL;
        sb_sql_session *session = NULL;
        sb_error err;
        sb_status status;

        sb_error_clear(&err);
        (void)sb_mem_fail_after(n);
        status = sb_sql_parse(sb_mem_root(), text, strlen(text), &script, &err);
        if (status == SB_OK) {
            status = sb_sql_session_new(sb_mem_root(), &sb_sql_testing_info, &session, &err);
        }
        for (int32_t i = 0; status == SB_OK && i < sb_sql_script_count(script); i++) {
            sb_sql_result *result = NULL;

            status = sb_sql_execute(session, script, i, &result, &err);
            sb_sql_result_free(result);
        }
        (void)sb_mem_fail_after(0);
        sb_sql_session_free(session);
        sb_sql_script_free(script);
        failed += status != SB_OK;
        if (status != SB_OK && status != SB_STATUS_NOMEM) {
            fail_msg("allocation %lld: status %d, %s", (long long)n, (int)status, err.message);
        }
    }
    assert_true(failed > 0);
}

static void
codes(void **state)
{
    const char *help;

    (void)state;
    assert_non_null(sb_sql_code_help("SB2002"));
    assert_null(sb_sql_code_help("SB9999"));
    for (int i = 0; sb_sql_code_at(i, &help) != NULL; i++) {
        const char *unused;

        for (int j = 0; j < i; j++) {
            assert_string_not_equal(sb_sql_code_at(i, &unused), sb_sql_code_at(j, &unused));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),          cmocka_unit_test(literal_types),
        cmocka_unit_test(aggregate_types), cmocka_unit_test(ddl_types),
        cmocka_unit_test(describe),        cmocka_unit_test(ddl),
        cmocka_unit_test(settings),        cmocka_unit_test(completeness),
        cmocka_unit_test(ranges),          cmocka_unit_test(whole_script),
        cmocka_unit_test(hostile),         cmocka_unit_test(doubling),
        cmocka_unit_test(out_of_memory),   cmocka_unit_test(codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
