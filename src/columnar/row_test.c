/* The row layout: encode / decode / equal / compare / valid over all types and encodings,
 * against slow references. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"
#include "columnar/row.h"

#define N 300

typedef struct fixture {
    sb_mem *mem;
    sb_row_layout layout;
    sb_vector *flat[64], *columns[64]; /* the same values; columns: mixed encodings */
    int32_t rows[N], count;
    uint32_t sizes[N];
    uint8_t *dst[N];
    uint8_t *bytes;
    size_t size;
} fixture;

static void
fixture_init(fixture *x, uint64_t seed, bool with_rows)
{
    uint64_t state = seed;
    x->mem = sb_mem_new(NULL, "test", 0);
    assert_int_equal(sb_row_layout_init(&x->layout, x->mem, &sb_testing_schema, NULL), SB_OK);
    int32_t length = 280;
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        const sb_type *type = &sb_testing_schema.fields[f].type;
        x->flat[f] = sb_testing_vector(x->mem, type, length, &state, seed % 3 ? 4 : 0);
        uint64_t pick = sb_testing_random(&state) >> 40;
        if (pick % 3 == 0) {
            x->columns[f] = sb_testing_as_dict(x->mem, x->flat[f], &state);
        } else if (pick % 3 == 1) {
            x->columns[f] = sb_vector_ref(x->flat[f]);
        } else {
            x->columns[f] = sb_testing_as_const(x->mem, x->flat[f], 11, length);
            sb_vector_unref(x->flat[f]);
            x->flat[f] = sb_vector_flatten(x->mem, x->columns[f]);
        }
    }
    x->count = with_rows ? N : length;
    for (int32_t i = 0; i < x->count; i++) {
        x->rows[i] = with_rows ? (int32_t)(sb_testing_random(&state) >> 40) % length : i;
    }
    const int32_t *rows = with_rows ? x->rows : NULL;
    sb_row_sizes(&x->layout, x->columns, rows, x->count, x->sizes);
    x->size = 0;
    for (int32_t i = 0; i < x->count; i++) {
        assert_int_equal(x->sizes[i] % 8, 0);
        x->size += x->sizes[i];
    }
    x->bytes = sb_alloc(x->mem, x->size);
    memset(x->bytes, 0xAA, x->size);
    size_t at = 0;
    for (int32_t i = 0; i < x->count; i++) {
        x->dst[i] = x->bytes + at;
        at += x->sizes[i];
    }
    sb_row_encode(&x->layout, x->columns, rows, x->count, x->dst);
}

static void
fixture_deinit(fixture *x)
{
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        sb_vector_unref(x->flat[f]);
        sb_vector_unref(x->columns[f]);
    }
    sb_free(x->mem, x->bytes, x->size);
    sb_row_layout_deinit(&x->layout);
    assert_int_equal(sb_mem_used(x->mem), 0);
    sb_mem_unref(x->mem);
}

static bool
rows_equal_slowly(const fixture *x, int32_t a, int32_t b)
{
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        if (!sb_testing_equal(x->flat[f], a, x->flat[f], b)) {
            return false;
        }
    }
    return true;
}

static void
test_round_trip(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        fixture x;
        fixture_init(&x, seed, seed % 2);
        for (int32_t i = 0; i < x.count; i++) {
            assert_int_equal(sb_row_size(x.dst[i]), x.sizes[i]);
            assert_true(sb_row_valid(&x.layout, x.dst[i], x.sizes[i]));
            assert_false(sb_row_valid(&x.layout, x.dst[i], x.sizes[i] - 8));
        }
        for (int copy = 0; copy < 2; copy++) {
            sb_batch_builder b;
            assert_int_equal(sb_batch_builder_init(&b, x.mem, &sb_testing_schema, NULL), SB_OK);
            int32_t half = sb_testing_schema.count / 2;
            sb_row_decode(&x.layout, x.dst, x.count, 0, half, b.columns, copy);
            sb_row_decode(&x.layout, x.dst, x.count, half, sb_testing_schema.count - half,
                          b.columns + half, copy);
            sb_batch_builder_rows(&b, x.count, SB_ROW_INSERT);
            sb_batch *batch;
            assert_int_equal(sb_batch_builder_finish(&b, &batch, NULL), SB_OK);
            for (int32_t f = 0; f < sb_testing_schema.count; f++) {
                for (int32_t i = 0; i < x.count; i++) {
                    assert_true(sb_testing_equal(batch->columns[f], i, x.flat[f], x.rows[i]));
                }
            }
            sb_batch_free(batch);
            sb_batch_builder_deinit(&b);
        }
        fixture_deinit(&x);
    }
}

