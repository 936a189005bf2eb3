/*
 * state/table.h -- keyed state in three shapes: map, multimap (bag), ordered. The same calls on
 * every backend.
 *
 * DESIGN     Rows are canonical (columnar/row.h) over the combined schema: key columns, then
 *            `space` BIGINT if any, then sort columns if any, then value columns. sb_table_field()
 *            gives the combined index of a value column. A row's hash covers the key columns only
 *            (never space or sort); its slot is the hash's top 15 bits. Batch operations only: pass
 *            all keys of a run at once (two-pass probing with prefetch inside). Rows lie in
 *            self-contained pages; the hash index points at rows, grows segment by segment and is
 *            rebuilt on restore. Row pointers are stable until the row is erased, replaced (put,
 *            set_view) or the table is dropped; flagged rows too (they are re-pointed). Write
 *            protocol: sb_table_touch BEFORE writing through a pointer (dirty tracking, copy for a
 *            running snapshot, TTL stamp).
 * OWNERSHIP  Tables belong to an sb_state (state/state.h). Key and value bytes are copied in.
 * THREADS    T:task; a running snapshot reads frozen pages from the I/O pool.
 */
#ifndef SB_STATE_TABLE_H
#define SB_STATE_TABLE_H

#include "columnar/hash.h"
#include "columnar/row.h"

typedef enum sb_shape { SB_MAP, SB_BAG, SB_ORDERED } sb_shape;

typedef struct sb_table_spec {
    uint32_t table_id; /* stable across plans, unique within the operator */
    sb_shape shape;
    const sb_schema *key; /* may have 0 columns (one global key) */
    /* namespace: an int64 (slice end, window end) that is part of a row's identity, not of its
     * slot */
    bool has_space;
    const sb_schema *sort;       /* SB_ORDERED only */
    const bool *sort_descending; /* per sort column; NULL: all ascending */
    const sb_schema *row;        /* value columns; may be 0 columns */
    /* 0: rows live until erased. Else expired rows are never returned (R54) */
    int64_t ttl_ms;
    /* SB_BAG: also index whole rows, so that remove is O(1); set when the input retracts */
    bool index_rows;
} sb_table_spec;

typedef struct sb_table sb_table;

/* Keys of n rows: columns by reference; hashes computed once per batch (sb_hash_columns over the
 * key columns). */
typedef struct sb_keys {
    sb_vector *const *columns; /* spec->key->count of them */
    const int32_t *rows;       /* physical row of each key; NULL: 0..count */
    const uint64_t *hashes;    /* by position, not by physical row */
    const int64_t *space;      /* by position; NULL without namespace */
    int32_t count;
} sb_keys;

const sb_row_layout *sb_table_layout(const sb_table *t);
int32_t sb_table_field(const sb_table *t, int32_t value_column); /* index into the layout */
int64_t sb_table_count(const sb_table *t); /* expired rows that are not swept yet included */
int64_t sb_table_bytes(const sb_table *t); /* live bytes of rows and index */
uint64_t sb_row_hash(const uint8_t *row);  /* of a row that lies in a table */
int64_t sb_row_space(const sb_table *t, const uint8_t *row);
/* Processing time for TTL stamps and expiry: set at the start of each step. */
void sb_table_set_now(sb_table *t, int64_t now_ms);

/* How many leading keys can be touched now; 0: a fetch was started, return SB_WAIT_STATE. Memory
 * backend: always keys->count. */
int32_t sb_table_want(sb_table *t, const sb_keys *keys);

/* Writing through a row pointer (fixed slots only, sizes never change): touch first. */
void sb_table_touch(sb_table *t, uint8_t *row);
/* Replaces a VIEW field of a row (not of a bag with index_rows); the row may move: returns where it
 * is now. `value` may point into the row. NULL: out of memory or too long, row unchanged. */
uint8_t *sb_table_set_view(sb_table *t, uint8_t *row, int32_t value_column, const sb_view *value,
                           bool is_null);
void sb_table_erase_row(sb_table *t, uint8_t *row);
/* Many at once, which is much faster where they lie apart. NULLs are skipped; no row twice. */
void sb_table_erase_rows(sb_table *t, uint8_t *const *rows, int32_t count);

/* --- map: (key, space) -> row --- */
void sb_map_find(sb_table *t, const sb_keys *keys, uint8_t **out_rows); /* NULL where absent */
/* Finds or creates, all or nothing. A created row has all value slots zero and not NULL (bytes
 * fields: empty; ARRAY, MAP, MULTISET and ROW fields, which have no zero: NULL). Equal keys within
 * one call get the same row; only the first of them has its bit set in out_created (bitmap by
 * position, may be NULL; zeroed by the call). */
