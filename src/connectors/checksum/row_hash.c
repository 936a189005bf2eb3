/*
 * connectors/checksum/row_hash.c -- the value checksum, a column at a time.
 */
#include "connectors/checksum/row_hash.h"

#include <string.h>

#include "base/hash.h"

uint64_t
sb_row_hash_key(uint64_t j)
{
    return sb_hash_mix(0x5AB07 + (j + 1) * SB_HASH_GAMMA) | 1;
}

void
sb_row_hasher_init(sb_row_hasher *h, sb_mem *mem)
{
    *h = (sb_row_hasher){.mem = mem};
    for (uint64_t j = 0; j < SB_ROW_HASH_KEYS; j++) {
        h->keys[j] = sb_row_hash_key(j);
    }
}

static void
free_rows(sb_row_hasher *h)
{
    size_t count = (size_t)h->capacity;
    sb_free(h->mem, h->sums, sizeof *h->sums * count);
    sb_free(h->mem, h->next, sizeof *h->next * count);
    sb_free(h->mem, h->rows, sizeof *h->rows * count);
    h->sums = NULL;
    h->next = NULL;
    h->rows = NULL;
    h->capacity = 0;
}

void
sb_row_hasher_deinit(sb_row_hasher *h)
{
    free_rows(h);
}

static sb_status
make_room(sb_row_hasher *h, int32_t count, sb_error *err)
{
    if (count <= h->capacity) {
        return SB_OK;
    }
    free_rows(h);
    h->capacity = count;
    h->sums = sb_alloc(h->mem, sizeof *h->sums * (size_t)count);
    h->next = sb_alloc(h->mem, sizeof *h->next * (size_t)count);
    h->rows = sb_alloc(h->mem, sizeof *h->rows * (size_t)count);
    if (!h->sums || !h->next || !h->rows) {
        free_rows(h);
        SB_NOMEM(err);
    }
    return SB_OK;
}

static inline uint64_t
key_at(const sb_row_hasher *h, uint32_t j)
{
    return __builtin_expect(j < SB_ROW_HASH_KEYS, 1) ? h->keys[j] : sb_row_hash_key(j);
}

static inline void
add_word(sb_row_hasher *h, int32_t i, uint64_t word)
{
    h->sums[i] += word * key_at(h, h->next[i]++);
}

/* From here on every row has its own word number. */
static void
part_ways(sb_row_hasher *h, int32_t count)
{
    for (int32_t i = 0; i < count && h->same != UINT32_MAX; i++) {
        h->next[i] = h->same;
    }
    h->same = UINT32_MAX;
}

/* ---- one value: nested types, and the reference of the columns
 * ------------------------------------------ */

static inline uint64_t
load_u64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The word of a value that has exactly one. */
static inline uint64_t
word_of(sb_phys phys, const void *value)
{
    switch (phys) {
    case SB_PHYS_BOOL: return *(const uint8_t *)value;
    case SB_PHYS_I8: return (uint64_t)(int64_t) * (const int8_t *)value;
    case SB_PHYS_I16: return (uint64_t)(int64_t) * (const int16_t *)value;
    case SB_PHYS_I32: return (uint64_t)(int64_t) * (const int32_t *)value;
    case SB_PHYS_F32: return *(const uint32_t *)value;
    default: return *(const uint64_t *)value;
    }
}

/* Sum of the words of a string from word number j on; *out_next: the number behind them. */
static inline uint64_t
string_sum(const sb_row_hasher *h, const sb_view *view, uint32_t j, uint32_t *out_next)
{
    uint32_t size = sb_view_size(view), full = size / 8, tail = size % 8;
    const char *data = sb_view_data(view);
    if (__builtin_expect(j + 1 + full + 1 > SB_ROW_HASH_KEYS, 0)) {
        uint64_t sum = size * key_at(h, j++);
        for (uint32_t k = 0; k < full; k++) {
            sum += load_u64(data + k * 8) * key_at(h, j++);
        }
        if (tail) {
            uint64_t last = 0;
            memcpy(&last, data + full * 8, tail);
            sum += last * key_at(h, j++);
        }
        *out_next = j;
        return sum;
    }
    const uint64_t *keys = h->keys + j;
    uint64_t sum = size * keys[0];
    for (uint32_t k = 0; k < full; k++) {
        sum += load_u64(data + k * 8) * keys[1 + k];
    }
    if (tail) {
        /* Eight readable bytes: the last eight of a long string, or the inline bytes of the
         * view. */
        uint64_t last = size >= 8 ? load_u64(data + size - 8) >> (64 - tail * 8)
                                  : load_u64(data) & ~(UINT64_MAX << (tail * 8));
        sum += last * keys[1 + full];
    }
    *out_next = j + 1 + full + (tail != 0);
    return sum;
}

