/*
 * expr/fn_inet.c -- INET_ATON, INET_NTOA.
 *
 * DESIGN     An address has one to four numbers; the last one fills the bytes that are left, so
 * 127.1 is 127.0.0.1.
 */
#include "expr/function.h"

static sb_status
inet_aton_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    int64_t result = 0, part = 0;
    int count = 0, digits = 0;
    (void)err;
    call->is_null = true;
    for (size_t i = 0; i <= s.size; i++) {
        if (i < s.size && s.data[i] >= '0' && s.data[i] <= '9' && digits < 10) {
            part = part * 10 + (s.data[i] - '0');
            digits++;
            continue;
        }
        bool last = i == s.size;
        int64_t limit = last ? INT64_C(1) << (8 * (4 - count)) : 256;
        if (digits == 0 || count > 3 || part >= limit || (!last && s.data[i] != '.')) {
            return SB_OK;
        }
        result = last ? (result << (8 * (4 - count))) + part : (result << 8) + part;
        part = digits = 0;
        count++;
    }
    *(int64_t *)out = result;
    call->is_null = false;
    return SB_OK;
}

static sb_status
inet_ntoa_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    int64_t v = *(const int64_t *)args[0];
    if (v < 0 || v > UINT32_MAX) {
        call->is_null = true;
        return SB_OK;
    }
    sb_text_clear(&call->text);
    sb_text_printf(&call->text, "%d.%d.%d.%d", (int)(v >> 24), (int)(v >> 16 & 255),
                   (int)(v >> 8 & 255), (int)(v & 255));
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_inet_aton = {.row = inet_aton_row};
const sb_impl sb_impl_inet_ntoa = {.row = inet_ntoa_row};
