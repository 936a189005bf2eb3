/*
 * expr/regex_need.h -- the literal text that every match of a regular expression holds, so that a
 * search for that text finds out where matching can begin, or that it need not.
 *
 * DESIGN     Reads a plain subset of PCRE2's syntax: concatenations of characters, classes and
 *            groups, with quantifiers. Whatever it does not know gives no literal, never a wrong
 *            one.
 * THREADS    T:any
 */
#ifndef SB_EXPR_REGEX_NEED_H
#define SB_EXPR_REGEX_NEED_H

#include "base/text.h"

/* Appends the literal to `out` (nothing: none is known). Returns the most bytes of a match that can
 * stand before the literal; SIZE_MAX: any number. */
size_t sb_regex_need(sb_str pattern, sb_text *out);

#endif
