/*
 * state/flags.c -- the "to do" marks of map rows, in order of flagging.
 *
 * DESIGN     A queue of row pointers; a row's head has its number (seq), so that erasing and moving
 *            find the entry. The number is part of the row in snapshots: the order survives a
 *            restore and needs no file of its own.
 * THREADS    T:task
 */
#include <string.h>

#include "state/table_priv.h"

static uint8_t **
entry_of(sb_table *t, const uint8_t *row)
{
    sb_flags *f = &t->flags;
    uint64_t at = sb_head(row)->seq - f->base;
    sb_assert(at < f->to - f->from);
    return f->rows + f->from + at;
}

/* Room for `more` entries at the end. */
static bool
reserve(sb_table *t, size_t more)
{
    sb_flags *f = &t->flags;
    size_t live = f->to - f->from;
    if (f->capacity - f->to >= more) {
        return true;
    }
    if (live + more <= f->capacity / 2) {
        memmove(f->rows, f->rows + f->from, live * sizeof *f->rows);
    } else {
        size_t capacity = f->capacity < 128 ? 128 : f->capacity * 2;
        capacity = capacity < live + more ? live + more : capacity;
        uint8_t **rows = sb_alloc(t->mem, capacity * sizeof *rows);
        if (!rows) {
            return false;
        }
        if (live > 0) {
            memcpy(rows, f->rows + f->from, live * sizeof *rows);
        }
        sb_free(t->mem, f->rows, f->capacity * sizeof *rows);
        f->rows = rows;
        f->capacity = capacity;
    }
    f->from = 0;
    f->to = live;
    return true;
}

sb_status
sb_map_flag(sb_table *t, uint8_t *row, sb_error *err)
{
    sb_flags *f = &t->flags;
    sb_assert(t->shape == SB_MAP && !t->is_timers);
    if (sb_head(row)->seq) {
        return SB_OK;
    }
    if (!reserve(t, 1)) {
        SB_NOMEM(err);
    }
    sb_pages_touch(&t->pages, row);
    sb_head(row)->seq = f->base + (f->to - f->from);
    f->rows[f->to++] = row;
    f->count++;
    return SB_OK;
}

bool
sb_map_is_flagged(const sb_table *t, const uint8_t *row)
{
    return !t->is_timers && sb_head(row)->seq != 0;
}

int64_t
sb_map_count_flagged(const sb_table *t)
{
    return t->flags.count;
}

uint8_t *
sb_map_flagged_first(sb_table *t)
{
    sb_flags *f = &t->flags;
    while (f->from < f->to && !f->rows[f->from]) {
        f->from++;
        f->base++;
    }
    if (f->from == f->to) {
        return NULL;
    }
    if (f->to - f->from > 1 && f->rows[f->from + 1]) {
        __builtin_prefetch(f->rows[f->from + 1]);
    }
    return f->rows[f->from];
}

void
sb_map_unflag_first(sb_table *t)
{
    sb_flags *f = &t->flags;
    uint8_t *row = sb_map_flagged_first(t);
    if (!row) {
        return;
    }
    sb_table_touch(t, row);
    sb_head(row)->seq = 0;
    f->from++;
    f->base++;
    f->count--;
}

void
sb_flags_drop(sb_table *t, uint8_t *row)
{
    if (sb_map_is_flagged(t, row)) {
        *entry_of(t, row) = NULL;
        t->flags.count--;
    }
}

void
sb_flags_moved(sb_table *t, uint8_t *to)
{
    if (sb_map_is_flagged(t, to)) {
        *entry_of(t, to) = to;
    }
}

static void
append(sb_table *t, uint8_t *row)
{
    sb_flags *f = &t->flags;
    f->rows[f->to++] = row;
    f->count += row != NULL;
}

bool
sb_flags_rebuild(sb_table *t, uint8_t *const *rows, size_t count, bool fresh)
{
    sb_flags *f = &t->flags;
    if (count == 0) {
        return true;
    }
    uint64_t first = sb_head(rows[0])->seq, span = sb_head(rows[count - 1])->seq - first + 1;
    for (size_t i = 1; i < count; i++) {
        fresh = fresh || sb_head(rows[i])->seq <= sb_head(rows[i - 1])->seq;
    }
    /* Gaps are rows erased while they were flagged; many of them, and new numbers are better. */
    if (fresh || f->count > 0 || span > count * 16 + 1024) {
        if (!reserve(t, count)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            sb_pages_touch(&t->pages, rows[i]);
            sb_head(rows[i])->seq = f->base + (f->to - f->from);
            append(t, rows[i]);
        }
        return true;
    }
    if (!reserve(t, span)) {
        return false;
    }
    f->from = f->to = 0;
    f->base = first;
    for (size_t i = 0; i < count; i++) {
        while (f->base + f->to < sb_head(rows[i])->seq) {
            append(t, NULL);
        }
        append(t, rows[i]);
    }
    return true;
}

void
sb_flags_free(sb_table *t)
{
    sb_free(t->mem, t->flags.rows, t->flags.capacity * sizeof *t->flags.rows);
    t->flags = (sb_flags){0};
}
