/*
 * sql/sql_plan_test.c -- what queries become: nodes, keys, traits, exchanges; the Nexmark queries;
 * plans as bytes.
 *
 * THREADS    one
 * SIZE: one scene for each rule, all over the same tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sql/sql_testing.h"

static const char tables[] =
    "CREATE TABLE t (id INT, name STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - "
    "INTERVAL '5' SECOND)\n"
    "  WITH ('connector' = 'append');\n"
    "CREATE TABLE u (id INT, city STRING, age INT, PRIMARY KEY (id) NOT ENFORCED) WITH "
    "('connector' = 'upsert');\n"
    "CREATE TABLE uk (id INT, city STRING, age INT, PRIMARY KEY (id) NOT ENFORCED) WITH "
    "('connector' = 'upsert-key');\n"
    "CREATE TABLE c (id INT, city STRING, age INT) WITH ('connector' = 'cdc');\n"
    "CREATE TABLE p (k STRING, n BIGINT) WITH ('connector' = 'print');\n"
    "CREATE TABLE nested (id INT, r ROW<a INT, b ROW<c INT, d INT>, e INT>, s ROW<a INT, b INT>, "
    "x AS r.e + 1) WITH ('connector' = 'append');\n"
    "CREATE TABLE hole (k STRING, n BIGINT) WITH ('connector' = 'blackhole');\n"
    "CREATE TABLE keyed (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = "
    "'upsert-sink');\n"
    "CREATE TABLE keyed2 (n BIGINT, k STRING, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = "
    "'upsert-sink');\n";

static char *
run(const char *sql)
{
    char *script = sb_sql_testing_join(tables, sql);
    char *out;

    out = sb_sql_testing_run(script);
    free(script);
    return out;
}

static void
expect(const char *sql, const char *const *wanted, const char *const *unwanted)
{
    char *out = run(sql);

    for (; wanted != NULL && *wanted != NULL; wanted++) {
        if (strstr(out, *wanted) == NULL) {
            fail_msg("%s\n  lacks %s:\n%s", sql, *wanted, out);
        }
    }
    for (; unwanted != NULL && *unwanted != NULL; unwanted++) {
        if (strstr(out, *unwanted) != NULL) {
            fail_msg("%s\n  has %s:\n%s", sql, *unwanted, out);
        }
    }
    free(out);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
projection_and_filter(void **state)
{
    (void)state;
    expect("INSERT INTO p SELECT name, v + 1 FROM t WHERE id > 3 AND v < 10",
           LIST("Calc(select=[name AS k, v + 1 AS n], where=[(id > 3) AND (v < 10)], "
                "changelogMode=[I])",
                "fields=[id, name, v, ts]"),
           LIST("Exchange"));
    /* columns nobody reads are not asked of the source; the watermark's are */
    expect("INSERT INTO p SELECT name, 1 FROM t", LIST("connector=[append], fields=[name, ts]"),
           NULL);
    /* of a ROW the fields that somebody reads, computed columns among them; all users of the scan
     * count, and who takes the whole takes all */
    expect("SELECT r.a, s.b FROM nested WHERE r.b.d > 1", LIST("fields=[r(a, b), s(b)]"), NULL);
    expect("SELECT id, x FROM nested", LIST("fields=[id, r(e)]"), NULL);
    expect("SELECT r, r.a FROM nested", LIST("fields=[r]"), NULL);
    expect("SELECT r.a FROM nested UNION ALL SELECT r.e FROM nested", LIST("fields=[r(a, e)]"),
           LIST("fields=[r(a)]"));
    /* layers of subqueries are one Calc; constants are folded; TRUE is no filter */
    expect("INSERT INTO p SELECT a, b + 1 + 2 FROM (SELECT name AS a, v * 2 AS b FROM (SELECT * "
           "FROM t WHERE TRUE))",
           LIST("Sink(table=[default_catalog.default_database.p], fields=[k, n], "
                "changelogMode=[NONE])\n+- Calc(select=[",
                "changelogMode=[I])\n   +- WatermarkAssigner("),
           LIST("where="));
    expect("SELECT id FROM t WHERE 1 = 1 AND id = 2 + 3", LIST("where=[id = 5]"), NULL);
}

static void
filters_move_down(void **state)
{
    (void)state;
    expect("SELECT * FROM (SELECT id, SUM(v) AS s FROM t GROUP BY id) WHERE id = 7 AND s > 3",
           LIST("where=[EXPR$0 > 3]", "where=[id = 7]"), NULL);
    expect("SELECT a.id FROM t AS a JOIN c AS b ON a.id = b.id WHERE a.v > 1 AND b.age < 9 AND a.v "
           "> b.age",
           LIST("where=[v > 1]", "where=[age < 9]",
                "Join(joinType=[InnerJoin], where=[(id = id0) AND v > CAST(age AS BIGINT)]"),
           NULL);
    expect("SELECT id FROM (SELECT id, v FROM t UNION ALL SELECT id, CAST(age AS BIGINT) FROM c) "
           "WHERE id = 1",
           LIST("where=[id = 1], changelogMode=[I])", "where=[id = 1], changelogMode=[I,UB,UA,D])"),
           NULL);
    /* a comma join with its equality in WHERE is an equi join */
    expect("SELECT t.id FROM t, c WHERE t.id = c.id",
           LIST("Join(joinType=[InnerJoin], where=[(id = id0)]", "hash[id]"),
           LIST("single]), changelogMode=[I,UB,UA,D])\n      :"));
    /* what differs from row to row is computed once, below the filter that reads it */
    expect(
        "SELECT id, r FROM (SELECT id, NOW() AS r FROM t) WHERE r > TIMESTAMP '2020-01-01 "
        "00:00:00'",
        LIST("Calc(select=[id, r], where=[r > ", "+- Calc(select=[id, NOW() AS r], changelogMode"),
        NULL);
}

