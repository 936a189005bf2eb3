/*
 * expr/zone_test.c -- time zones: known changes of daylight saving, far past and future, bad files,
 * names.
 */
#include "expr/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/time.h"

static const sb_zone *
load(const char *name)
{
    const sb_zone *z = NULL;
    sb_error err;
    if (sb_zone_load(sb_os_real(), name, &z, &err) != SB_OK) {
        fail_msg("%s", err.message);
    }
    return z;
}

static int64_t
us_of(const char *text)
{
    sb_ts_ns ts;
    assert_true(sb_ts_parse(text, strlen(text), &ts));
    return ts.us;
}

static void
check_us(int64_t got, const char *wanted)
{
    char text[SB_TIME_TEXT + 1];
    text[sb_ts_print(text, (sb_ts_ns){.us = got}, 0)] = 0;
    assert_string_equal(text, wanted);
}

static void
to_local(const char *zone, const char *utc, const char *local)
{
    check_us(sb_zone_to_local(load(zone), us_of(utc)), local);
}

static void
to_utc(const char *zone, const char *local, const char *utc)
{
    check_us(sb_zone_to_utc(load(zone), us_of(local)), utc);
}

static void
test_changes(void **state)
{
    (void)state;
    to_local("America/New_York", "2024-03-10 06:59:59", "2024-03-10 01:59:59");
    to_local("America/New_York", "2024-03-10 07:00:00", "2024-03-10 03:00:00");
    to_local("America/New_York", "2024-11-03 05:59:59", "2024-11-03 01:59:59");
    to_local("America/New_York", "2024-11-03 06:00:00", "2024-11-03 01:00:00");
    to_local("Europe/Berlin", "2024-03-31 00:59:59", "2024-03-31 01:59:59");
    to_local("Europe/Berlin", "2024-03-31 01:00:00", "2024-03-31 03:00:00");
    /* Lord Howe changes by half an hour. */
    to_local("Australia/Lord_Howe", "2024-04-06 14:59:59", "2024-04-07 01:59:59");
    to_local("Australia/Lord_Howe", "2024-04-06 15:00:00", "2024-04-07 01:30:00");
    to_local("Australia/Lord_Howe", "2024-10-05 15:29:59", "2024-10-06 01:59:59");
    to_local("Australia/Lord_Howe", "2024-10-05 15:30:00", "2024-10-06 02:30:00");
    to_local("Asia/Kolkata", "2024-01-01 00:00:00", "2024-01-01 05:30:00");
    to_local("Asia/Kathmandu", "2024-01-01 00:00:00", "2024-01-01 05:45:00");
}

/* A gap moves forward by its length, an overlap takes the earlier instant. */
static void
test_gaps_and_overlaps(void **state)
{
    (void)state;
    to_utc("America/New_York", "2024-03-10 01:59:59", "2024-03-10 06:59:59");
    to_utc("America/New_York", "2024-03-10 02:30:00", "2024-03-10 07:30:00");
    to_utc("America/New_York", "2024-03-10 03:00:00", "2024-03-10 07:00:00");
    to_utc("America/New_York", "2024-11-03 00:59:59", "2024-11-03 04:59:59");
    to_utc("America/New_York", "2024-11-03 01:30:00", "2024-11-03 05:30:00");
    to_utc("America/New_York", "2024-11-03 02:00:00", "2024-11-03 07:00:00");
    to_utc("Europe/Berlin", "2024-03-31 02:00:00", "2024-03-31 01:00:00");
    to_utc("Europe/Berlin", "2024-10-27 02:59:59", "2024-10-27 00:59:59");
    to_utc("Europe/Berlin", "2024-10-27 03:00:00", "2024-10-27 02:00:00");
    to_utc("Australia/Lord_Howe", "2024-10-06 02:15:00", "2024-10-05 15:45:00");
    to_utc("Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06 14:45:00");
}

static void
test_past_and_future(void **state)
{
    (void)state;
    /* Berlin's local mean time was 53 min 28 s. */
    to_local("Europe/Berlin", "1890-01-01 00:00:00", "1890-01-01 00:53:28");
    to_utc("Europe/Berlin", "1890-01-01 00:53:28", "1890-01-01 00:00:00");
    /* By the rule in the footer, in the table and behind it. */
    to_local("America/New_York", "2100-07-01 12:00:00", "2100-07-01 08:00:00");
    to_local("America/New_York", "2100-12-01 12:00:00", "2100-12-01 07:00:00");
    to_local("Europe/Berlin", "9999-07-01 12:00:00", "9999-07-01 14:00:00");
    to_local("Europe/Berlin", "9999-12-01 12:00:00", "9999-12-01 13:00:00");
    to_utc("Europe/Berlin", "9999-07-01 14:00:00", "9999-07-01 12:00:00");
    /* Asuncion and Sydney: summer in January. */
    to_local("Australia/Sydney", "2090-01-01 00:00:00", "2090-01-01 11:00:00");
    to_local("Australia/Sydney", "2090-07-01 00:00:00", "2090-07-01 10:00:00");
    assert_int_equal(sb_zone_offset_s(load("Europe/Berlin"), INT64_MIN), 3208);
    sb_zone_to_local(load("Europe/Berlin"), INT64_MAX); /* must not trap */
    sb_zone_to_utc(load("Europe/Berlin"), INT64_MIN);
}

