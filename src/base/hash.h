/*
 * base/hash.h -- 64-bit mixing and byte hashing. Part of the snapshot format: never change a
 * result.
 *
 * Source: the finalizer of SplitMix64 (Steele et al., OOPSLA 2014) and XXH3-64 for bytes.
 */
#ifndef SB_BASE_HASH_H
#define SB_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
sb_hash_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

#define SB_HASH_GAMMA UINT64_C(0x9E3779B97F4A7C15)
#define SB_HASH_NULL  UINT64_C(0x5A5A0F0F12345678)

static inline uint64_t
sb_hash_u64(uint64_t v)
{
    return sb_hash_mix(v + SB_HASH_GAMMA);
}

/* Folds the hash of the next column into that of those before it. */
static inline uint64_t
sb_hash_combine(uint64_t h, uint64_t next)
{
    return sb_hash_mix(h * 31 + next + SB_HASH_GAMMA);
}

uint64_t sb_hash_bytes(const void *data, size_t size); /* XXH3-64, seed 0 */
uint32_t sb_crc32c(uint32_t crc, const void *data, size_t size);

/* The key slot: top 15 bits (32,768 slots, a constant of the snapshot format). */
#define SB_KEY_SLOTS 32768

static inline uint32_t
sb_key_slot(uint64_t hash)
{
    return (uint32_t)(hash >> 49);
}

/* Subtask i of p owns slots [ceil(i*M/p), ceil((i+1)*M/p)). */
static inline uint32_t
sb_slot_owner(uint32_t slot, uint32_t p)
{
    return (uint32_t)((uint64_t)slot * p / SB_KEY_SLOTS);
}

#endif
