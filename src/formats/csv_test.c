/*
 * formats/csv_test.c -- csv and raw, both ways.
 *
 * Expected values: recorded from Flink 2.3 (tests/oracle/cases/csv-..., sink-json-csv-raw,
 * raw-lines), else by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/fixture_testing.h"
#include "formats/formats_testing.h"

static const int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static const char *
decode(const char *schema, const sb_test_options *options, const char *data)
{
    const sb_schema *s = sb_test_schema(arena, schema);
    sb_format_table table = sb_test_table(s, options);
    sb_text_clear(&out);
    sb_test_decode(&sb_format_csv, &table, all, s->count, data, strlen(data), 0, 4096, &out);
    return out.data;
}

static void
test_quotes(void **state)
{
    (void)state;
    const char *got = decode("id INT, a STRING, b STRING, n INT", NULL,
                             "1,plain,text,10\n"
                             "2,\"comma, inside\",\"say \"\"hi\"\"\",20\n"
                             "3, leading,trailing ,30\n"
                             "4,\"\",x,40\n"
                             "5,,y,50\n"
                             "6,it's,\"semi;colon\",60\n"
                             "7,\xc3\xa9\xe4\xb8\xad,\"\xf0\x9f\x98\x80\",-70\r\n"
                             "8,\"  quoted blanks  \",\"a\"\"b\",80\n"
                             "9,null,NULL,90");
    assert_string_equal(
        got, "{\"op\":\"+I\",\"data\":{\"id\":1,\"a\":\"plain\",\"b\":\"text\",\"n\":10}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":2,\"a\":\"comma, inside\",\"b\":\"say "
             "\\\"hi\\\"\",\"n\":20}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":3,\"a\":\" leading\",\"b\":\"trailing \",\"n\":30}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":4,\"a\":\"\",\"b\":\"x\",\"n\":40}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":5,\"a\":\"\",\"b\":\"y\",\"n\":50}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":6,\"a\":\"it's\",\"b\":\"semi;colon\",\"n\":60}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":7,\"a\":\"\xc3\xa9\xe4\xb8\xad\",\"b\":"
             "\"\\uD83D\\uDE00\",\"n\":-70}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":8,\"a\":\"  quoted blanks  "
             "\",\"b\":\"a\\\"b\",\"n\":80}}\n"
             "{\"op\":\"+I\",\"data\":{\"id\":9,\"a\":\"null\",\"b\":\"NULL\",\"n\":90}}\n");
}

static void
test_ignoring_errors(void **state)
{
    (void)state;
    sb_test_options ignore = {{"ignore-parse-errors", "true", NULL}};
    const char *got = decode("id INT, n INT, d DATE, s STRING", &ignore,
                             "1,10,2024-01-01,ok\n"
                             "2,ten,2024-01-01,bad number\n"
                             "3,30,01.01.2024,bad date\n"
                             "4,40\n"
                             "5,50,2024-01-01,five,fields\n"
                             "6,99999999999,2024-01-01,too large\n"
                             "7,70,2024-01-01,ok\n");
    assert_string_equal(
        got,
        "BAD 5 77 too many fields: 5 in place of 4\n"
        "{\"op\":\"+I\",\"data\":{\"id\":1,\"n\":10,\"d\":\"2024-01-01\",\"s\":\"ok\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":2,\"n\":null,\"d\":\"2024-01-01\",\"s\":\"bad number\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":3,\"n\":30,\"d\":null,\"s\":\"bad date\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":4,\"n\":40,\"d\":null,\"s\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":6,\"n\":null,\"d\":\"2024-01-01\",\"s\":\"too large\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":7,\"n\":70,\"d\":\"2024-01-01\",\"s\":\"ok\"}}\n");
}

static void
test_types(void **state)
{
    (void)state;
    sb_test_options options = {{"field-delimiter", "|", "quote-character", "'", "null-literal", "-",
                                "allow-comments", "true", NULL}};
    const char *got = decode("id INT, bo BOOLEAN, ti TINYINT, bi BIGINT, f FLOAT, d DOUBLE, de "
                             "DECIMAL(10, 3), s STRING, da DATE, h TIME(0), "
                             "ts TIMESTAMP(3), z TIMESTAMP_LTZ(3)",
                             &options,
                             "1|true|127|9223372036854775807|0.5|1e10|1.5|text|2024-02-29|12:34:56|"
                             "2024-02-29 12:34:56.789|2024-02-29 "
                             "12:34:56.789Z\n"
                             "2|-|-|-|-|-|-|-|-|-|-|-\n"
                             "# a comment line|x\n"
                             "3|false|-128|-1|-0.1|-1.25|-0.0005|'a|b'|1969-12-31|00:00:00|1969-12-"
                             "31 23:59:59|1969-12-31 23:59:59Z\n"
                             "5| true | 5 | 6 | 7 | 8 | 9 | x |2024-1-1|01:02:03.999|2024-01-01 "
                             "00:00:00|2024-01-01 00:00:00Z\n");
    assert_string_equal(
        got,
        "{\"op\":\"+I\",\"data\":{\"id\":1,\"bo\":true,\"ti\":127,\"bi\":9223372036854775807,\"f\":"
        "0.5,\"d\":1.0E10,\"de\":1.500,\"s\":"
        "\"text\",\"da\":\"2024-02-29\",\"h\":\"12:34:56\",\"ts\":\"2024-02-29 "
        "12:34:56.789\",\"z\":\"2024-02-29 12:34:56.789Z\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":2,\"bo\":null,\"ti\":null,\"bi\":null,\"f\":null,\"d\":"
        "null,\"de\":null,\"s\":null,\"da\":null,\"h\":"
        "null,\"ts\":null,\"z\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":3,\"bo\":false,\"ti\":-128,\"bi\":-1,\"f\":-0.1,\"d\":-1."
        "25,\"de\":-0.001,\"s\":\"a|b\",\"da\":"
        "\"1969-12-31\",\"h\":\"00:00:00\",\"ts\":\"1969-12-31 23:59:59\",\"z\":\"1969-12-31 "
        "23:59:59Z\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"id\":5,\"bo\":true,\"ti\":5,\"bi\":6,\"f\":7.0,\"d\":8.0,"
        "\"de\":9.000,\"s\":\" x \",\"da\":\"2024-01-01\","
        "\"h\":\"01:02:03\",\"ts\":\"2024-01-01 00:00:00\",\"z\":\"2024-01-01 00:00:00Z\"}}\n");
}

static void
test_nested(void **state)
{
    (void)state;
    sb_test_options options = {{"array-element-delimiter", "--", NULL}};
    const char *got = decode("a ARRAY<INT>, r ROW<x INT, y STRING>", &options,
                             "1--2--3,7--seven\n,8--\n1--x,9--n\n5,9\n6,9--a--b\n");
    assert_string_equal(
        got, "BAD 3 22 field 'a' cannot be read as ARRAY<INT>: \"1--x\"\n"
             "BAD 4 32 field 'r' cannot be read as ROW<`x` INT, `y` STRING>: \"9\"\n"
             "BAD 5 36 field 'r' cannot be read as ROW<`x` INT, `y` STRING>: \"9--a--b\"\n"
             "{\"op\":\"+I\",\"data\":{\"a\":[1,2,3],\"r\":{\"x\":7,\"y\":\"seven\"}}}\n"
             "{\"op\":\"+I\",\"data\":{\"a\":[],\"r\":{\"x\":8,\"y\":\"\"}}}\n");
}

static void
test_bad_records(void **state)
{
    (void)state;
    const char *got = decode("a INT, b STRING", NULL,
                             "1,one\n"
                             "2\n"
                             "3,three,more\n"
                             "4,four,\n"
                             "five,5\n"
                             "6,\"six\"x\n"
                             "7,\"seven\" \n"
                             "\n"
                             "8,\xff\n"
                             "9,\"two\nlines\"\n"
                             "10,\"open\n"
                             "11,eleven\n");
    assert_string_equal(got, "BAD 2 6 too few fields: 1 in place of 2\n"
                             "BAD 3 8 too many fields: 3 in place of 2\n"
                             "BAD 5 29 field 'a' cannot be read as INT: \"five\"\n"
                             "BAD 6 36 something follows a quoted value\n"
                             "BAD 9 57 not valid UTF-8\n"
                             "BAD 12 75 a quoted value is not closed\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":1,\"b\":\"one\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":4,\"b\":\"four\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":7,\"b\":\"seven\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":9,\"b\":\"two\\nlines\"}}\n"
                             "{\"op\":\"+I\",\"data\":{\"a\":11,\"b\":\"eleven\"}}\n");
}

static void
test_more_options(void **state)
{
    (void)state;
    sb_test_options escape = {{"escape-character", "\\", "disable-quote-character", "true", NULL}};
    assert_string_equal(decode("a STRING, b STRING", &escape, "x\\,y,\"q\"\nnl\\n,\\\\\n"),
                        "{\"op\":\"+I\",\"data\":{\"a\":\"x,y\",\"b\":\"\\\"q\\\"\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":\"nl\\n\",\"b\":\"\\\\\"}}\n");
    sb_test_options trim = {{"trim-spaces", "true", "empty-string-as-null", "true",
                             "ignore-trailing-unmappable", "true", NULL}};
    assert_string_equal(decode("a STRING, b STRING", &trim, "  x  ,\"  y \"\n,z,more,and more\n"),
                        "{\"op\":\"+I\",\"data\":{\"a\":\"x\",\"b\":\"  y \"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":null,\"b\":\"z\"}}\n");
    sb_test_options tab = {{"field-delimiter", "\\t", NULL}};
    assert_string_equal(decode("a STRING, b STRING", &tab, "x\ty,z\n"),
                        "{\"op\":\"+I\",\"data\":{\"a\":\"x\",\"b\":\"y,z\"}}\n");
    sb_test_options both = {{"disable-quote-character", "true", "quote-character", "'", NULL}};
    assert_string_equal(decode("a STRING", &both, ""),
                        "ERROR option 'quote-character' = ''': cannot be set together with "
                        "disable-quote-character\n");
    sb_test_options wide = {{"field-delimiter", "::", NULL}};
    assert_string_equal(decode("a STRING", &wide, ""),
                        "ERROR option 'field-delimiter' = '::': expected one ASCII character\n");
    assert_string_equal(decode("m MAP<STRING, INT>", NULL, ""),
                        "ERROR column 'm': csv has no maps\n");
}

/* The same rows come out wherever the input is cut. */
static void
test_torn_input(void **state)
{
    (void)state;
    const char *data =
        "1,\"one \"\"and\"\" a half\"\n2,\"two\r\nlines, yes\",\r\nbad\n\n3,\"x\"y\n4,four";
    const sb_schema *schema = sb_test_schema(arena, "a INT, b STRING");
    sb_format_table table = sb_test_table(schema, NULL);
    sb_text whole;
    sb_text_init(&whole, sb_mem_root());
    sb_test_decode(&sb_format_csv, &table, all, 2, data, strlen(data), 0, 1, &whole);
    assert_string_equal(whole.data,
                        "{\"op\":\"+I\",\"data\":{\"a\":1,\"b\":\"one \\\"and\\\" a half\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":2,\"b\":\"two\\r\\nlines, yes\"}}\n"
                        "BAD 4 45 too few fields: 1 in place of 2\n"
                        "BAD 6 50 something follows a quoted value\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":4,\"b\":\"four\"}}\n");
    for (size_t cut = 1; cut < strlen(data); cut++) {
        sb_text_clear(&out);
        sb_test_decode(&sb_format_csv, &table, all, 2, data, strlen(data), cut, 1, &out);
        assert_string_equal(out.data, whole.data);
    }
    sb_text_deinit(&whole);
}

