/*
 * engine/engine_test.c -- the public API from C: scripts, results, errors, jobs stepped by the
 * host, keyed process functions in SQL.
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
#include "sabot/sabot.h"

static sabot_engine *
open_engine(const char *key, const char *value)
{
    sabot_engine *engine = NULL;
    sabot_option option = {key, value};
    assert_int_equal(sabot_engine_open(&option, key ? 1 : 0, &engine, NULL), SABOT_OK);
    return engine;
}

static void
gives(sabot_engine *engine, const char *sql, const char *expected)
{
    sabot_result *result = NULL;
    sabot_error *error = NULL;
    sb_user_text t = {.size = 0};
    sabot_status status = sabot_execute(engine, sql, &result, &error);
    if (status == SABOT_OK) {
        status = sabot_result_each(result, sb_user_collect, &t, &error);
    }
    if (status != SABOT_OK) {
        print_error("%s\n", sabot_error_text(error));
    }
    assert_int_equal(status, SABOT_OK);
    assert_string_equal(t.data, expected);
    sabot_result_free(result);
}

static void
runs(sabot_engine *engine, const char *sql)
{
    sabot_error *error = NULL;
    if (sabot_execute(engine, sql, NULL, &error) != SABOT_OK) {
        fail_msg("%s", sabot_error_text(error));
    }
}

static void
fails(sabot_engine *engine, const char *sql, sabot_status wanted, const char *part)
{
    sabot_error *error = NULL;
    sabot_result *result = NULL;
    sabot_status status = sabot_execute(engine, sql, &result, &error);
    sb_user_text t = {.size = 0};
    if (status == SABOT_OK) {
        status = sabot_result_each(result, sb_user_collect, &t, &error);
    }
    sabot_result_free(result);
    assert_int_equal(status, wanted);
    if (!strstr(sabot_error_text(error), part)) {
        fail_msg("\"%s\" is not in: %s", part, sabot_error_text(error));
    }
    sabot_error_free(error);
}

static void
scripts_give_results_of_all_kinds(void **state)
{
    (void)state;
    static const char sql[] =
        "CREATE TABLE t (a BIGINT) WITH ('connector' = 'values', 'rows' = '{\"a\":1}');\n"
        "CREATE TABLE s (a BIGINT) WITH ('connector' = 'blackhole');\n"
        "SHOW TABLES;\nEXPLAIN SELECT a FROM t;\nINSERT INTO s SELECT a FROM t;\nSELECT a, 'x' AS "
        "b FROM t";
    static const sabot_kind kinds[] = {SABOT_RESULT_DONE, SABOT_RESULT_DONE, SABOT_RESULT_TABLE,
                                       SABOT_RESULT_TEXT, SABOT_RESULT_JOB,  SABOT_RESULT_QUERY};
    sabot_engine *engine = open_engine(NULL, NULL);
    sabot_script *script = NULL;
    sabot_result *results[6] = {NULL};
    assert_int_equal(sabot_script_parse(engine, sql, strlen(sql), "x.sql", &script, NULL),
                     SABOT_OK);
    assert_int_equal(sabot_script_count(script), 6);
    size_t size;
    const char *statement = sabot_script_statement(script, 2, &size);
    assert_int_equal(size, strlen("SHOW TABLES"));
    assert_memory_equal(statement, "SHOW TABLES", size);
    assert_null(sabot_script_statement(script, 6, &size));
    for (int32_t i = 0; i < 6; i++) {
        assert_int_equal(sabot_script_execute(script, i, &results[i], NULL), SABOT_OK);
        assert_int_equal(sabot_result_kind(results[i]), kinds[i]);
        assert_int_equal(sabot_result_job(results[i]) != NULL, i >= 4);
    }
    assert_int_equal(sabot_script_execute(script, 6, &results[0], NULL), SABOT_INVALID);
    assert_int_equal(sabot_result_count_columns(results[5]), 2);
    assert_string_equal(sabot_result_column_name(results[5], 1), "b");
    assert_string_equal(sabot_result_column_type(results[5], 0), "BIGINT");
    assert_true(sabot_result_column_is_number(results[5], 0) &&
                !sabot_result_column_is_number(results[5], 1));
    assert_null(sabot_result_column_name(results[5], 2));
    assert_true(strstr(sabot_result_message(results[3]), "TableSourceScan") != NULL);
    assert_int_equal(sabot_job_run(sabot_result_job(results[4]), NULL), SABOT_OK);
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(sabot_result_job(results[4]), &info);
    assert_int_equal(info.state, SABOT_JOB_FINISHED);
    assert_int_equal(info.source_rows, 1);
    sabot_rows *rows = NULL;
    /* no rows here */
    assert_int_equal(sabot_result_fetch(results[4], -1, &rows, NULL), SABOT_INVALID);
    for (int32_t i = 0; i < 6; i++) {
        sabot_result_free(results[i]);
    }
    sabot_script_free(script);
    sabot_engine_close(engine);
}

