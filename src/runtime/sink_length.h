/*
 * runtime/sink_length.h -- table.exec.sink.type-length-enforcer: texts and bytes whose length is
 * not that of their column.
 *
 * THREADS    T:task
 */
#ifndef SB_RUNTIME_SINK_LENGTH_H
#define SB_RUNTIME_SINK_LENGTH_H

#include "columnar/batch.h"
#include "plan/nodes.h"

/* Cuts and pads the values of the columns of the table in a batch, or fails with DATA. Columns that
 * change are replaced. */
sb_status sb_sink_enforce_lengths(sb_mem *mem, const sb_sink_node *node, sb_batch *batch,
                                  sb_error *err);

#endif
