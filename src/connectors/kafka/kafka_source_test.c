/*
 * connectors/kafka/kafka_source_test.c -- rows of topics over the simulated cluster: columns,
 * positions and restores at every stop, ends, deletes, bad records, committed offsets.
 */
#include "connectors/kafka/kafka.h"

#include "base/os/sim.h"
#include "connectors/connectors_testing.h"
#include "ports/log_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct world {
    sb_arena *arena;
    sb_os *os;
    sb_log_sim *sim;
    sb_text rows; /* as changelog-json */
    sb_error err;
} world;

static int
open_world(void **state)
{
    static world w;
    memset(&w, 0, sizeof w);
    w.arena = sb_arena_new(sb_mem_root());
    w.os = sb_os_sim_new(7);
    w.sim = sb_log_sim_new(w.os, 11);
    w.os->log_driver = &sb_log_driver_sim;
    w.os->log_cluster = w.sim;
    sb_log_sim_topic(w.sim, "in", 1);
    sb_log_sim_topic(w.sim, "dead", 1);
    sb_text_init(&w.rows, sb_mem_root());
    *state = &w;
    return 0;
}

static int
close_world(void **state)
{
    world *w = *state;
    sb_text_deinit(&w->rows);
    sb_log_sim_free(w->sim);
    sb_os_sim_free(w->os);
    sb_arena_free(w->arena);
    return 0;
}

/* NULL: null */
static void
put(world *w, const char *key, const char *value, int64_t timestamp_ms)
{
    sb_log_sim_put(w->sim, "in", 0, sb_str_of(key), sb_str_of(value), timestamp_ms);
}

/* Options of every table here; a later pair of the same key counts. */
static const sb_source_node *
node_of(world *w, const char *connector, const char *schema, const char *const *more)
{
    const char *pairs[48] = {"properties.bootstrap.servers",
                             "here:9092",
                             "topic",
                             "in",
                             "scan.bounded.mode",
                             "latest-offset"};
    int count = 6;
    if (strcmp(connector, "kafka") == 0) {
        pairs[count++] = "scan.startup.mode";
        pairs[count++] = "earliest-offset";
    }
    for (; more && *more; more++) {
        pairs[count++] = *more;
    }
    sb_table_desc *table = sb_testing_table(w->arena, connector, schema, pairs);
    if (strcmp(connector, "kafka") != 0) {
        static const int32_t first[] = {0};
        table->primary_key = (sb_columns){1, first};
    }
    return sb_testing_source_node(w->arena, table);
}

static const sb_connector *
connector_of(const sb_source_node *node)
{
    return strcmp(node->table->connector, "kafka") == 0 ? &sb_connector_kafka
                                                        : &sb_connector_upsert_kafka;
}

static sb_status
start(world *w, sb_testing_source *s, const sb_source_node *node, const sb_str *positions)
{
    return sb_testing_source_start(s, sb_mem_root(), w->os, connector_of(node), node, 1, 100,
                                   positions);
}

/* Reads to the end; rows go to w->rows. */
static sb_step
run_only(sb_testing_source *s)
{
    sb_batch *batch;
    sb_step step;
    while ((step = sb_testing_source_next(s, 100, 0, &batch)) == SB_STEP_AGAIN) {
        sb_batch_free(batch);
    }
    return step;
}

static sb_step
run(world *w, sb_testing_source *s, int32_t limit)
{
    sb_batch *batch;
    sb_step step;
    while ((step = sb_testing_source_next(s, limit, 0, &batch)) == SB_STEP_AGAIN) {
        sb_testing_print(batch, &w->rows);
        sb_batch_free(batch);
    }
    w->err = s->err;
    return step;
}

static const char *
rows_of(world *w, const sb_source_node *node)
{
    sb_testing_source s;
    sb_text_clear(&w->rows);
    assert_int_equal(start(w, &s, node, NULL), SB_OK);
    assert_int_equal(run(w, &s, 100), SB_STEP_DONE);
    sb_testing_source_stop(&s);
    return w->rows.data;
}

