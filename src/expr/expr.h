/*
 * expr/expr.h -- typed scalar expressions: built by the binder, serialised in plans, compiled to
 * steps, evaluated over a batch.
 *
 * DESIGN     Three kinds only: COLUMN, LITERAL, CALL. Special forms (AND, OR, CASE, COALESCE, IF,
 * CAST, TRY_CAST, FIELD, IN) are calls whose evaluator handles its arguments itself: later
 * arguments run only for rows that still need them, so a dead branch never fails. The function
 * catalogue (expr/function.h) resolves names, inserts implicit casts, infers the result type, says
 * whether a call is deterministic. OWNERSHIP  Trees live in an arena, immutable once built. THREADS
 * trees T:any; an sb_eval belongs to one task.
 */
#ifndef SB_EXPR_EXPR_H
#define SB_EXPR_EXPR_H

#include "columnar/batch.h"

typedef enum sb_determinism {
    SB_DETERMINISTIC, /* same arguments, same value */
    SB_PER_QUERY,     /* constant while a query runs (CURRENT_DATABASE; NOW in batch) */
    SB_PER_RECORD     /* may differ for each row (RAND, NOW in streaming) */
} sb_determinism;

typedef enum sb_expr_kind { SB_EXPR_COLUMN, SB_EXPR_LITERAL, SB_EXPR_CALL } sb_expr_kind;

typedef struct sb_function sb_function; /* expr/function.h */

typedef struct sb_expr {
    sb_expr_kind kind;
    sb_type type;   /* result type; children in the arena */
    int32_t column; /* COLUMN: index into the input schema */
    /* LITERAL: one physical value (NULL: is_null). Views point into the arena. */
    bool is_null;

    union {
        int64_t i64; /* BOOL, I8..I64 */
        double f64;  /* F64; F32 is stored as double too */
        sb_int128 i128;
        sb_ts_ns tsns;
        sb_view view;
    } value;

    const sb_function *function; /* CALL */
    struct sb_expr **args;
    int32_t count_args;
    int32_t field;                  /* FIELD: index of the ROW's field */
    int32_t position, position_end; /* in the SQL text, -1: none */
} sb_expr;

sb_expr *sb_expr_column(sb_arena *arena, int32_t column, const sb_type *type);
sb_expr *sb_expr_null(sb_arena *arena, const sb_type *type);
sb_expr *sb_expr_i64(
    sb_arena *arena, const sb_type *type,
    int64_t value); /* BOOLEAN, integers, DATE, TIME, TIMESTAMP(<=6), intervals, DECIMAL(<=18) */
sb_expr *sb_expr_i128(sb_arena *arena, const sb_type *type, sb_int128 value);
sb_expr *sb_expr_f64(sb_arena *arena, const sb_type *type, double value);
sb_expr *sb_expr_string(sb_arena *arena, const sb_type *type,
                        sb_str value); /* CHAR(n), VARCHAR, BINARY.. */
/* The call of a catalogue function by SQL name ("+", "=", "AND", "UPPER", "CASE", "IS NULL"): picks
 * the signature, casts arguments implicitly, infers the type by Flink's rules. Errors: NOT_FOUND
 * (with did-you-mean hint) or SEMANTIC (argument types; hint lists signatures). */
sb_status sb_expr_call(sb_arena *arena, const char *name, sb_expr *const *args, int32_t count,
                       sb_expr **out, sb_error *err);
/* Explicit CAST / TRY_CAST; SEMANTIC when the pair of types has no cast. */
sb_status sb_expr_cast(sb_arena *arena, sb_expr *arg, const sb_type *to, bool try_cast,
                       sb_expr **out, sb_error *err);
/* Implicit cast for assignments and set operations; SEMANTIC when Flink would refuse. Returns arg
 * itself when types agree. */
sb_status sb_expr_coerce(sb_arena *arena, sb_expr *arg, const sb_type *to, sb_expr **out,
                         sb_error *err);
