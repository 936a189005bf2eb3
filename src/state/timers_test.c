/*
 * state/timers_test.c -- timers against a list that is searched from the front.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/state_testing.h"
#include "state/table_priv.h"

typedef struct timer {
    int64_t key, ts, due;
    int order;
} timer;

typedef struct model {
    timer list[20000];
    int count, next_order;
} model;

static int
find(const model *m, int64_t key, int64_t ts)
{
    for (int i = 0; i < m->count; i++) {
        if (m->list[i].key == key && m->list[i].ts == ts) {
            return i;
        }
    }
    return -1;
}

static void
drop(model *m, int i)
{
    memmove(m->list + i, m->list + i + 1, (size_t)(m->count - i - 1) * sizeof *m->list);
    m->count--;
}

static int
by_due(const void *a, const void *b)
{
    const timer *x = a, *y = b;
    return x->due != y->due ? (x->due > y->due ? 1 : -1) : x->order - y->order;
}

typedef struct keys { /* BIGINT keys */
    sb_vector *column;
    uint64_t hashes[256];
    sb_keys keys;
} keys;

static const sb_type bigint = {.id = SB_TYPE_BIGINT};
static const sb_field key_field = {.name = "k", .type = {.id = SB_TYPE_BIGINT}};
static const sb_schema key_schema = {.count = 1, .fields = &key_field};

static void
make_keys(keys *k, const int64_t *values, int32_t count)
{
    k->column = sb_vector_alloc(sb_mem_root(), &bigint, count, false);
    memcpy(sb_vector_values_mut(k->column), values, (size_t)count * 8);
    k->keys = (sb_keys){.columns = &k->column, .hashes = k->hashes, .count = count};
    sb_hash_columns(&k->column, 1, NULL, count, k->hashes);
}

static int64_t
model_next(const model *m)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < m->count; i++) {
        next = m->list[i].due < next ? m->list[i].due : next;
    }
    return next;
}

static void
set_some(sb_timers *t, model *m, sb_st_rng *r, int64_t clock, int64_t spread)
{
    int64_t values[64], ts[64];
    sb_error err;
    keys k;
    int32_t n = 1 + (int32_t)sb_st_below(r, 64);
    int64_t floor_ms = sb_st_below(r, 2) ? clock + 1 : INT64_MIN;
    for (int32_t i = 0; i < n; i++) {
        values[i] = (int64_t)sb_st_below(r, 50);
        ts[i] = clock + (int64_t)sb_st_below(r, (uint64_t)spread) - spread / 5;
    }
    make_keys(&k, values, n);
    bool fails = sb_st_below(r, 4) == 0;
    if (fails) {
        sb_mem_fail_after(1 + (int64_t)sb_st_below(r, 5));
    }
    sb_status status = sb_timers_set(t, &k.keys, ts, floor_ms, &err);
    sb_mem_fail_after(0);
    assert_true(status == SB_OK || (fails && status == SB_STATUS_NOMEM));
    for (int32_t i = 0; status == SB_OK && i < n; i++) {
        if (find(m, values[i], ts[i]) < 0) {
            int64_t due = ts[i] > floor_ms ? ts[i] : floor_ms;
            m->list[m->count++] = (timer){values[i], ts[i], due, m->next_order++};
        }
    }
    sb_vector_unref(k.column);
}

static void
cancel_some(sb_timers *t, model *m, sb_st_rng *r)
{
    int64_t values[64], ts[64];
    keys k;
    int32_t n = 1 + (int32_t)sb_st_below(r, 30);
    for (int32_t i = 0; i < n; i++) {
        const timer *one =
            m->count ? &m->list[sb_st_below(r, (uint64_t)m->count)] : &(timer){1, 1, 1, 1};
        values[i] = one->key;
        ts[i] = sb_st_below(r, 5) ? one->ts : one->ts + 1;
    }
    make_keys(&k, values, n);
    sb_timers_cancel(t, &k.keys, ts);
    for (int32_t i = 0; i < n; i++) {
        int at = find(m, values[i], ts[i]);
        if (at >= 0) {
            drop(m, at);
        }
    }
    sb_vector_unref(k.column);
}

