/*
 * operators/join_test.c -- the join of two changelogs against nested loops over two lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { SIDE = 3, OUT_COLUMNS = 6 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
static const sb_field side_fields[] = {{"k", BIG, 0}, {"t", TEXT, 0}, {"v", BIG, 0}};
static const sb_schema side_schema = {SIDE, side_fields};
static const sb_field out_fields[] = {{"k", BIG, 0},  {"t", TEXT, 0},  {"v", BIG, 0},
                                      {"k0", BIG, 0}, {"t0", TEXT, 0}, {"v0", BIG, 0}};
static const sb_schema out_schema = {OUT_COLUMNS, out_fields};

typedef struct setting {
    int32_t count_keys; /* 0..2: none, k, k and t */
    bool null_safe[2];
    bool residual; /* left v <= right v */
    bool retracts;
} setting;

static bool
matches(const setting *s, const sb_test_row *l, const sb_test_row *r)
{
    for (int32_t k = 0; k < s->count_keys; k++) {
        if (l->null[k] != r->null[k] || l->v[k] != r->v[k] || (l->null[k] && !s->null_safe[k])) {
            return false;
        }
    }
    return !s->residual || (!l->null[2] && !r->null[2] && l->v[2] <= r->v[2]);
}

static void
put_pair(sb_test_rows *out, uint8_t op, const sb_test_row *l, const sb_test_row *r)
{
    sb_test_row *to = sb_test_add(out, op, SIDE, l->v, l->null);
    for (int32_t c = 0; c < SIDE; c++) {
        to->v[SIDE + c] = r->v[c];
        to->null[SIDE + c] = r->null[c];
    }
}

/* Rows one by one in their order; kinds pass through, also of a row that was never held. */
static void
reference(const setting *s, const sb_test_rows feeds[2], sb_test_rows *out)
{
    sb_test_rows side[2] = {{0}, {0}};
    int32_t at[2] = {0, 0};
    while (at[0] < feeds[0].count || at[1] < feeds[1].count) {
        bool left = at[1] == feeds[1].count ||
                    (at[0] < feeds[0].count && feeds[0].at[at[0]].order < feeds[1].at[at[1]].order);
        int32_t i = left ? 0 : 1;
        const sb_test_row *r = &feeds[i].at[at[i]++];
        if (r->event != SB_TEST_ROW) {
            continue;
        }
        for (int32_t k = 0; k < side[1 - i].count; k++) {
            const sb_test_row *o = &side[1 - i].at[k];
            if (matches(s, i == 0 ? r : o, i == 0 ? o : r)) {
                put_pair(out, r->op, i == 0 ? r : o, i == 0 ? o : r);
            }
        }
        if (sb_row_op_adds(r->op)) {
            sb_test_add(&side[i], 0, SIDE, r->v, r->null);
            continue;
        }
        for (int32_t k = 0; k < side[i].count; k++) {
            sb_test_row *o = &side[i].at[k];
            if (!memcmp(o->v, r->v, sizeof r->v) && !memcmp(o->null, r->null, sizeof r->null)) {
                memmove(o, o + 1, sizeof *o * (size_t)(side[i].count - k - 1));
                side[i].count--;
                break;
            }
        }
    }
    sb_test_rows_free(&side[0]);
    sb_test_rows_free(&side[1]);
}

