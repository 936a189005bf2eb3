/*
 * kernels/number.c -- see number.h.
 *
 * DESIGN     Printing: a value that is n / 10^8 with a small n (prices, averages of few digits)
 * takes an exact short cut, which java_digits would print alike; all others go there.
 */
#include "kernels/number.h"
#include "kernels/java_digits.h"
#include "kernels/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_10(d) d "0" d "1" d "2" d "3" d "4" d "5" d "6" d "7" d "8" d "9"

const char sb_digit_pairs[201] = PAIRS_10("0") PAIRS_10("1") PAIRS_10("2") PAIRS_10("3")
    PAIRS_10("4") PAIRS_10("5") PAIRS_10("6") PAIRS_10("7") PAIRS_10("8") PAIRS_10("9");

size_t
sb_int_print(char *buffer, int64_t value)
{
    char digits[20];
    char *end = digits + sizeof digits, *at = end;
    uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    for (; v >= 100; v /= 100) {
        at -= 2;
        sb_put_pair(at, v % 100);
    }
    if (v >= 10) {
        at -= 2;
        sb_put_pair(at, v);
    } else {
        *--at = (char)('0' + v);
    }
    size_t size = (size_t)(end - at), sign = value < 0;
    buffer[0] = '-';
    memcpy(buffer + sign, at, size);
    return size + sign;
}

/* digits[0] . digits[1..] x 10^exponent in Java's notation. */
static size_t
java_layout(char *out, bool negative, const char *digits, int count, int exponent)
{
    size_t at = 0;
    if (negative) {
        out[at++] = '-';
    }
    if (exponent >= -3 && exponent < 7) {
        if (exponent < 0) {
            out[at++] = '0';
            out[at++] = '.';
            for (int i = -1; i > exponent; i--) {
                out[at++] = '0';
            }
            memcpy(out + at, digits, (size_t)count);
            return at + (size_t)count;
        }
        for (int i = 0; i <= exponent; i++) {
            out[at++] = i < count ? digits[i] : '0';
        }
        out[at++] = '.';
        if (count <= exponent + 1) {
            out[at++] = '0';
            return at;
        }
        memcpy(out + at, digits + exponent + 1, (size_t)(count - exponent - 1));
        return at + (size_t)(count - exponent - 1);
    }
    out[at++] = digits[0];
    out[at++] = '.';
    if (count == 1) {
        out[at++] = '0';
    } else {
        memcpy(out + at, digits + 1, (size_t)(count - 1));
        at += (size_t)(count - 1);
    }
    out[at++] = 'E';
    return at + sb_int_print(out + at, exponent);
}

/* n / 10^k as digits without trailing zeros. */
static size_t
print_scaled(char *out, bool negative, uint64_t n, int k)
{
    char digits[20];
    int count = (int)sb_int_print(digits, (int64_t)n);
    int exponent = count - 1 - k;
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    return java_layout(out, negative, digits, count, exponent);
}

static size_t
print_special(char *out, double v)
{
    const char *text = isnan(v)   ? "NaN"
                       : isinf(v) ? (v < 0 ? "-Infinity" : "Infinity")
                                  : (signbit(v) ? "-0.0" : "0.0");
    size_t size = strlen(text);
    memcpy(out, text, size);
    return size;
}

size_t
sb_double_print(char *buffer, double value)
{
    char digits[SB_DIGITS_MAX];
    double v = fabs(value);
    int point;
    if (value == 0 || !isfinite(value)) {
        return print_special(buffer, value);
    }
    if (v < 1e7 && v >= 1e-3) {
        int k = v < 1e6 ? 8 : 7; /* at most 15 digits in all */
        double power = v < 1e6 ? 1e8 : 1e7, scaled = nearbyint(v * power);
        if (scaled / power == v) {
            return print_scaled(buffer, value < 0, (uint64_t)scaled, k);
        }
    }
    int count = sb_double_digits(value, digits, &point);
    return java_layout(buffer, value < 0, digits, count, point - 1);
}

size_t
sb_float_print(char *buffer, float value)
{
    static const float powers[] = {1, 10, 100, 1000, 1e4f, 1e5f, 1e6f};
    char digits[SB_DIGITS_MAX];
    float v = fabsf(value);
    int point;
    if (value == 0 || !isfinite(value)) {
        return print_special(buffer, (double)value);
    }
    if (v < 1e6f && v >= 1e-3f) {
        for (int k = 0; k <= 6; k++) {
            float scaled = nearbyintf(v * powers[k]);
            if (scaled < 1e6f && scaled / powers[k] == v) {
                return print_scaled(buffer, value < 0, (uint64_t)scaled, k);
            }
        }
    }
    int count = sb_float_digits(value, digits, &point);
    return java_layout(buffer, value < 0, digits, count, point - 1);
}

