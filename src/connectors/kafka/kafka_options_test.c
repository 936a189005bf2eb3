/*
 * connectors/kafka/kafka_options_test.c -- what a table says, and which tables say nothing
 * sensible.
 */
#include "connectors/kafka/kafka_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/kafka/kafka_testing.h"

static sb_arena *arena;
static sb_error err;

static int
set_up(void **state)
{
    (void)state;
    arena = sb_arena_new(sb_mem_root());
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    arena = sb_arena_free(arena);
    return 0;
}

static const sb_kafka_options *
read_table(const char *connector, const char *key, sb_kafka_side side, const char *const *pairs)
{
    const sb_kafka_options *o;
    sb_error_clear(&err);
    const sb_table_desc *table =
        sb_kafka_testing_table(arena, connector, "k_a INT, k_b STRING, v INT", key, pairs);
    return sb_kafka_options_read(table, side, arena, &o, &err) == SB_OK ? o : NULL;
}

static const sb_kafka_options *
must_read(const char *connector, const char *key, sb_kafka_side side, const char *const *pairs)
{
    const sb_kafka_options *o = read_table(connector, key, side, pairs);
    if (!o) {
        fail_msg("%s", err.message);
    }
    return o;
}

static void
defaults_are_flinks(void **state)
{
    (void)state;
    const char *pairs[] = {"format", "json", "properties.group.id", "g", NULL};
    const sb_kafka_options *o = must_read("kafka", NULL, SB_KAFKA_SOURCE, pairs);
    assert_false(o->upsert);
    assert_int_equal(o->count_topics, 1);
    assert_string_equal(o->topics[0], "t");
    assert_null(o->pattern);
    assert_string_equal(o->servers, "here:9092");
    assert_null(o->key.format);
    assert_int_equal(o->value.columns.count, 3);
    assert_int_equal(o->start, SB_KAFKA_START_GROUP);
    assert_int_equal(o->reset, SB_KAFKA_RESET_NONE);
    assert_int_equal(o->stop, SB_KAFKA_STOP_NEVER);
    assert_int_equal(o->discovery_ms, 300000);
    assert_true(o->uncommitted);
    assert_true(o->commit_offsets);
    assert_int_equal(o->bad, SB_BAD_FAIL);
    o = must_read("kafka", NULL, SB_KAFKA_SINK, pairs);
    assert_int_equal(o->guarantee, SB_KAFKA_AT_LEAST_ONCE);
    assert_int_equal(o->partitioner, SB_KAFKA_PARTITIONER_DEFAULT);
    assert_int_equal(o->flush_rows, 0);
    assert_int_equal(o->transaction_timeout_ms, 0);
    assert_int_equal(o->delivery_timeout_ms, 120000);
}

static void
a_source_says_where_it_begins_and_ends(void **state)
{
    (void)state;
    const char *pairs[] = {"format",
                           "json",
                           "scan.startup.mode",
                           "Specific-Offsets",
                           "scan.startup.specific-offsets",
                           "partition:7,offset:300;partition:0,offset:42;",
                           "scan.bounded.mode",
                           "timestamp",
                           "scan.bounded.timestamp-millis",
                           "1700000000000",
                           "scan.topic-partition-discovery.interval",
                           "0",
                           "properties.isolation.level",
                           "read_committed",
                           "properties.auto.offset.reset",
                           "latest",
                           "bad-records",
                           "dead-letter",
                           "bad-records.topic",
                           "dead",
                           NULL};
    const sb_kafka_options *o = must_read("kafka", NULL, SB_KAFKA_SOURCE, pairs);
    assert_int_equal(o->start, SB_KAFKA_START_OFFSETS);
    assert_int_equal(o->start_offsets.count, 2);
    assert_int_equal(o->start_offsets.at[0].partition, 0);
    assert_int_equal(o->start_offsets.at[0].offset, 42);
    assert_int_equal(o->start_offsets.at[1].partition, 7);
    assert_int_equal(o->start_offsets.at[1].offset, 300);
    assert_int_equal(o->stop, SB_KAFKA_STOP_TIME);
    assert_int_equal(o->stop_ms, 1700000000000);
    assert_int_equal(o->discovery_ms, 0);
    assert_false(o->uncommitted);
    assert_false(o->commit_offsets); /* there is no group */
    assert_int_equal(o->reset, SB_KAFKA_RESET_LATEST);
    assert_int_equal(o->bad, SB_BAD_DEAD_LETTER);
    assert_string_equal(o->bad_topic, "dead");
}

