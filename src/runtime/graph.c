/*
 * runtime/graph.c -- see graph.h: building an attempt and taking it apart.
 *
 * DESIGN     Steps of a build: parallelism per node, groups (union-find over edges that do not
 *            cross tasks), units and tasks, channels with gates and outlets, then opening each unit
 *            (operator, state) and giving it the pieces that concern it.
 */
#include "runtime/graph.h"

#include "base/hash.h"
#include "runtime/job_priv.h"
#include "runtime/source_op.h"

#include <stdatomic.h>
#include <string.h>

int64_t
sb_graph_now_ms(const sb_graph *graph)
{
    return sb_job_now_ms(graph->job);
}

int32_t
sb_graph_node_index(const sb_graph *graph, const sb_plan_node *node)
{
    for (int32_t i = 0; i < graph->plan->count_nodes; i++) {
        if (graph->plan->nodes[i] == node) {
            return i;
        }
    }
    sb_assert(!"node of another plan");
    return -1;
}

void
sb_graph_signal_all(sb_graph *graph)
{
    for (int32_t i = 0; i < graph->count_tasks; i++) {
        sb_task_signal(&graph->tasks[i]);
    }
}

void
sb_graph_fail(sb_graph *graph, const sb_error *err)
{
    sb_job *job = graph->job;
    sb_mutex_lock(job->mutex);
    if (!atomic_exchange(&graph->failed, true)) {
        job->error = *err;
    }
    sb_mutex_unlock(job->mutex);
    sb_graph_signal_all(graph);
    sb_job_notify(job);
}

/* --- shape --- */

static int32_t
node_parallelism(const sb_job *job, const sb_plan_node *node)
{
    int32_t parallelism = node->parallelism;
    if (job->config.interleave) {
        return 1;
    }
    if (parallelism == 0 && node->kind == SB_NODE_SOURCE) {
        parallelism = ((const sb_source_node *)node->body)->parallelism;
    }
    return parallelism > 0 ? parallelism : job->config.parallelism;
}

/* Kind of the exchange on an edge as it will be run. */
static sb_dist_kind
edge_kind(const sb_graph *graph, int32_t from, int32_t to, const sb_exchange *exchange)
{
    if (exchange->kind == SB_EXCHANGE_FORWARD &&
        graph->parallelism[from] != graph->parallelism[to]) {
        return SB_EXCHANGE_REBALANCE;
    }
    return exchange->kind;
}

/* Do both ends of the edge lie in one task? */
static bool
edge_is_local(const sb_graph *graph, int32_t from, int32_t to, const sb_exchange *exchange)
{
    if (graph->parallelism[from] != graph->parallelism[to]) {
        return false;
    }
    return graph->parallelism[from] == 1 || exchange->kind == SB_EXCHANGE_FORWARD;
}

static int32_t
group_root(int32_t *group, int32_t i)
{
    while (group[i] != i) {
        i = group[i] = group[group[i]];
    }
    return i;
}

static sb_status
build_groups(sb_graph *graph, int32_t **out, sb_error *err)
{
    const sb_plan *plan = graph->plan;
    int32_t *group = SB_NEW_ARRAY(graph->arena, int32_t, plan->count_nodes);
    if (!group) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        group[i] = i;
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];
        for (int32_t k = 0; k < node->count_inputs; k++) {
            int32_t from = sb_graph_node_index(graph, node->inputs[k]);
            if (edge_is_local(graph, from, i, &node->exchanges[k])) {
                group[group_root(group, i)] = group_root(group, from);
            }
        }
    }
    *out = group;
    return SB_OK;
}

/* Blocks with aligned members: big enough that the allocator aligns them. */
static void *
alloc_aligned(sb_mem *mem, size_t size)
{
    return sb_alloc_zero(mem, size < 1024 ? 1024 : size);
}

static void
free_aligned(sb_mem *mem, void *at, size_t size)
{
    sb_free(mem, at, size < 1024 ? 1024 : size);
}

static uint32_t
first_slot(int32_t subtask, int32_t parallelism)
{
    return (uint32_t)(((uint64_t)subtask * SB_KEY_SLOTS + (uint64_t)parallelism - 1) /
                      (uint64_t)parallelism);
}

