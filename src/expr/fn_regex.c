/*
 * expr/fn_regex.c -- REGEXP and the functions REGEXP_... through PCRE2.
 *
 * DESIGN     A constant expression is compiled once; one that varies is compiled when it differs
 * from the last row's. A broken expression is no error: FALSE or NULL, as in Flink.
 */
#include "expr/function.h"
#include "kernels/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

typedef struct regex_state {
    bool compiled;    /* for `pattern` */
    pcre2_code *code; /* NULL: broken */
    pcre2_match_data *match;
    sb_text pattern;
} regex_state;

static sb_status
regex_compile(regex_state *s, sb_str pattern, sb_error *err)
{
    int code;
    PCRE2_SIZE at;
    if (s->compiled && sb_str_equal((sb_str){s->pattern.data, s->pattern.size}, pattern)) {
        return SB_OK;
    }
    pcre2_match_data_free(s->match);
    pcre2_code_free(s->code);
    s->match = NULL;
    sb_text_clear(&s->pattern);
    sb_text_append(&s->pattern, pattern.data, pattern.size);
    s->code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.size,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
    if (s->code) {
        pcre2_jit_compile(s->code,
                          PCRE2_JIT_COMPLETE); /* fails where there is no JIT: slower, not wrong */
        s->match = pcre2_match_data_create_from_pattern(s->code, NULL);
    }
    if (sb_text_failed(&s->pattern) || (s->code && !s->match)) {
        SB_NOMEM(err);
    }
    s->compiled = true;
    return SB_OK;
}

static sb_status
regex_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    regex_state *s = SB_NEW(arena, regex_state);
    const sb_expr *e = sb_call_literal(call, 1);
    if (!s) {
        SB_NOMEM(err);
    }
    sb_text_init(&s->pattern, call->mem);
    call->state = s;
    return e ? regex_compile(s, sb_arg_str(&e->value.view), err) : SB_OK;
}

static void
regex_release(void *state)
{
    regex_state *s = state;
    pcre2_match_data_free(s->match);
    pcre2_code_free(s->code);
    sb_text_deinit(&s->pattern);
}

/* Finds the next match at or after `from`; *out_groups 0: none. */
static sb_status
regex_find(sb_call *call, sb_str s, size_t from, int *out_groups, sb_error *err)
{
    regex_state *state = call->state;
    int rc = pcre2_match(state->code, (PCRE2_SPTR)s.data, s.size, from, 0, state->match, NULL);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(rc, text, sizeof text);
        SB_FAIL(err, SB_STATUS_DATA, "%s: matching '%.*s' failed: %s", call->expr->function->name,
                (int)state->pattern.size, state->pattern.data, (const char *)text);
    }
    *out_groups = rc < 0 ? 0 : rc;
    return SB_OK;
}

static sb_status
regexp_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    sb_str pattern = sb_arg_str(args[1]);
    int groups = 0;
    SB_TRY(regex_compile(state, pattern, err), err);
    if (state->code && pattern.size > 0) {
        SB_TRY(regex_find(call, sb_arg_str(args[0]), 0, &groups, err), err);
    }
    *(uint8_t *)out = groups > 0;
    return SB_OK;
}

const sb_impl sb_impl_regexp = {
    .row = regexp_row, .prepare = regex_prepare, .release = regex_release};

static sb_status
extract_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    int32_t group = call->expr->count_args == 3 ? *(const int32_t *)args[2] : 0;
    int groups = 0;
    SB_TRY(regex_compile(state, sb_arg_str(args[1]), err), err);
    if (state->code && group >= 0) {
        SB_TRY(regex_find(call, s, 0, &groups, err), err);
    }
    const PCRE2_SIZE *at = state->match ? pcre2_get_ovector_pointer(state->match) : NULL;
    if (group < 0 || group >= groups || at[2 * group] == PCRE2_UNSET) {
        call->is_null = true;
        return SB_OK;
    }
    sb_call_slice(call, out, 0, s.data + at[2 * group], at[2 * group + 1] - at[2 * group]);
    return SB_OK;
}

const sb_impl sb_impl_regexp_extract = {
    .row = extract_row, .prepare = regex_prepare, .release = regex_release};

/* The replacement is plain text: $1 means itself. */
static sb_status
replace_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    sb_str s = sb_arg_str(args[0]), with = sb_arg_str(args[2]);
    size_t copied = 0, from = 0;
    SB_TRY(regex_compile(state, sb_arg_str(args[1]), err), err);
    if (!state->code) {
        call->is_null = true;
        return SB_OK;
    }
    sb_text_clear(&call->text);
    while (from <= s.size) {
        int groups = 0;
        SB_TRY(regex_find(call, s, from, &groups, err), err);
        if (groups == 0) {
            break;
        }
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(state->match);
        sb_text_append(&call->text, s.data + copied, at[0] - copied);
        sb_text_append(&call->text, with.data, with.size);
        copied = at[1];
        from = at[1];
        if (at[0] == at[1]) { /* an empty match: go on behind the next character */
            from += from < s.size ? sb_utf8_width(s.data + from, s.size - from) : 1;
        }
    }
    sb_text_append(&call->text, s.data + copied, s.size - copied);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

const sb_impl sb_impl_regexp_replace = {
    .row = replace_row, .prepare = regex_prepare, .release = regex_release};

/* ---- REGEXP_COUNT, REGEXP_INSTR, REGEXP_SUBSTR --------------------------------------------------
 */

/* The first match at or after `from`; false: none, or the expression is broken (then NULL). */
static sb_status
next_match(sb_call *call, const void *const *args, size_t from, bool *out_found, sb_error *err)
{
    regex_state *state = call->state;
    int groups = 0;
    SB_TRY(regex_compile(state, sb_arg_str(args[1]), err), err);
    call->is_null = !state->code;
    if (state->code) {
        SB_TRY(regex_find(call, sb_arg_str(args[0]), from, &groups, err), err);
    }
    *out_found = groups > 0;
    return SB_OK;
}

static sb_status
count_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    int32_t n = 0;
    for (size_t from = 0; from <= s.size; n++) {
        bool found;
        SB_TRY(next_match(call, args, from, &found, err), err);
        if (!found) {
            break;
        }
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(state->match);
        from = at[1];
        if (at[0] == at[1]) {
            from += from < s.size ? sb_utf8_width(s.data + from, s.size - from) : 1;
        }
    }
    *(int32_t *)out = n;
    return SB_OK;
}

/* From 1, in UTF-16 units as Java counts. */
static sb_status
instr_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    bool found;
    int32_t n = 0;
    SB_TRY(next_match(call, args, 0, &found, err), err);
    if (found) {
        size_t end = pcre2_get_ovector_pointer(state->match)[0];
        n = 1;
        for (size_t i = 0; i < end;) {
            size_t w = sb_utf8_width(s.data + i, s.size - i);
            n += w == 4 ? 2 : 1;
            i += w;
        }
    }
    *(int32_t *)out = n;
    return SB_OK;
}

static sb_status
substr_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    regex_state *state = call->state;
    bool found;
    SB_TRY(next_match(call, args, 0, &found, err), err);
    call->is_null = !found;
    if (found) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(state->match);
        sb_call_slice(call, out, 0, sb_arg_str(args[0]).data + at[0], at[1] - at[0]);
    }
    return SB_OK;
}

#define REGEX(id, function)        \
    const sb_impl sb_impl_##id = { \
        .row = function, .prepare = regex_prepare, .release = regex_release}
REGEX(regexp_count, count_row);
REGEX(regexp_instr, instr_row);
REGEX(regexp_substr, substr_row);
#undef REGEX
