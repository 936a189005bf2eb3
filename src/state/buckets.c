/*
 * state/buckets.c -- buckets of timers: hash table, heap and sorted list.
 *
 * THREADS    T:task
 */
#include "state/buckets.h"

#include <string.h>

#include "base/hash.h"

void
sb_buckets_init(sb_buckets *b, sb_mem *mem)
{
    *b = (sb_buckets){.mem = mem};
}

static void
bucket_free(sb_buckets *b, sb_bucket *bucket)
{
    sb_free(b->mem, bucket->entries, bucket->capacity * sizeof *bucket->entries);
    sb_free(b->mem, bucket, sizeof *bucket);
}

void
sb_buckets_deinit(sb_buckets *b)
{
    for (size_t i = 0; i < b->capacity; i++) {
        if (b->slots[i]) {
            bucket_free(b, b->slots[i]);
        }
    }
    sb_free(b->mem, b->slots, b->capacity * sizeof *b->slots);
    sb_free(b->mem, b->heap, b->capacity_heap * sizeof *b->heap);
    sb_free(b->mem, b->ready, b->capacity_ready * sizeof *b->ready);
    *b = (sb_buckets){.mem = b->mem};
}

/* ---- hash table
 * ----------------------------------------------------------------------------------- */

static size_t
home_of(const sb_buckets *b, int64_t due_ms)
{
    return (size_t)sb_hash_u64((uint64_t)due_ms) & (b->capacity - 1);
}

static size_t
slot_of(const sb_buckets *b, int64_t due_ms)
{
    size_t at = home_of(b, due_ms);
    while (b->slots[at] && b->slots[at]->due_ms != due_ms) {
        at = (at + 1) & (b->capacity - 1);
    }
    return at;
}

sb_bucket *
sb_buckets_find(const sb_buckets *b, int64_t due_ms)
{
    return b->capacity ? b->slots[slot_of(b, due_ms)] : NULL;
}

static bool
grow_slots(sb_buckets *b)
{
    size_t capacity = b->capacity ? b->capacity * 2 : 16;
    sb_bucket **slots = sb_alloc_zero(b->mem, capacity * sizeof(sb_bucket *));
    if (!slots) {
        return false;
    }
    sb_buckets old = *b;
    b->slots = slots;
    b->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i]) {
            slots[slot_of(b, old.slots[i]->due_ms)] = old.slots[i];
        }
    }
    sb_free(b->mem, old.slots, old.capacity * sizeof(sb_bucket *));
    return true;
}

static void
unhash(sb_buckets *b, const sb_bucket *bucket)
{
    size_t mask = b->capacity - 1, hole = slot_of(b, bucket->due_ms);
    for (size_t i = (hole + 1) & mask; b->slots[i]; i = (i + 1) & mask) {
        size_t home = home_of(b, b->slots[i]->due_ms);
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            b->slots[hole] = b->slots[i];
            hole = i;
        }
    }
    b->slots[hole] = NULL;
    b->count--;
}

/* ---- heap
 * ----------------------------------------------------------------------------------------- */

static void
heap_set(sb_buckets *b, size_t i, sb_bucket *bucket)
{
    b->heap[i] = bucket;
    bucket->at = i;
}

static void
heap_up(sb_buckets *b, size_t i, sb_bucket *bucket)
{
    for (; i > 0 && b->heap[(i - 1) / 4]->due_ms > bucket->due_ms; i = (i - 1) / 4) {
        heap_set(b, i, b->heap[(i - 1) / 4]);
    }
    heap_set(b, i, bucket);
}

static void
heap_down(sb_buckets *b, size_t i, sb_bucket *bucket)
{
    for (;;) {
        size_t first = i * 4 + 1, best = first;
        if (first >= b->count_heap) {
            break;
        }
        for (size_t c = first + 1; c < first + 4 && c < b->count_heap; c++) {
            best = b->heap[c]->due_ms < b->heap[best]->due_ms ? c : best;
        }
        if (b->heap[best]->due_ms >= bucket->due_ms) {
            break;
        }
        heap_set(b, i, b->heap[best]);
        i = best;
    }
    heap_set(b, i, bucket);
}

static void
heap_remove(sb_buckets *b, const sb_bucket *bucket)
{
    size_t i = bucket->at;
    sb_bucket *last = b->heap[--b->count_heap];
    if (last == bucket) {
        return;
    }
    if (i > 0 && b->heap[(i - 1) / 4]->due_ms > last->due_ms) {
        heap_up(b, i, last);
    } else {
        heap_down(b, i, last);
    }
}

static bool
reserve(sb_mem *mem, sb_bucket ***array, size_t *capacity, size_t need)
{
    if (need > *capacity) {
        size_t wider = *capacity < 16 ? 32 : *capacity * 2;
        sb_bucket **grown =
            sb_realloc(mem, *array, *capacity * sizeof *grown, wider * sizeof *grown);
        if (!grown) {
            return false;
        }
        *array = grown;
        *capacity = wider;
    }
    return true;
}

/* ---- entries
 * -------------------------------------------------------------------------------------- */

