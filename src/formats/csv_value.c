/*
 * formats/csv_value.c -- the text of a CSV field as a value of an SQL type.
 */
#include "formats/csv_value.h"

#include <string.h>

#include "formats/base64.h"
#include "formats/format.h"
#include "formats/number_text.h"
#include "formats/time_text.h"

static sb_csv_got
got(bool fine)
{
    return fine ? SB_CSV_VALUE : SB_CSV_WRONG;
}

static sb_csv_got
got_decimal(const sb_type *type, sb_str text, void *out)
{
    sb_int128 value;
    switch (sb_fmt_parse_decimal(sb_fmt_str_trim(text), type->precision, type->scale, &value)) {
    case SB_DECIMAL_OVERFLOW: return SB_CSV_NULL;
    case SB_DECIMAL_SYNTAX: return SB_CSV_WRONG;
    default: break;
    }
    if (sb_type_phys(type) == SB_PHYS_I64) {
        *(int64_t *)out = (int64_t)value;
    } else {
        memcpy(out, &value, sizeof value);
    }
    return SB_CSV_VALUE;
}

/* Flink cuts milliseconds that the precision does not have. */
static sb_csv_got
got_time(const sb_type *type, sb_str text, int32_t *out)
{
    static const int32_t units[4] = {1000, 100, 10, 1};
    if (!sb_fmt_parse_time_iso(text, out)) {
        return SB_CSV_WRONG;
    }
    *out -= *out % units[type->precision > 3 ? 3 : type->precision];
    return SB_CSV_VALUE;
}

static sb_csv_got
got_timestamp(const sb_type *type, sb_str text, void *out)
{
    sb_ts_ns ts;
    if (!sb_fmt_parse_timestamp(text, false, type->id == SB_TYPE_TIMESTAMP_LTZ, type->precision,
                                &ts)) {
        return SB_CSV_WRONG;
    }
    memcpy(out, &ts, type->precision > 6 ? sizeof ts : sizeof ts.us);
    return SB_CSV_VALUE;
}

static sb_csv_got
got_bytes(sb_arena *scratch, sb_str text, sb_str *out)
{
    char *bytes = sb_arena_alloc(scratch, text.size / 4 * 3 + 3 + SB_FORMAT_PADDING);
    if (!bytes) {
        return SB_CSV_NOMEM;
    }
    out->data = bytes;
    return got(sb_fmt_base64_decode(text, bytes, &out->size));
}

sb_csv_got
sb_csv_scalar(sb_arena *scratch, const sb_type *type, sb_str text, void *out)
{
    int64_t n = 0;
    bool fine;
    switch ((sb_type_id)type->id) {
    case SB_TYPE_BOOLEAN:
        *(uint8_t *)out = sb_str_equal_nocase(sb_fmt_str_trim(text), SB_STR("true"));
        return SB_CSV_VALUE;
    case SB_TYPE_TINYINT:
        fine = sb_fmt_parse_i64(sb_fmt_str_trim(text), INT8_MIN, INT8_MAX, &n);
        *(int8_t *)out = (int8_t)n;
        return got(fine);
    case SB_TYPE_SMALLINT:
        fine = sb_fmt_parse_i64(sb_fmt_str_trim(text), INT16_MIN, INT16_MAX, &n);
        *(int16_t *)out = (int16_t)n;
        return got(fine);
    case SB_TYPE_INT:
    case SB_TYPE_INTERVAL_MONTH:
        fine = sb_fmt_parse_i64(sb_fmt_str_trim(text), INT32_MIN, INT32_MAX, &n);
        *(int32_t *)out = (int32_t)n;
        return got(fine);
    case SB_TYPE_BIGINT:
    case SB_TYPE_INTERVAL_DAY:
        return got(sb_fmt_parse_i64(sb_fmt_str_trim(text), INT64_MIN, INT64_MAX, out));
    case SB_TYPE_FLOAT: return got(sb_fmt_parse_f32(text, out));
    case SB_TYPE_DOUBLE: return got(sb_fmt_parse_f64(text, out));
    case SB_TYPE_DECIMAL: return got_decimal(type, text, out);
    case SB_TYPE_CHAR:
    case SB_TYPE_VARCHAR: *(sb_str *)out = text; return SB_CSV_VALUE;
    case SB_TYPE_BINARY:
    case SB_TYPE_VARBINARY: return got_bytes(scratch, text, out);
    case SB_TYPE_DATE: return got(sb_fmt_parse_date_lenient(text, out));
    case SB_TYPE_TIME: return got_time(type, text, out);
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return got_timestamp(type, text, out);
    case SB_TYPE_NULL: return SB_CSV_NULL;
    default: return SB_CSV_WRONG;
    }
}

bool
sb_csv_changes(const sb_type *type, sb_str text)
{
    int32_t days;
    sb_int128 value;
    switch ((sb_type_id)type->id) {
    case SB_TYPE_BOOLEAN:
        return !sb_str_equal_nocase(text, SB_STR("true")) &&
               !sb_str_equal_nocase(text, SB_STR("false"));
    case SB_TYPE_DECIMAL:
        text = sb_fmt_str_trim(text);
        for (size_t i = 0; type->scale == 0 && i < text.size; i++) {
            if (text.data[i] == '.' || text.data[i] == 'e' || text.data[i] == 'E') {
                return true;
            }
        }
        return sb_fmt_parse_decimal(text, type->precision, type->scale, &value) != SB_DECIMAL_OK;
    case SB_TYPE_DATE: return !sb_fmt_parse_date(text, &days);
    case SB_TYPE_TIMESTAMP:
    case SB_TYPE_TIMESTAMP_LTZ: return sb_fmt_fraction_digits(text) > type->precision;
    default: return false;
    }
}
