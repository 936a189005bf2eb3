/*
 * operators/process_test.c -- the keyed process operator: state, timers, side outputs, restarts at
 * any step, failing allocations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/user.h"
#include "operators/operators_testing.h"
#include "operators/process_value.h"

/* Input, output and side output alike: k BIGINT, v BIGINT, t TIMESTAMP(3). */
static const sb_field row_fields[] = {
    {.name = "k", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "v", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "t", .type = {.id = SB_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
};
static const sb_schema row_schema = {3, row_fields};
static const sb_schema *const side_schemas[] = {&row_schema};

static const sb_user_state states[] = {
    {.name = "sum", .value = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "seen",
     .is_map = true,
     .key = {.id = SB_TYPE_BIGINT, .nullable = true},
     .value = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "name", .value = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "texts",
     .is_map = true,
     .key = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX},
     .value = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}},
    {.name = "wide",
     .value = {.id = SB_TYPE_DECIMAL, .nullable = true, .precision = 30, .scale = 2}},
    {.name = "short", .value = {.id = SB_TYPE_SMALLINT}},
    {.name = "real",
     .is_map = true,
     .key = {.id = SB_TYPE_INT},
     .value = {.id = SB_TYPE_FLOAT, .nullable = true}},
};

enum { SUM, SEEN, NAME, TEXTS, WIDE, SHORT, REAL };

static sb_user_process user; /* the function under test */

static const sb_user_process *
find_user(const sb_user_functions *self, const char *name)
{
    (void)self;
    return strcmp(name, "f") == 0 ? &user : NULL;
}

static const sb_user_functions users = {find_user, NULL};

static sb_status
init_with_users(sb_op *op, const sb_plan_node *node, sb_init *ctx, sb_error *err)
{
    ctx->users = &users;
    return sb_op_process.init(op, node, ctx, err);
}

static const int32_t key_columns[] = {0};
static sb_process_node body;
static sb_plan_node node;
static sb_op_vtable vtable;

static void
use_function(sabot_status (*on_row)(void *, sabot_process_context *),
             sabot_status (*on_timer)(void *, sabot_process_context *))
{
    user = (sb_user_process){.name = "f",
                             .output = &row_schema,
                             .count_sides = 1,
                             .sides = side_schemas,
                             .states = states,
                             .count_states = sizeof states / sizeof states[0],
                             .on_row = on_row,
                             .on_timer = on_timer};
    body = (sb_process_node){.name = "f",
                             .keys = {1, key_columns},
                             .rowtime = 2,
                             .count_sides = 1,
                             .side_schemas = side_schemas};
    node = (sb_plan_node){.kind = SB_NODE_PROCESS, .schema = &row_schema, .body = &body};
    vtable = sb_op_process;
    vtable.count_ports = 2;
    vtable.init = init_with_users;
}

static void
add(sb_test_rows *feed, int64_t k, int64_t v, int64_t t)
{
    sb_test_add(feed, SB_ROW_INSERT, 3, (int64_t[]){k, v, t}, NULL);
}

static sb_test_run
run_feed(const sb_test_rows *feed, int32_t batch_rows, uint64_t seed, int32_t restart_every)
{
    sb_test_run run = {.vtable = &vtable,
                       .node = &node,
                       .inputs = {&row_schema},
                       .count_inputs = 1,
                       .feeds = feed,
                       .batch_rows = batch_rows,
                       .seed = seed,
                       .restart_every = restart_every};
    sb_test_run_all(&run);
    return run;
}

/* The rows that came out, without marks. */
static int32_t
rows_only(const sb_test_rows *out, int64_t rows[][3], int32_t limit)
{
    int32_t n = 0;
    for (int32_t i = 0; i < out->count; i++) {
        if (out->at[i].event == SB_TEST_MARK) {
            continue;
        }
        assert_true(n < limit);
        memcpy(rows[n++], out->at[i].v, sizeof rows[0]);
    }
    return n;
}

static sabot_status
emit(sabot_process_context *c, int64_t k, int64_t v, int64_t t_ms)
{
    sabot_value values[] = {sabot_int(k), sabot_int(v), sabot_int(t_ms * 1000)};
    return c->calls->emit(c, 0, values, 3);
}

