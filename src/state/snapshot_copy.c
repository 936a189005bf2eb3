/*
 * state/snapshot_copy.c -- one page, as it was at the barrier, into a record.
 *
 * DESIGN     Under the page's lock: rows that the task has changed since the barrier come from what it kept, all others
 *            from the page. The lock is held for the copy of one page, a few microseconds; room is made before.
 * THREADS    T:io, against the task
 */
#include <string.h>

#include "state/state_priv.h"

#define SLOTS_MAX 1024 /* a slot has at least 32 bytes */

typedef struct view { /* a page at the barrier */
    const uint64_t *used, *dirty;
    const uint64_t *changed; /* slots that the task has changed since; NULL: none */
} view;

static bool
is_set(const uint64_t *bits, uint32_t i)
{
    return (bits[i >> 6] >> (i & 63)) & 1;
}

static uint32_t
count_bits(const uint64_t *bits, uint32_t words)
{
    uint32_t count = 0;
    for (uint32_t w = 0; w < words; w++) {
        count += (uint32_t)__builtin_popcountll(bits[w]);
    }
    return count;
}

static view
look_at(sb_page *p, uint32_t epoch)
{
    if (p->epoch <= epoch) {
        return (view){.used = sb_page_used(p), .dirty = sb_page_dirty(p)};
    }
    return (view){.used = sb_page_frozen_used(p), .dirty = sb_page_frozen_dirty(p), .changed = sb_page_dirty(p)};
}

static bool
must_be_whole(const sb_copy_job *job, const sb_page *p, const view *v)
{
    const sb_home *home = job->home;
    if (job->whole || !home || home->born != p->born || home->count == SB_HOME_REFS) {
        return true;
    }
    return count_bits(v->dirty, p->count_words) * 4 >= count_bits(v->used, p->count_words);
}

static uint8_t *
put_u64(uint8_t *at, uint64_t v)
{
    memcpy(at, &v, sizeof v);
    return at + sizeof v;
}

static uint8_t *
put_row(const sb_table *t, uint8_t *at, uint32_t slot, const uint8_t *row, const sb_saved *saved)
{
    uint32_t size = saved ? saved->size : sb_row_size(row);
    at = put_u64(at, slot);
    at = put_u64(at, saved ? saved->hash : sb_head(row)->hash);
    if (t->pages.keeps_seq) {
        at = put_u64(at, saved ? saved->seq : sb_head(row)->seq);
    }
    if (t->at_ttl) {
        at = put_u64(at, (uint64_t)(saved ? saved->write_ms : *sb_write_ms(t, row)));
    }
    memcpy(at, saved ? saved->row : row, size);
    return at + size;
}

/* Returns the end, NULL: a row that the task could not keep. */
static uint8_t *
put_rows(const sb_copy_job *job, sb_page *p, const view *v, bool is_delta, uint8_t *at, uint32_t *out_count)
{
    const sb_table *t = job->table;
    const sb_saved *saved[SLOTS_MAX];
    if (v->changed) {
        memset(saved, 0, p->count_slots * sizeof(sb_saved *));
        for (const sb_saved *s = p->saved; s; s = s->next) {
            saved[s->slot] = s;
        }
    }
    for (uint32_t slot = 0; slot < p->count_slots; slot++) {
        if (!is_set(v->used, slot) || (is_delta && !is_set(v->dirty, slot))) {
            continue;
        }
        bool from_saved = v->changed && is_set(v->changed, slot);
        if (from_saved && !saved[slot]) {
            return NULL;
        }
        at = put_row(t, at, slot, sb_page_row(&t->pages, p, slot), from_saved ? saved[slot] : NULL);
        ++*out_count;
    }
    return at;
}

static uint8_t *
put_erased(const sb_page *p, const view *v, uint8_t *at, uint32_t *out_count)
{
    for (uint32_t slot = 0; slot < p->count_slots; slot++) {
        if (is_set(v->dirty, slot) && !is_set(v->used, slot)) {
            memcpy(at, &slot, sizeof slot);
            at += sizeof slot;
            ++*out_count;
        }
    }
    if (*out_count & 1) {
        memset(at, 0, sizeof(uint32_t));
        at += sizeof(uint32_t);
    }
    return at;
}

/* Under the lock. False: a kept row is missing. */
static bool
make_record(const sb_copy_job *job, sb_page *p, uint8_t *start, sb_copied *copied)
{
    view v = look_at(p, job->frozen->epoch);
    sb_record record = {.table_id = job->table->table_id,
                        .page_id = p->id,
                        .page_size = p->size,
                        .slot_size = p->slot_size};
    uint8_t *at = start + sizeof record;
    if (job->only_untouched && v.changed) {
        copied->is_touched = true;
        return true;
    }
    copied->is_delta = !must_be_whole(job, p, &v);
    record.is_delta = copied->is_delta;
    if (copied->is_delta) {
        at = put_erased(p, &v, at, &record.count_erased);
    }
    at = put_rows(job, p, &v, copied->is_delta, at, &record.count_rows);
    if (!at) {
        return false;
    }
    p->written = job->frozen->epoch;
    copied->is_empty = !copied->is_delta && record.count_rows == 0;
    if (!copied->is_empty) {
        copied->bytes = record.size = (uint32_t)(at - start);
        memcpy(start, &record, sizeof record);
    }
    return true;
}

sb_status
sb_snapshot_copy(const sb_copy_job *job, sb_page *p, sb_blob_out *out, sb_copied *copied, sb_error *err)
{
    size_t room = sizeof(sb_record) + p->size + (size_t)p->count_slots * 16 + 64;
    uint8_t *start = sb_blob_out_reserve(out, room);
    *copied = (sb_copied){0};
    if (!start) {
        SB_NOMEM(err);
    }
    sb_assert(p->count_slots <= SLOTS_MAX);
    sb_page_lock(p);
    bool done = make_record(job, p, start, copied);
    sb_page_unlock(p);
    if (!done) {
        SB_FAIL(err, SB_STATUS_NOMEM, "out of memory: a changed row could not be kept for the snapshot");
    }
    sb_assert(copied->bytes <= room);
    out->raw_size += copied->bytes;
    out->count_records += copied->bytes > 0;
    return SB_OK;
}
