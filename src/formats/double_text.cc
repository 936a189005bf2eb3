/*
 * formats/double_text.cc -- see double_text.h. In C++ for std::from_chars: exact, and free of
 * locales.
 */
#include "formats/double_text.h"

#include <charconv>
#include <stdlib.h>
#include <string.h>

template <typename T>
static bool
parse(const char *text, size_t size, T *out)
{
    const char *p = text, *end = text + size;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end ||
        !((*p >= '0' && *p <= '9') || (*p == '.' && p + 1 < end && p[1] >= '0' && p[1] <= '9'))) {
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
        value = digits + exponent > 0 ? T(__builtin_inf()) : 0;
    } else if (result.ec != std::errc()) {
        return false;
    }
    *out = negative ? -value : value;
    return true;
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
