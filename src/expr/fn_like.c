/*
 * expr/fn_like.c -- LIKE and NOT LIKE.
 *
 * DESIGN     A constant pattern is taken apart once: text without wildcards, prefix%, %suffix,
 * %part% run by memcmp and memmem; everything else, and patterns that vary, by a matcher that backs
 * up to the last % only. No escape character unless ESCAPE names one; it may stand before itself, %
 * and _ only.
 */
#include "expr/infer.h"
#include "kernels/utf8.h"

#include <string.h>

typedef enum like_kind { LIKE_EXACT, LIKE_PREFIX, LIKE_SUFFIX, LIKE_PART, LIKE_GENERAL } like_kind;

typedef struct like_state {
    like_kind kind;
    sb_str part; /* what is compared */
} like_state;

/* The escape character's bytes; empty: none. */
static sb_status
escape_of(const void *const *args, int32_t count_args, sb_str *out, sb_error *err)
{
    *out = count_args == 3 ? sb_arg_str(args[2]) : (sb_str){"", 0};
    if (out->size != 0 && sb_utf8_width(out->data, out->size) == out->size) {
        return SB_OK;
    }
    if (count_args == 3) {
        SB_FAIL(err, SB_STATUS_DATA, "the escape of LIKE must be one character, not '%.*s'",
                (int)out->size, out->data);
    }
    return SB_OK;
}

static bool
begins(sb_str s, size_t at, sb_str what)
{
    return what.size > 0 && s.size - at >= what.size &&
           memcmp(s.data + at, what.data, what.size) == 0;
}

/* One element of the pattern: '%', '_' or a literal character of `width` bytes at *at. */
static sb_status
next_element(sb_str pattern, sb_str escape, size_t *at, char *kind, sb_str *literal, sb_error *err)
{
    size_t i = *at;
    bool escaped = begins(pattern, i, escape);
    if (escaped) {
        i += escape.size;
        bool fine = i < pattern.size && (pattern.data[i] == '%' || pattern.data[i] == '_' ||
                                         begins(pattern, i, escape));
        if (!fine) {
            SB_FAIL(err, SB_STATUS_DATA, "invalid escape sequence in the LIKE pattern '%.*s'",
                    (int)(pattern.size > 200 ? 200 : pattern.size), pattern.data);
        }
    }
    char c = pattern.data[i];
    *kind = !escaped && (c == '%' || c == '_') ? c : 'c';
    *literal = (sb_str){pattern.data + i, sb_utf8_width(pattern.data + i, pattern.size - i)};
    *at = i + literal->size;
    return SB_OK;
}

static sb_status
like_match(sb_str s, sb_str pattern, sb_str escape, bool *out, sb_error *err)
{
    size_t i = 0, p = 0, star = SIZE_MAX, retry = 0;
    *out = false;
    while (i < s.size || p < pattern.size) {
        bool fits = false;
        if (p < pattern.size) {
            char kind = 0;
            sb_str literal = {0};
            size_t next = p;
            SB_TRY(next_element(pattern, escape, &next, &kind, &literal, err), err);
            if (kind == '%') {
                star = next;
                retry = i;
                p = next;
                continue;
            }
            size_t width = i < s.size ? sb_utf8_width(s.data + i, s.size - i) : 0;
            fits = width > 0 && (kind == '_' || (width == literal.size &&
                                                 memcmp(s.data + i, literal.data, width) == 0));
            if (fits) {
                i += width;
                p = next;
            }
        }
        if (!fits) {
            if (star == SIZE_MAX || retry >= s.size) {
                return SB_OK;
            }
            retry += sb_utf8_width(s.data + retry, s.size - retry);
            i = retry;
            p = star;
        }
    }
    *out = true;
    return SB_OK;
}

/* Every escape in the pattern is valid? (a mismatch may end the matcher early) */
static sb_status
check_pattern(sb_str pattern, sb_str escape, sb_error *err)
{
    for (size_t at = 0; at < pattern.size;) {
        char kind = 0;
        sb_str literal = {0};
        SB_TRY(next_element(pattern, escape, &at, &kind, &literal, err), err);
    }
    return SB_OK;
}

static sb_status
like_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_expr *e = sb_call_literal(call, 1);
    if (!e || call->expr->count_args == 3) {
        return SB_OK; /* general */
    }
    like_state *state = SB_NEW(arena, like_state);
    if (!state) {
        SB_NOMEM(err);
    }
    sb_str p = sb_arg_str(&e->value.view);
    bool front = p.size > 0 && p.data[0] == '%';
    bool back = p.size > (size_t)front && p.data[p.size - 1] == '%';
    sb_str part = {p.data + front, p.size - front - back};
    bool simple = !memchr(part.data, '%', part.size) && !memchr(part.data, '_', part.size);
    state->kind = !simple         ? LIKE_GENERAL
                  : front && back ? LIKE_PART
                  : front         ? LIKE_SUFFIX
                  : back          ? LIKE_PREFIX
                                  : LIKE_EXACT;
    state->part = part;
    call->state = state;
    return SB_OK;
}

static bool
match_simple(const like_state *state, sb_str s)
{
    sb_str part = state->part;
    if (part.size > s.size) {
        return false;
    }
    switch (state->kind) {
    case LIKE_EXACT: return part.size == s.size && memcmp(s.data, part.data, part.size) == 0;
    case LIKE_PREFIX: return memcmp(s.data, part.data, part.size) == 0;
    case LIKE_SUFFIX: return memcmp(s.data + s.size - part.size, part.data, part.size) == 0;
    default:
        return part.size == 0 || sb_utf8_find(s.data, s.size, part.data, part.size, 0) != SIZE_MAX;
    }
}

static sb_status
like_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const like_state *state = call->state;
    sb_str s = sb_arg_str(args[0]), pattern = sb_arg_str(args[1]), escape;
    bool yes;
    if (state && state->kind != LIKE_GENERAL) {
        *(uint8_t *)out = match_simple(state, s);
        return SB_OK;
    }
    SB_TRY(escape_of(args, call->expr->count_args, &escape, err), err);
    if (escape.size > 0) {
        SB_TRY(check_pattern(pattern, escape, err), err);
    }
    SB_TRY(like_match(s, pattern, escape, &yes, err), err);
    *(uint8_t *)out = yes;
    return SB_OK;
}

static bool
like_can_fail(const sb_expr *e)
{
    return e->count_args == 3;
}

static sb_status
not_like_infer(sb_infer *in, sb_error *err)
{
    sb_expr *positive;
    SB_TRY(sb_expr_call(in->arena, "LIKE", in->args, in->count, &positive, err), err);
    return sb_expr_call(in->arena, "NOT", &positive, 1, &in->replace, err);
}

const sb_impl sb_impl_like = {.row = like_row, .prepare = like_prepare, .can_fail = like_can_fail};
const sb_impl sb_impl_not_like = {.infer = not_like_infer};
