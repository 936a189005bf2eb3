-- Window aggregation: GROUP BY window_start, window_end; grouping sets; cascades; the older group windows.

-- setup
CREATE TABLE bids (ts TIMESTAMP(3), price DECIMAL(10, 2), item STRING, supplier STRING, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 08:01:00","price":4,"item":"A","supplier":"p"}
{"ts":"2024-01-01 08:06:00","price":2,"item":"B","supplier":"p"}
{"ts":"2024-01-01 08:08:00","price":1,"item":"A","supplier":"q"}
{"ts":"2024-01-01 08:11:00","price":3,"item":"A","supplier":"p"}');

-- ok
SELECT window_start, window_end, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 7.00
-- > 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000 | 3.00

-- ok
SELECT window_start, window_end, SUM(price) FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 07:55:00.000 | 2024-01-01 08:05:00.000 | 4.00
-- > 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 7.00
-- > 2024-01-01 08:05:00.000 | 2024-01-01 08:15:00.000 | 6.00
-- > 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000 | 3.00

-- batch
SELECT window_start, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 08:00:00.000 | 7.00
-- > 2024-01-01 08:10:00.000 | 3.00

-- refused: CUMULATE windows
SELECT window_start, SUM(price) FROM CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES) GROUP BY window_start, window_end;

-- refused: SESSION windows
SELECT window_start, supplier, SUM(price) FROM SESSION(TABLE bids PARTITION BY supplier, DESCRIPTOR(ts), INTERVAL '2' MINUTES)
GROUP BY window_start, window_end, supplier;

-- ok
SELECT window_start, supplier, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES)
GROUP BY window_start, window_end, GROUPING SETS ((supplier), ());
-- > 2024-01-01 08:00:00.000 | p | 6.00
-- > 2024-01-01 08:00:00.000 | q | 1.00
-- > 2024-01-01 08:00:00.000 | NULL | 7.00
-- > 2024-01-01 08:10:00.000 | p | 3.00
-- > 2024-01-01 08:10:00.000 | NULL | 3.00

-- ok
SELECT window_start, supplier, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES)
GROUP BY window_start, window_end, ROLLUP (supplier);
-- > 2024-01-01 08:00:00.000 | p | 6.00
-- > 2024-01-01 08:00:00.000 | q | 1.00
-- > 2024-01-01 08:00:00.000 | NULL | 7.00
-- > 2024-01-01 08:10:00.000 | p | 3.00
-- > 2024-01-01 08:10:00.000 | NULL | 3.00

-- ok
SELECT window_start, item, supplier, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '20' MINUTES)
GROUP BY window_start, window_end, CUBE (supplier, item);
-- > 2024-01-01 08:00:00.000 | A | p | 7.00
-- > 2024-01-01 08:00:00.000 | B | p | 2.00
-- > 2024-01-01 08:00:00.000 | A | q | 1.00
-- > 2024-01-01 08:00:00.000 | NULL | p | 9.00
-- > 2024-01-01 08:00:00.000 | NULL | q | 1.00
-- > 2024-01-01 08:00:00.000 | A | NULL | 8.00
-- > 2024-01-01 08:00:00.000 | B | NULL | 2.00
-- > 2024-01-01 08:00:00.000 | NULL | NULL | 10.00

-- ok
CREATE VIEW small AS SELECT window_start AS s, window_end AS e, window_time AS t, SUM(price) AS part
FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '5' MINUTES) GROUP BY supplier, window_start, window_end, window_time;
SELECT window_start, window_end, SUM(part) FROM TUMBLE(TABLE small, DESCRIPTOR(t), INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 7.00
-- > 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000 | 3.00

-- ok
SELECT window_time, COUNT(*) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES) GROUP BY window_start, window_end, window_time;
-- > 2024-01-01 08:09:59.999 | 3
-- > 2024-01-01 08:19:59.999 | 1

-- refused: group window function TUMBLE
SELECT supplier, TUMBLE_START(ts, INTERVAL '1' DAY) AS s, SUM(price) FROM bids GROUP BY TUMBLE(ts, INTERVAL '1' DAY), supplier;

-- refused: group window function TUMBLE
SELECT TUMBLE_END(ts, INTERVAL '10' MINUTE), TUMBLE_ROWTIME(ts, INTERVAL '10' MINUTE) FROM bids GROUP BY TUMBLE(ts, INTERVAL '10' MINUTE);

-- refused: group window function HOP
SELECT HOP_START(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE), HOP_END(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE), SUM(price) FROM bids
GROUP BY HOP(ts, INTERVAL '5' MINUTE, INTERVAL '10' MINUTE);

-- refused: group window function SESSION
SELECT SESSION_START(ts, INTERVAL '5' MINUTE), SESSION_END(ts, INTERVAL '5' MINUTE), SUM(price) FROM bids GROUP BY SESSION(ts, INTERVAL '5' MINUTE);

-- refused: group window function TUMBLE
SELECT SUM(price) FROM bids GROUP BY TUMBLE(ts, INTERVAL '5' MINUTE);
