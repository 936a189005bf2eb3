/*
 * ports/store_test.c -- the folder store on the real and on the simulated disk.
 */
#include "ports/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"

static const char *
text_of(sb_store *store, const char *name, sb_text *text)
{
    sb_error err;
    sb_text_clear(text);
    return sb_store_get(store, name, text, &err) == SB_OK ? text->data : NULL;
}

static void
check_calls(sb_os *os, const char *folder)
{
    sb_error err;
    sb_store *store, *other;
    sb_text text;
    sb_blob_list list;
    const void *data;
    size_t size;
    sb_text_init(&text, sb_mem_root());
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), folder, &store, &err), SB_OK);
    assert_string_equal(sb_store_where(store), folder);

    assert_int_equal(sb_store_get(store, "a", &text, &err), SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "'a'"));
    assert_int_equal(sb_store_map(store, "x/y", &data, &size, &err), SB_STATUS_NOT_FOUND);
    assert_int_equal(sb_store_put(store, "a", "one", 3, &err), SB_OK);
    assert_string_equal(text_of(store, "a", &text), "one");
    assert_int_equal(sb_store_put(store, "a", "two", 3, &err), SB_OK);
    assert_string_equal(text_of(store, "a", &text), "two");
    assert_int_equal(sb_store_put_new(store, "a", "three", 5, &err), SB_STATUS_EXISTS);
    assert_string_equal(text_of(store, "a", &text), "two");
    assert_int_equal(sb_store_put_new(store, "dir/sub/b", "bb", 2, &err), SB_OK);
    assert_int_equal(sb_store_put_new(store, "dir/sub/b", "cc", 2, &err), SB_STATUS_EXISTS);
    assert_int_equal(sb_store_put(store, "dir-c", "", 0, &err), SB_OK);
    assert_int_equal(sb_store_put(store, "dir/a", "x", 1, &err), SB_OK);
    assert_int_equal(sb_store_map(store, "dir/sub/b", &data, &size, &err), SB_OK);
    assert_int_equal(size, 2);
    assert_memory_equal(data, "bb", 2);
    sb_store_unmap(store, data, size);
    assert_int_equal(sb_store_map(store, "dir-c", &data, &size, &err), SB_OK);
    assert_int_equal(size, 0);
    sb_store_unmap(store, data, size);

    /* sorted by bytes: '-' is less than '/' */
    static const char *const names[] = {"a", "dir-c", "dir/a", "dir/sub/b"};
    assert_int_equal(sb_store_list(store, "", &list, &err), SB_OK);
    assert_int_equal(list.count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(list.names[i], names[i]);
    }
    assert_int_equal(list.sizes[0], 3);
    sb_blob_list_free(store, &list);
    assert_int_equal(sb_store_list(store, "dir/s", &list, &err), SB_OK);
    assert_int_equal(list.count, 1);
    assert_string_equal(list.names[0], "dir/sub/b");
    sb_blob_list_free(store, &list);
    assert_int_equal(sb_store_list(store, "nothing/", &list, &err), SB_OK);
    assert_int_equal(list.count, 0);
    sb_blob_list_free(store, &list);

    /* names that would lead out of the folder, or into what the store keeps for itself */
    static const char *const bad[] = {"",     "/a",     "a/",    "a//b", ".",      "..",
                                      "../a", "a/../b", "a/./b", "LOCK", "a.tmp-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(sb_store_put(store, bad[i], "x", 1, &err), SB_STATUS_INVALID);
    }
    assert_int_equal(sb_store_put(store, "..a/b..", "x", 1, &err), SB_OK);
    assert_int_equal(sb_store_remove(store, "..a/b..", &err), SB_OK);

    /* one owner */
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), folder, &other, &err), SB_OK);
    assert_int_equal(sb_store_lock(store, &err), SB_OK);
    assert_int_equal(sb_store_lock(store, &err), SB_OK);
    assert_int_equal(sb_store_lock(other, &err), SB_STATUS_CONFLICT);
    assert_non_null(strstr(err.message, "in use by another process"));
    assert_non_null(strstr(err.message, "owner "));
    store = sb_store_close(store);
    assert_int_equal(sb_store_lock(other, &err), SB_OK);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(sb_store_remove(other, names[i], &err), SB_OK);
    }
    assert_int_equal(sb_store_remove(other, "a", &err), SB_OK); /* missing is fine */
    assert_null(text_of(other, "a", &text));
    sb_store_close(other);
    sb_text_deinit(&text);
}

