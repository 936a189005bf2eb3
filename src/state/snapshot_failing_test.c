/*
 * state/snapshot_failing_test.c -- snapshots with memory that runs out and disks that fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "state/snapshot_testing.h"
#include "state/state_priv.h"

/* ---- failing memory and disk
 * ------------------------------------------------------------------------ */

/* Each allocation of freeze, write and restore fails once; what failed leaves nothing behind. */
static void
test_failing(void **unused)
{
    (void)unused;
    sb_st_rng r = {9};
    sb_st_table kinds[SB_ST_TABLES];
    sb_st_world w;
    sb_st_saved base;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = sb_st_store_open(os);
    sb_st_world_kinds(kinds, &r);
    sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
    sb_st_world_step(&w, &r, 60);
    sb_st_world_snapshot(&w, store, 1, &base);
    int succeeded = 0;
    for (int64_t n = 1; succeeded < 3; n++) {
        sb_state_snapshot *s = NULL;
        sb_st_saved one;
        sb_st_world_step(&w, &r, 3);
        sb_writer_init(&one.w, sb_mem_root());
        sb_mem_fail_after(n);
        sb_status status = sb_state_freeze(w.state, (uint64_t)n, &s, &err);
        if (status == SB_OK) {
            status = sb_state_snapshot_write(s, store, "op", &one.w, &err);
        }
        sb_mem_fail_after(0);
        sb_st_world_init_models(&one.models, &w);
        assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
        if (s) {
            sb_state_snapshot_end(s, status == SB_OK);
        }
        if (status == SB_OK) {
            succeeded++;
            sb_st_world again;
            sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
            for (int64_t k = 1;; k += 1 + k / 8) {
                sb_mem_fail_after(k);
                status = sb_st_world_restore(&again, &one, store, k % 2, &err);
                sb_mem_fail_after(0);
                if (status == SB_OK) {
                    break;
                }
                if (status != SB_STATUS_NOMEM) {
                    fail_msg("allocation %d: %s %s", (int)k, err.message, err.frames);
                }
                sb_st_world_close(&again);
                sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
            }
            sb_st_world_copy_models(&again, &one.models);
            sb_st_world_check(&again);
            sb_st_world_close(&again);
        }
        sb_st_saved_free(&one);
    }
    sb_st_saved_free(&base);
    sb_st_world_close(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Rows that cannot be kept for a running snapshot make it fail, not the writer. */
static void
test_failing_copies(void **unused)
{
    (void)unused;

    enum { LIMIT = 64 * 1024 * 1024 };

    int failed = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        sb_st_rng r = {seed * 11};
        sb_st_table kinds[SB_ST_TABLES];
        sb_st_world w;
        sb_st_saved s;
        sb_error err;
        sb_os *os = sb_os_sim_new(1);
        sb_store *store = sb_st_store_open(os);
        sb_st_world_kinds(kinds, &r);
        sb_st_world_open_limited(&w, kinds, 0, SB_KEY_SLOTS, LIMIT);
        sb_st_world_step(&w, &r, 60);
        for (int i = 0; i < 12; i++) {
            sb_state_snapshot *snap;
            sb_writer writer;
            sb_writer_init(&writer, sb_mem_root());
            sb_st_world_step(&w, &r, 10);
            assert_int_equal(sb_state_freeze(w.state, 1, &snap, &err), SB_OK);
            /* the budget is used up while the task goes on */
            int64_t taken = 0;
            for (int64_t step = LIMIT; step > 0; step /= 2) {
                while (sb_mem_charge(w.mem, step)) {
                    taken += step;
                }
            }
            for (int k = 0; k < 40; k++) {
                sb_st_step_failing(w.tables[k % SB_ST_TABLES], &w.models[k % SB_ST_TABLES], &r,
                                   w.batch);
            }
            sb_mem_discharge(w.mem, taken);
            sb_status status = sb_state_snapshot_write(snap, store, "op", &writer, &err);
            assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
            failed += status != SB_OK;
            sb_state_snapshot_end(snap, false);
            sb_writer_deinit(&writer);
            sb_st_world_check(&w);
        }
        sb_st_world_snapshot(&w, store, 30, &s);
        sb_st_world again;
        sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
        assert_int_equal(sb_st_world_restore(&again, &s, store, true, &err), SB_OK);
        sb_st_world_copy_models(&again, &s.models);
        sb_st_world_check(&again);
        sb_st_world_close(&again);
        sb_st_saved_free(&s);
        sb_st_world_close(&w);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
    assert_true(failed > 0);
}

/* Writes, syncs and renames fail at random, and the disk crashes: completed snapshots stay
 * readable. */
static void
test_bad_disk(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        sb_st_rng r = {seed * 13};
        sb_st_table kinds[SB_ST_TABLES];
        sb_st_world w;
        sb_st_saved last = {0};
        bool have = false;
        sb_error err;
        sb_os *os = sb_os_sim_new(seed);
        sb_store *store = sb_st_store_open(os);
        sb_st_world_kinds(kinds, &r);
        sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
        for (int i = 0; i < 40; i++) {
            sb_state_snapshot *s;
            sb_st_saved one;
            sb_st_world_step(&w, &r, 10);
            assert_int_equal(sb_state_freeze(w.state, (uint64_t)i, &s, &err), SB_OK);
            sb_st_world_init_models(&one.models, &w);
            sb_writer_init(&one.w, sb_mem_root());
            sb_sim_faults faults = {
                .write_fails = 3000, .write_torn = 3000, .sync_fails = 3000, .rename_fails = 3000};
            sb_os_sim_set_faults(os, &faults);
            sb_status status = sb_state_snapshot_write(s, store, "op", &one.w, &err);
            sb_os_sim_set_faults(os, &(sb_sim_faults){0});
            sb_state_snapshot_end(s, status == SB_OK);
            if (status == SB_OK) {
                if (have) {
                    sb_st_saved_free(&last);
                }
                last = one;
                have = true;
            } else {
                assert_int_equal(status, SB_STATUS_IO);
                sb_st_saved_free(&one);
            }
            if (have && sb_st_below(&r, 6) == 0) {
                sb_store_close(store);
                sb_os_sim_crash(os);
                store = sb_st_store_open(os);
                assert_int_equal(sb_store_lock(store, &err), SB_OK);
                sb_st_world_close(&w);
                sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
                status = sb_st_world_restore(&w, &last, store, true, &err);
                if (status != SB_OK) {
                    fail_msg("restore: %s", err.message);
                }
                sb_st_world_copy_models(&w, &last.models);
                sb_st_world_check(&w);
            }
        }
        if (have) {
            sb_st_saved_free(&last);
        }
        sb_st_world_close(&w);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failing),
        cmocka_unit_test(test_failing_copies),
        cmocka_unit_test(test_bad_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
