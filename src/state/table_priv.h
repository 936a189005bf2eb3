/*
 * state/table_priv.h -- inside of a table: layout of rows and heads, indexes, and what the shapes
 * share.
 *
 * DESIGN     Before each row stand, from the row backwards: sb_row_head (24 bytes), then as the
 *            table needs them: sb_links of its bag, sb_equal of equal rows in a bag with
 *            index_rows, the TTL stamp, sb_links of its namespace. Only hash, seq and TTL stamp
 *            (and the row) are part of snapshots; the rest is rebuilt. The main index knows one row
 *            per (key, space): the row of a map, the first of a bag, the smallest of an ordered
 *            set.
 * THREADS    T:task
 */
#ifndef SB_STATE_TABLE_PRIV_H
#define SB_STATE_TABLE_PRIV_H

#include "base/hash.h"
#include "state/index.h"
#include "state/page.h"
#include "state/table.h"

#define SB_CHUNK 256 /* keys that are probed together */

typedef struct sb_links { /* bag: circular; namespace: ends with NULL, first has prev NULL */
    uint8_t *next, *prev;
} sb_links;

typedef struct sb_equal { /* equal rows of a bag, circular, by seq; the first stands in the row
                             index */
    uint8_t *next, *prev;
    uint64_t hash; /* of the whole row */
} sb_equal;

enum { SB_AT_BAG = sizeof(sb_row_head) + sizeof(sb_links) };

typedef enum sb_key_kind {
    SB_KEY_NONE, /* no key columns */
    SB_KEY_I64,  /* one column of 8 bytes, not floating */
    SB_KEY_I32,
    SB_KEY_ANY
} sb_key_kind;

typedef struct sb_space { /* rows of one namespace */
    int64_t value;
    uint8_t *first; /* NULL: free entry */
} sb_space;

typedef struct sb_flags { /* map rows in order of flagging: entry i has seq base + i */
    uint8_t **rows;       /* NULL: erased meanwhile */
    uint64_t base;        /* seq of rows[from] is base + from */
    size_t from, to, capacity;
    int64_t count;
} sb_flags;

typedef struct sb_key_column { /* a column of the keys that are being probed */
    const void *values;
    const int32_t *index; /* NULL: by row */
    const uint64_t *validity;
    int32_t mask;    /* of the row: 0 for a constant, else -1 */
    uint32_t offset; /* of its slot in rows */
    uint8_t phys;
} sb_key_column;

struct sb_table {
    sb_mem *mem;
    sb_pool *pool;
    sb_arena *arena; /* schemas */
    uint32_t table_id;
    sb_shape shape;
    bool is_timers; /* opened by sb_state_open_timers: head.seq is the order of creation */
    bool has_space, index_rows;
    int64_t ttl_ms, now_ms;
    int32_t count_key, count_sort, count_values;
    int32_t at_space, at_sort, at_values; /* field numbers */
    bool *descending;                     /* by sort column */
    sb_schema schema;                     /* combined */
    sb_schema key, sort, row;
    sb_row_layout layout;
    sb_key_kind key_kind;
    bool plain_key;                      /* no nested key or sort column */
    bool exact_key;                      /* key columns are I32, I64 and VIEW only */
    bool word_key;                       /* a map's: 1 to 8 columns, all I64; no space, no TTL */
    sb_key_column *key_columns;          /* of the last sb_probe: count_key */
    uint32_t at_equal, at_ttl, at_links; /* bytes before the row, 0: not there */
    uint8_t *zero_row;                   /* a new row but for its key */
    sb_vector **nulls;                   /* by field: a constant NULL, for encoding parts of rows */
    sb_vector **columns;                 /* by field: scratch for encoding */
    sb_pages pages;
    sb_index index, rows; /* `rows` by whole row: index_rows only */
    uint64_t next_seq;    /* of bags and timers; for flags: of the next one */
    sb_space *spaces;     /* open addressing, linear */
    uint32_t count_spaces, capacity_spaces;
    sb_flags flags;
    uint8_t *scratch; /* 8-byte aligned */
    size_t scratch_size;
    void *marks; /* bitmaps and pointers of one call */
    size_t marks_size;
    uint8_t *match_row; /* the last match given out by sb_bag_match; NULL: gone */
    uint32_t sweep_page, sweep_slot;
    bool sort_exact; /* equal sort prefixes mean equal rows, but for the prefix of NULL */
    struct sb_node *free_nodes; /* ordered: full-size nodes, so that a split cannot fail half way */
    struct sb_node *spare_node; /* ... and a small one */
    int32_t count_free_nodes;
    int64_t node_bytes;
};

