-- A query whose columns do not fit the sink.
CREATE TABLE t (id INT, a INT, d DECIMAL(6, 2), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, s FROM t;
