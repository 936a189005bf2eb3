/*
 * plan/settings_test.c -- the list of options: forms, limits, choices, defaults that read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/settings.h"

static sb_status
read_one(const char *key, const char *text, sb_setting_value *out, sb_error *err)
{
    const sb_setting *setting = sb_setting_find(key);
    assert_non_null(setting);
    sb_error_clear(err);
    return sb_setting_read(setting, text, out, err);
}

static void
values_are_read_by_form(void **state)
{
    (void)state;
    sb_setting_value v;
    sb_error err;
    assert_int_equal(read_one("table.exec.state.ttl", "2 h", &v, &err), SB_OK);
    assert_int_equal(v.number, 7200000);
    assert_int_equal(read_one("memory.limit", "2 mb", &v, &err), SB_OK);
    assert_int_equal(v.number, 2097152);
    assert_int_equal(read_one("restart-strategy.exponential-delay.jitter-factor", "0.25", &v, &err),
                     SB_OK);
    assert_true(v.real == 0.25);
    assert_int_equal(read_one("scan.interleave", "TRUE", &v, &err), SB_OK);
    assert_true(v.flag);
    /* other names of one choice have one place */
    assert_int_equal(read_one("execution.checkpointing.mode", "at-least-once", &v, &err), SB_OK);
    assert_int_equal(v.choice, 1);
    assert_int_equal(read_one("restart-strategy.type", "disable", &v, &err), SB_OK);
    assert_int_equal(v.choice, 1);
    assert_int_equal(read_one("restart-strategy.type", "exponentialdelay", &v, &err), SB_OK);
    assert_int_equal(v.choice, 4);
    assert_int_equal(read_one("table.local-time-zone", "Asia/Tokyo", &v, &err), SB_OK);
    assert_string_equal(v.text, "Asia/Tokyo");
}

static void
bad_values_are_named(void **state)
{
    (void)state;

    static const struct {
        const char *key, *value, *hint;
    } bad[] = {
        {"execution.checkpointing.interval", "soon", "it is a duration such as '10 s' or '500 ms'"},
        {"execution.checkpointing.mode", "twice",
         "it is EXACTLY_ONCE,exactly-once|AT_LEAST_ONCE,at-least-once"},
        {"execution.runtime-mode", "", "it is STREAMING|BATCH|AUTOMATIC"},
        {"parallelism.default", "0", "it is a whole number from 1 to 1024"},
        {"parallelism.default", "2x", "it is a whole number from 1 to 1024"},
        {"memory.limit", "lots", "it is a size such as '128 mb'"},
        {"scan.interleave", "yes", "it is true or false"},
        {"table.local-time-zone", "../x", "it is a time zone such as 'UTC' or 'Europe/Berlin'"},
        {"restart-strategy.exponential-delay.jitter-factor", "2", "it is a number from 0 to 1"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sb_error err;
        sb_setting_value v;
        char message[256];
        assert_int_equal(read_one(bad[i].key, bad[i].value, &v, &err), SB_STATUS_INVALID);
        snprintf(message, sizeof message, "option '%s' cannot be '%s'", bad[i].key, bad[i].value);
        assert_string_equal(err.message, message);
        assert_string_equal(err.hint, bad[i].hint);
    }
}

static void
values_of_flink_only_are_refused(void **state)
{
    (void)state;
    sb_error err;
    sb_setting_value v;
    assert_int_equal(read_one("table.exec.legacy-cast-behaviour", "enabled", &v, &err),
                     SB_STATUS_NOT_SUPPORTED);
    assert_string_equal(err.message, "not supported: 'enabled' of option "
                                     "'table.exec.legacy-cast-behaviour'");
    assert_int_equal(read_one("table.exec.legacy-cast-behaviour", "disabled", &v, &err), SB_OK);
    assert_int_equal(read_one("table.exec.sink.type-length-enforcer", "trim_pad", &v, &err), SB_OK);
}

static void
families_are_taken_in_silence(void **state)
{
    (void)state;
    assert_true(sb_setting_in_family("table.optimizer.join-reorder-enabled"));
    assert_true(sb_setting_in_family("metrics.scope.jm"));
    assert_false(sb_setting_in_family("tables.x"));
    assert_null(sb_setting_find("memory.limits"));
}

static void
every_row_has_a_default_that_reads(void **state)
{
    (void)state;
    const sb_setting *setting;
    int32_t count = 0;
    for (; (setting = sb_setting_at(count)) != NULL; count++) {
        sb_error err;
        sb_setting_value v;
        assert_true(strlen(setting->text) > 0 && strlen(sb_setting_type(setting)) > 0);
        assert_ptr_equal(sb_setting_find(setting->key), setting); /* no key twice */
        if (setting->value) {
            assert_int_equal(sb_setting_read(setting, setting->value, &v, &err), SB_OK);
        }
    }
    assert_true(count > 55);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_by_form),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(values_of_flink_only_are_refused),
        cmocka_unit_test(families_are_taken_in_silence),
        cmocka_unit_test(every_row_has_a_default_that_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