static sb_status
build_units(sb_graph *graph, sb_error *err)
{
    const sb_plan *plan = graph->plan;
    int32_t count = 0;
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        graph->first_unit[i] = count;
        count += graph->parallelism[i];
    }
    graph->units = alloc_aligned(graph->mem, sizeof(sb_unit) * (size_t)count);
    if (!graph->units) {
        SB_NOMEM(err);
    }
    graph->count_units = count;
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        for (int32_t s = 0; s < graph->parallelism[i]; s++) {
            sb_unit *unit = &graph->units[graph->first_unit[i] + s];
            unit->graph = graph;
            unit->node = plan->nodes[i];
            unit->index = graph->first_unit[i] + s;
            unit->subtask = s;
            unit->parallelism = graph->parallelism[i];
            unit->slot_from = first_slot(s, unit->parallelism);
            unit->slot_to = first_slot(s + 1, unit->parallelism);
            unit->is_source = unit->node->kind == SB_NODE_SOURCE;
            unit->is_sink = unit->node->kind == SB_NODE_SINK;
            unit->last_barrier = atomic_load(&graph->trigger);
            atomic_store(&unit->watermark_ms, SB_WM_MIN);
        }
    }
    return SB_OK;
}

static sb_status
build_tasks(sb_graph *graph, int32_t *group, sb_error *err)
{
    const sb_plan *plan = graph->plan;
    int32_t count = 0;
    /* first task of a group's root */
    int32_t *first = SB_NEW_ARRAY(graph->arena, int32_t, plan->count_nodes);
    if (!first) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        if (group_root(group, i) == i) {
            first[i] = count;
            count += graph->parallelism[i];
        }
    }
    graph->tasks = alloc_aligned(graph->mem, sizeof(sb_task) * (size_t)count);
    if (!graph->tasks) {
        SB_NOMEM(err);
    }
    graph->count_tasks = count;
    for (int32_t t = 0; t < count; t++) {
        graph->tasks[t].graph = graph;
        graph->tasks[t].index = t;
        graph->tasks[t].wake_ms = INT64_MAX;
        graph->tasks[t].units = SB_NEW_ARRAY(graph->arena, sb_unit *, plan->count_nodes);
        atomic_store(&graph->tasks[t].signaled, 1);
        if (!graph->tasks[t].units) {
            SB_NOMEM(err);
        }
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        for (int32_t s = 0; s < graph->parallelism[i]; s++) {
            sb_task *task = &graph->tasks[first[group_root(group, i)] + s];
            sb_unit *unit = &graph->units[graph->first_unit[i] + s];
            task->subtask = s;
            task->first_sibling = first[group_root(group, i)];
            task->count_siblings = graph->parallelism[i];
            task->has_source |= unit->is_source;
            task->units[task->count_units++] = unit;
            unit->task = task;
        }
    }
    return SB_OK;
}

/* --- edges --- */

static int32_t
node_ports(const sb_plan_node *node, const sb_op_vtable *vtable)
{
    if (node->kind == SB_NODE_SINK) {
        return 0;
    }
    if (vtable->count_ports > 0) {
        return vtable->count_ports;
    }
    return node->kind == SB_NODE_PROCESS ? 1 + ((const sb_process_node *)node->body)->count_sides
                                         : 1;
}

static int32_t
input_port(const sb_plan_node *node, int32_t input)
{
    return input < 2 ? node->input_ports[input] : 0;
}

/* Gate of a node input: a union has one gate for all of them. */
static int32_t
gate_of_input(const sb_unit *unit, int32_t input)
{
    return unit->vtable->count_inputs == 2 ? input : 0;
}

static const sb_schema *
port_schema(const sb_plan_node *node, int32_t port)
{
    if (port == 0) {
        return node->schema;
    }
    if (node->kind == SB_NODE_PROCESS) {
        return ((const sb_process_node *)node->body)->side_schemas[port - 1];
    }
    return node->inputs[0]->schema; /* late rows look like the input */
}

/* How many inputs of the plan read this node. */
static int32_t
count_readers(const sb_graph *graph, const sb_plan_node *node)
{
    int32_t count = 0;
    for (int32_t i = 0; i < graph->plan->count_nodes; i++) {
        for (int32_t k = 0; k < graph->plan->nodes[i]->count_inputs; k++) {
            count += graph->plan->nodes[i]->inputs[k] == node;
        }
    }
    return count;
}

