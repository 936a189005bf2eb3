/*
 * expr/fn_math.c -- FLOOR, CEIL, ROUND, TRUNCATE and the functions of a DOUBLE.
 *
 * DESIGN     As java.lang.Math and BigDecimal: ROUND is HALF_UP on the decimal text of a DOUBLE.
 */
#include "expr/infer.h"
#include "kernels/decimal.h"

#include <math.h>

/* ---- functions of DOUBLE ------------------------------------------------------------------------
 */

#define UNARY(id, call_of_x)                                                                    \
    static sb_status id##_row(sb_call *call, const void *const *args, void *out, sb_error *err) \
    {                                                                                           \
        double x = *(const double *)args[0];                                                    \
        (void)call, (void)err, *(double *)out = (call_of_x);                                    \
        return SB_OK;                                                                           \
    }                                                                                           \
    const sb_impl sb_impl_##id = {.row = id##_row}

UNARY(sqrt, sqrt(x));
UNARY(ln, log(x));
UNARY(log10, log10(x));
UNARY(log2, log(x) / log(2));
UNARY(exp, exp(x));
UNARY(sin, sin(x));
UNARY(cos, cos(x));
UNARY(tan, tan(x));
UNARY(sinh, sinh(x));
UNARY(cosh, cosh(x));
UNARY(tanh, tanh(x));
UNARY(cot, 1.0 / tan(x));
UNARY(asin, asin(x));
UNARY(acos, acos(x));
UNARY(atan, atan(x));
UNARY(degrees, x *(180.0 / M_PI));
UNARY(radians, x *(M_PI / 180.0));
#undef UNARY

static sb_status
power_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    double x = *(const double *)args[0], y = *(const double *)args[1];
    (void)call, (void)err;
    /* Java: 1 to a NaN or infinite power is NaN. */
    *(double *)out = (fabs(x) == 1 && !isfinite(y)) ? NAN : pow(x, y);
    return SB_OK;
}

const sb_impl sb_impl_power = {.row = power_row};

static sb_status
atan2_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)call, (void)err;
    *(double *)out = atan2(*(const double *)args[0], *(const double *)args[1]);
    return SB_OK;
}

const sb_impl sb_impl_atan2 = {.row = atan2_row};

static sb_status
log_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    double x = log(*(const double *)args[0]);
    (void)err;
    *(double *)out = call->expr->count_args == 1 ? x : log(*(const double *)args[1]) / x;
    return SB_OK;
}

const sb_impl sb_impl_log = {.row = log_row};

static sb_status
constant_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)args, (void)err;
    *(double *)out = call->expr->function->impl->code ? M_E : M_PI;
    return SB_OK;
}

const sb_impl sb_impl_pi = {.row = constant_row, .code = 0};
const sb_impl sb_impl_e = {.row = constant_row, .code = 1};

/* ---- FLOOR, CEIL --------------------------------------------------------------------------------
 */

static sb_status
floor_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    if (in->type.id == SB_TYPE_DECIMAL) {
        in->type.scale = 0;
    }
    return SB_OK;
}

static sb_status
floor_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    bool ceiling = call->expr->function->impl->code;
    (void)err;
    if (from->id == SB_TYPE_DOUBLE) {
        double x = *(const double *)args[0];
        *(double *)out = ceiling ? ceil(x) : floor(x);
    } else if (from->id == SB_TYPE_FLOAT) {
        float x = *(const float *)args[0];
        *(float *)out = ceiling ? ceilf(x) : floorf(x);
    } else {
        sb_int128 v = sb_exact_load(from, args[0]);
        if (from->id == SB_TYPE_DECIMAL) {
            v = ceiling ? sb_decimal_ceil(v, from->scale) : sb_decimal_floor(v, from->scale);
            call->is_null = !sb_decimal_fits(v, to->precision);
        }
        sb_exact_store(to, out, v);
    }
    return SB_OK;
}

const sb_impl sb_impl_floor = {.infer = floor_infer, .row = floor_row, .code = 0};
const sb_impl sb_impl_ceil = {.infer = floor_infer, .row = floor_row, .code = 1};

