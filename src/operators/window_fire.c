/*
 * operators/window_fire.c -- windows out: which fires next, its rows merged from the slices, what
 * leaves behind it.
 *
 * DESIGN     The rows of the slices of a window say which keys it has. A row with several slices
 *            remembers the last window it has gone into (so a firing can be cut off anywhere, and
 *            goes on after a restore); it is erased with the last window of its slice. Without
 *            slices a row is a window, and leaves when it fires. The oldest slice of a key comes
 *            first and takes the key's rows of later slices with it.
 * THREADS    T:task
 */
#include <string.h>

#include "operators/emit.h"
#include "operators/window_agg.h"

enum { HOUR_MS = 3600 * 1000 };

/* The instant at which a window fires. Windows made of slices fire strictly one after the other:
 * where the clock jumps forward, window ends that never come would be due behind, or together with,
 * later ones. */
int64_t
sb_window_agg_due(sb_window_agg *self, int64_t end)
{
    const sb_window *w = &self->window;
    int64_t due = sb_window_due(w, end), slide = w->spec.slide_ms;
    if (self->count_slices == 1 || !w->zone || due - sb_window_due(w, end - HOUR_MS) == HOUR_MS) {
        return due;
    }
    if (self->turn_end != end) {
        int64_t at = end - (2 * HOUR_MS / slide + 1) * slide;
        int64_t turn = sb_window_due(w, at);
        while (at < end) {
            at += slide;
            int64_t own = sb_window_due(w, at);
            turn = own > turn ? own : turn + 1;
        }
        self->turn_end = end;
        self->turn_due = turn;
    }
    return self->turn_due;
}

/* --- which window is next --- */

/* Days that a zone has left out or had twice, and to spare. */
#define CLOCK_SLACK_MS (INT64_C(48) * HOUR_MS)

void
sb_window_agg_pick(sb_window_agg *self)
{
    const sb_slices *slices = &self->slices;
    /* Only where the clock jumps may a window be due before one that ends earlier. */
    int64_t slack = self->window.zone ? CLOCK_SLACK_MS : 0;
    self->next_due = INT64_MAX;
    self->next_end = INT64_MAX;
    for (int32_t i = slices->from; i < slices->to; i++) {
        const sb_slice *s = &slices->at[i];
        bool first = i == slices->from;
        if (!first && s->end > self->next_end && s->end - slack > self->next_end) {
            break;
        }
        int64_t due = sb_window_agg_due(self, s->next_end);
        if (first || due < self->next_due ||
            (due == self->next_due && s->next_end < self->next_end)) {
            self->next_due = due;
            self->next_end = s->next_end;
        }
    }
}

static bool
is_due(const sb_window_agg *self, int64_t target_ms)
{
    return self->next_due <= target_ms && sb_slices_count(&self->slices) > 0;
}

sb_status
sb_window_agg_note(sb_window_agg *self, int64_t slice_end, int64_t first_end, uint8_t *row,
                   sb_error *err)
{
    sb_slice *slice = sb_slices_open(&self->slices, slice_end, INT64_MAX);
    if (!slice || !sb_slices_add(&self->slices, slice, row)) {
        SB_NOMEM(err);
    }
    if (self->fired_column >= 0) {
        *sb_window_agg_slot(self, row, self->fired_column) = first_end - self->window.spec.slide_ms;
    }
    if (self->place_column >= 0) {
        *sb_window_agg_slot(self, row, self->place_column) = slice->count - 1;
    }
    if (first_end < slice->next_end) {
        slice->next_end = first_end;
        int64_t due = sb_window_agg_due(self, first_end);
        bool only = sb_slices_count(&self->slices) == 1;
        if (only || due < self->next_due || (due == self->next_due && first_end < self->next_end)) {
            self->next_due = due;
            self->next_end = first_end;
        }
    }
    return SB_OK;
}

/* --- the rows of a window --- */

