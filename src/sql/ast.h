/*
 * sql/ast.h -- the syntax tree: what the text says, before any name has a meaning.
 *
 * DESIGN     Plain structs in the script's arena. Every node knows its bytes [begin, end) of the
 *            text. All of Flink's grammar gets here; what sabot cannot do is refused by
 *            refuse.c before a name is looked up.
 * OWNERSHIP  the script's arena. Names are zero-terminated copies.
 * THREADS    immutable once parsed: T:any
 */
#ifndef SB_SQL_AST_H
#define SB_SQL_AST_H

#include "columnar/type.h"
#include "plan/plan.h"
#include "sql/code.h"

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

struct sb_ast_query;
struct sb_ast_window;
struct sb_ast_expr;

typedef struct sb_ast_order { /* a or a DESC NULLS LAST, of an ORDER BY */
    struct sb_ast_expr *expr;
    bool desc, asc; /* asc: the word is there */
    bool nulls_first, nulls_last;
} sb_ast_order;

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
    SB_AST_AGGREGATE, /* name, args, distinct, star, filter, order, over */
    SB_AST_CASE,      /* args: operand or NULL, then when/then pairs, then else or NULL */
    SB_AST_CAST,      /* args[0], type, try_cast, type_begin, type_end */
    SB_AST_FIELD,     /* args[0] . name */
    SB_AST_ROW_STAR,  /* args[0] . * ; select lists only */
    SB_AST_SUBQUERY,  /* query: one value; name ARRAY, MULTISET or MAP: all its rows */
    SB_AST_EXISTS,    /* query */
    SB_AST_IN_QUERY,  /* args[0] IN query; NOT IN is a call of NOT around it */
    /* args[0] name ALL | SOME ( query or args[1], ... ): name is the comparison, distinct: ALL */
    SB_AST_QUANTIFIED
} sb_ast_expr_kind;

