/*
 * columnar/row_check.c -- is a run of bytes a row that is safe to read?
 *
 * DESIGN     Bounds first, then everything that the canonical form promises (paddings of inline
 *            strings, prefixes), so that damaged bytes are found here and not as a wrong answer
 *            later.
 * THREADS    T:any
 */
#include <string.h>

#include "columnar/row_value.h"

static bool
tuple_null(const uint8_t *tuple, uint64_t i)
{
    return (tuple[SB_TUPLE_HEAD + (i >> 3)] >> (i & 7)) & 1;
}

/* A part that is NULL must have a slot of zeroes: decoding reads it without asking. */
static bool
check_part(const sb_type *type, const uint8_t *tuple, uint64_t i, const uint8_t *slot,
           uint64_t from, uint64_t size)
{
    static const uint8_t zeroes[16] = {0};
    return tuple_null(tuple, i) ? memcmp(slot, zeroes, sb_slot_size(sb_type_phys(type))) == 0
                                : sb_row_value_check(type, tuple, slot, from, size);
}

static bool
check_view(const uint8_t *base, const uint8_t *slot, uint64_t from, uint64_t size)
{
    sb_view view;
    memcpy(&view, slot, sizeof view);
    uint32_t length = view.small.size;
    if (length <= SB_VIEW_INLINE) {
        for (uint32_t i = length; i < SB_VIEW_INLINE; i++) {
            if (view.small.data[i] != 0) {
                return false;
            }
        }
        return true;
    }
    uint64_t offset = view.words[1];
    return length <= SB_LENGTH_MAX && offset >= from && offset % 8 == 0 && offset <= size &&
           length <= size - offset &&
           memcmp(view.large.prefix, base + offset, sizeof view.large.prefix) == 0;
}

/* Head of a tuple at `tuple` of which `left` bytes are there; gives its size. */
static bool
check_head(const uint8_t *tuple, uint64_t left, uint64_t count, uint64_t slots_bytes,
           uint32_t second, uint32_t *out_size)
{
    uint32_t head[2];
    if (left < sizeof head) {
        return false;
    }
    memcpy(head, tuple, sizeof head);
    uint64_t need = SB_TUPLE_HEAD + (count + 63) / 64 * 8 + slots_bytes;
    *out_size = head[0];
    return head[1] == second && head[0] % 8 == 0 && head[0] <= left && need <= head[0];
}

static bool
check_elements(const sb_type *type, const uint8_t *tuple, uint64_t left, uint32_t count,
               uint32_t *out_size)
{
    uint32_t width = sb_slot_size(sb_type_phys(type));
    if (count > INT32_MAX ||
        !check_head(tuple, left, count, (uint64_t)count * width, count, out_size)) {
        return false;
    }
    uint64_t slots = SB_TUPLE_HEAD + ((uint64_t)count + 63) / 64 * 8;
    uint64_t from = slots + (uint64_t)count * width;
    for (uint32_t i = 0; i < count; i++) {
        if (!check_part(type, tuple, i, tuple + slots + (uint64_t)i * width, from, *out_size)) {
            return false;
        }
    }
    return true;
}

static bool
check_list(const sb_type *type, const uint8_t *tuple, uint64_t left)
{
    uint32_t count = 0, size;
    if (left >= SB_TUPLE_HEAD) {
        memcpy(&count, tuple + 4, sizeof count);
    }
    for (int32_t c = 0; c < type->count_children; c++) {
        if (!check_elements(&type->children[c].type, tuple, left, count, &size)) {
            return false;
        }
        tuple += size;
        left -= size;
    }
    return left == 0;
}

static bool
check_struct(const sb_type *type, const uint8_t *tuple, uint64_t left)
{
    uint64_t bytes = 0;
    for (int32_t c = 0; c < type->count_children; c++) {
        bytes += sb_slot_size(sb_type_phys(&type->children[c].type));
    }
    uint32_t size;
    uint64_t count = (uint64_t)type->count_children;
    if (!check_head(tuple, left, count, bytes, 0, &size) || size != left) {
        return false;
    }
    uint64_t at = SB_TUPLE_HEAD + (count + 63) / 64 * 8, from = at + bytes;
    for (int32_t c = 0; c < type->count_children; c++) {
        const sb_type *child = &type->children[c].type;
        if (!check_part(child, tuple, (uint64_t)c, tuple + at, from, size)) {
            return false;
        }
        at += sb_slot_size(sb_type_phys(child));
    }
    return true;
}

bool
sb_row_value_check(const sb_type *type, const uint8_t *base, const uint8_t *slot, uint64_t from,
                   uint64_t size)
{
    sb_phys phys = sb_type_phys(type);
    if (phys == SB_PHYS_VIEW) {
        return check_view(base, slot, from, size);
    }
    if (phys == SB_PHYS_BOOL) {
        return slot[0] <= 1;
    }
    if (phys == SB_PHYS_NULL) {
        return false; /* always NULL */
    }
    if (!sb_phys_is_nested(phys)) {
        return true;
    }
    sb_nested_slot nested;
    memcpy(&nested, slot, sizeof nested);
    if (nested.offset < from || nested.offset % 8 != 0 || nested.offset > size ||
        nested.size > size - nested.offset) {
        return false;
    }
    const uint8_t *tuple = base + nested.offset;
    return phys == SB_PHYS_LIST ? check_list(type, tuple, nested.size)
                                : check_struct(type, tuple, nested.size);
}

bool
sb_row_valid(const sb_row_layout *l, const uint8_t *row, size_t left)
{
    uint32_t size;
    uint64_t bitmap = ((uint64_t)l->count + 63) / 64 * 8;
    uint64_t slots = l->fixed_size - SB_TUPLE_HEAD - bitmap;
    if (!check_head(row, left, (uint64_t)l->count, slots, 0, &size)) {
        return false;
    }
    for (int32_t f = 0; f < l->count; f++) {
        const sb_type *type = &l->schema->fields[f].type;
        if (!check_part(type, row, (uint64_t)f, row + l->offsets[f], l->fixed_size, size)) {
            return false;
        }
    }
    return true;
}
