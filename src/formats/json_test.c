/*
 * formats/json_test.c -- json and changelog-json, both ways.
 *
 * Expected values: recorded from Flink 2.3 (tests/oracle/cases/json-...), else by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/formats_testing.h"
#include "formats/json_marks.h"

static const char *
decode(const sb_format *format, const char *schema, const sb_test_options *options,
       const char *data)
{
    static const int32_t all[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                                  10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    const sb_schema *s = sb_test_schema(arena, schema);
    sb_format_table table = sb_test_table(s, options);
    sb_text_clear(&out);
    sb_test_decode(format, &table, all, s->count, data, strlen(data), 0, 4096, &out);
    return out.data;
}

static void
test_coercions(void **state)
{
    (void)state;
    const char *got = decode(
        &sb_format_json, "id INT, i INT, l BIGINT, s STRING, b BOOLEAN, d DECIMAL(6, 2), x DOUBLE",
        NULL,
        "{\"id\":1,\"i\":\"12\",\"l\":\"5000000000\",\"s\":12,\"b\":\"true\",\"d\":\"1.25\",\"x\":"
        "\"1e3\"}\n"
        "{\"id\":2,\"i\":\" 7 \",\"l\":\" -8 \",\"s\":true,\"b\":\"FALSE\",\"d\":1.255,\"x\":5}\n"
        "{\"id\":3,\"i\":1.9,\"l\":-1.9,\"s\":1.50,\"b\":\"yes\",\"d\":12345.67,\"x\":\"NaN\"}\n"
        "{\"id\":4,\"i\":0,\"l\":0,\"s\":{\"k\": [1, "
        "2]},\"b\":false,\"d\":1e2,\"x\":\"-Infinity\"}\n"
        "{\"id\":5,\"i\":-0,\"l\":9223372036854775807,\"s\":[1,\"a\",null],\"b\":true,\"d\":-0.005,"
        "\"x\":1e400}\n"
        "{\"id\":6,\"s\":\"\",\"d\":0.0049,\"x\":0.1e1}\n"
        "{\"id\":7,\"s\":1e2,\"d\":\"12e1\"}\n");
    assert_string_equal(got, "{\"op\":\"+I\",\"data\":{\"id\":1,\"i\":12,\"l\":5000000000,\"s\":"
                             "\"12\",\"b\":true,\"d\":1.25,\"x\":1000.0}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":2,\"i\":7,\"l\":-8,\"s\":\"true\","
                             "\"b\":false,\"d\":1.26,\"x\":5.0}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":3,\"i\":1,\"l\":-1,\"s\":\"1.50\","
                             "\"b\":false,\"d\":null,\"x\":\"NaN\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":4,\"i\":0,\"l\":0,\"s\":\"{\\\"k\\\":"
                             "[1,2]}\",\"b\":false,\"d\":100.00,\"x\":\"-Infinity\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":5,\"i\":0,\"l\":9223372036854775807,"
                             "\"s\":\"[1,\\\"a\\\",null]\",\"b\":true,\"d\":-0.01,"
                             "\"x\":\"Infinity\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":6,\"i\":null,\"l\":null,\"s\":\"\","
                             "\"b\":null,\"d\":0.00,\"x\":1.0}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":7,\"i\":null,\"l\":null,\"s\":"
                             "\"1e2\",\"b\":null,\"d\":120.00,\"x\":null}}\n");
}

/* tests/oracle/cases/json-types: what is read comes out again, but for shorter fractions and
 * floats. */
