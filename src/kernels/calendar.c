/*
 * kernels/calendar.c -- see calendar.h.
 *
 * DESIGN     Loops over arrays of 32-bit numbers that a compiler makes vector instructions of;
 * where the processor has AVX2, a second version for that. Source of the arithmetic: Cassio Neri
 * and Lorenz Schneider, "Euclidean affine functions and their application to calendar algorithms"
 * (2022).
 */
#include "kernels/calendar.h"

#include <string.h>

enum {
    CYCLES = 10,                      /* of 400 years, to count from a positive day */
    SHIFT = 719468 + 146097 * CYCLES, /* day 0 is 1 March of the year -4000 */
    NEAR_DAYS = 8000000,              /* shifted days are below this */
    GREGORIAN = -141427               /* 1582-10-15 */
};

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE       __attribute__((target("avx2,bmi,bmi2"), optimize("O3")))
#define HAS_WIDE() (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
#else
#define WIDE
#define HAS_WIDE() false
#endif
#define INLINE static inline __attribute__((always_inline))

typedef struct part {
    uint32_t year;        /* that begins in March, from -4000 on */
    uint32_t day_of_year; /* from 1 March, 0.. */
    uint32_t century_year, century;
} part;

INLINE part
part_of(uint32_t shifted)
{
    uint32_t n = 4 * shifted + 3, century = n / 146097;
    uint32_t m = (n - century * 146097) | 3, year = m / 1461;
    return (part){100 * century + year, (m - year * 1461) / 4, year, century};
}

/* Month and day as in 2141 * day_of_year + 197913: 16 bits of month, the rest for the day. */
INLINE uint32_t
month_of(part p)
{
    uint32_t m = (2141 * p.day_of_year + 197913) >> 16;
    return m - (p.day_of_year >= 306 ? 12 : 0);
}

INLINE uint32_t
day_of(part p)
{
    uint32_t rest = (2141 * p.day_of_year + 197913) & 0xFFFF;
    return (rest * 31345 >> 26) + 1; /* rest / 2141 for all that occur */
}

INLINE int32_t
year_of(part p)
{
    return (int32_t)p.year - 400 * CYCLES + (p.day_of_year >= 306);
}

/* From 1 January. */
INLINE uint32_t
day_of_year(part p)
{
    uint32_t four = p.century_year == 0 ? p.century : p.century_year;
    uint32_t leap = (four & 3) == 0;
    return p.day_of_year >= 306 ? p.day_of_year - 305 : p.day_of_year + 60 + leap;
}

INLINE int64_t
unit_of(sb_time_unit unit, uint32_t shifted)
{
    uint32_t weekday = (shifted + 2) % 7; /* 0 = Monday */
    switch (unit) {
    case SB_UNIT_YEAR: return year_of(part_of(shifted));
    case SB_UNIT_QUARTER: return (month_of(part_of(shifted)) + 2) / 3;
    case SB_UNIT_MONTH: return month_of(part_of(shifted));
    case SB_UNIT_WEEK: return (day_of_year(part_of(shifted + 3 - weekday)) - 1) / 7 + 1;
    case SB_UNIT_DAY: return day_of(part_of(shifted));
    case SB_UNIT_DOW: return (shifted + 3) % 7 + 1;
    default: return day_of_year(part_of(shifted)); /* DOY */
    }
}

INLINE void
extract_loop(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count)
{
    int32_t values[SB_CALENDAR_BLOCK];
    for (int32_t i = 0; i < count; i++) {
        values[i] = (int32_t)unit_of(unit, (uint32_t)days[i] + SHIFT);
    }
    for (int32_t i = 0; i < count; i++) {
        out[i] = values[i];
    }
}

/* The unit is a constant in each copy of the loop. */
INLINE void
extract_any(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count)
{
    switch (unit) {
    case SB_UNIT_YEAR: extract_loop(SB_UNIT_YEAR, out, days, count); break;
    case SB_UNIT_QUARTER: extract_loop(SB_UNIT_QUARTER, out, days, count); break;
    case SB_UNIT_MONTH: extract_loop(SB_UNIT_MONTH, out, days, count); break;
    case SB_UNIT_WEEK: extract_loop(SB_UNIT_WEEK, out, days, count); break;
    case SB_UNIT_DAY: extract_loop(SB_UNIT_DAY, out, days, count); break;
    case SB_UNIT_DOW: extract_loop(SB_UNIT_DOW, out, days, count); break;
    default: extract_loop(SB_UNIT_DOY, out, days, count);
    }
}

