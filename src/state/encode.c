/*
 * state/encode.c -- making the bytes of rows: new rows from keys, and rows with some fields
 * replaced.
 *
 * DESIGN     A new row is the table's zero row plus its key; plain kinds are written by hand (a row
 *            at a time, no batch to gain from), nested ones through sb_row_encode. Results are
 *            canonical, as if encoded from columns.
 * THREADS    T:task
 */
#include <string.h>

#include "state/table_priv.h"

static inline uint32_t
pad8(uint32_t size)
{
    return (size + 7) & ~7u;
}

static inline uint32_t
view_extra(const sb_view *view)
{
    uint32_t size = view->small.size;
    return size <= SB_VIEW_INLINE ? 0 : size >= SB_ROW_SIZE_MAX ? SB_ROW_SIZE_MAX : pad8(size);
}

static uint32_t
field_extra(const sb_vector *v, int32_t physical)
{
    return v->phys == SB_PHYS_VIEW && sb_vector_valid(v, physical)
               ? view_extra(sb_vector_at(v, physical))
               : 0;
}

/* Columns of the fields of a key, sort columns included; the rest is NULL. */
static void
set_key_columns(sb_table *t, const sb_keys *keys, sb_vector *const *sort)
{
    memcpy(t->columns, t->nulls, (size_t)t->schema.count * sizeof *t->columns);
    for (int32_t c = 0; c < t->count_key; c++) {
        t->columns[c] = keys->columns[c];
    }
    for (int32_t c = 0; c < t->count_sort; c++) {
        t->columns[t->at_sort + c] = sort[c];
    }
}

uint32_t
sb_new_row_size(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i)
{
    int32_t physical = sb_key_row(keys, i);
    if (!t->layout.has_bytes) {
        return t->layout.fixed_size;
    }
    if (!t->plain_key) {
        uint32_t size;
        set_key_columns(t, keys, sort);
        sb_row_sizes(&t->layout, t->columns, &physical, 1, &size);
        return size;
    }
    uint64_t size = t->layout.fixed_size;
    for (int32_t c = 0; c < t->count_key; c++) {
        size += field_extra(keys->columns[c], physical);
    }
    for (int32_t c = 0; c < t->count_sort; c++) {
        size += field_extra(sort[c], physical);
    }
    return size < SB_ROW_SIZE_MAX ? (uint32_t)size : SB_ROW_SIZE_MAX;
}

static void
put_word(uint8_t *slot, int64_t v)
{
    memcpy(slot, &v, sizeof v);
}

static void
put_float(uint8_t *slot, const void *value, bool wide)
{
    double d;
    float f;
    if (wide) {
        memcpy(&d, value, sizeof d);
        if (d == d) {
            memcpy(slot, &d, sizeof d);
        } else {
            put_word(slot, INT64_C(0x7FF8000000000000));
        }
    } else {
        memcpy(&f, value, sizeof f);
        if (f == f) {
            memcpy(slot, &f, sizeof f);
        } else {
            put_word(slot, INT64_C(0x7FC00000));
        }
    }
}

/* Writes value number `at` into its zeroed slot. Returns where the next variable bytes go. */
static inline uint32_t
put_value(sb_phys phys, const void *values, size_t at, uint8_t *row, uint32_t offset,
          uint32_t cursor)
{
    uint8_t *slot = row + offset;
    switch (phys) {
    case SB_PHYS_BOOL: put_word(slot, ((const uint8_t *)values)[at]); break;
    case SB_PHYS_I8: put_word(slot, ((const int8_t *)values)[at]); break;
    case SB_PHYS_I16: put_word(slot, ((const int16_t *)values)[at]); break;
    case SB_PHYS_I32: put_word(slot, ((const int32_t *)values)[at]); break;
    case SB_PHYS_I64: put_word(slot, ((const int64_t *)values)[at]); break;
    case SB_PHYS_F32: put_float(slot, (const float *)values + at, false); break;
    case SB_PHYS_F64: put_float(slot, (const double *)values + at, true); break;
    case SB_PHYS_VIEW: {
        sb_view view = ((const sb_view *)values)[at];
        if (view.small.size > SB_VIEW_INLINE) {
            uint32_t padded = pad8(view.small.size);
            put_word(row + cursor + padded - 8, 0);
            memcpy(row + cursor, view.large.data, view.small.size);
            view.words[1] = cursor;
            cursor += padded;
        }
        memcpy(slot, &view, sizeof view);
        break;
    }
    default: memcpy(slot, (const char *)values + at * 16, 16); break; /* I128, TSNS */
    }
    return cursor;
}

