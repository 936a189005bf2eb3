/*
 * state/snapshot_testing.c -- a world of tables, timers and models, and snapshots of it.
 */
#include "state/snapshot_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const sb_type bigint = {.id = SB_TYPE_BIGINT};
static const sb_field timer_key_field = {.name = "k", .type = {.id = SB_TYPE_BIGINT}};
static const sb_schema timer_key = {.count = 1, .fields = &timer_key_field};

void
sb_st_world_open_limited(sb_st_world *w, const sb_st_table *kinds, uint32_t from, uint32_t to,
                         int64_t limit)
{
    sb_error err;
    sb_table_spec spec;
    *w = (sb_st_world){.kinds = kinds, .mem = sb_mem_new(NULL, "test", limit)};
    w->state = sb_state_new(w->mem, from, to);
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_table_spec(&kinds[i], &spec);
        assert_int_equal(sb_state_open_table(w->state, &spec, &w->tables[i], &err), SB_OK);
        sb_st_model_init(&w->models[i], &kinds[i]);
    }
    assert_int_equal(sb_state_open_timers(w->state, SB_ST_TIMERS, &timer_key, &w->timers, &err),
                     SB_OK);
    w->timer_model = calloc(1, sizeof *w->timer_model);
    w->batch = sb_st_batch_new();
}

void
sb_st_world_open(sb_st_world *w, const sb_st_table *kinds, uint32_t from, uint32_t to)
{
    sb_st_world_open_limited(w, kinds, from, to, 0);
}

void
sb_st_world_close(sb_st_world *w)
{
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_model_deinit(&w->models[i]);
    }
    free(w->timer_model);
    sb_st_batch_free(w->batch);
    sb_state_free(w->state);
    assert_int_equal(sb_mem_used(w->mem), 0);
    sb_mem_unref(w->mem);
    *w = (sb_st_world){0};
}

void
sb_st_world_copy_models(sb_st_world *to, const sb_st_world *from)
{
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_model_deinit(&to->models[i]);
        sb_st_model_copy(&to->models[i], &from->models[i]);
    }
    *to->timer_model = *from->timer_model;
}

/* Models without a state. */
void
sb_st_world_init_models(sb_st_world *w, const sb_st_world *from)
{
    *w = (sb_st_world){.kinds = from->kinds, .timer_model = calloc(1, sizeof(sb_st_timer_model))};
    sb_st_world_copy_models(w, from);
}

void
sb_st_world_free_models(sb_st_world *w)
{
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_model_deinit(&w->models[i]);
    }
    free(w->timer_model);
}

static void
check_timers(sb_timers *t, const sb_st_timer_model *m)
{
    sb_due due;
    sb_error err;
    assert_int_equal(sb_timers_count(t), m->count);
    assert_int_equal(sb_timers_due(t, INT64_MAX, INT32_MAX, &due, &err), SB_OK);
    assert_int_equal(due.count, m->count);
    bool *seen = calloc((size_t)m->count + 1, sizeof *seen);
    int64_t last = INT64_MIN;
    for (int32_t i = 0; i < due.count; i++) {
        int64_t key = *(const int64_t *)sb_vector_at(due.columns[0], i);
        int k = 0;
        assert_true(due.due_ms[i] >= last);
        last = due.due_ms[i];
        /* creation order within a due time: the first in the model that is not out yet */
        while (k < m->count && (seen[k] || m->due[k] != last)) {
            k++;
        }
        assert_true(k < m->count);
        assert_int_equal(m->key[k], key);
        assert_int_equal(m->ts[k], due.ts_ms[i]);
        seen[k] = true;
    }
    free(seen);
}

void
sb_st_world_check(sb_st_world *w)
{
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_table_set_now(w->tables[i], w->models[i].now_ms);
        sb_st_check(w->tables[i], &w->models[i]);
    }
    check_timers(w->timers, w->timer_model);
}

