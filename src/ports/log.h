/*
 * ports/log.h -- a partitioned log with transactions, as Apache Kafka is one: what sources, sinks
 * and the decision of checkpoints need of it, and no more.
 *
 * DESIGN     A *driver* makes the difference between a real cluster (connectors/kafka, librdkafka)
 *            and the simulated one (log_sim.c): sb_os says which (sb_log_driver_of). A *log* is a
 *            cluster seen with one set of client properties; opening it talks to nobody. Consumers
 *            and producers are opened from it. Calls that talk to the cluster block, with a
 *            deadline of their own, and say T:io; the others return at once.
 *            Offsets: a consumer never uses the cluster's idea of a position; it begins where it is
 *            told, and says where it is. Transactions: none is ever resumed. fence() ends those
 *            that an earlier owner of the name has left open, and forbids it to go on.
 * ERRORS     CONFLICT: the producer was fenced: another one has its name, or its transaction took
 *            longer than its timeout. TIMEOUT after commit: nobody knows whether it was committed.
 *            NOT_FOUND: no such topic or partition. INVALID: a property. IO: the rest; `retriable`
 *            where trying again can help. Messages name cluster and topic.
 * OWNERSHIP  Who opens closes. A log outlives its consumers and producers.
 * THREADS    T:any for a log; one thread at a time for a consumer; append, delivered: T:any,
 *            several threads at a time; other calls of a producer: one at a time.
 */
#ifndef SB_PORTS_LOG_H
#define SB_PORTS_LOG_H

#include "base/arena.h"
#include "base/os/os.h"

typedef struct sb_log_driver sb_log_driver;

typedef struct sb_log { /* drivers derive from it */
    const sb_log_driver *driver;
} sb_log;

typedef struct sb_log_consumer {
    const sb_log_driver *driver;
} sb_log_consumer;

typedef struct sb_log_producer {
    const sb_log_driver *driver;
} sb_log_producer;

/* --- the cluster --- */

typedef struct sb_log_property {
    const char *key, *value;
} sb_log_property;

typedef struct sb_log_config {
    sb_mem *mem;
    sb_os *os;
    /* As users write them behind "properties.": names of the Java client and of librdkafka. */
    const sb_log_property *properties;
    int32_t count;
    /* Where the lines go that a client has to say; may be NULL. T:any, several threads at a time */
    void (*note)(void *ctx, bool warning, const char *line);
    void *ctx;
} sb_log_config;

typedef struct sb_log_topic {
    const char *name;
    int32_t partitions;
} sb_log_topic;

/* A place in a partition. */
typedef struct sb_log_place {
    const char *topic;
    int32_t partition;
    int64_t offset;       /* SB_LOG_NO_OFFSET: none */
    int64_t timestamp_ms; /* asked for (SB_LOG_AT_TIME) */
    const char *metadata; /* of a committed offset: text without zero bytes; NULL: none */
} sb_log_place;

#define SB_LOG_NO_OFFSET (-1)

typedef enum sb_log_bound {
    SB_LOG_EARLIEST, /* the first record that is there */
    SB_LOG_LATEST,   /* behind the last record, open transactions included (high watermark) */
    SB_LOG_STABLE,   /* behind the last record that read_committed sees (last stable offset) */
    SB_LOG_AT_TIME   /* first record at or after timestamp_ms; NO_OFFSET: there is none */
} sb_log_bound;

/* --- reading --- */

typedef struct sb_log_consumer_options {
    bool uncommitted;         /* sees records of transactions that are open or were aborted */
    bool timestamps, headers; /* fill these in records */
    /* Bytes of records of one partition that may wait to be polled; 0: the driver's choice. */
    int64_t queue_bytes;
    /* NULL, or: records may have come for a partition that had none. T:any */
    void (*wake)(void *ctx);
    void *ctx;
} sb_log_consumer_options;

typedef enum sb_log_time_type {
    SB_LOG_NO_TIME,
    SB_LOG_CREATE_TIME,
    SB_LOG_APPEND_TIME
} sb_log_time_type;

typedef struct sb_log_record {
    int64_t offset;
    int64_t timestamp_ms;
    int32_t leader_epoch; /* -1: unknown */
    uint8_t time_type;    /* sb_log_time_type */
    sb_str key, value;    /* data NULL: null */
    const void *native;   /* the driver's; for sb_log_header */
} sb_log_record;

typedef struct sb_log_records { /* of one partition, in order of offset */
    sb_log_record *at;
    int32_t count;
    /* Offset of what comes next: what lies between it and the last record (aborted records, marks
     * of transactions) has been passed. Begins as the offset of consume(). */
    int64_t next_offset;
    int64_t end_offset; /* of the partition, as the last fetch knew it; NO_OFFSET: unknown */
    bool at_end;        /* nothing lies behind next_offset for now */
    void *native;
} sb_log_records;

/* --- writing --- */

