/*
 * connectors/kafka/kafka_buffer.c -- see kafka_buffer.h.
 */
#include "connectors/kafka/kafka_buffer.h"

#include <string.h>

#include "base/hash.h"

static void
drop_block(sb_kafka_buffer *b, sb_kafka_waiting *w)
{
    sb_free(b->mem, w->block, w->size);
    w->block = NULL;
}

static sb_status
grow(sb_kafka_buffer *b, sb_error *err)
{
    int32_t capacity = b->capacity ? b->capacity * 2 : 64;
    size_t bytes = sizeof *b->index * 2 * (size_t)capacity;
    int32_t *index = sb_alloc_zero(b->mem, bytes);
    sb_kafka_waiting *at = index ? sb_realloc(b->mem, b->at, sizeof *at * (size_t)b->capacity,
                                              sizeof *at * (size_t)capacity)
                                 : NULL;
    if (!at) {
        sb_free(b->mem, index, bytes);
        SB_NOMEM(err);
    }
    sb_free(b->mem, b->index, sizeof *b->index * 2 * (size_t)b->capacity);
    b->at = at;
    b->index = index;
    b->capacity = capacity;
    uint64_t mask = 2 * (uint64_t)capacity - 1;
    for (int32_t i = 0; i < b->count; i++) {
        uint64_t slot = b->at[i].hash & mask;
        while (b->index[slot]) {
            slot = (slot + 1) & mask;
        }
        b->index[slot] = i + 1;
    }
    return SB_OK;
}

static char *
copy(char **room, sb_str from)
{
    char *to = *room;
    if (!from.data) {
        return NULL;
    }
    if (from.size > 0) {
        memcpy(to, from.data, from.size);
    }
    *room += from.size;
    return to;
}

/* A block with all that the message points to. A value of no bytes still has an address. */
static sb_status
copy_message(sb_kafka_buffer *b, const sb_log_append *from, sb_kafka_waiting *to, sb_error *err)
{
    size_t headers = sizeof(sb_log_header) * (size_t)from->count_headers;
    size_t size = headers + from->key.size + from->value.size + 1;
    for (int32_t i = 0; i < from->count_headers; i++) {
        size += from->headers[i].key.size + from->headers[i].value.size;
    }
    char *block = sb_alloc(b->mem, size);
    if (!block) {
        SB_NOMEM(err);
    }
    sb_log_header *at = (sb_log_header *)(void *)block;
    char *room = block + headers;
    to->append = *from;
    to->append.key.data = copy(&room, from->key);
    to->append.value.data = copy(&room, from->value);
    for (int32_t i = 0; i < from->count_headers; i++) {
        at[i] = from->headers[i];
        at[i].key.data = copy(&room, from->headers[i].key);
        at[i].value.data = copy(&room, from->headers[i].value);
    }
    to->append.headers = from->count_headers > 0 ? at : NULL;
    to->block = block;
    to->size = size;
    return SB_OK;
}

sb_status
sb_kafka_buffer_put(sb_kafka_buffer *b, const sb_log_append *message, sb_error *err)
{
    sb_kafka_waiting waiting;
    sb_assert(b->sent == 0);
    if (b->count == b->capacity) {
        SB_TRY(grow(b, err), err);
    }
    SB_TRY(copy_message(b, message, &waiting, err), err);
    waiting.hash = sb_hash_bytes(message->key.data, message->key.size);
    uint64_t mask = 2 * (uint64_t)b->capacity - 1;
    uint64_t slot = waiting.hash & mask;
    while (b->index[slot]) {
        sb_kafka_waiting *other = &b->at[b->index[slot] - 1];
        if (other->hash == waiting.hash && sb_str_equal(other->append.key, message->key)) {
            drop_block(b, other);
            *other = waiting;
            return SB_OK;
        }
        slot = (slot + 1) & mask;
    }
    b->at[b->count++] = waiting;
    b->index[slot] = b->count;
    return SB_OK;
}

int32_t
sb_kafka_buffer_peek(const sb_kafka_buffer *b, sb_log_append *out, int32_t limit)
{
    int32_t left = sb_kafka_buffer_left(b), count = left < limit ? left : limit;
    for (int32_t i = 0; i < count; i++) {
        out[i] = b->at[b->sent + i].append;
    }
    return count;
}

void
sb_kafka_buffer_take(sb_kafka_buffer *b, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        drop_block(b, &b->at[b->sent + i]);
    }
    b->sent += count;
    if (b->sent == b->count) {
        b->sent = b->count = 0;
        if (b->index) {
            memset(b->index, 0, sizeof *b->index * 2 * (size_t)b->capacity);
        }
    }
}

void
sb_kafka_buffer_close(sb_kafka_buffer *b)
{
    if (b->mem) {
        sb_kafka_buffer_take(b, sb_kafka_buffer_left(b));
        sb_free(b->mem, b->index, sizeof *b->index * 2 * (size_t)b->capacity);
        sb_free(b->mem, b->at, sizeof *b->at * (size_t)b->capacity);
    }
    *b = (sb_kafka_buffer){.mem = NULL};
}
