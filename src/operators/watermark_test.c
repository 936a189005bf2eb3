/*
 * operators/watermark_test.c -- watermarks from rows of several splits, against a slow evaluator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { COLUMNS = 2, SPLITS = 4 };

static const sb_field fields[] = {
    {"v", {.id = SB_TYPE_BIGINT, .nullable = true}, 0},
    {"ts", {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}, 0},
    {"wm", {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}, 0}};
static const sb_schema schema = {3, fields};

typedef struct setting {
    bool on_event;
    int64_t interval_ms, idle_ms;
} setting;

/* --- the slow evaluator: it knows every split from the first event on --- */

typedef struct evaluator {
    const setting *s;
    bool known[SPLITS], idle[SPLITS];
    int64_t max[SPLITS], last_row[SPLITS];
    int64_t emitted, now, held_since;
    bool all_idle;
    sb_test_rows out;
} evaluator;

static int64_t
combined(const evaluator *e)
{
    int64_t low = SB_WM_MAX;
    for (int i = 0; i < SPLITS; i++) {
        low = e->known[i] && !e->idle[i] && e->max[i] < low ? e->max[i] : low;
    }
    return low;
}

static void
emit(evaluator *e, int64_t w)
{
    e->emitted = w;
    sb_test_mark(&e->out, w);
}

static bool
raises(const evaluator *e, int64_t w)
{
    bool each = e->s->on_event || e->s->interval_ms == 0 || e->emitted == SB_WM_MIN;
    return w != SB_WM_MAX && w > e->emitted && (each || w - e->emitted > e->s->interval_ms);
}

static void
eval_clock(evaluator *e, int64_t now)
{
    e->now = now;
    bool any = false, active = false;
    int64_t high = SB_WM_MIN;
    for (int i = 0; i < SPLITS; i++) {
        if (e->known[i]) {
            e->idle[i] = e->idle[i] || (e->s->idle_ms > 0 && now >= e->last_row[i] + e->s->idle_ms);
            any = true;
            active = active || !e->idle[i];
            high = e->max[i] > high ? e->max[i] : high;
        }
    }
    e->all_idle = any && !active;
    int64_t w = e->all_idle ? high : combined(e);
    if (w == SB_WM_MAX || w <= e->emitted) {
        e->held_since = INT64_MAX;
        return;
    }
    e->held_since = e->held_since == INT64_MAX ? now : e->held_since;
    if (e->all_idle || now - e->held_since >= e->s->interval_ms) {
        emit(e, w);
        e->held_since = INT64_MAX;
    }
}

static void
evaluate(evaluator *e, const setting *s, const sb_test_rows *feed)
{
    *e = (evaluator){.s = s, .emitted = SB_WM_MIN, .held_since = INT64_MAX};
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *r = &feed->at[i];
        if (r->event == SB_TEST_CLOCK) {
            eval_clock(e, r->time_ms);
            continue;
        }
        e->held_since = INT64_MAX;
        bool was_known = e->known[r->split];
        e->known[r->split] = r->event != SB_TEST_SPLIT_END;
        if (r->event == SB_TEST_SPLIT_END) {
            if (raises(e, combined(e))) {
                emit(e, combined(e));
            }
            continue;
        }
        if (!was_known) {
            e->max[r->split] = SB_WM_MIN;
            e->idle[r->split] = false;
            e->last_row[r->split] = e->now;
        }
        if (r->event == SB_TEST_SPLIT) {
            continue;
        }
        e->last_row[r->split] = e->now;
        e->idle[r->split] = false;
        e->all_idle = false;
        sb_test_add(&e->out, r->op, 3, r->v, r->null);
        if (!r->null[2] && r->v[2] > e->max[r->split]) {
            e->max[r->split] = r->v[2];
            if (raises(e, combined(e))) {
                emit(e, combined(e));
            }
        }
    }
}

/* --- running --- */

