-- Updates between the NULL group and others; a row that changes only in columns nobody reads.
CREATE TABLE t (id INT, k STRING, note STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE k (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/k', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO r SELECT k, COUNT(*) FROM t GROUP BY k;
  INSERT INTO k SELECT COALESCE(k, '(none)'), COUNT(*) FROM t GROUP BY COALESCE(k, '(none)');
END;
