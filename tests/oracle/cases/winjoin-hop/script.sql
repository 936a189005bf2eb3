-- The same over overlapping windows: a pair is there once per window they share; a late row may be in time for the later ones.
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
CREATE TABLE o (l INT, r INT, ws TIMESTAMP(3), we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE n (k STRING, we TIMESTAMP(3), lc BIGINT, rc BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/n', 'format' = 'changelog-json');

CREATE VIEW lw AS SELECT * FROM HOP(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '20' SECOND);
CREATE VIEW rw AS SELECT * FROM HOP(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '20' SECOND);

INSERT INTO o
  SELECT lw.id, rw.id, lw.window_start, lw.window_end FROM lw JOIN rw ON lw.k = rw.k AND lw.window_start = rw.window_start AND lw.window_end = rw.window_end;
INSERT INTO n
  SELECT a.k, a.window_end, a.n, b.n
  FROM (SELECT k, window_start, window_end, COUNT(*) AS n FROM lw GROUP BY k, window_start, window_end) AS a
  JOIN (SELECT k, window_start, window_end, COUNT(v) AS n FROM rw GROUP BY k, window_start, window_end) AS b
  ON a.window_start = b.window_start AND a.window_end = b.window_end AND a.k = b.k
  WHERE a.n + b.n > 2;
