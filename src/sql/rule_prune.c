/*
 * sql/rule_prune.c -- only columns that are used stay.
 *
 * DESIGN     prune_to gives a relation that has exactly the columns asked for, in their order.
 *            State of joins and aggregates shrinks with it. A scan notes what is used and stays
 *            whole: its table may be read by others, sb_rule_scan narrows it for all.
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/rules.h"

static sb_status prune_to(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out);

static sb_status
prune_flags(sb_rel_context *ctx, int32_t count, uint8_t **out)
{
    *out = SB_NEW_ARRAY(ctx->arena, uint8_t, count + 1);
    if (*out == NULL) {
        SB_NOMEM(ctx->err);
    }
    return SB_OK;
}

/* old column -> new column, -1 where it goes; returns how many stay */
static sb_status
prune_map(sb_rel_context *ctx, const uint8_t *used, int32_t count, int32_t **out,
          int32_t *out_count)
{
    *out = SB_NEW_ARRAY(ctx->arena, int32_t, count + 1);
    if (*out == NULL) {
        SB_NOMEM(ctx->err);
    }
    *out_count = 0;
    for (int32_t i = 0; i < count; i++) {
        (*out)[i] = used[i] ? (*out_count)++ : -1;
    }
    return SB_OK;
}

/* A batch needs a column to have rows: the one that costs least. */
static void
prune_keep_one(const sb_schema *schema, uint8_t *used)
{
    int32_t best = 0, best_cost = INT32_MAX;

    for (int32_t i = 0; i < schema->count; i++) {
        const sb_type *type = &schema->fields[i].type;
        int32_t cost = sb_phys_size(sb_type_phys(type));

        if (used[i]) {
            return;
        }
        cost = type->id >= SB_TYPE_ARRAY ? 1000 : sb_type_phys(type) == SB_PHYS_VIEW ? 100 : cost;
        if (cost < best_cost) {
            best = i;
            best_cost = cost;
        }
    }
    if (schema->count > 0) {
        used[best] = 1;
    }
}

/* From the columns that `have` flags to those that `want` flags. */
static sb_status
prune_narrow(sb_rel_context *ctx, sb_rel *rel, const uint8_t *have, const uint8_t *want,
             int32_t count, sb_rel **out)
{
    int32_t *columns = SB_NEW_ARRAY(ctx->arena, int32_t, count + 1);
    int32_t at = 0, wanted = 0;

    if (columns == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        if (want[i]) {
            columns[wanted++] = at;
        }
        at += have[i] != 0;
    }
    *out = rel;
    return wanted == at ? SB_OK : sb_rel_select(ctx, rel, columns, wanted, out);
}

static sb_status
prune_remap_columns(sb_rel_context *ctx, sb_columns *columns, const int32_t *map)
{
    int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, columns->count + 1);

    if (at == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < columns->count; i++) {
        at[i] = map[columns->at[i]];
    }
    columns->at = at;
    return SB_OK;
}

static sb_status
prune_scan(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    uint8_t *all;

    SB_TRY(prune_flags(ctx, rel->schema.count, &all), ctx->err);
    for (int32_t i = 0; i < rel->schema.count; i++) {
        all[i] = 1;
        rel->table->used[i] |= used[i];
    }
    return prune_narrow(ctx, rel, all, used, rel->schema.count, out);
}

