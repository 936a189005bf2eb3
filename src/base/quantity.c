/*
 * base/quantity.c -- see quantity.h.
 */
#include "base/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct unit {
    const char *names; /* "|s|sec|" */
    int64_t numerator, denominator;
} unit;

static const unit duration_units[] = {
    {"|ms|milli|millis|millisecond|milliseconds||", 1, 1},
    {"|s|sec|secs|second|seconds|", 1000, 1},
    {"|min|m|minute|minutes|", 60000, 1},
    {"|h|hour|hours|", 3600000, 1},
    {"|d|day|days|", 86400000, 1},
    {"|us|\xc2\xb5s|micro|micros|microsecond|microseconds|", 1, 1000},
    {"|ns|nano|nanos|nanosecond|nanoseconds|", 1, 1000000},
    {NULL, 0, 0},
};

static const unit memory_units[] = {
    {"|b|bytes||", 1, 1},
    {"|k|kb|kibibytes|", INT64_C(1) << 10, 1},
    {"|m|mb|mebibytes|", INT64_C(1) << 20, 1},
    {"|g|gb|gibibytes|", INT64_C(1) << 30, 1},
    {"|t|tb|tebibytes|", INT64_C(1) << 40, 1},
    {NULL, 0, 0},
};

static const unit *
find_unit(const unit *units, const char *name, size_t size)
{
    char wanted[32];
    if (size + 3 > sizeof wanted) {
        return NULL;
    }
    wanted[0] = '|';
    for (size_t i = 0; i < size; i++) {
        wanted[i + 1] = (char)tolower((unsigned char)name[i]);
    }
    wanted[size + 1] = '|';
    wanted[size + 2] = '\0';
    for (; units->names; units++) {
        if (strstr(units->names, wanted)) {
            return units;
        }
    }
    return NULL;
}

/* digits, blanks, unit. */
static bool
parse_quantity(const char *text, const unit *units, int64_t *out)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    const char *at = text;
    int64_t value = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, *at - '0', &value)) {
            return false;
        }
    }
    if (at == text) {
        return false;
    }
    while (isspace((unsigned char)*at)) {
        at++;
    }
    size_t size = strlen(at);
    while (size > 0 && isspace((unsigned char)at[size - 1])) {
        size--;
    }
    const unit *found = find_unit(units, at, size);
    if (!found || __builtin_mul_overflow(value, found->numerator, &value)) {
        return false;
    }
    *out = value / found->denominator;
    return true;
}

bool
sb_parse_duration_ms(const char *text, int64_t *out)
{
    return parse_quantity(text, duration_units, out);
}

bool
sb_parse_memory(const char *text, int64_t *out)
{
    return parse_quantity(text, memory_units, out);
}

bool
sb_parse_bool(const char *text, bool *out)
{
    sb_str s = sb_str_of(text);
    bool is_true = sb_str_equal_nocase(s, SB_STR("true"));
    if (!is_true && !sb_str_equal_nocase(s, SB_STR("false"))) {
        return false;
    }
    *out = is_true;
    return true;
}

bool
sb_parse_int(const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || errno || isspace((unsigned char)*text) || value < low ||
        value > high) {
        return false;
    }
    *out = value;
    return true;
}

bool
sb_parse_number(const char *text, double low, double high, double *out)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end || errno || !(value >= low && value <= high)) {
        return false;
    }
    *out = value;
    return true;
}

bool
sb_parse_zone_name(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > 60 || text[0] == '/' || strstr(text, "..")) {
        return false;
    }
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("/_+-:", *text)) {
            return false;
        }
    }
    return true;
}
