/*
 * columnar/row_value.h -- inside columnar: single values in the row layout, nested ones included.
 *
 * DESIGN     The parts of a LIST or STRUCT lie in a *tuple*: u32 size | u32 count (LIST) or 0
 *            (STRUCT) | null bitmap padded to 8 bytes | one slot per part | variable bytes. Offsets
 *            count from the start of the tuple. A row is itself a tuple. A LIST is one tuple per
 *            child (MAP: keys, then values), one behind the other.
 * THREADS    T:any
 */
#ifndef SB_COLUMNAR_ROW_VALUE_H
#define SB_COLUMNAR_ROW_VALUE_H

#include "columnar/row.h"

#define SB_TUPLE_HEAD 8

static inline uint32_t
sb_slot_size(sb_phys phys)
{
    return phys == SB_PHYS_I128 || phys == SB_PHYS_TSNS || phys == SB_PHYS_VIEW ? 16 : 8;
}

static inline uint64_t
sb_pad8(uint64_t size)
{
    return (size + 7) & ~UINT64_C(7);
}

static inline bool
sb_phys_is_nested(sb_phys phys)
{
    return phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT;
}

typedef struct sb_nested_slot { /* where the tuples of a nested value lie */
    uint32_t offset, size;
} sb_nested_slot;

/* Variable bytes that a value needs besides its slot; 0 for NULL. */
uint64_t sb_row_value_extra(const sb_vector *v, int32_t row);
/* Writes a valid value into its zeroed slot; variable bytes go to base + cursor. Returns the new
 * cursor. */
uint32_t sb_row_value_write(const sb_vector *v, int32_t row, uint8_t *base, uint8_t *slot,
                            uint32_t cursor);
/* One value of a fixed kind, widened and canonical, into a slot. */
void sb_row_fixed_write(sb_phys phys, const void *value, uint8_t *slot);
/* Appends the value of a slot that is not NULL. */
void sb_row_value_read(const uint8_t *base, const uint8_t *slot, sb_column_builder *c,
                       bool copy_bytes);
/* A valid slot and a valid value of a vector. */
bool sb_row_value_equal(const uint8_t *base, const uint8_t *slot, const sb_vector *v, int32_t row);
/* Two valid slots. */
int sb_row_value_compare(const sb_type *type, const uint8_t *base_a, const uint8_t *slot_a,
                         const uint8_t *base_b, const uint8_t *slot_b);
/* Checks a slot that is not NULL; the variable bytes must lie in [from, size) of base. */
bool sb_row_value_check(const sb_type *type, const uint8_t *base, const uint8_t *slot,
                        uint64_t from, uint64_t size);

#endif
