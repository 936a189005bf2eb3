/*
 * expr/fn_charset.c -- ENCODE, DECODE: text to bytes of a character set and back, as Java does.
 *
 * DESIGN     The sets that every Java has and UTF-32 are coded here; others are tables that iconv
 * fills (charset.h). What a set lacks is written as '?'; what is malformed is read as U+FFFD.
 */
#include "expr/charset.h"
#include "expr/infer.h"
#include "kernels/utf8.h"

typedef enum charset {
    UTF8,
    ASCII,
    LATIN1,
    UTF16,
    UTF16BE,
    UTF16LE,
    UTF32,
    UTF32BE,
    UTF32LE,
    TABLE, /* of charset.h */
    UNKNOWN
} charset;

static const struct {
    const char *name;
    charset set;
} coded_names[] = {{"UTF-8", UTF8},
                   {"UTF8", UTF8},
                   {"unicode-1-1-utf-8", UTF8},
                   {"US-ASCII", ASCII},
                   {"ASCII", ASCII},
                   {"ASCII7", ASCII},
                   {"646", ASCII},
                   {"ISO646-US", ASCII},
                   {"ISO_646.irv:1991", ASCII},
                   {"us", ASCII},
                   {"cp367", ASCII},
                   {"ANSI_X3.4-1968", ASCII},
                   {"IBM367", ASCII},
                   {"csASCII", ASCII},
                   {"ANSI_X3.4-1986", ASCII},
                   {"iso-ir-6", ASCII},
                   {"default", ASCII},
                   {"ISO_646.irv:1983", ASCII},
                   {"ISO-8859-1", LATIN1},
                   {"latin1", LATIN1},
                   {"l1", LATIN1},
                   {"ISO8859_1", LATIN1},
                   {"iso-ir-100", LATIN1},
                   {"8859_1", LATIN1},
                   {"ISO_8859-1", LATIN1},
                   {"ISO8859-1", LATIN1},
                   {"ISO_8859_1", LATIN1},
                   {"IBM819", LATIN1},
                   {"cp819", LATIN1},
                   {"csISOLatin1", LATIN1},
                   {"819", LATIN1},
                   {"IBM-819", LATIN1},
                   {"ISO_8859-1:1987", LATIN1},
                   {"UTF-16", UTF16},
                   {"UTF_16", UTF16},
                   {"utf16", UTF16},
                   {"unicode", UTF16},
                   {"UnicodeBig", UTF16},
                   {"UTF-16BE", UTF16BE},
                   {"UTF_16BE", UTF16BE},
                   {"X-UTF-16BE", UTF16BE},
                   {"ISO-10646-UCS-2", UTF16BE},
                   {"UTF-16LE", UTF16LE},
                   {"UTF_16LE", UTF16LE},
                   {"X-UTF-16LE", UTF16LE},
                   {"UTF-32", UTF32},
                   {"UTF_32", UTF32},
                   {"UTF32", UTF32},
                   {"ISO-10646-UCS-4", UTF32},
                   {"UTF-32BE", UTF32BE},
                   {"UTF_32BE", UTF32BE},
                   {"X-UTF-32BE", UTF32BE},
                   {"UTF-32LE", UTF32LE},
                   {"UTF_32LE", UTF32LE},
                   {"X-UTF-32LE", UTF32LE}};

static charset
charset_of(sb_str name)
{
    for (size_t i = 0; i < sizeof coded_names / sizeof coded_names[0]; i++) {
        if (sb_str_equal_nocase(name, sb_str_of(coded_names[i].name))) {
            return coded_names[i].set;
        }
    }
    if (sb_str_equal_nocase(name, SB_STR("UnicodeBigUnmarked"))) {
        return UTF16BE;
    }
    if (sb_str_equal_nocase(name, SB_STR("UnicodeLittleUnmarked"))) {
        return UTF16LE;
    }
    return sb_charset_find(name) ? TABLE : UNKNOWN;
}

static sb_status
charset_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    sb_charsets *sets = SB_NEW(arena, sb_charsets);
    if (!sets) {
        SB_NOMEM(err);
    }
    sb_charsets_init(sets, call->mem);
    call->state = sets;
    return SB_OK;
}

