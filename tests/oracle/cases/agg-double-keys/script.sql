-- Zero, negative zero and NaN as group keys, and as values of DISTINCT, MIN and MAX.
CREATE TABLE t (id INT, s STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE by_double (d DOUBLE, n BIGINT, ids INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_double', 'format' = 'changelog-json');
CREATE TABLE by_float (f FLOAT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/by_float', 'format' = 'changelog-json');
CREATE TABLE overall (hi DOUBLE, lo DOUBLE, dist BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/overall', 'format' = 'changelog-json');

CREATE VIEW v AS SELECT id, CAST(s AS DOUBLE) AS d, CAST(s AS FLOAT) AS f FROM t;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO by_double SELECT d, COUNT(*), MAX(id) FROM v GROUP BY d;
  INSERT INTO by_float SELECT f, COUNT(*) FROM v GROUP BY f;
  INSERT INTO overall SELECT MAX(d), MIN(d), COUNT(DISTINCT d) FROM v;
END;
