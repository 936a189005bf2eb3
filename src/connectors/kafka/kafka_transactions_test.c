/*
 * connectors/kafka/kafka_transactions_test.c -- transactions as what decides, over the simulated
 * cluster: what is decided, who may decide, and what every lost request leaves.
 */
#include "connectors/kafka/kafka_transactions.h"

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
    sb_sink_node sinks[2];
    const sb_sink_node *list[2];
    sb_decider_init init;
    /* the fate of one call: of this kind, after so many others of it */
    sb_log_call call;
    int32_t skip;
    sb_log_fate fate;
    bool dead;
    int32_t calls[SB_LOG_CALL_COUNT];
} world;

static sb_log_fate
fate_of(void *ctx, sb_log_call call, const char *what)
{
    world *w = ctx;
    (void)what;
    w->calls[call]++;
    if (w->dead) {
        return SB_LOG_DEAD;
    }
    if (w->fate == SB_LOG_FINE || call != w->call || w->skip-- > 0) {
        return SB_LOG_FINE;
    }
    sb_log_fate fate = w->fate;
    w->fate = SB_LOG_FINE;
    w->dead = fate == SB_LOG_DEAD || fate == SB_LOG_DEAD_AFTER;
    return fate;
}

static const sb_table_desc *
table(world *w, const char *topic, const char *prefix, const char *timeout)
{
    const char *pairs[] = {"connector",
                           "kafka",
                           "topic",
                           topic,
                           "properties.bootstrap.servers",
                           "here:9092",
                           "format",
                           "json",
                           "sink.delivery-guarantee",
                           "exactly-once",
                           "sink.transactional-id-prefix",
                           prefix,
                           timeout ? "properties.transaction.timeout.ms" : NULL,
                           timeout,
                           NULL};
    return sb_testing_table(w->arena, "kafka", "a BIGINT", pairs);
}

static void
world_open(world *w)
{
    memset(w, 0, sizeof *w);
    w->arena = sb_arena_new(sb_mem_root());
    w->os = sb_os_sim_new(7);
    w->sim = sb_log_sim_new(w->os, 11);
    w->os->log_driver = &sb_log_driver_sim;
    w->os->log_cluster = w->sim;
    sb_log_sim_topic(w->sim, "out", 2);
    sb_log_sim_topic(w->sim, "more", 1);
    sb_log_sim_set_fate(w->sim, fate_of, w);
    w->sinks[0].table = table(w, "out", "p", NULL);
    w->list[0] = &w->sinks[0];
    w->init = (sb_decider_init){.mem = sb_mem_root(),
                                .os = w->os,
                                .sinks = w->list,
                                .count_sinks = 1,
                                .job_id = "job1",
                                .claim = 1,
                                .checkpoint_interval = 1000};
}

static void
world_close(world *w)
{
    sb_log_sim_free(w->sim);
    sb_os_sim_free(w->os);
    sb_arena_free(w->arena);
}

static sb_status
begin(world *w, sb_decider **out, sb_decision *decision)
{
    sb_error err;
    sb_error_clear(&err);
    sb_status status = sb_kafka_transactions.open(&w->init, out, decision, &err);
    if (status != SB_OK) {
        *out = NULL;
        assert_true(err.message[0] != '\0');
    }
    return status;
}

static sb_status
decide(sb_decider *d, uint64_t checkpoint)
{
    sb_error err;
    sb_error_clear(&err);
    sb_status status = sb_kafka_transactions.prepare(d, &err);
    return status == SB_OK ? sb_kafka_transactions.decide(d, checkpoint, false, &err) : status;
}

static sb_status
put(sb_decider *d, int64_t epoch, const char *value)
{
    sb_error err;
    int32_t taken = 0;
    sb_log_producer *p = sb_kafka_transactions_producer(d, epoch);
    sb_log_append record = {
        .topic = "out", .partition = 0, .value = sb_str_of(value), .timestamp_ms = -1};
    sb_error_clear(&err);
    return p->driver->append(p, &record, 1, &taken, &err);
}

static sb_status
flush(sb_decider *d, int64_t epoch)
{
    sb_error err;
    sb_log_producer *p = sb_kafka_transactions_producer(d, epoch);
    sb_error_clear(&err);
    return p->driver->flush(p, &err);
}

static void
add_value(void *ctx, int32_t partition, const sb_log_record *record)
{
    sb_text *text = ctx;
    (void)partition;
    sb_text_append(text, record->value.data, record->value.size);
}

/* The values that read_committed sees, one behind the other. */
static void
expect_values(world *w, const char *expected)
{
    sb_text text;
    sb_text_init(&text, sb_mem_root());
    sb_log_sim_read(w->sim, "out", true, add_value, &text);
    assert_string_equal(text.data, expected);
    sb_text_deinit(&text);
}

