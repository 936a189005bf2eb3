/*
 * base/arena.h -- bump allocation for trees that die together (syntax trees, plans, expressions).
 *
 * OWNERSHIP  Everything allocated lives until sb_arena_clear / sb_arena_free.
 * THREADS    one thread at a time.
 */
#ifndef SB_BASE_ARENA_H
#define SB_BASE_ARENA_H

#include "base/mem.h"

typedef struct sb_arena sb_arena;

sb_arena *sb_arena_new(sb_mem *mem);
sb_arena *sb_arena_free(sb_arena *arena); /* returns NULL; NULL is fine */
void sb_arena_clear(sb_arena *arena);
/* zeroed, 16-byte aligned; NULL: out of memory */
void *sb_arena_alloc(sb_arena *arena, size_t size);
char *sb_arena_strdup(sb_arena *arena, const char *text);
char *sb_arena_strndup(sb_arena *arena, const char *text, size_t length);
char *sb_arena_printf(sb_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void *sb_arena_memdup(sb_arena *arena, const void *data, size_t size);
int64_t sb_arena_used(const sb_arena *arena);

#define SB_NEW(arena, type) ((type *)sb_arena_alloc((arena), sizeof(type)))
#define SB_NEW_ARRAY(arena, type, count) \
    ((type *)sb_arena_alloc((arena), sizeof(type) * (size_t)(count)))

#endif
