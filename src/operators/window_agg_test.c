/*
 * operators/window_agg_test.c -- TUMBLE and HOP aggregation against a slow evaluator that keeps the
 * rows of each window.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "operators/operators_testing.h"

enum { IN_COLUMNS = 4, OUT_COLUMNS = 9, COLUMN_TS = 3, COUNT_AGGS = 5 };

enum { HOUR = 3600 * 1000 };

#define BIG                                    \
    {                                          \
        .id = SB_TYPE_BIGINT, .nullable = true \
    }
#define TEXT                                                             \
    {                                                                    \
        .id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX \
    }
#define FLAG                                    \
    {                                           \
        .id = SB_TYPE_BOOLEAN, .nullable = true \
    }
#define TIME                                                      \
    {                                                             \
        .id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3 \
    }
#define INSTANT                                                       \
    {                                                                 \
        .id = SB_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3 \
    }

static const sb_field plain_fields[] = {
    {"k", BIG, 0}, {"v", BIG, 0}, {"f", FLAG, 0}, {"ts", TIME, 0}};
static const sb_field text_fields[] = {
    {"k", TEXT, 0}, {"v", TEXT, 0}, {"f", FLAG, 0}, {"ts", TIME, 0}};
static const sb_field zone_fields[] = {
    {"k", BIG, 0}, {"v", BIG, 0}, {"f", FLAG, 0}, {"ts", INSTANT, 0}};
static const sb_schema plain_input = {4, plain_fields}, text_input = {4, text_fields},
                       zone_input = {4, zone_fields};
#define OUT(name, key, value, time)                                                        \
    static const sb_field name##_out_fields[] = {                                          \
        {"k", key, 0}, {"a", BIG, 0},   {"b", BIG, 0},   {"c", value, 0}, {"d", value, 0}, \
        {"e", BIG, 0}, {"ws", TIME, 0}, {"we", TIME, 0}, {"wt", time, 0}};                 \
    static const sb_schema name##_output = {9, name##_out_fields}
OUT(plain, BIG, BIG, TIME);
OUT(text, TEXT, TEXT, TIME);
OUT(zone, BIG, BIG, INSTANT);

static const sb_agg_call plain_calls[] = {
    {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL},
    {SB_AGG_SUM, 1, -1, false, BIG, .separator = NULL},
    {SB_AGG_MIN, 1, -1, false, BIG, .separator = NULL},
    {SB_AGG_MAX, 1, 2, false, BIG, .separator = NULL},
    {SB_AGG_AVG, 1, -1, false, BIG, .separator = NULL}};
static const sb_agg_call distinct_calls[] = {
    {SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL},
    {SB_AGG_COUNT, 1, 2, true, BIG, .separator = NULL},
    {SB_AGG_SUM, 1, -1, true, BIG, .separator = NULL},
    {SB_AGG_MAX, 1, -1, false, BIG, .separator = NULL},
    {SB_AGG_COUNT, 1, -1, true, BIG, .separator = NULL}};
static const sb_agg_call text_calls[] = {{SB_AGG_COUNT_STAR, -1, -1, false, BIG, .separator = NULL},
                                         {SB_AGG_COUNT, 1, 2, false, BIG, .separator = NULL},
                                         {SB_AGG_MIN, 1, -1, false, TEXT, .separator = NULL},
                                         {SB_AGG_MAX, 1, 2, false, TEXT, .separator = NULL},
                                         {SB_AGG_COUNT, 1, -1, false, BIG, .separator = NULL}};

typedef struct setting {
    sb_window_spec window;
    bool retracts, attached, new_york;
    const sb_agg_call *calls;
} setting;

/* --- the clock of New York in 2024, by hand --- */

static const int64_t spring = 1710054000000; /* 2024-03-10 07:00 UTC: 02:00 becomes 03:00 */
static const int64_t autumn = 1730613600000; /* 2024-11-03 06:00 UTC: 02:00 becomes 01:00 */

