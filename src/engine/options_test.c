/*
 * engine/options_test.c -- what the engine reads of the options: Flink's defaults, older names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/options.h"

static sb_engine_config
read_one(const char *key, const char *value)
{
    sb_option option = {key, value, -1};
    sb_engine_config config;
    sb_error err;
    sb_error_clear(&err);
    assert_int_equal(sb_engine_config_read((sb_options){1, &option}, &config, &err), SB_OK);
    return config;
}

static void
defaults_are_those_of_flink(void **state)
{
    (void)state;
    sb_engine_config c;
    sb_error err;
    assert_int_equal(sb_engine_config_read((sb_options){0, NULL}, &c, &err), SB_OK);
    assert_int_equal(c.checkpoint_interval_ms, -1);
    assert_int_equal(c.checkpoint_mode, SB_EXACTLY_ONCE);
    assert_int_equal(c.checkpoint_timeout_ms, 600000);
    assert_int_equal(c.checkpoint_min_pause_ms, 0);
    assert_int_equal(c.checkpoint_tolerable, 0);
    assert_int_equal(c.checkpoint_retained, 1);
    assert_int_equal(c.restart_kind, SB_RESTART_DEFAULT);
    assert_int_equal(c.fixed_attempts, 1);
    assert_int_equal(c.fixed_delay_ms, 1000);
    assert_int_equal(c.rate_failures, 1);
    assert_int_equal(c.rate_interval_ms, 60000);
    assert_int_equal(c.exp_initial_ms, 1000);
    assert_int_equal(c.exp_max_ms, 60000);
    assert_int_equal(c.exp_reset_ms, 3600000);
    assert_true(c.exp_multiplier == 1.5 && c.exp_jitter == 0.1);
    assert_int_equal(c.parallelism, 1);
    assert_null(c.state_dir);
    assert_null(c.checkpoint_dir);
}

static void
values_are_taken(void **state)
{
    (void)state;
    assert_int_equal(read_one("execution.checkpointing.interval", "250 ms").checkpoint_interval_ms,
                     250);
    assert_int_equal(read_one("execution.checkpointing.mode", "at_least_once").checkpoint_mode,
                     SB_AT_LEAST_ONCE);
    assert_int_equal(read_one("execution.checkpointing.mode", "exactly-once").checkpoint_mode,
                     SB_EXACTLY_ONCE);
    assert_int_equal(read_one("restart-strategy.type", "none").restart_kind, SB_RESTART_NONE);
    assert_int_equal(read_one("restart-strategy.type", "off").restart_kind, SB_RESTART_NONE);
    assert_int_equal(read_one("restart-strategy", "fixed-delay").restart_kind,
                     SB_RESTART_FIXED_DELAY);
    assert_int_equal(read_one("restart-strategy.type", "failure-rate").restart_kind,
                     SB_RESTART_FAILURE_RATE);
    assert_int_equal(read_one("restart-strategy.type", "exponentialdelay").restart_kind,
                     SB_RESTART_EXPONENTIAL_DELAY);
    assert_int_equal(read_one("parallelism.default", "7").parallelism, 7);
    assert_int_equal(read_one("table.exec.resource.default-parallelism", "3").parallelism, 3);
    assert_int_equal(read_one("table.exec.resource.default-parallelism", "-1").parallelism, 1);
    assert_int_equal(read_one("memory.limit", "2 mb").memory_limit, 2097152);
    assert_int_equal(read_one("execution.runtime-mode", "batch").runtime_mode, 1);
    assert_int_equal(read_one("engine.threads", "none").threads, 1);
    assert_true(read_one("scan.interleave", "TRUE").interleave);
    assert_string_equal(read_one("state.checkpoints.dir", "x/y").checkpoint_dir, "x/y");
    assert_int_equal(read_one("some.other.key", "whatever").parallelism,
                     1); /* unknown: not an error here */
}

static void
every_field_is_filled(void **state)
{
    (void)state;
    sb_engine_config c;
    sb_error err;
    sb_option bad = {"parallelism.default", "none", -1};
    assert_int_equal(sb_engine_config_read((sb_options){1, &bad}, &c, &err), SB_STATUS_INVALID);
    assert_string_equal(err.message, "option 'parallelism.default' cannot be 'none'");
    /* A later key for the same field holds. */
    sb_option two[] = {{"parallelism.default", "2", -1},
                       {"table.exec.resource.default-parallelism", "5", -1}};
    assert_int_equal(sb_engine_config_read((sb_options){2, two}, &c, &err), SB_OK);
    assert_int_equal(c.parallelism, 5);
    two[1].value = "-1";
    assert_int_equal(sb_engine_config_read((sb_options){2, two}, &c, &err), SB_OK);
    assert_int_equal(c.parallelism, 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_flink),
        cmocka_unit_test(values_are_taken),
        cmocka_unit_test(every_field_is_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
