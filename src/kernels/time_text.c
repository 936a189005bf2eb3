/*
 * kernels/time_text.c -- dates, times, timestamps and intervals as text. See time.h.
 *
 * DESIGN     Reading is as lenient as Flink's CAST: one or two digits per part, a date without day
 * or month, a time without seconds. A date is cut at the first space.
 */
#include "kernels/time.h"
#include "kernels/view.h"

#include <string.h>

static char *
put_digits(char *at, uint64_t value, int digits)
{
    int i = digits;
    for (; i >= 2; i -= 2) {
        sb_put_pair(at + i - 2, value % 100);
        value /= 100;
    }
    if (i > 0) {
        at[0] = (char)('0' + value % 10);
    }
    return at + digits;
}

static int
digits_of(uint64_t value)
{
    int n = 1;
    for (; value >= 10; value /= 10) {
        n++;
    }
    return n;
}

size_t
sb_date_print(char *buffer, int64_t days)
{
    sb_civil c = sb_civil_of_days(days);
    char *at = buffer;
    uint64_t year = (uint64_t)(c.year < 0 ? -c.year : c.year);
    if (c.year < 0) {
        *at++ = '-';
    }
    if (year < 10000) {
        at = sb_put_pair(sb_put_pair(at, year / 100), year % 100);
    } else {
        at = put_digits(at, year, digits_of(year));
    }
    *at++ = '-';
    at = sb_put_pair(at, (uint64_t)c.month);
    *at++ = '-';
    return (size_t)(sb_put_pair(at, (uint64_t)c.day) - buffer);
}

static char *
put_clock(char *at, uint64_t seconds)
{
    at = sb_put_pair(at, seconds / 3600);
    *at++ = ':';
    at = sb_put_pair(at, seconds / 60 % 60);
    *at++ = ':';
    return sb_put_pair(at, seconds % 60);
}

size_t
sb_time_print(char *buffer, int64_t ms, int precision)
{
    static const int cut[4] = {1000, 100, 10, 1};
    int digits = precision > 3 ? 3 : precision;
    ms = sb_floor_mod(ms, SB_MS_PER_DAY);
    char *at = put_clock(buffer, (uint64_t)ms / 1000);
    if (digits > 0) {
        *at++ = '.';
        at = put_digits(at, (uint64_t)(ms % 1000 / cut[digits]), digits);
    }
    return (size_t)(at - buffer);
}

size_t
sb_ts_print(char *buffer, sb_ts_ns ts, int precision)
{
    static const int64_t cut[10] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                    10000,      1000,      100,      10,      1};
    int64_t days = sb_floor_div(ts.us, SB_US_PER_DAY), us = ts.us - days * SB_US_PER_DAY;
    char *at = buffer + sb_date_print(buffer, days);
    *at++ = ' ';
    at = put_clock(at, (uint64_t)us / 1000000);
    if (precision == 3) {
        uint64_t ms = (uint64_t)us / 1000 % 1000;
        *at++ = '.';
        *at++ = (char)('0' + ms / 100);
        at = sb_put_pair(at, ms % 100);
    } else if (precision > 0) {
        *at++ = '.';
        at = put_digits(at, (uint64_t)((us % 1000000 * 1000 + ts.ns) / cut[precision]), precision);
    }
    return (size_t)(at - buffer);
}

size_t
sb_months_print(char *buffer, int64_t months)
{
    uint64_t m = months < 0 ? 0 - (uint64_t)months : (uint64_t)months;
    char *at = buffer;
    *at++ = months < 0 ? '-' : '+';
    at = put_digits(at, m / 12, digits_of(m / 12));
    *at++ = '-';
    return (size_t)(put_digits(at, m % 12, 2) - buffer);
}

size_t
sb_interval_print(char *buffer, int64_t ms)
{
    uint64_t m = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    char *at = buffer;
    *at++ = ms < 0 ? '-' : '+';
    uint64_t days = m / (uint64_t)SB_MS_PER_DAY;
    at = put_digits(at, days, digits_of(days));
    *at++ = ' ';
    at = put_clock(at, m % (uint64_t)SB_MS_PER_DAY / 1000);
    *at++ = '.';
    return (size_t)(put_digits(at, m % 1000, 3) - buffer);
}

typedef struct cursor {
    const char *at, *end;
} cursor;

/* min..max digits; false: fewer. */
static bool
take_number(cursor *c, int min, int max, int64_t *out)
{
    int64_t v = 0;
    int n = 0;
    while (n < max && c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        v = v * 10 + (*c->at++ - '0');
        n++;
    }
    *out = v;
    return n >= min;
}

static bool
take_char(cursor *c, char expected)
{
    if (c->at == c->end || *c->at != expected) {
        return false;
    }
    c->at++;
    return true;
}

