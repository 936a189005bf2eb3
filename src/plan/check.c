/*
 * plan/check.c -- does a node that was read fit together?
 *
 * DESIGN     Column indexes and schemas come from durable bytes: operators index by them without
 *            asking, so all are checked here once.
 * THREADS    T:any
 */
#include "plan/plan_priv.h"

static bool
check_columns(const sb_columns *columns, const sb_schema *schema)
{
    for (int32_t i = 0; i < columns->count; i++) {
        if (columns->at[i] < 0 || columns->at[i] >= schema->count) {
            return false;
        }
    }
    return true;
}

static bool
check_column(int32_t column, const sb_schema *schema)
{
    return column >= 0 && column < schema->count;
}

/* Columns of an expression lie in [0, count). */
static bool
check_expr(const sb_expr *expr, int32_t count)
{
    if (expr == NULL) {
        return true;
    }
    if (expr->kind == SB_EXPR_COLUMN) {
        return expr->column >= 0 && expr->column < count;
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (!check_expr(expr->args[i], count)) {
            return false;
        }
    }
    return true;
}

/* PERCENTILE reads DOUBLE and BIGINT, the JSON aggregates texts, those of BITMAPs such or INT. */
static bool
check_collecting(const sb_agg_call *call, const sb_schema *input)
{
    const sb_type *arg = &input->fields[call->arg].type;
    const sb_type *second =
        call->second >= 0 && call->second < input->count ? &input->fields[call->second].type : NULL;

    if (call->second < -1 || (call->second >= 0 && second == NULL)) {
        return false;
    }
    switch (call->kind) {
    case SB_AGG_USER:
        return sb_udf_is(call->function, SABOT_FUNCTION_AGGREGATE) && second == NULL &&
               call->count_packed >= -1 && call->count_packed <= SB_UDF_ARGS_MAX &&
               (call->count_packed < 0 ||
                (arg->id == SB_TYPE_ROW && call->count_packed <= arg->count_children));
    case SB_AGG_COLLECT: return call->type.id == SB_TYPE_MULTISET && second == NULL;
    case SB_AGG_ARRAY: return call->type.id == SB_TYPE_ARRAY && second == NULL;
    case SB_AGG_JSON_ARRAY: return sb_type_is_string(arg) && second == NULL;
    case SB_AGG_JSON_OBJECT:
        return sb_type_is_string(arg) && second != NULL && sb_type_is_string(second);
    case SB_AGG_BITMAP_BUILD:
    case SB_AGG_BITMAP_AND:
    case SB_AGG_BITMAP_OR:
    case SB_AGG_BITMAP_XOR:
        return arg->id == (call->kind == SB_AGG_BITMAP_BUILD ? SB_TYPE_INT : SB_TYPE_BITMAP) &&
               (call->type.id == SB_TYPE_BITMAP || call->type.id == SB_TYPE_BIGINT) &&
               second == NULL;
    default:
        return arg->id == SB_TYPE_DOUBLE && (second == NULL || second->id == SB_TYPE_BIGINT) &&
               (call->type.id == SB_TYPE_ARRAY || call->count_shares == 1);
    }
}

static bool
check_aggs(const sb_agg_call *aggs, int32_t count, const sb_schema *input)
{
    for (int32_t i = 0; i < count; i++) {
        if (aggs[i].arg >= input->count || aggs[i].filter >= input->count || aggs[i].arg < -1 ||
            aggs[i].filter < -1 || (aggs[i].arg < 0 && aggs[i].kind != SB_AGG_COUNT_STAR)) {
            return false;
        }
        if (aggs[i].kind > SB_AGG_M2 && !check_collecting(&aggs[i], input)) {
            return false;
        }
    }
    return true;
}

static bool
check_count_inputs(const sb_plan_node *node)
{
    switch (node->kind) {
    case SB_NODE_SOURCE: return node->count_inputs == 0;
    case SB_NODE_UNION: return node->count_inputs >= 1;
    case SB_NODE_JOIN:
    case SB_NODE_WINDOW_JOIN: return node->count_inputs == 2;
    default: return node->count_inputs == 1;
    }
}