/* Many windows; a value longer than a window; a quote that never closes costs its line only. */
static void
test_large_input(void **state)
{
    (void)state;
    sb_text data;
    sb_text_init(&data, sb_mem_root());
    sb_text_add(&data, "0,\"open\n");
    for (int i = 1; i < 30000; i++) {
        sb_text_printf(&data, "%d,\"value \"\"%d\"\", %0*d\"\n", i, i,
                       i == 7000 ? 200000 : i % 50 + 1, i);
    }
    const sb_schema *schema = sb_test_schema(arena, "a INT, b STRING");
    sb_format_table table = sb_test_table(schema, NULL);
    sb_text_clear(&out);
    sb_test_decode(&sb_format_csv, &table, all, 1, data.data, data.size, 0, 4096, &out);
    int next = 1;
    const char *p = out.data;
    assert_memory_equal(p, "BAD 1 0 ", 8);
    for (p = strchr(p, '\n') + 1; *p; p = strchr(p, '\n') + 1) {
        char line[64];
        snprintf(line, sizeof line, "{\"op\":\"+I\",\"data\":{\"a\":%d}}\n", next++);
        assert_memory_equal(p, line, strlen(line));
    }
    assert_int_equal(next, 30000);
    sb_text_deinit(&data);
}

static const char *
encode(const sb_format *format, const char *schema, const sb_test_options *options,
       const char *lines)
{
    sb_error err;
    const sb_schema *s = sb_test_schema(arena, schema);
    sb_format_table table = sb_test_table(s, options), plain = sb_test_table(s, NULL);
    sb_decoder *decoder;
    sb_encoder *encoder;
    sb_batch_builder builder;
    sb_batch *batch;
    uint8_t ops[64];
    size_t size = strlen(lines);
    char *padded = calloc(1, size + SB_FORMAT_PADDING);
    memcpy(padded, lines, size);
    assert_int_equal(sb_format_json.decoder(sb_mem_root(), &plain, all, s->count, &decoder, &err),
                     SB_OK);
    assert_int_equal(sb_batch_builder_init(&builder, sb_mem_root(), s, &err), SB_OK);
    sb_decode call = {.data = padded,
                      .size = size,
                      .final = true,
                      .limit_rows = 64,
                      .columns = builder.columns,
                      .ops = ops};
    assert_int_equal(decoder->vtable->decode(decoder, &call, &err), SB_OK);
    sb_batch_builder_rows(&builder, call.rows, SB_ROW_INSERT);
    assert_int_equal(sb_batch_builder_finish(&builder, &batch, &err), SB_OK);
    assert_int_equal(format->encoder(sb_mem_root(), &table, &encoder, &err), SB_OK);
    sb_text_clear(&out);
    assert_int_equal(encoder->vtable->encode(encoder, batch, 0, batch->count_rows, &out, &err),
                     SB_OK);
    sb_encoder_free(encoder);
    sb_decoder_free(decoder);
    sb_batch_free(batch);
    sb_batch_builder_deinit(&builder);
    free(padded);
    return out.data;
}

