/*
 * operators/window_slices.c -- see window_slices.h.
 *
 * DESIGN     Slices come and go in the order of time, mostly: a sorted array with room at both
 *            ends.
 * THREADS    T:task
 */
#include "operators/window_slices.h"

#include <string.h>

void
sb_slices_init(sb_slices *slices, sb_mem *mem, bool filters)
{
    *slices = (sb_slices){.mem = mem, .filters = filters};
}

static void
free_rows(sb_slices *slices, sb_slice *slice)
{
    sb_free(slices->mem, slice->rows, sizeof *slice->rows * (size_t)slice->capacity);
    sb_free(slices->mem, slice->filter, sizeof *slice->filter * slice->filter_words);
}

void
sb_slices_clear(sb_slices *slices)
{
    for (int32_t i = slices->from; i < slices->to; i++) {
        free_rows(slices, &slices->at[i]);
    }
    sb_free(slices->mem, slices->at, sizeof *slices->at * (size_t)slices->capacity);
    sb_slices_init(slices, slices->mem, slices->filters);
}

/* First live index whose end is not below. */
static int32_t
lower_bound(const sb_slices *slices, int64_t end)
{
    int32_t low = slices->from, high = slices->to;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (slices->at[middle].end < end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

sb_slice *
sb_slices_find(sb_slices *slices, int64_t end)
{
    int32_t at = slices->last;
    if (at < slices->from || at >= slices->to || slices->at[at].end != end) {
        at = lower_bound(slices, end);
        if (at == slices->to || slices->at[at].end != end) {
            return NULL;
        }
        slices->last = at;
    }
    return &slices->at[at];
}

/* Room for one more behind the last. */
static bool
reserve(sb_slices *slices)
{
    if (slices->to < slices->capacity) {
        return true;
    }
    int32_t live = sb_slices_count(slices);
    if (slices->from > 0 && live <= slices->capacity / 2) {
        memmove(slices->at, slices->at + slices->from, sizeof *slices->at * (size_t)live);
    } else {
        int32_t capacity = slices->capacity ? 2 * slices->capacity : 8;
        sb_slice *grown = sb_alloc(slices->mem, sizeof *grown * (size_t)capacity);
        if (!grown) {
            return false;
        }
        if (live > 0) {
            memcpy(grown, slices->at + slices->from, sizeof *grown * (size_t)live);
        }
        sb_free(slices->mem, slices->at, sizeof *slices->at * (size_t)slices->capacity);
        slices->at = grown;
        slices->capacity = capacity;
    }
    slices->from = 0;
    slices->to = live;
    return true;
}

sb_slice *
sb_slices_open(sb_slices *slices, int64_t end, int64_t next_end)
{
    sb_slice *slice = sb_slices_find(slices, end);
    if (slice) {
        return slice;
    }
    if (!reserve(slices)) {
        return NULL;
    }
    int32_t at = lower_bound(slices, end);
    slice = &slices->at[at];
    memmove(slice + 1, slice, sizeof *slice * (size_t)(slices->to - at));
    *slice = (sb_slice){.end = end, .next_end = next_end};
    slices->to++;
    slices->last = at;
    return slice;
}

static void
filter_add(sb_slice *slice, const uint8_t *row)
{
    uint32_t bit = (uint32_t)sb_row_hash(row) & (slice->filter_words * 64 - 1);
    slice->filter[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

/* A filter of 8 bits and more per row. No row has left the slice yet. */
static bool
filter_grow(sb_slices *slices, sb_slice *slice)
{
    uint32_t words = slice->filter_words ? 4 * slice->filter_words : 16;
    uint64_t *filter = sb_alloc_zero(slices->mem, sizeof *filter * words);
    if (!filter) {
        return false;
    }
    sb_free(slices->mem, slice->filter, sizeof *filter * slice->filter_words);
    slice->filter = filter;
    slice->filter_words = words;
    for (int32_t i = 0; i < slice->count; i++) {
        filter_add(slice, slice->rows[i]);
    }
    return true;
}

bool
sb_slices_add(sb_slices *slices, sb_slice *slice, uint8_t *row)
{
    if (slice->count == slice->capacity) {
        if (slice->capacity > INT32_MAX / 2) {
            return false;
        }
        int32_t capacity = slice->capacity ? 2 * slice->capacity : 16;
        uint8_t **grown =
            sb_realloc(slices->mem, slice->rows, sizeof *grown * (size_t)slice->capacity,
                       sizeof *grown * (size_t)capacity);
        if (!grown) {
            return false;
        }
        slice->rows = grown;
        slice->capacity = capacity;
    }
    if (slices->filters) {
        sb_dassert(slice->at == 0);
        if ((uint32_t)slice->count >= slice->filter_words * 8 && slice->filter_words < 1u << 24 &&
            !filter_grow(slices, slice)) {
            return false;
        }
        filter_add(slice, row);
    }
    slice->rows[slice->count++] = row;
    return true;
}

void
sb_slices_drop(sb_slices *slices, sb_slice *slice)
{
    int32_t at = (int32_t)(slice - slices->at);
    free_rows(slices, slice);
    if (at == slices->from) {
        slices->from++;
    } else {
        memmove(slice, slice + 1, sizeof *slice * (size_t)(slices->to - at - 1));
        slices->to--;
    }
}
