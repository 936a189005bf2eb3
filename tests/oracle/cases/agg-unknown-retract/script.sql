-- Retractions nothing was there for: of an unknown group they are dropped; of a known group they count.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, n BIGINT, s INT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, COUNT(*), SUM(v), COUNT(v) FROM t GROUP BY k;
