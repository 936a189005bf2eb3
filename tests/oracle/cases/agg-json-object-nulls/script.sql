-- JSON_OBJECTAGG with NULL ON NULL, which is what holds without words.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (k STRING, a STRING, b STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO j SELECT k, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE s), JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE i NULL ON NULL) FROM t GROUP BY k;
END;
