/*
 * connectors/kafka/rd_consumer.c -- reading partitions, each from its own queue.
 *
 * DESIGN     The client is in no group: partitions are assigned one by one with explicit offsets,
 *            and never forwarded to the client's common queue, so that a partition that is not
 *            polled (alignment, back pressure) fills its own queue only and its fetching stops.
 *            Offsets are those of the records and of the marks of the end (partition EOF); the
 *            library's own position is never asked, for it moves with errors too.
 *            A batch may end with a failure behind records: the records go first, the failure is
 *            told by the next poll.
 * OWNERSHIP  A batch's messages belong to the consumer until release.
 * THREADS    One at a time, everything: batches must not run beside changes of the assignment.
 *            `wake` comes from threads of the library.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/rd_priv.h"

#define QUEUE_BYTES (INT64_C(16) << 20) /* per partition */
#define QUERY_MS    3000                /* for what is there in place of an expired offset */
#define SETTLED_NS                                                                \
    INT64_C(5000000000) /* after this a client knows the partitions it began with \
                         */
#define REFRESH_MS  1000
#define SERVE_EVERY 64 /* polls between two looks at the client's own queue */
#define BATCH_MOST  4096

typedef struct slot { /* a partition that is read; its index is the handle */
    char *topic;      /* NULL: the slot is free */
    int32_t partition;
    rd_kafka_queue_t *queue;
    int64_t next_offset;
    bool at_end;
    rd_kafka_resp_err_t failed; /* to be told when the records before it are gone */
    int64_t failed_offset;
    char why[200];
} slot;

typedef struct rd_consumer {
    sb_log_consumer base; /* first */
    sb_rd_log *log;
    sb_rd_client client;
    sb_log_consumer_options options;
    rd_kafka_t *rk;
    int64_t queue_bytes;
    int64_t opened_ns;
    slot *slots;
    int32_t count_slots, capacity_slots;
    rd_kafka_message_t **messages; /* of the batch that is out */
    sb_log_record *records;
    int32_t capacity;
    uint32_t polls;
} rd_consumer;

static rd_consumer *
consumer_of(sb_log_consumer *c)
{
    return (rd_consumer *)(void *)c;
}

/* ---- open, close ---------------------------------------------------------------------------- */

static sb_status
open_client(rd_consumer *c, sb_error *err)
{
    sb_rd_log *log = c->log;
    char kbytes[24];
    snprintf(kbytes, sizeof kbytes, "%lld", (long long)((c->queue_bytes + 1023) / 1024));
    const sb_rd_setting settings[] = {
        {"group.id", sb_rd_property(log, "group.id", "sabot"), true},
        {"isolation.level", c->options.uncommitted ? "read_uncommitted" : "read_committed", true},
        {"enable.auto.commit", "false", true},
        {"enable.auto.offset.store", "false", true},
        {"auto.offset.reset", "error", true},
        {"enable.partition.eof", "true", true},
        {"queued.max.messages.kbytes", kbytes, true},
        {"queued.min.messages", "1000000", false}, /* bytes are the limit */
        {"fetch.message.max.bytes", "1048576", false},
        {"fetch.max.bytes", "16777216", false},
        {"fetch.error.backoff.ms", "100", false},
        {"fetch.queue.backoff.ms", "10", false}, /* since 2.2; before, there is none */
        {"check.crcs", "true", false},
        {NULL, NULL, false},
    };
    rd_kafka_conf_t *conf;
    SB_TRY(sb_rd_conf(log, SB_KAFKA_FOR_CONSUMER, &c->client, settings, &conf, err), err);
    SB_TRY(sb_rd_client_new(log, RD_KAFKA_CONSUMER, conf, &c->rk, err), err);
    log->rd->poll_set_consumer(c->rk); /* one queue for all that is not of a partition */
    return SB_OK;
}

sb_status
sb_rd_consumer_open(sb_log *base, const sb_log_consumer_options *options, sb_log_consumer **out,
                    sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    rd_consumer *c = sb_alloc_zero(log->mem, sizeof *c);
    if (!c) {
        SB_NOMEM(err);
    }
    c->base.driver = base->driver;
    c->log = log;
    c->client = (sb_rd_client){.log = log};
    c->options = *options;
    c->opened_ns = log->os->monotonic_ns(log->os);
    c->queue_bytes =
        sb_rd_property_i64(log, "queued.max.messages.kbytes",
                           (options->queue_bytes ? options->queue_bytes : QUEUE_BYTES) >> 10)
        << 10;
    sb_status status = open_client(c, err);
    if (status != SB_OK) {
        sb_rd_consumer_close(&c->base);
        return status;
    }
    *out = &c->base;
    return SB_OK;
}

