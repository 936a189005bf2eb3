/*
 * runtime/checkpoints_test.c -- checkpoints as files: damage of any kind, falling back, other
 * queries, retention, options, inspection.
 */
#include "runtime/runtime_testing.h"

#include "runtime/inspect.h"
#include "runtime/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct bench {
    sb_rt_world world;
    sb_mem *mem;
    sb_os *os;
    sb_plan *plan;
    sb_store *store;
    sb_job_config config;
    sb_mutants mutants;
    char log[4096];
} bench;

static void
keep_log(void *ctx, sb_log_level level, const char *line)
{
    bench *b = ctx;
    size_t n = strlen(b->log);
    if (level >= SB_LOG_INFO) {
        snprintf(b->log + n, sizeof b->log - n, "%s\n", line);
    }
}

static void
bench_open_store(bench *b)
{
    sb_error err;
    assert_int_equal(sb_store_open_folder(b->os, b->mem, "state", &b->store, &err), SB_OK);
    b->config.checkpoint.store = b->store;
}

static void
bench_begin(bench *b, sb_rt_shape shape, int32_t retained)
{
    memset(b, 0, sizeof *b);
    b->mem = sb_mem_new(NULL, "test", 0);
    b->os = sb_os_sim_new(3);
    sb_os_sim_advance(b->os, INT64_C(1700000000) * 1000000000);
    sb_rt_draw_world(&b->world, 4);
    b->world.source[0] = (sb_rt_source){.splits = 3,
                                        .rows = 20000,
                                        .keys = 5,
                                        .slow_split = -1,
                                        .poison_row = -1,
                                        .time_step_ms = 7,
                                        .never_ends = true};
    sb_rt_current = &b->world;
    b->plan = sb_rt_plan(b->mem, shape);
    sb_job_config_default(&b->config, b->mem, sb_rt_factories());
    b->config.os = b->os;
    b->config.host_driven = true;
    b->config.batch_rows = 3;
    b->config.seed = 9; /* small steps: the clock moves while there is work */
    b->config.checkpoint.enabled = true;
    b->config.checkpoint.interval_ms = 5;
    b->config.checkpoint.num_retained = retained;
    b->config.restart.kind = SB_RESTART_NONE;
    b->config.mutants = &b->mutants;
    b->config.log = keep_log;
    b->config.log_ctx = b;
    bench_open_store(b);
}

static void
bench_end(bench *b)
{
    sb_store_close(b->store);
    sb_plan_free(b->plan);
    sb_os_sim_free(b->os);
    assert_int_equal(sb_mem_used(b->mem), 0);
    sb_mem_unref(b->mem);
}

/* Steps until `checkpoints` are completed (0: none wanted), `ms` have passed, or the job ended. */
static sb_status
step_job(bench *b, sb_job *job, int64_t checkpoints, int64_t ms, sb_error *err)
{
    int64_t until = b->os->wall_us(b->os) / 1000 + ms;
    sb_job_turn turn = {0};
    sb_job_status status;
    while (!turn.ended && b->os->wall_us(b->os) / 1000 < until) {
        sb_status result = sb_job_step(job, &turn, err);
        if (result != SB_OK) {
            return result;
        }
        sb_os_sim_advance(b->os, turn.progress ? 50000 : 1000000);
        sb_job_status_read(job, &status);
        if (checkpoints > 0 && status.checkpoints_completed >= checkpoints) {
            break;
        }
    }
    return SB_OK;
}

/* Runs a job of its own, which then just disappears. */
static sb_job_status
live_until(bench *b, int64_t checkpoints)
{
    sb_job *job = NULL;
    sb_error err;
    sb_job_status status;
    assert_int_equal(sb_job_new(b->plan, &b->config, &job, &err), SB_OK);
    assert_int_equal(step_job(b, job, checkpoints, 100000, &err), SB_OK);
    sb_job_status_read(job, &status);
    sb_job_free(job);
    sb_store_close(b->store);
    bench_open_store(b);
    return status;
}

