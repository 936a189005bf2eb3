/*
 * connectors/options_test.c -- reading and checking of table options.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/connectors_testing.h"
#include "connectors/options.h"

static sb_arena *arena;
static sb_error err;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena = sb_arena_free(arena);
    return 0;
}

static const sb_table_desc *
table_with(const char *value)
{
    const char *pairs[] = {"k", value, NULL};
    return sb_testing_table(arena, "c", "a INT", pairs);
}

static void
test_durations(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        {"0", 0},
        {"250", 250},
        {"10 s", 10000},
        {"10s", 10000},
        {"1 min", 60000},
        {"2 MINUTES", 120000},
        {"500 ms", 500},
        {"3 h", 10800000},
        {"1 d", 86400000},
        {" 7 sec ", 7000},
        {"1 millis", 1},
        {"", -1},
        {"s", -1},
        {"-1 s", -1},
        {"1.5 s", -1},
        {"1 fortnight", -1},
        {"99999999999999999999", -1},
        {"9223372036854775807 d", -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -2;
        sb_status status = sb_table_option_duration(table_with(cases[i].text), "k", 5, &ms, &err);
        assert_int_equal(status, cases[i].ms < 0 ? SB_STATUS_INVALID : SB_OK);
        assert_true(status != SB_OK || ms == cases[i].ms);
    }
    int64_t ms;
    assert_int_equal(sb_table_option_duration(table_with("1 s"), "other", 5, &ms, &err), SB_OK);
    assert_int_equal(ms, 5);
}

static void
test_sizes(void **state)
{
    (void)state;
    int64_t size;
    assert_int_equal(sb_table_option_memory(table_with("128MB"), "k", 0, &size, &err), SB_OK);
    assert_true(size == INT64_C(134217728));
    assert_int_equal(sb_table_option_memory(table_with("64 kb"), "k", 0, &size, &err), SB_OK);
    assert_true(size == 65536);
    assert_int_equal(sb_table_option_memory(table_with("17"), "k", 0, &size, &err), SB_OK);
    assert_true(size == 17);
    assert_int_equal(sb_table_option_memory(table_with("17 apples"), "k", 0, &size, &err),
                     SB_STATUS_INVALID);
    assert_string_equal(
        err.message, "option 'k' = '17 apples': expected a size such as '128MB', '64 kb', '1 gb'");
    assert_int_equal(err.position, 100);
}

static void
test_numbers(void **state)
{
    (void)state;
    int64_t v;
    double f;
    bool b;
    assert_int_equal(sb_table_option_i64(table_with("-5"), "k", 0, -10, 10, &v, &err), SB_OK);
    assert_int_equal(v, -5);
    assert_int_equal(sb_table_option_i64(table_with("11"), "k", 0, -10, 10, &v, &err),
                     SB_STATUS_INVALID);
    assert_string_equal(err.message, "option 'k' = '11': must be between -10 and 10");
    assert_int_equal(sb_table_option_i64(table_with("1x"), "k", 0, -10, 10, &v, &err),
                     SB_STATUS_INVALID);
    assert_int_equal(sb_table_option_i64(table_with(""), "k", 0, -10, 10, &v, &err),
                     SB_STATUS_INVALID);
    assert_int_equal(sb_table_option_i64(table_with("99999999999999999999"), "k", 0, INT64_MIN,
                                         INT64_MAX, &v, &err),
                     SB_STATUS_INVALID);
    assert_int_equal(sb_table_option_f64(table_with("0.25"), "k", 0, 0, 1, &f, &err), SB_OK);
    assert_true(f == 0.25);
    assert_int_equal(sb_table_option_f64(table_with("nan"), "k", 0, 0, 1, &f, &err),
                     SB_STATUS_INVALID);
    assert_int_equal(sb_table_option_bool(table_with("TRUE"), "k", false, &b, &err), SB_OK);
    assert_true(b);
    assert_int_equal(sb_table_option_bool(table_with("1"), "k", false, &b, &err),
                     SB_STATUS_INVALID);
}

static void
test_known_keys(void **state)
{
    (void)state;
    static const sb_option_spec specs[] = {{"path", "string", NULL, NULL},
                                           {"fields.#.min", "int", NULL, NULL},
                                           {NULL, NULL, NULL, NULL}};
    const char *fine[] = {"connector",
                          "c",
                          "path",
                          "x",
                          "fields.a.b.min",
                          "1",
                          "json.ignore-parse-errors",
                          "true",
                          "scan.parallelism",
                          "2",
                          "scan.watermark.emit.strategy",
                          "on-event",
                          NULL};
    assert_int_equal(sb_table_options_check(sb_testing_table(arena, "c", "a INT", fine), specs,
                                            &sb_format_json, &err),
                     SB_OK);
    assert_int_equal(
        sb_table_options_check(sb_testing_table(arena, "c", "a INT", fine), specs, NULL, &err),
        SB_STATUS_INVALID);
    assert_string_equal(err.message, "connector 'c' has no option 'json.ignore-parse-errors'");
    const char *typo[] = {"pth", "x", NULL};
    sb_error_clear(&err);
    assert_int_equal(
        sb_table_options_check(sb_testing_table(arena, "c", "a INT", typo), specs, NULL, &err),
        SB_STATUS_INVALID);
    assert_string_equal(err.hint, "did you mean 'path'?");
    const char *short_key[] = {"fields.min", "1", NULL};
    assert_int_equal(
        sb_table_options_check(sb_testing_table(arena, "c", "a INT", short_key), specs, NULL, &err),
        SB_STATUS_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_durations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sizes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_known_keys, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
