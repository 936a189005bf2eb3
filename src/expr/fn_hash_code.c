/*
 * expr/fn_hash_code.c -- HASH_CODE: the hashCode() of the Java value that Flink has for a value.
 *
 * DESIGN     Texts are hashed by their UTF-16 units and have no sign, decimals as BigDecimal, with
 *            their scale.
 */
#include "expr/infer.h"
#include "kernels/calendar.h"
#include "kernels/utf8.h"

#include <math.h>
#include <string.h>

static uint32_t
hash_u64(uint64_t v)
{
    return (uint32_t)(v ^ v >> 32);
}

/* String.hashCode, without its sign */
static uint32_t
hash_text(sb_str s)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < s.size;) {
        const unsigned char *b = (const unsigned char *)s.data + i;
        size_t width = sb_utf8_width(s.data + i, s.size - i);
        uint32_t c = width == 1   ? b[0]
                     : width == 2 ? (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu)
                     : width == 3 ? (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu)
                                  : (b[0] & 0x07u) << 18 | (b[1] & 0x3Fu) << 12 |
                                        (b[2] & 0x3Fu) << 6 | (b[3] & 0x3Fu);
        if (c >= 0x10000) {
            hash = hash * 31 + 0xD800 + ((c - 0x10000) >> 10);
            c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
        hash = hash * 31 + c;
        i += width;
    }
    return hash >> 31 ? 0 - hash : hash;
}

/* BigDecimal.hashCode: of the digits, four bytes at a time, and of the scale */
static uint32_t
hash_decimal(sb_int128 value, int scale)
{
    unsigned __int128 digits = value < 0 ? 0 - (unsigned __int128)value : (unsigned __int128)value;
    uint32_t hash = 0;
    for (int shift = 96; shift >= 0; shift -= 32) {
        hash = hash * 31 + (uint32_t)(digits >> shift);
    }
    return (value < 0 ? 0 - hash : hash) * 31 + (uint32_t)scale;
}

static sb_int128
decimal_at(const sb_type *t, const void *at)
{
    return t->precision > 18 ? *(const sb_int128 *)at : *(const int64_t *)at;
}

static uint32_t
hash_float(float v)
{
    uint32_t bits;
    v = isnan(v) ? NAN : v;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static uint32_t
hash_double(double v)
{
    uint64_t bits;
    v = isnan(v) ? (double)NAN : v;
    memcpy(&bits, &v, sizeof bits);
    return hash_u64(bits);
}

/* TimestampData.hashCode: of the milliseconds and of the nanoseconds behind them */
static uint32_t
hash_timestamp(sb_ts_ns ts)
{
    int64_t ms = sb_floor_div(ts.us, 1000);
    uint32_t nanos = (uint32_t)((ts.us - ms * 1000) * 1000 + ts.ns);
    return ((uint32_t)ms ^ (uint32_t)(ms >> 32)) * 31 + nanos;
}

static sb_status
hash_code_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    const sb_type *t = sb_call_arg_type(call, 0);
    const void *at = args[0];
    uint32_t hash;
    (void)err;
    switch ((sb_type_id)t->id) {
    case SB_TYPE_BOOLEAN: hash = *(const uint8_t *)at ? 1231 : 1237; break;
    case SB_TYPE_TINYINT: hash = (uint32_t)(int32_t) * (const int8_t *)at; break;
    case SB_TYPE_SMALLINT: hash = (uint32_t)(int32_t) * (const int16_t *)at; break;
    case SB_TYPE_INT:
    case SB_TYPE_DATE:
    case SB_TYPE_TIME: hash = *(const uint32_t *)at; break;
    case SB_TYPE_BIGINT: hash = hash_u64(*(const uint64_t *)at); break;
    case SB_TYPE_FLOAT: hash = hash_float(*(const float *)at); break;
    case SB_TYPE_DOUBLE: hash = hash_double(*(const double *)at); break;
    case SB_TYPE_DECIMAL: hash = hash_decimal(decimal_at(t, at), t->scale); break;
    case SB_TYPE_TIMESTAMP: hash = hash_timestamp(sb_ts_load(t, at)); break;
    default: hash = hash_text(sb_arg_str(at)); break;
    }
    memcpy(out, &hash, sizeof hash);
    return SB_OK;
}

/* Those types that Flink takes. */
static sb_status
hash_code_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    const sb_type *t = &in->args[0]->type;
    switch ((sb_type_id)t->id) {
    case SB_TYPE_BOOLEAN:
    case SB_TYPE_TINYINT:
    case SB_TYPE_SMALLINT:
    case SB_TYPE_INT:
    case SB_TYPE_BIGINT:
    case SB_TYPE_FLOAT:
    case SB_TYPE_DOUBLE:
    case SB_TYPE_DECIMAL:
    case SB_TYPE_DATE:
    case SB_TYPE_TIME:
    case SB_TYPE_TIMESTAMP: return SB_OK;
    default: return sb_type_is_string(t) ? SB_OK : sb_infer_mismatch(in, err);
    }
}

const sb_impl sb_impl_hash_code = {.infer = hash_code_infer, .row = hash_code_row};
