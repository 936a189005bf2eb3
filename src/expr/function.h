/*
 * expr/function.h -- the function catalogue: what a SQL function is called, takes, gives and how it
 * runs.
 *
 * DESIGN     catalogue.def has one row per signature; rows with the same name are overloads, tried
 * in order. A row names an implementation (sb_impl_<id>, defined in one fn_*.c file). To add a
 * function: a row and an implementation. Arguments that are keywords in SQL arrive as string
 * literals: EXTRACT('HOUR', x)   FLOOR(x, 'HOUR')   CEIL(x, 'HOUR')   TIMESTAMPADD('DAY', n, x)
 *              TIMESTAMPDIFF('DAY', a, b)   TRIM('BOTH' | 'LEADING' | 'TRAILING', chars, text)
 *            CASE(condition, value, condition, value, ..., else); the simple form is the binder's
 * to lower. IN(x, item, ...)  "NOT IN"  LIKE(text, pattern [, escape])  "NOT LIKE"  BETWEEN(x, low,
 * high)  "NOT BETWEEN" IS NULL, IS TRUE ... are names of one argument; unary minus is "-" with one
 * argument. OWNERSHIP  The catalogue is static. What prepare makes lives in the arena of the
 * sb_eval; release frees what does not. THREADS    T:any; a sb_call belongs to one sb_eval.
 */
#ifndef SB_EXPR_FUNCTION_H
#define SB_EXPR_FUNCTION_H

#include "expr/expr.h"
#include "expr/zone.h"

typedef struct sb_call sb_call;

/* What the type rule of a signature sees and decides. */
typedef struct sb_infer {
    sb_arena *arena;
    const sb_function *function;
    sb_expr **args; /* a copy: the rule may put casts around them */
    int32_t count;
    sb_type type;     /* OUT: of the result */
    sb_expr *replace; /* OUT: not NULL: the call is this expression instead */
} sb_infer;

/* SEMANTIC: this signature does not take these arguments; the next overload is tried. */
typedef sb_status (*sb_infer_fn)(sb_infer *in, sb_error *err);

#define SB_MAX_ROW_ARGS 32
/* One value from one row; args[i] points to a physical value. A NULL result: call->is_null = true.
 */
typedef sb_status (*sb_row_fn)(sb_call *call, const void *const *args, void *out, sb_error *err);
/* All active rows at once. */
typedef sb_status (*sb_vector_fn)(sb_call *call, sb_vector **out, sb_error *err);

typedef struct sb_impl {
    sb_infer_fn infer; /* NULL: by the patterns of the catalogue row */
    sb_row_fn row;     /* NULLs are taken care of: runs only where no argument is NULL */
    sb_vector_fn
        vector; /* with SB_FN_OWN_NULLS sees every row; else no argument is a constant NULL */
    sb_status (*prepare)(sb_call *call, sb_arena *arena, sb_error *err); /* sets call->state */
    void (*release)(void *state);
    bool (*can_fail)(const sb_expr *expr); /* NULL: as the flag says */
    int code;       /* for implementations shared by several functions: operator, unit.. */
    int32_t weight; /* what a row costs: 1 an addition; 0: 1 for `vector`, 4 for `row` */
} sb_impl;

enum {
    SB_FN_OWN_NULLS = 1,  /* NULL arguments do not simply give NULL */
    SB_FN_CAN_FAIL = 2,   /* may raise DATA for a row: evaluated only where its value is needed */
    SB_FN_PER_RECORD = 4, /* not deterministic */
    SB_FN_PER_QUERY = 8,
    SB_FN_SPECIAL = 16,  /* run by the compiler of steps: CASE, COALESCE, AND, OR */
    SB_FN_INTERNAL = 32, /* made by sb_expr_cast and friends only */
    SB_FN_INFIX = 64,    /* printed between its arguments */
    SB_FN_POSTFIX = 128, /* printed behind its argument */
    SB_FN_PER_ROW = 256, /* constant arguments give no constant: RAND */
    SB_FN_USER = 512     /* of the user: an sb_udf (expr/udf.h) */
};