static void
group_aggregate(void **state)
{
    (void)state;
    /* a sink that wants -U gets it, one that does not makes the aggregate leave it out */
    expect("INSERT INTO p SELECT name, COUNT(*) FROM t GROUP BY name",
           LIST("GroupAggregate(groupBy=[name], select=[name, COUNT(*) AS EXPR$0], "
                "changelogMode=[I,UB,UA])",
                "Exchange(distribution=[hash[name]], changelogMode=[I])"),
           NULL);
    expect("INSERT INTO hole SELECT name, COUNT(*) FROM t GROUP BY name",
           LIST("changelogMode=[I,UA])\n   +- Exchange"), NULL);
    expect("INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name",
           LIST("changelogMode=[I,UA])"), LIST("SinkUpsertMaterializer"));
    /* over updates the aggregate can delete */
    expect("INSERT INTO keyed SELECT city, COUNT(*) FROM c GROUP BY city",
           LIST("changelogMode=[I,UA,D])\n   +- Exchange(distribution=[hash[city]], "
                "changelogMode=[I,UB,UA,D])"),
           NULL);
    /* no key: one task */
    expect("SELECT COUNT(*) FROM t",
           LIST("GroupAggregate(select=[COUNT(*) AS EXPR$0]",
                "Exchange(distribution=[single], changelogMode=[I])"),
           NULL);
    /* FILTER and DISTINCT become columns of the Calc below */
    expect("SELECT name, COUNT(DISTINCT v) FILTER (WHERE v > 3), SUM(v + 1) FROM t GROUP BY name",
           LIST("COUNT(DISTINCT v) FILTER $f2 AS EXPR$0, SUM($f3) AS EXPR$1",
                "v > 3 AS $f2, v + 1 AS $f3"),
           NULL);
    /* HAVING on another column than the key: the sink needs -U, although it takes upserts */
    expect("INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name HAVING COUNT(*) < 10",
           LIST("changelogMode=[I,UB,UA])"), NULL);
    expect("INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name HAVING name <> 'x'",
           LIST("where=[name <> 'x']", "changelogMode=[I,UA])"), LIST("UB"));
    expect("SELECT DISTINCT name FROM t",
           LIST("GroupAggregate(groupBy=[name], select=[name], changelogMode=[I,UB,UA])"), NULL);
    /* the same key again: rows lie right already */
    expect("SELECT name, MAX(n) FROM (SELECT name, id, COUNT(*) AS n FROM t GROUP BY name, id) "
           "GROUP BY name",
           LIST("hash[name]", "hash[name, id]"), NULL);
    expect(
        "SELECT k, COUNT(*) FROM (SELECT name AS k, COUNT(*) AS n FROM t GROUP BY name) GROUP BY k",
        LIST("hash[name]"), LIST("hash[k]"));
}

static void
upsert_sources(void **state)
{
    (void)state;
    expect("INSERT INTO p SELECT city, COUNT(*) FROM u GROUP BY city",
           LIST("ChangelogNormalize(key=[id], changelogMode=[I,UB,UA,D])",
                "Exchange(distribution=[hash[id]], changelogMode=[I,UA,D])"),
           NULL);
    /* nobody needs what the normalize makes: the upserts go through */
    expect("CREATE TABLE s (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' "
           "= 'upsert-sink');"
           "INSERT INTO s SELECT id, city FROM u",
           LIST("changelogMode=[I,UA,D]"), LIST("ChangelogNormalize", "SinkUpsertMaterializer"));
    /* deletes by key only: the sink wants whole rows */
    expect("CREATE TABLE s (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' "
           "= 'upsert-sink');"
           "INSERT INTO s SELECT id, city FROM uk",
           LIST("ChangelogNormalize(key=[id], changelogMode=[I,UA,D])"), NULL);
    /* a filter on the key goes below the normalize, another one into it */
    expect("INSERT INTO p SELECT city, 1 FROM u WHERE id > 5",
           LIST("ChangelogNormalize(key=[id], changelogMode=[I,UB,UA,D])",
                "where=[id > 5], changelogMode=[I,UA,D])"),
           NULL);
    expect("INSERT INTO p SELECT city, 1 FROM u WHERE age > 5",
           LIST("ChangelogNormalize(key=[id], condition=[age > 5], changelogMode=[I,UB,UA,D])"),
           LIST("where="));
    /* -U that nobody wants is dropped at the source */
    expect("CREATE TABLE r (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' "
           "= 'cdc');"
           "CREATE TABLE s (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' "
           "= 'upsert-sink');"
           "INSERT INTO s SELECT id, city FROM r",
           LIST("DropUpdateBefore(changelogMode=[I,UA,D])"), LIST("SinkUpsertMaterializer"));
}

