/*
 * expr/fn_string.c -- strings by code points: case, parts, trimming, searching. Building new
 * strings: fn_text.c.
 *
 * DESIGN     Results that are part of an argument share its bytes. Positions count from 1.
 */
#include "expr/function.h"
#include "kernels/bits.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>

/* ---- case ---------------------------------------------------------------------------------------
 */

enum { CASE_UPPER, CASE_LOWER };

static sb_status
case_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    bool upper = call->expr->function->impl->code == CASE_UPPER;
    if (sb_utf8_view_case(args[0], upper, out)) {
        return SB_OK;
    }
    if (sb_utf8_is_ascii(s.data, s.size)) {
        return sb_call_ascii_case(call, out, s, upper, err);
    }
    sb_text_clear(&call->text);
    if (upper) {
        sb_utf8_upper(&call->text, s.data, s.size);
    } else {
        sb_utf8_lower(&call->text, s.data, s.size);
    }
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

/* Short ASCII takes a few operations. */
static sb_status
case_rows(sb_call *call, const sb_vector *v, sb_vector *out, sb_error *err)
{
    const sb_view *from = v->values;
    sb_view *to = sb_vector_values_mut(out);
    const uint64_t *validity = v->validity;
    bool upper = call->expr->function->impl->code == CASE_UPPER;
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if ((validity && !sb_bit_get(validity, r)) || sb_utf8_view_case(&from[r], upper, &to[r])) {
            continue;
        }
        const void *arg = &from[r];
        SB_TRY(case_row(call, &arg, &to[r], err), err);
    }
    return SB_OK;
}

static sb_status
case_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    if (call->args[0]->encoding != SB_FLAT) {
        return sb_call_rows(call, case_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    call->result = *out;
    sb_status status = case_rows(call, call->args[0], *out, err);
    sb_call_finish(call, status, out);
    return status;
}

const sb_impl sb_impl_upper = {.vector = case_vector, .code = CASE_UPPER, .weight = 4};
const sb_impl sb_impl_lower = {.vector = case_vector, .code = CASE_LOWER, .weight = 4};

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters and digits of ASCII make words, as in Calcite. */
static sb_status
initcap_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    bool start = true;
    sb_text_clear(&call->text);
    char *to = sb_text_reserve(&call->text, s.size + 1);
    if (!to) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < s.size; i++) {
        char c = s.data[i];
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        to[i] = (char)(start && lower ? c - 32 : !start && upper ? c + 32 : c);
        start = !is_word(c);
    }
    return sb_call_string(call, out, to, s.size, err);
}

const sb_impl sb_impl_initcap = {.row = initcap_row};

/* ---- length and parts ---------------------------------------------------------------------------
 */

static sb_status
char_length_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)call, (void)err;
    *(int32_t *)out = sb_utf8_view_count(args[0]);
    return SB_OK;
}

static sb_status
char_length_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *v = call->args[0];
    if (v->encoding != SB_FLAT) {
        return sb_call_rows(call, char_length_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int32_t *to = sb_vector_values_mut(*out);
    const sb_view *from = v->values;
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = sb_utf8_view_count(&from[r]);
    }
    return SB_OK;
}

const sb_impl sb_impl_char_length = {.vector = char_length_vector};

/* Characters [from, from + count) by 0-based position. */
static void
slice(sb_call *call, void *out, sb_str s, int64_t from, int64_t count)
{
    size_t begin = sb_utf8_offset(s.data, s.size, from);
    size_t end = begin + sb_utf8_offset(s.data + begin, s.size - begin, count);
    sb_call_slice(call, out, 0, s.data + begin, end - begin);
}

static sb_status
substring_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    int64_t position = *(const int64_t *)args[1];
    bool has_length = call->expr->count_args == 3;
    int64_t length = has_length ? *(const int64_t *)args[2] : INT64_MAX;
    (void)err;
    if (length < 0) {
        call->is_null = true;
        return SB_OK;
    }
    int64_t from = position > 0 ? position - 1 : 0;
    if (position < 0) { /* from the end */
        from = sb_utf8_count(s.data, s.size) + position;
        if (from < 0) {
            sb_call_slice(call, out, -1, "", 0);
            return SB_OK;
        }
    }
    slice(call, out, s, from, length);
    return SB_OK;
}

const sb_impl sb_impl_substring = {.row = substring_row};

