/*
 * sql/catalog.h -- catalogs, databases, tables and views of a session.
 *
 * DESIGN     There is always the catalog default_catalog with the database default_database; more
 *            are made by CREATE CATALOG and CREATE DATABASE. A temporary object hides a permanent
 *            one of the same name. An entry lives in an arena of its own and stands alone: column
 *            expressions are bound already (over the entry's declared columns), a view is kept as
 *            text and parsed where it is used.
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
    sb_time_kind time; /* of a view: what the query makes of it */
    const char *comment;
} sb_catalog_column;

typedef struct sb_catalog_partition { /* a value for each column of PARTITIONED BY, as text */
    struct sb_catalog_partition *next;
    int32_t count;
    const char **names, **values; /* in the order in which they were written */
} sb_catalog_partition;

typedef struct sb_catalog_table {
    struct sb_catalog_table *next;
    sb_arena *arena;
    const char *catalog, *database, *name;
    bool is_view, temporary;
    int32_t ordinal;
    int32_t count_columns;
    sb_catalog_column *columns;
    int32_t watermark_column; /* -1: none */
    sb_expr *watermark;       /* over all declared columns */
    const char *watermark_text;
    sb_columns keys;          /* declared columns */
    const char *constraint;   /* name of the primary key; NULL: none */
    const char *distribution; /* "BY HASH(`a`) INTO 4 BUCKETS"; NULL: none */
    sb_columns partition;
    sb_catalog_partition *partitions; /* in order of ALTER TABLE ADD */
    sb_options options;
    const char *comment;
    const char *view_text;                    /* is_view: the query */
    const char *view_catalog, *view_database; /* is_view: where its names are looked up */
} sb_catalog_table;

typedef struct sb_catalog_database {
    struct sb_catalog_database *next;
    const char *name, *comment;
    sb_options options;
} sb_catalog_database;

typedef struct sb_catalog_space { /* one catalog */
    struct sb_catalog_space *next;
    sb_arena *arena; /* of all that is in it; made when needed */
    const char *name, *type, *comment;
    const char *default_database;
    sb_options options;
    sb_catalog_database *databases; /* in order of creation */
    struct sb_catalog_store *store; /* keeps it in a file; NULL: in memory only */
} sb_catalog_space;

typedef struct sb_catalog_function sb_catalog_function; /* sql/user_function.h */

typedef struct sb_catalog {
    sb_mem *mem;
    sb_catalog_space *spaces; /* in order of creation; the first is `builtin` */
    sb_catalog_space builtin;
    sb_catalog_database builtin_database;
    const char *current_catalog, *current_database;
    sb_catalog_table *first; /* in order of creation */
    int32_t next_ordinal;
    sb_catalog_function *functions; /* the newest first */
    bool no_core;                   /* the module of the built-in functions is unloaded */
} sb_catalog;

typedef struct sb_catalog_id { /* of a table or view; strings live as long as path and catalog */
    const char *catalog, *database, *name;
} sb_catalog_id;

void sb_catalog_init(sb_catalog *catalog, sb_mem *mem);
void sb_catalog_deinit(sb_catalog *catalog);
/* t, d.t, c.d.t: what is not said is what is current. NOT_FOUND: no such catalog or database. */
sb_status sb_catalog_resolve(const sb_catalog *catalog, const sb_ast_path *path, sb_catalog_id *out,
                             sb_error *err);
/* d, c.d of a database. */
sb_status sb_catalog_resolve_database(const sb_catalog *catalog, const sb_ast_path *path,
                                      sb_catalog_space **out_space, sb_catalog_database **out,
                                      sb_error *err);
/* The temporary one before the other; NULL: none. */
sb_catalog_table *sb_catalog_find(const sb_catalog *catalog, const sb_catalog_id *id);
sb_catalog_table *sb_catalog_find_kind(const sb_catalog *catalog, const sb_catalog_id *id,
                                       bool temporary);
sb_catalog_space *sb_catalog_find_space(const sb_catalog *catalog, const char *name);
sb_catalog_database *sb_catalog_find_database(const sb_catalog_space *space, const char *name);
/* An entry that is not in the catalog yet; free or add it. */
sb_catalog_table *sb_catalog_table_new(sb_catalog *catalog, const sb_catalog_id *id);
void sb_catalog_table_free(sb_catalog_table *table);
void sb_catalog_add(sb_catalog *catalog, sb_catalog_table *table);
/* `table` takes the place of `old`, which is freed. */
void sb_catalog_replace(sb_catalog *catalog, sb_catalog_table *old, sb_catalog_table *table);
void sb_catalog_drop(sb_catalog *catalog, sb_catalog_table *table);
void sb_catalog_take(sb_catalog *catalog, sb_catalog_table *table); /* out, and not freed */
/* A catalog with its default database; added. */
sb_status sb_catalog_space_new(sb_catalog *catalog, const char *name, const char *type,
                               const char *database, sb_catalog_space **out, sb_error *err);
void sb_catalog_space_drop(sb_catalog *catalog, sb_catalog_space *space); /* with its tables */
sb_status sb_catalog_database_new(sb_catalog *catalog, sb_catalog_space *space, const char *name,
                                  sb_catalog_database **out, sb_error *err);
void sb_catalog_database_drop(sb_catalog *catalog, sb_catalog_space *space,
                              sb_catalog_database *database);
/* Copies into the arena of the space. */
sb_status sb_catalog_set_options(sb_catalog *catalog, sb_catalog_space *space,
                                 const sb_options *add, const char *const *reset,
                                 int32_t count_reset, sb_options *options, sb_error *err);
const char *sb_catalog_copy(sb_catalog *catalog, sb_catalog_space *space, const char *text);
/* PK_a_b: what a primary key without a name is called. NULL: out of memory. */
const char *sb_catalog_constraint(sb_arena *arena, const sb_catalog_table *table);
/* Table not found, with a guess. */
sb_status sb_catalog_unknown(const sb_catalog *catalog, const sb_catalog_id *id, int32_t begin,
                             int32_t end, sb_error *err);

/* The nearest of `names` to `name` for "did you mean"; NULL: none is near. */
const char *sb_sql_nearest(const char *name, const char *const *names, int32_t count);

#endif
