/*
 * state/table_test.c -- the three shapes against the naive model, and cases by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/os.h"
#include "state/state_testing.h"
#include "state/table_priv.h"

static uint64_t
first_seed(void)
{
    const char *text = sb_env("SB_TEST_SEED");
    return text ? strtoull(text, NULL, 10) : 1;
}

static int
count_seeds(int usual)
{
    const char *text = sb_env("SB_TEST_SEEDS");
    return text ? (int)strtol(text, NULL, 10) : usual;
}

static void
run_seed(uint64_t seed, sb_shape shape, bool failing)
{
    sb_st_rng r = {seed * 1000 + shape};
    sb_st_table kind;
    sb_table_spec spec;
    sb_st_model m;
    sb_table *t;
    sb_error err;
    print_message("seed %llu shape %d\n", (unsigned long long)seed, (int)shape);
    sb_st_table_random(&kind, &r, shape, 7);
    sb_st_table_spec(&kind, &spec);
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_state *state = sb_state_new(mem, 0, SB_KEY_SLOTS);
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_OK);
    sb_st_model_init(&m, &kind);
    sb_st_batch *b = sb_st_batch_new();
    for (int i = 0; i < 120; i++) {
        if (failing && sb_st_below(&r, 2)) {
            sb_st_step_failing(t, &m, &r, b);
        } else {
            sb_st_step(t, &m, &r, b);
        }
        if (kind.ttl_ms && sb_st_below(&r, 5) == 0) {
            sb_state_sweep(state, (int32_t)sb_st_below(&r, 20));
        }
        if (i % 20 == 19) {
            sb_st_check(t, &m);
        }
    }
    sb_st_batch_free(b);
    sb_st_model_deinit(&m);
    sb_state_free(state);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_map_model(void **state)
{
    (void)state;
    for (int i = 0; i < count_seeds(10); i++) {
        run_seed(first_seed() + (uint64_t)i, SB_MAP, false);
    }
}

static void
test_bag_model(void **state)
{
    (void)state;
    for (int i = 0; i < count_seeds(10); i++) {
        run_seed(first_seed() + (uint64_t)i, SB_BAG, false);
    }
}

static void
test_ordered_model(void **state)
{
    (void)state;
    for (int i = 0; i < count_seeds(10); i++) {
        run_seed(first_seed() + (uint64_t)i, SB_ORDERED, false);
    }
}

static void
test_failing_allocations(void **state)
{
    (void)state;
    for (int i = 0; i < count_seeds(6); i++) {
        for (int shape = SB_MAP; shape <= SB_ORDERED; shape++) {
            run_seed(first_seed() + 500 + (uint64_t)i, (sb_shape)shape, true);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_model),
        cmocka_unit_test(test_bag_model),
        cmocka_unit_test(test_ordered_model),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
