/*
 * state/page.c -- slots of rows in pages, dirty bits, and rows kept for a running snapshot.
 *
 * DESIGN     see page.h. Nothing here fails after it has begun to change something: the dirty list
 *            has room for every page id, and an old row that cannot be kept makes the snapshot
 *            fail, not the writer.
 * THREADS    T:task
 */
#include "state/page.h"

#include "base/os/os.h"
#include "columnar/row.h"

#include <string.h>

#define NO_ID     UINT32_MAX
#define FETCH_MAX 1024 /* bytes of a new row that are asked for */

typedef struct save_block { /* for one long row */
    struct save_block *next;
    size_t size;
} save_block;

void
sb_pages_init(sb_pages *pages, sb_mem *mem, sb_pool *pool)
{
    *pages = (sb_pages){.mem = mem, .pool = pool, .epoch = 1, .free_id = NO_ID};
}

static void
page_dispose(sb_pages *pages, sb_page *p)
{
    if (p->pooled) {
        sb_pool_give(pages->pool, p);
    } else {
        sb_free(pages->mem, p, p->size);
    }
}

void
sb_pages_deinit(sb_pages *pages)
{
    sb_assert(!pages->frozen);
    for (uint32_t i = 0; i < pages->count_ids; i++) {
        if (pages->ids[i].page) {
            page_dispose(pages, pages->ids[i].page);
        }
    }
    sb_free(pages->mem, pages->ids, pages->capacity_ids * sizeof *pages->ids);
    sb_free(pages->mem, pages->dirty, pages->capacity_dirty * sizeof *pages->dirty);
    sb_free(pages->mem, pages->spare, pages->capacity_spare * sizeof *pages->spare);
}

/* ---- sizes
 * -------------------------------------------------------------------------------------- */

uint32_t
sb_pages_class(const sb_pages *pages, uint32_t row_size, uint32_t *out_slot_size)
{
    uint32_t need = (pages->row_offset + row_size + 7) & ~7u;
    if (pages->fixed_slot && need <= pages->fixed_slot) {
        *out_slot_size = pages->fixed_slot;
        return 0;
    }
    if (need > SB_SLOT_MAX) {
        *out_slot_size = need;
        return SB_PAGE_CLASSES;
    }
    if (need <= 256) {
        uint32_t no = (need + 15) / 16 - 1;
        *out_slot_size = (no + 1) * 16;
        return no;
    }
    /* Eight classes per doubling. */
    uint32_t doubling = 31 - (uint32_t)__builtin_clz(need - 1) - 8;
    uint32_t step = 32u << doubling;
    uint32_t part = (need - (256u << doubling) + step - 1) / step;
    *out_slot_size = (256u << doubling) + part * step;
    return 16 + doubling * 8 + part - 1;
}

static uint32_t
header_size(uint32_t count_slots)
{
    size_t size = sizeof(sb_page) + (count_slots + 63) / 64 * 4 * sizeof(uint64_t);
    return (uint32_t)((size + 63) & ~(size_t)63);
}

/* How many slots a page of this size has. */
static uint32_t
slots_in(uint32_t size, uint32_t slot_size)
{
    uint32_t count = (size - (uint32_t)sizeof(sb_page)) / slot_size;
    while (count > 0 && header_size(count) + (uint64_t)count * slot_size > size) {
        count--;
    }
    return count;
}

/* ---- ids, lists and the dirty list
 * ---------------------------------------------------------------- */

static bool
grow_array(sb_mem *mem, void *array, size_t element, uint32_t *capacity, uint32_t need)
{
    void **data = array;
    if (need <= *capacity) {
        return true;
    }
    uint32_t wider = *capacity < 16 ? 16 : *capacity * 2;
    wider = wider < need ? need : wider;
    void *grown = sb_realloc(mem, *data, *capacity * element, wider * element);
    if (!grown) {
        return false;
    }
    *data = grown;
    *capacity = wider;
    return true;
}

static bool
reserve_ids(sb_pages *pages, uint32_t count)
{
    return grow_array(pages->mem, &pages->dirty, sizeof *pages->dirty, &pages->capacity_dirty,
                      count) &&
           grow_array(pages->mem, &pages->ids, sizeof *pages->ids, &pages->capacity_ids, count);
}

