-- JSON_ARRAYAGG: NULL is left out unless NULL ON NULL says otherwise.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE j (k STRING, a STRING, n STRING, f STRING) WITH ('connector' = 'filesystem', 'path' = 'out/j', 'format' = 'changelog-json');
CREATE TABLE typed (k STRING, i STRING, d STRING, m STRING, w STRING) WITH ('connector' = 'filesystem', 'path' = 'out/typed', 'format' = 'changelog-json');
CREATE TABLE total (a STRING) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO j SELECT k, JSON_ARRAYAGG(s), JSON_ARRAYAGG(s NULL ON NULL), JSON_ARRAYAGG(s ABSENT ON NULL) FROM t GROUP BY k;
  INSERT INTO typed SELECT k, JSON_ARRAYAGG(i), JSON_ARRAYAGG(d), JSON_ARRAYAGG(m), JSON_ARRAYAGG(w) FROM t GROUP BY k;
  INSERT INTO total SELECT JSON_ARRAYAGG(i NULL ON NULL) FROM t;
END;
