/*
 * state/table.c -- what all shapes share: opening, layout of rows, storing, moving, erasing,
 * scanning.
 *
 * DESIGN     see table_priv.h. Calls that may run out of memory reserve first and change
 *            afterwards.
 * THREADS    T:task
 */
#include "state/table.h"

#include <string.h>

#include "state/table_priv.h"

#define ERASE_CHUNK 32 /* rows that are fetched together */

/* ---- opening
 * -------------------------------------------------------------------------------------- */

static bool
is_nested(const sb_type *type)
{
    sb_phys phys = sb_type_phys(type);
    return phys == SB_PHYS_LIST || phys == SB_PHYS_STRUCT;
}

static sb_status
copy_schema(sb_table *t, const sb_schema *from, sb_schema *out, sb_error *err)
{
    sb_schema *copy = NULL;
    if (from && from->count > 0) {
        SB_TRY(sb_schema_copy(t->arena, from, &copy, err), err);
        *out = *copy;
    }
    return SB_OK;
}

static sb_status
check_spec(const sb_table_spec *spec, sb_error *err)
{
    bool ordered = spec->shape == SB_ORDERED;
    bool has_sort = spec->sort && spec->sort->count > 0;
    if (ordered != has_sort) {
        SB_FAIL(err, SB_STATUS_INVALID, "state table %u: %s", spec->table_id,
                ordered ? "an ordered table needs sort columns"
                        : "only an ordered table has sort columns");
    }
    if (spec->index_rows && spec->shape != SB_BAG) {
        SB_FAIL(err, SB_STATUS_INVALID, "state table %u: only a bag has an index of whole rows",
                spec->table_id);
    }
    if (spec->ttl_ms < 0) {
        SB_FAIL(err, SB_STATUS_INVALID, "state table %u: negative time to live %lld ms",
                spec->table_id, (long long)spec->ttl_ms);
    }
    return SB_OK;
}

/* key columns, space, sort columns, value columns */
static sb_status
combine_schemas(sb_table *t, const sb_table_spec *spec, sb_error *err)
{
    SB_TRY(copy_schema(t, spec->key, &t->key, err), err);
    SB_TRY(copy_schema(t, spec->sort, &t->sort, err), err);
    SB_TRY(copy_schema(t, spec->row, &t->row, err), err);
    t->count_key = t->key.count;
    t->count_sort = t->sort.count;
    t->count_values = t->row.count;
    t->at_space = t->count_key;
    t->at_sort = t->at_space + t->has_space;
    t->at_values = t->at_sort + t->count_sort;
    int32_t count = t->at_values + t->count_values;
    sb_field *fields = SB_NEW_ARRAY(t->arena, sb_field, count + 1);
    t->descending = SB_NEW_ARRAY(t->arena, bool, t->count_sort + 1);
    if (!fields || !t->descending) {
        SB_NOMEM(err);
    }
    for (int32_t i = 0; i < t->count_key; i++) {
        fields[i] = t->key.fields[i];
    }
    fields[t->at_space] = (sb_field){.name = "space", .type = SB_TYPE(BIGINT, false)};
    for (int32_t i = 0; i < t->count_sort; i++) {
        fields[t->at_sort + i] = t->sort.fields[i];
        t->descending[i] = spec->sort_descending && spec->sort_descending[i];
    }
    for (int32_t i = 0; i < t->count_values; i++) {
        fields[t->at_values + i] = t->row.fields[i];
    }
    t->schema = (sb_schema){.count = count, .fields = fields};
    return SB_OK;
}