/* The one entry that an id has in the list of this epoch. */
static void
set_dirty(sb_pages *pages, uint32_t id, sb_dirty entry)
{
    sb_page_id *at = &pages->ids[id];
    if (at->epoch != pages->epoch) {
        sb_assert(pages->count_dirty < pages->capacity_dirty);
        at->epoch = pages->epoch;
        at->at = pages->count_dirty++;
    }
    pages->dirty[at->at] = entry;
}

static void
link_partial(sb_pages *pages, sb_page *p)
{
    if (p->class_no == SB_PAGE_CLASSES || p->partial) {
        return;
    }
    sb_page **list = &pages->partial[p->class_no];
    p->partial = true;
    p->prev = NULL;
    p->next = *list;
    if (*list) {
        (*list)->prev = p;
    }
    *list = p;
}

static void
unlink_partial(sb_pages *pages, sb_page *p)
{
    if (!p->partial) {
        return;
    }
    p->partial = false;
    if (p->prev) {
        p->prev->next = p->next;
    } else {
        pages->partial[p->class_no] = p->next;
    }
    if (p->next) {
        p->next->prev = p->prev;
    }
}

/* ---- pages
 * ---------------------------------------------------------------------------------------- */

/* A page without id. */
static sb_page *
page_make(sb_pages *pages, uint32_t size, uint32_t slot_size, uint32_t class_no)
{
    uint32_t count_slots = class_no == SB_PAGE_CLASSES ? 1 : slots_in(size, slot_size);
    bool pooled = size == SB_POOL_UNIT && class_no != SB_PAGE_CLASSES;
    sb_page *p = pooled ? sb_pool_take(pages->pool) : sb_alloc(pages->mem, size);
    if (!p) {
        return NULL;
    }
    *p = (sb_page){
        .size = size,
        .slot_size = slot_size,
        .first_slot = header_size(count_slots),
        .count_slots = count_slots,
        .count_words = (count_slots + 63) / 64,
        .class_no = (uint8_t)class_no,
        .pooled = pooled,
    };
    memset(p->bits, 0, p->count_words * 4 * sizeof(uint64_t));
    return p;
}

static uint32_t
page_size_for(const sb_pages *pages, uint32_t slot_size, uint32_t class_no)
{
    if (class_no == SB_PAGE_CLASSES) {
        return header_size(1) + slot_size;
    }
    bool small = pages->count_pages[class_no] == 0 && slot_size * 8 < SB_PAGE_SMALL;
    return small ? SB_PAGE_SMALL : SB_POOL_UNIT;
}

static sb_page *
page_new(sb_pages *pages, uint32_t slot_size, uint32_t class_no)
{
    if (pages->free_id == NO_ID && !reserve_ids(pages, pages->count_ids + 1)) {
        return NULL;
    }
    sb_page *p = page_make(pages, page_size_for(pages, slot_size, class_no), slot_size, class_no);
    if (!p) {
        return NULL;
    }
    if (pages->free_id != NO_ID) {
        p->id = pages->free_id;
        pages->free_id = pages->ids[p->id].next;
    } else {
        p->id = pages->count_ids++;
        pages->ids[p->id] = (sb_page_id){.epoch = 0};
    }
    pages->ids[p->id].page = p;
    p->born = pages->epoch;
    atomic_init(&p->now, (uint64_t)pages->epoch << 1);
    set_dirty(pages, p->id, sb_dirty_page(p));
    if (class_no < SB_PAGE_CLASSES) {
        pages->count_pages[class_no]++;
        link_partial(pages, p);
    }
    return p;
}

/* An empty page goes back. It was changed in this epoch, so it has an entry in the dirty list. */
static void
page_release(sb_pages *pages, sb_page *p)
{
    uint32_t id = p->id;
    sb_assert(p->count_used == 0 && sb_page_epoch(p) == pages->epoch &&
              pages->ids[id].epoch == pages->epoch);
    unlink_partial(pages, p);
    if (p->class_no < SB_PAGE_CLASSES) {
        pages->count_pages[p->class_no]--;
    }
    set_dirty(pages, id, sb_dirty_gone(id));
    pages->ids[id].page = NULL;
    pages->ids[id].next = pages->free_id;
    pages->free_id = id;
    page_dispose(pages, p);
}

/* A page without rows: kept if it is the only one of its class with room, or if the snapshot may
 * look at it. */
