/*
 * state/probe.c -- from keys to rows, many at a time.
 *
 * DESIGN     Two passes over a chunk of keys: first all index entries are fetched, then all
 *            candidate rows, then keys are compared; each pass finds in the cache what the one
 *            before has asked for.
 * THREADS    T:task
 */
#include "state/table_priv.h"

static inline bool
word_equals(const sb_table *t, const sb_vector *v, int32_t physical, const uint8_t *row,
            bool narrow)
{
    bool null = sb_row_is_null(row, 0);
    if (null || !sb_vector_valid(v, physical)) {
        return null && !sb_vector_valid(v, physical);
    }
    int64_t stored;
    __builtin_memcpy(&stored, row + t->layout.offsets[0], sizeof stored);
    const void *values = v->encoding == SB_DICT ? v->dict->values : v->values;
    int32_t index = sb_vector_index(v, physical);
    return stored == (narrow ? ((const int32_t *)values)[index] : ((const int64_t *)values)[index]);
}

static inline bool
key_equals(const sb_table *t, const sb_keys *keys, int32_t i, const uint8_t *row)
{
    if (sb_head(row)->hash != keys->hashes[i] ||
        (t->has_space && sb_space_of(t, row) != keys->space[i])) {
        return false;
    }
    int32_t physical = sb_key_row(keys, i);
    switch (t->key_kind) {
    case SB_KEY_NONE: return true;
    case SB_KEY_I64: return word_equals(t, keys->columns[0], physical, row, false);
    case SB_KEY_I32: return word_equals(t, keys->columns[0], physical, row, true);
    case SB_KEY_ANY: break;
    }
    return sb_row_equal_columns(&t->layout, row, 0, t->count_key, keys->columns, physical);
}

bool
sb_key_equals(const sb_table *t, const sb_keys *keys, int32_t i, const uint8_t *row)
{
    return key_equals(t, keys, i, row);
}

static uint8_t *
walk(const sb_table *t, const sb_keys *keys, int32_t i, sb_cursor *cursor)
{
    uint8_t *row;
    while ((row = sb_index_next(cursor)) && !key_equals(t, keys, i, row)) {
    }
    return row;
}

uint8_t *
sb_probe_one(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place)
{
    sb_cursor cursor = sb_index_seek(&t->index, place);
    return walk(t, keys, i, &cursor);
}

uint8_t *
sb_probe_end(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place, sb_cursor *out_end)
{
    sb_cursor cursor = sb_index_seek(&t->index, place);
    uint8_t *row = walk(t, keys, i, &cursor);
    *out_end = cursor;
    return row;
}

enum { WALK = 3 };

/* Asks for the index entries of a chunk. */
static void
fetch_entries(const sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint64_t *places,
              const uint64_t **entries)
{
    const sb_index *ix = &t->index;
    for (int32_t i = 0; i < n; i++) {
        places[i] = sb_place(t, keys, from + i);
    }
    for (int32_t i = 0; i < n; i++) {
        sb_cursor cursor = sb_index_seek(ix, places[i]);
        entries[i] = cursor.entries + cursor.at;
        __builtin_prefetch(entries[i]);
        /* A walk mostly ends here; often that is the next line. */
        __builtin_prefetch(cursor.entries + ((cursor.at + WALK) & cursor.mask));
    }
}

/* Finds the first row whose tag fits, and asks for it. */
static void
fetch_rows(const sb_table *t, int32_t n, const uint64_t *places, const uint64_t *const *entries,
           uint8_t **rows)
{
    uint32_t last = t->layout.fixed_size - 1;
    for (int32_t i = 0; i < n; i++) {
        uint64_t entry = *entries[i];
        if (((entry ^ places[i] << SB_TAG_SHIFT) >> SB_TAG_SHIFT) != 0 || entry == 0) {
            sb_cursor cursor = sb_index_seek(&t->index, places[i]);
            rows[i] = sb_index_next(&cursor);
            if (!rows[i]) {
                continue;
            }
        } else {
            rows[i] = sb_entry_row(entry);
        }
        __builtin_prefetch(rows[i] - sizeof(sb_row_head));
        __builtin_prefetch(rows[i] + last);
    }
}

/* One FLAT column of 8 bytes without NULLs: the most common key. */
static void
compare_words(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const uint64_t *places,
              uint8_t **rows)
{
    const int64_t *values = keys->columns[0]->values;
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *row = rows[i];
        if (!row) {
            continue;
        }
        int64_t stored;
        __builtin_memcpy(&stored, row + t->layout.offsets[0], sizeof stored);
        if (stored != values[sb_key_row(keys, from + i)] || sb_row_is_null(row, 0)) {
            rows[i] = sb_probe_one(t, keys, from + i, places[i]);
        }
    }
}

