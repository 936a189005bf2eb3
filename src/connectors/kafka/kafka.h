/*
 * connectors/kafka/kafka.h -- the connectors 'kafka' and 'upsert-kafka'.
 */
#ifndef SB_CONNECTORS_KAFKA_KAFKA_H
#define SB_CONNECTORS_KAFKA_KAFKA_H

#include "connectors/kafka/kafka_options.h"

extern const sb_source_vtable sb_kafka_source;
extern const sb_sink_vtable sb_kafka_sink;

extern const sb_connector sb_connector_kafka;
extern const sb_connector sb_connector_upsert_kafka;

#endif
