/*
 * state/timers_priv.h -- what state.c and restore.c need of a set of timers.
 */
#ifndef SB_STATE_TIMERS_PRIV_H
#define SB_STATE_TIMERS_PRIV_H

#include "state/table_priv.h"
#include "state/timers.h"

sb_status sb_timers_new(sb_mem *mem, sb_pool *pool, uint32_t table_id, const sb_schema *key,
                        sb_timers **out, sb_error *err);
sb_timers *sb_timers_free(sb_timers *t);
sb_table *sb_timers_table(sb_timers *t);
/* Makes the buckets anew from the rows of the table. */
sb_status sb_timers_rebuild(sb_timers *t, sb_error *err);

#endif