static inline sb_links *
sb_bag_links(const uint8_t *row)
{
    return (sb_links *)((uintptr_t)row - SB_AT_BAG);
}

static inline sb_equal *
sb_equal_of(const sb_table *t, const uint8_t *row)
{
    return (sb_equal *)((uintptr_t)row - t->at_equal);
}

static inline sb_links *
sb_space_links(const sb_table *t, const uint8_t *row)
{
    return (sb_links *)((uintptr_t)row - t->at_links);
}

static inline int64_t *
sb_write_ms(const sb_table *t, const uint8_t *row)
{
    return (int64_t *)((uintptr_t)row - t->at_ttl);
}

static inline int64_t
sb_space_of(const sb_table *t, const uint8_t *row)
{
    return *(const int64_t *)(const void *)(row + t->layout.offsets[t->at_space]);
}

/* Rows that wait for output (flagged) do not expire. */
static inline bool
sb_expired(const sb_table *t, const uint8_t *row)
{
    if (!t->ttl_ms) {
        return false;
    }
    int64_t until;
    if (__builtin_add_overflow(*sb_write_ms(t, row), t->ttl_ms, &until)) {
        return false;
    }
    return until <= t->now_ms && (t->shape != SB_MAP || sb_head(row)->seq == 0);
}

/* Hash in the main index. */
static inline uint64_t
sb_mix_space(uint64_t hash, int64_t space)
{
    return sb_hash_mix(hash ^ ((uint64_t)space + 1) * SB_HASH_GAMMA);
}

static inline uint64_t
sb_place(const sb_table *t, const sb_keys *keys, int32_t i)
{
    return t->has_space ? sb_mix_space(keys->hashes[i], keys->space[i]) : keys->hashes[i];
}

static inline uint64_t
sb_place_of(const sb_table *t, const uint8_t *row)
{
    uint64_t hash = sb_head(row)->hash;
    return t->has_space ? sb_mix_space(hash, sb_space_of(t, row)) : hash;
}

static inline int32_t
sb_key_row(const sb_keys *keys, int32_t i)
{
    return keys->rows ? keys->rows[i] : i;
}

/* ---- table.c ---- */
sb_status sb_table_new(sb_mem *mem, sb_pool *pool, const sb_table_spec *spec, bool is_timers,
                       sb_table **out, sb_error *err);
sb_table *sb_table_free(sb_table *t);
/* NULL: out of memory; valid until the next call */
void *sb_table_scratch(sb_table *t, size_t size);
void *sb_table_marks(sb_table *t, size_t size); /* another such, zeroed */
/* Asks for the memory that erasing these rows (NULL: none) will look at. */
void sb_rows_fetch(const sb_table *t, uint8_t *const *rows, int32_t n);
/* Takes a row out of everything and frees it. */
void sb_row_erase(sb_table *t, uint8_t *row);
/* Makes everything that points to `row` point to `to`, which has a copy of its head. */
void sb_row_moved(sb_table *t, uint8_t *row, uint8_t *to);
/* Stores a complete row (may be built from `row` itself, but lies elsewhere) in the place of
 * `row`. NULL: out of memory. */
uint8_t *sb_row_store(sb_table *t, uint8_t *row, const uint8_t *content);
/* Links a row whose head and bytes are set into the index and lists (restore). False: out of
 * memory, or (out_twice) the key is there. */
bool sb_row_link(sb_table *t, uint8_t *row, bool *out_twice);
sb_status sb_too_large(const sb_table *t, sb_error *err);

static inline bool
sb_key_column_valid(const sb_key_column *c, int32_t physical)
{
    int32_t at = physical & c->mask;
    return c->phys != SB_PHYS_NULL && (!c->validity || (c->validity[at >> 6] >> (at & 63) & 1));
}

static inline size_t
sb_key_column_at(const sb_key_column *c, int32_t physical)
{
    return (size_t)(c->index ? c->index[physical] : physical & c->mask);
}

