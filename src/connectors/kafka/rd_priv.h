/*
 * connectors/kafka/rd_priv.h -- what the files of the driver share.
 *
 * DESIGN     A client is an instance of librdkafka with its threads: one for each kind of question
 *            (readers), one for each group that is asked for, one for each consumer and producer.
 *            Clients of a log have its properties; what the driver relies on is set behind them.
 */
#ifndef SB_CONNECTORS_KAFKA_RD_PRIV_H
#define SB_CONNECTORS_KAFKA_RD_PRIV_H

#include <stdatomic.h>

#include "connectors/kafka/kafka_properties.h"
#include "connectors/kafka/rd_library.h"
#include "ports/log.h"

typedef struct sb_rd_producer sb_rd_producer;
typedef struct sb_rd_group sb_rd_group;

/* What a client's callbacks get. */
typedef struct sb_rd_client {
    struct sb_rd_log *log;
    sb_rd_producer *producer; /* NULL: it reads */
} sb_rd_client;

typedef struct sb_rd_log {
    sb_log base; /* first */
    const sb_rd *rd;
    sb_mem *mem;
    sb_os *os;
    sb_arena *arena;             /* properties */
    sb_kafka_native *properties; /* as librdkafka names them */
    int32_t count;
    const char *brokers; /* for messages */
    int64_t call_ms;     /* longest time a call may take that asks the cluster */
    void (*note)(void *ctx, bool warning, const char *line);
    void *ctx;
    sb_rd_client client;   /* of readers and groups */
    _Atomic bool reached;  /* the cluster has answered */
    sb_mutex *lock;        /* of the rest */
    rd_kafka_t *reader[2]; /* [1]: sees uncommitted records; made when they are needed */
    sb_rd_group *groups;   /* list */
    char trouble[256];     /* the last connection that failed, and why; "": none since the start */
} sb_rd_log;

typedef struct sb_rd_setting { /* of a configuration */
    const char *key, *value;
    bool forced; /* the user cannot change it */
} sb_rd_setting;

static inline sb_rd_log *
sb_rd_log_of(sb_log *log)
{
    return (sb_rd_log *)(void *)log;
}

/* A configuration for these clients (SB_KAFKA_FOR_): settings that are not forced, the user's
 * properties, the forced ones. sb_rd_client_new takes it over; `client` lives as long as what is
 * made of it. */
sb_status sb_rd_conf(sb_rd_log *log, uint8_t clients, sb_rd_client *client,
                     const sb_rd_setting *settings, rd_kafka_conf_t **out, sb_error *err);
/* Takes conf over, also when it fails. */
sb_status sb_rd_client_new(sb_rd_log *log, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                           rd_kafka_t **out, sb_error *err);
const char *sb_rd_property(const sb_rd_log *log, const char *key, const char *otherwise);
int64_t sb_rd_property_i64(const sb_rd_log *log, const char *key, int64_t otherwise);

/* Failures. `doing` says what was tried: "reading the offsets of topic 'x'". */
sb_status sb_rd_fail(sb_rd_log *log, rd_kafka_resp_err_t code, const char *why, const char *doing,
                     sb_error *err);
/* Takes the error over. */
sb_status sb_rd_fail_error(sb_rd_log *log, rd_kafka_error_t *error, const char *doing,
                           sb_error *err);
bool sb_rd_is_fenced(rd_kafka_resp_err_t code);
/* Worth another try before the deadline. */
bool sb_rd_is_passing(rd_kafka_resp_err_t code);
void sb_rd_note(sb_rd_log *log, bool warning, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Deadlines: `left` says how many ms one try may take, 0: none is left. Nobody waits the whole
 * time for a cluster of which no broker could be reached. */
int64_t sb_rd_deadline(const sb_rd_log *log, int64_t ms);
int32_t sb_rd_left(sb_rd_log *log, int64_t deadline_ns, int32_t at_most_ms);

rd_kafka_topic_partition_list_t *sb_rd_places(const sb_rd *rd, const sb_log_place *places,
                                              int32_t count, sb_error *err);

/* rd_query.c */
sb_status sb_rd_topics(sb_log *log, const char *const *names, int32_t count_names, sb_arena *arena,
                       sb_log_topic **out, int32_t *out_count, sb_error *err);
sb_status sb_rd_bounds(sb_log *log, sb_log_bound bound, sb_log_place *places, int32_t count,
                       sb_error *err);
/* rd_group.c */
sb_status sb_rd_committed(sb_log *log, const char *group, bool stable, sb_arena *arena,
                          sb_log_place *places, int32_t count, sb_error *err);
sb_status sb_rd_commit_offsets(sb_log *log, const char *group, const sb_log_place *places,
                               int32_t count, sb_error *err);
sb_status sb_rd_commit_offsets_later(sb_log *log, const char *group, const sb_log_place *places,
                                     int32_t count, sb_error *err);
void sb_rd_groups_close(sb_rd_log *log);
/* rd_consumer.c */
sb_status sb_rd_consumer_open(sb_log *log, const sb_log_consumer_options *options,
                              sb_log_consumer **out, sb_error *err);
void sb_rd_consumer_close(sb_log_consumer *c);
sb_status sb_rd_consume(sb_log_consumer *c, const char *topic, int32_t partition, int64_t offset,
                        int32_t *out_handle, sb_error *err);
void sb_rd_unconsume(sb_log_consumer *c, int32_t handle);
sb_status sb_rd_poll(sb_log_consumer *c, int32_t handle, int32_t limit, sb_log_records *out,
                     sb_error *err);
void sb_rd_release(sb_log_consumer *c, sb_log_records *records);
bool sb_rd_header(const sb_log_record *record, int32_t index, sb_log_header *out);
/* rd_producer.c, rd_transaction.c */
sb_status sb_rd_producer_open(sb_log *log, const sb_log_producer_options *options,
                              sb_log_producer **out, sb_error *err);
void sb_rd_producer_close(sb_log_producer *p);
sb_status sb_rd_append(sb_log_producer *p, const sb_log_append *records, int32_t count,
                       int32_t *out_taken, sb_error *err);
bool sb_rd_delivered(sb_log_producer *p);
sb_status sb_rd_flush(sb_log_producer *p, sb_error *err);
sb_status sb_rd_fence(sb_log_producer *p, sb_error *err);
sb_status sb_rd_begin(sb_log_producer *p, sb_error *err);
sb_status sb_rd_send_offsets(sb_log_producer *p, const char *group, const sb_log_place *places,
                             int32_t count, sb_error *err);
sb_status sb_rd_commit(sb_log_producer *p, bool *out_tired, sb_error *err);
sb_status sb_rd_abort(sb_log_producer *p, sb_error *err);

#endif
