/*
 * state/shape_test.c -- cases by hand: large tables, long rows, nested values, failures half way,
 * wrong specifications.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "state/fixture_testing.h"
#include "state/state_testing.h"
#include "state/table_priv.h"

#define MANY 300000

static const sb_field columns_text[1] = {
    {.name = "t", .type = {.id = SB_TYPE_VARCHAR, .nullable = true, .length = SB_LENGTH_MAX}}};
static const sb_schema one_text = {.count = 1, .fields = columns_text};

/* ---- many rows
 * ------------------------------------------------------------------------------------ */

static void
test_many_rows(void **unused)
{
    (void)unused;
    sb_st_fixture f;
    sb_error err;
    sb_st_open(&f,
               &(sb_table_spec){
                   .table_id = 1, .shape = SB_MAP, .key = &sb_st_one_i64, .row = &sb_st_one_i64},
               0);
    int64_t *values = malloc(MANY * sizeof *values);
    uint8_t **rows = malloc(MANY * sizeof *rows);
    for (int64_t i = 0; i < MANY; i++) {
        values[i] = i * 7;
    }
    sb_st_ints x = sb_st_ints_make(values, MANY);
    sb_keys keys = sb_st_ints_keys(&x);
    assert_int_equal(sb_map_insert(f.t, &keys, rows, NULL, &err), SB_OK);
    for (int64_t i = 0; i < MANY; i++) {
        *sb_st_value(f.t, rows[i], 0) = i;
    }
    /* every third goes, and comes again later */
    int64_t *third = malloc(MANY / 3 * sizeof *third);
    for (int64_t i = 0; i < MANY / 3; i++) {
        third[i] = i * 3 * 7;
    }
    sb_st_ints y = sb_st_ints_make(third, MANY / 3);
    sb_keys gone = sb_st_ints_keys(&y);
    for (int round = 0; round < 2; round++) {
        sb_map_erase(f.t, &gone);
        assert_int_equal(sb_table_count(f.t), MANY - MANY / 3);
        sb_map_find(f.t, &keys, rows);
        for (int64_t i = 0; i < MANY; i++) {
            assert_int_equal(rows[i] != NULL, i % 3 != 0);
            assert_true(!rows[i] || *sb_st_value(f.t, rows[i], 0) == i);
        }
        uint8_t **made = malloc(MANY / 3 * sizeof *made);
        assert_int_equal(sb_map_insert(f.t, &gone, made, NULL, &err), SB_OK);
        for (int64_t i = 0; i < MANY / 3; i++) {
            assert_true(*sb_st_value(f.t, made[i], 0) == 0); /* no trace of the row before */
        }
        free(made);
    }
    /* by pointers: the same rows, and gaps between */
    sb_map_find(f.t, &keys, rows);
    for (int64_t i = 0; i < MANY; i++) {
        rows[i] = i % 3 == 0 ? rows[i] : NULL;
    }
    sb_table_erase_rows(f.t, rows, MANY);
    assert_int_equal(sb_table_count(f.t), MANY - MANY / 3);
    sb_map_find(f.t, &keys, rows);
    for (int64_t i = 0; i < MANY; i++) {
        assert_int_equal(rows[i] != NULL, i % 3 != 0);
        assert_true(!rows[i] || *sb_st_value(f.t, rows[i], 0) == i);
    }
    assert_int_equal(sb_map_insert(f.t, &gone, rows, NULL, &err), SB_OK);
    assert_int_equal(sb_table_count(f.t), MANY);
    assert_true(sb_table_bytes(f.t) > MANY * 56 && sb_table_bytes(f.t) < MANY * 110);
    sb_st_ints_free(&x);
    sb_st_ints_free(&y);
    free(values);
    free(third);
    free(rows);
    sb_st_close(&f);
}

/* Keys of two BIGINTs: all words of all keys tell them apart, and NULL is none of them. A call with
 * NULLs takes another way than one without. */