static sb_status
prune_calc(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    sb_rel *input = rel->inputs[0];
    int32_t width = input->schema.count, count = 0, kept, *map;
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, rel->schema.count + 1);
    sb_expr **exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, rel->schema.count + 1), *condition = NULL;
    uint8_t *need;

    SB_TRY(prune_flags(ctx, width, &need), ctx->err);
    if (names == NULL || exprs == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < rel->schema.count; i++) {
        if (used[i]) {
            sb_expr_columns(rel->exprs[i], need, width);
        }
    }
    if (rel->condition != NULL) {
        sb_expr_columns(rel->condition, need, width);
    }
    prune_keep_one(&input->schema, need);
    SB_TRY(prune_map(ctx, need, width, &map, &kept), ctx->err);
    SB_TRY(prune_to(ctx, input, need, &input), ctx->err);
    for (int32_t i = 0; i < rel->schema.count; i++) {
        if (used[i]) {
            names[count] = rel->names[i];
            SB_TRY(sb_expr_remap(ctx->arena, rel->exprs[i], map, &exprs[count++], ctx->err),
                   ctx->err);
        }
    }
    if (rel->condition != NULL) {
        SB_TRY(sb_expr_remap(ctx->arena, rel->condition, map, &condition, ctx->err), ctx->err);
    }
    return sb_rel_calc(ctx, input, condition, exprs, names, count, out);
}

static sb_status
prune_union(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        SB_TRY(prune_to(ctx, rel->inputs[i], used, &rel->inputs[i]), ctx->err);
    }
    *out = rel;
    return sb_rel_derive(ctx, rel);
}

/* Keys stay all: they are what a group is. */
static sb_status
prune_agg(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    sb_rel *input = rel->inputs[0];
    int32_t width = input->schema.count, total = rel->schema.count, count = 0, kept, *map;
    sb_agg_call *aggs = SB_NEW_ARRAY(ctx->arena, sb_agg_call, rel->count_aggs + 1);
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, rel->count_aggs + 1);
    uint8_t *need, *have;

    SB_TRY(prune_flags(ctx, width, &need), ctx->err);
    SB_TRY(prune_flags(ctx, total, &have), ctx->err);
    if (aggs == NULL || names == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < rel->keys.count; i++) {
        need[rel->keys.at[i]] = have[i] = 1;
    }
    for (int32_t i = 0; i < rel->count_aggs; i++) {
        const sb_agg_call *call = &rel->aggs[i];
        int32_t column = rel->keys.count + i;
        /* A global aggregate must keep one: its row is the fact that there were rows. */
        bool keep = used[column] || (rel->keys.count + count == 0 && i == rel->count_aggs - 1);

        if (keep) {
            have[column] = 1;
            names[count] = rel->names[i];
            aggs[count++] = *call;
            if (call->arg >= 0) {
                need[call->arg] = 1;
            }
            if (call->filter >= 0) {
                need[call->filter] = 1;
            }
            if (call->kind > SB_AGG_M2 && call->second >= 0) {
                need[call->second] = 1;
            }
        }
    }
    for (int32_t i = rel->keys.count + rel->count_aggs; i < total; i++) {
        have[i] = 1; /* window properties cost nothing */
    }
    if (rel->kind == SB_REL_WINDOW_AGG) {
        need[rel->attached ? rel->start_column : rel->time_column] = 1;
        need[rel->attached ? rel->end_column : rel->time_column] = 1;
    }
    prune_keep_one(&input->schema, need);
    SB_TRY(prune_map(ctx, need, width, &map, &kept), ctx->err);
    SB_TRY(prune_to(ctx, input, need, &rel->inputs[0]), ctx->err);
    for (int32_t i = 0; i < count; i++) {
        aggs[i].arg = aggs[i].arg >= 0 ? map[aggs[i].arg] : -1;
        aggs[i].filter = aggs[i].filter >= 0 ? map[aggs[i].filter] : -1;
        if (aggs[i].kind > SB_AGG_M2) {
            aggs[i].second = aggs[i].second >= 0 ? map[aggs[i].second] : -1;
        }
    }
    SB_TRY(prune_remap_columns(ctx, &rel->keys, map), ctx->err);
    if (rel->kind == SB_REL_WINDOW_AGG && rel->attached) {
        rel->start_column = map[rel->start_column];
        rel->end_column = map[rel->end_column];
    } else if (rel->kind == SB_REL_WINDOW_AGG) {
        rel->time_column = map[rel->time_column];
    }
    rel->aggs = aggs;
    rel->names = names;
    rel->count_aggs = count;
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return prune_narrow(ctx, rel, have, used, total, out);
}

