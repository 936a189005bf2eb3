/*
 * formats/java_double.c -- the digits of Double.toString of Java 17.
 *
 * DESIGN     The number is a ratio B / S with a margin M on each side; digits come off one by one
 *            until what is left lies within the margin (Steele and White, "How to print
 *            floating-point numbers accurately", 1990, the free-format algorithm). Java's
 *            particulars: whole numbers below 2^63 print exactly, less the decimal digits that
 *            their binary precision cannot hold; the margin is half as wide on both sides of a
 *            power of two; in E notation at least two digits are made before the test counts; and
 *            what fits 32 or 64 bits is done in wrapping int or long arithmetic, where a margin
 *            that overflows ends the digits. The rest is exact, in 128 bits or long integers.
 */
#include "formats/java_double.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MANTISSA_BITS 52
#define WORDS         42 /* 1344 bits: the largest power met is below 2^1200 */

/* value = mantissa * 2^(exponent - 52), the highest bit of the mantissa is bit 52. */
typedef struct parts {
    uint64_t mantissa;
    int exponent;
    int significant; /* bits of precision */
} parts;

typedef struct digits_out {
    char *at;
    int count;
} digits_out;

/* B / S in [1, 10) times a power of ten, and the margin: as powers. */
typedef struct powers {
    uint64_t fraction; /* odd */
    int b2, b5, s2, s5, m2, m5;
    int decimal; /* exponent of ten, maybe one too high */
} powers;

/* ---- whole numbers
 * ---------------------------------------------------------------------------------- */

/* Decimal digits that 2^p cannot tell apart. */
static int
insignificant_digits(int p)
{
    return p > 1 ? (int)((double)p * 0.30102999566398120) : 0;
}

static int
whole_digits(uint64_t value, int insignificant, char *digits, int *point)
{
    char text[24];
    int at = (int)sizeof text, exponent = insignificant;
    uint64_t unit = 1;
    for (int i = 0; i < insignificant; i++) {
        unit *= 10;
    }
    value = value / unit + (value % unit >= (unit >> 1) && insignificant > 0);
    while (value % 10 == 0) {
        value /= 10;
        exponent++;
    }
    for (; value; value /= 10) {
        text[--at] = (char)('0' + value % 10);
    }
    int count = (int)sizeof text - at;
    memcpy(digits, text + at, (size_t)count);
    *point = exponent + count;
    return count;
}

/* ---- the rest
 * ----------------------------------------------------------------------------------------- */

static int
estimated_decimal(const parts *p)
{
    uint64_t bits =
        UINT64_C(0x3FF0000000000000) | (p->mantissa & ((UINT64_C(1) << MANTISSA_BITS) - 1));
    double d;
    memcpy(&d, &bits, sizeof d);
    return (int)floor((d - 1.5) * 0.289529654 + 0.176091259 +
                      (double)p->exponent * 0.301029995663981);
}

static powers
powers_of(const parts *p)
{
    int trailing = __builtin_ctzll(p->mantissa), bits = MANTISSA_BITS + 1 - trailing;
    int tiny = bits - p->exponent - 1 > 0 ? bits - p->exponent - 1 : 0; /* bits behind the point */
    powers w = {.fraction = p->mantissa >> trailing, .decimal = estimated_decimal(p)};
    w.b5 = w.decimal < 0 ? -w.decimal : 0;
    w.b2 = w.b5 + tiny + p->exponent;
    w.s5 = w.decimal > 0 ? w.decimal : 0;
    w.s2 = w.s5 + tiny;
    w.m5 = w.b5;
    w.m2 = w.b2 - p->significant;
    w.b2 -= bits - 1;
    int common = w.b2 < w.s2 ? w.b2 : w.s2;
    w.b2 -= common;
    w.s2 -= common;
    w.m2 -= common;
    if (bits == 1) {
        w.m2--; /* below a power of two numbers lie twice as dense */
    }
    if (w.m2 < 0) {
        w.b2 -= w.m2;
        w.s2 -= w.m2;
        w.m2 = 0;
    }
    return w;
}

static void
round_up(char *digits, int *count, int *decimal)
{
    int i = *count - 1;
    while (i > 0 && digits[i] == '9') {
        digits[i--] = '0';
    }
    if (digits[i] == '9') {
        digits[0] = '1';
        (*decimal)++;
        return;
    }
    digits[i]++;
}

/* What the state of a digit loop says when it stops. */
typedef struct stop {
    bool low, high;
    int difference; /* sign of 2 * rest - 10 * S */
} stop;

static void
round_last(stop s, char *digits, int *count, int *decimal)
{
    bool odd = (digits[*count - 1] & 1) != 0;
    if (s.high && (!s.low || s.difference > 0 || (s.difference == 0 && odd))) {
        round_up(digits, count, decimal);
    }
}