typedef struct sb_ast_expr {
    sb_ast_expr_kind kind;
    int32_t begin, end;
    int32_t depth;    /* of the tree below, bounded by the parser */
    const char *name; /* CALL, AGGREGATE, FIELD, QUANTIFIED */
    sb_str text;      /* literals */
    uint8_t token;    /* NUMBER: sb_token_kind */
    bool boolean, negative, distinct, star, try_cast;
    uint8_t unit_from, unit_to;   /* INTERVAL: sb_unit; CAST to an interval: unit_from */
    sb_type type;                 /* CAST, TEMPORAL */
    int32_t type_begin, type_end; /* CAST: where the type is written */
    sb_ast_path path;             /* NAME, STAR */
    int32_t count_args;
    struct sb_ast_expr **args;
    struct sb_ast_expr *filter; /* AGGREGATE: FILTER (WHERE ...) */
    struct sb_ast_query *query; /* SUBQUERY, EXISTS, IN_QUERY, QUANTIFIED */
    int32_t count_order;        /* AGGREGATE: ORDER BY inside the call or WITHIN GROUP */
    sb_ast_order *order;
    bool within_group;
    bool ignore_nulls, respect_nulls;
    bool bracketed;             /* stands in round brackets of its own */
    struct sb_ast_window *over; /* CALL, AGGREGATE: OVER w, OVER ( ... ); NULL: none */
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

/* ---- windows of OVER and WINDOW ---- */

typedef enum sb_ast_bound_kind {
    SB_AST_BOUND_NONE,
    SB_AST_BOUND_UNBOUNDED_PRECEDING,
    SB_AST_BOUND_PRECEDING, /* offset */
    SB_AST_BOUND_CURRENT_ROW,
    SB_AST_BOUND_FOLLOWING, /* offset */
    SB_AST_BOUND_UNBOUNDED_FOLLOWING
} sb_ast_bound_kind;

typedef struct sb_ast_bound {
    sb_ast_bound_kind kind;
    sb_ast_expr *offset;
} sb_ast_bound;

typedef enum sb_ast_frame { SB_AST_FRAME_NONE, SB_AST_FRAME_ROWS, SB_AST_FRAME_RANGE } sb_ast_frame;

/* OVER name: only `base`. OVER ( [base] PARTITION BY .. ORDER BY .. ROWS BETWEEN .. AND .. ):
 * bracketed. WINDOW name AS ( ... ): name too. */
typedef struct sb_ast_window {
    int32_t begin, end;
    sb_ast_name name; /* text NULL: none */
    sb_ast_name base; /* text NULL: none */
    bool bracketed;
    int32_t count_partition;
    sb_ast_expr **partition;
    int32_t count_order;
    sb_ast_order *order;
    sb_ast_frame frame;
    sb_ast_bound from, to; /* to.kind NONE: written without BETWEEN */
    bool allow_partial, disallow_partial;
} sb_ast_window;

/* ---- hints ---- */

typedef struct sb_ast_hint { /* NAME, NAME(a, b), NAME('k' = 'v') */
    sb_ast_name name;
    int32_t count;
    sb_ast_name *keys;   /* names, strings (quoted) and numbers as written */
    const char **values; /* NULL: plain argument */
    bool *quoted;        /* was the key a string? */
} sb_ast_hint;

/* ---- queries ---- */

typedef enum sb_ast_from_kind {
    SB_AST_FROM_TABLE,    /* path, hints, system_time */
    SB_AST_FROM_QUERY,    /* query */
    SB_AST_FROM_WINDOW,   /* left (input), window, time, size, slide, offset, partition */
    SB_AST_FROM_JOIN,     /* left, right, join, condition | columns (USING) | natural */
    SB_AST_FROM_FUNCTION, /* path, args: TABLE(f(...)) */
    SB_AST_FROM_UNNEST,   /* exprs, ordinality */
    SB_AST_FROM_MATCH,    /* left MATCH_RECOGNIZE ( match ) */
    SB_AST_FROM_PIVOT     /* left PIVOT or UNPIVOT ( ... ): only its place is kept */
} sb_ast_from_kind;

typedef enum sb_ast_join {
    SB_AST_JOIN_INNER,
    SB_AST_JOIN_LEFT,
    SB_AST_JOIN_RIGHT,
    SB_AST_JOIN_FULL,
    SB_AST_JOIN_CROSS, /* CROSS JOIN */
    SB_AST_JOIN_COMMA  /* a, b */
} sb_ast_join;

typedef enum sb_ast_tvf {
    SB_AST_TVF_TUMBLE,
    SB_AST_TVF_HOP,
    SB_AST_TVF_CUMULATE, /* slide is the step */
    SB_AST_TVF_SESSION   /* size is the gap */
} sb_ast_tvf;

struct sb_ast_from;

typedef enum sb_ast_arg_kind {
    SB_AST_ARG_EXPR,
    SB_AST_ARG_TABLE, /* table: a table or a query; partition, order */
    SB_AST_ARG_DESCRIPTOR,
    SB_AST_ARG_MODEL,
    SB_AST_ARG_DEFAULT
} sb_ast_arg_kind;

typedef struct sb_ast_arg { /* of a table function */
    sb_ast_arg_kind kind;
    int32_t begin, end;
    sb_ast_name name; /* name => ...; text NULL: by position */
    sb_ast_expr *expr;
    struct sb_ast_from *table;
    int32_t count_partition;
    sb_ast_expr **partition;
    int32_t count_order;
    sb_ast_order *order;
    int32_t count_columns; /* DESCRIPTOR */
    sb_ast_name *columns;
    sb_ast_path path; /* MODEL */
} sb_ast_arg;

typedef struct sb_ast_sample { /* TABLESAMPLE */
    sb_ast_name method;        /* BERNOULLI, SYSTEM or SUBSTITUTE */
    sb_ast_expr *percent;      /* SUBSTITUTE: a string */
    sb_ast_expr *seed;         /* REPEATABLE ( ); NULL: none */
} sb_ast_sample;

/* ---- MATCH_RECOGNIZE ---- */

typedef enum sb_ast_pattern_kind {
    SB_AST_PATTERN_VARIABLE, /* name */
    SB_AST_PATTERN_SEQUENCE, /* parts one after another */
    SB_AST_PATTERN_CHOICE,   /* parts | ... */
    SB_AST_PATTERN_REPEAT,   /* parts[0] low to high times; high -1: no limit */
    SB_AST_PATTERN_EXCLUDE,  /* {- parts[0] -} */
    SB_AST_PATTERN_PERMUTE
} sb_ast_pattern_kind;

typedef struct sb_ast_pattern {
    sb_ast_pattern_kind kind;
    int32_t begin, end;
    sb_ast_name name;
    int32_t count;
    struct sb_ast_pattern **parts;
    int32_t low, high;
    bool reluctant;
} sb_ast_pattern;

typedef enum sb_ast_skip {
    SB_AST_SKIP_NONE, /* no AFTER MATCH clause */
    SB_AST_SKIP_NEXT_ROW,
    SB_AST_SKIP_PAST_LAST_ROW,
    SB_AST_SKIP_TO_FIRST, /* skip_to */
    SB_AST_SKIP_TO_LAST,  /* skip_to */
    SB_AST_SKIP_TO        /* skip_to */
} sb_ast_skip;

typedef struct sb_ast_subset {
    sb_ast_name name;
    int32_t count;
    sb_ast_name *parts;
} sb_ast_subset;

struct sb_ast_item;

typedef struct sb_ast_match {
    int32_t begin, end;
    int32_t count_partition;
    sb_ast_expr **partition;
    int32_t count_order;
    sb_ast_order *order;
    int32_t count_measures;
    struct sb_ast_item *measures; /* alias always there */
    bool one_row, all_rows;       /* ONE ROW PER MATCH, ALL ROWS PER MATCH; none: not written */
    sb_ast_skip skip;
    sb_ast_name skip_to;
    bool strict_start, strict_end; /* ^ and $ */
    sb_ast_pattern *pattern;
    sb_ast_expr *within; /* an interval; NULL: none */
    int32_t count_subsets;
    sb_ast_subset *subsets;
    int32_t count_defines;
    struct sb_ast_item *defines; /* alias AS expr */
} sb_ast_match;

typedef struct sb_ast_from {
    sb_ast_from_kind kind;
    int32_t begin, end;
    sb_ast_name alias;     /* text NULL: none */
    int32_t count_columns; /* alias (a, b, c); JOIN: USING (a, b) */
    sb_ast_name *columns;
    sb_ast_path path;
    bool is_file;     /* TABLE: 'x.csv', the only part of the path */
    sb_options hints; /* OPTIONS('k' = 'v') */
    int32_t count_other_hints;
    sb_ast_hint *other_hints; /* all but OPTIONS */
    struct sb_ast_query *query;
    struct sb_ast_from *left, *right; /* JOIN; WINDOW, MATCH, PIVOT: left is the input */
    sb_ast_expr *condition;
    sb_ast_join join;
    bool natural;
    bool lateral;      /* QUERY, FUNCTION, UNNEST */
    bool bracketed;    /* JOIN: stands in brackets */
    bool bare;         /* WINDOW, FUNCTION: without TABLE( ) around it */
    sb_ast_tvf window; /* WINDOW */
    bool named;        /* WINDOW: arguments by name */
    sb_ast_name time;
    sb_ast_expr *size, *slide, *offset; /* offset may be NULL */
    sb_ast_expr *only_on_update;        /* CUMULATE: EMITONLYONUPDATE; may be NULL */
    int32_t count_partition;            /* WINDOW: TABLE t PARTITION BY ... */
    sb_ast_expr **partition;
    int32_t count_args; /* FUNCTION */
    sb_ast_arg *args;
    int32_t count_exprs; /* UNNEST */
    sb_ast_expr **exprs;
    bool ordinality;
    sb_ast_expr *system_time; /* FOR SYSTEM_TIME AS OF; NULL: none */
    sb_ast_sample *sample;    /* NULL: none */
    bool sample_last;         /* it stands behind the alias */
    sb_ast_match *match;
    int32_t body_begin, body_end; /* PIVOT: from its word to its closing bracket */
    int32_t word_begin, word_end; /* of LEFT JOIN, MATCH_RECOGNIZE, FOR SYSTEM_TIME, LATERAL ... */
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

typedef enum sb_ast_query_kind {
    SB_AST_SELECT,
    SB_AST_UNION, /* left, right, all */
    SB_AST_VALUES,
    SB_AST_INTERSECT,   /* left, right, all */
    SB_AST_EXCEPT,      /* left, right, all; also MINUS */
    SB_AST_TABLE_QUERY, /* from: TABLE t */
    SB_AST_NESTED       /* ( left ), which has an ORDER BY, LIMIT or WITH of its own */
} sb_ast_query_kind;

typedef enum sb_ast_group_kind {
    SB_AST_GROUP_EXPR,   /* exprs[0] */
    SB_AST_GROUP_LIST,   /* ( exprs ), may be empty */
    SB_AST_GROUP_SETS,   /* GROUPING SETS ( parts ) */
    SB_AST_GROUP_ROLLUP, /* ROLLUP ( parts ) */
    SB_AST_GROUP_CUBE    /* CUBE ( parts ) */
} sb_ast_group_kind;

typedef struct sb_ast_group {
    sb_ast_group_kind kind;
    int32_t begin, end;
    int32_t count_exprs;
    sb_ast_expr **exprs;
    int32_t count;
    struct sb_ast_group **parts;
} sb_ast_group;

typedef struct sb_ast_query {
    sb_ast_query_kind kind;
    int32_t begin, end;
    int32_t count_ctes;
    sb_ast_cte *ctes; /* WITH in front of this query */
    bool recursive;
    /* SELECT */
    bool distinct;
    int32_t count_hints; /* behind SELECT */
    sb_ast_hint *hints;
    int32_t count_items;
    sb_ast_item *items;
    sb_ast_from *from; /* NULL: one row without columns */
    sb_ast_expr *where;
    bool has_group, group_distinct; /* GROUP BY is there, maybe GROUP BY () */
    int32_t count_group;            /* plain expressions only; else count_group_sets > 0 */
    sb_ast_expr **group;
    int32_t count_group_sets; /* all elements of a GROUP BY of which not all are plain */
    sb_ast_group **group_sets;
    sb_ast_expr *having;
    int32_t count_windows; /* WINDOW w AS ( ... ) */
    sb_ast_window **windows;
    sb_ast_expr *qualify;
    /* UNION, INTERSECT, EXCEPT, NESTED */
    bool all;
    struct sb_ast_query *left, *right;
    int32_t word_begin, word_end; /* of UNION and such */
    /* VALUES: rows of equal length */
    int32_t count_rows, count_columns;
    sb_ast_expr ***rows;
    /* behind any of them */
    int32_t count_order;
    sb_ast_order *order;
    bool limit_all; /* LIMIT ALL */
    bool fetch;     /* limit was written as FETCH FIRST n ROWS ONLY */
    sb_ast_expr *limit, *offset;
    int32_t limit_begin, offset_begin; /* of the words LIMIT or FETCH, OFFSET */
    int32_t tail_begin, tail_end;      /* ORDER BY ... to the end; 0, 0: none */
} sb_ast_query;

/* ---- statements ---- */

typedef enum sb_ast_column_kind {
    SB_AST_COLUMN_PHYSICAL,
    SB_AST_COLUMN_COMPUTED,
    SB_AST_COLUMN_METADATA,
    SB_AST_COLUMN_NAME /* only its name: CREATE TABLE t (a, b) AS ... */
} sb_ast_column_kind;

typedef struct sb_ast_column {
    sb_ast_column_kind kind;
    sb_ast_name name;
    sb_type type; /* PHYSICAL, METADATA */
    int32_t type_begin, type_end;
    sb_ast_expr *expr;            /* COMPUTED */
    const char *metadata_key;     /* METADATA: NULL: the name */
    bool is_virtual, primary_key; /* primary_key: written at the column */
    sb_ast_name constraint;       /* primary_key: its name; text NULL: none */
    const char *comment;
    bool first;        /* ALTER TABLE: FIRST */
    sb_ast_path after; /* ALTER TABLE: AFTER x; count 0: none */
    sb_ast_path path;  /* ALTER TABLE: a nested column; count 0: just name */
} sb_ast_column;

typedef enum sb_ast_merge { SB_AST_INCLUDING, SB_AST_EXCLUDING, SB_AST_OVERWRITING } sb_ast_merge;

typedef enum sb_ast_feature {
    SB_AST_FEATURE_ALL,
    SB_AST_FEATURE_CONSTRAINTS,
    SB_AST_FEATURE_DISTRIBUTION,
    SB_AST_FEATURE_GENERATED,
    SB_AST_FEATURE_METADATA,
    SB_AST_FEATURE_OPTIONS,
    SB_AST_FEATURE_PARTITIONS,
    SB_AST_FEATURE_WATERMARKS
} sb_ast_feature;

typedef struct sb_ast_like_option {
    sb_ast_merge merge;
    sb_ast_feature feature;
    int32_t begin, end;
} sb_ast_like_option;

typedef struct sb_ast_distribution { /* DISTRIBUTED ... */
    bool is_set;
    int32_t begin, end;
    const char *kind; /* "HASH", "RANGE"; NULL: not said */
    int32_t count_columns;
    sb_ast_name *columns;
    int64_t buckets; /* INTO n BUCKETS; 0: not said */
} sb_ast_distribution;

typedef enum sb_ast_refresh {
    SB_AST_REFRESH_NONE,
    SB_AST_REFRESH_FULL,
    SB_AST_REFRESH_CONTINUOUS
} sb_ast_refresh;

/* CREATE TABLE; the columns and keys of ALTER TABLE ADD and MODIFY; a materialized table. */
typedef struct sb_ast_create_table {
    sb_ast_path name;
    bool temporary, if_not_exists;
    bool or_replace; /* CREATE OR REPLACE TABLE; materialized: CREATE OR ALTER */
    bool replace;    /* REPLACE TABLE */
    bool materialized;
    bool has_elements; /* ( ... ) was there */
    int32_t count_columns;
    sb_ast_column *columns;
    sb_ast_name watermark_column; /* text NULL: none */
    sb_ast_path watermark_path;   /* of a nested field: count above 1 */
    sb_ast_expr *watermark;
    int32_t watermark_begin;
    int32_t count_keys;
    sb_ast_name *keys;
    int32_t keys_begin;     /* PRIMARY KEY as an element of its own; -1: at a column */
    sb_ast_name constraint; /* of the keys; text NULL: none */
    bool unique;            /* UNIQUE instead of PRIMARY KEY */
    bool enforced;          /* ENFORCED, or nothing said */
    int32_t enforced_begin, enforced_end;
    sb_ast_distribution distribution;
    int32_t count_partition;
    sb_ast_name *partition;
    const char *comment;
    sb_options options;
    bool has_options;
    sb_ast_path like; /* count 0: none */
    int32_t count_like;
    sb_ast_like_option *like_options;
    sb_ast_expr *freshness; /* materialized: an interval; NULL: none */
    sb_ast_refresh refresh;
    const char *start_mode;   /* "FROM_NOW" and such; NULL: not said */
    sb_ast_expr *start_value; /* FROM_NOW(x); NULL: none */
    sb_ast_query *query;      /* AS SELECT; NULL: none */
} sb_ast_create_table;

typedef struct sb_ast_partition { /* PARTITION (a = 1, b) */
    int32_t begin, end;
    int32_t count;
    sb_ast_name *names;
    sb_ast_expr **values; /* NULL: only the name */
    sb_options options;   /* ALTER TABLE ADD PARTITION ... WITH ( ) */
} sb_ast_partition;

typedef enum sb_ast_conflict {
    SB_AST_CONFLICT_NONE,
    SB_AST_CONFLICT_ERROR,
    SB_AST_CONFLICT_NOTHING,
    SB_AST_CONFLICT_DEDUPLICATE
} sb_ast_conflict;

typedef struct sb_ast_insert {
    sb_ast_path table;
    sb_options hints;
    int32_t count_columns; /* (a, b): 0: all */
    sb_ast_name *columns;
    sb_ast_query *query;
    int32_t begin, end;
    int32_t count_other_hints;
    sb_ast_hint *other_hints; /* all but OPTIONS */
    bool upsert, overwrite;
    sb_ast_partition *partition; /* NULL: none */
    bool partition_last;         /* it stands behind the columns */
    sb_ast_conflict conflict;
    int32_t conflict_begin;
} sb_ast_insert;

typedef enum sb_ast_statement_kind {
    SB_AST_QUERY,
    SB_AST_INSERT,
    SB_AST_STATEMENT_SET,
    SB_AST_CREATE_TABLE, /* also a materialized table */
    SB_AST_CREATE_VIEW,
    SB_AST_CREATE_OBJECT, /* catalog, database, function, model, connection */
    SB_AST_ALTER,
    SB_AST_DROP,
    SB_AST_SET,
    SB_AST_RESET,
    SB_AST_USE,
    SB_AST_SHOW,
    SB_AST_DESCRIBE,
    SB_AST_EXPLAIN,
    SB_AST_UPDATE,         /* name, columns = assigned, exprs; where */
    SB_AST_DELETE,         /* name; where */
    SB_AST_TRUNCATE,       /* name */
    SB_AST_ANALYZE,        /* name, partition, columns, all_columns */
    SB_AST_CALL_PROCEDURE, /* called */
    SB_AST_LOAD,           /* MODULE name WITH options */
    SB_AST_UNLOAD,         /* MODULE name */
    SB_AST_ADD_JAR,        /* text */
    SB_AST_REMOVE_JAR,
    SB_AST_COMPILE_PLAN, /* text, if_exists, explained, and_execute */
    SB_AST_EXECUTE_PLAN, /* text */
    SB_AST_STOP_JOB,     /* text, with_savepoint, with_drain */
    SB_AST_CLIENT        /* HELP, CLEAR, QUIT, EXIT: text */
} sb_ast_statement_kind;

typedef enum sb_ast_object {
    SB_AST_OBJECT_TABLE,
    SB_AST_OBJECT_VIEW,
    SB_AST_OBJECT_MATERIALIZED_TABLE,
    SB_AST_OBJECT_CATALOG,
    SB_AST_OBJECT_DATABASE,
    SB_AST_OBJECT_FUNCTION,
    SB_AST_OBJECT_MODEL,
    SB_AST_OBJECT_CONNECTION,
    SB_AST_OBJECT_MODULE,
    SB_AST_OBJECT_PROCEDURE,
    SB_AST_OBJECT_COLUMN,
    SB_AST_OBJECT_PARTITION,
    SB_AST_OBJECT_JAR,
    SB_AST_OBJECT_JOB,
    SB_AST_OBJECT_COUNT
} sb_ast_object;

typedef enum sb_ast_show {
    SB_AST_SHOW_LIST,    /* SHOW TABLES ... : object */
    SB_AST_SHOW_CURRENT, /* SHOW CURRENT CATALOG: object */
    SB_AST_SHOW_CREATE   /* SHOW CREATE TABLE name: object */
} sb_ast_show;

typedef enum sb_ast_alter {
    SB_AST_ALTER_RENAME,        /* to */
    SB_AST_ALTER_SET,           /* options */
    SB_AST_ALTER_RESET,         /* keys */
    SB_AST_ALTER_COMMENT,       /* comment */
    SB_AST_ALTER_AS,            /* query, or a class: text, language */
    SB_AST_ALTER_ADD,           /* table: elements */
    SB_AST_ALTER_MODIFY,        /* table: elements */
    SB_AST_ALTER_RENAME_COLUMN, /* column_path, to */
    SB_AST_ALTER_DROP_COLUMNS,  /* column_paths */
    SB_AST_ALTER_DROP_PRIMARY_KEY,
    SB_AST_ALTER_DROP_CONSTRAINT, /* columns[0] */
    SB_AST_ALTER_DROP_WATERMARK,
    SB_AST_ALTER_DROP_DISTRIBUTION,
    SB_AST_ALTER_ADD_DISTRIBUTION,    /* table->distribution */
    SB_AST_ALTER_MODIFY_DISTRIBUTION, /* table->distribution */
    SB_AST_ALTER_ADD_PARTITIONS,      /* partitions */
    SB_AST_ALTER_DROP_PARTITIONS,     /* partitions */
    SB_AST_ALTER_SUSPEND,
    SB_AST_ALTER_RESUME,      /* options */
    SB_AST_ALTER_REFRESH,     /* partitions: none or one */
    SB_AST_ALTER_FRESHNESS,   /* table->freshness */
    SB_AST_ALTER_REFRESH_MODE /* table->refresh */
} sb_ast_alter;

typedef struct sb_ast_statement {
    sb_ast_statement_kind kind;
    int32_t begin, end;
    sb_ast_query *query;   /* QUERY, CREATE_VIEW, ALTER AS, CREATE MODEL AS */
    int32_t body_begin;    /* CREATE_VIEW, ALTER AS: first byte of the query */
    int32_t count_inserts; /* INSERT (1), STATEMENT_SET */
    sb_ast_insert **inserts;
    bool execute;               /* INSERT, QUERY: with EXECUTE in front */
    bool begin_set;             /* STATEMENT_SET: BEGIN STATEMENT SET; ... END */
    sb_ast_create_table *table; /* CREATE_TABLE, ALTER */
    sb_ast_path name;     /* CREATE_*, ALTER, DROP, DESCRIBE, USE, SHOW CREATE, SHOW .. FROM */
    sb_ast_object object; /* CREATE_OBJECT, ALTER, DROP, SHOW, DESCRIBE, USE */
    bool temporary, is_system, or_replace;
    bool if_exists, is_view; /* if_exists: also IF NOT EXISTS */
    bool cascade, restrict_; /* DROP DATABASE */
    int32_t count_columns;   /* CREATE_VIEW (a, b); see the kinds */
    sb_ast_name *columns;
    const char *comment;
    sb_options options;
    bool has_options;
    const char *key, *value; /* SET, RESET; NULL: all */
    int32_t value_begin, value_end;
    const char *text; /* a string: class name, file, jar, job */
    int32_t text_begin, text_end;
    const char *language;      /* FUNCTION: JAVA, SCALA, PYTHON, SQL, C; NULL: not said */
    const char *resource_kind; /* FUNCTION: USING JAR: "JAR", "ARTIFACT", "FILE" */
    int32_t count_strings;     /* FUNCTION: USING JAR 'a', JAR 'b'; ALTER RESET ('k'); */
    const char **strings;
    int32_t *strings_at;
    /* SHOW */
    sb_ast_show show;
    bool show_user, show_full; /* USER FUNCTIONS, FULL MODULES */
    const char *preposition;   /* "FROM" or "IN"; NULL: none */
    bool not_like, ilike;
    const char *pattern; /* LIKE; NULL: none */
    bool extended;       /* DESCRIBE */
    bool desc;           /* DESC instead of DESCRIBE */
    int32_t count_partitions;
    sb_ast_partition **partitions;
    /* ALTER */
    sb_ast_alter alter;
    sb_ast_path to;
    int32_t count_paths; /* DROP columns; RENAME column */
    sb_ast_path *paths;
    /* MODEL: INPUT ( ) and OUTPUT ( ) */
    int32_t count_inputs, count_outputs;
    sb_ast_column *input, *output;
    /* UPDATE, DELETE, CALL */
    int32_t count_exprs;
    sb_ast_expr **exprs;
    sb_ast_expr *where;
    sb_ast_name alias;   /* UPDATE, DELETE: text NULL: none */
    sb_ast_from *called; /* kind FUNCTION */
    bool all_columns;    /* ANALYZE ... FOR ALL COLUMNS */
    bool with_savepoint, with_drain, and_execute;
    /* EXPLAIN */
    bool explain_plan_for, explain_changelog, explain_json, explain_dot;
    bool explain_cost, explain_advice;
    struct sb_ast_statement *explained; /* EXPLAIN, COMPILE_PLAN */
} sb_ast_statement;

/* ---- parser ---- */

/* Parses a whole script. */
sb_status sb_ast_parse(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
                       int32_t *out_count, sb_error *err);
/* The same, and goes on behind an error at the next statement: statements that parse are given
 * back, errors are added to `errors` (NULL: the first error ends it and is in `err`). */
sb_status sb_ast_parse_all(sb_arena *arena, const char *text, int32_t size, sb_ast_statement ***out,
                           int32_t *out_count, sb_sql_errors *errors, sb_error *err);
const char *sb_ast_object_name(sb_ast_object object); /* "MATERIALIZED TABLE" */
/* Is `name` one of the aggregate functions that Flink has (supported by us or not)? */
bool sb_sql_is_aggregate(const char *name);

#endif
