/*
 * expr/fn_split.c -- texts taken apart: SPLIT, STR_TO_MAP.
 *
 * DESIGN     SPLIT takes its delimiter as it is, STR_TO_MAP as regular expressions in the way of
 * Java's String.split: empty parts at the end are left out, an empty match does not cut before the
 * first character.
 */
#include "expr/infer.h"
#include "expr/nested.h"
#include "expr/regex.h"
#include "kernels/utf8.h"

#include <string.h>

/* ---- SPLIT ---- */

static sb_status
split_infer(sb_infer *in, sb_error *err)
{
    const sb_type element = sb_type_string(true);
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type = sb_type_array_of(in->arena, &element, sb_infer_nullable(in), err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
split_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_str s = sb_arg_str(sb_vector_at(call->args[0], row));
    sb_str delimiter = sb_arg_str(sb_vector_at(call->args[1], row));
    size_t from = 0;
    (void)err;
    sb_column_list_begin(to);
    while (from < s.size && delimiter.size == 0) { /* every character */
        size_t width = sb_utf8_width(s.data + from, s.size - from);
        sb_column_bytes(&to->children[0], s.data + from, width);
        from += width;
    }
    while (s.size > 0 && delimiter.size > 0) {
        const char *hit = memmem(s.data + from, s.size - from, delimiter.data, delimiter.size);
        size_t end = hit ? (size_t)(hit - s.data) : s.size;
        sb_column_bytes(&to->children[0], s.data + from, end - from);
        if (!hit) {
            break;
        }
        from = end + delimiter.size;
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
split_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, split_build, out, err);
}

const sb_impl sb_impl_split = {.infer = split_infer, .vector = split_vector};

/* ---- STR_TO_MAP ---- */

typedef struct str_to_map_state {
    sb_regex list, pair;
    sb_nested_scratch parts; /* begin and end of each part */
} str_to_map_state;

static sb_status
str_to_map_infer(sb_infer *in, sb_error *err)
{
    const sb_type string = sb_type_string(true);
    SB_TRY(sb_infer_pattern(in, err), err);
    if (in->count == 2) {
        return sb_infer_mismatch(in, err);
    }
    in->type = sb_type_map_of(in->arena, &string, &string, true, err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
str_to_map_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    str_to_map_state *s = SB_NEW(arena, str_to_map_state);
    if (!s) {
        SB_NOMEM(err);
    }
    sb_regex_init(&s->list, call->mem);
    sb_regex_init(&s->pair, call->mem);
    s->parts.mem = call->mem;
    call->state = s;
    if (call->expr->count_args == 1) {
        SB_TRY(sb_regex_compile(&s->list, SB_STR(","), err), err);
        SB_TRY(sb_regex_compile(&s->pair, SB_STR("="), err), err);
    }
    return SB_OK;
}

static void
str_to_map_release(void *state)
{
    str_to_map_state *s = state;
    sb_regex_deinit(&s->list);
    sb_regex_deinit(&s->pair);
    sb_nested_release(&s->parts);
}

/* The next cut at or after `from`; false: none. */
static sb_status
next_cut(sb_regex *r, sb_str s, size_t from, size_t *out_begin, size_t *out_end, bool *out_found,
         sb_error *err)
{
    int groups = 0;
    *out_found = false;
    while (from <= s.size) {
        SB_TRY(sb_regex_find(r, "STR_TO_MAP", s, from, &groups, err), err);
        if (groups == 0) {
            return SB_OK;
        }
        const size_t *at = sb_regex_groups(r);
        if (at[1] > 0 && (at[1] > at[0] || at[0] < s.size)) {
            *out_begin = at[0];
            *out_end = at[1];
            *out_found = true;
            return SB_OK;
        }
        from = at[0] < s.size ? at[0] + sb_utf8_width(s.data + at[0], s.size - at[0]) : s.size + 1;
    }
    return SB_OK;
}

/* Begin and end of every part, without empty ones at the end. */
static sb_status
cut(sb_call *call, sb_str s, int32_t *out_count, sb_error *err)
{
    str_to_map_state *state = call->state;
    size_t from = 0, look = 0, begin = 0, end = 0;
    int32_t n = 0;
    for (bool found = true; found;) {
        SB_TRY(next_cut(&state->list, s, look, &begin, &end, &found, err), err);
        SB_TRY(sb_nested_reserve(&state->parts, 2 * n + 2, err), err);
        state->parts.at[2 * n] = (int32_t)from;
        state->parts.at[2 * n + 1] = (int32_t)(found ? begin : s.size);
        n++;
        from = end;
        look = end > begin || end >= s.size ? end : end + sb_utf8_width(s.data + end, s.size - end);
    }
    while (n > 1 && state->parts.at[2 * n - 2] == state->parts.at[2 * n - 1]) {
        n--;
    }
    *out_count = n;
    return SB_OK;
}

/* A part is key and value, or a key with the value NULL. */
static sb_status
add_entry(sb_call *call, sb_str part, sb_column_builder *to, sb_error *err)
{
    str_to_map_state *state = call->state;
    size_t begin = 0, end = 0;
    bool found;
    SB_TRY(next_cut(&state->pair, part, 0, &begin, &end, &found, err), err);
    sb_column_bytes(&to->children[0], part.data, found ? begin : part.size);
    if (found) {
        sb_column_bytes(&to->children[1], part.data + end, part.size - end);
    } else {
        sb_column_null(&to->children[1]);
    }
    return SB_OK;
}

static sb_status
key_of(str_to_map_state *state, sb_str part, sb_str *out, sb_error *err)
{
    size_t begin = 0, end = 0;
    bool found;
    SB_TRY(next_cut(&state->pair, part, 0, &begin, &end, &found, err), err);
    *out = (sb_str){part.data, found ? begin : part.size};
    return SB_OK;
}

static sb_status
str_to_map_parts(sb_call *call, sb_str s, sb_column_builder *to, sb_error *err)
{
    str_to_map_state *state = call->state;
    int32_t count = 0;
    SB_TRY(cut(call, s, &count, err), err);
    const int32_t *at = state->parts.at;
    for (int32_t i = 0; i < count; i++) {
        sb_str part = {s.data + at[2 * i], (size_t)(at[2 * i + 1] - at[2 * i])}, key, other;
        bool again = false;
        SB_TRY(key_of(state, part, &key, err), err);
        for (int32_t j = i + 1; j < count && !again; j++) { /* the last one counts */
            SB_TRY(key_of(state, (sb_str){s.data + at[2 * j], (size_t)(at[2 * j + 1] - at[2 * j])},
                          &other, err),
                   err);
            again = sb_str_equal(key, other);
        }
        if (!again) {
            SB_TRY(add_entry(call, part, to, err), err);
        }
    }
    return SB_OK;
}

static sb_status
str_to_map_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    str_to_map_state *state = call->state;
    sb_str s = sb_arg_str(sb_vector_at(call->args[0], row));
    if (call->expr->count_args == 3) {
        SB_TRY(sb_regex_compile(&state->list, sb_arg_str(sb_vector_at(call->args[1], row)), err),
               err);
        SB_TRY(sb_regex_compile(&state->pair, sb_arg_str(sb_vector_at(call->args[2], row)), err),
               err);
    }
    if (!state->list.code || !state->pair.code) {
        SB_FAIL(err, SB_STATUS_DATA, "STR_TO_MAP: '%.100s' is no regular expression",
                state->list.code ? state->pair.pattern.data : state->list.pattern.data);
    }
    sb_column_list_begin(to);
    if (s.size > 0) {
        SB_TRY(str_to_map_parts(call, s, to, err), err);
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
str_to_map_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, str_to_map_build, out, err);
}

const sb_impl sb_impl_str_to_map = {.infer = str_to_map_infer,
                                    .vector = str_to_map_vector,
                                    .prepare = str_to_map_prepare,
                                    .release = str_to_map_release};
