/*
 * connectors/kafka/kafka_sink_test.c -- rows to topics of the simulated cluster.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/kafka/kafka.h"
#include "connectors/kafka/kafka_testing.h"
#include "connectors/kafka/kafka_transactions.h"
#include "formats/formats_testing.h"

static sb_kafka_testing world;
static sb_error err;

static int
set_up(void **state)
{
    (void)state;
    sb_kafka_testing_open(&world, 5);
    sb_log_sim_topic(world.sim, "t", 3);
    sb_error_clear(&err);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    sb_kafka_testing_close(&world);
    return 0;
}

typedef struct fixture {
    sb_sink *sink;
    sb_sink_init init;
    sb_sink_node node;
    sb_metrics metrics;
    sb_schema input;
    sb_field fields[16];
} fixture;

static void
no_wake(void *ctx)
{
    (void)ctx;
}

/* metadata: key, key, ..., NULL; may be NULL */
static sb_status
start(fixture *f, sb_mem *mem, const sb_table_desc *table, const char *const *metadata,
      int32_t subtask, sb_decider *decider)
{
    sb_metadata_column *columns = SB_NEW_ARRAY(world.arena, sb_metadata_column, 8);
    *f = (fixture){.node = {.table = table, .metadata = columns}};
    for (int32_t i = 0; i < table->columns->count; i++) {
        f->fields[f->input.count++] = table->columns->fields[i];
    }
    for (int32_t i = 0; metadata && metadata[i]; i++) {
        sb_metadata_column *column = &columns[f->node.count_metadata++];
        column->key = metadata[i];
        assert_int_equal(sb_connector_kafka.metadata(table, metadata[i], true, &column->type, &err),
                         SB_OK);
        f->fields[f->input.count++] = (sb_field){.name = metadata[i], .type = column->type};
    }
    f->input.fields = f->fields;
    f->init = (sb_sink_init){.mem = mem,
                             .os = world.os,
                             .node = &f->node,
                             .input = &f->input,
                             .subtask = subtask,
                             .parallelism = 4,
                             .zone = "UTC",
                             .job_id = "job-1",
                             .attempt = 1,
                             .decider = decider,
                             .wake = no_wake};
    f->init.metrics = &f->metrics;
    f->sink = calloc(1, sb_kafka_sink.instance_size);
    f->sink->vtable = &sb_kafka_sink;
    f->sink->ctx = &f->init;
    return sb_kafka_sink.init(f->sink, &f->init, &err);
}

static void
stop(fixture *f)
{
    sb_kafka_sink.close(f->sink);
    free(f->sink);
}

static void
must_start(fixture *f, const sb_table_desc *table, const char *const *metadata, int32_t subtask)
{
    if (start(f, sb_mem_root(), table, metadata, subtask, NULL) != SB_OK) {
        fail_msg("%s", err.message);
    }
}

/* Writes lines of changelog-json, in as many calls as it takes. */
static sb_status
write_at(fixture *f, const char *lines, int64_t now_ms)
{
    sb_batch *batch = sb_testing_batch(sb_mem_root(), &f->input, lines);
    sb_status status = SB_OK;
    int32_t row = 0;
    for (int turn = 0; row < batch->count_rows && status == SB_OK; turn++) {
        int32_t taken = 0;
        assert_true(turn < 100000);
        status = sb_kafka_sink.write(f->sink, batch, row, now_ms, &taken, &err);
        assert_true(taken >= 0 && taken <= batch->count_rows - row);
        row += taken;
    }
    sb_batch_free(batch);
    return status;
}

static void
must_write(fixture *f, const char *lines)
{
    if (write_at(f, lines, 1000) != SB_OK) {
        fail_msg("%s", err.message);
    }
}

static sb_status
prepare(fixture *f, bool last)
{
    sb_writer w;
    sb_writer_init(&w, sb_mem_root());
    sb_status status = sb_kafka_sink.prepare(f->sink, 1, last, &w, &err);
    assert_int_equal(w.out.size, 0);
    sb_writer_deinit(&w);
    return status;
}

static void
topic_is(const char *topic, const char *expected)
{
    assert_string_equal(sb_kafka_testing_read(&world, topic, true), expected);
}

#define ROW(op, data) "{\"op\":\"" op "\",\"data\":{" data "}}\n"

/* --- messages --- */

