/*
 * runtime/modes_test.c -- at-least-once, interleaved sources, watermark alignment, restart without
 * a store, memory that runs out.
 */
#include "runtime/runtime_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- at least once --- */

static bool
same_row(const sb_rt_row *a, const sb_rt_row *b)
{
    return a->k == b->k && a->v == b->v && a->t == b->t;
}

static void
at_least_once_loses_nothing(void **state)
{
    int64_t crashes = 0, twice = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        sb_rt_world world;
        sb_rt_rows expected, got;
        sb_rt_draw_world(&world, seed);
        sb_rt_life life = {.seed = seed,
                           .shape = SB_RT_UNION,
                           .interval_ms = 4,
                           .crash_one_in = 100,
                           .max_crashes = 5,
                           .quiet = true};
        life.mode = SB_AT_LEAST_ONCE;
        life.shape = SB_RT_COPY;
        life.keep_published = &got;
        sb_rt_outcome out = sb_rt_live(&world, &life);
        assert_int_equal(out.state, SB_JOB_FINISHED);
        crashes += out.crashes;
        sb_rt_expected(&world, SB_RT_COPY, &expected);
        int64_t at = 0;
        for (int64_t i = 0; i < expected.count; i++) { /* both are sorted */
            assert_true(at < got.count && same_row(&expected.at[i], &got.at[at]));
            while (at < got.count && same_row(&expected.at[i], &got.at[at])) {
                at++;
            }
        }
        twice += got.count - expected.count;
        assert_int_equal(at, got.count);
        sb_rt_rows_free(&expected);
        sb_rt_rows_free(&got);
    }
    assert_true(crashes > 50 && twice >= 0);
}

/* --- interleave --- */

typedef struct order {
    int64_t v[4096];
    int32_t count;
} order;

static bool
keep_order(void *ctx, uint32_t node_id, sb_batch *batch)
{
    order *o = ctx;
    (void)node_id;
    for (int32_t i = 0; i < batch->count_rows; i++) {
        assert_true(o->count < 4096);
        o->v[o->count++] =
            *(const int64_t *)sb_vector_at(batch->columns[1], sb_batch_row(batch, i));
    }
    sb_batch_free(batch);
    return true;
}

