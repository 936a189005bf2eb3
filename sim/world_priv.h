/*
 * sim/world_priv.h -- what the files of the simulated machine share: world.c the disk, world_log.c
 * the log.
 */
#ifndef SIM_WORLD_PRIV_H
#define SIM_WORLD_PRIV_H

#include "sim/world.h"

#define SIM_WORLD_FILES_MAX   512
#define SIM_WORLD_TARGETS_MAX 64
#define SIM_TAIL_LINES        48
#define SIM_LINE_SIZE         240

typedef enum sb_sim_call {
    SIM_CALL_READ,
    SIM_CALL_WRITE,
    SIM_CALL_SYNC,
    SIM_CALL_SYNC_DIR,
    SIM_CALL_RENAME,
    SIM_CALL_OPEN,
    SIM_CALL_REMOVE,
    SIM_CALL_OTHER
} sb_sim_call;

typedef enum sb_sim_place {
    SIM_PLACE_IN,
    SIM_PLACE_OUT,
    SIM_PLACE_COPY,
    SIM_PLACE_MANIFEST,
    SIM_PLACE_BLOB,
    SIM_PLACE_STATE,
    SIM_PLACE_SETTLED
} sb_sim_place;

typedef struct sb_sim_open_file {
    sb_file *file;
    sb_sim_place place;
} sb_sim_open_file;

struct sb_sim_world {
    sb_os base; /* first: an sb_os is a sb_sim_world */
    sb_os *inner;
    sb_sim_lies lies;
    sb_sim_target targets[SIM_WORLD_TARGETS_MAX];
    int32_t count_targets;
    uint32_t noise;
    int64_t full_until_ms;
    bool dead, die_after;
    bool starting, in_barrier, in_publish, in_commit;
    sb_sim_step last_step;
    sb_sim_open_file files[SIM_WORLD_FILES_MAX];
    int32_t count_files;
    sb_log_sim *log;
    int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT];
    int64_t published, calls;
    uint64_t hash;
    bool verbose;
    int64_t count_lines;
    char tail[SIM_TAIL_LINES][SIM_LINE_SIZE];
};

void sb_sim_world_fold_text(sb_sim_world *world, const char *text);
void sb_sim_world_die(sb_sim_world *world, sb_sim_step step, const char *how);

/* world_log.c: what becomes of a call of the log. */
sb_log_fate sb_sim_world_fate(void *ctx, sb_log_call call, const char *what);

#endif