static void
older_callers_get_the_fields_they_know(void **state)
{
    (void)state;
    sabot_engine *engine = open_engine(NULL, NULL);
    sabot_result *result = NULL;
    assert_int_equal(sabot_execute(engine, "SELECT 1 AS a", &result, NULL), SABOT_OK);
    sabot_job_info info;
    memset(&info, 0x5a, sizeof info);
    info.struct_size = offsetof(sabot_job_info, restarts);
    sabot_job_get_info(sabot_result_job(result), &info);
    assert_int_equal(info.state, SABOT_JOB_CREATED);
    assert_int_equal(info.restarts, 0x5a5a5a5a);
    sabot_result_free(result);
    sabot_engine_close(engine);
}

static void
errors_name_the_place(void **state)
{
    (void)state;
    sabot_engine *engine = open_engine(NULL, NULL);
    sabot_error *error = NULL;
    assert_int_equal(sabot_validate(engine, "SELECT 1;\nSELECT\n  nix", "y.sql", &error),
                     SABOT_NOT_FOUND);
    assert_int_equal(sabot_error_line(error), 3);
    assert_int_equal(sabot_error_column(error), 3);
    assert_true(strstr(sabot_error_text(error), "y.sql:3:3") != NULL);
    assert_string_equal(sabot_error_code(error), "SB2002");
    assert_non_null(sabot_explain_code("SB2002"));
    assert_null(sabot_explain_code("SB0000"));
    sabot_error_free(error);
    sabot_error_free(NULL);
    assert_int_equal(sabot_error_status(NULL), SABOT_OK);
    fails(engine, "SELECT 1; SELECT 2", SABOT_INVALID, "last statement");
    fails(engine, " ", SABOT_INVALID, "no statement");
    fails(engine, "SET 'execution.checkpointing.interval' = 'soon'; SELECT 1", SABOT_INVALID,
          "soon");
    fails(engine, "SELECT 10 / (a - 2) FROM (VALUES (1), (2)) AS t(a)", SABOT_DATA, "zero");
    sabot_engine_close(engine);
}

static void
a_reader_may_leave_early(void **state)
{
    (void)state;
    sabot_engine *engine = open_engine(NULL, NULL);
    runs(engine, "CREATE TABLE t (a BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = "
                 "'0')"); /* endless
                           */
    sabot_result *result = NULL;
    sabot_rows *rows = NULL;
    assert_int_equal(sabot_execute(engine, "SELECT a FROM t", &result, NULL), SABOT_OK);
    assert_false(sabot_result_is_bounded(result));
    assert_int_equal(sabot_result_fetch(result, -1, &rows, NULL), SABOT_OK);
    assert_true(sabot_rows_count(rows) > 0);
    assert_null(sabot_rows_text(rows, 0, 1, NULL));
    assert_null(sabot_rows_text(rows, -1, 0, NULL));
    assert_memory_equal(sabot_rows_json(rows, 0, NULL), "{\"a\":", 5);
    sabot_rows_free(rows);
    sabot_result_free(result); /* cancels and waits */
    assert_int_equal(sabot_execute(engine, "SELECT a FROM t", &result, NULL), SABOT_OK);
    sabot_job_stop(sabot_result_job(result), false); /* before it has begun */
    sb_user_text t = {.size = 0};
    (void)sabot_result_each(result, sb_user_collect, &t, NULL);
    sabot_result_free(result);
    sabot_engine_close(engine);
}

