/*
 * expr/fn_time.c -- EXTRACT and its short forms, FLOOR and CEIL to a unit, the current time. Text:
 * fn_time_text.c.
 *
 * DESIGN     TIMESTAMP_LTZ is looked at in the session time zone. FLOOR and CEIL keep the offset
 * that the instant itself has, whatever the offset is where they arrive, as Flink does.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/calendar.h"

/* ---- EXTRACT ------------------------------------------------------------------------------------
 */

static bool
is_interval(uint8_t id)
{
    return id == SB_TYPE_INTERVAL_MONTH || id == SB_TYPE_INTERVAL_DAY;
}

/* Can a unit be taken out of a type? */
static bool
has_unit(uint8_t id, sb_time_unit unit)
{
    bool clock = unit >= SB_UNIT_HOUR && unit <= SB_UNIT_NANOSECOND;
    bool fine = unit == SB_UNIT_MICROSECOND || unit == SB_UNIT_NANOSECOND;
    switch (id) {
    case SB_TYPE_TIME: return clock && !fine;
    case SB_TYPE_DATE: return !fine;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return true;
    case SB_TYPE_INTERVAL_MONTH:
        return unit == SB_UNIT_YEAR || unit == SB_UNIT_QUARTER || unit == SB_UNIT_MONTH;
    case SB_TYPE_INTERVAL_DAY: return clock || unit == SB_UNIT_DAY || unit == SB_UNIT_EPOCH;
    default: return false;
    }
}

static bool
literal_unit(const sb_expr *e, sb_time_unit *out)
{
    return e->kind == SB_EXPR_LITERAL && !e->is_null && sb_type_is_string(&e->type) &&
           sb_time_unit_find(sb_view_data(&e->value.view), sb_view_size(&e->value.view), out);
}

static sb_status
extract_infer(sb_infer *in, sb_error *err)
{
    sb_time_unit unit;
    if (in->count == 2 && in->args[1]->type.id == SB_TYPE_NULL) {
        SB_TRY(sb_infer_cast(in, 1, sb_type_timestamp(3, true), err), err);
    }
    if (in->count != 2 || !literal_unit(in->args[0], &unit) ||
        !has_unit(in->args[1]->type.id, unit)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = SB_TYPE(BIGINT, in->args[1]->type.nullable);
    return SB_OK;
}

/* HOUR(x) is EXTRACT('HOUR', x). */
static sb_status
short_infer(sb_infer *in, sb_error *err)
{
    const char *unit = sb_time_unit_name((sb_time_unit)in->function->impl->code);
    sb_type type = {.id = SB_TYPE_CHAR, .length = (int32_t)__builtin_strlen(unit)};
    if (in->count != 1) {
        return sb_infer_mismatch(in, err);
    }
    sb_expr *args[2] = {sb_expr_string(in->arena, &type, sb_str_of(unit)), in->args[0]};
    if (!args[0]) {
        SB_NOMEM(err);
    }
    if (sb_expr_call(in->arena, "EXTRACT", args, 2, &in->replace, err) == SB_STATUS_SEMANTIC) {
        return sb_infer_mismatch(in, err);
    }
    return in->replace ? SB_OK : SB_STATUS_NOMEM;
}

static sb_status
unit_prepare(sb_call *call, int32_t arg, sb_arena *arena, sb_error *err)
{
    sb_time_unit *unit = SB_NEW(arena, sb_time_unit);
    if (!unit) {
        SB_NOMEM(err);
    }
    if (!literal_unit(call->expr->args[arg], unit)) {
        SB_FAIL(err, SB_STATUS_SEMANTIC, "%s needs the name of a time unit",
                call->expr->function->name);
    }
    call->state = unit;
    return SB_OK;
}

static sb_status
extract_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    return unit_prepare(call, 0, arena, err);
}

