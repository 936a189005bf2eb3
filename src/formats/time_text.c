/*
 * formats/time_text.c -- dates, times and timestamps <-> text.
 *
 * Source: days_from_civil and its inverse are the well-known era arithmetic (400 years = 146097
 * days).
 */
#include "formats/time_text.h"

#include <string.h>
#ifdef __SSSE3__
#include <immintrin.h>
#endif

#define US_PER_DAY INT64_C(86400000000)

int64_t
sb_fmt_days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

void
sb_fmt_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

static bool
is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int64_t year, int month)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month];
}

/* ---- reading
 * ------------------------------------------------------------------------------------- */

typedef struct scan {
    const char *at, *end;
} scan;

static bool
scan_char(scan *s, char c)
{
    if (s->at < s->end && *s->at == c) {
        s->at++;
        return true;
    }
    return false;
}

/* Between min and max digits. */
static bool
scan_digits(scan *s, int min, int max, int64_t *out)
{
    int64_t v = 0;
    int n = 0;
    while (n < max && s->at < s->end && (unsigned)(*s->at - '0') <= 9) {
        v = v * 10 + (*s->at++ - '0');
        n++;
    }
    *out = v;
    return n >= min;
}

/* Two digits at p; a value above 99 when they are none. */
static inline unsigned
two_digits(const char *p)
{
    unsigned a = (unsigned)(p[0] - '0'), b = (unsigned)(p[1] - '0');
    return a > 9 || b > 9 ? 100 : a * 10 + b;
}

/* ISO_LOCAL_DATE: four digits of the year, or more with a sign. smart: days up to 31 are cut to
 *                 the month. */
static bool
scan_date(scan *s, bool smart, int64_t *days)
{
    int64_t year, month, day;
    bool negative = scan_char(s, '-'), plus = !negative && scan_char(s, '+');
    const char *first = s->at;
    if (!scan_digits(s, 4, 10, &year)) {
        return false;
    }
    ptrdiff_t count = s->at - first;
    if (count > 4 && !negative && !plus) {
        return false;
    }
    if (plus && count == 4) {
        return false; /* the sign is for more than four digits only */
    }
    year = negative ? -year : year;
    if (!scan_char(s, '-') || !scan_digits(s, 2, 2, &month) || !scan_char(s, '-') ||
        !scan_digits(s, 2, 2, &day)) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31 || year > 999999 || year < -999999) {
        return false;
    }
    int last = month_days(year, (int)month);
    if (day > last) {
        if (!smart) {
            return false;
        }
        day = last;
    }
    *days = sb_fmt_days_from_civil(year, (int)month, (int)day);
    return true;
}

/* Nanoseconds of the day; 24:00:00 only when smart. seconds: HH:mm:ss must be whole, else :ss
 * may be left out. */
static bool
scan_time(scan *s, bool smart, bool seconds, int64_t *ns)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!scan_digits(s, 2, 2, &hour) || !scan_char(s, ':') || !scan_digits(s, 2, 2, &minute)) {
        return false;
    }
    bool has_seconds = scan_char(s, ':');
    if (has_seconds) {
        if (!scan_digits(s, 2, 2, &second)) {
            return false;
        }
        if (scan_char(s, '.')) {
            const char *first = s->at;
            (void)scan_digits(s, 0, 9, &fraction);
            for (ptrdiff_t n = s->at - first; n < 9; n++) {
                fraction *= 10;
            }
        }
    } else if (seconds) {
        return false;
    }
    bool next_day = smart && hour == 24 && minute == 0 && second == 0 && fraction == 0;
    if ((hour > 23 && !next_day) || minute > 59 || second > 59) {
        return false;
    }
    *ns = ((hour * 60 + minute) * 60 + second) * INT64_C(1000000000) + fraction;
    return true;
}

bool
sb_fmt_parse_date(sb_str s, int32_t *days)
{
    scan at = {s.data, s.data + s.size};
    int64_t v;
    if (!scan_date(&at, false, &v) || at.at != at.end) {
        return false;
    }
    *days = (int32_t)v;
    return true;
}

bool
sb_fmt_parse_date_lenient(sb_str s, int32_t *days)
{
    scan at = {s.data, s.data + s.size};
    int64_t year, month, day;
    const char *first = at.at;
    if (!scan_digits(&at, 4, 4, &year) || at.at - first != 4 || !scan_char(&at, '-') ||
        !scan_digits(&at, 1, 2, &month) || !scan_char(&at, '-') || !scan_digits(&at, 1, 2, &day) ||
        at.at != at.end) {
        return false;
    }
    if (month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    *days = (int32_t)(sb_fmt_days_from_civil(year, (int)month, 1) + day - 1);
    return true;
}

static bool
parse_time(sb_str s, bool iso, int32_t *ms)
{
    scan at = {s.data, s.data + s.size};
    int64_t ns;
    if (!scan_time(&at, !iso, !iso, &ns) || at.at != at.end) {
        return false;
    }
    *ms = (int32_t)(ns / 1000000 % 86400000);
    return true;
}

bool
sb_fmt_parse_time(sb_str s, int32_t *ms)
{
    return parse_time(s, false, ms);
}

bool
sb_fmt_parse_time_iso(sb_str s, int32_t *ms)
{
    return parse_time(s, true, ms);
}

static const int32_t nanos_unit[10] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                       10000,      1000,      100,      10,      1};

