/* Files: the real system and the simulated one pass the same checks. Clocks, publishing, crash
 * points, threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os/os.h"
#include "base/os/sim.h"

typedef struct fixture {
    sb_os *os;
    bool simulated;
    char root[200];
    char path[300];
} fixture;

static int
setup(void **state, bool simulated)
{
    fixture *x = calloc(1, sizeof *x);
    x->simulated = simulated;
    x->os = simulated ? sb_os_sim_new(1) : sb_os_real();
    if (simulated) {
        snprintf(x->root, sizeof x->root, "some/folder");
    } else {
        const char *tmp = sb_env("TMPDIR");
        snprintf(x->root, sizeof x->root, "%s/sabot-os-test-XXXXXX", tmp ? tmp : "/tmp");
        if (!mkdtemp(x->root)) {
            return -1;
        }
    }
    *state = x;
    return x->os->mkdirs(x->os, x->root, NULL) == SB_OK ? 0 : -1;
}

static int
setup_real(void **state)
{
    return setup(state, false);
}

static int
setup_sim(void **state)
{
    return setup(state, true);
}

static void
remove_tree(sb_os *os, const char *path)
{
    sb_dir_list list;
    char inner[600];
    if (os->list(os, path, sb_mem_root(), &list, NULL) == SB_OK) {
        for (int32_t i = 0; i < list.count; i++) {
            snprintf(inner, sizeof inner, "%s/%s", path, list.entries[i].name);
            if (list.entries[i].is_dir) {
                remove_tree(os, inner);
            }
            os->remove(os, inner, NULL);
        }
        os->list_free(os, sb_mem_root(), &list);
    }
    os->remove(os, path, NULL);
}

static int
teardown(void **state)
{
    fixture *x = *state;
    remove_tree(x->os, x->root);
    sb_file_info info;
    bool gone = x->os->stat(x->os, x->root, &info, NULL) == SB_STATUS_NOT_FOUND;
    if (x->simulated) {
        sb_os_sim_free(x->os);
    }
    free(x);
    return gone && sb_mem_used(sb_mem_root()) == 0 ? 0 : -1;
}

static const char *
at(fixture *x, const char *name)
{
    snprintf(x->path, sizeof x->path, "%s/%s", x->root, name);
    return x->path;
}

static sb_file *
open_file(fixture *x, const char *name, sb_open_mode mode)
{
    sb_file *f = NULL;
    assert_int_equal(x->os->open(x->os, at(x, name), mode, &f, NULL), SB_OK);
    return f;
}

static void
write_text(fixture *x, sb_file *f, const char *text)
{
    assert_int_equal(x->os->write(x->os, f, text, strlen(text), NULL), SB_OK);
}

static void
check_content(fixture *x, const char *name, const char *expected)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    assert_int_equal(sb_os_read_file(x->os, at(x, name), &text, NULL), SB_OK);
    assert_string_equal(text.data, expected);
    sb_text_deinit(&text);
}

/* Aligned and other pieces, large and small: bytes in order, whatever way they take. */
static void
test_large(void **state)
{
    enum { SIZE = 1 << 20 };

    static const int64_t sizes[] = {SIZE, SIZE / 4, 4096, 3, SIZE, SIZE - 3, SIZE + 1, SIZE};
    fixture *x = *state;
    char *memory = malloc(SIZE + 2 * SB_LARGE_ALIGN);
    char *data =
        (char *)(((uintptr_t)memory + SB_LARGE_ALIGN - 1) & ~(uintptr_t)(SB_LARGE_ALIGN - 1));
    sb_file *f = open_file(x, "large", SB_OPEN_NEW_LARGE), *again;
    sb_text text, want;
    sb_text_init(&text, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t shift = i == sizeof sizes / sizeof *sizes - 1; /* the last one: memory not aligned */
        for (int64_t k = 0; k < sizes[i]; k++) {
            data[shift + (size_t)k] = (char)((uint64_t)(k + 1) * (i + 77) % 251);
        }
        assert_int_equal(x->os->write(x->os, f, data + shift, (size_t)sizes[i], NULL), SB_OK);
        sb_text_append(&want, data + shift, (size_t)sizes[i]);
        assert_int_equal(x->os->size(x->os, f), want.size);
    }
    assert_int_equal(x->os->sync(x->os, f, NULL), SB_OK);
    x->os->close(x->os, f);
    assert_int_equal(sb_os_read_file(x->os, at(x, "large"), &text, NULL), SB_OK);
    assert_int_equal(text.size, want.size);
    assert_memory_equal(text.data, want.data, want.size);
    assert_int_equal(x->os->open(x->os, at(x, "large"), SB_OPEN_NEW_LARGE, &again, NULL),
                     SB_STATUS_EXISTS);
    sb_text_deinit(&text);
    sb_text_deinit(&want);
    free(memory);
}

