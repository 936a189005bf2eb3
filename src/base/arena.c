/*
 * base/arena.c -- bump allocation in a chain of growing blocks.
 *
 * OWNERSHIP  The arena owns its blocks; sb_arena_clear keeps the newest (largest) one for the next
 *            use.
 * THREADS    one thread at a time.
 */
#include "base/arena.h"

#include <stdio.h>
#include <string.h>

#define BLOCK_FIRST 4096
#define BLOCK_MAX   (256 * 1024)
#define ARENA_ALIGN 16

typedef struct arena_block {
    struct arena_block *older;
    size_t size; /* whole block, this header included */
} arena_block;

SB_STATIC_ASSERT(sizeof(arena_block) % ARENA_ALIGN == 0, "the first allocation is aligned");

struct sb_arena {
    sb_mem *mem;
    arena_block *newest;
    char *at, *end;    /* free part of `newest` */
    size_t block_size; /* of the next block */
    int64_t used;      /* bytes handed out, rounded up */
};

sb_arena *
sb_arena_new(sb_mem *mem)
{
    sb_arena *arena = sb_alloc_zero(mem, sizeof *arena);
    if (arena) {
        arena->mem = mem;
        arena->block_size = BLOCK_FIRST;
    }
    return arena;
}

static void
free_blocks(sb_arena *arena, arena_block *block)
{
    while (block) {
        arena_block *older = block->older;
        sb_free(arena->mem, block, block->size);
        block = older;
    }
}

sb_arena *
sb_arena_free(sb_arena *arena)
{
    if (arena) {
        free_blocks(arena, arena->newest);
        sb_free(arena->mem, arena, sizeof *arena);
    }
    return NULL;
}

void
sb_arena_clear(sb_arena *arena)
{
    arena->used = 0;
    if (arena->newest) {
        free_blocks(arena, arena->newest->older);
        arena->newest->older = NULL;
        arena->at = (char *)(arena->newest + 1);
        arena->end = (char *)arena->newest + arena->newest->size;
    }
}

static bool
add_block(sb_arena *arena, size_t need)
{
    size_t size = arena->block_size;
    if (size - sizeof(arena_block) < need) {
        size = need + sizeof(arena_block);
    }
    arena_block *block = sb_alloc(arena->mem, size);
    if (!block) {
        return false;
    }
    block->older = arena->newest;
    block->size = size;
    arena->newest = block;
    arena->at = (char *)(block + 1);
    arena->end = (char *)block + size;
    if (arena->block_size < BLOCK_MAX) {
        arena->block_size *= 2;
    }
    return true;
}

void *
sb_arena_alloc(sb_arena *arena, size_t size)
{
    if (size >
        SIZE_MAX / 4) { /* a negative count, or a product that overflows what a heap can hold */
        return NULL;
    }
    size = size ? (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1) : ARENA_ALIGN;
    if ((size_t)(arena->end - arena->at) < size && !add_block(arena, size)) {
        return NULL;
    }
    void *block = arena->at;
    arena->at += size;
    arena->used += (int64_t)size;
    return memset(block, 0, size);
}

char *
sb_arena_strdup(sb_arena *arena, const char *text)
{
    return text ? sb_arena_strndup(arena, text, strlen(text)) : NULL;
}

char *
sb_arena_strndup(sb_arena *arena, const char *text, size_t length)
{
    char *copy = sb_arena_alloc(arena, length + 1);
    if (copy && length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

char *
sb_arena_printf(sb_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int size = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = size < 0 ? NULL : sb_arena_alloc(arena, (size_t)size + 1);
    if (text) {
        va_start(args, fmt);
        vsnprintf(text, (size_t)size + 1, fmt, args);
        va_end(args);
    }
    return text;
}

void *
sb_arena_memdup(sb_arena *arena, const void *data, size_t size)
{
    void *copy = sb_arena_alloc(arena, size);
    if (copy && size > 0) {
        memcpy(copy, data, size);
    }
    return copy;
}

int64_t
sb_arena_used(const sb_arena *arena)
{
    return arena->used;
}
