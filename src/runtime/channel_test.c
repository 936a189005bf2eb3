/*
 * runtime/channel_test.c -- the ring between two threads, and the local queue: order, limits,
 * control without room, no lost signal.
 */
#include "runtime/channel.h"

#include "base/os/os.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

static const sb_schema NO_COLUMNS = {0, NULL};

static sb_batch *
make_batch(sb_mem *mem, int64_t number, int64_t bytes)
{
    sb_batch *batch = sb_batch_watermark(mem, &NO_COLUMNS, number);
    assert_non_null(batch);
    batch->pinned_bytes = bytes;
    return batch;
}

static sb_element
batch_element(sb_mem *mem, int64_t number, int64_t bytes)
{
    return (sb_element){.kind = SB_EL_BATCH, .batch = make_batch(mem, number, bytes)};
}

static void
a_local_channel_takes_one_batch_and_any_control(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_channel ch;
    sb_error err;
    (void)state;
    assert_int_equal(sb_channel_init(&ch, mem, true, 100, &err), SB_OK);
    assert_null(sb_channel_peek(&ch));
    assert_true(sb_channel_can_push(&ch));
    assert_true(sb_channel_push(&ch, batch_element(mem, 1, 1000)));
    assert_false(sb_channel_can_push(&ch));
    for (uint64_t i = 1; i <= 20; i++) {
        assert_true(sb_channel_push(&ch, (sb_element){.kind = SB_EL_BARRIER, .checkpoint = i}));
    }
    sb_element e = sb_channel_pop(&ch);
    assert_int_equal(e.kind, SB_EL_BATCH);
    sb_batch_free(e.batch);
    assert_true(sb_channel_can_push(&ch));
    for (uint64_t i = 1; i <= 20; i++) {
        assert_non_null(sb_channel_peek(&ch));
        assert_int_equal(sb_channel_pop(&ch).checkpoint, i);
    }
    assert_null(sb_channel_peek(&ch));
    sb_channel_deinit(&ch);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
a_ring_is_bounded_by_pinned_bytes(void **state)
{
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_channel ch;
    sb_error err;
    (void)state;
    assert_int_equal(sb_channel_init(&ch, mem, false, 1000, &err), SB_OK);
    /* One batch larger than the limit passes, the next waits. */
    assert_true(sb_channel_can_push(&ch));
    assert_true(sb_channel_push(&ch, batch_element(mem, 1, 5000)));
    assert_false(sb_channel_can_push(&ch));
    assert_true(sb_channel_push(&ch, (sb_element){.kind = SB_EL_END}));
    sb_batch_free(sb_channel_pop(&ch).batch);
    assert_true(sb_channel_can_push(&ch));
    /* However small batches are, there is an end. */
    int32_t count = 0;
    while (sb_channel_can_push(&ch) && count < 100000) {
        assert_true(sb_channel_push(&ch, batch_element(mem, count++, 0)));
    }
    assert_true(count > 5 && count <= 1000);
    sb_channel_deinit(&ch); /* frees what is left */
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* --- two threads --- */

#define COUNT 40000

typedef struct duo {
    sb_mem *mem;
    sb_channel ch;
    sb_mutex *mutex;
    sb_cond *cond;
    _Atomic uint32_t signaled[2]; /* 0: producer, 1: consumer */
    int64_t received, controls;
} duo;

typedef struct party {
    duo *pair;
    int32_t index;
} party;

static void
signal_party(void *ctx)
{
    party *p = ctx;
    if (atomic_exchange(&p->pair->signaled[p->index], 1) == 0) {
        sb_mutex_lock(p->pair->mutex);
        sb_cond_broadcast(p->pair->cond);
        sb_mutex_unlock(p->pair->mutex);
    }
}

/* Sleeps until signaled; a lost signal shows as a time-out. */
static void
wait_signal(duo *pair, int32_t index)
{
    while (!atomic_exchange(&pair->signaled[index], 0)) {
        sb_mutex_lock(pair->mutex);
        if (!atomic_load(&pair->signaled[index])) {
            assert_true(sb_cond_wait(pair->cond, pair->mutex, INT64_C(20000000000)));
        }
        sb_mutex_unlock(pair->mutex);
    }
}

static void
consume(void *ctx)
{
    duo *pair = ctx;
    int64_t next = 0;
    uint64_t random = 7;
    for (;;) {
        const sb_element *front = sb_channel_peek(&pair->ch);
        if (!front) {
            wait_signal(pair, 1);
            continue;
        }
        sb_element e = sb_channel_pop(&pair->ch);
        if (e.kind == SB_EL_END) {
            return;
        }
        if (e.kind == SB_EL_BARRIER) {
            pair->controls++;
            sb_dassert((int64_t)e.checkpoint == next);
            continue;
        }
        if (e.batch->marks[0].watermark_ms != next++) {
            abort();
        }
        sb_batch_free(e.batch);
        pair->received++;
        random = random * 6364136223846793005u + 1;
        if (random >> 55 == 0) {
            sb_thread_sleep_ns(20000);
        }
    }
}

static void
produce_into(duo *pair)
{
    for (int64_t i = 0; i < COUNT; i++) {
        while (!sb_channel_can_push(&pair->ch)) {
            wait_signal(pair, 0);
        }
        sb_channel_push(&pair->ch, batch_element(pair->mem, i, i % 97));
        if (i % 1000 == 999) {
            sb_channel_push(&pair->ch,
                            (sb_element){.kind = SB_EL_BARRIER, .checkpoint = (uint64_t)i + 1});
        }
    }
    sb_channel_push(&pair->ch, (sb_element){.kind = SB_EL_END});
}

static void
two_threads_lose_nothing(void **state)
{
    static const int64_t limits[] = {1, 500, 1 << 20};
    (void)state;
    for (int32_t i = 0; i < 3; i++) {
        duo pair = {
            .mem = sb_mem_new(NULL, "test", 0), .mutex = sb_mutex_new(), .cond = sb_cond_new()};
        party producer = {&pair, 0}, consumer = {&pair, 1};
        sb_thread *thread;
        sb_error err;
        assert_int_equal(sb_channel_init(&pair.ch, pair.mem, false, limits[i], &err), SB_OK);
        pair.ch.signal = signal_party;
        pair.ch.producer = &producer;
        pair.ch.consumer = &consumer;
        assert_int_equal(sb_thread_start(&thread, "consumer", consume, &pair, &err), SB_OK);
        produce_into(&pair);
        sb_thread_join(thread);
        assert_int_equal(pair.received, COUNT);
        assert_int_equal(pair.controls, COUNT / 1000);
        sb_channel_deinit(&pair.ch);
        sb_mutex_free(pair.mutex);
        sb_cond_free(pair.cond);
        assert_int_equal(sb_mem_used(pair.mem), 0);
        sb_mem_unref(pair.mem);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_local_channel_takes_one_batch_and_any_control),
        cmocka_unit_test(a_ring_is_bounded_by_pinned_bytes),
        cmocka_unit_test(two_threads_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
