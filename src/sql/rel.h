/*
 * sql/rel.h -- the logical plan: a tree of relations that the binder builds and the rules rewrite.
 *
 * DESIGN     Few kinds, each close to a plan node. Filters and projections are both CALC. A rule
 *            changes a node's body or inputs and then calls sb_rel_derive, which computes schema,
 *            time attributes and window columns anew from the inputs. After the last rule equal
 *            sub-trees are merged (rule_share.c), so the tree is a graph from there on. Columns
 *            of a JOIN's condition count left columns first, then right ones.
 * OWNERSHIP  the arena of the plan that is being made.
 * THREADS    one thread at a time.
 */
#ifndef SB_SQL_REL_H
#define SB_SQL_REL_H

#include "plan/nodes.h"
#include "sql/catalog.h"
#include "sql/connector_info.h"

#define SB_REL_DEPTH_MAX   1000
#define SB_REL_COUNT_MAX   20000
#define SB_REL_COLUMNS_MAX 4096

typedef enum sb_rule {
    SB_RULE_FOLD,
    SB_RULE_SIMPLIFY,
    SB_RULE_FILTER,
    SB_RULE_MERGE,
    SB_RULE_WINDOW,
    SB_RULE_JOIN,
    SB_RULE_PRUNE,
    SB_RULE_SHARE,
    SB_RULE_SCAN,
    SB_RULE_COUNT
} sb_rule;

/* The rules of thumb of a plan that is being made. */
typedef struct sb_rel_context {
    sb_arena *arena;
    const char *zone;
    const sb_connector_info *info;
    struct sb_rel_table *tables; /* all that are read, newest first */
    int32_t count_tables;
    int32_t count_rels;
    int32_t marks;                /* walks over the graph so far */
    int32_t fired[SB_RULE_COUNT]; /* how often each rule changed something */
    sb_error *err;
} sb_rel_context;

typedef enum sb_rel_kind {
    SB_REL_SCAN,
    SB_REL_CALC,
    SB_REL_UNION,
    SB_REL_AGG,
    SB_REL_WINDOW, /* TUMBLE or HOP table function */
    SB_REL_WINDOW_AGG,
    SB_REL_JOIN,
    SB_REL_WINDOW_JOIN,
    SB_REL_EXPAND, /* GROUPING SETS; its last column is the number of the set */
    SB_REL_UNNEST,
    SB_REL_SORT,      /* ORDER BY, OFFSET, LIMIT */
    SB_REL_NORMALIZE, /* this and below: put in by lowering */
    SB_REL_MATERIALIZE,
    SB_REL_DROP_BEFORE,
    SB_REL_SINK
} sb_rel_kind;

typedef enum sb_rel_prop { SB_PROP_NONE, SB_PROP_START, SB_PROP_END, SB_PROP_TIME } sb_rel_prop;

/* A table as one statement reads it: one per name and hints, shared by all its scans. Columns are
 * all declared ones. */
typedef struct sb_rel_table {
    struct sb_rel_table *next;
    const char *key; /* identity: name and merged options */
    sb_table_desc desc;
    const sb_catalog_table *catalog; /* copied into the arena */
    sb_source_info source;
    sb_type *metadata_types; /* by declared column: what the connector gives (METADATA) */
    bool normalize;          /* a ChangelogNormalize follows */
    uint8_t *used;           /* by declared column, the union over all scans; set by pruning */
    uint64_t *fields;        /* by declared column: fields of ROWs that are read (sb_expr_fields) */
    bool is_values;          /* VALUES and SELECT without FROM */
    int32_t begin, end;      /* first place in the text */
} sb_rel_table;

typedef struct sb_rel {
    sb_rel_kind kind;
    int32_t count_inputs;
    struct sb_rel **inputs;
    sb_schema schema; /* fields are in the arena */
    uint8_t *time;    /* per column: sb_time_kind */
    uint8_t *props;   /* per column: sb_rel_prop; what it belongs to is `window` */
    bool has_window;
    sb_window_spec window; /* WINDOW, WINDOW_AGG; else of the props */
    int32_t begin, end;    /* in the text, -1: none */
    int32_t depth;
    sb_rel_table *table;   /* SCAN */
    sb_expr *condition;    /* CALC, NORMALIZE: over the input; JOIN: over both inputs, later the
                              residual. NULL: none */
    sb_expr **exprs;       /* CALC */
    const char **names;    /* CALC, AGG (of aggregates; may be NULL) */
    sb_columns keys;       /* AGG, WINDOW_AGG, NORMALIZE, MATERIALIZE; JOIN: of the left side;
                              EXPAND: columns that some set lacks; SORT: what it sorts by */
    sb_columns right_keys; /* JOIN */
    const bool *null_safe; /* JOIN */
    bool keys_done;        /* JOIN: keys have been taken out of the condition */
    int32_t count_aggs;    /* AGG, WINDOW_AGG */
    sb_agg_call *aggs;
    int32_t time_column;              /* WINDOW, WINDOW_AGG (not attached) */
    bool attached;                    /* WINDOW_AGG */
    int32_t start_column, end_column; /* WINDOW_AGG attached; WINDOW_JOIN left side */
    int32_t right_start, right_end;   /* WINDOW_JOIN */
    int32_t count_properties;         /* WINDOW_AGG */
    const sb_window_property *properties;
    sb_columns upsert_key;  /* MATERIALIZE */
    sb_column_sets sets;    /* EXPAND */
    const bool *descending; /* SORT: per key */
    int64_t offset, limit;  /* SORT; limit -1: none */
    int32_t column;         /* UNNEST: the collection */
    bool outer, ordinality; /* UNNEST */
    const sb_udf *function; /* UNNEST by a table function: `column` is the ROW of its arguments */
    int32_t count_args;
    const sb_schema *result; /* what it gives */
    /* SINK */
    const sb_table_desc *sink;
    const sb_schema *sink_columns; /* its physical columns, then the metadata that is written */
    int32_t count_sink_metadata;
    const sb_metadata_column *sink_metadata;
    sb_sink_info sink_info;
    bool collect;
    int32_t sink_parallelism;
    /* lowering */
    int32_t mark; /* of walks over the graph */
    int32_t count_consumers;
    uint8_t row_ops;
    bool delete_by_key;
    bool after_ok;         /* it can leave out -U */
    bool need_before;      /* some consumer needs -U */
    bool need_full_delete; /* some consumer needs whole rows in -D */
    sb_column_sets upsert_keys;
    sb_columns partition;
    bool has_partition;
    int32_t parallelism;
    uint32_t node_id;
    sb_plan_node *node;
} sb_rel;

