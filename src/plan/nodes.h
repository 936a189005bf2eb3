/*
 * plan/nodes.h -- the body of each kind of plan node.
 *
 * DESIGN     Column indexes refer to the input's schema unless said otherwise. Time columns are
 *            TIMESTAMP(<=3) or TIMESTAMP_LTZ(<=3). Output schema conventions stand at each body;
 *            operators rely on them.
 */
#ifndef SB_PLAN_NODES_H
#define SB_PLAN_NODES_H

#include "expr/udf.h"
#include "plan/plan.h"

/* A catalogue table as source or sink sees it. */
typedef struct sb_table_desc {
    const char *name;         /* catalog.database.table or as written */
    const char *connector;    /* 'connector' */
    sb_options options;       /* all WITH options */
    const sb_schema *columns; /* physical columns, in order (no computed ones, no metadata) */
    sb_columns primary_key;   /* into `columns` */
    /* PARTITIONED BY columns (into columns): refused by connectors that cannot */
    int32_t count_partition;
    const int32_t *partition;
} sb_table_desc;

typedef struct sb_metadata_column {
    const char *key; /* connector's or format's name of it */
    sb_type type;
} sb_metadata_column;

/* Output: table->columns[project[0..]] then the metadata columns. */
typedef struct sb_source_node {
    const sb_table_desc *table;
    sb_columns project; /* used physical columns */
    /* Per column of `project`: which fields of a ROW are read (bit k: field k; all bits: all, or it
     * is no ROW). A source may leave the others NULL. NULL: all of all. */
    const uint64_t *fields;
    int32_t count_metadata;
    const sb_metadata_column *metadata;
    int32_t parallelism; /* scan.parallelism; 0: the job's */
    int32_t ordinal;     /* order of CREATE TABLE, for scan.interleave */
} sb_source_node;

/* Output: as input. The expression gives the watermark as TIMESTAMP / TIMESTAMP_LTZ of the row;
 * NULL is ignored; a NULL rowtime fails the job (R2). */
typedef struct sb_watermark_node {
    int32_t rowtime; /* time column */
    sb_expr *expr;
    int64_t idle_timeout_ms; /* 0: never idle */
    int64_t interval_ms;     /* pipeline.auto-watermark-interval: 0 = each row (R3) */
    /* scan.watermark.emit.strategy = on-event: a mark after each row that raises it */
    bool on_event;
    const char *alignment_group; /* NULL: none */
    int64_t alignment_max_drift_ms, alignment_update_ms;
} sb_watermark_node;

/* Output: one column per projection. Keeps ops. condition NULL: all rows. */
typedef struct sb_calc_node {
    sb_expr *condition;
    int32_t count;
    sb_expr **projections;
} sb_calc_node;

typedef struct sb_union_node {
    int32_t unused;
} sb_union_node;

typedef enum sb_agg_kind {
    SB_AGG_COUNT_STAR,
    SB_AGG_COUNT,
    SB_AGG_SUM,
    SB_AGG_MIN,
    SB_AGG_MAX,
    SB_AGG_AVG,
    SB_AGG_FIRST, /* FIRST_VALUE, LAST_VALUE: of the values that are not NULL, as they arrive */
    SB_AGG_LAST,
    SB_AGG_LIST,    /* LISTAGG: they as one text */
    SB_AGG_M2,      /* sum of squared distances from the mean */
    SB_AGG_COLLECT, /* MULTISET of the values */
    SB_AGG_ARRAY,   /* ARRAY_AGG: in the order in which they come */
    SB_AGG_PERCENTILE,
    SB_AGG_JSON_ARRAY, /* of texts that are JSON */
    SB_AGG_JSON_OBJECT,
    SB_AGG_BITMAP_BUILD, /* of numbers; result BITMAP, or BIGINT: how many numbers it has */
    SB_AGG_BITMAP_AND,   /* these of BITMAPs */
    SB_AGG_BITMAP_OR,
    SB_AGG_BITMAP_XOR,
    SB_AGG_USER /* of the user: `function` */
} sb_agg_kind;

