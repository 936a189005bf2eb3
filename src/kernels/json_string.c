/*
 * kernels/json_string.c -- see json_string.h.
 */
#include "kernels/json_string.h"

#include <string.h>

#include "kernels/json_scan.h"

void
sb_json_quote(sb_str s, sb_text *out)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    size_t from = 0;
    sb_text_char(out, '"');
    for (size_t i = 0; (i = sb_json_plain_end(s.data, i, s.size)) < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        sb_text_append(out, s.data + from, i - from);
        from = i + 1;
        const char *special = c ? strchr(plain, c) : NULL;
        if (special) {
            sb_text_char(out, '\\');
            sb_text_char(out, letters[special - plain]);
        } else {
            sb_text_printf(out, "\\u%04X", c);
        }
    }
    sb_text_append(out, s.data + from, s.size - from);
    sb_text_char(out, '"');
}
