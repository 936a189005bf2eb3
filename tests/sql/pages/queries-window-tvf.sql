-- Window table functions: TUMBLE, HOP, CUMULATE, SESSION, and offsets.

-- setup
CREATE TABLE bids (ts TIMESTAMP(3), price DECIMAL(10, 2), item STRING, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 08:01:00","price":4,"item":"A"}
{"ts":"2024-01-01 08:06:00","price":2,"item":"B"}
{"ts":"2024-01-01 08:11:00","price":3,"item":"A"}');

-- ok
DESCRIBE bids;
-- > ts | TIMESTAMP(3) *ROWTIME* | TRUE | NULL | NULL | `ts` - INTERVAL '1' SECOND
-- > price | DECIMAL(10, 2) | TRUE | NULL | NULL | NULL
-- > item | STRING | TRUE | NULL | NULL | NULL

-- ok
SELECT * FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES);
-- names: ts | price | item | window_start | window_end | window_time
-- > 2024-01-01 08:01:00.000 | 4.00 | A | 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 2024-01-01 08:09:59.999
-- > 2024-01-01 08:06:00.000 | 2.00 | B | 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 2024-01-01 08:09:59.999
-- > 2024-01-01 08:11:00.000 | 3.00 | A | 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000 | 2024-01-01 08:19:59.999

-- ok
SELECT item, window_start FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES)) WHERE price > 2;
-- > A | 2024-01-01 08:00:00.000
-- > A | 2024-01-01 08:10:00.000

-- ok
SELECT item, window_end FROM TUMBLE(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' MINUTES);
-- > A | 2024-01-01 08:10:00.000
-- > B | 2024-01-01 08:10:00.000
-- > A | 2024-01-01 08:20:00.000

-- ok
SELECT window_start, window_end, SUM(price) AS total FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000 | 6.00
-- > 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000 | 3.00

-- ok
SELECT item, window_start, window_end FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '10' MINUTES);
-- > A | 2024-01-01 07:55:00.000 | 2024-01-01 08:05:00.000
-- > A | 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000
-- > B | 2024-01-01 08:00:00.000 | 2024-01-01 08:10:00.000
-- > B | 2024-01-01 08:05:00.000 | 2024-01-01 08:15:00.000
-- > A | 2024-01-01 08:05:00.000 | 2024-01-01 08:15:00.000
-- > A | 2024-01-01 08:10:00.000 | 2024-01-01 08:20:00.000

-- ok
SELECT window_start, SUM(price) FROM HOP(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '5' MINUTES, SIZE => INTERVAL '10' MINUTES)
GROUP BY window_start, window_end;
-- > 2024-01-01 07:55:00.000 | 4.00
-- > 2024-01-01 08:00:00.000 | 6.00
-- > 2024-01-01 08:05:00.000 | 5.00
-- > 2024-01-01 08:10:00.000 | 3.00

-- refused: CUMULATE windows
SELECT * FROM CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES);

-- refused: CUMULATE windows
SELECT * FROM CUMULATE(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), STEP => INTERVAL '2' MINUTES, SIZE => INTERVAL '10' MINUTES);

-- refused: CUMULATE windows
SELECT window_start, window_end, SUM(price) FROM CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES)
GROUP BY window_start, window_end;

-- # Flink 2.3.0 takes this parameter by its name only
-- error: expected
SELECT window_start, SUM(price)
FROM CUMULATE(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' MINUTES, INTERVAL '10' MINUTES, INTERVAL '0' SECOND, TRUE) GROUP BY window_start, window_end;

-- refused: CUMULATE windows
SELECT window_start, SUM(price) FROM CUMULATE(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), STEP => INTERVAL '2' MINUTES, SIZE => INTERVAL '10' MINUTES,
    `OFFSET` => INTERVAL '0' SECOND, EMITONLYONUPDATE => TRUE) GROUP BY window_start, window_end;

-- refused: SESSION windows
SELECT * FROM SESSION(TABLE bids PARTITION BY item, DESCRIPTOR(ts), INTERVAL '5' MINUTES);

-- refused: SESSION windows
SELECT * FROM SESSION(DATA => TABLE bids PARTITION BY item, TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '5' MINUTES);

-- refused: SESSION windows
SELECT window_start, window_end, item, SUM(price) FROM SESSION(TABLE bids PARTITION BY item, DESCRIPTOR(ts), INTERVAL '5' MINUTES)
GROUP BY item, window_start, window_end;

-- refused: SESSION windows
SELECT window_start, window_end, SUM(price) FROM SESSION(TABLE bids, DESCRIPTOR(ts), INTERVAL '5' MINUTES) GROUP BY window_start, window_end;

-- ok
SELECT item, window_start FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '1' MINUTES);
-- > A | 2024-01-01 08:01:00.000
-- > B | 2024-01-01 08:01:00.000
-- > A | 2024-01-01 08:11:00.000

-- ok
SELECT item, window_start FROM TUMBLE(DATA => TABLE bids, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' MINUTES, `OFFSET` => INTERVAL '1' MINUTES);
-- > A | 2024-01-01 08:01:00.000
-- > B | 2024-01-01 08:01:00.000
-- > A | 2024-01-01 08:11:00.000

-- ok
SELECT window_start, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '-4' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 07:56:00.000 | 4.00
-- > 2024-01-01 08:06:00.000 | 5.00

-- ok
SELECT window_start, SUM(price) FROM HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' MINUTES, INTERVAL '10' MINUTES, INTERVAL '16' MINUTES) GROUP BY window_start, window_end;
-- > 2024-01-01 07:56:00.000 | 4.00
-- > 2024-01-01 08:06:00.000 | 5.00

-- error: time attribute
SELECT * FROM TUMBLE(TABLE bids, DESCRIPTOR(price), INTERVAL '10' MINUTES);
