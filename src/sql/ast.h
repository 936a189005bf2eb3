/*
 * sql/ast.h -- the syntax tree: what the text says, before any name has a meaning.
 *
 * DESIGN     Plain structs in the script's arena. Every node knows its bytes [begin, end) of the
 *            text. Constructs that Flink knows and we do not never get here: the parser answers
 *            "not supported: NAME".
 * OWNERSHIP  the script's arena. Names are zero-terminated copies.
 * THREADS    immutable once parsed: T:any
 */
#ifndef SB_SQL_AST_H
#define SB_SQL_AST_H

#include "columnar/type.h"
#include "plan/plan.h"

typedef struct sb_ast_name { /* one identifier */
    const char *text;
    int32_t begin, end;
} sb_ast_name;

typedef struct sb_ast_path { /* a.b.c */
    int32_t count;
    sb_ast_name *parts;
    int32_t begin, end;
} sb_ast_path;

/* ---- expressions ---- */

typedef enum sb_ast_expr_kind {
    SB_AST_NULL,
    SB_AST_BOOLEAN,   /* boolean */
    SB_AST_NUMBER,    /* text, token: INTEGER, DECIMAL or DOUBLE */
    SB_AST_STRING,    /* text */
    SB_AST_BINARY,    /* text: hexadecimal digits */
    SB_AST_TEMPORAL,  /* type.id DATE, TIME, TIMESTAMP; text */
    SB_AST_INTERVAL,  /* text, unit_from, unit_to, negative */
    SB_AST_NAME,      /* path: column, t.column, column.field ... */
    SB_AST_STAR,      /* path (may be empty): *, t.*, row.* ; select lists only */
    SB_AST_CALL,      /* name, args; also operators and special forms, see expr/expr.h */
    SB_AST_AGGREGATE, /* name, args, distinct, star, filter */
    SB_AST_CASE,      /* args: operand or NULL, then when/then pairs, then else or NULL */
    SB_AST_CAST,      /* args[0], type, try_cast */
    SB_AST_FIELD,     /* args[0] . name */
    SB_AST_ROW_STAR   /* args[0] . * ; select lists only */
} sb_ast_expr_kind;

typedef struct sb_ast_expr {
    sb_ast_expr_kind kind;
    int32_t begin, end;
    int32_t depth;    /* of the tree below, bounded by the parser */
    const char *name; /* CALL, AGGREGATE, FIELD */
    sb_str text;      /* literals */
    uint8_t token;    /* NUMBER: sb_token_kind */
    bool boolean, negative, distinct, star, try_cast;
    uint8_t unit_from, unit_to; /* INTERVAL: sb_unit; CAST to an interval: unit_from */
    sb_type type;               /* CAST, TEMPORAL */
    sb_ast_path path;           /* NAME, STAR */
    int32_t count_args;
    struct sb_ast_expr **args;
    struct sb_ast_expr *filter; /* AGGREGATE: FILTER (WHERE ...) */
} sb_ast_expr;

typedef enum sb_unit {
    SB_UNIT_NONE,
    SB_UNIT_YEAR,
    SB_UNIT_MONTH,
    SB_UNIT_DAY,
    SB_UNIT_HOUR,
    SB_UNIT_MINUTE,
    SB_UNIT_SECOND
} sb_unit;

/* ---- queries ---- */

struct sb_ast_query;

typedef enum sb_ast_from_kind {
    SB_AST_FROM_TABLE,  /* path, hints */
    SB_AST_FROM_QUERY,  /* query */
    SB_AST_FROM_WINDOW, /* input, hop, time, size, slide, offset */
    SB_AST_FROM_JOIN    /* left, right, condition (NULL: cross) */
} sb_ast_from_kind;

typedef struct sb_ast_from {
    sb_ast_from_kind kind;
    int32_t begin, end;
    sb_ast_name alias;     /* text NULL: none */
    int32_t count_columns; /* alias (a, b, c) */
    sb_ast_name *columns;
    sb_ast_path path;
    sb_options hints; /* OPTIONS('k' = 'v') */
    struct sb_ast_query *query;
    struct sb_ast_from *left, *right; /* JOIN; WINDOW: left is the input */
    sb_ast_expr *condition;
    bool hop;
    sb_ast_name time;
    sb_ast_expr *size, *slide, *offset; /* offset may be NULL */
} sb_ast_from;

typedef struct sb_ast_item { /* of a select list */
    sb_ast_expr *expr;
    sb_ast_name alias; /* text NULL: none */
} sb_ast_item;

typedef struct sb_ast_cte {
    sb_ast_name name;
    int32_t count_columns;
    sb_ast_name *columns;
    struct sb_ast_query *query;
} sb_ast_cte;

