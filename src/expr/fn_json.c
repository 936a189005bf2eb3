/*
 * expr/fn_json.c -- JSON_QUOTE, JSON_UNQUOTE, IS JSON [VALUE | OBJECT | ARRAY | SCALAR].
 *
 * DESIGN     As Jackson reads: the first value of the text decides, what follows it is not looked
 * at.
 */
#include "expr/charset.h"
#include "expr/infer.h"
#include "expr/json_doc.h"
#include "kernels/bits.h"
#include "kernels/json_scan.h"
#include "kernels/utf8.h"

#include <string.h>

#define MAX_DEPTH 1000 /* of nested objects and arrays */

enum { ANY_JSON, OBJECT, ARRAY, SCALAR };

typedef struct reader {
    sb_str s;
    size_t at;
} reader;

/* The character at the cursor; 0 at the end. */
static char
peek(const reader *r)
{
    return r->at < r->s.size ? r->s.data[r->at] : 0;
}

static bool
take(reader *r, char c)
{
    if (r->at >= r->s.size || r->s.data[r->at] != c) {
        return false;
    }
    r->at++;
    return true;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(reader *r)
{
    while (r->at < r->s.size && is_space(r->s.data[r->at])) {
        r->at++;
    }
}

/* Four hexadecimal digits; below 0: there are not. */
static int32_t
four_digits(sb_str s, size_t at)
{
    int32_t v = 0;
    for (size_t i = at; i < at + 4; i++) {
        int d = i < s.size ? sb_hex_digit(s.data[i]) : -1;
        if (d < 0) {
            return -1;
        }
        v = v * 16 + d;
    }
    return v;
}

static bool
read_string(reader *r)
{
    if (!take(r, '"')) {
        return false;
    }
    for (;;) {
        r->at = sb_json_plain_end(r->s.data, r->at, r->s.size);
        if (r->at >= r->s.size) {
            return false;
        }
        char c = r->s.data[r->at++];
        if (c != '\\') {
            return c == '"';
        }
        c = peek(r);
        r->at++;
        if (c == 'u' && four_digits(r->s, r->at) < 0) {
            return false;
        }
        if (c == 0 || !strchr("\"\\/bfnrtu", c)) {
            return false;
        }
    }
}

static bool
read_digits(reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9') {
        r->at++;
    }
    return r->at > from;
}

static bool
read_number(reader *r)
{
    (void)take(r, '-');
    size_t from = r->at;
    if (!read_digits(r) || (r->s.data[from] == '0' && r->at > from + 1)) {
        return false;
    }
    if (take(r, '.') && !read_digits(r)) {
        return false;
    }
    if (take(r, 'e') || take(r, 'E')) {
        if (!take(r, '+')) {
            (void)take(r, '-');
        }
        return read_digits(r);
    }
    return true;
}

/* Letters, digits and the like may not follow. */
static bool
read_word(reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->s.size - r->at < n || memcmp(r->s.data + r->at, word, n) != 0) {
        return false;
    }
    r->at += n;
    char c = peek(r);
    return !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
             c == '$' || (c & 0x80));
}

static bool
read_scalar(reader *r)
{
    switch (peek(r)) {
    case '"': return read_string(r);
    case 't': return read_word(r, "true");
    case 'f': return read_word(r, "false");
    case 'n': return read_word(r, "null");
    default: return read_number(r);
    }
}

/* The name of a member and its colon. */
static bool
read_name(reader *r)
{
    skip_space(r);
    if (!read_string(r)) {
        return false;
    }
    skip_space(r);
    return take(r, ':');
}

/* Behind a value: closes what ends there. False: broken; *depth 0: the outermost value is read. */
static bool
read_ends(reader *r, const bool *objects, int *depth)
{
    while (*depth > 0) {
        bool object = objects[*depth - 1];
        skip_space(r);
        if (take(r, ',')) {
            return !object || read_name(r);
        }
        if (!take(r, object ? '}' : ']')) {
            return false;
        }
        --*depth;
    }
    return true;
}

/* An opening bracket, and the name of a first member. *out_empty: it is closed at once. */
static bool
read_open(reader *r, bool *objects, int *depth, bool *out_empty)
{
    bool object = peek(r) == '{';
    r->at++;
    skip_space(r);
    *out_empty = take(r, object ? '}' : ']');
    if (*out_empty) {
        return true;
    }
    if (*depth == MAX_DEPTH) {
        return false;
    }
    objects[(*depth)++] = object;
    return !object || read_name(r);
}

