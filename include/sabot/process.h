/*
 * sabot/process.h -- keyed process functions: user code per row and per timer, with state per key.
 *
 * A function is registered with sabot_register_process (sabot/sabot.h) and used in SQL as a table:
 *
 *     CREATE TABLE alerts (...) WITH ('connector' = 'process', 'function' = 'name', 'input' =
 *     'SELECT ...',
 *                                     'partition-by' = 'account');
 *
 * Every callback runs on one thread at a time per instance; there is one instance per subtask. It
 * may be another thread each time, so nothing may be kept in thread-local storage. A callback sees
 * the state of the current key only. What it reads and writes through the context is part of
 * checkpoints; what it keeps elsewhere is not. Pointers got from the context (bytes of values) are
 * valid until the next call on the same context.
 *
 * Part of the public API; C and C++.
 */
#ifndef SABOT_PROCESS_H
#define SABOT_PROCESS_H

#include "sabot/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a callback may use; valid during the callback only. */
typedef struct sabot_process_context sabot_process_context;

typedef enum sabot_time_domain {
    SABOT_EVENT_TIME = 0,     /* fires when the watermark reaches it */
    SABOT_PROCESSING_TIME = 1 /* fires when the clock reaches it */
} sabot_time_domain;

/* A piece of state per key, used by its index in the list. */
typedef struct sabot_state_declaration {
    const char *name;    /* for people: errors, inspect */
    const char *map_key; /* SQL type of the map's key: a map state; NULL: a value state */
    const char *value;   /* SQL type of the value */
    /* 0: kept until cleared; else forgotten so long after the last write (processing time) */
    int64_t ttl_ms;
} sabot_state_declaration;

typedef struct sabot_side_output {
    const char *tag;     /* table name is <table>$<tag> */
    const char *columns; /* as in CREATE TABLE: "id BIGINT, reason STRING" */
} sabot_side_output;

/*
 * The function. struct_size must be sizeof(sabot_process_function): a newer library accepts an
 * older, shorter one. Everything is copied at registration but `user`. Callbacks return SABOT_OK,
 * or another status to fail the job (see sabot_process_fail for the message).
 */
typedef struct sabot_process_function {
    size_t struct_size;
    const char *name;
    /* of the output, as in CREATE TABLE: "account BIGINT, total DECIMAL(10, 2)" */
    const char *columns;
    const sabot_state_declaration *states;
    size_t count_states;
    const sabot_side_output *sides;
    size_t count_sides;
    /* the input may hold updates and deletes (see sabot_process_op); else such an input is
     * refused */
    bool takes_changelog;
    void *user;                  /* given to open; must outlive the engine's jobs */
    void (*release)(void *user); /* NULL, or called once when the engine closes */
    /* NULL: the instance is `user`. One instance per subtask. */
    sabot_status (*open)(void *user, void **out_instance);
    void (*close)(void *instance); /* NULL: nothing to do */
    sabot_status (*on_row)(void *instance, sabot_process_context *context);
    /* NULL: sets no timers */
    sabot_status (*on_timer)(void *instance, sabot_process_context *context);
} sabot_process_function;

/* ---- the row (on_row only; SABOT_INVALID elsewhere) and the key
 * --------------------------------------------------- */

/* Input columns by index; -1: there is none of this name. */
SABOT_API int32_t sabot_process_column(sabot_process_context *context, const char *name);
/* SABOT_NOT_SUPPORTED for ARRAY, MAP, MULTISET and ROW columns. */
SABOT_API sabot_status sabot_process_get(sabot_process_context *context, int32_t column,
                                         sabot_value *out);
SABOT_API sabot_op sabot_process_op(sabot_process_context *context);
/* Key columns by their place in the key; in both callbacks. */
SABOT_API sabot_status sabot_process_key(sabot_process_context *context, int32_t index,
                                         sabot_value *out);

/* ---- time
 * -------------------------------------------------------------------------------------------------
 */

/* Watermark in force, ms since the epoch; INT64_MIN: none yet. */
SABOT_API int64_t sabot_process_watermark(sabot_process_context *context);
/* processing time, ms since the epoch */
SABOT_API int64_t sabot_process_now(sabot_process_context *context);
/* on_row: event time of the row in ms, INT64_MIN if the input has no time attribute. on_timer:
 * the time that was asked for. */
SABOT_API int64_t sabot_process_timestamp(sabot_process_context *context);
/* on_timer: which kind has fired */
SABOT_API sabot_time_domain sabot_process_domain(sabot_process_context *context);

/* One timer per (key, domain, time): setting it again changes nothing. A timer at or before the
 * watermark fires as soon as the watermark moves on (from on_row) or at once (from on_timer).
 * Processing-time timers that are not due when a bounded input ends are dropped. */
SABOT_API sabot_status sabot_process_set_timer(sabot_process_context *context,
                                               sabot_time_domain domain, int64_t time_ms);
SABOT_API sabot_status sabot_process_delete_timer(sabot_process_context *context,
                                                  sabot_time_domain domain, int64_t time_ms);

/* ---- state of the current key
 * ------------------------------------------------------------------------------------- */

/* Value state: NULL value when nothing is kept. Writing NULL keeps a NULL; clear forgets. */
SABOT_API sabot_status sabot_state_get(sabot_process_context *context, int32_t state,
                                       sabot_value *out);
SABOT_API sabot_status sabot_state_set(sabot_process_context *context, int32_t state,
                                       sabot_value value);
/* value or whole map */
SABOT_API sabot_status sabot_state_clear(sabot_process_context *context, int32_t state);

/* Map state. get: SABOT_NOT_FOUND without a message when the key is not there. */
SABOT_API sabot_status sabot_map_get(sabot_process_context *context, int32_t state, sabot_value key,
                                     sabot_value *out);
SABOT_API sabot_status sabot_map_put(sabot_process_context *context, int32_t state, sabot_value key,
                                     sabot_value value);
SABOT_API sabot_status sabot_map_remove(sabot_process_context *context, int32_t state,
                                        sabot_value key);
/* Entries in ascending order of the key. visit returns false to stop; it must not change this
 * map. */
SABOT_API sabot_status sabot_map_each(sabot_process_context *context, int32_t state,
                                      bool (*visit)(void *ctx, const sabot_value *key,
                                                    const sabot_value *value),
                                      void *ctx);

/* ---- output
 * -------------------------------------------------------------------------------------------------
 */

/* One row: a value per declared column. SABOT_INVALID when kinds or their number do not fit. */
SABOT_API sabot_status sabot_process_emit(sabot_process_context *context, const sabot_value *values,
                                          size_t count);
SABOT_API sabot_status sabot_process_emit_side(sabot_process_context *context, int32_t side,
                                               const sabot_value *values, size_t count);

/* Sets the message that the job fails with and returns SABOT_DATA, to be returned by the
 * callback. */
SABOT_API sabot_status sabot_process_fail(sabot_process_context *context, const char *message);

#ifdef __cplusplus
}
#endif

#endif
