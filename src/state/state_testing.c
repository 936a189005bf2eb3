/*
 * state/state_testing.c -- random tables, batches and the naive model, and comparing a table
 * with it.
 */
#include "state/state_testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "state/table_priv.h"

uint64_t
sb_st_random(sb_st_rng *r)
{
    return sb_hash_mix(r->state += SB_HASH_GAMMA);
}

/* ---- kinds of tables
 * ------------------------------------------------------------------------------ */

void
sb_st_add(sb_field *fields, sb_schema *schema, const char *name, sb_type type)
{
    fields[schema->count] = (sb_field){.name = name, .type = type};
    schema->fields = fields;
    schema->count++;
}

static sb_type
random_type(sb_st_rng *r, bool fixed)
{
    static const uint8_t ids[] = {
        SB_TYPE_BOOLEAN, SB_TYPE_TINYINT,  SB_TYPE_SMALLINT,  SB_TYPE_INT,       SB_TYPE_BIGINT,
        SB_TYPE_FLOAT,   SB_TYPE_DOUBLE,   SB_TYPE_DATE,      SB_TYPE_TIME,      SB_TYPE_BIGINT,
        SB_TYPE_DECIMAL, SB_TYPE_DECIMAL,  SB_TYPE_TIMESTAMP, SB_TYPE_TIMESTAMP, SB_TYPE_VARCHAR,
        SB_TYPE_VARCHAR, SB_TYPE_VARBINARY};
    uint64_t no = sb_st_below(r, fixed ? 14 : sizeof ids);
    sb_type type = {.id = ids[no], .nullable = sb_st_below(r, 2), .length = SB_LENGTH_MAX};
    if (type.id == SB_TYPE_DECIMAL) {
        type.precision = no == 10 ? 10 : 30;
        type.scale = 2;
    } else if (type.id == SB_TYPE_TIMESTAMP) {
        type.precision = no == 12 ? 3 : 9;
    }
    return type;
}

void
sb_st_table_random(sb_st_table *kind, sb_st_rng *r, sb_shape shape, uint32_t table_id)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    *kind = (sb_st_table){.shape = shape, .table_id = table_id};
    uint64_t keys = sb_st_below(r, 8), values = sb_st_below(r, 4);
    keys = keys == 0 ? 0 : keys < 5 ? 1 : keys < 7 ? 2 : 3;
    bool plain = sb_st_below(r, 3) == 0; /* the most common key */
    for (uint64_t i = 0; i < keys; i++) {
        sb_st_add(kind->key_fields, &kind->key, names[i],
                  plain ? SB_TYPE(BIGINT, false) : random_type(r, false));
    }
    kind->fixed_values = sb_st_below(r, 2);
    for (uint64_t i = 0; i < values; i++) {
        sb_st_add(kind->value_fields, &kind->row, names[i], random_type(r, kind->fixed_values));
    }
    for (uint64_t i = 0; shape == SB_ORDERED && i < 1 + sb_st_below(r, 2); i++) {
        sb_st_add(kind->sort_fields, &kind->sort, names[i], random_type(r, false));
        kind->descending[i] = sb_st_below(r, 2);
    }
    kind->has_space = sb_st_below(r, 2);
    kind->index_rows = shape == SB_BAG && sb_st_below(r, 2);
    kind->ttl_ms = sb_st_below(r, 3) == 0 ? 1000 : 0;
    kind->key_range =
        (int32_t)(shape == SB_MAP ? 1 + sb_st_below(r, 1000) : 1 + sb_st_below(r, 40));
}

void
sb_st_table_spec(const sb_st_table *kind, sb_table_spec *out)
{
    *out = (sb_table_spec){
        .table_id = kind->table_id,
        .shape = kind->shape,
        .key = &kind->key,
        .has_space = kind->has_space,
        .sort = kind->shape == SB_ORDERED ? &kind->sort : NULL,
        .sort_descending = kind->descending,
        .row = &kind->row,
        .ttl_ms = kind->ttl_ms,
        .index_rows = kind->index_rows,
    };
}

/* ---- cells
 * ---------------------------------------------------------------------------------------- */

