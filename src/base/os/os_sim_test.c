/* The simulated system: what a crash keeps and loses, torn writes, faults by seed, order of
 * names, determinism. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/os/sim.h"

static void
put(sb_os *os, const char *path, sb_open_mode mode, const char *text, bool sync)
{
    sb_file *f;
    assert_int_equal(os->open(os, path, mode, &f, NULL), SB_OK);
    assert_int_equal(os->write(os, f, text, strlen(text), NULL), SB_OK);
    if (sync) {
        assert_int_equal(os->sync(os, f, NULL), SB_OK);
    }
    os->close(os, f);
}

/* Content, or "<none>". The result is valid until the next call. */
static const char *
get(sb_os *os, const char *path)
{
    static char content[1000];
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_status status = sb_os_read_file(os, path, &text, NULL);
    assert_true(text.size < sizeof content);
    snprintf(content, sizeof content, "%s", status == SB_OK ? text.data : "<none>");
    sb_text_deinit(&text);
    return content;
}

static void
test_synced_survives(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 200; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        assert_int_equal(os->mkdirs(os, "a/b", NULL), SB_OK);
        put(os, "a/b/x", SB_OPEN_CREATE, "synced", true);
        assert_int_equal(os->sync_dir(os, "a/b", NULL), SB_OK);
        put(os, "a/b/x", SB_OPEN_APPEND, " and not", false);
        sb_os_sim_crash(os);
        assert_memory_equal(get(os, "a/b/x"), "synced", 6);
        assert_memory_equal("synced and not", get(os, "a/b/x"),
                            strlen(get(os, "a/b/x"))); /* a prefix */
        assert_int_equal(sb_os_publish_file(os, "a/b/p", "1", 1, NULL), SB_OK);
        assert_int_equal(sb_os_publish_file(os, "a/b/p", "2", 1, NULL), SB_OK);
        sb_os_sim_crash(os);
        assert_string_equal(get(os, "a/b/p"), "2");
        sb_os_sim_free(os);
    }
}

/* All outcomes that may happen do happen, and no other. */
static void
test_unsynced_outcomes(void **unused)
{
    (void)unused;
    int lengths[8] = {0}, missing = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        put(os, "x", SB_OPEN_CREATE, "abc", true);
        assert_int_equal(os->sync_dir(os, ".", NULL), SB_OK);
        put(os, "x", SB_OPEN_APPEND, "defg", false);
        put(os, "y", SB_OPEN_CREATE, "new", true); /* synced, but its name is not */
        sb_os_sim_crash(os);
        const char *x = get(os, "x");
        assert_in_range(strlen(x), 3, 7);
        assert_memory_equal(x, "abcdefg", strlen(x));
        lengths[strlen(x)]++;
        bool gone = strcmp(get(os, "y"), "<none>") == 0;
        assert_true(gone || strcmp(get(os, "y"), "new") == 0);
        missing += gone;
        /* a second crash changes nothing */
        char before[10];
        snprintf(before, sizeof before, "%s", get(os, "x"));
        sb_os_sim_crash(os);
        assert_string_equal(get(os, "x"), before);
        sb_os_sim_free(os);
    }
    for (int i = 3; i <= 7; i++) {
        assert_true(lengths[i] > 50);
    }
    assert_in_range(missing, 500, 2500);
}

static void
test_truncation_may_be_undone(void **unused)
{
    (void)unused;
    int old = 0, empty = 0, fresh = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        put(os, "x", SB_OPEN_CREATE, "old content", true);
        assert_int_equal(os->sync_dir(os, ".", NULL), SB_OK);
        put(os, "x", SB_OPEN_CREATE, "new", false);
        sb_os_sim_crash(os);
        const char *x = get(os, "x");
        old += strcmp(x, "old content") == 0;
        empty += strcmp(x, "") == 0;
        fresh += strcmp(x, "new") == 0;
        assert_true(strcmp(x, "old content") == 0 || strncmp(x, "new", strlen(x)) == 0);
        sb_os_sim_free(os);
    }
    assert_true(old > 100 && empty > 20 && fresh > 100);
}

