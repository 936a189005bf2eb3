/*
 * sql/information_schema.h -- the tables of INFORMATION_SCHEMA, which every catalog has: what is in
 * it, as rows.
 *
 * DESIGN     Such a table is a view whose text holds the rows as VALUES: what the catalog had when
 *            the statement was bound. A database of the same name hides them.
 * OWNERSHIP  all in the caller's arena.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_INFORMATION_SCHEMA_H
#define SB_SQL_INFORMATION_SCHEMA_H

#include "sql/catalog.h"

#define SB_INFORMATION_SCHEMA "INFORMATION_SCHEMA"

/* *out NULL: `path` is not in INFORMATION_SCHEMA. NOT_FOUND: no such table in it. */
sb_status sb_information_find(const sb_catalog *catalog, const sb_ast_path *path, sb_arena *arena,
                              sb_catalog_table **out, sb_error *err);
/* Is it [catalog.]INFORMATION_SCHEMA? */
bool sb_information_is_schema(const sb_catalog *catalog, const sb_ast_path *path);
const char *sb_information_table_at(int32_t index); /* NULL behind the last */

#endif
