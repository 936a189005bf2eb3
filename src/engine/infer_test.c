/*
 * engine/infer_test.c -- sabot_infer, and files in FROM, through the public API.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/os.h"
#include "sabot/sabot.h"

static sabot_engine *engine;
static char path[64];

static int
set_up(void **state)
{
    (void)state;
    sb_os *os = sb_os_real();
    sb_file *file;
    static const char text[] = "{\"id\":1,\"at\":\"2024-01-01 10:00:00\"}\n{\"id\":2}\n";
    snprintf(path, sizeof path, "infer-test-%016llx.json", (unsigned long long)os->random(os));
    assert_int_equal(os->open(os, path, SB_OPEN_NEW, &file, NULL), SB_OK);
    assert_int_equal(os->write(os, file, text, sizeof text - 1, NULL), SB_OK);
    os->close(os, file);
    return sabot_engine_open(NULL, 0, &engine, NULL) == SABOT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    sabot_engine_close(engine);
    return sb_os_real()->remove(sb_os_real(), path, NULL) == SB_OK ? 0 : -1;
}

static void
test_sql(void **state)
{
    (void)state;
    char *text = NULL, expected[600];
    assert_int_equal(sabot_infer(engine, path, "t`x", NULL, 0, SABOT_INFER_SQL, &text, NULL),
                     SABOT_OK);
    snprintf(expected, sizeof expected,
             "CREATE TABLE `t``x` (\n"
             "    `id` BIGINT,\n"
             "    `at` TIMESTAMP(3)\n"
             "    -- for windows: , WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND\n"
             ") WITH (\n"
             "    'connector' = 'filesystem',\n"
             "    'path' = '%s',\n"
             "    'format' = 'json',\n"
             "    'json.strict-types' = 'true'\n"
             ");\n",
             path);
    assert_string_equal(text, expected);
    assert_int_equal(sabot_execute(engine, text, NULL, NULL), SABOT_OK);
    sabot_string_free(text);
}

static void
test_json(void **state)
{
    (void)state;
    char *text = NULL;
    assert_int_equal(sabot_infer(engine, path, NULL, NULL, 0, SABOT_INFER_JSON, &text, NULL),
                     SABOT_OK);
    assert_non_null(strstr(text, "\"table\":\"infer_test_"));
    assert_non_null(strstr(text,
                           "\"format\":\"json\",\"rows\":2,\"columns\":[{\"name\":\"id\",\"type\":"
                           "\"BIGINT\"},{\"name\":\"at\",\"type\":\"TIMESTAMP(3)\"}],"
                           "\"options\":{\"json.strict-types\":\"true\"},\"sql\":\"CREATE"));
    sabot_string_free(text);
}

static bool
take_row(void *ctx, sabot_op op, const char *const *cells, int32_t count)
{
    sb_text *rows = ctx;
    (void)op;
    for (int32_t i = 0; i < count; i++) {
        sb_text_printf(rows, "%s%s", cells[i] ? cells[i] : "NULL", i + 1 < count ? "," : ";");
    }
    return true;
}

static void
test_from(void **state)
{
    (void)state;
    char sql[256];
    sb_text rows;
    sabot_result *result = NULL;
    sb_text_init(&rows, sb_mem_root());
    snprintf(sql, sizeof sql, "SELECT a.id, b.`at` FROM '%s' AS a JOIN '%s' AS b ON a.id = b.id",
             path, path);
    assert_int_equal(sabot_execute(engine, sql, &result, NULL), SABOT_OK);
    assert_string_equal(sabot_result_column_type(result, 1), "TIMESTAMP(3)");
    assert_int_equal(sabot_result_each(result, take_row, &rows, NULL), SABOT_OK);
    sabot_result_free(result);
    bool in_order = strcmp(rows.data, "1,2024-01-01 10:00:00.000;2,NULL;") == 0;
    bool reverse = strcmp(rows.data, "2,NULL;1,2024-01-01 10:00:00.000;") == 0;
    assert_true(in_order || reverse);
    sb_text_deinit(&rows);
}

static void
test_errors(void **state)
{
    (void)state;
    char *text = NULL;
    sabot_error *error = NULL;
    assert_int_equal(
        sabot_infer(engine, "no/such.csv", NULL, NULL, 0, SABOT_INFER_SQL, &text, &error),
        SABOT_NOT_FOUND);
    assert_string_equal(sabot_error_message(error), "path 'no/such.csv' does not exist");
    sabot_error_free(error);
    assert_null(text);
    assert_int_equal(sabot_execute(engine, "SELECT 1 FROM\n  'no/such.csv' AS t", NULL, &error),
                     SABOT_NOT_FOUND);
    assert_int_equal(sabot_error_line(error), 2);
    assert_int_equal(sabot_error_column(error), 3);
    assert_int_equal(sabot_error_end_column(error), 16);
    sabot_error_free(error);
    assert_int_equal(sabot_infer(engine, "x.csv.xz", NULL, NULL, 0, SABOT_INFER_SQL, &text, NULL),
                     SABOT_NOT_SUPPORTED);
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    char sql[128], *text = NULL;
    sabot_status status = SABOT_NOMEM;
    snprintf(sql, sizeof sql, "SELECT id FROM '%s'", path);
    for (int64_t n = 1; status != SABOT_OK && n < 2000; n++) {
        sabot_error *error = NULL;
        sb_mem_fail_after(n);
        status = sabot_infer(engine, path, NULL, NULL, 0, SABOT_INFER_JSON, &text, &error);
        sb_mem_fail_after(0);
        sabot_error_free(error);
        assert_true(status == SABOT_OK || status == SABOT_NOMEM);
    }
    assert_int_equal(status, SABOT_OK);
    sabot_string_free(text);
    status = SABOT_NOMEM;
    for (int64_t n = 1; status != SABOT_OK && n < 5000; n += n < 200 ? 1 : 7) {
        sabot_result *result = NULL;
        sb_mem_fail_after(n);
        status = sabot_execute(engine, sql, &result, NULL);
        sb_mem_fail_after(0);
        sabot_result_free(result);
        assert_true(status == SABOT_OK || status == SABOT_NOMEM);
    }
    assert_int_equal(status, SABOT_OK);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sql),           cmocka_unit_test(test_json),
        cmocka_unit_test(test_from),          cmocka_unit_test(test_errors),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
