/* Vectors: gather, flatten, fields, constants, heaps, compaction, comparison; over all types and
 * encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "columnar/columnar_testing.h"

static sb_mem *mem;

static int
setup(void **state)
{
    (void)state;
    mem = sb_mem_new(NULL, "test", 0);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    int64_t used = sb_mem_used(mem);
    sb_mem_unref(mem);
    return used == 0 ? 0 : -1;
}

static void
check_gather(sb_vector *v, const int32_t *rows, int32_t count)
{
    sb_vector *out = sb_vector_gather(mem, v, rows, count);
    assert_non_null(out);
    assert_int_equal(out->encoding, SB_FLAT);
    assert_int_equal(out->length, count);
    for (int32_t i = 0; i < count; i++) {
        int32_t row = rows ? rows[i] : i;
        if (row < 0) {
            assert_false(sb_vector_valid(out, i));
        } else {
            assert_true(sb_testing_equal(out, i, v, row));
        }
    }
    sb_vector_unref(out);
}

static void
test_gather_all_types_and_encodings(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        uint64_t state = seed;
        for (int32_t f = 0; f < sb_testing_schema.count; f++) {
            int32_t n = 130;
            sb_vector *flat = sb_testing_vector(mem, &sb_testing_schema.fields[f].type, n, &state,
                                                seed % 2 ? 4 : 0);
            sb_vector *all[] = {flat, sb_testing_as_dict(mem, flat, &state),
                                sb_testing_as_const(mem, flat, 7, n)};
            int32_t rows[200];
            for (int i = 0; i < 200; i++) {
                rows[i] = (int32_t)(sb_testing_random(&state) >> 40) % n;
            }
            for (int e = 0; e < 3; e++) {
                check_gather(all[e], rows, 200);
                check_gather(all[e], NULL, n);
                check_gather(all[e], NULL, 65);
                rows[3] = rows[150] = -1;
                check_gather(all[e], rows, 200);
                rows[3] = rows[150] = 5;
                sb_vector *again = sb_vector_flatten(mem, all[e]);
                for (int32_t i = 0; i < n; i++) {
                    assert_true(sb_testing_equal(again, i, all[e], i));
                }
                sb_vector_unref(again);
            }
            for (int e = 0; e < 3; e++) {
                sb_vector_unref(all[e]);
            }
        }
    }
}

static void
test_gather_from_empty_gives_nulls(void **unused)
{
    (void)unused;
    static const int32_t rows[] = {-1, -1};
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        sb_vector *empty = sb_vector_empty(mem, &sb_testing_schema.fields[f].type);
        sb_vector *out = sb_vector_gather(mem, empty, rows, 2);
        assert_false(sb_vector_valid(out, 0));
        assert_false(sb_vector_valid(out, 1));
        sb_vector_unref(empty);
        sb_vector_unref(out);
    }
}

static void
test_const(void **unused)
{
    (void)unused;
    sb_type type = sb_type_string(true);
    char text[] = "a text that is longer than twelve bytes";
    sb_view view = sb_view_make(text, sizeof text - 1);
    sb_vector *v = sb_vector_const(mem, &type, &view, 1000);
    text[0] = 'X'; /* bytes were copied */
    assert_int_equal(sb_view_data(sb_vector_at(v, 999))[0], 'a');
    assert_true(sb_vector_valid(v, 999));
    sb_vector_unref(v);
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        v = sb_vector_const(mem, &sb_testing_schema.fields[f].type, NULL, 10);
        assert_false(sb_vector_valid(v, 9));
        check_gather(v, NULL, 10);
        sb_vector_unref(v);
    }
    int64_t number = -7;
    sb_type bigint = SB_TYPE(BIGINT, false);
    v = sb_vector_const(mem, &bigint, &number, 3);
    assert_int_equal(*(const int64_t *)sb_vector_at(v, 2), -7);
    sb_vector_unref(v);
}