/* End of slice number s of a window, the oldest first. */
static int64_t
slice_end(const sb_window_agg *self, int64_t window_end, int32_t s)
{
    return window_end - (self->count_slices - 1 - s) * self->window.spec.slide_ms;
}

/* Up to `limit` rows of the slice that have not gone into the window. */
static int32_t
take_rows(sb_window_agg *self, sb_slice *slice, int64_t window_end, int32_t limit, uint8_t **rows)
{
    int32_t n = 0;
    for (; slice->at < slice->count && n < limit; slice->at++) {
        uint8_t *row = slice->rows[slice->at];
        if (slice->at + 8 < slice->count) {
            __builtin_prefetch(slice->rows[slice->at + 8]);
        }
        if (self->fired_column < 0 ||
            *sb_window_agg_slot(self, row, self->fired_column) < window_end) {
            rows[n++] = row;
        }
    }
    return n;
}

/* All rows of the window are out: its oldest slice leaves, the others wait for the next. */
static void
finish_window(sb_window_agg *self)
{
    int64_t window_end = self->next_end;
    for (int32_t s = 0; s < self->count_slices; s++) {
        sb_slice *slice = sb_slices_find(&self->slices, slice_end(self, window_end, s));
        if (slice && s == 0) {
            sb_agg_set_drop_space(&self->set, slice->end);
            sb_slices_drop(&self->slices, slice);
        } else if (slice) {
            slice->next_end = window_end + self->window.spec.slide_ms;
            slice->at = 0;
        }
    }
    sb_window_agg_pick(self);
}

/* Keys and hashes of the rows that fire. */
static sb_status
load_keys(sb_window_agg *self, int32_t n, uint8_t *const *rows, sb_error *err)
{
    const sb_schema *schema = self->base.node->schema;
    for (int32_t k = 0; k < self->body->keys.count; k++) {
        sb_column_builder b;
        SB_TRY(sb_column_builder_init(&b, self->base.mem, &schema->fields[k].type, err), err);
        sb_row_decode(sb_table_layout(self->table), rows, n, k, 1, &b, true);
        self->fired_keys[k] = sb_column_finish(&b, err);
        sb_column_builder_deinit(&b);
        if (!self->fired_keys[k]) {
            return SB_STATUS_NOMEM;
        }
    }
    for (int32_t i = 0; self->count_slices > 1 && i < n; i++) {
        self->fired_hashes[i] = sb_row_hash(rows[i]);
    }
    return SB_OK;
}

static void
drop_keys(sb_window_agg *self)
{
    for (int32_t k = 0; k < self->body->keys.count; k++) {
        sb_vector_unref(self->fired_keys[k]);
        self->fired_keys[k] = NULL;
    }
}

/* Which keys may have a row in the slice; returns how many: found_rows. */
static int32_t
filter_keys(sb_window_agg *self, const sb_slice *slice, int32_t n, uint8_t **rows)
{
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++) {
        rows[i] = NULL;
        self->found_rows[count] = i;
        self->found_hashes[count] = self->fired_hashes[i];
        self->ends[count] = slice->end;
        count += sb_slice_may_hold(slice, self->fired_hashes[i]);
    }
    return count;
}

/* Rows of the same keys in the other slices: fired[s * n + i]. Slices before the own one have
 * none, unless keys have fired up to different windows. */
static void
find_others(sb_window_agg *self, int32_t n, int32_t own)
{
    for (int32_t s = 0; s < self->count_slices; s++) {
        uint8_t **rows = self->fired + (size_t)s * (size_t)n;
        if (s == own) {
            continue;
        }
        sb_slice *slice = sb_slices_find(&self->slices, slice_end(self, self->next_end, s));
        if (!slice || (s < own && !self->mixed)) {
            memset(rows, 0, sizeof *rows * (size_t)n);
            continue;
        }
        int32_t count = filter_keys(self, slice, n, rows);
        sb_keys keys = {self->fired_keys, self->found_rows, self->found_hashes, self->ends, count};
        sb_map_find(self->table, &keys, self->rows);
        for (int32_t i = 0; i < count; i++) {
            rows[self->found_rows[i]] = self->rows[i];
        }
    }
}