static uint32_t
put_field(const sb_table *t, int32_t field, const sb_vector *v, int32_t physical, uint8_t *row,
          uint32_t cursor)
{
    if (!sb_vector_valid(v, physical)) {
        sb_row_set_null(row, field, true);
        return cursor;
    }
    const void *values = v->encoding == SB_DICT ? v->dict->values : v->values;
    return put_value((sb_phys)v->phys, values, (size_t)sb_vector_index(v, physical), row,
                     t->layout.offsets[field], cursor);
}

static inline void
put_zero_row(const sb_table *t, uint8_t *dst)
{
    const uint8_t *from = t->zero_row;
    uint32_t size = t->layout.fixed_size;
    for (uint32_t at = 0; at < size; at += 8) { /* a few words */
        memcpy(dst + at, from + at, 8);
    }
}

uint32_t
sb_probed_row_size(const sb_table *t, int32_t physical)
{
    uint64_t size = t->layout.fixed_size;
    for (int32_t k = 0; t->layout.has_bytes && k < t->count_key; k++) {
        const sb_key_column *c = &t->key_columns[k];
        if (c->phys == SB_PHYS_VIEW && sb_key_column_valid(c, physical)) {
            size += view_extra(&((const sb_view *)c->values)[sb_key_column_at(c, physical)]);
        }
    }
    return size < SB_ROW_SIZE_MAX ? (uint32_t)size : SB_ROW_SIZE_MAX;
}

void
sb_probed_row_encode(const sb_table *t, int32_t physical, uint8_t *dst)
{
    uint32_t cursor = t->layout.fixed_size;
    put_zero_row(t, dst);
    for (int32_t k = 0; k < t->count_key; k++) {
        const sb_key_column *c = &t->key_columns[k];
        if (sb_key_column_valid(c, physical)) {
            cursor = put_value((sb_phys)c->phys, c->values, sb_key_column_at(c, physical), dst,
                               c->offset, cursor);
        } else {
            sb_row_set_null(dst, k, true);
        }
    }
    memcpy(dst, &cursor, sizeof cursor);
}

/* Nested kinds: through columns, then the values become zero instead of NULL. */
static void
encode_nested_key(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t *dst)
{
    int32_t physical = sb_key_row(keys, i);
    set_key_columns(t, keys, sort);
    sb_row_encode(&t->layout, t->columns, &physical, 1, &dst);
    for (int32_t f = t->at_values; f < t->schema.count; f++) {
        sb_row_set_null(dst, f, sb_row_is_null(t->zero_row, f));
    }
}

void
sb_new_row_encode(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t *dst)
{
    int32_t physical = sb_key_row(keys, i);
    if (t->plain_key) {
        uint32_t cursor = t->layout.fixed_size;
        put_zero_row(t, dst);
        for (int32_t c = 0; c < t->count_key; c++) {
            cursor = put_field(t, c, keys->columns[c], physical, dst, cursor);
        }
        for (int32_t c = 0; c < t->count_sort; c++) {
            cursor = put_field(t, t->at_sort + c, sort[c], physical, dst, cursor);
        }
        memcpy(dst, &cursor, sizeof cursor);
    } else {
        encode_nested_key(t, keys, sort, i, dst);
    }
    sb_patch_space(t, keys, i, 1, &dst);
}

