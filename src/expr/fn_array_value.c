/*
 * expr/fn_array_value.c -- functions from arrays to values: ARRAY_CONTAINS, ARRAY_POSITION,
 * ARRAY_MAX, ARRAY_MIN, ARRAY_JOIN.
 */
#include "expr/infer.h"
#include "expr/nested.h"
#include "kernels/bits.h"
#include "kernels/compare.h"

/* ---- ARRAY_CONTAINS, ARRAY_POSITION ---- */

static sb_status
find_infer(sb_infer *in, sb_error *err)
{
    bool position = in->function->impl->code != 0;
    if (in->count != 2 || !sb_infer_is(in, 0, SB_TYPE_ARRAY)) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_coerce(in, 1, in->args[0]->type.children[0].type, err), err);
    in->type = position ? SB_TYPE(INT, sb_infer_nullable(in))
                        : SB_TYPE(BOOLEAN, in->args[0]->type.nullable);
    return SB_OK;
}

/* From 1; 0: not there. */
static int32_t
find(const sb_call *call, int32_t row)
{
    sb_list_entry list = sb_list_at(call->args[0], row);
    const sb_vector *elements = sb_list_child(call->args[0], 0);
    for (int32_t i = 0; i < list.count; i++) {
        if (sb_nested_equal(elements, list.offset + i, call->args[1], row)) {
            return i + 1;
        }
    }
    return 0;
}

static sb_status
position_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int32_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = sb_vector_valid(*out, r) ? find(call, r) : 0;
    }
    return SB_OK;
}

/* A NULL can be looked for. */
static sb_status
contains_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (sb_vector_valid(call->args[0], r)) {
            to[r] = find(call, r) > 0;
            continue;
        }
        to[r] = 0;
        sb_status status = sb_vector_make_validity(*out, err);
        if (status != SB_OK) {
            sb_vector_unref(*out);
            return status;
        }
        sb_bit_clear(sb_vector_validity_mut(*out), r);
    }
    return SB_OK;
}

const sb_impl sb_impl_array_contains = {.infer = find_infer, .vector = contains_vector, .code = 0};
const sb_impl sb_impl_array_position = {.infer = find_infer, .vector = position_vector, .code = 1};

/* ---- ARRAY_MAX, ARRAY_MIN ---- */

static sb_status
extreme_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1 || !sb_infer_is(in, 0, SB_TYPE_ARRAY)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = in->args[0]->type.children[0].type;
    if (in->type.count_children > 0 || in->type.id == SB_TYPE_BOOLEAN) {
        return sb_infer_mismatch(in, err);
    }
    in->type.nullable = true;
    return SB_OK;
}

/* NULLs are left out. */
static sb_status
extreme_pick(sb_call *call, int32_t row, int32_t *out, sb_error *err)
{
    sb_compare_op op = (sb_compare_op)call->expr->function->impl->code;
    sb_list_entry list = sb_list_at(call->args[0], row);
    const sb_vector *elements = sb_list_child(call->args[0], 0);
    int32_t best = -1;
    (void)err;
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        uint8_t better = best < 0;
        if (!sb_vector_valid(elements, i)) {
            continue;
        }
        if (best >= 0) {
            sb_operands pair = {sb_vector_at(elements, i), sb_vector_at(elements, best), true};
            sb_compare_kernel((sb_phys)elements->phys, op)(&better, &pair, NULL, 1);
        }
        best = better ? i : best;
    }
    *out = best;
    return SB_OK;
}

static sb_status
extreme_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_pick(call, extreme_pick, 0, out, err);
}

const sb_impl sb_impl_array_max = {.infer = extreme_infer, .vector = extreme_vector, .code = SB_GT};
const sb_impl sb_impl_array_min = {.infer = extreme_infer, .vector = extreme_vector, .code = SB_LT};

/* ---- ARRAY_JOIN ---- */

static sb_status
join_infer(sb_infer *in, sb_error *err)
{
    if (in->count < 2 || in->count > 3 || !sb_infer_is(in, 0, SB_TYPE_ARRAY) ||
        !sb_type_is_string(&in->args[0]->type.children[0].type)) {
        return sb_infer_mismatch(in, err);
    }
    for (int32_t i = 1; i < in->count; i++) {
        SB_TRY(sb_infer_coerce(in, i, sb_type_string(true), err), err);
    }
    in->type = sb_type_string(sb_infer_nullable(in));
    return SB_OK;
}

static sb_status
join_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_list_entry list = sb_list_at(call->args[0], row);
    const sb_vector *elements = sb_list_child(call->args[0], 0);
    sb_str separator = sb_arg_str(sb_vector_at(call->args[1], row));
    bool first = true, has_null = call->expr->count_args == 3;
    sb_text_clear(&call->text);
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        bool valid = sb_vector_valid(elements, i);
        if (!valid && !has_null) {
            continue;
        }
        sb_str s = sb_arg_str(valid ? sb_vector_at(elements, i) : sb_vector_at(call->args[2], row));
        if (!first) {
            sb_text_append(&call->text, separator.data, separator.size);
        }
        sb_text_append(&call->text, s.data, s.size);
        first = false;
    }
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    sb_column_bytes(to, call->text.data, call->text.size);
    return SB_OK;
}

static sb_status
join_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, join_build, out, err);
}

const sb_impl sb_impl_array_join = {.infer = join_infer, .vector = join_vector};
