/*
 * sim/world.h -- the simulated machine of one run: a clock, a disk that loses what was not synced,
 * faults at named steps, death at any call.
 *
 * DESIGN     A wrapper around sb_os_sim. Each call of the program is given the *step* it belongs
 * to, from its path, from what is done, and from the crash points that the engine passes. A
 * *target* is one fault at one step: it strikes at the n-th call that fits, so that seeds spread
 * evenly over (fault x step) instead of hitting the commonest calls only. Noise adds rare faults
 * anywhere. Death: from one call on (before or after it took effect) every call fails and changes
 * nothing, so that whatever the dying program still does has no effect; then the disk loses what
 * was not durable (sb_sim_world_crash). Everything that happens is folded into a hash; its last
 * events are kept for people. THREADS    one
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/os/sim.h"
#include "ports/log_sim.h"
#include "sim/random.h"

/* X(ENUM, name, text) */
#define SIM_STEPS(X)                                                       \
    X(PROCESSING, "processing", "reading input, rows through operators")   \
    X(BARRIER, "barrier", "a checkpoint's barriers are on their way")      \
    X(SNAPSHOT, "snapshot", "state is written")                            \
    X(MANIFEST, "manifest", "the manifest is published, old ones removed") \
    X(PREPARE, "prepare", "a sink makes its part durable")                 \
    X(PUBLISH, "publish", "a decided checkpoint's results become visible") \
    X(DECIDE, "decide", "a log is asked to decide a checkpoint")           \
    X(COMMIT, "commit", "the checkpoint is decided, tasks are being told") \
    X(RESTORE, "restore", "finding the checkpoint and loading it")

typedef enum sb_sim_step {

#define X(id, name, text) SIM_STEP_##id,
    SIM_STEPS(X)
#undef X
        SIM_STEP_COUNT
} sb_sim_step;

/* The first ones are done by targets; crash_* are what a crash did to the disk. */
#define SIM_FAULTS(X)                                                            \
    X(CRASH, "crash", "the process dies")                                        \
    X(WRITE_FAILS, "write_fails", "a write returns an error")                    \
    X(WRITE_TORN, "write_torn", "a write stores a part and fails")               \
    X(SYNC_FAILS, "sync_fails", "fsync of a file or folder fails")               \
    X(RENAME_FAILS, "rename_fails", "a rename or link fails")                    \
    X(READ_FAILS, "read_fails", "a read fails")                                  \
    X(DISK_FULL, "disk_full", "writes fail for a while")                         \
    X(SLOW_ACK, "slow_ack", "acknowledged after the timeout")                    \
    X(REQUEST_LOST, "request_lost", "a request to the log is lost")              \
    X(ANSWER_LOST, "answer_lost", "the log's answer is lost")                    \
    X(RETRIED, "retried", "a request is sent twice, and arrives late once more") \
    X(CRASH_LOST, "crash_lost", "a crash: a file lost bytes")                    \
    X(CRASH_TORN, "crash_torn", "a crash: a file kept some bytes")               \
    X(CRASH_NAMES, "crash_names", "a crash: a folder lost names")

typedef enum sb_sim_fault {

#define X(id, name, text) SIM_FAULT_##id,
    SIM_FAULTS(X)
#undef X
        SIM_FAULT_COUNT
} sb_sim_fault;

extern const char *const sb_sim_step_names[SIM_STEP_COUNT];
extern const char *const sb_sim_fault_names[SIM_FAULT_COUNT];

typedef struct sb_sim_target {
    sb_sim_fault fault;
    sb_sim_step step;
    int32_t skip; /* fitting calls that pass unharmed before */
    bool after;   /* CRASH: the call still takes effect */
    bool done;
} sb_sim_target;

typedef struct sb_sim_world sb_sim_world;

/* Protections of the machine itself that can be switched off: each must be missed. */
typedef struct sb_sim_lies {
    bool file_sync; /* fsync of files does nothing */
    bool dir_sync;  /* fsync of folders does nothing */
    bool lock;      /* a lock that is held is granted again */
    bool rename;    /* a death in a rename leaves half of the file under the new name */
    sb_log_sim_lies log;
} sb_sim_lies;

sb_sim_world *sb_sim_world_new(uint64_t seed, bool verbose);
void sb_sim_world_free(sb_sim_world *world); /* NULL is fine */
sb_os *sb_sim_world_os(sb_sim_world *world);
sb_os *sb_sim_world_disk(
    sb_sim_world *world); /* the disk itself: no faults, no trace; for checks */
sb_log_sim *sb_sim_world_log(sb_sim_world *world); /* the cluster of the log; no fault by itself */
void sb_sim_world_set_lies(sb_sim_world *world, const sb_sim_lies *lies);

void sb_sim_world_aim(sb_sim_world *world, const sb_sim_target *target);
void sb_sim_world_noise(sb_sim_world *world,
                        uint32_t chance);     /* in 1/65536 per call, for every kind of fault */
void sb_sim_world_quiet(sb_sim_world *world); /* no more faults: targets are dropped */
/* A target of this fault that is due at this step (not a call of the disk): taken. */
bool sb_sim_world_takes(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step);

/* What the driver is doing: true while a job starts. */
void sb_sim_world_starting(sb_sim_world *world, bool starting);
void sb_sim_world_turn(sb_sim_world *world); /* a turn of the job begins */
bool sb_sim_world_is_dead(const sb_sim_world *world);
void sb_sim_world_kill(sb_sim_world *world, sb_sim_step step); /* dies now, between two calls */
void sb_sim_world_crash(sb_sim_world *world); /* the disk loses what was not durable; alive again */

int64_t sb_sim_world_now_ms(sb_sim_world *world);
void sb_sim_world_advance_us(sb_sim_world *world, int64_t us);
/* renames into `out` and commits of the log so far */
int64_t sb_sim_world_published(const sb_sim_world *world);
int64_t sb_sim_world_calls(const sb_sim_world *world);

void sb_sim_world_count(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step);
int64_t sb_sim_world_hits(sb_sim_world *world, sb_sim_fault fault, sb_sim_step step);

void sb_sim_world_trace(sb_sim_world *world, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void sb_sim_world_fold(sb_sim_world *world, uint64_t value); /* into the hash only */
uint64_t sb_sim_world_hash(const sb_sim_world *world);
void sb_sim_world_tail(sb_sim_world *world, sb_text *out); /* the last events */

#endif