typedef struct job {
    sb_arena *arena;
    sb_watermark_node body;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_job(job *j, const setting *s, const sb_test_rows *feed, int32_t batch_rows,
         int32_t restart_every, uint64_t seed)
{
    j->arena = sb_arena_new(sb_mem_root());
    j->body = (sb_watermark_node){.rowtime = 1,
                                  .expr = sb_expr_column(j->arena, 2, &fields[2].type),
                                  .idle_timeout_ms = s->idle_ms,
                                  .interval_ms = s->interval_ms,
                                  .on_event = s->on_event};
    j->node = (sb_plan_node){.kind = SB_NODE_WATERMARK, .schema = &schema, .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_watermark,
                           .node = &j->node,
                           .inputs = {&schema},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every,
                           .uses_splits = true,
                           .announces = true};
}

static void
free_job(job *j)
{
    sb_test_run_free(&j->run);
    sb_arena_free(j->arena);
}

/* Of several marks in one place the last one holds. */
static sb_test_rows
coalesced(const sb_test_rows *in)
{
    sb_test_rows out = {0};
    for (int32_t i = 0; i < in->count; i++) {
        const sb_test_row *r = &in->at[i];
        if (r->event != SB_TEST_MARK || i + 1 == in->count || in->at[i + 1].event != SB_TEST_MARK) {
            *sb_test_event_add(&out, SB_TEST_ROW, 0, 0) = *r;
        }
    }
    return out;
}

static bool
same_with_marks(const sb_test_rows *expected, const sb_test_rows *got)
{
    sb_test_rows left = coalesced(expected), right = coalesced(got), *a = &left, *b = &right;
    bool same = true;
    int32_t i = 0;
    for (; same && i < a->count && i < b->count; i++) {
        const sb_test_row *x = &a->at[i], *y = &b->at[i];
        same = x->event == y->event &&
               (x->event == SB_TEST_MARK ? x->time_ms == y->time_ms : sb_test_row_same(x, y, 3));
        i -= !same;
    }
    same = same && a->count == b->count;
    if (!same) {
        print_message("difference at %d of %d and %d\n", i, a->count, b->count);
        for (int32_t k = i > 3 ? i - 3 : 0; k < i + 2 && k < a->count && k < b->count; k++) {
            const sb_test_row *x = &a->at[k], *y = &b->at[k];
            print_message("  %s %lld | %s %lld\n", x->event ? "mark" : "row",
                          (long long)(x->event ? x->time_ms : x->v[1]), y->event ? "mark" : "row",
                          (long long)(y->event ? y->time_ms : y->v[1]));
        }
    }
    sb_test_rows_free(&left);
    sb_test_rows_free(&right);
    return same;
}

static void
make_feed(uint64_t seed, int32_t rows, bool clock, sb_test_rows *out)
{
    uint64_t x = seed * 71 + 9;
    bool known[SPLITS] = {false}, ended[SPLITS] = {false};
    int64_t now = 0;
    for (int32_t i = 0; i < 3; i++) { /* the fourth is found later */
        sb_test_event_add(out, SB_TEST_SPLIT, 0, i);
        known[i] = true;
    }
    for (int32_t i = 0; i < rows; i++) {
        int32_t split = (int32_t)(sb_test_random(&x) % SPLITS);
        uint64_t dice = sb_test_random(&x) % 40;
        if (clock && dice < 6) {
            now += (int64_t)(sb_test_random(&x) % 300);
            sb_test_event_add(out, SB_TEST_CLOCK, now, split)->split =
                out->count > 1 ? out->at[out->count - 2].split : 0;
        }
        if (ended[split]) {
            continue;
        }
        if (!known[split]) {
            if (i < rows / 2) {
                continue;
            }
            sb_test_event_add(out, SB_TEST_SPLIT, 0, split);
            known[split] = true;
        }
        if (i > rows * 3 / 4 && dice == 7) {
            sb_test_event_add(out, SB_TEST_SPLIT_END, 0, split);
            ended[split] = true;
            continue;
        }
        int64_t ts = i * 20 - 2000 + (int64_t)(sb_test_random(&x) % 400);
        int64_t v[3] = {i, ts, ts - 50};
        bool null[3] = {i % 4 == 0, false, sb_test_random(&x) % 9 == 0};
        sb_test_add(out, (uint8_t)(i % 4), 3, v, null)->split = split;
    }
}

static const setting settings[] = {{true, 200, 0},   {false, 0, 0},    {false, 200, 0},
                                   {false, 1000, 0}, {true, 100, 400}, {false, 100, 250}};

static void
marks_stand_where_rows_cause_them(void **unused)
{
    (void)unused;
    static const int32_t sizes[] = {1, 7, 4096};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        const setting *s = &settings[seed % 4];
        sb_test_rows feed = {0};
        evaluator e;
        make_feed(seed, 300, false, &feed);
        evaluate(&e, s, &feed);
        for (int k = 0; k < 6; k++) {
            job j;
            make_job(&j, s, &feed, sizes[k % 3], k < 3 ? 0 : 4, seed + (uint64_t)k);
            sb_test_run_all(&j.run);
            assert_true(same_with_marks(&e.out, &j.run.out[0]));
            free_job(&j);
        }
        sb_test_rows_free(&e.out);
        sb_test_rows_free(&feed);
    }
}

