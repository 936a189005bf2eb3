/*
 * connectors/checksum/checksum.h -- the connector 'checksum'.
 */
#ifndef SB_CONNECTORS_CHECKSUM_CHECKSUM_H
#define SB_CONNECTORS_CHECKSUM_CHECKSUM_H

#include "flow/connector.h"

extern const sb_connector sb_connector_checksum;

#endif
