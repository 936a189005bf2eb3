-- SUM goes back to NULL, not to 0, when its last value is taken back and the group lives on; COUNT goes to 0, AVG to NULL.
CREATE TABLE t (k STRING, v INT, w DECIMAL(8, 2), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE sums (k STRING, n BIGINT, c BIGINT, s INT, sw DECIMAL(38, 2), sx DOUBLE, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/sums', 'format' = 'changelog-json');

INSERT INTO sums SELECT k, COUNT(*), COUNT(v), SUM(v), SUM(w), SUM(x), AVG(v) FROM t GROUP BY k;
