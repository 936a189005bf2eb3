/*
 * state/descriptor.c -- writing, reading and checking descriptions of keyed state.
 *
 * THREADS    T:any
 */
#include "state/descriptor.h"

#include <string.h>

#include "state/state.h"

#define MAGIC      0x44534253u /* "SBSD" */
#define VERSION    1
#define TABLES_MAX 4096

enum { HAS_SPACE = 1, HAS_SEQ = 2, HAS_TTL = 4, IS_TIMERS = 8 };

/* ---- heads of tables
 * ------------------------------------------------------------------------------ */

void
sb_table_head_write(sb_writer *w, const sb_table *t)
{
    unsigned flags = (t->has_space ? HAS_SPACE : 0) | (t->pages.keeps_seq ? HAS_SEQ : 0) |
                     (t->at_ttl ? HAS_TTL : 0) | (t->is_timers ? IS_TIMERS : 0);
    sb_write_u32(w, t->table_id);
    sb_write_u8(w, (uint8_t)t->shape);
    sb_write_u8(w, (uint8_t)flags);
    sb_write_u16(w, SB_ROW_LAYOUT_VERSION);
    sb_write_u32(w, t->pages.row_offset);
    sb_write_u32(w, t->pages.fixed_slot);
    sb_schema_write(w, &t->key);
    sb_schema_write(w, &t->sort);
    for (int32_t i = 0; i < t->count_sort; i++) {
        sb_write_u8(w, t->descending[i]);
    }
    sb_schema_write(w, &t->row);
}

sb_status
sb_table_head_read(sb_reader *r, sb_arena *arena, sb_table_head *out, sb_error *err)
{
    *out = (sb_table_head){.table_id = sb_read_u32(r), .shape = sb_read_u8(r)};
    unsigned flags = sb_read_u8(r);
    out->has_space = flags & HAS_SPACE;
    out->has_seq = flags & HAS_SEQ;
    out->has_ttl = flags & HAS_TTL;
    out->is_timers = flags & IS_TIMERS;
    out->layout_version = sb_read_u16(r);
    out->row_offset = sb_read_u32(r);
    out->fixed_slot = sb_read_u32(r);
    SB_TRY(sb_schema_read(r, arena, &out->key, err), err);
    SB_TRY(sb_schema_read(r, arena, &out->sort, err), err);
    out->descending = SB_NEW_ARRAY(arena, bool, out->sort->count + 1);
    if (!out->descending) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < out->sort->count; i++) {
        out->descending[i] = sb_read_u8(r) != 0;
    }
    SB_TRY(sb_schema_read(r, arena, &out->row, err), err);
    if (out->shape > SB_ORDERED) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the head of state table %u is damaged", out->table_id);
    }
    return sb_reader_done(r, "the head of a state table", err);
}

static sb_status
check_columns(const sb_table *t, const char *kind, const sb_schema *then, const sb_schema *now,
              sb_error *err)
{
    if (then->count != now->count) {
        SB_FAIL(err, SB_STATUS_CONFLICT,
                "state table %u has %d %s columns in the snapshot and %d in the query", t->table_id,
                then->count, kind, now->count);
    }
    for (int32_t i = 0; i < now->count; i++) {
        if (sb_type_same_ignoring_null(&then->fields[i].type, &now->fields[i].type)) {
            continue;
        }
        sb_text a, b;
        sb_text_init(&a, t->mem);
        sb_text_init(&b, t->mem);
        sb_type_print(&then->fields[i].type, &a);
        sb_type_print(&now->fields[i].type, &b);
        sb_error_set(
            err, SB_STATUS_CONFLICT, __FILE__, __LINE__,
            "state table %u: %s column '%s' is %s in the snapshot, but '%s' is %s in the query",
            t->table_id, kind, then->fields[i].name ? then->fields[i].name : "", a.data,
            now->fields[i].name ? now->fields[i].name : "", b.data);
        sb_text_deinit(&a);
        sb_text_deinit(&b);
        return SB_STATUS_CONFLICT;
    }
    return SB_OK;
}

static const char *
shape_name(uint8_t shape, bool is_timers)
{
    static const char *const names[] = {"map", "bag", "ordered"};
    return is_timers ? "timers" : names[shape];
}

sb_status
sb_table_head_check(const sb_table_head *head, const sb_table *t, sb_error *err)
{
    if (head->layout_version > SB_ROW_LAYOUT_VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: state table %u has row layout version %u, this program knows %u",
                t->table_id, head->layout_version, SB_ROW_LAYOUT_VERSION);
    }
    if (head->shape != t->shape || head->is_timers != t->is_timers ||
        head->has_space != t->has_space) {
        SB_FAIL(err, SB_STATUS_CONFLICT,
                "state table %u is a %s%s in the snapshot and a %s%s in the query", t->table_id,
                shape_name(head->shape, head->is_timers), head->has_space ? " with namespace" : "",
                shape_name((uint8_t)t->shape, t->is_timers), t->has_space ? " with namespace" : "");
    }
    SB_TRY(check_columns(t, "key", head->key, &t->key, err), err);
    SB_TRY(check_columns(t, "sort", head->sort, &t->sort, err), err);
    SB_TRY(check_columns(t, "value", head->row, &t->row, err), err);
    for (int32_t i = 0; i < t->count_sort; i++) {
        if (head->descending[i] != t->descending[i]) {
            SB_FAIL(err, SB_STATUS_CONFLICT,
                    "state table %u: sort column '%s' is %s in the snapshot and %s in the query",
                    t->table_id, t->sort.fields[i].name,
                    head->descending[i] ? "descending" : "ascending",
                    t->descending[i] ? "descending" : "ascending");
        }
    }
    return SB_OK;
}

