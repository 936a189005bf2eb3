-- ARRAY_AGG over changes: values in the order in which they came, NULLs too; NULL when there are none.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE arrays (k STRING, a ARRAY<STRING>, i ARRAY<INT>, f ARRAY<STRING>) WITH ('connector' = 'filesystem', 'path' = 'out/arrays', 'format' = 'changelog-json');
CREATE TABLE total (a ARRAY<INT>, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE dist (k STRING, a ARRAY<STRING>, i ARRAY<INT>, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/dist', 'format' = 'changelog-json');
CREATE TABLE typed (k STRING, d ARRAY<DOUBLE>, m ARRAY<DECIMAL(10, 2)>, w ARRAY<BOOLEAN>) WITH ('connector' = 'filesystem', 'path' = 'out/typed', 'format' = 'changelog-json');
CREATE TABLE nested (k STRING, r ARRAY<ROW<id INT, s STRING>>, a ARRAY<ARRAY<INT>>) WITH ('connector' = 'filesystem', 'path' = 'out/nested', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO arrays SELECT k, ARRAY_AGG(s), ARRAY_AGG(i), ARRAY_AGG(s) FILTER (WHERE w) FROM t GROUP BY k;
  INSERT INTO total SELECT ARRAY_AGG(i), COUNT(*) FROM t;
  INSERT INTO dist SELECT k, ARRAY_AGG(DISTINCT s), ARRAY_AGG(DISTINCT i), COUNT(DISTINCT i) FROM t GROUP BY k;
  INSERT INTO typed SELECT k, ARRAY_AGG(d), ARRAY_AGG(m), ARRAY_AGG(w) FROM t GROUP BY k;
  INSERT INTO nested SELECT k, ARRAY_AGG(CAST(ROW(id, s) AS ROW<id INT, s STRING>)), ARRAY_AGG(ARRAY[id, i]) FROM t GROUP BY k;
END;
