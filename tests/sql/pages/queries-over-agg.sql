-- Over aggregation: an aggregate for each row over the rows before it.

-- setup
CREATE TABLE t (id INT, item STRING, amount INT, ts TIMESTAMP(3), proc AS PROCTIME(), WATERMARK FOR ts AS ts)
WITH ('connector' = 'values', 'rows' = '{"id":1,"item":"a","amount":1,"ts":"2024-01-01 10:00:00"}');

-- refused: OVER
SELECT id, SUM(amount) OVER (PARTITION BY item ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) FROM t;

-- refused: OVER
SELECT id, SUM(amount) OVER (PARTITION BY item ORDER BY ts RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t;

-- refused: OVER
SELECT id, COUNT(*) OVER (ORDER BY ts ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) FROM t;

-- refused: OVER
SELECT id, AVG(amount) OVER (PARTITION BY item ORDER BY proc ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t;

-- refused: OVER
SELECT id, MAX(amount) OVER (PARTITION BY item ORDER BY id) FROM t;

-- refused: OVER
SELECT id, LAG(amount) OVER (PARTITION BY item ORDER BY ts), LEAD(amount, 2, 0) OVER (PARTITION BY item ORDER BY ts) FROM t;

-- refused: OVER
SELECT id, FIRST_VALUE(amount) OVER (PARTITION BY item ORDER BY ts) FROM t;

-- refused: WINDOW
SELECT id, SUM(amount) OVER w, AVG(amount) OVER w FROM t
WINDOW w AS (PARTITION BY item ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW);
