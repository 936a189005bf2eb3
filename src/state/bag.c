/*
 * state/bag.c -- the multimap shape: key (, space) -> rows in order of their sequence number.
 *
 * DESIGN     The rows of a key form a ring in seq order whose first row stands in the index. With
 *            index_rows a second index knows, for each distinct row, the first of its equals, which
 *            form a ring of their own: removing the earliest equal row needs no walk. Numbers come
 *            from one counter of the table, so they ascend per key.
 * THREADS    T:task
 */
#include <string.h>

#include "state/table_priv.h"

#define FETCH_STEPS 4     /* rows of a bag that are asked for before it is walked */
#define WIDE_ROW    64    /* bytes; a larger one spans several cache lines */
#define STACK_ROWS  16384 /* bytes of rows that are encoded on the stack to be looked for */

/* ---- equal rows
 * ----------------------------------------------------------------------------------- */

static uint64_t
whole_hash(const uint8_t *row)
{
    return sb_hash_bytes(row, sb_row_size(row));
}

/* First of the rows with these bytes. */
static uint8_t *
find_equal(const sb_table *t, const uint8_t *bytes, uint64_t hash)
{
    sb_cursor cursor = sb_index_seek(&t->rows, hash);
    uint8_t *row;
    while ((row = sb_index_next(&cursor)) &&
           !(sb_equal_of(t, row)->hash == hash && sb_row_equal(row, bytes))) {
    }
    return row;
}

static bool
equal_link(sb_table *t, uint8_t *row)
{
    if (!t->index_rows) {
        return true;
    }
    sb_equal *equal = sb_equal_of(t, row);
    equal->hash = whole_hash(row);
    uint8_t *first = find_equal(t, row, equal->hash);
    if (first) {
        uint8_t *last = sb_equal_of(t, first)->prev;
        equal->prev = last;
        equal->next = first;
        sb_equal_of(t, last)->next = row;
        sb_equal_of(t, first)->prev = row;
        return true;
    }
    if (!sb_index_reserve(&t->rows, equal->hash)) {
        return false;
    }
    equal->prev = equal->next = row;
    sb_head(row)->bits |= SB_ROW_EQUAL;
    sb_index_insert(&t->rows, equal->hash, row);
    return true;
}

static void
equal_unlink(sb_table *t, uint8_t *row)
{
    if (!t->index_rows) {
        return;
    }
    sb_equal *equal = sb_equal_of(t, row);
    bool first = sb_head(row)->bits & SB_ROW_EQUAL;
    if (equal->next == row) {
        sb_index_remove(&t->rows, equal->hash, row);
    } else {
        sb_equal_of(t, equal->next)->prev = equal->prev;
        sb_equal_of(t, equal->prev)->next = equal->next;
        if (first) {
            sb_index_replace(&t->rows, equal->hash, row, equal->next);
            sb_head(equal->next)->bits |= SB_ROW_EQUAL;
        }
    }
    sb_head(row)->bits &= (uint16_t)~SB_ROW_EQUAL;
}

static void
equal_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    if (!t->index_rows) {
        return;
    }
    sb_equal *equal = sb_equal_of(t, to);
    if (equal->next == row) {
        equal->next = equal->prev = to;
    } else {
        sb_equal_of(t, equal->next)->prev = to;
        sb_equal_of(t, equal->prev)->next = to;
    }
    if (sb_head(to)->bits & SB_ROW_EQUAL) {
        sb_index_replace(&t->rows, equal->hash, row, to);
    }
}

/* A row that is in no ring joins its equals in its place by seq. Room in the row index was
 * reserved. */
