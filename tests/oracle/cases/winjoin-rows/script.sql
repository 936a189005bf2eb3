-- Windowed rows joined within their window, with a condition beside the key; NULL keys never meet; late rows of either side are gone.
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
CREATE TABLE o (l INT, r INT, k STRING, ws TIMESTAMP(3), we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE residual (l INT, r INT, we TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/residual', 'format' = 'changelog-json');

CREATE VIEW lw AS SELECT * FROM TUMBLE(TABLE l, DESCRIPTOR(ts), INTERVAL '10' SECOND);
CREATE VIEW rw AS SELECT * FROM TUMBLE(TABLE r, DESCRIPTOR(ts), INTERVAL '10' SECOND);

INSERT INTO o
  SELECT lw.id, rw.id, lw.k, lw.window_start, lw.window_end FROM lw JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k;
INSERT INTO residual
  SELECT lw.id, rw.id, lw.window_end FROM lw JOIN rw ON lw.window_start = rw.window_start AND lw.window_end = rw.window_end AND lw.k = rw.k AND lw.v < rw.v;
