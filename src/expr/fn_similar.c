/*
 * expr/fn_similar.c -- SIMILAR TO and NOT SIMILAR TO.
 *
 * DESIGN     The SQL pattern is rewritten to a regular expression by the rules of Calcite and must
 * match the whole text. The last pattern stays compiled. A broken pattern is an error.
 */
#include "expr/function.h"
#include "kernels/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

/* What . means in Java: all but line ends. */
#define ANY_CHARACTER "[^\\n\\r\\x{85}\\x{2028}\\x{2029}]"

typedef struct similar_state {
    pcre2_code *code; /* NULL: nothing compiled yet */
    pcre2_match_data *match;
    sb_text key;        /* escape, pattern */
    size_t escape_size; /* of that */
} similar_state;

/* The rewriting of one pattern. */
typedef struct rewriter {
    sb_str pattern, escape; /* escape empty: none */
    size_t at;
    sb_text *out;
    sb_error *err;
} rewriter;

static bool
is_special(char c)
{
    return c != 0 && strchr("[]()|^-+*_%?{}", c) != NULL;
}

static bool
begins(sb_str s, size_t at, sb_str what)
{
    return what.size > 0 && s.size - at >= what.size &&
           memcmp(s.data + at, what.data, what.size) == 0;
}

static sb_status
broken(rewriter *w, const char *what)
{
    SB_FAIL(w->err, SB_STATUS_DATA, "invalid %s in the SIMILAR TO pattern '%.*s'", what,
            (int)(w->pattern.size > 200 ? 200 : w->pattern.size), w->pattern.data);
}

/* The character behind an escape: one with a meaning, or the escape itself. */
static sb_status
rewrite_escaped(rewriter *w)
{
    w->at += w->escape.size;
    if (w->at >= w->pattern.size) {
        return broken(w, "escape sequence");
    }
    char c = w->pattern.data[w->at];
    if (is_special(c)) {
        if (c != '_' && c != '%') {
            sb_text_char(w->out, '\\');
        }
        sb_text_char(w->out, c);
        w->at++;
    } else if (begins(w->pattern, w->at, w->escape)) {
        sb_text_append(w->out, w->escape.data, w->escape.size);
        w->at += w->escape.size;
    } else {
        return broken(w, "escape sequence");
    }
    return SB_OK;
}

/* [:NAME:] inside of brackets. */
static sb_status
rewrite_class(rewriter *w)
{
    static const struct {
        const char *name, *lower, *regex;
    } classes[] = {{"[:ALPHA:]", "[:alpha:]", "[:alpha:]"},
                   {"[:UPPER:]", "[:upper:]", "[:upper:]"},
                   {"[:LOWER:]", "[:lower:]", "[:lower:]"},
                   {"[:DIGIT:]", "[:digit:]", "\\d"},
                   {"[:SPACE:]", "[:space:]", " "},
                   {"[:ALNUM:]", "[:alnum:]", "[:alnum:]"},
                   {"[:WHITESPACE:]", "[:whitespace:]", "\\s"}};

    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (begins(w->pattern, w->at, sb_str_of(classes[i].name)) ||
            begins(w->pattern, w->at, sb_str_of(classes[i].lower))) {
            sb_text_add(w->out, classes[i].regex);
            w->at += strlen(classes[i].name);
            return SB_OK;
        }
    }
    return broken(w, "character class");
}

/* [ ... ]; the cursor is on the opening bracket. */
static sb_status
rewrite_enumeration(rewriter *w)
{
    sb_str p = w->pattern;
    size_t first = w->at + 1;
    sb_text_char(w->out, '[');
    for (w->at++; w->at < p.size && p.data[w->at] != ']';) {
        char c = p.data[w->at];
        if (begins(p, w->at, w->escape)) {
            SB_TRY(rewrite_escaped(w), w->err);
        } else if (begins(p, w->at, SB_STR("[:"))) {
            SB_TRY(rewrite_class(w), w->err);
        } else if ((is_special(c) && c != '-' && c != '^') || begins(p, w->at, SB_STR("&&"))) {
            return broken(w, "character");
        } else {
            if (c == ':' || c == '=' || c == '.') { /* else PCRE2 sees [:..:], [=..=], [...] */
                sb_text_char(w->out, '\\');
            }
            sb_text_char(w->out, c);
            w->at++;
        }
    }
    size_t size = w->at - first;
    if (w->at >= p.size || size == 0 || (size == 1 && p.data[first] == '^')) {
        return broken(w, "bracket");
    }
    sb_text_char(w->out, ']');
    w->at++;
    return SB_OK;
}

/* {n}, {n,} or {n,m}? Java takes no other braces. */
static bool
is_repetition(sb_str p, size_t at)
{
    size_t i = at + 1, digits = i;
    while (i < p.size && p.data[i] >= '0' && p.data[i] <= '9') {
        i++;
    }
    if (i == digits) {
        return false;
    }
    i += i < p.size && p.data[i] == ',';
    while (i < p.size && p.data[i] >= '0' && p.data[i] <= '9') {
        i++;
    }
    return i < p.size && p.data[i] == '}';
}

