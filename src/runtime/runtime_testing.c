/*
 * runtime/runtime_testing.c -- plans over the test world, and what they must give; see
 * runtime_testing.h.
 */
#include "runtime/runtime_testing.h"

#include "runtime/runtime_ops_testing.h"

#include <string.h>

static const sb_field FIELDS[] = {{.name = "k", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
                                  {.name = "v", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
                                  {.name = "t", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
const sb_schema sb_rt_schema = {3, FIELDS};
static const sb_field WIDE_FIELDS[] = {
    {.name = "k", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "v", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "t", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "k0", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "v0", .type = {.id = SB_TYPE_BIGINT, .nullable = true}},
    {.name = "t0", .type = {.id = SB_TYPE_BIGINT, .nullable = true}}};
const sb_schema sb_rt_wide_schema = {6, WIDE_FIELDS};

static const int32_t KEY_COLUMN[] = {0};

/* --- factories --- */

static const sb_op_vtable *
rt_op(sb_node_kind kind)
{
    switch (kind) {
    case SB_NODE_WATERMARK: return &rt_watermark;
    case SB_NODE_CALC: return &rt_filter;
    case SB_NODE_UNION: return &rt_union;
    case SB_NODE_GROUP_AGG: return &rt_sum;
    case SB_NODE_WINDOW_AGG: return &rt_window;
    case SB_NODE_JOIN: return &rt_merge;
    default: return NULL;
    }
}

static const sb_connector rt_connector = {.name = "rt", .source = &rt_source, .sink = &rt_sink};

static const sb_connector *
rt_find_connector(const char *name)
{
    return strcmp(name, "rt") == 0 ? &rt_connector : NULL;
}

const sb_factories *
sb_rt_factories(void)
{
    static const sb_factories factories = {.op = rt_op, .connector = rt_find_connector};
    return &factories;
}

/* --- plans --- */

static sb_plan_node *
add_node(sb_plan *plan, uint32_t id, sb_node_kind kind, const char *text, void *body)
{
    sb_plan_node *node = SB_NEW(plan->arena, sb_plan_node);
    node->node_id = id;
    node->kind = (uint16_t)kind;
    node->version = 1;
    node->inputs = SB_NEW_ARRAY(plan->arena, sb_plan_node *, 4);
    node->exchanges = SB_NEW_ARRAY(plan->arena, sb_exchange, 4);
    node->schema = &sb_rt_schema;
    node->traits.row_ops = SB_ROWS_INSERT;
    node->description = text;
    node->body = body;
    sb_plan_node **nodes = SB_NEW_ARRAY(plan->arena, sb_plan_node *, plan->count_nodes + 1);
    if (plan->count_nodes > 0) {
        memcpy(nodes, plan->nodes, sizeof *nodes * (size_t)plan->count_nodes);
    }
    nodes[plan->count_nodes++] = node;
    plan->nodes = nodes;
    return node;
}

static sb_plan_node *
connect(sb_plan_node *from, sb_plan_node *to, sb_dist_kind kind)
{
    int32_t i = to->count_inputs++;
    to->inputs[i] = from;
    to->exchanges[i].kind = kind;
    if (kind == SB_EXCHANGE_HASH) {
        to->exchanges[i].keys = (sb_columns){1, KEY_COLUMN};
    }
    from->count_consumers++;
    return to;
}

static const sb_table_desc *
table(sb_plan *plan, const char *name, const sb_schema *schema)
{
    sb_table_desc *desc = SB_NEW(plan->arena, sb_table_desc);
    desc->name = name;
    desc->connector = "rt";
    desc->columns = schema;
    return desc;
}

static sb_columns
all_columns(void)
{
    static const int32_t all[] = {0, 1, 2};
    return (sb_columns){3, all};
}

static sb_plan_node *
add_source(sb_plan *plan, int32_t index, bool watermark)
{
    sb_source_node *body = SB_NEW(plan->arena, sb_source_node);
    body->table = table(plan, index ? "right" : "left", &sb_rt_schema);
    body->project = all_columns();
    body->ordinal = index;
    uint32_t id = (uint32_t)(10 + 20 * index);
    sb_plan_node *source = add_node(plan, id, SB_NODE_SOURCE, index ? "right" : "left", body);
    if (!watermark) {
        return source;
    }
    sb_watermark_node *wm = SB_NEW(plan->arena, sb_watermark_node);
    sb_type type = SB_TYPE(BIGINT, true);
    wm->rowtime = 2;
    if (sb_rt_current && sb_rt_current->align) {
        wm->alignment_group = "both";
        wm->alignment_max_drift_ms = 200;
        wm->alignment_update_ms = 20;
    }
    wm->expr = sb_expr_column(plan->arena, 2, &type);
    return connect(source, add_node(plan, id + 1, SB_NODE_WATERMARK, "watermark", wm),
                   SB_EXCHANGE_FORWARD);
}

static sb_plan_node *
add_filter(sb_plan *plan, uint32_t id)
{
    sb_calc_node *body = SB_NEW(plan->arena, sb_calc_node);
    sb_type type = SB_TYPE(BIGINT, true);
    body->count = 3;
    body->projections = SB_NEW_ARRAY(plan->arena, sb_expr *, 3);
    for (int32_t i = 0; i < 3; i++) {
        body->projections[i] = sb_expr_column(plan->arena, i, &type);
    }
    return add_node(plan, id, SB_NODE_CALC, "filter", body);
}

static const sb_agg_call COUNTS[] = {
    {.kind = SB_AGG_COUNT_STAR, .arg = -1, .filter = -1, .type = {.id = SB_TYPE_BIGINT}},
    {.kind = SB_AGG_COUNT_STAR, .arg = -1, .filter = -1, .type = {.id = SB_TYPE_BIGINT}}};
static const sb_window_property PROPERTIES[] = {SB_WINDOW_TIME};

static sb_plan_node *
add_keyed(sb_plan *plan, uint32_t id, sb_node_kind kind)
{
    sb_columns keys = {1, KEY_COLUMN};
    sb_plan_node *node = NULL;
    if (kind == SB_NODE_GROUP_AGG) {
        sb_group_agg_node *body = SB_NEW(plan->arena, sb_group_agg_node);
        body->keys = keys;
        body->count_aggs = 2;
        body->aggs = COUNTS;
        node = add_node(plan, id, kind, "sum", body);
    } else if (kind == SB_NODE_WINDOW_AGG) {
        sb_window_agg_node *body = SB_NEW(plan->arena, sb_window_agg_node);
        body->keys = keys;
        body->count_aggs = 1;
        body->aggs = COUNTS;
        body->count_properties = 1;
        body->properties = PROPERTIES;
        body->window = (sb_window_spec){.kind = SB_WINDOW_TUMBLE, .size_ms = 100, .slide_ms = 100};
        node = add_node(plan, id, kind, "window", body);
    } else {
        sb_join_node *body = SB_NEW(plan->arena, sb_join_node);
        body->left_keys = body->right_keys = keys;
        body->null_safe = SB_NEW_ARRAY(plan->arena, bool, 1);
        node = add_node(plan, id, kind, "merge", body);
        node->schema = &sb_rt_wide_schema;
    }
    node->traits.partition = keys;
    return node;
}

static void
add_sink(sb_plan *plan, sb_plan_node *from, sb_dist_kind kind, bool collect)
{
    sb_sink_node *body = SB_NEW(plan->arena, sb_sink_node);
    body->table = table(plan, "out", from->schema);
    body->collect = collect;
    sb_plan_node *sink = connect(from, add_node(plan, 90, SB_NODE_SINK, "out", body), kind);
    sink->schema = from->schema;
    plan->sinks = SB_NEW_ARRAY(plan->arena, sb_plan_node *, 1);
    plan->sinks[0] = sink;
    plan->count_sinks = 1;
}

static sb_plan_node *
build(sb_plan *plan, sb_rt_shape shape)
{
    sb_plan_node *left = add_source(plan, 0, shape != SB_RT_COPY && shape != SB_RT_COLLECT);
    sb_plan_node *node;
    switch (shape) {
    case SB_RT_COPY: return connect(left, add_filter(plan, 60), SB_EXCHANGE_FORWARD);
    case SB_RT_COLLECT: return connect(left, add_filter(plan, 60), SB_EXCHANGE_REBALANCE);
    case SB_RT_SUM:
    case SB_RT_WINDOW:
        node = connect(left, add_filter(plan, 60), SB_EXCHANGE_FORWARD);
        return connect(
            node, add_keyed(plan, 70, shape == SB_RT_SUM ? SB_NODE_GROUP_AGG : SB_NODE_WINDOW_AGG),
            SB_EXCHANGE_HASH);
    case SB_RT_MERGE: {
        sb_plan_node *right = add_source(plan, 1, true);
        node = add_keyed(plan, 70, SB_NODE_JOIN);
        connect(left, node, SB_EXCHANGE_HASH);
        return connect(right, node, SB_EXCHANGE_HASH);
    }
    case SB_RT_UNION:
    case SB_RT_UNION_COLLECT: {
        sb_plan_node *right = add_source(plan, 1, true);
        node = add_node(plan, 60, SB_NODE_UNION, "union", SB_NEW(plan->arena, sb_union_node));
        connect(left, node, SB_EXCHANGE_FORWARD);
        connect(right, node, SB_EXCHANGE_FORWARD);
        if (shape == SB_RT_UNION_COLLECT) {
            return node;
        }
        return connect(node, add_keyed(plan, 70, SB_NODE_WINDOW_AGG), SB_EXCHANGE_HASH);
    }
    case SB_RT_CHAIN:
        node =
            connect(left, add_keyed(plan, SB_RT_CHAINED_SUM, SB_NODE_GROUP_AGG), SB_EXCHANGE_HASH);
        node = connect(node, add_filter(plan, 60), SB_EXCHANGE_FORWARD);
        node->traits.partition = node->inputs[0]->traits.partition;
        return connect(node, add_keyed(plan, 70, SB_NODE_WINDOW_AGG), SB_EXCHANGE_HASH);
    case SB_RT_SHAPES: break;
    }
    return NULL;
}

sb_plan *
sb_rt_plan(sb_mem *mem, sb_rt_shape shape)
{
    sb_plan *plan = sb_plan_new(mem);
    plan->zone = "UTC";
    plan->sql = "";
    sb_plan_node *last = build(plan, shape);
    add_sink(plan, last, SB_EXCHANGE_FORWARD,
             shape == SB_RT_COLLECT || shape == SB_RT_UNION_COLLECT);
    return plan;
}

/* --- expectations --- */

typedef struct bucket {
    int64_t k, end, count, sum;
} bucket;

/* rows: all of them, in the order of their splits; the filter is applied here. */
static void
expect_windows(const sb_rt_world *world, const sb_rt_rows *rows, bool filter, sb_rt_rows *out)
{
    /* Slow on purpose: for each row look through all buckets. */
    bucket buckets[4096];
    int32_t count = 0;
    int64_t highest = INT64_MIN, watermark = INT64_MIN;
    for (int64_t i = 0; i < rows->count; i++) {
        const sb_rt_row *row = &rows->at[i];
        int64_t before = watermark;
        highest = row->t > highest ? row->t : highest;
        watermark = highest - world->delay_ms; /* behind this row */
        if (filter && world->filter_modulo && row->v % world->filter_modulo == 0) {
            continue;
        }
        if (world->exact_late &&
            row->t - row->t % world->window_ms + world->window_ms - 1 <= before) {
            continue;
        }
        int64_t end = row->t - row->t % world->window_ms + world->window_ms;
        int32_t b = 0;
        while (b < count && (buckets[b].k != row->k || buckets[b].end != end)) {
            b++;
        }
        if (b == count) {
            sb_assert(count < 4096);
            buckets[count++] = (bucket){row->k, end, 0, 0};
        }
        buckets[b].count++;
        buckets[b].sum += row->v;
    }
    for (int32_t b = 0; b < count; b++) {
        sb_rt_rows_add(out, (sb_rt_row){buckets[b].k, buckets[b].count * 1000000 + buckets[b].sum,
                                        buckets[b].end});
    }
}

static void
expect_counts(const sb_rt_rows *rows, sb_rt_rows *out)
{
    for (int64_t i = 0; i < rows->count; i++) {
        int64_t number = 1;
        for (int64_t j = 0; j < i; j++) {
            number += rows->at[j].k == rows->at[i].k;
        }
        sb_rt_rows_add(out, (sb_rt_row){rows->at[i].k, number, 0});
    }
}

void
sb_rt_expected(const sb_rt_world *world, sb_rt_shape shape, sb_rt_rows *out)
{
    sb_rt_rows rows = {0};
    bool two = shape == SB_RT_MERGE || shape == SB_RT_UNION;
    bool windows = shape == SB_RT_WINDOW || shape == SB_RT_UNION || shape == SB_RT_CHAIN;
    *out = (sb_rt_rows){0};
    for (int32_t s = 0; s < (two ? 2 : 1); s++) {
        const sb_rt_source *source = &world->source[s];
        for (int32_t i = 0; i < source->splits; i++) {
            for (int32_t j = 0; j < source->rows; j++) {
                sb_rt_row row = sb_rt_make_row(source, s, i, j);
                bool filtered =
                    !two && !windows && world->filter_modulo && row.v % world->filter_modulo == 0;
                if (shape == SB_RT_MERGE && s == 1) {
                    row.v = -row.v - 1;
                }
                int32_t copies = filtered ? 0 : shape == SB_RT_MERGE ? SB_RT_COPIES(row.v) : 1;
                for (int32_t c = 0; c < copies; c++) {
                    sb_rt_rows_add(&rows,
                                   (sb_rt_row){row.k, row.v, shape == SB_RT_MERGE ? c : row.t});
                }
            }
        }
    }
    if (windows) {
        expect_windows(world, &rows, !two, out);
    } else if (shape == SB_RT_SUM) {
        expect_counts(&rows, out);
    } else {
        *out = rows;
        rows = (sb_rt_rows){0};
    }
    sb_rt_rows_free(&rows);
    sb_rt_rows_sort(out);
}
