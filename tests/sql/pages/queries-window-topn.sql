-- Window Top-N: the first rows of each window in an order.

-- setup
CREATE TABLE bids (ts TIMESTAMP(3), price INT, item STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 08:01:00","price":4,"item":"A"}');

-- refused: OVER
SELECT * FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY total DESC) AS rn FROM (
        SELECT window_start, window_end, item, SUM(price) AS total FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES)
        GROUP BY window_start, window_end, item))
WHERE rn <= 3;

-- refused: OVER
SELECT * FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn
    FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES))
WHERE rn <= 3;

-- refused: QUALIFY
SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price DESC) AS rn
FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES) QUALIFY rn <= 3;
