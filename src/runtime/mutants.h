/*
 * runtime/mutants.h -- switches that take one protection away each, so that the simulator can show
 * that it is needed.
 *
 * DESIGN     All off in every build that users run; the engine passes NULL. A switch changes one
 *            line of behaviour at one place. docs/contracts.md numbers the invariants that each of
 *            them breaks.
 */
#ifndef SB_RUNTIME_MUTANTS_H
#define SB_RUNTIME_MUTANTS_H

#include <stdbool.h>

/* X(name, what is switched off) */
#define SB_MUTANT_LIST(X)                                                                        \
    X(no_alignment, "a channel is read on after its barrier in exactly-once mode (I11)")         \
    X(read_past_barrier,                                                                         \
      "the gate gives the batch behind a barrier before the piece is written (I11)")             \
    X(ack_before_write, "a piece counts before its state is written")                            \
    X(manifest_before_pieces, "the manifest is published when one piece is missing")             \
    X(commit_before_decision, "sinks publish before the manifest is durable (I21)")              \
    X(no_commit_on_restore, "handles of the restored checkpoint are not committed again (I21)")  \
    X(handle_forgotten, "a handle leaves the pieces before its commit returned")                 \
    X(restore_one_clock, "all pieces are replayed under one minimum watermark")                  \
    X(no_level_clamp, "forwarded watermarks are not clamped while pieces are merged")            \
    X(max_past_idle, "MAX passes when finished and idle channels are left (I22)")                \
    X(no_realign, "a channel back from idle counts at once although it is behind (R5)")          \
    X(empty_not_idle, "a subtask without splits does not start idle")                            \
    X(no_flush_at_barrier, "open batches are not pushed before the barrier (I9)")                \
    X(head_cursor_kept, "head_is_mine is always true (I5)")                                      \
    X(rests_dropped, "unconsumed rows of the head are not in the piece")                         \
    X(rest_marks_dropped, "rests lose their marks")                                              \
    X(split_marks_lost, "a hash exchange sends marks only to targets that get rows")             \
    X(position_early, "a split's position is one batch too early (I20)")                         \
    X(position_late, "a split's position is one batch too late (I20)")                           \
    X(no_final_checkpoint, "a finished bounded job does not take its last checkpoint (R50)")     \
    X(gc_newest_only, "garbage collection keeps only what the newest manifest needs")            \
    X(gc_before_manifest, "garbage collection runs before the new manifest is there")            \
    X(no_split_announcement, "splits are not announced before their first row")                  \
    X(barrier_before_news, "a source takes its piece before it has announced its splits")        \
    X(wrong_slot_owner, "rests go to the subtask that wrote them, whatever their slot (I14)")    \
    X(done_not_reset, "done is not MIN after restore: a cut-off firing is not resumed")          \
    X(barrier_before_piece, "the barrier is sent on before the open batches and the piece (I9)") \
    X(finished_without_piece, "finished tasks are left out of checkpoints (R52)")                \
    X(no_ended_trigger, "a task with ended inputs waits for a barrier that never comes")         \
    X(checksum_ignored, "the checksum of a manifest is not looked at")                           \
    X(global_order_lost, "commits of several checkpoints run in reverse order (I21)")            \
    X(decide_unprepared, "the log decides before all rows are with it")                          \
    X(decision_before_manifest, "the log decides before the manifest is durable")                \
    X(decision_ignored, "the newest manifest is taken, whatever the log has decided")

typedef struct sb_mutants {
#define X(name, text) bool name;
    SB_MUTANT_LIST(X)
#undef X
} sb_mutants;

#endif