static void
page_emptied(sb_pages *pages, sb_page *p)
{
    bool last = p->class_no < SB_PAGE_CLASSES && pages->partial[p->class_no] == p && !p->next;
    if (pages->frozen && p->born != pages->epoch) {
        if (!p->in_limbo) {
            p->in_limbo = true;
            p->next_limbo = pages->limbo;
            pages->limbo = p;
        }
    } else if (!last) {
        page_release(pages, p);
    }
}

/* ---- change tracking
 * ------------------------------------------------------------------------------ */

static void *
save_block_alloc(sb_frozen *f, size_t size)
{
    save_block *block = sb_alloc(f->mem, sizeof *block + size);
    if (!block) {
        return NULL;
    }
    *block = (save_block){.next = f->blocks, .size = sizeof *block + size};
    f->blocks = block;
    return block + 1;
}

/* Units stay the pool's: a state that is snapshotted again and again touches no fresh memory for
 * this. */
static void *
save_alloc(sb_frozen *f, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > SB_POOL_UNIT / 4) {
        return save_block_alloc(f, size);
    }
    if (!f->units || SB_POOL_UNIT - f->unit_used < size) {
        void *unit = sb_pool_take(f->pool);
        if (!unit) {
            return NULL;
        }
        memcpy(unit, &f->units, sizeof f->units);
        f->last_unit = f->units ? f->last_unit : unit;
        f->units = unit;
        f->unit_used = sizeof f->units;
    }
    void *at = (char *)f->units + f->unit_used;
    f->unit_used += size;
    return at;
}

/* Keeps the row as the running snapshot has to see it. The snapshot's thread may be copying it,
 * too: both only read. */
static void
save_row(sb_pages *pages, sb_page *p, uint32_t slot)
{
    const uint8_t *row = sb_page_row(pages, p, slot);
    uint32_t size;
    memcpy(&size, row, sizeof size);
    sb_saved *saved = save_alloc(pages->frozen, sizeof *saved + size);
    if (!saved) {
        pages->has_failed = true; /* the snapshot's thread misses the row and fails */
        return;
    }
    *saved = (sb_saved){.next = atomic_load_explicit(&p->saved, memory_order_relaxed),
                        .slot = slot,
                        .size = size,
                        .hash = sb_head(row)->hash};
    if (pages->keeps_seq) {
        saved->seq = sb_head(row)->seq;
    }
    if (pages->at_ttl) {
        memcpy(&saved->write_ms, row - pages->at_ttl, sizeof saved->write_ms);
    }
    memcpy(saved->row, row, size);
    atomic_store_explicit(&p->saved, saved, memory_order_release);
}

/* First change of a page in this epoch: goes on in the other pair of bitmaps. */
static void
begin_epoch(sb_pages *pages, sb_page *p)
{
    unsigned pair = sb_page_pair(p);
    size_t size = p->count_words * sizeof(uint64_t);
    if (pages->frozen && sb_page_epoch(p) == pages->frozen->epoch) {
        p->frozen = pages->frozen->epoch;
        atomic_store_explicit(&p->saved, NULL, memory_order_relaxed);
    }
    memcpy(sb_page_used_of(p, !pair), sb_page_used_of(p, pair), size);
    memset(sb_page_dirty_of(p, !pair), 0, size);
    atomic_store_explicit(&p->now, (uint64_t)pages->epoch << 1 | !pair, memory_order_release);
    set_dirty(pages, p->id, sb_dirty_page(p));
}

static bool
is_set(const uint64_t *bits, uint32_t i)
{
    return (bits[i >> 6] >> (i & 63)) & 1;
}

/* Whether the running snapshot has still to copy what was in a slot at the barrier. */
static bool
is_awaited(const sb_pages *pages, sb_page *p, uint32_t slot)
{
    return pages->frozen && p->frozen == pages->frozen->epoch &&
           atomic_load_explicit(&p->written, memory_order_relaxed) != p->frozen &&
           is_set(sb_page_used_of(p, !sb_page_pair(p)), slot);
}

/* Marks a slot as changed in this epoch. True: for the first time. */
static bool
change_slot(sb_pages *pages, sb_page *p, uint32_t slot)
{
    if (sb_page_epoch(p) != pages->epoch) {
        begin_epoch(pages, p);
    }
    uint64_t *dirty = sb_page_dirty(p);
    if (is_set(dirty, slot)) {
        return false;
    }
    dirty[slot >> 6] |= UINT64_C(1) << (slot & 63);
    return true;
}