static void
test_field_combines_nulls(void **unused)
{
    (void)unused;
    uint64_t state = 5;
    const sb_type *type = &sb_testing_schema.fields[23].type;
    assert_int_equal(type->id, SB_TYPE_ROW);
    sb_vector *flat = sb_testing_vector(mem, type, 100, &state, 3);
    sb_vector *all[] = {
        flat, sb_testing_as_dict(mem, flat, &state), sb_testing_as_const(mem, flat, 1, 100),
        sb_testing_as_const(mem, flat, 2, 100), sb_vector_const(mem, type, NULL, 100)};
    for (int e = 0; e < 5; e++) {
        for (int32_t k = 0; k < 3; k++) {
            sb_vector *field = sb_vector_field(mem, all[e], k);
            assert_non_null(field);
            assert_int_equal(field->length, 100);
            for (int32_t i = 0; i < 100; i++) {
                const sb_vector *holder = e == 1 ? all[1]->dict : all[e];
                int32_t index = e == 0 ? i : e == 1 ? ((const int32_t *)all[1]->values)[i] : 0;
                if (!sb_vector_valid(all[e], i)) {
                    assert_false(sb_vector_valid(field, i));
                } else {
                    assert_true(sb_testing_equal(field, i, holder->children[k], index));
                }
            }
            /* a borrowed vector can be gathered from and outlives its parent */
            check_gather(field, NULL, 100);
            sb_vector_unref(field);
        }
    }
    sb_vector *field = sb_vector_field(mem, flat, 1);
    for (int e = 1; e < 5; e++) {
        sb_vector_unref(all[e]);
    }
    sb_vector_unref(flat);
    check_gather(field, NULL, 100);
    sb_vector_unref(field);
}

static void
test_retype_shares(void **unused)
{
    (void)unused;
    uint64_t state = 9;
    for (int32_t f = 1; f < sb_testing_schema.count; f++) {
        sb_vector *flat = sb_testing_vector(mem, &sb_testing_schema.fields[f].type, 40, &state, 3);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        sb_type type = sb_testing_schema.fields[f].type;
        type.nullable = false;
        sb_vector *a = sb_vector_retype(mem, flat, &type), *b = sb_vector_retype(mem, dict, &type);
        assert_ptr_equal(a->values, flat->values);
        sb_vector_unref(flat);
        sb_vector_unref(dict);
        for (int32_t i = 0; i < 40; i++) {
            assert_true(sb_testing_equal(a, i, b, i));
        }
        /* heaps are pinned through base and dictionary */
        sb_vector *gathered = sb_vector_gather(mem, b, NULL, 40);
        sb_vector_unref(b);
        for (int32_t i = 0; i < 40; i++) {
            assert_true(sb_testing_equal(a, i, gathered, i));
        }
        sb_vector_unref(a);
        sb_vector_unref(gathered);
    }
}

static void
test_heaps_without_duplicates(void **unused)
{
    (void)unused;
    sb_type type = sb_type_string(true);
    sb_vector *v = sb_vector_alloc(mem, &type, 1, false);
    sb_buffer *heaps[20];
    int64_t before = v->pinned_bytes;
    for (int i = 0; i < 20; i++) {
        heaps[i] = sb_buffer_new(mem, 100);
        assert_int_equal((uintptr_t)heaps[i]->data % 64, 0);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(sb_vector_add_heap(v, heaps[i], NULL), SB_OK);
        }
        sb_buffer_unref(heaps[i]);
    }
    assert_int_equal(v->count_heaps + v->count_more_heaps, 20);
    assert_int_equal(v->pinned_bytes - before, 2000);
    assert_int_equal(sb_vector_count_pinned(v), v->pinned_bytes);
    sb_vector *w = sb_vector_alloc(mem, &type, 1, false);
    assert_int_equal(sb_vector_pin(w, v, NULL), SB_OK);
    sb_vector_unref(v);
    memset(heaps[19]->data, 1, 100); /* still there */
    sb_vector_drop_heaps(w);
    assert_int_equal(w->pinned_bytes, 16);
    sb_vector_unref(w);
}

static void
test_compact_frees_heaps(void **unused)
{
    (void)unused;
    sb_type type = sb_type_string(true);
    sb_column_builder c;
    char text[100];
    memset(text, 'x', sizeof text);
    assert_int_equal(sb_column_builder_init(&c, mem, &type, NULL), SB_OK);
    for (int i = 0; i < 1000; i++) {
        text[50] = (char)i;
        sb_column_bytes(&c, text, sizeof text);
    }
    sb_vector *v = sb_column_finish(&c, NULL);
    sb_column_builder_deinit(&c);
    int32_t rows[900];
    for (int i = 0; i < 900; i++) {
        rows[i] = i;
    }
    sb_vector *most = sb_vector_compact(mem, v, rows, 900, false);
    assert_ptr_equal(((const sb_view *)most->values)[5].large.data,
                     ((const sb_view *)v->values)[5].large.data);
    sb_vector *few = sb_vector_compact(mem, v, rows, 10, false);
    sb_vector *own = sb_vector_compact(mem, v, rows, 900, true);
    assert_true(few->pinned_bytes < 10 * 116 + 100);
    assert_int_equal(sb_vector_count_pinned(few), few->pinned_bytes);
    sb_vector_unref(most);
    sb_vector_unref(v);
    for (int i = 0; i < 900; i++) {
        text[50] = (char)i;
        assert_memory_equal(sb_view_data(sb_vector_at(own, i)), text, sizeof text);
    }
    assert_memory_equal(sb_view_data(sb_vector_at(few, 9)) + 49, "x\tx", 3);
    sb_vector_unref(few);
    sb_vector_unref(own);
}

