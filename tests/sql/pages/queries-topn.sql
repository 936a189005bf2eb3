-- Top-N: the first rows of each group in an order.

-- setup
CREATE TABLE sales (id INT, kind STRING, amount INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"id":1,"kind":"a","amount":5,"ts":"2024-01-01 10:00:00"}');

-- refused: OVER
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY amount DESC) AS rn FROM sales) WHERE rn <= 5;

-- refused: OVER
SELECT id, kind, amount FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY amount DESC) AS rn FROM sales) WHERE rn <= 5;

-- refused: OVER
SELECT * FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY amount DESC, id ASC) AS rn FROM sales) WHERE rn <= 3 AND kind = 'a';

-- refused: OVER
SELECT * FROM (SELECT *, RANK() OVER (PARTITION BY kind ORDER BY amount) AS rn FROM sales) WHERE rn <= 5;

-- refused: QUALIFY
SELECT id, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY amount DESC) AS rn FROM sales QUALIFY rn <= 5;