typedef enum sb_ast_query_kind { SB_AST_SELECT, SB_AST_UNION, SB_AST_VALUES } sb_ast_query_kind;

typedef struct sb_ast_query {
    sb_ast_query_kind kind;
    int32_t begin, end;
    int32_t count_ctes;
    sb_ast_cte *ctes; /* WITH in front of this query */
    /* SELECT */
    bool distinct;
    int32_t count_items;
    sb_ast_item *items;
    sb_ast_from *from; /* NULL: one row without columns */
    sb_ast_expr *where;
    bool has_group; /* GROUP BY is there, maybe GROUP BY () */
    int32_t count_group;
    sb_ast_expr **group;
    sb_ast_expr *having;
    /* UNION */
    bool all;
    struct sb_ast_query *left, *right;
    /* VALUES: rows of equal length */
    int32_t count_rows, count_columns;
    sb_ast_expr ***rows;
} sb_ast_query;

/* ---- statements ---- */

typedef enum sb_ast_column_kind {
    SB_AST_COLUMN_PHYSICAL,
    SB_AST_COLUMN_COMPUTED,
    SB_AST_COLUMN_METADATA
} sb_ast_column_kind;

typedef struct sb_ast_column {
    sb_ast_column_kind kind;
    sb_ast_name name;
    sb_type type; /* PHYSICAL, METADATA */
    int32_t type_begin, type_end;
    sb_ast_expr *expr;        /* COMPUTED */
    const char *metadata_key; /* METADATA: NULL: the name */
    bool is_virtual, primary_key;
    const char *comment;
} sb_ast_column;

typedef struct sb_ast_create_table {
    sb_ast_path name;
    bool temporary, if_not_exists;
    int32_t count_columns;
    sb_ast_column *columns;
    sb_ast_name watermark_column; /* text NULL: none */
    sb_ast_expr *watermark;
    int32_t count_keys;
    sb_ast_name *keys;
    int32_t count_partition;
    sb_ast_name *partition;
    const char *comment;
    sb_options options;
    sb_ast_query *query; /* AS SELECT; NULL: none */
} sb_ast_create_table;

typedef struct sb_ast_insert {
    sb_ast_path table;
    sb_options hints;
    int32_t count_columns; /* (a, b): 0: all */
    sb_ast_name *columns;
    sb_ast_query *query;
    int32_t begin, end;
} sb_ast_insert;

typedef enum sb_ast_statement_kind {
    SB_AST_QUERY,
    SB_AST_INSERT,
    SB_AST_STATEMENT_SET,
    SB_AST_CREATE_TABLE,
    SB_AST_CREATE_VIEW,
    SB_AST_DROP, /* TABLE or VIEW */
    SB_AST_SET,
    SB_AST_RESET,
    SB_AST_USE,
    SB_AST_SHOW,
    SB_AST_DESCRIBE,
    SB_AST_EXPLAIN
} sb_ast_statement_kind;

typedef enum sb_ast_show {
    SB_AST_SHOW_TABLES,
    SB_AST_SHOW_VIEWS,
    SB_AST_SHOW_CATALOGS,
    SB_AST_SHOW_DATABASES,
    SB_AST_SHOW_CURRENT_CATALOG,
    SB_AST_SHOW_CURRENT_DATABASE,
    SB_AST_SHOW_CREATE
} sb_ast_show;

typedef struct sb_ast_statement {
    sb_ast_statement_kind kind;
    int32_t begin, end;
    sb_ast_query *query;   /* QUERY, CREATE_VIEW */
    int32_t body_begin;    /* CREATE_VIEW: first byte of the query, brackets and WITH included */
    int32_t count_inserts; /* INSERT (1), STATEMENT_SET */
    sb_ast_insert **inserts;
    sb_ast_create_table *table;         /* CREATE_TABLE */
    sb_ast_path name;                   /* CREATE_VIEW, DROP, DESCRIBE, USE, SHOW CREATE */
    bool temporary, if_exists, is_view; /* if_exists: also IF NOT EXISTS */
    int32_t count_columns;              /* CREATE_VIEW (a, b) */
    sb_ast_name *columns;
    const char *comment;
    const char *key, *value; /* SET, RESET; NULL: all */
    int32_t value_begin, value_end;
    sb_ast_show show;
    bool use_catalog;
    bool explain_changelog, explain_json, explain_dot;
    struct sb_ast_statement *explained;
} sb_ast_statement;

/* ---- parser ---- */

/* Parses a whole script. */
sb_status sb_ast_parse(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
                       int32_t *out_count, sb_error *err);
/* Is `name` one of the aggregate functions that Flink has (supported by us or not)? */
bool sb_sql_is_aggregate(const char *name);

#endif
