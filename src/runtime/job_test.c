/*
 * runtime/job_test.c -- jobs without crashes: every shape at several parallelisms, batch sizes and
 * ring sizes, drawn schedules.
 */
#include "runtime/runtime_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
run_one(uint64_t seed, const sb_rt_life *life)
{
    sb_rt_world world;
    sb_rt_draw_world(&world, seed);
    sb_rt_outcome out = sb_rt_live(&world, life);
    if (out.problem) {
        print_error("seed %llu shape %d parallelism %d: %s: %s\n", (unsigned long long)seed,
                    life->shape, life->parallelism, out.problem, out.error.message);
        fail();
    }
    assert_int_equal(out.state, SB_JOB_FINISHED);
}

static void
every_shape_at_every_parallelism(void **state)
{
    (void)state;
    for (int32_t shape = 0; shape < SB_RT_COLLECT; shape++) {
        for (int32_t parallelism = 1; parallelism <= 3; parallelism++) {
            for (uint64_t seed = 1; seed <= 10; seed++) {
                sb_rt_life life = {.seed = seed,
                                   .shape = (sb_rt_shape)shape,
                                   .parallelism = parallelism,
                                   .no_checkpoints = true,
                                   .quiet = true};
                run_one(seed, &life);
            }
        }
    }
}

static void
with_checkpoints(void **state)
{
    (void)state;
    for (int32_t shape = 0; shape < SB_RT_COLLECT; shape++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            sb_rt_life life = {.seed = seed,
                               .shape = (sb_rt_shape)shape,
                               .interval_ms = 10,
                               .draw_overtaking = true,
                               .quiet = true};
            run_one(seed, &life);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_at_every_parallelism),
        cmocka_unit_test(with_checkpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
