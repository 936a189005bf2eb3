/*
 * flow/user.h -- code that users register: what operators see of it.
 *
 * DESIGN     The engine checks a registered function, turns its SQL types into schemas and keeps
 *            the result here. The public functions that a callback may call (sabot/process.h) go
 *            through the table of calls at the head of its context, so that the operator that
 *            implements them stays below the engine.
 * OWNERSHIP  The engine owns sb_user_process for as long as it is open.
 * THREADS    read-only after registration: T:any. Callbacks: T:task.
 */
#ifndef SB_FLOW_USER_H
#define SB_FLOW_USER_H

#include "plan/nodes.h"
#include "sabot/process.h"

typedef struct sb_user_state {
    const char *name;
    bool is_map;
    sb_type key; /* map states */
    sb_type value;
    int64_t ttl_ms;
} sb_user_state;

typedef struct sb_user_process {
    const char *name;
    const sb_schema *output;
    int32_t count_sides;
    const char *const *side_tags;
    const sb_schema *const *sides;
    int32_t count_states;
    const sb_user_state *states;
    bool takes_changelog;
    void *user;
    sabot_status (*open)(void *user, void **out_instance); /* NULL: the instance is `user` */
    void (*close)(void *instance);                         /* may be NULL */
    sabot_status (*on_row)(void *instance, sabot_process_context *context);
    sabot_status (*on_timer)(void *instance, sabot_process_context *context); /* may be NULL */
} sb_user_process;

/* Registered functions, found by name. */
typedef struct sb_user_functions {
    /* NULL: unknown */
    const sb_user_process *(*process)(const struct sb_user_functions *self, const char *name);
    /* functions in expressions, aggregates and table functions (expr/udf.h); NULL: none */
    struct sb_udf_library *library;
} sb_user_functions;

/* What stands behind the calls of sabot/process.h. */
typedef struct sb_process_calls {
    int32_t (*column)(sabot_process_context *c, const char *name);
    sabot_status (*get)(sabot_process_context *c, int32_t column, sabot_value *out);
    sabot_op (*op)(sabot_process_context *c);
    sabot_status (*key)(sabot_process_context *c, int32_t index, sabot_value *out);
    int64_t (*watermark)(sabot_process_context *c);
    int64_t (*now)(sabot_process_context *c);
    int64_t (*timestamp)(sabot_process_context *c);
    sabot_time_domain (*domain)(sabot_process_context *c);
    sabot_status (*timer)(sabot_process_context *c, sabot_time_domain domain, int64_t time_ms,
                          bool set);
    sabot_status (*state_get)(sabot_process_context *c, int32_t state, sabot_value *out);
    sabot_status (*state_set)(sabot_process_context *c, int32_t state, const sabot_value *value);
    sabot_status (*state_clear)(sabot_process_context *c, int32_t state);
    sabot_status (*map_get)(sabot_process_context *c, int32_t state, const sabot_value *key,
                            sabot_value *out);
    sabot_status (*map_put)(sabot_process_context *c, int32_t state, const sabot_value *key,
                            const sabot_value *value);
    sabot_status (*map_remove)(sabot_process_context *c, int32_t state, const sabot_value *key);
    sabot_status (*map_each)(sabot_process_context *c, int32_t state,
                             bool (*visit)(void *ctx, const sabot_value *key,
                                           const sabot_value *value),
                             void *ctx);
    sabot_status (*emit)(sabot_process_context *c, int32_t port, const sabot_value *values,
                         size_t count);
    sabot_status (*fail)(sabot_process_context *c, const char *message);
} sb_process_calls;

struct sabot_process_context { /* the operator's context begins with it */
    const sb_process_calls *calls;
};

#endif
