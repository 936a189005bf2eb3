/*
 * connectors/kafka/rd_producer.h -- a producer of the driver: what writing and transactions share.
 */
#ifndef SB_CONNECTORS_KAFKA_RD_PRODUCER_H
#define SB_CONNECTORS_KAFKA_RD_PRODUCER_H

#include "connectors/kafka/rd_priv.h"

struct sb_rd_producer {
    sb_log_producer base; /* first */
    sb_rd_log *log;
    sb_rd_client client;
    sb_log_producer_options options; /* the id is a copy */
    rd_kafka_t *rk;
    rd_kafka_queue_t *events; /* the client's main queue: delivery reports wait in it */
    int64_t queue_bytes;      /* charged */
    int64_t delivery_ms;      /* a record that takes longer has failed */
    _Atomic bool full;        /* somebody waits for room */
    _Atomic int32_t ends;     /* requests that end a transaction, sent since the last look */
    bool spent;               /* must not begin a transaction any more */
    sb_mutex *lock;           /* of the rest */
    struct sb_rd_topic *topics;
    int64_t failures; /* deliveries that failed and were not told of; the first: */
    rd_kafka_resp_err_t failed;
    char failed_at[300]; /* "topic 'x', partition 3" */
};

typedef struct sb_rd_topic { /* written to */
    struct sb_rd_topic *next;
    rd_kafka_topic_t *topic;
    char name[]; /* zero-terminated */
} sb_rd_topic;

static inline sb_rd_producer *
sb_rd_producer_of(sb_log_producer *p)
{
    return (sb_rd_producer *)(void *)p;
}

/* Serves delivery reports and tells of the first that failed, once. */
sb_status sb_rd_deliveries(sb_rd_producer *p, sb_error *err);

#endif
