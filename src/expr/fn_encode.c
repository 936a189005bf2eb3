/*
 * expr/fn_encode.c -- text as numbers and back: ASCII, CHR, HEX, UNHEX, BIN, TO_BASE64,
 * FROM_BASE64.
 */
#include "expr/infer.h"
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <string.h>

/* The first byte, signed as Java's. */
static sb_status
ascii_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    (void)call, (void)err;
    *(int32_t *)out = s.size ? (signed char)s.data[0] : 0;
    return SB_OK;
}

const sb_impl sb_impl_ascii = {.row = ascii_row};

static sb_status
chr_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t code = *(const int64_t *)args[0];
    unsigned c = (unsigned)((uint64_t)code & 0xFF);
    char text[2] = {(char)c};
    if (c >= 0x80) {
        text[0] = (char)(0xC0 | c >> 6);
        text[1] = (char)(0x80 | (c & 0x3F));
    }
    return sb_call_string(call, out, text, code < 0 ? 0 : c >= 0x80 ? 2 : 1, err);
}

const sb_impl sb_impl_chr = {.row = chr_row};

/* ---- digits -------------------------------------------------------------------------------------
 */

/* code: bits of a digit. Negative numbers are shown as two's complement. */
static sb_status
digits_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    uint64_t v = (uint64_t) * (const int64_t *)args[0];
    int shift = call->expr->function->impl->code;
    char text[64], *at = text + sizeof text;
    do {
        *--at = "0123456789ABCDEF"[v & ((1u << shift) - 1)];
        v >>= shift;
    } while (v);
    return sb_call_string(call, out, at, (size_t)(text + sizeof text - at), err);
}

const sb_impl sb_impl_bin = {.row = digits_row, .code = 1};
const sb_impl sb_impl_hex_number = {.row = digits_row, .code = 4};

/* Eight digits of four bytes, the first one first. */
static inline void
put_hex_4(char *to, uint32_t bytes)
{
    uint64_t v = bytes, letters;
    v = (v | v << 16) & UINT64_C(0x0000FFFF0000FFFF);
    v = (v | v << 8) & UINT64_C(0x00FF00FF00FF00FF);
    v = (v >> 4 | v << 8) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    letters = (v + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
    v += UINT64_C(0x3030303030303030) + letters * ('A' - '0' - 10);
    memcpy(to, &v, 8);
}

static sb_status
hex_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    SB_TRY(sb_call_room(call, 2 * s.size, &to, err), err);
    size_t i = 0;
    for (; i + 4 <= s.size; i += 4) {
        put_hex_4(to + 2 * i, (uint32_t)sb_load_32(s.data + i));
    }
    for (; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        to[2 * i] = "0123456789ABCDEF"[c >> 4];
        to[2 * i + 1] = "0123456789ABCDEF"[c & 15];
    }
    return sb_call_take(call, out, to, 2 * s.size, err);
}

const sb_impl sb_impl_hex = {.row = hex_row};

/* NULL when there is anything but digits. Of an odd number of digits Flink makes the first one a
 * zero byte, whatever it is. */
static sb_status
unhex_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    size_t odd = s.size & 1, n = s.size / 2 + odd;
    SB_TRY(sb_call_room(call, n, &to, err), err);
    if (odd) {
        call->is_null = sb_hex_digit(s.data[0]) < 0;
        to[0] = 0;
    }
    for (size_t i = odd; i < s.size; i += 2) {
        int high = sb_hex_digit(s.data[i]), low = sb_hex_digit(s.data[i + 1]);
        call->is_null = call->is_null || high < 0 || low < 0;
        to[(i + odd) / 2] = (char)((unsigned)high << 4 | (unsigned)low);
    }
    return call->is_null ? SB_OK : sb_call_take(call, out, to, n, err);
}

const sb_impl sb_impl_unhex = {.row = unhex_row};

/* ---- base64 -------------------------------------------------------------------------------------
 */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static sb_status
