/*
 * flow/connector.h -- how connectors and operators are found: one row each in the registry.
 */
#ifndef SB_FLOW_CONNECTOR_H
#define SB_FLOW_CONNECTOR_H

#include "flow/sink.h"
#include "flow/source.h"

typedef struct sb_source_facts { /* what the planner must know of a table as source */
    uint8_t row_ops;             /* bits of sb_row_op that rows may carry */
    bool delete_by_key;
    bool bounded;
    bool replayable;
} sb_source_facts;

typedef struct sb_sink_facts {
    /* kinds it can take: insert-only sinks take SB_ROWS_INSERT; the planner refuses what they
     * cannot */
    uint8_t row_ops;
    bool upsert;                /* with a primary key it wants upserts (no -U) */
    bool transactional;         /* rows appear with the decided checkpoint */
    bool loses;                 /* nobody waits for an acknowledgement: rows can be lost */
    const char *needs_metadata; /* a metadata column that INSERT must write; NULL: none */
} sb_sink_facts;

/* An option of a connector or format, for checks ("unknown option", did you mean) and
 * documentation. */
typedef struct sb_option_spec {
    const char *key;
    const char *type;          /* "string", "int", "bool", "duration", "memory", "enum:a|b" */
    const char *default_value; /* NULL: none */
    const char *text;
} sb_option_spec;

typedef struct sb_connector {
    const char *name;
    const sb_source_vtable *source; /* NULL: not a source */
    const sb_sink_vtable *sink;     /* NULL: not a sink */
    /* ends with key NULL; format options are checked through the format */
    const sb_option_spec *options;
    /* Checks options and says what the table is; position of a bad option goes into err. NULL
     * where source / sink is NULL. */
    sb_status (*source_facts)(const sb_table_desc *table, sb_source_facts *out, sb_error *err);
    sb_status (*sink_facts)(const sb_table_desc *table, sb_sink_facts *out, sb_error *err);
    /* Metadata column `key` that can be read or, for_sink, written: its type; NOT_FOUND with the
     * list of keys. Children of the type are static or belong to the table. NULL: has none. */
    sb_status (*metadata)(const sb_table_desc *table, const char *key, bool for_sink, sb_type *out,
                          sb_error *err);
} sb_connector;

/* Where the runtime finds code for plan nodes. */
typedef struct sb_factories {
    const sb_op_vtable *(*op)(sb_node_kind kind);       /* NULL: not an operator (SOURCE, SINK) */
    const sb_connector *(*connector)(const char *name); /* NULL: unknown */
    const struct sb_user_functions *users;
} sb_factories;

#endif
