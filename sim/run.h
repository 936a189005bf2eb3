/*
 * sim/run.h -- one seed: a case, a machine with faults, instances of the job one after the other
 * until it has finished, and the checks.
 *
 * DESIGN     See README.md: what is drawn, what is checked.
 * THREADS    one
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "runtime/mutants.h"
#include "sim/case.h"
#include "sim/world.h"

typedef struct sb_sim_options {
    const char *job;           /* NULL: drawn */
    const sb_mutants *mutants; /* NULL: none */
    sb_sim_lies lies;
    bool verbose;
} sb_sim_options;

typedef struct sb_sim_outcome {
    bool failed;
    char problem[1024];
    char job[32];
    uint64_t hash;
    sb_text trace; /* last events, when failed */
    int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT];
    int64_t starts, crashes, restarts, checkpoints, turns;
} sb_sim_outcome;

void sb_sim_run(uint64_t seed, const sb_sim_options *options, sb_sim_outcome *out);
void sb_sim_outcome_deinit(sb_sim_outcome *outcome);

/* Can this pair happen at all? */
bool sb_sim_pair_exists(sb_sim_fault fault, sb_sim_step step);
/* Why not; "" where it can. */
const char *sb_sim_pair_reason(sb_sim_fault fault, sb_sim_step step);

/* plan.c: the script through the real front end; serialised and read again when `copied`. */
typedef struct sb_sim_plan {
    struct sabot_engine *engine;
    struct sb_plan *plan;      /* to run */
    struct sb_plan *inputs[8]; /* what it stands on */
    int32_t count_inputs;
} sb_sim_plan;

sb_status sb_sim_plan_make(const sb_sim_case *c, sb_mem *mem, bool copied, sb_sim_plan *out,
                           sb_error *err);
void sb_sim_plan_free(sb_sim_plan *plan);

/* check.c: all of them return false and fill `problem`. */
/* What is visible now. final: it must be the whole result, else (append sinks) a part of it. */
bool sb_sim_check_output(const sb_sim_case *c, sb_sim_world *world, bool final, char problem[1024]);
/* No file in progress and no open transaction is left. */
bool sb_sim_check_no_leftovers(const sb_sim_case *c, sb_sim_world *world, char problem[1024]);
bool sb_sim_writes_log(const sb_sim_case *c);
/* The folder holds readable checkpoints, at most `retained`, and exactly the blobs they need. */
bool sb_sim_check_state(sb_os *disk, sb_mem *mem, int32_t retained, char problem[1024]);

#endif
