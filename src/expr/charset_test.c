/*
 * expr/charset_test.c -- sets that differ by row: they stay loaded, and give way when there are
 * more than are kept.
 */
#include "expr/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
encode_one(sb_charsets *sets, const char *name, uint32_t point, const char *wanted)
{
    sb_charset *set = NULL;
    sb_error err;
    sb_text out;
    sb_error_clear(&err);
    sb_text_init(&out, sets->mem);
    assert_int_equal(sb_charsets_use(sets, sb_charset_find(sb_str_of(name)), &set, &err), SB_OK);
    assert_int_equal(sb_charset_encode(set, point, &out, &err), SB_OK);
    assert_string_equal(out.data, wanted);
    sb_text_deinit(&out);
}

/* Reading GBK in takes milliseconds: 40000 rows would take minutes. */
static void
test_alternating(void **state)
{
    sb_mem *mem = sb_mem_new(sb_mem_root(), "charsets", 0);
    sb_charsets sets;
    (void)state;
    sb_charsets_init(&sets, mem);
    for (int i = 0; i < 20000; i++) {
        encode_one(&sets, "GBK", 0x4E2D, "\xD6\xD0");
        encode_one(&sets, "Big5", 0x4E2D, "\xA4\xA4");
    }
    sb_charsets_deinit(&sets);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* The euro sign and a Cyrillic letter, in more sets than stay. */
static void
test_many(void **state)
{
    static const struct {
        const char *name;
        uint32_t point;
        const char *bytes;
    } cases[] = {{"windows-1252", 0x20AC, "\x80"}, {"ISO-8859-15", 0x20AC, "\xA4"},
                 {"windows-1251", 0x20AC, "\x88"}, {"ISO-8859-5", 0x0416, "\xB6"},
                 {"KOI8-R", 0x0416, "\xF6"},       {"windows-1251", 0x0416, "\xC6"},
                 {"IBM866", 0x0416, "\x86"},       {"windows-1253", 0x03B1, "\xE1"},
                 {"windows-1254", 0x011F, "\xF0"}, {"ISO-8859-2", 0x0142, "\xB3"},
                 {"windows-1250", 0x0142, "\xB3"}, {"KOI8-R", 0x20AC, "?"}};

    sb_mem *mem = sb_mem_new(sb_mem_root(), "charsets", 0);
    sb_charsets sets;
    (void)state;
    sb_charsets_init(&sets, mem);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            encode_one(&sets, cases[i].name, cases[i].point, cases[i].bytes);
        }
    }
    sb_charsets_deinit(&sets);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

/* A set that could not be loaded for want of memory is loaded when there is some. */
static void
test_budgets(void **state)
{
    int failed = 0;
    (void)state;
    for (int64_t budget = 1024; budget < 400000; budget += 9973) {
        sb_mem *mem = sb_mem_new(sb_mem_root(), "charsets", budget);
        sb_charsets sets;
        sb_charset *set;
        sb_error err;
        sb_error_clear(&err);
        sb_charsets_init(&sets, mem);
        failed += sb_charsets_use(&sets, sb_charset_find(SB_STR("GBK")), &set, &err) != SB_OK;
        sb_error_clear(&err);
        (void)sb_charsets_use(&sets, sb_charset_find(SB_STR("KOI8-R")), &set, &err);
        sb_charsets_deinit(&sets);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
    }
    assert_true(failed > 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_alternating),
                                       cmocka_unit_test(test_many), cmocka_unit_test(test_budgets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