static void
add_value(sb_row_hasher *h, int32_t i, const sb_vector *v, int32_t row)
{
    if (!sb_vector_valid(v, row)) {
        add_word(h, i, SB_HASH_NULL);
        return;
    }
    const sb_vector *flat = v->encoding == SB_DICT ? v->dict : v;
    int32_t index = sb_vector_index(v, row);
    if (v->phys == SB_PHYS_STRUCT) {
        for (int32_t c = 0; c < flat->count_children; c++) {
            add_value(h, i, flat->children[c], index);
        }
        return;
    }
    const void *value = sb_vector_at(v, row);
    if (v->phys == SB_PHYS_LIST) {
        const sb_list_entry *entry = value;
        add_word(h, i, (uint64_t)entry->count);
        for (int32_t k = entry->offset; k < entry->offset + entry->count; k++) {
            for (int32_t c = 0; c < flat->count_children; c++) {
                add_value(h, i, flat->children[c], k);
            }
        }
    } else if (v->phys == SB_PHYS_VIEW) {
        uint32_t next;
        h->sums[i] += string_sum(h, value, h->next[i], &next);
        h->next[i] = next;
    } else if (v->phys == SB_PHYS_I128) {
        sb_int128 wide;
        memcpy(&wide, value, sizeof wide);
        add_word(h, i, (uint64_t)wide);
        if ((int64_t)wide != wide) {
            add_word(h, i, (uint64_t)(wide >> 64));
        }
    } else if (v->phys == SB_PHYS_TSNS) {
        const sb_ts_ns *ts = value;
        add_word(h, i, (uint64_t)ts->us);
        add_word(h, i, (uint64_t)ts->ns);
    } else {
        add_word(h, i, word_of((sb_phys)v->phys, value));
    }
}

static void
add_generic(sb_row_hasher *h, const sb_vector *v, int32_t count)
{
    part_ways(h, count);
    for (int32_t i = 0; i < count; i++) {
        add_value(h, i, v, h->rows[i]);
    }
}

/* ---- flat columns whose rows are all valid
 * --------------------------------------------------------------------------- */

/* `dense`: logical row i is physical row first + i. */
static void
add_words_i64(sb_row_hasher *h, const uint64_t *values, int32_t count, bool dense)
{
    uint64_t *sums = h->sums;
    const int32_t *rows = h->rows;
    if (h->same < SB_ROW_HASH_KEYS) {
        const uint64_t key = h->keys[h->same++];
        if (dense) {
            values += rows[0];
            for (int32_t i = 0; i < count; i++) {
                sums[i] += values[i] * key;
            }
        } else {
            for (int32_t i = 0; i < count; i++) {
                sums[i] += values[rows[i]] * key;
            }
        }
        return;
    }
    part_ways(h, count);
    for (int32_t i = 0; i < count; i++) {
        add_word(h, i, values[rows[i]]);
    }
}

static void
add_words(sb_row_hasher *h, const sb_vector *v, int32_t count, bool dense)
{
    if (v->phys == SB_PHYS_I64 || v->phys == SB_PHYS_F64) {
        add_words_i64(h, v->values, count, dense);
        return;
    }
    const char *values = v->values;
    const size_t width = (size_t)sb_phys_size((sb_phys)v->phys);
    if (h->same < SB_ROW_HASH_KEYS) {
        const uint64_t key = h->keys[h->same++];
        for (int32_t i = 0; i < count; i++) {
            h->sums[i] += word_of((sb_phys)v->phys, values + (size_t)h->rows[i] * width) * key;
        }
        return;
    }
    part_ways(h, count);
    for (int32_t i = 0; i < count; i++) {
        add_word(h, i, word_of((sb_phys)v->phys, values + (size_t)h->rows[i] * width));
    }
}

static void
add_strings(sb_row_hasher *h, const sb_view *values, int32_t count)
{
    part_ways(h, count);
    for (int32_t i = 0; i < count; i++) {
        uint32_t next;
        if (i + 8 < count) {
            const sb_view *ahead = &values[h->rows[i + 8]];
            __builtin_prefetch(sb_view_data(ahead));
        }
        h->sums[i] += string_sum(h, &values[h->rows[i]], h->next[i], &next);
        h->next[i] = next;
    }
}

/* Fields of a ROW carry its NULLs even where a filter has kept none of them. */
static bool
all_valid(const sb_row_hasher *h, const sb_vector *v, int32_t count)
{
    uint64_t all = 1;
    if (!v->validity) {
        return true;
    }
    for (int32_t i = 0; i < count; i++) {
        all &= v->validity[h->rows[i] >> 6] >> (h->rows[i] & 63);
    }
    return all & 1;
}

static void
add_column(sb_row_hasher *h, const sb_vector *v, int32_t count, bool dense)
{
    bool flat = v->encoding == SB_FLAT && all_valid(h, v, count);
    if (flat && v->phys == SB_PHYS_VIEW) {
        add_strings(h, v->values, count);
    } else if (flat && v->phys >= SB_PHYS_BOOL && v->phys <= SB_PHYS_F64) {
        add_words(h, v, count, dense);
    } else {
        add_generic(h, v, count);
    }
}

sb_status
sb_row_hasher_batch(sb_row_hasher *h, const sb_batch *batch, int32_t from, int32_t to,
                    uint64_t *sum, int64_t *rows, sb_error *err)
{
    int32_t count = to - from;
    if (count <= 0) {
        return SB_OK;
    }
    SB_TRY(make_room(h, count, err), err);
    memset(h->sums, 0, sizeof *h->sums * (size_t)count);
    for (int32_t i = 0; i < count; i++) {
        h->rows[i] = sb_batch_row(batch, from + i);
    }
    h->same = 0;
    for (int32_t c = 0; c < batch->schema->count; c++) {
        add_column(h, batch->columns[c], count, batch->selection == NULL);
    }
    for (int32_t i = 0; i < count; i++) {
        uint64_t hash = sb_hash_mix(h->sums[i]);
        bool adds = !batch->ops || sb_row_op_adds(batch->ops[h->rows[i]]);
        *sum += adds ? hash : 0 - hash;
        *rows += adds ? 1 : -1;
    }
    return SB_OK;
}
