/*
 * connectors/kafka/kafka_splits_test.c -- which partitions are found, and from where to where they
 * are read, over the simulated cluster.
 */
#include "connectors/kafka/kafka_source.h"

#include "base/os/sim.h"
#include "connectors/connectors_testing.h"
#include "ports/log_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Topic "in": partition 0 has offsets 0 to 4 (times 1000, 1100 ... 1400), partition 1 has 0 to 1
 * (times 1000, 1100), partition 2 is empty. */
typedef struct world {
    sb_arena *arena;
    sb_os *os;
    sb_log_sim *sim;
    sb_split_list list;
    sb_error err;
} world;

static void
put(world *w, const char *topic, int32_t partition, int64_t timestamp_ms)
{
    sb_log_sim_put(w->sim, topic, partition, SB_STR("k"), SB_STR("{\"a\":1}"), timestamp_ms);
}

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
    sb_log_sim_topic(w.sim, "in", 3);
    for (int64_t i = 0; i < 5; i++) {
        put(&w, "in", 0, 1000 + 100 * i);
    }
    put(&w, "in", 1, 1000);
    put(&w, "in", 1, 1100);
    w.list.arena = w.arena;
    *state = &w;
    return 0;
}

static int
close_world(void **state)
{
    world *w = *state;
    sb_log_sim_free(w->sim);
    sb_os_sim_free(w->os);
    sb_arena_free(w->arena);
    return 0;
}

/* A driver that says a line when it is opened. */
static sb_status
open_loudly(const sb_log_config *config, sb_log **out, sb_error *err)
{
    if (config->note) {
        config->note(config->ctx, true, "opened");
    }
    return sb_log_driver_sim.open(config, out, err);
}

static void
count_line(void *ctx, bool warning, const char *line)
{
    assert_true(warning);
    assert_string_equal(line, "opened");
    ++*(int *)ctx;
}

/* More options: key, value, ..., NULL. */
static sb_status
enumerate(world *w, const char *topic_key, const char *topic, const char *const *more)
{
    const char *pairs[40] = {
        "properties.bootstrap.servers", "here:9092", "format", "json", topic_key, topic};
    int count = 6;
    for (; more && *more; more++) {
        pairs[count++] = *more;
    }
    const sb_table_desc *table = sb_testing_table(w->arena, "kafka", "a BIGINT", pairs);
    const sb_source_node *node = sb_testing_source_node(w->arena, table);
    sb_error_clear(&w->err);
    return sb_kafka_enumerate(node, w->os, sb_mem_root(), 1, &w->list, &w->err);
}

static sb_status
find(world *w, const char *const *more)
{
    return enumerate(w, "topic", "in", more);
}

static void
expect(const world *w, int32_t index, const char *id, int64_t start, int64_t stop)
{
    sb_kafka_partition p;
    sb_error err;
    assert_true(index < w->list.count);
    assert_string_equal(w->list.at[index].id, id);
    assert_int_equal(sb_kafka_partition_read(w->list.at[index].descriptor, w->arena, &p, &err),
                     SB_OK);
    assert_int_equal(p.start, start);
    assert_int_equal(p.stop, stop);
}

#define WITH(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

static void
earliest_and_latest(void **state)
{
    world *w = *state;
    assert_int_equal(find(w, WITH("scan.startup.mode", "earliest-offset")), SB_OK);
    assert_int_equal(w->list.count, 3);
    expect(w, 0, "in-0", 0, SB_KAFKA_NO_STOP);
    expect(w, 1, "in-1", 0, SB_KAFKA_NO_STOP);
    expect(w, 2, "in-2", 0, SB_KAFKA_NO_STOP);
    assert_false(w->list.complete);

    w->list = (sb_split_list){.arena = w->arena};
    assert_int_equal(find(w, WITH("scan.startup.mode", "latest-offset")), SB_OK);
    expect(w, 0, "in-0", 5, SB_KAFKA_NO_STOP);
    expect(w, 1, "in-1", 2, SB_KAFKA_NO_STOP);
    expect(w, 2, "in-2", 0, SB_KAFKA_NO_STOP);
}

static void
bounded_jobs_know_all_at_once(void **state)
{
    world *w = *state;
    assert_int_equal(
        find(w, WITH("scan.startup.mode", "earliest-offset", "scan.bounded.mode", "latest-offset")),
        SB_OK);
    expect(w, 0, "in-0", 0, 5);
    expect(w, 2, "in-2", 0, 0);
    assert_true(w->list.complete);
}

