/*
 * runtime/job.c -- making a job, its options, and the calls that come from outside while it runs.
 */
#include "runtime/job.h"

#include "runtime/job_priv.h"
#include "runtime/sink_op.h"
#include "runtime/source_op.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PARALLELISM_MAX 4096
#define HASH_KEYS_MAX   64

void
sb_checkpoint_options_default(sb_checkpoint_options *out)
{
    *out = (sb_checkpoint_options){
        .mode = SB_EXACTLY_ONCE, .timeout_ms = 10 * 60 * 1000, .num_retained = 1};
}

void
sb_job_config_default(sb_job_config *out, sb_mem *mem, const sb_factories *factories)
{
    *out = (sb_job_config){.mem = mem, .factories = factories, .parallelism = 1};
    sb_checkpoint_options_default(&out->checkpoint);
    sb_restart_options_default(&out->restart);
}

const char *
sb_job_state_text(sb_job_state state)
{
    static const char *const texts[] = {"created", "running",   "restarting", "finished",
                                        "stopped", "cancelled", "failed"};
    SB_STATIC_ASSERT(sizeof texts / sizeof texts[0] == SB_JOB_FAILED + 1, "one text per state");
    return texts[state];
}

const sb_op_vtable *
sb_job_vtable(const sb_job *job, const sb_plan_node *node)
{
    if (node->kind == SB_NODE_SOURCE) {
        return &sb_source_op;
    }
    if (node->kind == SB_NODE_SINK) {
        return &sb_sink_op;
    }
    return job->config.factories->op((sb_node_kind)node->kind);
}

/* --- checks --- */

static const char *
node_name(const sb_plan_node *node)
{
    return node->description ? node->description : "operator";
}

static sb_status
check_connector(const sb_job *job, const sb_plan_node *node, sb_error *err)
{
    bool source = node->kind == SB_NODE_SOURCE;
    const sb_sink_node *sink = node->body;
    if (!source && sink->collect) {
        return SB_OK;
    }
    const sb_table_desc *table = source ? ((const sb_source_node *)node->body)->table : sink->table;
    const sb_connector *connector = job->config.factories->connector(table->connector);
    if (!connector) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: connector \"%s\" of table %s",
                table->connector, table->name);
    }
    if (source ? !connector->source : !connector->sink) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: connector \"%s\" as %s (table %s)",
                table->connector, source ? "source" : "sink", table->name);
    }
    return SB_OK;
}

static sb_status
check_node(const sb_job *job, const sb_plan_node *node, sb_error *err)
{
    const sb_op_vtable *vtable = sb_job_vtable(job, node);
    if (!vtable) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: %s (plan node %u of kind %u)",
                node_name(node), node->node_id, node->kind);
    }
    if (node->kind == SB_NODE_SOURCE || node->kind == SB_NODE_SINK) {
        SB_TRY(check_connector(job, node, err), err);
    }
    bool fits = vtable->count_inputs == node->count_inputs ||
                (vtable->count_inputs == 1 && node->kind == SB_NODE_UNION);
    if (!fits) {
        SB_FAIL(err, SB_STATUS_INTERNAL, "%s has %d inputs in the plan, its operator %d",
                node_name(node), node->count_inputs, vtable->count_inputs);
    }
    for (int32_t i = 0; i < node->count_inputs; i++) {
        if (node->exchanges[i].keys.count > HASH_KEYS_MAX) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "not supported: %d key columns (%s); at most %d",
                    node->exchanges[i].keys.count, node_name(node), HASH_KEYS_MAX);
        }
    }
    int32_t parallelism = node->parallelism ? node->parallelism : job->config.parallelism;
    if (parallelism < 1 || parallelism > PARALLELISM_MAX) {
        SB_FAIL(err, SB_STATUS_INVALID, "parallelism %d of %s is not in 1 .. %d", parallelism,
                node_name(node), PARALLELISM_MAX);
    }
    return SB_OK;
}

static sb_status
check_plan(const sb_job *job, sb_error *err)
{
    const sb_plan *plan = job->plan;
    if (plan->count_nodes == 0) {
        SB_FAIL(err, SB_STATUS_INVALID, "the plan is empty");
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        for (int32_t k = 0; k < i; k++) {
            if (plan->nodes[k]->node_id == plan->nodes[i]->node_id) {
                SB_FAIL(err, SB_STATUS_INTERNAL, "two plan nodes have the id %u",
                        plan->nodes[i]->node_id);
            }
        }
        SB_TRY(check_node(job, plan->nodes[i], err), err);
    }
    return SB_OK;
}

