/*
 * runtime/graph_align.c -- connects watermark operators with the sources of their task: split
 * states, and alignment of watermarks in groups.
 */
#include "runtime/graph.h"
#include "runtime/source_op.h"

#include <stdatomic.h>
#include <string.h>

/* The source whose batches reach this unit through its own task alone; NULL: none, or several. */
static sb_unit *
source_above(sb_unit *unit)
{
    const sb_plan_node *node = unit->node;
    while (node->kind != SB_NODE_SOURCE) {
        if (node->count_inputs != 1) {
            return NULL;
        }
        node = node->inputs[0];
    }
    for (int32_t i = 0; i < unit->task->count_units; i++) {
        if (unit->task->units[i]->node == node) {
            return unit->task->units[i];
        }
    }
    return NULL;
}

static sb_align_group *
find_group(sb_graph *graph, const sb_watermark_node *body)
{
    for (int32_t i = 0; i < graph->count_groups; i++) {
        if (strcmp(graph->groups[i].name, body->alignment_group) == 0) {
            return &graph->groups[i];
        }
    }
    sb_align_group *group = &graph->groups[graph->count_groups++];
    *group = (sb_align_group){.name = body->alignment_group,
                              .max_drift_ms = body->alignment_max_drift_ms,
                              .update_ms =
                                  body->alignment_update_ms > 0 ? body->alignment_update_ms : 1000};
    return group;
}

static const sb_watermark_node *
watermark_body(const sb_unit *unit)
{
    return unit->node->kind == SB_NODE_WATERMARK ? unit->node->body : NULL;
}

static sb_status
make_members(sb_graph *graph, sb_error *err)
{
    for (int32_t i = 0; i < graph->count_groups; i++) {
        sb_align_group *group = &graph->groups[i];
        size_t size = sizeof *group->members * (size_t)group->count;
        group->members = sb_alloc_zero(graph->mem, size < 1024 ? 1024 : size);
        if (!group->members) {
            SB_NOMEM(err);
        }
        for (int32_t m = 0; m < group->count; m++) {
            atomic_store(&group->members[m].watermark_ms, SB_WM_MIN);
        }
        group->count = 0; /* counted again while members join */
    }
    return SB_OK;
}

sb_status
sb_graph_align_sources(sb_graph *graph, sb_error *err)
{
    graph->groups = SB_NEW_ARRAY(graph->arena, sb_align_group, graph->plan->count_nodes + 1);
    if (!graph->groups) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < graph->count_units; i++) {
        sb_unit *unit = &graph->units[i];
        const sb_watermark_node *body = watermark_body(unit);
        sb_unit *source = body ? source_above(unit) : NULL;
        if (!source) {
            continue;
        }
        unit->io.split_state = sb_source_op_split_state;
        unit->io.split_ctx = source->op;
        if (body->alignment_group) {
            find_group(graph, body)->count++;
        }
    }
    SB_TRY(make_members(graph, err), err);
    for (int32_t i = 0; i < graph->count_units; i++) {
        sb_unit *unit = &graph->units[i];
        const sb_watermark_node *body = watermark_body(unit);
        if (!body || !body->alignment_group || !unit->io.split_ctx) {
            continue;
        }
        sb_align_group *group = find_group(graph, body);
        unit->io.split_watermark = sb_source_op_split_watermark;
        sb_source_op_align(unit->io.split_ctx, group, group->count++);
    }
    return SB_OK;
}
