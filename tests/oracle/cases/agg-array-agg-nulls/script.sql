-- ARRAY_AGG with IGNORE NULLS and RESPECT NULLS.
CREATE TABLE t (id INT, k STRING, s STRING, i INT, d DOUBLE, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE arrays (k STRING, g ARRAY<STRING>, r ARRAY<STRING>, i ARRAY<INT>) WITH ('connector' = 'filesystem', 'path' = 'out/arrays', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO arrays SELECT k, ARRAY_AGG(s) IGNORE NULLS, ARRAY_AGG(s) RESPECT NULLS, ARRAY_AGG(i IGNORE NULLS) FROM t GROUP BY k;
END;
