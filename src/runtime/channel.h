/*
 * runtime/channel.h -- one edge between two operator instances: elements in order, from one
 * producer to one consumer.
 *
 * DESIGN     Two bodies behind the same calls. Inside a task: a queue that takes one batch, without
 *            atomics. Between tasks: an unbounded list of chunks, single producer and single
 *            consumer, published by one release store (no fences). Data needs room: can_push is
 *            true while the pinned bytes in the channel are below the limit, so one batch larger
 *            than the limit passes. Control (barrier, status, end) never waits (I10). Waking: a
 *            push signals the consumer's task; a pop that empties half signals the producer's task,
 *            if it waits for room.
 * OWNERSHIP  Batches are moved in and out; deinit frees what is left.
 * THREADS    can_push, push: the producer. peek, pop: the consumer. init, deinit: T:setup, nobody
 *            else is there.
 */
#ifndef SB_RUNTIME_CHANNEL_H
#define SB_RUNTIME_CHANNEL_H

#include "columnar/batch.h"

typedef enum sb_element_kind {
    SB_EL_BATCH,
    SB_EL_BARRIER,
    SB_EL_STATUS,
    SB_EL_END
} sb_element_kind;

typedef struct sb_element {
    uint8_t kind;        /* sb_element_kind */
    bool idle;           /* STATUS */
    uint64_t checkpoint; /* BARRIER */
    sb_batch *batch;     /* BATCH */
} sb_element;

#define SB_CHUNK_ELEMENTS  32
#define SB_CHANNEL_BATCHES 256 /* a ring takes no more elements than this, however small */

typedef struct sb_chunk {
    sb_element at[SB_CHUNK_ELEMENTS];
    struct sb_chunk *next; /* written before the first element of `next` is published */
} sb_chunk;

typedef struct sb_channel {
    sb_mem *mem;
    bool local; /* both ends are in one task */
    int64_t limit_bytes;
    void (*signal)(void *task); /* NULL: nobody is to be woken */
    void *producer, *consumer;  /* arguments of signal */

    /* local: a circular queue */
    sb_element *queue;
    int32_t queue_capacity, queue_first, queue_count, queue_batches;

    /* ring, producer's side */
    _Alignas(64) sb_chunk *tail;
    uint64_t tail_count;      /* elements pushed */
    _Atomic int64_t bytes_in; /* pinned bytes pushed; written by the producer only */
    _Atomic uint64_t pushed;

    /* ring, consumer's side */
    _Alignas(64) sb_chunk *head;
    uint64_t head_count; /* elements popped */
    uint64_t head_begin; /* number of the first element of `head` */
    int64_t bytes_taken;
    _Atomic uint64_t popped;
    _Atomic int64_t bytes_out;

    /* both */
    _Alignas(64) _Atomic(sb_chunk *) spare; /* an emptied chunk for the producer to use again */
    _Atomic bool want_room;                 /* the producer found no room and waits */
} sb_channel;

sb_status sb_channel_init(sb_channel *ch, sb_mem *mem, bool local, int64_t limit_bytes,
                          sb_error *err);
void sb_channel_deinit(sb_channel *ch); /* accepts a zeroed one */

bool sb_channel_can_push(sb_channel *ch);
/* Always takes the element; false: out of memory, the element is gone. */
bool sb_channel_push(sb_channel *ch, sb_element element);

/* The next element, NULL: none now. Valid until pop. */
const sb_element *sb_channel_peek(sb_channel *ch);
sb_element sb_channel_pop(sb_channel *ch); /* peek must have found one */

#endif
