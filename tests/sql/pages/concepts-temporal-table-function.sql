-- Temporal table functions.

-- setup
CREATE TABLE orders (amount INT, currency STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"amount":1}');

-- refused: table function
SELECT SUM(amount * rate) FROM orders, LATERAL TABLE(rates(ts)) WHERE rates.currency = orders.currency;

-- refused: table function
SELECT amount, rate FROM orders, LATERAL rates(ts) AS r WHERE r.currency = orders.currency;
