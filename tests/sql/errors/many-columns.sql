CREATE TABLE t (id INT, name STRING, price DECIMAL(10, 2)) WITH ('connector' = 'datagen', 'number-of-rows' = '1');

SELECT id, nmae, prise + 1 AS more
FROM t
WHERE idd > 1 AND nme = 'x'
ORDER BY more, prices;
