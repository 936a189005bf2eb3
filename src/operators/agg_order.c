/*
 * operators/agg_order.c -- the positions of a run put in the order of their groups.
 *
 * DESIGN     Where nobody asks for results row by row, only the order within a group matters.
 *            Groups side by side keep their accumulators in registers. A counting sort by the
 *            number of the group, which is stable.
 * THREADS    T:task
 */
#include <string.h>

#include "operators/agg_side.h"

/* Less than this many rows a group: sorting costs more than it gives. */
enum { ROWS_PER_GROUP = 4 };

bool
sb_agg_set_order_init(sb_agg_set *set, int32_t capacity)
{
    sb_agg_ordered *o = &set->ordered;
    o->physical = SB_NEW_ARRAY(set->arena, int32_t, capacity);
    o->groups = SB_NEW_ARRAY(set->arena, int32_t, capacity);
    o->rows = SB_NEW_ARRAY(set->arena, uint8_t *, capacity);
    o->hashes = SB_NEW_ARRAY(set->arena, uint64_t, capacity);
    o->space = SB_NEW_ARRAY(set->arena, int64_t, capacity);
    return o->physical && o->groups && o->rows && o->hashes && o->space;
}

/* Ends of the groups in set->ends, and where each begins in set->numbers. Returns how many; 0: too
 * many. */
static int32_t
count_groups(sb_agg_set *set, const sb_agg_run *run)
{
    const int32_t *groups = run->groups, count = run->count, limit = count / ROWS_PER_GROUP;
    int32_t *ends = set->ends, *starts = set->numbers, n = 0;
    for (int32_t i = 0; i < count; i++) {
        n = groups[i] >= n ? groups[i] + 1 : n;
    }
    if (n > limit) {
        return 0;
    }
    memset(ends, 0, sizeof *ends * (size_t)n);
    for (int32_t i = 0; i < count; i++) {
        ends[groups[i]]++;
    }
    for (int32_t g = 0, at = 0; g < n; g++) {
        starts[g] = at;
        at = ends[g] += at;
    }
    return n;
}

int32_t
sb_agg_set_order(sb_agg_set *set, const sb_agg_run *run, sb_agg_run *out)
{
    if (run->how || run->sign || !run->groups || set->has_bytes) {
        return 0;
    }
    int32_t n = count_groups(set, run), *at = set->numbers;
    if (n <= 1) {
        return 0;
    }
    sb_agg_ordered *o = &set->ordered;
    const int32_t *groups = run->groups, *physical = run->physical;
    for (int32_t i = 0; i < run->count; i++) {
        int32_t to = at[groups[i]]++;
        o->physical[to] = physical[i];
        o->rows[to] = run->rows[i];
        if (set->count_distincts > 0) {
            o->groups[to] = groups[i];
            o->hashes[to] = run->keys.hashes[i];
            o->space[to] = run->keys.space ? run->keys.space[i] : 0;
        }
    }
    *out = *run;
    out->physical = out->keys.rows = o->physical;
    out->rows = o->rows;
    out->groups = o->groups;
    out->keys.hashes = o->hashes;
    out->keys.space = run->keys.space ? o->space : NULL;
    return n;
}
