/*
 * formats/json_value.c -- one scalar of JSON text as a value of an SQL type.
 */
#include "formats/json_value.h"

#include <math.h>
#include <string.h>

#include "formats/base64.h"
#include "formats/json_text.h"
#include "formats/number_text.h"
#include "formats/time_text.h"

#define STRING_SLACK 16 /* readable bytes behind a string */

/* A token that is neither string nor container: number, true, false. */
static bool
is_plain_token(const char *p, const char *end)
{
    sb_str token = {p, (size_t)(end - p)};
    bool integer;
    return sb_json_is_number(p, token.size, &integer) || sb_str_equal(token, SB_STR("true")) ||
           sb_str_equal(token, SB_STR("false"));
}

sb_json_got
sb_json_string(sb_json_values *v, const char *p, const char *end, sb_str *out)
{
    if (end - p < 2 || *p != '"' || end[-1] != '"') {
        return SB_JSON_BAD;
    }
    const char *body = p + 1;
    size_t size = (size_t)(end - 1 - body);
    if (!memchr(body, '\\', size)) {
        *out = (sb_str){body, size};
        return SB_JSON_VALUE;
    }
    char *plain = sb_arena_alloc(v->scratch, size + STRING_SLACK);
    if (!plain) {
        return SB_JSON_NOMEM;
    }
    out->data = plain;
    return sb_json_unescape(body, size, plain, &out->size) ? SB_JSON_VALUE : SB_JSON_BAD;
}

static sb_json_got
got_text(sb_json_values *v, const char *p, const char *end, sb_str *out)
{
    if (*p == '"') {
        return sb_json_string(v, p, end, out);
    }
    if (*p != '{' && *p != '[') {
        *out = (sb_str){p, (size_t)(end - p)};
        return is_plain_token(p, end) ? SB_JSON_VALUE : SB_JSON_BAD;
    }
    sb_text_clear(v->text);
    if (!sb_json_compact(p, (size_t)(end - p), v->text)) {
        return SB_JSON_BAD;
    }
    char *copy = v->text->failed ? NULL : sb_arena_alloc(v->scratch, v->text->size + STRING_SLACK);
    if (!copy) {
        return SB_JSON_NOMEM;
    }
    memcpy(copy, v->text->data, v->text->size);
    *out = (sb_str){copy, v->text->size};
    return SB_JSON_VALUE;
}

static sb_json_got
got_bytes(sb_json_values *v, const char *p, const char *end, sb_str *out)
{
    sb_str text;
    sb_json_got got = sb_json_string(v, p, end, &text);
    if (got != SB_JSON_VALUE) {
        return got;
    }
    char *bytes = sb_arena_alloc(v->scratch, text.size / 4 * 3 + 3 + STRING_SLACK);
    if (!bytes) {
        return SB_JSON_NOMEM;
    }
    out->data = bytes;
    return sb_fmt_base64_decode(text, bytes, &out->size) ? SB_JSON_VALUE : SB_JSON_BAD;
}

/* The text that Flink would look at for a scalar of another kind: the string's body, or the
 * token. */
static sb_json_got
got_token(sb_json_values *v, const char *p, const char *end, sb_str *out)
{
    if (*p == '"') {
        return sb_json_string(v, p, end, out);
    }
    *out = (sb_str){p, (size_t)(end - p)};
    return is_plain_token(p, end) ? SB_JSON_VALUE : SB_JSON_BAD;
}

/* cut: fractions are cut off (INT, BIGINT), else refused as Java's parsers of bytes and shorts
 * do. */
static sb_json_got
got_integer(sb_json_values *v, const char *p, const char *end, int64_t lo, int64_t hi, bool cut,
            int64_t *out)
{
    if (sb_json_short_integer(p, end, out)) {
        return *out >= lo && *out <= hi ? SB_JSON_VALUE : SB_JSON_BAD;
    }
    sb_str text;
    bool integer;
    sb_json_got got = got_token(v, p, end, &text);
    if (got != SB_JSON_VALUE) {
        return got;
    }
    if (*p != '"' && cut && !v->strict && sb_json_is_number(text.data, text.size, &integer) &&
        !integer) {
        double d;
        if (!sb_fmt_parse_f64(text, &d) || !(d >= (double)lo && d <= (double)hi)) {
            return SB_JSON_BAD;
        }
        *out = d >= 0x1p63 ? INT64_MAX
                           : (int64_t)d; /* (double)INT64_MAX is 2^63: Java's cast saturates */
        return SB_JSON_VALUE;
    }
    return sb_fmt_parse_i64(sb_fmt_str_trim(text), lo, hi, out) ? SB_JSON_VALUE : SB_JSON_BAD;
}