static void
values_are_rows(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "json", "sink.partitioner", "fixed", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a INT, s STRING", NULL, pairs),
               NULL, 1);
    must_write(&f, ROW("+I", "\"a\":1,\"s\":\"x\"") ROW("+I", "\"a\":2,\"s\":null"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "1 value={\"a\":1,\"s\":\"x\"}\n1 value={\"a\":2,\"s\":null}\n");
    stop(&f);
}

static void
keys_have_their_own_format_and_names(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"key.format",
                           "json",
                           "key.fields",
                           "k_b; k_a",
                           "key.fields-prefix",
                           "k_",
                           "value.format",
                           "csv",
                           "value.csv.field-delimiter",
                           ";",
                           "value.fields-include",
                           "EXCEPT_KEY",
                           "sink.partitioner",
                           "fixed",
                           NULL};
    must_start(&f,
               sb_kafka_testing_table(world.arena, "kafka", "k_a INT, x STRING, k_b STRING, y INT",
                                      NULL, pairs),
               NULL, 0);
    must_write(&f, ROW("+I", "\"k_a\":1,\"x\":\"u\",\"k_b\":\"b\",\"y\":7"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "0 key={\"b\":\"b\",\"a\":1} value=u;7\n");
    stop(&f);
}

static void
rows_of_one_key_share_a_partition(void **state)
{
    (void)state;
    fixture f;
    int32_t of[10];
    const char *pairs[] = {"format", "json", "key.format", "raw", "key.fields", "k", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "k STRING", NULL, pairs), NULL, 0);
    for (int i = 0; i < 40; i++) {
        char line[96];
        snprintf(line, sizeof line, ROW("+I", "\"k\":\"%d\""), i % 10);
        must_write(&f, line);
    }
    assert_int_equal(prepare(&f, false), SB_OK);
    int32_t seen = 0, partitions = 0;
    memset(of, -1, sizeof of);
    for (char *p = sb_kafka_testing_read(&world, "t", true); *p; p = strchr(p, '\n') + 1) {
        int32_t partition, key;
        assert_int_equal(sscanf(p, "%d key=%d", &partition, &key), 2);
        assert_true(of[key] < 0 || of[key] == partition);
        of[key] = partition;
        partitions |= 1 << partition;
        seen++;
    }
    assert_int_equal(seen, 40);
    assert_true(partitions != 1 && partitions != 2 && partitions != 4);
    stop(&f);
}

static void
changelog_formats_take_all_changes(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "changelog-json", "sink.partitioner", "fixed", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a INT", NULL, pairs), NULL, 0);
    must_write(&f,
               ROW("+I", "\"a\":1") ROW("-U", "\"a\":1") ROW("+U", "\"a\":2") ROW("-D", "\"a\":2"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "0 value={\"op\":\"+I\",\"data\":{\"a\":1}}\n"
                  "0 value={\"op\":\"-U\",\"data\":{\"a\":1}}\n"
                  "0 value={\"op\":\"+U\",\"data\":{\"a\":2}}\n"
                  "0 value={\"op\":\"-D\",\"data\":{\"a\":2}}\n");
    stop(&f);
}

static void
a_null_of_raw_is_no_value(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "raw", "sink.partitioner", "fixed", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "s STRING", NULL, pairs), NULL, 0);
    must_write(&f, ROW("+I", "\"s\":\"\"") ROW("+I", "\"s\":null"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "0 value=\n0\n");
    stop(&f);
}

/* --- partitioners --- */

static void
round_robin_goes_on_over_refused_rows(void **state)
{
    (void)state;
    fixture f;
    int32_t count[3] = {0};
    const char *pairs[] = {"format", "raw", "sink.partitioner", "round-robin", NULL};
    sb_text lines;
    sb_text_init(&lines, sb_mem_root());
    for (int i = 0; i < 3000; i++) { /* more than the queue takes at once */
        sb_text_printf(&lines, ROW("+I", "\"a\":\"%d\""), i);
    }
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs), NULL, 2);
    must_write(&f, lines.data);
    assert_int_equal(prepare(&f, false), SB_OK);
    for (char *p = sb_kafka_testing_read(&world, "t", true); *p; p = strchr(p, '\n') + 1) {
        int32_t partition, value;
        assert_int_equal(sscanf(p, "%d value=%d", &partition, &value), 2);
        assert_int_equal(value, 3 * count[partition] + (partition + 1) % 3);
        count[partition]++;
    }
    assert_int_equal(count[0] + count[1] + count[2], 3000);
    sb_text_deinit(&lines);
    stop(&f);
}

