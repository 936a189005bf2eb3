/*
 * sql/describe.c -- one line per plan node, as Flink's EXPLAIN has it.
 *
 * THREADS    one thread at a time.
 */
#include <string.h>

#include "sql/lower.h"

static const char *
describe_field(const sb_schema *schema, int32_t column)
{
    return column >= 0 && column < schema->count ? schema->fields[column].name : "?";
}

static void
describe_columns(sb_text *out, const sb_schema *schema, const sb_columns *columns)
{
    for (int32_t i = 0; i < columns->count; i++) {
        sb_text_printf(out, "%s%s", i > 0 ? ", " : "", describe_field(schema, columns->at[i]));
    }
}

static void
describe_fields(sb_text *out, const sb_schema *schema)
{
    for (int32_t i = 0; i < schema->count; i++) {
        sb_text_printf(out, "%s%s", i > 0 ? ", " : "", schema->fields[i].name);
    }
}

static void
describe_duration(sb_text *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}};

    for (int i = 0; i < 5; i++) {
        if (ms % units[i].ms == 0 && (ms != 0 || i == 4)) {
            sb_text_printf(out, "%lld %s", (long long)(ms / units[i].ms), units[i].unit);
            return;
        }
    }
}

static void
describe_window(sb_text *out, const sb_window_spec *window)
{
    sb_text_add(out, window->kind == SB_WINDOW_HOP ? "HOP(" : "TUMBLE(");
    if (window->kind == SB_WINDOW_HOP) {
        sb_text_add(out, "slide=[");
        describe_duration(out, window->slide_ms);
        sb_text_add(out, "], ");
    }
    sb_text_add(out, "size=[");
    describe_duration(out, window->size_ms);
    sb_text_char(out, ']');
    if (window->offset_ms != 0) {
        sb_text_add(out, ", offset=[");
        describe_duration(out, window->offset_ms);
        sb_text_char(out, ']');
    }
    sb_text_char(out, ')');
}

/* A ROW of which only some fields are read is written column(field, field). */
static void
describe_source_fields(sb_text *out, const sb_source_node *body, const sb_schema *schema)
{
    for (int32_t i = 0; i < schema->count; i++) {
        const sb_type *type = &schema->fields[i].type;
        uint64_t wanted =
            body->fields != NULL && i < body->project.count ? body->fields[i] : UINT64_MAX;
        const char *before = "(";

        sb_text_printf(out, "%s%s", i > 0 ? ", " : "", schema->fields[i].name);
        for (int32_t k = 0; wanted != UINT64_MAX && k < type->count_children && k < 63; k++) {
            if (wanted >> k & 1) {
                sb_text_printf(out, "%s%s", before, type->children[k].name);
                before = ", ";
            }
        }
        sb_text_add(out, *before == ',' ? ")" : "");
    }
}

static void
describe_source(sb_text *out, const sb_plan_node *node)
{
    const sb_source_node *body = node->body;

    sb_text_printf(
        out,
        "TableSourceScan(table=[[default_catalog, default_database, %s]], connector=[%s], fields=[",
        body->table->name, body->table->connector != NULL ? body->table->connector : "");
    describe_source_fields(out, body, node->schema);
    sb_text_add(out, "])");
}

static void
describe_watermark(sb_text *out, const sb_plan_node *node)
{
    const sb_watermark_node *body = node->body;

    sb_text_printf(out, "WatermarkAssigner(rowtime=[%s], watermark=[",
                   describe_field(node->schema, body->rowtime));
    sb_expr_print(body->expr, node->schema, out);
    sb_text_add(out, "])");
}

static void
describe_calc(sb_text *out, const sb_plan_node *node)
{
    const sb_calc_node *body = node->body;
    const sb_schema *input = node->inputs[0]->schema;

    sb_text_add(out, "Calc(select=[");
    for (int32_t i = 0; i < body->count; i++) {
        const sb_expr *expr = body->projections[i];
        const char *name = node->schema->fields[i].name;

        sb_text_add(out, i > 0 ? ", " : "");
        sb_expr_print(expr, input, out);
        if (expr->kind != SB_EXPR_COLUMN ||
            strcmp(describe_field(input, expr->column), name) != 0) {
            sb_text_printf(out, " AS %s", name);
        }
    }
    sb_text_char(out, ']');
    if (body->condition != NULL) {
        sb_text_add(out, ", where=[");
        sb_expr_print(body->condition, input, out);
        sb_text_char(out, ']');
    }
    sb_text_char(out, ')');
}