/* What a function is about: reference pages are ordered by it. */
typedef enum sb_category {
    SB_CATEGORY_COMPARISON,
    SB_CATEGORY_LOGIC,
    SB_CATEGORY_CONDITION,
    SB_CATEGORY_CONVERSION,
    SB_CATEGORY_ARITHMETIC,
    SB_CATEGORY_STRING,
    SB_CATEGORY_HASH,
    SB_CATEGORY_TIME,
    SB_CATEGORY_COLLECTION,
    SB_CATEGORY_JSON
} sb_category;

struct sb_function {
    const char *name; /* upper case, as sb_expr_call takes it */
    /* Arguments, one letter each: a any, b boolean, s string, x binary, n numeric, e exact numeric,
     * i INT, l BIGINT, d DOUBLE (narrower numbers are cast), t TIMESTAMP or TIMESTAMP_LTZ, p DATE
     * or TIMESTAMP or TIMESTAMP_LTZ, D DATE, T TIME, y INTERVAL YEAR TO MONTH, z INTERVAL DAY TO
     * SECOND, u a literal naming a time unit, k a literal keyword, V VARIANT, B BITMAP, A ARRAY, M
     * MAP (the last two by a rule of the function); ? the rest is optional; * the last one repeats.
     */
    const char *args;
    /* Result: b s x i l d D T V B as above; m TIMESTAMP(3), L TIMESTAMP_LTZ(3); 0..9 type of that
     * argument; v (w) VARCHAR as long as the first (last) argument; c the common type of all
     * arguments; A, M, R and a by the rule of the function. Then: nothing: NULL if an argument can
     * be; ? always nullable; ! never. */
    const char *result;
    uint32_t flags;
    const sb_impl *impl;
    const char *doc;  /* one line */
    uint8_t category; /* sb_category */
};

/* By name (any case), next overload after `after` (NULL: the first); NULL: none. */
const sb_function *sb_function_find(const char *name, const sb_function *after);
const sb_function *sb_function_all(int32_t *out_count);
int32_t sb_function_id(
    const sb_function *function); /* which overload of its name: what plans store */
const sb_function *sb_function_by_id(const char *name, int32_t id); /* NULL: unknown */
void sb_function_signature(const sb_function *function,
                           sb_text *out);   /* "UPPER(STRING) -> STRING" */
bool sb_expr_can_fail(const sb_expr *expr); /* may a row of it raise an error? */
/* Can only vector kernels and columns appear in it? Then evaluating it in vain costs little. */
bool sb_expr_is_cheap(const sb_expr *expr);
/* What a row of it costs: 1 an addition; above SB_WEIGHT_HEAVY it is worth some trouble to
 * spare. */
int32_t sb_expr_weight(const sb_expr *expr);
#define SB_WEIGHT_HEAVY 20

/* A call while it is being evaluated. */
struct sb_call {
    const sb_expr *expr; /* types of result and arguments, literals */
    void *state;         /* made by prepare */
    sb_mem *mem;
    const sb_zone *zone; /* session zone */
    const sb_eval_context *context;
    const sb_batch *batch; /* of this run */
    sb_vector *const *args;
    const int32_t *rows; /* active physical rows; NULL: 0..count */
    int32_t count;
    int32_t length; /* physical rows of the result */
    /* Row functions. */
    bool is_null;    /* set by the function: this row is NULL */
    uint32_t pins;   /* bit i: result strings point into the bytes of argument i */
    sb_text text;    /* scratch, cleared by its user */
    sb_buffer *heap; /* bytes of result strings: block being filled */
    int64_t heap_used;
    bool heap_kept;    /* the result has a reference to the heap */
    sb_vector *result; /* the vector being made */
    sb_vector *spare;  /* of the last run, to be used again when nobody else has it */
    bool can_fail;     /* this very call, whatever its arguments do */
};