static void
test_equality(void **unused)
{
    (void)unused;
    for (uint64_t seed = 20; seed <= 24; seed++) {
        fixture x;
        fixture_init(&x, seed, true);
        int32_t physical[N];
        uint8_t equal[N];
        for (int shift = 0; shift < 3; shift++) {
            for (int32_t i = 0; i < N; i++) {
                physical[i] = x.rows[(i + shift) % N];
            }
            for (int32_t f = 0; f < sb_testing_schema.count; f++) {
                sb_row_equal_batch(&x.layout, x.dst, f, 1, x.columns + f, physical, N, equal);
                for (int32_t i = 0; i < N; i++) {
                    bool expected = sb_testing_equal(x.flat[f], x.rows[i], x.flat[f], physical[i]);
                    assert_int_equal(equal[i], expected);
                    assert_int_equal(
                        sb_row_equal_columns(&x.layout, x.dst[i], f, 1, x.columns + f, physical[i]),
                        expected);
                }
            }
            sb_row_equal_batch(&x.layout, x.dst, 0, x.layout.count, x.columns, physical, N, equal);
            for (int32_t i = 0; i < N; i++) {
                bool expected = rows_equal_slowly(&x, x.rows[i], physical[i]);
                assert_int_equal(equal[i], expected);
                /* as bytes */
                assert_int_equal(sb_row_equal(x.dst[i], x.dst[(i + shift) % N]), expected);
            }
        }
        uint8_t *hole = x.dst[3];
        x.dst[3] = NULL;
        sb_row_equal_batch(&x.layout, x.dst, 0, 1, x.columns, x.rows, 5, equal);
        assert_int_equal(equal[3], 0);
        assert_int_equal(equal[4], 1);
        x.dst[3] = hole;
        fixture_deinit(&x);
    }
}

static void
test_compare(void **unused)
{
    (void)unused;
    fixture x;
    fixture_init(&x, 31, true);
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        for (int32_t i = 0; i < N; i++) {
            int32_t j = (i * 7 + 5) % N;
            int wanted = sb_value_compare(x.flat[f], x.rows[i], x.flat[f], x.rows[j]);
            int got = sb_row_compare_field(&x.layout, x.dst[i], x.dst[j], f);
            assert_int_equal((got > 0) - (got < 0), (wanted > 0) - (wanted < 0));
        }
    }
    fixture_deinit(&x);
}

