/*
 * sql/sql_catalog_test.c -- catalogs, databases, temporary objects, ALTER, LIKE, SHOW with filters.
 *
 * DESIGN     A script and what its last statement answers; expectations are written by hand.
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/sql_testing.h"

#define T                                                                                 \
    "CREATE TABLE t (a INT, b STRING COMMENT 'x', c AS a + 1, ts TIMESTAMP(3) METADATA, " \
    "WATERMARK FOR ts AS ts, PRIMARY KEY (a) NOT ENFORCED) COMMENT 'old' "                \
    "PARTITIONED BY (b) WITH ('connector' = 'append', 'k' = 'v'); "
#define P "CREATE TABLE p (a INT, b STRING) WITH ('connector' = 'append'); "

static void
expect(const char *sql, const char *wanted)
{
    char *out = sb_sql_testing_run(sql);

    if (strcmp(out, wanted) != 0) {
        fail_msg("%s\nwanted:\n%s\ngot:\n%s", sql, wanted, out);
    }
    free(out);
}

/* The script fails with this code and message. */
static void
refused(const char *sql, const char *code, const char *message)
{
    sb_sql_script *script = NULL;
    sb_sql_session *session = NULL;
    sb_error err;
    sb_status status;

    sb_error_clear(&err);
    status = sb_sql_parse(sb_mem_root(), sql, strlen(sql), &script, &err);
    if (status == SB_OK) {
        status = sb_sql_session_new(sb_mem_root(), &sb_sql_testing_info, &session, &err);
    }
    for (int32_t i = 0; status == SB_OK && i < sb_sql_script_count(script); i++) {
        sb_sql_result *result = NULL;

        status = sb_sql_execute(session, script, i, &result, &err);
        sb_sql_result_free(result);
    }
    sb_sql_session_free(session);
    sb_sql_script_free(script);
    if (status == SB_OK || strcmp(err.code, code) != 0 || strcmp(err.message, message) != 0) {
        fail_msg("%s\nwanted %s %s\ngot    %s %s", sql, code, message, err.code, err.message);
    }
    assert_true(err.position >= 0 && err.position_end <= (int32_t)strlen(sql));
}

static void
spaces(void **state)
{
    (void)state;
    expect("SHOW CATALOGS", "default_catalog\n");
    expect("SHOW DATABASES", "default_database\n");
    expect("CREATE CATALOG c WITH ('type' = 'generic_in_memory'); SHOW CATALOGS",
           "c\ndefault_catalog\n");
    expect("CREATE CATALOG c WITH ('type' = 'generic_in_memory'); SHOW DATABASES FROM c",
           "default\n");
    expect("CREATE CATALOG c WITH ('type' = 'generic_in_memory', 'default-database' = 'm'); USE "
           "CATALOG c; SHOW CURRENT DATABASE",
           "m\n");
    expect(
        "CREATE CATALOG c WITH ('type' = 'generic_in_memory'); USE CATALOG c; SHOW CURRENT CATALOG",
        "c\n");
    expect("CREATE DATABASE d; USE d; " P "SHOW TABLES", "p\n");
    expect("CREATE DATABASE d; USE d; " P "USE default_database; SHOW TABLES", "");
    expect("CREATE DATABASE d; USE d; " P "USE default_database; SHOW TABLES FROM d", "p\n");
    expect("CREATE DATABASE d COMMENT 'x' WITH ('k' = 'v'); ALTER DATABASE d SET ('k' = 'w', 'l' = "
           "'m'); DESCRIBE DATABASE EXTENDED d",
           "name|d\ncomment|x\noption:k|w\noption:l|m\n");
    expect(
        "CREATE CATALOG c COMMENT 'x' WITH ('type' = 'generic_in_memory'); SHOW CREATE CATALOG c",
        "CREATE CATALOG `c`\nCOMMENT 'x'\nWITH (\n  'type' = 'generic_in_memory'\n)\n\n");
    expect("CREATE DATABASE d; DROP DATABASE d; SHOW DATABASES", "default_database\n");
    expect("DROP DATABASE IF EXISTS d", "database d does not exist");
    expect("CREATE DATABASE IF NOT EXISTS default_database",
           "database default_database exists already");
    expect("CREATE DATABASE d; CREATE TABLE d.p (a INT) WITH ('connector' = 'append'); DROP "
           "DATABASE d CASCADE; SHOW DATABASES",
           "default_database\n");
    refused("CREATE DATABASE d; CREATE TABLE d.p (a INT); DROP DATABASE d", "SB2013",
            "database \"d\" is not empty");
    refused("CREATE DATABASE d; USE d; DROP DATABASE d", "SB2013", "database \"d\" is in use");
    refused("DROP CATALOG default_catalog", "SB2013",
            "catalog \"default_catalog\" cannot be dropped");
    refused("DROP CATALOG nope", "SB2001", "catalog \"nope\" not found");
    refused("USE CATALOG nope", "SB2001", "catalog \"nope\" not found");
    refused("CREATE CATALOG c WITH ('type' = 'hive')", "SB4002",
            "catalog \"c\": type 'hive' not found");
    refused("CREATE TABLE nope.t (a INT)", "SB2001", "database \"nope\" not found");
    refused("CREATE DATABASE d; CREATE DATABASE d", "SB2008", "database \"d\" exists already");
}

