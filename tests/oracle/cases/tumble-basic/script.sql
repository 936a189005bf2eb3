-- Rows out of order within the watermark's delay; each window comes once, when the watermark reaches its last millisecond.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, ws TIMESTAMP(3), we TIMESTAMP(3), wt TIMESTAMP(3), n BIGINT, c BIGINT, s INT, hi INT, lo INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w
SELECT k, window_start, window_end, window_time, COUNT(*), COUNT(v), SUM(v), MAX(v), MIN(v), AVG(v)
FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)
GROUP BY k, window_start, window_end, window_time;
