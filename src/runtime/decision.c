/*
 * runtime/decision.c -- a job whose checkpoints a log decides: what it decided, and which manifests
 * that leaves.
 *
 * DESIGN     Without a decider the newest manifest is the truth. With one it is the manifest that
 *            the log names; later ones were prepared and never decided: after open() has fenced
 *            whoever could still decide them they are removed. A log forgets (offsets expire,
 *            topics are deleted); the blob "settled" holds the last number that the log was seen to
 *            have decided, so that a folder whose newest manifest is that one can go on without it.
 *            Where neither tells, the job does not start: the message says what there is to choose.
 */
#include "runtime/job_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLED "settled"

/* --- which sinks --- */

static bool
is_bounded(const sb_job *job)
{
    for (int32_t i = 0; i < job->plan->count_nodes; i++) {
        const sb_plan_node *node = job->plan->nodes[i];
        const sb_source_node *source = node->body;
        sb_source_facts facts = {0};
        sb_error ignored;
        if (node->kind != SB_NODE_SOURCE) {
            continue;
        }
        sb_error_clear(&ignored);
        const sb_connector *connector = job->config.factories->connector(source->table->connector);
        if (connector->source_facts &&
            connector->source_facts(source->table, &facts, &ignored) == SB_OK && !facts.bounded) {
            return false;
        }
    }
    return true;
}

static sb_status
check_checkpoints(const sb_job *job, sb_error *err)
{
    const sb_checkpoint_options *o = &job->config.checkpoint;
    if ((job->store && o->interval_ms > 0) || is_bounded(job)) {
        return SB_OK;
    }
    sb_error_set(
        err, SB_STATUS_INVALID, __FILE__, __LINE__,
        "exactly-once results of table %s appear with checkpoints, and this job takes none",
        job->decides[0]->table->name);
    sb_error_hint(err, job->store ? "SET 'execution.checkpointing.interval' = '10 s'"
                                  : "run it with a folder for its checkpoints (--state DIR)");
    return err->status;
}

sb_status
sb_decision_setup(sb_job *job, sb_error *err)
{
    const sb_plan *plan = job->plan;
    job->decides = sb_alloc_zero(job->mem, sizeof *job->decides * (size_t)(plan->count_nodes + 1));
    if (!job->decides) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];
        const sb_sink_node *sink = node->body;
        if (node->kind != SB_NODE_SINK || sink->collect) {
            continue;
        }
        const sb_sink_vtable *vtable =
            job->config.factories->connector(sink->table->connector)->sink;
        const sb_decider_vtable *decider = vtable->decider ? vtable->decider(sink) : NULL;
        if (!decider) {
            continue;
        }
        if (job->decider_vtable && job->decider_vtable != decider) {
            SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                    "not supported: exactly-once results in two logs (%s: table %s, %s: table %s)",
                    job->decider_vtable->name, job->decides[0]->table->name, decider->name,
                    sink->table->name);
        }
        job->decider_vtable = decider;
        job->decides[job->count_decides++] = sink;
    }
    if (!job->decider_vtable) {
        return SB_OK;
    }
    job->claim = job->os->random(job->os);
    return job->decider_vtable->check(job->decides, job->count_decides, 0, err);
}

sb_status
sb_decision_check(sb_job *job, sb_error *err)
{
    if (!job->decider_vtable) {
        return SB_OK;
    }
    SB_TRY(check_checkpoints(job, err), err);
    return job->decider_vtable->check(job->decides, job->count_decides,
                                      job->store ? job->config.checkpoint.interval_ms : 0, err);
}

/* --- asking the log --- */

static void
wake(void *ctx)
{
    sb_job_wake(ctx);
}

static sb_status
open_decider(sb_job *job, sb_decision *out, sb_error *err)
{
    sb_decider_init init = {.mem = job->mem,
                            .os = job->os,
                            .sinks = job->decides,
                            .count_sinks = job->count_decides,
                            .job_id = job->config.job_id,
                            .claim = job->claim,
                            .again = job->claimed,
                            .checkpoint_interval =
                                job->store ? job->config.checkpoint.interval_ms : 0,
                            .note = sb_job_note,
                            .ctx = job,
                            .wake = wake};
    sb_decision_close(job);
    sb_status status = job->decider_vtable->open(&init, &job->decider, out, err);
    job->hopeless |= status == SB_STATUS_CONFLICT;
    return status;
}

void
sb_decision_close(sb_job *job)
{
    if (job->decider) {
        job->decider_vtable->close(job->decider);
        job->decider = NULL;
    }
}