/* tests/oracle/cases/sink-json-csv-raw */
static const char sink_rows[] =
    "{\"id\":1,\"name\":\"plain\",\"price\":1.5,\"ok\":true,\"d\":\"2024-02-29\",\"h\":\"12:34:"
    "56\",\"ts\":\"2024-02-29 12:34:56.789\",\"x\":0.1}\n"
    "{\"id\":2,\"name\":\"comma, "
    "\\\"quoted\\\"\",\"price\":100,\"ok\":false,\"d\":\"1969-07-20\",\"h\":\"00:00:00\",\"ts\":"
    "\"1969-07-20 "
    "20:17:40\",\"x\":1e20}\n"
    "{\"id\":3,\"name\":\"semi;colon "
    "'x'\",\"price\":-0.001,\"ok\":null,\"d\":null,\"h\":null,\"ts\":null,\"x\":null}\n"
    "{\"id\":4,\"name\":\"\",\"price\":0,\"ok\":true,\"d\":\"0001-01-01\",\"h\":\"23:59:59\","
    "\"ts\":\"9999-12-31 23:59:59.999\",\"x\":-1.5e-7}\n"
    "{\"id\":5,\"name\":null,\"price\":99999.999,\"ok\":false,\"d\":\"2024-01-01\",\"h\":\"01:00:"
    "00\",\"ts\":\"2024-01-01 00:00:00.100\",\"x\":3}\n"
    "{\"id\":6,\"name\":\"tab\\tand back\\\\slash "
    "\\u00e9\\u4e2d\\ud83d\\ude00\",\"price\":null,\"ok\":true,\"d\":\"2024-01-01\",\"h\":\"01:00:"
    "00\",\"ts\":\"2024-01-01 "
    "00:00:00.010\",\"x\":12345678.9}\n";
