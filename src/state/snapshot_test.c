/*
 * state/snapshot_test.c -- chains of snapshots with crashes and restores, and rescaling, on the
 * simulated disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "state/snapshot_testing.h"
#include "state/state_priv.h"

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
collect_garbage(sb_store *store, sb_st_saved *list, int count)
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
snapshot(sb_st_world *w, sb_st_rng *r, sb_store *store, uint64_t number, sb_st_saved *list,
         int *count)
{
    sb_state_snapshot *s, *second;
    sb_error err;
    sb_st_saved one;
    assert_int_equal(sb_state_freeze(w->state, number, &s, &err), SB_OK);
    sb_st_world_init_models(&one.models, w);
    sb_writer_init(&one.w, sb_mem_root());
    assert_int_equal(sb_state_freeze(w->state, number, &second, &err), SB_STATUS_CONFLICT);
    sb_st_world_step(w, r, (int)sb_st_below(r, 15));
    bool completed = false;
    if (sb_st_below(r, 6) == 0) {
        sb_state_snapshot_cancel(s);
        assert_int_equal(sb_state_snapshot_write(s, store, "op/1", &one.w, &err),
                         SB_STATUS_CANCELLED);
    } else if (sb_st_below(r, 8) > 0) {
        assert_int_equal(sb_state_snapshot_write(s, store, "op/1", &one.w, &err), SB_OK);
        completed = sb_st_below(r, 5) > 0;
    }
    sb_st_world_step(w, r, (int)sb_st_below(r, 5));
    sb_state_snapshot_end(s, completed);
    if (!completed) {
        sb_st_saved_free(&one);
        return;
    }
    if (*count == 3) { /* as many as are retained */
        sb_st_saved_free(&list[0]);
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
    sb_st_table kinds[SB_ST_TABLES];
    sb_st_world w;
    sb_st_saved list[3];
    int count = 0;
    sb_error err;
    sb_os *os = sb_os_sim_new(seed);
    sb_store *store;
    print_message("chain seed %llu\n", (unsigned long long)seed);
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "state", &store, &err), SB_OK);
    sb_st_world_kinds(kinds, &r);
    sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
    for (int i = 0; i < snapshots; i++) {
        sb_st_world_step(&w, &r, (int)sb_st_below(&r, 25));
        snapshot(&w, &r, store, (uint64_t)i, list, &count);
        if (count == 0 || sb_st_below(&r, 4)) {
            continue;
        }
        /* crash: any retained snapshot, by the same owner or not, may go on as the state */
        int no = (int)sb_st_below(&r, (uint64_t)count);
        bool same_owner = sb_st_below(&r, 3) > 0;
        sb_st_world again;
        sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
        sb_status status = sb_st_world_restore(&again, &list[no], store, same_owner, &err);
        if (status != SB_OK) {
            fail_msg("restore: %s", err.message);
        }
        sb_st_world_copy_models(&again, &list[no].models);
        sb_st_world_check(&again);
        if (sb_st_below(&r, 2)) {
            sb_st_world_close(&w);
            w = again;
        } else {
            sb_st_world_step(&again, &r, 10);
            sb_st_world_check(&again);
            sb_st_world_close(&again);
        }
    }
    sb_st_world_check(&w);
    sb_st_world_close(&w);
    for (int i = 0; i < count; i++) {
        sb_st_saved_free(&list[i]);
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
merge_models(sb_st_world *to, const sb_st_world *from, uint32_t slot_from, uint32_t slot_to)
{
    for (int t = 0; t < SB_ST_TABLES; t++) {
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
            sb_st_timer_model *m = to->timer_model;
            m->key[m->count] = from->timer_model->key[i];
            m->ts[m->count] = from->timer_model->ts[i];
            m->due[m->count++] = from->timer_model->due[i];
        }
    }
}

/* From `count` pieces (with their models) to p instances. */
static void
rescale(sb_store *store, const sb_st_table *kinds, sb_st_saved *pieces, uint32_t count,
        sb_st_world *out, uint32_t p)
{
    sb_error err;
    for (uint32_t i = 0; i < p; i++) {
        uint32_t from, to;
        bounds(i, p, &from, &to);
        sb_st_world_open(&out[i], kinds, from, to);
        for (uint32_t k = 0; k < count; k++) {
            sb_status status = sb_st_world_restore(&out[i], &pieces[k], store, false, &err);
            if (status != SB_OK) {
                fail_msg("restore: %s", err.message);
            }
            merge_models(&out[i], &pieces[k].models, from, to);
        }
        sb_st_world_check(&out[i]);
    }
}

static void
test_rescale(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        sb_st_rng r = {seed * 77};
        sb_st_table kinds[SB_ST_TABLES];
        sb_st_world one, three[3], two[2];
        sb_st_saved piece, pieces[3], last[2];
        sb_os *os = sb_os_sim_new(seed);
        sb_store *store = sb_st_store_open(os);
        sb_st_world_kinds(kinds, &r);
        for (int i = 0; i < SB_ST_TABLES; i++) {
            kinds[i].ttl_ms = 0; /* one clock for all pieces */
        }
        sb_st_world_open(&one, kinds, 0, SB_KEY_SLOTS);
        sb_st_world_step(&one, &r, 150);
        sb_st_world_snapshot(&one, store, 1, &piece);
        rescale(store, kinds, &piece, 1, three, 3);
        int64_t rows = 0;
        for (int i = 0; i < 3; i++) {
            rows += sb_table_count(three[i].tables[0]);
        }
        assert_int_equal(rows, sb_table_count(one.tables[0]));
        for (int i = 0; i < 3; i++) {
            sb_st_world_snapshot(&three[i], store, 2, &pieces[i]);
        }
        rescale(store, kinds, pieces, 3, two, 2);
        for (int i = 0; i < 2; i++) {
            sb_st_world_snapshot(&two[i], store, 3, &last[i]);
            /* incremental again, by the same owner */
            sb_st_world again;
            sb_error err;
            uint32_t from, to;
            bounds((uint32_t)i, 2, &from, &to);
            sb_st_world_open(&again, kinds, from, to);
            assert_int_equal(sb_st_world_restore(&again, &last[i], store, true, &err), SB_OK);
            sb_st_world_copy_models(&again, &last[i].models);
            sb_st_world_check(&again);
            sb_st_world_close(&again);
            sb_st_world_close(&two[i]);
            sb_st_saved_free(&last[i]);
        }
        for (int i = 0; i < 3; i++) {
            sb_st_world_close(&three[i]);
            sb_st_saved_free(&pieces[i]);
        }
        sb_st_saved_free(&piece);
        sb_st_world_close(&one);
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
    sb_st_table kinds[SB_ST_TABLES];
    sb_st_world w;
    sb_error err;
    sb_state_snapshot *s;
    sb_writer writer;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = sb_st_store_open(os);
    sb_st_world_kinds(kinds, &r);
    sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
    sb_st_world_step(&w, &r, 30);
    assert_int_equal(sb_state_freeze(w.state, 1, &s, &err), SB_OK);
    w.state = sb_state_free(w.state);
    sb_writer_init(&writer, sb_mem_root());
    assert_int_equal(sb_state_snapshot_write(s, store, "op", &writer, &err), SB_OK);
    sb_state_snapshot_end(s, true);
    sb_writer_deinit(&writer);
    sb_st_world_close(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_rescale),
        cmocka_unit_test(test_free_while_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
