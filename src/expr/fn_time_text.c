/*
 * expr/fn_time_text.c -- timestamps from and to text by patterns: DATE_FORMAT, TO_DATE,
 * TO_TIMESTAMP, FROM_UNIXTIME...
 *
 * DESIGN     A constant pattern is compiled once, one that varies when it differs from the last
 * row's.
 */
#include "expr/infer.h"
#include "kernels/bits.h"
#include "kernels/date_pattern.h"
#include "kernels/decimal.h"

#include <string.h>

#define DEFAULT_PATTERN SB_STR("yyyy-MM-dd HH:mm:ss")

typedef struct pattern_state {
    bool compiled;
    sb_date_pattern pattern;
    sb_date_pattern input; /* DATE_FORMAT of text: what it is read with */
    sb_text text;          /* the pattern's letters */
} pattern_state;

/* Letters that are only printed, and names of zones that are not known. */
static sb_status
check_letters(const sb_call *call, sb_date_pattern *p, sb_str text, sb_error *err)
{
    bool prints = sb_type_is_string(sb_call_type(call));
    sb_type_id from = sb_call_arg_type(call, 0)->id;
    bool local = from != SB_TYPE_TIMESTAMP && !sb_type_is_string(sb_call_arg_type(call, 0));
    if (p->printed && !prints) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: letter '%c' in the date pattern '%.*s' that reads", p->printed,
                (int)(text.size > 200 ? 200 : text.size), text.data);
    }
    if (p->has_zone && local) {
        p->zone = sb_zone_name(call->zone);
    }
    if (p->has_zone && !sb_pattern_knows_zone(p, p->zone)) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: letter 'z' in the date pattern '%.*s' in the time zone '%s'",
                (int)(text.size > 200 ? 200 : text.size), text.data, p->zone);
    }
    return SB_OK;
}

static sb_status
use_pattern(sb_call *call, sb_str text, sb_error *err)
{
    pattern_state *s = call->state;
    if (s->compiled && sb_str_equal((sb_str){s->text.data, s->text.size}, text)) {
        return SB_OK;
    }
    s->compiled = false;
    sb_text_clear(&s->text);
    sb_text_append(&s->text, text.data, text.size);
    if (sb_text_failed(&s->text)) {
        SB_NOMEM(err);
    }
    sb_pattern_dialect dialect = (sb_pattern_dialect)call->expr->function->impl->code;
    SB_TRY(sb_pattern_compile(s->text.data, s->text.size, dialect, &s->pattern, err), err);
    SB_TRY(check_letters(call, &s->pattern, text, err), err);
    s->compiled = true;
    return SB_OK;
}

static sb_status
pattern_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    pattern_state *s = SB_NEW(arena, pattern_state);
    const sb_expr *e = sb_call_literal(call, 1);
    if (!s) {
        SB_NOMEM(err);
    }
    sb_text_init(&s->text, call->mem);
    call->state = s;
    sb_str standard = DEFAULT_PATTERN;
    SB_TRY(sb_pattern_compile(standard.data, standard.size, SB_PATTERN_SIMPLE, &s->input, err),
           err);
    if (call->expr->count_args == 1) {
        return use_pattern(call, standard, err);
    }
    return e && sb_type_is_string(&e->type) ? use_pattern(call, sb_arg_str(&e->value.view), err)
                                            : SB_OK;
}

static void
pattern_release(void *state)
{
    sb_text_deinit(&((pattern_state *)state)->text);
}

/* Patterns that vary may be broken. */
static bool
pattern_can_fail(const sb_expr *e)
{
    return e->count_args > 1 && e->args[1]->kind != SB_EXPR_LITERAL;
}

static int64_t
this_year(const sb_call *call)
{
    int64_t us = call->context ? call->context->now_us : 0;
    return sb_civil_of_days(sb_floor_div(us, SB_US_PER_DAY)).year;
}

static sb_status
print(sb_call *call, sb_ts_ns local, int32_t offset_s, void *out, sb_error *err)
{
    const sb_date_pattern *p = &((const pattern_state *)call->state)->pattern;
    char *at = NULL;
    SB_TRY(sb_call_room(call, p->max_size, &at, err), err);
    return sb_call_take(call, out, at, sb_pattern_write(p, local, offset_s, at), err);
}

/* ---- to text ------------------------------------------------------------------------------------
 */

static sb_status
date_format_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *t = sb_call_arg_type(call, 0);
    sb_ts_ns ts = sb_ts_load(t, args[0]);
    int32_t offset = 0;
    SB_TRY(use_pattern(call, sb_arg_str(args[1]), err), err);
    if (t->id == SB_TYPE_TIMESTAMP_LTZ) {
        offset = sb_zone_offset_s(call->zone, ts.us);
        ts.us = sb_zone_to_local(call->zone, ts.us);
    }
    return print(call, ts, offset, out, err);
}