static void
test_keys_of_words(void **unused)
{
    (void)unused;

    enum { SIDE = 40, N = SIDE * SIDE };

    static const sb_field fields[] = {{.name = "a", .type = SB_TYPE(BIGINT, true)},
                                      {.name = "b", .type = SB_TYPE(BIGINT, true)}};
    static const sb_schema two = {.count = 2, .fields = fields};
    sb_st_fixture f;
    sb_error err;
    sb_st_open(&f,
               &(sb_table_spec){.table_id = 1, .shape = SB_MAP, .key = &two, .row = &sb_st_one_i64},
               0);
    static uint8_t *rows[2 * N], *again[2 * N];
    static uint64_t hashes[2 * N], created[2 * N / 64 + 1];
    for (int nulls = 0; nulls < 2; nulls++) {
        /* each key twice; the second time round, a is NULL where it was 0 */
        sb_vector *columns[2];
        for (int c = 0; c < 2; c++) {
            columns[c] = sb_vector_alloc(sb_mem_root(), &sb_st_bigint, 2 * N, nulls);
            int64_t *values = sb_vector_values_mut(columns[c]);
            for (int i = 0; i < 2 * N; i++) {
                values[i] = c ? i % N / SIDE : i % N % SIDE;
                if (nulls && c == 0 && values[i] == 0) {
                    sb_bit_clear(sb_vector_validity_mut(columns[c]), i);
                }
            }
        }
        sb_hash_columns(columns, 2, NULL, 2 * N, hashes);
        sb_keys keys = {.columns = columns, .hashes = hashes, .count = 2 * N};
        assert_int_equal(sb_map_insert(f.t, &keys, rows, created, &err), SB_OK);
        assert_int_equal(sb_table_count(f.t), N + nulls * SIDE);
        for (int i = 0; i < 2 * N; i++) {
            bool is_null = nulls && i % N % SIDE == 0;
            assert_ptr_equal(rows[i], rows[i % N]);
            assert_int_equal(sb_bit_get(created, i), i < N && (!nulls || is_null));
            assert_int_equal(sb_row_is_null(rows[i], 0), is_null);
            assert_int_equal(*sb_st_value(f.t, rows[i], 0), is_null || !nulls ? i / N * 7 : 7);
            *sb_st_value(f.t, rows[i], 0) = 7; /* the second position sees what the first wrote */
        }
        sb_map_find(f.t, &keys, again);
        assert_memory_equal(again, rows, sizeof rows);
        sb_vector_unref(columns[0]);
        sb_vector_unref(columns[1]);
    }
    sb_st_close(&f);
}

/* Every key has the same hash: slow, but right. */
static void
test_equal_hashes(void **unused)
{
    (void)unused;

    enum { N = 1500 };

    static int64_t values[N];
    static uint8_t *rows[N];
    static int32_t out_key[N];
    for (int shape = SB_MAP; shape <= SB_ORDERED; shape++) {
        sb_st_fixture f;
        sb_error err;
        sb_table_spec spec = {.table_id = 1,
                              .shape = (sb_shape)shape,
                              .key = &sb_st_one_i64,
                              .row = &sb_st_one_i64,
                              .sort = shape == SB_ORDERED ? &sb_st_one_i64 : NULL};
        sb_st_open(&f, &spec, 0);
        for (int i = 0; i < N; i++) {
            values[i] = i;
        }
        sb_st_ints x = sb_st_ints_make(values, N);
        memset(x.hashes, 0, N * sizeof *x.hashes);
        sb_keys keys = sb_st_ints_keys(&x);
        sb_status status = shape == SB_MAP   ? sb_map_put(f.t, &keys, &x.v, &err)
                           : shape == SB_BAG ? sb_bag_add(f.t, &keys, &x.v, &err)
                                             : sb_ordered_put(f.t, &keys, &x.v, rows, NULL, &err);
        assert_int_equal(status, SB_OK);
        assert_int_equal(sb_table_count(f.t), N);
        if (shape == SB_MAP) {
            sb_map_find(f.t, &keys, rows);
        } else if (shape == SB_BAG) {
            sb_match cursor = {0};
            assert_int_equal(sb_bag_match(f.t, &keys, NULL, &cursor, N, out_key, rows), N);
        } else {
            sb_ordered_find(f.t, &keys, &x.v, rows);
        }
        for (int i = 0; i < N; i++) {
            assert_non_null(rows[i]);
            assert_true(*(int64_t *)sb_row_slot(sb_table_layout(f.t), rows[i], 0) == i);
        }
        keys.count = N / 2;
        if (shape == SB_MAP) {
            sb_map_erase(f.t, &keys);
        } else if (shape == SB_BAG) {
            sb_bag_erase(f.t, &keys);
        } else {
            sb_ordered_erase(f.t, &keys, &x.v);
        }
        assert_int_equal(sb_table_count(f.t), N - N / 2);
        sb_st_ints_free(&x);
        sb_st_close(&f);
    }
}