const char *sb_agg_name(sb_agg_kind kind); /* as in SQL */

typedef struct sb_agg_call {
    sb_agg_kind kind;
    int32_t arg;    /* input column; -1: COUNT(*) */
    int32_t filter; /* BOOLEAN input column; -1: none */
    bool distinct;
    sb_type type;          /* of the result */
    const char *separator; /* LIST: between two values; never NULL then */
    /* From here on: kinds behind M2 only. JSON_OBJECT: column of the values (JSON), `arg` are the
     * keys. PERCENTILE: BIGINT column of frequencies, -1: none; `arg` is DOUBLE. Others: -1. */
    int32_t second;
    bool nulls;           /* ARRAY, JSON_ARRAY, JSON_OBJECT, USER: NULLs are values too */
    int32_t count_shares; /* PERCENTILE: of 0 to 1; several: the result is an ARRAY */
    const double *shares;
    const sb_udf *function; /* USER */
    /* USER: the arguments are the first `count_packed` fields of the ROW in `arg`; -1: `arg` is the
     * only one */
    int32_t count_packed;
} sb_agg_call;

/* Do they say the same about NULLs and shares? Kinds up to M2 have none. */
bool sb_agg_call_same_rest(const sb_agg_call *a, const sb_agg_call *b);

/* Output: key columns, then one column per aggregate. No key: one global group (R22). */
typedef struct sb_group_agg_node {
    sb_columns keys;
    int32_t count_aggs;
    const sb_agg_call *aggs;
    bool input_retracts;    /* input may have -U or -D: MIN and MAX keep all values */
    bool emit_before;       /* the consumer needs -U */
    int64_t ttl_ms;         /* 0: off */
    int64_t minibatch_rows; /* 0: off, else flush after so many rows */
    int64_t minibatch_ms;
    bool row_of_none; /* batch mode, no keys: over no rows there is a result at the end */
} sb_group_agg_node;

typedef enum sb_window_kind { SB_WINDOW_TUMBLE, SB_WINDOW_HOP } sb_window_kind;

typedef struct sb_window_spec {
    sb_window_kind kind;
    int64_t size_ms, slide_ms; /* TUMBLE: slide = size */
    int64_t offset_ms;
    bool local_zone; /* time column is TIMESTAMP_LTZ: windows align in the session zone (R10) */
} sb_window_spec;

/* Output: input columns, window_start TIMESTAMP(3), window_end TIMESTAMP(3), window_time (same
 * kind as the time column). HOP repeats rows. */
typedef struct sb_window_assign_node {
    sb_window_spec window;
    int32_t time; /* input column */
} sb_window_assign_node;

typedef enum sb_window_property {
    SB_WINDOW_START,
    SB_WINDOW_END,
    SB_WINDOW_TIME
} sb_window_property;

/* Output: key columns, one column per aggregate, then window properties. Late rows go to port 1
 * with the input schema. When `attached`, the input has window_start/window_end columns already
 * (cascade of windows over a windowed input): rows are grouped by them and time is window_end - 1.
 */
typedef struct sb_window_agg_node {
    sb_window_spec window;
    int32_t time; /* input column (not attached) */
    bool attached;
    int32_t start_column, end_column; /* attached */
    sb_columns keys;
    int32_t count_aggs;
    const sb_agg_call *aggs;
    bool input_retracts;
    int32_t count_properties;
    const sb_window_property *properties;
} sb_window_agg_node;

/* Inner. Output: left columns then right columns; the residual is over that schema (NULL: none).
 * NULL keys never match, unless null_safe[i]. */
typedef struct sb_join_node {
    sb_columns left_keys, right_keys; /* pairwise; may be empty (all rows to one task) */
    const bool *null_safe;            /* per key: IS NOT DISTINCT FROM */
    sb_expr *residual;
    bool left_retracts, right_retracts;
    int64_t left_ttl_ms, right_ttl_ms;
} sb_join_node;

/* Inner; insert-only inputs. Rows meet when keys and windows are equal; emitted when the window
 * ends, then state is dropped. Late rows are counted. */
