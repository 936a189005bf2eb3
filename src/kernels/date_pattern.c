/*
 * kernels/date_pattern.c -- compiling and printing. Reading: date_parse.c. See date_pattern.h.
 */
#include "kernels/date_pattern.h"
#include "kernels/view.h"

#include <string.h>

const char *const sb_month_names[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const sb_day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                     "Friday", "Saturday", "Sunday"};

#define MOST_DIGITS  40 /* of a number, however often its letter stands in the pattern */
#define LONGEST_ITEM (MOST_DIGITS + 8)

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static sb_status
add_item(sb_date_pattern *p, sb_pattern_item item, sb_error *err)
{
    sb_pattern_item *last = p->count ? &p->items[p->count - 1] : NULL;
    if (item.letter == 0 && last && last->letter == 0 && last->text + last->size == item.text) {
        last->size += item.size;
        return SB_OK;
    }
    if (p->count == SB_PATTERN_ITEMS) {
        SB_FAIL(err, SB_STATUS_LIMIT, "date pattern has more than %d parts", SB_PATTERN_ITEMS);
    }
    p->items[p->count++] = item;
    return SB_OK;
}

/* A quoted literal that begins at text[*at]; '' is a quote. */
static sb_status
add_quoted(sb_date_pattern *p, const char *text, size_t size, size_t *at, sb_error *err)
{
    size_t i = *at + 1;
    if (i < size && text[i] == '\'') {
        *at = i + 1;
        return add_item(p, (sb_pattern_item){.text = text + i, .size = 1}, err);
    }
    while (i < size) {
        const char *quote = memchr(text + i, '\'', size - i);
        if (!quote) {
            break;
        }
        size_t end = (size_t)(quote - text);
        bool doubled = end + 1 < size && text[end + 1] == '\'';
        SB_TRY(add_item(p,
                        (sb_pattern_item){.text = text + i, .size = (int32_t)(end - i + doubled)},
                        err),
               err);
        i = end + 1 + doubled;
        if (!doubled) {
            *at = i;
            return SB_OK;
        }
    }
    SB_FAIL(err, SB_STATUS_DATA, "date pattern '%.*s' has an open quote",
            (int)(size > 200 ? 200 : size), text);
}

/* How long a text can get, and how long it stays the same. */
static void
measure(sb_date_pattern *p)
{
    p->max_size = 0;
    p->step_us = SB_US_PER_DAY;
    for (int32_t i = 0; i < p->count; i++) {
        const sb_pattern_item *item = &p->items[i];
        int64_t step = SB_US_PER_DAY;
        p->max_size += item->letter ? LONGEST_ITEM : (size_t)item->size;
        switch (item->letter) {
        case 'a':
        case 'H':
        case 'k':
        case 'K':
        case 'h': step = INT64_C(3600000000); break;
        case 'B':
        case 'm': step = 60000000; break;
        case 's': step = 1000000; break;
        case 'S':
        case 'n':
        case 'A':
        case 'N':
        case 'O':
        case 'Z':
        case 'X':
        case 'x': step = 0; break;
        default: break;
        }
        p->step_us = step < p->step_us ? step : p->step_us;
    }
}

/* How often Java lets a letter stand. */
static bool
count_fits(char letter, int32_t count, bool simple)
{
    switch (letter) {
    case 'z': return simple || count <= 4;
    case 'V': return count == 2;
    case 'O': return count == 1 || count == 4;
    case 'B': return count == 1 || count == 4 || count == 5;
    case 'X': return count <= (simple ? 3 : 5);
    case 'x': return count <= 5;
    case 'Z': return simple || count <= 5;
    default: return true;
    }
}

/* An item of a letter, one that is known. */
static sb_status
add_letter(sb_date_pattern *p, char letter, int32_t count, sb_error *err)
{
    if (!count_fits(letter, count, p->dialect == SB_PATTERN_SIMPLE)) {
        SB_FAIL(err, SB_STATUS_DATA, "letter '%c' stands %d times in a date pattern", letter,
                (int)count);
    }
    p->has_zone = p->has_zone || letter == 'z' || letter == 'V';
    p->printed = strchr("zVONB", letter) ? letter : p->printed;
    return add_item(p, (sb_pattern_item){.letter = letter, .count = count}, err);
}

