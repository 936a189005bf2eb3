/*
 * connectors/kafka/rd_library.h -- librdkafka, loaded when the first log is opened.
 *
 * DESIGN     Nothing links with it: a job without Kafka needs no Kafka library. The table below
 *            names every function that is used; all of them are in 2.0, the oldest version that is
 *            taken. What came later is optional, and NULL where the library is older.
 * THREADS    T:any
 */
#ifndef SB_CONNECTORS_KAFKA_RD_LIBRARY_H
#define SB_CONNECTORS_KAFKA_RD_LIBRARY_H

#include <librdkafka/rdkafka.h>

#include "base/status.h"

/* X(name): rd_kafka_<name> */
#define SB_RD_FUNCTIONS(X)             \
    X(version)                         \
    X(version_str)                     \
    X(err2str)                         \
    X(err2name)                        \
    X(last_error)                      \
    X(conf_new)                        \
    X(conf_destroy)                    \
    X(conf_set)                        \
    X(conf_set_opaque)                 \
    X(conf_set_log_cb)                 \
    X(conf_set_dr_msg_cb)              \
    X(conf_interceptor_add_on_new)     \
    X(interceptor_add_on_request_sent) \
    X(new)                             \
    X(destroy)                         \
    X(opaque)                          \
    X(poll)                            \
    X(poll_set_consumer)               \
    X(consumer_poll)                   \
    X(fatal_error)                     \
    X(error_code)                      \
    X(error_string)                    \
    X(error_is_fatal)                  \
    X(error_is_retriable)              \
    X(error_txn_requires_abort)        \
    X(error_destroy)                   \
    X(topic_new)                       \
    X(topic_destroy)                   \
    X(topic_name)                      \
    X(metadata)                        \
    X(metadata_destroy)                \
    X(offsets_for_times)               \
    X(query_watermark_offsets)         \
    X(get_watermark_offsets)           \
    X(topic_partition_list_new)        \
    X(topic_partition_list_destroy)    \
    X(topic_partition_list_add)        \
    X(committed)                       \
    X(commit_queue)                    \
    X(queue_new)                       \
    X(queue_destroy)                   \
    X(queue_poll)                      \
    X(queue_get_main)                  \
    X(queue_get_partition)             \
    X(queue_forward)                   \
    X(queue_cb_event_enable)           \
    X(event_type)                      \
    X(event_error)                     \
    X(event_topic_partition_list)      \
    X(event_destroy)                   \
    X(incremental_assign)              \
    X(incremental_unassign)            \
    X(consume_batch_queue)             \
    X(message_destroy)                 \
    X(message_errstr)                  \
    X(message_timestamp)               \
    X(message_headers)                 \
    X(header_get_all)                  \
    X(headers_new)                     \
    X(headers_destroy)                 \
    X(header_add)                      \
    X(produce)                         \
    X(produceva)                       \
    X(flush)                           \
    X(purge)                           \
    X(outq_len)                        \
    X(init_transactions)               \
    X(begin_transaction)               \
    X(send_offsets_to_transaction)     \
    X(commit_transaction)              \
    X(abort_transaction)               \
    X(consumer_group_metadata_new)     \
    X(consumer_group_metadata_destroy)

typedef struct sb_rd {
#define X(name) __typeof__(rd_kafka_##name) *name;
    SB_RD_FUNCTIONS(X)
#undef X
    int32_t (*message_leader_epoch)(const rd_kafka_message_t *message); /* since 2.1 */
} sb_rd;

/* Loads the library once. NOT_FOUND: it is not installed; NOT_SUPPORTED: it is too old. */
sb_status sb_rd_load(const sb_rd **out, sb_error *err);
/* What it loaded: for callbacks of the library. */
const sb_rd *sb_rd_loaded(void);

#endif