/* What stands behind the first argument. */
static void
describe_collecting(sb_text *out, const sb_schema *input, const sb_agg_call *call)
{
    for (int32_t i = 0; i < call->count_shares; i++) {
        sb_text_printf(out, ", %g", call->shares[i]);
    }
    if (call->second >= 0) {
        sb_text_printf(out, ", %s", describe_field(input, call->second));
    }
    if (call->kind >= SB_AGG_BITMAP_BUILD && call->kind <= SB_AGG_BITMAP_XOR) {
        sb_text_add(out, call->type.id == SB_TYPE_BIGINT ? ", CARDINALITY" : "");
    } else if (call->kind != SB_AGG_COLLECT && call->kind != SB_AGG_PERCENTILE &&
               call->kind != SB_AGG_USER) {
        sb_text_add(out, call->kind == SB_AGG_ARRAY ? call->nulls ? "" : " IGNORE NULLS"
                         : call->nulls              ? " NULL ON NULL"
                                                    : " ABSENT ON NULL");
    }
}

static void
describe_aggs(sb_text *out, const sb_plan_node *node, const sb_agg_call *aggs, int32_t count,
              int32_t first)
{
    const sb_schema *input = node->inputs[0]->schema;

    for (int32_t i = 0; i < count; i++) {
        sb_text_printf(out, "%s%s(", first + i > 0 ? ", " : "",
                       aggs[i].kind == SB_AGG_USER ? aggs[i].function->function.name
                                                   : sb_agg_name(aggs[i].kind));
        if (aggs[i].arg < 0) {
            sb_text_char(out, '*');
        } else {
            sb_text_printf(out, "%s%s", aggs[i].distinct ? "DISTINCT " : "",
                           describe_field(input, aggs[i].arg));
        }
        if (aggs[i].kind > SB_AGG_M2) {
            describe_collecting(out, input, &aggs[i]);
        }
        sb_text_char(out, ')');
        if (aggs[i].filter >= 0) {
            sb_text_printf(out, " FILTER %s", describe_field(input, aggs[i].filter));
        }
        sb_text_printf(out, " AS %s", describe_field(node->schema, first + i));
    }
}

static void
describe_group_agg(sb_text *out, const sb_plan_node *node)
{
    const sb_group_agg_node *body = node->body;
    const sb_schema *input = node->inputs[0]->schema;

    sb_text_add(out, "GroupAggregate(");
    if (body->keys.count > 0) {
        sb_text_add(out, "groupBy=[");
        describe_columns(out, input, &body->keys);
        sb_text_add(out, "], ");
    }
    sb_text_add(out, "select=[");
    describe_columns(out, input, &body->keys);
    describe_aggs(out, node, body->aggs, body->count_aggs, body->keys.count);
    sb_text_add(out, "])");
}

static void
describe_window_agg(sb_text *out, const sb_plan_node *node)
{
    static const char *const properties[] = {"window_start", "window_end", "window_time"};
    const sb_window_agg_node *body = node->body;
    const sb_schema *input = node->inputs[0]->schema;
    int32_t column = body->keys.count + body->count_aggs;

    sb_text_add(out, "WindowAggregate(");
    if (body->keys.count > 0) {
        sb_text_add(out, "groupBy=[");
        describe_columns(out, input, &body->keys);
        sb_text_add(out, "], ");
    }
    sb_text_add(out, "window=[");
    describe_window(out, &body->window);
    if (body->attached) {
        sb_text_printf(out, "], win_start=[%s], win_end=[%s",
                       describe_field(input, body->start_column),
                       describe_field(input, body->end_column));
    } else {
        sb_text_printf(out, "], time_col=[%s", describe_field(input, body->time));
    }
    sb_text_add(out, "], select=[");
    describe_columns(out, input, &body->keys);
    describe_aggs(out, node, body->aggs, body->count_aggs, body->keys.count);
    for (int32_t i = 0; i < body->count_properties; i++) {
        sb_text_printf(out, "%s%s", column + i > 0 ? ", " : "", properties[body->properties[i]]);
    }
    sb_text_add(out, "])");
}