sb_status
sb_pattern_compile(const char *text, size_t size, sb_pattern_dialect dialect, sb_date_pattern *out,
                   sb_error *err)
{
    const char *known = dialect == SB_PATTERN_SIMPLE ? "GyYMLwWDdFEuaHkKhmsSZXz"
                                                     : "GyuYMLwWDdFEecaHkKhmsSnANQqZXxzVOB";
    int depth = 0;
    *out = (sb_date_pattern){.dialect = dialect, .zone = "UTC"};
    for (size_t i = 0; i < size;) {
        char c = text[i];
        bool bracket = dialect == SB_PATTERN_FORMATTER && (c == '[' || c == ']');
        if (c == '\'') {
            SB_TRY(add_quoted(out, text, size, &i, err), err);
        } else if (is_letter(c)) {
            size_t from = i;
            while (i < size && text[i] == c) {
                i++;
            }
            if (!strchr(known, c)) {
                SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                        "not supported: letter '%c' in the date pattern '%.*s'", c,
                        (int)(size > 200 ? 200 : size), text);
            }
            SB_TRY(add_letter(out, c, (int32_t)(i - from), err), err);
        } else if (bracket) {
            depth += c == '[' ? 1 : -1;
            if (depth < 0) {
                break;
            }
            SB_TRY(add_item(out, (sb_pattern_item){.letter = c}, err), err);
            i++;
        } else {
            SB_TRY(add_item(out, (sb_pattern_item){.text = text + i, .size = 1}, err), err);
            i++;
        }
    }
    if (depth < 0) {
        SB_FAIL(err, SB_STATUS_DATA, "date pattern '%.*s' closes a part that it has not opened",
                (int)(size > 200 ? 200 : size), text);
    }
    measure(out);
    return SB_OK;
}

/* ---- printing -----------------------------------------------------------------------------------
 */

typedef struct moment { /* a timestamp taken apart */
    sb_civil date;
    int64_t days;
    int hour, minute, second;
    int64_t nano; /* of the second */
} moment;

/* At least `digits` digits, with zeros in front. */
static char *
put_number(char *at, int64_t value, int32_t digits)
{
    char buffer[64];
    char *from = buffer + sizeof buffer;
    if (digits == 2 && value >= 0 && value < 100) {
        return sb_put_pair(at, (uint64_t)value);
    }
    if (digits == 4 && value >= 0 && value < 10000) {
        return sb_put_pair(sb_put_pair(at, (uint64_t)value / 100), (uint64_t)value % 100);
    }
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int32_t n = 0, min = digits > MOST_DIGITS ? MOST_DIGITS : digits;
    for (; v > 0 || n < min || n == 0; n++, v /= 10) {
        *--from = (char)('0' + v % 10);
    }
    if (value < 0) {
        *--from = '-';
    }
    size_t size = (size_t)(buffer + sizeof buffer - from);
    memcpy(at, from, size);
    return at + size;
}