static sb_status
check_options(const sb_job_config *config, sb_error *err)
{
    const sb_checkpoint_options *c = &config->checkpoint;
    if (config->batch_rows < 1 || config->ring_bytes < 1 || config->workers < 0 ||
        config->max_open_splits < 1) {
        SB_FAIL(err, SB_STATUS_INVALID, "batch rows %d, ring bytes %lld, workers %d: out of range",
                config->batch_rows, (long long)config->ring_bytes, config->workers);
    }
    if (c->enabled && !c->store) {
        SB_FAIL(err, SB_STATUS_INVALID, "checkpointing needs a folder");
    }
    if (c->interval_ms < 0 || c->timeout_ms < 0 || c->min_pause_ms < 0 || c->tolerable_failed < 0 ||
        c->num_retained < 1) {
        SB_FAIL(err, SB_STATUS_INVALID,
                "checkpoint options: a number is negative, or no checkpoint is retained");
    }
    if (c->overtaking && c->mode != SB_EXACTLY_ONCE) {
        SB_FAIL(err, SB_STATUS_INVALID, "barriers overtake only in exactly-once mode");
    }
    return SB_OK;
}

static void
fill_defaults(sb_job *job)
{
    sb_job_config *c = &job->config;
    c->os = c->os ? c->os : sb_os_real();
    c->job_id = c->job_id ? c->job_id : "job";
    c->parallelism = c->parallelism ? c->parallelism : 1;
    c->parallelism = c->interleave ? 1 : c->parallelism;
    c->batch_rows = c->batch_rows ? c->batch_rows : SB_BATCH_ROWS;
    c->ring_bytes = c->ring_bytes ? c->ring_bytes : 1 << 20;
    c->max_open_splits = c->max_open_splits ? c->max_open_splits : 64;
    job->os = c->os;
    job->store = c->checkpoint.enabled ? c->checkpoint.store : NULL;
    job->random = c->seed;
    if (c->mutants) {
        job->mutants = *c->mutants;
    }
}

/* --- new and free --- */

static sb_status
make_feeds(sb_job *job, sb_error *err)
{
    const sb_plan *plan = job->plan;
    job->feeds = sb_alloc_zero(job->mem, sizeof *job->feeds * (size_t)(plan->count_nodes + 1));
    job->kept = sb_alloc_zero(job->mem, sizeof *job->kept * (size_t)(plan->count_nodes + 1));
    if (!job->feeds || !job->kept) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];
        job->kept[i] = (sb_node_status){.node_id = node->node_id,
                                        .kind = (sb_node_kind)node->kind,
                                        .description = node->description,
                                        .watermark_ms = SB_WM_MIN};
        if (node->kind != SB_NODE_SOURCE) {
            continue;
        }
        const sb_source_node *body = node->body;
        int32_t parallelism = node->parallelism ? node->parallelism : body->parallelism;
        parallelism =
            parallelism && !job->config.interleave ? parallelism : job->config.parallelism;
        /* In order of CREATE TABLE: the order of interleaving. */
        int32_t at = job->count_feeds++;
        for (; at > 0 &&
               ((const sb_source_node *)job->feeds[at - 1].node->body)->ordinal > body->ordinal;
             at--) {
            job->feeds[at] = job->feeds[at - 1];
        }
        memset(&job->feeds[at], 0, sizeof job->feeds[at]);
        job->feeds[at].node = node;
        job->feeds[at].parallelism = parallelism;
        job->feeds[at].note = sb_job_note;
        job->feeds[at].note_ctx = job;
    }
    for (int32_t i = 0; i < job->count_feeds; i++) {
        const sb_plan_node *node = job->feeds[i].node;
        const sb_source_node *body = node->body;
        const sb_source_vtable *vtable =
            job->config.factories->connector(body->table->connector)->source;
        SB_TRY(sb_feed_init(&job->feeds[i], node, vtable, job->feeds[i].parallelism, job->os,
                            job->mem, err),
               err);
    }
    return SB_OK;
}

/* A plan that is written into checkpoints must be readable, and the same, afterwards: better to
 * hear it now. */
static sb_status
check_stored_plan(const sb_job *job, sb_error *err)
{
    sb_writer w;
    sb_plan *copy = NULL;
    sb_text difference;
    sb_writer_init(&w, job->mem);
    sb_text_init(&difference, job->mem);
    sb_plan_write(&w, job->plan);
    sb_reader r = sb_reader_of(w.out.data, w.out.size);
    sb_status status = SB_OK;
    if (w.out.failed) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    } else {
        status = sb_plan_read(&r, job->mem, &copy, err);
    }
    bool same = true;
    if (status == SB_OK) {
        status = sb_job_compare_plan(job, copy, &difference, &same, err);
    }
    if (status == SB_OK && !same) {
        status = sb_error_set(err, SB_STATUS_INTERNAL, __FILE__, __LINE__,
                              "it reads back as another one: %s", difference.data);
    }
    if (status != SB_OK) {
        sb_error_prefix(err, "the plan cannot be stored in a checkpoint");
    }
    sb_text_deinit(&difference);
    sb_plan_free(copy);
    sb_writer_deinit(&w);
    return status;
}

