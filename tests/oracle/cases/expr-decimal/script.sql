-- Scales of decimal arithmetic, seen in the text: + - * / % of columns with different digits, rounding half up.
CREATE TABLE t (id INT, a DECIMAL(5, 2), b DECIMAL(10, 4), c DECIMAL(3, 0), i INT, g BIGINT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE sums (id INT, ab STRING, ba STRING, ac STRING, ai STRING, ag STRING) WITH ('connector' = 'filesystem', 'path' = 'out/sums', 'format' = 'changelog-json');
CREATE TABLE products (id INT, ab STRING, ai STRING, bb STRING, cc STRING, neg STRING) WITH ('connector' = 'filesystem', 'path' = 'out/products', 'format' = 'changelog-json');
CREATE TABLE quotients (id INT, ab STRING, ba STRING, ac STRING, ai STRING, ia STRING, ga STRING) WITH ('connector' = 'filesystem', 'path' = 'out/quotients', 'format' = 'changelog-json');
CREATE TABLE rests (id INT, ab STRING, ba STRING, ac STRING, ai STRING) WITH ('connector' = 'filesystem', 'path' = 'out/rests', 'format' = 'changelog-json');
CREATE TABLE mixed (id INT, x DOUBLE, eq BOOLEAN, lt BOOLEAN, lit STRING, half STRING, down STRING) WITH ('connector' = 'filesystem', 'path' = 'out/mixed', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO sums SELECT id, CAST(a + b AS STRING), CAST(b - a AS STRING), CAST(a + c AS STRING), CAST(a + i AS STRING), CAST(a - g AS STRING) FROM t;
  INSERT INTO products SELECT id, CAST(a * b AS STRING), CAST(a * i AS STRING), CAST(b * b AS STRING), CAST(c * c AS STRING), CAST(-a AS STRING) FROM t;
  INSERT INTO quotients SELECT id, CAST(a / b AS STRING), CAST(b / a AS STRING), CAST(a / c AS STRING), CAST(a / i AS STRING), CAST(i / a AS STRING), CAST(g / a AS STRING)
    FROM t WHERE a <> 0 AND b <> 0 AND c <> 0 AND i <> 0;
  INSERT INTO rests SELECT id, CAST(a % b AS STRING), CAST(b % a AS STRING), CAST(a % c AS STRING), CAST(a % i AS STRING)
    FROM t WHERE a <> 0 AND b <> 0 AND c <> 0 AND i <> 0;
  INSERT INTO mixed SELECT id, a + CAST(b AS DOUBLE), a = b, a < i, CAST(a * 1.10 AS STRING), CAST(CAST(b AS DECIMAL(10, 1)) AS STRING), CAST(CAST(b AS INT) AS STRING) FROM t;
END;
