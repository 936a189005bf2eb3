/*
 * connectors/filesystem/fs_sink_test.c -- part files: names, rolling, and exactly once through
 * crashes at random moments.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "columnar/columnar_testing.h"
#include "connectors/connectors_testing.h"
#include "connectors/filesystem/filesystem.h"

static sb_arena *arena;
static sb_os *os;
static sb_error err;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    os = sb_os_sim_new(7);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena = sb_arena_free(arena);
    sb_os_sim_free(os);
    return 0;
}

typedef struct fixture {
    sb_sink *sink;
    sb_sink_init init;
    sb_metrics metrics;
} fixture;

static sb_sink_node *
make_node(const char *const *pairs)
{
    sb_sink_node *node = SB_NEW(arena, sb_sink_node);
    node->table = sb_testing_table(arena, "filesystem", "a INT, s STRING", pairs);
    return node;
}

static sb_status
start(fixture *f, sb_mem *mem, const sb_sink_node *node, uint64_t attempt, sb_error *error)
{
    *f = (fixture){.init = {.mem = mem,
                            .os = os,
                            .node = node,
                            .input = node->table->columns,
                            .subtask = 0,
                            .parallelism = 1,
                            .zone = "UTC",
                            .job_id = "job-1",
                            .attempt = attempt}};
    f->init.metrics = &f->metrics;
    f->sink = calloc(1, sb_fs_sink.instance_size);
    f->sink->vtable = &sb_fs_sink;
    return sb_fs_sink.init(f->sink, &f->init, error);
}

static void
stop(fixture *f)
{
    sb_fs_sink.close(f->sink);
    free(f->sink);
}

static void
write_rows(fixture *f, int from, int count, int64_t now_ms)
{
    sb_text lines;
    sb_text_init(&lines, sb_mem_root());
    for (int i = from; i < from + count; i++) {
        sb_text_printf(&lines, "{\"op\":\"+I\",\"data\":{\"a\":%d,\"s\":\"row\"}}\n", i);
    }
    sb_batch *batch = sb_testing_batch(sb_mem_root(), f->init.input, lines.data);
    int32_t taken;
    assert_int_equal(
        sb_fs_sink.write(f->sink, batch, 0, os->wall_us(os) / 1000 + now_ms, &taken, &err), SB_OK);
    assert_int_equal(taken, count);
    sb_batch_free(batch);
    sb_text_deinit(&lines);
}

static sb_str
prepare(fixture *f, bool last)
{
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    assert_int_equal(sb_fs_sink.prepare(f->sink, 1, last, &w, &err), SB_OK);
    sb_str handle = {sb_arena_memdup(arena, w.out.data, w.out.size), w.out.size};
    sb_writer_deinit(&w);
    return handle;
}

static void
commit(const sb_sink_node *node, sb_str handle, bool recovering)
{
    sb_reader r = sb_reader_of(handle.data, handle.size);
    sb_status status = sb_fs_sink.commit(node, os, sb_mem_root(), &r, recovering, &err);
    if (status != SB_OK) {
        printf("%s\n", err.message);
    }
    assert_int_equal(status, SB_OK);
}

/* The published lines, files in order of name; *out_hidden: how many hidden files there are. */
static char *
published(const char *folder, int *out_files, int *out_hidden)
{
    sb_dir_list list;
    sb_text all;
    sb_text_init(&all, sb_mem_root());
    *out_files = *out_hidden = 0;
    assert_int_equal(os->list(os, folder, sb_mem_root(), &list, &err), SB_OK);
    for (int32_t i = 0; i < list.count; i++) {
        sb_text path, content;
        if (list.entries[i].name[0] == '.') {
            ++*out_hidden;
            continue;
        }
        sb_text_init(&path, sb_mem_root());
        sb_text_init(&content, sb_mem_root());
        sb_text_printf(&path, "%s/%s", folder, list.entries[i].name);
        assert_int_equal(sb_os_read_file(os, path.data, &content, &err), SB_OK);
        sb_text_append(&all, content.data, content.size);
        sb_text_deinit(&content);
        sb_text_deinit(&path);
        ++*out_files;
    }
    os->list_free(os, sb_mem_root(), &list);
    char *copy = sb_arena_strndup(arena, all.data, all.size);
    sb_text_deinit(&all);
    return copy;
}

static const char *const json_pairs[] = {"path", "out", "format", "json", NULL};

