/*
 * operators/keyed.c -- see keyed.h.
 */
#include "operators/keyed.h"

sb_status
sb_keyed_init(sb_keyed *keyed, sb_mem *mem, sb_columns keys, int32_t capacity, sb_error *err)
{
    *keyed = (sb_keyed){.mem = mem, .count_keys = keys.count, .capacity = capacity, .key_columns = keys.at};
    keyed->columns = sb_alloc_zero(mem, sizeof *keyed->columns * (size_t)(keys.count + 1));
    keyed->physical = sb_alloc_zero(mem, sizeof *keyed->physical * (size_t)capacity);
    keyed->hashes = sb_alloc_zero(mem, sizeof *keyed->hashes * (size_t)capacity);
    if (!keyed->columns || !keyed->physical || !keyed->hashes) {
        sb_keyed_deinit(keyed);
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_keyed_deinit(sb_keyed *keyed)
{
    if (!keyed->mem) {
        return;
    }
    sb_free(keyed->mem, keyed->columns, sizeof *keyed->columns * (size_t)(keyed->count_keys + 1));
    sb_free(keyed->mem, keyed->physical, sizeof *keyed->physical * (size_t)keyed->capacity);
    sb_free(keyed->mem, keyed->hashes, sizeof *keyed->hashes * (size_t)keyed->capacity);
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
