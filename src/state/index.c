/*
 * state/index.c -- growth, insertion and removal of the hash index.
 *
 * DESIGN     see index.h. A segment is full at three quarters. The directory doubles only while
 *            segments are on average at least a sixteenth full, so that keys made to collide cannot
 *            blow it up.
 * THREADS    T:task
 */
#include "state/index.h"

#include <string.h>

#define FIRST_BITS 7  /* 1 KiB: allocations from there on are 64-byte aligned */
#define DEPTH_MAX  28 /* directory bits 48 .. 21 */
#define TOP_BIT    48 /* first directory bit */
#define AHEAD      32 /* rows to prefetch */

static size_t
entries_size(unsigned bits)
{
    return sizeof(uint64_t) << bits;
}

static uint64_t *
entries_new(sb_index *ix, unsigned bits)
{
    size_t size = entries_size(bits);
    uint64_t *entries = size == SB_POOL_UNIT ? sb_pool_take(ix->pool) : sb_alloc(ix->mem, size);
    if (entries) {
        memset(entries, 0, size);
        ix->bytes += (int64_t)size;
    }
    return entries;
}

static void
entries_free(sb_index *ix, uint64_t *entries, unsigned bits)
{
    size_t size = entries_size(bits);
    if (!entries) {
        return;
    }
    ix->bytes -= (int64_t)size;
    if (size == SB_POOL_UNIT) {
        sb_pool_give(ix->pool, entries);
    } else {
        sb_free(ix->mem, entries, size);
    }
}

static uint64_t
pack(const sb_segment *s)
{
    return (uint64_t)(uintptr_t)s->entries | s->bits;
}

bool
sb_index_init(sb_index *ix, sb_mem *mem, sb_pool *pool,
              uint64_t (*hash_of)(const void *ctx, const uint8_t *row), const void *ctx)
{
    *ix = (sb_index){.mem = mem, .pool = pool, .hash_of = hash_of, .ctx = ctx};
    sb_segment *s = sb_alloc_zero(mem, sizeof *s);
    ix->dir = sb_alloc(mem, sizeof *ix->dir);
    ix->segments = sb_alloc(mem, sizeof *ix->segments);
    uint64_t *entries = entries_new(ix, FIRST_BITS);
    if (!s || !ix->dir || !ix->segments || !entries) {
        entries_free(ix, entries, FIRST_BITS);
        sb_free(mem, ix->segments, sizeof *ix->segments);
        sb_free(mem, ix->dir, sizeof *ix->dir);
        sb_free(mem, s, sizeof *s);
        *ix = (sb_index){0};
        return false;
    }
    *s = (sb_segment){.entries = entries, .bits = FIRST_BITS};
    ix->segments[0] = s;
    ix->dir[0] = pack(s);
    return true;
}

void
sb_index_deinit(sb_index *ix)
{
    if (!ix->dir) {
        return;
    }
    size_t count = (size_t)1 << ix->depth;
    for (size_t i = 0; i < count;) {
        sb_segment *s = ix->segments[i];
        i += count >> s->depth;
        entries_free(ix, s->entries, s->bits);
        sb_free(ix->mem, s, sizeof *s);
    }
    sb_free(ix->mem, ix->dir, count * sizeof *ix->dir);
    sb_free(ix->mem, ix->segments, count * sizeof *ix->segments);
    *ix = (sb_index){0};
}

/* ---- growth
 * ------------------------------------------------------------------------------------- */

static void
put_entry(uint64_t *entries, unsigned bits, uint64_t hash, uint64_t entry)
{
    uint32_t mask = (UINT32_C(1) << bits) - 1, at = (uint32_t)hash & mask;
    while (entries[at]) {
        at = (at + 1) & mask;
    }
    entries[at] = entry;
}

static void
point_dir(sb_index *ix, size_t slot, sb_segment *s)
{
    size_t count = (size_t)1 << (ix->depth - s->depth);
    size_t from = slot & ~(count - 1);
    for (size_t i = 0; i < count; i++) {
        ix->segments[from + i] = s;
        ix->dir[from + i] = pack(s);
    }
}

