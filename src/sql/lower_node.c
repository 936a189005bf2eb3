/*
 * sql/lower_node.c -- plan nodes from relations.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "base/hash.h"
#include "sql/lower.h"

/* The oldest encoding that holds the body. */
static uint16_t
node_version(sb_node_kind kind, const void *body)
{
    switch (kind) {
    case SB_NODE_SINK: {
        const sb_sink_node *sink = body;

        return sink->lengths != SB_SINK_LENGTHS_IGNORE ? 4 : sink->count_metadata > 0 ? 3 : 2;
    }
    case SB_NODE_UNNEST: return ((const sb_unnest_node *)body)->function != NULL ? 2 : 1;
    case SB_NODE_GROUP_AGG: return ((const sb_group_agg_node *)body)->row_of_none ? 2 : 1;
    default: return 1;
    }
}

/* The schema with an id for each column, made from its name so that it survives edits of the query
 * around it. */
static sb_status
node_schema(sb_rel_context *ctx, const sb_schema *schema, const sb_schema **out)
{
    sb_schema *copy = SB_NEW(ctx->arena, sb_schema);
    sb_field *fields = SB_NEW_ARRAY(ctx->arena, sb_field, schema->count + 1);

    if (copy == NULL || fields == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < schema->count; i++) {
        fields[i] = schema->fields[i];
        fields[i].column_id = (uint32_t)sb_hash_bytes(fields[i].name, strlen(fields[i].name)) | 1;
    }
    *copy = (sb_schema){.count = schema->count, .fields = fields};
    *out = copy;
    return SB_OK;
}

sb_status
sb_lower_add(sb_lower *lower, sb_node_kind kind, sb_plan_node *const *inputs,
             const sb_exchange *exchanges, int32_t count, const sb_schema *schema, const void *body,
             sb_plan_node **out)
{
    sb_rel_context *ctx = lower->rel;
    sb_plan *plan = lower->plan;
    sb_plan_node *node = SB_NEW(ctx->arena, sb_plan_node);

    if (node == NULL || count > UINT8_MAX) {
        SB_FAIL(ctx->err, node == NULL ? SB_STATUS_NOMEM : SB_STATUS_LIMIT,
                node == NULL ? "out of memory" : "UNION of more than 255 queries");
    }
    node->kind = (uint16_t)kind;
    node->version = node_version(kind, body);
    node->count_inputs = (uint8_t)count;
    node->body = body;
    if (count > 0) {
        node->inputs = sb_arena_memdup(ctx->arena, inputs, sizeof(inputs[0]) * (size_t)count);
        node->exchanges =
            sb_arena_memdup(ctx->arena, exchanges, sizeof(exchanges[0]) * (size_t)count);
        if (node->inputs == NULL || node->exchanges == NULL) {
            SB_NOMEM(ctx->err);
        }
    }
    SB_TRY(node_schema(ctx, schema, &node->schema), ctx->err);
    for (int32_t i = 0; i < count; i++) {
        inputs[i]->count_consumers++;
    }
    if (plan->count_nodes == lower->capacity_nodes) {
        int32_t capacity = lower->capacity_nodes == 0 ? 32 : lower->capacity_nodes * 2;
        sb_plan_node **grown = SB_NEW_ARRAY(ctx->arena, sb_plan_node *, capacity);

        if (grown == NULL) {
            SB_NOMEM(ctx->err);
        }
        if (plan->count_nodes > 0) {
            memcpy(grown, plan->nodes, sizeof(grown[0]) * (size_t)plan->count_nodes);
        }
        plan->nodes = grown;
        lower->capacity_nodes = capacity;
    }
    plan->nodes[plan->count_nodes++] = node;
    *out = node;
    return SB_OK;
}

/* ---- bodies ---- */

