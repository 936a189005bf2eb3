/*
 * engine/every_allocation_test.c -- each single allocation of a job fails once: while it is opened,
 * runs, takes a checkpoint, stops, is restored at another parallelism and runs on.
 *
 * DESIGN     A list of scenes: input files, statements. The test goes through the registry: every
 *            kind of plan node and every connector, as source and as sink, must be in a scene, so
 *            a new one without a scene fails here. A scene is stepped by the host. With a failing
 *            allocation a start ends in NOMEM, or goes on; never anything else. After it the job is
 *            started again without failures, from what is in its folder, and what is published in
 *            the end must be what an undisturbed run publishes. The same scenes with more rows move
 *            from parallelism to parallelism.
 * THREADS    one
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine_priv.h"
#include "engine/user_testing.h"
#include "registry/registry.h"

enum { STEPS_MAX = 200000, LINES_MAX = 65536, STRIDE = 113 };

/* ---- scenes ---- */

#define EVENTS                                                                                    \
    "CREATE TABLE e (k STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' " \
    "SECOND) WITH ('connector' = 'filesystem', 'path' = 'e.json', 'format' = 'json');"
#define CHANGES                                                                       \
    "CREATE TABLE c (k STRING, v BIGINT) WITH ('connector' = 'filesystem', 'path' = " \
    "'c.json', 'format' = 'changelog-json');"
#define UPSERTS                                                                              \
    "CREATE TABLE u (k STRING, v BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = " \
    "'filesystem', 'path' = 'u.json', 'format' = 'changelog-json', "                         \
    "'changelog-json.changelog-mode' = 'I,UA,D');"
#define OUT(columns)           \
    "CREATE TABLE o (" columns \
    ") WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'changelog-json');"
#define TUMBLE "TABLE(TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '10' SECOND))"
#define WINDOW "window_start, window_end"

typedef struct scene {
    const char *name, *sql;
    bool compare; /* its result is in `out`, and always the same */
} scene;