/* Java's int and long: results wrap. The text of some floats depends on it. */
static inline int64_t
wrapped(uint64_t v, bool narrow)
{
    return narrow ? (int64_t)(int32_t)(uint32_t)v : (int64_t)v;
}

static int64_t
java_power(int fives, int twos, uint64_t factor, bool narrow)
{
    uint64_t v = factor;
    while (fives-- > 0) {
        v *= 5;
    }
    return wrapped(v << twos, narrow);
}

/* In Java's int (narrow) or long arithmetic. */
static stop
java_digits(const powers *w, bool narrow, digits_out *out, int *decimal)
{
    int64_t b = java_power(w->b5, w->b2, w->fraction, narrow),
            s = java_power(w->s5, w->s2, 1, narrow);
    int64_t m = java_power(w->m5, w->m2, 1, narrow);
    const int64_t tens = wrapped((uint64_t)s * 10, narrow);
    stop state = {false, false, 0};
    for (int i = 0; i == 0 || (!state.low && !state.high); i++) {
        char digit = (char)('0' + (int)(b / s));
        b = wrapped(10 * (uint64_t)(b % s), narrow);
        m = wrapped((uint64_t)m * 10, narrow);
        bool overflow = i > 0 && m <= 0;
        state.low = b < m || overflow;
        state.high = wrapped((uint64_t)b + (uint64_t)m, narrow) > tens || overflow;
        if (i == 0 && digit == '0' && !state.high) {
            (*decimal)--;
        } else {
            out->at[out->count++] = digit;
        }
        if (i == 0 && (*decimal < -3 || *decimal >= 8)) {
            state.low = state.high = false;
        }
    }
    int64_t difference = wrapped(((uint64_t)b << 1) - (uint64_t)tens, narrow);
    state.difference = difference < 0 ? -1 : difference > 0;
    return state;
}

/* Exact, in 128 bits. */
static stop
exact_digits(const powers *w, digits_out *out, int *decimal)
{
    unsigned __int128 b = w->fraction, s = 1, m = 1;
    for (int i = 0; i < w->b5; i++) {
        b *= 5;
        m *= i < w->m5 ? 5 : 1;
    }
    for (int i = 0; i < w->s5; i++) {
        s *= 5;
    }
    b <<= w->b2;
    s <<= w->s2;
    m <<= w->m2;
    const unsigned __int128 tens = s * 10;
    stop state = {false, false, 0};
    for (int i = 0; i == 0 || (!state.low && !state.high); i++) {
        char digit = (char)('0' + (int)(b / s));
        b = 10 * (b % s);
        m *= 10;
        state.low = b < m;
        state.high = b + m > tens;
        if (i == 0 && digit == '0' && !state.high) {
            (*decimal)--;
        } else {
            out->at[out->count++] = digit;
        }
        if (i == 0 && (*decimal < -3 || *decimal >= 8)) {
            state.low = state.high = false;
        }
    }
    state.difference = 2 * b < tens ? -1 : 2 * b > tens;
    return state;
}

/* ---- long integers
 * ------------------------------------------------------------------------------------- */

typedef struct big {
    uint32_t words[WORDS]; /* little end first */
    int count;             /* words used; the last one is not zero */
} big;

static void
big_multiply(big *v, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < v->count; i++) {
        carry += (uint64_t)v->words[i] * by;
        v->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        v->words[v->count++] = (uint32_t)carry;
    }
}

static big
big_make(uint64_t value, int fives, int twos)
{
    big v = {.words = {(uint32_t)value, (uint32_t)(value >> 32)}};
    v.count = value >> 32 ? 2 : 1;
    for (; fives >= 13; fives -= 13) {
        big_multiply(&v, 1220703125); /* 5^13 */
    }
    for (; fives > 0; fives--) {
        big_multiply(&v, 5);
    }
    int whole = twos / 32, rest = twos % 32;
    big_multiply(&v, UINT32_C(1) << rest);
    memmove(v.words + whole, v.words, sizeof(uint32_t) * (size_t)v.count);
    memset(v.words, 0, sizeof(uint32_t) * (size_t)whole);
    v.count += whole;
    return v;
}

static int
big_compare(const big *a, const big *b)
{
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (int i = a->count - 1; i >= 0; i--) {
        if (a->words[i] != b->words[i]) {
            return a->words[i] < b->words[i] ? -1 : 1;
        }
    }
    return 0;
}

static big
big_add(const big *a, const big *b)
{
    big v = {.count = a->count > b->count ? a->count : b->count};
    uint64_t carry = 0;
    for (int i = 0; i < v.count; i++) {
        carry += (uint64_t)a->words[i] + b->words[i];
        v.words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        v.words[v.count++] = (uint32_t)carry;
    }
    return v;
}