static void
temporary(void **state)
{
    (void)state;
    expect(P "CREATE TEMPORARY TABLE p (z INT) WITH ('connector' = 'append'); DESCRIBE p",
           "z|INT|true|NULL|NULL|NULL\n");
    expect(P "CREATE TEMPORARY TABLE p (z INT) WITH ('connector' = 'append'); DROP TEMPORARY TABLE "
             "p; DESCRIBE p",
           "a|INT|true|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL\n");
    expect(P "CREATE TEMPORARY VIEW p AS SELECT 1 AS one_; SHOW TABLES", "p\n");
    refused(P "CREATE TEMPORARY TABLE p (z INT); DROP TABLE p", "SB2017",
            "\"p\" is a temporary table");
    refused(P "DROP TEMPORARY TABLE p", "SB2001", "table \"p\" not found");
}

/* Names in a view are those of the place where it was made. */
static void
views(void **state)
{
    (void)state;
    expect("CREATE DATABASE d; USE d; " P "CREATE VIEW v AS SELECT b FROM p; USE default_database; "
           "CREATE VIEW w AS SELECT * FROM d.v; DESCRIBE w",
           "b|STRING|true|NULL|NULL|NULL\n");
    expect(
        P
        "CREATE VIEW v AS SELECT a FROM p; CREATE OR REPLACE VIEW v AS SELECT b FROM p; DESCRIBE v",
        "b|STRING|true|NULL|NULL|NULL\n");
    expect(P "CREATE VIEW v AS SELECT a FROM p; ALTER VIEW v AS SELECT b AS z FROM p; DESCRIBE v",
           "z|STRING|true|NULL|NULL|NULL\n");
    expect(P "CREATE VIEW v AS SELECT a FROM p; ALTER VIEW v RENAME TO w; SHOW VIEWS", "w\n");
    expect(P "CREATE VIEW v COMMENT 'c' AS SELECT a FROM p; SHOW CREATE VIEW v",
           "CREATE VIEW `default_catalog`.`default_database`.`v` (\n  `a`\n)\nCOMMENT 'c'\nAS "
           "SELECT a FROM p\n\n");
    refused(P "ALTER VIEW p RENAME TO q", "SB2017", "\"p\" is a table");
}

