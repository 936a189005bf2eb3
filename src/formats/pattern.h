/*
 * formats/pattern.h -- does a whole text match a regular expression?
 *
 * OWNERSHIP  sb_pattern_free frees what sb_pattern_new made; texts stay the caller's.
 * THREADS    One thread at a time per pattern.
 */
#ifndef SB_FORMATS_PATTERN_H
#define SB_FORMATS_PATTERN_H

#include "base/text.h"

typedef struct sb_pattern sb_pattern;

sb_status sb_pattern_new(sb_mem *mem, const char *text, sb_pattern **out, sb_error *err);
sb_pattern *sb_pattern_free(sb_pattern *pattern); /* returns NULL; NULL is fine */
bool sb_pattern_matches(sb_pattern *pattern, sb_str text);
/* INVALID with what is wrong with it. */
sb_status sb_pattern_check(const char *text, sb_error *err);

#endif
