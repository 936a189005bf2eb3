/*
 * sim/random.h -- the simulator's own random numbers: everything of a run follows from one seed.
 *
 * Source: SplitMix64 (Steele et al., OOPSLA 2014). Not the engine's, so that the engine cannot disturb it.
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct sim_random {
    uint64_t state;
} sim_random;

static inline uint64_t
sim_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint64_t
sim_next(sim_random *r)
{
    r->state += UINT64_C(0x9E3779B97F4A7C15);
    return sim_mix(r->state);
}

/* 0 .. below - 1 */
static inline int64_t
sim_below(sim_random *r, int64_t below)
{
    return (int64_t)(sim_next(r) % (uint64_t)below);
}

/* from .. to, both included */
static inline int64_t
sim_between(sim_random *r, int64_t from, int64_t to)
{
    return from + sim_below(r, to - from + 1);
}

static inline bool
sim_percent(sim_random *r, int32_t percent)
{
    return sim_below(r, 100) < percent;
}

#endif
