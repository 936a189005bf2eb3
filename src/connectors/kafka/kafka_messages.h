/*
 * connectors/kafka/kafka_messages.h -- rows of a batch as messages of a log.
 *
 * DESIGN     A run of rows is encoded at a time: keys into one text, values into another, then one
 *            sb_log_append for each row that makes a message. Of an upsert table a row before an
 *            update makes none, and a deleted row makes one without a value. The metadata columns
 *            that are written stand behind the physical ones.
 * OWNERSHIP  Owns encoders and texts. Messages are valid until the next call.
 * THREADS    T:task
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_MESSAGES_H
#define SB_CONNECTORS_KAFKA_KAFKA_MESSAGES_H

#include "connectors/kafka/kafka_options.h"
#include "formats/pattern.h"

#define SB_KAFKA_RUN_ROWS 256 /* rows encoded at a time */

/* What is known of a topic that is written. */
typedef struct sb_kafka_topic {
    char *name;
    int32_t partitions; /* 0: not asked */
    int32_t next;       /* round-robin */
} sb_kafka_topic;

typedef struct sb_kafka_messages_init {
    sb_mem *mem;
    const sb_kafka_options *options;
    const sb_sink_node *node;
    int32_t subtask;
    /* Partitioners other than the default one want to know how many partitions a topic has. T:io */
    sb_status (*partitions)(void *ctx, const char *topic, int32_t *out, sb_error *err);
    void *ctx;
} sb_kafka_messages_init;

/* A part of the message while it is encoded. */
typedef struct sb_kafka_part_encoder {
    const sb_kafka_part *part; /* NULL: no key */
    sb_encoder *encoder;
    sb_vector **columns; /* those of the batch that the part has */
    sb_text bytes;
    size_t ends[SB_KAFKA_RUN_ROWS];
} sb_kafka_part_encoder;

typedef struct sb_kafka_messages {
    sb_kafka_messages_init init;
    sb_kafka_part_encoder key, value;
    int32_t timestamp, headers, header_list, topic; /* columns of the batch; -1: not written */
    sb_pattern *pattern;
    sb_kafka_topic *topics; /* those of the options, or as rows name them */
    int32_t count_topics, capacity_topics;
    sb_log_header *header_at; /* of all messages of the run */
    int32_t count_headers, capacity_headers;
    /* results of encode */
    sb_log_append at[SB_KAFKA_RUN_ROWS];
    int32_t row_of[SB_KAFKA_RUN_ROWS]; /* logical row of the batch */
    int32_t count;
} sb_kafka_messages;

sb_status sb_kafka_messages_open(sb_kafka_messages *m, const sb_kafka_messages_init *init,
                                 sb_error *err);
/* Logical rows [from, to) of the batch, at most SB_KAFKA_RUN_ROWS of them. */
sb_status sb_kafka_messages_encode(sb_kafka_messages *m, const sb_batch *batch, int32_t from,
                                   int32_t to, sb_error *err);
/* Message `from` and those behind it were not sent: round-robin goes on with them. */
void sb_kafka_messages_unsend(sb_kafka_messages *m, int32_t from);
void sb_kafka_messages_close(sb_kafka_messages *m); /* accepts half-open ones */

#endif
