/*
 * connectors/filesystem/fs_source_test.c -- files as a source: what is read, in which order, from
 * which position, and what is said of bad input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/os/sim.h"
#include "columnar/columnar_testing.h"
#include "connectors/connectors_testing.h"
#include "connectors/filesystem/filesystem.h"

static sb_arena *arena;
static sb_text out;
static sb_os *os;
static sb_error err;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    sb_text_init(&out, sb_mem_root());
    os = sb_os_sim_new(1);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_text_deinit(&out);
    arena = sb_arena_free(arena);
    sb_os_sim_free(os);
    return 0;
}

static void
put_bytes(const char *path, const char *data, size_t size)
{
    sb_file *file;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) {
        *slash = 0;
        assert_int_equal(os->mkdirs(os, folder, &err), SB_OK);
    }
    assert_int_equal(os->open(os, path, SB_OPEN_CREATE, &file, &err), SB_OK);
    assert_int_equal(os->write(os, file, data, size, &err), SB_OK);
    os->close(os, file);
}

static void
put(const char *path, const char *text)
{
    put_bytes(path, text, strlen(text));
}

/* All rows of the table; a failure as "FAIL message". */
static const char *
read_all(const char *schema, const char *const *pairs, int32_t limit)
{
    sb_testing_source s;
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", schema, pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    sb_text_clear(&out);
    sb_status status = sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem,
                                               node, 1, limit, NULL);
    sb_step step = status == SB_OK ? SB_STEP_AGAIN : SB_STEP_FAIL;
    while (step == SB_STEP_AGAIN) {
        sb_batch *batch;
        step = sb_testing_source_next(&s, limit, 0, &batch);
        if (batch) {
            sb_testing_print(batch, &out);
            sb_batch_free(batch);
        }
    }
    if (step == SB_STEP_FAIL) {
        sb_text_printf(&out, "FAIL %s\n", s.err.message);
    } else { /* who asks how far it is finds that it has read all */
        assert_int_equal(s.metrics.bytes_read, s.metrics.bytes_found);
    }
    sb_text_printf(&out, "bad %lld\n", (long long)s.metrics.bad_records);
    sb_testing_source_stop(&s);
    return out.data;
}