/* ---- ROUND, TRUNCATE ----------------------------------------------------------------------------
 */

/* Digits of the second argument as a literal; false: unknown until run time. */
static bool
literal_digits(const sb_infer *in, int64_t *out)
{
    *out = 0;
    if (in->count == 1) {
        return true;
    }
    const sb_expr *e = in->args[1];
    *out = e->value.i64;
    return e->kind == SB_EXPR_LITERAL && !e->is_null && sb_type_is_integer(&e->type);
}

static sb_status
round_infer(sb_infer *in, sb_error *err)
{
    int64_t digits = 0;
    bool known = in->count >= 1 && literal_digits(in, &digits);
    SB_TRY(sb_infer_pattern(in, err), err);
    if (in->type.id != SB_TYPE_DECIMAL) {
        return SB_OK;
    }
    int p = in->type.precision, s = in->type.scale;
    if (!known || digits >= s) {
        return SB_OK; /* unknown: keeps the type */
    }
    if (digits < 0) {
        in->type.scale = 0;
        in->type.precision = (uint8_t)(p - s + 1 > 38 ? 38 : p - s + 1);
    } else {
        in->type.scale = (uint8_t)digits;
        p = (int)(p - s + digits + 1);
        in->type.precision = (uint8_t)(p > 38 ? 38 : p);
    }
    return SB_OK;
}

/* v with `scale` digits rounded to `digits` (may be negative), still with `scale` digits. */
static bool
round_exact(sb_int128 v, int scale, int64_t digits, bool truncates, sb_int128 *out)
{
    if (digits >= scale) {
        *out = v;
        return true;
    }
    if (scale - digits > 38) {
        *out = 0;
        return true;
    }
    sb_int128 power = sb_decimal_pow10((int)(scale - digits)), rest = v % power, down = v - rest;
    sb_int128 half = rest < 0 ? -rest : rest;
    bool away = !truncates && half >= power - half;
    *out = down;
    return !away || !__builtin_add_overflow(down, v < 0 ? -power : power, out);
}

static sb_status
round_double(sb_call *call, double x, int64_t digits, bool truncates, double *out)
{
    sb_decimal_spec wide = {38, 18};
    sb_int128 v, r;
    (void)call;
    *out = x;
    if (!isfinite(x) || x == 0 || digits > 17) {
        return SB_OK;
    }
    /* Large values have no such digits; small ones become decimals by their shortest text. */
    if (!sb_decimal_from_double(x, wide, &v)) {
        if (digits < 0) {
            double power = pow(10, (double)-digits);
            *out = (truncates ? trunc(x / power) : round(x / power)) * power;
        }
        return SB_OK;
    }
    if (round_exact(v, 18, digits, truncates, &r)) {
        *out = sb_decimal_to_double(r, 18);
    }
    return SB_OK;
}

static sb_status
round_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    bool truncates = call->expr->function->impl->code;
    int64_t digits = call->expr->count_args == 2 ? *(const int32_t *)args[1] : 0;
    double d;
    (void)err;
    if (from->id == SB_TYPE_DOUBLE) {
        return round_double(call, *(const double *)args[0], digits, truncates, out);
    }
    if (from->id == SB_TYPE_FLOAT) {
        round_double(call, (double)*(const float *)args[0], digits, truncates, &d);
        *(float *)out = (float)d;
        return SB_OK;
    }
    sb_int128 v = sb_exact_load(from, args[0]), r = 0;
    int scale = from->id == SB_TYPE_DECIMAL ? from->scale : 0;
    bool fine = round_exact(v, scale, digits, truncates, &r);
    if (from->id == SB_TYPE_DECIMAL) {
        fine =
            fine && sb_decimal_rescale(r, scale, (sb_decimal_spec){to->precision, to->scale}, &r);
        call->is_null = !fine;
    }
    sb_exact_store(to, out, r);
    return SB_OK;
}

const sb_impl sb_impl_round = {.infer = round_infer, .row = round_row, .code = 0};
const sb_impl sb_impl_truncate = {.infer = round_infer, .row = round_row, .code = 1};
