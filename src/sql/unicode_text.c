/*
 * sql/unicode_text.c -- see unicode_text.h.
 *
 * DESIGN     As Calcite: the first of the four digits may be a plus sign; two escapes that are a
 *            surrogate pair are one character, half a pair is a question mark.
 */
#include "sql/unicode_text.h"

#include <string.h>

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

/* ---- E'...' ---- */

/* A number of `least` to `most` digits in `base`; moves *at behind them. -1: too few. */
static int64_t
unicode_number(sb_str s, size_t *at, int least, int most, int base)
{
    int64_t value = 0;
    int count = 0;

    for (; count < most && *at < s.size; count++, ++*at) {
        int digit = sb_hex_digit(s.data[*at]);

        if (digit < 0 || digit >= base) {
            break;
        }
        value = value * base + digit;
    }
    return count < least ? -1 : value;
}

/* What stands behind a backslash at *at; moves *at behind it. -1: no such escape. */
static int64_t
unicode_escape(sb_str s, size_t *at)
{
    static const char letters[] = "bfnrt", controls[] = "\b\f\n\r\t";
    char c = s.data[*at];
    const char *letter = c != '\0' ? strchr(letters, c) : NULL;

    if (c >= '0' && c <= '7') {
        return unicode_number(s, at, 1, 3, 8);
    }
    ++*at;
    switch (c) {
    case 'x': return unicode_number(s, at, 1, 2, 16);
    case 'u': return unicode_number(s, at, 4, 4, 16);
    case 'U': return unicode_number(s, at, 8, 8, 16);
    default: return letter != NULL ? controls[letter - letters] : (unsigned char)c;
    }
}

bool
sb_sql_unescape_c(sb_arena *arena, sb_str text, sb_str *out)
{
    /* an escape is no shorter than its character */
    char *to = sb_arena_alloc(arena, text.size + 1);
    size_t size = 0;

    *out = (sb_str){to, 0};
    for (size_t i = 0; to != NULL && i < text.size;) {
        int64_t c, second;

        if (text.data[i] != '\\' || i + 1 == text.size) {
            i += text.data[i] == '\''; /* doubled */
            to[size++] = text.data[i++];
            continue;
        }
        i++;
        if ((text.data[i] & 0x80) != 0) {
            continue; /* the character itself */
        }
        c = unicode_escape(text, &i);
        if (c < 0 || c > 0x10FFFF) {
            return false;
        }
        if (c >> 10 == 0x36 && i + 1 < text.size && text.data[i] == '\\' &&
            text.data[i + 1] == 'u') {
            size_t behind = i + 1;

            second = unicode_escape(text, &behind);
            if (second >> 10 == 0x37) {
                c = 0x10000 + ((c & 0x3FF) << 10) + (second & 0x3FF);
                i = behind;
            }
        }
        size += unicode_put(to + size, c >> 11 == 0x1B ? '?' : (uint32_t)c);
    }
    out->size = size;
    return true;
}
