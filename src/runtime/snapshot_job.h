/*
 * runtime/snapshot_job.h -- the part of a piece that runs in the I/O pool: state blobs, then the
 * acknowledgement.
 */
#ifndef SB_RUNTIME_SNAPSHOT_JOB_H
#define SB_RUNTIME_SNAPSHOT_JOB_H

#include "runtime/unit.h"

/* Takes over `piece` (the first part). Without state and store it is acknowledged at once, else
 * by an I/O job. T:task */
sb_status sb_snapshot_job_start(sb_unit *unit, uint64_t checkpoint, sb_piece_record *piece,
                                sb_error *err);

#endif
