/*
 * operators/keyed.h -- the keys of a run of rows of a head batch: what every keyed operator does first.
 *
 * DESIGN     A scratch of fixed capacity: physical rows, key column references, hashes. sb_keyed_load fills it for logical rows
 *            [from, from + count) of a head.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_KEYED_H
#define SB_OPERATORS_KEYED_H

#include "columnar/hash.h"
#include "flow/op.h"

typedef struct sb_keyed {
    sb_mem *mem;
    int32_t count_keys, capacity;
    const int32_t *key_columns; /* of the plan node */
    sb_vector **columns;        /* of the head loaded last; not referenced */
    int32_t *physical;
    uint64_t *hashes;
} sb_keyed;

sb_status sb_keyed_init(sb_keyed *keyed, sb_mem *mem, sb_columns keys, int32_t capacity, sb_error *err);
void sb_keyed_deinit(sb_keyed *keyed);
/* count <= capacity. The result is valid while the head is. */
sb_keys sb_keyed_load(sb_keyed *keyed, const sb_batch *head, int32_t from, int32_t count);
/* The same for physical rows that the caller has put into keyed->physical[0..count). */
sb_keys sb_keyed_hash(sb_keyed *keyed, const sb_batch *head, int32_t count);
/* Schema of the key columns, fields copied from the input schema; memory from the arena. NULL: out of memory. */
const sb_schema *sb_keyed_schema(sb_arena *arena, const sb_schema *input, sb_columns keys);

#endif