static void
partitioners_that_count_need_the_topic(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "raw", "sink.partitioner", "fixed", "topic", "none", NULL};
    assert_int_equal(start(&f, sb_mem_root(),
                           sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs),
                           NULL, 0, NULL),
                     SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(err.message, "table 't'"));
    assert_non_null(strstr(err.message, "none"));
    assert_non_null(strstr(err.hint, "kafka-topics.sh --create --bootstrap-server here:9092"));
    stop(&f);
}

/* --- metadata --- */

static void
metadata_is_written(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "json", "sink.partitioner", "fixed", NULL};
    const char *keys[] = {"timestamp", "headers", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a INT", NULL, pairs), keys, 0);
    must_write(&f, ROW("+I", "\"a\":1,\"timestamp\":\"1970-01-01 00:00:05.250Z\",\"headers\":{"
                             "\"h\":\"YWI=\",\"n\":null}"));
    must_write(&f, ROW("+I", "\"a\":2,\"timestamp\":null,\"headers\":null"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "0 value={\"a\":1} @5250 {h=ab} {n=NULL}\n0 value={\"a\":2}\n");
    assert_int_equal(write_at(&f,
                              ROW("+I", "\"a\":3,\"timestamp\":\"1969-12-31 23:59:59.999Z\","
                                        "\"headers\":null"),
                              0),
                     SB_STATUS_DATA);
    assert_non_null(strstr(err.message, "before 1970 (-1 ms)"));
    stop(&f);
}

static void
header_lists_keep_order_and_repeats(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "json", "sink.partitioner", "fixed", NULL};
    const char *keys[] = {"header-list", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a INT", NULL, pairs), keys, 0);
    must_write(&f, ROW("+I", "\"a\":1,\"header-list\":[{\"key\":\"z\",\"value\":\"MQ==\"},"
                             "{\"key\":\"a\",\"value\":\"Mg==\"},{\"key\":null,\"value\":"
                             "\"Mw==\"},null,{\"key\":\"z\",\"value\":null}]"));
    must_write(&f, ROW("+I", "\"a\":2,\"header-list\":[{\"key\":\"q\",\"value\":\"NA==\"}]"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "0 value={\"a\":1} {z=1} {a=2} {z=NULL}\n0 value={\"a\":2} {q=4}\n");
    stop(&f);
}

static void
topics_are_chosen_by_row(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "raw", "topic", "t;u", "sink.partitioner", "fixed", NULL};
    const char *keys[] = {"topic", NULL};
    sb_table_desc *table = sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs);
    sb_log_sim_topic(world.sim, "u", 2);
    must_start(&f, table, keys, 2);
    must_write(&f, ROW("+I", "\"a\":\"1\",\"topic\":\"u\"") ROW("+I", "\"a\":\"2\",\"topic\":\"t\"")
                       ROW("+I", "\"a\":\"3\",\"topic\":\"u\""));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("t", "2 value=2\n");
    topic_is("u", "0 value=1\n0 value=3\n");
    assert_int_equal(write_at(&f, ROW("+I", "\"a\":\"1\",\"topic\":\"v\""), 0), SB_STATUS_DATA);
    assert_non_null(strstr(err.message, "is 'v', which is not in the list 'topic'"));
    assert_int_equal(write_at(&f, ROW("+I", "\"a\":\"1\",\"topic\":null"), 0), SB_STATUS_DATA);
    assert_non_null(strstr(err.message, "is NULL"));
    stop(&f);
    assert_int_equal(start(&f, sb_mem_root(), table, NULL, 0, NULL), SB_STATUS_INVALID);
    stop(&f);
}

static void
topics_of_a_pattern_are_chosen_by_row(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format", "raw", "topic-pattern", "u-[0-9]+", "sink.partitioner",
                           "fixed",  NULL};
    const char *keys[] = {"topic", NULL};
    sb_log_sim_topic(world.sim, "u-1", 1);
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs), keys, 0);
    must_write(&f, ROW("+I", "\"a\":\"1\",\"topic\":\"u-1\""));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("u-1", "0 value=1\n");
    assert_int_equal(write_at(&f, ROW("+I", "\"a\":\"1\",\"topic\":\"t\""), 0), SB_STATUS_DATA);
    assert_non_null(strstr(err.message, "does not match 'topic-pattern'"));
    assert_int_equal(write_at(&f, ROW("+I", "\"a\":\"1\",\"topic\":\"u-2\""), 0),
                     SB_STATUS_NOT_FOUND);
    stop(&f);
}

