-- A key of two columns, in another order than the query's groups, and a constant column next to it.
SET 'table.exec.sink.require-on-conflict' = 'false';

CREATE TABLE t (a STRING, b INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE o (b INT, src STRING, s INT, a STRING, PRIMARY KEY (b, a) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE wider (a STRING, b INT, n BIGINT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/wider', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT b, 'x', SUM(v), a FROM t GROUP BY a, b;
  -- the key has only one of the two group columns
  INSERT INTO wider SELECT a, b, COUNT(*) FROM t GROUP BY a, b;
END;
