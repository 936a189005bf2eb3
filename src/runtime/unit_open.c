/*
 * runtime/unit_open.c -- making the operator instance of a unit, and closing it.
 */
#include "runtime/graph.h"
#include "runtime/job_priv.h"
#include "runtime/unit.h"

#include <stdio.h>

/* Which columns tell the owner of a row of a rest, when the parallelism changes. */
static void
find_rest_keys(sb_unit *unit)
{
    const sb_plan_node *node = unit->node;
    unit->can_overtake = unit->io.count_inputs > 0;
    for (int32_t g = 0; g < unit->io.count_inputs; g++) {
        const sb_exchange *exchange = &node->exchanges[g];
        const sb_traits *traits = &node->inputs[g]->traits;
        bool one_input = unit->vtable->count_inputs == 2 || node->count_inputs == 1;
        if (exchange->kind == SB_EXCHANGE_HASH) {
            unit->rest_keys[g] = exchange->keys;
            unit->rest_keyed[g] = one_input;
        } else if (exchange->kind == SB_EXCHANGE_GLOBAL) {
            unit->rest_keyed[g] = true; /* no key: hash 0, subtask 0 */
        } else if (one_input && traits->partition.count > 0) {
            unit->rest_keys[g] = traits->partition;
            unit->rest_keyed[g] = true;
        }
        /* Keyed state whose rows cannot be told apart: wait until the head is consumed. */
        if (unit->vtable->dist == SB_DIST_SLOT && !unit->rest_keyed[g] && unit->parallelism > 1) {
            unit->can_overtake = false;
        }
        /* The inputs of a union may be hashed by different columns. */
        if (!one_input && unit->parallelism > 1) {
            unit->can_overtake = false;
        }
    }
}

static void
fill_init(sb_unit *unit)
{
    sb_graph *graph = unit->graph;
    unit->init = (sb_init){.mem = unit->mem,
                           .os = graph->os,
                           .state = unit->state,
                           .zone = graph->plan->zone,
                           .subtask = unit->subtask,
                           .parallelism = unit->parallelism,
                           .batch_rows = graph->batch_rows,
                           .inputs = unit->input_schemas,
                           .users = graph->job->config.factories->users,
                           .metrics = &unit->metrics};
    sb_io *io = &unit->io;
    io->mem = unit->mem;
    io->done_ms = SB_WM_MIN;
    io->level_ms = SB_WM_MAX;
    io->wake_at_ms = INT64_MAX;
    io->now_ms = sb_graph_now_ms(graph);
    io->eval = (sb_eval_context){.zone = graph->plan->zone,
                                 .now_us = graph->query_us,
                                 .query_us = graph->query_us,
                                 .batch_mode = graph->job->config.batch_mode};
    /* Until a channel says otherwise, inputs from where nothing can come are idle. */
    for (int32_t g = 0; g < io->count_inputs; g++) {
        io->in[g].idle = unit->gates[g].all_idle;
    }
    unit->idle_sent = unit->starts_idle; /* consumers know: their channels begin idle */
    io->idle_out = unit->is_source && unit->starts_idle;
}

sb_status
sb_unit_open(sb_unit *unit, sb_error *err)
{
    char name[96];
    snprintf(name, sizeof name, "%s %u/%d", unit->vtable->name, unit->node->node_id, unit->subtask);
    unit->mem = sb_mem_new(unit->graph->mem, name, 0);
    if (!unit->mem) {
        SB_NOMEM(err);
    }
    if (!unit->is_source && !unit->is_sink) {
        unit->state = sb_state_new(unit->mem, unit->slot_from, unit->slot_to);
        if (!unit->state) {
            SB_NOMEM(err);
        }
    }
    unit->op = sb_alloc_zero(unit->mem, unit->vtable->instance_size);
    if (!unit->op) {
        SB_NOMEM(err);
    }
    unit->op->vtable = unit->vtable;
    unit->op->node = unit->node;
    unit->op->metrics = &unit->metrics;
    unit->op->mem = unit->mem;
    find_rest_keys(unit);
    fill_init(unit);
    return unit->vtable->init(unit->op, unit->node, &unit->init, err);
}

void
sb_unit_close(sb_unit *unit)
{
    for (int32_t i = 0; i < unit->io.count_inputs; i++) {
        sb_batch_free((sb_batch *)(uintptr_t)unit->io.in[i].head);
        unit->io.in[i].head = NULL;
    }
    if (unit->op) {
        if (unit->vtable->close) {
            unit->vtable->close(unit->op);
        }
        sb_free(unit->mem, unit->op, unit->vtable->instance_size);
        unit->op = NULL;
    }
    if (unit->snapshot) {
        sb_state_snapshot_end(unit->snapshot, false); /* nobody builds on this instance any more */
        unit->snapshot = NULL;
    }
    unit->state = sb_state_free(unit->state);
    for (int32_t p = 0; p < unit->io.count_ports; p++) {
        if (unit->io.out && unit->io.out[p].open.mem) {
            sb_batch_builder_deinit(&unit->io.out[p].open);
        }
        if (unit->outlets && unit->outlets[p].mem) {
            sb_outlet_deinit(&unit->outlets[p]);
        }
    }
    unit->mem = sb_mem_unref(unit->mem);
}
