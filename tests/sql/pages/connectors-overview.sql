-- Tables of outside systems: their columns, keys, times and options.

-- ok
CREATE TABLE t (id BIGINT, body ROW<name STRING, tags ARRAY<STRING>>, at_time BIGINT, ts AS TO_TIMESTAMP_LTZ(at_time, 3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
    PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'values', 'rows' = '{"id":1,"body":{"name":"a","tags":["x"]},"at_time":1000}');
SELECT id, t.body.name, body.tags[1], ts FROM t;
-- > 1 | a | x | 1970-01-01 00:00:01.000

-- ok
CREATE TABLE t (id BIGINT, s STRING, price AS id * 2.5, proc AS PROCTIME()) WITH ('connector' = 'values', 'rows' = '{"id":2}');
SELECT id, price, proc IS NULL FROM t;
-- > 2 | 5.0 | FALSE

-- error: 'connector'
CREATE TABLE t (id BIGINT) WITH ('format' = 'json');
SELECT * FROM t;

-- error: number-of-rovs
CREATE TABLE t (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rovs' = '1');
SELECT * FROM t;

-- ok
CREATE TABLE t (id BIGINT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
EXPLAIN INSERT INTO t SELECT 1, CURRENT_TIMESTAMP;
-- has: Sink(table=[default_catalog.default_database.t], fields=[id, ts])

-- ok
CREATE TABLE t (id BIGINT, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') WITH ('connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
EXPLAIN SELECT * FROM t;
-- has: TableSourceScan(table=[[default_catalog, default_database, t]]

-- ok
CREATE TABLE t (id BIGINT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'key.format' = 'json', 'value.format' = 'json');
EXPLAIN SELECT * FROM t;
-- has: ChangelogNormalize(key=[id])

-- ok
CREATE TABLE t (id BIGINT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'h:9092',
    'key.format' = 'json', 'value.format' = 'json');
CREATE TABLE v (id BIGINT) WITH ('connector' = 'values', 'rows' = '{"id":1}');
EXPLAIN INSERT INTO t SELECT id, COUNT(*) FROM v GROUP BY id;
-- has: Sink(table=[default_catalog.default_database.t], fields=[id, n])

-- error: needs the option 'properties.bootstrap.servers'
CREATE TABLE t (id BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 't', 'key.format' = 'json', 'value.format' = 'json');
SELECT * FROM t;

-- error: unknown connector 'jdbc'
CREATE TABLE t (id BIGINT) WITH ('connector' = 'jdbc', 'url' = 'jdbc:mysql://h:3306/d', 'table-name' = 't');
SELECT * FROM t;

-- error: unknown connector 'elasticsearch-7'
CREATE TABLE t (id BIGINT) WITH ('connector' = 'elasticsearch-7', 'hosts' = 'http://h:9200', 'index' = 't');
INSERT INTO t SELECT 1;

-- error: unknown connector 'hbase-2.2'
CREATE TABLE t (k INT, f ROW<q INT>, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'hbase-2.2', 'table-name' = 't', 'zookeeper.quorum' = 'h:2181');
SELECT * FROM t;

-- error: unknown connector 'socket'
CREATE TABLE t (s STRING) WITH ('connector' = 'socket', 'hostname' = 'localhost', 'port' = '9999', 'format' = 'csv');
SELECT * FROM t;
