/*
 * formats/json_value.h -- one scalar of JSON text as a value of an SQL type, by the rules of
 * Flink's json format.
 *
 * DESIGN     Flink takes a value of another JSON type where Java would: numbers and booleans in
 *            strings, numbers as strings, fractions cut off for INT and BIGINT. Whole objects and
 *            arrays become their text in a string column.
 */
#ifndef SB_FORMATS_JSON_VALUE_H
#define SB_FORMATS_JSON_VALUE_H

#include "columnar/type.h"

typedef enum sb_json_got { SB_JSON_VALUE, SB_JSON_NULL, SB_JSON_BAD, SB_JSON_NOMEM } sb_json_got;

typedef struct sb_json_values { /* what conversions need */
    sb_arena *scratch;          /* bytes of unescaped strings; its owner clears it */
    sb_text *text;              /* for compact containers */
    bool iso;
    bool strict; /* strict-types */
} sb_json_values;

/* The value from its first byte at `p` to its end, blanks removed. `out`: the physical value, but
 * an sb_str for VIEW kinds: its bytes stand in the text or in scratch; 16 bytes behind it are
 * readable. */
sb_json_got sb_json_scalar(sb_json_values *v, const sb_type *type, const char *p, const char *end,
                           void *out);

/* The body of the string value [p, end) without escapes; BAD: no string. */
sb_json_got sb_json_string(sb_json_values *v, const char *p, const char *end, sb_str *out);

/* 1 to 8 digits in one word, no branch on their number; reads 8 bytes. All pairs of digits are put
 * together at once, then all pairs of pairs (D. Lemire, "Number parsing at a gigabyte per second",
 * 2021). */
static inline bool
sb_json_eight_digits(const char *p, ptrdiff_t size, int64_t *out)
{
    uint64_t word;
    __builtin_memcpy(&word, p, sizeof word);
    const unsigned missing = 8 * (unsigned)(8 - size); /* in front: zeros */
    word = word << missing | (UINT64_C(0x3030303030303030) & ((UINT64_C(1) << missing) - 1));
    uint64_t v = word - UINT64_C(0x3030303030303030);
    bool digits = (((word + UINT64_C(0x4646464646464646)) | v) & UINT64_C(0x8080808080808080)) == 0;
    v = v * 10 + (v >> 8);
    v = ((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
         (v >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >>
        32;
    *out = (int64_t)v;
    return digits;
}

/* Digits only, up to 16 of them: nearly every integer. */
static inline bool
sb_json_short_integer(const char *p, const char *end, int64_t *out)
{
    bool negative = *p == '-';
    p += negative;
    int64_t high = 0, v;
    ptrdiff_t size = end - p;
    if (size < 1 || size > 16 || (*p == '0' && size > 1)) {
        return false;
    }
    if (size > 8) {
        if (!sb_json_eight_digits(p, size - 8, &high)) {
            return false;
        }
        p = end - 8;
        size = 8;
    }
    if (!sb_json_eight_digits(p, size, &v)) {
        return false;
    }
    v += high * 100000000;
    *out = negative ? -v : v;
    return true;
}

/* digits[.digits] in at most 8 bytes, no more digits behind the point than the type has: nearly
 * every decimal. False: ask the careful way. */
static inline bool
sb_json_short_decimal(const char *p, const char *end, int precision, int scale, int64_t *out)
{
    static const int64_t powers[] = {1,       10,       100,       1000,       10000,      100000,
                                     1000000, 10000000, 100000000, 1000000000, 10000000000};
    const uint64_t ones = UINT64_C(0x0101010101010101);
    bool negative = *p == '-';
    p += negative;
    ptrdiff_t size = end - p;
    if (size < 1 || size > 8 || (*p == '0' && size > 1 && p[1] != '.')) {
        return false;
    }
    uint64_t word;
    __builtin_memcpy(&word, p, sizeof word);
    word &= UINT64_MAX >> (8 * (unsigned)(8 - size));
    /* The lowest byte that is a point; borrows reach only bytes above it. */
    uint64_t other = word ^ ones * '.';
    uint64_t points = (other - ones) & ~other & ones << 7;
    int fraction = 0;
    if (points) {
        int whole = __builtin_ctzll(points) >> 3;
        fraction = (int)size - 1 - whole;
        if (whole == 0 || fraction == 0) {
            return false;
        }
        uint64_t before = (UINT64_C(1) << (8 * whole)) - 1;
        word = (word & before) | (word >> 8 & ~before);
        size--;
    }
    if (fraction > scale || scale - fraction > 10) {
        return false;
    }
    int64_t v;
    if (!sb_json_eight_digits((const char *)&word, size, &v)) {
        return false;
    }
    v *= powers[scale - fraction];
    *out = negative ? -v : v;
    return precision >= 18 ||
           (precision < 11 ? v < powers[precision] : v < powers[10] * powers[precision - 10]);
}

/* `end` moved back over blanks. */
static inline const char *
sb_json_trim(const char *p, const char *end)
{
    while (end > p && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t')) {
        end--;
    }
    return end;
}

#endif
