-- DISTINCT and FILTER within windows; what is distinct starts anew in each window.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (ws TIMESTAMP(3), dv BIGINT, dk BIGINT, dbig BIGINT, n BIGINT, neg BIGINT, s INT, hi STRING) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w
SELECT window_start, COUNT(DISTINCT v), COUNT(DISTINCT k), COUNT(DISTINCT v) FILTER (WHERE v > 2), COUNT(*), COUNT(*) FILTER (WHERE v < 0),
  SUM(v) FILTER (WHERE k = 'a'), MAX(k)
FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)
GROUP BY window_start, window_end;
