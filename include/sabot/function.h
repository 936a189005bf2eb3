/*
 * sabot/function.h -- user functions in C: scalar, aggregate and table functions over Arrow arrays.
 *
 * A function is a descriptor (sabot_function). It comes into SQL in one of two ways:
 *
 *     a shared library exports a symbol that returns it:
 *         SABOT_FUNCTION_EXPORT const sabot_function *word_length(void) { return &descriptor; }
 *         CREATE FUNCTION word_length AS 'libwords.so:word_length' LANGUAGE C;
 *     the host program registers it: sabot_register_function (sabot/sabot.h)
 *
 * TYPES      Arguments and result are declared as SQL text ("BIGINT, STRING"), or as Arrow schemas,
 *            or found for each call by `infer`. Arguments are cast implicitly as Flink does.
 * DATA       Arrays follow the Arrow C Data Interface. What a function gets: STRING as utf8_view
 *            ("vu"), BYTES as binary_view ("vz"), BOOLEAN as bits, DECIMAL as decimal128, TIMESTAMP
 *            and TIMESTAMP_LTZ in ms (precision up to 3), us (up to 6) or ns, TIME as time32[ms],
 *            DATE as date32, intervals as months or duration[ms]; offset 0. sabot/arrow_help.h
 *            reads and makes arrays without a library. What it gives back: the declared type, in
 *            the same formats, or STRING as "u" or "U" and BYTES as "z" or "Z". A function that
 *            fills `out_schema` has the type of its array checked; without, the formats are taken
 *            to be those declared in `result_schema`, else "u" and "z" for STRING and BYTES and the
 *            formats above for all others. Length, number of buffers and children, offsets and
 *            NULLs are checked always; the size of a buffer cannot be.
 * OWNERSHIP  Arguments are lent for the call: a function neither keeps nor releases them. Results
 *            belong to the engine, which calls their release (maybe later, on another thread).
 *            The descriptor and what it points to must live as long as the library or the engine.
 * THREADS    One state per place in a running job and subtask, used by one thread at a time, not
 *            always the same. `user`, shared by all states, may be used by several at once.
 *            Planning opens states too, when a call of constants becomes a constant.
 * ERRORS     A callback returns SABOT_OK, or another status to fail the job; the message that it
 *            leaves in the context becomes part of the job's, with the name of the function.
 *
 * Part of the public API; C and C++.
 */
#ifndef SABOT_FUNCTION_H
#define SABOT_FUNCTION_H

#include "sabot/arrow_c_abi.h"
#include "sabot/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this interface; a library made for another is refused when it is loaded. */
#define SABOT_FUNCTION_ABI 1

#if defined(__GNUC__)
#define SABOT_FUNCTION_EXPORT __attribute__((visibility("default")))
#else
#define SABOT_FUNCTION_EXPORT
#endif

typedef enum sabot_function_kind {
    SABOT_FUNCTION_SCALAR = 1,    /* a value for each row */
    SABOT_FUNCTION_AGGREGATE = 2, /* a value for each group of rows */
    SABOT_FUNCTION_TABLE = 3      /* 0 to n rows for each row: LATERAL TABLE(f(x)) */
} sabot_function_kind;

enum {
    /* Same arguments, same result. The engine may then call it less often than there are rows:
     * once for constants, once for each distinct value. Without it: exactly once per row. */
    SABOT_FUNCTION_DETERMINISTIC = 1,
    /* Not called for rows with a NULL argument. SCALAR: the result is NULL; AGGREGATE: the row does
     * not count; TABLE: no rows. Without it the function sees NULLs. */
    SABOT_FUNCTION_STRICT = 2,
    /* The last argument may be repeated, or left out. */
    SABOT_FUNCTION_VARIADIC = 4
};

#define SABOT_FUNCTION_MESSAGE 400

/* What a call may look at and write to; valid during the call. */
typedef struct sabot_function_context {
    size_t struct_size;
    const char *function; /* its name in SQL */
    const char *zone;     /* table.local-time-zone; "UTC" where there is none at hand */
    /* For errors: a message, and the row of the arguments that it is about (-1: none). */
    char message[SABOT_FUNCTION_MESSAGE];
    int64_t row;
} sabot_function_context;

/* Types of a call, for functions that work with several: structs with a child per argument, and
 * (result) of one child, or of one per column of a table function. Lent during `open`. */
typedef struct sabot_function_types {
    size_t struct_size;
    const struct ArrowSchema *arguments;
    const struct ArrowSchema *result;
} sabot_function_types;

/* The accumulator of one group: bytes that the engine keeps in state, puts into checkpoints and
 * moves between processes. So they hold no pointers, and mean the same on every machine of a job.
 * `data` is aligned to 16 and valid until the end of the call or until it is resized. */
