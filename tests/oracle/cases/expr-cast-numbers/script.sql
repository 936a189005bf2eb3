-- Casts between numbers, strings and booleans, with values at the borders.
CREATE TABLE t (id INT, b BIGINT, x DOUBLE, d DECIMAL(12, 3), s STRING, o BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE ints (id INT, bt TINYINT, bs SMALLINT, bi INT, xi INT, xb BIGINT, xt TINYINT, di INT, dt TINYINT, oi INT) WITH ('connector' = 'filesystem', 'path' = 'out/ints', 'format' = 'changelog-json');
CREATE TABLE floats (id INT, bf FLOAT, bd DOUBLE, xf FLOAT, dd DOUBLE, df FLOAT, od DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/floats', 'format' = 'changelog-json');
CREATE TABLE decs (id INT, b1 DECIMAL(10, 2), x1 DECIMAL(10, 2), d1 DECIMAL(5, 1), d2 DECIMAL(20, 6), s1 DECIMAL(8, 2), o1 DECIMAL(3, 1)) WITH ('connector' = 'filesystem', 'path' = 'out/decs', 'format' = 'changelog-json');
CREATE TABLE strings (id INT, bs STRING, xs STRING, ds STRING, os STRING, v3 VARCHAR(3), c5 CHAR(5)) WITH ('connector' = 'filesystem', 'path' = 'out/strings', 'format' = 'changelog-json');
CREATE TABLE parsed (id INT, i INT, x DOUBLE, f FLOAT) WITH ('connector' = 'filesystem', 'path' = 'out/parsed', 'format' = 'changelog-json');
CREATE TABLE bools (id INT, ib BOOLEAN, sb BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'out/bools', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO ints SELECT id, CAST(b AS TINYINT), CAST(b AS SMALLINT), CAST(b AS INT), CAST(x AS INT), CAST(x AS BIGINT), CAST(x AS TINYINT), CAST(d AS INT), CAST(d AS TINYINT), CAST(o AS INT) FROM t;
  INSERT INTO floats SELECT id, CAST(b AS FLOAT), CAST(b AS DOUBLE), CAST(x AS FLOAT), CAST(d AS DOUBLE), CAST(d AS FLOAT), CAST(o AS DOUBLE) FROM t;
  INSERT INTO decs SELECT id, CAST(b AS DECIMAL(10, 2)), CAST(x AS DECIMAL(10, 2)), CAST(d AS DECIMAL(5, 1)), CAST(d AS DECIMAL(20, 6)), CAST(s AS DECIMAL(8, 2)), CAST(o AS DECIMAL(3, 1)) FROM t;
  INSERT INTO strings SELECT id, CAST(b AS STRING), CAST(x AS STRING), CAST(d AS STRING), CAST(o AS STRING), CAST(s AS VARCHAR(3)), CAST(s AS CHAR(5)) FROM t;
  INSERT INTO parsed SELECT id, CAST(s AS INT), CAST(s AS DOUBLE), CAST(s AS FLOAT) FROM t WHERE id <> 4;
  INSERT INTO bools SELECT id, CAST(b AS BOOLEAN), CAST(CASE WHEN o THEN 'TRUE' WHEN NOT o THEN 'f' END AS BOOLEAN) FROM t;
END;
