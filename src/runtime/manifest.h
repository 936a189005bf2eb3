/*
 * runtime/manifest.h -- what makes a checkpoint: one blob, self-describing, versioned, checksummed,
 * published last.
 *
 * DESIGN     Bytes: magic "SABOTCKP" | u32 format | u64 checkpoint | i64 taken_at_ms | u64 attempt
 *            | cstr job_id, zone, decider | block plan | varint sources, each {u32 node, u8
 *            complete, varint splits, each {cstr id, str descriptor}} | varint pieces, each {u32
 *            node, u32 subtask, u32 parallelism, u32 slot_from, u32 slot_to, block piece} | u64
 *            XXH3 of everything before. Its name sorts by id.
 * OWNERSHIP  sb_manifest owns its bytes and arena; views point into them.
 */
#ifndef SB_RUNTIME_MANIFEST_H
#define SB_RUNTIME_MANIFEST_H

#include "flow/source.h"
#include "ports/store.h"
#include "runtime/piece.h"

#define SB_MANIFEST_FORMAT 1
#define SB_MANIFEST_PREFIX "chk-"
#define SB_STATE_PREFIX    "state/"

typedef struct sb_manifest_source {
    uint32_t node_id;
    bool complete;
    int32_t count;
    sb_split *splits; /* ordinals 0.. */
} sb_manifest_source;

typedef struct sb_manifest {
    uint64_t checkpoint;
    uint32_t format;
    int64_t taken_at_ms;
    uint64_t attempt;
    const char *job_id, *zone, *decider;
    sb_str plan;
    int32_t count_sources;
    sb_manifest_source *sources;
    int32_t count_pieces;
    sb_piece_view *pieces; /* ordered by (node as in the plan, subtask) */
    sb_text bytes;
    sb_arena *arena;
    sb_mem *mem;
} sb_manifest;

typedef struct sb_manifest_head { /* what a writer must say before sources and pieces */
    uint64_t checkpoint;
    int64_t taken_at_ms;
    uint64_t attempt;
    const char *job_id, *decider;
    const sb_plan *plan;
} sb_manifest_head;

void sb_manifest_begin(sb_writer *w, const sb_manifest_head *head);
void sb_manifest_piece(sb_writer *w, const sb_piece_record *piece);
void sb_manifest_end(sb_writer *w); /* the checksum */

/* Name of a checkpoint's manifest; `out` has room for 48 bytes. */
void sb_manifest_name(uint64_t checkpoint, char *out);
/* Ids of all manifests in the store, ascending; free with sb_free(mem, ids, count * 8). */
sb_status sb_manifest_list(sb_store *store, sb_mem *mem, uint64_t **out_ids, int32_t *out_count,
                           sb_error *err);
/* CORRUPT and NOT_FOUND name file and checkpoint. */
sb_status sb_manifest_read(sb_store *store, sb_mem *mem, uint64_t checkpoint, bool ignore_checksum,
                           sb_manifest **out, sb_error *err);
sb_manifest *sb_manifest_free(sb_manifest *manifest); /* returns NULL; NULL is fine */
/* Every blob that the state of the pieces needs; a name may come several times. */
sb_status sb_manifest_blobs(const sb_manifest *manifest,
                            void (*visit)(void *ctx, const char *name, int64_t bytes), void *ctx,
                            sb_error *err);
void sb_piece_record_free(sb_mem *mem, sb_piece_record *piece); /* NULL is fine */

#endif
