/*
 * formats/number_text.c -- numbers <-> text by Java's rules.
 */
#include "formats/number_text.h"

#include <math.h>
#include <string.h>

#include "formats/double_text.h"

sb_str
sb_fmt_str_trim(sb_str s)
{
    while (s.size && (unsigned char)s.data[0] <= ' ') {
        s.data++;
        s.size--;
    }
    while (s.size && (unsigned char)s.data[s.size - 1] <= ' ') {
        s.size--;
    }
    return s;
}

/* 1 to 16 digits, reading no other bytes. */
static inline bool
few_digits(const char *p, size_t size, uint64_t *out)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint64_t word, high = 0, low;
    uint32_t first, last;
    if (size >= 8) {
        memcpy(&word, p, 8);
        if (!sb_fmt_eight_digits(word, &high)) {
            return false;
        }
        p += 8;
        size -= 8;
        if (size == 0) {
            *out = high;
            return true;
        }
        memcpy(&word, p + size - 8, 8); /* reaches back: these are dropped */
        word >>= 8 * (8 - size);
    } else if (size >= 4) {
        memcpy(&first, p, 4);
        memcpy(&last, p + size - 4, 4);
        word = first | (uint64_t)last << (8 * (size - 4));
    } else {
        word = (unsigned char)p[0];
        word |= size > 1 ? (uint64_t)(unsigned char)p[1] << 8 : 0;
        word |= size > 2 ? (uint64_t)(unsigned char)p[2] << 16 : 0;
    }
    if (size < 8) { /* zeros before them */
        word = word << (8 * (8 - size)) | UINT64_C(0x3030303030303030) >> (8 * size);
    }
    if (!sb_fmt_eight_digits(word, &low)) {
        return false;
    }
    *out = high * powers[size] + low;
    return true;
}

bool
sb_fmt_parse_i64(sb_str s, int64_t lo, int64_t hi, int64_t *out)
{
    const char *p = s.data, *end = s.data + s.size;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end) {
        return false;
    }
    uint64_t v = 0;
    if (end - p <= 16) {
        if (!few_digits(p, (size_t)(end - p), &v)) {
            return false;
        }
        p = end;
    }
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9 || v > (UINT64_MAX - digit) / 10) {
            return false;
        }
        v = v * 10 + digit;
    }
    if (v > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    int64_t value = (int64_t)(negative ? 0 - v : v);
    if (value < lo || value > hi) {
        return false;
    }
    *out = value;
    return true;
}

/* NaN and Infinity with their sign: true and *out. */
static bool
parse_special(sb_str s, double *out)
{
    double sign = 1;
    if (s.size && (*s.data == '-' || *s.data == '+')) {
        sign = *s.data == '-' ? -1 : 1;
        s.data++;
        s.size--;
    }
    if (sb_str_equal(s, SB_STR("NaN"))) {
        *out = (double)NAN;
        return true;
    }
    if (sb_str_equal(s, SB_STR("Infinity"))) {
        *out = sign * (double)INFINITY;
        return true;
    }
    return false;
}

static sb_str
without_suffix(sb_str s)
{
    if (s.size > 1 && strchr("dDfF", s.data[s.size - 1])) {
        s.size--;
    }
    return s;
}

bool
sb_fmt_parse_f64(sb_str s, double *out)
{
    s = sb_fmt_str_trim(s);
    sb_str number = without_suffix(s);
    return sb_text_to_double(number.data, number.size, out) || parse_special(s, out);
}

bool
sb_fmt_parse_f32(sb_str s, float *out)
{
    s = sb_fmt_str_trim(s);
    sb_str number = without_suffix(s);
    double special;
    if (sb_text_to_float(number.data, number.size, out)) {
        return true;
    }
    if (!parse_special(s, &special)) {
        return false;
    }
    *out = (float)special;
    return true;
}

/* The parts of a decimal literal. Digits stand at [first, last) with a point among them, or not. */
typedef struct decimal_parts {
    const char *first, *last;
    int64_t count_digits; /* without leading zeros */
    int64_t count_fraction;
    int64_t exponent;
    bool negative;
} decimal_parts;

