/*
 * runtime/threads_test.c -- jobs on real threads and real files: results, failures and restarts,
 * stop, drain, cancel, collect.
 */
#include "runtime/runtime_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct real_life {
    sb_rt_world world;
    sb_mem *mem;
    sb_os *os;
    sb_plan *plan;
    sb_store *store;
    sb_job_config config;
    char folder[32];
} real_life;

static void
remove_tree(sb_os *os, const char *path)
{
    sb_dir_list list = {0};
    sb_error err;
    if (os->list(os, path, sb_mem_root(), &list, &err) == SB_OK) {
        for (int32_t i = 0; i < list.count; i++) {
            char inner[256];
            snprintf(inner, sizeof inner, "%s/%s", path, list.entries[i].name);
            if (list.entries[i].is_dir) {
                remove_tree(os, inner);
            } else {
                os->remove(os, inner, &err);
            }
        }
        os->list_free(os, sb_mem_root(), &list);
    }
    os->remove(os, path, &err);
}

static void
log_nothing(void *ctx, sb_log_level level, const char *line)
{
    (void)ctx;
    if (sb_env("SABOT_LOUD")) {
        fprintf(stderr, "  [%d] %s\n", level, line);
    }
}

static void
life_begin(real_life *life, sb_rt_shape shape, bool checkpoints)
{
    char state[80];
    sb_error err;
    memset(life, 0, sizeof *life);
    life->os = sb_os_real();
    life->mem = sb_mem_new(NULL, "test", 0);
    snprintf(life->folder, sizeof life->folder, "rt-test-%llx",
             (unsigned long long)life->os->random(life->os));
    snprintf(state, sizeof state, "%s/state", life->folder);
    sb_rt_draw_world(&life->world, 11);
    life->world.source[0].splits = 4;
    life->world.source[0].rows = 3000;
    life->world.source[0].slow_split = -1;
    life->world.source[0].keys = 5;
    life->world.source[1].slow_split = -1;
    snprintf(life->world.folder, sizeof life->world.folder, "%s/out", life->folder);
    sb_rt_current = &life->world;
    life->plan = sb_rt_plan(life->mem, shape);
    sb_job_config_default(&life->config, life->mem, sb_rt_factories());
    life->config.log = log_nothing;
    life->config.batch_rows = 64;
    life->config.ring_bytes = 20000;
    if (checkpoints) {
        assert_int_equal(sb_store_open_folder(life->os, life->mem, state, &life->store, &err),
                         SB_OK);
        life->config.checkpoint.enabled = true;
        life->config.checkpoint.store = life->store;
        life->config.checkpoint.interval_ms = 3;
        life->config.checkpoint.tolerable_failed = 100;
    }
}

static void
life_end(real_life *life)
{
    if (life->store) {
        sb_store_close(life->store);
    }
    sb_plan_free(life->plan);
    remove_tree(life->os, life->folder);
    assert_int_equal(sb_mem_used(life->mem), 0);
    sb_mem_unref(life->mem);
}

static void
check_published(real_life *life, sb_rt_shape shape)
{
    sb_rt_rows expected, got;
    sb_rt_expected(&life->world, shape, &expected);
    sb_rt_published(life->os, life->world.folder, &got);
    const char *problem = sb_rt_compare(&expected, &got);
    if (problem) {
        print_error("shape %d: %s\n", shape, problem);
        fail();
    }
    sb_rt_rows_free(&expected);
    sb_rt_rows_free(&got);
}

static sb_job *
make_job(real_life *life)
{
    sb_job *job = NULL;
    sb_error err;
    sb_status status = sb_job_new(life->plan, &life->config, &job, &err);
    if (status != SB_OK) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, SB_OK);
    return job;
}

static sb_job_state
run_job(sb_job *job, sb_status expected)
{
    sb_job_status status;
    sb_error err;
    sb_status result = sb_job_run(job, &err);
    if (result != expected) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(result, expected);
    sb_job_status_read(job, &status);
    return status.state;
}

static void
results_with_any_number_of_threads(void **state)
{
    (void)state;
    for (int32_t shape = 0; shape < SB_RT_COLLECT; shape++) {
        for (int32_t parallelism = 1; parallelism <= 3; parallelism++) {
            real_life life;
            life_begin(&life, (sb_rt_shape)shape, parallelism != 3);
            life.config.parallelism = parallelism;
            life.config.workers = parallelism == 2 ? 2 : 3;
            sb_job *job = make_job(&life);
            assert_int_equal(run_job(job, SB_OK), SB_JOB_FINISHED);
            sb_job_status status;
            sb_job_status_read(job, &status);
            assert_true(status.source_rows >= 12000 && status.sink_rows > 0);
            assert_int_equal(status.watermark_ms, SB_WM_MAX);
            sb_job_free(job);
            check_published(&life, (sb_rt_shape)shape);
            life_end(&life);
        }
    }
}

