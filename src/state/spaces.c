/*
 * state/spaces.c -- rows by namespace, so that a window's state can be dropped without a scan.
 *
 * DESIGN     A doubly linked list through the rows per namespace; its first row stands in a small
 *            hash table.
 * THREADS    T:task
 */
#include <string.h>

#include "state/table_priv.h"

static uint32_t
home_of(const sb_table *t, int64_t value)
{
    return (uint32_t)sb_hash_u64((uint64_t)value) & (t->capacity_spaces - 1);
}

static uint32_t
find(const sb_table *t, int64_t value)
{
    uint32_t at = home_of(t, value);
    while (t->spaces[at].first && t->spaces[at].value != value) {
        at = (at + 1) & (t->capacity_spaces - 1);
    }
    return at;
}

bool
sb_spaces_reserve(sb_table *t)
{
    if (!t->at_links || (t->count_spaces + 1) * 2 <= t->capacity_spaces) {
        return true;
    }
    uint32_t capacity = t->capacity_spaces ? t->capacity_spaces * 2 : 16;
    sb_space *spaces = sb_alloc_zero(t->mem, capacity * sizeof *spaces);
    if (!spaces) {
        return false;
    }
    sb_space *old = t->spaces;
    uint32_t old_capacity = t->capacity_spaces;
    t->spaces = spaces;
    t->capacity_spaces = capacity;
    for (uint32_t i = 0; i < old_capacity; i++) {
        if (old[i].first) {
            t->spaces[find(t, old[i].value)] = old[i];
        }
    }
    sb_free(t->mem, old, old_capacity * sizeof *old);
    return true;
}

void
sb_spaces_insert(sb_table *t, uint8_t *row)
{
    if (!t->at_links) {
        return;
    }
    sb_space *space = t->spaces + find(t, sb_space_of(t, row));
    sb_links *links = sb_space_links(t, row);
    *links = (sb_links){.next = space->first};
    if (space->first) {
        sb_space_links(t, space->first)->prev = row;
    } else {
        space->value = sb_space_of(t, row);
        t->count_spaces++;
    }
    space->first = row;
}

/* The last row of a namespace is gone: later entries move up. */
static void
remove_entry(sb_table *t, uint32_t hole)
{
    uint32_t mask = t->capacity_spaces - 1;
    for (uint32_t i = (hole + 1) & mask; t->spaces[i].first; i = (i + 1) & mask) {
        uint32_t home = home_of(t, t->spaces[i].value);
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            t->spaces[hole] = t->spaces[i];
            hole = i;
        }
    }
    t->spaces[hole] = (sb_space){0};
    t->count_spaces--;
}

void
sb_spaces_remove(sb_table *t, uint8_t *row)
{
    if (!t->at_links) {
        return;
    }
    sb_links *links = sb_space_links(t, row);
    if (links->next) {
        sb_space_links(t, links->next)->prev = links->prev;
    }
    if (links->prev) {
        sb_space_links(t, links->prev)->next = links->next;
    } else {
        uint32_t at = find(t, sb_space_of(t, row));
        t->spaces[at].first = links->next;
        if (!links->next) {
            remove_entry(t, at);
        }
    }
}

void
sb_spaces_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    if (!t->at_links) {
        return;
    }
    sb_links *links = sb_space_links(t, to);
    if (links->next) {
        sb_space_links(t, links->next)->prev = to;
    }
    if (links->prev) {
        sb_space_links(t, links->prev)->next = to;
    } else {
        sb_space *space = t->spaces + find(t, sb_space_of(t, to));
        sb_assert(space->first == row);
        space->first = to;
    }
}

uint8_t *
sb_spaces_first(const sb_table *t, int64_t space)
{
    return t->capacity_spaces ? t->spaces[find(t, space)].first : NULL;
}
