-- UNION ALL of two updating tables and an inserting one, then an aggregation over all of them.
SET 'scan.interleave' = 'true';

CREATE TABLE a (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/a.json', 'format' = 'changelog-json');
CREATE TABLE b (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/b.json', 'format' = 'changelog-json');
CREATE TABLE c (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/c.json', 'format' = 'json');
CREATE TABLE rows_out (src STRING, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/rows_out', 'format' = 'changelog-json');
CREATE TABLE totals (k STRING, n BIGINT, s INT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/totals', 'format' = 'changelog-json');

CREATE VIEW u AS
  SELECT 'a' AS src, k, v FROM a
  UNION ALL SELECT 'b', k, v FROM b WHERE v > 0
  UNION ALL SELECT 'c', k, v FROM c;

EXECUTE STATEMENT SET BEGIN
  INSERT INTO rows_out SELECT * FROM u;
  INSERT INTO totals SELECT k, COUNT(*), SUM(v), MAX(v) FROM u GROUP BY k;
END;
