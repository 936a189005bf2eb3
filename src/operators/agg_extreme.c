/*
 * operators/agg_extreme.c -- MIN and MAX over retracting input: all values of a group with their
 * counts, in order (R28).
 *
 * DESIGN     The accumulator in the main row holds the extreme; it is looked up again only when a
 *            value appears or disappears. A value taken out before it came in has a negative count:
 *            it is never the extreme, and its next insert cancels that.
 * THREADS    T:task
 */
#include <string.h>

#include "operators/agg_side.h"

sb_status
sb_extreme_open(sb_agg_set *set, int32_t i, sb_init *ctx, const sb_schema *key, uint32_t id,
                int64_t ttl_ms, sb_error *err)
{
    sb_field *fields = SB_NEW_ARRAY(set->arena, sb_field, 2);
    sb_schema *schemas = SB_NEW_ARRAY(set->arena, sb_schema, 2);
    if (!fields || !schemas) {
        SB_NOMEM(err);
    }
    sb_type type = ctx->inputs[0]->fields[set->aggs[i].call.arg].type;
    fields[0] = (sb_field){.name = "value", .type = type};
    fields[1] = (sb_field){.name = "count", .type = SB_TYPE(BIGINT, false)};
    schemas[0] = (sb_schema){1, &fields[0]};
    schemas[1] = (sb_schema){1, &fields[1]};
    sb_table_spec spec = {.table_id = id,
                          .shape = SB_ORDERED,
                          .key = key,
                          .has_space = set->has_space,
                          .sort = &schemas[0],
                          .row = &schemas[1],
                          .ttl_ms = ttl_ms};
    return sb_state_open_table(ctx->state, &spec, &set->extremes[i], err);
}

/* A bytes accumulator changes: the row may move, and every position of the group must see it
 * where it is then. */
sb_status
sb_agg_set_view(sb_agg_set *set, sb_agg_run *run, int32_t at, int32_t column, const sb_view *value,
                sb_error *err)
{
    uint8_t *row = run->rows[at];
    uint8_t *moved = sb_table_set_view(set->table, row, column, value, value == NULL);
    if (!moved) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; moved != row && i < run->count; i++) {
        run->rows[i] = run->rows[i] == row ? moved : run->rows[i];
    }
    return SB_OK;
}

/* The accumulator takes the value of an entry; NULL: there is none. */
sb_status
sb_agg_hold(sb_agg_set *set, const sb_agg *agg, sb_agg_run *run, int32_t at, sb_table *from_table,
            int32_t from_field, const uint8_t *from, sb_error *err)
{
    const sb_row_layout *from_layout = sb_table_layout(from_table);
    if (sb_agg_is_bytes(agg)) {
        sb_view view =
            from ? sb_row_view(from_layout, from, from_field) : (sb_view){.words = {0, 0}};
        return sb_agg_set_view(set, run, at, agg->value_column, from ? &view : NULL, err);
    }
    uint8_t *row = run->rows[at];
    sb_row_set_null(row, agg->value_field, from == NULL);
    if (from) {
        memcpy(row + agg->value_at, from + from_layout->offsets[from_field], agg->value_size);
    } else {
        memset(row + agg->value_at, 0, agg->value_size);
    }
    return SB_OK;
}

static sb_status
hold(sb_agg_set *set, const sb_agg *agg, sb_agg_run *run, int32_t at, sb_table *from_table,
     const uint8_t *from, sb_error *err)
{
    /* the sort column stands before the values */
    int32_t field = sb_table_field(from_table, 0) - 1;
    return sb_agg_hold(set, agg, run, at, from_table, field, from, err);
}

static int64_t *
count_of(const sb_table *table, uint8_t *entry)
{
    return sb_row_slot(sb_table_layout(table), entry, sb_table_field(table, 0));
}

static const uint8_t *
best_of(const sb_agg *agg, sb_table *table, const sb_keys *one)
{
    bool low = agg->call.kind == SB_AGG_MIN;
    uint8_t *entry = low ? sb_ordered_first(table, one) : sb_ordered_last(table, one);
    while (entry && *count_of(table, entry) <= 0) {
        entry = low ? sb_ordered_next(table, entry) : sb_ordered_prev(table, entry);
    }
    return entry;
}