static void
keys_lose_their_prefix(void **state)
{
    (void)state;
    const char *pairs[] = {"topic",
                           "a; b",
                           "key.format",
                           "json",
                           "key.json.ignore-parse-errors",
                           "true",
                           "key.fields",
                           "k_b;k_a",
                           "key.fields-prefix",
                           "k_",
                           "value.format",
                           "csv",
                           "value.csv.field-delimiter",
                           ";",
                           "value.fields-include",
                           "except_key",
                           "scan.startup.mode",
                           "earliest-offset",
                           NULL};
    const sb_kafka_options *o = must_read("kafka", NULL, SB_KAFKA_SOURCE, pairs);
    assert_int_equal(o->count_topics, 2);
    assert_string_equal(o->topics[1], "b");
    assert_int_equal(o->key.columns.count, 2);
    assert_int_equal(o->key.columns.at[0], 1);
    assert_int_equal(o->key.columns.at[1], 0);
    assert_string_equal(o->key.table.columns->fields[0].name, "b");
    assert_string_equal(o->key.table.columns->fields[1].name, "a");
    assert_string_equal(sb_format_get(&o->key.table, "ignore-parse-errors", ""), "true");
    assert_int_equal(o->value.columns.count, 1);
    assert_int_equal(o->value.columns.at[0], 2);
    assert_string_equal(sb_format_get(&o->value.table, "field-delimiter", ""), ";");
}

static void
subjects_are_named_after_the_topic(void **state)
{
    (void)state;
    const char *pairs[] = {"key.format",
                           "avro-confluent",
                           "key.avro-confluent.url",
                           "http://r:1",
                           "key.fields",
                           "v",
                           "value.format",
                           "avro-confluent",
                           "value.avro-confluent.url",
                           "http://r:1",
                           NULL};
    const sb_kafka_options *o = must_read("kafka", NULL, SB_KAFKA_SINK, pairs);
    assert_string_equal(sb_format_get(&o->key.table, "subject", ""), "t-key");
    assert_string_equal(sb_format_get(&o->value.table, "subject", ""), "t-value");
    assert_string_equal(sb_format_get(&o->value.table, "url", ""), "http://r:1");
}

static void
an_upsert_table_has_its_key(void **state)
{
    (void)state;
    const char *pairs[] = {"key.format",
                           "csv",
                           "value.format",
                           "json",
                           "sink.buffer-flush.max-rows",
                           "100",
                           "sink.buffer-flush.interval",
                           "2 s",
                           NULL};
    const sb_kafka_options *o = must_read("upsert-kafka", "k_b v", SB_KAFKA_SINK, pairs);
    assert_true(o->upsert);
    assert_int_equal(o->key.columns.count, 2);
    assert_int_equal(o->key.columns.at[0], 1);
    assert_int_equal(o->key.columns.at[1], 2);
    assert_int_equal(o->value.columns.count, 3);
    assert_int_equal(o->flush_rows, 100);
    assert_int_equal(o->flush_ms, 2000);
    o = must_read("upsert-kafka", "k_b", SB_KAFKA_SOURCE, pairs);
    assert_int_equal(o->start, SB_KAFKA_START_EARLIEST);
}

typedef struct bad_case {
    const char *connector, *key;
    sb_kafka_side side;
    const char *pairs[13];
    const char *message; /* part of it */
} bad_case;

#define JSON     "format", "json"
#define EARLIEST "scan.startup.mode", "earliest-offset"
#define UPSERT   "key.format", "json", "value.format", "json"
#define SRC      SB_KAFKA_SOURCE
#define SNK      SB_KAFKA_SINK

