/*
 * connectors/kafka/rd_transaction.c -- transactions of a producer.
 *
 * DESIGN     Every call is tried again while its failure passes by itself, up to a deadline; the
 *            library takes a call up where it was. A failure that asks for an abort, or that ends
 *            the producer, goes to the caller: whoever decides by transactions starts anew.
 *            A request that ends a transaction and was sent twice may arrive late and end the next
 *            one: the requests are counted where they leave, and after a second one, or after a
 *            call that had to be repeated, the producer is spent.
 * THREADS    One call at a time. Counting: threads of the library.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/kafka/rd_producer.h"

#define TRY_MS   10000
#define PAUSE_NS INT64_C(50000000)
/* Another owner's transaction must end first: the cluster aborts it. */
#define FENCE_MS 60000
#define END_MS   60000

typedef rd_kafka_error_t *(*one_call)(sb_rd_producer *p, const void *ctx, int ms);

/* Until it works, fails for good, or the time is over: then the last error. */
static rd_kafka_error_t *
keep_trying(sb_rd_producer *p, one_call call, const void *ctx, int64_t ms, bool *repeated)
{
    const sb_rd *rd = p->log->rd;
    int64_t deadline = sb_rd_deadline(p->log, ms);
    *repeated = false;
    for (;;) {
        int64_t left = (deadline - sb_rd_deadline(p->log, 0)) / 1000000;
        rd_kafka_error_t *error = call(p, ctx, left < 1 ? 1 : left < TRY_MS ? (int)left : TRY_MS);
        if (!error || !rd->error_is_retriable(error) || rd->error_txn_requires_abort(error) ||
            left <= 1) {
            return error;
        }
        *repeated = true;
        rd->error_destroy(error);
        sb_thread_sleep_ns(PAUSE_NS);
    }
}

/* The producer's own death says more than the call that met it. */
static sb_status
fail(sb_rd_producer *p, rd_kafka_error_t *error, const char *doing, bool commit, sb_error *err)
{
    const sb_rd *rd = p->log->rd;
    char why[300] = "", what[400];
    rd_kafka_resp_err_t code = rd->error_code(error);
    bool open_ended = rd->error_is_retriable(error) && !rd->error_txn_requires_abort(error);
    rd_kafka_resp_err_t fatal = rd->fatal_error(p->rk, why, sizeof why);
    if (fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
        code = fatal;
        open_ended = false;
    } else {
        snprintf(why, sizeof why, "%s", rd->error_string(error));
    }
    rd->error_destroy(error);
    p->spent = true;
    snprintf(what, sizeof what, "%s of transactional id '%.200s'", doing,
             p->options.transactional_id);
    sb_status status = sb_rd_fail(p->log, code, why, what, err);
    if (commit && open_ended && status != SB_STATUS_CONFLICT) {
        if (err) {
            err->status = SB_STATUS_TIMEOUT; /* nobody knows */
            err->retriable = true;
        }
        status = SB_STATUS_TIMEOUT;
    }
    return status;
}

static rd_kafka_error_t *
call_init(sb_rd_producer *p, const void *ctx, int ms)
{
    (void)ctx;
    return p->log->rd->init_transactions(p->rk, ms);
}

sb_status
sb_rd_fence(sb_log_producer *base, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    bool repeated;
    sb_assert(p->options.transactional_id);
    rd_kafka_error_t *error = keep_trying(p, call_init, NULL, FENCE_MS, &repeated);
    p->log->rd->poll(p->rk, 0);
    return error ? fail(p, error, "fencing earlier owners", false, err) : SB_OK;
}

sb_status
sb_rd_begin(sb_log_producer *base, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    if (p->spent) {
        sb_error_set(err, SB_STATUS_IO, __FILE__, __LINE__,
                     "kafka %s: the producer of transactional id '%s' is spent: it must be opened "
                     "anew",
                     p->log->brokers, p->options.transactional_id);
        if (err) {
            err->retriable = true;
        }
        return SB_STATUS_IO;
    }
    SB_TRY(sb_rd_deliveries(p, err), err);
    rd_kafka_error_t *error = p->log->rd->begin_transaction(p->rk);
    return error ? fail(p, error, "beginning a transaction", false, err) : SB_OK;
}

typedef struct offsets {
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_consumer_group_metadata_t *group;
} offsets;

static rd_kafka_error_t *
call_offsets(sb_rd_producer *p, const void *ctx, int ms)
{
    const offsets *o = ctx;
    return p->log->rd->send_offsets_to_transaction(p->rk, o->list, o->group, ms);
}

sb_status
sb_rd_send_offsets(sb_log_producer *base, const char *group, const sb_log_place *places,
                   int32_t count, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    const sb_rd *rd = p->log->rd;
    bool repeated;
    /* The library leaves out what is no offset, and says that all is well. */
    sb_assert(count > 0);
    offsets o = {.list = sb_rd_places(rd, places, count, err)};
    if (!o.list) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < count; i++) {
        sb_assert(places[i].offset >= 0);
        size_t size = places[i].metadata ? strlen(places[i].metadata) : 0;
        if (size > 0) {
            /* freed with the list, by the library's allocator, which is that of the C library */
            o.list->elems[i].metadata = strndup(places[i].metadata, size);
            o.list->elems[i].metadata_size = o.list->elems[i].metadata ? size : 0;
        }
    }
    o.group = rd->consumer_group_metadata_new(group);
    sb_crash_point("kafka-offsets-before");
    rd_kafka_error_t *error = keep_trying(p, call_offsets, &o, END_MS, &repeated);
    sb_crash_point("kafka-offsets-after");
    rd->consumer_group_metadata_destroy(o.group);
    rd->topic_partition_list_destroy(o.list);
    return error ? fail(p, error, "sending offsets into the transaction", false, err) : SB_OK;
}

static rd_kafka_error_t *
call_commit(sb_rd_producer *p, const void *ctx, int ms)
{
    (void)ctx;
    return p->log->rd->commit_transaction(p->rk, ms);
}

sb_status
sb_rd_commit(sb_log_producer *base, bool *out_tired, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    bool repeated;
    atomic_store(&p->ends, 0);
    sb_crash_point("kafka-commit-before");
    rd_kafka_error_t *error = keep_trying(p, call_commit, NULL, END_MS, &repeated);
    sb_crash_point("kafka-commit-after");
    if (error) {
        return fail(p, error, "committing the transaction", true, err);
    }
    p->spent = repeated || atomic_load(&p->ends) > 1;
    *out_tired = p->spent;
    (void)sb_rd_deliveries(p, NULL);
    return SB_OK;
}

static rd_kafka_error_t *
call_abort(sb_rd_producer *p, const void *ctx, int ms)
{
    (void)ctx;
    return p->log->rd->abort_transaction(p->rk, ms);
}

sb_status
sb_rd_abort(sb_log_producer *base, sb_error *err)
{
    sb_rd_producer *p = sb_rd_producer_of(base);
    bool repeated;
    atomic_store(&p->ends, 0);
    rd_kafka_error_t *error = keep_trying(p, call_abort, NULL, END_MS, &repeated);
    if (error) {
        return fail(p, error, "aborting the transaction", false, err);
    }
    p->spent = p->spent || repeated || atomic_load(&p->ends) > 1;
    (void)sb_rd_deliveries(p, NULL); /* of records that are gone */
    return SB_OK;
}
