/*
 * operators/window_agg.h -- inside TUMBLE / HOP aggregation: the instance, and what its files do
 * for each other.
 *
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_WINDOW_AGG_H
#define SB_OPERATORS_WINDOW_AGG_H

#include "operators/agg_set.h"
#include "operators/keyed.h"
#include "operators/window.h"
#include "operators/window_slices.h"

typedef struct sb_window_agg {
    sb_op base;
    const sb_window_agg_node *body;
    sb_arena *arena;
    sb_window window;
    int32_t count_slices; /* merged when a window fires; 1: state is per window */
    int32_t repeats;      /* windows a row is put into; 1 unless aggregates cannot be merged */
    sb_table *table;
    sb_agg_set set;
    bool has_sides;       /* the set has tables of its own */
    bool collects;        /* results are made of the side tables */
    bool has_bytes;       /* rows may move when they are updated */
    int32_t rows_column;  /* value column: rows in the slice, when the input retracts; -1: none */
    int32_t start_column; /* value column: window start, when attached; -1: none */
    /* value column, with several slices: end of the last window that the row has gone into; -1:
     * none */
    int32_t fired_column;
    int32_t place_column; /* value column, with has_bytes: index in its slice; -1: none */
    sb_keyed keyed;
    int32_t capacity;   /* positions of a run */
    int32_t count;      /* positions collected */
    int64_t *ends;      /* slice (or window) end of each position: the namespace */
    int64_t *first_end; /* end of the first window not yet fired */
    uint8_t **rows;
    uint64_t *created;
    int8_t *sign;
    int32_t *late; /* physical rows of the run that are late */
    int32_t count_late;
    sb_slices slices;
    bool mixed;          /* keys may have fired up to different windows: restored from several */
    int64_t next_end;    /* the window that fires next, when there are slices, */
    int64_t next_due;    /* and when; INT64_MAX: no slices */
    int32_t fire_limit;  /* rows fired together */
    uint8_t **fired;     /* count_slices * fire_limit rows */
    int64_t *fired_ends; /* window of each */
    uint64_t *fired_hashes;
    int32_t *numbers;    /* 0, 1, 2 ... */
    int32_t *found_rows; /* which of them may be in another slice, and their hashes */
    uint64_t *found_hashes;
    sb_vector **fired_keys;     /* key columns */
    int64_t turn_end, turn_due; /* last answer of sb_window_agg_due near a jump of the clock */
} sb_window_agg;

static inline int64_t *
sb_window_agg_slot(const sb_window_agg *self, uint8_t *row, int32_t column)
{
    return sb_row_slot(sb_table_layout(self->table), row, sb_table_field(self->table, column));
}

/* The instant at which a window fires. */
int64_t sb_window_agg_due(sb_window_agg *self, int64_t end);

/* --- window_place.c: rows in --- */

/* Consumes rows of the head and passes marks until something is due, scratch is full or the head
 * ends: first arithmetic, then one probe for all. */
sb_status sb_window_agg_take(sb_window_agg *self, sb_io *io, sb_error *err);

/* --- window_fire.c: windows out --- */

/* Fires what is due. 0: all of it; else what the step returns: it waits for room, or it has
 * worked long enough. */
sb_step sb_window_agg_fire(sb_window_agg *self, sb_io *io, int64_t target_ms, int32_t *quota,
                           sb_error *err);
/* A row was made whose first window this is. */
sb_status sb_window_agg_note(sb_window_agg *self, int64_t slice_end, int64_t first_end,
                             uint8_t *row, sb_error *err);
/* Which window fires next, from all slices. */
void sb_window_agg_pick(sb_window_agg *self);

#endif
