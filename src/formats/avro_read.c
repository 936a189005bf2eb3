/*
 * formats/avro_read.c -- see avro_plan.h: values by their steps.
 */
#include "formats/avro_plan.h"

#include "formats/format.h"
#include "kernels/decimal.h"

static const char what_end[] = "ends too early";
static const char what_branch[] = "no such branch of a union";

/* ---- scalars ---- */

bool
sb_avro_rescale(sb_int128 v, int scale, int precision, int new_scale, sb_int128 *out)
{
    return sb_decimal_rescale(v, scale, (sb_decimal_spec){precision, new_scale}, out);
}

/* Big-endian two's complement; false: more than 128 bits. */
static bool
get_unscaled(const char *bytes, size_t size, sb_int128 *out)
{
    if (size == 0) {
        *out = 0;
        return true;
    }
    bool negative = (unsigned char)bytes[0] >= 0x80;
    while (size > 16 && (unsigned char)bytes[0] == (negative ? 0xFF : 0)) {
        bytes++;
        size--;
    }
    if (size > 16 || ((unsigned char)bytes[0] >= 0x80) != negative) {
        return false;
    }
    unsigned __int128 v = negative ? ~(unsigned __int128)0 : 0;
    for (size_t i = 0; i < size; i++) {
        v = v << 8 | (unsigned char)bytes[i];
    }
    *out = (sb_int128)v;
    return true;
}

static sb_avro_got
as_decimal(const sb_avro_step *step, sb_str bytes, void *out)
{
    sb_int128 value;
    const sb_type *type = step->type;
    if (!get_unscaled(bytes.data, bytes.size, &value) ||
        !sb_avro_rescale(value, step->scale, type->precision, type->scale, &value)) {
        return SB_AVRO_NO_VALUE; /* as Flink: what does not fit is NULL */
    }
    if (sb_type_phys(type) == SB_PHYS_I64) {
        *(int64_t *)out = (int64_t)value;
    } else {
        memcpy(out, &value, sizeof value);
    }
    return SB_AVRO_VALUE;
}

static sb_avro_got
as_integer(const sb_avro_step *step, int64_t v, void *out, const char **why)
{
    bool is_int = step->writer->kind == SB_AVRO_INT;
    if (is_int && (v < INT32_MIN || v > INT32_MAX)) {
        *why = "is no int";
        return SB_AVRO_BAD;
    }
    switch (sb_type_phys(step->type)) {
    case SB_PHYS_I8: *(int8_t *)out = (int8_t)v; break;
    case SB_PHYS_I16: *(int16_t *)out = (int16_t)v; break;
    case SB_PHYS_I32: *(int32_t *)out = (int32_t)v; break;
    default: *(int64_t *)out = v; break;
    }
    return SB_AVRO_VALUE;
}

static sb_avro_got
as_time(const sb_avro_step *step, int64_t v, void *out, const char **why)
{
    int64_t scaled;
    if (__builtin_mul_overflow(v, step->multiply, &scaled)) {
        *why = "is out of range";
        return SB_AVRO_BAD;
    }
    int64_t rest = scaled % step->divide;
    scaled = scaled / step->divide - (rest < 0);
    if (step->op == SB_AVRO_AS_TIME) {
        if (scaled < 0 || scaled >= 86400000) {
            *why = "is no time of day";
            return SB_AVRO_BAD;
        }
        *(int32_t *)out = (int32_t)scaled;
    } else if (step->type->precision <= 6) {
        int64_t unit = 1;
        for (int p = step->type->precision; p < 6; p++) {
            unit *= 10;
        }
        rest = scaled % unit;
        *(int64_t *)out = scaled - rest - (rest < 0 ? unit : 0);
    } else {
        sb_ts_ns ts = {.us = scaled};
        memcpy(out, &ts, sizeof ts);
    }
    return SB_AVRO_VALUE;
}

static sb_avro_got
as_real(const sb_avro_step *step, sb_avro_cursor *c, void *out, const char **why)
{
    double d;
    float f;
    int64_t n;
    const char *raw;
    if (step->writer->kind == SB_AVRO_DOUBLE) {
        if (!sb_avro_get_raw(c, sizeof d, &raw)) {
            *why = what_end;
            return SB_AVRO_BAD;
        }
        memcpy(&d, raw, sizeof d);
        f = (float)d;
    } else if (step->writer->kind == SB_AVRO_FLOAT) {
        if (!sb_avro_get_raw(c, sizeof f, &raw)) {
            *why = what_end;
            return SB_AVRO_BAD;
        }
        memcpy(&f, raw, sizeof f);
        d = (double)f;
    } else {
        if (!sb_avro_get_long(c, &n)) {
            *why = what_end;
            return SB_AVRO_BAD;
        }
        d = (double)n;
        f = (float)n;
    }
    if (step->type->id == SB_TYPE_FLOAT) {
        *(float *)out = f;
    } else {
        *(double *)out = d;
    }
    return SB_AVRO_VALUE;
}

