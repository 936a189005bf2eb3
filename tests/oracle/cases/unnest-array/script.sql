-- UNNEST of arrays, arrays of rows and maps: empty, NULL, NULL elements, LEFT JOIN, ordinality.
CREATE TABLE t (id INT, xs ARRAY<INT>, rs ARRAY<ROW<a INT, b STRING>>, m MAP<STRING, INT>) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE ints (id INT, x INT) WITH ('connector' = 'filesystem', 'path' = 'out/ints', 'format' = 'changelog-json');
CREATE TABLE lefts (id INT, x INT) WITH ('connector' = 'filesystem', 'path' = 'out/lefts', 'format' = 'changelog-json');
CREATE TABLE row_fields (id INT, a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out/row_fields', 'format' = 'changelog-json');
CREATE TABLE maps (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/maps', 'format' = 'changelog-json');
CREATE TABLE ordinals (id INT, x INT, o INT) WITH ('connector' = 'filesystem', 'path' = 'out/ordinals', 'format' = 'changelog-json');
CREATE TABLE twice (id INT, x INT, y INT) WITH ('connector' = 'filesystem', 'path' = 'out/twice', 'format' = 'changelog-json');
CREATE TABLE row_ordinals (id INT, a INT, b STRING, o INT) WITH ('connector' = 'filesystem', 'path' = 'out/row_ordinals', 'format' = 'changelog-json');
CREATE TABLE row_lefts (id INT, a INT, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out/row_lefts', 'format' = 'changelog-json');
CREATE TABLE filtered (id INT, x INT) WITH ('connector' = 'filesystem', 'path' = 'out/filtered', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO ints SELECT id, x FROM t CROSS JOIN UNNEST(xs) AS u(x);
  INSERT INTO lefts SELECT id, x FROM t LEFT JOIN UNNEST(xs) AS u(x) ON TRUE;
  INSERT INTO row_fields SELECT id, a, b FROM t, UNNEST(rs) AS u(a, b);
  INSERT INTO maps SELECT id, k, v FROM t CROSS JOIN UNNEST(m) AS u(k, v);
  INSERT INTO ordinals SELECT id, x, o FROM t CROSS JOIN UNNEST(xs) WITH ORDINALITY AS u(x, o);
  INSERT INTO twice SELECT id, x, y FROM t CROSS JOIN UNNEST(xs) AS u(x) CROSS JOIN UNNEST(t.xs) AS w(y);
  INSERT INTO row_ordinals SELECT id, a, b, o FROM (SELECT * FROM t WHERE id < 4) CROSS JOIN UNNEST(rs) WITH ORDINALITY AS u(a, b, o);
  INSERT INTO row_lefts SELECT id, a, b FROM t LEFT JOIN UNNEST(rs) AS u(a, b) ON TRUE;
  INSERT INTO filtered SELECT id, x FROM t CROSS JOIN UNNEST(xs) AS u(x) WHERE x > 1 AND id < 5;
END;