static void
alter_columns(void **state)
{
    (void)state;
    expect(
        P "ALTER TABLE p ADD c BIGINT; DESCRIBE p",
        "a|INT|true|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL\nc|BIGINT|true|NULL|NULL|NULL\n");
    expect(P "ALTER TABLE p ADD (c BIGINT FIRST, d AS a + 1 AFTER a); DESCRIBE p",
           "c|BIGINT|true|NULL|NULL|NULL\na|INT|true|NULL|NULL|NULL\nd|INT|true|NULL|AS `a` + "
           "1|NULL\nb|STRING|true|NULL|NULL|NULL\n");
    expect(P "ALTER TABLE p MODIFY b INT NOT NULL FIRST; DESCRIBE p",
           "b|INT|false|NULL|NULL|NULL\na|INT|true|NULL|NULL|NULL\n");
    expect(P "ALTER TABLE p DROP a; DESCRIBE p", "b|STRING|true|NULL|NULL|NULL\n");
    expect(P "ALTER TABLE p RENAME a TO z; DESCRIBE p",
           "z|INT|true|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL\n");
    expect(
        "CREATE TABLE t (a INT, b STRING COMMENT 'x') WITH ('connector' = 'append'); "
        "ALTER TABLE t RENAME b TO `sel ect`; SHOW CREATE TABLE t",
        "CREATE TABLE `default_catalog`.`default_database`.`t` (\n  `a` INT,\n  `sel ect` STRING "
        "COMMENT 'x'\n)\nWITH (\n  'connector' = 'append'\n)\n\n");
    refused(P "ALTER TABLE p ADD a INT", "SB2010", "column \"a\" exists already");
    refused(P "ALTER TABLE p DROP z", "SB2002", "column \"z\" not found");
    refused(P "ALTER TABLE p ADD c INT AFTER z", "SB2002", "column \"z\" not found");
    refused(P "ALTER TABLE p RENAME a TO b", "SB2010", "column \"b\" exists already");
    refused(T "ALTER TABLE t DROP a", "SB2013", "column \"a\" is used by the primary key");
    refused(T "ALTER TABLE t DROP ts", "SB2013", "column \"ts\" is used by the watermark");
    refused(T "ALTER TABLE t DROP b", "SB2013", "column \"b\" is used by the partition key");
    refused(T "ALTER TABLE t RENAME a TO z", "SB2002", "column \"a\" not found in \"t\"");
    refused(T "ALTER TABLE t RENAME b TO z", "SB2013", "column \"b\" is used by the partition key");
    refused(T "ALTER TABLE t RENAME ts TO z", "SB2013", "column \"ts\" is used by the watermark");
    refused(T "ALTER TABLE t ADD PARTITION (b = TRUE)", "SB2020",
            "the value of a partition is a text or a number");
    refused("ALTER TABLE nope ADD a INT", "SB2001", "table \"nope\" not found");
}

