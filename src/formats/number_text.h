/*
 * formats/number_text.h -- numbers <-> text by Java's rules (Long.parseLong, Double.toString,
 * BigDecimal).
 *
 * THREADS    T:any; no state.
 */
#ifndef SB_FORMATS_NUMBER_TEXT_H
#define SB_FORMATS_NUMBER_TEXT_H

#include "columnar/type.h"

/* Removes what Java's String.trim does: bytes <= ' ' at both ends. */
sb_str sb_fmt_str_trim(sb_str s);

/* [+-]digits, nothing else; false: not a number or out of [lo, hi]. */
bool sb_fmt_parse_i64(sb_str s, int64_t lo, int64_t hi, int64_t *out);

/* Eight digits at once, the first one lowest; false: there is another byte. */
static inline bool
sb_fmt_eight_digits(uint64_t word, uint64_t *out)
{
    uint64_t digits = word ^ UINT64_C(0x3030303030303030);
    if (((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080)) {
        return false;
    }
    digits = digits * 10 + (digits >> 8); /* pairs, in every second byte */
    digits = ((digits & UINT64_C(0x000000FF000000FF)) * (100 + (UINT64_C(1000000) << 32)) +
              (digits >> 16 & UINT64_C(0x000000FF000000FF)) * (1 + (UINT64_C(10000) << 32))) >>
             32;
    *out = digits & UINT32_MAX;
    return true;
}

/* 1 to 8 digits, perhaps with a minus before them, from a place where 9 bytes are readable. */
static inline bool
sb_fmt_parse_short(const char *p, size_t size, int64_t *out)
{
    uint64_t word, n;
    bool negative = *p == '-';
    p += negative;
    size -= negative;
    if (size - 1 > 7) {
        return false;
    }
    __builtin_memcpy(&word, p, 8);
    unsigned unused = 8 * (8 - (unsigned)size); /* zeros before the digits there: 0 to 56 bits */
    word = word << unused | (UINT64_C(0x3030303030303030) & ~(UINT64_MAX << unused));
    if (!sb_fmt_eight_digits(word, &n)) {
        return false;
    }
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

/* Double.parseDouble / Float.parseFloat: also NaN, Infinity and a trailing d or f; hexadecimal
 * floats are refused. Trims. */
bool sb_fmt_parse_f64(sb_str s, double *out);
bool sb_fmt_parse_f32(sb_str s, float *out);

typedef enum sb_fmt_decimal_result {
    SB_DECIMAL_OK,
    SB_DECIMAL_OVERFLOW,
    SB_DECIMAL_SYNTAX
} sb_fmt_decimal_result;

/* new BigDecimal(text).setScale(scale, HALF_UP); OVERFLOW: more digits than precision (Flink
 * makes it NULL). */
sb_fmt_decimal_result sb_fmt_parse_decimal(sb_str s, int precision, int scale, sb_int128 *out);

/* Each writes at `out` and returns the bytes written. */
#define SB_NUMBER_TEXT_MAX 48
int sb_fmt_print_i64(char *out, int64_t v);

typedef enum sb_fmt_decimal_style {
    SB_DECIMAL_PLAIN,   /* toPlainString: scale digits after the point */
    SB_DECIMAL_JAVA,    /* toString: plain, but 1E-7 below that */
    SB_DECIMAL_STRIPPED /* stripTrailingZeros().toString(): 1E+2 */
} sb_fmt_decimal_style;

int sb_fmt_print_decimal(char *out, sb_int128 unscaled, int scale, sb_fmt_decimal_style style);

/* Widened unscaled value of a DECIMAL column at an index of its flat values. */
static inline sb_int128
sb_fmt_decimal_at(sb_phys phys, const void *value)
{
    if (phys == SB_PHYS_I64) {
        int64_t v;
        __builtin_memcpy(&v, value, sizeof v);
        return v;
    }
    sb_int128 v;
    __builtin_memcpy(&v, value, sizeof v);
    return v;
}

#endif
