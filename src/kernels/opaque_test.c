/*
 * kernels/opaque_test.c -- bytes of VARIANT and BITMAP: by hand, against slow sets, damaged ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/bitmap.h"
#include "kernels/variant.h"

static sb_mem *mem;

static int
setup(void **state)
{
    (void)state;
    mem = sb_mem_new(sb_mem_root(), "opaque", 0);
    return mem == NULL;
}

static int
teardown(void **state)
{
    (void)state;
    int64_t left = sb_mem_used(mem);
    sb_mem_unref(mem);
    return left != 0;
}

static uint64_t seed = 1;

static uint32_t
below(uint32_t limit)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % limit;
}

static sb_str
str_of(const sb_text *t)
{
    return (sb_str){t->data, t->size};
}

/* ---- BITMAP ---- */

/* The examples of the format: a list, runs, and bits, written by hand. */
static void
test_bitmap_by_hand(void **state)
{
    (void)state;
    uint32_t list[] = {3, 1, 2, 3}, runs[] = {10, 9, 8, 7, 6};
    static const char list_bytes[] = ":0\0\0\1\0\0\0\0\0\2\0\20\0\0\0\1\0\2\0\3\0";
    static const char runs_bytes[] = ";0\0\0\1\0\0\4\0\1\0\6\0\4";
    sb_text t;
    sb_text_init(&t, mem);
    assert_int_equal(sb_bitmap_of(list, 4, &t), SB_BITMAP_OK);
    assert_int_equal(t.size, sizeof list_bytes - 1);
    assert_memory_equal(t.data, list_bytes, t.size);
    assert_int_equal(sb_bitmap_of(runs, 5, &t), SB_BITMAP_OK);
    assert_int_equal(t.size, sizeof runs_bytes);
    assert_memory_equal(t.data, runs_bytes, t.size);
    assert_int_equal(sb_bitmap_count(str_of(&t)), 5);
    assert_int_equal(sb_bitmap_of(NULL, 0, &t), SB_BITMAP_OK);
    assert_int_equal(t.size, 8);
    assert_memory_equal(t.data, ":0\0\0\0\0\0\0", 8);
    sb_text_clear(&t);
    sb_bitmap_print((sb_str){list_bytes, sizeof list_bytes - 1}, &t);
    assert_string_equal(t.data, "{1,2,3}");
    sb_text_deinit(&t);
}

enum { WIDTH = 1 << 18 };

/* A set as one byte per number, of stretches and single numbers, dense and thin. */
static size_t
random_set(uint8_t *set, uint32_t *numbers)
{
    memset(set, 0, WIDTH);
    for (uint32_t i = below(40); i > 0; i--) {
        uint32_t from = below(WIDTH), size = 1 + below(i % 3 == 0 ? 30000 : 4);
        for (uint32_t k = from; k < from + size && k < WIDTH; k += i % 2 + 1) {
            set[k] = 1;
        }
    }
    size_t n = 0;
    for (uint32_t k = WIDTH; k-- > 0;) { /* backwards: they are sorted */
        if (set[k]) {
            numbers[n++] = k;
        }
    }
    return n;
}

static void
check_set(const uint8_t *set, const sb_text *bytes)
{
    sb_text numbers, again;
    size_t n = 0;
    sb_text_init(&numbers, mem);
    sb_text_init(&again, mem);
    assert_int_equal(sb_bitmap_numbers(str_of(bytes), &numbers), SB_BITMAP_OK);
    const uint32_t *at = (const uint32_t *)(const void *)numbers.data;
    for (uint32_t k = 0; k < WIDTH; k++) {
        if (set[k]) {
            assert_true(n < numbers.size / 4 && at[n] == k);
            n++;
        }
    }
    assert_int_equal(n, numbers.size / 4);
    assert_int_equal(sb_bitmap_count(str_of(bytes)), n);
    assert_int_equal(sb_bitmap_read(str_of(bytes), &again), SB_BITMAP_OK);
    assert_true(sb_str_equal(str_of(&again), str_of(bytes)));
    sb_text_deinit(&again);
    sb_text_deinit(&numbers);
}

static void
test_bitmap_operations(void **state)
{
    (void)state;
    static uint8_t a[WIDTH], b[WIDTH], c[WIDTH];
    static uint32_t numbers[WIDTH];
    sb_text x, y, z;
    sb_text_init(&x, mem);
    sb_text_init(&y, mem);
    sb_text_init(&z, mem);
    for (int round = 0; round < 30; round++) {
        assert_int_equal(sb_bitmap_of(numbers, random_set(a, numbers), &x), SB_BITMAP_OK);
        assert_int_equal(sb_bitmap_of(numbers, random_set(b, numbers), &y), SB_BITMAP_OK);
        check_set(a, &x);
        for (int op = SB_BITMAP_AND; op <= SB_BITMAP_ANDNOT; op++) {
            for (int k = 0; k < WIDTH; k++) {
                c[k] = op == SB_BITMAP_AND   ? a[k] & b[k]
                       : op == SB_BITMAP_OR  ? a[k] | b[k]
                       : op == SB_BITMAP_XOR ? a[k] ^ b[k]
                                             : a[k] & !b[k];
            }
            assert_int_equal(sb_bitmap_combine((sb_bitmap_op)op, str_of(&x), str_of(&y), &z),
                             SB_BITMAP_OK);
            check_set(c, &z);
        }
    }
    sb_text_deinit(&x);
    sb_text_deinit(&y);
    sb_text_deinit(&z);
}