static sb_status
open_job(bench *b, sb_job_status *status, sb_error *err)
{
    sb_job *job = NULL;
    assert_int_equal(sb_job_new(b->plan, &b->config, &job, err), SB_OK);
    sb_error_clear(err);
    sb_status result = sb_job_open(job, err);
    sb_job_status_read(job, status);
    sb_job_free(job);
    sb_store_close(b->store);
    bench_open_store(b);
    return result;
}

static void
manifest_path(uint64_t id, char *out, size_t size)
{
    char name[48];
    sb_manifest_name(id, name);
    snprintf(out, size, "state/%s", name);
}

static void
overwrite(bench *b, const char *path, const void *data, size_t size)
{
    sb_file *file;
    sb_error err;
    assert_int_equal(b->os->open(b->os, path, SB_OPEN_CREATE, &file, &err), SB_OK);
    assert_int_equal(b->os->write(b->os, file, data, size, &err), SB_OK);
    assert_int_equal(b->os->sync(b->os, file, &err), SB_OK);
    b->os->close(b->os, file);
}

static void
every_damaged_byte_of_a_manifest_is_noticed(void **state)
{
    bench b;
    sb_error err;
    sb_text text;
    char path[96];
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    sb_job_status status = live_until(&b, 2);
    uint64_t id = status.last_checkpoint;
    manifest_path(id, path, sizeof path);
    sb_text_init(&text, b.mem);
    assert_int_equal(sb_os_read_file(b.os, path, &text, &err), SB_OK);
    for (size_t i = 0; i < text.size; i++) {
        sb_manifest *manifest = NULL;
        text.data[i] ^= 0x20;
        overwrite(&b, path, text.data, text.size);
        assert_int_equal(sb_manifest_read(b.store, b.mem, id, false, &manifest, &err),
                         SB_STATUS_CORRUPT);
        assert_non_null(strstr(err.message, "/manifest"));
        /* The mutant must still not crash: readers check everything they read. */
        if (sb_manifest_read(b.store, b.mem, id, true, &manifest, &err) == SB_OK) {
            sb_manifest_free(manifest);
        }
        text.data[i] ^= 0x20;
    }
    for (size_t size = 0; size < text.size; size += 7) {
        sb_manifest *manifest = NULL;
        overwrite(&b, path, text.data, size);
        assert_int_equal(sb_manifest_read(b.store, b.mem, id, false, &manifest, &err),
                         SB_STATUS_CORRUPT);
        if (sb_manifest_read(b.store, b.mem, id, true, &manifest, &err) == SB_OK) {
            sb_manifest_free(manifest);
        }
    }
    sb_text_deinit(&text);
    bench_end(&b);
}

static void
a_damaged_checkpoint_falls_back_and_says_so(void **state)
{
    bench b;
    sb_error err;
    sb_job_status status;
    char path[96];
    (void)state;
    bench_begin(&b, SB_RT_SUM, 3);
    uint64_t newest = live_until(&b, 5).last_checkpoint;
    manifest_path(newest, path, sizeof path);
    overwrite(&b, path, "SABOTCKP nonsense", 17);
    b.config.checkpoint.no_fallback = true;
    assert_int_equal(open_job(&b, &status, &err), SB_STATUS_CORRUPT);
    assert_non_null(strstr(err.message, path));
    b.config.checkpoint.no_fallback = false;
    assert_int_equal(open_job(&b, &status, &err), SB_OK);
    assert_int_equal(status.restored_from, newest - 1);
    assert_non_null(strstr(b.log, "falling back to checkpoint"));
    /* It goes on from there, under numbers that were never used. */
    status = live_until(&b, 2);
    assert_true(status.last_checkpoint > newest);
    bench_end(&b);
}

