/*
 * columnar/row_value.c -- single values in the row layout: the slow path, and all of it for nested
 * values.
 *
 * THREADS    T:any
 */
#include "columnar/row_value.h"

#include <string.h>

/* ---- tuples
 * ------------------------------------------------------------------------------------- */

static uint64_t
slots_at(int64_t count) /* where the slots of a tuple begin */
{
    return SB_TUPLE_HEAD + (uint64_t)(count + 63) / 64 * 8;
}

static bool
tuple_null(const uint8_t *tuple, int64_t i)
{
    return (tuple[SB_TUPLE_HEAD + (i >> 3)] >> (i & 7)) & 1;
}

static void
tuple_set_null(uint8_t *tuple, int64_t i)
{
    tuple[SB_TUPLE_HEAD + (i >> 3)] |= (uint8_t)(1u << (i & 7));
}

static uint32_t
load_u32(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

static void
store_u32(uint8_t *at, uint32_t v)
{
    memcpy(at, &v, sizeof v);
}

static const sb_vector *
flat_of(const sb_vector *v)
{
    return v->encoding == SB_DICT ? v->dict : v;
}

/* ---- sizes
 * -------------------------------------------------------------------------------------- */

static uint64_t
list_extra(const sb_vector *v, int32_t row)
{
    const sb_list_entry *list = sb_vector_at(v, row);
    uint64_t size = 0;
    for (int32_t c = 0; c < v->type->count_children; c++) {
        const sb_vector *child = flat_of(v)->children[c];
        size += slots_at(list->count) + (uint64_t)list->count * sb_slot_size((sb_phys)child->phys);
        for (int32_t i = 0; i < list->count; i++) {
            size += sb_row_value_extra(child, list->offset + i);
        }
    }
    return size;
}

static uint64_t
struct_extra(const sb_vector *v, int32_t row)
{
    int32_t count = v->type->count_children, index = sb_vector_index(v, row);
    uint64_t size = slots_at(count);
    for (int32_t c = 0; c < count; c++) {
        const sb_vector *child = flat_of(v)->children[c];
        size += sb_slot_size((sb_phys)child->phys) + sb_row_value_extra(child, index);
    }
    return size;
}

uint64_t
sb_row_value_extra(const sb_vector *v, int32_t row)
{
    if (!sb_vector_valid(v, row)) {
        return 0;
    }
    switch ((sb_phys)v->phys) {
    case SB_PHYS_VIEW: {
        uint32_t size = sb_view_size(sb_vector_at(v, row));
        return size > SB_VIEW_INLINE ? sb_pad8(size) : 0;
    }
    case SB_PHYS_LIST: return list_extra(v, row);
    case SB_PHYS_STRUCT: return struct_extra(v, row);
    default: return 0;
    }
}

/* ---- writing
 * ------------------------------------------------------------------------------------ */

#define WIDEN(type)                            \
    do {                                       \
        type narrow;                           \
        memcpy(&narrow, value, sizeof narrow); \
        wide = narrow;                         \
    } while (0)

void
sb_row_fixed_write(sb_phys phys, const void *value, uint8_t *slot)
{
    int64_t wide = 0;
    switch (phys) {
    case SB_PHYS_BOOL: WIDEN(uint8_t); break;
    case SB_PHYS_I8: WIDEN(int8_t); break;
    case SB_PHYS_I16: WIDEN(int16_t); break;
    case SB_PHYS_I32: WIDEN(int32_t); break;
    case SB_PHYS_I64: WIDEN(int64_t); break;
    case SB_PHYS_F32: {
        float f;
        memcpy(&f, value, sizeof f);
        uint32_t bits = 0x7FC00000u;
        if (f == f) {
            memcpy(&bits, value, sizeof bits);
        }
        wide = bits;
        break;
    }
    case SB_PHYS_F64: {
        double d;
        memcpy(&d, value, sizeof d);
        wide = INT64_C(0x7FF8000000000000);
        if (d == d) {
            memcpy(&wide, value, sizeof wide);
        }
        break;
    }
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: memcpy(slot, value, 16); return;
    default: sb_assert(!"not a fixed kind");
    }
    memcpy(slot, &wide, sizeof wide);
}

/* A tuple of `count` rows of one vector from `first` on. */
static uint32_t
write_elements(const sb_vector *v, int32_t first, int32_t count, uint8_t *tuple)
{
    uint32_t width = sb_slot_size((sb_phys)v->phys), slots = (uint32_t)slots_at(count);
    uint32_t cursor = slots + (uint32_t)count * width;
    memset(tuple, 0, cursor);
    for (int32_t i = 0; i < count; i++) {
        if (sb_vector_valid(v, first + i)) {
            cursor = sb_row_value_write(v, first + i, tuple, tuple + slots + (uint32_t)i * width,
                                        cursor);
        } else {
            tuple_set_null(tuple, i);
        }
    }
    store_u32(tuple, cursor);
    store_u32(tuple + 4, (uint32_t)count);
    return cursor;
}

static uint32_t
write_fields(const sb_vector *v, int32_t row, uint8_t *tuple)
{
    int32_t count = v->type->count_children, index = sb_vector_index(v, row);
    uint32_t at = (uint32_t)slots_at(count), cursor = at;
    for (int32_t c = 0; c < count; c++) {
        cursor += sb_slot_size((sb_phys)flat_of(v)->children[c]->phys);
    }
    memset(tuple, 0, cursor);
    for (int32_t c = 0; c < count; c++) {
        const sb_vector *child = flat_of(v)->children[c];
        if (sb_vector_valid(child, index)) {
            cursor = sb_row_value_write(child, index, tuple, tuple + at, cursor);
        } else {
            tuple_set_null(tuple, c);
        }
        at += sb_slot_size((sb_phys)child->phys);
    }
    store_u32(tuple, cursor);
    return cursor;
}

static uint32_t
write_view(const sb_view *view, uint8_t *base, uint8_t *slot, uint32_t cursor)
{
    sb_view stored = *view;
    uint32_t size = sb_view_size(view);
    if (size > SB_VIEW_INLINE) {
        stored.words[1] = cursor;
        memset(base + cursor + (sb_pad8(size) - 8), 0, 8);
        memcpy(base + cursor, view->large.data, size);
        cursor += (uint32_t)sb_pad8(size);
    }
    memcpy(slot, &stored, sizeof stored);
    return cursor;
}

uint32_t
sb_row_value_write(const sb_vector *v, int32_t row, uint8_t *base, uint8_t *slot, uint32_t cursor)
{
    if (v->phys == SB_PHYS_VIEW) {
        return write_view(sb_vector_at(v, row), base, slot, cursor);
    }
    if (!sb_phys_is_nested((sb_phys)v->phys)) {
        sb_row_fixed_write((sb_phys)v->phys, sb_vector_at(v, row), slot);
        return cursor;
    }
    sb_nested_slot nested = {.offset = cursor};
    if (v->phys == SB_PHYS_STRUCT) {
        nested.size = write_fields(v, row, base + cursor);
    } else {
        const sb_list_entry *list = sb_vector_at(v, row);
        for (int32_t c = 0; c < v->type->count_children; c++) {
            nested.size += write_elements(flat_of(v)->children[c], list->offset, list->count,
                                          base + cursor + nested.size);
        }
    }
    memcpy(slot, &nested, sizeof nested);
    return cursor + nested.size;
}

/* ---- reading
 * ------------------------------------------------------------------------------------ */

static sb_view
read_view(const uint8_t *base, const uint8_t *slot)
{
    sb_view view;
    memcpy(&view, slot, sizeof view);
    if (view.small.size > SB_VIEW_INLINE) {
        view.large.data = (const char *)base + view.words[1];
    }
    return view;
}

static sb_nested_slot
read_nested(const uint8_t *slot)
{
    sb_nested_slot nested;
    memcpy(&nested, slot, sizeof nested);
    return nested;
}

static void
read_part(const uint8_t *tuple, int64_t i, const uint8_t *slot, sb_column_builder *c,
          bool copy_bytes)
{
    if (tuple_null(tuple, i)) {
        sb_column_null(c);
    } else {
        sb_row_value_read(tuple, slot, c, copy_bytes);
    }
}

static void
read_list(const uint8_t *tuple, sb_column_builder *c, bool copy_bytes)
{
    sb_column_list_begin(c);
    for (int32_t k = 0; k < c->count_children; k++) {
        sb_column_builder *child = &c->children[k];
        uint32_t count = load_u32(tuple + 4), width = sb_slot_size((sb_phys)child->phys);
        const uint8_t *slots = tuple + slots_at(count);
        for (uint32_t i = 0; i < count; i++) {
            read_part(tuple, i, slots + (size_t)i * width, child, copy_bytes);
        }
        tuple += load_u32(tuple);
    }
    sb_column_list_end(c);
}

static void
read_struct(const uint8_t *tuple, sb_column_builder *c, bool copy_bytes)
{
    const uint8_t *slot = tuple + slots_at(c->count_children);
    for (int32_t k = 0; k < c->count_children; k++) {
        read_part(tuple, k, slot, &c->children[k], copy_bytes);
        slot += sb_slot_size((sb_phys)c->children[k].phys);
    }
    sb_column_struct(c);
}

void
sb_row_value_read(const uint8_t *base, const uint8_t *slot, sb_column_builder *c, bool copy_bytes)
{
    switch ((sb_phys)c->phys) {
    case SB_PHYS_VIEW: {
        sb_view view = read_view(base, slot);
        if (copy_bytes) {
            sb_column_bytes(c, sb_view_data(&view), sb_view_size(&view));
        } else {
            sb_column_view(c, view);
        }
        return;
    }
    case SB_PHYS_LIST: read_list(base + read_nested(slot).offset, c, copy_bytes); return;
    case SB_PHYS_STRUCT: read_struct(base + read_nested(slot).offset, c, copy_bytes); return;
    default: sb_column_value(c, slot); /* little-endian: the narrow value stands first */
    }
}

/* ---- equality with a vector
 * --------------------------------------------------------------------- */

static bool
part_equal(const uint8_t *tuple, int64_t i, const uint8_t *slot, const sb_vector *v, int32_t row)
{
    bool null = tuple_null(tuple, i);
    if (null || !sb_vector_valid(v, row)) {
        return null == !sb_vector_valid(v, row);
    }
    return sb_row_value_equal(tuple, slot, v, row);
}

static bool
list_equal(const uint8_t *tuple, const sb_vector *v, int32_t row)
{
    const sb_list_entry *list = sb_vector_at(v, row);
    for (int32_t c = 0; c < v->type->count_children; c++) {
        const sb_vector *child = flat_of(v)->children[c];
        uint32_t width = sb_slot_size((sb_phys)child->phys);
        if (load_u32(tuple + 4) != (uint32_t)list->count) {
            return false;
        }
        const uint8_t *slots = tuple + slots_at(list->count);
        for (int32_t i = 0; i < list->count; i++) {
            if (!part_equal(tuple, i, slots + (size_t)i * width, child, list->offset + i)) {
                return false;
            }
        }
        tuple += load_u32(tuple);
    }
    return true;
}

static bool
struct_equal(const uint8_t *tuple, const sb_vector *v, int32_t row)
{
    int32_t count = v->type->count_children, index = sb_vector_index(v, row);
    const uint8_t *slot = tuple + slots_at(count);
    for (int32_t c = 0; c < count; c++) {
        const sb_vector *child = flat_of(v)->children[c];
        if (!part_equal(tuple, c, slot, child, index)) {
            return false;
        }
        slot += sb_slot_size((sb_phys)child->phys);
    }
    return true;
}

bool
sb_row_value_equal(const uint8_t *base, const uint8_t *slot, const sb_vector *v, int32_t row)
{
    switch ((sb_phys)v->phys) {
    case SB_PHYS_VIEW: {
        sb_view view = read_view(base, slot);
        return sb_view_equal(&view, sb_vector_at(v, row));
    }
    case SB_PHYS_LIST: return list_equal(base + read_nested(slot).offset, v, row);
    case SB_PHYS_STRUCT: return struct_equal(base + read_nested(slot).offset, v, row);
    default: {
        uint8_t wanted[16] = {0};
        sb_row_fixed_write((sb_phys)v->phys, sb_vector_at(v, row), wanted);
        return memcmp(slot, wanted, sb_slot_size((sb_phys)v->phys)) == 0;
    }
    }
}

/* ---- order of two slots
 * ------------------------------------------------------------------------- */

typedef struct part { /* one part of a tuple */
    const uint8_t *tuple, *slot;
    int64_t i;
} part;

static int
part_compare(const sb_type *type, part a, part b)
{
    bool null_a = tuple_null(a.tuple, a.i), null_b = tuple_null(b.tuple, b.i);
    if (null_a || null_b) {
        return (int)null_b - (int)null_a;
    }
    return sb_row_value_compare(type, a.tuple, a.slot, b.tuple, b.slot);
}

/* Element i of child c of a LIST whose tuples begin at `tuple`. */
static part
list_part(const sb_type *type, const uint8_t *tuple, int32_t c, uint32_t i)
{
    for (; c > 0; c--) {
        tuple += load_u32(tuple);
    }
    uint32_t count = load_u32(tuple + 4);
    sb_phys phys = sb_type_phys(type);
    return (part){tuple, tuple + slots_at(count) + (size_t)i * sb_slot_size(phys), i};
}

static int
list_compare(const sb_type *type, const uint8_t *a, const uint8_t *b)
{
    uint32_t count_a = load_u32(a + 4), count_b = load_u32(b + 4);
    for (uint32_t i = 0; i < count_a && i < count_b; i++) {
        for (int32_t c = 0; c < type->count_children; c++) {
            const sb_type *child = &type->children[c].type;
            int order = part_compare(child, list_part(child, a, c, i), list_part(child, b, c, i));
            if (order) {
                return order;
            }
        }
    }
    return (count_a > count_b) - (count_a < count_b);
}

static int
struct_compare(const sb_type *type, const uint8_t *a, const uint8_t *b)
{
    uint64_t at = slots_at(type->count_children);
    for (int32_t c = 0; c < type->count_children; c++) {
        const sb_type *child = &type->children[c].type;
        int order = part_compare(child, (part){a, a + at, c}, (part){b, b + at, c});
        if (order) {
            return order;
        }
        at += sb_slot_size(sb_type_phys(child));
    }
    return 0;
}

int
sb_row_value_compare(const sb_type *type, const uint8_t *base_a, const uint8_t *slot_a,
                     const uint8_t *base_b, const uint8_t *slot_b)
{
    sb_phys phys = sb_type_phys(type);
    if (phys == SB_PHYS_VIEW) {
        sb_view a = read_view(base_a, slot_a), b = read_view(base_b, slot_b);
        return sb_view_compare(&a, &b);
    }
    if (!sb_phys_is_nested(phys)) {
        return sb_phys_compare(phys, slot_a, slot_b);
    }
    const uint8_t *a = base_a + read_nested(slot_a).offset,
                  *b = base_b + read_nested(slot_b).offset;
    return phys == SB_PHYS_LIST ? list_compare(type, a, b) : struct_compare(type, a, b);
}