#define WITH(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

static void
values_are_rows(void **state)
{
    world *w = *state;
    put(w, NULL, "{\"a\":1,\"b\":\"x\"}", 1);
    put(w, "k", NULL, 2); /* without a value: no row */
    put(w, "k", "{\"b\":\"a text that is longer than a view\",\"a\":2}", 3);
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "a BIGINT, b STRING", WITH("format", "json"))),
        "{\"op\":\"+I\",\"data\":{\"a\":1,\"b\":\"x\"}}\n"
        "{\"op\":\"+I\",\"data\":{\"a\":2,\"b\":\"a text that is longer than a view\"}}\n");
}

static void
columns_of_the_key(void **state)
{
    world *w = *state;
    put(w, "{\"id\":7}", "{\"b\":1}", 1);
    put(w, NULL, "{\"b\":2}", 2); /* no key, no row: as in Flink */
    put(w, "{\"id\":8}", "{\"b\":3}", 3);
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "k_id BIGINT, b BIGINT",
                           WITH("value.format", "json", "key.format", "json", "key.fields", "k_id",
                                "key.fields-prefix", "k_", "value.fields-include", "EXCEPT_KEY"))),
        "{\"op\":\"+I\",\"data\":{\"k_id\":7,\"b\":1}}\n"
        "{\"op\":\"+I\",\"data\":{\"k_id\":8,\"b\":3}}\n");
}

/* Of a key whose columns nobody uses it matters only whether it is there. */
static void
keys_that_nobody_uses(void **state)
{
    world *w = *state;
    put(w, "no json", "{\"b\":1}", 1);
    put(w, NULL, "{\"b\":2}", 2);
    const sb_source_node *node =
        node_of(w, "kafka", "k BIGINT, b BIGINT",
                WITH("value.format", "json", "key.format", "json", "key.fields", "k",
                     "value.fields-include", "EXCEPT_KEY"));
    static const int32_t second[] = {1};
    sb_source_node *some = sb_arena_memdup(w->arena, node, sizeof *node);
    some->project = (sb_columns){1, second};
    assert_string_equal(rows_of(w, some), "{\"op\":\"+I\",\"data\":{\"b\":1}}\n");
}

/* What both parts have comes from the value. */
static void
the_value_comes_first(void **state)
{
    world *w = *state;
    put(w, "{\"a\":7}", "{\"a\":1,\"b\":2}", 1);
    put(w, NULL, "{\"a\":3,\"b\":4}", 2);
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "a BIGINT, b BIGINT",
                           WITH("value.format", "json", "key.format", "json", "key.fields", "a"))),
        "{\"op\":\"+I\",\"data\":{\"a\":1,\"b\":2}}\n");
}

static void
upserts_and_deletes(void **state)
{
    world *w = *state;
    const char *const *both = WITH("value.format", "json", "key.format", "json");
    put(w, "{\"a\":9}", NULL, 1);
    put(w, "{\"a\":1}", "{\"a\":1,\"b\":10}", 1);
    put(w, "{\"a\":2}", "{\"a\":2,\"b\":20}", 1);
    put(w, "{\"a\":1}", NULL, 1);
    put(w, "{\"a\":2}", NULL, 1);
    put(w, NULL, NULL, 1);
    put(w, "{\"a\":1}", "{\"a\":1,\"b\":11}", 1);
    put(w, "{\"a\":1}", NULL, 1);
    const char *expected = "{\"op\":\"-D\",\"data\":{\"a\":9,\"b\":null}}\n"
                           "{\"op\":\"+U\",\"data\":{\"a\":1,\"b\":10}}\n"
                           "{\"op\":\"+U\",\"data\":{\"a\":2,\"b\":20}}\n"
                           "{\"op\":\"-D\",\"data\":{\"a\":1,\"b\":null}}\n"
                           "{\"op\":\"-D\",\"data\":{\"a\":2,\"b\":null}}\n"
                           "{\"op\":\"+U\",\"data\":{\"a\":1,\"b\":11}}\n"
                           "{\"op\":\"-D\",\"data\":{\"a\":1,\"b\":null}}\n";
    assert_string_equal(rows_of(w, node_of(w, "upsert-kafka", "a BIGINT, b BIGINT", both)),
                        expected);
    /* the same where only the key has the key */
    assert_string_equal(rows_of(w, node_of(w, "upsert-kafka", "a BIGINT, b BIGINT",
                                           WITH("value.format", "json", "key.format", "json",
                                                "value.fields-include", "EXCEPT_KEY"))),
                        expected);
}

