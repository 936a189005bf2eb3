CREATE TABLE t (id INT, name STRING, price DECIMAL(10, 2)) WITH ('connector' = 'datagen', 'number-of-rows' = '1');

SELECT idd, UPER(nam), SUM(pric), COALESCE(id, UPPER(zzz))
FROM t
GROUP BY idd, naame
HAVING SUM(pricee) > 1 AND COUNT(DISTINCT nme) > 2;