static void
test_types_there_and_back(void **state)
{
    (void)state;
    const char *schema = "id INT, bo BOOLEAN, ti TINYINT, si SMALLINT, bi BIGINT, f FLOAT, d "
                         "DOUBLE, de DECIMAL(38, 10), s STRING, c CHAR(4), "
                         "vc VARCHAR(4), bs BYTES, da DATE, h TIME(0), t0 TIMESTAMP(0), t3 "
                         "TIMESTAMP(3), t6 TIMESTAMP(6), t9 TIMESTAMP(9), z "
                         "TIMESTAMP_LTZ(3)";
    static const char *const same[] = {
        "{\"op\":\"+I\",\"data\":{\"id\":1,\"bo\":true,\"ti\":127,\"si\":32767,\"bi\":"
        "9223372036854775807,\"f\":3.4028235E38,\"d\":1."
        "7976931348623157E308,\"de\":9999999999999999999999999999.9999999999,\"s\":\"x\",\"c\":"
        "\"ab\",\"vc\":\"abcdef\",\"bs\":"
        "\"3q2+7w==\",\"da\":\"9999-12-31\",\"h\":\"23:59:59\",\"t0\":\"9999-12-31 "
        "23:59:59\",\"t3\":\"9999-12-31 "
        "23:59:59.999\",\"t6\":\"9999-12-31 23:59:59.999999\",\"t9\":\"9999-12-31 "
        "23:59:59.999999999\",\"z\":\"9999-12-31 "
        "23:59:59.999Z\"}}\n",
        "{\"op\":\"+I\",\"data\":{\"id\":2,\"bo\":false,\"ti\":-128,\"si\":-32768,\"bi\":-"
        "9223372036854775808,\"f\":-1.4E-45,\"d\":4."
        "9E-324,\"de\":-0.0000000001,\"s\":\"\",\"c\":\"\",\"vc\":\"\",\"bs\":\"\",\"da\":\"0001-"
        "01-01\",\"h\":\"00:00:00\",\"t0\":"
        "\"0001-01-01 00:00:00\",\"t3\":\"0001-01-01 00:00:00.001\",\"t6\":\"0001-01-01 "
        "00:00:00.000001\",\"t9\":\"0001-01-01 "
        "00:00:00.000000001\",\"z\":\"0001-01-01 00:00:00.001Z\"}}\n",
        "{\"op\":\"+I\",\"data\":{\"id\":4,\"bo\":true,\"ti\":0,\"si\":0,\"bi\":0,\"f\":0.1,\"d\":"
        "100.0,\"de\":100000.0000000000,\"s\":"
        "\"\xc3\xa9\",\"c\":\"abcdefgh\",\"vc\":\"\xc3\xa9\xc3\xa9\",\"bs\":\"AA==\",\"da\":\"1970-"
        "01-01\",\"h\":\"12:00:00\",\"t0\":"
        "\"1969-12-31 23:59:59\",\"t3\":\"1969-12-31 23:59:59.5\",\"t6\":\"1969-12-31 "
        "23:59:59.5\",\"t9\":\"1969-12-31 "
        "23:59:59.123456789\",\"z\":\"1969-12-31 23:59:59.1Z\"}}\n",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_string_equal(decode(&sb_format_changelog_json, schema, NULL, same[i]), same[i]);
    }
    const char *got =
        decode(&sb_format_json,
               "f FLOAT, x DOUBLE, t3 TIMESTAMP(3), t9 TIMESTAMP(9), z TIMESTAMP_LTZ(3)", NULL,
               "{\"f\":16777217,\"x\":0.30000000000000004,\"t3\":\"2000-02-29 "
               "01:02:03.120\",\"t9\":\"2000-02-29 "
               "01:02:03.100200300\",\"z\":\"2000-02-29 01:02:03Z\"}");
    assert_string_equal(
        got,
        "{\"op\":\"+I\",\"data\":{\"f\":1.6777216E7,\"x\":0.30000000000000004,\"t3\":\"2000-02-29 "
        "01:02:03.12\",\"t9\":\"2000-02-29 01:02:03.1002003\",\"z\":\"2000-02-29 01:02:03Z\"}}\n");
}

static void
test_missing_and_unknown_fields(void **state)
{
    (void)state;
    const char *got = decode(
        &sb_format_json, "a INT, b STRING, c DOUBLE, d BOOLEAN, e DATE", NULL,
        "{\"a\":1,\"b\":\"x\",\"c\":1.5,\"d\":true,\"e\":\"2024-01-01\"}\n"
        "{}\r\n\n  \r\n"
        "{\"e\":\"2024-01-02\",\"a\":2}\n"
        "{\"zzz\":{\"a\":99,\"list\":[1,2,{\"b\":\"no\"}]},\"b\":\"after unknown\",\"A\":7}\n"
        "{\"a\":3,\"a\":4,\"b\":\"twice\"}\n"
        "  { \"a\" : 5 , \"b\" : \" spaced \" , \"d\" : false }\n"
        "{\"\\u0061\":7,\"b\\\\\":1,\"\":0}\n"
        "{\"a\":6,\"b\":\"\",\"c\":-0.5e-3}");
    assert_string_equal(
        got,
        "{\"op\":\"+I\",\"data\":{\"a\":1,\"b\":\"x\",\"c\":1.5,\"d\":true,\"e\":\"2024-01-01\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":2,\"b\":null,\"c\":null,\"d\":null,\"e\":\"2024-01-02\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":null,\"b\":\"after "
        "unknown\",\"c\":null,\"d\":null,\"e\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":4,\"b\":\"twice\",\"c\":null,\"d\":null,\"e\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":5,\"b\":\" spaced \",\"c\":null,\"d\":false,\"e\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":7,\"b\":null,\"c\":null,\"d\":null,\"e\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":6,\"b\":\"\",\"c\":-5.0E-4,\"d\":null,\"e\":null}}\n");
}

static void
test_nested_rows(void **state)
{
    (void)state;
    const char *got = decode(
        &sb_format_json, "id INT, who ROW<name STRING, home ROW<city STRING, zip INT>>", NULL,
        "{\"id\":1,\"who\":{\"name\":\"ann\",\"home\":{\"city\":\"Rome\",\"zip\":187}}}\n"
        "{\"id\":2,\"who\":{\"name\":\"bob\",\"home\":null}}\n"
        "{\"id\":3,\"who\":null}\n"
        "{\"id\":5,\"who\":{}}\n"
        "{\"id\":6,\"who\":{\"name\":\"\",\"home\":{}}}\n"
        "{\"id\":7,\"who\":{\"name\":\"x\",\"home\":{\"zip\":1}},\"who\":{\"home\":{\"city\":"
        "\"last\"}}}\n"
        "{\"id\":8,\"who\":{\"name\":\"x\"},\"who\":null}\n");
    assert_string_equal(
        got, "{\"op\":\"+I\",\"data\":{\"id\":1,\"who\":{\"name\":\"ann\",\"home\":{\"city\":"
             "\"Rome\",\"zip\":187}}}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":2,\"who\":{\"name\":\"bob\",\"home\":null}}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":3,\"who\":null}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":5,\"who\":{\"name\":null,\"home\":null}}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":6,\"who\":{\"name\":\"\",\"home\":{\"city\":null,"
             "\"zip\":null}}}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":7,\"who\":{\"name\":null,\"home\":{\"city\":\"last\","
             "\"zip\":null}}}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":8,\"who\":null}}\n");
}