static void
materializer(void **state)
{
    (void)state;
    expect("INSERT INTO keyed2 SELECT COUNT(*), name FROM t GROUP BY name",
           LIST("SinkUpsertMaterializer(key=[n], inputUpsertKey=[k], changelogMode=[I,UA,D])",
                "Exchange(distribution=[hash[n]], changelogMode=[I,UB,UA])"),
           NULL);
    expect("SET 'table.exec.sink.upsert-materialize' = 'NONE'; INSERT INTO keyed2 SELECT COUNT(*), "
           "name FROM t GROUP BY name",
           NULL, LIST("SinkUpsertMaterializer"));
    expect("SET 'table.exec.sink.upsert-materialize' = 'FORCE'; INSERT INTO keyed SELECT name, v "
           "FROM t",
           LIST("SinkUpsertMaterializer(key=[k]"), NULL);
    /* inserts whose key is not the sink's may repeat it */
    expect("INSERT INTO keyed SELECT name, v FROM t",
           LIST("SinkUpsertMaterializer(key=[k], inputUpsertKey=[]"), NULL);
    expect("CREATE TABLE w (k STRING, e TIMESTAMP(3), n BIGINT, PRIMARY KEY (k, e) NOT ENFORCED) "
           "WITH ('connector' = 'upsert-sink'); INSERT INTO w SELECT name, window_end, COUNT(*) "
           "FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY name, "
           "window_start, window_end",
           NULL, LIST("SinkUpsertMaterializer"));
    /* rows that the sink drops for a NULL never enter it */
    expect("SET 'table.exec.sink.not-null-enforcer' = 'DROP'; INSERT INTO keyed SELECT name, v "
           "FROM t",
           LIST("SinkUpsertMaterializer(key=[k]", "where=[k IS NOT NULL]"), NULL);
    expect("SET 'table.exec.sink.require-on-conflict' = 'true'; INSERT INTO keyed2 SELECT "
           "COUNT(*), name FROM t GROUP BY name",
           LIST("error[SB2015]: the query has an upsert key that differs from the primary key of "
                "the sink table \"keyed2\": primary key [n], upsert key [k]"),
           NULL);
}

static void
windows(void **state)
{
    (void)state;
    /* the table function vanishes; a Calc between is kept */
    expect("SELECT window_start, window_end, name, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), "
           "INTERVAL '10' MINUTE) WHERE v > 1 "
           "GROUP BY name, window_start, window_end",
           LIST("WindowAggregate(groupBy=[name], window=[TUMBLE(size=[10 min])], time_col=[ts], "
                "select=[name, COUNT(*) AS EXPR$0, window_start, window_end], changelogMode=[I])",
                "where=[v > 1]"),
           LIST("WindowTableFunction"));
    expect("SELECT window_time, MAX(v) FROM TABLE(HOP(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), "
           "SLIDE => INTERVAL '1' MINUTE, "
           "SIZE => INTERVAL '10' MINUTE, OFFSET => INTERVAL '5' SECOND)) GROUP BY window_start, "
           "window_end, window_time",
           LIST("window=[HOP(slide=[1 min], size=[10 min], offset=[5 s])]"), NULL);
    /* without aggregation it stays */
    expect(
        "SELECT id, window_start FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)",
        LIST("WindowTableFunction(window=[TUMBLE(size=[1 s])], time_col=[ts], changelogMode=[I])"),
        NULL);
    /* a computation on window columns below the aggregate keeps the function; the aggregate is
     * attached */
    expect("SELECT window_start, window_end, MAX(window_start) FROM TUMBLE(TABLE t, "
           "DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end",
           LIST("WindowTableFunction", "win_start=[window_start], win_end=[window_end]"), NULL);
    /* only one of the two: an ordinary aggregate */
    expect("SELECT window_end, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND) "
           "GROUP BY window_end",
           LIST("GroupAggregate(groupBy=[window_end]", "WindowTableFunction"),
           LIST("WindowAggregate"));
    /* cascade over window_time, and over the columns */
    expect("CREATE VIEW w AS SELECT window_time AS rt, name, SUM(v) AS s FROM TUMBLE(TABLE t, "
           "DESCRIPTOR(ts), INTERVAL '1' MINUTE) "
           "GROUP BY window_start, window_end, window_time, name;"
           "SELECT window_start, window_end, SUM(s) FROM TUMBLE(TABLE w, DESCRIPTOR(rt), INTERVAL "
           "'1' HOUR) GROUP BY window_start, window_end",
           LIST("window=[TUMBLE(size=[1 h])], time_col=[rt]",
                "window=[TUMBLE(size=[1 min])], time_col=[ts]"),
           NULL);
}

static void
window_join(void **state)
{
    (void)state;
    expect("SELECT l.id, r.n FROM (SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' "
           "MINUTE)) l JOIN "
           "(SELECT name, COUNT(*) AS n, window_start, window_end FROM TUMBLE(TABLE t, "
           "DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY name, window_start, window_end) r "
           "ON l.name = r.name AND l.window_start = r.window_start AND l.window_end = r.window_end "
           "AND l.v > r.n",
           LIST("WindowJoin(leftWindow=[win_start=[window_start], win_end=[window_end]]",
                "where=[(name = name0) AND v > ", "hash[name]"),
           NULL);
    /* without a key of its own it is spread by window_end */
    expect("SELECT l.id FROM (SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) "
           "l JOIN "
           "(SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) r ON "
           "l.window_start = r.window_start AND l.window_end = r.window_end",
           LIST("WindowJoin(", "where=[(window_end = window_end0)]", "hash[window_end]"), NULL);
    /* windows of another size do not meet */
    expect("SELECT l.id FROM (SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) "
           "l JOIN "
           "(SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '2' MINUTE)) r ON "
           "l.window_start = r.window_start AND l.window_end = r.window_end",
           LIST("Join(joinType=[InnerJoin], where=[(window_start = window_start0) AND (window_end "
                "= window_end0)]"),
           LIST("WindowJoin"));
    /* a regular join loses the time attribute */
    expect("SELECT * FROM TUMBLE((SELECT a.ts FROM t a JOIN t b ON a.id = b.id), DESCRIPTOR(ts), "
           "INTERVAL '1' MINUTE)",
           LIST("error[SB2011]: column \"ts\" is not an event-time attribute"), NULL);
}