static int64_t
get_int(sabot_process_context *c, int32_t column)
{
    sabot_value v;
    assert_int_equal(c->calls->get(c, column, &v), SABOT_OK);
    assert_int_equal(v.kind, SABOT_VALUE_INT);
    return v.as.i64;
}

static int64_t
get_key(sabot_process_context *c)
{
    sabot_value v;
    assert_int_equal(c->calls->key(c, 0, &v), SABOT_OK);
    return v.as.i64;
}

/* ---- sums with timers, against a slow program
 * -------------------------------------------------------------------- */

static sabot_status
sum_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    int64_t k = get_int(c, 0), v = get_int(c, 1), t = c->calls->timestamp(c);
    sabot_value sum;
    if (v == 0) {
        sabot_value values[] = {sabot_int(k), sabot_int(0), sabot_int(t * 1000)};
        return c->calls->emit(c, 1, values, 3);
    }
    sabot_status status = c->calls->state_get(c, SUM, &sum);
    if (status != SABOT_OK) {
        return status;
    }
    int64_t now = (sum.kind == SABOT_VALUE_NULL ? 0 : sum.as.i64) + v;
    sabot_value next = sabot_int(now);
    if ((status = c->calls->state_set(c, SUM, &next)) != SABOT_OK ||
        (status = emit(c, k, now, t)) != SABOT_OK) {
        return status;
    }
    if (v % 2 == 1 && (status = c->calls->timer(c, SABOT_EVENT_TIME, t + 5, true)) != SABOT_OK) {
        return status;
    }
    return v >= 7 ? c->calls->timer(c, SABOT_EVENT_TIME, t + 5, false) : SABOT_OK;
}

static sabot_status
sum_timer(void *instance, sabot_process_context *c)
{
    (void)instance;
    sabot_value sum;
    assert_int_equal(c->calls->domain(c), SABOT_EVENT_TIME);
    sabot_status status = c->calls->state_get(c, SUM, &sum);
    if (status != SABOT_OK) {
        return status;
    }
    int64_t now = sum.kind == SABOT_VALUE_NULL ? 0 : sum.as.i64, t = c->calls->timestamp(c);
    if ((status = emit(c, get_key(c), 1000 * now, t)) != SABOT_OK) {
        return status;
    }
    if (now % 3 == 0 &&
        now > 0) { /* a timer from a timer: fires in the same advance if it is not later */
        if ((status = c->calls->timer(c, SABOT_EVENT_TIME, t + 1, true)) != SABOT_OK) {
            return status;
        }
    }
    return now > 40 || now % 3 == 0 ? c->calls->state_clear(c, SUM) : SABOT_OK;
}

typedef struct ref_timer {
    int64_t k, ts, due, seq;
} ref_timer;

typedef struct reference {
    int64_t sums[8];
    bool has[8];
    ref_timer timers[512];
    int32_t count;
    int64_t seq;
    sb_test_rows *out;
} reference;

static int32_t
ref_find(const reference *r, int64_t k, int64_t ts)
{
    for (int32_t i = 0; i < r->count; i++) {
        if (r->timers[i].k == k && r->timers[i].ts == ts) {
            return i;
        }
    }
    return -1;
}

static void
ref_set(reference *r, int64_t k, int64_t ts, int64_t floor)
{
    if (ref_find(r, k, ts) < 0) {
        assert_true(r->count < 512);
        r->timers[r->count++] = (ref_timer){k, ts, ts > floor ? ts : floor, r->seq++};
    }
}

