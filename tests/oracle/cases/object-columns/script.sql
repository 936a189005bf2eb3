-- Structured types over columns: OBJECT_OF, attributes, OBJECT_UPDATE, equality, NULL objects, as text and as JSON.
CREATE TABLE t (id INT, k STRING, v STRING, a ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, s STRING, v STRING, n INT, u STRING, w STRING, e BOOLEAN, j STRING, c STRING, d STRING)
  WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
INSERT INTO o SELECT id, CAST(x AS STRING), x.v, x.inner_one.n, CAST(OBJECT_UPDATE(OBJECT_OF('com.Z', 'v', v), 'v', CAST(id AS STRING)) AS STRING),
  OBJECT_UPDATE(OBJECT_OF('com.Z', 'v', v), 'v', 'w' || v).v, OBJECT_OF('com.X', 'k', k) = OBJECT_OF('com.X', 'k', CASE WHEN id < 4 THEN CAST('a' AS STRING) END), JSON_STRING(x), CAST(CASE WHEN id > 2 THEN x END AS STRING),
  (CASE WHEN id > 2 THEN x END).k
FROM (SELECT id, v, k, OBJECT_OF('com.X', 'k', k, 'v', v, 'a', a, 'inner_one', OBJECT_OF('com.Y', 'n', id + 1)) AS x FROM t);
