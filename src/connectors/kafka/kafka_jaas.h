/*
 * connectors/kafka/kafka_jaas.h -- sasl.jaas.config: what Java's client has for user and password.
 *
 * DESIGN     "module required name=value name="value" ...;". Values may be quoted, with
 *            backslashes. Only one entry, as Kafka has it. Login modules of Kafka itself (Plain,
 *            Scram, OAuthBearer) and Kerberos are known; other modules are classes nobody here can
 *            load.
 * THREADS    T:any.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_JAAS_H
#define SB_CONNECTORS_KAFKA_KAFKA_JAAS_H

#include "base/arena.h"
#include "base/status.h"

#define SB_KAFKA_JAAS_MAX 8

typedef struct sb_kafka_jaas { /* properties of librdkafka */
    int count;
    const char *keys[SB_KAFKA_JAAS_MAX], *values[SB_KAFKA_JAAS_MAX]; /* in the arena, or static */
} sb_kafka_jaas;

/* Errors do not repeat the text: there are passwords in it. */
sb_status sb_kafka_jaas_read(const char *text, sb_arena *arena, sb_kafka_jaas *out, sb_error *err);

#endif
