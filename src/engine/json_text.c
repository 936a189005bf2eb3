/*
 * engine/json_text.c -- see json_text.h.
 */
#include "engine/json_text.h"

void
sb_engine_json_string(sb_text *out, const char *text)
{
    sb_text_char(out, '"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        switch (*at) {
        case '"': sb_text_add(out, "\\\""); break;
        case '\\': sb_text_add(out, "\\\\"); break;
        case '\n': sb_text_add(out, "\\n"); break;
        case '\t': sb_text_add(out, "\\t"); break;
        case '\r': sb_text_add(out, "\\r"); break;
        default:
            if (*at < 0x20) {
                sb_text_printf(out, "\\u%04x", *at);
            } else {
                sb_text_char(out, (char)*at);
            }
        }
    }
    sb_text_char(out, '"');
}
