/*
 * expr/fn_interval.c -- moments and intervals: t + i, t - i, i + i, i * n, TIMESTAMPADD,
 * TIMESTAMPDIFF.
 *
 * DESIGN     INTERVAL DAY TO SECOND is milliseconds, INTERVAL YEAR TO MONTH months. Instants
 * (TIMESTAMP_LTZ) move by months in UTC as Flink does. A DATE stays a DATE: what an interval has
 * beyond whole days is dropped.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/time.h"

static bool
is_interval(const sb_type *t)
{
    return t->id == SB_TYPE_INTERVAL_MONTH || t->id == SB_TYPE_INTERVAL_DAY;
}

static bool
is_moment(const sb_type *t)
{
    return t->id == SB_TYPE_DATE || t->id == SB_TYPE_TIME || sb_type_is_timestamp(t);
}

/* + and -: code 1 or -1. */
static sb_status
plus_infer(sb_infer *in, sb_error *err)
{
    int sign = in->function->impl->code;
    if (in->count != 2) {
        return sb_infer_mismatch(in, err);
    }
    const sb_type *a = &in->args[0]->type, *b = &in->args[1]->type;
    if (sign > 0 && is_interval(a) && is_moment(b)) { /* interval + moment */
        sb_expr *first = in->args[0];
        in->args[0] = in->args[1];
        in->args[1] = first;
        a = &in->args[0]->type;
        b = &in->args[1]->type;
    }
    if (is_interval(a) && b->id == SB_TYPE_NULL) {
        SB_TRY(sb_infer_cast(in, 1, *a, err), err);
        b = &in->args[1]->type;
    }
    bool moment = is_moment(a) && is_interval(b);
    if (!moment && !(is_interval(a) && a->id == b->id)) {
        return sb_infer_mismatch(in, err);
    }
    if (a->id == SB_TYPE_TIME && b->id == SB_TYPE_INTERVAL_MONTH) {
        return sb_infer_mismatch(in, err);
    }
    in->type = *a;
    in->type.nullable = a->nullable || b->nullable;
    return SB_OK;
}

static sb_ts_ns
add_months(sb_ts_ns ts, int64_t months)
{
    ts.us = sb_us_add_months(ts.us, months);
    return ts;
}

static sb_status
plus_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *a = sb_call_arg_type(call, 0);
    bool months = sb_call_arg_type(call, 1)->id == SB_TYPE_INTERVAL_MONTH;
    int64_t amount = months ? *(const int32_t *)args[1] : *(const int64_t *)args[1];
    (void)err;
    amount = sb_wrap_mul(amount, call->expr->function->impl->code);
    switch (a->id) {
    case SB_TYPE_DATE: {
        int64_t days = *(const int32_t *)args[0];
        *(int32_t *)out =
            (int32_t)(months ? sb_days_add_months(days, amount) : days + amount / SB_MS_PER_DAY);
        break;
    }
    case SB_TYPE_TIME:
        *(int32_t *)out =
            (int32_t)sb_floor_mod(sb_wrap_add(*(const int32_t *)args[0], amount), SB_MS_PER_DAY);
        break;
    case SB_TYPE_INTERVAL_MONTH:
        *(int32_t *)out = (int32_t)sb_wrap_add(*(const int32_t *)args[0], amount);
        break;
    case SB_TYPE_INTERVAL_DAY:
        *(int64_t *)out = sb_wrap_add(*(const int64_t *)args[0], amount);
        break;
    default: {
        sb_ts_ns ts = sb_ts_load(a, args[0]);
        if (months) {
            ts = add_months(ts, amount);
        } else {
            ts.us = sb_wrap_add(ts.us, sb_wrap_mul(amount, 1000));
        }
        sb_ts_store(sb_call_type(call), out, ts);
    }
    }
    return SB_OK;
}

