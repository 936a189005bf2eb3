-- Temporal table functions.

-- setup
CREATE TABLE orders (amount INT, currency STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"amount":1}');

-- error: unknown function 'rates'
SELECT SUM(amount * rate) FROM orders, LATERAL TABLE(rates(ts)) WHERE rates.currency = orders.currency;

-- error: unknown function 'rates'
SELECT amount, rate FROM orders, LATERAL rates(ts) AS r WHERE r.currency = orders.currency;
