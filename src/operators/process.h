/*
 * operators/process.h -- inside the keyed process operator: the instance, and the context of the
 * callback that runs.
 *
 * THREADS    T:task
 */
#ifndef SB_OPERATORS_PROCESS_H
#define SB_OPERATORS_PROCESS_H

#include "flow/user.h"
#include "operators/keyed.h"

typedef struct sb_process_state {
    const sb_user_state *user;
    sb_table *table;
    sb_vector *key, *value; /* CONST, one value: what is looked up or written */
} sb_process_state;

typedef struct sb_process_timer {
    int64_t time_ms;
    bool set;
    uint8_t domain;
} sb_process_timer;

typedef struct sb_process sb_process;

typedef struct sb_process_context {
    sabot_process_context base; /* first: what callbacks get */
    sb_process *op;
    sb_io *io;
    sb_error *err;
    sb_keys key;          /* one key */
    int32_t key_row;      /* its physical row */
    const sb_batch *head; /* on_row; NULL in on_timer */
    int32_t row;          /* physical row of `head` */
    int64_t timestamp_ms;
    int64_t floor_ms; /* of event timers set now */
    sabot_time_domain domain;
    sabot_status failed; /* first call that failed; its message is in err */
} sb_process_context;

struct sb_process {
    sb_op base;
    const sb_process_node *body;
    const sb_user_process *user;
    const sb_schema *input;
    sb_os *os;
    void *instance;
    bool is_open;
    sb_keyed keyed;
    sb_timers *timers[2]; /* by domain */
    sb_process_state *states;
    sb_process_context context;
    sb_process_timer *ops;
    int32_t count_ops, capacity_ops;
};

/* process_calls.c: what a callback may ask for. */
extern const sb_process_calls sb_process_call_table;

#endif
