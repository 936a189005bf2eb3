/*
 * runtime/decision_test.c -- jobs whose checkpoints a log decides: which manifest is taken, which
 * are dropped, and where a job stops because nobody can tell.
 *
 * DESIGN     The log is a few variables: what it remembers of the group, and what goes wrong.
 */
#include "runtime/runtime_testing.h"

#include "runtime/job_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fake_log {
    sb_decision last;
    uint64_t claim; /* of the owner that decided last */
    int32_t opens, prepares, decisions, fail_decision;
    bool lost_answer; /* the decision that fails has taken effect */
    bool rival;       /* it fails because somebody else has come */
    sb_decider decider;
    sb_decider_init init;
} the_log;

static sb_status
fake_check(const sb_sink_node *const *sinks, int32_t count, int64_t interval, sb_error *err)
{
    (void)sinks, (void)interval, (void)err;
    assert_true(count >= 1);
    return SB_OK;
}

static sb_status fake_open(const sb_decider_init *init, sb_decider **out, sb_decision *decision,
                           sb_error *err);

static sb_status
fake_prepare(sb_decider *d, sb_error *err)
{
    (void)d, (void)err;
    the_log.prepares++;
    return SB_OK;
}

static sb_status
fake_decide(sb_decider *d, uint64_t checkpoint, bool ended, sb_error *err)
{
    (void)d;
    bool fails = the_log.fail_decision > 0 && --the_log.fail_decision == 0;
    the_log.decisions++;
    if (!fails || the_log.lost_answer) {
        the_log.last = (sb_decision){.known = true, .ended = ended, .checkpoint = checkpoint};
        snprintf(the_log.last.job_id, sizeof the_log.last.job_id, "%s", the_log.init.job_id);
        the_log.claim = the_log.init.claim;
    }
    if (fails) {
        the_log.claim ^= the_log.rival;
        sb_error_set(err, SB_STATUS_TIMEOUT, __FILE__, __LINE__, "no answer");
        err->retriable = true;
        return SB_STATUS_TIMEOUT;
    }
    return SB_OK;
}

static void
fake_close(sb_decider *d)
{
    (void)d;
}

static const sb_decider_vtable fake_decider = {.name = "fake log",
                                               .check = fake_check,
                                               .open = fake_open,
                                               .prepare = fake_prepare,
                                               .decide = fake_decide,
                                               .close = fake_close};

static sb_status
fake_open(const sb_decider_init *init, sb_decider **out, sb_decision *decision, sb_error *err)
{
    if (init->again && the_log.claim != init->claim) {
        SB_FAIL(err, SB_STATUS_CONFLICT, "a rival");
    }
    the_log.opens++;
    the_log.init = *init;
    the_log.decider.vtable = &fake_decider;
    *decision = the_log.last;
    *out = &the_log.decider;
    return SB_OK;
}

/* --- a job over it --- */

typedef struct bed {
    sb_rt_world world;
    sb_mem *mem;
    sb_os *os;
    sb_plan *plan;
    sb_store *store;
    sb_job *job;
    sb_error err;
} bed;

static void
bed_open(bed *b)
{
    memset(b, 0, sizeof *b);
    memset(&the_log, 0, sizeof the_log);
    sb_rt_draw_world(&b->world, 3);
    b->world.decider = &fake_decider;
    sb_rt_current = &b->world;
    b->mem = sb_mem_new(NULL, "test", 0);
    b->os = sb_os_sim_new(5);
    b->plan = sb_rt_plan(b->mem, SB_RT_COPY);
}

static void
bed_close(bed *b)
{
    sb_plan_free(b->plan);
    sb_os_sim_free(b->os);
    assert_int_equal(sb_mem_used(b->mem), 0);
    sb_mem_unref(b->mem);
}

/* Runs until it ends, or until so many checkpoints were decided (then the process dies). */
static sb_status
live(bed *b, int64_t checkpoints)
{
    sb_job_config config;
    sb_job_turn turn = {0};
    sb_error_clear(&b->err);
    assert_int_equal(sb_store_open_folder(b->os, b->mem, "state", &b->store, &b->err), SB_OK);
    sb_job_config_default(&config, b->mem, sb_rt_factories());
    config.os = b->os;
    config.host_driven = true;
    config.batch_rows = 1;
    config.job_id = "me";
    config.checkpoint.enabled = true;
    config.checkpoint.store = b->store;
    config.checkpoint.interval_ms = 2;
    config.checkpoint.num_retained = 3;
    sb_status status = sb_job_new(b->plan, &config, &b->job, &b->err);
    for (int32_t steps = 0; status == SB_OK && !turn.ended && steps < 100000; steps++) {
        status = sb_job_step(b->job, &turn, &b->err);
        sb_os_sim_advance(b->os, INT64_C(300000) + (turn.progress ? 0 : INT64_C(2000000)));
        if (checkpoints > 0 && b->job->coordinator.completed >= checkpoints) {
            break;
        }
    }
    b->job = sb_job_free(b->job);
    b->store = sb_store_close(b->store);
    return status;
}

