-- PERCENTILE over changes: between two values it is on the line that joins them.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE p (k STRING, a DOUBLE, b DOUBLE, c DOUBLE, d DOUBLE, e DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/p', 'format' = 'changelog-json');
CREATE TABLE list (k STRING, p ARRAY<DOUBLE>) WITH ('connector' = 'filesystem', 'path' = 'out/list', 'format' = 'changelog-json');
CREATE TABLE freq (k STRING, p DOUBLE, q ARRAY<DOUBLE>) WITH ('connector' = 'filesystem', 'path' = 'out/freq', 'format' = 'changelog-json');
CREATE TABLE total (p DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE dist (k STRING, p DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/dist', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO p SELECT k, PERCENTILE(i, 0.5), PERCENTILE(d, 0.25), PERCENTILE(m, 0.9), PERCENTILE(i, 0), PERCENTILE(d, 1) FILTER (WHERE w) FROM t GROUP BY k;
  INSERT INTO list SELECT k, PERCENTILE(i, ARRAY[0.75, 0.1, 0.5, 1.0]) FROM t GROUP BY k;
  INSERT INTO freq SELECT k, PERCENTILE(d, 0.3, i), PERCENTILE(id, ARRAY[0.2, 0.6], i) FROM t GROUP BY k;
  INSERT INTO total SELECT PERCENTILE(i, 0.4) FROM t;
  INSERT INTO dist SELECT k, PERCENTILE(DISTINCT i, 0.5) FROM t GROUP BY k;
END;
