/*
 * expr/fn_printf.c -- PRINTF: values by a format, as java.util.Formatter with the root locale.
 *
 * DESIGN     A format that Java refuses, or that does not fit its values, gives NULL. Values are
 *            what
 * Flink hands to Java: a DATE is its number of days, a TIME its milliseconds, a DECIMAL is text to
 * %s and nothing to %f. Doubles are rounded half up on their shortest digits.
 */
#include "expr/cast.h"
#include "expr/infer.h"
#include "expr/nested.h"
#include "kernels/number.h"
#include "kernels/utf8.h"

#include <string.h>

#define MAX_WIDTH 100000

enum { MINUS = 1, PLUS = 2, SPACE = 4, ZERO = 8, COMMA = 16, BRACKET = 32, HASH = 64 };

typedef struct spec { /* %[index$][flags][width][.precision]conversion */
    int32_t index;    /* 0: the next one; -1: the last one again */
    int flags;
    int32_t width, precision; /* -1: none */
    char conversion;          /* lower case */
    bool upper;
} spec;

/* ---- the format ---- */

static bool
number(sb_str s, size_t *at, int32_t *out)
{
    int64_t v = 0;
    size_t from = *at;
    while (*at < s.size && s.data[*at] >= '0' && s.data[*at] <= '9' && v <= MAX_WIDTH) {
        v = v * 10 + (s.data[(*at)++] - '0');
    }
    *out = (int32_t)v;
    return *at > from && v <= MAX_WIDTH;
}

/* Behind the %; false: not a specifier. */
static bool
read_spec(sb_str s, size_t *at, spec *out)
{
    static const char flags[] = "-+ 0,(#";
    *out = (spec){.width = -1, .precision = -1};
    size_t back = *at;
    if (*at < s.size && s.data[*at] == '<') {
        out->index = -1;
        ++*at;
    } else if (!(*at < s.size && s.data[*at] == '0' ? false : number(s, at, &out->index)) ||
               *at >= s.size || s.data[*at] != '$' || out->index == 0) {
        *at = back;
        out->index = 0;
    } else {
        ++*at;
    }
    for (const char *f; *at < s.size && s.data[*at] && (f = strchr(flags, s.data[*at])); ++*at) {
        int bit = 1 << (f - flags);
        if (out->flags & bit) {
            return false;
        }
        out->flags |= bit;
    }
    back = *at;
    if (!number(s, at, &out->width)) {
        *at = back;
        out->width = -1;
    }
    if (*at < s.size && s.data[*at] == '.') {
        ++*at;
        if (!number(s, at, &out->precision)) {
            return false;
        }
    }
    if (*at >= s.size) {
        return false;
    }
    char c = s.data[(*at)++];
    out->upper = c >= 'A' && c <= 'Z';
    out->conversion = (char)(out->upper ? c | 0x20 : c);
    return c && strchr("bBsScCdoxXeEfgGn%", c) != NULL;
}

/* Do flags, width and precision go with the conversion? */
static bool
is_allowed(const spec *f)
{
    static const struct {
        const char *conversions;
        int flags;
        bool precision;
    } rules[] = {{"bs", MINUS, true},
                 {"c%", MINUS, false},
                 {"d", MINUS | PLUS | SPACE | ZERO | COMMA | BRACKET, false},
                 {"ox", MINUS | ZERO | HASH, false},
                 {"e", MINUS | PLUS | SPACE | ZERO | BRACKET | HASH, true},
                 {"f", MINUS | PLUS | SPACE | ZERO | COMMA | BRACKET | HASH, true},
                 {"g", MINUS | PLUS | SPACE | ZERO | COMMA | BRACKET, true},
                 {"n", 0, false}};

    if (((f->flags & (MINUS | ZERO)) && f->width < 0) ||
        (f->flags & (MINUS | ZERO)) == (MINUS | ZERO) ||
        (f->flags & (PLUS | SPACE)) == (PLUS | SPACE) || (f->conversion == 'n' && f->width >= 0)) {
        return false;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strchr(rules[i].conversions, f->conversion)) {
            return (f->flags & ~rules[i].flags) == 0 && (f->precision < 0 || rules[i].precision);
        }
    }
    return false;
}