static void
ref_advance(reference *r, int64_t watermark)
{
    for (;;) {
        int32_t first = -1;
        for (int32_t i = 0; i < r->count; i++) {
            const ref_timer *t = &r->timers[i], *f = &r->timers[first < 0 ? i : first];
            if (t->due <= watermark &&
                (first < 0 || t->due < f->due || (t->due == f->due && t->seq < f->seq))) {
                first = i;
            }
        }
        if (first < 0) {
            return;
        }
        ref_timer t = r->timers[first];
        r->timers[first] = r->timers[--r->count];
        int64_t now = r->has[t.k] ? r->sums[t.k] : 0;
        add(r->out, t.k, 1000 * now, t.ts);
        if (now % 3 == 0 && now > 0) {
            ref_set(r, t.k, t.ts + 1, INT64_MIN);
        }
        if (now > 40 || now % 3 == 0) {
            r->has[t.k] = false;
        }
    }
}

static void
ref_run(const sb_test_rows *feed, sb_test_rows *out)
{
    reference *r = calloc(1, sizeof *r);
    int64_t watermark = INT64_MIN;
    r->out = out;
    for (int32_t i = 0; i < feed->count; i++) {
        const sb_test_row *row = &feed->at[i];
        if (row->event == SB_TEST_MARK) {
            watermark = row->time_ms;
            ref_advance(r, watermark);
            continue;
        }
        int64_t k = row->v[0], v = row->v[1], t = row->v[2];
        if (v == 0) {
            continue;
        }
        r->sums[k] = (r->has[k] ? r->sums[k] : 0) + v;
        r->has[k] = true;
        add(out, k, r->sums[k], t);
        if (v % 2 == 1 && v < 7) {
            ref_set(r, k, t + 5, watermark + 1);
        } else if (v >= 7) {
            int32_t at = ref_find(r, k, t + 5);
            if (at >= 0) {
                r->timers[at] = r->timers[--r->count];
            }
        }
    }
    ref_advance(r, INT64_MAX);
    free(r);
}

static void
make_feed(sb_test_rows *feed, uint64_t seed, int32_t count)
{
    uint64_t random = seed;
    int64_t base = 100;
    for (int32_t i = 0; i < count; i++) {
        base += (int64_t)(sb_test_random(&random) % 3);
        if (sb_test_random(&random) % 4 == 0) {
            base++;
            sb_test_mark(feed, base - 4);
        } else {
            add(feed, (int64_t)(sb_test_random(&random) % 5),
                (int64_t)(sb_test_random(&random) % 10),
                base - (int64_t)(sb_test_random(&random) % 20));
        }
    }
}

static void
sums_and_timers_are_as_a_slow_program_has_them(void **state)
{
    (void)state;
    static const int32_t sizes[] = {1, 7, 64};
    int32_t restarts = 0;
    use_function(sum_row, sum_timer);
    for (uint64_t seed = 1; seed <= 24; seed++) {
        sb_test_rows feed = {0}, expected = {0};
        make_feed(&feed, seed, 300);
        ref_run(&feed, &expected);
        sb_test_run run = run_feed(&feed, sizes[seed % 3], seed, seed % 2 ? 0 : 5);
        assert_true(sb_test_same_multiset(&run.out[0], &expected, 3));
        restarts += run.count_restarts;
        int32_t zeroes = 0, sides = 0;
        for (int32_t i = 0; i < feed.count; i++) {
            zeroes += feed.at[i].event != SB_TEST_MARK && feed.at[i].v[1] == 0;
        }
        for (int32_t i = 0; i < run.out[1].count; i++) {
            sides += run.out[1].at[i].event != SB_TEST_MARK;
        }
        assert_int_equal(sides, zeroes);
        sb_test_run_free(&run);
        sb_test_rows_free(&feed);
        sb_test_rows_free(&expected);
    }
    assert_true(restarts > 100);
}

static void
the_same_at_any_batch_size(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(sum_row, sum_timer);
    make_feed(&feed, 99, 400);
    sb_test_run one = run_feed(&feed, 1, 3, 0), many = run_feed(&feed, 400, 4, 0);
    assert_true(one.out[0].count > 200);
    assert_true(sb_test_same_sequence(&one.out[0], &many.out[0], 3)); /* marks included */
    sb_test_run_free(&one);
    sb_test_run_free(&many);
    sb_test_rows_free(&feed);
}

