/*
 * expr/fn_array.c -- functions from arrays to arrays: ARRAY_APPEND, ARRAY_CONCAT, ARRAY_DISTINCT,
 * ARRAY_EXCEPT, ARRAY_INTERSECT, ARRAY_PREPEND, ARRAY_REMOVE, ARRAY_REVERSE, ARRAY_SLICE,
 * ARRAY_SORT, ARRAY_UNION. From arrays to values: fn_array_value.c.
 *
 * DESIGN     A result is a list of element numbers of one source, or parts of several. Whether an
 * element came before is asked by hash when a list is long (array_seen.c).
 */
#include "expr/array_seen.h"
#include "expr/infer.h"
#include "expr/sort.h"

#include <stdlib.h>
#include <string.h>

/* ---- type rules ---- */

/* (ARRAY, element): the element becomes one of the array. */
static sb_status
add_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2 || !sb_infer_is(in, 0, SB_TYPE_ARRAY)) {
        return sb_infer_mismatch(in, err);
    }
    sb_type element = in->args[0]->type.children[0].type;
    SB_TRY(sb_infer_coerce(in, 1, element, err), err);
    element.nullable = element.nullable || in->args[1]->type.nullable;
    in->type = sb_type_array_of(in->arena, &element, sb_infer_nullable(in), err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
remove_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(add_infer(in, err), err);
    in->type = in->args[0]->type;
    return SB_OK;
}

/* Arrays of one common type. */
static sb_status
common_infer(sb_infer *in, sb_error *err)
{
    int32_t wanted = in->function->impl->code; /* 0: one or more */
    if (in->count == 0 || (wanted && in->count != wanted)) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 0; i < in->count; i++) {
        if (!sb_infer_is(in, i, SB_TYPE_ARRAY)) {
            return sb_infer_mismatch(in, err);
        }
    }
    if (sb_infer_common(in, 0, 1, -1, &in->type, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    in->type.nullable = sb_infer_nullable(in);
    return SB_OK;
}

/* The array itself, and INT or BOOLEAN arguments behind it (by the code). */
static sb_status
same_infer(sb_infer *in, sb_error *err)
{
    int code = in->function->impl->code;
    int32_t most = code == 0 ? 1 : 3;
    if (!sb_infer_is(in, 0, SB_TYPE_ARRAY) || in->count > most || (code == 'i' && in->count < 2)) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 1; i < in->count; i++) {
        SB_TRY(
            sb_infer_coerce(in, i, code == 'i' ? SB_TYPE(INT, true) : SB_TYPE(BOOLEAN, true), err),
            err);
    }
    in->type = in->args[0]->type;
    in->type.nullable = sb_infer_nullable(in);
    return SB_OK;
}

static sb_status
sort_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(same_infer(in, err), err);
    const sb_type *element = &in->type.children[0].type;
    bool ordered = element->count_children == 0 && element->id != SB_TYPE_BOOLEAN;
    return ordered ? SB_OK : sb_infer_mismatch(in, err);
}

/* ---- ARRAY_APPEND, ARRAY_PREPEND, ARRAY_CONCAT ---- */

static sb_status
append_list(sb_call *call, int32_t arg, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_nested_scratch *s = call->state;
    sb_list_entry list = sb_list_at(call->args[arg], row);
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int32_t i = 0; i < list.count; i++) {
        s->at[i] = list.offset + i;
    }
    sb_column_gather(&to->children[0], sb_list_child(call->args[arg], 0), s->at, list.count);
    return SB_OK;
}

static sb_status
add_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    bool front = call->expr->function->impl->code != 0;
    if (!sb_vector_valid(call->args[0], row)) {
        sb_column_null(to);
        return SB_OK;
    }
    sb_column_list_begin(to);
    if (front) {
        sb_column_gather(&to->children[0], call->args[1], &row, 1);
    }
    SB_TRY(append_list(call, 0, row, to, err), err);
    if (!front) {
        sb_column_gather(&to->children[0], call->args[1], &row, 1);
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
concat_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_column_list_begin(to);
    for (int32_t i = 0; i < call->expr->count_args; i++) {
        SB_TRY(append_list(call, i, row, to, err), err);
    }
    sb_column_list_end(to);
    return SB_OK;
}

