/*
 * runtime/manifest.c -- see manifest.h.
 */
#include "runtime/manifest.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = {'S', 'A', 'B', 'O', 'T', 'C', 'K', 'P'};

/* --- writing --- */

void
sb_manifest_begin(sb_writer *w, const sb_manifest_head *head)
{
    sb_write_raw(w, MAGIC, sizeof MAGIC);
    sb_write_u32(w, SB_MANIFEST_FORMAT);
    sb_write_u64(w, head->checkpoint);
    sb_write_i64(w, head->taken_at_ms);
    sb_write_u64(w, head->attempt);
    sb_write_cstr(w, head->job_id);
    sb_write_cstr(w, head->plan->zone);
    sb_write_cstr(w, head->decider);
    size_t block = sb_write_block_begin(w);
    sb_plan_write(w, head->plan);
    sb_write_block_end(w, block);
}

void
sb_manifest_piece(sb_writer *w, const sb_piece_record *piece)
{
    sb_write_u32(w, piece->node_id);
    sb_write_u32(w, (uint32_t)piece->subtask);
    sb_write_u32(w, (uint32_t)piece->parallelism);
    sb_write_u32(w, piece->slot_from);
    sb_write_u32(w, piece->slot_to);
    size_t block = sb_write_block_begin(w);
    sb_write_raw(w, piece->bytes.out.data, piece->bytes.out.size);
    sb_write_block_end(w, block);
}

void
sb_manifest_end(sb_writer *w)
{
    sb_write_u64(w, sb_hash_bytes(w->out.data, w->out.size));
}

void
sb_piece_record_free(sb_mem *mem, sb_piece_record *piece)
{
    if (piece) {
        sb_writer_deinit(&piece->bytes);
        sb_free(mem, piece, sizeof *piece);
    }
}

/* --- names --- */

void
sb_manifest_name(uint64_t checkpoint, char *out)
{
    snprintf(out, 48, SB_MANIFEST_PREFIX "%010" PRIu64 "/manifest", checkpoint);
}

static bool
name_to_id(const char *name, uint64_t *out)
{
    char *end;
    const char *digits = name + strlen(SB_MANIFEST_PREFIX);
    if (strncmp(name, SB_MANIFEST_PREFIX, strlen(SB_MANIFEST_PREFIX)) != 0 || digits[0] < '0' ||
        digits[0] > '9') {
        return false;
    }
    *out = strtoull(digits, &end, 10);
    return strcmp(end, "/manifest") == 0 && *out > 0;
}

sb_status
sb_manifest_list(sb_store *store, sb_mem *mem, uint64_t **out_ids, int32_t *out_count,
                 sb_error *err)
{
    sb_blob_list list = {0};
    SB_TRY(sb_store_list(store, SB_MANIFEST_PREFIX, &list, err), err);
    int32_t count = 0;
    uint64_t id;
    for (int32_t i = 0; i < list.count; i++) {
        count += name_to_id(list.names[i], &id);
    }
    uint64_t *ids = sb_alloc(mem, sizeof *ids * (size_t)(count + 1));
    if (!ids) {
        sb_blob_list_free(store, &list);
        SB_NOMEM(err);
    }
    int32_t n = 0;
    for (int32_t i = 0; i < list.count; i++) {
        if (name_to_id(list.names[i], &id)) {
            /* Names sort as text; insertion keeps ids right when they outgrow ten digits. */
            int32_t at = n++;
            for (; at > 0 && ids[at - 1] > id; at--) {
                ids[at] = ids[at - 1];
            }
            ids[at] = id;
        }
    }
    sb_blob_list_free(store, &list);
    *out_ids = ids;
    *out_count = count;
    return SB_OK;
}

/* --- reading --- */

static sb_status
read_sources(sb_manifest *m, sb_reader *r, sb_error *err)
{
    uint64_t count = sb_read_varint(r);
    if (count > sb_reader_left(r)) {
        r->failed = true;
        return SB_OK;
    }
    m->count_sources = (int32_t)count;
    m->sources = SB_NEW_ARRAY(m->arena, sb_manifest_source, count + 1);
    if (!m->sources) {
        SB_NOMEM(err);
    }
    for (uint64_t i = 0; i < count && !r->failed; i++) {
        sb_manifest_source *source = &m->sources[i];
        source->node_id = sb_read_u32(r);
        source->complete = sb_read_u8(r);
        uint64_t splits = sb_read_varint(r);
        if (splits > sb_reader_left(r)) {
            r->failed = true;
            break;
        }
        source->count = (int32_t)splits;
        source->splits = SB_NEW_ARRAY(m->arena, sb_split, splits + 1);
        if (!source->splits) {
            SB_NOMEM(err);
        }
        for (uint64_t s = 0; s < splits && !r->failed; s++) {
            source->splits[s].ordinal = (int32_t)s;
            source->splits[s].id = sb_read_cstr(r, m->arena);
            source->splits[s].descriptor = sb_read_str(r);
            r->failed |= !source->splits[s].id;
        }
    }
    return SB_OK;
}