static void
interleaved_sources_give_one_row_each_in_turn(void **state)
{
    sb_rt_world world;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_job *job = NULL;
    sb_error err;
    sb_job_config config;
    order seen = {.count = 0};
    (void)state;
    sb_rt_draw_world(&world, 1);
    world.filter_modulo = 0;
    world.source[0] = (sb_rt_source){
        .splits = 1, .rows = 5, .keys = 3, .slow_split = -1, .poison_row = -1, .time_step_ms = 7};
    world.source[1] = world.source[0];
    world.source[1].rows = 3;
    sb_rt_current = &world;
    sb_plan *plan = sb_rt_plan(mem, SB_RT_UNION_COLLECT);
    sb_job_config_default(&config, mem, sb_rt_factories());
    config.interleave = true;
    config.parallelism = 4; /* becomes 1 */
    config.collect = keep_order;
    config.collect_ctx = &seen;
    assert_int_equal(sb_job_new(plan, &config, &job, &err), SB_OK);
    assert_int_equal(sb_job_run(job, &err), SB_OK);
    sb_job_free(job);
    static const int64_t expected[] = {0, 1000000, 1, 1000001, 2, 1000002, 3, 4};
    assert_int_equal(seen.count, 8);
    assert_memory_equal(seen.v, expected, sizeof expected);
    sb_plan_free(plan);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* --- calls while a step runs --- */

typedef struct shy { /* takes a batch when it is asked eight times, and wants to be asked */
    sb_job *job;
    int32_t calls;
} shy;

static bool
refuse_and_wake(void *ctx, uint32_t node_id, sb_batch *batch)
{
    shy *s = ctx;
    (void)node_id;
    if (s->calls++ % 8 != 7) {
        sb_job_wake(s->job);
        return false;
    }
    sb_batch_free(batch);
    return true;
}

static void
a_call_within_a_step_is_not_slept_over(void **state)
{
    sb_rt_world world;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_os *os = sb_os_sim_new(5);
    sb_error err;
    sb_job_config config;
    sb_job_turn turn = {0};
    shy sink = {0};
    (void)state;
    sb_os_sim_advance(os, INT64_C(1700000000) * 1000000000);
    sb_rt_draw_world(&world, 1);
    world.source[0] = (sb_rt_source){
        .splits = 1, .rows = 50, .keys = 3, .slow_split = -1, .poison_row = -1, .time_step_ms = 7};
    sb_rt_current = &world;
    sb_plan *plan = sb_rt_plan(mem, SB_RT_COLLECT);
    sb_job_config_default(&config, mem, sb_rt_factories());
    config.batch_rows = 4;
    config.os = os;
    config.host_driven = true;
    config.collect = refuse_and_wake;
    config.collect_ctx = &sink;
    assert_int_equal(sb_job_new(plan, &config, &sink.job, &err), SB_OK);
    for (int32_t i = 0; i < 100000 && !turn.ended; i++) { /* no time passes */
        assert_int_equal(sb_job_step(sink.job, &turn, &err), SB_OK);
        assert_true(turn.progress || turn.ended || turn.wake_ms <= os->wall_us(os) / 1000);
    }
    assert_true(turn.ended && sink.calls >= 8);
    sb_job_free(sink.job);
    sb_plan_free(plan);
    sb_os_sim_free(os);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* --- alignment of watermarks --- */

static int64_t drift_max;
static int64_t highest[2];

static bool
watch_drift(void *ctx, uint32_t node_id, sb_batch *batch)
{
    (void)ctx;
    (void)node_id;
    for (int32_t i = 0; i < batch->count_rows; i++) {
        int32_t p = sb_batch_row(batch, i);
        int64_t v = *(const int64_t *)sb_vector_at(batch->columns[1], p);
        int64_t t = *(const int64_t *)sb_vector_at(batch->columns[2], p);
        highest[v >= 1000000] = t;
        int64_t drift = llabs(highest[0] - highest[1]);
        drift_max = highest[0] && highest[1] && drift > drift_max ? drift : drift_max;
    }
    sb_batch_free(batch);
    return true;
}

static int64_t
run_two_speeds(bool aligned)
{
    sb_rt_world world;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_os *os = sb_os_sim_new(5);
    sb_job *job = NULL;
    sb_error err;
    sb_job_config config;
    sb_job_turn turn = {0};
    sb_rt_draw_world(&world, 1);
    world.filter_modulo = 0;
    world.source[0] = (sb_rt_source){
        .splits = 1, .rows = 300, .keys = 3, .slow_split = 0, .poison_row = -1, .time_step_ms = 10};
    world.source[1] = world.source[0];
    world.source[1].slow_split = -1;
    world.align = aligned;
    sb_rt_current = &world;
    drift_max = highest[0] = highest[1] = 0;
    sb_plan *plan = sb_rt_plan(mem, SB_RT_UNION_COLLECT);
    sb_job_config_default(&config, mem, sb_rt_factories());
    config.os = os;
    config.host_driven = true;
    config.batch_rows = 5;
    config.collect = watch_drift;
    assert_int_equal(sb_job_new(plan, &config, &job, &err), SB_OK);
    while (!turn.ended) {
        assert_int_equal(sb_job_step(job, &turn, &err), SB_OK);
        sb_os_sim_advance(os, 1000000);
    }
    sb_job_free(job);
    sb_plan_free(plan);
    sb_os_sim_free(os);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
    return drift_max;
}

static void
aligned_sources_wait_for_each_other(void **state)
{
    (void)state;
    int64_t apart = run_two_speeds(false), together = run_two_speeds(true);
    /* 300 rows of 10 ms: one runs far ahead of the other; aligned it keeps to 200 ms, one update
     * interval and one batch. */
    assert_true(apart > 1000);
    assert_true(together < 700);
}

/* --- restart without a store --- */

static void
without_a_store_a_restart_begins_again(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        sb_rt_world world;
        sb_rt_draw_world(&world, seed);
        world.source[0].poison_row = 0;
        world.source[0].fail_polls = 2;
        sb_rt_life life = {.seed = seed, .shape = SB_RT_SUM, .no_checkpoints = true, .quiet = true};
        sb_restart_options_default(&life.restart);
        life.restart.kind = SB_RESTART_FIXED_DELAY;
        life.restart.attempts = 3;
        sb_rt_outcome out = sb_rt_live(&world, &life);
        if (out.problem) {
            print_error("seed %llu: %s %s\n", (unsigned long long)seed, out.problem,
                        out.error.message);
        }
        assert_null(out.problem);
        assert_int_equal(out.restarts, 2);
    }
}

/* --- memory --- */

static int64_t allocations; /* of the last run, until it ended */

/* One small job from its making to its end, with the n-th allocation failing. */
static sb_status
run_small(sb_rt_shape shape, int64_t fail_after, sb_error *err)
{
    sb_rt_world world;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_os *os = sb_os_sim_new(5);
    sb_store *store = NULL;
    sb_job *job = NULL;
    sb_job_config config;
    sb_job_turn turn = {0};
    sb_rt_draw_world(&world, 1);
    world.source[0] = (sb_rt_source){
        .splits = 2, .rows = 6, .keys = 3, .slow_split = -1, .poison_row = -1, .time_step_ms = 60};
    world.source[1] = world.source[0];
    sb_rt_current = &world;
    sb_plan *plan = sb_rt_plan(mem, shape);
    assert_int_equal(sb_store_open_folder(os, mem, "state", &store, err), SB_OK);
    sb_job_config_default(&config, mem, sb_rt_factories());
    config.os = os;
    config.host_driven = true;
    config.parallelism = 2;
    config.batch_rows = 4;
    config.checkpoint.enabled = true;
    config.checkpoint.store = store;
    config.checkpoint.interval_ms = 2;
    config.restart.kind = SB_RESTART_NONE;
    sb_error_clear(err);
    sb_mem_fail_after(fail_after);
    sb_status status = sb_job_new(plan, &config, &job, err);
    for (int32_t i = 0; i < 100000 && status == SB_OK && !turn.ended; i++) {
        status = sb_job_step(job, &turn, err);
        sb_os_sim_advance(os, 200000);
    }
    allocations = sb_mem_fail_after(0);
    assert_true(status != SB_OK || turn.ended);
    sb_job_free(job);
    sb_store_close(store);
    sb_plan_free(plan);
    sb_os_sim_free(os);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
    return status;
}

static void
memory_may_run_out_anywhere(void **state)
{
    static const sb_rt_shape shapes[] = {SB_RT_WINDOW, SB_RT_MERGE};
    (void)state;
    for (int32_t s = 0; s < 2; s++) {
        sb_error err;
        int64_t failures = 0, step = 1;
        assert_int_equal(run_small(shapes[s], 0, &err), SB_OK);
        for (int64_t n = 1;; n += step) {
            sb_status status = run_small(shapes[s], n, &err);
            if (status == SB_OK && allocations < n) {
                break; /* it never came so far */
            }
            if (status != SB_OK && status != SB_STATUS_NOMEM) {
                print_error("shape %d, allocation %lld: %s\n", shapes[s], (long long)n,
                            err.message);
            }
            assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
            failures += status != SB_OK;
            step = n > 1500 ? 13 : 1;
            if (n > 20000) {
                break;
            }
        }
        assert_true(failures > 300);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_least_once_loses_nothing),
        cmocka_unit_test(interleaved_sources_give_one_row_each_in_turn),
        cmocka_unit_test(a_call_within_a_step_is_not_slept_over),
        cmocka_unit_test(aligned_sources_wait_for_each_other),
        cmocka_unit_test(without_a_store_a_restart_begins_again),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
