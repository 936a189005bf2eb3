/*
 * kernels/decimal.c -- see decimal.h.
 *
 * DESIGN     Signs are taken off first: HALF_UP rounds magnitudes. Each operation tries 128 bits
 * and falls back to sb_wide.
 */
#include "kernels/decimal.h"

#include "kernels/number.h"
#include "kernels/wide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned __int128 u128;

#define E19 ((sb_int128)10000000000000000000ULL)
static const uint64_t pow10_low[20] = {1ULL,
                                       10ULL,
                                       100ULL,
                                       1000ULL,
                                       10000ULL,
                                       100000ULL,
                                       1000000ULL,
                                       10000000ULL,
                                       100000000ULL,
                                       1000000000ULL,
                                       10000000000ULL,
                                       100000000000ULL,
                                       1000000000000ULL,
                                       10000000000000ULL,
                                       100000000000000ULL,
                                       1000000000000000ULL,
                                       10000000000000000ULL,
                                       100000000000000000ULL,
                                       1000000000000000000ULL,
                                       10000000000000000000ULL};

sb_int128
sb_decimal_pow10(int exponent)
{
    sb_assert(exponent >= 0 && exponent <= SB_DECIMAL_MAX);
    return exponent < 20 ? (sb_int128)pow10_low[exponent]
                         : (sb_int128)pow10_low[exponent - 19] * E19;
}

static u128
magnitude(sb_int128 v)
{
    return v < 0 ? (u128)0 - (u128)v : (u128)v;
}

static sb_int128
with_sign(u128 v, bool negative)
{
    return (sb_int128)(negative ? (u128)0 - v : v);
}

bool
sb_decimal_fits(sb_int128 value, int precision)
{
    return magnitude(value) < (u128)sb_decimal_pow10(precision);
}

int
sb_decimal_digits(sb_int128 value)
{
    u128 v = magnitude(value);
    int digits = 1;
    while (digits < SB_DECIMAL_MAX && v >= (u128)sb_decimal_pow10(digits)) {
        digits++;
    }
    return digits;
}

/* |result| from a wide value: checks the precision and sets the sign. */
static bool
finish(const sb_wide *value, bool negative, int precision, sb_int128 *out)
{
    u128 v;
    if (!sb_wide_to_u128(value, &v) || v >= (u128)sb_decimal_pow10(precision)) {
        return false;
    }
    *out = with_sign(v, negative);
    return true;
}

/* value / 10^digits, HALF_UP. */
static sb_wide
drop_digits(const sb_wide *value, int digits)
{
    sb_wide quotient, rest, power = sb_wide_pow10(digits), one = sb_wide_of(1);
    if (digits == 0) {
        return *value;
    }
    sb_wide_divide(value, &power, &quotient, &rest);
    rest = sb_wide_add(&rest, &rest);
    return sb_wide_compare(&rest, &power) >= 0 ? sb_wide_add(&quotient, &one) : quotient;
}

/* The value with `scale` digits after the point as one with spec.scale. */
static bool
settle(sb_wide value, bool negative, int scale, sb_decimal_spec to, sb_int128 *out)
{
    if (scale > to.scale) {
        value = drop_digits(&value, scale - to.scale);
    } else if (scale < to.scale) {
        sb_wide power = sb_wide_pow10(to.scale - scale);
        value = sb_wide_multiply(&value, &power);
    }
    return finish(&value, negative, to.precision, out);
}

bool
sb_decimal_rescale(sb_int128 value, int scale, sb_decimal_spec to, sb_int128 *out)
{
    int up = to.scale - scale;
    u128 v = magnitude(value), r;
    if (up == 0) {
        r = v;
    } else if (up > 0) {
        if (up > SB_DECIMAL_MAX) {
            r = 0;
            if (v) {
                return false;
            }
        } else if (__builtin_mul_overflow(v, (u128)sb_decimal_pow10(up), &r)) {
            return false;
        }
    } else if (-up > SB_DECIMAL_MAX) {
        r = 0;
    } else {
        u128 power = (u128)sb_decimal_pow10(-up);
        r = v / power;
        r += v % power >= power - v % power;
    }
    if (r >= (u128)sb_decimal_pow10(to.precision)) {
        return false;
    }
    *out = with_sign(r, value < 0);
    return true;
}

bool
sb_decimal_add(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
               sb_int128 *out)
{
    int scale = scale_a > scale_b ? scale_a : scale_b;
    sb_int128 x, y, sum;
    if (!__builtin_mul_overflow(a, sb_decimal_pow10(scale - scale_a), &x) &&
        !__builtin_mul_overflow(b, sb_decimal_pow10(scale - scale_b), &y) &&
        !__builtin_add_overflow(x, y, &sum)) {
        return sb_decimal_rescale(sum, scale, to, out);
    }
    sb_wide wa = sb_wide_of(magnitude(a)), wb = sb_wide_of(magnitude(b));
    sb_wide pa = sb_wide_pow10(scale - scale_a), pb = sb_wide_pow10(scale - scale_b);
    wa = sb_wide_multiply(&wa, &pa);
    wb = sb_wide_multiply(&wb, &pb);
    if ((a < 0) == (b < 0)) {
        return settle(sb_wide_add(&wa, &wb), a < 0, scale, to, out);
    }
    if (sb_wide_compare(&wa, &wb) >= 0) {
        return settle(sb_wide_subtract(&wa, &wb), a < 0, scale, to, out);
    }
    return settle(sb_wide_subtract(&wb, &wa), b < 0, scale, to, out);
}