/* Layout by hand: two fields, one NULL, one long string. */
static void
test_layout_by_hand(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_field fields[] = {{.name = "a", .type = SB_TYPE(SMALLINT, true)},
                         {.name = "b", .type = sb_type_string(true)},
                         {.name = "c", .type = SB_TYPE(INT, true)}};
    sb_schema schema = {3, fields};
    sb_row_layout l;
    assert_int_equal(sb_row_layout_init(&l, mem, &schema, NULL), SB_OK);
    assert_int_equal(l.offsets[0], 16);
    assert_int_equal(l.offsets[1], 24);
    assert_int_equal(l.offsets[2], 40);
    assert_int_equal(l.fixed_size, 48);
    assert_true(l.has_bytes);
    sb_view view = sb_view_make("0123456789abcde", 15);
    sb_vector *columns[] = {sb_vector_const(mem, &fields[0].type, &(int16_t){-2}, 1),
                            sb_vector_const(mem, &fields[1].type, &view, 1),
                            sb_vector_const(mem, &fields[2].type, NULL, 1)};
    uint32_t size;
    sb_row_sizes(&l, columns, NULL, 1, &size);
    assert_int_equal(size, 64);
    uint64_t words[8];
    uint8_t *dst = (uint8_t *)words;
    sb_row_encode(&l, columns, NULL, 1, &dst);
    static const uint8_t expected[64] = {
        64,   0,    0,    0,    0,    0,    0,    0, /* size, zero */
        4,    0,    0,    0,    0,    0,    0,    0, /* field 2 is NULL */
        0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 15,  0,   0,   0,   '0', '1', '2', '3',
        48,   0,    0,    0,    0,    0,    0,    0,    0,   0,   0,   0,   0,   0,   0,   0,
        '0',  '1',  '2',  '3',  '4',  '5',  '6',  '7',  '8', '9', 'a', 'b', 'c', 'd', 'e', 0};
    assert_memory_equal(dst, expected, 64);
    sb_view read = sb_row_view(&l, dst, 1);
    assert_memory_equal(sb_view_data(&read), "0123456789abcde", 15);
    sb_row_set_null(dst, 0, true);
    assert_true(sb_row_is_null(dst, 0));
    sb_row_set_null(dst, 0, false);
    assert_false(sb_row_is_null(dst, 0));
    for (int i = 0; i < 3; i++) {
        sb_vector_unref(columns[i]);
    }
    sb_row_layout_deinit(&l);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* Damaged rows are refused or at least safe: the sanitizers watch the decoding of those that
 * pass. */
static void
test_damaged_rows(void **unused)
{
    (void)unused;
    fixture x;
    fixture_init(&x, 40, true);
    uint64_t state = 99;
    int refused = 0, passed = 0;
    uint8_t *copy = sb_alloc(x.mem, 1 << 16);
    for (int32_t round = 0; round < 20000; round++) {
        int32_t i = round % x.count;
        uint32_t size = x.sizes[i];
        uint8_t *row = copy + (1 << 16) - size; /* reading past the end is found */
        memcpy(row, x.dst[i], size);
        for (int k = 0; k < 1 + round % 3; k++) {
            row[(sb_testing_random(&state) >> 30) % size] ^=
                (uint8_t)(1u << (sb_testing_random(&state) >> 61));
        }
        if (!sb_row_valid(&x.layout, row, size)) {
            refused++;
            continue;
        }
        passed++;
        sb_batch_builder b;
        assert_int_equal(sb_batch_builder_init(&b, x.mem, &sb_testing_schema, NULL), SB_OK);
        sb_row_decode(&x.layout, &row, 1, 0, x.layout.count, b.columns, true);
        sb_row_compare_field(&x.layout, row, x.dst[i], x.layout.count - 1);
        sb_batch_builder_deinit(&b);
    }
    sb_free(x.mem, copy, 1 << 16);
    assert_true(refused > 1000 && passed > 1000);
    fixture_deinit(&x);
}

static void
test_too_large_row(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    sb_field fields[] = {{.name = "a", .type = sb_type_string(true)},
                         {.name = "b", .type = sb_type_string(true)}};
    sb_schema schema = {2, fields};
    sb_row_layout l;
    assert_int_equal(sb_row_layout_init(&l, mem, &schema, NULL), SB_OK);
    sb_vector *v = sb_vector_alloc(mem, &fields[0].type, 1, false);
    sb_view view = {.large = {.size = 800000000,
                              .prefix = "xxxx",
                              .data = "xxxxxxxxxxxxx"}}; /* sizes look at no bytes */
    memcpy(sb_vector_values_mut(v), &view, sizeof view);
    sb_vector *columns[] = {v, v};
    uint32_t size;
    sb_row_sizes(&l, columns, NULL, 1, &size);
    assert_int_equal(size, SB_ROW_SIZE_MAX);
    sb_vector_unref(v);
    sb_row_layout_deinit(&l);
    sb_mem_unref(mem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_equality),
        cmocka_unit_test(test_compare),      cmocka_unit_test(test_layout_by_hand),
        cmocka_unit_test(test_damaged_rows), cmocka_unit_test(test_too_large_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
