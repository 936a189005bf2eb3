/*
 * sql/table_draft.h -- a table definition as pieces of text: for SHOW CREATE TABLE, ALTER TABLE and
 * CREATE TABLE LIKE.
 *
 * DESIGN     ALTER takes the definition of a table apart, changes pieces, prints it as CREATE TABLE
 *            and has that parsed and bound like any other, so nothing can be altered into what
 *            could not be created.
 * OWNERSHIP  the arena given in
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_TABLE_DRAFT_H
#define SB_SQL_TABLE_DRAFT_H

#include "sql/catalog.h"

typedef struct sb_draft_column {
    const char *name;
    const char *text; /* what stands behind the name */
    sb_ast_column_kind kind;
} sb_draft_column;

typedef struct sb_table_draft {
    sb_arena *arena;
    sb_draft_column *columns;
    int32_t count, capacity;
    const char *watermark_column, *watermark; /* NULL: none */
    const char **keys, **partition;
    int32_t count_keys, count_partition;
    const char *constraint;   /* of the keys; NULL: none */
    const char *comment;      /* NULL: none */
    const char *distribution; /* NULL: none */
    sb_options options;
} sb_table_draft;

sb_status sb_draft_of_table(sb_arena *arena, const sb_catalog_table *table, sb_table_draft *out,
                            sb_error *err);
/* CREATE [TEMPORARY] TABLE name ( ... ) ...: `name` is written as it is. */
void sb_draft_print(const sb_table_draft *draft, bool temporary, const char *name, sb_text *out);
int32_t sb_draft_find(const sb_table_draft *draft, const char *name); /* -1: none */
/* Puts a column in at a place; the others move up. */
sb_status sb_draft_insert(sb_table_draft *draft, int32_t at, const sb_draft_column *column,
                          sb_error *err);
void sb_draft_remove(sb_table_draft *draft, int32_t at);
/* A column, key and watermark as an element of a statement says. `text`: of the statement. */
sb_status sb_draft_column_of(sb_table_draft *draft, const sb_ast_column *column, const char *text,
                             sb_draft_column *out, sb_error *err);
sb_status sb_draft_set_keys(sb_table_draft *draft, const sb_ast_create_table *from, sb_error *err);
sb_status sb_draft_set_watermark(sb_table_draft *draft, const sb_ast_create_table *from,
                                 const char *text, sb_error *err);
sb_status sb_draft_set_distribution(sb_table_draft *draft, const sb_ast_distribution *from,
                                    sb_error *err);
sb_status sb_draft_set_option(sb_table_draft *draft, const char *key, const char *value,
                              sb_error *err); /* value NULL: taken away */
/* "BY HASH(`a`) INTO 4 BUCKETS" */
void sb_draft_print_distribution(const sb_ast_distribution *distribution, sb_text *out);

#endif