static sb_status
rewrite_next(rewriter *w)
{
    char c = w->pattern.data[w->at];
    if (begins(w->pattern, w->at, w->escape)) {
        return rewrite_escaped(w);
    }
    switch (c) {
    case '[': return rewrite_enumeration(w);
    case ']': return broken(w, "bracket");
    case '{':
        if (!is_repetition(w->pattern, w->at)) {
            return broken(w, "repetition");
        }
        sb_text_char(w->out, c);
        break;
    case '.':
    case '_': sb_text_add(w->out, ANY_CHARACTER); break;
    case '%': sb_text_add(w->out, "(?s:.*)"); break;
    case '\\': sb_text_add(w->out, "\\\\"); break;
    case '$': sb_text_add(w->out, "\\$"); break;
    default: sb_text_char(w->out, c);
    }
    w->at++;
    return SB_OK;
}

static size_t
find(sb_str s, const char *what)
{
    return sb_utf8_find(s.data, s.size, what, strlen(what), 0);
}

/* An escape that has a meaning itself must stand before one that has. */
static sb_status
check_escape(rewriter *w)
{
    sb_str p = w->pattern, e = w->escape;
    if (e.size == 1 && is_special(e.data[0])) {
        for (size_t i = 0; i < p.size; i++) {
            if (p.data[i] == e.data[0] && (i + 1 == p.size || !is_special(p.data[i + 1]))) {
                return broken(w, "escape sequence");
            }
        }
    }
    if (e.size == 1 && e.data[0] == ':' &&
        (find(p, "[:") == SIZE_MAX || find(p, ":]") == SIZE_MAX)) {
        return broken(w, "escape sequence");
    }
    return SB_OK;
}

static sb_status
similar_compile(similar_state *s, sb_str pattern, sb_str escape, sb_text *regex, sb_error *err)
{
    rewriter w = {.pattern = pattern, .escape = escape, .out = regex, .err = err};
    int code;
    PCRE2_SIZE at;
    sb_text_clear(regex);
    SB_TRY(check_escape(&w), err);
    while (w.at < pattern.size) {
        SB_TRY(rewrite_next(&w), err);
    }
    s->code = pcre2_compile(
        (PCRE2_SPTR)regex->data, regex->size,
        PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &at, NULL);
    if (!s->code) {
        return broken(&w, "regular expression");
    }
    pcre2_jit_compile(s->code, PCRE2_JIT_COMPLETE); /* without JIT: slower, not wrong */
    s->match = pcre2_match_data_create_from_pattern(s->code, NULL);
    s->escape_size = escape.size;
    sb_text_append(&s->key, escape.data, escape.size);
    sb_text_append(&s->key, pattern.data, pattern.size);
    if (sb_text_failed(&s->key) || sb_text_failed(regex) || !s->match) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static bool
is_compiled(const similar_state *s, sb_str pattern, sb_str escape)
{
    return s->code && s->match && s->escape_size == escape.size &&
           s->key.size == escape.size + pattern.size &&
           memcmp(s->key.data, escape.data, escape.size) == 0 &&
           memcmp(s->key.data + escape.size, pattern.data, pattern.size) == 0;
}

static void
forget(similar_state *s)
{
    pcre2_match_data_free(s->match);
    pcre2_code_free(s->code);
    s->match = NULL;
    s->code = NULL;
    sb_text_clear(&s->key);
}

static sb_status
similar_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    similar_state *state = call->state;
    sb_str s = sb_arg_str(args[0]), pattern = sb_arg_str(args[1]), escape = {"", 0};
    if (call->expr->count_args == 3) {
        escape = sb_arg_str(args[2]);
        if (escape.size == 0 || escape.size > 3 ||
            sb_utf8_width(escape.data, escape.size) != escape.size) {
            SB_FAIL(err, SB_STATUS_DATA,
                    "the escape of SIMILAR TO must be one character, not '%.*s'",
                    (int)(escape.size > 100 ? 100 : escape.size), escape.data);
        }
    }
    if (!is_compiled(state, pattern, escape)) {
        forget(state);
        SB_TRY(similar_compile(state, pattern, escape, &call->text, err), err);
    }
    int rc = pcre2_match(state->code, (PCRE2_SPTR)s.data, s.size, 0, 0, state->match, NULL);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(rc, text, sizeof text);
        SB_FAIL(err, SB_STATUS_DATA, "SIMILAR TO '%.*s' failed: %s",
                (int)(pattern.size > 200 ? 200 : pattern.size), pattern.data, (const char *)text);
    }
    *(uint8_t *)out = rc >= 0;
    return SB_OK;
}

static sb_status
similar_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    similar_state *s = SB_NEW(arena, similar_state);
    if (!s) {
        SB_NOMEM(err);
    }
    sb_text_init(&s->key, call->mem);
    call->state = s;
    return SB_OK;
}

static void
similar_release(void *state)
{
    similar_state *s = state;
    forget(s);
    sb_text_deinit(&s->key);
}

static sb_status
not_similar_infer(sb_infer *in, sb_error *err)
{
    sb_expr *positive;
    SB_TRY(sb_expr_call(in->arena, "SIMILAR TO", in->args, in->count, &positive, err), err);
    return sb_expr_call(in->arena, "NOT", &positive, 1, &in->replace, err);
}

const sb_impl sb_impl_similar = {
    .row = similar_row, .prepare = similar_prepare, .release = similar_release};
const sb_impl sb_impl_not_similar = {.infer = not_similar_infer};