/* ---- picking elements of the first array ---- */

static sb_status
reverse_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_nested_scratch *s = call->state;
    sb_list_entry list = sb_list_at(call->args[0], row);
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int32_t i = 0; i < list.count; i++) {
        s->at[i] = list.offset + list.count - 1 - i;
    }
    sb_build_list(to, sb_list_child(call->args[0], 0), s->at, list.count);
    return SB_OK;
}

static sb_status
remove_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_nested_scratch *s = call->state;
    int32_t n = 0;
    if (!sb_vector_valid(call->args[0], row)) {
        sb_column_null(to);
        return SB_OK;
    }
    sb_list_entry list = sb_list_at(call->args[0], row);
    sb_vector *elements = sb_list_child(call->args[0], 0);
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        if (!sb_nested_equal(elements, i, call->args[1], row)) {
            s->at[n++] = i;
        }
    }
    sb_build_list(to, elements, s->at, n);
    return SB_OK;
}

/* From 1; negative ones count from the end, 0 is the first. */
static int64_t
position_of(int32_t at, int32_t count)
{
    return at > 0 ? at : at == 0 ? 1 : (int64_t)count + at + 1;
}

static sb_status
slice_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_nested_scratch *s = call->state;
    sb_list_entry list = sb_list_at(call->args[0], row);
    int64_t from = position_of(*(const int32_t *)sb_vector_at(call->args[1], row), list.count);
    int64_t end = list.count;
    int32_t n = 0;
    if (call->expr->count_args == 3) {
        end = position_of(*(const int32_t *)sb_vector_at(call->args[2], row), list.count);
    }
    from = from < 1 ? 1 : from;
    end = end > list.count ? list.count : end;
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int64_t i = from; i <= end; i++) {
        s->at[n++] = list.offset + (int32_t)i - 1;
    }
    sb_build_list(to, sb_list_child(call->args[0], 0), s->at, n);
    return SB_OK;
}

/* ---- ARRAY_SORT ---- */

typedef struct sort_order {
    const sb_vector *elements;
    bool descending, nulls_first;
} sort_order;

static int
sort_compare(const void *a, const void *b, void *ctx)
{
    const sort_order *order = ctx;
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    bool valid_x = sb_vector_valid(order->elements, x),
         valid_y = sb_vector_valid(order->elements, y);
    if (!valid_x || !valid_y) {
        int c = (int)valid_x - (int)valid_y;
        return c ? (order->nulls_first ? c : -c) : (x > y) - (x < y);
    }
    int c = sb_value_compare(order->elements, x, order->elements, y);
    c = order->descending ? -c : c;
    return c ? c : (x > y) - (x < y);
}

static sb_status
sort_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_nested_scratch *s = call->state;
    sb_list_entry list = sb_list_at(call->args[0], row);
    sort_order order = {.elements = sb_list_child(call->args[0], 0)};
    if (call->expr->count_args > 1) {
        order.descending = !*(const uint8_t *)sb_vector_at(call->args[1], row);
    }
    order.nulls_first = call->expr->count_args > 2
                            ? *(const uint8_t *)sb_vector_at(call->args[2], row)
                            : !order.descending;
    SB_TRY(sb_nested_reserve(s, list.count, err), err);
    for (int32_t i = 0; i < list.count; i++) {
        s->at[i] = list.offset + i;
    }
    if (list.count > 1) {
        sb_sort_rows(s->at, list.count, sort_compare, &order);
    }
    sb_build_list(to, sb_list_child(call->args[0], 0), s->at, list.count);
    return SB_OK;
}

