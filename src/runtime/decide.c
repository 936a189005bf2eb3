/*
 * runtime/decide.c -- the I/O jobs of a checkpoint: publish the manifest, then publish the sinks'
 * results.
 *
 * DESIGN     Publication of the manifest is the decision: one conditional put, after every piece
 *            and blob is durable; with a decider (flow/decider.h) the log's commit is, after that.
 *            Handles are committed in the order of the checkpoints that prepared them (I21); a
 *            commit that is repeated changes nothing.
 */
#include "runtime/job_priv.h"

#include "base/os/os.h"

#include <stdlib.h>
#include <string.h>

/* --- sinks --- */

static const sb_plan_node *
find_node(const sb_job *job, uint32_t node_id)
{
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        if (job->plan->nodes[i]->node_id == node_id) {
            return job->plan->nodes[i];
        }
    }
    return NULL;
}

typedef struct handle {
    uint64_t checkpoint;
    int32_t order; /* keeps the order of pieces among equals */
    const sb_sink_node *sink;
    const sb_sink_vtable *vtable;
    sb_str bytes;
} handle;

typedef struct handle_list {
    sb_job *job;
    const sb_sink_node *sink; /* of the piece being read */
    const sb_sink_vtable *vtable;
    handle *at;
    int32_t count, capacity;
} handle_list;

static sb_status
collect_handle(void *ctx, const sb_handle_view *view, sb_error *err)
{
    handle_list *list = ctx;
    if (list->count == list->capacity) {
        int32_t capacity = list->capacity ? 2 * list->capacity : 16;
        handle *at = sb_realloc(list->job->mem, list->at, sizeof *at * (size_t)list->capacity,
                                sizeof *at * (size_t)capacity);
        if (!at) {
            SB_NOMEM(err);
        }
        list->at = at;
        list->capacity = capacity;
    }
    list->at[list->count] =
        (handle){view->checkpoint, list->count, list->sink, list->vtable, view->bytes};
    list->count++;
    return SB_OK;
}