static int64_t
extract_interval(sb_time_unit unit, const sb_type *t, const void *value)
{
    if (t->id == SB_TYPE_INTERVAL_MONTH) {
        int64_t m = *(const int32_t *)value;
        return unit == SB_UNIT_YEAR ? m / 12 : unit == SB_UNIT_QUARTER ? m % 12 / 3 + 1 : m % 12;
    }
    int64_t ms = *(const int64_t *)value;
    switch (unit) {
    case SB_UNIT_DAY: return ms / SB_MS_PER_DAY;
    case SB_UNIT_HOUR: return ms / 3600000 % 24;
    case SB_UNIT_MINUTE: return ms / 60000 % 60;
    case SB_UNIT_SECOND: return ms / 1000 % 60;
    case SB_UNIT_MILLISECOND: return ms % 1000;
    case SB_UNIT_MICROSECOND: return ms % 1000 * 1000;
    case SB_UNIT_NANOSECOND: return ms % 1000 * 1000000;
    default: return ms / 1000;
    }
}

static sb_status
extract_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    const sb_type *t = sb_call_arg_type(call, 1);
    sb_ts_ns ts = {0};
    (void)err;
    if (is_interval(t->id)) {
        *(int64_t *)out = extract_interval(unit, t, args[1]);
        return SB_OK;
    }
    if (t->id == SB_TYPE_DATE) {
        ts.us = sb_wrap_mul(*(const int32_t *)args[1], SB_US_PER_DAY);
    } else if (t->id == SB_TYPE_TIME) {
        ts.us = sb_wrap_mul(*(const int32_t *)args[1], 1000);
    } else {
        ts = sb_ts_load(t, args[1]);
        if (t->id == SB_TYPE_TIMESTAMP_LTZ && unit != SB_UNIT_EPOCH) {
            ts.us = sb_wrap_add(ts.us, sb_zone_util_offset_us(call->zone, ts.us));
        }
    }
    *(int64_t *)out = sb_time_extract(unit, ts);
    return SB_OK;
}

/* Units of the calendar, of days or of microseconds, block by block. */
static void
extract_days(sb_time_unit unit, bool date, int64_t *to, const sb_vector *v, int32_t count)
{
    int32_t block[SB_CALENDAR_BLOCK];
    for (int32_t from = 0; from < count; from += SB_CALENDAR_BLOCK) {
        int32_t n = count - from < SB_CALENDAR_BLOCK ? count - from : SB_CALENDAR_BLOCK;
        const int32_t *days = block;
        if (date) {
            days = (const int32_t *)v->values + from;
        } else {
            sb_calendar_days(block, (const int64_t *)v->values + from, n);
        }
        if (sb_calendar_extract(unit, to + from, days, n)) {
            continue;
        }
        for (int32_t i = 0; i < n; i++) {
            sb_ts_ns ts = {.us = date ? sb_wrap_mul(days[i], SB_US_PER_DAY)
                                      : ((const int64_t *)v->values)[from + i]};
            to[from + i] = sb_time_extract(unit, ts);
        }
    }
}

/* Clock units of a column finer than milliseconds: these are rounded down first. */
static void
extract_clock(sb_time_unit unit, int64_t *to, const int64_t *from, const sb_call *call)
{
    SB_EACH_ROW(r, call->rows, call->count)
    {
        int64_t ms = from[r] / 1000 - (from[r] % 1000 < 0);
        to[r] = unit == SB_UNIT_HOUR     ? ms % SB_MS_PER_DAY / 3600000
                : unit == SB_UNIT_MINUTE ? ms % 3600000 / 60000
                                         : ms % 60000 / 1000;
    }
}