static void
test_bounded_job(void **state)
{
    (void)state;
    fixture f;
    int files, hidden;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 1, 2, 0);
    assert_string_equal(published("out", &files, &hidden), "");
    assert_int_equal(hidden, 1);
    sb_str handle = prepare(&f, true);
    assert_string_equal(published("out", &files, &hidden), "");
    commit(node, handle, false);
    assert_string_equal(published("out", &files, &hidden),
                        "{\"a\":1,\"s\":\"row\"}\n{\"a\":2,\"s\":\"row\"}\n");
    assert_int_equal(hidden, 0);
    sb_file_info info;
    assert_int_equal(os->stat(os, "out/part-job-1-0-1-0", &info, &err), SB_OK);
    commit(node, handle, false); /* again: nothing happens */
    commit(node, handle, true);
    assert_string_equal(published("out", &files, &hidden),
                        "{\"a\":1,\"s\":\"row\"}\n{\"a\":2,\"s\":\"row\"}\n");
    stop(&f);
}

static void
test_nothing_written(void **state)
{
    (void)state;
    fixture f;
    int files, hidden;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    commit(node, prepare(&f, false), false);
    commit(node, prepare(&f, true), false);
    published("out", &files, &hidden);
    assert_int_equal(files + hidden, 0);
    stop(&f);
}

static void
test_rolling(void **state)
{
    (void)state;
    fixture f;
    int files, hidden;
    const char *pairs[] = {"path",
                           "out",
                           "format",
                           "json",
                           "sink.rolling-policy.file-size",
                           "100b",
                           "sink.rolling-policy.rollover-interval",
                           "1 min",
                           "sink.rolling-policy.inactivity-interval",
                           "20 s",
                           NULL};
    const sb_sink_node *node = make_node(pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 100, 6, 0); /* 20 bytes each: large enough */
    write_rows(&f, 106, 1, 1000);
    write_rows(&f, 107, 1, 20000); /* 19 s later */
    write_rows(&f, 108, 1, 40000); /* 20 s later: a new file */
    write_rows(&f, 109, 1, 55000);
    write_rows(&f, 110, 1, 70000);
    write_rows(&f, 111, 1, 85000);
    /* the file is a minute old: a new one (five rows would be as large, too) */
    write_rows(&f, 112, 1, 100000);
    sb_str handle = prepare(&f, true);
    commit(node, handle, false);
    char *all = published("out", &files, &hidden);
    assert_int_equal(files, 4);
    int next = 100;
    for (char *line = all; *line; line = strchr(line, '\n') + 1, next++) {
        assert_int_equal((int)strtol(line + 5, NULL, 10), next);
    }
    assert_int_equal(next, 113);
    stop(&f);
}

/* A file stays in progress over checkpoints; what a checkpoint knows of it comes back, no more,
 * no less. */
static void
test_recovery_of_open_file(void **state)
{
    (void)state;
    fixture f;
    int files, hidden;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 1, 1, 0);
    sb_str first = prepare(&f, false);
    write_rows(&f, 2, 1, 0);
    sb_str second = prepare(&f, false);
    write_rows(&f, 3, 1, 0);
    stop(&f);
    sb_os_sim_crash(os);
    /* The restored checkpoint may still hold the first handle. */
    commit(node, first, true);
    assert_string_equal(published("out", &files, &hidden), "{\"a\":1,\"s\":\"row\"}\n");
    commit(node, second, true);
    assert_string_equal(published("out", &files, &hidden),
                        "{\"a\":1,\"s\":\"row\"}\n{\"a\":2,\"s\":\"row\"}\n");
    commit(node, first, true); /* died and restored once more */
    commit(node, second, true);
    assert_int_equal(sb_fs_sink.cleanup(node, os, sb_mem_root(), "job-1", &err), SB_OK);
    assert_string_equal(published("out", &files, &hidden),
                        "{\"a\":1,\"s\":\"row\"}\n{\"a\":2,\"s\":\"row\"}\n");
    assert_int_equal(hidden, 0);
    commit(node, second, true); /* and after the cleanup */
    assert_int_equal(files, 1);
}

