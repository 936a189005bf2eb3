/*
 * plan/same.c -- is a plan the same computation as a stored one?
 *
 * DESIGN     Each node gets a signature: id, kind, ids of its inputs, hash keys, types of its
 *            columns and the bytes of its body without what may change under state that is kept:
 *            parallelism, TTL, mini-batch, how watermarks are emitted. The lists of signatures
 *            are compared by their longest common subsequence; what is in one only is told by its
 *            description and columns.
 * THREADS    T:any
 */
#include <string.h>

#include "plan/plan_priv.h"

#define SAME_NODES_MAX 2000 /* above, the difference is told as a whole */

/* Options of a table that change nothing but speed. */
static bool
same_ignores_option(const char *key)
{
    return strcmp(key, "scan.parallelism") == 0 || strcmp(key, "sink.parallelism") == 0 ||
           strncmp(key, "scan.watermark.", 15) == 0 || strcmp(key, "rows-per-second") == 0;
}

static sb_table_desc
same_table(const sb_table_desc *table, sb_option *room, int32_t capacity)
{
    sb_table_desc copy = *table;

    if (table->options.count > capacity) {
        return copy;
    }
    copy.options = (sb_options){.count = 0, .at = room};
    for (int32_t i = 0; i < table->options.count; i++) {
        if (!same_ignores_option(table->options.at[i].key)) {
            room[copy.options.count++] = table->options.at[i];
        }
    }
    return copy;
}

/* A copy without places in the text: they move with every edit above. NULL in, NULL out; NULL also
 * when out of memory. */
static sb_expr *
same_expr(sb_arena *arena, const sb_expr *expr)
{
    sb_expr *copy = expr != NULL ? sb_arena_memdup(arena, expr, sizeof(*expr)) : NULL;

    if (copy == NULL) {
        return NULL;
    }
    copy->position = copy->position_end = -1;
    if (expr->count_args > 0) {
        copy->args = SB_NEW_ARRAY(arena, sb_expr *, expr->count_args);
    }
    for (int32_t i = 0; i < expr->count_args; i++) {
        if (copy->args == NULL || (copy->args[i] = same_expr(arena, expr->args[i])) == NULL) {
            return NULL;
        }
    }
    return copy;
}

