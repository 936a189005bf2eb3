/*
 * expr/fn_like.c -- LIKE and NOT LIKE.
 *
 * DESIGN     A constant pattern is taken apart once, at its %: the parts are searched one behind
 * the other, by the bytes before their first _; the first and the last part have their place. With
 * ESCAPE, and for patterns that vary, a matcher that backs up to the last % only. No escape
 * character unless ESCAPE names one; it may stand before itself, % and _ only.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>

typedef enum like_kind { LIKE_EXACT, LIKE_PREFIX, LIKE_SUFFIX, LIKE_PART, LIKE_PARTS } like_kind;

typedef struct like_part {
    sb_str text;  /* may have _ in it, but not first unless it has its place */
    size_t head;  /* bytes before the first _ */
    int32_t skip; /* that many _ stood before it */
} like_part;

typedef struct like_state {
    like_kind kind;
    bool front, back; /* LIKE_PARTS: the pattern begins, ends with % */
    sb_str part;      /* the only one, without _ */
    like_part *parts; /* LIKE_PARTS */
    int32_t count;
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

/* ---- parts --------------------------------------------------------------------------------------
 */

/* Where the part ends when it begins at `at`; SIZE_MAX: it does not fit. */
static size_t
fit_part(sb_str s, size_t at, sb_str part)
{
    for (size_t p = 0; p < part.size; p++) {
        if (at >= s.size) {
            return SIZE_MAX;
        }
        if (part.data[p] == '_') {
            at += sb_utf8_width(s.data + at, s.size - at);
        } else if (s.data[at++] != part.data[p]) {
            return SIZE_MAX;
        }
    }
    return at;
}

/* Behind `count` characters; SIZE_MAX: there are fewer. */
static size_t
skip_characters(sb_str s, size_t at, int32_t count)
{
    for (; count > 0; count--) {
        if (at >= s.size) {
            return SIZE_MAX;
        }
        at += sb_utf8_width(s.data + at, s.size - at);
    }
    return at;
}

/* Where the first occurrence at or behind `at` ends. */
static size_t
find_part(sb_str s, size_t at, const like_part *part)
{
    at = skip_characters(s, at, part->skip);
    while (at != SIZE_MAX && part->text.size > 0) {
        at = sb_utf8_find(s.data, s.size, part->text.data, part->head, at);
        size_t end = at == SIZE_MAX ? at : fit_part(s, at, part->text);
        if (end != SIZE_MAX || at == SIZE_MAX) {
            return end;
        }
        at++;
    }
    return at;
}

/* Is the text behind `at` something and then the part? */
static bool
ends_with_part(sb_str s, size_t at, sb_str part)
{
    size_t begin = s.size;
    for (int64_t n = sb_utf8_count(part.data, part.size); n > 0; n--) {
        do {
            if (begin <= at) {
                return false;
            }
            begin--;
        } while (!sb_utf8_is_lead(s.data[begin]));
    }
    return fit_part(s, begin, part) == s.size;
}

static bool
match_parts(const like_state *state, sb_str s)
{
    int32_t i = 0, last = state->count - !state->back;
    size_t at = 0;
    if (!state->front) {
        at = fit_part(s, 0, state->parts[i++].text);
        if (i == state->count && !state->back) { /* no % at all */
            return at == s.size;
        }
    }
    for (; at != SIZE_MAX && i < last; i++) {
        at = find_part(s, at, &state->parts[i]);
    }
    return at != SIZE_MAX && (state->back || ends_with_part(s, at, state->parts[last].text));
}

/* The pattern's parts between its %. */
static sb_status
split_pattern(like_state *state, sb_str p, sb_arena *arena, sb_error *err)
{
    state->kind = LIKE_PARTS;
    state->parts = SB_NEW_ARRAY(arena, like_part, p.size + 1);
    if (!state->parts) {
        SB_NOMEM(err);
    }
    for (size_t from = 0; from <= p.size;) {
        const char *stop = from < p.size ? memchr(p.data + from, '%', p.size - from) : NULL;
        size_t end = stop ? (size_t)(stop - p.data) : p.size;
        like_part *part = &state->parts[state->count];
        *part = (like_part){.text = {p.data + from, end - from}};
        bool placed = from == 0 || end == p.size;
        for (; !placed && part->text.size > 0 && part->text.data[0] == '_'; part->skip++) {
            part->text.data++;
            part->text.size--;
        }
        while (part->head < part->text.size && part->text.data[part->head] != '_') {
            part->head++;
        }
        state->count += end > from;
        from = end + 1;
    }
    return SB_OK;
}

static sb_status
like_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_expr *e = sb_call_literal(call, 1);
    if (!e || call->expr->count_args == 3) {
        return SB_OK; /* the matcher */
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
    state->kind = front && back ? LIKE_PART : front ? LIKE_SUFFIX : back ? LIKE_PREFIX : LIKE_EXACT;
    state->front = front;
    state->back = p.size > 0 && p.data[p.size - 1] == '%';
    state->part = part;
    call->state = state;
    return simple ? SB_OK : split_pattern(state, p, arena, err);
}

static inline bool
match_prepared(const like_state *state, like_kind kind, sb_str s)
{
    sb_str part = state->part;
    if (kind == LIKE_PARTS) {
        return match_parts(state, s);
    }
    if (part.size > s.size) {
        return false;
    }
    switch (kind) {
    case LIKE_EXACT: return part.size == s.size && sb_equal_short(s.data, part.data, part.size);
    case LIKE_PREFIX: return sb_equal_short(s.data, part.data, part.size);
    case LIKE_SUFFIX: return sb_equal_short(s.data + s.size - part.size, part.data, part.size);
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
    if (state) {
        *(uint8_t *)out = match_prepared(state, state->kind, s);
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

/* A prepared pattern over a flat column. */
static sb_status
like_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const like_state *state = call->state;
    const sb_vector *v = call->args[0];
    if (!state || v->encoding != SB_FLAT) {
        return sb_call_rows(call, like_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    uint8_t *to = sb_vector_values_mut(*out);
    const sb_view *from = v->values;
    if (state->kind == LIKE_PREFIX) {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = match_prepared(state, LIKE_PREFIX, sb_arg_str(&from[r]));
        }
        return SB_OK;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = match_prepared(state, state->kind, sb_arg_str(&from[r]));
    }
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

const sb_impl sb_impl_like = {
    .vector = like_vector, .prepare = like_prepare, .can_fail = like_can_fail};
const sb_impl sb_impl_not_like = {.infer = not_like_infer};
