-- JSON_OBJECTAGG over changes: keys in the order of their text.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'changelog-json');
CREATE TABLE j (k STRING, a STRING, n STRING, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');
CREATE TABLE total (a STRING) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO j SELECT k, JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE COALESCE(s, 'none')), JSON_OBJECTAGG(KEY 'k"' || CAST(id AS STRING) VALUE d ABSENT ON NULL), JSON_OBJECTAGG(CAST(id AS STRING) : i ABSENT ON NULL) FROM t GROUP BY k;
  INSERT INTO total SELECT JSON_OBJECTAGG(KEY CAST(id AS STRING) VALUE COALESCE(m, 0)) FROM t;
END;