static void
test_modes(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    sb_file *f;
    sb_error err;
    assert_int_equal(os->open(os, at(x, "none"), SB_OPEN_READ, &f, &err), SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "none"));
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(os->open(os, at(x, "none"), SB_OPEN_READWRITE, &f, &err), SB_STATUS_NOT_FOUND);
    assert_int_equal(os->open(os, at(x, "no/folder"), SB_OPEN_CREATE, &f, &err),
                     SB_STATUS_NOT_FOUND);
    f = open_file(x, "a", SB_OPEN_NEW);
    write_text(x, f, "hello");
    write_text(x, f, " world");
    assert_int_equal(os->size(os, f), 11);
    char buffer[100];
    size_t got;
    assert_int_equal(os->read(os, f, 6, buffer, sizeof buffer, &got, NULL), SB_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(buffer, "world", 5);
    assert_int_equal(os->read(os, f, 100, buffer, sizeof buffer, &got, NULL), SB_OK);
    assert_int_equal(got, 0);
    assert_int_equal(os->sync(os, f, NULL), SB_OK);
    os->close(os, f);
    os->close(os, NULL);
    assert_int_equal(os->open(os, at(x, "a"), SB_OPEN_NEW, &f, &err), SB_STATUS_EXISTS);
    f = open_file(x, "a", SB_OPEN_APPEND);
    write_text(x, f, "!");
    os->close(os, f);
    check_content(x, "a", "hello world!");
    f = open_file(x, "a", SB_OPEN_READWRITE);
    assert_int_equal(os->truncate(os, f, 5, NULL), SB_OK);
    write_text(x, f, ", you"); /* at the new end */
    os->close(os, f);
    check_content(x, "a", "hello, you");
    f = open_file(x, "a", SB_OPEN_READ);
    assert_int_equal(os->write(os, f, "x", 1, &err), SB_STATUS_IO);
    os->close(os, f);
    f = open_file(x, "a", SB_OPEN_CREATE);
    assert_int_equal(os->truncate(os, f, 3, NULL), SB_OK); /* grows by zeroes */
    assert_int_equal(os->size(os, f), 3);
    os->close(os, f);
    check_content(x, "a", "");
    assert_int_equal(os->open(os, x->root, SB_OPEN_CREATE, &f, &err), SB_STATUS_IO);
}

static void
test_names(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    sb_file_info info;
    char other[300];
    sb_file *f = open_file(x, "a", SB_OPEN_CREATE);
    write_text(x, f, "1");
    os->close(os, f);
    f = open_file(x, "b", SB_OPEN_CREATE);
    write_text(x, f, "22");
    os->close(os, f);
    snprintf(other, sizeof other, "%s", at(x, "b"));
    assert_int_equal(os->link_new(os, at(x, "a"), other, NULL), SB_STATUS_EXISTS);
    assert_int_equal(os->rename(os, at(x, "a"), other, NULL), SB_OK); /* replaces */
    check_content(x, "b", "1");
    assert_int_equal(os->stat(os, at(x, "a"), &info, NULL), SB_STATUS_NOT_FOUND);
    assert_int_equal(os->rename(os, at(x, "a"), other, NULL), SB_STATUS_NOT_FOUND);
    snprintf(other, sizeof other, "%s", at(x, "c"));
    assert_int_equal(os->link_new(os, at(x, "b"), other, NULL), SB_OK);
    assert_int_equal(os->link_new(os, at(x, "none"), at(x, "none2"), NULL), SB_STATUS_NOT_FOUND);
    assert_int_equal(os->remove(os, at(x, "b"), NULL), SB_OK);
    assert_int_equal(os->remove(os, at(x, "b"), NULL), SB_OK); /* missing is fine */
    check_content(x, "c", "1");
    assert_int_equal(os->mkdirs(os, at(x, "d/e//f/"), NULL), SB_OK);
    assert_int_equal(os->mkdirs(os, at(x, "d/e"), NULL), SB_OK);
    assert_int_equal(os->mkdirs(os, at(x, "c/x"), NULL), SB_STATUS_IO);
    assert_int_equal(os->stat(os, at(x, "d/e/f"), &info, NULL), SB_OK);
    assert_true(info.is_dir);
    assert_int_equal(os->remove(os, at(x, "d"), NULL), SB_STATUS_IO); /* not empty */
    assert_int_equal(os->remove(os, at(x, "d/e/f"), NULL), SB_OK);
    assert_int_equal(os->stat(os, at(x, "d/../c"), &info, NULL), SB_OK);
    assert_int_equal(info.size, 1);
    assert_false(info.is_dir);
    assert_true(llabs(info.modified_us - os->wall_us(os)) < 3600000000);
    assert_int_equal(os->sync_dir(os, x->root, NULL), SB_OK);
    assert_int_equal(os->sync_dir(os, at(x, "none"), NULL), SB_STATUS_NOT_FOUND);
}

