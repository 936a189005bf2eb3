/* Budgets: charging, limits up the tree, life by references, alignment, failures by order,
 * threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/os/os.h"

static void
test_counts(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "engine", 0);
    assert_string_equal(sb_mem_name(mem), "engine");
    void *a = sb_alloc(mem, 100), *b = sb_alloc_zero(mem, 5000), *none = sb_alloc(mem, 0);
    assert_non_null(none);
    assert_int_equal(sb_mem_used(mem), 5101);
    assert_int_equal((uintptr_t)a % 16, 0);
    assert_int_equal((uintptr_t)b % 64, 0);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(((char *)b)[i], 0);
    }
    sb_free(mem, b, 5000);
    assert_int_equal(sb_mem_used(mem), 101);
    assert_int_equal(sb_mem_peak(mem), 5101);
    sb_free(mem, a, 100);
    sb_free(mem, none, 0);
    sb_free(mem, NULL, 77);
    assert_int_equal(sb_mem_used(mem), 0);
    assert_null(sb_mem_unref(mem));
    assert_null(sb_mem_unref(NULL));
    assert_null(sb_alloc(sb_mem_root(), SIZE_MAX - 10));
}

static void
test_resizing(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {0, 1, 100, 1023, 1024, 5000, 70000, 1024, 1000, 8, 0, 3000};
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    unsigned char *p = NULL;
    size_t size = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        p = sb_realloc(mem, p, size, sizes[i]);
        assert_non_null(p);
        size_t same = size < sizes[i] ? size : sizes[i];
        for (size_t k = 0; k < same; k++) {
            assert_int_equal(p[k], (unsigned char)(k * 7));
        }
        size = sizes[i];
        for (size_t k = 0; k < size; k++) {
            p[k] = (unsigned char)(k * 7);
        }
        assert_int_equal(sb_mem_used(mem), size ? size : 1);
    }
    sb_mem_fail_after(1);
    assert_null(sb_realloc(mem, p, size, 100000));
    sb_mem_fail_after(1);
    assert_null(sb_realloc(mem, p, size, 10));
    sb_mem_fail_after(0);
    assert_int_equal(p[2999], (unsigned char)(2999 * 7)); /* still valid */
    sb_free(mem, p, size);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_limits(void **unused)
{
    (void)unused;
    sb_mem *engine = sb_mem_new(NULL, "engine", 1000000);
    sb_mem *job = sb_mem_new(engine, "job", 0), *task = sb_mem_new(job, "task", 300000),
           *other = sb_mem_new(job, "o", 0);
    assert_int_equal(sb_mem_limit(task), 300000);
    /* exactly up to the limit, not a byte more, at every level */
    assert_true(sb_mem_charge(task, 300000));
    assert_false(sb_mem_charge(task, 1));
    assert_null(sb_alloc(task, 1));
    assert_true(sb_mem_charge(other, 700000));
    assert_false(sb_mem_charge(other, 1));
    assert_false(sb_mem_charge(job, 1));
    assert_int_equal(sb_mem_used(engine), 1000000);
    sb_mem_discharge(other, 700000);
    assert_true(sb_mem_used(engine) >= 300000 && sb_mem_used(engine) <= 310000);
    sb_mem_discharge(task, 300000);
    /* nothing is kept back when nothing is used */
    assert_int_equal(sb_mem_used(task), 0);
    assert_int_equal(sb_mem_used(job), 0);
    assert_int_equal(sb_mem_used(engine), 0);
    assert_int_equal(sb_mem_peak(task), 300000);
    /* what is reserved in advance is a small part of the limit */
    void *p = sb_alloc(task, 10);
    assert_true(sb_mem_used(engine) < 10000);
    sb_free(task, p, 10);
    sb_mem_unref(task);
    sb_mem_unref(other);
    sb_mem_unref(job);
    assert_int_equal(sb_mem_used(engine), 0);
    sb_mem_unref(engine);
}

