/*
 * formats/cdc_test.c -- debezium-json, canal-json, maxwell-json: what Flink's answers
 * (flink_vectors_test) do not show: reasons, limits, lines, projection.
 *
 * Expected values: by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/formats_testing.h"

static const char *
decode(const sb_format *format, const sb_test_options *options, const char *message)
{
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT, name STRING"), options);
    sb_str record = sb_str_of(message);
    sb_text_clear(&out);
    sb_test_decode_records(format, &table, &record, 1, SB_TEST_APART, SB_RECORD_ROWS_MAX, &out);
    return out.data;
}

static void
test_reasons(void **state)
{
    (void)state;

    static const struct {
        const sb_format *format;
        const char *message, *want;
    } cases[] = {
        {&sb_format_debezium_json, "{\"before\":null,\"after\":{\"id\":1},\"op\":\"u\"}",
         "BAD 0 \"before\" of an update is missing: a Postgres table needs REPLICA IDENTITY "
         "FULL\n"},
        {&sb_format_debezium_json, "{\"before\":null,\"op\":\"d\"}",
         "BAD 0 \"before\" of a delete is missing: a Postgres table needs REPLICA IDENTITY "
         "FULL\n"},
        {&sb_format_debezium_json, "{\"after\":{\"id\":1},\"op\":\"z\"}",
         "BAD 0 \"op\" is not one of c r u d t\n"},
        {&sb_format_debezium_json, "{\"after\":{\"id\":1}}", "BAD 0 \"op\" is missing\n"},
        {&sb_format_debezium_json, "{\"after\":{\"id\":\"x\"},\"op\":\"c\"}",
         "BAD 0 field 'id' cannot be read as INT: \"x\"\n"},
        {&sb_format_debezium_json, "{\"op\":\"t\",\"source\":{}}", ""}, /* a table was emptied */
        {&sb_format_canal_json, "{\"type\":\"INSERT\",\"data\":null}",
         "BAD 0 \"data\" is missing\n"},
        {&sb_format_canal_json, "{\"type\":\"UPDATE\",\"data\":[{\"id\":1}],\"old\":[]}",
         "BAD 0 an element of \"old\" is missing\n"},
        {&sb_format_maxwell_json, "{\"type\":\"update\",\"data\":{\"id\":1}}",
         "BAD 0 \"old\" is missing\n"},
        {&sb_format_ogg_json, "{\"op_type\":\"I\"}", "BAD 0 \"after\" is missing\n"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(decode(cases[i].format, NULL, cases[i].message), cases[i].want);
    }
}

/* Messages of other tables are not looked at, however bad they are. */
static void
test_include(void **state)
{
    (void)state;
    const sb_test_options options = {.pairs = {"table.include", "users|orders", NULL}};
    static const char bad[] = "{\"type\":\"INSERT\",\"data\":[{\"id\":\"x\"}],\"table\":\"%s\"}";
    char message[128];
    snprintf(message, sizeof message, bad, "logs");
    assert_string_equal(decode(&sb_format_canal_json, &options, message), "");
    snprintf(message, sizeof message, bad, "orders");
    assert_string_equal(decode(&sb_format_canal_json, &options, message),
                        "BAD 0 field 'data' cannot be read as ARRAY<ROW<`id` INT, `name` "
                        "STRING>>: [{\"id\":\"x\"}]\n");
    const sb_test_options wrong = {.pairs = {"table.include", "users(", NULL}};
    assert_string_equal(
        decode(&sb_format_canal_json, &wrong, "{}"),
        "ERROR option 'table.include' = 'users(': missing closing parenthesis at character 7\n");
}

static sb_str
canal_list(int rows, const char *tail)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_text_add(&text, "{\"type\":\"INSERT\",\"data\":[");
    for (int i = 0; i < rows; i++) {
        sb_text_printf(&text, "%s{\"id\":%d}", i ? "," : "", i);
    }
    sb_text_printf(&text, "]%s}", tail);
    char *copy = sb_arena_strdup(arena, text.data);
    sb_text_deinit(&text);
    return sb_str_of(copy);
}

static int
count_lines(const char *text, const char *begin)
{
    int count = 0;
    for (const char *lf; *text; text = lf + 1) {
        lf = strchr(text, '\n');
        count += strncmp(text, begin, strlen(begin)) == 0;
    }
    return count;
}

/* Lists whose rows do not fit into a call any more come with the next one; too long ones never. */
static void
test_lists(void **state)
{
    (void)state;
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT"), NULL);
    sb_str records[] = {canal_list(1500, ""), canal_list(2048, ""), canal_list(2049, ""),
                        canal_list(700, ""),  canal_list(0, ""),    canal_list(1, "")};
    sb_text_clear(&out);
    sb_test_decode_records(&sb_format_canal_json, &table, records, 6, SB_TEST_FRAMED,
                           SB_RECORD_ROWS_MAX, &out);
    assert_int_equal(count_lines(out.data, "0 {"), 1500);
    assert_int_equal(count_lines(out.data, "1 {"), 2048);
    assert_int_equal(count_lines(out.data, "BAD 2 makes too many rows"), 0);
    assert_int_equal(count_lines(out.data, "BAD"), 1);
    assert_non_null(strstr(out.data, " makes too many rows\n"));
    assert_int_equal(count_lines(out.data, "3 {"), 700);
    assert_int_equal(count_lines(out.data, "5 {"), 1);
}

