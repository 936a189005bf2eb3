/*
 * plan/plan.h -- the physical plan: read-only data with traits, printable (EXPLAIN), serialisable
 * and versioned.
 *
 * DESIGN     Made by sql (or the dataflow builder), kept in the manifest, read by operators,
 *            connectors and runtime. A node is a kind, its inputs (with the exchange on each),
 *            its output schema, traits and a body by kind (plan/nodes.h). The roots are sinks. A
 *            node with several consumers stands once (`count_consumers` > 1).
 * OWNERSHIP  All in one arena, owned by sb_plan.
 * THREADS    immutable after building: T:any.
 */
#ifndef SB_PLAN_PLAN_H
#define SB_PLAN_PLAN_H

#include "expr/expr.h"

#define SB_PLAN_VERSION 1

/* X(ENUM, "name printed by EXPLAIN", body struct); in plans a kind is its place here */
#define SB_NODE_KINDS(X)                                           \
    X(SOURCE, "TableSourceScan", sb_source_node)                   \
    X(WATERMARK, "WatermarkAssigner", sb_watermark_node)           \
    X(CALC, "Calc", sb_calc_node)                                  \
    X(UNION, "Union", sb_union_node)                               \
    X(GROUP_AGG, "GroupAggregate", sb_group_agg_node)              \
    X(WINDOW_ASSIGN, "WindowTableFunction", sb_window_assign_node) \
    X(WINDOW_AGG, "WindowAggregate", sb_window_agg_node)           \
    X(JOIN, "Join", sb_join_node)                                  \
    X(WINDOW_JOIN, "WindowJoin", sb_window_join_node)              \
    X(NORMALIZE, "ChangelogNormalize", sb_normalize_node)          \
    X(MATERIALIZE, "SinkUpsertMaterializer", sb_materialize_node)  \
    X(DROP_BEFORE, "DropUpdateBefore", sb_drop_before_node)        \
    X(PROCESS, "KeyedProcess", sb_process_node)                    \
    X(SINK, "Sink", sb_sink_node)                                  \
    X(EXPAND, "Expand", sb_expand_node)                            \
    X(UNNEST, "Correlate", sb_unnest_node)                         \
    X(SORT, "Sort", sb_sort_node)                                  \
    X(LIMIT, "Limit", sb_limit_node)

typedef enum sb_node_kind {

#define X(name, text, body) SB_NODE_##name,
    SB_NODE_KINDS(X)
#undef X
        SB_NODE_KIND_COUNT
} sb_node_kind;

typedef struct sb_columns { /* a list of column indexes */
    int32_t count;
    const int32_t *at;
} sb_columns;

typedef struct sb_column_sets { /* a list of column lists, e.g. upsert keys */
    int32_t count;
    const sb_columns *at;
} sb_column_sets;

/* Bit set of sb_row_op. */
#define SB_ROW_BIT(op) (1u << (op))
#define SB_ROWS_INSERT SB_ROW_BIT(SB_ROW_INSERT)
#define SB_ROWS_UPSERT \
    (SB_ROWS_INSERT | SB_ROW_BIT(SB_ROW_UPDATE_AFTER) | SB_ROW_BIT(SB_ROW_DELETE))
#define SB_ROWS_ALL (SB_ROWS_UPSERT | SB_ROW_BIT(SB_ROW_UPDATE_BEFORE))

typedef enum sb_time_kind { SB_TIME_NONE, SB_TIME_EVENT, SB_TIME_PROCESSING } sb_time_kind;

typedef struct sb_time_attribute {
    sb_time_kind kind;
    int32_t column;
} sb_time_attribute;

typedef struct sb_traits {
    uint8_t row_ops;            /* which kinds may appear on the output */
    bool delete_by_key;         /* -D rows may carry only the key columns */
    sb_column_sets upsert_keys; /* minimal sets; empty: none (R41) */
    int32_t count_time;
    sb_time_attribute time[2]; /* time attributes among the output columns */
    sb_determinism determinism;
    sb_columns partition; /* columns by which rows are hashed over subtasks; empty: any */
} sb_traits;

typedef enum sb_dist_kind {
    SB_EXCHANGE_FORWARD,   /* same subtask; equal parallelism on both sides */
    SB_EXCHANGE_HASH,      /* by key slot of `keys` */
    SB_EXCHANGE_REBALANCE, /* round robin by batch */
    SB_EXCHANGE_BROADCAST,
    SB_EXCHANGE_GLOBAL /* all to subtask 0 */
} sb_dist_kind;

typedef struct sb_exchange {
    sb_dist_kind kind;
    sb_columns keys; /* HASH */
} sb_exchange;

typedef struct sb_plan_node {
    uint32_t node_id; /* stable: from the statement's structure; kept by the manifest */
    uint16_t kind;    /* sb_node_kind */
    uint16_t version; /* of the body's encoding; newer than known: refused, named */
    uint8_t count_inputs;
    uint8_t input_ports[2]; /* for inputs 0 and 1 (UNION: all 0): output port of the input node */
    int32_t count_consumers;
    struct sb_plan_node **inputs;
    sb_exchange *exchanges;  /* one per input */
    const sb_schema *schema; /* of output port 0 */
    sb_traits traits;
    int32_t parallelism;     /* 0: the job's */
    const char *description; /* one line for EXPLAIN and metrics */
    const void *body;        /* by kind, plan/nodes.h */
} sb_plan_node;

typedef struct sb_option { /* a key = value pair as the user wrote it */
    const char *key, *value;
    int32_t position;
} sb_option;

typedef struct sb_options {
    int32_t count;
    sb_option *at;
} sb_options;

/* NULL: not set; later entries win */
const char *sb_options_get(const sb_options *options, const char *key);

typedef struct sb_plan {
    sb_arena *arena; /* owns everything */
    int32_t count_nodes;
    sb_plan_node **nodes; /* topological: inputs before consumers */
    int32_t count_sinks;
    sb_plan_node **sinks;
    const char *zone;  /* session time zone: part of the plan */
    sb_options config; /* SET options that are part of the job (mini-batch, ttl, ...) */
    const char *sql;   /* the statements, for people */
    const char *rules; /* which rules of the optimizer fired, for people; not kept in bytes */
} sb_plan;

sb_plan *sb_plan_new(sb_mem *mem);
sb_plan *sb_plan_free(sb_plan *plan); /* returns NULL; NULL is fine */
void sb_plan_write(sb_writer *w, const sb_plan *plan);
sb_status sb_plan_read(sb_reader *r, sb_mem *mem, sb_plan **out, sb_error *err);
/* Same computation? Compares everything that state depends on (not options like checkpoint interval
 * or parallelism). When different, `out_difference` gets readable lines: "- ..." what the stored
 * one has, "+ ..." what the new one has. */
bool sb_plan_same(const sb_plan *stored, const sb_plan *plan, sb_text *out_difference);

typedef enum sb_plan_detail {
    SB_PLAN_PLAIN,
    SB_PLAN_CHANGELOG, /* the kinds of change on each node: changelogMode=[I,UB,UA,D] */
    SB_PLAN_ALL        /* and upsert keys, time, distribution, parallelism, columns; rules */
} sb_plan_detail;

/* EXPLAIN: tree text; JSON; DOT. */
void sb_plan_print(const sb_plan *plan, sb_plan_detail detail, sb_text *out);
void sb_plan_print_json(const sb_plan *plan, sb_text *out);
void sb_plan_print_dot(const sb_plan *plan, sb_text *out);

#endif