static bool
get_bytes(const sb_avro_step *step, sb_avro_cursor *c, sb_str *out)
{
    if (step->writer->kind == SB_AVRO_FIXED) {
        out->size = (size_t)step->writer->size;
        return sb_avro_get_raw(c, out->size, &out->data);
    }
    return sb_avro_get_bytes(c, out);
}

static sb_avro_got
as_symbol(const sb_avro_step *step, int64_t n, void *out, const char **why)
{
    if (n < 0 || n >= step->count_symbols || !step->symbols[n]) {
        *why = "no such symbol";
        return SB_AVRO_BAD;
    }
    *(sb_str *)out = sb_str_of(step->symbols[n]);
    return SB_AVRO_VALUE;
}

sb_avro_got
sb_avro_read_scalar(const sb_avro_step *step, sb_avro_cursor *c, void *out, const char **why)
{
    int64_t n;
    const char *raw;
    sb_str bytes;
    *why = what_end;
    switch (step->op) {
    case SB_AVRO_AS_NULL: return SB_AVRO_NO_VALUE;
    case SB_AVRO_AS_BOOLEAN:
        if (!sb_avro_get_raw(c, 1, &raw)) {
            return SB_AVRO_BAD;
        }
        *(uint8_t *)out = *raw == 1; /* as Avro for Java: all else is false */
        return SB_AVRO_VALUE;
    case SB_AVRO_AS_INTEGER:
        return sb_avro_get_long(c, &n) ? as_integer(step, n, out, why) : SB_AVRO_BAD;
    case SB_AVRO_AS_TIME:
    case SB_AVRO_AS_TIMESTAMP:
        return sb_avro_get_long(c, &n) ? as_time(step, n, out, why) : SB_AVRO_BAD;
    case SB_AVRO_AS_REAL: return as_real(step, c, out, why);
    case SB_AVRO_AS_SYMBOL:
        return sb_avro_get_long(c, &n) ? as_symbol(step, n, out, why) : SB_AVRO_BAD;
    case SB_AVRO_AS_DECIMAL:
        return get_bytes(step, c, &bytes) ? as_decimal(step, bytes, out) : SB_AVRO_BAD;
    case SB_AVRO_AS_TEXT:
    case SB_AVRO_AS_BYTES:
        if (!get_bytes(step, c, &bytes)) {
            return SB_AVRO_BAD;
        }
        *(sb_str *)out = bytes;
        *why = "is not valid UTF-8";
        return step->op == SB_AVRO_AS_BYTES || sb_format_is_utf8(bytes.data, bytes.size)
                   ? SB_AVRO_VALUE
                   : SB_AVRO_BAD;
    case SB_AVRO_BRANCH:
        if (!sb_avro_get_long(c, &n)) {
            return SB_AVRO_BAD;
        }
        if (n < 0 || n >= step->count) {
            *why = what_branch;
            return SB_AVRO_BAD;
        }
        return sb_avro_read_scalar(&step->steps[n], c, out, why);
    case SB_AVRO_FORBIDDEN: *why = step->why; return SB_AVRO_BAD;
    default: *why = "cannot be read"; return SB_AVRO_BAD;
    }
}

/* ---- nested: check ---- */

static const char *
check_field(const sb_avro_step *step, sb_avro_cursor *c, int32_t depth)
{
    if (step->otherwise.data) {
        sb_avro_cursor own = {step->otherwise.data, step->otherwise.data + step->otherwise.size};
        return sb_avro_check(step, &own, depth);
    }
    return sb_avro_check(step, c, depth);
}