/* First blob of the state folder whose name contains `part`; newest last. */
static void
find_blob(bench *b, char *out, size_t size)
{
    sb_blob_list list = {0};
    sb_error err;
    assert_int_equal(sb_store_list(b->store, SB_STATE_PREFIX, &list, &err), SB_OK);
    assert_true(list.count > 0);
    snprintf(out, size, "state/%s", list.names[list.count - 1]);
    sb_blob_list_free(b->store, &list);
}

static void
a_missing_or_damaged_blob_is_named(void **state)
{
    bench b;
    sb_error err;
    sb_job_status status;
    char path[256];
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    live_until(&b, 3);
    find_blob(&b, path, sizeof path);
    sb_text text;
    sb_text_init(&text, b.mem);
    assert_int_equal(sb_os_read_file(b.os, path, &text, &err), SB_OK);
    text.data[text.size / 2] ^= 1;
    overwrite(&b, path, text.data, text.size);
    sb_job *job = NULL;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_OK);
    assert_int_equal(step_job(&b, job, 0, 1000, &err), SB_STATUS_CORRUPT);
    assert_non_null(strstr(err.message, "damaged"));
    sb_job_free(job);
    sb_store_close(b.store);
    bench_open_store(&b);
    assert_int_equal(b.os->remove(b.os, path, &err), SB_OK);
    assert_int_equal(open_job(&b, &status, &err), SB_STATUS_CORRUPT);
    assert_non_null(strstr(err.message, "which is not there"));
    sb_text_deinit(&text);
    bench_end(&b);
}

static void
a_damaged_blob_falls_back_when_there_is_an_older_checkpoint(void **state)
{
    bench b;
    sb_error err;
    (void)state;
    bench_begin(&b, SB_RT_COPY, 3); /* no state: the pieces stand in the manifests alone */
    uint64_t newest = live_until(&b, 5).last_checkpoint;
    char path[96];
    manifest_path(newest, path, sizeof path);
    assert_int_equal(b.os->remove(b.os, path, &err), SB_OK);
    sb_job_status status;
    assert_int_equal(open_job(&b, &status, &err), SB_OK);
    assert_int_equal(status.restored_from, newest - 1);
    bench_end(&b);
}

static void
older_checkpoints_keep_their_blobs(void **state)
{
    (void)state;
    for (int32_t mutant = 0; mutant < 2; mutant++) {
        bench b;
        sb_error err;
        sb_job_status status;
        bench_begin(&b, SB_RT_SUM, 3);
        b.mutants.gc_newest_only = mutant;
        uint64_t newest = live_until(&b, 6).last_checkpoint;
        uint64_t *ids;
        int32_t count;
        assert_int_equal(sb_manifest_list(b.store, b.mem, &ids, &count, &err), SB_OK);
        assert_int_equal(count, 3);
        assert_int_equal(ids[2], newest);
        sb_free(b.mem, ids, sizeof *ids * (size_t)(count + 1));
        char path[96];
        manifest_path(newest, path, sizeof path);
        assert_int_equal(b.os->remove(b.os, path, &err), SB_OK);
        b.mutants.gc_newest_only = false;
        sb_status result = open_job(&b, &status, &err);
        assert_int_equal(result, mutant ? SB_STATUS_CORRUPT : SB_OK);
        if (!mutant) {
            assert_int_equal(status.restored_from, newest - 1);
        }
        bench_end(&b);
    }
}

static void
a_wrong_checksum_counts(void **state)
{
    (void)state;
    for (int32_t mutant = 0; mutant < 2; mutant++) {
        bench b;
        sb_error err;
        sb_text text;
        sb_job_status status;
        char path[96];
        bench_begin(&b, SB_RT_SUM, 1);
        uint64_t id = live_until(&b, 2).last_checkpoint;
        manifest_path(id, path, sizeof path);
        sb_text_init(&text, b.mem);
        assert_int_equal(sb_os_read_file(b.os, path, &text, &err), SB_OK);
        text.data[text.size - 1] ^= 1;
        overwrite(&b, path, text.data, text.size);
        b.mutants.checksum_ignored = mutant;
        assert_int_equal(open_job(&b, &status, &err), mutant ? SB_OK : SB_STATUS_CORRUPT);
        sb_text_deinit(&text);
        bench_end(&b);
    }
}

