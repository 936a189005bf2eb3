/*
 * state/index_test.c -- the hash index with many rows, with hashes made to collide, and without
 * memory.
 */
#include "state/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

typedef struct item { /* stands for a row */
    uint64_t hash;
    uint64_t in;
} item;

static uint64_t
hash_of(const void *ctx, const uint8_t *row)
{
    (void)ctx;
    return ((const item *)(const void *)row)->hash;
}

static bool
has(const sb_index *ix, const item *wanted)
{
    sb_cursor c = sb_index_seek(ix, wanted->hash);
    const uint8_t *row;
    int found = 0;
    while ((row = sb_index_next(&c))) {
        found += row == (const uint8_t *)wanted;
    }
    assert_true(found <= 1);
    return found;
}

typedef uint64_t (*maker)(uint64_t i, uint64_t random);

static uint64_t
spread(uint64_t i, uint64_t random)
{
    (void)i;
    return random;
}

static uint64_t
same(uint64_t i, uint64_t random)
{
    (void)i;
    (void)random;
    return 0;
}

static uint64_t
same_slot(uint64_t i, uint64_t random) /* all in one key slot: top 15 bits */
{
    (void)i;
    return random >> 15;
}

static uint64_t
same_directory(uint64_t i, uint64_t random) /* directory bits alike */
{
    (void)i;
    return random & 0xFFFFF;
}

static uint64_t
same_tag(uint64_t i, uint64_t random) /* position and tag alike */
{
    (void)i;
    return random & ~UINT64_C(0xFFFFF);
}

static uint64_t
few(uint64_t i, uint64_t random)
{
    (void)random;
    return sb_hash_u64(i % 5);
}

static void
run(maker make, size_t count, int rounds)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_pool *pool = sb_pool_new(mem);
    sb_index ix;
    item *items = calloc(count, sizeof *items);
    uint64_t random = 1;
    int64_t in = 0;
    assert_true(sb_index_init(&ix, mem, pool, hash_of, NULL));
    for (size_t i = 0; i < count; i++) {
        items[i].hash = make(i, sb_hash_u64(random++));
    }
    for (int round = 0; round < rounds; round++) {
        for (size_t i = 0; i < count; i++) {
            bool want = sb_hash_u64(random++) % 4 < (round % 2 ? 1 : 3);
            if (want == items[i].in) {
                continue;
            }
            if (want) {
                assert_true(sb_index_reserve(&ix, items[i].hash));
                sb_index_insert(&ix, items[i].hash, (uint8_t *)&items[i]);
            } else {
                sb_index_remove(&ix, items[i].hash, (uint8_t *)&items[i]);
            }
            items[i].in = want;
            in += want ? 1 : -1;
        }
        assert_true(ix.count == in);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(has(&ix, &items[i]), items[i].in);
        }
    }
    /* colliding hashes do not make it grow beyond reason */
    assert_true(ix.bytes < (int64_t)count * 128 + 65536);
    for (size_t i = 0; i + 1 < count; i++) {
        if (items[i].in && !items[i + 1].in) { /* a row that moves */
            items[i + 1].hash = items[i].hash;
            sb_index_replace(&ix, items[i].hash, (uint8_t *)&items[i], (uint8_t *)&items[i + 1]);
            items[i].in = 0;
            items[i + 1].in = 1;
        }
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(has(&ix, &items[i]), items[i].in);
    }
    sb_index_deinit(&ix);
    sb_pool_free(pool);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
    free(items);
}

static void
test_many(void **unused)
{
    (void)unused;
    run(spread, 300000, 4);
    run(same_slot, 50000, 4);
}

static void
test_collisions(void **unused)
{
    (void)unused;
    run(same, 3000, 3);
    run(same_tag, 6000, 3);
    run(same_directory, 20000, 3);
    run(few, 5000, 3);
}

/* Made large at once, it is as if it had grown. */
static void
test_presize(void **unused)
{
    (void)unused;

    enum { COUNT = 100000 };

    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    item *items = calloc(COUNT, sizeof *items);
    for (int64_t n = 0; n < 40; n++) {
        sb_pool *pool = sb_pool_new(mem);
        sb_index ix;
        assert_true(sb_index_init(&ix, mem, pool, hash_of, NULL));
        sb_mem_fail_after(n); /* also without memory in the middle */
        sb_index_presize(&ix, COUNT);
        sb_mem_fail_after(0);
        int64_t bytes = ix.bytes;
        for (size_t i = 0; i < COUNT; i++) {
            items[i].hash = sb_hash_u64(i + 5);
            assert_true(sb_index_reserve(&ix, items[i].hash));
            sb_index_insert(&ix, items[i].hash, (uint8_t *)&items[i]);
        }
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(has(&ix, &items[i]));
        }
        assert_true(n > 0 || ix.bytes == bytes);
        sb_index_deinit(&ix);
        sb_pool_free(pool);
    }
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
    free(items);
}

/* Growth that fails leaves the index as it was. */
static void
test_memory(void **unused)
{
    (void)unused;

    enum { COUNT = 40000 };

    sb_pool *pool = sb_pool_new(sb_mem_root());
    sb_index ix;
    item *items = calloc(COUNT, sizeof *items);
    int failed = 0;
    assert_true(sb_index_init(&ix, sb_mem_root(), pool, hash_of, NULL));
    for (size_t i = 0; i < COUNT; i++) {
        items[i].hash = sb_hash_u64(i);
        for (int64_t n = 1;; n++) {
            sb_mem_fail_after(n);
            bool done = sb_index_reserve(&ix, items[i].hash);
            sb_mem_fail_after(0);
            if (done) {
                break;
            }
            failed++;
            for (size_t k = i > 50 ? i - 50 : 0; k < i; k++) {
                assert_true(has(&ix, &items[k]));
            }
        }
        sb_index_insert(&ix, items[i].hash, (uint8_t *)&items[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(has(&ix, &items[i]));
    }
    assert_true(failed > 20);
    sb_index_deinit(&ix);
    sb_pool_free(pool);
    free(items);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_collisions),
        cmocka_unit_test(test_presize),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