static void
test_compact_all_types(void **unused)
{
    (void)unused;
    uint64_t state = 77;
    static const int32_t rows[] = {90, 3, 3, 17, 64, 63};
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        sb_vector *flat = sb_testing_vector(mem, &sb_testing_schema.fields[f].type, 100, &state, 4);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        sb_vector *out = sb_vector_compact(mem, dict, rows, 6, true);
        sb_vector_unref(dict);
        for (int i = 0; i < 6; i++) {
            assert_true(sb_testing_equal(out, i, flat, rows[i]));
        }
        sb_vector_unref(flat);
        sb_text text;
        sb_text_init(&text, mem);
        for (int i = 0; i < 6; i++) { /* reads all bytes: nothing points into what was freed */
            sb_value_print(out, i, &text);
        }
        sb_text_deinit(&text);
        sb_vector_unref(out);
    }
}

static void
test_compact_keeps_small_dictionaries(void **unused)
{
    (void)unused;

    enum { ROWS = 100, KEPT = 300 };

    uint64_t state = 79;
    int32_t rows[KEPT];
    for (int i = 0; i < KEPT; i++) {
        rows[i] = i * ROWS / KEPT;
    }
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        const sb_type *type = &sb_testing_schema.fields[f].type;
        sb_vector *flat = sb_testing_vector(mem, type, ROWS, &state, 4);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        bool nested = flat->phys == SB_PHYS_LIST || flat->phys == SB_PHYS_STRUCT;
        bool tiny = dict->dict->length <= 2; /* of the type NULL */
        assert_true(dict->dict->length <= KEPT);
        sb_vector *out = sb_vector_compact(mem, dict, rows, KEPT, false);
        sb_vector *few = sb_vector_compact(mem, dict, rows, 2, false);
        assert_int_equal(out->encoding, nested ? SB_FLAT : SB_DICT);
        assert_int_equal(few->encoding, tiny && !nested ? SB_DICT : SB_FLAT);
        assert_int_equal(out->length, KEPT);
        assert_int_equal(sb_vector_count_pinned(out), out->pinned_bytes);
        sb_vector_unref(dict);
        for (int i = 0; i < KEPT; i++) {
            assert_true(sb_testing_equal(out, i, flat, rows[i]));
        }
        sb_vector_unref(few);
        sb_vector_unref(out);
        sb_vector_unref(flat);
    }
}

static void
test_compare_is_an_order(void **unused)
{
    (void)unused;
    uint64_t state = 123;
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        enum { N = 40 };

        sb_vector *flat = sb_testing_vector(mem, &sb_testing_schema.fields[f].type, N, &state, 5);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int ij = sb_value_compare(flat, i, dict, j),
                    ji = sb_value_compare(dict, j, flat, i);
                assert_true((ij > 0) == (ji < 0) && (ij == 0) == (ji == 0));
                assert_int_equal(ij == 0, sb_testing_equal(flat, i, flat, j));
                assert_int_equal(sb_value_equal(dict, i, flat, j), ij == 0);
                for (int k = 0; k < N; k += 3) {
                    if (ij <= 0 && sb_value_compare(flat, j, flat, k) <= 0) {
                        assert_true(sb_value_compare(flat, i, flat, k) <= 0);
                    }
                }
            }
        }
        sb_vector_unref(flat);
        sb_vector_unref(dict);
    }
}

