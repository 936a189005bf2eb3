/*
 * operators/keyed.c -- see keyed.h.
 */
#include "operators/keyed.h"

#include <string.h>

sb_status
sb_keyed_init(sb_keyed *keyed, sb_mem *mem, sb_columns keys, int32_t capacity, sb_error *err)
{
    *keyed = (sb_keyed){.mem = mem, .count_keys = keys.count, .key_columns = keys.at};
    sb_arena *arena = keyed->arena = sb_arena_new(mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    keyed->capacity = capacity;
    keyed->columns = SB_NEW_ARRAY(arena, sb_vector *, keys.count + 1);
    keyed->physical = SB_NEW_ARRAY(arena, int32_t, capacity);
    keyed->hashes = SB_NEW_ARRAY(arena, uint64_t, capacity);
    keyed->last = SB_NEW_ARRAY(arena, int32_t, SB_KEYED_SLOTS);
    keyed->number = SB_NEW_ARRAY(arena, int32_t, capacity);
    keyed->different_rows = SB_NEW_ARRAY(arena, int32_t, capacity);
    keyed->different_hashes = SB_NEW_ARRAY(arena, uint64_t, capacity);
    keyed->different_space = SB_NEW_ARRAY(arena, int64_t, capacity);
    keyed->different = SB_NEW_ARRAY(arena, uint8_t *, capacity);
    keyed->different_created = SB_NEW_ARRAY(arena, uint64_t, capacity / 64 + 1);
    bool ok = keyed->columns && keyed->physical && keyed->hashes && keyed->last && keyed->number &&
              keyed->different_rows && keyed->different_hashes && keyed->different_space &&
              keyed->different && keyed->different_created;
    if (!ok) {
        sb_keyed_deinit(keyed);
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_keyed_deinit(sb_keyed *keyed)
{
    sb_arena_free(keyed->arena);
    *keyed = (sb_keyed){0};
}

sb_keys
sb_keyed_load(sb_keyed *keyed, const sb_batch *head, int32_t from, int32_t count)
{
    sb_assert(count <= keyed->capacity && from + count <= head->count_rows);
    for (int32_t i = 0; i < count; i++) {
        keyed->physical[i] = sb_batch_row(head, from + i);
    }
    return sb_keyed_hash(keyed, head, count);
}

sb_keys
sb_keyed_hash(sb_keyed *keyed, const sb_batch *head, int32_t count)
{
    for (int32_t k = 0; k < keyed->count_keys; k++) {
        keyed->columns[k] = head->columns[keyed->key_columns[k]];
    }
    sb_hash_columns(keyed->columns, keyed->count_keys, keyed->physical, count, keyed->hashes);
    return (sb_keys){keyed->columns, keyed->physical, keyed->hashes, NULL, count};
}

/* Do two physical rows have the same key? NULL equals NULL. */
static inline bool
same_key(const sb_keyed *keyed, int32_t a, int32_t b)
{
    for (int32_t k = 0; k < keyed->count_keys; k++) {
        const sb_vector *v = keyed->columns[k];
        if (v->encoding == SB_CONST) {
            continue;
        }
        bool plain = v->encoding == SB_FLAT && !v->validity;
        bool same =
            plain && v->phys == SB_PHYS_I64
                ? ((const int64_t *)v->values)[a] == ((const int64_t *)v->values)[b]
            : plain && v->phys == SB_PHYS_VIEW
                ? sb_view_equal((const sb_view *)v->values + a, (const sb_view *)v->values + b)
                : sb_value_equal(v, a, v, b);
        if (!same) {
            return false;
        }
    }
    return true;
}

/* Numbers the different keys of the run; returns how many. One that was pushed out of its slot
 * is numbered again. */
static int32_t
number_keys(sb_keyed *keyed, const sb_keys *keys)
{
    const sb_keyed k = *keyed; /* a copy: stores could alias the original */
    const uint64_t *hashes = keys->hashes;
    const int64_t *spaces = keys->space;
    const int32_t *rows = keys->rows, count = keys->count;
    int32_t n = 0;
    for (int32_t i = 0; i < count; i++) {
        uint64_t hash = hashes[i];
        int64_t space = spaces ? spaces[i] : 0;
        uint32_t slot = (uint32_t)hash % SB_KEYED_SLOTS, at = (uint32_t)k.last[slot];
        if (at < (uint32_t)n && k.different_hashes[at] == hash && k.different_space[at] == space &&
            same_key(&k, k.different_rows[at], rows[i])) {
            k.number[i] = (int32_t)at;
            continue;
        }
        k.last[slot] = k.number[i] = n;
        k.different_hashes[n] = hash;
        k.different_space[n] = space;
        k.different_rows[n++] = rows[i];
    }
    return n;
}

sb_status
sb_keyed_insert(sb_keyed *keyed, sb_table *table, const sb_keys *keys, uint8_t **out_rows,
                uint64_t *out_created, sb_error *err)
{
    int32_t n = number_keys(keyed, keys), next = 0;
    sb_keys different = {keys->columns, keyed->different_rows, keyed->different_hashes,
                         keys->space ? keyed->different_space : NULL, n};
    SB_TRY(sb_map_insert(table, &different, keyed->different, keyed->different_created, err), err);
    for (int32_t d = 0; d < n; d++) {
        sb_table_touch(table, keyed->different[d]);
    }
    memset(out_created, 0, (size_t)sb_bits_bytes(keys->count));
    const int32_t *numbers = keyed->number, count = keys->count;
    uint8_t *const *rows = keyed->different;
    const uint64_t *created = keyed->different_created;
    for (int32_t i = 0; i < count; i++) {
        int32_t number = numbers[i];
        out_rows[i] = rows[number];
        if (number == next) { /* numbers are given in order: its first position */
            if (sb_bit_get(created, number)) {
                sb_bit_set(out_created, i);
            }
            next++;
        }
    }
    return SB_OK;
}

const sb_schema *
sb_keyed_schema(sb_arena *arena, const sb_schema *input, sb_columns keys)
{
    sb_schema *schema = SB_NEW(arena, sb_schema);
    sb_field *fields = SB_NEW_ARRAY(arena, sb_field, keys.count + 1);
    if (!schema || !fields) {
        return NULL;
    }
    for (int32_t k = 0; k < keys.count; k++) {
        fields[k] = input->fields[keys.at[k]];
    }
    *schema = (sb_schema){keys.count, fields};
    return schema;
}