static inline uint32_t
slot_of(const sb_pages *pages, const sb_page *p, const uint8_t *row)
{
    uint32_t at = (uint32_t)((uintptr_t)row - (uintptr_t)p) - p->first_slot - pages->row_offset;
    sb_dassert(at % p->slot_size == 0);
    return at / p->slot_size;
}

/* The row gets the current epoch: from here on the snapshot's thread leaves it alone. Waits
 * while it copies the row. */
static void
claim_row(const sb_pages *pages, uint8_t *row)
{
    _Atomic uint32_t *epoch = &sb_head(row)->epoch;
    uint32_t old = atomic_load_explicit(epoch, memory_order_relaxed) & ~SB_ROW_BUSY;
    uint32_t expected = old;
    while (!atomic_compare_exchange_weak_explicit(epoch, &expected, pages->epoch,
                                                  memory_order_acq_rel, memory_order_relaxed)) {
        if (expected & SB_ROW_BUSY) {
            sb_cpu_relax();
        }
        expected = old;
    }
}

void
sb_pages_change(sb_pages *pages, uint8_t *row)
{
    sb_page *p = sb_page_of(row);
    uint32_t slot = slot_of(pages, p, row);
    bool first = change_slot(pages, p, slot);
    if (!pages->frozen) {
        atomic_store_explicit(&sb_head(row)->epoch, pages->epoch, memory_order_relaxed);
        return;
    }
    if (first && is_awaited(pages, p, slot)) {
        save_row(pages, p, slot);
    }
    claim_row(pages, row);
}

void
sb_pages_copy_head(const sb_pages *pages, const uint8_t *row, uint8_t *to)
{
    size_t more = pages->row_offset - sizeof(sb_row_head);
    const sb_row_head *head = sb_head(row);
    sb_row_head *copy = sb_head(to);
    memcpy(to - pages->row_offset, row - pages->row_offset, more);
    copy->seq = head->seq;
    copy->bits = head->bits;
    copy->hash = head->hash;
}

/* ---- slots
 * ---------------------------------------------------------------------------------------- */

static uint32_t
find_free_slot(sb_page *p)
{
    const uint64_t *used = sb_page_used(p);
    uint32_t word = p->hint;
    while (used[word] == UINT64_MAX) {
        word++;
    }
    p->hint = word;
    return word * 64 + (uint32_t)__builtin_ctzll(~used[word]);
}

/* The epoch is written as an atomic: the snapshot's thread may ask whether the row that was here
 * has changed. */
static uint8_t *
init_row(sb_pages *pages, sb_page *p, uint32_t slot, uint32_t epoch)
{
    uint8_t *row = sb_page_row(pages, p, slot);
    sb_row_head *head = sb_head(row);
    for (uint8_t *at = row - pages->row_offset; at < (uint8_t *)head; at += sizeof(uint64_t)) {
        *(uint64_t *)(void *)at = 0;
    }
    head->seq = 0;
    head->hash = 0;
    head->bits = 0;
    head->offset8 = (uint16_t)((uint32_t)(row - (uint8_t *)p) / 8);
    atomic_store_explicit(&head->epoch, epoch, memory_order_relaxed);
    return row;
}

static inline uint8_t *
alloc_row(sb_pages *pages, uint32_t row_size)
{
    uint32_t slot_size, class_no = sb_pages_class(pages, row_size, &slot_size);
    if (row_size > SB_ROW_MAX) {
        return NULL;
    }
    sb_page *p = class_no < SB_PAGE_CLASSES ? pages->partial[class_no] : NULL;
    if (!p) {
        p = page_new(pages, slot_size, class_no);
        if (!p) {
            return NULL;
        }
    }
    uint32_t slot = find_free_slot(p);
    sb_assert(slot < p->count_slots);
    /* A row that was here at the barrier was kept when it was erased, after it. */
    change_slot(pages, p, slot);
    sb_page_used(p)[slot >> 6] |= UINT64_C(1) << (slot & 63);
    if (++p->count_used == p->count_slots) {
        unlink_partial(pages, p);
    }
    pages->count_rows++;
    pages->bytes += p->slot_size;
    return init_row(pages, p, slot, pages->epoch);
}

uint8_t *
sb_pages_alloc(sb_pages *pages, uint32_t row_size)
{
    return alloc_row(pages, row_size);
}