static void
test_list(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    sb_dir_list list;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    assert_int_equal(os->list(os, x->root, mem, &list, NULL), SB_OK);
    assert_int_equal(list.count, 0);
    os->list_free(os, mem, &list);
    assert_int_equal(os->list(os, at(x, "none"), mem, &list, NULL), SB_STATUS_NOT_FOUND);
    for (int i = 0; i < 40; i++) {
        char name[20];
        snprintf(name, sizeof name, "%02d", (i * 17) % 40);
        if (i % 5 == 0) {
            assert_int_equal(os->mkdirs(os, at(x, name), NULL), SB_OK);
        } else {
            os->close(os, open_file(x, name, SB_OPEN_CREATE));
        }
    }
    for (int64_t n = 1;; n++) { /* each allocation fails in turn */
        sb_mem_fail_after(n);
        sb_status status = os->list(os, x->root, mem, &list, NULL);
        if (sb_mem_fail_after(0) < n) {
            assert_int_equal(status, SB_OK);
            break;
        }
        assert_int_equal(status, SB_STATUS_NOMEM);
        assert_int_equal(sb_mem_used(mem), 0);
    }
    assert_int_equal(list.count, 40);
    for (int i = 0; i < 40; i++) {
        char name[20];
        snprintf(name, sizeof name, "%02d", i);
        assert_string_equal(list.entries[i].name, name);
    }
    assert_true(list.entries[0].is_dir);
    assert_false(list.entries[17].is_dir);
    os->list_free(os, mem, &list);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_locks(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    sb_error err;
    sb_file *a = open_file(x, "lock", SB_OPEN_APPEND), *b = open_file(x, "lock", SB_OPEN_APPEND);
    assert_int_equal(os->lock(os, a, NULL), SB_OK);
    assert_int_equal(os->lock(os, a, NULL), SB_OK);              /* its own */
    assert_int_equal(os->lock(os, b, &err), SB_STATUS_CONFLICT); /* in the same process too */
    assert_non_null(strstr(err.message, "lock"));
    os->close(os, a);
    assert_int_equal(os->lock(os, b, NULL), SB_OK);
    os->close(os, b);
}

static void
test_map(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    const void *data;
    size_t size;
    sb_file *f = open_file(x, "m", SB_OPEN_CREATE);
    assert_int_equal(os->map(os, f, &data, &size, NULL), SB_OK);
    assert_int_equal(size, 0);
    assert_non_null(data);
    os->unmap(os, data, size);
    write_text(x, f, "mapped");
    assert_int_equal(os->map(os, f, &data, &size, NULL), SB_OK);
    os->close(os, f); /* the map lives on */
    assert_int_equal(size, 6);
    assert_memory_equal(data, "mapped", 6);
    os->unmap(os, data, size);
}

static void
test_publish(void **state)
{
    fixture *x = *state;
    sb_os *os = x->os;
    sb_file_info info;
    assert_int_equal(sb_os_publish_file(os, at(x, "p"), "one", 3, NULL), SB_OK);
    check_content(x, "p", "one");
    assert_int_equal(sb_os_publish_file(os, at(x, "p"), "three", 5, NULL), SB_OK);
    check_content(x, "p", "three");
    assert_int_equal(os->stat(os, at(x, "p.tmp"), &info, NULL), SB_STATUS_NOT_FOUND);
    assert_int_equal(sb_os_publish_file(os, at(x, "no/p"), "x", 1, NULL), SB_STATUS_NOT_FOUND);
    char *big = malloc(3000000);
    memset(big, 'b', 3000000);
    assert_int_equal(sb_os_publish_file(os, at(x, "big"), big, 3000000, NULL), SB_OK);
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    assert_int_equal(sb_os_read_file(os, at(x, "big"), &text, NULL), SB_OK);
    assert_int_equal(text.size, 3000000);
    assert_memory_equal(text.data, big, 3000000);
    sb_text_deinit(&text);
    free(big);
    sb_text_init(&text, sb_mem_root());
    sb_mem_fail_after(1);
    assert_int_equal(sb_os_read_file(os, at(x, "p"), &text, NULL), SB_STATUS_NOMEM);
    sb_mem_fail_after(0);
    sb_text_deinit(&text);
    char long_path[5000];
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = 0;
    assert_int_equal(sb_os_publish_file(os, long_path, "x", 1, NULL), SB_STATUS_INVALID);
    assert_int_equal(os->mkdirs(os, long_path, NULL), SB_STATUS_IO);
}

/* ---- only the real one
 * -------------------------------------------------------------------------- */

static void
test_clocks(void **unused)
{
    (void)unused;
    sb_os *os = sb_os_real();
    int64_t a = os->monotonic_ns(os);
    sb_thread_sleep_ns(2000000);
    assert_true(os->monotonic_ns(os) - a >= 2000000);
    assert_true(os->wall_us(os) > INT64_C(1700000000000000));
    assert_true(os->random(os) != os->random(os));
    assert_true(sb_cpu_count() >= 1);
    assert_true(sb_process_cpu_ns() > 0 && sb_thread_cpu_ns() > 0);
    assert_true(sb_process_rss_bytes() > 100000);
    assert_null(sb_env("SABOT_THIS_IS_NOT_SET"));
    sb_cpu_relax();
    char *block = sb_alloc(sb_mem_root(), 5 << 20);
    sb_memory_want_huge_pages(block, 5 << 20);
    sb_memory_want_huge_pages(block, 10); /* no whole page inside */
    memset(block, 1, 5 << 20);
    sb_free(sb_mem_root(), block, 5 << 20);
}

typedef struct meeting {
    sb_mutex *mutex;
    sb_cond *cond;
    int turn;
} meeting;

static void
answer(void *ctx)
{
    meeting *m = ctx;
    sb_mutex_lock(m->mutex);
    while (m->turn != 1) {
        sb_cond_wait(m->cond, m->mutex, -1);
    }
    m->turn = 2;
    sb_cond_broadcast(m->cond);
    sb_mutex_unlock(m->mutex);
}

static void
test_threads(void **unused)
{
    (void)unused;
    meeting m = {.mutex = sb_mutex_new(), .cond = sb_cond_new()};
    sb_thread *thread;
    assert_int_equal(sb_thread_start(&thread, "a name that is too long", answer, &m, NULL), SB_OK);
    sb_mutex_lock(m.mutex);
    int64_t before = sb_os_real()->monotonic_ns(NULL);
    assert_false(sb_cond_wait(m.cond, m.mutex, 3000000)); /* times out */
    assert_true(sb_os_real()->monotonic_ns(NULL) - before >= 3000000);
    m.turn = 1;
    sb_cond_signal(m.cond);
    while (m.turn != 2) {
        sb_cond_wait(m.cond, m.mutex, 1000000000);
    }
    sb_mutex_unlock(m.mutex);
    sb_thread_join(thread);
    sb_thread_join(NULL);
    sb_mutex_free(m.mutex);
    sb_cond_free(m.cond);
    sb_mutex_free(NULL);
    sb_cond_free(NULL);
}

static void
test_signals(void **unused)
{
    (void)unused;
    sb_signals_install();
    int before = sb_signal_pending();
    raise(SIGTERM);
    raise(SIGINT);
    assert_int_equal(sb_signal_pending(), before + 2);
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    close(pipes[0]);
    assert_int_equal(write(pipes[1], "x", 1), -1); /* a closed pipe does not kill */
    close(pipes[1]);
}

/* Runs passes through crash points in a child; returns how many it survived, or -1 if all. */
static int
passes_before_crash(const char *spec)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        setenv("SABOT_CRASH_AT", spec, 1);
        for (int i = 0; i < 10; i++) {
            sb_crash_point("other");
            sb_crash_point("this-one");
            if (write(pipes[1], "x", 1) != 1) {
                _exit(2);
            }
        }
        _exit(sb_crash_armed ? 3 : 0);
    }
    close(pipes[1]);
    char bytes[20];
    int count = 0, status;
    ssize_t got;
    while ((got = read(pipes[0], bytes, sizeof bytes)) > 0) {
        count += (int)got;
    }
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return count;
    }
    return -1;
}

