-- Division by zero and the like in floating point; comparisons with NaN and the two zeros.
CREATE TABLE t (id INT, x DOUBLE, y DOUBLE, f FLOAT) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE o (id INT, q DOUBLE, p DOUBLE, m DOUBLE, s DOUBLE, fs FLOAT, fd DOUBLE, txt STRING) WITH ('connector' = 'filesystem', 'path' = 'out/o', 'format' = 'changelog-json');
CREATE TABLE cmp (id INT, eq BOOLEAN, lt BOOLEAN, ge BOOLEAN, ne BOOLEAN, zero BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/cmp', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO o SELECT id, x / y, x * y, x - y, x + y, f + f, f * x, CAST(x / y AS STRING) FROM t;
  INSERT INTO cmp SELECT id, q = p, q < p, q >= p, q <> p, p = 0 FROM (SELECT id, x / y AS q, x * y AS p FROM t);
END;
