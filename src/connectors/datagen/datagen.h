/*
 * connectors/datagen/datagen.h -- the connector 'datagen'.
 */
#ifndef SB_CONNECTORS_DATAGEN_DATAGEN_H
#define SB_CONNECTORS_DATAGEN_DATAGEN_H

#include "flow/connector.h"

extern const sb_connector sb_connector_datagen;

#endif