/* Flat columns of DATE and TIMESTAMP(<= 6). */
static sb_status
extract_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    const sb_type *t = sb_call_arg_type(call, 1);
    const sb_vector *v = call->args[1];
    bool moments = t->id == SB_TYPE_TIMESTAMP && t->precision <= 6;
    bool clock = moments && unit >= SB_UNIT_HOUR && unit <= SB_UNIT_SECOND;
    bool days = (moments || t->id == SB_TYPE_DATE) && !call->rows &&
                (unit <= SB_UNIT_DAY || unit >= SB_UNIT_DOW);
    if (v->encoding != SB_FLAT || (!clock && !days)) {
        return sb_call_rows(call, extract_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int64_t *to = sb_vector_values_mut(*out);
    const int64_t *from = v->values;
    if (!clock) {
        extract_days(unit, !moments, to, v, call->count);
    } else if (t->precision > 3) {
        extract_clock(unit, to, from, call);
    } else if (unit == SB_UNIT_HOUR) {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = from[r] % SB_US_PER_DAY / 3600000000;
        }
    } else if (unit == SB_UNIT_MINUTE) {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = from[r] % 3600000000 / 60000000;
        }
    } else {
        SB_EACH_ROW(r, call->rows, call->count)
        {
            to[r] = from[r] % 60000000 / 1000000;
        }
    }
    return SB_OK;
}

const sb_impl sb_impl_extract = {
    .infer = extract_infer, .vector = extract_vector, .prepare = extract_prepare};
const sb_impl sb_impl_year = {.infer = short_infer, .code = SB_UNIT_YEAR};
const sb_impl sb_impl_quarter = {.infer = short_infer, .code = SB_UNIT_QUARTER};
const sb_impl sb_impl_month = {.infer = short_infer, .code = SB_UNIT_MONTH};
const sb_impl sb_impl_week = {.infer = short_infer, .code = SB_UNIT_WEEK};
const sb_impl sb_impl_dayofyear = {.infer = short_infer, .code = SB_UNIT_DOY};
const sb_impl sb_impl_dayofmonth = {.infer = short_infer, .code = SB_UNIT_DAY};
const sb_impl sb_impl_dayofweek = {.infer = short_infer, .code = SB_UNIT_DOW};
const sb_impl sb_impl_hour = {.infer = short_infer, .code = SB_UNIT_HOUR};
const sb_impl sb_impl_minute = {.infer = short_infer, .code = SB_UNIT_MINUTE};
const sb_impl sb_impl_second = {.infer = short_infer, .code = SB_UNIT_SECOND};

/* ---- FLOOR, CEIL --------------------------------------------------------------------------------
 */

static sb_status
floor_infer(sb_infer *in, sb_error *err)
{
    sb_time_unit unit;
    if (in->count == 2 && in->args[0]->type.id == SB_TYPE_NULL) {
        SB_TRY(sb_infer_cast(in, 0, sb_type_timestamp(3, true), err), err);
    }
    if (in->count != 2 || !literal_unit(in->args[1], &unit) || unit > SB_UNIT_MICROSECOND ||
        is_interval(in->args[0]->type.id) || !has_unit(in->args[0]->type.id, unit)) {
        return sb_infer_mismatch(in, err);
    }
    in->type = in->args[0]->type;
    return SB_OK;
}

static sb_status
floor_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    return unit_prepare(call, 1, arena, err);
}

static sb_status
floor_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    const sb_type *t = sb_call_type(call);
    int64_t (*round)(int64_t, sb_time_unit) =
        call->expr->function->impl->code ? sb_us_ceil : sb_us_floor;
    (void)err;
    if (t->id == SB_TYPE_DATE) {
        int64_t us = sb_wrap_mul(*(const int32_t *)args[0], SB_US_PER_DAY);
        *(int32_t *)out = (int32_t)sb_floor_div(round(us, unit), SB_US_PER_DAY);
    } else if (t->id == SB_TYPE_TIME) {
        *(int32_t *)out =
            (int32_t)(round((int64_t) * (const int32_t *)args[0] * 1000, unit) / 1000);
    } else {
        sb_ts_ns ts = sb_ts_load(t, args[0]);
        int64_t offset =
            t->id == SB_TYPE_TIMESTAMP_LTZ ? sb_zone_util_offset_us(call->zone, ts.us) : 0;
        ts.us = sb_wrap_add(round(sb_wrap_add(ts.us, offset), unit), -offset);
        ts.ns = 0;
        sb_ts_store(t, out, ts);
    }
    return SB_OK;
}