static void
test_folder_order(void **state)
{
    (void)state;
    put("in/part-2.json", "{\"f\":\"2\"}\n");
    put("in/part-10.json", "{\"f\":\"10\"}\n");
    put("in/Part-3.json", "{\"f\":\"P3\"}\n");
    put("in/.hidden.json", "{\"f\":\"hidden\"}\n");
    put("in/_tmp.json", "{\"f\":\"tmp\"}\n");
    put("in/sub/a.json", "{\"f\":\"sub/a\"}\n");
    put("in/_sub/a.json", "{\"f\":\"no\"}\n");
    put("in/sub/deep/er/b.txt", "{\"f\":\"deep\"}\n");
    const char *folder[] = {"path", "in", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", folder, 100),
                        "{\"op\":\"+I\",\"data\":{\"f\":\"P3\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"f\":\"10\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"f\":\"2\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"f\":\"sub/a\"}}\n"
                        "{\"op\":\"+I\",\"data\":{\"f\":\"deep\"}}\nbad 0\n");
    const char *glob[] = {"path", "in/part-*.json", "format", "json", NULL};
    assert_string_equal(
        read_all("f STRING", glob, 100),
        "{\"op\":\"+I\",\"data\":{\"f\":\"10\"}}\n{\"op\":\"+I\",\"data\":{\"f\":\"2\"}}\nbad 0\n");
    const char *glob_folder[] = {"path", "file:in/s?b/[a-c].json", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", glob_folder, 100),
                        "{\"op\":\"+I\",\"data\":{\"f\":\"sub/a\"}}\nbad 0\n");
    const char *regex[] = {
        "path", "in", "format", "json", "source.path.regex-pattern", ".*?/(?!P)part-\\d++\\.json",
        NULL};
    assert_string_equal(
        read_all("f STRING", regex, 100),
        "{\"op\":\"+I\",\"data\":{\"f\":\"10\"}}\n{\"op\":\"+I\",\"data\":{\"f\":\"2\"}}\nbad 0\n");
    const char *missing[] = {"path", "nowhere", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", missing, 100),
                        "FAIL path 'nowhere' does not exist\nbad 0\n");
    const char *none[] = {"path", "in/x*", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", none, 100), "bad 0\n");
}

static void
test_globs(void **state)
{
    (void)state;

    static const struct {
        const char *pattern, *name;
        bool fits;
    } cases[] = {
        {"*", "", true},
        {"*", "abc", true},
        {"a*c", "abc", true},
        {"a*c", "abcd", false},
        {"a*b*c", "aXbYbZc", true},
        {"?", "", false},
        {"?", "a", true},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[!a]", "b", true},
        {"[!a]", "a", false},
        {"[]]", "]", true},
        {"[abc", "[abc", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"a", "", false},
        {"", "", true},
        {"", "a", false},
        {"*.json", ".json", true},
        {"a**b", "ab", true},
        {"*a", "aaab", false},
        {"x*y*", "xy", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sb_fs_glob(cases[i].pattern, cases[i].name), cases[i].fits);
    }
}

/* A byte order mark, line ends of two kinds, empty lines, no line end at the end, an empty file. */
static void
test_edges_of_files(void **state)
{
    (void)state;
    const char *pairs[] = {"path", "in", "format", "json", NULL};
    put("in/a", "\xef\xbb\xbf{\"a\":1}\r\n\n{\"a\":2}");
    put("in/b", "");
    put("in/c", "\xef\xbb\xbf");
    put("in/d", "\n\n");
    put("in/e", "{\"a\":3}");
    assert_string_equal(read_all("a INT", pairs, 10),
                        "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":2}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":3}}\nbad 0\n");
}

static void
test_long_records(void **state)
{
    (void)state;
    sb_text file;
    sb_text_init(&file, sb_mem_root());
    for (int i = 0; i < 5; i++) {
        sb_text_printf(&file, "{\"a\":%d,\"s\":\"%0*d\"}\n", i, i == 2 ? 3000000 : 300000 * i + 1,
                       7);
    }
    put_bytes("in", file.data, file.size);
    const char *pairs[] = {"path", "in", "format", "json", NULL};
    assert_string_equal(
        read_all("a INT", pairs, 10),
        "{\"op\":\"+I\",\"data\":{\"a\":0}}\n{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\","
        "\"data\":{\"a\":2}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":3}}\n{\"op\":\"+I\",\"data\":{\"a\":4}}\nbad 0\n");
    sb_text_clear(&file);
    char *at = sb_text_reserve(&file, SB_FORMAT_RECORD_MAX + 10);
    memset(at, 'x', SB_FORMAT_RECORD_MAX + 10);
    file.size = SB_FORMAT_RECORD_MAX + 10;
    put_bytes("in", file.data, file.size);
    assert_non_null(strstr(read_all("a INT", pairs, 10), "longer than 67108864 bytes"));
    sb_text_deinit(&file);
}