void
sb_set_columns(sb_table *t, const sb_keys *keys, sb_vector *const *values)
{
    sb_assert(t->shape != SB_ORDERED);
    for (int32_t c = 0; c < t->count_key; c++) {
        t->columns[c] = keys->columns[c];
    }
    if (t->has_space) {
        t->columns[t->at_space] = t->nulls[t->at_space];
    }
    for (int32_t c = 0; c < t->count_values; c++) {
        t->columns[t->at_values + c] = values[c];
    }
}

const int32_t *
sb_physical(const sb_keys *keys, int32_t from, int32_t n, int32_t *room)
{
    if (keys->rows) {
        return keys->rows + from;
    }
    for (int32_t i = 0; i < n; i++) {
        room[i] = from + i;
    }
    return room;
}

void
sb_patch_space(const sb_table *t, const sb_keys *keys, int32_t from, int32_t n,
               uint8_t *const *rows)
{
    if (!t->has_space) {
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        put_word(rows[i] + t->layout.offsets[t->at_space], keys->space[from + i]);
        sb_row_set_null(rows[i], t->at_space, false);
    }
}

/* ---- rows made of two rows
 * ------------------------------------------------------------------------ */

typedef struct span { /* variable bytes of a field */
    uint32_t offset, size;
} span;

static span
field_span(const sb_table *t, const uint8_t *row, int32_t field)
{
    sb_phys phys = sb_type_phys(&t->schema.fields[field].type);
    const uint8_t *slot = row + t->layout.offsets[field];
    span s = {0, 0};
    if (sb_row_is_null(row, field)) {
        return s;
    }
    if (phys == SB_PHYS_VIEW) {
        sb_view view;
        memcpy(&view, slot, sizeof view);
        if (view.small.size > SB_VIEW_INLINE) {
            s = (span){(uint32_t)view.words[1], pad8(view.small.size)};
        }
    } else if (phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT) {
        memcpy(&s, slot, sizeof s);
    }
    return s;
}

static inline const uint8_t *
source_of(const uint8_t *base, const uint8_t *donor, int32_t field, int32_t first, int32_t n)
{
    return field >= first && field < first + n ? donor : base;
}

uint32_t
sb_row_merged_size(const sb_table *t, const uint8_t *base, const uint8_t *donor, int32_t first,
                   int32_t n)
{
    uint64_t size = t->layout.fixed_size;
    for (int32_t f = 0; t->layout.has_bytes && f < t->schema.count; f++) {
        size += field_span(t, source_of(base, donor, f, first, n), f).size;
    }
    return size < SB_ROW_SIZE_MAX ? (uint32_t)size : SB_ROW_SIZE_MAX;
}

void
sb_row_merge(const sb_table *t, const uint8_t *base, const uint8_t *donor, int32_t first, int32_t n,
             uint8_t *dst)
{
    const sb_row_layout *l = &t->layout;
    memcpy(dst, base, l->fixed_size);
    if (n > 0) {
        uint32_t from = l->offsets[first];
        uint32_t to = first + n < l->count ? l->offsets[first + n] : l->fixed_size;
        memcpy(dst + from, donor + from, to - from);
    }
    for (int32_t f = first; f < first + n; f++) {
        sb_row_set_null(dst, f, sb_row_is_null(donor, f));
    }
    uint32_t cursor = l->fixed_size;
    for (int32_t f = 0; l->has_bytes && f < l->count; f++) {
        const uint8_t *source = source_of(base, donor, f, first, n);
        span s = field_span(t, source, f);
        if (s.size == 0) {
            continue;
        }
        bool is_view = sb_type_phys(&t->schema.fields[f].type) == SB_PHYS_VIEW;
        memcpy(dst + cursor, source + s.offset, s.size);
        if (is_view) {
            put_word(dst + l->offsets[f] + 8, cursor);
        } else {
            memcpy(dst + l->offsets[f], &cursor, sizeof cursor);
        }
        cursor += s.size;
    }
    memcpy(dst, &cursor, sizeof cursor);
}
