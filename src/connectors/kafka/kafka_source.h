/*
 * connectors/kafka/kafka_source.h -- Kafka as a source: its parts.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_SOURCE_H
#define SB_CONNECTORS_KAFKA_KAFKA_SOURCE_H

#include "connectors/kafka/kafka.h"

/* --- splits: kafka_splits.c --- */

#define SB_KAFKA_NO_STOP (-1)

/* A split's descriptor, as of its discovery. */
typedef struct sb_kafka_partition {
    const char *topic;
    int32_t partition;
    int64_t start;
    int64_t stop;     /* offset of the first record that is not read; NO_STOP */
    int32_t siblings; /* partitions that were known then: memory is shared among them */
} sb_kafka_partition;

/* Topic in the arena. */
sb_status sb_kafka_partition_read(sb_str descriptor, sb_arena *arena, sb_kafka_partition *out,
                                  sb_error *err);
/* Adds the partitions that are not in the list. An empty list is the first discovery: offsets by
 * the startup mode; what is found later starts at its first record, as in Flink. T:io */
sb_status sb_kafka_enumerate(const sb_source_node *node, sb_os *os, sb_mem *mem,
                             int32_t parallelism, sb_split_list *list, sb_error *err);

/* --- dead letters: kafka_letters.c --- */

/* Records that cannot be read, written to a topic of the same cluster: at least once. */
typedef struct sb_kafka_letters {
    const sb_log_driver *driver;
    sb_log *log;
    const char *topic;
    sb_log_producer *producer; /* NULL until the first letter */
    int64_t waiting;           /* written since the last flush */
} sb_kafka_letters;

/* key: it is the key that cannot be read. */
sb_status sb_kafka_letters_add(sb_kafka_letters *l, const char *topic, int32_t partition,
                               const sb_log_record *record, bool key, const char *reason,
                               sb_error *err);
sb_status sb_kafka_letters_flush(sb_kafka_letters *l, sb_error *err);
void sb_kafka_letters_close(sb_kafka_letters *l);

#endif