static void
close_slot(rd_consumer *c, slot *s)
{
    const sb_rd *rd = c->log->rd;
    if (s->queue) {
        rd->queue_cb_event_enable(s->queue, NULL, NULL);
        rd->queue_destroy(s->queue);
        sb_mem_discharge(c->log->mem, c->queue_bytes);
    }
    if (s->topic) {
        sb_free(c->log->mem, s->topic, strlen(s->topic) + 1);
    }
    *s = (slot){0};
}

void
sb_rd_consumer_close(sb_log_consumer *base)
{
    rd_consumer *c = consumer_of(base);
    if (!c) {
        return;
    }
    sb_rd_log *log = c->log;
    for (int32_t i = 0; i < c->count_slots; i++) {
        close_slot(c, &c->slots[i]);
    }
    if (c->rk) {
        log->rd->destroy(c->rk);
    }
    sb_free(log->mem, c->slots, sizeof(slot) * (size_t)c->capacity_slots);
    sb_free(log->mem, c->messages, sizeof *c->messages * (size_t)c->capacity);
    sb_free(log->mem, c->records, sizeof *c->records * (size_t)c->capacity);
    sb_free(log->mem, c, sizeof *c);
}

/* ---- which partitions ----------------------------------------------------------------------- */

static void
on_records(rd_kafka_t *rk, void *opaque)
{
    rd_consumer *c = opaque;
    (void)rk;
    c->options.wake(c->options.ctx);
}

static sb_status
free_slot(rd_consumer *c, int32_t *out, sb_error *err)
{
    for (*out = 0; *out < c->count_slots; ++*out) {
        if (!c->slots[*out].topic) {
            return SB_OK;
        }
    }
    if (c->count_slots == c->capacity_slots) {
        int32_t capacity = c->capacity_slots ? c->capacity_slots * 2 : 16;
        slot *slots = sb_realloc(c->log->mem, c->slots, sizeof(slot) * (size_t)c->capacity_slots,
                                 sizeof(slot) * (size_t)capacity);
        if (!slots) {
            SB_NOMEM(err);
        }
        c->slots = slots;
        c->capacity_slots = capacity;
    }
    c->slots[c->count_slots++] = (slot){0};
    return SB_OK;
}

static sb_status
assign(rd_consumer *c, const slot *s, bool on, sb_error *err)
{
    const sb_rd *rd = c->log->rd;
    char doing[320];
    sb_log_place place = {.topic = s->topic, .partition = s->partition, .offset = s->next_offset};
    rd_kafka_topic_partition_list_t *list = sb_rd_places(rd, &place, 1, err);
    if (!list) {
        return SB_STATUS_NOMEM;
    }
    rd_kafka_error_t *error =
        on ? rd->incremental_assign(c->rk, list) : rd->incremental_unassign(c->rk, list);
    rd->topic_partition_list_destroy(list);
    if (!error) {
        return SB_OK;
    }
    snprintf(doing, sizeof doing, "reading topic '%.249s', partition %d", s->topic, s->partition);
    return sb_rd_fail_error(c->log, error, doing, err);
}

/* A client asks for the partitions of a topic every few minutes only, and does not read those that
 * it has not heard of: one that was found later is asked for now. */
static void
learn_partition(rd_consumer *c, const char *name)
{
    const sb_rd *rd = c->log->rd;
    const struct rd_kafka_metadata *metadata;
    if (c->log->os->monotonic_ns(c->log->os) - c->opened_ns < SETTLED_NS) {
        return;
    }
    rd_kafka_topic_t *topic = rd->topic_new(c->rk, name, NULL);
    if (topic &&
        rd->metadata(c->rk, 0, topic, &metadata, REFRESH_MS) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd->metadata_destroy(metadata);
    }
    if (topic) {
        rd->topic_destroy(topic);
    }
}

static sb_status
open_slot(rd_consumer *c, slot *s, const char *topic, int32_t partition, int64_t offset,
          sb_error *err)
{
    const sb_rd *rd = c->log->rd;
    size_t size = strlen(topic) + 1;
    s->topic = sb_alloc(c->log->mem, size);
    if (!s->topic) {
        SB_NOMEM(err);
    }
    memcpy(s->topic, topic, size);
    s->partition = partition;
    s->next_offset = offset;
    if (!sb_mem_charge(c->log->mem, c->queue_bytes)) {
        SB_FAIL(err, SB_STATUS_NOMEM,
                "out of memory: %lld bytes for waiting records of topic '%s', partition %d; see "
                "'properties.queued.max.messages.kbytes'",
                (long long)c->queue_bytes, topic, partition);
    }
    s->queue = rd->queue_get_partition(c->rk, topic, partition);
    if (!s->queue) {
        sb_mem_discharge(c->log->mem, c->queue_bytes);
        SB_FAIL(err, SB_STATUS_NOT_FOUND, "kafka %s: topic '%s' has no partition %d",
                c->log->brokers, topic, partition);
    }
    /* Before it is assigned, which would forward it. */
    rd->queue_forward(s->queue, NULL);
    if (c->options.wake) {
        rd->queue_cb_event_enable(s->queue, on_records, c);
    }
    SB_TRY(assign(c, s, true, err), err);
    learn_partition(c, topic);
    return SB_OK;
}

