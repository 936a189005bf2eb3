-- STDDEV and VAR: the planner makes them of SUM and COUNT in the type of the argument.
CREATE TABLE t (id INT, k STRING, i INT, b BIGINT, s SMALLINT, d DOUBLE, f FLOAT, m DECIMAL(10, 2), w BOOLEAN) WITH ('connector' = 'filesystem', 'path' = 'in/t.json', 'format' = 'json');
CREATE TABLE of_i (k STRING, sp INT, ss INT, sd INT, vp INT, vs INT, va INT) WITH ('connector' = 'filesystem', 'path' = 'out/of_i', 'format' = 'changelog-json');
CREATE TABLE of_b (k STRING, sp BIGINT, ss BIGINT, sd BIGINT, vp BIGINT, vs BIGINT, va BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out/of_b', 'format' = 'changelog-json');
CREATE TABLE of_s (k STRING, sp SMALLINT, ss SMALLINT, sd SMALLINT, vp SMALLINT, vs SMALLINT, va SMALLINT) WITH ('connector' = 'filesystem', 'path' = 'out/of_s', 'format' = 'changelog-json');
CREATE TABLE of_d (k STRING, sp DOUBLE, ss DOUBLE, sd DOUBLE, vp DOUBLE, vs DOUBLE, va DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/of_d', 'format' = 'changelog-json');
CREATE TABLE of_f (k STRING, sp FLOAT, ss FLOAT, sd FLOAT, vp FLOAT, vs FLOAT, va FLOAT) WITH ('connector' = 'filesystem', 'path' = 'out/of_f', 'format' = 'changelog-json');
CREATE TABLE of_m (k STRING, sp DECIMAL(38, 6), ss DECIMAL(38, 6), sd DECIMAL(38, 6), vp DECIMAL(38, 6), vs DECIMAL(38, 6), va DECIMAL(38, 6)) WITH ('connector' = 'filesystem', 'path' = 'out/of_m', 'format' = 'changelog-json');
CREATE TABLE filters (k STRING, ad DOUBLE, fd DOUBLE, dd DOUBLE, di INT, fi INT, n BIGINT, s DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/filters', 'format' = 'changelog-json');
CREATE TABLE total (sd DOUBLE, vi INT) WITH ('connector' = 'filesystem', 'path' = 'out/total', 'format' = 'changelog-json');
CREATE TABLE kept (k STRING, x DOUBLE) WITH ('connector' = 'filesystem', 'path' = 'out/kept', 'format' = 'changelog-json');

EXECUTE STATEMENT SET BEGIN
  INSERT INTO of_i SELECT k, STDDEV_POP(i), STDDEV_SAMP(i), STDDEV(i), VAR_POP(i), VAR_SAMP(i), VARIANCE(i) FROM t GROUP BY k;
  INSERT INTO of_b SELECT k, STDDEV_POP(b), STDDEV_SAMP(b), STDDEV(b), VAR_POP(b), VAR_SAMP(b), VARIANCE(b) FROM t GROUP BY k;
  INSERT INTO of_s SELECT k, STDDEV_POP(s), STDDEV_SAMP(s), STDDEV(s), VAR_POP(s), VAR_SAMP(s), VARIANCE(s) FROM t GROUP BY k;
  INSERT INTO of_d SELECT k, STDDEV_POP(d), STDDEV_SAMP(d), STDDEV(d), VAR_POP(d), VAR_SAMP(d), VARIANCE(d) FROM t GROUP BY k;
  INSERT INTO of_f SELECT k, STDDEV_POP(f), STDDEV_SAMP(f), STDDEV(f), VAR_POP(f), VAR_SAMP(f), VARIANCE(f) FROM t GROUP BY k;
  INSERT INTO of_m SELECT k, STDDEV_POP(m), STDDEV_SAMP(m), STDDEV(m), VAR_POP(m), VAR_SAMP(m), VARIANCE(m) FROM t GROUP BY k;
  INSERT INTO filters SELECT k, STDDEV_POP(d), STDDEV_POP(d) FILTER (WHERE w), STDDEV_POP(DISTINCT d), VAR_POP(DISTINCT i), VAR_SAMP(i) FILTER (WHERE w), COUNT(d), SUM(d) FROM t GROUP BY k;
  INSERT INTO total SELECT STDDEV(d), VARIANCE(i) FROM t;
  INSERT INTO kept SELECT k, VAR_POP(d) + 1 FROM t GROUP BY k HAVING STDDEV_POP(d) > 10;
END;
