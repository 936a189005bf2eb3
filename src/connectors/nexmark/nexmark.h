/*
 * connectors/nexmark/nexmark.h -- the connector 'nexmark'.
 */
#ifndef SB_CONNECTORS_NEXMARK_NEXMARK_H
#define SB_CONNECTORS_NEXMARK_NEXMARK_H

#include "flow/connector.h"

extern const sb_connector sb_connector_nexmark;

#endif
