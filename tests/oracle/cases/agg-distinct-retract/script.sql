-- COUNT(DISTINCT) with retractions: only the first and the last of a value count.
CREATE TABLE t (k STRING, v STRING, n INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE r (k STRING, dv BIGINT, dn BIGINT, c BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/r', 'format' = 'changelog-json');
CREATE TABLE single (k STRING, dv BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/single', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO r SELECT k, COUNT(DISTINCT v), COUNT(DISTINCT n), COUNT(*) FROM t GROUP BY k;
  INSERT INTO single SELECT k, COUNT(DISTINCT v) FROM t GROUP BY k;
END;