static sb_status
unit_ports(sb_unit *unit, sb_error *err)
{
    sb_graph *graph = unit->graph;
    int32_t count = node_ports(unit->node, unit->vtable);
    int32_t readers = count_readers(graph, unit->node);
    unit->io.count_ports = count;
    unit->io.out = SB_NEW_ARRAY(graph->arena, sb_port, count + 1);
    unit->outlets = SB_NEW_ARRAY(graph->arena, sb_outlet, count + 1);
    if (!unit->io.out || !unit->outlets) {
        SB_NOMEM(err);
    }
    for (int32_t p = 0; p < count; p++) {
        sb_outlet *outlet = &unit->outlets[p];
        sb_port *port = &unit->io.out[p];
        *outlet = (sb_outlet){.unit = unit, .mem = graph->mem, .mutants = graph->mutants};
        outlet->edges = SB_NEW_ARRAY(graph->arena, sb_edge, readers + 1);
        *port = (sb_port){.limit_rows = graph->batch_rows,
                          .watermark_ms = SB_WM_MIN,
                          .can_push = sb_unit_can_push,
                          .push = sb_unit_push,
                          .ctx = outlet};
        if (!outlet->edges) {
            SB_NOMEM(err);
        }
        SB_TRY(sb_batch_builder_init(&port->open, graph->mem, port_schema(unit->node, p), err),
               err);
    }
    return SB_OK;
}