/* TIMESTAMP(<= 6) column plus constant: the watermark and window case, one addition a row. */
static sb_status
plus_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_type *a = sb_call_arg_type(call, 0), *b = sb_call_arg_type(call, 1);
    const sb_vector *v = call->args[0], *interval = call->args[1];
    if (!sb_type_is_timestamp(a) || a->precision > 6 || b->id != SB_TYPE_INTERVAL_DAY ||
        v->encoding != SB_FLAT || interval->encoding != SB_CONST) {
        return sb_call_rows(call, plus_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int64_t *to = sb_vector_values_mut(*out);
    const int64_t *from = v->values;
    int64_t us =
        sb_wrap_mul(*(const int64_t *)interval->values, 1000 * call->expr->function->impl->code);
    if (!call->rows) {
        for (int32_t i = 0; i < call->count; i++) {
            to[i] = sb_wrap_add(from[i], us);
        }
        return SB_OK;
    }
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = sb_wrap_add(from[r], us);
    }
    return SB_OK;
}

const sb_impl sb_impl_time_plus = {.infer = plus_infer, .vector = plus_vector, .code = 1};
const sb_impl sb_impl_time_minus = {.infer = plus_infer, .vector = plus_vector, .code = -1};

/* ---- intervals alone ----------------------------------------------------------------------------
 */

static int64_t
interval_load(const sb_type *t, const void *value)
{
    return t->id == SB_TYPE_INTERVAL_MONTH ? *(const int32_t *)value : *(const int64_t *)value;
}

static void
interval_store(const sb_type *t, void *out, int64_t v)
{
    if (t->id == SB_TYPE_INTERVAL_MONTH) {
        *(int32_t *)out = (int32_t)v;
    } else {
        *(int64_t *)out = v;
    }
}

static sb_status
negate_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 1 || !is_interval(&in->args[0]->type)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = in->args[0]->type;
    return SB_OK;
}

static sb_status
negate_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    (void)err;
    interval_store(sb_call_type(call), out,
                   sb_wrap_mul(interval_load(sb_call_type(call), args[0]), -1));
    return SB_OK;
}

const sb_impl sb_impl_interval_negate = {.infer = negate_infer, .row = negate_row};

static sb_status
times_infer(sb_infer *in, sb_error *err)
{
    if (in->count != 2) {
        return sb_infer_mismatch(in, err);
    }
    if (is_interval(&in->args[1]->type)) {
        sb_expr *first = in->args[0];
        in->args[0] = in->args[1];
        in->args[1] = first;
    }
    uint8_t factor = in->args[1]->type.id;
    if (!is_interval(&in->args[0]->type) ||
        (!sb_type_is_integer(&in->args[1]->type) && factor != SB_TYPE_NULL)) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_cast(in, 1, SB_TYPE(BIGINT, true), err), err);
    in->type = in->args[0]->type;
    in->type.nullable = sb_infer_nullable(in);
    return SB_OK;
}

static sb_status
times_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *t = sb_call_type(call);
    (void)err;
    interval_store(t, out, sb_wrap_mul(interval_load(t, args[0]), *(const int64_t *)args[1]));
    return SB_OK;
}

const sb_impl sb_impl_interval_times = {.infer = times_infer, .row = times_row};

/* ---- TIMESTAMPADD -------------------------------------------------------------------------------
 */

/* Lowered to moment + INTERVAL * n. */
static sb_status
add_infer(sb_infer *in, sb_error *err)
{
    sb_time_unit unit;
    const sb_expr *name = in->args[0];
    if (in->count != 3 || name->kind != SB_EXPR_LITERAL || !sb_type_is_string(&name->type) ||
        (!sb_type_is_integer(&in->args[1]->type) && in->args[1]->type.id != SB_TYPE_NULL) ||
        (!is_moment(&in->args[2]->type) && in->args[2]->type.id != SB_TYPE_NULL)) {
        return sb_infer_mismatch(in, err);
    }
    if (!sb_time_unit_find(sb_view_data(&name->value.view), sb_view_size(&name->value.view),
                           &unit)) {
        return sb_infer_mismatch(in, err);
    }
    if (in->args[2]->type.id == SB_TYPE_NULL) {
        SB_TRY(sb_infer_cast(in, 2, sb_type_timestamp(3, true), err), err);
    }
    int64_t months = unit == SB_UNIT_YEAR      ? 12
                     : unit == SB_UNIT_QUARTER ? 3
                     : unit == SB_UNIT_MONTH   ? 1
                                               : 0;
    int64_t us = sb_unit_us(unit);
    if (!months && us < 1000) {
        return sb_infer_mismatch(in, err);
    }
    /* A DATE with a unit of the clock becomes a TIMESTAMP. */
    if (in->args[2]->type.id == SB_TYPE_DATE && us > 0 && us < SB_US_PER_DAY) {
        SB_TRY(sb_infer_cast(in, 2, sb_type_timestamp(6, true), err), err);
    }
    sb_type type = months ? SB_TYPE(INTERVAL_MONTH, false) : SB_TYPE(INTERVAL_DAY, false);
    sb_expr *parts[2] = {sb_expr_i64(in->arena, &type, months ? months : us / 1000), in->args[1]},
            *interval;
    if (!parts[0]) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_expr_call(in->arena, "*", parts, 2, &interval, err), err);
    sb_expr *sum[2] = {in->args[2], interval};
    return sb_expr_call(in->arena, "+", sum, 2, &in->replace, err);
}

