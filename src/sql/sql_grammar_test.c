/*
 * sql/sql_grammar_test.c -- what parses: the same as in Flink's parser, but for a list of
 * differences.
 *
 * DESIGN     The statements and Flink's verdicts stand in testdata/grammar.inc. Only whether a
 *            text parses is asked here; what cannot be done is refused later (refuse.c).
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sql/ast.h"

static const struct {
    int taken;
    const char *text;
} statements[] = {

#define X(taken, text) {taken, text},
#include "sql/testdata/grammar.inc"
#undef X
};

/* Texts that sabot takes and Flink does not. */
static const char *const more[] = {
    "SELECT * FROM (a)",
    "SELECT FIRST_VALUE(a IGNORE NULLS) FROM t",
    "SELECT * FROM a CROSS JOIN LATERAL f(a.x)",
    "SELECT a FROM t MINUS SELECT b FROM u",
    "SELECT a FROM t LIMIT 5, 10",
    "SELECT a FROM t OFFSET 5 LIMIT 10",
    "SELECT a FROM t LIMIT 1 + 1",
    "SHOW PARTITIONS t PARTITION (a)",
    "RESET a.b",
    "INSERT INTO t (c, d) PARTITION (a = 1) SELECT c, d FROM u",
    "INSERT INTO t PARTITION (a) SELECT c FROM u",
    "INSERT INTO TABLE t SELECT 1",
    "CREATE MATERIALIZED TABLE IF NOT EXISTS a.b.m FRESHNESS = INTERVAL '1' MINUTE AS SELECT 1",
    "ALTER TABLE t DROP PARTITION (a=1) PARTITION (a=2)",
    "ALTER TABLE t COMMENT 'x'",
    "ALTER VIEW IF EXISTS v RENAME TO w",
    "ALTER MATERIALIZED TABLE IF EXISTS m SUSPEND",
    "STOP JOB 'x' WITH DRAIN",
};

/* Texts that Flink takes and sabot does not. */
static const char *const less[] = {
    /* Flink's planner refuses these. */
    "SELECT * FROM a NATURAL CROSS JOIN b",
    "SELECT * FROM a CROSS JOIN b ON a.x = b.x",
    "SELECT * FROM a JOIN b",
    "SELECT STREAM a FROM t",
    "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET b = 1",
    "CREATE TABLE t (a INT, PRIMARY KEY (a), PRIMARY KEY (a))",
    "CREATE TABLE t WITH ('a'='b')",
    "CREATE TABLE t",
    /* A statement set is one statement here. */
    "BEGIN STATEMENT SET",
    "END",
    /* OR REPLACE has no effect in Flink. */
    "CREATE OR REPLACE FUNCTION f AS 'x'",
    "INSERT INTO t (a, b.c) SELECT 1, 2",
};

static bool
listed(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static void
as_flink(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        const char *text = statements[i].text;
        sb_arena *arena = sb_arena_new(sb_mem_root());
        sb_ast_statement **parsed;
        int32_t count;
        sb_error err;
        sb_status status;
        bool want = statements[i].taken != 0;

        want |= listed(text, more, sizeof(more) / sizeof(more[0]));
        want &= !listed(text, less, sizeof(less) / sizeof(less[0]));
        sb_error_clear(&err);
        status = sb_ast_parse(arena, text, (int32_t)strlen(text), &parsed, &count, &err);
        if ((status == SB_OK) != want) {
            print_error("%s: %s\n  %s\n", want ? "refused" : "taken", text, err.message);
            wrong++;
        }
        if (status != SB_OK) {
            assert_true(err.position >= 0 && err.position <= (int32_t)strlen(text));
        }
        sb_arena_free(arena);
    }
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_flink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