static void
equal_join(sb_table *t, uint8_t *row)
{
    sb_equal *equal = sb_equal_of(t, row);
    uint8_t *first = find_equal(t, row, equal->hash);
    if (!first) {
        equal->next = equal->prev = row;
        sb_head(row)->bits |= SB_ROW_EQUAL;
        sb_index_insert(&t->rows, equal->hash, row);
        return;
    }
    uint8_t *before = sb_equal_of(t, first)->prev;
    while (before != first && sb_head(before)->seq > sb_head(row)->seq) {
        before = sb_equal_of(t, before)->prev;
    }
    if (before == first && sb_head(first)->seq > sb_head(row)->seq) {
        before = sb_equal_of(t, first)->prev;
        sb_index_replace(&t->rows, equal->hash, first, row);
        sb_head(first)->bits &= (uint16_t)~SB_ROW_EQUAL;
        sb_head(row)->bits |= SB_ROW_EQUAL;
    }
    uint8_t *after = sb_equal_of(t, before)->next;
    *equal = (sb_equal){.next = after, .prev = before, .hash = equal->hash};
    sb_equal_of(t, before)->next = row;
    sb_equal_of(t, after)->prev = row;
}

/* ---- the ring of a key
 * ---------------------------------------------------------------------------- */

bool
sb_bag_link(sb_table *t, uint8_t *row, uint8_t *head)
{
    sb_links *links = sb_bag_links(row);
    uint64_t place = sb_place_of(t, row);
    if (!head && !sb_index_reserve(&t->index, place)) {
        return false;
    }
    if (!equal_link(t, row)) {
        return false;
    }
    if (head) {
        uint8_t *tail = sb_bag_links(head)->prev;
        *links = (sb_links){.next = head, .prev = tail};
        sb_bag_links(tail)->next = row;
        sb_bag_links(head)->prev = row;
    } else {
        *links = (sb_links){.next = row, .prev = row};
        sb_head(row)->bits |= SB_ROW_HEAD;
        sb_index_insert(&t->index, place, row);
    }
    return true;
}

void
sb_bag_unlink(sb_table *t, uint8_t *row)
{
    sb_links *links = sb_bag_links(row);
    equal_unlink(t, row);
    if (links->next == row) {
        sb_index_remove(&t->index, sb_place_of(t, row), row);
        return;
    }
    sb_bag_links(links->next)->prev = links->prev;
    sb_bag_links(links->prev)->next = links->next;
    if (sb_head(row)->bits & SB_ROW_HEAD) {
        sb_index_replace(&t->index, sb_place_of(t, row), row, links->next);
        sb_head(links->next)->bits |= SB_ROW_HEAD;
    }
}

void
sb_bag_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    sb_links *links = sb_bag_links(to);
    equal_moved(t, row, to);
    if (links->next == row) {
        links->next = links->prev = to;
    } else {
        sb_bag_links(links->next)->prev = to;
        sb_bag_links(links->prev)->next = to;
    }
    if (sb_head(to)->bits & SB_ROW_HEAD) {
        sb_index_replace(&t->index, sb_place_of(t, to), row, to);
    }
}

static uint8_t *
ring_next(const uint8_t *row)
{
    uint8_t *next = sb_bag_links(row)->next;
    return sb_head(next)->bits & SB_ROW_HEAD ? NULL : next;
}

static uint8_t *
ring_prev(const uint8_t *row)
{
    return sb_head(row)->bits & SB_ROW_HEAD ? NULL : sb_bag_links(row)->prev;
}

static uint8_t *
skip_expired(const sb_table *t, uint8_t *row, uint8_t *(*step)(const uint8_t *row))
{
    while (row && sb_expired(t, row)) {
        row = step(row);
    }
    return row;
}

/* All bags take a step, then all another: waiting for memory overlaps. */
void
sb_bags_fetch(uint8_t *const *heads, int32_t n)
{
    uint8_t *at[SB_CHUNK];
    int32_t of[SB_CHUNK], count = 0;
    sb_assert(n <= SB_CHUNK);
    for (int32_t i = 0; i < n; i++) {
        if (heads[i]) {
            __builtin_prefetch(sb_bag_links(heads[i]));
            at[count] = heads[i];
            of[count++] = i;
        }
    }
    for (int step = 0; step < FETCH_STEPS && count > 0; step++) {
        int32_t left = 0;
        for (int32_t k = 0; k < count; k++) {
            uint8_t *next = sb_bag_links(at[k])->next;
            if (next != heads[of[k]]) {
                __builtin_prefetch(sb_bag_links(next));
                __builtin_prefetch(next);
                at[left] = next;
                of[left++] = of[k];
            }
        }
        count = left;
    }
    sb_keep_fetches();
}

