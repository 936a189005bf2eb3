/*
 * connectors/kafka/rd_log_test.c -- the driver over librdkafka, against the library's own mock
 * cluster: what goes in comes out, and what is done with errors of every kind of call.
 *
 * The mock knows no isolation, no fencing and no stored offsets of transactions: what needs those
 * is tested with real brokers.
 */
#include "connectors/kafka/rd_log.h"

#include "base/os/library.h"
#include "connectors/kafka/rd_library.h"

#include <librdkafka/rdkafka_mock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PRODUCE = 0, LIST_OFFSETS = 2, OFFSET_FETCH = 9, END_TXN = 26 }; /* ApiKeys */

typedef struct mock { /* of librdkafka; loaded, as the driver does it */
    __typeof__(rd_kafka_mock_cluster_new) *cluster_new;
    __typeof__(rd_kafka_mock_cluster_destroy) *cluster_destroy;
    __typeof__(rd_kafka_mock_cluster_bootstraps) *bootstraps;
    __typeof__(rd_kafka_mock_topic_create) *topic_create;
    __typeof__(rd_kafka_mock_broker_set_rtt) *set_rtt;
    __typeof__(rd_kafka_mock_push_request_errors_array) *push_errors;
} mock;

typedef struct world {
    const sb_rd *rd;
    mock mock;
    rd_kafka_t *host; /* the mock lives in it */
    rd_kafka_mock_cluster_t *cluster;
    sb_log *log;
    sb_arena *arena;
    sb_error err;
    _Atomic int wakes;
} world;

static const sb_log_driver *const driver = &sb_log_driver_rdkafka;

static void
symbol(void *library, const char *name, void *to)
{
    void *found = sb_library_symbol(library, name);
    assert_non_null(found);
    memcpy(to, &found, sizeof found);
}

static void
open_log(world *w, const char *key, const char *value)
{
    sb_log_property properties[] = {
        {"bootstrap.servers", w->mock.bootstraps(w->cluster)},
        {"default.api.timeout.ms", "20000"},
        {key, value},
    };
    sb_log_config config = {
        .mem = sb_mem_root(), .os = sb_os_real(), .properties = properties, .count = key ? 3 : 2};
    assert_int_equal(driver->open(&config, &w->log, &w->err), SB_OK);
}

static int
open_world(void **state)
{
    static world w;
    void *library;
    memset(&w, 0, sizeof w);
    assert_int_equal(sb_rd_load(&w.rd, &w.err), SB_OK);
    assert_int_equal(sb_library_find("librdkafka.so.1", &library, &w.err), SB_OK);
    symbol(library, "rd_kafka_mock_cluster_new", &w.mock.cluster_new);
    symbol(library, "rd_kafka_mock_cluster_destroy", &w.mock.cluster_destroy);
    symbol(library, "rd_kafka_mock_cluster_bootstraps", &w.mock.bootstraps);
    symbol(library, "rd_kafka_mock_topic_create", &w.mock.topic_create);
    symbol(library, "rd_kafka_mock_broker_set_rtt", &w.mock.set_rtt);
    symbol(library, "rd_kafka_mock_push_request_errors_array", &w.mock.push_errors);
    char why[256];
    w.host = w.rd->new (RD_KAFKA_PRODUCER, w.rd->conf_new(), why, sizeof why);
    assert_non_null(w.host);
    w.cluster = w.mock.cluster_new(w.host, 1);
    assert_int_equal(w.mock.topic_create(w.cluster, "t", 2, 1), 0);
    w.arena = sb_arena_new(sb_mem_root());
    *state = &w;
    return 0;
}

static int
close_world(void **state)
{
    world *w = *state;
    if (w->log) {
        driver->close(w->log);
    }
    w->mock.cluster_destroy(w->cluster);
    w->rd->destroy(w->host);
    sb_arena_free(w->arena);
    return 0;
}

static void
errors(world *w, int16_t api, size_t count, rd_kafka_resp_err_t code)
{
    rd_kafka_resp_err_t codes[8];
    for (size_t i = 0; i < count; i++) {
        codes[i] = code;
    }
    w->mock.push_errors(w->cluster, api, count, codes);
}

static void
on_wake(void *ctx)
{
    atomic_fetch_add(&((world *)ctx)->wakes, 1);
}

static sb_log_producer *
producer(world *w, const char *id)
{
    sb_log_producer_options options = {
        .transactional_id = id, .transaction_timeout_ms = 60000, .wake = on_wake, .ctx = w};
    sb_log_producer *p;
    assert_int_equal(driver->producer_open(w->log, &options, &p, &w->err), SB_OK);
    return p;
}

