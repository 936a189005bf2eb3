-- Sums of integers keep the type of the column and wrap around; on the way back they come out right again.
CREATE TABLE t (k STRING, a TINYINT, b SMALLINT, c INT, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, a TINYINT, b SMALLINT, c INT, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, SUM(a), SUM(b), SUM(c), SUM(d) FROM t GROUP BY k;