static int64_t
to_local(const setting *s, int64_t instant)
{
    return !s->new_york ? instant
                        : instant - (instant >= spring && instant < autumn ? 4 : 5) * HOUR;
}

/* The last (first) instant with this local time; one that never comes: as much later as the
 * clock jumps. */
static int64_t
to_instant(const setting *s, int64_t local, bool last)
{
    int64_t winter = local + 5 * HOUR, summer = local + 4 * HOUR;
    if (!s->new_york) {
        return local;
    }
    bool in_winter = to_local(s, winter) == local, in_summer = to_local(s, summer) == local;
    if (in_winter && in_summer) {
        return last ? winter : summer;
    }
    return in_summer ? summer : winter;
}

/* When a window fires. Slices: never before a window that ends earlier, also where the clock
 * jumps. */
static int64_t
due_of(const setting *s, int64_t end)
{
    int64_t slide = s->window.slide_ms, due = to_instant(s, end - 1, true);
    if (!s->new_york || s->window.size_ms == slide || s->calls == distinct_calls) {
        return due;
    }
    due = SB_WM_MIN;
    for (int64_t at = end - 12 * HOUR / slide * slide; at <= end; at += slide) {
        int64_t own = to_instant(s, at - 1, true);
        due = own > due ? own : due + 1;
    }
    return due;
}

/* --- the slow evaluator --- */

typedef struct window_rows {
    bool null;
    int64_t key, start, end, due;
    bool fired;
    sb_test_rows rows;
} window_rows;

typedef struct evaluator {
    const setting *s;
    window_rows *at;
    int32_t count, capacity;
    int64_t watermark;
    sb_test_rows out, late;
} evaluator;

static window_rows *
find_window(evaluator *e, const sb_test_row *r, int64_t start, int64_t end, int64_t due)
{
    for (int32_t i = 0; i < e->count; i++) {
        window_rows *w = &e->at[i];
        if (w->null == r->null[0] && w->key == r->v[0] && w->end == end && !w->fired) {
            return w;
        }
    }
    if (e->count == e->capacity) {
        e->capacity = e->capacity ? 2 * e->capacity : 64;
        e->at = realloc(e->at, sizeof *e->at * (size_t)e->capacity);
        assert_non_null(e->at);
    }
    e->at[e->count] =
        (window_rows){.null = r->null[0], .key = r->v[0], .start = start, .end = end, .due = due};
    return &e->at[e->count++];
}

static void
take_out(sb_test_rows *rows, const sb_test_row *row)
{
    for (int32_t k = 0; k < rows->count; k++) {
        sb_test_row *o = &rows->at[k];
        if (o->null[1] == row->null[1] && o->v[1] == row->v[1] && o->null[2] == row->null[2] &&
            o->v[2] == row->v[2]) {
            *o = rows->at[--rows->count];
            return;
        }
    }
    fail_msg("a retraction of a row that is not there");
}

static void
eval_row(evaluator *e, const sb_test_row *r)
{
    const sb_window_spec *w = &e->s->window;
    int64_t local = to_local(e->s, r->v[COLUMN_TS]);
    bool placed = false;
    /* Every window, tried one by one: starts from the last one not after the row. */
    int64_t start = local - ((local - w->offset_ms) % w->slide_ms + w->slide_ms) % w->slide_ms;
    for (; start + w->size_ms > local; start -= w->slide_ms) {
        int64_t end = start + w->size_ms, due = due_of(e->s, end);
        if (due <= e->watermark) {
            continue;
        }
        window_rows *at = find_window(e, r, start, end, due);
        if (sb_row_op_adds(r->op)) {
            sb_test_add(&at->rows, 0, IN_COLUMNS, r->v, r->null);
        } else {
            take_out(&at->rows, r);
        }
        placed = true;
    }
    if (!placed) {
        sb_test_add(&e->late, r->op, IN_COLUMNS, r->v, r->null);
    }
}

