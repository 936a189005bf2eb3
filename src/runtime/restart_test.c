/*
 * runtime/restart_test.c -- the restart strategies, with delays worked out by hand.
 */
#include "runtime/restart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIDDLE (UINT64_C(1) << 63) /* no jitter: half of the range */

static sb_restart_state
make(const sb_restart_options *options, bool checkpointing)
{
    sb_restart_state state;
    sb_error err;
    assert_int_equal(sb_restart_init(&state, sb_mem_root(), options, checkpointing, &err), SB_OK);
    return state;
}

static bool
next(sb_restart_state *state, int64_t now_ms, int64_t *delay_ms)
{
    sb_error failure;
    sb_error_set(&failure, SB_STATUS_DATA, __FILE__, __LINE__, "at %lld", (long long)now_ms);
    return sb_restart_next(state, now_ms, MIDDLE, &failure, delay_ms);
}

static void
the_default_depends_on_checkpointing(void **unused)
{
    sb_restart_options o;
    int64_t delay;
    (void)unused;
    sb_restart_options_default(&o);
    sb_restart_state off = make(&o, false), on = make(&o, true);
    assert_false(next(&off, 0, &delay));
    assert_true(next(&on, 0, &delay));
    assert_int_equal(delay, 1000);
}

static void
fixed_delay_counts_attempts(void **unused)
{
    sb_restart_options o;
    int64_t delay;
    (void)unused;
    sb_restart_options_default(&o);
    o.kind = SB_RESTART_FIXED_DELAY;
    sb_restart_state state = make(&o, true);
    assert_true(next(&state, 0, &delay));
    assert_int_equal(delay, 1000);
    assert_false(next(&state, 1000000, &delay));
    o.attempts = 3;
    o.delay_ms = 7;
    state = make(&o, true);
    for (int32_t i = 0; i < 3; i++) {
        assert_true(next(&state, i, &delay));
        assert_int_equal(delay, 7);
    }
    assert_false(next(&state, 4, &delay));
}

static void
failure_rate_forgets_old_failures(void **unused)
{
    sb_restart_options o;
    int64_t delay;
    (void)unused;
    sb_restart_options_default(&o);
    o.kind = SB_RESTART_FAILURE_RATE;
    o.max_failures = 2;
    o.failure_interval_ms = 1000;
    sb_restart_state state = make(&o, true);
    assert_true(next(&state, 0, &delay));
    assert_true(next(&state, 900, &delay));
    assert_true(next(&state, 1100, &delay));  /* the one at 0 is out of the interval */
    assert_false(next(&state, 1200, &delay)); /* 900, 1100, 1200: three in a second */
    sb_restart_deinit(&state);
}

static void
exponential_delay_grows_to_its_limit_and_starts_over(void **unused)
{
    static const int64_t delays[] = {1000,  1500,  2250,  3375,  5062,  7593, 11390,
                                     17085, 25628, 38443, 57665, 60000, 60000};
    sb_restart_options o;
    sb_error failure;
    int64_t delay, now_ms = 0;
    (void)unused;
    sb_restart_options_default(&o);
    sb_restart_state state = make(&o, true);
    for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        assert_true(next(&state, now_ms, &delay));
        assert_in_range(delay, delays[i] - 1, delays[i] + 1);
        now_ms += delay + 10;
    }
    now_ms += 60 * 60 * 1000;
    assert_true(next(&state, now_ms, &delay));
    assert_int_equal(delay, 1000);
    /* Jitter: a tenth to both sides. */
    sb_error_set(&failure, SB_STATUS_IO, __FILE__, __LINE__, "x");
    state = make(&o, true);
    assert_true(sb_restart_next(&state, 0, 0, &failure, &delay));
    assert_int_equal(delay, 900);
    state = make(&o, true);
    assert_true(sb_restart_next(&state, 0, UINT64_MAX, &failure, &delay));
    assert_in_range(delay, 1099, 1100);
    o.max_attempts = 2;
    state = make(&o, true);
    assert_true(next(&state, 0, &delay));
    assert_true(next(&state, 1, &delay));
    assert_false(next(&state, 2, &delay));
}

static void
the_same_failure_three_times_is_named(void **unused)
{
    sb_restart_options o;
    int64_t delay;
    (void)unused;
    sb_restart_options_default(&o);
    sb_restart_state state = make(&o, true);
    for (int32_t i = 1; i <= 5; i++) {
        sb_error failure;
        sb_error_set(&failure, SB_STATUS_DATA, __FILE__, __LINE__, "division by zero");
        if (i == 4) {
            sb_restart_progress(&state); /* a checkpoint completed in between */
        }
        assert_true(sb_restart_next(&state, i, MIDDLE, &failure, &delay));
        assert_int_equal(failure.hint[0] != '\0', i == 3);
    }
}

static void
options_out_of_range_are_refused(void **unused)
{
    sb_restart_options o, bad;
    sb_restart_state state;
    sb_error err;
    (void)unused;
    sb_restart_options_default(&o);
    bad = o;
    bad.jitter = 1.5;
    assert_int_equal(sb_restart_init(&state, sb_mem_root(), &bad, true, &err), SB_STATUS_INVALID);
    bad = o;
    bad.backoff_multiplier = 1.0;
    assert_int_equal(sb_restart_init(&state, sb_mem_root(), &bad, true, &err), SB_STATUS_INVALID);
    bad = o;
    bad.max_backoff_ms = 1;
    assert_int_equal(sb_restart_init(&state, sb_mem_root(), &bad, true, &err), SB_STATUS_INVALID);
    bad = o;
    bad.attempts = -1;
    assert_int_equal(sb_restart_init(&state, sb_mem_root(), &bad, true, &err), SB_STATUS_INVALID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_depends_on_checkpointing),
        cmocka_unit_test(fixed_delay_counts_attempts),
        cmocka_unit_test(failure_rate_forgets_old_failures),
        cmocka_unit_test(exponential_delay_grows_to_its_limit_and_starts_over),
        cmocka_unit_test(the_same_failure_three_times_is_named),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
