/*
 * kernels/kernels_test.c -- comparison, arithmetic and cast kernels against scalar code in wider
 * types; bitmaps; UTF-8.
 */
#include "kernels/arith.h"
#include "kernels/bits.h"
#include "kernels/cast.h"
#include "kernels/compare.h"
#include "kernels/utf8.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS 200
static uint64_t seed = 42;

static uint64_t
next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static const sb_phys numbers[] = {SB_PHYS_I8,  SB_PHYS_I16, SB_PHYS_I32,
                                  SB_PHYS_I64, SB_PHYS_F32, SB_PHYS_F64};

static bool
is_float(sb_phys p)
{
    return p == SB_PHYS_F32 || p == SB_PHYS_F64;
}

static void
fill(sb_phys p, void *values)
{
    for (int r = 0; r < ROWS; r++) {
        uint64_t x = next_random();
        int64_t v = x % 4 == 0   ? (int64_t)(x >> 60) - 8
                    : x % 4 == 1 ? (int64_t)x
                    : x % 4 == 2 ? INT64_MIN
                                 : INT64_MAX;
        double d = x % 5 == 0   ? NAN
                   : x % 5 == 1 ? -0.0
                   : x % 5 == 2 ? INFINITY
                                : (double)(int64_t)(x >> 50) / 8 - 1000;
        switch (p) {
        case SB_PHYS_I8: ((int8_t *)values)[r] = (int8_t)(x % 4 >= 2 ? v >> 56 : v); break;
        case SB_PHYS_I16: ((int16_t *)values)[r] = (int16_t)(x % 4 >= 2 ? v >> 48 : v); break;
        case SB_PHYS_I32: ((int32_t *)values)[r] = (int32_t)(x % 4 >= 2 ? v >> 32 : v); break;
        case SB_PHYS_I64: ((int64_t *)values)[r] = v; break;
        case SB_PHYS_F32: ((float *)values)[r] = (float)d; break;
        default: ((double *)values)[r] = d;
        }
    }
}

static __int128
exact_at(sb_phys p, const void *values, int r)
{
    switch (p) {
    case SB_PHYS_I8: return ((const int8_t *)values)[r];
    case SB_PHYS_I16: return ((const int16_t *)values)[r];
    case SB_PHYS_I32: return ((const int32_t *)values)[r];
    default: return ((const int64_t *)values)[r];
    }
}

static double
float_at(sb_phys p, const void *values, int r)
{
    return p == SB_PHYS_F32 ? (double)((const float *)values)[r] : ((const double *)values)[r];
}

