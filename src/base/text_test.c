/* Arenas, growing texts, slices, edit distance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"

static void
test_arena(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    sb_arena *arena = sb_arena_new(mem);
    for (int round = 0; round < 3; round++) {
        char *kept[200];
        for (int i = 0; i < 200; i++) {
            kept[i] = sb_arena_printf(arena, "text %d of round %d", i, round);
            unsigned char *block = sb_arena_alloc(arena, (size_t)i * 37);
            assert_int_equal((uintptr_t)block % 16, 0);
            for (int k = 0; k < i * 37; k++) {
                assert_int_equal(block[k], 0); /* also after a clear */
            }
            memset(block, 0xEE, (size_t)i * 37);
        }
        char wanted[32] = "text 17 of round 0";
        wanted[17] = (char)(wanted[17] + round);
        assert_string_equal(kept[17], wanted);
        assert_true(sb_arena_used(arena) > 200 * 100 * 37);
        sb_arena_clear(arena);
        assert_int_equal(sb_arena_used(arena), 0);
    }
    assert_string_equal(sb_arena_strdup(arena, "abc"), "abc");
    assert_string_equal(sb_arena_strndup(arena, "abcdef", 2), "ab");
    assert_null(sb_arena_strdup(arena, NULL));
    assert_memory_equal(sb_arena_memdup(arena, "x\0y", 3), "x\0y", 3);
    assert_non_null(sb_arena_memdup(arena, NULL, 0));
    int64_t *numbers = SB_NEW_ARRAY(arena, int64_t, 100000);
    assert_non_null(numbers);
    assert_null(SB_NEW_ARRAY(arena, int64_t, -1));
    assert_null(sb_arena_free(arena));
    assert_null(sb_arena_free(NULL));
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_arena_without_memory(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    sb_mem_fail_after(1);
    assert_null(sb_arena_new(mem));
    sb_mem_fail_after(0);
    sb_arena *arena = sb_arena_new(mem);
    sb_mem_fail_after(1);
    assert_null(sb_arena_alloc(arena, 10));
    sb_mem_fail_after(1);
    assert_null(sb_arena_strdup(arena, "abc"));
    sb_mem_fail_after(1);
    assert_null(sb_arena_printf(arena, "%d", 5));
    sb_mem_fail_after(0);
    assert_string_equal(sb_arena_printf(arena, "%d", 5), "5"); /* usable afterwards */
    sb_arena_free(arena);
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_text(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    sb_text text;
    sb_text_init(&text, mem);
    assert_string_equal(text.data, "");
    sb_text_clear(&text);
    sb_text_add(&text, "a");
    sb_text_append(&text, "b\0c", 3);
    sb_text_append(&text, NULL, 0);
    sb_text_char(&text, 'd');
    assert_int_equal(text.size, 5);
    assert_memory_equal(text.data, "ab\0cd", 6);
    sb_text_clear(&text);
    char long_part[1000];
    memset(long_part, 'z', sizeof long_part - 1);
    long_part[sizeof long_part - 1] = 0;
    for (int i = 0; i < 50; i++) {
        sb_text_printf(&text, "%s|%d", long_part, i);
    }
    assert_int_equal(text.size, 50 * 1000 + 10 + 40 * 2);
    assert_int_equal(text.data[text.size], 0);
    char *room = sb_text_reserve(&text, 3);
    memcpy(room, "end", 3);
    text.size += 3;
    assert_string_equal(text.data + text.size - 5, "49end");
    assert_false(sb_text_failed(&text));
    sb_text_deinit(&text);
    assert_string_equal(text.data, "");
    assert_int_equal(sb_mem_used(mem), 0);
    sb_mem_unref(mem);
}

static void
test_text_failure_is_sticky(void **unused)
{
    (void)unused;
    sb_mem *mem = sb_mem_new(NULL, "m", 0);
    sb_text text;
    sb_text_init(&text, mem);
    sb_text_add(&text, "before");
    sb_mem_fail_after(1);
    char big[200];
    memset(big, 'x', sizeof big);
    sb_text_append(&text, big, sizeof big);
    sb_mem_fail_after(0);
    assert_true(sb_text_failed(&text));
    sb_text_add(&text, "after");
    assert_string_equal(text.data, "before");
    assert_null(sb_text_reserve(&text, 1));
    sb_text_clear(&text);
    sb_text_add(&text, "after");
    assert_string_equal(text.data, "after");
    sb_text_deinit(&text);
    sb_mem_unref(mem);
}

static void
test_slices(void **unused)
{
    (void)unused;
    assert_true(sb_str_equal(SB_STR("abc"), sb_str_of("abc")));
    assert_true(sb_str_equal((sb_str){NULL, 0}, SB_STR("")));
    assert_false(sb_str_equal(SB_STR("abc"), SB_STR("abC")));
    assert_true(sb_str_equal_nocase(SB_STR("aBc_1"), SB_STR("AbC_1")));
    assert_false(sb_str_equal_nocase(SB_STR("a@"), SB_STR("a`"))); /* 32 apart, no letters */
    assert_false(sb_str_equal_nocase(SB_STR("a"), SB_STR("ab")));
    /* kitten -> sitting: the example of every textbook */
    assert_int_equal(sb_str_distance(SB_STR("kitten"), SB_STR("sitting"), 5), 3);
    assert_int_equal(sb_str_distance(SB_STR("kitten"), SB_STR("sitting"), 3), 3);
    assert_int_equal(sb_str_distance(SB_STR("kitten"), SB_STR("sitting"), 2), 3); /* limit + 1 */
    assert_int_equal(sb_str_distance(SB_STR(""), SB_STR("ab"), 2), 2);
    assert_int_equal(sb_str_distance(SB_STR("ab"), SB_STR(""), 1), 2);
    assert_int_equal(sb_str_distance(SB_STR("same"), SB_STR("same"), 0), 0);
    assert_int_equal(sb_str_distance(SB_STR("flaw"), SB_STR("lawn"), 2), 2);
    char a[400], b[400];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    assert_int_equal(sb_str_distance((sb_str){a, 400}, (sb_str){b, 400}, 2), 0);
    b[7] = 'b';
    /* too long to look at */
    assert_int_equal(sb_str_distance((sb_str){a, 400}, (sb_str){b, 400}, 2), 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),  cmocka_unit_test(test_arena_without_memory),
        cmocka_unit_test(test_text),   cmocka_unit_test(test_text_failure_is_sticky),
        cmocka_unit_test(test_slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
