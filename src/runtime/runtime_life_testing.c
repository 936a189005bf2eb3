/*
 * runtime/runtime_life_testing.c -- lives of jobs on the simulated operating system; see
 * runtime_testing.h.
 *
 * DESIGN     A crash falls between any two pieces of work: the simulated files lose what was not
 *            synced, then a new process (a new job, perhaps at another parallelism) starts from the
 *            same folder. Reaching the end, the published rows must be exactly those of the naive
 *            computation.
 */
#include "runtime/runtime_testing.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sb_rt_draw_world(sb_rt_world *world, uint64_t seed)
{
    uint64_t state = seed ^ UINT64_C(0xD1B54A32D192ED03);
    memset(world, 0, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "out");
    world->window_ms = 100;
    world->filter_modulo = sb_rt_random(&state) % 2 ? 3 : 0;
    world->delay_ms = 40;
    int32_t kind = (int32_t)(sb_rt_random(&state) % 4);
    for (int32_t s = 0; s < 2; s++) {
        world->source[s] = (sb_rt_source){.splits = 1 + (int32_t)(sb_rt_random(&state) % 4),
                                          .rows = 5 + (int32_t)(sb_rt_random(&state) % 60),
                                          .keys = 1 + (int32_t)(sb_rt_random(&state) % 9),
                                          .slow_split = (int32_t)(sb_rt_random(&state) % 4) - 1,
                                          .poison_row = -1,
                                          .time_step_ms = 7,
                                          .jitter_ms = 30};
        if (kind == 1) {
            world->source[s].splits = 1;
            world->source[s].jitter_ms = 150;
        } else if (kind == 2) {
            /* One only: what comes later still may be late, because its subtask was idle. */
            world->source[s].late_splits = s == 0 && world->source[s].splits > 1;
            world->source[s].late_offset_ms = 5000;
        }
    }
    if (kind == 1) {
        world->exact_late = true;
        world->delay_ms = 5;
    }
}

static void
log_line(void *ctx, sb_log_level level, const char *line)
{
    const sb_rt_life *life = ctx;
    if (!life->quiet) {
        fprintf(stderr, "  [%d] %s\n", level, line);
    }
}

typedef struct live_state {
    const sb_rt_life *life;
    sb_rt_world *world;
    sb_os *os;
    sb_mem *mem;
    uint64_t random;
    sb_plan *plan;
    sb_store *store;
    sb_job *job;
    sb_rt_outcome out;
} live_state;

static void
draw_config(live_state *live, sb_job_config *config)
{
    static const int32_t batches[] = {1, 7, 4096};
    static const int64_t rings[] = {1, 1000, 1 << 20};
    const sb_rt_life *life = live->life;
    sb_job_config_default(config, live->mem, sb_rt_factories());
    config->os = live->os;
    config->host_driven = true;
    config->interleave = life->interleave;
    config->seed = life->interleave ? 0 : sb_rt_random(&live->random) | 1;
    config->parallelism =
        life->parallelism ? life->parallelism : 1 + (int32_t)(sb_rt_random(&live->random) % 3);
    config->batch_rows =
        life->batch_rows ? life->batch_rows : batches[sb_rt_random(&live->random) % 3];
    config->ring_bytes =
        life->ring_bytes ? life->ring_bytes : rings[sb_rt_random(&live->random) % 3];
    config->max_open_splits = 1 + (int32_t)(sb_rt_random(&live->random) % 4);
    config->checkpoint.enabled = !life->no_checkpoints;
    config->checkpoint.store = live->store;
    config->checkpoint.interval_ms = life->interval_ms;
    config->checkpoint.mode = life->mode;
    config->checkpoint.overtaking =
        life->overtaking || (life->draw_overtaking && sb_rt_random(&live->random) % 2);
    config->checkpoint.num_retained = life->num_retained ? life->num_retained : 1;
    config->checkpoint.tolerable_failed = 1000;
    if (life->restart.kind != SB_RESTART_DEFAULT) {
        config->restart = life->restart;
    }
    config->mutants = &life->mutants;
    config->log = log_line;
    config->log_ctx = (void *)(uintptr_t)life;
}

static bool
start(live_state *live)
{
    sb_error err;
    sb_job_config config;
    sb_error_clear(&err);
    live->store = NULL;
    if (!live->life->no_checkpoints &&
        sb_store_open_folder(live->os, live->mem, "state", &live->store, &err) != SB_OK) {
        live->out.problem = "cannot open the store";
        return false;
    }
    draw_config(live, &config);
    live->out.starts++;
    if (sb_job_new(live->plan, &config, &live->job, &err) != SB_OK) {
        live->out.problem = "cannot make the job";
        live->out.error = err;
        return false;
    }
    return true;
}

