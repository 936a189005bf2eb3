/*
 * state/snapshot_damage_test.c -- damaged, exchanged and missing blobs, and tables that are others
 * than the snapshot's: found and named.
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

/* ---- damage
 * ----------------------------------------------------------------------------------------- */

static void
expect_damage(const sb_st_table *kinds, const sb_st_saved *s, sb_store *store, const char *name)
{
    sb_st_world again;
    sb_error err;
    sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
    sb_status status = sb_st_world_restore(&again, s, store, true, &err);
    if (status != SB_STATUS_CORRUPT && status != SB_STATUS_NOT_FOUND) {
        fail_msg("damage of %s: status %s", name, sb_status_text(status));
    }
    assert_non_null(strstr(err.message, name));
    sb_st_world_close(&again);
}

static void
test_damage(void **unused)
{
    (void)unused;
    sb_st_rng r = {5};
    sb_st_table kinds[SB_ST_TABLES];
    sb_st_world w;
    sb_st_saved first, s;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = sb_st_store_open(os);
    sb_st_world_kinds(kinds, &r);
    sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
    sb_st_world_step(&w, &r, 60);
    sb_st_world_snapshot(&w, store, 1, &first);
    sb_st_world_step(&w, &r, 3);
    sb_st_world_snapshot(&w, store, 2, &s);

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
        sb_st_world again;
        sb_st_world_open(&again, kinds, 0, SB_KEY_SLOTS);
        assert_int_not_equal(sb_st_world_restore(&again, &s, store, true, &err), SB_OK);
        sb_st_world_close(&again);
        s.w.out.data[at] ^= 16;
    }
    sb_st_saved_free(&first);
    sb_st_saved_free(&s);
    sb_st_world_close(&w);
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
    sb_store *store = sb_st_store_open(os);
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
    sb_st_table kinds[SB_ST_TABLES] = {{.shape = SB_MAP, .table_id = 1, .key_range = 50},
                                       {.shape = SB_BAG, .table_id = 2, .key_range = 50},
                                       {.shape = SB_ORDERED, .table_id = 3, .key_range = 50}};
    for (int i = 0; i < SB_ST_TABLES; i++) {
        sb_st_add(kinds[i].key_fields, &kinds[i].key, "id", SB_TYPE(BIGINT, false));
        sb_st_add(kinds[i].value_fields, &kinds[i].row, "price", SB_TYPE(BIGINT, true));
    }
    sb_st_add(kinds[2].sort_fields, &kinds[2].sort, "at", SB_TYPE(INT, false));
    sb_st_rng r = {3};
    sb_st_world w;
    sb_st_saved s;
    sb_error err;
    sb_os *os = sb_os_sim_new(1);
    sb_store *store = sb_st_store_open(os);
    sb_st_world_open(&w, kinds, 0, SB_KEY_SLOTS);
    sb_st_world_step(&w, &r, 40);
    sb_st_world_snapshot(&w, store, 1, &s);

    for (int what = 0; what < 7; what++) {
        sb_st_table other[SB_ST_TABLES];
        memcpy(other, kinds, sizeof other);
        for (int i = 0; i < SB_ST_TABLES; i++) {
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
        sb_st_world again;
        sb_st_world_open(&again, other, 0, SB_KEY_SLOTS);
        sb_status status = sb_st_world_restore(&again, &s, store, true, &err);
        if (what < 5) {
            assert_int_equal(status, SB_STATUS_CONFLICT);
            assert_non_null(strstr(err.message, word));
        } else {
            assert_int_equal(status, SB_OK);
            assert_int_equal(sb_table_count(again.tables[0]), sb_table_count(w.tables[0]));
            sb_st_saved next;
            sb_st_world_snapshot(&again, store, 2, &next);
            sb_st_world third;
            sb_st_world_open(&third, other, 0, SB_KEY_SLOTS);
            assert_int_equal(sb_st_world_restore(&third, &next, store, true, &err), SB_OK);
            assert_int_equal(sb_table_count(third.tables[0]), sb_table_count(w.tables[0]));
            assert_int_equal(sb_table_count(third.tables[1]), sb_table_count(w.tables[1]));
            sb_st_world_close(&third);
            sb_st_saved_free(&next);
        }
        sb_st_world_close(&again);
    }
    sb_st_saved_free(&s);
    sb_st_world_close(&w);
    sb_store_close(store);
    sb_os_sim_free(os);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_exchanged_blocks),
        cmocka_unit_test(test_other_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