static bool
same_float(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static int32_t rows[ROWS];

/* About half of the rows. */
static int32_t
random_rows(void)
{
    int32_t n = 0;
    for (int32_t r = 0; r < ROWS; r++) {
        rows[n] = r;
        n += next_random() & 1;
    }
    return n;
}

static bool
wanted_order(sb_phys p, sb_compare_op op, const void *a, int ra, const void *b, int rb)
{
    bool less, equal, greater;
    if (is_float(p)) {
        double x = float_at(p, a, ra), y = float_at(p, b, rb);
        less = x<y, equal = x == y, greater = x> y;
    } else {
        __int128 x = exact_at(p, a, ra), y = exact_at(p, b, rb);
        less = x<y, equal = x == y, greater = x> y;
    }
    switch (op) {
    case SB_EQ: return equal;
    case SB_NE: return !equal;
    case SB_LT: return less;
    case SB_LE: return less || equal;
    case SB_GT: return greater;
    default: return greater || equal;
    }
}

static void
check_compare(sb_phys p, sb_compare_op op, const void *a, const void *b, bool b_const)
{
    uint8_t out[ROWS];
    int32_t picked[ROWS];
    uint64_t validity[4] = {next_random(), next_random(), next_random(), next_random()};
    sb_operands in = {a, b, b_const};
    for (int sparse = 0; sparse < 2; sparse++) {
        int32_t count = sparse ? random_rows() : ROWS;
        sb_compare_kernel(p, op)(out, &in, sparse ? rows : NULL, count);
        for (int with_nulls = 0; with_nulls < 2; with_nulls++) {
            const uint64_t *bits = with_nulls ? validity : NULL;
            int32_t n = sb_compare_select_kernel(p, op)(picked, &in, bits, sparse ? rows : NULL,
                                                        count),
                    at = 0;
            for (int32_t i = 0; i < count; i++) {
                int32_t r = sparse ? rows[i] : i;
                bool wanted = wanted_order(p, op, a, r, b, b_const ? 0 : r);
                assert_int_equal(out[r], wanted);
                if (wanted && (!bits || sb_bit_get(bits, r))) {
                    assert_true(at < n);
                    assert_int_equal(picked[at++], r);
                }
            }
            assert_int_equal(at, n);
        }
    }
}

static void
test_compare(void **state)
{
    int64_t a[ROWS], b[ROWS];
    (void)state;
    for (size_t t = 0; t < sizeof numbers / sizeof numbers[0]; t++) {
        fill(numbers[t], a);
        fill(numbers[t], b);
        for (int op = 0; op < SB_COMPARE_COUNT; op++) {
            check_compare(numbers[t], (sb_compare_op)op, a, b, false);
            check_compare(numbers[t], (sb_compare_op)op, a, b, true);
        }
    }
    assert_null(sb_compare_kernel(SB_PHYS_LIST, SB_EQ));
    assert_null(sb_compare_kernel(SB_PHYS_STRUCT, SB_EQ));
}

static void
test_compare_strings(void **state)
{
    static const char *const texts[] = {
        "", "a", "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijkln", "b", "\xC3\xA9", "z"};
    (void)state;
    for (int i = 0; i < 9; i++) {
        for (int j = 0; j < 9; j++) {
            sb_view x = sb_view_make(texts[i], (uint32_t)strlen(texts[i])),
                    y = sb_view_make(texts[j], (uint32_t)strlen(texts[j]));
            int order = strcmp(texts[i], texts[j]);
            uint8_t out;
            sb_operands in = {&x, &y, false};
            sb_compare_kernel(SB_PHYS_VIEW, SB_LT)(&out, &in, NULL, 1);
            assert_int_equal(out, order < 0);
            sb_compare_kernel(SB_PHYS_VIEW, SB_GE)(&out, &in, NULL, 1);
            assert_int_equal(out, order >= 0);
            sb_compare_kernel(SB_PHYS_VIEW, SB_EQ)(&out, &in, NULL, 1);
            assert_int_equal(out, order == 0);
        }
    }
}

/* The result of an integer operation, wrapped to the type. */
static __int128
wrapped(sb_phys p, __int128 v)
{
    switch (p) {
    case SB_PHYS_I8: return (int8_t)v;
    case SB_PHYS_I16: return (int16_t)v;
    case SB_PHYS_I32: return (int32_t)v;
    default: return (int64_t)v;
    }
}

static void
check_arith(sb_phys p, sb_arith_op op, const void *a, const void *b, sb_shape shape)
{
    int64_t out[ROWS];
    uint64_t validity[4] = {next_random(), next_random(), next_random(), next_random()};
    for (int sparse = 0; sparse < 2; sparse++) {
        int32_t count = sparse ? random_rows() : ROWS, first_zero = -1;
        sb_arith_in in = {a, b, shape, validity, sparse ? rows : NULL, count};
        bool divides = (op == SB_DIV || op == SB_REM) && !is_float(p);
        for (int32_t i = 0; i < count && divides && first_zero < 0; i++) {
            int32_t r = sparse ? rows[i] : i;
            bool zero = exact_at(p, b, shape == SB_SHAPE_VC ? 0 : r) == 0;
            first_zero = zero && sb_bit_get(validity, r) ? r : -1;
        }
        assert_int_equal(sb_arith_kernel(p, op)(out, &in), first_zero);
        for (int32_t i = 0; i < count && first_zero < 0; i++) {
            int32_t r = sparse ? rows[i] : i, ra = shape == SB_SHAPE_CV ? 0 : r,
                    rb = shape == SB_SHAPE_VC ? 0 : r;
            if (is_float(p)) {
                double x = float_at(p, a, ra), y = float_at(p, b, rb);
                double wanted = op == SB_ADD   ? x + y
                                : op == SB_SUB ? x - y
                                : op == SB_MUL ? x * y
                                : op == SB_DIV ? x / y
                                               : fmod(x, y);
                wanted = p == SB_PHYS_F32 ? (double)(float)wanted : wanted;
                assert_true(same_float(float_at(p, out, r), wanted));
                continue;
            }
            __int128 x = exact_at(p, a, ra), y = exact_at(p, b, rb);
            if (divides && y == 0) {
                continue;
            }
            __int128 wanted = op == SB_ADD   ? x + y
                              : op == SB_SUB ? x - y
                              : op == SB_MUL ? x * y
                              : op == SB_DIV ? x / y
                                             : x % y;
            assert_true(exact_at(p, out, r) == wrapped(p, wanted));
        }
    }
}

static void
test_arith(void **state)
{
    int64_t a[ROWS], b[ROWS];
    (void)state;
    for (size_t t = 0; t < sizeof numbers / sizeof numbers[0]; t++) {
        for (int round = 0; round < 20; round++) {
            fill(numbers[t], a);
            fill(numbers[t], b);
            for (int op = 0; op < SB_ARITH_COUNT; op++) {
                for (int shape = 0; shape < 3; shape++) {
                    check_arith(numbers[t], (sb_arith_op)op, a, b, (sb_shape)shape);
                }
            }
        }
    }
    assert_null(sb_arith_kernel(SB_PHYS_I128, SB_ADD));
}

/* Java's narrowing of a double. */
static __int128
java_integer(sb_phys to, double v)
{
    double low = to == SB_PHYS_I64 ? -0x1p63 : -0x1p31, high = to == SB_PHYS_I64 ? 0x1p63 : 0x1p31;
    __int128 r = isnan(v)    ? 0
                 : v <= low  ? (__int128)low
                 : v >= high ? (__int128)high - 1
                             : (__int128)v;
    return wrapped(to, r);
}

static void
test_cast(void **state)
{
    int64_t in[ROWS], out[ROWS];
    (void)state;
    for (size_t f = 0; f < 6; f++) {
        for (size_t t = 0; t < 6; t++) {
            sb_phys from = numbers[f], to = numbers[t];
            fill(from, in);
            int32_t count = f & 1 ? random_rows() : ROWS;
            sb_cast_kernel(from, to)(out, in, f & 1 ? rows : NULL, count);
            for (int32_t i = 0; i < count; i++) {
                int32_t r = f & 1 ? rows[i] : i;
                if (is_float(to)) {
                    double v =
                        is_float(from) ? float_at(from, in, r) : (double)exact_at(from, in, r);
                    float single = is_float(from) ? (float)v : (float)exact_at(from, in, r);
                    assert_true(
                        same_float(float_at(to, out, r), to == SB_PHYS_F32 ? (double)single : v));
                } else {
                    __int128 v = is_float(from) ? java_integer(to, float_at(from, in, r))
                                                : wrapped(to, exact_at(from, in, r));
                    assert_true(exact_at(to, out, r) == v);
                }
            }
        }
    }
    assert_null(sb_cast_kernel(SB_PHYS_VIEW, SB_PHYS_I32));
}

static void
test_bits(void **state)
{
    uint64_t a[4], b[4], out[4];
    int32_t picked[ROWS];
    (void)state;
    for (int i = 0; i < 4; i++) {
        a[i] = next_random();
        b[i] = next_random();
    }
    for (int32_t count = 0; count <= ROWS; count += 13) {
        int32_t wanted = 0, n = sb_bits_select(picked, a, false, NULL, count), at = 0;
        sb_bits_and(out, a, b, count);
        for (int32_t i = 0; i < count; i++) {
            wanted += sb_bit_get(a, i);
            assert_int_equal(sb_bit_get(out, i), sb_bit_get(a, i) && sb_bit_get(b, i));
            if (!sb_bit_get(a, i)) {
                assert_int_equal(picked[at++], i);
            }
        }
        assert_int_equal(at, n);
        assert_int_equal(sb_bits_count(a, count), wanted);
    }
    sb_bits_fill(out, 64, false);
    assert_int_equal(sb_bits_count(out, 64), 0);
}

static void
check_case(const char *text, const char *upper, const char *lower)
{
    sb_text out;
    sb_text_init(&out, sb_mem_root());
    sb_utf8_upper(&out, text, strlen(text));
    assert_string_equal(out.data, upper);
    sb_text_clear(&out);
    sb_utf8_lower(&out, text, strlen(text));
    assert_string_equal(out.data, lower);
    sb_text_deinit(&out);
}

static void
test_utf8(void **state)
{
    const char *mixed = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z"; /* a é € 😀 z */
    size_t size = strlen(mixed);
    (void)state;
    assert_int_equal(sb_utf8_count(mixed, size), 5);
    assert_int_equal(sb_utf8_offset(mixed, size, 0), 0);
    assert_int_equal(sb_utf8_offset(mixed, size, 3), 6);
    assert_int_equal(sb_utf8_offset(mixed, size, 5), size);
    assert_int_equal(sb_utf8_offset(mixed, size, 99), size);
    assert_int_equal(sb_utf8_offset(mixed, size, -1), 0);
    assert_int_equal(sb_utf8_width(mixed + 6, size - 6), 4);
    assert_int_equal(sb_utf8_find(mixed, size, "z", 1, 0), 10);
    assert_int_equal(sb_utf8_find(mixed, size, "a", 1, 1), SIZE_MAX);
    /* Every place, needle and text length around the block size, against the C library. */
    char text[80], needle[8];
    for (int i = 0; i < 20000; i++) {
        size_t n = next_random() % sizeof text, m = 1 + next_random() % sizeof needle;
        for (size_t k = 0; k < n; k++) {
            text[k] = (char)('a' + next_random() % 2);
        }
        for (size_t k = 0; k < m; k++) {
            needle[k] = (char)('a' + next_random() % 2);
        }
        size_t from = n ? next_random() % n : 0;
        char *exact = malloc(n + 1), *found = NULL;
        memcpy(exact, text, n);
        found = memmem(exact + from, n - from, needle, m);
        assert_int_equal(sb_utf8_find(exact, n, needle, m, from),
                         found ? (size_t)(found - exact) : SIZE_MAX);
        free(exact);
    }
    assert_true(sb_utf8_is_ascii("0123456789abcdef!", 17));
    assert_false(sb_utf8_is_ascii("0123456789abcde\xC3\xA9", 17));
    assert_true(sb_utf8_is_valid(mixed, size));
    assert_false(sb_utf8_is_valid("\xC3", 1));
    assert_false(sb_utf8_is_valid("\xED\xA0\x80", 3)); /* a surrogate */
    check_case("", "", "");
    check_case("aZ09{`@[", "AZ09{`@[", "az09{`@[");
    check_case("stra\xC3\x9F"
               "e",
               "STRASSE",
               "stra\xC3\x9F"
               "e");
    check_case("\xCE\x91\xCE\xA3", "\xCE\x91\xCE\xA3", "\xCE\xB1\xCF\x82"); /* final sigma */
    check_case("\xCE\xA3\xCE\x91", "\xCE\xA3\xCE\x91", "\xCF\x83\xCE\xB1");
    check_case("\xF0\x90\x90\xA8", "\xF0\x90\x90\x80",
               "\xF0\x90\x90\xA8"); /* Deseret, beyond the BMP */
    check_case("a\xFF"
               "b",
               "A\xFF"
               "B",
               "a\xFF"
               "b"); /* malformed bytes stay */
}

static void
test_utf8_repair(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {{"abc", "abc"},
                 {"\xFF"
                  "A",
                  "\xEF\xBF\xBD"
                  "A"},
                 {"\xED\xA0\x80", "\xEF\xBF\xBD"}, /* a surrogate: one */
                 {"\xE2\x82", "\xEF\xBF\xBD"},     /* a cut sequence: one */
                 {"\xE2\x82"
                  "A",
                  "\xEF\xBF\xBD"
                  "A"},
                 {"\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"},
                 {"\xF0\x9F\x98", "\xEF\xBF\xBD"},
                 {"\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sb_text out;
        sb_text_init(&out, sb_mem_root());
        sb_utf8_repair(&out, cases[i].in, strlen(cases[i].in));
        assert_string_equal(out.data, cases[i].out);
        sb_text_deinit(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),    cmocka_unit_test(test_compare_strings),
        cmocka_unit_test(test_arith),      cmocka_unit_test(test_cast),
        cmocka_unit_test(test_bits),       cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_utf8_repair)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
