/*
 * state/map.c -- the map shape: (key, space) -> row.
 *
 * DESIGN     Keys are probed in chunks. What a chunk did not find is probed again one by one before
 *            it is made, because an equal key earlier in the chunk may have made it. Insert is all
 *            or nothing.
 * THREADS    T:task
 */
#include <string.h>

#include "state/table_priv.h"

void
sb_map_find(sb_table *t, const sb_keys *keys, uint8_t **out_rows)
{
    uint64_t places[SB_CHUNK];
    sb_assert(t->shape == SB_MAP);
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        sb_probe(t, keys, from, n, places, out_rows + from);
        for (int32_t i = 0; t->ttl_ms && i < n; i++) {
            if (out_rows[from + i] && sb_expired(t, out_rows[from + i])) {
                out_rows[from + i] = NULL;
            }
        }
    }
}

/* A row for a key that is not there, in a slot for `size` bytes. `free`: where its entry goes.
 * NULL: out of memory, nothing changed. */
static uint8_t *
make_row(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place, const sb_cursor *free,
         uint32_t size)
{
    uint8_t *row = sb_spaces_reserve(t) ? sb_pages_alloc(&t->pages, size) : NULL;
    if (!row) {
        return NULL;
    }
    if (t->plain_key && !t->has_space) {
        sb_probed_row_encode(t, sb_key_row(keys, i), row);
    } else {
        sb_new_row_encode(t, keys, NULL, i, row);
    }
    sb_head(row)->hash = keys->hashes[i];
    if (t->ttl_ms) {
        *sb_write_ms(t, row) = t->now_ms;
    }
    sb_index_fill(&t->index, place, free, row);
    sb_spaces_insert(t, row);
    return row;
}

/* A key that is not there, or was not at the time of the probe. */
static sb_status
find_or_make(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place, uint8_t **out_row,
             bool *out_created, sb_error *err)
{
    sb_cursor end;
    if (!sb_index_has_room(&t->index, place)) {
        SB_NOMEM(err);
    }
    *out_row = sb_probe_end(t, keys, i, place, &end);
    if (*out_row) {
        return SB_OK;
    }
    uint32_t size = t->plain_key ? sb_probed_row_size(t, sb_key_row(keys, i))
                                 : sb_new_row_size(t, keys, NULL, i);
    if (size >= SB_ROW_SIZE_MAX) {
        return sb_too_large(t, err);
    }
    *out_row = make_row(t, keys, i, place, &end, size);
    if (!*out_row) {
        SB_NOMEM(err);
    }
    *out_created = true;
    return SB_OK;
}

/* A row of a key of words, all other columns zero. */
static inline void
write_words(const sb_table *t, int32_t physical, uint8_t *row)
{
    uint64_t *to = (uint64_t *)(void *)row;
    const uint64_t *zero = (const uint64_t *)(const void *)t->zero_row;
    const uint32_t words = t->layout.fixed_size / sizeof *to;
    for (uint32_t w = 0; w < words; w++) {
        to[w] = zero[w];
    }
    for (int32_t k = 0; k < t->count_key; k++) {
        const sb_key_column *c = &t->key_columns[k];
        memcpy(row + c->offset, (const int64_t *)c->values + physical, sizeof(int64_t));
    }
}