static void
test_simulated(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(1);
    check_calls(os, "state");
    sb_os_sim_free(os);
}

static void
test_real(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_real();
    char folder[] = "store-test-0000000000000000", path[64];
    uint64_t random = os->random(os);
    sb_error err;
    for (int i = 0; i < 16; i++) {
        folder[11 + i] = (char)('a' + (random >> (4 * i)) % 16);
    }
    check_calls(os, folder);
    static const char *const left[] = {"/LOCK", "/..a", "/dir/sub", "/dir", ""};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        memcpy(path, folder, sizeof folder);
        memcpy(path + sizeof folder - 1, left[i], strlen(left[i]) + 1);
        assert_int_equal(os->remove(os, path, &err), SB_OK);
    }
}

/* Pieces of all sizes around that of the buffer. */
static void
test_append(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(1);
    sb_error err;
    sb_store *store;
    sb_blob_writer *w;
    sb_text text, want;
    static char piece[200000];
    static const size_t sizes[] = {0, 1, 65535, 2, 65536, 65537, 5, 131072, 70000, 64, 200000, 3};
    sb_text_init(&text, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "s/t/u/", &store, &err), SB_OK);
    assert_int_equal(sb_blob_create(store, "big", &w, &err), SB_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            piece[k] = (char)(i * 31 + k * 7 + k / 251);
        }
        assert_int_equal(sb_blob_append(w, piece, sizes[i], &err), SB_OK);
        sb_text_append(&want, piece, sizes[i]);
    }
    assert_null(text_of(store, "big", &text)); /* not there before it is whole */
    assert_int_equal(sb_blob_finish(w, &err), SB_OK);
    assert_non_null(text_of(store, "big", &text));
    assert_int_equal(text.size, want.size);
    assert_memory_equal(text.data, want.data, want.size);
    assert_int_equal(sb_blob_create(store, "big", &w, &err), SB_OK);
    assert_int_equal(sb_blob_append(w, "x", 1, &err), SB_OK);
    sb_blob_abort(w);
    sb_blob_abort(NULL);
    assert_non_null(text_of(store, "big", &text));
    assert_int_equal(text.size, want.size);
    sb_text_deinit(&text);
    sb_text_deinit(&want);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Blobs made in the writer's buffer, of many sizes, with appended pieces between. */
static void
test_room(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(1);
    sb_error err;
    sb_store *store;
    sb_blob_writer *w;
    sb_text text, want;
    static const size_t sizes[] = {8, 0, 70000, 16, 300000, 2 << 20, 24, 5 << 20, 8, 2 << 20, 64};
    sb_text_init(&text, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "s", &store, &err), SB_OK);
    assert_int_equal(sb_blob_create(store, "big", &w, &err), SB_OK);
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i / 2], first = size / 3;
        char *at = sb_blob_room(w, 0, first);
        assert_true((uintptr_t)at % 8 == 0);
        for (size_t k = 0; k < first; k++) {
            at[k] = (char)(i * 31 + k * 7 + k / 251);
        }
        at = sb_blob_room(w, first, size + 100); /* what is there stays */
        for (size_t k = first; k < size; k++) {
            at[k] = (char)(i * 31 + k * 7 + k / 251);
        }
        sb_text_append(&want, at, size);
        for (size_t k = 0; k < first; k += 97) {
            assert_int_equal(at[k], (char)(i * 31 + k * 7 + k / 251));
        }
        assert_int_equal(sb_blob_commit(w, size, &err), SB_OK);
        assert_int_equal(sb_blob_append(w, "12345678", 8, &err), SB_OK);
        sb_text_append(&want, "12345678", 8);
    }
    assert_int_equal(sb_blob_finish(w, &err), SB_OK);
    assert_non_null(text_of(store, "big", &text));
    assert_int_equal(text.size, want.size);
    assert_memory_equal(text.data, want.data, want.size);
    sb_text_deinit(&text);
    sb_text_deinit(&want);
    sb_store_close(store);
    sb_os_sim_free(os);
}

/* Faults and crashes: a name has its old content or the new one, whole; what was reported done
 * is done. */
