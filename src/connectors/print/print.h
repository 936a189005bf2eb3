/*
 * connectors/print/print.h -- the connector 'print'.
 */
#ifndef SB_CONNECTORS_PRINT_PRINT_H
#define SB_CONNECTORS_PRINT_PRINT_H

#include "flow/connector.h"

extern const sb_connector sb_connector_print;

#endif
