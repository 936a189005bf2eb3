/*
 * state/page.h -- pages of rows: slots of one size, dirty tracking, and rows kept for a running
 * snapshot.
 *
 * DESIGN     A page is a header with bitmaps and count_slots slots of one size. Its id is stable:
 *            snapshots speak of (page, slot). A table counts epochs; freeze ends one. A row changed
 *            in this epoch has the epoch in its head, so that touching it again costs one compare.
 *            The first change of a slot in an epoch sets its dirty bit and, while a snapshot runs
 *            that has not copied the page yet, keeps the old row in the snapshot's memory: data
 *            stays in place and row pointers stay valid. The snapshot's thread takes no lock that
 *            the task could wait for, but for the copy of a single row: it marks the row's epoch as
 *            busy, copies, and puts the epoch back; if the row has the current epoch already, the
 *            kept one is taken. `used` and `dirty` exist twice: the first change of a page in an
 *            epoch goes on in the other pair and leaves the one of the barrier alone.
 * OWNERSHIP  Pages belong to sb_pages; while a snapshot runs, a page it may look at is kept in
 *            `limbo`.
 * THREADS    T:task; what the snapshot's thread may touch is marked T:io.
 */
#ifndef SB_STATE_PAGE_H
#define SB_STATE_PAGE_H

#include "state/pool.h"

#include <stdatomic.h>

#define SB_PAGE_SMALL   4096       /* the first page of a size class */
#define SB_SLOT_MAX     8192       /* larger rows have a page of their own */
#define SB_ROW_MAX      (1u << 30) /* bytes of one row */
#define SB_PAGE_CLASSES 64

/* What stands directly before every row; a table may have more words before this (sb_table
 * at_*). */
typedef struct sb_row_head {
    /* bag: sequence number; map: place in the order of flagging, 0: none; ordered: its leaf */
    uint64_t seq;
    /* T:io: in which the row was last touched; SB_ROW_BUSY: it is being copied */
    _Atomic uint32_t epoch;
    uint16_t offset8; /* of the row in its page, in 8 bytes */
    uint16_t bits;    /* SB_ROW_HEAD ... */
    uint64_t hash;    /* of the key columns */
} sb_row_head;

#define SB_ROW_BUSY (UINT32_C(1) << 31)
SB_STATIC_ASSERT(sizeof(sb_row_head) == 24, "stands before every row");

enum {
    SB_ROW_HEAD = 1,   /* first row of its bag */
    SB_ROW_QUEUED = 2, /* waits to be encoded (map_put) */
    SB_ROW_EQUAL = 4   /* first of the equal rows of its bag: the one that the row index knows */
};

static inline sb_row_head *
sb_head(const uint8_t *row)
{
    return (sb_row_head *)((uintptr_t)row - sizeof(sb_row_head));
}

/* A row as it was when the snapshot began. */
typedef struct sb_saved {
    struct sb_saved *next;
    uint32_t slot;
    uint32_t size; /* of the row */
    uint64_t hash, seq;
    int64_t write_ms; /* TTL stamp */
    uint8_t row[];
} sb_saved;

typedef struct sb_page {
    uint32_t id;         /* of its table */
    uint32_t size;       /* bytes, header included */
    uint32_t slot_size;  /* bytes: the head of a row and the row */
    uint32_t first_slot; /* offset of slot 0 */
    uint32_t count_slots;
    uint32_t count_used;
    uint32_t count_words; /* of one bitmap */
    uint32_t hint;        /* no free slot below this word of `used` */
    uint32_t born;        /* epoch in which it was made */
    /* task: the running snapshot holds this page and it was changed since; else an old epoch */
    uint32_t frozen;
    /* T:io: epoch of the last change << 1 | which pair of bitmaps is the current one */
    _Atomic uint64_t now;
    _Atomic uint32_t written;  /* T:io: last snapshot epoch that has copied it */
    _Atomic(sb_saved *) saved; /* T:io: rows kept for the running snapshot, newest first */
    uint8_t class_no;          /* size class; SB_PAGE_CLASSES: a page of one large row */
    bool pooled;               /* a unit of the pool */
    bool partial;              /* in the list of its class: has free slots */
    bool in_limbo;
    struct sb_page *next, *prev; /* list of its class */
    struct sb_page *next_limbo;
    uint64_t bits[]; /* used 0 | dirty 0 | used 1 | dirty 1, count_words each */
} sb_page;

static inline uint64_t *
sb_page_used_of(sb_page *p, unsigned pair)
{
    return p->bits + (size_t)(2 * pair) * p->count_words;
}

static inline uint64_t *
sb_page_dirty_of(sb_page *p, unsigned pair)
{
    return p->bits + (size_t)(2 * pair + 1) * p->count_words;
}

/* The task's view. */
static inline unsigned
sb_page_pair(const sb_page *p)
{
    return (unsigned)(atomic_load_explicit(&p->now, memory_order_relaxed) & 1);
}

static inline uint32_t
sb_page_epoch(const sb_page *p) /* if the table's, the page is in its dirty list */
{
    return (uint32_t)(atomic_load_explicit(&p->now, memory_order_relaxed) >> 1);
}

static inline uint64_t *
sb_page_used(sb_page *p)
{
    return sb_page_used_of(p, sb_page_pair(p));
}

static inline uint64_t *
sb_page_dirty(sb_page *p)
{
    return sb_page_dirty_of(p, sb_page_pair(p));
}

/* An entry of a dirty list: a page, or the id of one that is gone. */
typedef uintptr_t sb_dirty;