static const char *
check_elements(const sb_avro_step *step, sb_avro_cursor *c, int32_t depth)
{
    int64_t total = 0, count, bytes;
    for (;;) {
        if (!sb_avro_get_block(c, &count, &bytes)) {
            return what_end;
        }
        if (count == 0) {
            return NULL;
        }
        total += count;
        if (count > SB_FORMAT_RECORD_MAX || total > SB_FORMAT_RECORD_MAX) {
            return "too many elements";
        }
        const char *begin = c->at;
        for (int64_t i = 0; i < count; i++) {
            sb_str key;
            if (step->op == SB_AVRO_AS_MAP &&
                (!sb_avro_get_bytes(c, &key) || !sb_format_is_utf8(key.data, key.size))) {
                return "a key cannot be read";
            }
            const char *why = sb_avro_check(step->steps, c, depth + 1);
            if (why) {
                return why;
            }
            if (i >= SB_RECORD_ROWS_MAX && c->at == begin) {
                return "too many elements without bytes"; /* they would cost memory for nothing */
            }
        }
        if (bytes >= 0 && c->at != begin + bytes) {
            return "a block has another size";
        }
    }
}

const char *
sb_avro_check(const sb_avro_step *step, sb_avro_cursor *c, int32_t depth)
{
    const char *why = NULL;
    char value[16];
    int64_t n;
    if (depth > SB_AVRO_DEPTH_MAX) {
        return "nested too deep";
    }
    switch (step->op) {
    case SB_AVRO_SKIP: return sb_avro_skip(step->writer, c, depth);
    case SB_AVRO_AS_LIST:
    case SB_AVRO_AS_MAP: return check_elements(step, c, depth);
    case SB_AVRO_AS_ROW:
        for (int32_t i = 0; i < step->count && !why; i++) {
            why = check_field(&step->steps[i], c, depth + 1);
        }
        return why;
    case SB_AVRO_BRANCH:
        if (!sb_avro_get_long(c, &n)) {
            return what_end;
        }
        return n < 0 || n >= step->count ? what_branch
                                         : sb_avro_check(&step->steps[n], c, depth + 1);
    default: return sb_avro_read_scalar(step, c, value, &why) == SB_AVRO_BAD ? why : NULL;
    }
}

/* ---- nested: append ---- */

/* Fields of the ROW come in the writer's order; each goes to its own builder. */
static void
append_row(const sb_avro_step *step, sb_avro_cursor *c, sb_column_builder *to)
{
    for (int32_t i = 0; i < step->count; i++) {
        const sb_avro_step *field = &step->steps[i];
        if (field->otherwise.data) {
            sb_avro_cursor own = {field->otherwise.data,
                                  field->otherwise.data + field->otherwise.size};
            sb_avro_append(field, &own, &to->children[field->place]);
        } else if (field->place < 0) {
            (void)sb_avro_check(field, c, 0);
        } else {
            sb_avro_append(field, c, &to->children[field->place]);
        }
    }
    sb_column_struct(to);
}

static void
append_elements(const sb_avro_step *step, sb_avro_cursor *c, sb_column_builder *to)
{
    int64_t count, bytes;
    sb_column_list_begin(to);
    while (sb_avro_get_block(c, &count, &bytes) && count > 0 && !to->failed) {
        for (int64_t i = 0; i < count; i++) {
            sb_str key;
            if (step->op == SB_AVRO_AS_LIST) {
                sb_avro_append(step->steps, c, &to->children[0]);
            } else if (!sb_avro_get_bytes(c, &key)) {
                break;
            } else {
                sb_column_bytes(&to->children[0], key.data, key.size);
                sb_avro_append(step->steps, c, &to->children[1]);
            }
        }
    }
    sb_column_list_end(to);
}

void
sb_avro_append(const sb_avro_step *step, sb_avro_cursor *c, sb_column_builder *to)
{
    _Alignas(16) char value[16];
    const char *why;
    int64_t n;
    if (step->op == SB_AVRO_BRANCH) {
        bool fine = sb_avro_get_long(c, &n) && n >= 0 && n < step->count;
        sb_assert(fine); /* it was checked */
        step = &step->steps[n];
    }
    switch (step->op) {
    case SB_AVRO_AS_LIST:
    case SB_AVRO_AS_MAP: append_elements(step, c, to); return;
    case SB_AVRO_AS_ROW: append_row(step, c, to); return;
    default: break;
    }
    if (sb_avro_read_scalar(step, c, value, &why) != SB_AVRO_VALUE) {
        sb_column_null(to);
    } else if (to->phys == SB_PHYS_VIEW) {
        const sb_str *text = (const sb_str *)(const void *)value;
        sb_column_bytes(to, text->data, text->size);
    } else {
        sb_column_value(to, value);
    }
}
