-- Two windowed aggregates joined on their window and a key; windows and keys without a partner give nothing.
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
CREATE TABLE o (k STRING, ws TIMESTAMP(3), we TIMESTAMP(3), ls INT, rs INT, lc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE totals (ws TIMESTAMP(3), ls INT, rs INT) WITH ('connector' = 'filesystem', 'path' = 'out/totals', 'format' = 'changelog-json');

CREATE VIEW lw AS SELECT k, window_start, window_end, SUM(v) AS s, COUNT(*) AS n FROM TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end;
CREATE VIEW rw AS SELECT k, window_start, window_end, SUM(v) AS s FROM TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end;

INSERT INTO o
  SELECT lw.k, lw.window_start, rw.window_end, lw.s, rw.s, lw.n FROM lw JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k;
INSERT INTO totals
  SELECT a.window_start, a.s, b.s
  FROM (SELECT window_start, window_end, SUM(v) AS s FROM TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end) AS a
  JOIN (SELECT window_start, window_end, SUM(v) AS s FROM TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end) AS b
  ON a.window_start = b.window_start AND a.window_end = b.window_end;
