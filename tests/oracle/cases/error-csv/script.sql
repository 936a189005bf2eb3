-- A CSV field that is no number ends the job.
CREATE TABLE t (id INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.csv', 'format' = 'csv');
CREATE TABLE o (id INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, a FROM t;
