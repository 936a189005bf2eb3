-- NULL is one group of its own, in one key column and in any of several.
CREATE TABLE t (k STRING, r INT, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE by_one (k STRING, n BIGINT, s INT) WITH ('connector' = 'filesystem', 'path' = 'out/by_one', 'format' = 'changelog-json');
CREATE TABLE by_two (k STRING, r INT, n BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/by_two', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO by_one SELECT k, COUNT(*), SUM(v) FROM t GROUP BY k;
  INSERT INTO by_two SELECT k, r, COUNT(*), COUNT(v) FROM t GROUP BY k, r;
END;
