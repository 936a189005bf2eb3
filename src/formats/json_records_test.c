/*
 * formats/json_records_test.c -- JSON records that lie apart.
 *
 * Expected values: by hand; for many random records what the decoder of lines gives of each alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/formats_testing.h"

#define RECORDS 1500

static const char *
decode(const sb_format *format, const char *schema, const sb_test_options *options,
       const sb_str *records, int32_t count, sb_test_lie lie)
{
    sb_format_table table = sb_test_table(sb_test_schema(arena, schema), options);
    sb_text_clear(&out);
    sb_test_decode_records(format, &table, records, count, lie, SB_RECORD_ROWS_MAX, &out);
    return out.data;
}

/* Records that would be other ones if a byte of a neighbour were read. */
static void
test_neighbours(void **state)
{
    (void)state;
    const sb_str records[] = {
        SB_STR("{\"s\":\"a"),          /* open string ... */
        SB_STR("b\"}"),                /* ... closed by the next one */
        SB_STR("{\"s\":\"c\""),        /* no brace ... */
        SB_STR("}"),                   /* ... which follows */
        SB_STR("{\"s\":\"d\"}"),       /* fine */
        SB_STR("{\"s\":\"e\\"),        /* a backslash at its end */
        SB_STR("{\"s\":\"f\n g\"}"),   /* a line end inside a string: Jackson takes it */
        SB_STR("{\"s\":\n\"h\"}\n\n"), /* line ends that are blanks */
        SB_STR("{\"s\":\"\xff\"}"),    /* not UTF-8 */
        SB_STR("{\"s\":\"i\"}"),
        SB_STR("{\"s\":1"),
        SB_STR("2}"),
    };
    static const char want[] = "BAD 0 a string is not closed\n"
                               "BAD 1 a string is not closed\n"
                               "BAD 2 ends too early\n"
                               "BAD 3 not a JSON object\n"
                               "BAD 5 a string is not closed\n"
                               "BAD 8 not valid UTF-8\n"
                               "BAD 10 ends too early\n"
                               "BAD 11 not a JSON object\n"
                               "4 {\"op\":\"+I\",\"data\":{\"s\":\"d\"}}\n"
                               "6 {\"op\":\"+I\",\"data\":{\"s\":\"f\\n g\"}}\n"
                               "7 {\"op\":\"+I\",\"data\":{\"s\":\"h\"}}\n"
                               "9 {\"op\":\"+I\",\"data\":{\"s\":\"i\"}}\n";
    for (sb_test_lie lie = SB_TEST_APART; lie <= SB_TEST_FRAMED; lie++) {
        assert_string_equal(decode(&sb_format_json, "s STRING", NULL, records, 12, lie), want);
    }
}

static void
test_none(void **state)
{
    (void)state;
    const sb_str records[] = {{NULL, 0},  SB_STR("{\"i\":1}"), {NULL, 0},
                              SB_STR(""), SB_STR("{\"i\":2}"), SB_STR("")};
    for (sb_test_lie lie = SB_TEST_APART; lie <= SB_TEST_FRAMED; lie++) {
        assert_string_equal(decode(&sb_format_json, "i INT", NULL, records, 6, lie),
                            "1 {\"op\":\"+I\",\"data\":{\"i\":1}}\n"
                            "4 {\"op\":\"+I\",\"data\":{\"i\":2}}\n");
    }
}

static void
test_changelog(void **state)
{
    (void)state;
    const sb_str records[] = {
        SB_STR("{\"op\":\"+I\",\"data\":{\"i\":1}}"), SB_STR("{\"op\":\"-U\",\"data\":{\"i\":2}}"),
        SB_STR("{\"op\":\"x\",\"data\":{\"i\":3}}"), SB_STR("{\"op\":\"-D\",\"data\":{\"i\":4}}")};
    assert_string_equal(
        decode(&sb_format_changelog_json, "i INT", NULL, records, 4, SB_TEST_FRAMED),
        "BAD 2 \"op\" is not one of +I -U +U -D\n"
        "0 {\"op\":\"+I\",\"data\":{\"i\":1}}\n"
        "1 {\"op\":\"-U\",\"data\":{\"i\":2}}\n"
        "3 {\"op\":\"-D\",\"data\":{\"i\":4}}\n");
    sb_format_table table = sb_test_table(sb_test_schema(arena, "i INT"), NULL);
    static const char rows[] = "{\"op\":\"+U\",\"data\":{\"i\":1}}\n"
                               "{\"op\":\"-D\",\"data\":{\"i\":null}}\n";
    sb_text_clear(&out);
    sb_test_encode_records(&sb_format_changelog_json, &table, rows, false, &out);
    assert_string_equal(out.data, rows);
}