static void
test_cleanup_spares_others(void **state)
{
    (void)state;
    sb_file *file;
    static const char *const names[] = {"out/.part-job-1-0-1-0.inprogress",
                                        "out/.part-job-1-0-1-0.inprogress.copy",
                                        "out/.part-job-1-1-0-1-0.inprogress",
                                        "out/.part-job-0-1-0.inprogress",
                                        "out/part-job-1-0-1-7",
                                        "out/.part-job-1-0-1.inprogress",
                                        "out/other"};
    assert_int_equal(os->mkdirs(os, "out", &err), SB_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(os->open(os, names[i], SB_OPEN_CREATE, &file, &err), SB_OK);
        os->close(os, file);
    }
    assert_int_equal(sb_fs_sink.cleanup(make_node(json_pairs), os, sb_mem_root(), "job-1", &err),
                     SB_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        sb_file_info info;
        assert_int_equal(os->stat(os, names[i], &info, &err), i < 2 ? SB_STATUS_NOT_FOUND : SB_OK);
    }
}

/* Two INSERTs of a job into one table: their names meet, their files do not. */
static void
test_two_sinks_one_folder(void **state)
{
    (void)state;
    fixture f, g;
    int files, hidden;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    assert_int_equal(start(&g, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 1, 1, 0);
    commit(node, prepare(&f, true), false); /* part 0 is published before the other sink begins */
    write_rows(&g, 2, 1, 0);
    write_rows(&f, 3, 1, 0);
    commit(node, prepare(&g, true), false);
    commit(node, prepare(&f, true), false);
    assert_string_equal(
        published("out", &files, &hidden),
        "{\"a\":1,\"s\":\"row\"}\n{\"a\":2,\"s\":\"row\"}\n{\"a\":3,\"s\":\"row\"}\n");
    assert_int_equal(files, 3);
    stop(&f);
    stop(&g);
}

static void
test_missing_file(void **state)
{
    (void)state;
    fixture f;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 1, 1, 0);
    sb_str handle = prepare(&f, true);
    stop(&f);
    assert_int_equal(os->remove(os, "out/.part-job-1-0-1-0.inprogress", &err), SB_OK);
    sb_reader r = sb_reader_of(handle.data, handle.size);
    assert_int_equal(sb_fs_sink.commit(node, os, sb_mem_root(), &r, true, &err), SB_STATUS_CORRUPT);
    assert_string_equal(
        err.message, "file 'out/part-job-1-0-1-0' of a checkpoint is neither there nor published");
    for (size_t cut = 0; cut < handle.size; cut++) {
        r = sb_reader_of(handle.data, cut);
        assert_int_not_equal(sb_fs_sink.commit(node, os, sb_mem_root(), &r, true, &err), SB_OK);
    }
}

static void
test_disk_full(void **state)
{
    (void)state;
    fixture f;
    int files, hidden;
    const sb_sink_node *node = make_node(json_pairs);
    assert_int_equal(start(&f, sb_mem_root(), node, 1, &err), SB_OK);
    write_rows(&f, 1, 1, 0);
    sb_str handle = prepare(&f, false);
    sb_os_sim_set_faults(os, &(sb_sim_faults){.disk_full_after = 30});
    write_rows(&f, 2, 5, 0);
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    assert_int_equal(sb_fs_sink.prepare(f.sink, 2, true, &w, &err), SB_STATUS_IO);
    sb_writer_deinit(&w);
    stop(&f);
    sb_os_sim_set_faults(os, &(sb_sim_faults){0});
    commit(node, handle, true);
    assert_string_equal(published("out", &files, &hidden), "{\"a\":1,\"s\":\"row\"}\n");
}

/* Random life of a job: rows, checkpoints, decisions, crashes between any two calls, restores. In
 * the end every row is there exactly once; at no time is a row published that no decided checkpoint
 * holds. */