uint8_t *
sb_bag_first(sb_table *t, const sb_keys *one)
{
    sb_assert(t->shape == SB_BAG);
    return skip_expired(t, sb_probe_one(t, one, 0, sb_place(t, one, 0)), ring_next);
}

uint8_t *
sb_bag_last(sb_table *t, const sb_keys *one)
{
    uint8_t *head = sb_probe_one(t, one, 0, sb_place(t, one, 0));
    sb_assert(t->shape == SB_BAG);
    return head ? skip_expired(t, sb_bag_links(head)->prev, ring_prev) : NULL;
}

uint8_t *
sb_bag_next(sb_table *t, const uint8_t *row)
{
    return skip_expired(t, ring_next(row), ring_next);
}

uint8_t *
sb_bag_prev(sb_table *t, const uint8_t *row)
{
    return skip_expired(t, ring_prev(row), ring_prev);
}

uint64_t
sb_bag_seq(const uint8_t *row)
{
    return sb_head(row)->seq;
}

/* ---- adding
 * --------------------------------------------------------------------------------------- */

/* Slots for the rows of a chunk. All or nothing. */
static sb_status
alloc_chunk(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const int32_t *physical,
            uint8_t **rows, sb_error *err)
{
    uint32_t sizes[SB_CHUNK];
    sb_row_sizes(&t->layout, t->columns, physical, n, sizes);
    int32_t done = sb_pages_alloc_many(&t->pages, sizes, n, rows);
    if (done == n) {
        for (int32_t i = 0; i < n; i++) {
            sb_head(rows[i])->hash = keys->hashes[from + i];
        }
        return SB_OK;
    }
    bool too_large = sizes[done] >= SB_ROW_SIZE_MAX;
    while (done > 0) {
        sb_pages_free_row(&t->pages, rows[--done]);
    }
    if (too_large) {
        return sb_too_large(t, err);
    }
    SB_NOMEM(err);
}

static bool
add_row(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place, uint8_t *head, uint8_t *row)
{
    /* An equal key earlier in the chunk may have made the bag. */
    head = head ? head : sb_probe_one(t, keys, i, place);
    sb_head(row)->seq = t->next_seq;
    if (t->ttl_ms) {
        *sb_write_ms(t, row) = t->now_ms;
    }
    if (!sb_spaces_reserve(t) || !sb_bag_link(t, row, head)) {
        return false;
    }
    sb_spaces_insert(t, row);
    t->next_seq++;
    return true;
}

/* Asks for the long strings of rows to be encoded: they lie anywhere. */
static void
fetch_strings(const sb_table *t, const int32_t *physical, int32_t n)
{
    for (int32_t f = 0; f < t->schema.count; f++) {
        const sb_vector *v = t->columns[f];
        if (v->phys != SB_PHYS_VIEW || v->encoding == SB_CONST) {
            continue;
        }
        const sb_view *views = v->encoding == SB_DICT ? v->dict->values : v->values;
        for (int32_t i = 0; i < n; i++) {
            const sb_view *view = &views[sb_vector_index(v, physical[i])];
            if (view->small.size > SB_VIEW_INLINE && sb_vector_valid(v, physical[i])) {
                __builtin_prefetch(view->large.data);
                __builtin_prefetch(view->large.data + view->small.size - 1);
            }
        }
    }
    sb_keep_fetches();
}

static sb_status
add_chunk(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint8_t **rows, int32_t *added,
          sb_error *err)
{
    uint64_t places[SB_CHUNK];
    uint8_t *heads[SB_CHUNK];
    int32_t room[SB_CHUNK];
    const int32_t *physical = sb_physical(keys, from, n, room);
    fetch_strings(t, physical, n);
    sb_probe(t, keys, from, n, places, heads);
    SB_TRY(alloc_chunk(t, keys, from, n, physical, rows, err), err);
    sb_row_encode(&t->layout, t->columns, physical, n, rows);
    sb_patch_space(t, keys, from, n, rows);
    for (int32_t i = 0; i < n; i++) {
        if (heads[i]) {
            __builtin_prefetch(sb_bag_links(sb_bag_links(heads[i])->prev), 1);
        }
    }
    for (int32_t i = 0; i < n; i++) {
        if (!add_row(t, keys, from + i, places[i], heads[i], rows[i])) {
            while (i < n) {
                sb_pages_free_row(&t->pages, rows[i++]);
            }
            SB_NOMEM(err);
        }
        ++*added;
    }
    return SB_OK;
}