static bool
decimal_split(sb_str s, decimal_parts *d)
{
    const char *p = s.data, *end = s.data + s.size;
    bool point = false, any = false;
    *d = (decimal_parts){.negative = p < end && *p == '-'};
    p += p < end && (*p == '-' || *p == '+');
    d->first = p;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        if (*p < '0' || *p > '9') {
            return false;
        }
        any = true;
        d->count_digits += d->count_digits > 0 || *p != '0';
        d->count_fraction += point;
    }
    d->last = p;
    if (!any) {
        return false;
    }
    if (p == end) {
        return true;
    }
    return sb_fmt_parse_i64((sb_str){p + 1, (size_t)(end - p - 1)}, -INT32_MAX, INT32_MAX,
                            &d->exponent);
}

static sb_int128
power_of_ten(int64_t n)
{
    sb_int128 v = 1;
    while (n-- > 0) {
        v *= 10;
    }
    return v;
}

sb_fmt_decimal_result
sb_fmt_parse_decimal(sb_str s, int precision, int scale, sb_int128 *out)
{
    decimal_parts d;
    if (!decimal_split(s, &d)) {
        return SB_DECIMAL_SYNTAX;
    }
    /* value * 10^scale = digits * 10^shift */
    int64_t shift = d.exponent - d.count_fraction + scale;
    int64_t keep = d.count_digits + shift; /* digits before the point then */
    if (d.count_digits == 0 || keep < 0) {
        *out = 0;
        return SB_DECIMAL_OK;
    }
    if (keep > precision) {
        return SB_DECIMAL_OVERFLOW;
    }
    sb_int128 v = 0;
    int64_t taken = 0;
    bool leading = true;
    for (const char *p = d.first; p < d.last; p++) {
        if (*p == '.' || (leading && *p == '0')) {
            continue;
        }
        leading = false;
        if (taken == keep) {
            v += *p >= '5'; /* HALF_UP looks at one digit */
            break;
        }
        v = v * 10 + (*p - '0');
        taken++;
    }
    v *= power_of_ten(keep - taken);
    if (v >= power_of_ten(precision)) {
        return SB_DECIMAL_OVERFLOW;
    }
    *out = d.negative ? -v : v;
    return SB_DECIMAL_OK;
}

/* ---- printing
 * ------------------------------------------------------------------------------------ */

static const char digit_pairs[201] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Writes v backwards from `end`; returns where it starts. */
static char *
print_back(char *end, uint64_t v)
{
    while (v >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + v % 100 * 2, 2);
        v /= 100;
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + v * 2, 2);
    } else {
        *--end = (char)('0' + v);
    }
    return end;
}

int
sb_fmt_print_i64(char *out, int64_t v)
{
    char text[24], *end = text + sizeof text;
    char *start = print_back(end, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
    if (v < 0) {
        *--start = '-';
    }
    memcpy(out, start, (size_t)(end - start));
    return (int)(end - start);
}

int
sb_fmt_print_decimal(char *out, sb_int128 unscaled, int scale, sb_fmt_decimal_style style)
{
    char digits[48], *end = digits + sizeof digits, *start = end, *p = out;
    unsigned __int128 v =
        unscaled < 0 ? 0 - (unsigned __int128)unscaled : (unsigned __int128)unscaled;
    if (style == SB_DECIMAL_STRIPPED) {
        scale = v ? scale : 0;
        while (v && v % 10 == 0) {
            v /= 10;
            scale--;
        }
    }
    while (v > UINT64_MAX) {
        *--start = (char)('0' + (int)(v % 10));
        v /= 10;
    }
    start = print_back(start, (uint64_t)v);
    int count = (int)(end - start), exponent = count - 1 - scale; /* of the first digit */
    if (unscaled < 0) {
        *p++ = '-';
    }
    if (style != SB_DECIMAL_PLAIN && (scale < 0 || exponent < -6)) {
        *p++ = *start;
        if (count > 1) {
            *p++ = '.';
            memcpy(p, start + 1, (size_t)(count - 1));
            p += count - 1;
        }
        *p++ = 'E';
        if (exponent > 0) {
            *p++ = '+';
        }
        p += sb_fmt_print_i64(p, exponent);
        return (int)(p - out);
    }
    if (count <= scale) {
        *p++ = '0';
        *p++ = '.';
        memset(p, '0', (size_t)(scale - count));
        p += scale - count;
        memcpy(p, start, (size_t)count);
        return (int)(p + count - out);
    }
    memcpy(p, start, (size_t)(count - scale));
    p += count - scale;
    if (scale > 0) {
        *p++ = '.';
        memcpy(p, end - scale, (size_t)scale);
        p += scale;
    }
    return (int)(p - out);
}
