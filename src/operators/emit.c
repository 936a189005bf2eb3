/*
 * operators/emit.c -- see emit.h.
 *
 * DESIGN     Each batch on an edge costs every operator behind it a fixed amount, so matches and
 *            windows that come in small portions are collected; copying a few rows costs less.
 * THREADS    T:task
 */
#include "operators/emit.h"

enum { FEW_ROWS = 64 };

void
sb_emit(sb_io *io, int port, sb_batch *batch)
{
    sb_dassert(batch->count_marks == 0);
    if (batch->count_rows > FEW_ROWS) {
        sb_port_push(io, port, batch);
        return;
    }
    sb_batch_builder *open = sb_port_builder(io, port);
    sb_batch_builder_append(open, batch, 0, batch->count_rows);
    if (sb_batch_builder_failed(open)) {
        io->out[port].failed = true;
    }
    sb_batch_free(batch);
}
