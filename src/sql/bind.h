/*
 * sql/bind.h -- giving names a meaning: syntax tree to logical plan.
 *
 * DESIGN     Everything is bound into the arena of the plan. A scope lists the tables of a FROM
 *            over one relation; aggregates are bound in place as columns behind those of the
 *            relation and taken apart later (bind_agg.c).
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_BIND_H
#define SB_SQL_BIND_H

#include "sql/ast.h"
#include "sql/code.h"
#include "sql/config.h"
#include "sql/rel.h"

#define SB_BIND_VIEWS_MAX 32 /* views inside views */

typedef struct sb_bind_cte {
    struct sb_bind_cte *next;
    const sb_ast_cte *cte;
    struct sb_bind_cte *outer; /* what its own text may refer to */
} sb_bind_cte;

typedef struct sb_binder {
    sb_rel_context rel; /* first: arena, zone, tables, err */
    const sb_catalog *catalog;
    const sb_config *config;
    sb_bind_cte *ctes; /* in force */
    int32_t views;     /* how deep inside views and other texts */
    sb_text *warnings; /* lines; may be NULL */
    /* NULL: the first error ends it. The others are those of the statement. */
    sb_sql_errors *errors;
    /* What INSERT writes: the table of CREATE TABLE AS, while its name still is, for the query,
     * that of the table it replaces. NULL: the one that has the name. */
    const sb_catalog_table *created;
} sb_binder;

/* ---- errors (bind_errors.c) ---- */

/* One of several parts is bound, with `status`. An error is kept with this place, unless it has
 * one, and goes to *failed; then the next part may follow. Not SB_OK: nothing more may be bound. */
sb_status sb_bind_keep(sb_binder *b, sb_status status, int32_t begin, int32_t end,
                       sb_status *failed);
/* All parts are bound: what the whole returns. */
sb_status sb_bind_settle(sb_binder *b, sb_status failed);
/* Not SB_OK: something in the statement has failed, although it could be bound to its end. */
sb_status sb_bind_end(sb_binder *b);

/* For parts in a loop: goes on behind an error. */
#define SB_KEEP(b, expr, ast, failed) \
    SB_TRY(sb_bind_keep((b), (expr), (ast)->begin, (ast)->end, (failed)), (b)->rel.err)

/* ---- scopes ---- */

typedef struct sb_scope_table {
    const char *alias; /* NULL: none */
    int32_t first, count;
    /* of a table that stands in FROM under its own name: may stand before it. NULL: none */
    const char *catalog, *database;
} sb_scope_table;

typedef struct sb_bind_agg { /* an aggregate call met while binding */
    sb_agg_call call;
    sb_expr *arg, *filter, *second; /* over the relation of FROM; NULL: none */
    int32_t begin, end;
} sb_bind_agg;

/* GROUPING SETS: each set is a bit mask over `exprs`, the different expressions of all sets. */
typedef struct sb_bind_sets {
    sb_expr **exprs;
    int32_t count_exprs;
    uint64_t *sets;
    int32_t count;
} sb_bind_sets;

/* A call of GROUPING, GROUPING_ID or GROUP_ID: bound as column SB_BIND_GROUPED + index. */
typedef struct sb_bind_grouped {
    struct sb_bind_grouped *next;
    const char *name;
    sb_expr **args;
    int32_t count, index;
} sb_bind_grouped;

#define SB_BIND_GROUPED (1 << 24)

typedef struct sb_scope {
    const sb_rel *rel; /* NULL: no columns */
    sb_scope_table *tables;
    int32_t count_tables;

    /* When not NULL, aggregates are allowed: they become columns rel->schema.count + i. */
    struct sb_scope_aggs {
        sb_bind_agg *at;
        int32_t count, capacity;
        bool global;          /* no GROUP BY: the group may be empty */
        bool grouped_allowed; /* there is a GROUP BY */
        sb_bind_grouped *grouped;
        int32_t count_grouped;
    } * aggs;

    const char *no_aggs; /* where we are, for the message: "WHERE" */
    bool in_agg;
} sb_scope;

sb_status sb_bind_column(sb_binder *b, const sb_scope *scope, const sb_ast_expr *name,
                         sb_expr **out);
/* The columns a star stands for: indexes into the relation; fields of a ROW as expressions. */
sb_status sb_bind_star(sb_binder *b, const sb_scope *scope, const sb_ast_expr *star, sb_expr ***out,
                       const char ***out_names, int32_t *out_count);
sb_status sb_bind_row_star(sb_binder *b, sb_expr *row, const sb_ast_expr *star, sb_expr ***out,
                           const char ***out_names, int32_t *out_count);

sb_status sb_bind_field(sb_binder *b, sb_expr *row, const sb_ast_name *name, sb_expr **out);

/* ---- expressions ---- */

sb_status sb_bind_expr(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast, sb_expr **out);
sb_status sb_bind_condition(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                            const char *what, sb_expr **out);
sb_status sb_bind_literal(sb_binder *b, const sb_ast_expr *ast, sb_expr **out);
sb_status sb_bind_aggregate(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                            sb_expr **out);
sb_status sb_bind_user_aggregate(sb_binder *b, const sb_scope *scope, const sb_udf *function,
                                 const sb_ast_expr *ast, sb_expr **out);