static void
test_lists_and_maps(void **state)
{
    (void)state;
    const char *schema =
        "a ARRAY<INT>, m MAP<STRING, ARRAY<STRING>>, r ARRAY<ROW<x INT, y STRING>>";
    const char *got = decode(&sb_format_json, schema, NULL,
                             "{\"a\":[1,2, null,\"3\"],\"m\":{\"k\":[\"v\"],\"n\":null,\"k\":[ "
                             "]},\"r\":[{\"y\":\"q\"},null,{\"x\":1,\"z\":[{}]}]}\n"
                             "{\"a\":[],\"m\":{},\"r\":[]}\n"
                             "{\"a\":null}\n"
                             "{\"a\":[1,\"x\"]}\n"
                             "{\"a\":{\"b\":1}}\n"
                             "{\"a\":[9],\"m\":[1]}\n");
    assert_string_equal(got,
                        "BAD 4 127 field 'a' cannot be read as ARRAY<INT>: [1,\"x\"]\n"
                        "BAD 5 141 field 'a' cannot be read as ARRAY<INT>: {\"b\":1}\n"
                        "BAD 6 155 field 'm' cannot be read as MAP<STRING, ARRAY<STRING>>: [1]\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":[1,2,null,3],\"m\":{\"n\":null,\"k\":[]},"
                        "\"r\":[{\"x\":null,\"y\":\"q\"},null,{"
                        "\"x\":1,\"y\":null}]}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":[],\"m\":{},\"r\":[]}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":null,\"m\":null,\"r\":null}}\n");
    sb_test_options ignore = {{"ignore-parse-errors", "true", NULL}};
    got = decode(&sb_format_json, schema, &ignore, "{\"a\":[1,\"x\"],\"m\":{\"k\":5},\"r\":7}\n");
    assert_string_equal(
        got, "{\"op\":\"+I\",\"data\":{\"a\":[1,null],\"m\":{\"k\":null},\"r\":null}}\n");
}

static void
test_changelog(void **state)
{
    (void)state;
    const char *got = decode(&sb_format_changelog_json, "k STRING, v INT", NULL,
                             "{\"op\":\"+I\",\"data\":{\"k\":\"a\",\"v\":1}}\n"
                             "{\"op\":\"-U\",\"data\":{\"k\":\"a\",\"v\":1}}\n"
                             "{\"data\":{\"v\":2,\"k\":\"a\"},\"op\":\"+U\"}\n"
                             "{\"op\":\"-D\",\"data\":{\"k\":\"a\"}}\n"
                             "{\"op\":\"+X\",\"data\":{}}\n"
                             "{\"data\":{}}\n"
                             "{\"op\":\"+I\",\"data\":null}\n"
                             "{\"op\":\"+I\"}\n"
                             "{\"op\":\"+I\",\"data\":{\"v\":\"q\"}}\n");
    assert_string_equal(got, "BAD 5 134 \"op\" is not one of +I -U +U -D\n"
                             "BAD 6 156 \"op\" is missing\n"
                             "BAD 7 168 \"data\" is not a JSON object\n"
                             "BAD 8 192 \"data\" is missing\n"
                             "BAD 9 204 field 'v' cannot be read as INT: \"q\"\n"
                             "{\"op\":\"+I\",\"data\":{\"k\":\"a\",\"v\":1}}\n"
                             "{\"op\":\"-U\",\"data\":{\"k\":\"a\",\"v\":1}}\n"
                             "{\"op\":\"+U\",\"data\":{\"k\":\"a\",\"v\":2}}\n"
                             "{\"op\":\"-D\",\"data\":{\"k\":\"a\",\"v\":null}}\n");
}