static void
join_keys(void **state)
{
    (void)state;
    /* keys of different types are hashed as one type */
    expect("SELECT t.id FROM t JOIN c ON t.v = c.id",
           LIST("hash[$k0]", "CAST(id AS BIGINT) AS $k0"), NULL);
    expect("SELECT t.id FROM t JOIN c ON t.id IS NOT DISTINCT FROM c.id",
           LIST("(id IS NOT DISTINCT FROM id0)"), NULL);
    expect("SELECT t.id FROM t CROSS JOIN c",
           LIST("where=[true]", "Exchange(distribution=[single], changelogMode=[I])"), NULL);
    /* join of two unique sides keeps the key: no materializer */
    expect("CREATE TABLE s (id INT, a STRING, b STRING, PRIMARY KEY (id) NOT ENFORCED) WITH "
           "('connector' = 'upsert-sink');"
           "INSERT INTO s SELECT a.id, a.city, b.city FROM u a JOIN uk b ON a.id = b.id",
           NULL, LIST("SinkUpsertMaterializer"));
    /* a side's key without the join column is lost (R41) */
    expect("CREATE TABLE s (id INT, a STRING, b STRING, PRIMARY KEY (id) NOT ENFORCED) WITH "
           "('connector' = 'upsert-sink');"
           "INSERT INTO s SELECT a.id, a.city, b.city FROM u a JOIN uk b ON a.age = b.id",
           LIST("SinkUpsertMaterializer(key=[id], inputUpsertKey=[]"), NULL);
}

static void
sharing(void **state)
{
    sb_plan *plan;
    char *script;
    int sources = 0, aggs = 0;

    (void)state;
    script = sb_sql_testing_join(
        tables,
        "EXECUTE STATEMENT SET BEGIN INSERT INTO p SELECT name, COUNT(*) FROM t GROUP BY name;"
        "INSERT INTO hole SELECT name, COUNT(*) FROM t GROUP BY name; INSERT INTO p SELECT "
        "name, v FROM t; END;");
    plan = sb_sql_testing_plan(script);
    assert_int_equal(plan->count_sinks, 3);
    for (int32_t i = 0; i < plan->count_nodes; i++) {
        sources += plan->nodes[i]->kind == SB_NODE_SOURCE;
        if (plan->nodes[i]->kind == SB_NODE_GROUP_AGG) {
            const sb_group_agg_node *body = plan->nodes[i]->body;

            aggs++;
            assert_int_equal(plan->nodes[i]->count_consumers, 2);
            assert_true(body->emit_before); /* the most demanding consumer decides */
            assert_false(body->input_retracts);
        }
    }
    assert_int_equal(sources, 1);
    assert_int_equal(aggs, 1);
    sb_plan_free(plan);
    free(script);
    /* what is not deterministic is not shared */
    expect("EXECUTE STATEMENT SET BEGIN INSERT INTO p SELECT CAST(NOW() AS STRING), v FROM t; "
           "INSERT INTO p SELECT CAST(NOW() AS STRING), v FROM t; END",
           LIST("\n+- Calc(select=[CAST(NOW() AS STRING) AS k, v AS n], changelogMode=[I])\n   +- "
                "Reused(reference_id=[1])"),
           NULL);
}

/* Consumers of one relation that differ: it makes -U, those that want none get DropUpdateBefore. */
static void
consumers_differ(void **state)
{
    (void)state;
    expect("EXECUTE STATEMENT SET BEGIN INSERT INTO p SELECT name, COUNT(*) FROM t GROUP BY name;"
           "INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name; END",
           LIST("fields=[k, n], changelogMode=[NONE])\n+- DropUpdateBefore(changelogMode=[I,UA])\n"
                "   +- Reused(reference_id=[1])",
                "select=[name, COUNT(*) AS EXPR$0], changelogMode=[I,UB,UA])(reuse_id=[1])"),
           NULL);
    /* a join keeps rows without a key: it gets -U, and its upsert sink does not */
    expect("CREATE TABLE s (k STRING, a BIGINT, b BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH "
           "('connector' = 'upsert-sink');"
           "INSERT INTO s SELECT a.name, a.n, b.n FROM (SELECT name, COUNT(*) AS n FROM t GROUP "
           "BY name) a JOIN (SELECT city, COUNT(*) AS n FROM c GROUP BY city) b ON a.name = b.city",
           LIST("DropUpdateBefore(changelogMode=[I,UA,D])", "changelogMode=[I,UB,UA])",
                "select=[name, EXPR$0, city, EXPR$00], changelogMode=[I,UB,UA,D])"),
           LIST("SinkUpsertMaterializer"));
    /* each consumer of an upsert source has the normalize or not */
    expect("CREATE TABLE s (id INT, city STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' "
           "= 'upsert-sink');"
           "EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT id, city FROM u;"
           "INSERT INTO p SELECT city, COUNT(*) FROM u GROUP BY city; END",
           LIST("ChangelogNormalize(key=[id], changelogMode=[I,UB,UA,D])",
                "fields=[id, city], changelogMode=[NONE])\n+- TableSourceScan("),
           LIST("DropUpdateBefore"));
}

