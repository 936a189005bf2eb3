/*
 * expr/regex_need.c -- see regex_need.h.
 */
#include "expr/regex_need.h"

#include <stdint.h>

#define ENDLESS    SIZE_MAX
#define DEPTH_MAX  20
#define CHARACTER  4 /* bytes at most */
#define NEED_LEAST 2 /* bytes: shorter text is found too often */

typedef struct scan {
    const char *at, *end;
} scan;

typedef struct atom {
    int literal; /* an ASCII character; -1: none, or several */
    size_t most; /* bytes it matches at most, once */
} atom;

typedef struct run {   /* of literal characters */
    size_t from, size; /* in the text of all runs */
    size_t before;
} run;

static size_t
add_widths(size_t a, size_t b)
{
    return a > ENDLESS - b ? ENDLESS : a + b;
}

static bool
take(scan *s, char c)
{
    bool is = s->at < s->end && *s->at == c;
    s->at += is;
    return is;
}

static bool scan_group(scan *s, int depth, size_t *out_most);

/* Behind a backslash. */
static bool
scan_escape(scan *s, atom *out)
{
    if (s->at == s->end) {
        return false;
    }
    unsigned char c = (unsigned char)*s->at++;
    switch (c) {
    case 'd':
    case 's':
    case 'w': out->most = 1; return true;
    case 'D':
    case 'S':
    case 'W': out->most = CHARACTER; return true;
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z': out->most = 0; return true;
    default: break;
    }
    bool is_sign =
        c < 0x80 && c > ' ' && !(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    out->literal = c;
    out->most = 1;
    return is_sign;
}

/* Behind '['. */
static bool
scan_class(scan *s)
{
    take(s, '^');
    take(s, ']'); /* the first one is a member */
    while (s->at < s->end && *s->at != ']') {
        char c = *s->at++;
        if (c == '\\') {
            if (s->at == s->end || *s->at == 'Q' || *s->at == 'E') {
                return false;
            }
            s->at++;
        } else if (c == '[' && s->at < s->end &&
                   (*s->at == ':' || *s->at == '.' || *s->at == '=')) {
            return false;
        }
    }
    return take(s, ']');
}

static bool
scan_atom(scan *s, int depth, atom *out)
{
    unsigned char c = (unsigned char)*s->at++;
    *out = (atom){-1, CHARACTER};
    switch (c) {
    case '\\': return scan_escape(s, out);
    case '[': return scan_class(s);
    case '(':
        if (take(s, '?') && !take(s, ':')) {
            return false;
        }
        return scan_group(s, depth + 1, &out->most) && take(s, ')');
    case '^':
    case '$': out->most = 0; return true;
    case '.': return true;
    case '*':
    case '+':
    case '?':
    case '{':
    case ')':
    case '|': return false;
    default: break;
    }
    if (c < 0x80) {
        *out = (atom){c, 1};
    } else {
        while (s->at < s->end && ((unsigned char)*s->at & 0xC0) == 0x80) {
            s->at++;
        }
    }
    return true;
}

static bool
scan_number(scan *s, size_t *out)
{
    const char *from = s->at;
    for (*out = 0; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        *out = *out * 10 + (size_t)(*s->at - '0');
        if (s->at - from > 5) {
            return false;
        }
    }
    return s->at > from;
}

/* How often the atom before stands; false: not known. */
static bool
scan_times(scan *s, size_t *least, size_t *most)
{
    *least = *most = 1;
    if (take(s, '*')) {
        *least = 0;
        *most = ENDLESS;
    } else if (take(s, '+')) {
        *most = ENDLESS;
    } else if (take(s, '?')) {
        *least = 0;
    } else if (take(s, '{')) {
        if (!scan_number(s, least)) {
            return false;
        }
        *most = *least;
        if (take(s, ',') && !scan_number(s, most)) {
            *most = ENDLESS;
        }
        if (!take(s, '}')) {
            return false;
        }
    } else {
        return true;
    }
    if (!take(s, '?')) { /* lazy, possessive */
        take(s, '+');
    }
    return true;
}

static size_t
repeat_width(size_t width, size_t times)
{
    if (width == 0 || times == 0) {
        return 0;
    }
    return times == ENDLESS || width > ENDLESS / times ? ENDLESS : width * times;
}

/* Alternatives up to ')' or the end: bytes of the longest. */
static bool
scan_group(scan *s, int depth, size_t *out_most)
{
    size_t longest = 0, width = 0;
    if (depth > DEPTH_MAX) {
        return false;
    }
    while (s->at < s->end && *s->at != ')') {
        atom a;
        size_t least, most;
        if (take(s, '|')) {
            longest = width > longest ? width : longest;
            width = 0;
            continue;
        }
        if (!scan_atom(s, depth, &a) || !scan_times(s, &least, &most)) {
            return false;
        }
        width = add_widths(width, repeat_width(a.most, most));
    }
    *out_most = width > longest ? width : longest;
    return true;
}

/* A run is over: is it better than the best so far? A start that is known beats length. */
static void
end_run(run *best, run *now, size_t at)
{
    bool better = now->before == ENDLESS ? best->size == 0 || best->before == ENDLESS : true;
    if (now->size >= NEED_LEAST && now->size > best->size && better) {
        *best = *now;
    }
    *now = (run){.from = at};
}

size_t
sb_regex_need(sb_str pattern, sb_text *out)
{
    scan s = {pattern.data, pattern.data + pattern.size};
    run best = {0}, now = {0};
    size_t before = 0, head = out->size, at = 0;
    bool known = true;
    while (known && s.at < s.end) {
        atom a;
        size_t least, most;
        known = scan_atom(&s, 0, &a) && scan_times(&s, &least, &most);
        if (!known) {
            break;
        }
        if (a.literal >= 0 && least > 0) {
            now.before = now.size == 0 ? before : now.before;
            now.size++;
            at++;
            sb_text_char(out, (char)a.literal);
        }
        if (a.literal < 0 || least != 1 || most != 1) {
            end_run(&best, &now, at);
        }
        before = add_widths(before, repeat_width(a.most, most));
    }
    end_run(&best, &now, at);
    if (!known || out->failed) {
        best.size = 0;
    }
    if (!out->failed) {
        __builtin_memmove(out->data + head, out->data + head + best.from, best.size);
        out->size = head + best.size;
        out->data[out->size] = 0;
    }
    return best.before;
}