/* Each is one line; what is said of it. "" : it is fine. */
static void
test_bad_records(void **state)
{
    (void)state;

    static const struct {
        const char *line, *reason;
    } cases[] = {
        {"not json at all", "not a JSON object"},
        {"[1,2,3]", "not a JSON object"},
        {"\"text\"", "not a JSON object"},
        {"{\"i\":4", "ends too early"},
        {"{\"i\":4,", "ends too early"},
        {"{\"i\"", "ends too early"},
        {"{\"i\":", "ends too early"},
        {"{", "ends too early"},
        {"{\"i\" 4}", "not valid JSON"},
        {"{i:4}", "not valid JSON"},
        {"{\"i\":4,}", "not valid JSON"},
        {"{,\"i\":4}", "not valid JSON"},
        {"{\"i\":4}}", "something follows the JSON object"},
        {"{\"i\":4}{\"i\":5}", "something follows the JSON object"},
        {"{\"i\":4} x", "something follows the JSON object"},
        {"{\"i\":4 5}", "not valid JSON"},
        {"{\"i\":}", "not valid JSON"},
        {"{\"i\":,}", "not valid JSON"},
        {"{\"q\":[1,2}", "not valid JSON"},
        {"{\"q\":[1,2", "ends too early"},
        {"{\"q\":[1 2]}", "not valid JSON"},
        {"{\"q\":{\"a\"}}", "not valid JSON"},
        {"{\"q\":tru}", "not valid JSON"},
        {"{\"q\":nul,\"i\":1}", "not valid JSON"},
        {"{\"q\":1x}", "not valid JSON"},
        {"{\"s\":\"open}", "a string is not closed"},
        {"{\"s\":\"open\\\"}", "a string is not closed"},
        {"{\"s\":\"\xff\xfe\"}", "not valid UTF-8"},
        {"{\"s\":\"\xed\xa0\x80\"}", "not valid UTF-8"},
        {"{\"s\":\"\xc3\"}", "not valid UTF-8"},
        {"{\"s\":\"\\x\"}", "field 's' cannot be read as STRING: \"\\x\""},
        {"{\"s\":\"\\u12g4\"}", "field 's' cannot be read as STRING: \"\\u12g4\""},
        {"{\"i\":tru}", "field 'i' cannot be read as INT: tru"},
        {"{\"i\":true}", "field 'i' cannot be read as INT: true"},
        {"{\"i\":\"\"}", "field 'i' cannot be read as INT: \"\""},
        {"{\"i\":2147483648}", "field 'i' cannot be read as INT: 2147483648"},
        {"{\"i\":-2147483649}", "field 'i' cannot be read as INT: -2147483649"},
        {"{\"i\":1e10}", "field 'i' cannot be read as INT: 1e10"},
        {"{\"i\":007}", "field 'i' cannot be read as INT: 007"},
        {"{\"i\":+7}", "field 'i' cannot be read as INT: +7"},
        {"{\"i\":1.}", "field 'i' cannot be read as INT: 1."},
        {"{\"i\":{}}", "field 'i' cannot be read as INT: {}"},
        {"{\"i\":[1]}", "field 'i' cannot be read as INT: [1]"},
        {"{\"t\":128}", "field 't' cannot be read as TINYINT: 128"},
        {"{\"t\":1.5}", "field 't' cannot be read as TINYINT: 1.5"},
        {"{\"b\":maybe}", "field 'b' cannot be read as BOOLEAN: maybe"},
        {"{\"x\":\"0x10\"}", "field 'x' cannot be read as DOUBLE: \"0x10\""},
        {"{\"x\":NaN}", "field 'x' cannot be read as DOUBLE: NaN"},
        {"{\"x\":\"\"}", "field 'x' cannot be read as DOUBLE: \"\""},
        {"{\"d\":\"1,5\"}", "field 'd' cannot be read as DECIMAL(6, 2): \"1,5\""},
        {"{\"d\":true}", "field 'd' cannot be read as DECIMAL(6, 2): true"},
        {"{\"e\":\"2024-02-30\"}", "field 'e' cannot be read as DATE: \"2024-02-30\""},
        {"{\"e\":\"2024-2-3\"}", "field 'e' cannot be read as DATE: \"2024-2-3\""},
        {"{\"e\":\" 2024-02-03\"}", "field 'e' cannot be read as DATE: \" 2024-02-03\""},
        {"{\"e\":19000}", "field 'e' cannot be read as DATE: 19000"},
        {"{\"z\":\"2024-01-01T00:00:00\"}",
         "field 'z' cannot be read as TIMESTAMP(3): \"2024-01-01T00:00:00\""},
        {"{\"z\":\"2024-01-01 00:00\"}",
         "field 'z' cannot be read as TIMESTAMP(3): \"2024-01-01 00:00\""},
        {"{\"z\":\"2024-01-01 25:00:00\"}",
         "field 'z' cannot be read as TIMESTAMP(3): \"2024-01-01 25:00:00\""},
        {"{\"y\":\"AAA\"}", "field 'y' cannot be read as BYTES: \"AAA\""},
        {"{\"y\":5}", "field 'y' cannot be read as BYTES: 5"},
        {"{\"r\":5}", "field 'r' is not a JSON object as ROW<`q` INT>: 5"},
        {"{\"i\":5}", ""},
        {"{\"s\":\"tab\tinside\"}", ""},
        {"{\"z\":\"2024-01-01 24:00:00\",\"i\":1}", ""},
    };

    const char *schema = "i INT, t TINYINT, s STRING, b BOOLEAN, d DECIMAL(6, 2), x DOUBLE, e "
                         "DATE, z TIMESTAMP(3), y BYTES, r ROW<q INT>";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char data[512], expected[512];
        /* In the middle of good lines: they must not suffer. */
        snprintf(data, sizeof data, "{\"i\":1}\n%s\n{\"i\":2}\n", cases[i].line);
        snprintf(expected, sizeof expected, "BAD 2 8 %s\n", cases[i].reason);
        const char *got = decode(&sb_format_json, schema, NULL, data);
        if (cases[i].reason[0]) {
            const char *at = strstr(got, "BAD");
            assert_non_null(at);
            assert_memory_equal(at, expected, strlen(expected));
            int lines = 0;
            for (const char *p = got; *p; p++) {
                lines += *p == '\n';
            }
            assert_int_equal(lines, 3);
        } else {
            assert_null(strstr(got, "BAD"));
        }
    }
}