/* Does window i have rows? One whose rows were all taken back is not emitted. */
static bool
window_has_rows(const sb_window_agg *self, int32_t i, int32_t n)
{
    int64_t total = 0;
    bool any = false;
    for (int32_t s = 0; s < self->count_slices; s++) {
        uint8_t *row = self->fired[(size_t)s * (size_t)n + (size_t)i];
        any = any || row;
        if (row && self->rows_column >= 0) {
            total += *sb_window_agg_slot(self, row, self->rows_column);
        }
    }
    return any && (self->rows_column < 0 || total != 0);
}

static int64_t
window_start(const sb_window_agg *self, int32_t i)
{
    if (self->start_column < 0) {
        return self->fired_ends[i] - self->window.spec.size_ms;
    }
    return self->fired[i] ? *sb_window_agg_slot(self, self->fired[i], self->start_column) : 0;
}

static sb_vector *
property_column(sb_window_agg *self, int32_t p, int32_t n, sb_mem *mem)
{
    const sb_schema *schema = self->base.node->schema;
    int32_t column = self->body->keys.count + self->body->count_aggs + p;
    sb_vector *out = sb_vector_alloc(mem, &schema->fields[column].type, n, false);
    int64_t *values = out ? sb_vector_values_mut(out) : NULL;
    for (int32_t i = 0; out && i < n; i++) {
        int64_t end = self->fired_ends[i];
        switch (self->body->properties[p]) {
        case SB_WINDOW_START: values[i] = sb_us_of_ms(window_start(self, i)); break;
        case SB_WINDOW_END: values[i] = sb_us_of_ms(end); break;
        case SB_WINDOW_TIME: values[i] = sb_us_of_ms(sb_window_time(&self->window, end)); break;
        }
    }
    return out;
}

static sb_vector *
result_column(sb_window_agg *self, int32_t a, int32_t n, sb_mem *mem, sb_error *err)
{
    sb_column_builder b;
    const sb_agg_groups groups = {n, self->count_slices, self->fired, self->fired_keys,
                                  self->numbers};
    const sb_schema *schema = self->base.node->schema;
    if (sb_column_builder_init(&b, mem, &schema->fields[self->body->keys.count + a].type, err) !=
        SB_OK) {
        return NULL;
    }
    sb_status status = sb_agg_set_results(&self->set, a, &groups, &b, err);
    sb_vector *out = status == SB_OK ? sb_column_finish(&b, err) : NULL;
    sb_column_builder_deinit(&b);
    return out;
}

