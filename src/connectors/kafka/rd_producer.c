/*
 * connectors/kafka/rd_producer.c -- writing records.
 *
 * DESIGN     append copies into the library's queue, which has a limit in bytes; its threads send
 *            in batches. Delivery reports wait in the client's queue until somebody serves it:
 *            append, flush and the calls of transactions do. A report also is what makes room, so
 *            a writer that found none is woken by the first report behind it, comes back, and
 *            serves. The first delivery that fails is kept until it was told.
 * THREADS    append: T:any, several at a time. Callbacks of reports come from the thread that
 *            serves; that of the queue and those of requests from threads of the library.
 */
#include "connectors/kafka/rd_producer.h"

#include <stdio.h>
#include <string.h>

#define QUEUE_BYTES    (INT64_C(64) << 20)
#define DELIVERY_MS    120000 /* delivery.timeout.ms of the Java client */
#define FLUSH_GRACE_MS 10000
#define TRY_MS         1000
#define END_TXN        26 /* ApiKey of EndTxn */

/* ---- callbacks ------------------------------------------------------------------------------ */

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    sb_rd_producer *p = ((sb_rd_client *)opaque)->producer;
    (void)rk;
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR || m->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
        m->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT) {
        return; /* purged: by an abort */
    }
    sb_mutex_lock(p->lock);
    if (p->failures++ == 0) {
        p->failed = m->err;
        snprintf(p->failed_at, sizeof p->failed_at, "writing to topic '%.200s', partition %d",
                 p->log->rd->topic_name(m->rkt), m->partition);
    }
    sb_mutex_unlock(p->lock);
}

static void
on_report(rd_kafka_t *rk, void *opaque)
{
    sb_rd_producer *p = opaque;
    (void)rk;
    if (atomic_exchange(&p->full, false) && p->options.wake) {
        p->options.wake(p->options.ctx);
    }
}