static sb_status
body_calc(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_calc_node *body = SB_NEW(ctx->arena, sb_calc_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    *body = (sb_calc_node){
        .condition = rel->condition, .count = rel->schema.count, .projections = rel->exprs};
    *out = body;
    return SB_OK;
}

/* A user's aggregate over input with updates or deletes must be able to take rows out. */
static sb_status
check_retract(sb_rel_context *ctx, const sb_rel *rel)
{
    for (int32_t i = 0; i < rel->count_aggs && !sb_ops_insert_only(rel->inputs[0]->row_ops); i++) {
        const sb_udf *udf = rel->aggs[i].function;

        if (rel->aggs[i].kind == SB_AGG_USER && udf->def.retract == NULL) {
            (void)sb_sql_error(ctx->err, SB_SQL_UNSUPPORTED, rel->begin, rel->end,
                               "aggregate function %s has no `retract`, and its input has updates "
                               "or deletes",
                               udf->function.name);
            sb_error_hint(ctx->err, "give it one, or aggregate before rows can change");
            return SB_STATUS_NOT_SUPPORTED;
        }
    }
    return SB_OK;
}

static sb_status
body_agg(sb_lower *lower, const sb_rel *rel, const void **out)
{
    sb_group_agg_node *body = SB_NEW(lower->rel->arena, sb_group_agg_node);

    if (body == NULL) {
        SB_NOMEM(lower->rel->err);
    }
    SB_TRY(check_retract(lower->rel, rel), lower->rel->err);
    *body =
        (sb_group_agg_node){.keys = rel->keys,
                            .count_aggs = rel->count_aggs,
                            .aggs = rel->aggs,
                            .input_retracts = !sb_ops_insert_only(rel->inputs[0]->row_ops),
                            .emit_before = rel->need_before,
                            .row_of_none = rel->keys.count == 0 && sb_lower_is_batch(lower),
                            .ttl_ms = sb_config_duration(lower->config, "table.exec.state.ttl", 0)};
    if (!sb_config_minibatch(lower->config, &body->minibatch_rows, &body->minibatch_ms)) {
        body->minibatch_rows = body->minibatch_ms = 0;
    }
    *out = body;
    return SB_OK;
}

static sb_status
body_window(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_window_assign_node *body = SB_NEW(ctx->arena, sb_window_assign_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    *body = (sb_window_assign_node){.window = rel->window, .time = rel->time_column};
    *out = body;
    return SB_OK;
}

static sb_status
body_window_agg(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_window_agg_node *body = SB_NEW(ctx->arena, sb_window_agg_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    SB_TRY(check_retract(ctx, rel), ctx->err);
    *body = (sb_window_agg_node){.window = rel->window,
                                 .time = rel->attached ? -1 : rel->time_column,
                                 .attached = rel->attached,
                                 .start_column = rel->start_column,
                                 .end_column = rel->end_column,
                                 .keys = rel->keys,
                                 .count_aggs = rel->count_aggs,
                                 .aggs = rel->aggs,
                                 .input_retracts = !sb_ops_insert_only(rel->inputs[0]->row_ops),
                                 .count_properties = rel->count_properties,
                                 .properties = rel->properties};
    *out = body;
    return SB_OK;
}

static sb_status
body_join(sb_lower *lower, const sb_rel *rel, const void **out)
{
    int64_t ttl = sb_config_duration(lower->config, "table.exec.state.ttl", 0);
    sb_join_node *body = SB_NEW(lower->rel->arena, sb_join_node);

    if (body == NULL) {
        SB_NOMEM(lower->rel->err);
    }
    *body = (sb_join_node){.left_keys = rel->keys,
                           .right_keys = rel->right_keys,
                           .null_safe = rel->null_safe,
                           .residual = rel->condition,
                           .left_retracts = !sb_ops_insert_only(rel->inputs[0]->row_ops),
                           .right_retracts = !sb_ops_insert_only(rel->inputs[1]->row_ops),
                           .left_ttl_ms = ttl,
                           .right_ttl_ms = ttl};
    *out = body;
    return SB_OK;
}

static sb_status
body_window_join(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_window_join_node *body = SB_NEW(ctx->arena, sb_window_join_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    *body = (sb_window_join_node){.left_keys = rel->keys,
                                  .right_keys = rel->right_keys,
                                  .null_safe = rel->null_safe,
                                  .left_end = rel->end_column,
                                  .right_end = rel->right_end,
                                  .left_start = rel->start_column,
                                  .right_start = rel->right_start,
                                  .local_zone = rel->window.local_zone,
                                  .residual = rel->condition};
    *out = body;
    return SB_OK;
}

static sb_status
body_normalize(sb_lower *lower, const sb_rel *rel, const void **out)
{
    sb_normalize_node *body = SB_NEW(lower->rel->arena, sb_normalize_node);

    if (body == NULL) {
        SB_NOMEM(lower->rel->err);
    }
    *body =
        (sb_normalize_node){.keys = rel->keys,
                            .emit_before = rel->need_before,
                            .condition = rel->condition,
                            .ttl_ms = sb_config_duration(lower->config, "table.exec.state.ttl", 0)};
    *out = body;
    return SB_OK;
}

static sb_status
body_materialize(sb_lower *lower, const sb_rel *rel, const void **out)
{
    sb_materialize_node *body = SB_NEW(lower->rel->arena, sb_materialize_node);

    if (body == NULL) {
        SB_NOMEM(lower->rel->err);
    }
    *body = (sb_materialize_node){.keys = rel->keys,
                                  .upsert_key = rel->upsert_key,
                                  .ttl_ms =
                                      sb_config_duration(lower->config, "table.exec.state.ttl", 0)};
    *out = body;
    return SB_OK;
}

static sb_status
body_expand(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_expand_node *body = SB_NEW(ctx->arena, sb_expand_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    *body = (sb_expand_node){.keys = rel->keys, .sets = rel->sets};
    *out = body;
    return SB_OK;
}

static sb_status
body_unnest(sb_rel_context *ctx, const sb_rel *rel, const void **out)
{
    sb_unnest_node *body = SB_NEW(ctx->arena, sb_unnest_node);

    if (body == NULL) {
        SB_NOMEM(ctx->err);
    }
    *body = (sb_unnest_node){.column = rel->column,
                             .outer = rel->outer,
                             .ordinality = rel->ordinality,
                             .function = rel->function,
                             .count_args = rel->count_args};
    *out = body;
    return SB_OK;
}

/* Without an order, rows of an append-only input need not wait for its end. */
static sb_status
body_sort(sb_rel_context *ctx, const sb_rel *rel, sb_node_kind *out_kind, const void **out)
{
    bool retracts = !sb_ops_insert_only(rel->inputs[0]->row_ops);
    sb_sort_node *sort = SB_NEW(ctx->arena, sb_sort_node);
    sb_limit_node *limit = SB_NEW(ctx->arena, sb_limit_node);

    if (sort == NULL || limit == NULL) {
        SB_NOMEM(ctx->err);
    }
    *sort = (sb_sort_node){.order = rel->keys,
                           .descending = rel->descending,
                           .offset = rel->offset,
                           .limit = rel->limit,
                           .retracts = retracts};
    *limit = (sb_limit_node){.offset = rel->offset, .limit = rel->limit};
    *out_kind = rel->keys.count == 0 && !retracts ? SB_NODE_LIMIT : SB_NODE_SORT;
    *out = *out_kind == SB_NODE_LIMIT ? (const void *)limit : sort;
    return SB_OK;
}

bool
sb_lower_drops_nulls(const sb_lower *lower)
{
    const char *mode = sb_config_get(lower->config, "table.exec.sink.not-null-enforcer");

    return mode != NULL && sb_str_equal_nocase(sb_str_of(mode), SB_STR("DROP"));
}

static sb_sink_lengths
sink_lengths(const sb_lower *lower)
{
    const char *mode = sb_config_get(lower->config, "table.exec.sink.type-length-enforcer");
    sb_str text = sb_str_of(mode != NULL ? mode : "IGNORE");

    return sb_str_equal_nocase(text, SB_STR("TRIM_PAD")) ? SB_SINK_LENGTHS_TRIM_PAD
           : sb_str_equal_nocase(text, SB_STR("ERROR"))  ? SB_SINK_LENGTHS_ERROR
                                                         : SB_SINK_LENGTHS_IGNORE;
}

static sb_status
body_sink(sb_lower *lower, const sb_rel *rel, const void **out)
{
    sb_rel_context *ctx = lower->rel;
    const sb_schema *columns = rel->sink->columns;
    sb_sink_node *body = SB_NEW(ctx->arena, sb_sink_node);
    int32_t *not_null = SB_NEW_ARRAY(ctx->arena, int32_t, columns->count + 1), count = 0;

    if (body == NULL || not_null == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < columns->count && !rel->collect; i++) {
        if (!columns->fields[i].type.nullable) {
            not_null[count++] = i;
        }
    }
    *body = (sb_sink_node){
        .table = rel->sink,
        .upsert = rel->sink_info.upsert && rel->sink->primary_key.count > 0,
        .collect = rel->collect,
        .not_null = {.count = count, .at = not_null},
        .drop_nulls = sb_lower_drops_nulls(lower),
        .lengths = (uint8_t)(rel->collect ? SB_SINK_LENGTHS_IGNORE : sink_lengths(lower)),
        .count_metadata = rel->count_sink_metadata,
        .metadata = rel->sink_metadata};
    *out = body;
    return SB_OK;
}

static sb_status
node_body(sb_lower *lower, const sb_rel *rel, sb_node_kind *out_kind, const void **out)
{
    static const sb_union_node nothing_union = {0};
    static const sb_drop_before_node nothing_drop = {0};
    sb_rel_context *ctx = lower->rel;

    switch (rel->kind) {
    case SB_REL_CALC: *out_kind = SB_NODE_CALC; return body_calc(ctx, rel, out);
    case SB_REL_UNION:
        *out_kind = SB_NODE_UNION;
        *out = &nothing_union;
        return SB_OK;
    case SB_REL_AGG: *out_kind = SB_NODE_GROUP_AGG; return body_agg(lower, rel, out);
    case SB_REL_WINDOW: *out_kind = SB_NODE_WINDOW_ASSIGN; return body_window(ctx, rel, out);
    case SB_REL_WINDOW_AGG: *out_kind = SB_NODE_WINDOW_AGG; return body_window_agg(ctx, rel, out);
    case SB_REL_JOIN: *out_kind = SB_NODE_JOIN; return body_join(lower, rel, out);
    case SB_REL_WINDOW_JOIN:
        *out_kind = SB_NODE_WINDOW_JOIN;
        return body_window_join(ctx, rel, out);
    case SB_REL_NORMALIZE: *out_kind = SB_NODE_NORMALIZE; return body_normalize(lower, rel, out);
    case SB_REL_MATERIALIZE:
        *out_kind = SB_NODE_MATERIALIZE;
        return body_materialize(lower, rel, out);
    case SB_REL_DROP_BEFORE:
        *out_kind = SB_NODE_DROP_BEFORE;
        *out = &nothing_drop;
        return SB_OK;
    case SB_REL_SINK: *out_kind = SB_NODE_SINK; return body_sink(lower, rel, out);
    case SB_REL_EXPAND: *out_kind = SB_NODE_EXPAND; return body_expand(ctx, rel, out);
    case SB_REL_UNNEST: *out_kind = SB_NODE_UNNEST; return body_unnest(ctx, rel, out);
    case SB_REL_SORT: return body_sort(ctx, rel, out_kind, out);
    case SB_REL_SCAN: break;
    }
    SB_FAIL(ctx->err, SB_STATUS_INTERNAL, "plan node of relation kind %d", (int)rel->kind);
}

static sb_determinism
node_determinism(const sb_rel *rel)
{
    sb_determinism worst = SB_DETERMINISTIC;

    for (int32_t i = 0; i < rel->count_inputs; i++) {
        sb_determinism of_input = rel->inputs[i]->node->traits.determinism;

        worst = of_input > worst ? of_input : worst;
    }
    for (int32_t i = 0; rel->kind == SB_REL_CALC && i < rel->schema.count; i++) {
        sb_determinism of_expr = sb_expr_determinism(rel->exprs[i]);

        worst = of_expr > worst ? of_expr : worst;
    }
    if (rel->condition != NULL && sb_expr_determinism(rel->condition) > worst) {
        worst = sb_expr_determinism(rel->condition);
    }
    return worst;
}

static void
node_traits(const sb_rel *rel, sb_plan_node *node)
{
    sb_traits *traits = &node->traits;

    traits->row_ops = rel->row_ops;
    traits->delete_by_key = rel->delete_by_key;
    traits->upsert_keys = rel->upsert_keys;
    traits->count_time = 0;
    for (int32_t i = 0; i < rel->schema.count && traits->count_time < 2; i++) {
        if (rel->time[i] != SB_TIME_NONE) {
            traits->time[traits->count_time++] =
                (sb_time_attribute){.kind = rel->time[i], .column = i};
        }
    }
    traits->determinism = node_determinism(rel);
    if (rel->has_partition) {
        traits->partition = rel->partition;
    }
    node->parallelism = rel->parallelism;
}

sb_status
sb_lower_node(sb_lower *lower, sb_rel *rel)
{
    sb_rel_context *ctx = lower->rel;
    sb_exchange *exchanges = SB_NEW_ARRAY(ctx->arena, sb_exchange, rel->count_inputs + 1);
    sb_plan_node **inputs = SB_NEW_ARRAY(ctx->arena, sb_plan_node *, rel->count_inputs + 1);
    const sb_schema *schema = rel->kind == SB_REL_SINK ? rel->sink_columns : &rel->schema;
    sb_node_kind kind = SB_NODE_SOURCE;
    const void *body = NULL;

    if (exchanges == NULL || inputs == NULL) {
        SB_NOMEM(ctx->err);
    }
    if (rel->kind == SB_REL_SCAN) {
        SB_TRY(sb_lower_scan(lower, rel), ctx->err);
        node_traits(rel, rel->node);
        return SB_OK;
    }
    SB_TRY(sb_lower_exchanges(lower, rel, exchanges), ctx->err);
    for (int32_t i = 0; i < rel->count_inputs; i++) {
        inputs[i] = rel->inputs[i]->node;
    }
    SB_TRY(node_body(lower, rel, &kind, &body), ctx->err);
    SB_TRY(
        sb_lower_add(lower, kind, inputs, exchanges, rel->count_inputs, schema, body, &rel->node),
        ctx->err);
    node_traits(rel, rel->node);
    return sb_lower_describe(lower, rel->node);
}