static bool
reserve_entry(sb_buckets *b, sb_bucket *bucket)
{
    if (bucket->to < bucket->capacity) {
        return true;
    }
    uint32_t count = bucket->to - bucket->from;
    if (bucket->from > 0 && count <= bucket->capacity / 2) {
        memmove(bucket->entries, bucket->entries + bucket->from, count * sizeof *bucket->entries);
        bucket->from = 0;
        bucket->to = count;
        return true;
    }
    uint32_t capacity = bucket->capacity ? bucket->capacity * 2 : 2;
    sb_timer_entry *entries =
        capacity > bucket->capacity ? sb_alloc(b->mem, capacity * sizeof *entries) : NULL;
    if (!entries) {
        return false;
    }
    if (count > 0) {
        memcpy(entries, bucket->entries + bucket->from, count * sizeof *entries);
    }
    sb_free(b->mem, bucket->entries, bucket->capacity * sizeof *entries);
    bucket->entries = entries;
    bucket->capacity = capacity;
    bucket->from = 0;
    bucket->to = count;
    return true;
}

static sb_bucket *
bucket_new(sb_buckets *b, int64_t due_ms)
{
    if (((b->count + 1) * 2 > b->capacity && !grow_slots(b)) ||
        !reserve(b->mem, &b->heap, &b->capacity_heap, b->count_heap + 1)) {
        return NULL;
    }
    sb_bucket *bucket = sb_alloc_zero(b->mem, sizeof *bucket);
    if (!bucket) {
        return NULL;
    }
    bucket->due_ms = due_ms;
    if (!reserve_entry(b, bucket)) {
        bucket_free(b, bucket);
        return NULL;
    }
    b->slots[slot_of(b, due_ms)] = bucket;
    b->count++;
    heap_up(b, b->count_heap++, bucket);
    return bucket;
}

bool
sb_buckets_add(sb_buckets *b, int64_t due_ms, uint64_t seq, uint8_t *row)
{
    sb_bucket *bucket = sb_buckets_find(b, due_ms);
    if (!bucket) {
        bucket = bucket_new(b, due_ms);
    }
    if (!bucket || !reserve_entry(b, bucket)) {
        return false;
    }
    sb_dassert(bucket->to == bucket->from || bucket->entries[bucket->to - 1].seq < seq);
    bucket->entries[bucket->to++] = (sb_timer_entry){seq, row};
    bucket->live++;
    return true;
}

sb_timer_entry *
sb_bucket_entry(const sb_bucket *bucket, uint64_t seq, uint32_t hint)
{
    uint32_t low = bucket->from, high = bucket->to;
    if (hint >= low && hint < high && bucket->entries[hint].seq == seq) {
        low = hint;
    } else {
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (bucket->entries[middle].seq < seq) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
    }
    bool found = low < bucket->to && bucket->entries[low].seq == seq && bucket->entries[low].row;
    return found ? &bucket->entries[low] : NULL;
}

void
sb_buckets_clear_entry(sb_buckets *b, sb_bucket *bucket, sb_timer_entry *entry)
{
    entry->row = NULL;
    bucket->live--;
    while (bucket->from < bucket->to && !bucket->entries[bucket->from].row) {
        bucket->from++;
    }
    if (bucket->live == 0 && bucket->at != SB_BUCKET_READY) {
        heap_remove(b, bucket);
        unhash(b, bucket);
        bucket_free(b, bucket);
    }
}

/* ---- the list of what is due
 * ---------------------------------------------------------------------- */

/* Drops empty buckets from the list: all of them, or only those in front. */
static void
trim_ready(sb_buckets *b, bool all)
{
    size_t to = b->ready_from;
    bool front = true;
    for (size_t i = b->ready_from; i < b->ready_to; i++) {
        sb_bucket *bucket = b->ready[i];
        if (bucket->live > 0) {
            front = false;
            if (!all) {
                b->ready_from = i;
                return;
            }
            b->ready[to++] = bucket;
        } else if (front || all) {
            unhash(b, bucket);
            bucket_free(b, bucket);
        }
    }
    b->ready_to = to;
    if (b->ready_from == to) {
        b->ready_from = b->ready_to = 0;
    }
}

int64_t
sb_buckets_next_ms(sb_buckets *b)
{
    trim_ready(b, false);
    int64_t next = b->count_heap > 0 ? b->heap[0]->due_ms : INT64_MAX;
    if (b->ready_from < b->ready_to && b->ready[b->ready_from]->due_ms < next) {
        next = b->ready[b->ready_from]->due_ms;
    }
    return next;
}

bool
sb_buckets_make_ready(sb_buckets *b, int64_t upto_ms, int64_t wanted)
{
    int64_t live = 0;
    trim_ready(b, true);
    if (b->ready_from > 0) {
        memmove(b->ready, b->ready + b->ready_from,
                (b->ready_to - b->ready_from) * sizeof *b->ready);
        b->ready_to -= b->ready_from;
        b->ready_from = 0;
    }
    for (size_t i = 0; i < b->ready_to && live < wanted; i++) {
        live += b->ready[i]->live;
    }
    while (b->count_heap > 0 && b->heap[0]->due_ms <= upto_ms) {
        sb_bucket *bucket = b->heap[0];
        bool is_last = b->ready_to == 0 || b->ready[b->ready_to - 1]->due_ms < bucket->due_ms;
        if (is_last && live >= wanted) {
            break;
        }
        if (!reserve(b->mem, &b->ready, &b->capacity_ready, b->ready_to + 1)) {
            return false;
        }
        heap_remove(b, bucket);
        bucket->at = SB_BUCKET_READY;
        size_t i = b->ready_to++;
        for (; i > 0 && b->ready[i - 1]->due_ms > bucket->due_ms; i--) {
            b->ready[i] = b->ready[i - 1];
        }
        b->ready[i] = bucket;
        live += bucket->live;
    }
    return true;
}
