/*
 * state/restore.c -- loading a piece: pages from blobs into tables.
 *
 * DESIGN     Blobs are read from the youngest to the oldest; of each page the youngest word on a
 *            slot counts, until its whole record has been read. With same_owner pages are made
 *            again under their ids, clean, so that the next snapshot builds on the same blobs; else
 *            rows go into fresh pages, which are dirty. Index and links are built from the rows:
 *            bags in order of seq, flags and timers too. Nothing is believed: sizes, slots, keys
 *            that come twice and missing pages are found and named. After a failure a state is only
 *            good for sb_state_free.
 * THREADS    T:setup
 */
#include <string.h>

#include "state/state_priv.h"

#define NONE    UINT32_MAX
#define PENDING 64

typedef struct seen_page { /* by page id of the descriptor */
    uint64_t *decided;     /* slots that a younger record has spoken of; NULL: none yet */
    uint32_t words;
    uint32_t count; /* references found */
    bool is_whole;  /* its whole record was read: older ones do not count */
    sb_page *page;  /* made again */
} seen_page;

typedef struct load_table {
    const sb_table_head *head;       /* of the descriptor */
    sb_table *table;                 /* NULL: not in the query, and empty */
    uint32_t index;                  /* in the state */
    bool places;                     /* rows go where they were */
    bool blob_has_seq, blob_has_ttl; /* of the blob that is read */
    bool in_blob;
    seen_page *pages;
    uint32_t count_pages;
    uint8_t *pending[PENDING]; /* rows whose index entries have been asked for */
    uint32_t count_pending;
    sb_pair *rows; /* to be linked in order of seq (bag), or flagged */
    size_t count_rows, capacity_rows;
} load_table;

typedef struct load {
    sb_state *state;
    sb_store *store;
    bool same_owner;
    sb_descriptor d;
    load_table *tables; /* by index in the descriptor */
    sb_blob_in in;
    uint32_t number;  /* of the blob */
    uint32_t expects; /* references of this blob not found yet */
} load;

/* ---- beginning
 * ------------------------------------------------------------------------------------ */

static bool
alike(const sb_table_head *head, const sb_table *t)
{
    return head->row_offset == t->pages.row_offset && head->fixed_slot == t->pages.fixed_slot;
}

/* The index is made for our share of the rows, if the blobs can hold as many as is said. */
static void
presize(load *l, load_table *lt, int64_t rows)
{
    uint32_t own = l->state->slot_to - l->state->slot_from, of = l->d.slot_to - l->d.slot_from;
    int64_t bytes = 0;
    for (uint32_t b = 0; b < l->d.homes.count_blobs; b++) {
        bytes += l->d.homes.blobs[b].live;
    }
    if (lt->table->shape == SB_MAP && of > 0 && rows > 0 && rows <= bytes / 32) {
        sb_index_presize(&lt->table->index, own < of ? rows / of * own : rows);
    }
}