int32_t
sb_pages_alloc_many(sb_pages *pages, const uint32_t *sizes, int32_t n, uint8_t **rows)
{
    for (int32_t i = 0; i < n; i++) {
        uint8_t *row = sizes[i] < SB_ROW_SIZE_MAX ? alloc_row(pages, sizes[i]) : NULL;
        if (!row) {
            return i;
        }
        rows[i] = row;
        for (uint32_t at = 0; at < sizes[i] && at < FETCH_MAX; at += 64) {
            __builtin_prefetch(row + at, 1);
        }
    }
    return n;
}

/* The first free slots of a page with at least n of them. */
static void
take_slots(sb_pages *pages, sb_page *p, int32_t n, uint8_t **rows)
{
    if (sb_page_epoch(p) != pages->epoch) {
        begin_epoch(pages, p);
    }
    uint64_t *used = sb_page_used(p), *dirty = sb_page_dirty(p);
    uint32_t word = p->hint;
    for (int32_t k = 0; k < n; word += k < n) {
        uint64_t free = ~used[word], taken = 0;
        for (; free && k < n; free &= free - 1) {
            rows[k++] =
                init_row(pages, p, word * 64 + (uint32_t)__builtin_ctzll(free), pages->epoch);
            taken |= free & (0 - free);
        }
        used[word] |= taken;
        dirty[word] |= taken;
    }
    p->hint = word;
    p->count_used += (uint32_t)n;
    pages->count_rows += n;
    pages->bytes += (int64_t)n * p->slot_size;
    if (p->count_used == p->count_slots) {
        unlink_partial(pages, p);
    }
}

int32_t
sb_pages_alloc_run(sb_pages *pages, uint32_t row_size, int32_t n, uint8_t **rows)
{
    uint32_t slot_size, class_no = sb_pages_class(pages, row_size, &slot_size);
    int32_t done = 0;
    if (row_size > SB_ROW_MAX) {
        return 0;
    }
    while (done < n) {
        sb_page *p = class_no < SB_PAGE_CLASSES ? pages->partial[class_no] : NULL;
        p = p ? p : page_new(pages, slot_size, class_no);
        if (!p) {
            return done;
        }
        int32_t free = (int32_t)(p->count_slots - p->count_used), take = n - done;
        take = take < free ? take : free;
        take_slots(pages, p, take, rows + done);
        done += take;
    }
    return n;
}

void
sb_pages_free_row(sb_pages *pages, uint8_t *row)
{
    sb_page *p = sb_page_of(row);
    uint32_t slot = slot_of(pages, p, row);
    sb_pages_touch(pages, row);
    sb_page_used(p)[slot >> 6] &= ~(UINT64_C(1) << (slot & 63));
    p->hint = slot / 64 < p->hint ? slot / 64 : p->hint;
    p->count_used--;
    pages->count_rows--;
    pages->bytes -= p->slot_size;
    link_partial(pages, p);
    if (p->count_used == 0) {
        page_emptied(pages, p);
    }
}

uint32_t
sb_pages_room(const sb_pages *pages, const uint8_t *row)
{
    return sb_page_of(row)->slot_size - pages->row_offset;
}

bool
sb_pages_wastes(const sb_pages *pages, const uint8_t *row, uint32_t row_size)
{
    uint32_t have = sb_page_of(row)->slot_size, want;
    sb_pages_class(pages, row_size, &want);
    return have > 128 && want < have / 2;
}

/* ---- snapshots
 * ------------------------------------------------------------------------------------ */

sb_status
sb_pages_freeze(sb_pages *pages, sb_frozen *out, sb_error *err)
{
    sb_assert(!pages->frozen);
    uint32_t capacity = pages->capacity_spare;
    sb_dirty *list = pages->spare;
    if (!list || capacity < pages->count_ids) {
        /* with room to grow, so that the next epochs find it large enough */
        capacity = pages->count_ids + pages->count_ids / 8 + 16;
        list = sb_alloc(pages->mem, capacity * sizeof *list);
        if (!list) {
            SB_NOMEM(err);
        }
        sb_free(pages->mem, pages->spare, pages->capacity_spare * sizeof *pages->spare);
    }
    pages->spare = NULL;
    pages->capacity_spare = 0;
    *out = (sb_frozen){
        .epoch = pages->epoch,
        .list = pages->dirty,
        .count = pages->count_dirty,
        .capacity = pages->capacity_dirty,
        .mem = pages->mem,
        .pool = pages->pool,
    };
    pages->dirty = list;
    pages->count_dirty = 0;
    pages->capacity_dirty = capacity;
    pages->frozen = out;
    pages->has_failed = false;
    pages->epoch++;
    return SB_OK;
}