static bool
segment_double(sb_index *ix, size_t slot)
{
    sb_segment *s = ix->segments[slot];
    unsigned bits = s->bits + 1u;
    if (bits > 30) {
        return false;
    }
    uint64_t *entries = entries_new(ix, bits);
    if (!entries) {
        return false;
    }
    bool from_tag = bits <= SB_SEGMENT_BITS;
    size_t capacity = (size_t)1 << s->bits;
    for (size_t i = 0; i < capacity; i++) {
        uint64_t entry = s->entries[i];
        if (entry) {
            uint64_t hash =
                from_tag ? entry >> SB_TAG_SHIFT : ix->hash_of(ix->ctx, sb_entry_row(entry));
            put_entry(entries, bits, hash, entry);
        }
    }
    entries_free(ix, s->entries, s->bits);
    s->entries = entries;
    s->bits = (uint8_t)bits;
    point_dir(ix, slot, s);
    return true;
}

static bool
directory_double(sb_index *ix)
{
    size_t count = (size_t)1 << ix->depth;
    uint64_t *dir = sb_alloc(ix->mem, 2 * count * sizeof *dir);
    sb_segment **segments = sb_alloc(ix->mem, 2 * count * sizeof *segments);
    if (!dir || !segments) {
        sb_free(ix->mem, dir, 2 * count * sizeof *dir);
        sb_free(ix->mem, segments, 2 * count * sizeof *segments);
        return false;
    }
    for (size_t i = 0; i < 2 * count; i++) {
        dir[i] = ix->dir[i / 2];
        segments[i] = ix->segments[i / 2];
    }
    sb_free(ix->mem, ix->dir, count * sizeof *dir);
    sb_free(ix->mem, ix->segments, count * sizeof *segments);
    ix->dir = dir;
    ix->segments = segments;
    ix->bytes += (int64_t)(count * (sizeof *dir + sizeof *segments));
    ix->depth++;
    return true;
}

typedef struct halves { /* of a segment that is being split */
    uint64_t *low, *high;
    uint32_t count_high;
} halves;

/* Gives the entries to two new arrays by the next hash bit; the segment stays as it is. */
static void
divide(const sb_index *ix, const sb_segment *s, halves *to)
{
    size_t capacity = (size_t)1 << s->bits;
    unsigned bit = TOP_BIT - s->depth;
    for (size_t i = 0; i < capacity; i++) {
        if (i + AHEAD < capacity && s->entries[i + AHEAD]) {
            __builtin_prefetch(sb_entry_row(s->entries[i + AHEAD]) - 8);
        }
        uint64_t entry = s->entries[i];
        if (!entry) {
            continue;
        }
        uint64_t hash = ix->hash_of(ix->ctx, sb_entry_row(entry));
        bool is_high = (hash >> bit) & 1;
        put_entry(is_high ? to->high : to->low, s->bits, hash, entry);
        to->count_high += is_high;
    }
}

/* Whether the directory may grow for a split. */
static bool
may_split(const sb_index *ix, const sb_segment *s)
{
    return s->depth < DEPTH_MAX &&
           (s->depth < ix->depth || (UINT64_C(2) << ix->depth) * 256 <= (uint64_t)ix->count);
}

typedef enum split_result { SPLIT_DONE, SPLIT_IN_VAIN, SPLIT_NOMEM } split_result;

/* In vain: the next bit does not part the entries in any useful way; nothing has changed. */
static split_result
segment_split(sb_index *ix, uint64_t hash)
{
    sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    split_result result = SPLIT_NOMEM;
    sb_segment *high = sb_alloc_zero(ix->mem, sizeof *high);
    halves to = {high ? entries_new(ix, s->bits) : NULL, NULL, 0};
    to.high = to.low ? entries_new(ix, s->bits) : NULL;
    if (to.high) {
        divide(ix, s, &to);
        bool helps = to.count_high >= s->count / 8 && s->count - to.count_high >= s->count / 8;
        result = !helps                                           ? SPLIT_IN_VAIN
                 : s->depth == ix->depth && !directory_double(ix) ? SPLIT_NOMEM
                                                                  : SPLIT_DONE;
    }
    if (result != SPLIT_DONE) {
        entries_free(ix, to.low, s->bits);
        entries_free(ix, to.high, s->bits);
        sb_free(ix->mem, high, sizeof *high);
        return result;
    }
    size_t slot = sb_index_slot(ix, hash);
    size_t span = (size_t)1 << (ix->depth - s->depth), from = slot & ~(span - 1);
    entries_free(ix, s->entries, s->bits);
    s->entries = to.low;
    s->count -= to.count_high;
    s->depth++;
    *high = (sb_segment){
        .entries = to.high, .count = to.count_high, .bits = s->bits, .depth = s->depth};
    point_dir(ix, from, s);
    point_dir(ix, from + span / 2, high);
    return SPLIT_DONE;
}