/* Names become durable in their order, and a rename between folders is whole. */
static void
test_names_in_order(void **unused)
{
    (void)unused;
    int both = 0, moved = 0, stayed = 0;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        assert_int_equal(os->mkdirs(os, "from", NULL), SB_OK);
        assert_int_equal(os->mkdirs(os, "to", NULL), SB_OK);
        put(os, "from/x", SB_OPEN_CREATE, "x", true);
        assert_int_equal(os->sync_dir(os, "from", NULL), SB_OK);
        assert_int_equal(os->rename(os, "from/x", "to/x", NULL), SB_OK);
        put(os, "to/later", SB_OPEN_CREATE, "", true);
        sb_os_sim_crash(os);
        bool in_from = strcmp(get(os, "from/x"), "x") == 0,
             in_to = strcmp(get(os, "to/x"), "x") == 0;
        bool later = strcmp(get(os, "to/later"), "") == 0;
        both += in_from && in_to;
        assert_true(in_from || in_to);
        assert_true(!later || in_to); /* the later change is there only with the earlier one */
        moved += in_to;
        stayed += in_from;
        sb_os_sim_free(os);
    }
    assert_int_equal(both, 0);
    assert_true(moved > 100 && stayed > 100);
    sb_os *os = sb_os_sim_new(5);
    assert_int_equal(os->mkdirs(os, "from", NULL), SB_OK);
    assert_int_equal(os->mkdirs(os, "to", NULL), SB_OK);
    put(os, "from/x", SB_OPEN_CREATE, "x", true);
    assert_int_equal(os->rename(os, "from/x", "to/x", NULL), SB_OK);
    assert_int_equal(os->sync_dir(os, "to", NULL), SB_OK); /* takes along what the rename needs */
    sb_os_sim_crash(os);
    assert_string_equal(get(os, "to/x"), "x");
    assert_string_equal(get(os, "from/x"), "<none>");
    /* remove without a sync may come back, with one it does not */
    assert_int_equal(os->remove(os, "to/x", NULL), SB_OK);
    assert_int_equal(os->sync_dir(os, "to", NULL), SB_OK);
    sb_os_sim_crash(os);
    assert_string_equal(get(os, "to/x"), "<none>");
    sb_os_sim_free(os);
}

static void
test_publish_is_atomic(void **unused)
{
    (void)unused;
    /* Crash after a publish that was cut short by faults: the old or the new content, never a
     * part. */
    sb_sim_faults faults = {
        .write_fails = 8000, .write_torn = 8000, .sync_fails = 8000, .rename_fails = 8000};
    int failed = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        assert_int_equal(sb_os_publish_file(os, "p", "old old", 7, NULL), SB_OK);
        sb_os_sim_set_faults(os, &faults);
        sb_error err;
        sb_error_clear(&err);
        sb_status status = sb_os_publish_file(os, "p", "new new new", 11, &err);
        failed += status != SB_OK;
        assert_true(status == SB_OK || (status == SB_STATUS_IO && err.retriable));
        sb_os_sim_set_faults(os, NULL);
        sb_os_sim_crash(os);
        bool fresh = strcmp(get(os, "p"), "new new new") == 0;
        assert_true(fresh || (status != SB_OK && strcmp(get(os, "p"), "old old") == 0));
        sb_os_sim_free(os);
    }
    assert_in_range(failed, 500, 1500);
}

static void
test_lying_sync_is_found(void **unused)
{
    (void)unused;
    int lost = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        sb_os *os = sb_os_sim_new(seed);
        sb_os_sim_lie_about_sync(os, true);
        assert_int_equal(sb_os_publish_file(os, "p", "content", 7, NULL), SB_OK);
        sb_os_sim_crash(os);
        lost += strcmp(get(os, "p"), "content") != 0;
        sb_os_sim_free(os);
    }
    assert_true(lost > 30);
}