/* What yyyy-MM-dd HH:mm says: year, month, day, hour, minute; values above 99 where there are no
 * digits, or not what stands between them. Reads 16 bytes. */
static inline void
clock_fields(const char *p, char between, unsigned *year, unsigned out[4])
{
    unsigned y1, y2;
#ifdef __SSSE3__
    const __m128i form = _mm_setr_epi8('0', '0', '0', '0', '-', '0', '0', '-', '0', '0', between,
                                       '0', '0', ':', '0', '0');
    const __m128i most = _mm_setr_epi8(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9, 0, 9, 9);
    const __m128i order = _mm_setr_epi8(0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, -1, -1, -1, -1);
    __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), form);
    bool fits = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, most), v)) == 0xFFFF;
    v = _mm_maddubs_epi16(_mm_shuffle_epi8(v, order), _mm_set1_epi16(10 + (1 << 8)));
    y1 = fits ? (unsigned)_mm_extract_epi16(v, 0) : 100;
    y2 = (unsigned)_mm_extract_epi16(v, 1);
    out[0] = (unsigned)_mm_extract_epi16(v, 2);
    out[1] = (unsigned)_mm_extract_epi16(v, 3);
    out[2] = (unsigned)_mm_extract_epi16(v, 4);
    out[3] = (unsigned)_mm_extract_epi16(v, 5);
#else
    bool fits = p[4] == '-' && p[7] == '-' && p[10] == between && p[13] == ':';
    y1 = fits ? two_digits(p) : 100;
    y2 = two_digits(p + 2);
    out[0] = two_digits(p + 5);
    out[1] = two_digits(p + 8);
    out[2] = two_digits(p + 11);
    out[3] = two_digits(p + 14);
#endif
    *year = y1 > 99 || y2 > 99 ? 10000 : y1 * 100 + y2;
}