/* A value that was taken out before it came in, and comes in now. */
static sb_status
hold_if_better(sb_agg_set *set, const sb_agg *agg, sb_agg_run *run, int32_t i, sb_table *table,
               uint8_t *entry, sb_error *err)
{
    sb_column_builder b;
    SB_TRY(sb_column_builder_init(&b, set->mem, agg->type, err), err);
    sb_row_decode(sb_table_layout(set->table), &run->rows[i], 1, agg->value_field, 1, &b, true);
    sb_vector *held = sb_column_finish(&b, err);
    sb_column_builder_deinit(&b);
    if (!held) {
        return SB_STATUS_NOMEM;
    }
    const sb_vector *arg = run->head->columns[agg->call.arg];
    int order = sb_value_compare(arg, run->physical[i], held, 0);
    bool better =
        !sb_vector_valid(held, 0) || (agg->call.kind == SB_AGG_MIN ? order < 0 : order > 0);
    sb_vector_unref(held);
    return better ? hold(set, agg, run, i, table, entry, err) : SB_OK;
}

static sb_status
count_row(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, int8_t act, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    sb_table *table = set->extremes[index];
    sb_vector *arg = run->head->columns[agg->call.arg];
    sb_keys one = sb_agg_one_key(run, i);
    uint8_t *entry;
    SB_TRY(sb_ordered_put(table, &one, &arg, &entry, NULL, err), err);
    sb_table_touch(table, entry);
    int64_t after = *count_of(table, entry) += act;
    if (act > 0 && after <= 0) { /* Flink takes it as the extreme although it only cancels */
        SB_TRY(hold_if_better(set, agg, run, i, table, entry, err), err);
    }
    if (after == 0) {
        sb_table_erase_row(table, entry);
    }
    bool appeared = after == 1 && act > 0, left = after == 0 && act < 0;
    if (!appeared && !left) {
        return SB_OK;
    }
    return hold(set, agg, run, i, table, best_of(agg, table, &one), err);
}

/* What happens to the accumulator before the row counts. */
static sb_status
prepare_row(sb_agg_set *set, int32_t index, sb_agg_run *run, int32_t i, uint8_t how, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    uint8_t *row = run->rows[i];
    bool null = sb_row_is_null(row, agg->value_field);
    if ((how & SB_AGG_SAVE) && sb_agg_is_bytes(agg)) {
        sb_view view = sb_row_view(sb_table_layout(set->table), row, agg->value_field);
        SB_TRY(sb_agg_set_view(set, run, i, agg->prev_column, null ? NULL : &view, err), err);
    } else if (how & SB_AGG_SAVE) {
        sb_row_set_null(row, agg->prev_field, null);
        memcpy(row + agg->prev_at, row + agg->value_at, agg->value_size);
    }
    if (how & SB_AGG_RESET) {
        return sb_agg_hold(set, agg, run, i, set->extremes[index], 0, NULL, err);
    }
    return SB_OK;
}

sb_status
sb_extreme_update(sb_agg_set *set, int32_t index, sb_agg_run *run, const int8_t *act,
                  sb_column_builder *pairs, sb_error *err)
{
    const sb_agg *agg = &set->aggs[index];
    const sb_row_layout *layout = sb_table_layout(set->table);
    bool arrival = sb_agg_is_arrival(agg);
    for (int32_t i = 0; i < run->count; i++) {
        uint8_t how = run->how ? run->how[i] : 0;
        SB_TRY(prepare_row(set, index, run, i, how, err), err);
        if (pairs) {
            sb_row_decode(layout, &run->rows[i], 1, agg->value_field, 1, pairs, true);
        }
        if (act[i]) {
            SB_TRY(arrival ? sb_arrival_row(set, index, run, i, act[i], err)
                           : count_row(set, index, run, i, act[i], err),
                   err);
        }
        if (pairs) {
            sb_row_decode(layout, &run->rows[i], 1, agg->value_field, 1, pairs, true);
        }
        if (how & SB_AGG_DROP) {
            sb_keys one = sb_agg_one_key(run, i);
            if (arrival) {
                SB_TRY(sb_arrival_clear(set, index, &one, err), err);
            } else {
                sb_agg_clear_group(set->extremes[index], &one);
            }
        }
    }
    return SB_OK;
}
