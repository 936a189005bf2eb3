/*
 * operators/agg_number.c -- DISTINCT by the number of a group instead of its key: short rows with
 * keys of plain words.
 *
 * DESIGN     A group gets its number when a row of it comes for the first time: the slot bits of
 *            its hash above a count of the instance. A slot belongs to one instance at any time, so
 *            no two groups of a job have the same number, if the count goes on after a restore from
 *            the largest one of all pieces. The hash of a value is made of number and argument
 *            alone, for an argument of 8 bytes in every encoding the same.
 * THREADS    T:task
 */
#include "base/hash.h"
#include "operators/agg_side.h"

void
sb_agg_number_groups(sb_agg_set *set, const sb_agg_run *run)
{
    enum { AHEAD = 16 };

    const uint32_t at = set->number_at;
    for (int32_t i = 0; i < run->count; i++) {
        uint8_t *row = run->rows[i];
        int64_t number;
        if (i + AHEAD < run->count) {
            __builtin_prefetch(run->rows[i + AHEAD] + at, 1);
        }
        __builtin_memcpy(&number, row + at, sizeof number);
        if (__builtin_expect(number == 0, 0)) {
            number = (int64_t)((run->keys.hashes[i] & SB_SLOT_BITS) | (uint64_t)++set->last_number);
            sb_assert(((uint64_t)set->last_number & SB_SLOT_BITS) == 0);
            __builtin_memcpy(row + at, &number, sizeof number);
        }
        set->groups[i] = number;
    }
}

static inline uint64_t
hash_of(uint64_t group, uint64_t word)
{
    uint64_t hash = sb_hash_mix(group * SB_HASH_GAMMA + word);
    return (group & SB_SLOT_BITS) | (hash & ~SB_SLOT_BITS);
}

/* Numbers the different (group, value) of the run; returns how many. One that was pushed out of
 * its slot is numbered again. `words`: the values are FLAT and of 8 bytes, none of them NULL. */
static inline __attribute__((always_inline)) int32_t
number_loop(sb_agg_set *set, const sb_vector *v, const sb_agg_run *run, int64_t *to, bool words)
{
    const uint64_t *masks = set->masks, *own_words = set->words;
    const int32_t *physical = run->physical, count = run->count;
    const int64_t *values = v->values, *groups = set->groups;
    int32_t *numbers = set->numbers, *last = set->last, *positions = set->positions, n = 0;
    int64_t *to_group = sb_vector_values_mut(set->group_key);
    uint64_t *hashes = set->hashes;
    for (int32_t i = 0; i < count; i++) {
        if (!masks[i]) {
            numbers[i] = -1;
            continue;
        }
        int64_t group = groups[i], value = words ? values[physical[i]] : (int64_t)own_words[i];
        uint64_t hash = hash_of((uint64_t)group, (uint64_t)value);
        int32_t *slot = &last[hash % SB_DISTINCT_SLOTS];
        uint32_t at = (uint32_t)*slot;
        if (at < (uint32_t)n && to_group[at] == group &&
            (words ? to[at] == value
                   : hashes[at] == hash &&
                         sb_value_equal(v, physical[positions[at]], v, physical[i]))) {
            numbers[i] = (int32_t)at;
            continue;
        }
        numbers[i] = *slot = n;
        if (words) {
            to[n] = value;
        } else {
            positions[n] = i;
        }
        to_group[n] = group;
        hashes[n++] = hash;
    }
    return n;
}

/* What stands for the argument in its hash: itself if it has 8 bytes. */
static void
load_words(sb_agg_set *set, sb_vector *arg, const sb_agg_run *run)
{
    if (arg->phys != SB_PHYS_I64) {
        sb_hash_columns(&arg, 1, run->physical, run->count, set->words);
        return;
    }
    for (int32_t i = 0; i < run->count; i++) {
        int32_t row = run->physical[i];
        set->words[i] = sb_vector_valid(arg, row)
                            ? (uint64_t) * (const int64_t *)sb_vector_at(arg, row)
                            : SB_HASH_NULL;
    }
}

sb_status
sb_agg_numbered_keys(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run, sb_keys *out,
                     sb_vector **out_gathered, sb_error *err)
{
    sb_vector *arg = run->head->columns[d->arg];
    bool words = d->values && arg->encoding == SB_FLAT && !(d->takes_nulls && arg->validity);
    int32_t n;
    *out_gathered = NULL;
    d->columns[0] = set->group_key;
    if (words) {
        n = number_loop(set, arg, run, sb_vector_values_mut(d->values), true);
        d->columns[1] = d->values;
    } else {
        load_words(set, arg, run);
        n = number_loop(set, arg, run, NULL, false);
        for (int32_t k = 0; k < n; k++) {
            set->physical[k] = run->physical[set->positions[k]];
        }
        d->columns[1] = *out_gathered = sb_vector_gather(set->mem, arg, set->physical, n);
        if (!*out_gathered) {
            SB_NOMEM(err);
        }
    }
    *out = (sb_keys){d->columns, NULL, set->hashes, NULL, n};
    return SB_OK;
}