/* ---- writing ---- */

static int64_t
count_units(sb_str s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s.size; i++) {
        n += ((unsigned char)s.data[i] & 0xC0) != 0x80;
        n += (unsigned char)s.data[i] >= 0xF0;
    }
    return n;
}

/* What stands in *out from `from` on is filled up with spaces. */
static void
pad(const spec *f, size_t from, sb_text *out)
{
    int64_t missing = f->width - count_units((sb_str){out->data + from, out->size - from});
    size_t size = out->size - from;
    if (missing <= 0 || sb_text_failed(out)) {
        return;
    }
    char *room = sb_text_reserve(out, (size_t)missing);
    if (!room) {
        return;
    }
    out->size += (size_t)missing;
    char *at = out->data + from;
    if (f->flags & MINUS) {
        memset(at + size, ' ', (size_t)missing);
    } else {
        memmove(at + missing, at, size);
        memset(at, ' ', (size_t)missing);
    }
}

static void
put_text(const spec *f, sb_str s, sb_text *out)
{
    size_t from = out->size, end = s.size;
    if (f->precision >= 0) {
        int64_t units = f->precision;
        for (end = 0; end < s.size && units > 0;) {
            size_t width = sb_utf8_width(s.data + end, s.size - end);
            units -= width == 4 ? 2 : 1;
            end += units >= 0 ? width : 0;
        }
    }
    if (f->upper) {
        sb_utf8_upper(out, s.data, end);
    } else {
        sb_text_append(out, s.data, end);
    }
    pad(f, from, out);
}

/* Digits (with a point perhaps) with sign, groups, zeros in front. */
static void
put_number(const spec *f, bool negative, sb_str digits, sb_text *out)
{
    size_t from = out->size;
    const char *point = memchr(digits.data, '.', digits.size);
    size_t whole = 0;
    while (whole < digits.size && digits.data[whole] >= '0' && digits.data[whole] <= '9') {
        whole++;
    }
    (void)point;
    sb_text_add(out, negative           ? (f->flags & BRACKET ? "(" : "-")
                     : f->flags & PLUS  ? "+"
                     : f->flags & SPACE ? " "
                                        : "");
    bool bracket = negative && (f->flags & BRACKET);
    int64_t groups = f->flags & COMMA && whole > 0 ? (int64_t)(whole - 1) / 3 : 0;
    int64_t size = (int64_t)(out->size - from) + (int64_t)digits.size + groups + bracket;
    for (; f->flags & ZERO && size < f->width; size++) {
        sb_text_char(out, '0');
    }
    for (size_t i = 0; i < digits.size; i++) {
        if (f->flags & COMMA && i > 0 && i < whole && (whole - i) % 3 == 0) {
            sb_text_char(out, ',');
        }
        char c = digits.data[i];
        sb_text_char(out, f->upper && c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    sb_text_add(out, bracket ? ")" : "");
    pad(f, from, out);
}

/* ---- numbers ---- */

static bool
put_integer(const spec *f, const sb_type *type, int64_t v, sb_text *out)
{
    char buffer[32];
    int at = (int)sizeof buffer;
    uint64_t u = (uint64_t)v;
    if (f->conversion == 'd') {
        u = v < 0 ? 0 - u : u;
    } else { /* as many bits as the type has */
        int bits = 8 * sb_phys_size(sb_type_phys(type));
        u &= bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    }
    unsigned base = f->conversion == 'd' ? 10 : f->conversion == 'o' ? 8 : 16;
    do {
        buffer[--at] = "0123456789abcdef"[u % base];
        u /= base;
    } while (u > 0);
    if (f->flags & HASH && f->conversion == 'x') {
        buffer[--at] = 'x';
    }
    if (f->flags & HASH) {
        buffer[--at] = '0';
    }
    put_number(f, f->conversion == 'd' && v < 0, (sb_str){buffer + at, sizeof buffer - (size_t)at},
               out);
    return true;
}

typedef struct decimal_digits { /* 0.d1d2d3... times 10 to the power of `point` */
    char at[400];
    int32_t count, point;
} decimal_digits;

static void
take_digits(double v, decimal_digits *d)
{
    char text[64];
    size_t size = sb_double_print(text, v);
    bool after = false;
    int32_t exponent = 0;
    *d = (decimal_digits){0};
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 'E') {
            bool negative = text[i + 1] == '-';
            for (i += negative ? 2 : 1; i < size; i++) {
                exponent = exponent * 10 + (text[i] - '0');
            }
            exponent = negative ? -exponent : exponent;
        } else if (text[i] == '.') {
            after = true;
        } else if (text[i] >= '0' && text[i] <= '9' && (text[i] != '0' || d->count > 0)) {
            d->at[d->count++] = text[i];
            d->point += !after;
        } else if (text[i] == '0' && after) {
            d->point--;
        }
    }
    d->point += exponent;
}