static sb_status
left_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int32_t n = *(const int32_t *)args[1];
    (void)err;
    slice(call, out, sb_arg_str(args[0]), 0, n > 0 ? n : 0);
    return SB_OK;
}

const sb_impl sb_impl_left = {.row = left_row};

static sb_status
right_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    int64_t n = *(const int32_t *)args[1], count = sb_utf8_count(s.data, s.size);
    (void)err;
    n = n < 0 ? 0 : n > count ? count : n;
    slice(call, out, s, count - n, n);
    return SB_OK;
}

const sb_impl sb_impl_right = {.row = right_row};

/* ---- trimming -----------------------------------------------------------------------------------
 */

enum { TRIM_LEADING = 1, TRIM_TRAILING = 2, TRIM_BOTH = 3 };

/* Is the code point at the start of `at` one of the set? */
static bool
in_set(sb_str set, const char *at, size_t width)
{
    for (size_t i = 0; i < set.size;) {
        size_t w = sb_utf8_width(set.data + i, set.size - i);
        if (w == width && memcmp(set.data + i, at, w) == 0) {
            return true;
        }
        i += w;
    }
    return false;
}

static void
trim(sb_call *call, void *out, int32_t arg, sb_str s, sb_str set, int ends)
{
    while ((ends & TRIM_LEADING) && s.size > 0) {
        size_t w = sb_utf8_width(s.data, s.size);
        if (!in_set(set, s.data, w)) {
            break;
        }
        s.data += w;
        s.size -= w;
    }
    while ((ends & TRIM_TRAILING) && s.size > 0) {
        size_t w = 1;
        while (w < s.size && w < 4 && !sb_utf8_is_lead(s.data[s.size - w])) {
            w++;
        }
        if (!in_set(set, s.data + s.size - w, w)) {
            break;
        }
        s.size -= w;
    }
    sb_call_slice(call, out, arg, s.data, s.size);
}

/* TRIM(keyword, characters, text) */
static sb_status
trim_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    static const int both = TRIM_BOTH, leading = TRIM_LEADING, trailing = TRIM_TRAILING;
    const sb_view *v = &call->expr->args[0]->value.view;
    sb_str word = {sb_view_data(v), sb_view_size(v)};
    (void)arena;
    const int *state = sb_str_equal_nocase(word, SB_STR("BOTH"))       ? &both
                       : sb_str_equal_nocase(word, SB_STR("LEADING"))  ? &leading
                       : sb_str_equal_nocase(word, SB_STR("TRAILING")) ? &trailing
                                                                       : NULL;
    if (!state) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "TRIM takes BOTH, LEADING or TRAILING, not '%.*s'",
                (int)word.size, word.data);
    }
    call->state = (void *)(uintptr_t)state;
    return SB_OK;
}

static sb_status
trim_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    trim(call, out, 2, sb_arg_str(args[2]), sb_arg_str(args[1]), *(const int *)call->state);
    return SB_OK;
}

const sb_impl sb_impl_trim = {.row = trim_row, .prepare = trim_prepare};

static sb_status
ends_trim_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str set = call->expr->count_args == 2 ? sb_arg_str(args[1]) : SB_STR(" ");
    (void)err;
    trim(call, out, 0, sb_arg_str(args[0]), set, call->expr->function->impl->code);
    return SB_OK;
}

const sb_impl sb_impl_btrim = {.row = ends_trim_row, .code = TRIM_BOTH};
const sb_impl sb_impl_ltrim = {.row = ends_trim_row, .code = TRIM_LEADING};
const sb_impl sb_impl_rtrim = {.row = ends_trim_row, .code = TRIM_TRAILING};

/* ---- searching ----------------------------------------------------------------------------------
 */

/* Position from 1, at or after the 1-based position `from`; 0: nowhere. */
static int32_t
locate(sb_str needle, sb_str s, int64_t from)
{
    size_t begin = sb_utf8_offset(s.data, s.size, from - 1);
    size_t at = sb_utf8_find(s.data, s.size, needle.data, needle.size, begin);
    return at == SIZE_MAX ? 0 : (int32_t)sb_utf8_count(s.data, at) + 1;
}

static sb_status
position_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)call, (void)err;
    *(int32_t *)out = locate(sb_arg_str(args[0]), sb_arg_str(args[1]), 1);
    return SB_OK;
}

