-- A result that stays the same is not sent again.
CREATE TABLE t (k STRING, v INT, w DECIMAL(6, 2)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE hi (k STRING, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/hi', 'format' = 'changelog-json');
CREATE TABLE total (k STRING, s DECIMAL(38, 2)) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE known (k STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/known', 'format' = 'changelog-json');
CREATE TABLE hi_keyed (k STRING, hi INT, lo INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/hi_keyed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO hi SELECT k, MAX(v) FROM t GROUP BY k;
  INSERT INTO total SELECT k, SUM(w) FROM t GROUP BY k;
  INSERT INTO known SELECT k, COUNT(v) FROM t GROUP BY k;
  INSERT INTO hi_keyed SELECT k, MAX(v), MIN(v) FROM t GROUP BY k;
END;