static sb_status
prune_window(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    int32_t width = rel->inputs[0]->schema.count, kept, *map;
    uint8_t *need, *have;

    SB_TRY(prune_flags(ctx, width, &need), ctx->err);
    SB_TRY(prune_flags(ctx, width + 3, &have), ctx->err);
    memcpy(need, used, (size_t)width);
    need[rel->time_column] = 1;
    memcpy(have, need, (size_t)width);
    memset(have + width, 1, 3);
    SB_TRY(prune_map(ctx, need, width, &map, &kept), ctx->err);
    SB_TRY(prune_to(ctx, rel->inputs[0], need, &rel->inputs[0]), ctx->err);
    rel->time_column = map[rel->time_column];
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return prune_narrow(ctx, rel, have, used, width + 3, out);
}

/* Keys that nobody uses need not be made NULL. */
static sb_status
prune_expand_keys(sb_rel_context *ctx, sb_rel *rel, const int32_t *map)
{
    int32_t *keys = SB_NEW_ARRAY(ctx->arena, int32_t, rel->keys.count + 1), count = 0;
    sb_columns *sets = SB_NEW_ARRAY(ctx->arena, sb_columns, rel->sets.count);

    if (keys == NULL || sets == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < rel->keys.count; i++) {
        if (map[rel->keys.at[i]] >= 0) {
            keys[count++] = map[rel->keys.at[i]];
        }
    }
    rel->keys = (sb_columns){.count = count, .at = keys};
    for (int32_t s = 0; s < rel->sets.count; s++) {
        const sb_columns *old = &rel->sets.at[s];
        int32_t *at = SB_NEW_ARRAY(ctx->arena, int32_t, old->count + 1);

        if (at == NULL) {
            SB_NOMEM(ctx->err);
        }
        sets[s].at = at;
        for (int32_t i = 0; i < old->count; i++) {
            if (map[old->at[i]] >= 0) {
                at[sets[s].count++] = map[old->at[i]];
            }
        }
    }
    rel->sets.at = sets;
    return SB_OK;
}