const sb_impl sb_impl_position = {.row = position_row};

static sb_status
instr_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)call, (void)err;
    *(int32_t *)out = locate(sb_arg_str(args[1]), sb_arg_str(args[0]), 1);
    return SB_OK;
}

const sb_impl sb_impl_instr = {.row = instr_row};

static sb_status
locate_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str needle = sb_arg_str(args[0]), s = sb_arg_str(args[1]);
    int64_t from = call->expr->count_args == 3 ? *(const int32_t *)args[2] : 1;
    (void)err;
    *(int32_t *)out = needle.size == 0 ? 1 : locate(needle, s, from < 1 ? 1 : from);
    return SB_OK;
}

const sb_impl sb_impl_locate = {.row = locate_row};

static inline bool
starts_with(sb_str s, sb_str part, bool at_end)
{
    return part.size <= s.size &&
           sb_equal_short(s.data + (at_end ? s.size - part.size : 0), part.data, part.size);
}

static sb_status
startswith_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    *(uint8_t *)out =
        starts_with(sb_arg_str(args[0]), sb_arg_str(args[1]), call->expr->function->impl->code);
    return SB_OK;
}

static sb_status
startswith_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *v = call->args[0];
    if (v->encoding != SB_FLAT || call->args[1]->encoding != SB_CONST) {
        return sb_call_rows(call, startswith_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    uint8_t *to = sb_vector_values_mut(*out);
    const sb_view *from = v->values;
    sb_str part = sb_arg_str(call->args[1]->values);
    bool at_end = call->expr->function->impl->code;
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = starts_with(sb_arg_str(&from[r]), part, at_end);
    }
    return SB_OK;
}

const sb_impl sb_impl_startswith = {.vector = startswith_vector, .code = 0};
const sb_impl sb_impl_endswith = {.vector = startswith_vector, .code = 1};

/* ---- SPLIT_INDEX --------------------------------------------------------------------------------
 */

static const char *
next_space(const char *at, const char *end)
{
    while (at < end && *at != ' ' && !(*at >= '\t' && *at <= '\r')) {
        at++;
    }
    return at < end ? at : NULL;
}

/* Between the separators index - 1 and index, all of one byte. */
static void
split_at_byte(sb_call *call, void *out, sb_str s, char separator, int32_t index)
{
    size_t from = 0;
    if (index > 0) {
        from = sb_utf8_nth_byte(s.data, s.size, separator, index - 1) + 1;
        if (from == 0) {
            call->is_null = true;
            return;
        }
    }
    size_t to = sb_utf8_nth_byte(s.data + from, s.size - from, separator, 0);
    sb_call_slice(call, out, 0, s.data + from, to == SIZE_MAX ? s.size - from : to);
}

/* The part at a 0-based index; NULL when there is none. An empty separator means white space. */
static void
split_index(sb_call *call, void *out, sb_str s, sb_str separator, int32_t index)
{
    const char *at = s.data, *end = s.data + s.size;
    if (index < 0 || s.size == 0) {
        call->is_null = true;
        return;
    }
    if (separator.size == 1) {
        split_at_byte(call, out, s, separator.data[0], index);
        return;
    }
    for (;;) {
        const char *next = separator.size == 0
                               ? next_space(at, end)
                               : memmem(at, (size_t)(end - at), separator.data, separator.size);
        if (index == 0) {
            sb_call_slice(call, out, 0, at, (size_t)((next ? next : end) - at));
            return;
        }
        if (!next) {
            call->is_null = true;
            return;
        }
        at = next + (separator.size ? separator.size : 1);
        index--;
    }
}

static sb_status
split_index_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    split_index(call, out, sb_arg_str(args[0]), sb_arg_str(args[1]), *(const int32_t *)args[2]);
    return SB_OK;
}

const sb_impl sb_impl_split_index = {.row = split_index_row};

static sb_status
split_index_char_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int32_t code = *(const int32_t *)args[1];
    char separator = (char)code;
    (void)err;
    if (code <= 0 || code > 127) {
        call->is_null = true;
        return SB_OK;
    }
    split_index(call, out, sb_arg_str(args[0]), (sb_str){&separator, 1}, *(const int32_t *)args[2]);
    return SB_OK;
}

const sb_impl sb_impl_split_index_char = {.row = split_index_char_row};
