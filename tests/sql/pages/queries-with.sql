-- WITH: queries with a name inside of another.

-- setup
CREATE TABLE sales (id INT, price INT, tax INT) WITH ('connector' = 'values', 'rows' = '{"id":1,"price":10,"tax":1}
{"id":1,"price":20,"tax":2}
{"id":2,"price":5,"tax":0}');

-- ok
WITH gross AS (SELECT id, price + tax AS total FROM sales) SELECT id, SUM(total) FROM gross GROUP BY id;
-- > 1 | 33
-- > 2 | 5

-- ok
WITH gross (k, total) AS (SELECT id, price + tax FROM sales) SELECT k, total FROM gross WHERE total < 20;
-- > 1 | 11
-- > 2 | 5

-- ok
WITH a AS (SELECT id, price FROM sales), b AS (SELECT price FROM a WHERE id = 1) SELECT MAX(price) FROM b;
-- > 20

-- ok
WITH a AS (SELECT id FROM sales WHERE price > 5) SELECT x.id FROM a AS x JOIN a AS y ON x.id = y.id;
-- > 1
-- > 1
-- > 1
-- > 1

-- ok
SELECT * FROM (WITH a AS (SELECT id FROM sales WHERE id = 2) SELECT id FROM a);
-- > 2

-- ok
WITH sales AS (SELECT 7 AS id) SELECT id FROM sales;
-- > 7

-- ok
CREATE TABLE sink (id INT, total INT) WITH ('connector' = 'print');
INSERT INTO sink WITH g AS (SELECT id, price + tax AS total FROM sales) SELECT id, total FROM g WHERE id = 2;
-- names: +I[2, 5]

-- error: table "b" not found
WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a;

-- refused: WITH RECURSIVE
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n FROM r;
