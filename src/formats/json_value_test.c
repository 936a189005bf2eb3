/*
 * formats/json_value_test.c -- the quick reading of decimals gives what the careful way gives, and
 * leaves to it what it cannot read.
 *
 * Texts: all of up to six bytes over the bytes that matter, and digits with a point anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "formats/json_text.h"
#include "formats/json_value.h"
#include "formats/number_text.h"

typedef struct decimal_type {
    int precision, scale;
} decimal_type;

static const decimal_type decimals[] = {{1, 0},  {3, 0},  {3, 2},   {5, 5},  {10, 2},
                                        {11, 3}, {18, 0}, {18, 10}, {18, 18}};

/* Does the careful way take it, without rounding and within the type? */
static bool
careful(const char *text, decimal_type t, int64_t *out)
{
    sb_int128 value;
    bool integer;
    const char *point = strchr(text, '.');
    if (!sb_json_is_number(text, strlen(text), &integer) || strpbrk(text, "eE") ||
        (point && (int)strlen(point + 1) > t.scale) ||
        sb_fmt_parse_decimal(sb_str_of(text), t.precision, t.scale, &value) != SB_DECIMAL_OK) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

/* Must be read: short enough, and no more zeros to put behind than the quick way knows. */
static bool
is_usual(const char *text, decimal_type t)
{
    const char *point = strchr(text, '.');
    int fraction = point ? (int)strlen(point + 1) : 0;
    return strlen(text) - (*text == '-') <= 8 && t.scale - fraction <= 10;
}

static void
check(const char *text)
{
    char padded[64];
    memset(padded, '7', sizeof padded); /* what follows must not count */
    memcpy(padded, text, strlen(text));
    for (size_t i = 0; i < sizeof decimals / sizeof *decimals; i++) {
        int64_t quick = 0, slow = 0;
        bool taken = sb_json_short_decimal(padded, padded + strlen(text), decimals[i].precision,
                                           decimals[i].scale, &quick);
        bool right = careful(text, decimals[i], &slow);
        if (taken != (right && is_usual(text, decimals[i])) || (taken && quick != slow)) {
            fail_msg("'%s' as DECIMAL(%d, %d): %d %lld, carefully %d %lld", text,
                     decimals[i].precision, decimals[i].scale, taken, (long long)quick, right,
                     (long long)slow);
        }
    }
}

static void
test_every_short_text(void **state)
{
    static const char letters[] = "0159.-e ";
    (void)state;
    char text[8];
    for (int size = 1; size <= 6; size++) {
        for (int64_t n = 0; n < INT64_C(1) << (3 * size); n++) {
            for (int i = 0; i < size; i++) {
                text[i] = letters[n >> (3 * i) & 7];
            }
            text[size] = 0;
            check(text);
        }
    }
}

static void
test_longer_texts(void **state)
{
    static const char digits[] = "9080706050403020";
    (void)state;
    char text[32];
    for (int negative = 0; negative < 2; negative++) {
        for (int size = 1; size <= 12; size++) {
            for (int point = -1; point <= size; point++) {
                char *at = text;
                if (negative) {
                    *at++ = '-';
                }
                for (int i = 0; i < size; i++) {
                    if (i == point) {
                        *at++ = '.';
                    }
                    *at++ = digits[i];
                }
                *at = 0;
                check(text);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_short_text),
                                       cmocka_unit_test(test_longer_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