static sb_source_node *
with_metadata(world *w, const sb_source_node *node, const char *const *keys)
{
    sb_source_node *copy = sb_arena_memdup(w->arena, node, sizeof *node);
    sb_metadata_column *columns = SB_NEW_ARRAY(w->arena, sb_metadata_column, 16);
    for (; *keys; keys++) {
        sb_metadata_column *c = &columns[copy->count_metadata++];
        c->key = *keys;
        assert_int_equal(sb_connector_kafka.metadata(node->table, *keys, false, &c->type, &w->err),
                         SB_OK);
    }
    copy->metadata = columns;
    return copy;
}

static void
metadata_of_records(void **state)
{
    world *w = *state;
    put(w, NULL, "{\"a\":1}", 1000);
    put(w, NULL, "{\"a\":2}", 86400000);
    const sb_source_node *node = with_metadata(
        w, node_of(w, "kafka", "a BIGINT", WITH("format", "json")),
        WITH("offset", "timestamp", "topic", "partition", "timestamp-type", "leader-epoch"));
    assert_string_equal(rows_of(w, node),
                        "{\"op\":\"+I\",\"data\":{\"a\":1,\"offset\":0,\"timestamp\":\"1970-01-01 "
                        "00:00:01Z\",\"topic\":\"in\",\"partition\":0,\"timestamp-type\":"
                        "\"CreateTime\",\"leader-epoch\":0}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":2,\"offset\":1,\"timestamp\":\"1970-01-02 "
                        "00:00:00Z\",\"topic\":\"in\",\"partition\":0,\"timestamp-type\":"
                        "\"CreateTime\",\"leader-epoch\":0}}\n");
}

static void
headers_of_records(void **state)
{
    world *w = *state;
    sb_log *log;
    sb_log_producer *p;
    sb_log_config config = {.mem = sb_mem_root(), .os = w->os};
    sb_log_producer_options options = {0};
    sb_log_header headers[] = {
        {SB_STR("h"), SB_STR("1")}, {SB_STR("n"), {NULL, 0}}, {SB_STR("h"), SB_STR("2")}};
    sb_log_append record = {.topic = "in",
                            .value = SB_STR("{\"a\":1}"),
                            .timestamp_ms = 1,
                            .count_headers = 3,
                            .headers = headers};
    int32_t taken;
    const sb_log_driver *d = &sb_log_driver_sim;
    assert_int_equal(d->open(&config, &log, &w->err), SB_OK);
    assert_int_equal(d->producer_open(log, &options, &p, &w->err), SB_OK);
    assert_int_equal(d->append(p, &record, 1, &taken, &w->err), SB_OK);
    assert_int_equal(d->flush(p, &w->err), SB_OK);
    d->producer_close(p);
    d->close(log);
    /* a map has the last header of a name; "MQ==", "Mg==": base64 of 1 and 2 */
    assert_string_equal(
        rows_of(w, with_metadata(w, node_of(w, "kafka", "a BIGINT", WITH("format", "json")),
                                 WITH("headers", "header-list"))),
        "{\"op\":\"+I\",\"data\":{\"a\":1,\"headers\":{\"n\":null,\"h\":\"Mg==\"},\"header-list\":["
        "{"
        "\"key\":\"h\",\"value\":\"MQ==\"},{\"key\":\"n\",\"value\":null},{\"key\":\"h\","
        "\"value\":\"Mg==\"}]}}\n");
}