/* Two bounds between event times of both sides. */
static void
interval_joins(void **state)
{
    const char *head = "CREATE VIEW x AS SELECT id, CAST(ts AS TIMESTAMP(3)) AS ts FROM t; ";
    const char *refused = "error[SB3001]: not supported: interval join";
    const char *join = "Join(joinType=[InnerJoin]";
    char *sql;

    (void)state;
    expect("SELECT a.id FROM t a JOIN t b ON a.id = b.id AND a.ts BETWEEN b.ts - INTERVAL '5' "
           "SECOND AND b.ts",
           LIST(refused), NULL);
    expect("SELECT a.id FROM t a, t b WHERE a.id = b.id AND b.ts > a.ts AND a.ts + INTERVAL '1' "
           "DAY >= b.ts",
           LIST(refused), NULL);
    expect("SELECT a.id FROM t a JOIN t b ON a.id = b.id AND a.ts = b.ts", LIST(refused), NULL);
    /* one bound only, or the same bound twice */
    expect("SELECT a.id FROM t a JOIN t b ON a.id = b.id AND a.ts < b.ts AND b.ts > a.ts + "
           "INTERVAL '1' DAY",
           LIST(join), NULL);
    /* a plain column on one side */
    sql = sb_sql_testing_join(head, "SELECT a.id FROM t a JOIN x b ON a.id = b.id AND a.ts "
                                    "BETWEEN b.ts AND b.ts + INTERVAL '1' DAY");
    expect(sql, LIST(join), NULL);
    free(sql);
    expect("SELECT a.id FROM t a JOIN (SELECT MAX(id) AS id, window_end AS e FROM TUMBLE(TABLE t, "
           "DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end) b ON a.id = "
           "b.id AND a.ts BETWEEN b.e - INTERVAL '1' MINUTE AND b.e",
           LIST(join), NULL);
}

static sb_plan *
plan_of(const char *head, const char *sql)
{
    char *script = sb_sql_testing_join(head, sql);
    sb_plan *plan;

    plan = sb_sql_testing_plan(script);
    free(script);
    return plan;
}

static void
traits(void **state)
{
    sb_plan *plan = plan_of(
        tables, "SET 'table.exec.state.ttl' = '1 h'; SET 'table.exec.mini-batch.enabled' = 'true';"
                "SET 'table.exec.mini-batch.size' = '100'; SET "
                "'table.exec.mini-batch.allow-latency' = '2 s';"
                "SET 'table.exec.source.idle-timeout' = '7 s'; SET "
                "'pipeline.auto-watermark-interval' = '0';"
                "INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name");
    const sb_plan_node *agg = plan->sinks[0]->inputs[0], *calc = agg->inputs[0],
                       *watermark = calc->inputs[0];
    const sb_group_agg_node *agg_body = agg->body;
    const sb_watermark_node *watermark_body = watermark->body;

    (void)state;
    assert_int_equal(agg->kind, SB_NODE_GROUP_AGG);
    assert_int_equal(agg->traits.row_ops,
                     SB_ROW_BIT(SB_ROW_INSERT) | SB_ROW_BIT(SB_ROW_UPDATE_AFTER));
    assert_int_equal(agg->traits.upsert_keys.count, 1);
    assert_int_equal(agg->traits.upsert_keys.at[0].count, 1);
    assert_int_equal(agg->traits.upsert_keys.at[0].at[0], 0);
    assert_int_equal(agg->traits.partition.count, 1);
    assert_int_equal(agg->exchanges[0].kind, SB_EXCHANGE_HASH);
    assert_int_equal(agg_body->ttl_ms, 3600000);
    assert_int_equal(agg_body->minibatch_rows, 100);
    assert_int_equal(agg_body->minibatch_ms, 2000);
    assert_false(agg_body->emit_before);
    assert_int_equal(watermark->kind, SB_NODE_WATERMARK);
    assert_int_equal(watermark->traits.count_time, 1);
    assert_int_equal(watermark->traits.time[0].kind, SB_TIME_EVENT);
    assert_int_equal(watermark->traits.time[0].column, watermark_body->rowtime);
    assert_int_equal(watermark_body->idle_timeout_ms, 7000);
    assert_int_equal(watermark_body->interval_ms, 0);
    assert_true(((const sb_sink_node *)plan->sinks[0]->body)->upsert);
    sb_plan_free(plan);
    /* two of three keys: mini-batch is off */
    plan = plan_of(
        tables,
        "SET 'table.exec.mini-batch.enabled' = 'true'; SET 'table.exec.mini-batch.size' = '100';"
        "INSERT INTO keyed SELECT name, COUNT(*) FROM t GROUP BY name");
    assert_int_equal(((const sb_group_agg_node *)plan->sinks[0]->inputs[0]->body)->minibatch_rows,
                     0);
    sb_plan_free(plan);
}

static void
table_options(void **state)
{
    sb_plan *plan = plan_of(tables, "INSERT INTO p SELECT name, v FROM t /*+ "
                                    "OPTIONS('scan.watermark.emit.strategy' = 'on-event',"
                                    "'scan.watermark.idle-timeout' = '3 s', 'scan.parallelism' = "
                                    "'2', 'scan.watermark.alignment.group' = 'g', "
                                    "'scan.watermark.alignment.max-drift' = '1 min') */");
    const sb_plan_node *calc = plan->sinks[0]->inputs[0], *watermark = calc->inputs[0];
    const sb_watermark_node *body = watermark->body;

    (void)state;
    assert_true(body->on_event);
    assert_int_equal(body->idle_timeout_ms, 3000);
    assert_string_equal(body->alignment_group, "g");
    assert_int_equal(body->alignment_max_drift_ms, 60000);
    assert_int_equal(watermark->parallelism, 2);
    assert_int_equal(calc->parallelism, 0);
    assert_int_equal(calc->exchanges[0].kind, SB_EXCHANGE_REBALANCE);
    assert_int_equal(((const sb_source_node *)watermark->inputs[0]->body)->parallelism, 2);
    sb_plan_free(plan);
}