static void
test_crashes(void **unused)
{
    (void)unused;
    int conflicts = 0, crashes = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        sb_error err;
        sb_store *store;
        sb_text text;
        uint64_t random = seed * 77;
        int certain[4] = {-1, -1, -1, -1}, tried[4] = {-1, -1, -1, -1};
        static const char *const names[] = {"a", "b", "d/c", "d/e"};
        sb_text_init(&text, sb_mem_root());
        assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "s", &store, &err), SB_OK);
        for (int i = 0; i < 60; i++) {
            char content[300];
            random = random * UINT64_C(6364136223846793005) + 1;
            int which = (int)((random >> 40) % 4);
            memset(content, 'A' + i % 60, sizeof content);
            sb_sim_faults faults = {
                .write_fails = 4000, .write_torn = 4000, .sync_fails = 4000, .rename_fails = 4000};
            sb_os_sim_set_faults(os, &faults);
            sb_status status =
                which < 2 ? sb_store_put(store, names[which], content, sizeof content, &err)
                          : sb_store_put_new(store, names[which], content, sizeof content, &err);
            sb_os_sim_set_faults(os, &(sb_sim_faults){0});
            if (status == SB_OK) {
                certain[which] = tried[which] = i;
            } else if (status == SB_STATUS_EXISTS) {
                conflicts++;
                assert_true(tried[which] >= 0);
            } else {
                assert_int_equal(status, SB_STATUS_IO);
                tried[which] = i; /* may be there, or not */
            }
            bool crash = (random >> 33) % 8 == 0;
            if (crash) {
                crashes++;
                sb_store_close(store);
                sb_os_sim_crash(os);
                assert_int_equal(sb_store_open_folder(os, sb_mem_root(), "s", &store, &err), SB_OK);
                assert_int_equal(sb_store_lock(store, &err), SB_OK);
                sb_dir_list entries;
                assert_int_equal(os->list(os, "s", sb_mem_root(), &entries, &err), SB_OK);
                for (int32_t k = 0; k < entries.count; k++) {
                    assert_null(strstr(entries.entries[k].name, ".tmp-"));
                }
                os->list_free(os, sb_mem_root(), &entries);
            }
            for (int k = 0; k < 4; k++) {
                const char *have = text_of(store, names[k], &text);
                if (!have) {
                    assert_int_equal(certain[k], -1);
                    tried[k] = crash ? -1 : tried[k];
                    continue;
                }
                assert_int_equal(text.size, sizeof content);
                for (size_t c = 1; c < text.size; c++) {
                    assert_int_equal(have[c], have[0]);
                }
                if (certain[k] == tried[k]) {
                    assert_int_equal(have[0], 'A' + certain[k] % 60);
                }
                if (crash) {
                    certain[k] = tried[k] = have[0] - 'A'; /* what is there now is durable */
                }
            }
        }
        sb_text_deinit(&text);
        sb_store_close(store);
        sb_os_sim_free(os);
    }
    assert_true(conflicts > 50 && crashes > 50);
}

/* Every allocation fails once; nothing is left over. */
static void
test_memory(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(1);
    for (int64_t n = 1;; n++) {
        sb_mem *mem = sb_mem_new(NULL, "test", 0);
        sb_error err;
        sb_store *store = NULL;
        sb_blob_list list;
        sb_mem_fail_after(n);
        sb_status status = sb_store_open_folder(os, mem, "m", &store, &err);
        if (status == SB_OK) {
            status = sb_store_lock(store, &err);
        }
        if (status == SB_OK) {
            status = sb_store_put(store, "a/b", "x", 1, &err);
        }
        if (status == SB_OK) {
            status = sb_store_put(store, "c", "x", 1, &err);
        }
        if (status == SB_OK) {
            status = sb_store_list(store, "", &list, &err);
            if (status == SB_OK) {
                assert_int_equal(list.count, 2);
                sb_blob_list_free(store, &list);
            }
        }
        sb_mem_fail_after(0);
        sb_store_close(store);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
        if (status == SB_OK) {
            break;
        }
        assert_int_equal(status, SB_STATUS_NOMEM);
    }
    sb_os_sim_free(os);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simulated), cmocka_unit_test(test_real),
        cmocka_unit_test(test_append),    cmocka_unit_test(test_crashes),
        cmocka_unit_test(test_memory),    cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
