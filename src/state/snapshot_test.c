/*
 * state/snapshot_test.c -- snapshots, restore, rescale, corruption, failing memory and stores, on
 * the simulated disk.
 *
 * SIZE: all cases stand on one world of tables and models
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "state/state_priv.h"
#include "state/state_testing.h"

#define TABLES    3
#define TIMERS_ID 50

/* ---- a state with a table of each shape, timers, and models
 * ----------------------------------------- */

typedef struct timer_model {
    int64_t key[4000], ts[4000], due[4000];
    int count;
} timer_model;

typedef struct world {
    sb_mem *mem;
    sb_state *state;
    const sb_st_table *kinds;
    sb_table *tables[TABLES];
    sb_st_model models[TABLES];
    sb_timers *timers;
    timer_model *timer_model;
    sb_st_batch *batch;
} world;

static const sb_type bigint = {.id = SB_TYPE_BIGINT};
static const sb_field timer_key_field = {.name = "k", .type = {.id = SB_TYPE_BIGINT}};
static const sb_schema timer_key = {.count = 1, .fields = &timer_key_field};

static void
open_limited(world *w, const sb_st_table *kinds, uint32_t from, uint32_t to, int64_t limit)
{
    sb_error err;
    sb_table_spec spec;
    *w = (world){.kinds = kinds, .mem = sb_mem_new(NULL, "test", limit)};
    w->state = sb_state_new(w->mem, from, to);
    for (int i = 0; i < TABLES; i++) {
        sb_st_table_spec(&kinds[i], &spec);
        assert_int_equal(sb_state_open_table(w->state, &spec, &w->tables[i], &err), SB_OK);
        sb_st_model_init(&w->models[i], &kinds[i]);
    }
    assert_int_equal(sb_state_open_timers(w->state, TIMERS_ID, &timer_key, &w->timers, &err),
                     SB_OK);
    w->timer_model = calloc(1, sizeof *w->timer_model);
    w->batch = sb_st_batch_new();
}

static void
open_world(world *w, const sb_st_table *kinds, uint32_t from, uint32_t to)
{
    open_limited(w, kinds, from, to, 0);
}

static void
close_world(world *w)
{
    for (int i = 0; i < TABLES; i++) {
        sb_st_model_deinit(&w->models[i]);
    }
    free(w->timer_model);
    sb_st_batch_free(w->batch);
    sb_state_free(w->state);
    assert_int_equal(sb_mem_used(w->mem), 0);
    sb_mem_unref(w->mem);
    *w = (world){0};
}

static void
copy_models(world *to, const world *from)
{
    for (int i = 0; i < TABLES; i++) {
        sb_st_model_deinit(&to->models[i]);
        sb_st_model_copy(&to->models[i], &from->models[i]);
    }
    *to->timer_model = *from->timer_model;
}

/* Models without a state. */
static void
init_models(world *w, const world *from)
{
    *w = (world){.kinds = from->kinds, .timer_model = calloc(1, sizeof(timer_model))};
    copy_models(w, from);
}

static void
free_models(world *w)
{
    for (int i = 0; i < TABLES; i++) {
        sb_st_model_deinit(&w->models[i]);
    }
    free(w->timer_model);
}

static void
check_timers(sb_timers *t, const timer_model *m)
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

static void
check_world(world *w)
{
    for (int i = 0; i < TABLES; i++) {
        sb_table_set_now(w->tables[i], w->models[i].now_ms);
        sb_st_check(w->tables[i], &w->models[i]);
    }
    check_timers(w->timers, w->timer_model);
}

