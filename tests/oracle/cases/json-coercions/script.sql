-- JSON values of another type than the column's: what is taken and how.
CREATE TABLE t (id INT, i INT, l BIGINT, s STRING, b BOOLEAN, d DECIMAL(6, 2), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, i INT, l BIGINT, s STRING, b BOOLEAN, d DECIMAL(6, 2), x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
