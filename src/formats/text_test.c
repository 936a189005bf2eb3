/*
 * formats/text_test.c -- numbers, times and base64 as text, by Java's rules.
 *
 * Expected values: tests/oracle/cases/json-double-text (recorded from Flink on Java 17), the
 * documentation of java.math and java.time, RFC 4648.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/base64.h"
#include "formats/number_text.h"
#include "formats/time_text.h"
#include "kernels/number.h"

static const char *
f64(double v)
{
    static char text[SB_NUMBER_TEXT_MAX + 1];
    text[sb_double_print(text, v)] = 0;
    return text;
}

static const char *
f32(float v)
{
    static char text[SB_NUMBER_TEXT_MAX + 1];
    text[sb_float_print(text, v)] = 0;
    return text;
}

static void
test_doubles(void **state)
{
    (void)state;

    static const struct {
        const char *in, *as_double, *as_float;
    } cases[] = {
        {"0", "0.0", "0.0"},
        {"-0.0", "-0.0", "-0.0"},
        {"1", "1.0", "1.0"},
        {"0.1", "0.1", "0.1"},
        {"1234567", "1234567.0", "1234567.0"},
        {"9999999", "9999999.0", "9999999.0"},
        {"10000000", "1.0E7", "1.0E7"},
        {"123456789.125", "1.23456789125E8", "1.23456792E8"},
        {"0.001", "0.001", "0.001"},
        {"0.0001", "1.0E-4", "1.0E-4"},
        {"0.00123", "0.00123", "0.00123"},
        {"1e22", "1.0E22", "1.0E22"},
        {"1.5e300", "1.5E300", "Infinity"},
        {"4.9e-324", "4.9E-324", "0.0"},
        {"1.4e-45", "1.4E-45", "1.4E-45"},
        {"NaN", "NaN", "NaN"},
        {"-Infinity", "-Infinity", "-Infinity"},
        {"3.3333333333333335", "3.3333333333333335", "3.3333333"},
        {"16777217", "1.6777217E7", "1.6777216E7"},
        {"9007199254740993", "9.007199254740992E15", "9.0071993E15"},
        {"3.4028235E38", "3.4028235E38", "3.4028235E38"},
        {"1E39", "1.0E39", "Infinity"},
        {"1e-400", "0.0", "0.0"},
        {"-1e400", "-Infinity", "-Infinity"},
        {" 7.5f ", "7.5", "7.5"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double d;
        float f;
        assert_true(sb_fmt_parse_f64(sb_str_of(cases[i].in), &d));
        assert_true(sb_fmt_parse_f32(sb_str_of(cases[i].in), &f));
        assert_string_equal(f64(d), cases[i].as_double);
        assert_string_equal(f32(f), cases[i].as_float);
    }
    static const char *const bad[] = {"",    " ",   "-",   ".",       "1e",  "1e+",   "e5", "0x10",
                                      "1 2", "nan", "inf", "Infinit", "+-1", "1.2.3", "f",  "--1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double d;
        assert_false(sb_fmt_parse_f64(sb_str_of(bad[i]), &d));
    }
}

/* Every double comes back from its text. */
static void
test_doubles_there_and_back(void **state)
{
    (void)state;
    uint64_t x = 42;
    for (int i = 0; i < 100000; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t bits = x ^ x >> 29;
        double d, back;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d)) {
            continue;
        }
        const char *text = f64(d);
        assert_true(sb_fmt_parse_f64(sb_str_of(text), &back));
        assert_memory_equal(&d, &back, sizeof d);
        assert_true(strtod(text, NULL) == d);
    }
}