static void
describe_keys(sb_text *out, const sb_plan_node *node, const sb_columns *left,
              const sb_columns *right, const bool *null_safe)
{
    int32_t shift =
        node->inputs[0]->schema->count; /* names of the output, which are different on both sides */

    for (int32_t i = 0; i < left->count; i++) {
        sb_text_printf(out, "%s(%s %s %s)", i > 0 ? " AND " : "",
                       describe_field(node->schema, left->at[i]),
                       null_safe[i] ? "IS NOT DISTINCT FROM" : "=",
                       describe_field(node->schema, shift + right->at[i]));
    }
}

static void
describe_join(sb_text *out, const sb_plan_node *node)
{
    const sb_join_node *body = node->body;

    sb_text_add(out, "Join(joinType=[InnerJoin], where=[");
    describe_keys(out, node, &body->left_keys, &body->right_keys, body->null_safe);
    if (body->residual != NULL) {
        sb_text_add(out, body->left_keys.count > 0 ? " AND " : "");
        sb_expr_print(body->residual, node->schema, out);
    } else if (body->left_keys.count == 0) {
        sb_text_add(out, "true");
    }
    sb_text_add(out, "], select=[");
    describe_fields(out, node->schema);
    sb_text_add(out, "])");
}

static void
describe_window_join(sb_text *out, const sb_plan_node *node)
{
    const sb_window_join_node *body = node->body;
    const sb_schema *left = node->inputs[0]->schema, *right = node->inputs[1]->schema;

    sb_text_printf(out,
                   "WindowJoin(leftWindow=[win_start=[%s], win_end=[%s]], "
                   "rightWindow=[win_start=[%s], win_end=[%s]], "
                   "joinType=[InnerJoin], where=[",
                   describe_field(left, body->left_start), describe_field(left, body->left_end),
                   describe_field(right, body->right_start),
                   describe_field(right, body->right_end));
    describe_keys(out, node, &body->left_keys, &body->right_keys, body->null_safe);
    if (body->residual != NULL) {
        sb_text_add(out, body->left_keys.count > 0 ? " AND " : "");
        sb_expr_print(body->residual, node->schema, out);
    } else if (body->left_keys.count == 0) {
        sb_text_add(out, "true");
    }
    sb_text_add(out, "], select=[");
    describe_fields(out, node->schema);
    sb_text_add(out, "])");
}

static void
describe_normalize(sb_text *out, const sb_plan_node *node)
{
    const sb_normalize_node *body = node->body;

    sb_text_add(out, "ChangelogNormalize(key=[");
    describe_columns(out, node->schema, &body->keys);
    sb_text_char(out, ']');
    if (body->condition != NULL) {
        sb_text_add(out, ", condition=[");
        sb_expr_print(body->condition, node->schema, out);
        sb_text_char(out, ']');
    }
    sb_text_char(out, ')');
}

static void
describe_materialize(sb_text *out, const sb_plan_node *node)
{
    const sb_materialize_node *body = node->body;

    sb_text_add(out, "SinkUpsertMaterializer(key=[");
    describe_columns(out, node->schema, &body->keys);
    sb_text_add(out, "], inputUpsertKey=[");
    describe_columns(out, node->schema, &body->upsert_key);
    sb_text_add(out, "])");
}

static void
describe_sink(sb_text *out, const sb_plan_node *node)
{
    const sb_sink_node *body = node->body;

    if (body->collect) {
        sb_text_add(out, "Sink(collect, fields=[");
    } else {
        sb_text_printf(out, "Sink(table=[default_catalog.default_database.%s], fields=[",
                       body->table->name);
    }
    describe_fields(out, node->schema);
    sb_text_add(out, "])");
}

static void
describe_expand(sb_text *out, const sb_plan_node *node)
{
    const sb_expand_node *body = node->body;

    sb_text_add(out, "Expand(sets=[");
    for (int32_t i = 0; i < body->sets.count; i++) {
        sb_text_add(out, i > 0 ? ", {" : "{");
        describe_columns(out, node->schema, &body->sets.at[i]);
        sb_text_char(out, '}');
    }
    sb_text_add(out, "])");
}

