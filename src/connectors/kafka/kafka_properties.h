/*
 * connectors/kafka/kafka_properties.h -- properties of clients: the names of Java's client and of
 * librdkafka, as librdkafka wants them.
 *
 * DESIGN     One table (kafka_properties.def), one row for each property that is known: taken as it
 *            is, under another name, translated by a function, set by the engine itself, ignored
 *            with a note, or refused with what to write instead. What the table does not have goes
 *            to the library as it is: a newer one may know it. docs/kafka-properties.md is made
 *            from the table.
 * THREADS    T:any.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_PROPERTIES_H
#define SB_CONNECTORS_KAFKA_KAFKA_PROPERTIES_H

#include "base/arena.h"
#include "base/text.h"
#include "ports/log.h"

enum { /* which clients a property is for: librdkafka warns of others */
       SB_KAFKA_FOR_CONSUMER = 1,
       SB_KAFKA_FOR_PRODUCER = 2,
       SB_KAFKA_FOR_BOTH = 3
};

typedef struct sb_kafka_native { /* a property of librdkafka */
    const char *key, *value;
    const char *written; /* as the user named it */
    uint8_t clients;
    bool optional; /* an older library may not know it: that is a note, no error */
} sb_kafka_native;

/* Can this property be given at all? Errors name it, and what to write instead. */
sb_status sb_kafka_property_check(const sb_log_property *property, sb_error *err);

/* All properties of a log, in the arena. Notes are said once for each that has no effect. */
sb_status sb_kafka_properties_translate(const sb_log_config *config, sb_arena *arena,
                                        sb_kafka_native **out, int32_t *out_count, sb_error *err);

/* The known name nearest to one that nobody knows; NULL: none is near. */
const char *sb_kafka_property_near(const char *name);

#endif
