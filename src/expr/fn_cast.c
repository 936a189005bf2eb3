/*
 * expr/fn_cast.c -- CAST and TRY_CAST between scalar types that are not text, and the choice of the
 * right conversion. Text: cast_text.c. ARRAY, MAP, ROW: cast_nested.c.
 *
 * DESIGN     prepare picks one row function (or a kernel) by the pair of types. A row that does not
 * convert raises DATA, or is NULL under TRY_CAST: sb_cast_fail decides.
 */
#include "expr/cast.h"
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/cast.h"
#include "kernels/decimal.h"
#include "kernels/time.h"

#include <string.h>

typedef struct cast_state {
    sb_row_fn row;
    sb_cast_fn kernel; /* not NULL: whole columns */
    bool retype;       /* same bytes under another type */
    bool text;         /* of an ARRAY, MAP, ROW */
    sb_nested_cast *parts;
} cast_state;

sb_status
sb_cast_fail(sb_call *call, const char *data, size_t size, sb_error *err)
{
    if (call->expr->function->impl->code) { /* TRY_CAST */
        call->is_null = true;
        return SB_OK;
    }
    sb_text type;
    sb_text_init(&type, call->mem);
    sb_type to = *sb_call_type(call);
    to.nullable = true;
    sb_type_print(&to, &type);
    sb_error_set(err, SB_STATUS_DATA, __FILE__, __LINE__, "cannot cast '%.*s' to %.200s",
                 (int)(size > 200 ? 200 : size), data, type.data);
    sb_text_deinit(&type);
    sb_error_hint(err, "TRY_CAST gives NULL where a value does not convert");
    return SB_STATUS_DATA;
}

/* ---- numbers and booleans -----------------------------------------------------------------------
 */

static double
load_double(const sb_type *t, const void *value)
{
    return t->id == SB_TYPE_FLOAT ? (double)*(const float *)value : *(const double *)value;
}

static bool
is_approximate(const sb_type *t)
{
    return t->id == SB_TYPE_FLOAT || t->id == SB_TYPE_DOUBLE;
}

static sb_status
to_boolean_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0);
    (void)err;
    *(uint8_t *)out =
        is_approximate(from) ? load_double(from, args[0]) != 0 : sb_exact_load(from, args[0]) != 0;
    return SB_OK;
}

static sb_status
from_boolean_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    uint8_t v = *(const uint8_t *)args[0];
    (void)err;
    if (to->id == SB_TYPE_FLOAT) {
        *(float *)out = v;
    } else if (to->id == SB_TYPE_DOUBLE) {
        *(double *)out = v;
    } else if (to->id == SB_TYPE_DECIMAL) {
        sb_int128 r = 0;
        call->is_null = !sb_decimal_rescale(v, 0, (sb_decimal_spec){to->precision, to->scale}, &r);
        sb_exact_store(to, out, r);
    } else {
        sb_exact_store(to, out, v);
    }
    return SB_OK;
}

/* Anything to DECIMAL; overflow is NULL. */
static sb_status
to_decimal_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    sb_decimal_spec spec = {to->precision, to->scale};
    sb_int128 r = 0;
    (void)err;
    if (is_approximate(from)) {
        double v = load_double(from, args[0]);
        if (!__builtin_isfinite(v)) {
            return sb_cast_fail(call,
                                v != v  ? "NaN"
                                : v < 0 ? "-Infinity"
                                        : "Infinity",
                                v != v  ? 3
                                : v < 0 ? 9
                                        : 8,
                                err);
        }
        call->is_null = !sb_decimal_from_double(v, spec, &r);
    } else {
        int scale = from->id == SB_TYPE_DECIMAL ? from->scale : 0;
        call->is_null = !sb_decimal_rescale(sb_exact_load(from, args[0]), scale, spec, &r);
    }
    sb_exact_store(to, out, r);
    return SB_OK;
}

/* DECIMAL to an integer (cut, then wraps) or floating point. */
static sb_status
from_decimal_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    sb_int128 v = sb_exact_load(from, args[0]);
    (void)err;
    if (to->id == SB_TYPE_DOUBLE) {
        *(double *)out = sb_decimal_to_double(v, from->scale);
    } else if (to->id == SB_TYPE_FLOAT) {
        *(float *)out = (float)sb_decimal_to_double(v, from->scale);
    } else {
        sb_exact_store(to, out, v / sb_decimal_pow10(from->scale));
    }
    return SB_OK;
}

/* ---- moments ------------------------------------------------------------------------------------
 */

/* Local microseconds of a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ. */
static sb_ts_ns
load_local(const sb_call *call, const sb_type *t, const void *value)
{
    sb_ts_ns ts = {0};
    if (t->id == SB_TYPE_DATE) {
        ts.us = sb_wrap_mul(*(const int32_t *)value, SB_US_PER_DAY);
    } else if (t->id == SB_TYPE_TIME) {
        ts.us = sb_wrap_mul(*(const int32_t *)value, 1000);
    } else {
        ts = sb_ts_load(t, value);
        if (t->id == SB_TYPE_TIMESTAMP_LTZ) {
            ts.us = sb_zone_to_local(call->zone, ts.us);
        }
    }
    return ts;
}