/* ---- making; NULL: out of memory, or (with err) too deep ---- */
sb_status sb_rel_new(sb_rel_context *ctx, sb_rel_kind kind, sb_rel *const *inputs,
                     int32_t count_inputs, sb_rel **out);
/* Schema, time attributes and window columns from inputs and body. */
sb_status sb_rel_derive(sb_rel_context *ctx, sb_rel *rel);
/* CALC; exprs and names are taken over. condition may be NULL. */
sb_status sb_rel_calc(sb_rel_context *ctx, sb_rel *input, sb_expr *condition, sb_expr **exprs,
                      const char **names, int32_t count, sb_rel **out);
/* All columns of a relation as expressions, with their names, and room for `more` behind them. */
sb_status sb_rel_columns(sb_rel_context *ctx, const sb_rel *rel, int32_t more, sb_expr ***out_exprs,
                         const char ***out_names);
/* CALC with all columns of the input as they are. */
sb_status sb_rel_filter(sb_rel_context *ctx, sb_rel *input, sb_expr *condition, sb_rel **out);
/* CALC that keeps the given columns. */
sb_status sb_rel_select(sb_rel_context *ctx, sb_rel *input, const int32_t *columns, int32_t count,
                        sb_rel **out);

/* Names made different: a, a0, a1. In place. */
sb_status sb_rel_unique_names(sb_arena *arena, const char **names, int32_t count);
/* The column of the window property; -1: none. */
int32_t sb_rel_find_prop(const sb_rel *rel, sb_rel_prop prop);
bool sb_rel_is_identity(const sb_rel *calc); /* no condition, all columns as they are (names too) */
bool sb_window_spec_equal(const sb_window_spec *a, const sb_window_spec *b);
/* Is there a path of equal window columns on both sides (window join)? Fills the four columns. */
bool sb_rel_join_windows(const sb_rel *join, int32_t out[4]);

int32_t sb_rel_unnest_width(const sb_type *collection); /* columns of an element */

/* ---- columns ---- */
sb_columns sb_columns_of(sb_arena *arena, const int32_t *at,
                         int32_t count); /* at NULL in result: out of memory when count > 0 */
int32_t sb_columns_index(const sb_columns *columns, int32_t column); /* -1: not in it */
bool sb_columns_subset(const sb_columns *inner, const sb_columns *outer);
bool sb_columns_equal(const sb_columns *a, const sb_columns *b);

/* ---- expressions ---- */
bool sb_expr_is_call(const sb_expr *expr, const char *name);
bool sb_expr_is_true(const sb_expr *expr);
/* Deep copy into another arena. */
sb_status sb_expr_clone(sb_arena *arena, const sb_expr *expr, sb_expr **out, sb_error *err);
/* Shallow copy with columns i -> map[i]; map[i] < 0 must not be used. */
sb_status sb_expr_remap(sb_arena *arena, const sb_expr *expr, const int32_t *map, sb_expr **out,
                        sb_error *err);
/* The conjuncts of a condition; NULL: none. */
sb_status sb_expr_conjuncts(sb_arena *arena, sb_expr *condition, sb_expr ***out, int32_t *out_count,
                            sb_error *err);
/* AND of some; 0: NULL. */
sb_status sb_expr_conjunction(sb_arena *arena, sb_expr *const *conjuncts, int32_t count,
                              sb_expr **out, sb_error *err);
bool sb_expr_is_deterministic(const sb_expr *expr);
/* Are all columns of it in [from, to)? */
bool sb_expr_within(const sb_expr *expr, int32_t from, int32_t to);
int32_t sb_expr_size(const sb_expr *expr); /* nodes */
int32_t sb_expr_depth(const sb_expr *expr);

#endif