static void
epochs(void **state)
{
    world w;
    sb_decider *d;
    sb_decision decision;
    (void)state;
    world_open(&w);
    assert_int_equal(begin(&w, &d, &decision), SB_OK);
    assert_false(decision.known);
    assert_int_equal(decide(d, 0), SB_OK); /* the claim */
    put(d, 0, "a");
    put(d, 1, "b"); /* behind the barrier, before the decision */
    expect_values(&w, "");
    assert_int_equal(decide(d, 1), SB_OK);
    expect_values(&w, "a");
    put(d, 2, "c");
    assert_int_equal(decide(d, 2), SB_OK);
    expect_values(&w, "ab");
    sb_kafka_transactions.close(d);
    expect_values(&w, "ab");
    assert_int_equal(sb_log_sim_open_transactions(w.sim), 0);
    assert_int_equal(begin(&w, &d, &decision), SB_OK);
    assert_true(decision.known && !decision.ended);
    assert_string_equal(decision.job_id, "job1");
    assert_int_equal(decision.checkpoint, 2);
    sb_kafka_transactions.close(d);
    world_close(&w);
}

/* Death at every call, before and after it took effect: the next owner learns what is true, and
 * readers see that and no more, whatever arrives later. */
static void
deaths(void **state)
{
    static const sb_log_call calls[] = {SB_LOG_CALL_APPEND,       SB_LOG_CALL_FLUSH,
                                        SB_LOG_CALL_SEND_OFFSETS, SB_LOG_CALL_COMMIT,
                                        SB_LOG_CALL_ABORT,        SB_LOG_CALL_FENCE};
    int32_t deaths = 0, decided_by_dead = 0;
    (void)state;
    for (int32_t i = 0; i < 6 * 6 * 2; i++) {
        world w;
        sb_decider *d;
        sb_decision decision;
        world_open(&w);
        w.call = calls[i % 6];
        w.skip = i / 6 % 6;
        w.fate = i / 36 ? SB_LOG_DEAD_AFTER : SB_LOG_DEAD;
        uint64_t told = 0;
        if (begin(&w, &d, &decision) == SB_OK) {
            static const char *const values[] = {"a", "b", "c"};
            bool fine = decide(d, 0) == SB_OK;
            for (uint64_t k = 1; k <= 3 && fine; k++) {
                fine = put(d, (int64_t)k - 1, values[k - 1]) == SB_OK && decide(d, k) == SB_OK;
                told = fine ? k : told;
            }
            sb_kafka_transactions.close(d);
        }
        deaths += w.dead;
        w.dead = false;
        w.fate = SB_LOG_FINE;
        w.init.claim = 2;
        assert_int_equal(begin(&w, &d, &decision), SB_OK);
        assert_true(decision.known ? decision.checkpoint >= told : told == 0);
        decided_by_dead += decision.checkpoint > told;
        static const char *const sums[] = {"", "a", "ab", "abc"};
        expect_values(&w, sums[decision.checkpoint]);
        sb_os_sim_advance(w.os, INT64_C(2000000000));
        sb_log_sim_settle(w.sim);
        expect_values(&w, sums[decision.checkpoint]);
        sb_kafka_transactions.close(d);
        world_close(&w);
    }
    assert_true(deaths > 30);
    assert_true(decided_by_dead > 0); /* a commit that was sent and not answered */
}

/* A commit request that comes twice would end the next transaction of the same producer. */
static void
tired(void **state)
{
    (void)state;
    for (int32_t lie = 0; lie < 2; lie++) {
        world w;
        sb_decider *d;
        sb_decision decision;
        world_open(&w);
        sb_log_sim_set_lies(w.sim, &(sb_log_sim_lies){.never_tired = lie == 1});
        assert_int_equal(begin(&w, &d, &decision), SB_OK);
        assert_int_equal(decide(d, 0), SB_OK);
        put(d, 0, "a");
        w.call = SB_LOG_CALL_COMMIT;
        w.fate = SB_LOG_RETRIED;
        assert_int_equal(decide(d, 1), SB_OK);
        put(d, 2, "x");
        assert_int_equal(flush(d, 2), SB_OK);
        sb_os_sim_advance(w.os, INT64_C(2000000000));
        put(d, 2, "y");
        expect_values(&w, lie ? "ax" : "a");
        sb_kafka_transactions.close(d);
        world_close(&w);
    }
}