/* ---- sets ---- */

enum { DISTINCT, UNION, EXCEPT, INTERSECT };

/* The elements of one argument that are not in `seen` yet; they go in. */
static sb_status
take_new(sb_call *call, int32_t arg, int32_t row, sb_array_seen *seen, sb_column_builder *to,
         const sb_array_seen *other, bool wanted, sb_error *err)
{
    sb_array_state *s = call->state;
    sb_list_entry list = sb_list_at(call->args[arg], row);
    sb_vector *elements = sb_list_child(call->args[arg], 0);
    int32_t n = 0;
    SB_TRY(sb_nested_reserve(&s->scratch, list.count, err), err);
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        if ((other && sb_array_seen_has(other, elements, i) != wanted) ||
            sb_array_seen_has(seen, elements, i)) {
            continue;
        }
        SB_TRY(sb_array_seen_add(seen, elements, i, err), err);
        s->scratch.at[n++] = i;
    }
    sb_column_gather(&to->children[0], elements, s->scratch.at, n);
    return SB_OK;
}

static sb_status
set_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_array_state *s = call->state;
    int kind = s->kind;
    sb_array_seen_clear(&s->seen);
    sb_array_seen_clear(&s->other);
    sb_column_list_begin(to);
    if (kind == EXCEPT || kind == INTERSECT) {
        sb_list_entry list = sb_list_at(call->args[1], row);
        for (int32_t i = 0; i < list.count; i++) {
            SB_TRY(
                sb_array_seen_add(&s->other, sb_list_child(call->args[1], 0), list.offset + i, err),
                err);
        }
        SB_TRY(take_new(call, 0, row, &s->seen, to, &s->other, kind == INTERSECT, err), err);
    } else {
        SB_TRY(take_new(call, 0, row, &s->seen, to, NULL, false, err), err);
        if (kind == UNION) {
            SB_TRY(take_new(call, 1, row, &s->seen, to, NULL, false, err), err);
        }
    }
    sb_column_list_end(to);
    return SB_OK;
}

#define ARRAY(id, rule, fn, value)                                              \
    static sb_status id##_vector(sb_call *call, sb_vector **out, sb_error *err) \
    {                                                                           \
        return sb_call_build(call, fn, out, err);                               \
    }                                                                           \
    const sb_impl sb_impl_##id = {.infer = rule,                                \
                                  .vector = id##_vector,                        \
                                  .prepare = sb_nested_prepare,                 \
                                  .release = sb_nested_release,                 \
                                  .code = value}
ARRAY(array_append, add_infer, add_build, 0);
ARRAY(array_prepend, add_infer, add_build, 1);
ARRAY(array_concat, common_infer, concat_build, 0);
ARRAY(array_remove, remove_infer, remove_build, 0);
ARRAY(array_reverse, same_infer, reverse_build, 0);
ARRAY(array_slice, same_infer, slice_build, 'i');
ARRAY(array_sort, sort_infer, sort_build, 'b');
#undef ARRAY

#define SET(id, which, rule, count)                                              \
    static sb_status id##_prepare(sb_call *call, sb_arena *arena, sb_error *err) \
    {                                                                            \
        return sb_array_prepare(call, arena, which, err);                        \
    }                                                                            \
    static sb_status id##_vector(sb_call *call, sb_vector **out, sb_error *err)  \
    {                                                                            \
        return sb_call_build(call, set_build, out, err);                         \
    }                                                                            \
    const sb_impl sb_impl_##id = {.infer = rule,                                 \
                                  .vector = id##_vector,                         \
                                  .prepare = id##_prepare,                       \
                                  .release = sb_array_release,                   \
                                  .code = count}
SET(array_distinct, DISTINCT, same_infer, 0);
SET(array_union, UNION, common_infer, 2);
SET(array_except, EXCEPT, common_infer, 2);
SET(array_intersect, INTERSECT, common_infer, 2);
#undef SET
