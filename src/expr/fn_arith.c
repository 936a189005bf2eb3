/*
 * expr/fn_arith.c -- + - * / % and unary minus of numbers. Intervals and moments: fn_interval.c.
 *
 * DESIGN     FLOAT, DOUBLE and integers run in typed kernels over a common type. DECIMAL operands
 * keep their scales: when all digits fit in 64 bits a plain loop does, else each row goes through
 * kernels/decimal.h, where overflow gives NULL.
 */
#include "expr/exact.h"
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/decimal.h"

#include <string.h>

static bool
is_approximate(const sb_type *t)
{
    return t->id == SB_TYPE_FLOAT || t->id == SB_TYPE_DOUBLE;
}

static bool
is_number(const sb_type *t)
{
    return sb_type_is_numeric(t) || t->id == SB_TYPE_NULL;
}

/* Two NULL literals are INTs; one takes the type of the other side. */
static sb_status
type_nulls(sb_infer *in, sb_error *err)
{
    for (int32_t i = 0; i < 2; i++) {
        if (in->args[i]->type.id == SB_TYPE_NULL) {
            const sb_type *other = &in->args[1 - i]->type;
            SB_TRY(
                sb_infer_cast(in, i, other->id == SB_TYPE_NULL ? SB_TYPE(INT, true) : *other, err),
                err);
        }
    }
    return SB_OK;
}

static sb_status
arith_infer(sb_infer *in, sb_error *err)
{
    sb_arith_op op = (sb_arith_op)in->function->impl->code;
    if (in->count != 2 || !is_number(&in->args[0]->type) || !is_number(&in->args[1]->type)) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(type_nulls(in, err), err);
    const sb_type *a = &in->args[0]->type, *b = &in->args[1]->type;
    bool decimal = a->id == SB_TYPE_DECIMAL || b->id == SB_TYPE_DECIMAL;
    if (decimal && !is_approximate(a) && !is_approximate(b)) {
        sb_type x = sb_type_as_decimal(a), y = sb_type_as_decimal(b);
        in->type = sb_decimal_type(op, &x, &y);
        SB_TRY(sb_infer_cast(in, 0, x, err), err);
        return sb_infer_cast(in, 1, y, err);
    }
    sb_type second = *b;
    if (op == SB_REM && (is_approximate(a) || is_approximate(b))) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_common(in, 0, 1, -1, &in->type, err), err);
    if (op == SB_REM && sb_type_is_integer(&second) && second.id != in->type.id) {
        /* The remainder has the type of the divisor. */
        second.nullable = in->type.nullable;
        sb_expr *call = sb_expr_make_call(in->arena, in->function, in->args, 2, &in->type);
        in->replace = call ? sb_expr_make_cast(in->arena, call, &second, false) : NULL;
        if (!in->replace) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

/* ---- decimals -----------------------------------------------------------------------------------
 */

static sb_status
division_by_zero(sb_error *err)
{
    SB_FAIL(err, SB_STATUS_DATA, "division by zero");
}

static sb_status
decimal_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *a = sb_call_arg_type(call, 0), *b = sb_call_arg_type(call, 1);
    const sb_type *t = sb_call_type(call);
    sb_decimal_spec to = {t->precision, t->scale};
    sb_int128 x = sb_exact_load(a, args[0]), y = sb_exact_load(b, args[1]), r = 0;
    bool fine;
    switch ((sb_arith_op)call->expr->function->impl->code) {
    case SB_ADD: fine = sb_decimal_add(x, a->scale, y, b->scale, to, &r); break;
    case SB_SUB: fine = sb_decimal_add(x, a->scale, -y, b->scale, to, &r); break;
    case SB_MUL: fine = sb_decimal_multiply(x, a->scale, y, b->scale, to, &r); break;
    case SB_DIV:
        if (y == 0) {
            return division_by_zero(err);
        }
        fine = sb_decimal_divide(x, a->scale, y, b->scale, to, &r);
        break;
    default:
        if (y == 0) {
            return division_by_zero(err);
        }
        fine = sb_decimal_remainder(x, a->scale, y, b->scale, to, &r);
    }
    call->is_null = !fine;
    sb_exact_store(t, out, r);
    return SB_OK;
}

/* The result has at most 18 digits, so operands and every intermediate value fit in 64 bits. */
static bool
is_small(const sb_call *call)
{
    sb_arith_op op = (sb_arith_op)call->expr->function->impl->code;
    const sb_type *t = sb_call_type(call);
    return op <= SB_MUL && t->precision <= 18 &&
           (op == SB_MUL
                ? t->scale == sb_call_arg_type(call, 0)->scale + sb_call_arg_type(call, 1)->scale
                : true);
}

