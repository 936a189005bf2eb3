/*
 * runtime/inspect.c -- see inspect.h.
 */
#include "runtime/inspect.h"

#include "runtime/manifest.h"
#include "state/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- list --- */

static void
fill_info(sb_store *store, sb_mem *mem, uint64_t id, sb_checkpoint_info *out)
{
    sb_manifest *manifest = NULL;
    sb_error err;
    sb_error_clear(&err);
    *out = (sb_checkpoint_info){.id = id};
    if (sb_manifest_read(store, mem, id, false, &manifest, &err) != SB_OK) {
        snprintf(out->problem, sizeof out->problem, "%.255s", err.message);
        return;
    }
    out->valid = true;
    out->bytes = (int64_t)manifest->bytes.size;
    out->taken_at_ms = manifest->taken_at_ms;
    sb_manifest_free(manifest);
}

sb_status
sb_checkpoint_list_read(sb_store *store, sb_mem *mem, sb_checkpoint_list *out, sb_error *err)
{
    uint64_t *ids = NULL;
    int32_t count = 0;
    SB_TRY(sb_manifest_list(store, mem, &ids, &count, err), err);
    sb_checkpoint_info *at = sb_alloc_zero(mem, sizeof *at * (size_t)(count + 1));
    for (int32_t i = 0; at && i < count; i++) {
        fill_info(store, mem, ids[i], &at[i]);
    }
    sb_free(mem, ids, sizeof *ids * (size_t)(count + 1));
    if (!at) {
        SB_NOMEM(err);
    }
    *out = (sb_checkpoint_list){.at = at, .count = count, .mem = mem};
    return SB_OK;
}

void
sb_checkpoint_list_free(sb_checkpoint_list *list)
{
    if (list->at) {
        sb_free(list->mem, list->at, sizeof *list->at * (size_t)(list->count + 1));
    }
    *list = (sb_checkpoint_list){0};
}

/* --- one checkpoint --- */

static sb_status
open_manifest(sb_store *store, sb_mem *mem, uint64_t id, sb_manifest **out, sb_error *err)
{
    if (id == 0) {
        uint64_t *ids = NULL;
        int32_t count = 0;
        SB_TRY(sb_manifest_list(store, mem, &ids, &count, err), err);
        id = count > 0 ? ids[count - 1] : 0;
        sb_free(mem, ids, sizeof *ids * (size_t)(count + 1));
        if (id == 0) {
            SB_FAIL(err, SB_STATUS_NOT_FOUND, "%s holds no checkpoint", sb_store_where(store));
        }
    }
    return sb_manifest_read(store, mem, id, false, out, err);
}

static const sb_plan_node *
plan_node(const sb_plan *plan, uint32_t node_id)
{
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        if (plan->nodes[i]->node_id == node_id) {
            return plan->nodes[i];
        }
    }
    return NULL;
}

static const char *
kind_text(const sb_plan_node *node)
{
    static const char *const texts[] = {
#define X(name, text, body) text,
        SB_NODE_KINDS(X)
#undef X
    };
    return node && node->kind < SB_NODE_KIND_COUNT ? texts[node->kind] : "operator";
}

static void
add_watermark(sb_text *out, int64_t watermark_ms)
{
    if (watermark_ms == SB_WM_MIN) {
        sb_text_add(out, "none");
    } else if (watermark_ms == SB_WM_MAX) {
        sb_text_add(out, "end of input");
    } else {
        sb_text_printf(out, "%" PRId64 " ms", watermark_ms);
    }
}

typedef struct blob_totals {
    int64_t count, bytes;
    sb_text *out;
} blob_totals;

static void
visit_blob(void *ctx, const char *name, int64_t bytes)
{
    blob_totals *totals = ctx;
    (void)name;
    totals->count++;
    totals->bytes += bytes;
}

static void
visit_table(void *ctx, const sb_state_info *info)
{
    static const char *const shapes[] = {"map", "bag", "ordered"};
    blob_totals *totals = ctx;
    sb_text_printf(totals->out, "      table %u (%s): %" PRId64 " rows, %" PRId64 " bytes\n",
                   info->table_id, info->shape < 3 ? shapes[info->shape] : "?", info->rows,
                   info->bytes);
}