static bool
check_source(const sb_plan_node *node)
{
    const sb_source_node *body = node->body;
    sb_columns partition = {.count = body->table->count_partition, .at = body->table->partition};

    return check_columns(&body->project, body->table->columns) &&
           check_columns(&body->table->primary_key, body->table->columns) &&
           check_columns(&partition, body->table->columns) &&
           node->schema->count == body->project.count + body->count_metadata;
}

static bool
check_calc(const sb_plan_node *node, const sb_schema *input)
{
    const sb_calc_node *body = node->body;

    if (body->count != node->schema->count || !check_expr(body->condition, input->count)) {
        return false;
    }
    for (int32_t i = 0; i < body->count; i++) {
        if (!check_expr(body->projections[i], input->count)) {
            return false;
        }
    }
    return true;
}

static bool
check_window_agg(const sb_plan_node *node, const sb_schema *input)
{
    const sb_window_agg_node *body = node->body;
    bool time = body->attached ? check_column(body->start_column, input) &&
                                     check_column(body->end_column, input)
                               : check_column(body->time, input);

    return time && check_columns(&body->keys, input) &&
           check_aggs(body->aggs, body->count_aggs, input) &&
           node->schema->count == body->keys.count + body->count_aggs + body->count_properties;
}

static bool
check_join(const sb_plan_node *node, const sb_columns *left_keys, const sb_columns *right_keys,
           const sb_expr *residual)
{
    const sb_schema *left = node->inputs[0]->schema, *right = node->inputs[1]->schema;

    return left_keys->count == right_keys->count && check_columns(left_keys, left) &&
           check_columns(right_keys, right) && check_expr(residual, left->count + right->count) &&
           node->schema->count == left->count + right->count;
}

static bool
check_expand(const sb_plan_node *node, const sb_schema *input)
{
    const sb_expand_node *body = node->body;

    for (int32_t i = 0; i < body->sets.count; i++) {
        if (!check_columns(&body->sets.at[i], input)) {
            return false;
        }
    }
    return body->sets.count > 0 && check_columns(&body->keys, input) &&
           node->schema->count == input->count + 1;
}

static bool
check_unnest(const sb_plan_node *node, const sb_schema *input)
{
    const sb_unnest_node *body = node->body;
    const sb_type *type =
        check_column(body->column, input) ? &input->fields[body->column].type : NULL;
    int32_t more;

    if (type != NULL && body->function != NULL) {
        return sb_udf_is(body->function, SABOT_FUNCTION_TABLE) && type->id == SB_TYPE_ROW &&
               body->count_args >= 0 && body->count_args <= SB_UDF_ARGS_MAX &&
               body->count_args <= type->count_children && node->schema->count > input->count &&
               !body->ordinality;
    }
    if (type == NULL || sb_type_phys(type) != SB_PHYS_LIST) {
        return false;
    }
    more = type->id == SB_TYPE_MAP                    ? 2
           : type->children[0].type.id == SB_TYPE_ROW ? type->children[0].type.count_children
                                                      : 1;
    return node->schema->count == input->count + more + body->ordinality;
}

static bool
check_rows(const sb_plan_node *node, const sb_schema *input)
{
    switch (node->kind) {
    case SB_NODE_EXPAND: return check_expand(node, input);
    case SB_NODE_UNNEST: return check_unnest(node, input);
    case SB_NODE_SORT: {
        const sb_sort_node *body = node->body;

        return check_columns(&body->order, input) && body->offset >= 0 && body->limit >= -1 &&
               node->schema->count == input->count;
    }
    case SB_NODE_LIMIT: {
        const sb_limit_node *body = node->body;

        return body->offset >= 0 && body->limit >= -1 && node->schema->count == input->count;
    }
    default: return false;
    }
}

static bool
check_sink(const sb_plan_node *node, const sb_schema *input)
{
    const sb_sink_node *body = node->body;
    sb_columns partition = {.count = body->table->count_partition, .at = body->table->partition};

    return node->schema->count == input->count &&
           body->table->columns->count + body->count_metadata == input->count &&
           check_columns(&body->table->primary_key, body->table->columns) &&
           check_columns(&body->not_null, body->table->columns) &&
           body->lengths <= SB_SINK_LENGTHS_ERROR &&
           check_columns(&partition, body->table->columns);
}

