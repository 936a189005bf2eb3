/*
 * kernels/view_test.c -- short cuts over bytes (views, search, counts, case) against the plain way.
 */
#include "kernels/utf8.h"
#include "kernels/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Random bytes out of few, in a block of exactly `size` bytes so that reading past it is seen. */
static char *random_bytes(uint64_t *seed, size_t size, const char *from) __attribute__((noinline));

static char *
random_bytes(uint64_t *seed, size_t size, const char *from)
{
    char *text = malloc(size ? size : 1);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        text[i] = from[(*seed >> 33) % strlen(from)];
    }
    return text;
}

static void
test_views(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (uint32_t size = 0; size < 40; size++) {
        char *text = random_bytes(&seed, size, "abcdefgh\xC3\xA9");
        char *copy = malloc(size + 1);
        sb_view wanted = sb_view_make(text, size), got = sb_view_of(text, size);
        assert_memory_equal(&got, &wanted, sizeof got);
        sb_copy_short(copy, text, size);
        assert_memory_equal(copy, text, size);
        free(copy);
        free(text);
    }
}

static void
test_pairs(void **state)
{
    char wanted[3], got[3] = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(wanted, sizeof wanted, "%02d", i);
        sb_put_pair(got, (uint64_t)i);
        assert_string_equal(got, wanted);
    }
}

static size_t
plain_nth(const char *text, size_t size, char byte, int n)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == byte && n-- == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static size_t
plain_find(const char *text, size_t size, const char *needle, size_t needle_size, size_t from)
{
    for (size_t i = from; i + needle_size <= size; i++) {
        if (memcmp(text + i, needle, needle_size) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void
test_search(void **state)
{
    uint64_t seed = 2;
    (void)state;
    for (size_t size = 0; size < 70; size++) {
        char *text = random_bytes(&seed, size, "ab/c/");
        for (int n = 0; n < 30; n++) {
            assert_int_equal(sb_utf8_nth_byte(text, size, '/', n), plain_nth(text, size, '/', n));
        }
        for (size_t length = 1; length < 5; length++) {
            char *needle = random_bytes(&seed, length, "ab/");
            for (size_t from = 0; from <= size; from += 3) {
                assert_int_equal(sb_utf8_find(text, size, needle, length, from),
                                 plain_find(text, size, needle, length, from));
            }
            free(needle);
        }
        free(text);
    }
}

static void
test_positions(void **state)
{
    uint64_t seed = 3;
    (void)state;
    for (size_t size = 0; size < 60; size++) {
        /* Any mix of leading and continuation bytes; every third text is ASCII. */
        char *text = random_bytes(&seed, size, size % 3 ? "ab\xC3\xA9\x80\xF0" : "abcXYZ");
        int64_t count = 0;
        bool ascii = true;
        for (size_t i = 0; i <= size; i++) {
            if (i == size || sb_utf8_is_lead(text[i])) {
                assert_int_equal(sb_utf8_offset(text, size, count), count == 0 ? 0 : i);
                count += i < size;
            }
            ascii = ascii && (i == size || (unsigned char)text[i] < 0x80);
        }
        assert_int_equal(sb_utf8_count(text, size), count);
        assert_int_equal(sb_utf8_offset(text, size, count + 5), size);
        assert_int_equal(sb_utf8_is_ascii(text, size), ascii);
        free(text);
    }
}

static char
plain_case(char c, bool upper)
{
    if (upper) {
        return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void
test_case(void **state)
{
    char all[128], to[128];
    (void)state;
    for (int i = 0; i < 128; i++) {
        all[i] = (char)i;
    }
    for (int upper = 0; upper < 2; upper++) {
        for (size_t size = 0; size <= 128; size++) {
            const char *from = all + 128 - size;
            sb_view view = sb_view_make(from, (uint32_t)size), out;
            sb_utf8_ascii_case(to, from, size, upper);
            for (size_t i = 0; i < size; i++) {
                assert_int_equal(to[i], plain_case(from[i], upper));
            }
            assert_int_equal(sb_utf8_view_case(&view, upper, &out), size <= SB_VIEW_INLINE);
            if (size <= SB_VIEW_INLINE) {
                sb_view wanted = sb_view_make(to, (uint32_t)size);
                assert_memory_equal(&out, &wanted, sizeof out);
            }
        }
    }
    sb_view accent = sb_view_make("\xC3\xA9", 2), out;
    assert_false(sb_utf8_view_case(&accent, true, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views), cmocka_unit_test(test_pairs), cmocka_unit_test(test_search),
        cmocka_unit_test(test_positions), cmocka_unit_test(test_case)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