static void
a_failure_restarts_from_the_last_checkpoint(void **state)
{
    real_life life;
    sb_job_status status;
    (void)state;
    life_begin(&life, SB_RT_SUM, true);
    life.world.source[0].poison_row = 1500;
    life.world.source[0].fail_polls = 2;
    life.config.parallelism = 2;
    life.config.restart.kind = SB_RESTART_FIXED_DELAY;
    life.config.restart.attempts = 5;
    life.config.restart.delay_ms = 5;
    sb_job *job = make_job(&life);
    assert_int_equal(run_job(job, SB_OK), SB_JOB_FINISHED);
    sb_job_status_read(job, &status);
    assert_true(status.count_restarts >= 1);
    sb_job_free(job);
    check_published(&life, SB_RT_SUM);
    life_end(&life);
}

static void
a_record_that_always_fails_is_named(void **state)
{
    real_life life;
    sb_job_status status;
    (void)state;
    life_begin(&life, SB_RT_SUM, false);
    life.world.source[0].poison_row = 100;
    life.config.restart.kind = SB_RESTART_FIXED_DELAY;
    life.config.restart.attempts = 3;
    life.config.restart.delay_ms = 1;
    sb_job *job = make_job(&life);
    assert_int_equal(run_job(job, SB_STATUS_DATA), SB_JOB_FAILED);
    sb_job_status_read(job, &status);
    assert_int_equal(status.count_restarts, 3);
    assert_non_null(strstr(status.error.message, "poison in row 100"));
    assert_non_null(strstr(status.error.message, "split-0"));
    assert_non_null(strstr(status.error.hint, "4 times in a row"));
    sb_job_free(job);
    life_end(&life);
}

/* --- stop --- */

typedef struct stopper {
    sb_job *job;
    int64_t after_ms;
    bool drain, cancel;
} stopper;

static void
stop_later(void *ctx)
{
    stopper *s = ctx;
    sb_thread_sleep_ns(s->after_ms * 1000000);
    if (s->cancel) {
        sb_job_cancel(s->job);
    } else {
        sb_job_stop(s->job, s->drain);
    }
}

static sb_job_state
run_and_stop(real_life *life, stopper stop)
{
    sb_thread *thread;
    sb_error err;
    stop.job = make_job(life);
    assert_int_equal(sb_thread_start(&thread, "stopper", stop_later, &stop, &err), SB_OK);
    sb_job_state state = run_job(stop.job, SB_OK);
    sb_thread_join(thread);
    sb_job_free(stop.job);
    return state;
}

static void
stop_takes_a_checkpoint_to_resume_from(void **state)
{
    real_life life;
    (void)state;
    life_begin(&life, SB_RT_SUM, true);
    life.world.source[0].rows = 30000;
    life.config.batch_rows = 3;
    life.config.parallelism = 2;
    life.config.checkpoint.interval_ms = 0; /* only the stop itself */
    int32_t stops = 0;
    for (int64_t ms = 1; ms < 400; ms = ms * 2 + 1) {
        sb_job_state end = run_and_stop(&life, (stopper){.after_ms = ms});
        stops += end == SB_JOB_STOPPED;
        if (end == SB_JOB_FINISHED) {
            break;
        }
        life.config.parallelism = 1 + life.config.parallelism % 3;
        sb_store_close(life.store);
        sb_error err;
        char folder[80];
        snprintf(folder, sizeof folder, "%s/state", life.folder);
        assert_int_equal(sb_store_open_folder(life.os, life.mem, folder, &life.store, &err), SB_OK);
        life.config.checkpoint.store = life.store;
    }
    assert_true(stops >= 1);
    sb_job *job = make_job(&life);
    assert_int_equal(run_job(job, SB_OK), SB_JOB_FINISHED);
    sb_job_free(job);
    life.world.source[0].rows = 30000;
    /* 120,000 rows: the quadratic expectation would take too long; count and keys say the same
     * here. */
    sb_rt_rows got;
    int64_t next[16] = {0};
    sb_rt_published(life.os, life.world.folder, &got);
    assert_int_equal(got.count > 0, 1);
    for (int64_t i = 0; i < got.count;
         i++) { /* sorted by (k, number): each number once, none left out */
        assert_int_equal(got.at[i].v, ++next[got.at[i].k]);
    }
    int64_t expected = 0;
    for (int32_t s = 0; s < 4; s++) {
        for (int32_t r = 0; r < 30000; r++) {
            int64_t v = sb_rt_make_row(&life.world.source[0], 0, s, r).v;
            expected += !life.world.filter_modulo || v % life.world.filter_modulo != 0;
        }
    }
    assert_int_equal(got.count, expected);
    sb_rt_rows_free(&got);
    life_end(&life);
}