static void
step_timers(world *w, sb_st_rng *r)
{
    timer_model *m = w->timer_model;
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

static void
step_world(world *w, sb_st_rng *r, int steps)
{
    for (int i = 0; i < steps; i++) {
        uint64_t which = sb_st_below(r, TABLES + 1);
        if (which == TABLES) {
            step_timers(w, r);
        } else {
            sb_st_step(w->tables[which], &w->models[which], r, w->batch);
            if (sb_st_below(r, 30) == 0) {
                sb_state_sweep(w->state, 10);
            }
        }
    }
}

static void
random_kinds(sb_st_table *kinds, sb_st_rng *r)
{
    for (int i = 0; i < TABLES; i++) {
        sb_st_table_random(&kinds[i], r, (sb_shape)(i % 3), (uint32_t)i + 1);
        kinds[i].ttl_ms = sb_st_below(r, 4) == 0 ? 100000 : 0;
    }
}

typedef struct saved { /* a completed snapshot */
    sb_writer w;
    world models;
} saved;

static sb_status
restore(world *w, const saved *s, sb_store *store, bool same_owner, sb_error *err)
{
    sb_reader reader = sb_reader_of(s->w.out.data, s->w.out.size);
    for (int i = 0; i < TABLES; i++) {
        sb_table_set_now(w->tables[i], s->models.models[i].now_ms);
    }
    return sb_state_restore(w->state, &reader, store, same_owner, err);
}

static void
free_saved(saved *s)
{
    sb_writer_deinit(&s->w);
    free_models(&s->models);
}

/* ---- chains of snapshots
 * ---------------------------------------------------------------------------- */

typedef struct needed {
    char names[4096][80];
    int count;
} needed;

static void
note_blob(void *ctx, const char *name, int64_t bytes)
{
    needed *n = ctx;
    assert_true(bytes > 0 && n->count < 4096);
    strncpy(n->names[n->count++], name, 79);
}

/* Removes what no retained snapshot needs, as the runtime does. */
static void
collect_garbage(sb_store *store, saved *list, int count)
{
    needed *n = calloc(1, sizeof *n);
    sb_blob_list blobs;
    sb_error err;
    for (int i = 0; i < count; i++) {
        sb_reader reader = sb_reader_of(list[i].w.out.data, list[i].w.out.size);
        assert_int_equal(sb_state_describe(&reader, note_blob, NULL, n, &err), SB_OK);
    }
    assert_int_equal(sb_store_list(store, "", &blobs, &err), SB_OK);
    for (int32_t i = 0; i < blobs.count; i++) {
        bool keep = false;
        for (int k = 0; k < n->count; k++) {
            keep = keep || strcmp(n->names[k], blobs.names[i]) == 0;
        }
        if (!keep) {
            assert_int_equal(sb_store_remove(store, blobs.names[i], &err), SB_OK);
        }
    }
    sb_blob_list_free(store, &blobs);
    free(n);
}

static void
snapshot(world *w, sb_st_rng *r, sb_store *store, uint64_t number, saved *list, int *count)
{
    sb_state_snapshot *s, *second;
    sb_error err;
    saved one;
    assert_int_equal(sb_state_freeze(w->state, number, &s, &err), SB_OK);
    init_models(&one.models, w);
    sb_writer_init(&one.w, sb_mem_root());
    assert_int_equal(sb_state_freeze(w->state, number, &second, &err), SB_STATUS_CONFLICT);
    step_world(w, r, (int)sb_st_below(r, 15));
    bool completed = false;
    if (sb_st_below(r, 6) == 0) {
        sb_state_snapshot_cancel(s);
        assert_int_equal(sb_state_snapshot_write(s, store, "op/1", &one.w, &err),
                         SB_STATUS_CANCELLED);
    } else if (sb_st_below(r, 8) > 0) {
        assert_int_equal(sb_state_snapshot_write(s, store, "op/1", &one.w, &err), SB_OK);
        completed = sb_st_below(r, 5) > 0;
    }
    step_world(w, r, (int)sb_st_below(r, 5));
    sb_state_snapshot_end(s, completed);
    if (!completed) {
        free_saved(&one);
        return;
    }
    if (*count == 3) { /* as many as are retained */
        free_saved(&list[0]);
        memmove(list, list + 1, 2 * sizeof *list);
        --*count;
    }
    list[(*count)++] = one;
    collect_garbage(store, list, *count);
}

static void
run_chain(uint64_t seed, int snapshots)
{
    sb_st_rng r = {seed};
    sb_st_table kinds[TABLES];
    world w;
    saved list[3];
    int count = 0;
    sb_error err;
    sb_os *os = sb_os_sim_new(seed);
    sb_store *store;
    print_message("chain seed %llu\n", (unsigned long long)seed);
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "state", &store, &err), SB_OK);
    random_kinds(kinds, &r);
    open_world(&w, kinds, 0, SB_KEY_SLOTS);
    for (int i = 0; i < snapshots; i++) {
        step_world(&w, &r, (int)sb_st_below(&r, 25));
        snapshot(&w, &r, store, (uint64_t)i, list, &count);
        if (count == 0 || sb_st_below(&r, 4)) {
            continue;
        }
        /* crash: any retained snapshot, by the same owner or not, may go on as the state */
        int no = (int)sb_st_below(&r, (uint64_t)count);
        bool same_owner = sb_st_below(&r, 3) > 0;
        world again;
        open_world(&again, kinds, 0, SB_KEY_SLOTS);
        sb_status status = restore(&again, &list[no], store, same_owner, &err);
        if (status != SB_OK) {
            fail_msg("restore: %s", err.message);
        }
        copy_models(&again, &list[no].models);
        check_world(&again);
        if (sb_st_below(&r, 2)) {
            close_world(&w);
            w = again;
        } else {
            step_world(&again, &r, 10);
            check_world(&again);
            close_world(&again);
        }
    }
    check_world(&w);
    close_world(&w);
    for (int i = 0; i < count; i++) {
        free_saved(&list[i]);
    }
    sb_store_close(store);
    sb_os_sim_free(os);
}

