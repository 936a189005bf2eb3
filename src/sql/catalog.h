/*
 * sql/catalog.h -- tables and views of a session, in memory.
 *
 * DESIGN     One catalog and one database, with Flink's default names. An entry lives in an arena
 *            of its own and stands alone: column expressions are bound already (over the entry's
 *            declared columns), a view is kept as text and parsed where it is used.
 * OWNERSHIP  the catalog owns its entries; a pointer to one is good until it is dropped.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_CATALOG_H
#define SB_SQL_CATALOG_H

#include "sql/ast.h"

#define SB_CATALOG_NAME  "default_catalog"
#define SB_DATABASE_NAME "default_database"

typedef struct sb_catalog_column {
    const char *name;
    sb_type type;
    sb_ast_column_kind kind;
    sb_expr *expr; /* COMPUTED: over all declared columns */
    const char *expr_text;
    const char *metadata_key; /* METADATA */
    bool is_virtual;
    const char *comment;
} sb_catalog_column;

typedef struct sb_catalog_table {
    struct sb_catalog_table *next;
    sb_arena *arena;
    const char *name;
    bool is_view, temporary;
    int32_t ordinal;
    int32_t count_columns;
    sb_catalog_column *columns;
    int32_t watermark_column; /* -1: none */
    sb_expr *watermark;       /* over all declared columns */
    const char *watermark_text;
    sb_columns keys; /* declared columns */
    sb_columns partition;
    sb_options options;
    const char *comment;
    const char *view_text; /* is_view: the query */
} sb_catalog_table;

typedef struct sb_catalog {
    sb_mem *mem;
    sb_catalog_table *first; /* in order of creation */
    int32_t next_ordinal;
} sb_catalog;

void sb_catalog_init(sb_catalog *catalog, sb_mem *mem);
void sb_catalog_deinit(sb_catalog *catalog);
/* t, default_database.t, default_catalog.default_database.t. Other qualifiers: NOT_FOUND. */
sb_status sb_catalog_resolve(const sb_ast_path *path, const char **out_name, sb_error *err);
sb_catalog_table *sb_catalog_find(const sb_catalog *catalog, const char *name); /* NULL: none */
/* An entry that is not in the catalog yet; free or add it. */
sb_catalog_table *sb_catalog_table_new(sb_catalog *catalog, const char *name);
void sb_catalog_table_free(sb_catalog_table *table);
void sb_catalog_add(sb_catalog *catalog, sb_catalog_table *table);
void sb_catalog_drop(sb_catalog *catalog, sb_catalog_table *table);
/* Table not found, with a guess. */
sb_status sb_catalog_unknown(const sb_catalog *catalog, const char *name, int32_t begin,
                             int32_t end, sb_error *err);

/* The nearest of `names` to `name` for "did you mean"; NULL: none is near. */
const char *sb_sql_nearest(const char *name, const char *const *names, int32_t count);

#endif
