/*
 * formats/base64.c -- bytes <-> base64.
 */
#include "formats/base64.h"

static int
digit_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
sb_fmt_base64_decode(sb_str s, char *out, size_t *out_size)
{
    size_t n = 0, at = 0;
    while (at < s.size) {
        if ((unsigned char)s.data[at] <= ' ') {
            at++;
            continue;
        }
        if (s.size - at < 4) {
            return false;
        }
        const unsigned char *p = (const unsigned char *)s.data + at;
        int a = digit_of(p[0]), b = digit_of(p[1]), c = digit_of(p[2]), d = digit_of(p[3]);
        if (a < 0 || b < 0 || (c < 0 && p[2] != '=') || (d < 0 && p[3] != '=') ||
            (p[2] == '=' && p[3] != '=')) {
            return false;
        }
        unsigned v = (unsigned)a << 18 | (unsigned)b << 12 | (unsigned)(c < 0 ? 0 : c) << 6 |
                     (unsigned)(d < 0 ? 0 : d);
        at += 4;
        out[n++] = (char)(v >> 16);
        if (p[2] != '=') {
            out[n++] = (char)(v >> 8);
        }
        if (p[3] != '=') {
            out[n++] = (char)v;
            continue;
        }
        while (at < s.size && (unsigned char)s.data[at] <= ' ') {
            at++;
        }
        if (at < s.size) {
            return false; /* nothing may follow the padding */
        }
    }
    *out_size = n;
    return true;
}

void
sb_fmt_base64_encode(sb_text *out, const char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)data;
    char *to = sb_text_reserve(out, (size + 2) / 3 * 4);
    if (!to) {
        return;
    }
    char *start = to;
    for (; size >= 3; size -= 3, p += 3) {
        unsigned v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = digits[v >> 6 & 63];
        *to++ = digits[v & 63];
    }
    if (size) {
        unsigned v = (unsigned)p[0] << 16 | (size > 1 ? (unsigned)p[1] << 8 : 0);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63];
        *to++ = size > 1 ? digits[v >> 6 & 63] : '=';
        *to++ = '=';
    }
    out->size += (size_t)(to - start);
}