static void
test_integers(void **state)
{
    (void)state;
    int64_t v;
    assert_true(sb_fmt_parse_i64(SB_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v) &&
                v == INT64_MIN);
    assert_true(sb_fmt_parse_i64(SB_STR("+9223372036854775807"), INT64_MIN, INT64_MAX, &v) &&
                v == INT64_MAX);
    assert_false(sb_fmt_parse_i64(SB_STR("9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_false(sb_fmt_parse_i64(SB_STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &v));
    assert_false(sb_fmt_parse_i64(SB_STR("18446744073709551616"), INT64_MIN, INT64_MAX, &v));
    assert_false(sb_fmt_parse_i64(SB_STR("128"), -128, 127, &v));
    assert_true(sb_fmt_parse_i64(SB_STR("-128"), -128, 127, &v) && v == -128);
    assert_true(sb_fmt_parse_i64(SB_STR("007"), 0, 10, &v) && v == 7);
    assert_false(sb_fmt_parse_i64(SB_STR(""), 0, 10, &v));
    assert_false(sb_fmt_parse_i64(SB_STR("+"), 0, 10, &v));
    assert_false(sb_fmt_parse_i64(SB_STR("1_0"), 0, 10, &v));
    char text[SB_NUMBER_TEXT_MAX];
    text[sb_fmt_print_i64(text, INT64_MIN)] = 0;
    assert_string_equal(text, "-9223372036854775808");
}

static const char *
decimal(const char *in, int precision, int scale, sb_fmt_decimal_style style)
{
    static char text[SB_NUMBER_TEXT_MAX + 1];
    sb_int128 v;
    switch (sb_fmt_parse_decimal(sb_str_of(in), precision, scale, &v)) {
    case SB_DECIMAL_SYNTAX: return "syntax";
    case SB_DECIMAL_OVERFLOW: return "overflow";
    default: break;
    }
    text[sb_fmt_print_decimal(text, v, scale, style)] = 0;
    return text;
}

static void
test_decimals(void **state)
{
    (void)state;

    static const struct {
        const char *in;
        int precision, scale;
        const char *plain, *java, *stripped;
    } cases[] = {
        {"1.25", 6, 2, "1.25", "1.25", "1.25"},
        {"1.255", 6, 2, "1.26", "1.26", "1.26"},
        {"-1.255", 6, 2, "-1.26", "-1.26", "-1.26"},
        {"1.2549999999999999999999999999999999999999", 6, 2, "1.25", "1.25", "1.25"},
        {"0.0049", 6, 2, "0.00", "0.00", "0"},
        {"0.005", 6, 2, "0.01", "0.01", "0.01"},
        {"-0.005", 6, 2, "-0.01", "-0.01", "-0.01"},
        {"1e2", 6, 2, "100.00", "100.00", "1E+2"},
        {"12e1", 6, 0, "120", "120", "1.2E+2"},
        {"12345.67", 6, 2, "overflow", "overflow", "overflow"},
        {"9999.995", 6, 2, "overflow", "overflow", "overflow"},
        {"9999.994", 6, 2, "9999.99", "9999.99", "9999.99"},
        {"1e-7", 10, 7, "0.0000001", "1E-7", "1E-7"},
        {"12e-8", 10, 8, "0.00000012", "1.2E-7", "1.2E-7"},
        {"0.000001", 10, 7, "0.0000010", "0.0000010", "0.000001"},
        {"9999999999999999999999999999.9999999999", 38, 10,
         "9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999",
         "9999999999999999999999999999.9999999999"},
        {"-99999999999999999999999999999999999999", 38, 0,
         "-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999",
         "-99999999999999999999999999999999999999"},
        {"100000000000000000000000000000000000000", 38, 0, "overflow", "overflow", "overflow"},
        {"000000000000000000000000000000000000000000000000007.50", 3, 1, "7.5", "7.5", "7.5"},
        {".5", 3, 1, "0.5", "0.5", "0.5"},
        {"5.", 3, 1, "5.0", "5.0", "5"},
        {"0e999999999", 3, 1, "0.0", "0.0", "0"},
        {"1e999999999", 3, 1, "overflow", "overflow", "overflow"},
        {"1e-999999999", 3, 1, "0.0", "0.0", "0"},
        {"1e99999999999", 3, 1, "syntax", "syntax", "syntax"},
        {"", 3, 1, "syntax", "syntax", "syntax"},
        {".", 3, 1, "syntax", "syntax", "syntax"},
        {"1e", 3, 1, "syntax", "syntax", "syntax"},
        {"1,5", 3, 1, "syntax", "syntax", "syntax"},
        {"1.2.3", 3, 1, "syntax", "syntax", "syntax"},
        {"NaN", 3, 1, "syntax", "syntax", "syntax"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(
            decimal(cases[i].in, cases[i].precision, cases[i].scale, SB_DECIMAL_PLAIN),
            cases[i].plain);
        assert_string_equal(
            decimal(cases[i].in, cases[i].precision, cases[i].scale, SB_DECIMAL_JAVA),
            cases[i].java);
        assert_string_equal(
            decimal(cases[i].in, cases[i].precision, cases[i].scale, SB_DECIMAL_STRIPPED),
            cases[i].stripped);
    }
}

/* A slow calendar that only counts days. */
static void
test_calendar(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t day_number = sb_fmt_days_from_civil(1600, 1, 1);
    assert_int_equal(sb_fmt_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(sb_fmt_days_from_civil(2000, 3, 1), 11017);
    for (int64_t year = 1600; year < 2401; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            int length = lengths[month - 1] + (leap && month == 2);
            for (int day = 1; day <= length; day++, day_number++) {
                int64_t y;
                int m, d;
                assert_int_equal(sb_fmt_days_from_civil(year, month, day), day_number);
                sb_fmt_civil_from_days(day_number, &y, &m, &d);
                assert_true(y == year && m == month && d == day);
            }
        }
    }
}

static void
test_dates_and_times(void **state)
{
    (void)state;
    int32_t days, ms;
    char text[SB_TIME_TEXT_MAX];
    assert_true(sb_fmt_parse_date(SB_STR("0001-01-01"), &days) && days == -719162);
    text[sb_fmt_print_date(text, days)] = 0;
    assert_string_equal(text, "0001-01-01");
    assert_true(sb_fmt_parse_date(SB_STR("-0044-03-15"), &days));
    text[sb_fmt_print_date(text, days)] = 0;
    assert_string_equal(text, "-0044-03-15");
    assert_true(sb_fmt_parse_date(SB_STR("+10000-01-01"), &days));
    text[sb_fmt_print_date(text, days)] = 0;
    assert_string_equal(text, "+10000-01-01");
    static const char *const bad_dates[] = {
        "",          "2024-02-30", "2023-02-29",  "2024-13-01",  "2024-00-01",  "2024-01-00",
        "2024-1-01", "24-01-01",   "10000-01-01", "+2024-01-01", "2024-01-01 ", "2024/01/01"};
    for (size_t i = 0; i < sizeof bad_dates / sizeof bad_dates[0]; i++) {
        assert_false(sb_fmt_parse_date(sb_str_of(bad_dates[i]), &days));
    }
    int32_t rolled;
    assert_true(sb_fmt_parse_date_lenient(SB_STR("2024-2-30"), &rolled) &&
                sb_fmt_parse_date(SB_STR("2024-03-01"), &days));
    assert_int_equal(rolled, days);
    assert_false(sb_fmt_parse_date_lenient(SB_STR("2024-2-32"), &rolled));
    assert_true(sb_fmt_parse_time(SB_STR("23:59:59.9999"), &ms) && ms == 86399999);
    assert_true(sb_fmt_parse_time(SB_STR("24:00:00"), &ms) && ms == 0);
    assert_false(sb_fmt_parse_time(SB_STR("24:00:01"), &ms));
    assert_false(sb_fmt_parse_time(SB_STR("12:00"), &ms));
    assert_true(sb_fmt_parse_time_iso(SB_STR("12:00"), &ms) && ms == 43200000);
    assert_false(sb_fmt_parse_time_iso(SB_STR("24:00"), &ms));
    text[sb_fmt_print_time(text, 43200120, true)] = 0;
    assert_string_equal(text, "12:00:00.12");
}

static void
test_timestamps(void **state)
{
    (void)state;
    sb_ts_ns ts;
    char text[SB_TIME_TEXT_MAX];
    assert_true(
        sb_fmt_parse_timestamp(SB_STR("1969-12-31 23:59:59.123456789"), false, false, 9, &ts));
    assert_true(ts.us == -876544 && ts.ns == 789);
    text[sb_fmt_print_timestamp(text, ts, false, false)] = 0;
    assert_string_equal(text, "1969-12-31 23:59:59.123456789");
    assert_true(
        sb_fmt_parse_timestamp(SB_STR("1969-12-31 23:59:59.123456789"), false, false, 3, &ts));
    assert_true(ts.us == -877000 && ts.ns == 0);
    assert_true(sb_fmt_parse_timestamp(SB_STR("2024-05-01T00:00:00Z"), true, true, 0, &ts));
    text[sb_fmt_print_timestamp(text, ts, true, true)] = 0;
    assert_string_equal(text, "2024-05-01T00:00:00Z");
    assert_true(
        sb_fmt_parse_timestamp(SB_STR("2024-02-31 12:00:00"), false, false, 3, &ts)); /* smart */
    text[sb_fmt_print_timestamp(text, ts, false, false)] = 0;
    assert_string_equal(text, "2024-02-29 12:00:00");
    assert_false(
        sb_fmt_parse_timestamp(SB_STR("2024-02-31T12:00:00"), true, false, 3, &ts)); /* strict */
    static const char *const bad[] = {
        "2024-05-01 00:00:00Z",  "2024-05-01",           "2024-05-01 00:00:60",
        "2024-05-01 00:60:00",   "2024-05-01  00:00:00", "2024-05-01 00:00:00.1234567890",
        "2024-05-01 00:00:00.x", "2024-05-32 00:00:00",  ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(sb_fmt_parse_timestamp(sb_str_of(bad[i]), false, false, 9, &ts));
    }
}

/* What yyyy-MM-ddTHH:mm:ss.SSS says, character by character; false: it is no such text. */
static bool
spell(const char *p, int64_t *us)
{
    static const char form[] = "0000-00-00T00:00:00.000";
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int v[7] = {0}, at = 0;
    for (int i = 0; i < 23; i++) {
        if (form[i] != '0') {
            at++;
            if (p[i] != form[i]) {
                return false;
            }
        } else if (p[i] < '0' || p[i] > '9') {
            return false;
        } else {
            v[at] = v[at] * 10 + p[i] - '0';
        }
    }
    bool leap = v[0] % 4 == 0 && (v[0] % 100 != 0 || v[0] % 400 == 0);
    if (v[1] < 1 || v[1] > 12 || v[2] < 1 || v[2] > days[v[1] - 1] + (v[1] == 2 && leap) ||
        v[3] > 23 || v[4] > 59 || v[5] > 59) {
        return false;
    }
    *us = (((sb_fmt_days_from_civil(v[0], v[1], v[2]) * 24 + v[3]) * 60 + v[4]) * 60 + v[5]) *
              1000000 +
          v[6] * 1000;
    return true;
}

/* Every byte in every place, right behind a timestamp of the same minute and behind another one. */
static void
test_timestamps_near_each_other(void **state)
{
    static const char *const texts[] = {"2023-02-28T14:59:07.358", "2024-12-31T23:00:59.999"};
    (void)state;
    for (int which = 0; which < 2 * 23 * 256; which++) {
        const char *text = texts[which & 1];
        int at = (which >> 1) % 23;
        sb_fmt_minute minute = {{0}, 0};
        sb_ts_ns ts;
        char mutant[24];
        int64_t us;
        for (int other = 0; other < 2; other++) {
            memcpy(mutant, text, sizeof mutant);
            assert_true(sb_fmt_parse_timestamp_near(sb_str_of(other ? texts[~which & 1] : text),
                                                    true, false, 3, &minute, &ts));
            mutant[at] = (char)((which >> 1) / 23);
            bool fits = spell(mutant, &us);
            assert_int_equal(
                sb_fmt_parse_timestamp_near((sb_str){mutant, 23}, true, false, 3, &minute, &ts),
                fits);
            assert_true(!fits || (ts.us == us && ts.ns == 0));
        }
    }
}

/* The first of a column has none before it, whatever its bytes are. */
static void
test_no_timestamp_before(void **state)
{
    sb_fmt_minute minute = {{0}, 0};
    char text[24] = {0};
    sb_ts_ns ts;
    (void)state;
    memcpy(text + 16, ":00.000", 7);
    assert_false(sb_fmt_parse_timestamp_near((sb_str){text, 23}, false, false, 3, &minute, &ts));
    assert_true(sb_fmt_parse_timestamp_near(SB_STR("1970-01-01 00:00:00.129"), false, false, 2,
                                            &minute, &ts));
    assert_int_equal(ts.us, 120000);
    assert_true(sb_fmt_parse_timestamp_near(SB_STR("1970-01-01 00:00:01.1234567Z"), false, true, 7,
                                            &minute, &ts));
    assert_true(ts.us == 1123456 && ts.ns == 700);
}

static void
test_base64(void **state)
{
    (void)state;

    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"foobar", "Zm9vYmFy"},
                 {"\xfb\xff\xfe", "+//+"}};

    sb_text text;
    sb_text_init(&text, sb_mem_root());
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char bytes[32];
        size_t size;
        sb_text_clear(&text);
        sb_fmt_base64_encode(&text, cases[i].bytes, strlen(cases[i].bytes));
        assert_int_equal(text.size, strlen(cases[i].text));
        assert_memory_equal(text.data, cases[i].text, text.size);
        assert_true(sb_fmt_base64_decode(sb_str_of(cases[i].text), bytes, &size));
        assert_int_equal(size, strlen(cases[i].bytes));
        assert_memory_equal(bytes, cases[i].bytes, size);
    }
    static const char *const bad[] = {
        "Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "=Zg=", "Zm9v!", "Zm-v", "Zg=x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char bytes[32];
        size_t size;
        assert_false(sb_fmt_base64_decode(sb_str_of(bad[i]), bytes, &size));
    }
    sb_text_deinit(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_doubles_there_and_back),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_dates_and_times),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_timestamps_near_each_other),
        cmocka_unit_test(test_no_timestamp_before),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