/* The text of the step (day, minute...) that the last moment lay in: it serves all other moments of
 * the step. */
typedef struct step_text {
    int64_t from, length; /* microseconds, as the column counts; length 0: nothing there */
    sb_view view;
} step_text;

static int32_t
offset_at(const sb_call *call, int64_t us)
{
    return sb_call_arg_type(call, 0)->id == SB_TYPE_TIMESTAMP_LTZ ? sb_zone_offset_s(call->zone, us)
                                                                  : 0;
}

static sb_status
print_step(sb_call *call, int64_t us, step_text *step, sb_error *err)
{
    const pattern_state *s = call->state;
    int64_t length = s->pattern.step_us, offset = offset_at(call, us);
    int64_t local = sb_wrap_add(us, offset * 1000000), rest = local % length;
    int64_t from = sb_wrap_add(us, -rest - (rest < 0 ? length : 0));
    SB_TRY(print(call, (sb_ts_ns){.us = local}, 0, &step->view, err), err);
    /* Where the offset changes within the step, nothing is said about other instants. */
    bool steady =
        offset_at(call, from) == offset && offset_at(call, sb_wrap_add(from, length - 1)) == offset;
    step->from = from;
    step->length = steady ? length : 0;
    return SB_OK;
}

/* Rows of one step are the usual case (a day, for the rows of a batch): then it is a constant. */
static sb_status
print_steps(sb_call *call, sb_vector *out, sb_error *err)
{
    int32_t steps = 0;
    const int64_t *from = call->args[0]->values;
    const uint64_t *validity = out->validity;
    sb_view *to = sb_vector_values_mut(out);
    step_text step = {0};
    SB_EACH_ROW(r, call->rows, call->count)
    {
        if (validity && !sb_bit_get(validity, r)) {
            continue;
        }
        if ((uint64_t)from[r] - (uint64_t)step.from >= (uint64_t)step.length) {
            SB_TRY(print_step(call, from[r], &step, err), err);
            steps++;
        }
        to[r] = step.view;
    }
    if (steps == 1 && !validity) {
        to[0] = step.view;
        out->encoding = SB_CONST;
    }
    return SB_OK;
}

/* A column of microseconds by a constant pattern without fractions. */
static sb_status
date_format_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const pattern_state *s = call->state;
    bool plain = sb_call_arg_type(call, 0)->precision <= 6 && call->args[0]->encoding == SB_FLAT &&
                 sb_call_literal(call, 1) && s->compiled && s->pattern.step_us > 0;
    if (!plain) {
        return sb_call_rows(call, date_format_row, out, err);
    }
    SB_TRY(sb_call_strict_result(call, out, err), err);
    call->result = *out;
    sb_status status = print_steps(call, *out, err);
    sb_call_finish(call, status, out);
    return status;
}

const sb_impl sb_impl_date_format = {.vector = date_format_vector,
                                     .prepare = pattern_prepare,
                                     .release = pattern_release,
                                     .can_fail = pattern_can_fail,
                                     .code = SB_PATTERN_FORMATTER};

static sb_status
date_format_text_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const pattern_state *s = call->state;
    sb_str text = sb_arg_str(args[0]);
    sb_ts_ns ts;
    SB_TRY(use_pattern(call, sb_arg_str(args[1]), err), err);
    if (!sb_pattern_parse(&s->input, text.data, text.size, this_year(call), &ts, NULL)) {
        call->is_null = true;
        return SB_OK;
    }
    return print(call, ts, 0, out, err);
}

const sb_impl sb_impl_date_format_text = {.row = date_format_text_row,
                                          .prepare = pattern_prepare,
                                          .release = pattern_release,
                                          .can_fail = pattern_can_fail,
                                          .code = SB_PATTERN_SIMPLE};

static sb_status
from_unixtime_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t us = sb_wrap_mul(*(const int64_t *)args[0], 1000000);
    if (call->expr->count_args == 2) {
        SB_TRY(use_pattern(call, sb_arg_str(args[1]), err), err);
    }
    return print(call, (sb_ts_ns){.us = sb_zone_to_local(call->zone, us)},
                 sb_zone_offset_s(call->zone, us), out, err);
}

const sb_impl sb_impl_from_unixtime = {.row = from_unixtime_row,
                                       .prepare = pattern_prepare,
                                       .release = pattern_release,
                                       .can_fail = pattern_can_fail,
                                       .code = SB_PATTERN_SIMPLE};

/* ---- from text ----------------------------------------------------------------------------------
 */

