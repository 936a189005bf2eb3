/*
 * formats/double_text.cc -- see double_text.h. In C++ for std::to_chars and std::from_chars: exact, and free of locales.
 */
#include "formats/double_text.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

namespace {

/* Splits d.ddde[+-]xx into digits and point. */
int
split(const char *text, const char *end, char *digits, int *point)
{
    int count = 0;
    const char *p = text;
    for (; p < end && *p != 'e'; p++) {
        if (*p != '.') {
            digits[count++] = *p;
        }
    }
    int exponent = 0;
    bool negative = false;
    for (p++; p < end; p++) {
        if (*p == '-') {
            negative = true;
        } else if (*p != '+') {
            exponent = exponent * 10 + (*p - '0');
        }
    }
    *point = (negative ? -exponent : exponent) + 1;
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    return count;
}

template <typename T>
int
shortest(T value, char *digits, int *point)
{
    char text[64];
    value = value < 0 ? -value : value;
    auto result = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
    int count = split(text, result.ptr, digits, point);
    if (count > 1) {
        return count;
    }
    /* Java writes two digits at least and takes the nearest two: 4.9E-324, not 5.0E-324. */
    auto two = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 1);
    T back = 0;
    std::from_chars(text, two.ptr, back);
    return back == value ? split(text, two.ptr, digits, point) : count;
}

template <typename T>
bool
parse(const char *text, size_t size, T *out)
{
    const char *p = text, *end = text + size;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end || !((*p >= '0' && *p <= '9') || (*p == '.' && p + 1 < end && p[1] >= '0' && p[1] <= '9'))) {
        return false;
    }
    T value = 0;
    auto result = std::from_chars(p, end, value);
    if (result.ptr != end) {
        return false;
    }
    if (result.ec == std::errc::result_out_of_range) {
        /* Too large or too small: the exponent of the first digit that counts decides. */
        const char *e = p;
        int digits = 0;
        bool point = false, seen = false;
        for (; e < end && *e != 'e' && *e != 'E'; e++) {
            if (*e == '.') {
                point = true;
            } else {
                seen = seen || *e != '0';
                digits += point ? (seen ? 0 : -1) : (seen ? 1 : 0);
            }
        }
        long exponent = 0;
        if (e < end) {
            char number[16] = {0};
            size_t length = (size_t)(end - e - 1);
            memcpy(number, e + 1, length < 12 ? length : 12);
            exponent = strtol(number, nullptr, 10);
        }
        value = digits + exponent > 0 ? std::numeric_limits<T>::infinity() : 0;
    } else if (result.ec != std::errc()) {
        return false;
    }
    *out = negative ? -value : value;
    return true;
}

} // namespace

int
sb_double_digits(double value, char digits[24], int *point)
{
    return shortest(value, digits, point);
}

int
sb_float_digits(float value, char digits[24], int *point)
{
    return shortest(value, digits, point);
}

bool
sb_text_to_double(const char *text, size_t size, double *out)
{
    return parse(text, size, out);
}

bool
sb_text_to_float(const char *text, size_t size, float *out)
{
    return parse(text, size, out);
}
