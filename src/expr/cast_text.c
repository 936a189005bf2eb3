/*
 * expr/cast_text.c -- casts from and to text and bytes.
 *
 * DESIGN     To CHAR(n): cut or padded with spaces to n characters; VARCHAR(n): cut. BINARY(n),
 * VARBINARY(n) the same by bytes, padded with zeros. From text to numbers and times: spaces around
 * are ignored.
 */
#include "expr/cast.h"
#include "kernels/decimal.h"
#include "kernels/number.h"
#include "kernels/time.h"
#include "kernels/utf8.h"

#include <string.h>
#include <strings.h>

/* ---- to text ------------------------------------------------------------------------------------
 */

size_t
sb_value_text(const sb_type *type, const void *value, const sb_zone *zone, char *buffer)
{
    switch (type->id) {
    case SB_TYPE_BOOLEAN:
        memcpy(buffer, *(const uint8_t *)value ? "TRUE " : "FALSE", 5);
        return *(const uint8_t *)value ? 4 : 5;
    case SB_TYPE_FLOAT: return sb_float_print(buffer, *(const float *)value);
    case SB_TYPE_DOUBLE: return sb_double_print(buffer, *(const double *)value);
    case SB_TYPE_DECIMAL: return sb_decimal_print(buffer, sb_exact_load(type, value), type->scale);
    case SB_TYPE_DATE: return sb_date_print(buffer, *(const int32_t *)value);
    case SB_TYPE_TIME: return sb_time_print(buffer, *(const int32_t *)value, type->precision);
    case SB_TYPE_INTERVAL_MONTH: return sb_months_print(buffer, *(const int32_t *)value);
    case SB_TYPE_INTERVAL_DAY: return sb_interval_print(buffer, *(const int64_t *)value);
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: {
        sb_ts_ns ts = sb_ts_load(type, value);
        if (type->id == SB_TYPE_TIMESTAMP_LTZ) {
            ts.us = sb_zone_to_local(zone, ts.us);
        }
        return sb_ts_print(buffer, ts, type->precision);
    }
    default: return sb_int_print(buffer, (int64_t)sb_exact_load(type, value));
    }
}

