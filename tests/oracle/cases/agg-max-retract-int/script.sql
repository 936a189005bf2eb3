-- The maximum and the minimum go away, come back, and were there twice.
CREATE TABLE t (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE ends (k STRING, hi INT, lo INT) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');
CREATE TABLE tops (k STRING, hi INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/tops', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO ends SELECT k, MAX(v), MIN(v) FROM t GROUP BY k;
  INSERT INTO tops SELECT k, MAX(v) FROM t GROUP BY k;
END;