/* A record by chance: mostly of one shape, at times another one, an odd or a bad one. */
static sb_str
random_record(uint32_t *seed, int32_t i)
{
    uint32_t r = *seed = *seed * 1664525 + 1013904223;
    int kind = (int)(r >> 20) % 64;
    char *text;
    const char *s = kind % 2 ? "short" : "a string with some more bytes than fit into a view";
    switch (kind) {
    case 0: text = sb_arena_printf(arena, "{\"s\":\"%s\",\"i\":%d}", s, i); break;
    case 1:
        text =
            sb_arena_printf(arena, "{\"i\":%d,\"x\":{\"y\":[1,\"}\"]},\"s\":\"caf\xc3\xa9\"}", i);
        break;
    case 2: text = sb_arena_printf(arena, "{\"i\":%d,\"x\":%u,\"s\":\"open", i, r); break;
    case 3: text = sb_arena_printf(arena, "{\"i\":\"no\",\"x\":%u,\"s\":\"%s\"}", r, s); break;
    case 4: text = sb_arena_printf(arena, "{\"i\":%d,\"x\":%u,\"s\":null}", i, r); break;
    case 5: text = sb_arena_printf(arena, "{\"i\":%d,\"x\":%u,\"s\":\"tab\\t\\\"\"}", i, r); break;
    case 6: text = sb_arena_printf(arena, "[%d]", i); break;
    case 7: text = sb_arena_printf(arena, "{\"i\":%d,\"x\":%u,\"s\":\"%s\"}\r", i, r, s); break;
    case 8: text = sb_arena_strdup(arena, ""); break;
    default:
        text = sb_arena_printf(arena, "{\"i\":%d,\"x\":%u,\"s\":\"%s %u\"}", i, r % 1000, s, r);
        break;
    }
    return sb_str_of(text);
}

/* Each record as a file of its own. */
static void
decode_each(const sb_format_table *table, const sb_str *records, int32_t count, sb_text *rows,
            sb_text *bad)
{
    static const int32_t all[] = {0, 1};
    sb_text one;
    sb_text_init(&one, sb_mem_root());
    for (int32_t i = 0; i < count; i++) {
        sb_text_clear(&one);
        sb_test_decode(&sb_format_json, table, all, 2, records[i].data, records[i].size, 0, 10,
                       &one);
        if (one.size > 0 && strncmp(one.data, "BAD ", 4) == 0) {
            const char *reason = strchr(strchr(one.data + 4, ' ') + 1, ' ');
            sb_text_printf(bad, "BAD %d%s", i, reason);
        } else if (one.size > 0) {
            sb_text_printf(rows, "%d %s", i, one.data);
        }
    }
    sb_text_deinit(&one);
}

static void
test_many(void **state)
{
    (void)state;
    sb_str *records = malloc(sizeof *records * RECORDS);
    sb_format_table table = sb_test_table(sb_test_schema(arena, "i INT, s STRING"), NULL);
    for (uint32_t seed = 1; seed <= 8; seed++) {
        uint32_t r = seed;
        sb_text rows, bad;
        sb_text_init(&rows, sb_mem_root());
        sb_text_init(&bad, sb_mem_root());
        for (int32_t i = 0; i < RECORDS; i++) {
            records[i] = random_record(&r, i);
        }
        decode_each(&table, records, RECORDS, &rows, &bad);
        assert_true(rows.size > 10000 && bad.size > 1000);
        sb_text_add(&bad, rows.data);
        for (sb_test_lie lie = SB_TEST_APART; lie <= SB_TEST_FRAMED; lie++) {
            sb_text_clear(&out);
            sb_test_decode_records(&sb_format_json, &table, records, RECORDS, lie, 4096, &out);
            assert_string_equal(out.data, bad.data);
        }
        sb_text_deinit(&rows);
        sb_text_deinit(&bad);
    }
    free(records);
}

/* A field that nobody wants, behind records of the same shape: what it may be does not depend on
 * those. */
static void
test_unwanted_scalars(void **state)
{
    static const char *const scalars[] = {
        ".5",   "5.",  "-",  "-.5", "--1", "1.25", "-0.5", "1.2.3", "+1",  "1e5", "",     "true",
        "null", "nul", "1 ", "0x1", "a",   "5a",   "007",  "1-2",   "\"1", "1\"", "\"\"", "{}",
    };
    sb_format_table table = sb_test_table(sb_test_schema(arena, "i INT, s STRING"), NULL);
    (void)state;
    for (size_t which = 0; which < sizeof scalars / sizeof scalars[0]; which++) {
        sb_str records[7];
        sb_text rows, bad;
        sb_text_init(&rows, sb_mem_root());
        sb_text_init(&bad, sb_mem_root());
        for (int32_t i = 0; i < 7; i++) {
            records[i] = sb_str_of(sb_arena_printf(arena, "{\"i\":%d,\"x\":%s,\"s\":\"some\"}", i,
                                                   i == 4 ? scalars[which] : "5"));
        }
        decode_each(&table, records, 7, &rows, &bad);
        sb_text_add(&bad, rows.data);
        for (sb_test_lie lie = SB_TEST_APART; lie <= SB_TEST_FRAMED; lie++) {
            sb_text_clear(&out);
            sb_test_decode_records(&sb_format_json, &table, records, 7, lie, 4096, &out);
            assert_string_equal(out.data, bad.data);
        }
        sb_text_deinit(&rows);
        sb_text_deinit(&bad);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unwanted_scalars, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_neighbours, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changelog, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
