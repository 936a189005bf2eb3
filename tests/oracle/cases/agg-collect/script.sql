-- COLLECT: the values that are not NULL and how often each is there.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE bags (k STRING, s MULTISET<STRING>, f MULTISET<STRING>) WITH ('connector' = 'filesystem', 'path' = 'out/bags', 'format' = 'changelog-json');
CREATE TABLE total (s MULTISET<STRING>) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE dist (k STRING, s MULTISET<STRING>, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/dist', 'format' = 'changelog-json');
CREATE TABLE ones (k STRING, e INT) WITH ('connector' = 'filesystem', 'path' = 'out/ones', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO bags SELECT k, COLLECT(s), COLLECT(s) FILTER (WHERE w) FROM t GROUP BY k;
  INSERT INTO total SELECT COLLECT(s) FROM t;
  INSERT INTO dist SELECT k, COLLECT(DISTINCT s), COUNT(DISTINCT s) FROM t GROUP BY k;
  INSERT INTO ones SELECT k, e FROM (SELECT k, COLLECT(i) AS c FROM t GROUP BY k) CROSS JOIN UNNEST(c) AS u (e);
END;
