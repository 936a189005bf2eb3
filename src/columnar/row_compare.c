/*
 * columnar/row_compare.c -- rows against columns, and rows against rows.
 *
 * DESIGN     Slots are canonical, so a fixed value is equal when its slot bytes are; only floats
 *            are made canonical on the column's side first. The batch form goes column by column
 *            and skips rows that differ already.
 * THREADS    T:any
 */
#include <string.h>

#include "columnar/row_value.h"

#define INLINE static inline __attribute__((always_inline))

/* Slot against the value at `index` of flat values; kinds but LIST and STRUCT. */
INLINE bool
slot_equal(sb_phys phys, const uint8_t *row, uint32_t offset, const void *values, size_t index)
{
    const uint8_t *slot = row + offset;
    switch (phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8: return memcmp(slot, (const char *)values + index, 1) == 0;
    case SB_PHYS_I16: return memcmp(slot, (const char *)values + index * 2, 2) == 0;
    case SB_PHYS_I32: return memcmp(slot, (const char *)values + index * 4, 4) == 0;
    case SB_PHYS_I64: return memcmp(slot, (const char *)values + index * 8, 8) == 0;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: return memcmp(slot, (const char *)values + index * 16, 16) == 0;
    case SB_PHYS_F32:
    case SB_PHYS_F64: {
        uint8_t wanted[8];
        sb_row_fixed_write(phys, (const char *)values + index * (phys == SB_PHYS_F32 ? 4 : 8),
                           wanted);
        return memcmp(slot, wanted, sizeof wanted) == 0;
    }
    case SB_PHYS_VIEW: {
        const sb_view *view = (const sb_view *)values + index;
        sb_view stored;
        memcpy(&stored, slot, sizeof stored);
        if (stored.words[0] != view->words[0]) {
            return false;
        }
        if (stored.small.size <= SB_VIEW_INLINE) {
            return stored.words[1] == view->words[1];
        }
        return memcmp(row + stored.words[1], view->large.data, stored.small.size) == 0;
    }
    default: return true; /* NULL: decided by validity */
    }
}

static const void *
flat_values(const sb_vector *v)
{
    return v->encoding == SB_DICT ? v->dict->values : v->values;
}

/* Kinds are told apart outside of the loops: this one is for single rows. */
static bool
field_equal(const uint8_t *row, uint32_t offset, const sb_vector *v, int32_t physical)
{
    size_t index = (size_t)sb_vector_index(v, physical);
    const void *values = flat_values(v);
    switch ((sb_phys)v->phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8: return slot_equal(SB_PHYS_I8, row, offset, values, index);
    case SB_PHYS_I16: return slot_equal(SB_PHYS_I16, row, offset, values, index);
    case SB_PHYS_I32: return slot_equal(SB_PHYS_I32, row, offset, values, index);
    case SB_PHYS_I64: return slot_equal(SB_PHYS_I64, row, offset, values, index);
    case SB_PHYS_F32: return slot_equal(SB_PHYS_F32, row, offset, values, index);
    case SB_PHYS_F64: return slot_equal(SB_PHYS_F64, row, offset, values, index);
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: return slot_equal(SB_PHYS_I128, row, offset, values, index);
    case SB_PHYS_VIEW: return slot_equal(SB_PHYS_VIEW, row, offset, values, index);
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT: return sb_row_value_equal(row, row + offset, v, physical);
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: break;
    }
    return true;
}

bool
sb_row_equal_columns(const sb_row_layout *l, const uint8_t *row, int32_t first, int32_t n,
                     sb_vector *const *columns, int32_t physical)
{
    for (int32_t f = 0; f < n; f++) {
        bool null = sb_row_is_null(row, first + f);
        if (null == sb_vector_valid(columns[f], physical)) {
            return false;
        }
        if (!null && !field_equal(row, l->offsets[first + f], columns[f], physical)) {
            return false;
        }
    }
    return true;
}

/* ---- many rows
 * ---------------------------------------------------------------------------------- */

