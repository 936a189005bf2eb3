/*
 * runtime/source_op.h -- the operator of the runtime that drives a connector's source: splits in,
 * batches out.
 */
#ifndef SB_RUNTIME_SOURCE_OP_H
#define SB_RUNTIME_SOURCE_OP_H

#include "flow/source.h"
#include "runtime/graph.h"

extern const sb_op_vtable sb_source_op;

/* A checkpoint was decided: the source may forget what is behind its positions. */
sb_status sb_source_op_decided(sb_op *op, uint64_t checkpoint, sb_error *err);
/* Scan interleave: the source may poll this many batches of one row; -1: no such limit. */
void sb_source_op_grant(sb_op *op, int32_t count);
/* Splits that it has not told of yet: their begin or their end. */
bool sb_source_op_has_news(const sb_op *op);
/* Nothing more will come from it (or it cannot poll now). */
bool sb_source_op_ended(const sb_op *op);
/* Back-channels for the watermark operator in the same task; ctx: the source's op. */
void sb_source_op_split_watermark(void *ctx, int32_t split, int64_t watermark_ms);
sb_split_state sb_source_op_split_state(void *ctx, int32_t split);
/* Joins an alignment group as its member `index`. */
void sb_source_op_align(sb_op *op, sb_align_group *group, int32_t index);

#endif
