-- Two sources into one window: its watermark is the smaller one of theirs; the source that ends leaves the other alone.
SET 'scan.interleave' = 'true';

CREATE TABLE a (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/a.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE b (k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/b.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE w (ws TIMESTAMP(3), n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/w', 'format' = 'changelog-json');

CREATE VIEW u AS SELECT * FROM a UNION ALL SELECT * FROM b;
INSERT INTO w SELECT window_start, COUNT(*), SUM(v) FROM TUMBLE(TABLE u, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end;