void
sb_st_cell_set(sb_st_cell *cell, const void *data, size_t size)
{
    cell->size = (uint32_t)size;
    memcpy(cell->bytes, data, size);
}

static double
random_double(sb_st_rng *r, int64_t n)
{
    static const double odd[] = {0.0, -0.0, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, 5e-324, -1.5};
    return n < 7 && sb_st_below(r, 2) ? odd[n] : (double)(n - 20) / 4;
}

static void
random_string(sb_st_cell *cell, int64_t n)
{
    /* Short, 12 and 13 bytes, long, and such that differ in the last byte only. */
    uint64_t h = sb_hash_u64((uint64_t)n);
    size_t size = n % 5 == 0 ? 0 + h % 8 : n % 5 == 1 ? 12 : n % 5 == 2 ? 13 : h % 90;
    memset(cell->bytes, 'x', size);
    cell->size = (uint32_t)size;
    for (size_t i = 0; i < 4 && i < size; i++) {
        cell->bytes[size - 1 - i] = (unsigned char)(n >> (8 * i));
    }
}

sb_st_cell
sb_st_cell_random(const sb_type *type, sb_st_rng *r, int32_t range)
{
    sb_st_cell cell = {.null = type->nullable && sb_st_below(r, 8) == 0};
    int64_t n = (int64_t)sb_st_below(r, (uint64_t)range);
    if (cell.null) {
        return cell;
    }
    sb_phys phys = sb_type_phys(type);
    switch (phys) {
    case SB_PHYS_BOOL: cell.size = 1, cell.bytes[0] = n & 1; break;
    case SB_PHYS_F32: sb_st_cell_set(&cell, &(float){(float)random_double(r, n)}, 4); break;
    case SB_PHYS_F64: sb_st_cell_set(&cell, &(double){random_double(r, n)}, 8); break;
    case SB_PHYS_I128:
        sb_st_cell_set(
            &cell, &(sb_int128){(sb_int128)(n - range / 2) * ((sb_int128)1 << (n % 3 * 40))}, 16);
        break;
    case SB_PHYS_TSNS:
        sb_st_cell_set(&cell, &(sb_ts_ns){.us = n / 4 - 3, .ns = (int32_t)(n % 4)}, 16);
        break;
    case SB_PHYS_VIEW: random_string(&cell, n); break;
    default: {
        int64_t v = n == 0 ? INT64_MIN : n == 1 ? INT64_MAX : n - range / 2;
        sb_st_cell_set(&cell, &v, (size_t)sb_phys_size(phys)); /* little-endian: the low bytes */
        break;
    }
    }
    return cell;
}

/* All NaN are one value. */
bool
sb_st_cell_is_nan(const sb_st_cell *c, uint32_t size)
{
    double d;
    float f;
    if (c->null || c->size != size) {
        return false;
    }
    if (size == 4) {
        memcpy(&f, c->bytes, 4);
        return f != f;
    }
    memcpy(&d, c->bytes, 8);
    return d != d;
}

static bool
cells_equal(const sb_type *type, const sb_st_cell *a, const sb_st_cell *b)
{
    sb_phys phys = sb_type_phys(type);
    uint32_t width = phys == SB_PHYS_F32 ? 4 : phys == SB_PHYS_F64 ? 8 : 0;
    if (width && (sb_st_cell_is_nan(a, width) || sb_st_cell_is_nan(b, width))) {
        return sb_st_cell_is_nan(a, width) && sb_st_cell_is_nan(b, width);
    }
    return sb_st_cell_equal(a, b);
}