sb_status
sb_rd_consume(sb_log_consumer *base, const char *topic, int32_t partition, int64_t offset,
              int32_t *out_handle, sb_error *err)
{
    rd_consumer *c = consumer_of(base);
    int32_t handle;
    sb_assert(offset >= 0);
    SB_TRY(free_slot(c, &handle, err), err);
    sb_status status = open_slot(c, &c->slots[handle], topic, partition, offset, err);
    if (status != SB_OK) {
        close_slot(c, &c->slots[handle]);
        return status;
    }
    *out_handle = handle;
    return SB_OK;
}

void
sb_rd_unconsume(sb_log_consumer *base, int32_t handle)
{
    rd_consumer *c = consumer_of(base);
    sb_assert(handle >= 0 && handle < c->count_slots && c->slots[handle].topic);
    (void)assign(c, &c->slots[handle], false, NULL);
    close_slot(c, &c->slots[handle]);
}

/* ---- polling -------------------------------------------------------------------------------- */

static sb_status
room_for(rd_consumer *c, int32_t limit, sb_error *err)
{
    sb_mem *mem = c->log->mem;
    if (limit <= c->capacity) {
        return SB_OK;
    }
    sb_free(mem, c->messages, sizeof *c->messages * (size_t)c->capacity);
    sb_free(mem, c->records, sizeof *c->records * (size_t)c->capacity);
    c->messages = sb_alloc(mem, sizeof *c->messages * (size_t)limit);
    c->records = sb_alloc(mem, sizeof *c->records * (size_t)limit);
    if (!c->messages || !c->records) {
        sb_free(mem, c->messages, c->messages ? sizeof *c->messages * (size_t)limit : 0);
        sb_free(mem, c->records, c->records ? sizeof *c->records * (size_t)limit : 0);
        c->messages = NULL;
        c->records = NULL;
        c->capacity = 0;
        SB_NOMEM(err);
    }
    c->capacity = limit;
    return SB_OK;
}

/* What is of no partition: the library's log lines have told of it already. */
static void
serve(rd_consumer *c)
{
    const sb_rd *rd = c->log->rd;
    for (rd_kafka_message_t *m; (m = rd->consumer_poll(c->rk, 0)) != NULL;) {
        rd->message_destroy(m);
    }
}

static bool
is_gone(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

/* An event in place of a record. */
static void
take_event(rd_consumer *c, slot *s, const rd_kafka_message_t *m)
{
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        s->at_end = true;
        s->next_offset = m->offset > s->next_offset ? m->offset : s->next_offset;
        return;
    }
    const char *why = c->log->rd->message_errstr(m);
    if (sb_rd_is_passing(m->err)) {
        sb_rd_note(c->log, true, "topic '%s', partition %d: %s", s->topic, s->partition,
                   why ? why : c->log->rd->err2str(m->err));
        return;
    }
    s->failed = m->err;
    s->failed_offset = m->offset;
    snprintf(s->why, sizeof s->why, "%s", why ? why : "");
}

static void
take_record(rd_consumer *c, const rd_kafka_message_t *m, sb_log_record *r)
{
    const sb_rd *rd = c->log->rd;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    *r = (sb_log_record){
        .offset = m->offset,
        .timestamp_ms = c->options.timestamps ? rd->message_timestamp(m, &type) : -1,
        .leader_epoch =
            rd->message_leader_epoch && c->options.timestamps ? rd->message_leader_epoch(m) : -1,
        .key = {m->key, m->key_len},
        .value = {m->payload, m->len},
        .native = m,
    };
    SB_STATIC_ASSERT((int)RD_KAFKA_TIMESTAMP_CREATE_TIME == (int)SB_LOG_CREATE_TIME &&
                         (int)RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME == (int)SB_LOG_APPEND_TIME,
                     "kinds of time are those of the library");
    r->time_type = (uint8_t)type;
}