static void
test_open_files_after_a_crash(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(3);
    sb_file *f, *g;
    char byte;
    size_t got;
    assert_int_equal(os->open(os, "lock", SB_OPEN_CREATE, &f, NULL), SB_OK);
    assert_int_equal(os->lock(os, f, NULL), SB_OK);
    assert_int_equal(os->sync_dir(os, "", NULL), SB_OK);
    sb_os_sim_crash(os);
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_STATUS_IO);
    assert_int_equal(os->read(os, f, 0, &byte, 1, &got, NULL), SB_STATUS_IO);
    assert_int_equal(os->sync(os, f, NULL), SB_STATUS_IO);
    assert_int_equal(os->size(os, f), 0);
    assert_int_equal(os->open(os, "lock", SB_OPEN_READWRITE, &g, NULL), SB_OK);
    assert_int_equal(os->lock(os, g, NULL), SB_OK); /* the old lock is gone */
    os->close(os, f);                               /* does not touch the new lock */
    assert_int_equal(os->open(os, "lock", SB_OPEN_READWRITE, &f, NULL), SB_OK);
    assert_int_equal(os->lock(os, f, NULL), SB_STATUS_CONFLICT);
    os->close(os, f);
    sb_os_sim_free(os); /* closes g */
}

static void
test_removed_file_stays_readable(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(3);
    sb_file *f;
    char text[10];
    size_t got;
    put(os, "x", SB_OPEN_CREATE, "still here", false);
    assert_int_equal(os->open(os, "x", SB_OPEN_READ, &f, NULL), SB_OK);
    assert_int_equal(os->remove(os, "x", NULL), SB_OK);
    assert_string_equal(get(os, "x"), "<none>");
    assert_int_equal(os->read(os, f, 0, text, 10, &got, NULL), SB_OK);
    assert_int_equal(got, 10);
    const void *map;
    assert_int_equal(os->map(os, f, &map, &got, NULL), SB_OK);
    os->unmap(os, map, got);
    os->close(os, f);
    sb_os_sim_free(os);
}

static void
test_rename_rules(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(3);
    assert_int_equal(os->mkdirs(os, "d/e", NULL), SB_OK);
    assert_int_equal(os->mkdirs(os, "empty", NULL), SB_OK);
    put(os, "x", SB_OPEN_CREATE, "x", false);
    assert_int_equal(os->rename(os, "x", "d", NULL), SB_STATUS_IO);
    assert_int_equal(os->rename(os, "d", "x", NULL), SB_STATUS_IO);
    assert_int_equal(os->rename(os, "empty", "d", NULL), SB_STATUS_IO);
    assert_int_equal(os->rename(os, "d", "d/e/f", NULL), SB_STATUS_IO); /* into itself */
    assert_int_equal(os->rename(os, "d", "empty", NULL), SB_OK);
    assert_int_equal(os->rename(os, "x", "empty/e/x", NULL), SB_OK);
    assert_int_equal(os->rename(os, "empty/e/x", "empty/e/x", NULL), SB_OK);
    assert_string_equal(get(os, "empty/e/x"), "x");
    assert_int_equal(os->link_new(os, "empty", "other", NULL), SB_STATUS_IO);
    sb_os_sim_free(os);
}

static void
test_faults_are_counted_per_step(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_sim_new(9);
    sb_sim_faults faults = {.write_fails = 65536, .read_fails = 65536};
    sb_file *f;
    assert_int_equal(os->open(os, "x", SB_OPEN_CREATE, &f, NULL), SB_OK);
    sb_os_sim_set_faults(os, &faults);
    sb_os_sim_set_step(os, "upload");
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_STATUS_IO);
    sb_os_sim_set_step(os, "commit");
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_STATUS_IO);
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_STATUS_IO);
    char byte;
    size_t got;
    assert_int_equal(os->read(os, f, 0, &byte, 1, &got, NULL), SB_STATUS_IO);
    assert_int_equal(sb_os_sim_count(os, "write_fails"), 3);
    assert_int_equal(sb_os_sim_count_at(os, "write_fails", "upload"), 1);
    assert_int_equal(sb_os_sim_count_at(os, "write_fails", "commit"), 2);
    assert_int_equal(sb_os_sim_count_at(os, "read_fails", "commit"), 1);
    assert_int_equal(sb_os_sim_count_at(os, "read_fails", "never"), 0);
    assert_int_equal(os->size(os, f), 0);
    faults = (sb_sim_faults){.disk_full_after = 10};
    sb_os_sim_set_faults(os, &faults);
    assert_int_equal(os->write(os, f, "0123456789", 10, NULL), SB_OK);
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_STATUS_IO);
    assert_int_equal(sb_os_sim_count(os, "disk_full"), 1);
    assert_int_equal(os->truncate(os, f, 5, NULL), SB_OK);
    assert_int_equal(os->write(os, f, "x", 1, NULL), SB_OK); /* there is room again */
    os->close(os, f);
    assert_int_equal(os->remove(os, "x", NULL), SB_OK);
    sb_os_sim_crash(os);
    put(os, "y", SB_OPEN_CREATE, "0123", false);
    sb_os_sim_free(os);
}

