-- Updates into a format that takes inserts only.
CREATE TABLE t (id INT, a INT, d DECIMAL(6, 2), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (a INT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'json');

INSERT INTO o SELECT a, COUNT(*) FROM t GROUP BY a;
