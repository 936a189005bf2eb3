-- Window join: rows of two inputs with the same key in the same window.

-- setup
CREATE TABLE l (ts TIMESTAMP(3), num INT, id STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 12:01:00","num":1,"id":"L1"}
{"ts":"2024-01-01 12:02:00","num":3,"id":"L3"}
{"ts":"2024-01-01 12:06:00","num":2,"id":"L2"}');
CREATE TABLE r (ts TIMESTAMP(3), num INT, id STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'values', 'rows' = '{"ts":"2024-01-01 12:01:00","num":2,"id":"R2"}
{"ts":"2024-01-01 12:04:00","num":3,"id":"R3"}
{"ts":"2024-01-01 12:06:00","num":4,"id":"R4"}');
CREATE VIEW lw AS SELECT * FROM TABLE(TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '5' MINUTES));
CREATE VIEW rw AS SELECT * FROM TABLE(TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '5' MINUTES));

-- ok
SELECT lw.id, rw.id, lw.window_start FROM lw JOIN rw ON lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end;
-- > L3 | R3 | 2024-01-01 12:00:00.000

-- ok
SELECT a.id, b.id FROM (SELECT * FROM HOP(TABLE l, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '10' MINUTES)) a
JOIN (SELECT * FROM HOP(TABLE r, DESCRIPTOR(ts), INTERVAL '5' MINUTES, INTERVAL '10' MINUTES)) b
ON a.num = b.num AND a.window_start = b.window_start AND a.window_end = b.window_end;
-- > L3 | R3
-- > L3 | R3
-- > L2 | R2

-- refused: LEFT JOIN
SELECT lw.id, rw.id FROM lw LEFT JOIN rw ON lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end;

-- refused: RIGHT JOIN
SELECT lw.id, rw.id FROM lw RIGHT JOIN rw ON lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end;

-- refused: FULL JOIN
SELECT lw.id, COALESCE(lw.window_start, rw.window_start) FROM lw FULL JOIN rw
ON lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end;

-- refused: IN with a subquery
SELECT * FROM lw WHERE lw.num IN (SELECT num FROM rw WHERE lw.window_start = rw.window_start AND lw.window_end = rw.window_end);

-- refused: EXISTS
SELECT * FROM lw WHERE EXISTS (SELECT * FROM rw WHERE lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end);

-- refused: IN with a subquery
SELECT * FROM lw WHERE lw.num NOT IN (SELECT num FROM rw WHERE lw.window_start = rw.window_start AND lw.window_end = rw.window_end);

-- refused: EXISTS
SELECT * FROM lw WHERE NOT EXISTS (SELECT * FROM rw WHERE lw.num = rw.num AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end);

-- refused: window join over updates
CREATE TABLE u (ts TIMESTAMP(3), num INT, id STRING, PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts)
WITH ('connector' = 'values', 'format' = 'changelog-json', 'rows' = '{"op":"+I","data":{"ts":"2024-01-01 12:01:00","num":1,"id":"a"}}');
CREATE VIEW uw AS SELECT * FROM TUMBLE(TABLE u, DESCRIPTOR(ts), INTERVAL '5' MINUTES);
SELECT lw.id, uw.id FROM lw JOIN uw ON lw.num = uw.num AND lw.window_start = uw.window_start AND lw.window_end = uw.window_end;
