/*
 * expr/json_number.c -- numbers of filters of JSON paths, compared as decimals. See json_path.h.
 *
 * DESIGN     Nothing is computed: two numbers of one sign and one order of magnitude are compared
 * digit by digit, so 1e999999999 costs what 1 costs.
 */
#include "expr/json_path.h"

/* What stands behind the E, at most INT32_MAX either way. */
static bool
read_exponent(const char *at, const char *end, int64_t *out)
{
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at >= end) {
        return false;
    }
    for (*out = 0; at < end; at++) {
        *out = *out * 10 + (*at - '0');
        if (*at < '0' || *at > '9' || *out > INT32_MAX) {
            return false;
        }
    }
    *out = negative ? -*out : *out;
    return true;
}

bool
sb_json_number_read(sb_str text, sb_json_number *out)
{
    const char *at = text.data, *end = text.data + text.size;
    int64_t exponent = 0, whole = 0;
    bool point = false, some = false;
    *out = (sb_json_number){.negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    for (; at < end && ((*at >= '0' && *at <= '9') || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        some = true;
        if (*at != '0' && !out->digits) {
            out->digits = at;
        }
        whole += !point && out->digits; /* digits before the point, from the first that counts */
        whole -= point && !out->digits; /* zeros behind it */
    }
    out->end = at;
    if (!some ||
        (at < end && ((*at != 'e' && *at != 'E') || !read_exponent(at + 1, end, &exponent)))) {
        return false;
    }
    out->magnitude = whole + exponent;
    return true;
}

/* The next digit; 0 behind the last one. */
static int
next_digit(const char **at, const char *end)
{
    *at += *at < end && **at == '.';
    return *at < end ? *(*at)++ - '0' : 0;
}

static int
compare_digits(const sb_json_number *a, const sb_json_number *b)
{
    const char *x = a->digits, *y = b->digits;
    int order = (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
    while (order == 0 && (x < a->end || y < b->end)) {
        int p = next_digit(&x, a->end), q = next_digit(&y, b->end);
        order = p - q;
    }
    return order;
}

int
sb_json_number_compare(const sb_json_number *a, const sb_json_number *b)
{
    int sign_a = !a->digits ? 0 : a->negative ? -1 : 1;
    int sign_b = !b->digits ? 0 : b->negative ? -1 : 1;
    return sign_a != sign_b ? sign_a - sign_b : sign_a * (sign_a ? compare_digits(a, b) : 0);
}