static const scene scenes[] = {
    {"tumble",
     EVENTS OUT("k STRING, n BIGINT, s BIGINT, d BIGINT") "INSERT INTO o SELECT k, "
                                                          "COUNT(*), SUM(v), COUNT(DISTINCT v) "
                                                          "FROM " TUMBLE
                                                          " WHERE v <> 3 GROUP BY k, " WINDOW,
     true},
    {"windows of rows",
     EVENTS OUT("k STRING, v BIGINT, w TIMESTAMP(3)") "INSERT INTO o SELECT k, v, "
                                                      "window_end FROM " TUMBLE,
     true},
    {"window join",
     EVENTS OUT("k STRING, n BIGINT, m BIGINT") "INSERT INTO o SELECT a.k, a.n, b.m "
                                                "FROM (SELECT k, " WINDOW
                                                ", COUNT(*) AS n FROM " TUMBLE
                                                " GROUP BY k, " WINDOW ") a JOIN "
                                                "(SELECT k, " WINDOW ", MAX(v) AS m FROM " TUMBLE
                                                " GROUP BY k, " WINDOW ") b ON a.k = b.k AND "
                                                "a.window_start = b.window_start AND a.window_end "
                                                "= b.window_end",
     true},
    {"group",
     CHANGES OUT("k STRING, n BIGINT, m BIGINT, d BIGINT") "INSERT INTO o SELECT k, "
                                                           "COUNT(*), MAX(v), COUNT(DISTINCT v) "
                                                           "FROM c GROUP BY k",
     true},
    {"group in small batches",
     "SET 'table.exec.mini-batch.enabled' = 'true'; SET "
     "'table.exec.mini-batch.allow-latency' = '1 s'; SET 'table.exec.mini-batch.size' = "
     "'3';" CHANGES OUT("k STRING, n BIGINT, s BIGINT") "INSERT INTO o SELECT k, COUNT(*), SUM(v) "
                                                        "FROM c GROUP BY k",
     true},
    {"collected values",
     CHANGES OUT("k STRING, a ARRAY<BIGINT>, d ARRAY<BIGINT>, p DOUBLE, j STRING, n "
                 "BIGINT") "CREATE VIEW v AS SELECT k, ARRAY_AGG(v) AS a, ARRAY_AGG(DISTINCT v) "
                           "AS d, PERCENTILE(v, 0.5) AS p, JSON_ARRAYAGG(v) AS j, COLLECT(v) AS "
                           "c FROM c GROUP BY k; INSERT INTO o SELECT k, a, d, p, j, "
                           "CARDINALITY(c) FROM v",
     true},
    {"collected values in small batches",
     "SET 'table.exec.mini-batch.enabled' = 'true'; SET "
     "'table.exec.mini-batch.allow-latency' = '1 s'; SET 'table.exec.mini-batch.size' = "
     "'3';" CHANGES OUT("k STRING, a ARRAY<BIGINT>, n BIGINT") "CREATE VIEW v AS SELECT k, "
                                                               "ARRAY_AGG(v) AS a, COLLECT(v) AS "
                                                               "c FROM c GROUP BY k; INSERT INTO "
                                                               "o SELECT k, a, CARDINALITY(c) "
                                                               "FROM v",
     true},
    {"join",
     CHANGES UPSERTS OUT("k STRING, v BIGINT, w BIGINT") "INSERT INTO o SELECT c.k, c.v, u.v "
                                                         "FROM c JOIN u ON c.k = u.k AND c.v < u.v",
     true},
    {"upserts", UPSERTS OUT("k STRING, v BIGINT") "INSERT INTO o SELECT k, v FROM u", true},
    {"union",
     CHANGES UPSERTS OUT("k STRING, v BIGINT") "INSERT INTO o SELECT k, v FROM c UNION ALL "
                                               "SELECT k, v + 100 FROM u",
     true},
    {"another key at the sink",
     "SET 'table.exec.sink.upsert-materialize' = 'FORCE';" CHANGES OUT(
         "k STRING, v BIGINT, PRIMARY KEY (v) NOT ENFORCED") "INSERT INTO o SELECT k, v FROM c "
                                                             "WHERE v IS NOT NULL",
     true},
    {"two kinds of changelog",
     CHANGES OUT("k STRING, n BIGINT") "CREATE TABLE p (k STRING, n "
                                       "BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = "
                                       "'blackhole'); CREATE VIEW v AS SELECT "
                                       "k, COUNT(*) AS n FROM c GROUP BY k; EXECUTE STATEMENT SET "
                                       "BEGIN INSERT INTO o SELECT * FROM v; "
                                       "INSERT INTO p SELECT * FROM v; END",
     true},
    {"sets, sorted",
     CHANGES OUT("k STRING, v BIGINT, n BIGINT") "INSERT INTO o SELECT k, v, COUNT(*) AS n FROM c "
                                                 "GROUP BY ROLLUP (k, v) ORDER BY n, k DESC, v",
     true},
    {"elements and a limit",
     EVENTS OUT("k STRING, x BIGINT") "INSERT INTO o SELECT k, x FROM e CROSS JOIN "
                                      "UNNEST(ARRAY[v, v + 1]) AS u(x) LIMIT 20",
     true},
    {"process",
     EVENTS OUT(
         "k STRING, n BIGINT") "CREATE TABLE f (k STRING, n BIGINT) WITH "
                               "('connector' = 'process', 'function' = 'counted', 'input' = "
                               "'SELECT k, ts FROM e WHERE k IS NOT "
                               "NULL', 'partition-by' = 'k'); INSERT INTO o SELECT k, n FROM f",
     true},
    {"user functions over changes",
     CHANGES OUT("k STRING, s BIGINT, n BIGINT") "INSERT INTO o SELECT shout(k), usum(v), usum(x) "
                                                 "FROM c, LATERAL TABLE(series(v, 9)) AS s (x) "
                                                 "GROUP BY shout(k)",
     true},
    {"user functions in small batches",
     "SET 'table.exec.mini-batch.enabled' = 'true'; SET "
     "'table.exec.mini-batch.allow-latency' = '1 s'; SET 'table.exec.mini-batch.size' = "
     "'3';" CHANGES OUT("k STRING, s BIGINT") "INSERT INTO o SELECT k, usum(v) FROM c GROUP BY k",
     true},
    {"user functions in windows",
     EVENTS OUT("k STRING, s BIGINT") "INSERT INTO o SELECT k, usum(v) FROM TABLE(HOP(TABLE e, "
                                      "DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' "
                                      "SECOND)) GROUP BY k, " WINDOW,
     true},
    {"values",
     "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'values', 'rows' = "
     "'{\"k\":\"a\",\"v\":1}\n{\"k\":\"b\",\"v\":2}\n{\"k\":\"a\",\"v\":4}\n');" OUT(
         "k STRING, v BIGINT") "INSERT INTO o SELECT k, v FROM t",
     true},
    {"datagen to print",
     "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'datagen', "
     "'number-of-rows' = '9', 'fields.v.min' = '1', 'fields.v.max' = '3'); CREATE TABLE o (v "
     "BIGINT, n "
     "BIGINT) WITH ('connector' = 'print', 'standard-error' = 'true'); INSERT INTO o SELECT v, "
     "COUNT(k) "
     "FROM t GROUP BY v",
     false},
    {"nexmark to checksum",
     "CREATE TABLE t (event_type INT, bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel "
     "VARCHAR, url VARCHAR, `dateTime` TIMESTAMP(3), extra VARCHAR>) "
     "WITH ('connector' = 'nexmark', 'events' = '40'); CREATE TABLE o (a BIGINT, p BIGINT) WITH "
     "('connector' = 'checksum'); INSERT INTO o SELECT bid.auction, bid.price FROM t WHERE "
     "event_type = 2",
     false},
};