static void
make_feeds(const setting *s, uint64_t seed, int32_t rows, bool orphans, sb_test_rows feeds[2])
{
    sb_test_rows live[2] = {{0}, {0}};
    uint64_t x = seed * 101 + 3;
    for (int32_t n = 0; n < rows; n++) {
        int32_t i = (int32_t)(sb_test_random(&x) % 2);
        sb_test_rows *held = &live[i];
        if (s->retracts && held->count > 0 && sb_test_random(&x) % 3 == 0) {
            int32_t k = (int32_t)(sb_test_random(&x) % (uint64_t)held->count);
            sb_test_add(&feeds[i], sb_test_random(&x) % 2 ? SB_ROW_DELETE : SB_ROW_UPDATE_BEFORE,
                        SIDE, held->at[k].v, held->at[k].null)
                ->order = n;
            held->at[k] = held->at[--held->count];
            continue;
        }
        int64_t v[SIDE] = {(int64_t)(sb_test_random(&x) % 4), (int64_t)(sb_test_random(&x) % 3),
                           (int64_t)(sb_test_random(&x) % 5)};
        bool null[SIDE] = {sb_test_random(&x) % 6 == 0, sb_test_random(&x) % 5 == 0,
                           sb_test_random(&x) % 8 == 0};
        bool orphan = orphans && sb_test_random(&x) % 11 == 0;
        uint8_t op = orphan                                  ? SB_ROW_DELETE
                     : s->retracts && sb_test_random(&x) % 2 ? SB_ROW_UPDATE_AFTER
                                                             : SB_ROW_INSERT;
        sb_test_row *row = sb_test_add(&feeds[i], op, SIDE, v, null);
        row->order = n;
        if (!orphan) {
            sb_test_add(held, 0, SIDE, row->v, row->null);
        }
        if (sb_test_random(&x) % 9 == 0) {
            sb_test_event_add(&feeds[i], SB_TEST_MARK, n * 10 + 1, 0)->order = n;
        }
    }
    sb_test_rows_free(&live[0]);
    sb_test_rows_free(&live[1]);
}

typedef struct job {
    sb_arena *arena;
    sb_join_node body;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_job(job *j, const setting *s, const sb_test_rows *feeds, int32_t batch_rows,
         int32_t restart_every, uint64_t seed)
{
    static const int32_t keys[] = {0, 1};
    j->arena = sb_arena_new(sb_mem_root());
    j->body = (sb_join_node){.left_keys = {s->count_keys, keys},
                             .right_keys = {s->count_keys, keys},
                             .null_safe = s->null_safe,
                             .left_retracts = s->retracts,
                             .right_retracts = s->retracts};
    if (s->residual) {
        sb_error err;
        sb_expr *args[2] = {sb_expr_column(j->arena, 2, &out_fields[2].type),
                            sb_expr_column(j->arena, 5, &out_fields[5].type)};
        assert_int_equal(sb_expr_call(j->arena, "<=", args, 2, &j->body.residual, &err), SB_OK);
    }
    j->node = (sb_plan_node){.kind = SB_NODE_JOIN, .schema = &out_schema, .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_join,
                           .node = &j->node,
                           .inputs = {&side_schema, &side_schema},
                           .count_inputs = 2,
                           .feeds = feeds,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every};
}

static void
free_job(job *j)
{
    sb_test_run_free(&j->run);
    sb_arena_free(j->arena);
}

static const setting settings[] = {
    {.count_keys = 1},
    {.count_keys = 1, .retracts = true},
    {.count_keys = 2, .null_safe = {true, true}, .retracts = true},
    {.count_keys = 2, .null_safe = {false, true}, .residual = true, .retracts = true},
    {.count_keys = 0, .residual = true},
    {.count_keys = 1, .residual = true, .retracts = true}};

enum { SETTINGS = 6 };

static void
changelog_is_that_of_nested_loops(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        const setting *s = &settings[seed % SETTINGS];
        sb_test_rows feeds[2] = {{0}, {0}}, expected = {0};
        make_feeds(s, seed, 160, s->retracts && seed % 2, feeds);
        reference(s, feeds, &expected);
        for (int k = 0; k < 4; k++) {
            job j;
            make_job(&j, s, feeds, k % 2 ? 3 : 4096, k < 2 ? 0 : 5, seed);
            j.run.in_order = true;
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_sequence(&expected, &j.run.out[0], OUT_COLUMNS));
            free_job(&j);
        }
        sb_test_rows_free(&expected);
        sb_test_rows_free(&feeds[0]);
        sb_test_rows_free(&feeds[1]);
    }
}

