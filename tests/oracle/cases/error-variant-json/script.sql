-- A VARIANT cannot be written as JSON.
CREATE TABLE t (id INT, k STRING, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s VARIANT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT PARSE_JSON(v) FROM t;