static void
append(world *w, sb_log_producer *p, int32_t partition, const char *key, const char *value)
{
    sb_log_append record = {.topic = "t",
                            .partition = partition,
                            .key = sb_str_of(key),
                            .value = sb_str_of(value),
                            .timestamp_ms = -1};
    int32_t taken = 0;
    assert_int_equal(driver->append(p, &record, 1, &taken, &w->err), SB_OK);
    assert_int_equal(taken, 1);
}

/* --- reading and writing --- */

/* Polls until there is something, for ten seconds. */
static sb_status
poll(world *w, sb_log_consumer *c, int32_t handle, sb_log_records *out)
{
    for (int i = 0; i < 10000; i++) {
        sb_status status = driver->poll(c, handle, 100, out, &w->err);
        if (status != SB_OK || out->count > 0 || out->at_end) {
            return status;
        }
        driver->release(c, out);
        sb_thread_sleep_ns(1000000);
    }
    return SB_STATUS_TIMEOUT;
}

static void
what_goes_in_comes_out(void **state)
{
    world *w = *state;
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, NULL);
    sb_log_header headers[] = {{SB_STR("h"), SB_STR("1")}, {SB_STR("n"), {NULL, 0}}};
    sb_log_append record = {.topic = "t",
                            .partition = 1,
                            .key = SB_STR(""),
                            .timestamp_ms = 12345,
                            .count_headers = 2,
                            .headers = headers};
    int32_t taken, handle;
    append(w, p, 1, "k", "v");
    assert_int_equal(driver->append(p, &record, 1, &taken, &w->err), SB_OK);
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    driver->producer_close(p);

    sb_log_consumer_options options = {
        .timestamps = true, .headers = true, .wake = on_wake, .ctx = w};
    sb_log_consumer *c;
    sb_log_records r;
    sb_log_header h;
    assert_int_equal(driver->consumer_open(w->log, &options, &c, &w->err), SB_OK);
    assert_int_equal(driver->consume(c, "t", 1, 0, &handle, &w->err), SB_OK);
    assert_int_equal(poll(w, c, handle, &r), SB_OK);
    assert_int_equal(r.count, 2);
    assert_true(atomic_load(&w->wakes) > 0);
    assert_true(sb_str_equal(r.at[0].key, SB_STR("k")) && sb_str_equal(r.at[0].value, SB_STR("v")));
    assert_int_equal(r.at[1].offset, 1);
    assert_non_null(r.at[1].key.data);
    assert_null(r.at[1].value.data);
    assert_int_equal(r.at[1].timestamp_ms, 12345);
    assert_int_equal(r.at[1].time_type, SB_LOG_CREATE_TIME);
    assert_true(driver->header(&r.at[1], 0, &h) && sb_str_equal(h.value, SB_STR("1")));
    assert_true(driver->header(&r.at[1], 1, &h) && h.value.data == NULL);
    assert_false(driver->header(&r.at[1], 2, &h));
    assert_int_equal(r.next_offset, 2);
    driver->release(c, &r);
    if (!r.at_end) {
        assert_int_equal(poll(w, c, handle, &r), SB_OK);
        assert_int_equal(r.count, 0);
        driver->release(c, &r);
    }
    assert_true(r.at_end);
    assert_int_equal(r.next_offset, 2);
    assert_int_equal(r.end_offset, 2);
    driver->unconsume(c, handle);
    /* from the middle, by another handle */
    assert_int_equal(driver->consume(c, "t", 1, 1, &handle, &w->err), SB_OK);
    assert_int_equal(poll(w, c, handle, &r), SB_OK);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.at[0].offset, 1);
    driver->release(c, &r);
    driver->consumer_close(c);
}

static void
an_offset_that_is_not_there(void **state)
{
    world *w = *state;
    sb_log_consumer_options options = {0};
    sb_log_consumer *c;
    sb_log_records r;
    int32_t handle;
    open_log(w, NULL, NULL);
    assert_int_equal(driver->consumer_open(w->log, &options, &c, &w->err), SB_OK);
    assert_int_equal(driver->consume(c, "t", 0, 1000, &handle, &w->err), SB_OK);
    assert_int_equal(poll(w, c, handle, &r), SB_STATUS_NOT_FOUND);
    assert_non_null(strstr(w->err.message, "topic 't', partition 0: offset 1000 is not there"));
    assert_non_null(strstr(w->err.message, "offsets 0 to 0"));
    assert_true(w->err.hint[0] != '\0');
    assert_int_equal(poll(w, c, handle, &r), SB_STATUS_NOT_FOUND); /* stays so */
    driver->consumer_close(c);
}

