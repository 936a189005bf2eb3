/*
 * connectors/kafka/kafka_testing.h -- for tests: tables over the simulated cluster, and what is in
 * its topics, as text.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_TESTING_H
#define SB_CONNECTORS_KAFKA_KAFKA_TESTING_H

#include "connectors/connectors_testing.h"
#include "ports/log_sim.h"

typedef struct sb_kafka_testing { /* a cluster, and an sb_os whose log it is */
    sb_arena *arena;
    sb_os *os;
    sb_log_sim *sim;
} sb_kafka_testing;

void sb_kafka_testing_open(sb_kafka_testing *t, uint64_t seed);
void sb_kafka_testing_close(sb_kafka_testing *t);

/* A table with topic "t" (if no topic is said), brokers and the options key, value, ..., NULL;
 * `key`: its primary key, columns with ' ' between them, or NULL. */
sb_table_desc *sb_kafka_testing_table(sb_arena *arena, const char *connector, const char *schema,
                                      const char *key, const char *const *pairs);

/* The records of a topic, partition by partition, a line each:
 * "0 key=K value=V @timestamp {header=value}", what is not there left out; "NULL" for a NULL. */
char *sb_kafka_testing_read(sb_kafka_testing *t, const char *topic, bool committed);

#endif
