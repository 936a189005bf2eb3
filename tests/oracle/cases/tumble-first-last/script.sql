-- FIRST_VALUE and LAST_VALUE in windows: the order is that of arrival, not of time.
CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE tum (ws TIMESTAMP(3), k STRING, fi INT, li INT, fs STRING, ls STRING, ff INT, dl INT) WITH ('connector' = 'filesystem', 'path' = 'out/tum', 'format' = 'changelog-json');

INSERT INTO tum SELECT window_start, k, FIRST_VALUE(v), LAST_VALUE(v), FIRST_VALUE(s), LAST_VALUE(s), LAST_VALUE(v) FILTER (WHERE d > 0), LAST_VALUE(DISTINCT v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, k;