static void
the_clock_lets_go_what_is_held(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 24; seed++) {
        const setting *s = &settings[1 + seed % 5];
        sb_test_rows feed = {0};
        evaluator e;
        make_feed(seed, 300, true, &feed);
        evaluate(&e, s, &feed);
        for (int k = 0; k < 3; k++) {
            job j;
            make_job(&j, s, &feed, k == 0 ? 1 : k == 1 ? 7 : 4096, 0, seed + (uint64_t)k);
            sb_test_run_all(&j.run);
            assert_true(same_with_marks(&e.out, &j.run.out[0]));
            free_job(&j);
        }
        sb_test_rows_free(&e.out);
        sb_test_rows_free(&feed);
    }
}

/* An idle split holds nothing back; the last one to go idle lets its own watermark go, then the
 * whole is idle. */
static void
idle_splits_hold_nothing_back(void **unused)
{
    (void)unused;
    setting s = {true, 0, 100};
    sb_test_rows feed = {0}, expected = {0};
    sb_test_event_add(&feed, SB_TEST_SPLIT, 0, 0);
    sb_test_event_add(&feed, SB_TEST_SPLIT, 0, 1);
    /* split 1 has said nothing: no mark */
    sb_test_row *r = sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){1, 1000, 1000}, NULL);
    r->split = 0;
    sb_test_event_add(&feed, SB_TEST_CLOCK, 99, 0);
    sb_test_event_add(&feed, SB_TEST_CLOCK, 100, 0);
    for (int k = 0; k < 2; k++) {
        job j;
        make_job(&j, &s, &feed, 10, 0, 3);
        sb_test_run_all(&j.run);
        sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){1, 1000, 1000}, NULL);
        sb_test_mark(&expected, 1000);
        if (k == 1) {
            sb_test_row *more =
                sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){2, 500, 500}, NULL);
            (void)more;
        }
        assert_true(same_with_marks(&expected, &j.run.out[0]));
        assert_true(j.run.idle_out == (k == 0));
        free_job(&j);
        sb_test_rows_free(&expected);
        /* A row wakes it up; its watermark is below what was said and says nothing. */
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){2, 500, 500}, NULL)->split = 1;
    }
    sb_test_rows_free(&feed);
}

/* The silence of a split that alignment has paused is not its own: it holds back until it has been
 * silent for the timeout after it could speak again. */