static void
any_interleaving_ends_at_the_same_table(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        const setting *s = &settings[seed % SETTINGS];
        sb_test_rows feeds[2] = {{0}, {0}}, expected = {0}, table = {0};
        make_feeds(s, seed, 220, false, feeds);
        reference(s, feeds, &expected);
        sb_test_materialize(&expected, OUT_COLUMNS, &table);
        for (int k = 0; k < 6; k++) {
            job j;
            sb_test_rows got = {0};
            make_job(&j, s, feeds, sizes[k % 3], k < 3 ? 0 : 4, seed * 5 + (uint64_t)k);
            j.run.port_rows = k == 2 || k == 5 ? 6 : 0;
            sb_test_run_all(&j.run);
            sb_test_materialize(&j.run.out[0], OUT_COLUMNS, &got);
            assert_true(sb_test_same_multiset(&table, &got, OUT_COLUMNS));
            int64_t last = SB_WM_MIN;
            for (int32_t i = 0; i < j.run.out[0].count; i++) {
                if (j.run.out[0].at[i].event == SB_TEST_MARK) {
                    assert_true(j.run.out[0].at[i].time_ms > last);
                    last = j.run.out[0].at[i].time_ms;
                }
            }
            assert_true(last == SB_WM_MAX);
            sb_test_rows_free(&got);
            free_job(&j);
        }
        sb_test_rows_free(&expected);
        sb_test_rows_free(&table);
        sb_test_rows_free(&feeds[0]);
        sb_test_rows_free(&feeds[1]);
    }
}

/* One row with 100,000 matches, inserted and taken back, with restarts in the middle: each match
 * comes exactly once, in order. */
static void
an_explosion_is_resumed(void **unused)
{
    (void)unused;

    enum { MATCHES = 100000 };

    setting s = {.count_keys = 1, .retracts = true};
    sb_test_rows feeds[2] = {{0}, {0}};
    for (int32_t i = 0; i < MATCHES; i++) {
        sb_test_add(&feeds[1], SB_ROW_INSERT, SIDE, (int64_t[]){7, i % 5, i}, NULL)->order = i;
    }
    sb_test_add(&feeds[0], SB_ROW_INSERT, SIDE, (int64_t[]){7, 1, -1}, NULL)->order = MATCHES;
    sb_test_add(&feeds[0], SB_ROW_DELETE, SIDE, (int64_t[]){7, 1, -1}, NULL)->order = MATCHES + 1;
    job j;
    make_job(&j, &s, feeds, 4096, 25, 11);
    j.run.port_rows = 700;
    j.run.right_first = true;
    sb_test_run_all(&j.run);
    int64_t next = 0;
    for (int32_t i = 0; i < j.run.out[0].count; i++) {
        const sb_test_row *r = &j.run.out[0].at[i];
        if (r->event == SB_TEST_ROW) {
            assert_int_equal(r->op, next < MATCHES ? SB_ROW_INSERT : SB_ROW_DELETE);
            assert_int_equal(r->v[5], next % MATCHES);
            next++;
        }
    }
    assert_int_equal(next, 2 * MATCHES);
    assert_true(j.run.count_restarts >= 5);
    free_job(&j);
    sb_test_rows_free(&feeds[0]);
    sb_test_rows_free(&feeds[1]);
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < SETTINGS; seed++) {
        sb_test_rows feeds[2] = {{0}, {0}};
        make_feeds(&settings[seed], seed + 1, 40, false, feeds);
        job j;
        make_job(&j, &settings[seed], feeds, 5, 6, seed);
        j.run.in_order = true;
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
        cmocka_unit_test(changelog_is_that_of_nested_loops),
        cmocka_unit_test(any_interleaving_ends_at_the_same_table),
        cmocka_unit_test(an_explosion_is_resumed),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