static void
eval_fire(evaluator *e, int64_t watermark)
{
    e->watermark = watermark > e->watermark ? watermark : e->watermark;
    for (int32_t i = 0; i < e->count; i++) {
        window_rows *w = &e->at[i];
        if (w->fired || w->due > e->watermark) {
            continue;
        }
        w->fired = true;
        if (w->rows.count > 0) {
            sb_test_row *to = sb_test_add(&e->out, SB_ROW_INSERT, 1, &w->key, &w->null);
            for (int32_t a = 0; a < COUNT_AGGS; a++) {
                to->null[a + 1] = !sb_test_aggregate(&e->s->calls[a], &w->rows, &to->v[a + 1]);
                to->v[a + 1] = to->null[a + 1] ? 0 : to->v[a + 1];
            }
            to->v[6] = w->start;
            to->v[7] = w->end;
            to->v[8] = to_instant(e->s, w->end - 1, false);
        }
    }
}

static void
evaluate(evaluator *e, const setting *s, const sb_test_rows *feed)
{
    *e = (evaluator){.s = s, .watermark = SB_WM_MIN};
    for (int32_t i = 0; i < feed->count; i++) {
        if (feed->at[i].event == SB_TEST_MARK) {
            eval_fire(e, feed->at[i].time_ms);
        } else {
            eval_row(e, &feed->at[i]);
        }
    }
    eval_fire(e, SB_WM_MAX);
}

static void
evaluator_free(evaluator *e)
{
    for (int32_t i = 0; i < e->count; i++) {
        sb_test_rows_free(&e->at[i].rows);
    }
    free(e->at);
    sb_test_rows_free(&e->out);
    sb_test_rows_free(&e->late);
}

/* --- feeds --- */

/* Times wander up from `from`, with rows far back and rows and watermarks exactly at ends of
 * windows. */
static void
make_feed(const setting *s, uint64_t seed, int64_t from, int32_t rows, sb_test_rows *out)
{
    sb_test_rows live = {0};
    uint64_t r = seed * 31 + 7;
    int64_t now = from, slide = s->window.slide_ms, mark = SB_WM_MIN;
    for (int32_t i = 0; i < rows; i++) {
        if (s->retracts && live.count > 0 && sb_test_random(&r) % 3 == 0) {
            int32_t k = (int32_t)(sb_test_random(&r) % (uint64_t)live.count);
            sb_test_add(out, sb_test_random(&r) % 2 ? SB_ROW_DELETE : SB_ROW_UPDATE_BEFORE,
                        IN_COLUMNS, live.at[k].v, live.at[k].null);
            live.at[k] = live.at[--live.count];
        }
        now += (int64_t)(sb_test_random(&r) % (uint64_t)(slide / 8 + 1));
        int64_t ts = now - (sb_test_random(&r) % 5 == 0
                                ? (int64_t)(sb_test_random(&r) % (uint64_t)(2 * s->window.size_ms))
                                : 0);
        if (sb_test_random(&r) % 6 == 0) { /* the first or the last millisecond of a slice */
            ts = ts - ((ts - s->window.offset_ms) % slide + slide) % slide -
                 (int64_t)(sb_test_random(&r) % 2);
        }
        int64_t v[IN_COLUMNS] = {(int64_t)(sb_test_random(&r) % 4),
                                 (int64_t)(sb_test_random(&r) % 9) - 4,
                                 (int64_t)(sb_test_random(&r) % 2), ts};
        bool n[IN_COLUMNS] = {sb_test_random(&r) % 7 == 0, sb_test_random(&r) % 5 == 0,
                              sb_test_random(&r) % 5 == 0, false};
        sb_test_row *row = sb_test_add(out, SB_ROW_INSERT, IN_COLUMNS, v, n);
        row->op = s->retracts && sb_test_random(&r) % 3 == 0 ? SB_ROW_UPDATE_AFTER : SB_ROW_INSERT;
        sb_test_add(&live, 0, IN_COLUMNS, row->v, row->null);
        if (sb_test_random(&r) % 4 == 0) {
            if (sb_test_random(&r) % 8 ==
                0) { /* several windows at once, some without rows in between */
                now += s->window.size_ms + (int64_t)(sb_test_random(&r) % 4) * slide;
            }
            int64_t to = now - (int64_t)(sb_test_random(&r) % (uint64_t)(slide + 1));
            if (sb_test_random(&r) % 3 ==
                0) { /* one before, at, or one behind the instant at which a window fires */
                to = to - ((to - s->window.offset_ms) % slide + slide) % slide - 2 +
                     (int64_t)(sb_test_random(&r) % 3);
            }
            if (to > mark) {
                mark = to;
                sb_test_mark(out, mark);
            }
        }
    }
    sb_test_rows_free(&live);
}