bool
sb_decimal_multiply(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                    sb_int128 *out)
{
    sb_int128 product;
    int scale = scale_a + scale_b;
    if (!__builtin_mul_overflow(a, b, &product)) {
        return sb_decimal_rescale(product, scale, to, out);
    }
    sb_wide wa = sb_wide_of(magnitude(a)), wb = sb_wide_of(magnitude(b));
    return settle(sb_wide_multiply(&wa, &wb), (a < 0) != (b < 0), scale, to, out);
}

/*
 * Rounds quotient + rest/divisor as Flink: to 38 significant digits, then to an integer, both
 * HALF_UP. The two steps differ from one only when the fraction is so close below one half that the
 * first step lifts it to it: divisor - 2 rest <= divisor / 10^(38 - digits of quotient).
 */
static bool
rounds_up(const sb_wide *quotient, const sb_wide *rest, const sb_wide *divisor)
{
    sb_wide twice = sb_wide_add(rest, rest), limit, unused, gap;
    u128 q;
    if (sb_wide_compare(&twice, divisor) >= 0) {
        return true;
    }
    if (!sb_wide_to_u128(quotient, &q) || q >= (u128)sb_decimal_pow10(SB_DECIMAL_MAX)) {
        return false;
    }
    int digits = q ? sb_decimal_digits((sb_int128)q) : 0;
    gap = sb_wide_subtract(divisor, &twice);
    sb_wide power = sb_wide_pow10(SB_DECIMAL_MAX - digits);
    sb_wide_divide(divisor, &power, &limit, &unused);
    return sb_wide_compare(&gap, &limit) <= 0;
}

bool
sb_decimal_divide(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                  sb_int128 *out)
{
    int up = to.scale - scale_a + scale_b;
    u128 x = magnitude(a), y = magnitude(b), scaled;
    bool negative = (a < 0) != (b < 0);
    sb_assert(b != 0);
    /* 10^18 bounds the divisor so that the double rounding cannot matter below 20 digits. */
    if (up >= 0 && up <= SB_DECIMAL_MAX && y < (u128)pow10_low[18] &&
        !__builtin_mul_overflow(x, (u128)sb_decimal_pow10(up), &scaled)) {
        u128 q = scaled / y, rest = scaled % y;
        if (q < (u128)E19) {
            q += rest * 2 >= y;
            *out = with_sign(q, negative);
            return q < (u128)sb_decimal_pow10(to.precision);
        }
    }
    sb_wide numerator = sb_wide_of(x), divisor = sb_wide_of(y), quotient, rest;
    sb_wide power = sb_wide_pow10(up < 0 ? -up : up), one = sb_wide_of(1);
    if (up >= 0) {
        numerator = sb_wide_multiply(&numerator, &power);
    } else {
        divisor = sb_wide_multiply(&divisor, &power);
    }
    sb_wide_divide(&numerator, &divisor, &quotient, &rest);
    if (rounds_up(&quotient, &rest, &divisor)) {
        quotient = sb_wide_add(&quotient, &one);
    }
    return finish(&quotient, negative, to.precision, out);
}

bool
sb_decimal_remainder(sb_int128 a, int scale_a, sb_int128 b, int scale_b, sb_decimal_spec to,
                     sb_int128 *out)
{
    int scale = scale_a > scale_b ? scale_a : scale_b;
    sb_wide wa = sb_wide_of(magnitude(a)), wb = sb_wide_of(magnitude(b)), quotient, rest;
    sb_wide pa = sb_wide_pow10(scale - scale_a), pb = sb_wide_pow10(scale - scale_b);
    sb_assert(b != 0);
    wa = sb_wide_multiply(&wa, &pa);
    wb = sb_wide_multiply(&wb, &pb);
    sb_wide_divide(&wa, &wb, &quotient, &rest);
    return settle(rest, a < 0, scale, to, out);
}

int
sb_decimal_compare(sb_int128 a, int scale_a, sb_int128 b, int scale_b)
{
    int scale = scale_a > scale_b ? scale_a : scale_b;
    sb_int128 x, y;
    if ((a < 0) != (b < 0)) {
        return a < 0 ? -1 : 1;
    }
    /* Same sign: an overflow means that this side is farther from 0 (the other is scaled by 1). */
    if (__builtin_mul_overflow(a, sb_decimal_pow10(scale - scale_a), &x)) {
        return a < 0 ? -1 : 1;
    }
    if (__builtin_mul_overflow(b, sb_decimal_pow10(scale - scale_b), &y)) {
        return b < 0 ? 1 : -1;
    }
    return x < y ? -1 : x > y;
}

