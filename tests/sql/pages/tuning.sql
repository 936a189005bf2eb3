-- Tuning: mini-batches, two phases, split distinct aggregates, filters of one source, joins of several tables, Top-N, deltas.

-- setup
CREATE TABLE t (color STRING, id BIGINT, flag STRING, `day` STRING) WITH ('connector' = 'values', 'rows' = '{"color":"red","id":1,"flag":"android","day":"mon"}
{"color":"red","id":2,"flag":"wap","day":"mon"}
{"color":"blue","id":1,"flag":"iphone","day":"mon"}');

-- ok
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '5s';
SET 'table.exec.mini-batch.size' = '5000';
SET 'table.optimizer.agg-phase-strategy' = 'TWO_PHASE';
SELECT color, SUM(id) FROM t GROUP BY color;
-- > red | 3
-- > blue | 1

-- ok
SELECT `day`, COUNT(DISTINCT id) FROM t GROUP BY `day`;
-- > mon | 2

-- ok
SELECT `day`, SUM(cnt) FROM (SELECT `day`, COUNT(DISTINCT id) AS cnt FROM t GROUP BY `day`, MOD(HASH_CODE(CAST(id AS STRING)), 1024)) GROUP BY `day`;
-- > mon | 2

-- ok
SET 'table.optimizer.distinct-agg.split.enabled' = 'true';
SELECT `day`, COUNT(DISTINCT id) FROM t GROUP BY `day`;
-- > mon | 2

-- ok
SELECT `day`, COUNT(DISTINCT id) AS total, COUNT(DISTINCT CASE WHEN flag IN ('android', 'iphone') THEN id ELSE NULL END) AS app FROM t GROUP BY `day`;
-- > mon | 2 | 1

-- ok
SELECT `day`, COUNT(DISTINCT id) AS total, COUNT(DISTINCT id) FILTER (WHERE flag IN ('android', 'iphone')) AS app, COUNT(DISTINCT id) FILTER (WHERE flag = 'wap') AS web
FROM t GROUP BY `day`;
-- > mon | 2 | 1 | 1

-- ok
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '5 s';
SET 'table.exec.mini-batch.size' = '5000';
SELECT x.color, COUNT(*) FROM t AS x JOIN t AS y ON x.id = y.id GROUP BY x.color;
-- > red | 3
-- > blue | 2

-- ok
SET 'table.optimizer.multi-join.enabled' = 'true';
SELECT x.id, y.flag, z.`day` FROM t AS x JOIN t AS y ON x.id = y.id JOIN t AS z ON x.id = z.id WHERE x.id = 2;
-- > 2 | wap | mon

-- ok
SET 'table.optimizer.delta-join.strategy' = 'NONE';
SELECT x.id FROM t AS x JOIN t AS y ON x.id = y.id WHERE x.id = 2;
-- > 2

-- refused: LEFT JOIN
SELECT x.id FROM t AS x LEFT JOIN t AS y ON x.id = y.id LEFT JOIN t AS z ON x.id = z.id;
