/*
 * formats/ogg_time.c -- see ogg_time.h.
 *
 * DESIGN     Flink reads op_ts with one parser and current_ts with another, which falls back to a
 *            third; only a blank in it makes that one keep microseconds. A field is so many digits;
 *            what they may say is looked at afterwards.
 * THREADS    T:any; no state.
 */
#include "formats/ogg_time.h"

#include <string.h>

#include "formats/time_text.h"

#define US_PER_DAY INT64_C(86400000000)

typedef struct text_at {
    const char *at, *end;
} text_at;

typedef struct parts {
    int64_t year, month, day, hour, minute, second, us;
} parts;

static bool
take_char(text_at *s, char c)
{
    bool is = s->at < s->end && *s->at == c;
    s->at += is;
    return is;
}

/* From min to max (at most 9) digits. */
static bool
take_number(text_at *s, int min, int max, int64_t *out)
{
    int count = 0;
    for (*out = 0; count < max && s->at < s->end && *s->at >= '0' && *s->at <= '9'; count++) {
        *out = *out * 10 + (*s->at++ - '0');
    }
    return count >= min;
}

static bool
take_date(text_at *s, int min, parts *p)
{
    return take_number(s, 4, 4, &p->year) && take_char(s, '-') &&
           take_number(s, min, 2, &p->month) && take_char(s, '-') &&
           take_number(s, min, 2, &p->day) && p->month >= 1 && p->month <= 12 && p->day >= 1 &&
           p->day <= 31;
}

static bool
take_clock(text_at *s, int min, int max, parts *p)
{
    return take_number(s, min, max, &p->hour) && take_char(s, ':') &&
           take_number(s, min, max, &p->minute) && take_char(s, ':') &&
           take_number(s, min, max, &p->second);
}

/* Behind the point: from min to 9 digits; those behind the sixth count for nothing. */
static bool
take_fraction(text_at *s, int min, parts *p)
{
    const char *first = s->at;
    if (!take_number(s, min, 9, &p->us)) {
        return false;
    }
    ptrdiff_t count = s->at - first;
    for (; count < 6; count++) {
        p->us *= 10;
    }
    for (; count > 6; count--) {
        p->us /= 10;
    }
    return true;
}

static int64_t
us_of(const parts *p, int64_t day)
{
    int64_t days = sb_fmt_days_from_civil(p->year, (int)p->month, 1) + day - 1;
    return days * US_PER_DAY + ((p->hour * 60 + p->minute) * 60 + p->second) * 1000000 + p->us;
}

/* As java.time resolves smartly: a day behind the month is its last, 24:00 the next day. */
static bool
smart_time(parts *p, int64_t *us)
{
    bool midnight = p->hour == 24 && p->minute == 0 && p->second == 0 && p->us == 0;
    if ((p->hour > 23 && !midnight) || p->minute > 59 || p->second > 59) {
        return false;
    }
    int64_t month = p->month, year = p->year;
    int64_t first = sb_fmt_days_from_civil(year, (int)month, 1);
    int64_t next =
        sb_fmt_days_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : (int)month + 1, 1);
    p->us -= p->us % 1000;
    *us = us_of(p, p->day > next - first ? next - first : p->day);
    return true;
}

bool
sb_ogg_event_time(sb_str s, int64_t *us)
{
    text_at at = {s.data, s.data + s.size};
    parts p = {0};
    if (!take_date(&at, 1, &p)) {
        return false;
    }
    if (at.at < at.end && (!take_char(&at, ' ') || !take_clock(&at, 1, 2, &p) ||
                           (take_char(&at, '.') && !take_fraction(&at, 0, &p)))) {
        return false;
    }
    return at.at == at.end && smart_time(&p, us);
}

static bool
iso_time(sb_str s, int64_t *us)
{
    text_at at = {s.data, s.data + s.size};
    parts p = {0};
    return s.size == sizeof "yyyy-MM-ddTHH:mm:ss.SSSSSS" - 1 && take_date(&at, 2, &p) &&
           take_char(&at, 'T') && take_clock(&at, 2, 2, &p) && take_char(&at, '.') &&
           take_fraction(&at, 6, &p) && at.at == at.end && smart_time(&p, us);
}

bool
sb_ogg_ingestion_time(sb_str s, int64_t *us)
{
    parts p = {0};
    if (iso_time(s, us)) {
        return true;
    }
    text_at at = {s.data, s.data + s.size};
    while (at.at < at.end && (unsigned char)*at.at <= ' ') {
        at.at++;
    }
    while (at.at < at.end && (unsigned char)at.end[-1] <= ' ') {
        at.end--;
    }
    if (!take_date(&at, 1, &p)) {
        return false;
    }
    if (at.at < at.end && (!take_char(&at, ' ') || !take_clock(&at, 1, 9, &p) ||
                           (take_char(&at, '.') && !take_fraction(&at, 1, &p)))) {
        return false;
    }
    if (at.at < at.end) {
        return false;
    }
    *us = us_of(&p, p.day);
    return true;
}
