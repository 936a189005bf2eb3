/*
 * state/state.c -- the tables of one operator instance.
 *
 * DESIGN     One pool of memory for all tables. See snapshot.c and restore.c for durability.
 * OWNERSHIP  Tables and timers belong to the state. A state that is freed while a snapshot is there
 *            lives on until the snapshot's end.
 * THREADS    T:task
 */
#include "state/state.h"

#include <string.h>

#include "state/state_priv.h"

#define NONE UINT32_MAX

sb_state *
sb_state_new(sb_mem *mem, uint32_t slot_from, uint32_t slot_to)
{
    sb_assert(slot_from <= slot_to && slot_to <= SB_KEY_SLOTS);
    sb_state *state = sb_alloc_zero(mem, sizeof *state);
    if (!state) {
        return NULL;
    }
    state->mem = mem;
    state->slot_from = slot_from;
    state->slot_to = slot_to;
    state->pool = sb_pool_new(mem);
    if (!state->pool) {
        sb_free(mem, state, sizeof *state);
        return NULL;
    }
    return state;
}

void
sb_state_destroy(sb_state *state)
{
    if (state->has_homes) {
        sb_homes_deinit(&state->homes);
    }
    for (uint32_t i = 0; i < state->count_tables; i++) {
        if (state->timers[i]) {
            sb_timers_free(state->timers[i]);
        } else {
            sb_table_free(state->tables[i]);
        }
    }
    sb_free(state->mem, state->tables, state->capacity_tables * sizeof(sb_table *));
    sb_free(state->mem, state->timers, state->capacity_tables * sizeof(sb_timers *));
    sb_pool_free(state->pool);
    sb_free(state->mem, state, sizeof *state);
}

sb_state *
sb_state_free(sb_state *state)
{
    if (state && state->running) {
        state->is_closed = true;
    } else if (state) {
        sb_state_destroy(state);
    }
    return NULL;
}

uint32_t
sb_state_table_index(const sb_state *state, uint32_t table_id)
{
    for (uint32_t i = 0; i < state->count_tables; i++) {
        if (state->tables[i]->table_id == table_id) {
            return i;
        }
    }
    return NONE;
}

static sb_status
reserve_table(sb_state *state, uint32_t table_id, sb_error *err)
{
    if (sb_state_table_index(state, table_id) != NONE) {
        SB_FAIL(err, SB_STATUS_EXISTS, "state table %u is open already", table_id);
    }
    sb_assert(!state->has_homes); /* all tables are opened before the first snapshot or restore */
    if (state->count_tables < state->capacity_tables) {
        return SB_OK;
    }
    uint32_t capacity = state->capacity_tables ? state->capacity_tables * 2 : 8;
    sb_table **tables = sb_alloc_zero(state->mem, capacity * sizeof(sb_table *));
    sb_timers **timers = sb_alloc_zero(state->mem, capacity * sizeof(sb_timers *));
    if (!tables || !timers) {
        sb_free(state->mem, tables, capacity * sizeof(sb_table *));
        sb_free(state->mem, timers, capacity * sizeof(sb_timers *));
        SB_NOMEM(err);
    }
    for (uint32_t i = 0; i < state->count_tables; i++) {
        tables[i] = state->tables[i];
        timers[i] = state->timers[i];
    }
    sb_free(state->mem, state->tables, state->capacity_tables * sizeof(sb_table *));
    sb_free(state->mem, state->timers, state->capacity_tables * sizeof(sb_timers *));
    state->tables = tables;
    state->timers = timers;
    state->capacity_tables = capacity;
    return SB_OK;
}

sb_status
sb_state_open_table(sb_state *state, const sb_table_spec *spec, sb_table **out, sb_error *err)
{
    SB_TRY(reserve_table(state, spec->table_id, err), err);
    SB_TRY(sb_table_new(state->mem, state->pool, spec, false, out, err), err);
    state->timers[state->count_tables] = NULL;
    state->tables[state->count_tables++] = *out;
    return SB_OK;
}

sb_status
sb_state_open_timers(sb_state *state, uint32_t table_id, const sb_schema *key, sb_timers **out,
                     sb_error *err)
{
    SB_TRY(reserve_table(state, table_id, err), err);
    SB_TRY(sb_timers_new(state->mem, state->pool, table_id, key, out, err), err);
    state->timers[state->count_tables] = *out;
    state->tables[state->count_tables++] = sb_timers_table(*out);
    return SB_OK;
}

void
sb_state_set_now(sb_state *state, int64_t now_ms)
{
    for (uint32_t i = 0; i < state->count_tables; i++) {
        sb_table_set_now(state->tables[i], now_ms);
    }
}

int64_t
sb_state_bytes(const sb_state *state)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < state->count_tables; i++) {
        bytes += sb_table_bytes(state->tables[i]);
    }
    return bytes;
}

bool
sb_state_make_homes(sb_state *state)
{
    if (state->has_homes) {
        return true;
    }
    uint32_t *ids = sb_alloc(state->mem, state->count_tables * sizeof *ids);
    if (!ids) {
        return false;
    }
    for (uint32_t i = 0; i < state->count_tables; i++) {
        ids[i] = state->tables[i]->table_id;
    }
    state->has_homes = sb_homes_init(&state->homes, state->mem, ids, state->count_tables);
    sb_free(state->mem, ids, state->count_tables * sizeof *ids);
    return state->has_homes;
}

/* ---- time to live
 * --------------------------------------------------------------------------------- */

/* Looks at rows of one table from where the last sweep ended. False: `looks` or `limit` is used
 * up. */
static bool
sweep_table(sb_table *t, int32_t *limit, int32_t *looks)
{
    sb_pages *pages = &t->pages;
    for (uint32_t n = pages->count_ids; n > 0; n--) {
        if (t->sweep_page >= pages->count_ids) {
            t->sweep_page = t->sweep_slot = 0;
        }
        uint32_t id = t->sweep_page;
        sb_page *p = pages->ids[id].page;
        uint32_t count_slots = p ? p->count_slots : 0;
        while (t->sweep_slot < count_slots) {
            if (*looks <= 0 || *limit <= 0) {
                return false;
            }
            uint32_t slot = t->sweep_slot++;
            bool used = (sb_page_used(p)[slot >> 6] >> (slot & 63)) & 1;
            uint8_t *row = sb_page_row(pages, p, slot);
            *looks -= 1;
            if (used && sb_expired(t, row)) {
                sb_row_erase(t, row);
                *limit -= 1;
                if (pages->ids[id].page != p) {
                    break; /* that was its last row */
                }
            }
        }
        t->sweep_page++;
        t->sweep_slot = 0;
    }
    return true;
}

void
sb_state_sweep(sb_state *state, int32_t limit)
{
    int32_t looks = limit < INT32_MAX / 16 ? limit * 16 : INT32_MAX;
    for (uint32_t n = state->count_tables; n > 0; n--) {
        sb_table *t = state->tables[state->sweep_table % state->count_tables];
        if (t->ttl_ms && !sweep_table(t, &limit, &looks)) {
            return;
        }
        state->sweep_table = (state->sweep_table + 1) % state->count_tables;
    }
}
