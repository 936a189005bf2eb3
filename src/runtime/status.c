/*
 * runtime/status.c -- what a job tells about itself: state, progress, counters per node.
 *
 * DESIGN     Counters are written by the tasks (relaxed) and summed here. An attempt that ends
 *            leaves a copy.
 * THREADS    T:any
 */
#include "runtime/job_priv.h"

#include <stdatomic.h>
#include <string.h>

static int64_t
load(const _Atomic int64_t *value)
{
    return atomic_load_explicit((_Atomic int64_t *)(uintptr_t)value, memory_order_relaxed);
}

static sb_node_status
node_status(const sb_graph *graph, int32_t index)
{
    const sb_plan_node *node = graph->plan->nodes[index];
    sb_node_status out = {.node_id = node->node_id,
                          .kind = (sb_node_kind)node->kind,
                          .description = node->description,
                          .parallelism = graph->parallelism[index],
                          .watermark_ms = SB_WM_MAX};
    for (int32_t s = 0; s < out.parallelism; s++) {
        const sb_unit *unit = &graph->units[graph->first_unit[index] + s];
        const sb_metrics *m = &unit->metrics;
        int64_t watermark_ms = load(&unit->watermark_ms);
        out.rows_in += load(&m->rows_in);
        out.rows_out += load(&m->rows_out);
        out.batches_in += load(&m->batches_in);
        out.late_dropped += load(&m->late_dropped);
        out.bad_records += load(&m->bad_records);
        out.dropped_rows += load(&m->dropped_rows);
        out.fired += load(&m->fired);
        out.state_bytes += load(&m->state_bytes);
        out.bytes_read += load(&m->bytes_read);
        out.bytes_found += load(&m->bytes_found);
        out.pending_records += load(&m->pending_records);
        out.checksum +=
            atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)&m->checksum, memory_order_relaxed);
        out.finished += atomic_load_explicit((_Atomic bool *)(uintptr_t)&unit->finished_seen,
                                             memory_order_relaxed);
        out.watermark_ms = watermark_ms < out.watermark_ms ? watermark_ms : out.watermark_ms;
    }
    return out;
}

/* Sums over nodes into the status; rows of sources and sinks, state of all. */
static void
add_node(sb_job_status *out, const sb_node_status *node)
{
    out->state_bytes += node->state_bytes;
    if (node->kind == SB_NODE_SOURCE) {
        out->source_rows += node->rows_out;
        out->bytes_read += node->bytes_read;
        out->bytes_found += node->bytes_found;
        out->pending_records += node->pending_records;
    } else if (node->kind == SB_NODE_SINK) {
        out->sink_rows += node->rows_in;
        out->checksum += node->checksum;
        out->watermark_ms =
            node->watermark_ms < out->watermark_ms ? node->watermark_ms : out->watermark_ms;
    }
}

static sb_subtask_status
subtask_status(const sb_graph *graph, int32_t node, int32_t subtask)
{
    const sb_metrics *m = &graph->units[graph->first_unit[node] + subtask].metrics;
    return (sb_subtask_status){.rows_in = load(&m->rows_in), .rows_out = load(&m->rows_out)};
}

/* Under the mutex. Counters are for people: without memory there are none. */
static void
keep_subtasks(sb_job *job, const sb_graph *graph)
{
    int32_t count = 0, at = 0;
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        count += graph->parallelism[i];
    }
    if (job->count_kept_subtasks != count) {
        sb_free(job->mem, job->kept_subtasks,
                sizeof *job->kept_subtasks * (size_t)job->count_kept_subtasks);
        job->kept_subtasks = sb_alloc_zero(job->mem, sizeof *job->kept_subtasks * (size_t)count);
        job->count_kept_subtasks = job->kept_subtasks ? count : 0;
    }
    for (int32_t i = 0; job->kept_subtasks && i < job->plan->count_nodes; i++) {
        for (int32_t s = 0; s < graph->parallelism[i]; s++) {
            job->kept_subtasks[at++] = subtask_status(graph, i, s);
        }
    }
}

void
sb_job_keep_status(sb_job *job, const sb_graph *graph)
{
    if (!graph || !job->kept || graph->count_units == 0) {
        return;
    }
    sb_mutex_lock(job->mutex);
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        job->kept[i] = node_status(graph, i);
    }
    keep_subtasks(job, graph);
    sb_mutex_unlock(job->mutex);
}

int32_t
sb_job_subtasks(sb_job *job, int32_t node, sb_subtask_status *out, int32_t capacity)
{
    int32_t first = 0, count = 0;
    sb_mutex_lock(job->mutex);
    if (job->graph) {
        count = job->graph->parallelism[node];
    } else if (job->kept_subtasks) {
        for (int32_t i = 0; i < node; i++) {
            first += job->kept[i].parallelism;
        }
        count = job->kept[node].parallelism;
    }
    for (int32_t s = 0; s < count && s < capacity; s++) {
        out[s] = job->graph ? subtask_status(job->graph, node, s) : job->kept_subtasks[first + s];
    }
    sb_mutex_unlock(job->mutex);
    return count;
}

int32_t
sb_job_nodes(sb_job *job, sb_node_status *out, int32_t capacity)
{
    int32_t count = job->plan->count_nodes;
    sb_mutex_lock(job->mutex);
    for (int32_t i = 0; i < count && i < capacity; i++) {
        out[i] = job->graph ? node_status(job->graph, i) : job->kept[i];
    }
    sb_mutex_unlock(job->mutex);
    return count;
}

void
sb_job_status_read(sb_job *job, sb_job_status *out)
{
    const sb_coordinator *c = &job->coordinator;
    memset(out, 0, sizeof *out);
    sb_mutex_lock(job->mutex);
    out->state = job->state;
    out->error = job->error;
    out->count_restarts = job->count_restarts;
    out->restart_at_ms = job->restart_at_ms;
    out->restored = job->restored_from != 0;
    out->restored_from = job->restored_from;
    out->last_checkpoint = c->last_id;
    out->pending_checkpoint = c->phase == SB_CHECKPOINT_NONE ? 0 : c->id;
    out->checkpoints_completed = c->completed;
    out->checkpoints_failed = c->failed;
    out->last_checkpoint_ms = c->last_duration_ms;
    out->last_checkpoint_bytes = c->last_bytes;
    out->last_checkpoint_at_ms = c->last_at_ms;
    out->watermark_ms = SB_WM_MAX;
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        sb_node_status node = job->graph ? node_status(job->graph, i) : job->kept[i];
        add_node(out, &node);
    }
    sb_mutex_unlock(job->mutex);
}
