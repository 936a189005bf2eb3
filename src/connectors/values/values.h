/*
 * connectors/values/values.h -- the connector 'values'.
 */
#ifndef SB_CONNECTORS_VALUES_VALUES_H
#define SB_CONNECTORS_VALUES_VALUES_H

#include "flow/connector.h"

extern const sb_connector sb_connector_values;

#endif
