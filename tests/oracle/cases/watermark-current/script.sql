-- CURRENT_WATERMARK in the list: NULL before the first watermark, then what the rows before have raised it to.
CREATE TABLE t (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id BIGINT, ts TIMESTAMP(3), w TIMESTAMP(3), late BOOLEAN, moved TIMESTAMP(3), dead TIMESTAMP(3), text STRING, type STRING)
  WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o
SELECT id, ts, CURRENT_WATERMARK(ts), ts <= CURRENT_WATERMARK(ts), CURRENT_WATERMARK(ts + INTERVAL '1' HOUR),
  CASE WHEN id > 5 THEN CURRENT_WATERMARK(ts) ELSE ts END, CAST(CURRENT_WATERMARK(ts) AS STRING), TYPEOF(CURRENT_WATERMARK(ts))
FROM t;