static void
a_host_steps_a_job_with_its_own_clock(void **state)
{
    (void)state;
    sabot_engine *engine = open_engine("engine.threads", "none");
    sabot_result *result = NULL;
    sabot_progress progress = {0};
    int64_t now_ms = 1000, steps = 0;
    int32_t count = 0;
    runs(engine, "CREATE TABLE t (a BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = "
                 "'50', 'rows-per-second' = '10')");
    assert_int_equal(sabot_execute(engine, "SELECT a FROM t", &result, NULL), SABOT_OK);
    while (!progress.ended && ++steps < 100000) {
        sabot_rows *rows = NULL;
        assert_int_equal(sabot_job_step(sabot_result_job(result), now_ms, &progress, NULL),
                         SABOT_OK);
        while (sabot_result_fetch(result, 0, &rows, NULL) == SABOT_OK && rows) {
            count += sabot_rows_count(rows);
            sabot_rows_free(rows);
        }
        now_ms += progress.progress ? 0 : 10;
    }
    assert_true(progress.ended);
    assert_int_equal(count, 50);
    assert_true(now_ms - 1000 >= 4800 && now_ms - 1000 < 20000);
    sabot_result_free(result);
    gives(engine, "SELECT a FROM (VALUES (1), (2)) AS t(a)", "+1;+2;"); /* reading drives it, too */
    sabot_engine_close(engine);
    engine = open_engine(NULL, NULL);
    assert_int_equal(sabot_execute(engine, "SELECT 1", &result, NULL), SABOT_OK);
    assert_int_equal(sabot_job_step(sabot_result_job(result), 1, &progress, NULL), SABOT_INVALID);
    sabot_result_free(result);
    sabot_engine_close(engine);
}

/* ---- process functions
 * --------------------------------------------------------------------------------------------- */

static int opened, closed, released;

static sabot_status
count_open(void *user, void **out)
{
    opened++;
    *out = user;
    return SABOT_OK;
}

static void
count_close(void *instance)
{
    (void)instance;
    closed++;
}

static void
count_release(void *user)
{
    (void)user;
    released++;
}

/* Emits (k, rows of the key so far); rows with v < 0 go to the side output "odd". */
static sabot_status
count_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    sabot_value k, v, n;
    int32_t column = sabot_process_column(c, "v");
    if (sabot_process_get(c, sabot_process_column(c, "k"), &k) != SABOT_OK ||
        sabot_process_get(c, column, &v) != SABOT_OK || sabot_state_get(c, 0, &n) != SABOT_OK) {
        return SABOT_INVALID;
    }
    if (v.kind == SABOT_VALUE_INT && v.as.i64 == 13) {
        return sabot_process_fail(c, "thirteen");
    }
    if (v.kind == SABOT_VALUE_INT && v.as.i64 < 0) {
        sabot_value row[] = {v};
        return sabot_process_emit_side(c, 0, row, 1);
    }
    sabot_value next = sabot_int(n.kind == SABOT_VALUE_NULL ? 1 : n.as.i64 + 1);
    sabot_value row[] = {k, next};
    sabot_status status = sabot_state_set(c, 0, next);
    return status == SABOT_OK ? sabot_process_emit(c, row, 2) : status;
}

static sabot_process_function
count_function(const char *name)
{
    static const sabot_state_declaration states[] = {{"n", NULL, "BIGINT", 0}};
    static const sabot_side_output sides[] = {{"odd", "v BIGINT"}};
    return (sabot_process_function){.struct_size = sizeof(sabot_process_function),
                                    .name = name,
                                    .columns = "k STRING, n BIGINT",
                                    .states = states,
                                    .count_states = 1,
                                    .sides = sides,
                                    .count_sides = 1,
                                    .open = count_open,
                                    .close = count_close,
                                    .release = count_release,
                                    .on_row = count_row};
}

