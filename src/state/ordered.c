/*
 * state/ordered.c -- the ordered shape: (key, space, sort columns) -> row, walked in sort order.
 *
 * DESIGN     The index knows the smallest row of each key; the rows of a key form a B+tree
 *            (btree.h). A search encodes the wanted key as a row, because rows compare with rows.
 * THREADS    T:task
 */
#include <string.h>

#include "state/btree.h"

#define STACK_ROW 1024

/* A row with the wanted key and sort columns: on the stack if it fits. NULL: out of memory. */
static uint8_t *
encode_wanted(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t *stack)
{
    uint32_t size = sb_new_row_size(t, keys, sort, i);
    uint8_t *row = size <= STACK_ROW        ? stack
                   : size < SB_ROW_SIZE_MAX ? sb_table_scratch(t, size)
                                            : NULL;
    if (row) {
        sb_new_row_encode(t, keys, sort, i, row);
    }
    return row;
}

/* The row with these sort columns among those of `first`, without encoding: when there is no
 * memory for it. */
static uint8_t *
find_walking(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t *first)
{
    for (uint8_t *row = first; row; row = sb_tree_next(row)) {
        if (sb_row_equal_columns(&t->layout, row, t->at_sort, t->count_sort, sort,
                                 sb_key_row(keys, i))) {
            return row;
        }
    }
    return NULL;
}

static uint8_t *
find_row(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t *first)
{
    _Alignas(8) uint8_t stack[STACK_ROW];
    if (!first) {
        return NULL;
    }
    uint8_t *wanted = encode_wanted(t, keys, sort, i, stack);
    return wanted ? sb_tree_find(t, first, wanted) : find_walking(t, keys, sort, i, first);
}

void
sb_ordered_find(sb_table *t, const sb_keys *keys, sb_vector *const *sort, uint8_t **out_rows)
{
    uint64_t places[SB_CHUNK];
    sb_assert(t->shape == SB_ORDERED);
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        uint8_t **rows = out_rows + from;
        sb_probe(t, keys, from, n, places, rows);
        for (int32_t i = 0; i < n; i++) {
            rows[i] = find_row(t, keys, sort, from + i, rows[i]);
            rows[i] = rows[i] && sb_expired(t, rows[i]) ? NULL : rows[i];
        }
    }
}

/* Puts a new row into index and tree; everything was reserved. */
static void
link_row(sb_table *t, uint8_t *first, uint8_t *row)
{
    uint64_t place = sb_place_of(t, row);
    sb_head(row)->seq = 0;
    if (!first) {
        sb_index_insert(&t->index, place, row);
        return;
    }
    uint8_t *smallest = sb_tree_insert(t, first, row);
    if (smallest != first) {
        sb_index_replace(&t->index, place, first, smallest);
    }
}

static bool
reserve(sb_table *t, uint8_t *first, uint64_t place)
{
    return sb_spaces_reserve(t) &&
           (first ? sb_tree_reserve(t, first) : sb_index_reserve(&t->index, place));
}

static sb_status
put_one(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i, uint8_t **out_row,
        bool *out_created, sb_error *err)
{
    _Alignas(8) uint8_t stack[STACK_ROW];
    uint64_t place = sb_place(t, keys, i);
    uint8_t *first = sb_probe_one(t, keys, i, place);
    uint32_t size = sb_new_row_size(t, keys, sort, i);
    if (size >= SB_ROW_SIZE_MAX) {
        return sb_too_large(t, err);
    }
    uint8_t *wanted = encode_wanted(t, keys, sort, i, stack);
    if (!wanted) {
        SB_NOMEM(err);
    }
    uint8_t *row = first ? sb_tree_find(t, first, wanted) : NULL;
    if (row && sb_expired(t, row)) {
        sb_row_erase(t, row);
        row = NULL;
        first = sb_probe_one(t, keys, i, place);
    }
    *out_created = !row;
    if (!row) {
        row = reserve(t, first, place) ? sb_pages_alloc(&t->pages, size) : NULL;
        if (!row) {
            SB_NOMEM(err);
        }
        memcpy(row, wanted, size);
        sb_head(row)->hash = keys->hashes[i];
        if (t->ttl_ms) {
            *sb_write_ms(t, row) = t->now_ms;
        }
        link_row(t, first, row);
        sb_spaces_insert(t, row);
    }
    *out_row = row;
    return SB_OK;
}

