/*
 * cli/edit_test.c -- keys and what they make of a text; history, search, completion; drawing in a
 * narrow place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/edit.h"

static bool
ends_with_semicolon(void *ctx, const char *text, size_t size)
{
    (void)ctx;
    (void)text;
    return size > 0 && text[size - 1] == ';';
}

static void
some_words(void *ctx, const char *text, size_t size, size_t cursor, sb_words *out)
{
    static const char *const all[] = {"select", "session", "set", "user_id"};
    (void)ctx;
    (void)size;
    out->begin = cursor;
    while (out->begin > 0 && text[out->begin - 1] != ' ') {
        out->begin--;
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strncmp(all[i], text + out->begin, cursor - out->begin) == 0) {
            assert_true(sb_words_add(out, all[i]));
        }
    }
}

static const sb_edit_host host = {NULL, ends_with_semicolon, some_words, NULL};
static sb_history history;
static sb_edit edit;

static int
set_up(void **state)
{
    (void)state;
    sb_history_open(&history, NULL);
    sb_edit_init(&edit, &host, &history);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_edit_deinit(&edit);
    sb_history_close(&history);
    return 0;
}

static void
type(const char *text)
{
    size_t size = strlen(text), at = 0;
    while (at < size) {
        sb_key key = {SB_KEY_CHAR, false, sb_point_next(text, size, &at)};
        assert_int_equal(sb_edit_key(&edit, key), SB_EDIT_GOES_ON);
    }
}

static sb_edit_state
press(sb_key_code code)
{
    return sb_edit_key(&edit, (sb_key){.code = code});
}

static sb_edit_state
ctrl(char letter)
{
    return sb_edit_key(&edit, (sb_key){SB_KEY_CTRL, false, (uint32_t)letter});
}

static sb_edit_state
alt(char letter)
{
    return sb_edit_key(&edit, (sb_key){SB_KEY_CHAR, true, (uint32_t)letter});
}

static void
test_moving_and_erasing(void **state)
{
    (void)state;
    type("größe 日本 x");
    (void)press(SB_KEY_LEFT);
    (void)press(SB_KEY_BACKSPACE);
    (void)press(SB_KEY_BACKSPACE);
    assert_string_equal(edit.text, "größe 日x");
    (void)ctrl('a');
    (void)press(SB_KEY_DELETE);
    assert_string_equal(edit.text, "röße 日x");
    (void)alt('f');
    type("!");
    assert_string_equal(edit.text, "röße! 日x");
    (void)ctrl('k');
    assert_string_equal(edit.text, "röße!");
    (void)ctrl('a');
    (void)ctrl('y');
    assert_string_equal(edit.text, " 日xröße!");
    (void)ctrl('e');
    (void)ctrl('w');
    assert_string_equal(edit.text, " ");
    (void)ctrl('_');
    assert_string_equal(edit.text, " 日xröße!");
    (void)press(SB_KEY_LEFT);
    (void)ctrl('t');
    assert_string_equal(edit.text, " 日xröß!e");
}

static void
test_ends(void **state)
{
    (void)state;
    assert_int_equal(ctrl('d'), SB_EDIT_END);
    type("a");
    assert_int_equal(ctrl('d'), SB_EDIT_GOES_ON); /* nothing behind the cursor */
    assert_int_equal(press(SB_KEY_ENTER), SB_EDIT_GOES_ON);
    type(";");
    assert_string_equal(edit.text, "a\n;");
    assert_int_equal(press(SB_KEY_ENTER), SB_EDIT_DONE);
    assert_int_equal(ctrl('c'), SB_EDIT_CANCELLED);
    assert_int_equal(press(SB_KEY_END_OF_INPUT), SB_EDIT_END);
}

static void
test_lines(void **state)
{
    (void)state;
    type("first 日");
    (void)sb_edit_key(&edit, (sb_key){.code = SB_KEY_ENTER, .alt = true});
    type("no");
    (void)press(SB_KEY_ENTER);
    type("third line");
    (void)press(SB_KEY_UP); /* a shorter line: to its end */
    type("2");
    assert_string_equal(edit.text, "first 日\nno2\nthird line");
    (void)press(SB_KEY_UP);
    type("^");
    assert_string_equal(edit.text, "fir^st 日\nno2\nthird line");
    (void)press(SB_KEY_END);
    (void)press(SB_KEY_DELETE); /* joins the lines */
    assert_string_equal(edit.text, "fir^st 日no2\nthird line");
}

