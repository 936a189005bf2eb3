/*
 * formats/sniff_test.c -- what is guessed from files; every expected answer is written by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/format.h"
#include "formats/sniff.h"

static sb_error err;

static sb_sniff_file
file_of(const char *name, const char *text, bool whole)
{
    size_t size = strlen(text);
    char *data = sb_arena_alloc(arena, size + SB_FORMAT_PADDING);
    memcpy(data, text, size);
    return (sb_sniff_file){name, sb_str_of(name), data, size, whole, false};
}

/* "json 2: a BIGINT, b STRING; key=value" or the message of the error. */
static const char *
guess_files(const sb_sniff_file *files, int32_t count)
{
    sb_sniff_guess guess;
    sb_text_clear(&out);
    sb_error_clear(&err);
    if (sb_sniff(arena, sb_mem_root(), files, count, &guess, &err) != SB_OK) {
        return err.message;
    }
    sb_text_printf(&out, "%s %lld:", guess.format, (long long)guess.rows);
    for (int32_t i = 0; i < guess.columns.count; i++) {
        sb_text_printf(&out, "%s %s ", i > 0 ? "," : "", guess.columns.fields[i].name);
        sb_type_print(&guess.columns.fields[i].type, &out);
    }
    for (int32_t i = 0; i < guess.count_options; i++) {
        if (!strstr(guess.options[i].key, "strict-types") &&
            !strstr(guess.options[i].key, "empty-string")) {
            sb_text_printf(&out, "; %s=%s", strchr(guess.options[i].key, '.') + 1,
                           guess.options[i].value);
        }
    }
    return out.data;
}

static const char *
guess(const char *name, const char *text)
{
    sb_sniff_file file = file_of(name, text, true);
    return guess_files(&file, 1);
}

typedef struct one_case {
    const char *text, *expected;
} one_case;

static void
check_cases(const char *name, const one_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(guess(name, cases[i].text), cases[i].expected);
    }
}

static void
test_json_scalars(void **state)
{
    (void)state;
    static const one_case cases[] = {
        {"{\"a\":1}", "json 1: a BIGINT"},
        {"{\"a\":-1}\n{\"a\":null}\n", "json 2: a BIGINT"},
        {"{\"a\":1}\n\n{\"b\":true}\n", "json 2: a BIGINT, b BOOLEAN"},
        {"{\"a\":9223372036854775807}", "json 1: a BIGINT"},
        {"{\"a\":9223372036854775808}", "json 1: a DECIMAL(38, 0)"},
        {"{\"a\":-9223372036854775808}\n{\"a\":18446744073709551615}", "json 2: a DECIMAL(38, 0)"},
        {"{\"a\":1}\n{\"a\":1.5}", "json 2: a DOUBLE"},
        {"{\"a\":1e3}", "json 1: a DOUBLE"},
        {"{\"a\":123456789012345678901234567890123456789}", "json 1: a DOUBLE"},
        {"{\"a\":1}\n{\"a\":\"1\"}", "json 2: a STRING"},
        {"{\"a\":true}\n{\"a\":0}", "json 2: a STRING"},
        {"{\"a\":null}", "json 1: a STRING"},
        {"{\"a\":\"\"}", "json 1: a STRING"},
        {"{\"a\":\"true\"}", "json 1: a STRING"},
        {"{\"a\":\"12\"}", "json 1: a STRING"},
        {"{\"a \\u0062\\\"\":1}", "json 1: a b\" BIGINT"},
        {" {\"a\" : 1 , \"b\" : [ 1 , 2 ] } \r\n", "json 1: a BIGINT, b ARRAY<BIGINT>"},
    };

    check_cases("x.json", cases, sizeof cases / sizeof cases[0]);
}

