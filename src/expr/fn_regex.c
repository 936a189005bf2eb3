/*
 * expr/fn_regex.c -- REGEXP and the functions REGEXP_... through PCRE2.
 *
 * DESIGN     A constant expression is compiled once; one that varies is compiled when it differs
 * from the last row's. A broken expression is no error: FALSE or NULL, as in Flink.
 */
#include "expr/infer.h"
#include "expr/nested.h"
#include "expr/regex.h"
#include "kernels/utf8.h"

static sb_status
regex_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    sb_regex *r = SB_NEW(arena, sb_regex);
    const sb_expr *e = sb_call_literal(call, 1);
    if (!r) {
        SB_NOMEM(err);
    }
    sb_regex_init(r, call->mem);
    call->state = r;
    if (!e) {
        return SB_OK;
    }
    SB_TRY(sb_regex_compile(r, sb_arg_str(&e->value.view), err), err);
    r->is_fixed = true;
    return SB_OK;
}

static void
regex_release(void *state)
{
    sb_regex_deinit(state);
}

static sb_status
regex_find(sb_call *call, sb_str s, size_t from, int *out_groups, sb_error *err)
{
    return sb_regex_find(call->state, call->expr->function->name, s, from, out_groups, err);
}

static sb_status
regexp_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_regex *state = call->state;
    sb_str pattern = sb_arg_str(args[1]);
    int groups = 0;
    SB_TRY(sb_regex_use(state, pattern, err), err);
    if (state->code && pattern.size > 0) {
        SB_TRY(regex_find(call, sb_arg_str(args[0]), 0, &groups, err), err);
    }
    *(uint8_t *)out = groups > 0;
    return SB_OK;
}

#define WEIGHT 40

const sb_impl sb_impl_regexp = {
    .weight = WEIGHT, .row = regexp_row, .prepare = regex_prepare, .release = regex_release};

static sb_status
extract_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_regex *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    int32_t group = call->expr->count_args == 3 ? *(const int32_t *)args[2] : 0;
    int groups = 0;
    SB_TRY(sb_regex_use(state, sb_arg_str(args[1]), err), err);
    if (state->code && group >= 0) {
        SB_TRY(regex_find(call, s, 0, &groups, err), err);
    }
    const size_t *at = sb_regex_groups(state);
    if (group < 0 || group >= groups || at[2 * group] == SIZE_MAX) {
        call->is_null = true;
        return SB_OK;
    }
    sb_call_slice(call, out, 0, s.data + at[2 * group], at[2 * group + 1] - at[2 * group]);
    return SB_OK;
}

const sb_impl sb_impl_regexp_extract = {
    .weight = WEIGHT, .row = extract_row, .prepare = regex_prepare, .release = regex_release};

/* The replacement is plain text: $1 means itself. */
static sb_status
replace_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_regex *state = call->state;
    sb_str s = sb_arg_str(args[0]), with = sb_arg_str(args[2]);
    size_t copied = 0, from = 0;
    SB_TRY(sb_regex_use(state, sb_arg_str(args[1]), err), err);
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
        const size_t *at = sb_regex_groups(state);
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
    .weight = WEIGHT, .row = replace_row, .prepare = regex_prepare, .release = regex_release};

/* ---- REGEXP_COUNT, REGEXP_INSTR, REGEXP_SUBSTR --------------------------------------------------
 */

/* The first match at or after `from`; false: none, or the expression is broken (then NULL). */
static sb_status
next_match(sb_call *call, const void *const *args, size_t from, bool *out_found, sb_error *err)
{
    sb_regex *state = call->state;
    int groups = 0;
    SB_TRY(sb_regex_use(state, sb_arg_str(args[1]), err), err);
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
    sb_regex *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    int32_t n = 0;
    for (size_t from = 0; from <= s.size; n++) {
        bool found;
        SB_TRY(next_match(call, args, from, &found, err), err);
        if (!found) {
            break;
        }
        const size_t *at = sb_regex_groups(state);
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
    sb_regex *state = call->state;
    sb_str s = sb_arg_str(args[0]);
    bool found;
    int32_t n = 0;
    SB_TRY(next_match(call, args, 0, &found, err), err);
    if (found) {
        size_t end = sb_regex_groups(state)[0];
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
    sb_regex *state = call->state;
    bool found;
    SB_TRY(next_match(call, args, 0, &found, err), err);
    call->is_null = !found;
    if (found) {
        const size_t *at = sb_regex_groups(state);
        sb_call_slice(call, out, 0, sb_arg_str(args[0]).data + at[0], at[1] - at[0]);
    }
    return SB_OK;
}

#define REGEX(id, function)        \
    const sb_impl sb_impl_##id = { \
        .weight = WEIGHT, .row = function, .prepare = regex_prepare, .release = regex_release}
REGEX(regexp_count, count_row);
REGEX(regexp_instr, instr_row);
REGEX(regexp_substr, substr_row);
#undef REGEX

/* ---- REGEXP_EXTRACT_ALL -------------------------------------------------------------------------
 */

static sb_status
extract_all_infer(sb_infer *in, sb_error *err)
{
    const sb_type element = sb_type_string(true);
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type = sb_type_array_of(in->arena, &element, true, err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

/* The matches that are left of the text, as elements of a list. */
static sb_status
extract_elements(sb_call *call, sb_str s, int32_t group, sb_column_builder *to, sb_error *err)
{
    for (size_t from = 0; from <= s.size;) {
        int groups = 0;
        SB_TRY(regex_find(call, s, from, &groups, err), err);
        if (groups == 0) {
            break;
        }
        const size_t *at = sb_regex_groups(call->state);
        if (group >= groups || at[2 * group] == SIZE_MAX) {
            sb_column_null(to);
        } else {
            sb_column_bytes(to, s.data + at[2 * group], at[2 * group + 1] - at[2 * group]);
        }
        from = at[1];
        if (at[0] == at[1]) {
            from += from < s.size ? sb_utf8_width(s.data + from, s.size - from) : 1;
        }
    }
    return SB_OK;
}

/* The group is 1 unless named; NULL when the expression has no such group or is broken. */
static sb_status
extract_all_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_regex *state = call->state;
    int32_t group = 1;
    if (call->expr->count_args == 3) {
        group = *(const int32_t *)sb_vector_at(call->args[2], row);
    }
    SB_TRY(sb_regex_use(state, sb_arg_str(sb_vector_at(call->args[1], row)), err), err);
    if (!state->code || group < 0 || group > sb_regex_count_groups(state)) {
        sb_column_null(to);
        return SB_OK;
    }
    sb_column_list_begin(to);
    SB_TRY(extract_elements(call, sb_arg_str(sb_vector_at(call->args[0], row)), group,
                            &to->children[0], err),
           err);
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
extract_all_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, extract_all_build, out, err);
}

const sb_impl sb_impl_regexp_extract_all = {.weight = WEIGHT,
                                            .infer = extract_all_infer,
                                            .vector = extract_all_vector,
                                            .prepare = regex_prepare,
                                            .release = regex_release};