static bool
date_in_range(int64_t y, int64_t m, int64_t d)
{
    return y >= 0 && y <= 9999 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

bool
sb_date_parse(const char *text, size_t size, int64_t *out_days)
{
    const char *space;
    bool leading = size > 0 && text[0] == ' ';
    while (size > 0 && text[0] == ' ') {
        text++;
        size--;
    }
    while (leading && size > 0 && text[size - 1] == ' ') {
        size--;
    }
    space = leading ? NULL : memchr(text, ' ', size); /* a time behind the date is ignored */
    cursor c = {text, space ? space : text + size};
    int64_t y, m = 1, d = 1;
    if (!take_number(&c, 1, 9, &y)) {
        return false;
    }
    if (take_char(&c, '-') && !take_number(&c, 1, 9, &m)) {
        return false;
    }
    if (c.at < c.end && (!take_char(&c, '-') || !take_number(&c, 1, 9, &d))) {
        return false;
    }
    if (c.at != c.end || !date_in_range(y, m, d) || d > sb_month_length(y, (int)m)) {
        return false;
    }
    *out_days = sb_days_of_civil((sb_civil){y, (int)m, (int)d});
    return true;
}

/* .fffffffff after seconds -> nanoseconds */
static bool
take_fraction(cursor *c, int max_digits, int64_t *out_ns)
{
    int64_t v = 0;
    int n = 0;
    *out_ns = 0;
    if (c->at == c->end) {
        return true;
    }
    if (!take_char(c, '.')) {
        return false;
    }
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        if (n < 9) {
            v = v * 10 + (*c->at - '0');
        }
        n++;
        c->at++;
    }
    for (int i = n; i < 9; i++) {
        v *= 10;
    }
    *out_ns = v;
    return n <= max_digits;
}

bool
sb_time_parse(const char *text, size_t size, int64_t *out_ms)
{
    cursor c = {text, text + size};
    int64_t h, m = 0, s = 0, ns = 0;
    if (!take_number(&c, 1, 2, &h)) {
        return false;
    }
    if (take_char(&c, ':') && !take_number(&c, 1, 2, &m)) {
        return false;
    }
    if (take_char(&c, ':') && !take_number(&c, 1, 2, &s)) {
        return false;
    }
    if (!take_fraction(&c, INT32_MAX, &ns) || c.at != c.end || h > 23 || m > 59 || s > 59) {
        return false;
    }
    *out_ms = (h * 3600 + m * 60 + s) * 1000 + ns / 1000000;
    return true;
}

bool
sb_ts_parse(const char *text, size_t size, sb_ts_ns *out)
{
    cursor c = {text, text + size};
    int64_t y, mo, d, h = 0, mi = 0, s = 0, ns = 0;
    if (!take_number(&c, 4, 4, &y) || !take_char(&c, '-') || !take_number(&c, 1, 2, &mo) ||
        !take_char(&c, '-') || !take_number(&c, 1, 2, &d)) {
        return false;
    }
    if (c.at != c.end) {
        if (!take_char(&c, ' ') || !take_number(&c, 1, 2, &h) || !take_char(&c, ':') ||
            !take_number(&c, 1, 2, &mi) || !take_char(&c, ':') || !take_number(&c, 1, 2, &s) ||
            !take_fraction(&c, 9, &ns)) {
            return false;
        }
    }
    bool midnight = h == 24 && mi == 0 && s == 0 && ns == 0; /* the end of the day */
    if (c.at != c.end || y == 0 || !date_in_range(y, mo, d) || (h > 23 && !midnight) || mi > 59 ||
        s > 59) {
        return false;
    }
    if (d > sb_month_length(y, (int)mo)) {
        d = sb_month_length(y, (int)mo); /* java.time's smart resolver */
    }
    int64_t days = sb_days_of_civil((sb_civil){y, (int)mo, (int)d});
    *out = (sb_ts_ns){.us = days * SB_US_PER_DAY + (h * 3600 + mi * 60 + s) * 1000000 + ns / 1000,
                      .ns = (int32_t)(ns % 1000)};
    return true;
}

/* yyyy-[m]m-[d]d up to the end */
static bool
take_sql_date(cursor c, sb_civil *out)
{
    int64_t y, m, d;
    if (!take_number(&c, 4, 4, &y) || !take_char(&c, '-') || !take_number(&c, 1, 2, &m) ||
        !take_char(&c, '-') || !take_number(&c, 1, 2, &d) || c.at != c.end) {
        return false;
    }
    *out = (sb_civil){y, (int)m, (int)d};
    return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

bool
sb_ts_value_of(const char *text, size_t size, sb_ts_ns *out)
{
    while (size > 0 && (unsigned char)text[0] <= ' ') { /* String.trim */
        text++;
        size--;
    }
    while (size > 0 && (unsigned char)text[size - 1] <= ' ') {
        size--;
    }
    const char *space = memchr(text, ' ', size);
    cursor c = {text, space ? space : text + size};
    int64_t h = 0, mi = 0, s = 0, ns = 0;
    sb_civil date;
    if (!take_sql_date(c, &date)) {
        return false;
    }
    if (space) {
        c = (cursor){space + 1, text + size};
        /* Integer.parseInt: as many digits as an int has. */
        if (!take_number(&c, 1, 9, &h) || !take_char(&c, ':') || !take_number(&c, 1, 9, &mi) ||
            !take_char(&c, ':') || !take_number(&c, 1, 9, &s) || !take_fraction(&c, 9, &ns) ||
            c.at != c.end || c.at[-1] == '.') {
            return false;
        }
    }
    int day = date.day;
    date.day = 1;
    int64_t days = sb_days_of_civil(date) + day - 1;
    *out = (sb_ts_ns){.us = days * SB_US_PER_DAY + (h * 3600 + mi * 60 + s) * 1000000 + ns / 1000,
                      .ns = (int32_t)(ns % 1000)};
    return true;
}
