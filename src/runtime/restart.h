/*
 * runtime/restart.h -- may the job start again after a failure, and when?
 *
 * DESIGN     Flink's strategies and defaults (D34). Also notices the failure that comes back each
 *            time: then a record of the input makes it, and starting again will not help.
 */
#ifndef SB_RUNTIME_RESTART_H
#define SB_RUNTIME_RESTART_H

#include "runtime/job.h"

#define SB_RESTART_TIMES 1024

typedef struct sb_restart_state {
    sb_restart_options options; /* kind is never DEFAULT */
    int32_t attempts;           /* since the start, or since the backoff was reset */
    int64_t next_start_ms;      /* of the last restart */
    /* failure-rate: when the last failures were, a ring of max_failures + 1 */
    int64_t *times;
    int32_t count_times, first_time;
    sb_mem *mem;
    char last_message[256];
    int32_t same; /* how often in a row the last failure said the same */
} sb_restart_state;

sb_status sb_restart_init(sb_restart_state *state, sb_mem *mem, const sb_restart_options *options,
                          bool checkpointing, sb_error *err);
void sb_restart_deinit(sb_restart_state *state);
/* false: no more attempts. random: any number, for the jitter. Adds a hint to `failure` when it
 * came several times in a row. */
bool sb_restart_next(sb_restart_state *state, int64_t now_ms, uint64_t random, sb_error *failure,
                     int64_t *out_delay_ms);
/* A checkpoint completed: the same failure later is a new one. */
void sb_restart_progress(sb_restart_state *state);

#endif