static size_t
skip_digits(const char *text, size_t size, size_t at, bool hex)
{
    for (; at < size; at++) {
        char c = text[at];
        bool digit = c >= '0' && c <= '9';
        bool letter = hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
        if (!digit && !letter) {
            break;
        }
    }
    return at;
}

/* Does text[at..size) read as Java's floating-point literal (without sign)? Sets where the suffix
 * begins. */
static bool
check_literal(const char *text, size_t size, size_t at, size_t *out_end)
{
    bool hex = size - at > 2 && text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X');
    at += hex ? 2 : 0;
    size_t from = at, mantissa = (at = skip_digits(text, size, at, hex)) - from;
    if (at < size && text[at] == '.') {
        from = ++at;
        at = skip_digits(text, size, at, hex);
        mantissa += at - from;
    }
    if (mantissa == 0) {
        return false;
    }
    char lower = at < size ? (char)(text[at] | 0x20) : 0;
    if (lower == (hex ? 'p' : 'e')) {
        at++;
        at += at < size && (text[at] == '+' || text[at] == '-');
        from = at;
        at = skip_digits(text, size, at, false);
        if (at == from) {
            return false;
        }
    } else if (hex) {
        return false;
    }
    *out_end = at;
    lower = at < size ? (char)(text[at] | 0x20) : 0;
    at += lower == 'f' || lower == 'd';
    return at == size;
}

#define LONGEST_NUMBER 1100 /* longer texts are cut: digits this far down change no double */

/* Copies what strtod may read into buffer; false: not a number; special values are set in
 * *out_special. */
static bool
prepare_literal(const char *text, size_t size, char *buffer, double *out_special, bool *out_is)
{
    size_t at = size > 0 && (text[0] == '-' || text[0] == '+'), end;
    *out_is = true;
    if (size - at == 3 && memcmp(text + at, "NaN", 3) == 0) {
        *out_special = NAN;
        return true;
    }
    if (size - at == 8 && memcmp(text + at, "Infinity", 8) == 0) {
        *out_special = text[0] == '-' ? -INFINITY : INFINITY;
        return true;
    }
    *out_is = false;
    if (size >= LONGEST_NUMBER || !check_literal(text, size, at, &end)) {
        return false;
    }
    memcpy(buffer, text, end);
    buffer[end] = 0;
    return true;
}

/* Digits with a point, few enough for one exact division; false: anything else. */
static bool
parse_short(const char *text, size_t size, double *out)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t at = size > 0 && (text[0] == '-' || text[0] == '+'), point = SIZE_MAX;
    uint64_t n = 0;
    if (size - at > 16 || size == at) {
        return false;
    }
    bool negative = text[0] == '-';
    size_t digits = 0;
    for (; at < size; at++) {
        unsigned digit = (unsigned)(unsigned char)text[at] - '0';
        if (digit <= 9) {
            n = n * 10 + digit;
            digits++;
        } else if (text[at] == '.' && point == SIZE_MAX) {
            point = at;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 15) {
        return false;
    }
    double v = (double)n / powers[point == SIZE_MAX ? 0 : size - 1 - point];
    *out = negative ? -v : v;
    return true;
}

bool
sb_double_parse(const char *text, size_t size, double *out)
{
    char buffer[LONGEST_NUMBER];
    bool special;
    if (parse_short(text, size, out)) {
        return true;
    }
    if (!prepare_literal(text, size, buffer, out, &special)) {
        return false;
    }
    if (!special) {
        *out = strtod(buffer, NULL);
    }
    return true;
}

bool
sb_float_parse(const char *text, size_t size, float *out)
{
    char buffer[LONGEST_NUMBER];
    double value = 0;
    bool special;
    if (!prepare_literal(text, size, buffer, &value, &special)) {
        return false;
    }
    *out = special ? (float)value : strtof(buffer, NULL);
    return true;
}

sb_int_parse_result
sb_int_parse(const char *text, size_t size, int64_t min, int64_t max, int64_t *out)
{
    bool negative = size > 0 && text[0] == '-', overflow = false;
    size_t at = negative || (size > 0 && text[0] == '+');
    int64_t v = 0; /* negative magnitude: INT64_MIN has no positive twin */
    if (at == size) {
        return SB_INT_BAD;
    }
    for (; at < size && text[at] != '.'; at++) {
        if (text[at] < '0' || text[at] > '9') {
            return SB_INT_BAD;
        }
        overflow |= __builtin_mul_overflow(v, (int64_t)10, &v);
        overflow |= __builtin_sub_overflow(v, (int64_t)(text[at] - '0'), &v);
    }
    for (at++; at < size; at++) {
        if (text[at] < '0' || text[at] > '9') {
            return SB_INT_BAD;
        }
    }
    if (overflow || (!negative && v == INT64_MIN)) {
        return SB_INT_OVERFLOW;
    }
    v = negative ? v : -v;
    if (v < min || v > max) {
        return SB_INT_OVERFLOW;
    }
    *out = v;
    return SB_INT_OK;
}