static void
choose_kinds(sb_table *t)
{
    t->plain_key = true;
    for (int32_t i = 0; i < t->at_values; i++) {
        t->plain_key = t->plain_key && !is_nested(&t->schema.fields[i].type);
    }
    t->exact_key = true;
    for (int32_t i = 0; i < t->count_key; i++) {
        sb_phys of = sb_type_phys(&t->schema.fields[i].type);
        t->exact_key =
            t->exact_key && (of == SB_PHYS_I32 || of == SB_PHYS_I64 || of == SB_PHYS_VIEW);
    }
    t->word_key = t->shape == SB_MAP && !t->has_space && !t->ttl_ms && t->count_key >= 1 &&
                  t->count_key <= 8; /* their NULL bits are one byte */
    for (int32_t i = 0; i < t->count_key; i++) {
        t->word_key = t->word_key && sb_type_phys(&t->schema.fields[i].type) == SB_PHYS_I64;
    }
    sb_phys phys = t->count_key == 1 ? sb_type_phys(&t->schema.fields[0].type) : SB_PHYS_NULL;
    t->key_kind = t->count_key == 0     ? SB_KEY_NONE
                  : phys == SB_PHYS_I64 ? SB_KEY_I64
                  : phys == SB_PHYS_I32 ? SB_KEY_I32
                                        : SB_KEY_ANY;
    phys = t->count_sort == 1 ? sb_type_phys(&t->schema.fields[t->at_sort].type) : SB_PHYS_NULL;
    t->sort_exact = phys >= SB_PHYS_BOOL && phys <= SB_PHYS_I64;
}

/* What stands before each row. */
static void
lay_out_heads(sb_table *t)
{
    uint32_t at = sizeof(sb_row_head);
    if (t->shape == SB_BAG) {
        at = SB_AT_BAG;
    }
    if (t->index_rows) {
        t->at_equal = at += sizeof(sb_equal);
    }
    if (t->ttl_ms) {
        t->at_ttl = at += sizeof(int64_t);
    }
    if (t->has_space && !t->is_timers) {
        t->at_links = at += sizeof(sb_links);
    }
    t->pages.row_offset = at;
    t->pages.at_ttl = t->at_ttl;
    t->pages.keeps_seq = t->shape != SB_ORDERED;
    if (!t->layout.has_bytes) {
        uint32_t slot = at + t->layout.fixed_size;
        /* A row that nearly fills a cache line or two gets them for itself. */
        uint32_t lines = (slot + 63) & ~63u;
        t->pages.fixed_slot = slot < SB_SLOT_MAX && lines - slot <= slot / 7 ? lines : slot;
        if (t->pages.fixed_slot > SB_SLOT_MAX) {
            t->pages.fixed_slot = 0;
        }
    }
}

