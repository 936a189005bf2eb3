/*
 * sql/lower.c -- from the optimised logical plan to the physical one.
 *
 * DESIGN     Node ids are hashes of the path from the sink: sink by the name of its table, every
 *            other node by its first consumer, its place among that one's inputs and its kind. So
 *            an edit upstream leaves the ids downstream as they were, and two plans of one text
 *            have the same ids.
 * THREADS    one thread at a time.
 */
#include "sql/lower.h"

#include <string.h>

#include "base/hash.h"

static bool
lower_id_taken(const sb_plan *plan, uint32_t id)
{
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        if (plan->nodes[i]->node_id == id) {
            return true;
        }
    }
    return false;
}

static void
lower_id_visit(sb_plan *plan, sb_plan_node *node, uint64_t path)
{
    uint32_t id;

    if (node->node_id != 0) {
        return;
    }
    path = sb_hash_combine(path, node->kind);
    id = (uint32_t)(path >> 32);
    while (id == 0 || lower_id_taken(plan, id)) {
        id++;
    }
    node->node_id = id;
    for (int32_t i = 0; i < node->count_inputs; i++) {
        lower_id_visit(plan, node->inputs[i], sb_hash_combine(path, (uint64_t)i));
    }
}

static void
lower_ids(sb_plan *plan)
{
    for (int32_t i = 0; i < plan->count_sinks; i++) {
        const sb_sink_node *body = plan->sinks[i]->body;
        uint64_t path = sb_hash_bytes(body->table->name, strlen(body->table->name));

        for (int32_t j = 0; j < i; j++) {
            const sb_sink_node *other = plan->sinks[j]->body;

            if (strcmp(other->table->name, body->table->name) == 0) {
                path = sb_hash_combine(path, 1);
            }
        }
        lower_id_visit(plan, plan->sinks[i], path);
    }
}

sb_status
sb_lower_plan(sb_lower *lower, sb_rel **sinks, int32_t count)
{
    sb_rel_context *ctx = lower->rel;
    sb_plan *plan = lower->plan;
    sb_rel **order;
    int32_t total;

    SB_TRY(sb_lower_changes(lower, sinks, count), ctx->err);
    SB_TRY(sb_rel_order(ctx, sinks, count, &order, &total), ctx->err);
    for (int32_t i = 0; i < total; i++) {
        SB_TRY(sb_lower_node(lower, order[i]), ctx->err);
    }
    plan->sinks = SB_NEW_ARRAY(ctx->arena, sb_plan_node *, count + 1);
    if (plan->sinks == NULL) {
        SB_NOMEM(ctx->err);
    }
    for (int32_t i = 0; i < count; i++) {
        plan->sinks[plan->count_sinks++] = sinks[i]->node;
    }
    lower_ids(plan);
    return SB_OK;
}
