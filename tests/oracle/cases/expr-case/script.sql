-- CASE stops at the first true branch: what would fail in the others is not computed. Its type is that of all branches.
CREATE TABLE t (id INT, a INT, b INT, s STRING, d DECIMAL(6, 2)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, q INT, n INT, c STRING, m STRING, k STRING, u STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');

INSERT INTO o SELECT id,
  CASE WHEN b = 0 THEN -1 ELSE a / b END,
  CASE WHEN s LIKE 'n%' THEN CAST(SUBSTRING(s FROM 2) AS INT) WHEN s IS NULL THEN 0 END,
  CASE a WHEN 1 THEN 'one' WHEN 2 THEN 'second' WHEN NULL THEN 'never' ELSE 'x' END,
  CAST(CASE WHEN a > 1 THEN d WHEN a = 1 THEN 7 ELSE 1.2345 END AS STRING),
  COALESCE(CASE WHEN a > 1 THEN s END, CAST(d AS STRING), 'none'),
  CASE WHEN a > 1 AND b <> 0 AND a / b > 1 THEN 'ratio' WHEN b = 0 OR a / b < 1 THEN 'small' END
FROM t;
