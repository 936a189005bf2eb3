/*
 * runtime/recovery_test.c -- jobs that crash at any moment and start again at another parallelism:
 * nothing lost, nothing twice.
 *
 * SABOT_SEEDS=from:to in the environment runs more lives of each kind.
 */
#include "runtime/runtime_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t seed_from = 1, seed_to = 25;

static void
read_seeds(void)
{
    unsigned long long from, to;
    const char *text = sb_env("SABOT_SEEDS");
    if (text && sscanf(text, "%llu:%llu", &from, &to) == 2) {
        seed_from = from;
        seed_to = to;
    }
}

/* Lives of all shapes; returns how many crashes there were. */
static int64_t
lives(const sb_rt_life *kind)
{
    int64_t crashes = 0, checkpoints = 0;
    for (int32_t shape = 0; shape < SB_RT_COLLECT; shape++) {
        for (uint64_t seed = seed_from; seed <= seed_to; seed++) {
            sb_rt_world world;
            sb_rt_life life = *kind;
            life.seed = seed * 64 + (uint64_t)shape;
            life.shape = (sb_rt_shape)shape;
            life.quiet = !sb_env("SABOT_LOUD");
            sb_rt_draw_world(&world, life.seed);
            sb_rt_outcome out = sb_rt_live(&world, &life);
            crashes += out.crashes;
            checkpoints += out.checkpoints;
            if (out.problem) {
                print_error("SABOT_SEEDS=%llu:%llu shape %d (%d crashes, %d starts): %s: %s\n",
                            (unsigned long long)seed, (unsigned long long)seed, shape, out.crashes,
                            out.starts, out.problem, out.error.message);
                fail();
            }
            assert_int_equal(out.state, SB_JOB_FINISHED);
        }
    }
    print_message("             %lld crashes, %lld checkpoints\n", (long long)crashes,
                  (long long)checkpoints);
    return crashes;
}

static void
strict_barriers(void **state)
{
    (void)state;
    sb_rt_life kind = {.interval_ms = 5, .crash_one_in = 150, .max_crashes = 6};
    assert_true(lives(&kind) > 20);
}

static void
overtaking_barriers(void **state)
{
    (void)state;
    sb_rt_life kind = {.interval_ms = 5, .crash_one_in = 150, .max_crashes = 6, .overtaking = true};
    assert_true(lives(&kind) > 20);
}

static void
same_parallelism_many_retained(void **state)
{
    (void)state;
    sb_rt_life kind = {.interval_ms = 5,
                       .crash_one_in = 100,
                       .max_crashes = 9,
                       .parallelism = 2,
                       .num_retained = 3};
    assert_true(lives(&kind) > 20);
}

static void
faulty_disk(void **state)
{
    (void)state;
    sb_rt_life kind = {
        .interval_ms = 5,
        .crash_one_in = 300,
        .max_crashes = 4,
        .draw_overtaking = true,
        .faults = {.write_fails = 150, .write_torn = 150, .sync_fails = 150, .rename_fails = 150}};
    assert_true(lives(&kind) > 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_barriers),
        cmocka_unit_test(overtaking_barriers),
        cmocka_unit_test(same_parallelism_many_retained),
        cmocka_unit_test(faulty_disk),
    };
    read_seeds();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