int64_t
sb_time_truncate_ms(int64_t ms, int precision)
{
    static const int64_t step[3] = {1000, 100, 10};
    return precision < 3 ? ms - ms % step[precision] : ms;
}

/* Before 1970 a TIMESTAMP is cut toward 1970, as its DATE. */
static int32_t
clock_of(const sb_type *from, int64_t local_us, int precision)
{
    int64_t ms = sb_floor_div(local_us, 1000);
    if (from->id == SB_TYPE_TIMESTAMP) {
        ms = sb_time_truncate_ms(ms % SB_MS_PER_DAY, precision);
        return (int32_t)(ms < 0 ? ms + SB_MS_PER_DAY : ms);
    }
    return (int32_t)sb_time_truncate_ms(sb_floor_mod(ms, SB_MS_PER_DAY), precision);
}

static sb_status
moment_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    (void)err;
    if (from->id == to->id && sb_type_is_timestamp(to)) {
        sb_ts_store(to, out, sb_ts_truncate(sb_ts_load(from, args[0]), to->precision));
        return SB_OK;
    }
    sb_ts_ns local = load_local(call, from, args[0]);
    switch (to->id) {
    case SB_TYPE_DATE:
        *(int32_t *)out =
            (int32_t)(from->id == SB_TYPE_TIMESTAMP ? sb_us_days(local.us)
                                                    : sb_floor_div(local.us, SB_US_PER_DAY));
        break;
    case SB_TYPE_TIME: *(int32_t *)out = clock_of(from, local.us, to->precision); break;
    case SB_TYPE_TIMESTAMP_LTZ: local.us = sb_zone_to_utc(call->zone, local.us); /* fall through */
    default: sb_ts_store(to, out, sb_ts_truncate(local, to->precision));
    }
    return SB_OK;
}

/* A number to an interval of as many months or milliseconds; other units are the binder's. */
static sb_status
to_interval_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    sb_int128 v = sb_exact_load(from, args[0]);
    (void)err;
    sb_exact_store(to, out, from->id == SB_TYPE_DECIMAL ? v / sb_decimal_pow10(from->scale) : v);
    return SB_OK;
}

/* ---- choice -------------------------------------------------------------------------------------
 */

static bool
is_moment(const sb_type *t)
{
    return t->id >= SB_TYPE_DATE && t->id <= SB_TYPE_TIMESTAMP_LTZ;
}

/* Do all values keep their bytes? */
static bool
keeps_bytes(const sb_type *from, const sb_type *to)
{
    sb_type a = *from, b = *to;
    a.nullable = b.nullable = true;
    if (sb_type_same_ignoring_null(&a, &b)) {
        return true;
    }
    if (sb_type_is_string(from) && to->id == SB_TYPE_VARCHAR) {
        return to->length >= from->length;
    }
    if (sb_type_is_binary(from) && to->id == SB_TYPE_VARBINARY) {
        return to->length >= from->length;
    }
    if (sb_type_is_string(from) && to->id == SB_TYPE_VARBINARY) {
        return to->length == SB_LENGTH_MAX;
    }
    if (from->id == to->id && is_moment(from)) {
        return to->precision >= from->precision && sb_type_phys(from) == sb_type_phys(to);
    }
    if (from->id == SB_TYPE_DECIMAL && to->id == SB_TYPE_DECIMAL) {
        return from->scale == to->scale && to->precision >= from->precision &&
               sb_type_phys(from) == sb_type_phys(to);
    }
    return false;
}

static sb_status
choose(const sb_type *from, const sb_type *to, cast_state *s, sb_error *err)
{
    bool number = sb_type_is_numeric(from) && from->id != SB_TYPE_DECIMAL;
    *s = (cast_state){0};
    if (keeps_bytes(from, to)) {
        s->retype = true;
    } else if (sb_type_is_string(to) || sb_type_is_string(from) || sb_type_is_binary(from)) {
        s->row = sb_cast_text_row(from, to);
    } else if (to->id == SB_TYPE_INTERVAL_DAY || to->id == SB_TYPE_INTERVAL_MONTH) {
        s->row = sb_type_is_numeric(from) ? to_interval_row : NULL;
    } else if (to->id == SB_TYPE_BOOLEAN) {
        s->row = to_boolean_row;
    } else if (from->id == SB_TYPE_BOOLEAN) {
        s->row = from_boolean_row;
    } else if (to->id == SB_TYPE_DECIMAL) {
        s->row = to_decimal_row;
    } else if (from->id == SB_TYPE_DECIMAL) {
        s->row = from_decimal_row;
    } else if (number && sb_type_is_numeric(to)) {
        s->kernel = sb_cast_kernel(sb_type_phys(from), sb_type_phys(to));
    } else if (is_moment(from) && is_moment(to)) {
        s->row = moment_row;
    }
    if (!s->retype && !s->row && !s->kernel) {
        sb_text text;
        sb_text_init(&text, sb_mem_root());
        sb_type_print(from, &text);
        sb_text_add(&text, " to ");
        sb_type_print(to, &text);
        sb_error_set(err, SB_STATUS_NOT_SUPPORTED, __FILE__, __LINE__,
                     "not supported: CAST from %.600s", text.data);
        sb_text_deinit(&text);
        return SB_STATUS_NOT_SUPPORTED;
    }
    return SB_OK;
}

