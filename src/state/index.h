/*
 * state/index.h -- extendible hashing: from a hash to rows, grown one segment at a time.
 *
 * DESIGN     The directory takes hash bits below the top 15 (the slot bits, which are alike within
 *            an instance). Under it are segments of linear probing, up to 4096 entries (one unit of
 *            the pool). An entry is the low 20 bits of the hash above 44 bits of row address / 8.
 *            12 of the 20 bits are the position, so that erasing can shift entries back and a small
 *            segment can double without looking at a row; the other 8 spare most wrong rows. A full
 *            segment splits alone, by one more hash bit. Where a split would not help (equal
 *            hashes) the segment outgrows 4096 entries and positions come from the rows. Row
 *            addresses are 8-byte aligned and below 2^47.
 * THREADS    T:task
 */
#ifndef SB_STATE_INDEX_H
#define SB_STATE_INDEX_H

#include "state/pool.h"

#define SB_SEGMENT_BITS 12 /* log2 of the entries of a full segment */
#define SB_TAG_SHIFT    44
#define SB_TAG_MASK     ((UINT64_C(1) << (64 - SB_TAG_SHIFT)) - 1)

typedef struct sb_segment {
    uint64_t *entries; /* 0: free */
    uint32_t count;
    uint8_t bits;  /* log2 of the capacity */
    uint8_t depth; /* leading directory bits that all its entries share */
} sb_segment;

typedef struct sb_index {
    sb_mem *mem;
    sb_pool *pool;
    /* the hash under which a row was put in */
    uint64_t (*hash_of)(const void *ctx, const uint8_t *row);
    const void *ctx;
    uint64_t *dir;         /* entries | log2 capacity, by the directory bits */
    sb_segment **segments; /* the same; one segment may stand several times */
    uint32_t depth;
    int64_t count;
    int64_t bytes; /* of segments and directory */
} sb_index;

bool sb_index_init(sb_index *ix, sb_mem *mem, sb_pool *pool,
                   uint64_t (*hash_of)(const void *ctx, const uint8_t *row), const void *ctx);
void sb_index_deinit(sb_index *ix);
/* Makes an empty index as large as it will be with so many rows: spares the splits. Without
 * memory it stays small. */
void sb_index_presize(sb_index *ix, int64_t rows);
/* makes sure that one insert of this hash cannot fail */
bool sb_index_reserve(sb_index *ix, uint64_t hash);
void sb_index_insert(sb_index *ix, uint64_t hash, const uint8_t *row);
void sb_index_remove(sb_index *ix, uint64_t hash, const uint8_t *row);
void sb_index_replace(sb_index *ix, uint64_t hash, const uint8_t *row, const uint8_t *with);

/* Where the probing of a hash is. */
typedef struct sb_cursor {
    const uint64_t *entries;
    uint32_t mask, at;
    uint64_t tag; /* in place: shifted */
} sb_cursor;

static inline size_t
sb_index_slot(const sb_index *ix, uint64_t hash)
{
    return ix->depth ? (size_t)((hash << 15) >> (64 - ix->depth)) : 0;
}

static inline uint8_t *
sb_entry_row(uint64_t entry)
{
    return (uint8_t *)(uintptr_t)((entry & ((UINT64_C(1) << SB_TAG_SHIFT) - 1)) << 3);
}

static inline sb_cursor
sb_index_seek(const sb_index *ix, uint64_t hash)
{
    uint64_t packed = ix->dir[sb_index_slot(ix, hash)];
    uint32_t mask = (UINT32_C(1) << (packed & 63)) - 1;
    return (sb_cursor){
        .entries = (const uint64_t *)(uintptr_t)(packed & ~UINT64_C(63)),
        .mask = mask,
        .at = (uint32_t)hash & mask,
        .tag = hash << SB_TAG_SHIFT,
    };
}

static inline uint64_t
sb_entry_make(uint64_t hash, const uint8_t *row)
{
    sb_dassert(((uintptr_t)row & 7) == 0 && ((uintptr_t)row >> 47) == 0);
    return hash << SB_TAG_SHIFT | (uint64_t)(uintptr_t)row >> 3;
}

/* The same as sb_index_reserve, mostly without a call. */
static inline bool
sb_index_has_room(sb_index *ix, uint64_t hash)
{
    const sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    return __builtin_expect(((uint64_t)s->count + 1) * 4 <= UINT64_C(3) << s->bits, 1) ||
           sb_index_reserve(ix, hash);
}

/* Insert where probing has ended without finding the key, if sb_index_reserve came before it. */
static inline void
sb_index_fill(sb_index *ix, uint64_t hash, const sb_cursor *free, const uint8_t *row)
{
    sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    sb_dassert(s->entries == free->entries && !free->entries[free->at]);
    sb_dassert(((uint64_t)s->count + 1) * 4 <= UINT64_C(3) << s->bits);
    s->entries[free->at] = sb_entry_make(hash, row);
    s->count++;
    ix->count++;
}

/* For functions that only prefetch: the compiler knows of no effect and would drop the calls. */
static inline void
sb_keep_fetches(void)
{
    __asm__ volatile("");
}

/* Asks for what tells whether an insert of this hash finds room. */
static inline void
sb_index_fetch_segment(const sb_index *ix, uint64_t hash)
{
    __builtin_prefetch(ix->segments[sb_index_slot(ix, hash)], 1);
    sb_keep_fetches();
}

/* Asks for what insert and remove of this hash look at. */
static inline void
sb_index_fetch(const sb_index *ix, uint64_t hash)
{
    sb_cursor c = sb_index_seek(ix, hash);
    __builtin_prefetch(c.entries + c.at, 1);
    __builtin_prefetch(ix->segments[sb_index_slot(ix, hash)], 1);
    sb_keep_fetches();
}

/* The next row whose tag fits, NULL: no more. */
static inline uint8_t *
sb_index_next(sb_cursor *c)
{
    for (;;) {
        uint64_t entry = c->entries[c->at];
        if (!entry) {
            return NULL;
        }
        c->at = (c->at + 1) & c->mask;
        if (((entry ^ c->tag) >> SB_TAG_SHIFT) == 0) {
            return sb_entry_row(entry);
        }
    }
}

#endif
