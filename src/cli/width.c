/*
 * cli/width.c -- code points of UTF-8 and their columns on a terminal.
 *
 * DESIGN     Widths are utf8proc's: East Asian wide characters and emoji take two columns,
 *            combining marks none. Characters that a terminal puts together (joined emoji, flags)
 *            count one by one.
 * THREADS    any
 */
#include <string.h>
#include <utf8proc.h>

#include "cli/term.h"

uint32_t
sb_point_next(const char *text, size_t size, size_t *at)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t taken = utf8proc_iterate((const utf8proc_uint8_t *)text + *at,
                                              (utf8proc_ssize_t)(size - *at), &point);
    if (taken <= 0) {
        *at += 1;
        return 0xfffd;
    }
    *at += (size_t)taken;
    return (uint32_t)point;
}

size_t
sb_point_before(const char *text, size_t at)
{
    size_t begin = at;
    while (begin > 0 && at - begin < 4) {
        begin--;
        if ((text[begin] & 0xc0) != 0x80) {
            break;
        }
    }
    return begin;
}

int
sb_point_width(uint32_t point)
{
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
        return 1;
    }
    return utf8proc_charwidth((utf8proc_int32_t)point);
}

int32_t
sb_text_columns(const char *text)
{
    int32_t columns = 0;
    size_t size = strlen(text), at = 0;
    while (at < size) {
        uint32_t point = sb_point_next(text, size, &at);
        columns += point == '\n' || point == '\r' ? 2 : sb_point_width(point);
    }
    return columns;
}
