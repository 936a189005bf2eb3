/*
 * base/quantity_test.c -- durations, sizes, numbers and zone names as options write them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/quantity.h"

static void
durations_are_read_as_flink_does(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"10 s", 10000},    {"500ms", 500}, {"1 min", 60000},  {"2h", 7200000},
                {"1 d", 86400000},  {"100", 100},   {" 3 SEC ", 3000}, {"2 minutes", 120000},
                {"0 ms", 0},        {"1500 us", 1}, {"999999 ns", 0},  {"7 days", 604800000},
                {"1 Hour", 3600000}};

    static const char *const bad[] = {"",
                                      "s",
                                      "10 x",
                                      "-1 s",
                                      "1.5 s",
                                      "10 s s",
                                      "99999999999999999999",
                                      "9223372036854775807 d"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        assert_true(sb_parse_duration_ms(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms;
        assert_false(sb_parse_duration_ms(bad[i], &ms));
    }
}

static void
sizes_are_powers_of_1024(void **state)
{
    (void)state;
    int64_t bytes;
    assert_true(sb_parse_memory("128MB", &bytes) && bytes == 134217728);
    assert_true(sb_parse_memory("64 kb", &bytes) && bytes == 65536);
    assert_true(sb_parse_memory("1g", &bytes) && bytes == 1073741824);
    assert_true(sb_parse_memory("2 t", &bytes) && bytes == INT64_C(2199023255552));
    assert_true(sb_parse_memory("4096", &bytes) && bytes == 4096);
    assert_true(sb_parse_memory("12 bytes", &bytes) && bytes == 12);
    assert_false(sb_parse_memory("1 eb", &bytes));
    assert_false(sb_parse_memory("9223372036854775807 kb", &bytes));
}

static void
numbers_have_limits(void **state)
{
    (void)state;
    int64_t i;
    double d;
    bool b;
    assert_true(sb_parse_int("-5", -5, 5, &i) && i == -5);
    assert_false(sb_parse_int("6", -5, 5, &i));
    assert_false(sb_parse_int("", -5, 5, &i));
    assert_false(sb_parse_int(" 1", -5, 5, &i));
    assert_false(sb_parse_int("1 ", -5, 5, &i));
    assert_false(sb_parse_int("99999999999999999999", INT64_MIN, INT64_MAX, &i));
    assert_true(sb_parse_number("0.5", 0, 1, &d) && d == 0.5);
    assert_false(sb_parse_number("1.5", 0, 1, &d));
    assert_false(sb_parse_number("nan", 0, 1, &d));
    assert_true(sb_parse_bool("True", &b) && b);
    assert_true(sb_parse_bool("FALSE", &b) && !b);
    assert_false(sb_parse_bool("yes", &b));
}

static void
zones_are_names_not_paths(void **state)
{
    (void)state;
    assert_true(sb_parse_zone_name("UTC"));
    assert_true(sb_parse_zone_name("America/Argentina/Buenos_Aires"));
    assert_true(sb_parse_zone_name("GMT+02:00"));
    assert_false(sb_parse_zone_name(""));
    assert_false(sb_parse_zone_name("/etc/passwd"));
    assert_false(sb_parse_zone_name("../../etc/passwd"));
    assert_false(sb_parse_zone_name("Europe Berlin"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_as_flink_does),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(numbers_have_limits),
        cmocka_unit_test(zones_are_names_not_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
