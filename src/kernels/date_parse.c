/*
 * kernels/date_parse.c -- reading text by a date pattern. See date_pattern.h.
 *
 * DESIGN     Both dialects collect fields and build the timestamp at the end. A number that is
 * directly followed by another leaves it its digits ("yyyyMMdd").
 */
#include "kernels/date_pattern.h"

#include <string.h>
#include <strings.h>

typedef struct fields {
    int64_t year, month, day, hour, minute, second, nano;
    int64_t half;        /* 0 AM, 1 PM, -1 not given */
    int64_t hour12;      /* 0..11, -1 not given */
    int64_t weekday;     /* 1 = Monday, 0 not given */
    int64_t day_of_year; /* 0 not given */
    int64_t offset_s;    /* of Z, X */
    bool has_offset;
} fields;

typedef struct reader {
    const sb_date_pattern *pattern;
    const char *at, *end;
    fields f;
    int64_t now_year;
} reader;

static bool
is_simple(const reader *r)
{
    return r->pattern->dialect == SB_PATTERN_SIMPLE;
}

/* Is the item read as digits? */
static inline bool
is_numeric(sb_pattern_item item)
{
    static const bool numbers[128] = {
        ['y'] = true, ['u'] = true, ['d'] = true, ['H'] = true, ['k'] = true,
        ['K'] = true, ['h'] = true, ['m'] = true, ['s'] = true, ['S'] = true,
        ['n'] = true, ['Y'] = true, ['D'] = true, ['A'] = true};

    if (item.letter == 'M' || item.letter == 'L') {
        return item.count <= 2;
    }
    return numbers[item.letter & 0x7F];
}

/* Digits that the numbers directly behind item i need (formatter), 0: none follow. */
static int32_t
reserved(const sb_date_pattern *p, int32_t i)
{
    int32_t n = 0;
    /* Only fields of fixed width; "yyyyMd" cannot be told apart. */
    for (i++; i < p->count && is_numeric(p->items[i]) && p->items[i].count > 1; i++) {
        n += p->items[i].count;
    }
    return n;
}

static bool
take_digits(reader *r, int32_t min, int32_t max, int64_t *out)
{
    int64_t v = 0;
    int32_t n = 0;
    while (n < max && n < 18 && r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        v = v * 10 + (*r->at++ - '0');
        n++;
    }
    *out = v;
    return n >= min && n > 0;
}

static int32_t
count_digits(const reader *r)
{
    int32_t n = 0;
    while (r->at + n < r->end && r->at[n] >= '0' && r->at[n] <= '9' && n < 18) {
        n++;
    }
    return n;
}

/* A number of the formatter: "d" takes what is there, "dd" exactly two, "yyyy" four or more. */
static bool
take_strict(reader *r, int32_t i, int64_t *out)
{
    sb_pattern_item item = r->pattern->items[i];
    bool year = item.letter == 'y' || item.letter == 'u';
    int32_t min = item.count, max = item.count;
    bool negative = false, has_sign = false;
    if (item.count == 1 || (year && item.count != 2)) {
        if (year && item.count >= 4 && r->at < r->end && (*r->at == '+' || *r->at == '-')) {
            negative = *r->at++ == '-';
            has_sign = true;
        }
        int32_t later = reserved(r->pattern, i), there = count_digits(r);
        max = later ? there - later : 18;
        max = max < min ? min : max;
        max = year && item.count >= 4 && !has_sign && max > 4 ? 4 : max; /* more only with a sign */
    }
    if (!take_digits(r, min, max, out)) {
        return false;
    }
    *out = negative ? -*out : *out;
    return true;
}

/* A number of SimpleDateFormat: spaces before it, as many digits as there are unless a number
 * follows. */
static bool
take_lenient(reader *r, int32_t i, int64_t *out, int32_t *out_digits)
{
    sb_pattern_item item = r->pattern->items[i];
    bool abuts = i + 1 < r->pattern->count && is_numeric(r->pattern->items[i + 1]);
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) {
        r->at++;
    }
    bool negative = r->at < r->end && *r->at == '-';
    r->at += negative;
    const char *from = r->at;
    if (!take_digits(r, 1, abuts ? item.count : 18, out)) {
        return false;
    }
    *out_digits = (int32_t)(r->at - from);
    *out = negative ? -*out : *out;
    return true;
}

