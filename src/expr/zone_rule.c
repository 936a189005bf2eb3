/*
 * expr/zone_rule.c -- the footer of a TZif file: a POSIX TZ string, expanded into transitions.
 *
 * Source: POSIX.1-2017 chapter 8.3 (TZ) with the extension of RFC 8536: hours from -167 to 167.
 */
#include "expr/zone_priv.h"

#include "kernels/time.h"

typedef struct rule_day { /* when a change happens, in local time before it */
    char kind;            /* 'J' 1..365 without leap day, 'N' 0..365, 'M' month.week.day */
    int month, week, day;
    int32_t time_s;
} rule_day;

typedef struct rule {
    int32_t std_s, dst_s; /* seconds east of UTC */
    bool has_dst;
    rule_day start, end; /* of daylight saving */
} rule;

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool
take_if(cursor *c, char expected)
{
    if (c->at < c->end && *c->at == expected) {
        c->at++;
        return true;
    }
    return false;
}

static bool
take_int(cursor *c, int *out)
{
    int v = 0, n = 0;
    for (; n < 4 && c->at < c->end && *c->at >= '0' && *c->at <= '9'; n++, c->at++) {
        v = v * 10 + (*c->at - '0');
    }
    *out = v;
    return n > 0;
}

static bool
skip_name(cursor *c)
{
    const char *from = c->at;
    if (take_if(c, '<')) {
        while (c->at < c->end && *c->at != '>') {
            c->at++;
        }
        return take_if(c, '>');
    }
    while (c->at < c->end && ((*c->at | 0x20) >= 'a' && (*c->at | 0x20) <= 'z')) {
        c->at++;
    }
    return c->at > from;
}

/* [+-]hh[:mm[:ss]] */
static bool
take_time(cursor *c, int32_t *out_s)
{
    int h, m = 0, s = 0;
    bool negative = take_if(c, '-');
    if (!negative) {
        take_if(c, '+');
    }
    if (!take_int(c, &h) || (take_if(c, ':') && !take_int(c, &m)) ||
        (take_if(c, ':') && !take_int(c, &s)) || h > 167 || m > 59 || s > 59) {
        return false;
    }
    *out_s = (h * 3600 + m * 60 + s) * (negative ? -1 : 1);
    return true;
}

static bool
take_day(cursor *c, rule_day *d)
{
    *d = (rule_day){.kind = 'N', .time_s = 7200};
    if (!take_if(c, ',')) {
        return false;
    }
    if (take_if(c, 'M')) {
        d->kind = 'M';
        if (!take_int(c, &d->month) || !take_if(c, '.') || !take_int(c, &d->week) ||
            !take_if(c, '.') || !take_int(c, &d->day) || d->month < 1 || d->month > 12 ||
            d->week < 1 || d->week > 5 || d->day > 6) {
            return false;
        }
    } else {
        d->kind = take_if(c, 'J') ? 'J' : 'N';
        if (!take_int(c, &d->day) || d->day > 365) {
            return false;
        }
    }
    return !take_if(c, '/') || take_time(c, &d->time_s);
}

static bool
parse_rule(const char *text, size_t size, rule *r)
{
    cursor c = {text, text + size};
    *r = (rule){0};
    if (!skip_name(&c) || !take_time(&c, &r->std_s)) {
        return false;
    }
    r->std_s = -r->std_s; /* POSIX counts west of Greenwich */
    r->dst_s = r->std_s + 3600;
    if (c.at == c.end) {
        return true;
    }
    r->has_dst = true;
    if (!skip_name(&c)) {
        return false;
    }
    if (c.at < c.end && *c.at != ',') {
        if (!take_time(&c, &r->dst_s)) {
            return false;
        }
        r->dst_s = -r->dst_s;
    }
    return take_day(&c, &r->start) && take_day(&c, &r->end) && c.at == c.end;
}

/* Local seconds (since 1970 in local time) of a change in a year. */
static int64_t
day_in_year(const rule_day *d, int64_t year)
{
    int64_t first = sb_days_of_civil((sb_civil){year, 1, 1}), day;
    if (d->kind == 'J') {
        bool after_february = d->day >= 60 && sb_month_length(year, 2) == 29;
        day = first + d->day - 1 + after_february;
    } else if (d->kind == 'N') {
        day = first + d->day;
    } else {
        int64_t month = sb_days_of_civil((sb_civil){year, d->month, 1});
        int64_t weekday = sb_floor_mod(month + 4, 7); /* 0 = Sunday */
        day = month + sb_floor_mod(d->day - weekday, 7) + 7 * (d->week - 1);
        while (day >= month + sb_month_length(year, d->month)) {
            day -= 7;
        }
    }
    return day * 86400 + d->time_s;
}

static void
append(sb_zone *z, int64_t utc_s, int32_t offset_s)
{
    int32_t before = z->count ? z->transitions[z->count - 1].offset_s : z->first_offset_s;
    bool later = z->count == 0 || utc_s > z->transitions[z->count - 1].utc_s;
    if (later && before != offset_s && z->count < z->capacity) {
        z->transitions[z->count++] = (sb_transition){utc_s, offset_s};
    }
}

sb_status
sb_zone_apply_rule(sb_zone *zone, const char *text, size_t size, sb_error *err)
{
    rule r;
    if (!parse_rule(text, size, &r)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "time zone file '%s' has a bad rule '%.*s'", zone->name,
                (int)size, text);
    }
    if (!r.has_dst) {
        return SB_OK; /* the last transition of the file says the same */
    }
    int64_t last = zone->count ? zone->transitions[zone->count - 1].utc_s : 0;
    int64_t year = sb_civil_of_days(sb_floor_div(last, 86400)).year;
    int64_t final = year + SB_ZONE_RULE_YEARS - 1;
    for (; year < final; year++) {
        int64_t on = day_in_year(&r.start, year) - r.std_s;
        int64_t off = day_in_year(&r.end, year) - r.dst_s;
        bool north = on < off;
        append(zone, north ? on : off, north ? r.dst_s : r.std_s);
        append(zone, north ? off : on, north ? r.std_s : r.dst_s);
    }
    zone->has_rule = zone->count > 0;
    zone->last_s = sb_days_of_civil((sb_civil){final, 1, 1}) * 86400;
    return SB_OK;
}