/* Stopped after every number of batches of every small size, and gone on from the position. */
static void
stop_everywhere(world *w, const sb_source_node *node)
{
    sb_text all;
    sb_text_init(&all, sb_mem_root());
    sb_text_add(&all, rows_of(w, node));
    for (int32_t limit = 1; limit <= 5; limit++) {
        for (int stops = 0; stops < 16; stops++) {
            sb_testing_source s, again;
            sb_batch *batch;
            sb_text_clear(&w->rows);
            assert_int_equal(start(w, &s, node, NULL), SB_OK);
            for (int i = 0; i < stops; i++) {
                if (sb_testing_source_next(&s, limit, 0, &batch) == SB_STEP_AGAIN) {
                    assert_true(batch->count_rows <= limit);
                    sb_testing_print(batch, &w->rows);
                    sb_batch_free(batch);
                }
            }
            sb_str *positions = sb_testing_source_positions(&s);
            assert_int_equal(start(w, &again, node, positions), SB_OK);
            sb_testing_source_stop(&s);
            assert_int_equal(run(w, &again, limit), SB_STEP_DONE);
            sb_testing_source_stop(&again);
            assert_string_equal(w->rows.data, all.data);
        }
    }
    sb_text_deinit(&all);
}

static void
every_stop_goes_on_where_it_was(void **state)
{
    world *w = *state;
    char value[64];
    for (int i = 0; i < 12; i++) {
        snprintf(value, sizeof value, "{\"a\":%d}", i);
        put(w, NULL, i % 5 == 3 ? NULL : value, i);
    }
    stop_everywhere(w, node_of(w, "kafka", "a BIGINT", WITH("format", "json")));
}

/* Records that make more rows than a batch takes: a position may lie within one. */
static void
every_stop_within_a_record(void **state)
{
    world *w = *state;
    put(w, NULL,
        "{\"type\":\"INSERT\",\"data\":[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5}]}", 1);
    put(w, NULL, "{\"type\":\"INSERT\",\"data\":[{\"a\":6}]}", 1);
    put(w, NULL, "{\"type\":\"DELETE\",\"data\":[{\"a\":2},{\"a\":3},{\"a\":4}]}", 1);
    const sb_source_node *node = node_of(w, "kafka", "a BIGINT", WITH("format", "canal-json"));
    assert_string_equal(rows_of(w, node),
                        "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":2}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":3}}\n{\"op\":\"+I\",\"data\":{\"a\":4}}\n"
                        "{\"op\":\"+I\",\"data\":{\"a\":5}}\n{\"op\":\"+I\",\"data\":{\"a\":6}}\n"
                        "{\"op\":\"-D\",\"data\":{\"a\":2}}\n{\"op\":\"-D\",\"data\":{\"a\":3}}\n"
                        "{\"op\":\"-D\",\"data\":{\"a\":4}}\n");
    stop_everywhere(w, node);
}

/* The end is an offset: a tail of aborted records and marks is passed. */
static void
an_end_behind_aborted_records(void **state)
{
    world *w = *state;
    sb_log *log;
    sb_log_producer *p;
    sb_log_config config = {.mem = sb_mem_root(), .os = w->os};
    sb_log_producer_options options = {.transactional_id = "t", .transaction_timeout_ms = 60000};
    sb_log_append record = {.topic = "in", .value = SB_STR("{\"a\":2}"), .timestamp_ms = 1};
    int32_t taken;
    const sb_log_driver *d = &sb_log_driver_sim;
    put(w, NULL, "{\"a\":1}", 1);
    assert_int_equal(d->open(&config, &log, &w->err), SB_OK);
    assert_int_equal(d->producer_open(log, &options, &p, &w->err), SB_OK);
    assert_int_equal(d->fence(p, &w->err), SB_OK);
    assert_int_equal(d->begin(p, &w->err), SB_OK);
    assert_int_equal(d->append(p, &record, 1, &taken, &w->err), SB_OK);
    assert_int_equal(d->flush(p, &w->err), SB_OK);
    assert_int_equal(d->abort(p, &w->err), SB_OK);
    d->producer_close(p);
    d->close(log);
    const char *committed = "{\"op\":\"+I\",\"data\":{\"a\":1}}\n";
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "a BIGINT",
                           WITH("format", "json", "properties.isolation.level", "read_committed"))),
        committed);
    assert_string_equal(rows_of(w, node_of(w, "kafka", "a BIGINT", WITH("format", "json"))),
                        "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":2}}\n");
}

