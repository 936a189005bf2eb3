/*
 * engine/inspect.c -- what a state directory holds, for people and for tools.
 *
 * DESIGN     A state directory has a folder per job (state_dir.c); nothing is
 *            written, no lock is taken.
 * THREADS    T:any
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_priv.h"
#include "engine/json_text.h"
#include "runtime/inspect.h"

typedef struct inspection {
    sb_os *os;
    sb_mem *mem;
    bool json;
    int32_t count; /* jobs shown */
    sb_text out;
} inspection;

static void
checkpoint_lines(inspection *in, const sb_checkpoint_list *list)
{
    for (int32_t i = 0; i < list->count; i++) {
        const sb_checkpoint_info *one = &list->at[i];
        if (!in->json) {
            sb_text_printf(&in->out, "  checkpoint %llu  %lld bytes%s%s\n",
                           (unsigned long long)one->id, (long long)one->bytes,
                           one->valid ? "" : "  damaged: ", one->valid ? "" : one->problem);
            continue;
        }
        sb_text_printf(&in->out, "%s{\"id\":%llu,\"bytes\":%lld,\"taken_at_ms\":%lld,\"valid\":%s",
                       i > 0 ? "," : "", (unsigned long long)one->id, (long long)one->bytes,
                       (long long)one->taken_at_ms, one->valid ? "true" : "false");
        if (!one->valid) {
            sb_text_add(&in->out, ",\"problem\":");
            sb_engine_json_string(&in->out, one->problem);
        }
        sb_text_char(&in->out, '}');
    }
}

/* The newest checkpoint that is whole; 0: none. */
static uint64_t
newest(const sb_checkpoint_list *list)
{
    for (int32_t i = list->count - 1; i >= 0; i--) {
        if (list->at[i].valid) {
            return list->at[i].id;
        }
    }
    return 0;
}

static sb_status
details(inspection *in, sb_store *store, uint64_t id, sb_error *err)
{
    sb_text text;
    sb_text_init(&text, in->mem);
    sb_status status = sb_checkpoint_describe(store, in->mem, id, &text, err);
    if (status == SB_OK && !in->json) {
        sb_text_add(&in->out, text.data);
    } else if (status == SB_OK) {
        sb_plan *plan = NULL;
        sb_text_add(&in->out, ",\"newest\":");
        sb_engine_json_string(&in->out, text.data);
        status = sb_checkpoint_plan(store, in->mem, id, &plan, err);
        if (status == SB_OK) {
            sb_text_add(&in->out, ",\"plan\":");
            sb_plan_print_json(plan, &in->out);
        }
        sb_plan_free(plan);
    }
    sb_text_deinit(&text);
    return status;
}

static sb_status
inspect_store(inspection *in, const char *name, const char *folder, sb_error *err)
{
    sb_store *store = NULL;
    sb_checkpoint_list list = {0};
    SB_TRY(sb_store_open_folder(in->os, in->mem, folder, &store, err), err);
    sb_status status = sb_checkpoint_list_read(store, in->mem, &list, err);
    if (status == SB_OK) {
        uint64_t id = newest(&list);
        if (in->json) {
            sb_text_add(&in->out, in->count > 0 ? ",{\"name\":" : "{\"name\":");
            sb_engine_json_string(&in->out, name);
            sb_text_add(&in->out, ",\"checkpoints\":[");
        } else {
            sb_text_printf(&in->out, "%s%s: %d checkpoint%s\n", in->count > 0 ? "\n" : "", name,
                           (int)list.count, list.count == 1 ? "" : "s");
        }
        checkpoint_lines(in, &list);
        sb_text_add(&in->out, in->json ? "]" : "");
        status = id > 0 ? details(in, store, id, err) : SB_OK;
        sb_text_add(&in->out, in->json ? "}" : "");
        in->count++;
        sb_checkpoint_list_free(&list);
    }
    sb_store_close(store);
    return status;
}

static sb_status
inspect_jobs(inspection *in, const char *directory, const sb_dir_list *entries, sb_error *err)
{
    sb_text path;
    sb_status status = SB_OK;
    int32_t jobs = 0;
    sb_text_init(&path, in->mem);
    for (int32_t n = 1; n <= entries->count && status == SB_OK; n++) {
        char name[32];
        bool found = false;
        snprintf(name, sizeof name, "job-%d", (int)n);
        for (int32_t i = 0; i < entries->count; i++) {
            found = found ||
                    (entries->entries[i].is_dir && strcmp(entries->entries[i].name, name) == 0);
        }
        if (found) {
            sb_text_clear(&path);
            sb_text_printf(&path, "%s/%s", directory, name);
            status = inspect_store(in, name, path.data, err);
            jobs++;
        }
    }
    sb_text_deinit(&path);
    if (status == SB_OK && jobs == 0) {
        bool is_root = false;
        for (int32_t i = 0; i < entries->count; i++) {
            is_root = is_root || strcmp(entries->entries[i].name, "sabot-state") == 0;
        }
        if (!is_root) {
            sb_error_set(err, SB_STATUS_NOT_FOUND, __FILE__, __LINE__,
                         "folder \"%s\" is no state directory", directory);
            sb_error_hint(err, "give the folder that was given as --state");
            return SB_STATUS_NOT_FOUND;
        }
        sb_text_add(&in->out, in->json ? "" : "no job has run here yet\n");
    }
    return status;
}

static sb_status
inspect_directory(inspection *in, const char *directory, sb_error *err)
{
    sb_file_info info;
    sb_dir_list entries;
    SB_TRY(in->os->stat(in->os, directory, &info, err), err);
    if (!info.is_dir) {
        SB_FAIL(err, SB_STATUS_INVALID, "\"%s\" is no folder", directory);
    }
    SB_TRY(in->os->list(in->os, directory, in->mem, &entries, err), err);
    sb_text_add(&in->out, in->json ? "{\"jobs\":[" : "");
    sb_status status = inspect_jobs(in, directory, &entries, err);
    in->os->list_free(in->os, in->mem, &entries);
    sb_text_add(&in->out, in->json ? "]}\n" : "");
    return status;
}

sabot_status
sabot_inspect(const char *directory, bool json, char **out, sabot_error **error)
{
    sb_error err;
    sb_error_clear(&err);
    inspection in = {.os = sb_os_real(), .mem = sb_mem_root(), .json = json};
    sb_text_init(&in.out, in.mem);
    sb_status status = inspect_directory(&in, directory, &err);
    if (status != SB_OK) {
        sb_text_deinit(&in.out);
        return sb_engine_status(error, status, &err);
    }
    char *text = sb_engine_export_text(&in.out, &err);
    if (!text) {
        return sb_engine_status(error, SB_STATUS_NOMEM, &err);
    }
    *out = text;
    return SABOT_OK;
}