static void
stop_without_checkpointing_publishes_what_was_read(void **state)
{
    real_life life;
    sb_rt_rows got;
    (void)state;
    life_begin(&life, SB_RT_COPY, false);
    life.world.source[0].never_ends = true;
    assert_int_equal(run_and_stop(&life, (stopper){.after_ms = 300}), SB_JOB_STOPPED);
    check_published(&life, SB_RT_COPY); /* all rows were there, the source only waits for more */
    life_end(&life);
    life_begin(&life, SB_RT_COPY, false);
    life.world.source[0].never_ends = true;
    assert_int_equal(run_and_stop(&life, (stopper){.after_ms = 100, .cancel = true}),
                     SB_JOB_CANCELLED);
    sb_rt_published(life.os, life.world.folder, &got);
    assert_int_equal(got.count, 0);
    sb_rt_rows_free(&got);
    life_end(&life);
}

static void
drain_fires_the_open_windows(void **state)
{
    real_life life;
    (void)state;
    life_begin(&life, SB_RT_WINDOW, true);
    life.world.source[0].rows = 300;
    life.world.source[0].never_ends = true;
    life.config.parallelism = 2;
    assert_int_equal(run_and_stop(&life, (stopper){.after_ms = 500, .drain = true}),
                     SB_JOB_STOPPED);
    check_published(&life, SB_RT_WINDOW);
    life_end(&life);
}

static void
a_stop_without_drain_leaves_windows_open(void **state)
{
    real_life life;
    sb_rt_rows got, expected;
    (void)state;
    life_begin(&life, SB_RT_WINDOW, true);
    life.world.source[0].rows = 300;
    life.world.source[0].never_ends = true;
    assert_int_equal(run_and_stop(&life, (stopper){.after_ms = 300}), SB_JOB_STOPPED);
    sb_rt_published(life.os, life.world.folder, &got);
    sb_rt_expected(&life.world, SB_RT_WINDOW, &expected);
    assert_true(got.count > 0 && got.count < expected.count);
    sb_rt_rows_free(&got);
    sb_rt_rows_free(&expected);
    life_end(&life);
}

/* --- collect --- */

typedef struct collector {
    _Atomic int64_t rows;
    _Atomic int64_t calls;
    sb_job *job;
} collector;

static bool
collect(void *ctx, uint32_t node_id, sb_batch *batch)
{
    collector *c = ctx;
    assert_int_equal(node_id, 90);
    if (atomic_fetch_add(&c->calls, 1) % 3 == 0) {
        sb_job_wake(c->job); /* back-pressure: "not now", and at once "now" */
        return false;
    }
    atomic_fetch_add(&c->rows, batch->count_rows);
    sb_batch_free(batch);
    return true;
}

static void
collected_rows_reach_the_caller(void **state)
{
    (void)state;
    for (int32_t interleave = 0; interleave < 2; interleave++) {
        real_life life;
        collector c = {0};
        sb_rt_rows expected;
        life_begin(&life, SB_RT_COLLECT, false);
        life.config.parallelism = 3;
        life.config.interleave = interleave;
        life.config.collect = collect;
        life.config.collect_ctx = &c;
        c.job = make_job(&life);
        assert_int_equal(run_job(c.job, SB_OK), SB_JOB_FINISHED);
        sb_job_free(c.job);
        sb_rt_expected(&life.world, SB_RT_COLLECT, &expected);
        assert_int_equal(c.rows, expected.count);
        sb_rt_rows_free(&expected);
        life_end(&life);
    }
}

static void
one_folder_has_one_owner(void **state)
{
    real_life life;
    sb_store *second;
    sb_error err;
    char folder[80];
    (void)state;
    life_begin(&life, SB_RT_COPY, true);
    snprintf(folder, sizeof folder, "%s/state", life.folder);
    sb_job *job = make_job(&life);
    assert_int_equal(sb_job_open(job, &err), SB_OK);
    assert_int_equal(sb_store_open_folder(life.os, life.mem, folder, &second, &err), SB_OK);
    life.config.checkpoint.store = second;
    sb_job *other = make_job(&life);
    assert_int_equal(run_job(other, SB_STATUS_CONFLICT), SB_JOB_FAILED);
    sb_job_free(other);
    sb_store_close(second);
    assert_int_equal(run_job(job, SB_OK), SB_JOB_FINISHED);
    sb_job_free(job);
    check_published(&life, SB_RT_COPY);
    life_end(&life);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_with_any_number_of_threads),
        cmocka_unit_test(a_failure_restarts_from_the_last_checkpoint),
        cmocka_unit_test(a_record_that_always_fails_is_named),
        cmocka_unit_test(stop_takes_a_checkpoint_to_resume_from),
        cmocka_unit_test(stop_without_checkpointing_publishes_what_was_read),
        cmocka_unit_test(drain_fires_the_open_windows),
        cmocka_unit_test(a_stop_without_drain_leaves_windows_open),
        cmocka_unit_test(collected_rows_reach_the_caller),
        cmocka_unit_test(one_folder_has_one_owner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