/* --- upserts --- */

static const sb_table_desc *
upsert_table(const char *rows, const char *interval)
{
    const char *pairs[] = {"key.format",
                           "raw",
                           "value.format",
                           "json",
                           "sink.buffer-flush.max-rows",
                           rows,
                           "sink.buffer-flush.interval",
                           interval,
                           NULL};
    return sb_kafka_testing_table(world.arena, "upsert-kafka", "k STRING, v INT", "k", pairs);
}

#define UPSERT(op, k, v) ROW(op, "\"k\":\"" k "\",\"v\":" v)

static void
deletes_are_tombstones(void **state)
{
    (void)state;
    fixture f;
    sb_log_sim_topic(world.sim, "one", 1);
    const char *pairs[] = {"key.format", "raw", "value.format", "json", "topic", "one", NULL};
    must_start(&f,
               sb_kafka_testing_table(world.arena, "upsert-kafka", "k STRING, v INT", "k", pairs),
               NULL, 0);
    must_write(&f, UPSERT("+I", "a", "1") UPSERT("-U", "a", "1") UPSERT("+U", "a", "2")
                       UPSERT("-D", "a", "2") UPSERT("+I", "b", "3"));
    assert_int_equal(prepare(&f, false), SB_OK);
    topic_is("one", "0 key=a value={\"k\":\"a\",\"v\":1}\n0 key=a value={\"k\":\"a\",\"v\":2}\n"
                    "0 key=a\n0 key=b value={\"k\":\"b\",\"v\":3}\n");
    stop(&f);
}

static int
count_lines(const char *topic)
{
    int count = 0;
    for (const char *p = sb_kafka_testing_read(&world, topic, true); *p; p++) {
        count += *p == '\n';
    }
    return count;
}

static void
the_last_row_of_a_key_waits(void **state)
{
    (void)state;
    fixture f;
    int64_t again_ms;
    must_start(&f, upsert_table("3", "10 s"), NULL, 0);
    assert_int_equal(
        write_at(&f, UPSERT("+I", "a", "1") UPSERT("+U", "a", "2") UPSERT("+I", "b", "3"), 1000),
        SB_OK);
    assert_int_equal(sb_kafka_sink.tick(f.sink, 2000, &again_ms, &err), SB_OK);
    assert_int_equal(again_ms, 11000);
    assert_int_equal(prepare(&f, false), SB_OK); /* a barrier waits for nothing */
    assert_int_equal(count_lines("t"), 2);
    assert_non_null(strstr(sb_kafka_testing_read(&world, "t", true), "{\"k\":\"a\",\"v\":2}"));

    assert_int_equal(write_at(&f, UPSERT("+U", "a", "4"), 20000), SB_OK);
    assert_int_equal(sb_kafka_sink.tick(f.sink, 29999, &again_ms, &err), SB_OK);
    assert_int_equal(again_ms, 30000);
    assert_int_equal(sb_kafka_sink.tick(f.sink, 30000, &again_ms, &err), SB_OK);
    assert_int_equal(again_ms, 0);

    assert_int_equal(write_at(&f,
                              UPSERT("-D", "a", "4") UPSERT("+I", "c", "5") UPSERT("+I", "d", "6")
                                  UPSERT("+I", "e", "7"),
                              40000),
                     SB_OK); /* three keys are enough */
    assert_int_equal(sb_kafka_sink.tick(f.sink, 40000, &again_ms, &err), SB_OK);
    assert_int_equal(prepare(&f, true), SB_OK);
    assert_int_equal(count_lines("t"), 2 + 1 + 4);
    stop(&f);
}

/* Many rows of few keys through small queues: what a reader of the topic has in the end is the last
 * row of each key. */
