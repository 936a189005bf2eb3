/*
 * runtime/recovery.c -- finding the checkpoint to start from, and what must happen before the first
 * row.
 *
 * DESIGN     The newest readable manifest whose blobs are all there. A damaged one is skipped with
 *            a warning (or is an error, by option); one of another query is always an error. All
 *            handles of the chosen checkpoint are committed first: the process may have died
 *            between decision and publication (I21). Before anything of the first checkpoint is
 *            published, the file "decided" is written: a folder that has it but no checkpoint is
 *            damaged, and a new start would publish everything again.
 */
#include "runtime/job_priv.h"

#include "flow/user.h"

#include <inttypes.h>
#include <string.h>

/* --- is it usable? --- */

typedef struct blob_check {
    const sb_blob_list *list;
    char missing[256];
} blob_check;

static void
check_blob(void *ctx, const char *name, int64_t bytes)
{
    blob_check *check = ctx;
    int32_t low = 0, high = check->list->count;
    (void)bytes;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        int order = strcmp(check->list->names[middle], name);
        if (order == 0) {
            return;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    if (check->missing[0] == '\0') {
        strncpy(check->missing, name, sizeof check->missing - 1);
    }
}

static sb_status
check_blobs(sb_job *job, const sb_manifest *manifest, sb_error *err)
{
    sb_blob_list list = {0};
    blob_check check = {.list = &list};
    SB_TRY(sb_store_list(job->store, SB_STATE_PREFIX, &list, err), err);
    sb_status status = sb_manifest_blobs(manifest, check_blob, &check, err);
    sb_blob_list_free(job->store, &list);
    if (status == SB_OK && check.missing[0] != '\0') {
        SB_FAIL(err, SB_STATUS_CORRUPT, "checkpoint %" PRIu64 " needs %s/%s, which is not there",
                manifest->checkpoint, sb_store_where(job->store), check.missing);
    }
    return status;
}

/* I14: of every node exactly the subtasks 0 .. parallelism-1. */
static sb_status
check_pieces(const sb_job *job, const sb_manifest *manifest, sb_error *err)
{
    for (int32_t n = 0; n < job->plan->count_nodes; n++) {
        uint32_t node_id = job->plan->nodes[n]->node_id;
        int32_t count = 0, parallelism = 0;
        int64_t sum = 0;
        for (int32_t i = 0; i < manifest->count_pieces; i++) {
            if (manifest->pieces[i].node_id == node_id) {
                count++;
                parallelism = manifest->pieces[i].parallelism;
                sum += manifest->pieces[i].subtask;
            }
        }
        if (count == 0 || count != parallelism || sum != (int64_t)count * (count - 1) / 2) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "checkpoint %" PRIu64 " has %d of %d pieces of node %u",
                    manifest->checkpoint, count, parallelism, node_id);
        }
    }
    return SB_OK;
}

sb_status
sb_job_compare_plan(const sb_job *job, const sb_plan *stored, sb_text *difference, bool *out_same,
                    sb_error *err)
{
    *out_same = sb_plan_same(stored, job->plan, difference);
    /* The comparison has no other way to say that it could not be made. */
    if (!*out_same && (difference->failed || strstr(difference->data, "out of memory"))) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
check_plan(sb_job *job, const sb_manifest *manifest, sb_error *err)
{
    sb_plan *stored = NULL;
    sb_reader r = sb_reader_of(manifest->plan.data, manifest->plan.size);
    const sb_user_functions *users = job->config.factories->users;
    r.names = users ? users->library : NULL; /* a function that has changed is told by its name */
    sb_status status = sb_plan_read(&r, job->mem, &stored, err);
    if (status != SB_OK) {
        sb_error_prefix(err, "plan of checkpoint %" PRIu64, manifest->checkpoint);
        return status;
    }
    sb_text difference;
    sb_text_init(&difference, job->mem);
    bool same = false;
    status = sb_job_compare_plan(job, stored, &difference, &same, err);
    if (status == SB_OK && !same) {
        status = sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                              "%s holds checkpoint %" PRIu64 " of another query:\n%s",
                              sb_store_where(job->store), manifest->checkpoint, difference.data);
        sb_error_hint(err, "run the same statements again, or choose another checkpoint folder");
    }
    sb_text_deinit(&difference);
    sb_plan_free(stored);
    return status;
}

/* --- has this folder ever had a checkpoint? --- */

#define DECIDED "decided"

