/*
 * state/snapshot_testing.h -- for the tests of snapshots: a state with a table of each shape and
 * timers, beside their models, and completed snapshots of it.
 */
#ifndef SB_STATE_SNAPSHOT_TESTING_H
#define SB_STATE_SNAPSHOT_TESTING_H

#include "ports/store.h"
#include "state/state_testing.h"
#include "state/timers.h"

#define SB_ST_TABLES 3
#define SB_ST_TIMERS 50 /* their table id */

typedef struct sb_st_timer_model {
    int64_t key[4000], ts[4000], due[4000];
    int count;
} sb_st_timer_model;

typedef struct sb_st_world {
    sb_mem *mem;
    sb_state *state;
    const sb_st_table *kinds;
    sb_table *tables[SB_ST_TABLES];
    sb_st_model models[SB_ST_TABLES];
    sb_timers *timers;
    sb_st_timer_model *timer_model;
    sb_st_batch *batch;
} sb_st_world;

typedef struct sb_st_saved { /* a completed snapshot */
    sb_writer w;
    sb_st_world models;
} sb_st_saved;

/* `limit`: of memory, 0: none */
void sb_st_world_open_limited(sb_st_world *w, const sb_st_table *kinds, uint32_t from, uint32_t to,
                              int64_t limit);
void sb_st_world_open(sb_st_world *w, const sb_st_table *kinds, uint32_t from, uint32_t to);
void sb_st_world_close(sb_st_world *w);
void sb_st_world_copy_models(sb_st_world *to, const sb_st_world *from);
/* Models without a state. */
void sb_st_world_init_models(sb_st_world *w, const sb_st_world *from);
void sb_st_world_free_models(sb_st_world *w);
/* Asserts that the state is as the models say. */
void sb_st_world_check(sb_st_world *w);
/* Random operations on the state and on the models. */
void sb_st_world_step(sb_st_world *w, sb_st_rng *r, int steps);
/* Tables of random kinds, one of each shape. */
void sb_st_world_kinds(sb_st_table *kinds, sb_st_rng *r);
sb_status sb_st_world_restore(sb_st_world *w, const sb_st_saved *s, sb_store *store,
                              bool same_owner, sb_error *err);
void sb_st_saved_free(sb_st_saved *s);
/* Freezes, writes and completes a snapshot. */
void sb_st_world_snapshot(sb_st_world *w, sb_store *store, uint64_t number, sb_st_saved *out);
sb_store *sb_st_store_open(sb_os *os);

#endif