static int
compare_handles(const void *a, const void *b)
{
    const handle *x = a, *y = b;
    if (x->checkpoint != y->checkpoint) {
        return x->checkpoint < y->checkpoint ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

static sb_status
collect_handles(handle_list *list, const sb_piece_view *pieces, int32_t count, sb_error *err)
{
    for (int32_t i = 0; i < count; i++) {
        const sb_plan_node *node = find_node(list->job, pieces[i].node_id);
        if (!node || node->kind != SB_NODE_SINK || pieces[i].handles.size == 0) {
            continue;
        }
        list->sink = node->body;
        const sb_connector *connector =
            list->sink->collect
                ? NULL
                : list->job->config.factories->connector(list->sink->table->connector);
        list->vtable = connector ? connector->sink : NULL;
        if (list->vtable && list->vtable->commit) {
            SB_TRY(sb_piece_handles(&pieces[i], collect_handle, list, err), err);
        }
    }
    if (list->count > 0) {
        qsort(list->at, (size_t)list->count, sizeof(handle), compare_handles);
    }
    return SB_OK;
}

sb_status
sb_commit_pieces(sb_job *job, const sb_piece_view *pieces, int32_t count, bool recovering,
                 sb_error *err)
{
    handle_list list = {.job = job};
    sb_status status = collect_handles(&list, pieces, count, err);
    for (int32_t i = 0; i < list.count && status == SB_OK; i++) {
        const handle *h = &list.at[job->mutants.global_order_lost ? list.count - 1 - i : i];
        sb_reader r = sb_reader_of(h->bytes.data, h->bytes.size);
        sb_crash_point("sink-publish-before");
        status = h->vtable->commit(h->sink, job->os, job->mem, &r, recovering, err);
        if (status != SB_OK) {
            sb_error_prefix(err, "sink %s", h->sink->table->name);
        }
        sb_crash_point("sink-publish-after");
    }
    sb_free(job->mem, list.at, sizeof *list.at * (size_t)list.capacity);
    return status;
}

static sb_status
record_view(const sb_piece_record *record, sb_piece_view *out, sb_error *err)
{
    *out = (sb_piece_view){.node_id = record->node_id,
                           .subtask = record->subtask,
                           .parallelism = record->parallelism,
                           .slot_from = record->slot_from,
                           .slot_to = record->slot_to};
    sb_reader r = sb_reader_of(record->bytes.out.data, record->bytes.out.size);
    return sb_piece_read(&r, out, err);
}

static sb_status
commit_records(sb_job *job, sb_piece_record *const *records, int32_t count, sb_error *err)
{
    sb_piece_view *views = sb_alloc_zero(job->mem, sizeof *views * (size_t)(count + 1));
    if (!views) {
        SB_NOMEM(err);
    }
    sb_status status = SB_OK;
    int32_t n = 0;
    for (int32_t i = 0; i < count && status == SB_OK; i++) {
        if (records[i]) {
            status = record_view(records[i], &views[n++], err);
        }
    }
    if (status == SB_OK) {
        status = sb_commit_pieces(job, views, n, false, err);
    }
    sb_free(job->mem, views, sizeof *views * (size_t)(count + 1));
    return status;
}

static void
commit_run(void *ctx)
{
    sb_job *job = ctx;
    sb_coordinator *c = &job->coordinator;
    sb_error err;
    sb_error_clear(&err);
    /* The first commit stays first while commit_busy. */
    sb_mutex_lock(job->mutex);
    sb_commit *commit = c->commits;
    sb_mutex_unlock(job->mutex);
    if (commit_records(job, commit->pieces, commit->count, &err) == SB_OK) {
        sb_error_clear(&err); /* what a sink tried and did without may have left a mark */
    }
    sb_mutex_lock(job->mutex);
    c->commit_problem = err;
    c->commit_done = true;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

static void
nothing_to_drop(void *ctx)
{
    (void)ctx;
}

sb_status
sb_commit_start(sb_job *job, sb_error *err)
{
    return sb_io_pool_submit(job->pool, (sb_io_job){commit_run, nothing_to_drop, job}, err);
}

sb_commit *
sb_commit_free(sb_job *job, sb_commit *commit)
{
    sb_commit *next = commit->next;
    for (int32_t i = 0; i < commit->count; i++) {
        sb_piece_record_free(job->mem, commit->pieces[i]);
    }
    sb_free(job->mem, commit->pieces, sizeof *commit->pieces * (size_t)(commit->count + 1));
    sb_free(job->mem, commit, sizeof *commit);
    return next;
}

/* --- manifest --- */

static sb_status
build_manifest(sb_job *job, sb_writer *w, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_manifest_head head = {.checkpoint = c->id,
                             .taken_at_ms = sb_job_now_ms(job),
                             .attempt = job->attempt,
                             .job_id = job->config.job_id,
                             .decider =
                                 job->decider_vtable ? job->decider_vtable->name : "manifest",
                             .plan = job->plan};
    uint64_t count = 0;
    sb_manifest_begin(w, &head);
    sb_write_varint(w, (uint64_t)job->count_feeds);
    for (int32_t i = 0; i < job->count_feeds; i++) {
        sb_feed_write(&job->feeds[i], w);
    }
    for (int32_t i = 0; i < c->count_units; i++) {
        count += c->pieces[i] != NULL;
    }
    sb_write_varint(w, count);
    for (int32_t i = 0; i < c->count_units; i++) {
        if (c->pieces[i]) {
            sb_manifest_piece(w, c->pieces[i]);
        }
    }
    sb_manifest_end(w);
    if (w->out.failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

/* The blobs of the checkpoint that was just published, for garbage collection. */
static void
retain_published(sb_job *job)
{
    sb_manifest *manifest = NULL;
    sb_error err;
    sb_error_clear(&err);
    sb_status status = sb_manifest_read(job->store, job->mem, job->coordinator.id,
                                        job->mutants.checksum_ignored, &manifest, &err);
    if (status == SB_OK) {
        status = sb_gc_retain(job, manifest, &err);
    }
    sb_manifest_free(manifest);
    if (status != SB_OK) {
        /* Nothing is lost: what is not known as retained only stays longer. */
        sb_job_log(job, SB_LOG_WARNING, "garbage collection skipped: %s", err.message);
        return;
    }
    if (!job->mutants.gc_before_manifest) {
        sb_gc_collect(job);
    }
}

static sb_status
publish_manifest(sb_job *job, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    sb_writer w;
    char name[48];
    sb_manifest_name(c->id, name);
    sb_writer_init(&w, job->mem);
    sb_status status = build_manifest(job, &w, err);
    if (status == SB_OK && job->mutants.commit_before_decision) {
        status = commit_records(job, c->pieces, c->count_units, err);
    }
    if (status == SB_OK && job->mutants.gc_before_manifest) {
        sb_gc_collect(job);
    }
    sb_crash_point("manifest-before");
    if (status == SB_OK) {
        status = sb_store_put_new(job->store, name, w.out.data, w.out.size, err);
    }
    sb_crash_point("manifest-after");
    if (status != SB_OK) {
        sb_error_prefix(err, "manifest %s", name);
    }
    c->manifest_bytes = (int64_t)w.out.size;
    sb_writer_deinit(&w);
    return status;
}

/* The log decides: rows first, then the manifest, then the transaction that names it. */
static sb_status
decide_by_log(sb_job *job, sb_error *err)
{
    sb_coordinator *c = &job->coordinator;
    if (!job->mutants.decide_unprepared) {
        SB_TRY(job->decider_vtable->prepare(job->decider, err), err);
    }
    if (job->store && !job->mutants.decision_before_manifest) {
        SB_TRY(publish_manifest(job, err), err);
        SB_TRY(sb_recovery_mark(job, err), err);
    }
    SB_TRY(job->decider_vtable->decide(job->decider, c->id,
                                       c->kind == SB_CHECKPOINT_FINAL || !job->store, err),
           err);
    if (job->store && job->mutants.decision_before_manifest) {
        SB_TRY(publish_manifest(job, err), err);
        SB_TRY(sb_recovery_mark(job, err), err);
    }
    return sb_decision_settle(job, c->id, err);
}

static sb_status
decide(sb_job *job, sb_error *err)
{
    if (job->decider) {
        return decide_by_log(job, err);
    }
    SB_TRY(publish_manifest(job, err), err);
    return sb_recovery_mark(job, err);
}

static void
decide_run(void *ctx)
{
    sb_job *job = ctx;
    sb_coordinator *c = &job->coordinator;
    sb_error err;
    sb_error_clear(&err);
    if (decide(job, &err) == SB_OK) {
        sb_error_clear(&err);
        if (job->store) {
            retain_published(job);
        }
    }
    sb_mutex_lock(job->mutex);
    c->problem = err;
    c->write_done = true;
    sb_mutex_unlock(job->mutex);
    sb_job_notify(job);
}

sb_status
sb_decide_start(sb_job *job, sb_error *err)
{
    return sb_io_pool_submit(job->pool, (sb_io_job){decide_run, nothing_to_drop, job}, err);
}
