-- Window deduplication: the first or the last row of each key in a window.

-- setup
CREATE TABLE bids (ts TIMESTAMP(3), price INT, item STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 08:01:00","price":4,"item":"A"}');

-- refused: OVER
SELECT * FROM (
    SELECT ts, price, item, window_start, window_end, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY ts DESC) AS rn
    FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES))
WHERE rn <= 1;

-- refused: OVER
SELECT item FROM (
    SELECT *, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, item ORDER BY ts ASC) AS rn
    FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES))
WHERE rn = 1;
