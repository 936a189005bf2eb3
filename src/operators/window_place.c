/*
 * operators/window_place.c -- rows into slices: late tests, marks, one probe for a run.
 *
 * DESIGN     Late (R17): a row is dropped only when the last window of its slice has fired; it is
 *            counted and goes to port 1. A run of rows is arithmetic first (slices, late tests,
 *            marks passed), then one batch probe. It stops before a mark that reaches a window due,
 *            those of rows of this very run included. Attached windows (window_start / window_end
 *            are columns already) are a TUMBLE over the given ends.
 * THREADS    T:task
 */
#include <string.h>

#include "operators/window_agg.h"

/* What is known of the slice of the last row: consecutive rows mostly share it. */
typedef struct slice_cache {
    int64_t from_ms, to_ms;       /* local times of the slice; empty at first */
    int64_t low_ms, high_ms;      /* watermarks [low, high) under which the rest holds */
    int64_t first_end, first_due; /* first window not yet fired; INT64_MAX: late for all */
} slice_cache;

static int64_t
last_window_end(const sb_window_agg *self, int64_t slice_end)
{
    return slice_end + self->window.spec.size_ms - self->window.spec.slide_ms;
}

/* Finds the slice of a (local) time and its first window that has not fired under the watermark. */
static void
load_slice(sb_window_agg *self, slice_cache *cache, int64_t local_ms, int64_t watermark_ms)
{
    int64_t slide = self->window.spec.slide_ms;
    int64_t slice_end = sb_window_slice_end(&self->window, local_ms);
    int64_t last = last_window_end(self, slice_end);
    *cache =
        (slice_cache){slice_end - slide, slice_end, INT64_MIN, INT64_MAX, INT64_MAX, INT64_MAX};
    for (int64_t end = slice_end; end <= last; end += slide) {
        int64_t due = sb_window_agg_due(self, end);
        if (due > watermark_ms) {
            cache->first_end = end;
            cache->first_due = cache->high_ms = due;
            return;
        }
        cache->low_ms = due > cache->low_ms ? due : cache->low_ms;
    }
}

static void
add_position(sb_window_agg *self, int32_t physical, int64_t end, int64_t first_end)
{
    int32_t at = self->count++;
    self->keyed.physical[at] = physical;
    self->ends[at] = end;
    self->first_end[at] = first_end;
}

/* Puts a row into its slice, or, where state is per window, into each window not yet fired.
 * False: late. */
static bool
place_row(sb_window_agg *self, slice_cache *cache, int32_t physical, int64_t local_ms,
          int64_t watermark_ms, int64_t *due)
{
    int64_t slide = self->window.spec.slide_ms;
    if (local_ms < cache->from_ms || local_ms >= cache->to_ms || watermark_ms < cache->low_ms ||
        watermark_ms >= cache->high_ms) {
        load_slice(self, cache, local_ms, watermark_ms);
    }
    if (cache->first_due == INT64_MAX) {
        return false;
    }
    *due = cache->first_due < *due ? cache->first_due : *due;
    if (self->repeats == 1) {
        add_position(self, physical, cache->to_ms, cache->first_end);
        return true;
    }
    int64_t last = last_window_end(self, cache->to_ms);
    for (int64_t end = cache->first_end; end <= last; end += slide) {
        int64_t fires = sb_window_agg_due(self, end);
        if (fires >
            watermark_ms) { /* one that ends later may fire earlier, where the clock jumps */
            add_position(self, physical, end, end);
            *due = fires < *due ? fires : *due;
        }
    }
    return true;
}

/* The same for a row that comes with the end of its window. */
static bool
place_attached(sb_window_agg *self, slice_cache *cache, int32_t physical, int64_t end,
               int64_t watermark_ms, int64_t *due)
{
    int64_t fires = sb_window_agg_due(self, end);
    *cache = (slice_cache){.from_ms = end, .to_ms = end, .first_end = end, .first_due = fires};
    if (fires <= watermark_ms) {
        return false;
    }
    *due = fires < *due ? fires : *due;
    add_position(self, physical, end, end);
    return true;
}

