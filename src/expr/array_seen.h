/*
 * expr/array_seen.h -- which elements of arrays came before. Inside this folder only.
 *
 * DESIGN     Elements in the order of their coming; beyond a few they are found by hash, unless
 * their type has values that are equal but hash differently (0.0 and -0.0, maps).
 * OWNERSHIP  The vectors of the elements belong to the call; only its run may use them.
 * THREADS    T:task
 */
#ifndef SB_EXPR_ARRAY_SEEN_H
#define SB_EXPR_ARRAY_SEEN_H

#include "expr/nested.h"

typedef struct sb_array_element {
    sb_vector *from;
    uint64_t hash; /* when by hash */
    int32_t row;
} sb_array_element;

typedef struct sb_array_seen {
    sb_mem *mem;
    bool by_hash; /* the type allows it */
    sb_array_element *at;
    int32_t count, capacity;
    int32_t *slots; /* numbers of elements + 1; 0: empty; count_slots of them, a power of two */
    int32_t count_slots;
    bool hashed; /* are the elements in the slots? */
} sb_array_seen;

/* State of the functions over sets. */
typedef struct sb_array_state {
    sb_nested_scratch scratch; /* first: sb_nested_reserve */
    sb_array_seen seen, other;
    int kind;
} sb_array_state;

sb_status sb_array_prepare(sb_call *call, sb_arena *arena, int kind, sb_error *err);
void sb_array_release(void *state);

void sb_array_seen_clear(sb_array_seen *s);
bool sb_array_seen_has(const sb_array_seen *s, sb_vector *from, int32_t row);
sb_status sb_array_seen_add(sb_array_seen *s, sb_vector *from, int32_t row, sb_error *err);

#endif