static void
describe_unnest(sb_text *out, const sb_plan_node *node)
{
    const sb_unnest_node *body = node->body;

    if (body->function != NULL) {
        sb_text_printf(out, "Correlate(joinType=[%s], function=[%s(%s)])",
                       body->outer ? "LEFT" : "INNER", body->function->function.name,
                       describe_field(node->inputs[0]->schema, body->column));
        return;
    }
    sb_text_printf(out, "Correlate(joinType=[%s], unnest=[%s]%s)", body->outer ? "LEFT" : "INNER",
                   describe_field(node->inputs[0]->schema, body->column),
                   body->ordinality ? ", withOrdinality=[true]" : "");
}

static void
describe_bounds(sb_text *out, int64_t offset, int64_t limit)
{
    if (offset > 0) {
        sb_text_printf(out, ", offset=[%lld]", (long long)offset);
    }
    if (limit >= 0) {
        sb_text_printf(out, ", fetch=[%lld]", (long long)limit);
    }
}

static void
describe_sort(sb_text *out, const sb_plan_node *node)
{
    const sb_sort_node *body = node->body;

    sb_text_add(out, "Sort(orderBy=[");
    for (int32_t i = 0; i < body->order.count; i++) {
        sb_text_printf(out, "%s%s %s", i > 0 ? ", " : "",
                       describe_field(node->schema, body->order.at[i]),
                       body->descending[i] ? "DESC" : "ASC");
    }
    sb_text_char(out, ']');
    describe_bounds(out, body->offset, body->limit);
    sb_text_char(out, ')');
}

static void
describe_limit(sb_text *out, const sb_plan_node *node)
{
    const sb_limit_node *body = node->body;
    sb_text bounds;

    sb_text_init(&bounds, out->mem);
    describe_bounds(&bounds, body->offset, body->limit);
    sb_text_printf(out, "Limit(%s)", bounds.size > 2 ? bounds.data + 2 : "");
    sb_text_deinit(&bounds);
}

static void
describe_any(sb_text *out, const sb_plan_node *node)
{
    switch (node->kind) {
    case SB_NODE_SOURCE: describe_source(out, node); break;
    case SB_NODE_WATERMARK: describe_watermark(out, node); break;
    case SB_NODE_CALC: describe_calc(out, node); break;
    case SB_NODE_UNION:
        sb_text_add(out, "Union(all=[true], union=[");
        describe_fields(out, node->schema);
        sb_text_add(out, "])");
        break;
    case SB_NODE_GROUP_AGG: describe_group_agg(out, node); break;
    case SB_NODE_WINDOW_ASSIGN: {
        const sb_window_assign_node *body = node->body;

        sb_text_add(out, "WindowTableFunction(window=[");
        describe_window(out, &body->window);
        sb_text_printf(out, "], time_col=[%s])",
                       describe_field(node->inputs[0]->schema, body->time));
        break;
    }
    case SB_NODE_WINDOW_AGG: describe_window_agg(out, node); break;
    case SB_NODE_JOIN: describe_join(out, node); break;
    case SB_NODE_WINDOW_JOIN: describe_window_join(out, node); break;
    case SB_NODE_NORMALIZE: describe_normalize(out, node); break;
    case SB_NODE_MATERIALIZE: describe_materialize(out, node); break;
    case SB_NODE_DROP_BEFORE: sb_text_add(out, "DropUpdateBefore"); break;
    case SB_NODE_SINK: describe_sink(out, node); break;
    case SB_NODE_EXPAND: describe_expand(out, node); break;
    case SB_NODE_UNNEST: describe_unnest(out, node); break;
    case SB_NODE_SORT: describe_sort(out, node); break;
    case SB_NODE_LIMIT: describe_limit(out, node); break;
    default: break;
    }
}

sb_status
sb_lower_describe(sb_lower *lower, sb_plan_node *node)
{
    sb_text text;

    sb_text_init(&text, sb_mem_root());
    describe_any(&text, node);
    node->description =
        sb_text_failed(&text) ? NULL : sb_arena_strdup(lower->rel->arena, text.data);
    sb_text_deinit(&text);
    if (node->description == NULL) {
        SB_NOMEM(lower->rel->err);
    }
    return SB_OK;
}
