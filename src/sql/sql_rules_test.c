/*
 * sql/sql_rules_test.c -- the rules of the optimizer: for each, queries where it fires with what
 * comes of it, and queries where it must not.
 *
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sql/sql_testing.h"

static const char tables[] =
    "CREATE TABLE t (id INT, name STRING, v BIGINT, d DOUBLE, n INT NOT NULL, ts TIMESTAMP(3), "
    "WATERMARK FOR ts AS ts) WITH ('connector' = 'append');\n"
    "CREATE TABLE c (id INT, city STRING, age INT) WITH ('connector' = 'cdc');\n"
    "CREATE TABLE text (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = "
    "'upsert-sink');\n"
    "CREATE TABLE number (n BIGINT, k STRING, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = "
    "'upsert-sink');\n";

typedef struct rule_case {
    const char *sql;
    const char *fires;     /* the rule that must be among those that fired; NULL: any */
    const char *not_fires; /* the rule that must not */
    const char *has;       /* part of the plan; NULL: any */
    const char *lacks;     /* what must not be in it */
} rule_case;

static void
check(const rule_case *one)
{
    char *script = sb_sql_testing_join(tables, one->sql);
    sb_plan *plan = sb_sql_testing_plan(script);
    sb_text text;

    sb_text_init(&text, sb_mem_root());
    sb_plan_print(plan, SB_PLAN_CHANGELOG, &text);
    if (one->fires != NULL && strstr(plan->rules, one->fires) == NULL) {
        fail_msg("%s\n  \"%s\" did not fire, but %s:\n%s", one->sql, one->fires, plan->rules,
                 text.data);
    }
    if (one->not_fires != NULL && strstr(plan->rules, one->not_fires) != NULL) {
        fail_msg("%s\n  \"%s\" fired: %s\n%s", one->sql, one->not_fires, plan->rules, text.data);
    }
    if (one->has != NULL && strstr(text.data, one->has) == NULL) {
        fail_msg("%s\n  lacks %s:\n%s", one->sql, one->has, text.data);
    }
    if (one->lacks != NULL && strstr(text.data, one->lacks) != NULL) {
        fail_msg("%s\n  has %s:\n%s", one->sql, one->lacks, text.data);
    }
    sb_text_deinit(&text);
    sb_plan_free(plan);
    free(script);
}

#define CHECK_ALL(cases)                                            \
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) { \
        check(&(cases)[i]);                                         \
    }