static sb_status
match_tables(load *l, sb_error *err)
{
    sb_mem *mem = l->state->mem;
    l->tables = sb_alloc_zero(mem, l->d.count_tables * sizeof *l->tables);
    if (!l->tables) {
        SB_NOMEM(err);
    }
    for (uint32_t i = 0; i < l->d.count_tables; i++) {
        load_table *lt = &l->tables[i];
        lt->head = &l->d.heads[i];
        lt->index = sb_state_table_index(l->state, lt->head->table_id);
        if (lt->index == NONE) {
            if (l->d.totals[i].rows != 0) {
                SB_FAIL(
                    err, SB_STATUS_CONFLICT,
                    "state table %u has %lld rows in the snapshot, but the query has no such table",
                    lt->head->table_id, (long long)l->d.totals[i].rows);
            }
        } else {
            lt->table = l->state->tables[lt->index];
            SB_TRY(sb_table_head_check(lt->head, lt->table, err), err);
            lt->places = l->same_owner && alike(lt->head, lt->table);
            presize(l, lt, l->d.totals[i].rows);
        }
        lt->count_pages = l->d.homes.tables[i].count;
        lt->pages = sb_alloc_zero(mem, lt->count_pages * sizeof *lt->pages);
        if (!lt->pages) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static void
load_free(load *l)
{
    sb_mem *mem = l->state->mem;
    for (uint32_t i = 0; l->tables && i < l->d.count_tables; i++) {
        load_table *lt = &l->tables[i];
        for (uint32_t p = 0; lt->pages && p < lt->count_pages; p++) {
            sb_free(mem, lt->pages[p].decided, lt->pages[p].words * sizeof(uint64_t));
        }
        sb_free(mem, lt->pages, lt->count_pages * sizeof *lt->pages);
        sb_free(mem, lt->rows, lt->capacity_rows * sizeof *lt->rows);
    }
    sb_free(mem, l->tables, l->d.count_tables * sizeof *l->tables);
    sb_descriptor_deinit(&l->d);
}

/* ---- rows
 * ----------------------------------------------------------------------------------------- */

static sb_status
remember(load *l, load_table *lt, uint8_t *row, sb_error *err)
{
    sb_mem *mem = l->state->mem;
    if (lt->count_rows == lt->capacity_rows) {
        size_t capacity = lt->capacity_rows ? lt->capacity_rows * 2 : 256;
        sb_pair *rows =
            sb_realloc(mem, lt->rows, lt->capacity_rows * sizeof *rows, capacity * sizeof *rows);
        if (!rows) {
            SB_NOMEM(err);
        }
        lt->rows = rows;
        lt->capacity_rows = capacity;
    }
    lt->rows[lt->count_rows++] = (sb_pair){sb_head(row)->seq, row};
    return SB_OK;
}

static sb_status
link_pending(load *l, load_table *lt, sb_error *err)
{
    for (uint32_t i = 0; i < lt->count_pending; i++) {
        bool twice = false;
        if (!sb_row_link(lt->table, lt->pending[i], &twice)) {
            if (twice) {
                SB_FAIL(err, SB_STATUS_CORRUPT,
                        "state blob '%s' is damaged: a key of table %u stands in it twice",
                        l->in.name, lt->table->table_id);
            }
            SB_NOMEM(err);
        }
    }
    lt->count_pending = 0;
    return SB_OK;
}

/* Links a row a little later, when its index entry is in the cache. */
static sb_status
link_soon(load *l, load_table *lt, uint8_t *row, sb_error *err)
{
    sb_cursor cursor = sb_index_seek(&lt->table->index, sb_place_of(lt->table, row));
    __builtin_prefetch(cursor.entries + cursor.at);
    lt->pending[lt->count_pending++] = row;
    return lt->count_pending == PENDING ? link_pending(l, lt, err) : SB_OK;
}

/* The page of a record, made again at its first row. */
static sb_status
page_for(load *l, load_table *lt, const sb_record *r, sb_page **out, sb_error *err)
{
    seen_page *seen = &lt->pages[r->page_id];
    sb_pages *pages = &lt->table->pages;
    if (!seen->page) {
        uint32_t slot_size = 0, class_no = NONE;
        if (r->slot_size > pages->row_offset) {
            class_no = sb_pages_class(pages, r->slot_size - pages->row_offset, &slot_size);
        }
        if (slot_size != r->slot_size || !sb_pages_possible(r->page_size, slot_size, class_no)) {
            return sb_blob_corrupt(&l->in, "a page of impossible size", err);
        }
        seen->page = sb_pages_recreate(pages, r->page_id, r->page_size, slot_size, class_no);
        if (!seen->page) {
            SB_NOMEM(err);
        }
    }
    if (seen->page->slot_size != r->slot_size || seen->page->size != r->page_size) {
        return sb_blob_corrupt(&l->in, "records of one page do not fit together", err);
    }
    *out = seen->page;
    return SB_OK;
}

typedef struct stored_row {
    uint32_t slot;
    uint64_t hash, seq;
    int64_t write_ms;
    const uint8_t *row;
} stored_row;

static sb_status
load_row(load *l, load_table *lt, const sb_record *r, const stored_row *s, sb_error *err)
{
    sb_table *t = lt->table;
    uint32_t key_slot = sb_key_slot(s->hash), size = sb_row_size(s->row);
    uint8_t *row;
    if (key_slot < l->state->slot_from || key_slot >= l->state->slot_to) {
        return l->same_owner ? sb_blob_corrupt(&l->in, "a row of somebody else's slots", err)
                             : SB_OK;
    }
    if (lt->places) {
        sb_page *page = NULL;
        SB_TRY(page_for(l, lt, r, &page, err), err);
        row = sb_pages_place(&t->pages, page, s->slot);
        if (!row || size > sb_pages_room(&t->pages, row)) {
            return sb_blob_corrupt(&l->in, "a row in an impossible place", err);
        }
    } else {
        row = sb_pages_alloc(&t->pages, size);
        if (!row) {
            SB_NOMEM(err);
        }
    }
    memcpy(row, s->row, size);
    sb_head(row)->hash = s->hash;
    sb_head(row)->seq = t->shape == SB_ORDERED ? 0 : s->seq;
    if (t->ttl_ms) {
        *sb_write_ms(t, row) = lt->blob_has_ttl ? s->write_ms : t->now_ms;
    }
    if (t->shape == SB_BAG) {
        return remember(l, lt, row, err);
    }
    SB_TRY(link_soon(l, lt, row, err), err);
    return t->shape == SB_MAP && s->seq != 0 ? remember(l, lt, row, err) : SB_OK;
}

/* ---- records
 * -------------------------------------------------------------------------------------- */

static bool
is_decided(const seen_page *seen, uint32_t slot)
{
    return seen->decided && ((seen->decided[slot >> 6] >> (slot & 63)) & 1);
}

static void
decide(const seen_page *seen, uint32_t slot)
{
    if (seen->decided) {
        seen->decided[slot >> 6] |= UINT64_C(1) << (slot & 63);
    }
}

static sb_status
load_rows(load *l, load_table *lt, const sb_record *r, const uint8_t *at, const uint8_t *end,
          sb_error *err)
{
    seen_page *seen = &lt->pages[r->page_id];
    uint32_t words = 2 + lt->blob_has_seq + lt->blob_has_ttl, slots = r->page_size / r->slot_size;
    for (uint32_t i = 0; i < r->count_rows; i++) {
        uint64_t fields[4] = {0};
        if ((size_t)(end - at) < words * sizeof *fields) {
            return sb_blob_corrupt(&l->in, "a row is cut off", err);
        }
        memcpy(fields, at, words * sizeof *fields);
        at += words * sizeof *fields;
        if (fields[0] >= slots || !sb_row_valid(&lt->table->layout, at, (size_t)(end - at))) {
            return sb_blob_corrupt(&l->in, "a row is not valid", err);
        }
        stored_row s = {.slot = (uint32_t)fields[0], .hash = fields[1], .row = at};
        s.seq = lt->blob_has_seq ? fields[2] : 0;
        s.write_ms = lt->blob_has_ttl ? (int64_t)fields[2 + lt->blob_has_seq] : 0;
        if (!is_decided(seen, s.slot)) {
            SB_TRY(load_row(l, lt, r, &s, err), err);
            decide(seen, s.slot);
        }
        at += sb_row_size(at);
    }
    return at == end ? SB_OK : sb_blob_corrupt(&l->in, "a record has bytes left over", err);
}

/* A page with changes in several blobs remembers which slots are done. */
static sb_status
prepare_page(load *l, const sb_home *home, seen_page *seen, const sb_record *r, sb_error *err)
{
    uint32_t words = (r->page_size / r->slot_size + 63) / 64;
    if (home->count > 1 && !seen->decided) {
        seen->decided = sb_alloc_zero(l->state->mem, words * sizeof(uint64_t));
        if (!seen->decided) {
            SB_NOMEM(err);
        }
        seen->words = words;
    }
    return seen->decided && seen->words != words
               ? sb_blob_corrupt(&l->in, "records of one page do not fit together", err)
               : SB_OK;
}

static sb_status
load_record(load *l, const sb_record *r, const uint8_t *body, const uint8_t *end, sb_error *err)
{
    uint32_t i = 0;
    while (i < l->d.count_tables && l->d.heads[i].table_id != r->table_id) {
        i++;
    }
    load_table *lt = i < l->d.count_tables ? &l->tables[i] : NULL;
    const sb_home *home = lt ? sb_homes_get(&l->d.homes, i, r->page_id) : NULL;
    bool is_needed = false;
    for (uint32_t k = 0; home && k < home->count; k++) {
        if (home->refs[k].blob == l->number) {
            if (home->refs[k].bytes != r->size || (k == 0) == (r->is_delta != 0)) {
                return sb_blob_corrupt(&l->in, "a record is not the one that the checkpoint names",
                                       err);
            }
            is_needed = true;
        }
    }
    if (!is_needed) {
        return SB_OK;
    }
    size_t erased = ((size_t)r->count_erased * sizeof(uint32_t) + 7) & ~(size_t)7;
    if (!lt->table || !lt->in_blob || r->slot_size < 32 || r->page_size < r->slot_size ||
        erased > (size_t)(end - body)) {
        return sb_blob_corrupt(&l->in, "impossible record", err);
    }
    seen_page *seen = &lt->pages[r->page_id];
    SB_TRY(prepare_page(l, home, seen, r, err), err);
    /* Rows before erased slots: both speak of the same moment, and no slot is in both. */
    SB_TRY(load_rows(l, lt, r, body + erased, end, err), err);
    for (uint32_t k = 0; k < r->count_erased; k++) {
        uint32_t slot;
        memcpy(&slot, body + k * sizeof slot, sizeof slot);
        if (slot >= r->page_size / r->slot_size) {
            return sb_blob_corrupt(&l->in, "an erased row in an impossible place", err);
        }
        decide(seen, slot);
    }
    seen->count++;
    l->expects--;
    return SB_OK;
}

static sb_status
load_records(load *l, const uint8_t *data, size_t size, sb_error *err)
{
    for (size_t at = 0; at < size;) {
        sb_record r;
        if (size - at < sizeof r) {
            return sb_blob_corrupt(&l->in, "a record is cut off", err);
        }
        memcpy(&r, data + at, sizeof r);
        if (r.size < sizeof r || r.size % 8 != 0 || r.size > size - at) {
            return sb_blob_corrupt(&l->in, "a record is cut off", err);
        }
        SB_TRY(load_record(l, &r, data + at + sizeof r, data + at + r.size, err), err);
        l->in.count_records++;
        at += r.size;
    }
    return SB_OK;
}

/* ---- blobs
 * ---------------------------------------------------------------------------------------- */

static sb_status
read_heads(load *l, const uint8_t *data, size_t size, sb_error *err)
{
    sb_reader r = sb_reader_of(data, size);
    sb_arena *arena = sb_arena_new(l->state->mem);
    if (!arena) {
        SB_NOMEM(err);
    }
    sb_status status = SB_OK;
    uint64_t count = sb_read_varint(&r);
    for (uint64_t i = 0; i < count && status == SB_OK; i++) {
        sb_table_head head;
        status = sb_table_head_read(&r, arena, &head, err);
        for (uint32_t k = 0; k < l->d.count_tables && status == SB_OK; k++) {
            load_table *lt = &l->tables[k];
            if (lt->head->table_id != head.table_id || !lt->table) {
                continue;
            }
            status = sb_table_head_check(&head, lt->table, err);
            lt->blob_has_seq = head.has_seq;
            lt->blob_has_ttl = head.has_ttl;
            lt->in_blob = true;
        }
    }
    sb_arena_free(arena);
    if (status != SB_OK) {
        sb_error_prefix(err, "state blob '%s'", l->in.name);
    }
    return status;
}

static sb_status
load_blocks(load *l, sb_error *err)
{
    for (;;) {
        sb_block_kind kind;
        const uint8_t *data;
        size_t size;
        SB_TRY(sb_blob_in_next(&l->in, &kind, &data, &size, err), err);
        switch (kind) {
        case SB_BLOCK_TABLES: SB_TRY(read_heads(l, data, size, err), err); break;
        case SB_BLOCK_RECORDS: SB_TRY(load_records(l, data, size, err), err); break;
        case SB_BLOCK_END:
            for (uint32_t i = 0; i < l->d.count_tables; i++) {
                SB_TRY(link_pending(l, &l->tables[i], err), err);
            }
            return l->expects == 0 ? SB_OK
                                   : sb_blob_corrupt(&l->in, "pages are missing in it", err);
        }
    }
}

static sb_status
load_blob(load *l, const sb_home_blob *blob, sb_error *err)
{
    l->number = blob->number;
    l->expects = (uint32_t)blob->refs;
    for (uint32_t i = 0; i < l->d.count_tables; i++) {
        l->tables[i].in_blob = false;
    }
    SB_TRY(sb_blob_in_open(&l->in, l->store, blob->name, blob->file_bytes, blob->id, err), err);
    sb_status status = load_blocks(l, err);
    sb_blob_in_close(&l->in);
    return status;
}

/* ---- building
 * --------------------------------------------------------------------------------------- */

/* Numbers that ascend over all that was restored. */
static void
number_timers(load_table *lt)
{
    sb_table *t = lt->table;
    for (size_t i = 0; i < lt->count_rows; i++) {
        sb_pages_touch(&t->pages, lt->rows[i].row);
        sb_head(lt->rows[i].row)->seq = t->next_seq++;
    }
}

static sb_status
link_bag(load_table *lt, sb_error *err)
{
    bool twice;
    for (size_t i = 0; i < lt->count_rows; i++) {
        uint8_t *row = lt->rows[i].row;
        if (!sb_row_link(lt->table, row, &twice)) {
            SB_NOMEM(err);
        }
        bool first = sb_head(row)->bits & SB_ROW_HEAD;
        if (lt->rows[i].key == 0 ||
            (!first && sb_head(sb_bag_links(row)->prev)->seq >= lt->rows[i].key)) {
            SB_FAIL(err, SB_STATUS_CORRUPT,
                    "state table %u: two rows of a key have one sequence number",
                    lt->table->table_id);
        }
    }
    return SB_OK;
}

static sb_status
link_flags(load *l, load_table *lt, sb_error *err)
{
    sb_mem *mem = l->state->mem;
    uint8_t **rows = sb_alloc(mem, lt->count_rows * sizeof *rows);
    if (!rows) {
        SB_NOMEM(err);
    }
    for (size_t i = 0; i < lt->count_rows; i++) {
        rows[i] = lt->rows[i].row;
    }
    bool done = sb_flags_rebuild(lt->table, rows, lt->count_rows, !lt->places);
    sb_free(mem, rows, lt->count_rows * sizeof *rows);
    if (!done) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

static sb_status
build_table(load *l, load_table *lt, const sb_table_totals *totals, sb_error *err)
{
    sb_mem *mem = l->state->mem;
    sb_table *t = lt->table;
    if (lt->places) {
        sb_pages_recreated(&t->pages);
    }
    if (lt->count_rows > 0) {
        sb_pair *room = sb_alloc(mem, lt->count_rows * sizeof *room);
        if (!room) {
            SB_NOMEM(err);
        }
        sb_sort_pairs(lt->rows, room, lt->count_rows);
        sb_free(mem, room, lt->count_rows * sizeof *room);
    }
    uint64_t last = lt->count_rows ? lt->rows[lt->count_rows - 1].key + 1 : 1;
    uint64_t next = totals->next_seq > last ? totals->next_seq : last;
    if (t->is_timers && !lt->places) {
        number_timers(lt);
    } else if (t->is_timers || t->shape == SB_BAG) {
        t->next_seq = t->next_seq > next ? t->next_seq : next;
    }
    if (t->shape == SB_BAG) {
        SB_TRY(link_bag(lt, err), err);
    } else if (t->shape == SB_MAP && !t->is_timers) {
        SB_TRY(link_flags(l, lt, err), err);
    }
    if (t->is_timers) {
        SB_TRY(sb_timers_rebuild(l->state->timers[lt->index], err), err);
    }
    return SB_OK;
}

/* The homes of the old piece become ours: later snapshots build on its blobs. */
static sb_status
adopt_homes(load *l, sb_error *err)
{
    static const sb_home none = {0};
    sb_state *state = l->state;
    sb_homes *from = &l->d.homes;
    if (!sb_state_make_homes(state)) {
        SB_NOMEM(err);
    }
    for (uint32_t i = 0; i < l->d.count_tables; i++) {
        load_table *lt = &l->tables[i];
        for (uint32_t p = 0; p < from->tables[i].count; p++) {
            sb_home *home = &from->tables[i].homes[p];
            home->page = lt->places ? lt->pages[p].page : NULL;
            if (home->count > 0 && !home->page && !sb_homes_set(from, i, p, &none)) {
                SB_NOMEM(err);
            }
        }
    }
    sb_homes_commit(from);
    sb_homes *to = &state->homes;
    for (uint32_t i = 0; i < l->d.count_tables; i++) {
        if (l->tables[i].places) {
            uint32_t table_id = to->tables[l->tables[i].index].table_id;
            to->tables[l->tables[i].index] = from->tables[i];
            from->tables[i] = (sb_home_table){.table_id = table_id};
        }
    }
    to->blobs = from->blobs;
    to->count_blobs = from->count_blobs;
    to->capacity_blobs = from->capacity_blobs;
    to->next_number = from->next_number;
    from->blobs = NULL;
    from->count_blobs = from->capacity_blobs = 0;
    return SB_OK;
}

static sb_status
check_empty(const sb_state *state, sb_error *err)
{
    for (uint32_t i = 0; i < state->count_tables; i++) {
        if (state->tables[i]->pages.count_ids > 0) {
            SB_FAIL(err, SB_STATUS_INVALID,
                    "state table %u has rows already: the piece cannot be its only one",
                    state->tables[i]->table_id);
        }
    }
    return SB_OK;
}

static sb_status
load_all(load *l, sb_error *err)
{
    SB_TRY(match_tables(l, err), err);
    for (uint32_t b = l->d.homes.count_blobs; b-- > 0;) {
        SB_TRY(load_blob(l, &l->d.homes.blobs[b], err), err);
    }
    for (uint32_t i = 0; i < l->d.count_tables; i++) {
        if (l->tables[i].table) {
            SB_TRY(build_table(l, &l->tables[i], &l->d.totals[i], err), err);
        }
    }
    return l->same_owner ? adopt_homes(l, err) : SB_OK;
}

sb_status
sb_state_restore(sb_state *state, sb_reader *descriptor, sb_store *store, bool same_owner,
                 sb_error *err)
{
    load l = {.state = state, .store = store, .same_owner = same_owner};
    sb_assert(!state->running);
    if (same_owner) {
        SB_TRY(check_empty(state, err), err);
    }
    SB_TRY(sb_descriptor_read(&l.d, state->mem, descriptor, err), err);
    sb_status status = SB_OK;
    if (same_owner && (l.d.slot_from != state->slot_from || l.d.slot_to != state->slot_to)) {
        status = sb_error_set(
            err, SB_STATUS_INVALID, __FILE__, __LINE__,
            "the piece has slots %u to %u, the instance %u to %u: it is not the same owner",
            l.d.slot_from, l.d.slot_to, state->slot_from, state->slot_to);
    }
    if (status == SB_OK) {
        status = load_all(&l, err);
    }
    load_free(&l);
    return status;
}
