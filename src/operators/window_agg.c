/*
 * operators/window_agg.c -- TUMBLE and HOP aggregation on slices: state per (key, slice), results
 * when a window ends (R11 to R17).
 *
 * DESIGN     A row goes into one slice (as long as the slide); a HOP window's result is merged from
 *            its slices when it fires. Aggregates that cannot be merged (DISTINCT, MIN / MAX over
 *            retracting input) keep state per window instead: a row goes into each of its windows.
 *            Timers (key, window end - 1): set when a slice is created, for its first window not
 *            yet fired; a firing window arms the next one while a later slice of the key exists.
 *            Late (R17): a row is dropped only when the last window of its slice has fired; it is
 *            counted and goes to port 1. A run of rows is arithmetic first (slices, late tests,
 *            marks passed), then one batch probe. It stops before a mark that reaches a timer due,
 *            those created by rows of this very run included. Attached windows (window_start /
 *            window_end are columns already) are a TUMBLE over the given ends.
 * OWNERSHIP  Tables and timers belong to the operator's state.
 * THREADS    T:task. At its memory limit: clear error.
 */
#include <string.h>

#include "operators/agg_set.h"
#include "operators/emit.h"
#include "operators/keyed.h"
#include "operators/operators.h"
#include "operators/window.h"

enum { TABLE_SLICES = 1, TABLE_TIMERS = 2, TABLE_SIDE = 16 };

enum { FIRE_LIMIT = 1024, FIRE_ROWS = 1 << 16, STEP_ROWS = 4096 };

enum { HOUR_MS = 3600 * 1000 };

typedef struct window_agg_op {
    sb_op base;
    const sb_window_agg_node *body;
    sb_arena *arena;
    sb_window window;
    int32_t slices;  /* merged when a window fires; 1: state is per window */
    int32_t repeats; /* windows a row is put into; 1 unless aggregates cannot be merged */
    sb_table *table;
    sb_timers *timers;
    sb_agg_set set;
    bool has_sides;       /* the set has tables of its own */
    int32_t rows_column;  /* value column: rows in the slice, when the input retracts; -1: none */
    int32_t start_column; /* value column: window start, when attached; -1: none */
    sb_keyed keyed;
    int32_t capacity;   /* positions of a run */
    int32_t count;      /* positions collected */
    int64_t *ends;      /* slice (or window) end of each position: the namespace */
    int64_t *first_due; /* due instant of the first window not yet fired */
    int64_t *first_ts;  /* its end - 1 */
    uint8_t **rows;
    uint64_t *created;
    int8_t *sign;
    uint8_t *how;
    int32_t *late; /* physical rows of the run that are late */
    int32_t count_late;
    int64_t *timer_ts, *timer_due;
    int32_t *timer_rows;
    uint64_t *timer_hashes;
    int32_t fire_limit; /* windows fired together */
    uint8_t **fired;    /* slices * fire_limit rows */
    int64_t *fired_ends;
    int64_t turn_end, turn_due; /* last answer of window_due near a jump of the clock */
    int64_t *spaces; /* with side tables: ends of windows that have state there, ascending */
    int32_t count_spaces, capacity_spaces;
} window_agg_op;