static sb_status
job_init(sb_job *job, sb_error *err)
{
    job->mutex = sb_mutex_new();
    job->cond = sb_cond_new();
    if (!job->mutex || !job->cond) {
        SB_NOMEM(err);
    }
    SB_TRY(check_options(&job->config, err), err);
    SB_TRY(check_plan(job, err), err);
    SB_TRY(sb_decision_setup(job, err), err);
    if (job->store) {
        SB_TRY(check_stored_plan(job, err), err);
    }
    SB_TRY(sb_restart_init(&job->restart, job->mem, &job->config.restart, job->store != NULL, err),
           err);
    return make_feeds(job, err);
}

sb_status
sb_job_new(const sb_plan *plan, const sb_job_config *config, sb_job **out, sb_error *err)
{
    sb_assert(plan && config->mem && config->factories);
    sb_job *job = sb_alloc_zero(config->mem, sizeof *job);
    if (!job) {
        SB_NOMEM(err);
    }
    job->config = *config;
    job->plan = plan;
    job->mem = config->mem;
    fill_defaults(job);
    sb_coordinator_init(&job->coordinator);
    sb_status status = job_init(job, err);
    if (status != SB_OK) {
        sb_job_free(job);
        return status;
    }
    *out = job;
    return SB_OK;
}

sb_job *
sb_job_free(sb_job *job)
{
    if (!job) {
        return NULL;
    }
    if (job->mutex) {
        sb_attempt_stop(job);
    }
    sb_coordinator_deinit(job);
    sb_restart_deinit(&job->restart);
    for (int32_t i = 0; i < job->count_feeds; i++) {
        sb_feed_deinit(&job->feeds[i]);
    }
    size_t nodes = (size_t)(job->plan->count_nodes + 1);
    sb_free(job->mem, job->feeds, sizeof *job->feeds * nodes);
    sb_free(job->mem, job->decides, sizeof *job->decides * nodes);
    sb_free(job->mem, job->kept, sizeof *job->kept * nodes);
    sb_free(job->mem, job->kept_subtasks,
            sizeof *job->kept_subtasks * (size_t)job->count_kept_subtasks);
    sb_manifest_free(job->restored);
    if (job->mutex) {
        sb_mutex_free(job->mutex);
    }
    if (job->cond) {
        sb_cond_free(job->cond);
    }
    sb_free(job->mem, job, sizeof *job);
    return NULL;
}

sb_status
sb_job_open(sb_job *job, sb_error *err)
{
    if (job->opened) {
        return SB_OK;
    }
    SB_TRY(sb_decision_check(job, err), err);
    if (job->store) {
        SB_TRY(sb_store_lock(job->store, err), err);
        SB_TRY(sb_recovery_find(job, err), err);
        if (job->restored && job->config.checkpoint.fresh) {
            sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                         "%s already holds checkpoint %" PRIu64, sb_store_where(job->store),
                         job->restored->checkpoint);
            sb_error_hint(err, "resume from it, or choose another checkpoint folder");
            return err->status;
        }
        job->found = true;
        sb_mutex_lock(job->mutex);
        job->restored_from = job->restored ? job->restored->checkpoint : 0;
        sb_mutex_unlock(job->mutex);
    }
    job->opened = true;
    return SB_OK;
}

/* --- from outside --- */

int64_t
sb_job_now_ms(const sb_job *job)
{
    int64_t us = job->os->wall_us(job->os);
    return us >= 0 ? us / 1000 : (us - 999) / 1000;
}

bool
sb_job_has_ended(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    bool ended = job->state >= SB_JOB_FINISHED;
    sb_mutex_unlock(job->mutex);
    return ended;
}

void
sb_job_set_state(sb_job *job, sb_job_state state)
{
    sb_mutex_lock(job->mutex);
    job->state = state;
    sb_mutex_unlock(job->mutex);
}

void
sb_job_notify(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    job->notified = true;
    sb_cond_signal(job->cond);
    sb_mutex_unlock(job->mutex);
}

void
sb_job_stop(sb_job *job, bool drain)
{
    sb_mutex_lock(job->mutex);
    job->coordinator.stop_wanted = true;
    job->coordinator.stop_drain |= drain;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

void
sb_job_cancel(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    job->cancel_requested = true;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

void
sb_job_trigger_checkpoint(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    job->coordinator.trigger_wanted = true;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

void
sb_job_wake(sb_job *job)
{
    sb_mutex_lock(job->mutex);
    if (job->graph) {
        sb_graph_signal_all(job->graph);
    }
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

void
sb_job_fail(sb_job *job, const sb_error *err)
{
    sb_mutex_lock(job->mutex);
    job->injected = *err;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

void
sb_job_log(sb_job *job, sb_log_level level, const char *fmt, ...)
{
    char line[2048];
    va_list args;
    if (!job->config.log) {
        return;
    }
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    job->config.log(job->config.log_ctx, level, line);
}