/* Metadata and computed columns stand in a Calc between source and watermark. */
static void
computed_columns(void **state)
{
    (void)state;
    expect(
        "CREATE TABLE k (a INT, `at` TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL, part BIGINT "
        "METADATA FROM 'partition', twice AS a * 2, "
        "WATERMARK FOR `at` AS `at`) WITH ('connector' = 'append'); SELECT twice, part FROM k",
        LIST("fields=[a, at, part]", "CAST(part AS BIGINT) AS part", "a * 2 AS twice",
             "WatermarkAssigner(rowtime=[at], watermark=[at]"),
        NULL);
    /* a source that cannot project gives all its columns */
    expect("CREATE TABLE w (a INT, b INT, c INT) WITH ('connector' = 'whole'); SELECT b FROM w",
           LIST("fields=[a, b, c]", "Calc(select=[b]"), NULL);
}

#define META                                                                                  \
    "CREATE TABLE w (a INT, `at` TIMESTAMP(3) METADATA FROM 'timestamp', b STRING, part INT " \
    "METADATA FROM 'partition' VIRTUAL, c AS a + 1) WITH ('connector' = 'print'); "

/* Columns in the order of declaration are asked for; the sink gets physical ones first. A value
 * becomes the declared type, then the connector's (as in Flink's TableSinkTest.testMetadataColumn).
 */
static void
written_metadata(void **state)
{
    (void)state;
    sb_plan *plan =
        plan_of(META, "INSERT INTO w VALUES (1, CAST(TIMESTAMP '2024-01-01 00:00:00' AS "
                      "TIMESTAMP(3)), 'x')");
    const sb_sink_node *body = plan->sinks[0]->body;
    const sb_schema *schema = plan->sinks[0]->schema;
    assert_int_equal(plan->sinks[0]->version, 3);
    assert_int_equal(body->count_metadata, 1);
    assert_string_equal(body->metadata[0].key, "timestamp");
    assert_int_equal(body->metadata[0].type.id, SB_TYPE_TIMESTAMP_LTZ);
    assert_int_equal(body->table->columns->count, 2);
    assert_int_equal(schema->count, 3);
    assert_string_equal(schema->fields[0].name, "a");
    assert_string_equal(schema->fields[1].name, "b");
    assert_string_equal(schema->fields[2].name, "at");
    assert_int_equal(plan->sinks[0]->inputs[0]->schema->fields[2].type.id, SB_TYPE_TIMESTAMP_LTZ);
    sb_plan_free(plan);

    expect(META "INSERT INTO w (b, a) VALUES ('x', 1)", LIST("fields=[a, b, at]", "NULL AS at"),
           NULL);
}

/* ---- Nexmark ---- */

static void
nexmark(void **state)
{
    static const struct {
        const char *sql;
        int sources, group_aggs, window_aggs, joins, window_joins;
    } queries[] = {
        {"INSERT INTO s SELECT CAST(auction AS STRING), price FROM bid WHERE MOD(auction, 123) = 0",
         1, 0, 0, 0, 0},
        {"INSERT INTO s SELECT P.name, A.id FROM auction AS A INNER JOIN person AS P on A.seller = "
         "P.id WHERE A.category = 10 and "
         "(P.state = 'OR' OR P.state = 'ID' OR P.state = 'CA')",
         1, 0, 0, 1, 0},
        {"INSERT INTO s SELECT CAST(Q.category AS STRING), AVG(Q.final) FROM (SELECT MAX(B.price) "
         "AS final, A.category FROM auction A, bid B "
         "WHERE A.id = B.auction AND B.dateTime BETWEEN A.dateTime AND A.expires GROUP BY A.id, "
         "A.category) Q GROUP BY Q.category",
         1, 2, 0, 1, 0},
        {"INSERT INTO s SELECT CAST(AuctionBids.auction AS STRING), AuctionBids.num FROM (SELECT "
         "auction, count(*) AS num, window_start AS starttime, "
         "window_end AS endtime FROM TABLE(HOP(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '2' "
         "SECOND, INTERVAL '10' SECOND)) GROUP BY auction, "
         "window_start, window_end) AS AuctionBids JOIN (SELECT max(CountBids.num) AS maxn, "
         "CountBids.starttime, CountBids.endtime FROM "
         "(SELECT count(*) AS num, window_start AS starttime, window_end AS endtime FROM "
         "TABLE(HOP(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '2' "
         "SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end) AS CountBids "
         "GROUP BY CountBids.starttime, CountBids.endtime) "
         "AS MaxBids ON AuctionBids.starttime = MaxBids.starttime AND AuctionBids.endtime = "
         "MaxBids.endtime AND AuctionBids.num >= MaxBids.maxn",
         1, 0, 2, 0, 1},
        {"INSERT INTO s SELECT B.extra, B.price from bid B JOIN (SELECT MAX(price) AS maxprice, "
         "window_end as dateTime FROM TABLE(TUMBLE(TABLE bid, "
         "DESCRIPTOR(dateTime), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) B1 ON "
         "B.price = B1.maxprice WHERE B.dateTime BETWEEN "
         "B1.dateTime - INTERVAL '10' SECOND AND B1.dateTime",
         1, 0, 1, 1, 0},
        {"INSERT INTO s SELECT P.name, P.id FROM (SELECT id, name, window_start AS starttime, "
         "window_end AS endtime FROM TABLE(TUMBLE(TABLE person, "
         "DESCRIPTOR(dateTime), INTERVAL '10' SECOND)) GROUP BY id, name, window_start, "
         "window_end) P JOIN (SELECT seller, window_start AS starttime, "
         "window_end AS endtime FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(dateTime), INTERVAL "
         "'10' SECOND)) GROUP BY seller, window_start, "
         "window_end) A ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime",
         1, 0, 2, 0, 1},
        {"INSERT INTO s SELECT DATE_FORMAT(dateTime, 'yyyy-MM-dd') as `day`, count(distinct "
         "bidder) filter (where price < 10000) FROM bid "
         "GROUP BY DATE_FORMAT(dateTime, 'yyyy-MM-dd')",
         1, 1, 0, 0, 0},
        {"INSERT INTO s SELECT channel, avg(price) FROM bid GROUP BY channel, "
         "DATE_FORMAT(dateTime, 'yyyy-MM-dd')",
         1, 1, 0, 0, 0},
        {"INSERT INTO s SELECT itemName, price FROM bid AS B INNER JOIN auction AS A on B.auction "
         "= A.id WHERE A.category = 10",
         1, 0, 0, 1, 0},
    };

    (void)state;
    for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
        int count[SB_NODE_KIND_COUNT] = {0};
        char *head = sb_sql_testing_join(
            sb_sql_testing_nexmark,
            "CREATE TABLE s (a STRING, b BIGINT) WITH ('connector' = 'blackhole');");
        sb_plan *plan;

        plan = plan_of(head, queries[q].sql);
        for (int32_t i = 0; i < plan->count_nodes; i++) {
            count[plan->nodes[i]->kind]++;
        }
        assert_int_equal(count[SB_NODE_SOURCE], queries[q].sources);
        assert_int_equal(count[SB_NODE_GROUP_AGG], queries[q].group_aggs);
        assert_int_equal(count[SB_NODE_WINDOW_AGG], queries[q].window_aggs);
        assert_int_equal(count[SB_NODE_JOIN], queries[q].joins);
        assert_int_equal(count[SB_NODE_WINDOW_JOIN], queries[q].window_joins);
        assert_int_equal(count[SB_NODE_WINDOW_ASSIGN], 0);
        sb_plan_free(plan);
        free(head);
    }
}