static void
another_query_is_refused(void **state)
{
    bench b;
    sb_error err;
    sb_job_status status;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    live_until(&b, 2);
    sb_plan *mine = b.plan;
    b.plan = sb_rt_plan(b.mem, SB_RT_MERGE);
    assert_int_equal(open_job(&b, &status, &err), SB_STATUS_CONFLICT);
    assert_non_null(strstr(err.message, "another query"));
    sb_plan_free(b.plan);
    b.plan = mine;
    b.config.checkpoint.fresh = true;
    assert_int_equal(open_job(&b, &status, &err), SB_STATUS_CONFLICT);
    assert_non_null(strstr(err.message, "already holds checkpoint"));
    bench_end(&b);
}

static void
tables_of_another_version_are_refused_at_once(void **state)
{
    bench b;
    sb_error err;
    sb_job_status status;
    sb_job *job = NULL;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 3);
    uint64_t newest = live_until(&b, 3).last_checkpoint;
    b.config.restart.kind = SB_RESTART_FIXED_DELAY;
    b.config.restart.attempts = 5;
    b.world.other_version = true;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_OK);
    assert_int_equal(step_job(&b, job, 0, 1000, &err), SB_STATUS_CONFLICT);
    assert_non_null(strstr(err.message, "does not fit: "));
    assert_non_null(strstr(err.message, "2 value columns in the snapshot and 1 in the query"));
    assert_non_null(strstr(err.hint, "another version"));
    sb_job_status_read(job, &status);
    assert_int_equal(status.count_restarts, 0);
    sb_job_free(job);
    sb_store_close(b.store);
    bench_open_store(&b);
    /* The version that made it goes on. */
    b.world.other_version = false;
    assert_int_equal(open_job(&b, &status, &err), SB_OK);
    assert_int_equal(status.restored_from, newest);
    bench_end(&b);
}

static void
what_nobody_needs_is_removed(void **state)
{
    bench b;
    sb_error err;
    sb_blob_list list = {0};
    sb_job_status status;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    live_until(&b, 2);
    assert_int_equal(sb_store_put(b.store, "state/orphan-of-a-crash", "x", 1, &err), SB_OK);
    assert_int_equal(open_job(&b, &status, &err), SB_OK);
    assert_int_equal(sb_store_list(b.store, "state/orphan", &list, &err), SB_OK);
    assert_int_equal(list.count, 0);
    sb_blob_list_free(b.store, &list);
    bench_end(&b);
}

static void
a_checkpoint_that_takes_too_long_is_given_up(void **state)
{
    bench b;
    sb_error err;
    sb_job *job = NULL;
    sb_job_status status;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    b.config.checkpoint.timeout_ms = 20;
    b.config.checkpoint.tolerable_failed = 3;
    b.mutants.no_ended_trigger = true;    /* finished tasks never give their piece ... */
    b.world.source[0].never_ends = false; /* ... and here all but nobody is finished */
    b.world.source[0].rows = 1;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_OK);
    assert_int_equal(step_job(&b, job, 0, 100000, &err), SB_STATUS_TIMEOUT);
    assert_non_null(strstr(err.message, "pieces were missing after 20 ms"));
    sb_job_status_read(job, &status);
    assert_int_equal(status.checkpoints_failed, 4); /* three are tolerated */
    assert_int_equal(status.state, SB_JOB_FAILED);
    sb_job_free(job);
    bench_end(&b);
}

