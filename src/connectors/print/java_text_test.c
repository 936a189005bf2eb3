/*
 * connectors/print/java_text_test.c -- values as Java's toString gives them; the options of print
 * and blackhole.
 *
 * Expected values: documentation of java.time (LocalDateTime, LocalTime, Instant, Period, Duration:
 * toString), Flink's Row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/blackhole/blackhole.h"
#include "connectors/connectors_testing.h"
#include "connectors/print/java_text.h"
#include "connectors/print/print.h"

static const char *
text_of(sb_text *out, sb_arena *arena, const char *type, const char *json)
{
    char schema[256], line[512];
    snprintf(schema, sizeof schema, "v %s", type);
    snprintf(line, sizeof line, "{\"op\":\"+I\",\"data\":{\"v\":%s}}\n", json);
    const sb_table_desc *table = sb_testing_table(arena, "print", schema, NULL);
    sb_batch *batch = sb_testing_batch(sb_mem_root(), table->columns, line);
    sb_text_clear(out);
    sb_java_text(batch->columns[0], 0, out);
    sb_batch_free(batch);
    return out->data;
}

static void
test_values(void **state)
{
    (void)state;

    static const struct {
        const char *type, *json, *text;
    } cases[] = {
        {"INT", "null", "null"},
        {"BOOLEAN", "true", "true"},
        {"TINYINT", "-128", "-128"},
        {"BIGINT", "-9223372036854775808", "-9223372036854775808"},
        {"FLOAT", "1e10", "1.0E10"},
        {"DOUBLE", "100", "100.0"},
        {"DECIMAL(10, 3)", "1.5", "1.500"},
        {"DECIMAL(10, 8)", "0.0000001", "1.0E-7"},
        {"STRING", "\"a, b\"", "a, b"},
        {"BYTES", "\"AP8=\"", "[0, -1]"},
        {"DATE", "\"2024-02-29\"", "2024-02-29"},
        {"TIME(3)", "\"12:30:00\"", "12:30"},
        {"TIME(3)", "\"12:30:05.5\"", "12:30:05.500"},
        {"TIMESTAMP(3)", "\"2024-05-01 12:00:00\"", "2024-05-01T12:00"},
        {"TIMESTAMP(3)", "\"2024-05-01 12:00:01\"", "2024-05-01T12:00:01"},
        {"TIMESTAMP(6)", "\"1969-12-31 23:59:59.5001\"", "1969-12-31T23:59:59.500100"},
        {"TIMESTAMP(9)", "\"2024-05-01 00:00:00.000000001\"", "2024-05-01T00:00:00.000000001"},
        {"TIMESTAMP_LTZ(3)", "\"2024-05-01 12:00:00Z\"", "2024-05-01T12:00:00Z"},
        {"ARRAY<INT>", "[1, null, 3]", "[1, null, 3]"},
        {"MAP<STRING, INT>", "{\"a\":1,\"b\":null}", "{a=1, b=null}"},
        {"ROW<x INT, y ROW<z STRING>>", "{\"x\":1,\"y\":{\"z\":\"q\"}}", "+I[1, +I[q]]"},
    };

    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(text_of(&out, arena, cases[i].type, cases[i].json), cases[i].text);
    }
    sb_text_deinit(&out);
    sb_arena_free(arena);
}

static void
test_intervals(void **state)
{
    (void)state;
    static const sb_type months = {.id = SB_TYPE_INTERVAL_MONTH},
                         days = {.id = SB_TYPE_INTERVAL_DAY};

    static const struct {
        int64_t value;
        bool month;
        const char *text;
    } cases[] = {
        {0, true, "P0D"},           {14, true, "P1Y2M"},
        {-14, true, "P-1Y-2M"},     {24, true, "P2Y"},
        {0, false, "PT0S"},         {3723500, false, "PT1H2M3.5S"},
        {90000000, false, "PT25H"}, {-1, false, "PT-0.001S"},
        {1010, false, "PT1.01S"},   {-61000, false, "PT-1M-1S"},
    };

    sb_text out;
    sb_text_init(&out, sb_mem_root());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t narrow = (int32_t)cases[i].value;
        const void *value = cases[i].month ? (const void *)&narrow : &cases[i].value;
        sb_vector *v = sb_vector_const(sb_mem_root(), cases[i].month ? &months : &days, value, 1);
        sb_text_clear(&out);
        sb_java_text(v, 0, &out);
        assert_string_equal(out.data, cases[i].text);
        sb_vector_unref(v);
    }
    sb_text_deinit(&out);
}

static void
test_facts(void **state)
{
    (void)state;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    sb_sink_facts facts;
    sb_error err;
    const char *fine[] = {"print-identifier", "x", "standard-error", "true", NULL},
               *bad[] = {"standard-error", "2", NULL};
    assert_int_equal(sb_connector_print.sink_facts(sb_testing_table(arena, "print", "a INT", fine),
                                                   &facts, &err),
                     SB_OK);
    assert_int_equal(facts.row_ops, SB_ROWS_ALL);
    assert_int_equal(
        sb_connector_print.sink_facts(sb_testing_table(arena, "print", "a INT", bad), &facts, &err),
        SB_STATUS_INVALID);
    assert_int_equal(sb_connector_blackhole.sink_facts(
                         sb_testing_table(arena, "blackhole", "a INT", NULL), &facts, &err),
                     SB_OK);
    assert_int_equal(facts.row_ops, SB_ROWS_UPSERT);
    assert_int_equal(sb_connector_blackhole.sink_facts(
                         sb_testing_table(arena, "blackhole", "a INT", fine), &facts, &err),
                     SB_STATUS_INVALID);
    sb_arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
