/*
 * sql/rule_window.c -- AGG by window_start and window_end becomes a window aggregate.
 *
 * DESIGN     AGG over CALC over TUMBLE / HOP, where the CALC hands the window columns through and
 *            computes nothing from them: the aggregate works on the time column itself, the table
 *            function and its repeated rows vanish. Otherwise the input has window columns
 *            already (a window aggregate, a window join, or the table function where the CALC
 *            uses its columns): the aggregate is attached to them. A CALC on top restores the
 *            order of the columns.
 * THREADS    one thread at a time.
 */
#include "sql/code.h"
#include "sql/rules.h"

static bool
window_uses(const sb_expr *expr, int32_t from)
{
    if (expr->kind == SB_EXPR_COLUMN) {
        return expr->column >= from;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (window_uses(expr->args[i], from)) {
            return true;
        }
    }
    return false;
}

/* Can the table function below the calc go? */
static bool
window_can_fuse(const sb_rel *input)
{
    const sb_rel *window;
    int32_t width;

    if (input->kind == SB_REL_WINDOW) {
        return true;
    }
    if (input->kind != SB_REL_CALC || input->inputs[0]->kind != SB_REL_WINDOW) {
        return false;
    }
    window = input->inputs[0];
    width = window->inputs[0]->schema.count;
    if (input->condition != NULL && window_uses(input->condition, width)) {
        return false;
    }
    for (int32_t i = 0; i < input->schema.count; i++) {
        if (input->exprs[i]->kind != SB_EXPR_COLUMN && window_uses(input->exprs[i], width)) {
            return false;
        }
    }
    return true;
}

/* The calc without window columns, and with the time column; map: old column -> new one or -1. */
static sb_status
window_below(sb_rel_context *ctx, const sb_rel *input, int32_t *map, sb_rel **out,
             int32_t *out_time)
{
    const sb_rel *window = input->kind == SB_REL_WINDOW ? input : input->inputs[0];
    sb_rel *below = window->inputs[0];
    int32_t width = below->schema.count, count = 0;
    sb_expr **exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, input->schema.count + 1);
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, input->schema.count + 1);

    if (exprs == NULL || names == NULL) {
        SB_NOMEM(ctx->err);
    }
    *out_time = -1;
    for (int32_t i = 0; i < input->schema.count; i++) {
        sb_expr *expr = input->kind == SB_REL_WINDOW
                            ? sb_expr_column(ctx->arena, i, &input->schema.fields[i].type)
                            : input->exprs[i];

        map[i] = -1;
        if (expr == NULL) {
            SB_NOMEM(ctx->err);
        }
        if (expr->kind == SB_EXPR_COLUMN && expr->column >= width) {
            continue;
        }
        if (expr->kind == SB_EXPR_COLUMN && expr->column == window->time_column) {
            *out_time = count;
        }
        map[i] = count;
        names[count] = input->schema.fields[i].name;
        exprs[count++] = expr;
    }
    if (*out_time < 0) {
        *out_time = count;
        names[count] = below->schema.fields[window->time_column].name;
        exprs[count] = sb_expr_column(ctx->arena, window->time_column,
                                      &below->schema.fields[window->time_column].type);
        if (exprs[count++] == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    SB_TRY(sb_rel_unique_names(ctx->arena, names, count), ctx->err);
    return sb_rel_calc(ctx, below, input->kind == SB_REL_WINDOW ? NULL : input->condition, exprs,
                       names, count, out);
}

static sb_status
window_remap_aggs(sb_rel_context *ctx, const sb_rel *agg, const int32_t *map, bool identity,
                  sb_rel *out, bool *out_lost)
{
    out->count_aggs = agg->count_aggs;
    out->names = agg->names;
    out->aggs = SB_NEW_ARRAY(ctx->arena, sb_agg_call, agg->count_aggs + 1);
    if (out->aggs == NULL) {
        SB_NOMEM(ctx->err);
    }
    *out_lost = false;
    for (int32_t i = 0; i < agg->count_aggs; i++) {
        out->aggs[i] = agg->aggs[i];
        if (!identity && agg->aggs[i].arg >= 0) {
            out->aggs[i].arg = map[agg->aggs[i].arg];
            *out_lost |= out->aggs[i].arg < 0;
        }
        if (!identity && agg->aggs[i].filter >= 0) {
            out->aggs[i].filter = map[agg->aggs[i].filter];
            *out_lost |= out->aggs[i].filter < 0;
        }
        if (!identity && agg->aggs[i].kind > SB_AGG_M2 && agg->aggs[i].second >= 0) {
            out->aggs[i].second = map[agg->aggs[i].second];
            *out_lost |= out->aggs[i].second < 0;
        }
    }
    return SB_OK;
}

/* Keys that are no window columns, and the properties. */
static sb_status
window_keys(sb_rel_context *ctx, const sb_rel *agg, const int32_t *map, bool identity, sb_rel *out)
{
    static const sb_window_property properties[] = {SB_WINDOW_START, SB_WINDOW_END, SB_WINDOW_TIME};
    const sb_rel *input = agg->inputs[0];
    int32_t *keys = SB_NEW_ARRAY(ctx->arena, int32_t, agg->keys.count + 1);
    sb_window_property *list = SB_NEW_ARRAY(ctx->arena, sb_window_property, 3);
    bool wanted[4] = {false};

    if (keys == NULL || list == NULL) {
        SB_NOMEM(ctx->err);
    }
    out->keys.at = keys;
    for (int32_t i = 0; i < agg->keys.count; i++) {
        uint8_t prop = input->props[agg->keys.at[i]];

        wanted[prop] = true;
        if (prop == SB_PROP_NONE) {
            keys[out->keys.count++] = identity ? agg->keys.at[i] : map[agg->keys.at[i]];
        }
    }
    for (int p = 0; p < 3; p++) {
        if (wanted[SB_PROP_START + p]) {
            list[out->count_properties++] = properties[p];
        }
    }
    out->properties = list;
    return SB_OK;
}

/* The columns of the AGG, in its order and with its names, over the window aggregate. */
static sb_status
window_above(sb_rel_context *ctx, const sb_rel *agg, sb_rel *window_agg, sb_rel **out)
{
    const sb_rel *input = agg->inputs[0];
    int32_t *columns = SB_NEW_ARRAY(ctx->arena, int32_t, agg->schema.count + 1), key = 0;
    int32_t first_property = window_agg->keys.count + window_agg->count_aggs;

    if (columns == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < agg->keys.count; i++) {
        uint8_t prop = input->props[agg->keys.at[i]];

        if (prop == SB_PROP_NONE) {
            columns[i] = key++;
            continue;
        }
        for (int32_t p = 0; p < window_agg->count_properties; p++) {
            if ((int)window_agg->properties[p] + SB_PROP_START == prop) {
                columns[i] = first_property + p;
            }
        }
    }
    for (int32_t i = 0; i < agg->count_aggs; i++) {
        columns[agg->keys.count + i] = window_agg->keys.count + i;
    }
    SB_TRY(sb_rel_select(ctx, window_agg, columns, agg->schema.count, out), ctx->err);
    for (int32_t i = 0; i < agg->schema.count; i++) {
        (*out)->names[i] = agg->schema.fields[i].name;
    }
    return sb_rel_derive(ctx, *out);
}

static sb_status
window_attached(sb_rel_context *ctx, const sb_rel *agg, sb_rel **out)
{
    sb_rel *input = agg->inputs[0];
    bool lost;

    SB_TRY(sb_rel_new(ctx, SB_REL_WINDOW_AGG, &input, 1, out), ctx->err);
    (*out)->attached = true;
    for (int32_t i = 0; i < agg->keys.count; i++) {
        int32_t column = agg->keys.at[i];

        if (input->props[column] == SB_PROP_START) {
            (*out)->start_column = column;
        } else if (input->props[column] == SB_PROP_END) {
            (*out)->end_column = column;
        }
    }
    SB_TRY(window_keys(ctx, agg, NULL, true, *out), ctx->err);
    return window_remap_aggs(ctx, agg, NULL, true, *out, &lost);
}

/* Slices of a HOP window are merged, which FIRST_VALUE, LAST_VALUE and JSON_ARRAYAGG cannot be: as
 * in Flink. */
static sb_status
window_check_merge(sb_rel_context *ctx, const sb_rel *agg, const sb_rel *window_agg)
{
    for (int32_t i = 0; i < agg->count_aggs; i++) {
        sb_agg_kind kind = agg->aggs[i].kind;

        if (window_agg->window.kind == SB_WINDOW_HOP && !window_agg->attached &&
            (kind == SB_AGG_FIRST || kind == SB_AGG_LAST || kind == SB_AGG_JSON_ARRAY)) {
            (void)sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, agg->begin, agg->end,
                               "not supported: %s in a HOP window", sb_agg_name(kind));
            sb_error_hint(ctx->err, "the order in which values came is not known across slices");
            return SB_STATUS_NOT_SUPPORTED;
        }
    }
    return SB_OK;
}

