/*
 * state/state_priv.h -- inside of sb_state and its snapshots.
 */
#ifndef SB_STATE_STATE_PRIV_H
#define SB_STATE_STATE_PRIV_H

#include "state/blob.h"
#include "state/descriptor.h"
#include "state/state.h"
#include "state/timers_priv.h"

typedef enum sb_fate {               /* of what `homes` has logged */
                       SB_FATE_NONE, /* nothing logged */
                       SB_FATE_OPEN, /* a snapshot was written, its end is not known */
                       SB_FATE_COMPLETED,
                       SB_FATE_FAILED
} sb_fate;

struct sb_state {
    sb_mem *mem;
    sb_pool *pool;
    uint32_t slot_from, slot_to;
    sb_table **tables;
    sb_timers **timers; /* same index; NULL: a plain table */
    uint32_t count_tables, capacity_tables;
    bool has_homes;
    sb_homes homes; /* the writing thread's while a snapshot is written, else the task's */
    sb_fate fate;
    sb_state_snapshot *running;
    bool is_closed; /* sb_state_free was called while a snapshot was there */
    uint32_t sweep_table;
};

struct sb_state_snapshot {
    sb_state *state;
    uint64_t checkpoint;
    uint32_t count_tables;
    sb_frozen *frozen;       /* per table */
    sb_table_totals *totals; /* at the barrier */
    _Atomic bool is_cancelled;
    bool is_written;
};

/* The index of a table, UINT32_MAX: none. */
uint32_t sb_state_table_index(const sb_state *state, uint32_t table_id);
bool sb_state_make_homes(sb_state *state);
void sb_state_destroy(sb_state *state);

/* ---- snapshot_copy.c ---- */
typedef struct sb_copy_job {
    sb_table *table;
    const sb_frozen *frozen;
    const sb_home *home; /* where the page is now, NULL: nowhere */
    bool whole;          /* not as a delta */
    /* copy only if nothing has changed since the barrier: pages that the snapshot does not hold */
    bool only_untouched;
} sb_copy_job;

typedef struct sb_copied {
    uint32_t bytes; /* of the record; 0: none was made */
    bool is_delta;
    bool is_empty;   /* the page has no rows: it has no home */
    bool is_touched; /* only_untouched: not copied */
} sb_copied;

/* Appends the record of a page to the open block of `out`. */
sb_status sb_snapshot_copy(const sb_copy_job *job, sb_page *page, sb_blob_out *out,
                           sb_copied *copied, sb_error *err);

#endif
