/*
 * kernels/variant.c -- see variant.h.
 */
#include "kernels/variant.h"

#include "kernels/decimal.h"
#include "kernels/json_string.h"
#include "kernels/number.h"

#include <string.h>

/* A little-endian number of 1 to 4 bytes; 0 beyond the end. */
static uint32_t
unsigned_at(sb_str s, size_t at, int bytes)
{
    uint32_t v = 0;
    if (at > s.size || s.size - at < (size_t)bytes) {
        return 0;
    }
    for (int i = bytes; i-- > 0;) {
        v = v << 8 | (unsigned char)s.data[at + (size_t)i];
    }
    return v;
}

/* A signed number of 1 to 16 bytes. */
static sb_int128
signed_at(sb_str s, size_t at, int bytes)
{
    unsigned __int128 v = 0;
    if (at > s.size || s.size - at < (size_t)bytes) {
        return 0;
    }
    if (s.data[at + (size_t)bytes - 1] & 0x80) {
        v = ~v;
    }
    for (int i = bytes; i-- > 0;) {
        v = v << 8 | (unsigned char)s.data[at + (size_t)i];
    }
    return (sb_int128)v;
}

bool
sb_variant_open(sb_str bytes, sb_variant *out)
{
    if (bytes.size < 4 || (bytes.data[0] & 15) != 1) {
        return false;
    }
    int width = ((unsigned char)bytes.data[0] >> 6) + 1;
    uint64_t count = unsigned_at(bytes, 1, width);
    uint64_t names = 1 + (count + 2) * (uint64_t)width;
    uint64_t size = names + unsigned_at(bytes, (size_t)(names - (uint64_t)width), width);
    if (size >= bytes.size) {
        return false;
    }
    out->metadata = (sb_str){bytes.data, (size_t)size};
    out->value = (sb_str){bytes.data + size, bytes.size - (size_t)size};
    return true;
}

/* Name `id` of the metadata; empty if there is none. */
static sb_str
name_of(sb_str metadata, uint32_t id)
{
    int width = ((unsigned char)metadata.data[0] >> 6) + 1;
    uint32_t count = unsigned_at(metadata, 1, width);
    size_t offsets = 1 + (size_t)width, names = 1 + ((size_t)count + 2) * (size_t)width;
    if (id >= count) {
        return (sb_str){"", 0};
    }
    uint32_t from = unsigned_at(metadata, offsets + (size_t)id * (size_t)width, width);
    uint32_t to = unsigned_at(metadata, offsets + ((size_t)id + 1) * (size_t)width, width);
    if (to < from || to > metadata.size - names) {
        return (sb_str){"", 0};
    }
    return (sb_str){metadata.data + names + from, to - from};
}

typedef struct parts { /* of an object or array */
    uint32_t count;
    int id_width, offset_width;
    size_t ids, offsets, data; /* where they begin */
} parts;

static parts
parts_of(sb_str value)
{
    uint8_t head = (uint8_t)value.data[0];
    bool object = (head & 3) == SB_VARIANT_OBJECT;
    bool large = object ? head >> 6 & 1 : head >> 4 & 1;
    parts p = {.id_width = object ? (head >> 4 & 3) + 1 : 0, .offset_width = (head >> 2 & 3) + 1};
    p.count = unsigned_at(value, 1, large ? 4 : 1);
    p.ids = large ? 5 : 2;
    p.offsets = p.ids + (size_t)p.count * (size_t)p.id_width;
    p.data = p.offsets + ((size_t)p.count + 1) * (size_t)p.offset_width;
    if (p.data > value.size) {
        p.count = 0;
    }
    return p;
}

/* Bytes of the value at the beginning; 0: there is none. */
static size_t
value_size(sb_str value)
{
    static const uint8_t sizes[] = {1, 1, 1, 2, 3, 5, 9, 9, 6, 10, 18};
    size_t size = 0;
    if (value.size == 0) {
        return 0;
    }
    uint8_t head = (uint8_t)value.data[0];
    switch (head & 3) {
    case SB_VARIANT_PRIMITIVE:
        size = head >> 2 < sizeof sizes       ? sizes[head >> 2]
               : head >> 2 == SB_VARIANT_TEXT ? 5 + (size_t)unsigned_at(value, 1, 4)
                                              : 0;
        break;
    case SB_VARIANT_SHORT_TEXT: size = 1 + (head >> 2); break;
    default: {
        parts p = parts_of(value);
        size = p.data + unsigned_at(value, p.data - (size_t)p.offset_width, p.offset_width);
    }
    }
    return size <= value.size ? size : 0;
}