static int64_t
small_value(const sb_vector *v, int32_t row)
{
    return v->encoding == SB_FLAT ? ((const int64_t *)v->values)[row]
                                  : *(const int64_t *)sb_vector_at(v, row);
}

static sb_status
decimal_small(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_arith_op op = (sb_arith_op)call->expr->function->impl->code;
    const sb_vector *a = call->args[0], *b = call->args[1];
    int scale = sb_call_type(call)->scale;
    uint64_t up_a = 1, up_b = 1;
    if (op != SB_MUL) {
        up_a = (uint64_t)sb_decimal_pow10(scale - sb_call_arg_type(call, 0)->scale);
        up_b = (uint64_t)sb_decimal_pow10(scale - sb_call_arg_type(call, 1)->scale);
    }
    up_b = op == SB_SUB ? 0 - up_b : up_b;
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int64_t *to = sb_vector_values_mut(*out);
    if (op == SB_MUL) {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = (int64_t)((uint64_t)small_value(a, r) * (uint64_t)small_value(b, r));
        }
        return SB_OK;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = (int64_t)((uint64_t)small_value(a, r) * up_a + (uint64_t)small_value(b, r) * up_b);
    }
    return SB_OK;
}

sb_status
sb_exact_open(sb_call *call, int32_t i, int scale, sb_exact_column *out, sb_error *err)
{
    const sb_type *t = sb_call_arg_type(call, i);
    SB_TRY(sb_call_flat(call, i, &out->vector, err), err);
    out->wide = out->vector->phys == SB_PHYS_I128;
    out->values = out->vector->values;
    out->stride = out->vector->encoding == SB_CONST ? 0 : out->wide ? 16 : 8;
    out->unit = sb_decimal_pow10(scale - t->scale);
    return SB_OK;
}

/* Every result has its exact value: the type was not cut at 38 digits. */
static bool
is_exact(const sb_call *call)
{
    sb_arith_op op = (sb_arith_op)call->expr->function->impl->code;
    const sb_type *a = sb_call_arg_type(call, 0), *b = sb_call_arg_type(call, 1);
    const sb_type *t = sb_call_type(call);
    if (op == SB_MUL) {
        return t->scale == a->scale + b->scale && a->precision + b->precision <= t->precision;
    }
    int scale = a->scale > b->scale ? a->scale : b->scale;
    int whole_a = a->precision - a->scale, whole_b = b->precision - b->scale;
    return op <= SB_SUB && t->scale == scale &&
           (whole_a > whole_b ? whole_a : whole_b) + scale + 1 <= t->precision;
}

static void
exact_rows(sb_call *call, const sb_exact_column *a, const sb_exact_column *b, sb_vector *out)
{
    sb_arith_op op = (sb_arith_op)call->expr->function->impl->code;
    sb_int128 *to = sb_vector_values_mut(out);
    if (op == SB_MUL && !a->wide && a->stride == 0) { /* 0.908 * price */
        int64_t factor = (int64_t)sb_exact_at(a, 0);
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = (sb_int128)((unsigned __int128)sb_exact_at(b, r) * (unsigned __int128)factor);
        }
    } else if (op == SB_MUL) {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = (sb_int128)((unsigned __int128)sb_exact_at(a, r) *
                                (unsigned __int128)sb_exact_at(b, r));
        }
    } else {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            unsigned __int128 x = (unsigned __int128)sb_exact_scaled(a, r);
            unsigned __int128 y = (unsigned __int128)sb_exact_scaled(b, r);
            to[r] = (sb_int128)(op == SB_SUB ? x - y : x + y);
        }
    }
}

static sb_status
decimal_exact(sb_call *call, sb_vector **out, sb_error *err)
{
    bool multiply = call->expr->function->impl->code == SB_MUL;
    int scale = sb_call_type(call)->scale;
    sb_exact_column a, b;
    int scale_a = multiply ? sb_call_arg_type(call, 0)->scale : scale;
    int scale_b = multiply ? sb_call_arg_type(call, 1)->scale : scale;
    SB_TRY(sb_exact_open(call, 0, scale_a, &a, err), err);
    sb_status status = sb_exact_open(call, 1, scale_b, &b, err);
    if (status != SB_OK) {
        sb_vector_unref(a.vector);
        return status;
    }
    status = sb_call_strict_result(call, out, err);
    if (status == SB_OK) {
        exact_rows(call, &a, &b, *out);
    }
    sb_vector_unref(a.vector);
    sb_vector_unref(b.vector);
    return status;
}

static sb_status
decimal_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    if (is_small(call)) {
        return decimal_small(call, out, err);
    }
    if (sb_type_phys(sb_call_type(call)) == SB_PHYS_I128 && is_exact(call)) {
        return decimal_exact(call, out, err);
    }
    return sb_call_rows(call, decimal_row, out, err);
}

/* ---- kernels ------------------------------------------------------------------------------------
 */