static void
test_json_times(void **state)
{
    (void)state;
    static const one_case cases[] = {
        {"{\"a\":\"2024-02-29\"}", "json 1: a DATE"},
        {"{\"a\":\"2023-02-29\"}", "json 1: a STRING"},
        {"{\"a\":\"2024-02-29x\"}", "json 1: a STRING"},
        {"{\"a\":\"12:30:00\"}", "json 1: a TIME(0)"},
        {"{\"a\":\"2024-01-01 10:00:00\"}", "json 1: a TIMESTAMP(3)"},
        {"{\"a\":\"2024-01-01 24:00:00\"}", "json 1: a STRING"},
        {"{\"a\":\"2024-02-30 10:00:00\"}", "json 1: a STRING"},
        {"{\"a\":\"2024-01-01 10:00:00.1234\"}", "json 1: a TIMESTAMP(6)"},
        {"{\"a\":\"2024-01-01 10:00:00.123456789\"}\n{\"a\":\"2024-01-01 10:00:00\"}",
         "json 2: a TIMESTAMP(9)"},
        {"{\"a\":\"2024-01-01 10:00:00.5Z\"}", "json 1: a TIMESTAMP_LTZ(3)"},
        {"{\"a\":\"2024-01-01T10:00:00\"}",
         "json 1: a TIMESTAMP(3); timestamp-format.standard=ISO-8601"},
        {"{\"a\":\"2024-01-01T10:00:00Z\"}",
         "json 1: a TIMESTAMP_LTZ(3); timestamp-format.standard=ISO-8601"},
        {"{\"a\":\"2024-01-01T10:00:00+01:00\"}", "json 1: a STRING"},
        /* one table reads timestamps of one standard */
        {"{\"a\":\"2024-01-01T10:00:00\",\"b\":\"2024-01-01 10:00:00\"}",
         "json 1: a STRING, b TIMESTAMP(3)"},
        {"{\"a\":\"2024-01-01\"}\n{\"a\":\"2024-01-01 10:00:00\"}", "json 2: a STRING"},
        {"{\"a\":\"2024-01-01T10:00:00\"}\n{\"a\":\"2024-01-01T10:00:00Z\"}",
         "json 2: a STRING; timestamp-format.standard=ISO-8601"},
    };

    check_cases("x.ndjson", cases, sizeof cases / sizeof cases[0]);
}

static void
test_json_nested(void **state)
{
    (void)state;
    static const one_case cases[] = {
        {"{\"a\":{\"x\":1}}\n{\"a\":{\"y\":\"t\",\"x\":2.5}}",
         "json 2: a ROW<`x` DOUBLE, `y` STRING>"},
        {"{\"a\":[]}", "json 1: a ARRAY<STRING>"},
        {"{\"a\":[null,1]}\n{\"a\":[2.5]}", "json 2: a ARRAY<DOUBLE>"},
        {"{\"a\":[[1],[2]]}", "json 1: a ARRAY<ARRAY<BIGINT>>"},
        {"{\"a\":[{\"x\":1},{\"y\":true}]}", "json 1: a ARRAY<ROW<`x` BIGINT, `y` BOOLEAN>>"},
        {"{\"a\":[1,\"x\"]}", "json 1: a ARRAY<STRING>"},
        {"{\"a\":{}}", "json 1: a STRING"},
        {"{\"a\":{\"x\":1}}\n{\"a\":[1]}", "json 2: a STRING"},
        {"{\"a\":{\"x\":1}}\n{\"a\":1}", "json 2: a STRING"},
        {"{\"a\":{\"x\":{\"y\":{\"z\":\"2024-01-01\"}}}}",
         "json 1: a ROW<`x` ROW<`y` ROW<`z` DATE>>>"},
    };

    check_cases("x.jsonl", cases, sizeof cases / sizeof cases[0]);
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_text_add(&text, "{\"m\":{");
    for (int i = 0; i <= SB_SNIFF_FIELDS; i++) {
        sb_text_printf(&text, "%s\"key%d\":%d", i > 0 ? "," : "", i, i);
    }
    sb_text_add(&text, "}}");
    assert_string_equal(guess("x.json", text.data), "json 1: m MAP<STRING NOT NULL, BIGINT>");
    sb_text_clear(&text);
    sb_text_add(&text, "{\"d\":");
    for (int i = 0; i < 100; i++) {
        sb_text_add(&text, "[");
    }
    for (int i = 0; i < 100; i++) {
        sb_text_add(&text, "]");
    }
    sb_text_add(&text, "}");
    const char *deep = guess("x.json", text.data);
    assert_non_null(strstr(deep, "ARRAY<ARRAY<STRING>>"));
    assert_null(strstr(err.message, "x"));
    sb_text_deinit(&text);
}