static void
constant_folding(void **state)
{
    static const char rule[] = "constant folding";

    static const rule_case cases[] = {
        {"SELECT id + (1 + 2) FROM t", rule, NULL, "id + 3", NULL},
        {"SELECT id FROM t WHERE 1 < 2", rule, NULL, NULL, "where="},
        {"SELECT UPPER('a') || name FROM t", rule, NULL, "'A' ||", "UPPER"},
        /* what differs by row, what would fail, what is no constant */
        {"SELECT id FROM t WHERE RAND() < 0.5E0", NULL, rule, "RAND()", NULL},
        {"SELECT id FROM t WHERE id = 1 / 0", NULL, rule, "1 / 0", NULL},
        {"SELECT id + 1 FROM t", NULL, rule, "id + 1", NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
expression_simplification(void **state)
{
    static const char rule[] = "expression simplification";

    static const rule_case cases[] = {
        {"SELECT id FROM t WHERE id > 1 AND id > 1", rule, NULL, "where=[id > 1]", NULL},
        {"SELECT id FROM t WHERE id > 1 OR (1 = 0)", rule, NULL, "where=[id > 1]", NULL},
        {"SELECT id > 1 OR 1 = 1 FROM t", rule, NULL, "TRUE", "id >"},
        {"SELECT id FROM t WHERE NOT (v < 3)", rule, NULL, "where=[v >= 3]", NULL},
        {"SELECT NOT NOT (name = 'x') FROM t", rule, NULL, "name = 'x'", "NOT"},
        {"SELECT id FROM t WHERE NOT (v IS NULL)", rule, NULL, "where=[v IS NOT NULL]", NULL},
        {"SELECT id FROM t WHERE n IS NOT NULL", rule, NULL, NULL, "where="},
        {"SELECT COALESCE(n, id, 3) FROM t", rule, NULL, "select=[n", "COALESCE"},
        {"SELECT COALESCE(CAST(NULL AS INT), id, 3) FROM t", rule, NULL, "COALESCE(id, 3)", NULL},
        {"SELECT CASE WHEN 1 = 0 THEN 1 WHEN id > 2 THEN 2 ELSE 3 END FROM t", rule, NULL,
         "CASE WHEN id > 2 THEN 2 ELSE 3 END", NULL},
        {"SELECT CASE WHEN 1 = 1 THEN id WHEN v > 2 THEN 2 END FROM t", rule, NULL, "select=[id",
         "CASE"},
        {"SELECT id FROM t WHERE id = 1 OR id = 2 OR 3 = 4 OR id IN (5, 6)", rule, NULL,
         "where=[id IN (1, 2, 5, 6)]", NULL},
        {"SELECT id FROM t WHERE (id = 1 AND v = 2) OR (name = 'x' AND id = 1)", rule, NULL,
         "(id = 1) AND ((v = 2) OR (name = 'x'))", NULL},
        {"SELECT id FROM t WHERE id = 1 OR (id = 1 AND v = 2)", rule, NULL, "where=[id = 1]", NULL},
        /* NaN: NOT (d < 1) is TRUE of it, d >= 1 is FALSE */
        {"SELECT id FROM t WHERE NOT (d < 1.0E0)", NULL, rule, "NOT", NULL},
        /* -0 = 0 is TRUE, -0 IN (0, 1, 2) is not */
        {"SELECT id FROM t WHERE d = 0.0E0 OR d = 1.0E0 OR d = 2.0E0", NULL, rule, "OR", "IN ("},
        /* two throws of the dice */
        {"SELECT id FROM t WHERE RAND() < 0.5E0 AND RAND() < 0.5E0", NULL, rule, "AND", NULL},
        /* it may be NULL; it may fail */
        {"SELECT id FROM t WHERE id IS NOT NULL", NULL, rule, "id IS NOT NULL", NULL},
        {"SELECT id FROM t WHERE n / n IS NOT NULL", NULL, rule, "IS NOT NULL", NULL},
        {"SELECT COALESCE(id, 3) FROM t", NULL, rule, "COALESCE(id, 3)", NULL},
        /* two equalities are no list, nor are those of different things */
        {"SELECT id FROM t WHERE id = 1 OR id = 2", NULL, rule, "OR", NULL},
        {"SELECT id FROM t WHERE id = 1 OR id = 2 OR v = 3", NULL, rule, "OR", "IN ("},
        {"SELECT id FROM t WHERE (10 / id = 1 AND v = 2) OR (name = 'x' AND 10 / id = 1)", NULL,
         rule, "OR", NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
filter_push_down(void **state)
{
    static const char rule[] = "filter push-down";

    static const rule_case cases[] = {
        {"SELECT * FROM (SELECT id AS k, SUM(v) AS s FROM t GROUP BY id) WHERE k = 7", rule, NULL,
         "Calc(select=[id, v], where=[id = 7]", NULL},
        {"SELECT a.id FROM t AS a JOIN c AS b ON a.id = b.id WHERE a.v > 1 AND b.age < 9", rule,
         NULL, "where=[age < 9]", NULL},
        {"SELECT id FROM (SELECT id FROM t UNION ALL SELECT id FROM c) WHERE id = 1", rule, NULL,
         "where=[id = 1], changelogMode=[I])", NULL},
        /* over a result of the aggregate, and over the one row of a global one */
        {"SELECT id FROM (SELECT id, SUM(v) AS s FROM t GROUP BY id) WHERE s = 7", NULL,
         "filter push-down 2", NULL, "where=[v = 7]"},
        {"SELECT * FROM (SELECT COUNT(*) AS n FROM t) WHERE 1 = 0", NULL, NULL,
         "+- Calc(select=[EXPR$0 AS n], where=[FALSE]", NULL},
        /* below the LIMIT other rows would be left */
        {"SELECT id FROM (SELECT id FROM (VALUES (1), (2)) AS x(id) LIMIT 1) WHERE id = 2", NULL,
         rule, NULL, NULL},
        /* a column that is made by chance is made once */
        {"SELECT r FROM (SELECT RAND() AS r FROM t) WHERE r < 0.5E0", NULL, rule, NULL, NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
calc_merge(void **state)
{
    static const char rule[] = "calc merge";

    static const rule_case cases[] = {
        {"SELECT a + 1 FROM (SELECT id * 2 AS a FROM t)", rule, NULL, "(id * 2) + 1", NULL},
        /* chance would be asked twice */
        {"SELECT r, r + 1 FROM (SELECT RAND() AS r FROM t)", NULL, NULL, "select=[RAND() AS r]",
         NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
window_aggregate(void **state)
{
    static const char rule[] = "window aggregate";

    static const rule_case cases[] = {
        {"SELECT window_start, window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL "
         "'1' MINUTE) GROUP BY window_start, window_end",
         rule, NULL, "WindowAggregate(", "WindowTableFunction"},
        /* without both ends of the window it is a group like others */
        {"SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) "
         "GROUP BY window_start",
         NULL, rule, "GroupAggregate(", "WindowAggregate"},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
join_keys(void **state)
{
    static const char rule[] = "join keys";

    static const rule_case cases[] = {
        {"SELECT t.v FROM t, c WHERE t.id = c.id", rule, NULL, "hash[id]", NULL},
        {"SELECT t.v FROM t JOIN c ON t.id + 1 = c.id", rule, NULL, "hash[", NULL},
        /* nothing to hash by */
        {"SELECT t.v FROM t JOIN c ON t.id < c.id", NULL, rule, "single", "hash["},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
column_pruning(void **state)
{
    static const char rule[] = "column pruning";

    static const rule_case cases[] = {
        {"SELECT s FROM (SELECT name, SUM(v) AS s, MAX(id) AS m FROM t GROUP BY name)", rule, NULL,
         "SUM(v)", "MAX("},
        {"SELECT t.name FROM t JOIN c ON t.id = c.id", rule, NULL, "fields=[id]", "city"},
        /* all is used; the key of a group is what the group is */
        {"SELECT id, name FROM (SELECT id, name FROM t)", NULL, rule, NULL, NULL},
        {"SELECT n FROM (SELECT city, COUNT(*) AS n FROM c GROUP BY city)", NULL, NULL,
         "groupBy=[city]", NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
common_sub_plan(void **state)
{
    static const char rule[] = "common sub-plan";

    static const rule_case cases[] = {
        {"WITH a AS (SELECT name, SUM(v) AS s FROM t GROUP BY name) SELECT name, s FROM a UNION "
         "ALL "
         "SELECT name, s + 1 FROM a",
         rule, NULL, "Reused(", NULL},
        /* two throws; two different filters */
        {"SELECT RAND() FROM t UNION ALL SELECT RAND() FROM t", NULL, NULL, "RAND", NULL},
        {"SELECT id, COUNT(*) FROM t WHERE v > 1 GROUP BY id UNION ALL SELECT id, COUNT(*) FROM t "
         "WHERE v > 2 GROUP BY id",
         NULL, NULL, "where=[v > 1]", NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

static void
projection_into_sources(void **state)
{
    static const char rule[] = "projection push-down into sources";

    static const rule_case cases[] = {
        {"SELECT name FROM t", rule, NULL, "fields=[name, ts]", NULL},
        {"SELECT * FROM c", NULL, rule, "fields=[id, city, age]", NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

/* The key of a query is that of the table although its type is another, if the cast keeps values
 * apart: no rows are kept before the sink then. */
static void
keys_through_casts(void **state)
{
    static const char keeps[] = "SinkUpsertMaterializer";

    static const rule_case cases[] = {
        {"INSERT INTO text SELECT c, n FROM (SELECT CAST(name AS VARCHAR(3)) AS c, COUNT(*) AS n "
         "FROM t GROUP BY CAST(name AS VARCHAR(3)))",
         NULL, NULL, "GroupAggregate(", keeps},
        {"INSERT INTO number SELECT CAST(id AS BIGINT), MAX(name) FROM t GROUP BY id", NULL, NULL,
         "GroupAggregate(", keeps},
        {"INSERT INTO text SELECT CAST(id AS STRING), COUNT(*) FROM t GROUP BY id", NULL, NULL,
         "GroupAggregate(", keeps},
        /* two numbers may become one text, or one number */
        {"INSERT INTO text SELECT CAST(d AS STRING), COUNT(*) FROM t GROUP BY d", NULL, NULL, keeps,
         NULL},
        {"INSERT INTO text SELECT CAST(v AS VARCHAR(4)), COUNT(*) FROM t GROUP BY v", NULL, NULL,
         keeps, NULL},
        {"INSERT INTO number SELECT CAST(e AS BIGINT), MAX(name) FROM (SELECT CAST(v AS "
         "DECIMAL(20, "
         "2)) AS e, name FROM t) GROUP BY e",
         NULL, NULL, keeps, NULL},
    };

    (void)state;
    CHECK_ALL(cases);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_folding),        cmocka_unit_test(expression_simplification),
        cmocka_unit_test(filter_push_down),        cmocka_unit_test(calc_merge),
        cmocka_unit_test(window_aggregate),        cmocka_unit_test(join_keys),
        cmocka_unit_test(column_pruning),          cmocka_unit_test(common_sub_plan),
        cmocka_unit_test(projection_into_sources), cmocka_unit_test(keys_through_casts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