static void
buffered_rows_amount_to_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        fixture f;
        int expected[20], got[20];
        uint64_t random = seed * 7919;
        sb_text lines;
        sb_kafka_testing_close(&world);
        sb_kafka_testing_open(&world, seed);
        sb_log_sim_topic(world.sim, "t", 3);
        sb_text_init(&lines, sb_mem_root());
        memset(expected, -1, sizeof expected);
        memset(got, -1, sizeof got);
        must_start(&f, upsert_table(seed % 2 ? "7" : "1000", "1 s"), NULL, 0);
        for (int i = 0; i < 2000; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            int key = (int)(random >> 33) % 20, deleted = (random >> 60) == 0;
            sb_text_printf(&lines, ROW("%s", "\"k\":\"%d\",\"v\":%d"), deleted ? "-D" : "+U", key,
                           i);
            expected[key] = deleted ? -1 : i;
            if (i % 300 == 299 || i == 1999) {
                assert_int_equal(write_at(&f, lines.data, 1000 * i), SB_OK);
                sb_text_clear(&lines);
            }
        }
        assert_int_equal(prepare(&f, true), SB_OK);
        for (char *p = sb_kafka_testing_read(&world, "t", true); *p; p = strchr(p, '\n') + 1) {
            int partition, key, value;
            assert_true(sscanf(p, "%d key=%d", &partition, &key) == 2);
            char *v = strstr(p, "\"v\":");
            bool is_value = v && v < strchr(p, '\n');
            value = is_value ? (int)strtol(v + 4, NULL, 10) : -1;
            got[key] = value;
        }
        assert_memory_equal(got, expected, sizeof got);
        sb_text_deinit(&lines);
        stop(&f);
    }
}

/* --- guarantees --- */

static sb_log_fate
lose_a_record(void *ctx, sb_log_call call, const char *what)
{
    int *left = ctx;
    (void)what;
    return call == SB_LOG_CALL_APPEND && (*left)-- == 0 ? SB_LOG_REQUEST_LOST : SB_LOG_FINE;
}

static void
a_lost_record_fails_the_barrier(void **state)
{
    (void)state;
    fixture f;
    int left = 1;
    const char *pairs[] = {"format", "raw", NULL};
    must_start(&f, sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs), NULL, 0);
    must_write(&f, ROW("+I", "\"a\":\"1\""));
    sb_log_sim_set_fate(world.sim, lose_a_record, &left);
    must_write(&f, ROW("+I", "\"a\":\"2\""));
    left = 0;
    must_write(&f, ROW("+I", "\"a\":\"3\""));
    sb_log_sim_set_fate(world.sim, NULL, NULL);
    assert_int_equal(prepare(&f, false), SB_STATUS_IO);
    assert_non_null(strstr(err.message, "table 't': "));
    stop(&f);
}

static sb_decider *
open_decider(const sb_sink_node *const *nodes)
{
    sb_decider *d;
    sb_decision decision;
    sb_decider_init init = {.mem = sb_mem_root(),
                            .os = world.os,
                            .sinks = nodes,
                            .count_sinks = 1,
                            .job_id = "job-1",
                            .claim = 1,
                            .checkpoint_interval = 1000,
                            .wake = no_wake};
    if (sb_kafka_transactions.open(&init, &d, &decision, &err) != SB_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(sb_kafka_transactions.decide(d, 0, false, &err), SB_OK);
    return d;
}

static void
exactly_once_is_the_deciders_transaction(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"format",
                           "raw",
                           "sink.partitioner",
                           "fixed",
                           "sink.delivery-guarantee",
                           "exactly-once",
                           "sink.transactional-id-prefix",
                           "p",
                           NULL};
    sb_table_desc *table = sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs);
    sb_sink_node node = {.table = table};
    const sb_sink_node *nodes[] = {&node};
    assert_ptr_equal(sb_kafka_sink.decider(&node), &sb_kafka_transactions);
    sb_decider *d = open_decider(nodes);
    assert_int_equal(start(&f, sb_mem_root(), table, NULL, 0, d), SB_OK);
    must_write(&f, ROW("+I", "\"a\":\"1\""));
    assert_int_equal(prepare(&f, false), SB_OK);
    must_write(&f,
               ROW("+I", "\"a\":\"2\"")); /* of the next epoch, while the first is not decided */
    topic_is("t", "");
    assert_int_equal(sb_kafka_transactions.prepare(d, &err), SB_OK);
    assert_int_equal(sb_kafka_transactions.decide(d, 1, false, &err), SB_OK);
    topic_is("t", "0 value=1\n");
    assert_int_equal(prepare(&f, true), SB_OK);
    assert_int_equal(sb_kafka_transactions.prepare(d, &err), SB_OK);
    assert_int_equal(sb_kafka_transactions.decide(d, 2, true, &err), SB_OK);
    topic_is("t", "0 value=1\n0 value=2\n");
    stop(&f);
    sb_kafka_transactions.close(d);
}

