/*
 * expr/fn_text.c -- functions that build new strings: CONCAT, REPLACE, LPAD, REVERSE, REPEAT.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>

#define MAX_STRING ((int64_t)256 << 20) /* a single result; larger ones are an error */

static void
add(sb_call *call, sb_str s)
{
    sb_text_append(&call->text, s.data, s.size);
}

static char *
put(char *at, const char *data, size_t size)
{
    sb_copy_short(at, data, size);
    return at + size;
}

static sb_status
concat_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    char *at = NULL, *begin;
    size_t size = 0;
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        size += sb_view_size(args[i]);
    }
    SB_TRY(sb_call_room(call, size, &at, err), err);
    begin = at;
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        sb_str s = sb_arg_str(args[i]);
        sb_copy_short(at, s.data, s.size);
        at += s.size;
    }
    return sb_call_take(call, out, begin, size, err);
}

const sb_impl sb_impl_concat = {.row = concat_row};

/* || of CHARs is CHAR, else VARCHAR; the lengths add up. */
static sb_status
concat_op_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    const sb_type *a = &in->args[0]->type, *b = &in->args[1]->type;
    int64_t length = (int64_t)a->length + b->length;
    in->type.id = a->id == SB_TYPE_CHAR && b->id == SB_TYPE_CHAR ? SB_TYPE_CHAR : SB_TYPE_VARCHAR;
    in->type.length = (int32_t)(length > SB_LENGTH_MAX ? SB_LENGTH_MAX : length);
    return SB_OK;
}

const sb_impl sb_impl_concat_op = {.infer = concat_op_infer, .row = concat_row};

/* The texts that are not NULL with the separator between them. */
static sb_status
concat_ws_row(sb_call *call, int32_t row, sb_view *out, sb_error *err)
{
    sb_str separator = sb_arg_str(sb_vector_at(call->args[0], row));
    size_t size = 0;
    char *begin = NULL;
    for (int32_t i = 1; i < call->expr->count_args; i++) {
        if (sb_vector_valid(call->args[i], row)) {
            size += separator.size + sb_view_size(sb_vector_at(call->args[i], row));
        }
    }
    SB_TRY(sb_call_room(call, size, &begin, err), err);
    char *at = begin;
    bool first = true;
    for (int32_t i = 1; i < call->expr->count_args; i++) {
        if (sb_vector_valid(call->args[i], row)) {
            sb_str s = sb_arg_str(sb_vector_at(call->args[i], row));
            at = first ? at : put(at, separator.data, separator.size);
            at = put(at, s.data, s.size);
            first = false;
        }
    }
    return sb_call_take(call, out, begin, (size_t)(at - begin), err);
}

/* NULL separator: NULL. NULL arguments are left out. */
static sb_status
concat_ws_rows(sb_call *call, sb_vector *out, sb_error *err)
{
    sb_vector *const *args = call->args;
    sb_view *values = sb_vector_values_mut(out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (!sb_vector_valid(args[0], r)) {
            SB_TRY(sb_vector_make_validity(out, err), err);
            sb_bit_clear(sb_vector_validity_mut(out), r);
            continue;
        }
        SB_TRY(concat_ws_row(call, r, &values[r], err), err);
    }
    return SB_OK;
}

static sb_status
concat_ws_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    SB_TRY(sb_call_result(call, false, out, err), err);
    call->result = *out;
    sb_status status = concat_ws_rows(call, *out, err);
    sb_call_finish(call, status, out);
    return status;
}

static sb_status
concat_ws_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type.nullable = sb_infer_nullable(in);
    return SB_OK;
}

const sb_impl sb_impl_concat_ws = {.infer = concat_ws_infer, .vector = concat_ws_vector};

/* Java: between all characters, and at both ends. */
static sb_status
replace_nothing(sb_call *call, sb_str s, sb_str to, void *out, sb_error *err)
{
    sb_text_clear(&call->text);
    for (size_t i = 0; i < s.size;) {
        size_t w = sb_utf8_width(s.data + i, s.size - i);
        add(call, to);
        add(call, (sb_str){s.data + i, w});
        i += w;
    }
    add(call, to);
    return sb_call_text(call, out, err);
}