/* The integers of [0, n) in an order that jumps. */
static int64_t
jump(int64_t i, int64_t n)
{
    return (int64_t)((uint64_t)i * UINT64_C(7919) % (uint64_t)n); /* 7919 is prime */
}

static void
check_sorted(sb_table *t, const sb_keys *one, int64_t expect, int64_t from, bool descending)
{
    int64_t n = 0, last = 0;
    for (uint8_t *row = sb_ordered_first(t, one); row; row = sb_ordered_next(t, row), n++) {
        int64_t sort = *(int64_t *)sb_row_slot(sb_table_layout(t), row, 1);
        assert_true(n == 0 || (descending ? sort < last : sort > last));
        assert_true(sort >= from);
        last = sort;
    }
    assert_int_equal(n, expect);
    uint8_t *end = sb_ordered_last(t, one);
    assert_int_equal(end != NULL, expect > 0);
    assert_true(!end || *(int64_t *)sb_row_slot(sb_table_layout(t), end, 1) == last);
}

static void
test_many_under_one_key(void **unused)
{
    (void)unused;

    enum { N = 60000, BATCH = 1000 };

    for (int descending = 0; descending < 2; descending++) {
        sb_st_fixture f;
        sb_error err;
        uint8_t *rows[BATCH];
        int64_t zero[BATCH] = {0}, sort[BATCH];
        sb_st_open(&f,
                   &(sb_table_spec){.table_id = 1,
                                    .shape = SB_ORDERED,
                                    .key = &sb_st_one_i64,
                                    .sort = &sb_st_one_i64,
                                    .sort_descending = &(bool){descending},
                                    .row = &sb_st_one_i64},
                   0);
        sb_st_ints key = sb_st_ints_make(zero, BATCH);
        sb_keys keys = sb_st_ints_keys(&key), one = keys;
        one.count = 1;
        for (int64_t at = 0; at < N; at += BATCH) {
            for (int i = 0; i < BATCH; i++) {
                sort[i] = jump(at + i, N);
            }
            sb_st_ints s = sb_st_ints_make(sort, BATCH);
            assert_int_equal(sb_ordered_put(f.t, &keys, &s.v, rows, NULL, &err), SB_OK);
            sb_st_ints_free(&s);
        }
        check_sorted(f.t, &one, N, 0, descending);
        /* random ones go, then all from the front, as a queue does */
        for (int64_t at = 0; at < N / 2; at += BATCH) {
            for (int i = 0; i < BATCH; i++) {
                sort[i] = jump(at + i, N);
            }
            sb_st_ints s = sb_st_ints_make(sort, BATCH);
            sb_ordered_erase(f.t, &keys, &s.v);
            sb_st_ints_free(&s);
        }
        check_sorted(f.t, &one, N / 2, 0, descending);
        for (int64_t left = N / 2; left > 0; left--) {
            uint8_t *row = left % 2 ? sb_ordered_first(f.t, &one) : sb_ordered_last(f.t, &one);
            sb_table_erase_row(f.t, row);
            if (left % 5000 == 1) {
                check_sorted(f.t, &one, left - 1, 0, descending);
            }
        }
        assert_int_equal(sb_table_count(f.t), 0);
        assert_null(sb_ordered_first(f.t, &one));
        sb_st_ints_free(&key);
        sb_st_close(&f);
    }
}

/* ---- long rows
 * ------------------------------------------------------------------------------------ */

static sb_vector *
make_text(const char *data, size_t size)
{
    sb_view view = sb_view_make(data, (uint32_t)size);
    return sb_vector_const(sb_mem_root(), &columns_text[0].type, &view, 1);
}