/* Every instant of some years comes back, but for the second pass through an overlap. */
static void
test_round_trip(void **state)
{
    static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                                        "Asia/Tokyo", "UTC"};
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const sb_zone *z = load(zones[i]);
        int64_t to = us_of("2026-01-01 00:00:00");
        for (int64_t t = us_of("2023-01-01 00:00:00"); t < to; t += INT64_C(600000000)) {
            int64_t back = sb_zone_to_utc(z, sb_zone_to_local(z, t));
            int64_t lost = t - back;
            assert_true(lost == 0 || lost == INT64_C(3600000000) || lost == INT64_C(1800000000));
            assert_true(sb_zone_to_local(z, back) == sb_zone_to_local(z, t));
        }
    }
}

static void
test_offsets(void **state)
{
    (void)state;
    to_local("UTC", "2024-01-01 00:00:00", "2024-01-01 00:00:00");
    to_local("Z", "2024-01-01 00:00:00", "2024-01-01 00:00:00");
    to_local("UTC+8", "2024-01-01 00:00:00", "2024-01-01 08:00:00");
    to_local("GMT+01:00", "2024-01-01 00:00:00", "2024-01-01 01:00:00");
    to_local("GMT-03:30", "2024-01-01 00:00:00", "2023-12-31 20:30:00");
    to_local("+08:00", "2024-01-01 00:00:00", "2024-01-01 08:00:00");
    to_local("-0130", "2024-01-01 00:00:00", "2023-12-31 22:30:00");
    to_utc("UTC+8", "2024-01-01 08:00:00", "2024-01-01 00:00:00");
    assert_true(sb_zone_is_utc(load("GMT")));
    assert_false(sb_zone_is_utc(load("+01")));
    assert_ptr_equal(load("Europe/Berlin"), load("Europe/Berlin"));
}

static void
test_bad_names(void **state)
{
    static const char *const names[] = {
        "",      "Mars/Base", "../../etc/passwd", "/etc/passwd",    "UTC+19",
        "+8:99", "+",         "UTC+8x",           "Europe/Berlin ", "Europe"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const sb_zone *z = NULL;
        sb_error err;
        assert_int_equal(sb_zone_load(sb_os_real(), names[i], &z, &err), SB_STATUS_NOT_FOUND);
        assert_null(z);
        assert_true(err.hint[0]);
    }
}

/* Cut or changed files are refused or read, never overrun. */
static void
test_damaged_files(void **state)
{
    sb_text data;
    sb_error err;
    (void)state;
    sb_text_init(&data, sb_mem_root());
    assert_int_equal(
        sb_os_read_file(sb_os_real(), "/usr/share/zoneinfo/Europe/Berlin", &data, &err), SB_OK);
    for (size_t size = 0; size < data.size; size += 7) {
        sb_zone *z = NULL;
        char *copy = malloc(size + 1); /* exact size: the sanitizer sees an overrun */
        memcpy(copy, data.data, size);
        if (sb_zone_parse(sb_mem_root(), "cut", copy, size, &z, &err) == SB_OK) {
            sb_zone_free(z);
        }
        free(copy);
    }
    uint64_t seed = 12345;
    for (int i = 0; i < 2000; i++) {
        sb_zone *z = NULL;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(seed >> 33) % data.size;
        char old = data.data[at];
        data.data[at] = (char)(seed >> 20);
        if (sb_zone_parse(sb_mem_root(), "changed", data.data, data.size, &z, &err) == SB_OK) {
            sb_zone_to_local(z, (int64_t)seed);
            sb_zone_to_utc(z, (int64_t)seed);
            sb_zone_free(z);
        }
        data.data[at] = old;
    }
    sb_text_deinit(&data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),         cmocka_unit_test(test_gaps_and_overlaps),
        cmocka_unit_test(test_past_and_future), cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_offsets),         cmocka_unit_test(test_bad_names),
        cmocka_unit_test(test_damaged_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
