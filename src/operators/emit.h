/*
 * operators/emit.h -- batches out: a few rows join the open batch of the port, many go as they are.
 */
#ifndef SB_OPERATORS_EMIT_H
#define SB_OPERATORS_EMIT_H

#include "flow/op.h"

/* Takes the batch (no marks of its own). Check the port's room first. */
void sb_emit(sb_io *io, int port, sb_batch *batch);

#endif
