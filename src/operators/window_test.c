/*
 * operators/window_test.c -- window arithmetic by hand, and the operator that adds window columns,
 * row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"
#include "operators/window.h"

enum { HOUR = 3600 * 1000 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
#define TIME                                                      \
    {                                                             \
        .id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3 \
    }
#define INSTANT                                                       \
    {                                                                 \
        .id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3 \
    }

/* The offset table of Flink's documentation: 00:00:04 in windows of ten minutes. */
static void
offsets_shift_the_assignment(void **unused)
{
    (void)unused;
    static const int64_t cases[][2] = {{0, 0},  {-16, -6}, {-6, -6}, {-4, -4},
                                       {4, -6}, {6, -4},   {16, -4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum { MINUTE = 60 * 1000 };

        sb_window w;
        sb_error err;
        sb_window_spec spec = {SB_WINDOW_TUMBLE, 10 * MINUTE, 10 * MINUTE, cases[i][0] * MINUTE,
                               false};
        assert_int_equal(sb_window_init(&w, &spec, sb_os_real(), "UTC", &err), SB_OK);
        assert_int_equal(sb_window_slice_end(&w, 4000) - 10 * MINUTE, cases[i][1] * MINUTE);
    }
}

static void
negative_times_round_down(void **unused)
{
    (void)unused;
    sb_window w = {.spec = {SB_WINDOW_TUMBLE, 1000, 1000, 0, false}};
    assert_int_equal(sb_window_slice_end(&w, -1), 0);
    assert_int_equal(sb_window_slice_end(&w, -1000), 0);
    assert_int_equal(sb_window_slice_end(&w, -1001), -1000);
    assert_int_equal(sb_ms_of_us(-1), -1);
    assert_int_equal(sb_ms_of_us(-1000), -1);
}

/* Recorded from Flink: window_time is the first instant of a time that comes twice; the window
 * fires at the second. */
static void
clocks_that_change(void **unused)
{
    (void)unused;
    sb_window w;
    sb_error err;
    sb_window_spec spec = {SB_WINDOW_TUMBLE, HOUR, HOUR, 0, true};
    assert_int_equal(sb_window_init(&w, &spec, sb_os_real(), "America/New_York", &err), SB_OK);
    /* 06:00 UTC; 02:00 as a local time */
    int64_t autumn = 1730613600000, local_two = autumn - 4 * HOUR;
    assert_int_equal(sb_window_time(&w, local_two), autumn - 1);
    assert_int_equal(sb_window_due(&w, local_two), autumn + HOUR - 1);
    /* 00:00 to 01:00 comes once */
    assert_int_equal(sb_window_due(&w, local_two - HOUR), autumn - HOUR - 1);
    assert_int_equal(sb_window_due(&w, local_two + HOUR), autumn + 2 * HOUR - 1);
    /* 07:00 UTC; 02:00, which becomes 03:00 */
    int64_t spring = 1710054000000, local_gap = spring - 5 * HOUR;
    assert_int_equal(sb_window_due(&w, local_gap), spring - 1);
    assert_int_equal(sb_window_due(&w, local_gap + HOUR), spring + HOUR - 1); /* shifted forward */
    assert_int_equal(sb_window_due(&w, local_gap + 2 * HOUR), spring + HOUR - 1);
    /* Half an hour: 02:00 becomes 01:30 at 15:00 UTC. */
    assert_int_equal(sb_window_init(&w, &spec, sb_os_real(), "Australia/Lord_Howe", &err), SB_OK);
    int64_t change = 1712415600000, two = change + 11 * HOUR;
    assert_int_equal(sb_window_time(&w, two), change - 1);
    assert_true(sb_window_due(&w, two) >= change + HOUR / 2 - 1);
}

static const sb_field in_fields[] = {{"k", BIG, 0}, {"t", TEXT, 0}, {"ts", TIME, 0}};
static const sb_schema in_schema = {3, in_fields};
static const sb_field zone_fields[] = {{"k", BIG, 0}, {"t", TEXT, 0}, {"ts", INSTANT, 0}};
static const sb_schema zone_schema = {3, zone_fields};
static const sb_field out_fields[] = {{"k", BIG, 0},   {"t", TEXT, 0},  {"ts", TIME, 0},
                                      {"ws", TIME, 0}, {"we", TIME, 0}, {"wt", TIME, 0}};
static const sb_schema out_schema = {6, out_fields};
static const sb_field zone_out_fields[] = {{"k", BIG, 0},   {"t", TEXT, 0},  {"ts", INSTANT, 0},
                                           {"ws", TIME, 0}, {"we", TIME, 0}, {"wt", INSTANT, 0}};
static const sb_schema zone_out_schema = {6, zone_out_fields};

typedef struct job {
    sb_window_assign_node body;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_job(job *j, const sb_window_spec *spec, const sb_test_rows *feed, int32_t batch_rows,
         int32_t restart_every, uint64_t seed)
{
    j->body = (sb_window_assign_node){.window = *spec, .time = 2};
    j->node = (sb_plan_node){.kind = SB_NODE_WINDOW_ASSIGN,
                             .schema = spec->local_zone ? &zone_out_schema : &out_schema,
                             .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_window_assign,
                           .node = &j->node,
                           .inputs = {spec->local_zone ? &zone_schema : &in_schema},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every,
                           .zone = "Asia/Kolkata"};
}

/* Marks of the feed with the rows around them, as the output must have them. */
static bool
same_with_marks(const sb_test_rows *a, const sb_test_rows *b)
{
    bool same = a->count == b->count;
    for (int32_t i = 0; same && i < a->count; i++) {
        const sb_test_row *x = &a->at[i], *y = &b->at[i];
        same = x->event == y->event &&
               (x->event == SB_TEST_MARK ? x->time_ms == y->time_ms : sb_test_row_same(x, y, 6));
    }
    return same;
}

static void
rows_get_their_windows_the_latest_first(void **unused)
{
    (void)unused;
    static const sb_window_spec specs[] = {{SB_WINDOW_TUMBLE, 1000, 1000, 0, false},
                                           {SB_WINDOW_HOP, 5000, 1000, 0, false},
                                           {SB_WINDOW_HOP, 3000, 1500, 700, false},
                                           {SB_WINDOW_TUMBLE, 24 * HOUR, 24 * HOUR, 0, true}};
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 16; seed++) {
        const sb_window_spec *w = &specs[seed % 4];
        sb_test_rows feed = {0}, expected = {0};
        uint64_t x = seed * 3 + 1;
        for (int32_t i = 0; i < 150; i++) {
            int64_t ts = (int64_t)(sb_test_random(&x) % 20000) - 10000;
            ts = w->local_zone ? ts * 20000 : ts;
            int64_t v[3] = {i, i % 7, ts};
            bool null[3] = {i % 9 == 0, i % 5 == 0, false};
            sb_test_row *r =
                sb_test_add(&feed, (uint8_t)(seed % 3 == 0 ? i % 4 : SB_ROW_INSERT), 3, v, null);
            /* India has one offset */
            int64_t zone = w->local_zone ? 5 * HOUR + HOUR / 2 : 0, local = ts + zone;
            int64_t start =
                local - ((local - w->offset_ms) % w->slide_ms + w->slide_ms) % w->slide_ms;
            for (; start + w->size_ms > local; start -= w->slide_ms) {
                sb_test_row *to = sb_test_add(&expected, r->op, 3, r->v, r->null);
                to->v[3] = start;
                to->v[4] = start + w->size_ms;
                to->v[5] = start + w->size_ms - 1 - zone;
            }
            if (i % 11 == 3) { /* behind many rows: none is dropped as late */
                sb_test_mark(&feed, i * 100000);
                sb_test_mark(&expected, i * 100000);
            }
        }
        sb_test_mark(&expected, SB_WM_MAX);
        for (int k = 0; k < 6; k++) {
            job j;
            make_job(&j, w, &feed, sizes[k % 3], k < 3 ? 0 : 3, seed + (uint64_t)k);
            j.run.port_rows = k == 2 ? 3 : 0;
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_sequence(&expected, &j.run.out[0], 6));
            assert_true(same_with_marks(&expected, &j.run.out[0]));
            sb_test_run_free(&j.run);
        }
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
}

static void
a_row_without_time_fails(void **unused)
{
    (void)unused;
    sb_window_spec spec = {SB_WINDOW_TUMBLE, 1000, 1000, 0, false};
    sb_test_rows feed = {0};
    sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){1, 1, 1}, (bool[]){false, false, true});
    job j;
    make_job(&j, &spec, &feed, 5, 0, 1);
    j.run.may_fail = true;
    sb_test_run_all(&j.run);
    assert_int_equal(j.run.failed, SB_STATUS_DATA);
    assert_non_null(
        strstr(j.run.message,
               "RowTime field should not be null, please convert it to a non-null long value."));
    sb_test_run_free(&j.run);
    sb_test_rows_free(&feed);
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    sb_window_spec spec = {SB_WINDOW_HOP, 5000, 1000, 0, false};
    sb_test_rows feed = {0};
    for (int32_t i = 0; i < 30; i++) {
        sb_test_add(&feed, (uint8_t)(i % 4), 3, (int64_t[]){i, i, i * 100}, NULL);
    }
    job j;
    make_job(&j, &spec, &feed, 4, 5, 1);
    sb_test_fail_allocations(&j.run, 6, 1);
    sb_test_rows_free(&feed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_shift_the_assignment),
        cmocka_unit_test(negative_times_round_down),
        cmocka_unit_test(clocks_that_change),
        cmocka_unit_test(rows_get_their_windows_the_latest_first),
        cmocka_unit_test(a_row_without_time_fails),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
