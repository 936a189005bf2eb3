/*
 * state/pool.c -- units of 32 KiB from huge-page blocks.
 *
 * DESIGN     A block is an eighth of what is there already (128 KiB to 32 MiB): small states stay small, large ones
 *            get memory in which the kernel finds whole huge pages. Free units form a stack through their first word.
 * OWNERSHIP  Blocks are charged to the state's budget.
 * THREADS    T:task
 */
#include "state/pool.h"

#include <sys/mman.h>

#define BLOCK_MIN (4 * SB_POOL_UNIT)
#define BLOCK_MAX (32 * 1024 * 1024)
#define HUGE_PAGE (2 * 1024 * 1024)

typedef struct pool_block {
    struct pool_block *next;
    size_t size; /* of the allocation */
    char *units;
} pool_block;

struct sb_pool {
    sb_mem *mem;
    pool_block *blocks; /* newest first; units are carved from the newest */
    size_t carved;      /* units carved from the newest block */
    size_t in_block;    /* units in the newest block */
    void *free_units;   /* stack */
    int64_t bytes;
};

sb_pool *
sb_pool_new(sb_mem *mem)
{
    sb_pool *pool = sb_alloc_zero(mem, sizeof *pool);
    if (pool) {
        pool->mem = mem;
    }
    return pool;
}

sb_pool *
sb_pool_free(sb_pool *pool)
{
    if (!pool) {
        return NULL;
    }
    while (pool->blocks) {
        pool_block *block = pool->blocks;
        pool->blocks = block->next;
        sb_free(pool->mem, block->units, block->size);
        sb_free(pool->mem, block, sizeof *block);
    }
    sb_free(pool->mem, pool, sizeof *pool);
    return NULL;
}

/* Huge pages for the whole pages inside; where the kernel has none this changes nothing. */
static void
want_huge_pages(void *data, size_t size)
{
    uintptr_t from = ((uintptr_t)data + 4095) & ~(uintptr_t)4095;
    uintptr_t to = ((uintptr_t)data + size) & ~(uintptr_t)4095;
    if (size >= HUGE_PAGE && to > from) {
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
}

static bool
add_block(sb_pool *pool, size_t size)
{
    pool_block *block = sb_alloc(pool->mem, sizeof *block);
    char *units = block ? sb_alloc(pool->mem, size) : NULL;
    if (!units) {
        sb_free(pool->mem, block, sizeof *block);
        return false;
    }
    want_huge_pages(units, size);
    *block = (pool_block){.next = pool->blocks, .size = size, .units = units};
    pool->blocks = block;
    pool->carved = 0;
    pool->in_block = size / SB_POOL_UNIT;
    pool->bytes += (int64_t)size;
    return true;
}

void *
sb_pool_take(sb_pool *pool)
{
    void *unit = pool->free_units;
    if (unit) {
        __builtin_memcpy(&pool->free_units, unit, sizeof pool->free_units);
        return unit;
    }
    if (pool->carved == pool->in_block) {
        size_t size = (size_t)pool->bytes / 8 / SB_POOL_UNIT * SB_POOL_UNIT;
        size = size < BLOCK_MIN ? BLOCK_MIN : size > BLOCK_MAX ? BLOCK_MAX : size;
        /* Near the limit of the budget a single unit may still fit. */
        if (!add_block(pool, size) && !add_block(pool, SB_POOL_UNIT)) {
            return NULL;
        }
    }
    return pool->blocks->units + SB_POOL_UNIT * pool->carved++;
}

void
sb_pool_give(sb_pool *pool, void *unit)
{
    __builtin_memcpy(unit, &pool->free_units, sizeof pool->free_units);
    pool->free_units = unit;
}

int64_t
sb_pool_bytes(const sb_pool *pool)
{
    return pool->bytes;
}
