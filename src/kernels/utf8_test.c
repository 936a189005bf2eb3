/*
 * kernels/utf8_test.c -- letter case of every code point; counting and reversing at all short
 * lengths.
 */
#include "kernels/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <utf8proc.h>
#include <cmocka.h>

/* Against utf8proc, but for those that become several. */
static void
test_case(void **state)
{
    sb_text out;
    int32_t grown = 0;
    (void)state;
    sb_text_init(&out, sb_mem_root());
    for (int32_t cp = 1; cp < 0x20000; cp++) {
        utf8proc_uint8_t in[4], want[4];
        if (cp >= 0xD800 && cp < 0xE000) {
            continue;
        }
        size_t n = (size_t)utf8proc_encode_char(cp, in);
        for (int upper = 0; upper < 2; upper++) {
            utf8proc_int32_t to = upper ? utf8proc_toupper(cp) : utf8proc_tolower(cp);
            size_t size = (size_t)utf8proc_encode_char(to, want);
            sb_text_clear(&out);
            (upper ? sb_utf8_upper : sb_utf8_lower)(&out, (const char *)in, n);
            bool same = out.size == size && memcmp(out.data, want, size) == 0;
            bool grows = sb_utf8_count(out.data, out.size) > 1;
            grown += grows;
            if (!same && !grows) {
                fail_msg("U+%04X in %s case", (unsigned)cp, upper ? "upper" : "lower");
            }
        }
    }
    assert_int_equal(grown, 19);
    sb_text_deinit(&out);
}

static size_t
drop(char *to, const char *text, size_t size, char byte)
{
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != byte) {
            to[n++] = text[i];
        }
    }
    return n;
}

/* Texts of a..z with a letter of two bytes at each place. */
static void
test_lengths(void **state)
{
    char text[80], back[80], want[80];
    (void)state;
    for (size_t size = 0; size < 70; size++) {
        for (size_t at = 0; at <= size; at++) {
            bool wide = at + 2 <= size;
            for (size_t i = 0; i < size; i++) {
                text[i] = (char)('a' + i % 26);
            }
            memcpy(text + at, "\xC3\xA4", wide ? 2 : 0);
            assert_int_equal(sb_utf8_count(text, size), size - wide);
            assert_int_equal(sb_utf8_is_ascii(text, size), !wide);
            assert_int_equal(sb_utf8_drop_byte(back, text, size, (char)('a' + at % 26)),
                             drop(want, text, size, (char)('a' + at % 26)));
            assert_memory_equal(back, want, drop(want, text, size, (char)('a' + at % 26)));
            sb_view view = sb_view_make(text, (uint32_t)size);
            assert_int_equal(sb_utf8_view_count(&view), size - wide);
            sb_utf8_reverse(back, text, size);
            for (size_t i = 0; i < size; i++) {
                bool inside = wide && (i == at || i == at + 1);
                assert_int_equal(back[inside ? size - 2 - at + (i - at) : size - 1 - i], text[i]);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_case), cmocka_unit_test(test_lengths)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