static void
test_history(void **state)
{
    (void)state;
    sb_history_add(&history, "one;", 4);
    sb_history_add(&history, "two;", 4);
    sb_history_add(&history, "two;", 4);   /* not twice */
    sb_history_add(&history, " gone;", 6); /* begins with a space */
    assert_int_equal(history.count, 2);
    sb_edit_clear(&edit);
    type("draft");
    (void)press(SB_KEY_UP);
    assert_string_equal(edit.text, "two;");
    (void)press(SB_KEY_UP);
    (void)press(SB_KEY_UP);
    assert_string_equal(edit.text, "one;");
    (void)press(SB_KEY_DOWN);
    (void)press(SB_KEY_DOWN);
    assert_string_equal(edit.text, "draft");
}

static void
test_search(void **state)
{
    (void)state;
    sb_history_add(&history, "select 1;", 9);
    sb_history_add(&history, "insert into t select 2;", 23);
    sb_history_add(&history, "show tables;", 12);
    sb_edit_clear(&edit);
    (void)ctrl('r');
    type("select");
    assert_string_equal(edit.text, "insert into t select 2;");
    (void)ctrl('r');
    assert_string_equal(edit.text, "select 1;");
    type("x"); /* nothing has it: the last stays */
    assert_string_equal(edit.text, "select 1;");
    (void)press(SB_KEY_BACKSPACE);
    assert_string_equal(edit.text, "insert into t select 2;");
    assert_int_equal(press(SB_KEY_ENTER), SB_EDIT_DONE);
    sb_edit_clear(&edit);
    (void)ctrl('r');
    type("show");
    (void)ctrl('g');
    assert_string_equal(edit.text, "");
}

static void
test_completion(void **state)
{
    (void)state;
    type("x us");
    (void)press(SB_KEY_TAB); /* the only one: with a space behind */
    assert_string_equal(edit.text, "x user_id ");
    type("s");
    (void)press(SB_KEY_TAB);
    assert_string_equal(edit.text, "x user_id se");
    assert_false(edit.show_words);
    (void)press(SB_KEY_TAB);
    assert_true(edit.show_words);
    assert_int_equal(edit.words.count, 3);
    type("t");
    assert_false(edit.show_words);
    (void)ctrl('u');
    type("zzz");
    (void)press(SB_KEY_TAB);
    assert_string_equal(edit.text, "zzz");
}

static void
test_paste(void **state)
{
    (void)state;
    (void)press(SB_KEY_PASTE_BEGIN);
    type("a;");
    assert_int_equal(press(SB_KEY_ENTER), SB_EDIT_GOES_ON); /* a line end of the text */
    (void)press(SB_KEY_TAB);
    type("b;");
    (void)press(SB_KEY_PASTE_END);
    assert_string_equal(edit.text, "a;\n    b;");
    (void)ctrl('_');
    assert_string_equal(edit.text, "");
}

static void
test_limit(void **state)
{
    (void)state;
    char *big = malloc(SB_EDIT_TEXT_MAX);
    assert_non_null(big);
    memset(big, 'x', SB_EDIT_TEXT_MAX);
    sb_edit_set(&edit, big, SB_EDIT_TEXT_MAX);
    assert_int_equal(edit.size, SB_EDIT_TEXT_MAX);
    type("y");
    assert_int_equal(edit.size, SB_EDIT_TEXT_MAX);
    free(big);
}

/* A text of more rows than there are: the rows around the cursor, and never more. */
static void
test_drawing_is_bounded(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        type("0123456789");
        (void)sb_edit_key(&edit, (sb_key){.code = SB_KEY_ENTER, .alt = true});
    }
    char *bytes = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&bytes, &size);
    sb_edit_draw(&edit, "> ", ". ", false, 8, 5, to);
    fclose(to);
    int rows = 1;
    for (size_t i = 0; i < size; i++) {
        rows += bytes[i] == '\n';
    }
    assert_int_equal(rows, 5);
    assert_int_equal(edit.drawn_row, 4);
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_moving_and_erasing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_history, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_search, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_completion, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paste, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_drawing_is_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
