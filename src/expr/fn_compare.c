/*
 * expr/fn_compare.c -- = <> < <= > >=, IS DISTINCT FROM, BETWEEN, GREATEST, LEAST. IN: fn_in.c.
 *
 * DESIGN     Operands are cast to one physical kind; decimals keep their scales and are compared by
 * value.
 */
#include "expr/eval_priv.h"
#include "expr/exact.h"
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/decimal.h"

#include <string.h>

static bool
is_exact(const sb_type *t)
{
    return sb_type_is_integer(t) || t->id == SB_TYPE_DECIMAL;
}

static bool
is_moment(const sb_type *t)
{
    return t->id >= SB_TYPE_DATE && t->id <= SB_TYPE_TIMESTAMP_LTZ;
}

bool
sb_compare_is_plain(const sb_type *a, const sb_type *b)
{
    bool decimal = a->id == SB_TYPE_DECIMAL || b->id == SB_TYPE_DECIMAL;
    return sb_type_phys(a) == sb_type_phys(b) && sb_compare_kernel(sb_type_phys(a), SB_EQ) &&
           (!decimal || a->scale == b->scale);
}

/* Makes two arguments comparable. */
static sb_status
comparable(sb_infer *in, int32_t x, int32_t y, sb_error *err)
{
    const sb_type *a = &in->args[x]->type, *b = &in->args[y]->type;
    const sb_type *pair[2] = {a, b};
    sb_type common;
    if (sb_type_is_string(a) && sb_type_is_string(b)) {
        return SB_OK;
    }
    if (sb_type_is_binary(a) && sb_type_is_binary(b)) {
        return SB_OK;
    }
    if ((a->id == SB_TYPE_DECIMAL || b->id == SB_TYPE_DECIMAL) && is_exact(a) && is_exact(b)) {
        SB_TRY(sb_infer_cast(in, x, sb_type_as_decimal(a), err), err);
        return sb_infer_cast(in, y, sb_type_as_decimal(b), err);
    }
    /* Text is read as the moment it is compared with. */
    if (sb_type_is_string(a) && is_moment(b)) {
        return sb_infer_cast(in, x, *b, err);
    }
    if (sb_type_is_string(b) && is_moment(a)) {
        return sb_infer_cast(in, y, *a, err);
    }
    if (sb_type_common(in->arena, pair, 2, &common, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    if (common.count_children > 0) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_cast(in, x, common, err), err);
    return sb_infer_cast(in, y, common, err);
}

static sb_status
compare_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(comparable(in, 0, 1, err), err);
    if (sb_type_is_opaque(&in->args[0]->type) && in->function->impl->code != SB_EQ &&
        in->function->impl->code != SB_NE) { /* they have no order */
        return sb_infer_mismatch(in, err);
    }
    in->type = SB_TYPE(BOOLEAN, sb_infer_nullable(in));
    return SB_OK;
}

static sb_status
distinct_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(compare_infer(in, err), err);
    in->type.nullable = false;
    return SB_OK;
}

static bool
holds(sb_compare_op op, int order)
{
    switch (op) {
    case SB_EQ: return order == 0;
    case SB_NE: return order != 0;
    case SB_LT: return order < 0;
    case SB_LE: return order <= 0;
    case SB_GT: return order > 0;
    default: return order >= 0;
    }
}

/* Decimals of different scale or size. */
static sb_status
decimal_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    const sb_type *a = sb_call_arg_type(call, 0), *b = sb_call_arg_type(call, 1);
    int order = sb_decimal_compare(sb_exact_load(a, args[0]), a->scale, sb_exact_load(b, args[1]),
                                   b->scale);
    *(uint8_t *)out = holds((sb_compare_op)call->expr->function->impl->code, order);
    return SB_OK;
}

/* A result with one byte per distinct value, taken apart by index. */
static void
from_table(sb_call *call, sb_vector *out, const uint8_t *table, const int32_t *index)
{
    uint8_t *values = sb_vector_values_mut(out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        values[r] = table[index[r]];
    }
}

