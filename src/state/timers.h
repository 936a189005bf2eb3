/*
 * state/timers.h -- timers per (key, timestamp), one set per time domain; part of keyed state.
 *
 * DESIGN     A timer is a row of a map table (key, space = ts_ms) with its due time, so snapshot,
 *            restore and rescale come from the table; buckets by due time are an index, rebuilt on
 *            restore. due = max(ts, floor): a timer set from a row with ts <= target gets floor
 *            target + 1 (R7, I18). Within one due time timers come in order of creation. Looking
 *            (due) does not change anything; take does (consumed state).
 * THREADS    T:task
 */
#ifndef SB_STATE_TIMERS_H
#define SB_STATE_TIMERS_H

#include "state/table.h"

typedef struct sb_timers sb_timers;

typedef struct sb_due { /* a look at due timers; valid until the next sb_timers_due, or restore */
    int32_t count;
    const int64_t *ts_ms; /* what was asked for */
    const int64_t *due_ms;
    const uint64_t *hashes;    /* of the keys */
    sb_vector *const *columns; /* key columns, FLAT, row i = timer i: usable as sb_keys */
} sb_due;

/* (key, ts) once: setting again changes nothing. ts by key position (keys->space is not looked
 * at). All or nothing. */
sb_status sb_timers_set(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms, int64_t floor_ms,
                        sb_error *err);
/* The same with a due time of its own per timer (windows in local time: ts is the local end):
 * due = max(due, floor). */
sb_status sb_timers_set_at(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms,
                           const int64_t *due_ms, int64_t floor_ms, sb_error *err);
void sb_timers_cancel(sb_timers *t, const sb_keys *keys, const int64_t *ts_ms);
int64_t sb_timers_next_ms(sb_timers *t); /* earliest due; INT64_MAX: none */
int64_t sb_timers_count(const sb_timers *t);
/* Up to `limit` timers with due <= upto_ms, in due order. */
sb_status sb_timers_due(sb_timers *t, int64_t upto_ms, int32_t limit, sb_due *out, sb_error *err);
/* index into the last sb_due; false: cancelled or taken since */
bool sb_timers_take(sb_timers *t, int32_t due_row);

#endif
