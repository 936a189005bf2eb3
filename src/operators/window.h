/*
 * operators/window.h -- window arithmetic: slices, window ends, local time (R10, R11, R16, R17).
 *
 * DESIGN     All window times are milliseconds of local time when the spec says so (TIMESTAMP_LTZ
 *            in the session zone), else of the timestamp itself. A HOP window is made of slices as
 *            long as the slide; TUMBLE is one slice. Timers and late tests use instants:
 *            sb_window_instant().
 * THREADS    T:any
 */
#ifndef SB_OPERATORS_WINDOW_H
#define SB_OPERATORS_WINDOW_H

#include "expr/zone.h"
#include "flow/op.h"

typedef struct sb_window {
    sb_window_spec spec;
    const sb_zone *zone; /* NULL: window times are instants */
} sb_window;

sb_status sb_window_init(sb_window *w, const sb_window_spec *spec, sb_os *os, const char *zone,
                         sb_error *err);

static inline int64_t
sb_floor_div(int64_t a, int64_t b)
{
    return a / b - ((a % b != 0) & ((a < 0) != (b < 0)));
}

static inline int64_t
sb_ms_of_us(int64_t us)
{
    return sb_floor_div(us, 1000);
}

static inline int64_t
sb_us_of_ms(int64_t ms)
{
    return (int64_t)(1000 * (uint64_t)ms);
}

/* Window time of an instant, and back. */
static inline int64_t
sb_window_local(const sb_window *w, int64_t instant_ms)
{
    return w->zone ? sb_floor_div(sb_zone_to_local(w->zone, instant_ms * 1000), 1000) : instant_ms;
}

static inline int64_t
sb_window_instant(const sb_window *w, int64_t local_ms)
{
    return w->zone ? sb_floor_div(sb_zone_to_utc(w->zone, local_ms * 1000), 1000) : local_ms;
}

/* End of the slice that holds a (local) time. */
static inline int64_t
sb_window_slice_end(const sb_window *w, int64_t local_ms)
{
    int64_t slide = w->spec.slide_ms;
    return sb_floor_div(local_ms - w->spec.offset_ms, slide) * slide + w->spec.offset_ms + slide;
}

static inline int32_t
sb_window_slices(const sb_window *w)
{
    return (int32_t)(w->spec.size_ms / w->spec.slide_ms);
}

/* The instant at which a window with this end fires: its last millisecond; of a local time that
 * comes twice, the later one. As in Flink a local time counts as twice when the next hour of the
 * clock takes longer than an hour. */
static inline int64_t
sb_window_due(const sb_window *w, int64_t end_ms)
{
    enum { HOUR_MS = 3600 * 1000 };

    int64_t due = sb_window_instant(w, end_ms - 1);
    if (w->zone && sb_window_instant(w, end_ms - 1 + HOUR_MS) - due > HOUR_MS) {
        due += HOUR_MS;
    }
    return due;
}

/* The time that stands for a window in its results: of a local time that comes twice, the
 * earlier instant. */
static inline int64_t
sb_window_time(const sb_window *w, int64_t end_ms)
{
    return sb_window_instant(w, end_ms - 1);
}

/* Milliseconds of a TIMESTAMP(<=6) / TIMESTAMP_LTZ value of a physical row. */
static inline int64_t
sb_time_ms(const sb_vector *time, int32_t row)
{
    return sb_ms_of_us(*(const int64_t *)sb_vector_at(time, row));
}

/* DATA: one of the rows has no time. */
sb_status sb_time_check(const sb_vector *time, const int32_t *rows, int32_t count,
                        const char *column, sb_error *err);
/* The same for the logical rows [from, to) of a head. */
sb_status sb_times_check(const sb_batch *head, int32_t column, int32_t from, int32_t to,
                         sb_error *err);

#endif