sb_status
sb_decision_settle(sb_job *job, uint64_t checkpoint, sb_error *err)
{
    char text[32];
    if (!job->store) {
        return SB_OK;
    }
    int size = snprintf(text, sizeof text, "%" PRIu64 "\n", checkpoint);
    return sb_store_put(job->store, SETTLED, text, (size_t)size, err);
}

/* 0: it was never seen to decide anything. */
static sb_status
read_settled(sb_job *job, uint64_t *out, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, job->mem);
    sb_status status = sb_store_get(job->store, SETTLED, &text, err);
    *out = status == SB_OK ? strtoull(text.data, NULL, 10) : 0;
    sb_text_deinit(&text);
    if (status == SB_STATUS_NOT_FOUND) {
        sb_error_clear(err);
        return SB_OK;
    }
    return status;
}

/* --- what it leaves --- */

static sb_status
refuse(sb_job *job, sb_error *err, const char *hint)
{
    job->hopeless = true;
    sb_error_hint(err, "%s", hint);
    return err->status;
}

static bool
has_id(const uint64_t *ids, int32_t count, uint64_t id)
{
    for (int32_t i = 0; i < count; i++) {
        if (ids[i] == id) {
            return true;
        }
    }
    return false;
}

/* The log knows nothing of this job. */
static sb_status
without_log(sb_job *job, uint64_t settled, const uint64_t *ids, int32_t count, uint64_t *out,
            sb_error *err)
{
    uint64_t newest = count > 0 ? ids[count - 1] : 0;
    if (newest == settled) {
        *out = newest;
        return SB_OK;
    }
    sb_error_set(err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
                 "%s holds checkpoint %" PRIu64 ", and %s has lost what was decided of this job "
                 "(checkpoint %" PRIu64 " was, for certain): its results may be there or not",
                 sb_store_where(job->store), newest, job->decider_vtable->name, settled);
    return refuse(
        job, err,
        "offsets of a group expire when a job rests for long (offsets.retention.minutes of "
        "the broker); look into the topic, then start again in an empty folder, from "
        "the offsets that fit");
}

static sb_status
with_log(sb_job *job, uint64_t decided, uint64_t settled, const uint64_t *ids, int32_t count,
         sb_error *err)
{
    if (decided < settled) {
        sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                     "%s says that checkpoint %" PRIu64 " was decided last, but %" PRIu64
                     " was: it has lost what was written to it",
                     job->decider_vtable->name, decided, settled);
        return refuse(job, err,
                      "a broker has come back without its data; start again in an empty folder");
    }
    if (decided > 0 && !has_id(ids, count, decided)) {
        sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                     "%s says that checkpoint %" PRIu64 " was decided, and %s does not have it",
                     job->decider_vtable->name, decided, sb_store_where(job->store));
        return refuse(job, err,
                      "bring the folder back, or start again in an empty folder with another "
                      "sink.transactional-id-prefix");
    }
    return SB_OK;
}

static sb_status
remove_undecided(sb_job *job, uint64_t decided, const uint64_t *ids, int32_t *count, sb_error *err)
{
    while (*count > 0 && ids[*count - 1] > decided) {
        char name[48];
        sb_manifest_name(ids[--*count], name);
        sb_job_log(job, SB_LOG_INFO,
                   "checkpoint %" PRIu64 " was prepared, but not decided: it is dropped",
                   ids[*count]);
        SB_TRY(sb_store_remove(job->store, name, err), err);
    }
    return SB_OK;
}

sb_status
sb_decision_recall(sb_job *job, const uint64_t *ids, int32_t *count, sb_error *err)
{
    sb_decision decision = {0};
    uint64_t settled = 0, decided = 0;
    SB_TRY(open_decider(job, &decision, err), err);
    if (!job->store) {
        return SB_OK;
    }
    SB_TRY(read_settled(job, &settled, err), err);
    bool ours = decision.known && strcmp(decision.job_id, job->config.job_id) == 0;
    job->log_knows = ours;
    if (ours && !job->mutants.decision_ignored) {
        decided = decision.checkpoint;
        SB_TRY(with_log(job, decided, settled, ids, *count, err), err);
    } else if (ours) {
        decided = *count > 0 ? ids[*count - 1] : 0;
    } else {
        SB_TRY(without_log(job, settled, ids, *count, &decided, err), err);
    }
    return remove_undecided(job, decided, ids, count, err);
}

sb_status
sb_decision_claim(sb_job *job, sb_error *err)
{
    /* Nothing of a job without a folder will be resumed. */
    SB_TRY(job->decider_vtable->decide(job->decider, job->restored ? job->restored->checkpoint : 0,
                                       !job->store, err),
           err);
    job->claimed = true;
    return SB_OK;
}