static sb_status
describe_handle(void *ctx, const sb_handle_view *handle, sb_error *err)
{
    sb_text *out = ctx;
    (void)err;
    sb_text_printf(out, "      handle of checkpoint %" PRIu64 ": %zu bytes\n", handle->checkpoint,
                   handle->bytes.size);
    return SB_OK;
}

static sb_status
describe_piece(const sb_piece_view *piece, sb_text *out, sb_error *err)
{
    sb_text_printf(out, "    subtask %d of %d, slots %u to %u, watermark ", piece->subtask + 1,
                   piece->parallelism, piece->slot_from, piece->slot_to);
    add_watermark(out, piece->watermark_ms[0]);
    sb_text_add(out, piece->finished ? ", finished" : piece->idle ? ", idle" : "");
    if (piece->rest[0].size + piece->rest[1].size > 0) {
        sb_text_printf(out, ", unconsumed input %zu bytes",
                       piece->rest[0].size + piece->rest[1].size);
    }
    if (piece->op.size > 0) {
        sb_text_printf(out, ", own state %zu bytes", piece->op.size);
    }
    sb_text_char(out, '\n');
    SB_TRY(sb_piece_handles(piece, describe_handle, out, err), err);
    if (piece->state.size > 0) {
        blob_totals totals = {.out = out};
        sb_reader r = sb_reader_of(piece->state.data, piece->state.size);
        SB_TRY(sb_state_describe(&r, visit_blob, visit_table, &totals, err), err);
        sb_text_printf(out, "      %" PRId64 " blobs, %" PRId64 " bytes\n", totals.count,
                       totals.bytes);
    }
    return SB_OK;
}

static void
describe_source(const sb_manifest_source *source, const sb_plan *plan, sb_text *out)
{
    const sb_plan_node *node = plan_node(plan, source->node_id);
    sb_text_printf(out, "  splits of %s: %d%s\n",
                   node && node->description ? node->description : "source", source->count,
                   source->complete ? "" : ", more may come");
    for (int32_t i = 0; i < source->count; i++) {
        sb_text_printf(out, "    %d %s\n", i, source->splits[i].id);
    }
}

static sb_status
describe_manifest(const sb_manifest *m, const sb_plan *plan, sb_text *out, sb_error *err)
{
    uint32_t last = 0;
    sb_text_printf(out,
                   "checkpoint %" PRIu64 " (format %u, %zu bytes, job %s, attempt %" PRIu64
                   ", time zone %s, decided by %s)\n",
                   m->checkpoint, m->format, m->bytes.size, m->job_id ? m->job_id : "-", m->attempt,
                   m->zone ? m->zone : "-", m->decider ? m->decider : "-");
    sb_text_printf(out, "taken at %" PRId64 " ms since the epoch\n", m->taken_at_ms);
    for (int32_t i = 0; i < m->count_sources; i++) {
        describe_source(&m->sources[i], plan, out);
    }
    for (int32_t i = 0; i < m->count_pieces; i++) {
        const sb_piece_view *piece = &m->pieces[i];
        if (i == 0 || piece->node_id != last) {
            const sb_plan_node *node = plan_node(plan, piece->node_id);
            sb_text_printf(out, "  %s %u: %s\n", kind_text(node), piece->node_id,
                           node && node->description ? node->description : "");
            last = piece->node_id;
        }
        SB_TRY(describe_piece(piece, out, err), err);
    }
    if (out->failed) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_checkpoint_describe(sb_store *store, sb_mem *mem, uint64_t id, sb_text *out, sb_error *err)
{
    sb_manifest *manifest = NULL;
    sb_plan *plan = NULL;
    SB_TRY(open_manifest(store, mem, id, &manifest, err), err);
    sb_reader r = sb_reader_of(manifest->plan.data, manifest->plan.size);
    sb_status status = sb_plan_read(&r, mem, &plan, err);
    if (status == SB_OK) {
        status = describe_manifest(manifest, plan, out, err);
    }
    sb_plan_free(plan);
    sb_manifest_free(manifest);
    return status;
}

sb_status
sb_checkpoint_plan(sb_store *store, sb_mem *mem, uint64_t id, sb_plan **out, sb_error *err)
{
    sb_manifest *manifest = NULL;
    SB_TRY(open_manifest(store, mem, id, &manifest, err), err);
    sb_reader r = sb_reader_of(manifest->plan.data, manifest->plan.size);
    sb_status status = sb_plan_read(&r, mem, out, err);
    sb_manifest_free(manifest);
    return status;
}
