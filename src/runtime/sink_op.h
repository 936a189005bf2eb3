/*
 * runtime/sink_op.h -- the operator of the runtime that drives a connector's sink, or hands rows to
 * the caller.
 */
#ifndef SB_RUNTIME_SINK_OP_H
#define SB_RUNTIME_SINK_OP_H

#include "flow/sink.h"

extern const sb_op_vtable sb_sink_op;

/* Handles that are in the pieces until their commit returned. */
void sb_sink_op_write_handles(const sb_op *op, sb_writer *w);
/* Commits of all pieces up to `checkpoint` have returned: forget those handles. */
void sb_sink_op_committed(sb_op *op, uint64_t checkpoint);

#endif
