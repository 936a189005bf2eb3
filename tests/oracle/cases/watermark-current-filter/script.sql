-- CURRENT_WATERMARK in WHERE: late rows are left out; in the list behind it and over a view.
CREATE TABLE t (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id BIGINT, w TIMESTAMP(3), again TIMESTAMP(3))
  WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE VIEW fresh AS SELECT id, ts, CURRENT_WATERMARK(ts) AS w FROM t WHERE CURRENT_WATERMARK(ts) IS NULL OR ts > CURRENT_WATERMARK(ts);
INSERT INTO o SELECT id, w, CURRENT_WATERMARK(ts) FROM fresh WHERE id <> 6;