/* How many of the rows from `row` on have a time in [from, to). */
static int32_t
count_between(const sb_batch *head, const int64_t *values, int32_t row, int32_t limit, int64_t from,
              int64_t to)
{
    const uint64_t span = (uint64_t)to - (uint64_t)from;
    int32_t n = 0;
    if (head->selection) {
        const int32_t *rows = head->selection + row;
        while (n < limit && (uint64_t)values[rows[n]] - (uint64_t)from < span) {
            n++;
        }
    } else {
        values += row;
        while (n < limit && (uint64_t)values[n] - (uint64_t)from < span) {
            n++;
        }
    }
    return n;
}

/* Rows of the head behind a placed one that lie in the same slice, or have the same attached
 * window, under the same watermark: taken without asking again. */
static int32_t
place_more(sb_window_agg *self, const slice_cache *cache, const sb_batch *head,
           const sb_vector *time, int32_t row, int32_t end)
{
    if (time->encoding != SB_FLAT || self->repeats != 1 ||
        (self->window.zone && !self->body->attached)) {
        return row;
    }
    int64_t from_us = sb_us_of_ms(cache->from_ms);
    int64_t to_us = self->body->attached ? from_us + 1000 : sb_us_of_ms(cache->to_ms);
    int32_t at = self->count, room = self->capacity - at;
    room = end - row < room ? end - row : room;
    int32_t n = count_between(head, time->values, row, room, from_us, to_us);
    int32_t *physical = self->keyed.physical + at;
    for (int32_t i = 0; i < n; i++) {
        physical[i] = sb_batch_row(head, row + i);
    }
    for (int32_t i = 0; i < n; i++) {
        self->ends[at + i] = cache->to_ms;
        self->first_end[at + i] = cache->first_end;
    }
    self->count = at + n;
    return row + n;
}

/* Rows up to the next mark, while there is room for them. */
static sb_status
collect_rows(sb_window_agg *self, sb_io *io, slice_cache *cache, int32_t end, int32_t late_room,
             int64_t *due, int32_t *inout_row, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    int64_t watermark_ms = io->in[0].watermark_ms;
    int32_t time_column = self->body->attached ? self->body->end_column : self->body->time;
    const sb_vector *time = head->columns[time_column];
    int32_t row = *inout_row;
    SB_TRY(sb_times_check(head, time_column, row, end, err), err);
    while (row < end && self->count + self->repeats <= self->capacity &&
           self->count_late < late_room) {
        int32_t physical = sb_batch_row(head, row++);
        int64_t ms = sb_time_ms(time, physical);
        bool placed = self->body->attached
                          ? place_attached(self, cache, physical, ms, watermark_ms, due)
                          : place_row(self, cache, physical, sb_window_local(&self->window, ms),
                                      watermark_ms, due);
        if (!placed) {
            self->late[self->count_late++] = physical;
            continue;
        }
        row = place_more(self, cache, head, time, row, end);
    }
    *inout_row = row;
    return SB_OK;
}

/* First pass, arithmetic only: consumes rows and passes marks until something is due, scratch is
 * full or the head ends. */
static sb_status
collect(sb_window_agg *self, sb_io *io, sb_error *err)
{
    sb_input *in = &io->in[0];
    const sb_batch *head = in->head;
    slice_cache cache = {0, 0, 0, 0, 0, 0};
    int64_t due = self->next_due;
    int32_t late_room = sb_port_room(io, 1);
    self->count = self->count_late = 0;
    while (self->count + self->repeats <= self->capacity && self->count_late < late_room) {
        if (sb_io_mark_here(io, 0)) {
            if (head->marks[in->mark].watermark_ms >= due) {
                break;
            }
            sb_io_take_mark(io, 0);
            sb_io_advance_done(io, true);
            continue;
        }
        int32_t end = sb_io_run_end(io, 0), from = in->row, row = from;
        if (from == end) {
            break;
        }
        SB_TRY(collect_rows(self, io, &cache, end, late_room, &due, &row, err), err);
        sb_io_consume(io, 0, row - from);
    }
    return SB_OK;
}

