/*
 * state/match.c -- all rows of many keys, in pieces: what a join asks a bag.
 *
 * DESIGN     The cursor is a value (key position, sequence number), so it survives erasing and
 *            restore. The table also remembers the row it gave out last: going on from there needs
 *            no walk from the first row.
 * THREADS    T:task
 */
#include "state/table_priv.h"

static bool
never_matches(const sb_table *t, const sb_keys *keys, const bool *null_matches, int32_t i)
{
    int32_t physical = sb_key_row(keys, i);
    for (int32_t c = 0; c < t->count_key; c++) {
        if (!(null_matches && null_matches[c]) && !sb_vector_valid(keys->columns[c], physical)) {
            return true;
        }
    }
    return false;
}

static bool
may_be_null(const sb_table *t, const sb_keys *keys)
{
    for (int32_t c = 0; c < t->count_key; c++) {
        if (keys->columns[c]->validity || keys->columns[c]->phys == SB_PHYS_NULL) {
            return true;
        }
    }
    return false;
}

static uint8_t *
next_of(const uint8_t *row)
{
    uint8_t *next = sb_bag_links(row)->next;
    return sb_head(next)->bits & SB_ROW_HEAD ? NULL : next;
}

/* First row of the bag behind seq `after`. */
static uint8_t *
resume(sb_table *t, const sb_keys *keys, int32_t i, uint8_t *head, uint64_t after)
{
    uint8_t *last = t->match_row;
    if (after == 0) {
        return head;
    }
    if (last && sb_head(last)->seq == after && sb_key_equals(t, keys, i, last)) {
        return next_of(last);
    }
    while (head && sb_head(head)->seq <= after) {
        head = next_of(head);
    }
    return head;
}

typedef struct output {
    int32_t count, limit;
    int32_t *keys;
    uint8_t **rows;
} output;

/* False: the output is full and the bag has more. */
static bool
emit(sb_table *t, sb_match *cursor, uint8_t *row, output *out)
{
    while (row) {
        if (out->count == out->limit) {
            return false;
        }
        uint8_t *next = sb_bag_links(row)->next;
        __builtin_prefetch(next - SB_AT_BAG);
        if (!sb_expired(t, row)) {
            out->keys[out->count] = cursor->key;
            out->rows[out->count++] = row;
            cursor->seq = sb_head(row)->seq;
            t->match_row = row;
        }
        row = sb_head(next)->bits & SB_ROW_HEAD ? NULL : next;
    }
    return true;
}

int32_t
sb_bag_match(sb_table *t, const sb_keys *keys, const bool *null_matches, sb_match *cursor,
             int32_t limit, int32_t *out_key, uint8_t **out_row)
{
    uint64_t places[SB_CHUNK];
    uint8_t *heads[SB_CHUNK];
    output out = {.limit = limit, .keys = out_key, .rows = out_row};
    bool nulls = may_be_null(t, keys);
    sb_assert(t->shape == SB_BAG);
    while (cursor->key < keys->count && out.count < limit) {
        int32_t from = cursor->key, n = keys->count - from;
        n = n < limit - out.count ? n : limit - out.count; /* most keys have a match */
        n = n < SB_CHUNK ? n : SB_CHUNK;
        sb_probe(t, keys, from, n, places, heads);
        sb_bags_fetch(heads, n);
        for (int32_t i = 0; i < n; i++) {
            uint8_t *row = heads[i];
            if (row && nulls && never_matches(t, keys, null_matches, from + i)) {
                row = NULL;
            }
            row = row ? resume(t, keys, from + i, row, cursor->seq) : NULL;
            if (!emit(t, cursor, row, &out)) {
                return out.count;
            }
            *cursor = (sb_match){.key = from + i + 1};
        }
    }
    return out.count;
}
