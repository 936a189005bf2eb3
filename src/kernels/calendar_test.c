/*
 * kernels/calendar_test.c -- columns of moments against the functions for one.
 */
#include "kernels/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const sb_time_unit units[] = {SB_UNIT_YEAR, SB_UNIT_QUARTER, SB_UNIT_MONTH, SB_UNIT_WEEK,
                                     SB_UNIT_DAY,  SB_UNIT_DOY,     SB_UNIT_DOW};

/* Every day of the years -2000 to 4000. */
static void
test_extract(void **state)
{
    int32_t days[SB_CALENDAR_BLOCK];
    int64_t got[SB_CALENDAR_BLOCK];
    (void)state;
    for (int32_t from = -1450000; from < 742000; from += SB_CALENDAR_BLOCK) {
        for (int32_t i = 0; i < SB_CALENDAR_BLOCK; i++) {
            days[i] = from + i;
        }
        for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
            assert_true(sb_calendar_extract(units[u], got, days, SB_CALENDAR_BLOCK));
            for (int32_t i = 0; i < SB_CALENDAR_BLOCK; i++) {
                sb_ts_ns ts = {.us = days[i] * SB_US_PER_DAY};
                assert_int_equal(got[i], sb_time_extract(units[u], ts));
            }
        }
    }
}

static void
test_floor(void **state)
{
    int32_t days[SB_CALENDAR_BLOCK];
    int64_t got[SB_CALENDAR_BLOCK];
    (void)state;
    for (int32_t from = -141000; from < 742000; from += SB_CALENDAR_BLOCK) {
        for (int32_t i = 0; i < SB_CALENDAR_BLOCK; i++) {
            days[i] = from + i;
        }
        for (int k = 0; k < 2; k++) {
            sb_time_unit unit = k ? SB_UNIT_YEAR : SB_UNIT_MONTH;
            assert_true(sb_calendar_floor(unit, got, days, SB_CALENDAR_BLOCK));
            for (int32_t i = 0; i < SB_CALENDAR_BLOCK; i++) {
                assert_int_equal(got[i], sb_us_floor(days[i] * SB_US_PER_DAY, unit));
            }
        }
    }
}

/* Around every day of the years 0 to 4000, and at the ends. */
static void
test_days(void **state)
{
    static const int64_t around[] = {-1001, -1000, -999, -2, -1, 0, 1, 999, 1000, 43200000001};

    enum { AROUND = sizeof around / sizeof *around };

    int64_t us[AROUND], ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, 0, -1};
    int32_t days[AROUND];
    (void)state;
    for (int64_t day = -720000; day < 742000; day++) {
        for (int i = 0; i < AROUND; i++) {
            us[i] = day * SB_US_PER_DAY + around[i];
        }
        sb_calendar_days(days, us, AROUND);
        for (int i = 0; i < AROUND; i++) {
            assert_int_equal(days[i], sb_us_days(us[i]));
        }
    }
    sb_calendar_days(days, ends, 6);
    for (int i = 1; i < 6; i++) {
        assert_int_equal(days[i], sb_us_days(ends[i]));
    }
}

static void
test_refusals(void **state)
{
    int32_t far[2] = {0, 40000000}, julian[1] = {-141428};
    int64_t got[2] = {7, 7};
    (void)state;
    assert_false(sb_calendar_extract(SB_UNIT_YEAR, got, far, 2));
    assert_false(sb_calendar_extract(SB_UNIT_CENTURY, got, far, 1));
    assert_false(sb_calendar_floor(SB_UNIT_MONTH, got, julian, 1));
    assert_false(sb_calendar_floor(SB_UNIT_WEEK, got, far, 1));
    assert_int_equal(got[0], 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extract),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
