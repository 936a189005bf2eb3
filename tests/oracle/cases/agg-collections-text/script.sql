-- JSON in JSON aggregates goes in as it is; a MULTISET as text.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (k STRING, a STRING, o STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');
CREATE TABLE c (k STRING, s STRING) WITH ('connector' = 'filesystem', 'path' = 'out/c', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO j SELECT k, JSON_ARRAYAGG(JSON_OBJECT('i' VALUE i)), JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE JSON_ARRAY(i, s)) FROM t GROUP BY k;
  INSERT INTO c SELECT k, CAST(COLLECT(s) AS STRING) FROM t WHERE s = 'x' GROUP BY k;
END;