/* Random programs on the simulated disk: the same seed gives the same disk, the clock moves only
 * when told. */
static uint64_t
run_program(uint64_t seed)
{
    sb_os *os = sb_os_sim_new(seed);
    sb_sim_faults faults = {
        .write_torn = 3000, .sync_fails = 3000, .rename_fails = 3000, .read_fails = 3000};
    sb_os_sim_set_faults(os, &faults);
    uint64_t hash = os->random(os);
    for (int i = 0; i < 300; i++) {
        char a[20], b[20];
        uint64_t pick = os->random(os);
        snprintf(a, sizeof a, "d%d/f%d", (int)(pick % 3), (int)(pick >> 8) % 4);
        snprintf(b, sizeof b, "d%d/f%d", (int)(pick >> 16) % 3, (int)(pick >> 24) % 4);
        sb_file *f;
        if (pick % 7 == 0) {
            b[2] = 0;
            os->mkdirs(os, b, NULL);
            os->sync_dir(os, b, NULL);
        } else if (pick % 7 == 1) {
            os->rename(os, a, b, NULL);
        } else if (pick % 7 == 2) {
            os->link_new(os, a, b, NULL);
        } else if (pick % 7 == 3) {
            os->remove(os, a, NULL);
        } else if (pick % 97 == 4) {
            sb_os_sim_crash(os);
        } else if (os->open(os, a, SB_OPEN_APPEND, &f, NULL) == SB_OK) {
            os->write(os, f, a, strlen(a), NULL);
            if (pick & 64) {
                os->sync(os, f, NULL);
            }
            os->close(os, f);
        }
        for (const char *c = get(os, a); *c; c++) {
            hash = hash * 31 + (unsigned char)*c;
        }
    }
    sb_os_sim_crash(os);
    hash +=
        (uint64_t)sb_os_sim_count(os, "write_torn") + (uint64_t)sb_os_sim_count(os, "crash_names");
    sb_os_sim_free(os);
    return hash;
}

static void
test_deterministic(void **unused)
{
    (void)unused;
    for (uint64_t seed = 0; seed < 40; seed++) {
        assert_true(run_program(seed) == run_program(seed));
    }
    assert_true(run_program(1) != run_program(2));
    sb_os *os = sb_os_sim_new(1);
    int64_t a = os->monotonic_ns(os), wall = os->wall_us(os);
    assert_int_equal(os->monotonic_ns(os), a);
    sb_os_sim_advance(os, 5000000);
    assert_int_equal(os->monotonic_ns(os) - a, 5000000);
    assert_int_equal(os->wall_us(os) - wall, 5000);
    sb_os_sim_free(os);
    sb_os_sim_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_synced_survives),
        cmocka_unit_test(test_unsynced_outcomes),
        cmocka_unit_test(test_truncation_may_be_undone),
        cmocka_unit_test(test_names_in_order),
        cmocka_unit_test(test_publish_is_atomic),
        cmocka_unit_test(test_lying_sync_is_found),
        cmocka_unit_test(test_open_files_after_a_crash),
        cmocka_unit_test(test_removed_file_stays_readable),
        cmocka_unit_test(test_rename_rules),
        cmocka_unit_test(test_faults_are_counted_per_step),
        cmocka_unit_test(test_deterministic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