static void
a_paused_split_is_not_idle(void **unused)
{
    (void)unused;
    setting s = {true, 0, 100};
    for (int k = 0; k < 2; k++) { /* 0: paused, 1: not */
        sb_test_rows feed = {0}, expected = {0};
        sb_test_event_add(&feed, SB_TEST_SPLIT, 0, 0);
        sb_test_event_add(&feed, SB_TEST_SPLIT, 0, 1);
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){1, 1000, 1000}, NULL)->split = 0;
        if (k == 0) {
            sb_test_event_add(&feed, SB_TEST_PAUSE, 0, 1);
        }
        sb_test_event_add(&feed, SB_TEST_CLOCK, 100, 0);
        sb_test_event_add(&feed, SB_TEST_CLOCK, 150, 0);
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){2, 900, 900}, NULL)->split = 0;
        sb_test_event_add(&feed, SB_TEST_GO_ON, 0, 1);
        sb_test_event_add(&feed, SB_TEST_CLOCK, 249, 0);
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){3, 1200, 1200}, NULL)->split = 0;
        sb_test_event_add(&feed, SB_TEST_CLOCK, 250, 0);
        sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){4, 1100, 1100}, NULL)->split = 0;
        sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){1, 1000, 1000}, NULL);
        if (k == 1) { /* idle at 100 */
            sb_test_mark(&expected, 1000);
        }
        sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){2, 900, 900}, NULL);
        sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){3, 1200, 1200}, NULL);
        sb_test_mark(&expected, 1200); /* paused: at 250, else at once */
        sb_test_add(&expected, SB_ROW_INSERT, 3, (int64_t[]){4, 1100, 1100}, NULL);
        job j;
        make_job(&j, &s, &feed, 10, 0, 3);
        sb_test_run_all(&j.run);
        assert_true(same_with_marks(&expected, &j.run.out[0]));
        free_job(&j);
        sb_test_rows_free(&expected);
        sb_test_rows_free(&feed);
    }
}

static void
a_row_without_rowtime_fails(void **unused)
{
    (void)unused;
    sb_test_rows feed = {0};
    sb_test_add(&feed, SB_ROW_INSERT, 3, (int64_t[]){1, 1, 1}, (bool[]){false, true, false});
    job j;
    make_job(&j, &settings[0], &feed, 10, 0, 3);
    j.run.may_fail = true;
    sb_test_run_all(&j.run);
    assert_int_equal(j.run.failed, SB_STATUS_DATA);
    assert_non_null(
        strstr(j.run.message,
               "RowTime field should not be null, please convert it to a non-null long value."));
    free_job(&j);
    sb_test_rows_free(&feed);
}

/* --- what a restored instance says first --- */

typedef struct piece {
    bool same_owner;
    int64_t emitted_ms;
    int32_t count;

    struct {
        int32_t ordinal;
        int64_t max_ms;
    } splits[3];
} piece;

static bool
can_push(void *ctx)
{
    (void)ctx;
    return true;
}

static void
push(void *ctx, sb_batch *batch)
{
    (void)ctx;
    sb_batch_free(batch);
}

typedef struct instance {
    sb_op *op;
    sb_io io;
    sb_port port;
    sb_metrics metrics;
} instance;

/* Subtask 0 of 2: it owns the even splits. */
static void
open_instance(instance *t, job *j)
{
    sb_error err;
    static const sb_schema *const inputs[] = {&schema};
    make_job(j, &settings[0], NULL, 10, 0, 1);
    *t = (instance){.op = sb_alloc_zero(sb_mem_root(), sb_op_watermark.instance_size)};
    assert_non_null(t->op);
    *t->op = (sb_op){&sb_op_watermark, &j->node, &t->metrics, sb_mem_root()};
    sb_init ctx = {.mem = sb_mem_root(),
                   .os = sb_os_real(),
                   .zone = "UTC",
                   .parallelism = 2,
                   .batch_rows = 10,
                   .inputs = inputs,
                   .metrics = &t->metrics};
    assert_int_equal(sb_op_watermark.init(t->op, &j->node, &ctx, &err), SB_OK);
    t->port =
        (sb_port){.limit_rows = 10, .watermark_ms = SB_WM_MIN, .can_push = can_push, .push = push};
    assert_int_equal(sb_batch_builder_init(&t->port.open, sb_mem_root(), &schema, &err), SB_OK);
    t->io = (sb_io){.count_inputs = 1,
                    .out = &t->port,
                    .count_ports = 1,
                    .done_ms = SB_WM_MIN,
                    .level_ms = SB_WM_MAX,
                    .mem = sb_mem_root()};
    t->io.in[0].watermark_ms = SB_WM_MIN;
}

