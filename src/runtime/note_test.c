/*
 * runtime/note_test.c -- lines of connectors in a job's log: a warning once, for a minute.
 */
#include "runtime/job_priv.h"

#include "base/os/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct heard {
    int32_t warnings, others;
    char last[64];
} heard;

static void
hear(void *ctx, sb_log_level level, const char *line)
{
    heard *h = ctx;
    h->warnings += level == SB_LOG_WARNING;
    h->others += level == SB_LOG_DEBUG;
    snprintf(h->last, sizeof h->last, "%s", line);
}

static int64_t now_us;

static int64_t
wall_us(sb_os *os)
{
    (void)os;
    return now_us;
}

static void
a_warning_is_said_once_a_minute(void **state)
{
    (void)state;
    static sb_job job;
    heard h = {0};
    sb_os os = {.wall_us = wall_us};
    job.os = &os;
    job.config.log = hear;
    job.config.log_ctx = &h;
    now_us = INT64_C(1700000000) * 1000000;
    sb_job_note(&job, true, "a broker is gone");
    sb_job_note(&job, true, "a broker is gone");
    assert_int_equal(h.warnings, 1);
    assert_string_equal(h.last, "a broker is gone");
    sb_job_note(&job, true, "another broker is gone");
    assert_int_equal(h.warnings, 2);
    assert_string_equal(h.last, "another broker is gone");
    now_us += INT64_C(59) * 1000000;
    sb_job_note(&job, true, "a broker is gone");
    assert_int_equal(h.warnings, 2);
    now_us += INT64_C(1) * 1000000;
    sb_job_note(&job, true, "a broker is gone");
    assert_int_equal(h.warnings, 3);
}

static void
other_lines_are_always_said(void **state)
{
    (void)state;
    static sb_job job;
    heard h = {0};
    sb_os os = {.wall_us = wall_us};
    job.os = &os;
    job.config.log = hear;
    job.config.log_ctx = &h;
    sb_job_note(&job, false, "a property has no effect");
    sb_job_note(&job, false, "a property has no effect");
    assert_int_equal(h.others, 2);
    assert_int_equal(h.warnings, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warning_is_said_once_a_minute),
        cmocka_unit_test(other_lines_are_always_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