static void
expect_text(const sb_table *t, uint8_t *row, const char *data, size_t size)
{
    sb_view view = sb_row_view(sb_table_layout(t), row, sb_table_field(t, 0));
    assert_int_equal(sb_view_size(&view), size);
    assert_memory_equal(sb_view_data(&view), data, size);
}

static void
test_long_rows(void **unused)
{
    (void)unused;
    sb_st_fixture f;
    sb_error err;
    uint8_t *row;
    static char text[1000000];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 31 + i / 255);
    }
    sb_st_open(
        &f,
        &(sb_table_spec){.table_id = 1, .shape = SB_MAP, .key = &sb_st_one_i64, .row = &one_text},
        0);
    sb_st_ints x = sb_st_ints_make((int64_t[]){5}, 1);
    sb_keys keys = sb_st_ints_keys(&x);
    static const size_t sizes[] = {0,       12, 13,     100,    5000, 8000, 9000, 40000,
                                   1000000, 7,  300000, 300001, 64,   13,   0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        sb_vector *v = make_text(text, sizes[i]);
        assert_int_equal(sb_map_put(f.t, &keys, &v, &err), SB_OK);
        sb_vector_unref(v);
        sb_map_find(f.t, &keys, &row);
        expect_text(f.t, row, text, sizes[i]);
        /* the value may point into the row that it replaces */
        sb_view view = sb_row_view(sb_table_layout(f.t), row, sb_table_field(f.t, 0));
        if (sizes[i] > 20) {
            sb_view part = sb_view_make(sb_view_data(&view) + 3, (uint32_t)sizes[i] - 6);
            row = sb_table_set_view(f.t, row, 0, &part, false);
            expect_text(f.t, row, text + 3, sizes[i] - 6);
            view = sb_row_view(sb_table_layout(f.t), row, sb_table_field(f.t, 0));
            v = make_text(sb_view_data(&view) + 1, sizes[i] - 8);
            assert_int_equal(sb_map_put(f.t, &keys, &v, &err), SB_OK);
            sb_vector_unref(v);
            sb_map_find(f.t, &keys, &row);
            expect_text(f.t, row, text + 4, sizes[i] - 8);
        }
        row = sb_table_set_view(f.t, row, 0, &(sb_view){0}, true);
        assert_true(sb_row_is_null(row, sb_table_field(f.t, 0)));
        assert_int_equal(sb_table_count(f.t), 1);
    }
    /* what long rows took is given back */
    assert_true(sb_table_bytes(f.t) < 20000);
    /* one that is too long */
    sb_view huge = {.large = {.size = SB_ROW_SIZE_MAX, .data = text}};
    assert_null(sb_table_set_view(f.t, row, 0, &huge, false));
    sb_st_ints_free(&x);
    sb_st_close(&f);
}

/* Rows that move keep their flag, their namespace and their neighbours. */
static void
test_moving_rows(void **unused)
{
    (void)unused;
    sb_st_fixture f;
    sb_error err;
    uint8_t *rows[100];
    int64_t values[100], space[100];
    char text[200];
    memset(text, 'x', sizeof text);
    sb_st_open(&f,
               &(sb_table_spec){.table_id = 1,
                                .shape = SB_MAP,
                                .key = &sb_st_one_i64,
                                .row = &one_text,
                                .has_space = true},
               0);
    for (int i = 0; i < 100; i++) {
        values[i] = i;
        space[i] = i % 3;
    }
    sb_st_ints x = sb_st_ints_make(values, 100);
    sb_keys keys = sb_st_ints_keys(&x);
    keys.space = space;
    assert_int_equal(sb_map_insert(f.t, &keys, rows, NULL, &err), SB_OK);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(sb_map_flag(f.t, rows[99 - i], &err), SB_OK);
    }
    for (int i = 0; i < 100; i++) {
        sb_view view = sb_view_make(text, (uint32_t)(50 + i));
        rows[i] = sb_table_set_view(f.t, rows[i], 0, &view, false);
        assert_true(sb_map_is_flagged(f.t, rows[i]));
    }
    sb_table_drop_space(f.t, 1);
    assert_int_equal(sb_table_count(f.t), 67);
    assert_int_equal(sb_map_count_flagged(f.t), 67);
    for (int i = 99; i >= 0; i--) {
        if (i % 3 != 1) {
            uint8_t *row = sb_map_flagged_first(f.t);
            assert_ptr_equal(row, rows[i]);
            assert_int_equal(sb_row_space(f.t, row), i % 3);
            expect_text(f.t, row, text, (size_t)(50 + i));
            sb_map_unflag_first(f.t);
            assert_false(sb_map_is_flagged(f.t, row));
        }
    }
    assert_null(sb_map_flagged_first(f.t));
    sb_map_unflag_first(f.t);
    sb_st_ints_free(&x);
    sb_st_close(&f);
}