typedef struct sabot_accumulator {
    void *data;
    size_t size;
    /* Makes it `size` bytes: keeps what fits, new bytes are 0. Returns the new `data`; NULL: out of
     * memory, or more than 16 MB. */
    void *(*resize)(struct sabot_accumulator *self, size_t size);
    void *engine; /* not for the function */
} sabot_accumulator;

/* One call of a table function. */
typedef struct sabot_table_call {
    size_t struct_size;
    const struct ArrowArray *arguments; /* struct */
    /* Begin with this row of the arguments, of which `skip` result rows went out already. */
    int64_t first_row;
    int64_t skip;
    /* At most so many result rows now, at least 1: the rest is asked for in another call, when
     * there is room for it. */
    int64_t max_rows;
    /* OUT. The result rows: a struct with a child per column, its length their number. */
    struct ArrowArray *result;
    struct ArrowSchema *result_schema; /* may stay empty: see DATA */
    /* OUT. The row of the arguments that each result row comes from; ascending; room for
     * max_rows. */
    int32_t *rows;
    /* OUT. All rows before it are done; the number of rows when all are. */
    int64_t next_row;
} sabot_table_call;

typedef struct sabot_function {
    uint32_t abi_version; /* SABOT_FUNCTION_ABI */
    uint32_t kind;        /* sabot_function_kind */
    size_t struct_size;   /* sizeof(sabot_function): a newer engine takes an older, shorter one */
    uint32_t flags;
    /* AGGREGATE: version of the bytes of accumulators. State of another version is refused. */
    uint32_t state_version;

    /* Types, SQL: "BIGINT, STRING" ("" for none) and "DOUBLE"; TABLE: "word STRING, size INT".
     * NOT NULL behind a type is kept: such an argument takes no value that may be NULL. */
    const char *arguments;
    const char *result;
    /* Types, Arrow, instead: both structs; the result has one child, TABLE: one per column. */
    const struct ArrowSchema *arguments_schema;
    const struct ArrowSchema *result_schema;
    /* Types by call, instead: `given` is a struct of the types of the arguments. Fills out_result
     * (as result_schema) and may fill out_arguments: what they are to be cast to. The engine
     * releases both. Another status than SABOT_OK: the call is refused, with the message. */
    sabot_status (*infer)(void *user, const struct ArrowSchema *given,
                          struct ArrowSchema *out_arguments, struct ArrowSchema *out_result,
                          sabot_function_context *context);

    void *user;                  /* given to open and infer */
    void (*release)(void *user); /* NULL, or called when the engine closes; host programs only */
    /* NULL: the state is `user` */
    sabot_status (*open)(void *user, const sabot_function_types *types, void **out_state,
                         sabot_function_context *context);
    void (*close)(void *state); /* NULL: nothing to do */

    /* SCALAR: `arguments` is a struct of n >= 1 rows; `out` gets an array of n values. */
    sabot_status (*scalar)(void *state, const struct ArrowArray *arguments, struct ArrowArray *out,
                           struct ArrowSchema *out_schema, sabot_function_context *context);

    /* AGGREGATE. A new accumulator has accumulator_size bytes of 0, then `create` (may be NULL)
     * makes it one of no rows. */
    size_t accumulator_size;
    sabot_status (*create)(void *state, sabot_accumulator *accumulator,
                           sabot_function_context *context);
    /* Rows of several groups: row i belongs to accumulators[groups[i]]; rows of one group stand in
     * order of arrival. */
    sabot_status (*accumulate)(void *state, sabot_accumulator *accumulators,
                               size_t count_accumulators, const struct ArrowArray *arguments,
                               const int32_t *groups, sabot_function_context *context);
    /* Takes rows out again. NULL: the function is refused over input with updates or deletes. */
    sabot_status (*retract)(void *state, sabot_accumulator *accumulators, size_t count_accumulators,
                            const struct ArrowArray *arguments, const int32_t *groups,
                            sabot_function_context *context);
    /* Adds from[i] to into[i]. NULL: each row of overlapping windows is accumulated once for every
     * window that it is in. */
    sabot_status (*merge)(void *state, sabot_accumulator *into, const sabot_accumulator *from,
                          size_t count, sabot_function_context *context);
    /* One value per accumulator, which stay as they are. */
    sabot_status (*value)(void *state, const sabot_accumulator *accumulators, size_t count,
                          struct ArrowArray *out, struct ArrowSchema *out_schema,
                          sabot_function_context *context);

    /* TABLE. Each call must give rows or finish some. */
    sabot_status (*table)(void *state, sabot_table_call *call, sabot_function_context *context);
} sabot_function;

/* What a library exports, under any name. NULL: the function is not available. */
typedef const sabot_function *(*sabot_function_symbol)(void);

#ifdef __cplusplus
}
#endif

#endif