static void
test_metadata(void **state)
{
    (void)state;
    put("in/x/data.json", "{\"a\":1}\n{\"a\":2}\n");
    const char *pairs[] = {"path", "in", "format", "json", NULL};
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "a INT", pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    static const char *const keys[] = {"file.path", "file.name", "file.size",
                                       "file.modification-time"};
    sb_metadata_column metadata[4];
    for (int i = 0; i < 4; i++) {
        metadata[i].key = keys[i];
        assert_int_equal(
            sb_connector_filesystem.metadata(table, keys[i], false, &metadata[i].type, &err),
            SB_OK);
    }
    sb_type type;
    assert_int_equal(sb_connector_filesystem.metadata(table, "offset", false, &type, &err),
                     SB_STATUS_NOT_FOUND);
    assert_string_equal(err.message, "table 't': connector 'filesystem' has no metadata 'offset'");
    node->metadata = metadata;
    node->count_metadata = 4;
    sb_file_info info;
    assert_int_equal(os->stat(os, "in/x/data.json", &info, &err), SB_OK);
    sb_testing_source s;
    sb_batch *batch;
    assert_int_equal(
        sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem, node, 1, 10, NULL),
        SB_OK);
    assert_int_equal(sb_testing_source_next(&s, 10, 0, &batch), SB_STEP_AGAIN);
    assert_int_equal(batch->count_rows, 2);
    const sb_view *path = sb_vector_at(batch->columns[1], 1),
                  *name = sb_vector_at(batch->columns[2], 1);
    assert_memory_equal(sb_view_data(path), "in/x/data.json", 14);
    assert_memory_equal(sb_view_data(name), "data.json", 9);
    assert_int_equal(*(const int64_t *)sb_vector_at(batch->columns[3], 1), 16);
    assert_int_equal(*(const int64_t *)sb_vector_at(batch->columns[4], 1),
                     info.modified_us / 1000 * 1000);
    sb_batch_free(batch);
    sb_testing_source_stop(&s);
}

static const char mixed[] =
    "{\"a\":1}\nnot json\n\n{\"a\":\"x\"}\n{\"a\":2}\n{\"a\":\xff}\n{\"a\":3}\n";

static void
test_bad_records(void **state)
{
    (void)state;
    put("in/m", mixed);
    const char *fail[] = {"path", "in/m", "format", "json", NULL};
    assert_string_equal(read_all("a INT", fail, 10),
                        "FAIL file 'in/m', line 2, byte 8: not a JSON object: not json\nbad 1\n");
    const char *skip[] = {"path", "in/m", "format", "json", "bad-records", "skip", NULL};
    const char *rows = "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":2}}\n{"
                       "\"op\":\"+I\",\"data\":{\"a\":3}}\nbad 3\n";
    assert_string_equal(read_all("a INT", skip, 10), rows);
    const char *ignore[] = {"path", "in/m", "format", "json", "json.ignore-parse-errors",
                            "true", NULL};
    assert_string_equal(
        read_all("a INT", ignore, 10),
        "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":null}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":2}}\n{\"op\":\"+I\",\"data\":{\"a\":3}}\nbad 2\n");
    const char *letters[] = {"path",        "in/m",        "format",           "json",
                             "bad-records", "dead-letter", "bad-records.path", "dead",
                             NULL};
    assert_string_equal(read_all("a INT", letters, 10), rows);
    sb_text dead;
    sb_text_init(&dead, sb_mem_root());
    assert_int_equal(sb_os_read_file(os, "dead", &dead, &err), SB_OK);
    assert_string_equal(
        dead.data,
        "{\"file\":\"in/m\",\"line\":2,\"offset\":8,\"reason\":\"not a JSON "
        "object\",\"record\":\"not json\"}\n"
        "{\"file\":\"in/m\",\"line\":4,\"offset\":18,\"reason\":\"field 'a' cannot be read as INT: "
        "\\\"x\\\"\",\"record\":\"{\\\"a\\\":\\\"x\\\"}\"}\n"
        "{\"file\":\"in/m\",\"line\":6,\"offset\":36,\"reason\":\"not valid "
        "UTF-8\",\"record_base64\":\"eyJhIjr/fQ==\"}\n");
    sb_text_deinit(&dead);
}

/* Stopping after every batch and going on from the positions gives the same rows and the same dead
 * letters, also when letters were written behind the position. */