/* EXPAND, UNNEST, SORT: the columns of the input, then what the relation adds. */
static sb_status
prune_rows(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    int32_t width = rel->inputs[0]->schema.count, total = rel->schema.count, kept, *map;
    uint8_t *need, *have;

    SB_TRY(prune_flags(ctx, width, &need), ctx->err);
    SB_TRY(prune_flags(ctx, total, &have), ctx->err);
    memcpy(need, used, (size_t)width);
    if (rel->kind == SB_REL_UNNEST) {
        need[rel->column] = 1;
    }
    for (int32_t i = 0; rel->kind == SB_REL_SORT && i < rel->keys.count; i++) {
        need[rel->keys.at[i]] = 1;
    }
    prune_keep_one(&rel->inputs[0]->schema, need);
    memcpy(have, need, (size_t)width);
    memset(have + width, 1, (size_t)(total - width));
    SB_TRY(prune_map(ctx, need, width, &map, &kept), ctx->err);
    SB_TRY(prune_to(ctx, rel->inputs[0], need, &rel->inputs[0]), ctx->err);
    if (rel->kind == SB_REL_UNNEST) {
        rel->column = map[rel->column];
    } else if (rel->kind == SB_REL_SORT) {
        SB_TRY(prune_remap_columns(ctx, &rel->keys, map), ctx->err);
    } else {
        SB_TRY(prune_expand_keys(ctx, rel, map), ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return prune_narrow(ctx, rel, have, used, total, out);
}

static sb_status
prune_join(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    int32_t left = rel->inputs[0]->schema.count, total = left + rel->inputs[1]->schema.count,
            kept_left, kept;
    int32_t *map, *map_left, *map_right;
    uint8_t *need;

    SB_TRY(prune_flags(ctx, total, &need), ctx->err);
    memcpy(need, used, (size_t)total);
    for (int32_t i = 0; i < rel->keys.count; i++) {
        need[rel->keys.at[i]] = need[left + rel->right_keys.at[i]] = 1;
    }
    if (rel->condition != NULL) {
        sb_expr_columns(rel->condition, need, total);
    }
    if (rel->kind == SB_REL_WINDOW_JOIN) {
        need[rel->start_column] = need[rel->end_column] = 1;
        need[left + rel->right_start] = need[left + rel->right_end] = 1;
    }
    prune_keep_one(&rel->inputs[0]->schema, need);
    prune_keep_one(&rel->inputs[1]->schema, need + left);
    SB_TRY(prune_map(ctx, need, total, &map, &kept), ctx->err);
    SB_TRY(prune_map(ctx, need, left, &map_left, &kept_left), ctx->err);
    SB_TRY(prune_map(ctx, need + left, total - left, &map_right, &kept), ctx->err);
    SB_TRY(prune_to(ctx, rel->inputs[0], need, &rel->inputs[0]), ctx->err);
    SB_TRY(prune_to(ctx, rel->inputs[1], need + left, &rel->inputs[1]), ctx->err);
    SB_TRY(prune_remap_columns(ctx, &rel->keys, map_left), ctx->err);
    SB_TRY(prune_remap_columns(ctx, &rel->right_keys, map_right), ctx->err);
    if (rel->condition != NULL) {
        SB_TRY(sb_expr_remap(ctx->arena, rel->condition, map, &rel->condition, ctx->err), ctx->err);
    }
    if (rel->kind == SB_REL_WINDOW_JOIN) {
        rel->start_column = map_left[rel->start_column];
        rel->end_column = map_left[rel->end_column];
        rel->right_start = map_right[rel->right_start];
        rel->right_end = map_right[rel->right_end];
    }
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    return prune_narrow(ctx, rel, need, used, total, out);
}

static sb_status
prune_to(sb_rel_context *ctx, sb_rel *rel, const uint8_t *used, sb_rel **out)
{
    bool fires = false;

    for (int32_t i = 0; rel->kind != SB_REL_SCAN && i < rel->schema.count; i++) {
        fires |= !used[i];
    }
    ctx->fired[SB_RULE_PRUNE] += fires;
    switch (rel->kind) {
    case SB_REL_SCAN: return prune_scan(ctx, rel, used, out);
    case SB_REL_CALC: return prune_calc(ctx, rel, used, out);
    case SB_REL_UNION: return prune_union(ctx, rel, used, out);
    case SB_REL_AGG:
    case SB_REL_WINDOW_AGG: return prune_agg(ctx, rel, used, out);
    case SB_REL_WINDOW: return prune_window(ctx, rel, used, out);
    case SB_REL_EXPAND:
    case SB_REL_UNNEST:
    case SB_REL_SORT: return prune_rows(ctx, rel, used, out);
    case SB_REL_JOIN:
    case SB_REL_WINDOW_JOIN: return prune_join(ctx, rel, used, out);
    default: SB_FAIL(ctx->err, SB_STATUS_INTERNAL, "pruning of relation kind %d", (int)rel->kind);
    }
}

sb_status
sb_rule_prune(sb_rel_context *ctx, sb_rel **rel)
{
    sb_rel *sink = *rel;
    uint8_t *used;

    sb_assert(sink->kind == SB_REL_SINK);
    SB_TRY(prune_flags(ctx, sink->inputs[0]->schema.count, &used), ctx->err);
    memset(used, 1, (size_t)sink->inputs[0]->schema.count);
    SB_TRY(prune_to(ctx, sink->inputs[0], used, &sink->inputs[0]), ctx->err);
    return sb_rel_derive(ctx, sink);
}
