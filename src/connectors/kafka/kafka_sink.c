/*
 * connectors/kafka/kafka_sink.c -- rows to topics.
 *
 * DESIGN     exactly-once: messages go to the decider's producer of the epoch, and nothing else is
 *            done here: the transaction is the decider's, and so is waiting for it. An instance is
 *            in epoch k after k barriers. at-least-once, none: a producer of its own; at a barrier
 *            the first waits until all is delivered, the other does not. A queue that is full is no
 *            error: fewer rows are taken, and the producer wakes the task.
 *            sink.buffer-flush: messages wait in a buffer, the last one of each key. With
 *            exactly-once they do not: what a barrier finds in the buffer would have to get into
 *            the producer there and then, and it may be full.
 * OWNERSHIP  Owns log and producer, unless the producer is the decider's.
 * THREADS    T:task; prepare blocks there, with the deadlines of the driver.
 */
#include <string.h>

#include "connectors/kafka/kafka.h"
#include "connectors/kafka/kafka_buffer.h"
#include "connectors/kafka/kafka_messages.h"
#include "connectors/kafka/kafka_transactions.h"
#include "connectors/kafka/rd_log.h"

#define FULL_AGAIN_MS 50 /* a queue that was full is tried again after this */

typedef struct kafka_sink {
    sb_sink base;
    sb_arena *arena; /* of the options */
    const sb_kafka_options *options;
    const sb_log_driver *driver;
    sb_log *log;          /* NULL: only the decider's is used */
    sb_log_producer *own; /* NULL: the decider's */
    int64_t epoch;        /* barriers since the attempt began */
    bool ready;           /* the rows of the epoch before are all with the log */
    sb_kafka_messages messages;
    sb_kafka_buffer buffer;
    int64_t buffered_ms; /* since when its oldest message waits */
} kafka_sink;

static kafka_sink *
sink_of(sb_sink *s)
{
    sb_assert(s->vtable == &sb_kafka_sink);
    return (kafka_sink *)(void *)s;
}

/* --- opening --- */

static sb_status
open_log(kafka_sink *s, sb_error *err)
{
    const sb_sink_init *ctx = s->base.ctx;
    sb_log_config config = {
        .mem = ctx->mem,
        .os = ctx->os,
        .properties = s->options->properties,
        .count = s->options->count_properties,
        .note = ctx->note,
        .ctx = ctx->note_ctx,
    };
    return s->driver->open(&config, &s->log, err);
}

