/*
 * formats/flink_vectors_test.c -- messages as Flink's formats read and write them.
 *
 * Expected values: testdata/flink_*.inc, recorded from Flink 2.3.0 by tests/oracle/formats. Every
 * message is read alone, then all messages of a table at once, lying apart and in one frame. Of
 * what Flink refuses only that is compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/formats_testing.h"

#define MESSAGES 256

static const char *const records_vectors[] = {
#include "formats/testdata/flink_records.inc"
};

static const char *const cdc_vectors[] = {
#include "formats/testdata/flink_cdc.inc"
};
static const char *const avro_vectors[] = {
#include "formats/testdata/flink_avro.inc"
};

typedef struct vectors { /* a table, and what was read of its messages so far */
    const char *const *lines;
    int32_t count, at;
    sb_arena *arena;
    const sb_format *format;
    const sb_schema *schema;
    sb_test_options options;
    int32_t count_options;
    const char *metadata[16];
    int32_t count_metadata;
    sb_str messages[MESSAGES];
    const char *expected[MESSAGES]; /* of each; lines, "BAD" for an error */
    int32_t count_messages;
    int32_t checked;
} vectors;

static sb_format_table
table_of(const vectors *v)
{
    sb_format_table table = sb_test_table(v->schema, &v->options);
    table.count_metadata = v->count_metadata;
    table.metadata = v->metadata;
    return table;
}

static sb_str
message_of(vectors *v, const char *text)
{
    if (strcmp(text, "NULL") == 0) {
        return (sb_str){NULL, 0};
    }
    char *bytes = sb_arena_alloc(v->arena, strlen(text) + 1);
    size_t size = 0;
    if (strncmp(text, "hex:", 4) == 0) {
        for (text += 4; *text; text += 2) {
            bytes[size++] = (char)(sb_hex_digit(text[0]) * 16 + sb_hex_digit(text[1]));
        }
        return (sb_str){bytes, size};
    }
    for (; *text; text++) {
        bool lf = text[0] == '\\' && text[1] == 'n';
        bytes[size++] = lf ? '\n' : *text;
        text += lf;
    }
    return (sb_str){bytes, size};
}

/* The results that follow the line at `at`, as sb_test_decode_records writes them for record
 * `index`. */
static const char *
results_of(vectors *v, int32_t index)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    while (v->at + 1 < v->count && v->lines[v->at + 1][0] == '=') {
        const char *result = v->lines[++v->at] + 2;
        if (strncmp(result, "ERROR", 5) == 0) {
            sb_text_clear(&text); /* in Flink the job has failed, whatever came before */
            sb_text_printf(&text, "BAD %d\n", index);
        } else {
            sb_text_printf(&text, "%d %s\n", index, result);
        }
    }
    char *copy = sb_arena_strdup(v->arena, text.data);
    sb_text_deinit(&text);
    return copy;
}

/* Bad records without their reasons, then rows; what ignore-parse-errors skips is left out. */
static void
put_in_order(const char *text, sb_text *out)
{
    for (int pass = 0; pass < 2; pass++) {
        for (const char *line = text, *lf; *line; line = lf + 1) {
            lf = strchr(line, '\n');
            size_t size = (size_t)(lf - line);
            bool bad = strncmp(line, "BAD ", 4) == 0, row = !bad;
            if (bad && size > 11 && strncmp(lf - 11, "(tolerated)", 11) == 0) {
                continue;
            }
            if (row == (pass == 1)) {
                size = bad ? 4 + strspn(line + 4, "0123456789") : size;
                sb_text_printf(out, "%.*s\n", (int)size, line);
            }
        }
    }
}

static void
check_messages(vectors *v, int32_t from, int32_t to, sb_test_lie lie, int32_t limit)
{
    sb_format_table table = table_of(v);
    sb_text got, plain, want, all;
    sb_text_init(&all, sb_mem_root());
    sb_text_init(&got, sb_mem_root());
    sb_text_init(&plain, sb_mem_root());
    sb_text_init(&want, sb_mem_root());
    for (int32_t i = from; i < to; i++) {
        sb_text_add(&all, v->expected[i]);
    }
    put_in_order(all.data, &want);
    /* the records before `from` are without a value, so that numbers fit */
    sb_str records[MESSAGES];
    for (int32_t i = 0; i < to; i++) {
        records[i] = i < from ? (sb_str){NULL, 0} : v->messages[i];
    }
    int32_t first = strcmp(v->format->name, "raw") == 0 ? from : 0;
    sb_test_decode_records(v->format, &table, records + first, to - first, lie, limit, &got);
    put_in_order(got.data, &plain);
    if (first == 0 || from == 0) {
        if (strcmp(plain.data, want.data) != 0) {
            print_error("%s: message %d: %.*s\ngot:\n%swant:\n%s", v->format->name, from,
                        (int)v->messages[from].size, v->messages[from].data, got.data, want.data);
        }
        assert_string_equal(plain.data, want.data);
        v->checked++;
    }
    sb_text_deinit(&got);
    sb_text_deinit(&plain);
    sb_text_deinit(&want);
    sb_text_deinit(&all);
}