/* --- bad records --- */

static void
put_bad(world *w)
{
    put(w, "k0", "{\"a\":1}", 1);
    put(w, "k1", "{\"a\":", 77);
    put(w, "k2", "{\"a\":3}", 3);
}

static void
a_bad_record_fails_the_job(void **state)
{
    world *w = *state;
    sb_testing_source s;
    put_bad(w);
    assert_int_equal(start(w, &s, node_of(w, "kafka", "a BIGINT", WITH("format", "json")), NULL),
                     SB_OK);
    assert_int_equal(run(w, &s, 100), SB_STEP_FAIL);
    assert_int_equal(w->err.status, SB_STATUS_DATA);
    assert_non_null(strstr(w->err.message, "topic 'in', partition 0, offset 1: "));
    assert_non_null(strstr(w->err.message, "{\"a\":"));
    sb_testing_source_stop(&s);
}

static void
bad_records_are_skipped(void **state)
{
    world *w = *state;
    put_bad(w);
    const char *expected =
        "{\"op\":\"+I\",\"data\":{\"a\":1}}\n{\"op\":\"+I\",\"data\":{\"a\":3}}\n";
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "a BIGINT", WITH("format", "json", "bad-records", "skip"))),
        expected);
    assert_string_equal(
        rows_of(w, node_of(w, "kafka", "a BIGINT",
                           WITH("format", "json", "json.ignore-parse-errors", "true"))),
        expected);
}

static void
visit_letter(void *ctx, int32_t partition, const sb_log_record *record)
{
    sb_text *out = ctx;
    sb_log_header h;
    (void)partition;
    sb_text_printf(out, "%.*s=%.*s @%lld", (int)record->key.size, record->key.data,
                   (int)record->value.size, record->value.data, (long long)record->timestamp_ms);
    for (int32_t i = 0; sb_log_driver_sim.header(record, i, &h); i++) {
        if (!sb_str_equal(h.key, SB_STR("__sabot_reason"))) {
            sb_text_printf(out, " %.*s=%.*s", (int)h.key.size, h.key.data, (int)h.value.size,
                           h.value.data);
        } else {
            assert_true(h.value.size > 0);
        }
    }
    sb_text_add(out, "\n");
}

static void
dead_letters_are_there_before_the_position(void **state)
{
    world *w = *state;
    sb_testing_source s;
    sb_batch *batch;
    put_bad(w);
    const sb_source_node *node =
        node_of(w, "kafka", "a BIGINT",
                WITH("format", "json", "bad-records", "dead-letter", "bad-records.topic", "dead"));
    assert_int_equal(start(w, &s, node, NULL), SB_OK);
    int32_t rows = 0;
    while (rows < 2 && sb_testing_source_next(&s, 1, 0, &batch) == SB_STEP_AGAIN) {
        rows += batch->count_rows;
        sb_batch_free(batch);
    }
    (void)sb_testing_source_positions(&s);
    sb_text_clear(&w->rows);
    sb_log_sim_read(w->sim, "dead", true, visit_letter, &w->rows);
    assert_string_equal(w->rows.data, "k1={\"a\": @77 __sabot_part=value __sabot_topic=in "
                                      "__sabot_partition=0 __sabot_offset=1 "
                                      "__sabot_timestamp=77\n");
    assert_int_equal(s.metrics.bad_records, 1);
    sb_testing_source_stop(&s);
}

/* --- groups --- */

