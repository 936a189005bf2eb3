/* Errors: messages, prefixes, frames, texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/status.h"

static sb_status
inner(sb_error *err)
{
    SB_FAIL(err, SB_STATUS_NOT_FOUND, "table '%s' does not exist", "orders");
}

static sb_status
outer(sb_error *err)
{
    SB_TRY(inner(err), err);
    return SB_OK;
}

static sb_status
with_label(sb_error *err)
{
    sb_status status;
    SB_GOTO(outer(err), err, out);
out:
    return status;
}

static void
test_messages_and_frames(void **unused)
{
    (void)unused;
    sb_error err;
    memset(&err, 0xFF, sizeof err);
    assert_int_equal(with_label(&err), SB_STATUS_NOT_FOUND);
    assert_int_equal(err.status, SB_STATUS_NOT_FOUND);
    assert_string_equal(err.message, "table 'orders' does not exist");
    assert_string_equal(err.hint, "");
    assert_string_equal(err.code, "");
    assert_int_equal(err.position, -1);
    assert_false(err.retriable);
    const char *a = strstr(err.frames, " outer\n"), *b = strstr(err.frames, " with_label");
    assert_true(a && b && a < b);
    assert_non_null(strstr(err.frames, "status_test.c:"));
    sb_error_prefix(&err, "job '%s'", "q1");
    assert_string_equal(err.message, "job 'q1': table 'orders' does not exist");
    sb_error_hint(&err, "known tables: %d", 3);
    assert_string_equal(err.hint, "known tables: 3");
    sb_error_at(&err, 14, 20);
    assert_int_equal(err.position, 14);
    assert_int_equal(err.position_end, 20);
    /* the message may be made of the old one */
    sb_error_set(&err, SB_STATUS_IO, "f.c", 1, "again: %s", err.message);
    assert_string_equal(err.message, "again: job 'q1': table 'orders' does not exist");
    assert_string_equal(err.hint, "");
    sb_error_clear(&err);
    assert_int_equal(err.status, SB_OK);
    assert_string_equal(err.frames, "");
}

static void
test_no_error_wanted(void **unused)
{
    (void)unused;
    assert_int_equal(with_label(NULL), SB_STATUS_NOT_FOUND);
    sb_error_clear(NULL);
    sb_error_hint(NULL, "x");
    sb_error_at(NULL, 1, 2);
    sb_error_prefix(NULL, "x");
}

static void
test_long_texts_are_cut(void **unused)
{
    (void)unused;
    sb_error err;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    sb_error_set(&err, SB_STATUS_IO, "f.c", 1, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    sb_error_prefix(&err, "start");
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_memory_equal(err.message, "start: xx", 9);
    sb_error_prefix(&err, "%.1023s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    sb_error_prefix(&err, "%.1022s", text);
    assert_int_equal(err.message[1022], ':');
    sb_error_hint(&err, "%s", text);
    assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
    for (int i = 0; i < 100; i++) {
        sb_error_frame(&err, "file.c", i, "function");
    }
    assert_true(strlen(err.frames) < sizeof err.frames);
    assert_string_equal(err.frames + strlen(err.frames) - 9,
                        " function"); /* none is cut in the middle */
}

static void
test_texts(void **unused)
{
    (void)unused;
    assert_string_equal(sb_status_text(SB_OK), "ok");
    assert_string_equal(sb_status_text(SB_STATUS_NOT_SUPPORTED), "not supported");
    for (int i = 0; i < SB_STATUS_COUNT; i++) {
        assert_true(strlen(sb_status_text((sb_status)i)) > 0);
    }
    assert_string_equal(sb_status_text((sb_status)99), "unknown status");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages_and_frames),
        cmocka_unit_test(test_no_error_wanted),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
