/*
 * engine/job_info.c -- what can be known about a job: status, metrics per operator, plan.
 *
 * THREADS    T:any while the job lives.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "engine/json_text.h"

enum { MAX_NODES = 1024, MAX_SUBTASKS = 1024 };

#define SAME(name) \
    SB_STATIC_ASSERT((int)SABOT_JOB_##name == (int)SB_JOB_##name, "public job state " #name)
SAME(CREATED);
SAME(RUNNING);
SAME(RESTARTING);
SAME(FINISHED);
SAME(STOPPED);
SAME(CANCELLED);
SAME(FAILED);
#undef SAME

const char *
sabot_job_state_name(sabot_job_state state)
{
    return sb_job_state_text((sb_job_state)state);
}

static int32_t
read_nodes(sabot_job *job, sb_node_status **out)
{
    *out = NULL;
    int32_t count = sb_job_nodes(job->job, NULL, 0);
    if (count <= 0 || count > MAX_NODES) {
        return 0;
    }
    *out = sb_alloc_zero(job->mem, sizeof **out * (size_t)count);
    return *out ? sb_job_nodes(job->job, *out, count) : 0;
}

static bool
is_checksum_sink(const sabot_job *job, uint32_t node_id)
{
    for (int32_t i = 0; i < job->plan->count_sinks; i++) {
        const sb_plan_node *node = job->plan->sinks[i];
        const sb_sink_node *body = node->body;
        if (node->node_id == node_id) {
            return !body->collect && body->table && strcmp(body->table->connector, "checksum") == 0;
        }
    }
    return false;
}

static void
add_nodes(sabot_job *job, sabot_job_info *info)
{
    sb_node_status *nodes;
    int32_t count = read_nodes(job, &nodes);
    for (int32_t i = 0; i < count; i++) {
        info->late_rows += nodes[i].late_dropped;
        info->bad_records += nodes[i].bad_records;
        if (nodes[i].kind == SB_NODE_SINK && is_checksum_sink(job, nodes[i].node_id)) {
            info->net_rows += nodes[i].fired; /* where a checksum sink counts them */
        }
    }
    sb_free(job->mem, nodes, nodes ? sizeof *nodes * (size_t)sb_job_nodes(job->job, NULL, 0) : 0);
}

void
sabot_job_get_info(sabot_job *job, sabot_job_info *out)
{
    sabot_job_info info = {.struct_size = out->struct_size, .watermark_ms = INT64_MIN};
    sb_job_status status;
    sb_mutex_lock(job->mutex);
    sb_job *opened = job->job;
    bool failed = job->ended && job->status != SB_OK;
    sb_mutex_unlock(job->mutex);
    if (opened) {
        memset(&status, 0, sizeof status);
        sb_job_status_read(opened, &status);
        info.state = (sabot_job_state)status.state;
        info.restarts = status.count_restarts;
        info.restored = status.restored;
        info.restored_from = status.restored_from;
        if (job->store) { /* without one the last commit of a bounded job counts as a checkpoint,
                             inside */
            info.last_checkpoint = status.last_checkpoint;
            info.checkpoints = status.checkpoints_completed;
            info.checkpoints_failed = status.checkpoints_failed;
            info.last_checkpoint_ms = status.last_checkpoint_ms;
            info.last_checkpoint_bytes = status.last_checkpoint_bytes;
        }
        info.source_rows = status.source_rows;
        info.sink_rows = status.sink_rows;
        info.bytes_read = status.bytes_read;
        info.bytes_found = status.bytes_found;
        info.pending_records = status.pending_records;
        info.checksum = status.checksum;
        info.watermark_ms = status.watermark_ms;
        info.state_bytes = status.state_bytes;
        info.has_state = job->store != NULL && !job->is_temporary;
        add_nodes(job, &info);
    } else {
        info.state = failed ? SABOT_JOB_FAILED : SABOT_JOB_CREATED;
    }
    info.memory_bytes = sb_mem_used(job->mem);
    info.memory_peak_bytes = sb_mem_peak(job->mem);
    memcpy(out, &info, out->struct_size < sizeof info ? out->struct_size : sizeof info);
}

/* Rows that each subtask has got and given. */
static void
subtasks_json(sabot_job *job, int32_t node, sb_text *out)
{
    sb_subtask_status *at =
        sb_alloc_zero(job->mem, sizeof *at * MAX_SUBTASKS); /* NULL: an empty list */
    int32_t count = at ? sb_job_subtasks(job->job, node, at, MAX_SUBTASKS) : 0;
    sb_text_add(out, ",\"subtasks\":[");
    for (int32_t s = 0; s < count && s < MAX_SUBTASKS; s++) {
        sb_text_printf(out, "%s{\"rows_in\":%lld,\"rows_out\":%lld}", s > 0 ? "," : "",
                       (long long)at[s].rows_in, (long long)at[s].rows_out);
    }
    sb_text_char(out, ']');
    sb_free(job->mem, at, at ? sizeof *at * MAX_SUBTASKS : 0);
}

static void
node_json(sabot_job *job, int32_t index, const sb_node_status *node, sb_text *out)
{
    sb_text_printf(out, "{\"node\":%u,\"description\":", node->node_id);
    sb_engine_json_string(out, node->description ? node->description : "");
    subtasks_json(job, index, out);
    sb_text_printf(
        out,
        ",\"parallelism\":%d,\"finished\":%d,\"rows_in\":%lld,\"rows_out\":%lld,\"batches_in\":%"
        "lld,"
        "\"late_dropped\":%lld,\"bad_records\":%lld,\"pending_records\":%lld,"
        "\"state_bytes\":%lld,\"watermark_ms\":",
        (int)node->parallelism, (int)node->finished, (long long)node->rows_in,
        (long long)node->rows_out, (long long)node->batches_in, (long long)node->late_dropped,
        (long long)node->bad_records, (long long)node->pending_records,
        (long long)node->state_bytes);
    if (node->watermark_ms == SB_WM_MIN || node->watermark_ms == SB_WM_MAX) {
        sb_text_add(out, node->watermark_ms == SB_WM_MIN ? "null}" : "\"end\"}");
    } else {
        sb_text_printf(out, "%lld}", (long long)node->watermark_ms);
    }
}

char *
sabot_job_metrics(sabot_job *job)
{
    sb_text text;
    sb_text_init(&text, job->mem);
    sb_text_char(&text, '[');
    if (job->job) {
        sb_node_status *nodes;
        int32_t count = read_nodes(job, &nodes);
        for (int32_t i = 0; i < count; i++) {
            if (i > 0) {
                sb_text_char(&text, ',');
            }
            node_json(job, i, &nodes[i], &text);
        }
        sb_free(job->mem, nodes,
                nodes ? sizeof *nodes * (size_t)sb_job_nodes(job->job, NULL, 0) : 0);
    }
    sb_text_char(&text, ']');
    return sb_engine_export_text(&text, NULL);
}

char *
sabot_job_plan(sabot_job *job, sabot_explain_format format)
{
    sb_text text;
    sb_text_init(&text, job->mem);
    sb_engine_print_plan(job->plan, format, &text);
    return sb_engine_export_text(&text, NULL);
}
