-- 'csv.ignore-parse-errors': a field that cannot be read is NULL; a line with the wrong number of fields.
CREATE TABLE t (id INT, n INT, d DATE, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.csv', 'format' = 'csv', 'csv.ignore-parse-errors' = 'true');
CREATE TABLE o (id INT, n INT, d DATE, s STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
