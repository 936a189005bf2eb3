-- JSON_OBJECTAGG refuses a key that is NULL.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (a STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');

INSERT INTO j SELECT JSON_OBJECTAGG(KEY s VALUE i) FROM t;