/* The first value of the text, which begins at a character that is no space. */
static bool
read_value(reader *r)
{
    bool objects[MAX_DEPTH];
    int depth = 0;
    do {
        bool done = true;
        skip_space(r);
        if (peek(r) == '{' || peek(r) == '[') {
            if (!read_open(r, objects, &depth, &done)) {
                return false;
            }
        } else if (!read_scalar(r)) {
            return false;
        }
        if (done && !read_ends(r, objects, &depth)) {
            return false;
        }
    } while (depth > 0);
    return true;
}

static bool
is_json(sb_str s, int kind)
{
    reader r = {.s = s};
    skip_space(&r);
    char first = peek(&r);
    bool number = first == '-' || (first >= '0' && first <= '9');
    if (!read_value(&r) || (number && r.at < s.size && !is_space(s.data[r.at]))) {
        return false;
    }
    return kind == ANY_JSON || kind == (first == '{' ? OBJECT : first == '[' ? ARRAY : SCALAR);
}

static sb_status
is_json_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_vector *arg = call->args[0];
    SB_TRY(sb_call_result(call, false, out, err), err);
    uint8_t *to = sb_vector_values_mut(*out);
    SB_EACH_ROW(r, call->rows, call->count)
    {
        to[r] = sb_vector_valid(arg, r) &&
                is_json(sb_arg_str(sb_vector_at(arg, r)), call->expr->function->impl->code);
    }
    return SB_OK;
}

const sb_impl sb_impl_is_json = {.vector = is_json_vector, .code = ANY_JSON};
const sb_impl sb_impl_is_json_object = {.vector = is_json_vector, .code = OBJECT};
const sb_impl sb_impl_is_json_array = {.vector = is_json_vector, .code = ARRAY};
const sb_impl sb_impl_is_json_scalar = {.vector = is_json_vector, .code = SCALAR};

/* IS NOT JSON ... is NOT (IS JSON ...). */
static sb_status
is_not_json_infer(sb_infer *in, sb_error *err)
{
    static const char *const names[] = {"IS JSON", "IS JSON OBJECT", "IS JSON ARRAY",
                                        "IS JSON SCALAR"};
    sb_expr *positive;
    SB_TRY(sb_expr_call(in->arena, names[in->function->impl->code], in->args, in->count, &positive,
                        err),
           err);
    return sb_expr_call(in->arena, "NOT", &positive, 1, &in->replace, err);
}

const sb_impl sb_impl_is_not_json = {.infer = is_not_json_infer, .code = ANY_JSON};
const sb_impl sb_impl_is_not_json_object = {.infer = is_not_json_infer, .code = OBJECT};
const sb_impl sb_impl_is_not_json_array = {.infer = is_not_json_infer, .code = ARRAY};
const sb_impl sb_impl_is_not_json_scalar = {.infer = is_not_json_infer, .code = SCALAR};

/* ---- JSON_QUOTE, JSON_UNQUOTE -------------------------------------------------------------------
 */

/* As Flink writes it: a character beyond the BMP as its code point and then its second half. */
static void
quote_wide(sb_text *out, const char *c, size_t width)
{
    const unsigned char *b = (const unsigned char *)c;
    uint32_t v = width == 2   ? (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu)
                 : width == 3 ? (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu)
                 : width == 4 ? (b[0] & 0x07u) << 18 | (b[1] & 0x3Fu) << 12 | (b[2] & 0x3Fu) << 6 |
                                    (b[3] & 0x3Fu)
                              : 0xFFFD;
    sb_text_printf(out, "\\u%04x", v);
    if (width == 4) {
        sb_text_printf(out, "\\u%04x", 0xDC00 + ((v - 0x10000) & 0x3FF));
    }
}

/* Nothing in it needs a backslash. */
static sb_status
quote_plain(sb_call *call, sb_str s, void *out, sb_error *err)
{
    char *to = NULL;
    SB_TRY(sb_call_room(call, s.size + 2, &to, err), err);
    to[0] = to[s.size + 1] = '"';
    memcpy(to + 1, s.data, s.size);
    return sb_call_take(call, out, to, s.size + 2, err);
}

