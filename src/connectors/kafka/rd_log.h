/*
 * connectors/kafka/rd_log.h -- the driver of ports/log.h for real clusters, over librdkafka.
 */
#ifndef SB_CONNECTORS_KAFKA_RD_LOG_H
#define SB_CONNECTORS_KAFKA_RD_LOG_H

#include "ports/log.h"

extern const sb_log_driver sb_log_driver_rdkafka;

#endif