static const char *const by_k[] = {"k"};
#define ROWS                                                                                      \
    "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'values', 'rows' = '"                \
    "{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n{\"k\":\"a\",\"v\":-3}\n{\"k\":\"a\",\"v\":4}" \
    "\n')"

static sabot_engine *
open_with_function(void)
{
    sabot_engine *engine = open_engine(NULL, NULL);
    sabot_process_function function = count_function("counted");
    runs(engine, ROWS);
    assert_int_equal(sabot_register_process(engine, &function, NULL), SABOT_OK);
    return engine;
}

static void
a_process_function_is_a_table(void **state)
{
    (void)state;
    opened = closed = released = 0;
    sabot_engine *engine = open_with_function();
    assert_int_equal(sabot_process_table(engine, "c", "counted", "t", by_k, 1, NULL), SABOT_OK);
    gives(engine, "SELECT * FROM c", "+a|1;+b|1;+a|2;");
    gives(engine, "SELECT v + 1 AS w FROM `c$odd`", "+-2;");
    gives(engine, "SELECT k, MAX(n) AS m FROM c WHERE k = 'a' GROUP BY k", "+a|1;-a|1;+a|2;");
    assert_int_equal(opened, 3);
    assert_int_equal(closed, 3);
    /* over a query, and through SQL alone */
    runs(
        engine,
        "CREATE TABLE d (k STRING, n BIGINT) WITH ('connector' = 'process', 'function' = 'counted',"
        " 'input' = 'SELECT UPPER(k) AS k, v FROM t WHERE v > 1', 'partition-by' = 'k')");
    gives(engine, "SELECT * FROM d", "+B|1;+A|1;");
    /* a function over a function: its n as v */
    assert_int_equal(
        sabot_process_table(engine, "e", "counted", "SELECT k, n AS v FROM c", by_k, 1, NULL),
        SABOT_OK);
    gives(engine, "SELECT * FROM e", "+a|1;+b|1;+a|2;");
    sabot_engine_close(engine);
    assert_int_equal(released, 1);
    assert_int_equal(opened, closed);
}

static void
main_and_side_output_come_from_one_instance(void **state)
{
    (void)state;
    sabot_engine *engine = open_with_function();
    assert_int_equal(sabot_process_table(engine, "c", "counted", "t", by_k, 1, NULL), SABOT_OK);
    opened = 0;
    runs(engine, "CREATE TABLE s1 (k STRING, n BIGINT) WITH ('connector' = 'checksum');"
                 "CREATE TABLE s2 (v BIGINT) WITH ('connector' = 'checksum')");
    sabot_result *result = NULL;
    assert_int_equal(sabot_execute(engine,
                                   "EXECUTE STATEMENT SET BEGIN INSERT INTO s1 SELECT * FROM c;"
                                   "INSERT INTO s2 SELECT * FROM `c$odd`; END",
                                   &result, NULL),
                     SABOT_OK);
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(sabot_result_job(result), &info);
    assert_int_equal(info.net_rows, 4);
    assert_int_equal(info.source_rows, 4); /* read once */
    assert_int_equal(opened, 1);
    char *plan = sabot_job_plan(sabot_result_job(result), SABOT_EXPLAIN_TEXT);
    assert_true(strstr(plan, "counted") != NULL);
    sabot_string_free(plan);
    sabot_result_free(result);
    sabot_engine_close(engine);
}

