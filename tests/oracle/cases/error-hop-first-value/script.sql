-- Flink cannot merge the slices of a HOP window for FIRST_VALUE and LAST_VALUE.
CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (
  'connector' = 'filesystem',
  'path' = 'in/t.json',
  'format' = 'json',
  'scan.watermark.emit.strategy' = 'on-event'
);
CREATE TABLE hop (ws TIMESTAMP(3), k STRING, fi INT, li INT, fs STRING, ls STRING) WITH ('connector' = 'filesystem', 'path' = 'out/hop', 'format' = 'changelog-json');

INSERT INTO hop SELECT window_start, k, FIRST_VALUE(v), LAST_VALUE(v), FIRST_VALUE(s), LAST_VALUE(s) FROM HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '15' SECOND) GROUP BY window_start, window_end, k;
