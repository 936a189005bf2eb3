/*
 * operators/window_join_test.c -- rows of equal windows against nested loops; late rows; windows
 * larger than the room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { SIDE = 4, OUT_COLUMNS = 8, START = 2, END = 3 };

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
static const sb_field side_fields[] = {
    {"k", BIG, 0}, {"t", TEXT, 0}, {"ws", TIME, 0}, {"we", TIME, 0}};
static const sb_schema side_schema = {SIDE, side_fields};
static const sb_field out_fields[] = {{"k", BIG, 0},    {"t", TEXT, 0},  {"ws", TIME, 0},
                                      {"we", TIME, 0},  {"k0", BIG, 0},  {"t0", TEXT, 0},
                                      {"ws0", TIME, 0}, {"we0", TIME, 0}};
static const sb_schema out_schema = {OUT_COLUMNS, out_fields};

typedef struct setting {
    bool null_safe, residual; /* left t <= right t */
    bool new_york;            /* windows are local times of 2024-11-03: one hour comes twice */
} setting;

/* 2024-11-03 01:00 in New York, as a local time */
static const int64_t autumn_local = 1730595600000;

enum { HOUR = 3600 * 1000 };

/* By hand: before the change the clock is 4 hours behind, from the second 01:00 on 5. */
static int64_t
due_of(const setting *s, int64_t end)
{
    if (!s->new_york) {
        return end - 1;
    }
    return end - 1 < autumn_local ? end - 1 + 4 * HOUR : end - 1 + 5 * HOUR;
}

static void
fire(const setting *s, sb_test_rows side[2], int64_t target, sb_test_rows *out)
{
    for (int32_t l = 0; l < side[0].count; l++) {
        const sb_test_row *a = &side[0].at[l];
        for (int32_t r = 0; r < side[1].count; r++) {
            const sb_test_row *b = &side[1].at[r];
            bool keys =
                a->null[0] == b->null[0] && a->v[0] == b->v[0] && (!a->null[0] || s->null_safe);
            bool rest = !s->residual || (!a->null[1] && !b->null[1] && a->v[1] <= b->v[1]);
            if (keys && rest && a->v[END] == b->v[END] && due_of(s, a->v[END]) <= target) {
                sb_test_row *to = sb_test_add(out, SB_ROW_INSERT, SIDE, a->v, a->null);
                memcpy(to->v + SIDE, b->v, sizeof *b->v * SIDE);
                memcpy(to->null + SIDE, b->null, SIDE);
            }
        }
    }
    for (int32_t i = 0; i < 2; i++) {
        int32_t n = 0;
        for (int32_t k = 0; k < side[i].count; k++) {
            if (due_of(s, side[i].at[k].v[END]) > target) {
                side[i].at[n++] = side[i].at[k];
            }
        }
        side[i].count = n;
    }
}

static int32_t
reference(const setting *s, const sb_test_rows feeds[2], sb_test_rows *out)
{
    sb_test_rows side[2] = {{0}, {0}};
    int32_t at[2] = {0, 0}, late = 0;
    int64_t watermark[2] = {SB_WM_MIN, SB_WM_MIN}, target = SB_WM_MIN;
    while (at[0] < feeds[0].count || at[1] < feeds[1].count) {
        bool left = at[1] == feeds[1].count ||
                    (at[0] < feeds[0].count && feeds[0].at[at[0]].order < feeds[1].at[at[1]].order);
        int32_t i = left ? 0 : 1;
        const sb_test_row *r = &feeds[i].at[at[i]++];
        if (r->event == SB_TEST_MARK) {
            watermark[i] = r->time_ms;
        } else if (due_of(s, r->v[END]) <= target) {
            late++;
        } else {
            sb_test_add(&side[i], 0, SIDE, r->v, r->null);
        }
        watermark[i] = at[i] == feeds[i].count ? SB_WM_MAX : watermark[i];
        target = watermark[0] < watermark[1] ? watermark[0] : watermark[1];
        fire(s, side, target, out);
    }
    sb_test_rows_free(&side[0]);
    sb_test_rows_free(&side[1]);
    return late;
}

static void
make_feeds(const setting *s, uint64_t seed, int32_t rows, sb_test_rows feeds[2])
{
    uint64_t x = seed * 57 + 5;
    int64_t size = s->new_york ? HOUR / 2 : 1000, now = s->new_york     ? autumn_local - HOUR
                                                        : seed % 3 == 0 ? -8000
                                                                        : 50000;
    int64_t last[2] = {SB_WM_MIN, SB_WM_MIN};
    for (int32_t n = 0; n < rows; n++) {
        int32_t i = (int32_t)(sb_test_random(&x) % 2);
        now += (int64_t)(sb_test_random(&x) % (uint64_t)(size / 10));
        int64_t ts = now - (sb_test_random(&x) % 4 == 0
                                ? (int64_t)(sb_test_random(&x) % (uint64_t)(2 * size))
                                : 0);
        int64_t start = ts - (ts % size + size) % size;
        int64_t v[SIDE] = {(int64_t)(sb_test_random(&x) % 3), (int64_t)(sb_test_random(&x) % 5),
                           start, start + size};
        bool null[SIDE] = {sb_test_random(&x) % 6 == 0, sb_test_random(&x) % 6 == 0, false, false};
        sb_test_add(&feeds[i], SB_ROW_INSERT, SIDE, v, null)->order = 2 * n;
        if (sb_test_random(&x) % 5 == 0) {
            int64_t end = now - (now % size + size) % size;
            /* just before, at, behind */
            int64_t mark = due_of(s, end) - 1 + (int64_t)(sb_test_random(&x) % 3);
            if (mark > last[i]) {
                last[i] = mark;
                sb_test_event_add(&feeds[i], SB_TEST_MARK, mark, 0)->order = 2 * n + 1;
            }
        }
    }
}

