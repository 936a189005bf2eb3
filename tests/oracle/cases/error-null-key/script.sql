-- A NULL in the key of a sink ends the job.
CREATE TABLE t (id INT, a INT, d DECIMAL(6, 2), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (a INT, n BIGINT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT a, COUNT(*) FROM t GROUP BY a;