/* What a snapshot that failed held has to be written again. */
static void
refreeze(sb_pages *pages, const sb_frozen *f)
{
    for (uint32_t i = 0; i < f->count; i++) {
        sb_dirty entry = f->list[i];
        if (entry & 1) {
            uint32_t id = (uint32_t)(entry >> 1);
            if (!pages->ids[id].page) {
                set_dirty(pages, id, entry);
            } /* else the id has a new page, which is in the list */
            continue;
        }
        sb_page *p = (sb_page *)entry;
        if (sb_page_epoch(p) == pages->epoch) {
            unsigned pair = sb_page_pair(p);
            uint64_t *dirty = sb_page_dirty_of(p, pair), *frozen = sb_page_dirty_of(p, !pair);
            sb_assert(p->frozen == f->epoch);
            for (uint32_t w = 0; w < p->count_words; w++) {
                dirty[w] |= frozen[w];
            }
        } else {
            sb_assert(sb_page_epoch(p) == f->epoch);
            atomic_store_explicit(&p->now, (uint64_t)pages->epoch << 1 | sb_page_pair(p),
                                  memory_order_relaxed);
            set_dirty(pages, p->id, entry);
        }
    }
}

void
sb_pages_thaw(sb_pages *pages, bool keep)
{
    sb_frozen *f = pages->frozen;
    pages->frozen = NULL;
    if (!keep) {
        refreeze(pages, f);
    }
    for (sb_page *p = pages->limbo, *next; p; p = next) {
        next = p->next_limbo;
        p->in_limbo = false;
        if (p->count_used == 0) {
            page_emptied(pages, p);
        }
    }
    pages->limbo = NULL;
    if (f->units) {
        sb_pool_give_chain(f->pool, f->units, f->last_unit);
    }
    for (save_block *block = f->blocks, *next; block; block = next) {
        next = block->next;
        sb_free(f->mem, block, block->size);
    }
    sb_assert(!pages->spare);
    pages->spare = f->list;
    pages->capacity_spare = f->capacity;
    *f = (sb_frozen){0};
}

/* ---- restore
 * -------------------------------------------------------------------------------------- */

bool
sb_pages_possible(uint32_t size, uint32_t slot_size, uint32_t class_no)
{
    if (class_no == SB_PAGE_CLASSES) {
        return size == header_size(1) + slot_size;
    }
    return size == SB_PAGE_SMALL || size == SB_POOL_UNIT;
}

sb_page *
sb_pages_recreate(sb_pages *pages, uint32_t id, uint32_t size, uint32_t slot_size,
                  uint32_t class_no)
{
    if (id >= NO_ID / 2 || !reserve_ids(pages, id + 1)) {
        return NULL;
    }
    for (; pages->count_ids <= id; pages->count_ids++) {
        pages->ids[pages->count_ids] = (sb_page_id){.next = NO_ID};
    }
    sb_page *p = pages->ids[id].page ? NULL : page_make(pages, size, slot_size, class_no);
    if (!p) {
        return NULL;
    }
    p->id = id;
    pages->ids[id].page = p;
    if (class_no < SB_PAGE_CLASSES) {
        pages->count_pages[class_no]++;
    }
    return p;
}

uint8_t *
sb_pages_place(sb_pages *pages, sb_page *p, uint32_t slot)
{
    if (slot >= p->count_slots || is_set(sb_page_used(p), slot)) {
        return NULL;
    }
    sb_page_used(p)[slot >> 6] |= UINT64_C(1) << (slot & 63);
    p->count_used++;
    pages->count_rows++;
    pages->bytes += p->slot_size;
    return init_row(pages, p, slot, 0);
}

void
sb_pages_recreated(sb_pages *pages)
{
    pages->free_id = NO_ID;
    for (uint32_t id = pages->count_ids; id-- > 0;) {
        sb_page *p = pages->ids[id].page;
        if (!p) {
            pages->ids[id].next = pages->free_id;
            pages->free_id = id;
        } else if (p->count_used < p->count_slots) {
            link_partial(pages, p);
        }
    }
}