/* Reads by the pattern of argument 1, if there is one. */
static sb_status
parse_by_pattern(sb_call *call, const void *const *args, sb_ts_ns *out, bool *out_fits,
                 int32_t *out_offset_s, sb_error *err)
{
    const pattern_state *s = call->state;
    sb_str text = sb_arg_str(args[0]);
    if (call->expr->count_args >= 2) {
        SB_TRY(use_pattern(call, sb_arg_str(args[1]), err), err);
    }
    *out_fits =
        sb_pattern_parse(&s->pattern, text.data, text.size, this_year(call), out, out_offset_s);
    return SB_OK;
}

static sb_status
to_date_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str text = sb_arg_str(args[0]);
    sb_ts_ns ts = {0};
    int64_t days;
    bool fits;
    if (call->expr->count_args == 1) {
        fits = sb_date_parse(text.data, text.size, &days);
    } else {
        SB_TRY(parse_by_pattern(call, args, &ts, &fits, NULL, err), err);
        days = sb_floor_div(ts.us, SB_US_PER_DAY);
    }
    call->is_null = !fits;
    *(int32_t *)out = fits ? (int32_t)days : 0;
    return SB_OK;
}

const sb_impl sb_impl_to_date = {.row = to_date_row,
                                 .prepare = pattern_prepare,
                                 .release = pattern_release,
                                 .can_fail = pattern_can_fail,
                                 .code = SB_PATTERN_SIMPLE};

/* By the pattern, or else by the standard form whatever the pattern says. */
static sb_status
parse_timestamp(sb_call *call, const void *const *args, sb_ts_ns *out, bool *out_fits,
                sb_error *err)
{
    sb_str text = sb_arg_str(args[0]);
    if (call->expr->count_args >= 2) {
        SB_TRY(parse_by_pattern(call, args, out, out_fits, NULL, err), err);
        *out_fits = *out_fits || sb_ts_value_of(text.data, text.size, out);
    } else {
        *out_fits = sb_ts_parse(text.data, text.size, out);
    }
    *out = *out_fits ? sb_ts_truncate(*out, sb_call_type(call)->precision) : (sb_ts_ns){0};
    return SB_OK;
}

static sb_status
to_timestamp_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_ts_ns ts;
    bool fits;
    SB_TRY(parse_timestamp(call, args, &ts, &fits, err), err);
    call->is_null = !fits;
    *(int64_t *)out = ts.us;
    return SB_OK;
}

const sb_impl sb_impl_to_timestamp = {.row = to_timestamp_row,
                                      .prepare = pattern_prepare,
                                      .release = pattern_release,
                                      .can_fail = pattern_can_fail,
                                      .code = SB_PATTERN_FORMATTER};

/* TO_TIMESTAMP_LTZ(text [, pattern [, zone]]): the zone is UTC unless named. */
static sb_status
text_ltz_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_ts_ns ts;
    bool fits;
    const sb_zone *zone = NULL;
    SB_TRY(parse_timestamp(call, args, &ts, &fits, err), err);
    if (call->expr->count_args == 3) {
        sb_str name = sb_arg_str(args[2]);
        sb_text_clear(&call->text);
        sb_text_append(&call->text, name.data, name.size);
        SB_TRY(sb_zone_load(sb_os_real(), call->text.data, &zone, err), err);
    }
    call->is_null = !fits;
    ts.us = zone ? sb_zone_to_utc(zone, ts.us) : ts.us;
    sb_ts_store(sb_call_type(call), out, sb_ts_truncate(ts, sb_call_type(call)->precision));
    return SB_OK;
}

/* As many digits as a constant pattern has of the second. */
static sb_status
text_ltz_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    const sb_expr *pattern = in->count > 1 ? in->args[1] : NULL;
    if (pattern && pattern->kind == SB_EXPR_LITERAL && !pattern->is_null) {
        sb_str s = sb_arg_str(&pattern->value.view);
        int digits = 0;
        for (size_t i = 0; i < s.size; i++) {
            digits += s.data[i] == 'S';
        }
        in->type.precision = (uint8_t)(digits > 9 ? 9 : digits > 3 ? digits : 3);
    }
    return SB_OK;
}

const sb_impl sb_impl_text_to_timestamp_ltz = {.infer = text_ltz_infer,
                                               .row = text_ltz_row,
                                               .prepare = pattern_prepare,
                                               .release = pattern_release,
                                               .code = SB_PATTERN_FORMATTER};

static sb_status
unix_timestamp_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_ts_ns ts;
    bool fits;
    int32_t offset_s = SB_PATTERN_NO_OFFSET;
    SB_TRY(parse_by_pattern(call, args, &ts, &fits, &offset_s, err), err);
    if (!fits) {
        *(int64_t *)out = INT64_MIN; /* Flink's answer */
        return SB_OK;
    }
    int64_t us = offset_s == SB_PATTERN_NO_OFFSET ? sb_zone_to_utc_later(call->zone, ts.us)
                                                  : ts.us - (int64_t)offset_s * 1000000;
    *(int64_t *)out = us / 1000000; /* toward zero */
    return SB_OK;
}