/* Toward zero of the whole milliseconds, which are rounded down: see sb_us_days. A day has 10546875
 * times 2^13 microseconds; the quotient is exact as half a unit is added before the product with
 * the reciprocal. */
INLINE void
days_loop(int32_t *days, const int64_t *us, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        uint64_t sign = (uint64_t)(us[i] >> 63);
        uint64_t v = (((uint64_t)us[i] ^ sign) - sign) + (sign & 999);
        uint64_t bits = v >> 13 | UINT64_C(0x4330000000000000); /* 2^52 and the number */
        double n;
        memcpy(&n, &bits, 8);
        int32_t day = (int32_t)((n - 0x1p52 + 0.5) * (1.0 / 10546875));
        days[i] = (day ^ (int32_t)sign) - (int32_t)sign;
    }
}

INLINE void
floor_loop(bool year, int64_t *out, const int32_t *days, int32_t count)
{
    int32_t first[SB_CALENDAR_BLOCK];
    for (int32_t i = 0; i < count; i++) {
        part p = part_of((uint32_t)days[i] + SHIFT);
        first[i] = days[i] + 1 - (int32_t)(year ? day_of_year(p) : day_of(p));
    }
    for (int32_t i = 0; i < count; i++) {
        out[i] = first[i] * SB_US_PER_DAY;
    }
}

INLINE void
floor_any(bool year, int64_t *out, const int32_t *days, int32_t count)
{
    if (year) {
        floor_loop(true, out, days, count);
    } else {
        floor_loop(false, out, days, count);
    }
}

static WIDE void
days_wide(int32_t *days, const int64_t *us, int32_t count)
{
    days_loop(days, us, count);
}

static WIDE void
extract_wide(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count)
{
    extract_any(unit, out, days, count);
}

static WIDE void
floor_wide(bool year, int64_t *out, const int32_t *days, int32_t count)
{
    floor_any(year, out, days, count);
}

/* Are all days in [from, to)? */
static bool
all_within(const int32_t *days, int32_t count, int32_t from, int32_t to)
{
    uint32_t beyond = 0;
    for (int32_t i = 0; i < count; i++) {
        beyond |= (uint32_t)days[i] - (uint32_t)from >= (uint32_t)to - (uint32_t)from;
    }
    return !beyond;
}

void
sb_calendar_days(int32_t *days, const int64_t *us, int32_t count)
{
    if (HAS_WIDE()) {
        days_wide(days, us, count);
    } else {
        days_loop(days, us, count);
    }
}

bool
sb_calendar_extract(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count)
{
    bool known = unit == SB_UNIT_YEAR || unit == SB_UNIT_QUARTER || unit == SB_UNIT_MONTH ||
                 unit == SB_UNIT_WEEK || unit == SB_UNIT_DAY || unit == SB_UNIT_DOY ||
                 unit == SB_UNIT_DOW;
    if (!known || !all_within(days, count, 7 - SHIFT, NEAR_DAYS - SHIFT)) {
        return false;
    }
    if (HAS_WIDE()) {
        extract_wide(unit, out, days, count);
    } else {
        extract_any(unit, out, days, count);
    }
    return true;
}

bool
sb_calendar_floor(sb_time_unit unit, int64_t *out, const int32_t *days, int32_t count)
{
    if ((unit != SB_UNIT_YEAR && unit != SB_UNIT_MONTH) ||
        !all_within(days, count, GREGORIAN + 366, NEAR_DAYS - SHIFT)) {
        return false;
    }
    if (HAS_WIDE()) {
        floor_wide(unit == SB_UNIT_YEAR, out, days, count);
    } else {
        floor_any(unit == SB_UNIT_YEAR, out, days, count);
    }
    return true;
}