static void
test_positions(void **state)
{
    (void)state;
    put("in/a", mixed);
    put("in/b", "bad too\n{\"a\":4}\n{\"a\":5}");
    const char *pairs[] = {"path",        "in",          "format",           "json",
                           "bad-records", "dead-letter", "bad-records.path", "dead",
                           NULL};
    char whole[1024];
    sb_text dead[2];
    snprintf(whole, sizeof whole, "%s", read_all("a INT", pairs, 10));
    for (int i = 0; i < 2; i++) {
        sb_text_init(&dead[i], sb_mem_root());
        assert_int_equal(sb_os_read_file(os, i ? "dead.1" : "dead", &dead[i], &err), SB_OK);
    }
    *strstr(whole, "bad ") = 0;
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "a INT", pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    for (int stop = 0; stop < 6; stop++) {
        sb_testing_source first, second;
        sb_batch *batch;
        sb_text_clear(&out);
        assert_int_equal(sb_testing_source_start(&first, sb_mem_root(), os,
                                                 &sb_connector_filesystem, node, 1, 1, NULL),
                         SB_OK);
        for (int i = 0; i < stop; i++) {
            if (sb_testing_source_next(&first, 1, 0, &batch) == SB_STEP_AGAIN) {
                sb_testing_print(batch, &out);
                sb_batch_free(batch);
            }
        }
        sb_str *positions = sb_testing_source_positions(&first);
        while (sb_testing_source_next(&first, 1, 0, &batch) == SB_STEP_AGAIN) {
            sb_batch_free(batch); /* rows that are lost with the crash */
        }
        first.connector->source->close(first.instance);
        first.instance = NULL;
        assert_int_equal(sb_testing_source_start(&second, sb_mem_root(), os,
                                                 &sb_connector_filesystem, node, 1, 1, positions),
                         SB_OK);
        while (sb_testing_source_next(&second, 1, 0, &batch) == SB_STEP_AGAIN) {
            sb_testing_print(batch, &out);
            sb_batch_free(batch);
        }
        assert_string_equal(out.data, whole);
        sb_testing_source_stop(&second);
        sb_testing_source_stop(&first);
        for (int i = 0; i < 2; i++) {
            sb_text again;
            sb_text_init(&again, sb_mem_root());
            assert_int_equal(sb_os_read_file(os, i ? "dead.1" : "dead", &again, &err), SB_OK);
            assert_string_equal(again.data, dead[i].data);
            sb_text_deinit(&again);
        }
    }
    sb_text_deinit(&dead[0]);
    sb_text_deinit(&dead[1]);
}

static void
test_changed_files(void **state)
{
    (void)state;
    const char *pairs[] = {"path", "in", "format", "json", NULL};
    put("in/a", "{\"a\":1}\n{\"a\":2}\n");
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "a INT", pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    sb_testing_source s;
    sb_batch *batch;
    /* Grown: only what was there when it was found. */
    assert_int_equal(
        sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem, node, 1, 10, NULL),
        SB_OK);
    put("in/a", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
    assert_int_equal(sb_testing_source_next(&s, 10, 0, &batch), SB_STEP_AGAIN);
    assert_int_equal(batch->count_rows, 2);
    sb_batch_free(batch);
    sb_testing_source_stop(&s);
    /* Shrunk and gone. */
    assert_int_equal(
        sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem, node, 1, 10, NULL),
        SB_OK);
    put("in/a", "{\"a\":1}\n");
    assert_int_equal(sb_testing_source_next(&s, 10, 0, &batch), SB_STEP_FAIL);
    assert_string_equal(
        s.err.message,
        "file 'in/a' was truncated: it had 24 bytes when it was found and has 8 now");
    sb_testing_source_stop(&s);
    assert_int_equal(
        sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem, node, 1, 10, NULL),
        SB_OK);
    assert_int_equal(os->remove(os, "in/a", &err), SB_OK);
    assert_int_equal(sb_testing_source_next(&s, 10, 0, &batch), SB_STEP_FAIL);
    assert_string_equal(s.err.message, "file 'in/a' has vanished since it was found");
    sb_testing_source_stop(&s);
}

