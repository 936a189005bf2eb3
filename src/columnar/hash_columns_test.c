/* Hashes of columns: equal values hash equal in every encoding; known values; folding; NULL and
 * floats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "columnar/columnar_testing.h"
#include "columnar/hash.h"

#define N 1300 /* more than two blocks */

static void
test_encodings_agree(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    static uint64_t a[N], b[N], c[N];
    static int32_t rows[N];
    for (int32_t f = 0; f < sb_testing_schema.count; f++) {
        uint64_t state = 7 + (uint64_t)f;
        sb_vector *flat =
            sb_testing_vector(mem, &sb_testing_schema.fields[f].type, N, &state, f % 2 ? 5 : 0);
        sb_vector *dict = sb_testing_as_dict(mem, flat, &state);
        for (int i = 0; i < N; i++) {
            rows[i] = (int32_t)(sb_testing_random(&state) >> 40) % N;
        }
        sb_hash_columns(&flat, 1, NULL, N, a);
        sb_hash_columns(&dict, 1, NULL, N, b);
        assert_memory_equal(a, b, sizeof a);
        sb_hash_columns(&flat, 1, rows, N, b);
        sb_hash_columns(&dict, 1, rows, N, c);
        assert_memory_equal(b, c, sizeof a);
        for (int i = 0; i < N; i++) {
            assert_true(b[i] == a[rows[i]]);
        }
        /* equal exactly where the values are (64 bits: no accidents among so few) */
        for (int i = 0; i < N; i += 3) {
            for (int j = i; j < N; j += 17) {
                assert_int_equal(a[i] == a[j], sb_testing_equal(flat, i, flat, j));
            }
        }
        sb_vector *same = sb_testing_as_const(mem, flat, 5, N);
        sb_hash_columns(&same, 1, NULL, N, b);
        assert_true(b[0] == a[5] && b[N - 1] == a[5]);
        /* a small dictionary takes the way over precomputed hashes */
        static const int32_t few_rows[] = {1, 2, 3, 4, 5};
        sb_vector *few = sb_vector_gather(mem, flat, few_rows, 5);
        sb_vector *codes = sb_testing_as_dict(mem, flat, &state);
        if (flat->phys != SB_PHYS_NULL && !few->validity) {
            sb_vector_unref(codes->dict);
            codes->dict = few;
            int32_t *code = sb_vector_values_mut(codes);
            memset(sb_vector_validity_mut(codes), 0xFF, (size_t)sb_bits_bytes(N));
            for (int i = 0; i < N; i++) {
                code[i] = i % 5;
            }
            sb_hash_columns(&codes, 1, NULL, N, b);
            for (int i = 0; i < N; i++) {
                assert_true(b[i] == a[1 + i % 5]);
            }
        } else {
            sb_vector_unref(few);
        }
        sb_vector_unref(codes);
        sb_vector_unref(same);
        sb_vector_unref(dict);
        sb_vector_unref(flat);
    }
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_known_values(void **unused)
{
    (void)unused;
    /* SplitMix64 with seed 0 gives 0xE220A8397B1DCDAF first (Vigna, splitmix64.c): the hash of
     * the integer 0. */
    int64_t zero = 0;
    assert_true(sb_hash_value(SB_PHYS_I64, &zero) == UINT64_C(0xE220A8397B1DCDAF));
    int8_t minus8 = -5;
    int64_t minus64 = -5;
    assert_true(sb_hash_value(SB_PHYS_I8, &minus8) == sb_hash_value(SB_PHYS_I64, &minus64));
    sb_view empty = sb_view_make("", 0), zeroes = sb_view_make("\0\0", 2),
            longer = sb_view_make("0123456789abc", 13);
    assert_true(sb_hash_value(SB_PHYS_VIEW, &empty) != sb_hash_value(SB_PHYS_VIEW, &zeroes));
    assert_true(sb_hash_value(SB_PHYS_VIEW, &longer) == sb_hash_bytes("0123456789abc", 13));
    assert_true(sb_hash_value(SB_PHYS_NULL, NULL) == SB_HASH_NULL);
    double nan = __builtin_nan(""), plus = 0.0, minus = -0.0;
    uint64_t odd_bits = 0xFFF0000000000123;
    double odd;
    memcpy(&odd, &odd_bits, sizeof odd);
    assert_true(sb_hash_value(SB_PHYS_F64, &nan) == sb_hash_value(SB_PHYS_F64, &odd));
    assert_true(sb_hash_value(SB_PHYS_F64, &plus) != sb_hash_value(SB_PHYS_F64, &minus));
}

static void
test_folding(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "test", 0);
    uint64_t state = 3, one[4][600], all[600];
    sb_vector *columns[4];
    for (int c = 0; c < 4; c++) {
        columns[c] =
            sb_testing_vector(mem, &sb_testing_schema.fields[4 + c * 3].type, 600, &state, 4);
        sb_hash_columns(&columns[c], 1, NULL, 600, one[c]);
    }
    sb_hash_columns(columns, 4, NULL, 600, all);
    for (int i = 0; i < 600; i++) {
        uint64_t h = one[0][i];
        for (int c = 1; c < 4; c++) {
            h = sb_hash_combine(h, one[c][i]);
        }
        assert_true(h == all[i]);
    }
    sb_hash_columns(columns, 0, NULL, 600, all);
    assert_true(all[0] == 0 && all[599] == 0);
    for (int c = 0; c < 4; c++) {
        sb_vector_unref(columns[c]);
    }
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_slots_spread(void **unused)
{
    (void)unused;
    /* consecutive keys fall evenly on 8 owners: 1000 +- 6 sigma (sigma = 30) */
    int32_t counts[8] = {0};
    for (int64_t i = 0; i < 8000; i++) {
        uint32_t slot = sb_key_slot(sb_hash_value(SB_PHYS_I64, &i));
        assert_true(slot < SB_KEY_SLOTS);
        counts[sb_slot_owner(slot, 8)]++;
    }
    for (int i = 0; i < 8; i++) {
        assert_in_range(counts[i], 820, 1180);
    }
    /* subtask i owns [ceil(i*M/p), ceil((i+1)*M/p)) */
    for (uint32_t p = 1; p < 40; p += 6) {
        for (uint32_t i = 0; i < p; i++) {
            uint32_t first = (i * SB_KEY_SLOTS + p - 1) / p,
                     end = ((i + 1) * SB_KEY_SLOTS + p - 1) / p;
            assert_int_equal(sb_slot_owner(first, p), i);
            assert_int_equal(sb_slot_owner(end - 1, p), i);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings_agree),
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_slots_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
