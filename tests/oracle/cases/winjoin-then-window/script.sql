-- A window join's rows in a window again, by the time of the windows, and in an ordinary aggregation.
SET 'scan.interleave' = 'true';
CREATE TABLE l (id INT, k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/l.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE r (id INT, k STRING, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (
  'connector' = 'filesystem',
  'path' = 'in/r.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE wide (ws TIMESTAMP(3), we TIMESTAMP(3), n BIGINT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/wide', 'format' = 'changelog-json');
CREATE TABLE so_far (k STRING, n BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/so_far', 'format' = 'changelog-json');

CREATE VIEW lw AS SELECT * FROM TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND);
CREATE VIEW rw AS SELECT * FROM TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND);
CREATE VIEW j AS SELECT lw.k, lw.v + rw.v AS v, lw.window_start, lw.window_end, lw.window_time
  FROM lw JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k;

INSERT INTO wide SELECT window_start, window_end, COUNT(*), MAX(v) FROM j GROUP BY window_start, window_end;
INSERT INTO so_far SELECT k, COUNT(*), COUNT(v) FROM j GROUP BY k;