static void
random_life(uint64_t seed)
{
    const char *pairs[] = {
        "path", "out", "format", "json", "sink.rolling-policy.file-size", seed % 2 ? "60b" : "1mb",
        NULL};
    const sb_sink_node *node = make_node(pairs);
    /* handles of the last decided checkpoint: its own, and those whose commit had not returned
     * by then */
    sb_str manifest[80];
    int count_manifest = 0, decided_rows = 0, rows = 0, files, hidden;
    bool committed = true; /* all of them */
    uint64_t attempt = 1;
    fixture f;
    assert_int_equal(start(&f, sb_mem_root(), node, attempt, &err), SB_OK);
    for (int step = 0; step < 60; step++) {
        bool last = step == 59;
        uint64_t dice = last ? 1 : sb_testing_random(&seed) % 4;
        if (dice == 0 || dice == 3) {
            int more = (int)(sb_testing_random(&seed) % 5);
            write_rows(&f, rows, more, 0);
            rows += more;
            continue;
        }
        if (dice == 1) {
            sb_str handle = prepare(&f, last);
            if (last || sb_testing_random(&seed) % 4 != 0) {
                count_manifest = committed ? 0 : count_manifest;
                manifest[count_manifest++] = handle;
                decided_rows = rows;
                committed = false;
                if (last || sb_testing_random(&seed) % 3 != 0) {
                    int upto =
                        last || sb_testing_random(&seed) % 2 ? count_manifest : count_manifest / 2;
                    for (int i = 0; i < upto; i++) {
                        commit(node, manifest[i], false);
                    }
                    committed = upto == count_manifest;
                }
                continue;
            }
            /* Prepared, never decided: the process dies. */
        }
        stop(&f);
        sb_os_sim_crash(os);
        rows = decided_rows;
        for (int i = 0; i < count_manifest; i++) {
            commit(node, manifest[i], true);
            if (sb_testing_random(&seed) % 8 == 0) {
                sb_os_sim_crash(os);
                i = -1; /* dies in the middle of recovering */
            }
        }
        assert_int_equal(sb_fs_sink.cleanup(node, os, sb_mem_root(), "job-1", &err), SB_OK);
        published("out", &files, &hidden);
        assert_int_equal(hidden, 0);
        committed = true; /* a restored job does not carry them on */
        attempt++;
        assert_int_equal(start(&f, sb_mem_root(), node, attempt, &err), SB_OK);
    }
    stop(&f);
    char *all = published("out", &files, &hidden);
    bool *seen = calloc((size_t)rows + 1, sizeof *seen);
    int found = 0;
    for (char *line = all; *line; line = strchr(line, '\n') + 1, found++) {
        int row = (int)strtol(line + 5, NULL, 10);
        assert_true(row >= 0 && row < rows && !seen[row]);
        seen[row] = true;
    }
    assert_int_equal(found, rows);
    free(seen);
}

static void
test_random_lives(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        sb_os_sim_free(os);
        os = sb_os_sim_new(seed);
        random_life(seed);
        arena = sb_arena_free(arena);
        arena = sb_arena_new(sb_mem_root());
    }
}

static sb_status
write_with_little_memory(sb_mem *mem, void *ctx, sb_error *error)
{
    fixture f;
    const sb_batch *batch = ctx;
    int32_t taken;
    sb_writer w;
    sb_os_sim_free(os);
    os = sb_os_sim_new(3);
    sb_writer_init(&w, mem);
    const char *pairs[] = {"path", "out", "format", "csv", "sink.rolling-policy.file-size",
                           "1b",   NULL};
    const sb_sink_node *node = make_node(pairs);
    if (!node) {
        return SB_STATUS_NOMEM;
    }
    sb_status status = start(&f, mem, node, 1, error);
    for (int i = 0; i < 3 && status == SB_OK; i++) {
        status = sb_fs_sink.write(f.sink, batch, 0, 0, &taken, error);
    }
    status = status == SB_OK ? sb_fs_sink.prepare(f.sink, 1, true, &w, error) : status;
    if (status == SB_OK) {
        sb_reader r = sb_reader_of(w.out.data, w.out.size);
        status = sb_fs_sink.commit(node, os, mem, &r, true, error);
    }
    status = status == SB_OK ? sb_fs_sink.cleanup(node, os, mem, "job-1", error) : status;
    sb_writer_deinit(&w);
    stop(&f);
    return status;
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    const sb_sink_node *node = make_node(json_pairs);
    sb_batch *batch = sb_testing_batch(sb_mem_root(), node->table->columns,
                                       "{\"op\":\"+I\",\"data\":{\"a\":1,\"s\":\"a b\"}}\n");
    /* The simulated disk takes memory of the same process: the budget is made tight, not the
     * n-th allocation. */
    for (int64_t limit = 64; limit < 16384; limit += 64) {
        sb_mem *mem = sb_mem_new(NULL, "test", limit);
        sb_status status = write_with_little_memory(mem, batch, &err);
        if (status != SB_OK && status != SB_STATUS_NOMEM) {
            printf("limit %lld: %s\n", (long long)limit, err.message);
        }
        assert_true(status == SB_OK || status == SB_STATUS_NOMEM);
        assert_true(limit != 64 || status == SB_STATUS_NOMEM);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
    }
    sb_batch_free(batch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bounded_job, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rolling, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recovery_of_open_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cleanup_spares_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_sinks_one_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_disk_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_random_lives, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
