/*
 * connectors/kafka/kafka_buffer.h -- messages of an upsert table that wait: the last one of each
 * key.
 *
 * DESIGN     A list in the order in which keys came first, and a hash table of places in it. Keys
 *            are compared as they are written. A message is one block of bytes of its own, so that
 *            a key that changes often holds one value, not all.
 * THREADS    T:task
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_BUFFER_H
#define SB_CONNECTORS_KAFKA_KAFKA_BUFFER_H

#include "ports/log.h"

typedef struct sb_kafka_waiting { /* a message; what it points to is in `block` */
    sb_log_append append;
    uint64_t hash;
    char *block;
    size_t size;
} sb_kafka_waiting;

typedef struct sb_kafka_buffer {
    sb_mem *mem;
    sb_kafka_waiting *at;
    int32_t count, capacity;
    int32_t sent;   /* the first of them, that have gone: take() gave them away */
    int32_t *index; /* 2 * capacity: place + 1, 0: free */
} sb_kafka_buffer;

/* The topic's name must stay. Not after take() has begun, until all have gone. */
sb_status sb_kafka_buffer_put(sb_kafka_buffer *b, const sb_log_append *message, sb_error *err);
/* Up to `limit` messages that have not gone yet. */
int32_t sb_kafka_buffer_peek(const sb_kafka_buffer *b, sb_log_append *out, int32_t limit);
/* The first `count` of these have gone. */
void sb_kafka_buffer_take(sb_kafka_buffer *b, int32_t count);

static inline int32_t
sb_kafka_buffer_left(const sb_kafka_buffer *b)
{
    return b->count - b->sent;
}

void sb_kafka_buffer_close(sb_kafka_buffer *b);

#endif
