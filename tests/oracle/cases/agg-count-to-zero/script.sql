-- The last row of a group goes: -D with the last result. The group comes again: +I.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE plain (k STRING, n BIGINT, s INT, hi INT) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');
CREATE TABLE keyed (k STRING, n BIGINT, s INT, hi INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO plain SELECT k, COUNT(*), SUM(v), MAX(v) FROM t GROUP BY k;
  INSERT INTO keyed SELECT k, COUNT(*), SUM(v), MAX(v) FROM t WHERE k IS NOT NULL GROUP BY k;
END;
