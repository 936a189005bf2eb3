/*
 * sql/unicode_text.h -- U&'...' strings: \0041 stands for the character of that UTF-16 unit.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_UNICODE_TEXT_H
#define SB_SQL_UNICODE_TEXT_H

#include "base/arena.h"
#include "base/text.h"

/* May the character stand behind UESCAPE? */
bool sb_sql_is_escape(sb_str s);
/* The text without its escapes; false: one of them is not the escape character itself or four
 * hexadecimal digits. out->data NULL: out of memory. */
bool sb_sql_unescape(sb_arena *arena, sb_str text, char escape, sb_str *out);

#endif
