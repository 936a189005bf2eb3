-- A text that is a number with too many digits ends the job, where a cast between numbers would give NULL.
CREATE TABLE t (id INT, a INT, d DECIMAL(6, 2), s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, v DECIMAL(5, 2)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, CAST(s AS DECIMAL(5, 2)) FROM t;
