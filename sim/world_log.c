/*
 * sim/world_log.c -- the log of the simulated machine: what becomes of each call of it.
 */
#include "sim/world.h"

#include "sim/world_priv.h"

static const char *const call_names[] = {
#define X(id, name) name,
    SB_LOG_CALLS(X)
#undef X
};

static sb_sim_step
step_of_call(const sb_sim_world *world, sb_log_call call)
{
    if (world->starting) {
        return SIM_STEP_RESTORE;
    }
    switch (call) {
    case SB_LOG_CALL_TOPICS:
    case SB_LOG_CALL_BOUNDS:
    case SB_LOG_CALL_POLL:
    case SB_LOG_CALL_COMMIT_OFFSETS:
    case SB_LOG_CALL_APPEND: return SIM_STEP_PROCESSING;
    default: return SIM_STEP_DECIDE;
    }
}

static bool
fits(sb_sim_fault fault, sb_log_call call)
{
    switch (fault) {
    case SIM_FAULT_CRASH: return true;
    case SIM_FAULT_REQUEST_LOST: return true;
    case SIM_FAULT_ANSWER_LOST:
        return call == SB_LOG_CALL_FLUSH || call == SB_LOG_CALL_FENCE ||
               call == SB_LOG_CALL_SEND_OFFSETS || call == SB_LOG_CALL_COMMIT;
    case SIM_FAULT_RETRIED: return call == SB_LOG_CALL_COMMIT;
    default: return false;
    }
}

static sb_log_fate
strike(sb_sim_world *world, sb_sim_target *t, sb_sim_step step, const char *name)
{
    t->done = true;
    if (t->fault == SIM_FAULT_CRASH) {
        sb_sim_world_die(world, step, name);
        return t->after ? SB_LOG_DEAD_AFTER : SB_LOG_DEAD;
    }
    sb_sim_world_count(world, t->fault, step);
    sb_sim_world_trace(world, "FAULT %s at %s: %s", sb_sim_fault_names[t->fault],
                       sb_sim_step_names[step], name);
    return t->fault == SIM_FAULT_REQUEST_LOST  ? SB_LOG_REQUEST_LOST
           : t->fault == SIM_FAULT_ANSWER_LOST ? SB_LOG_ANSWER_LOST
                                               : SB_LOG_RETRIED;
}

sb_log_fate
sb_sim_world_fate(void *ctx, sb_log_call call, const char *what)
{
    sb_sim_world *world = ctx;
    sb_sim_step step = step_of_call(world, call);
    world->calls++;
    if (world->dead) {
        return SB_LOG_DEAD;
    }
    world->last_step = step;
    sb_sim_world_fold_text(world, call_names[call]);
    sb_sim_world_fold_text(world, what);
    for (int32_t i = 0; i < world->count_targets; i++) {
        sb_sim_target *t = &world->targets[i];
        if (!t->done && t->step == step && fits(t->fault, call) && t->skip-- <= 0) {
            return strike(world, t, step, call_names[call]);
        }
    }
    if (world->noise > 0 && sb_log_sim_chance(world->log, world->noise)) {
        return call == SB_LOG_CALL_COMMIT ? SB_LOG_ANSWER_LOST : SB_LOG_REQUEST_LOST;
    }
    return SB_LOG_FINE;
}

sb_log_sim *
sb_sim_world_log(sb_sim_world *world)
{
    return world->log;
}