/* Bytes cut short or changed are refused, or are another set; nothing is read beyond them. */
static void
test_bitmap_damaged(void **state)
{
    (void)state;
    static uint8_t set[WIDTH];
    static uint32_t numbers[WIDTH];
    sb_text x, z;
    sb_text_init(&x, mem);
    sb_text_init(&z, mem);
    for (int round = 0; round < 60; round++) {
        assert_int_equal(sb_bitmap_of(numbers, random_set(set, numbers), &x), SB_BITMAP_OK);
        size_t size = below((uint32_t)x.size);
        char *cut = malloc(size + 1), *copy = malloc(x.size);
        memcpy(cut, x.data, size);
        assert_int_equal(sb_bitmap_read((sb_str){cut, size}, &z), SB_BITMAP_DAMAGED);
        for (int i = 0; i < 50; i++) {
            memcpy(copy, x.data, x.size);
            copy[below((uint32_t)(x.size < 60 ? x.size : 60))] = (char)below(256);
            sb_str damaged = {copy, x.size};
            if (sb_bitmap_read(damaged, &z) == SB_BITMAP_OK) {
                assert_true(sb_bitmap_count(str_of(&z)) >= 0);
            }
            sb_text_clear(&z);
            (void)sb_bitmap_combine(SB_BITMAP_XOR, damaged, str_of(&x), &z);
            sb_text_clear(&z);
            sb_bitmap_print(damaged, &z);
            (void)sb_bitmap_count(damaged);
        }
        free(cut);
        free(copy);
    }
    sb_text_deinit(&x);
    sb_text_deinit(&z);
}

/* ---- VARIANT ---- */

/* {"a":[1,-2.50],"b":"x"} by hand: names a and b; an object of 2 members at 0 and 13, 15 bytes;
 * the array of 2 elements at 0 and 2, 8 bytes: an integer, a decimal of scale 2 (-250); a text. */
static const unsigned char object[] = {1, 2, 0, 1, 2, 'a', 'b', /* metadata */
                                       2, 2, 0, 1, 0, 13,  15,  /* object */
                                       3, 2, 0, 2, 8, 12,  1,   32, 2, 6, 255, 255, 255, 5, 'x'};

static void
test_variant_by_hand(void **state)
{
    (void)state;
    sb_variant v, a, part;
    sb_text t;
    sb_text_init(&t, mem);
    sb_str whole = {(const char *)object, sizeof object};
    assert_true(sb_variant_open(whole, &v));
    assert_int_equal(sb_variant_kind(&v), SB_VARIANT_OBJECT);
    assert_int_equal(v.metadata.size, 7);
    sb_variant_write_json(whole, &t);
    assert_string_equal(t.data, "{\"a\":[1,-2.5],\"b\":\"x\"}");
    assert_true(sb_variant_field(&v, SB_STR("a"), &a));
    assert_int_equal(sb_variant_kind(&a), SB_VARIANT_ARRAY);
    assert_true(sb_variant_element(&a, 1, &part));
    assert_int_equal(part.value.size, 6);
    assert_false(sb_variant_element(&a, 2, &part));
    assert_false(sb_variant_element(&a, -1, &part));
    assert_false(sb_variant_field(&v, SB_STR("c"), &part));
    assert_false(sb_variant_field(&v, SB_STR(""), &part));
    sb_text_deinit(&t);
}

static void
test_variant_damaged(void **state)
{
    (void)state;
    sb_text t;
    sb_text_init(&t, mem);
    for (int round = 0; round < 20000; round++) {
        size_t size = sizeof object - (round % 3 == 0 ? below(sizeof object) : 0);
        char *copy = malloc(size + 1);
        sb_variant v, part;
        memcpy(copy, object, size);
        for (uint32_t i = below(4); i > 0 && size > 0; i--) {
            copy[below((uint32_t)size)] = (char)below(256);
        }
        char *exact = malloc(size ? size : 1); /* so that a sanitizer sees its end */
        memcpy(exact, copy, size);
        sb_str bytes = {exact, size};
        sb_text_clear(&t);
        sb_variant_write_json(bytes, &t);
        if (sb_variant_open(bytes, &v)) {
            (void)sb_variant_field(&v, SB_STR("b"), &part);
            (void)sb_variant_element(&v, 1, &part);
        }
        free(exact);
        free(copy);
    }
    sb_text_deinit(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_bitmap_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bitmap_operations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bitmap_damaged, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variant_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_variant_damaged, setup, teardown)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
