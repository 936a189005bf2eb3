-- A decimal sum beyond 38 digits is NULL; an average needs six digits behind the point and overflows sooner.
CREATE TABLE t (k STRING, v DECIMAL(38, 2), w DECIMAL(20, 0)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, s DECIMAL(38, 2), a DECIMAL(38, 6), sw DECIMAL(38, 0), c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, SUM(v), AVG(v), SUM(w), COUNT(v) FROM t GROUP BY k;