static sb_status
compare_flat(sb_call *call, sb_compare_op op, sb_vector *out, sb_error *err)
{
    sb_vector *a, *b;
    SB_TRY(sb_call_flat(call, 0, &a, err), err);
    sb_status status = sb_call_flat(call, 1, &b, err);
    if (status != SB_OK) {
        sb_vector_unref(a);
        return status;
    }
    bool swap = a->encoding == SB_CONST && b->encoding != SB_CONST;
    const sb_vector *x = swap ? b : a, *y = swap ? a : b;
    sb_operands in = {x->values, y->values, y->encoding == SB_CONST};
    sb_compare_kernel((sb_phys)x->phys, swap ? sb_compare_swap(op) : op)(
        sb_vector_values_mut(out), &in, call->rows, call->count);
    sb_vector_unref(a);
    sb_vector_unref(b);
    return SB_OK;
}

/* Both sides fit in 128 bits at the larger scale. */
static bool
is_scalable(const sb_type *a, const sb_type *b, int scale)
{
    return a->id == SB_TYPE_DECIMAL && b->id == SB_TYPE_DECIMAL &&
           a->precision + scale - a->scale <= 38 && b->precision + scale - b->scale <= 38;
}

/* Decimals of different scale, or literals of few digits. */
static sb_status
compare_decimals(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_type *a = sb_call_arg_type(call, 0), *b = sb_call_arg_type(call, 1);
    sb_compare_op op = (sb_compare_op)call->expr->function->impl->code;
    int scale = a->scale > b->scale ? a->scale : b->scale;
    sb_exact_column x, y;
    if (!is_scalable(a, b, scale)) {
        return sb_call_rows(call, decimal_row, out, err);
    }
    SB_TRY(sb_exact_open(call, 0, scale, &x, err), err);
    sb_status status = sb_exact_open(call, 1, scale, &y, err);
    if (status != SB_OK) {
        sb_vector_unref(x.vector);
        return status;
    }
    status = sb_call_strict_result(call, out, err);
    if (status == SB_OK) {
        uint8_t *to = sb_vector_values_mut(*out);
        SB_EACH_ROW(r, call->rows, call->count)
        {
            sb_int128 p = sb_exact_scaled(&x, r), q = sb_exact_scaled(&y, r);
            to[r] = holds(op, (p > q) - (p < q));
        }
    }
    sb_vector_unref(x.vector);
    sb_vector_unref(y.vector);
    return status;
}

sb_status
sb_compare_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_compare_op op = (sb_compare_op)call->expr->function->impl->code;
    if (!sb_compare_is_plain(sb_call_arg_type(call, 0), sb_call_arg_type(call, 1))) {
        return compare_decimals(call, out, err);
    }
    const sb_vector *a = call->args[0], *b = call->args[1];
    SB_TRY(sb_call_strict_result(call, out, err), err);
    sb_status status = SB_OK;
    if (a->encoding == SB_DICT && b->encoding == SB_CONST && a->dict->length <= call->count) {
        uint8_t *table = sb_alloc(call->mem, (size_t)a->dict->length + 1);
        if (table) {
            sb_operands in = {a->dict->values, b->values, true};
            sb_compare_kernel((sb_phys)a->phys, op)(table, &in, NULL, a->dict->length);
            from_table(call, *out, table, a->values);
            sb_free(call->mem, table, (size_t)a->dict->length + 1);
        } else {
            status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
        }
    } else {
        status = compare_flat(call, op, *out, err);
    }
    if (status != SB_OK) {
        sb_vector_unref(*out);
    }
    return status;
}

const sb_impl sb_impl_eq = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_EQ};
const sb_impl sb_impl_ne = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_NE};
const sb_impl sb_impl_lt = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_LT};
const sb_impl sb_impl_le = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_LE};
const sb_impl sb_impl_gt = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_GT};
const sb_impl sb_impl_ge = {.infer = compare_infer, .vector = sb_compare_vector, .code = SB_GE};

/* ---- IS [NOT] DISTINCT FROM
 * ---------------------------------------------------------------------- */

static bool
values_equal(const sb_call *call, const void *a, const void *b)
{
    const sb_type *ta = sb_call_arg_type(call, 0), *tb = sb_call_arg_type(call, 1);
    uint8_t equal;
    if (!sb_compare_is_plain(ta, tb)) {
        return sb_decimal_compare(sb_exact_load(ta, a), ta->scale, sb_exact_load(tb, b),
                                  tb->scale) == 0;
    }
    if (ta->id == SB_TYPE_DOUBLE && *(const double *)a != *(const double *)a) {
        return *(const double *)b != *(const double *)b; /* NaN is not distinct from itself */
    }
    if (ta->id == SB_TYPE_FLOAT && *(const float *)a != *(const float *)a) {
        return *(const float *)b != *(const float *)b;
    }
    sb_operands in = {a, b, true};
    sb_compare_kernel(sb_type_phys(ta), SB_EQ)(&equal, &in, NULL, 1);
    return equal;
}

