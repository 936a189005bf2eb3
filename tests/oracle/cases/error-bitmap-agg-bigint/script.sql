-- BITMAP_BUILD_AGG of BIGINT.
CREATE TABLE t (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT BITMAP_TO_STRING(BITMAP_BUILD_AGG(CAST(v AS BIGINT))) FROM t;
