/*
 * runtime/piece.h -- one (operator, subtask) of one checkpoint, as bytes.
 *
 * DESIGN     Written in two parts: what the task writes at the barrier (watermarks, rests, the
 *            operator's own bytes, sink handles), then the descriptor of the state, known only when
 *            its blobs are durable. A piece is small: state lies in blobs.
 * OWNERSHIP  A view points into the manifest's bytes.
 */
#ifndef SB_RUNTIME_PIECE_H
#define SB_RUNTIME_PIECE_H

#include "flow/op.h"

#define SB_PIECE_VERSION 1

struct sb_unit;

typedef struct sb_piece_view {
    uint32_t node_id;
    int32_t subtask, parallelism;
    uint32_t slot_from, slot_to;
    int64_t watermark_ms[2];
    int64_t level_ms; /* last watermark forwarded: no output comes below it */
    bool input_idle[2];
    bool idle; /* all inputs idle and no watermark seen */
    bool finished;
    sb_str rest[2];       /* sb_batch_write bytes; empty: none */
    int32_t rest_rows[2]; /* rows in it: it may be marks alone */
    sb_str op;
    sb_str handles; /* varint count, then (u64 checkpoint, str bytes) each */
    sb_str state;   /* descriptor; empty: none */
} sb_piece_view;

/* One acknowledged piece. */
typedef struct sb_piece_record {
    uint32_t node_id;
    int32_t subtask, parallelism;
    uint32_t slot_from, slot_to;
    sb_writer bytes; /* both parts */
} sb_piece_record;

/* First part; T:task. */
sb_status sb_piece_write(struct sb_unit *unit, sb_writer *w, sb_error *err);
/* Second part; T:io. state NULL: none. */
void sb_piece_write_state(sb_writer *w, const sb_writer *state);
/* fills all but ids and slots */
sb_status sb_piece_read(sb_reader *r, sb_piece_view *out, sb_error *err);

/* Visits the handles of a piece. */
typedef struct sb_handle_view {
    uint64_t checkpoint;
    sb_str bytes;
} sb_handle_view;

sb_status sb_piece_handles(const sb_piece_view *piece,
                           sb_status (*visit)(void *ctx, const sb_handle_view *handle,
                                              sb_error *err),
                           void *ctx, sb_error *err);

#endif