sb_status
sb_ordered_put(sb_table *t, const sb_keys *keys, sb_vector *const *sort, uint8_t **out_rows,
               uint64_t *out_created, sb_error *err)
{
    sb_assert(t->shape == SB_ORDERED);
    size_t size = (size_t)sb_bits_bytes(keys->count);
    uint64_t *created = sb_table_marks(t, size);
    sb_status status = SB_OK;
    int32_t done = 0;
    if (!created) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < keys->count; i++) {
        sb_cursor cursor;
        if (i + 8 < keys->count) {
            cursor = sb_index_seek(&t->index, sb_place(t, keys, i + 8));
            __builtin_prefetch(cursor.entries + cursor.at);
        }
        bool is_new = false;
        status = put_one(t, keys, sort, i, &out_rows[i], &is_new, err);
        if (status != SB_OK) {
            break;
        }
        if (is_new) {
            sb_bit_set(created, i);
        }
        done++;
    }
    for (int32_t i = 0; status != SB_OK && i < done; i++) {
        if (sb_bit_get(created, i)) {
            sb_row_erase(t, out_rows[i]);
        }
    }
    if (status == SB_OK && out_created) {
        memcpy(out_created, created, size);
    }
    return status;
}

void
sb_ordered_erase(sb_table *t, const sb_keys *keys, sb_vector *const *sort)
{
    sb_assert(t->shape == SB_ORDERED);
    for (int32_t i = 0; i < keys->count; i++) {
        uint8_t *first = sb_probe_one(t, keys, i, sb_place(t, keys, i));
        uint8_t *row = find_row(t, keys, sort, i, first);
        if (row) {
            sb_row_erase(t, row);
        }
    }
}

static uint8_t *
skip_expired(const sb_table *t, uint8_t *row, uint8_t *(*step)(const uint8_t *row))
{
    while (row && sb_expired(t, row)) {
        row = step(row);
    }
    return row;
}

uint8_t *
sb_ordered_first(sb_table *t, const sb_keys *one)
{
    sb_assert(t->shape == SB_ORDERED);
    return skip_expired(t, sb_probe_one(t, one, 0, sb_place(t, one, 0)), sb_tree_next);
}

uint8_t *
sb_ordered_last(sb_table *t, const sb_keys *one)
{
    uint8_t *first = sb_probe_one(t, one, 0, sb_place(t, one, 0));
    sb_assert(t->shape == SB_ORDERED);
    return first ? skip_expired(t, sb_tree_last(t, first), sb_tree_prev) : NULL;
}

uint8_t *
sb_ordered_next(sb_table *t, const uint8_t *row)
{
    return skip_expired(t, sb_tree_next(row), sb_tree_next);
}

uint8_t *
sb_ordered_prev(sb_table *t, const uint8_t *row)
{
    return skip_expired(t, sb_tree_prev(row), sb_tree_prev);
}

/* ---- for table.c and restore
 * ---------------------------------------------------------------------- */

void
sb_ordered_unlink(sb_table *t, uint8_t *row)
{
    uint64_t place = sb_place_of(t, row);
    uint8_t *first = sb_tree_first(t, row);
    uint8_t *smallest = sb_tree_remove(t, first, row);
    if (!smallest) {
        sb_index_remove(&t->index, place, row);
    } else if (smallest != first) {
        sb_index_replace(&t->index, place, first, smallest);
    }
}

void
sb_ordered_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    sb_tree_moved(t, row, to);
    if (sb_tree_first(t, to) == to) {
        sb_index_replace(&t->index, sb_place_of(t, to), row, to);
    }
}

bool
sb_ordered_link(sb_table *t, uint8_t *row, bool *out_twice)
{
    uint8_t *first = sb_probe_row(t, row);
    *out_twice = first && sb_tree_find(t, first, row) != NULL;
    if (*out_twice || !reserve(t, first, sb_place_of(t, row))) {
        return false;
    }
    link_row(t, first, row);
    return true;
}

void
sb_ordered_deinit(sb_table *t)
{
    size_t count = t->index.dir ? (size_t)1 << t->index.depth : 0;
    for (size_t i = 0; i < count;) {
        sb_segment *s = t->index.segments[i];
        i += count >> s->depth;
        for (size_t e = 0; e < (size_t)1 << s->bits; e++) {
            sb_node *node = s->entries[e] ? sb_leaf_of(sb_entry_row(s->entries[e])) : NULL;
            while (node && node->parent) {
                node = node->parent;
            }
            if (node) {
                sb_tree_free_nodes(t, node);
            }
        }
    }
    sb_tree_free_reserve(t);
}