/* The minute yyyy-MM-dd HH:mm in sane ranges. */
static __attribute__((noinline)) bool
read_minute(const char *p, char between, sb_fmt_minute *out)
{
    static const uint8_t days_of[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned read_year, f[4];
    clock_fields(p, between, &read_year, f);
    unsigned month = f[0], day = f[1], hour = f[2], minute = f[3];
    if (read_year > 9999 || month - 1 > 11 || day - 1 >= days_of[month - 1] || hour > 23 ||
        minute > 59) {
        return false;
    }
    /* Years 0 to 9999: the calendar in unsigned 32 bits, counted from March of the year -400. */
    uint32_t year = read_year + 400 - (month <= 2), march = month > 2 ? month - 3 : month + 9;
    int64_t days = (int64_t)(365 * year + year / 4 - year / 100 + year / 400 +
                             (153 * march + 2) / 5 + day - 1) -
                   (719468 + 146097);
    memcpy(out->text, p, sizeof out->text);
    out->us = days * US_PER_DAY + (int64_t)(hour * 60 + minute) * 60000000;
    return true;
}

static inline bool
same_minute(const char *p, const sb_fmt_minute *last)
{
    uint64_t a[2], b[2];
    memcpy(a, p, sizeof a);
    memcpy(b, last->text, sizeof b);
    return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0 && last->text[0] != 0;
}

/* Microseconds of the minute of `:ss.SSS`; -1: that is not what stands there. Reads the byte before
 * it, too. */
static inline int64_t
read_millis(const char *p)
{
    uint64_t v;
    memcpy(&v, p - 1, sizeof v);
    v = v >> 8 ^ UINT64_C(0x003030302E30303A);
    /* The top bit of a byte that is too great: of digits above 9, of the others above 0. */
    uint64_t above = (v + UINT64_C(0x007676767F76767F)) | v;
    int64_t second = (int64_t)((v >> 8 & 0xF) * 10 + (v >> 16 & 0xF));
    int64_t ms = (int64_t)((v >> 32 & 0xF) * 100 + (v >> 40 & 0xF) * 10 + (v >> 48 & 0xF));
    bool fits = (above & UINT64_C(0x8080808080808080)) == 0 && second < 60;
    return fits ? second * 1000000 + ms * 1000 : -1;
}

/* Nanoseconds of the minute of [p, end): `:ss[.f...]`; -1: that is not what stands there. */
static inline int64_t
read_seconds(const char *p, const char *end, int precision)
{
    unsigned second = *p == ':' ? two_digits(p + 1) : 100;
    int64_t ns = 0;
    if (second > 59 || (end > p + 3 && p[3] != '.')) {
        return -1;
    }
    for (int place = 1; p + 3 + place < end; place++) {
        unsigned digit = (unsigned)(p[3 + place] - '0');
        if (digit > 9) {
            return -1;
        }
        ns += digit * (int64_t)nanos_unit[place];
    }
    if (end - p > 4 + precision) {
        ns -= ns % nanos_unit[precision];
    }
    return (int64_t)second * 1000000000 + ns;
}

/* The usual shape, yyyy-MM-dd HH:mm:ss[.f...][Z] in sane ranges, at a few nanoseconds. False:
 * ask the careful way. */
static inline bool
parse_timestamp_fast(sb_str s, char between, bool zone, int precision, sb_fmt_minute *last,
                     sb_ts_ns *out)
{
    const char *p = s.data;
    size_t size = s.size - (zone ? 1 : 0);
    if (s.size < 19 + (size_t)zone || size > 29 || (zone && p[size] != 'Z')) {
        return false;
    }
    if (!same_minute(p, last) && !read_minute(p, between, last)) {
        return false;
    }
    if (size == 23 && precision >= 3) {
        int64_t us = read_millis(p + 16);
        *out = (sb_ts_ns){last->us + us, 0, 0};
        return us >= 0;
    }
    int64_t ns = read_seconds(p + 16, p + size, precision);
    *out = (sb_ts_ns){last->us + ns / 1000, (int32_t)(ns % 1000), 0};
    return ns >= 0;
}

static __attribute__((noinline)) bool
parse_timestamp_carefully(sb_str s, bool iso, bool zone, int precision, sb_ts_ns *out)
{
    scan at = {s.data, s.data + s.size};
    int64_t days, ns;
    /* With a zone, Flink's ISO pattern is a built one: smart, and it prints and reads
     * ISO_LOCAL_TIME. */
    bool smart = !iso || zone;
    if (!scan_date(&at, smart, &days) || !scan_char(&at, iso ? 'T' : ' ') ||
        !scan_time(&at, smart, !iso, &ns)) {
        return false;
    }
    if (zone && !scan_char(&at, 'Z')) {
        return false;
    }
    if (at.at != at.end || days > INT64_MAX / US_PER_DAY - 1 || days < INT64_MIN / US_PER_DAY + 1) {
        return false;
    }
    ns -= ns % nanos_unit[precision];
    *out = (sb_ts_ns){days * US_PER_DAY + ns / 1000, (int32_t)(ns % 1000), 0};
    return true;
}

bool
sb_fmt_parse_timestamp_near(sb_str s, bool iso, bool zone, int precision, sb_fmt_minute *last,
                            sb_ts_ns *out)
{
    return parse_timestamp_fast(s, iso ? 'T' : ' ', zone, precision, last, out) ||
           parse_timestamp_carefully(s, iso, zone, precision, out);
}

bool
sb_fmt_parse_timestamp(sb_str s, bool iso, bool zone, int precision, sb_ts_ns *out)
{
    sb_fmt_minute none = {{0}, 0};
    return sb_fmt_parse_timestamp_near(s, iso, zone, precision, &none, out);
}

/* ---- writing
 * ------------------------------------------------------------------------------------- */

static char *
put_two(char *p, int v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
    return p + 2;
}

int
sb_fmt_print_date(char *out, int64_t days)
{
    int64_t year;
    int month, day;
    char *p = out, digits[24], *d = digits + sizeof digits;
    sb_fmt_civil_from_days(days, &year, &month, &day);
    if (year < 0) {
        *p++ = '-';
    } else if (year > 9999) {
        *p++ = '+';
    }
    uint64_t v = year < 0 ? 0 - (uint64_t)year : (uint64_t)year;
    for (int i = 0; i < 4 || v; i++) {
        *--d = (char)('0' + v % 10);
        v /= 10;
    }
    memcpy(p, d, (size_t)(digits + sizeof digits - d));
    p += digits + sizeof digits - d;
    *p++ = '-';
    p = put_two(p, month);
    *p++ = '-';
    p = put_two(p, day);
    return (int)(p - out);
}

static char *
print_clock(char *p, int64_t seconds, int32_t ns)
{
    p = put_two(p, (int)(seconds / 3600));
    *p++ = ':';
    p = put_two(p, (int)(seconds / 60 % 60));
    *p++ = ':';
    p = put_two(p, (int)(seconds % 60));
    if (ns) {
        *p++ = '.';
        for (int i = 1; ns; i++) {
            *p++ = (char)('0' + ns / nanos_unit[i]);
            ns %= nanos_unit[i];
        }
    }
    return p;
}

int
sb_fmt_print_time(char *out, int32_t ms, bool with_fraction)
{
    return (int)(print_clock(out, ms / 1000, with_fraction ? ms % 1000 * 1000000 : 0) - out);
}

int
sb_fmt_print_timestamp(char *out, sb_ts_ns ts, bool iso, bool zone)
{
    int64_t days = ts.us / US_PER_DAY, us = ts.us % US_PER_DAY;
    if (us < 0) {
        us += US_PER_DAY;
        days--;
    }
    char *p = out + sb_fmt_print_date(out, days);
    *p++ = iso ? 'T' : ' ';
    p = print_clock(p, us / 1000000, (int32_t)(us % 1000000 * 1000) + ts.ns);
    if (zone) {
        *p++ = 'Z';
    }
    return (int)(p - out);
}
