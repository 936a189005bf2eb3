/*
 * expr/array_seen.c -- see array_seen.h.
 */
#include "expr/array_seen.h"

#include "columnar/hash.h"

#include <string.h>

#define FEW 16 /* elements that are compared one by one */

static bool
hashes_alike(const sb_type *type)
{
    if (type->id == SB_TYPE_FLOAT || type->id == SB_TYPE_DOUBLE || type->id == SB_TYPE_MAP) {
        return false;
    }
    for (int32_t i = 0; i < type->count_children; i++) {
        if (!hashes_alike(&type->children[i].type)) {
            return false;
        }
    }
    return true;
}

sb_status
sb_array_prepare(sb_call *call, sb_arena *arena, int kind, sb_error *err)
{
    sb_array_state *s = SB_NEW(arena, sb_array_state);
    if (!s) {
        SB_NOMEM(err);
    }
    s->kind = kind;
    s->scratch.mem = s->seen.mem = s->other.mem = call->mem;
    s->seen.by_hash = s->other.by_hash = hashes_alike(sb_call_type(call));
    call->state = s;
    return SB_OK;
}

static void
seen_free(sb_array_seen *s)
{
    sb_free(s->mem, s->at, sizeof *s->at * (size_t)s->capacity);
    sb_free(s->mem, s->slots, sizeof *s->slots * (size_t)s->count_slots);
}

void
sb_array_release(void *state)
{
    sb_array_state *s = state;
    sb_nested_release(&s->scratch);
    seen_free(&s->seen);
    seen_free(&s->other);
}

void
sb_array_seen_clear(sb_array_seen *s)
{
    s->count = 0;
    s->hashed = false;
}

static uint64_t
hash_of(sb_vector *from, int32_t row)
{
    uint64_t hash;
    sb_hash_columns(&from, 1, &row, 1, &hash);
    return hash;
}

bool
sb_array_seen_has(const sb_array_seen *s, sb_vector *from, int32_t row)
{
    if (s->hashed) {
        uint64_t hash = hash_of(from, row), mask = (uint64_t)s->count_slots - 1;
        for (uint64_t i = hash & mask; s->slots[i] > 0; i = (i + 1) & mask) {
            const sb_array_element *e = &s->at[s->slots[i] - 1];
            if (e->hash == hash && sb_nested_equal(e->from, e->row, from, row)) {
                return true;
            }
        }
        return false;
    }
    for (int32_t i = 0; i < s->count; i++) {
        if (sb_nested_equal(s->at[i].from, s->at[i].row, from, row)) {
            return true;
        }
    }
    return false;
}

static void
put_slot(sb_array_seen *s, int32_t element)
{
    uint64_t mask = (uint64_t)s->count_slots - 1, i = s->at[element].hash & mask;
    while (s->slots[i] > 0) {
        i = (i + 1) & mask;
    }
    s->slots[i] = element + 1;
}

/* All elements into slots at most half full. */
static sb_status
hash_all(sb_array_seen *s, sb_error *err)
{
    int32_t wanted = 64;
    while (wanted / 4 < s->count) {
        wanted *= 2;
    }
    if (wanted > s->count_slots) {
        int32_t *slots = sb_alloc(s->mem, sizeof *slots * (size_t)wanted);
        if (!slots) {
            SB_NOMEM(err);
        }
        sb_free(s->mem, s->slots, sizeof *s->slots * (size_t)s->count_slots);
        s->slots = slots;
        s->count_slots = wanted;
    }
    memset(s->slots, 0, sizeof *s->slots * (size_t)s->count_slots);
    for (int32_t i = 0; i < s->count; i++) {
        s->at[i].hash = s->hashed ? s->at[i].hash : hash_of(s->at[i].from, s->at[i].row);
        put_slot(s, i);
    }
    s->hashed = true;
    return SB_OK;
}

sb_status
sb_array_seen_add(sb_array_seen *s, sb_vector *from, int32_t row, sb_error *err)
{
    if (s->count == s->capacity) {
        int32_t more = s->capacity ? s->capacity * 2 : 32;
        sb_array_element *bigger = sb_realloc(s->mem, s->at, sizeof *bigger * (size_t)s->capacity,
                                              sizeof *bigger * (size_t)more);
        if (!bigger) {
            SB_NOMEM(err);
        }
        s->at = bigger;
        s->capacity = more;
    }
    s->at[s->count++] = (sb_array_element){.from = from, .row = row};
    if (s->hashed && s->count * 2 <= s->count_slots) {
        s->at[s->count - 1].hash = hash_of(from, row);
        put_slot(s, s->count - 1);
        return SB_OK;
    }
    if (s->hashed) {
        s->at[s->count - 1].hash = hash_of(from, row);
    }
    return s->by_hash && s->count > FEW ? hash_all(s, err) : SB_OK;
}