static const char sink_schema[] = "id INT, name STRING, price DECIMAL(8, 3), ok BOOLEAN, d DATE, h "
                                  "TIME(0), ts TIMESTAMP(3), x DOUBLE";

static void
test_writing(void **state)
{
    (void)state;
    assert_string_equal(
        encode(&sb_format_csv, sink_schema, NULL, sink_rows),
        "1,plain,1.500,true,2024-02-29,12:34:56,\"2024-02-29 12:34:56.789\",0.1\n"
        "2,\"comma, \"\"quoted\"\"\",100.000,false,1969-07-20,00:00:00,\"1969-07-20 "
        "20:17:40\",1.0E20\n"
        "3,\"semi;colon 'x'\",-0.001,,,,,\n"
        "4,,0.000,true,0001-01-01,23:59:59,\"9999-12-31 23:59:59.999\",-1.5E-7\n"
        "5,,99999.999,false,2024-01-01,01:00:00,\"2024-01-01 00:00:00.1\",3.0\n"
        "6,\"tab\tand back\\slash "
        "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\",,true,2024-01-01,01:00:00,\"2024-01-01 "
        "00:00:00.01\",1.23456789E7\n");
    assert_string_equal(
        encode(&sb_format_json, sink_schema, NULL, sink_rows),
        "{\"id\":1,\"name\":\"plain\",\"price\":1.5,\"ok\":true,\"d\":\"2024-02-29\",\"h\":\"12:34:"
        "56\",\"ts\":\"2024-02-29 "
        "12:34:56.789\",\"x\":0.1}\n"
        "{\"id\":2,\"name\":\"comma, "
        "\\\"quoted\\\"\",\"price\":1E+2,\"ok\":false,\"d\":\"1969-07-20\",\"h\":\"00:00:00\","
        "\"ts\":\"1969-07-20 "
        "20:17:40\",\"x\":1.0E20}\n"
        "{\"id\":3,\"name\":\"semi;colon "
        "'x'\",\"price\":-0.001,\"ok\":null,\"d\":null,\"h\":null,\"ts\":null,\"x\":null}\n"
        "{\"id\":4,\"name\":\"\",\"price\":0,\"ok\":true,\"d\":\"0001-01-01\",\"h\":\"23:59:59\","
        "\"ts\":\"9999-12-31 "
        "23:59:59.999\",\"x\":-1.5E-7}\n"
        "{\"id\":5,\"name\":null,\"price\":99999.999,\"ok\":false,\"d\":\"2024-01-01\",\"h\":\"01:"
        "00:00\",\"ts\":\"2024-01-01 "
        "00:00:00.1\",\"x\":3.0}\n"
        "{\"id\":6,\"name\":\"tab\\tand back\\\\slash "
        "\xc3\xa9\xe4\xb8\xad\\uD83D\\uDE00\",\"price\":null,\"ok\":true,\"d\":\"2024-01-01\","
        "\"h\":\"01:00:00\",\"ts\":\"2024-01-01 "
        "00:00:00.01\",\"x\":1.23456789E7}\n");
    sb_test_options semi = {
        {"field-delimiter", ";", "null-literal", "n/a", "quote-character", "'", NULL}};
    assert_string_equal(
        encode(&sb_format_csv, "name STRING, id INT, note STRING", &semi, sink_rows),
        "plain;1;n/a\n'comma, \"quoted\"';2;n/a\n'semi;colon ''x''';3;n/a\n;4;n/a\nn/a;5;n/a\n"
        "'tab\tand back\\slash \xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80';6;n/a\n");
    assert_string_equal(encode(&sb_format_csv, "a ARRAY<INT>, r ROW<x INT, y STRING>", NULL,
                               "{\"a\":[1,null,3],\"r\":{\"x\":1,\"y\":\"a,b\"}}\n{\"a\":[]}\n"),
                        "1;;3,\"1;a,b\"\n,\n");
    assert_string_equal(
        encode(&sb_format_raw, "line STRING", NULL, "{\"line\":\"a b\"}\n{}\n{\"line\":\"\"}\n"),
        "a b\n\n\n");
}

