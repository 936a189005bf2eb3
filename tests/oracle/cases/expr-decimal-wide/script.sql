-- Decimals at 38 digits: scales are cut to keep the integer digits, results that do not fit are NULL.
CREATE TABLE t (id INT, a DECIMAL(38, 10), b DECIMAL(38, 10), c DECIMAL(38, 0), d DECIMAL(20, 18)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, p STRING, m STRING, x STRING, q STRING, cc STRING, dd STRING, cd STRING, dc STRING, r STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE casts (id INT, narrow DECIMAL(10, 2), scaled DECIMAL(38, 20), whole DECIMAL(38, 0), i BIGINT, x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/casts', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, CAST(a + b AS STRING), CAST(a - b AS STRING), CAST(a * b AS STRING), CAST(a / b AS STRING), CAST(c * c AS STRING), CAST(d * d AS STRING),
    CAST(c * d AS STRING), CAST(d / c AS STRING), CAST(a % b AS STRING) FROM t WHERE b <> 0 AND c <> 0;
  INSERT INTO casts SELECT id, CAST(a AS DECIMAL(10, 2)), CAST(a AS DECIMAL(38, 20)), CAST(a AS DECIMAL(38, 0)), CAST(c AS BIGINT), CAST(a AS DOUBLE) FROM t;
END;
