-- There is no cast from VARIANT.
CREATE TABLE t (id INT, k STRING, v STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT CAST(PARSE_JSON(v) AS STRING) FROM t;