static void
test_json_refused(void **state)
{
    (void)state;
    static const one_case cases[] = {
        {"[{\"a\":1}]",
         "not supported: file 'x.json', line 1: a JSON array in place of a JSON object on each "
         "line"},
        {"{\"a\":1}\n{\"a\":\n", "file 'x.json', line 2: no JSON object: {\"a\":"},
        {"{\n", "file 'x.json', line 1: no JSON object: {"},
        {"{\"a\":1} x", "file 'x.json', line 1: no JSON object: {\"a\":1} x"},
        {"{\"a\":tru}", "file 'x.json', line 1: no JSON object: {\"a\":tru}"},
        {"{\"a\":01}", "file 'x.json', line 1: no JSON object: {\"a\":01}"},
        {"1\n", "file 'x.json', line 1: no JSON object: 1"},
        {"{\"a\":\"x", "file 'x.json', line 1: no JSON object: {\"a\":\"x"},
        {"{}\n", "file 'x.json' has no JSON object with a field to guess columns from"},
        {"", "file 'x.json' is empty: there is nothing to guess columns from"},
    };

    check_cases("x.json", cases, sizeof cases / sizeof cases[0]);
}

static void
test_csv(void **state)
{
    (void)state;
    static const one_case cases[] = {
        {"a,b\n1,x\n", "csv 1: a BIGINT, b STRING; header=match"},
        {"1,x\n2,y\n", "csv 2: column0 BIGINT, column1 STRING"},
        {"a;b\n1;2.5\n", "csv 1: a BIGINT, b DOUBLE; header=match; field-delimiter=;"},
        {"a\tb\n1\t2\n", "csv 1: a BIGINT, b BIGINT; header=match; field-delimiter=\t"},
        {"a|b\r\n1|2\r\n", "csv 1: a BIGINT, b BIGINT; header=match; field-delimiter=|"},
        {"a,b\n\"1;2\",\"x;y;z\"\n", "csv 1: a STRING, b STRING; header=match"},
        {"name,note\nann,\"two\nlines, \"\"q\"\"\"\n",
         "csv 1: name STRING, note STRING; header=match"},
        {"a\n1\n2\n", "csv 2: a BIGINT; header=match"},
        {"1\n2\n", "csv 2: column0 BIGINT"},
        {"a,b\n", "csv 0: a STRING, b STRING; header=match"},
        {"a,a\n1,2\n", "csv 1: a BIGINT, a_1 BIGINT; header=skip"},
        {"x,x\ny,y\n", "csv 2: column0 STRING, column1 STRING"},
        {"a,,c\n1,2,3\n", "csv 2: column0 STRING, column1 BIGINT, column2 STRING"},
        {"a,b\n,2\n", "csv 1: a STRING, b BIGINT; header=match"},
        {"a,b\ntrue,2024-01-01\nFALSE,2024-12-31\n", "csv 2: a BOOLEAN, b DATE; header=match"},
        {"a,b\n2024-01-01 10:00:00.25,10:11:12\n",
         "csv 1: a TIMESTAMP(3), b TIME(0); header=match"},
        {"zip,n\n01234,1\n", "csv 1: zip STRING, n BIGINT; header=match"},
        {"a,b\n0,0.5\n-0,.5\n", "csv 2: a BIGINT, b DOUBLE; header=match"},
        {"a,b\nNaN,1d\n", "csv 1: a STRING, b STRING; header=match"},
        {"a,b\n1e5, 7\n", "csv 1: a DOUBLE, b BIGINT; header=match"},
        {"a,b\n2024-01-01T10:00:00,1\n", "csv 1: a STRING, b BIGINT; header=match"},
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         "csv 1: a BIGINT, b BIGINT; header=match"},
        {"\na,b\n1,2\n", "csv 1: a BIGINT, b BIGINT; header=match"},
        {"a,b\n1\n2,3\n4,5\n6,7\n8,9\n", "csv 4: a BIGINT, b BIGINT; header=match"},
    };

    check_cases("x.csv", cases, sizeof cases / sizeof cases[0]);
    assert_string_equal(guess("x.tsv", "a\tb,c\n1\t2\n"),
                        "csv 1: a BIGINT, b,c BIGINT; header=match; field-delimiter=\t");
}

