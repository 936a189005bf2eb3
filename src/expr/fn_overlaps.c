/*
 * expr/fn_overlaps.c -- (start, end) OVERLAPS (start, end), CONVERT_TZ.
 *
 * DESIGN     OVERLAPS becomes comparisons: the end of a span may be an interval, and the two ends
 *            may
 * stand in either order.
 */
#include "expr/infer.h"
#include "kernels/date_pattern.h"

#include <string.h>

static sb_status
ends_of(sb_infer *in, int32_t first, sb_expr **out, sb_error *err)
{
    sb_expr *pair[2] = {in->args[first], in->args[first + 1]};
    uint8_t id = pair[1]->type.id;
    if (id == SB_TYPE_INTERVAL_DAY || id == SB_TYPE_INTERVAL_MONTH) {
        SB_TRY(sb_expr_call(in->arena, "+", pair, 2, &pair[1], err), err);
    }
    SB_TRY(sb_expr_call(in->arena, "LEAST", pair, 2, &out[0], err), err);
    return sb_expr_call(in->arena, "GREATEST", pair, 2, &out[1], err);
}

static sb_status
overlaps_infer(sb_infer *in, sb_error *err)
{
    sb_expr *a[2], *b[2], *parts[2];
    if (in->count != 4 || in->args[0]->type.id != in->args[2]->type.id ||
        in->args[0]->type.id < SB_TYPE_DATE || in->args[0]->type.id > SB_TYPE_TIMESTAMP_LTZ) {
        return sb_infer_mismatch(in, err);
    }
    if (ends_of(in, 0, a, err) != SB_OK || ends_of(in, 2, b, err) != SB_OK) {
        return sb_infer_mismatch(in, err);
    }
    sb_expr *left[2] = {a[1], b[0]}, *right[2] = {b[1], a[0]};
    SB_TRY(sb_expr_call(in->arena, ">=", left, 2, &parts[0], err), err);
    SB_TRY(sb_expr_call(in->arena, ">=", right, 2, &parts[1], err), err);
    return sb_expr_call(in->arena, "AND", parts, 2, &in->replace, err);
}

const sb_impl sb_impl_overlaps = {.infer = overlaps_infer};

/* ---- CONVERT_TZ ---- */

/* UTC where there is no such zone, as Java has it. */
static sb_status
zone_of(sb_call *call, sb_str name, const sb_zone **out, sb_error *err)
{
    sb_error ignored;
    sb_text_clear(&call->text);
    sb_text_append(&call->text, name.data, name.size);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    if (name.size > 0 && name.data[0] != '+' && name.data[0] != '-' &&
        sb_zone_load(sb_os_real(), call->text.data ? call->text.data : "", out, &ignored) ==
            SB_OK) {
        return SB_OK;
    }
    return sb_zone_load(sb_os_real(), "UTC", out, err);
}

static sb_status
convert_tz_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    sb_date_pattern *pattern = SB_NEW(arena, sb_date_pattern);
    if (!pattern) {
        SB_NOMEM(err);
    }
    call->state = pattern;
    sb_str text = SB_STR("yyyy-MM-dd HH:mm:ss");
    return sb_pattern_compile(text.data, text.size, SB_PATTERN_SIMPLE, pattern, err);
}

static sb_status
convert_tz_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    const sb_zone *from, *to;
    sb_ts_ns ts = {0};
    char buffer[64];
    if (!sb_pattern_parse(call->state, s.data, s.size, 2000, &ts, NULL)) {
        call->is_null = true;
        return SB_OK;
    }
    SB_TRY(zone_of(call, sb_arg_str(args[1]), &from, err), err);
    SB_TRY(zone_of(call, sb_arg_str(args[2]), &to, err), err);
    ts.us = sb_zone_to_local(to, sb_zone_to_utc_later(from, ts.us));
    return sb_call_string(call, out, buffer, sb_ts_print(buffer, ts, 0), err);
}

const sb_impl sb_impl_convert_tz = {.row = convert_tz_row, .prepare = convert_tz_prepare};