static void
test_ignoring_errors(void **state)
{
    (void)state;
    sb_test_options ignore = {{"ignore-parse-errors", "true", NULL}};
    const char *got =
        decode(&sb_format_json,
               "id INT, i INT, d DECIMAL(6, 2), e DATE, ts TIMESTAMP(3), b BOOLEAN", &ignore,
               "{\"id\":1,\"i\":1,\"d\":1.5,\"e\":\"2024-01-01\",\"ts\":\"2024-01-01 "
               "00:00:00\",\"b\":true}\n"
               "{\"id\":2,\"i\":\"one\",\"d\":\"x\",\"e\":\"2024-13-01\",\"ts\":\"yesterday\","
               "\"b\":\"maybe\"}\n"
               "not json at all\n"
               "{\"id\":3,\"i\":99999999999,\"d\":\"\",\"e\":\"\",\"ts\":\"2024-01-01T00:00:00\","
               "\"b\":1}\n");
    assert_string_equal(got, "BAD 3 149 not a JSON object\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":1,\"i\":1,\"d\":1.50,\"e\":\"2024-01-"
                             "01\",\"ts\":\"2024-01-01 00:00:00\",\"b\":true}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":2,\"i\":null,\"d\":null,\"e\":null,"
                             "\"ts\":null,\"b\":false}}\n"
                             "{\"op\":\"+I\",\"data\":{\"id\":3,\"i\":null,\"d\":null,\"e\":null,"
                             "\"ts\":null,\"b\":false}}\n");
}

static void
test_missing_field_fails(void **state)
{
    (void)state;
    sb_test_options strict = {{"fail-on-missing-field", "true", NULL}};
    const char *got = decode(
        &sb_format_json, "a INT, r ROW<x INT>", &strict,
        "{\"a\":1}\n{\"a\":null,\"r\":null}\n{\"a\":1,\"r\":{}}\n{\"a\":1,\"r\":{\"x\":2}}\n");
    assert_string_equal(got, "BAD 1 0 field 'r' is missing\n"
                             "BAD 3 28 field 'x' is missing\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":null,\"r\":null}}\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":1,\"r\":{\"x\":2}}}\n");
}

/* java.time: SQL timestamps resolve smartly, dates and ISO ones strictly. */
static void
test_times(void **state)
{
    (void)state;
    const char *got = decode(&sb_format_json, "t TIMESTAMP(6), h TIME(3)", NULL,
                             "{\"t\":\"2024-01-31 24:00:00\",\"h\":\"24:00:00\"}\n"
                             "{\"t\":\"2023-02-31 00:00:00.\",\"h\":\"12:34:56.789\"}\n"
                             "{\"t\":\"+12345-01-01 00:00:00\",\"h\":\"00:00:00.000001\"}\n"
                             "{\"t\":\"-0001-01-01 00:00:00\"}\n"
                             "{\"t\":\"2024-01-01 00:00:00.123456789\"}\n");
    assert_string_equal(
        got, "{\"op\":\"+I\",\"data\":{\"t\":\"2024-02-01 00:00:00\",\"h\":\"00:00:00\"}}\n"
             "{\"op\":\"+I\",\"data\":{\"t\":\"2023-02-28 00:00:00\",\"h\":\"12:34:56.789\"}}\n"
             "{\"op\":\"+I\",\"data\":{\"t\":\"+12345-01-01 00:00:00\",\"h\":\"00:00:00\"}}\n"
             "{\"op\":\"+I\",\"data\":{\"t\":\"-0001-01-01 00:00:00\",\"h\":null}}\n"
             "{\"op\":\"+I\",\"data\":{\"t\":\"2024-01-01 00:00:00.123456\",\"h\":null}}\n");
    sb_test_options iso = {{"timestamp-format.standard", "ISO-8601", NULL}};
    got = decode(&sb_format_json, "t TIMESTAMP(3), z TIMESTAMP_LTZ(3)", &iso,
                 "{\"t\":\"2024-01-31T10:20\",\"z\":\"2024-01-31T10:20:30.5Z\"}\n{\"t\":\"2023-02-"
                 "31T00:00:00\"}\n{\"t\":\"2024-01-31 10:20:00\"}\n");
    assert_string_equal(
        got, "BAD 2 54 field 't' cannot be read as TIMESTAMP(3): \"2023-02-31T00:00:00\"\n"
             "BAD 3 82 field 't' cannot be read as TIMESTAMP(3): \"2024-01-31 10:20:00\"\n"
             "{\"op\":\"+I\",\"data\":{\"t\":\"2024-01-31 10:20:00\",\"z\":\"2024-01-31 "
             "10:20:30.5Z\"}}\n");
}

static void
test_escapes(void **state)
{
    (void)state;
    const char *line = "{\"op\":\"+I\",\"data\":{\"s\":\"quote \\\" slash / back \\\\ tab \\t nl "
                       "\\n cr \\r ff \\f bs \\b\"}}\n"
                       "{\"op\":\"+I\",\"data\":{\"s\":\"A\xc3\xa9\xe4\xb8\xad\\uD83D\\uDE00\"}}\n"
                       "{\"op\":\"+I\",\"data\":{\"s\":\"\\u0000\\u0001\\u001F\x7f\"}}\n";
    assert_string_equal(decode(&sb_format_changelog_json, "s STRING", NULL, line), line);
    /* Halves of pairs become '?', as Java writes them. */
    assert_string_equal(
        decode(&sb_format_json, "s STRING", NULL, "{\"s\":\"\\ud83d|\\ude00|\\ud83dx\"}"),
        "{\"op\":\"+I\",\"data\":{\"s\":\"?|?|?x\"}}\n");
}

