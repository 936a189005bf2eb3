/*
 * registry/registry.c -- see registry.h. The rows are in operators.def and connectors.def.
 *
 * THREADS    T:any; constant.
 */
#include "registry/registry.h"

#include <string.h>

#include "connectors/kafka/rd_log.h"
#include "operators/operators.h"

#define X(name) extern const sb_connector sb_connector_##name;
#include "registry/connectors.def"
#undef X

static const sb_connector *const connectors[] = {
#define X(name) &sb_connector_##name,
#include "registry/connectors.def"
#undef X
};

const sb_op_vtable *
sb_registry_op(sb_node_kind kind)
{
    switch (kind) {
#define X(name, vtable)  \
    case SB_NODE_##name: \
        return &vtable;
#include "registry/operators.def"
#undef X
    default: return NULL;
    }
}

const sb_connector *
sb_registry_connector_at(int32_t index)
{
    return index >= 0 && index < (int32_t)(sizeof connectors / sizeof connectors[0])
               ? connectors[index]
               : NULL;
}

const sb_connector *
sb_registry_connector(const char *name)
{
    const sb_connector *one;
    for (int32_t i = 0; (one = sb_registry_connector_at(i)) != NULL; i++) {
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

const sb_factories *
sb_registry_factories(void)
{
    static const sb_factories factories = {.op = sb_registry_op,
                                           .connector = sb_registry_connector};
    return &factories;
}

const struct sb_log_driver *
sb_registry_log_driver(void)
{
    return &sb_log_driver_rdkafka;
}
