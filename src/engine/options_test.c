/*
 * engine/options_test.c -- configuration keys and their values: durations, sizes, enums, defaults
 * of Flink.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/duration.h"
#include "engine/options.h"

static void
durations_are_read_as_flink_does(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"10 s", 10000},    {"500ms", 500}, {"1 min", 60000},  {"2h", 7200000},
                {"1 d", 86400000},  {"100", 100},   {" 3 SEC ", 3000}, {"2 minutes", 120000},
                {"0 ms", 0},        {"1500 us", 1}, {"999999 ns", 0},  {"7 days", 604800000},
                {"1 Hour", 3600000}};

    static const char *const bad[] = {"",
                                      "s",
                                      "10 x",
                                      "-1 s",
                                      "1.5 s",
                                      "10 s s",
                                      "99999999999999999999",
                                      "9223372036854775807 d"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = -1;
        assert_true(sb_parse_duration_ms(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms;
        assert_false(sb_parse_duration_ms(bad[i], &ms));
    }
}

static void
sizes_are_powers_of_1024(void **state)
{
    (void)state;
    int64_t bytes;
    assert_true(sb_parse_memory("128MB", &bytes) && bytes == 134217728);
    assert_true(sb_parse_memory("64 kb", &bytes) && bytes == 65536);
    assert_true(sb_parse_memory("1g", &bytes) && bytes == 1073741824);
    assert_true(sb_parse_memory("2 t", &bytes) && bytes == INT64_C(2199023255552));
    assert_true(sb_parse_memory("4096", &bytes) && bytes == 4096);
    assert_true(sb_parse_memory("12 bytes", &bytes) && bytes == 12);
    assert_false(sb_parse_memory("1 eb", &bytes));
    assert_false(sb_parse_memory("9223372036854775807 kb", &bytes));
}

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
bad_values_are_named(void **state)
{
    (void)state;

    static const struct {
        const char *key, *value, *message, *hint;
    } bad[] = {
        {"execution.checkpointing.interval", "soon",
         "option 'execution.checkpointing.interval' cannot be 'soon'", "duration"},
        {"execution.checkpointing.mode", "twice",
         "option 'execution.checkpointing.mode' cannot be 'twice'", "EXACTLY_ONCE"},
        {"parallelism.default", "0", "option 'parallelism.default' cannot be '0'",
         "from 1 to 1024"},
        {"parallelism.default", "2x", "option 'parallelism.default' cannot be '2x'",
         "whole number"},
        {"memory.limit", "lots", "option 'memory.limit' cannot be 'lots'", "128 mb"},
        {"scan.interleave", "yes", "option 'scan.interleave' cannot be 'yes'", "true or false"},
        {"restart-strategy.exponential-delay.jitter-factor", "2",
         "option 'restart-strategy.exponential-delay.jitter-factor' cannot be '2'", "number"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sb_error err;
        sb_error_clear(&err);
        assert_int_equal(sb_engine_option_check(bad[i].key, bad[i].value, &err), SB_STATUS_INVALID);
        assert_string_equal(err.message, bad[i].message);
        assert_non_null(strstr(err.hint, bad[i].hint));
    }
    assert_true(sb_engine_option_known("memory.limit"));
    assert_false(sb_engine_option_known("memory.limits"));
}

static void
every_row_has_a_default_that_reads(void **state)
{
    (void)state;
    const char *key, *type, *value, *text;
    int32_t count = 0;
    for (; (key = sb_engine_option_at(count, &type, &value, &text)) != NULL; count++) {
        sb_error err;
        assert_true(strlen(text) > 0);
        for (int32_t i = 0; i < count; i++) {
            const char *v, *t;
            assert_string_not_equal(sb_engine_option_at(i, &type, &v, &t), key);
        }
        if (value) {
            assert_int_equal(sb_engine_option_check(key, value, &err), SB_OK);
        }
    }
    assert_true(count > 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_read_as_flink_does),
        cmocka_unit_test(sizes_are_powers_of_1024),
        cmocka_unit_test(defaults_are_those_of_flink),
        cmocka_unit_test(values_are_taken),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(every_row_has_a_default_that_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