static rd_kafka_resp_err_t
on_request(rd_kafka_t *rk, int socket, const char *broker, int32_t broker_id, int16_t api,
           int16_t version, int32_t correlation, size_t size, void *opaque)
{
    sb_rd_producer *p = opaque;
    (void)rk, (void)socket, (void)broker, (void)broker_id;
    (void)version, (void)correlation, (void)size;
    if (api == END_TXN) {
        atomic_fetch_add(&p->ends, 1);
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t
on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *opaque, char *why, size_t size)
{
    (void)conf, (void)why, (void)size;
    return sb_rd_loaded()->interceptor_add_on_request_sent(rk, "sabot", on_request, opaque);
}

/* ---- open, close ---------------------------------------------------------------------------- */

/* As the Java client: idempotent, unless a property says something that does not go with it. */
static const char *
idempotence(const sb_rd_log *log)
{
    const char *acks =
        sb_rd_property(log, "acks", sb_rd_property(log, "request.required.acks", NULL));
    bool all = !acks || strcmp(acks, "all") == 0 || strcmp(acks, "-1") == 0;
    int64_t retries = sb_rd_property_i64(log, "retries", 1);
    int64_t flying = sb_rd_property_i64(log, "max.in.flight.requests.per.connection", 5);
    return all && retries > 0 && flying <= 5 ? "true" : "false";
}

static sb_status
open_client(sb_rd_producer *p, sb_error *err)
{
    sb_rd_log *log = p->log;
    const char *id = p->options.transactional_id;
    char kbytes[24], timeout[24], delivery[24];
    snprintf(kbytes, sizeof kbytes, "%lld", (long long)(p->queue_bytes >> 10));
    snprintf(timeout, sizeof timeout, "%lld", (long long)p->options.transaction_timeout_ms);
    snprintf(delivery, sizeof delivery, "%lld", (long long)p->delivery_ms);
    const sb_rd_setting settings[] = {
        {"partitioner", "murmur2_random", false}, /* that of the Java client */
        {"linger.ms", "5", false},
        {"batch.size", "1000000", false},
        {"queue.buffering.max.kbytes", kbytes, true},
        {"queue.buffering.max.messages", "1000000", false}, /* bytes are the limit */
        {"message.timeout.ms", delivery, true},
        {"delivery.timeout.ms", delivery, true}, /* the same by its other name */
        {"enable.idempotence", id ? "true" : idempotence(log), id != NULL},
        {id ? "transactional.id" : NULL, id, true},
        {"transaction.timeout.ms", timeout, true},
        {NULL, NULL, false},
    };
    rd_kafka_conf_t *conf;
    SB_TRY(sb_rd_conf(log, SB_KAFKA_FOR_PRODUCER, &p->client, settings, &conf, err), err);
    log->rd->conf_set_dr_msg_cb(conf, on_delivery);
    log->rd->conf_interceptor_add_on_new(conf, "sabot", on_new, p);
    SB_TRY(sb_rd_client_new(log, RD_KAFKA_PRODUCER, conf, &p->rk, err), err);
    p->events = log->rd->queue_get_main(p->rk);
    log->rd->queue_cb_event_enable(p->events, on_report, p);
    return SB_OK;
}

static sb_status
open_producer(sb_rd_producer *p, const sb_log_producer_options *options, sb_error *err)
{
    sb_rd_log *log = p->log;
    p->options = *options;
    p->options.transactional_id = NULL;
    p->lock = sb_mutex_new();
    if (!p->lock) {
        SB_NOMEM(err);
    }
    if (options->transactional_id) {
        size_t size = strlen(options->transactional_id) + 1;
        char *id = sb_alloc(log->mem, size);
        if (!id) {
            SB_NOMEM(err);
        }
        memcpy(id, options->transactional_id, size);
        p->options.transactional_id = id;
    }
    p->delivery_ms = sb_rd_property_i64(
        log, "message.timeout.ms", sb_rd_property_i64(log, "delivery.timeout.ms", DELIVERY_MS));
    if (options->transactional_id && p->delivery_ms > options->transaction_timeout_ms) {
        p->delivery_ms = options->transaction_timeout_ms; /* else the library refuses it */
    }
    p->queue_bytes = sb_rd_property_i64(log, "queue.buffering.max.kbytes", QUEUE_BYTES >> 10) << 10;
    if (!sb_mem_charge(log->mem, p->queue_bytes)) {
        p->queue_bytes = 0;
        SB_FAIL(err, SB_STATUS_NOMEM,
                "out of memory: no room for the queue of a kafka producer; see "
                "'properties.queue.buffering.max.kbytes'");
    }
    return open_client(p, err);
}

sb_status
sb_rd_producer_open(sb_log *base, const sb_log_producer_options *options, sb_log_producer **out,
                    sb_error *err)
{
    sb_rd_log *log = sb_rd_log_of(base);
    sb_rd_producer *p = sb_alloc_zero(log->mem, sizeof *p);
    if (!p) {
        SB_NOMEM(err);
    }
    p->base.driver = base->driver;
    p->log = log;
    p->client = (sb_rd_client){.log = log, .producer = p};
    sb_status status = open_producer(p, options, err);
    if (status != SB_OK) {
        sb_rd_producer_close(&p->base);
        return status;
    }
    *out = &p->base;
    return SB_OK;
}

void
sb_rd_producer_close(sb_log_producer *base)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    if (!p) {
        return;
    }
    const sb_rd *rd = p->log->rd;
    sb_mem *mem = p->log->mem;
    if (p->events) {
        rd->queue_cb_event_enable(p->events, NULL, NULL);
        rd->queue_destroy(p->events);
    }
    while (p->topics) {
        sb_rd_topic *t = p->topics;
        p->topics = t->next;
        rd->topic_destroy(t->topic);
        sb_free(mem, t, sizeof *t + strlen(t->name) + 1);
    }
    if (p->rk) {
        (void)rd->purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                   RD_KAFKA_PURGE_F_NON_BLOCKING);
        rd->destroy(p->rk);
    }
    sb_mem_discharge(mem, p->queue_bytes);
    if (p->options.transactional_id) {
        sb_free(mem, (char *)p->options.transactional_id, strlen(p->options.transactional_id) + 1);
    }
    if (p->lock) {
        sb_mutex_free(p->lock);
    }
    sb_free(mem, p, sizeof *p);
}

/* ---- writing -------------------------------------------------------------------------------- */

sb_status
sb_rd_deliveries(sb_rd_producer *p, sb_error *err)
{
    p->log->rd->poll(p->rk, 0);
    sb_mutex_lock(p->lock);
    int64_t failures = p->failures;
    rd_kafka_resp_err_t code = p->failed;
    char doing[340];
    snprintf(doing, sizeof doing, "%s%s", p->failed_at, failures > 1 ? " (and more)" : "");
    p->failures = 0;
    sb_mutex_unlock(p->lock);
    return failures == 0 ? SB_OK : sb_rd_fail(p->log, code, NULL, doing, err);
}

static sb_status
topic_of(sb_rd_producer *p, const char *name, sb_rd_topic **out, sb_error *err)
{
    sb_mutex_lock(p->lock);
    sb_rd_topic *t = p->topics;
    while (t && strcmp(t->name, name) != 0) {
        t = t->next;
    }
    if (!t) {
        size_t size = strlen(name) + 1;
        t = sb_alloc(p->log->mem, sizeof *t + size);
        if (t) {
            memcpy(t->name, name, size);
            t->next = p->topics;
            t->topic = p->log->rd->topic_new(p->rk, name, NULL);
            p->topics = t;
        }
    }
    sb_mutex_unlock(p->lock);
    *out = t;
    if (!t) {
        SB_NOMEM(err);
    }
    if (!t->topic) {
        SB_FAIL(err, SB_STATUS_INVALID, "kafka %s: '%s' is no name of a topic", p->log->brokers,
                name);
    }
    return SB_OK;
}

