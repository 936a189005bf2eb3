/*
 * kernels/decimal_test.c -- decimal arithmetic against Python's decimal module, text forms, limits.
 */
#include "kernels/decimal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct vector {
    char op;
    const char *a;
    int scale_a;
    const char *b;
    int scale_b;
    int precision, scale;
    const char *result;
} vector;

static const vector vectors[] = {
#include "kernels/testdata/decimal_vectors.inc"
};

/* An integer from text, without the code under test. */
static sb_int128
integer(const char *text)
{
    unsigned __int128 v = 0;
    for (const char *p = text + (*text == '-'); *p; p++) {
        v = v * 10 + (unsigned)(*p - '0');
    }
    return *text == '-' ? -(sb_int128)v : (sb_int128)v;
}

static void
test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        sb_int128 a = integer(v->a), b = integer(v->b), r = 0;
        sb_decimal_spec to = {v->precision, v->scale};
        bool fine = false;
        switch (v->op) {
        case '+': fine = sb_decimal_add(a, v->scale_a, b, v->scale_b, to, &r); break;
        case '-': fine = sb_decimal_add(a, v->scale_a, -b, v->scale_b, to, &r); break;
        case '*': fine = sb_decimal_multiply(a, v->scale_a, b, v->scale_b, to, &r); break;
        case '/': fine = sb_decimal_divide(a, v->scale_a, b, v->scale_b, to, &r); break;
        default: fine = sb_decimal_remainder(a, v->scale_a, b, v->scale_b, to, &r);
        }
        if (fine != (v->result[0] != 0) || (fine && r != integer(v->result))) {
            char got[SB_DECIMAL_TEXT + 1];
            got[sb_decimal_print(got, r, 0)] = 0;
            fail_msg("%s(%d) %c %s(%d) as (%d, %d): wanted '%s', got '%s'", v->a, v->scale_a, v->op,
                     v->b, v->scale_b, v->precision, v->scale, v->result, fine ? got : "overflow");
        }
    }
}

static void
check_print(sb_int128 v, int scale, const char *wanted)
{
    char text[SB_DECIMAL_TEXT + 1];
    text[sb_decimal_print(text, v, scale)] = 0;
    assert_string_equal(text, wanted);
}

static void
test_print(void **state)
{
    (void)state;
    check_print(0, 0, "0");
    check_print(0, 2, "0.00");
    check_print(-5, 2, "-0.05");
    check_print(12345, 2, "123.45");
    check_print(-12345, 5, "-0.12345");
    check_print(sb_decimal_pow10(38) - 1, 0, "99999999999999999999999999999999999999");
    check_print(-(sb_decimal_pow10(38) - 1), 38, "-0.99999999999999999999999999999999999999");
    check_print(sb_decimal_pow10(18), 0, "1000000000000000000");
    check_print(sb_decimal_pow10(19) + 7, 1, "1000000000000000000.7");
    check_print(sb_decimal_pow10(36), 18, "1000000000000000000.000000000000000000");
}

static void
check_parse(const char *text, int p, int s, sb_decimal_parse wanted, const char *unscaled)
{
    sb_int128 v = 0;
    assert_int_equal(sb_decimal_from_text(text, strlen(text), (sb_decimal_spec){p, s}, &v), wanted);
    if (wanted == SB_DECIMAL_OK) {
        assert_true(v == integer(unscaled));
    }
}