static void
alter_rest(void **state)
{
    (void)state;
    expect(P "ALTER TABLE p RENAME TO q; SHOW TABLES", "q\n");
    expect(P "ALTER TABLE IF EXISTS z RENAME TO q", "table z does not exist");
    expect(P "ALTER TABLE p SET ('k' = 'v', 'connector' = 'print'); ALTER TABLE p RESET ('k'); "
             "SHOW CREATE TABLE p",
           "CREATE TABLE `default_catalog`.`default_database`.`p` (\n  `a` INT,\n  `b` "
           "STRING\n)\nWITH (\n  'connector' = 'print'\n)\n\n");
    expect(P "ALTER TABLE p ADD CONSTRAINT pk PRIMARY KEY (a) NOT ENFORCED; ALTER TABLE p ADD "
             "DISTRIBUTION BY HASH(a) INTO 3 BUCKETS; SHOW CREATE TABLE p",
           "CREATE TABLE `default_catalog`.`default_database`.`p` (\n  `a` INT NOT NULL,\n  `b` "
           "STRING,\n  CONSTRAINT `pk` PRIMARY KEY (`a`) NOT ENFORCED\n)\nDISTRIBUTED BY HASH(`a`) "
           "INTO 3 BUCKETS\nWITH (\n  'connector' = 'append'\n)\n\n");
    expect(T "ALTER TABLE t DROP WATERMARK; ALTER TABLE t DROP PRIMARY KEY; ALTER TABLE t DROP (c, "
             "ts); DESCRIBE t",
           "a|INT|false|NULL|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL|x\n");
    expect(T "ALTER TABLE t MODIFY WATERMARK FOR ts AS ts - INTERVAL '1' SECOND; DESCRIBE t",
           "a|INT|false|PRI(a)|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL|x\nc|INT|false|NULL|AS "
           "`a` + 1|NULL|NULL\nts|TIMESTAMP(3) *ROWTIME*|true|NULL|METADATA|`ts` - INTERVAL '1' "
           "SECOND|NULL\n");
    refused(P "ALTER TABLE p DROP WATERMARK", "SB2013", "table has no watermark");
    refused(P "ALTER TABLE p DROP CONSTRAINT pk", "SB2013", "table has no primary key");
    refused(P "ALTER TABLE p RESET ()", "SB4001", "ALTER TABLE RESET without a key");
    refused(P "ALTER TABLE p RESET ('connector')", "SB4001", "option 'connector' cannot be reset");
    refused(T "ALTER TABLE t ADD PRIMARY KEY (a) NOT ENFORCED", "SB2013",
            "table has a primary key already");
    refused(P "ALTER TABLE p ADD PRIMARY KEY (z) NOT ENFORCED", "SB2002",
            "column \"z\" of PRIMARY KEY not found");
    refused(P "CREATE TABLE q (a INT); ALTER TABLE p RENAME TO q", "SB2008",
            "table \"q\" exists already");
}

static void
like(void **state)
{
    (void)state;
    expect(P "CREATE TABLE q LIKE p; SHOW CREATE TABLE q",
           "CREATE TABLE `default_catalog`.`default_database`.`q` (\n  `a` INT,\n  `b` "
           "STRING\n)\nWITH (\n  'connector' = 'append'\n)\n\n");
    expect(
        T "CREATE TABLE q (d INT) WITH ('k' = 'w') LIKE t (EXCLUDING GENERATED EXCLUDING METADATA "
          "EXCLUDING WATERMARKS EXCLUDING CONSTRAINTS EXCLUDING PARTITIONS); SHOW CREATE TABLE q",
        "CREATE TABLE `default_catalog`.`default_database`.`q` (\n  `a` INT NOT NULL,\n  `b` "
        "STRING COMMENT 'x',\n  `d` INT\n)\nWITH (\n  'connector' = 'append',\n  'k' = 'w'\n)\n\n");
    expect(
        T "CREATE TABLE q WITH ('connector' = 'print') LIKE t (EXCLUDING ALL); SHOW CREATE TABLE q",
        "CREATE TABLE `default_catalog`.`default_database`.`q` (\n  `a` INT NOT NULL,\n  `b` "
        "STRING COMMENT 'x'\n)\nWITH (\n  'connector' = 'print'\n)\n\n");
    expect(T "CREATE TABLE q (c AS a + 2, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) LIKE t "
             "(OVERWRITING GENERATED OVERWRITING WATERMARKS); DESCRIBE q",
           "a|INT|false|PRI(a)|NULL|NULL|NULL\nb|STRING|true|NULL|NULL|NULL|x\nc|INT|false|NULL|AS "
           "`a` + 2|NULL|NULL\nts|TIMESTAMP(3) *ROWTIME*|true|NULL|METADATA|`ts` - INTERVAL '1' "
           "SECOND|NULL\n");
    refused(T "CREATE TABLE q (a INT) LIKE t", "SB2010", "column \"a\" is in both tables");
    refused(T "CREATE TABLE q (c AS a + 2) LIKE t", "SB2010", "column \"c\" is in both tables");
    refused(T "CREATE TABLE q WITH ('k' = 'w') LIKE t (INCLUDING OPTIONS)", "SB2010",
            "option \"k\" is in both tables");
    refused("CREATE TABLE q LIKE nope", "SB2001", "table \"nope\" not found");
}

