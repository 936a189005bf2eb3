-- FILTER takes a row only if its condition is true: unknown is not true. A filtered-out row still makes the group live.
CREATE TABLE t (k STRING, v INT, flag BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, n BIGINT, yes BIGINT, not_yes BIGINT, s INT, hi INT, lo INT, a INT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');

INSERT INTO r SELECT k,
  COUNT(*),
  COUNT(*) FILTER (WHERE flag),
  COUNT(*) FILTER (WHERE NOT flag),
  SUM(v) FILTER (WHERE flag),
  MAX(v) FILTER (WHERE v < 100),
  MIN(v) FILTER (WHERE flag IS NULL OR flag),
  AVG(v) FILTER (WHERE v > 0)
FROM t GROUP BY k;
