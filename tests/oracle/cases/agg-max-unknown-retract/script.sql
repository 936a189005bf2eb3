-- A value never seen is taken out of MAX and MIN: the other values must survive it.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, hi INT, lo INT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, MAX(v), MIN(v), COUNT(*) FROM t GROUP BY k;