static sb_status
unit_gates(sb_unit *unit, sb_error *err)
{
    sb_graph *graph = unit->graph;
    const sb_plan_node *node = unit->node;
    int32_t capacity[2] = {0, 0};
    unit->io.count_inputs = unit->vtable->count_inputs;
    for (int32_t k = 0; k < node->count_inputs; k++) {
        int32_t from = sb_graph_node_index(graph, node->inputs[k]);
        capacity[gate_of_input(unit, k)] += graph->parallelism[from];
    }
    for (int32_t g = 0; g < unit->io.count_inputs; g++) {
        sb_gate *gate = &unit->gates[g];
        unit->io.in[g] = (sb_input){.watermark_ms = SB_WM_MIN};
        gate->channels = SB_NEW_ARRAY(graph->arena, sb_gate_channel, capacity[g] + 1);
        gate->count = 0;
        if (!gate->channels) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static int32_t
count_edge_channels(const sb_graph *graph, int32_t from, int32_t to, sb_dist_kind kind)
{
    return kind == SB_EXCHANGE_FORWARD ? graph->parallelism[to]
                                       : graph->parallelism[from] * graph->parallelism[to];
}

static sb_status
connect_units(sb_graph *graph, sb_unit *from, sb_unit *to, sb_edge *edge, int32_t gate,
              sb_error *err)
{
    sb_channel *channel = &graph->channels[graph->count_channels++];
    bool local = from->task == to->task;
    int64_t limit = graph->job->config.ring_bytes;
    SB_TRY(sb_channel_init(channel, graph->mem, local, limit, err), err);
    if (!local) {
        channel->signal = sb_task_signal;
        channel->producer = from->task;
        channel->consumer = to->task;
    }
    edge->targets[edge->count_targets++] = channel;
    sb_gate *g = &to->gates[gate];
    g->channels[g->count++] = (sb_gate_channel){.channel = channel, .idle = from->starts_idle};
    return SB_OK;
}

static sb_status
connect_nodes(sb_graph *graph, int32_t to, int32_t input, sb_error *err)
{
    const sb_plan_node *node = graph->plan->nodes[to];
    int32_t from = sb_graph_node_index(graph, node->inputs[input]);
    sb_dist_kind kind = edge_kind(graph, from, to, &node->exchanges[input]);
    for (int32_t s = 0; s < graph->parallelism[from]; s++) {
        sb_unit *producer = &graph->units[graph->first_unit[from] + s];
        int32_t port = input_port(node, input);
        if (port >= producer->io.count_ports) {
            SB_FAIL(err, SB_STATUS_INTERNAL, "node %u reads port %d of node %u, which has %d",
                    node->node_id, port, producer->node->node_id, producer->io.count_ports);
        }
        sb_outlet *outlet = &producer->outlets[port];
        sb_edge *edge = &outlet->edges[outlet->count_edges++];
        *edge = (sb_edge){.kind = (uint8_t)kind, .keys = node->exchanges[input].keys};
        edge->targets = SB_NEW_ARRAY(graph->arena, sb_channel *, graph->parallelism[to]);
        if (!edge->targets) {
            SB_NOMEM(err);
        }
        for (int32_t t = 0; t < graph->parallelism[to]; t++) {
            sb_unit *consumer = &graph->units[graph->first_unit[to] + t];
            if (kind != SB_EXCHANGE_FORWARD || s == t) {
                SB_TRY(connect_units(graph, producer, consumer, edge,
                                     gate_of_input(consumer, input), err),
                       err);
                consumer->silent_inputs += kind == SB_EXCHANGE_FORWARD && producer->no_splits;
            }
        }
    }
    return SB_OK;
}

/* No row can come from it as long as no split is discovered: else the scheduling of an empty
 * subtask decides which rows are late. */
static void
find_idle_start(sb_unit *unit)
{
    sb_graph *graph = unit->graph;
    if (unit->is_source) {
        sb_feed *feed = graph->job->feeds;
        while (feed->node != unit->node) {
            feed++;
        }
        unit->no_splits = unit->starts_idle =
            feed->count <= unit->subtask && !graph->mutants->empty_not_idle;
        return;
    }
    int32_t channels = 0;
    for (int32_t g = 0; g < unit->io.count_inputs; g++) {
        channels += unit->gates[g].count;
    }
    unit->no_splits = channels > 0 && unit->silent_inputs == channels;
    /* What was restored may still have something to say: it goes idle by itself when that is
     * said. */
    unit->starts_idle = true;
    for (int32_t i = 0; i < unit->restore.count; i++) {
        const sb_piece_view *piece = unit->restore.pieces[i];
        bool rows = piece->rest_rows[0] > 0 || piece->rest_rows[1] > 0;
        /* Without a split: a piece that had finished, or that is looked at for its splits only
         * (parallelism has changed), has nothing to say here; waiting for it would make rows less
         * late than they were. */
        if (unit->no_splits && (!rows || piece->parallelism != unit->parallelism)) {
            continue;
        }
        unit->starts_idle &= piece->idle && !rows;
    }
    for (int32_t g = 0; g < unit->io.count_inputs; g++) {
        for (int32_t c = 0; c < unit->gates[g].count; c++) {
            unit->starts_idle &= unit->gates[g].channels[c].idle;
        }
    }
}

static sb_status
build_edges(sb_graph *graph, sb_error *err)
{
    const sb_plan *plan = graph->plan;
    int32_t count = 0;
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        for (int32_t k = 0; k < plan->nodes[i]->count_inputs; k++) {
            int32_t from = sb_graph_node_index(graph, plan->nodes[i]->inputs[k]);
            count += count_edge_channels(graph, from, i,
                                         edge_kind(graph, from, i, &plan->nodes[i]->exchanges[k]));
        }
    }
    graph->channels = alloc_aligned(graph->mem, sizeof(sb_channel) * (size_t)count);
    if (!graph->channels) {
        SB_NOMEM(err);
    }
    graph->capacity_channels = count;
    bool blocking = graph->job->config.checkpoint.mode == SB_EXACTLY_ONCE;
    for (int32_t i = 0; i < plan->count_nodes;
         i++) { /* inputs come before consumers: starts_idle flows down */
        for (int32_t k = 0; k < plan->nodes[i]->count_inputs; k++) {
            SB_TRY(connect_nodes(graph, i, k, err), err);
        }
        for (int32_t s = 0; s < graph->parallelism[i]; s++) {
            sb_unit *unit = &graph->units[graph->first_unit[i] + s];
            find_idle_start(unit);
            for (int32_t g = 0; g < unit->io.count_inputs; g++) {
                sb_gate *gate = &unit->gates[g];
                const sb_plan_node *node = plan->nodes[i];
                unit->input_schemas[g] = port_schema(node->inputs[g], input_port(node, g));
                sb_gate_init(gate, graph->mem, unit->input_schemas[g], graph->mutants,
                             gate->channels, gate->count, blocking);
            }
        }
    }
    return SB_OK;
}

/* --- the whole --- */

static sb_status
assign_pieces(sb_graph *graph, const sb_manifest *manifest, sb_error *err)
{
    for (int32_t i = 0; i < graph->count_units && manifest; i++) {
        sb_unit *unit = &graph->units[i];
        int32_t first = 0, count = 0;
        for (int32_t p = 0; p < manifest->count_pieces; p++) {
            if (manifest->pieces[p].node_id == unit->node->node_id) {
                first = count == 0 ? p : first;
                count++;
            }
        }
        SB_TRY(sb_unit_assign_pieces(unit, manifest->pieces + first, count, err), err);
        graph->count_restoring += unit->restore.count > 0;
    }
    return SB_OK;
}

static sb_status
build_shape(sb_graph *graph, const sb_manifest *manifest, sb_error *err)
{
    const sb_plan *plan = graph->plan;
    int32_t *group = NULL;
    graph->parallelism = SB_NEW_ARRAY(graph->arena, int32_t, plan->count_nodes);
    graph->first_unit = SB_NEW_ARRAY(graph->arena, int32_t, plan->count_nodes);
    if (!graph->parallelism || !graph->first_unit) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        graph->parallelism[i] = node_parallelism(graph->job, plan->nodes[i]);
    }
    SB_TRY(build_groups(graph, &group, err), err);
    SB_TRY(build_units(graph, err), err);
    SB_TRY(build_tasks(graph, group, err), err);
    for (int32_t i = 0; i < graph->count_units; i++) {
        sb_unit *unit = &graph->units[i];
        unit->vtable = sb_job_vtable(graph->job, unit->node);
        SB_TRY(unit_ports(unit, err), err);
        SB_TRY(unit_gates(unit, err), err);
    }
    SB_TRY(assign_pieces(graph, manifest, err), err);
    return build_edges(graph, err);
}

