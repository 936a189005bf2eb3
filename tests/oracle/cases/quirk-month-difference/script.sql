-- Whole months between timestamps of one day, and of the ends of months, when only milliseconds are missing.
CREATE TABLE t (id INT, a TIMESTAMP(3), b TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, mo INT, y INT, mo_back INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id, TIMESTAMPDIFF(MONTH, a, b), TIMESTAMPDIFF(YEAR, a, b), TIMESTAMPDIFF(MONTH, b, a) FROM t;
