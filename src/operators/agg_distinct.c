/*
 * operators/agg_distinct.c -- DISTINCT: which values a group holds, shared by the aggregates over
 * one argument (R27).
 *
 * DESIGN     Append-only input: the different values of a run are numbered first, as they mostly
 *            come often; then one probe for them. Retracting input: row after row,
 *            because counts go up and down and a group may leave in between.
 * THREADS    T:task
 */
#include <string.h>

#include "base/hash.h"
#include "operators/agg_side.h"

sb_status
sb_distinct_join(sb_agg_set *set, int32_t i, sb_error *err)
{
    int32_t arg = set->aggs[i].call.arg;
    int32_t at = 0;
    while (at < set->count_distincts && set->distincts[at].arg != arg) {
        at++;
    }
    sb_distinct_set *d = &set->distincts[at];
    if (at == set->count_distincts) {
        d->arg = arg;
        d->members = SB_NEW_ARRAY(set->arena, int32_t, set->count);
        if (!d->members) {
            SB_NOMEM(err);
        }
        set->count_distincts++;
    }
    d->members[d->count++] = i;
    d->takes_nulls = d->takes_nulls || sb_agg_takes_nulls(&set->aggs[i].call);
    if (!set->retracts && d->count > 64) {
        SB_FAIL(err, SB_STATUS_LIMIT, "more than 64 DISTINCT aggregates over one column");
    }
    return SB_OK;
}

sb_status
sb_distinct_open(sb_agg_set *set, sb_distinct_set *d, sb_init *ctx, const sb_schema *key,
                 uint32_t id, int64_t ttl_ms, sb_error *err)
{
    static const sb_field number = {.name = "group", .type = SB_TYPE(BIGINT, false)};
    bool numbered = set->number_column >= 0;
    int32_t count = numbered ? 1 : key->count;
    sb_field *fields = SB_NEW_ARRAY(set->arena, sb_field, count + 1);
    int32_t columns = set->retracts ? d->count : 1;
    sb_field *row = SB_NEW_ARRAY(set->arena, sb_field, columns);
    d->columns = SB_NEW_ARRAY(set->arena, sb_vector *, count + 1);
    d->news = SB_NEW_ARRAY(set->arena, int8_t *, d->count);
    if (!fields || !row || !d->columns || !d->news) {
        SB_NOMEM(err);
    }
    for (int32_t k = 0; k < count; k++) {
        fields[k] = numbered ? number : key->fields[k];
    }
    sb_type type = ctx->inputs[0]->fields[d->arg].type;
    fields[count] = (sb_field){.name = "value", .type = type};
    d->key = (sb_schema){count + 1, fields};
    d->sort = (sb_schema){1, &fields[count]};
    if (numbered && sb_type_phys(&type) == SB_PHYS_I64) {
        d->values = sb_vector_alloc(set->mem, &fields[count].type, set->capacity, false);
        if (!d->values) {
            SB_NOMEM(err);
        }
    }
    for (int32_t i = 0; i < columns; i++) {
        row[i] =
            (sb_field){.name = set->retracts ? "count" : "mask", .type = SB_TYPE(BIGINT, false)};
    }
    d->row = (sb_schema){columns, row};
    sb_table_spec spec = {.table_id = id,
                          .shape = set->retracts ? SB_ORDERED : SB_MAP,
                          .key = set->retracts ? key : &d->key,
                          .sort = set->retracts ? &d->sort : NULL,
                          .has_space = set->has_space,
                          .row = &d->row,
                          .ttl_ms = ttl_ms};
    return sb_state_open_table(ctx->state, &spec, &d->table, err);
}

/* --- append-only --- */

/* By position: which members the row acts for. */
static void
load_masks(sb_agg_set *set, const sb_distinct_set *d, int32_t count)
{
    uint64_t *masks = set->masks;
    memset(masks, 0, sizeof *masks * (size_t)count);
    for (int32_t m = 0; m < d->count; m++) {
        const int8_t *act = set->act[d->members[m]];
        for (int32_t i = 0; i < count; i++) {
            masks[i] |= (uint64_t)(act[i] != 0) << m;
        }
    }
}

/* Numbers the different (group, value) of the run; returns how many. One that was pushed out of
 * its slot is numbered again. `words`: the values are FLAT and of 8 bytes without a fraction. */
static inline __attribute__((always_inline)) int32_t
number_loop(sb_agg_set *set, const sb_vector *v, const sb_agg_run *run, bool words)
{
    const uint64_t *masks = set->masks, *hashes = set->hashes;
    const int32_t *physical = run->physical, *groups = run->groups, count = run->count;
    const int64_t *values = v->values;
    int32_t *numbers = set->numbers, *last = set->last, *positions = set->positions, n = 0;
    for (int32_t i = 0; i < count; i++) {
        if (!masks[i]) {
            numbers[i] = -1;
            continue;
        }
        uint64_t hash = words ? (uint64_t)values[physical[i]] * SB_HASH_GAMMA : hashes[i];
        hash = (hash ^ (uint64_t)groups[i]) * SB_HASH_GAMMA;
        int32_t *slot = &last[hash >> 32 & (SB_DISTINCT_SLOTS - 1)];
        uint32_t at = (uint32_t)*slot;
        if (at < (uint32_t)n) {
            int32_t first = positions[at];
            if (groups[first] == groups[i] &&
                (words ? values[physical[first]] == values[physical[i]]
                       : sb_value_equal(v, physical[first], v, physical[i]))) {
                numbers[i] = (int32_t)at;
                continue;
            }
        }
        numbers[i] = *slot = n;
        positions[n++] = i;
    }
    return n;
}