static const bad_case bad_cases[] = {
    {"kafka", NULL, SRC, {EARLIEST}, "needs the option 'format'"},
    {"kafka", NULL, SRC, {"format", "jsn"}, "unknown format 'jsn'"},
    {"kafka", NULL, SRC, {JSON, "value.format", "csv"}, "'format' names another one"},
    {"kafka", NULL, SRC, {JSON}, "(the default) needs the option 'properties.group.id'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "scan.bounded.mode", "group-offsets"},
     "'scan.bounded.mode' = 'group-offsets' needs"},
    {"kafka",
     NULL,
     SRC,
     {JSON, "topic", "a", "topic-pattern", "b", EARLIEST},
     "not together with 'topic'"},
    {"kafka", NULL, SRC, {JSON, EARLIEST, "topic", "a;;b"}, "empty name"},
    {"kafka", NULL, SRC, {JSON, EARLIEST, "topic", "a;a"}, "names a topic twice"},
    {"kafka", NULL, SRC, {JSON, EARLIEST, "topic", "a b"}, "letters, digits"},
    {"kafka", NULL, SRC, {JSON, EARLIEST, "topic-pattern", "a("}, "'topic-pattern'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, "scan.startup.mode", "earliest"},
     "expected group-offsets, earliest-offset, latest-offset, timestamp or specific-offsets"},
    {"kafka",
     NULL,
     SRC,
     {JSON, "scan.startup.mode", "timestamp"},
     "needs the option 'scan.startup.timestamp-millis'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, "scan.startup.mode", "specific-offsets"},
     "needs the option 'scan.startup.specific-offsets'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, "topic", "a;b", "scan.startup.mode", "specific-offsets",
      "scan.startup.specific-offsets", "partition:0,offset:1"},
     "of one topic only"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "scan.bounded.mode", "specific-offsets", "scan.bounded.specific-offsets",
      "partition:0,offset:x"},
     "expected 'partition:0,offset:42;partition:1,offset:300'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "scan.bounded.mode", "specific-offsets", "scan.bounded.specific-offsets",
      "partition:0;offset:1"},
     "expected 'partition:0,offset:42;partition:1,offset:300'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "scan.bounded.mode", "specific-offsets", "scan.bounded.specific-offsets",
      "partition:1,offset:1;partition:1,offset:2"},
     "names a partition twice"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "properties.auto.offset.reset", "smallest"},
     "expected none, earliest or latest"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "bad-records", "dead-letter"},
     "needs the option 'bad-records.topic'"},
    {"kafka",
     NULL,
     SRC,
     {JSON, EARLIEST, "bad-records", "dead-letter", "bad-records.topic", "t"},
     "is a topic of the table itself"},
    {"kafka", NULL, SNK, {JSON, "key.fields", "v"}, "only with 'key.format'"},
    {"kafka", NULL, SNK, {JSON, "key.format", "json"}, "needs 'key.fields'"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "key.format", "json", "key.fields", "x"},
     "has no physical column 'x'"},
    {"kafka", NULL, SNK, {JSON, "key.format", "json", "key.fields", "v;v"}, "twice"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "key.format", "json", "key.fields", "v", "key.fields-prefix", "k_",
      "value.fields-include", "EXCEPT_KEY"},
     "the key column 'v' does not begin with it"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "key.format", "json", "key.fields", "k_a", "key.fields-prefix", "k_"},
     "needs 'value.fields-include' = 'EXCEPT_KEY'"},
    {"kafka", NULL, SNK, {JSON, "value.fields-include", "SOME"}, "expected ALL or EXCEPT_KEY"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "key.format", "changelog-json", "key.fields", "v"},
     "a key has inserts only"},
    {"kafka", "v", SNK, {JSON}, "no PRIMARY KEY with the format 'json'"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "sink.delivery-guarantee", "exactly-once"},
     "needs the option 'sink.transactional-id-prefix'"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "sink.semantic", "exactly-once"},
     "needs the option 'sink.transactional-id-prefix'"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "sink.delivery-guarantee", "twice"},
     "expected at-least-once, exactly-once or none"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "sink.partitioner", "random"},
     "expected default, fixed or round-robin"},
    {"kafka", NULL, SNK, {JSON, "sink.partitioner", "org.x.Part"}, "a class of Java"},
    {"kafka",
     NULL,
     SNK,
     {JSON, "key.format", "json", "key.fields", "v", "sink.partitioner", "round-robin"},
     "not together with 'key.fields'"},
    {"kafka", NULL, SNK, {JSON, "sink.buffer-flush.max-rows", "1"}, "has no option"},
    {"kafka", NULL, SNK, {JSON, "properties.transaction.timeout.ms", "soon"}, "whole number"},
    {"kafka", NULL, SNK, {JSON, "properties.lingr.ms", "5"}, "unknown property 'lingr.ms'"},
    {"upsert-kafka", NULL, SNK, {UPSERT}, "needs a PRIMARY KEY"},
    {"upsert-kafka", "v", SNK, {"value.format", "json"}, "needs the option 'key.format'"},
    {"upsert-kafka", "v", SNK, {"key.format", "json"}, "needs the option 'value.format'"},
    {"upsert-kafka",
     "v",
     SNK,
     {"key.format", "json", "value.format", "changelog-json"},
     "'upsert-kafka' takes formats of inserts only"},
    {"upsert-kafka",
     "v",
     SNK,
     {UPSERT, "sink.buffer-flush.max-rows", "5"},
     "needs a 'sink.buffer-flush.interval'"},
    {"upsert-kafka",
     "v",
     SNK,
     {UPSERT, "sink.buffer-flush.interval", "1 s"},
     "needs a 'sink.buffer-flush.max-rows'"},
    {"upsert-kafka", "v", SRC, {UPSERT, EARLIEST}, "has no option 'scan.startup.mode'"},
    {"upsert-kafka", "v", SRC, {UPSERT, "key.fields", "v"}, "has no option 'key.fields'"},
};

static void
what_makes_no_sense_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_cases / sizeof bad_cases[0]; i++) {
        const bad_case *c = &bad_cases[i];
        if (read_table(c->connector, c->key, c->side, c->pairs)) {
            fail_msg("case %zu is no error; expected \"%s\"", i, c->message);
        }
        if (!strstr(err.message, c->message)) {
            fail_msg("case %zu: \"%s\", expected \"%s\"", i, err.message, c->message);
        }
    }
}

static void
brokers_are_needed(void **state)
{
    (void)state;
    const sb_kafka_options *o;
    const char *pairs[] = {"format", "json", "topic", "t", EARLIEST, NULL};
    const sb_table_desc *table = sb_testing_table(arena, "kafka", "a INT", pairs);
    assert_int_equal(sb_kafka_options_read(table, SB_KAFKA_SOURCE, arena, &o, &err),
                     SB_STATUS_INVALID);
    assert_non_null(strstr(err.message, "needs the option 'properties.bootstrap.servers'"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults_are_flinks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_source_says_where_it_begins_and_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_lose_their_prefix, set_up, tear_down),
        cmocka_unit_test_setup_teardown(subjects_are_named_after_the_topic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_upsert_table_has_its_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(brokers_are_needed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