static void
count(live_state *live)
{
    sb_job_status status;
    sb_job_status_read(live->job, &status);
    live->out.checkpoints += status.checkpoints_completed;
    live->out.restarts += status.count_restarts;
    live->out.state = status.state;
}

static void
end(live_state *live)
{
    if (live->job) {
        count(live);
    }
    live->job = sb_job_free(live->job);
    if (live->store) {
        live->store = sb_store_close(live->store);
    }
}

static void
crash(live_state *live)
{
    live->out.crashes++;
    sb_os_sim_crash(live->os);
    end(live);
}

static void
dump(live_state *live)
{
    sb_text text;
    sb_text_init(&text, live->mem);
    sb_job_dump(live->job, &text);
    if (!live->life->quiet) {
        fprintf(stderr, "%s", text.data);
    }
    sb_text_deinit(&text);
}

/* One process, until it ends or crashes. Returns true when the job has ended. */
static bool
live_once(live_state *live)
{
    const sb_rt_life *life = live->life;
    int64_t steps_max = life->steps_max ? life->steps_max : 2000000;
    for (;;) {
        sb_job_turn turn;
        sb_error err;
        if (life->crash_one_in && live->out.crashes < life->max_crashes &&
            sb_rt_random(&live->random) % (uint64_t)life->crash_one_in == 0) {
            crash(live);
            return false;
        }
        if (++live->out.steps > steps_max) {
            live->out.problem = "hangs";
            dump(live);
            end(live);
            return true;
        }
        if (sb_job_step(live->job, &turn, &err) != SB_OK) {
            live->out.error = err;
            if (err.status == SB_STATUS_IO && life->faults.write_fails && live->out.starts < 100) {
                end(live); /* a fault before the job could help itself: somebody starts it again */
                return false;
            }
            live->out.problem = "failed";
            end(live);
            return true;
        }
        if (turn.ended) {
            end(live);
            return true;
        }
        int64_t now_ms = live->os->wall_us(live->os) / 1000;
        int64_t ns = (int64_t)(sb_rt_random(&live->random) % 3000000);
        if (!turn.progress) {
            int64_t wait_ms = turn.wake_ms == INT64_MAX ? 10 : turn.wake_ms - now_ms;
            ns += (wait_ms < 1 ? 1 : wait_ms > 1000 ? 1000 : wait_ms) * 1000000;
        }
        sb_os_sim_advance(live->os, ns);
    }
}

static void
compare(live_state *live)
{
    sb_rt_rows expected, got;
    sb_rt_expected(live->world, live->life->shape, &expected);
    sb_rt_published(live->os, live->world->folder, &got);
    live->out.problem = sb_rt_compare(&expected, &got);
    sb_rt_rows_free(&expected);
    sb_rt_rows_free(&got);
}

sb_rt_outcome
sb_rt_live(sb_rt_world *world, const sb_rt_life *life)
{
    if (world->exact_late && life->shape != SB_RT_WINDOW) {
        /* rows on several ways: which are late depends on the schedule, so let none be */
        world->exact_late = false;
        world->delay_ms = 200;
    }
    if (life->shape == SB_RT_CHAIN) {
        /* two ways back from idle: one may be ahead of the other */
        world->source[0].late_splits = 0;
    }
    live_state live = {.life = life, .world = world, .random = life->seed};
    sb_error_clear(&live.out.error);
    sb_rt_current = world;
    live.mem = sb_mem_new(NULL, "life", 0);
    live.os = sb_os_sim_new(life->seed);
    live.plan = sb_rt_plan(live.mem, life->shape);
    sb_os_sim_set_faults(live.os, &life->faults);
    sb_os_sim_advance(live.os, INT64_C(1700000000) * 1000000000);
    while (start(&live)) {
        if (live_once(&live)) {
            break;
        }
    }
    end(&live);
    if (life->keep_published) {
        sb_rt_published(live.os, world->folder, life->keep_published);
    } else if (!live.out.problem) {
        compare(&live);
    }
    sb_plan_free(live.plan);
    sb_os_sim_free(live.os);
    if (sb_mem_used(live.mem) != 0 && !live.out.problem) {
        live.out.problem = "memory was lost";
    }
    sb_mem_unref(live.mem);
    return live.out;
}
