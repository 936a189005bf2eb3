/*
 * sim/run.h -- one seed: a case, a machine with faults, instances of the job one after the other until it has finished, and the checks.
 *
 * DESIGN     See README.md: what is drawn, what is checked.
 * THREADS    one
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "runtime/mutants.h"
#include "sim/case.h"
#include "sim/world.h"

typedef struct sim_options {
    const char *job;           /* NULL: drawn */
    const sb_mutants *mutants; /* NULL: none */
    sim_lies lies;
    bool verbose;
} sim_options;

typedef struct sim_outcome {
    bool failed;
    char problem[1024];
    char job[32];
    uint64_t hash;
    sb_text trace; /* last events, when failed */
    int64_t hits[SIM_FAULT_COUNT][SIM_STEP_COUNT];
    int64_t starts, crashes, restarts, checkpoints, turns;
} sim_outcome;

void sim_run(uint64_t seed, const sim_options *options, sim_outcome *out);
void sim_outcome_deinit(sim_outcome *outcome);

/* Can this pair happen at all? */
bool sim_pair_exists(sim_fault fault, sim_step step);
/* Why not; "" where it can. */
const char *sim_pair_reason(sim_fault fault, sim_step step);

/* plan.c: the script through the real front end; serialised and read again when `copied`. */
typedef struct sim_plan {
    struct sabot_engine *engine;
    struct sb_plan *plan;      /* to run */
    struct sb_plan *inputs[8]; /* what it stands on */
    int32_t count_inputs;
} sim_plan;
sb_status sim_plan_make(const sim_case *c, sb_mem *mem, bool copied, sim_plan *out, sb_error *err);
void sim_plan_free(sim_plan *plan);

/* check.c: all of them return false and fill `problem`. */
/* What is visible now. final: it must be the whole result, else (append sinks) a part of it. */
bool sim_check_output(const sim_case *c, sb_os *disk, bool final, char problem[1024]);
/* No file in progress is left. */
bool sim_check_no_leftovers(const sim_case *c, sb_os *disk, char problem[1024]);
/* The folder holds readable checkpoints, at most `retained`, and exactly the blobs they need. */
bool sim_check_state(sb_os *disk, sb_mem *mem, int32_t retained, char problem[1024]);

#endif