static sb_status
open_tables(window_agg_op *self, sb_init *ctx, sb_error *err)
{
    const sb_window_agg_node *body = self->body;
    const sb_schema *key = sb_keyed_schema(self->arena, ctx->inputs[0], body->keys);
    sb_field *fields = SB_NEW_ARRAY(self->arena, sb_field, 3 * body->count_aggs + 2);
    sb_schema *row = SB_NEW(self->arena, sb_schema);
    if (!key || !fields || !row) {
        SB_NOMEM(err);
    }
    int32_t count = 0;
    SB_TRY(sb_agg_set_declare(&self->set, ctx->mem, body->aggs, body->count_aggs, ctx->inputs[0],
                              body->input_retracts, false, fields, &count, err),
           err);
    self->rows_column = body->input_retracts ? count : -1;
    if (body->input_retracts) {
        fields[count++] = (sb_field){.name = "rows", .type = SB_TYPE(BIGINT, false)};
    }
    self->start_column = body->attached ? count : -1;
    if (body->attached) {
        fields[count++] = (sb_field){.name = "start", .type = SB_TYPE(BIGINT, false)};
    }
    *row = (sb_schema){count, fields};
    sb_table_spec spec = {
        .table_id = TABLE_SLICES, .shape = SB_MAP, .key = key, .has_space = true, .row = row};
    SB_TRY(sb_state_open_table(ctx->state, &spec, &self->table, err), err);
    SB_TRY(sb_state_open_timers(ctx->state, TABLE_TIMERS, key, &self->timers, err), err);
    SB_TRY(sb_agg_set_open(&self->set, ctx, self->table, key, true, TABLE_SIDE, 0, self->capacity,
                           err),
           err);
    self->has_sides = !sb_agg_set_merges(body->aggs, body->count_aggs, body->input_retracts);
    return SB_OK;
}