/* Looks, cancels and sets in between, takes some. */
static void
fire(sb_timers *t, model *m, sb_st_rng *r, int64_t clock)
{
    sb_error err;
    sb_due due;
    int32_t limit = 1 + (int32_t)sb_st_below(r, 40);
    qsort(m->list, (size_t)m->count, sizeof *m->list, by_due);
    if (sb_st_below(r, 8) == 0) {
        sb_mem_fail_after(1 + (int64_t)sb_st_below(r, 8));
        sb_status status = sb_timers_due(t, clock, limit, &due, &err);
        sb_mem_fail_after(0);
        assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
    }
    assert_int_equal(sb_timers_due(t, clock, limit, &due, &err), SB_OK);
    int32_t expect = 0;
    while (expect < m->count && expect < limit && m->list[expect].due <= clock) {
        expect++;
    }
    assert_int_equal(due.count, expect);
    timer seen[64];
    for (int32_t i = 0; i < due.count; i++) {
        seen[i] = m->list[i];
        assert_int_equal(due.due_ms[i], seen[i].due);
        assert_int_equal(due.ts_ms[i], seen[i].ts);
        assert_int_equal(*(const int64_t *)sb_vector_at(due.columns[0], i), seen[i].key);
        assert_int_equal(due.hashes[i], sb_hash_value(SB_PHYS_I64, &seen[i].key));
    }
    if (sb_st_below(r, 3) == 0) {
        cancel_some(t, m, r);
        if (due.count > 0) {
            set_some(t, m, r, clock, 100);
        }
    }
    for (int32_t i = 0; i < due.count; i++) {
        if (sb_st_below(r, 4) == 0) {
            continue;
        }
        int at = find(m, seen[i].key, seen[i].ts);
        bool there = at >= 0 && m->list[at].order == seen[i].order;
        assert_int_equal(sb_timers_take(t, i), there);
        if (there) {
            drop(m, at);
        }
        assert_false(sb_timers_take(t, i));
    }
}

static void
test_model(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        sb_mem *mem = sb_mem_new(NULL, "test", 0);
        sb_state *state = sb_state_new(mem, 0, SB_KEY_SLOTS);
        sb_timers *t;
        sb_error err;
        sb_st_rng r = {seed};
        model *m = calloc(1, sizeof *m);
        int64_t clock = 1000, spread = (int64_t[]){20, 500, 100000}[seed % 3];
        assert_int_equal(sb_state_open_timers(state, 3, &key_schema, &t, &err), SB_OK);
        for (int i = 0; i < 400; i++) {
            switch (sb_st_below(&r, 4)) {
            case 0:
            case 1: set_some(t, m, &r, clock, spread); break;
            case 2: cancel_some(t, m, &r); break;
            default:
                clock += (int64_t)sb_st_below(&r, (uint64_t)spread / 4 + 1);
                fire(t, m, &r, clock);
            }
            assert_int_equal(sb_timers_count(t), m->count);
            assert_int_equal(sb_timers_next_ms(t), model_next(m));
        }
        free(m);
        sb_state_free(state);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
    }
}

/* A timer set from a row behind the clock comes at the next advance and tells its own time (R7). */
static void
test_late(void **unused)
{
    (void)unused;
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_timers *t;
    sb_error err;
    sb_due due;
    keys k;
    make_keys(&k, (int64_t[]){5}, 1);
    assert_int_equal(sb_state_open_timers(state, 3, &key_schema, &t, &err), SB_OK);
    assert_int_equal(sb_timers_next_ms(t), INT64_MAX);
    assert_int_equal(sb_timers_set(t, &k.keys, (int64_t[]){70}, 101, &err), SB_OK);
    /* there already */
    assert_int_equal(sb_timers_set(t, &k.keys, (int64_t[]){70}, INT64_MIN, &err), SB_OK);
    assert_int_equal(sb_timers_due(t, 100, 10, &due, &err), SB_OK);
    assert_int_equal(due.count, 0);
    assert_int_equal(sb_timers_next_ms(t), 101);
    assert_int_equal(sb_timers_due(t, 101, 10, &due, &err), SB_OK);
    assert_int_equal(due.count, 1);
    assert_int_equal(due.ts_ms[0], 70);
    assert_int_equal(due.due_ms[0], 101);
    assert_true(sb_timers_take(t, 0));
    assert_int_equal(sb_timers_count(t), 0);
    /* from a timer callback: at its own time, in this very advance */
    assert_int_equal(sb_timers_set(t, &k.keys, (int64_t[]){70}, INT64_MIN, &err), SB_OK);
    assert_int_equal(sb_timers_next_ms(t), 70);
    sb_vector_unref(k.column);
    sb_state_free(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
