/*
 * connectors/blackhole/blackhole.h -- the connector 'blackhole'.
 */
#ifndef SB_CONNECTORS_BLACKHOLE_BLACKHOLE_H
#define SB_CONNECTORS_BLACKHOLE_BLACKHOLE_H

#include "flow/connector.h"

extern const sb_connector sb_connector_blackhole;

#endif