static const int32_t key_column = 0;
static const sb_window_property properties[] = {SB_WINDOW_START, SB_WINDOW_END, SB_WINDOW_TIME};

typedef struct job {
    sb_window_agg_node body;
    sb_plan_node node;
    sb_test_run run;
} job;

static void
make_job(job *j, const setting *s, const sb_test_rows *feed, int32_t batch_rows,
         int32_t restart_every, uint64_t seed)
{
    bool text = s->calls == text_calls;
    j->body = (sb_window_agg_node){.window = s->window,
                                   .time = COLUMN_TS,
                                   .keys = {1, &key_column},
                                   .count_aggs = COUNT_AGGS,
                                   .aggs = s->calls,
                                   .input_retracts = s->retracts,
                                   .count_properties = 3,
                                   .properties = properties};
    j->node = (sb_plan_node){.kind = SB_NODE_WINDOW_AGG,
                             .schema = text          ? &text_output
                                       : s->new_york ? &zone_output
                                                     : &plain_output,
                             .body = &j->body};
    j->run = (sb_test_run){.vtable = &sb_op_window_agg,
                           .node = &j->node,
                           .inputs = {text          ? &text_input
                                      : s->new_york ? &zone_input
                                                    : &plain_input},
                           .count_inputs = 1,
                           .feeds = feed,
                           .batch_rows = batch_rows,
                           .seed = seed,
                           .restart_every = restart_every,
                           .zone = s->new_york ? "America/New_York" : "UTC"};
}

static void
check(const setting *s, uint64_t seed, int64_t from, int32_t rows)
{
    static const int32_t sizes[] = {1, 7, 4096};
    sb_test_rows feed = {0};
    evaluator e;
    make_feed(s, seed, from, rows, &feed);
    evaluate(&e, s, &feed);
    for (int k = 0; k < 6; k++) {
        job j;
        make_job(&j, s, &feed, sizes[k % 3], k < 3 ? 0 : 4, seed * 7 + (uint64_t)k);
        j.run.port_rows = k == 2 ? 5 : 0;
        sb_test_run_all(&j.run);
        assert_true(sb_test_same_multiset(&e.out, &j.run.out[0], OUT_COLUMNS));
        assert_true(sb_test_same_sequence(&e.late, &j.run.out[1], IN_COLUMNS));
        assert_true(k > 0 || j.run.metrics.late_dropped == e.late.count);
        for (int32_t i = 1, last = -1; i < j.run.out[0].count;
             i++) { /* windows come in the order of their ends */
            const sb_test_row *a = &j.run.out[0].at[i];
            if (a->event == SB_TEST_ROW) {
                assert_true(last < 0 || s->new_york || k > 2 ||
                            j.run.out[0].at[last].v[7] <= a->v[7]);
                last = i;
            }
        }
        sb_test_run_free(&j.run);
    }
    evaluator_free(&e);
    sb_test_rows_free(&feed);
}

