CREATE TABLE t (id INT, name STRING, price INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');

SELECT id, name, price + 1, COUNT(*) FROM t GROUP BY id HAVING name = 'x';