/* The offset is not there: tells what is. */
static sb_status
fail_range(rd_consumer *c, const slot *s, sb_error *err)
{
    int64_t first = -1, end = -1;
    rd_kafka_resp_err_t code =
        c->log->rd->query_watermark_offsets(c->rk, s->topic, s->partition, &first, &end, QUERY_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "kafka %s: topic '%s', partition %d: offset %lld is not there: %s",
                     c->log->brokers, s->topic, s->partition, (long long)s->next_offset, s->why);
    } else {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "kafka %s: topic '%s', partition %d: offset %lld is not there: the partition "
                     "has offsets %lld to %lld",
                     c->log->brokers, s->topic, s->partition, (long long)s->next_offset,
                     (long long)first, (long long)end);
    }
    sb_error_hint(err,
                  s->next_offset < first || code != RD_KAFKA_RESP_ERR_NO_ERROR
                      ? "its records have expired (retention.ms, retention.bytes): rows are lost. "
                        "Start the job anew, without its checkpoint, where it shall go on "
                        "('scan.startup.mode')"
                      : "the partition has become shorter: the topic was made anew, or the cluster "
                        "lost records. Start the job anew, without its checkpoint, where it shall "
                        "go on ('scan.startup.mode')");
    return SB_STATUS_NOT_FOUND;
}

static sb_status
fail_slot(rd_consumer *c, const slot *s, sb_error *err)
{
    char doing[320];
    if (s->failed == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
        s->failed == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
        return fail_range(c, s, err);
    }
    if (is_gone(s->failed)) {
        sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                     "kafka %s: topic '%s', partition %d is not there any more", c->log->brokers,
                     s->topic, s->partition);
        sb_error_hint(err, "the topic was deleted; a topic that was made anew needs a new job");
        return SB_STATUS_NOT_FOUND;
    }
    snprintf(doing, sizeof doing, "reading topic '%.249s', partition %d, offset %lld", s->topic,
             s->partition, (long long)s->next_offset);
    return sb_rd_fail(c->log, s->failed, s->why, doing, err);
}

/* Parts records from events; records of before the slot's offset are none of ours. */
static void
take_batch(rd_consumer *c, slot *s, ssize_t got, sb_log_records *out)
{
    const sb_rd *rd = c->log->rd;
    for (ssize_t i = 0; i < got; i++) {
        rd_kafka_message_t *m = c->messages[i];
        if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR || m->offset < s->next_offset ||
            s->failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                take_event(c, s, m);
            }
            rd->message_destroy(m);
            continue;
        }
        take_record(c, m, &c->records[out->count]);
        c->messages[out->count++] = m;
        s->next_offset = m->offset + 1;
        s->at_end = false;
    }
}

sb_status
sb_rd_poll(sb_log_consumer *base, int32_t handle, int32_t limit, sb_log_records *out, sb_error *err)
{
    rd_consumer *c = consumer_of(base);
    const sb_rd *rd = c->log->rd;
    sb_assert(handle >= 0 && handle < c->count_slots && c->slots[handle].topic && limit > 0);
    slot *s = &c->slots[handle];
    int64_t first = -1, end = -1;
    limit = limit < BATCH_MOST ? limit : BATCH_MOST;
    *out = (sb_log_records){.next_offset = s->next_offset, .end_offset = SB_LOG_NO_OFFSET};
    SB_TRY(room_for(c, limit, err), err);
    if (c->polls++ % SERVE_EVERY == 0) {
        serve(c);
    }
    if (s->failed == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ssize_t got;
        do { /* a batch without a record, and yet the queue may not be empty */
            got = rd->consume_batch_queue(s->queue, 0, c->messages, (size_t)limit);
            take_batch(c, s, got, out);
        } while (got == limit && out->count == 0 && s->failed == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    if (out->count == 0 && s->failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return fail_slot(c, s, err);
    }
    out->at = c->records;
    out->next_offset = s->next_offset;
    out->at_end = s->at_end;
    if (rd->get_watermark_offsets(c->rk, s->topic, s->partition, &first, &end) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        out->end_offset = end >= 0 ? end : SB_LOG_NO_OFFSET;
    }
    return SB_OK;
}

void
sb_rd_release(sb_log_consumer *base, sb_log_records *records)
{
    rd_consumer *c = consumer_of(base);
    for (int32_t i = 0; i < records->count; i++) {
        c->log->rd->message_destroy(c->messages[i]);
    }
    records->count = 0;
}

bool
sb_rd_header(const sb_log_record *record, int32_t index, sb_log_header *out)
{
    const sb_rd *rd = sb_rd_loaded();
    rd_kafka_headers_t *headers;
    const char *name;
    const void *value;
    size_t size;
    if (rd->message_headers(record->native, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd->header_get_all(headers, (size_t)index, &name, &value, &size) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
        return false;
    }
    *out = (sb_log_header){sb_str_of(name), {value, value ? size : 0}};
    return true;
}