static void
cast_release(void *state)
{
    cast_state *s = state;
    if (s->parts) {
        sb_cast_nested_release(s->parts);
    }
}

static sb_status
cast_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    cast_state *s = SB_NEW(arena, cast_state);
    if (!s) {
        SB_NOMEM(err);
    }
    call->state = s;
    if (sb_call_arg_type(call, 0)->id == SB_TYPE_NULL) {
        return SB_OK; /* never runs: its argument is always NULL */
    }
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    if (from->count_children > 0 && !keeps_bytes(from, to)) {
        s->text = sb_type_is_string(to);
        return s->text ? SB_OK : sb_cast_nested_prepare(call, arena, &s->parts, err);
    }
    return choose(from, to, s, err);
}

static sb_status
run_kernel(sb_call *call, sb_cast_fn kernel, sb_vector **out, sb_error *err)
{
    sb_vector *v;
    SB_TRY(sb_call_flat(call, 0, &v, err), err);
    sb_status status = sb_call_strict_result(call, out, err);
    if (status == SB_OK) {
        kernel(sb_vector_values_mut(*out), v->values, call->rows, call->count);
    }
    sb_vector_unref(v);
    return status;
}

/* Integers to a DECIMAL of scale 0 that holds them all. */
static bool
is_widening(const sb_type *from, const sb_type *to)
{
    int digits = from->id == SB_TYPE_INT ? 10 : 19;
    return (from->id == SB_TYPE_INT || from->id == SB_TYPE_BIGINT) && to->id == SB_TYPE_DECIMAL &&
           to->scale == 0 && to->precision >= digits;
}

static sb_status
widen(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *v;
    SB_TRY(sb_call_flat(call, 0, &v, err), err);
    sb_status status = sb_call_strict_result(call, out, err);
    if (status == SB_OK) {
        bool narrow = v->phys == SB_PHYS_I32, wide = (*out)->phys == SB_PHYS_I128;
        sb_int128 *to = sb_vector_values_mut(*out);
        int64_t *to_64 = sb_vector_values_mut(*out);
        SB_EACH_ROW(r, call->rows, call->count)
        {
            int64_t value =
                narrow ? ((const int32_t *)v->values)[r] : ((const int64_t *)v->values)[r];
            if (wide) {
                to[r] = value;
            } else {
                to_64[r] = value;
            }
        }
    }
    sb_vector_unref(v);
    return status;
}

static sb_status
cast_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const cast_state *s = call->state;
    if (s->text || s->parts) {
        return s->text ? sb_cast_nested_text(call, out, err)
                       : sb_cast_nested_parts(call, s->parts, out, err);
    }
    if (s->kernel) {
        return run_kernel(call, s->kernel, out, err);
    }
    if (!s->retype) {
        return is_widening(sb_call_arg_type(call, 0), sb_call_type(call))
                   ? widen(call, out, err)
                   : sb_call_rows(call, s->row, out, err);
    }
    *out = sb_vector_retype(call->mem, call->args[0], sb_call_type(call));
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* CAST from text can fail, and to BOOLEAN or DECIMAL only from such. */
static bool
pair_can_fail(const sb_type *from, const sb_type *to)
{
    bool text = sb_type_is_string(to);
    if (sb_type_is_string(from)) {
        return !text && !sb_type_is_binary(to);
    }
    for (int32_t i = 0; !text && i < from->count_children; i++) {
        if (pair_can_fail(&from->children[i].type, &to->children[i].type)) {
            return true;
        }
    }
    return is_approximate(from) && to->id == SB_TYPE_DECIMAL;
}

static bool
cast_can_fail(const sb_expr *e)
{
    return !e->function->impl->code && pair_can_fail(&e->args[0]->type, &e->type);
}

const sb_impl sb_impl_cast = {.vector = cast_vector,
                              .prepare = cast_prepare,
                              .release = cast_release,
                              .can_fail = cast_can_fail,
                              .code = 0};
const sb_impl sb_impl_try_cast = {.vector = cast_vector,
                                  .prepare = cast_prepare,
                                  .release = cast_release,
                                  .can_fail = cast_can_fail,
                                  .code = 1};

/* ---- FIELD --------------------------------------------------------------------------------------
 */

static sb_status
field_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_vector *row = call->args[0];
    *out = sb_vector_field(call->mem, row, call->expr->field);
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

const sb_impl sb_impl_field = {.vector = field_vector};
