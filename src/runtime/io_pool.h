/*
 * runtime/io_pool.h -- where blocking work runs: snapshot writes, manifests, commits, split
 * enumeration.
 *
 * DESIGN     A queue of jobs. With threads: jobs run in parallel, in order of arrival. Without:
 *            sb_io_pool_run_one runs a chosen one on the calling thread, so a deterministic driver
 *            decides when (and whether, before a crash) each happens.
 * OWNERSHIP  A job owns its ctx: `run` or `drop` is called, exactly once.
 * THREADS    submit: T:any. start, stop, run_one: the driver.
 */
#ifndef SB_RUNTIME_IO_POOL_H
#define SB_RUNTIME_IO_POOL_H

#include "base/os/os.h"

typedef struct sb_io_pool sb_io_pool;

typedef struct sb_io_job {
    void (*run)(void *ctx);
    void (*drop)(void *ctx); /* the pool stops before it ran */
    void *ctx;
} sb_io_job;

/* threads 0: deferred. */
sb_status sb_io_pool_new(sb_mem *mem, int32_t threads, sb_io_pool **out, sb_error *err);
/* Drops what has not begun, waits for what has, ends the threads. NULL is fine. */
sb_io_pool *sb_io_pool_free(sb_io_pool *pool);
/* On failure (out of memory) the job was dropped. */
sb_status sb_io_pool_submit(sb_io_pool *pool, sb_io_job job, sb_error *err);
int32_t sb_io_pool_count(sb_io_pool *pool); /* waiting jobs */
/* Deferred pools: runs the `index`-th waiting job. */
void sb_io_pool_run_one(sb_io_pool *pool, int32_t index);

#endif
