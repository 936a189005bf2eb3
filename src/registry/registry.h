/*
 * registry/registry.h -- the one place that names all operators and connectors.
 *
 * THREADS    T:any; constant.
 */
#ifndef SB_REGISTRY_REGISTRY_H
#define SB_REGISTRY_REGISTRY_H

#include "flow/connector.h"

struct sb_log_driver;

/* NULL: the kind is no operator (a source or sink). */
const sb_op_vtable *sb_registry_op(sb_node_kind kind);
const sb_connector *sb_registry_connector(const char *name); /* NULL: unknown */
/* In order of their names; NULL behind the last. */
const sb_connector *sb_registry_connector_at(int32_t index);
/* Both of the above, without user functions. */
const sb_factories *sb_registry_factories(void);
/* Of ports/log.h, over real clusters. */
const struct sb_log_driver *sb_registry_log_driver(void);

#endif