sb_status
sb_bag_add(sb_table *t, const sb_keys *keys, sb_vector *const *values, sb_error *err)
{
    sb_assert(t->shape == SB_BAG);
    uint8_t **rows = sb_table_marks(t, (size_t)keys->count * sizeof *rows);
    sb_status status = SB_OK;
    int32_t added = 0;
    if (!rows) {
        SB_NOMEM(err);
    }
    sb_set_columns(t, keys, values);
    /* New rows are written a column at a time: a chunk of them stays in the fastest cache. */
    int32_t chunk = t->layout.fixed_size > WIDE_ROW ? SB_CHUNK / 4 : SB_CHUNK;
    for (int32_t from = 0; from < keys->count && status == SB_OK; from += chunk) {
        int32_t n = keys->count - from < chunk ? keys->count - from : chunk;
        status = add_chunk(t, keys, from, n, rows + from, &added, err);
    }
    while (status != SB_OK && added > 0) {
        sb_row_erase(t, rows[--added]);
    }
    return status;
}

/* ---- removing
 * ------------------------------------------------------------------------------------- */

/* Without the row index, or without memory for it: walks the bag. */
static bool
remove_walking(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place)
{
    int32_t physical = sb_key_row(keys, i);
    uint8_t *row = sb_probe_one(t, keys, i, place);
    for (; row; row = ring_next(row)) {
        if (!sb_expired(t, row) &&
            sb_row_equal_columns(&t->layout, row, t->at_values, t->count_values,
                                 t->columns + t->at_values, physical)) {
            sb_row_erase(t, row);
            return true;
        }
    }
    return false;
}

/* The earliest row that is equal to `bytes`. */
static bool
remove_indexed(sb_table *t, const uint8_t *bytes, uint64_t hash)
{
    uint8_t *first = find_equal(t, bytes, hash), *row = first;
    while (row && sb_expired(t, row)) {
        row = sb_equal_of(t, row)->next;
        row = row == first ? NULL : row;
    }
    if (row) {
        sb_row_erase(t, row);
    }
    return row != NULL;
}

/* Encodes rows [from, from + n) at `at` and removes their equals. */
static void
remove_encoded(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const int32_t *physical,
               const uint32_t *sizes, uint8_t *at, uint64_t *out_found)
{
    uint8_t *rows[SB_CHUNK];
    uint64_t hashes[SB_CHUNK];
    for (int32_t i = 0; i < n; i++) {
        rows[i] = at;
        at += sizes[i];
    }
    sb_row_encode(&t->layout, t->columns, physical, n, rows);
    sb_patch_space(t, keys, from, n, rows);
    for (int32_t i = 0; i < n; i++) {
        hashes[i] = whole_hash(rows[i]);
        sb_cursor cursor = sb_index_seek(&t->rows, hashes[i]);
        __builtin_prefetch(cursor.entries + cursor.at);
    }
    uint8_t *likely[SB_CHUNK];
    for (int32_t i = 0; i < n; i++) {
        sb_cursor cursor = sb_index_seek(&t->rows, hashes[i]);
        likely[i] = sb_index_next(&cursor);
    }
    sb_rows_fetch(t, likely, n);
    for (int32_t i = 0; i < n; i++) {
        if (remove_indexed(t, rows[i], hashes[i])) {
            sb_bit_set(out_found, from + i);
        }
    }
}