/* New rows: their accumulators, what else is kept of a slice, and which window they wait for. */
static sb_status
start_rows(sb_window_agg *self, const sb_batch *head, const sb_keys *keys, sb_error *err)
{
    for (int32_t w = 0; w * 64 < keys->count; w++) {
        for (uint64_t bits = self->created[w]; bits; bits &= bits - 1) {
            int32_t i = w * 64 + __builtin_ctzll(bits);
            sb_agg_set_start(&self->set, self->rows[i]);
            if (self->start_column >= 0) {
                const sb_vector *start = head->columns[self->body->start_column];
                *sb_window_agg_slot(self, self->rows[i], self->start_column) =
                    sb_time_ms(start, keys->rows[i]);
            }
            SB_TRY(sb_window_agg_note(self, self->ends[i], self->first_end[i], self->rows[i], err),
                   err);
        }
    }
    return SB_OK;
}

/* Strings that grew may have moved their rows. */
static void
follow_rows(sb_window_agg *self)
{
    for (int32_t i = 0; i < self->count; i++) {
        sb_slice *slice = sb_slices_find(&self->slices, self->ends[i]);
        slice->rows[*sb_window_agg_slot(self, self->rows[i], self->place_column)] = self->rows[i];
    }
}

/* Second pass: one probe for all positions. */
static sb_status
accumulate(sb_window_agg *self, const sb_batch *head, sb_error *err)
{
    sb_keys keys = sb_keyed_hash(&self->keyed, head, self->count);
    keys.space = self->ends;
    SB_TRY(sb_keyed_insert(&self->keyed, self->table, &keys, self->rows, self->created, err), err);
    SB_TRY(start_rows(self, head, &keys, err), err);
    bool changes = head->ops != NULL || self->rows_column >= 0;
    for (int32_t i = 0; changes && i < self->count; i++) {
        self->sign[i] = sb_row_op_adds(sb_batch_op(head, keys.rows[i])) ? 1 : -1;
        if (self->rows_column >= 0) {
            *sb_window_agg_slot(self, self->rows[i], self->rows_column) += self->sign[i];
        }
    }
    sb_agg_run run = {.head = head,
                      .physical = keys.rows,
                      .count = self->count,
                      .keys = keys,
                      .rows = self->rows,
                      .sign = changes ? self->sign : NULL,
                      .groups = self->keyed.number};
    SB_TRY(sb_agg_set_update(&self->set, &run, NULL, err), err);
    if (self->place_column >= 0) {
        follow_rows(self);
    }
    return SB_OK;
}

static sb_status
emit_late(sb_window_agg *self, sb_io *io, const sb_batch *head, sb_error *err)
{
    self->base.metrics->late_dropped += self->count_late;
    sb_buffer *selection = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * self->count_late);
    sb_batch *late = selection ? sb_batch_share(io->mem, head) : NULL;
    if (!late || sb_batch_set_marks(late, NULL, 0, err) != SB_OK) {
        sb_buffer_unref(selection);
        sb_batch_free(late);
        SB_NOMEM(err);
    }
    memcpy(selection->data, self->late, sizeof(int32_t) * (size_t)self->count_late);
    sb_batch_set_selection(late, selection, (const int32_t *)(void *)selection->data,
                           self->count_late);
    sb_port_push(io, 1, late);
    return SB_OK;
}

sb_status
sb_window_agg_take(sb_window_agg *self, sb_io *io, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    SB_TRY(collect(self, io, err), err);
    if (self->count > 0) {
        SB_TRY(accumulate(self, head, err), err);
    }
    return self->count_late > 0 ? emit_late(self, io, head, err) : SB_OK;
}
