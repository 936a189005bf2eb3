/*
 * state/pool.h -- memory of the tables of one state in units of 32 KiB, carved from large blocks.
 *
 * DESIGN     A unit is a page of rows or a segment of an index. Blocks grow with the state up to 32
 *            MiB and ask for huge pages; they are kept until the pool goes, because first touch of
 *            fresh memory is dear.
 * THREADS    T:task
 */
#ifndef SB_STATE_POOL_H
#define SB_STATE_POOL_H

#include "base/mem.h"

#define SB_POOL_UNIT 32768

typedef struct sb_pool sb_pool;

sb_pool *sb_pool_new(sb_mem *mem);
sb_pool *sb_pool_free(sb_pool *pool); /* returns NULL; NULL is fine */
void *sb_pool_take(sb_pool *pool);    /* 64-byte aligned, not zeroed; NULL: out of memory */
void sb_pool_give(sb_pool *pool, void *unit);
/* Many at once: the first word of each unit but the last points to the next one. */
void sb_pool_give_chain(sb_pool *pool, void *first, void *last);
int64_t sb_pool_bytes(const sb_pool *pool); /* of all blocks */

#endif