static void
the_pause_between_checkpoints_is_kept(void **state)
{
    bench b;
    sb_error err;
    sb_job *job = NULL;
    sb_job_status status;
    (void)state;
    bench_begin(&b, SB_RT_COPY, 1);
    b.config.checkpoint.interval_ms = 1;
    b.config.checkpoint.min_pause_ms = 100;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_OK);
    assert_int_equal(step_job(&b, job, 0, 1000, &err), SB_OK);
    sb_job_status_read(job, &status);
    assert_in_range(status.checkpoints_completed, 5, 10);
    /* One asked for does not wait. */
    int64_t before = status.checkpoints_completed;
    sb_job_trigger_checkpoint(job);
    assert_int_equal(step_job(&b, job, before + 1, 90, &err), SB_OK);
    sb_job_status_read(job, &status);
    assert_int_equal(status.checkpoints_completed, before + 1);
    sb_job_free(job);
    bench_end(&b);
}

static void
a_checkpoint_can_be_read_by_people(void **state)
{
    bench b;
    sb_error err;
    sb_text text;
    sb_checkpoint_list list;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 2);
    sb_text_init(&text, b.mem);
    assert_int_equal(sb_checkpoint_describe(b.store, b.mem, 0, &text, &err), SB_STATUS_NOT_FOUND);
    b.config.parallelism = 2;
    uint64_t newest = live_until(&b, 8).last_checkpoint;
    assert_int_equal(sb_checkpoint_describe(b.store, b.mem, 0, &text, &err), SB_OK);
    char want[64];
    snprintf(want, sizeof want, "checkpoint %llu (format 1", (unsigned long long)newest);
    assert_non_null(strstr(text.data, want));
    assert_non_null(strstr(text.data, "splits of left: 3"));
    assert_non_null(strstr(text.data, "GroupAggregate 70: sum"));
    assert_non_null(strstr(text.data, "subtask 2 of 2, slots 16384 to 32768"));
    assert_non_null(strstr(text.data, "table 1 (map)"));
    assert_non_null(strstr(text.data, "handle of checkpoint"));
    sb_text_deinit(&text);
    assert_int_equal(sb_checkpoint_list_read(b.store, b.mem, &list, &err), SB_OK);
    assert_int_equal(list.count, 2);
    assert_true(list.at[1].valid && list.at[1].id == newest && list.at[1].bytes > 0);
    sb_checkpoint_list_free(&list);
    sb_plan *plan = NULL;
    assert_int_equal(sb_checkpoint_plan(b.store, b.mem, newest, &plan, &err), SB_OK);
    assert_int_equal(plan->count_nodes, b.plan->count_nodes);
    sb_plan_free(plan);
    bench_end(&b);
}

static int32_t
count_blobs(bench *b)
{
    sb_blob_list list = {0};
    sb_error err;
    assert_int_equal(sb_store_list(b->store, SB_STATE_PREFIX, &list, &err), SB_OK);
    int32_t count = list.count;
    sb_blob_list_free(b->store, &list);
    return count;
}

/* Runs to the end of the job; drain: the input never ends, the job is asked to end it. */
static void
live_to_the_end(bench *b, bool drain)
{
    sb_job *job = NULL;
    sb_error err;
    sb_job_status status;
    assert_int_equal(sb_job_new(b->plan, &b->config, &job, &err), SB_OK);
    assert_int_equal(step_job(b, job, 3, 100000, &err), SB_OK);
    if (drain) {
        sb_job_stop(job, true);
    }
    assert_int_equal(step_job(b, job, 0, 10000000, &err), SB_OK);
    sb_job_status_read(job, &status);
    assert_true(status.state >= SB_JOB_FINISHED);
    sb_job_free(job);
    sb_store_close(b->store);
    bench_open_store(b);
}

static void
tables_nobody_will_read_are_not_written(void **state)
{
    (void)state;
    for (int32_t drain = 0; drain < 2; drain++) {
        bench b;
        sb_error err;
        sb_job_status status;
        bench_begin(&b, SB_RT_SUM, 1);
        b.world.source[0].never_ends = drain;
        live_to_the_end(&b, drain);
        assert_int_equal(count_blobs(&b) > 0, drain);
        assert_int_equal(open_job(&b, &status, &err), SB_OK);
        if (!drain) { /* nothing is left to do, and nothing is said twice */
            sb_rt_rows once = {0}, twice = {0};
            sb_rt_published(b.os, b.world.folder, &once);
            live_to_the_end(&b, false);
            sb_rt_published(b.os, b.world.folder, &twice);
            assert_true(once.count > 0);
            assert_null(sb_rt_compare(&once, &twice));
            sb_rt_rows_free(&once);
            sb_rt_rows_free(&twice);
        }
        bench_end(&b);
    }
}

