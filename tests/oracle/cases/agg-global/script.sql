-- No GROUP BY: nothing before the first row; -D, not a row of zeros, when all rows have been taken back; +I when they come again.
CREATE TABLE t (v INT, w STRING) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (n BIGINT, c BIGINT, s INT, hi STRING, d BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE n (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/n', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO r SELECT COUNT(*), COUNT(v), SUM(v), MAX(w), COUNT(DISTINCT w) FROM t;
  INSERT INTO n SELECT COUNT(*) FROM t WHERE v > 100;
END;