/* A name in full or its first three letters; -1: none. */
static int
take_name(reader *r, const char *const *names, int count, int32_t letters)
{
    bool simple = is_simple(r);
    for (int full = 1; full >= 0; full--) {
        if (!simple && full != (letters >= 4)) {
            continue;
        }
        for (int i = 0; i < count; i++) {
            size_t n = full ? strlen(names[i]) : 3;
            bool fits =
                (size_t)(r->end - r->at) >= n &&
                (simple ? strncasecmp(r->at, names[i], n) == 0 : memcmp(r->at, names[i], n) == 0);
            if (fits) {
                r->at += n;
                return i;
            }
        }
    }
    return -1;
}

static bool
take_offset(reader *r)
{
    int64_t h, m = 0;
    r->f.has_offset = true;
    if (r->at < r->end && *r->at == 'Z') {
        r->at++;
        return true;
    }
    if (r->at == r->end || (*r->at != '+' && *r->at != '-')) {
        return false;
    }
    bool west = *r->at++ == '-';
    if (!take_digits(r, 2, 2, &h)) {
        return false;
    }
    r->at += r->at < r->end && *r->at == ':';
    if (count_digits(r) >= 2) {
        take_digits(r, 2, 2, &m);
    }
    r->f.offset_s = (h * 3600 + m * 60) * (west ? -1 : 1);
    return true;
}

static bool
take_fraction(reader *r, int32_t i, int64_t *out)
{
    static const int64_t scale[10] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                      10000,      1000,      100,      10,      1};
    int32_t count = r->pattern->items[i].count > 9 ? 9 : r->pattern->items[i].count;
    if (!take_digits(r, count, count, out)) {
        return false;
    }
    *out *= scale[count];
    return true;
}

/* Two digits: the formatter means 2000 to 2099, SimpleDateFormat 80 years back to 20 ahead. */
static int64_t
full_year(const reader *r, int64_t value, int32_t count, int32_t digits)
{
    if (!is_simple(r)) {
        return count == 2 ? 2000 + value : value;
    }
    if (count > 2 || digits != 2) {
        return value;
    }
    int64_t year = r->now_year - r->now_year % 100 + value;
    return year > r->now_year + 20 ? year - 100 : year <= r->now_year - 80 ? year + 100 : year;
}

static bool
store_number(reader *r, sb_pattern_item item, int64_t v, int32_t digits)
{
    fields *f = &r->f;
    switch (item.letter) {
    case 'y': f->year = full_year(r, v, item.count, digits); return true;
    case 'u':
        if (!is_simple(r)) {
            f->year = full_year(r, v, item.count, digits);
        }
        return true;
    case 'M':
    case 'L': f->month = v; return true;
    case 'd': f->day = v; return true;
    case 'D': f->day_of_year = v; return v > 0;
    case 'H': f->hour = v; return true;
    case 'k':
        f->hour = v == 24 ? 0 : v;
        return is_simple(r) || v <= 24; /* 0 passes, as in java.time */
    case 'K': f->hour12 = v; return true;
    case 'h': f->hour12 = v == 12 ? 0 : v; return is_simple(r) || v <= 12;
    case 'm': f->minute = v; return true;
    case 's': f->second = v; return true;
    case 'S': f->nano = v * 1000000; return true; /* SimpleDateFormat: milliseconds */
    case 'n': f->nano = v; return true;
    default: return false; /* letters that are only printed */
    }
}

static bool
take_item(reader *r, int32_t i)
{
    sb_pattern_item item = r->pattern->items[i];
    int64_t v;
    int32_t digits = 0;
    int name;
    if (item.letter == 0) {
        bool fits = r->end - r->at >= item.size &&
                    (item.size == 1 ? *r->at == *item.text
                                    : memcmp(r->at, item.text, (size_t)item.size) == 0);
        if (!fits) {
            return false;
        }
        r->at += item.size;
        return true;
    }
    if (item.letter == 'S' && !is_simple(r)) {
        return take_fraction(r, i, &r->f.nano);
    }
    if (is_numeric(item)) {
        bool fits = is_simple(r) ? take_lenient(r, i, &v, &digits) : take_strict(r, i, &v);
        return fits && store_number(r, item, v, digits);
    }
    switch (item.letter) {
    case 'M':
    case 'L':
        name = take_name(r, sb_month_names, 12, item.count);
        r->f.month = name + 1;
        return name >= 0;
    case 'E':
        name = take_name(r, sb_day_names, 7, item.count);
        r->f.weekday = name + 1;
        return name >= 0;
    case 'a': {
        static const char *const halves[2] = {"AM", "PM"};
        for (name = 0; name < 2; name++) {
            bool fits =
                r->end - r->at >= 2 && (is_simple(r) ? strncasecmp(r->at, halves[name], 2) == 0
                                                     : memcmp(r->at, halves[name], 2) == 0);
            if (fits) {
                r->at += 2;
                r->f.half = name;
                return true;
            }
        }
        return false;
    }
    case 'Z':
    case 'X':
    case 'x': return take_offset(r);
    default: return false;
    }
}

