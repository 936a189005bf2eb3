-- GROUPING SETS, ROLLUP and CUBE: each row counts in each set.
CREATE TABLE t (a STRING, b INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE sets (a STRING, b INT, n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/sets', 'format' = 'changelog-json');
CREATE TABLE rollups (a STRING, b INT, n BIGINT, s INT, ga BIGINT, gb BIGINT, gid BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/rollups', 'format' = 'changelog-json');
CREATE TABLE cubes (a STRING, b INT, n BIGINT, d BIGINT, gid BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/cubes', 'format' = 'changelog-json');
CREATE TABLE mixed (a STRING, b INT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/mixed', 'format' = 'changelog-json');
CREATE TABLE args (a STRING, b INT, s INT, m INT) WITH ('connector' = 'filesystem', 'path' = 'out/args', 'format' = 'changelog-json');
CREATE TABLE kept (a STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/kept', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO sets SELECT a, b, COUNT(*), SUM(v) FROM t GROUP BY GROUPING SETS ((a, b), (a), ());
  INSERT INTO rollups SELECT a, b, COUNT(*), SUM(v), GROUPING(a), GROUPING(b), GROUPING_ID(a, b) FROM t GROUP BY ROLLUP (a, b);
  INSERT INTO cubes SELECT a, b, COUNT(v), COUNT(DISTINCT v), GROUPING_ID(b, a) FROM t GROUP BY CUBE (a, b);
  INSERT INTO mixed SELECT a, b, SUM(v) FROM t GROUP BY a, ROLLUP (b);
  INSERT INTO args SELECT a, b, SUM(b), MAX(v) FROM t GROUP BY GROUPING SETS ((a), (b));
  INSERT INTO kept SELECT a, COUNT(*) FROM t GROUP BY ROLLUP (a) HAVING GROUPING(a) = 1 OR COUNT(*) > 3;
END;