typedef struct job {
    sb_arena *arena;
    sb_window_join_node body;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_job(job *j, const setting *s, const sb_test_rows *feeds, int32_t batch_rows,
         int32_t restart_every, uint64_t seed)
{
    static const int32_t keys[] = {0};
    j->arena = sb_arena_new(sb_mem_root());
    j->body = (sb_window_join_node){.left_keys = {1, keys},
                                    .right_keys = {1, keys},
                                    .null_safe = &s->null_safe,
                                    .left_end = END,
                                    .right_end = END,
                                    .left_start = START,
                                    .right_start = START,
                                    .local_zone = s->new_york};
    if (s->residual) {
        sb_error err;
        sb_expr *args[2] = {sb_expr_column(j->arena, 1, &out_fields[1].type),
                            sb_expr_column(j->arena, 5, &out_fields[5].type)};
        assert_int_equal(sb_expr_call(j->arena, "<=", args, 2, &j->body.residual, &err), SB_OK);
    }
    j->node = (sb_plan_node){.kind = SB_NODE_WINDOW_JOIN, .schema = &out_schema, .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_window_join,
                           .node = &j->node,
                           .inputs = {&side_schema, &side_schema},
                           .count_inputs = 2,
                           .feeds = feeds,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every,
                           .in_order = true,
                           .zone = s->new_york ? "America/New_York" : NULL};
}

static void
free_job(job *j)
{
    sb_test_run_free(&j->run);
    sb_arena_free(j->arena);
}

static void
equal_windows_meet(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        setting s = {.null_safe = seed % 2, .residual = seed / 2 % 2, .new_york = seed % 5 == 0};
        sb_test_rows feeds[2] = {{0}, {0}}, expected = {0};
        make_feeds(&s, seed, 200, feeds);
        int32_t late = reference(&s, feeds, &expected);
        for (int k = 0; k < 4; k++) {
            job j;
            make_job(&j, &s, feeds, k % 2 ? 3 : 4096, k < 2 ? 0 : 4, seed);
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_multiset(&expected, &j.run.out[0], OUT_COLUMNS));
            assert_int_equal(j.run.metrics.late_dropped, late);
            free_job(&j);
        }
        sb_test_rows_free(&expected);
        sb_test_rows_free(&feeds[0]);
        sb_test_rows_free(&feeds[1]);
    }
}

/* Three windows of which one gives 200 * 300 rows, through a room of 100, with restarts. */
static void
a_window_larger_than_the_room_is_resumed(void **unused)
{
    (void)unused;
    setting s = {.residual = false};
    sb_test_rows feeds[2] = {{0}, {0}}, expected = {0};
    for (int32_t i = 0; i < 2; i++) {
        for (int32_t n = 0; n < (i == 0 ? 200 : 300); n++) {
            sb_test_add(&feeds[i], SB_ROW_INSERT, SIDE, (int64_t[]){1, n, 2000, 3000}, NULL)
                ->order = n;
            if (n < 4) {
                sb_test_add(&feeds[i], SB_ROW_INSERT, SIDE,
                            (int64_t[]){n % 2, n, n < 2 ? 1000 : 4000, n < 2 ? 2000 : 5000}, NULL)
                    ->order = n;
            }
        }
    }
    (void)reference(&s, feeds, &expected);
    assert_true(expected.count > 60000);
    for (int k = 0; k < 3; k++) {
        job j;
        make_job(&j, &s, feeds, 4096, k == 0 ? 0 : 4, 9 + (uint64_t)k);
        j.run.in_order = false;
        j.run.port_rows = k == 2 ? 7000 : 100;
        sb_test_run_all(&j.run);
        assert_true(sb_test_same_multiset(&expected, &j.run.out[0], OUT_COLUMNS));
        assert_true(k != 1 || j.run.count_restarts > 5);
        free_job(&j);
    }
    sb_test_rows_free(&expected);
    sb_test_rows_free(&feeds[0]);
    sb_test_rows_free(&feeds[1]);
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 4; seed++) {
        setting s = {.null_safe = seed % 2, .residual = seed / 2};
        sb_test_rows feeds[2] = {{0}, {0}};
        make_feeds(&s, seed + 1, 40, feeds);
        job j;
        make_job(&j, &s, feeds, 5, 6, seed);
        sb_test_fail_allocations(&j.run, OUT_COLUMNS, 7);
        free_job(&j);
        sb_test_rows_free(&feeds[0]);
        sb_test_rows_free(&feeds[1]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_windows_meet),
        cmocka_unit_test(a_window_larger_than_the_room_is_resumed),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
