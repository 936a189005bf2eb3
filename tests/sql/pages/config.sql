-- Options of the session: those that change how queries run.

-- setup
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'values', 'rows' = '{"k":"a","v":1}
{"k":"a","v":2}');

-- ok
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '5 s';
SET 'table.exec.mini-batch.size' = '5000';
SELECT k, SUM(v) FROM t GROUP BY k;
-- > a | 3

-- ok
SET 'table.exec.state.ttl' = '1 d';
SET 'table.exec.source.idle-timeout' = '5 s';
SET 'parallelism.default' = '2';
SET 'execution.runtime-mode' = 'STREAMING';
SELECT k, SUM(v) FROM t GROUP BY k;
-- > a | 3

-- ok
SET 'table.exec.sink.not-null-enforcer' = 'DROP';
CREATE TABLE strict (k STRING, v INT NOT NULL) WITH ('connector' = 'print');
INSERT INTO strict SELECT k, NULLIF(v, 1) FROM t;
-- names: +I[a, 2]

-- error: NULL
CREATE TABLE strict (k STRING, v INT NOT NULL) WITH ('connector' = 'print');
INSERT INTO strict SELECT k, NULLIF(v, 1) FROM t;

-- # texts are made to fit by the cast to the type of the column
-- ok
SET 'table.exec.sink.type-length-enforcer' = 'IGNORE';
CREATE TABLE short (k CHAR(3), l VARCHAR(1)) WITH ('connector' = 'print');
INSERT INTO short SELECT * FROM (VALUES ('a', 'xyz')) AS s (k, l);
-- names: +I[a  , x]

-- ok
SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD';

-- ok
SET 'table.exec.sink.upsert-materialize' = 'NONE';
SET 'table.exec.sink.keyed-shuffle' = 'AUTO';
SET 'table.optimizer.agg-phase-strategy' = 'TWO_PHASE';
SET 'table.optimizer.distinct-agg.split.enabled' = 'true';
SET 'table.optimizer.distinct-agg.split.bucket-num' = '1024';
SET 'table.optimizer.reuse-sub-plan-enabled' = 'true';
SET 'table.optimizer.reuse-source-enabled' = 'true';
SET 'table.optimizer.source.predicate-pushdown-enabled' = 'true';
SET 'table.exec.window-agg.buffer-size-limit' = '100000';
SET 'table.column-expansion-strategy' = 'EXCLUDE_DEFAULT_VIRTUAL_METADATA_COLUMNS';
SELECT COUNT(DISTINCT v) FROM t;
-- > 2

-- ok
SET 'table.builtin-catalog-name' = 'mine';
SET 'table.builtin-database-name' = 'here';
SELECT COUNT(*) FROM t;
-- > 2

-- error: table.exec.mini-batch.size
SET 'table.exec.mini-batch.size' = 'many';