/* Keys (group key, argument) of the different values. */
static sb_keys
mask_keys(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run)
{
    sb_vector *arg = run->head->columns[d->arg];
    int32_t n, group = d->key.count - 1;
    if (arg->encoding == SB_FLAT && arg->phys == SB_PHYS_I64 &&
        !(d->takes_nulls && arg->validity)) {
        n = number_loop(set, arg, run, true);
    } else {
        sb_hash_columns(&arg, 1, run->physical, run->count, set->hashes);
        n = number_loop(set, arg, run, false);
    }
    for (int32_t k = 0; k < n; k++) {
        int32_t i = set->positions[k];
        set->physical[k] = run->physical[i];
        set->space[k] = run->keys.space ? run->keys.space[i] : 0;
    }
    for (int32_t k = 0; k < group; k++) {
        d->columns[k] = run->keys.columns[k];
    }
    d->columns[group] = arg;
    sb_hash_columns(&arg, 1, set->physical, n, set->hashes);
    for (int32_t k = 0; k < n; k++) {
        uint64_t hash = run->keys.hashes[set->positions[k]];
        set->hashes[k] =
            (hash & SB_SLOT_BITS) | (sb_hash_combine(hash, set->hashes[k]) & ~SB_SLOT_BITS);
    }
    return (sb_keys){d->columns, set->physical, set->hashes, set->has_space ? set->space : NULL, n};
}

/* Which members see the value of a position for the first time. */
static void
mark_news(sb_agg_set *set, const sb_distinct_set *d, int32_t count)
{
    int8_t **acts = d->news;
    const uint64_t *masks = set->masks;
    const int32_t *numbers = set->numbers;
    uint8_t *const *rows = set->rows;
    uint32_t at = sb_table_layout(d->table)->offsets[sb_table_field(d->table, 0)];
    for (int32_t m = 0; m < d->count; m++) {
        acts[m] = memset(sb_agg_acts(set, d->members[m]), 0, (size_t)count);
        set->act[d->members[m]] = acts[m];
    }
    for (int32_t i = 0; i < count; i++) {
        if (numbers[i] < 0) {
            continue;
        }
        uint8_t *row = rows[numbers[i]];
        uint64_t seen, news;
        memcpy(&seen, row + at, sizeof seen);
        news = masks[i] & ~seen;
        if (news != 0) {
            seen |= news;
            sb_table_touch(d->table, row);
            memcpy(row + at, &seen, sizeof seen);
            for (; news; news &= news - 1) {
                acts[__builtin_ctzll(news)][i] = 1;
            }
        }
    }
}

static sb_status
update_masks(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run, sb_error *err)
{
    load_masks(set, d, run->count);
    if (set->number_column < 0) {
        sb_keys keys = mask_keys(set, d, run);
        SB_TRY(sb_map_insert(d->table, &keys, set->rows, NULL, err), err);
    } else {
        sb_keys keys;
        sb_vector *gathered;
        SB_TRY(sb_agg_numbered_keys(set, d, run, &keys, &gathered, err), err);
        sb_status status = sb_map_insert(d->table, &keys, set->rows, NULL, err);
        sb_vector_unref(gathered);
        SB_TRY(status, err);
    }
    mark_news(set, d, run->count);
    return SB_OK;
}

/* --- retracting --- */

static bool
any_acts(const sb_agg_set *set, const sb_distinct_set *d, int32_t position)
{
    for (int32_t m = 0; m < d->count; m++) {
        if (sb_agg_acts(set, d->members[m])[position] != 0) {
            return true;
        }
    }
    return false;
}

void
sb_agg_clear_group(sb_table *table, const sb_keys *one)
{
    uint8_t *entry;
    while ((entry = sb_ordered_first(table, one)) != NULL) {
        sb_table_erase_row(table, entry);
    }
}

/* The members' counts of one value; true when all are 0 afterwards. */
static bool
count_value(sb_agg_set *set, const sb_distinct_set *d, uint8_t *entry, int32_t position)
{
    const sb_row_layout *layout = sb_table_layout(d->table);
    bool empty = true;
    for (int32_t m = 0; m < d->count; m++) {
        int8_t *act = &sb_agg_acts(set, d->members[m])[position];
        int64_t *count = sb_row_slot(layout, entry, sb_table_field(d->table, m));
        int64_t before = *count, after = before + *act;
        *count = after;
        *act = (int8_t)(before == 0 && after == 1 ? 1 : before == 1 && after == 0 ? -1 : 0);
        empty = empty && after == 0;
    }
    return empty;
}

static sb_status
update_counts(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run, sb_error *err)
{
    sb_vector *arg = run->head->columns[d->arg];
    for (int32_t i = 0; i < run->count; i++) {
        sb_keys one = sb_agg_one_key(run, i);
        if (any_acts(set, d, i)) {
            uint8_t *entry;
            SB_TRY(sb_ordered_put(d->table, &one, &arg, &entry, NULL, err), err);
            sb_table_touch(d->table, entry);
            if (count_value(set, d, entry, i)) {
                sb_table_erase_row(d->table, entry);
            }
        }
        if (run->how && (run->how[i] & SB_AGG_DROP)) {
            sb_agg_clear_group(d->table, &one);
        }
    }
    return SB_OK;
}

sb_status
sb_distinct_update(sb_agg_set *set, sb_distinct_set *d, const sb_agg_run *run, sb_error *err)
{
    return set->retracts ? update_counts(set, d, run, err) : update_masks(set, d, run, err);
}