static sb_json_got
got_boolean(sb_json_values *v, const char *p, const char *end, uint8_t *out)
{
    if (end - p == 4 && memcmp(p, "true", 4) == 0) {
        *out = 1;
        return SB_JSON_VALUE;
    }
    if (end - p == 5 && memcmp(p, "false", 5) == 0) {
        *out = 0;
        return SB_JSON_VALUE;
    }
    sb_str text;
    sb_json_got got = got_token(v, p, end, &text);
    *out = got == SB_JSON_VALUE && sb_str_equal_nocase(sb_fmt_str_trim(text), SB_STR("true"));
    return v->strict && got == SB_JSON_VALUE ? SB_JSON_BAD : got;
}

static sb_json_got
got_decimal(sb_json_values *v, const sb_type *type, const char *p, const char *end, void *out)
{
    sb_str text;
    sb_int128 value;
    sb_json_got got = got_token(v, p, end, &text);
    if (got != SB_JSON_VALUE) {
        return got;
    }
    if (v->strict && type->scale == 0 &&
        (memchr(text.data, '.', text.size) || memchr(text.data, 'e', text.size) ||
         memchr(text.data, 'E', text.size))) {
        return SB_JSON_BAD;
    }
    switch (sb_fmt_parse_decimal(sb_fmt_str_trim(text), type->precision, type->scale, &value)) {
    case SB_DECIMAL_OVERFLOW: /* Flink: DecimalData.fromBigDecimal */
        return v->strict ? SB_JSON_BAD : SB_JSON_NULL;
    case SB_DECIMAL_SYNTAX: return SB_JSON_BAD;
    default: break;
    }
    if (sb_type_phys(type) == SB_PHYS_I64) {
        *(int64_t *)out = (int64_t)value;
    } else {
        memcpy(out, &value, sizeof value);
    }
    return SB_JSON_VALUE;
}

static sb_json_got
got_time(sb_json_values *v, const sb_type *type, const char *p, const char *end, void *out)
{
    sb_str text;
    sb_json_got got = got_token(v, p, end, &text);
    if (got != SB_JSON_VALUE) {
        return got;
    }
    bool fine;
    if (type->id == SB_TYPE_DATE) {
        fine = sb_fmt_parse_date(text, out);
    } else if (type->id == SB_TYPE_TIME) {
        fine = sb_fmt_parse_time(text, out);
    } else {
        sb_ts_ns ts;
        fine = sb_fmt_parse_timestamp(text, v->iso, type->id == SB_TYPE_TIMESTAMP_LTZ,
                                      type->precision, &ts) &&
               !(v->strict && sb_fmt_fraction_digits(text) > type->precision);
        if (fine) {
            memcpy(out, &ts, type->precision > 6 ? sizeof ts : sizeof ts.us);
        }
    }
    return fine ? SB_JSON_VALUE : SB_JSON_BAD;
}

static sb_json_got
got_float(sb_json_values *v, const sb_type *type, const char *p, const char *end, void *out)
{
    sb_str text;
    sb_json_got got = got_token(v, p, end, &text);
    if (got != SB_JSON_VALUE) {
        return got;
    }
    bool fine =
        type->id == SB_TYPE_DOUBLE ? sb_fmt_parse_f64(text, out) : sb_fmt_parse_f32(text, out);
    return fine ? SB_JSON_VALUE : SB_JSON_BAD;
}

sb_json_got
sb_json_scalar(sb_json_values *v, const sb_type *type, const char *p, const char *end, void *out)
{
    sb_json_got got;
    int64_t n = 0;
    if (*p == 'n' && end - p == 4 && memcmp(p, "null", 4) == 0) {
        return SB_JSON_NULL;
    }
    switch ((sb_type_id)type->id) {
    case SB_TYPE_BOOLEAN: return got_boolean(v, p, end, out);
    case SB_TYPE_TINYINT:
        got = got_integer(v, p, end, INT8_MIN, INT8_MAX, false, &n);
        *(int8_t *)out = (int8_t)n;
        return got;
    case SB_TYPE_SMALLINT:
        got = got_integer(v, p, end, INT16_MIN, INT16_MAX, false, &n);
        *(int16_t *)out = (int16_t)n;
        return got;
    case SB_TYPE_INT:
    case SB_TYPE_INTERVAL_MONTH:
        got = got_integer(v, p, end, INT32_MIN, INT32_MAX, true, &n);
        *(int32_t *)out = (int32_t)n;
        return got;
    case SB_TYPE_BIGINT:
    case SB_TYPE_INTERVAL_DAY: return got_integer(v, p, end, INT64_MIN, INT64_MAX, true, out);
    case SB_TYPE_FLOAT:
    case SB_TYPE_DOUBLE: return got_float(v, type, p, end, out);
    case SB_TYPE_DECIMAL: return got_decimal(v, type, p, end, out);
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: return got_text(v, p, end, out);
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: return got_bytes(v, p, end, out);
    case SB_TYPE_DATE:
    case SB_TYPE_TIME:
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return got_time(v, type, p, end, out);
    case SB_TYPE_NULL: return SB_JSON_NULL;
    default: return SB_JSON_BAD;
    }
}