static void
open_key_columns(sb_table *t, const sb_keys *keys)
{
    for (int32_t k = 0; k < t->count_key; k++) {
        const sb_vector *v = keys->columns[k];
        bool dict = v->encoding == SB_DICT;
        t->key_columns[k] = (sb_key_column){
            .values = dict ? v->dict->values : v->values,
            .index = dict ? v->values : NULL,
            .validity = v->validity,
            .mask = v->encoding == SB_CONST ? 0 : -1,
            .offset = t->layout.offsets[k],
            .phys = v->phys,
        };
    }
}

bool
sb_keys_are_words(const sb_table *t, const sb_keys *keys)
{
    for (int32_t k = 0; t->word_key && k < t->count_key; k++) {
        if (keys->columns[k]->encoding != SB_FLAT || keys->columns[k]->validity) {
            return false;
        }
    }
    return t->word_key;
}

/* Columns that open_key_columns has opened, with sb_keys_are_words. */
static void
compare_all_words(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const uint64_t *places,
                  uint8_t **rows)
{
    const sb_key_column *columns = t->key_columns;
    const uint8_t nulls = (uint8_t)((1u << t->count_key) - 1);
    const int32_t count = t->count_key;
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *row = rows[i];
        if (!row) {
            continue;
        }
        int32_t physical = sb_key_row(keys, from + i);
        int64_t differs = row[8] & nulls;
        for (int32_t k = 0; k < count; k++) {
            int64_t stored;
            __builtin_memcpy(&stored, row + columns[k].offset, sizeof stored);
            differs |= stored ^ ((const int64_t *)columns[k].values)[physical];
        }
        if (differs) {
            rows[i] = sb_probe_one(t, keys, from + i, places[i]);
        }
    }
}

static inline bool
view_equals(const uint8_t *row, const uint8_t *slot, const sb_view *value)
{
    uint64_t words[2];
    __builtin_memcpy(words, slot, sizeof words);
    if (words[0] != value->words[0]) {
        return false;
    }
    return value->small.size <= SB_VIEW_INLINE
               ? words[1] == value->words[1]
               : __builtin_memcmp(row + words[1], value->large.data, value->small.size) == 0;
}

/* The columns that open_key_columns has opened, all of them exact. */
static inline bool
columns_equal(const sb_table *t, const uint8_t *row, int32_t physical)
{
    for (int32_t k = 0; k < t->count_key; k++) {
        const sb_key_column *c = &t->key_columns[k];
        bool null = sb_row_is_null(row, k);
        if (null == sb_key_column_valid(c, physical)) {
            return false;
        }
        if (null) {
            continue;
        }
        size_t at = sb_key_column_at(c, physical);
        int64_t word;
        __builtin_memcpy(&word, row + c->offset, sizeof word);
        bool same = c->phys == SB_PHYS_VIEW
                        ? view_equals(row, row + c->offset, (const sb_view *)c->values + at)
                        : word == (c->phys == SB_PHYS_I64 ? ((const int64_t *)c->values)[at]
                                                          : ((const int32_t *)c->values)[at]);
        if (!same) {
            return false;
        }
    }
    return true;
}

static void
compare_columns(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const uint64_t *places,
                uint8_t **rows)
{
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *row = rows[i];
        if (row && (sb_head(row)->hash != keys->hashes[from + i] ||
                    !columns_equal(t, row, sb_key_row(keys, from + i)))) {
            rows[i] = sb_probe_one(t, keys, from + i, places[i]);
        }
    }
}

void
sb_probe(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint64_t *places,
         uint8_t **rows)
{
    const uint64_t *entries[SB_CHUNK];
    sb_assert(n <= SB_CHUNK);
    open_key_columns(t, keys);
    fetch_entries(t, keys, from, n, places, entries);
    fetch_rows(t, n, places, entries, rows);
    if (t->key_kind == SB_KEY_I64 && !t->has_space && keys->columns[0]->encoding == SB_FLAT &&
        !keys->columns[0]->validity) {
        compare_words(t, keys, from, n, places, rows);
        return;
    }
    if (sb_keys_are_words(t, keys)) {
        compare_all_words(t, keys, from, n, places, rows);
        return;
    }
    if (t->exact_key && !t->has_space) {
        compare_columns(t, keys, from, n, places, rows);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        if (rows[i] && !key_equals(t, keys, from + i, rows[i])) {
            rows[i] = sb_probe_one(t, keys, from + i, places[i]);
        }
    }
}

uint8_t *
sb_probe_row(sb_table *t, const uint8_t *row)
{
    sb_cursor cursor = sb_index_seek(&t->index, sb_place_of(t, row));
    uint8_t *other;
    while ((other = sb_index_next(&cursor))) {
        bool equal = sb_head(other)->hash == sb_head(row)->hash &&
                     (!t->has_space || sb_space_of(t, other) == sb_space_of(t, row));
        for (int32_t f = 0; equal && f < t->count_key; f++) {
            equal = sb_row_compare_field(&t->layout, other, row, f) == 0;
        }
        if (equal) {
            break;
        }
    }
    return other;
}
