/*
 * runtime/coordinator.h -- takes checkpoints: when, of whom, decided by what, published how, kept
 * how long.
 *
 * DESIGN     One checkpoint at a time: COLLECTING (barriers flow, pieces come in) -> WRITING (an
 * I/O job publishes the manifest and collects garbage) -> decided -> its sink handles are committed
 * by I/O jobs, one checkpoint after the other. The next checkpoint may begin while commits run:
 * handles stay in the pieces until their commit returned. A checkpoint that fails is given up: its
 * barriers still flow, nobody does anything for it. Without a store the decision is made in memory;
 * that is how a job without checkpointing publishes its results at the end. The last checkpoint is
 * taken when all units are done (R50), the stop checkpoint when the user asks. THREADS    turn: the
 * coordinator. ack, decline: T:any.
 */
#ifndef SB_RUNTIME_COORDINATOR_H
#define SB_RUNTIME_COORDINATOR_H

#include "runtime/job.h"
#include "runtime/manifest.h"
#include "runtime/unit.h"

typedef enum sb_checkpoint_phase {
    SB_CHECKPOINT_NONE,
    SB_CHECKPOINT_COLLECTING,
    SB_CHECKPOINT_WRITING
} sb_checkpoint_phase;

typedef enum sb_checkpoint_kind {
    SB_CHECKPOINT_PERIODIC,
    SB_CHECKPOINT_STOP,
    SB_CHECKPOINT_FINAL
} sb_checkpoint_kind;

/* A decided checkpoint whose handles wait for their commit. */
typedef struct sb_commit {
    uint64_t checkpoint;
    sb_piece_record **pieces; /* of sinks only */
    int32_t count;
    struct sb_commit *next;
} sb_commit;

/* A checkpoint that must stay restorable. */
typedef struct sb_retained {
    uint64_t checkpoint;
    char **blobs; /* sorted, each once */
    int32_t count;
    struct sb_retained *next; /* newer */
} sb_retained;

typedef struct sb_coordinator {
    uint64_t next_id;
    /* the checkpoint being taken; mutex, but for the phase, which status asks for at any time */
    _Atomic sb_checkpoint_phase phase;
    sb_checkpoint_kind kind;
    uint64_t id;
    int64_t started_ms;
    sb_piece_record **pieces; /* by unit; job memory */
    int32_t count_units, missing;
    bool declined, write_done, write_busy;
    sb_error problem; /* why declined, or how the write ended */
    int64_t manifest_bytes;
    /* commits; mutex */
    sb_commit *commits, **commits_end;
    bool commit_busy, commit_done;
    sb_error commit_problem;
    /* I/O job of the manifest; touched by it alone while write_busy */
    sb_retained *retained; /* oldest first */
    /* wishes; mutex */
    bool trigger_wanted, stop_wanted, stop_drain;
    /* the coordinator's */
    bool final_decided, stop_decided, stop_begun;
    int64_t next_trigger_ms, last_end_ms;
    int32_t failed_in_a_row;
    /* for status; mutex */
    uint64_t last_id;
    int64_t completed, failed, last_duration_ms, last_bytes, last_at_ms;
} sb_coordinator;

void sb_coordinator_init(sb_coordinator *c);
/* A new attempt: nothing is being taken; what is retained stays. */
sb_status sb_coordinator_reset(sb_job *job, sb_error *err);
/* drops the checkpoint being taken and waiting commits; no I/O job runs */
void sb_coordinator_clear(sb_job *job);
void sb_coordinator_deinit(sb_job *job);

/* What the driver does with the answer of a turn. */
typedef enum sb_verdict {
    SB_VERDICT_GO_ON,
    SB_VERDICT_FINISHED,
    SB_VERDICT_STOPPED,
    SB_VERDICT_FAILED
} sb_verdict;

sb_verdict sb_coordinator_turn(sb_job *job, int64_t now_ms, bool *out_progress,
                               int64_t *out_wake_ms, sb_error *err);

/* Takes the piece over. T:any */
void sb_coordinator_ack(sb_job *job, int32_t unit, uint64_t checkpoint, sb_piece_record *piece);
void sb_coordinator_decline(sb_job *job, uint64_t checkpoint, const sb_error *why);

/* --- decide.c: the I/O jobs --- */

/* writes the manifest of the checkpoint being taken */
sb_status sb_decide_start(sb_job *job, sb_error *err);
sb_status sb_commit_start(sb_job *job, sb_error *err); /* commits the first waiting checkpoint */
sb_status sb_commit_pieces(sb_job *job, const sb_piece_view *pieces, int32_t count, bool recovering,
                           sb_error *err);
sb_commit *sb_commit_free(sb_job *job, sb_commit *commit);

/* --- gc.c --- */

/* Remembers what `manifest` needs as the newest retained checkpoint. */
sb_status sb_gc_retain(sb_job *job, const sb_manifest *manifest, sb_error *err);
/* Removes checkpoints beyond num_retained and the blobs only they needed. Failures are logged.
 * T:io */
void sb_gc_collect(sb_job *job);
/* After a restore: removes blobs of nobody (left by a crash). */
void sb_gc_sweep(sb_job *job);
void sb_gc_forget_all(sb_job *job);

#endif
