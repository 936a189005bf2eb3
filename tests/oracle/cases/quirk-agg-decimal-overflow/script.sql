-- Once a decimal sum has overflowed to NULL the next value starts it anew, and later retractions are taken from that.
CREATE TABLE t (k STRING, v DECIMAL(38, 2)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, s DECIMAL(38, 2), c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, SUM(v), COUNT(v) FROM t GROUP BY k;
