-- One view with an aggregation feeds three sinks of a statement set; each gets its own kind of changelog.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE plain (k STRING, n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/plain', 'format' = 'changelog-json');
CREATE TABLE keyed (k STRING, n BIGINT, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/keyed', 'format' = 'changelog-json');
CREATE TABLE overall (`groups` BIGINT, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/overall', 'format' = 'changelog-json');

CREATE VIEW sums (k, n, s) AS SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k;
CREATE VIEW big AS SELECT k, n, s FROM sums WHERE k <> 'x';

EXECUTE STATEMENT SET BEGIN
  INSERT INTO plain SELECT * FROM big;
  INSERT INTO keyed SELECT * FROM big;
  INSERT INTO overall SELECT COUNT(*), SUM(n) FROM sums;
END;