static void
times(void **state)
{
    world *w = *state;
    assert_int_equal(
        find(w, WITH("scan.startup.mode", "timestamp", "scan.startup.timestamp-millis", "1101",
                     "scan.bounded.mode", "timestamp", "scan.bounded.timestamp-millis", "1300")),
        SB_OK);
    expect(w, 0, "in-0", 2, 3); /* 1200 is the first at or after 1101, 1300 at 1300 */
    expect(w, 1, "in-1", 2, 2); /* no such record: the end */
    expect(w, 2, "in-2", 0, 0);
}

static void
specific_offsets(void **state)
{
    world *w = *state;
    assert_int_equal(
        find(w, WITH("scan.startup.mode", "specific-offsets", "scan.startup.specific-offsets",
                     "partition:0,offset:3", "scan.bounded.mode", "specific-offsets",
                     "scan.bounded.specific-offsets", "partition:0,offset:4;partition:1,offset:1")),
        SB_OK);
    expect(w, 0, "in-0", 3, 4);
    expect(w, 1, "in-1", 0, 1); /* not named: its first record */
    expect(w, 2, "in-2", 0, 0);
    assert_int_equal(find(w, WITH("scan.startup.mode", "earliest-offset")), SB_OK);

    w->list = (sb_split_list){.arena = w->arena};
    assert_int_equal(find(w, WITH("scan.startup.mode", "specific-offsets",
                                  "scan.startup.specific-offsets", "partition:7,offset:3")),
                     SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "has no partition 7: it has 3 of them"));
}

static void
commit(world *w, int32_t partition, int64_t offset)
{
    sb_log *log;
    sb_log_config config = {.mem = sb_mem_root(), .os = w->os};
    sb_log_place place = {.topic = "in", .partition = partition, .offset = offset};
    assert_int_equal(sb_log_driver_sim.open(&config, &log, &w->err), SB_OK);
    assert_int_equal(sb_log_driver_sim.commit_offsets(log, "g", &place, 1, &w->err), SB_OK);
    sb_log_driver_sim.close(log);
}

static void
offsets_of_a_group(void **state)
{
    world *w = *state;
    commit(w, 0, 2);
    assert_int_equal(find(w, WITH("properties.group.id", "g")), SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "partition 1: group 'g' has committed no offset"));
    assert_non_null(strstr(w->err.hint, "auto.offset.reset"));

    assert_int_equal(
        find(w, WITH("properties.group.id", "g", "properties.auto.offset.reset", "earliest")),
        SB_OK);
    expect(w, 0, "in-0", 2, SB_KAFKA_NO_STOP);
    expect(w, 1, "in-1", 0, SB_KAFKA_NO_STOP);

    w->list = (sb_split_list){.arena = w->arena};
    assert_int_equal(
        find(w, WITH("properties.group.id", "g", "properties.auto.offset.reset", "latest")), SB_OK);
    expect(w, 0, "in-0", 2, SB_KAFKA_NO_STOP);
    expect(w, 1, "in-1", 2, SB_KAFKA_NO_STOP);

    /* as a stop there must be one */
    w->list = (sb_split_list){.arena = w->arena};
    assert_int_equal(find(w, WITH("properties.group.id", "g", "scan.startup.mode",
                                  "earliest-offset", "scan.bounded.mode", "group-offsets")),
                     SB_STATUS_NOT_FOUND);
    commit(w, 1, 1);
    commit(w, 2, 0);
    w->list = (sb_split_list){.arena = w->arena};
    assert_int_equal(find(w, WITH("properties.group.id", "g", "scan.startup.mode",
                                  "earliest-offset", "scan.bounded.mode", "group-offsets")),
                     SB_OK);
    expect(w, 0, "in-0", 0, 2);
    expect(w, 1, "in-1", 0, 1);
}

/* An offset that the partition does not have is told, or is none where a reset says what then. */
static void
committed_offsets_that_are_not_there(void **state)
{
    world *w = *state;
    commit(w, 0, 99);
    commit(w, 1, 1);
    commit(w, 2, 0);
    assert_int_equal(find(w, WITH("properties.group.id", "g")), SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "committed offset 99, which is not there"));
    assert_non_null(strstr(w->err.message, "offsets 0 to 5"));
    assert_int_equal(
        find(w, WITH("properties.group.id", "g", "properties.auto.offset.reset", "latest")), SB_OK);
    expect(w, 0, "in-0", 5, SB_KAFKA_NO_STOP);
    expect(w, 1, "in-1", 1, SB_KAFKA_NO_STOP);
}

