/*
 * flow/decider.h -- a transactional log that decides checkpoints.
 *
 * DESIGN     What the sinks of a job write into the log between two barriers is one *epoch*, and
 *            one transaction for all of them. The transaction also carries the number of the
 *            checkpoint, so its commit is the decision: of the checkpoint, of its rows in the log,
 *            and (through the manifest) of what other sinks publish afterwards. Before it commits,
 *            the manifest is durable. After a crash the log is asked what was decided; manifests
 *            beyond it were never true.
 *            An owner is one run of a job; it carries a random name, its claim. open() ends what
 *            earlier owners left; the first decision of an owner writes its claim, so that one that
 *            was fenced can tell a rival (another claim) from a transaction that took too long.
 *            Epochs are counted from 0 in each attempt: a sink is in epoch k after k barriers.
 * THREADS    open, prepare, decide, close: the coordinator or an I/O job, one at a time.
 *            What sinks use of it is T:task, by several at a time.
 */
#ifndef SB_FLOW_DECIDER_H
#define SB_FLOW_DECIDER_H

#include "plan/nodes.h"

typedef struct sb_decider_vtable sb_decider_vtable;

typedef struct sb_decider { /* deciders derive from it */
    const sb_decider_vtable *vtable;
} sb_decider;

typedef struct sb_decider_init {
    sb_mem *mem;
    sb_os *os;
    const sb_sink_node *const *sinks; /* that it decides for: at least one; outlive it */
    int32_t count_sinks;
    const char *job_id;
    uint64_t claim;              /* of this owner: the same in all its attempts */
    bool again;                  /* it has written its claim before */
    int64_t checkpoint_interval; /* ms; 0: none */
    /* May be NULL. T:any */
    void (*note)(void *ctx, bool warning, const char *line);
    void *ctx;
    /* There is room again for a sink that could not write. T:any */
    void (*wake)(void *ctx);
} sb_decider_init;

typedef struct sb_decision {
    bool known;          /* the log has one */
    bool ended;          /* its job has finished: nothing of it will be resumed */
    char job_id[40];     /* whose */
    uint64_t checkpoint; /* 0: the job has begun, and nothing was decided */
} sb_decision;

struct sb_decider_vtable {
    const char *name; /* in manifests: "kafka" */
    /* Can one decider decide for all these sinks? Reads options, talks to nobody. */
    sb_status (*check)(const sb_sink_node *const *sinks, int32_t count, int64_t checkpoint_interval,
                       sb_error *err);
    /* Fences earlier owners and tells their last decision. CONFLICT: an owner with another claim
     * has come between (only `again`), or (known, not ended, another job_id) the log belongs to a
     * job that may go on; nobody is fenced then. */
    sb_status (*open)(const sb_decider_init *init, sb_decider **out, sb_decision *out_decision,
                      sb_error *err);
    /* All of the oldest open epoch is with the log: its decision can only fail for want of the
     * log itself. */
    sb_status (*prepare)(sb_decider *d, sb_error *err);
    /* Commits the oldest open epoch with this number; `ended`: no checkpoint will follow. A failed
     * decision is final: the attempt ends, and the next one learns by open() how it went. Also
     * right after open, without prepare: writes down what is known already, and the claim. */
    sb_status (*decide)(sb_decider *d, uint64_t checkpoint, bool ended, sb_error *err);
    void (*close)(sb_decider *d); /* ends open epochs, as well as it can; accepts half-built */
};

#endif
