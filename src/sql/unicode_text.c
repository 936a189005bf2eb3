/*
 * sql/unicode_text.c -- see unicode_text.h.
 *
 * DESIGN     As Calcite: the first of the four digits may be a plus sign; two escapes that are a
 *            surrogate pair are one character, half a pair is a question mark.
 */
#include "sql/unicode_text.h"

bool
sb_sql_is_escape(sb_str s)
{
    char c = s.size == 1 ? s.data[0] : ' ';

    return c > ' ' && (unsigned char)c < 0x7F && c != '+' && c != '"' && sb_hex_digit(c) < 0;
}

/* The unit at the beginning of an escape; -1: there is none. */
static int32_t
unicode_unit(sb_str s, size_t at)
{
    int32_t unit = 0;

    for (size_t i = at; i < at + 4; i++) {
        int digit = i < s.size ? sb_hex_digit(s.data[i]) : -1;

        if (digit < 0 && !(i == at && i < s.size && s.data[i] == '+')) {
            return -1;
        }
        unit = unit * 16 + (digit < 0 ? 0 : digit);
    }
    return unit;
}

static size_t
unicode_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xC0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xE0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3F));
        to[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3F));
    to[2] = (char)(0x80 | (c >> 6 & 0x3F));
    to[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

bool
sb_sql_unescape(sb_arena *arena, sb_str text, char escape, sb_str *out)
{
    char *to = sb_arena_alloc(arena, text.size + 1); /* an escape is longer than its character */
    size_t size = 0;

    *out = (sb_str){to, 0};
    for (size_t i = 0; to != NULL && i < text.size;) {
        int32_t unit, second;

        if (text.data[i] != escape) {
            to[size++] = text.data[i++];
            continue;
        }
        if (i + 1 < text.size && text.data[i + 1] == escape) {
            to[size++] = escape;
            i += 2;
            continue;
        }
        unit = unicode_unit(text, i + 1);
        if (unit < 0) {
            return false;
        }
        i += 5;
        second = unit >> 10 == 0x36 && i < text.size && text.data[i] == escape
                     ? unicode_unit(text, i + 1)
                     : -1;
        if (second >> 10 == 0x37) {
            unit = 0x10000 + ((unit & 0x3FF) << 10) + (second & 0x3FF);
            i += 5;
        }
        size += unicode_put(to + size, unit >> 11 == 0x1B ? '?' : (uint32_t)unit);
    }
    out->size = size;
    return true;
}