const sb_impl sb_impl_timestampadd = {.infer = add_infer};

/* ---- TIMESTAMPDIFF ------------------------------------------------------------------------------
 */

static int64_t
moment_us(const sb_type *t, const void *value)
{
    return t->id == SB_TYPE_DATE ? *(const int32_t *)value * SB_US_PER_DAY
                                 : sb_ts_load(t, value).us;
}

static sb_status
diff_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    const sb_view *name = &call->expr->args[0]->value.view;
    sb_time_unit *unit = SB_NEW(arena, sb_time_unit);
    if (!unit) {
        SB_NOMEM(err);
    }
    if (!sb_time_unit_find(sb_view_data(name), sb_view_size(name), unit) ||
        (!sb_unit_us(*unit) && *unit > SB_UNIT_MONTH)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "TIMESTAMPDIFF does not know the unit '%.*s'",
                (int)sb_view_size(name), sb_view_data(name));
    }
    call->state = unit;
    return SB_OK;
}

static sb_status
diff_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    static const int64_t months[] = {12000, 1200, 120, 12, 3, 1};
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    int64_t from = moment_us(sb_call_arg_type(call, 1), args[1]);
    int64_t to = moment_us(sb_call_arg_type(call, 2), args[2]);
    (void)err;
    /* Milliseconds count: what is finer is dropped first. */
    from = sb_floor_div(from, 1000);
    to = sb_floor_div(to, 1000);
    if (unit <= SB_UNIT_MONTH) {
        *(int32_t *)out = (int32_t)(sb_us_months_between(to * 1000, from * 1000) / months[unit]);
    } else {
        int64_t ms = sb_wrap_add(to, -from);
        int64_t unit_us = sb_unit_us(unit);
        *(int32_t *)out =
            (int32_t)(unit_us >= 1000 ? ms / (unit_us / 1000) : sb_wrap_mul(ms, 1000 / unit_us));
    }
    return SB_OK;
}

static inline int64_t
ms_at(const sb_vector *v, const sb_type *type, int32_t row)
{
    return type->id == SB_TYPE_DATE
               ? sb_wrap_mul(((const int32_t *)v->values)[row], SB_US_PER_DAY) / 1000
               : sb_floor_div(((const int64_t *)v->values)[row], 1000);
}

/* Units of fixed length between flat columns of DATE and TIMESTAMP(<= 6). */
static sb_status
diff_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    const sb_vector *a = call->args[1], *b = call->args[2];
    const sb_type *ta = sb_call_arg_type(call, 1), *tb = sb_call_arg_type(call, 2);
    bool plain = a->encoding == SB_FLAT && b->encoding == SB_FLAT &&
                 (ta->id == SB_TYPE_DATE || ta->precision <= 6) &&
                 (tb->id == SB_TYPE_DATE || tb->precision <= 6);
    int64_t length = sb_unit_us(unit) / 1000;
    if (!plain || length == 0) {
        return sb_call_rows(call, diff_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int32_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        int64_t ms = ms_at(b, tb, r) - ms_at(a, ta, r);
        bool small = ms >= -(INT64_C(1) << 50) && ms <= INT64_C(1) << 50;
        /* A quotient of doubles of such a size is never rounded up to a whole number. */
        to[r] = (int32_t)(small ? (int64_t)((double)ms / (double)length) : ms / length);
    }
    return SB_OK;
}

const sb_impl sb_impl_timestampdiff = {.vector = diff_vector, .prepare = diff_prepare};