static void
test_chains(void **unused)
{
    (void)unused;
    const char *seeds = sb_env("SB_TEST_SEEDS"), *first = sb_env("SB_TEST_SEED");
    uint64_t from = first ? strtoull(first, NULL, 10) : 1,
             n = seeds ? strtoull(seeds, NULL, 10) : 6;
    for (uint64_t seed = from; seed < from + n; seed++) {
        run_chain(seed, 50);
    }
}

/* ---- helpers for the rest
 * --------------------------------------------------------------------------- */

static void
take_snapshot(world *w, sb_store *store, uint64_t number, saved *out)
{
    sb_state_snapshot *s;
    sb_error err;
    assert_int_equal(sb_state_freeze(w->state, number, &s, &err), SB_OK);
    init_models(&out->models, w);
    sb_writer_init(&out->w, sb_mem_root());
    assert_int_equal(sb_state_snapshot_write(s, store, "op", &out->w, &err), SB_OK);
    sb_state_snapshot_end(s, true);
}

static sb_store *
open_store(sb_os *os)
{
    sb_store *store;
    sb_error err;
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "state", &store, &err), SB_OK);
    return store;
}

/* ---- rescale
 * ---------------------------------------------------------------------------------------- */

static void
bounds(uint32_t i, uint32_t p, uint32_t *from, uint32_t *to)
{
    *from = *to = 0;
    while (*from < SB_KEY_SLOTS && sb_slot_owner(*from, p) < i) {
        ++*from;
    }
    *to = *from;
    while (*to < SB_KEY_SLOTS && sb_slot_owner(*to, p) == i) {
        ++*to;
    }
}