static const sb_window_spec tumble = {SB_WINDOW_TUMBLE, 1000, 1000, 0, false};
static const sb_window_spec tumble_offset = {SB_WINDOW_TUMBLE, 1000, 1000, -333, false};
static const sb_window_spec hop = {SB_WINDOW_HOP, 4000, 1000, 0, false};
static const sb_window_spec hop_offset = {SB_WINDOW_HOP, 1500, 500, 120, false};

static void
windows_hold_what_the_reference_holds(void **unused)
{
    (void)unused;
    static const sb_window_spec *const windows[] = {&tumble, &hop, &tumble_offset, &hop_offset};
    static const sb_agg_call *const calls[] = {plain_calls, distinct_calls, text_calls};
    for (uint64_t seed = 1; seed <= 24; seed++) {
        setting s = {
            .window = *windows[seed % 4], .retracts = seed / 4 % 2, .calls = calls[seed / 8 % 3]};
        check(&s, seed, seed % 5 == 0 ? -20000 : seed % 5 == 1 ? 0 : 1700000000000, 250);
    }
}

static void
windows_of_new_york_follow_its_clock(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_window_spec hours = {SB_WINDOW_TUMBLE, HOUR, HOUR, 0, true},
                       days = {SB_WINDOW_TUMBLE, 24 * HOUR, 24 * HOUR, 0, true};
        sb_window_spec hops = {SB_WINDOW_HOP, 2 * HOUR, HOUR / 2, 0, true};
        setting s = {.window = seed % 3 == 0   ? hours
                               : seed % 3 == 1 ? days
                                               : hops,
                     .new_york = true,
                     .calls = seed % 2 ? plain_calls : distinct_calls};
        check(&s, seed, (seed % 4 < 2 ? spring : autumn) - (seed % 3 == 1 ? 30 : 5) * (int64_t)HOUR,
              200);
    }
}

/* The autumn hour that comes twice is one window; it fires when the second ends, and its time is
 * that of the first. */
static void
the_repeated_hour_is_one_window(void **unused)
{
    (void)unused;
    setting s = {
        .window = {SB_WINDOW_TUMBLE, HOUR, HOUR, 0, true}, .new_york = true, .calls = plain_calls};
    int64_t first = autumn - HOUR, second = autumn, end = autumn + HOUR;
    sb_test_rows feed = {0};
    const int64_t times[] = {first, first + HOUR - 1, second, end - 1};
    for (int i = 0; i < 4; i++) {
        sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){1, 10, 1, times[i]}, NULL);
        sb_test_mark(&feed, times[i] == end - 1 ? end - 2 : times[i]);
    }
    sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){1, 10, 1, first}, NULL); /* not late yet */
    sb_test_mark(&feed, end - 1);
    sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){1, 10, 1, end - 1}, NULL); /* late */
    job j;
    make_job(&j, &s, &feed, 1, 0, 3);
    sb_test_run_all(&j.run);
    sb_test_rows expected = {0};
    int64_t local = autumn - 5 * HOUR;
    sb_test_add(&expected, SB_ROW_INSERT, 9,
                (int64_t[]){1, 5, 50, 10, 10, 10, local, local + HOUR, first + HOUR - 1}, NULL);
    assert_true(sb_test_same_sequence(&expected, &j.run.out[0], OUT_COLUMNS));
    assert_int_equal(j.run.metrics.late_dropped, 1);
    sb_test_rows_free(&expected);
    sb_test_run_free(&j.run);
    sb_test_rows_free(&feed);
}