static sb_status
make_parts(sb_table *t, sb_error *err)
{
    int32_t count = t->schema.count;
    t->zero_row = SB_NEW_ARRAY(t->arena, uint8_t, t->layout.fixed_size);
    t->nulls = SB_NEW_ARRAY(t->arena, sb_vector *, count + 1);
    t->columns = SB_NEW_ARRAY(t->arena, sb_vector *, count + 1);
    t->key_columns = SB_NEW_ARRAY(t->arena, sb_key_column, t->count_key + 1);
    if (!t->zero_row || !t->nulls || !t->columns || !t->key_columns) {
        SB_NOMEM(err);
    }
    memcpy(t->zero_row, &t->layout.fixed_size, sizeof t->layout.fixed_size);
    for (int32_t i = 0; i < count; i++) {
        const sb_type *type = &t->schema.fields[i].type;
        if (i >= t->at_values && (is_nested(type) || sb_type_phys(type) == SB_PHYS_NULL)) {
            sb_row_set_null(t->zero_row, i, true);
        }
        t->nulls[i] = sb_vector_const(t->mem, type, NULL, 1);
        if (!t->nulls[i]) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static uint64_t
place_in_index(const void *ctx, const uint8_t *row)
{
    return sb_place_of(ctx, row);
}

static uint64_t
place_in_rows(const void *ctx, const uint8_t *row)
{
    return sb_equal_of(ctx, row)->hash;
}

static sb_status
open_table(sb_table *t, const sb_table_spec *spec, sb_error *err)
{
    SB_TRY(check_spec(spec, err), err);
    t->arena = sb_arena_new(t->mem);
    if (!t->arena) {
        SB_NOMEM(err);
    }
    SB_TRY(combine_schemas(t, spec, err), err);
    SB_TRY(sb_row_layout_init(&t->layout, t->mem, &t->schema, err), err);
    choose_kinds(t);
    lay_out_heads(t);
    SB_TRY(make_parts(t, err), err);
    if (!sb_index_init(&t->index, t->mem, t->pool, place_in_index, t) ||
        (t->index_rows && !sb_index_init(&t->rows, t->mem, t->pool, place_in_rows, t))) {
        SB_NOMEM(err);
    }
    return SB_OK;
}

sb_status
sb_table_new(sb_mem *mem, sb_pool *pool, const sb_table_spec *spec, bool is_timers, sb_table **out,
             sb_error *err)
{
    sb_table *t = sb_alloc_zero(mem, sizeof *t);
    if (!t) {
        SB_NOMEM(err);
    }
    t->mem = mem;
    t->pool = pool;
    t->table_id = spec->table_id;
    t->shape = spec->shape;
    t->is_timers = is_timers;
    t->has_space = spec->has_space;
    t->index_rows = spec->index_rows;
    t->ttl_ms = spec->ttl_ms;
    t->next_seq = 1;
    t->flags.base = 1;
    sb_pages_init(&t->pages, mem, pool);
    sb_status status = open_table(t, spec, err);
    if (status != SB_OK) {
        sb_table_free(t);
        return status;
    }
    *out = t;
    return SB_OK;
}

sb_table *
sb_table_free(sb_table *t)
{
    if (!t) {
        return NULL;
    }
    if (t->shape == SB_ORDERED) {
        sb_ordered_deinit(t);
    }
    sb_flags_free(t);
    sb_index_deinit(&t->index);
    sb_index_deinit(&t->rows);
    sb_pages_deinit(&t->pages);
    for (int32_t i = 0; t->nulls && i < t->schema.count; i++) {
        sb_vector_unref(t->nulls[i]);
    }
    sb_row_layout_deinit(&t->layout);
    sb_free(t->mem, t->spaces, t->capacity_spaces * sizeof *t->spaces);
    sb_free(t->mem, t->scratch, t->scratch_size);
    sb_free(t->mem, t->marks, t->marks_size);
    sb_arena_free(t->arena);
    sb_free(t->mem, t, sizeof *t);
    return NULL;
}

static void *
grow_scratch(sb_mem *mem, void **data, size_t *size, size_t want)
{
    if (want > *size) {
        size_t wider = want + want / 2 + 1024;
        void *grown = sb_alloc(mem, wider);
        if (!grown) {
            return NULL;
        }
        sb_free(mem, *data, *size);
        *data = grown;
        *size = wider;
    }
    return *data;
}

void *
sb_table_scratch(sb_table *t, size_t size)
{
    void *data = t->scratch;
    void *got = grow_scratch(t->mem, &data, &t->scratch_size, size < 8 ? 8 : size);
    t->scratch = data;
    return got;
}

void *
sb_table_marks(sb_table *t, size_t size)
{
    void *marks = grow_scratch(t->mem, &t->marks, &t->marks_size, size < 8 ? 8 : size);
    if (marks) {
        memset(marks, 0, size);
    }
    return marks;
}

/* ---- small answers
 * -------------------------------------------------------------------------------- */

const sb_row_layout *
sb_table_layout(const sb_table *t)
{
    return &t->layout;
}

int32_t
sb_table_field(const sb_table *t, int32_t value_column)
{
    sb_assert(value_column >= 0 && value_column < t->count_values);
    return t->at_values + value_column;
}

int64_t
sb_table_count(const sb_table *t)
{
    return t->pages.count_rows;
}

int64_t
sb_table_bytes(const sb_table *t)
{
    return t->pages.bytes + t->index.bytes + t->rows.bytes + t->node_bytes +
           (int64_t)(t->capacity_spaces * sizeof *t->spaces +
                     t->flags.capacity * sizeof *t->flags.rows);
}

uint64_t
sb_row_hash(const uint8_t *row)
{
    return sb_head(row)->hash;
}

int64_t
sb_row_space(const sb_table *t, const uint8_t *row)
{
    sb_assert(t->has_space);
    return sb_space_of(t, row);
}

void
sb_table_set_now(sb_table *t, int64_t now_ms)
{
    t->now_ms = now_ms;
}

int32_t
sb_table_want(sb_table *t, const sb_keys *keys)
{
    (void)t;
    return keys->count;
}

sb_status
sb_too_large(const sb_table *t, sb_error *err)
{
    SB_FAIL(err, SB_STATUS_LIMIT, "state table %u: a row of %u bytes or more", t->table_id,
            SB_ROW_SIZE_MAX);
}

/* ---- rows
 * ----------------------------------------------------------------------------------------- */

void
sb_table_touch(sb_table *t, uint8_t *row)
{
    sb_pages_touch(&t->pages, row);
    if (t->ttl_ms) {
        *sb_write_ms(t, row) = t->now_ms;
    }
}

void
sb_row_erase(sb_table *t, uint8_t *row)
{
    switch (t->shape) {
    case SB_MAP:
        sb_index_remove(&t->index, sb_place_of(t, row), row);
        sb_flags_drop(t, row);
        break;
    case SB_BAG: sb_bag_unlink(t, row); break;
    case SB_ORDERED: sb_ordered_unlink(t, row); break;
    }
    sb_spaces_remove(t, row);
    if (t->match_row == row) {
        t->match_row = NULL;
    }
    sb_pages_free_row(&t->pages, row);
}

/* Heads first; then, when they are there, what they point to. */
void
sb_rows_fetch(const sb_table *t, uint8_t *const *rows, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        if (rows[i]) {
            __builtin_prefetch(rows[i] - t->pages.row_offset, 1);
            __builtin_prefetch(rows[i], 1);
        }
    }
    for (int32_t i = 0; i < n; i++) {
        const uint8_t *row = rows[i];
        if (!row) {
            continue;
        }
        sb_page *p = sb_page_of(row);
        __builtin_prefetch(p, 1);
        __builtin_prefetch(p->bits, 1);
        sb_index_fetch(&t->index, sb_place_of(t, row));
        if (t->at_links) {
            const sb_links *links = sb_space_links(t, row);
            __builtin_prefetch((const void *)((uintptr_t)links->next - t->at_links), 1);
            __builtin_prefetch((const void *)((uintptr_t)links->prev - t->at_links), 1);
        }
        if (t->shape == SB_BAG) {
            __builtin_prefetch((const void *)((uintptr_t)sb_bag_links(row)->next - SB_AT_BAG), 1);
            __builtin_prefetch((const void *)((uintptr_t)sb_bag_links(row)->prev - SB_AT_BAG), 1);
        }
        if (t->index_rows) {
            sb_index_fetch(&t->rows, sb_equal_of(t, row)->hash);
        }
    }
    sb_keep_fetches();
}

void
sb_table_erase_row(sb_table *t, uint8_t *row)
{
    sb_row_erase(t, row);
}

void
sb_table_erase_rows(sb_table *t, uint8_t *const *rows, int32_t count)
{
    for (int32_t from = 0; from < count; from += ERASE_CHUNK) {
        int32_t n = count - from < ERASE_CHUNK ? count - from : ERASE_CHUNK;
        sb_rows_fetch(t, rows + from, n);
        for (int32_t i = from; i < from + n; i++) {
            if (rows[i]) {
                sb_row_erase(t, rows[i]);
            }
        }
    }
}

void
sb_row_moved(sb_table *t, uint8_t *row, uint8_t *to)
{
    switch (t->shape) {
    case SB_MAP:
        sb_index_replace(&t->index, sb_place_of(t, to), row, to);
        sb_flags_moved(t, to);
        break;
    case SB_BAG: sb_bag_moved(t, row, to); break;
    case SB_ORDERED: sb_ordered_moved(t, row, to); break;
    }
    sb_spaces_moved(t, row, to);
    if (t->match_row == row) {
        t->match_row = to;
    }
}

bool
sb_row_link(sb_table *t, uint8_t *row, bool *out_twice)
{
    uint64_t place = sb_place_of(t, row);
    *out_twice = false;
    if (!sb_spaces_reserve(t)) {
        return false;
    }
    switch (t->shape) {
    case SB_MAP:
        *out_twice = sb_probe_row(t, row) != NULL;
        if (*out_twice || !sb_index_reserve(&t->index, place)) {
            return false;
        }
        sb_index_insert(&t->index, place, row);
        break;
    case SB_BAG:
        if (!sb_bag_link(t, row, sb_probe_row(t, row))) {
            return false;
        }
        break;
    case SB_ORDERED:
        if (!sb_ordered_link(t, row, out_twice)) {
            return false;
        }
        break;
    }
    sb_spaces_insert(t, row);
    return true;
}

uint8_t *
sb_row_store(sb_table *t, uint8_t *row, const uint8_t *content)
{
    uint32_t size = sb_row_size(content);
    bool fits = size <= sb_pages_room(&t->pages, row);
    if (size >= SB_ROW_SIZE_MAX) {
        return NULL;
    }
    uint8_t *to = NULL;
    if (!fits || sb_pages_wastes(&t->pages, row, size)) {
        to = sb_pages_alloc(&t->pages, size);
        if (!to && !fits) {
            return NULL;
        }
    }
    if (!to) {
        sb_table_touch(t, row);
        memcpy(row, content, size);
        return row;
    }
    sb_pages_copy_head(&t->pages, row, to);
    memcpy(to, content, size);
    if (t->ttl_ms) {
        *sb_write_ms(t, to) = t->now_ms;
    }
    sb_row_moved(t, row, to);
    sb_pages_free_row(&t->pages, row);
    return to;
}

uint8_t *
sb_table_set_view(sb_table *t, uint8_t *row, int32_t value_column, const sb_view *value,
                  bool is_null)
{
    int32_t field = sb_table_field(t, value_column);
    sb_assert(sb_type_phys(&t->schema.fields[field].type) == SB_PHYS_VIEW);
    sb_assert(!t->index_rows);
    uint32_t old_size = 0, new_size = 0;
    sb_view old = sb_row_view(&t->layout, row, field);
    if (old.small.size > SB_VIEW_INLINE) {
        old_size = (old.small.size + 7) & ~7u;
    }
    if (!is_null && value->small.size > SB_VIEW_INLINE) {
        new_size =
            value->small.size >= SB_ROW_SIZE_MAX ? SB_ROW_SIZE_MAX : (value->small.size + 7) & ~7u;
    }
    if (old_size == 0 && new_size == 0) {
        sb_table_touch(t, row);
        sb_row_set_null(row, field, is_null);
        sb_view stored = is_null ? (sb_view){.words = {0, 0}} : *value;
        memcpy(row + t->layout.offsets[field], &stored, sizeof stored);
        return row;
    }
    uint64_t size = (uint64_t)sb_row_size(row) - old_size + new_size;
    /* A donor row of this one field, then the merged row. */
    uint8_t *donor =
        size < SB_ROW_SIZE_MAX ? sb_table_scratch(t, t->layout.fixed_size + new_size + size) : NULL;
    if (!donor) {
        return NULL;
    }
    memcpy(donor, t->zero_row, t->layout.fixed_size);
    sb_row_set_null(donor, field, is_null);
    sb_view stored = is_null ? (sb_view){.words = {0, 0}} : *value;
    if (new_size > 0) {
        memset(donor + t->layout.fixed_size + new_size - 8, 0, 8);
        memcpy(donor + t->layout.fixed_size, value->large.data, value->small.size);
        stored.words[1] = t->layout.fixed_size;
    }
    memcpy(donor + t->layout.offsets[field], &stored, sizeof stored);
    uint8_t *merged = donor + t->layout.fixed_size + new_size;
    sb_row_merge(t, row, donor, field, 1, merged);
    sb_dassert(sb_row_size(merged) == size);
    return sb_row_store(t, row, merged);
}

/* ---- all rows
 * ------------------------------------------------------------------------------------- */

void
sb_table_scan(sb_table *t, bool (*visit)(void *ctx, uint8_t *row), void *ctx)
{
    for (uint32_t id = 0; id < t->pages.count_ids; id++) {
        sb_page *p = t->pages.ids[id].page;
        for (uint32_t w = 0; p && w < p->count_words; w++) {
            for (uint64_t bits = sb_page_used(p)[w]; bits; bits &= bits - 1) {
                uint8_t *row = sb_page_row(&t->pages, p, w * 64 + (uint32_t)__builtin_ctzll(bits));
                if (!sb_expired(t, row) && !visit(ctx, row)) {
                    return;
                }
            }
        }
    }
}

void
sb_table_drop_space(sb_table *t, int64_t space)
{
    uint8_t *rows[ERASE_CHUNK];
    int32_t n;
    sb_assert(t->at_links);
    do {
        uint8_t *row = sb_spaces_first(t, space);
        for (n = 0; row && n < ERASE_CHUNK; row = sb_space_links(t, row)->next) {
            rows[n++] = row;
        }
        sb_table_erase_rows(t, rows, n);
    } while (n == ERASE_CHUNK);
}
