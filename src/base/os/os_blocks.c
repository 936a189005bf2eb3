/*
 * base/os/os_blocks.c -- large blocks of memory that are kept for reuse instead of given back to
 * the system.
 *
 * DESIGN     First touch of fresh memory costs 0.7 to 3 seconds per GiB on virtual machines: more
 *            than most work done on it. So state takes its memory in blocks of 2 to 32 MiB, and a
 *            block that is not needed any more goes to a process-wide list from which the next one
 *            is taken. sb_blocks_prefault fills that list before it is needed. A taken block may be
 *            larger than asked for.
 * OWNERSHIP  A block belongs to whoever took it. Blocks on the list count in no budget.
 * THREADS    T:any; one lock, taken once per block of at least 2 MiB.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "base/os/os.h"

typedef struct free_block { /* stands in the block itself */
    struct free_block *next;
    size_t size;
} free_block;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static free_block *kept; /* newest first */
static int64_t kept_bytes;

static void *
map_block(size_t size)
{
    /* Aligned to huge pages: map more, cut off what stands over. */
    size_t room = size + SB_BLOCK_MIN;
    char *map = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return NULL;
    }
    size_t skip = (SB_BLOCK_MIN - (uintptr_t)map % SB_BLOCK_MIN) % SB_BLOCK_MIN;
    if (skip > 0) {
        (void)munmap(map, skip);
    }
    (void)munmap(map + skip + size, SB_BLOCK_MIN - skip);
    sb_memory_want_huge_pages(map + skip, size);
    return map + skip;
}

void *
sb_block_take(size_t size, size_t *out_size)
{
    sb_assert(size > 0 && size % SB_BLOCK_MIN == 0);
    pthread_mutex_lock(&lock);
    for (free_block **at = &kept; *at; at = &(*at)->next) {
        free_block *block = *at;
        if (block->size >= size) {
            *at = block->next;
            kept_bytes -= (int64_t)block->size;
            pthread_mutex_unlock(&lock);
            *out_size = block->size;
            return block;
        }
    }
    pthread_mutex_unlock(&lock);
    *out_size = size;
    return map_block(size);
}

void
sb_block_give(void *data, size_t size)
{
    if (!data) {
        return;
    }
    free_block *block = data;
    pthread_mutex_lock(&lock);
    *block = (free_block){kept, size};
    kept = block;
    kept_bytes += (int64_t)size;
    pthread_mutex_unlock(&lock);
}

bool
sb_blocks_prefault(int64_t bytes)
{
    int64_t missing = bytes - sb_blocks_kept_bytes();
    for (; missing > 0; missing -= SB_BLOCK_MAX) {
        char *data = map_block(SB_BLOCK_MAX);
        if (!data) {
            return false;
        }
        for (size_t at = 0; at < SB_BLOCK_MAX; at += 4096) {
            ((volatile char *)data)[at] = 0;
        }
        sb_block_give(data, SB_BLOCK_MAX);
    }
    return true;
}

int64_t
sb_blocks_kept_bytes(void)
{
    pthread_mutex_lock(&lock);
    int64_t bytes = kept_bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}