/* Cuts or pads to the length of a text type. */
static sb_status
fit_text(sb_call *call, void *out, const char *data, size_t size, int32_t arg, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    size_t end = to->length == SB_LENGTH_MAX ? size : sb_utf8_offset(data, size, to->length);
    int64_t missing = 0;
    if (to->id == SB_TYPE_CHAR && to->length != SB_LENGTH_MAX && end == size) {
        missing = to->length - sb_utf8_count(data, size);
    }
    if (missing <= 0) {
        if (arg >= 0) {
            sb_call_slice(call, out, arg, data, end);
            return SB_OK;
        }
        return sb_call_string(call, out, data, end, err);
    }
    sb_text_clear(&call->text);
    sb_text_append(&call->text, data, size);
    char *spaces = sb_text_reserve(&call->text, (size_t)missing);
    if (!spaces) {
        SB_NOMEM(err);
    }
    memset(spaces, ' ', (size_t)missing);
    call->text.size += (size_t)missing;
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

sb_status
sb_cast_fit_text(sb_call *call, void *out, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    size_t size = call->text.size;
    const char *data = call->text.data;
    int64_t missing = 0;
    if (to->length == SB_LENGTH_MAX) {
        return sb_call_text(call, out, err);
    }
    size_t end = sb_utf8_offset(data, size, to->length);
    if (to->id == SB_TYPE_CHAR && end == size) {
        missing = to->length - sb_utf8_count(data, size);
    }
    char *spaces = missing > 0 ? sb_text_reserve(&call->text, (size_t)missing) : NULL;
    if (spaces) {
        memset(spaces, ' ', (size_t)missing);
        end += (size_t)missing;
    } else if (missing > 0) {
        SB_NOMEM(err);
    }
    return sb_call_string(call, out, call->text.data, end, err);
}

static sb_status
value_to_text(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    char buffer[64];
    size_t size = sb_value_text(sb_call_arg_type(call, 0), args[0], call->zone, buffer);
    return fit_text(call, out, buffer, size, -1, err);
}

static sb_status
text_to_text(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    return fit_text(call, out, s.data, s.size, 0, err);
}

/* Bad sequences become U+FFFD, as Java's decoder does it: one for each longest beginning of a valid
 * sequence. */
static sb_status
bytes_to_text(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    if (sb_utf8_is_valid(s.data, s.size)) {
        return fit_text(call, out, s.data, s.size, 0, err);
    }
    sb_text_clear(&call->text);
    sb_utf8_repair(&call->text, s.data, s.size);
    if (sb_text_failed(&call->text)) {
        SB_NOMEM(err);
    }
    return fit_text(call, out, call->text.data, call->text.size, -1, err);
}

static sb_status
fit_bytes(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    sb_str s = sb_arg_str(args[0]);
    size_t length = (size_t)to->length;
    if (s.size >= length || to->id == SB_TYPE_VARBINARY) {
        sb_call_slice(call, out, 0, s.data, s.size < length ? s.size : length);
        return SB_OK;
    }
    sb_text_clear(&call->text);
    sb_text_append(&call->text, s.data, s.size);
    char *zeros = sb_text_reserve(&call->text, length - s.size);
    if (!zeros) {
        SB_NOMEM(err);
    }
    memset(zeros, 0, length - s.size);
    call->text.size = length;
    return sb_call_string(call, out, call->text.data, call->text.size, err);
}

/* ---- from text ----------------------------------------------------------------------------------
 */

static sb_str
trimmed(const void *arg)
{
    sb_str s = sb_arg_str(arg);
    while (s.size > 0 && s.data[0] == ' ') {
        s.data++;
        s.size--;
    }
    while (s.size > 0 && s.data[s.size - 1] == ' ') {
        s.size--;
    }
    return s;
}

static sb_status
text_to_integer(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    static const int64_t limits[] = {[SB_TYPE_TINYINT] = INT8_MAX,
                                     [SB_TYPE_SMALLINT] = INT16_MAX,
                                     [SB_TYPE_INT] = INT32_MAX,
                                     [SB_TYPE_BIGINT] = INT64_MAX};
    int64_t v, max = limits[sb_call_type(call)->id];
    sb_str s = trimmed(args[0]);
    if (sb_int_parse(s.data, s.size, -max - 1, max, &v) != SB_INT_OK) {
        return sb_cast_fail(call, s.data, s.size, err);
    }
    sb_exact_store(sb_call_type(call), out, v);
    return SB_OK;
}

static sb_status
text_to_float(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = trimmed(args[0]);
    bool fine = sb_call_type(call)->id == SB_TYPE_FLOAT ? sb_float_parse(s.data, s.size, out)
                                                        : sb_double_parse(s.data, s.size, out);
    return fine ? SB_OK : sb_cast_fail(call, s.data, s.size, err);
}

static sb_status
text_to_decimal(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    sb_str s = trimmed(args[0]);
    sb_int128 v = 0;
    switch (sb_decimal_from_text(s.data, s.size, (sb_decimal_spec){to->precision, to->scale}, &v)) {
    case SB_DECIMAL_OK: sb_exact_store(to, out, v); return SB_OK;
    default: return sb_cast_fail(call, s.data, s.size, err);
    }
}

static sb_status
text_to_boolean(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    static const char *const words[2][5] = {{"f", "false", "n", "no", "0"},
                                            {"t", "true", "y", "yes", "1"}};
    sb_str s = sb_arg_str(args[0]);
    for (int value = 0; value < 2; value++) {
        for (int i = 0; i < 5; i++) {
            if (strlen(words[value][i]) == s.size &&
                strncasecmp(words[value][i], s.data, s.size) == 0) {
                *(uint8_t *)out = (uint8_t)value;
                return SB_OK;
            }
        }
    }
    return sb_cast_fail(call, s.data, s.size, err);
}

static sb_status
text_to_date(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t days;
    sb_str s = sb_arg_str(args[0]);
    if (!sb_date_parse(s.data, s.size, &days)) {
        return sb_cast_fail(call, s.data, s.size, err);
    }
    *(int32_t *)out = (int32_t)days;
    return SB_OK;
}

static sb_status
text_to_time(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t ms;
    sb_str s = trimmed(args[0]);
    if (!sb_time_parse(s.data, s.size, &ms)) {
        return sb_cast_fail(call, s.data, s.size, err);
    }
    *(int32_t *)out = (int32_t)sb_time_truncate_ms(ms, sb_call_type(call)->precision);
    return SB_OK;
}

static sb_status
text_to_timestamp(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *to = sb_call_type(call);
    sb_ts_ns ts;
    sb_str s = sb_arg_str(args[0]);
    if (!sb_ts_parse(s.data, s.size, &ts)) {
        return sb_cast_fail(call, s.data, s.size, err);
    }
    ts = sb_ts_truncate(ts, to->precision);
    if (to->id == SB_TYPE_TIMESTAMP_LTZ) {
        ts.us = sb_zone_to_utc(call->zone, ts.us);
    }
    sb_ts_store(to, out, ts);
    return SB_OK;
}

sb_row_fn
sb_cast_text_row(const sb_type *from, const sb_type *to)
{
    if (sb_type_is_string(to)) {
        return sb_type_is_string(from)       ? text_to_text
               : sb_type_is_binary(from)     ? bytes_to_text
               : from->id == SB_TYPE_VARIANT ? sb_variant_to_text
               : from->id == SB_TYPE_BITMAP  ? sb_bitmap_to_text
                                             : value_to_text;
    }
    if (sb_type_is_binary(to)) {
        return fit_bytes;
    }
    if (!sb_type_is_string(from)) {
        return NULL;
    }
    switch (to->id) {
    case SB_TYPE_BOOLEAN: return text_to_boolean;
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT: return text_to_integer;
    case SB_TYPE_FLOAT:
    case SB_TYPE_DOUBLE: return text_to_float;
    case SB_TYPE_DECIMAL: return text_to_decimal;
    case SB_TYPE_DATE: return text_to_date;
    case SB_TYPE_TIME: return text_to_time;
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return text_to_timestamp;
    default: return NULL;
    }
}
