/*
 * connectors/kafka/kafka_specs.c -- which options the tables of Kafka have.
 */
#include "connectors/kafka/kafka_options.h"

#define TOPICS                                                                                    \
    {"topic", "string", NULL,                                                                     \
     "topic, or several with ';' between them; of a sink with several the metadata column topic " \
     "says which"},                                                                               \
    {                                                                                             \
        "topic-pattern", "string", NULL,                                                          \
            "regular expression that whole names of topics match, in place of topic"              \
    }

#define PROPERTIES                                                                                 \
    {"properties.bootstrap.servers", "string", NULL,                                               \
     "brokers to ask first: host:port, several with ',' between them"},                            \
        {"properties.group.id", "string", NULL, "consumer group whose offsets are read and kept"}, \
    {                                                                                              \
        "properties.#", "string", NULL,                                                            \
            "any other property of the client, by its name in Java or in librdkafka"               \
    }

#define FORMATS                                                                                \
    {"key.format", "string", NULL, "format of keys"},                                          \
        {"value.format", "string", NULL, "format of values"},                                  \
        {"key.fields-prefix", "string", NULL,                                                  \
         "what the names of key columns begin with in the table, and not in the message"},     \
    {                                                                                          \
        "value.fields-include", "enum:ALL|EXCEPT_KEY", "ALL", "are key columns in values too?" \
    }

#define BOUNDS                                                                                     \
    {"scan.bounded.mode", "enum:unbounded|latest-offset|group-offsets|timestamp|specific-offsets", \
     "unbounded", "where reading ends"},                                                           \
        {"scan.bounded.timestamp-millis", "int", NULL, "of mode timestamp: ms since 1970"},        \
        {"scan.bounded.specific-offsets", "string", NULL,                                          \
         "of mode specific-offsets: 'partition:0,offset:42;partition:1,offset:300'"},              \
    {                                                                                              \
        "scan.topic-partition-discovery.interval", "duration", "5 min",                            \
            "look for new partitions and topics this often; 0: never"                              \
    }

#define BAD_RECORDS                                                       \
    {"bad-records", "enum:fail|skip|dead-letter", "fail",                 \
     "what happens to a record that cannot be read"},                     \
    {                                                                     \
        "bad-records.topic", "string", NULL,                              \
            "with dead-letter: topic of the same cluster that they go to" \
    }

#define DELIVERY                                                                                  \
    {"sink.delivery-guarantee", "enum:at-least-once|exactly-once|none", "at-least-once",          \
     "what survives a failure: each row once, each row at least once, or no promise"},            \
        {"sink.transactional-id-prefix", "string", NULL,                                          \
         "of exactly-once: what the names of transactions begin with; one job has it at a time"}, \
    {                                                                                             \
        "sink.transaction-naming-strategy", "enum:INCREMENTING|POOLING", "INCREMENTING",          \
            "accepted; changes nothing: no transaction is ever resumed by its name"               \
    }

const sb_option_spec sb_kafka_option_specs[] = {
    TOPICS,
    PROPERTIES,
    {"format", "string", NULL, "format of values; another name of value.format"},
    FORMATS,
    {"key.fields", "string", NULL, "columns that make the key, with ';' between them"},
    {"scan.startup.mode",
     "enum:group-offsets|earliest-offset|latest-offset|timestamp|specific-offsets", "group-offsets",
     "where reading begins"},
    {"scan.startup.timestamp-millis", "int", NULL, "of mode timestamp: ms since 1970"},
    {"scan.startup.specific-offsets", "string", NULL,
     "of mode specific-offsets: 'partition:0,offset:42;partition:1,offset:300'"},
    BOUNDS,
    BAD_RECORDS,
    {"sink.partitioner", "enum:default|fixed|round-robin", "default",
     "default: by the key, without key any; fixed: one partition for each task; round-robin"},
    DELIVERY,
    {"sink.semantic", "enum:at-least-once|exactly-once|none", NULL,
     "old name of sink.delivery-guarantee"},
    {NULL, NULL, NULL, NULL},
};

const sb_option_spec sb_upsert_kafka_option_specs[] = {
    TOPICS,
    PROPERTIES,
    FORMATS,
    BOUNDS,
    BAD_RECORDS,
    DELIVERY,
    {"sink.buffer-flush.max-rows", "int", "0",
     "keys that wait at most, the last row of each; only together with the interval; 0: none"},
    {"sink.buffer-flush.interval", "duration", "0 s", "how long they wait at most"},
    {NULL, NULL, NULL, NULL},
};