typedef struct sb_log_producer_options {
    const char *transactional_id; /* NULL: no transactions */
    int64_t transaction_timeout_ms;
    /* NULL, or: there is room again after append took less than all. T:any */
    void (*wake)(void *ctx);
    void *ctx;
} sb_log_producer_options;

typedef struct sb_log_header {
    sb_str key, value; /* value.data NULL: null */
} sb_log_header;

typedef struct sb_log_append {
    const char *topic;
    int32_t partition; /* -1: by the hash of the key as the Java client does it; without key: any */
    sb_str key, value; /* data NULL: null */
    int64_t timestamp_ms; /* -1: now */
    int32_t count_headers;
    const sb_log_header *headers;
} sb_log_append;

struct sb_log_driver {
    const char *name;
    /* Checks the properties, loads the library. */
    sb_status (*open)(const sb_log_config *config, sb_log **out, sb_error *err);
    void (*close)(sb_log *log);
    /* Topics with their partitions. names NULL: all but internal ones; else these: NOT_FOUND names
     * the first that is not there. T:io */
    sb_status (*topics)(sb_log *log, const char *const *names, int32_t count_names, sb_arena *arena,
                        sb_log_topic **out, int32_t *out_count, sb_error *err);
    /* Fills the offsets of places. T:io */
    sb_status (*bounds)(sb_log *log, sb_log_bound bound, sb_log_place *places, int32_t count,
                        sb_error *err);
    /* What the group has committed. stable: waits until no transaction that would change it is
     * open; else says what counts now. Metadata goes into the arena. T:io */
    sb_status (*committed)(sb_log *log, const char *group, bool stable, sb_arena *arena,
                           sb_log_place *places, int32_t count, sb_error *err);
    /* Commits offsets of the group, outside of transactions. T:io */
    sb_status (*commit_offsets)(sb_log *log, const char *group, const sb_log_place *places,
                                int32_t count, sb_error *err);
    /* The same without waiting for it. A commit that failed is told to `note`: only who watches the
     * group misses it. close waits a moment for what is under way. */
    sb_status (*commit_offsets_later)(sb_log *log, const char *group, const sb_log_place *places,
                                      int32_t count, sb_error *err);

    sb_status (*consumer_open)(sb_log *log, const sb_log_consumer_options *options,
                               sb_log_consumer **out, sb_error *err);
    void (*consumer_close)(sb_log_consumer *c);
    /* Reads a partition from here on; out_handle names it. */
    sb_status (*consume)(sb_log_consumer *c, const char *topic, int32_t partition, int64_t offset,
                         int32_t *out_handle, sb_error *err);
    void (*unconsume)(sb_log_consumer *c, int32_t handle);
    /* Up to `limit` next records of the partition; count 0: none now. What it gives is valid until
     * release, which comes before the next poll of the same consumer. NOT_FOUND: the offset is not
     * there any more (expired), or the partition is gone. */
    sb_status (*poll)(sb_log_consumer *c, int32_t handle, int32_t limit, sb_log_records *out,
                      sb_error *err);
    void (*release)(sb_log_consumer *c, sb_log_records *records);
    /* Header `index` of a record; false: it has no more. */
    bool (*header)(const sb_log_record *record, int32_t index, sb_log_header *out);

    sb_status (*producer_open)(sb_log *log, const sb_log_producer_options *options,
                               sb_log_producer **out, sb_error *err);
    /* What was not delivered is dropped; an open transaction stays open until it is fenced or
     * times out: abort first. */
    void (*producer_close)(sb_log_producer *p);
    /* Copies records into the queue: *out_taken of them; fewer than all: the queue is full. A
     * delivery that failed since comes back as an error, once. T:any */
    sb_status (*append)(sb_log_producer *p, const sb_log_append *records, int32_t count,
                        int32_t *out_taken, sb_error *err);
    /* Is all delivered? Does not wait; if not, `wake` is called when it is worth asking again. */
    bool (*delivered)(sb_log_producer *p);
    /* Until all is delivered; the first delivery that failed is the error. T:io */
    sb_status (*flush)(sb_log_producer *p, sb_error *err);
    /* Once, first: earlier owners of the transactional id cannot commit any more. T:io */
    sb_status (*fence)(sb_log_producer *p, sb_error *err);
    sb_status (*begin)(sb_log_producer *p, sb_error *err);
    /* Offsets of a group that become its committed ones with the transaction. T:io */
    sb_status (*send_offsets)(sb_log_producer *p, const char *group, const sb_log_place *places,
                              int32_t count, sb_error *err);
    /* After flush: records that are not delivered yet may be lost. *out_tired: committed, but the
     * producer must not begin another transaction (a late copy of the request could end it). T:io
     */
    sb_status (*commit)(sb_log_producer *p, bool *out_tired, sb_error *err);
    sb_status (*abort)(sb_log_producer *p, sb_error *err); /* T:io */
};

/* The simulated cluster of this sb_os, or `real`. */
static inline const sb_log_driver *
sb_log_driver_of(const sb_os *os, const sb_log_driver *real)
{
    return os->log_driver ? os->log_driver : real;
}

#endif
