/*
 * runtime/mutants_test.c -- each protection taken away must show: lives with the switch on give a
 * wrong result, fail or hang.
 *
 * DESIGN     A mutant that survives means that a test is too weak or a protection is not needed.
 *            The expectation of each is a row of the table: the kind of life that finds it. Without
 *            a switch the same lives are fine (recovery_test.c).
 */
#include "runtime/runtime_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SEEDS 600

typedef struct mutant_row {
    const char *name;
    size_t offset; /* in sb_mutants */
} mutant_row;

static const mutant_row MUTANTS[] = {
#define X(name, text) {#name, offsetof(sb_mutants, name)},
    SB_MUTANT_LIST(X)
#undef X
};

/* Mutants that general lives rarely meet get lives made for them. */
typedef struct focus {
    const char *name;
    int32_t shape;       /* -1: any */
    int32_t parallelism; /* 0: drawn */
    bool overtaking, exact_late, late_splits, bad_disk;
} focus;

static const focus FOCUS[] = {
    {"restore_one_clock", .shape = SB_RT_WINDOW, .overtaking = true, .exact_late = true},
    {"rest_marks_dropped", .shape = SB_RT_WINDOW, .overtaking = true, .exact_late = true},
    {"split_marks_lost", .shape = SB_RT_WINDOW, .exact_late = true},
    {"max_past_idle", .shape = SB_RT_WINDOW, .parallelism = 2, .late_splits = true},
    {"head_cursor_kept", .shape = SB_RT_MERGE, .overtaking = true},
    {"global_order_lost", .shape = -1, .bad_disk = true},
    {"commit_before_decision", .shape = -1, .bad_disk = true},
    {"handle_forgotten", .shape = -1, .bad_disk = true},
};

/* Shown by tests of their own: no_realign by gate_test, barrier_before_news by the simulator (one
 * of some thousand cascades), those of the decision, too (its jobs that write into a log), the
 * others by checkpoints_test. */
static const char *const ELSEWHERE[] = {
    "no_realign",        "gc_newest_only",           "checksum_ignored", "barrier_before_news",
    "decide_unprepared", "decision_before_manifest", "decision_ignored"};

static sb_rt_life
draw_life(uint64_t seed, const mutant_row *mutant, const focus *f)
{
    uint64_t random = seed;
    sb_rt_life life = {.seed = seed * 977 + 5,
                       .quiet = true,
                       .interval_ms = 4,
                       .crash_one_in = 120,
                       .max_crashes = 7,
                       .steps_max = 60000};
    life.shape = (sb_rt_shape)(sb_rt_random(&random) % SB_RT_COLLECT);
    life.draw_overtaking = sb_rt_random(&random) % 2;
    life.num_retained = 1 + (int32_t)(sb_rt_random(&random) % 2);
    uint64_t faults = sb_rt_random(&random) % 4;
    if (faults == 0) {
        life.faults = (sb_sim_faults){.sync_fails = 100};
    }
    if (f) {
        life.shape = f->shape >= 0 ? (sb_rt_shape)f->shape : life.shape;
        life.parallelism = f->parallelism;
        life.overtaking = f->overtaking;
        if (f->bad_disk) {
            life.faults = (sb_sim_faults){.write_fails = 600, .rename_fails = 600};
        }
    }
    *(bool *)(void *)((char *)&life.mutants + mutant->offset) = true;
    return life;
}

static const focus *
find_focus(const char *name)
{
    for (size_t i = 0; i < sizeof FOCUS / sizeof FOCUS[0]; i++) {
        if (strcmp(FOCUS[i].name, name) == 0) {
            return &FOCUS[i];
        }
    }
    return NULL;
}

static bool
is_elsewhere(const char *name)
{
    for (size_t i = 0; i < sizeof ELSEWHERE / sizeof ELSEWHERE[0]; i++) {
        if (strcmp(ELSEWHERE[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Number of lives until one goes wrong; 0: none did. */
static int32_t
lives_until_found(const mutant_row *mutant, char *out_problem, size_t size)
{
    const focus *f = find_focus(mutant->name);
    int32_t lived = 0;
    for (uint64_t seed = 1; lived < SEEDS; seed++) {
        sb_rt_world world;
        sb_rt_life life = draw_life(seed, mutant, f);
        sb_rt_draw_world(&world, life.seed);
        if (f && ((f->exact_late && !world.exact_late) ||
                  (f->late_splits && !world.source[0].late_splits))) {
            continue;
        }
        lived++;
        sb_rt_outcome out = sb_rt_live(&world, &life);
        if (out.problem) {
            snprintf(out_problem, size, "%s %s", out.problem, out.error.message);
            return lived;
        }
    }
    return 0;
}

/* The same lives with everything switched on: all must be fine, else "found" means nothing. */
static int32_t
lives_without_mutant(const focus *f, int32_t count)
{
    int32_t bad = 0;
    mutant_row none = {f ? f->name : "none", 0};
    for (uint64_t seed = 1; count > 0; seed++) {
        sb_rt_world world;
        sb_rt_life life = draw_life(seed, &none, f);
        memset(&life.mutants, 0, sizeof life.mutants);
        sb_rt_draw_world(&world, life.seed);
        if (f && ((f->exact_late && !world.exact_late) ||
                  (f->late_splits && !world.source[0].late_splits))) {
            continue;
        }
        count--;
        life.steps_max = 400000;
        sb_rt_outcome out = sb_rt_live(&world, &life);
        if (out.problem) {
            print_error("life %llu made for %s, without the mutant: %s %s\n",
                        (unsigned long long)seed, none.name, out.problem, out.error.message);
            bad++;
        }
    }
    return bad;
}

int
main(void)
{
    int32_t wrong = lives_without_mutant(NULL, 150);
    for (size_t i = 0; i < sizeof FOCUS / sizeof FOCUS[0]; i++) {
        wrong += lives_without_mutant(&FOCUS[i], 60);
    }
    for (size_t i = 0; i < sizeof MUTANTS / sizeof MUTANTS[0]; i++) {
        char problem[1400] = "";
        const char *only = sb_env("SABOT_MUTANT");
        if (is_elsewhere(MUTANTS[i].name) || (only && strcmp(only, MUTANTS[i].name) != 0)) {
            continue;
        }
        int32_t found = lives_until_found(&MUTANTS[i], problem, sizeof problem);
        print_message("%-24s %s %d: %.110s\n", MUTANTS[i].name,
                      found ? "found by life" : "SURVIVED", found, problem);
        wrong += found == 0;
    }
    return wrong > 0;
}