static void
what_waits_is_of_its_own_transaction(void **state)
{
    (void)state;
    fixture f;
    const char *pairs[] = {"key.format",
                           "raw",
                           "value.format",
                           "json",
                           "sink.buffer-flush.max-rows",
                           "100",
                           "sink.buffer-flush.interval",
                           "10 s",
                           "sink.delivery-guarantee",
                           "exactly-once",
                           "sink.transactional-id-prefix",
                           "p",
                           NULL};
    sb_table_desc *table =
        sb_kafka_testing_table(world.arena, "upsert-kafka", "k STRING, v INT", "k", pairs);
    sb_sink_node node = {.table = table};
    const sb_sink_node *nodes[] = {&node};
    sb_decider *d = open_decider(nodes);
    assert_int_equal(start(&f, sb_mem_root(), table, NULL, 0, d), SB_OK);
    must_write(&f, UPSERT("+I", "a", "1") UPSERT("+U", "a", "2") UPSERT("+I", "b", "3"));
    assert_int_equal(prepare(&f, false), SB_OK);
    must_write(&f, UPSERT("+U", "a", "4")); /* not together with the row before the barrier */
    assert_int_equal(sb_kafka_transactions.prepare(d, &err), SB_OK);
    assert_int_equal(sb_kafka_transactions.decide(d, 1, false, &err), SB_OK);
    assert_int_equal(count_lines("t"), 2);
    assert_non_null(strstr(sb_kafka_testing_read(&world, "t", true), "{\"k\":\"a\",\"v\":2}"));
    assert_int_equal(prepare(&f, true), SB_OK);
    assert_int_equal(sb_kafka_transactions.prepare(d, &err), SB_OK);
    assert_int_equal(sb_kafka_transactions.decide(d, 2, true, &err), SB_OK);
    assert_int_equal(count_lines("t"), 3);
    assert_non_null(strstr(sb_kafka_testing_read(&world, "t", true), "{\"k\":\"a\",\"v\":4}"));
    stop(&f);
    sb_kafka_transactions.close(d);
}

static void
other_guarantees_have_no_decider(void **state)
{
    (void)state;
    const char *pairs[] = {"format", "raw", NULL};
    sb_sink_node node = {.table =
                             sb_kafka_testing_table(world.arena, "kafka", "a STRING", NULL, pairs)};
    assert_null(sb_kafka_sink.decider(&node));
}

/* Each allocation fails once: that is NOMEM and nothing worse. The simulated cluster allocates from
 * the same place and may not fail: it is behind a budget of its own. */
static void
each_allocation_fails(void **state)
{
    (void)state;
    const char *lines = UPSERT("+I", "a-key-that-is-long", "1") UPSERT("-D", "b", "2");
    for (int64_t limit = 0;; limit += 64) {
        fixture f;
        sb_mem *mem = sb_mem_new(sb_mem_root(), "sink", limit + 1);
        sb_status status = start(&f, mem, upsert_table("1000", "1 s"), NULL, 0, NULL);
        if (status == SB_OK) {
            status = write_at(&f, lines, 0);
        }
        if (status == SB_OK) {
            status = prepare(&f, true);
        }
        stop(&f);
        assert_int_equal(sb_mem_used(mem), 0);
        sb_mem_unref(mem);
        if (status == SB_OK) {
            break;
        }
        assert_int_equal(status, SB_STATUS_NOMEM);
        assert_true(limit < 4 << 20);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_have_their_own_format_and_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_of_one_key_share_a_partition, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changelog_formats_take_all_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_null_of_raw_is_no_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(round_robin_goes_on_over_refused_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(partitioners_that_count_need_the_topic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(metadata_is_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(header_lists_keep_order_and_repeats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(topics_are_chosen_by_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(topics_of_a_pattern_are_chosen_by_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deletes_are_tombstones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_last_row_of_a_key_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(buffered_rows_amount_to_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_record_fails_the_barrier, set_up, tear_down),
        cmocka_unit_test_setup_teardown(exactly_once_is_the_deciders_transaction, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_waits_is_of_its_own_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_guarantees_have_no_decider, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_allocation_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
