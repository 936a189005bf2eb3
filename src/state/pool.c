/*
 * state/pool.c -- units of 32 KiB from huge-page blocks.
 *
 * DESIGN     A block is a quarter of what is there already (128 KiB to 32 MiB): small states stay
 *            small, large ones get memory in huge pages (base/os blocks, kept for reuse). Free
 *            units form a stack through their first word.
 * OWNERSHIP  Blocks are charged to the state's budget.
 * THREADS    T:task
 */
#include "state/pool.h"

#include "base/os/os.h"

#define BLOCK_MIN (4 * SB_POOL_UNIT)
#define BLOCK_MAX SB_BLOCK_MAX

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

/* From SB_BLOCK_MIN on, blocks come from the process-wide list (maybe larger than asked for) and
 * go back there. */
static char *
take_units(sb_mem *mem, size_t *size)
{
    size_t got;
    if (*size < SB_BLOCK_MIN) {
        return sb_alloc(mem, *size);
    }
    if (!sb_mem_charge(mem, (int64_t)*size)) {
        return NULL;
    }
    char *units = sb_block_take(*size, &got);
    if (!units || !sb_mem_charge(mem, (int64_t)(got - *size))) {
        sb_block_give(units, units ? got : 0);
        sb_mem_discharge(mem, (int64_t)*size);
        return NULL;
    }
    *size = got;
    return units;
}

static void
give_units(sb_mem *mem, char *units, size_t size)
{
    if (size < SB_BLOCK_MIN) {
        sb_free(mem, units, size);
    } else {
        sb_block_give(units, size);
        sb_mem_discharge(mem, (int64_t)size);
    }
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
        give_units(pool->mem, block->units, block->size);
        sb_free(pool->mem, block, sizeof *block);
    }
    sb_free(pool->mem, pool, sizeof *pool);
    return NULL;
}

static bool
add_block(sb_pool *pool, size_t size)
{
    pool_block *block = sb_alloc(pool->mem, sizeof *block);
    char *units = block ? take_units(pool->mem, &size) : NULL;
    if (!units) {
        sb_free(pool->mem, block, sizeof *block);
        return false;
    }
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
        size_t size = (size_t)pool->bytes / 4;
        size = size < BLOCK_MIN ? BLOCK_MIN : size > BLOCK_MAX ? BLOCK_MAX : size;
        size -= size % (size >= SB_BLOCK_MIN ? SB_BLOCK_MIN : SB_POOL_UNIT);
        /* Near the limit of the budget a smaller one may still fit. */
        while (!add_block(pool, size)) {
            if (size == SB_POOL_UNIT) {
                return NULL;
            }
            size = size / 8 < SB_POOL_UNIT ? SB_POOL_UNIT : size / 8 - size / 8 % SB_POOL_UNIT;
        }
    }
    return pool->blocks->units + SB_POOL_UNIT * pool->carved++;
}

void
sb_pool_give(sb_pool *pool, void *unit)
{
    sb_pool_give_chain(pool, unit, unit);
}

void
sb_pool_give_chain(sb_pool *pool, void *first, void *last)
{
    __builtin_memcpy(last, &pool->free_units, sizeof pool->free_units);
    pool->free_units = first;
}

int64_t
sb_pool_bytes(const sb_pool *pool)
{
    return pool->bytes;
}