static sb_status
run_kernel(sb_call *call, const sb_vector *a, const sb_vector *b, sb_vector *out, sb_error *err)
{
    sb_arith_op op = (sb_arith_op)call->expr->function->impl->code;
    sb_arith_in in = {.a = a->values,
                      .b = b->values,
                      .shape = b->encoding == SB_CONST   ? SB_SHAPE_VC
                               : a->encoding == SB_CONST ? SB_SHAPE_CV
                                                         : SB_SHAPE_VV,
                      .validity = out->validity,
                      .rows = call->rows,
                      .count = call->count};
    sb_arith_fn kernel = sb_arith_kernel(sb_type_phys(sb_call_type(call)), op);
    int32_t both[1] = {0};
    if (a->encoding == SB_CONST && b->encoding == SB_CONST) { /* one row, see run_constant */
        sb_assert(call->count == 1);
        in.shape = SB_SHAPE_VV;
        in.rows = both;
    }
    return kernel(sb_vector_values_mut(out), &in) < 0 ? SB_OK : division_by_zero(err);
}

static sb_status
arith_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *a, *b;
    if (sb_call_type(call)->id == SB_TYPE_DECIMAL) {
        return decimal_vector(call, out, err);
    }
    SB_TRY(sb_call_flat(call, 0, &a, err), err);
    sb_status status = sb_call_flat(call, 1, &b, err);
    if (status != SB_OK) {
        sb_vector_unref(a);
        return status;
    }
    status = sb_call_strict_result(call, out, err);
    if (status == SB_OK) {
        status = run_kernel(call, a, b, *out, err);
        if (status != SB_OK) {
            sb_vector_unref(*out);
        }
    }
    sb_vector_unref(a);
    sb_vector_unref(b);
    return status;
}

/* Division of DOUBLE cannot fail, nor can division by a constant other than 0. */
static bool
division_can_fail(const sb_expr *e)
{
    const sb_expr *divisor = e->args[1];
    if (is_approximate(&e->type)) {
        return false;
    }
    if (divisor->kind != SB_EXPR_LITERAL || divisor->is_null) {
        return true;
    }
    return sb_type_phys(&divisor->type) == SB_PHYS_I128 ? divisor->value.i128 == 0
                                                        : divisor->value.i64 == 0;
}

const sb_impl sb_impl_add = {.infer = arith_infer, .vector = arith_vector, .code = SB_ADD};
const sb_impl sb_impl_subtract = {.infer = arith_infer, .vector = arith_vector, .code = SB_SUB};
const sb_impl sb_impl_multiply = {.infer = arith_infer, .vector = arith_vector, .code = SB_MUL};
const sb_impl sb_impl_divide = {
    .infer = arith_infer, .vector = arith_vector, .can_fail = division_can_fail, .code = SB_DIV};
const sb_impl sb_impl_remainder = {
    .infer = arith_infer, .vector = arith_vector, .can_fail = division_can_fail, .code = SB_REM};

/* ---- one argument -------------------------------------------------------------------------------
 */

enum { MATH_NEGATE, MATH_ABS, MATH_SIGN };

/* The magnitude and sign of any integer or decimal wrap like the type. */
static sb_status
exact_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *t = sb_call_type(call);
    sb_int128 v = sb_exact_load(t, args[0]);
    (void)err;
    switch (call->expr->function->impl->code) {
    case MATH_NEGATE: v = -v; break;
    case MATH_ABS: v = v < 0 ? -v : v; break;
    default: v = (v > 0) - (v < 0); v *= t->id == SB_TYPE_DECIMAL ? sb_decimal_pow10(t->scale) : 1;
    }
    sb_exact_store(t, out, v);
    return SB_OK;
}

static double
approximate(int code, double v)
{
    switch (code) {
    case MATH_NEGATE: return -v;
    case MATH_ABS: return __builtin_fabs(v);
    default: return v > 0 ? 1 : v < 0 ? -1 : v; /* keeps NaN and -0.0 */
    }
}

static sb_status
approximate_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int code = call->expr->function->impl->code;
    (void)err;
    if (sb_call_type(call)->id == SB_TYPE_FLOAT) {
        *(float *)out = (float)approximate(code, (double)*(const float *)args[0]);
    } else {
        *(double *)out = approximate(code, *(const double *)args[0]);
    }
    return SB_OK;
}

static sb_status
unary_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    return is_approximate(sb_call_type(call)) ? approximate_row(call, args, out, err)
                                              : exact_row(call, args, out, err);
}

const sb_impl sb_impl_negate = {.row = unary_row, .code = MATH_NEGATE};
const sb_impl sb_impl_abs = {.row = unary_row, .code = MATH_ABS};
const sb_impl sb_impl_sign = {.row = unary_row, .code = MATH_SIGN};
