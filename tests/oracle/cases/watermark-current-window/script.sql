-- CURRENT_WATERMARK of window_time behind a window aggregation: what the rows of a window meet is the watermark before that which fired it.
CREATE TABLE t (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (s TIMESTAMP(3), n BIGINT, w TIMESTAMP(3))
  WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o
SELECT window_start, n, CURRENT_WATERMARK(wt)
FROM (SELECT window_start, window_time AS wt, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND))
  GROUP BY window_start, window_end, window_time);
