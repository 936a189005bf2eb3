/*
 * sim/case.c -- see case.h: which jobs there are.
 */
#include "sim/case.h"

#include <string.h>

const sim_job sim_jobs[] = {
    {"calc", sim_make_calc},           {"union", sim_make_union},       {"tumble", sim_make_tumble},
    {"hop", sim_make_hop},             {"cascade", sim_make_cascade},   {"window_join", sim_make_window_join},
    {"diamond", sim_make_diamond},     {"group", sim_make_group},       {"nested", sim_make_nested},
    {"join", sim_make_join},           {"normalize", sim_make_normalize}, {"process", sim_make_process},
};
const int32_t sim_count_jobs = (int32_t)(sizeof sim_jobs / sizeof sim_jobs[0]);

bool
sim_case_init(sim_case *c, sb_mem *mem, uint64_t seed, const char *job)
{
    memset(c, 0, sizeof *c);
    c->mem = mem;
    c->arena = sb_arena_new(mem);
    sb_assert(c->arena);
    c->random.state = sim_mix(seed);
    sb_text_init(&c->sql, mem);
    const sim_job *chosen = &sim_jobs[sim_below(&c->random, sim_count_jobs)];
    for (int32_t i = 0; job && i < sim_count_jobs; i++) {
        if (strcmp(sim_jobs[i].name, job) == 0) {
            chosen = &sim_jobs[i];
            job = NULL;
        }
    }
    if (job) {
        return false;
    }
    c->job = chosen->name;
    chosen->make(c);
    for (int32_t i = 0; i < c->count_sinks; i++) {
        sim_lines_sort(&c->sinks[i].expected);
    }
    return true;
}

void
sim_case_deinit(sim_case *c)
{
    for (int32_t i = 0; i < c->count_tables; i++) {
        for (int32_t f = 0; f < SIM_FILES_MAX; f++) {
            if (c->tables[i].files[f].mem) {
                sb_text_deinit(&c->tables[i].files[f]);
            }
        }
    }
    sb_text_deinit(&c->sql);
    c->arena = sb_arena_free(c->arena);
}