/* Adds the aggregate, of which kind, distinct, arg and filter are set; its column. */
sb_status sb_bind_agg_column(sb_binder *b, const sb_scope *scope, sb_bind_agg *agg, sb_expr **out);
/* Kinds behind M2 (bind_collect.c): `arg` is bound and may change; sets the rest and the type. */
sb_status sb_bind_collecting(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                             sb_bind_agg *agg);
bool sb_bind_is_grouping(const char *name); /* GROUPING, GROUPING_ID, GROUP_ID */
sb_status sb_bind_grouping_call(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                                sb_expr **out);
bool sb_bind_is_variance(const char *name); /* STDDEV_POP and such */
/* `type`: of the result. */
sb_status sb_bind_variance(sb_binder *b, const sb_scope *scope, const char *name,
                           const sb_bind_agg *call, const sb_type *type, sb_expr **out);
/* What only the front end can check of a call: arguments that are time attributes, places. */
sb_status sb_bind_call_check(sb_binder *b, const sb_scope *scope, const sb_ast_expr *ast,
                             sb_expr *const *args);
sb_status sb_bind_call_unknown(sb_binder *b, const sb_ast_expr *ast, sb_status status);
/* A constant interval of days to seconds, in milliseconds. */
sb_status sb_bind_duration(sb_binder *b, const sb_ast_expr *ast, const char *what, int64_t *out_ms);

/* ---- queries ---- */

sb_status sb_bind_query(sb_binder *b, const sb_ast_query *query, sb_rel **out);
sb_status sb_bind_select(sb_binder *b, const sb_ast_query *query, sb_rel **out);
sb_status sb_bind_values(sb_binder *b, const sb_ast_query *query, sb_rel **out);
sb_status sb_bind_one_row(sb_binder *b, sb_rel **out); /* SELECT without FROM */
sb_status sb_bind_from(sb_binder *b, const sb_ast_from *from, sb_scope *out);
sb_status sb_bind_window(sb_binder *b, const sb_ast_from *from, sb_rel **out);
sb_status sb_bind_table(sb_binder *b, const sb_ast_path *path, const sb_options *hints,
                        sb_rel **out);
/* Asks the connector about a table as source or as sink (the other is NULL). Each option that it
 * refuses is an error. */
sb_status sb_bind_ask(sb_binder *b, const sb_table_desc *desc, const sb_ast_path *path,
                      sb_source_info *source, sb_sink_info *sink);
/* The same for a table that is in no catalogue. */
sb_status sb_bind_entry(sb_binder *b, const sb_catalog_table *entry, const sb_ast_path *path,
                        const sb_options *hints, sb_rel **out);
/* FROM 'x.csv': columns are guessed. *out_name: what columns are qualified with. */
sb_status sb_bind_file(sb_binder *b, const sb_ast_path *path, const sb_options *hints, sb_rel **out,
                       const char **out_name);
/* The table that a file would be; it is in no catalogue. */
sb_status sb_bind_file_entry(sb_binder *b, const sb_ast_path *path, sb_catalog_table **out);
/* A table as sink: its description, copied. */
sb_status sb_bind_table_desc(sb_binder *b, const sb_catalog_table *table, const sb_options *hints,
                             sb_table_desc *out, int32_t *out_columns);
/* GROUP BY, HAVING, DISTINCT: `items` are bound over rel + aggregates; replaced by expressions over
 * *rel. sets: over the expressions of GROUP BY; one that has all of them: no GROUPING SETS. */
sb_status sb_bind_grouping(sb_binder *b, sb_scope *scope, const sb_bind_sets *sets, sb_expr **items,
                           int32_t count_items, sb_expr **having, sb_rel **rel);
/* The sets of GROUP BY; their expressions are bound over the scope. */
sb_status sb_bind_group_sets(sb_binder *b, const sb_scope *scope, const sb_ast_query *query,
                             sb_bind_sets *out);
/* A call of GROUPING and its kin over the column that holds the number of the set. place: for
 * errors. */
sb_status sb_bind_grouped_expr(sb_binder *b, const sb_bind_grouped *grouped,
                               const sb_bind_sets *sets, int32_t set_column, const sb_expr *place,
                               sb_expr **out);
/* An item of ORDER BY that is a number or a name of the select list: its place there; -1: it is an
 * expression. */
sb_status sb_bind_order_item(sb_binder *b, const sb_ast_expr *item, const char *const *names,
                             int32_t count, int32_t *out);
/* ORDER BY columns at[..], OFFSET, LIMIT over *rel, of which the first `visible` columns stay. */
sb_status sb_bind_sort(sb_binder *b, const sb_ast_query *query, const int32_t *at, int32_t visible,
                       sb_rel **rel);
/* The same where items can only use the columns of *rel: behind UNION, VALUES ... */
sb_status sb_bind_tail(sb_binder *b, const sb_ast_query *query, sb_rel **rel);
/* left JOIN UNNEST(...) */
sb_status sb_bind_unnest_join(sb_binder *b, const sb_ast_from *join, sb_scope *out);
sb_status sb_bind_unnest(sb_binder *b, const sb_scope *left, const sb_ast_from *from, bool outer,
                         sb_scope *out);
sb_status sb_bind_distinct(sb_binder *b, sb_rel *input, sb_rel **out);
/* INSERT: the query with the columns of the table in its order, cast. */
sb_status sb_bind_insert(sb_binder *b, const sb_ast_insert *insert, sb_rel **out);
sb_status sb_bind_collect(sb_binder *b, const sb_ast_query *query, sb_rel **out);

/* ---- definitions ---- */

/* CREATE TABLE without AS: columns, watermark, keys into a new entry. */
sb_status sb_bind_create_table(sb_binder *b, const sb_ast_create_table *ast, const char *text,
                               sb_catalog_table *out);

#endif
