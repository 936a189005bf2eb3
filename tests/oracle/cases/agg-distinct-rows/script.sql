-- SELECT DISTINCT and UNION: each row once, while there is one; NULLs are equal.
CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE c (id INT, k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'in/c.json', 'format' = 'changelog-json');
CREATE TABLE app (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/app', 'format' = 'changelog-json');
CREATE TABLE changes (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/changes', 'format' = 'changelog-json');
CREATE TABLE single (v INT) WITH ('connector' = 'filesystem', 'path' = 'out/single', 'format' = 'changelog-json');
CREATE TABLE calc (s STRING, d DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/calc', 'format' = 'changelog-json');
CREATE TABLE unioned (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'out/unioned', 'format' = 'changelog-json');
CREATE TABLE grouped (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/grouped', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO app SELECT DISTINCT k, v FROM t;
  INSERT INTO changes SELECT DISTINCT k, v FROM c;
  INSERT INTO single SELECT DISTINCT v FROM c WHERE k <> 'b';
  INSERT INTO calc SELECT DISTINCT UPPER(k), v * 0.5e0 FROM t WHERE v IS NOT NULL;
  INSERT INTO unioned SELECT k, v FROM t WHERE v > 1 UNION SELECT UPPER(k), v + 1 FROM t WHERE v < 3;
  INSERT INTO grouped SELECT DISTINCT COUNT(*) FROM t GROUP BY k;
END;