static void
floor_days(sb_time_unit unit, int64_t *to, const int64_t *us, int32_t count)
{
    int32_t days[SB_CALENDAR_BLOCK];
    for (int32_t from = 0; from < count; from += SB_CALENDAR_BLOCK) {
        int32_t n = count - from < SB_CALENDAR_BLOCK ? count - from : SB_CALENDAR_BLOCK;
        sb_calendar_days(days, us + from, n);
        if (!sb_calendar_floor(unit, to + from, days, n)) {
            for (int32_t i = from; i < from + n; i++) {
                to[i] = sb_us_floor(us[i], unit);
            }
        }
    }
}

/* FLOOR to a unit of fixed length, a month or a year over a flat TIMESTAMP(<= 6) column. */
static sb_status
floor_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    sb_time_unit unit = *(const sb_time_unit *)call->state;
    const sb_type *t = sb_call_type(call);
    const sb_vector *v = call->args[0];
    int64_t length = unit == SB_UNIT_WEEK ? 0 : sb_unit_us(unit);
    bool plain = t->id == SB_TYPE_TIMESTAMP && t->precision <= 6 && v->encoding == SB_FLAT;
    bool calendar = !call->rows && (unit == SB_UNIT_YEAR || unit == SB_UNIT_MONTH);
    if (!plain || (!length && !calendar)) {
        return sb_call_rows(call, floor_row, out, err);
    }
    if (!length) {
        SB_TRY(sb_call_strict_result(call, out, err), err);
        floor_days(unit, sb_vector_values_mut(*out), v->values, call->count);
        return SB_OK;
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int64_t *to = sb_vector_values_mut(*out);
    const int64_t *from = v->values;
    SB_EACH_ROW(r, call->rows, call->count)
    {
        int64_t rest = from[r] % length;
        to[r] = sb_wrap_add(from[r], -rest - (rest < 0 ? length : 0));
    }
    return SB_OK;
}

const sb_impl sb_impl_time_floor = {
    .infer = floor_infer, .vector = floor_vector, .prepare = floor_prepare, .code = 0};
const sb_impl sb_impl_time_ceil = {
    .infer = floor_infer, .row = floor_row, .prepare = floor_prepare, .code = 1};

/* ---- the current time ---------------------------------------------------------------------------
 */

/* In batch mode all but the per-row functions stay at the start of the query. */
static int64_t
current_ms(const sb_call *call, bool per_row)
{
    const sb_eval_context *c = call->context;
    return sb_floor_div(c->batch_mode && !per_row ? c->query_us : c->now_us, 1000);
}

enum { NOW_QUERY, NOW_ROW, NOW_LOCAL, NOW_DATE, NOW_TIME, NOW_SECONDS };

static sb_status
now_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int code = call->expr->function->impl->code;
    int64_t us = current_ms(call, code == NOW_ROW) * 1000, local = sb_zone_to_local(call->zone, us);
    (void)args, (void)err;
    switch (code) {
    case NOW_LOCAL: *(int64_t *)out = local; break;
    case NOW_DATE: *(int32_t *)out = (int32_t)sb_floor_div(local, SB_US_PER_DAY); break;
    case NOW_TIME:
        *(int32_t *)out = (int32_t)(sb_floor_mod(local, SB_US_PER_DAY) / 1000000 * 1000);
        break;
    case NOW_SECONDS: *(int64_t *)out = sb_floor_div(us, 1000000); break;
    default: *(int64_t *)out = us;
    }
    return SB_OK;
}

const sb_impl sb_impl_now = {.row = now_row, .code = NOW_QUERY};
const sb_impl sb_impl_row_now = {.row = now_row, .code = NOW_ROW};
const sb_impl sb_impl_local_now = {.row = now_row, .code = NOW_LOCAL};
const sb_impl sb_impl_current_date = {.row = now_row, .code = NOW_DATE};
const sb_impl sb_impl_current_time = {.row = now_row, .code = NOW_TIME};
const sb_impl sb_impl_unix_timestamp_now = {.row = now_row, .code = NOW_SECONDS};