/* ---- the whole
 * ------------------------------------------------------------------------------------ */

bool
sb_descriptor_write(sb_writer *out, uint64_t checkpoint, uint32_t slot_from, uint32_t slot_to,
                    sb_table *const *tables, const sb_table_totals *totals, uint32_t count_tables,
                    const sb_homes *homes)
{
    size_t begin = sb_write_block_begin(out);
    sb_write_u32(out, MAGIC);
    sb_write_u16(out, VERSION);
    sb_write_u64(out, checkpoint);
    sb_write_u32(out, slot_from);
    sb_write_u32(out, slot_to);
    sb_write_varint(out, count_tables);
    for (uint32_t i = 0; i < count_tables; i++) {
        sb_table_head_write(out, tables[i]);
        sb_write_i64(out, totals[i].rows);
        sb_write_i64(out, totals[i].bytes);
        sb_write_u64(out, totals[i].next_seq);
    }
    if (!sb_homes_write(homes, out) || out->out.failed) {
        return false;
    }
    sb_write_u32(out, sb_crc32c(0, out->out.data + begin, out->out.size - begin));
    sb_write_block_end(out, begin);
    return !out->out.failed;
}

static sb_status
open_block(sb_reader *r, sb_reader *out, sb_error *err)
{
    sb_reader block = sb_read_block(r);
    size_t size = sb_reader_left(&block);
    uint32_t crc;
    if (r->failed || block.failed || size < 28) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the description of keyed state is damaged: it ends early");
    }
    memcpy(&crc, block.end - sizeof crc, sizeof crc);
    if (crc != sb_crc32c(0, block.at, size - sizeof crc)) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "the description of keyed state is damaged: bad checksum");
    }
    block.end -= sizeof crc;
    if (sb_read_u32(&block) != MAGIC) {
        SB_FAIL(err, SB_STATUS_CORRUPT, "this is no description of keyed state");
    }
    uint16_t version = sb_read_u16(&block);
    if (version > VERSION) {
        SB_FAIL(err, SB_STATUS_NOT_SUPPORTED,
                "not supported: keyed state of format version %u, this program reads %u", version,
                VERSION);
    }
    *out = block;
    return SB_OK;
}

static sb_status
read_body(sb_descriptor *d, sb_mem *mem, sb_reader *r, sb_error *err)
{
    uint32_t ids[TABLES_MAX];
    d->checkpoint = sb_read_u64(r);
    d->slot_from = sb_read_u32(r);
    d->slot_to = sb_read_u32(r);
    uint64_t count = sb_read_varint(r);
    if (r->failed || count > TABLES_MAX || d->slot_from > d->slot_to || d->slot_to > SB_KEY_SLOTS) {
        SB_FAIL(err, SB_STATUS_CORRUPT,
                "the description of keyed state is damaged: impossible head");
    }
    d->count_tables = (uint32_t)count;
    d->heads = SB_NEW_ARRAY(d->arena, sb_table_head, count + 1);
    d->totals = SB_NEW_ARRAY(d->arena, sb_table_totals, count + 1);
    if (!d->heads || !d->totals) {
        SB_NOMEM(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        SB_TRY(sb_table_head_read(r, d->arena, &d->heads[i], err), err);
        d->totals[i].rows = sb_read_i64(r);
        d->totals[i].bytes = sb_read_i64(r);
        d->totals[i].next_seq = sb_read_u64(r);
        ids[i] = d->heads[i].table_id;
    }
    if (!sb_homes_init(&d->homes, mem, ids, (uint32_t)count)) {
        SB_NOMEM(err);
    }
    SB_TRY(sb_homes_read(&d->homes, r, err), err);
    return sb_reader_done(r, "the description of keyed state", err);
}

sb_status
sb_descriptor_read(sb_descriptor *d, sb_mem *mem, sb_reader *r, sb_error *err)
{
    sb_reader block;
    *d = (sb_descriptor){0};
    SB_TRY(open_block(r, &block, err), err);
    d->arena = sb_arena_new(mem);
    sb_status status = SB_OK;
    if (!d->arena) {
        SB_NOMEM(err);
    }
    status = read_body(d, mem, &block, err);
    if (status != SB_OK) {
        sb_descriptor_deinit(d);
    }
    return status;
}

void
sb_descriptor_deinit(sb_descriptor *d)
{
    if (d->homes.mem) {
        sb_homes_deinit(&d->homes);
    }
    sb_arena_free(d->arena);
    *d = (sb_descriptor){0};
}

sb_status
sb_state_describe(sb_reader *descriptor, void (*blob)(void *ctx, const char *name, int64_t bytes),
                  void (*table)(void *ctx, const sb_state_info *info), void *ctx, sb_error *err)
{
    sb_descriptor d;
    SB_TRY(sb_descriptor_read(&d, sb_mem_root(), descriptor, err), err);
    for (uint32_t i = 0; blob && i < d.homes.count_blobs; i++) {
        blob(ctx, d.homes.blobs[i].name, d.homes.blobs[i].file_bytes);
    }
    for (uint32_t i = 0; table && i < d.count_tables; i++) {
        sb_state_info info = {.table_id = d.heads[i].table_id,
                              .shape = d.heads[i].shape,
                              .rows = d.totals[i].rows,
                              .bytes = d.totals[i].bytes};
        table(ctx, &info);
    }
    sb_descriptor_deinit(&d);
    return SB_OK;
}
