/*
 * operators/agg_user_run.c -- a run of rows through a user aggregate, in waves.
 *
 * THREADS    T:task
 */
#include <string.h>

#include "operators/agg_user_priv.h"

enum { GROUP_CREATED = 1, GROUP_USED = 2, GROUP_CHANGED = 4, GROUP_GONE = 8 };

typedef struct user_run {
    sb_agg_set *set;
    int32_t index;
    sb_agg_user *u;
    sb_agg_run *run;
    const int8_t *act;
    bool pairs;
    int32_t count_values; /* in u->values */
} user_run;

static uint8_t
how_at(const user_run *r, int32_t i)
{
    return r->run->how ? r->run->how[i] : 0;
}

/* ---- groups ---- */

/* The group of a main row; one that is new gets the next number. */
static int32_t
group_of(sb_agg_user *u, uint8_t *const *firsts, const uint8_t *row)
{
    uint32_t mask = (uint32_t)u->map_size - 1;
    uint32_t at = (uint32_t)(((uint64_t)(uintptr_t)row >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
    for (at &= mask;; at = (at + 1) & mask) {
        int32_t g = u->map[at];
        if (g < 0) {
            u->map[at] = u->count_groups;
            return u->count_groups++;
        }
        if (firsts[g] == row) {
            return g;
        }
    }
}

/* Numbers the groups, keeps the key of each, and finds their rows of the table. */
static sb_status
load_groups(user_run *r, sb_error *err)
{
    sb_agg_user *u = r->u;
    const sb_keys *k = &r->run->keys;
    uint8_t **firsts = u->rows;
    uint64_t *created = (uint64_t *)(void *)u->starts; /* room: a bit a group */
    u->count_groups = 0;
    memset(u->map, 0xFF, sizeof *u->map * (size_t)u->map_size);
    for (int32_t i = 0; i < r->run->count; i++) {
        int32_t before = u->count_groups, g = group_of(u, firsts, r->run->rows[i]);
        u->positions[i] = (sb_user_row){.group = g, .before = -1, .after = -1};
        if (g == before) {
            firsts[g] = r->run->rows[i];
            u->key_rows[g] = k->rows[i];
            u->hashes[g] = k->hashes[i];
            u->spaces[g] = k->space ? k->space[i] : 0;
        }
    }
    sb_keys keys = {k->columns, u->key_rows, u->hashes, k->space ? u->spaces : NULL,
                    u->count_groups};
    SB_TRY(sb_map_insert(u->table, &keys, u->rows, created, err), err);
    for (int32_t g = 0; g < u->count_groups; g++) {
        bool is_new = sb_bit_get(created, g);
        u->groups[g] =
            (sb_user_group){.state = is_new ? GROUP_CREATED : 0, .wave = -1, .result = -1};
        sb_table_touch(u->table, u->rows[g]);
        SB_TRY(is_new ? sb_agg_user_create(u, g, err) : sb_agg_user_load(u, g, u->rows[g], err),
               err);
    }
    return SB_OK;
}

/* Back into the table; groups that have no accumulator leave it. */
static sb_status
store_groups(user_run *r, sb_error *err)
{
    sb_agg_user *u = r->u;
    int32_t n = 0;
    for (int32_t g = 0; g < u->count_groups; g++) {
        uint8_t state = u->groups[g].state;
        bool unused = (state & GROUP_CREATED) && !(state & GROUP_USED);
        if (!(state & GROUP_GONE) && !unused) {
            if (state & (GROUP_CHANGED | GROUP_CREATED)) {
                SB_TRY(sb_agg_user_store(u, g, u->rows[g], err), err);
            }
            continue;
        }
        u->rows[n++] = u->rows[g];
    }
    sb_table_erase_rows(u->table, u->rows, n);
    return SB_OK;
}

/* ---- waves ---- */

/* A row begins a wave of its group when what stands before it must be finished. */
static bool
begins_wave(const user_run *r, const sb_user_group *g, int32_t i)
{
    int8_t act = r->act[i];
    return g->wave < 0 || r->pairs || (how_at(r, i) & (SB_AGG_RESET | SB_AGG_SAVE)) ||
           (act && g->sign && act != g->sign) || (g->state & GROUP_GONE);
}

static void
cut_waves(user_run *r)
{
    sb_agg_user *u = r->u;
    int32_t count = r->run->count;
    u->count_waves = 0;
    for (int32_t i = 0; i < count; i++) {
        sb_user_group *g = &u->groups[u->positions[i].group];
        if (begins_wave(r, g, i)) {
            g->wave++;
            g->sign = 0;
            g->state &= (uint8_t)~GROUP_GONE;
        }
        g->sign = r->act[i] ? r->act[i] : g->sign;
        g->state |= how_at(r, i) & SB_AGG_DROP ? GROUP_GONE : 0; /* for now: the wave ends here */
        u->positions[i].wave = g->wave;
        u->count_waves = g->wave >= u->count_waves ? g->wave + 1 : u->count_waves;
    }
    for (int32_t g = 0; g < u->count_groups; g++) {
        u->groups[g].state &= (uint8_t)~GROUP_GONE;
    }
    memset(u->starts, 0, sizeof *u->starts * ((size_t)u->count_waves + 2));
    for (int32_t i = 0; i < count; i++) {
        u->starts[u->positions[i].wave + 2]++;
    }
    for (int32_t w = 0; w < u->count_waves; w++) {
        u->starts[w + 2] += u->starts[w + 1];
    }
    for (int32_t i = 0; i < count; i++) { /* stable; starts[w + 1] moves to the end of wave w */
        u->chosen[u->capacity + u->starts[u->positions[i].wave + 1]++] = i;
    }
}

/* Positions of a wave, in order; kept behind `chosen`. */
static const int32_t *
wave_rows(const user_run *r, int32_t wave, int32_t *out_count)
{
    const sb_agg_user *u = r->u;
    *out_count = u->starts[wave + 1] - u->starts[wave];
    return u->chosen + u->capacity + u->starts[wave];
}

/* ---- results ---- */

/* Makes the results of asked_groups[0..n) known. */
static sb_status
ask(user_run *r, int32_t n, sb_error *err)
{
    sb_agg_user *u = r->u;
    for (int32_t k = 0; k < n; k++) {
        u->asked[k] = u->accs[u->asked_groups[k]];
        u->groups[u->asked_groups[k]].result = r->count_values + k;
    }
    SB_TRY(sb_agg_user_values(u, u->asked, n, &u->values, err), err);
    r->count_values += n;
    return SB_OK;
}

/* The result of a group as that of before (mini-batch). */
static sb_status
save(user_run *r, int32_t position, bool reset, sb_error *err)
{
    sb_agg_user *u = r->u;
    const sb_type *type = r->set->aggs[r->index].type;
    sb_column_builder b;
    SB_TRY(sb_column_builder_init(&b, u->mem, type, err), err);
    sb_status status = SB_OK;
    if (reset) { /* it was never emitted */
        sb_column_null(&b);
    } else {
        u->asked[0] = u->accs[u->positions[position].group];
        status = sb_agg_user_values(u, u->asked, 1, &b, err);
    }
    sb_vector *v = status == SB_OK ? sb_column_finish(&b, err) : NULL;
    sb_column_builder_deinit(&b);
    if (!v) {
        return status == SB_OK ? SB_STATUS_NOMEM : status;
    }
    status = sb_agg_collect_keep(r->set, r->index, r->run, position, v, err);
    sb_vector_unref(v);
    return status;
}

/* What happens before the rows of a wave. */
static sb_status
open_wave(user_run *r, const int32_t *rows, int32_t count, sb_error *err)
{
    sb_agg_user *u = r->u;
    int32_t n = 0;
    for (int32_t k = 0; k < count; k++) {
        int32_t i = rows[k], g = u->positions[i].group;
        uint8_t how = how_at(r, i);
        if (how & SB_AGG_SAVE) {
            SB_TRY(save(r, i, (how & SB_AGG_RESET) != 0, err), err);
        }
        if (how & SB_AGG_RESET) {
            SB_TRY(sb_agg_user_create(u, g, err), err);
            u->groups[g].state |= GROUP_USED | GROUP_CHANGED;
            u->groups[g].state &= (uint8_t)~GROUP_GONE;
            u->groups[g].result = -1;
        } else if (r->pairs && u->groups[g].result < 0) {
            u->asked_groups[n++] = g;
        }
    }
    SB_TRY(ask(r, n, err), err);
    for (int32_t k = 0; r->pairs && k < count; k++) {
        sb_user_row *row = &u->positions[rows[k]];
        /* nobody asks what was before the first row of a group */
        row->before = how_at(r, rows[k]) & SB_AGG_RESET ? -1 : u->groups[row->group].result;
    }
    return SB_OK;
}

static sb_status
apply_sign(user_run *r, const int32_t *rows, int32_t count, int8_t sign, sb_error *err)
{
    sb_agg_user *u = r->u;
    int32_t n = 0;
    for (int32_t k = 0; k < count; k++) {
        int32_t i = rows[k], g = u->positions[i].group;
        if (r->act[i] == sign) {
            u->chosen[n] = r->run->physical[i];
            u->chosen_groups[n++] = g;
            u->groups[g].state |= GROUP_USED | GROUP_CHANGED;
            u->groups[g].result = -1;
        }
    }
    return sb_agg_user_apply(u, r->run->head, n, sign, err);
}

/* What happens behind them. */
static sb_status
close_wave(user_run *r, const int32_t *rows, int32_t count, sb_error *err)
{
    sb_agg_user *u = r->u;
    int32_t n = 0;
    for (int32_t k = 0; k < count; k++) {
        int32_t g = u->positions[rows[k]].group;
        if (how_at(r, rows[k]) & SB_AGG_DROP) {
            u->groups[g].state |= GROUP_GONE;
        } else if (r->pairs && u->groups[g].result < 0) {
            u->asked_groups[n++] = g;
        }
    }
    SB_TRY(ask(r, n, err), err);
    for (int32_t k = 0; r->pairs && k < count; k++) {
        sb_user_row *row = &u->positions[rows[k]];
        row->after = how_at(r, rows[k]) & SB_AGG_DROP ? -1 : u->groups[row->group].result;
    }
    return SB_OK;
}

/* ---- a run ---- */

static sb_status
emit_pairs(user_run *r, sb_column_builder *pairs, sb_error *err)
{
    sb_agg_user *u = r->u;
    sb_vector *values = sb_column_finish(&u->values, err);
    int32_t *indexes = u->chosen; /* room for two a position */
    if (!values) {
        return SB_STATUS_NOMEM;
    }
    for (int32_t i = 0; i < r->run->count; i++) {
        indexes[2 * i] = u->positions[i].before;
        indexes[2 * i + 1] = u->positions[i].after;
    }
    sb_column_gather(pairs, values, indexes, 2 * r->run->count);
    sb_vector_unref(values);
    if (pairs->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
run_waves(user_run *r, sb_column_builder *pairs, sb_error *err)
{
    SB_TRY(load_groups(r, err), err);
    cut_waves(r);
    for (int32_t w = 0; w < r->u->count_waves; w++) {
        int32_t count;
        const int32_t *rows = wave_rows(r, w, &count);
        SB_TRY(open_wave(r, rows, count, err), err);
        SB_TRY(apply_sign(r, rows, count, 1, err), err);
        SB_TRY(apply_sign(r, rows, count, -1, err), err);
        SB_TRY(close_wave(r, rows, count, err), err);
    }
    SB_TRY(store_groups(r, err), err);
    return pairs ? emit_pairs(r, pairs, err) : SB_OK;
}

sb_status
sb_agg_user_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                   sb_column_builder *pairs, sb_error *err)
{
    user_run r = {.set = set,
                  .index = index,
                  .u = set->users[index],
                  .run = run,
                  .act = act,
                  .pairs = pairs != NULL};
    sb_status status = run_waves(&r, pairs, err);
    if (status != SB_OK) { /* the values that nobody takes */
        sb_error ignored;
        sb_vector_unref(sb_column_finish(&r.u->values, &ignored));
    }
    sb_agg_user_trim(r.u, r.u->count_groups);
    return status;
}