/* The result is not longer than the text: it is written where it stays. */
static sb_status
replace_shorter(sb_call *call, sb_str s, sb_str from, sb_str to, size_t first, void *out,
                sb_error *err)
{
    char *begin = NULL;
    size_t at = 0;
    SB_TRY(sb_call_room(call, s.size, &begin, err), err);
    char *end = begin;
    for (size_t next = first; next != SIZE_MAX;
         next = sb_utf8_find(s.data, s.size, from.data, from.size, at)) {
        end = put(end, s.data + at, next - at);
        end = put(end, to.data, to.size);
        at = next + from.size;
    }
    end = put(end, s.data + at, s.size - at);
    return sb_call_take(call, out, begin, (size_t)(end - begin), err);
}

static sb_status
replace_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]), from = sb_arg_str(args[1]), to = sb_arg_str(args[2]);
    size_t at = 0;
    if (from.size == 0) {
        return replace_nothing(call, s, to, out, err);
    }
    if (from.size == 1 && to.size == 0) {
        char *begin = NULL;
        SB_TRY(sb_call_room(call, s.size, &begin, err), err);
        size_t size = sb_utf8_drop_byte(begin, s.data, s.size, from.data[0]);
        return sb_call_take(call, out, begin, size, err);
    }
    size_t next = sb_utf8_find(s.data, s.size, from.data, from.size, 0);
    if (next == SIZE_MAX) {
        sb_call_slice(call, out, 0, s.data, s.size);
        return SB_OK;
    }
    if (to.size <= from.size) {
        return replace_shorter(call, s, from, to, next, out, err);
    }
    sb_text_clear(&call->text);
    for (; next != SIZE_MAX; next = sb_utf8_find(s.data, s.size, from.data, from.size, at)) {
        add(call, (sb_str){s.data + at, next - at});
        add(call, to);
        at = next + from.size;
    }
    add(call, (sb_str){s.data + at, s.size - at});
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_replace = {.row = replace_row};

static sb_status
too_long(sb_call *call, int64_t size, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_LIMIT, "%s makes a string of %lld bytes, the limit is %lld",
            call->expr->function->name, (long long)size, (long long)MAX_STRING);
}

/* Lengths of LPAD and RPAD count UTF-16 units, as Java does. */
static int64_t
count_units(sb_str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        n += (c & 0xC0) != 0x80;
        n += c >= 0xF0;
    }
    return n;
}

/* Appends the first `units` units; of a character that is cut in two a '?'. */
static void
add_units(sb_call *call, sb_str s, int64_t units)
{
    size_t at = 0;
    while (at < s.size && units > 0) {
        size_t width = sb_utf8_width(s.data + at, s.size - at);
        units -= width == 4 ? 2 : 1;
        if (units < 0) {
            break;
        }
        at += width;
    }
    add(call, (sb_str){s.data, at});
    if (units < 0) {
        add(call, SB_STR("?"));
    }
}

/* code: 1 LPAD, 0 RPAD. */
static sb_status
pad_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]), pad = sb_arg_str(args[2]);
    int64_t length = *(const int32_t *)args[1], count = count_units(s);
    if (length < 0 || (pad.size == 0 && length > count)) {
        call->is_null = true;
        return SB_OK;
    }
    sb_text_clear(&call->text);
    if (length <= count) {
        add_units(call, s, length);
        return sb_call_text(call, out, err);
    }
    if ((length - count) * 4 > MAX_STRING) {
        return too_long(call, length - count, err);
    }
    int64_t unit = count_units(pad), missing = length - count;
    bool left = call->expr->function->impl->code;
    if (!left) {
        add(call, s);
    }
    for (; missing >= unit; missing -= unit) {
        add(call, pad);
    }
    add_units(call, pad, missing);
    if (left) {
        add(call, s);
    }
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_lpad = {.row = pad_row, .code = 1};
const sb_impl sb_impl_rpad = {.row = pad_row, .code = 0};

static sb_status
reverse_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    SB_TRY(sb_call_room(call, s.size, &to, err), err);
    sb_utf8_reverse(to, s.data, s.size);
    return sb_call_take(call, out, to, s.size, err);
}

const sb_impl sb_impl_reverse = {.row = reverse_row};

static sb_status
repeat_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    int64_t n = *(const int32_t *)args[1];
    if (n > 0 && (int64_t)s.size > MAX_STRING / n) {
        return too_long(call, (int64_t)s.size * n, err);
    }
    size_t size = n > 0 ? s.size * (size_t)n : 0;
    char *begin = NULL;
    SB_TRY(sb_call_room(call, size, &begin, err), err);
    for (char *at = begin; at < begin + size; at += s.size) {
        sb_copy_short(at, s.data, s.size);
    }
    return sb_call_take(call, out, begin, size, err);
}

const sb_impl sb_impl_repeat = {.row = repeat_row};