static void
step_timers(sb_st_world *w, sb_st_rng *r)
{
    sb_st_timer_model *m = w->timer_model;
    int64_t keys[16], ts[16];
    uint64_t hashes[16];
    int32_t n = 1 + (int32_t)sb_st_below(r, 16);
    sb_error err;
    bool cancel = sb_st_below(r, 2) && m->count > 0;
    for (int32_t i = 0; i < n; i++) {
        int k = m->count ? (int)sb_st_below(r, (uint64_t)m->count) : 0;
        keys[i] = cancel ? m->key[k] : (int64_t)sb_st_below(r, 300);
        ts[i] = cancel ? m->ts[k] : (int64_t)sb_st_below(r, 40) * 10;
    }
    sb_vector *column = sb_vector_alloc(sb_mem_root(), &bigint, n, false);
    memcpy(sb_vector_values_mut(column), keys, (size_t)n * 8);
    sb_keys k = {.columns = &column, .hashes = hashes, .count = n};
    sb_hash_columns(&column, 1, NULL, n, hashes);
    if (cancel) {
        sb_timers_cancel(w->timers, &k, ts);
    } else {
        assert_int_equal(sb_timers_set(w->timers, &k, ts, 100, &err), SB_OK);
    }
    for (int32_t i = 0; i < n; i++) {
        int at = 0;
        while (at < m->count && (m->key[at] != keys[i] || m->ts[at] != ts[i])) {
            at++;
        }
        if (cancel && at < m->count) {
            m->count--;
            memmove(m->key + at, m->key + at + 1, (size_t)(m->count - at) * 8);
            memmove(m->ts + at, m->ts + at + 1, (size_t)(m->count - at) * 8);
            memmove(m->due + at, m->due + at + 1, (size_t)(m->count - at) * 8);
        } else if (!cancel && at == m->count && m->count < 4000) {
            m->key[at] = keys[i];
            m->ts[at] = ts[i];
            m->due[at] = ts[i] > 100 ? ts[i] : 100;
            m->count++;
        }
    }
    sb_vector_unref(column);
}

void
sb_st_world_step(sb_st_world *w, sb_st_rng *r, int steps)
{
    for (int i = 0; i < steps; i++) {
        uint64_t which = sb_st_below(r, SB_ST_TABLES + 1);
        if (which == SB_ST_TABLES) {
            step_timers(w, r);
        } else {
            sb_st_step(w->tables[which], &w->models[which], r, w->batch);
            if (sb_st_below(r, 30) == 0) {
                sb_state_sweep(w->state, 10);
            }
        }
    }
}

void
sb_st_world_kinds(sb_st_table *kinds, sb_st_rng *r)
{
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_table_random(&kinds[i], r, (sb_shape)(i % 3), (uint32_t)i + 1);
        kinds[i].ttl_ms = sb_st_below(r, 4) == 0 ? 100000 : 0;
    }
}

sb_status
sb_st_world_restore(sb_st_world *w, const sb_st_saved *s, sb_store *store, bool same_owner,
                    sb_error *err)
{
    sb_reader reader = sb_reader_of(s->w.out.data, s->w.out.size);
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_table_set_now(w->tables[i], s->models.models[i].now_ms);
    }
    return sb_state_restore(w->state, &reader, store, same_owner, err);
}

void
sb_st_saved_free(sb_st_saved *s)
{
    sb_writer_deinit(&s->w);
    sb_st_world_free_models(&s->models);
}

void
sb_st_world_snapshot(sb_st_world *w, sb_store *store, uint64_t number, sb_st_saved *out)
{
    sb_state_snapshot *s;
    sb_error err;
    assert_int_equal(sb_state_freeze(w->state, number, &s, &err), SB_OK);
    sb_st_world_init_models(&out->models, w);
    sb_writer_init(&out->w, sb_mem_root());
    assert_int_equal(sb_state_snapshot_write(s, store, "op", &out->w, &err), SB_OK);
    sb_state_snapshot_end(s, true);
}

sb_store *
sb_st_store_open(sb_os *os)
{
    sb_store *store;
    sb_error err;
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "state", &store, &err), SB_OK);
    return store;
}