/* a -= b; a >= b. */
static void
big_subtract(big *a, const big *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        borrow += (int64_t)a->words[i] - b->words[i];
        a->words[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    while (a->count > 0 && a->words[a->count - 1] == 0) {
        a->count--;
    }
}

/* a / b, which is below 10; a becomes ten times the rest. */
static int
big_digit(big *a, const big *b)
{
    int digit = 0;
    while (big_compare(a, b) >= 0) {
        big_subtract(a, b);
        digit++;
    }
    big_multiply(a, 10);
    return digit;
}

static stop
large_digits(const powers *w, digits_out *out, int *decimal)
{
    big b = big_make(w->fraction, w->b5, w->b2), s = big_make(1, w->s5, w->s2),
        m = big_make(1, w->m5, w->m2), tens = s;
    big_multiply(&tens, 10);
    stop state = {false, false, 0};
    for (int i = 0; i == 0 || (!state.low && !state.high); i++) {
        int digit = big_digit(&b, &s);
        big_multiply(&m, 10);
        big sum = big_add(&b, &m);
        state.low = big_compare(&b, &m) < 0;
        state.high = big_compare(&sum, &tens) > 0;
        if (i == 0 && digit == 0 && !state.high) {
            (*decimal)--;
        } else {
            out->at[out->count++] = (char)('0' + digit);
        }
        if (i == 0 && (*decimal < -3 || *decimal >= 8)) {
            state.low = state.high = false;
        }
    }
    big_multiply(&b, 2);
    state.difference = big_compare(&b, &tens);
    return state;
}

/* Bits of 5^n, as Java counts them. */
static int
bits_of_5(int n)
{
    return n == 0 ? 0 : n < 27 ? (int)(n * 2.321928094887362) + 1 : n * 3;
}

static int
digits_of(const parts *p, char *digits, int *point)
{
    int trailing = __builtin_ctzll(p->mantissa), bits = MANTISSA_BITS + 1 - trailing;
    if (bits - p->exponent - 1 <= 0 && p->exponent <= 62) {
        int insignificant = p->exponent > p->significant
                                ? insignificant_digits(p->exponent - p->significant - 1)
                                : 0;
        uint64_t whole = p->exponent >= MANTISSA_BITS
                             ? p->mantissa << (p->exponent - MANTISSA_BITS)
                             : p->mantissa >> (MANTISSA_BITS - p->exponent);
        return whole_digits(whole, insignificant, digits, point);
    }
    powers w = powers_of(p);
    int decimal = w.decimal;
    digits_out out = {digits, 0};
    int bits_b = bits + w.b2 + bits_of_5(w.b5), bits_tens = w.s2 + 1 + bits_of_5(w.s5 + 1);
    int widest = bits_b > bits_tens ? bits_b : bits_tens;
    /* Java's count of bits may be one too low per factor; everything is multiplied by ten and
     * doubled once more. */
    stop state = widest < 64    ? java_digits(&w, widest < 32, &out, &decimal)
                 : widest < 115 ? exact_digits(&w, &out, &decimal)
                                : large_digits(&w, &out, &decimal);
    round_last(state, digits, &out.count, &decimal);
    *point = decimal + 1;
    return out.count;
}

int
sb_java_double_digits(double value, char digits[SB_JAVA_DIGITS_MAX], int *point)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    parts p = {.mantissa = bits & ((UINT64_C(1) << MANTISSA_BITS) - 1),
               .exponent = (int)(bits >> MANTISSA_BITS & 0x7FF)};
    if (p.exponent == 0) {
        int zeros = __builtin_clzll(p.mantissa), shift = zeros - (63 - MANTISSA_BITS);
        p.mantissa <<= shift;
        p.exponent = 1 - shift;
        p.significant = 64 - zeros;
    } else {
        p.mantissa |= UINT64_C(1) << MANTISSA_BITS;
        p.significant = MANTISSA_BITS + 1;
    }
    p.exponent -= 1023;
    return digits_of(&p, digits, point);
}

int
sb_java_float_digits(float value, char digits[SB_JAVA_DIGITS_MAX], int *point)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t mantissa = bits & 0x7FFFFF;
    parts p = {.exponent = (int)(bits >> 23 & 0xFF), .significant = 24};
    if (p.exponent == 0) {
        int zeros = __builtin_clz(mantissa), shift = zeros - (31 - 23);
        mantissa <<= shift;
        p.exponent = 1 - shift;
        p.significant = 32 - zeros;
    } else {
        mantissa |= UINT32_C(1) << 23;
    }
    p.exponent -= 127;
    p.mantissa = (uint64_t)mantissa << (MANTISSA_BITS - 23);
    return digits_of(&p, digits, point);
}
