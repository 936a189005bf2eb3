/*
 * formats/json_text.c -- strings of JSON.
 */
#include "formats/json_text.h"

#include <string.h>

#include "formats/number_text.h"
#include "kernels/number.h"

static int
hex4(const char *p)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        int c = p[i], digit = c >= '0' && c <= '9'                 ? c - '0'
                              : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                                   : -1;
        if (digit < 0) {
            return -1;
        }
        v = v << 4 | digit;
    }
    return v;
}

static char *
put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 63));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 63));
        *to++ = (char)(0x80 | (c >> 6 & 63));
        *to++ = (char)(0x80 | (c & 63));
    }
    return to;
}

/* \uXXXX at p (behind the u), maybe with the other half of a pair; returns what follows, NULL: bad.
 * A half alone becomes '?', as Java writes it. */
static const char *
unescape_unit(const char *p, const char *end, char **to)
{
    int high = end - p >= 4 ? hex4(p) : -1;
    if (high < 0) {
        return NULL;
    }
    p += 4;
    if (high < 0xD800 || high > 0xDFFF) {
        *to = put_utf8(*to, (unsigned)high);
        return p;
    }
    if (high < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        int low = hex4(p + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *to = put_utf8(*to,
                           0x10000 + ((unsigned)(high - 0xD800) << 10) + (unsigned)(low - 0xDC00));
            return p + 6;
        }
    }
    *(*to)++ = '?';
    return p;
}

bool
sb_json_unescape(const char *body, size_t size, char *out, size_t *out_size)
{
    const char *p = body, *end = body + size;
    char *to = out;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = slash ? (size_t)(slash - p) : (size_t)(end - p);
        memmove(to, p, plain);
        to += plain;
        if (!slash) {
            break;
        }
        p = slash + 2;
        if (p > end) {
            return false;
        }
        switch (slash[1]) {
        case '"':
        case '\\':
        case '/': *to++ = slash[1]; break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u':
            p = unescape_unit(p, end, &to);
            if (!p) {
                return false;
            }
            break;
        default: return false;
        }
    }
    *out_size = (size_t)(to - out);
    return true;
}

/* ---- writing
 * ------------------------------------------------------------------------------------- */

/* 0: as it is; 1: \u00XX; 2: four bytes of UTF-8 begin; else the letter behind the backslash. */
static const uint8_t escape_kind[256] = {
    [0 ... 7] = 1, ['\b'] = 'b',  ['\t'] = 't',        ['\n'] = 'n',
    [11] = 1,      ['\f'] = 'f',  ['\r'] = 'r',        [14 ... 31] = 1,
    ['"'] = '"',   ['\\'] = '\\', [0xF0 ... 0xFF] = 2,
};

static char *
put_escape(char *to, unsigned unit)
{
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
        *to++ = digits[unit >> shift & 15];
    }
    return to;
}

void
sb_json_write_string(sb_text *out, const char *data, size_t size, sb_json_astral astral)
{
    char *to = sb_text_reserve(out, size * 6 + 2);
    if (!to) {
        return;
    }
    char *start = to;
    const unsigned char *p = (const unsigned char *)data, *end = p + size;
    *to++ = '"';
    while (p < end) {
        uint8_t kind = escape_kind[*p];
        if (__builtin_expect(kind == 0, 1)) {
            *to++ = (char)*p++;
        } else if (kind == 1) {
            to = put_escape(to, *p++);
        } else if (kind != 2) {
            *to++ = '\\';
            *to++ = (char)kind;
            p++;
        } else if (astral == SB_JSON_ASTRAL_RAW || end - p < 4) {
            *to++ = (char)*p++;
        } else {
            unsigned c = (unsigned)(p[0] & 7) << 18 | (unsigned)(p[1] & 63) << 12 |
                         (unsigned)(p[2] & 63) << 6 | (p[3] & 63);
            to = put_escape(to, 0xD800 + ((c - 0x10000) >> 10 & 0x3FF));
            to = put_escape(to, 0xDC00 + (c & 0x3FF));
            p += 4;
        }
    }
    *to++ = '"';
    out->size += (size_t)(to - start);
    out->data[out->size] = 0;
}

/* ---- values
 * --------------------------------------------------------------------------------------- */

static const char *
skip_digits(const char *p, const char *end)
{
    while (p < end && (unsigned)(*p - '0') <= 9) {
        p++;
    }
    return p;
}

bool
sb_json_is_number(const char *text, size_t size, bool *out_integer)
{
    const char *p = text, *end = text + size, *first;
    p += p < end && *p == '-';
    first = p;
    p = skip_digits(p, end);
    if (p == first || (*first == '0' && p - first > 1)) {
        return false;
    }
    *out_integer = p == end;
    if (p < end && *p == '.') {
        first = ++p;
        p = skip_digits(p, end);
        if (p == first) {
            return false;
        }
    }
    if (p < end && (*p | 32) == 'e') {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        first = p;
        p = skip_digits(p, end);
        if (p == first) {
            return false;
        }
    }
    return p == end;
}

static bool
compact_string(const char **at, const char *end, sb_text *out)
{
    const char *p = *at + 1, *first = p;
    while (p < end && *p != '"') {
        p += *p == '\\' ? 2 : 1;
    }
    if (p >= end) {
        return false;
    }
    size_t size = (size_t)(p - first), plain;
    char *body = sb_alloc(out->mem, size + 1);
    if (!body) {
        out->failed = true;
        return true;
    }
    bool fine = sb_json_unescape(first, size, body, &plain);
    if (fine) {
        sb_json_write_string(out, body, plain, SB_JSON_ASTRAL_RAW);
    }
    sb_free(out->mem, body, size + 1);
    *at = p + 1;
    return fine;
}

static bool
compact_scalar(const char **at, const char *end, sb_text *out)
{
    const char *p = *at;
    while (p < end && !strchr(",:]} \t\r\n", *p)) {
        p++;
    }
    sb_str token = {*at, (size_t)(p - *at)};
    *at = p;
    bool integer;
    if (sb_str_equal(token, SB_STR("true")) || sb_str_equal(token, SB_STR("false")) ||
        sb_str_equal(token, SB_STR("null"))) {
        sb_text_append(out, token.data, token.size);
        return true;
    }
    if (!sb_json_is_number(token.data, token.size, &integer)) {
        return false;
    }
    double value;
    char digits[SB_NUMBER_TEXT_MAX];
    if (integer || !sb_fmt_parse_f64(token, &value)) {
        sb_text_append(out, token.data, token.size);
    } else {
        sb_text_append(out, digits, sb_double_print(digits, value));
    }
    return true;
}

bool
sb_json_compact(const char *text, size_t size, sb_text *out)
{
    const char *p = text, *end = text + size;
    while (p < end) {
        if (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
            p++;
        } else if (*p == '"') {
            if (!compact_string(&p, end, out)) {
                return false;
            }
        } else if (*p && strchr("{}[]:,", *p)) {
            sb_text_char(out, *p++);
        } else if (!compact_scalar(&p, end, out)) {
            return false;
        }
    }
    return true;
}