static void
rivals(void **state)
{
    world w;
    sb_decider *mine, *theirs, *none;
    sb_decision decision;
    (void)state;
    world_open(&w);
    assert_int_equal(begin(&w, &mine, &decision), SB_OK);
    assert_int_equal(decide(mine, 0), SB_OK);
    put(mine, 0, "a");
    /* the same job once more: it takes over */
    w.init.claim = 2;
    assert_int_equal(begin(&w, &theirs, &decision), SB_OK);
    assert_true(decision.known && decision.checkpoint == 0);
    assert_int_equal(decide(theirs, 0), SB_OK);
    assert_int_equal(decide(mine, 1), SB_STATUS_CONFLICT);
    sb_kafka_transactions.close(mine);
    expect_values(&w, "");
    /* ours starts again, and sees that it has a rival */
    w.init.claim = 1;
    w.init.again = true;
    int32_t fenced = w.calls[SB_LOG_CALL_FENCE];
    assert_int_equal(begin(&w, &none, &decision), SB_STATUS_CONFLICT);
    assert_int_equal(w.calls[SB_LOG_CALL_FENCE], fenced); /* and leaves it alone */
    put(theirs, 0, "b");
    assert_int_equal(decide(theirs, 1), SB_OK);
    expect_values(&w, "b");
    /* a transaction that took too long is no rival */
    w.init.claim = 2;
    put(theirs, 1, "c");
    assert_int_equal(flush(theirs, 1), SB_OK);
    sb_os_sim_advance(w.os, INT64_C(100000000000));
    assert_int_equal(decide(theirs, 2), SB_STATUS_CONFLICT);
    sb_kafka_transactions.close(theirs);
    assert_int_equal(begin(&w, &theirs, &decision), SB_OK);
    assert_int_equal(decision.checkpoint, 1);
    assert_int_equal(decide(theirs, 1), SB_OK);
    sb_kafka_transactions.close(theirs);
    /* another job, while this one may go on; and after its end */
    w.init = (sb_decider_init){.mem = sb_mem_root(),
                               .os = w.os,
                               .sinks = w.list,
                               .count_sinks = 1,
                               .job_id = "job2",
                               .claim = 3,
                               .checkpoint_interval = 1000};
    assert_int_equal(begin(&w, &none, &decision), SB_STATUS_CONFLICT);
    w.init.job_id = "job1";
    sb_error err;
    assert_int_equal(begin(&w, &mine, &decision), SB_OK);
    assert_int_equal(sb_kafka_transactions.decide(mine, 3, true, &err), SB_OK);
    sb_kafka_transactions.close(mine);
    w.init.job_id = "job2";
    assert_int_equal(begin(&w, &mine, &decision), SB_OK);
    assert_true(decision.known && decision.ended);
    sb_kafka_transactions.close(mine);
    world_close(&w);
}

static void
check_fails(world *w, int32_t count, int64_t interval_ms, sb_status status, const char *part)
{
    sb_error err;
    sb_error_clear(&err);
    assert_int_equal(sb_kafka_transactions.check(w->list, count, interval_ms, &err), status);
    if (part && !strstr(err.message, part)) {
        fail_msg("%s\nis not in: %s", part, err.message);
    }
}

static void
checks(void **state)
{
    world w;
    (void)state;
    world_open(&w);
    check_fails(&w, 1, 1000, SB_OK, NULL);
    check_fails(&w, 1, 0, SB_OK, NULL);
    check_fails(&w, 1, 600 * 1000, SB_STATUS_INVALID, "600000 ms apart");
    w.sinks[0].table = table(&w, "out", "p", "5000");
    check_fails(&w, 1, 2500, SB_OK, NULL);
    check_fails(&w, 1, 2501, SB_STATUS_INVALID, "'properties.transaction.timeout.ms' = '5000'");
    w.sinks[1].table = table(&w, "more", "o", "5000");
    w.list[1] = &w.sinks[1];
    check_fails(&w, 2, 1000, SB_OK, NULL);
    w.sinks[1].table = table(&w, "more", "o", "6000");
    check_fails(&w, 2, 1000, SB_STATUS_NOT_SUPPORTED,
                "not supported: exactly-once tables with different "
                "'properties.transaction.timeout.ms'");
    world_close(&w);
}

/* Of a group that somebody else uses the truth cannot be learned. */
static void
foreign_group(void **state)
{
    world w;
    sb_decider *d;
    sb_decision decision;
    sb_log *log;
    sb_error err;
    (void)state;
    world_open(&w);
    sb_log_config config = {.mem = sb_mem_root(), .os = w.os};
    sb_log_place place = {.topic = "out", .offset = 5, .metadata = "mine"};
    assert_int_equal(sb_log_driver_sim.open(&config, &log, &err), SB_OK);
    assert_int_equal(log->driver->commit_offsets(log, "p-sabot", &place, 1, &err), SB_OK);
    log->driver->close(log);
    assert_int_equal(begin(&w, &d, &decision), SB_STATUS_CONFLICT);
    assert_int_equal(w.calls[SB_LOG_CALL_FENCE], 0);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(epochs), cmocka_unit_test(deaths), cmocka_unit_test(tired),
        cmocka_unit_test(rivals), cmocka_unit_test(checks), cmocka_unit_test(foreign_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
