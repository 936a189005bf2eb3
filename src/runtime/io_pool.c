/*
 * runtime/io_pool.c -- see io_pool.h.
 */
#include "runtime/io_pool.h"

#include <string.h>

#define POOL_THREADS 4

struct sb_io_pool {
    sb_mem *mem;
    sb_mutex *mutex;
    sb_cond *cond;
    sb_io_job *jobs; /* waiting, in order of arrival */
    int32_t count, capacity;
    bool stopping;
    sb_thread *threads[POOL_THREADS];
    int32_t count_threads;
};

static sb_io_job
pool_take(sb_io_pool *pool, int32_t index)
{
    sb_io_job job = pool->jobs[index];
    pool->count--;
    memmove(&pool->jobs[index], &pool->jobs[index + 1], sizeof job * (size_t)(pool->count - index));
    return job;
}

static void
pool_thread(void *ctx)
{
    sb_io_pool *pool = ctx;
    sb_mutex_lock(pool->mutex);
    while (!pool->stopping) {
        if (pool->count == 0) {
            sb_cond_wait(pool->cond, pool->mutex, -1);
            continue;
        }
        sb_io_job job = pool_take(pool, 0);
        sb_mutex_unlock(pool->mutex);
        job.run(job.ctx);
        sb_mutex_lock(pool->mutex);
    }
    sb_mutex_unlock(pool->mutex);
}

sb_status
sb_io_pool_new(sb_mem *mem, int32_t threads, sb_io_pool **out, sb_error *err)
{
    sb_io_pool *pool = sb_alloc_zero(mem, sizeof *pool);
    if (!pool) {
        SB_NOMEM(err);
    }
    pool->mem = mem;
    pool->mutex = sb_mutex_new();
    pool->cond = sb_cond_new();
    if (!pool->mutex || !pool->cond) {
        sb_io_pool_free(pool);
        SB_NOMEM(err);
    }
    threads = threads > POOL_THREADS ? POOL_THREADS : threads;
    for (int32_t i = 0; i < threads; i++) {
        sb_status status = sb_thread_start(&pool->threads[i], "sabot-io", pool_thread, pool, err);
        if (status != SB_OK) {
            sb_io_pool_free(pool);
            return status;
        }
        pool->count_threads++;
    }
    *out = pool;
    return SB_OK;
}

sb_io_pool *
sb_io_pool_free(sb_io_pool *pool)
{
    if (!pool) {
        return NULL;
    }
    if (pool->mutex && pool->cond) {
        sb_mutex_lock(pool->mutex);
        pool->stopping = true;
        sb_cond_broadcast(pool->cond);
        sb_mutex_unlock(pool->mutex);
    }
    for (int32_t i = 0; i < pool->count_threads; i++) {
        sb_thread_join(pool->threads[i]);
    }
    while (pool->count > 0) {
        sb_io_job job = pool_take(pool, 0);
        job.drop(job.ctx);
    }
    if (pool->mutex) {
        sb_mutex_free(pool->mutex);
    }
    if (pool->cond) {
        sb_cond_free(pool->cond);
    }
    sb_free(pool->mem, pool->jobs, sizeof(sb_io_job) * (size_t)pool->capacity);
    sb_free(pool->mem, pool, sizeof *pool);
    return NULL;
}

sb_status
sb_io_pool_submit(sb_io_pool *pool, sb_io_job job, sb_error *err)
{
    sb_mutex_lock(pool->mutex);
    if (pool->count == pool->capacity) {
        int32_t capacity = pool->capacity ? 2 * pool->capacity : 16;
        sb_io_job *jobs = sb_realloc(pool->mem, pool->jobs, sizeof job * (size_t)pool->capacity,
                                     sizeof job * (size_t)capacity);
        if (!jobs) {
            sb_mutex_unlock(pool->mutex);
            job.drop(job.ctx);
            SB_NOMEM(err);
        }
        pool->jobs = jobs;
        pool->capacity = capacity;
    }
    pool->jobs[pool->count++] = job;
    sb_cond_signal(pool->cond);
    sb_mutex_unlock(pool->mutex);
    return SB_OK;
}

int32_t
sb_io_pool_count(sb_io_pool *pool)
{
    sb_mutex_lock(pool->mutex);
    int32_t count = pool->count;
    sb_mutex_unlock(pool->mutex);
    return count;
}

void
sb_io_pool_run_one(sb_io_pool *pool, int32_t index)
{
    sb_mutex_lock(pool->mutex);
    sb_assert(pool->count_threads == 0 && index < pool->count);
    sb_io_job job = pool_take(pool, index);
    sb_mutex_unlock(pool->mutex);
    job.run(job.ctx);
}
