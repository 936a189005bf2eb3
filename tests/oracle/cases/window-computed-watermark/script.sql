-- A watermark that does not come from every row: NULL leaves it where it was, and it never goes back.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS CASE WHEN k = 'mark' THEN ts END) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (ws TIMESTAMP(3), s INT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w SELECT window_start, SUM(v) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