static sb_status
ask_partitions(void *ctx, const char *topic, int32_t *out, sb_error *err)
{
    kafka_sink *s = ctx;
    sb_log_topic *topics;
    int32_t count;
    if (!s->log) {
        SB_TRY(open_log(s, err), err);
    }
    sb_arena *arena = sb_arena_new(s->base.ctx->mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_status status = s->driver->topics(s->log, &topic, 1, arena, &topics, &count, err);
    if (status == SB_OK) {
        *out = topics[0].partitions;
    }
    sb_arena_free(arena);
    return status;
}

/* Records of a topic that is not there time out like others: is it that? */
static sb_status
look_for_topics(kafka_sink *s, sb_error *err)
{
    sb_log_topic *topics;
    int32_t count;
    sb_error other;
    sb_arena *arena = s->log && s->options->topics ? sb_arena_new(s->base.ctx->mem) : NULL;
    sb_status status = SB_OK;
    sb_error_clear(&other);
    if (arena) {
        status = s->driver->topics(s->log, s->options->topics, s->options->count_topics, arena,
                                   &topics, &count, &other);
        sb_arena_free(arena);
    }
    if (status == SB_STATUS_NOT_FOUND && err) {
        *err = other;
    }
    return status == SB_STATUS_NOT_FOUND ? status : SB_OK;
}

/* Adds what the driver cannot know. */
static sb_status
tell(kafka_sink *s, sb_status status, sb_error *err)
{
    if (status == SB_OK) {
        return status;
    }
    if (status == SB_STATUS_IO || status == SB_STATUS_TIMEOUT) {
        status = look_for_topics(s, err) == SB_OK ? status : SB_STATUS_NOT_FOUND;
    }
    sb_error_prefix(err, "table '%s'", s->base.ctx->node->table->name);
    if (status == SB_STATUS_NOT_FOUND) {
        sb_error_hint(err, "create it: kafka-topics.sh --create --bootstrap-server %s --topic ...",
                      s->options->servers);
    }
    return status;
}

static sb_status
open_own(kafka_sink *s, sb_error *err)
{
    const sb_sink_init *ctx = s->base.ctx;
    sb_log_producer_options options = {.wake = ctx->wake, .ctx = ctx->wake_ctx};
    if (!s->log) {
        SB_TRY(open_log(s, err), err);
    }
    return s->driver->producer_open(s->log, &options, &s->own, err);
}

static sb_status
sink_init(sb_sink *base, const sb_sink_init *ctx, sb_error *err)
{
    kafka_sink *s = sink_of(base);
    s->buffer.mem = ctx->mem;
    s->arena = sb_arena_new(ctx->mem);
    if (!s->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_kafka_options_read(ctx->node->table, SB_KAFKA_SINK, s->arena, &s->options, err), err);
    s->driver = sb_log_driver_of(ctx->os, &sb_log_driver_rdkafka);
    sb_kafka_messages_init init = {.mem = ctx->mem,
                                   .options = s->options,
                                   .node = ctx->node,
                                   .subtask = ctx->subtask,
                                   .partitions = ask_partitions,
                                   .ctx = s};
    SB_TRY(tell(s, sb_kafka_messages_open(&s->messages, &init, err), err), err);
    return s->options->guarantee == SB_KAFKA_EXACTLY_ONCE ? SB_OK : tell(s, open_own(s, err), err);
}

static void
sink_close(sb_sink *base)
{
    kafka_sink *s = sink_of(base);
    if (s->own) {
        s->driver->producer_close(s->own);
        s->own = NULL;
    }
    sb_kafka_messages_close(&s->messages);
    sb_kafka_buffer_close(&s->buffer);
    if (s->log) {
        s->driver->close(s->log);
        s->log = NULL;
    }
    s->arena = sb_arena_free(s->arena);
}

/* --- writing --- */

static sb_log_producer *
producer_of(kafka_sink *s)
{
    return s->own ? s->own : sb_kafka_transactions_producer(s->base.ctx->decider, s->epoch);
}

static sb_status
append(kafka_sink *s, const sb_log_append *messages, int32_t count, int32_t *out_taken,
       sb_error *err)
{
    sb_log_producer *p = producer_of(s);
    *out_taken = 0;
    return tell(s, p->driver->append(p, messages, count, out_taken, err), err);
}

/* Sends what waits in the buffer, as far as the producer has room. */
static sb_status
send_buffered(kafka_sink *s, sb_error *err)
{
    sb_log_append messages[SB_KAFKA_RUN_ROWS];
    while (sb_kafka_buffer_left(&s->buffer) > 0) {
        int32_t taken, count = sb_kafka_buffer_peek(&s->buffer, messages, SB_KAFKA_RUN_ROWS);
        SB_TRY(append(s, messages, count, &taken, err), err);
        sb_kafka_buffer_take(&s->buffer, taken);
        if (taken < count) {
            break;
        }
    }
    return SB_OK;
}

/* Is what waits to be sent, or being sent? */
static bool
is_due(const kafka_sink *s, int64_t now_ms)
{
    return sb_kafka_buffer_left(&s->buffer) > 0 &&
           (s->buffer.sent > 0 || s->buffer.count >= s->options->flush_rows ||
            now_ms - s->buffered_ms >= s->options->flush_ms);
}

static sb_status
put_run(kafka_sink *s, int64_t now_ms, sb_error *err)
{
    if (s->buffer.count == 0) {
        s->buffered_ms = now_ms;
    }
    for (int32_t i = 0; i < s->messages.count; i++) {
        SB_TRY(sb_kafka_buffer_put(&s->buffer, &s->messages.at[i], err), err);
    }
    return SB_OK;
}

/* One run of rows from `row` on; *out_row: the first that was not taken. */
static sb_status
write_run(kafka_sink *s, const sb_batch *in, int32_t row, int64_t now_ms, int32_t *out_row,
          sb_error *err)
{
    int32_t taken, left = in->count_rows - row;
    int32_t end = row + (left < SB_KAFKA_RUN_ROWS ? left : SB_KAFKA_RUN_ROWS);
    *out_row = row;
    SB_TRY(sb_kafka_messages_encode(&s->messages, in, row, end, err), err);
    if (s->options->flush_rows > 0) {
        SB_TRY(put_run(s, now_ms, err), err);
    } else if (s->messages.count > 0) {
        SB_TRY(append(s, s->messages.at, s->messages.count, &taken, err), err);
        if (taken < s->messages.count) {
            sb_kafka_messages_unsend(&s->messages, taken);
            end = s->messages.row_of[taken];
        }
    }
    *out_row = end;
    return SB_OK;
}

static sb_status
sink_write(sb_sink *base, const sb_batch *in, int32_t from_row, int64_t now_ms, int32_t *out_rows,
           sb_error *err)
{
    kafka_sink *s = sink_of(base);
    int32_t row = from_row;
    s->ready = s->ready || s->own || sb_kafka_transactions_ready(base->ctx->decider, s->epoch);
    while (s->ready && row < in->count_rows) {
        int32_t to = row + SB_KAFKA_RUN_ROWS, next;
        to = to < in->count_rows ? to : in->count_rows;
        if (is_due(s, now_ms)) {
            SB_TRY(send_buffered(s, err), err);
            if (sb_kafka_buffer_left(&s->buffer) > 0) {
                break;
            }
        }
        SB_TRY(write_run(s, in, row, now_ms, &next, err), err);
        row = next;
        if (row < to) {
            break;
        }
    }
    if (is_due(s, now_ms)) {
        SB_TRY(send_buffered(s, err), err);
    }
    *out_rows = row - from_row;
    return SB_OK;
}

static sb_status
sink_tick(sb_sink *base, int64_t now_ms, int64_t *out_ms, sb_error *err)
{
    kafka_sink *s = sink_of(base);
    *out_ms = 0;
    if (is_due(s, now_ms)) {
        SB_TRY(send_buffered(s, err), err);
    }
    if (sb_kafka_buffer_left(&s->buffer) > 0) {
        *out_ms =
            s->buffer.sent > 0 ? now_ms + FULL_AGAIN_MS : s->buffered_ms + s->options->flush_ms;
    }
    return SB_OK;
}

/* --- checkpoints --- */

static sb_status
flush(kafka_sink *s, sb_error *err)
{
    return tell(s, s->driver->flush(producer_of(s), err), err);
}

/* What waits belongs to the epoch that ends. */
static sb_status
sink_prepare(sb_sink *base, uint64_t checkpoint, bool last, sb_writer *handle, sb_error *err)
{
    kafka_sink *s = sink_of(base);
    (void)checkpoint;
    (void)handle;
    for (;;) {
        SB_TRY(send_buffered(s, err), err);
        if (sb_kafka_buffer_left(&s->buffer) == 0) {
            break;
        }
        SB_TRY(flush(s, err), err); /* makes room */
    }
    s->epoch++;
    s->ready = false;
    bool waits = last || s->options->guarantee == SB_KAFKA_AT_LEAST_ONCE;
    return waits && s->own ? flush(s, err) : SB_OK;
}

static const sb_decider_vtable *
sink_decider(const sb_sink_node *node)
{
    const sb_kafka_options *options;
    const sb_decider_vtable *decider = NULL;
    sb_arena *arena = sb_arena_new(sb_mem_root());
    if (arena &&
        sb_kafka_options_read(node->table, SB_KAFKA_SINK, arena, &options, NULL) == SB_OK &&
        options->guarantee == SB_KAFKA_EXACTLY_ONCE) {
        decider = &sb_kafka_transactions;
    }
    sb_arena_free(arena);
    return decider;
}

const sb_sink_vtable sb_kafka_sink = {
    .name = "kafka",
    .instance_size = sizeof(kafka_sink),
    .capabilities = SB_SINK_ORDERED,
    .init = sink_init,
    .write = sink_write,
    .tick = sink_tick,
    .prepare = sink_prepare,
    .decider = sink_decider,
    .close = sink_close,
};