static void
test_unknown_names(void **state)
{
    (void)state;
    assert_string_equal(guess("data", "{\"a\":1}\n"), "json 1: a BIGINT");
    assert_string_equal(guess("data", "a,b\n1,2\n"), "csv 1: a BIGINT, b BIGINT; header=match");
    assert_string_equal(guess("data", "some words\nmore, words\n"), "raw 2: line STRING");
    assert_string_equal(guess("x.log", "a,b\nc,d\n"), "raw 2: line STRING");
    assert_string_equal(guess("x.log", "{\"a\":1}\n"), "json 1: a BIGINT");
    assert_string_equal(guess("x.txt", "{not json\n"), "raw 1: line STRING");
    assert_string_equal(guess("data", "\xFF\xFE\x01"),
                        "not supported: file 'data' is neither JSON nor text in UTF-8");
    assert_string_equal(guess("x.parquet", "PAR1"),
                        "not supported: the format of file 'x.parquet'");
}

static void
test_several_files(void **state)
{
    (void)state;
    sb_sniff_file csv[] = {file_of("1.csv", "", true), file_of("2.csv", "a,b\n1,2\n", true),
                           file_of("3.csv", "a,b\n1.5,x\n", true)};
    assert_string_equal(guess_files(csv, 3), "csv 2: a DOUBLE, b STRING; header=match");
    sb_sniff_file json[] = {file_of("1.json", "{\"a\":1}\n", true),
                            file_of("2.json", "{\"b\":2}\n", true)};
    assert_string_equal(guess_files(json, 2), "json 2: a BIGINT, b BIGINT");
    sb_sniff_file mixed[] = {file_of("1.json", "{\"a\":1}\n", true), file_of("2.csv", "a\n", true)};
    assert_string_equal(
        guess_files(mixed, 2),
        "not supported: files of several kinds as one table ('1.json' and '2.csv')");
}

/* What a sample cuts in two is not looked at. */
static void
test_cut_samples(void **state)
{
    (void)state;
    sb_sniff_file file = file_of("x.json", "{\"a\":1}\n{\"a\":\"te", false);
    assert_string_equal(guess_files(&file, 1), "json 1: a BIGINT");
    file = file_of("x.csv", "a,b\n1,2\n3,\"te", false);
    assert_string_equal(guess_files(&file, 1), "csv 1: a BIGINT, b BIGINT; header=match");
    file = file_of("x.csv", "a,b\n1,2\n3,te", false);
    assert_string_equal(guess_files(&file, 1), "csv 1: a BIGINT, b BIGINT; header=match");
    file = file_of("x.log", "one\ntw\xC3", false);
    assert_string_equal(guess_files(&file, 1), "raw 1: line STRING");
}

static void
test_limits(void **state)
{
    (void)state;
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    for (int i = 0; i < SB_SNIFF_ROWS; i++) {
        sb_text_add(&text, "{\"a\":1}\n");
    }
    sb_text_add(&text, "{\"a\":\"behind the sample\"}\nnonsense\n");
    assert_string_equal(guess("x.json", text.data), "json 20480: a BIGINT");
    sb_text_clear(&text);
    for (int i = 0; i <= SB_SNIFF_COLUMNS; i++) {
        sb_text_printf(&text, "%sc%d", i > 0 ? "," : "", i);
    }
    assert_string_equal(guess("x.csv", text.data), "file 'x.csv' has more than 2000 columns");
    sb_text_deinit(&text);
}

/* Records that stand by themselves: the first one names nothing. */
static void
test_no_header(void **state)
{
    (void)state;
    sb_sniff_file file = file_of("topic", "a,b\nc,1\n", true);
    assert_string_equal(guess_files(&file, 1), "csv 1: a STRING, b BIGINT; header=match");
    file.no_header = true;
    assert_string_equal(guess_files(&file, 1), "csv 2: column0 STRING, column1 STRING");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_json_scalars, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json_nested, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_csv, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_several_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_samples, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_header, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