static void
remove_chunk(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint64_t *out_found)
{
    _Alignas(8) uint8_t stack[STACK_ROWS];
    uint32_t sizes[SB_CHUNK];
    int32_t room[SB_CHUNK];
    const int32_t *physical = sb_physical(keys, from, n, room);
    sb_row_sizes(&t->layout, t->columns, physical, n, sizes);
    for (int32_t i = 0; i < n;) {
        size_t total = 0;
        int32_t count = 0;
        while (i + count < n && total + sizes[i + count] <= sizeof stack) {
            total += sizes[i + count++];
        }
        uint8_t *at = stack;
        if (count == 0) {
            count = 1;
            at = sizes[i] < SB_ROW_SIZE_MAX ? sb_table_scratch(t, sizes[i]) : NULL;
        }
        if (at) {
            remove_encoded(t, keys, from + i, count, physical + i, sizes + i, at, out_found);
        } else if (remove_walking(t, keys, from + i, sb_place(t, keys, from + i))) {
            sb_bit_set(out_found, from + i);
        }
        i += count;
    }
}

void
sb_bag_remove(sb_table *t, const sb_keys *keys, sb_vector *const *values, uint64_t *out_found)
{
    uint64_t places[SB_CHUNK];
    uint8_t *rows[SB_CHUNK];
    sb_assert(t->shape == SB_BAG);
    sb_set_columns(t, keys, values);
    memset(out_found, 0, (size_t)sb_bits_bytes(keys->count));
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        if (t->index_rows) {
            remove_chunk(t, keys, from, n, out_found);
            continue;
        }
        sb_probe(t, keys, from, n, places, rows);
        for (int32_t i = 0; i < n; i++) {
            if (rows[i] && remove_walking(t, keys, from + i, places[i])) {
                sb_bit_set(out_found, from + i);
            }
        }
    }
}

void
sb_bag_erase(sb_table *t, const sb_keys *keys)
{
    uint64_t places[SB_CHUNK];
    uint8_t *heads[SB_CHUNK];
    sb_assert(t->shape == SB_BAG);
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        sb_probe(t, keys, from, n, places, heads);
        sb_bags_fetch(heads, n);
        sb_rows_fetch(t, heads, n);
        for (int32_t i = 0; i < n; i++) {
            /* Again: an equal key earlier in the chunk may have erased it. */
            uint8_t *head = heads[i] ? sb_probe_one(t, keys, from + i, places[i]) : NULL;
            while (head) { /* the last one first: the index knows the first */
                uint8_t *last = sb_bag_links(head)->prev;
                sb_row_erase(t, last);
                head = last == head ? NULL : head;
            }
        }
    }
}

/* Equal rows are found by their bytes: the row leaves its equals and joins others. */
static uint8_t *
replace_indexed(sb_table *t, uint8_t *row, const uint8_t *merged)
{
    uint64_t hash = whole_hash(merged);
    if (!sb_index_reserve(&t->rows, hash)) {
        return NULL;
    }
    equal_unlink(t, row);
    /* Alone while it moves: no ring and no index knows it. */
    sb_equal_of(t, row)->next = sb_equal_of(t, row)->prev = row;
    uint8_t *to = sb_row_store(t, row, merged);
    uint8_t *joins = to ? to : row;
    if (to) {
        sb_equal_of(t, to)->hash = hash;
    }
    equal_join(t, joins);
    return to;
}

uint8_t *
sb_bag_replace(sb_table *t, uint8_t *row, sb_vector *const *values, int32_t physical)
{
    sb_assert(t->shape == SB_BAG);
    uint32_t size;
    memcpy(t->columns, t->nulls, (size_t)t->schema.count * sizeof *t->columns);
    for (int32_t c = 0; c < t->count_values; c++) {
        t->columns[t->at_values + c] = values[c];
    }
    sb_row_sizes(&t->layout, t->columns, &physical, 1, &size);
    /* The new values with key NULL, then the old key with the new values: not larger than both
     * together. */
    uint64_t room = (uint64_t)size * 2 + sb_row_size(row);
    uint8_t *donor = room < SB_ROW_SIZE_MAX ? sb_table_scratch(t, room) : NULL;
    if (!donor) {
        return NULL;
    }
    sb_row_encode(&t->layout, t->columns, &physical, 1, &donor);
    uint8_t *merged = donor + size;
    sb_row_merge(t, row, donor, t->at_values, t->count_values, merged);
    return t->index_rows ? replace_indexed(t, row, merged) : sb_row_store(t, row, merged);
}
