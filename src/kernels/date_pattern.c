/*
 * kernels/date_pattern.c -- compiling and printing. Reading: date_parse.c. See date_pattern.h.
 */
#include "kernels/date_pattern.h"

#include <string.h>

const char *const sb_month_names[12] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
const char *const sb_day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                     "Friday", "Saturday", "Sunday"};

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

sb_status
sb_pattern_compile(const char *text, size_t size, sb_pattern_dialect dialect, sb_date_pattern *out,
                   sb_error *err)
{
    const char *known =
        dialect == SB_PATTERN_SIMPLE ? "GyYMLwWDdFEuaHkKhmsSZX" : "GyuYMLwWDdEecaHkKhmsSnAQqZXx";
    int depth = 0;
    *out = (sb_date_pattern){.dialect = dialect};
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
            SB_TRY(add_item(out, (sb_pattern_item){.letter = c, .count = (int32_t)(i - from)}, err),
                   err);
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

static void
put_number(sb_text *out, int64_t value, int32_t digits)
{
    sb_text_printf(out, "%0*lld", (int)(digits > 30 ? 30 : digits), (long long)value);
}

static void
put_name(sb_text *out, const char *name, int32_t count, bool simple)
{
    if (!simple && count == 5) {
        sb_text_char(out, name[0]);
    } else if (count >= 4) {
        sb_text_add(out, name);
    } else {
        sb_text_append(out, name, 3);
    }
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

static void
put_year(sb_text *out, int64_t year, int32_t count, bool simple)
{
    if (count == 2) {
        put_number(out, sb_floor_mod(year, 100), 2);
    } else {
        if (!simple && count >= 4 && year > 9999) {
            sb_text_char(out, '+');
        }
        put_number(out, year, count);
    }
}

static void
put_offset(sb_text *out, char letter, int32_t count, int32_t offset_s, bool simple)
{
    int32_t s = offset_s < 0 ? -offset_s : offset_s;
    if (letter == 'X' && offset_s == 0) {
        sb_text_char(out, 'Z');
        return;
    }
    sb_text_printf(out, "%c%02d", offset_s < 0 ? '-' : '+', s / 3600);
    bool colon = letter != 'Z' && count == 3;
    if (letter == 'Z' || count > 1 || (!simple && s % 3600)) {
        sb_text_printf(out, "%s%02d", colon ? ":" : "", s / 60 % 60);
    }
}

static void
put_quarter(sb_text *out, int quarter, int32_t count)
{
    static const char *const names[] = {"1st quarter", "2nd quarter", "3rd quarter", "4th quarter"};
    if (count <= 2) {
        put_number(out, quarter, count);
    } else if (count == 4) {
        sb_text_add(out, names[quarter - 1]);
    } else {
        sb_text_printf(out, "%s%d", count == 3 ? "Q" : "", quarter);
    }
}

static void
put_fraction(sb_text *out, int64_t nano, int32_t count)
{
    char digits[10];
    for (int i = 8; i >= 0; i--, nano /= 10) {
        digits[i] = (char)('0' + nano % 10);
    }
    sb_text_append(out, digits, (size_t)(count < 9 ? count : 9));
}

/* The letters of dates. */
static void
put_date(const sb_date_pattern *p, sb_pattern_item item, const moment *m, sb_text *out)
{
    bool simple = p->dialect == SB_PATTERN_SIMPLE;
    int64_t week_year, week = week_of_year(m, &week_year);
    int64_t weekday = sb_floor_mod(m->days + 3, 7); /* 0 = Monday */
    switch (item.letter) {
    case 'G':
        sb_text_add(out,
                    m->date.year > 0 ? (item.count == 4 && !simple ? "Anno Domini" : "AD") : "BC");
        break;
    case 'y': put_year(out, m->date.year, item.count, simple); break;
    case 'Y': put_year(out, week_year, item.count, simple); break;
    case 'M':
    case 'L':
        if (item.count > 2) {
            put_name(out, sb_month_names[m->date.month - 1], item.count, simple);
        } else {
            put_number(out, m->date.month, item.count);
        }
        break;
    case 'd': put_number(out, m->date.day, item.count); break;
    case 'D':
        put_number(out, m->days - sb_days_of_civil((sb_civil){m->date.year, 1, 1}) + 1, item.count);
        break;
    case 'F': put_number(out, (m->date.day - 1) / 7 + 1, item.count); break;
    case 'w': put_number(out, week, item.count); break;
    case 'W': put_number(out, week_of_month(m), item.count); break;
    case 'E': put_name(out, sb_day_names[weekday], item.count, simple); break;
    case 'u':
        if (simple) {
            put_number(out, weekday + 1, item.count);
        } else {
            put_year(out, m->date.year, item.count, simple);
        }
        break;
    case 'e':
    case 'c':
        if (item.count > 2) {
            put_name(out, sb_day_names[weekday], item.count, simple);
        } else {
            put_number(out, (weekday + 1) % 7 + 1, item.count);
        }
        break;
    default: put_quarter(out, (m->date.month + 2) / 3, item.count);
    }
}

static void
put_item(const sb_date_pattern *p, sb_pattern_item item, const moment *m, int32_t offset_s,
         sb_text *out)
{
    bool simple = p->dialect == SB_PATTERN_SIMPLE;
    switch (item.letter) {
    case 0: sb_text_append(out, item.text, (size_t)item.size); break;
    case '[':
    case ']': break;
    case 'a': sb_text_add(out, m->hour < 12 ? "AM" : "PM"); break;
    case 'H': put_number(out, m->hour, item.count); break;
    case 'k': put_number(out, m->hour ? m->hour : 24, item.count); break;
    case 'K': put_number(out, m->hour % 12, item.count); break;
    case 'h': put_number(out, m->hour % 12 ? m->hour % 12 : 12, item.count); break;
    case 'm': put_number(out, m->minute, item.count); break;
    case 's': put_number(out, m->second, item.count); break;
    case 'S':
        if (simple) {
            put_number(out, m->nano / 1000000, item.count);
        } else {
            put_fraction(out, m->nano, item.count);
        }
        break;
    case 'n': put_number(out, m->nano, item.count); break;
    case 'A':
        put_number(
            out, ((int64_t)m->hour * 3600 + m->minute * 60 + m->second) * 1000 + m->nano / 1000000,
            item.count);
        break;
    case 'Z':
    case 'X':
    case 'x': put_offset(out, item.letter, item.count, offset_s, simple); break;
    default: put_date(p, item, m, out);
    }
}

void
sb_pattern_print(const sb_date_pattern *pattern, sb_ts_ns local, int32_t offset_s, sb_text *out)
{
    moment m = {.days = sb_floor_div(local.us, SB_US_PER_DAY)};
    int64_t us = local.us - m.days * SB_US_PER_DAY;
    m.date = sb_civil_of_days(m.days);
    m.hour = (int)(us / 3600000000);
    m.minute = (int)(us / 60000000 % 60);
    m.second = (int)(us / 1000000 % 60);
    m.nano = us % 1000000 * 1000 + local.ns;
    for (int32_t i = 0; i < pattern->count; i++) {
        put_item(pattern, pattern->items[i], &m, offset_s, out);
    }
}