static void
end_table(vectors *v)
{
    if (v->count_messages > 0) {
        check_messages(v, 0, v->count_messages, SB_TEST_FRAMED, 4096);
        check_messages(v, 0, v->count_messages, SB_TEST_APART, 4096);
        check_messages(v, 0, v->count_messages, SB_TEST_FRAMED, SB_RECORD_ROWS_MAX);
    }
    v->count_messages = 0;
}

static void
check_encoding(vectors *v, const char *row)
{
    sb_format_table table = table_of(v);
    sb_text got, line;
    sb_text_init(&got, sb_mem_root());
    sb_text_init(&line, sb_mem_root());
    sb_text_printf(&line, "{\"op\":\"%.2s\",\"data\":%s}\n", row, row + 3);
    assert_true(v->at + 1 < v->count && v->lines[v->at + 1][0] == '=');
    const char *want = v->lines[++v->at] + 2;
    bool hex = strncmp(want, "hex:", 4) == 0;
    sb_test_encode_records(v->format, &table, line.data, hex, &got);
    if (strncmp(want, "ERROR", 5) == 0) {
        assert_memory_equal(got.data, "ERROR", 5);
    } else {
        sb_text_clear(&line);
        /* no value; the connector tells it from an empty one */
        bool none = strcmp(want, "NULL") == 0;
        sb_text_printf(&line, "%s\n", none ? "NONE" : hex ? want + 4 : want);
        assert_string_equal(got.data, line.data);
    }
    v->checked++;
    sb_text_deinit(&got);
    sb_text_deinit(&line);
}

static void
set_metadata(vectors *v, const char *keys)
{
    v->count_metadata = 0;
    while (*keys) {
        size_t size = strcspn(keys, ",");
        v->metadata[v->count_metadata++] = sb_arena_strndup(v->arena, keys, size);
        keys += size + (keys[size] == ',');
    }
}

static void
set_table(vectors *v, const char *line)
{
    end_table(v);
    if (strncmp(line, "@format ", 8) == 0) {
        v->format = sb_format_find(line + 8);
        assert_non_null(v->format);
        v->options = (sb_test_options){.pairs = {NULL}};
        v->count_options = v->count_metadata = 0;
    } else if (strncmp(line, "@columns ", 9) == 0) {
        v->schema = sb_test_schema(v->arena, line + 9);
    } else if (strncmp(line, "@metadata ", 10) == 0) {
        set_metadata(v, line + 10);
    } else {
        const char *option = line + strlen("@option "), *equal = strchr(option, '=');
        v->options.pairs[v->count_options++] =
            sb_arena_strndup(v->arena, option, (size_t)(equal - option));
        v->options.pairs[v->count_options++] = equal + 1;
        v->options.pairs[v->count_options] = NULL;
    }
}

static void
check_vectors(const char *const *lines, size_t count, int32_t at_least)
{
    vectors *v = calloc(1, sizeof *v);
    v->lines = lines;
    v->count = (int32_t)count;
    v->arena = sb_arena_new(sb_mem_root());
    for (v->at = 0; v->at < v->count; v->at++) {
        const char *line = lines[v->at];
        if (line[0] == '@') {
            set_table(v, line);
        } else if (line[0] == '<') {
            check_encoding(v, line + 2);
        } else {
            assert_true(line[0] == '>' && v->count_messages < MESSAGES);
            int32_t index = v->count_messages++;
            v->messages[index] = message_of(v, line + 2);
            v->expected[index] = results_of(v, index);
            check_messages(v, index, index + 1, SB_TEST_APART, SB_RECORD_ROWS_MAX);
        }
    }
    end_table(v);
    assert_true(v->checked >= at_least);
    v->arena = sb_arena_free(v->arena);
    free(v);
}

#define CHECK(vectors, at_least) \
    check_vectors((vectors), sizeof(vectors) / sizeof(vectors)[0], (at_least))

static void
test_records(void **state)
{
    (void)state;
    CHECK(records_vectors, 30);
}

static void
test_cdc(void **state)
{
    (void)state;
    CHECK(cdc_vectors, 100);
}

static void
test_avro(void **state)
{
    (void)state;
    CHECK(avro_vectors, 40);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_cdc),
        cmocka_unit_test(test_avro),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