static void
load_piece(instance *t, const piece *p)
{
    sb_error err;
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    sb_write_i64(&w, p->emitted_ms);
    sb_write_u32(&w, (uint32_t)p->count);
    for (int32_t i = 0; i < p->count; i++) {
        sb_write_u32(&w, (uint32_t)p->splits[i].ordinal);
        sb_write_i64(&w, p->splits[i].max_ms);
    }
    sb_piece from = {
        .parallelism = 2, .same_owner = p->same_owner, .op = sb_reader_of(w.out.data, w.out.size)};
    assert_int_equal(sb_op_watermark.restore(t->op, &from, &err), SB_OK);
    sb_writer_deinit(&w);
}

/* What the snapshot of this moment would say was emitted. */
static int64_t
snapshot_says(instance *t)
{
    sb_error err;
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    assert_int_equal(sb_op_watermark.snapshot(t->op, &w, &err), SB_OK);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    int64_t emitted = sb_read_i64(&r);
    sb_writer_deinit(&w);
    return emitted;
}

static void
restored_instances_say_no_more_than_their_pieces(void **unused)
{
    (void)unused;

    typedef struct restore_case {
        int32_t count;
        piece pieces[2];
        int64_t says;
    } restore_case;

    static const restore_case cases[] = {
        /* Its own piece: exactly what it said, though a split that it knew late is behind. */
        {1, {{true, 500, 2, {{0, 700}, {2, SB_WM_MIN}}}}, 500},
        {1, {{true, SB_WM_MIN, 1, {{0, SB_WM_MIN}}}}, SB_WM_MIN},
        /* Several: the lowest, in either order. */
        {2, {{false, 500, 1, {{0, 600}}}, {false, 300, 1, {{2, 350}}}}, 300},
        {2, {{false, 300, 1, {{2, 350}}}, {false, 500, 1, {{0, 600}}}}, 300},
        /* A split that had just begun holds back what the other piece has let go. */
        {2, {{false, 500, 1, {{0, 600}}}, {false, 700, 1, {{2, SB_WM_MIN}}}}, SB_WM_MIN},
        {2, {{false, 700, 1, {{0, 400}}}, {false, 700, 1, {{2, 800}}}}, 400},
        /* Nothing of this piece comes here. */
        {2, {{false, 100, 1, {{1, 100}}}, {false, 500, 1, {{0, 600}}}}, 500},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (int steps_between = 0; steps_between < 2; steps_between++) {
            sb_error err;
            instance t;
            job j;
            open_instance(&t, &j);
            for (int32_t i = 0; i < cases[c].count; i++) {
                load_piece(&t, &cases[c].pieces[i]);
                if (steps_between) {
                    assert_true(!(sb_op_step(t.op, &t.io, &err) & SB_STEP_FAIL));
                }
            }
            assert_int_equal(snapshot_says(&t), cases[c].says);
            assert_true(!(sb_op_step(t.op, &t.io, &err) & SB_STEP_FAIL));
            assert_int_equal(snapshot_says(&t), cases[c].says);
            if (!steps_between) { /* else the first piece has spoken already */
                assert_int_equal(t.port.watermark_ms, cases[c].says);
            }
            sb_op_watermark.close(t.op);
            sb_free(sb_mem_root(), t.op, sb_op_watermark.instance_size);
            sb_batch_builder_deinit(&t.port.open);
            sb_arena_free(j.arena);
        }
    }
}

static void
each_allocation_may_fail(void **unused)
{
    (void)unused;
    sb_test_rows feed = {0};
    make_feed(5, 60, false, &feed);
    job j;
    make_job(&j, &settings[0], &feed, 9, 4, 1);
    sb_test_fail_allocations(&j.run, 3, 1);
    free_job(&j);
    sb_test_rows_free(&feed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_stand_where_rows_cause_them),
        cmocka_unit_test(the_clock_lets_go_what_is_held),
        cmocka_unit_test(idle_splits_hold_nothing_back),
        cmocka_unit_test(a_paused_split_is_not_idle),
        cmocka_unit_test(a_row_without_rowtime_fails),
        cmocka_unit_test(restored_instances_say_no_more_than_their_pieces),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