/* ---- bytes ---- */

static const char *const many[] = {
    "INSERT INTO p SELECT name, v + 1 FROM t WHERE name LIKE 'a%'",
    "INSERT INTO keyed2 SELECT COUNT(*), city FROM u WHERE age > 5 GROUP BY city",
    "INSERT INTO p SELECT t.name, c.age FROM t JOIN c ON t.id = c.id AND t.v > c.age",
    "INSERT INTO p SELECT name, COUNT(DISTINCT v) FILTER (WHERE id > 3) FROM TUMBLE(TABLE t, "
    "DESCRIPTOR(ts), INTERVAL '10' MINUTE) "
    "GROUP BY name, window_start, window_end",
    "INSERT INTO p SELECT l.name, r.v FROM (SELECT * FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL "
    "'1' MINUTE, INTERVAL '5' MINUTE)) l JOIN "
    "(SELECT * FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) r ON "
    "l.id = r.id AND l.window_start = r.window_start AND "
    "l.window_end = r.window_end",
    "INSERT INTO p SELECT LISTAGG(name, ' - '), LAST_VALUE(v) FROM t GROUP BY id",
    "INSERT INTO p SELECT FIRST_VALUE(name), VAR_POP(v) FROM t GROUP BY id",
    "INSERT INTO p SELECT JSON_OBJECTAGG(KEY name VALUE v ABSENT ON NULL), CARDINALITY(ARRAY_AGG(v "
    "IGNORE NULLS)) FROM t GROUP BY id",
    "INSERT INTO p SELECT JSON_ARRAYAGG(v NULL ON NULL), CARDINALITY(PERCENTILE(v, ARRAY[0.25, "
    "0.5], id)) + CARDINALITY(COLLECT(v)) FROM t GROUP BY name",
    "CREATE TABLE w (a INT, `at` TIMESTAMP(3) METADATA FROM 'timestamp') WITH ('connector' = "
    "'print'); INSERT INTO w VALUES (1, NULL)",
    "EXECUTE STATEMENT SET BEGIN INSERT INTO p SELECT name, v FROM t UNION ALL SELECT city, age "
    "FROM c; INSERT INTO hole VALUES ('a', 1); END",
};

static void
round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
        sb_plan *plan = plan_of(tables, many[i]), *back = NULL;
        sb_text before, after, difference;
        sb_writer w;
        sb_reader r;
        sb_error err;

        sb_text_init(&before, sb_mem_root());
        sb_text_init(&after, sb_mem_root());
        sb_text_init(&difference, sb_mem_root());
        sb_writer_init(&w, sb_mem_root());
        sb_error_clear(&err);
        sb_plan_write(&w, plan);
        r = sb_reader_of(w.out.data, w.out.size);
        if (sb_plan_read(&r, sb_mem_root(), &back, &err) != SB_OK) {
            fail_msg("%s: %s", many[i], err.message);
        }
        plan->rules = NULL; /* is not kept */
        sb_plan_print_json(plan, &before);
        sb_plan_print_json(back, &after);
        assert_string_equal(before.data, after.data);
        sb_text_clear(&before);
        sb_text_clear(&after);
        sb_plan_print(plan, SB_PLAN_CHANGELOG, &before);
        sb_plan_print(back, SB_PLAN_CHANGELOG, &after);
        assert_string_equal(before.data, after.data);
        assert_true(sb_plan_same(plan, back, &difference));
        assert_int_equal(difference.size, 0);
        sb_plan_free(back);
        /* every shorter piece is refused, none crashes */
        for (size_t cut = 0; cut < w.out.size; cut += 1 + cut / 40) {
            r = sb_reader_of(w.out.data, cut);
            back = NULL;
            assert_int_not_equal(sb_plan_read(&r, sb_mem_root(), &back, &err), SB_OK);
        }
        /* a flipped byte is refused or read, never more */
        for (size_t at = 0; at < w.out.size; at += 1 + w.out.size / 300) {
            w.out.data[at] = (char)(w.out.data[at] ^ 0x41);
            r = sb_reader_of(w.out.data, w.out.size);
            back = NULL;
            if (sb_plan_read(&r, sb_mem_root(), &back, &err) == SB_OK) {
                sb_plan_free(back);
            }
            w.out.data[at] = (char)(w.out.data[at] ^ 0x41);
        }
        sb_writer_deinit(&w);
        sb_text_deinit(&before);
        sb_text_deinit(&after);
        sb_text_deinit(&difference);
        sb_plan_free(plan);
    }
}

