/*
 * sql/rel.c -- making relations and deriving what their columns are.
 *
 * THREADS    one thread at a time.
 */
#include "sql/rel.h"

#include <stdio.h>
#include <string.h>

#include "sql/code.h"

sb_status
sb_rel_new(sb_rel_context *ctx, sb_rel_kind kind, sb_rel *const *inputs, int32_t count_inputs,
           sb_rel **out)
{
    sb_rel *rel = SB_NEW(ctx->arena, sb_rel);

    if (rel == NULL) {
        SB_NOMEM(ctx->err);
    }
    rel->kind = kind;
    rel->begin = rel->end = -1;
    rel->time_column = rel->start_column = rel->end_column = rel->right_start = rel->right_end = -1;
    rel->count_inputs = count_inputs;
    if (count_inputs > 0) {
        rel->inputs = sb_arena_memdup(ctx->arena, inputs, sizeof(inputs[0]) * (size_t)count_inputs);
        if (rel->inputs == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    for (int32_t i = 0; i < count_inputs; i++) {
        if (inputs[i]->depth >= rel->depth) {
            rel->depth = inputs[i]->depth + 1;
        }
        if (rel->begin < 0) {
            rel->begin = inputs[i]->begin;
            rel->end = inputs[i]->end;
        }
    }
    if (rel->depth > SB_REL_DEPTH_MAX) {
        return sb_sql_error(ctx->err, SB_SQL_TOO_DEEP, rel->begin, rel->end,
                            "query of more than %d steps", SB_REL_DEPTH_MAX);
    }
    if (++ctx->count_rels > SB_REL_COUNT_MAX) {
        return sb_sql_error(ctx->err, SB_SQL_TOO_DEEP, rel->begin, rel->end, "query too large");
    }
    *out = rel;
    return SB_OK;
}

int32_t
sb_rel_find_prop(const sb_rel *rel, sb_rel_prop prop)
{
    for (int32_t i = 0; rel->has_window && i < rel->schema.count; i++) {
        if (rel->props[i] == prop) {
            return i;
        }
    }
    return -1;
}

bool
sb_window_spec_equal(const sb_window_spec *a, const sb_window_spec *b)
{
    return a->kind == b->kind && a->size_ms == b->size_ms && a->slide_ms == b->slide_ms &&
           a->offset_ms == b->offset_ms && a->local_zone == b->local_zone;
}

/* ---- derive ---- */

typedef struct rel_columns { /* what is being derived */
    sb_field *fields;
    uint8_t *time, *props;
    int32_t count;
} rel_columns;

static sb_status
rel_columns_new(sb_rel_context *ctx, int32_t capacity, rel_columns *out)
{
    int32_t room = capacity > 0 ? capacity : 1;

    out->fields = SB_NEW_ARRAY(ctx->arena, sb_field, room);
    out->time = SB_NEW_ARRAY(ctx->arena, uint8_t, room);
    out->props = SB_NEW_ARRAY(ctx->arena, uint8_t, room);
    out->count = 0;
    if (out->fields == NULL || out->time == NULL || out->props == NULL) {
        SB_NOMEM(ctx->err);
    }
    return SB_OK;
}

static void
rel_columns_add(rel_columns *columns, const char *name, const sb_type *type, uint8_t time,
                uint8_t prop)
{
    int32_t i = columns->count++;

    columns->fields[i] = (sb_field){.name = name, .type = *type};
    columns->time[i] = time;
    columns->props[i] = prop;
}

static void
rel_columns_copy(rel_columns *columns, const sb_rel *from, bool time, bool props)
{
    for (int32_t i = 0; i < from->schema.count; i++) {
        const sb_field *field = &from->schema.fields[i];

        rel_columns_add(columns, field->name, &field->type, time ? from->time[i] : SB_TIME_NONE,
                        props && from->has_window ? from->props[i] : SB_PROP_NONE);
    }
}

static void
rel_set_columns(sb_rel *rel, const rel_columns *columns)
{
    rel->schema = (sb_schema){.count = columns->count, .fields = columns->fields};
    rel->time = columns->time;
    rel->props = columns->props;
    if (rel->kind != SB_REL_WINDOW && rel->kind != SB_REL_WINDOW_AGG) {
        return;
    }
    rel->has_window = true;
}

static void
rel_derive_calc(sb_rel *rel, int32_t count, rel_columns *columns)
{
    const sb_rel *input = rel->inputs[0];

    rel->has_window = input->has_window;
    rel->window = input->window;
    for (int32_t i = 0; i < count; i++) {
        const sb_expr *expr = rel->exprs[i];
        bool direct = expr->kind == SB_EXPR_COLUMN;
        sb_time_kind time = sb_expr_is_call(expr, "PROCTIME") ? SB_TIME_PROCESSING : SB_TIME_NONE;

        rel_columns_add(columns, rel->names[i], &expr->type,
                        direct ? input->time[expr->column] : time,
                        direct && input->has_window ? input->props[expr->column] : SB_PROP_NONE);
    }
}

static sb_status
rel_derive_union(sb_rel_context *ctx, sb_rel *rel, rel_columns *columns)
{
    const sb_rel *first = rel->inputs[0];
    const sb_type **types = SB_NEW_ARRAY(ctx->arena, const sb_type *, rel->count_inputs);

    if (types == NULL) {
        SB_NOMEM(ctx->err);
    }
    rel_columns_copy(columns, first, true, true);
    rel->has_window = first->has_window;
    rel->window = first->window;
    for (int32_t i = 1; i < rel->count_inputs; i++) {
        const sb_rel *other = rel->inputs[i];
        bool same = rel->has_window && other->has_window &&
                    sb_window_spec_equal(&rel->window, &other->window);

        for (int32_t c = 0; c < columns->count; c++) {
            if (columns->time[c] != other->time[c]) {
                columns->time[c] = SB_TIME_NONE;
            }
            if (!same || columns->props[c] != other->props[c]) {
                columns->props[c] = SB_PROP_NONE;
            }
            columns->fields[c].type.nullable |= other->schema.fields[c].type.nullable;
        }
    }
    return SB_OK;
}

static void
rel_derive_agg(sb_rel *rel, rel_columns *columns)
{
    const sb_rel *input = rel->inputs[0];
    bool start = false, end = false;

    for (int32_t i = 0; i < rel->keys.count; i++) {
        uint8_t prop = input->has_window ? input->props[rel->keys.at[i]] : SB_PROP_NONE;

        start |= prop == SB_PROP_START;
        end |= prop == SB_PROP_END;
    }
    rel->has_window = start && end;
    rel->window = input->window;
    for (int32_t i = 0; i < rel->keys.count; i++) {
        int32_t c = rel->keys.at[i];
        uint8_t prop = rel->has_window ? input->props[c] : SB_PROP_NONE;

        rel_columns_add(columns, input->schema.fields[c].name, &input->schema.fields[c].type,
                        prop == SB_PROP_TIME ? input->time[c] : SB_TIME_NONE, prop);
    }
    for (int32_t i = 0; i < rel->count_aggs; i++) {
        rel_columns_add(columns, rel->names[i], &rel->aggs[i].type, SB_TIME_NONE, SB_PROP_NONE);
    }
}

static sb_type
rel_window_time_type(const sb_window_spec *window)
{
    sb_type type = sb_type_timestamp(3, false);

    type.id = window->local_zone ? SB_TYPE_TIMESTAMP_LTZ : SB_TYPE_TIMESTAMP;
    return type;
}

static void
rel_derive_window(sb_rel *rel, rel_columns *columns)
{
    sb_type local = sb_type_timestamp(3, false), time = rel_window_time_type(&rel->window);

    rel_columns_copy(columns, rel->inputs[0], false, false);
    rel_columns_add(columns, rel->names[0], &local, SB_TIME_NONE, SB_PROP_START);
    rel_columns_add(columns, rel->names[1], &local, SB_TIME_NONE, SB_PROP_END);
    rel_columns_add(columns, rel->names[2], &time, SB_TIME_EVENT, SB_PROP_TIME);
}

static void
rel_derive_window_agg(sb_rel *rel, rel_columns *columns)
{
    static const char *const names[] = {"window_start", "window_end", "window_time"};
    const sb_rel *input = rel->inputs[0];
    sb_type local = sb_type_timestamp(3, false), time = rel_window_time_type(&rel->window);

    for (int32_t i = 0; i < rel->keys.count; i++) {
        const sb_field *field = &input->schema.fields[rel->keys.at[i]];

        rel_columns_add(columns, field->name, &field->type, SB_TIME_NONE, SB_PROP_NONE);
    }
    for (int32_t i = 0; i < rel->count_aggs; i++) {
        rel_columns_add(columns, rel->names[i], &rel->aggs[i].type, SB_TIME_NONE, SB_PROP_NONE);
    }
    for (int32_t i = 0; i < rel->count_properties; i++) {
        bool is_time = rel->properties[i] == SB_WINDOW_TIME;

        rel_columns_add(columns, names[rel->properties[i]], is_time ? &time : &local,
                        is_time ? SB_TIME_EVENT : SB_TIME_NONE,
                        rel->properties[i] == SB_WINDOW_START ? SB_PROP_START
                        : is_time                             ? SB_PROP_TIME
                                                              : SB_PROP_END);
    }
}

static bool
rel_join_has_equality(const sb_expr *condition, int32_t left, int32_t right)
{
    if (condition == NULL) {
        return false;
    }
    if (sb_expr_is_call(condition, "AND")) {
        for (int32_t i = 0; i < condition->count_args; i++) {
            if (rel_join_has_equality(condition->args[i], left, right)) {
                return true;
            }
        }
        return false;
    }
    return sb_expr_is_call(condition, "=") && condition->args[0]->kind == SB_EXPR_COLUMN &&
           condition->args[1]->kind == SB_EXPR_COLUMN &&
           ((condition->args[0]->column == left && condition->args[1]->column == right) ||
            (condition->args[0]->column == right && condition->args[1]->column == left));
}

bool
sb_rel_join_windows(const sb_rel *join, int32_t out[4])
{
    static const sb_rel_prop props[] = {SB_PROP_START, SB_PROP_END};
    const sb_rel *left = join->inputs[0], *right = join->inputs[1];

    if (!left->has_window || !right->has_window ||
        !sb_window_spec_equal(&left->window, &right->window)) {
        return false;
    }
    for (int k = 0; k < 2; k++) {
        bool found = false;

        for (int32_t l = 0; l < left->schema.count && !found; l++) {
            for (int32_t r = 0; left->props[l] == props[k] && r < right->schema.count && !found;
                 r++) {
                if (right->props[r] == props[k] &&
                    rel_join_has_equality(join->condition, l, left->schema.count + r)) {
                    out[2 * k] = l;
                    out[2 * k + 1] = r;
                    found = true;
                }
            }
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static sb_status
rel_derive_join(sb_rel_context *ctx, sb_rel *rel, rel_columns *columns)
{
    int32_t windows[4];
    bool windowed =
        rel->kind == SB_REL_WINDOW_JOIN || (!rel->keys_done && sb_rel_join_windows(rel, windows));

    rel_columns_copy(columns, rel->inputs[0], false, windowed);
    rel_columns_copy(columns, rel->inputs[1], false, windowed);
    rel->has_window = windowed;
    rel->window = rel->inputs[0]->window;
    for (int32_t i = 0; i < columns->count; i++) {
        if (columns->props[i] == SB_PROP_TIME) {
            columns->time[i] = SB_TIME_EVENT;
        }
    }
    if (rel->keys_done) { /* before, names are looked up by side */
        const char **names = SB_NEW_ARRAY(ctx->arena, const char *, columns->count + 1);

        if (names == NULL) {
            SB_NOMEM(ctx->err);
        }
        for (int32_t i = 0; i < columns->count; i++) {
            names[i] = columns->fields[i].name;
        }
        SB_TRY(sb_rel_unique_names(ctx->arena, names, columns->count), ctx->err);
        for (int32_t i = 0; i < columns->count; i++) {
            columns->fields[i].name = names[i];
        }
    }
    return SB_OK;
}

/* Columns that some set lacks are NULL there. */
static void
rel_derive_expand(sb_rel *rel, rel_columns *columns)
{
    const sb_type number = SB_TYPE(BIGINT, false);

    rel_columns_copy(columns, rel->inputs[0], true, true);
    for (int32_t i = 0; i < rel->keys.count; i++) {
        int32_t c = rel->keys.at[i];

        columns->fields[c].type.nullable = true;
        columns->time[c] = SB_TIME_NONE;
        columns->props[c] = SB_PROP_NONE;
    }
    rel_columns_add(columns, "$e", &number, SB_TIME_NONE, SB_PROP_NONE);
    rel->has_window = rel->inputs[0]->has_window;
    rel->window = rel->inputs[0]->window;
}

static void
rel_unnest_column(const sb_rel *rel, rel_columns *columns, const char *name, const sb_type *type,
                  bool nullable)
{
    sb_type own = *type;

    own.nullable |= nullable || rel->outer;
    rel_columns_add(columns, name, &own, SB_TIME_NONE, SB_PROP_NONE);
}

int32_t
sb_rel_unnest_width(const sb_type *collection)
{
    const sb_type *element = &collection->children[0].type;

    return collection->id == SB_TYPE_MAP ? 2
           : element->id == SB_TYPE_ROW  ? element->count_children
                                         : 1;
}

static void
rel_derive_unnest(sb_rel *rel, rel_columns *columns)
{
    const sb_rel *input = rel->inputs[0];
    const sb_type *collection = &input->schema.fields[rel->column].type;
    const sb_type *element = &collection->children[0].type;
    const sb_type number = SB_TYPE(INT, false);

    rel_columns_copy(columns, input, true, true);
    rel->has_window = input->has_window;
    rel->window = input->window;
    for (int32_t i = 0; rel->function != NULL && i < rel->result->count; i++) {
        const sb_field *field = &rel->result->fields[i];

        rel_unnest_column(rel, columns, field->name, &field->type, false);
    }
    if (rel->function != NULL) {
        return;
    }
    if (collection->id == SB_TYPE_MAP) {
        rel_unnest_column(rel, columns, "KEY", element, false);
        rel_unnest_column(rel, columns, "VALUE", &collection->children[1].type, false);
    } else if (element->id == SB_TYPE_ROW) {
        for (int32_t i = 0; i < element->count_children; i++) {
            rel_unnest_column(rel, columns, element->children[i].name, &element->children[i].type,
                              element->nullable);
        }
    } else {
        rel_unnest_column(rel, columns, "EXPR$0", element, false);
    }
    if (rel->ordinality) {
        rel_unnest_column(rel, columns, "ORDINALITY", &number, false);
    }
}

static int32_t
rel_capacity(const sb_rel *rel)
{

    switch (rel->kind) {
    case SB_REL_CALC: return rel->schema.count;
    case SB_REL_JOIN:
    case SB_REL_WINDOW_JOIN: return rel->inputs[0]->schema.count + rel->inputs[1]->schema.count;
    case SB_REL_AGG:
    case SB_REL_WINDOW_AGG: return rel->keys.count + rel->count_aggs + rel->count_properties;
    case SB_REL_UNNEST:
        if (rel->function != NULL) {
            return rel->inputs[0]->schema.count + rel->result->count;
        }
        return rel->inputs[0]->schema.count + 1 +
               sb_rel_unnest_width(&rel->inputs[0]->schema.fields[rel->column].type);
    default: return rel->inputs[0]->schema.count + 3;
    }
}

sb_status
sb_rel_derive(sb_rel_context *ctx, sb_rel *rel)
{
    rel_columns columns;
    int32_t capacity;

    if (rel->kind == SB_REL_SCAN) {
        return SB_OK;
    }
    capacity = rel_capacity(rel);
    if (capacity > SB_REL_COLUMNS_MAX) {
        return sb_sql_error(ctx->err, SB_SQL_TOO_DEEP, rel->begin, rel->end, "more than %d columns",
                            SB_REL_COLUMNS_MAX);
    }
    SB_TRY(rel_columns_new(ctx, capacity, &columns), ctx->err);
    switch (rel->kind) {
    case SB_REL_CALC: rel_derive_calc(rel, capacity, &columns); break;
    case SB_REL_UNION: SB_TRY(rel_derive_union(ctx, rel, &columns), ctx->err); break;
    case SB_REL_AGG: rel_derive_agg(rel, &columns); break;
    case SB_REL_WINDOW: rel_derive_window(rel, &columns); break;
    case SB_REL_WINDOW_AGG: rel_derive_window_agg(rel, &columns); break;
    case SB_REL_JOIN:
    case SB_REL_WINDOW_JOIN: SB_TRY(rel_derive_join(ctx, rel, &columns), ctx->err); break;
    case SB_REL_EXPAND: rel_derive_expand(rel, &columns); break;
    case SB_REL_UNNEST: rel_derive_unnest(rel, &columns); break;
    case SB_REL_SORT: rel_columns_copy(&columns, rel->inputs[0], false, false); break;
    default:
        rel_columns_copy(&columns, rel->inputs[0], true, true);
        rel->has_window = rel->inputs[0]->has_window;
        rel->window = rel->inputs[0]->window;
        break;
    }
    rel_set_columns(rel, &columns);
    return SB_OK;
}

/* ---- calcs ---- */

sb_status
sb_rel_calc(sb_rel_context *ctx, sb_rel *input, sb_expr *condition, sb_expr **exprs,
            const char **names, int32_t count, sb_rel **out)
{
    sb_rel *rel;

    SB_TRY(sb_rel_new(ctx, SB_REL_CALC, &input, 1, &rel), ctx->err);
    rel->condition = condition;
    rel->exprs = exprs;
    rel->names = names;
    rel->schema.count = count;
    SB_TRY(sb_rel_derive(ctx, rel), ctx->err);
    *out = rel;
    return SB_OK;
}

sb_status
sb_rel_columns(sb_rel_context *ctx, const sb_rel *rel, int32_t more, sb_expr ***out_exprs,
               const char ***out_names)
{
    int32_t width = rel->schema.count;

    *out_exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, width + more + 1);
    *out_names = SB_NEW_ARRAY(ctx->arena, const char *, width + more + 1);
    if (*out_exprs == NULL || *out_names == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < width; i++) {
        (*out_names)[i] = rel->schema.fields[i].name;
        (*out_exprs)[i] = sb_expr_column(ctx->arena, i, &rel->schema.fields[i].type);
        if ((*out_exprs)[i] == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    return SB_OK;
}

sb_status
sb_rel_select(sb_rel_context *ctx, sb_rel *input, const int32_t *columns, int32_t count,
              sb_rel **out)
{
    sb_expr **exprs = SB_NEW_ARRAY(ctx->arena, sb_expr *, count > 0 ? count : 1);
    const char **names = SB_NEW_ARRAY(ctx->arena, const char *, count > 0 ? count : 1);

    if (exprs == NULL || names == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        const sb_field *field = &input->schema.fields[columns[i]];

        exprs[i] = sb_expr_column(ctx->arena, columns[i], &field->type);
        names[i] = field->name;
        if (exprs[i] == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    return sb_rel_calc(ctx, input, NULL, exprs, names, count, out);
}

sb_status
sb_rel_filter(sb_rel_context *ctx, sb_rel *input, sb_expr *condition, sb_rel **out)
{
    int32_t *columns =
        SB_NEW_ARRAY(ctx->arena, int32_t, input->schema.count > 0 ? input->schema.count : 1);

    if (columns == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < input->schema.count; i++) {
        columns[i] = i;
    }
    SB_TRY(sb_rel_select(ctx, input, columns, input->schema.count, out), ctx->err);
    (*out)->condition = condition;
    return SB_OK;
}

bool
sb_rel_is_identity(const sb_rel *calc)
{
    const sb_rel *input = calc->inputs[0];

    if (calc->condition != NULL || calc->schema.count != input->schema.count) {
        return false;
    }
    for (int32_t i = 0; i < calc->schema.count; i++) {
        if (calc->exprs[i]->kind != SB_EXPR_COLUMN || calc->exprs[i]->column != i) {
            return false;
        }
    }
    return true;
}

static bool
rel_name_taken(const char *const *names, int32_t count, int32_t except, const char *name)
{
    for (int32_t i = 0; i < count; i++) {
        if (i != except && strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

sb_status
sb_rel_unique_names(sb_arena *arena, const char **names, int32_t count)
{
    for (int32_t i = 1; i < count; i++) {
        const char *base = names[i];

        if (!rel_name_taken(names, i, -1, base)) {
            continue;
        }
        for (int32_t n = 0; rel_name_taken(names, count, i, names[i]); n++) {
            names[i] = sb_arena_printf(arena, "%s%d", base, n);
            if (names[i] == NULL) {
                return SB_STATUS_NOMEM;
            }
        }
    }
    return SB_OK;
}