/* Also when the job fails between the decision and the moment it hears of it. */
static void
the_newest_checkpoint_is_told_whenever_the_job_fails(void **state)
{
    (void)state;
    for (int32_t steps = 1; steps < 400; steps++) {
        bench b;
        sb_job *job = NULL;
        sb_error err, failure;
        sb_job_turn turn = {0};
        sb_job_status status;
        uint64_t *ids = NULL;
        int32_t count = 0;
        bench_begin(&b, SB_RT_SUM, 1);
        assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_OK);
        for (int32_t i = 0; i < steps; i++) {
            assert_int_equal(sb_job_step(job, &turn, &err), SB_OK);
            sb_os_sim_advance(b.os, turn.progress ? 50000 : 1000000);
        }
        sb_error_set(&failure, SB_STATUS_IO, __FILE__, __LINE__, "the test wants it");
        sb_job_fail(job, &failure);
        assert_int_not_equal(step_job(&b, job, 0, 1000, &err), SB_OK);
        sb_job_status_read(job, &status);
        assert_int_equal(sb_manifest_list(b.store, b.mem, &ids, &count, &err), SB_OK);
        assert_int_equal(status.last_checkpoint, count > 0 ? ids[count - 1] : 0);
        assert_int_equal(status.checkpoints_completed, status.last_checkpoint);
        sb_free(b.mem, ids, sizeof *ids * (size_t)(count + 1));
        sb_job_free(job);
        bench_end(&b);
    }
}

static void
options_are_checked(void **state)
{
    bench b;
    sb_error err;
    sb_job *job = NULL;
    (void)state;
    bench_begin(&b, SB_RT_SUM, 1);
    b.config.checkpoint.store = NULL;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_STATUS_INVALID);
    b.config.checkpoint.store = b.store;
    b.config.checkpoint.num_retained = 0;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_STATUS_INVALID);
    b.config.checkpoint.num_retained = 1;
    b.config.parallelism = 100000;
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_STATUS_INVALID);
    b.config.parallelism = 1;
    b.plan->nodes[0]->kind = SB_NODE_NORMALIZE; /* has no code in this world */
    assert_int_equal(sb_job_new(b.plan, &b.config, &job, &err), SB_STATUS_NOT_SUPPORTED);
    assert_non_null(strstr(err.message, "not supported"));
    b.plan->nodes[0]->kind = SB_NODE_SOURCE;
    bench_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damaged_byte_of_a_manifest_is_noticed),
        cmocka_unit_test(a_damaged_checkpoint_falls_back_and_says_so),
        cmocka_unit_test(a_missing_or_damaged_blob_is_named),
        cmocka_unit_test(a_damaged_blob_falls_back_when_there_is_an_older_checkpoint),
        cmocka_unit_test(older_checkpoints_keep_their_blobs),
        cmocka_unit_test(a_wrong_checksum_counts),
        cmocka_unit_test(another_query_is_refused),
        cmocka_unit_test(tables_of_another_version_are_refused_at_once),
        cmocka_unit_test(what_nobody_needs_is_removed),
        cmocka_unit_test(a_checkpoint_that_takes_too_long_is_given_up),
        cmocka_unit_test(the_pause_between_checkpoints_is_kept),
        cmocka_unit_test(a_checkpoint_can_be_read_by_people),
        cmocka_unit_test(tables_nobody_will_read_are_not_written),
        cmocka_unit_test(the_newest_checkpoint_is_told_whenever_the_job_fails),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