/* ---- nested values, no key columns
 * ---------------------------------------------------------------- */

static const sb_field element = {.name = "e", .type = {.id = SB_TYPE_INT, .nullable = true}};

static sb_vector *
make_lists(const sb_type *type, int32_t n, int32_t extra)
{
    sb_column_builder c;
    sb_error err;
    assert_int_equal(sb_column_builder_init(&c, sb_mem_root(), type, &err), SB_OK);
    for (int32_t i = 0; i < n; i++) {
        sb_column_list_begin(&c);
        for (int32_t k = 0; k < i % 4 + extra; k++) {
            sb_column_i64(&c.children[0], i * 10 + k);
        }
        sb_column_list_end(&c);
    }
    sb_vector *v = sb_column_finish(&c, &err);
    sb_column_builder_deinit(&c);
    assert_non_null(v);
    return v;
}

static void
test_nested(void **unused)
{
    (void)unused;

    enum { N = 40 };

    sb_type list = {
        .id = SB_TYPE_ARRAY, .nullable = true, .count_children = 1, .children = &element};
    sb_field field[2] = {{.name = "list", .type = list}, {.name = "n", .type = sb_st_bigint}};
    sb_schema key = {.count = 1, .fields = field}, row = {.count = 2, .fields = field};
    sb_st_fixture f;
    sb_error err;
    uint8_t *rows[N];
    uint64_t hashes[N], created[1];
    int64_t numbers[N], space[N];
    sb_st_open(&f,
               &(sb_table_spec){
                   .table_id = 1, .shape = SB_MAP, .key = &key, .row = &row, .has_space = true},
               0);
    sb_vector *keys_v = make_lists(&field[0].type, N, 1), *other = make_lists(&field[0].type, N, 3);
    for (int i = 0; i < N; i++) {
        numbers[i] = i;
        space[i] = -i;
    }
    sb_st_ints n = sb_st_ints_make(numbers, N);
    sb_hash_columns(&keys_v, 1, NULL, N, hashes);
    sb_keys keys = {.columns = &keys_v, .hashes = hashes, .space = space, .count = N};
    assert_int_equal(sb_map_insert(f.t, &keys, rows, created, &err), SB_OK);
    for (int i = 0; i < N; i++) {
        assert_true(sb_bit_get(created, i));
        assert_true(sb_row_is_null(rows[i], sb_table_field(f.t, 0))); /* nested ones have no zero */
        assert_false(sb_row_is_null(rows[i], sb_table_field(f.t, 1)));
        assert_true(*sb_st_value(f.t, rows[i], 1) == 0);
        assert_int_equal(sb_row_space(f.t, rows[i]), -i);
    }
    sb_vector *values[2] = {other, n.v};
    assert_int_equal(sb_map_put(f.t, &keys, values, &err), SB_OK);
    assert_int_equal(sb_table_count(f.t), N);
    sb_map_find(f.t, &keys, rows);
    for (int i = 0; i < N; i++) {
        assert_true(sb_row_valid(sb_table_layout(f.t), rows[i], sb_row_size(rows[i])));
        assert_true(sb_row_equal_columns(sb_table_layout(f.t), rows[i], 2, 2, values, i));
        assert_true(sb_row_equal_columns(sb_table_layout(f.t), rows[i], 0, 1, &keys_v, i));
    }
    sb_map_erase(f.t, &keys);
    assert_int_equal(sb_table_count(f.t), 0);
    sb_vector_unref(keys_v);
    sb_vector_unref(other);
    sb_st_ints_free(&n);
    sb_st_close(&f);
}