static void
failing_allocations_leave_nothing_behind(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(sum_row, sum_timer);
    make_feed(&feed, 5, 60);
    sb_test_run run = {.vtable = &vtable,
                       .node = &node,
                       .inputs = {&row_schema},
                       .count_inputs = 1,
                       .feeds = &feed,
                       .batch_rows = 16,
                       .seed = 2,
                       .restart_every = 7};
    sb_test_fail_allocations(&run, 3, 3);
    sb_test_rows_free(&feed);
}

/* ---- R7: late timers
 * --------------------------------------------------------------------------------------------- */

static sabot_status
late_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    int64_t k = get_int(c, 0);
    sabot_status status = c->calls->timer(c, SABOT_EVENT_TIME, 10, true);
    return status == SABOT_OK ? emit(c, k, c->calls->watermark(c), 1) : status;
}

static sabot_status
late_timer(void *instance, sabot_process_context *c)
{
    (void)instance;
    int64_t t = c->calls->timestamp(c);
    if (t == 10) { /* twice in the past: at once; the same time again: once */
        (void)c->calls->timer(c, SABOT_EVENT_TIME, 5, true);
        (void)c->calls->timer(c, SABOT_EVENT_TIME, 5, true);
    }
    return emit(c, get_key(c), c->calls->watermark(c), t);
}

static void
a_late_timer_fires_with_the_next_watermark(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(late_row, late_timer);
    sb_test_mark(&feed, 50);
    add(&feed, 1, 0, 7); /* sets a timer at 10, below the watermark */
    add(&feed, 1, 0, 8); /* the same timer */
    sb_test_mark(&feed, 60);
    add(&feed, 2, 0, 9);
    sb_test_run run = run_feed(&feed, 16, 1, 0);
    int64_t rows[16][3];
    /* rows at watermark 50; with 60 the timer 10, then the one it sets; the last at the end */
    static const int64_t expected[][3] = {{1, 50, 1},       {1, 50, 1}, {1, 60, 10},
                                          {1, 60, 5},       {2, 60, 1}, {2, INT64_MAX, 10},
                                          {2, INT64_MAX, 5}};
    assert_int_equal(rows_only(&run.out[0], rows, 16), 7);
    assert_memory_equal(rows, expected, sizeof expected);
    assert_int_equal(atomic_load(&run.metrics.fired), 4);
    sb_test_run_free(&run);
    sb_test_rows_free(&feed);
}

/* ---- processing time
 * --------------------------------------------------------------------------------------------- */

static sabot_status
clock_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    int64_t now = c->calls->now(c), v = get_int(c, 1);
    sabot_status status = c->calls->timer(c, SABOT_PROCESSING_TIME, now + v, v >= 0);
    return status == SABOT_OK && v < 0 ? c->calls->timer(c, SABOT_PROCESSING_TIME, -v, false)
                                       : status;
}

static sabot_status
clock_timer(void *instance, sabot_process_context *c)
{
    (void)instance;
    assert_int_equal(c->calls->domain(c), SABOT_PROCESSING_TIME);
    return emit(c, get_key(c), c->calls->now(c), c->calls->timestamp(c));
}