/* Updates make two rows: never is one left behind, whatever the limit is. */
static void
test_many_updates(void **state)
{
    (void)state;
    static char text[3000][64];
    static sb_str records[3000];
    for (int i = 0; i < 3000; i++) {
        int size = snprintf(text[i], sizeof text[i],
                            "{\"before\":{\"id\":%d},\"after\":{\"id\":%d},\"op\":\"u\"}", i, -i);
        records[i] = (sb_str){text[i], (size_t)size};
    }
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT"), NULL);
    sb_text want;
    sb_text_init(&want, sb_mem_root());
    for (int i = 0; i < 3000; i++) {
        sb_text_printf(&want, "%d {\"op\":\"-U\",\"data\":{\"id\":%d}}\n", i, i);
        sb_text_printf(&want, "%d {\"op\":\"+U\",\"data\":{\"id\":%d}}\n", i, -i);
    }
    for (int32_t limit = SB_RECORD_ROWS_MAX; limit < SB_RECORD_ROWS_MAX + 2; limit++) {
        sb_text_clear(&out);
        sb_test_decode_records(&sb_format_debezium_json, &table, records, 3000, SB_TEST_FRAMED,
                               limit, &out);
        assert_string_equal(out.data, want.data);
    }
    sb_text_deinit(&want);
}

/* In files every line is a message. */
static void
test_lines(void **state)
{
    (void)state;
    static const char data[] = "{\"after\":{\"id\":1,\"name\":\"a\"},\"op\":\"c\"}\n"
                               "\n"
                               "{\"after\":{\"id\":2},\"op\":\"?\"}\n"
                               "{\"before\":{\"id\":1},\"after\":{\"id\":3},\"op\":\"u\"}\r\n"
                               "{\"before\":{\"id\":3},\"op\":\"d\"}";
    static const char want[] = "BAD 3 40 \"op\" is not one of c r u d t\n"
                               "{\"op\":\"+I\",\"data\":{\"id\":1}}\n"
                               "{\"op\":\"-U\",\"data\":{\"id\":1}}\n"
                               "{\"op\":\"+U\",\"data\":{\"id\":3}}\n"
                               "{\"op\":\"-D\",\"data\":{\"id\":3}}\n";
    static const int32_t first[] = {0};
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT, name STRING"), NULL);
    sb_text_clear(&out);
    sb_test_decode(&sb_format_debezium_json, &table, first, 1, data, sizeof data - 1, 0, 4096,
                   &out);
    assert_string_equal(out.data, want);
    sb_text rows;
    sb_text_init(&rows, sb_mem_root());
    for (size_t cut = 1; cut < sizeof data - 1; cut++) { /* wherever the input is cut */
        sb_text_clear(&out);
        sb_text_clear(&rows);
        sb_test_decode(&sb_format_debezium_json, &table, first, 1, data, sizeof data - 1, cut, 3,
                       &out);
        assert_int_equal(count_lines(out.data, "{"), 4);
        assert_int_equal(count_lines(out.data, "BAD 3 40 "), 1);
    }
    sb_text_deinit(&rows);
}

static void
test_metadata(void **state)
{
    (void)state;
    sb_error err;
    sb_type type;
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT"), NULL);
    assert_int_equal(sb_format_canal_json.metadata(&table, "nothing", &type, &err),
                     SB_STATUS_NOT_FOUND);
    assert_string_equal(err.message,
                        "the format has no metadata 'nothing'; it has database, table, sql-type, "
                        "pk-names, ingestion-timestamp, event-timestamp");
    assert_int_equal(sb_format_debezium_json.metadata(&table, "source.timestamp", &type, &err),
                     SB_OK);
    sb_text_clear(&out);
    sb_type_print(&type, &out);
    assert_string_equal(out.data, "TIMESTAMP_LTZ(3)");
}

/* No columns at all: rows are counted. */
static void
test_no_columns(void **state)
{
    (void)state;
    static const char data[] = "{\"after\":{\"id\":\"x\"},\"op\":\"c\"}\n"
                               "{\"before\":{},\"after\":{},\"op\":\"u\"}\n";
    sb_error err;
    sb_decoder *decoder;
    uint8_t ops[16];
    char padded[sizeof data + SB_FORMAT_PADDING] = {0};
    memcpy(padded, data, sizeof data);
    sb_format_table table = sb_test_table(sb_test_schema(arena, "id INT"), NULL);
    assert_int_equal(
        sb_format_debezium_json.decoder(sb_mem_root(), &table, NULL, 0, &decoder, &err), SB_OK);
    sb_decode call = {
        .data = padded, .size = sizeof data - 1, .final = true, .limit_rows = 16, .ops = ops};
    assert_int_equal(decoder->vtable->decode(decoder, &call, &err), SB_OK);
    assert_int_equal(call.rows, 3);
    sb_decoder_free(decoder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reasons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_include, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_updates, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_metadata, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_columns, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
