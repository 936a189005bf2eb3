/*
 * formats/strict_test.c -- csv.header, and strict-types of csv and json: what they refuse, and that
 * without them it is read as Flink reads it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/format.h"
#include "formats/formats_testing.h"

static const int32_t all[] = {0, 1, 2, 3};

static const char *
decode(const sb_format *format, const char *schema, const sb_test_options *options,
       const char *data, size_t split_at)
{
    const sb_schema *s = sb_test_schema(arena, schema);
    sb_format_table table = sb_test_table(s, options);
    sb_text_clear(&out);
    sb_test_decode(format, &table, all, s->count, data, strlen(data), split_at, 100, &out);
    return out.data;
}

static void
test_header(void **state)
{
    (void)state;
    static const char data[] = "\na,\"b \"\"q\"\"\nline\"\r\n1,x\nbad\n";
    static const char row[] = "{\"op\":\"+I\",\"data\":{\"a\":1,\"b \\\"q\\\"\\nline\":\"x\"}}\n";
    static const char bad[] = "BAD 5 23 too few fields: 1 in place of 2\n";
    sb_test_options match = {{"header", "match", NULL}}, skip = {{"header", "skip", NULL}};
    sb_field fields[] = {{.name = "a", .type = SB_TYPE(INT, true)},
                         {.name = "b \"q\"\nline", .type = sb_type_string(true)}};
    sb_schema schema = {2, fields};
    sb_format_table table = sb_test_table(&schema, &match);
    for (size_t cut = 0; cut < sizeof data - 1; cut++) {
        sb_text_clear(&out);
        sb_test_decode(&sb_format_csv, &table, all, 2, data, sizeof data - 1, cut, 100, &out);
        assert_non_null(strstr(out.data, row)); /* which is told first depends on the cut */
        assert_non_null(strstr(out.data, bad));
        assert_int_equal(strlen(out.data), sizeof row + sizeof bad - 2);
    }
    assert_string_equal(decode(&sb_format_csv, "x INT", &skip, "any\n7\n", 0),
                        "{\"op\":\"+I\",\"data\":{\"x\":7}}\n");
    assert_string_equal(decode(&sb_format_csv, "x INT", &skip, "any", 0), "");
    assert_string_equal(decode(&sb_format_csv, "x INT", &match, "y\n7\n", 0),
                        "ERROR the header has \"y\" where the table has column \"x\"\nLEFT 4\n");
    assert_string_equal(decode(&sb_format_csv, "x INT", &match, "x,y\n7\n", 0),
                        "ERROR the header has 2 names, the table has 1 columns\nLEFT 6\n");
    assert_string_equal(decode(&sb_format_csv, "x INT", &skip, "\"x\n7\n", 0),
                        "ERROR the header cannot be read: a quoted value is not closed\nLEFT 5\n");
    sb_test_options wrong = {{"header", "true", NULL}};
    assert_string_equal(decode(&sb_format_csv, "x INT", &wrong, "x\n", 0),
                        "ERROR option 'header' = 'true': expected none, skip or "
                        "match\n");
}

typedef struct value_case {
    const char *schema, *text; /* of the only column, v */
    const char *lenient;       /* what Flink makes of it */
    bool refused;              /* by strict-types */
} value_case;

static void
check_values(const sb_format *format, const char *before, const char *after,
             const value_case *cases, size_t count)
{
    sb_test_options strict = {{"strict-types", "true", NULL}};
    for (size_t i = 0; i < count; i++) {
        char data[128], row[128];
        snprintf(data, sizeof data, "%s%s%s\n", before, cases[i].text, after);
        snprintf(row, sizeof row, "{\"op\":\"+I\",\"data\":{\"v\":%s}}\n", cases[i].lenient);
        assert_string_equal(decode(format, cases[i].schema, NULL, data, 0), row);
        const char *got = decode(format, cases[i].schema, &strict, data, 0);
        if (cases[i].refused) {
            assert_memory_equal(got, "BAD 1 0 field 'v' cannot be read as ", 36);
        } else {
            assert_string_equal(got, row);
        }
    }
}

static void
test_strict_csv(void **state)
{
    (void)state;
    static const value_case cases[] = {
        {"v BOOLEAN", "TRUE", "true", false},
        {"v BOOLEAN", "false", "false", false},
        {"v BOOLEAN", "yes", "false", true},
        {"v DECIMAL(4, 0)", "1234", "1234", false},
        {"v DECIMAL(4, 0)", "12345", "null", true},
        {"v DECIMAL(4, 0)", "1.5", "2", true},
        {"v DATE", "2024-02-29", "\"2024-02-29\"", false},
        {"v DATE", "2023-2-31", "\"2023-03-03\"", true},
        {"v TIMESTAMP(3)", "2024-01-01 10:00:00.123", "\"2024-01-01 10:00:00.123\"", false},
        {"v TIMESTAMP(3)", "2024-01-01 10:00:00.1234", "\"2024-01-01 10:00:00.123\"", true},
    };

    check_values(&sb_format_csv, "", "", cases, sizeof cases / sizeof cases[0]);
}

static void
test_strict_json(void **state)
{
    (void)state;
    static const value_case cases[] = {
        {"v BOOLEAN", "true", "true", false},
        {"v BOOLEAN", "\"yes\"", "false", true},
        {"v BOOLEAN", "1", "false", true},
        {"v BIGINT", "12", "12", false},
        {"v BIGINT", "1.5", "1", true},
        {"v INT", "1e3", "1000", true},
        {"v DECIMAL(4, 0)", "1234", "1234", false},
        {"v DECIMAL(4, 0)", "12345", "null", true},
        {"v DECIMAL(4, 0)", "1.5", "2", true},
        {"v DOUBLE", "1", "1.0", false},
        {"v TIMESTAMP(3)", "\"2024-01-01 10:00:00.123\"", "\"2024-01-01 10:00:00.123\"", false},
        {"v TIMESTAMP(3)", "\"2024-01-01 10:00:00.1234\"", "\"2024-01-01 10:00:00.123\"", true},
        {"v STRING", "{\"a\":1}", "\"{\\\"a\\\":1}\"", false},
    };

    check_values(&sb_format_json, "{\"v\":", "}", cases, sizeof cases / sizeof cases[0]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strict_csv, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strict_json, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
