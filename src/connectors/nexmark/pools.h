/*
 * connectors/nexmark/pools.h -- the strings all events of a seed share, and what else depends on
 * the seed only.
 *
 * DESIGN     One allocation, made once per source instance. It is a buffer (of size 0 for
 *            accounting: it is shared by all batches) that every vector with views into it holds a
 *            reference on.
 * THREADS    Read-only after sb_nexmark_pools_new: T:any.
 */
#ifndef SB_CONNECTORS_NEXMARK_POOLS_H
#define SB_CONNECTORS_NEXMARK_POOLS_H

#include "base/hash.h"
#include "columnar/vector.h"

#define SB_NEXMARK_EXTRA_BITS 20
#define SB_NEXMARK_TEXT_BITS  16
#define SB_NEXMARK_SLACK      1024
#define SB_NEXMARK_CHANNELS   10004

typedef struct sb_nexmark_channel {
    sb_view name, url;
} sb_nexmark_channel;

typedef struct sb_nexmark_pools {
    uint64_t seed_event;
    char extra[(1 << SB_NEXMARK_EXTRA_BITS) + SB_NEXMARK_SLACK];
    char text[(1 << SB_NEXMARK_TEXT_BITS) + SB_NEXMARK_SLACK];
    char urls[SB_NEXMARK_CHANNELS * 80];
    char names[(99 + 10) * 16];
    sb_nexmark_channel channels[SB_NEXMARK_CHANNELS];
    sb_view person_names[99], cities[10], states[6];
    int64_t prices[257];
} sb_nexmark_pools;

/* The owner of the pools; they are its foreign data. texts: with strings, which cost most of the
 * time. NULL: out of memory. */
sb_buffer *sb_nexmark_pools_new(sb_mem *mem, uint64_t seed, bool texts);

static inline const sb_nexmark_pools *
sb_nexmark_pools_of(const sb_buffer *owner)
{
    return (const sb_nexmark_pools *)(const void *)owner->data;
}

/* Output i of the SplitMix64 generator with state s. */
static inline uint64_t
sb_nexmark_draw(uint64_t s, uint64_t i)
{
    return sb_hash_mix(s + (i + 1) * SB_HASH_GAMMA);
}

/* The low 16 bits of f scaled to 0 .. range - 1. */
static inline uint32_t
sb_nexmark_pick16(uint64_t f, uint32_t range)
{
    return (uint32_t)(((f & 0xFFFF) * range) >> 16);
}

#endif
