-- Arrays, maps and rows as columns of JSON, in and out, and functions over them.
CREATE TABLE t (id INT, a ARRAY<INT>, s ARRAY<STRING>, m MAP<STRING, INT>, r ROW<x INT, y STRING>, n ARRAY<ROW<k STRING, v DOUBLE>>, i INT, e STRING)
WITH ('connector' = 'filesystem', 'path' = 'in/t', 'format' = 'json');
CREATE TABLE arrays (id INT, d ARRAY<INT>, rev ARRAY<INT>, sorted ARRAY<INT>, slice ARRAY<INT>, app ARRAY<INT>, pre ARRAY<INT>, rem ARRAY<INT>, uni ARRAY<INT>, exc ARRAY<INT>,
  inter ARRAY<INT>, conc ARRAY<INT>, srt ARRAY<INT>)
WITH ('connector' = 'filesystem', 'path' = 'out/arrays', 'format' = 'changelog-json');
CREATE TABLE vals (id INT, c INT, el INT, has BOOLEAN, pos INT, mx INT, mn INT, j STRING, el2 STRING, mv INT, mk INT, y STRING, v DOUBLE, txt STRING, eq BOOLEAN, rt STRING, mt BOOLEAN)
WITH ('connector' = 'filesystem', 'path' = 'out/vals', 'format' = 'changelog-json');
CREATE TABLE made (id INT, arr ARRAY<INT>, mp MAP<STRING, INT>, rw ROW<p INT, q STRING>, nest ARRAY<ROW<k STRING, v DOUBLE>>, co ARRAY<INT>, cs ARRAY<INT>, sp ARRAY<STRING>, rx ARRAY<STRING>,
  up ROW<x BIGINT, y STRING>, sa ARRAY<STRING>)
WITH ('connector' = 'filesystem', 'path' = 'out/made', 'format' = 'changelog-json');
CREATE TABLE grouped (a ARRAY<INT>, r ROW<x INT, y STRING>, n BIGINT)
WITH ('connector' = 'filesystem', 'path' = 'out/grouped', 'format' = 'changelog-json');
EXECUTE STATEMENT SET BEGIN
INSERT INTO arrays SELECT id, ARRAY_DISTINCT(a), ARRAY_REVERSE(a), ARRAY_SORT(a), ARRAY_SLICE(a, 2, i), ARRAY_APPEND(a, i), ARRAY_PREPEND(a, i), ARRAY_REMOVE(a, i), ARRAY_UNION(a, ARRAY[1, 7]),
  ARRAY_EXCEPT(a, ARRAY[1, 7]), ARRAY_INTERSECT(a, ARRAY[1, 2, 3]), ARRAY_CONCAT(a, a), ARRAY_SORT(a, FALSE) FROM t;
INSERT INTO vals SELECT id, CARDINALITY(a), a[i], ARRAY_CONTAINS(a, i), ARRAY_POSITION(a, i), ARRAY_MAX(a), ARRAY_MIN(a), ARRAY_JOIN(s, ',', '?'), s[1], m['b'], m[e], r.y, n[1].v, CAST(a AS STRING),
  a = ARRAY[1, 2, 3], CAST(r AS STRING), m = MAP['b', 2, 'a', 1] FROM t;
INSERT INTO made SELECT id, ARRAY[i, id, CAST(NULL AS INT)], MAP[e, i, 'fix', id], ROW(i, e), n, COALESCE(a, ARRAY[0]), CASE WHEN i > 2 THEN a ELSE ARRAY[i] END, SPLIT(e, ','), REGEXP_EXTRACT_ALL(e, '[a-z]', 0),
  CAST(r AS ROW<x BIGINT, y STRING>), CAST(a AS ARRAY<STRING>) FROM t WHERE e IS NOT NULL;
INSERT INTO grouped SELECT a, r, COUNT(*) FROM t GROUP BY a, r;
END;
