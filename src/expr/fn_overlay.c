/*
 * expr/fn_overlay.c -- OVERLAY, TRANSLATE, ELT.
 *
 * DESIGN     OVERLAY counts UTF-16 units as Java does: half of a pair that was cut is written as
 * '?'. ELT is a CASE over its index.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>

/* ---- OVERLAY ------------------------------------------------------------------------------------
 */

typedef struct cut {
    size_t at;  /* byte of the character that unit `index` belongs to */
    bool inner; /* it is the second unit of that character */
} cut;

/* Where UTF-16 unit `index` is; 0 <= index <= units of the text. */
static cut
find_unit(sb_str s, bool ascii, int64_t index)
{
    size_t at = 0;
    if (ascii) {
        return (cut){(size_t)index, false};
    }
    while (index > 0 && at < s.size) {
        size_t w = sb_utf8_width(s.data + at, s.size - at);
        if (w == 4 && index == 1) {
            return (cut){at, true};
        }
        index -= w == 4 ? 2 : 1;
        at += w;
    }
    return (cut){at, false};
}

static int64_t
count_units(sb_str s, bool ascii)
{
    int64_t n = 0;
    if (ascii) {
        return (int64_t)s.size;
    }
    for (size_t i = 0; i < s.size;) {
        size_t w = sb_utf8_width(s.data + i, s.size - i);
        n += w == 4 ? 2 : 1;
        i += w;
    }
    return n;
}

/* The character of the high half of one and the low half of another, both of 4 bytes. */
static void
join_halves(sb_text *out, const char *high, const char *low)
{
    char c[4] = {high[0], high[1], high[2], low[3]};
    c[2] = (char)(((unsigned char)high[2] & 0x30) | ((unsigned char)low[2] & 0x0F) | 0x80);
    sb_text_append(out, c, sizeof c);
}

static void
overlay(sb_text *to, sb_str s, sb_str with, cut head, const cut *tail)
{
    sb_text_clear(to);
    sb_text_append(to, s.data, head.at);
    bool joined = head.inner && with.size == 0 && tail && tail->inner;
    if (joined) {
        join_halves(to, s.data + head.at, s.data + tail->at);
    } else if (head.inner) {
        sb_text_char(to, '?');
    }
    sb_text_append(to, with.data, with.size);
    if (tail) {
        if (tail->inner && !joined) {
            sb_text_char(to, '?');
        }
        size_t from = tail->at + (tail->inner ? 4 : 0);
        sb_text_append(to, s.data + from, s.size - from);
    }
}

/* No half of a pair is cut off: the parts go where they stay. */
static sb_status
overlay_plain(sb_call *call, sb_str s, sb_str with, size_t head, const cut *tail, void *out,
              sb_error *err)
{
    size_t rest = tail ? s.size - tail->at : 0, size = head + with.size + rest;
    char *to = NULL;
    SB_TRY(sb_call_room(call, size, &to, err), err);
    memcpy(to, s.data, head);
    sb_copy_short(to + head, with.data, with.size);
    memcpy(to + head + with.size, s.data + s.size - rest, rest);
    return sb_call_take(call, out, to, size, err);
}

/* As Flink has it: what is behind is lost when the length is 0 or less; the sums wrap. */
static sb_status
overlay_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]), with = sb_arg_str(args[1]);
    bool ascii = sb_utf8_is_ascii(s.data, s.size);
    int64_t start = *(const int64_t *)args[2], units = count_units(s, ascii);
    int64_t length =
        call->expr->count_args == 4 ? *(const int64_t *)args[3] : count_units(with, false);
    if (start <= 0 || start > units) {
        sb_call_slice(call, out, 0, s.data, s.size);
        return SB_OK;
    }
    int32_t n = (int32_t)(uint32_t)(uint64_t)length;
    int32_t end = (int32_t)((uint32_t)start + (uint32_t)n);
    cut tail = {0};
    bool rest = n > 0 && end <= units;
    if (rest) {
        if (end < 1) {
            SB_FAIL(err, SB_STATUS_DATA, "OVERLAY: the end lies beyond 2147483647");
        }
        tail = find_unit(s, ascii, end - 1);
    }
    cut head = find_unit(s, ascii, start - 1);
    if (!head.inner && !tail.inner) {
        return overlay_plain(call, s, with, head.at, rest ? &tail : NULL, out, err);
    }
    overlay(&call->text, s, with, head, rest ? &tail : NULL);
    return sb_call_text(call, out, err);
}

static sb_status
overlay_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    int64_t length = (int64_t)in->args[0]->type.length + in->args[1]->type.length;
    in->type.length = (int32_t)(length > SB_LENGTH_MAX ? SB_LENGTH_MAX : length);
    return SB_OK;
}