static void
test_json_writing_options(void **state)
{
    (void)state;
    sb_test_options plain = {{"encode.decimal-as-plain-number", "true", "encode.ignore-null-fields",
                              "true", "timestamp-format.standard", "ISO-8601", "map-null-key.mode",
                              "DROP", NULL}};
    assert_string_equal(
        encode(
            &sb_format_json,
            "d DECIMAL(8, 3), n INT, t TIMESTAMP(3), m MAP<STRING, INT>, r ROW<a INT, b INT>",
            &plain,
            "{\"d\":100,\"t\":\"2024-01-02 03:04:05\",\"m\":{\"x\":null},\"r\":{\"b\":1}}\n{}\n"),
        "{\"d\":100.000,\"t\":\"2024-01-02T03:04:05\",\"m\":{\"x\":null},\"r\":{\"b\":1}}\n{}\n");
}

static void
test_raw(void **state)
{
    (void)state;
    const sb_schema *schema = sb_test_schema(arena, "line STRING");
    sb_format_table table = sb_test_table(schema, NULL);
    const char *data = "ERROR disk full\r\n\n   blanks \n\xff\nlast";
    sb_text_clear(&out);
    sb_test_decode(&sb_format_raw, &table, all, 1, data, strlen(data), 0, 10, &out);
    assert_string_equal(out.data, "BAD 4 29 not valid UTF-8\n"
                                  "{\"op\":\"+I\",\"data\":{\"line\":\"ERROR disk full\"}}\n"
                                  "{\"op\":\"+I\",\"data\":{\"line\":\"\"}}\n"
                                  "{\"op\":\"+I\",\"data\":{\"line\":\"   blanks \"}}\n"
                                  "{\"op\":\"+I\",\"data\":{\"line\":\"last\"}}\n");
    table = sb_test_table(sb_test_schema(arena, "a DATE"), NULL);
    sb_text_clear(&out);
    sb_test_decode(&sb_format_raw, &table, all, 1, "", 0, 0, 10, &out);
    assert_string_equal(out.data, "ERROR format 'raw' takes texts, bytes, BOOLEAN, integers, FLOAT "
                                  "and DOUBLE; column 'a' is of another type\n");
}