static sb_status
open_units(sb_graph *graph, sb_error *err)
{
    for (int32_t i = 0; i < graph->count_units; i++) {
        sb_unit *unit = &graph->units[i];
        sb_status status = sb_unit_open(unit, err);
        if (status != SB_OK) {
            sb_error_prefix(err, "%s",
                            unit->node->description ? unit->node->description : unit->vtable->name);
            return status;
        }
    }
    return sb_graph_align_sources(graph, err);
}

sb_status
sb_graph_build(sb_job *job, const struct sb_manifest *manifest, sb_graph **out, sb_error *err)
{
    sb_graph *graph = alloc_aligned(job->mem, sizeof *graph);
    if (!graph) {
        SB_NOMEM(err);
    }
    graph->job = job;
    graph->plan = job->plan;
    graph->mem = job->mem;
    graph->os = job->os;
    graph->mutants = &job->mutants;
    graph->batch_rows = job->config.batch_rows;
    graph->attempt = job->attempt;
    graph->query_us = job->os->wall_us(job->os);
    graph->arena = sb_arena_new(job->mem);
    atomic_store(&graph->trigger, job->coordinator.next_id - 1);
    sb_status status =
        graph->arena ? build_shape(graph, manifest, err)
                     : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = open_units(graph, err);
    }
    if (status != SB_OK) {
        sb_graph_free(graph);
        return status;
    }
    *out = graph;
    return SB_OK;
}

sb_graph *
sb_graph_free(sb_graph *graph)
{
    if (!graph) {
        return NULL;
    }
    for (int32_t i = 0; i < graph->count_units; i++) {
        sb_unit_close(&graph->units[i]);
    }
    for (int32_t i = 0; i < graph->count_channels; i++) {
        sb_channel_deinit(&graph->channels[i]);
    }
    for (int32_t i = 0; i < graph->count_groups; i++) {
        sb_align_group *group = &graph->groups[i];
        free_aligned(graph->mem, group->members, sizeof *group->members * (size_t)group->count);
    }
    free_aligned(graph->mem, graph->channels,
                 sizeof(sb_channel) * (size_t)graph->capacity_channels);
    free_aligned(graph->mem, graph->tasks, sizeof(sb_task) * (size_t)graph->count_tasks);
    free_aligned(graph->mem, graph->units, sizeof(sb_unit) * (size_t)graph->count_units);
    sb_arena_free(graph->arena);
    free_aligned(graph->mem, graph, sizeof *graph);
    return NULL;
}
