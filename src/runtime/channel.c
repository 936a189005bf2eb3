/*
 * runtime/channel.c -- see channel.h.
 *
 * DESIGN     Memory order of the ring: elements and chunk links are plain memory, published by the
 *            release store of `pushed` and read after its acquire load. Sleeping is the
 *            store-then-look-again pattern on both sides (want_room against bytes_out), with
 *            sequentially consistent operations: either the consumer sees the wish or the producer
 *            sees the room.
 */
#include "runtime/channel.h"

#include <stdatomic.h>
#include <string.h>

static int64_t
element_bytes(const sb_element *e)
{
    /* A header alone weighs something, so that endless empty batches fill a ring, too. */
    return e->kind == SB_EL_BATCH ? e->batch->pinned_bytes + 64 : 0;
}

sb_status
sb_channel_init(sb_channel *ch, sb_mem *mem, bool local, int64_t limit_bytes, sb_error *err)
{
    memset(ch, 0, sizeof *ch);
    ch->mem = mem;
    ch->local = local;
    ch->limit_bytes = limit_bytes;
    if (local) {
        ch->queue_capacity = 4;
        ch->queue = sb_alloc_zero(mem, sizeof(sb_element) * 4);
        if (!ch->queue) {
            SB_NOMEM(err);
        }
        return SB_OK;
    }
    ch->head = ch->tail = sb_alloc_zero(mem, sizeof(sb_chunk));
    if (!ch->head) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_channel_deinit(sb_channel *ch)
{
    if (!ch->mem) {
        return;
    }
    while ((ch->queue || ch->head) && sb_channel_peek(ch)) {
        sb_element e = sb_channel_pop(ch);
        if (e.kind == SB_EL_BATCH) {
            sb_batch_free(e.batch);
        }
    }
    sb_free(ch->mem, ch->queue, sizeof(sb_element) * (size_t)ch->queue_capacity);
    sb_free(ch->mem, ch->head, sizeof(sb_chunk));
    sb_free(ch->mem, atomic_load(&ch->spare), sizeof(sb_chunk));
    memset(ch, 0, sizeof *ch);
}

/* --- inside a task --- */

static bool
local_push(sb_channel *ch, sb_element e)
{
    if (ch->queue_count == ch->queue_capacity) {
        int32_t capacity = ch->queue_capacity * 2;
        sb_element *queue = sb_alloc(ch->mem, sizeof(sb_element) * (size_t)capacity);
        if (!queue) {
            return false;
        }
        for (int32_t i = 0; i < ch->queue_count; i++) {
            queue[i] = ch->queue[(ch->queue_first + i) % ch->queue_capacity];
        }
        sb_free(ch->mem, ch->queue, sizeof(sb_element) * (size_t)ch->queue_capacity);
        ch->queue = queue;
        ch->queue_capacity = capacity;
        ch->queue_first = 0;
    }
    ch->queue[(ch->queue_first + ch->queue_count) % ch->queue_capacity] = e;
    ch->queue_count++;
    ch->queue_batches += e.kind == SB_EL_BATCH;
    return true;
}

static sb_element
local_pop(sb_channel *ch)
{
    sb_element e = ch->queue[ch->queue_first];
    ch->queue_first = (ch->queue_first + 1) % ch->queue_capacity;
    ch->queue_count--;
    ch->queue_batches -= e.kind == SB_EL_BATCH;
    return e;
}

/* --- ring, producer --- */

static bool
ring_has_room(sb_channel *ch, memory_order order)
{
    int64_t bytes = atomic_load_explicit(&ch->bytes_in, memory_order_relaxed) -
                    atomic_load_explicit(&ch->bytes_out, order);
    if (bytes >= ch->limit_bytes) {
        return false;
    }
    return ch->tail_count - atomic_load_explicit(&ch->popped, order) < SB_CHANNEL_BATCHES;
}

bool
sb_channel_can_push(sb_channel *ch)
{
    if (ch->local) {
        return ch->queue_batches == 0;
    }
    if (ring_has_room(ch, memory_order_acquire)) {
        return true;
    }
    atomic_store(&ch->want_room, true);
    return ring_has_room(ch, memory_order_seq_cst);
}

static sb_chunk *
ring_new_chunk(sb_channel *ch)
{
    sb_chunk *chunk = atomic_exchange_explicit(&ch->spare, NULL, memory_order_acquire);
    if (!chunk) {
        chunk = sb_alloc(ch->mem, sizeof *chunk);
    }
    if (chunk) {
        chunk->next = NULL;
    }
    return chunk;
}

static bool
ring_push(sb_channel *ch, sb_element e)
{
    int32_t at = (int32_t)(ch->tail_count % SB_CHUNK_ELEMENTS);
    if (at == 0 && ch->tail_count > 0) {
        sb_chunk *chunk = ring_new_chunk(ch);
        if (!chunk) {
            return false;
        }
        ch->tail->next = chunk;
        ch->tail = chunk;
    }
    ch->tail->at[at] = e;
    ch->tail_count++;
    int64_t bytes = atomic_load_explicit(&ch->bytes_in, memory_order_relaxed) + element_bytes(&e);
    atomic_store_explicit(&ch->bytes_in, bytes, memory_order_relaxed);
    atomic_store_explicit(&ch->pushed, ch->tail_count, memory_order_release);
    if (ch->signal) {
        ch->signal(ch->consumer);
    }
    return true;
}

bool
sb_channel_push(sb_channel *ch, sb_element e)
{
    bool pushed = ch->local ? local_push(ch, e) : ring_push(ch, e);
    if (!pushed && e.kind == SB_EL_BATCH) {
        sb_batch_free(e.batch);
    }
    return pushed;
}

/* --- ring, consumer --- */

const sb_element *
sb_channel_peek(sb_channel *ch)
{
    if (ch->local) {
        return ch->queue_count ? &ch->queue[ch->queue_first] : NULL;
    }
    if (atomic_load_explicit(&ch->pushed, memory_order_acquire) == ch->head_count) {
        return NULL;
    }
    if (ch->head_count == ch->head_begin + SB_CHUNK_ELEMENTS) {
        /* The element is published, so the link to its chunk is, too. */
        sb_chunk *old = ch->head;
        ch->head = old->next;
        ch->head_begin = ch->head_count;
        old = atomic_exchange_explicit(&ch->spare, old, memory_order_acq_rel);
        sb_free(ch->mem, old, sizeof *old);
    }
    return &ch->head->at[ch->head_count - ch->head_begin];
}

sb_element
sb_channel_pop(sb_channel *ch)
{
    if (ch->local) {
        return local_pop(ch);
    }
    const sb_element *front = sb_channel_peek(ch);
    sb_assert(front);
    sb_element e = *front;
    ch->head_count++;
    ch->bytes_taken += element_bytes(&e);
    atomic_store(&ch->popped, ch->head_count);
    atomic_store(&ch->bytes_out, ch->bytes_taken);
    if (atomic_load(&ch->want_room)) {
        uint64_t left = atomic_load_explicit(&ch->pushed, memory_order_relaxed) - ch->head_count;
        int64_t bytes = atomic_load_explicit(&ch->bytes_in, memory_order_relaxed) - ch->bytes_taken;
        /* Half empty: the producer gets work for more than one batch. An empty ring always
         * qualifies. */
        if (left <= SB_CHANNEL_BATCHES / 2 && bytes <= ch->limit_bytes / 2 &&
            atomic_exchange(&ch->want_room, false) && ch->signal) {
            ch->signal(ch->producer);
        }
    }
    return e;
}