sb_status sb_expr_field(sb_arena *arena, sb_expr *row, int32_t field, sb_expr **out, sb_error *err);
/* Common type of several (CASE, UNION, IN) by Flink's rules; SEMANTIC if none. */
sb_status sb_type_common(sb_arena *arena, const sb_type *const *types, int32_t count, sb_type *out,
                         sb_error *err);

sb_determinism sb_expr_determinism(const sb_expr *expr);
bool sb_expr_equal(const sb_expr *a, const sb_expr *b);
void sb_expr_columns(const sb_expr *expr, uint8_t *used,
                     int32_t count_columns); /* used[i] = 1 for each column read */
/* fields[i] |= which fields of column i are read: bit k is field k of a ROW, all bits: the column
 * itself, or a field beyond the 62nd. */
void sb_expr_fields(const sb_expr *expr, uint64_t *fields, int32_t count_columns);
/* Copy with column i replaced by map[i] (an expression) . */
sb_status sb_expr_substitute(sb_arena *arena, const sb_expr *expr, sb_expr *const *map,
                             sb_expr **out, sb_error *err);
/* Folds deterministic calls of literals; a fold that raises an error leaves the call as it is. */
sb_status sb_expr_fold(sb_arena *arena, const sb_expr *expr, const char *zone, sb_expr **out,
                       sb_error *err);
/* As SQL; columns by schema name (schema NULL: $i). Used by EXPLAIN. */
void sb_expr_print(const sb_expr *expr, const sb_schema *schema, sb_text *out);
void sb_expr_write(sb_writer *w, const sb_expr *expr);
sb_status sb_expr_read(sb_reader *r, sb_arena *arena, sb_expr **out,
                       sb_error *err); /* unknown function: NOT_SUPPORTED, named */

/* What evaluation may depend on besides the row. */
typedef struct sb_eval_context {
    const char *zone; /* table.local-time-zone: an IANA name or "UTC" */
    int64_t now_us;   /* processing time of this step */
    int64_t query_us; /* start of the query */
    bool batch_mode;  /* NOW() and friends are per query */
    /* in force before the first row of the batch; the batch's marks raise it. SB_WM_MIN: none */
    int64_t watermark_ms;
} sb_eval_context;

/* A compiled list of expressions over one input schema. */
typedef struct sb_eval sb_eval;
sb_status sb_eval_new(sb_mem *mem, const sb_schema *input, sb_expr *const *exprs, int32_t count,
                      const char *zone, sb_eval **out, sb_error *err);
sb_eval *sb_eval_free(sb_eval *eval); /* returns NULL; NULL is fine */
/* Evaluates all expressions for the selected rows of `batch`; out[i] gets one reference; vectors
 * are by PHYSICAL row (count_physical long), so they stand beside the batch's own columns under its
 * selection. Values of rows not selected are unspecified. DATA: a row failed (division by zero, bad
 * CAST); the message tells value and function. */
sb_status sb_eval_run(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context,
                      sb_vector **out, sb_error *err);
/* A list under a condition (NULL: sb_eval_new): one program, which computes what both need once.
 * The trees must live as long. */
sb_status sb_eval_new_filter(sb_mem *mem, const sb_schema *input, const sb_expr *condition,
                             sb_expr *const *exprs, int32_t count, const char *zone, sb_eval **out,
                             sb_error *err);
/* The expressions for the selected rows where the condition is TRUE, as sb_eval_run. keep: as
 * sb_eval_select, but left alone when all rows pass. */
sb_status sb_eval_run_filter(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context,
                             int32_t *keep, int32_t *out_count, sb_vector **out, sb_error *err);
/* The first expression as predicate: LOGICAL indexes of the rows where it is TRUE. keep has room
 * for count_rows. */
sb_status sb_eval_select(sb_eval *eval, const sb_batch *batch, const sb_eval_context *context,
                         int32_t *keep, int32_t *out_count, sb_error *err);

#endif