static void
same_or_not(void **state)
{
    sb_plan *stored =
        plan_of(tables, "INSERT INTO p SELECT name, COUNT(*) FROM t WHERE v > 1 GROUP BY name");
    sb_plan *again =
        plan_of(tables, "SET 'table.exec.state.ttl' = '5 h'; SET 'parallelism.default' = '4';"
                        "INSERT INTO p SELECT name, COUNT(*) FROM t WHERE v > 1 GROUP BY name");
    sb_plan *edited =
        plan_of(tables, "INSERT INTO p SELECT name, COUNT(*) FROM t WHERE v > 2 GROUP BY name");
    sb_plan *zone = plan_of(tables, "SET 'table.local-time-zone' = 'Asia/Tokyo'; INSERT INTO p "
                                    "SELECT name, COUNT(*) FROM t WHERE v > 1 GROUP BY name");
    sb_text text;

    (void)state;
    sb_text_init(&text, sb_mem_root());
    if (!sb_plan_same(stored, again, &text)) {
        fail_msg("%s", text.data);
    }
    assert_int_equal(text.size, 0);
    assert_false(sb_plan_same(stored, edited, &text));
    assert_string_equal(text.data, "- Calc(select=[name], where=[v > 1]) -> (name STRING)\n+ "
                                   "Calc(select=[name], where=[v > 2]) -> (name STRING)\n");
    sb_text_clear(&text);
    assert_false(sb_plan_same(stored, zone, &text));
    assert_string_equal(text.data, "- time zone UTC\n+ time zone Asia/Tokyo\n");
    sb_text_deinit(&text);
    sb_plan_free(stored);
    sb_plan_free(again);
    sb_plan_free(edited);
    sb_plan_free(zone);
}

static void
newer_is_refused(void **state)
{
    sb_plan *plan = plan_of(tables, many[0]), *back = NULL;
    sb_writer w;
    sb_reader r;
    sb_error err;

    (void)state;
    sb_error_clear(&err);
    plan->nodes[0]->version = 9;
    sb_writer_init(&w, sb_mem_root());
    sb_plan_write(&w, plan);
    r = sb_reader_of(w.out.data, w.out.size);
    assert_int_equal(sb_plan_read(&r, sb_mem_root(), &back, &err), SB_STATUS_NOT_SUPPORTED);
    assert_string_equal(
        err.message,
        "not supported: plan node TableSourceScan of version 9 (this version knows 4)");
    sb_writer_deinit(&w);
    sb_writer_init(&w, sb_mem_root());
    sb_write_u16(&w, 7);
    r = sb_reader_of(w.out.data, w.out.size);
    assert_int_equal(sb_plan_read(&r, sb_mem_root(), &back, &err), SB_STATUS_NOT_SUPPORTED);
    assert_string_equal(err.message, "not supported: plan of version 7 (this version knows 1)");
    sb_writer_deinit(&w);
    sb_plan_free(plan);
}

/* The ids of two plans of one text are equal; an edit upstream leaves those downstream alone. */
static void
node_ids(void **state)
{
    sb_plan *a = plan_of(tables, many[1]), *b = plan_of(tables, many[1]);
    sb_plan *c = plan_of(
        tables, "INSERT INTO keyed2 SELECT COUNT(*), city FROM u WHERE age > 6 GROUP BY city");

    (void)state;
    assert_int_equal(a->count_nodes, b->count_nodes);
    for (int32_t i = 0; i < a->count_nodes; i++) {
        assert_int_equal(a->nodes[i]->node_id, b->nodes[i]->node_id);
        assert_int_equal(a->nodes[i]->node_id, c->nodes[i]->node_id);
        assert_int_not_equal(a->nodes[i]->node_id, 0);
    }
    sb_plan_free(a);
    sb_plan_free(b);
    sb_plan_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projection_and_filter),
        cmocka_unit_test(filters_move_down),
        cmocka_unit_test(group_aggregate),
        cmocka_unit_test(upsert_sources),
        cmocka_unit_test(materializer),
        cmocka_unit_test(windows),
        cmocka_unit_test(window_join),
        cmocka_unit_test(join_keys),
        cmocka_unit_test(sharing),
        cmocka_unit_test(consumers_differ),
        cmocka_unit_test(interval_joins),
        cmocka_unit_test(traits),
        cmocka_unit_test(table_options),
        cmocka_unit_test(computed_columns),
        cmocka_unit_test(written_metadata),
        cmocka_unit_test(nexmark),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(same_or_not),
        cmocka_unit_test(newer_is_refused),
        cmocka_unit_test(node_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
