/*
 * connectors/filesystem/fs_match.c -- names of files against globs.
 */
#include <string.h>

#include "connectors/filesystem/filesystem.h"

/* One [set] at p; *fits: does it hold c. Returns what follows, NULL when the set is not closed. */
static const char *
match_set(const char *p, char c, bool *fits)
{
    bool negated = p[1] == '!' || p[1] == '^', found = false;
    const char *at = p + 1 + negated;
    for (bool first = true; *at && (*at != ']' || first); first = false) {
        char lo = *at == '\\' && at[1] ? *++at : *at;
        char hi = lo;
        at++;
        if (*at == '-' && at[1] && at[1] != ']') {
            hi = at[1];
            at += 2;
        }
        found = found || (c >= lo && c <= hi);
    }
    *fits = found != negated;
    return *at ? at + 1 : NULL;
}

bool
sb_fs_glob(const char *pattern, const char *name)
{
    const char *star = NULL, *again = NULL; /* where to go on when the rest does not fit */
    while (*name || *pattern == '*') {
        if (*pattern == '*') {
            star = ++pattern;
            again = name;
            if (!*pattern) {
                return true;
            }
            continue;
        }
        bool fits = false;
        const char *next = pattern + (*pattern != 0);
        if (*pattern == '?') {
            fits = *name != 0;
        } else if (*pattern == '[' && strchr(pattern + 1, ']')) {
            next = match_set(pattern, *name, &fits);
            fits = fits && next;
        } else {
            const char *literal = *pattern == '\\' && pattern[1] ? pattern + 1 : pattern;
            next = *pattern ? literal + 1 : pattern;
            fits = *literal && *literal == *name;
        }
        if (*name && fits) {
            pattern = next;
            name++;
        } else if (star && *again) {
            pattern = star;
            name = ++again;
        } else {
            return false;
        }
    }
    return *pattern == 0;
}