enum { SCENES = sizeof scenes / sizeof scenes[0] };

static void
write_inputs(int count, int keys)
{
    char line[256];
    FILE *e = fopen("e.json", "w"), *c = fopen("c.json", "w"), *u = fopen("u.json", "w");
    for (int i = 0; i < count; i++) {
        fprintf(e, "{\"k\":\"key %d\",\"v\":%d,\"ts\":\"2024-01-01 %02d:%02d:%02d\"}\n", i % keys,
                i * 7 % 5, i * 3 / 3600, i * 3 / 60 % 60, i * 3 % 60);
        snprintf(line, sizeof line, "\"data\":{\"k\":\"key %d\",\"v\":%d}}\n", i % keys, i);
        fprintf(c, "{\"op\":\"+I\",%s", line);
        if (i % 4 == 3) {
            fprintf(c, "{\"op\":\"-D\",%s", line);
        }
    }
    fclose(e);
    fclose(c);
    for (int i = 0; i < count / 20 + 5; i++) {
        fprintf(u, "{\"op\":\"%s\",\"data\":{\"k\":\"key %d\",\"v\":%d}}\n",
                i % 5 == 4 ? "-D" : "+U", (i % 5 == 4 ? i - 1 : i) % keys, i * 3);
    }
    fclose(u);
}

/* Rows of the key so far; a timer forgets them after a while. */
static sabot_status
count_row(void *instance, sabot_process_context *c)
{
    sabot_value k, n;
    (void)instance;
    sabot_status status = sabot_process_key(c, 0, &k);
    status = status == SABOT_OK ? sabot_state_get(c, 0, &n) : status;
    if (status != SABOT_OK) {
        return status;
    }
    sabot_value next = sabot_int(n.kind == SABOT_VALUE_NULL ? 1 : n.as.i64 + 1);
    sabot_value row[] = {k, next};
    status = sabot_map_put(c, 1, next, k);
    status = status == SABOT_OK ? sabot_state_set(c, 0, next) : status;
    status = status == SABOT_OK
                 ? sabot_process_set_timer(c, SABOT_EVENT_TIME, sabot_process_timestamp(c) + 20000)
                 : status;
    return status == SABOT_OK ? sabot_process_emit(c, row, 2) : status;
}

static sabot_status
count_timer(void *instance, sabot_process_context *c)
{
    (void)instance;
    sabot_status status = sabot_state_clear(c, 0);
    return status == SABOT_OK ? sabot_state_clear(c, 1) : status;
}

static void
register_function(sabot_engine *engine)
{
    static const sabot_state_declaration states[] = {{"n", NULL, "BIGINT", 0},
                                                     {"seen", "BIGINT", "STRING", 0}};
    sabot_process_function function = {.struct_size = sizeof function,
                                       .name = "counted",
                                       .columns = "k STRING, n BIGINT",
                                       .states = states,
                                       .count_states = 2,
                                       .on_row = count_row,
                                       .on_timer = count_timer};
    assert_int_equal(sabot_register_process(engine, &function, NULL), SABOT_OK);
    sb_user_registers(engine, "usum", &sb_user_sum);
    sb_user_registers(engine, "series", &sb_user_series);
    sb_user_registers(engine, "shout", &sb_user_shout);
}

/* ---- one start ---- */

static bool seen_node[SB_NODE_KIND_COUNT];
static const char *seen_source[64], *seen_sink[64];

