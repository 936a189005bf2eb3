/*
 * kernels/utf8.h -- UTF-8 by code points, and upper / lower case.
 *
 * DESIGN     Positions count code points (as CHAR_LENGTH does). Malformed bytes count as one each
 * and are copied as they are. THREADS    T:any
 */
#ifndef SB_KERNELS_UTF8_H
#define SB_KERNELS_UTF8_H

#include "columnar/type.h"

static inline bool
sb_utf8_is_lead(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

int64_t sb_utf8_count(const char *text, size_t size);
bool sb_utf8_is_ascii(const char *text, size_t size);
bool sb_utf8_is_valid(const char *text, size_t size);
/* Byte offset of the code point `index` (0-based); size when there are fewer. */
size_t sb_utf8_offset(const char *text, size_t size, int64_t index);

/* Byte length of the code point at the start of a non-empty text. */
static inline size_t
sb_utf8_width(const char *text, size_t size)
{
    size_t n = 1;
    while (n < size && n < 4 && !sb_utf8_is_lead(text[n])) {
        n++;
    }
    return n;
}

/* The number of code points of a view. */
int32_t sb_utf8_view_count(const sb_view *view);
/* to has room for size bytes; characters stay whole. */
void sb_utf8_reverse(char *restrict to, const char *restrict text, size_t size);
/* First occurrence of a non-empty needle at or after byte `from`; SIZE_MAX: none. */
size_t sb_utf8_find(const char *text, size_t size, const char *needle, size_t needle_size,
                    size_t from);
/* Copies text without one byte; to has room for size bytes. Returns how many were written. */
size_t sb_utf8_drop_byte(char *restrict to, const char *restrict text, size_t size, char byte);
/* Where a byte stands for the n-th time (from 0); SIZE_MAX: it does not. */
size_t sb_utf8_nth_byte(const char *text, size_t size, char byte, int32_t n);
/* Appends text in upper (lower) case, as Java's toUpperCase with the root locale ('ß' becomes
 * "SS"). */
void sb_utf8_upper(sb_text *out, const char *text, size_t size);
void sb_utf8_lower(sb_text *out, const char *text, size_t size);
/* For ASCII only: to has room for size bytes. */
void sb_utf8_ascii_case(char *restrict to, const char *restrict text, size_t size, bool upper);
/* False, and nothing done: not ASCII or not inline. */
bool sb_utf8_view_case(const sb_view *view, bool upper, sb_view *out);
/* Appends text with U+FFFD in place of each malformed sequence. */
void sb_utf8_repair(sb_text *out, const char *text, size_t size);

#endif
