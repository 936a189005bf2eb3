-- Floating point sums show the order of additions and what a retraction leaves behind.
CREATE TABLE t (k STRING, d DOUBLE, f FLOAT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, sd DOUBLE, sf FLOAT, ad DOUBLE, hi DOUBLE, lo FLOAT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k, SUM(d), SUM(f), AVG(d), MAX(d), MIN(f) FROM t GROUP BY k;