static void
see(const char **seen, const char *name)
{
    for (int i = 0; i < 63; i++) {
        if (!seen[i]) {
            const sb_connector *one = sb_registry_connector(name);
            seen[i] = one ? one->name : NULL;
            return;
        }
        if (strcmp(seen[i], name) == 0) {
            return;
        }
    }
}

static void
see_plan(const sb_plan *plan)
{
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        const sb_plan_node *node = plan->nodes[i];
        seen_node[node->kind] = true;
        if (node->kind == SB_NODE_SOURCE) {
            see(seen_source, ((const sb_source_node *)node->body)->table->connector);
        } else if (node->kind == SB_NODE_SINK) {
            see(seen_sink, ((const sb_sink_node *)node->body)->table->connector);
        }
    }
}

typedef struct start { /* of a job, and what came of it */
    int32_t parallelism;
    int32_t stop_after; /* steps; 0: to the end */
    int64_t fail_at;    /* 0: never */
    sabot_status status;
    int64_t allocations;
    int32_t steps;
    bool stopped; /* before its end */
    char message[400];
} start;

static sabot_status
drive(sabot_job *job, start *s, sabot_error **error)
{
    sabot_progress progress = {0};
    int64_t now_ms = 1000;
    sabot_status status = sabot_job_open(job, error);
    for (; status == SABOT_OK && !progress.ended; s->steps++) {
        assert_true(s->steps < STEPS_MAX);
        if (s->stop_after && s->steps == s->stop_after / 2) {
            sabot_job_checkpoint(job);
        } else if (s->stop_after && s->steps == s->stop_after) {
            sabot_job_stop(job, false);
        }
        status = sabot_job_step(job, now_ms, &progress, error);
        if (status == SABOT_OK && !progress.progress && !progress.ended) {
            assert_true(progress.wake_ms != INT64_MAX);
            now_ms = progress.wake_ms > now_ms ? progress.wake_ms : now_ms + 1;
        }
    }
    return status;
}

static void
run_start(const scene *one, start *s)
{
    char parallelism[16];
    snprintf(parallelism, sizeof parallelism, "%d", s->parallelism);
    const sabot_option options[] = {
        {"engine.threads", "none"},          {"state.dir", "state"},
        {"restart-strategy.type", "none"},   {"execution.batch-rows", "2"},
        {"execution.ring-size", "1 kb"},     {"execution.checkpointing.interval", "1 h"},
        {"parallelism.default", parallelism}};
    sabot_engine *engine = NULL;
    sabot_result *result = NULL;
    sabot_script *script = NULL;
    sabot_error *error = NULL;
    assert_int_equal(sabot_engine_open(options, 7, &engine, NULL), SABOT_OK);
    register_function(engine);
    if (sabot_script_parse(engine, one->sql, strlen(one->sql), one->name, &script, &error) !=
        SABOT_OK) {
        fail_msg("%s", sabot_error_text(error));
    }
    for (int32_t i = 0; i < sabot_script_count(script); i++) {
        sabot_result_free(result);
        result = NULL;
        if (sabot_script_execute(script, i, &result, &error) != SABOT_OK) {
            fail_msg("%s: %s", one->name, sabot_error_text(error));
        }
    }
    sabot_job *job = sabot_result_job(result);
    see_plan(job->plan);
    s->steps = 0;
    s->message[0] = 0;
    (void)sb_mem_fail_after(s->fail_at ? s->fail_at : INT64_MAX); /* counts in any case */
    s->status = drive(job, s, &error);
    s->allocations = sb_mem_fail_after(0);
    sabot_job_info info = {.struct_size = sizeof info};
    sabot_job_get_info(job, &info);
    s->stopped = info.state == SABOT_JOB_STOPPED;
    if (s->status != SABOT_OK) {
        snprintf(s->message, sizeof s->message, "%s",
                 error ? sabot_error_text(error) : "no error object");
        sabot_error_free(error);
    }
    sabot_result_free(result);
    sabot_script_free(script);
    sabot_engine_close(engine);
}

/* ---- what is published ---- */

typedef struct row {
    char *data;
    int32_t times;
} row;

typedef struct rows { /* a table: sorted rows with how often they are in it */
    row at[LINES_MAX];
    int32_t count;
} rows;

static int
compare_rows(const void *a, const void *b)
{
    return strcmp(((const row *)a)->data, ((const row *)b)->data);
}

