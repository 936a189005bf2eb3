/*
 * ports/log_sim_priv.h -- what the simulated brokers remember; see log_sim.h.
 */
#ifndef SB_PORTS_LOG_SIM_PRIV_H
#define SB_PORTS_LOG_SIM_PRIV_H

#include "ports/log_sim.h"

#define SIM_TOPICS_MAX 32
#define SIM_IDS_MAX    16
#define SIM_GROUPS_MAX 64

typedef enum transaction_state { TX_OPEN, TX_COMMITTED, TX_ABORTED } transaction_state;

typedef struct sim_record {
    int64_t timestamp_ms;
    int32_t transaction; /* place in `transactions`; -1: none */
    bool mark;           /* the end of a transaction: no reader sees it */
    bool null_key, null_value;
    sb_str key, value; /* in the arena */
    int32_t count_headers;
    sb_log_header *headers; /* in the arena */
} sim_record;

typedef struct sim_partition {
    sim_record *at; /* by offset */
    int64_t count, capacity;
} sim_partition;

typedef struct sim_topic {
    char *name;
    int32_t count;
    sim_partition *partitions;
} sim_topic;

typedef struct sim_offset { /* of a group */
    char *group, *topic;
    int32_t partition;
    int64_t offset;
    char *metadata;
} sim_offset;

typedef struct sim_transaction {
    transaction_state state;
    int32_t id; /* place in `ids` */
    int64_t started_ms;
    bool touched; /* has records or offsets: the coordinator knows of it */
    sim_offset *offsets;
    int32_t count_offsets;
} sim_transaction;

typedef struct sim_id { /* a transactional id */
    char *name;
    int32_t epoch;
    int32_t open; /* place in `transactions`; -1: none */
    int64_t timeout_ms;
} sim_id;

typedef struct sim_late { /* a request on its way */
    int64_t at_ms;
    bool commit; /* else a record */
    int32_t id, epoch;
    sb_log_append record;
    struct sim_late *next;
} sim_late;

struct sb_log_sim {
    sb_os *clock;
    sb_mem *mem;
    sb_arena *arena;
    uint64_t random;
    sb_log_sim_lies lies;
    sb_log_fate (*fate)(void *ctx, sb_log_call call, const char *what);
    void *fate_ctx;
    sim_topic topics[SIM_TOPICS_MAX];
    int32_t count_topics;
    sim_id ids[SIM_IDS_MAX];
    int32_t count_ids;
    sim_offset offsets[SIM_GROUPS_MAX];
    int32_t count_offsets;
    sim_transaction *transactions;
    int32_t count_transactions, capacity_transactions;
    sim_late *late; /* by arrival */
    int64_t commits;
};

uint64_t sim_random(sb_log_sim *sim, uint64_t below);
int64_t sim_now_ms(sb_log_sim *sim);
sim_topic *sim_find_topic(sb_log_sim *sim, const char *name); /* NULL: none */
/* Time passes for the cluster: timeouts, requests that arrive. Before every call. */
void sim_tick(sb_log_sim *sim);

/* The calls as the cluster takes them. CONFLICT: the epoch is an old one. */
int32_t sim_id_of(sb_log_sim *sim, const char *name);               /* made when it is new */
int32_t sim_fence(sb_log_sim *sim, int32_t id, int64_t timeout_ms); /* the new epoch */
sb_status sim_begin(sb_log_sim *sim, int32_t id, int32_t epoch, sb_error *err);
sb_status sim_append(sb_log_sim *sim, int32_t id, int32_t epoch, const sb_log_append *record,
                     sb_error *err); /* id -1: no transaction */
sb_status sim_send_offsets(sb_log_sim *sim, int32_t id, int32_t epoch, const char *group,
                           const sb_log_place *places, int32_t count, sb_error *err);
sb_status sim_end(sb_log_sim *sim, int32_t id, int32_t epoch, bool commit, sb_error *err);
void sim_set_offset(sb_log_sim *sim, const char *group, const sb_log_place *place);
const sim_offset *sim_get_offset(const sb_log_sim *sim, const char *group, const char *topic,
                                 int32_t partition);
bool sim_offset_pending(const sb_log_sim *sim, const char *group);
int64_t sim_stable_offset(const sb_log_sim *sim, const sim_partition *p);
void sim_send_late(sb_log_sim *sim, const sim_late *request, int64_t delay_ms);
sb_log_append sim_copy(sb_log_sim *sim, const sb_log_append *record);

#endif
