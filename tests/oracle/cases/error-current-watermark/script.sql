-- CURRENT_WATERMARK of a moment that is no time attribute.
CREATE TABLE t (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (w TIMESTAMP(3)) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT CURRENT_WATERMARK(CAST(ts AS TIMESTAMP(3))) FROM (SELECT MAX(ts) AS ts FROM t);