static void
read_out(rows *table)
{
    char line[4096]; /* collected values are long */
    int32_t kept = 0;
    FILE *names = popen("cat out/[!._]* 2>/dev/null", "r");
    assert_non_null(names);
    table->count = 0;
    while (fgets(line, sizeof line, names)) {
        const char *data = strstr(line, "\"data\":");
        assert_non_null(data);
        assert_true(table->count < LINES_MAX);
        table->at[table->count++] = (row){strdup(data), strstr(line, "\"op\":\"-") ? -1 : 1};
    }
    pclose(names);
    qsort(table->at, (size_t)table->count, sizeof(row), compare_rows);
    for (int32_t i = 0; i < table->count; i++) {
        if (kept > 0 && strcmp(table->at[kept - 1].data, table->at[i].data) == 0) {
            table->at[kept - 1].times += table->at[i].times;
            free(table->at[i].data);
        } else {
            table->at[kept++] = table->at[i];
        }
    }
    table->count = kept;
}

static void
rows_free(rows *table)
{
    for (int32_t i = 0; i < table->count; i++) {
        free(table->at[i].data);
    }
}

/* Every way to the same table may pass others: rows that are there no more do not count. */
static bool
same_rows(const rows *a, const rows *b)
{
    for (int32_t i = 0, j = 0;; i++, j++) {
        for (; i < a->count && a->at[i].times == 0; i++) {
        }
        for (; j < b->count && b->at[j].times == 0; j++) {
        }
        if (i == a->count || j == b->count) {
            return i == a->count && j == b->count;
        }
        if (a->at[i].times != b->at[j].times || strcmp(a->at[i].data, b->at[j].data) != 0) {
            return false;
        }
    }
}

static void
forget(void)
{
    assert_int_equal(system("rm -rf state out"), 0);
}

static void
must_end(const scene *one, const start *s, int64_t fail_at)
{
    if (s->status != SABOT_OK) {
        fail_msg("%s, allocation %lld: %s", one->name, (long long)fail_at, s->message);
    }
}

/* The first start stops on the way, the second goes on; then, if one has failed, a whole one. */
static bool
live(const scene *one, int32_t stop_after, bool must_stop, int64_t fail_at,
     int64_t *out_allocations)
{
    forget();
    start first = {.parallelism = 1, .stop_after = stop_after, .fail_at = fail_at};
    run_start(one, &first);
    int64_t used = first.allocations;
    if (fail_at == 0 && must_stop && one->compare && strcmp(one->name, "values") != 0 &&
        strcmp(one->name, "upserts") != 0 && !first.stopped) {
        fail_msg("%s: it was not stopped on the way (%d steps, asked at %d)", one->name,
                 first.steps, stop_after);
    }
    start second = {.parallelism = 2, .fail_at = fail_at > used ? fail_at - used : 0};
    run_start(one, &second);
    bool failed = first.status != SABOT_OK || second.status != SABOT_OK;
    if ((first.status != SABOT_OK && first.status != SABOT_NOMEM) ||
        (second.status != SABOT_OK && second.status != SABOT_NOMEM)) {
        fail_msg("%s, allocation %lld: %s%s", one->name, (long long)fail_at, first.message,
                 second.message);
    }
    if (second.status != SABOT_OK) {
        start last = {.parallelism = 3};
        run_start(one, &last);
        must_end(one, &last, fail_at);
    }
    if (out_allocations) {
        *out_allocations = first.allocations + second.allocations;
    }
    return failed;
}

/* Few rows: allocations close together. More: it stops while there is input. */
static void
fail_allocations(int32_t count_rows, int32_t keys, int64_t stride)
{
    write_inputs(count_rows, keys);
    const char *only = getenv("SABOT_SCENE");
    for (int32_t i = 0; i < SCENES; i++) {
        const scene *one = &scenes[i];
        static rows expected, got;
        int64_t allocations = 0, failures = 0;
        if (only && strcmp(only, one->name) != 0) {
            continue;
        }
        forget();
        start whole = {.parallelism = 1};
        run_start(one, &whole);
        must_end(one, &whole, 0);
        read_out(&expected);
        assert_true(!one->compare || expected.count > 0);
        assert_false(live(one, 3, count_rows > 100, 0, &allocations));
        /* SABOT_STRIDE=1: each of them (minutes). */
        for (int64_t n = 1 + i % stride; n <= allocations; n += stride) {
            failures += live(one, 3, false, n, NULL);
            read_out(&got);
            if (one->compare && !same_rows(&expected, &got)) {
                fail_msg("%s, allocation %lld: the published rows are wrong", one->name,
                         (long long)n);
            }
            rows_free(&got);
        }
        printf("%s: %lld allocations, %lld failures\n", one->name, (long long)allocations,
               (long long)failures);
        assert_true(failures > 0);
        rows_free(&expected);
    }
}