static sb_status
emit_windows(sb_window_agg *self, sb_io *io, int32_t n, sb_error *err)
{
    int32_t keys = self->body->keys.count, aggs = self->body->count_aggs;
    int32_t columns = self->base.node->schema->count, made = 0;
    sb_vector **out = sb_alloc_zero(io->mem, sizeof *out * (size_t)columns);
    sb_buffer *selection = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * n);
    bool ok = out && selection;
    for (; ok && made < columns; made++) {
        out[made] = made < keys          ? sb_vector_ref(self->fired_keys[made])
                    : made < keys + aggs ? result_column(self, made - keys, n, io->mem, err)
                                         : property_column(self, made - keys - aggs, n, io->mem);
        ok = out[made] != NULL;
    }
    int32_t count = 0, *rows = ok ? (int32_t *)(void *)selection->data : NULL;
    for (int32_t i = 0; ok && i < n; i++) {
        rows[count] = i;
        count += window_has_rows(self, i, n);
    }
    sb_batch *batch =
        ok && count > 0 ? sb_batch_new(io->mem, self->base.node->schema, out, n) : NULL;
    if (batch) {
        sb_batch_set_selection(batch, selection, rows, count);
        selection = NULL;
        sb_emit(io, 0, batch);
    } else if (!ok || count == 0) {
        for (int32_t c = 0; out && c < columns; c++) {
            sb_vector_unref(out[c]);
        }
    }
    sb_buffer_unref(selection);
    sb_free(io->mem, out, out ? sizeof *out * (size_t)columns : 0);
    if (!ok || (count > 0 && !batch)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* The rows of the oldest slice leave; the others remember the window. */
static void
advance_rows(sb_window_agg *self, int32_t n)
{
    sb_table_erase_rows(self->table, self->fired, self->count_slices > 0 ? n : 0);
    for (int32_t s = 1; s < self->count_slices; s++) {
        uint8_t **rows = self->fired + (size_t)s * (size_t)n;
        for (int32_t i = 0; i < n; i++) {
            if (rows[i]) {
                sb_table_touch(self->table, rows[i]);
                *sb_window_agg_slot(self, rows[i], self->fired_column) = self->fired_ends[i];
            }
        }
    }
}

/* Rows that are windows themselves, of one window after the other. */
static int32_t
take_windows(sb_window_agg *self, int64_t target_ms, int32_t limit)
{
    int32_t n = 0;
    while (n < limit && is_due(self, target_ms)) {
        int64_t end = self->next_end;
        sb_slice *slice = sb_slices_find(&self->slices, end);
        int32_t taken = take_rows(self, slice, end, limit - n, self->fired + n);
        for (int32_t i = n; i < n + taken; i++) {
            self->fired_ends[i] = end;
        }
        n += taken;
        if (slice->at == slice->count) {
            if (self->collects && taken > 0) {
                break; /* what its rows have collected is not read yet */
            }
            finish_window(self);
        }
    }
    return n;
}

/* Rows of the first slice that still has some for the window. 0: the window is finished. */
static int32_t
take_slice(sb_window_agg *self, int32_t limit, int32_t *out_own)
{
    int32_t n = 0, s = 0;
    for (; s < self->count_slices && n == 0; s++) {
        sb_slice *slice = sb_slices_find(&self->slices, slice_end(self, self->next_end, s));
        n = slice ? take_rows(self, slice, self->next_end, limit, self->rows) : 0;
    }
    if (n == 0) {
        finish_window(self);
        return 0;
    }
    *out_own = s - 1;
    memcpy(self->fired + (size_t)*out_own * (size_t)n, self->rows, sizeof *self->rows * (size_t)n);
    for (int32_t i = 0; i < n; i++) {
        self->fired_ends[i] = self->next_end;
    }
    return n;
}

/* Emits up to `limit` rows of what is due. */
static sb_status
fire_some(sb_window_agg *self, sb_io *io, int64_t target_ms, int32_t limit, int32_t *out_count,
          sb_error *err)
{
    int32_t own = 0;
    bool sliced = self->count_slices > 1;
    int32_t n = sliced ? take_slice(self, limit, &own) : take_windows(self, target_ms, limit);
    *out_count = n;
    if (n == 0) {
        return SB_OK;
    }
    sb_status status = load_keys(self, n, self->fired + (size_t)own * (size_t)n, err);
    if (status == SB_OK) {
        if (sliced) {
            find_others(self, n, own);
        }
        status = emit_windows(self, io, n, err);
    }
    drop_keys(self);
    if (status == SB_OK) {
        advance_rows(self, n);
        self->base.metrics->fired += n;
    }
    return status;
}

sb_step
sb_window_agg_fire(sb_window_agg *self, sb_io *io, int64_t target_ms, int32_t *quota, sb_error *err)
{
    while (is_due(self, target_ms)) {
        int32_t room = sb_port_room(io, 0), n;
        if (room == 0) {
            return SB_WAIT_ROOM;
        }
        if (*quota <= 0) {
            return SB_STEP_AGAIN;
        }
        int32_t limit = room < self->fire_limit ? room : self->fire_limit;
        limit = limit < self->capacity ? limit : self->capacity;
        if (fire_some(self, io, target_ms, limit, &n, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        *quota -= (n + 1) * self->count_slices;
    }
    return 0;
}