/* ---- probe.c ---- */
/* rows[i] is the row that the main index has for key from + i, or NULL; places[i] its hash
 * there. n <= SB_CHUNK. */
void sb_probe(sb_table *t, const sb_keys *keys, int32_t from, int32_t n, uint64_t *places,
              uint8_t **rows);
uint8_t *sb_probe_one(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place);
/* The same; without a row the end is the free entry for it. */
uint8_t *sb_probe_end(sb_table *t, const sb_keys *keys, int32_t i, uint64_t place,
                      sb_cursor *out_end);
/* Is every key a row of 8-byte words that lie in FLAT columns, none NULL? */
bool sb_keys_are_words(const sb_table *t, const sb_keys *keys);
uint8_t *sb_probe_row(sb_table *t, const uint8_t *row); /* by the key of another row */
bool sb_key_equals(const sb_table *t, const sb_keys *keys, int32_t i, const uint8_t *row);

/* ---- encode.c ---- */
/* Size and bytes of a new row: key, space, sort columns if any, values zero. */
uint32_t sb_new_row_size(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i);
void sb_new_row_encode(sb_table *t, const sb_keys *keys, sb_vector *const *sort, int32_t i,
                       uint8_t *dst);
/* The same two for keys of a map with plain_key that sb_probe has just looked for. */
uint32_t sb_probed_row_size(const sb_table *t, int32_t physical);
void sb_probed_row_encode(const sb_table *t, int32_t physical, uint8_t *dst);
/* Fills t->columns with key and value columns; `space` is set by sb_rows_patch_space after
 * encoding. */
void sb_set_columns(sb_table *t, const sb_keys *keys, sb_vector *const *values);
/* Physical rows of keys [from, from + n) (n <= SB_CHUNK): in `room`, or a part of keys->rows. */
const int32_t *sb_physical(const sb_keys *keys, int32_t from, int32_t n, int32_t *room);
void sb_patch_space(const sb_table *t, const sb_keys *keys, int32_t from, int32_t n,
                    uint8_t *const *rows);
/* `base` with fields [first, first + n) taken from `donor`: size, and bytes. */
uint32_t sb_row_merged_size(const sb_table *t, const uint8_t *base, const uint8_t *donor,
                            int32_t first, int32_t n);
void sb_row_merge(const sb_table *t, const uint8_t *base, const uint8_t *donor, int32_t first,
                  int32_t n, uint8_t *dst);

/* ---- spaces.c ---- */
bool sb_spaces_reserve(sb_table *t); /* one more insert cannot fail */
void sb_spaces_insert(sb_table *t, uint8_t *row);
void sb_spaces_remove(sb_table *t, uint8_t *row);
void sb_spaces_moved(sb_table *t, uint8_t *row, uint8_t *to);
uint8_t *sb_spaces_first(const sb_table *t, int64_t space);

/* ---- flags.c ---- */
void sb_flags_drop(sb_table *t, uint8_t *row); /* the row goes */
void sb_flags_moved(sb_table *t, uint8_t *to);
/* Restore: flagged rows in order of their seq go to the end of the queue; `fresh`: with new
 * numbers. */
bool sb_flags_rebuild(sb_table *t, uint8_t *const *rows, size_t count, bool fresh);
void sb_flags_free(sb_table *t);

/* ---- bag.c ---- */
void sb_bag_unlink(sb_table *t, uint8_t *row);
void sb_bag_moved(sb_table *t, uint8_t *row, uint8_t *to);
/* as the last one of its bag; false: out of memory */
bool sb_bag_link(sb_table *t, uint8_t *row, uint8_t *head);

/* Asks for the first rows of bags (NULL: none), which the heads lead to one after another. */
void sb_bags_fetch(uint8_t *const *heads, int32_t n);

/* ---- ordered.c ---- */
void sb_ordered_unlink(sb_table *t, uint8_t *row);
void sb_ordered_moved(sb_table *t, uint8_t *row, uint8_t *to);
bool sb_ordered_link(sb_table *t, uint8_t *row, bool *out_twice);
void sb_ordered_deinit(sb_table *t);

/* ---- sort.c ---- */
typedef struct sb_pair {
    uint64_t key;
    uint8_t *row;
} sb_pair;

/* By key, ascending and stable. `room` has space for as many. */
void sb_sort_pairs(sb_pair *pairs, sb_pair *room, size_t count);

#endif