static void
a_full_queue_takes_fewer(void **state)
{
    world *w = *state;
    static char big[60000];
    sb_log_append records[100];
    int32_t taken = 0, done = 0;
    open_log(w, "queue.buffering.max.kbytes", "1024");
    w->mock.set_rtt(w->cluster, 1, 200);
    sb_log_producer *p = producer(w, NULL);
    for (int i = 0; i < 100; i++) {
        records[i] = (sb_log_append){.topic = "t", .value = {big, sizeof big}, .timestamp_ms = -1};
    }
    assert_int_equal(driver->append(p, records, 100, &taken, &w->err), SB_OK);
    assert_true(taken > 10 && taken < 100);
    for (done = taken; done < 100; done += taken) {
        int wakes = atomic_load(&w->wakes);
        for (int i = 0; atomic_load(&w->wakes) == wakes && i < 10000; i++) {
            sb_thread_sleep_ns(1000000);
            if (i % 100 == 99) {
                break; /* a wake may have come before it was looked at */
            }
        }
        assert_int_equal(driver->append(p, records + done, 100 - done, &taken, &w->err), SB_OK);
    }
    assert_true(atomic_load(&w->wakes) > 0);
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    driver->producer_close(p);
}

/* Told once, by whoever asks first. */
static void
a_delivery_that_fails(void **state)
{
    world *w = *state;
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, NULL);
    errors(w, PRODUCE, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    append(w, p, 1, NULL, "v");
    assert_int_equal(driver->flush(p, &w->err), SB_STATUS_IO);
    assert_non_null(strstr(w->err.message, "writing to topic 't', partition 1"));
    assert_non_null(strstr(w->err.hint, "ACL"));
    assert_false(w->err.retriable);
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    driver->producer_close(p);
}

/* --- questions --- */

static void
bounds_through_errors(void **state)
{
    world *w = *state;
    sb_log_place places[] = {{.topic = "t", .partition = 0}, {.topic = "t", .partition = 1}};
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, NULL);
    append(w, p, 1, NULL, "v");
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    driver->producer_close(p);
    errors(w, LIST_OFFSETS, 2, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    assert_int_equal(driver->bounds(w->log, SB_LOG_LATEST, places, 2, &w->err), SB_OK);
    assert_int_equal(places[0].offset, 0);
    assert_int_equal(places[1].offset, 1);
    errors(w, LIST_OFFSETS, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(driver->bounds(w->log, SB_LOG_EARLIEST, places, 2, &w->err), SB_STATUS_IO);
    assert_non_null(strstr(w->err.message, "offsets of topic 't'"));
    assert_int_equal(driver->bounds(w->log, SB_LOG_EARLIEST, places, 2, &w->err), SB_OK);
    assert_int_equal(places[1].offset, 0);
}

static void
topics_with_their_partitions(void **state)
{
    world *w = *state;
    const char *names[] = {"t"};
    sb_log_topic *topics;
    int32_t count;
    open_log(w, NULL, NULL);
    assert_int_equal(driver->topics(w->log, names, 1, w->arena, &topics, &count, &w->err), SB_OK);
    assert_int_equal(count, 1);
    assert_int_equal(topics[0].partitions, 2);
    assert_int_equal(driver->topics(w->log, NULL, 0, w->arena, &topics, &count, &w->err), SB_OK);
    assert_true(count >= 1);
}

static void
offsets_of_groups(void **state)
{
    world *w = *state;
    sb_log_place places[] = {{.topic = "t", .partition = 0, .offset = 7},
                             {.topic = "t", .partition = 1, .offset = 8}};
    open_log(w, NULL, NULL);
    assert_int_equal(driver->commit_offsets(w->log, "g", places, 1, &w->err), SB_OK);
    errors(w, OFFSET_FETCH, 2, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT);
    assert_int_equal(driver->committed(w->log, "g", true, w->arena, places, 2, &w->err), SB_OK);
    assert_int_equal(places[0].offset, 7);
    assert_int_equal(places[1].offset, SB_LOG_NO_OFFSET);
    places[0].offset = 9;
    assert_int_equal(driver->commit_offsets_later(w->log, "g", places, 1, &w->err), SB_OK);
    driver->close(w->log); /* waits for what is under way */
    open_log(w, NULL, NULL);
    assert_int_equal(driver->committed(w->log, "g", false, w->arena, places, 2, &w->err), SB_OK);
    assert_int_equal(places[0].offset, 9);
}

static void
nobody_there(void **state)
{
    world *w = *state;
    const char *names[] = {"t"};
    sb_log_topic *topics;
    int32_t count;
    sb_log_property properties[] = {{"bootstrap.servers", "127.0.0.1:1"},
                                    {"default.api.timeout.ms", "700"}};
    sb_log_config config = {
        .mem = sb_mem_root(), .os = sb_os_real(), .properties = properties, .count = 2};
    assert_int_equal(driver->open(&config, &w->log, &w->err), SB_OK);
    assert_int_equal(driver->topics(w->log, names, 1, w->arena, &topics, &count, &w->err),
                     SB_STATUS_IO);
    assert_non_null(strstr(w->err.message, "cannot reach any of 127.0.0.1:1 for topic 't'"));
    assert_non_null(strstr(w->err.message, "refused"));
    assert_non_null(strstr(w->err.hint, "bootstrap.servers"));
    assert_true(w->err.retriable);
}

static void
properties_are_checked(void **state)
{
    world *w = *state;
    sb_log_property properties[] = {{"bootstrap.servers", "127.0.0.1:1"},
                                    {"fetch.min.bytes", "many"}};
    sb_log_config config = {
        .mem = sb_mem_root(), .os = sb_os_real(), .properties = properties, .count = 2};
    sb_log *log;
    assert_int_equal(driver->open(&config, &log, &w->err), SB_STATUS_INVALID);
    assert_non_null(strstr(w->err.message, "'properties.fetch.min.bytes'"));
}

/* --- transactions --- */

static void
a_transaction(void **state)
{
    world *w = *state;
    bool tired = true;
    sb_log_place place = {.topic = "t", .partition = 0, .offset = 3, .metadata = "meta"};
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, "id");
    assert_int_equal(driver->fence(p, &w->err), SB_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(driver->begin(p, &w->err), SB_OK);
        append(w, p, 0, "k", "v");
        assert_int_equal(driver->send_offsets(p, "g", &place, 1, &w->err), SB_OK);
        assert_int_equal(driver->flush(p, &w->err), SB_OK);
        assert_int_equal(driver->commit(p, &tired, &w->err), SB_OK);
        assert_false(tired);
    }
    assert_int_equal(driver->begin(p, &w->err), SB_OK);
    append(w, p, 0, "k", "v");
    assert_int_equal(driver->abort(p, &w->err), SB_OK);
    assert_int_equal(driver->begin(p, &w->err), SB_OK);
    assert_int_equal(driver->abort(p, &w->err), SB_OK);
    driver->producer_close(p);
}

