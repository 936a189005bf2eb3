/*
 * state/snapshot_copy.c -- one page, as it was at the barrier, into a record.
 *
 * DESIGN     While the task goes on. Which slots were used and dirty stands in the pair of bitmaps
 *            that the task leaves alone (page.h). A row that has not been touched since is marked
 *            as busy for the time of its copy; one that has been touched is taken from what the
 *            task kept.
 * THREADS    T:io, against the task
 */
#include <string.h>

#include "state/state_priv.h"

#define SLOTS_MAX 1024 /* a slot has at least 32 bytes */

typedef struct copying { /* a page at the barrier */
    const sb_copy_job *job;
    sb_page *page;
    const uint64_t *used, *dirty;
    const sb_saved *saved[SLOTS_MAX]; /* by slot, as far as `last` */
    const sb_saved *last;             /* the newest one that is in `saved`; NULL: none */
} copying;

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

/* False: the task has changed the page since the barrier, and it is none of those that the
 * snapshot holds. */
static bool
look_at(copying *c)
{
    uint32_t epoch = c->job->frozen->epoch;
    uint64_t now = atomic_load_explicit(&c->page->now, memory_order_acquire);
    unsigned pair = (unsigned)(now & 1);
    if (now >> 1 > epoch) {
        if (c->job->only_untouched) {
            return false;
        }
        pair = !pair;
    }
    c->used = sb_page_used_of(c->page, pair);
    c->dirty = sb_page_dirty_of(c->page, pair);
    return true;
}

static bool
must_be_whole(const copying *c)
{
    const sb_home *home = c->job->home;
    uint32_t words = c->page->count_words;
    if (c->job->whole || !home || home->born != c->page->born || home->count == SB_HOME_REFS) {
        return true;
    }
    return count_bits(c->dirty, words) * 4 >= count_bits(c->used, words);
}

static uint8_t *
put_u64(uint8_t *at, uint64_t v)
{
    memcpy(at, &v, sizeof v);
    return at + sizeof v;
}

static uint8_t *
put_row(const sb_table *t, uint8_t *at, uint32_t slot, const uint8_t *row)
{
    at = put_u64(at, slot);
    at = put_u64(at, sb_head(row)->hash);
    if (t->pages.keeps_seq) {
        at = put_u64(at, sb_head(row)->seq);
    }
    if (t->at_ttl) {
        at = put_u64(at, (uint64_t)*sb_write_ms(t, row));
    }
    memcpy(at, row, sb_row_size(row));
    return at + sb_row_size(row);
}

static uint8_t *
put_saved(const sb_table *t, uint8_t *at, const sb_saved *saved)
{
    at = put_u64(at, saved->slot);
    at = put_u64(at, saved->hash);
    if (t->pages.keeps_seq) {
        at = put_u64(at, saved->seq);
    }
    if (t->at_ttl) {
        at = put_u64(at, (uint64_t)saved->write_ms);
    }
    memcpy(at, saved->row, saved->size);
    return at + saved->size;
}

/* Takes a row for the time of a copy. False: the task has touched it since the barrier. */
static bool
hold_row(const copying *c, const uint8_t *row, uint32_t *out_epoch)
{
    _Atomic uint32_t *epoch = &sb_head(row)->epoch;
    uint32_t old = atomic_load_explicit(epoch, memory_order_acquire);
    *out_epoch = old;
    return old <= c->job->frozen->epoch &&
           atomic_compare_exchange_strong_explicit(epoch, &old, old | SB_ROW_BUSY,
                                                   memory_order_acq_rel, memory_order_acquire);
}

/* What the task has kept of a slot; NULL: nothing. It was kept before the row got its new epoch. */
static const sb_saved *
find_saved(copying *c, uint32_t slot)
{
    if (!c->saved[slot]) {
        const sb_saved *newest = atomic_load_explicit(&c->page->saved, memory_order_acquire);
        for (const sb_saved *s = newest; s != c->last; s = s->next) {
            c->saved[s->slot] = s;
        }
        c->last = newest;
    }
    return c->saved[slot];
}

/* Returns the end, NULL: a row has changed and was not kept. */
static uint8_t *
put_rows(copying *c, bool is_delta, uint8_t *at, uint32_t *out_count)
{
    const sb_table *t = c->job->table;
    for (uint32_t slot = 0; slot < c->page->count_slots; slot++) {
        if (!is_set(c->used, slot) || (is_delta && !is_set(c->dirty, slot))) {
            continue;
        }
        uint8_t *row = sb_page_row(&t->pages, c->page, slot);
        uint32_t epoch;
        if (hold_row(c, row, &epoch)) {
            at = put_row(t, at, slot, row);
            atomic_store_explicit(&sb_head(row)->epoch, epoch, memory_order_release);
        } else {
            const sb_saved *saved = c->job->only_untouched ? NULL : find_saved(c, slot);
            if (!saved) {
                return NULL;
            }
            at = put_saved(t, at, saved);
        }
        ++*out_count;
    }
    return at;
}

static uint8_t *
put_erased(const copying *c, uint8_t *at, uint32_t *out_count)
{
    for (uint32_t slot = 0; slot < c->page->count_slots; slot++) {
        if (is_set(c->dirty, slot) && !is_set(c->used, slot)) {
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

/* False: a row has changed and was not kept. */
static bool
make_record(copying *c, uint8_t *start, sb_copied *copied)
{
    sb_page *p = c->page;
    sb_record record = {.table_id = c->job->table->table_id,
                        .page_id = p->id,
                        .page_size = p->size,
                        .slot_size = p->slot_size};
    uint8_t *at = start + sizeof record;
    if (!look_at(c)) {
        copied->is_touched = true;
        return true;
    }
    copied->is_delta = !must_be_whole(c);
    record.is_delta = copied->is_delta;
    if (copied->is_delta) {
        at = put_erased(c, at, &record.count_erased);
    }
    at = put_rows(c, copied->is_delta, at, &record.count_rows);
    if (!at) {
        copied->is_touched = c->job->only_untouched;
        return copied->is_touched;
    }
    atomic_store_explicit(&p->written, c->job->frozen->epoch, memory_order_release);
    copied->is_empty = !copied->is_delta && record.count_rows == 0;
    if (!copied->is_empty) {
        copied->bytes = record.size = (uint32_t)(at - start);
        memcpy(start, &record, sizeof record);
    }
    return true;
}

sb_status
sb_snapshot_copy(const sb_copy_job *job, sb_page *p, sb_blob_out *out, sb_copied *copied,
                 sb_error *err)
{
    size_t room = sizeof(sb_record) + p->size + (size_t)p->count_slots * 16 + 64;
    uint8_t *start = sb_blob_out_reserve(out, room);
    *copied = (sb_copied){0};
    if (!start) {
        SB_NOMEM(err);
    }
    sb_assert(p->count_slots <= SLOTS_MAX);
    copying c;
    c.job = job;
    c.page = p;
    c.last = NULL;
    memset(c.saved, 0, p->count_slots * sizeof c.saved[0]);
    if (!make_record(&c, start, copied)) {
        SB_FAIL(err, SB_STATUS_NOMEM,
                "out of memory: a changed row could not be kept for the snapshot");
    }
    sb_assert(copied->bytes <= room);
    out->raw_size += copied->bytes;
    out->count_records += copied->bytes > 0;
    return SB_OK;
}