/* Rounded half up to `keep` digits, which may be none. */
static void
round_digits(decimal_digits *d, int32_t keep)
{
    if (keep < 0 || keep >= d->count) {
        d->count = keep < 0 ? 0 : d->count;
        return;
    }
    bool up = d->at[keep] >= '5';
    d->count = keep;
    for (int32_t i = keep - 1; up && i >= 0; i--) {
        up = d->at[i] == '9';
        d->at[i] = up ? '0' : (char)(d->at[i] + 1);
    }
    if (up) {
        memmove(d->at + 1, d->at, (size_t)d->count);
        d->at[0] = '1';
        d->count++;
        d->point++;
    }
}

static char
digit_at(const decimal_digits *d, int32_t i)
{
    return i >= 0 && i < d->count ? d->at[i] : '0';
}

static void
write_fixed(decimal_digits *d, int32_t precision, bool point, sb_text *out)
{
    round_digits(d, d->point + precision);
    if (d->count == 0 || d->point <= 0) {
        sb_text_char(out, '0');
    }
    for (int32_t i = 0; d->count > 0 && i < d->point; i++) {
        sb_text_char(out, digit_at(d, i));
    }
    sb_text_add(out, precision > 0 || point ? "." : "");
    for (int32_t i = 0; i < precision; i++) {
        sb_text_char(out, d->count ? digit_at(d, d->point + i) : '0');
    }
}