/* Rows of a chunk that sb_probe did not find, for keys of words: their slots are taken together. */
static sb_status
make_words(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, const uint64_t *places,
           uint8_t **rows, uint64_t *created, sb_error *err)
{
    enum { AHEAD = 6 };

    uint8_t *fresh[SB_CHUNK];
    int32_t missing[SB_CHUNK], count = 0, used = 0;
    for (int32_t i = 0; i < n; i++) {
        missing[count] = i;
        count += rows[i] == NULL;
    }
    int32_t room = sb_pages_alloc_run(&t->pages, t->layout.fixed_size, count, fresh);
    bool ok = room == count;
    for (int32_t m = 0; ok && m < count; m++) {
        int32_t i = missing[m];
        sb_cursor end;
        if (m + AHEAD < count) {
            sb_index_fetch_segment(&t->index, places[missing[m + AHEAD]]);
        }
        if (!sb_index_has_room(&t->index, places[i])) {
            ok = false;
            break;
        }
        /* Again: an equal key earlier in the chunk may have made it. */
        rows[i] = sb_probe_end(t, keys, from + i, places[i], &end);
        if (!rows[i]) {
            uint8_t *row = rows[i] = fresh[used++];
            write_words(t, sb_key_row(keys, from + i), row);
            sb_head(row)->hash = places[i];
            sb_index_fill(&t->index, places[i], &end, row);
            sb_bit_set(created, from + i);
        }
    }
    while (used < room) {
        sb_pages_free_row(&t->pages, fresh[used++]);
    }
    if (!ok) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
insert_chunk(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint8_t **rows,
             uint64_t *created, sb_error *err)
{
    uint64_t places[SB_CHUNK];
    bool again = false; /* rows of the chunk were erased: pointers from the probe may be dead */
    sb_probe(t, keys, from, n, places, rows);
    if (sb_keys_are_words(t, keys)) {
        return make_words(t, keys, from, n, places, rows, created, err);
    }
    for (int32_t i = 0; i < n; i++) {
        if (again) {
            rows[i] = sb_probe_one(t, keys, from + i, places[i]);
        }
        if (rows[i] && sb_expired(t, rows[i])) {
            sb_row_erase(t, rows[i]);
            rows[i] = NULL;
            again = true;
        }
        if (rows[i]) {
            continue;
        }
        bool made = false;
        SB_TRY(find_or_make(t, keys, from + i, places[i], &rows[i], &made, err), err);
        if (made) {
            sb_bit_set(created, from + i);
        }
    }
    return SB_OK;
}

sb_status
sb_map_insert(sb_table *t, const sb_keys *keys, uint8_t **out_rows, uint64_t *out_created,
              sb_error *err)
{
    sb_assert(t->shape == SB_MAP);
    size_t size = (size_t)sb_bits_bytes(keys->count);
    uint64_t *created = sb_table_marks(t, size);
    sb_status status = SB_OK;
    if (!created) {
        SB_NOMEM(err);
    }
    for (int32_t from = 0; from < keys->count && status == SB_OK; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        status = insert_chunk(t, keys, from, n, out_rows + from, created, err);
    }
    if (status != SB_OK) {
        for (int32_t i = 0; i < keys->count; i++) {
            if (sb_bit_get(created, i)) {
                sb_row_erase(t, out_rows[i]);
            }
        }
        return status;
    }
    if (out_created) {
        memcpy(out_created, created, size);
    }
    return SB_OK;
}

static sb_status
put_row(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place, const uint8_t *content,
        sb_error *err)
{
    uint8_t *row = sb_probe_one(t, keys, i, place);
    if (row && sb_expired(t, row)) {
        sb_row_erase(t, row);
        row = NULL;
    }
    if (!row) {
        sb_cursor end;
        row = sb_index_reserve(&t->index, place) && !sb_probe_end(t, keys, i, place, &end)
                  ? make_row(t, keys, i, place, &end, sb_row_size(content))
                  : NULL;
        if (row) {
            memcpy(row, content, sb_row_size(content));
        }
    } else {
        row = sb_row_store(t, row, content);
    }
    if (!row) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
put_chunk(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, sb_error *err)
{
    uint64_t places[SB_CHUNK];
    uint8_t *rows[SB_CHUNK];
    uint32_t sizes[SB_CHUNK];
    int32_t room[SB_CHUNK];
    const int32_t *physical = sb_physical(keys, from, n, room);
    size_t total = 0;
    sb_row_sizes(&t->layout, t->columns, physical, n, sizes);
    for (int32_t i = 0; i < n; i++) {
        if (sizes[i] >= SB_ROW_SIZE_MAX) {
            return sb_too_large(t, err);
        }
        total += sizes[i];
    }
    /* Not in place: values may be views into the row that they replace. */
    uint8_t *content = sb_table_scratch(t, total);
    if (!content) {
        SB_NOMEM(err);
    }
    sb_probe(t, keys, from, n, places, rows); /* brings the rows into the cache */
    for (int32_t i = 0; i < n; i++) {
        rows[i] = content;
        content += sizes[i];
    }
    sb_row_encode(&t->layout, t->columns, physical, n, rows);
    sb_patch_space(t, keys, from, n, rows);
    for (int32_t i = 0; i < n; i++) {
        SB_TRY(put_row(t, keys, from + i, places[i], rows[i], err), err);
    }
    return SB_OK;
}

sb_status
sb_map_put(sb_table *t, const sb_keys *keys, sb_vector *const *values, sb_error *err)
{
    sb_assert(t->shape == SB_MAP);
    sb_set_columns(t, keys, values);
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        SB_TRY(put_chunk(t, keys, from, n, err), err);
    }
    return SB_OK;
}

void
sb_map_erase(sb_table *t, const sb_keys *keys)
{
    uint64_t places[SB_CHUNK];
    uint8_t *rows[SB_CHUNK];
    sb_assert(t->shape == SB_MAP);
    for (int32_t from = 0; from < keys->count; from += SB_CHUNK) {
        int32_t n = keys->count - from < SB_CHUNK ? keys->count - from : SB_CHUNK;
        sb_probe(t, keys, from, n, places, rows);
        sb_rows_fetch(t, rows, n);
        for (int32_t i = 0; i < n; i++) {
            /* Again: an equal key earlier in the chunk may have erased it. */
            uint8_t *row = rows[i] ? sb_probe_one(t, keys, from + i, places[i]) : NULL;
            if (row) {
                sb_row_erase(t, row);
            }
        }
    }
}