/* The same rows come out wherever the input is cut and whatever the limit of rows is. */
static void
test_torn_input(void **state)
{
    (void)state;
    const char *data = "{\"a\":1,\"s\":\"one\"}\n\n{\"a\":2,\"s\":\"zw\xc3\xb6lf Zeichen und "
                       "mehr\"}\r\nbad\n{\"s\":\"\xff\"}\n{\"a\":3}\n{\"a\":4,\"s\":\"end\"}";
    const sb_schema *schema = sb_test_schema(arena, "a INT, s STRING");
    sb_format_table table = sb_test_table(schema, NULL);
    static const int32_t both[] = {0, 1};
    sb_text whole;
    sb_text_init(&whole, sb_mem_root());
    sb_test_decode(&sb_format_json, &table, both, 2, data, strlen(data), 0, 1, &whole);
    assert_non_null(strstr(whole.data, "BAD 4 58 not a JSON object\n"));
    assert_non_null(strstr(whole.data, "BAD 5 62 not valid UTF-8\n"));
    assert_non_null(strstr(whole.data, "\"a\":4,\"s\":\"end\""));
    for (size_t cut = 1; cut < strlen(data); cut++) {
        sb_text_clear(&out);
        sb_test_decode(&sb_format_json, &table, both, 2, data, strlen(data), cut, 1, &out);
        assert_string_equal(out.data, whole.data);
    }
    sb_text_deinit(&whole);
}

/* Many windows and chunks, bad lines that the index refuses spread among them. */
static void
test_large_input(void **state)
{
    (void)state;
    sb_text data;
    sb_text_init(&data, sb_mem_root());
    int expected_bad = 0;
    for (int i = 0; i < 20000; i++) {
        if (i % 97 == 0) {
            sb_text_printf(&data, "{\"a\":%d,\"s\":\"open\n", i);
            expected_bad++;
        } else {
            sb_text_printf(&data, "{\"x\":[%d,{\"y\":\"%d\"}],\"s\":\"%0*d\",\"a\":%d}\n", i, i,
                           i % 40 + 1, i, i);
        }
    }
    const sb_schema *schema = sb_test_schema(arena, "a INT, s STRING, unused BIGINT");
    sb_format_table table = sb_test_table(schema, NULL);
    static const int32_t two[] = {1, 0};
    sb_text_clear(&out);
    sb_test_decode(&sb_format_json, &table, two, 2, data.data, data.size, 0, 4096, &out);
    int bad = 0, next = 0;
    for (const char *p = out.data; *p; p = strchr(p, '\n') + 1) {
        if (strncmp(p, "BAD", 3) == 0) {
            bad++;
            continue;
        }
        next += next % 97 == 0;
        char line[128];
        snprintf(line, sizeof line, "{\"op\":\"+I\",\"data\":{\"s\":\"%0*d\",\"a\":%d}}\n",
                 next % 40 + 1, next, next);
        assert_memory_equal(p, line, strlen(line));
        next++;
    }
    assert_int_equal(bad, expected_bad);
    assert_int_equal(next, 20000);
    sb_text_deinit(&data);
}

/* Every length of an integer, either sign, and a byte that is no digit at every place. */
static void
test_integer_lengths(void **state)
{
    (void)state;
    static const char digits[] = "9876543210123456789";
    for (int size = 1; size <= 19; size++) {
        for (int negative = 0; negative < 2; negative++) {
            char data[96], want[96];
            const char *from = size == 19 ? "9223372036854775807" : digits;
            const char *sign = negative ? "-" : "";
            snprintf(data, sizeof data, "{\"l\":%s%.*s}", sign, size, from);
            snprintf(want, sizeof want, "{\"op\":\"+I\",\"data\":{\"l\":%s%.*s}}\n", sign, size,
                     from);
            assert_string_equal(decode(&sb_format_json, "l BIGINT", NULL, data), want);
            for (int bad = 1; bad < size; bad++) { /* ':' and '/' stand next to the digits */
                for (int k = 0; k < 2; k++) {
                    snprintf(data, sizeof data, "{\"l\":\"%s%.*s\"}", sign, size, from);
                    data[6 + negative + bad] = ":/"[k];
                    assert_memory_equal(decode(&sb_format_json, "l BIGINT", NULL, data), "BAD", 3);
                    snprintf(data, sizeof data, "{\"l\":%s%.*s}", sign, size, from);
                    data[5 + negative + bad] = "x/"[k];
                    assert_memory_equal(decode(&sb_format_json, "l BIGINT", NULL, data), "BAD", 3);
                }
            }
        }
    }
}

/* ---- lines of one shape are read another way: both must agree ---- */

typedef struct shape_world {
    const sb_format *format;
    const char *schema;
    const char *line; /* # stands for a number */
} shape_world;