static int64_t
committed(world *w)
{
    sb_log *log;
    sb_log_config config = {.mem = sb_mem_root(), .os = w->os};
    sb_log_place place = {.topic = "in"};
    assert_int_equal(sb_log_driver_sim.open(&config, &log, &w->err), SB_OK);
    assert_int_equal(sb_log_driver_sim.committed(log, "g", false, w->arena, &place, 1, &w->err),
                     SB_OK);
    sb_log_driver_sim.close(log);
    return place.offset;
}

static void
offsets_go_to_the_group_with_checkpoints(void **state)
{
    world *w = *state;
    for (int off = 0; off < 2; off++) {
        sb_testing_source s;
        sb_batch *batch;
        const sb_source_node *node =
            node_of(w, "kafka", "a BIGINT",
                    WITH("format", "json", "properties.group.id", "g",
                         "properties.commit.offsets.on.checkpoint", off ? "false" : "true"));
        put(w, NULL, "{\"a\":1}", 1);
        put(w, NULL, "{\"a\":2}", 1);
        assert_int_equal(start(w, &s, node, NULL), SB_OK);
        assert_int_equal(sb_testing_source_next(&s, 1, 0, &batch), SB_STEP_AGAIN);
        sb_batch_free(batch);
        (void)sb_testing_source_positions(&s);
        /* read on: what counts is the checkpoint */
        assert_int_equal(sb_testing_source_next(&s, 1, 0, &batch), SB_STEP_AGAIN);
        sb_batch_free(batch);
        assert_int_equal(committed(w), off ? 1 : SB_LOG_NO_OFFSET);
        assert_int_equal(sb_kafka_source.commit(s.instance, 1, &s.err), SB_OK);
        assert_int_equal(committed(w), 1);
        sb_testing_source_stop(&s);
    }
}

/* The next checkpoint is prepared, or failed, before the one that is decided is told. */
static void
offsets_are_those_of_the_decided_checkpoint(void **state)
{
    world *w = *state;
    sb_testing_source s;
    sb_batch *batch;
    const sb_source_node *node =
        node_of(w, "kafka", "a BIGINT", WITH("format", "json", "properties.group.id", "g"));
    for (int i = 0; i < 9; i++) {
        put(w, NULL, "{\"a\":1}", 1);
    }
    assert_int_equal(start(w, &s, node, NULL), SB_OK);
    for (int i = 1; i <= 8; i++) { /* checkpoint i: offset i */
        assert_int_equal(sb_testing_source_next(&s, 1, 0, &batch), SB_STEP_AGAIN);
        sb_batch_free(batch);
        (void)sb_testing_source_positions(&s);
        assert_int_equal(s.checkpoint, i);
        if (i == 3 || i == 8) {
            int64_t before = committed(w);
            assert_int_equal(sb_kafka_source.commit(s.instance, 100, &s.err), SB_OK);
            assert_int_equal(committed(w), before); /* not of this reader */
            assert_int_equal(sb_kafka_source.commit(s.instance, (uint64_t)i - 1, &s.err), SB_OK);
            assert_int_equal(committed(w), i - 1);
        }
    }
    /* a partition that is done is in the later ones */
    assert_int_equal(run(w, &s, 100), SB_STEP_DONE);
    sb_kafka_source.close_split(s.instance, 0);
    assert_int_equal(sb_kafka_source.prepare(s.instance, 9, &s.err), SB_OK);
    assert_int_equal(sb_kafka_source.commit(s.instance, 9, &s.err), SB_OK);
    assert_int_equal(committed(w), 9);
    sb_testing_source_stop(&s);
}

/* Flink commits with checkpoints only: the one at the end of a job that keeps none is not told. */
static void
a_job_without_checkpoints_leaves_the_group_alone(void **state)
{
    world *w = *state;
    sb_testing_source s;
    const sb_source_node *node =
        node_of(w, "kafka", "a BIGINT", WITH("format", "json", "properties.group.id", "g"));
    put(w, NULL, "{\"a\":1}", 1);
    for (int keeps = 0; keeps < 2; keeps++) {
        assert_int_equal(start(w, &s, node, NULL), SB_OK);
        s.init.checkpoints = keeps;
        assert_int_equal(run(w, &s, 100), SB_STEP_DONE);
        (void)sb_testing_source_positions(&s);
        assert_int_equal(sb_kafka_source.commit(s.instance, 1, &s.err), SB_OK);
        assert_int_equal(committed(w), keeps ? 1 : SB_LOG_NO_OFFSET);
        sb_testing_source_stop(&s);
    }
}