to_base64_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    size_t n = (s.size + 2) / 3 * 4;
    char *to = NULL;
    SB_TRY(sb_call_room(call, n, &to, err), err);
    for (size_t i = 0, at = 0; i < s.size; i += 3, at += 4) {
        size_t left = s.size - i;
        uint32_t v = (uint32_t)(unsigned char)s.data[i] << 16;
        v |= left > 1 ? (uint32_t)(unsigned char)s.data[i + 1] << 8 : 0;
        v |= left > 2 ? (uint32_t)(unsigned char)s.data[i + 2] : 0;
        to[at] = base64[v >> 18];
        to[at + 1] = base64[v >> 12 & 63];
        to[at + 2] = left > 1 ? base64[v >> 6 & 63] : '=';
        to[at + 3] = left > 2 ? base64[v & 63] : '=';
    }
    return sb_call_take(call, out, to, n, err);
}

const sb_impl sb_impl_to_base64 = {.row = to_base64_row};

/* What the digits mean, plus 1: 0 is no digit. */
#define RUN_10(first, value)                                                                \
    [first] = (value) + 1, (value) + 2, (value) + 3, (value) + 4, (value) + 5, (value) + 6, \
    (value) + 7, (value) + 8, (value) + 9, (value) + 10
#define RUN_26(first, value)                                                                   \
    RUN_10(first, value), RUN_10((first) + 10, (value) + 10),                                  \
        [(first) + 20] = (value) + 21, (value) + 22, (value) + 23, (value) + 24, (value) + 25, \
                   (value) + 26
static const uint8_t base64_values[256] = {RUN_26('A', 0), RUN_26('a', 26),
                                           RUN_10('0', 52), ['+'] = 63, ['/'] = 64};
#undef RUN_26
#undef RUN_10

/* Up to four digits, in the high bits of 24; false: there is another character. */
static inline bool
base64_group(const char *at, size_t count, uint32_t *out)
{
    uint32_t v = 0, known = 1;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < count ? base64_values[(unsigned char)at[i]] : 1;
        known &= value != 0;
        v = v << 6 | ((value - 1) & 63);
    }
    *out = v;
    return known;
}

/* The rules of java.util.Base64: padding may be missing, but not be wrong; unused bits of the last
 * digit do not matter. to: room for 3 bytes per 4 digits begun. */
static bool
base64_decode(sb_str s, char *to, size_t *out_size)
{
    size_t n = s.size, i = 0;
    uint32_t v;
    char *at = to;
    if (n >= 4 && n % 4 == 0 && s.data[n - 1] == '=') {
        n -= s.data[n - 2] == '=' ? 2 : 1;
    }
    if (n % 4 == 1) {
        return false;
    }
    for (; i + 4 <= n; i += 4, at += 3) {
        if (!base64_group(s.data + i, 4, &v)) {
            return false;
        }
        at[0] = (char)(v >> 16);
        at[1] = (char)(v >> 8);
        at[2] = (char)v;
    }
    if (i < n) {
        if (!base64_group(s.data + i, n - i, &v)) {
            return false;
        }
        *at++ = (char)(v >> 16);
        if (n - i == 3) {
            *at++ = (char)(v >> 8);
        }
    }
    *out_size = (size_t)(at - to);
    return true;
}

static sb_status
from_base64_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    size_t size = 0;
    SB_TRY(sb_call_room(call, (s.size + 3) / 4 * 3, &to, err), err);
    if (!base64_decode(s, to, &size)) {
        SB_FAIL(err, SB_STATUS_DATA, "FROM_BASE64: '%.*s' is not base64",
                (int)(s.size > 200 ? 200 : s.size), s.data);
    }
    if (sb_utf8_is_valid(to, size)) {
        return sb_call_take(call, out, to, size, err);
    }
    sb_text_clear(&call->text);
    sb_utf8_repair(&call->text, to, size);
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_from_base64 = {.row = from_base64_row};
