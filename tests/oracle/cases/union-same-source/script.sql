-- Two branches over one source; a row may pass both. Which branch comes first is not defined.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE o (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE sums (k STRING, n BIGINT, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'filesystem', 'path' = 'out/sums', 'format' = 'changelog-json');

CREATE VIEW u AS SELECT k, v FROM t WHERE v > 0 UNION ALL SELECT k, v * 10 FROM t WHERE v < 5 UNION ALL SELECT 'all', v FROM t;
EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT * FROM u;
  INSERT INTO sums SELECT k, COUNT(*), SUM(v) FROM u GROUP BY k;
END;