static uint64_t
draw(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = (*state ^ (*state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB) >> 16;
}

/* One line, often the plain one, else with bytes changed, put in, taken out. */
static void
put_shaped_line(const shape_world *w, uint64_t *random, uint32_t odd_one_in, sb_text *to)
{
    static const char bytes[] = "\"\\{}[],:0a \t.-+eEtfn\x01\x7f\xc3\xa9\r";
    char line[512];
    const char *hash = strchr(w->line, '#');
    int size = snprintf(line, sizeof line, "%.*s%d%s", (int)(hash - w->line), w->line,
                        (int)(draw(random) % 100000), hash + 1);
    while (draw(random) % odd_one_in == 0 && size > 1) {
        int at = (int)(draw(random) % (uint64_t)size);
        char byte = bytes[draw(random) % (sizeof bytes - 1)];
        switch (draw(random) % 4) {
        case 0: line[at] = byte; break;
        case 1: /* put in */
            memmove(line + at + 1, line + at, (size_t)(size++ - at));
            line[at] = byte;
            break;
        case 2: /* taken out */ memmove(line + at, line + at + 1, (size_t)(--size - at)); break;
        default: /* a piece twice */
            if (size < 200 && at > 10) {
                memmove(line + at, line + at - 10, (size_t)(size - at + 10));
                size += 10;
            }
        }
    }
    sb_text_append(to, line, (size_t)size);
    sb_text_add(to, draw(random) % 16 == 0 ? "\r\n" : "\n");
}

static char *
decode_shaped(const shape_world *w, const sb_text *data, int first_slow)
{
    static const int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const sb_schema *schema = sb_test_schema(arena, w->schema);
    sb_format_table table = sb_test_table(schema, NULL);
    sb_text input;
    sb_text_init(&input, sb_mem_root());
    if (first_slow) { /* nothing can be learned from it: the general way for the whole window */
        sb_text_add(&input, "[]\n");
    }
    sb_text_append(&input, data->data, data->size);
    sb_text_clear(&out);
    sb_test_decode(w->format, &table, all, schema->count, input.data, input.size, 0, 4096, &out);
    sb_text_deinit(&input);
    return strdup(first_slow ? strchr(out.data, '\n') + 1 : out.data);
}

static void
test_shapes(void **state)
{
    static const shape_world worlds[] = {
        {&sb_format_json, "a INT, s STRING, b BIGINT",
         "{\"a\":#,\"s\":\"some text of more than sixteen bytes\",\"unused\":\"x\",\"b\":12}"},
        {&sb_format_json, "a INT, r ROW<x INT, y STRING>, f BOOLEAN",
         "{\"f\": true, \"r\": {\"y\": \"why\", \"z\": {\"deep\": null}, \"x\": #}, \"a\": 1.5}"},
        {&sb_format_changelog_json, "a INT, d DOUBLE, t TIMESTAMP(3)",
         "{\"op\":\"-U\",\"data\":{\"d\":-1.5E3,\"a\":#,\"t\":\"2024-01-02 03:04:05.678\"}}"},
        {&sb_format_json, "a INT, n BIGINT, s STRING",
         "{\"a\":#,\"a key of more than sixteen "
         "bytes\":12345678901234567890123,\"o\":{\"p\":{\"q\":"
         "true}},\"s\":\"\",\"n\":-7}"},
        {&sb_format_json, "a INT, s STRING", "{\"s\":\"short\",\t\"a\":#}"},
    };
    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        const shape_world *w = &worlds[seed % (sizeof worlds / sizeof worlds[0])];
        uint64_t random = seed;
        uint32_t odd_one_in = seed % 7 == 0 ? 1000000 : 2 + (uint32_t)(draw(&random) % 60);
        sb_text data;
        sb_text_init(&data, sb_mem_root());
        put_shaped_line(w, &random, 1000000, &data);
        for (int i = 0; i < 60; i++) {
            put_shaped_line(w, &random, odd_one_in, &data);
        }
        if (draw(&random) % 2) {
            data.size--; /* no line end at the end */
        }
        char *fast = decode_shaped(w, &data, 0), *slow = decode_shaped(w, &data, 1);
        /* Of bad records the reasons are told with line and offset, which differ. */
        for (char *a = fast, *b = slow; *a || *b;) {
            char *a_end = strchr(a, '\n'), *b_end = strchr(b, '\n');
            assert_true(a_end && b_end);
            if (strncmp(a, "BAD", 3) == 0) {
                assert_memory_equal(b, "BAD", 3);
            } else {
                assert_int_equal(a_end - a, b_end - b);
                assert_memory_equal(a, b, (size_t)(a_end - a));
            }
            a = a_end + 1;
            b = b_end + 1;
        }
        free(fast);
        free(slow);
        sb_text_deinit(&data);
    }
}