static void
test_parse(void **state)
{
    (void)state;
    check_parse("1.5", 5, 2, SB_DECIMAL_OK, "150");
    check_parse("+1.5", 5, 2, SB_DECIMAL_OK, "150");
    check_parse("-.5", 5, 2, SB_DECIMAL_OK, "-50");
    check_parse("5.", 5, 2, SB_DECIMAL_OK, "500");
    check_parse("1.555", 5, 2, SB_DECIMAL_OK, "156");
    check_parse("1.554999", 5, 2, SB_DECIMAL_OK, "155");
    check_parse("-1.555", 5, 2, SB_DECIMAL_OK, "-156");
    check_parse("1e2", 5, 2, SB_DECIMAL_OK, "10000");
    check_parse("12345e-3", 5, 2, SB_DECIMAL_OK, "1235");
    check_parse("0.00000000000000000000000000000000000000000001e44", 5, 2, SB_DECIMAL_OK, "100");
    check_parse("000000000000000000000000000000000000000000000001", 5, 2, SB_DECIMAL_OK, "100");
    check_parse("1e-1000000000", 5, 2, SB_DECIMAL_OK, "0");
    check_parse("0e1000000000", 5, 2, SB_DECIMAL_OK, "0");
    check_parse("0.005", 5, 2, SB_DECIMAL_OK, "1");
    check_parse("0.0049", 5, 2, SB_DECIMAL_OK, "0");
    check_parse("999.995", 5, 2, SB_DECIMAL_TOO_LARGE, "");
    check_parse("1000", 5, 2, SB_DECIMAL_TOO_LARGE, "");
    check_parse("1e1000000000", 5, 2, SB_DECIMAL_TOO_LARGE, "");
    check_parse("99999999999999999999999999999999999999", 38, 0, SB_DECIMAL_OK,
                "99999999999999999999999999999999999999");
    check_parse("99999999999999999999999999999999999999.5", 38, 0, SB_DECIMAL_TOO_LARGE, "");
    check_parse("999999999999999999999999999999999999990", 38, 0, SB_DECIMAL_TOO_LARGE, "");
    check_parse("", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("-", 5, 2, SB_DECIMAL_BAD, "");
    check_parse(".", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("1.2.3", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("1e", 5, 2, SB_DECIMAL_OK, "100");
    check_parse("1e+", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("e5", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("1 ", 5, 2, SB_DECIMAL_BAD, "");
    check_parse("0x1", 5, 2, SB_DECIMAL_BAD, "");
}

static void
test_rescale_and_round(void **state)
{
    sb_int128 v;
    (void)state;
    assert_true(sb_decimal_rescale(155, 2, (sb_decimal_spec){3, 1}, &v) && v == 16);
    assert_true(sb_decimal_rescale(-155, 2, (sb_decimal_spec){3, 1}, &v) && v == -16);
    assert_true(sb_decimal_rescale(154, 2, (sb_decimal_spec){3, 1}, &v) && v == 15);
    assert_false(sb_decimal_rescale(995, 2, (sb_decimal_spec){2, 1}, &v)); /* 10.0 */
    assert_false(sb_decimal_rescale(sb_decimal_pow10(37), 0, (sb_decimal_spec){38, 2}, &v));
    assert_true(sb_decimal_rescale(7, 38, (sb_decimal_spec){1, 0}, &v) && v == 0);
    assert_true(sb_decimal_floor(-155, 2) == -2 && sb_decimal_floor(155, 2) == 1 &&
                sb_decimal_floor(-200, 2) == -2);
    assert_true(sb_decimal_ceil(-155, 2) == -1 && sb_decimal_ceil(155, 2) == 2 &&
                sb_decimal_ceil(200, 2) == 2);
    assert_int_equal(sb_decimal_digits(0), 1);
    assert_int_equal(sb_decimal_digits(-99), 2);
    assert_int_equal(sb_decimal_digits(sb_decimal_pow10(37)), 38);
}

static void
test_compare(void **state)
{
    sb_int128 big = sb_decimal_pow10(38) - 1;
    (void)state;
    assert_int_equal(sb_decimal_compare(10, 1, 1, 0), 0);
    assert_int_equal(sb_decimal_compare(11, 1, 1, 0), 1);
    assert_int_equal(sb_decimal_compare(-11, 1, -1, 0), -1);
    assert_int_equal(sb_decimal_compare(big, 0, 1, 38), 1);
    assert_int_equal(sb_decimal_compare(-big, 0, -1, 38), -1);
    assert_int_equal(sb_decimal_compare(1, 38, big, 0), -1);
    assert_int_equal(sb_decimal_compare(-1, 38, -big, 0), 1);
    assert_int_equal(sb_decimal_compare(-1, 0, 1, 38), -1);
}

static void
test_doubles(void **state)
{
    sb_int128 v;
    (void)state;
    assert_true(sb_decimal_from_double(1.005, (sb_decimal_spec){5, 2}, &v) &&
                v == 101); /* by its text, not its bits */
    assert_true(sb_decimal_from_double(-1e-7, (sb_decimal_spec){10, 8}, &v) && v == -10);
    assert_false(sb_decimal_from_double(1e10, (sb_decimal_spec){5, 2}, &v));
    assert_false(sb_decimal_from_double(NAN, (sb_decimal_spec){5, 2}, &v));
    assert_false(sb_decimal_from_double(INFINITY, (sb_decimal_spec){38, 0}, &v));
    assert_true(sb_decimal_to_double(12345, 2) == 123.45);
    assert_true(sb_decimal_to_double(-1, 38) == -1e-38);
    assert_true(sb_decimal_to_double(sb_decimal_pow10(38) - 1, 0) == 1e38);
    assert_true(sb_decimal_to_double(integer("12345678901234567890123456789"), 10) ==
                1234567890123456789.0123456789);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors), cmocka_unit_test(test_print),
        cmocka_unit_test(test_parse),   cmocka_unit_test(test_rescale_and_round),
        cmocka_unit_test(test_compare), cmocka_unit_test(test_doubles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