typedef struct match { /* one column against many rows */
    uint8_t *const *rows;
    const int32_t *physical;
    int32_t count, field;
    uint32_t offset;
    const sb_vector *v;
    uint8_t *out;
} match;

INLINE void
match_loop(const match *m, sb_phys phys, bool flat)
{
    const void *values = flat_values(m->v);
    for (int32_t i = 0; i < m->count; i++) {
        if (!m->out[i]) {
            continue;
        }
        int32_t row = m->physical[i];
        size_t index = flat ? (size_t)(uint32_t)row : (size_t)sb_vector_index(m->v, row);
        m->out[i] = slot_equal(phys, m->rows[i], m->offset, values, index);
    }
}

INLINE void
match_kind(const match *m, sb_phys phys)
{
    if (m->v->encoding == SB_FLAT) {
        match_loop(m, phys, true);
    } else {
        match_loop(m, phys, false);
    }
}

/* Rows where either side is NULL are decided here: they are taken out, and put back if both are. */
static void
match_column(const match *m)
{
    switch ((sb_phys)m->v->phys) {
    case SB_PHYS_BOOL:
    case SB_PHYS_I8: match_kind(m, SB_PHYS_I8); break;
    case SB_PHYS_I16: match_kind(m, SB_PHYS_I16); break;
    case SB_PHYS_I32: match_kind(m, SB_PHYS_I32); break;
    case SB_PHYS_I64: match_kind(m, SB_PHYS_I64); break;
    case SB_PHYS_F32: match_kind(m, SB_PHYS_F32); break;
    case SB_PHYS_F64: match_kind(m, SB_PHYS_F64); break;
    case SB_PHYS_I128:
    case SB_PHYS_TSNS: match_kind(m, SB_PHYS_I128); break;
    case SB_PHYS_VIEW: match_kind(m, SB_PHYS_VIEW); break;
    case SB_PHYS_LIST:
    case SB_PHYS_STRUCT:
        for (int32_t i = 0; i < m->count; i++) {
            m->out[i] = m->out[i] && sb_row_value_equal(m->rows[i], m->rows[i] + m->offset, m->v,
                                                        m->physical[i]);
        }
        break;
    case SB_PHYS_NULL:
    case SB_PHYS_COUNT: break;
    }
}

#define MATCH_BLOCK 256

static void
match_block(const match *m)
{
    uint8_t both_null[MATCH_BLOCK];
    for (int32_t i = 0; i < m->count; i++) {
        bool null = m->out[i] && sb_row_is_null(m->rows[i], m->field);
        bool other = !sb_vector_valid(m->v, m->physical[i]);
        both_null[i] = m->out[i] & null & other;
        m->out[i] = m->out[i] & !null & !other;
    }
    match_column(m);
    for (int32_t i = 0; i < m->count; i++) {
        m->out[i] |= both_null[i];
    }
}

void
sb_row_equal_batch(const sb_row_layout *l, uint8_t *const *rows, int32_t first, int32_t n,
                   sb_vector *const *columns, const int32_t *physical, int32_t count, uint8_t *out)
{
    for (int32_t at = 0; at < count; at += MATCH_BLOCK) {
        int32_t size = count - at < MATCH_BLOCK ? count - at : MATCH_BLOCK;
        for (int32_t i = 0; i < size; i++) {
            out[at + i] = rows[at + i] != NULL;
        }
        for (int32_t f = 0; f < n; f++) {
            match m = {.rows = rows + at,
                       .physical = physical + at,
                       .count = size,
                       .field = first + f,
                       .offset = l->offsets[first + f],
                       .v = columns[f],
                       .out = out + at};
            match_block(&m);
        }
    }
}

int
sb_row_compare_field(const sb_row_layout *l, const uint8_t *a, const uint8_t *b, int32_t field)
{
    bool null_a = sb_row_is_null(a, field), null_b = sb_row_is_null(b, field);
    if (null_a || null_b) {
        return (int)null_b - (int)null_a;
    }
    uint32_t at = l->offsets[field];
    return sb_row_value_compare(&l->schema->fields[field].type, a, a + at, b, b + at);
}