static sb_status
distinct_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    bool negate = call->expr->function->impl->code;
    const sb_vector *a = call->args[0], *b = call->args[1];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *values = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        bool x = sb_vector_valid(a, r), y = sb_vector_valid(b, r);
        bool same = x && y ? values_equal(call, sb_vector_at(a, r), sb_vector_at(b, r)) : x == y;
        values[r] = same == negate;
    }
    return SB_OK;
}

const sb_impl sb_impl_distinct = {.infer = distinct_infer, .vector = distinct_vector, .code = 0};
const sb_impl sb_impl_not_distinct = {
    .infer = distinct_infer, .vector = distinct_vector, .code = 1};

/* ---- BETWEEN ------------------------------------------------------------------------------------
 */

static sb_status
between(sb_infer *in, const char *low, const char *both, const char *high, sb_error *err)
{
    sb_expr *parts[2];
    if (in->count != 3) {
        return sb_infer_mismatch(in, err);
    }
    sb_expr *first[2] = {in->args[0], in->args[1]}, *second[2] = {in->args[0], in->args[2]};
    SB_TRY(sb_expr_call(in->arena, low, first, 2, &parts[0], err), err);
    SB_TRY(sb_expr_call(in->arena, high, second, 2, &parts[1], err), err);
    return sb_expr_call(in->arena, both, parts, 2, &in->replace, err);
}

static sb_status
between_infer(sb_infer *in, sb_error *err)
{
    return between(in, ">=", "AND", "<=", err);
}

static sb_status
not_between_infer(sb_infer *in, sb_error *err)
{
    return between(in, "<", "OR", ">", err);
}

const sb_impl sb_impl_between = {.infer = between_infer};
const sb_impl sb_impl_not_between = {.infer = not_between_infer};

/* ---- GREATEST, LEAST ----------------------------------------------------------------------------
 */

static sb_status
extreme_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    if (sb_type_is_opaque(&in->type)) {
        return sb_infer_mismatch(in, err);
    }
    return sb_compare_kernel(sb_type_phys(&in->type), SB_LT) || in->type.id == SB_TYPE_NULL
               ? SB_OK
               : sb_infer_mismatch(in, err);
}

/* As Double.compare: NaN is the greatest, -0.0 below 0.0. */
static int
compare_double(double a, double b)
{
    if (a != a || b != b) {
        return (a != a) - (b != b);
    }
    return a < b ? -1 : a > b ? 1 : !!__builtin_signbit(b) - !!__builtin_signbit(a);
}

static bool
is_better(sb_phys phys, sb_compare_op op, const void *a, const void *b)
{
    uint8_t yes;
    sb_operands in = {a, b, true};
    if (phys == SB_PHYS_F64) {
        return holds(op, compare_double(*(const double *)a, *(const double *)b));
    }
    if (phys == SB_PHYS_F32) {
        return holds(op, compare_double((double)*(const float *)a, (double)*(const float *)b));
    }
    sb_compare_kernel(phys, op)(&yes, &in, NULL, 1);
    return yes;
}

static sb_status
extreme_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_compare_op op = (sb_compare_op)call->expr->function->impl->code;
    sb_phys phys = sb_type_phys(sb_call_type(call));
    (void)err;
    int32_t best = 0;
    for (int32_t i = 1; i < call->expr->count_args; i++) {
        best = is_better(phys, op, args[i], args[best]) ? i : best;
    }
    memcpy(out, args[best], (size_t)sb_phys_size(sb_type_phys(sb_call_type(call))));
    if (sb_type_phys(sb_call_type(call)) == SB_PHYS_VIEW) {
        sb_call_slice(call, out, best, sb_arg_str(args[best]).data, sb_arg_str(args[best]).size);
    }
    return SB_OK;
}

const sb_impl sb_impl_greatest = {.infer = extreme_infer, .row = extreme_row, .code = SB_GT};
const sb_impl sb_impl_least = {.infer = extreme_infer, .row = extreme_row, .code = SB_LT};