sb_status
sb_recovery_mark(sb_job *job, sb_error *err)
{
    if (!job->store || job->marked) {
        return SB_OK;
    }
    sb_status status = sb_store_put_new(job->store, DECIDED, "1\n", 2, err);
    if (status == SB_STATUS_EXISTS) {
        status = sb_store_settle(job->store, DECIDED, err);
    }
    if (status == SB_OK) {
        sb_error_clear(err);
        job->marked = true;
    }
    return status;
}

/* No checkpoint is there. Has there been one? Then its results are published, and a new start would
 * publish them again. */
static sb_status
check_never_decided(sb_job *job, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, job->mem);
    sb_status status = sb_store_get(job->store, DECIDED, &text, err);
    sb_text_deinit(&text);
    if (status == SB_STATUS_NOT_FOUND) {
        sb_error_clear(err);
        return SB_OK;
    }
    if (status != SB_OK) {
        return status;
    }
    job->hopeless = true;
    sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                 "%s has had checkpoints (file '%s' says so), and none is there: the folders chk-* "
                 "or their manifest files are gone",
                 sb_store_where(job->store), DECIDED);
    sb_error_hint(err, "bring them back, or start again in an empty folder");
    return err->status;
}

/* --- choosing --- */

static bool
is_damage(sb_status status)
{
    return status == SB_STATUS_CORRUPT || status == SB_STATUS_NOT_FOUND;
}

static bool
known_bad(const sb_job *job, uint64_t id)
{
    for (int32_t i = 0; i < job->count_bad; i++) {
        if (job->bad_checkpoints[i] == id) {
            return true;
        }
    }
    return false;
}

static void
mark_bad(sb_job *job, uint64_t id)
{
    if (!known_bad(job, id) && job->count_bad < 16) {
        job->bad_checkpoints[job->count_bad++] = id;
    }
}

static sb_status
try_checkpoint(sb_job *job, uint64_t id, sb_error *err)
{
    sb_manifest *manifest = NULL;
    SB_TRY(
        sb_manifest_read(job->store, job->mem, id, job->mutants.checksum_ignored, &manifest, err),
        err);
    sb_status status = check_plan(job, manifest, err);
    if (status == SB_OK) {
        status = check_pieces(job, manifest, err);
    }
    if (status == SB_OK) {
        status = check_blobs(job, manifest, err);
    }
    if (status == SB_OK) {
        /* Results are published on the strength of it: it must not vanish in a power failure. */
        char name[48];
        sb_manifest_name(id, name);
        status = sb_store_settle(job->store, name, err);
    }
    if (status != SB_OK) {
        sb_manifest_free(manifest);
        return status;
    }
    job->restored = manifest;
    return SB_OK;
}

/* An older checkpoint: retained if it is whole. What a crash in the middle of its removal left
 * is removed. */
static sb_status
retain_older(sb_job *job, uint64_t id, sb_error *err)
{
    sb_manifest *manifest = NULL;
    sb_error ignored;
    sb_error_clear(&ignored);
    sb_status status = sb_manifest_read(job->store, job->mem, id, false, &manifest, &ignored);
    if (status == SB_OK) {
        status = check_blobs(job, manifest, &ignored);
    }
    if (status == SB_OK) {
        status = sb_gc_retain(job, manifest, err);
    } else if (is_damage(status)) {
        char name[48];
        sb_manifest_name(id, name);
        sb_job_log(job, SB_LOG_DEBUG, "removed what is left of checkpoint %" PRIu64, id);
        status = sb_store_remove(job->store, name, err);
    } else {
        *err = ignored;
    }
    sb_manifest_free(manifest);
    return status;
}

/* Rebuilds what is retained: the chosen checkpoint and the whole ones before it. */
static sb_status
retain_known(sb_job *job, const uint64_t *ids, int32_t count, sb_error *err)
{
    sb_gc_forget_all(job);
    for (int32_t i = 0; i < count && ids[i] < job->restored->checkpoint; i++) {
        SB_TRY(retain_older(job, ids[i], err), err);
    }
    return sb_gc_retain(job, job->restored, err);
}