sb_status sb_map_insert(sb_table *t, const sb_keys *keys, uint8_t **out_rows, uint64_t *out_created,
                        sb_error *err);
/* Sets whole rows: value columns at the same physical rows as the keys. Equal keys: the last wins.
 * Values may be views into rows of this table. On failure some of the keys have their new row. */
sb_status sb_map_put(sb_table *t, const sb_keys *keys, sb_vector *const *values, sb_error *err);
void sb_map_erase(sb_table *t, const sb_keys *keys);
/* Flag: a persistent "to do" mark on a map row, kept in order of flagging. Mini-batch: flag on
 * first change, take to emit. A flagged row does not expire. */
sb_status sb_map_flag(sb_table *t, uint8_t *row, sb_error *err); /* already flagged: nothing */
bool sb_map_is_flagged(const sb_table *t, const uint8_t *row);
int64_t sb_map_count_flagged(const sb_table *t);
uint8_t *sb_map_flagged_first(sb_table *t); /* looks; NULL: none */
void sb_map_unflag_first(sb_table *t);      /* takes it off the list */

/* --- bag: key (, space) -> rows, each with a sequence number ascending per key, kept by
 * snapshot, restore and rescale --- */
/* All or nothing. */
sb_status sb_bag_add(sb_table *t, const sb_keys *keys, sb_vector *const *values, sb_error *err);
/* Removes one equal row each (the earliest); out_found bitmap by position (zeroed by the call). */
void sb_bag_remove(sb_table *t, const sb_keys *keys, sb_vector *const *values, uint64_t *out_found);

typedef struct sb_match { /* cursor by value: matches of keys before `key` are all out; of `key`
                             those with seq <= this */
    int32_t key;
    uint64_t seq; /* 0: none yet */
} sb_match;

/* Up to `limit` matches from the cursor on, in (key position, seq) order; moves the cursor. Returns
 * the count; cursor->key == keys->count: finished. Keys with a NULL in a column where
 * null_matches[column] is false never match (null_matches NULL: NULL matches nothing).
 */
int32_t sb_bag_match(sb_table *t, const sb_keys *keys, const bool *null_matches, sb_match *cursor,
                     int32_t limit, int32_t *out_key, uint8_t **out_row);
/* oldest row of the key at position 0; NULL: none */
uint8_t *sb_bag_first(sb_table *t, const sb_keys *one);
uint8_t *sb_bag_last(sb_table *t, const sb_keys *one);
uint8_t *sb_bag_next(sb_table *t, const uint8_t *row); /* of the same key; NULL: none */
uint8_t *sb_bag_prev(sb_table *t, const uint8_t *row);
uint64_t sb_bag_seq(const uint8_t *row);
/* Replaces the values of a row, keeping its place and seq; returns where it is now, NULL: out of
 * memory. */
uint8_t *sb_bag_replace(sb_table *t, uint8_t *row, sb_vector *const *values, int32_t physical);
void sb_bag_erase(sb_table *t, const sb_keys *keys); /* whole bags */

/* --- ordered: (key, space, sort) -> row --- */
/* Finds or creates (values as sb_map_insert), all or nothing. */
sb_status sb_ordered_put(sb_table *t, const sb_keys *keys, sb_vector *const *sort,
                         uint8_t **out_rows, uint64_t *out_created, sb_error *err);
void sb_ordered_find(sb_table *t, const sb_keys *keys, sb_vector *const *sort, uint8_t **out_rows);
void sb_ordered_erase(sb_table *t, const sb_keys *keys, sb_vector *const *sort);
/* smallest sort of the key at position 0 */
uint8_t *sb_ordered_first(sb_table *t, const sb_keys *one);
uint8_t *sb_ordered_last(sb_table *t, const sb_keys *one);
/* next larger of the same key; NULL: none */
uint8_t *sb_ordered_next(sb_table *t, const uint8_t *row);
uint8_t *sb_ordered_prev(sb_table *t, const uint8_t *row);

/* Visits every live row in no particular order (inspect, restore hooks, tests); stops when visit
 * returns false. */
void sb_table_scan(sb_table *t, bool (*visit)(void *ctx, uint8_t *row), void *ctx);
/* Drops all rows of one namespace value (window state that leaves). O(rows of it). */
void sb_table_drop_space(sb_table *t, int64_t space);

#endif