/* Marks of random text, looked at one by one. */
static void
test_marks(void **state)
{
    enum { SIZE = 3 * SB_JSON_MARKS_PIECE };

    static const char bytes[] = "\"\\\n\r\t\x01\x1f\x7f\x80\xff a{";
    char *text = sb_alloc(sb_mem_root(), SIZE + SB_FORMAT_PADDING);
    sb_json_marks *marks = sb_alloc(sb_mem_root(), sizeof *marks);
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t random = seed;
        uint32_t size =
            seed % 4 == 0 ? (uint32_t)(draw(&random) % 200) : (uint32_t)(draw(&random) % SIZE);
        uint64_t one_in = 1 + draw(&random) % 40;
        for (uint32_t i = 0; i < SIZE + SB_FORMAT_PADDING; i++) {
            text[i] = draw(&random) % one_in ? 'x' : bytes[draw(&random) % (sizeof bytes - 1)];
        }
        sb_json_marks_begin(marks, text, size);
        marks->narrow = seed % 2;
        for (uint32_t i = 0; i <= size; i++) {
            unsigned char c = (unsigned char)text[i];
            if (i < size && c != '"' && c != '\\' && c >= ' ' && c < 0x80) {
                continue;
            }
            assert_true(sb_json_marks_have(marks, 1));
            if (draw(&random) % 8 == 0) { /* all it may be asked for, or as many as there are */
                (void)sb_json_marks_have(marks, SB_JSON_MARKS_NEED);
            }
            assert_int_equal(marks->at[marks->next++], i);
        }
        assert_false(sb_json_marks_have(marks, 1));
    }
    sb_free(sb_mem_root(), marks, sizeof *marks);
    sb_free(sb_mem_root(), text, SIZE + SB_FORMAT_PADDING);
}

static void
check_options(const char *schema, sb_test_options options, bool envelope, const char *message)
{
    sb_error err;
    sb_format_facts facts;
    sb_error_clear(&err);
    sb_format_table table = sb_test_table(sb_test_schema(arena, schema), &options);
    const sb_format *format = envelope ? &sb_format_changelog_json : &sb_format_json;
    sb_status status = format->check(&table, true, &facts, &err);
    if (!message) {
        assert_int_equal(status, SB_OK);
        return;
    }
    assert_int_not_equal(status, SB_OK);
    assert_string_equal(err.message, message);
}

static void
test_options(void **state)
{
    (void)state;
    check_options("a INT", (sb_test_options){{NULL}}, false, NULL);
    check_options("a INT", (sb_test_options){{"ignore-parse-errors", "yes", NULL}}, false,
                  "option 'ignore-parse-errors' = 'yes': expected true or false");
    check_options(
        "a INT",
        (sb_test_options){{"ignore-parse-errors", "true", "fail-on-missing-field", "true", NULL}},
        false,
        "option 'fail-on-missing-field' = 'true': cannot be true together with "
        "ignore-parse-errors");
    check_options("a INT", (sb_test_options){{"timestamp-format.standard", "iso", NULL}}, false,
                  "option 'timestamp-format.standard' = 'iso': expected SQL or ISO-8601");
    check_options("a INT", (sb_test_options){{"changelog-mode", "I, UA,D", NULL}}, true, NULL);
    check_options("a INT", (sb_test_options){{"changelog-mode", "I,X", NULL}}, true,
                  "option 'changelog-mode' = 'I,X': expected I, UB, UA, D separated by commas");
    check_options("a ROW<m MULTISET<STRING>>", (sb_test_options){{NULL}}, true,
                  "not supported: reading a MULTISET from JSON (column 'a')");
    check_options("a MAP<INT, INT>", (sb_test_options){{NULL}}, false,
                  "column 'a': JSON has no map keys other than strings");
    check_options(
        "a MULTISET<INT>", (sb_test_options){{NULL}}, false,
        "column 'a': JSON writes a MULTISET as a map of its values, which must be strings");
}

static void
test_facts(void **state)
{
    (void)state;
    sb_error err;
    sb_format_facts facts;
    static const int32_t key[] = {0};
    sb_format_table table = sb_test_table(sb_test_schema(arena, "a INT, b INT"), NULL);
    assert_int_equal(sb_format_changelog_json.check(&table, true, &facts, &err), SB_OK);
    assert_int_equal(facts.row_ops, 15);
    table.count_key = 1;
    table.key = key;
    assert_int_equal(sb_format_changelog_json.check(&table, true, &facts, &err), SB_OK);
    assert_int_equal(facts.row_ops, 15);
    assert_int_equal(sb_format_changelog_json.check(&table, false, &facts, &err), SB_OK);
    assert_int_equal(facts.row_ops,
                     1 << SB_ROW_INSERT | 1 << SB_ROW_UPDATE_AFTER | 1 << SB_ROW_DELETE);
    assert_true(facts.upsert);
    sb_test_options all = {{"changelog-mode", "I,UB,UA,D", "delete-by-key", "true", NULL}};
    table = sb_test_table(table.columns, &all);
    table.count_key = 1;
    assert_int_equal(sb_format_changelog_json.check(&table, false, &facts, &err), SB_OK);
    assert_int_equal(facts.row_ops, 15);
    assert_false(facts.upsert);
    assert_true(facts.delete_by_key);
    assert_int_equal(sb_format_json.check(&table, true, &facts, &err), SB_OK);
    assert_int_equal(facts.row_ops, 1 << SB_ROW_INSERT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_coercions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_types_there_and_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_and_unknown_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nested_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lists_and_maps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changelog, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ignoring_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_field_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_escapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_torn_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_integer_lengths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_shapes, set_up, tear_down),
        cmocka_unit_test(test_marks),
        cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_facts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