static void
processing_timers_follow_the_clock_and_are_dropped_at_the_end(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(clock_row, clock_timer);
    sb_test_event_add(&feed, SB_TEST_CLOCK, 1000, 0);
    add(&feed, 1, 100, 1);  /* at 1100 */
    add(&feed, 2, 200, 1);  /* at 1200 */
    add(&feed, 3, 250, 1);  /* at 1250, deleted below */
    add(&feed, 4, 9000, 1); /* never */
    sb_test_event_add(&feed, SB_TEST_CLOCK, 1150, 0);
    add(&feed, 3, -1250, 1);
    sb_test_event_add(&feed, SB_TEST_CLOCK, 1300, 0);
    add(&feed, 5, 0, 1); /* due at once */
    sb_test_event_add(&feed, SB_TEST_CLOCK, 1301, 0);
    for (int32_t restart = 0; restart < 4; restart += 3) {
        sb_test_run run = run_feed(&feed, 16, 7, restart);
        int64_t rows[16][3];
        static const int64_t expected[][3] = {{1, 1150, 1100}, {2, 1300, 1200}, {5, 1300, 1300}};
        assert_int_equal(rows_only(&run.out[0], rows, 16), 3);
        assert_memory_equal(rows, expected, sizeof expected);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
}

/* ---- map state
 * -------------------------------------------------------------------------------------------------
 */

typedef struct entries {
    int64_t last, sum, count;
} entries;

static bool
visit(void *ctx, const sabot_value *key, const sabot_value *value)
{
    entries *e = ctx;
    assert_true(e->count == 0 || key->as.i64 > e->last); /* ascending */
    e->last = key->as.i64;
    e->sum += value->kind == SABOT_VALUE_NULL ? 0 : value->as.i64;
    return ++e->count < 100;
}

/* v >= 0: seen[v] = t; v < 0: removes -v; emits count and sum of the map. v = 77: clears. */
static sabot_status
map_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    int64_t k = get_int(c, 0), v = get_int(c, 1), t = c->calls->timestamp(c);
    sabot_value key = sabot_int(v < 0 ? -v : v), value = sabot_int(t), got;
    sabot_status status = SABOT_OK;
    if (v == 77) {
        status = c->calls->state_clear(c, SEEN);
    } else if (v < 0) {
        status = c->calls->map_remove(c, SEEN, &key);
    } else {
        status = c->calls->map_put(c, SEEN, &key, &value);
        assert_int_equal(c->calls->map_get(c, SEEN, &key, &got), SABOT_OK);
        assert_int_equal(got.as.i64, t);
    }
    if (v < 0) {
        assert_int_equal(c->calls->map_get(c, SEEN, &key, &got), SABOT_NOT_FOUND);
    }
    entries e = {0};
    if (status == SABOT_OK) {
        status = c->calls->map_each(c, SEEN, visit, &e);
    }
    return status == SABOT_OK ? emit(c, k, e.count, e.sum) : status;
}

static void
map_state_is_kept_in_order_per_key(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(map_row, NULL);
    add(&feed, 1, 5, 100);
    add(&feed, 1, 3, 10);
    add(&feed, 2, 5, 7);
    add(&feed, 1, 5, 1);
    add(&feed, 1, -3, 0);
    add(&feed, 1, 9, 20);
    add(&feed, 1, 77, 0);
    add(&feed, 2, 4, 1);
    for (int32_t restart = 0; restart < 3; restart += 2) {
        sb_test_run run = run_feed(&feed, 3, 11, restart);
        int64_t rows[16][3];
        static const int64_t expected[][3] = {{1, 1, 100}, {1, 2, 110}, {2, 1, 7}, {1, 2, 11},
                                              {1, 1, 1},   {1, 2, 21},  {1, 0, 0}, {2, 2, 8}};
        assert_int_equal(rows_only(&run.out[0], rows, 16), 8);
        assert_memory_equal(rows, expected, sizeof expected);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
}

/* ---- values of other types
 * -------------------------------------------------------------------------------------------- */

static void
same_bytes(const sabot_value *v, const char *text)
{
    assert_int_equal(v->kind, SABOT_VALUE_BYTES);
    assert_int_equal(v->as.bytes.size, strlen(text));
    assert_memory_equal(v->as.bytes.data, text, strlen(text));
}

static sabot_status
types_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    static const char *const texts[] = {"", "short", "exactly12byt",
                                        "a text that is longer than an inline view"};
    int64_t v = get_int(c, 1);
    sabot_value got, key = sabot_int(v), wide = {.kind = SABOT_VALUE_WIDE},
                     real = sabot_double(0.25 * (double)v);
    if (v > 0) { /* what the row before wrote */
        assert_int_equal(c->calls->state_get(c, NAME, &got), SABOT_OK);
        same_bytes(&got, texts[v - 1]);
        sabot_value name = sabot_bytes(texts[v - 1], strlen(texts[v - 1]));
        assert_int_equal(c->calls->map_get(c, TEXTS, &name, &got), SABOT_OK);
        same_bytes(&got, texts[4 - v]);
        assert_int_equal(c->calls->state_get(c, WIDE, &got), SABOT_OK);
        assert_int_equal(got.kind, SABOT_VALUE_WIDE);
        assert_int_equal(got.as.wide.high, -v);
        assert_true(got.as.wide.low == UINT64_MAX - (uint64_t)v);
        assert_int_equal(c->calls->state_get(c, SHORT, &got), SABOT_OK);
        assert_int_equal(got.as.i64, -1000 - (v - 1));
        key = sabot_int(v - 1);
        assert_int_equal(c->calls->map_get(c, REAL, &key, &got), SABOT_OK);
        assert_true(v == 2 ? got.kind == SABOT_VALUE_NULL : got.as.f64 == 0.25 * (double)(v - 1));
        key = sabot_int(v);
    } else {
        assert_int_equal(c->calls->state_get(c, NAME, &got), SABOT_OK);
        assert_int_equal(got.kind, SABOT_VALUE_NULL);
    }
    sabot_value name = sabot_bytes(texts[v], strlen(texts[v])),
                other = sabot_bytes(texts[3 - v], strlen(texts[3 - v]));
    sabot_value small = sabot_int(-1000 - v), nothing = sabot_null();
    wide.as.wide.high = -(v + 1);
    wide.as.wide.low = UINT64_MAX - (uint64_t)(v + 1);
    sabot_status status = c->calls->state_set(c, NAME, &name);
    status = status == SABOT_OK ? c->calls->map_put(c, TEXTS, &name, &other) : status;
    status = status == SABOT_OK ? c->calls->state_set(c, WIDE, &wide) : status;
    status = status == SABOT_OK ? c->calls->state_set(c, SHORT, &small) : status;
    return status == SABOT_OK ? c->calls->map_put(c, REAL, &key, v == 1 ? &nothing : &real)
                              : status;
}