static void
mistakes_with_process_functions_are_told(void **state)
{
    (void)state;
    sabot_engine *engine = open_with_function();
    sabot_process_function function = count_function("counted");
    assert_int_equal(sabot_register_process(engine, &function, NULL), SABOT_EXISTS);
    function.name = "other";
    function.columns = "k STRING, n NUMBR";
    assert_int_not_equal(sabot_register_process(engine, &function, NULL), SABOT_OK);
    function.columns = "k STRING, n ARRAY<INT>";
    assert_int_equal(sabot_register_process(engine, &function, NULL), SABOT_NOT_SUPPORTED);
    function.columns = "k STRING";
    function.struct_size = 16;
    assert_int_equal(sabot_register_process(engine, &function, NULL), SABOT_INVALID);
    assert_int_equal(sabot_process_table(engine, "x", "unknown", "t", by_k, 1, NULL),
                     SABOT_NOT_FOUND);
    assert_int_equal(sabot_process_table(engine, "missing", "counted", "nowhere", by_k, 1, NULL),
                     SABOT_OK);
    fails(engine, "SELECT * FROM missing", SABOT_NOT_FOUND, "nowhere");
    /* Of an input's errors the first is told: places in its text are none of the statement. */
    sabot_result *result = NULL;
    sabot_error *error = NULL;
    assert_int_equal(
        sabot_process_table(engine, "bad", "counted", "SELECT nope, zip FROM t", by_k, 1, NULL),
        SABOT_OK);
    assert_int_equal(sabot_execute(engine, "SELECT * FROM bad", &result, &error), SABOT_NOT_FOUND);
    assert_non_null(strstr(sabot_error_message(error), "input of a process function: column \"no"));
    assert_null(sabot_error_next(error));
    sabot_error_free(error);
    static const char *const by_q[] = {"q"};
    assert_int_equal(sabot_process_table(engine, "badkey", "counted", "t", by_q, 1, NULL),
                     SABOT_OK);
    fails(engine, "SELECT * FROM badkey", SABOT_NOT_FOUND, "\"q\"");
    assert_int_equal(sabot_process_table(engine, "changes", "counted",
                                         "SELECT k, SUM(v) AS v FROM t GROUP BY k", by_k, 1, NULL),
                     SABOT_OK);
    fails(engine, "SELECT * FROM changes", SABOT_SEMANTIC, "takes no updates");
    runs(engine, "CREATE TABLE w (k STRING) WITH ('connector' = 'process', 'function' = 'counted', "
                 "'input' = 't', 'partition-by' = 'k')");
    fails(engine, "SELECT * FROM w", SABOT_SEMANTIC, "other columns");
    runs(engine, "CREATE TABLE u (k STRING, n BIGINT) WITH ('connector' = 'process', 'function' = "
                 "'counted', 'input' = 't', 'partition_by' = 'k')");
    fails(engine, "SELECT * FROM u", SABOT_INVALID, "partition-by");
    runs(engine, "CREATE TABLE circle (k STRING, n BIGINT) WITH ('connector' = 'process', "
                 "'function' = 'counted',"
                 " 'input' = 'SELECT k, n AS v FROM circle', 'partition-by' = 'k')");
    fails(engine, "SELECT * FROM circle", SABOT_LIMIT, "circle");
    fails(engine, "INSERT INTO w SELECT k FROM t", SABOT_SEMANTIC, "cannot be written");
    sabot_engine_close(engine);
}

static void
a_function_that_fails_fails_the_job(void **state)
{
    (void)state;
    sabot_engine *engine = open_with_function();
    runs(engine, "CREATE TABLE bad (k STRING, v BIGINT) WITH ('connector' = 'values', 'rows' = "
                 "'{\"k\":\"a\",\"v\":13}')");
    assert_int_equal(sabot_process_table(engine, "c", "counted", "bad", by_k, 1, NULL), SABOT_OK);
    fails(engine, "SELECT * FROM c", SABOT_DATA, "thirteen");
    sabot_engine_close(engine);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_give_results_of_all_kinds),
        cmocka_unit_test(older_callers_get_the_fields_they_know),
        cmocka_unit_test(errors_name_the_place),
        cmocka_unit_test(a_reader_may_leave_early),
        cmocka_unit_test(a_host_steps_a_job_with_its_own_clock),
        cmocka_unit_test(a_process_function_is_a_table),
        cmocka_unit_test(main_and_side_output_come_from_one_instance),
        cmocka_unit_test(mistakes_with_process_functions_are_told),
        cmocka_unit_test(a_function_that_fails_fails_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
