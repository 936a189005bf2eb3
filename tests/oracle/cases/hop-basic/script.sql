-- Each row falls into size / slide windows, also at the very border; the first windows start before the first row.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT, s INT, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w
SELECT k, window_start, window_end, COUNT(*), SUM(v), COUNT(DISTINCT v)
FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND)
GROUP BY k, window_start, window_end;