static void
test_monitoring(void **state)
{
    (void)state;
    const char *pairs[] = {"path", "in", "format", "json", "source.monitor-interval", "3 s", NULL};
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "a INT", pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    sb_source_facts facts;
    assert_int_equal(sb_connector_filesystem.source_facts(table, &facts, &err), SB_OK);
    assert_false(facts.bounded);
    assert_int_equal(sb_fs_source.monitor_interval_ms(node), 3000);
    sb_split_list list = {.arena = arena};
    assert_int_equal(sb_fs_source.enumerate(node, os, sb_mem_root(), 1, &list, &err), SB_OK);
    assert_int_equal(list.count, 0);
    assert_false(list.complete);
    put("in/b", "{}");
    assert_int_equal(sb_fs_source.enumerate(node, os, sb_mem_root(), 1, &list, &err), SB_OK);
    put("in/a", "{}");
    assert_int_equal(sb_fs_source.enumerate(node, os, sb_mem_root(), 1, &list, &err), SB_OK);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.at[0].id, "in/b");
    assert_string_equal(list.at[1].id, "in/a");
}

static void
refuse(const char *const *pairs, sb_status status, const char *message)
{
    sb_source_facts facts;
    sb_error_clear(&err);
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "a INT", pairs);
    assert_int_equal(sb_connector_filesystem.source_facts(table, &facts, &err), status);
    assert_string_equal(err.message, message);
}

static void
test_options(void **state)
{
    (void)state;
    const char *no_path[] = {"format", "json", NULL};
    refuse(no_path, SB_STATUS_INVALID, "table 't': connector 'filesystem' needs the option 'path'");
    const char *no_format[] = {"path", "x", NULL};
    refuse(no_format, SB_STATUS_INVALID,
           "table 't': connector 'filesystem' needs the option 'format'");
    const char *odd_format[] = {"path", "x", "format", "parquet", NULL};
    refuse(odd_format, SB_STATUS_NOT_FOUND, "unknown format 'parquet'");
    const char *unknown[] = {"path", "x", "format", "json", "json.ignore-parse-error",
                             "true", NULL};
    refuse(unknown, SB_STATUS_INVALID,
           "connector 'filesystem' has no option 'json.ignore-parse-error'");
    assert_string_equal(err.hint, "did you mean 'json.ignore-parse-errors'?");
    assert_int_equal(err.position, 104);
    const char *remote[] = {"path", "s3://b/x", "format", "json", NULL};
    refuse(remote, SB_STATUS_NOT_SUPPORTED, "not supported: s3 paths ('path' = 's3://b/x')");
    const char *packed[] = {"path", "x.json.bz2", "format", "json", NULL};
    refuse(packed, SB_STATUS_NOT_SUPPORTED, "not supported: files compressed as 'x.json.bz2' is");
    const char *dead[] = {"path", "x", "format", "json", "bad-records", "dead-letter", NULL};
    refuse(dead, SB_STATUS_INVALID,
           "option 'bad-records' = 'dead-letter': needs the option 'bad-records.path'");
    const char *interval[] = {"path",  "x", "format", "json", "source.monitor-interval",
                              "often", NULL};
    refuse(interval, SB_STATUS_INVALID,
           "option 'source.monitor-interval' = 'often': expected a duration such as '10 s', '1 "
           "min', '500 ms'");
    const char *format_option[] = {"path", "x", "format", "csv", "csv.field-delimiter", "::", NULL};
    refuse(format_option, SB_STATUS_INVALID,
           "format 'csv': option 'field-delimiter' = '::': expected one ASCII character");
    assert_int_equal(err.position, 104);
    const char *regex[] = {"path", "x", "format", "json", "source.path.regex-pattern", "a(", NULL};
    refuse(regex, SB_STATUS_INVALID,
           "option 'source.path.regex-pattern' = 'a(': missing closing parenthesis at character 3");
    const char *compaction[] = {"path", "x", "format", "json", "auto-compaction", "true", NULL};
    refuse(compaction, SB_STATUS_NOT_SUPPORTED, "not supported: 'auto-compaction' = 'true'");
}