static bool
same_calc(sb_arena *arena, sb_calc_node *body)
{
    const sb_expr *condition = body->condition;
    sb_expr **from = body->projections;

    body->condition = same_expr(arena, condition);
    body->projections = SB_NEW_ARRAY(arena, sb_expr *, body->count + 1);
    if (body->projections == NULL || (condition != NULL && body->condition == NULL)) {
        return false;
    }
    for (int32_t i = 0; i < body->count; i++) {
        body->projections[i] = same_expr(arena, from[i]);
        if (body->projections[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool
same_one(sb_arena *arena, sb_expr **expr)
{
    bool was = *expr != NULL;

    *expr = same_expr(arena, *expr);
    return !was || *expr != NULL;
}

typedef union same_body { /* room for a changed copy of a body */
    sb_source_node source;
    sb_sink_node sink;
    sb_group_agg_node agg;
    sb_join_node join;
    sb_normalize_node normalize;
    sb_materialize_node materialize;
    sb_watermark_node watermark;
    sb_calc_node calc;
    sb_window_join_node window_join;
} same_body;

static bool
same_watermark(sb_arena *arena, sb_watermark_node *body)
{
    body->idle_timeout_ms = body->interval_ms = 0;
    body->alignment_max_drift_ms = body->alignment_update_ms = 0;
    body->on_event = false;
    body->alignment_group = NULL;
    return same_one(arena, &body->expr);
}

/* What does not matter is set to fixed values. false: out of memory. */
static bool
same_neutral(const sb_plan_node *node, sb_arena *arena, same_body *body)
{
    switch (node->kind) {
    case SB_NODE_SOURCE:
        body->source.parallelism = body->source.ordinal = 0;
        body->source.fields = NULL; /* the nodes above tell them */
        return true;
    case SB_NODE_GROUP_AGG:
        body->agg.ttl_ms = body->agg.minibatch_rows = body->agg.minibatch_ms = 0;
        return true;
    case SB_NODE_JOIN:
        body->join.left_ttl_ms = body->join.right_ttl_ms = 0;
        return same_one(arena, &body->join.residual);
    case SB_NODE_NORMALIZE:
        body->normalize.ttl_ms = 0;
        return same_one(arena, &body->normalize.condition);
    case SB_NODE_MATERIALIZE: body->materialize.ttl_ms = 0; return true;
    case SB_NODE_WATERMARK: return same_watermark(arena, &body->watermark);
    case SB_NODE_CALC: return same_calc(arena, &body->calc);
    case SB_NODE_WINDOW_JOIN: return same_one(arena, &body->window_join.residual);
    default: return true;
    }
}

static size_t
same_body_size(uint16_t kind)
{
    switch (kind) {
    case SB_NODE_SOURCE: return sizeof(sb_source_node);
    case SB_NODE_SINK: return sizeof(sb_sink_node);
    case SB_NODE_GROUP_AGG: return sizeof(sb_group_agg_node);
    case SB_NODE_JOIN: return sizeof(sb_join_node);
    case SB_NODE_NORMALIZE: return sizeof(sb_normalize_node);
    case SB_NODE_MATERIALIZE: return sizeof(sb_materialize_node);
    case SB_NODE_WATERMARK: return sizeof(sb_watermark_node);
    case SB_NODE_CALC: return sizeof(sb_calc_node);
    case SB_NODE_WINDOW_JOIN: return sizeof(sb_window_join_node);
    default: return 0; /* compared as it is */
    }
}

static bool
same_write_body(sb_writer *w, const sb_plan_node *node, sb_arena *arena)
{
    size_t size = same_body_size(node->kind);
    sb_plan_node copy = *node;
    sb_option room[256];
    sb_table_desc table;
    same_body body;

    if (size > 0) {
        memcpy(&body, node->body, size);
        copy.body = &body;
        if (!same_neutral(node, arena, &body)) {
            return false;
        }
    }
    if (node->kind == SB_NODE_SOURCE) {
        table = same_table(body.source.table, room, 256);
        body.source.table = &table;
    } else if (node->kind == SB_NODE_SINK) {
        table = same_table(body.sink.table, room, 256);
        body.sink.table = &table;
        copy.version = 1; /* checks of NULLs come and go */
    }
    sb_plan_write_body(w, &copy);
    return true;
}

static void
same_columns(const sb_schema *schema, sb_text *out)
{
    for (int32_t i = 0; i < schema->count; i++) {
        sb_text_printf(out, "%s%s ", i > 0 ? ", " : "", schema->fields[i].name);
        sb_type_print(&schema->fields[i].type, out);
    }
}

void
sb_plan_signature(const sb_plan_node *node, sb_text *out)
{
    sb_arena *arena = sb_arena_new(out->mem);
    sb_writer w;

    if (arena == NULL) {
        out->failed = true;
        return;
    }
    sb_writer_init(&w, out->mem);
    sb_write_u32(&w, node->node_id);
    sb_write_u16(&w, node->kind);
    for (int32_t i = 0; i < node->count_inputs; i++) {
        sb_write_u32(&w, node->inputs[i]->node_id);
        sb_write_u8(&w, (uint8_t)(node->exchanges[i].kind == SB_EXCHANGE_HASH));
        sb_plan_write_columns(&w, &node->exchanges[i].keys);
    }
    sb_write_varint(&w, (uint64_t)node->schema->count);
    for (int32_t i = 0; i < node->schema->count; i++) {
        sb_type_write(&w, &node->schema->fields[i].type);
    }
    out->failed |= !same_write_body(&w, node, arena) || w.out.failed;
    sb_text_append(out, w.out.data, w.out.size);
    sb_writer_deinit(&w);
    sb_arena_free(arena);
}

typedef struct same_side {
    const sb_plan *plan;
    sb_text *lines; /* a signature per node */
} same_side;

/* Two tables may differ in their options only. */
static void
same_options(const sb_table_desc *table, sb_text *out)
{
    bool first = true;

    for (int32_t i = 0; table != NULL && i < table->options.count; i++) {
        if (!same_ignores_option(table->options.at[i].key)) {
            sb_text_printf(out, "%s'%s' = '%s'", first ? " WITH (" : ", ", table->options.at[i].key,
                           table->options.at[i].value);
            first = false;
        }
    }
    sb_text_add(out, first ? "" : ")");
}

static void
same_line(const sb_plan_node *node, char mark, sb_text *out)
{
    sb_text_printf(out, "%c %s -> (", mark,
                   node->description != NULL ? node->description : sb_plan_kind_name(node->kind));
    same_columns(node->schema, out);
    sb_text_add(out, ")");
    if (node->kind == SB_NODE_SOURCE) {
        same_options(((const sb_source_node *)node->body)->table, out);
    } else if (node->kind == SB_NODE_SINK) {
        same_options(((const sb_sink_node *)node->body)->table, out);
    }
    sb_text_add(out, "\n");
}

static bool
same_node(const same_side *a, int32_t i, const same_side *b, int32_t j)
{
    return a->lines[i].size == b->lines[j].size &&
           memcmp(a->lines[i].data, b->lines[j].data, a->lines[i].size) == 0;
}

static bool
same_side_init(same_side *side, const sb_plan *plan, sb_mem *mem)
{
    bool fine = true;

    side->plan = plan;
    side->lines = sb_alloc_zero(mem, sizeof(sb_text) * (size_t)(plan->count_nodes + 1));
    for (int32_t i = 0; side->lines != NULL && i < plan->count_nodes; i++) {
        sb_text_init(&side->lines[i], mem);
        sb_plan_signature(plan->nodes[i], &side->lines[i]);
        fine &= !sb_text_failed(&side->lines[i]);
    }
    return side->lines != NULL && fine;
}

static void
same_side_deinit(same_side *side, sb_mem *mem)
{
    for (int32_t i = 0; side->lines != NULL && i < side->plan->count_nodes; i++) {
        sb_text_deinit(&side->lines[i]);
    }
    sb_free(mem, side->lines, sizeof(sb_text) * (size_t)(side->plan->count_nodes + 1));
}

typedef struct same_lines { /* the difference, line by line */
    sb_text *at;
    int32_t count;
} same_lines;

static bool
same_text(const sb_text *a, const sb_text *b)
{
    return a->size == b->size && memcmp(a->data + 1, b->data + 1, a->size - 1) == 0;
}

/* A change below changes the ids of all above: lines that read the same on both sides tell nothing,
 * unless there are no others. */
static void
same_tell(const same_lines *lines, sb_text *out)
{
    for (int pass = 0; pass < 2; pass++) {
        bool told = false;

        for (int32_t i = 0; i < lines->count; i++) {
            bool twin = false;

            for (int32_t j = 0; pass == 0 && j < lines->count; j++) {
                twin |= lines->at[i].data[0] != lines->at[j].data[0] &&
                        same_text(&lines->at[i], &lines->at[j]);
            }
            if (!twin) {
                sb_text_append(out, lines->at[i].data, lines->at[i].size);
                told = true;
            }
        }
        if (told) {
            return;
        }
    }
}

static void
same_add(same_lines *lines, const sb_plan_node *node, char mark, sb_text *out)
{
    sb_text *line = &lines->at[lines->count++];

    sb_text_init(line, out->mem);
    same_line(node, mark, line);
    if (sb_text_failed(line)) {
        out->failed = true;
        lines->count--;
        sb_text_deinit(line);
    }
}

/* Prints what is in one only; true: nothing. */
static bool
same_diff(const same_side *a, const same_side *b, sb_mem *mem, sb_text *out)
{
    int32_t n = a->plan->count_nodes, m = b->plan->count_nodes, i = 0, j = 0;
    size_t width = (size_t)m + 1, size = sizeof(int32_t) * ((size_t)n + 1) * width;
    int32_t *common = n <= SAME_NODES_MAX && m <= SAME_NODES_MAX ? sb_alloc_zero(mem, size) : NULL;
    same_lines lines = {sb_alloc_zero(mem, sizeof(sb_text) * ((size_t)n + (size_t)m + 1)), 0};
    bool same = true;

    out->failed |= lines.at == NULL;
    for (int32_t x = n - 1; common != NULL && x >= 0; x--) {
        for (int32_t y = m - 1; y >= 0; y--) {
            int32_t down = common[((size_t)x + 1) * width + (size_t)y],
                    right = common[(size_t)x * width + (size_t)y + 1];

            common[(size_t)x * width + (size_t)y] =
                same_node(a, x, b, y) ? common[((size_t)x + 1) * width + (size_t)y + 1] + 1
                : down > right        ? down
                                      : right;
        }
    }
    while (lines.at != NULL && (i < n || j < m)) {
        if (i < n && j < m && same_node(a, i, b, j)) {
            i++;
            j++;
            continue;
        }
        same = false;
        if (j >= m ||
            (i < n && (common == NULL || common[((size_t)i + 1) * width + (size_t)j] >=
                                             common[(size_t)i * width + (size_t)j + 1]))) {
            same_add(&lines, a->plan->nodes[i++], '-', out);
        } else {
            same_add(&lines, b->plan->nodes[j++], '+', out);
        }
    }
    same_tell(&lines, out);
    for (int32_t k = 0; k < lines.count; k++) {
        sb_text_deinit(&lines.at[k]);
    }
    sb_free(mem, lines.at, sizeof(sb_text) * ((size_t)n + (size_t)m + 1));
    sb_free(mem, common, size);
    return same && !out->failed;
}

bool
sb_plan_same(const sb_plan *stored, const sb_plan *plan, sb_text *out_difference)
{
    sb_mem *mem = out_difference->mem;
    same_side a = {.plan = stored}, b = {.plan = plan};
    bool same = true;

    if (strcmp(stored->zone, plan->zone) != 0) {
        sb_text_printf(out_difference, "- time zone %s\n+ time zone %s\n", stored->zone,
                       plan->zone);
        same = false;
    }
    if (same_side_init(&a, stored, mem) && same_side_init(&b, plan, mem)) {
        same &= same_diff(&a, &b, mem, out_difference);
    } else {
        sb_text_add(out_difference, "- out of memory\n");
        same = false;
    }
    same_side_deinit(&a, mem);
    if (b.lines != NULL) {
        same_side_deinit(&b, mem);
    }
    return same;
}