static void
test_no_key(void **unused)
{
    (void)unused;
    static const sb_schema none = {0};
    sb_st_fixture f;
    sb_error err;
    uint8_t *rows[3];
    uint64_t hashes[3] = {0}, created[1];
    sb_st_open(&f, &(sb_table_spec){.table_id = 1, .shape = SB_MAP, .key = &none, .row = &none}, 0);
    sb_keys keys = {.hashes = hashes, .count = 3};
    assert_int_equal(sb_map_insert(f.t, &keys, rows, created, &err), SB_OK);
    assert_int_equal(created[0], 1);
    assert_ptr_equal(rows[0], rows[2]);
    assert_int_equal(sb_table_count(f.t), 1);
    sb_st_close(&f);
}

/* What a table writes for a key is what columnar would write. */
static void
test_canonical(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        sb_st_rng r = {seed};
        sb_st_table kind;
        sb_table_spec spec;
        sb_st_fixture f;
        sb_error err;
        sb_st_batch *b = sb_st_batch_new();
        sb_st_table_random(&kind, &r, SB_MAP, 1);
        kind.has_space = false;
        sb_st_table_spec(&kind, &spec);
        sb_st_open(&f, &spec, 0);
        sb_st_batch_random(b, &kind, &r, 50);
        assert_int_equal(sb_map_insert(f.t, &b->keys, b->found, NULL, &err), SB_OK);
        /* strings are set one by one, to the same values as a put gives */
        for (int32_t i = 0; i < b->count; i++) {
            sb_vector *columns[2 * SB_ST_COLUMNS];
            uint32_t size;
            for (int32_t c = 0; c < kind.key.count; c++) {
                columns[c] = b->key[c];
            }
            for (int32_t c = 0; c < kind.row.count; c++) {
                columns[kind.key.count + c] = b->values[c];
                sb_map_find(f.t, &b->keys, b->found);
                const sb_st_cell *cell = &b->rows[i].values[c];
                if (sb_type_phys(&kind.row.fields[c].type) == SB_PHYS_VIEW) {
                    sb_view view =
                        sb_view_make((const char *)cell->bytes, cell->null ? 0 : cell->size);
                    assert_non_null(sb_table_set_view(f.t, b->found[i], c, &view, cell->null));
                } else {
                    /* take the fixed ones from the encoder */
                    columns[kind.key.count + c] = sb_vector_const(
                        sb_mem_root(), &kind.row.fields[c].type, &(sb_int128){0}, 1);
                }
            }
            sb_map_find(f.t, &b->keys, b->found);
            sb_row_sizes(sb_table_layout(f.t), columns, &b->physical[i], 1, &size);
            uint8_t *row = malloc(size);
            sb_row_encode(sb_table_layout(f.t), columns, &b->physical[i], 1, &row);
            assert_true(sb_row_equal(row, b->found[i]));
            free(row);
            for (int32_t c = 0; c < kind.row.count; c++) {
                if (columns[kind.key.count + c] != b->values[c]) {
                    sb_vector_unref(columns[kind.key.count + c]);
                }
            }
        }
        sb_st_batch_free(b);
        sb_st_close(&f);
    }
}

/* ---- failures half way
 * ------------------------------------------------------------------------------ */

/* All or nothing, wherever memory ends; keys enough for the index to grow in the middle. */
static void
test_all_or_nothing(void **unused)
{
    (void)unused;

    enum { N = 900 };

    int64_t values[N];
    uint8_t *rows[N];
    for (int i = 0; i < N; i++) {
        values[i] = i / 2;
    }
    sb_st_ints x = sb_st_ints_make(values, N);
    sb_keys keys = sb_st_ints_keys(&x);
    int failures[4] = {0};
    for (int what = 0; what < 4; what++) {
        bool done = false;
        for (int64_t n = 1; !done; n++) {
            sb_table_spec spec = {.table_id = 1,
                                  .shape = what == 0  ? SB_MAP
                                           : what < 3 ? SB_BAG
                                                      : SB_ORDERED,
                                  .key = &sb_st_one_i64,
                                  .row = &sb_st_one_i64,
                                  .sort = what == 3 ? &sb_st_one_i64 : NULL,
                                  .index_rows = what == 2};
            sb_st_fixture f;
            sb_error err;
            sb_st_open(&f, &spec, 0);
            sb_keys first = keys;
            first.count = 40;
            for (int pass = 0; pass < 2; pass++) {
                sb_keys *k = pass ? &keys : &first;
                int64_t before = sb_table_count(f.t);
                sb_mem_fail_after(pass ? n : 0);
                sb_status status = what == 0  ? sb_map_insert(f.t, k, rows, NULL, &err)
                                   : what < 3 ? sb_bag_add(f.t, k, &x.v, &err)
                                              : sb_ordered_put(f.t, k, &x.v, rows, NULL, &err);
                done = sb_mem_fail_after(0) < n; /* no more allocations than that */
                if (status != SB_OK) {
                    assert_int_equal(status, SB_STATUS_NOMEM);
                    assert_int_equal(sb_table_count(f.t), before);
                    failures[what]++;
                }
            }
            sb_st_close(&f);
        }
        assert_true(failures[what] >= 3); /* at least twice the index, and pages */
    }
    sb_st_ints_free(&x);
}