const sb_impl sb_impl_unix_timestamp = {.row = unix_timestamp_row,
                                        .prepare = pattern_prepare,
                                        .release = pattern_release,
                                        .can_fail = pattern_can_fail,
                                        .code = SB_PATTERN_SIMPLE};

/* ---- numbers to instants ------------------------------------------------------------------------
 */

static sb_status
ltz_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    if (in->count == 2) {
        const sb_expr *p = in->args[1];
        if (p->kind == SB_EXPR_LITERAL && !p->is_null) {
            if (p->value.i64 < 0 || p->value.i64 > 9) {
                SB_FAIL(err, SB_STATUS_SEMANTIC,
                        "the precision of TO_TIMESTAMP_LTZ must be 0 to 9, not %lld",
                        (long long)p->value.i64);
            }
            in->type.precision = (uint8_t)(p->value.i64 > 3 ? p->value.i64 : 3);
        }
    }
    return SB_OK;
}

#define YEAR_0_US     INT64_C(-62167219200000000)
#define YEAR_10000_US INT64_C(253402300800000000)

static sb_status
to_timestamp_ltz_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *from = sb_call_arg_type(call, 0), *to = sb_call_type(call);
    int32_t precision = call->expr->count_args == 2 ? *(const int32_t *)args[1] : 3;
    int64_t us, ns = 0;
    (void)err;
    if (precision < 0 || precision > 9) {
        call->is_null = true;
        return SB_OK;
    }
    if (from->id == SB_TYPE_DOUBLE || from->id == SB_TYPE_FLOAT) {
        double v =
            from->id == SB_TYPE_DOUBLE ? *(const double *)args[0] : (double)*(const float *)args[0];
        double ms = precision <= 3 ? v * (double)(int64_t)sb_decimal_pow10(3 - precision)
                                   : v / (double)(int64_t)sb_decimal_pow10(precision - 3);
        if (!(ms > -9.2e15 && ms < 9.2e15)) {
            call->is_null = true;
            return SB_OK;
        }
        us = (int64_t)ms * 1000;
    } else {
        sb_int128 v = sb_exact_load(from, args[0]) /
                      (from->id == SB_TYPE_DECIMAL ? sb_decimal_pow10(from->scale) : 1);
        sb_int128 total = v;
        if (v > INT64_MAX || v < INT64_MIN) {
            call->is_null = true;
            return SB_OK;
        }
        if (precision <= 6) {
            total = v * sb_decimal_pow10(6 - precision);
        } else {
            sb_int128 unit = sb_decimal_pow10(precision - 6), rest = v % unit;
            total = v / unit - (rest < 0);
            ns = (int64_t)((rest < 0 ? rest + unit : rest) * sb_decimal_pow10(9 - precision));
        }
        if (total > INT64_MAX || total < INT64_MIN) {
            call->is_null = true;
            return SB_OK;
        }
        us = (int64_t)total;
    }
    call->is_null = us < YEAR_0_US || us >= YEAR_10000_US; /* what TIMESTAMP_LTZ holds */
    sb_ts_store(to, out, sb_ts_truncate((sb_ts_ns){.us = us, .ns = (int32_t)ns}, to->precision));
    return SB_OK;
}

/* Seconds or milliseconds of a flat BIGINT column, all within the range of TIMESTAMP_LTZ(3). */
static sb_status
to_timestamp_ltz_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *v = call->args[0], *p = call->expr->count_args == 2 ? call->args[1] : NULL;
    bool plain = sb_call_arg_type(call, 0)->id == SB_TYPE_BIGINT && v->encoding == SB_FLAT &&
                 sb_call_type(call)->precision == 3 && (!p || p->encoding == SB_CONST);
    int32_t precision = plain && p ? *(const int32_t *)p->values : 3;
    if (!plain || (precision != 0 && precision != 3)) {
        return sb_call_rows(call, to_timestamp_ltz_row, out, err);
    }
    int64_t unit = precision ? 1000 : 1000000, bad = 0;
    const int64_t *from = v->values;
    SB_TRY(sb_call_strict_result(call, out, err), err);
    int64_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        bad |= from[r] < YEAR_0_US / unit || from[r] >= YEAR_10000_US / unit;
        to[r] = sb_wrap_mul(from[r], unit);
    }
    if (bad) {
        sb_vector_unref(*out);
        return sb_call_rows(call, to_timestamp_ltz_row, out, err);
    }
    return SB_OK;
}

const sb_impl sb_impl_to_timestamp_ltz = {.infer = ltz_infer, .vector = to_timestamp_ltz_vector};