sb_int128
sb_decimal_floor(sb_int128 value, int scale)
{
    sb_int128 power = sb_decimal_pow10(scale), q = value / power;
    return q - (value < 0 && value % power != 0);
}

sb_int128
sb_decimal_ceil(sb_int128 value, int scale)
{
    sb_int128 power = sb_decimal_pow10(scale), q = value / power;
    return q + (value > 0 && value % power != 0);
}

double
sb_decimal_to_double(sb_int128 value, int scale)
{
    static const double exact[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    char text[SB_DECIMAL_TEXT];
    if (magnitude(value) <= (u128)1 << 53 && scale <= 22) {
        return (double)(int64_t)value / exact[scale]; /* one correctly rounded division */
    }
    text[sb_decimal_print(text, value, scale)] = 0;
    return strtod(text, NULL);
}

bool
sb_decimal_from_double(double value, sb_decimal_spec to, sb_int128 *out)
{
    char text[SB_DOUBLE_TEXT];
    if (!isfinite(value)) {
        return false;
    }
    size_t size = sb_double_print(text, value);
    return sb_decimal_from_text(text, size, to, out) == SB_DECIMAL_OK;
}

size_t
sb_decimal_print(char *buffer, sb_int128 value, int scale)
{
    char digits[SB_DECIMAL_TEXT];
    u128 v = magnitude(value);
    int n = 0;
    while (v > UINT64_MAX) {
        uint64_t low = (uint64_t)(v % (u128)pow10_low[18]);
        v /= (u128)pow10_low[18];
        for (int i = 0; i < 18; i++, low /= 10) {
            digits[n++] = (char)('0' + low % 10);
        }
    }
    for (uint64_t low = (uint64_t)v; low || n <= scale; low /= 10) {
        digits[n++] = (char)('0' + low % 10);
    }
    size_t at = 0;
    if (value < 0) {
        buffer[at++] = '-';
    }
    while (n > 0) {
        if (n == scale) {
            buffer[at++] = '.';
        }
        buffer[at++] = digits[--n];
    }
    return at;
}

/* What a number's text consists of. */
typedef struct number_parts {
    const char *digits; /* first significant digit or point */
    const char *end;    /* end of the mantissa */
    bool negative;
    int32_t scale; /* digits after the point minus the exponent */
} number_parts;

static bool
split_number(const char *text, size_t size, number_parts *out)
{
    const char *p = text, *end = text + size;
    int32_t count = 0, after = -1;
    out->negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) {
        p++;
    }
    out->digits = p;
    for (; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && after < 0) {
            after = 0;
        } else if (*p >= '0' && *p <= '9') {
            count++;
            after += after >= 0;
        } else {
            return false;
        }
    }
    out->end = p;
    out->scale = after > 0 ? after : 0;
    if (count == 0) {
        return false;
    }
    if (p == end) {
        return true;
    }
    if (++p == end) { /* "1e" is 1, as in Java's parser of big decimals that Flink uses */
        return true;
    }
    bool minus = *p == '-';
    int32_t exponent = 0;
    p += p < end && (*p == '-' || *p == '+');
    if (p == end) {
        return false;
    }
    for (; p < end; p++) {
        if (*p < '0' || *p > '9') {
            return false;
        }
        exponent = exponent < 1000000 ? exponent * 10 + (*p - '0') : exponent;
    }
    out->scale -= minus ? -exponent : exponent;
    return true;
}

sb_decimal_parse
sb_decimal_from_text(const char *text, size_t size, sb_decimal_spec to, sb_int128 *out)
{
    number_parts parts;
    u128 v = 0;
    if (!split_number(text, size, &parts)) {
        return SB_DECIMAL_BAD;
    }
    /* Digits beyond the wanted scale are dropped but for the first, which decides HALF_UP. */
    int32_t scale = parts.scale;
    bool seen_point = false;
    const char *p = parts.digits;
    int32_t left = 0; /* digits still to come */
    for (const char *q = p; q < parts.end; q++) {
        left += *q != '.';
    }
    int32_t keep =
        left - (scale - to.scale); /* digits that stay, before trailing zeros are added */
    int round = 0;
    for (int32_t i = 0; p < parts.end; p++) {
        if (*p == '.' && !seen_point) {
            seen_point = true;
            continue;
        }
        if (i < keep) {
            if (v >= (u128)sb_decimal_pow10(SB_DECIMAL_MAX - 1)) { /* a 39th digit */
                return SB_DECIMAL_TOO_LARGE;
            }
            v = v * 10 + (u128)(*p - '0');
        } else if (i == keep) {
            round = *p >= '5';
        }
        i++;
    }
    for (int32_t zeros = keep - left; zeros > 0 && v; zeros--) {
        if (v >= (u128)sb_decimal_pow10(SB_DECIMAL_MAX - 1)) {
            return SB_DECIMAL_TOO_LARGE;
        }
        v *= 10;
    }
    v += (u128)round;
    if (v >= (u128)sb_decimal_pow10(to.precision)) {
        return SB_DECIMAL_TOO_LARGE;
    }
    *out = with_sign(v, parts.negative);
    return SB_DECIMAL_OK;
}
