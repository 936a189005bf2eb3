/*
 * sql/connector_info.h -- what the planner must know about connectors and formats, asked through
 * callbacks.
 *
 * DESIGN     sql may not include connectors; the engine fills this table from its registry. All
 *            calls are made while a statement is planned, before anything runs. A callback that
 *            refuses fills `err` (unknown connector: NOT_FOUND, unknown or wrong option: INVALID,
 *            wrong column type for the format: SEMANTIC, known but unfinished: NOT_SUPPORTED). It
 *            may leave err->position at -1: the planner then points at the table name in the
 *            statement. When the culprit is an option of the table, set the position of that
 *            sb_option only if it is >= 0.
 * OWNERSHIP  Nothing is handed over; `table` lives during the call only.
 * THREADS    The session's thread.
 */
#ifndef SB_SQL_CONNECTOR_INFO_H
#define SB_SQL_CONNECTOR_INFO_H

#include "plan/nodes.h"

struct sb_catalog_store;
struct sb_udf_library;

typedef struct sb_source_info {
    uint8_t row_ops; /* bit set of sb_row_op that the source may send; 0 is taken as insert-only */
    bool delete_by_key;       /* -D rows may carry only the primary key */
    bool bounded;             /* ends by itself */
    bool supports_projection; /* reads only the columns asked for; if not, it gets all of them and a
                                 Calc narrows */
} sb_source_info;

typedef struct sb_sink_info {
    uint8_t accepts; /* bit set of sb_row_op it can take; 0 is taken as insert-only */
    bool upsert;     /* with a primary key it takes +I +U -D by key and wants no -U (changelog-json,
                        upsert-kafka) */
    bool no_before;  /* takes updates without -U also without a key (blackhole) */
    bool delete_by_key; /* a -D needs the primary key only */
    /* metadata that must be written, since nothing else says it; NULL: none */
    const char *needs_metadata;
} sb_sink_info;

typedef struct sb_connector_info {
    void *ctx;
    /* Validates connector, format and all options of the table as a source. */
    sb_status (*source_info)(void *ctx, const sb_table_desc *table, sb_source_info *out,
                             sb_error *err);
    /* The same as a sink. */
    sb_status (*sink_info)(void *ctx, const sb_table_desc *table, sb_sink_info *out, sb_error *err);
    /* The type the connector gives to a metadata column; NOT_FOUND with a hint that lists the keys.
     * Writing: `for_sink`. The planner casts it to the declared type. */
    sb_status (*metadata)(void *ctx, const sb_table_desc *table, const char *key, bool for_sink,
                          sb_type *out, sb_error *err);
    /* FROM 'path': the CREATE TABLE statement of a table over the file, in the arena. NULL: files
     * cannot be read so. */
    sb_status (*file_table)(void *ctx, const char *path, sb_arena *arena, const char **out_sql,
                            sb_error *err);
    /* Opens the file of a catalog of type 'sqlite'. May be NULL: there is no such type. */
    sb_status (*catalog_open)(void *ctx, const char *path, struct sb_catalog_store **out,
                              sb_error *err);
    /* Where user functions are kept (expr/udf.h). NULL: there are none. */
    struct sb_udf_library *functions;
} sb_connector_info;

#endif