static void
what_is_found_later_starts_at_its_first_record(void **state)
{
    world *w = *state;
    const char *const *latest = WITH("scan.startup.mode", "latest-offset");
    assert_int_equal(find(w, latest), SB_OK);
    assert_int_equal(find(w, latest), SB_OK);
    assert_int_equal(w->list.count, 3);
    sb_log_sim_topic(w->sim, "in", 5);
    put(w, "in", 4, 5000);
    assert_int_equal(find(w, latest), SB_OK);
    assert_int_equal(w->list.count, 5);
    expect(w, 0, "in-0", 5, SB_KAFKA_NO_STOP); /* stays what it was */
    expect(w, 3, "in-3", 0, SB_KAFKA_NO_STOP);
    expect(w, 4, "in-4", 0, SB_KAFKA_NO_STOP);
}

static void
topics_of_a_pattern(void **state)
{
    world *w = *state;
    const char *const *more = WITH("scan.startup.mode", "earliest-offset");
    sb_log_sim_topic(w->sim, "in2", 1);
    sb_log_sim_topic(w->sim, "other", 1);
    sb_log_sim_topic(w->sim, "begin", 1); /* a match within the name is none */
    assert_int_equal(enumerate(w, "topic-pattern", "in\\d?", more), SB_OK);
    assert_int_equal(w->list.count, 4);
    expect(w, 3, "in2-0", 0, SB_KAFKA_NO_STOP);
    sb_log_sim_topic(w->sim, "in7", 1);
    assert_int_equal(enumerate(w, "topic-pattern", "in\\d?", more), SB_OK);
    assert_int_equal(w->list.count, 5);
    expect(w, 4, "in7-0", 0, SB_KAFKA_NO_STOP);
}

static void
a_pattern_that_matches_later(void **state)
{
    world *w = *state;
    const char *const *latest = WITH("scan.startup.mode", "latest-offset");
    assert_int_equal(enumerate(w, "topic-pattern", "late", latest), SB_OK);
    assert_int_equal(w->list.count, 0);
    assert_false(w->list.complete);
    sb_log_sim_topic(w->sim, "late", 1);
    put(w, "late", 0, 1000);
    assert_int_equal(enumerate(w, "topic-pattern", "late", latest), SB_OK);
    expect(w, 0, "late-0", 1, SB_KAFKA_NO_STOP);
}

static void
dead_letters_are_no_input(void **state)
{
    world *w = *state;
    sb_log_sim_topic(w->sim, "in-dead", 1);
    assert_int_equal(enumerate(w, "topic-pattern", "in.*",
                               WITH("scan.startup.mode", "earliest-offset", "bad-records",
                                    "dead-letter", "bad-records.topic", "in-dead")),
                     SB_OK);
    assert_int_equal(w->list.count, 3);
}

static void
a_topic_that_is_not_there(void **state)
{
    world *w = *state;
    assert_int_equal(
        enumerate(w, "topic", "in;nowhere", WITH("scan.startup.mode", "earliest-offset")),
        SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "nowhere"));
    assert_int_equal(w->list.count, 0);
}

static void
damaged_descriptors_are_refused(void **state)
{
    world *w = *state;
    sb_kafka_partition p;
    assert_int_equal(find(w, WITH("scan.startup.mode", "earliest-offset")), SB_OK);
    sb_str whole = w->list.at[0].descriptor;
    for (size_t size = 0; size < whole.size; size++) {
        sb_str cut = {whole.data, size};
        assert_int_equal(sb_kafka_partition_read(cut, w->arena, &p, &w->err), SB_STATUS_CORRUPT);
    }
}

static void
lines_of_the_client_are_passed_on(void **state)
{
    world *w = *state;
    int count = 0;
    sb_log_driver loud = sb_log_driver_sim;
    loud.open = open_loudly;
    w->os->log_driver = &loud;
    w->list.note = count_line;
    w->list.note_ctx = &count;
    const char *const more[] = {"scan.startup.mode", "earliest-offset", NULL};
    assert_int_equal(enumerate(w, "topic", "in", more), SB_OK);
    assert_int_equal(count, 1);
    w->os->log_driver = &sb_log_driver_sim;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(earliest_and_latest),
        TEST(bounded_jobs_know_all_at_once),
        TEST(times),
        TEST(specific_offsets),
        TEST(offsets_of_a_group),
        TEST(committed_offsets_that_are_not_there),
        TEST(what_is_found_later_starts_at_its_first_record),
        TEST(topics_of_a_pattern),
        TEST(a_pattern_that_matches_later),
        TEST(dead_letters_are_no_input),
        TEST(a_topic_that_is_not_there),
        TEST(damaged_descriptors_are_refused),
        cmocka_unit_test_setup_teardown(lines_of_the_client_are_passed_on, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
