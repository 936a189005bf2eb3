-- CURRENT_WATERMARK of a TIMESTAMP_LTZ(3), before and after 1970.
SET 'table.local-time-zone' = 'Europe/Berlin';
CREATE TABLE t (id BIGINT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '0.001' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json',
    'scan.watermark.emit.strategy' = 'on-event');
CREATE TABLE o (id BIGINT, w TIMESTAMP_LTZ(3), text STRING, type STRING)
  WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT id, CURRENT_WATERMARK(ts), CAST(CURRENT_WATERMARK(ts) AS STRING), TYPEOF(CURRENT_WATERMARK(ts)) FROM t;