static void
charset_release(void *state)
{
    sb_charsets_deinit(state);
}

static sb_status
open_charset(sb_call *call, sb_str name, charset *out, sb_charset **out_table, sb_error *err)
{
    *out = charset_of(name);
    if (*out == UNKNOWN) {
        SB_FAIL(err, SB_STATUS_DATA, "not supported: character set '%.*s' of %s",
                (int)(name.size > 100 ? 100 : name.size), name.data, call->expr->function->name);
    }
    sb_text_clear(&call->text);
    return *out == TABLE ? sb_charsets_use(call->state, sb_charset_find(name), out_table, err)
                         : SB_OK;
}

/* ---- encode -------------------------------------------------------------------------------------
 */

/* The code point at the start of a text that is not empty; a malformed byte is U+FFFD. */
static uint32_t
code_point(const char *s, size_t width)
{
    const unsigned char *b = (const unsigned char *)s;
    switch (width) {
    case 1: return b[0] < 0x80 ? b[0] : 0xFFFD;
    case 2: return (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu);
    case 3: return (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
    default:
        return (b[0] & 0x07u) << 18 | (b[1] & 0x3Fu) << 12 | (b[2] & 0x3Fu) << 6 | (b[3] & 0x3Fu);
    }
}

static void
add_unit(sb_text *out, charset set, uint32_t unit)
{
    char high = (char)(unit >> 8), low = (char)(unit & 0xFF);
    sb_text_char(out, set == UTF16LE ? low : high);
    sb_text_char(out, set == UTF16LE ? high : low);
}

static void
encode_point(sb_text *out, charset set, uint32_t c)
{
    if (set >= UTF32) {
        for (int i = 0; i < 4; i++) {
            sb_text_char(out, (char)(c >> (set == UTF32LE ? 8 * i : 24 - 8 * i)));
        }
    } else if (set == ASCII || set == LATIN1) {
        sb_text_char(out, c < (set == ASCII ? 0x80 : 0x100) ? (char)c : '?');
    } else if (c < 0x10000) {
        add_unit(out, set, c);
    } else {
        add_unit(out, set, 0xD800 + ((c - 0x10000) >> 10));
        add_unit(out, set, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
}

static sb_status
encode_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    charset set;
    sb_charset *table = NULL;
    SB_TRY(open_charset(call, sb_arg_str(args[1]), &set, &table, err), err);
    if (set == UTF8) {
        sb_call_slice(call, out, 0, s.data, s.size);
        return SB_OK;
    }
    if (set == UTF16 && s.size > 0) {
        add_unit(&call->text, UTF16BE, 0xFEFF);
    }
    for (size_t i = 0; i < s.size;) {
        size_t w = sb_utf8_width(s.data + i, s.size - i);
        uint32_t c = code_point(s.data + i, w);
        if (set == TABLE) {
            SB_TRY(sb_charset_encode(table, c, &call->text, err), err);
        } else {
            encode_point(&call->text, set, c);
        }
        i += w;
    }
    return sb_call_text(call, out, err);
}

/* ---- decode -------------------------------------------------------------------------------------
 */

static uint32_t
unit_at(sb_str s, size_t at, charset set)
{
    const unsigned char *b = (const unsigned char *)s.data + at;
    return set == UTF16LE ? (uint32_t)b[1] << 8 | b[0] : (uint32_t)b[0] << 8 | b[1];
}

/* A high surrogate takes the unit behind it along, also where that does not fit. */
static void
decode_utf16(sb_text *out, sb_str s, charset set)
{
    size_t i = 0;
    if (set == UTF16) {
        uint32_t mark = s.size >= 2 ? unit_at(s, 0, UTF16BE) : 0;
        set = mark == 0xFFFE ? UTF16LE : UTF16BE;
        i = mark == 0xFFFE || mark == 0xFEFF ? 2 : 0;
    }
    while (s.size - i >= 2) {
        uint32_t c = unit_at(s, i, set);
        i += 2;
        if (c < 0xD800 || c > 0xDFFF) {
            sb_charset_put(out, c);
            continue;
        }
        if (c >= 0xDC00) {
            sb_charset_put(out, 0xFFFD);
            continue;
        }
        if (s.size - i < 2) {
            sb_charset_put(out, 0xFFFD);
            return; /* with what is left */
        }
        uint32_t d = unit_at(s, i, set);
        i += 2;
        sb_charset_put(out, d >= 0xDC00 && d <= 0xDFFF
                                ? 0x10000 + ((c - 0xD800) << 10) + (d - 0xDC00)
                                : 0xFFFD);
    }
    if (i < s.size) {
        sb_charset_put(out, 0xFFFD);
    }
}

static void
decode_utf32(sb_text *out, sb_str s, charset set)
{
    size_t i = 0;
    uint32_t mark = s.size >= 4 ? unit_at(s, 0, UTF16BE) << 16 | unit_at(s, 2, UTF16BE) : 0;
    if (set == UTF32 && (mark == 0xFEFF || mark == 0xFFFE0000)) {
        set = mark == 0xFEFF ? UTF32BE : UTF32LE;
        i = 4;
    }
    for (; s.size - i >= 4; i += 4) {
        uint32_t c = set == UTF32LE ? unit_at(s, i + 2, UTF16LE) << 16 | unit_at(s, i, UTF16LE)
                                    : unit_at(s, i, UTF16BE) << 16 | unit_at(s, i + 2, UTF16BE);
        sb_charset_put(out, c > 0x10FFFF ? 0xFFFD : c >> 11 == 0x1B ? '?' : c);
    }
    if (i < s.size) {
        sb_charset_put(out, 0xFFFD);
    }
}

static sb_status
decode_row(sb_call *call, const void *const *args, void *out, sb_error *err)
{
    sb_str s = sb_arg_str(args[0]);
    charset set;
    sb_charset *table = NULL;
    SB_TRY(open_charset(call, sb_arg_str(args[1]), &set, &table, err), err);
    if (set == UTF8) {
        sb_utf8_repair(&call->text, s.data, s.size);
    } else if (set == TABLE) {
        SB_TRY(sb_charset_decode(table, s, &call->text, err), err);
    } else if (set >= UTF32) {
        decode_utf32(&call->text, s, set);
    } else if (set >= UTF16) {
        decode_utf16(&call->text, s, set);
    } else {
        for (size_t i = 0; i < s.size; i++) {
            uint32_t c = (unsigned char)s.data[i];
            sb_charset_put(&call->text, set == ASCII && c >= 0x80 ? 0xFFFD : c);
        }
    }
    return sb_call_text(call, out, err);
}

/* A set that is written down is looked up before anything runs. */
static sb_status
charset_infer(sb_infer *in, sb_error *err)
{
    SB_TRY(sb_infer_pattern(in, err), err);
    const sb_expr *e = in->args[1];
    if (e->kind == SB_EXPR_LITERAL && !e->is_null) {
        sb_str name = sb_arg_str(&e->value.view);
        charset set = charset_of(name);
        if (set == UNKNOWN) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: character set '%.*s' of %s",
                    (int)(name.size > 100 ? 100 : name.size), name.data, in->function->name);
        }
        if (set == TABLE && !sb_charset_is_installed(sb_charset_find(name))) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: character set '%.*s' of %s is not installed",
                    (int)(name.size > 100 ? 100 : name.size), name.data, in->function->name);
        }
    }
    return SB_OK;
}

/* The bytes of UTF-8 are those that are there. */
static sb_status
encode_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    const sb_expr *name = sb_call_literal(call, 1);
    if (!name || charset_of(sb_arg_str(&name->value.view)) != UTF8) {
        return sb_call_rows(call, encode_row, out, err);
    }
    *out = sb_vector_retype(call->mem, call->args[0], sb_call_type(call));
    if (!*out) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

const sb_impl sb_impl_encode = {.infer = charset_infer,
                                .vector = encode_vector,
                                .prepare = charset_prepare,
                                .release = charset_release};
const sb_impl sb_impl_decode = {.infer = charset_infer,
                                .row = decode_row,
                                .prepare = charset_prepare,
                                .release = charset_release};
