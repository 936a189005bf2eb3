-- FIRST_VALUE and LAST_VALUE: the first and last value that is not NULL.
CREATE TABLE t (id INT, k STRING, i INT, s STRING, w BOOLEAN, o BOOLEAN, d DOUBLE, f FLOAT, m DECIMAL(10, 2), big DECIMAL(30, 2), dt DATE, tm TIME, t3 TIMESTAMP(3), t9 TIMESTAMP(9)) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE ends (k STRING, fi INT, li INT, fs STRING, ls STRING) WITH ('connector' = 'filesystem', 'path' = 'out/ends', 'format' = 'changelog-json');
CREATE TABLE filters (k STRING, fi INT, li INT, ls STRING, di INT, dl INT, ds STRING) WITH ('connector' = 'filesystem', 'path' = 'out/filters', 'format' = 'changelog-json');
CREATE TABLE total (f INT, l STRING) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE types (k STRING, fo BOOLEAN, lo BOOLEAN, fd DOUBLE, ld DOUBLE, ff FLOAT, lf FLOAT, fm DECIMAL(10, 2), lm DECIMAL(10, 2), fbig DECIMAL(30, 2), lbig DECIMAL(30, 2)) WITH ('connector' = 'filesystem', 'path' = 'out/types', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO ends SELECT k, FIRST_VALUE(i), LAST_VALUE(i), FIRST_VALUE(s), LAST_VALUE(s) FROM t GROUP BY k;
  INSERT INTO filters SELECT k, FIRST_VALUE(i) FILTER (WHERE w), LAST_VALUE(i) FILTER (WHERE w), LAST_VALUE(s) FILTER (WHERE i > 1), FIRST_VALUE(DISTINCT i), LAST_VALUE(DISTINCT i), LAST_VALUE(DISTINCT s) FROM t GROUP BY k;
  INSERT INTO total SELECT FIRST_VALUE(i), LAST_VALUE(s) FROM t;
  INSERT INTO types SELECT k, FIRST_VALUE(o), LAST_VALUE(o), FIRST_VALUE(d), LAST_VALUE(d), FIRST_VALUE(f), LAST_VALUE(f), FIRST_VALUE(m), LAST_VALUE(m), FIRST_VALUE(big), LAST_VALUE(big) FROM t GROUP BY k;
END;
