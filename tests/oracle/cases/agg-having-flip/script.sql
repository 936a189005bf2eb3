-- Groups enter and leave the result as HAVING turns; inside they are updated.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE plain (k STRING, n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');
CREATE TABLE keyed (k STRING, n BIGINT, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');
CREATE TABLE hidden (k STRING, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/hidden', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO plain SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k HAVING COUNT(*) >= 2 AND SUM(v) < 100;
  INSERT INTO keyed SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k HAVING COUNT(*) >= 2 AND SUM(v) < 100;
  -- the condition is on an aggregate that is not selected, and may be unknown
  INSERT INTO hidden SELECT k, MAX(v) FROM t GROUP BY k HAVING SUM(v) <> 10;
END;
