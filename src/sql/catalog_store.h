/*
 * sql/catalog_store.h -- where a catalog keeps its definitions, as sql sees it.
 *
 * DESIGN     Definitions are kept as the text of their CREATE statements, so what is read back goes
 *            through the same checks as what is typed. The engine makes stores (connector_info.h);
 *            sql only calls them. A database has the kind DATABASE, an empty place and its own
 *            name.
 * OWNERSHIP  strings given to a store are copied; those it gives out live during the call.
 * THREADS    the session's thread
 */
#ifndef SB_SQL_CATALOG_STORE_H
#define SB_SQL_CATALOG_STORE_H

#include "base/status.h"

typedef enum sb_stored_kind {
    SB_STORED_DATABASE,
    SB_STORED_TABLE,
    SB_STORED_VIEW,
    SB_STORED_FUNCTION
} sb_stored_kind;

typedef struct sb_stored {
    sb_stored_kind kind;
    const char *database, *name;
    const char *text; /* the CREATE statement, its name without catalog and database */
    /* VIEW: where the names of its query are looked up; catalog "": the one it is kept in. */
    const char *base_catalog, *base_database;
} sb_stored;

typedef struct sb_catalog_store {
    /* Calls `each` for every definition, in the order they were put. */
    sb_status (*load)(struct sb_catalog_store *self,
                      sb_status (*each)(void *ctx, const sb_stored *stored, sb_error *err),
                      void *ctx, sb_error *err);
    sb_status (*put)(struct sb_catalog_store *self, const sb_stored *stored, sb_error *err);
    sb_status (*remove)(struct sb_catalog_store *self, sb_stored_kind kind, const char *database,
                        const char *name, sb_error *err);
    void (*close)(struct sb_catalog_store *self);
} sb_catalog_store;

#endif
