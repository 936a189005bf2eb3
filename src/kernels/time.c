/*
 * kernels/time.c -- see time.h. Text forms: time_text.c.
 *
 * Source of the day arithmetic: Howard Hinnant, "chrono-compatible low-level date algorithms".
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

sb_civil
sb_civil_of_days(int64_t days)
{
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

int64_t
sb_us_months_between(int64_t a, int64_t b)
{
    if (a < b) {
        return -sb_us_months_between(b, a);
    }
    int64_t days_a = sb_floor_div(a, SB_US_PER_DAY), days_b = sb_floor_div(b, SB_US_PER_DAY);
    sb_civil ca = sb_civil_of_days(days_a), cb = sb_civil_of_days(days_b);
    int64_t months = (ca.year - cb.year) * 12 + ca.month - cb.month;
    while (months > 0 && sb_us_add_months(b, months) > a) {
        months--;
    }
    return months;
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

int64_t
sb_time_extract(sb_time_unit unit, sb_ts_ns local)
{
    int64_t days = sb_floor_div(local.us, SB_US_PER_DAY), us = local.us - days * SB_US_PER_DAY;
    switch (unit) {
    case SB_UNIT_HOUR: return us / 3600000000;
    case SB_UNIT_MINUTE: return us / 60000000 % 60;
    case SB_UNIT_SECOND: return us / 1000000 % 60;
    case SB_UNIT_MILLISECOND: return us / 1000 % 1000;
    case SB_UNIT_MICROSECOND: return us % 1000000;
    case SB_UNIT_NANOSECOND: return us % 1000000 * 1000 + local.ns;
    case SB_UNIT_EPOCH: return sb_floor_div(local.us, 1000000);
    default: return extract_date(unit, days);
    }
}

/* The start of the unit that `days` lies in (skip 0), or of the one after it (skip 1). */
static int64_t
unit_start(int64_t days, sb_time_unit unit, int skip)
{
    sb_civil c = sb_civil_of_days(days);
    if (unit_years(unit)) {
        return sb_days_of_civil(
            (sb_civil){first_year(unit, c.year) + skip * unit_years(unit), 1, 1});
    }
    switch (unit) {
    case SB_UNIT_WEEK: return days - sb_floor_mod(days + 4, 7) + 7 * skip;
    case SB_UNIT_MONTH: c.month += skip; break;
    case SB_UNIT_QUARTER: c.month = (c.month - 1) / 3 * 3 + 1 + 3 * skip; break;
    default: return days + skip;
    }
    if (c.month > 12) {
        c.month -= 12;
        c.year++;
    }
    c.day = 1;
    return sb_days_of_civil(c);
}

int64_t
sb_us_floor(int64_t us, sb_time_unit unit)
{
    int64_t length = sb_unit_us(unit);
    if (length && unit != SB_UNIT_WEEK) {
        return us - sb_floor_mod(us, length);
    }
    return sb_wrap_mul(unit_start(sb_floor_div(us, SB_US_PER_DAY), unit, 0), SB_US_PER_DAY);
}

int64_t
sb_us_ceil(int64_t us, sb_time_unit unit)
{
    int64_t length = sb_unit_us(unit), days = sb_floor_div(us, SB_US_PER_DAY);
    if (length && unit != SB_UNIT_WEEK) {
        int64_t down = sb_us_floor(us, unit);
        return down == us ? us : sb_wrap_add(down, length);
    }
    /* Flink looks at the day alone: any time on the first day of a month is in the month before. */
    int64_t first = unit_start(days, unit, 0);
    return sb_wrap_mul(first == days ? days : unit_start(days, unit, 1), SB_US_PER_DAY);
}

sb_ts_ns
sb_ts_truncate(sb_ts_ns ts, int precision)
{
    static const int32_t steps[10] = {1000000, 100000, 10000, 1000, 100, 10, 1, 100, 10, 1};
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
