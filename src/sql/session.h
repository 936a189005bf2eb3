/*
 * sql/session.h -- session, script and result among the files that implement sql/sql.h.
 *
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_SESSION_H
#define SB_SQL_SESSION_H

#include "sql/bind.h"
#include "sql/lower.h"
#include "sql/sql.h"

struct sb_sql_script {
    sb_mem *mem;
    sb_arena *arena;
    char *text; /* in the arena */
    int32_t size, count;
    sb_ast_statement **statements;
};

struct sb_sql_session {
    sb_mem *mem;
    sb_connector_info info;
    sb_catalog catalog;
    sb_config config;
    bool scratch;    /* catalogs that are kept in files are not written */
    bool is_loading; /* a catalog is read from its file: functions are loaded when they are used */
    /* Where the names of a view are looked up while it is read from a store; NULL: as
     * everything. */
    const char *view_catalog, *view_database;
    sb_sql_errors errors; /* of the last statement */
};

struct sb_sql_result {
    sb_mem *mem;
    sb_arena *arena;
    sb_sql_result_kind kind;
    const char *message;
    /* TABLE */
    sb_schema schema;
    int32_t count_rows, capacity_rows;
    const char ***rows;
    /* PLAN */
    sb_plan *plan;
    sb_sql_plan_kind plan_kind;
    bool bounded;
    int32_t count_warnings;
    const char **warnings;
};

/* What executing a statement needs at hand. */
typedef struct sb_execution {
    sb_sql_session *session;
    const sb_sql_script *script;
    sb_sql_result *result;
    sb_text warnings; /* lines */
    sb_error *err;
    sb_sql_errors *errors;           /* all errors of the statement; NULL: only the first */
    const sb_catalog_table *created; /* see sb_binder */
} sb_execution;

/* A binder whose arena is `arena`. */
void sb_execution_binder(sb_execution *x, sb_arena *arena, sb_binder *out);
/* Plans INSERTs or one query (inserts 0). Takes nothing over. */
sb_status sb_execute_plan(sb_execution *x, sb_ast_insert *const *inserts, int32_t count,
                          const sb_ast_query *query, int32_t begin, int32_t end, sb_plan **out);
sb_status sb_execute_create_table(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_create_view(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_alter(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_alter_view(sb_execution *x, const sb_ast_statement *statement,
                                sb_catalog_table *old);
/* CREATE TABLE LIKE: the new entry, not in the catalog yet. */
sb_status sb_execute_like(sb_execution *x, const sb_ast_statement *statement,
                          const sb_catalog_id *id, sb_catalog_table **out);
/* CREATE TABLE AS (execute_create_as.c): the entry; the plan that fills it, before it is in the
 * catalog; the plan of one that is not made. */
sb_status sb_create_as_entry(sb_execution *x, const sb_ast_create_table *ast,
                             sb_catalog_table *table);
sb_status sb_create_as_plan(sb_execution *x, const sb_ast_statement *statement,
                            const sb_catalog_table *table, sb_plan **out);
sb_status sb_explain_create_as(sb_execution *x, const sb_ast_statement *statement, sb_plan **out);
/* Catalogs and databases. */
sb_status sb_execute_create_space(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_alter_space(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_drop_space(sb_execution *x, const sb_ast_statement *statement);
/* Definitions in the store of their catalog, if it has one and the object is not temporary. */
sb_status sb_keep_put(sb_execution *x, const sb_catalog_table *table);
sb_status sb_keep_remove(sb_execution *x, const sb_catalog_table *table);
sb_status sb_keep_put_database(sb_execution *x, const sb_catalog_space *space,
                               const sb_catalog_database *database);
sb_status sb_keep_remove_database(sb_execution *x, const sb_catalog_space *space, const char *name);
/* Opens the file and reads what is in it. */
sb_status sb_keep_open(sb_execution *x, sb_catalog_space *space, const char *path);
/* Partitions: ADD and DROP; SHOW; those of a table that ALTER makes anew. */
sb_status sb_execute_partitions(sb_execution *x, const sb_ast_statement *statement,
                                sb_catalog_table *table);
sb_status sb_execute_show_partitions(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_partitions_copy(sb_execution *x, const sb_catalog_table *from, sb_catalog_table *to);
/* LOAD and UNLOAD MODULE. */
sb_status sb_execute_load(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_use_modules(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_show_modules(sb_execution *x, const sb_ast_statement *statement);
/* Functions. */
sb_status sb_execute_create_function(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_alter_function(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_drop_function(sb_execution *x, const sb_ast_statement *statement);
/* *out_found false: it names a built-in function, or none. */
sb_status sb_describe_user_function(sb_execution *x, const sb_ast_statement *statement,
                                    bool *out_found);
sb_status sb_execute_use(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_drop(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_show(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_describe(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_set(sb_execution *x, const sb_ast_statement *statement);
sb_status sb_execute_reset(sb_execution *x, const sb_ast_statement *statement);

/* Does the LIKE of a SHOW (if it has one) want the name? */
bool sb_show_wanted(const sb_ast_statement *statement, const char *name);

sb_status sb_result_message(sb_execution *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Columns "name" of STRING, or BOOLEAN when the name begins with '?'. */
sb_status sb_result_columns(sb_execution *x, const char *const *names, int32_t count);
/* A copy of the cells. */
sb_status sb_result_row(sb_execution *x, const char *const *cells);

#endif
