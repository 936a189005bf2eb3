-- A group key of every type.
CREATE TABLE t (bo BOOLEAN, ti TINYINT, de DECIMAL(20, 2), c CHAR(3), `by` BYTES, d DATE, h TIME(0), ts TIMESTAMP(9), l TIMESTAMP_LTZ(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE r (kind STRING, k STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r
SELECT 'all', CAST(ti AS STRING), COUNT(*) FROM t GROUP BY bo, ti, de, c, `by`, d, h, ts, l;