static void
state_keeps_values_of_all_kinds(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(types_row, NULL);
    for (int64_t k = 0; k < 3; k++) {
        for (int64_t v = 0; v < 4; v++) {
            add(&feed, k, v, v);
        }
    }
    for (int32_t restart = 0; restart < 3; restart++) {
        sb_test_run run = run_feed(&feed, 2, 3, restart);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
}

static void
values_are_checked_against_their_type(void **state)
{
    (void)state;
    sb_type tiny = SB_TYPE(TINYINT, false), decimal = sb_type_decimal(4, 2, true),
            ts9 = sb_type_timestamp(9, true);
    sb_type ts3 = sb_type_timestamp(3, true), text = sb_type_string(true),
            boolean = SB_TYPE(BOOLEAN, true);
    sabot_value wide = {.kind = SABOT_VALUE_WIDE, .as.wide = {.low = 1000, .high = 0}};
    assert_null(sb_process_value_problem(&tiny, &(sabot_value){SABOT_VALUE_INT, {.i64 = 127}}));
    assert_non_null(sb_process_value_problem(&tiny, &(sabot_value){SABOT_VALUE_INT, {.i64 = 128}}));
    assert_non_null(sb_process_value_problem(&tiny, &(sabot_value){SABOT_VALUE_NULL, {0}}));
    assert_non_null(sb_process_value_problem(&tiny, &(sabot_value){SABOT_VALUE_DOUBLE, {0}}));
    assert_null(
        sb_process_value_problem(&decimal, &(sabot_value){SABOT_VALUE_INT, {.i64 = -9999}}));
    assert_non_null(
        sb_process_value_problem(&decimal, &(sabot_value){SABOT_VALUE_INT, {.i64 = 10000}}));
    assert_non_null(sb_process_value_problem(&ts9, &wide));
    assert_non_null(
        sb_process_value_problem(&boolean, &(sabot_value){SABOT_VALUE_INT, {.i64 = 2}}));
    assert_null(sb_process_value_problem(&text, &(sabot_value){SABOT_VALUE_NULL, {0}}));
    assert_true(sb_process_cut_timestamp(&ts3, 1999) == 1000);
    assert_true(sb_process_cut_timestamp(&ts3, -1) == -1000);
    assert_true(sb_process_cut_timestamp(&ts9, -1) == -1);
}

/* ---- failures
 * -------------------------------------------------------------------------------------------------
 */

static int64_t what_fails;

static sabot_status
failing_row(void *instance, sabot_process_context *c)
{
    (void)instance;
    sabot_value got, values[] = {sabot_int(1), sabot_double(1), sabot_int(0)};
    switch (what_fails) {
    case 0: return (c->calls->fail)(c, "balance below zero");
    case 1: return SABOT_IO;
    case 2: return c->calls->emit(c, 0, values, 3); /* DOUBLE for BIGINT */
    case 3:
        /* its status is ignored: the job fails all the same */
        (void)c->calls->emit(c, 0, values, 2);
        return SABOT_OK;
    case 4: return c->calls->get(c, 17, &got);
    case 5: return c->calls->state_get(c, SEEN, &got); /* a map state */
    case 6: return c->calls->emit(c, 2, values, 3);
    case 7: return c->calls->timer(c, SABOT_EVENT_TIME, 1, true); /* no on_timer */
    default:
        values[0] = sabot_null();
        return c->calls->state_set(c, SHORT, &values[0]); /* NOT NULL */
    }
}

static void
a_failing_callback_fails_with_its_message(void **state)
{
    (void)state;

    static const struct {
        sb_status status;
        const char *message;
    } expected[] = {
        {SB_STATUS_DATA, "process function 'f': balance below zero"},
        {SB_STATUS_DATA, "process function 'f': on_row failed (input/output error)"},
        {SB_STATUS_INVALID, "process function 'f': value of the wrong kind for v"},
        {SB_STATUS_INVALID, "process function 'f': a row of 2 values for 3 columns"},
        {SB_STATUS_INVALID, "process function 'f': input has no column 17"},
        {SB_STATUS_INVALID, "process function 'f': state \"seen\" is a map state"},
        {SB_STATUS_INVALID, "process function 'f': there is no side output 1"},
        {SB_STATUS_INVALID, "process function 'f': a timer is set and there is no on_timer"},
        {SB_STATUS_INVALID, "process function 'f': NULL for short"},
    };

    sb_test_rows feed = {0};
    add(&feed, 1, 1, 1);
    for (what_fails = 0; what_fails < 9; what_fails++) {
        use_function(failing_row, NULL);
        sb_test_run run = {.vtable = &vtable,
                           .node = &node,
                           .inputs = {&row_schema},
                           .count_inputs = 1,
                           .feeds = &feed,
                           .batch_rows = 4,
                           .seed = 1,
                           .may_fail = true};
        sb_test_run_all(&run);
        assert_int_equal(run.failed, expected[what_fails].status);
        assert_string_equal(run.message, expected[what_fails].message);
        sb_test_run_free(&run);
    }
    sb_test_rows_free(&feed);
}

static void
an_unknown_function_is_refused(void **state)
{
    (void)state;
    sb_test_rows feed = {0};
    use_function(failing_row, NULL);
    body.name = "g";
    sb_test_run run = {.vtable = &vtable,
                       .node = &node,
                       .inputs = {&row_schema},
                       .count_inputs = 1,
                       .feeds = &feed,
                       .batch_rows = 4,
                       .seed = 1,
                       .may_fail = true};
    sb_test_run_all(&run);
    assert_int_equal(run.failed, SB_STATUS_NOT_FOUND);
    sb_test_run_free(&run);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_timers_are_as_a_slow_program_has_them),
        cmocka_unit_test(the_same_at_any_batch_size),
        cmocka_unit_test(failing_allocations_leave_nothing_behind),
        cmocka_unit_test(a_late_timer_fires_with_the_next_watermark),
        cmocka_unit_test(processing_timers_follow_the_clock_and_are_dropped_at_the_end),
        cmocka_unit_test(map_state_is_kept_in_order_per_key),
        cmocka_unit_test(state_keeps_values_of_all_kinds),
        cmocka_unit_test(values_are_checked_against_their_type),
        cmocka_unit_test(a_failing_callback_fails_with_its_message),
        cmocka_unit_test(an_unknown_function_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