/* What `gzip -n` makes of {"f":"one"}, {"f":"two"} and of {"f":"three"}, a member each; what `zstd`
 * makes of all three. */
static const unsigned char packed_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xab, 0x56, 0x4a, 0x53, 0xb2,
    0x52, 0xca, 0xcf, 0x4b, 0x55, 0xaa, 0xe5, 0xaa, 0x06, 0xb3, 0x4b, 0xca, 0xf3, 0x81, 0x6c,
    0x00, 0x6f, 0xe4, 0x67, 0xb4, 0x18, 0x00, 0x00, 0x00, 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x03, 0xab, 0x56, 0x4a, 0x53, 0xb2, 0x52, 0x2a, 0xc9, 0x28, 0x4a, 0x4d,
    0x55, 0xaa, 0xe5, 0x02, 0x00, 0xfe, 0xfa, 0x89, 0xa7, 0x0e, 0x00, 0x00, 0x00};
static const unsigned char packed_zstd[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0xf5, 0x00, 0x00, 0xb0, 0x7b, 0x22, 0x66, 0x22, 0x3a,
    0x22, 0x6f, 0x6e, 0x65, 0x22, 0x7d, 0x0a, 0x74, 0x77, 0x6f, 0x68, 0x72, 0x65, 0x65, 0x22,
    0x7d, 0x0a, 0x02, 0x00, 0x60, 0x8f, 0x0f, 0x25, 0x09, 0x3a, 0x9e, 0xb3, 0xa9};

#define PACKED_ROWS                              \
    "{\"op\":\"+I\",\"data\":{\"f\":\"one\"}}\n" \
    "{\"op\":\"+I\",\"data\":{\"f\":\"two\"}}\n" \
    "{\"op\":\"+I\",\"data\":{\"f\":\"three\"}}\n"

/* Rows of a table read one at a time, by a new source after each row. */
static void
read_with_restarts(const char *const *pairs)
{
    const sb_table_desc *table = sb_testing_table(arena, "filesystem", "f STRING", pairs);
    sb_source_node *node = sb_testing_source_node(arena, table);
    sb_str *positions = NULL;
    sb_step step = SB_STEP_AGAIN;
    sb_text_clear(&out);
    for (int i = 0; i < 10 && step == SB_STEP_AGAIN; i++) {
        sb_testing_source s;
        sb_batch *batch;
        assert_int_equal(sb_testing_source_start(&s, sb_mem_root(), os, &sb_connector_filesystem,
                                                 node, 1, 1, positions),
                         SB_OK);
        step = sb_testing_source_next(&s, 1, 0, &batch);
        if (batch) {
            sb_testing_print(batch, &out);
            sb_batch_free(batch);
        }
        sb_str *next = sb_testing_source_positions(&s);
        positions = SB_NEW(arena, sb_str);
        positions->data = sb_arena_memdup(arena, next->data, next->size);
        positions->size = next->size;
        sb_testing_source_stop(&s);
    }
    assert_int_equal(step, SB_STEP_DONE);
}