static void
each_allocation_of_each_scene_fails(void **state)
{
    const char *stride = getenv("SABOT_STRIDE");
    (void)state;
    fail_allocations(14, 3, stride ? strtoll(stride, NULL, 10) : STRIDE);
}

static void
allocations_fail_in_the_middle_of_input(void **state)
{
    const char *stride = getenv("SABOT_STRIDE");
    (void)state;
    fail_allocations(400, 5, 13 * (stride ? strtoll(stride, NULL, 10) : STRIDE));
}

/* From one parallelism to another again and again, with state and rests of many keys: each subtask
 * is restored from several pieces, and pieces go to several subtasks. */
static void
each_scene_moves_between_parallelisms(void **state)
{
    (void)state;
    static const int32_t widths[] = {1, 3, 2, 5, 4, 7, 1, 2};
    static rows expected, got;
    write_inputs(4000, 61);
    for (int32_t i = 0; i < SCENES; i++) {
        const scene *one = &scenes[i];
        if (!one->compare || strcmp(one->name, "values") == 0) { /* of a few rows */
            continue;
        }
        forget();
        start whole = {.parallelism = 1};
        run_start(one, &whole);
        must_end(one, &whole, 0);
        read_out(&expected);
        for (int32_t k = 0; k < 4; k++) {
            int32_t stops = 0;
            forget();
            for (int32_t n = 0;; n++) {
                start s = {.parallelism = widths[(n + k) % 8],
                           .stop_after = n < 8 ? whole.steps / 8 + 3 * k + n : 0};
                run_start(one, &s);
                must_end(one, &s, 0);
                stops += s.stopped;
                if (!s.stopped) {
                    break;
                }
            }
            read_out(&got);
            if (!same_rows(&expected, &got)) {
                fail_msg("%s, turn %d, %d stops: the published rows are wrong", one->name, k,
                         stops);
            }
            if (stops < (strcmp(one->name, "upserts") == 0 ? 1 : 2)) {
                fail_msg("%s, turn %d: %d stops only (%d steps)", one->name, k, stops, whole.steps);
            }
            rows_free(&got);
        }
        rows_free(&expected);
    }
}

static bool
is_seen(const char *const *seen, const char *name)
{
    for (int i = 0; i < 64 && seen[i]; i++) {
        if (strcmp(seen[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* They need a cluster, and their own tests make each allocation fail (connectors/kafka). */
static bool
is_tested_elsewhere(const char *connector)
{
    return strcmp(connector, "kafka") == 0 || strcmp(connector, "upsert-kafka") == 0;
}

static void
everything_in_the_registry_has_a_scene(void **state)
{
    (void)state;
    const sb_connector *one;
    if (getenv("SABOT_SCENE")) {
        skip();
    }
    for (int kind = 0; kind < SB_NODE_KIND_COUNT; kind++) {
        if (!seen_node[kind]) {
            fail_msg("no scene has a node of kind %d (plan/plan.h)", kind);
        }
    }
    for (int32_t i = 0; (one = sb_registry_connector_at(i)) != NULL; i++) {
        if (!is_tested_elsewhere(one->name) && ((one->source && !is_seen(seen_source, one->name)) ||
                                                (one->sink && !is_seen(seen_sink, one->name)))) {
            fail_msg("no scene has the connector %s", one->name);
        }
    }
}

static char home[4096];

/* Where nothing waits for a disk, if there is such a place. */
static int
enter_folder(void **state)
{
    static char memory[] = "/dev/shm/every-allocation-XXXXXX", disk[] = "every-allocation-XXXXXX";
    *state = mkdtemp(memory) ? memory : mkdtemp(disk);
    if (!*state || !getcwd(home, sizeof home) || chdir(*state) != 0) {
        return 1;
    }
    return 0;
}

static int
leave_folder(void **state)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", (char *)*state);
    return chdir(home) != 0 || system(command) != 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_allocation_of_each_scene_fails),
        cmocka_unit_test(allocations_fail_in_the_middle_of_input),
        cmocka_unit_test(each_scene_moves_between_parallelisms),
        cmocka_unit_test(everything_in_the_registry_has_a_scene),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