static inline const sb_type *
sb_call_type(const sb_call *call)
{
    return &call->expr->type;
}

static inline const sb_type *
sb_call_arg_type(const sb_call *call, int32_t i)
{
    return &call->expr->args[i]->type;
}

/* The argument as a literal that is not NULL; else NULL. */
const sb_expr *sb_call_literal(const sb_call *call, int32_t i);

/* ---- results ------------------------------------------------------------------------------------
 */

/* A FLAT result with room for call->length values; zeroed where rows are left out. validity: all
 * set when asked for. */
sb_status sb_call_result(sb_call *call, bool with_validity, sb_vector **out, sb_error *err);
/* The same with the combined validity of all arguments (none if nothing is NULL). */
sb_status sb_call_strict_result(sb_call *call, sb_vector **out, sb_error *err);
sb_status sb_vector_make_validity(sb_vector *v, sb_error *err); /* adds one when there is none */
/* Runs a row function over all rows where no argument is NULL. */
sb_status sb_call_rows(sb_call *call, sb_row_fn row, sb_vector **out, sb_error *err);
/* String result of a row: copies the bytes. */
sb_status sb_call_string(sb_call *call, void *out, const char *data, size_t size, sb_error *err);
/* The same of call->text. */
sb_status sb_call_text(sb_call *call, void *out, sb_error *err);
/* Room for a string of up to max_size bytes that the function writes in place; then sb_call_take
 * with the bytes written (at most max_size). */
sb_status sb_call_room(sb_call *call, size_t max_size, char **out, sb_error *err);
sb_status sb_call_take(sb_call *call, void *out, const char *data, size_t size, sb_error *err);
/* For vector functions that make strings: call->result must be set before the first one; gives the
 * heap up, and drops *out if the status is an error. */
void sb_call_finish(sb_call *call, sb_status status, sb_vector **out);
/* String result: an ASCII text in upper or lower case. */
sb_status sb_call_ascii_case(sb_call *call, void *out, sb_str s, bool upper, sb_error *err);
/* Bytes that are part of argument `arg` (or static): no copy. */
void sb_call_slice(sb_call *call, void *out, int32_t arg, const char *data, size_t size);
/* Argument as FLAT or CONST vector: one reference. */
sb_status sb_call_flat(sb_call *call, int32_t i, sb_vector **out, sb_error *err);

static inline sb_str
sb_arg_str(const void *arg)
{
    const sb_view *v = arg;
    return (sb_str){sb_view_data(v), sb_view_size(v)};
}

/* One physical timestamp of a type as microseconds and nanoseconds, and back. */
sb_ts_ns sb_ts_load(const sb_type *type, const void *value);
void sb_ts_store(const sb_type *type, void *value, sb_ts_ns ts);
/* A DECIMAL (or integer) value as 128 bits, and back. */
sb_int128 sb_exact_load(const sb_type *type, const void *value);
void sb_exact_store(const sb_type *type, void *value, sb_int128 v);

/* ---- for type rules -----------------------------------------------------------------------------
 */

/* Puts an implicit cast around *arg unless its type is that already (nullability of the argument is
 * kept). */
sb_status sb_infer_cast(sb_infer *in, int32_t arg, sb_type to, sb_error *err);
bool sb_infer_nullable(const sb_infer *in); /* is any argument? */
/* Fails with SEMANTIC: "cannot apply NAME to arguments of type ..." */
sb_status sb_infer_mismatch(const sb_infer *in, sb_error *err);
sb_type sb_type_as_decimal(const sb_type *type); /* integers as the DECIMAL that holds them */
bool sb_cast_exists(const sb_type *from, const sb_type *to);
/* The node itself, without checks and without folding literals. */
sb_expr *sb_expr_make_cast(sb_arena *arena, sb_expr *arg, const sb_type *to, bool try_cast);
sb_expr *sb_expr_make_call(sb_arena *arena, const sb_function *function, sb_expr *const *args,
                           int32_t count, const sb_type *type);

#endif
