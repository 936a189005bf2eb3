/*
 * runtime/gc.c -- which checkpoints stay, and removing the blobs that no checkpoint needs any more.
 *
 * DESIGN     By manifests only: a blob is removed when it was needed by a checkpoint that leaves
 *            and is needed by none that stays. The manifest goes first, so what is left after a
 *            crash is blobs of nobody; the sweep after a restore takes those.
 * THREADS    One user at a time: recovery, then the job that writes the manifest.
 */
#include "runtime/job_priv.h"

#include <stdlib.h>
#include <string.h>

static void
retained_free(sb_job *job, sb_retained *r)
{
    for (int32_t i = 0; i < r->count; i++) {
        sb_free(job->mem, r->blobs[i], strlen(r->blobs[i]) + 1);
    }
    sb_free(job->mem, r->blobs, sizeof *r->blobs * (size_t)r->count);
    sb_free(job->mem, r, sizeof *r);
}

void
sb_gc_forget_all(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    while (c->retained) {
        sb_retained *next = c->retained->next;
        retained_free(job, c->retained);
        c->retained = next;
    }
}

typedef struct blob_names {
    sb_mem *mem;
    char **at;
    int32_t count, capacity;
    bool failed;
} blob_names;

static void
add_name(void *ctx, const char *name, int64_t bytes)
{
    blob_names *names = ctx;
    (void)bytes;
    if (names->count == names->capacity) {
        int32_t capacity = names->capacity ? 2 * names->capacity : 64;
        char **at = sb_realloc(names->mem, names->at, sizeof *at * (size_t)names->capacity,
                               sizeof *at * (size_t)capacity);
        if (!at) {
            names->failed = true;
            return;
        }
        names->at = at;
        names->capacity = capacity;
    }
    size_t size = strlen(name) + 1;
    char *copy = sb_alloc(names->mem, size);
    if (!copy) {
        names->failed = true;
        return;
    }
    memcpy(copy, name, size);
    names->at[names->count++] = copy;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
unique_names(blob_names *names)
{
    int32_t kept = 0;
    if (names->count == 0) {
        return;
    }
    qsort(names->at, (size_t)names->count, sizeof *names->at, compare_names);
    for (int32_t i = 0; i < names->count; i++) {
        if (kept > 0 && strcmp(names->at[kept - 1], names->at[i]) == 0) {
            sb_free(names->mem, names->at[i], strlen(names->at[i]) + 1);
        } else {
            names->at[kept++] = names->at[i];
        }
    }
    names->count = kept;
}

static void
names_free(blob_names *names)
{
    for (int32_t i = 0; i < names->count; i++) {
        sb_free(names->mem, names->at[i], strlen(names->at[i]) + 1);
    }
    sb_free(names->mem, names->at, sizeof *names->at * (size_t)names->capacity);
}

sb_status
sb_gc_retain(sb_job *job, const sb_manifest *manifest, sb_error *err)
{
    blob_names names = {.mem = job->mem};
    sb_retained *r = sb_alloc_zero(job->mem, sizeof *r);
    sb_status status = r ? sb_manifest_blobs(manifest, add_name, &names, err)
                         : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK && names.failed) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    unique_names(&names);
    char **exact = status == SB_OK
                       ? sb_realloc(job->mem, names.at, sizeof *exact * (size_t)names.capacity,
                                    sizeof *exact * (size_t)names.count)
                       : NULL;
    if (status == SB_OK && names.count > 0 && !exact) {
        status = sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    }
    if (status != SB_OK) {
        names_free(&names);
        sb_free(job->mem, r, sizeof *r);
        return status;
    }
    r->checkpoint = manifest->checkpoint;
    r->blobs = exact;
    r->count = names.count;
    sb_retained **end = &job->coordinator.retained;
    while (*end) {
        end = &(*end)->next;
    }
    *end = r;
    return SB_OK;
}

static bool
retained_has(const sb_retained *r, const char *name)
{
    return r->count > 0 &&
           bsearch(&name, r->blobs, (size_t)r->count, sizeof *r->blobs, compare_names);
}

/* Is the blob needed by one of the list? */
static bool
needed(const sb_job *job, const sb_retained *list, const char *name)
{
    for (; list; list = list->next) {
        if (job->mutants.gc_newest_only && list->next) {
            continue;
        }
        if (retained_has(list, name)) {
            return true;
        }
    }
    return false;
}

static void
remove_quietly(sb_job *job, const char *name)
{
    sb_error err;
    sb_error_clear(&err);
    if (sb_store_remove(job->store, name, &err) != SB_OK) {
        sb_job_log(job, SB_LOG_WARNING, "cannot remove %s: %s", name, err.message);
    }
}

/* The manifest and its folder: one that is left empty would stay for ever. */
static void
remove_manifest(sb_job *job, uint64_t checkpoint)
{
    char name[48];
    sb_manifest_name(checkpoint, name);
    remove_quietly(job, name);
    char *slash = strrchr(name, '/');
    if (slash) {
        *slash = 0;
        sb_error err;
        (void)sb_store_remove(job->store, name, &err); /* not empty: no harm */
    }
}

void
sb_gc_collect(sb_job *job)
{
    sb_coordinator *c = &job->coordinator;
    int32_t count = 0;
    for (sb_retained *r = c->retained; r; r = r->next) {
        count++;
    }
    /* The mutants must have something to take away. */
    count += job->mutants.gc_before_manifest;
    for (; count > job->config.checkpoint.num_retained && c->retained; count--) {
        sb_retained *oldest = c->retained;
        c->retained = oldest->next;
        remove_manifest(job, oldest->checkpoint);
        for (int32_t i = 0; i < oldest->count; i++) {
            if (!needed(job, c->retained, oldest->blobs[i])) {
                remove_quietly(job, oldest->blobs[i]);
            }
        }
        retained_free(job, oldest);
    }
    for (sb_retained *r = job->mutants.gc_newest_only ? c->retained : NULL; r; r = r->next) {
        for (int32_t i = 0; i < r->count; i++) {
            if (!needed(job, c->retained, r->blobs[i])) {
                remove_quietly(job, r->blobs[i]);
            }
        }
    }
}

void
sb_gc_sweep(sb_job *job)
{
    sb_blob_list list = {0};
    sb_error err;
    sb_error_clear(&err);
    if (sb_store_list(job->store, SB_STATE_PREFIX, &list, &err) != SB_OK) {
        sb_job_log(job, SB_LOG_WARNING, "cannot look for left-over state: %s", err.message);
        return;
    }
    int32_t removed = 0;
    for (int32_t i = 0; i < list.count; i++) {
        if (!needed(job, job->coordinator.retained, list.names[i])) {
            remove_quietly(job, list.names[i]);
            removed++;
        }
    }
    sb_blob_list_free(job->store, &list);
    if (removed > 0) {
        sb_job_log(job, SB_LOG_DEBUG, "removed %d blobs that no checkpoint needs", removed);
    }
}