typedef struct sb_window_join_node {
    sb_columns left_keys, right_keys; /* without the window columns */
    const bool *null_safe;
    int32_t left_end, right_end; /* window_end columns */
    int32_t left_start, right_start;
    /* window columns are local times of TIMESTAMP_LTZ windows: converted to instants for the
     * late test and timer */
    bool local_zone;
    sb_expr *residual;
} sb_window_join_node;

/* Upsert rows (+I +U -D, -D maybe by key) -> full changelog. Output: as input. */
typedef struct sb_normalize_node {
    sb_columns keys;
    bool emit_before;
    sb_expr *condition; /* filter pushed in; NULL: none */
    int64_t ttl_ms;
} sb_normalize_node;

/* Keeps the list of rows per sink key in order of arrival and emits upserts (R42). Output: as
 * input. */
typedef struct sb_materialize_node {
    sb_columns keys;       /* the sink's primary key */
    sb_columns upsert_key; /* of the input, to find the row to replace; empty: whole row */
    int64_t ttl_ms;
} sb_materialize_node;

typedef struct sb_drop_before_node {
    int32_t unused;
} sb_drop_before_node;

/* A user's keyed process function, named in the engine's registry. Output: as the function
 * declares. Side outputs: ports 1.. */
typedef struct sb_process_node {
    const char *name; /* registered name */
    sb_columns keys;
    int32_t rowtime; /* input column with event time; -1: none */
    int32_t count_sides;
    const sb_schema *const *side_schemas;
} sb_process_node;

/* GROUPING SETS. Output: each row once per set, in order: the input's columns, of `keys` NULL where
 * the set lacks them, then the number of the set (BIGINT NOT NULL). Keeps ops. */
typedef struct sb_expand_node {
    sb_columns keys;     /* columns that some set lacks */
    sb_column_sets sets; /* of `keys` */
} sb_expand_node;

/* Output: input columns, then the element of the collection in `column`: of an ARRAY or MULTISET
 * the element, or the fields of an element that is a ROW; of a MAP key and value; then its number
 * from 1 (INT). One row per element. Keeps ops. */
/* With a function, a TABLE function of the user, instead: `column` is a ROW whose first count_args
 * fields are its arguments, and behind the input stand the columns of its result. */
typedef struct sb_unnest_node {
    int32_t column;
    bool outer; /* a row without elements stays, once, with NULLs */
    bool ordinality;
    const sb_udf *function; /* since version 2; NULL: none */
    int32_t count_args;
} sb_unnest_node;

/* Output: as input, inserts only, when the input has ended. */
typedef struct sb_sort_node {
    sb_columns order; /* may be empty: the order of arrival, of a changelog that of its rows */
    const bool *descending; /* per order column; NULL is the least value */
    int64_t offset, limit;  /* limit -1: all */
    bool retracts;          /* the input has updates or deletes */
} sb_sort_node;

/* Output: as input, which has inserts only. */
typedef struct sb_limit_node {
    int64_t offset, limit; /* limit -1: all */
} sb_limit_node;

/* What becomes of texts and bytes that are longer or shorter than their column says. */
typedef enum sb_sink_lengths {
    SB_SINK_LENGTHS_IGNORE,
    SB_SINK_LENGTHS_TRIM_PAD,
    SB_SINK_LENGTHS_ERROR
} sb_sink_lengths;

/* Input: columns of the table in order (already cast), then the metadata columns that are written.
 */
typedef struct sb_sink_node {
    const sb_table_desc *table;
    bool upsert;  /* consumes upserts by primary key; else what row_ops of the input say */
    bool collect; /* a query result: rows go to the caller, not to a connector */
    /* since version 2: columns that take no NULL (key columns too): a row with one fails the job,
     * or is left out when drop_nulls */
    sb_columns not_null;
    bool drop_nulls;
    int32_t count_metadata; /* since version 3 */
    const sb_metadata_column *metadata;
    uint8_t lengths; /* sb_sink_lengths; since version 4 */
} sb_sink_node;

#endif
