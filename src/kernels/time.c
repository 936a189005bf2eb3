/*
 * kernels/time.c -- see time.h. Text forms: time_text.c.
 *
 * Sources of the day arithmetic: Howard Hinnant, "chrono-compatible low-level date algorithms";
 * Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to calendar
 * algorithms" (2022).
 */
#include "kernels/time.h"

#include <strings.h>

int64_t
sb_days_of_civil(sb_civil date)
{
    int64_t y = date.year - (date.month <= 2);
    int64_t era = sb_floor_div(y, 400), yoe = y - era * 400;
    int64_t doy = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

/* Years -32000 to 32000 without long divisions. */
static sb_civil
near_civil(int64_t days)
{
    enum { CYCLES = 82 }; /* of 400 years, to count from a positive day */

    uint32_t n = 4 * (uint32_t)(days + 719468 + 146097 * CYCLES) + 3;
    uint32_t century = n / 146097, day_of_century = n % 146097 / 4;
    uint64_t product = UINT64_C(2939745) * (4 * day_of_century + 3);
    uint32_t day_of_year = (uint32_t)product / 2939745 / 4, m = 2141 * day_of_year + 197913;
    bool next = day_of_year >= 306; /* January and February: years begin in March here */
    return (sb_civil){(int64_t)(100 * century + (uint32_t)(product >> 32)) - 400 * CYCLES + next,
                      (int)(m >> 16) - (next ? 12 : 0), (int)((m & 0xFFFF) / 2141) + 1};
}

sb_civil
sb_civil_of_days(int64_t days)
{
    if (days > -11000000 && days < 11000000) {
        return near_civil(days);
    }
    int64_t z = days + 719468, era = sb_floor_div(z, 146097), doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    sb_civil c = {.day = (int)(doy - (153 * mp + 2) / 5 + 1),
                  .month = (int)(mp < 10 ? mp + 3 : mp - 9)};
    c.year = yoe + era * 400 + (c.month <= 2);
    return c;
}

int
sb_month_length(int64_t year, int month)
{
    static const int8_t length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return length[month - 1] + (month == 2 && leap);
}

int64_t
sb_iso_week(int64_t days, int64_t *out_year)
{
    /* The Thursday of the week decides the year. */
    int64_t thursday = days - sb_floor_mod(days + 3, 7) + 3;
    sb_civil c = sb_civil_of_days(thursday);
    if (out_year) {
        *out_year = c.year;
    }
    return (thursday - sb_days_of_civil((sb_civil){c.year, 1, 1})) / 7 + 1;
}

int64_t
sb_days_add_months(int64_t days, int64_t months)
{
    sb_civil c = sb_civil_of_days(days);
    int64_t m = sb_wrap_add(sb_wrap_add(sb_wrap_mul(c.year, 12), c.month - 1), months);
    c.year = sb_floor_div(m, 12);
    c.month = (int)sb_floor_mod(m, 12) + 1;
    int last = sb_month_length(c.year, c.month);
    c.day = c.day > last ? last : c.day;
    return sb_days_of_civil(c);
}

int64_t
sb_us_add_months(int64_t us, int64_t months)
{
    int64_t days = sb_floor_div(us, SB_US_PER_DAY), rest = us - days * SB_US_PER_DAY;
    return sb_wrap_add(sb_wrap_mul(sb_days_add_months(days, months), SB_US_PER_DAY), rest);
}

/* Whole months from day b to day a. */
static int64_t
days_months_between(int64_t a, int64_t b)
{
    if (a < b) {
        return -days_months_between(b, a);
    }
    sb_civil ca = sb_civil_of_days(a), cb = sb_civil_of_days(b);
    int64_t months = (ca.year - cb.year) * 12 + ca.month - cb.month;
    while (months > 0 && sb_days_add_months(b, months) > a) {
        months--;
    }
    return months;
}

int64_t
sb_us_months_between(int64_t a, int64_t b)
{
    int64_t days_a = sb_floor_div(a, SB_US_PER_DAY), days_b = sb_floor_div(b, SB_US_PER_DAY);
    int64_t months = days_months_between(days_a, days_b);
    /* Calcite's rule: the time of day counts in one direction only. */
    bool same_day = sb_days_add_months(days_b, months) == days_a;
    return months - (same_day && sb_floor_mod(a, SB_US_PER_DAY) < sb_floor_mod(b, SB_US_PER_DAY));
}

int64_t
sb_unit_us(sb_time_unit unit)
{
    switch (unit) {
    case SB_UNIT_WEEK: return 7 * SB_US_PER_DAY;
    case SB_UNIT_DAY: return SB_US_PER_DAY;
    case SB_UNIT_HOUR: return INT64_C(3600000000);
    case SB_UNIT_MINUTE: return INT64_C(60000000);
    case SB_UNIT_SECOND: return INT64_C(1000000);
    case SB_UNIT_MILLISECOND: return 1000;
    case SB_UNIT_MICROSECOND: return 1;
    default: return 0;
    }
}

/* Units counted in years: how many, else 0. */
static int64_t
unit_years(sb_time_unit unit)
{
    return unit == SB_UNIT_YEAR         ? 1
           : unit == SB_UNIT_DECADE     ? 10
           : unit == SB_UNIT_CENTURY    ? 100
           : unit == SB_UNIT_MILLENNIUM ? 1000
                                        : 0;
}

/* The first year of the decade, century (…01) or millennium of a year. */
static int64_t
first_year(sb_time_unit unit, int64_t year)
{
    int64_t years = unit_years(unit);
    return unit == SB_UNIT_YEAR || unit == SB_UNIT_DECADE
               ? sb_floor_div(year, years) * years
               : sb_floor_div(year - 1, years) * years + 1;
}

static int64_t
extract_date(sb_time_unit unit, int64_t days)
{
    int64_t year;
    sb_civil c = sb_civil_of_days(days);
    switch (unit) {
    case SB_UNIT_YEAR: return c.year;
    case SB_UNIT_MONTH: return c.month;
    case SB_UNIT_DAY: return c.day;
    case SB_UNIT_QUARTER: return (c.month + 2) / 3;
    case SB_UNIT_DECADE: return sb_floor_div(c.year, 10);
    case SB_UNIT_CENTURY: return c.year > 0 ? (c.year + 99) / 100 : (c.year - 99) / 100;
    case SB_UNIT_MILLENNIUM: return c.year > 0 ? (c.year + 999) / 1000 : (c.year - 999) / 1000;
    case SB_UNIT_WEEK: return sb_iso_week(days, NULL);
    case SB_UNIT_ISOYEAR: sb_iso_week(days, &year); return year;
    case SB_UNIT_DOW: return sb_floor_mod(days + 4, 7) + 1;
    case SB_UNIT_ISODOW: return sb_floor_mod(days + 3, 7) + 1;
    default: return days - sb_days_of_civil((sb_civil){c.year, 1, 1}) + 1; /* DOY */
    }
}

/* Milliseconds of a moment; sub-millisecond parts are dropped downward, as Flink stores them apart.
 */
static int64_t
whole_ms(int64_t us)
{
    return sb_floor_div(us, 1000);
}

int64_t
sb_us_days(int64_t us)
{
    return whole_ms(us) / SB_MS_PER_DAY;
}

int64_t
sb_time_extract(sb_time_unit unit, sb_ts_ns local)
{
    int64_t ms = whole_ms(local.us), rest = local.us - ms * 1000;
    switch (unit) {
    case SB_UNIT_HOUR: return ms % SB_MS_PER_DAY / 3600000;
    case SB_UNIT_MINUTE: return ms % 3600000 / 60000;
    case SB_UNIT_SECOND: return ms % 60000 / 1000;
    case SB_UNIT_MILLISECOND: return ms % 1000;
    case SB_UNIT_MICROSECOND: return ms % 1000 * 1000 + rest;
    case SB_UNIT_NANOSECOND: return (ms % 1000 * 1000 + rest) * 1000 + local.ns;
    case SB_UNIT_EPOCH: return ms / 1000;
    default: return extract_date(unit, sb_us_days(local.us));
    }
}

/* Flink takes days before 15 October 1582 for days of the Julian calendar when it rounds, and reads
 * the result as Gregorian. */
static sb_civil
rounding_civil(int64_t days)
{
    enum { GREGORIAN = -141427, JULIAN_YEAR_0 = 719470 }; /* days of 1582-10-15, to 0000-03-01 */

    if (days >= GREGORIAN) {
        return sb_civil_of_days(days);
    }
    int64_t z = days + JULIAN_YEAR_0, cycle = sb_floor_div(z, 1461), doc = z - cycle * 1461;
    int64_t year = doc / 365 - (doc == 1460), doy = doc - 365 * year, mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (sb_civil){cycle * 4 + year + (month <= 2), month, (int)(doy - (153 * mp + 2) / 5 + 1)};
}

/* The first day of the unit that `days` lies in; `up`: of the next one, unless `days` is a first
 * day. */
static int64_t
round_days(int64_t days, sb_time_unit unit, bool up)
{
    sb_civil c = rounding_civil(days), first = {c.year, c.month, 1};
    int64_t years = unit_years(unit);
    if (unit == SB_UNIT_WEEK) {
        int64_t weekday = sb_floor_mod(days + 4, 7);
        return sb_days_of_civil(c) - weekday + (up && weekday > 0 ? 7 : 0);
    }
    if (years) {
        first = (sb_civil){first_year(unit, c.year), 1, 1};
    } else if (unit == SB_UNIT_QUARTER) {
        first.month = (c.month - 1) / 3 * 3 + 1;
    }
    if (up && (first.year != c.year || first.month != c.month || c.day > 1)) {
        first.year += years;
        first.month += years ? 0 : unit == SB_UNIT_QUARTER ? 3 : 1;
    }
    if (first.month > 12) {
        first.month -= 12;
        first.year++;
    }
    return sb_days_of_civil(first);
}

int64_t
sb_us_floor(int64_t us, sb_time_unit unit)
{
    int64_t length = sb_unit_us(unit);
    if (length && unit != SB_UNIT_WEEK) {
        return us - sb_floor_mod(us, length);
    }
    return sb_wrap_mul(round_days(sb_us_days(us), unit, false), SB_US_PER_DAY);
}

int64_t
sb_us_ceil(int64_t us, sb_time_unit unit)
{
    int64_t length = sb_unit_us(unit);
    if (length && unit != SB_UNIT_WEEK) {
        int64_t down = sb_us_floor(us, unit);
        return down == us ? us : sb_wrap_add(down, length);
    }
    /* Flink looks at the day alone: any time on the first day of a month is in the month before. */
    return sb_wrap_mul(round_days(sb_us_days(us), unit, true), SB_US_PER_DAY);
}

sb_ts_ns
sb_ts_truncate(sb_ts_ns ts, int precision)
{
    static const int32_t steps[10] = {1000, 100, 10, 1, 100, 10, 1, 100, 10, 1};
    if (precision <= 3) {
        int64_t ms = whole_ms(ts.us);
        return (sb_ts_ns){.us = sb_wrap_mul(ms - ms % steps[precision], 1000)};
    }
    if (precision <= 6) {
        ts.us -= sb_floor_mod(ts.us, steps[precision]);
        ts.ns = 0;
    } else {
        ts.ns -= ts.ns % steps[precision];
    }
    return ts;
}

static const char *const unit_names[SB_UNIT_COUNT] = {
    "MILLENNIUM", "CENTURY", "DECADE", "YEAR",   "QUARTER",     "MONTH",       "WEEK",
    "DAY",        "HOUR",    "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND",
    "EPOCH",      "DOW",     "ISODOW", "DOY",    "ISOYEAR"};

const char *
sb_time_unit_name(sb_time_unit unit)
{
    return unit_names[unit];
}

bool
sb_time_unit_find(const char *name, size_t size, sb_time_unit *out)
{
    static const struct {
        const char *name;
        sb_time_unit unit;
    } others[] = {
        {"DAYOFWEEK", SB_UNIT_DOW}, {"DAYOFYEAR", SB_UNIT_DOY}, {"DAYOFMONTH", SB_UNIT_DAY}};

    if (size > 8 && strncasecmp(name, "SQL_TSI_", 8) == 0) {
        name += 8;
        size -= 8;
    }
    for (int i = 0; i < SB_UNIT_COUNT; i++) {
        size_t n = __builtin_strlen(unit_names[i]);
        bool plural = size == n + 1 && (name[n] == 'S' || name[n] == 's');
        if ((n == size || plural) && strncasecmp(name, unit_names[i], n) == 0) {
            *out = (sb_time_unit)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (__builtin_strlen(others[i].name) == size &&
            strncasecmp(name, others[i].name, size) == 0) {
            *out = others[i].unit;
            return true;
        }
    }
    return false;
}
