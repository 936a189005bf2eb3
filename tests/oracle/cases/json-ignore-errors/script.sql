-- 'json.ignore-parse-errors': a field that cannot be read is NULL, a line that is no JSON is skipped.
CREATE TABLE t (id INT, i INT, d DECIMAL(6, 2), e DATE, ts TIMESTAMP(3), b BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json', 'json.ignore-parse-errors' = 'true');
CREATE TABLE o (id INT, i INT, d DECIMAL(6, 2), e DATE, ts TIMESTAMP(3), b BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT * FROM t;