static void
how_far_behind(void **state)
{
    world *w = *state;
    sb_testing_source s;
    sb_batch *batch;
    for (int i = 0; i < 5; i++) {
        put(w, NULL, "{\"a\":1}", 1);
    }
    const sb_source_node *node = node_of(w, "kafka", "a BIGINT", WITH("format", "json"));
    assert_int_equal(start(w, &s, node, NULL), SB_OK);
    assert_int_equal(sb_testing_source_next(&s, 1, 0, &batch), SB_STEP_AGAIN);
    sb_batch_free(batch);
    assert_int_equal(s.metrics.pending_records, 4);
    assert_int_equal(s.metrics.bytes_read, 7);
    assert_int_equal(run(w, &s, 100), SB_STEP_DONE);
    assert_int_equal(s.metrics.pending_records, 0);
    sb_testing_source_stop(&s);
}

/* Without an end the split sleeps until the driver calls. */
static void
an_idle_partition_sleeps(void **state)
{
    world *w = *state;
    sb_testing_source s;
    sb_batch *batch = NULL;
    int64_t wake_ms = 0;
    put(w, NULL, "{\"a\":1}", 1);
    const sb_source_node *node =
        node_of(w, "kafka", "a BIGINT", WITH("format", "json", "scan.bounded.mode", "unbounded"));
    assert_int_equal(start(w, &s, node, NULL), SB_OK);
    assert_int_equal(sb_testing_source_next(&s, 1, 0, &batch), SB_STEP_AGAIN);
    sb_batch_free(batch);
    assert_int_equal(sb_kafka_source.poll(s.instance, 0, 1, 5000, &batch, &wake_ms, &s.err),
                     SB_WAIT_ASYNC);
    assert_null(batch);
    assert_true(wake_ms > 5000);
    sb_testing_source_stop(&s);
}

static void
every_allocation_may_fail(void **state)
{
    world *w = *state;
    put(w, "{\"a\":1}", "{\"a\":1,\"b\":10}", 1);
    put(w, "{\"a\":1}", NULL, 1);
    const sb_source_node *node = node_of(w, "upsert-kafka", "a BIGINT, b BIGINT",
                                         WITH("value.format", "json", "key.format", "json"));
    for (int64_t n = 1;; n++) {
        sb_testing_source s;
        sb_mem_fail_after(n);
        sb_status status = start(w, &s, node, NULL);
        sb_step step = status == SB_OK ? run_only(&s) : SB_STEP_FAIL;
        int64_t used = sb_mem_fail_after(0);
        assert_true(step == SB_STEP_DONE || s.err.status == SB_STATUS_NOMEM);
        sb_testing_source_stop(&s);
        if (used < n) {
            assert_int_equal(step, SB_STEP_DONE);
            return;
        }
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(values_are_rows),
        TEST(columns_of_the_key),
        TEST(keys_that_nobody_uses),
        TEST(the_value_comes_first),
        TEST(upserts_and_deletes),
        TEST(metadata_of_records),
        TEST(headers_of_records),
        TEST(every_stop_goes_on_where_it_was),
        TEST(every_stop_within_a_record),
        TEST(an_end_behind_aborted_records),
        TEST(a_bad_record_fails_the_job),
        TEST(bad_records_are_skipped),
        TEST(dead_letters_are_there_before_the_position),
        TEST(offsets_go_to_the_group_with_checkpoints),
        TEST(offsets_are_those_of_the_decided_checkpoint),
        TEST(a_job_without_checkpoints_leaves_the_group_alone),
        TEST(how_far_behind),
        TEST(an_idle_partition_sleeps),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
