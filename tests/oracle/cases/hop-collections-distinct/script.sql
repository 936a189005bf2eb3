-- Collections of DISTINCT values in HOP windows.
CREATE TABLE t (id INT, k STRING, s STRING, v INT, w BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE dists (ws TIMESTAMP(3), k STRING, a ARRAY<INT>, s MULTISET<STRING>, p DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/dists', 'format' = 'changelog-json');

INSERT INTO dists SELECT window_start, k, ARRAY_SORT(ARRAY_AGG(DISTINCT v)), COLLECT(DISTINCT s), PERCENTILE(DISTINCT v, 0.5) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, k;
