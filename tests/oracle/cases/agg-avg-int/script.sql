-- AVG keeps the type: it truncates toward zero for integers, and has a scale of at least 6 for decimals.
CREATE TABLE t (k STRING, a TINYINT, b SMALLINT, c INT, d BIGINT, e DECIMAL(6, 2), f FLOAT, g DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, a TINYINT, b SMALLINT, c INT, d BIGINT, e DECIMAL(38, 6), f FLOAT, g DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, AVG(a), AVG(b), AVG(c), AVG(d), AVG(e), AVG(f), AVG(g) FROM t GROUP BY k;