static bool
part_at(const sb_variant *v, const parts *p, uint32_t i, sb_variant *out)
{
    size_t at = p->data + unsigned_at(v->value, p->offsets + (size_t)i * (size_t)p->offset_width,
                                      p->offset_width);
    if (at >= v->value.size) {
        return false;
    }
    sb_str rest = {v->value.data + at, v->value.size - at};
    rest.size = value_size(rest);
    out->metadata = v->metadata;
    out->value = rest;
    return rest.size > 0;
}

bool
sb_variant_field(const sb_variant *v, sb_str name, sb_variant *out)
{
    parts p = parts_of(v->value);
    for (uint32_t i = 0; i < p.count; i++) {
        uint32_t id = unsigned_at(v->value, p.ids + (size_t)i * (size_t)p.id_width, p.id_width);
        if (sb_str_equal(name_of(v->metadata, id), name)) {
            return part_at(v, &p, i, out);
        }
    }
    return false;
}

bool
sb_variant_element(const sb_variant *v, int64_t index, sb_variant *out)
{
    parts p = parts_of(v->value);
    return index >= 0 && index < (int64_t)p.count && part_at(v, &p, (uint32_t)index, out);
}

/* ---- JSON ---- */

static void
write_decimal(sb_str value, int bytes, sb_text *out)
{
    char buffer[SB_DECIMAL_TEXT];
    sb_int128 unscaled = signed_at(value, 2, bytes);
    int scale = value.size > 1 ? (unsigned char)value.data[1] : 0;
    while (scale > 0 && unscaled % 10 == 0) {
        unscaled /= 10;
        scale--;
    }
    sb_text_append(out, buffer, sb_decimal_print(buffer, unscaled, scale > 38 ? 38 : scale));
}

static void
write_primitive(sb_str value, sb_text *out)
{
    static const uint8_t bytes[] = {
        [SB_VARIANT_INT1] = 1,      [SB_VARIANT_INT2] = 2,     [SB_VARIANT_INT4] = 4,
        [SB_VARIANT_INT8] = 8,      [SB_VARIANT_DECIMAL4] = 4, [SB_VARIANT_DECIMAL8] = 8,
        [SB_VARIANT_DECIMAL16] = 16};
    char buffer[SB_DOUBLE_TEXT];
    int id = (unsigned char)value.data[0] >> 2;
    switch (id) {
    case SB_VARIANT_TRUE: sb_text_add(out, "true"); break;
    case SB_VARIANT_FALSE: sb_text_add(out, "false"); break;
    case SB_VARIANT_INT1:
    case SB_VARIANT_INT2:
    case SB_VARIANT_INT4:
    case SB_VARIANT_INT8:
        sb_text_append(out, buffer, sb_int_print(buffer, (int64_t)signed_at(value, 1, bytes[id])));
        break;
    case SB_VARIANT_DOUBLE: {
        uint64_t bits = (uint64_t)signed_at(value, 1, 8);
        double number;
        memcpy(&number, &bits, sizeof number);
        sb_text_append(out, buffer, sb_double_print(buffer, number));
        break;
    }
    case SB_VARIANT_DECIMAL4:
    case SB_VARIANT_DECIMAL8:
    case SB_VARIANT_DECIMAL16: write_decimal(value, bytes[id], out); break;
    case SB_VARIANT_TEXT: sb_json_quote((sb_str){value.data + 5, value.size - 5}, out); break;
    default: sb_text_add(out, "null");
    }
}

static void
write_value(const sb_variant *v, int depth, sb_text *out)
{
    int kind = sb_variant_kind(v);
    if (kind == SB_VARIANT_PRIMITIVE) {
        write_primitive(v->value, out);
        return;
    }
    if (kind == SB_VARIANT_SHORT_TEXT) {
        sb_json_quote((sb_str){v->value.data + 1, v->value.size - 1}, out);
        return;
    }
    parts p = parts_of(v->value);
    bool object = kind == SB_VARIANT_OBJECT;
    sb_text_char(out, object ? '{' : '[');
    for (uint32_t i = 0; i < p.count && depth < SB_VARIANT_DEPTH; i++) {
        sb_variant part;
        sb_text_add(out, i > 0 ? "," : "");
        if (object) {
            uint32_t id = unsigned_at(v->value, p.ids + (size_t)i * (size_t)p.id_width, p.id_width);
            sb_json_quote(name_of(v->metadata, id), out);
            sb_text_char(out, ':');
        }
        if (part_at(v, &p, i, &part)) {
            write_value(&part, depth + 1, out);
        } else {
            sb_text_add(out, "null");
        }
    }
    sb_text_char(out, object ? '}' : ']');
}

void
sb_variant_write_json(sb_str bytes, sb_text *out)
{
    sb_variant v;
    if (!sb_variant_open(bytes, &v)) {
        sb_text_add(out, "null");
        return;
    }
    v.value.size = value_size(v.value);
    if (v.value.size == 0) {
        sb_text_add(out, "null");
    } else {
        write_value(&v, 0, out);
    }
}