/* The request went out twice: a late copy could end the next transaction. */
static void
a_commit_that_was_sent_twice(void **state)
{
    world *w = *state;
    bool tired = false;
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, "id");
    assert_int_equal(driver->fence(p, &w->err), SB_OK);
    assert_int_equal(driver->begin(p, &w->err), SB_OK);
    append(w, p, 0, "k", "v");
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    errors(w, END_TXN, 1, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    assert_int_equal(driver->commit(p, &tired, &w->err), SB_OK);
    assert_true(tired);
    assert_int_equal(driver->begin(p, &w->err), SB_STATUS_IO);
    assert_true(w->err.retriable);
    driver->producer_close(p);
}

static void
a_producer_that_was_fenced(void **state)
{
    world *w = *state;
    bool tired;
    open_log(w, NULL, NULL);
    sb_log_producer *p = producer(w, "id");
    assert_int_equal(driver->fence(p, &w->err), SB_OK);
    assert_int_equal(driver->begin(p, &w->err), SB_OK);
    append(w, p, 0, "k", "v");
    assert_int_equal(driver->flush(p, &w->err), SB_OK);
    errors(w, END_TXN, 1, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
    assert_int_equal(driver->commit(p, &tired, &w->err), SB_STATUS_CONFLICT);
    assert_non_null(strstr(w->err.message, "transactional id 'id'"));
    assert_non_null(strstr(w->err.hint, "another producer"));
    assert_int_equal(driver->begin(p, &w->err), SB_STATUS_IO);
    driver->producer_close(p);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
    const struct CMUnitTest tests[] = {
        TEST(what_goes_in_comes_out),
        TEST(an_offset_that_is_not_there),
        TEST(a_full_queue_takes_fewer),
        TEST(a_delivery_that_fails),
        TEST(bounds_through_errors),
        TEST(topics_with_their_partitions),
        TEST(offsets_of_groups),
        TEST(nobody_there),
        TEST(properties_are_checked),
        TEST(a_transaction),
        TEST(a_commit_that_was_sent_twice),
        TEST(a_producer_that_was_fenced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