static sb_status
quote_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    static const char plain[] = "\"\\/\b\f\n\r\t", letters[] = "\"\\/bfnrt";
    sb_str s = sb_arg_str(args[0]);
    size_t i = sb_json_quote_end(s.data, 0, s.size);
    if (i == s.size) {
        return quote_plain(call, s, out, err);
    }
    sb_text_clear(&call->text);
    sb_text_char(&call->text, '"');
    sb_text_append(&call->text, s.data, i);
    while (i < s.size) {
        size_t plain_end = sb_json_quote_end(s.data, i, s.size);
        sb_text_append(&call->text, s.data + i, plain_end - i);
        i = plain_end;
        if (i == s.size) {
            break;
        }
        size_t w = sb_utf8_width(s.data + i, s.size - i);
        const char *special = s.data[i] ? strchr(plain, s.data[i]) : NULL;
        if (s.data[i] & 0x80) {
            quote_wide(&call->text, s.data + i, w);
        } else if (special) {
            sb_text_char(&call->text, '\\');
            sb_text_char(&call->text, letters[special - plain]);
        } else {
            sb_text_char(&call->text, s.data[i]);
        }
        i += w;
    }
    sb_text_char(&call->text, '"');
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_json_quote = {.row = quote_row};

const char *
sb_jdoc_put_unit(sb_text *out, const char *at, const char *end)
{
    int32_t unit = four_digits((sb_str){at, (size_t)(end - at)}, 0), low = -1;
    if (unit < 0) {
        return NULL;
    }
    at += 4;
    if (unit < 0xD800 || unit > 0xDFFF) {
        sb_charset_put(out, (uint32_t)unit);
        return at;
    }
    if (unit < 0xDC00 && end - at >= 6 && memcmp(at, "\\u", 2) == 0) {
        low = four_digits((sb_str){at, (size_t)(end - at)}, 2);
    }
    if (low < 0xDC00 || low > 0xDFFF) {
        sb_text_char(out, '?');
        return at;
    }
    sb_charset_put(out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
    return at + 6;
}

/* *out_known false: an escape that is none. */
static sb_status
unescape(sb_text *out, sb_str s, bool *out_known, sb_error *err)
{
    static const char letters[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    *out_known = true;
    for (size_t i = 0; i < s.size;) {
        const char *next = memchr(s.data + i, '\\', s.size - i);
        size_t plain_end = next ? (size_t)(next - s.data) : s.size;
        plain_end = plain_end + 1 == s.size ? s.size : plain_end;
        if (plain_end > i) {
            sb_text_append(out, s.data + i, plain_end - i);
            i = plain_end;
            continue;
        }
        char c = s.data[i + 1];
        const char *known = c ? strchr(letters, c) : NULL;
        if (known) {
            sb_text_char(out, plain[known - letters]);
            i += 2;
        } else if (c == 'u') {
            const char *behind = sb_jdoc_put_unit(out, s.data + i + 2, s.data + s.size);
            if (!behind) {
                SB_FAIL(err, SB_STATUS_DATA, "JSON_UNQUOTE: broken \\u in '%.*s'",
                        (int)(s.size > 200 ? 200 : s.size), s.data);
            }
            i = (size_t)(behind - s.data);
        } else {
            *out_known = false;
            return SB_OK;
        }
    }
    return SB_OK;
}

void
sb_jdoc_unescape(sb_text *out, sb_str s)
{
    bool known;
    sb_error ignored;
    (void)unescape(out, s, &known, &ignored);
}

static sb_status
unquote_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    bool known = false;
    if (s.size >= 2 && s.data[0] == '"' && sb_json_plain_end(s.data, 1, s.size) == s.size - 1 &&
        s.data[s.size - 1] == '"') {
        sb_call_slice(call, out, 0, s.data + 1, s.size - 2); /* no escapes */
        return SB_OK;
    }
    if (s.size >= 2 && s.data[0] == '"' && s.data[s.size - 1] == '"' && is_json(s, ANY_JSON)) {
        sb_text_clear(&call->text);
        SB_TRY(unescape(&call->text, (sb_str){s.data + 1, s.size - 2}, &known, err), err);
    }
    if (!known) {
        sb_call_slice(call, out, 0, s.data, s.size);
        return SB_OK;
    }
    return sb_call_text(call, out, err);
}

const sb_impl sb_impl_json_unquote = {.row = unquote_row};
