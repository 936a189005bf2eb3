/*
 * expr/fn_bitmap.c -- BITMAP_BUILD, BITMAP_AND, BITMAP_OR, BITMAP_XOR, BITMAP_ANDNOT,
 * BITMAP_CARDINALITY, BITMAP_FROM_BYTES, BITMAP_TO_BYTES, BITMAP_TO_ARRAY, BITMAP_TO_STRING.
 *
 * DESIGN     The bytes of a BITMAP (kernels/bitmap.h) are what BITMAP_TO_BYTES gives. Numbers of an
 * ARRAY<INT> below 0 are taken as numbers without sign.
 */
#include "expr/cast.h"
#include "expr/infer.h"
#include "expr/nested.h"
#include "kernels/bitmap.h"
#include "kernels/bits.h"

static sb_status
made(sb_call *call, sb_bitmap_status status, void *out, sb_error *err)
{
    switch (status) {
    case SB_BITMAP_OK: return sb_call_text(call, out, err);
    case SB_BITMAP_NOMEM: SB_NOMEM(err);
    default:
        SB_FAIL(err, SB_STATUS_DATA, "%s: the bytes are no Roaring bitmap",
                call->expr->function->name);
    }
}

/* ---- BITMAP_BUILD ---- */

static sb_status
build_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1 || !sb_infer_is(in, 0, SB_TYPE_ARRAY)) {
        return sb_infer_mismatch(in, err);
    }
    const sb_type *array = &in->args[0]->type;
    uint8_t element = array->children[0].type.id;
    if (element != SB_TYPE_TINYINT && element != SB_TYPE_SMALLINT && element != SB_TYPE_INT) {
        return sb_infer_mismatch(in, err);
    }
    sb_type number = SB_TYPE(INT, array->children[0].type.nullable);
    sb_type to = sb_type_array_of(in->arena, &number, array->nullable, err);
    if (!to.children) {
        return SB_STATUS_NOMEM;
    }
    in->type = SB_TYPE(BITMAP, array->nullable);
    return sb_infer_cast(in, 0, to, err);
}

static sb_status
build_row(sb_call *call, const sb_vector *v, int32_t row, sb_text *numbers, void *out,
          sb_error *err)
{
    sb_list_entry list = sb_list_at(v, row);
    const sb_vector *elements = sb_list_child(v, 0);
    sb_text_clear(numbers);
    uint32_t *at = (uint32_t *)(void *)sb_text_reserve(numbers, sizeof *at * (size_t)list.count);
    size_t count = 0;
    if (!at) {
        SB_NOMEM(err);
    }
    for (int32_t i = list.offset; i < list.offset + list.count; i++) {
        if (sb_vector_valid(elements, i)) {
            at[count++] = (uint32_t) * (const int32_t *)sb_vector_at(elements, i);
        }
    }
    return made(call, sb_bitmap_of(at, count, &call->text), out, err);
}

static sb_status
build_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *arg = call->args[0];
    sb_text numbers;
    sb_status status = sb_call_strict_result(call, out, err);
    SB_TRY(status, err);
    sb_text_init(&numbers, call->mem);
    call->result = *out;
    sb_view *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (status == SB_OK && sb_vector_valid(arg, r)) {
            status = build_row(call, arg, r, &numbers, &to[r], err);
        }
    }
    sb_text_deinit(&numbers);
    sb_call_finish(call, status, out);
    return status;
}

const sb_impl sb_impl_bitmap_build = {.infer = build_infer, .vector = build_vector};

/* ---- two sets ---- */

static sb_status
combine_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_bitmap_op op = (sb_bitmap_op)call->expr->function->impl->code;
    return made(call, sb_bitmap_combine(op, sb_arg_str(args[0]), sb_arg_str(args[1]), &call->text),
                out, err);
}

const sb_impl sb_impl_bitmap_and = {.row = combine_row, .code = SB_BITMAP_AND};
const sb_impl sb_impl_bitmap_or = {.row = combine_row, .code = SB_BITMAP_OR};
const sb_impl sb_impl_bitmap_xor = {.row = combine_row, .code = SB_BITMAP_XOR};
const sb_impl sb_impl_bitmap_andnot = {.row = combine_row, .code = SB_BITMAP_ANDNOT};

/* ---- in and out ---- */

static sb_status
count_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)call, (void)err;
    *(int64_t *)out = sb_bitmap_count(sb_arg_str(args[0]));
    return SB_OK;
}

static sb_status
from_bytes_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    return made(call, sb_bitmap_read(sb_arg_str(args[0]), &call->text), out, err);
}

static sb_status
to_bytes_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    (void)err;
    sb_call_slice(call, out, 0, s.data, s.size);
    return SB_OK;
}

sb_status
sb_bitmap_to_text(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_text_clear(&call->text);
    sb_bitmap_print(sb_arg_str(args[0]), &call->text);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return sb_cast_fit_text(call, out, err);
}

const sb_impl sb_impl_bitmap_cardinality = {.row = count_row};
const sb_impl sb_impl_bitmap_from_bytes = {.row = from_bytes_row};
const sb_impl sb_impl_bitmap_to_bytes = {.row = to_bytes_row};
const sb_impl sb_impl_bitmap_to_string = {.row = sb_bitmap_to_text};

/* ---- BITMAP_TO_ARRAY ---- */

static sb_status
to_array_infer(sb_infer *in, sb_error *err)
{
    sb_type number = SB_TYPE(INT, true);
    SB_TRY(sb_infer_pattern(in, err), err);
    in->type = sb_type_array_of(in->arena, &number, sb_infer_nullable(in), err);
    return in->type.children ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
to_array_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    sb_text_clear(&call->text);
    sb_bitmap_status status =
        sb_bitmap_numbers(sb_arg_str(sb_vector_at(call->args[0], row)), &call->text);
    if (status == SB_BITMAP_NOMEM) {
        SB_NOMEM(err);
    }
    const uint32_t *numbers = (const uint32_t *)(const void *)call->text.data;
    sb_column_list_begin(to);
    for (size_t i = 0; i < call->text.size / sizeof *numbers; i++) {
        sb_column_i64(&to->children[0], (int32_t)numbers[i]);
    }
    sb_column_list_end(to);
    return SB_OK;
}

static sb_status
to_array_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, to_array_build, out, err);
}

const sb_impl sb_impl_bitmap_to_array = {.infer = to_array_infer, .vector = to_array_vector};