static void
write_scientific(decimal_digits *d, int32_t precision, bool point, sb_text *out)
{
    round_digits(d, precision + 1);
    int32_t exponent = d->count > 0 ? d->point - 1 : 0;
    sb_text_char(out, digit_at(d, 0));
    sb_text_add(out, precision > 0 || point ? "." : "");
    for (int32_t i = 1; i <= precision; i++) {
        sb_text_char(out, digit_at(d, i));
    }
    sb_text_printf(out, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
}

static bool
put_double(const spec *f, double v, sb_text *scratch, sb_text *out)
{
    decimal_digits d;
    int32_t precision = f->precision < 0 ? 6 : f->precision;
    bool negative = __builtin_signbit(v) && v == v;
    if (v != v || v - v != 0) {
        spec plain = *f;
        plain.flags &= ~(ZERO | COMMA);
        put_number(&plain, negative, v != v ? SB_STR("NaN") : SB_STR("Infinity"), out);
        return true;
    }
    take_digits(v < 0 ? -v : v, &d);
    sb_text_clear(scratch);
    if (f->conversion == 'e') {
        write_scientific(&d, precision, f->flags & HASH, scratch);
    } else if (f->conversion == 'f') {
        write_fixed(&d, precision, f->flags & HASH, scratch);
    } else {
        precision = precision == 0 ? 1 : precision;
        decimal_digits rounded = d;
        round_digits(&rounded, precision);
        if (rounded.count == 0 || (rounded.point >= -3 && rounded.point <= precision)) {
            write_fixed(&d, precision - (rounded.count ? rounded.point : 1), false, scratch);
        } else {
            write_scientific(&d, precision - 1, false, scratch);
        }
    }
    if (!sb_text_failed(scratch)) {
        put_number(f, negative, (sb_str){scratch->data, scratch->size}, out);
    }
    return true;
}

/* ---- values ---- */

static bool
is_whole(const sb_type *t)
{
    return sb_type_is_integer(t) || t->id == SB_TYPE_DATE || t->id == SB_TYPE_TIME ||
           t->id == SB_TYPE_INTERVAL_DAY || t->id == SB_TYPE_INTERVAL_MONTH;
}

static int64_t
whole_of(const sb_type *type, const void *value)
{
    return (int64_t)sb_exact_load(type, value);
}

/* LocalDateTime.toString: no seconds when they are 0, a fraction of 3, 6 or 9 digits. */
static void
moment_text(const sb_type *type, const void *value, sb_text *out)
{
    char buffer[64];
    sb_type plain = *type;
    plain.id = SB_TYPE_TIMESTAMP;
    size_t size = sb_value_text(&plain, value, NULL, buffer);
    char *space = memchr(buffer, ' ', size), *point = memchr(buffer, '.', size);
    size_t whole = point ? (size_t)(point - buffer) : size, digits = point ? size - whole - 1 : 0;
    while (digits > 0 && buffer[whole + digits] == '0') {
        digits--;
    }
    if (space) {
        *space = 'T';
    }
    bool seconds = digits > 0 || memcmp(buffer + whole - 3, ":00", 3) != 0;
    sb_text_append(out, buffer, seconds ? whole : whole - 3);
    if (digits > 0) {
        sb_text_append(out, buffer + whole, digits + 1);
        for (; digits % 3 != 0; digits++) {
            sb_text_char(out, '0');
        }
    }
}

static void
value_text(const sb_type *type, const void *value, sb_text *out)
{
    char buffer[64];
    if (sb_type_is_string(type)) {
        sb_str s = sb_arg_str(value);
        sb_text_append(out, s.data, s.size);
    } else if (sb_type_is_timestamp(type)) {
        moment_text(type, value, out);
    } else if (type->id == SB_TYPE_BOOLEAN) {
        sb_text_add(out, *(const uint8_t *)value ? "true" : "false");
    } else if (is_whole(type)) {
        sb_text_printf(out, "%lld", (long long)whole_of(type, value));
    } else {
        sb_text_append(out, buffer, sb_value_text(type, value, NULL, buffer));
    }
}

/* A code point; false: none. */
static bool
put_character(const spec *f, int64_t v, sb_text *out)
{
    char utf8[4];
    size_t n = v < 0x80 ? 1 : v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;
    if (v < 0 || v > 0x10FFFF) {
        return false;
    }
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 0; v >>= 6) {
        utf8[i] = (char)(i > 0 ? 0x80 | (v & 0x3F) : lead[n] | v);
    }
    put_text(f, (sb_str){utf8, n}, out);
    return true;
}

/* False: the value does not go with the conversion. */
static bool
put_value(sb_call *call, const spec *f, int32_t arg, int32_t row, sb_text *scratch, sb_text *out)
{
    const sb_type *type = sb_call_arg_type(call, arg);
    bool valid = sb_vector_valid(call->args[arg], row);
    const void *value = valid ? sb_vector_at(call->args[arg], row) : NULL;
    if (f->conversion == 'b') {
        bool no = !valid || (type->id == SB_TYPE_BOOLEAN && !*(const uint8_t *)value);
        put_text(f, no ? SB_STR("false") : SB_STR("true"), out);
        return true;
    }
    if (!valid) {
        put_text(f, SB_STR("null"), out);
        return true;
    }
    switch (f->conversion) {
    case 's':
        sb_text_clear(scratch);
        value_text(type, value, scratch);
        put_text(f, (sb_str){scratch->data, scratch->size}, out);
        return true;
    case 'c':
        return is_whole(type) && sb_phys_size(sb_type_phys(type)) <= 4 &&
               put_character(f, whole_of(type, value), out);
    case 'd':
    case 'o':
    case 'x': return is_whole(type) && put_integer(f, type, whole_of(type, value), out);
    default:
        if (type->id == SB_TYPE_DOUBLE) {
            return put_double(f, *(const double *)value, scratch, out);
        }
        return type->id == SB_TYPE_FLOAT &&
               put_double(f, (double)*(const float *)value, scratch, out);
    }
}