static sb_status
choose(sb_job *job, const uint64_t *ids, int32_t count, sb_error *err)
{
    sb_error first;
    sb_error_clear(&first);
    for (int32_t i = count - 1; i >= 0 && !job->restored; i--) {
        sb_error_clear(err);
        if (known_bad(job, ids[i])) {
            continue;
        }
        sb_status status = try_checkpoint(job, ids[i], err);
        if (status == SB_OK) {
            break;
        }
        if (!is_damage(status)) {
            return status;
        }
        mark_bad(job, ids[i]);
        if (job->decider_vtable) {
            sb_error_hint(err, "its results are published, and no older checkpoint fits them; "
                               "start again in an empty folder");
            job->hopeless = true;
            return status;
        }
        if (job->config.checkpoint.no_fallback) {
            sb_error_hint(err,
                          i > 0 ? "SET 'execution.checkpointing.no-fallback' = 'false' takes the "
                                  "checkpoint before it; results published after that one appear "
                                  "again"
                                : "no older checkpoint is kept; start again in an empty folder");
            job->hopeless = true;
            return status;
        }
        if (first.status == SB_OK) {
            first = *err;
        }
        sb_job_log(job, SB_LOG_WARNING, "%s; trying the checkpoint before it", err->message);
    }
    if (!job->restored) {
        if (first.status != SB_OK) {
            *err = first;
        } else {
            sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                         "all checkpoints in %s are damaged", sb_store_where(job->store));
        }
        sb_error_hint(err,
                      "no checkpoint of this folder can be used; start again in an empty folder");
        job->hopeless = true;
        return err->status;
    }
    if (job->restored->checkpoint != ids[count - 1]) {
        sb_job_log(job, SB_LOG_WARNING,
                   "falling back to checkpoint %" PRIu64
                   ": results published after it may appear again",
                   job->restored->checkpoint);
    }
    return retain_known(job, ids, count, err);
}

sb_status
sb_recovery_find(sb_job *job, sb_error *err)
{
    uint64_t *ids = NULL;
    int32_t count = 0;
    job->restored = sb_manifest_free(job->restored);
    if (!job->store) {
        return job->decider_vtable ? sb_decision_recall(job, NULL, &count, err) : SB_OK;
    }
    SB_TRY(sb_manifest_list(job->store, job->mem, &ids, &count, err), err);
    size_t size = sizeof *ids * (size_t)(count + 1);
    if (job->coordinator.next_id <= (count > 0 ? ids[count - 1] : 0)) {
        job->coordinator.next_id = ids[count - 1] + 1;
    }
    sb_status status = job->decider_vtable ? sb_decision_recall(job, ids, &count, err) : SB_OK;
    uint64_t newest = count > 0 ? ids[count - 1] : 0;
    if (status == SB_OK && count == 0) {
        sb_gc_forget_all(job);
        status = job->log_knows ? SB_OK : check_never_decided(job, err);
    } else if (status == SB_OK) {
        status = choose(job, ids, count, err);
    }
    sb_free(job->mem, ids, size);
    if (status == SB_OK && (!job->restored || job->restored->checkpoint == newest)) {
        sb_gc_sweep(job); /* not when a newer one is damaged: somebody may want to look at it */
    }
    return status;
}

/* Whole, and what an operator keeps now has another form. */
static bool
is_of_another_program(sb_status status)
{
    return status == SB_STATUS_CONFLICT || status == SB_STATUS_NOT_SUPPORTED;
}

bool
sb_recovery_blame(sb_job *job, sb_error *failure)
{
    if (job->restored && is_of_another_program(failure->status)) {
        job->hopeless = true;
        sb_error_prefix(failure, "checkpoint %" PRIu64 " does not fit", job->restored->checkpoint);
        sb_error_hint(failure, "another version of Sabot made it: go on with that version, or "
                               "start again in an empty folder");
        return false;
    }
    if (!job->restored || !is_damage(failure->status)) {
        return false;
    }
    if (job->config.checkpoint.no_fallback || job->decider_vtable) {
        job->hopeless = true; /* it will not be whole at the next start */
        return false;
    }
    sb_job_log(job, SB_LOG_WARNING, "checkpoint %" PRIu64 " cannot be loaded: %s",
               job->restored->checkpoint, failure->message);
    mark_bad(job, job->restored->checkpoint);
    return true;
}

/* --- before the first row --- */

sb_status
sb_recovery_publish(sb_job *job, sb_error *err)
{
    if (job->restored) {
        SB_TRY(sb_recovery_mark(job, err), err);
    }
    if (job->decider_vtable) {
        SB_TRY(sb_decision_claim(job, err), err);
    }
    if (job->restored && !job->mutants.no_commit_on_restore) {
        SB_TRY(sb_commit_pieces(job, job->restored->pieces, job->restored->count_pieces, true, err),
               err);
    }
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        const sb_plan_node *node = job->plan->nodes[i];
        const sb_sink_node *sink = node->body;
        if (node->kind != SB_NODE_SINK || sink->collect) {
            continue;
        }
        const sb_connector *connector = job->config.factories->connector(sink->table->connector);
        if (connector && connector->sink && connector->sink->cleanup) {
            SB_TRY(connector->sink->cleanup(sink, job->os, job->mem, job->config.job_id, err), err);
        }
    }
    return SB_OK;
}
