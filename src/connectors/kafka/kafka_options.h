/*
 * connectors/kafka/kafka_options.h -- the options of a table of 'kafka' or 'upsert-kafka', read and
 * checked.
 *
 * DESIGN     Everything that source, sink, decider and planner want to know of a table stands in
 *            one struct, so that a rule is checked in one place. Reading talks to nobody and needs
 *            no library. A message has up to two parts, key and value; each is a format with its
 *            own view of the table: the columns it carries, under the names it knows them by.
 * OWNERSHIP  All is in the arena; strings are in it or belong to the table, which outlives it.
 * THREADS    T:any; the result is read-only.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_OPTIONS_H
#define SB_CONNECTORS_KAFKA_KAFKA_OPTIONS_H

#include "connectors/options.h"
#include "ports/log.h"

#define SB_KAFKA_TOPIC_MAX 249 /* bytes of a topic's name */

/* Which rules hold: those of a table that is read, or of one that is written. */
typedef enum sb_kafka_side { SB_KAFKA_SOURCE, SB_KAFKA_SINK } sb_kafka_side;

typedef enum sb_kafka_start { /* scan.startup.mode; upsert-kafka: always EARLIEST */
                              SB_KAFKA_START_GROUP,
                              SB_KAFKA_START_EARLIEST,
                              SB_KAFKA_START_LATEST,
                              SB_KAFKA_START_TIME,
                              SB_KAFKA_START_OFFSETS
} sb_kafka_start;

typedef enum sb_kafka_stop { /* scan.bounded.mode */
                             SB_KAFKA_STOP_NEVER,
                             SB_KAFKA_STOP_LATEST,
                             SB_KAFKA_STOP_GROUP,
                             SB_KAFKA_STOP_TIME,
                             SB_KAFKA_STOP_OFFSETS
} sb_kafka_stop;

/* Where a partition begins that the group has committed nothing for
 * (properties.auto.offset.reset). */
typedef enum sb_kafka_reset {
    SB_KAFKA_RESET_NONE, /* it is an error */
    SB_KAFKA_RESET_EARLIEST,
    SB_KAFKA_RESET_LATEST
} sb_kafka_reset;

typedef enum sb_kafka_guarantee {
    SB_KAFKA_AT_LEAST_ONCE,
    SB_KAFKA_EXACTLY_ONCE,
    SB_KAFKA_NO_GUARANTEE
} sb_kafka_guarantee;

typedef enum sb_kafka_partitioner {
    SB_KAFKA_PARTITIONER_DEFAULT,
    SB_KAFKA_PARTITIONER_FIXED,
    SB_KAFKA_PARTITIONER_ROUND_ROBIN
} sb_kafka_partitioner;

typedef struct sb_kafka_offset { /* of specific-offsets */
    int32_t partition;
    int64_t offset;
} sb_kafka_offset;

typedef struct sb_kafka_offsets { /* ascending by partition, each once */
    int32_t count;
    const sb_kafka_offset *at;
} sb_kafka_offsets;

/* The key or the value of a message. */
typedef struct sb_kafka_part {
    const sb_format *format; /* NULL: there is no such part (key) */
    /* The table as the format sees it: the columns below, without the prefix of keys; options
     * behind "key.json." or the like. */
    sb_format_table table;
    sb_format_bridge bridge;
    sb_format_options plain; /* the options as they are written */
    /* What a schema registry has the schema under if the option `subject` is not set: "TOPIC-key"
     * or "TOPIC-value" of a table with one topic; else NULL. */
    const char *subject;
    sb_columns columns; /* which of the table's physical columns they are */
} sb_kafka_part;

typedef struct sb_kafka_options {
    bool upsert; /* 'upsert-kafka' */
    /* topic: a list (source: read all; sink: the metadata column `topic` must name one of them, if
     * there are several), or NULL with topic-pattern. */
    int32_t count_topics;
    const char *const *topics;
    const char *pattern; /* regular expression of whole names, as sb_pattern reads it */

    int32_t count_properties; /* without "properties." */
    const sb_log_property *properties;
    const char *servers; /* properties.bootstrap.servers, for messages */

    sb_kafka_part key, value;
    sb_format_facts value_facts; /* what the value's format says of this side */

    /* source */
    const char *group; /* properties.group.id; NULL: none, nothing is committed then */
    sb_kafka_start start;
    sb_kafka_reset reset;
    int64_t start_ms; /* START_TIME */
    sb_kafka_offsets start_offsets;
    sb_kafka_stop stop;
    int64_t stop_ms;
    sb_kafka_offsets stop_offsets;
    int64_t discovery_ms; /* scan.topic-partition-discovery.interval; 0: only once */
    bool uncommitted;     /* isolation.level is not read_committed: sees open and aborted records */
    /* of the group after each checkpoint: it has a group and did not say no */
    bool commit_offsets;
    sb_bad_policy bad;     /* bad-records */
    const char *bad_topic; /* bad-records.topic, with DEAD_LETTER; of the same cluster */

    /* sink */
    sb_kafka_guarantee guarantee;
    const char *transactional_id_prefix; /* never NULL with EXACTLY_ONCE */
    int64_t transaction_timeout_ms;      /* properties.transaction.timeout.ms; 0: not said */
    int64_t delivery_timeout_ms;         /* properties.delivery.timeout.ms; 120 s unless said */
    sb_kafka_partitioner partitioner;
    int32_t flush_rows; /* upsert: at most so many keys wait, ... */
    int64_t flush_ms;   /* ... so long; both 0: none waits */
} sb_kafka_options;

/* Errors point at the option. */
sb_status sb_kafka_options_read(const sb_table_desc *table, sb_kafka_side side, sb_arena *arena,
                                const sb_kafka_options **out, sb_error *err);

/* The value of a property as it was written, by the name it was written with; NULL: not set. */
const char *sb_kafka_property(const sb_kafka_options *o, const char *key);

extern const sb_option_spec sb_kafka_option_specs[];
extern const sb_option_spec sb_upsert_kafka_option_specs[];

/* --- metadata columns --- */

typedef enum sb_kafka_metadata {
    SB_KAFKA_META_TOPIC,     /* STRING NOT NULL; written too, unless there is one topic only */
    SB_KAFKA_META_PARTITION, /* INT NOT NULL */
    SB_KAFKA_META_HEADERS,   /* MAP<STRING, BYTES> NOT NULL; written too */
    /* ARRAY<ROW<key STRING NOT NULL, value BYTES>> NOT NULL; written too */
    SB_KAFKA_META_HEADER_LIST,
    SB_KAFKA_META_LEADER_EPOCH,   /* INT */
    SB_KAFKA_META_OFFSET,         /* BIGINT NOT NULL */
    SB_KAFKA_META_TIMESTAMP,      /* TIMESTAMP_LTZ(3) NOT NULL; written too */
    SB_KAFKA_META_TIMESTAMP_TYPE, /* STRING NOT NULL */
    SB_KAFKA_META_FORMAT,         /* "value." and the name that the format of the value knows */
    SB_KAFKA_META_NONE            /* unknown */
} sb_kafka_metadata;

#define SB_KAFKA_META_FORMAT_PREFIX "value."

sb_kafka_metadata sb_kafka_metadata_of(const char *key);

#endif