bool
sb_index_reserve(sb_index *ix, uint64_t hash)
{
    for (;;) {
        size_t slot = sb_index_slot(ix, hash);
        sb_segment *s = ix->segments[slot];
        if (__builtin_expect(((uint64_t)s->count + 1) * 4 <= UINT64_C(3) << s->bits, 1)) {
            return true;
        }
        bool split = s->bits >= SB_SEGMENT_BITS && may_split(ix, s);
        split_result result = split ? segment_split(ix, hash) : SPLIT_IN_VAIN;
        if (result == SPLIT_NOMEM || (result == SPLIT_IN_VAIN && !segment_double(ix, slot))) {
            return false;
        }
    }
}

void
sb_index_presize(sb_index *ix, int64_t rows)
{
    size_t per_segment = ((size_t)1 << SB_SEGMENT_BITS) * 5 / 8;
    if (ix->count > 0 || ix->depth > 0 || (uint64_t)rows <= per_segment) {
        return;
    }
    while (ix->segments[0]->bits < SB_SEGMENT_BITS) {
        if (!segment_double(ix, 0)) {
            return;
        }
    }
    /* Empty segments split by the hashes that lead to them. */
    for (uint32_t depth = 0; ((uint64_t)rows >> depth) > per_segment && depth < DEPTH_MAX;
         depth++) {
        for (uint64_t i = 0; i < UINT64_C(1) << depth; i++) {
            if (segment_split(ix, depth ? i << (TOP_BIT + 1 - depth) : 0) != SPLIT_DONE) {
                return;
            }
        }
    }
}

/* ---- entries
 * ------------------------------------------------------------------------------------ */

void
sb_index_insert(sb_index *ix, uint64_t hash, const uint8_t *row)
{
    sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    sb_dassert(((uint64_t)s->count + 1) * 4 <= UINT64_C(3) << s->bits);
    put_entry(s->entries, s->bits, hash, sb_entry_make(hash, row));
    s->count++;
    ix->count++;
}

static uint64_t *
find_entry(sb_segment *s, uint64_t hash, const uint8_t *row)
{
    uint32_t mask = (UINT32_C(1) << s->bits) - 1, at = (uint32_t)hash & mask;
    uint64_t wanted = sb_entry_make(hash, row);
    while (s->entries[at] != wanted) {
        sb_assert(s->entries[at] != 0);
        at = (at + 1) & mask;
    }
    return s->entries + at;
}

void
sb_index_remove(sb_index *ix, uint64_t hash, const uint8_t *row)
{
    sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    uint32_t mask = (UINT32_C(1) << s->bits) - 1;
    uint32_t hole = (uint32_t)(find_entry(s, hash, row) - s->entries);
    for (uint32_t i = (hole + 1) & mask; s->entries[i]; i = (i + 1) & mask) {
        uint64_t entry = s->entries[i];
        uint64_t of = s->bits <= SB_SEGMENT_BITS ? entry >> SB_TAG_SHIFT
                                                 : ix->hash_of(ix->ctx, sb_entry_row(entry));
        uint32_t home = (uint32_t)of & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            s->entries[hole] = entry;
            hole = i;
        }
    }
    s->entries[hole] = 0;
    s->count--;
    ix->count--;
}

void
sb_index_replace(sb_index *ix, uint64_t hash, const uint8_t *row, const uint8_t *with)
{
    sb_segment *s = ix->segments[sb_index_slot(ix, hash)];
    *find_entry(s, hash, row) = sb_entry_make(hash, with);
}
