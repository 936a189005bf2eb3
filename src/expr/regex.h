/*
 * expr/regex.h -- a regular expression of PCRE2 that is compiled again when its text differs.
 * Inside this folder only.
 *
 * OWNERSHIP  sb_regex_deinit frees what a compilation made.
 * THREADS    T:task
 */
#ifndef SB_EXPR_REGEX_H
#define SB_EXPR_REGEX_H

#include "expr/function.h"

typedef struct sb_regex {
    bool compiled; /* for `pattern` */
    bool is_fixed; /* the pattern is a literal: compiled once */
    bool has_jit;
    void *code;  /* pcre2_code; NULL: broken */
    void *match; /* pcre2_match_data */
    sb_text pattern;
    sb_text need;       /* every match holds this text; empty: not known */
    size_t need_before; /* bytes of a match before it, at most; SIZE_MAX: any number */
    sb_mem *mem;
    void *general, *compile; /* contexts of PCRE2: allocation from mem; made on first use */
} sb_regex;

void sb_regex_init(sb_regex *r, sb_mem *mem);
void sb_regex_deinit(sb_regex *r);
/* NOMEM only: a broken expression leaves code NULL. */
sb_status sb_regex_compile(sb_regex *r, sb_str pattern, sb_error *err);

/* For each row. */
static inline sb_status
sb_regex_use(sb_regex *r, sb_str pattern, sb_error *err)
{
    return r->is_fixed ? SB_OK : sb_regex_compile(r, pattern, err);
}

/* Finds the next match at or after `from`; *out_groups 0: none. `name`: of the function, for the
 * message. */
sb_status sb_regex_find(sb_regex *r, const char *name, sb_str s, size_t from, int *out_groups,
                        sb_error *err);
/* Begin and end of group i at 2 * i; SIZE_MAX: the group did not take part. */
const size_t *sb_regex_groups(const sb_regex *r);
int32_t sb_regex_count_groups(const sb_regex *r); /* that the expression has */

#endif