/* Windows over windowed input: grouped by the columns that are there. */
static void
attached_windows_group_by_their_columns(void **unused)
{
    (void)unused;
    static const sb_field fields[] = {
        {"k", BIG, 0}, {"v", BIG, 0}, {"f", FLAG, 0}, {"ws", TIME, 0}, {"we", TIME, 0}};
    static const sb_schema input = {5, fields};
    for (uint64_t seed = 1; seed <= 12; seed++) {
        setting s = {.window = {SB_WINDOW_HOP, 4000, 1000, 0, false},
                     .calls = seed % 3 == 0 ? distinct_calls : plain_calls};
        sb_test_rows feed = {0}, expanded = {0}, late = {0};
        evaluator e;
        make_feed(&s, seed, -5000, 120, &feed);
        /* The reference sees the row once; the operator sees it once per window. */
        evaluate(&e, &s, &feed);
        int64_t watermark = SB_WM_MIN;
        for (int32_t i = 0; i < feed.count; i++) {
            const sb_test_row *r = &feed.at[i];
            if (r->event == SB_TEST_MARK) {
                watermark = r->time_ms;
                sb_test_mark(&expanded, r->time_ms);
                continue;
            }
            int64_t start = r->v[3] - (r->v[3] % 1000 + 1000) % 1000;
            for (int k = 0; k < 4; k++, start -= 1000) {
                sb_test_row *to = sb_test_add(&expanded, r->op, 3, r->v, r->null);
                to->v[3] = start;
                to->v[4] = start + 4000;
                if (start + 4000 - 1 <= watermark) {
                    sb_test_add(&late, r->op, 5, to->v, to->null);
                }
            }
        }
        for (int k = 0; k < 4; k++) {
            job j;
            make_job(&j, &s, &expanded, k % 2 ? 9 : 4096, k < 2 ? 0 : 5, seed + (uint64_t)k);
            j.body.attached = true;
            j.body.start_column = 3;
            j.body.end_column = 4;
            j.body.window = (sb_window_spec){.kind = SB_WINDOW_TUMBLE};
            j.run.inputs[0] = &input;
            sb_test_run_all(&j.run);
            assert_true(sb_test_same_multiset(&e.out, &j.run.out[0], OUT_COLUMNS));
            assert_true(sb_test_same_sequence(&late, &j.run.out[1], 5));
            sb_test_run_free(&j.run);
        }
        evaluator_free(&e);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expanded);
        sb_test_rows_free(&late);
    }
}

/* Many windows due at once go out in small pieces, whatever happens in between. */
static void
a_large_firing_is_resumed(void **unused)
{
    (void)unused;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    enum { WINDOWS = 100000 };
#else
    enum { WINDOWS = 1000000 };
#endif

    setting s = {.window = tumble, .calls = plain_calls};
    sb_test_rows feed = {0};
    for (int64_t i = 0; i < WINDOWS; i++) {
        sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){i % 1000, i, 1, i / 1000 * 1000}, NULL);
    }
    for (int k = 0; k < 2; k++) {
        job j;
        make_job(&j, &s, &feed, 4096, k ? WINDOWS / 3000 : 0, 5);
        j.run.port_rows = 100;
        sb_test_run_all(&j.run);
        static bool seen[WINDOWS];
        memset(seen, 0, sizeof seen);
        int32_t rows = 0;
        for (int32_t i = 0; i < j.run.out[0].count; i++) {
            const sb_test_row *r = &j.run.out[0].at[i];
            if (r->event == SB_TEST_ROW) {
                assert_true(r->v[1] == 1 && r->v[2] == r->v[3] &&
                            r->v[2] / 1000 * 1000 == r->v[6] && !seen[r->v[2]]);
                seen[r->v[2]] = true;
                rows++;
            }
        }
        assert_int_equal(rows, WINDOWS);
        assert_true(k == 0 || j.run.count_restarts > 10);
        sb_test_run_free(&j.run);
    }
    sb_test_rows_free(&feed);
}

/* Enough keys that the slices' filters grow; a key stands in one slice, in two with a hole between
 * them, or in all, and rows come late enough to make an older slice after a newer one. */
