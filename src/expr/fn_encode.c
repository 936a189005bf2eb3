/*
 * expr/fn_encode.c -- text as numbers and back: ASCII, CHR, HEX, UNHEX, BIN, TO_BASE64,
 * FROM_BASE64.
 */
#include "expr/infer.h"
#include "kernels/utf8.h"

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

static sb_status
hex_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    SB_TRY(sb_call_room(call, 2 * s.size, &to, err), err);
    for (size_t i = 0; i < s.size; i++) {
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

static int
base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

/* The rules of java.util.Base64: padding may be missing, but not be wrong; unused bits of the last
 * digit do not matter. */
static bool
base64_decode(sb_str s, sb_text *out)
{
    size_t n = s.size;
    if (n >= 4 && n % 4 == 0 && s.data[n - 1] == '=') {
        n -= s.data[n - 2] == '=' ? 2 : 1;
    }
    if (n % 4 == 1) {
        return false;
    }
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        int digit = base64_digit(s.data[i]);
        if (digit < 0) {
            return false;
        }
        v = v << 6 | (uint32_t)digit;
        if (i % 4 > 0) {
            sb_text_char(out, (char)(v >> (6 - 2 * (i % 4)) & 0xFF));
        }
    }
    return true;
}

static sb_status
from_base64_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    sb_text_clear(&call->text);
    if (!base64_decode(s, &call->text)) {
        SB_FAIL(err, SB_STATUS_DATA, "FROM_BASE64: '%.*s' is not base64",
                (int)(s.size > 200 ? 200 : s.size), s.data);
    }
    if (sb_utf8_is_valid(call->text.data, call->text.size)) {
        return sb_call_text(call, out, err);
    }
    sb_text repaired;
    sb_text_init(&repaired, call->mem);
    sb_utf8_repair(&repaired, call->text.data, call->text.size);
    sb_text_clear(&call->text);
    sb_text_append(&call->text, repaired.data, repaired.size);
    bool failed = sb_text_failed(&repaired);
    sb_text_deinit(&repaired);
    if (failed) {
        SB_NOMEM(err);
    }
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_from_base64 = {.row = from_base64_row};