/* What comes in at input `i`: a side output has a schema of its own. */
static const sb_schema *
input_schema(const sb_plan_node *node, int32_t i)
{
    const sb_plan_node *from = node->inputs[i];
    int32_t port = i < 2 ? node->input_ports[i] : 0;
    if (port > 0 && from->kind == SB_NODE_PROCESS) {
        const sb_process_node *body = from->body;
        return port <= body->count_sides ? body->side_schemas[port - 1] : NULL;
    }
    if (port > 0 && from->kind == SB_NODE_WINDOW_AGG) {
        return port == 1 ? from->inputs[0]->schema : NULL; /* late rows */
    }
    return port == 0 ? from->schema : NULL;
}

static bool
check_body(const sb_plan_node *node)
{
    const sb_schema *input = node->count_inputs > 0 ? input_schema(node, 0) : NULL;

    if (node->count_inputs > 0 && !input) {
        return false;
    }
    switch (node->kind) {
    case SB_NODE_SOURCE: return check_source(node);
    case SB_NODE_WATERMARK: {
        const sb_watermark_node *body = node->body;

        return check_column(body->rowtime, input) && check_expr(body->expr, input->count) &&
               node->schema->count == input->count;
    }
    case SB_NODE_CALC: return check_calc(node, input);
    case SB_NODE_GROUP_AGG: {
        const sb_group_agg_node *body = node->body;

        return check_columns(&body->keys, input) &&
               check_aggs(body->aggs, body->count_aggs, input) &&
               node->schema->count == body->keys.count + body->count_aggs;
    }
    case SB_NODE_WINDOW_ASSIGN:
        return check_column(((const sb_window_assign_node *)node->body)->time, input) &&
               node->schema->count == input->count + 3;
    case SB_NODE_WINDOW_AGG: return check_window_agg(node, input);
    case SB_NODE_JOIN: {
        const sb_join_node *body = node->body;

        return check_join(node, &body->left_keys, &body->right_keys, body->residual);
    }
    case SB_NODE_WINDOW_JOIN: {
        const sb_window_join_node *body = node->body;

        return check_join(node, &body->left_keys, &body->right_keys, body->residual) &&
               check_column(body->left_end, input) && check_column(body->left_start, input) &&
               check_column(body->right_end, node->inputs[1]->schema) &&
               check_column(body->right_start, node->inputs[1]->schema);
    }
    case SB_NODE_NORMALIZE: {
        const sb_normalize_node *body = node->body;

        return check_columns(&body->keys, input) && check_expr(body->condition, input->count) &&
               node->schema->count == input->count;
    }
    case SB_NODE_MATERIALIZE: {
        const sb_materialize_node *body = node->body;

        return check_columns(&body->keys, input) && check_columns(&body->upsert_key, input) &&
               node->schema->count == input->count;
    }
    case SB_NODE_EXPAND:
    case SB_NODE_UNNEST:
    case SB_NODE_SORT:
    case SB_NODE_LIMIT: return check_rows(node, input);
    case SB_NODE_SINK: return check_sink(node, input);
    case SB_NODE_PROCESS: {
        const sb_process_node *body = node->body;

        return check_columns(&body->keys, input) && body->rowtime >= -1 &&
               body->rowtime < input->count;
    }
    default: return node->schema->count == input->count;
    }
}

static bool
check_traits(const sb_plan_node *node)
{
    for (int32_t i = 0; i < node->traits.upsert_keys.count; i++) {
        if (!check_columns(&node->traits.upsert_keys.at[i], node->schema)) {
            return false;
        }
    }
    for (int32_t i = 0; i < node->traits.count_time; i++) {
        if (!check_column(node->traits.time[i].column, node->schema)) {
            return false;
        }
    }
    for (int32_t i = 0; i < node->count_inputs; i++) {
        const sb_schema *input = input_schema(node, i);
        if (!input || !check_columns(&node->exchanges[i].keys, input)) {
            return false;
        }
    }
    return check_columns(&node->traits.partition, node->schema);
}

sb_status
sb_plan_check_node(const sb_plan_node *node, sb_error *err)
{
    if (!check_count_inputs(node) || !check_body(node) || !check_traits(node)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "plan: node %s does not fit its inputs",
                sb_plan_kind_name(node->kind));
    }
    return SB_OK;
}
