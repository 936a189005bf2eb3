/*
 * ports/log_sim.h -- the simulated cluster of a log: topics, groups, transactions, fencing, and the
 * ways in which they fail.
 *
 * DESIGN     Two halves. The *cluster* (log_sim_cluster.c) is what brokers remember; it outlives
 *            the processes that use it: records with the transaction they belong to, marks that
 *            take an offset at the end of each, the last stable offset, transactional ids with
 *            their epoch and timeout, offsets of groups, pending ones included. The *client*
 *            (log_sim.c) is a driver of ports/log.h over it: queues that are delivered bit by bit,
 *            errors, retries. What the network may do to a request is asked of a hook, call by call
 *            (sb_log_fate). Requests can be on their way when a process dies, and arrive
 *            afterwards: records that were queued, a commit. They are taken as a broker takes them:
 *            refused where the epoch is not the newest. A commit that arrives twice ends whatever
 *            transaction of the same epoch is open then; Kafka's protocol before KIP-890 is so.
 * THREADS    one
 */
#ifndef SB_PORTS_LOG_SIM_H
#define SB_PORTS_LOG_SIM_H

#include "ports/log.h"

typedef struct sb_log_sim sb_log_sim;

/* X(ID, name): the calls that can be disturbed */
#define SB_LOG_CALLS(X)                 \
    X(TOPICS, "topics")                 \
    X(BOUNDS, "bounds")                 \
    X(COMMITTED, "committed")           \
    X(COMMIT_OFFSETS, "commit_offsets") \
    X(POLL, "poll")                     \
    X(APPEND, "append")                 \
    X(FLUSH, "flush")                   \
    X(FENCE, "fence")                   \
    X(SEND_OFFSETS, "send_offsets")     \
    X(COMMIT, "commit")                 \
    X(ABORT, "abort")

typedef enum sb_log_call {

#define X(id, name) SB_LOG_CALL_##id,
    SB_LOG_CALLS(X)
#undef X
        SB_LOG_CALL_COUNT
} sb_log_call;

typedef enum sb_log_fate {
    SB_LOG_FINE,
    SB_LOG_REQUEST_LOST, /* no effect; the caller gets an error */
    SB_LOG_ANSWER_LOST,  /* has its effect; the caller gets an error */
    SB_LOG_RETRIED,      /* fine for the caller; the request arrives once more some time later */
    SB_LOG_DEAD,         /* the process is no more: no effect; what was on its way may arrive */
    SB_LOG_DEAD_AFTER    /* has its effect, then as DEAD */
} sb_log_fate;

typedef struct sb_log_sim_lies { /* protections of a cluster, switched off */
    bool no_fence;               /* an earlier owner of a transactional id goes on */
    bool offsets_outside;        /* offsets count at once, not with their transaction */
    bool reads_open;             /* read_committed sees what is not committed */
    bool delivered_early;        /* says so of records that wait in its queue */
    bool never_tired; /* the client goes on with a producer whose commit was sent twice */
} sb_log_sim_lies;

sb_log_sim *sb_log_sim_new(sb_os *clock, uint64_t seed);
void sb_log_sim_free(sb_log_sim *sim); /* no client is left; NULL is fine */
/* Makes a topic, or gives it more partitions. */
void sb_log_sim_topic(sb_log_sim *sim, const char *name, int32_t partitions);
void sb_log_sim_set_lies(sb_log_sim *sim, const sb_log_sim_lies *lies);
/* `what`: topic, group or transactional id, for the trace. */
void sb_log_sim_set_fate(sb_log_sim *sim,
                         sb_log_fate (*fate)(void *ctx, sb_log_call call, const char *what),
                         void *ctx);
/* From outside of all jobs: a record of no transaction. */
void sb_log_sim_put(sb_log_sim *sim, const char *topic, int32_t partition, sb_str key, sb_str value,
                    int64_t timestamp_ms);
/* Records of all partitions in order, as read_committed sees them (or all that are there). */
void sb_log_sim_read(sb_log_sim *sim, const char *topic, bool committed,
                     void (*visit)(void *ctx, int32_t partition, const sb_log_record *record),
                     void *ctx);
/* Everything on its way arrives, or will not any more. */
void sb_log_sim_settle(sb_log_sim *sim);
int32_t sb_log_sim_open_transactions(const sb_log_sim *sim); /* that have records or offsets */
/* A throw of the cluster's dice: true so often in 65536. */
bool sb_log_sim_chance(sb_log_sim *sim, uint32_t of_65536);
int64_t sb_log_sim_commits(const sb_log_sim *sim); /* transactions committed so far */

/* Clients: sb_os.log_cluster is the sb_log_sim. */
extern const sb_log_driver sb_log_driver_sim;

#endif