static sb_status
alloc_scratch(window_agg_op *self, sb_error *err)
{
    int32_t n = self->capacity;
    self->ends = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->first_due = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->first_ts = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->rows = SB_NEW_ARRAY(self->arena, uint8_t *, n);
    self->created = SB_NEW_ARRAY(self->arena, uint64_t, n / 64 + 1);
    self->sign = SB_NEW_ARRAY(self->arena, int8_t, n);
    self->how = SB_NEW_ARRAY(self->arena, uint8_t, n);
    self->late = SB_NEW_ARRAY(self->arena, int32_t, n);
    self->timer_ts = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->timer_due = SB_NEW_ARRAY(self->arena, int64_t, n);
    self->timer_rows = SB_NEW_ARRAY(self->arena, int32_t, n);
    self->timer_hashes = SB_NEW_ARRAY(self->arena, uint64_t, n);
    self->fired = SB_NEW_ARRAY(self->arena, uint8_t *, self->slices * self->fire_limit);
    self->fired_ends = SB_NEW_ARRAY(self->arena, int64_t, self->fire_limit);
    bool ok = self->ends && self->first_due && self->first_ts && self->rows && self->created &&
              self->sign && self->how && self->late && self->timer_ts && self->timer_due &&
              self->timer_rows && self->timer_hashes && self->fired && self->fired_ends;
    if (!ok) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
window_agg_init(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    window_agg_op *self = SB_OP_CAST(op, window_agg_op, &sb_op_window_agg);
    const sb_window_agg_node *body = node->body;
    self->body = body;
    self->turn_end = INT64_MIN;
    SB_TRY(sb_window_init(&self->window, &body->window, ctx->os, ctx->zone, err), err);
    bool merges = sb_agg_set_merges(body->aggs, body->count_aggs, body->input_retracts);
    int32_t windows = body->attached ? 1 : sb_window_slices(&self->window);
    self->slices = merges ? windows : 1;
    self->repeats = merges ? 1 : windows;
    self->fire_limit = FIRE_ROWS / self->slices > 0 ? FIRE_ROWS / self->slices : 1;
    self->fire_limit = self->fire_limit < FIRE_LIMIT ? self->fire_limit : FIRE_LIMIT;
    self->capacity = ctx->batch_rows > self->repeats ? ctx->batch_rows : self->repeats;
    self->arena = sb_arena_new(ctx->mem);
    if (!self->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(open_tables(self, ctx, err), err);
    SB_TRY(alloc_scratch(self, err), err);
    return sb_keyed_init(&self->keyed, ctx->mem, body->keys, self->capacity, err);
}

/* --- rows in --- */

/* The instant at which a window fires. Windows made of slices fire strictly one after the other:
 * where the clock jumps forward, window ends that never come would be due behind, or together with,
 * later ones. */
static int64_t
window_due(window_agg_op *self, int64_t end)
{
    const sb_window *w = &self->window;
    int64_t due = sb_window_due(w, end), slide = w->spec.slide_ms;
    if (self->slices == 1 || !w->zone || due - sb_window_due(w, end - HOUR_MS) == HOUR_MS) {
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

/* What is known of the slice of the last row: consecutive rows mostly share it. */
typedef struct slice_cache {
    int64_t from_ms, to_ms;      /* local times of the slice; empty at first */
    int64_t low_ms, high_ms;     /* watermarks [low, high) under which the rest holds */
    int64_t first_ts, first_due; /* first window not yet fired; INT64_MAX: late for all */
} slice_cache;

static int64_t
last_window_end(const window_agg_op *self, int64_t slice_end)
{
    return slice_end + self->window.spec.size_ms - self->window.spec.slide_ms;
}

/* Finds the slice of a (local) time and its first window that has not fired under the watermark. */
static void
load_slice(window_agg_op *self, slice_cache *cache, int64_t local_ms, int64_t watermark_ms)
{
    int64_t slide = self->window.spec.slide_ms;
    int64_t slice_end = sb_window_slice_end(&self->window, local_ms);
    int64_t last = last_window_end(self, slice_end);
    *cache =
        (slice_cache){slice_end - slide, slice_end, INT64_MIN, INT64_MAX, INT64_MAX, INT64_MAX};
    for (int64_t end = slice_end; end <= last; end += slide) {
        int64_t due = window_due(self, end);
        if (due > watermark_ms) {
            cache->first_ts = end - 1;
            cache->first_due = cache->high_ms = due;
            return;
        }
        cache->low_ms = due > cache->low_ms ? due : cache->low_ms;
    }
}

static int64_t
us_of(int64_t ms)
{
    return (int64_t)(1000 * (uint64_t)ms);
}

static void
add_position(window_agg_op *self, int32_t physical, int64_t end, int64_t first_ts,
             int64_t first_due)
{
    int32_t at = self->count++;
    self->keyed.physical[at] = physical;
    self->ends[at] = end;
    self->first_ts[at] = first_ts;
    self->first_due[at] = first_due;
}

/* Puts a row into its slice, or, where state is per window, into each window not yet fired.
 * False: late. */
static bool
place_row(window_agg_op *self, slice_cache *cache, int32_t physical, int64_t local_ms,
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
        add_position(self, physical, cache->to_ms, cache->first_ts, cache->first_due);
        return true;
    }
    int64_t last = last_window_end(self, cache->to_ms);
    for (int64_t end = cache->first_ts + 1; end <= last; end += slide) {
        int64_t fires = window_due(self, end);
        if (fires >
            watermark_ms) { /* one that ends later may fire earlier, where the clock jumps */
            add_position(self, physical, end, end - 1, fires);
            *due = fires < *due ? fires : *due;
        }
    }
    return true;
}

static bool
place_attached(window_agg_op *self, const sb_batch *head, int32_t physical, int64_t watermark_ms,
               int64_t *due)
{
    const sb_window_agg_node *body = self->body;
    int64_t end = sb_time_ms(head->columns[body->end_column], physical);
    int64_t fires = window_due(self, end);
    if (fires <= watermark_ms) {
        return false;
    }
    *due = fires < *due ? fires : *due;
    add_position(self, physical, end, end - 1, fires);
    return true;
}

/* Rows of the head behind a placed one that lie in the same slice under the same watermark:
 * taken without asking again. */
static int32_t
place_more(window_agg_op *self, const slice_cache *cache, const sb_batch *head,
           const sb_vector *time, int32_t row, int32_t end)
{
    if (time->encoding != SB_FLAT || time->validity || self->window.zone || self->repeats != 1) {
        return row;
    }
    const int64_t *values = time->values, from_us = us_of(cache->from_ms),
                  to_us = us_of(cache->to_ms);
    int32_t at = self->count, room = self->capacity - at;
    end = end - row < room ? end : row + room;
    for (; row < end; row++) {
        int32_t physical = sb_batch_row(head, row);
        if (values[physical] < from_us || values[physical] >= to_us) {
            break;
        }
        self->keyed.physical[at] = physical;
        self->ends[at] = cache->to_ms;
        self->first_ts[at] = cache->first_ts;
        self->first_due[at++] = cache->first_due;
    }
    self->count = at;
    return row;
}

/* Rows up to the next mark, while there is room for them. */
static sb_status
collect_rows(window_agg_op *self, sb_io *io, slice_cache *cache, int32_t end, int32_t late_room,
             int64_t *due, int32_t *inout_row, sb_error *err)
{
    const sb_batch *head = io->in[0].head;
    int64_t watermark_ms = io->in[0].watermark_ms;
    int32_t time_column = self->body->attached ? self->body->end_column : self->body->time;
    const sb_vector *time = head->columns[time_column];
    int32_t row = *inout_row;
    while (row < end && self->count + self->repeats <= self->capacity &&
           self->count_late < late_room) {
        int32_t physical = sb_batch_row(head, row++);
        SB_TRY(sb_time_check(time, &physical, 1, head->schema->fields[time_column].name, err), err);
        if (self->body->attached) {
            if (!place_attached(self, head, physical, watermark_ms, due)) {
                self->late[self->count_late++] = physical;
            }
            continue;
        }
        int64_t local_ms = sb_window_local(&self->window, sb_time_ms(time, physical));
        if (!place_row(self, cache, physical, local_ms, watermark_ms, due)) {
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
collect(window_agg_op *self, sb_io *io, sb_error *err)
{
    sb_input *in = &io->in[0];
    const sb_batch *head = in->head;
    slice_cache cache = {0, 0, 0, 0, 0, 0};
    int64_t due = sb_timers_next_ms(self->timers);
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

static sb_status
set_timers(window_agg_op *self, const sb_io *io, const sb_keys *keys, sb_error *err)
{
    int32_t n = 0;
    for (int32_t i = 0; i < keys->count; i++) {
        if (sb_bit_get(self->created, i)) {
            self->timer_rows[n] = keys->rows[i];
            self->timer_hashes[n] = keys->hashes[i];
            self->timer_ts[n] = self->first_ts[i];
            self->timer_due[n++] = self->first_due[i];
        }
    }
    if (n == 0) {
        return SB_OK;
    }
    sb_keys created = {keys->columns, self->timer_rows, self->timer_hashes, NULL, n};
    return sb_timers_set_at(self->timers, &created, self->timer_ts, self->timer_due,
                            sb_io_target_ms(io) + 1, err);
}

/* First index of `spaces` that is not below `end`. */
static int32_t
find_space(const window_agg_op *self, int64_t end)
{
    int32_t low = 0, high = self->count_spaces;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (self->spaces[middle] < end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static sb_status
note_space(window_agg_op *self, int64_t end, sb_error *err)
{
    int32_t at = find_space(self, end);
    if (at < self->count_spaces && self->spaces[at] == end) {
        return SB_OK;
    }
    if (self->count_spaces == self->capacity_spaces) {
        int32_t capacity = self->capacity_spaces ? 2 * self->capacity_spaces : 8;
        int64_t *grown =
            sb_realloc(self->base.mem, self->spaces, sizeof *grown * (size_t)self->capacity_spaces,
                       sizeof *grown * (size_t)capacity);
        if (!grown) {
            SB_NOMEM(err);
        }
        self->spaces = grown;
        self->capacity_spaces = capacity;
    }
    memmove(&self->spaces[at + 1], &self->spaces[at],
            sizeof *self->spaces * (size_t)(self->count_spaces - at));
    self->spaces[at] = end;
    self->count_spaces++;
    return SB_OK;
}

/* The side tables forget windows that have fired. */
static void
drop_spaces(window_agg_op *self, int64_t target_ms)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < self->count_spaces; i++) {
        if (window_due(self, self->spaces[i]) <= target_ms) {
            sb_agg_set_drop_space(&self->set, self->spaces[i]);
        } else {
            self->spaces[kept++] = self->spaces[i];
        }
    }
    self->count_spaces = kept;
}

static int64_t *
value_slot(const window_agg_op *self, uint8_t *row, int32_t column)
{
    return sb_row_slot(sb_table_layout(self->table), row, sb_table_field(self->table, column));
}

/* What is kept of a slice besides its accumulators. */
static sb_status
start_slices(window_agg_op *self, const sb_batch *head, const sb_keys *keys, sb_error *err)
{
    bool nothing = self->start_column < 0 && !self->has_sides;
    for (int32_t i = 0; !nothing && i < keys->count; i++) {
        if (!sb_bit_get(self->created, i)) {
            continue;
        }
        if (self->start_column >= 0) {
            const sb_vector *start = head->columns[self->body->start_column];
            *value_slot(self, self->rows[i], self->start_column) = sb_time_ms(start, keys->rows[i]);
        }
        if (self->has_sides) {
            SB_TRY(note_space(self, self->ends[i], err), err);
        }
    }
    return SB_OK;
}

/* Second pass: one probe for all positions. */
static sb_status
accumulate(window_agg_op *self, sb_io *io, const sb_batch *head, sb_error *err)
{
    sb_keys keys = sb_keyed_hash(&self->keyed, head, self->count);
    keys.space = self->ends;
    SB_TRY(sb_keyed_insert(&self->keyed, self->table, &keys, self->rows, self->created, err), err);
    bool changes = head->ops != NULL || self->rows_column >= 0;
    for (int32_t i = 0; i < self->count; i++) {
        self->how[i] = sb_bit_get(self->created, i) ? SB_AGG_RESET : 0;
        if (changes) {
            self->sign[i] = sb_row_op_adds(sb_batch_op(head, keys.rows[i])) ? 1 : -1;
        }
        if (self->rows_column >= 0) {
            *value_slot(self, self->rows[i], self->rows_column) += self->sign[i];
        }
    }
    SB_TRY(start_slices(self, head, &keys, err), err);
    SB_TRY(set_timers(self, io, &keys, err), err);
    sb_agg_run run = {
        head, keys.rows, self->count, keys, self->rows, changes ? self->sign : NULL, self->how};
    return sb_agg_set_update(&self->set, &run, NULL, err);
}

static sb_status
emit_late(window_agg_op *self, sb_io *io, const sb_batch *head, sb_error *err)
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

/* --- windows out --- */

/* Row pointers of all slices of the due windows: fired[s * n + i], oldest slice first. */
static void
find_slices(window_agg_op *self, const sb_due *due, int64_t *space)
{
    for (int32_t s = 0; s < self->slices; s++) {
        int64_t back = (int64_t)(self->slices - 1 - s) * self->window.spec.slide_ms;
        for (int32_t i = 0; i < due->count; i++) {
            space[i] = self->fired_ends[i] - back;
        }
        sb_keys keys = {due->columns, NULL, due->hashes, space, due->count};
        sb_map_find(self->table, &keys, self->fired + (size_t)s * (size_t)due->count);
    }
}

/* Does window i have rows? One whose rows were all taken back is not emitted. */
static bool
window_has_rows(const window_agg_op *self, int32_t i, int32_t n)
{
    int64_t total = 0;
    bool any = false;
    for (int32_t s = 0; s < self->slices; s++) {
        uint8_t *row = self->fired[(size_t)s * (size_t)n + (size_t)i];
        any = any || row;
        if (row && self->rows_column >= 0) {
            total += *value_slot(self, row, self->rows_column);
        }
    }
    return any && (self->rows_column < 0 || total != 0);
}

static int64_t
window_start(const window_agg_op *self, int32_t i)
{
    if (self->start_column < 0) {
        return self->fired_ends[i] - self->window.spec.size_ms;
    }
    return self->fired[i] ? *value_slot(self, self->fired[i], self->start_column) : 0;
}

static sb_vector *
property_column(window_agg_op *self, int32_t p, int32_t n, sb_mem *mem)
{
    const sb_schema *schema = self->base.node->schema;
    int32_t column = self->body->keys.count + self->body->count_aggs + p;
    sb_vector *out = sb_vector_alloc(mem, &schema->fields[column].type, n, false);
    int64_t *values = out ? sb_vector_values_mut(out) : NULL;
    for (int32_t i = 0; out && i < n; i++) {
        int64_t end = self->fired_ends[i];
        switch (self->body->properties[p]) {
        case SB_WINDOW_START: values[i] = us_of(window_start(self, i)); break;
        case SB_WINDOW_END: values[i] = us_of(end); break;
        case SB_WINDOW_TIME: values[i] = us_of(sb_window_time(&self->window, end)); break;
        }
    }
    return out;
}

static sb_vector *
result_column(window_agg_op *self, int32_t a, int32_t n, sb_mem *mem, sb_error *err)
{
    sb_column_builder b;
    const sb_agg *agg = &self->set.aggs[a];
    const sb_schema *schema = self->base.node->schema;
    if (sb_column_builder_init(&b, mem, &schema->fields[self->body->keys.count + a].type, err) !=
        SB_OK) {
        return NULL;
    }
    sb_status status =
        sb_agg_results(agg, sb_table_layout(self->table), self->fired, self->slices, n, &b, err);
    sb_vector *out = status == SB_OK ? sb_column_finish(&b, err) : NULL;
    sb_column_builder_deinit(&b);
    return out;
}

static sb_status
emit_windows(window_agg_op *self, sb_io *io, const sb_due *due, sb_error *err)
{
    int32_t n = due->count, keys = self->body->keys.count, aggs = self->body->count_aggs;
    int32_t columns = self->base.node->schema->count, made = 0;
    sb_vector **out = sb_alloc_zero(io->mem, sizeof *out * (size_t)columns);
    sb_buffer *selection = sb_buffer_new(io->mem, (int64_t)sizeof(int32_t) * n);
    bool ok = out && selection;
    for (; ok && made < columns; made++) {
        out[made] = made < keys          ? sb_vector_ref(due->columns[made])
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

/* The oldest slice leaves; a later slice arms the next window. */
static sb_status
advance_windows(window_agg_op *self, const sb_due *due, sb_error *err)
{
    int32_t n = due->count, armed = 0;
    sb_table_erase_rows(self->table, self->fired, n);
    for (int32_t i = 0; i < n; i++) {
        bool later = false;
        for (int32_t s = 1; s < self->slices; s++) {
            later = later || self->fired[(size_t)s * (size_t)n + (size_t)i] != NULL;
        }
        if (later) {
            int64_t next = self->fired_ends[i] + self->window.spec.slide_ms;
            self->timer_rows[armed] = i;
            self->timer_hashes[armed] = due->hashes[i];
            self->timer_ts[armed] = next - 1;
            self->timer_due[armed++] = window_due(self, next);
        }
    }
    if (armed > 0) {
        sb_keys keys = {due->columns, self->timer_rows, self->timer_hashes, NULL, armed};
        SB_TRY(
            sb_timers_set_at(self->timers, &keys, self->timer_ts, self->timer_due, SB_WM_MIN, err),
            err);
    }
    for (int32_t i = 0; i < n; i++) {
        (void)sb_timers_take(self->timers, i);
    }
    return SB_OK;
}

/* Fires what is due. 0: all of it; else what the step returns: it waits for room, or it has
 * worked long enough. */
static sb_step
fire(window_agg_op *self, sb_io *io, int64_t target_ms, int32_t *quota, sb_error *err)
{
    while (sb_timers_next_ms(self->timers) <= target_ms) {
        int32_t room = sb_port_room(io, 0);
        if (room == 0) {
            return SB_WAIT_ROOM;
        }
        if (*quota <= 0) {
            return SB_STEP_AGAIN;
        }
        int32_t limit = room < self->fire_limit ? room : self->fire_limit;
        limit = limit < self->capacity ? limit : self->capacity;
        sb_due due;
        if (sb_timers_due(self->timers, target_ms, limit, &due, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        if (due.count == 0) { /* none left: "none" and the last watermark are the same number */
            break;
        }
        for (int32_t i = 0; i < due.count; i++) {
            self->fired_ends[i] = due.ts_ms[i] + 1;
            if (self->slices > 1 && due.ts_ms[i] != due.ts_ms[0]) {
                due.count = i; /* what these arm comes before the rest */
            }
        }
        find_slices(self, &due, self->ends);
        if (emit_windows(self, io, &due, err) != SB_OK ||
            advance_windows(self, &due, err) != SB_OK) {
            return SB_STEP_FAIL;
        }
        self->base.metrics->fired += due.count;
        *quota -= due.count * self->slices;
    }
    drop_spaces(self, target_ms);
    return 0;
}

static sb_step
window_agg_step(sb_op *op, sb_io *io, sb_error *err)
{
    window_agg_op *self = SB_OP_CAST(op, window_agg_op, &sb_op_window_agg);
    sb_input *in = &io->in[0];
    for (int32_t quota = STEP_ROWS;;) {
        int64_t target_ms = sb_io_target_ms(io);
        if (target_ms > io->done_ms) {
            sb_step wait = fire(self, io, target_ms, &quota, err);
            if (wait != 0) {
                return wait;
            }
            sb_io_advance_done(io, true);
        }
        if (!in->head) {
            return in->ended ? SB_STEP_DONE : SB_WAIT_INPUT;
        }
        if (sb_io_head_done(io, 0)) {
            return SB_WAIT_INPUT;
        }
        if (sb_port_room(io, 1) == 0) {
            return SB_WAIT_ROOM;
        }
        if (quota <= 0) {
            return SB_STEP_AGAIN;
        }
        const sb_batch *head = in->head;
        if (collect(self, io, err) != SB_OK ||
            (self->count > 0 && accumulate(self, io, head, err) != SB_OK) ||
            (self->count_late > 0 && emit_late(self, io, head, err) != SB_OK)) {
            return SB_STEP_FAIL;
        }
        quota -= self->count + self->count_late + 1;
        if (sb_io_mark_here(io,
                            0)) { /* it reaches a window that is due: fire before the next rows */
            sb_io_take_mark(io, 0);
        }
    }
}

/* Which windows have state in the side tables: their rows in the main table may have fired
 * already. */
static sb_status
window_agg_snapshot(sb_op *op, sb_writer *w, sb_error *err)
{
    window_agg_op *self = SB_OP_CAST(op, window_agg_op, &sb_op_window_agg);
    sb_write_u32(w, (uint32_t)self->count_spaces);
    for (int32_t i = 0; i < self->count_spaces; i++) {
        sb_write_i64(w, self->spaces[i]);
    }
    if (sb_text_failed(&w->out)) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
window_agg_restore(sb_op *op, const sb_piece *piece, sb_error *err)
{
    window_agg_op *self = SB_OP_CAST(op, window_agg_op, &sb_op_window_agg);
    sb_reader r = piece->op;
    uint32_t count = sb_read_u32(&r);
    for (uint32_t i = 0; i < count && !r.failed; i++) {
        int64_t end = sb_read_i64(&r);
        if (!r.failed) {
            SB_TRY(note_space(self, end, err), err);
        }
    }
    return sb_reader_done(&r, "window ends", err);
}

static void
window_agg_close(sb_op *op)
{
    window_agg_op *self = SB_OP_CAST(op, window_agg_op, &sb_op_window_agg);
    sb_keyed_deinit(&self->keyed);
    sb_agg_set_close(&self->set);
    sb_free(op->mem, self->spaces, sizeof *self->spaces * (size_t)self->capacity_spaces);
    self->spaces = NULL;
    self->arena = sb_arena_free(self->arena);
}

static void
window_agg_describe(const sb_op *op, sb_text *out)
{
    sb_text_printf(out, "WindowAggregate(%s)", op->node->description ? op->node->description : "");
}

const sb_op_vtable sb_op_window_agg = {
    .name = "WindowAggregate",
    .instance_size = sizeof(window_agg_op),
    .count_inputs = 1,
    .count_ports = 2,
    .dist = SB_DIST_SLOT,
    .init = window_agg_init,
    .step = window_agg_step,
    .snapshot = window_agg_snapshot,
    .restore = window_agg_restore,
    .close = window_agg_close,
    .describe = window_agg_describe,
};