static void
test_compressed(void **state)
{
    (void)state;
    put_bytes("x.json.gz", (const char *)packed_gzip, sizeof packed_gzip);
    put_bytes("x.json.zst", (const char *)packed_zstd, sizeof packed_zstd);
    put_bytes("x.json", (const char *)packed_zstd, sizeof packed_zstd);
    const char *gzip[] = {"path", "x.json.gz", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", gzip, 100), PACKED_ROWS "bad 0\n");
    assert_string_equal(read_all("f STRING", gzip, 1), PACKED_ROWS "bad 0\n");
    const char *zstd[] = {"path", "x.json.zst", "format", "json", NULL};
    assert_string_equal(read_all("f STRING", zstd, 100), PACKED_ROWS "bad 0\n");
    const char *named[] = {"path", "x.json", "format", "json", "source.compression", "zstd", NULL};
    assert_string_equal(read_all("f STRING", named, 100), PACKED_ROWS "bad 0\n");
    read_with_restarts(gzip);
    assert_string_equal(out.data, PACKED_ROWS);
    read_with_restarts(zstd);
    assert_string_equal(out.data, PACKED_ROWS);
}

/* A stream that ends too early or is damaged fails whatever the policy for bad records is. */
static void
test_damaged_streams(void **state)
{
    (void)state;
    unsigned char damaged[sizeof packed_zstd];
    const char *pairs[] = {"path", "x.json.gz", "format", "json", "bad-records", "skip", NULL};
    put_bytes("x.json.gz", (const char *)packed_gzip, sizeof packed_gzip - 9);
    assert_non_null(strstr(read_all("f STRING", pairs, 100),
                           "FAIL file 'x.json.gz', byte 64: damaged gzip data: it ends in the "
                           "middle\nbad 0\n"));
    memcpy(damaged, packed_zstd, sizeof damaged);
    damaged[15] ^= 1;
    put_bytes("x.json.zst", (const char *)damaged, sizeof damaged);
    pairs[1] = "x.json.zst";
    assert_non_null(strstr(read_all("f STRING", pairs, 100), "FAIL file 'x.json.zst', byte "));
    put_bytes("x.json.lz4", (const char *)packed_zstd, sizeof packed_zstd);
    pairs[1] = "x.json.lz4";
    assert_non_null(strstr(read_all("f STRING", pairs, 100),
                           "FAIL file 'x.json.lz4', byte 0: damaged lz4 data: "));
}

static sb_status
read_with_little_memory(sb_mem *mem, void *ctx, sb_error *error)
{
    sb_testing_source s;
    sb_status status =
        sb_testing_source_start(&s, mem, os, &sb_connector_filesystem, ctx, 1, 10, NULL);
    while (status == SB_OK) {
        sb_batch *batch;
        sb_step step = sb_testing_source_next(&s, 10, 0, &batch);
        if (batch) {
            sb_batch_free(batch);
        }
        if (step == SB_STEP_FAIL) {
            status = s.err.status;
        } else if (step != SB_STEP_AGAIN) {
            break;
        }
    }
    *error = s.err;
    sb_testing_source_stop(&s);
    return status;
}

static void
test_out_of_memory(void **state)
{
    (void)state;
    put("in/a", "{\"a\":1,\"s\":\"a string that is not "
                "inline\",\"l\":[1,2],\"r\":{\"x\":\"\\u0041\"}}\nbad\n{\"a\":2}\n");
    put("in/b", "{\"a\":3}\n");
    const char *pairs[] = {"path",        "in",          "format",           "json",
                           "bad-records", "dead-letter", "bad-records.path", "dead",
                           NULL};
    const sb_table_desc *table = sb_testing_table(
        arena, "filesystem", "a INT, s STRING, l ARRAY<INT>, r ROW<x STRING>", pairs);
    assert_true(sb_testing_fail_each_allocation(read_with_little_memory,
                                                sb_testing_source_node(arena, table)) > 20);
    put("in/a", "1,\"a \"\"string\"\" that is not inline\",1;2,x\nbad\n2\n");
    put("in/b", "3,,,\n");
    const char *csv[] = {"path", "in", "format", "csv", "bad-records", "skip", NULL};
    table = sb_testing_table(arena, "filesystem", "a INT, s STRING, l ARRAY<INT>, r ROW<x STRING>",
                             csv);
    assert_true(sb_testing_fail_each_allocation(read_with_little_memory,
                                                sb_testing_source_node(arena, table)) > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_folder_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_globs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_edges_of_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_metadata, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_positions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_monitoring, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_compressed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_streams, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_out_of_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
