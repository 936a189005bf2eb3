/*
 * formats/time_text.h -- dates, times and timestamps <-> text by the rules of Flink's formats
 * (java.time behind).
 *
 * DESIGN     A timestamp is microseconds since the epoch plus nanoseconds of the microsecond, as
 *            sb_ts_ns holds it. Digits beyond the type's precision are cut off. SQL timestamps
 *            resolve smartly, as java.time does: 24:00:00 is the next day, February 30 the last of
 *            February; ISO-8601 ones and dates are strict.
 * THREADS    T:any; no state.
 */
#ifndef SB_FORMATS_TIME_TEXT_H
#define SB_FORMATS_TIME_TEXT_H

#include "columnar/type.h"

/* Days since the epoch of a proleptic Gregorian date, and back. */
int64_t sb_fmt_days_from_civil(int64_t year, int month, int day);
void sb_fmt_civil_from_days(int64_t days, int64_t *year, int *month, int *day);

bool sb_fmt_parse_date(sb_str s, int32_t *days); /* strict yyyy-MM-dd (ISO_LOCAL_DATE) */
/* yyyy-[M]M-[d]d, day 31 rolls over (java.sql.Date.valueOf: csv) */
bool sb_fmt_parse_date_lenient(sb_str s, int32_t *days);
bool sb_fmt_parse_time(sb_str s, int32_t *ms);     /* HH:mm:ss[.fraction], smart */
bool sb_fmt_parse_time_iso(sb_str s, int32_t *ms); /* HH:mm[:ss[.fraction]], strict */
/* iso: 'T' between and strict, else ' ' and smart; zone: a 'Z' must follow. */
bool sb_fmt_parse_timestamp(sb_str s, bool iso, bool zone, int precision, sb_ts_ns *out);

/* The minute that was read last: timestamps that come one after the other are mostly of the same.
 * Begins as zeros; for one value of `iso`. */
typedef struct sb_fmt_minute {
    char text[16]; /* yyyy-MM-dd HH:mm */
    int64_t us;
} sb_fmt_minute;

/* The same, quicker for a timestamp of that minute. */
bool sb_fmt_parse_timestamp_near(sb_str s, bool iso, bool zone, int precision, sb_fmt_minute *last,
                                 sb_ts_ns *out);

/* Digits behind the point of a timestamp as it is written. */
static inline int32_t
sb_fmt_fraction_digits(sb_str s)
{
    const char *point = s.size ? (const char *)__builtin_memchr(s.data, '.', s.size) : NULL;
    int32_t count = 0;
    while (point && ++point < s.data + s.size && *point >= '0' && *point <= '9') {
        count++;
    }
    return count;
}

#define SB_TIME_TEXT_MAX 48
int sb_fmt_print_date(char *out, int64_t days);
/* a zero fraction is left out, as are trailing zeros */
int sb_fmt_print_time(char *out, int32_t ms, bool with_fraction);
int sb_fmt_print_timestamp(char *out, sb_ts_ns ts, bool iso, bool zone);

/* A TIMESTAMP or TIMESTAMP_LTZ value of a column, whatever its precision. */
static inline sb_ts_ns
sb_fmt_timestamp_at(sb_phys phys, const void *value)
{
    sb_ts_ns ts = {0, 0, 0};
    __builtin_memcpy(&ts, value, phys == SB_PHYS_TSNS ? sizeof ts : sizeof ts.us);
    return ts;
}

#endif