static void
keys_of_many_slices_are_merged_once(void **unused)
{
    (void)unused;

    enum { KEYS = 3000, SLICES = 7, WINDOWS = SLICES + 3 };

    static int64_t count[KEYS][WINDOWS], sum[KEYS][WINDOWS];
    setting s = {.window = hop, .calls = plain_calls};
    sb_test_rows feed = {0};
    uint64_t r = 11;
    int64_t expected_rows = 0;
    memset(count, 0, sizeof count);
    memset(sum, 0, sizeof sum);
    for (int32_t step = 0; step < SLICES; step++) {
        int32_t slice = step % 2 ? step - 1 : step + 1 < SLICES ? step + 1 : step;
        for (int32_t k = 0; k < KEYS; k++) {
            bool in = k % 3 == 0   ? (k / 3) % SLICES == slice
                      : k % 3 == 1 ? slice == 1 || slice == 3
                                   : true;
            if (in) {
                int64_t v = (int64_t)(sb_test_random(&r) % 100);
                sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){k, v, 1, slice * 1000 + k % 1000},
                            NULL);
                for (int32_t w = slice; w < slice + 4; w++) { /* the window ends at (w + 1) s */
                    expected_rows += count[k][w]++ == 0;
                    sum[k][w] += v;
                }
            }
        }
        if (step % 2) { /* all slices up to this one are complete */
            sb_test_mark(&feed, (step + 1) * 1000 - 2);
        }
    }
    for (int k = 0; k < 3; k++) {
        job j;
        make_job(&j, &s, &feed, k == 1 ? 97 : 4096, k == 2 ? 9 : 0, 5);
        j.run.port_rows = k ? 700 : 0;
        sb_test_run_all(&j.run);
        int64_t rows = 0;
        for (int32_t i = 0; i < j.run.out[0].count; i++) {
            const sb_test_row *o = &j.run.out[0].at[i];
            if (o->event == SB_TEST_ROW) {
                int64_t w = o->v[7] / 1000 - 1;
                assert_true(o->v[0] >= 0 && o->v[0] < KEYS && w >= 0 && w < WINDOWS);
                assert_int_equal(o->v[1], count[o->v[0]][w]);
                assert_int_equal(o->v[2], sum[o->v[0]][w]);
                rows++;
            }
        }
        assert_int_equal(rows, expected_rows);
        assert_int_equal(j.run.metrics.late_dropped, 0);
        assert_true(k < 2 || j.run.count_restarts > 3);
        sb_test_run_free(&j.run);
    }
    sb_test_rows_free(&feed);
}

static void
a_row_without_time_fails(void **unused)
{
    (void)unused;
    setting s = {.window = hop, .calls = plain_calls};
    sb_test_rows feed = {0};
    sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){1, 1, 1, 1}, NULL);
    sb_test_add(&feed, SB_ROW_INSERT, 4, (int64_t[]){1, 1, 1, 1},
                (bool[]){false, false, false, true});
    job j;
    make_job(&j, &s, &feed, 10, 0, 1);
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
    static const sb_agg_call *const calls[] = {plain_calls, distinct_calls, text_calls};
    for (uint64_t seed = 0; seed < 6; seed++) {
        setting s = {
            .window = seed % 2 ? hop : tumble, .retracts = seed >= 3, .calls = calls[seed % 3]};
        sb_test_rows feed = {0};
        make_feed(&s, seed + 1, 0, 40, &feed);
        job j;
        make_job(&j, &s, &feed, 11, 4, seed);
        sb_test_fail_allocations(&j.run, OUT_COLUMNS, 5);
        sb_test_rows_free(&feed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_hold_what_the_reference_holds),
        cmocka_unit_test(windows_of_new_york_follow_its_clock),
        cmocka_unit_test(the_repeated_hour_is_one_window),
        cmocka_unit_test(attached_windows_group_by_their_columns),
        cmocka_unit_test(a_large_firing_is_resumed),
        cmocka_unit_test(keys_of_many_slices_are_merged_once),
        cmocka_unit_test(a_row_without_time_fails),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