/* Adds the rows of some slots of one set of models to another. */
static void
merge_models(world *to, const world *from, uint32_t slot_from, uint32_t slot_to)
{
    for (int t = 0; t < TABLES; t++) {
        const sb_st_model *m = &from->models[t];
        sb_st_model *out = &to->models[t];
        uint64_t flags = out->next_flag;
        out->now_ms = m->now_ms;
        for (int32_t i = 0; i < m->count; i++) {
            uint32_t slot = sb_key_slot(m->rows[i]->hash);
            if (slot >= slot_from && slot < slot_to) {
                sb_st_row *row = sb_st_add_row(out, m->rows[i]);
                row->write_ms = m->rows[i]->write_ms;
                row->flag = m->rows[i]->flag ? flags + m->rows[i]->flag : 0;
                out->next_flag = row->flag >= out->next_flag ? row->flag + 1 : out->next_flag;
            }
        }
    }
    for (int i = 0; i < from->timer_model->count; i++) {
        uint32_t slot = sb_key_slot(sb_hash_value(SB_PHYS_I64, &from->timer_model->key[i]));
        if (slot >= slot_from && slot < slot_to) {
            timer_model *m = to->timer_model;
            m->key[m->count] = from->timer_model->key[i];
            m->ts[m->count] = from->timer_model->ts[i];
            m->due[m->count++] = from->timer_model->due[i];
        }
    }
}

/* From `count` pieces (with their models) to p instances. */
static void
rescale(sb_store *store, const sb_st_table *kinds, saved *pieces, uint32_t count, world *out,
        uint32_t p)
{
    sb_error err;
    for (uint32_t i = 0; i < p; i++) {
        uint32_t from, to;
        bounds(i, p, &from, &to);
        open_world(&out[i], kinds, from, to);
        for (uint32_t k = 0; k < count; k++) {
            sb_status status = restore(&out[i], &pieces[k], store, false, &err);
            if (status != SB_OK) {
                fail_msg("restore: %s", err.message);
            }
            merge_models(&out[i], &pieces[k].models, from, to);
        }
        check_world(&out[i]);
    }
}

static void
test_rescale(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        sb_st_rng r = {seed * 77};
        sb_st_table kinds[TABLES];
        world one, three[3], two[2];
        saved piece, pieces[3], last[2];
        sb_os *os = sb_os_sim_new(seed);
        sb_store *store = open_store(os);
        random_kinds(kinds, &r);
        for (int i = 0; i < TABLES; i++) {
            kinds[i].ttl_ms = 0; /* one clock for all pieces */
        }
        open_world(&one, kinds, 0, SB_KEY_SLOTS);
        step_world(&one, &r, 150);
        take_snapshot(&one, store, 1, &piece);
        rescale(store, kinds, &piece, 1, three, 3);
        int64_t rows = 0;
        for (int i = 0; i < 3; i++) {
            rows += sb_table_count(three[i].tables[0]);
        }
        assert_int_equal(rows, sb_table_count(one.tables[0]));
        for (int i = 0; i < 3; i++) {
            take_snapshot(&three[i], store, 2, &pieces[i]);
        }
        rescale(store, kinds, pieces, 3, two, 2);
        for (int i = 0; i < 2; i++) {
            take_snapshot(&two[i], store, 3, &last[i]);
            /* incremental again, by the same owner */
            world again;
            sb_error err;
            uint32_t from, to;
            bounds((uint32_t)i, 2, &from, &to);
            open_world(&again, kinds, from, to);
            assert_int_equal(restore(&again, &last[i], store, true, &err), SB_OK);
            copy_models(&again, &last[i].models);
            check_world(&again);
            close_world(&again);
            close_world(&two[i]);
            free_saved(&last[i]);
        }
        for (int i = 0; i < 3; i++) {
            close_world(&three[i]);
            free_saved(&pieces[i]);
        }
        free_saved(&piece);
        close_world(&one);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
}

/* ---- damage
 * ----------------------------------------------------------------------------------------- */

static void
expect_damage(const sb_st_table *kinds, const saved *s, sb_store *store, const char *name)
{
    world again;
    sb_error err;
    open_world(&again, kinds, 0, SB_KEY_SLOTS);
    sb_status status = restore(&again, s, store, true, &err);
    if (status != SB_STATUS_CORRUPT && status != SB_STATUS_NOT_FOUND) {
        fail_msg("damage of %s: status %s", name, sb_status_text(status));
    }
    assert_non_null(strstr(err.message, name));
    close_world(&again);
}