const sb_impl sb_impl_overlay = {.infer = overlay_infer, .row = overlay_row};

/* ---- TRANSLATE ----------------------------------------------------------------------------------
 */

/* What a character becomes: the one at its place in `to`, nothing behind its end. */
static sb_str
translated(sb_str c, sb_str from, sb_str to)
{
    for (size_t i = 0, k = 0; i < from.size;) {
        size_t w = sb_utf8_width(from.data + i, from.size - i);
        size_t v = k < to.size ? sb_utf8_width(to.data + k, to.size - k) : 0;
        if (w == c.size && memcmp(from.data + i, c.data, w) == 0) {
            return (sb_str){to.data + k, v};
        }
        i += w;
        k += v;
    }
    return c;
}

static void
translate(sb_text *out, sb_str s, sb_str from, sb_str to)
{
    sb_text_clear(out);
    for (size_t i = 0; i < s.size;) {
        size_t w = sb_utf8_width(s.data + i, s.size - i);
        sb_str c = translated((sb_str){s.data + i, w}, from, to);
        sb_text_append(out, c.data, c.size);
        i += w;
    }
}

/* The same where all of `from` and `to` is ASCII: one byte becomes one byte or none. */
static sb_status
translate_bytes(sb_call *call, sb_str s, sb_str from, sb_str to, sb_view *out, sb_error *err)
{
    uint8_t map[256], keep[256];
    char *begin = NULL;
    size_t n = 0;
    for (int i = 0; i < 256; i++) {
        map[i] = (uint8_t)i;
        keep[i] = 1;
    }
    for (size_t i = from.size; i-- > 0;) { /* the first of equal ones counts */
        unsigned char c = (unsigned char)from.data[i];
        keep[c] = i < to.size;
        map[c] = i < to.size ? (uint8_t)to.data[i] : 0;
    }
    SB_TRY(sb_call_room(call, s.size, &begin, err), err);
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        begin[n] = (char)map[c];
        n += keep[c];
    }
    return sb_call_take(call, out, begin, n, err);
}

static sb_str
text_or_empty(const sb_vector *v, int32_t row)
{
    return sb_vector_valid(v, row) ? sb_arg_str(sb_vector_at(v, row)) : (sb_str){"", 0};
}

/* NULL as one of the lists is an empty list. */
static sb_status
translate_rows(sb_call *call, sb_vector *out, sb_error *err)
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
        sb_str s = sb_arg_str(sb_vector_at(args[0], r));
        sb_str from = text_or_empty(args[1], r), to = text_or_empty(args[2], r);
        if (sb_utf8_is_ascii(from.data, from.size) && sb_utf8_is_ascii(to.data, to.size)) {
            SB_TRY(translate_bytes(call, s, from, to, &values[r], err), err);
        } else {
            translate(&call->text, s, from, to);
            SB_TRY(sb_call_text(call, &values[r], err), err);
        }
    }
    return SB_OK;
}

static sb_status
translate_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    SB_TRY(sb_call_result(call, false, out, err), err);
    call->result = *out;
    sb_status status = translate_rows(call, *out, err);
    sb_call_finish(call, status, out);
    return status;
}

static sb_status
translate_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type.nullable = in->args[0]->type.nullable;
    return SB_OK;
}

const sb_impl sb_impl_translate = {.infer = translate_infer, .vector = translate_vector};

/* ---- ELT ----------------------------------------------------------------------------------------
 */

#define ELT_MAX 64 /* choices */

static sb_status
elt_infer(sb_infer *in, sb_error *err)
{
    sb_expr *parts[2 * ELT_MAX + 1], *both[2];
    sb_type number = SB_TYPE(BIGINT, false), nothing = SB_TYPE(NULL, true);
    int32_t count = 0;
    SB_TRY(sb_infer_pattern(in, err), err);
    if (in->count - 1 > ELT_MAX) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: ELT of more than %d texts", ELT_MAX);
    }
    if (sb_expr_determinism(in->args[0]) != SB_DETERMINISTIC) { /* it is looked at several times */
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: ELT of an index that varies by itself");
    }
    for (int32_t i = 1; i < in->count; i++) {
        both[0] = in->args[0];
        both[1] = sb_expr_i64(in->arena, &number, i);
        if (!both[1]) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_expr_call(in->arena, "=", both, 2, &parts[count++], err), err);
        parts[count++] = in->args[i];
    }
    parts[count] = sb_expr_null(in->arena, &nothing);
    if (!parts[count++]) {
        SB_NOMEM(err);
    }
    return sb_expr_call(in->arena, "CASE", parts, count, &in->replace, err);
}

const sb_impl sb_impl_elt = {.infer = elt_infer};