/* A budget that ends is a status; after it, what is there works. */
static void
test_budget(void **unused)
{
    (void)unused;

    enum { BATCH = 1000 };

    sb_st_fixture f;
    sb_error err;
    int64_t values[BATCH], n = 0;
    uint8_t *rows[BATCH];
    sb_status status = SB_OK;
    sb_st_open(&f,
               &(sb_table_spec){
                   .table_id = 1, .shape = SB_MAP, .key = &sb_st_one_i64, .row = &sb_st_one_i64},
               3000000);
    while (status == SB_OK) {
        for (int i = 0; i < BATCH; i++) {
            values[i] = n + i;
        }
        sb_st_ints x = sb_st_ints_make(values, BATCH);
        sb_keys keys = sb_st_ints_keys(&x);
        status = sb_map_insert(f.t, &keys, rows, NULL, &err);
        n += status == SB_OK ? BATCH : 0;
        sb_st_ints_free(&x);
    }
    assert_int_equal(status, SB_STATUS_NOMEM);
    assert_int_equal(sb_table_count(f.t), n);
    assert_true(n > 20000); /* most of the budget is used: 3 MB hold 36,000 rows of 80 bytes */
    for (int64_t i = 0; i < n; i++) {
        sb_st_ints x = sb_st_ints_make(&i, 1);
        sb_keys keys = sb_st_ints_keys(&x);
        sb_map_find(f.t, &keys, rows);
        assert_non_null(rows[0]);
        sb_st_ints_free(&x);
    }
    sb_st_close(&f);
}

/* ---- wrong specifications
 * --------------------------------------------------------------------------- */

static void
test_refused(void **unused)
{
    (void)unused;
    sb_state *state = sb_state_new(sb_mem_root(), 0, SB_KEY_SLOTS);
    sb_table *t;
    sb_timers *timers;
    sb_error err;
    sb_table_spec spec = {
        .table_id = 1, .shape = SB_ORDERED, .key = &sb_st_one_i64, .row = &sb_st_one_i64};
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_STATUS_INVALID);
    spec.shape = SB_MAP;
    spec.sort = &sb_st_one_i64;
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_STATUS_INVALID);
    spec.sort = NULL;
    spec.index_rows = true;
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_STATUS_INVALID);
    spec.index_rows = false;
    spec.ttl_ms = -1;
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_STATUS_INVALID);
    spec.ttl_ms = 0;
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_OK);
    assert_int_equal(sb_state_open_table(state, &spec, &t, &err), SB_STATUS_EXISTS);
    assert_int_equal(sb_state_open_timers(state, 1, &sb_st_one_i64, &timers, &err),
                     SB_STATUS_EXISTS);
    sb_state_free(state);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_rows),    cmocka_unit_test(test_keys_of_words),
        cmocka_unit_test(test_equal_hashes), cmocka_unit_test(test_many_under_one_key),
        cmocka_unit_test(test_long_rows),    cmocka_unit_test(test_moving_rows),
        cmocka_unit_test(test_nested),       cmocka_unit_test(test_no_key),
        cmocka_unit_test(test_canonical),    cmocka_unit_test(test_all_or_nothing),
        cmocka_unit_test(test_budget),       cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