/* Numbers: messages only, of one length; each way. The values are those of Flink's vectors. */
static void
test_raw_numbers(void **state)
{
    (void)state;
    static const char *const types[] = {"BOOLEAN", "TINYINT", "SMALLINT", "INT",
                                        "BIGINT",  "FLOAT",   "DOUBLE"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char columns[32];
        sb_error err;
        sb_format_facts facts;
        sb_decoder *decoder;
        sb_encoder *encoder;
        snprintf(columns, sizeof columns, "v %s", types[i]);
        sb_format_table table = sb_test_table(sb_test_schema(arena, columns), NULL);
        assert_int_equal(sb_format_raw.check(&table, true, &facts, &err), SB_OK);
        assert_true(facts.messages_only);
        assert_int_equal(sb_format_raw.decoder(sb_mem_root(), &table, all, 1, &decoder, &err),
                         SB_OK);
        assert_null(decoder->vtable->decode);
        sb_decoder_free(decoder);
        assert_int_equal(sb_format_raw.encoder(sb_mem_root(), &table, &encoder, &err), SB_OK);
        assert_null(encoder->vtable->encode);
        sb_encoder_free(encoder);
        static const sb_test_options middle = {{"endianness", "middle"}};
        table = sb_test_table(sb_test_schema(arena, columns), &middle);
        assert_int_not_equal(sb_format_raw.check(&table, true, &facts, &err), SB_OK);
        assert_non_null(strstr(err.message, "endianness"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quotes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ignoring_errors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nested, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_torn_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_large_input, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_json_writing_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_raw, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_raw_numbers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