static void
test_compare_by_hand(void **unused)
{
    (void)unused;
    static const double ascending[] = {
        -__builtin_inf(), -1.0, -0.0, 0.0, 1e-300, 2.0, __builtin_inf(), __builtin_nan("")};
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
            assert_int_equal(sb_phys_compare(SB_PHYS_F64, &ascending[i], &ascending[j]),
                             (i > j) - (i < j));
            float a = (float)ascending[i], b = (float)ascending[j];
            if (i != 4 && j != 4) { /* 1e-300 is 0 as a float */
                assert_int_equal(sb_phys_compare(SB_PHYS_F32, &a, &b), (i > j) - (i < j));
            }
        }
    }
    sb_view views[] = {sb_view_make("", 0),
                       sb_view_make("a", 1),
                       sb_view_make("a\0", 2),
                       sb_view_make("ab", 2),
                       sb_view_make("abcdefghijklm", 13),
                       sb_view_make("abcdefghijklmn", 14),
                       sb_view_make("b", 1),
                       sb_view_make("\xff", 1)};
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 8; j++) {
            int order = sb_view_compare(&views[i], &views[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void
check_print(const sb_type *type, const void *value, const char *expected)
{
    sb_text out;
    sb_text_init(&out, mem);
    sb_vector *v = sb_vector_const(mem, type, value, 1);
    sb_value_print(v, 0, &out);
    assert_string_equal(out.data, expected);
    sb_vector_unref(v);
    sb_text_deinit(&out);
}

static void
test_print(void **unused)
{
    (void)unused;
    sb_type type = sb_type_decimal(10, 2, true);
    check_print(&type, &(int64_t){-5}, "-0.05");
    check_print(&type, &(int64_t){12345}, "123.45");
    check_print(&type, NULL, "NULL");
    type = sb_type_decimal(38, 0, true);
    check_print(&type, &(sb_int128){(sb_int128)INT64_MAX * 10}, "92233720368547758070");
    type = SB_TYPE(DATE, true);
    check_print(&type, &(int32_t){0}, "1970-01-01");
    check_print(&type, &(int32_t){-1}, "1969-12-31");
    check_print(&type, &(int32_t){11016}, "2000-02-29");
    type = sb_type_timestamp(3, true);
    check_print(&type, &(int64_t){-1000}, "1969-12-31 23:59:59.999");
    check_print(&type, &(int64_t){1704067200123456}, "2024-01-01 00:00:00.123");
    type = sb_type_timestamp(9, true);
    check_print(&type, &(sb_ts_ns){.us = 1, .ns = 7}, "1970-01-01 00:00:00.000001007");
    type = SB_TYPE(TIME, true);
    check_print(&type, &(int32_t){86399999}, "23:59:59");
    type = SB_TYPE(DOUBLE, true);
    check_print(&type, &(double){0.1}, "0.1");
    check_print(&type, &(double){1.0 / 3}, "0.3333333333333333");
    type = SB_TYPE(BOOLEAN, true);
    check_print(&type, &(uint8_t){1}, "true");
    type = SB_TYPE(VARBINARY, true);
    sb_view view = sb_view_make("\x00\xAB", 2);
    check_print(&type, &view, "00ab");
}

/* *left: number of the allocation that fails; counted down. */
static sb_status
vector_body(sb_mem *budget, int64_t *left, sb_error *err)
{
    uint64_t state = 3;
    for (int32_t f = 10; f < sb_testing_schema.count; f++) {
        const sb_type *type = &sb_testing_schema.fields[f].type;
        sb_vector *flat = sb_testing_vector(mem, type, 20, &state, 3);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        sb_mem_fail_after(*left);
        static const int32_t rows[] = {1, -1, 3};
        sb_vector *made[4] = {
            sb_vector_gather(budget, dict, rows, 3),
            sb_vector_compact(budget, dict, rows, 3, true),
            sb_vector_const(budget, type, NULL, 5),
            type->id == SB_TYPE_ROW ? sb_vector_field(budget, dict, 1)
                                    : sb_vector_retype(budget, dict, type),
        };
        *left -= sb_mem_fail_after(0);
        bool fine = made[0] && made[1] && made[2] && made[3];
        for (int i = 0; i < 4; i++) {
            sb_vector_unref(made[i]);
        }
        sb_vector_unref(dict);
        sb_vector_unref(flat);
        if (!fine) {
            SB_NOMEM(err);
        }
    }
    return SB_OK;
}

static void
test_allocation_failures(void **unused)
{
    (void)unused;
    /* The inputs are made outside of the budget; failures are ordered inside the body. */
    int failures = 0;
    for (int64_t n = 1;; n++) {
        sb_error err;
        int64_t left = n;
        sb_mem *budget = sb_mem_new(NULL, "budget", 0);
        sb_status status = vector_body(budget, &left, &err);
        assert_int_equal(sb_mem_used(budget), 0);
        sb_mem_unref(budget);
        if (status == SB_OK) {
            break;
        }
        assert_int_equal(status, SB_STATUS_NOMEM);
        failures++;
    }
    assert_true(failures > 100);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_gather_all_types_and_encodings),
        T(test_gather_from_empty_gives_nulls),
        T(test_const),
        T(test_field_combines_nulls),
        T(test_retype_shares),
        T(test_heaps_without_duplicates),
        T(test_compact_frees_heaps),
        T(test_compact_all_types),
        T(test_compact_keeps_small_dictionaries),
        T(test_compare_is_an_order),
        T(test_compare_by_hand),
        T(test_print),
        T(test_allocation_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