/* Items [i, end); an optional part that does not fit is stepped over. */
static bool
take_items(reader *r, int32_t i, int32_t end)
{
    while (i < end) {
        char letter = r->pattern->items[i].letter;
        if (letter == '[') {
            int32_t depth = 1, close = i + 1;
            for (; close < end; close++) {
                char c = r->pattern->items[close].letter;
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
                if (depth == 0) {
                    break;
                }
            }
            reader saved = *r;
            if (!take_items(r, i + 1, close)) {
                *r = saved;
            }
            i = close + 1;
            continue;
        }
        if (letter != ']' && !take_item(r, i)) {
            return false;
        }
        i++;
    }
    return true;
}

static void
merge_halves(fields *f)
{
    if (f->hour12 >= 0 && f->hour < 0) {
        f->hour = f->hour12 + (f->half == 1 ? 12 : 0);
    }
    f->hour = f->hour < 0 ? 0 : f->hour;
}

/* The day of the year decides when it was given. */
static void
use_day_of_year(fields *f)
{
    if (f->day_of_year > 0 && f->day_of_year <= 366) {
        int64_t first = sb_days_of_civil((sb_civil){f->year, 1, 1});
        sb_civil c = sb_civil_of_days(first + f->day_of_year - 1);
        f->year = c.year;
        f->month = c.month;
        f->day = c.day;
    } else if (f->day_of_year > 366) {
        f->day = 32; /* out of range: refused, or carried over */
    }
}

/* java.time: every field in its range; a day beyond the month's end becomes the last. */
static bool
finish_strict(fields *f, sb_ts_ns *out)
{
    merge_halves(f);
    use_day_of_year(f);
    bool midnight = f->hour == 24 && f->minute == 0 && f->second == 0 && f->nano == 0;
    if (f->month < 1 || f->month > 12 || f->day < 1 || f->day > 31 || (f->hour > 23 && !midnight) ||
        f->minute > 59 || f->second > 59 || f->hour12 > 11 || f->nano > 999999999) {
        return false;
    }
    int last = sb_month_length(f->year, (int)f->month);
    int64_t days =
        sb_days_of_civil((sb_civil){f->year, (int)f->month, (int)(f->day > last ? last : f->day)});
    if (f->weekday && sb_floor_mod(days + 3, 7) + 1 != f->weekday) {
        return false;
    }
    int64_t us = (f->hour * 3600 + f->minute * 60 + f->second) * 1000000 + f->nano / 1000;
    *out = (sb_ts_ns){.us = sb_wrap_add(sb_wrap_mul(days, SB_US_PER_DAY), us),
                      .ns = (int32_t)(f->nano % 1000)};
    return true;
}

/* A lenient calendar: whatever is too large carries over. */
static void
finish_lenient(fields *f, sb_ts_ns *out)
{
    merge_halves(f);
    use_day_of_year(f);
    int64_t month = f->month - 1;
    int64_t year = sb_wrap_add(f->year, sb_floor_div(month, 12));
    int64_t days =
        sb_days_of_civil((sb_civil){year % 1000000000, (int)sb_floor_mod(month, 12) + 1, 1});
    days = sb_wrap_add(days, f->day - 1);
    int64_t s =
        sb_wrap_add(sb_wrap_add(sb_wrap_mul(f->hour, 3600), sb_wrap_mul(f->minute, 60)), f->second);
    int64_t us = sb_wrap_add(sb_wrap_mul(s, 1000000), f->nano / 1000);
    *out = (sb_ts_ns){.us = sb_wrap_add(sb_wrap_mul(days, SB_US_PER_DAY), us)};
}

bool
sb_pattern_parse(const sb_date_pattern *pattern, const char *text, size_t size, int64_t now_year,
                 sb_ts_ns *out, int32_t *out_offset_s)
{
    reader r = {.pattern = pattern, .at = text, .end = text + size, .now_year = now_year};
    r.f = (fields){.year = 1970, .month = 1, .day = 1, .hour = -1, .half = -1, .hour12 = -1};
    if (!take_items(&r, 0, pattern->count)) {
        return false;
    }
    if (out_offset_s) {
        *out_offset_s = r.f.has_offset ? (int32_t)r.f.offset_s : SB_PATTERN_NO_OFFSET;
    }
    if (is_simple(&r)) {
        finish_lenient(&r.f, out);
        return true;
    }
    return r.at == r.end && finish_strict(&r.f, out);
}
