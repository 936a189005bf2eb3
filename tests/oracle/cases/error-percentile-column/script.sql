-- PERCENTILE whose share is a column.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (n DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');

INSERT INTO j SELECT PERCENTILE(i, d) FROM t;