static uint64_t
newest_manifest(bed *b)
{
    uint64_t *ids = NULL;
    int32_t count = 0;
    assert_int_equal(sb_store_open_folder(b->os, b->mem, "state", &b->store, &b->err), SB_OK);
    assert_int_equal(sb_manifest_list(b->store, b->mem, &ids, &count, &b->err), SB_OK);
    uint64_t newest = count > 0 ? ids[count - 1] : 0;
    sb_free(b->mem, ids, sizeof *ids * (size_t)(count + 1));
    b->store = sb_store_close(b->store);
    return newest;
}

static void
put(bed *b, const char *name, const char *text)
{
    assert_int_equal(sb_store_open_folder(b->os, b->mem, "state", &b->store, &b->err), SB_OK);
    assert_int_equal(sb_store_put(b->store, name, text, strlen(text), &b->err), SB_OK);
    b->store = sb_store_close(b->store);
}

static void
refused(bed *b, sb_status status, const char *part)
{
    assert_int_equal(live(b, 0), status);
    if (!strstr(b->err.message, part)) {
        fail_msg("%s\nis not in: %s", part, b->err.message);
    }
    assert_true(b->err.hint[0] != '\0');
}

static void
expect_result(bed *b)
{
    sb_rt_rows expected, got;
    sb_rt_expected(&b->world, SB_RT_COPY, &expected);
    sb_rt_published(b->os, b->world.folder, &got);
    sb_rt_rows_sort(&got);
    assert_null(sb_rt_compare(&expected, &got));
    sb_rt_rows_free(&expected);
    sb_rt_rows_free(&got);
}

static void
each_checkpoint_is_decided_once(void **state)
{
    bed b;
    (void)state;
    bed_open(&b);
    assert_int_equal(live(&b, 0), SB_OK);
    assert_int_equal(the_log.opens, 1);
    assert_true(the_log.decisions > 3 && the_log.prepares == the_log.decisions - 1);
    assert_true(the_log.last.ended);
    assert_int_equal(newest_manifest(&b), the_log.last.checkpoint);
    expect_result(&b);
    bed_close(&b);
}

/* The answer to a decision is lost: whether it was decided, the next attempt learns. */
static void
a_decision_without_answer(void **state)
{
    (void)state;
    for (int32_t lost = 0; lost < 2; lost++) {
        for (int32_t nth = 2; nth < 6; nth++) {
            bed b;
            bed_open(&b);
            the_log.fail_decision = nth;
            the_log.lost_answer = lost;
            assert_int_equal(live(&b, 0), SB_OK);
            assert_int_equal(the_log.opens, 2);
            expect_result(&b);
            bed_close(&b);
        }
    }
}

static void
what_was_not_decided_is_dropped(void **state)
{
    bed b;
    (void)state;
    bed_open(&b);
    assert_int_equal(live(&b, 3), SB_OK);
    uint64_t decided = the_log.last.checkpoint;
    assert_int_equal(newest_manifest(&b), decided);
    /* as if the last commit had not come through */
    the_log.last.checkpoint = decided - 1;
    put(&b, "settled", "1\n");
    assert_int_equal(live(&b, 1), SB_OK);
    assert_int_equal(the_log.last.checkpoint, decided + 1);
    bed_close(&b);
}

static void
a_log_that_forgets(void **state)
{
    bed b;
    (void)state;
    bed_open(&b);
    assert_int_equal(live(&b, 3), SB_OK);
    memset(&the_log.last, 0, sizeof the_log.last);
    /* the folder knows for certain: it goes on */
    assert_int_equal(live(&b, 1), SB_OK);
    memset(&the_log.last, 0, sizeof the_log.last);
    put(&b, "settled", "1\n");
    refused(&b, SB_STATUS_CONFLICT, "has lost what was decided of this job");
    bed_close(&b);
}

static void
a_log_that_knows_better(void **state)
{
    bed b;
    (void)state;
    bed_open(&b);
    assert_int_equal(live(&b, 3), SB_OK);
    the_log.last.checkpoint += 5;
    refused(&b, SB_STATUS_CORRUPT, "was decided, and state does not have it");
    the_log.last.checkpoint = 1;
    refused(&b, SB_STATUS_CORRUPT, "it has lost what was written to it");
    bed_close(&b);
}

static void
a_rival_ends_it(void **state)
{
    bed b;
    (void)state;
    bed_open(&b);
    the_log.fail_decision = 3;
    the_log.rival = true;
    assert_int_equal(live(&b, 0), SB_STATUS_CONFLICT);
    assert_string_equal(b.err.message, "a rival");
    assert_int_equal(the_log.opens, 1);
    bed_close(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_checkpoint_is_decided_once),
        cmocka_unit_test(a_decision_without_answer),
        cmocka_unit_test(what_was_not_decided_is_dropped),
        cmocka_unit_test(a_log_that_forgets),
        cmocka_unit_test(a_log_that_knows_better),
        cmocka_unit_test(a_rival_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