sb_status
sb_rule_window(sb_rel_context *ctx, sb_rel **slot)
{
    sb_rel *agg = *slot, *window_agg = NULL, *input;

    for (int32_t i = 0; i < agg->count_inputs; i++) {
        SB_TRY(sb_rule_window(ctx, &agg->inputs[i]), ctx->err);
    }
    SB_TRY(sb_rel_derive(ctx, agg), ctx->err);
    if (agg->kind != SB_REL_AGG || !agg->has_window) {
        return SB_OK;
    }
    input = agg->inputs[0];
    if (window_can_fuse(input)) {
        int32_t *map = SB_NEW_ARRAY(ctx->arena, int32_t, input->schema.count + 1), time = -1;
        sb_rel *below;
        bool lost;

        if (map == NULL) {
            SB_NOMEM(ctx->err);
        }
        SB_TRY(window_below(ctx, input, map, &below, &time), ctx->err);
        SB_TRY(sb_rel_new(ctx, SB_REL_WINDOW_AGG, &below, 1, &window_agg), ctx->err);
        window_agg->time_column = time;
        SB_TRY(window_keys(ctx, agg, map, false, window_agg), ctx->err);
        SB_TRY(window_remap_aggs(ctx, agg, map, false, window_agg, &lost), ctx->err);
        window_agg =
            lost ? NULL : window_agg; /* MAX(window_start) and such need the columns themselves */
    }
    if (window_agg == NULL) {
        SB_TRY(window_attached(ctx, agg, &window_agg), ctx->err);
    }
    ctx->fired[SB_RULE_WINDOW]++;
    window_agg->window = input->window;
    SB_TRY(window_check_merge(ctx, agg, window_agg), ctx->err);
    SB_TRY(sb_rel_derive(ctx, window_agg), ctx->err);
    return window_above(ctx, agg, window_agg, slot);
}