static void
replace(void **state)
{
    (void)state;
    expect(P "CREATE OR REPLACE TABLE p (z INT) WITH ('connector' = 'append'); DESCRIBE p",
           "z|INT|true|NULL|NULL|NULL\n");
    expect("CREATE OR REPLACE TABLE p (z INT) WITH ('connector' = 'append'); SHOW TABLES", "p\n");
    refused("REPLACE TABLE p AS SELECT 1 AS a", "SB2001", "table \"p\" not found");
    refused(P "CREATE VIEW v AS SELECT a FROM p; CREATE OR REPLACE TABLE v (a INT)", "SB2008",
            "view \"v\" exists already");
}

static void
show(void **state)
{
    static const char abc[] = "CREATE TABLE ab (a INT); CREATE TABLE b_c (aa INT, ab INT, c INT); "
                              "CREATE TABLE Ba (a INT); ";
    char sql[512];

    static const struct {
        const char *show, *wanted;
    } rows[] = {
        {"SHOW TABLES", "Ba\nab\nb_c\n"},
        {"SHOW TABLES LIKE 'a%'", "ab\n"},
        {"SHOW TABLES LIKE '%b%'", "ab\nb_c\n"},
        {"SHOW TABLES NOT LIKE '%b%'", "Ba\n"},
        {"SHOW TABLES LIKE '_b'", "ab\n"},
        {"SHOW TABLES LIKE 'b\\_c'", "b_c\n"},
        {"SHOW TABLES LIKE '%%%a'", "Ba\n"},
        {"SHOW TABLES LIKE ''", ""},
        {"SHOW DATABASES ILIKE 'DEFAULT%'", "default_database\n"},
        {"SHOW CATALOGS NOT ILIKE 'DEFAULT%'", ""},
        {"SHOW COLUMNS FROM b_c LIKE 'a%'",
         "aa|INT|true|NULL|NULL|NULL\nab|INT|true|NULL|NULL|NULL\n"},
        {"SHOW MODULES", "core\n"},
        {"SHOW FULL MODULES", "core|true\n"},
        {"SHOW JARS", ""},
        {"SHOW USER FUNCTIONS", ""},
        {"SHOW FUNCTIONS LIKE 'UPPE_'", "UPPER\n"},
        {"SHOW FUNCTIONS ILIKE 'uppe_'", "UPPER\n"},
        {"SHOW MODELS", ""},
        {"SHOW PROCEDURES LIKE 'x'", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(sql, sizeof(sql), "%s%s", abc, rows[i].show);
        expect(sql, rows[i].wanted);
    }
}

static void
columns_of_qualified_tables(void **state)
{
#define D \
    "CREATE DATABASE d; CREATE TABLE d.p (a INT, r ROW<x INT>) WITH ('connector' = 'append'); "
    static const char *const queries[] = {
        "SELECT d.p.a FROM d.p",
        "SELECT default_catalog.d.p.a FROM d.p",
        "SELECT p.a FROM default_catalog.d.p",
        "SELECT d.p.r.x FROM d.p",
        "SELECT d.p.* FROM d.p",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        char *script = sb_sql_testing_join(D, queries[i]);

        sb_plan_free(sb_sql_testing_plan(script));
        free(script);
    }
    refused(D "SELECT e.p.a FROM d.p", "SB2001", "table \"e\" is not in FROM");
    refused(D "SELECT d.q.a FROM d.p AS q", "SB2001", "table \"d\" is not in FROM");
#undef D
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_qualified_tables),
        cmocka_unit_test(spaces),
        cmocka_unit_test(temporary),
        cmocka_unit_test(views),
        cmocka_unit_test(alter_columns),
        cmocka_unit_test(alter_rest),
        cmocka_unit_test(like),
        cmocka_unit_test(replace),
        cmocka_unit_test(show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