static void
test_crash_points(void **unused)
{
    (void)unused;
    assert_int_equal(passes_before_crash("this-one"), 0);
    assert_int_equal(passes_before_crash("this-one:4"), 3);
    assert_int_equal(passes_before_crash("unknown:1"), -1);
    assert_int_equal(passes_before_crash(""), -1);
    assert_int_equal(passes_before_crash("this-one:0"), -1);
    assert_int_equal(passes_before_crash("this"), -1);
}

static void
test_assert_prints_and_aborts(void **unused)
{
    (void)unused;
    int pipes[2], status;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        volatile int one = 1;
        sb_assert(one == 2);
        _exit(0);
    }
    close(pipes[1]);
    char text[300] = {0};
    assert_true(read(pipes[0], text, sizeof text - 1) > 0);
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(text, "assertion failed: one == 2"));
}

int
main(void)
{
#define BOTH(name)                                       \
    {#name " (real)", name, setup_real, teardown, NULL}, \
    {                                                    \
#name " (sim)", name, setup_sim, teardown, NULL  \
    }
    /* First: children take over whether the environment has been looked at. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_points),
        BOTH(test_modes),
        BOTH(test_large),
        BOTH(test_names),
        BOTH(test_list),
        BOTH(test_locks),
        BOTH(test_map),
        BOTH(test_publish),
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_assert_prints_and_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