static void
test_damage(void **unused)
{
    (void)unused;
    sb_st_rng r = {5};
    sb_st_table kinds[TABLES];
    world w;
    saved first, s;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    random_kinds(kinds, &r);
    open_world(&w, kinds, 0, SB_KEY_SLOTS);
    step_world(&w, &r, 60);
    take_snapshot(&w, store, 1, &first);
    step_world(&w, &r, 3);
    take_snapshot(&w, store, 2, &s);

    sb_blob_list blobs;
    assert_int_equal(sb_store_list(store, "", &blobs, &err), SB_OK);
    assert_int_equal(blobs.count, 2);
    for (int32_t i = 0; i < blobs.count; i++) {
        sb_text good, bad;
        sb_text_init(&good, sb_mem_root());
        sb_text_init(&bad, sb_mem_root());
        assert_int_equal(sb_store_get(store, blobs.names[i], &good, &err), SB_OK);
        size_t step = good.size / 150 + 1;
        for (size_t at = 0; at < good.size; at += at < 200 ? 1 : step) {
            sb_text_clear(&bad);
            sb_text_append(&bad, good.data, good.size);
            bad.data[at] ^= (char)(1 << (at % 8));
            assert_int_equal(sb_store_put(store, blobs.names[i], bad.data, bad.size, &err), SB_OK);
            expect_damage(kinds, &s, store, blobs.names[i]);
        }
        for (size_t size = 0; size < good.size; size += step) {
            assert_int_equal(sb_store_put(store, blobs.names[i], good.data, size, &err), SB_OK);
            expect_damage(kinds, &s, store, blobs.names[i]);
        }
        assert_int_equal(sb_store_remove(store, blobs.names[i], &err), SB_OK);
        expect_damage(kinds, &s, store, blobs.names[i]);
        assert_int_equal(sb_store_put(store, blobs.names[i], good.data, good.size, &err), SB_OK);
        sb_text_deinit(&good);
        sb_text_deinit(&bad);
    }
    /* a good blob in the place of another */
    sb_text other;
    sb_text_init(&other, sb_mem_root());
    assert_int_equal(sb_store_get(store, blobs.names[0], &other, &err), SB_OK);
    assert_int_equal(sb_store_put(store, blobs.names[1], other.data, other.size, &err), SB_OK);
    expect_damage(kinds, &s, store, blobs.names[1]);
    sb_text_deinit(&other);
    sb_blob_list_free(store, &blobs);

    /* the descriptor: every byte */
    for (size_t at = 0; at < s.w.out.size; at++) {
        s.w.out.data[at] ^= 16;
        world again;
        open_world(&again, kinds, 0, SB_KEY_SLOTS);
        assert_int_not_equal(restore(&again, &s, store, true, &err), SB_OK);
        close_world(&again);
        s.w.out.data[at] ^= 16;
    }
    free_saved(&first);
    free_saved(&s);
    close_world(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Blocks that are good each, but not where they belong: one in the place of another of its size. */
static void
test_exchanged_blocks(void **unused)
{
    (void)unused;

    enum { HEAD = 32, PAYLOAD = 64, COUNT = 3 };

    static const uint8_t fill[COUNT] = {7, 1, 2};
    sb_error err;
    sb_text good;
    sb_blob_out out;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    assert_int_equal(sb_blob_out_open(&out, store, "b", 5, 1, &err), SB_OK);
    for (int i = 0; i < COUNT; i++) {
        memset(sb_blob_out_reserve(&out, PAYLOAD), fill[i], PAYLOAD);
        out.raw_size += PAYLOAD;
        sb_block_kind kind = i == 0 ? SB_BLOCK_TABLES : SB_BLOCK_RECORDS;
        assert_int_equal(sb_blob_out_flush(&out, kind, &err), SB_OK);
    }
    assert_int_equal(sb_blob_out_close(&out, &err), SB_OK);
    sb_text_init(&good, sb_mem_root());
    assert_int_equal(sb_store_get(store, "b", &good, &err), SB_OK);
    for (int bad = 0; bad < 2; bad++) {
        char *second = good.data + 32 + HEAD + PAYLOAD, room[HEAD + PAYLOAD];
        if (bad) {
            memcpy(room, second, sizeof room);
            memcpy(second, second + sizeof room, sizeof room);
            memcpy(second + sizeof room, room, sizeof room);
            assert_int_equal(sb_store_put(store, "b", good.data, good.size, &err), SB_OK);
        }
        sb_blob_in in;
        sb_block_kind kind = 0;
        const uint8_t *data;
        size_t size;
        assert_int_equal(sb_blob_in_open(&in, store, "b", out.file_bytes, 5, &err), SB_OK);
        sb_status status = SB_OK;
        for (int i = 0; status == SB_OK && kind != SB_BLOCK_END; i++) {
            status = sb_blob_in_next(&in, &kind, &data, &size, &err);
            if (status == SB_OK && i < COUNT) {
                assert_int_equal(size, PAYLOAD);
                assert_int_equal(data[0], fill[i]);
            }
        }
        assert_int_equal(status, bad ? SB_STATUS_CORRUPT : SB_OK);
        sb_blob_in_close(&in);
    }
    sb_text_deinit(&good);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* A changed table is refused, and the message says what has changed. */
static void
test_other_schema(void **unused)
{
    (void)unused;
    sb_st_table kinds[TABLES] = {{.shape = SB_MAP, .table_id = 1, .key_range = 50},
                                 {.shape = SB_BAG, .table_id = 2, .key_range = 50},
                                 {.shape = SB_ORDERED, .table_id = 3, .key_range = 50}};
    for (int i = 0; i < TABLES; i++) {
        sb_st_add(kinds[i].key_fields, &kinds[i].key, "id", SB_TYPE(BIGINT, false));
        sb_st_add(kinds[i].value_fields, &kinds[i].row, "price", SB_TYPE(BIGINT, true));
    }
    sb_st_add(kinds[2].sort_fields, &kinds[2].sort, "at", SB_TYPE(INT, false));
    sb_st_rng r = {3};
    world w;
    saved s;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    open_world(&w, kinds, 0, SB_KEY_SLOTS);
    step_world(&w, &r, 40);
    take_snapshot(&w, store, 1, &s);

    for (int what = 0; what < 7; what++) {
        sb_st_table other[TABLES];
        memcpy(other, kinds, sizeof other);
        for (int i = 0; i < TABLES; i++) {
            other[i].key.fields = other[i].key_fields;
            other[i].row.fields = other[i].value_fields;
            other[i].sort.fields = other[i].sort_fields;
        }
        const char *word = "";
        switch (what) {
        case 0:
            other[0].value_fields[0].type = SB_TYPE(INT, true), word = "INT in the query";
            break;
        case 1:
            sb_st_add(other[1].value_fields, &other[1].row, "more", SB_TYPE(INT, true)),
                word = "value columns";
            break;
        case 2: other[2].descending[0] = true, word = "descending in the query"; break;
        case 3: other[0].has_space = true, word = "namespace"; break;
        case 4: other[0].table_id = 99, word = "no such table"; break;
        case 5: /* nullability and names do not matter */
            other[0].value_fields[0].type.nullable = false;
            other[0].value_fields[0].name = "cost";
            break;
        case 6: /* nor does the time to live; slots look different then */
            other[0].ttl_ms = 100000;
            break;
        }
        world again;
        open_world(&again, other, 0, SB_KEY_SLOTS);
        sb_status status = restore(&again, &s, store, true, &err);
        if (what < 5) {
            assert_int_equal(status, SB_STATUS_CONFLICT);
            assert_non_null(strstr(err.message, word));
        } else {
            assert_int_equal(status, SB_OK);
            assert_int_equal(sb_table_count(again.tables[0]), sb_table_count(w.tables[0]));
            saved next;
            take_snapshot(&again, store, 2, &next);
            world third;
            open_world(&third, other, 0, SB_KEY_SLOTS);
            assert_int_equal(restore(&third, &next, store, true, &err), SB_OK);
            assert_int_equal(sb_table_count(third.tables[0]), sb_table_count(w.tables[0]));
            assert_int_equal(sb_table_count(third.tables[1]), sb_table_count(w.tables[1]));
            close_world(&third);
            free_saved(&next);
        }
        close_world(&again);
    }
    free_saved(&s);
    close_world(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* ---- failing memory and disk
 * ------------------------------------------------------------------------ */

/* Each allocation of freeze, write and restore fails once; what failed leaves nothing behind. */
static void
test_failing(void **unused)
{
    (void)unused;
    sb_st_rng r = {9};
    sb_st_table kinds[TABLES];
    world w;
    saved base;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    random_kinds(kinds, &r);
    open_world(&w, kinds, 0, SB_KEY_SLOTS);
    step_world(&w, &r, 60);
    take_snapshot(&w, store, 1, &base);
    int succeeded = 0;
    for (int64_t n = 1; succeeded < 3; n++) {
        sb_state_snapshot *s = NULL;
        saved one;
        step_world(&w, &r, 3);
        sb_writer_init(&one.w, sb_mem_root());
        sb_mem_fail_after(n);
        sb_status status = sb_state_freeze(w.state, (uint64_t)n, &s, &err);
        if (status == SB_OK) {
            status = sb_state_snapshot_write(s, store, "op", &one.w, &err);
        }
        sb_mem_fail_after(0);
        init_models(&one.models, &w);
        assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
        if (s) {
            sb_state_snapshot_end(s, status == SB_OK);
        }
        if (status == SB_OK) {
            succeeded++;
            world again;
            open_world(&again, kinds, 0, SB_KEY_SLOTS);
            for (int64_t k = 1;; k += 1 + k / 8) {
                sb_mem_fail_after(k);
                status = restore(&again, &one, store, k % 2, &err);
                sb_mem_fail_after(0);
                if (status == SB_OK) {
                    break;
                }
                if (status != SB_STATUS_NOMEM) {
                    fail_msg("allocation %d: %s %s", (int)k, err.message, err.frames);
                }
                close_world(&again);
                open_world(&again, kinds, 0, SB_KEY_SLOTS);
            }
            copy_models(&again, &one.models);
            check_world(&again);
            close_world(&again);
        }
        free_saved(&one);
    }
    free_saved(&base);
    close_world(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Rows that cannot be kept for a running snapshot make it fail, not the writer. */
static void
test_failing_copies(void **unused)
{
    (void)unused;

    enum { LIMIT = 64 * 1024 * 1024 };

    int failed = 0;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        sb_st_rng r = {seed * 11};
        sb_st_table kinds[TABLES];
        world w;
        saved s;
        sb_error err;
        sb_os *os = sb_os_sim_new(1);
        sb_store *store = open_store(os);
        random_kinds(kinds, &r);
        open_limited(&w, kinds, 0, SB_KEY_SLOTS, LIMIT);
        step_world(&w, &r, 60);
        for (int i = 0; i < 12; i++) {
            sb_state_snapshot *snap;
            sb_writer writer;
            sb_writer_init(&writer, sb_mem_root());
            step_world(&w, &r, 10);
            assert_int_equal(sb_state_freeze(w.state, 1, &snap, &err), SB_OK);
            /* the budget is used up while the task goes on */
            int64_t taken = 0;
            for (int64_t step = LIMIT; step > 0; step /= 2) {
                while (sb_mem_charge(w.mem, step)) {
                    taken += step;
                }
            }
            for (int k = 0; k < 40; k++) {
                sb_st_step_failing(w.tables[k % TABLES], &w.models[k % TABLES], &r, w.batch);
            }
            sb_mem_discharge(w.mem, taken);
            sb_status status = sb_state_snapshot_write(snap, store, "op", &writer, &err);
            assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
            failed += status != SB_OK;
            sb_state_snapshot_end(snap, false);
            sb_writer_deinit(&writer);
            check_world(&w);
        }
        take_snapshot(&w, store, 30, &s);
        world again;
        open_world(&again, kinds, 0, SB_KEY_SLOTS);
        assert_int_equal(restore(&again, &s, store, true, &err), SB_OK);
        copy_models(&again, &s.models);
        check_world(&again);
        close_world(&again);
        free_saved(&s);
        close_world(&w);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
    assert_true(failed > 0);
}

/* Writes, syncs and renames fail at random, and the disk crashes: completed snapshots stay
 * readable. */
static void
test_bad_disk(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        sb_st_rng r = {seed * 13};
        sb_st_table kinds[TABLES];
        world w;
        saved last = {0};
        bool have = false;
        sb_error err;
        sb_os *os = sb_os_sim_new(seed);
        sb_store *store = open_store(os);
        random_kinds(kinds, &r);
        open_world(&w, kinds, 0, SB_KEY_SLOTS);
        for (int i = 0; i < 40; i++) {
            sb_state_snapshot *s;
            saved one;
            step_world(&w, &r, 10);
            assert_int_equal(sb_state_freeze(w.state, (uint64_t)i, &s, &err), SB_OK);
            init_models(&one.models, &w);
            sb_writer_init(&one.w, sb_mem_root());
            sb_sim_faults faults = {
                .write_fails = 3000, .write_torn = 3000, .sync_fails = 3000, .rename_fails = 3000};
            sb_os_sim_set_faults(os, &faults);
            sb_status status = sb_state_snapshot_write(s, store, "op", &one.w, &err);
            sb_os_sim_set_faults(os, &(sb_sim_faults){0});
            sb_state_snapshot_end(s, status == SB_OK);
            if (status == SB_OK) {
                if (have) {
                    free_saved(&last);
                }
                last = one;
                have = true;
            } else {
                assert_int_equal(status, SB_STATUS_IO);
                free_saved(&one);
            }
            if (have && sb_st_below(&r, 6) == 0) {
                sb_store_close(store);
                sb_os_sim_crash(os);
                store = open_store(os);
                assert_int_equal(sb_store_lock(store, &err), SB_OK);
                close_world(&w);
                open_world(&w, kinds, 0, SB_KEY_SLOTS);
                status = restore(&w, &last, store, true, &err);
                if (status != SB_OK) {
                    fail_msg("restore: %s", err.message);
                }
                copy_models(&w, &last.models);
                check_world(&w);
            }
        }
        if (have) {
            free_saved(&last);
        }
        close_world(&w);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
}

/* The state may go while its snapshot is still being written. */
static void
test_free_while_running(void **unused)
{
    (void)unused;
    sb_st_rng r = {21};
    sb_st_table kinds[TABLES];
    world w;
    sb_error err;
    sb_state_snapshot *s;
    sb_writer writer;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = open_store(os);
    random_kinds(kinds, &r);
    open_world(&w, kinds, 0, SB_KEY_SLOTS);
    step_world(&w, &r, 30);
    assert_int_equal(sb_state_freeze(w.state, 1, &s, &err), SB_OK);
    w.state = sb_state_free(w.state);
    sb_writer_init(&writer, sb_mem_root());
    assert_int_equal(sb_state_snapshot_write(s, store, "op", &writer, &err), SB_OK);
    sb_state_snapshot_end(s, true);
    sb_writer_deinit(&writer);
    close_world(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),           cmocka_unit_test(test_rescale),
        cmocka_unit_test(test_damage),           cmocka_unit_test(test_other_schema),
        cmocka_unit_test(test_failing),          cmocka_unit_test(test_failing_copies),
        cmocka_unit_test(test_bad_disk),         cmocka_unit_test(test_free_while_running),
        cmocka_unit_test(test_exchanged_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