/* ---- the function ---- */

typedef struct printf_state {
    sb_text scratch;
} printf_state;

static sb_status
printf_infer(sb_infer *in, sb_error *err)
{
    if (in->count < 1) {
        return sb_infer_mismatch(in, err);
    }
    SB_TRY(sb_infer_coerce(in, 0, sb_type_string(true), err), err);
    for (int32_t i = 1; i < in->count; i++) {
        const sb_type *t = &in->args[i]->type;
        if (t->count_children > 0 || sb_type_is_binary(t)) {
            return sb_infer_mismatch(in, err);
        }
        if (sb_type_is_opaque(t)) {
            SB_TRY(sb_infer_cast(in, i, sb_type_string(true), err), err);
        }
    }
    in->type = sb_type_string(true);
    return SB_OK;
}

static sb_status
printf_prepare(sb_call *call, sb_arena *arena, sb_error *err)
{
    printf_state *s = SB_NEW(arena, printf_state);
    if (!s) {
        SB_NOMEM(err);
    }
    sb_text_init(&s->scratch, call->mem);
    call->state = s;
    return SB_OK;
}

static void
printf_release(void *state)
{
    sb_text_deinit(&((printf_state *)state)->scratch);
}

/* One specifier; *last is the argument of the one before. */
static bool
put_spec(sb_call *call, const spec *f, int32_t row, int32_t *ordinary, int32_t *last, sb_text *out)
{
    printf_state *s = call->state;
    if (!is_allowed(f)) {
        return false;
    }
    if (f->conversion == '%' || f->conversion == 'n') {
        put_text(f, f->conversion == '%' ? SB_STR("%") : SB_STR("\n"), out);
        return true;
    }
    int32_t arg = f->index > 0 ? f->index : f->index < 0 ? *last : ++*ordinary;
    if (arg < 1 || arg >= call->expr->count_args) {
        return false;
    }
    *last = arg;
    return put_value(call, f, arg, row, &s->scratch, out);
}

static sb_status
printf_build(sb_call *call, int32_t row, sb_column_builder *to, sb_error *err)
{
    int32_t ordinary = 0, last = 0;
    bool fits = sb_vector_valid(call->args[0], row);
    sb_str format = fits ? sb_arg_str(sb_vector_at(call->args[0], row)) : (sb_str){0};
    sb_text text = call->text;
    sb_text_clear(&text);
    for (size_t at = 0; fits && at < format.size;) {
        const char *percent = memchr(format.data + at, '%', format.size - at);
        size_t end = percent ? (size_t)(percent - format.data) : format.size;
        spec f;
        sb_text_append(&text, format.data + at, end - at);
        at = end + 1;
        fits = !percent ||
               (read_spec(format, &at, &f) && put_spec(call, &f, row, &ordinary, &last, &text));
    }
    call->text = text;
    if (sb_text_failed(&text)) {
        SB_NOMEM(err);
    }
    if (fits) {
        sb_column_bytes(to, text.data, text.size);
    } else {
        sb_column_null(to);
    }
    return SB_OK;
}

static sb_status
printf_vector(sb_call *call, sb_vector **out, sb_error *err)
{
    return sb_call_build(call, printf_build, out, err);
}

const sb_impl sb_impl_printf = {.infer = printf_infer,
                                .vector = printf_vector,
                                .prepare = printf_prepare,
                                .release = printf_release};
