-- No delay: a row at the watermark itself still counts while its window is open; the window's last millisecond closes it.
CREATE TABLE t (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (ws TIMESTAMP(3), n BIGINT, vs INT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

INSERT INTO w
SELECT window_start, COUNT(*), SUM(v)
FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)
GROUP BY window_start, window_end;
