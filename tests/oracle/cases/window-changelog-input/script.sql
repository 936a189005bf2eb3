-- A window over a changing table: rows are taken back before the window fires; a window that has become empty gives nothing.
CREATE TABLE t (id INT, k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'changelog-json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (k STRING, ws TIMESTAMP(3), n BIGINT, s INT, hi INT, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w SELECT k, window_start, COUNT(*), SUM(v), MAX(v), COUNT(DISTINCT v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end;
