/*
 * engine/payload_test.c -- what bytes of records are taken for, and how they are written.
 */
#include "engine/payload.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
guessed_and_printed(void **state)
{
    (void)state;

    static const struct {
        const char *bytes;
        size_t size;
        sb_payload kind;
        const char *text;
    } rows[] = {
        {NULL, 0, SB_PAYLOAD_NULL, "null"},
        {"", 0, SB_PAYLOAD_TEXT, ""},
        {"{\"a\": [1, null]}", 16, SB_PAYLOAD_JSON, "{\"a\": [1, null]}"},
        {"[\n1]", 4, SB_PAYLOAD_JSON, "[ 1]"},
        {"\"x\"", 3, SB_PAYLOAD_JSON, "\"x\""},
        {"true", 4, SB_PAYLOAD_JSON, "true"},
        {"-12.5e3", 7, SB_PAYLOAD_NUMBER, "-12.5e3"},
        {"123456789012345678901234567890", 30, SB_PAYLOAD_NUMBER, "123456789012345678901234567890"},
        {"007", 3, SB_PAYLOAD_TEXT, "007"},
        {"{\"a\":", 5, SB_PAYLOAD_TEXT, "{\"a\":"},
        {"a\tb\nc", 5, SB_PAYLOAD_TEXT, "a\\tb\\nc"},
        {"na\xC3\xAFve", 6, SB_PAYLOAD_TEXT, "na\xC3\xAFve"},
        {"\x1B[2J", 4, SB_PAYLOAD_INT, "458961482"}, /* 0x1B5B324A */
        {"\xC2\x9B"
         "2Jxx",
         6, SB_PAYLOAD_BINARY, "0xc29b324a7878"},
        {"\xFF\xFF\xFF\xFE", 4, SB_PAYLOAD_INT, "-2"},
        {"\0\0\0\0\0\0\0\x2A", 8, SB_PAYLOAD_BIGINT, "42"},
        {"\x80\0\0\0\0\0\0\0", 8, SB_PAYLOAD_BIGINT, "-9223372036854775808"},
        {"\0\0\0\0\x07{\"a\":1}", 12, SB_PAYLOAD_FRAMED_JSON, "schema 7: {\"a\":1}"},
        {"\0\0\0\1\0\x02\x06"
         "abc",
         10, SB_PAYLOAD_FRAMED, "schema 256: 0x0206616263"},
        {"\xFE\xFF\0", 3, SB_PAYLOAD_BINARY, "0xfeff00"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sb_str bytes = {rows[i].bytes, rows[i].size};
        sb_text text;
        sb_text_init(&text, sb_mem_root());
        assert_int_equal(sb_payload_guess(bytes), rows[i].kind);
        sb_payload_print(bytes, rows[i].kind, &text);
        assert_string_equal(text.data ? text.data : "", rows[i].text);
        sb_text_deinit(&text);
    }
}

static void
long_bytes_are_cut(void **state)
{
    (void)state;
    char bytes[300];
    sb_text text;
    memset(bytes, 0xAB, sizeof bytes);
    sb_text_init(&text, sb_mem_root());
    sb_payload_print((sb_str){bytes, sizeof bytes}, SB_PAYLOAD_BINARY, &text);
    assert_int_equal(text.size, 2 + 512 + strlen("... (300 bytes)"));
    assert_string_equal(text.data + 2 + 510, "ab... (300 bytes)");
    sb_text_deinit(&text);
}

static void
names_of_several(void **state)
{
    (void)state;
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_payload_names(0, &text);
    assert_string_equal(text.data, "none yet");
    sb_text_clear(&text);
    sb_payload_names(1U << SB_PAYLOAD_NULL | 1U << SB_PAYLOAD_JSON | 1U << SB_PAYLOAD_TEXT, &text);
    assert_string_equal(text.data, "json, text, null");
    sb_text_deinit(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guessed_and_printed),
        cmocka_unit_test(long_bytes_are_cut),
        cmocka_unit_test(names_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