static char *
put_text(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static char *
put_char(char *at, char c)
{
    *at = c;
    return at + 1;
}

static char *
put_name(char *at, const char *name, int32_t count, bool simple)
{
    if (!simple && count == 5) {
        return put_char(at, name[0]);
    }
    if (count >= 4) {
        return put_text(at, name);
    }
    memcpy(at, name, 3);
    return at + 3;
}

/* Weeks of the locale US: from Sunday, the first week has January 1st. */
static int64_t
week_of_year(const moment *m, int64_t *out_year)
{
    int64_t year = m->date.year;
    int64_t sunday = m->days - sb_floor_mod(m->days + 4, 7);
    int64_t next = sb_days_of_civil((sb_civil){year + 1, 1, 1});
    if (sunday + 7 > next) {
        *out_year = year + 1;
        return 1;
    }
    int64_t first = sb_days_of_civil((sb_civil){year, 1, 1});
    *out_year = year;
    return (sunday - (first - sb_floor_mod(first + 4, 7))) / 7 + 1;
}

static int64_t
week_of_month(const moment *m)
{
    int64_t first = m->days - m->date.day + 1;
    return (m->date.day - 1 + sb_floor_mod(first + 4, 7)) / 7 + 1;
}

static char *
put_year(char *at, int64_t year, int32_t count, bool simple)
{
    if (count == 2) {
        return put_number(at, sb_floor_mod(year, 100), 2);
    }
    if (!simple && count >= 4 && year > 9999) {
        *at++ = '+';
    }
    return put_number(at, year, count);
}

/* Hours, minutes where they are wanted or not 0, seconds where they may be and are not 0. */
static char *
put_hours(char *at, int32_t offset_s, bool minutes, bool colon, bool seconds)
{
    int32_t s = offset_s < 0 ? -offset_s : offset_s;
    *at++ = offset_s < 0 ? '-' : '+';
    at = put_number(at, s / 3600, 2);
    if (minutes) {
        at = colon ? put_char(at, ':') : at;
        at = put_number(at, s / 60 % 60, 2);
    }
    if (seconds && s % 60) {
        at = colon ? put_char(at, ':') : at;
        at = put_number(at, s % 60, 2);
    }
    return at;
}

static char *
put_offset(char *at, char letter, int32_t count, int32_t offset_s, bool simple)
{
    bool zulu = letter == 'X' || (letter == 'Z' && count == 5 && !simple);
    if (zulu && offset_s == 0) {
        return put_char(at, 'Z');
    }
    if (letter == 'Z' && !simple && count == 4) {
        at = put_text(at, "GMT");
        return offset_s ? put_hours(at, offset_s, true, true, true) : at;
    }
    bool colon = letter == 'Z' ? count == 5 && !simple : count == 3 || count == 5;
    bool minutes = letter == 'Z' || count > 1 || (!simple && offset_s / 60 % 60 != 0);
    return put_hours(at, offset_s, minutes, colon, !simple && count >= 4);
}

/* GMT, GMT+5:30; GMT+05:30 */
static char *
put_gmt(char *at, int32_t count, int32_t offset_s)
{
    int32_t s = offset_s < 0 ? -offset_s : offset_s;
    at = put_text(at, "GMT");
    if (offset_s == 0 || count == 4) {
        return offset_s ? put_hours(at, offset_s, true, true, true) : at;
    }
    *at++ = offset_s < 0 ? '-' : '+';
    at = put_number(at, s / 3600, 1);
    if (s / 60 % 60 || s % 60) {
        at = put_number(put_char(at, ':'), s / 60 % 60, 2);
    }
    return s % 60 ? put_number(put_char(at, ':'), s % 60, 2) : at;
}

static char *
put_zone(char *at, sb_pattern_item item, const char *zone)
{
    bool long_name = item.letter == 'z' && item.count >= 4 && strcmp(zone, "UTC") == 0;
    return put_text(at, long_name ? "Coordinated Universal Time" : zone);
}

static const char *
part_of_day(int hour, int minute)
{
    return minute == 0 && hour == 0    ? "midnight"
           : minute == 0 && hour == 12 ? "noon"
           : hour < 6 || hour >= 21    ? "at night"
           : hour < 12                 ? "in the morning"
           : hour < 18                 ? "in the afternoon"
                                       : "in the evening";
}

bool
sb_pattern_knows_zone(const sb_date_pattern *pattern, const char *zone)
{
    for (int32_t i = 0; i < pattern->count; i++) {
        bool named = pattern->items[i].letter == 'z' && strcmp(zone, "UTC") != 0 &&
                     strncmp(zone, "GMT+", 4) != 0 && strncmp(zone, "GMT-", 4) != 0;
        if (named || strlen(zone) > LONGEST_ITEM) {
            return false;
        }
    }
    return true;
}

static char *
put_quarter(char *at, int quarter, int32_t count)
{
    static const char *const names[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    if (count == 4) {
        return put_text(at, names[quarter - 1]);
    }
    if (count == 3) {
        *at++ = 'Q';
    }
    return put_number(at, quarter, count <= 2 ? count : 1);
}

static char *
put_fraction(char *at, int64_t nano, int32_t count)
{
    int32_t size = count < 9 ? count : 9;
    if (size == 3) {
        uint64_t ms = (uint64_t)nano / 1000000;
        return sb_put_pair(put_char(at, (char)('0' + ms / 100)), ms % 100);
    }
    for (int i = 8; i >= 0; i--, nano /= 10) {
        if (i < size) {
            at[i] = (char)('0' + nano % 10);
        }
    }
    return at + size;
}

/* The rarer letters of dates. */
static char *
put_week(sb_pattern_item item, const moment *m, bool simple, char *at)
{
    int64_t week_year, week, weekday = sb_floor_mod(m->days + 3, 7); /* 0 = Monday */
    switch (item.letter) {
    case 'Y': week_of_year(m, &week_year); return put_year(at, week_year, item.count, simple);
    case 'F': /* SimpleDateFormat: which Monday (...) of the month; java.time: which day of that */
        return put_number(at, simple ? (m->date.day - 1) / 7 + 1 : (m->date.day - 1) % 7 + 1,
                          item.count);
    case 'w': week = week_of_year(m, &week_year); return put_number(at, week, item.count);
    case 'W': return put_number(at, week_of_month(m), item.count);
    case 'E': return put_name(at, sb_day_names[weekday], item.count, simple);
    case 'u':
        return simple ? put_number(at, weekday + 1, item.count)
                      : put_year(at, m->date.year, item.count, simple);
    case 'e':
    case 'c':
        return item.count > 2 ? put_name(at, sb_day_names[weekday], item.count, simple)
                              : put_number(at, (weekday + 1) % 7 + 1, item.count);
    default: return put_quarter(at, (m->date.month + 2) / 3, item.count);
    }
}

/* The letters of dates. */
static char *
put_date(sb_pattern_item item, const moment *m, bool simple, char *at)
{
    switch (item.letter) {
    case 'G':
        return put_text(at, m->date.year > 0 ? (item.count == 4 && !simple ? "Anno Domini" : "AD")
                                             : "BC");
    case 'y': return put_year(at, m->date.year, item.count, simple);
    case 'M':
    case 'L':
        return item.count > 2 ? put_name(at, sb_month_names[m->date.month - 1], item.count, simple)
                              : put_number(at, m->date.month, item.count);
    case 'd': return put_number(at, m->date.day, item.count);
    case 'D':
        return put_number(at, m->days - sb_days_of_civil((sb_civil){m->date.year, 1, 1}) + 1,
                          item.count);
    default: return put_week(item, m, simple, at);
    }
}

static char *
put_item(const sb_date_pattern *pattern, sb_pattern_item item, const moment *m, int32_t offset_s,
         char *at)
{
    bool simple = pattern->dialect == SB_PATTERN_SIMPLE;
    switch (item.letter) {
    case 0: memcpy(at, item.text, (size_t)item.size); return at + item.size;
    case '[':
    case ']': return at;
    case 'a': return put_text(at, m->hour < 12 ? "AM" : "PM");
    case 'H': return put_number(at, m->hour, item.count);
    case 'k': return put_number(at, m->hour ? m->hour : 24, item.count);
    case 'K': return put_number(at, m->hour % 12, item.count);
    case 'h': return put_number(at, m->hour % 12 ? m->hour % 12 : 12, item.count);
    case 'm': return put_number(at, m->minute, item.count);
    case 's': return put_number(at, m->second, item.count);
    case 'S':
        return simple ? put_number(at, m->nano / 1000000, item.count)
                      : put_fraction(at, m->nano, item.count);
    case 'n': return put_number(at, m->nano, item.count);
    case 'A':
        return put_number(
            at, ((int64_t)m->hour * 3600 + m->minute * 60 + m->second) * 1000 + m->nano / 1000000,
            item.count);
    case 'Z':
    case 'X':
    case 'x': return put_offset(at, item.letter, item.count, offset_s, simple);
    case 'O': return put_gmt(at, item.count, offset_s);
    case 'z':
    case 'V': return put_zone(at, item, pattern->zone);
    case 'B': return put_text(at, part_of_day(m->hour, m->minute));
    case 'N':
        return put_number(
            at, ((int64_t)m->hour * 3600 + m->minute * 60 + m->second) * 1000000000 + m->nano,
            item.count);
    default: return put_date(item, m, simple, at);
    }
}

/* The parts that nearly all patterns are made of; NULL: none of them. */
static inline char *
put_common(const sb_pattern_item *item, const moment *m, char *at)
{
    if (item->letter == 0 && item->size == 1) {
        return put_char(at, item->text[0]);
    }
    if (item->letter == 'y' && item->count == 4 && (uint64_t)m->date.year < 10000) {
        uint64_t year = (uint64_t)m->date.year;
        return sb_put_pair(sb_put_pair(at, year / 100), year % 100);
    }
    if (item->count != 2) {
        return NULL;
    }
    switch (item->letter) {
    case 'M': return sb_put_pair(at, (uint64_t)m->date.month);
    case 'd': return sb_put_pair(at, (uint64_t)m->date.day);
    case 'H': return sb_put_pair(at, (uint64_t)m->hour);
    case 'm': return sb_put_pair(at, (uint64_t)m->minute);
    case 's': return sb_put_pair(at, (uint64_t)m->second);
    default: return NULL;
    }
}

size_t
sb_pattern_write(const sb_date_pattern *pattern, sb_ts_ns local, int32_t offset_s, char *to)
{
    moment m = {.days = sb_floor_div(local.us, SB_US_PER_DAY)};
    int64_t us = local.us - m.days * SB_US_PER_DAY, second = us / 1000000;
    m.date = sb_civil_of_days(m.days);
    m.hour = (int)(second / 3600);
    m.minute = (int)(second / 60 % 60);
    m.second = (int)(second % 60);
    m.nano = us % 1000000 * 1000 + local.ns;
    char *at = to;
    for (int32_t i = 0; i < pattern->count; i++) {
        char *next = put_common(&pattern->items[i], &m, at);
        at = next ? next : put_item(pattern, pattern->items[i], &m, offset_s, at);
    }
    return (size_t)(at - to);
}

void
sb_pattern_print(const sb_date_pattern *pattern, sb_ts_ns local, int32_t offset_s, sb_text *out)
{
    char *at = sb_text_reserve(out, pattern->max_size);
    if (at) {
        out->size += sb_pattern_write(pattern, local, offset_s, at);
        out->data[out->size] = 0;
    }
}
