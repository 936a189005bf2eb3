/*
 * operators/keyed.h -- the keys of a run of rows of a head batch: what every keyed operator does
 * first.
 *
 * DESIGN     A scratch of fixed capacity: physical rows, key column references, hashes.
 *            sb_keyed_load fills it for logical rows [from, from + count) of a head.
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_KEYED_H
#define SB_OPERATORS_KEYED_H

#include "columnar/hash.h"
#include "flow/op.h"

typedef struct sb_keyed {
    sb_mem *mem;
    sb_arena *arena; /* of all that follows */
    int32_t count_keys, capacity;
    const int32_t *key_columns; /* of the plan node */
    sb_vector **columns;        /* of the head loaded last; not referenced */
    int32_t *physical;
    uint64_t *hashes;
    /* sb_keyed_insert: the different keys of a run, found through a small table of the last key
     * with each hash. */
    /* SB_KEYED_SLOTS: number of a different key, valid where below count and its hash agrees */
    int32_t *last;
    int32_t *number;         /* per position: which different key it has */
    int32_t *different_rows; /* per different key: physical row, hash, space, state row */
    uint64_t *different_hashes;
    int64_t *different_space;
    uint8_t **different;
    uint64_t *different_created;
} sb_keyed;

#define SB_KEYED_SLOTS 1024

sb_status sb_keyed_init(sb_keyed *keyed, sb_mem *mem, sb_columns keys, int32_t capacity,
                        sb_error *err);
void sb_keyed_deinit(sb_keyed *keyed);
/* count <= capacity. The result is valid while the head is. */
sb_keys sb_keyed_load(sb_keyed *keyed, const sb_batch *head, int32_t from, int32_t count);
/* The same for physical rows that the caller has put into keyed->physical[0..count). */
sb_keys sb_keyed_hash(sb_keyed *keyed, const sb_batch *head, int32_t count);
/* Finds or creates the row of each key and touches it. Keys that stand close to each other more
 * than once are looked up once, as real keys mostly do. out_created: bitmap by position, set for
 * the first position of a new row. For keys of the head loaded last. */
sb_status sb_keyed_insert(sb_keyed *keyed, sb_table *table, const sb_keys *keys, uint8_t **out_rows,
                          uint64_t *out_created, sb_error *err);
/* Schema of the key columns, fields copied from the input schema; memory from the arena. NULL:
 * out of memory. */
const sb_schema *sb_keyed_schema(sb_arena *arena, const sb_schema *input, sb_columns keys);

#endif