static rd_kafka_headers_t *
headers_of(const sb_rd *rd, const sb_log_append *r)
{
    rd_kafka_headers_t *headers = rd->headers_new((size_t)r->count_headers);
    for (int32_t i = 0; i < r->count_headers; i++) {
        const sb_log_header *h = &r->headers[i];
        /* a value of -1 bytes would be measured as text */
        (void)rd->header_add(headers, h->key.data, (ssize_t)h->key.size, h->value.data,
                             h->value.data ? (ssize_t)h->value.size : 0);
    }
    return headers;
}

static rd_kafka_resp_err_t
produce(sb_rd_producer *p, const sb_rd_topic *t, const sb_log_append *r)
{
    const sb_rd *rd = p->log->rd;
    int32_t partition = r->partition >= 0 ? r->partition : RD_KAFKA_PARTITION_UA;
    if (r->timestamp_ms < 0 && r->count_headers == 0) {
        return rd->produce(t->topic, partition, RD_KAFKA_MSG_F_COPY, (void *)r->value.data,
                           r->value.size, r->key.data, r->key.size, NULL) == 0
                   ? RD_KAFKA_RESP_ERR_NO_ERROR
                   : rd->last_error();
    }
    rd_kafka_headers_t *headers = r->count_headers > 0 ? headers_of(rd, r) : NULL;
    const rd_kafka_vu_t parts[] = {
        {RD_KAFKA_VTYPE_RKT, {.rkt = t->topic}},
        {RD_KAFKA_VTYPE_PARTITION, {.i32 = partition}},
        {RD_KAFKA_VTYPE_MSGFLAGS, {.i = RD_KAFKA_MSG_F_COPY}},
        {RD_KAFKA_VTYPE_VALUE, {.mem = {(void *)r->value.data, r->value.size}}},
        {RD_KAFKA_VTYPE_KEY, {.mem = {(void *)r->key.data, r->key.size}}},
        {RD_KAFKA_VTYPE_TIMESTAMP, {.i64 = r->timestamp_ms >= 0 ? r->timestamp_ms : 0}},
        {RD_KAFKA_VTYPE_HEADERS, {.headers = headers}},
    };
    rd_kafka_error_t *error =
        rd->produceva(p->rk, parts, sizeof parts / sizeof parts[0] - (headers == NULL));
    if (!error) {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    rd_kafka_resp_err_t code = rd->error_code(error);
    rd->error_destroy(error);
    if (headers) {
        rd->headers_destroy(headers);
    }
    return code;
}

sb_status
sb_rd_append(sb_log_producer *base, const sb_log_append *records, int32_t count, int32_t *out_taken,
             sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    sb_rd_topic *t = NULL;
    bool waited = false; /* has said that it waits, and looked once more */
    *out_taken = 0;
    SB_TRY(sb_rd_deliveries(p, err), err);
    for (int32_t i = 0; i < count;) {
        if (!t || strcmp(t->name, records[i].topic) != 0) {
            SB_TRY(topic_of(p, records[i].topic, &t, err), err);
        }
        rd_kafka_resp_err_t code = produce(p, t, &records[i]);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            *out_taken = ++i;
        } else if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            char doing[320];
            snprintf(doing, sizeof doing, "writing to topic '%.249s'", t->name);
            return sb_rd_fail(p->log, code, NULL, doing, err);
        } else if (!waited) {
            /* Reports that are there now tell nobody any more: they are served after `full`. */
            waited = true;
            atomic_store(&p->full, true);
            SB_TRY(sb_rd_deliveries(p, err), err);
        } else {
            return SB_OK;
        }
    }
    return SB_OK;
}

bool
sb_rd_delivered(sb_log_producer *base)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    atomic_store(&p->full, true); /* the next report calls */
    p->log->rd->poll(p->rk, 0);
    return p->log->rd->outq_len(p->rk) == 0;
}

sb_status
sb_rd_flush(sb_log_producer *base, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    int64_t deadline = sb_rd_deadline(p->log, p->delivery_ms + FLUSH_GRACE_MS);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    sb_crash_point("kafka-flush-before");
    for (int64_t left; code == RD_KAFKA_RESP_ERR__TIMED_OUT &&
                       (left = deadline - sb_rd_deadline(p->log, 0)) > 0;) {
        code = p->log->rd->flush(p->rk, TRY_MS);
    }
    SB_TRY(sb_rd_deliveries(p, err), err);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return sb_rd_fail(p->log, code, NULL, "writing what waits", err);
    }
    sb_crash_point("kafka-flush-after");
    return SB_OK;
}