static inline sb_dirty
sb_dirty_page(sb_page *p)
{
    return (uintptr_t)p;
}

static inline sb_dirty
sb_dirty_gone(uint32_t id)
{
    return (uintptr_t)id << 1 | 1;
}

/* The part of a snapshot that belongs to one table's pages. Made by freeze; the snapshot's
 * thread reads it. */
typedef struct sb_frozen {
    uint32_t epoch;
    sb_dirty *list;
    uint32_t count, capacity;
    /* Memory of kept rows, the task's only: a chain of units of the pool, and blocks for long
     * rows. */
    void *units, *last_unit; /* newest and oldest */
    size_t unit_used;
    void *blocks;
    sb_mem *mem;
    sb_pool *pool;
} sb_frozen;

typedef struct sb_page_id { /* by page id */
    sb_page *page;          /* NULL: free */
    uint32_t epoch;         /* the id has an entry in the dirty list if this is the current one */
    uint32_t at;            /* ... there */
    uint32_t next;          /* of a free id: the next free one */
} sb_page_id;

typedef struct sb_pages {
    sb_mem *mem;
    sb_pool *pool;
    uint32_t row_offset; /* from slot start to row: size of everything before it */
    uint32_t at_ttl;     /* bytes before the row where the TTL stamp is, 0: none */
    bool keeps_seq;      /* head.seq is part of the row in snapshots */
    /* an old row could not be kept: the running snapshot cannot be completed */
    bool has_failed;
    uint32_t fixed_slot; /* rows have one size: that of their slots; 0: by size class */
    uint32_t epoch;      /* current; from 1 */
    sb_frozen *frozen;   /* running snapshot, or NULL */
    sb_page_id *ids;
    uint32_t count_ids, capacity_ids, free_id; /* free_id UINT32_MAX: none */
    /* of the current epoch; capacity >= count_ids always, so that touching cannot fail */
    sb_dirty *dirty;
    uint32_t count_dirty, capacity_dirty;
    sb_dirty *spare; /* list of the last snapshot, for the next epoch; NULL: none */
    uint32_t capacity_spare;
    sb_page *partial[SB_PAGE_CLASSES]; /* pages with free slots */
    uint32_t count_pages[SB_PAGE_CLASSES];
    sb_page *limbo; /* empty pages that the running snapshot may still look at */
    int64_t count_rows;
    int64_t bytes; /* slots in use */
} sb_pages;

void sb_pages_init(sb_pages *pages, sb_mem *mem, sb_pool *pool);
void sb_pages_deinit(sb_pages *pages);
/* A slot for a row of this size; the head is set but for the hash, words before it are zero. Row
 * bytes are the caller's. NULL: out of memory. */
uint8_t *sb_pages_alloc(sb_pages *pages, uint32_t row_size);
/* Slots for many rows, whose memory is then on its way into the cache. Returns for how many: the
 * next one is too large (SB_ROW_SIZE_MAX), or there is no memory. */
int32_t sb_pages_alloc_many(sb_pages *pages, const uint32_t *sizes, int32_t n, uint8_t **rows);
/* The same for rows of one size, without asking for their memory. */
int32_t sb_pages_alloc_run(sb_pages *pages, uint32_t row_size, int32_t n, uint8_t **rows);
void sb_pages_free_row(sb_pages *pages, uint8_t *row);
/* Bytes that the row may take where it lies. */
uint32_t sb_pages_room(const sb_pages *pages, const uint8_t *row);
/* Whether a row of this size would lie in a much smaller slot. */
bool sb_pages_wastes(const sb_pages *pages, const uint8_t *row, uint32_t row_size);
void sb_pages_change(sb_pages *pages, uint8_t *row); /* first touch in this epoch */
/* Everything before the row, but for what says where it lies and when it was touched, goes to
 * another row. */
void sb_pages_copy_head(const sb_pages *pages, const uint8_t *row, uint8_t *to);

static inline void
sb_pages_touch(sb_pages *pages, uint8_t *row)
{
    if (atomic_load_explicit(&sb_head(row)->epoch, memory_order_relaxed) != pages->epoch) {
        sb_pages_change(pages, row);
    }
}

static inline sb_page *
sb_page_of(const uint8_t *row)
{
    return (sb_page *)((uintptr_t)row - (size_t)sb_head(row)->offset8 * 8);
}

static inline uint8_t *
sb_page_row(const sb_pages *pages, sb_page *p, uint32_t slot)
{
    return (uint8_t *)p + p->first_slot + (size_t)slot * p->slot_size + pages->row_offset;
}

/* Ends the epoch: the dirty list goes to `out`. */
sb_status sb_pages_freeze(sb_pages *pages, sb_frozen *out, sb_error *err);
/* After the snapshot's thread is done. keep: what it held is durable; else all of it is dirty
 * again. */
void sb_pages_thaw(sb_pages *pages, bool keep);

/* Restore: the page as it was, without rows; it counts as clean. NULL: out of memory, or the id
 * is taken. */
bool sb_pages_possible(uint32_t size, uint32_t slot_size, uint32_t class_no);
sb_page *sb_pages_recreate(sb_pages *pages, uint32_t id, uint32_t size, uint32_t slot_size,
                           uint32_t class_no);
/* A row in a given free slot of a recreated page. */
uint8_t *sb_pages_place(sb_pages *pages, sb_page *page, uint32_t slot);
void sb_pages_recreated(sb_pages *pages); /* after the last one: free ids and lists */
/* The shape of a page for rows of one size. */
uint32_t sb_pages_class(const sb_pages *pages, uint32_t row_size, uint32_t *out_slot_size);

#endif
