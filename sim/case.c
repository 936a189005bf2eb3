/*
 * sim/case.c -- see case.h: which jobs there are.
 */
#include "sim/case.h"

#include <string.h>

const sb_sim_job sb_sim_jobs[] = {
    {"calc", sb_sim_make_calc},           {"union", sb_sim_make_union},
    {"tumble", sb_sim_make_tumble},       {"hop", sb_sim_make_hop},
    {"cascade", sb_sim_make_cascade},     {"window_join", sb_sim_make_window_join},
    {"diamond", sb_sim_make_diamond},     {"group", sb_sim_make_group},
    {"nested", sb_sim_make_nested},       {"join", sb_sim_make_join},
    {"normalize", sb_sim_make_normalize}, {"process", sb_sim_make_process},
    {"different", sb_sim_make_different},
};
const int32_t sb_sim_count_jobs = (int32_t)(sizeof sb_sim_jobs / sizeof sb_sim_jobs[0]);

bool
sb_sim_case_init(sb_sim_case *c, sb_mem *mem, uint64_t seed, const char *job)
{
    memset(c, 0, sizeof *c);
    c->mem = mem;
    c->arena = sb_arena_new(mem);
    sb_assert(c->arena);
    c->random.state = sb_sim_mix(seed);
    sb_text_init(&c->sql, mem);
    const sb_sim_job *chosen = &sb_sim_jobs[sb_sim_below(&c->random, sb_sim_count_jobs)];
    for (int32_t i = 0; job && i < sb_sim_count_jobs; i++) {
        if (strcmp(sb_sim_jobs[i].name, job) == 0) {
            chosen = &sb_sim_jobs[i];
            job = NULL;
        }
    }
    if (job) {
        return false;
    }
    c->job = chosen->name;
    c->log = sb_sim_percent(&c->random, 60);
    if (c->log && sb_sim_percent(&c->random, 40)) {
        c->transaction_ms = (int32_t)sb_sim_between(&c->random, 400, 3000);
    }
    chosen->make(c);
    for (int32_t i = 0; i < c->count_sinks; i++) {
        sb_sim_lines_sort(&c->sinks[i].expected);
    }
    return true;
}

void
sb_sim_case_deinit(sb_sim_case *c)
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