static void
test_budget_lives_until_the_last_charge(void **unused)
{
    (void)unused;
    sb_mem *engine = sb_mem_new(NULL, "engine", 0);
    sb_mem *job = sb_mem_new(engine, "job", 0), *task = sb_mem_new(job, "task", 0);
    void *p = sb_alloc(task, 5000);
    sb_mem_unref(task);
    sb_mem_unref(job);
    assert_true(sb_mem_used(engine) >= 5000);
    /* the sanitizer sees whether the budgets are gone afterwards, and not before */
    sb_free(task, p, 5000);
    assert_int_equal(sb_mem_used(engine), 0);
    sb_mem_unref(engine);
}

static void
test_failures_by_order(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    sb_mem_fail_after(3);
    void *a = sb_alloc(mem, 1), *b = sb_alloc(mem, 1), *c = sb_alloc(mem, 1), *d = sb_alloc(mem, 1);
    assert_true(a && b && !c && d);
    assert_int_equal(sb_mem_fail_after(0), 4);
    assert_int_equal(sb_mem_fail_after(0), 0);
    sb_mem_fail_after(1);
    assert_null(sb_mem_new(mem, "x", 0));
    sb_mem_fail_after(1);
    assert_false(sb_mem_charge(mem, 1));
    sb_mem_fail_after(0);
    sb_free(mem, a, 1);
    sb_free(mem, b, 1);
    sb_free(mem, d, 1);
    sb_mem_unref(mem);
}

typedef struct worker {
    sb_mem *mem;
    uint64_t seed;
    int64_t failed;
} worker;

static void
work(void *ctx)
{
    worker *w = ctx;
    void *held[32] = {0};
    size_t sizes[32] = {0};
    for (int i = 0; i < 20000; i++) {
        w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
        int k = (int)(w->seed >> 59);
        sb_free(w->mem, held[k], sizes[k]);
        sizes[k] = (w->seed >> 20) % 20000;
        held[k] = sb_alloc(w->mem, sizes[k]);
        w->failed += !held[k];
        if (held[k] && sizes[k]) {
            memset(held[k], 1, sizes[k] < 16 ? sizes[k] : 16);
        }
    }
    for (int k = 0; k < 32; k++) {
        sb_free(w->mem, held[k], sizes[k]);
    }
}

static void
test_threads_share_a_budget(void **unused)
{
    (void)unused;
    for (int limited = 0; limited < 2; limited++) {
        sb_mem *engine = sb_mem_new(NULL, "engine", limited ? 250000 : 0),
               *job = sb_mem_new(engine, "job", 0);
        sb_thread *threads[4];
        worker workers[4];
        for (int i = 0; i < 4; i++) {
            workers[i] =
                (worker){.mem = i % 2 ? job : sb_mem_new(job, "own", 0), .seed = (uint64_t)i};
            assert_int_equal(sb_thread_start(&threads[i], "worker", work, &workers[i], NULL),
                             SB_OK);
        }
        int64_t failed = 0;
        for (int i = 0; i < 4; i++) {
            sb_thread_join(threads[i]);
            failed += workers[i].failed;
            if (i % 2 == 0) {
                sb_mem_unref(workers[i].mem);
            }
        }
        assert_true(limited ? failed > 0 : failed == 0);
        assert_int_equal(sb_mem_used(job), 0);
        /* a try that fails counts for a moment */
        assert_true(!limited || sb_mem_peak(engine) <= 250000 + 4 * 20000);
        sb_mem_unref(job);
        assert_int_equal(sb_mem_used(engine), 0);
        sb_mem_unref(engine);
    }
}

static void
test_setup_is_harmless(void **unused)
{
    (void)unused;
    sb_mem_setup();
    void *p = sb_alloc(sb_mem_root(), 1 << 20);
    assert_non_null(p);
    sb_free(sb_mem_root(), p, 1 << 20);
    assert_int_equal(sb_mem_used(sb_mem_root()), 0);
    assert_null(sb_mem_unref(sb_mem_root())); /* stays */
    assert_string_equal(sb_mem_name(sb_mem_root()), "process");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_resizing),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_budget_lives_until_the_last_charge),
        cmocka_unit_test(test_failures_by_order),
        cmocka_unit_test(test_threads_share_a_budget),
        cmocka_unit_test(test_setup_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
