/*
 * state/buckets.h -- timers by due time: the index of a set of timers.
 *
 * DESIGN     One bucket per due time, found by a hash table; buckets wait in a heap until they are
 *            looked at, then stand in a sorted list. Within a bucket, entries lie in order of
 *            creation and are found by their number. Adding is O(1) but for the first timer of a
 *            due time.
 * THREADS    T:task
 */
#ifndef SB_STATE_BUCKETS_H
#define SB_STATE_BUCKETS_H

#include "base/mem.h"

typedef struct sb_timer_entry {
    uint64_t seq;
    uint8_t *row; /* NULL: cancelled or taken */
} sb_timer_entry;

typedef struct sb_bucket {
    int64_t due_ms;
    sb_timer_entry *entries;
    uint32_t from, to, capacity; /* entries [from, to), ascending in seq */
    uint32_t live;
    size_t at; /* in the heap; SB_BUCKET_READY: in the list */
} sb_bucket;

#define SB_BUCKET_READY SIZE_MAX

typedef struct sb_buckets {
    sb_mem *mem;
    sb_bucket **slots; /* open addressing by due time */
    size_t count, capacity;
    sb_bucket **heap; /* earliest first; none is empty of live timers */
    size_t count_heap, capacity_heap;
    sb_bucket **ready; /* [ready_from, ready_to), ascending; some may be empty */
    size_t ready_from, ready_to, capacity_ready;
} sb_buckets;

void sb_buckets_init(sb_buckets *b, sb_mem *mem);
void sb_buckets_deinit(sb_buckets *b);
/* seq above all others of the bucket */
bool sb_buckets_add(sb_buckets *b, int64_t due_ms, uint64_t seq, uint8_t *row);
sb_bucket *sb_buckets_find(const sb_buckets *b, int64_t due_ms);
/* The live entry with this number, NULL: none. `hint`: where it may stand. */
sb_timer_entry *sb_bucket_entry(const sb_bucket *bucket, uint64_t seq, uint32_t hint);
/* may free the bucket */
void sb_buckets_clear_entry(sb_buckets *b, sb_bucket *bucket, sb_timer_entry *entry);
int64_t sb_buckets_next_ms(sb_buckets *b);
/* Brings buckets due by then into the list until it has `wanted` live timers. False: out of
 * memory. */
bool sb_buckets_make_ready(sb_buckets *b, int64_t upto_ms, int64_t wanted);

#endif
