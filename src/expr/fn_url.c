/*
 * expr/fn_url.c -- URL_ENCODE, URL_DECODE as java.net.URLEncoder and URLDecoder with UTF-8.
 */
#include "expr/infer.h"
#include "kernels/utf8.h"

static bool
stays(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '*' || c == '_';
}

static sb_status
url_encode_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    char *to = NULL;
    size_t n = 0;
    SB_TRY(sb_call_room(call, 3 * s.size, &to, err), err);
    for (size_t i = 0; i < s.size; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (stays((char)c) || c == ' ') {
            to[n++] = c == ' ' ? '+' : (char)c;
            continue;
        }
        to[n++] = '%';
        to[n++] = "0123456789ABCDEF"[c >> 4];
        to[n++] = "0123456789ABCDEF"[c & 15];
    }
    return sb_call_take(call, out, to, n, err);
}

const sb_impl sb_impl_url_encode = {.row = url_encode_row};

/* The two characters behind %; Integer.parseInt takes a plus sign too. Below 0: wrong. */
static int
escaped_byte(sb_str s, size_t at)
{
    if (s.size - at < 3) {
        return -1;
    }
    int high = s.data[at + 1] == '+' ? 0 : sb_hex_digit(s.data[at + 1]);
    int low = sb_hex_digit(s.data[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Bytes of one run of escapes are one text: malformed ones become U+FFFD. */
static bool
decode_run(sb_str s, size_t *at, sb_text *run, sb_text *out)
{
    sb_text_clear(run);
    for (; *at < s.size && s.data[*at] == '%'; *at += 3) {
        int c = escaped_byte(s, *at);
        if (c < 0) {
            return false;
        }
        sb_text_char(run, (char)c);
    }
    sb_utf8_repair(out, run->data, run->size);
    return true;
}

static sb_status
url_decode_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    sb_text run;
    sb_text_clear(&call->text);
    sb_text_init(&run, call->mem);
    for (size_t i = 0; i < s.size && !call->is_null;) {
        if (s.data[i] == '%') {
            call->is_null = !decode_run(s, &i, &run, &call->text);
            continue;
        }
        sb_text_char(&call->text, s.data[i] == '+' ? ' ' : s.data[i]);
        i++;
    }
    bool failed = sb_text_failed(&run);
    sb_text_deinit(&run);
    if (failed) {
        SB_NOMEM(err);
    }
    return call->is_null ? SB_OK : sb_call_text(call, out, err);
}

const sb_impl sb_impl_url_decode = {.row = url_decode_row};
