CREATE TABLE t (id INT, name STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '1');

WITH w AS (SELECT nope AS x FROM t)
SELECT a.x + name, b.x AND TRUE, zzz
FROM w a JOIN w b ON a.x = b.x;
