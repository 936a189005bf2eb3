/*
 * connectors/filesystem/fs_match.c -- names against globs, paths against regular expressions.
 *
 * DESIGN     Java's regular expressions are given to the C library's extended ones after \d \w \s
 *            were spelled out; what these cannot say (lookaround, lazy and possessive repetition,
 *            back references, other escapes) is refused by name.
 */
#include <regex.h>
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

struct sb_fs_regex {
    regex_t compiled;
    sb_mem *mem;
};

/* Appends the C spelling of a Java escape; false: there is none. */
static bool
translate_escape(char c, bool in_set, sb_text *out)
{
    switch (c) {
    case 'd': sb_text_add(out, in_set ? "0-9" : "[0-9]"); return true;
    case 'w': sb_text_add(out, in_set ? "A-Za-z0-9_" : "[A-Za-z0-9_]"); return true;
    case 's': sb_text_add(out, in_set ? "[:space:]" : "[[:space:]]"); return true;
    case 'D':
    case 'W':
    case 'S':
        if (in_set) {
            return false;
        }
        sb_text_add(out, c == 'D' ? "[^0-9]" : c == 'W' ? "[^A-Za-z0-9_]" : "[^[:space:]]");
        return true;
    default:
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == 0) {
            return false;
        }
        if (!in_set) {
            sb_text_char(out, '\\');
        }
        sb_text_char(out, c);
        return true;
    }
}

static const char *
translate(const char *p, sb_text *out)
{
    bool in_set = false;
    for (; *p; p++) {
        if (*p == '\\') {
            if (!translate_escape(p[1], in_set, out)) {
                return p;
            }
            p++;
            continue;
        }
        if (*p == '(' && p[1] == '?' && !in_set) {
            if (p[2] != ':') {
                return p;
            }
            sb_text_char(out, '(');
            p += 2;
            continue;
        }
        bool repeats = !in_set && (*p == '*' || *p == '+' || *p == '?' || *p == '}');
        if (repeats && (p[1] == '?' || p[1] == '+')) {
            return p;
        }
        in_set = in_set ? *p != ']' : *p == '[';
        sb_text_char(out, *p);
    }
    return NULL;
}

sb_status
sb_fs_regex_new(sb_mem *mem, const char *pattern, sb_fs_regex **out, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, mem);
    sb_text_add(&text, "^(");
    const char *odd = translate(pattern, &text);
    sb_text_add(&text, ")$");
    sb_fs_regex *regex = text.failed ? NULL : sb_alloc(mem, sizeof *regex);
    sb_status status = SB_OK;
    if (odd) {
        status = sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                              "not supported: '%.3s' in 'source.path.regex-pattern' = '%s'", odd,
                              pattern);
    } else if (!regex) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        regex->mem = mem;
        int code = regcomp(&regex->compiled, text.data, REG_EXTENDED | REG_NOSUB);
        if (code) {
            char why[128];
            regerror(code, &regex->compiled, why, sizeof why);
            status = sb_error_set(err, SB_STATUS_INVALID, __FILE__, __LINE__,
                                  "option 'source.path.regex-pattern' = '%s': %s", pattern, why);
        }
    }
    sb_text_deinit(&text);
    if (status != SB_OK) {
        sb_free(mem, regex, sizeof *regex);
        return status;
    }
    *out = regex;
    return SB_OK;
}

bool
sb_fs_regex_match(const sb_fs_regex *regex, const char *path)
{
    return regexec(&regex->compiled, path, 0, NULL, 0) == 0;
}

void
sb_fs_regex_free(sb_fs_regex *regex)
{
    if (regex) {
        regfree(&regex->compiled);
        sb_free(regex->mem, regex, sizeof *regex);
    }
}