bool
sb_st_cell_equal(const sb_st_cell *a, const sb_st_cell *b)
{
    if (a->null || b->null) {
        return a->null && b->null;
    }
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static int
compare_doubles(double a, double b)
{
    if (a != a || b != b) {
        return (a != a) - (b != b);
    }
    if (a == 0 && b == 0) {
        return !!__builtin_signbit(b) - !!__builtin_signbit(a);
    }
    return (a > b) - (a < b);
}

int
sb_st_cell_compare(const sb_type *type, const sb_st_cell *a, const sb_st_cell *b)
{
    if (a->null || b->null) {
        return (int)b->null - (int)a->null;
    }
    float fa, fb;
    double da, db;
    sb_int128 wa, wb;
    sb_ts_ns ta, tb;
    int64_t ia = 0, ib = 0;
    sb_phys phys = sb_type_phys(type);
    int width = sb_phys_size(phys);
    switch (phys) {
    case SB_PHYS_F32:
        memcpy(&fa, a->bytes, 4), memcpy(&fb, b->bytes, 4);
        return compare_doubles(fa, fb);
    case SB_PHYS_F64:
        memcpy(&da, a->bytes, 8), memcpy(&db, b->bytes, 8);
        return compare_doubles(da, db);
    case SB_PHYS_I128:
        memcpy(&wa, a->bytes, 16), memcpy(&wb, b->bytes, 16);
        return (wa > wb) - (wa < wb);
    case SB_PHYS_TSNS:
        memcpy(&ta, a->bytes, 16), memcpy(&tb, b->bytes, 16);
        return ta.us != tb.us ? (ta.us > tb.us ? 1 : -1) : (ta.ns > tb.ns) - (ta.ns < tb.ns);
    case SB_PHYS_VIEW: {
        uint32_t size = a->size < b->size ? a->size : b->size;
        int order = memcmp(a->bytes, b->bytes, size);
        return order ? (order > 0 ? 1 : -1) : (a->size > b->size) - (a->size < b->size);
    }
    default:
        memcpy(&ia, a->bytes, (size_t)width), memcpy(&ib, b->bytes, (size_t)width);
        if (phys != SB_PHYS_BOOL && width < 8) {
            int shift = 64 - 8 * width;
            ia = (int64_t)((uint64_t)ia << shift) >> shift;
            ib = (int64_t)((uint64_t)ib << shift) >> shift;
        }
        return (ia > ib) - (ia < ib);
    }
}

/* ---- batches
 * -------------------------------------------------------------------------------------- */

sb_st_batch *
sb_st_batch_new(void)
{
    sb_st_batch *b = calloc(1, sizeof *b);
    b->rows = calloc(SB_ST_BATCH, sizeof *b->rows);
    return b;
}

void
sb_st_batch_clear(sb_st_batch *b)
{
    for (int i = 0; i < SB_ST_COLUMNS; i++) {
        sb_vector_unref(b->key[i]);
        sb_vector_unref(b->sort[i]);
        sb_vector_unref(b->values[i]);
        b->key[i] = b->sort[i] = b->values[i] = NULL;
    }
}

void
sb_st_batch_free(sb_st_batch *b)
{
    sb_st_batch_clear(b);
    free(b->rows);
    free(b);
}

static void
append_cell(sb_column_builder *c, const sb_type *type, const sb_st_cell *cell)
{
    if (cell->null) {
        sb_column_null(c);
    } else if (sb_type_phys(type) == SB_PHYS_VIEW) {
        sb_column_bytes(c, (const char *)cell->bytes, cell->size);
    } else {
        sb_column_value(c, cell->bytes);
    }
}

/* Cell i of a column of b->rows. */
static const sb_st_cell *
cell_at(const sb_st_batch *b, int32_t i, size_t offset)
{
    return (const sb_st_cell *)(const void *)((const char *)&b->rows[i] + offset);
}

/* FLAT, or DICT over shuffled values. Rows that nobody asks for hold copies of others. */
static sb_vector *
build_column(const sb_st_batch *b, const sb_type *type, size_t offset, int32_t physical_count,
             const int32_t *source, bool dict, sb_st_rng *r)
{
    sb_column_builder c;
    sb_error err;
    assert_int_equal(sb_column_builder_init(&c, sb_mem_root(), type, &err), SB_OK);
    for (int32_t p = 0; p < physical_count; p++) {
        append_cell(&c, type, cell_at(b, source[p], offset));
    }
    sb_vector *flat = sb_column_finish(&c, &err);
    sb_column_builder_deinit(&c);
    assert_non_null(flat);
    if (!dict || flat->validity) {
        return flat;
    }
    /* values in reverse, codes point at them */
    int32_t *reverse = malloc((size_t)physical_count * sizeof *reverse);
    for (int32_t p = 0; p < physical_count; p++) {
        reverse[p] = physical_count - 1 - p;
    }
    sb_vector *values = sb_vector_gather(sb_mem_root(), flat, reverse, physical_count);
    assert_non_null(values);
    sb_buffer *codes = sb_buffer_new(sb_mem_root(), (int64_t)physical_count * 4);
    memcpy(codes->data, reverse, (size_t)physical_count * 4);
    sb_vector *v = sb_vector_new(sb_mem_root(), type, physical_count);
    v->encoding = SB_DICT;
    v->values = codes->data;
    v->own_values = codes;
    v->dict = values;
    free(reverse);
    sb_vector_unref(flat);
    (void)r;
    return v;
}

void
sb_st_batch_build(sb_st_batch *b, const sb_st_table *kind, sb_st_rng *r)
{
    int32_t source[2 * SB_ST_BATCH], count = 0;
    bool dense = sb_st_below(r, 3) == 0;
    sb_st_batch_clear(b);
    for (int32_t i = 0; i < b->count; i++) {
        while (!dense && sb_st_below(r, 3) == 0 && count < SB_ST_BATCH + i) {
            source[count++] = (int32_t)sb_st_below(r, (uint64_t)b->count);
        }
        b->physical[i] = count;
        source[count++] = i;
    }
    bool dict = sb_st_below(r, 3) == 0;
    for (int32_t c = 0; c < kind->key.count; c++) {
        b->key[c] = build_column(b, &kind->key.fields[c].type,
                                 offsetof(sb_st_row, key) + (size_t)c * sizeof(sb_st_cell), count,
                                 source, dict, r);
    }
    for (int32_t c = 0; c < kind->sort.count; c++) {
        b->sort[c] = build_column(b, &kind->sort.fields[c].type,
                                  offsetof(sb_st_row, sort) + (size_t)c * sizeof(sb_st_cell), count,
                                  source, false, r);
    }
    for (int32_t c = 0; c < kind->row.count; c++) {
        b->values[c] = build_column(b, &kind->row.fields[c].type,
                                    offsetof(sb_st_row, values) + (size_t)c * sizeof(sb_st_cell),
                                    count, source, dict, r);
    }
    for (int32_t i = 0; i < b->count; i++) {
        b->space[i] = b->rows[i].space;
    }
    sb_hash_columns(b->key, kind->key.count, b->physical, b->count, b->hashes);
    for (int32_t i = 0; i < b->count; i++) {
        b->rows[i].hash = b->hashes[i];
    }
    b->keys = (sb_keys){.columns = b->key,
                        .rows = dense ? NULL : b->physical,
                        .hashes = b->hashes,
                        .space = kind->has_space ? b->space : NULL,
                        .count = b->count};
}

void
sb_st_row_random(sb_st_row *row, const sb_st_table *kind, sb_st_rng *r)
{
    memset(row, 0, sizeof *row);
    for (int32_t c = 0; c < kind->key.count; c++) {
        row->key[c] = sb_st_cell_random(&kind->key.fields[c].type, r, kind->key_range);
    }
    for (int32_t c = 0; c < kind->sort.count; c++) {
        row->sort[c] = sb_st_cell_random(&kind->sort.fields[c].type, r, 200);
    }
    for (int32_t c = 0; c < kind->row.count; c++) {
        row->values[c] = sb_st_cell_random(&kind->row.fields[c].type, r, 6);
    }
    row->space = kind->has_space ? (int64_t)sb_st_below(r, 5) * 1000 - 2000 : 0;
}

void
sb_st_batch_random(sb_st_batch *b, const sb_st_table *kind, sb_st_rng *r, int32_t n)
{
    b->count = n;
    for (int32_t i = 0; i < n; i++) {
        sb_st_row_random(&b->rows[i], kind, r);
    }
    sb_st_batch_build(b, kind, r);
}

/* ---- model
 * ---------------------------------------------------------------------------------------- */

void
sb_st_model_init(sb_st_model *m, const sb_st_table *kind)
{
    *m = (sb_st_model){.kind = kind, .next_flag = 1};
}

void
sb_st_model_deinit(sb_st_model *m)
{
    for (int32_t i = 0; i < m->count; i++) {
        free(m->rows[i]);
    }
    free(m->rows);
    *m = (sb_st_model){0};
}

void
sb_st_model_copy(sb_st_model *to, const sb_st_model *from)
{
    *to = *from;
    to->capacity = from->count;
    to->rows = malloc((size_t)from->count * sizeof *to->rows + 1);
    for (int32_t i = 0; i < from->count; i++) {
        to->rows[i] = malloc(sizeof(sb_st_row));
        *to->rows[i] = *from->rows[i];
    }
}

static bool
same_cells(const sb_schema *schema, const sb_st_cell *a, const sb_st_cell *b)
{
    for (int32_t c = 0; c < schema->count; c++) {
        if (!cells_equal(&schema->fields[c].type, &a[c], &b[c])) {
            return false;
        }
    }
    return true;
}

bool
sb_st_same_key(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b)
{
    return a->space == b->space && a->hash == b->hash && same_cells(&kind->key, a->key, b->key);
}

bool
sb_st_same_sort(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b)
{
    return same_cells(&kind->sort, a->sort, b->sort);
}

bool
sb_st_same_values(const sb_st_table *kind, const sb_st_row *a, const sb_st_row *b)
{
    return same_cells(&kind->row, a->values, b->values);
}

bool
sb_st_alive(const sb_st_model *m, const sb_st_row *row)
{
    return !m->kind->ttl_ms || row->flag || row->write_ms + m->kind->ttl_ms > m->now_ms;
}

sb_st_row *
sb_st_find(const sb_st_model *m, const sb_st_row *like)
{
    for (int32_t i = 0; i < m->count; i++) {
        if (sb_st_same_key(m->kind, m->rows[i], like) && sb_st_alive(m, m->rows[i]) &&
            (m->kind->shape != SB_ORDERED || sb_st_same_sort(m->kind, m->rows[i], like))) {
            return m->rows[i];
        }
    }
    return NULL;
}

sb_st_row *
sb_st_add_row(sb_st_model *m, const sb_st_row *row)
{
    if (m->count == m->capacity) {
        m->capacity = m->capacity ? m->capacity * 2 : 64;
        m->rows = realloc(m->rows, (size_t)m->capacity * sizeof *m->rows);
    }
    sb_st_row *copy = malloc(sizeof *copy);
    *copy = *row;
    copy->flag = 0;
    copy->write_ms = m->now_ms;
    m->rows[m->count++] = copy;
    return copy;
}

void
sb_st_remove_row(sb_st_model *m, sb_st_row *row)
{
    int32_t i = 0;
    while (m->rows[i] != row) {
        i++;
    }
    memmove(m->rows + i, m->rows + i + 1, (size_t)(m->count - i - 1) * sizeof *m->rows);
    m->count--;
    free(row);
}

/* ---- reading a table
 * ------------------------------------------------------------------------------ */

static void
read_cell(const sb_table *t, uint8_t *row, int32_t field, sb_st_cell *out)
{
    sb_column_builder c;
    sb_error err;
    const sb_type *type = &sb_table_layout(t)->schema->fields[field].type;
    assert_int_equal(sb_column_builder_init(&c, sb_mem_root(), type, &err), SB_OK);
    sb_row_decode(sb_table_layout(t), &row, 1, field, 1, &c, true);
    sb_vector *v = sb_column_finish(&c, &err);
    sb_column_builder_deinit(&c);
    assert_non_null(v);
    memset(out, 0, sizeof *out);
    out->null = !sb_vector_valid(v, 0);
    if (!out->null && v->phys == SB_PHYS_VIEW) {
        const sb_view *view = sb_vector_at(v, 0);
        out->size = sb_view_size(view);
        assert_true(out->size <= sizeof out->bytes);
        memcpy(out->bytes, sb_view_data(view), out->size);
    } else if (!out->null) {
        out->size = (uint32_t)sb_phys_size((sb_phys)v->phys);
        memcpy(out->bytes, sb_vector_at(v, 0), out->size);
    }
    sb_vector_unref(v);
}

void
sb_st_read_row(const sb_table *t, const sb_st_table *kind, uint8_t *row, sb_st_row *out)
{
    memset(out, 0, sizeof *out);
    assert_true(sb_row_valid(sb_table_layout(t), row, sb_row_size(row)));
    int32_t field = 0;
    for (int32_t c = 0; c < kind->key.count; c++) {
        read_cell(t, row, field++, &out->key[c]);
    }
    if (kind->has_space) {
        out->space = sb_row_space(t, row);
        field++;
    }
    for (int32_t c = 0; c < kind->sort.count; c++) {
        read_cell(t, row, field++, &out->sort[c]);
    }
    for (int32_t c = 0; c < kind->row.count; c++) {
        assert_int_equal(sb_table_field(t, c), field);
        read_cell(t, row, field++, &out->values[c]);
    }
    out->hash = sb_row_hash(row);
    if (kind->shape == SB_MAP) {
        out->flag = sb_map_is_flagged(t, row);
    }
}

/* ---- checking
 * ------------------------------------------------------------------------------------- */

void
sb_st_assert_same_row(const sb_st_table *kind, const sb_st_row *have, const sb_st_row *want)
{
    assert_true(sb_st_same_key(kind, have, want));
    assert_true(sb_st_same_sort(kind, have, want));
    assert_true(sb_st_same_values(kind, have, want));
    if (kind->shape == SB_MAP) {
        assert_int_equal(have->flag != 0, want->flag != 0);
    }
}

/* One key as a batch of one. */
static void
one_key(sb_st_batch *b, const sb_st_table *kind, const sb_st_row *like, sb_st_rng *r)
{
    b->count = 1;
    b->rows[0] = *like;
    sb_st_batch_build(b, kind, r);
}

static const sb_st_table *sorting; /* of compare_rows */

static int
compare_rows(const void *a, const void *b)
{
    const sb_st_row *x = *(sb_st_row *const *)a, *y = *(sb_st_row *const *)b;
    for (int32_t c = 0; c < sorting->sort.count; c++) {
        int order = sb_st_cell_compare(&sorting->sort.fields[c].type, &x->sort[c], &y->sort[c]);
        if (order) {
            return sorting->descending[c] ? -order : order;
        }
    }
    return 0;
}

/* Living rows of one key in their order; the caller frees. */
sb_st_row **
sb_st_rows_of_key(const sb_st_model *m, const sb_st_row *like, int32_t *out_count)
{
    sb_st_row **rows = malloc((size_t)m->count * sizeof *rows + 1);
    int32_t n = 0;
    for (int32_t i = 0; i < m->count; i++) {
        if (sb_st_same_key(m->kind, m->rows[i], like) && sb_st_alive(m, m->rows[i])) {
            rows[n++] = m->rows[i];
        }
    }
    if (m->kind->shape == SB_ORDERED) {
        sorting = m->kind;
        qsort(rows, (size_t)n, sizeof *rows, compare_rows);
    }
    *out_count = n;
    return rows;
}

static void
check_walk(sb_table *t, const sb_st_model *m, const sb_st_row *like, sb_st_batch *b, sb_st_rng *r)
{
    int32_t n;
    sb_st_row **want = sb_st_rows_of_key(m, like, &n), have;
    bool ordered = m->kind->shape == SB_ORDERED;
    one_key(b, m->kind, like, r);
    uint8_t *row = ordered ? sb_ordered_first(t, &b->keys) : sb_bag_first(t, &b->keys),
            *last = NULL;
    uint64_t seq = 0;
    for (int32_t i = 0; i < n; i++) {
        assert_non_null(row);
        sb_st_read_row(t, m->kind, row, &have);
        sb_st_assert_same_row(m->kind, &have, want[i]);
        if (!ordered) {
            assert_true(sb_bag_seq(row) > seq);
            seq = sb_bag_seq(row);
        }
        last = row;
        row = ordered ? sb_ordered_next(t, row) : sb_bag_next(t, row);
    }
    assert_null(row);
    row = ordered ? sb_ordered_last(t, &b->keys) : sb_bag_last(t, &b->keys);
    assert_ptr_equal(row, last);
    for (int32_t i = n; i-- > 0;) {
        sb_st_read_row(t, m->kind, row, &have);
        sb_st_assert_same_row(m->kind, &have, want[i]);
        row = ordered ? sb_ordered_prev(t, row) : sb_bag_prev(t, row);
    }
    assert_null(row);
    free(want);
}

typedef struct scan {
    sb_table *t;
    const sb_st_model *m;
    bool *seen;
    int32_t count;
} scan;

static bool
see_row(void *ctx, uint8_t *row)
{
    scan *s = ctx;
    sb_st_row have;
    sb_st_read_row(s->t, s->m->kind, row, &have);
    for (int32_t i = 0; i < s->m->count; i++) {
        const sb_st_row *want = s->m->rows[i];
        if (!s->seen[i] && sb_st_alive(s->m, want) && sb_st_same_key(s->m->kind, &have, want) &&
            sb_st_same_sort(s->m->kind, &have, want) &&
            sb_st_same_values(s->m->kind, &have, want)) {
            s->seen[i] = true;
            s->count++;
            return true;
        }
    }
    fail_msg("the table has a row that the model has not");
    return false;
}

static void
check_flags(sb_table *t, const sb_st_model *m)
{
    int32_t count = 0;
    const sb_st_row *first = NULL;
    for (int32_t i = 0; i < m->count; i++) {
        if (m->rows[i]->flag) {
            count++;
            first = !first || m->rows[i]->flag < first->flag ? m->rows[i] : first;
        }
    }
    assert_int_equal(sb_map_count_flagged(t), count);
    uint8_t *row = sb_map_flagged_first(t);
    assert_int_equal(row != NULL, first != NULL);
    /* The whole queue in order: look at it from inside, taking would change it. */
    uint64_t last = 0;
    for (size_t i = t->flags.from; i < t->flags.to; i++) {
        if (!t->flags.rows[i]) {
            continue;
        }
        sb_st_row have;
        sb_st_read_row(t, m->kind, t->flags.rows[i], &have);
        const sb_st_row *want = sb_st_find(m, &have);
        assert_non_null(want);
        assert_true(want->flag > last);
        last = want->flag;
        count--;
    }
    assert_int_equal(count, 0);
}

void
sb_st_check(sb_table *t, sb_st_model *m)
{
    sb_st_rng r = {(uint64_t)m->count + 1};
    sb_st_batch *b = sb_st_batch_new();
    scan s = {.t = t, .m = m, .seen = calloc((size_t)m->count + 1, sizeof(bool))};
    int32_t alive = 0;
    sb_table_scan(t, see_row, &s);
    for (int32_t i = 0; i < m->count; i++) {
        alive += sb_st_alive(m, m->rows[i]);
    }
    assert_int_equal(s.count, alive);
    assert_true(sb_table_count(t) >= alive);
    if (!m->kind->ttl_ms) {
        assert_int_equal(sb_table_count(t), alive);
    }
    for (int32_t i = 0; i < m->count; i++) {
        /* bag, ordered: once per key is enough, from its first row */
        if (m->kind->shape == SB_MAP) {
            one_key(b, m->kind, m->rows[i], &r);
            sb_map_find(t, &b->keys, b->found);
            assert_int_equal(b->found[0] != NULL,
                             sb_st_alive(m, m->rows[i]) || sb_st_find(m, m->rows[i]));
        } else if (sb_st_find(m, m->rows[i]) == m->rows[i] || m->kind->shape == SB_ORDERED) {
            if (m->kind->shape == SB_BAG || i % 7 == 0) {
                check_walk(t, m, m->rows[i], b, &r);
            }
        }
    }
    if (m->kind->shape == SB_MAP) {
        check_flags(t, m);
    }
    free(s.seen);
    sb_st_batch_free(b);
}
