/*
 * sim/random.h -- the simulator's own random numbers: everything of a run follows from one seed.
 *
 * Source: SplitMix64 (Steele et al., OOPSLA 2014). Not the engine's, so that the engine cannot
 * disturb it.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct sb_sim_random {
    uint64_t state;
} sb_sim_random;

static inline uint64_t
sb_sim_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t
sb_sim_next(sb_sim_random *r)
{
    r->state += UINT64_C(0x9E3779B97F4A7C15);
    return sb_sim_mix(r->state);
}

/* 0 .. below - 1 */
static inline int64_t
sb_sim_below(sb_sim_random *r, int64_t below)
{
    return (int64_t)(sb_sim_next(r) % (uint64_t)below);
}

/* from .. to, both included */
static inline int64_t
sb_sim_between(sb_sim_random *r, int64_t from, int64_t to)
{
    return from + sb_sim_below(r, to - from + 1);
}

static inline bool
sb_sim_percent(sb_sim_random *r, int32_t percent)
{
    return sb_sim_below(r, 100) < percent;
}

#endif
