/*
 * kernels/time.h -- calendar arithmetic on dates, times of day and timestamps without zone.
 *
 * DESIGN     Proleptic Gregorian calendar. A timestamp here is always sb_ts_ns: microseconds since
 * 1970-01-01 00:00 and nanoseconds of that microsecond. Overflow wraps (garbage under a NULL must
 * not trap). THREADS    T:any
 */
#ifndef SB_KERNELS_TIME_H
#define SB_KERNELS_TIME_H

#include "columnar/type.h"

#define SB_US_PER_DAY INT64_C(86400000000)
#define SB_MS_PER_DAY INT64_C(86400000)
#define SB_TIME_TEXT  40 /* room for any printed date, time, timestamp or interval */

typedef enum sb_time_unit {
    SB_UNIT_MILLENNIUM,
    SB_UNIT_CENTURY,
    SB_UNIT_DECADE,
    SB_UNIT_YEAR,
    SB_UNIT_QUARTER,
    SB_UNIT_MONTH,
    SB_UNIT_WEEK,
    SB_UNIT_DAY,
    SB_UNIT_HOUR,
    SB_UNIT_MINUTE,
    SB_UNIT_SECOND,
    SB_UNIT_MILLISECOND,
    SB_UNIT_MICROSECOND,
    SB_UNIT_NANOSECOND,
    SB_UNIT_EPOCH,
    SB_UNIT_DOW,    /* 1 = Sunday */
    SB_UNIT_ISODOW, /* 1 = Monday */
    SB_UNIT_DOY,
    SB_UNIT_ISOYEAR,
    SB_UNIT_COUNT
} sb_time_unit;

/* By name in any case, also with the prefix SQL_TSI_ or as plural; false: unknown. */
bool sb_time_unit_find(const char *name, size_t size, sb_time_unit *out);
const char *sb_time_unit_name(sb_time_unit unit);

typedef struct sb_civil {
    int64_t year;
    int month, day; /* 1.. */
} sb_civil;

int64_t sb_days_of_civil(sb_civil date);
sb_civil sb_civil_of_days(int64_t days);
int sb_month_length(int64_t year, int month);
int64_t sb_iso_week(int64_t days, int64_t *out_year); /* out_year may be NULL */

static inline int64_t
sb_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline int64_t
sb_floor_mod(int64_t a, int64_t b)
{
    return a - sb_floor_div(a, b) * b;
}

static inline int64_t
sb_wrap_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t
sb_wrap_mul(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

/* Day is clamped to the length of the month. */
int64_t sb_days_add_months(int64_t days, int64_t months);
int64_t sb_us_add_months(int64_t us, int64_t months);
/* Whole months from b to a (a - b), toward zero but for Calcite's exception: where the days are a
 * whole number of months apart and a has the earlier time of day, one less, also below zero. */
int64_t sb_us_months_between(int64_t a, int64_t b);

/* Days since 1970 as Flink's CAST to DATE, EXTRACT and FLOOR count them: whole milliseconds, toward
 * zero. Before 1970 that is the day after, and the parts of the clock are negative. */
int64_t sb_us_days(int64_t us);
int64_t sb_time_extract(sb_time_unit unit, sb_ts_ns local);
/* Rounds down (or up) to a unit; weeks begin on Sunday. Rounding up to a week or longer ignores the
 * time of day. */
int64_t sb_us_floor(int64_t us, sb_time_unit unit);
int64_t sb_us_ceil(int64_t us, sb_time_unit unit);
/* Microseconds of a unit of fixed length (DAY, HOUR.. MICROSECOND, WEEK), else 0. */
int64_t sb_unit_us(sb_time_unit unit);
/* Drops digits after `precision` (0..9), toward minus infinity; below 3 toward 1970. */
sb_ts_ns sb_ts_truncate(sb_ts_ns ts, int precision);

/* Text; not zero-terminated; return the length. */
size_t sb_date_print(char *buffer, int64_t days);
size_t sb_time_print(char *buffer, int64_t ms, int precision);
size_t sb_ts_print(char *buffer, sb_ts_ns ts,
                   int precision); /* exactly `precision` digits after the point */
size_t sb_months_print(char *buffer, int64_t months); /* +1-02 */
size_t sb_interval_print(char *buffer, int64_t ms);   /* +1 02:03:04.005 */

/* The forms that Flink's CAST takes; false: not such a text. No spaces around. */
bool sb_date_parse(const char *text, size_t size, int64_t *out_days);
bool sb_time_parse(const char *text, size_t size, int64_t *out_ms);
bool sb_ts_parse(const char *text, size_t size, sb_ts_ns *out);
/* As java.sql.Timestamp.valueOf, or Date.valueOf when there is no time: what TO_TIMESTAMP tries on
 * text that does not fit its pattern. Days up to 31, any hour, minute and second: they roll over.
 */
bool sb_ts_value_of(const char *text, size_t size, sb_ts_ns *out);

#endif
