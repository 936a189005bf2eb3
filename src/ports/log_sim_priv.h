/*
 * ports/log_sim_priv.h -- what the simulated brokers remember; see log_sim.h.
 */
#ifndef SB_PORTS_LOG_SIM_PRIV_H
#define SB_PORTS_LOG_SIM_PRIV_H

#include "ports/log_sim.h"

#define SB_LS_TOPICS_MAX 32
#define SB_LS_IDS_MAX    16
#define SB_LS_GROUPS_MAX 64

typedef enum sb_ls_state { SB_LS_OPEN, SB_LS_COMMITTED, SB_LS_ABORTED } sb_ls_state;

typedef struct sb_ls_record {
    int64_t timestamp_ms;
    int32_t transaction; /* place in `transactions`; -1: none */
    bool mark;           /* the end of a transaction: no reader sees it */
    bool null_key, null_value;
    sb_str key, value; /* in the arena */
    int32_t count_headers;
    sb_log_header *headers; /* in the arena */
} sb_ls_record;

typedef struct sb_ls_partition {
    sb_ls_record *at; /* by offset */
    int64_t count, capacity;
} sb_ls_partition;

typedef struct sb_ls_topic {
    char *name;
    int32_t count;
    sb_ls_partition *partitions;
} sb_ls_topic;

typedef struct sb_ls_offset { /* of a group */
    char *group, *topic;
    int32_t partition;
    int64_t offset;
    char *metadata;
} sb_ls_offset;

typedef struct sb_ls_transaction {
    sb_ls_state state;
    int32_t id; /* place in `ids` */
    int64_t started_ms;
    bool touched; /* has records or offsets: the coordinator knows of it */
    sb_ls_offset *offsets;
    int32_t count_offsets;
} sb_ls_transaction;

typedef struct sb_ls_id { /* a transactional id */
    char *name;
    int32_t epoch;
    int32_t open; /* place in `transactions`; -1: none */
    int64_t timeout_ms;
} sb_ls_id;

typedef struct sb_ls_late { /* a request on its way */
    int64_t at_ms;
    bool commit; /* else a record */
    int32_t id, epoch;
    sb_log_append record;
    struct sb_ls_late *next;
} sb_ls_late;

struct sb_log_sim {
    sb_os *clock;
    sb_mem *mem;
    sb_arena *arena;
    uint64_t random;
    sb_log_sim_lies lies;
    sb_log_fate (*fate)(void *ctx, sb_log_call call, const char *what);
    void *fate_ctx;
    sb_ls_topic topics[SB_LS_TOPICS_MAX];
    int32_t count_topics;
    sb_ls_id ids[SB_LS_IDS_MAX];
    int32_t count_ids;
    sb_ls_offset offsets[SB_LS_GROUPS_MAX];
    int32_t count_offsets;
    sb_ls_transaction *transactions;
    int32_t count_transactions, capacity_transactions;
    sb_ls_late *late; /* by arrival */
    int64_t commits;
};

uint64_t sb_ls_random(sb_log_sim *sim, uint64_t below);
int64_t sb_ls_now_ms(sb_log_sim *sim);
sb_ls_topic *sb_ls_find_topic(sb_log_sim *sim, const char *name); /* NULL: none */
/* Time passes for the cluster: timeouts, requests that arrive. Before every call. */
void sb_ls_tick(sb_log_sim *sim);

/* The calls as the cluster takes them. CONFLICT: the epoch is an old one. */
int32_t sb_ls_id_of(sb_log_sim *sim, const char *name);               /* made when it is new */
int32_t sb_ls_fence(sb_log_sim *sim, int32_t id, int64_t timeout_ms); /* the new epoch */
sb_status sb_ls_append(sb_log_sim *sim, int32_t id, int32_t epoch, const sb_log_append *record,
                       sb_error *err); /* id -1: no transaction */
sb_status sb_ls_send_offsets(sb_log_sim *sim, int32_t id, int32_t epoch, const char *group,
                             const sb_log_place *places, int32_t count, sb_error *err);
sb_status sb_ls_end(sb_log_sim *sim, int32_t id, int32_t epoch, bool commit, sb_error *err);
void sb_ls_set_offset(sb_log_sim *sim, const char *group, const sb_log_place *place);
const sb_ls_offset *sb_ls_get_offset(const sb_log_sim *sim, const char *group, const char *topic,
                                     int32_t partition);
bool sb_ls_offset_pending(const sb_log_sim *sim, const char *group);
int64_t sb_ls_stable_offset(const sb_log_sim *sim, const sb_ls_partition *p);
void sb_ls_send_late(sb_log_sim *sim, const sb_ls_late *request, int64_t delay_ms);
sb_log_append sb_ls_copy(sb_log_sim *sim, const sb_log_append *record);

#endif
