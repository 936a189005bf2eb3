-- LISTAGG over changes: a value taken back is the oldest one like it.
CREATE TABLE t (id INT, k STRING, s STRING, w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE lists (k STRING, l STRING, p STRING, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/lists', 'format' = 'changelog-json');
CREATE TABLE dist (k STRING, d STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/dist', 'format' = 'changelog-json');
CREATE TABLE total (l STRING) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE chars (k STRING, l STRING) WITH ('connector' = 'filesystem', 'path' = 'out/chars', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO lists SELECT k, LISTAGG(s), LISTAGG(s, ' | '), LISTAGG(s, '') FILTER (WHERE w) FROM t GROUP BY k;
  INSERT INTO dist SELECT k, LISTAGG(DISTINCT s), COUNT(DISTINCT s) FROM t GROUP BY k;
  INSERT INTO total SELECT LISTAGG(s) FROM t;
  INSERT INTO chars SELECT k, LISTAGG(CAST(id AS VARCHAR(3)), ';') FROM t GROUP BY k;
END;