static sb_status
read_pieces(sb_manifest *m, sb_reader *r, sb_error *err)
{
    uint64_t count = sb_read_varint(r);
    if (count > sb_reader_left(r)) {
        r->failed = true;
        return SB_OK;
    }
    m->count_pieces = (int32_t)count;
    m->pieces = SB_NEW_ARRAY(m->arena, sb_piece_view, count + 1);
    if (!m->pieces) {
        SB_NOMEM(err);
    }
    for (uint64_t i = 0; i < count && !r->failed; i++) {
        sb_piece_view *piece = &m->pieces[i];
        piece->node_id = sb_read_u32(r);
        piece->subtask = (int32_t)sb_read_u32(r);
        piece->parallelism = (int32_t)sb_read_u32(r);
        piece->slot_from = sb_read_u32(r);
        piece->slot_to = sb_read_u32(r);
        sb_reader block = sb_read_block(r);
        if (!r->failed) {
            SB_TRY(sb_piece_read(&block, piece, err), err);
        }
        if (!r->failed &&
            (piece->parallelism < 1 || piece->subtask < 0 || piece->subtask >= piece->parallelism ||
             piece->slot_to > SB_KEY_SLOTS || piece->slot_from > piece->slot_to)) {
            SB_FAIL(err, SB_STATUS_CORRUPT, "piece %d of %d of node %u has slots %u to %u",
                    piece->subtask, piece->parallelism, piece->node_id, piece->slot_from,
                    piece->slot_to);
        }
    }
    return SB_OK;
}

static sb_status
manifest_parse(sb_manifest *m, bool ignore_checksum, sb_error *err)
{
    size_t size = m->bytes.size;
    if (size < sizeof MAGIC + 12 || memcmp(m->bytes.data, MAGIC, sizeof MAGIC) != 0) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "not a checkpoint manifest (%zu bytes)", size);
    }
    sb_reader tail = sb_reader_of(m->bytes.data + size - 8, 8);
    if (!ignore_checksum && sb_read_u64(&tail) != sb_hash_bytes(m->bytes.data, size - 8)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "checksum of the manifest is wrong");
    }
    sb_reader r = sb_reader_of(m->bytes.data + sizeof MAGIC, size - 8 - sizeof MAGIC);
    m->format = sb_read_u32(&r);
    if (m->format > SB_MANIFEST_FORMAT) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED, "manifest format %u is newer than this program (%u)",
                m->format, SB_MANIFEST_FORMAT);
    }
    m->checkpoint = sb_read_u64(&r);
    m->taken_at_ms = sb_read_i64(&r);
    m->attempt = sb_read_u64(&r);
    m->job_id = sb_read_cstr(&r, m->arena);
    m->zone = sb_read_cstr(&r, m->arena);
    m->decider = sb_read_cstr(&r, m->arena);
    sb_reader plan = sb_read_block(&r);
    m->plan = (sb_str){(const char *)plan.at, sb_reader_left(&plan)};
    SB_TRY(read_sources(m, &r, err), err);
    SB_TRY(read_pieces(m, &r, err), err);
    return sb_reader_done(&r, "manifest", err);
}

sb_status
sb_manifest_read(sb_store *store, sb_mem *mem, uint64_t checkpoint, bool ignore_checksum,
                 sb_manifest **out, sb_error *err)
{
    char name[48];
    sb_manifest_name(checkpoint, name);
    sb_manifest *m = sb_alloc_zero(mem, sizeof *m);
    if (!m) {
        SB_NOMEM(err);
    }
    m->mem = mem;
    sb_text_init(&m->bytes, mem);
    m->arena = sb_arena_new(mem);
    sb_status status =
        m->arena ? SB_OK : sb_error_set(err, SB_STATUS_NOMEM, __FILE__, __LINE__, "out of memory");
    if (status == SB_OK) {
        status = sb_store_get(store, name, &m->bytes, err);
    }
    if (status == SB_OK) {
        status = manifest_parse(m, ignore_checksum, err);
    }
    if (status == SB_OK && m->checkpoint != checkpoint && !ignore_checksum) {
        status = sb_error_set(err, SB_STATUS_CORRUPT, __FILE__, __LINE__,
                              "the manifest says it is checkpoint %" PRIu64, m->checkpoint);
    }
    if (status != SB_OK) {
        sb_error_prefix(err, "checkpoint %" PRIu64 " (%s/%s)", checkpoint, sb_store_where(store),
                        name);
        sb_manifest_free(m);
        return status;
    }
    *out = m;
    return SB_OK;
}

sb_manifest *
sb_manifest_free(sb_manifest *m)
{
    if (m) {
        sb_text_deinit(&m->bytes);
        sb_arena_free(m->arena);
        sb_free(m->mem, m, sizeof *m);
    }
    return NULL;
}

sb_status
sb_manifest_blobs(const sb_manifest *m, void (*visit)(void *ctx, const char *name, int64_t bytes),
                  void *ctx, sb_error *err)
{
    for (int32_t i = 0; i < m->count_pieces; i++) {
        const sb_piece_view *piece = &m->pieces[i];
        if (piece->state.size > 0) {
            sb_reader r = sb_reader_of(piece->state.data, piece->state.size);
            SB_TRY(sb_state_describe(&r, visit, NULL, ctx, err), err);
        }
    }
    return SB_OK;
}
