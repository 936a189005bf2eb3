/*
 * engine/collect.c -- the queue between a job's collecting sink and who reads its rows.
 *
 * DESIGN     A ring of batches with a fixed capacity. A full ring refuses the batch
 *            (back-pressure); the reader then says when there is room.
 * OWNERSHIP  Batches are moved in and out.
 * THREADS    T:any
 */
#include "engine/engine_priv.h"

sb_status
sb_collect_init(sb_collect *collect, sb_mem *mem, int32_t capacity, sb_error *err)
{
    *collect = (sb_collect){.mem = mem, .capacity = capacity};
    collect->mutex = sb_mutex_new();
    collect->cond = sb_cond_new();
    collect->ring = sb_alloc_zero(mem, sizeof *collect->ring * (size_t)capacity);
    if (!collect->mutex || !collect->cond || !collect->ring) {
        sb_collect_deinit(collect);
        SB_NOMEM(err);
    }
    return SB_OK;
}

void
sb_collect_deinit(sb_collect *collect)
{
    if (!collect->mem) {
        return;
    }
    while (collect->count > 0) {
        sb_batch_free(collect->ring[collect->first]);
        collect->first = (collect->first + 1) % collect->capacity;
        collect->count--;
    }
    sb_free(collect->mem, collect->ring,
            collect->ring ? sizeof *collect->ring * (size_t)collect->capacity : 0);
    if (collect->cond) {
        sb_cond_free(collect->cond);
    }
    if (collect->mutex) {
        sb_mutex_free(collect->mutex);
    }
    *collect = (sb_collect){0};
}

bool
sb_collect_push(sb_collect *collect, sb_batch *batch)
{
    sb_mutex_lock(collect->mutex);
    bool drop = collect->closed || batch->count_rows == 0;
    bool full = !drop && collect->count == collect->capacity;
    if (full) {
        collect->refused = true;
    } else if (!drop) {
        collect->ring[(collect->first + collect->count) % collect->capacity] = batch;
        collect->count++;
        sb_cond_signal(collect->cond);
    }
    sb_mutex_unlock(collect->mutex);
    if (drop) {
        sb_batch_free(batch);
    }
    return !full;
}

sb_batch *
sb_collect_pop(sb_collect *collect, bool *out_wake)
{
    sb_batch *batch = NULL;
    sb_mutex_lock(collect->mutex);
    if (collect->count > 0) {
        batch = collect->ring[collect->first];
        collect->first = (collect->first + 1) % collect->capacity;
        collect->count--;
    }
    *out_wake = batch && collect->refused;
    if (batch) {
        collect->refused = false;
    }
    sb_mutex_unlock(collect->mutex);
    return batch;
}

void
sb_collect_close(sb_collect *collect)
{
    sb_mutex_lock(collect->mutex);
    collect->closed = true;
    while (collect->count > 0) {
        sb_batch_free(collect->ring[collect->first]);
        collect->first = (collect->first + 1) % collect->capacity;
        collect->count--;
    }
    sb_mutex_unlock(collect->mutex);
}
