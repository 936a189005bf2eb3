/*
 * fuzz/manifest_fuzz.c -- a checkpoint's manifest, the plan in it and the descriptors of its state
 * from arbitrary bytes.
 *
 * DESIGN     The first byte says what the rest is: a bare plan (P), a descriptor of state (D), a
 *            manifest whose checksum counts (C), or one whose checksum is ignored (any other). A
 *            manifest lies in a folder of the simulated disk, since that is how the runtime reads
 *            one; with `ignore_checksum` the fuzzer gets behind the checksum. What is read is
 *            walked as restore does: plan, pieces, sink handles, state descriptors.
 * THREADS    one
 */
#include <stdio.h>
#include <string.h>

#include "base/os/sim.h"
#include "plan/plan.h"
#include "runtime/manifest.h"
#include "state/descriptor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_plan(const void *data, size_t size)
{
    sb_plan *plan = NULL;
    sb_error err;
    sb_error_clear(&err);
    sb_reader r = sb_reader_of(data, size);
    if (sb_plan_read(&r, sb_mem_root(), &plan, &err) == SB_OK) {
        sb_text text;
        sb_text_init(&text, sb_mem_root());
        sb_plan_print(plan, true, &text);
        sb_text_deinit(&text);
        sb_plan_free(plan);
    }
}

static sb_status
see_handle(void *ctx, const sb_handle_view *view, sb_error *err)
{
    (void)err;
    *(uint64_t *)ctx += view->checkpoint + view->bytes.size;
    return SB_OK;
}

static void
see_blob(void *ctx, const char *name, int64_t bytes)
{
    *(uint64_t *)ctx += strlen(name) + (uint64_t)bytes;
}

static void
walk(const sb_manifest *manifest)
{
    uint64_t sum = 0;
    sb_error err;
    sb_error_clear(&err);
    read_plan(manifest->plan.data, manifest->plan.size);
    for (int32_t i = 0; i < manifest->count_pieces; i++) {
        (void)sb_piece_handles(&manifest->pieces[i], see_handle, &sum, &err);
    }
    (void)sb_manifest_blobs(manifest, see_blob, &sum, &err);
}

static void
put(sb_os *os, const char *path, const uint8_t *data, size_t size)
{
    sb_file *file;
    char folder[64];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    if (os->mkdirs(os, folder, NULL) != SB_OK ||
        os->open(os, path, SB_OPEN_NEW, &file, NULL) != SB_OK) {
        sb_assert(!"the simulated disk takes it");
    }
    (void)os->write(os, file, data, size, NULL);
    os->close(os, file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[48], path[64];
    sb_store *store = NULL;
    sb_manifest *manifest = NULL;
    sb_error err;
    sb_error_clear(&err);
    if (size == 0) {
        return 0;
    }
    if (data[0] == 'P') {
        read_plan(data + 1, size - 1);
        return 0;
    }
    if (data[0] == 'D') {
        sb_descriptor descriptor = {0};
        sb_reader r = sb_reader_of(data + 1, size - 1);
        (void)sb_descriptor_read(&descriptor, sb_mem_root(), &r, &err);
        sb_descriptor_deinit(&descriptor);
        return 0;
    }
    sb_os *os = sb_os_sim_new(1);
    sb_assert(os);
    sb_manifest_name(1, name);
    snprintf(path, sizeof path, "state/%s", name);
    put(os, path, data + 1, size - 1);
    if (sb_store_open_folder(os, sb_mem_root(), "state", &store, &err) == SB_OK) {
        if (sb_manifest_read(store, sb_mem_root(), 1, data[0] != 'C', &manifest, &err) == SB_OK) {
            walk(manifest);
        }
        sb_manifest_free(manifest);
        sb_store_close(store);
    }
    sb_os_sim_free(os);
    return 0;
}
